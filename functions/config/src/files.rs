//! Files on their way: as JSON, compressed, in base64, because an Invoke carries JSON of a limited size.

use std::io::{Read as _, Write as _};

use aws_smithy_types::base64;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use hansho_configuration::Files;

/// Largest payload and answer of a synchronous Invoke, in bytes (Lambda developer guide, "Lambda quotas": 6 MB).
pub const INVOKE_BYTES_MAX: usize = 6 * 1024 * 1024;
/// What a request has besides its files, generously.
const ENVELOPE_BYTES: usize = 10_000;
/// Most bytes that are unpacked: the largest folder that can be read, as JSON.
const UNPACKED_BYTES_MAX: u64 = 24_000_000;

/// Files that can not be sent.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Compression failed, which needs a machine without memory.
    #[error("the files can not be compressed: {0}")]
    Compression(std::io::Error),
    /// There are too many of them.
    #[error(
        "the configuration has {0} bytes compressed, and a Lambda function takes {max} at a time; take large comments and generated parts out",
        max = INVOKE_BYTES_MAX - ENVELOPE_BYTES
    )]
    TooLarge(usize),
}

/// The files as one text: JSON, gzip, base64.
///
/// # Errors
/// They are larger than an Invoke takes.
pub fn pack(files: &Files) -> Result<String, PackError> {
    let text = serde_json::to_string(files).map_err(|error| PackError::Compression(error.into()))?;
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    let packed = packer.write_all(text.as_bytes()).and_then(|()| packer.finish()).map_err(PackError::Compression)?;
    let packed = base64::encode(packed);
    if packed.len() > INVOKE_BYTES_MAX - ENVELOPE_BYTES {
        return Err(PackError::TooLarge(packed.len()));
    }
    Ok(packed)
}

/// The files of such a text.
///
/// # Errors
/// It is none, in a sentence.
pub fn unpack(packed: &str) -> Result<Files, String> {
    let how = "`files_gzip` must be JSON of file names and their texts, compressed with gzip, in base64";
    let packed = base64::decode(packed).map_err(|_| how.to_owned())?;
    let mut text = Vec::new();
    GzDecoder::new(packed.as_slice()).take(UNPACKED_BYTES_MAX + 1).read_to_end(&mut text).map_err(|_| how.to_owned())?;
    if text.len() as u64 > UNPACKED_BYTES_MAX {
        return Err("the files are larger than a folder of configuration can be (10 MB)".to_owned());
    }
    serde_json::from_slice(&text).map_err(|_| how.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Files {
        Files::from([("team.yaml".to_owned(), text.to_owned())])
    }

    #[test]
    fn files_survive_the_way() {
        let files = files("users: {} # 当番\n");
        assert_eq!(unpack(&pack(&files).unwrap()).unwrap(), files);
    }

    #[test]
    fn what_unpacks_to_more_than_a_folder_is_refused() {
        let bomb = pack(&files(&" ".repeat(30_000_000))).unwrap();
        assert!(bomb.len() < 100_000);
        assert!(unpack(&bomb).unwrap_err().contains("10 MB"));
    }

    #[test]
    fn what_is_no_packed_text_is_refused_with_how_to_make_one() {
        for text in ["", "!", "bm8gZ3ppcA==", &base64::encode(b"\x1f\x8b")] {
            assert!(unpack(text).unwrap_err().contains("gzip"), "{text}");
        }
    }
}
