//! What is played: a Hansho's configuration in force with what is live beside it, or a folder of configuration, or the example team.

use std::path::Path;

use hansho_configuration::Problem;
use hansho_domain::{Configuration, Integration, IntegrationId, Language, Routes, Rule, ServiceId, Target, UserId};
use hansho_rehearsal::{Answer, Stage};
use hansho_runtime::{Clock, SystemClock};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::words;
use crate::{
    commands::client::{Client, ClientError, ServerArguments, query},
    example,
    gathering::{self, OfflineArguments},
};

/// Where stages come from.
pub(in crate::commands) struct Source {
    origin: Origin,
    /// What the clock of the Hansho that runs shows.
    now: Option<Timestamp>,
    routes: Routes,
}

enum Origin {
    /// A Hansho that runs, and which version is in force there.
    Server {
        client: Client,
        url: String,
        version: u64,
    },
    Folder {
        configuration: Box<Configuration>,
        folder: String,
    },
    Example {
        configuration: Box<Configuration>,
    },
}

#[derive(Deserialize)]
struct ServicesAnswer {
    version: u64,
    now: Timestamp,
    #[serde(flatten)]
    routes: Routes,
}

#[derive(Deserialize)]
struct StageAnswer {
    stage: Stage,
}

#[derive(Deserialize)]
struct UsersAnswer {
    users: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    id: UserId,
}

#[derive(Deserialize)]
struct IntegrationsAnswer {
    integrations: Vec<ListedIntegration>,
}

#[derive(Deserialize)]
struct ListedIntegration {
    id: IntegrationId,
    #[serde(rename = "type")]
    kind: String,
}

