//! Which deal belongs to which: what is asked to decide it, and what was decided.

use std::collections::BTreeMap;

use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::deals::{self, Cause, Written};
use crate::{
    ledger::umbrella::{Placed, Told},
    model::{Bond, Deal, Umbrella, Whole},
};

/// A deal with what its claims say of its place under others.
#[derive(Debug, Clone)]
pub struct Linkable {
    /// Its id.
    pub id: Uuid,
    /// Its record.
    pub deal: Deal,
    /// What its claims and editors say.
    pub told: Told,
    /// The deal under which an editor has put it, where that is recorded.
    pub said_under: Option<Uuid>,
}

/// Notes what a deal's claims and editors say of its place under others. Whether that is something new.
pub async fn note(db: &mut PgConnection, id: Uuid, told: &Told) -> sqlx::Result<bool> {
    let (bond, under) = match told.placed {
        None => (None, None),
        Some(Placed::Alone) => (Some("none"), None),
        Some(Placed::Under { claim, bond }) => (Some(bond.into()), Some(claim)),
    };
    let noted = sqlx::query!(
        "UPDATE deals SET programmes = $2, whole = $3, said_bond = $4, said_under = $5
         WHERE id = $1 AND (programmes, whole, said_bond, said_under) IS DISTINCT FROM ($2, $3, $4, $5)",
        id,
        &told.programmes,
        told.whole.as_ref().map(Json) as _,
        bond,
        under
    )
    .execute(db)
    .await?;
    Ok(noted.rows_affected() > 0)
}

/// The deals of these ids, by id.
pub async fn load(db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<BTreeMap<Uuid, Linkable>> {
    let rows = sqlx::query!(
        r#"SELECT d.id, record AS "record: Json<Deal>", programmes, whole AS "whole: Json<Whole>", said_bond, said_under,
                  (SELECT dc.deal_id FROM claims said
                   JOIN claims live ON live.article_id = said.article_id AND live.ordinal = said.ordinal
                   JOIN deal_claims dc ON dc.claim_id = live.id
                   WHERE said.id = d.said_under AND live.superseded_at IS NULL) AS under
           FROM deals d WHERE d.id = ANY($1)"#,
        ids
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let bond = row.said_bond.as_deref().and_then(|bond| bond.parse::<Bond>().ok());
            let placed = match row.said_under.zip(bond) {
                Some((claim, bond)) => Some(Placed::Under { claim, bond }),
                None => row.said_bond.map(|_| Placed::Alone),
            };
            let told = Told { programmes: row.programmes, whole: row.whole.map(|whole| whole.0), placed };
            (row.id, Linkable { id: row.id, deal: row.record.0, told, said_under: row.under })
        })
        .collect())
}

/// The deals that lie under these, whether they are still there or not.
pub async fn under(db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!("SELECT id FROM deals WHERE part_of = ANY($1) OR adds_to = ANY($1)", ids).fetch_all(db).await
}

/// The deals that an editor has put under one of these.
pub async fn said_under(db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT d.id FROM deal_claims dc JOIN claims live ON live.id = dc.claim_id
         JOIN claims said ON said.article_id = live.article_id AND said.ordinal = live.ordinal
         JOIN deals d ON d.said_under = said.id
         WHERE dc.deal_id = ANY($1) AND d.said_under IS NOT NULL",
        ids
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
