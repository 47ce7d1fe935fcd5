//! What a deployment costs: requests that were counted, times a table of prices. Both are data, and a test counts the requests anew.

mod count;
mod estimate;
mod price;
mod texts;

pub use count::{Count, Counts, Deployment};
pub use estimate::{Estimate, Line, Usage, estimate};
pub use price::{Assumptions, Price, Prices, REGIONS};
pub use texts::{ADDRESS, PageParts};

/// The data does not fit the code.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// A file of data can not be read.
    #[error("{file} can not be read: {message}")]
    Data {
        /// Which file.
        file: &'static str,
        /// Why.
        message: String,
    },
    /// There is no price.
    #[error("cli/src/cost/prices.json has no row {id:?} for {region}")]
    Price {
        /// Which row.
        id: String,
        /// Where.
        region: String,
    },
    /// Nothing was counted under this name.
    #[error("cli/src/cost/counts.json has no step {0:?}")]
    Step(String),
    /// A function was counted whose memory is not known.
    #[error("cli/src/cost/counts.json has no memory of the function {0:?}")]
    Memory(String),
}
