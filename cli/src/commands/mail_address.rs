//! `hansho integration address`: where mail for an integration goes.

use clap::{Args, Subcommand};
use hansho_domain::Language;
use serde_json::{Value, json};

use super::{
    client::{Client, ClientError},
    integration::OneArguments,
    print,
};

#[derive(Debug, Subcommand)]
pub(super) enum AddressCommand {
    /// Where its mail goes  (受信用のメールアドレス)
    #[command(after_help = "Example:\n  hansho integration address show checkout-mail")]
    Show(OneArguments),
    /// Give it another address; the old one goes on for a while  (アドレスの変更)
    #[command(
        after_help = "Examples:\n  hansho integration address rotate checkout-mail --overlap 24h\n  hansho integration address rotate checkout-mail --overlap 0s"
    )]
    Rotate(RotateArguments),
}

#[derive(Debug, Args)]
pub(super) struct RotateArguments {
    #[command(flatten)]
    one: OneArguments,
    /// For how long the address before it goes on, such as 24h; at most 90d
    #[arg(long, value_name = "DURATION", value_parser = hansho_configuration::seconds)]
    overlap: u32,
}

pub(super) async fn run(command: AddressCommand) -> Result<(), ClientError> {
    let (one, answer) = match command {
        AddressCommand::Show(one) => {
            let answer = Client::new(&one.server)?.get(&one.path("address")).await?;
            (one, answer)
        }
        AddressCommand::Rotate(RotateArguments { one, overlap }) => {
            let body = json!({ "overlap_seconds": overlap });
            let answer = Client::new(&one.server)?.post(&one.path("address/rotate"), &body, None).await?;
            (one, answer)
        }
    };
    tell(&one, &answer);
    Ok(())
}

/// The address alone on standard output, so that a script can take it.
fn tell(one: &OneArguments, answer: &Value) {
    print(&format!("{}\n", answer["address"].as_str().unwrap_or("-")));
    if let Some(until) = answer["previous_until"].as_str() {
        match one.language.language {
            Language::En => eprintln!("The address of {} before this one goes on until {until}.", one.integration),
            Language::Ja => eprintln!("{} のこれまでのアドレスは {until} まで使えます。", one.integration),
        }
    }
}
