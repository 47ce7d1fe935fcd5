//! The files of a configuration's folder, with what the addresses of its calendars answer.
//!
//! The command asks them, and the function `config` never does: what an address answered is among the files that are applied. Who runs the
//! command asks in their own name and from their own network, so an address inside of a company is as good as one outside; what
//! is asked of it is https, or this machine itself.

use std::{path::Path, time::Duration};

use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use clap::Args;
use hansho_configuration::{CalendarAddress, FILE_BYTES_MAX, Gathered};
use hansho_runtime::{Clock as _, SystemClock};

/// How long one address has to answer, to its last byte.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(15);
/// Most addresses of one configuration: they are asked one after the other while somebody waits.
const ADDRESSES_MAX: usize = 20;

/// Whether addresses are asked.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct OfflineArguments {
    /// Do not ask the addresses of calendars; go by their days in the folder, which `hansho export` writes
    #[arg(long)]
    pub offline: bool,
}

/// The files of a folder. What can not be read, or does not answer, is a problem among them.
pub async fn gathered(folder: &Path, asked: OfflineArguments) -> Gathered {
    let mut gathered = Gathered::from_folder(folder);
    if asked.offline {
        return gathered;
    }
    for (count, address) in gathered.addresses().iter().enumerate() {
        let answer = if count < ADDRESSES_MAX {
            answer(address).await
        } else {
            Err(format!("a configuration has at most {ADDRESSES_MAX} addresses; put several calendars into one file"))
        };
        match answer {
            Ok(bytes) => gathered.answered(address, &bytes),
            Err(why) => gathered.unanswered(address, &why),
        }
    }
    gathered
}

/// What an address answers, in time, or why not. The sentence does not repeat the address, which may be secret.
async fn answer(address: &CalendarAddress) -> Result<Vec<u8>, String> {
    tokio::select! {
        answer = fetched(&address.url) => answer,
        () = SystemClock.sleep(ANSWER_TIME_MAX) => Err(format!("there is no whole answer within {} seconds", ANSWER_TIME_MAX.as_secs())),
    }
}

async fn fetched(url: &str) -> Result<Vec<u8>, String> {
    let request = http::Request::get(url)
        .header("accept", "text/calendar, */*;q=0.1")
        .header("accept-encoding", "identity")
        .header("user-agent", concat!("hansho/", env!("CARGO_PKG_VERSION")))
        .body(SdkBody::empty())
        .map_err(|_| "it is no web address".to_owned())?;
    let request = HttpRequest::try_from(request).map_err(|_| "it is no web address".to_owned())?;
    let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build();
    let mut response = connector.call(request).await.map_err(|_| "nobody answers there".to_owned())?;
    match response.status().as_u16() {
        200 => {}
        // Whoever answers for the other address is not who was named here.
        301 | 302 | 303 | 307 | 308 => return Err("it leads to another address; write that one".to_owned()),
        401 | 403 => {
            return Err("it may not be read without logging in; write the secret address of the calendar in iCal format".to_owned());
        }
        status => return Err(format!("the answer has status {status}")),
    }
    let mut body = ByteStream::new(std::mem::replace(response.body_mut(), SdkBody::empty()));
    let mut bytes = Vec::new();
    while let Some(more) = body.next().await {
        bytes.extend_from_slice(&more.map_err(|_| "the answer breaks off".to_owned())?);
        if bytes.len() > FILE_BYTES_MAX {
            return Err(format!("the answer is larger than {} MB", FILE_BYTES_MAX / 1_000_000));
        }
    }
    Ok(bytes)
}
