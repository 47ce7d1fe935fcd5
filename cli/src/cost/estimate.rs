//! What it comes to.

use serde::Serialize;

use super::{CostError, Count, Counts, Prices};

/// What a message in a queue takes besides being put there: Lambda receives and deletes it.
const REQUESTS_PER_MESSAGE: f64 = 3.0;
const MILLION: f64 = 1e6;
const BYTES_PER_GB: f64 = 1e9;
const KILOBYTES_PER_GB: f64 = 1e6;
const MEGABYTES_PER_GB: f64 = 1_024.0;
const DAYS_PER_MONTH: f64 = 30.4;
/// A look, as it was counted: what is open, and one incident of it.
const WEB_PAGES_PER_LOOK: f64 = 2.0;

/// How much Hansho is used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Usage {
    /// Incidents in a month.
    pub incidents: f64,
    /// Alerts of one incident: the first, and those that repeat it.
    pub alerts: f64,
    /// Pages of one incident: the first person, and those it escalates to.
    pub pages: f64,
    /// The share of incidents that a mail opens, from 0 to 1.
    pub by_mail: f64,
    /// People who prove once a month that they are reached.
    pub people: f64,
    /// Web pages that people who have signed in open in a month.
    pub web_pages: f64,
}

/// One line of an estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// What it is for: an id of the table of prices.
    pub id: &'static str,
    /// How much of it, in the unit of the price's row (millions, GB, pieces).
    pub quantity: f64,
    /// What it comes to, in US dollars.
    pub usd: f64,
}

/// What it comes to in one Region, in US dollars, without what AWS gives away.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// Where.
    pub region: String,
    /// A month in which nothing happens.
    pub idle: Vec<Line>,
    /// The incidents of a month.
    pub incidents: Vec<Line>,
    /// The web pages of a month.
    pub web_pages: Vec<Line>,
    /// The messages to phones in that month, one part each: to Japan, and to the United States.
    pub texts: f64,
    /// A text message to Japan of one part.
    pub sms_jp: f64,
    /// A text message to the United States of one part.
    pub sms_us: f64,
    /// A mail.
    pub mail: f64,
    /// A call to Japan.
    pub call_jp: f64,
}

impl Estimate {
    /// The sum of `lines`.
    pub fn sum(lines: &[Line]) -> f64 {
        lines.iter().map(|line| line.usd).sum()
    }
}

/// What `usage` costs in `region`.
///
/// # Errors
/// A price or a count is missing.
pub fn estimate(counts: &Counts, prices: &Prices, usage: &Usage, region: &str) -> Result<Estimate, CostError> {
    let proofs = counts.step("proof")? * usage.people;
    let incidents = counts.step("open")? * (usage.incidents * (1.0 - usage.by_mail))
        + counts.step("mail")? * (usage.incidents * usage.by_mail)
        + counts.step("repeat")? * (usage.incidents * (usage.alerts - 1.0))
        + counts.step("escalate")? * (usage.incidents * (usage.pages - 1.0))
        + counts.step("acknowledge")? * usage.incidents
        + counts.step("resolve")? * usage.incidents;
    let price = |id| prices.of(id, region);
    let texts = incidents.texts + proofs.texts;
    let idle = idle(counts, prices, proofs)?;
    let priced = |quantities: Vec<(&'static str, f64)>| -> Result<Vec<Line>, CostError> {
        quantities.into_iter().map(|(id, quantity)| Ok(Line { id, quantity, usd: quantity * price(id)? })).collect()
    };
    Ok(Estimate {
        region: region.to_owned(),
        idle: priced(idle)?,
        incidents: priced(requests(&incidents, counts, prices)?)?,
        web_pages: priced(requests(&(counts.step("look")? * (usage.web_pages / WEB_PAGES_PER_LOOK)), counts, prices)?)?,
        texts,
        sms_jp: price("sms_jp")?,
        sms_us: price("sms_us")?,
        mail: price("mail")?,
        call_jp: price("call_jp")?,
    })
}

