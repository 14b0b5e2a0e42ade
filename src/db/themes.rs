//! What articles are about, and the deals that they tell of.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::{PgConnection, PgExecutor, types::Json};
use uuid::Uuid;

use super::{parsed, timeline::ListedDeal};
use crate::model::{Deal, Theme};

/// Notes what an article is about, in place of what was noted before.
pub async fn note(
    db: impl PgExecutor<'_>,
    article: Uuid,
    published: DateTime<Utc>,
    themes: &[Theme],
) -> sqlx::Result<()> {
    let themes: Vec<String> = themes.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "WITH gone AS (DELETE FROM article_themes WHERE article_id = $1 AND theme <> ALL($3))
         INSERT INTO article_themes (theme, published, article_id) SELECT theme, $2, $1 FROM unnest($3::text[]) AS theme
         ON CONFLICT DO NOTHING",
        article,
        published,
        &themes
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The themes of these articles.
pub async fn of_articles(db: &mut PgConnection, articles: &[Uuid]) -> sqlx::Result<BTreeMap<Uuid, Vec<Theme>>> {
    let rows = sqlx::query!(
        "SELECT article_id, theme FROM article_themes WHERE article_id = ANY($1) ORDER BY theme",
        articles
    )
    .fetch_all(db)
    .await?;
    let mut themes: BTreeMap<Uuid, Vec<Theme>> = BTreeMap::new();
    for row in rows {
        themes.entry(row.article_id).or_default().push(parsed(row.theme.parse())?);
    }
    Ok(themes)
}

/// How many articles of each theme appeared since a time, the most first.
pub async fn counts(db: &mut PgConnection, since: DateTime<Utc>) -> sqlx::Result<Vec<(Theme, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT theme, count(*) AS "articles!" FROM article_themes WHERE published >= $1 GROUP BY theme ORDER BY 2 DESC, 1"#,
        since
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(|row| Ok((parsed(row.theme.parse())?, row.articles))).collect()
}

/// How many articles of a theme appeared in each week since a day: the week's Monday and the number.
pub async fn weeks(db: &mut PgConnection, theme: Theme, since: NaiveDate) -> sqlx::Result<Vec<(NaiveDate, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT date_trunc('week', published AT TIME ZONE 'UTC')::date AS "week!", count(*) AS "articles!"
           FROM article_themes WHERE theme = $1 AND published >= $2::date::timestamp AT TIME ZONE 'UTC' GROUP BY 1 ORDER BY 1"#,
        theme.as_str(),
        since
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.week, row.articles)).collect())
}

/// The day of a theme's latest article.
pub async fn latest(db: &mut PgConnection, theme: Theme) -> sqlx::Result<Option<NaiveDate>> {
    sqlx::query_scalar!(
        "SELECT (max(published) AT TIME ZONE 'UTC')::date FROM article_themes WHERE theme = $1",
        theme.as_str()
    )
    .fetch_one(db)
    .await
}

/// What the deals of a theme add up to, of those that count in totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeTotal {
    /// How many.
    pub deals: i64,
    /// How many of them disclose a sum.
    pub disclosed: i64,
    /// Firm dollars, each counted once.
    pub committed: Decimal,
    /// Megawatts, each counted once.
    pub mw: Decimal,
}

/// What the deals of a theme since a day add up to: those that its articles tell of.
pub async fn total(db: &mut PgConnection, theme: Theme, since: NaiveDate) -> sqlx::Result<ThemeTotal> {
    sqlx::query_as!(
        ThemeTotal,
        r#"SELECT count(*) AS "deals!",
                  count(*) FILTER (WHERE committed_usd IS NOT NULL OR potential_usd IS NOT NULL) AS "disclosed!",
                  coalesce(sum(net_committed_usd), 0) AS "committed!", coalesce(sum(net_mw), 0) AS "mw!"
           FROM deals WHERE day >= $2 AND status IN ('announced', 'signed', 'completed') AND id IN (
               SELECT dc.deal_id FROM article_themes t JOIN claims c ON c.article_id = t.article_id
               JOIN deal_claims dc ON dc.claim_id = c.id
               WHERE t.theme = $1 AND t.published >= $2::date::timestamp AT TIME ZONE 'UTC')"#,
        theme.as_str(),
        since
    )
    .fetch_one(db)
    .await
}

/// The largest deals of a theme since a day.
pub async fn deals(db: &mut PgConnection, theme: Theme, since: NaiveDate, limit: i64) -> sqlx::Result<Vec<ListedDeal>> {
    let rows = sqlx::query!(
        r#"SELECT id, slug, record AS "record: Json<Deal>" FROM deals
           WHERE day >= $2 AND id IN (
               SELECT dc.deal_id FROM article_themes t JOIN claims c ON c.article_id = t.article_id
               JOIN deal_claims dc ON dc.claim_id = c.id
               WHERE t.theme = $1 AND t.published >= $2::date::timestamp AT TIME ZONE 'UTC')
           ORDER BY committed_usd DESC NULLS LAST, day DESC, id LIMIT $3"#,
        theme.as_str(),
        since,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| ListedDeal { id: row.id, slug: row.slug, deal: row.record.0 }).collect())
}
