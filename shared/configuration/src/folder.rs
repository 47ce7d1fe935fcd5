//! The YAML files of a folder.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{ics, problem::Problem, spelling::visible};

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 2_000_000;
/// Largest folder, in bytes of its YAML files.
pub(crate) const FOLDER_BYTES_MAX: usize = 10_000_000;
/// Most YAML files.
pub(crate) const FILES_MAX: usize = 500;
/// Longest name of a file with its folders, in bytes.
const NAME_BYTES_MAX: usize = 500;
/// How deep folders may be nested.
const FOLDER_DEPTH_MAX: usize = 8;

/// Reads every YAML file of the folder and of its folders, by name, with the problems of those that can not be read.
/// What is hidden is passed over: editors keep their copies there.
pub(crate) fn read(folder: &Path) -> (Vec<(PathBuf, String)>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut paths = Vec::new();
    walk(folder, Path::new(""), 0, &mut paths, &mut problems);
    if paths.is_empty() && problems.is_empty() {
        problems.push(Problem::whole(folder, "there is no YAML file in this folder; write one, such as team.yaml"));
    }
    if paths.len() > FILES_MAX {
        problems.push(Problem::whole(folder, format!("there are {} YAML files in this folder; {FILES_MAX} are the most", paths.len())));
        return (Vec::new(), problems);
    }
    paths.sort();
    let mut files = Vec::new();
    let mut bytes_left = FOLDER_BYTES_MAX;
    for path in paths {
        match text(&folder.join(&path)) {
            Ok(text) if text.len() > bytes_left => {
                problems.push(Problem::whole(folder, too_large_together()));
                break;
            }
            Ok(text) => {
                bytes_left -= text.len();
                files.push((path, text));
            }
            Err(problem) => problems.push(Problem { file: path, ..problem }),
        }
    }
    (files, problems)
}

/// The names of the YAML files of a folder; none of one that can not be read.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    walk(folder, Path::new(""), 0, &mut paths, &mut Vec::new());
    paths.sort();
    paths.iter().map(|path| name(path)).collect()
}

/// The name of a file, the same on every system.
pub(crate) fn name(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The sentence about a folder over its limit.
pub(crate) fn too_large_together() -> String {
    format!(
        "the YAML files of this folder are larger than {} MB together; a configuration is never that large",
        FOLDER_BYTES_MAX / 1_000_000
    )
}

/// The sentence about a file over its limit.
pub(crate) fn too_large() -> String {
    format!("is larger than {} MB; divide it into several files", FILE_BYTES_MAX / 1_000_000)
}

/// What is wrong with the name of a file that did not come from a folder: whoever writes it into one must not leave it.
pub(crate) fn strange_name(name: &str) -> Option<Problem> {
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.');
    let parts: Vec<&str> = name.split('/').collect();
    let is_good = parts.len() <= FOLDER_DEPTH_MAX + 1
        && parts.iter().all(|part| is_plain(part))
        && name.len() <= NAME_BYTES_MAX
        && !name.contains(['\\', ':'])
        && !name.chars().any(char::is_control)
        && (is_yaml(Path::new(name)) || ics::is_ics(name));
    let message =
        "is no name of a file in a folder of configuration; write one such as people.yaml, teams/checkout.yaml or calendars/company.ics";
    (!is_good).then(|| Problem::whole(Path::new(&visible(name)), message))
}

fn walk(root: &Path, below: &Path, depth: usize, paths: &mut Vec<PathBuf>, problems: &mut Vec<Problem>) {
    let unreadable = |error: &io::Error| {
        let file = if below.as_os_str().is_empty() { root } else { below };
        let what_to_do = match error.kind() {
            io::ErrorKind::NotADirectory => "name the folder that it is in",
            _ => "check the path and its permissions",
        };
        Problem::whole(file, format!("can not be read: {error}; {what_to_do}"))
    };
    let entries = match fs::read_dir(root.join(below)) {
        Ok(entries) => entries,
        Err(error) => return problems.push(unreadable(&error)),
    };
    for entry in entries {
        // The link itself is asked, not what it points to: a link to a folder could lead in a circle.
        let (entry, kind) = match entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind))) {
            Ok(found) => found,
            Err(error) => {
                problems.push(unreadable(&error));
                continue;
            }
        };
        let path = below.join(entry.file_name());
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() && depth < FOLDER_DEPTH_MAX {
            walk(root, &path, depth + 1, paths, problems);
        } else if kind.is_dir() {
            problems.push(Problem::whole(&path, format!("is nested deeper than {FOLDER_DEPTH_MAX} folders; move it up")));
        } else if is_yaml(&path) {
            paths.push(path);
        }
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// The text of one file of the folder; `None` when there is no such file.
pub(crate) fn read_one(folder: &Path, path: &Path) -> Result<Option<String>, Problem> {
    match fs::metadata(folder.join(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Ok(_) | Err(_) => text(&folder.join(path)).map(Some).map_err(|problem| Problem { file: path.to_path_buf(), ..problem }),
    }
}

/// The text of a file, or a problem whose file the caller fills in.
fn text(path: &Path) -> Result<String, Problem> {
    let problem = |message: String| Problem::whole(Path::new(""), message);
    let unreadable = |error: io::Error| problem(format!("can not be read: {error}; check the path and its permissions"));
    // A pipe or a device of that name would be read for ever.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(problem("is no ordinary file; remove it, or give it another name".to_owned()));
    }
    let mut bytes = Vec::new();
    let limit = FILE_BYTES_MAX as u64 + 1;
    File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(problem(too_large()));
    }
    as_text(&bytes).map_err(|(line, message)| Problem { line, column: 1, ..problem(message.to_owned()) })
}

/// Bytes as text, or the line on which they cease to be it, and what to do.
pub(crate) fn as_text(bytes: &[u8]) -> Result<String, (u32, &'static str)> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), "is not UTF-8 from here on; save the file as UTF-8, not as Shift_JIS or UTF-16")
    })
}
