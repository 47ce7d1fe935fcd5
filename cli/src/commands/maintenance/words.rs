//! Maintenance windows in words.

use hansho_domain::Language;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::super::{
    columns::columns,
    language::{answered, heads, time_format, word},
};

/// What became of the wish to end a window.
pub(super) fn ended(answer: &Value, language: Language) -> String {
    let id = text(&answer["window"]["id"]);
    let is_known = answer["result"] == "known";
    if language == Language::Ja {
        return ended_in_japanese(answer, &id, is_known);
    }
    let what = if is_known { "had been ended before" } else { "has ended" };
    match (answer["released"].as_u64().unwrap_or(0), answer["is_complete"].as_bool().unwrap_or(false)) {
        (0, true) => format!("{id} {what}. It held nothing that is still wrong.\n"),
        (count, true) => format!("{id} {what}. Incidents that it held and that page now: {count}.\n"),
        (count, false) => format!("{id} {what}. Incidents that it held and that page now: {count}; the others follow within minutes.\n"),
    }
}

fn ended_in_japanese(answer: &Value, id: &str, is_known: bool) -> String {
    let what = if is_known { "はすでに終了していました" } else { "を終了しました" };
    match (answer["released"].as_u64().unwrap_or(0), answer["is_complete"].as_bool().unwrap_or(false)) {
        (0, true) => format!("{id} {what}。保留中のまま続いている異常はありません。\n"),
        (count, true) => format!("{id} {what}。保留していたインシデント{count}件を呼び出します。\n"),
        (count, false) => format!("{id} {what}。保留していたインシデント{count}件を呼び出します。残りも数分以内に呼び出します。\n"),
    }
}

/// The windows of a list.
pub(super) fn table(answer: &Value, zone: &TimeZone, language: Language) -> String {
    let windows = answer["windows"].as_array().map(Vec::as_slice).unwrap_or_default();
    if windows.is_empty() {
        return word(language, "No maintenance window is open or to come.\n", "実施中・予定のメンテナンスはありません。\n").to_owned();
    }
    let shown = |at: &Value| {
        let at = at.as_str().and_then(|at| at.parse::<Timestamp>().ok());
        at.map_or_else(|| "-".to_owned(), |at| at.to_zoned(zone.clone()).strftime(time_format(language)).to_string())
    };
    let english = ["ID", "STATE", "FROM", "UNTIL", "SERVICES", "ONLY", "REASON", "BY"];
    let japanese = ["ID", "状態", "開始", "終了", "サービス", "対象", "理由", "作成者"];
    let mut rows = vec![heads(language, english, japanese)];
    rows.extend(windows.iter().map(|window| {
        let by =
            if window["source"] == "configuration" { answered(language, "configuration").to_owned() } else { text(&window["created_by"]) };
        let by = window["ended_by"].as_str().map_or(by.clone(), |ended| match language {
            Language::En => format!("{by}, ended by {ended}"),
            Language::Ja => format!("{by}、{ended}が終了"),
        });
        let id = text(&window["id"]);
        let (state, reason) = (answered(language, &text(&window["state"])).to_owned(), text(&window["reason"]));
        vec![id, state, shown(&window["from"]), shown(&window["until"]), services(window, language), only(&window["only"]), reason, by]
    }));
    columns(&rows)
}

fn services(window: &Value, language: Language) -> String {
    if window["all_services"] == true { word(language, "all", "すべて").to_owned() } else { names(&window["services"]).join(", ") }
}

fn only(only: &Value) -> String {
    let labels = only["labels"].as_object().into_iter().flatten().map(|(name, pattern)| format!("{name}={}", text(pattern)));
    names(&only["alarms"]).into_iter().chain(labels).chain(names(&only["severities"])).collect::<Vec<_>>().join(" ")
}

fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(text).collect()
}

/// A text of the answer; nothing where there is none.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::{ended, table};

    #[test]
    fn the_table_shows_when_about_what_and_whose_a_window_is() {
        let live = json!({
            "id": "live-0123456789ab", "source": "live", "state": "open", "reason": "database", "services": ["checkout", "search"], "all_services": false,
            "only": { "alarms": ["db-*"], "labels": { "env": "staging" }, "severities": ["warning"] },
            "from": "2026-12-04T17:00:00Z", "until": "2026-12-04T19:00:00Z", "created_by": "ops", "ended_by": null,
        });
        let planned = json!({
            "id": "weekly", "source": "configuration", "state": "ended", "reason": "", "services": [], "all_services": true,
            "only": { "alarms": [], "labels": {}, "severities": [] },
            "from": "2026-12-05T17:00:00Z", "until": null, "created_by": null, "ended_by": "ops",
        });
        let windows = json!({ "windows": [live, planned] });
        let told = table(&windows, &TimeZone::get("Asia/Tokyo").unwrap(), Language::En);
        let lines: Vec<String> = told.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let first = "live-0123456789ab open Sat 2026-12-05 02:00 +09:00 Sat 2026-12-05 04:00 +09:00 checkout, search db-* env=staging warning database ops";
        assert_eq!(lines[1], first, "{told}");
        assert_eq!(lines[2], "weekly ended Sun 2026-12-06 02:00 +09:00 - all configuration, ended by ops", "{told}");
        assert_eq!(table(&json!({ "windows": [] }), &TimeZone::UTC, Language::En), "No maintenance window is open or to come.\n");
    }

    #[test]
    fn japanese_tells_the_same() {
        let planned = json!({
            "id": "weekly", "source": "configuration", "state": "ended", "reason": "", "services": [], "all_services": true, "only": {},
            "from": "2026-12-05T17:00:00Z", "until": null, "created_by": null, "ended_by": "ops",
        });
        let told = table(&json!({ "windows": [planned] }), &TimeZone::get("Asia/Tokyo").unwrap(), Language::Ja);
        for part in ["状態", "終了", "2026-12-06 02:00 +09:00", "すべて", "設定、opsが終了"] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert_eq!(table(&json!({ "windows": [] }), &TimeZone::UTC, Language::Ja), "実施中・予定のメンテナンスはありません。\n");
        let answer = json!({ "result": "known", "window": { "id": "w" }, "released": 2, "is_complete": false });
        let told = ended(&answer, Language::Ja);
        assert_eq!(told, "w はすでに終了していました。保留していたインシデント2件を呼び出します。残りも数分以内に呼び出します。\n");
    }

    #[test]
    fn whoever_ends_a_window_is_told_what_pages_now() {
        let answer = |result: &str, released: u32, is_complete: bool| {
            ended(&json!({ "result": result, "window": { "id": "w" }, "released": released, "is_complete": is_complete }), Language::En)
        };
        assert_eq!(answer("ended", 0, true), "w has ended. It held nothing that is still wrong.\n");
        assert_eq!(answer("ended", 2, true), "w has ended. Incidents that it held and that page now: 2.\n");
        let known = "w had been ended before. Incidents that it held and that page now: 2; the others follow within minutes.\n";
        assert_eq!(answer("known", 2, false), known);
    }
}
