//! `hansho resume`: a deployment whose table was restored works on what was due before.

use std::{process::ExitCode, sync::Arc};

use clap::Args;
use hansho_domain::Language;
use hansho_runtime::SystemClock;
use serde_json::{Value, json};

use super::{
    aws,
    dead_letters::ANSWER_TAKES,
    doctor::{
        self,
        ask::{Asker, Question},
    },
    language::LanguageArgument,
    print,
};

/// What `hansho resume` is asked.
#[derive(Debug, Args)]
pub(super) struct ResumeArguments {
    /// The deployment: `name` of its Terraform  (デプロイの名前)
    #[arg(long, default_value = "hansho", value_parser = doctor::name)]
    name: String,
    /// Its AWS Region; AWS_REGION or the AWS CLI's otherwise
    #[arg(long)]
    region: Option<String>,
    #[command(flatten)]
    language: LanguageArgument,
}

/// It could not be asked, or has failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResumeError {
    #[error(transparent)]
    Caller(#[from] aws::CallerError),
    #[error(
        "{function} has not answered ({why}): it needs lambda:InvokeFunction, and the deployment's --name and --region. Say it again: twice is the same as once, and what is left is worked on at the latest an hour after the switch"
    )]
    Refused { function: String, why: String },
}

/// Ends the pause and has the sweeper look at once, which is waited for.
pub(super) async fn run(asked: ResumeArguments) -> Result<ExitCode, ResumeError> {
    let (region, credentials) = aws::caller(asked.region)?;
    let asker = Asker::new(region, credentials, doctor::patient_connector(ANSWER_TAKES), Arc::new(SystemClock));
    let function = format!("{}-sweeper", asked.name);
    let refused = |why: String| ResumeError::Refused { function: function.clone(), why };
    let answer = asker.ask(&Question::invoke(&format!("{function}:live"), &json!({ "hansho": "resume" }))).await;
    let answer = answer.map_err(|refusal| refused(format!("{} {}", refusal.code, refusal.message)))?;
    if let Some(message) = answer["errorMessage"].as_str() {
        return Err(refused(message.to_owned()));
    }
    print(&told(asked.language.language, &answer));
    Ok(ExitCode::SUCCESS)
}

/// What the sweeper has done.
fn told(language: Language, answer: &Value) -> String {
    let count = |name: &str| answer[name].as_u64().unwrap_or(0);
    let (deadlines, rows, deliveries) = (count("deadlines"), count("outbox_rows"), count("deliveries"));
    match (answer["resumed"] == true, language) {
        (true, Language::En) => format!(
            "The restored table works on what was due before: {deadlines} deadlines now, {rows} rows and {deliveries} deliveries; the rest within minutes.\n"
        ),
        (true, Language::Ja) => {
            format!(
                "復旧前に期限が来ていたものの処理を再開しました(期限 {deadlines} 件、未送信 {rows} 件、配信 {deliveries} 件)。残りも数分以内に処理されます。\n"
            )
        }
        (false, Language::En) => "Nothing was paused: the table is no restored one, or was let go before.\n".to_owned(),
        (false, Language::Ja) => "一時停止中ではありません(復旧したテーブルではないか、既に再開済みです)。\n".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use serde_json::json;

    use super::told;

    #[test]
    fn it_says_what_was_let_go_or_that_nothing_was_paused() {
        let resumed = json!({ "resumed": true, "deadlines": 3, "outbox_rows": 1, "deliveries": 0 });
        assert!(told(Language::En, &resumed).contains("3 deadlines now, 1 rows"));
        assert!(told(Language::Ja, &resumed).contains("期限 3 件"));
        for nothing in [json!({ "resumed": false }), json!({})] {
            assert!(told(Language::En, &nothing).starts_with("Nothing was paused"));
        }
    }
}
