//! Which deal belongs to which: what is asked to decide it, and what was decided.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::deals::{self, Cause, Written};
use crate::{
    ledger::umbrella::Told,
    model::{Bond, Deal, Slug, Umbrella, Whole},
};

/// A deal with what its claims say of its place under others.
#[derive(Debug, Clone)]
pub struct Linkable {
    /// Its id.
    pub id: Uuid,
    /// Its record.
    pub deal: Deal,
    /// What its claims say.
    pub told: Told,
}

/// Notes what a deal's claims say of its place under others. Whether that is something new.
pub async fn note(db: &mut PgConnection, id: Uuid, told: &Told) -> sqlx::Result<bool> {
    let noted = sqlx::query!(
        "UPDATE deals SET programmes = $2, programme_words = $3, whole = $4
         WHERE id = $1 AND (programmes, whole) IS DISTINCT FROM ($2, $4)",
        id,
        &told.programmes,
        &told.words(),
        told.whole.as_ref().map(Json) as _
    )
    .execute(db)
    .await?;
    Ok(noted.rows_affected() > 0)
}

/// The deals of these ids, by id.
pub async fn load(db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<BTreeMap<Uuid, Linkable>> {
    let rows = sqlx::query!(
        r#"SELECT id, record AS "record: Json<Deal>", programmes, whole AS "whole: Json<Whole>" FROM deals WHERE id = ANY($1)"#,
        ids
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let told = Told { programmes: row.programmes, whole: row.whole.map(|whole| whole.0) };
            (row.id, Linkable { id: row.id, deal: row.record.0, told })
        })
        .collect())
}

/// The deals that lie under these, whether they are still there or not.
pub async fn under(db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!("SELECT id FROM deals WHERE part_of = ANY($1) OR adds_to = ANY($1)", ids).fetch_all(db).await
}

/// What a deal may be linked by.
#[derive(Debug)]
pub struct Handles {
    /// Its companies with their families, each with the topmost owner.
    pub companies: Vec<(Slug, Slug)>,
    /// The telling words of its programmes' names.
    pub words: Vec<String>,
    /// Its day.
    pub day: NaiveDate,
}

/// The deals that may be linked with a deal: of one programme; of two companies, within `window`; of one company, within
/// `near`. Any that the decision may take is among them.
pub async fn near(
    db: &mut PgConnection,
    handles: &Handles,
    window: TimeDelta,
    near: TimeDelta,
) -> sqlx::Result<Vec<Uuid>> {
    let (companies, roots): (Vec<String>, Vec<String>) =
        handles.companies.iter().map(|(company, root)| (company.to_string(), root.to_string())).unzip();
    sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM deals WHERE programme_words && $3 AND cardinality($3::text[]) > 0
           UNION
           SELECT p.deal_id FROM unnest($1::text[], $2::text[]) AS mine (company, root) JOIN deal_parties p USING (company)
           WHERE p.day BETWEEN $4::date - $5::int AND $4::date + $5::int
           GROUP BY p.deal_id
           HAVING count(DISTINCT mine.root) > 1 OR min(abs(p.day - $4::date)) <= $6::int"#,
        &companies,
        &roots,
        &handles.words,
        handles.day,
        i32::try_from(window.num_days()).unwrap_or(i32::MAX),
        i32::try_from(near.num_days()).unwrap_or(i32::MAX)
    )
    .fetch_all(db)
    .await
}

/// Puts a deal under another, or takes it from there, with a revision where that changes anything.
pub async fn put(
    db: &mut PgConnection,
    linkable: &Linkable,
    umbrella: Option<Umbrella>,
    cause: Cause,
) -> sqlx::Result<Written> {
    if linkable.deal.umbrella == umbrella {
        return Ok(Written::Unchanged);
    }
    let mut deal = linkable.deal.clone();
    deal.umbrella = umbrella;
    let of = |bond: Bond| deal.umbrella.as_ref().filter(|umbrella| umbrella.bond == bond).map(|umbrella| umbrella.deal);
    sqlx::query!(
        "UPDATE deals SET part_of = $2, adds_to = $3, record = $4, updated_at = $5 WHERE id = $1",
        linkable.id,
        of(Bond::Part),
        of(Bond::Addition),
        Json(&deal) as _,
        cause.now
    )
    .execute(&mut *db)
    .await?;
    deals::revise(db, linkable.id, Some(&linkable.deal), &deal, cause).await?;
    Ok(Written::Changed)
}
