//! Runbooks: whether a service has one, and whether it is there.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use hansho_domain::ServiceId;

use super::Ground;
use crate::{names::Section, spelling::quoted, warning::WarningKind};

/// Most files of a folder of runbooks.
const RUNBOOKS_MAX: usize = 100_000;
/// How deep its folders may be nested.
const DEPTH_MAX: usize = 16;
/// What a web server or a forge leaves out of an address.
const ENDINGS: [&str; 5] = ["", ".md", ".html", "/README.md", "/index.md"];

/// The files of a folder of runbooks, by their path in it with `/` between its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runbooks(BTreeSet<String>);

impl Runbooks {
    /// Lists a folder and the folders in it, without what is hidden. Nothing is read but names.
    ///
    /// # Errors
    /// A folder that can not be read, or one that is no folder of runbooks: too large, too deep.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeSet::new();
        let mut waiting: Vec<(PathBuf, String, usize)> = vec![(folder.to_owned(), String::new(), 0)];
        while let Some((path, below, depth)) = waiting.pop() {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with('.') {
                    continue;
                }
                let below = if below.is_empty() { name } else { format!("{below}/{name}") };
                // A link to a folder could lead in a circle.
                if entry.file_type()?.is_dir() {
                    if depth == DEPTH_MAX {
                        return Err(io::Error::other(format!("{below} is nested deeper than {DEPTH_MAX} folders")));
                    }
                    waiting.push((entry.path(), below, depth + 1));
                } else {
                    files.insert(below);
                }
                if files.len() > RUNBOOKS_MAX {
                    return Err(io::Error::other(format!("it has more than {RUNBOOKS_MAX} files")));
                }
            }
        }
        Ok(Self(files))
    }

    /// Whether the address ends in the path of a file: `https://github.com/acme/runbooks/blob/main/checkout/5xx.md#cause` in
    /// `checkout/5xx.md`, with or without its `.md`.
    fn has(&self, address: &str) -> bool {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let path = path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
        let path = decoded(path.trim_matches('/'));
        let starts = std::iter::once(0).chain(path.match_indices('/').map(|(place, _)| place + 1));
        starts
            .map(|start| &path[start..])
            .filter(|end| !end.is_empty())
            .any(|end| ENDINGS.iter().any(|ending| self.0.contains(&format!("{end}{ending}"))))
    }
}

/// Checks every service. Returns how many addresses have a template in them and can be looked up only when there is an alert.
pub(super) fn check(ground: &Ground<'_>, runbooks: Option<&Runbooks>) -> usize {
    let mut templates = 0;
    for service in ground.configuration.services() {
        let name = service.id().as_str();
        let Some(runbook) = &service.spec().runbook else {
            if *service.id() != ServiceId::catch_all() {
                let message = "has no runbook; add `runbook` with the address of what to do at three in the morning";
                ground.warn(WarningKind::RunbookMissing, Section::Services, name, "", message);
            }
            continue;
        };
        if !runbook.starts_with("https://") {
            let message = "is not read over https, so anybody on the way can change what a responder is told to do; use https://";
            ground.warn(WarningKind::RunbookInsecure, Section::Services, name, "runbook", message);
        }
        if runbook.contains("{{") {
            templates += 1;
        } else if let Some(runbooks) = runbooks.filter(|runbooks| !runbooks.has(runbook)) {
            let last = runbook.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let hint = runbooks
                .0
                .iter()
                .find(|file| file.rsplit('/').next().is_some_and(|name| name == last || name.strip_suffix(".md") == Some(last)));
            let hint = hint.map_or_else(|| "write one, or mend the address".to_owned(), |file| format!("did you mean {}?", quoted(file)));
            let message = format!("points at no file of the folder of runbooks; {hint}");
            ground.warn(WarningKind::RunbookUnknown, Section::Services, name, "runbook", message);
        }
    }
    templates
}

/// `%E5%86%8D` as text; what is no such escape stays.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|_| *first == b'%').and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Runbooks;

    #[test]
    fn an_address_ends_in_the_path_of_a_runbook() {
        let runbooks = Runbooks(["checkout/5xx.md", "batch/README.md", "復旧.md", "top.html"].map(str::to_owned).into());
        for (address, expected) in [
            ("https://github.com/acme/runbooks/blob/main/checkout/5xx.md", true),
            ("https://github.com/acme/runbooks/blob/main/checkout/5xx.md?plain=1#cause", true),
            ("https://runbooks.example.com/checkout/5xx", true),
            ("https://runbooks.example.com/batch/", true),
            ("https://runbooks.example.com/%E5%BE%A9%E6%97%A7", true),
            ("https://runbooks.example.com/top", true),
            ("https://runbooks.example.com/5xx.md", false),
            ("https://runbooks.example.com/", false),
            ("https://runbooks.example.com", false),
            ("https://checkout/5xx.md", false),
            ("https://runbooks.example.com/%zz%", false),
        ] {
            assert_eq!(runbooks.has(address), expected, "{address}");
        }
    }
}
