//! Which deal belongs to which: what is asked to decide it, and what was decided.

use std::collections::BTreeMap;

use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::deals::{self, Cause, Written};
use crate::{
    ledger::umbrella::Told,
    model::{Bond, Deal, Umbrella, Whole},
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
        "UPDATE deals SET programmes = $2, whole = $3
         WHERE id = $1 AND (programmes, whole) IS DISTINCT FROM ($2, $3)",
        id,
        &told.programmes,
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
