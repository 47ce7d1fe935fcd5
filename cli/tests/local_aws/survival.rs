//! A file survives kill -9: what was acknowledged is there, and no transaction is half there.

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use aws_sdk_dynamodb::{
    Client,
    types::{Put, TransactWriteItem},
};
use hansho::local::aws::{EmbeddedDynamoDb, Endpoints};

use super::{
    Clients, Outcome, Recorder,
    table::{TABLE, create_table, text},
};

/// The child works in a folder that holds this file: started in any other, by `cargo test -- --ignored`, it does nothing.
const MARKER: &str = "writer.marker";
/// How many transactions the child writes at most.
const WRITES_MAX: u32 = 20_000;
/// After how many the parent kills it.
const WRITES_BEFORE_KILL: usize = 40;

fn client(file: &Path) -> Result<Client, Box<dyn Error>> {
    let database = EmbeddedDynamoDb::open(file)?;
    let endpoints = Endpoints::new(database, Arc::new(Recorder::default()));
    Ok(Clients::of(&endpoints).dynamodb)
}

fn put(side: &str, number: u32) -> Result<TransactWriteItem, Box<dyn Error>> {
    let put = Put::builder().table_name(TABLE).item("pk", text(side)).item("sk", text(number.to_string())).build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

async fn is_there(client: &Client, side: &str, number: u32) -> Result<bool, Box<dyn Error>> {
    let found =
        client.get_item().table_name(TABLE).key("pk", text(side)).key("sk", text(number.to_string())).consistent_read(true).send().await?;
    Ok(found.item().is_some())
}

#[tokio::test]
#[ignore = "runs only as the child of the test below"]
async fn writer() -> Outcome {
    if !Path::new(MARKER).exists() {
        return Ok(());
    }
    let client = client(Path::new("table.db"))?;
    create_table(&client).await?;
    for number in 0..WRITES_MAX {
        client.transact_write_items().transact_items(put("left", number)?).transact_items(put("right", number)?).send().await?;
        println!("acknowledged {number}");
    }
    Ok(())
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_acknowledged() -> Outcome {
    let folder = Folder::new()?;
    fs::write(folder.0.join(MARKER), "")?;
    let mut child = Command::new(std::env::current_exe()?)
        .args(["survival::writer", "--exact", "--ignored", "--nocapture"])
        .current_dir(&folder.0)
        .stdout(Stdio::piped())
        .spawn()?;
    let output = BufReader::new(child.stdout.take().ok_or("no output")?);
    let mut acknowledged = Vec::new();
    for line in output.lines() {
        let line = line?;
        let Some((_, number)) = line.split_once("acknowledged ") else {
            continue;
        };
        acknowledged.push(number.parse::<u32>()?);
        if acknowledged.len() == WRITES_BEFORE_KILL {
            child.kill()?;
        }
    }
    child.wait()?;

    assert!(acknowledged.len() >= WRITES_BEFORE_KILL);
    let client = client(&folder.0.join("table.db"))?;
    for number in &acknowledged {
        assert!(is_there(&client, "left", *number).await?, "{number} is lost");
    }
    let last = acknowledged.last().copied().unwrap_or_default();
    for number in 0..=last + 1 {
        let left = is_there(&client, "left", number).await?;
        assert_eq!(left, is_there(&client, "right", number).await?, "{number} is half there");
    }
    Ok(())
}

/// A folder of its own, gone at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Box<dyn Error>> {
        let name = format!("hansho-local-aws-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing to do about a folder that stays: the test has said what it had to say.
        let _ = fs::remove_dir_all(&self.0);
    }
}
