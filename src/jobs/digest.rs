//! Issues: chosen and frozen when their period is over, and filed for whoever is due.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{
    db::{
        deals, deliveries,
        issues::{self, Frozen},
        settings,
        subscriptions::{self, Due},
    },
    digest::choice::chosen,
    ledger::{
        quiet::Patience,
        schedule::{last_due, next_due},
    },
    model::{Cadence, Period},
};

/// How long after its period an issue is made at the earliest: whatever is being merged when a period ends is written down by
/// then.
pub const MARGIN: TimeDelta = TimeDelta::minutes(10);
/// The same for an issue that comes at once.
const INSTANT_MARGIN: TimeDelta = TimeDelta::minutes(2);
/// What changes within so long comes in one.
const INSTANT_SPAN: TimeDelta = TimeDelta::minutes(5);
/// Since when changes have been told at once.
const INSTANT: &str = "digest_instant";
/// How many subscriptions are planned at a time.
const BATCH: i64 = 500;

/// The frozen issue of a period; made now where there is none yet.
///
/// # Errors
/// Where the period is not over for long enough; one sentence.
pub async fn make(
    db: &mut PgConnection,
    period: Period,
    patience: Patience,
    now: DateTime<Utc>,
) -> anyhow::Result<Frozen> {
    if let Some(frozen) = issues::named(db, &period.name()).await? {
        return Ok(frozen);
    }
    anyhow::ensure!(
        period.until + MARGIN <= now || period.cadence == Cadence::Instant,
        "{} is not over yet: its issue is made some minutes after it ends, at {} UTC",
        period.title(),
        period.until.format("%-d %b %Y %H:%M")
    );
    let mut tx = db.begin().await?;
    // What is being merged is waited for, so that it is in this issue or in the next.
    deals::lock(&mut tx).await?;
    let issue = chosen(&mut tx, period, patience).await?;
    issues::freeze(&mut tx, &issue, now).await?;
    tx.commit().await?;
    issues::named(db, &period.name()).await?.context("an issue that was just made is not there")
}

/// Files what is due: makes the issues that are wanted and not made yet, and a delivery for each recipient. An hour at which
/// no worker ran is made up for once. Returns how many deliveries were filed.
///
/// # Errors
/// Where the database fails.
pub async fn plan(db: &mut PgConnection, patience: Patience, now: DateTime<Utc>) -> anyhow::Result<u64> {
    let mut filed = plan_instant(db, patience, now).await?;
    loop {
        // Which issues the next ones want is asked first, and these are made outside of the transaction that files them.
        let mut made: HashMap<String, Uuid> = HashMap::new();
        let mut tx = db.begin().await?;
        let due = subscriptions::due(&mut tx, now, BATCH).await?;
        tx.rollback().await?;
        for period in periods(&due, now).into_keys() {
            let period: Period = period.parse().map_err(anyhow::Error::msg)?;
            made.insert(period.name(), make(db, period, patience, now).await?.id);
        }

        let mut tx = db.begin().await?;
        let due = subscriptions::due(&mut tx, now, BATCH).await?;
        for (name, subscriptions) in periods(&due, now) {
            if let Some(issue) = made.get(&name) {
                filed += deliveries::plan(&mut tx, *issue, &subscriptions, now).await?;
                let of_these = due.iter().filter(|due| subscriptions.contains(&due.id));
                let next: Vec<_> = of_these.map(|due| (due.id, next_due(&due.preferences, now))).collect();
                subscriptions::put_off(&mut tx, &next).await?;
            }
        }
        tx.commit().await?;
        if made.is_empty() {
            return Ok(filed);
        }
    }
}

/// Which subscriptions are due for which period, of those that have been over for long enough.
fn periods(due: &[Due], now: DateTime<Utc>) -> BTreeMap<String, Vec<Uuid>> {
    let mut periods: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for due in due {
        if let Some((_, period)) = last_due(&due.preferences, now)
            && period.until + MARGIN <= now
        {
            periods.entry(period.name()).or_default().push(due.id);
        }
    }
    periods
}

/// Makes the issue of what has changed since the last one that came at once, where somebody wants it.
async fn plan_instant(db: &mut PgConnection, patience: Patience, now: DateTime<Utc>) -> anyhow::Result<u64> {
    let mut tx = db.begin().await?;
    deals::lock(&mut tx).await?;
    let until = (now - INSTANT_MARGIN).duration_trunc(TimeDelta::minutes(1))?;
    let since = settings::get(&mut *tx, INSTANT).await?;
    let since = since.as_ref().and_then(Value::as_str).and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let from = since.unwrap_or(until);
    if since.is_some() && until - from < INSTANT_SPAN {
        tx.rollback().await?;
        return Ok(0);
    }
    settings::set(&mut *tx, INSTANT, json!(until)).await?;
    let subscriptions = subscriptions::instant(&mut tx).await?;
    let mut filed = 0;
    if from < until && !subscriptions.is_empty() {
        let issue = chosen(&mut tx, Period { cadence: Cadence::Instant, from, until }, patience).await?;
        if !issue.entries.is_empty() {
            issues::freeze(&mut tx, &issue, now).await?;
            if let Some(issue) = issues::id_of(&mut tx, &issue.period.name()).await? {
                filed = deliveries::plan(&mut tx, issue, &subscriptions, now).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(filed)
}
