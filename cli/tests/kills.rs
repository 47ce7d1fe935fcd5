//! Kills the real process (-9) at random moments of a storm with escalations, and starts it again: nobody is forgotten,
//! and nobody is paged twice but for a crash between the send and its record, which is counted and printed.
//!
//! `HANSHO_KILLS=100 cargo test -p hansho --test kills -- --nocapture` for more of it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can not go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a process that is killed at real moments needs real time")]

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

/// Mails carry the id of their delivery, so two mails for one delivery are seen.
const TEAM: &str = r#"
users:
  aiko: { name: Aiko, email: aiko@example.com, notify: { high: [{ after: 0m, by: email }, { after: 2m, by: email }] } }
  ben: { name: Ben, email: ben@example.com }
  chie: { name: Chie, email: chie@example.com }
teams:
  all: { members: [aiko, ben, chie] }
escalation_policies:
  checkout:
    steps: [{ notify: [user/aiko], wait: 3m }, { notify: [user/ben], wait: 3m }, { notify: [team/all], wait: 3m }]
    repeat: 1
services:
  checkout: { escalation_policy: checkout, alarms: ["checkout-*"] }
fallback: [team/all]
"#;

#[test]
fn kills_at_random_moments_forget_nobody() {
    let kills: u64 = std::env::var("HANSHO_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let mut storm = Storm::new();
    let mut random = Random(20_261_120);
    for _ in 0..kills {
        let mut process = storm.start();
        let killer = thread::spawn({
            let wait = Duration::from_micros(random.below(1_500_000));
            let id = process.id();
            move || {
                thread::sleep(wait);
                Command::new("kill").args(["-9", &id.to_string()]).status().unwrap();
            }
        });
        storm.rage(&mut random);
        killer.join().unwrap();
        process.wait().unwrap();
    }
    let mut process = storm.start();
    let quiet = storm.advance("1h");
    assert!(quiet.is_some(), "the last run answers");
    let mut report = storm.report();
    // A page that came due at the very end may still wait at its gate; it may not wait for longer than law 8 says.
    for _ in 0..2 {
        if !report.forgotten.is_empty() {
            assert!(storm.advance("1m").is_some(), "the last run answers");
            report = storm.report();
        }
    }
    process.kill().unwrap();
    process.wait().unwrap();
    println!(
        "{kills} kills, {} alarms accepted, {} incidents, {} mails, {} sent twice",
        report.alarms, report.incidents, report.mails, report.doubled
    );
    assert!(report.forgotten.is_empty(), "forgotten: {:#?}", report.forgotten);
    assert!(report.doubled <= kills, "{} mails were sent twice in {kills} kills", report.doubled);
    assert!(report.mails > 0 && report.incidents > 0);
}

struct Report {
    alarms: usize,
    incidents: usize,
    mails: usize,
    doubled: u64,
    forgotten: Vec<String>,
}

/// What goes on outside the process that is killed.
struct Storm {
    folder: PathBuf,
    port: u16,
    now: Timestamp,
    count: u64,
    accepted: Vec<String>,
}

impl Storm {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("hansho-kills-{}", std::process::id()));
        fs::create_dir_all(folder.join("team")).unwrap();
        fs::write(folder.join("team/team.yaml"), TEAM).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder, port, now: "2026-11-20T18:12:00Z".parse().unwrap(), count: 0, accepted: Vec::new() }
    }

    /// Starts the process where time was left, and waits until it answers.
    fn start(&self) -> Child {
        let child = Command::new(env!("CARGO_BIN_EXE_hansho"))
            .args(["local", "--virtual-clock", "--start-at", &self.now.to_string(), "--port", &self.port.to_string()])
            .arg("--config")
            .arg(self.folder.join("team"))
            .arg("--data")
            .arg(self.folder.join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while self.request("GET", "/health", "").is_none() {
            assert!(began.elapsed() < Duration::from_secs(30), "it does not start");
            thread::sleep(Duration::from_millis(5));
        }
        child
    }

    /// Alarms, repeats and time, until the process is gone.
    fn rage(&mut self, random: &mut Random) {
        loop {
            let goes_on = match random.below(4) {
                0 => self.advance(["10s", "1m", "4m"][random.pick(3)]).is_some(),
                1 if !self.accepted.is_empty() => {
                    let name = self.accepted[random.pick(self.accepted.len())].clone();
                    self.alarm(&name).is_some()
                }
                _ => {
                    self.count += 1;
                    let name = format!("checkout-{}", self.count);
                    let answer = self.alarm(&name);
                    let was_accepted = answer.is_some();
                    if was_accepted {
                        self.accepted.push(name);
                    }
                    was_accepted
                }
            };
            if !goes_on {
                return;
            }
        }
    }

    fn alarm(&self, name: &str) -> Option<Value> {
        let at = self.now.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string();
        let event = json!({
            "source": "aws.cloudwatch", "accountId": "111122223333", "region": "ap-northeast-1", "time": at,
            "alarmArn": format!("arn:aws:cloudwatch:ap-northeast-1:111122223333:alarm:{name}"),
            "alarmData": { "alarmName": name, "state": { "value": "ALARM", "reason": "test", "timestamp": at }, "configuration": {} },
        });
        let answer = self.request("POST", "/2015-03-31/functions/alarm-intake/invocations", &event.to_string())?;
        assert!(answer.get("results").is_some(), "{answer}");
        Some(answer)
    }

    /// Moves the clock. When the process dies meanwhile the time it had reached is unknown, so the next one starts where
    /// this would have ended: time never goes back.
    fn advance(&mut self, duration: &str) -> Option<Value> {
        let answer = self.request("POST", "/_local/clock/advance", &json!({ "duration": duration }).to_string());
        let by = match duration {
            "10s" => SignedDuration::from_secs(10),
            "1m" => SignedDuration::from_mins(1),
            "4m" => SignedDuration::from_mins(4),
            _ => SignedDuration::from_hours(1),
        };
        self.now += by;
        answer
    }

    /// Looks at everything after a quiet time.
    fn report(&self) -> Report {
        let token = fs::read_to_string(self.folder.join("data/secrets")).unwrap().lines().nth(1).unwrap().to_owned();
        let sent = self.request("GET", "/_local/outbox", "").unwrap();
        let mails = sent["messages"].as_array().unwrap();
        let mut times: BTreeMap<&str, u64> = BTreeMap::new();
        for mail in mails {
            *times.entry(mail["delivery"].as_str().expect("a mail names its delivery")).or_default() += 1;
        }
        let mut forgotten = Vec::new();
        let mut incidents = Vec::new();
        let mut path = "/incidents?status=all&limit=100".to_owned();
        loop {
            let page = self.authorized(&path, &token);
            incidents.extend(page["incidents"].as_array().unwrap().iter().map(|incident| incident["id"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => path = format!("/incidents?status=all&limit=100&cursor={next}"),
                None => break,
            }
        }
        for id in &incidents {
            let shown = self.authorized(&format!("/incidents/{id}"), &token);
            let phase = shown["incident"]["status"].to_string();
            let states: Vec<&str> =
                shown["deliveries"].as_array().unwrap().iter().map(|delivery| delivery["state"].as_str().unwrap()).collect();
            let everybody_was_called = phase.contains("exhausted") && states.iter().filter(|state| **state == "sent").count() >= 3;
            let nothing_is_stuck = states.iter().all(|state| !matches!(*state, "pending" | "sending"));
            if !everybody_was_called || !nothing_is_stuck {
                forgotten.push(format!("{id}: {phase} {states:?}"));
            }
        }
        if incidents.len() < self.accepted.len() {
            forgotten.push(format!("{} alarms were accepted, and there are {} incidents", self.accepted.len(), incidents.len()));
        }
        Report {
            alarms: self.accepted.len(),
            incidents: incidents.len(),
            mails: mails.len(),
            doubled: times.values().map(|times| times - 1).sum(),
            forgotten,
        }
    }

    fn authorized(&self, path: &str, token: &str) -> Value {
        self.exchange("GET", path, "", &format!("Authorization: Bearer {token}\r\n")).expect("the API answers")
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Option<Value> {
        self.exchange(method, path, body, "")
    }

    /// One HTTP exchange; `None` when the process is gone.
    fn exchange(&self, method: &str, path: &str, body: &str, headers: &str) -> Option<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let text = String::from_utf8_lossy(&answer);
        let (head, body) = text.split_once("\r\n\r\n")?;
        assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {text}");
        if head.contains("transfer-encoding: chunked") {
            let whole: String = body.split("\r\n").skip(1).step_by(2).collect();
            return serde_json::from_str(&whole).ok();
        }
        serde_json::from_str(body).ok()
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        if !thread::panicking() {
            fs::remove_dir_all(&self.folder).unwrap();
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same storm every time.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }

    fn pick(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap()
    }
}
