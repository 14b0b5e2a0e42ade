//! What was wrong in an issue: noted on it, and sent to whoever was sent the issue.
//!
//! A correction is no news. It is a change that an editor or a rule made to a deal of the issue, or that a backfill brought in
//! for the issue's own time, and that changes what a reader was told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{
    db::{
        deliveries,
        issues::{self, Afterthought},
        settings,
    },
    ledger::issue::{Correction, differs},
    model::Deal,
};

/// Up to which revision was looked at.
const SEEN: &str = "digest_corrected";
/// Issues older than this are left alone.
const REACH: TimeDelta = TimeDelta::days(90);
/// So long nothing more may have been written before corrections go out, so that an editor's whole work goes out at once …
const SETTLED: TimeDelta = TimeDelta::minutes(30);
/// … but no longer than this.
const LATEST: TimeDelta = TimeDelta::hours(6);

/// Notes what was found wrong in issues since the last time, and files it for whoever was sent them. Returns how many
/// deliveries were filed.
///
/// # Errors
/// Where the database fails.
pub async fn note(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let mut tx = db.begin().await?;
    settings::take_turn_of(&mut *tx, SEEN).await?;
    let seen = settings::get(&mut *tx, SEEN).await?.as_ref().and_then(Value::as_i64);
    let Some(seen) = seen else {
        let last = issues::last_written(&mut tx).await?;
        settings::set(&mut *tx, SEEN, json!(last)).await?;
        tx.commit().await?;
        return Ok(0);
    };
    let found = issues::afterthoughts(&mut tx, seen, now - REACH).await?;
    let ripe = |first: &Afterthought, last: &Afterthought| {
        now - last.recorded_at >= SETTLED || now - first.recorded_at >= LATEST
    };
    let last = match (found.first(), found.last()) {
        (Some(first), Some(last)) if ripe(first, last) => last.written,
        _ => {
            // At once, for others wait for their turn.
            tx.rollback().await?;
            return Ok(0);
        }
    };
    let mut filed = 0;
    for (issue, deals) in by_issue(&found) {
        let Some(frozen) = issues::get(&mut tx, issue).await? else { continue };
        let mut told: BTreeMap<Uuid, Deal> =
            frozen.issue.entries.iter().map(|entry| (entry.deal, entry.record.clone())).collect();
        let slugs: BTreeMap<Uuid, &str> =
            frozen.issue.entries.iter().map(|entry| (entry.deal, entry.slug.as_str())).collect();
        // What was corrected before is what a reader knows now.
        for (_, correction) in issues::corrections(&mut tx, issue).await?.into_iter().rev() {
            told.insert(correction.deal, correction.now.unwrap_or(correction.was));
        }
        let mut any = false;
        for (deal, now_so) in deals {
            let Some(was) = told.get(&deal) else { continue };
            if now_so.is_none_or(|now_so| differs(was, now_so)) {
                let slug = slugs.get(&deal).copied().unwrap_or_default().to_owned();
                let slim = |deal: &Deal| Deal { accounts: Vec::new(), ..deal.clone() };
                let correction = Correction { deal, slug, was: was.clone(), now: now_so.map(slim) };
                issues::correct(&mut tx, issue, &correction, now).await?;
                any = true;
            }
        }
        if any {
            filed += deliveries::plan_correction(&mut tx, issue, now).await?;
        }
    }
    settings::set(&mut *tx, SEEN, json!(last)).await?;
    tx.commit().await?;
    Ok(filed)
}

/// What each issue's deals are now, of those that changed in what a reader was told; the last word on each counts.
fn by_issue(found: &[Afterthought]) -> BTreeMap<Uuid, BTreeMap<Uuid, Option<&Deal>>> {
    let mut all: BTreeMap<Uuid, BTreeMap<Uuid, Option<&Deal>>> = BTreeMap::new();
    let mut telling: BTreeSet<Uuid> = BTreeSet::new();
    for thought in found {
        let tells = match (&thought.before, &thought.after) {
            (Some(before), Some(after)) => differs(before, after),
            (_, None) => true,
            (None, Some(_)) => false,
        };
        if tells || telling.contains(&thought.deal) {
            telling.insert(thought.deal);
            for issue in &thought.issues {
                all.entry(*issue).or_default().insert(thought.deal, thought.after.as_ref());
            }
        }
    }
    all
}
