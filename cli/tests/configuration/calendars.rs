//! Calendars behind addresses: asked by whoever runs a command, kept with the version, exported.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::{
    TEAM, against,
    process::{Folder, Served, run, text},
    refused, said, write,
};

/// Somebody who keeps a calendar: whatever is asked is answered with `answer`.
struct Keeper {
    port: u16,
    asked: Arc<AtomicUsize>,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Keeper {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let keeper = Self { port: listener.local_addr().unwrap().port(), asked: Arc::default(), answer: Arc::default() };
        let (asked, answer) = (Arc::clone(&keeper.asked), Arc::clone(&keeper.answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream: TcpStream = stream.unwrap();
                // A request without a body ends with an empty line.
                BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
                asked.fetch_add(1, Ordering::Relaxed);
                let _ = stream.write_all(&answer.lock().unwrap());
            }
        });
        keeper
    }

    fn answers(&self, status: &str, body: &[u8]) {
        let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        *self.answer.lock().unwrap() = [head.as_bytes(), body].concat();
    }

    /// Answers a calendar with one holiday, written at `stamp`.
    fn holiday(&self, day: &str, stamp: &str) {
        let event = format!("BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:{stamp}\r\nDTSTART;VALUE=DATE:{day}\r\nSUMMARY:休業\r\nEND:VEVENT");
        self.answers("200 OK", format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}\r\nEND:VCALENDAR\r\n").as_bytes());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn folder(&self, folder: &Folder, name: &str) -> String {
        let calendars = format!("calendars:\n  company: {{ url: \"http://127.0.0.1:{}/secret-0a1b/basic.ics\" }}\n", self.port);
        write(folder, name, &format!("{TEAM}{calendars}"))
    }
}

#[test]
fn what_an_address_answers_is_kept_with_the_version_and_goes_round() {
    let (folder, keeper) = (Folder::new("calendars"), Keeper::new());
    keeper.holiday("20261229", "20261101T000000Z");
    let first = keeper.folder(&folder, "first");
    let served = Served::local(&folder);
    let of = |arguments: &[&str]| against(&served, &folder, arguments);
    let nothing = "Nothing would change.";
    let plan = said(&of(&["plan", "--config", &first]));
    assert!(!plan.contains("secret-0a1b"), "whoever knows the address reads the calendar: {plan}");
    said(&of(&["apply", "--config", &first, "--yes"]));
    keeper.holiday("20261229", "20261127T112233Z");
    assert!(said(&of(&["plan", "--config", &first])).contains(nothing), "it was written again and says the same");
    keeper.holiday("20261230", "20261127T112233Z");
    let plan = said(&of(&["plan", "--config", &first]));
    assert!(
        plan.contains("- days of fetched/company.ics.2026-12-29") && plan.contains("+ days of fetched/company.ics.2026-12-30"),
        "{plan}"
    );
    said(&of(&["apply", "--config", &first, "--yes"]));

    // What was in force is there to go back to, without asking anybody.
    keeper.answers("404 Not Found", b"");
    let asked = keeper.asked();
    let back = said(&of(&["rollback", "2", "--yes"]));
    assert!(back.contains("+ days of fetched/company.ics.2026-12-29"), "{back}");
    let live = folder.path("live");
    said(&of(&["export", "--to", &live]));
    assert!(fs::read_to_string(Path::new(&live).join("fetched/company.ics")).unwrap().contains("20261229"));
    assert!(said(&of(&["plan", "--config", &live, "--offline"])).contains(nothing));
    assert!(run(&["check", "--config", &live, "--offline"]).status.success());
    assert_eq!(keeper.asked(), asked, "nobody was asked");
}

#[test]
fn an_address_that_can_not_be_read_is_a_problem_with_file_and_line() {
    let (folder, keeper) = (Folder::new("silent"), Keeper::new());
    let first = keeper.folder(&folder, "first");
    let place = "team.yaml:12:19: calendars.company.url: ";
    let told = || refused(&run(&["check", "--config", &first]));
    let html = b"<!doctype html><title>Log in</title>";
    let large = "a".repeat(3_000_000);
    for (status, body, sentence) in [
        ("404 Not Found", &b""[..], "its calendar can not be read: the answer has status 404"),
        ("302 Found", b"", "it leads to another address; write that one"),
        ("403 Forbidden", b"", "it may not be read without logging in"),
        ("200 OK", html, "line 1 of what it answers: is no iCalendar file"),
        ("200 OK", large.as_bytes(), "the answer is larger than 2 MB"),
        ("200 OK", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "line 1 of what it answers: has no event (VEVENT) in it"),
    ] {
        keeper.answers(status, body);
        let told = told();
        assert!(told.contains(place) && told.contains(sentence) && !told.contains("secret-0a1b"), "{sentence}: {told}");
    }
    *keeper.answer.lock().unwrap() = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nBEGIN:VCALENDAR\r\n".to_vec();
    assert!(told().contains("the answer breaks off"), "{}", told());
    // Nobody there at all.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let file = Path::new(&first).join("team.yaml");
    let other = fs::read_to_string(&file).unwrap().replace(&keeper.port.to_string(), &port.to_string());
    fs::write(&file, other).unwrap();
    assert!(told().contains("its calendar can not be read: nobody answers there"), "{}", told());
    let offline = refused(&run(&["check", "--config", &first, "--offline"]));
    assert!(offline.contains(place) && offline.contains("is not among the files as fetched/company.ics"), "{offline}");
    for command in [&["plan"][..], &["simulate", "--service", "checkout"], &["oncall"], &["local", "--data", &folder.path("data")]] {
        let output = run(&[command, &["--config", &first]].concat());
        assert!(!output.status.success() && text(&output.stderr).contains("nobody answers there"), "{command:?}: {}", text(&output.stderr));
    }
}
