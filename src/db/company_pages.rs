//! What pages ask of the companies.

use sqlx::{PgConnection, types::Json};

use crate::model::{DealFilter, Slug};

/// A company that a visitor means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its slug and those of all companies below it.
    pub family: Vec<String>,
}

/// The company that goes by this name, alias or slug, with all companies below it.
pub async fn find(db: &mut PgConnection, name: &str) -> sqlx::Result<Option<Found>> {
    let slug = Slug::of(name);
    sqlx::query_as!(
        Found,
        r#"WITH RECURSIVE found AS (
               SELECT c.slug, c.name FROM company_aliases a JOIN companies c ON c.slug = a.company WHERE a.alias_slug = $1
               UNION ALL
               SELECT c.slug, c.name FROM companies c WHERE c.slug = $1
               LIMIT 1),
           family AS (
               SELECT slug FROM found
               UNION
               SELECT p.company FROM company_parents p JOIN family f ON p.parent = f.slug
               WHERE p.valid_to IS NULL OR p.valid_to > current_date)
           SELECT found.slug AS "slug!", found.name AS "name!", ARRAY(SELECT slug FROM family) AS "family!" FROM found"#,
        slug.as_str()
    )
    .fetch_optional(db)
    .await
}

/// A filter with the family of the company that somebody typed; where nobody knows it, no deal is left.
pub async fn narrowed(db: &mut PgConnection, filter: &DealFilter, typed: Option<&str>) -> sqlx::Result<DealFilter> {
    let mut filter = filter.clone();
    if let Some(typed) = typed {
        filter.companies = Some(find(db, typed).await?.map(|found| found.family).unwrap_or_default());
    }
    Ok(filter)
}

/// Companies whose name or alias is written much like this: slug and name, the likest first.
pub async fn alike(db: &mut PgConnection, name: &str, limit: i64) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        r#"SELECT c.slug, c.name FROM (
               SELECT company, max(greatest(similarity(alias, $1), word_similarity($1, alias) * 0.9)) AS likeness
               FROM company_aliases WHERE alias % $1 OR $1 <% alias GROUP BY company) near
           JOIN companies c ON c.slug = near.company
           ORDER BY near.likeness DESC, c.name LIMIT $2"#,
        name,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.name)).collect())
}

/// The names of these companies, with their slugs.
pub async fn names(db: &mut PgConnection, slugs: &[String]) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!("SELECT slug, name FROM companies WHERE slug = ANY($1)", slugs).fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.name)).collect())
}

/// How far a family's promises came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ladder {
    /// Only rumoured, and no promise yet.
    pub rumoured: i64,
    /// All that were ever announced, each once.
    pub promises: i64,
    /// Of these, announced and no further yet.
    pub announced: i64,
    /// Of these, signed and no further yet.
    pub signed: i64,
    /// Of these, delivered.
    pub completed: i64,
    /// Of these, cancelled.
    pub cancelled: i64,
    /// Of these, announced and without news since the day that was asked for.
    pub quiet: i64,
}

/// How far a family's promises came. `quiet_before`: the last day of news on which an announcement has gone quiet.
pub async fn ladder(
    db: &mut PgConnection,
    family: &[String],
    quiet_before: Option<chrono::NaiveDate>,
) -> sqlx::Result<Ladder> {
    sqlx::query_as!(
        Ladder,
        r#"SELECT count(*) FILTER (WHERE status = 'rumored') AS "rumoured!",
                  count(*) FILTER (WHERE status <> 'rumored') AS "promises!",
                  count(*) FILTER (WHERE status = 'announced') AS "announced!", count(*) FILTER (WHERE status = 'signed') AS "signed!",
                  count(*) FILTER (WHERE status = 'completed') AS "completed!",
                  count(*) FILTER (WHERE status = 'cancelled') AS "cancelled!",
                  count(*) FILTER (WHERE status = 'announced'
                      AND coalesce((record ->> 'last_news')::date, first_seen::date) <= $2) AS "quiet!"
           FROM deals WHERE id IN (SELECT deal_id FROM deal_parties WHERE company = ANY($1))"#,
        family,
        quiet_before
    )
    .fetch_one(db)
    .await
}

/// A company as its page introduces it.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it mainly does, as its wire name.
    pub category: String,
    /// Its country.
    pub country: Option<String>,
    /// Its ticker.
    pub ticker: Option<String>,
    /// Its website.
    pub website: Option<String>,
    /// Whether the registry does not know it yet.
    pub provisional: bool,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Slugs and names of its present parents.
    pub parents: Json<Vec<(String, String)>>,
    /// Slugs and names of its present subsidiaries.
    pub subsidiaries: Json<Vec<(String, String)>>,
    /// Its slug and those of all companies below it.
    pub family: Vec<String>,
}

/// The company of a slug; `None` also for one that has since been found to be another, to which [`find`] leads.
pub async fn profile(db: &mut PgConnection, slug: &str) -> sqlx::Result<Option<Profile>> {
    sqlx::query_as!(
        Profile,
        r#"WITH RECURSIVE present AS (
               SELECT company, parent FROM company_parents WHERE valid_to IS NULL OR valid_to > current_date),
           family AS (
               SELECT $1::text AS slug UNION SELECT p.company FROM present p JOIN family f ON p.parent = f.slug)
           SELECT c.slug, c.name, c.category, c.country, c.ticker, c.website, c.provisional,
                  ARRAY(SELECT alias FROM company_aliases WHERE company = c.slug AND alias <> c.name ORDER BY alias) AS "aliases!",
                  (SELECT coalesce(json_agg(json_build_array(o.slug, o.name) ORDER BY o.name), '[]')
                   FROM present p JOIN companies o ON o.slug = p.parent WHERE p.company = c.slug) AS "parents!: Json<Vec<(String, String)>>",
                  (SELECT coalesce(json_agg(json_build_array(o.slug, o.name) ORDER BY o.name), '[]')
                   FROM present p JOIN companies o ON o.slug = p.company WHERE p.parent = c.slug) AS "subsidiaries!: Json<Vec<(String, String)>>",
                  ARRAY(SELECT slug FROM family) AS "family!"
           FROM companies c
           WHERE c.slug = $1 AND NOT EXISTS (SELECT FROM company_aliases a WHERE a.alias_slug = c.slug AND a.company <> c.slug)"#,
        slug
    )
    .fetch_optional(db)
    .await
}
