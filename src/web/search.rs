//! `/search?q=`: deals, companies and articles.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};

use super::{
    App,
    citation::{article_path, linked},
    error::WebError,
    figure::Figure,
    format,
    frame::{Frame, Section, page},
    params::{Params, address},
    row::{DealRow, company_path},
};
use crate::{
    db::search::{self, FoundArticle, FoundCompany, HIT},
    model::Category,
};

/// How many of each are shown.
const DEALS: i64 = 20;
const COMPANIES: i64 = 8;
const ARTICLES: i64 = 15;
/// Longer queries are nobody's words.
const LONGEST: usize = 200;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    query: String,
    deals: Vec<DealRow>,
    all_deals: String,
    companies: Vec<CompanyHit>,
    meant: Vec<CompanyHit>,
    articles: Vec<ArticleHit>,
}

struct CompanyHit {
    href: String,
    name: String,
    alias: Option<String>,
    category: &'static str,
    deals: i64,
    pays: Option<Figure>,
    paid: Option<Figure>,
}

struct ArticleHit {
    href: String,
    page: String,
    title: Vec<Piece>,
    snippet: Vec<Piece>,
    publisher: String,
    is_summary: bool,
    published: chrono::NaiveDate,
}

/// A piece of a text: a hit, or what stands between hits.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    hit: bool,
}

/// `GET /search`
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let params = Params::parse(query.as_deref());
    let query: String = params.get("q").unwrap_or_default().chars().take(LONGEST).collect();
    let mut found = SearchPage {
        frame: Frame::new(
            Section::Elsewhere,
            if query.is_empty() { "Search".to_owned() } else { format!("Search: {query}") },
        )
        .searching(&query),
        deals: Vec::new(),
        all_deals: address("/", &[("q", &query)]),
        companies: Vec::new(),
        meant: Vec::new(),
        articles: Vec::new(),
        query,
    };
    if !found.query.is_empty() {
        let mut db = app.db().await?;
        let deals = search::deals(&mut db, &found.query, DEALS).await?;
        found.deals = deals.iter().map(|deal| DealRow::new(deal).dated()).collect();
        let companies = search::companies(&mut db, &found.query, COMPANIES).await?;
        let (exact, alike): (Vec<_>, Vec<_>) = companies.into_iter().partition(|company| company.exact);
        found.companies = exact.into_iter().map(CompanyHit::of).collect();
        found.meant = alike.into_iter().map(CompanyHit::of).collect();
        let articles = search::articles(&mut db, &found.query, ARTICLES).await?;
        found.articles = articles.into_iter().map(ArticleHit::of).collect();
    }
    page(&found)
}

impl SearchPage {
    fn is_empty(&self) -> bool {
        self.deals.is_empty() && self.companies.is_empty() && self.articles.is_empty()
    }
}

impl CompanyHit {
    fn of(found: FoundCompany) -> Self {
        Self {
            href: company_path(&found.slug),
            name: found.name,
            alias: found.alias,
            category: found.category.parse().map_or("other", Category::label),
            deals: found.deals,
            pays: found.pays.map(Figure::usd),
            paid: found.paid.map(Figure::usd),
        }
    }
}

impl ArticleHit {
    fn of(found: FoundArticle) -> Self {
        let page = article_path(found.id);
        Self {
            href: found.url.as_deref().and_then(linked).unwrap_or_else(|| page.clone()),
            page,
            title: pieces(&found.title),
            snippet: pieces(&found.snippet),
            publisher: found.publisher,
            is_summary: found.is_summary,
            published: found.published.date_naive(),
        }
    }
}

/// A snippet in pieces, so that the template escapes each by itself.
fn pieces(snippet: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (at, part) in snippet.split(HIT.0).enumerate() {
        let (hit, rest) = if at == 0 { ("", part) } else { part.split_once(HIT.1).unwrap_or(("", part)) };
        for (text, hit) in [(hit, true), (rest, false)] {
            if !text.is_empty() {
                pieces.push(Piece { text: text.replace(HIT.1, ""), hit });
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_told_from_the_rest_whatever_the_text_holds() {
        let shown =
            |snippet: &str| pieces(snippet).into_iter().map(|piece| (piece.text, piece.hit)).collect::<Vec<_>>();
        assert_eq!(
            shown("a \u{e000}b\u{e001} <i>c"),
            [("a ".into(), false), ("b".into(), true), (" <i>c".into(), false)]
        );
        assert_eq!(shown("\u{e001}x\u{e000}y"), [("x".to_owned(), false), ("y".to_owned(), false)]);
        assert!(shown("").is_empty());
    }
}
