//! `hansho cost`: what a thousand incidents and an idle month cost, from requests that were counted and a table of prices.

use std::process::ExitCode;

use clap::Args;
use hansho_domain::Language;
use serde_json::{Value, json};

use super::{
    client::is_web_address,
    columns::columns,
    language::{LanguageArgument, word},
    print,
};
use crate::cost::{ADDRESS, CostError, Counts, Estimate, Line, PageParts, Prices, REGIONS, Usage, estimate};

/// What `hansho cost` is asked.
#[derive(Debug, Args)]
pub(super) struct CostArguments {
    /// Incidents in a month  (インシデント数)
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    incidents: u32,
    /// Alerts of one incident: the first, and those that repeat it
    #[arg(long, value_name = "N", default_value_t = 2.0, value_parser = at_least_one)]
    alerts: f64,
    /// Pages of one incident: the first person, and those it escalates to
    #[arg(long, value_name = "N", default_value_t = 1.5, value_parser = at_least_one)]
    pages: f64,
    /// The share of incidents that a mail opens, from 0 to 1  (メール起点の割合)
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    by_mail: f64,
    /// People who prove once a month that they are reached  (担当者数)
    #[arg(long, value_name = "N", default_value_t = 10)]
    people: u16,
    /// Web pages that people open in a month, signed in  (閲覧ページ数)
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(0..=100_000_000))]
    web_pages: u32,
    /// Where people answer: the longer the address, the more parts a text message has, and each is paid for. Without it, the address of a
    /// deployment that has no domain  (応答ページのURL)
    #[arg(long, value_name = "URL", default_value = ADDRESS, value_parser = web_address)]
    url: String,
    /// Only this AWS Region: ap-northeast-1 (Tokyo) or us-east-1
    #[arg(long, value_parser = REGIONS)]
    region: Option<String>,
    /// The table of prices, with the source and the date of each, instead of what it comes to  (価格表)
    #[arg(long)]
    prices: bool,
    /// For machines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArgument,
}

fn web_address(text: &str) -> Result<String, String> {
    if is_web_address(text) { Ok(text.to_owned()) } else { Err("is no web address; write https://oncall.example.com".to_owned()) }
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "is no share; write a number from 0 to 1, such as 0.1 for a tenth".to_owned())
}

fn at_least_one(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| (1.0..=10_000.0).contains(number));
    number.ok_or_else(|| "is not possible; write a number from 1 to 10000, such as 1.5".to_owned())
}

/// Reckons and prints.
pub(super) fn run(asked: &CostArguments) -> Result<ExitCode, CostError> {
    let (counts, prices) = (Counts::kept()?, Prices::kept()?);
    let language = asked.language.language;
    if asked.prices {
        print(&if asked.json { format!("{:#}\n", json!(prices)) } else { table_of_prices(language, &prices) });
        return Ok(ExitCode::SUCCESS);
    }
    let usage = Usage {
        incidents: asked.incidents.into(),
        alerts: asked.alerts,
        pages: asked.pages,
        by_mail: asked.by_mail,
        people: asked.people.into(),
        web_pages: asked.web_pages.into(),
    };
    let texts = Texts { url: &asked.url, parts: PageParts::of(&asked.url) };
    let regions = REGIONS.into_iter().filter(|region| asked.region.as_deref().is_none_or(|only| only == *region));
    let estimates = regions.map(|region| estimate(&counts, &prices, &usage, region)).collect::<Result<Vec<_>, _>>()?;
    print(&if asked.json {
        format!("{:#}\n", for_machines(&usage, &texts, &prices, &estimates))
    } else {
        text(language, &usage, &texts, &prices, &estimates)
    });
    Ok(ExitCode::SUCCESS)
}

/// What text messages link to, and how many parts that makes of a page.
struct Texts<'a> {
    url: &'a str,
    parts: PageParts,
}

