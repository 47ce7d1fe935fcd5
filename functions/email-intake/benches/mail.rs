//! How long a mail takes to read, and to be looked at by the rules of its integration: `cargo bench -p hansho-email-intake --bench mail`.
//!
//! It prints how many bytes of mail are read in a second, for each character set and size, and how each compares with plain ASCII.

#![expect(clippy::unwrap_used, reason = "a benchmark that can not make its values has failed")]

use std::{
    cell::Cell,
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8};
use hansho_domain::{MailCondition, MailField, MailPreset, MailRules};
use hansho_email_intake::{Mail, meaning};

const CHARACTER_SETS: [&Encoding; 4] = [UTF_8, ISO_2022_JP, SHIFT_JIS, EUC_JP];
const HEADER: &str = "From: zabbix@example.com\r\nTo: checkout-3f9c@oncall.example.com\r\nMIME-Version: 1.0\r\n";
const JAPANESE: &str = "トリガー: 決済サービスのディスク使用率が95%を超えています。ホスト: web01 重要度: 重度の障害\r\n";
const ENGLISH: &str = "Trigger: the disk of the payment service is 95% full. Host: web01. Severity: high. Please look at it.\r\n";

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mail");
    for (size, bytes) in [("2 KB", 2_000), ("200 KB", 200_000)] {
        let ascii = measured(&mut group, &format!("ASCII, {size}"), &plain(UTF_8, ENGLISH, bytes));
        for encoding in CHARACTER_SETS {
            let name = format!("{}, {size}", encoding.name());
            let took = measured(&mut group, &name, &plain(encoding, JAPANESE, bytes));
            println!("{name}: {:.2} times as long as ASCII", took.as_secs_f64() / ascii.as_secs_f64());
        }
        measured(&mut group, &format!("HTML alone, {size}"), &html(bytes));
    }
    measured(&mut group, "attachment of 10 MB", &with_attachment(10_000_000));
    group.finish();
    rules(criterion);
}

/// Measures how long one mail takes, and says it again for comparison.
fn measured(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, raw: &[u8]) -> Duration {
    let last = Cell::new(Duration::ZERO);
    group.throughput(Throughput::Bytes(u64::try_from(raw.len()).unwrap()));
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|times| {
            #[expect(clippy::disallowed_methods, reason = "what is measured is how long it takes")]
            let began = Instant::now();
            for _ in 0..times {
                black_box(Mail::parse(black_box(raw)));
            }
            let took = began.elapsed();
            last.set(took / u32::try_from(times).unwrap());
            took
        });
    });
    last.get()
}

fn rules(criterion: &mut Criterion) {
    let mail = Mail::parse(&plain(UTF_8, JAPANESE, 2_000));
    let condition = |pattern: &str| MailCondition { field: MailField::Body, pattern: pattern.to_owned(), is_negated: false };
    let many = (0..10).map(|n| condition(&format!("重要度: (情報|警告) {n}"))).collect();
    let rules = MailRules { preset: Some(MailPreset::Zabbix), resolve: many, ..MailRules::default() };
    criterion.bench_function("a preset and ten rules on a mail of 2 KB", |bencher| bencher.iter(|| meaning(black_box(&mail), &rules)));
}

fn plain(encoding: &'static Encoding, line: &str, bytes: usize) -> Vec<u8> {
    let mut raw = format!("{HEADER}Content-Type: text/plain; charset={}\r\nSubject: ", encoding.name()).into_bytes();
    raw.extend(encoding.encode(line).0.iter());
    raw.extend(b"\r\n");
    let text = encoding.encode(&line.repeat(bytes / line.len() + 1)).0.into_owned();
    raw.extend(text);
    raw
}

fn html(bytes: usize) -> Vec<u8> {
    let row = "<tr><td style=\"color:red\">Host &amp; 状態</td><td><a href=\"https://example.com/?a=1&amp;b=2\">web01</a></td></tr>\r\n";
    let rows = row.repeat(bytes / row.len() + 1);
    format!("{HEADER}Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><style>td {{}}</style><table>{rows}</table>")
        .into_bytes()
}

fn with_attachment(bytes: usize) -> Vec<u8> {
    let lines = format!("{}\r\n", "QUJD".repeat(19)).repeat(bytes / 78);
    let head = "Content-Type: application/zip; name=log.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    format!("{HEADER}Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee log\r\n--b\r\n{head}{lines}--b--\r\n")
        .into_bytes()
}

criterion_group!(benches, bench);
criterion_main!(benches);