impl Source {
    /// The folder that was named, or the Hansho that answers. Where nobody named one and none answers, the example team.
    pub(in crate::commands) async fn open(
        config: Option<&Path>,
        offline: OfflineArguments,
        server: &ServerArguments,
    ) -> Result<Self, String> {
        if let Some(folder) = config {
            let configuration = loaded(gathering::gathered(folder, offline).await.load().map(|loaded| loaded.configuration))?;
            return Ok(Self::of(Origin::Folder { folder: folder.display().to_string(), configuration: Box::new(configuration) }));
        }
        match Self::at_server(server).await {
            Ok(source) => Ok(source),
            Err(ClientError::NoToken(_) | ClientError::Silent { .. }) if server.is_default() => {
                let configuration = loaded(example::load().map(|loaded| loaded.configuration))?;
                Ok(Self::of(Origin::Example { configuration: Box::new(configuration) }))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    async fn at_server(server: &ServerArguments) -> Result<Self, ClientError> {
        let (client, url) = (Client::new(server)?, server.url.trim_end_matches('/').to_owned());
        let ServicesAnswer { version, now, routes } = read(client.get("/services").await?, &url)?;
        Ok(Self { origin: Origin::Server { client, url, version }, now: Some(now), routes })
    }

    fn of(origin: Origin) -> Self {
        let routes = match &origin {
            Origin::Server { .. } => Routes::default(),
            Origin::Folder { configuration, .. } | Origin::Example { configuration } => configuration.routes(),
        };
        Self { origin, now: None, routes }
    }

    /// Now: by the clock of the Hansho that runs, or by that of this machine for a folder.
    pub(in crate::commands) fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(|| SystemClock.now())
    }

    /// Which services there are, and which alarms are whose.
    pub(in crate::commands) fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The integration of that name.
    pub(in crate::commands) async fn integration(&self, id: &IntegrationId) -> Result<Integration, String> {
        match &self.origin {
            Origin::Server { client, url, .. } => {
                let answer = client.get(&format!("/integrations/{id}")).await.map_err(|error| error.to_string())?;
                read(answer, url).map_err(|error| error.to_string())
            }
            Origin::Folder { configuration, .. } | Origin::Example { configuration } => {
                let all = configuration.integrations();
                all.iter().find(|known| known.id() == id).cloned().ok_or_else(|| {
                    let known = all.iter().map(|known| known.id().as_str());
                    format!("there is no integration {id}{}", hansho_configuration::did_you_mean(id.as_str(), known))
                })
            }
        }
    }

    /// The integration of the type `sns` to which the topic may send.
    pub(in crate::commands) async fn integration_of_topic(&self, topic: &str) -> Result<Option<Integration>, String> {
        let takes = |known: &Integration| known.spec().kind.topics().iter().any(|own| own.as_str() == topic);
        match &self.origin {
            Origin::Server { client, url, .. } => {
                let answer = client.get("/integrations").await.map_err(|error| error.to_string())?;
                let IntegrationsAnswer { integrations } = read(answer, url).map_err(|error| error.to_string())?;
                for listed in integrations.into_iter().filter(|listed| listed.kind == "sns") {
                    let integration = self.integration(&listed.id).await?;
                    if takes(&integration) {
                        return Ok(Some(integration));
                    }
                }
                Ok(None)
            }
            Origin::Folder { configuration, .. } | Origin::Example { configuration } => {
                Ok(configuration.integrations().iter().find(|known| takes(known)).cloned())
            }
        }
    }

    /// Every service that somebody wrote, and the catch-all service: not those that teams have for alerts that name them as owners.
    pub(super) fn services(&self) -> Vec<ServiceId> {
        let is_of_team = |id: &ServiceId| self.routes.owners.values().any(|of_team| of_team == id);
        self.routes.services.iter().map(|service| service.id.clone()).filter(|id| !is_of_team(id)).collect()
    }

    /// The service as it is from `from` on, for a story in which these people answer.
    pub(super) async fn stage(&self, service: &ServiceId, from: Timestamp, answers: &[Answer]) -> Result<Stage, String> {
        if !self.routes.knows(service) {
            return Err(self.no_such_service(service));
        }
        match &self.origin {
            Origin::Server { client, url, .. } => {
                let asked: Vec<String> = answers.iter().flat_map(|answer| &answer.to).map(Target::to_string).collect();
                let asked = (!asked.is_empty()).then(|| asked.join(","));
                let path = format!("/services/{service}/stage{}", query(&[("from", Some(from.to_string())), ("ask", asked)]));
                let answer = client.get(&path).await.map_err(|error| error.to_string())?;
                read(answer, url).map(|StageAnswer { stage }| stage).map_err(|error| error.to_string())
            }
            Origin::Folder { configuration, .. } | Origin::Example { configuration } => {
                Stage::of(configuration, service, answers).ok_or_else(|| self.no_such_service(service))
            }
        }
    }

    /// The rules of a service.
    pub(in crate::commands) async fn rules_of(&self, service: &ServiceId) -> Result<Vec<Rule>, String> {
        match &self.origin {
            Origin::Server { .. } => Ok(self.stage(service, self.now(), &[]).await?.bundle.service.spec().rules.clone()),
            Origin::Folder { configuration, .. } | Origin::Example { configuration } => {
                let found = configuration.services().iter().find(|known| known.id() == service);
                Ok(found.map(|service| service.spec().rules.clone()).unwrap_or_default())
            }
        }
    }

    /// Refuses an answer of somebody who does not exist.
    pub(super) async fn check(&self, answers: &[Answer]) -> Result<(), String> {
        if answers.is_empty() {
            return Ok(());
        }
        let known: Vec<UserId> = match &self.origin {
            Origin::Server { client, url, .. } => {
                let answer = client.get("/users").await.map_err(|error| error.to_string())?;
                let UsersAnswer { users } = read(answer, url).map_err(|error| error.to_string())?;
                users.into_iter().map(|listed| listed.id).collect()
            }
            Origin::Folder { configuration, .. } | Origin::Example { configuration } => {
                configuration.users().iter().map(|user| user.id().clone()).collect()
            }
        };
        let stranger = answers.iter().find(|answer| !known.contains(&answer.user));
        stranger.map_or(Ok(()), |answer| Err(format!("--answer: there is no user {}", answer.user)))
    }

    /// What is played, in a sentence.
    pub(super) fn told(&self, language: Language, stage: &Stage) -> String {
        match &self.origin {
            Origin::Server { url, version, .. } => {
                words::of_server(language, url, *version, stage.overrides.len(), stage.maintenance.len())
            }
            Origin::Folder { folder, .. } => words::of_folder(language, folder),
            Origin::Example { .. } => words::of_example(language).to_owned(),
        }
    }

    /// What is played, for machines.
    pub(super) fn json(&self) -> Value {
        match &self.origin {
            Origin::Server { url, version, .. } => serde_json::json!({ "url": url, "version": version }),
            Origin::Folder { folder, .. } => serde_json::json!({ "folder": folder }),
            Origin::Example { .. } => serde_json::json!({ "example": true }),
        }
    }

    fn no_such_service(&self, service: &ServiceId) -> String {
        const NAMED_MAX: usize = 20;
        let known: Vec<&str> = self.routes.services.iter().take(NAMED_MAX).map(|service| service.id.as_str()).collect();
        let more = if self.routes.services.len() > NAMED_MAX { ", ..." } else { "" };
        format!("there is no service {service}; there are {}{more}", known.join(", "))
    }
}

fn loaded(found: Result<Configuration, Vec<Problem>>) -> Result<Configuration, String> {
    found.map_err(|problems| {
        for problem in &problems {
            eprintln!("{problem}");
        }
        format!("{} problem(s) in the configuration; `hansho check` lists them", problems.len())
    })
}

fn read<T: DeserializeOwned>(answer: Value, url: &str) -> Result<T, ClientError> {
    serde_json::from_value(answer).map_err(|_| ClientError::Foreign { url: url.to_owned() })
}
