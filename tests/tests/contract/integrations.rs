//! Integrations: as the configuration in force has them, and not from an earlier one.

use hansho_domain::{Configuration, ConfigurationParts, Integration, IntegrationId, IntegrationKind, IntegrationSpec};

use crate::{
    fixtures::{checkout, configuration, contacts, people, policy, service},
    table::on_a_table,
};

fn shop() -> IntegrationId {
    IntegrationId::new("shop").unwrap()
}

fn with(integrations: Vec<Integration>) -> Configuration {
    Configuration::of(ConfigurationParts {
        users: people(),
        policies: vec![policy("first-responders", &[("user/chie", 600)])],
        services: vec![service("checkout", None)],
        integrations,
        ..ConfigurationParts::default()
    })
    .unwrap()
}

#[test]
fn an_integration_is_as_the_configuration_in_force_has_it_and_gone_when_that_has_it_no_more() {
    on_a_table(|table| async move {
        let store = table.store();
        let events = |most| IntegrationKind::Events { per_minute_max: most };
        let spec = |kind| IntegrationSpec { id: shop(), name: "Shop".to_owned(), service: Some(checkout()), kind };
        assert_eq!(store.integration(&shop()).await.unwrap(), None);
        for most in [10, 20] {
            let made = Integration::new(spec(events(most))).unwrap();
            store.apply_configuration(&with(vec![made.clone()]), &contacts()).await.unwrap();
            table.clock.advance_seconds(5);
            assert_eq!(store.integration(&shop()).await.unwrap().as_deref(), Some(&made));
            let directory = store.directory().await.unwrap();
            let listed = directory.integration(&shop()).unwrap();
            assert_eq!((listed.name.as_str(), listed.kind.as_str(), &listed.service), ("Shop", "events", &Some(checkout())));
        }
        store.apply_configuration(&configuration(), &contacts()).await.unwrap();
        table.clock.advance_seconds(5);
        assert_eq!(store.integration(&shop()).await.unwrap(), None);
        let unknown = store.directory().await.unwrap().integration(&shop()).unwrap_err();
        assert_eq!(unknown, "there is no integration shop; the configuration has none");
    });
}
