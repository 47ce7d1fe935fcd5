//! `hansho integration`: the ways in, and the keys under which tools send events.

use clap::{Args, Subcommand};
use hansho_domain::{IntegrationId, Language};
use serde_json::{Value, json};

use super::{
    client::{Client, ClientError, ServerArguments},
    columns::columns,
    language::{LanguageArgument, heads, word},
    mail_address::{self, AddressCommand},
    print,
};

#[derive(Debug, Subcommand)]
pub(super) enum IntegrationCommand {
    /// The integrations that the configuration has  (受け口の一覧)
    #[command(after_help = "Example:\n  hansho integration list")]
    List(ListArguments),
    /// The keys of an integration  (インテグレーションキー)
    #[command(subcommand)]
    Key(KeyCommand),
    /// The address of an integration that takes mail  (メールアドレス)
    #[command(subcommand)]
    Address(AddressCommand),
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key; it is shown once
    #[command(after_help = "Example:\n  hansho integration key create checkout-prometheus")]
    Create(OneArguments),
    /// The keys that were made, without their secrets
    #[command(after_help = "Example:\n  hansho integration key list checkout-prometheus")]
    List(ListKeysArguments),
    /// Make a key that takes the place of the others, which go on for a while; it is shown once
    #[command(
        after_help = "Examples:\n  hansho integration key rotate checkout-prometheus --overlap 24h\n  hansho integration key rotate checkout-prometheus --overlap 0s --key 5d41402abc4b"
    )]
    Rotate(RotateArguments),
    /// Make a key useless at once
    #[command(after_help = "Example:\n  hansho integration key revoke checkout-prometheus 5d41402abc4b")]
    Revoke(RevokeArguments),
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct OneArguments {
    /// The integration, as the configuration names it
    #[arg(value_name = "INTEGRATION")]
    pub(super) integration: IntegrationId,
    #[command(flatten)]
    pub(super) language: LanguageArgument,
    #[command(flatten)]
    pub(super) server: ServerArguments,
}

