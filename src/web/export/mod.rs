//! What leaves the ledger: lists as CSV, JSON, Atom and iCalendar under the same filter, charts to be embedded,
//! citations, and the whole as open data.

mod atom;
mod calendar;
mod cite;
pub mod columns;
mod companies;
mod data;
mod deals;
mod embed;
mod news;
pub mod snapshot;
mod sources;
mod stream;

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use sqlx::PgConnection;

use super::{App, error::WebError, filter::Filter};
use crate::{db::company_pages, model::DealFilter};

/// The exports.
pub fn router() -> Router<App> {
    Router::new()
        .route("/deals.csv", get(deals::csv))
        .route("/deals.json", get(deals::json))
        .route("/deals.atom", get(deals::atom))
        .route("/deals.ics", get(calendar::get))
        .route("/companies.csv", get(companies::csv))
        .route("/companies.json", get(companies::json))
        .route("/companies.atom", get(companies::atom))
        .route("/news.csv", get(news::csv))
        .route("/news.json", get(news::json))
        .route("/news.atom", get(news::atom))
        .route("/sources.csv", get(sources::csv))
        .route("/sources.json", get(sources::json))
        .route("/deals/{id}/cite/{format}", get(cite::get))
        .route("/embed/timeline", get(embed::get))
        .route("/data", get(data::get))
        .route("/data/{file}", get(data::file))
}

/// A file to be kept, of a name.
fn attachment(content_type: &'static str, name: &str, body: impl IntoResponse) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body)
        .into_response()
}

/// An export's deals: the filter with the company's family filled in.
async fn resolved(db: &mut PgConnection, filter: &Filter) -> sqlx::Result<DealFilter> {
    company_pages::narrowed(db, &filter.deals, filter.company.as_deref()).await
}

/// The filter of an export: what a page shows with a remark, an export does not answer at all.
fn asked(query: Option<&str>) -> Result<Filter, WebError> {
    let filter = Filter::parse(query.unwrap_or_default());
    if filter.problems.is_empty() {
        return Ok(filter);
    }
    let sentences: Vec<&str> = filter.problems.iter().map(|problem| problem.sentence.as_str()).collect();
    Err(WebError::Invalid(sentences.join(" ")))
}