/// Every line with the unit of its quantity, and every sum.
fn for_machines(usage: &Usage, texts: &Texts<'_>, prices: &Prices, estimates: &[Estimate]) -> Value {
    let line = |region: &str, line: &Line| {
        let mut told = json!(line);
        told["unit"] = json!(prices.row(line.id, region).map(|price| &price.unit));
        told
    };
    let told = |estimate: &Estimate| {
        let mut told = json!(estimate);
        for (name, lines) in [("idle", &estimate.idle), ("incidents", &estimate.incidents), ("web_pages", &estimate.web_pages)] {
            told[name] = lines.iter().map(|of| line(&estimate.region, of)).collect();
        }
        let (idle, incidents) = (Estimate::sum(&estimate.idle), Estimate::sum(&estimate.incidents));
        let web_pages = Estimate::sum(&estimate.web_pages);
        told["totals"] = json!({
            "idle": idle, "incidents": incidents, "web_pages": web_pages, "without_phones": idle + incidents + web_pages,
            "texts_to_japan": estimate.texts * texts.parts.jp * estimate.sms_jp,
            "texts_to_the_united_states": estimate.texts * texts.parts.us * estimate.sms_us,
        });
        told
    };
    json!({
        "currency": "USD",
        "period": "month",
        "units": { "texts": "messages", "parts": "parts per message", "sms_jp": "USD per part", "sms_us": "USD per part", "mail": "USD per mail", "call_jp": "USD per call of a minute", "usd": "USD per month", "quantity": "the line's unit, per month" },
        "usage": usage,
        "parts": { "url": texts.url, "to_japan": texts.parts.jp, "to_the_united_states": texts.parts.us },
        "estimates": estimates.iter().map(told).collect::<Vec<_>>(),
        "assumptions": prices.assumptions,
    })
}

/// One number of an estimate.
type Part = fn(&Estimate) -> f64;

fn text(language: Language, usage: &Usage, texts: &Texts<'_>, prices: &Prices, estimates: &[Estimate]) -> String {
    let word = |english, japanese| word(language, english, japanese);
    let mut rows = vec![vec![word("US dollars in a month", "月額(米ドル)").to_owned()]];
    rows[0].extend(estimates.iter().map(|estimate| estimate.region.clone()));
    let sums = |of: fn(&Estimate) -> &Vec<Line>| estimates.iter().map(move |estimate| amount(Estimate::sum(of(estimate))));
    let head = |what: String, sums: Vec<String>| [vec![what], sums].concat();
    let idle = format!("{} {}", word("an idle month, people:", "インシデントのない月、人数:"), usage.people);
    rows.push(head(idle, sums(|estimate| &estimate.idle).collect()));
    rows.extend(parts(language, prices, estimates, |estimate| &estimate.idle));
    let incidents = format!("{} {}", word("incidents:", "インシデント数:"), usage.incidents);
    rows.push(head(incidents, sums(|estimate| &estimate.incidents).collect()));
    rows.extend(parts(language, prices, estimates, |estimate| &estimate.incidents));
    let web_pages = format!("{} {}", word("web pages that people open:", "閲覧ページ数:"), usage.web_pages);
    rows.push(head(web_pages, sums(|estimate| &estimate.web_pages).collect()));
    rows.extend(parts(language, prices, estimates, |estimate| &estimate.web_pages));
    let total = |estimate: &Estimate| {
        amount([&estimate.idle, &estimate.incidents, &estimate.web_pages].into_iter().map(|lines| Estimate::sum(lines)).sum())
    };
    rows.push(head(word("together, without phones", "合計(電話料金を除く)").to_owned(), estimates.iter().map(total).collect()));
    let per_page: [(&str, &str, &str, f64, Part); 4] = [
        ("a page by text message to Japan", "日本への SMS 1 通", "sms_jp", texts.parts.jp, |estimate| estimate.sms_jp),
        ("a page by text message to the United States", "米国への SMS 1 通", "sms_us", texts.parts.us, |estimate| estimate.sms_us),
        ("a page by mail", "メール 1 通", "mail", 1.0, |estimate| estimate.mail),
        ("a call of a minute to Japan (Amazon Connect)", "日本への通話 1 分 (Amazon Connect)", "call_jp", 1.0, |estimate| {
            estimate.call_jp
        }),
    ];
    for (english, japanese, id, parts, of) in per_page {
        let what = format!("{}{}{}", word(english, japanese), in_parts(language, parts), mark(prices, id));
        rows.push(head(what, estimates.iter().map(|estimate| format!("{:.4}", parts * of(estimate))).collect()));
    }
    let sent = estimates.first().map_or(0.0, |estimate| estimate.texts);
    let what = format!("{} {sent:.0}", word("text messages, if all pages are such to Japan:", "すべて日本への SMS とした場合の通数:"));
    rows.push(head(what, estimates.iter().map(|estimate| amount(estimate.texts * texts.parts.jp * estimate.sms_jp)).collect()));
    format!("{}\n{}", columns(&rows), notes(language, usage, texts, prices))
}

