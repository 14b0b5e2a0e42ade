//! `/api/v1/articles` and `/api/v1/claims`.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    asked::{Asked, moment_cursor, moment_cursor_text},
    params,
    problem::Problem,
    shapes::{Claim, article_url, publisher},
    words,
};
use crate::{
    db::article_list::{self, ArticleWish, ListedArticle},
    model::{Kind, Rank},
    web::App,
};

/// A page of articles.
#[derive(Debug, Serialize, ToSchema)]
pub struct Articles {
    /// The articles, the latest first.
    pub articles: Vec<Article>,
    /// What `cursor` has to be for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// An article.
#[derive(Debug, Serialize, ToSchema)]
pub struct Article {
    /// Its id.
    pub id: Uuid,
    /// Where it stands; its page here, where it came without an address.
    #[schema(format = "uri")]
    pub url: String,
    /// Its headline.
    pub title: String,
    /// Who published it; of a summary of Wattline's own, what it sums up.
    pub publisher: String,
    /// How far it is trusted: `primary`, `trade`, `press` or `aggregator`.
    #[schema(value_type = String)]
    pub rank: Rank,
    /// When it appeared.
    pub published: DateTime<Utc>,
    /// The deals that were found in it.
    pub deals: Vec<Uuid>,
}

impl Article {
    /// An article of a list.
    pub fn of(app: &App, listed: ListedArticle) -> Self {
        let article = listed.article;
        Self {
            id: article.id,
            url: article_url(app, article.id, article.url.as_deref()),
            publisher: publisher(&article),
            title: article.title,
            rank: article.rank,
            published: article.published,
            deals: listed.deals,
        }
    }
}

/// A page of claims.
#[derive(Debug, Serialize, ToSchema)]
pub struct Claims {
    /// The claims, the latest first.
    pub claims: Vec<ListedClaim>,
    /// What `cursor` has to be for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// What one article says of one deal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedClaim {
    /// Its id.
    pub id: Uuid,
    /// The deal that rests on it; null where it has not been weighed yet.
    pub deal: Option<Uuid>,
    /// What is transacted.
    #[schema(schema_with = words::kind)]
    pub kind: Kind,
    /// What it says.
    #[serde(flatten)]
    pub claim: Claim,
}

const ARTICLES: [&str; 6] = ["q", "company", "from", "to", "cursor", "limit"];
const CLAIMS: [&str; 7] = ["company", "kind", "status", "from", "to", "cursor", "limit"];

/// Articles, the latest first
#[utoipa::path(get, path = "/api/v1/articles", tag = "articles", params(params::Articles, params::Limit), responses(
    (status = 200, description = "A page of articles", body = Articles),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
))]
pub async fn articles(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Articles>, Problem> {
    let mut asked = Asked::parse(query.as_deref(), &ARTICLES);
    let after = asked.read("cursor", moment_cursor, "the next_cursor of the page before");
    asked.done()?;
    let mut db = app.connection().await?;
    let wish = ArticleWish::of(&asked.deal_filter(&mut db).await?);
    let mut found = article_list::articles(&mut db, &wish, after, asked.limit + 1).await?;
    let next_cursor = asked.cut(&mut found).map(|last| moment_cursor_text(last.article.published, last.article.id));
    Ok(Json(Articles { articles: found.into_iter().map(|listed| Article::of(&app, listed)).collect(), next_cursor }))
}

/// What articles say of deals, the latest first
#[utoipa::path(get, path = "/api/v1/claims", tag = "articles", params(params::Claims, params::Limit), responses(
    (status = 200, description = "A page of claims", body = Claims),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
))]
pub async fn claims(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Claims>, Problem> {
    let mut asked = Asked::parse(query.as_deref(), &CLAIMS);
    let after = asked.read("cursor", moment_cursor, "the next_cursor of the page before");
    asked.done()?;
    let mut db = app.connection().await?;
    let filter = asked.deal_filter(&mut db).await?;
    let mut found = article_list::claims(&mut db, &filter, after, asked.limit + 1).await?;
    let next_cursor = asked.cut(&mut found).map(|last| moment_cursor_text(last.told.article.published, last.told.id));
    let claims = found
        .iter()
        .map(|listed| ListedClaim {
            id: listed.told.id,
            deal: listed.deal.as_ref().map(|(id, _)| *id),
            kind: listed.told.claim.kind,
            claim: Claim::of(&app, &listed.told, listed.deal.as_ref().map(|(_, deal)| deal)),
        })
        .collect();
    Ok(Json(Claims { claims, next_cursor }))
}
