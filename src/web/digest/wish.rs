//! What a form asks for: a filter as the timeline has it, and when and how.

use chrono_tz::Tz;
use sqlx::PgConnection;

use super::super::{error::WebError, filter::Filter, params::Params};
use crate::{
    db::company_pages,
    model::{Preferences, Wish},
};

/// A filter that was understood: as an address has it, and as it is stored.
pub struct Wanted {
    /// Without its question mark; empty: everything.
    pub query: String,
    /// What it means.
    pub wish: Wish,
}

/// Reads the filter of a form; otherwise the sentences that say what is wrong. A period is left out: a digest is of its own
/// time.
pub async fn wanted(db: &mut PgConnection, form: &str) -> Result<Result<Wanted, Vec<String>>, WebError> {
    let filter = Filter::parse(form);
    let mut problems: Vec<String> = filter.problems.iter().map(|problem| problem.sentence.clone()).collect();
    let mut wish = Wish { deals: filter.deals.clone(), companies: Vec::new() };
    (wish.deals.from, wish.deals.to, wish.deals.as_of) = (None, None, None);
    if let Some(typed) = &filter.company {
        match company_pages::find(db, typed).await? {
            Some(found) => wish.companies.push(found.slug),
            None => problems.push(format!("No company here goes by “{typed}”.")),
        }
    }
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    Ok(Ok(Wanted { query: lasting(&filter), wish }))
}

/// What of a filter is about deals at any time, as an address has it: without a period, and without how a page shows them.
pub fn lasting(filter: &Filter) -> String {
    let passing = ["from", "to", "as_of", "sort", "measure", "stack", "cursor"].map(|field| (field, ""));
    filter.with(&passing).split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
}

/// Reads when and how, over what was so far. What cannot be read is named in a sentence.
pub fn preferences(form: &Params, mut wanted: Preferences) -> Result<Preferences, String> {
    if let Some(cadence) = form.get("cadence") {
        wanted.cadence = cadence.parse().map_err(|_| "It can come weekly, daily or instant.".to_owned())?;
    }
    if let Some(weekday) = form.get("weekday") {
        let weekday = weekday.parse().ok().filter(|day| (1..=7).contains(day));
        wanted.weekday = weekday.ok_or("Choose one of the seven days of the week.")?;
    }
    if let Some(hour) = form.get("hour") {
        let hour = hour.trim_end_matches(":00").parse().ok().filter(|hour| *hour < 24);
        wanted.hour = hour.ok_or("Choose an hour from 0 to 23.")?;
    }
    if let Some(zone) = form.get("zone") {
        wanted.zone = zone.replace(' ', "_").parse::<Tz>().map_err(|_| {
            format!("“{zone}” is not a time zone that is known here; try UTC, Europe/Berlin or America/New_York.")
        })?;
    }
    if let Some(format) = form.get("format") {
        wanted.format = format.parse().map_err(|_| "It can be HTML and text, or text alone.".to_owned())?;
    }
    Ok(wanted)
}