/// `, 2 parts` where a message has more than one.
fn in_parts(language: Language, parts: f64) -> String {
    match language {
        Language::En if parts > 1.0 => format!(", {parts} parts"),
        Language::Ja if parts > 1.0 => format!(" ({parts} 分割)"),
        Language::En | Language::Ja => String::new(),
    }
}

/// The parts of a sum, the dearest first; what is less than a cent everywhere is one line.
fn parts(language: Language, prices: &Prices, estimates: &[Estimate], of: fn(&Estimate) -> &Vec<Line>) -> Vec<Vec<String>> {
    const CENT: f64 = 0.01;
    let Some(first) = estimates.first() else { return Vec::new() };
    let usd = |id: &str| -> Vec<f64> {
        estimates.iter().map(|estimate| of(estimate).iter().filter(|line| line.id == id).map(|line| line.usd).sum()).collect()
    };
    let mut lines: Vec<(&str, Vec<f64>)> = of(first).iter().map(|line| (line.id, usd(line.id))).collect();
    lines.sort_by(|a, b| b.1[0].total_cmp(&a.1[0]));
    let (told, small): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(_, usd)| usd.iter().any(|usd| *usd >= CENT));
    let row = |what: String, usd: &[f64]| [vec![format!("  {what}")], usd.iter().map(|usd| amount(*usd)).collect()].concat();
    let mut rows: Vec<Vec<String>> = told.iter().map(|(id, usd)| row(format!("{}{}", name(language, id), mark(prices, id)), usd)).collect();
    let rest: Vec<f64> = (0..estimates.len()).map(|place| small.iter().map(|(_, usd)| usd[place]).sum()).collect();
    if rest.iter().any(|usd| *usd > 0.0) {
        rows.push(row(word(language, "everything else", "その他").to_owned(), &rest));
    }
    rows
}

fn amount(usd: f64) -> String {
    format!("{usd:.2}")
}

/// A star where the price was not read where AWS publishes it.
fn mark(prices: &Prices, id: &str) -> &'static str {
    if prices.prices.iter().filter(|price| price.id == id).all(|price| price.verified) { "" } else { " *" }
}

/// What a price is for.
fn name(language: Language, id: &str) -> &str {
    let (english, japanese) = match id {
        "dynamodb_write_units" => ("DynamoDB, writes", "DynamoDB 書き込み"),
        "dynamodb_read_units" => ("DynamoDB, reads", "DynamoDB 読み取り"),
        "dynamodb_storage" => ("DynamoDB, storage", "DynamoDB ストレージ"),
        "dynamodb_recovery" => ("DynamoDB, point-in-time recovery", "DynamoDB ポイントインタイムリカバリ"),
        "lambda_requests" => ("Lambda, invocations", "Lambda 呼び出し"),
        "lambda_gb_seconds" => ("Lambda, time", "Lambda 実行時間"),
        "sqs_requests" => ("SQS, requests and polls", "SQS リクエストとポーリング"),
        "scheduler_invocations" => ("EventBridge Scheduler", "EventBridge Scheduler"),
        "http_requests" => ("API Gateway", "API Gateway"),
        "logs" => ("CloudWatch, logs", "CloudWatch ログ"),
        "alarm" => ("CloudWatch, alarms on Hansho itself", "CloudWatch Hansho 自身のアラーム"),
        "metric" => ("CloudWatch, metrics", "CloudWatch メトリクス"),
        "dashboard" => ("CloudWatch, dashboard", "CloudWatch ダッシュボード"),
        "traces" => ("X-Ray, traces", "X-Ray トレース"),
        "kms_requests" => ("KMS", "KMS"),
        "mail" => ("SES, mails", "SES メール"),
        "mail_in" => ("SES, mails that come in", "SES 受信メール"),
        "s3_writes" => ("S3, writes", "S3 書き込み"),
        "s3_reads" => ("S3, reads", "S3 読み取り"),
        "s3_storage" => ("S3, storage", "S3 ストレージ"),
        "logs_storage" => ("CloudWatch, logs that are kept", "CloudWatch ログ保管"),
        "events" => ("EventBridge, events", "EventBridge イベント"),
        "api_destinations" => ("EventBridge, dead man's switch", "EventBridge デッドマンスイッチ"),
        other => (other, other),
    };
    word(language, english, japanese)
}

