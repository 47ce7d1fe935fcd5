//! Secrets that stand in SSM Parameter Store: in a file of a team of Terraform's, `ssm:/DEPLOYMENT/secrets/TEAM/NAME` names the parameter in
//! a secret's place. Whoever puts the configuration in force has its value; no text of a configuration does.

use std::{fmt::Display, path::Path};

use crate::spot::Spot;

/// What stands before the name of a parameter.
const MARK: &str = "ssm:";
/// The folder of the teams of Terraform's: one file for each.
const TEAMS: &str = "from-terraform";
/// Below which the secrets of all teams are, behind the deployment's name.
const SECRETS: &str = "secrets";

/// The parameter that a text names in the place of a secret.
pub fn parameter(text: &str) -> Option<&str> {
    text.strip_prefix(MARK).filter(|name| name.starts_with('/'))
}

/// Whose secret a parameter is: the team of `/DEPLOYMENT/secrets/TEAM/NAME`.
pub fn parameter_team(parameter: &str) -> Option<&str> {
    let mut parts = parameter.strip_prefix('/')?.split('/');
    let (deployment, place, team, name) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
    (place == SECRETS && parts.next().is_none() && [deployment, team, name].into_iter().all(is_part)).then_some(team)
}

/// Reads a secret, or the name of the parameter that has it, as it is written.
pub(crate) fn secret<E: Display>(spot: &Spot<'_>, read: impl Fn(&str) -> Result<String, E>) -> Option<String> {
    spot.parsed(|text| match parameter(text) {
        Some(name) => check(name, spot.file).map(|()| text.to_owned()),
        None => read(text).map_err(|wrong| wrong.to_string()),
    })
}

/// A parameter is named by the team that it belongs to, and by nobody else: otherwise it would be read, or sent to, in another's name.
fn check(name: &str, file: &Path) -> Result<(), String> {
    let Some(team) = team_of(file) else {
        return Err(
            "is the name of a parameter, in whose place only a team of Terraform's has its value; write the secret itself".to_owned()
        );
    };
    if parameter_team(name) == Some(team) {
        return Ok(());
    }
    Err(format!(
        "names the parameter {name}, and a secret of this team stands at /DEPLOYMENT/{SECRETS}/{team}/NAME; put it there, and write \"ssm:/hansho/{SECRETS}/{team}/NAME\" where the deployment is called hansho"
    ))
}

/// The team whose file this is.
fn team_of(file: &Path) -> Option<&str> {
    let is_of_a_team = file.parent() == Some(Path::new(TEAMS)) && file.extension().is_some_and(|extension| extension == "yaml");
    file.file_stem().filter(|_| is_of_a_team)?.to_str()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{check, parameter, parameter_team};

    #[test]
    fn a_parameter_is_a_teams_by_its_place_alone() {
        assert_eq!(parameter_team("/hansho/secrets/payments/dai-hook"), Some("payments"));
        for other in [
            "/hansho/keys/payments-events",
            "/hansho/secrets/payments",
            "/hansho/secrets/payments/",
            "/hansho/secrets/payments/a/b",
            "/hansho/secrets//a",
            "/hansho/secrets/payments/a b",
            "/secrets/payments/a",
            "hansho/secrets/payments/a",
        ] {
            assert_eq!(parameter_team(other), None, "{other}");
        }
        assert_eq!(parameter("ssm:/x"), Some("/x"));
        assert_eq!((parameter("ssm:x"), parameter("see ssm:/x"), parameter("/x")), (None, None, None));
    }

    #[test]
    fn a_team_names_its_own_parameters_and_nobody_elses() {
        let own = Path::new("from-terraform/payments.yaml");
        assert_eq!(check("/hansho/secrets/payments/dai-hook", own), Ok(()));
        for other in ["/hansho/secrets/checkout/chat", "/hansho/keys/payments-events", "/hansho/link-key"] {
            assert!(check(other, own).unwrap_err().contains("/secrets/payments/NAME"), "{other}");
        }
        for file in ["payments.yaml", "sub/from-terraform/payments.yaml", "from-terraform/sub/payments.yaml", "from-terraform/payments.yml"]
        {
            assert!(check("/hansho/secrets/payments/dai-hook", Path::new(file)).unwrap_err().contains("write the secret itself"), "{file}");
        }
    }
}
