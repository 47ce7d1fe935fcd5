//! Contacts of the type PERSONAL become people, their engagement plans notification rules.

use super::{
    made::{Made, Stands},
    reading::{Channel, Contact, Export, Read},
    yaml::{quoted, refused, word},
};

/// The file that they are written to.
pub(super) const FILE: &str = "people.yaml";
/// What nobody knows of them, in the file.
const UNKNOWN: &str = "  # Incident Manager knows neither languages nor time zones: without `language: ja` and `time_zone: Asia/Tokyo`\n  # here, a person's messages are in English and their times in UTC. 言語とタイムゾーンは各自に追加してください。\n";
/// Most rules of a person; a plan with many retries is cut.
const RULES_MAX: usize = 20;
/// Longest delay of a rule, in minutes.
const AFTER_MAX: u32 = 24 * 60;

/// The section `users`.
pub(super) fn write(export: &Export, made: &mut Made) -> String {
    let mut text = String::new();
    tell_what_is_nobodys(export, made);
    for contact in export.contacts.iter().filter(|contact| contact.value.kind == "PERSONAL") {
        let channels: Vec<&Read<Channel>> =
            export.channels.iter().filter(|channel| channel.value.contact_arn == contact.value.contact_arn).collect();
        text.push_str(&person(contact, &channels, made).unwrap_or_default());
    }
    if !text.is_empty() {
        text.insert_str(0, UNKNOWN);
        let users = made.stands.values().filter_map(|stands| if let Stands::User(user) = stands { Some(user.as_str()) } else { None });
        let users = users.collect::<Vec<_>>().join(", ");
        made.leave(
            FILE,
            "users",
            format!("Incident Manager knows neither their languages nor their time zones: messages are in English and times in UTC until each has `language` and `time_zone` ({users})"),
            format!("Incident Manager には言語とタイムゾーンがありません。各自に `language` と `time_zone` を設定するまで、通知は英語、時刻は UTC です ({users})"),
        );
    }
    text
}

/// Contacts of a type that nobody knows here, and channels whose contact is not there.
fn tell_what_is_nobodys(export: &Export, made: &mut Made) {
    for Read { file, value, .. } in &export.contacts {
        if !["PERSONAL", "ESCALATION", "ONCALL_SCHEDULE"].contains(&value.kind.as_str()) {
            made.leave(
                file,
                &value.alias,
                format!("a contact of the type {}, which nobody knows here: write by hand what it is to do", value.kind),
                format!("{} という種類の連絡先は移行できません。手で書いてください", value.kind),
            );
        }
    }
    for Read { file, value, .. } in &export.channels {
        if !export.contacts.iter().any(|contact| contact.value.contact_arn == value.contact_arn) {
            made.leave(
                file,
                &value.contact_channel_arn,
                format!("a channel of {}, which is not there: fetch it with get-contact", value.contact_arn),
                format!("{} のチャンネルですが、連絡先がありません。get-contact で取得してください", value.contact_arn),
            );
        }
    }
}

fn person(contact: &Read<Contact>, channels: &[&Read<Channel>], made: &mut Made) -> Option<String> {
    let (file, Contact { alias, display_name, contact_arn, .. }) = (&contact.file, &contact.value);
    let address = |kind: &str| {
        let mut of_kind = channels.iter().filter(|channel| channel.value.kind.as_deref() == Some(kind));
        of_kind
            .find(|channel| is_not_taken(&channel.value).is_none())
            .and_then(|channel| channel.value.delivery_address.simple_address.clone())
    };
    let phone = address("SMS").or_else(|| address("VOICE"));
    let email = address("EMAIL");
    told_about_channels(contact, channels, phone.as_deref(), email.as_deref(), made);
    if phone.is_none() && email.is_none() {
        made.leave(
            file,
            alias,
            "nobody knows how to reach them: fetch list-contact-channels, or add them by hand; they are left out of rotations and plans",
            "使える連絡先がありません。list-contact-channels を取得するか、手で追加してください。当番とプランからも除かれます",
        );
        return None;
    }
    let id = made.named("users", file, alias);
    made.stands.insert(contact_arn.clone(), Stands::User(id.clone()));
    let name = display_name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(alias);
    let name = made.shown(file, alias, name).unwrap_or_else(|| id.clone());
    let mut text = format!("  {}:\n    name: {}\n", word(&id), quoted(&name));
    text.extend(phone.as_deref().map(|phone| format!("    phone: {}\n", quoted(phone))));
    text.extend(email.as_deref().map(|email| format!("    email: {}\n", quoted(email))));
    let rules = rules(contact, channels, (phone.is_some(), email.is_some()), made);
    if rules.is_empty() {
        made.leave(
            file,
            alias,
            "no plan says how they are reached: they are told as everybody is who says nothing about it (`notify` in docs/configuration.md)",
            "呼び出し方の設定がないため、標準の通知ルールで通知します(docs/configuration.md の `notify`)",
        );
    } else {
        text.push_str(&format!("    notify:\n      high: [{}]\n", rules.join(", ")));
    }
    Some(text)
}

