//! The real binary as a process: what it is told, what it prints, what it serves.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long a process may take to answer. It takes less than a second; a busy machine takes longer.
pub(crate) const START: Duration = Duration::from_secs(60);

pub(crate) fn hansho(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hansho"));
    command.args(arguments).stdin(Stdio::null()).env_remove("HANSHO_URL").env_remove("HANSHO_TOKEN");
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    hansho(arguments).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder of this test's own, gone when the test is over.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hansho-commands-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A process that serves until this is dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) port: u16,
    /// What it has printed since it was ready.
    lines: Arc<Mutex<Vec<String>>>,
}

impl Served {
    /// Starts it and waits until it has printed a line with `ready`.
    pub(crate) fn start(arguments: &[&str], ready: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = hansho(arguments).args(["--port", &port.to_string()]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains(ready)), "it ended before it said {ready:?}");
        let printed = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&printed);
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| kept.lock().unwrap().push(line)));
        Self { child, port, lines: printed }
    }

    /// The local run on a data folder of the test's own.
    pub(crate) fn local(folder: &Folder) -> Self {
        Self::local_with(folder, &[])
    }

    /// The same with more arguments.
    pub(crate) fn local_with(folder: &Folder, more: &[&str]) -> Self {
        let data = folder.path("data");
        let served = Self::start(&[&["local", "--virtual-clock", "--data", &data], more].concat(), "http://localhost:");
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", served.port)).is_err() {
            assert!(began.elapsed() < START, "it does not answer");
            thread::sleep(Duration::from_millis(10));
        }
        served
    }

    /// Status and body of one exchange.
    pub(crate) fn exchange(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        let port = self.port;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = text(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Waits until it has printed a line in which `wanted` stands, and gives it.
    pub(crate) fn printed(&self, wanted: &str) -> String {
        let began = Instant::now();
        loop {
            if let Some(line) = self.lines.lock().unwrap().iter().find(|line| line.contains(wanted)) {
                return line.clone();
            }
            assert!(began.elapsed() < START, "it has not printed {wanted:?}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn outbox(&self) -> Vec<Value> {
        let (status, body) = self.exchange("GET", "/_local/outbox", "", "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<Value>(&body).unwrap()["messages"].as_array().unwrap().clone()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
