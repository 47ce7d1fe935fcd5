//! `hansho user`: who can be reached, and asking them for proof.

use clap::{Args, Subcommand};
use hansho_domain::Language;
use serde_json::{Value, json};

use super::{
    client::{Client, ClientError, ServerArguments},
    columns::columns,
    language::{LanguageArgument, answered, heads},
    offboard::{self, OffboardError, OffboardUser},
};

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Who can be called, and by what they were proven to be reached  (連絡先の確認状況)
    #[command(after_help = "Examples:\n  hansho user list\n  hansho user list --unproven\n  hansho user list --json")]
    List(ListUsers),
    /// Ask a person to prove that messages reach them: they get a link and tap it  (連絡先の確認を依頼)
    #[command(after_help = "Examples:\n  hansho user verify aiko\n  hansho user verify aiko --method sms")]
    Verify(VerifyUser),
    /// Invite a person whom the configuration knows: a mail whose link signs them in, once, within a week  (招待)
    #[command(after_help = "Examples:\n  hansho user invite aiko")]
    Invite(InviteUser),
    /// Sign a person out wherever they are signed in, and remove their passkeys: a lost phone, somebody who has left  (全端末のサインアウト)
    #[command(name = "sign-out", after_help = "Examples:\n  hansho user sign-out aiko")]
    SignOut(SignOutUser),
    /// Every schedule, policy and rule that names a person who leaves, and its repair  (退職・異動)
    #[command(
        after_help = "Examples:\n  hansho user offboard aiko --config on-call/\n  hansho user offboard aiko --config on-call/ --replace-by ben --at 2026-12-01T09:00 --write"
    )]
    Offboard(Box<OffboardUser>),
}