/// Why the address of a channel can not be had here, without the address.
fn is_not_taken(channel: &Channel) -> Option<String> {
    let key = match channel.kind.as_deref() {
        Some("SMS" | "VOICE") => "phone",
        Some("EMAIL") => "email",
        _ => return Some("is of a kind that nobody knows here".to_owned()),
    };
    let address = channel.delivery_address.simple_address.as_deref().unwrap_or_default();
    refused(&format!("users:\n  a: {{ name: a, {key}: {} }}\n", quoted(address)))
}

fn told_about_channels(contact: &Read<Contact>, channels: &[&Read<Channel>], phone: Option<&str>, email: Option<&str>, made: &mut Made) {
    let alias = &contact.value.alias;
    for Read { file, value, .. } in channels {
        let (kind, address) = (value.kind.as_deref().unwrap_or("?"), value.delivery_address.simple_address.as_deref());
        if let Some(why) = is_not_taken(value) {
            made.leave(
                file,
                alias,
                format!("an address of the kind {kind} is left out: it {why}"),
                format!("{kind} の宛先は設定できないため除きました: {why}"),
            );
            continue;
        }
        if kind == "VOICE" {
            made.leave(
                file,
                alias,
                "a voice channel: Hansho sends a text to the number instead of calling it",
                "音声通話のチャンネルです。電話の代わりに SMS を送ります",
            );
        }
        if address != if kind == "EMAIL" { email } else { phone } {
            made.leave(
                file,
                alias,
                format!("a second address of the kind {kind}: a person has one of each"),
                "同じ種類の宛先が複数あります。一人につき一つです",
            );
        } else if value.activation_status != "ACTIVATED" {
            made.leave(
                file,
                alias,
                "not activated there; ask for a proof with `hansho user verify`",
                "未有効化の宛先です。`hansho user verify` で確認してください",
            );
        }
    }
}

/// Each channel when its stage begins, and once more whenever it is retried before the stage is over.
fn rules(contact: &Read<Contact>, channels: &[&Read<Channel>], (has_phone, has_email): (bool, bool), made: &mut Made) -> Vec<String> {
    let Read { file, value: Contact { alias, plan, .. }, .. } = contact;
    let mut rules: Vec<(u32, &str)> = Vec::new();
    let mut begins: u32 = 0;
    for stage in &plan.stages {
        for target in stage.targets.iter().filter_map(|target| target.channel_target_info.as_ref()) {
            let channel = channels.iter().find(|channel| channel.value.contact_channel_arn == target.contact_channel_id);
            let by = match channel.and_then(|channel| channel.value.kind.as_deref()) {
                Some("EMAIL") if has_email => "email",
                Some("SMS" | "VOICE") if has_phone => "sms",
                _ => {
                    made.leave(
                        file,
                        alias,
                        "a stage names a channel that is not there, or was left out; fetch list-contact-channels",
                        "段階が示すチャンネルが見つからないか、除かれています。list-contact-channels を取得してください",
                    );
                    continue;
                }
            };
            let every = target.retry_interval_in_minutes;
            let last = if every == 0 { begins } else { begins.saturating_add(stage.duration_in_minutes.saturating_sub(1)) };
            let times = (begins..=last).step_by(every.max(1) as usize);
            // One more than there is room for says that there are more.
            rules.extend(times.take(RULES_MAX + 1).map(|after| (after, by)));
        }
        begins = begins.saturating_add(stage.duration_in_minutes);
    }
    rules.sort();
    rules.dedup();
    if rules.len() > RULES_MAX {
        made.leave(
            file,
            alias,
            format!("its plan comes to more than {RULES_MAX} messages; the first {RULES_MAX} were taken"),
            format!("通知が {RULES_MAX} 回を超えるため、最初の {RULES_MAX} 回だけを移行しました"),
        );
        rules.truncate(RULES_MAX);
    }
    if rules.iter().any(|(after, _)| *after > AFTER_MAX) {
        made.leave(file, alias, "what its plan sends after more than a day is left out", "24 時間より後の通知は除きました");
        rules.retain(|(after, _)| *after <= AFTER_MAX);
    }
    rules.iter().map(|(after, by)| format!("{{ after: {after}m, by: {by} }}")).collect()
}
