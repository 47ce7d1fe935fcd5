//! The same commands against a deployment: a stand-in for Lambda's Invoke that checks the signature on its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::{
    TEAM, alone,
    process::{Folder, text},
    write,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// One request as it came in.
struct Came {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Came {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }
}

/// Takes one request and answers it.
fn endpoint(status: u16, answer: &'static str) -> (String, mpsc::Receiver<Came>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (came, coming) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = read(&mut stream);
        let length = answer.len();
        write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}").unwrap();
        came.send(request).unwrap();
    });
    (url, coming)
}

fn read(stream: &mut TcpStream) -> Came {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let headers: Vec<(String, String)> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let mut came = Came { line: lines[0].clone(), headers, body: Vec::new() };
    came.body = vec![0; came.header("content-length").parse().unwrap()];
    reader.read_exact(&mut came.body).unwrap();
    came
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The signature of a request, calculated as the IAM user guide says ("Create a signed AWS API request").
fn signature(came: &Came, canonical_path: &str, region: &str) -> String {
    let signed = came.header("authorization").split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap().to_owned();
    let headers: String = signed.split(';').map(|name| format!("{name}:{}\n", came.header(name))).collect();
    let payload = hex(&Sha256::digest(&came.body));
    let canonical = format!("POST\n{canonical_path}\n\n{headers}\n{signed}\n{payload}");
    let at = came.header("x-amz-date");
    let scope = format!("{}/{region}/lambda/aws4_request", &at[..8]);
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let key = ["lambda", "aws4_request"]
        .iter()
        .fold(keyed(&keyed(format!("AWS4{SECRET}").as_bytes(), &at[..8]), region), |key, part| keyed(&key, part));
    hex(&keyed(&key, &to_sign))
}

#[test]
fn a_deployment_is_asked_by_a_signed_invoke() {
    let folder = Folder::new("signed");
    let config = write(&folder, "team", TEAM);
    for (function, path, canonical) in [
        ("hansho-config", "hansho-config", "hansho-config"),
        // A colon is encoded once on the way and twice in what is signed.
        (
            "arn:aws:lambda:eu-west-1:111122223333:function:hansho-config",
            "arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Ahansho-config",
            "arn%253Aaws%253Alambda%253Aeu-west-1%253A111122223333%253Afunction%253Ahansho-config",
        ),
    ] {
        let answer = r#"{"result":"planned","version":3,"in_force":null,"items":0,"text_differs":false,"changes":[]}"#;
        let (url, coming) = endpoint(200, answer);
        let output = alone(&["plan", "--config", &config, "--function", function])
            .env("AWS_ENDPOINT_URL_LAMBDA", &url)
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .env("AWS_SESSION_TOKEN", "session")
            .env("AWS_DEFAULT_REGION", "eu-west-1")
            .output()
            .unwrap();
        assert!(output.status.success() && text(&output.stdout).contains("Nothing would change."), "{}", text(&output.stderr));
        let came = coming.recv().unwrap();
        assert_eq!(came.line, format!("POST /2015-03-31/functions/{path}/invocations HTTP/1.1"));
        assert_eq!(came.header("x-amz-security-token"), "session");
        let expected = signature(&came, &format!("/2015-03-31/functions/{canonical}/invocations"), "eu-west-1");
        assert!(came.header("authorization").ends_with(&format!("Signature={expected}")), "{}", came.header("authorization"));
        assert!(text(&came.body).contains(r#""action":"plan""#));
    }
}

/// People wait for the pages of a deployment, and the example team is invented.
#[test]
fn the_example_is_not_put_into_a_deployment_without_a_word() {
    const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/example");
    for (language, aiko, carter) in [
        ("en", "people.yaml:13:12: warning: users.aiko.phone: is kept for examples", "people.yaml:25:12: warning: users.ben.email: "),
        ("ja", "people.yaml:13:12: 警告: users.aiko.phone: 例示用のアドレスです", "people.yaml:25:12: 警告: users.ben.email: "),
    ] {
        let answer = r#"{"result":"planned","version":3,"in_force":null,"items":0,"text_differs":false,"changes":[]}"#;
        let (url, _coming) = endpoint(200, answer);
        let output = alone(&["plan", "--config", EXAMPLE, "--function", "hansho-config", "--language", language])
            .envs([("AWS_ENDPOINT_URL_LAMBDA", url.as_str()), ("AWS_DEFAULT_REGION", "eu-west-1")])
            .envs([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", SECRET)])
            .output()
            .unwrap();
        let told = text(&output.stderr);
        assert!(output.status.success() && told.contains(aiko) && told.contains(carter), "{told}");
        let checked = alone(&["check", "--config", EXAMPLE, "--strict", "--language", language]).output().unwrap();
        let said = text(&checked.stdout);
        assert!(checked.status.success() && said.contains(": users.aiko.email") && !said.contains("users.ben"), "one line: {said}");
    }
}

#[test]
fn what_aws_says_is_said_and_what_is_missing_is_named() {
    let folder = Folder::new("denied");
    let config = write(&folder, "team", TEAM);
    let (url, _coming) = endpoint(403, r#"{"Message":"User: arn:aws:iam::1:user/x is not authorized to perform: lambda:InvokeFunction"}"#);
    let ask = |function: &str, environment: &[(&str, &str)]| {
        let output = alone(&["plan", "--config", &config, "--function", function]).envs(environment.iter().copied()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr)
    };
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    let (region, at) = (("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", url.as_str()));
    assert!(
        ask("hansho-config", &[keys[0], keys[1], region, at]).contains("AWS refused (403): User: arn:aws:iam::1:user/x is not authorized")
    );
    assert!(ask("hansho-config", &[keys[0], keys[1]]).contains("give --region"));
    assert!(ask("hansho-config", &[region]).contains("aws sso login"));
    assert!(ask("hansho config/../x", &[keys[0], keys[1], region]).contains("is no function"));
}
