//! A link in a message: its page, its buttons, and everything that is not one.

use hansho_domain::{Actor, Command, Input, InputId, Phase, PhaseName};
use jiff::SignedDuration;

use crate::bench::{Ask, Bench, user};

const CHECKOUT: &str = "checkout-5xx";

#[tokio::test]
async fn a_link_shows_the_incident_in_the_language_of_its_person() {
    let bench = Bench::new().await;
    let id = bench.alarm(CHECKOUT).await;
    let (aiko, ben) = (bench.link("aiko", id).await, bench.link("ben", id).await);
    let page = bench.send(Ask::get(&format!("/i/{aiko}"))).await;
    page.expect(
        200,
        &[
            "<html lang=\"ja\">",
            "発生中",
            "まだ誰も対応していません。",
            CHECKOUT,
            "佐藤 愛子",
            "次: Ben Carter",
            "Asia&#x2f;Tokyo",
            "対応する",
            "/style.css".replace('/', "&#x2f;").as_str(),
        ],
    );
    let page = bench.send(Ask::get(&format!("/i/{ben}")).japanese()).await;
    page.expect(200, &["<html lang=\"en\">", "Triggered", "Nobody has it yet.", "Acknowledge"]);
}

#[tokio::test]
async fn a_page_is_told_to_nobody_kept_by_nobody_and_loads_nothing_foreign() {
    let bench = Bench::new().await;
    let id = bench.alarm(CHECKOUT).await;
    let code = bench.link("aiko", id).await;
    for path in [format!("/i/{code}"), "/i/nobody".to_owned(), "/health".to_owned(), "/incidents".to_owned(), "/nowhere".to_owned()] {
        let reply = bench.send(Ask::get(&path)).await;
        for (name, value) in [
            (
                "content-security-policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            ),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("x-robots-tag", "noindex"),
        ] {
            assert_eq!(reply.headers.get(name).map(String::as_str), Some(value), "{path}");
        }
    }
    let style = bench.send(Ask::get("/style.css")).await.expect(200, &["prefers-color-scheme: dark", "min-height: 56px"]);
    assert_eq!(
        (style.headers["content-type"].as_str(), style.headers["cache-control"].as_str()),
        ("text/css; charset=utf-8", "public, max-age=86400")
    );
}

#[tokio::test]
async fn a_button_acts_as_the_person_and_a_second_tap_shows_the_state() {
    let bench = Bench::new().await;
    let id = bench.alarm(CHECKOUT).await;
    let path = format!("/i/{}", bench.link("aiko", id).await);
    let nonce = bench.send(Ask::get(&path)).await.nonce("acknowledge");
    let tap = || Ask::post(&format!("{path}/acknowledge")).form(&nonce);
    bench.send(tap()).await.expect_redirect(&path);
    let first = bench.state(id).await;
    assert_eq!(bench.incident(id).await.phase, Phase::Acknowledged { by: vec![Actor::User(user("aiko"))] });
    bench.send(tap()).await.expect_redirect(&path);
    assert_eq!(bench.state(id).await, first, "the second tap changes nothing");
    let page = bench.send(Ask::get(&path)).await.expect(200, &["あなたが対応中です。", "佐藤 愛子が対応を開始"]);
    assert!(!page.body.contains("<form class=\"primary\""), "nothing big is left to tap: {}", page.body);
}

#[tokio::test]
async fn two_taps_on_one_escalation_call_one_more_person_and_a_new_page_the_next() {
    let bench = Bench::new().await;
    let id = bench.alarm(CHECKOUT).await;
    let path = format!("/i/{}", bench.link("aiko", id).await);
    let nonce = bench.send(Ask::get(&path)).await.nonce("escalate");
    for _ in 0..2 {
        bench.send(Ask::post(&format!("{path}/escalate")).form(&nonce)).await.expect_redirect(&path);
        assert_eq!(bench.incident(id).await.position.step, 1);
    }
    let again = bench.send(Ask::get(&path)).await.nonce("escalate");
    assert_ne!(again, nonce);
    bench.send(Ask::post(&format!("{path}/escalate")).form(&again)).await.expect_redirect(&path);
    assert_eq!(bench.incident(id).await.position.step, 2);
}

#[tokio::test]
async fn eight_taps_at_once_are_one() {
    let bench = std::sync::Arc::new(Bench::new().await);
    let id = bench.alarm(CHECKOUT).await;
    let path = format!("/i/{}", bench.link("aiko", id).await);
    let nonce = bench.send(Ask::get(&path)).await.nonce("escalate");
    let taps = (0..8).map(|_| {
        let (bench, ask) = (std::sync::Arc::clone(&bench), Ask::post(&format!("{path}/escalate")).form(&nonce));
        tokio::spawn(async move { bench.send(ask).await.status })
    });
    for tap in taps.collect::<Vec<_>>() {
        assert_eq!(tap.await.unwrap(), 303);
    }
    assert_eq!(bench.incident(id).await.position.step, 1);
}

#[tokio::test]
async fn a_form_without_a_nonce_still_works() {
    let bench = Bench::new().await;
    let id = bench.alarm(CHECKOUT).await;
    let path = format!("/i/{}", bench.link("ben", id).await);
    bench.send(Ask::post(&format!("{path}/resolve"))).await.expect_redirect(&path);
    bench.send(Ask::get(&path)).await.expect(200, &["It is over. Resolved by Ben Carter", "Resolved"]);
    bench.send(Ask::post(&format!("{path}/escalate"))).await.expect_redirect(&path);
    bench.send(Ask::post(&format!("{path}/acknowledge"))).await.expect_redirect(&path);
    assert_eq!(bench.incident(id).await.phase.name(), PhaseName::Resolved, "a tap on what is over shows that it is");
}

#[tokio::test]
async fn a_code_that_nobody_made_and_one_that_can_not_be_one_look_the_same() {
    let bench = Bench::new().await;
    let id = bench.alarm(CHECKOUT).await;
    let code = bench.link("aiko", id).await;
    let mut forged: Vec<char> = code.chars().collect();
    forged[0] = if forged[0] == '2' { '3' } else { '2' };
    let forged: String = forged.into_iter().collect();
    let unknown = bench.send(Ask::get(&format!("/i/{forged}"))).await.expect(404, &["This link is not valid", "Open the newest message"]);
    let long = "a".repeat(5_000);
    for other in ["x", "0OIl", "%F0%28%8C%28", "%00", "..", "%2e%2e%2fhealth", "半鐘", &long, "<script>"] {
        for ask in [Ask::get(&format!("/i/{other}")), Ask::get(&format!("/b/{other}")), Ask::post(&format!("/i/{other}/acknowledge"))] {
            assert_eq!(bench.send(ask).await.expect(404, &[]).body, unknown.body, "{other}");
        }
    }
    bench.send(Ask::get(&format!("/i/{forged}")).japanese()).await.expect(404, &["<html lang=\"ja\">", "このリンクは無効です"]);
    bench.send(Ask::post(&format!("/i/{code}/explode"))).await.expect(404, &["This link is not valid"]);
    assert_eq!(bench.incident(id).await.version, 1);
}

#[tokio::test]
async fn a_link_lives_as_long_as_the_incident_and_is_shown_for_a_while_after() {
    let bench = Bench::new().await;
    let id = bench.alarm(CHECKOUT).await;
    let path = format!("/i/{}", bench.link("aiko", id).await);
    bench.later(SignedDuration::from_hours(24 * 40));
    bench.send(Ask::get(&path)).await.expect(200, &["対応する"]);
    bench.send(Ask::post(&format!("{path}/resolve"))).await.expect_redirect(&path);
    bench.later(SignedDuration::from_hours(20));
    bench.send(Ask::get(&path)).await.expect(200, &["解決済み"]);
    bench.later(SignedDuration::from_hours(5));
    bench.send(Ask::get(&path)).await.expect(410, &["This link has expired"]);
    bench.send(Ask::get(&path).japanese()).await.expect(410, &["このリンクは期限切れです"]);
    bench.send(Ask::post(&format!("{path}/acknowledge"))).await.expect(410, &["This link has expired"]);
}

#[tokio::test]
async fn a_form_from_elsewhere_is_refused_and_one_that_is_not_ours_too() {
    let bench = Bench::new().await;
    let id = bench.alarm(CHECKOUT).await;
    let path = format!("/i/{}", bench.link("ben", id).await);
    let post = || Ask::post(&format!("{path}/acknowledge"));
    for (ask, status, said) in [
        (post().header("sec-fetch-site", "cross-site"), 403, "This did not come from our page"),
        (post().header("origin", "https://evil.example"), 403, "This did not come from our page"),
        (post().body("nonce=x"), 400, "This form can not be read"),
        (post().body("nonce=0123456789abcdef&user=chie"), 400, "This form can not be read"),
        (post().body("nonce=0123456789abcdef&nonce=0123456789abcdef"), 400, "This form can not be read"),
        (post().body("{\"nonce\": 1}"), 400, "This form can not be read"),
        (post().body("%FF%FE"), 400, "This form can not be read"),
        (post().body("nonce=".to_owned() + &"a".repeat(1_000_000)), 413, "This is more than we can take"),
    ] {
        bench.send(ask).await.expect(status, &[said, "Nothing was changed."]);
    }
    bench.send(post().header("origin", "null")).await.expect_redirect(&path);
}

#[tokio::test]
async fn a_person_who_is_gone_from_the_configuration_can_still_answer() {
    let bench = Bench::new().await;
    let id = bench.alarm(CHECKOUT).await;
    let path = format!("/i/{}", bench.link("formerly", id).await);
    bench.send(Ask::get(&path).japanese()).await.expect(200, &["<html lang=\"ja\">", "UTC"]);
    bench.send(Ask::post(&format!("{path}/acknowledge"))).await.expect_redirect(&path);
    bench.send(Ask::get(&path)).await.expect(200, &["You have it."]);
}

#[tokio::test]
async fn who_has_it_is_named_and_others_can_join() {
    let bench = Bench::new().await;
    let id = bench.alarm(CHECKOUT).await;
    let input = Input { id: InputId::new("elsewhere").unwrap(), actor: Actor::User(user("chie")), command: Command::Acknowledge };
    assert!(matches!(bench.store().apply(id, &input).await.unwrap(), hansho_store::Applied::Changed(_)));
    let path = format!("/i/{}", bench.link("ben", id).await);
    let page = bench.send(Ask::get(&path)).await.expect(200, &["田中 千恵 has it.", "Take it too"]);
    bench.send(Ask::post(&format!("{path}/acknowledge")).form(&page.nonce("acknowledge"))).await.expect_redirect(&path);
    bench.send(Ask::get(&path)).await.expect(200, &["You have it, with 田中 千恵."]);
}
