//! The reference rates by day.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::{PgConnection, types::Json};

use super::settings;
use crate::{ledger::convert::Rates, model::Currency};

/// What is remembered of the last time that the rates were asked for: when.
const ASKED: &str = "rates_asked";

/// All rates. A currency that no standard knows any more is left out.
pub async fn load(db: &mut PgConnection) -> sqlx::Result<Rates> {
    let rows = sqlx::query!(r#"SELECT day, per_euro AS "per_euro: Json<BTreeMap<String, Decimal>>" FROM rates"#)
        .fetch_all(db)
        .await?;
    Ok(Rates::of(rows.into_iter().flat_map(|row| {
        row.per_euro.0.into_iter().filter_map(move |(code, rate)| Some((Currency::from_code(&code)?, row.day, rate)))
    })))
}

/// What adding rates came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Added {
    /// How many rates are new or other than before.
    pub rates: usize,
    /// The first day of which one is.
    pub from: Option<NaiveDate>,
}

/// Adds rates; one that is known is replaced where it differs.
pub async fn add(db: &mut PgConnection, rates: &Rates) -> sqlx::Result<Added> {
    let known = load(db).await?;
    write(db, rates.iter().filter(|(currency, day, rate)| known.on(*currency, *day) != Some(*rate))).await
}

/// Adds the rates that ship with the program to a table that does not reach as far. What is there is left as it is, for it
/// came from the bank later.
pub async fn ship(db: &mut PgConnection) -> sqlx::Result<()> {
    let shipped = Rates::shipped();
    let known = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM rates WHERE day = $1 AND per_euro ? 'USD') AS "known!""#,
        shipped.last_day()
    )
    .fetch_one(&mut *db)
    .await?;
    if !known {
        let own = load(db).await?;
        write(db, shipped.iter().filter(|(currency, day, _)| own.on(*currency, *day).is_none())).await?;
    }
    Ok(())
}

async fn write(
    db: &mut PgConnection,
    rates: impl Iterator<Item = (Currency, NaiveDate, Decimal)>,
) -> sqlx::Result<Added> {
    let mut by_day: BTreeMap<NaiveDate, BTreeMap<&str, String>> = BTreeMap::new();
    for (currency, day, rate) in rates {
        by_day.entry(day).or_default().insert(currency.code(), rate.to_string());
    }
    let added = Added { rates: by_day.values().map(BTreeMap::len).sum(), from: by_day.keys().next().copied() };
    let (days, rates): (Vec<NaiveDate>, Vec<_>) = by_day.into_iter().map(|(day, rates)| (day, json!(rates))).unzip();
    if added.rates > 0 {
        sqlx::query!(
            "WITH counted AS (SELECT nextval('rates_state'))
             INSERT INTO rates (day, per_euro) SELECT new.* FROM unnest($1::date[], $2::jsonb[]) AS new, counted
             ON CONFLICT (day) DO UPDATE SET per_euro = rates.per_euro || excluded.per_euro",
            &days,
            &rates
        )
        .execute(db)
        .await?;
    }
    Ok(added)
}

/// A number that is another after each change of the rates.
pub async fn state(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!("SELECT last_value FROM rates_state").fetch_one(db).await
}

/// Has the claims weighed again of deals in other currencies than dollars whose day is not before `from`: what they are
/// in dollars may have changed.
pub async fn unmerge_converted(db: &mut PgConnection, from: NaiveDate) -> sqlx::Result<()> {
    sqlx::query!(
        r#"UPDATE claims SET merged_at = NULL WHERE superseded_at IS NULL AND id IN (
               SELECT dc.claim_id FROM deals d JOIN deal_claims dc ON dc.deal_id = d.id
               WHERE d.day >= $1 AND (d.record @? '$.amounts[*] ? (@.currency != "USD")'
                                      OR d.record @? '$.accounts[*].amount ? (@.currency != "USD")'))"#,
        from
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether a day has passed since the rates were asked for.
pub async fn due(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let asked = settings::get(&mut *db, ASKED).await?;
    let asked: Option<DateTime<Utc>> = asked.and_then(|value| serde_json::from_value(value).ok());
    Ok(asked.is_none_or(|asked| now - asked >= TimeDelta::days(1)))
}

/// Notes that they are asked for now.
pub async fn note_asked(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    settings::set(&mut *db, ASKED, json!(now)).await
}
