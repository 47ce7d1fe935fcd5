//! Every tool's mail in every character set that Japanese mail has: it pages with a subject that people can read, and its end resolves.

use acceptance::World;
use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8};
use hansho_domain::PhaseName;
use hansho_intake::Taken;
use hansho_store::Received;

use crate::{close, incident, mail, sample, world};

/// Each preset, and the subject that people see.
pub const PRESETS: [(&str, &str); 9] = [
    ("nagios", "** PROBLEM Service Alert: 決済web01/ディスク使用率 is CRITICAL **"),
    ("icinga", "[PROBLEM] HTTP応答 on 決済web01 is CRITICAL!"),
    ("zabbix", "障害: 決済web01 のディスク空き容量が 5% を下回りました"),
    ("monit", "monit alert -- Connection failed 決済nginx"),
    ("mackerel", "[Mackerel] CRITICAL: CPU使用率 - 決済web01"),
    ("alertmanager", "[FIRING:1] 決済エラー率 checkout (critical 本番)"),
    ("cloudwatch", "ALARM: \"決済-5xx率\" in Asia Pacific (Tokyo)"),
    ("datadog", "[P1] [Triggered on {host:web01}] 決済の待ち時間が長い"),
    ("jenkins", "Build failed in Jenkins: 決済 » main #128"),
];

/// How a header is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Header {
    /// As encoded words of a few characters each, folded between them.
    Words,
    /// As it is.
    Raw,
}

/// A sample, which is UTF-8, written anew in another character set.
pub fn written_in(encoding: &'static Encoding, header: Header, sample: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(sample).unwrap();
    let (head, body) = text.split_once("\n\n").unwrap();
    let mut out = Vec::new();
    for line in head.lines() {
        let line = line.replace("UTF-8", encoding.name());
        let (name, value) = line.split_once(": ").unwrap();
        out.extend(format!("{name}: ").into_bytes());
        match header {
            _ if value.is_ascii() => out.extend(value.as_bytes()),
            Header::Raw => out.extend(&*encoding.encode(value).0),
            Header::Words => out.extend(words(encoding, value).into_bytes()),
        }
        out.extend(b"\r\n");
    }
    out.extend(b"\r\n");
    out.extend(&*encoding.encode(&body.replace('\n', "\r\n")).0);
    out
}

fn words(encoding: &'static Encoding, value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    let words = chars.chunks(7).map(|chunk| {
        let chunk: String = chunk.iter().collect();
        let digits: String = encoding.encode(&chunk).0.iter().map(|byte| format!("={byte:02X}")).collect();
        format!("=?{}?Q?{digits}?=", encoding.name())
    });
    words.collect::<Vec<_>>().join("\r\n ")
}

#[tokio::test]
async fn every_preset_pages_and_resolves_in_every_japanese_character_set() {
    let mut world = world().await;
    for (preset, subject) in PRESETS {
        for encoding in [ISO_2022_JP, SHIFT_JIS, EUC_JP, UTF_8] {
            for header in [Header::Words, Header::Raw] {
                let story = format!("{preset} {} {header:?}", encoding.name());
                let to = format!("mail-{preset}");
                let firing = written_in(encoding, header, &sample(&format!("{preset}-firing.eml")));
                // "»" is in none of the older sets, so mailers write it otherwise.
                let subject = if encoding == UTF_8 { subject.to_owned() } else { subject.replace('»', "&#187;") };
                let taken = mail(&mut world, &format!("{story} firing"), &to, &firing).await;
                assert!(matches!(taken, Taken::Received(Received::Opened(_))), "{story}: {taken:?}");
                let opened = incident(&world, &taken).await;
                assert_eq!(opened.title, subject, "{story}");
                let sent = world.expect_texts(&["aiko"]);
                assert!(!sent[0].text.contains('\u{FFFD}'), "{story}: {}", sent[0].text);
                world.minutes(1).await;
                let recovery = written_in(encoding, header, &sample(&format!("{preset}-recovery.eml")));
                let taken = mail(&mut world, &format!("{story} recovery"), &to, &recovery).await;
                assert!(matches!(taken, Taken::Received(Received::Resolved(id)) if id == opened.id), "{story}: {taken:?}");
                World::is(&incident(&world, &taken).await, PhaseName::Resolved);
                world.sent();
                world.minutes(2).await;
                world.expect_silence();
            }
        }
    }
    world.end().await;
}

#[tokio::test]
async fn the_text_of_a_mail_is_read_in_its_character_set_and_kept() {
    let mut world = world().await;
    for encoding in [ISO_2022_JP, SHIFT_JIS, EUC_JP, UTF_8] {
        let raw = written_in(encoding, Header::Words, &sample("zabbix-firing.eml"));
        let taken = mail(&mut world, encoding.name(), "mail-each", &raw).await;
        let opened = incident(&world, &taken).await;
        assert!(opened.details.contains("深刻度: 重度の障害"), "{}: {}", encoding.name(), opened.details);
    }
    close(world).await;
}