#[derive(Debug, Args)]
pub(super) struct ListUsers {
    /// Only addresses that nobody has proven
    #[arg(long)]
    unproven: bool,
    /// JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct VerifyUser {
    /// The person's name in the configuration
    user: String,
    /// One method only: sms, email or webhook
    #[arg(long, value_parser = ["sms", "email", "webhook"])]
    method: Option<String>,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct InviteUser {
    /// The person's name in the configuration
    user: String,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct SignOutUser {
    /// The person's name in the configuration
    user: String,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

/// Runs it and prints what came of it.
pub(super) async fn run(command: UserCommand) -> Result<(), OffboardError> {
    match command {
        UserCommand::List(asked) => list(asked).await.map_err(OffboardError::from),
        UserCommand::Verify(asked) => verify(asked).await.map_err(OffboardError::from),
        UserCommand::Invite(asked) => invite(asked).await.map_err(OffboardError::from),
        UserCommand::SignOut(asked) => sign_out(asked).await.map_err(OffboardError::from),
        UserCommand::Offboard(asked) => offboard::run(*asked).await,
    }
}

async fn list(asked: ListUsers) -> Result<(), ClientError> {
    let mut answer = Client::new(&asked.server)?.get("/users").await?;
    if asked.unproven {
        keep_unproven(&mut answer);
    }
    if asked.json {
        println!("{answer:#}");
        return Ok(());
    }
    print!("{}", columns(&rows(&answer, asked.language.language)));
    Ok(())
}

fn keep_unproven(answer: &mut Value) {
    let Some(users) = answer["users"].as_array_mut() else { return };
    for user in users.iter_mut() {
        if let Some(contacts) = user["contacts"].as_array_mut() {
            contacts.retain(|contact| contact["proven_at"].is_null());
        }
    }
    users.retain(|user| user["contacts"].as_array().is_some_and(|contacts| !contacts.is_empty()));
}

fn rows(answer: &Value, language: Language) -> Vec<Vec<String>> {
    let mut rows = vec![heads(language, ["USER", "METHOD", "LAST PROVEN", "BY"], ["担当者", "連絡方法", "最終確認", "確認手段"])];
    for user in answer["users"].as_array().into_iter().flatten() {
        let name = user["id"].as_str().unwrap_or("?");
        for contact in user["contacts"].as_array().into_iter().flatten() {
            let method = contact["method"].as_str().unwrap_or("?");
            let proven_at = contact["proven_at"].as_str().unwrap_or_else(|| answered(language, "never"));
            rows.push(vec![name.to_owned(), method.to_owned(), proven_at.to_owned(), proven_by(&contact["proven_by"], language)]);
        }
    }
    rows
}

/// `verification`, `page`, `drill 3f0c...`.
pub(super) fn proven_by(by: &Value, language: Language) -> String {
    match by {
        Value::String(word) => answered(language, word).to_owned(),
        Value::Object(fields) => fields
            .iter()
            .map(|(kind, id)| format!("{} {}", answered(language, kind), id.as_str().unwrap_or("?")))
            .collect::<Vec<_>>()
            .join(" "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => String::new(),
    }
}

async fn invite(asked: InviteUser) -> Result<(), ClientError> {
    let answer = Client::new(&asked.server)?.post(&format!("/users/{}/invite", asked.user), &json!({}), None).await?;
    println!("{}", invited(&asked.user, answer["until"].as_str().unwrap_or("?"), asked.language.language));
    Ok(())
}

/// That an invitation is on its way, and until when its link signs in.
fn invited(user: &str, until: &str, language: Language) -> String {
    match language {
        Language::En => format!("an invitation to {user} is on its way; its link signs in once, until {until}"),
        Language::Ja => format!("{user} に招待を送信します。リンクは {until} まで、1回だけ使えます"),
    }
}

async fn sign_out(asked: SignOutUser) -> Result<(), ClientError> {
    let answer = Client::new(&asked.server)?.post(&format!("/users/{}/sign-out", asked.user), &json!({}), None).await?;
    let count = |field: &str| answer[field].as_u64().unwrap_or(0);
    println!("{}", signed_out(&asked.user, count("ended"), count("passkeys_removed"), asked.language.language));
    Ok(())
}

/// In how many browsers somebody was signed out, and how many of their passkeys were removed.
fn signed_out(user: &str, ended: u64, passkeys: u64, language: Language) -> String {
    let told = match (ended, language) {
        (0, Language::En) => format!("{user} was signed in nowhere"),
        (1, Language::En) => format!("{user} was signed out of 1 browser"),
        (_, Language::En) => format!("{user} was signed out of {ended} browsers"),
        (0, Language::Ja) => format!("{user} はどこにもサインインしていませんでした"),
        (_, Language::Ja) => format!("{user} を{ended}件のブラウザからサインアウトさせました"),
    };
    match (passkeys, language) {
        (0, _) => told,
        (1, Language::En) => format!("{told}; 1 passkey was removed"),
        (_, Language::En) => format!("{told}; {passkeys} passkeys were removed"),
        (_, Language::Ja) => format!("{told}。{passkeys}個のパスキーを削除しました"),
    }
}

async fn verify(asked: VerifyUser) -> Result<(), ClientError> {
    let body = asked.method.as_ref().map_or_else(|| json!({}), |method| json!({ "method": method }));
    let answer = Client::new(&asked.server)?.post(&format!("/users/{}/verify", asked.user), &body, None).await?;
    for result in answer["results"].as_array().into_iter().flatten() {
        let method = result["method"].as_str().unwrap_or("?");
        println!("{}", asked_by(method, result, asked.language.language));
    }
    Ok(())
}

/// What became of the question by one method.
fn asked_by(method: &str, result: &Value, language: Language) -> String {
    let again_at = result["again_at"].as_str().unwrap_or("?");
    match (result["result"].as_str(), language) {
        (Some("too_often"), Language::En) => format!("{method}: asked too often of late; again after {again_at}"),
        (Some("too_often"), Language::Ja) => format!("{method}: 依頼が続いたため、{again_at} 以降にもう一度お試しください"),
        (_, Language::En) => format!("{method}: a link is on its way"),
        (_, Language::Ja) => format!("{method}: 確認用のリンクを送信します"),
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use serde_json::json;

    use super::{asked_by, invited, keep_unproven, rows};

    #[test]
    fn japanese_tells_the_same() {
        let answer = json!({ "users": [{ "id": "aiko", "contacts": [
            { "method": "sms", "proven_at": "2026-12-01T00:00:00Z", "proven_by": { "drill": "0123456789ab" } },
            { "method": "email", "proven_at": null, "proven_by": null },
        ] }] });
        let told = rows(&answer, Language::Ja);
        assert_eq!(told[0], ["担当者", "連絡方法", "最終確認", "確認手段"]);
        assert_eq!(told[1], ["aiko", "sms", "2026-12-01T00:00:00Z", "訓練 0123456789ab"]);
        assert_eq!(told[2], ["aiko", "email", "なし", ""]);
        let late = json!({ "result": "too_often", "again_at": "10:00" });
        assert_eq!(asked_by("sms", &late, Language::Ja), "sms: 依頼が続いたため、10:00 以降にもう一度お試しください");
        assert_eq!(asked_by("sms", &late, Language::En), "sms: asked too often of late; again after 10:00");
        assert_eq!(asked_by("email", &json!({ "result": "asked" }), Language::Ja), "email: 確認用のリンクを送信します");
        assert_eq!(invited("gus", "12:00", Language::Ja), "gus に招待を送信します。リンクは 12:00 まで、1回だけ使えます");
    }

    #[test]
    fn the_table_says_by_what_each_address_was_proven_and_unproven_keeps_the_others() {
        let mut answer = json!({ "users": [
            { "id": "aiko", "contacts": [
                { "method": "sms", "proven_at": "2026-12-01T00:00:00Z", "proven_by": { "drill": "0123456789ab" } },
                { "method": "email", "proven_at": null, "proven_by": null },
            ] },
            { "id": "ben", "contacts": [{ "method": "sms", "proven_at": "2026-12-01T00:00:00Z", "proven_by": "page" }] },
        ] });
        let told = rows(&answer, Language::En);
        assert_eq!(told[1], ["aiko", "sms", "2026-12-01T00:00:00Z", "drill 0123456789ab"]);
        assert_eq!(told[2], ["aiko", "email", "never", ""]);
        assert_eq!(told[3], ["ben", "sms", "2026-12-01T00:00:00Z", "page"]);
        keep_unproven(&mut answer);
        assert_eq!(rows(&answer, Language::En).len(), 2, "{answer}");
    }
}
