//! On-call schedules become schedules, their rotations rotations. There, everybody is called who is on call in any of them; here, the
//! later rotation of a schedule hides the earlier ones. So two that may be on call at the same moment, or are on different clocks, are
//! schedules of their own, and whoever called the one calls all of them.

use std::collections::BTreeSet;

use super::{
    made::{Made, Stands},
    reading::{Contact, Export, Read, Rotation},
    rotations::{self, Layer},
    yaml::{SHOWN_CHARACTERS_MAX, quoted, word},
};

/// Most rotations of a schedule.
const ROTATIONS_MAX: usize = 50;
/// What a number behind a name takes of it.
const NUMBER_CHARACTERS: usize = 6;

/// The section `schedules`.
pub(super) fn write(export: &Export, made: &mut Made) -> String {
    let mut text = String::new();
    let mut used = BTreeSet::new();
    for contact in export.contacts.iter().filter(|contact| contact.value.kind == "ONCALL_SCHEDULE") {
        let found = rotations_of(contact, export, made);
        used.extend(found.iter().map(|rotation| rotation.value.rotation_arn.clone()));
        let layers: Vec<Layer> = found.into_iter().flat_map(|rotation| rotations::layers(rotation, made)).collect();
        if layers.is_empty() {
            made.leave(
                &contact.file,
                &contact.value.alias,
                "it has no rotation that was carried over, and is no schedule here: whoever is called by it is called by nobody",
                "移行できたローテーションがないため、当番表になりません。この当番表による呼び出しは行われません",
            );
            continue;
        }
        let names = schedules(contact, apart(layers), &mut text, made);
        made.stands.insert(contact.value.contact_arn.clone(), Stands::Schedules(names));
    }
    for rotation in export.rotations.iter().filter(|rotation| !used.contains(&rotation.value.rotation_arn)) {
        made.leave(&rotation.file, &rotation.value.name, "no on-call schedule has this rotation", "どの当番表にも含まれていません");
    }
    text
}

fn rotations_of<'e>(contact: &Read<Contact>, export: &'e Export, made: &mut Made) -> Vec<&'e Read<Rotation>> {
    let Read { file, value, .. } = contact;
    let found: Vec<&Read<Rotation>> =
        export.rotations.iter().filter(|rotation| value.plan.rotation_ids.contains(&rotation.value.rotation_arn)).collect();
    for missing in value.plan.rotation_ids.iter().filter(|id| !found.iter().any(|rotation| rotation.value.rotation_arn == **id)) {
        made.leave(
            file,
            &value.alias,
            format!("the rotation {missing} is not there; fetch it with get-rotation"),
            format!("ローテーション {missing} がありません。get-rotation で取得してください"),
        );
    }
    found
}

/// The rotations in groups of which no two are ever on call at the same moment, all on one clock.
fn apart(layers: Vec<Layer>) -> Vec<Vec<Layer>> {
    let mut groups: Vec<Vec<Layer>> = Vec::new();
    for layer in layers {
        let fits = |other: &Layer| other.zone == layer.zone && !other.hours.may_meet(&layer.hours);
        match groups.iter_mut().find(|group| group.len() < ROTATIONS_MAX && group.iter().all(fits)) {
            Some(group) => group.push(layer),
            None => groups.push(vec![layer]),
        }
    }
    groups
}

/// A schedule for each group.
fn schedules(contact: &Read<Contact>, groups: Vec<Vec<Layer>>, text: &mut String, made: &mut Made) -> Vec<String> {
    let Read { file, value: Contact { alias, display_name, .. }, .. } = contact;
    let called = display_name.as_deref().and_then(|name| made.shown(file, alias, name));
    let zones: BTreeSet<String> = groups.iter().flatten().map(|layer| layer.zone.clone()).collect();
    let is_split = groups.len() > 1;
    let mut names: Vec<String> = Vec::new();
    for group in groups {
        // What the others are called is told with why there are others.
        let name = if names.is_empty() { made.named("schedules", file, alias) } else { made.name("schedules", alias) };
        text.push_str(&format!("  {}:\n", word(&name)));
        text.extend(called.as_deref().map(|called| format!("    name: {}\n", quoted(called))));
        text.extend(group.first().map(|layer| format!("    time_zone: {}\n    rotations:\n", layer.zone)));
        let mut taken = BTreeSet::new();
        for layer in &group {
            let own = rotation_name(layer, &taken, made);
            text.push_str(&layer.written(&own));
            taken.insert(own);
        }
        names.push(name);
    }
    if is_split {
        told_why_there_are_several(contact, &names, &zones, made);
    }
    names
}

fn told_why_there_are_several(contact: &Read<Contact>, names: &[String], zones: &BTreeSet<String>, made: &mut Made) {
    let all = names.join(", ");
    if zones.len() > 1 {
        made.leave(
            &contact.file,
            &contact.value.alias,
            format!("its rotations are on different clocks: it became a schedule for each, which are called together ({all})"),
            format!("タイムゾーンが異なるため、複数の当番表に分けました。一緒に呼び出されます ({all})"),
        );
    }
    if names.len() > zones.len() {
        made.leave(
            &contact.file,
            &contact.value.alias,
            format!("its rotations may be on call at the same time: it became a schedule for each that is, and whoever called it calls all of them ({all})"),
            format!("同じ時間に当番となるローテーションがあるため、複数の当番表に分けました。すべて一緒に呼び出されます ({all})"),
        );
    }
}

/// What the rotation is called, once in its schedule.
fn rotation_name(layer: &Layer, taken: &BTreeSet<String>, made: &mut Made) -> String {
    let wanted = made.shown(&layer.file, &layer.name, &layer.name).unwrap_or_else(|| "rotation".to_owned());
    if !taken.contains(&wanted) {
        return wanted;
    }
    let cut = hansho_domain::text::cut(&wanted, SHOWN_CHARACTERS_MAX - NUMBER_CHARACTERS);
    let own = (2..).map(|count| format!("{cut} ({count})")).find(|name| !taken.contains(name)).unwrap_or(wanted);
    made.leave(
        &layer.file,
        &layer.name,
        format!("another rotation of the schedule has its name too: it is called `{own}` here"),
        format!("同じ名前のローテーションが当番表にあるため、`{own}` としました"),
    );
    own
}
