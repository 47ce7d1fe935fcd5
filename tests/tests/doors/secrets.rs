//! A team's secrets as names of parameters: whatever keeps its text has none of them, and whoever is told by them is.

use acceptance::{TEAM, World};
use hansho_domain::{Destination, DestinationId, UserId};
use hansho_store::{DestinationAddress, Profile};
use serde_json::Value;

use super::{KEY, Module, OTHER_KEY, PAYMENTS, apply_folder, exported};

const FILE: &str = "from-terraform/payments.yaml";
const HOOK: &str = "ssm:/hansho/secrets/payments/dai-hook";

/// The team, with one person who is told by a webhook.
fn with_webhook(secret: &str) -> String {
    let phone = r#""phone": "+819000000004""#;
    PAYMENTS.replace(phone, &format!(r#"{phone}, "webhook": "https://hooks.example.net/dai", "webhook_secret": "{secret}""#))
}

/// And with a machine and a channel.
fn with_all(secret: &str, chat: &str) -> String {
    let others = format!(
        r#""destinations":
  "tool": {{ "webhook": "https://tool.example.net/", "secret": "{secret}" }}
  "chat": {{ "chat": "{chat}" }}
"#
    );
    with_webhook(secret) + &others
}

/// What the requests to the person are signed with.
async fn of_dai(world: &World) -> Option<String> {
    let store = world.machine.store();
    let version = store.stored_configuration_version().await.unwrap();
    let profile: Option<Profile> = store.profile_in(&UserId::new("dai").unwrap(), version).await.unwrap();
    profile.unwrap().contact.webhook_secret
}

async fn tool(world: &World) -> DestinationAddress {
    let store = world.machine.store();
    let version = store.stored_configuration_version().await.unwrap();
    let name = Destination::Webhook(DestinationId::new("tool").unwrap());
    store.destination_in(&name, version).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_secret_stands_in_a_parameter_and_in_nothing_that_terraform_or_an_export_keeps() {
    let mut world = World::new().await;
    let text = with_all(HOOK, "https://chat.example.net/1");
    let mut module = Module::new(&world, "payments", &text);
    let checked = module.check().await;
    assert_eq!(checked["result"], "checked", "{checked}");
    let applied = module.apply().await.unwrap();
    for kept in [&checked, &applied, module.before.as_ref().unwrap()] {
        assert!(!kept.to_string().contains(KEY), "{kept}");
    }
    assert_eq!((of_dai(&world).await.as_deref(), tool(&world).await.secret.as_deref()), (Some(KEY), Some(KEY)), "it signs requests");
    let files = exported(&mut world).await;
    assert!(files[FILE].ends_with(&text) && files.values().all(|file| !file.contains(KEY)), "{}", files[FILE]);
    assert!(hansho_configuration::load_named(&files).is_ok(), "and `hansho check` takes it");
    assert!(!module.is_planned().await, "nothing differs");
    OTHER_KEY.clone_into(&mut module.parameter.0.lock().unwrap());
    assert!(module.is_planned().await, "another value is a change");
    module.apply().await.unwrap();
    assert_eq!(of_dai(&world).await.as_deref(), Some(OTHER_KEY));
    assert!(!module.is_planned().await);
    module.destroy().await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn an_apply_of_the_folder_neither_needs_nor_loses_the_secrets_of_a_team() {
    let mut world = World::new().await;
    let mut module = Module::new(&world, "payments", &with_all(HOOK, "https://chat.example.net/1"));
    module.apply().await.unwrap();
    let before = exported(&mut world).await[FILE].clone();
    // This door's function is told of no SSM at all.
    let answer = apply_folder(&mut world, &TEAM.replace("wait: 10m", "wait: 11m")).await;
    assert_eq!(
        (answer["result"].as_str(), answer["summary"].as_str()),
        (Some("applied"), Some("escalation_policies: 1 changed")),
        "{answer}"
    );
    assert_eq!((of_dai(&world).await.as_deref(), tool(&world).await.secret.as_deref()), (Some(KEY), Some(KEY)));
    assert_eq!(exported(&mut world).await[FILE], before);
    // So is another team's, and what its parameter has by now is not taken for applied.
    let asked = std::mem::take(&mut *module.parameter.1.lock().unwrap());
    assert!(asked.iter().all(|name| name == "/hansho/secrets/payments/dai-hook") && !asked.is_empty(), "{asked:?}");
    OTHER_KEY.clone_into(&mut module.parameter.0.lock().unwrap());
    let answer = world.invoke("config", serde_json::json!({ "action": "apply", "version": 1 })).await;
    assert_eq!(answer["result"], "applied", "{answer}");
    assert_eq!(of_dai(&world).await.as_deref(), Some(KEY));
    assert!(module.is_planned().await);
    world.end().await;
}

#[tokio::test]
async fn a_team_has_its_own_parameters_only_and_a_text_is_no_value() {
    let mut world = World::new().await;
    let before = exported(&mut world).await;
    for (text, sentence) in [
        (with_webhook("ssm:/hansho/keys/payments-events"), "names the parameter /hansho/keys/payments-events, and a secret of this team"),
        (with_all(HOOK, "ssm:/hansho/secrets/checkout/chat"), "destinations.chat.chat: names the parameter /hansho/secrets/checkout/chat"),
        (PAYMENTS.replace("\"Dai\"", "\"ssm:/hansho/secrets/payments/dai-hook\""), "users.dai.name: is the name of a parameter"),
    ] {
        let module = Module::new(&world, "payments", &text);
        let checked = module.check().await;
        assert!(checked["result"] == "invalid" && checked["message"].as_str().unwrap().contains(sentence), "{checked}");
        assert_eq!(*module.parameter.1.lock().unwrap(), Vec::<String>::new(), "none is read");
    }
    for name in ["'x secret: ssm:/hansho/keys/payments-events'", "\"x secret: 'ssm:/hansho/secrets/payments/dai-hook'\""] {
        let module = Module::new(&world, "payments", &PAYMENTS.replace("\"Dai\"", name));
        let checked = module.check().await;
        assert!(checked["result"] == "checked" && !checked.to_string().contains(KEY), "{checked}");
        assert_eq!(*module.parameter.1.lock().unwrap(), Vec::<String>::new(), "a text is a text");
    }
    // A folder has none at all, under whatever name its file is sent.
    for file in ["story.yaml", "sub/from-terraform/payments.yaml"] {
        let files = serde_json::json!({ "a.yaml": TEAM, file: with_webhook(HOOK) });
        let answer = world.invoke("config", serde_json::json!({ "action": "apply", "files": files })).await;
        assert!(answer["result"] == "invalid" && answer.to_string().contains("write the secret itself"), "{answer}");
    }
    assert_eq!(exported(&mut world).await, before);
    world.end().await;
}

#[tokio::test]
async fn a_secret_that_is_not_to_be_had_fails_the_plan_by_its_parameter() {
    let mut world = World::new().await;
    let before = exported(&mut world).await;
    for (secret, value, sentence) in [
        ("ssm:/hansho/secrets/payments/nowhere", KEY, "webhook_secret: the parameter /hansho/secrets/payments/nowhere can not be read"),
        (HOOK, "short", "webhook_secret: the parameter /hansho/secrets/payments/dai-hook has a value which must have 16 to 256 characters"),
    ] {
        let mut module = Module::new(&world, "payments", &with_webhook(secret));
        value.clone_into(&mut module.parameter.0.lock().unwrap());
        let checked = module.check().await;
        let message = checked["message"].as_str().unwrap();
        assert!(
            checked["result"] == "invalid" && message.starts_with("The team payments is not put in force:\n") && message.contains(sentence),
            "{checked}"
        );
        module.input["seal"] = Value::from("abcdef");
        let refused = module.apply().await.unwrap_err();
        assert!(refused.contains(sentence), "{refused}");
    }
    assert_eq!(exported(&mut world).await, before);
    world.end().await;
}
