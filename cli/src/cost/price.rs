//! The table of prices: data with its source and its date, a row for each price and Region.

use serde::{Deserialize, Serialize};

use super::CostError;

/// The Regions whose prices are known.
pub const REGIONS: [&str; 2] = ["ap-northeast-1", "us-east-1"];

const FILE: &str = "cli/src/cost/prices.json";

/// Prices, and what is assumed where nothing can be counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// What is assumed.
    pub assumptions: Assumptions,
    /// The prices.
    pub prices: Vec<Price>,
}

/// A price in one Region, in US dollars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of what.
    pub id: String,
    /// Where.
    pub region: String,
    /// How much, in US dollars.
    pub usd: f64,
    /// For how much of it.
    pub unit: String,
    /// Who says so.
    pub source: String,
    /// As of when.
    pub date: String,
    /// Whether it was read where AWS publishes it.
    pub verified: bool,
}

/// What an emulator can not show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumptions {
    /// How long a function runs that asks nobody.
    pub milliseconds_per_invocation: f64,
    /// How much longer for each request to AWS.
    pub milliseconds_per_request: f64,
    /// How much an invocation logs, with what Lambda adds.
    pub log_bytes_per_invocation: f64,
    /// How much stays of what is written.
    pub kilobytes_per_write_unit: f64,
    /// How large a mail is that comes in.
    pub kilobytes_per_mail: f64,
    /// How often Lambda asks an empty queue.
    pub polls_per_queue_and_minute: f64,
    /// How often the key of the table is asked for.
    pub key_requests_per_minute: f64,
    /// Of a month of average length.
    pub minutes_per_month: f64,
    /// Why.
    pub source: String,
    /// As of when.
    pub date: String,
    /// Whether it was measured in an account.
    pub verified: bool,
}

impl Prices {
    /// The table that comes with this version.
    ///
    /// # Errors
    /// The file is broken.
    pub fn kept() -> Result<Self, CostError> {
        serde_json::from_str(include_str!("prices.json")).map_err(|error| CostError::Data { file: FILE, message: error.to_string() })
    }

    /// The price of `id` in `region`, in US dollars.
    ///
    /// # Errors
    /// There is none.
    pub fn of(&self, id: &str, region: &str) -> Result<f64, CostError> {
        let found = self.row(id, region);
        found.map(|price| price.usd).ok_or_else(|| CostError::Price { id: id.to_owned(), region: region.to_owned() })
    }

    /// The row of a price.
    pub fn row(&self, id: &str, region: &str) -> Option<&Price> {
        self.prices.iter().find(|price| price.id == id && price.region == region)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Prices, REGIONS};

    #[test]
    fn every_price_is_known_once_in_every_region_with_its_source_and_its_date() {
        let prices = Prices::kept().unwrap();
        let ids: BTreeSet<&str> = prices.prices.iter().map(|price| price.id.as_str()).collect();
        for id in &ids {
            for region in REGIONS {
                let found: Vec<_> = prices.prices.iter().filter(|price| price.id == *id && price.region == region).collect();
                assert_eq!(found.len(), 1, "{id} in {region}");
                assert!(found[0].usd > 0.0 && !found[0].source.is_empty() && found[0].date.starts_with("20"), "{:?}", found[0]);
            }
        }
        assert_eq!(prices.prices.len(), ids.len() * REGIONS.len());
        assert!(prices.of("gold", "us-east-1").unwrap_err().to_string().contains("no row \"gold\" for us-east-1"));
    }
}
