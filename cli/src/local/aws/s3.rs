//! S3, as far as reading a whole object goes: `GET /BUCKET/KEY`.

use super::{Answer, Call, Service, Sink, fault::s3_error};

pub(super) fn answer(call: &Call, sink: &dyn Sink) -> Answer {
    if call.operation != "GetObject" {
        return Answer::unknown_operation(Service::S3, &call.operation);
    }
    // S3 answers whoever does not sign with 403; so an unsigned request does not work here either.
    if call.header("authorization").is_none() || call.header("x-amz-content-sha256").is_none() {
        return s3_error(403, "AccessDenied", "Access Denied");
    }
    let Some((bucket, key)) = call.path().trim_start_matches('/').split_once('/') else {
        return s3_error(400, "InvalidURI", "Couldn't parse the specified URI.");
    };
    match sink.object(bucket, &unescaped(key)) {
        Ok(Some(bytes)) => Answer::new(200, bytes),
        Ok(None) => s3_error(404, "NoSuchKey", "The specified key does not exist."),
        Err(fault) => Answer::of_fault(Service::S3, &fault),
    }
}

/// A path, percent-decoded: in it a plus is a plus.
fn unescaped(key: &str) -> String {
    let form = key.replace('+', "%2B");
    form_urlencoded::parse(form.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}
