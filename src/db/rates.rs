//! The reference rates by day.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::PgConnection;

use super::{parsed, settings};
use crate::{ledger::convert::Rates, model::Currency};

/// What is remembered of the last time that the rates were asked for: when.
const ASKED: &str = "rates_asked";

/// All rates. A currency that no standard knows any more is left out.
pub async fn load(db: &mut PgConnection) -> sqlx::Result<Rates> {
    let rows = sqlx::query!("SELECT currency, day, per_euro FROM rates").fetch_all(db).await?;
    Ok(Rates::of(rows.into_iter().filter_map(|row| Some((Currency::from_code(&row.currency)?, row.day, row.per_euro)))))
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
    let (mut currencies, mut days, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (currency, day, rate) in rates.iter() {
        currencies.push(currency.code().to_owned());
        days.push(day);
        values.push(rate);
    }
    write(db, &currencies, &days, &values).await
}

/// Adds the rates that ship with the program to a table without rates of its last day. What is there is left as it is,
/// for it came from the bank later.
pub async fn ship(db: &mut PgConnection) -> sqlx::Result<()> {
    let shipped = Rates::shipped();
    let known = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM rates WHERE currency = 'USD' AND day = $1) AS "known!""#,
        shipped.last_day()
    )
    .fetch_one(&mut *db)
    .await?;
    if known {
        return Ok(());
    }
    let own = load(db).await?;
    let missing = shipped.iter().filter(|(currency, day, _)| own.on(*currency, *day).is_none());
    add(db, &Rates::of(missing)).await?;
    Ok(())
}

async fn write(
    db: &mut PgConnection,
    currencies: &[String],
    days: &[NaiveDate],
    values: &[Decimal],
) -> sqlx::Result<Added> {
    let row = sqlx::query!(
        r#"WITH written AS (
               INSERT INTO rates (currency, day, per_euro) SELECT * FROM unnest($1::text[], $2::date[], $3::numeric[])
               ON CONFLICT (currency, day) DO UPDATE SET per_euro = excluded.per_euro WHERE rates.per_euro <> excluded.per_euro
               RETURNING day),
           counted AS (SELECT count(*) AS rates, min(day) AS first FROM written)
           SELECT rates AS "rates!", first, CASE WHEN rates > 0 THEN nextval('rates_state') END AS state FROM counted"#,
        currencies,
        days,
        values
    )
    .fetch_one(db)
    .await?;
    Ok(Added { rates: parsed(usize::try_from(row.rates))?, from: row.first })
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