#[derive(Debug, Args)]
pub(super) struct ListKeysArguments {
    #[command(flatten)]
    one: OneArguments,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct RotateArguments {
    #[command(flatten)]
    one: OneArguments,
    /// For how long the keys before it go on, such as 24h; at most 90d
    #[arg(long, value_name = "DURATION", value_parser = hansho_configuration::seconds)]
    overlap: u32,
    /// The only key whose place it takes, as the list names it
    #[arg(long, value_name = "ID")]
    key: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct RevokeArguments {
    #[command(flatten)]
    one: OneArguments,
    /// The key, as the list names it
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) async fn run(command: IntegrationCommand) -> Result<(), ClientError> {
    match command {
        IntegrationCommand::List(asked) => list(&asked).await,
        IntegrationCommand::Address(command) => mail_address::run(command).await,
        IntegrationCommand::Key(KeyCommand::Create(asked)) => create(&asked).await,
        IntegrationCommand::Key(KeyCommand::List(asked)) => keys(&asked).await,
        IntegrationCommand::Key(KeyCommand::Rotate(asked)) => rotate(&asked).await,
        IntegrationCommand::Key(KeyCommand::Revoke(asked)) => revoke(&asked).await,
    }
}

async fn list(asked: &ListArguments) -> Result<(), ClientError> {
    let answer = Client::new(&asked.server)?.get("/integrations").await?;
    if asked.json {
        print(&format!("{answer:#}\n"));
        return Ok(());
    }
    let language = asked.language.language;
    let headings = heads(language, ["ID", "TYPE", "SERVICE", "NAME"], ["ID", "種類", "サービス", "名前"]);
    let nothing =
        word(language, "No integration; add one under `integrations:`.", "受け口がありません。`integrations:` に追加してください。");
    print(&table(&answer["integrations"], headings, ["id", "type", "service", "name"], nothing));
    Ok(())
}

async fn create(asked: &OneArguments) -> Result<(), ClientError> {
    let answer = Client::new(&asked.server)?.post(&asked.path("keys"), &json!({}), None).await?;
    tell_secret(&answer, asked.language.language);
    Ok(())
}

async fn keys(asked: &ListKeysArguments) -> Result<(), ClientError> {
    let answer = Client::new(&asked.one.server)?.get(&asked.one.path("keys")).await?;
    if asked.json {
        print(&format!("{answer:#}\n"));
        return Ok(());
    }
    let language = asked.one.language.language;
    let headings = heads(language, ["ID", "MADE", "BY", "ENDS"], ["ID", "作成日時", "作成者", "終了"]);
    let nothing = word(language, "No key.", "キーはありません。");
    print(&table(&answer["keys"], headings, ["id", "created_at", "made_by", "ends_at"], nothing));
    Ok(())
}

async fn rotate(asked: &RotateArguments) -> Result<(), ClientError> {
    let body = json!({ "overlap_seconds": asked.overlap, "key": asked.key });
    let answer = Client::new(&asked.one.server)?.post(&asked.one.path("keys/rotate"), &body, None).await?;
    let language = asked.one.language.language;
    tell_secret(&answer, language);
    for key in answer["ending"].as_array().into_iter().flatten() {
        eprintln!("{}", opens_until(&text(&key["id"]), &text(&key["ends_at"]), language));
    }
    Ok(())
}

async fn revoke(asked: &RevokeArguments) -> Result<(), ClientError> {
    let id: String = form_urlencoded::byte_serialize(asked.id.as_bytes()).collect();
    Client::new(&asked.one.server)?.delete(&asked.one.path(&format!("keys/{id}"))).await?;
    print(word(asked.one.language.language, "It opens nothing any more.\n", "このキーは使えなくなりました。\n"));
    Ok(())
}

/// The secret alone on standard output, so that a script can take it.
fn tell_secret(answer: &Value, language: Language) {
    print(&format!("{}\n", text(&answer["integration_key"])));
    let id = text(&answer["key"]["id"]);
    match language {
        Language::En => eprintln!("This is the key {id}; it is not shown again."),
        Language::Ja => eprintln!("キー {id} です。二度と表示されません。"),
    }
}

/// How long a key goes on beside the one that takes its place.
fn opens_until(id: &str, until: &str, language: Language) -> String {
    match language {
        Language::En => format!("{id} opens until {until}"),
        Language::Ja => format!("{id} は {until} まで使えます"),
    }
}

fn table(list: &Value, headings: Vec<String>, fields: [&str; 4], nothing: &str) -> String {
    let found = list.as_array().map(Vec::as_slice).unwrap_or_default();
    if found.is_empty() {
        return format!("{nothing}\n");
    }
    let mut rows = vec![headings];
    rows.extend(found.iter().map(|one| fields.map(|field| text(&one[field])).to_vec()));
    columns(&rows)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

impl OneArguments {
    /// The address of what belongs to it.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/integrations/{}/{rest}", self.integration)
    }
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use serde_json::json;

    use super::{heads, opens_until, table};

    #[test]
    fn keys_are_told_in_both_languages() {
        let keys = json!([{ "id": "5d41", "created_at": "2026-12-01T00:00:00Z", "made_by": "ops", "ends_at": null }]);
        let told = |headings| table(&keys, headings, ["id", "created_at", "made_by", "ends_at"], "-");
        let japanese = told(heads(Language::Ja, ["ID", "MADE", "BY", "ENDS"], ["ID", "作成日時", "作成者", "終了"]));
        assert!(japanese.contains("作成日時") && japanese.contains("5d41"), "{japanese}");
        assert_eq!(opens_until("5d41", "10:00", Language::En), "5d41 opens until 10:00");
        assert_eq!(opens_until("5d41", "10:00", Language::Ja), "5d41 は 10:00 まで使えます");
    }
}
