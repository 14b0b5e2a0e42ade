//! Companies that share a name without the registry knowing either: [`crate::ledger::resolve`] says how they are kept apart.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::ledger::resolve::from_country;

/// A name in a claim, and the company for which it stands so far.
struct Use {
    claim: Uuid,
    position: i32,
    company: String,
    named: String,
    name: String,
    /// Where the company is from; `None`: nobody shares the name any more, or the article does not tell.
    country: Option<String>,
    category: Option<String>,
}

/// Finds out anew for whom the unknown names of these claims stand, in all claims that are live, and has those weighed again
/// of which that changes. A name is shared where two articles tell of another country and another trade. Runs under the
/// ledger's lock, so that the outcome is that of all claims, in whatever order they came.
pub async fn settle(db: &mut PgConnection, claims: &[Uuid]) -> sqlx::Result<()> {
    let uses = sqlx::query_as!(
        Use,
        r#"WITH names AS (SELECT DISTINCT named FROM claim_companies WHERE claim_id = ANY($1) AND named IS NOT NULL),
               uses AS MATERIALIZED (
                   SELECT cc.claim_id, cc.position, cc.named, cc.country, cc.category, cc.company
                   FROM names JOIN claim_companies cc USING (named) JOIN claims c ON c.id = cc.claim_id
                   WHERE c.superseded_at IS NULL),
               told AS (SELECT DISTINCT named, country, category FROM uses WHERE country IS NOT NULL AND category IS NOT NULL),
               shared AS (
                   SELECT DISTINCT a.named FROM told a JOIN told b USING (named)
                   WHERE a.country <> b.country AND a.category <> b.category)
           SELECT u.claim_id AS claim, u.position, u.company, u.named AS "named!", bare.name,
                  CASE WHEN s.named IS NOT NULL THEN u.country END AS country, u.category
           FROM uses u JOIN companies bare ON bare.slug = u.named LEFT JOIN shared s ON s.named = u.named
           WHERE s.named IS NOT NULL OR u.company <> u.named
           ORDER BY u.claim_id, u.position"#,
        claims
    )
    .fetch_all(&mut *db)
    .await?;
    let stands = |one: &Use| match &one.country {
        Some(country) => from_country(&one.name, country).slug.to_string(),
        None => one.named.clone(),
    };
    let moved: Vec<(&Use, String)> =
        uses.iter().map(|one| (one, stands(one))).filter(|(one, company)| one.company != *company).collect();
    if moved.is_empty() {
        return Ok(());
    }
    // What is told of a company's trade stays, whichever of its claims tells it.
    let mut new: BTreeMap<&str, &Use> = BTreeMap::new();
    for (one, company) in moved.iter().filter(|(one, _)| one.country.is_some()) {
        let known = new.entry(company).or_insert(one);
        if known.category.is_none() {
            *known = one;
        }
    }
    let of = |text: fn(&Use) -> Option<String>| -> Vec<Option<String>> { new.values().map(|one| text(one)).collect() };
    let slugs: Vec<String> = new.keys().map(|slug| (*slug).to_owned()).collect();
    sqlx::query!(
        "WITH new AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
                          AS new (slug, name, category, country, namesake)),
              made AS (INSERT INTO companies (slug, name, category, country, namesake, provisional)
                       SELECT slug, name, coalesce(category, 'other'), country, namesake, true FROM new
                       ON CONFLICT (slug) DO UPDATE SET namesake = excluded.namesake WHERE companies.namesake IS NULL)
         INSERT INTO company_aliases (alias_slug, alias, company) SELECT slug, name, slug FROM new ON CONFLICT (alias_slug) DO NOTHING",
        &slugs,
        &of(|one| Some(from_country(&one.name, one.country.as_ref()?).name)) as &[Option<String>],
        &of(|one| one.category.clone()) as &[Option<String>],
        &of(|one| one.country.clone()) as &[Option<String>],
        &of(|one| Some(one.named.clone())) as &[Option<String>]
    )
    .execute(&mut *db)
    .await?;
    let ids: Vec<Uuid> = moved.iter().map(|(one, _)| one.claim).collect();
    let positions: Vec<i32> = moved.iter().map(|(one, _)| one.position).collect();
    let companies: Vec<String> = moved.into_iter().map(|(_, company)| company).collect();
    sqlx::query!(
        "WITH moved AS (
             UPDATE claim_companies cc SET company = new.company
             FROM unnest($1::uuid[], $2::int[], $3::text[]) AS new (claim, position, company)
             WHERE cc.claim_id = new.claim AND cc.position = new.position)
         UPDATE claims SET merged_at = NULL WHERE id = ANY($1)",
        &ids,
        &positions,
        &companies
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Slugs and names of the other companies that go by a company's name.
pub async fn of(db: &mut PgConnection, slug: &str) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        r#"SELECT o.slug, o.name FROM companies c JOIN companies o
               ON o.namesake = coalesce(c.namesake, c.slug) OR o.slug = c.namesake
           WHERE c.slug = $1 AND o.slug <> c.slug AND EXISTS (SELECT FROM deal_parties p WHERE p.company = o.slug)
           ORDER BY o.name"#,
        slug
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.name)).collect())
}