/// Everything that is asked of AWS, but the phones.
fn requests(count: &Count, counts: &Counts, prices: &Prices) -> Result<Vec<(&'static str, f64)>, CostError> {
    let assumed = &prices.assumptions;
    let invocations: f64 = count.invocations.values().sum();
    let mut gigabyte_milliseconds = 0.0;
    for (of, milliseconds) in
        [(&count.invocations, assumed.milliseconds_per_invocation), (&count.requests, assumed.milliseconds_per_request)]
    {
        for (function, times) in of {
            gigabyte_milliseconds += times * milliseconds * counts.memory_mb(function)? / MEGABYTES_PER_GB;
        }
    }
    let gigabytes = count.write_units * assumed.kilobytes_per_write_unit / KILOBYTES_PER_GB;
    let logged = invocations * assumed.log_bytes_per_invocation / BYTES_PER_GB;
    Ok(vec![
        ("dynamodb_write_units", count.write_units / MILLION),
        ("dynamodb_read_units", count.read_units / MILLION),
        ("dynamodb_storage", gigabytes),
        ("dynamodb_recovery", gigabytes),
        ("lambda_requests", invocations / MILLION),
        ("lambda_gb_seconds", gigabyte_milliseconds / 1_000.0 / MILLION),
        ("sqs_requests", count.messages * REQUESTS_PER_MESSAGE / MILLION),
        ("scheduler_invocations", count.schedules / MILLION),
        ("http_requests", count.http / MILLION),
        ("logs", logged),
        ("logs_storage", logged),
        ("traces", invocations / MILLION),
        ("mail", count.mails),
        ("mail_in", count.mails_in),
        ("s3_writes", count.mails_in / MILLION),
        ("s3_reads", count.objects / MILLION),
        ("s3_storage", count.mails_in * assumed.kilobytes_per_mail / KILOBYTES_PER_GB),
    ])
}

