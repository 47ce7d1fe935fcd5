//! The connector: every HTTP request of the SDK clients ends here instead of on a socket.

use std::{fmt, sync::Arc};

use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};

use super::{Answer, Call, EmbeddedDynamoDb, ForeignRequest, Gate, OpenGate, Passage, Service, Sink, s3, scheduler, sesv2, sns, sqs};

/// Every endpoint that a function calls, in this process. Cloning shares them.
#[derive(Clone)]
pub struct Endpoints {
    dynamodb: EmbeddedDynamoDb,
    sink: Arc<dyn Sink>,
    gate: Arc<dyn Gate>,
}

impl Endpoints {
    /// Endpoints that run every call at once.
    pub fn new(dynamodb: EmbeddedDynamoDb, sink: Arc<dyn Sink>) -> Self {
        Self { dynamodb, sink, gate: Arc::new(OpenGate) }
    }

    /// The same endpoints behind `gate`. A gate per caller tells callers apart: a simulation that crashes one function does not crash another.
    pub fn with_gate(mut self, gate: Arc<dyn Gate>) -> Self {
        self.gate = gate;
        self
    }

    /// For the `http_client` of an SDK configuration.
    pub fn client(self) -> SharedHttpClient {
        SharedHttpClient::new(self)
    }

    async fn serve(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let call = Call::read(&request)?;
        crate::local::calls::record(&call);
        let answer = match self.gate.pass(&call).await {
            Passage::Run => {
                let answer = self.run(&call).await?;
                let replaced = self.gate.answered(&call, &answer).await;
                replaced.unwrap_or(answer)
            }
            Passage::Answer(answer) => answer,
            Passage::Fail(why) => {
                let refused = std::io::Error::new(std::io::ErrorKind::ConnectionRefused, why);
                return Err(ConnectorError::io(refused.into()).never_connected());
            }
            Passage::RunThenFail(why) => {
                let answer = self.run(&call).await?;
                self.gate.answered(&call, &answer).await;
                return Err(ConnectorError::io(why.into()));
            }
            Passage::RunThenTimeOut(why) => {
                let answer = self.run(&call).await?;
                self.gate.answered(&call, &answer).await;
                return Err(ConnectorError::timeout(why.into()));
            }
        };
        answer.into_response()
    }

    async fn run(&self, call: &Call) -> Result<Answer, ConnectorError> {
        let sink = self.sink.as_ref();
        match call.service {
            Service::DynamoDb => Ok(self.dynamodb.answer(call).await),
            Service::Sqs => Ok(sqs::answer(call, sink)),
            Service::Scheduler => Ok(scheduler::answer(call, sink)),
            Service::Sns => Ok(sns::answer(call, sink)),
            Service::Ses => Ok(sesv2::answer(call, sink)),
            Service::S3 => Ok(s3::answer(call, sink)),
            Service::IncidentManager | Service::SystemsManager => Ok(Answer::unknown_operation(call.service, &call.operation)),
            Service::Foreign => foreign(call, sink),
        }
    }
}

fn foreign(call: &Call, sink: &dyn Sink) -> Result<Answer, ConnectorError> {
    let request =
        ForeignRequest { method: call.method.clone(), uri: call.uri.clone(), headers: call.headers.clone(), body: call.body.clone() };
    match sink.foreign(request) {
        Ok((status, body)) => Ok(Answer::new(status, body)),
        Err(why) => Err(ConnectorError::io(why.into())),
    }
}

impl HttpConnector for Endpoints {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().serve(request))
    }
}

impl HttpClient for Endpoints {
    fn http_connector(&self, _settings: &HttpConnectorSettings, _components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints").field("dynamodb", &self.dynamodb).finish_non_exhaustive()
    }
}
