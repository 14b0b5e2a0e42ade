//! The companies: the registry's, and provisional ones for names that it does not know.

use std::collections::HashSet;

use sqlx::{PgConnection, PgExecutor};

use crate::{
    ledger::resolve::{Resolved, stands_for},
    model::{Party, Registry, Slug},
};

/// Brings the tables in line with the registry: its companies with their spellings and parents are there as it has
/// them. Provisional companies stay, are confirmed where the registry has them by their name, and give their claims to the
/// company that has them for a spelling.
pub async fn sync(db: &mut PgConnection, registry: &Registry) -> sqlx::Result<()> {
    // One program at a time; the others find the work done.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('companies'))").execute(&mut *db).await?;
    let companies = registry.companies();
    let slugs: Vec<String> = companies.iter().map(|company| company.slug().to_string()).collect();
    let names: Vec<String> = companies.iter().map(|company| company.name.clone()).collect();
    let categories: Vec<String> = companies.iter().map(|company| company.category.as_str().to_owned()).collect();
    let countries: Vec<Option<String>> = companies.iter().map(|company| company.country.clone()).collect();
    let tickers: Vec<Option<String>> = companies.iter().map(|company| company.ticker.clone()).collect();
    let websites: Vec<Option<String>> = companies.iter().map(|company| company.website.clone()).collect();
    sqlx::query!(
        "INSERT INTO companies (slug, name, category, country, ticker, website)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         ON CONFLICT (slug) DO UPDATE SET name = excluded.name, category = excluded.category, country = excluded.country,
             ticker = excluded.ticker, website = excluded.website, provisional = false
         WHERE (companies.name, companies.category, companies.country, companies.ticker, companies.website, companies.provisional)
             IS DISTINCT FROM (excluded.name, excluded.category, excluded.country, excluded.ticker, excluded.website, false)",
        &slugs,
        &names,
        &categories,
        &countries as &[Option<String>],
        &tickers as &[Option<String>],
        &websites as &[Option<String>]
    )
    .execute(&mut *db)
    .await?;

    let mut spellings: Vec<(String, String, String)> = Vec::new();
    let mut seen = HashSet::new();
    for company in companies {
        for spelling in std::iter::once(&company.name).chain(&company.aliases).chain(&company.everyday) {
            let slug = Slug::of(spelling);
            // A spelling that several share leads to none of them.
            if registry.find(spelling).is_some() && seen.insert(slug.clone()) {
                spellings.push((slug.to_string(), spelling.clone(), company.slug().to_string()));
            }
        }
    }
    let (aliases, rest): (Vec<String>, Vec<(String, String)>) =
        spellings.into_iter().map(|(a, b, c)| (a, (b, c))).unzip();
    let (texts, owners): (Vec<String>, Vec<String>) = rest.into_iter().unzip();
    sqlx::query!(
        "INSERT INTO company_aliases (alias_slug, alias, company) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
         ON CONFLICT (alias_slug) DO UPDATE SET alias = excluded.alias, company = excluded.company
         WHERE (company_aliases.alias, company_aliases.company) IS DISTINCT FROM (excluded.alias, excluded.company)",
        &aliases,
        &texts,
        &owners
    )
    .execute(&mut *db)
    .await?;
    // What the registry no longer says is no longer so; provisional companies keep their names.
    sqlx::query!(
        "DELETE FROM company_aliases a USING companies c
         WHERE c.slug = a.company AND NOT c.provisional AND a.alias_slug <> ALL($1)",
        &aliases
    )
    .execute(&mut *db)
    .await?;

    // A provisional company that the registry now knows as another's spelling: its claims go to that one, and are weighed
    // again. Its address leads there by the spelling.
    sqlx::query!(
        "WITH moved AS (
             UPDATE claim_companies cc SET company = a.company, named = NULL
             FROM companies c JOIN company_aliases a ON a.alias_slug = c.slug AND a.company <> c.slug
             WHERE c.provisional AND cc.company = c.slug RETURNING cc.claim_id)
         UPDATE claims SET merged_at = NULL WHERE id IN (SELECT claim_id FROM moved) AND superseded_at IS NULL"
    )
    .execute(&mut *db)
    .await?;

    // A name that the registry has by now is nobody's to share.
    sqlx::query!(
        "UPDATE claim_companies cc SET named = NULL FROM companies c WHERE c.slug = cc.named AND NOT c.provisional"
    )
    .execute(&mut *db)
    .await?;

    let with_parent: Vec<_> =
        companies.iter().filter_map(|company| Some((company, company.parent.as_ref()?))).collect();
    let children: Vec<String> = with_parent.iter().map(|(company, _)| company.slug().to_string()).collect();
    let parents: Vec<String> = with_parent.iter().map(|(_, parent)| Slug::of(&parent.name).to_string()).collect();
    let from: Vec<_> = with_parent.iter().map(|(_, parent)| parent.from).collect();
    let to: Vec<_> = with_parent.iter().map(|(_, parent)| parent.to).collect();
    sqlx::query!(
        "INSERT INTO company_parents (company, parent, valid_from, valid_to)
         SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::date[])
         ON CONFLICT (company, parent) DO UPDATE SET valid_from = excluded.valid_from, valid_to = excluded.valid_to",
        &children,
        &parents,
        &from as &[Option<chrono::NaiveDate>],
        &to as &[Option<chrono::NaiveDate>]
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "DELETE FROM company_parents WHERE (company, parent) NOT IN (SELECT * FROM unnest($1::text[], $2::text[]))",
        &children,
        &parents
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The companies of some parties, in their order: the registry's, else provisional ones, made where they are missing.
pub async fn ensure(db: impl PgExecutor<'_>, parties: &[Party], registry: &Registry) -> sqlx::Result<Vec<Resolved>> {
    let resolved: Vec<Resolved> = parties.iter().map(|party| stands_for(party, registry)).collect();
    // In the order of the slugs, so that two who file at once wait for each other in one direction only.
    let mut unknown: Vec<(&Resolved, &Party)> =
        resolved.iter().zip(parties).filter(|(company, _)| !company.known).collect();
    unknown.sort_by(|(a, _), (b, _)| a.slug.cmp(&b.slug));
    unknown.dedup_by(|(next, _), (first, _)| next.slug == first.slug);
    if !unknown.is_empty() {
        let slugs: Vec<String> = unknown.iter().map(|(company, _)| company.slug.to_string()).collect();
        let names: Vec<String> = unknown.iter().map(|(company, _)| company.name.clone()).collect();
        let categories: Vec<Option<String>> =
            unknown.iter().map(|(_, party)| party.category.map(|category| category.to_string())).collect();
        let countries: Vec<Option<String>> = unknown.iter().map(|(_, party)| party.country.clone()).collect();
        // What is told first of where a provisional company is from and what it does stays.
        sqlx::query!(
            "WITH named AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                                AS named (slug, name, category, country)),
                  made AS (INSERT INTO companies (slug, name, category, country, provisional)
                           SELECT slug, name, coalesce(category, 'other'), country, true FROM named
                           ON CONFLICT (slug) DO UPDATE SET
                               category = CASE companies.category WHEN 'other' THEN excluded.category ELSE companies.category END,
                               country = coalesce(companies.country, excluded.country)
                           WHERE companies.provisional
                               AND (companies.category = 'other' AND excluded.category <> 'other'
                                    OR companies.country IS NULL AND excluded.country IS NOT NULL))
             INSERT INTO company_aliases (alias_slug, alias, company) SELECT slug, name, slug FROM named
             ON CONFLICT (alias_slug) DO NOTHING",
            &slugs,
            &names,
            &categories as &[Option<String>],
            &countries as &[Option<String>]
        )
        .execute(db)
        .await?;
    }
    Ok(resolved)
}
