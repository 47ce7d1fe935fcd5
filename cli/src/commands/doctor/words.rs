//! What is printed.

use hansho_domain::Language;

use super::finding::{Finding, Report, State};
use crate::commands::{columns::columns, language::word};

/// One finding: what was found, and below it what to do.
pub(super) fn finding(language: Language, finding: &Finding) -> String {
    let mark = finding.state.mark(language);
    let mut text = columns(&[vec![mark.to_owned(), format!("{}: {}", finding.check, finding.found.in_language(language))]]);
    if let Some(to_do) = &finding.to_do {
        text += &format!("    -> {}\n", hansho_domain::text::visible(to_do.in_language(language)));
    }
    text
}

/// What can wake somebody today, what is still to be allowed, and how many findings there are.
pub(super) fn summary(language: Language, report: &Report) -> String {
    let word = |english, japanese| word(language, english, japanese);
    let count = |state| report.findings.iter().filter(|finding| finding.state == state).count();
    // What had no answer may be there all the same.
    let is_known = count(State::Unknown) == 0;
    let mut text = format!("\n{}\n", word("What can wake somebody today:", "現在、人を起こせる手段:"));
    let (working, others): (Vec<_>, Vec<_>) = report.reach.iter().partition(|reach| reach.works);
    let row = |reach: &&super::finding::Reach| {
        vec![format!("  {}", reach.who), reach.method.to_owned(), reach.address.clone(), reach.because.in_language(language).to_owned()]
    };
    text += &if working.is_empty() {
        format!("  {}\n", if is_known { word("nothing", "なし") } else { word("nothing that is known", "確認できた範囲ではなし") })
    } else {
        columns(&working.iter().map(row).collect::<Vec<_>>())
    };
    if !others.is_empty() {
        text += &format!("\n{}\n{}", word("What can not:", "まだ使えない手段:"), columns(&others.iter().map(row).collect::<Vec<_>>()));
    }
    text += &format!("\n{}\n", word("Approvals that are still to come:", "残っている承認:"));
    if report.approvals.is_empty() {
        text += &format!("  {}\n", if is_known { word("none", "なし") } else { word("none that is known", "確認できた範囲ではなし") });
    }
    for approval in &report.approvals {
        let asked = if approval.is_asked_for { word("asked for", "申請済み") } else { word("not asked for", "未申請") };
        text += &format!("  {} ({asked}; {})\n", approval.what.in_language(language), approval.lead_time.in_language(language));
        text += &format!("    -> {}\n", approval.how.in_language(language));
    }
    let (faults, unknown, advice, well) = (count(State::Fault), count(State::Unknown), count(State::Advice), count(State::Well));
    text += &match language {
        Language::En => format!("\n{well} ok, {faults} faults, {unknown} unknown, {advice} advice\n"),
        Language::Ja => format!("\n正常 {well} 件、異常 {faults} 件、不明 {unknown} 件、助言 {advice} 件\n"),
    };
    text
}
