//! The corpus through a check, in `cargo test`.

use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

/// Fewest files of one target: a folder that was moved away fails.
const FILES_MIN: usize = 15;
/// Most of them, so that a replay stays short and a clone small.
const FILES_MAX: usize = 60;
/// The same in bytes.
const BYTES_MAX: usize = 100_000;

/// Checks every file of a target's corpus. Called by a test of a crate two folders below the top.
///
/// # Panics
/// The corpus is not there or too large, or a check fails; those files are named.
#[track_caller]
pub fn replay(target: &str, check: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    assert!(fuzz.join("fuzz_targets").join(format!("{target}.rs")).exists(), "there is no target {target}");
    let mut files: Vec<PathBuf> = fs::read_dir(fuzz.join("corpus").join(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let inputs: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    let bytes: usize = inputs.iter().map(Vec::len).sum();
    assert!((FILES_MIN..=FILES_MAX).contains(&files.len()) && bytes <= BYTES_MAX, "{} files, {bytes} bytes", files.len());
    let fails = |input: &Vec<u8>| catch_unwind(|| check(input)).is_err();
    let failed: Vec<_> = files.iter().zip(&inputs).filter(|(_, input)| fails(input)).map(|(file, _)| file).collect();
    assert!(failed.is_empty(), "what they found wrong stands above: {failed:#?}");
}
