//! An editor's word: filed, and the deals that it is about derived anew.

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::merge::{BATCH, Reason, merge_pending, weigh};
use crate::{
    db::{
        deals, links,
        overrides::{self, Editor},
    },
    ledger::convert::Rates,
    model::{Bond, Registry, Word},
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
    /// A deal and another.
    Deals(Uuid, Uuid),
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
    if let (Word::Under(bond), About::Deals(deal, whole)) = (word, about) {
        may_lie_under(&mut tx, deal, whole, *bond).await?;
    }
    let (claim, other) = match about {
        About::Deal(deal) => (anchor(&mut tx, deal).await?, None),
        About::Deals(deal, other) => (anchor(&mut tx, deal).await?, Some(anchor(&mut tx, other).await?)),
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

/// The claim that a word about a deal is filed under.
async fn anchor(db: &mut PgConnection, deal: Uuid) -> anyhow::Result<Uuid> {
    let anchor = overrides::anchor(db, deal).await?;
    anchor.with_context(|| format!("there is no deal {deal}: look its address up again"))
}

/// Whether editors can put a deal under another: not where they have put that one under it.
async fn may_lie_under(db: &mut PgConnection, deal: Uuid, whole: Uuid, bond: Bond) -> anyhow::Result<()> {
    ensure!(bond != Bond::Stage, "two stages of one deal are one deal: say that their claims are the same");
    ensure!(deal != whole, "a deal does not belong to itself: name another one");
    let mut below = vec![deal];
    while !below.is_empty() {
        ensure!(!below.contains(&whole), "that deal lies under this one because an editor says so: undo that first");
        below = links::said_under(db, &below).await?;
    }
    Ok(())
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
