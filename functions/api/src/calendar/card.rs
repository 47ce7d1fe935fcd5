//! vCard text (RFC 2426, version 3.0, which every phone reads): lines as a calendar has them.

use super::text::Lines;

/// The card of whoever calls from `number`. One that is imported again replaces the one before (`UID`).
pub(crate) fn card(name: &str, number: &str, note: &str) -> String {
    let mut lines = Lines::default();
    lines.raw("BEGIN", "VCARD");
    lines.raw("VERSION", "3.0");
    lines.raw("PRODID", "-//Hansho//Hansho//EN");
    lines.raw("UID", "hansho-on-call");
    // The parts of a name; an organisation has the family's alone.
    lines.raw("N", &format!("{};;;;", escaped_part(name)));
    lines.text("FN", name);
    lines.text("ORG", name);
    lines.text("TEL;TYPE=CELL,VOICE,PREF", number);
    lines.text("NOTE", note);
    lines.raw("END", "VCARD");
    lines.finish()
}

/// A part of a name: what would end it is left out.
fn escaped_part(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, ';' | ',' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::card;

    #[test]
    fn a_card_has_the_number_and_nothing_can_be_smuggled_in() {
        let written = card("Hansho", "+819012345678", "当番の呼び出し");
        assert_eq!(
            written,
            "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Hansho//Hansho//EN\r\nUID:hansho-on-call\r\nN:Hansho;;;;\r\nFN:Hansho\r\nORG:Hansho\r\nTEL;TYPE=CELL,VOICE,PREF:+819012345678\r\nNOTE:当番の呼び出し\r\nEND:VCARD\r\n"
        );
        let hostile = card("a;b\r\nEND:VCARD", "+1", "x\nEND:VCARD");
        assert_eq!(hostile.lines().filter(|line| *line == "END:VCARD").count(), 1, "{hostile}");
    }
}
