//! The ledger of what is sent: each issue to each recipient once, whatever crashes in between.
//!
//! A delivery is claimed and committed before anything is sent, and recorded afterwards. Whoever claims holds an advisory lock
//! for as long as it lives, so that what a dead worker had in hand is known at once; whether that arrived nobody can tell, so
//! that it is marked as uncertain and not sent again by itself.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use strum::{Display, EnumString, IntoStaticStr};
use uuid::Uuid;

use super::{new_id, parsed, subscriptions};
use crate::model::{Channel, Preferences, Wish};

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Letter {
    /// An issue.
    Issue,
    /// What was wrong in an issue.
    Correction,
    /// The link that confirms a subscription.
    Confirm,
    /// That the address is subscribed already.
    Known,
    /// The link that confirms a change of address.
    Address,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum State {
    /// It is to be sent.
    Waiting,
    /// A worker has it in hand.
    Sending,
    /// The other side took it.
    Sent,
    /// Nobody can tell whether the other side took it.
    Uncertain,
    /// The other side refused it for good.
    Failed,
    /// There was nothing to tell, or nobody to tell it to.
    Skipped,
}

/// The first key of the advisory locks of workers; the second is the worker's number.
const WORKERS: i32 = 0x7769_7265;

/// Files a letter about a subscription.
pub async fn file(db: &mut PgConnection, letter: Letter, recipient: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO deliveries (id, kind, recipient_id, by_mail, state, due_at, created_at)
         SELECT $1, $2, r.id, a.channel = 'mail', 'waiting', $4, $4 FROM recipients r JOIN addresses a ON a.id = r.address_id
         WHERE r.id = $3",
        new_id(now),
        letter.to_string(),
        recipient,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Files an issue for all who receive these subscriptions, once each. How many are new.
pub async fn plan(db: &mut PgConnection, issue: Uuid, subscriptions: &[Uuid], now: DateTime<Utc>) -> sqlx::Result<u64> {
    let filed = sqlx::query!(
        "INSERT INTO deliveries (id, kind, issue_id, recipient_id, by_mail, state, due_at, created_at)
         SELECT gen_random_uuid(), 'issue', $1, r.id, a.channel = 'mail', 'waiting', $3, $3
         FROM recipients r JOIN addresses a ON a.id = r.address_id
         WHERE r.subscription_id = ANY($2) AND r.confirmed_at IS NOT NULL AND a.suspended_at IS NULL
         ON CONFLICT DO NOTHING",
        issue,
        subscriptions,
        now
    )
    .execute(db)
    .await?;
    Ok(filed.rows_affected())
}

/// Files what was noted of an issue at `now` for all who were sent it, or may have been.
pub async fn plan_correction(db: &mut PgConnection, issue: Uuid, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let filed = sqlx::query!(
        "INSERT INTO deliveries (id, kind, issue_id, recipient_id, by_mail, state, due_at, created_at)
         SELECT gen_random_uuid(), 'correction', $1, d.recipient_id, d.by_mail, 'waiting', $2, $2
         FROM deliveries d WHERE d.issue_id = $1 AND d.kind = 'issue' AND d.state IN ('waiting', 'sending', 'sent', 'uncertain')
         ON CONFLICT DO NOTHING",
        issue,
        now
    )
    .execute(db)
    .await?;
    Ok(filed.rows_affected())
}

/// A delivery in hand.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id, which its `Message-ID` has.
    pub id: Uuid,
    /// What is to be sent.
    pub letter: Letter,
    /// Of which issue.
    pub issue: Option<Uuid>,
    /// When it was filed; corrections that were noted then are what it tells.
    pub filed_at: DateTime<Utc>,
    /// How often it was tried, this time included.
    pub attempts: i32,
    /// To whom; `None`: nobody wants it any more.
    pub to: Option<To>,
}

/// To whom something goes.
#[derive(Debug, Clone)]
pub struct To {
    /// The recipient.
    pub recipient: Uuid,
    /// Which of its links hold.
    pub generation: u64,
    /// The way.
    pub channel: Channel,
    /// The address.
    pub address: String,
    /// The filter as an address has it.
    pub query: String,
    /// The filter.
    pub wish: Wish,
    /// When and how.
    pub preferences: Preferences,
}

/// Takes a delivery that is due in hand, those by mail, those by webhook or any; `None`: nothing is due. Committed before
/// anything is sent.
pub async fn claim(
    db: &mut PgConnection,
    worker: i32,
    by_mail: &[bool],
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Claimed>> {
    let row = sqlx::query!(
        r#"WITH next AS (
               -- Of each way the first, by its index: of all ways at once whatever waits would be sorted each time.
               SELECT first.id FROM unnest($2::boolean[]) AS way (by_mail), LATERAL (
                   SELECT id, due_at FROM deliveries d WHERE state = 'waiting' AND d.by_mail = way.by_mail AND due_at <= $3
                   ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) first
               ORDER BY first.due_at, first.id LIMIT 1),
           claimed AS (
               UPDATE deliveries d SET state = 'sending', worker = $1, attempts = attempts + 1 FROM next WHERE d.id = next.id
               RETURNING d.id, d.kind, d.issue_id, d.recipient_id, d.attempts, d.created_at)
           SELECT c.id, c.kind, c.issue_id, c.attempts, c.created_at, r.id AS "recipient?", r.generation AS "generation?", a.channel AS "channel?",
                  a.address AS "address?", s.query AS "query?", s.wish AS "wish?: Json<Wish>", s.cadence AS "cadence?",
                  s.weekday AS "weekday?", s.hour AS "hour?", s.zone AS "zone?", s.format AS "format?", s.when_quiet AS "when_quiet?",
                  -- Who is suspended, or has not confirmed, gets what asks for a confirmation and nothing else.
                  coalesce(c.kind IN ('confirm', 'address') OR (a.suspended_at IS NULL AND r.confirmed_at IS NOT NULL), false) AS "wanted!"
           FROM claimed c LEFT JOIN recipients r ON r.id = c.recipient_id LEFT JOIN addresses a ON a.id = r.address_id
           LEFT JOIN subscriptions s ON s.id = r.subscription_id"#,
        worker,
        by_mail,
        now
    )
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let to = match (row.recipient, row.generation, row.channel, row.address, row.query, row.wish) {
        (Some(recipient), Some(generation), Some(channel), Some(address), Some(query), Some(wish)) if row.wanted => {
            let preferences = subscriptions::preferences(
                row.cadence.as_deref().unwrap_or_default(),
                row.weekday.unwrap_or_default(),
                row.hour.unwrap_or_default(),
                row.zone.as_deref().unwrap_or_default(),
                row.format.as_deref().unwrap_or_default(),
                row.when_quiet.unwrap_or_default(),
            )?;
            let (generation, channel) = (parsed(u64::try_from(generation))?, parsed(channel.parse())?);
            Some(To { recipient, generation, channel, address, query, wish: wish.0, preferences })
        }
        _ => None,
    };
    let letter = parsed(row.kind.parse())?;
    let (issue, filed_at, attempts) = (row.issue_id, row.created_at, row.attempts);
    Ok(Some(Claimed { id: row.id, letter, issue, filed_at, attempts, to }))
}

/// Records what became of a delivery; `answer` holds no address. Waiting again, it is due at `due_at`. What was marked as
/// uncertain in the meantime, because its worker seemed dead, is settled by it.
pub async fn record(
    db: &mut PgConnection,
    id: Uuid,
    worker: i32,
    state: State,
    answer: &str,
    due_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE deliveries SET state = $3, answer = $4, due_at = coalesce($5, due_at), worker = NULL,
                done_at = CASE WHEN $3 = 'waiting' THEN NULL ELSE $6::timestamptz END
         WHERE id = $1 AND (worker = $2 OR state = 'uncertain') AND state IN ('sending', 'uncertain')
         -- Not waited for until it is on the disk: should it be lost, the delivery is uncertain, and not sent again.
         AND set_config('synchronous_commit', 'off', true) = 'off'",
        id,
        worker,
        state.to_string(),
        answer,
        due_at,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a delivery that was not tried after all back, until a time.
pub async fn put_back(db: &mut PgConnection, id: Uuid, worker: i32, until: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE deliveries SET state = 'waiting', worker = NULL, attempts = attempts - 1, due_at = $3
         WHERE id = $1 AND worker = $2 AND state = 'sending'",
        id,
        worker,
        until
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Says that a worker lives: for as long as this connection does. Whether the number was free.
pub async fn live(db: &mut PgConnection, worker: i32) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1, $2) AS "free!""#, WORKERS, worker).fetch_one(db).await
}

/// Marks what dead workers had in hand as uncertain. How many.
pub async fn sweep(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let swept = sqlx::query!(
        "UPDATE deliveries d SET state = 'uncertain', worker = NULL, done_at = $2,
                answer = 'the worker that sent it ended before it knew'
         WHERE state = 'sending' AND NOT EXISTS (
             SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND l.classid::bigint = $1 AND l.objid::bigint = d.worker)",
        i64::from(WORKERS),
        now
    )
    .execute(db)
    .await?;
    Ok(swept.rows_affected())
}

/// How many deliveries are in each state, of each kind.
pub async fn counts(db: &mut PgConnection) -> sqlx::Result<Vec<(String, String, i64)>> {
    let rows = sqlx::query!(r#"SELECT kind, state, count(*) AS "count!" FROM deliveries GROUP BY 1, 2 ORDER BY 1, 2"#)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.state, row.count)).collect())
}

/// Whether anything waits to go out by mail.
pub async fn mail_waits(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM deliveries WHERE state = 'waiting' AND by_mail) AS "waits!""#)
        .fetch_one(db)
        .await
}