fn notes(language: Language, usage: &Usage, texts: &Texts<'_>, prices: &Prices) -> String {
    let newest = prices.prices.iter().map(|price| price.date.as_str()).max().unwrap_or_default();
    let Usage { alerts, pages, people, by_mail, .. } = usage;
    let by_mail = by_mail * 100.0;
    let Texts { url, parts: PageParts { jp, us } } = texts;
    match language {
        Language::En => format!(
            "An incident here is {alerts} alerts, {pages} pages, an acknowledgement and a resolve; {by_mail:.0} of a hundred are opened by a mail.\n\
             An idle month has the sweeper each minute with the dead man's switch, the canary, alarms, logs, and {people} people who prove their\n\
             phones once. Requests are counted; how long functions run is reckoned.\n\
             Text messages link to {url}:\n\
             {jp} part(s) in Japanese and {us} in English, each of which is paid for; --url reckons with another address.\n\
             List prices of {newest}, before anything that AWS gives away. * was not read where AWS publishes it: hansho cost --prices\n"
        ),
        Language::Ja => format!(
            "インシデント 1 件は、アラート {alerts} 件、呼び出し {pages} 回、確認、解決とし、うち {by_mail:.0} % はメールで開かれます。\n\
             インシデントのない月には、毎分の sweeper とデッドマンスイッチ、カナリア、アラーム、ログ、{people} 人の月 1 回の到達確認が含まれます。リクエスト数は実測、関数の実行時間は推定です。\n\
             SMS のリンク先は {url} とし、日本語で {jp} 分割、英語で {us} 分割です(分割ごとに課金)。別の URL は --url で指定できます。\n\
             価格は {newest} の定価で、無料枠は含みません。* は AWS の公表価格で未確認です: hansho cost --prices\n"
        ),
    }
}

fn table_of_prices(language: Language, prices: &Prices) -> String {
    let mut rows = vec![super::language::heads(
        language,
        ["PRICE", "REGION", "USD", "FOR", "DATE", "READ AT AWS", "SOURCE"],
        ["価格", "リージョン", "米ドル", "単位", "時点", "AWS で確認", "出典"],
    )];
    rows.extend(prices.prices.iter().map(|price| {
        let read = if price.verified { word(language, "yes", "はい") } else { word(language, "no", "いいえ") };
        let cells = [&price.id, &price.region, &price.usd.to_string(), &price.unit, &price.date, read, &price.source];
        cells.map(str::to_owned).to_vec()
    }));
    format!("{}{}\n", columns(&rows), prices.assumptions.source)
}

#[cfg(test)]
mod tests {
    use hansho_domain::Language;

    use super::{Texts, at_least_one, name, share, table_of_prices, web_address};
    use crate::cost::{ADDRESS, Counts, PageParts, Prices, Usage, estimate};

    #[test]
    fn every_line_has_a_name_in_both_languages() {
        let (counts, prices) = (Counts::kept().unwrap(), Prices::kept().unwrap());
        let usage = Usage { incidents: 1.0, alerts: 1.0, pages: 1.0, by_mail: 0.5, people: 1.0, web_pages: 1.0 };
        let made = estimate(&counts, &prices, &usage, "us-east-1").unwrap();
        for line in made.idle.iter().chain(&made.incidents).chain(&made.web_pages) {
            assert_ne!(name(Language::En, line.id), line.id, "{}", line.id);
            assert_ne!(name(Language::Ja, line.id), line.id, "{}", line.id);
        }
    }

