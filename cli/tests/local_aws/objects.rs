//! Objects are read by signed requests, as S3 wants them.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use hansho::local::aws::{EmbeddedDynamoDb, Endpoints};
use hansho_runtime::{Aws, ObjectError, Objects};

use super::{Outcome, Recorder};

fn endpoints() -> Result<Endpoints, Box<dyn std::error::Error>> {
    Ok(Endpoints::new(EmbeddedDynamoDb::memory()?, Arc::new(Recorder::default())))
}

#[tokio::test]
async fn an_object_is_read_by_its_key_whatever_stands_in_it() -> Outcome {
    let endpoints = endpoints()?;
    let objects = Objects::new(&Aws::in_process(endpoints.clone().client())).with_connector(SharedHttpConnector::new(endpoints));
    let now = "2026-11-20T18:12:00Z".parse()?;
    assert_eq!(objects.get("mails", "in/a b+c", now).await?, b"Subject: x");
    assert_eq!(objects.get("mails", "in/other", now).await, Err(ObjectError::Missing("in/other".to_owned())));
    Ok(())
}

#[tokio::test]
async fn whoever_does_not_sign_is_refused() -> Outcome {
    let request = HttpRequest::try_from(http::Request::get("http://s3.local.hansho/mails/in/a%20b%2Bc").body(SdkBody::empty())?)?;
    assert_eq!(endpoints()?.call(request).await?.status().as_u16(), 403);
    let write = HttpRequest::try_from(http::Request::put("http://s3.local.hansho/mails/x").body(SdkBody::empty())?)?;
    assert_eq!(endpoints()?.call(write).await?.status().as_u16(), 405, "nobody writes objects here");
    Ok(())
}
