//! Keys on the pages: who makes and revokes which, that a secret is shown once, and what it opens then.

use crate::{
    app::{Browser, form},
    bench::{Ask, Bench, Reply},
    setup::bench,
};

const NONE: [(&str, &str); 0] = [];
const TOKENS: &str = "/app/keys/tokens";
const SHOP: &str = "/app/keys/integrations/shop";
const BASE: &str = "/app/keys/integrations/base";

/// The secret that a page shows.
fn secret(page: &Reply) -> String {
    let begin = page.body.find("<pre tabindex=\"0\">").unwrap_or_else(|| panic!("no secret in {}", page.body)) + 18;
    page.body[begin..].split('<').next().unwrap().to_owned()
}

/// The names of the keys of an integration that the configuration has.
async fn keys_of(bench: &Bench, integration: &str) -> Vec<String> {
    bench.store().integration_keys(&integration.parse().unwrap()).await.unwrap().into_iter().map(|key| key.id).collect()
}

async fn token_names(bench: &Bench) -> Vec<String> {
    bench.store().tokens().await.unwrap().into_iter().map(|token| token.name).collect()
}

/// Whether events come in under a key.
async fn comes_in(bench: &Bench, key: &str) -> bool {
    let event = serde_json::json!({
        "routing_key": key, "event_action": "trigger", "payload": { "summary": "slow", "severity": "critical", "source": "web-1" }
    });
    bench.send(Ask::post("/v2/enqueue").json(&event)).await.status == 202
}

#[tokio::test]
async fn a_key_is_shown_once_opens_its_integration_and_nothing_once_it_is_revoked() {
    let bench = bench().await;
    let mona = Browser::of(&bench, "mona@example.com").await;
    mona.get(SHOP).await.expect(200, &["It has no key yet"]);
    let made = mona.post(SHOP, &NONE).await.expect(200, &["shown this once"]);
    let key = secret(&made);
    assert!(made.headers["cache-control"].contains("no-store"), "{:?}", made.headers);
    let listed = bench.store().integration_keys(&"shop".parse().unwrap()).await.unwrap();
    assert_eq!((listed.len(), listed[0].made_by.as_str()), (1, "user/mona"));
    assert!(comes_in(&bench, &key).await);
    let page = mona.get(SHOP).await.expect(200, &[&listed[0].id, "by Mona", "Revoke it"]);
    assert!(!page.body.contains(&key), "the secret is shown again");
    let revoke = format!("{SHOP}/{}/revoke", listed[0].id);
    mona.get(&revoke).await.expect_redirect(SHOP);
    assert!(comes_in(&bench, &key).await, "GET revoked it");
    mona.post(&revoke, &NONE).await.expect_redirect(&format!("{SHOP}?done=revoked"));
    assert!(!comes_in(&bench, &key).await);
    mona.get(&format!("{SHOP}?done=revoked")).await.expect(200, &["It opens nothing any more."]);
    mona.post(&revoke, &NONE).await.expect_redirect(&format!("{SHOP}?done=revoked"));
}

#[tokio::test]
async fn only_those_who_look_after_the_service_make_and_revoke_its_keys() {
    let bench = bench().await;
    for (who, path, status) in [
        ("mona", SHOP, 200),
        ("mona", BASE, 404),
        ("ada", BASE, 200),
        ("olga", SHOP, 200),
        ("ben", SHOP, 404),
        ("gus", SHOP, 404),
        ("dora", BASE, 404),
        ("stan", SHOP, 404),
        ("ada", "/app/keys/integrations/nothing-here", 404),
    ] {
        let integration = path.rsplit('/').next().unwrap();
        let browser = Browser::of(&bench, &format!("{who}@example.com")).await;
        let before = keys_of(&bench, integration).await.len();
        assert_eq!(browser.post(path, &NONE).await.status, status, "{who} makes a key at {path}");
        let after = keys_of(&bench, integration).await;
        assert_eq!(after.len() - before, usize::from(status == 200), "{who} makes a key at {path}");
        if let Some(key) = after.first() {
            let answer = browser.post(&format!("{path}/{key}/revoke"), &NONE).await.status;
            assert_eq!(answer, if status == 200 { 303 } else { 404 }, "{who} revokes a key at {path}");
            assert_eq!(keys_of(&bench, integration).await.len(), after.len() - usize::from(status == 200), "{who}");
        }
    }
}