    #[test]
    fn for_machines_every_quantity_has_its_unit_and_every_sum_is_there() {
        let (counts, prices) = (Counts::kept().unwrap(), Prices::kept().unwrap());
        let usage = Usage { incidents: 1_000.0, alerts: 2.0, pages: 1.5, by_mail: 0.1, people: 10.0, web_pages: 100.0 };
        let made = estimate(&counts, &prices, &usage, "ap-northeast-1").unwrap();
        let texts = Texts { url: ADDRESS, parts: PageParts::of(ADDRESS) };
        let told = super::for_machines(&usage, &texts, &prices, std::slice::from_ref(&made));
        let told = &told["estimates"][0];
        for line in told["idle"].as_array().unwrap().iter().chain(told["incidents"].as_array().unwrap()) {
            assert!(line["unit"].as_str().is_some_and(|unit| !unit.is_empty()), "{line}");
        }
        let sum = |name: &str| told[name].as_array().unwrap().iter().map(|line| line["usd"].as_f64().unwrap()).sum::<f64>();
        let is_near = |a: &serde_json::Value, b: f64| (a.as_f64().unwrap() - b).abs() < 1e-9;
        assert!(is_near(&told["totals"]["without_phones"], sum("idle") + sum("incidents") + sum("web_pages")), "{told}");
        assert!(is_near(&told["totals"]["texts_to_japan"], made.texts * 2.0 * made.sms_jp), "{told}");
    }

    #[test]
    fn the_table_of_prices_says_who_says_so_and_whether_aws_does() {
        let text = table_of_prices(Language::En, &Prices::kept().unwrap());
        let line = text.lines().find(|line| line.starts_with("http_requests") && line.contains("us-east-1")).unwrap();
        assert!(line.contains("yes") && line.contains("AWS whitepaper"), "{line}");
        let line = text.lines().find(|line| line.starts_with("sms_jp")).unwrap();
        assert!(line.contains("no") && line.contains("second hand"), "{line}");
    }

    #[test]
    fn texts_are_paid_by_the_parts_that_their_address_makes() {
        let (counts, prices) = (Counts::kept().unwrap(), Prices::kept().unwrap());
        let usage = Usage { incidents: 1_000.0, alerts: 1.0, pages: 1.0, by_mail: 0.0, people: 0.0, web_pages: 0.0 };
        let made = [estimate(&counts, &prices, &usage, "ap-northeast-1").unwrap()];
        let told = |language, url| super::text(language, &usage, &Texts { url, parts: PageParts::of(url) }, &prices, &made);
        let long = told(Language::En, ADDRESS);
        assert!(
            long.contains("a page by text message to Japan, 2 parts *") && long.contains("0.1490") && long.contains("149.00"),
            "{long}"
        );
        assert!(long.contains(&format!("link to {ADDRESS}:\n2 part(s) in Japanese and 1 in English")), "{long}");
        let short = told(Language::En, "https://oncall.example.com");
        assert!(short.contains("a page by text message to Japan *") && short.contains("74.50"), "{short}");
        let japanese = told(Language::Ja, ADDRESS);
        assert!(japanese.contains("日本への SMS 1 通 (2 分割) *") && japanese.contains("日本語で 2 分割"), "{japanese}");
        assert!(web_address("oncall.example.com").is_err());
    }

    #[test]
    fn a_share_is_between_nothing_and_all() {
        assert_eq!((share("0"), share("0.25"), share("1")), (Ok(0.0), Ok(0.25), Ok(1.0)));
        for wrong in ["-0.1", "1.1", "10%", "NaN"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_incident_has_at_least_one_alert_and_one_page() {
        assert_eq!(at_least_one("1.5"), Ok(1.5));
        for wrong in ["0", "0.5", "many", "NaN", "inf"] {
            assert!(at_least_one(wrong).is_err(), "{wrong}");
        }
    }
}
