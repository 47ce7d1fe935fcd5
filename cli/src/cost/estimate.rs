//! What it comes to.

use serde::Serialize;

use super::{CostError, Count, Counts, Prices};

/// Memory of the functions on an incident's way (infra/modules/function), in GB.
const MEMORY_GB: f64 = 0.125;
/// What a message in a queue takes besides being put there: Lambda receives and deletes it.
const REQUESTS_PER_MESSAGE: f64 = 3.0;
const MILLION: f64 = 1e6;
const BYTES_PER_GB: f64 = 1e9;
const KILOBYTES_PER_GB: f64 = 1e6;
const DAYS_PER_MONTH: f64 = 30.4;

/// How much Hansho is used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Usage {
    /// Incidents in a month.
    pub incidents: f64,
    /// Alerts of one incident: the first, and those that repeat it.
    pub alerts: f64,
    /// Pages of one incident: the first person, and those it escalates to.
    pub pages: f64,
    /// People who prove once a month that they are reached.
    pub people: f64,
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
    let incidents = counts.step("open")? * usage.incidents
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
        incidents: priced(requests(&incidents, prices))?,
        texts,
        sms_jp: price("sms_jp")?,
        sms_us: price("sms_us")?,
        mail: price("mail")?,
        call_jp: price("call_jp")?,
    })
}

/// Everything that is asked of AWS, but the phones.
fn requests(count: &Count, prices: &Prices) -> Vec<(&'static str, f64)> {
    let assumed = &prices.assumptions;
    let invocations: f64 = count.invocations.values().sum();
    let asked: f64 = count.requests.values().sum();
    let milliseconds = invocations * assumed.milliseconds_per_invocation + asked * assumed.milliseconds_per_request;
    let gigabytes = count.write_units * assumed.kilobytes_per_write_unit / KILOBYTES_PER_GB;
    vec![
        ("dynamodb_write_units", count.write_units / MILLION),
        ("dynamodb_read_units", count.read_units / MILLION),
        ("dynamodb_storage", gigabytes),
        ("dynamodb_recovery", gigabytes),
        ("lambda_requests", invocations / MILLION),
        ("lambda_gb_seconds", milliseconds / 1_000.0 * MEMORY_GB / MILLION),
        ("sqs_requests", count.messages * REQUESTS_PER_MESSAGE / MILLION),
        ("scheduler_invocations", count.schedules / MILLION),
        ("http_requests", count.http / MILLION),
        ("logs", invocations * assumed.log_bytes_per_invocation / BYTES_PER_GB),
        ("traces", invocations / MILLION),
        ("mail", count.mails),
    ]
}

/// A month without incidents: the sweeper, the canary, people who prove their phones, and what is there anyway.
fn idle(counts: &Counts, prices: &Prices, proofs: Count) -> Result<Vec<(&'static str, f64)>, CostError> {
    let assumed = &prices.assumptions;
    let minutes = assumed.minutes_per_month;
    let deployment = &counts.deployment;
    let canaries = counts.step("canary")? * (minutes / deployment.canary_minutes);
    let beats = Count { schedules: deployment.beats * minutes, ..Count::default() };
    let happening = beats + counts.step("minute")? * minutes + counts.step("day")? * DAYS_PER_MONTH + canaries + proofs;
    let mut lines = requests(&happening, prices);
    let polls = deployment.polled_queues * assumed.polls_per_queue_and_minute * minutes / MILLION;
    let sent = deployment.beats * minutes / MILLION;
    lines.iter_mut().filter(|(id, _)| *id == "sqs_requests").for_each(|(_, quantity)| *quantity += polls + sent);
    lines.extend([
        ("alarm", deployment.alarms),
        ("metric", deployment.metrics),
        ("dashboard", deployment.dashboards),
        ("kms_requests", assumed.key_requests_per_minute * minutes / MILLION),
    ]);
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::{Estimate, Usage, estimate};
    use crate::cost::{Counts, Prices};

    fn usage() -> Usage {
        Usage { incidents: 1_000.0, alerts: 1.0, pages: 1.0, people: 0.0 }
    }

    fn made(usage: &Usage) -> Estimate {
        estimate(&Counts::kept().unwrap(), &Prices::kept().unwrap(), usage, "us-east-1").unwrap()
    }

    #[test]
    fn an_estimate_is_counts_times_prices() {
        let estimate = made(&usage());
        let counts = Counts::kept().unwrap();
        let units: f64 = ["open", "acknowledge", "resolve"].iter().map(|step| counts.steps[*step].write_units).sum();
        let line = estimate.incidents.iter().find(|line| line.id == "dynamodb_write_units").unwrap();
        assert!((line.usd - units * 1_000.0 / 1e6 * 0.625).abs() < 1e-9, "{line:?}");
        let alarms = estimate.idle.iter().find(|line| line.id == "alarm").unwrap();
        assert!((alarms.usd - counts.deployment.alarms * 0.10).abs() < 1e-9, "{alarms:?}");
    }

    #[test]
    fn more_of_anything_costs_more_and_twice_the_incidents_cost_twice() {
        let one = made(&usage());
        let sum = |estimate: &Estimate| Estimate::sum(&estimate.incidents);
        let twice = made(&Usage { incidents: 2_000.0, ..usage() });
        assert!((sum(&twice) - 2.0 * sum(&one)).abs() < 1e-9);
        assert_eq!(twice.idle, one.idle, "an idle month is idle");
        for more in [Usage { alerts: 5.0, ..usage() }, Usage { pages: 3.0, ..usage() }] {
            assert!(sum(&made(&more)) > sum(&one), "{more:?}");
        }
        let people = made(&Usage { people: 10.0, ..usage() });
        assert!(Estimate::sum(&people.idle) > Estimate::sum(&one.idle));
        assert!((one.texts, people.texts) == (1_000.0, 1_010.0), "one page each, and a proof of each person");
    }
}