#[tokio::test]
async fn owners_make_tokens_admins_revoke_them_and_nobody_else_sees_one() {
    let bench = bench().await;
    let olga = Browser::of(&bench, "olga@example.com").await;
    let made = olga.post(TOKENS, &[("name", "ci.checkout")]).await.expect(200, &["shown this once", "ci.checkout"]);
    let token = secret(&made);
    let asked = || Ask::get("/services").header("authorization", &format!("Bearer {token}"));
    bench.send(asked()).await.expect(200, &[]);
    assert_eq!(bench.store().tokens().await.unwrap()[0].made_by, "user/olga");
    olga.post(TOKENS, &[("name", "ci.checkout")]).await.expect_redirect("/app/keys?done=known");
    for wrong in ["", "CI", "a b", "<script>", &"x".repeat(61)] {
        olga.post(TOKENS, &[("name", wrong)]).await.expect_redirect("/app/keys?done=name");
    }
    for (done, said) in [("known", "There is a token of that name."), ("name", "That can not be a name."), ("%3Cscript%3E", "API tokens")] {
        let page = olga.get(&format!("/app/keys?done={done}")).await.expect(200, &[said]);
        assert!(!page.body.contains("<script>") && !page.body.contains(&token), "{}", page.body);
    }
    for (who, makes, revokes) in [("ada", 403, 303), ("mona", 404, 404), ("ben", 404, 404), ("gus", 404, 404), ("stan", 404, 404)] {
        let browser = Browser::of(&bench, &format!("{who}@example.com")).await;
        let page = browser.get("/app/keys").await;
        assert_eq!(page.body.contains("ci.checkout"), who == "ada", "{who}: {}", page.body);
        assert!(!page.body.contains("Make a token"), "{who}: {}", page.body);
        assert_eq!(browser.post(TOKENS, &[("name", "theirs")]).await.status, makes, "{who}");
        if who != "ada" {
            assert_eq!(browser.post(&format!("{TOKENS}/ci.checkout/revoke"), &NONE).await.status, revokes, "{who}");
        }
    }
    assert_eq!(token_names(&bench).await, ["ci.checkout"]);
    bench.send(asked()).await.expect(200, &[]);
    let ada = Browser::of(&bench, "ada@example.com").await;
    ada.get(&format!("{TOKENS}/ci.checkout/revoke")).await.expect_redirect("/app/keys");
    bench.send(asked()).await.expect(200, &[]);
    ada.post(&format!("{TOKENS}/ci.checkout/revoke"), &NONE).await.expect_redirect("/app/keys?done=revoked");
    bench.send(asked()).await.expect(401, &[]);
    assert!(token_names(&bench).await.is_empty());
}

#[tokio::test]
async fn a_form_of_another_site_or_session_makes_and_revokes_nothing() {
    let bench = bench().await;
    let (olga, ben) = (Browser::of(&bench, "olga@example.com").await, Browser::of(&bench, "ben@example.com").await);
    let _shown = olga.post(TOKENS, &[("name", "kept")]).await.expect(200, &[]);
    let _shown = olga.post(SHOP, &NONE).await.expect(200, &[]);
    let key = keys_of(&bench, "shop").await.remove(0);
    let (mark, foreign) = (olga.mark().await, ben.mark().await);
    for path in [TOKENS.to_owned(), format!("{TOKENS}/kept/revoke"), SHOP.to_owned(), format!("{SHOP}/{key}/revoke")] {
        for (name, asked) in [
            ("no mark", form(&path, &[("name", "other")])),
            ("another session's", form(&path, &[("mark", &foreign), ("name", "other")])),
            ("another site's", form(&path, &[("mark", &mark), ("name", "other")]).header("sec-fetch-site", "cross-site")),
        ] {
            assert_eq!(bench.send(asked.cookie(&olga.cookie)).await.status, 403, "{path}, {name}");
        }
    }
    assert_eq!((token_names(&bench).await, keys_of(&bench, "shop").await), (vec!["kept".to_owned()], vec![key]));
}
