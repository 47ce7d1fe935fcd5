//! Notes as people write them: Markdown, of which nothing becomes more than text, its emphasis and links that somebody taps.
//!
//! HTML in a note is shown as it was written. Nothing is loaded from elsewhere: an image is a link to it.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};

/// The note as HTML.
pub(super) fn html(note: &str) -> String {
    let mut html = String::with_capacity(note.len() * 2);
    // Whether each open link leads somewhere.
    let mut links = Vec::new();
    let events = Parser::new_ext(note, Options::ENABLE_STRIKETHROUGH).filter_map(move |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            let is_link = leads_somewhere(&dest_url) && links.iter().all(|is_link| !is_link);
            links.push(is_link);
            is_link.then(|| Event::InlineHtml(opening(&dest_url)))
        }
        Event::End(TagEnd::Link | TagEnd::Image) => links.pop().unwrap_or_default().then_some(Event::InlineHtml(CowStr::Borrowed("</a>"))),
        // The page has headings of its own.
        Event::Start(Tag::Heading { .. }) => Some(Event::InlineHtml(CowStr::Borrowed("<p><strong>"))),
        Event::End(TagEnd::Heading(_)) => Some(Event::InlineHtml(CowStr::Borrowed("</strong></p>"))),
        Event::Start(Tag::HtmlBlock) => Some(Event::InlineHtml(CowStr::Borrowed("<p>"))),
        Event::End(TagEnd::HtmlBlock) => Some(Event::InlineHtml(CowStr::Borrowed("</p>"))),
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        // Whoever writes on a phone means the end of a line.
        Event::SoftBreak => Some(Event::HardBreak),
        other => Some(other),
    });
    push_html(&mut html, events);
    html
}

/// Whether it is an address of the web or of a mailbox; scripts, files and what a browser would make of a path are none.
fn leads_somewhere(address: &str) -> bool {
    hansho_domain::text::is_web_address(address) || address.strip_prefix("mailto:").is_some_and(|mailbox| mailbox.contains('@'))
}

fn opening(address: &str) -> CowStr<'static> {
    let mut escaped = String::new();
    // Writing to a string does not fail.
    let _written = pulldown_cmark_escape::escape_href(&mut escaped, address);
    CowStr::from(format!("<a href=\"{escaped}\" rel=\"noopener noreferrer nofollow\">"))
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn notes_have_emphasis_lists_code_and_links() {
        for (note, expected) in [
            ("rolled *back* to **41**", "<p>rolled <em>back</em> to <strong>41</strong></p>\n"),
            ("one\ntwo", "<p>one<br />\ntwo</p>\n"),
            ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
            ("# Why\n\nit was full", "<p><strong>Why</strong></p>\n<p>it was full</p>\n"),
            ("`rm -r <x>`", "<p><code>rm -r &lt;x&gt;</code></p>\n"),
            (
                "[the graph](https://graphs.example.com/a?b=1&c=\"2\")",
                "<p><a href=\"https://graphs.example.com/a?b=1&amp;c=%222%22\" rel=\"noopener noreferrer nofollow\">the graph</a></p>\n",
            ),
            (
                "<mailto:ben@example.com>",
                "<p><a href=\"mailto:ben@example.com\" rel=\"noopener noreferrer nofollow\">mailto:ben@example.com</a></p>\n",
            ),
            (
                "![a picture](https://example.com/a.png)",
                "<p><a href=\"https://example.com/a.png\" rel=\"noopener noreferrer nofollow\">a picture</a></p>\n",
            ),
        ] {
            assert_eq!(html(note), expected, "{note}");
        }
    }

    #[test]
    fn what_is_hostile_in_a_note_stays_text() {
        for note in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<div onclick=alert(1)>\n\nx\n\n</div>",
            "<!-- <b> -->",
            "<svg/onload=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](JAVASCRIPT:alert(1))",
            "[x](java\tscript:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "[x](vbscript:x)",
            "[x](/app/me)",
            "[x](//evil.example)",
            "[x](https://a.example\"onmouseover=alert(1))",
            "[x](<https://a.example/\" onmouseover=\"alert(1)>)",
            "![x](javascript:alert(1))",
            "![x\" onerror=\"alert(1)](https://a.example/x.png)",
            "<https://a.example/\"onmouseover=alert(1)>",
            "```\" onclick=\"alert(1)\nx\n```",
            "[![x](https://a.example/x.png)](https://b.example/)",
        ] {
            let shown = html(note);
            for tag in shown.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
                let link =
                    tag.strip_prefix("a href=\"https://").and_then(|rest| rest.strip_suffix("\" rel=\"noopener noreferrer nofollow\""));
                let code = tag.strip_prefix("code class=\"language-").and_then(|rest| rest.strip_suffix('"'));
                let plain = ["p", "/p", "/a", "br /", "pre", "/pre", "code", "/code", "ul", "/ul", "li", "/li"];
                let is_known = plain.contains(&tag) || link.or(code).is_some_and(|value| !value.contains('"'));
                assert!(is_known, "{note}: {tag} in {shown}");
            }
        }
    }
}
