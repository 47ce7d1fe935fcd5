//! Links and tokens: found by their hash, never stored.

use hansho_runtime::{Secrets, secrets::token_hash};
use hansho_store::LinkTo;
use sha2::{Digest, Sha256};

use crate::{
    fixtures::{seconds_after, user_id},
    table::{on_a_table, open},
};

fn secrets(byte: u8) -> Secrets {
    Secrets::new(vec![byte; 32]).unwrap()
}

#[test]
fn a_link_opens_what_it_was_made_for_and_the_same_link_has_the_same_code() {
    on_a_table(|table| async move {
        let store = table.store();
        let to = LinkTo::Incident(open(&table, "checkout-5xx").await);
        let code = store.make_link(&secrets(1), &user_id("aiko"), to.clone()).await.unwrap();
        assert_eq!(store.make_link(&secrets(1), &user_id("aiko"), to.clone()).await.unwrap(), code);
        let link = store.link(&code).await.unwrap().unwrap();
        assert_eq!((link.user, link.to), (user_id("aiko"), to.clone()));
        assert_eq!(link.expires_at, seconds_after(table.now(), 7 * 86_400));
        assert_ne!(store.make_link(&secrets(1), &user_id("ben"), to.clone()).await.unwrap(), code, "another person");
        assert_ne!(store.make_link(&secrets(2), &user_id("aiko"), to).await.unwrap(), code, "another key");
        let ids = vec![open(&table, "a").await, open(&table, "b").await];
        let bundle = store.make_link(&secrets(1), &user_id("aiko"), LinkTo::Bundle(ids.clone())).await.unwrap();
        assert_eq!(store.link(&bundle).await.unwrap().unwrap().to, LinkTo::Bundle(ids));
    });
}

#[test]
fn a_code_that_nobody_made_opens_nothing() {
    on_a_table(|table| async move {
        let store = table.store();
        let code = store.make_link(&secrets(1), &user_id("aiko"), LinkTo::Incident(open(&table, "checkout-5xx").await)).await.unwrap();
        let mut forged = code.clone();
        let last = if forged.pop() == Some('1') { '2' } else { '1' };
        forged.push(last);
        let too_long = format!("{code}1");
        let reserved = "0OIl0OIl0OIl";
        for wrong in [forged.as_str(), &too_long, reserved, "", "LINK#", "鐘鐘鐘鐘"] {
            assert_eq!(store.link(wrong).await.unwrap(), None, "{wrong}");
        }
    });
}

#[test]
fn the_table_holds_the_hash_of_a_code_and_not_the_code() {
    on_a_table(|table| async move {
        let store = table.store();
        let code = store.make_link(&secrets(1), &user_id("aiko"), LinkTo::Incident(open(&table, "checkout-5xx").await)).await.unwrap();
        let hash: String = Sha256::digest(code.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let [item] = &table.partition(&format!("LINK#{hash}")).await[..] else { panic!("the link is found by its hash") };
        assert!(!serde_json::to_string(item).unwrap().contains(&code));
        assert!(item["expires_at"].as_i64().unwrap() > table.now().as_second());
    });
}

#[test]
fn a_token_is_known_by_its_hash_and_is_not_stored() {
    on_a_table(|table| async move {
        let store = table.store();
        let token = "hansho_4f1c0d6a9be2";
        assert_eq!(store.token_name(token).await.unwrap(), None);
        store.add_token(token, "ci").await.unwrap();
        assert_eq!(store.token_name(token).await.unwrap().as_deref(), Some("ci"));
        let hash = token_hash(token);
        assert_eq!(store.token_name(&hash).await.unwrap(), None, "the hash is no token");
        let [item] = &table.partition(&format!("TOKEN#{hash}")).await[..] else { panic!("the token is found by its hash") };
        assert!(!serde_json::to_string(item).unwrap().contains(token));
    });
}
