//! What a request asks for. The API is strict where a page is lenient: a field that it does not know and a value that
//! it cannot read are told, and nothing is answered in their place.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::problem::{FieldError, Problem};
use crate::{
    db::{company_pages, timeline::DealFilter},
    ledger::totals::Wanted,
    web::filter::Filter,
};

/// How many entries a list has where nothing is said, and at most.
const USUAL: usize = 50;
const MOST: usize = 200;
/// Longer words are nobody's.
const LONGEST: usize = 200;

/// A query that has been read.
#[derive(Debug)]
pub struct Asked {
    /// The fields that the pages know too.
    pub filter: Filter,
    /// How many entries are wanted.
    pub limit: usize,
    pairs: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Asked {
    /// Reads a query in which these fields may stand. Some fields need further reading; `done` says whether all is well.
    pub fn parse(query: Option<&str>, fields: &[&str]) -> Self {
        let query = query.unwrap_or_default();
        let mut errors = Vec::new();
        let mut limit = USUAL;
        let mut pairs = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let (name, value) = (name.into_owned(), value.replace('\0', "").trim().to_owned());
            let mut wrong = |detail: String| errors.push(FieldError { field: name.clone(), detail });
            if !fields.contains(&name.as_str()) {
                wrong(format!("There is no field “{name}” here; those that there are: {}.", fields.join(", ")));
            } else if name == "limit" {
                match value.parse() {
                    Ok(number @ 1..=MOST) => limit = number,
                    _ => wrong(format!("“{value}” is no number of entries; it is from 1 to {MOST}.")),
                }
            } else if value.is_empty() && !["q", "company"].contains(&name.as_str()) {
                wrong(format!("“{name}” is empty; leave it out where it does not matter."));
            } else if value.chars().count() > LONGEST {
                wrong(format!("“{name}” is longer than {LONGEST} characters."));
            }
            pairs.push((name, value));
        }
        // The cursors of other lists are read by those.
        let of_deals = pairs.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
        let shared = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(of_deals).finish();
        let filter = Filter::read(&shared);
        errors.extend(filter.problems.iter().cloned().map(FieldError::from));
        Self { filter, limit, pairs, errors }
    }

    /// The same for a list of deals, whose order and cursor are those of the timeline.
    pub fn deals(query: Option<&str>, fields: &[&str]) -> Self {
        let mut asked = Self::parse(query, fields);
        let order = asked.pairs.iter().filter(|(name, _)| ["sort", "cursor"].contains(&name.as_str()));
        let order = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(order).finish();
        let Filter { sort, cursor, problems, .. } = Filter::read(&order);
        asked.filter.sort = sort;
        asked.filter.cursor = cursor;
        asked.errors.extend(problems.into_iter().map(FieldError::from));
        asked
    }

    /// The last value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .rev()
            .find(|(field, value)| field == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Whether a field is there, empty or not.
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(field, _)| field == name)
    }

    /// The value of a field, read by `read`; a value that cannot be read is noted.
    pub fn read<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Option<T>, expected: &str) -> Option<T> {
        let value = self.get(name)?.to_owned();
        let found = read(&value);
        if found.is_none() {
            let detail = format!("“{value}” cannot be read; {name} is {expected}.");
            self.errors.push(FieldError { field: name.to_owned(), detail });
        }
        found
    }

    /// A switch that is on where nothing is said.
    pub fn switch(&mut self, name: &str) -> bool {
        let read = |value: &str| match value {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        self.read(name, read, "true or false").unwrap_or(true)
    }

    /// Whether all of it could be read.
    pub fn done(&mut self) -> Result<(), Problem> {
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::invalid(std::mem::take(&mut self.errors))) }
    }

    /// The filter of deals, with the company's family filled in. A company that nobody knows has no deals.
    pub async fn deal_filter(&self, db: &mut PgConnection) -> sqlx::Result<DealFilter> {
        company_pages::narrowed(db, &self.filter.deals, self.filter.company.as_deref()).await
    }

    /// Takes off what was read beyond a page; the page's last entry, where another page follows.
    pub fn cut<'a, T>(&self, found: &'a mut Vec<T>) -> Option<&'a T> {
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        found.last().filter(|_| more)
    }

    /// The same as what totals are asked by.
    pub fn wanted(&self, rolled: bool) -> Wanted {
        let deals = &self.filter.deals;
        Wanted { rolled, from: deals.from, to: deals.to, kinds: deals.kinds.clone(), statuses: deals.statuses.clone() }
    }
}

/// What each list reads itself.
const OWN: [&str; 5] = ["sort", "cursor", "limit", "category", "rollup"];

/// A place in a list by time: microseconds and an id.
pub fn moment_cursor(text: &str) -> Option<(DateTime<Utc>, Uuid)> {
    let (micros, id) = text.split_once('_')?;
    Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, Uuid::parse_str(id).ok()?))
}

/// The same as a query names it.
pub fn moment_cursor_text(at: DateTime<Utc>, id: Uuid) -> String {
    format!("{}_{}", at.timestamp_micros(), id.simple())
}