/// A month without incidents: the sweeper, the canary, people who prove their phones, and what is there anyway.
fn idle(counts: &Counts, prices: &Prices, proofs: Count) -> Result<Vec<(&'static str, f64)>, CostError> {
    let assumed = &prices.assumptions;
    let minutes = assumed.minutes_per_month;
    let deployment = &counts.deployment;
    let canaries = counts.step("canary")? * (minutes / deployment.canary_minutes);
    let beats = Count { schedules: deployment.beats * minutes, ..Count::default() };
    let asked = [("sweeper".to_owned(), deployment.watched * minutes)].into();
    let happening = beats
        + Count { requests: asked, ..Count::default() }
        + counts.step("minute")? * minutes
        + counts.step("day")? * DAYS_PER_MONTH
        + canaries
        + proofs;
    let mut lines = requests(&happening, counts, prices)?;
    let polls = deployment.polled_queues * assumed.polls_per_queue_and_minute * minutes / MILLION;
    let sent = deployment.beats * minutes / MILLION;
    lines.iter_mut().filter(|(id, _)| *id == "sqs_requests").for_each(|(_, quantity)| *quantity += polls + sent);
    lines.extend([
        ("alarm", deployment.alarms),
        ("metric", deployment.metrics),
        ("dashboard", deployment.dashboards),
        ("events", deployment.pings * minutes / MILLION),
        ("api_destinations", deployment.pings * minutes / MILLION),
        ("kms_requests", assumed.key_requests_per_minute * minutes / MILLION),
    ]);
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Estimate, Usage, estimate};
    use crate::cost::{Counts, Prices};

    /// What costs nothing by itself, or what another resource here stands for.
    const FREE: [&str; 34] = [
        "aws_acm_certificate",
        "aws_acm_certificate_validation",
        "aws_apigatewayv2_api_mapping",
        "aws_apigatewayv2_domain_name",
        "aws_apigatewayv2_integration",
        "aws_apigatewayv2_route",
        "aws_apigatewayv2_stage",
        "aws_cloudformation_stack",
        "aws_cloudwatch_event_bus_policy",
        "aws_cloudwatch_event_connection",
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_subscription_filter",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_lambda_alias",
        "aws_lambda_event_source_mapping",
        "aws_lambda_function_event_invoke_config",
        "aws_lambda_function_url",
        "aws_lambda_invocation",
        "aws_lambda_permission",
        "aws_route53_record",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_scheduler_schedule_group",
        "aws_ses_active_receipt_rule_set",
        "aws_ses_receipt_rule_set",
        "aws_sesv2_configuration_set",
        "aws_sesv2_configuration_set_event_destination",
        "aws_sesv2_email_identity_mail_from_attributes",
        "aws_sns_topic_policy",
    ];
    /// Standard parameters, and what SNS hands to Lambda and to mail, cost nothing.
    const FREE_OF_CHARGE: [&str; 5] =
        ["aws_sns_topic", "aws_sns_topic_subscription", "aws_ssm_parameter", "aws_sqs_queue_policy", "aws_sns_sms_preferences"];
    /// What is paid for, by what it is paid.
    const PRICED: [(&str, &[&str]); 13] = [
        ("aws_apigatewayv2_api", &["http_requests"]),
        ("aws_cloudwatch_dashboard", &["dashboard"]),
        ("aws_cloudwatch_event_api_destination", &["api_destinations"]),
        ("aws_cloudwatch_event_bus", &["events"]),
        ("aws_cloudwatch_log_group", &["logs", "logs_storage", "metric"]),
        ("aws_cloudwatch_metric_alarm", &["alarm"]),
        ("aws_dynamodb_table", &["dynamodb_write_units", "dynamodb_read_units", "dynamodb_storage", "dynamodb_recovery", "kms_requests"]),
        ("aws_lambda_function", &["lambda_requests", "lambda_gb_seconds", "traces"]),
        ("aws_s3_bucket", &["s3_writes", "s3_reads", "s3_storage"]),
        ("aws_scheduler_schedule", &["scheduler_invocations"]),
        ("aws_ses_receipt_rule", &["mail_in"]),
        ("aws_sesv2_email_identity", &["mail"]),
        ("aws_sqs_queue", &["sqs_requests"]),
    ];
    /// Told for one page.
    const PHONES: [&str; 3] = ["sms_jp", "sms_us", "call_jp"];

    /// The kinds of resources that are made below `folder`.
    fn made_below(folder: &std::path::Path, kinds: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with(".terraform") {
                made_below(&path, kinds);
            } else if path.extension().is_some_and(|extension| extension == "tf") {
                let text = std::fs::read_to_string(&path).unwrap();
                // What is not of AWS is Terraform's own.
                let kind = |line: &str| {
                    Some(line.strip_prefix("resource \"")?.split_once('"')?.0.to_owned()).filter(|kind| kind.starts_with("aws_"))
                };
                kinds.extend(text.lines().filter_map(kind));
            }
        }
    }

    #[test]
    fn nothing_that_is_used_is_unpriced_and_nothing_that_is_priced_is_unused() {
        let mut made = BTreeSet::new();
        made_below(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra"), &mut made);
        let known: BTreeSet<String> =
            FREE.iter().chain(&FREE_OF_CHARGE).copied().chain(PRICED.iter().map(|(kind, _)| *kind)).map(str::to_owned).collect();
        assert_eq!(known, made, "what infra/ makes is paid for, or free");
        let prices = Prices::kept().unwrap();
        let of_table: BTreeSet<&str> = prices.prices.iter().map(|price| price.id.as_str()).collect();
        let of_resources: BTreeSet<&str> = PRICED.iter().flat_map(|(_, ids)| ids.iter().copied()).chain(PHONES).collect();
        assert_eq!(of_resources, of_table);
        let estimate = made_of(&Usage { alerts: 2.0, pages: 2.0, by_mail: 0.5, people: 1.0, ..usage() });
        let reckoned = estimate.idle.iter().chain(&estimate.incidents).map(|line| (line.id, line.quantity));
        let used: BTreeSet<&str> = reckoned.filter(|(_, quantity)| *quantity > 0.0).map(|(id, _)| id).chain(PHONES).collect();
        // Mails to people are told for one page, as text messages are: what an incident sends is a choice of each person.
        let unused: Vec<&&str> = of_table.difference(&used).collect();
        assert_eq!(unused, [&"mail"]);
        assert!(estimate.mail > 0.0);
    }

    #[test]
    fn a_function_with_more_memory_costs_more_for_the_same_time() {
        let mut counts = Counts::kept().unwrap();
        let usage = Usage { by_mail: 1.0, ..usage() };
        let time = |counts: &Counts| {
            let made = estimate(counts, &Prices::kept().unwrap(), &usage, "us-east-1").unwrap();
            made.incidents.iter().find(|line| line.id == "lambda_gb_seconds").unwrap().usd
        };
        let before = time(&counts);
        *counts.deployment.memory_mb.get_mut("email-intake").unwrap() *= 2.0;
        assert!(time(&counts) > before);
        counts.deployment.memory_mb.clear();
        let error = estimate(&counts, &Prices::kept().unwrap(), &usage, "us-east-1").unwrap_err();
        assert!(error.to_string().starts_with("cli/src/cost/counts.json has no memory of"), "{error}");
    }

    fn usage() -> Usage {
        Usage { incidents: 1_000.0, alerts: 1.0, pages: 1.0, by_mail: 0.0, people: 0.0, web_pages: 0.0 }
    }

    fn made_of(usage: &Usage) -> Estimate {
        estimate(&Counts::kept().unwrap(), &Prices::kept().unwrap(), usage, "us-east-1").unwrap()
    }

    #[test]
    fn an_estimate_is_counts_times_prices() {
        let estimate = made_of(&usage());
        let counts = Counts::kept().unwrap();
        let units: f64 = ["open", "acknowledge", "resolve"].iter().map(|step| counts.steps[*step].write_units).sum();
        let line = estimate.incidents.iter().find(|line| line.id == "dynamodb_write_units").unwrap();
        assert!((line.usd - units * 1_000.0 / 1e6 * 0.625).abs() < 1e-9, "{line:?}");
        let alarms = estimate.idle.iter().find(|line| line.id == "alarm").unwrap();
        assert!((alarms.usd - counts.deployment.alarms * 0.10).abs() < 1e-9, "{alarms:?}");
    }

    #[test]
    fn more_of_anything_costs_more_and_twice_the_incidents_cost_twice() {
        let one = made_of(&usage());
        let sum = |estimate: &Estimate| Estimate::sum(&estimate.incidents);
        let twice = made_of(&Usage { incidents: 2_000.0, ..usage() });
        assert!((sum(&twice) - 2.0 * sum(&one)).abs() < 1e-9);
        assert_eq!(twice.idle, one.idle, "an idle month is idle");
        for more in [Usage { alerts: 5.0, ..usage() }, Usage { pages: 3.0, ..usage() }, Usage { by_mail: 0.5, ..usage() }] {
            assert!(sum(&made_of(&more)) > sum(&one), "{more:?}");
        }
        let (none, looked_at) = (Estimate::sum(&one.web_pages), made_of(&Usage { web_pages: 1_000.0, ..usage() }));
        assert!(none < f64::EPSILON && Estimate::sum(&looked_at.web_pages) > 0.0 && looked_at.idle == one.idle, "{looked_at:?}");
        let people = made_of(&Usage { people: 10.0, ..usage() });
        assert!(Estimate::sum(&people.idle) > Estimate::sum(&one.idle));
        assert!((one.texts, people.texts) == (1_000.0, 1_010.0), "one page each, and a proof of each person");
    }
}
