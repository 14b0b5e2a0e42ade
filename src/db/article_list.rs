//! Articles and claims under a filter, as the interface and the exports list them.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder, types::Json};
use uuid::Uuid;

use super::{
    articles::{self, Origin, SummaryOf},
    deal_page::{Cited, Told},
    parsed,
    timeline::DealFilter,
};
use crate::model::{Claim, Deal};

/// Which articles are wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArticleWish {
    /// Words of headline and text, in the language of web searches.
    pub text: Option<String>,
    /// Slugs of which one must be a party's of a deal that was found in it.
    pub companies: Option<Vec<String>>,
    /// From this day.
    pub from: Option<NaiveDate>,
    /// To this day.
    pub to: Option<NaiveDate>,
}

impl ArticleWish {
    /// The same words, companies and days as of deals.
    pub fn of(filter: &DealFilter) -> Self {
        Self { text: filter.text.clone(), companies: filter.companies.clone(), from: filter.from, to: filter.to }
    }
}

/// An article of the list.
#[derive(Debug, Clone)]
pub struct ListedArticle {
    /// The article.
    pub article: Cited,
    /// The deals that were found in it.
    pub deals: Vec<Uuid>,
}

#[derive(FromRow)]
struct ArticleRow {
    id: Uuid,
    title: String,
    url: Option<String>,
    publisher: String,
    rank: String,
    origin: String,
    published: DateTime<Utc>,
    summary_of: Json<Vec<SummaryOf>>,
}

impl ArticleRow {
    fn cited(self) -> sqlx::Result<Cited> {
        Ok(Cited {
            id: self.id,
            title: self.title,
            url: self.url,
            publisher: self.publisher,
            rank: articles::rank(&self.rank)?,
            is_summary: parsed(self.origin.parse::<Origin>())? == Origin::Archive,
            summary_of: self.summary_of.0,
            published: self.published,
        })
    }
}

/// Up to `limit` articles, the latest first, those after `after`.
pub async fn articles(
    db: &mut PgConnection,
    wish: &ArticleWish,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: usize,
) -> sqlx::Result<Vec<ListedArticle>> {
    #[derive(FromRow)]
    struct Row {
        #[sqlx(flatten)]
        article: ArticleRow,
        deals: Vec<Uuid>,
    }
    let mut query = QueryBuilder::new(
        "SELECT a.id, a.title, a.url, a.publisher, a.rank, a.origin, a.published, a.summary_of,
                ARRAY(SELECT DISTINCT dc.deal_id FROM claims c JOIN deal_claims dc ON dc.claim_id = c.id
                      WHERE c.article_id = a.id AND c.superseded_at IS NULL ORDER BY 1) AS deals
         FROM articles a WHERE TRUE",
    );
    if let Some(text) = &wish.text {
        query.push(" AND a.search @@ websearch_to_tsquery('wattline', ").push_bind(text.clone()).push(")");
    }
    if let Some(companies) = &wish.companies {
        query
            .push(
                " AND EXISTS (SELECT FROM claims c JOIN claim_companies cc ON cc.claim_id = c.id
                              WHERE c.article_id = a.id AND c.superseded_at IS NULL AND cc.company = ANY(",
            )
            .push_bind(companies.clone())
            .push("))");
    }
    since(&mut query, "a.published", wish.from, wish.to);
    if let Some((published, id)) = after {
        query.push(" AND (a.published, a.id) < (").push_bind(published).push(", ").push_bind(id).push(")");
    }
    query.push(" ORDER BY a.published DESC, a.id DESC LIMIT ").push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows: Vec<Row> = query.build_query_as().fetch_all(db).await?;
    rows.into_iter().map(|row| Ok(ListedArticle { article: row.article.cited()?, deals: row.deals })).collect()
}

/// A claim of the list.
#[derive(Debug, Clone)]
pub struct ListedClaim {
    /// The claim with its article.
    pub told: Told,
    /// The deal that rests on it.
    pub deal: Option<(Uuid, Deal)>,
}

/// Up to `limit` claims that hold, the latest first, those after `after`. Of the filter, companies, kinds, stages and days
/// count.
pub async fn claims(
    db: &mut PgConnection,
    filter: &DealFilter,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: usize,
) -> sqlx::Result<Vec<ListedClaim>> {
    #[derive(FromRow)]
    struct Row {
        #[sqlx(flatten)]
        article: ArticleRow,
        claim: Uuid,
        body: Json<Claim>,
        deal: Option<Uuid>,
        record: Option<Json<Deal>>,
    }
    let mut query = QueryBuilder::new(
        "SELECT c.id AS claim, c.body, d.id AS deal, d.record, a.id, a.title, a.url, a.publisher, a.rank, a.origin, c.published,
                a.summary_of
         FROM claims c JOIN articles a ON a.id = c.article_id
         LEFT JOIN deal_claims dc ON dc.claim_id = c.id LEFT JOIN deals d ON d.id = dc.deal_id
         WHERE c.superseded_at IS NULL",
    );
    if let Some(companies) = &filter.companies {
        query
            .push(" AND EXISTS (SELECT FROM claim_companies cc WHERE cc.claim_id = c.id AND cc.company = ANY(")
            .push_bind(companies.clone())
            .push("))");
    }
    let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.as_str()).collect();
    let statuses: Vec<&str> = filter.statuses.iter().map(|status| status.as_str()).collect();
    for (column, words) in [(" AND c.kind = ANY(", kinds), (" AND c.status = ANY(", statuses)] {
        if !words.is_empty() {
            query.push(column).push_bind(words).push(")");
        }
    }
    since(&mut query, "c.published", filter.from, filter.to);
    if let Some((published, id)) = after {
        query.push(" AND (c.published, c.id) < (").push_bind(published).push(", ").push_bind(id).push(")");
    }
    query.push(" ORDER BY c.published DESC, c.id DESC LIMIT ").push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows: Vec<Row> = query.build_query_as().fetch_all(db).await?;
    rows.into_iter()
        .map(|row| {
            let deal = row.deal.zip(row.record.map(|record| record.0));
            Ok(ListedClaim { told: Told { id: row.claim, claim: row.body.0, article: row.article.cited()? }, deal })
        })
        .collect()
}

/// Between the beginning of one day and the end of another.
fn since(query: &mut QueryBuilder<Postgres>, column: &str, from: Option<NaiveDate>, to: Option<NaiveDate>) {
    if let Some(from) = from {
        query.push(" AND ").push(column).push(" >= ").push_bind(from.and_time(NaiveTime::MIN).and_utc());
    }
    if let Some(after) = to.and_then(|to| to.checked_add_days(Days::new(1))) {
        query.push(" AND ").push(column).push(" < ").push_bind(after.and_time(NaiveTime::MIN).and_utc());
    }
}
