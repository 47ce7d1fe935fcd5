//! The example team, which ships with the binary.

use std::path::PathBuf;

use hansho_configuration::{Loaded, Problem, load_files};

/// The files of the example.
const FILES: [(&str, &str); 3] = [
    ("people.yaml", include_str!("../example/people.yaml")),
    ("on-call.yaml", include_str!("../example/on-call.yaml")),
    ("services.yaml", include_str!("../example/services.yaml")),
];

/// The example team's configuration.
///
/// # Errors
/// None, unless the example itself is broken; a test loads it.
pub fn load() -> Result<Loaded, Vec<Problem>> {
    load_files(&FILES.map(|(name, text)| (PathBuf::from(name), text.to_owned())))
}
