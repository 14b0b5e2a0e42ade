//! What may be asked, for the description of the API; `Asked` reads it.
#![expect(dead_code, reason = "the fields are described here and read elsewhere")]

use chrono::NaiveDate;
use utoipa::IntoParams;

use super::words;

/// Which deals.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Deals {
    /// Words of headline, names and places; quotes, `OR` and a minus work as in a web search.
    #[param(max_length = 200)]
    q: Option<String>,
    /// A company by slug, name or alias, with all companies below it.
    #[param(max_length = 200)]
    company: Option<String>,
    /// A role.
    #[param(schema_with = words::part)]
    role: Option<String>,
    /// Kinds.
    #[param(schema_with = words::kinds)]
    kind: Option<Vec<String>>,
    /// Stages.
    #[param(schema_with = words::statuses)]
    status: Option<Vec<String>>,
    /// Dollars.
    #[param(schema_with = words::least_usd)]
    min_usd: Option<String>,
    /// Megawatts.
    #[param(schema_with = words::least_mw)]
    min_mw: Option<String>,
    /// From this day; of a month (2025-09) or year its first.
    from: Option<NaiveDate>,
    /// To this day; of a month or year its last.
    to: Option<NaiveDate>,
    /// A country.
    #[param(schema_with = words::country)]
    country: Option<String>,
    /// As the ledger was known at the end of this day; a time of RFC 3339 is read too.
    as_of: Option<NaiveDate>,
}

/// Order and place in a list of deals.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DealPage {
    /// The order; `date` where nothing is said.
    #[param(schema_with = words::sort)]
    sort: Option<String>,
    /// The place.
    #[param(schema_with = words::deal_cursor)]
    cursor: Option<String>,
}

/// A past time.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// As the ledger was known at the end of this day; a time of RFC 3339 is read too.
    as_of: Option<NaiveDate>,
}

/// Which companies.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Companies {
    /// A part of the name or of an alias.
    #[param(max_length = 200)]
    q: Option<String>,
    /// A category.
    #[param(schema_with = words::category)]
    category: Option<String>,
    /// A country.
    #[param(schema_with = words::country)]
    country: Option<String>,
    /// With what each owned on the days of the deals; `false`: each by itself.
    rollup: Option<bool>,
    /// Only what it does in this role.
    #[param(schema_with = words::part)]
    role: Option<String>,
    /// Only deals of these kinds.
    #[param(schema_with = words::kinds)]
    kind: Option<Vec<String>>,
    /// Only deals at these stages; without them rumors and cancelled deals add nothing.
    #[param(schema_with = words::statuses)]
    status: Option<Vec<String>>,
    /// At least so many firm dollars paid or received.
    #[param(schema_with = words::least_usd)]
    min_usd: Option<String>,
    /// At least so many megawatts.
    #[param(schema_with = words::least_mw)]
    min_mw: Option<String>,
    /// Only deals from this day.
    from: Option<NaiveDate>,
    /// Only deals to this day.
    to: Option<NaiveDate>,
    /// As the ledger was known at the end of this day; names and owners are today's.
    as_of: Option<NaiveDate>,
    /// The order; `pays` where nothing is said.
    #[param(schema_with = words::order)]
    sort: Option<String>,
    /// The place.
    #[param(schema_with = words::sum_cursor)]
    cursor: Option<String>,
}

/// Which deals a company's totals are of.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CompanyTotals {
    /// With what it owned on the days of the deals; `false`: itself alone.
    rollup: Option<bool>,
    /// Kinds.
    #[param(schema_with = words::kinds)]
    kind: Option<Vec<String>>,
    /// Stages; without them rumors and cancelled deals stay out.
    #[param(schema_with = words::statuses)]
    status: Option<Vec<String>>,
    /// From this day.
    from: Option<NaiveDate>,
    /// To this day.
    to: Option<NaiveDate>,
    /// As the ledger was known at the end of this day.
    as_of: Option<NaiveDate>,
}

/// Which flows of money.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Flows {
    /// A company that pays or is paid, by slug, name or alias; it stands for its topmost owner.
    #[param(max_length = 200)]
    company: Option<String>,
    /// Kinds.
    #[param(schema_with = words::kinds)]
    kind: Option<Vec<String>>,
    /// Stages; without them rumors and cancelled deals stay out.
    #[param(schema_with = words::statuses)]
    status: Option<Vec<String>>,
    /// The smallest flow.
    #[param(schema_with = words::least_usd)]
    min_usd: Option<String>,
    /// From this day.
    from: Option<NaiveDate>,
    /// To this day.
    to: Option<NaiveDate>,
}

/// Place in a list of flows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FlowPage {
    /// The place.
    #[param(schema_with = words::sum_cursor)]
    cursor: Option<String>,
}

/// How many.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Limit {
    /// How many entries.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Which articles or claims.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Articles {
    /// Words of headline and text.
    #[param(max_length = 200)]
    q: Option<String>,
    /// A company by slug, name or alias, with all companies below it.
    #[param(max_length = 200)]
    company: Option<String>,
    /// From this day on which it appeared.
    from: Option<NaiveDate>,
    /// To this day.
    to: Option<NaiveDate>,
    /// The place.
    #[param(schema_with = words::moment_cursor)]
    cursor: Option<String>,
}

/// Which claims.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Claims {
    /// A company by slug, name or alias, with all companies below it.
    #[param(max_length = 200)]
    company: Option<String>,
    /// Kinds.
    #[param(schema_with = words::kinds)]
    kind: Option<Vec<String>>,
    /// Stages.
    #[param(schema_with = words::statuses)]
    status: Option<Vec<String>>,
    /// From this day on which its article appeared.
    from: Option<NaiveDate>,
    /// To this day.
    to: Option<NaiveDate>,
    /// The place.
    #[param(schema_with = words::moment_cursor)]
    cursor: Option<String>,
}

/// What is searched for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// The words; quotes, `OR` and a minus work as in a web search, and a misspelt name is found.
    #[param(max_length = 200)]
    q: String,
    /// How many of each.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}
