//! `/api/v1/search`: deals, companies and articles.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    asked::Asked,
    deals::shaped,
    params,
    problem::{FieldError, Problem},
    shapes::{Deal, article_url},
};
use crate::{
    db::{
        company_pages,
        search::{self, HIT},
    },
    web::{App, filter, query::Query},
};

/// What a search finds, the best of each first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found {
    /// Deals.
    pub deals: Vec<Deal>,
    /// Companies.
    pub companies: Vec<FoundCompany>,
    /// Articles.
    pub articles: Vec<FoundArticle>,
}

/// A company that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundCompany {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The spelling that was found, where it is another than the name.
    pub alias: Option<String>,
    /// Whether it is the name that was searched for, and not merely one alike.
    pub exact: bool,
}

/// An article that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundArticle {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    #[schema(format = "uri")]
    pub url: String,
    /// Its headline.
    pub title: String,
    /// Who published it.
    pub publisher: String,
    /// When it appeared.
    pub published: DateTime<Utc>,
    /// Pieces of it around the words.
    pub snippet: String,
}

/// Deals, companies and articles by words
#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(params::Search), responses(
    (status = 200, description = "What was found", body = Found),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
))]
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Found>, Problem> {
    let mut asked = Asked::parse(query.as_deref(), &["q", "limit"]);
    asked.done()?;
    if !asked.has("q") {
        let detail = "Say in q what is searched for.".to_owned();
        return Err(Problem::invalid(vec![FieldError { field: "q".to_owned(), detail }]));
    }
    let limit = i64::try_from(asked.limit).unwrap_or(i64::MAX);
    let mut found = Found { deals: Vec::new(), companies: Vec::new(), articles: Vec::new() };
    let Some(typed) = asked.get("q") else { return Ok(Json(found)) };
    // In the language of the search box: `company:`, `kind:`, `usd>1bn`.
    let Query { words, mut filter, .. } = Query::parse(typed);
    if !filter.problems.is_empty() {
        let of_query = |problem: filter::Problem| FieldError { field: "q".to_owned(), detail: problem.sentence };
        return Err(Problem::invalid(filter.problems.drain(..).map(of_query).collect()));
    }
    let mut db = app.connection().await?;
    let mut read = words.clone();
    if let Some(typed) = &filter.company {
        let company = company_pages::find(&mut db, typed).await?;
        // In articles there are only its words to go by.
        read = company.as_ref().map_or(read.clone(), |company| format!("{read} \"{}\"", company.name));
        filter.deals.companies = Some(company.map(|company| company.family).unwrap_or_default());
    }
    let deals = search::deals(&mut db, &filter.deals, limit).await?;
    found.deals = shaped(&app, &mut db, &deals, None).await?;
    let companies = if words.is_empty() { Vec::new() } else { search::companies(&mut db, &words, limit).await? };
    found.companies = companies
        .into_iter()
        .map(|company| FoundCompany {
            slug: company.slug,
            name: company.name,
            alias: company.alias,
            exact: company.exact,
        })
        .collect();
    let plain = |text: &str| text.replace([HIT.0, HIT.1], "");
    let read = read.trim();
    let period = (filter.deals.from, filter.deals.to);
    let articles = if read.is_empty() { Vec::new() } else { search::articles(&mut db, read, period, limit).await? };
    found.articles = articles
        .into_iter()
        .map(|article| FoundArticle {
            url: article_url(&app, article.id, article.url.as_deref()),
            id: article.id,
            title: plain(&article.title),
            publisher: if article.is_summary {
                format!("Wattline summary of {}", article.publisher)
            } else {
                article.publisher
            },
            published: article.published,
            snippet: plain(&article.snippet),
        })
        .collect();
    Ok(Json(found))
}
