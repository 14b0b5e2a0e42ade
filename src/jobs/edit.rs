//! An editor's word: filed, and the deals that it is about derived anew.

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::merge::{BATCH, Reason, merge_pending, weigh};
use crate::{
    db::{
        deals,
        overrides::{self, Editor},
    },
    ledger::convert::Rates,
    model::{Registry, Word},
};

/// What a word is about.
#[derive(Debug, Clone, Copy)]
pub enum About {
    /// A deal.
    Deal(Uuid),
    /// What a claim tells, be there a deal of it or not.
    Claim(Uuid),
    /// Two claims.
    Claims(Uuid, Uuid),
}

/// Files a word about a deal or two claims, and derives anew what it changes. Returns the word's id, by which it can be
/// revoked.
///
/// # Errors
/// Where there is no such deal or claim; one sentence.
pub async fn say(
    db: &mut PgConnection,
    about: About,
    word: &Word,
    by: Editor<'_>,
    registry: &'static Registry,
    rates: &Rates,
    now: DateTime<Utc>,
) -> anyhow::Result<Uuid> {
    // What has come in until now is not the editor's doing.
    merge_pending(db, registry, rates, now).await?;
    let mut tx = db.begin().await?;
    deals::lock(&mut tx).await?;
    let (claim, other) = match about {
        About::Deal(deal) => {
            let anchor = overrides::anchor(&mut tx, deal).await?;
            (anchor.with_context(|| format!("there is no deal {deal}: look its address up again"))?, None)
        }
        About::Claim(claim) => (claim, None),
        About::Claims(claim, other) => (claim, Some(other)),
    };
    let id = overrides::add(&mut tx, claim, other, word, by, registry, now).await?;
    let claims: Vec<Uuid> = std::iter::once(claim).chain(other).collect();
    overrides::unmerge(&mut tx, &claims).await?;
    tx.commit().await?;
    weigh(db, registry, rates, now, BATCH, Reason::Editor(id)).await?;
    Ok(id)
}

/// Revokes a word, or the revocation of one.
///
/// # Errors
/// Where there is no such word; one sentence.
pub async fn undo(
    db: &mut PgConnection,
    word: Uuid,
    by: Editor<'_>,
    registry: &'static Registry,
    rates: &Rates,
    now: DateTime<Utc>,
) -> anyhow::Result<Uuid> {
    let said = overrides::get(db, word).await?.with_context(|| format!("nobody has said {word}"))?;
    merge_pending(db, registry, rates, now).await?;
    let mut tx = db.begin().await?;
    deals::lock(&mut tx).await?;
    let id = overrides::add(&mut tx, said.claim, said.other, &Word::Revoke(word), by, registry, now).await?;
    let claims: Vec<Uuid> = std::iter::once(said.claim).chain(said.other).collect();
    overrides::unmerge(&mut tx, &claims).await?;
    tx.commit().await?;
    weigh(db, registry, rates, now, BATCH, Reason::Editor(id)).await?;
    Ok(id)
}
