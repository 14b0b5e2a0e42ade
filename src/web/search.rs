//! `/search?q=`: deals, companies, quotes and articles.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use uuid::Uuid;

use super::{
    App,
    citation::{anchor, article_path, linked},
    error::WebError,
    figure::Figure,
    format,
    frame::{Frame, Section, page},
    params::{Params, address},
    query::Query,
    row::{DealRow, company_path, deal_path},
};
use crate::{
    db::{
        company_pages,
        search::{self, FoundArticle, FoundCompany, FoundQuote, HIT},
        timeline::DealFilter,
    },
    model::Category,
};

/// How many of each are shown.
const DEALS: i64 = 20;
const COMPANIES: i64 = 8;
const QUOTES: i64 = 8;
/// In the quotes of so many deals words are looked for, where the deals are narrowed.
const SEARCHED: i64 = 2000;
const ARTICLES: i64 = 15;
/// Longer queries are nobody's words.
const LONGEST: usize = 200;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    query: String,
    problems: Vec<String>,
    /// Where no deal holds the words, the company whose deals are shown in their place.
    instead: Option<String>,
    deals: Vec<DealRow>,
    /// The same deals on the timeline, as a feed, and to take along.
    all_deals: Elsewhere,
    companies: Vec<CompanyHit>,
    meant: Vec<CompanyHit>,
    quotes: Vec<QuoteHit>,
    articles: Vec<ArticleHit>,
}

/// Where else a list of deals is told.
struct Elsewhere {
    timeline: String,
    atom: String,
    csv: String,
    json: String,
}

impl Elsewhere {
    fn of(at: &dyn Fn(&str) -> String) -> Self {
        Self { timeline: at("/"), atom: at("/deals.atom"), csv: at("/deals.csv"), json: at("/deals.json") }
    }
}

struct QuoteHit {
    href: String,
    headline: String,
    text: Vec<Piece>,
    publisher: String,
    is_summary: bool,
    published: chrono::NaiveDate,
}

#[derive(Template)]
#[template(path = "_suggest.html")]
struct Suggestions {
    query: String,
    search: String,
    companies: Vec<CompanyHit>,
    deals: Vec<DealRow>,
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
    let Query { words, mut filter, narrowed } = Query::parse(&query);
    let mut found = SearchPage {
        frame: Frame::new(
            Section::Elsewhere,
            if query.is_empty() { "Search".to_owned() } else { format!("Search: {query}") },
        )
        .searching(&query),
        problems: filter.problems.iter().map(|problem| problem.sentence.clone()).collect(),
        instead: None,
        deals: Vec::new(),
        all_deals: Elsewhere::of(&|path| filter.at(path, &[])),
        companies: Vec::new(),
        meant: Vec::new(),
        quotes: Vec::new(),
        articles: Vec::new(),
        query,
    };
    if found.query.is_empty() {
        return page(&found);
    }
    let mut db = app.db().await?;
    let mut read = words.clone();
    if let Some(typed) = filter.company.clone() {
        if let Some(company) = company_pages::find(&mut db, &typed).await? {
            // In articles there are only its words to go by.
            read = format!("{read} \"{}\"", company.name);
            filter.deals.companies = Some(company.family);
        } else {
            found.problems.push(format!("No company here goes by “{typed}”."));
            filter.deals.companies = Some(Vec::new());
        }
    }
    let mut deals = search::deals(&mut db, &filter.deals, DEALS).await?;
    if !words.is_empty() {
        let companies = search::companies(&mut db, &words, COMPANIES).await?;
        let (exact, alike): (Vec<_>, Vec<_>) = companies.into_iter().partition(|company| company.exact);
        // A name that is misspelt: the deals of the company that is meant.
        if let Some(meant) = alike.first().filter(|_| deals.is_empty() && exact.is_empty() && !narrowed)
            && let Some(company) = company_pages::find(&mut db, &meant.slug).await?
        {
            let of_company = DealFilter { companies: Some(company.family), ..DealFilter::default() };
            deals = search::deals(&mut db, &of_company, DEALS).await?;
            if !deals.is_empty() {
                found.all_deals = Elsewhere::of(&|path| address(path, &[("company", &company.slug)]));
                found.instead = Some(company.name);
            }
        }
        found.companies = exact.into_iter().map(CompanyHit::of).collect();
        found.meant = alike.into_iter().map(CompanyHit::of).collect();
    }
    let read = read.trim();
    if !read.is_empty() {
        // What is asked of deals cannot be asked of articles; of quotes it can.
        let of_deals_only = filter.deals != of_articles(&filter.deals);
        let mut articles = Vec::new();
        let mut of_deals: Vec<Uuid> = deals.iter().map(|deal| deal.id).collect();
        if of_deals_only {
            of_deals = search::ids(&mut db, &DealFilter { text: None, ..filter.deals.clone() }, SEARCHED).await?;
        } else {
            let period = (filter.deals.from, filter.deals.to);
            articles = search::articles(&mut db, read, period, ARTICLES).await?;
        }
        let ids: Vec<Uuid> = articles.iter().map(|article| article.id).collect();
        let said = if of_deals_only { words.as_str() } else { read };
        let quotes = search::quotes(&mut db, said, &of_deals, &ids, QUOTES).await?;
        found.quotes = quotes.into_iter().map(QuoteHit::of).collect();
        found.articles = articles.into_iter().map(ArticleHit::of).collect();
    }
    found.deals = deals.iter().map(|deal| DealRow::new(deal).dated()).collect();
    page(&found)
}

/// What of a filter can be asked of articles too: words, companies by their names, and the time.
fn of_articles(deals: &DealFilter) -> DealFilter {
    DealFilter {
        text: deals.text.clone(),
        companies: deals.companies.clone(),
        from: deals.from,
        to: deals.to,
        ..DealFilter::default()
    }
}

/// How many companies, and deals of a company that is named exactly, are offered while a visitor types.
const OFFERED: i64 = 6;
const OFFERED_DEALS: i64 = 3;

/// `GET /search/suggest?q=`: what stands under the box while a visitor types; a piece of a page.
pub async fn suggest(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let params = Params::parse(query.as_deref());
    let query: String = params.get("q").unwrap_or_default().chars().take(LONGEST).collect();
    let (mut companies, mut deals) = (Vec::new(), Vec::new());
    if !query.is_empty() {
        let mut db = app.db().await?;
        companies = search::companies(&mut db, &query, OFFERED).await?;
        if let Some(company) = company_pages::find(&mut db, &query).await? {
            let of_company = DealFilter { companies: Some(company.family), ..DealFilter::default() };
            deals = search::deals(&mut db, &of_company, OFFERED_DEALS).await?;
        }
    }
    let suggestions = Suggestions {
        search: address("/search", &[("q", &query)]),
        companies: companies.into_iter().map(CompanyHit::of).collect(),
        deals: deals.iter().map(|deal| DealRow::new(deal).dated()).collect(),
        query,
    };
    Ok(([(header::CACHE_CONTROL, "public, max-age=60")], Html(suggestions.render()?)).into_response())
}

impl SearchPage {
    fn is_empty(&self) -> bool {
        self.deals.is_empty() && self.companies.is_empty() && self.quotes.is_empty() && self.articles.is_empty()
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

impl QuoteHit {
    fn of(found: FoundQuote) -> Self {
        Self {
            href: format!("{}#{}", deal_path(found.deal, &found.slug), anchor(found.claim)),
            headline: found.headline,
            text: pieces(&found.text),
            publisher: found.publisher,
            is_summary: found.is_summary,
            published: found.published.date_naive(),
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
