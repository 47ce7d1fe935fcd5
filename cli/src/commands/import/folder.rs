//! The files of a folder as texts, in whatever way the shell wrote them.

use std::{collections::BTreeMap, fs, io, path::Path};

use super::{made::Left, reading::Export};

/// What stands before a text of one byte a letter, and of two: the shell of Windows writes both (Unicode standard, section 23.8).
const MARK: &[u8] = &[0xEF, 0xBB, 0xBF];
const MARK_LITTLE: [u8; 2] = [0xFF, 0xFE];
const MARK_BIG: [u8; 2] = [0xFE, 0xFF];

/// Every JSON file of a folder, in the order of their names; of what is there more than once, the newest. What can not be read is told.
///
/// # Errors
/// The folder itself can not be read.
pub(super) fn read(folder: &Path) -> io::Result<Export> {
    let mut paths: Vec<_> = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")));
    paths.sort();
    let mut by_age: Vec<_> = paths.iter().map(|path| (fs::metadata(path).and_then(|file| file.modified()).ok(), path)).collect();
    by_age.sort();
    let ages: BTreeMap<&Path, usize> = by_age.iter().enumerate().map(|(age, (_, path))| (path.as_path(), age)).collect();
    let mut export = Export::default();
    for path in &paths {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match text(path) {
            Ok(text) => export.take(&file, ages.get(path.as_path()).copied().unwrap_or_default(), &text),
            Err((english, japanese)) => export.left.push(Left::new(&file, "-", english, japanese)),
        }
    }
    export.settle();
    Ok(export)
}

/// The text of a file, or why there is none, in English and in Japanese.
fn text(path: &Path) -> Result<String, (String, String)> {
    let unreadable = |error: io::Error| (format!("it can not be read: {error}"), format!("読み取れません: {error}"));
    // A pipe of that name would be waited for.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(("it is no file; fetch it again".to_owned(), "ファイルではありません。取得し直してください".to_owned()));
    }
    decoded(&fs::read(path).map_err(unreadable)?).ok_or_else(|| {
        (
            "it is no text in UTF-8 or UTF-16; fetch it again with --output json".to_owned(),
            "UTF-8 または UTF-16 のテキストではありません。--output json で取得し直してください".to_owned(),
        )
    })
}

fn decoded(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    if let Some(bytes) = bytes.strip_prefix(&MARK_LITTLE) {
        return wide(bytes, u16::from_le_bytes);
    }
    if let Some(bytes) = bytes.strip_prefix(&MARK_BIG) {
        return wide(bytes, u16::from_be_bytes);
    }
    String::from_utf8(bytes.strip_prefix(MARK).unwrap_or(bytes).to_vec()).ok()
}
