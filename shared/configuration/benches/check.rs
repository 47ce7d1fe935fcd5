//! How long a large organisation takes to check: `cargo bench -p hansho-configuration --bench check`.
//!
//! 200 teams, 2,000 users, 1,000 schedules, 1,000 policies and 3,000 services have to take less than 2 s, 90 days of coverage included.
//! As the command is built (for size), a core of 2026 takes 0.6 s, and memory stays under 100 MB.

#![expect(clippy::unwrap_used, reason = "a benchmark that can not make its values has failed")]

#[path = "../../../tests/src/organisation.rs"]
mod organisation;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hansho_configuration::{check_files, load_files};
use jiff::Timestamp;

fn large_organisation(c: &mut Criterion) {
    let files = organisation::LARGE.files();
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    println!("{} files, {} KB", files.len(), bytes / 1_000);
    let at: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let mut group = c.benchmark_group("a large organisation");
    group.sample_size(10);
    group.bench_function("load", |b| b.iter(|| load_files(black_box(&files)).unwrap()));
    group.bench_function("check, with warnings", |b| b.iter(|| check_files(black_box(&files), at, None).unwrap()));
    let configuration = load_files(&files).unwrap().configuration;
    group.bench_function("bundles", |b| b.iter(|| black_box(&configuration).bundles(1)));
    group.finish();
}

criterion_group!(benches, large_organisation);
criterion_main!(benches);
