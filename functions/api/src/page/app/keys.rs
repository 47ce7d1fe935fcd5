//! Keys: the tokens of tools, the integrations that have keys, and those of one.

use hansho_domain::{ListedIntegration, UserId};
use hansho_store::{IntegrationKey, Token};

use super::{
    Frame,
    sheet::{Button, Item, Link, Row, Said, Section, Sheet},
};
use crate::{page::Reader, words};

/// What the page of all is made of.
pub(crate) struct KeysFacts<'a> {
    pub(crate) reader: &'a Reader,
    /// The tokens, for those who look after them.
    pub(crate) tokens: Option<&'a [Token]>,
    /// Whether the reader may make a token.
    pub(crate) may_make: bool,
    pub(crate) integrations: &'a [&'a ListedIntegration],
}

/// What the page of an integration's keys is made of.
pub(crate) struct IntegrationFacts<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) listed: &'a ListedIntegration,
    pub(crate) keys: &'a [IntegrationKey],
}

/// The page of all.
pub(crate) fn keys(facts: &KeysFacts<'_>, frame: Frame) -> Sheet {
    let KeysFacts { reader, tokens, may_make, integrations } = facts;
    let tongue = words::tongue(reader.language);
    let u = tongue.setup();
    let row = |one: &&ListedIntegration| Row {
        to: format!("/app/keys/integrations/{}", one.id),
        name: Said::foreign(&one.name),
        told: vec![Said::ours(tongue.kind(&one.kind))],
    };
    let rows: Vec<Row> = integrations.iter().map(row).collect();
    let mut sheet = Sheet::new(frame, reader.language, "/app/keys");
    if !rows.is_empty() {
        sheet.sections.push(Section { heading: u.integration_keys, rows, ..Section::default() });
    }
    if let Some(tokens) = tokens {
        let make = Button {
            action: "/app/keys/tokens".to_owned(),
            word: u.token_make,
            told: Vec::new(),
            confirm: u.token_make,
            field: Some(("name", u.token_name)),
        };
        sheet.sections.push(Section {
            heading: u.tokens,
            text: vec![Said::ours(u.tokens_text)],
            items: tokens.iter().map(|token| token_told(token, reader)).collect(),
            empty: u.no_tokens,
            buttons: may_make.then_some(make).into_iter().collect(),
            ..Section::default()
        });
    }
    sheet.back = Some(Link::new("/app/more", u.back_to_more));
    sheet
}

fn token_told(token: &Token, reader: &Reader) -> Item {
    let tongue = words::tongue(reader.language);
    let u = tongue.setup();
    let made = tongue.made(&reader.clock().planned(token.created_at), &maker(&token.made_by, reader));
    let button = Button {
        action: format!("/app/keys/tokens/{}/revoke", token.name),
        word: u.revoke,
        told: vec![tongue.revoking().to_owned()],
        confirm: u.revoke_confirm,
        field: None,
    };
    Item { name: Said::foreign(&token.name), told: vec![Said::foreign(&made)], button: Some(button) }
}

/// The keys of one integration.
pub(crate) fn integration(facts: &IntegrationFacts<'_>, frame: Frame) -> Sheet {
    let IntegrationFacts { reader, listed, keys } = facts;
    let tongue = words::tongue(reader.language);
    let u = tongue.setup();
    let address = format!("/app/keys/integrations/{}", listed.id);
    let make = Button { action: address.clone(), word: u.key_make, told: Vec::new(), confirm: u.key_make, field: None };
    let mut sheet = Sheet::new(frame, reader.language, "/app/keys");
    sheet.is_name = true;
    sheet.intro = vec![Said::ours(tongue.kind(&listed.kind))];
    sheet.sections.push(Section {
        heading: u.integration_keys,
        text: vec![Said::ours(u.keys_by_terraform)],
        items: keys.iter().map(|key| key_told(key, reader, &address)).collect(),
        empty: u.no_keys,
        buttons: vec![make],
        ..Section::default()
    });
    sheet.back = Some(Link::new("/app/keys", u.keys));
    sheet
}

fn key_told(key: &IntegrationKey, reader: &Reader, address: &str) -> Item {
    let tongue = words::tongue(reader.language);
    let (u, clock) = (tongue.setup(), reader.clock());
    let name = tongue.key(&key.id);
    let mut told = vec![Said::foreign(&tongue.made(&clock.planned(key.created_at), &maker(&key.made_by, reader)))];
    told.extend(key.ends_at.map(|at| Said::ours(tongue.ends(&clock.planned(at), !key.is_valid_at(reader.now)))));
    let button = Button {
        action: format!("{address}/{}/revoke", key.id),
        word: u.revoke,
        told: vec![tongue.revoking().to_owned()],
        confirm: u.revoke_confirm,
        field: None,
    };
    Item { name: Said::foreign(&name), told, button: key.is_valid_at(reader.now).then_some(button) }
}

/// Who has made it: a person of the configuration by name, anybody else as they said themselves.
pub(super) fn maker(by: &str, reader: &Reader) -> String {
    let by = by.strip_prefix("token/").unwrap_or(by);
    let person = by.strip_prefix("user/").and_then(|user| user.parse::<UserId>().ok());
    person.map_or_else(|| by.to_owned(), |user| reader.name(&user))
}
