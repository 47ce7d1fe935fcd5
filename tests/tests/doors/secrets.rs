//! A team's secrets as names of parameters: what Terraform keeps has none of them, and what is in force has.

use acceptance::World;
use serde_json::Value;

use super::{KEY, Module, OTHER_KEY, PAYMENTS, exported};

const FILE: &str = "from-terraform/payments.yaml";

/// The team, with one person who is told by a webhook.
fn with_webhook(secret: &str) -> String {
    let phone = r#""phone": "+819000000004""#;
    PAYMENTS.replace(phone, &format!(r#"{phone}, "webhook": "https://hooks.example.net/dai", "webhook_secret": "{secret}""#))
}

async fn in_force(world: &mut World) -> String {
    exported(world).await.remove(FILE).unwrap()
}

#[tokio::test]
async fn a_secret_stands_in_a_parameter_and_in_nothing_that_terraform_keeps() {
    let mut world = World::new().await;
    let mut module = Module::new(&world, "payments", &with_webhook("ssm:/hansho/keys/dai-hook"));
    let checked = module.check().await;
    assert_eq!(checked["result"], "checked", "{checked}");
    let applied = module.apply().await.unwrap();
    for kept in [&checked, &applied, module.before.as_ref().unwrap()] {
        assert!(!kept.to_string().contains(KEY), "{kept}");
    }
    assert!(in_force(&mut world).await.contains(&format!(r#""webhook_secret": "{KEY}""#)), "requests are signed with it");
    assert!(!module.is_planned().await, "nothing differs");
    OTHER_KEY.clone_into(&mut module.parameter.0.lock().unwrap());
    assert!(module.is_planned().await, "another value is a change");
    module.apply().await.unwrap();
    assert!(in_force(&mut world).await.contains(OTHER_KEY) && !module.is_planned().await);
    module.destroy().await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn a_secret_that_is_not_to_be_had_fails_the_plan_by_its_parameter() {
    let mut world = World::new().await;
    let before = exported(&mut world).await;
    for (text, sentence) in [
        (with_webhook("ssm:/hansho/keys/nowhere"), "webhook_secret: the parameter /hansho/keys/nowhere can not be read"),
        (
            PAYMENTS.replace("\"Dai\"", "\"ssm:/hansho/keys/dai-hook\""),
            "name: the parameter /hansho/keys/dai-hook has a secret, which may stand in chat, secret, webhook, webhook_secret only",
        ),
    ] {
        let mut module = Module::new(&world, "payments", &text);
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
