//! `hansho oncall report`: the hours of a month as a table, as CSV or as JSON.

use clap::{Args, ValueEnum};
use hansho_domain::{AllowanceLine, AllowanceReport, Language};

use super::OnCallError;
use crate::commands::{
    client::{Client, ServerArguments, query},
    columns::columns,
    language::LanguageArgument,
    print,
};

/// What Excel needs to read a file as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For spreadsheets
    Csv,
    /// For programs: seconds, and both ways of counting
    Json,
}

/// Arguments of `hansho oncall report`.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// The month: 2026-12
    #[arg(long, value_name = "MONTH")]
    month: String,
    /// The clock of the month and of its classes, such as Asia/Tokyo; each schedule's own otherwise
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// One line a person and schedule; without it an hour on call in two schedules counts once
    #[arg(long)]
    by_schedule: bool,
    /// How it is written
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    language: LanguageArgument,
    /// Begin CSV with a byte order mark: Excel reads Japanese names then  (Excel 用 BOM)
    #[arg(long)]
    bom: bool,
    #[command(flatten)]
    server: ServerArguments,
}

pub(super) async fn run(asked: &ReportArguments) -> Result<(), OnCallError> {
    let pairs = [("month", Some(asked.month.clone())), ("time_zone", asked.time_zone.clone())];
    let answer = Client::new(&asked.server)?.get(&format!("/oncall/report{}", query(&pairs))).await?;
    if asked.format == Format::Json {
        print(&format!("{answer:#}\n"));
        return Ok(());
    }
    let report: AllowanceReport = serde_json::from_value(answer).map_err(super::SourceError::Answer)?;
    // What a spreadsheet or a script takes apart has the same names in every language.
    let language = if asked.format == Format::Csv { Language::En } else { asked.language.language };
    let rows = rows(&report, asked.by_schedule, language);
    print(&match asked.format {
        Format::Csv => format!("{}{}", if asked.bom { BYTE_ORDER_MARK } else { "" }, csv(&rows)),
        Format::Table | Format::Json if rows.len() == 1 => match language {
            Language::En => format!("Nobody was on call in {}.\n", report.month),
            Language::Ja => format!("{} に当番はありません。\n", report.month),
        },
        Format::Table | Format::Json => columns(&rows),
    });
    Ok(())
}

fn rows(report: &AllowanceReport, by_schedule: bool, language: Language) -> Vec<Vec<String>> {
    let lines = if by_schedule { &report.by_schedule } else { &report.people };
    let (who, schedule, sums) = match language {
        Language::En => (["month", "user", "name"], "schedule", ["total_hours", "pages_answered"]),
        Language::Ja => (["月", "担当者", "氏名"], "当番表", ["合計時間", "応答した呼び出し"]),
    };
    let mut heading: Vec<String> = who.map(str::to_owned).to_vec();
    heading.extend(by_schedule.then(|| schedule.to_owned()));
    heading.extend(report.classes.iter().map(|class| match language {
        Language::En => format!("{class}_hours"),
        Language::Ja => format!("{class} (時間)"),
    }));
    heading.extend(sums.map(str::to_owned));
    let row = |line: &AllowanceLine| {
        let mut row = vec![report.month.clone(), line.user.to_string(), line.name.clone()];
        row.extend(line.schedule.as_ref().filter(|_| by_schedule).map(ToString::to_string));
        row.extend(line.seconds.iter().map(|seconds| hours(*seconds)));
        row.extend([hours(line.total_seconds), line.pages_answered.to_string()]);
        row
    };
    std::iter::once(heading).chain(lines.iter().map(row)).collect()
}

/// Hours with two decimals, the half rounded up.
fn hours(seconds: u64) -> String {
    let hundredths = (seconds + 18) / 36;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// CSV (RFC 4180). What a spreadsheet would take for a formula stands behind an apostrophe (OWASP, "CSV Injection").
fn csv(rows: &[Vec<String>]) -> String {
    let cell = |cell: &String| {
        let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let text = if is_formula { format!("'{cell}") } else { cell.clone() };
        if text.contains(['"', ',', '\n', '\r']) || is_formula { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
    };
    rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n").collect()
}

#[cfg(test)]
mod tests {
    use super::{csv, hours};

    #[test]
    fn hours_have_two_decimals_and_add_up() {
        for (seconds, expected) in
            [(0, "0.00"), (3_600, "1.00"), (5_400, "1.50"), (60, "0.02"), (744 * 3_600, "744.00"), (17, "0.00"), (18, "0.01")]
        {
            assert_eq!(hours(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn no_name_is_a_formula_and_none_breaks_its_line() {
        let rows = [
            vec!["=HYPERLINK(\"x\")".to_owned(), "Ito, \"Jo\"".to_owned(), "佐藤 愛子".to_owned()],
            vec!["-1".to_owned(), "@x".to_owned(), "a\nb".to_owned()],
        ];
        assert_eq!(csv(&rows), "\"'=HYPERLINK(\"\"x\"\")\",\"Ito, \"\"Jo\"\"\",佐藤 愛子\r\n\"'-1\",\"'@x\",\"a\nb\"\r\n");
    }
}
