//! Whatever an alert says, a page shows it and does nothing else.

use hansho_domain::{Actor, Command, Language};

use crate::{
    facts::{World, alert, user},
    looked_at,
};

const HOSTILE: &str = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\u{202E}gnp.exe\u{200B}\"' {{ t }} {% if 1 %}";

fn hostile() -> World {
    let mut hostile = alert(HOSTILE);
    hostile.details = format!("{HOSTILE}\r\n\u{0}\u{1B}[31m{}", "長い".repeat(300));
    hostile.remark = Some(HOSTILE.to_owned());
    let mut world = World::open(&hostile).then(Actor::User(user("ben")), Command::Note { text: format!("first\nsecond {HOSTILE}") });
    // The domain lets neither in; a page must not count on that.
    world.incident.runbook = Some("javascript:alert(document.cookie)".to_owned());
    world.incident.link = Some("https://example.com/\"onmouseover=\"alert(3)".to_owned());
    world
}

#[test]
fn hostile_text_stays_text() {
    for (name, language) in [("hostile_en", Language::En), ("hostile_ja", Language::Ja)] {
        let page = looked_at(name, &hostile().page("aiko", language));
        assert!(page.contains("<script src=\"&#x2f;live.js\" defer></script>"), "{page}");
        assert_eq!(page.matches("<script").count(), 1, "no script but ours: {page}");
        assert!(!page.contains("<img"), "{page}");
        assert!(page.contains("&lt;script&gt;"), "it is shown, escaped: {page}");
        assert_eq!(page.matches("</title>").count(), 1, "{page}");
        assert!(
            !page.chars().any(|c| ('\u{202A}'..='\u{202E}').contains(&c) || c == '\u{200B}' || c == '\u{0}' || c == '\u{1B}'),
            "{page}"
        );
        assert!(page.contains("{{ t }}"), "what looks like a template is text: {page}");
    }
}

#[test]
fn only_web_addresses_are_links() {
    let page = hostile().page("aiko", Language::En);
    assert!(!page.contains("href=\"javascript"), "{page}");
    assert!(page.contains("<bdi>javascript:alert(document.cookie)</bdi>"), "what is no web address is shown as text: {page}");
    assert!(
        page.contains("href=\"https:&#x2f;&#x2f;example.com&#x2f;&quot;onmouseover=&quot;alert(3)\" rel=\"noopener noreferrer\""),
        "{page}"
    );
}

#[test]
fn a_page_holds_nothing_that_its_policy_forbids() {
    let page = hostile().page("aiko", Language::En);
    for forbidden in [" style=", "<style", " onclick", "javascript:void"] {
        assert!(!page.contains(forbidden), "{forbidden}: {page}");
    }
}

#[test]
fn a_long_timeline_is_cut_and_says_so() {
    let mut world = World::open(&alert("x"));
    for place in 0..130 {
        world = world.later(1).then(Actor::User(user("ben")), Command::Note { text: format!("note {place}") });
    }
    let page = world.page("aiko", Language::En);
    assert!(page.contains("note 129") && !page.contains("note 5<"), "{page}");
    assert!(page.contains("32 older entries are not shown"), "{page}");
}
