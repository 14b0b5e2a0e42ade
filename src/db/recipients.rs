//! Who receives a subscription: asking for it, confirming, leaving. With `db::deliveries` the only place where an address
//! leaves the database.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, types::Json};
use uuid::Uuid;

use super::{
    addresses,
    deliveries::{self, Letter},
    new_id, parsed, settings, subscriptions,
};
use crate::model::{Channel, Preferences, Wish};

/// Under which key the settings keep what links are signed with.
const SIGNING_KEY: &str = "signing_key";

/// How many letters about subscriptions an address is sent in a day, whoever asks for them.
const LETTERS_A_DAY: i64 = 4;

/// What links are signed with: `fresh` where there is none yet. Hexadecimal.
pub async fn signing_key(db: &mut PgConnection, fresh: &str) -> sqlx::Result<String> {
    if let Some(Value::String(key)) = settings::get(&mut *db, SIGNING_KEY).await? {
        return Ok(key);
    }
    sqlx::query!(
        "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING",
        SIGNING_KEY,
        json!(fresh)
    )
    .execute(&mut *db)
    .await?;
    let key = settings::get(&mut *db, SIGNING_KEY).await?;
    Ok(key.and_then(|key| key.as_str().map(ToOwned::to_owned)).unwrap_or_else(|| fresh.to_owned()))
}

/// Notes that somebody asked, and counts how often they did in the last hour, this time included.
pub async fn count_request(db: &mut PgConnection, who: &[u8], now: DateTime<Utc>) -> sqlx::Result<i64> {
    sqlx::query!("DELETE FROM requests WHERE at < $1", now - TimeDelta::days(1)).execute(&mut *db).await?;
    sqlx::query!("INSERT INTO requests (who, at) VALUES ($1, $2)", who, now).execute(&mut *db).await?;
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM requests WHERE who = $1 AND at > $2"#,
        who,
        now - TimeDelta::hours(1)
    )
    .fetch_one(db)
    .await
}

/// What somebody asks for.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The way.
    pub channel: Channel,
    /// The mail address or the webhook.
    pub address: &'a str,
    /// The filter as an address has it, without its question mark.
    pub query: &'a str,
    /// The filter as it is understood.
    pub wish: &'a Wish,
    /// When and how.
    pub preferences: &'a Preferences,
}

/// Files what somebody asks for, to be confirmed by a letter. Where the address has confirmed the same already, a letter says
/// so instead; where it gets too many letters, or has complained, nothing happens. Nothing of that can be told from outside.
pub async fn ask(db: &mut PgConnection, asked: &Asked<'_>, now: DateTime<Utc>) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    let address = addresses::id_of(&mut tx, asked.channel, asked.address, now).await?;
    let known = sqlx::query!(
        "SELECT r.id, r.confirmed_at FROM recipients r JOIN subscriptions s ON s.id = r.subscription_id
         WHERE r.address_id = $1 AND s.query = $2 ORDER BY r.confirmed_at NULLS LAST LIMIT 1",
        address,
        asked.query
    )
    .fetch_optional(&mut *tx)
    .await?;
    let (recipient, letter) = match known {
        Some(row) if row.confirmed_at.is_some() => (row.id, Letter::Known),
        Some(row) => (row.id, Letter::Confirm),
        None => {
            let subscription = new_id(now);
            let Preferences { cadence, weekday, hour, zone, format, when_quiet } = asked.preferences;
            sqlx::query!(
                "INSERT INTO subscriptions (id, query, wish, cadence, weekday, hour, zone, format, when_quiet, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                subscription,
                asked.query,
                Json(asked.wish) as _,
                cadence.to_string(),
                i16::from(*weekday),
                i16::from(*hour),
                zone.name(),
                format.to_string(),
                when_quiet,
                now
            )
            .execute(&mut *tx)
            .await?;
            (add(&mut tx, subscription, address, None, now).await?, Letter::Confirm)
        }
    };
    if may_write(&mut tx, address, now).await? {
        deliveries::file(&mut tx, letter, recipient, now).await?;
    }
    tx.commit().await
}

/// Files a further address of a subscription, or one in the place of another (`replaces`), to be confirmed.
pub async fn invite(
    db: &mut PgConnection,
    subscription: Uuid,
    channel: Channel,
    address: &str,
    replaces: Option<Uuid>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    let address = addresses::id_of(&mut tx, channel, address, now).await?;
    let known = sqlx::query!(
        "SELECT id, confirmed_at FROM recipients WHERE subscription_id = $1 AND address_id = $2",
        subscription,
        address
    )
    .fetch_optional(&mut *tx)
    .await?;
    let recipient = match known {
        Some(row) if row.confirmed_at.is_some() => None,
        Some(row) => Some(row.id),
        None => Some(add(&mut tx, subscription, address, replaces, now).await?),
    };
    if let Some(recipient) = recipient
        && may_write(&mut tx, address, now).await?
    {
        let letter = if replaces.is_some() { Letter::Address } else { Letter::Confirm };
        deliveries::file(&mut tx, letter, recipient, now).await?;
    }
    tx.commit().await
}

async fn add(
    db: &mut PgConnection,
    subscription: Uuid,
    address: Uuid,
    replaces: Option<Uuid>,
    now: DateTime<Utc>,
) -> sqlx::Result<Uuid> {
    let id = new_id(now);
    sqlx::query!(
        "INSERT INTO recipients (id, subscription_id, address_id, replaces, created_at) VALUES ($1, $2, $3, $4, $5)",
        id,
        subscription,
        address,
        replaces,
        now
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// Whether a letter about a subscription may still go to an address today.
async fn may_write(db: &mut PgConnection, address: Uuid, now: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT (SELECT suspended_for IS DISTINCT FROM 'complaint' FROM addresses WHERE id = $1)
                  AND (SELECT count(*) < $3 FROM deliveries d JOIN recipients r ON r.id = d.recipient_id
                       WHERE r.address_id = $1 AND d.issue_id IS NULL AND d.created_at > $2) AS "may!""#,
        address,
        now - TimeDelta::days(1),
        LETTERS_A_DAY
    )
    .fetch_one(db)
    .await
}

/// Notes which link confirms a recipient: the latest one alone does.
pub async fn note_link(db: &mut PgConnection, recipient: Uuid, hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query!("UPDATE recipients SET confirm_hash = $2 WHERE id = $1", recipient, hash).execute(db).await?;
    Ok(())
}

/// Whether a link confirms a recipient: 32 bytes, the SHA-256 of its token.
pub async fn would_confirm(db: &mut PgConnection, recipient: Uuid, hash: &[u8]) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM recipients WHERE id = $1 AND confirm_hash = $2) AS "would!""#,
        recipient,
        hash
    )
    .fetch_one(db)
    .await
}

/// Confirms a recipient by its link. `first` says when an issue is due first, of the subscription's preferences. Whether the
/// link held.
pub async fn confirm(
    db: &mut PgConnection,
    recipient: Uuid,
    hash: &[u8],
    first: impl FnOnce(&Preferences) -> Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    let confirmed = sqlx::query!(
        "UPDATE recipients SET confirmed_at = coalesce(confirmed_at, $3), confirm_hash = NULL
         WHERE id = $1 AND confirm_hash = $2 RETURNING subscription_id, address_id, replaces",
        recipient,
        hash,
        now
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = confirmed else { return Ok(false) };
    // Somebody reads what is sent there.
    sqlx::query!(
        "UPDATE addresses SET suspended_at = NULL, suspended_for = NULL, bounces = 0 WHERE id = $1",
        row.address_id
    )
    .execute(&mut *tx)
    .await?;
    if let Some(old) = row.replaces {
        sqlx::query!("UPDATE recipients SET replaces = NULL WHERE id = $1", recipient).execute(&mut *tx).await?;
        leave(&mut tx, old).await?;
    }
    if let Some(subscription) = subscriptions::preferences_of(&mut tx, row.subscription_id).await? {
        sqlx::query!(
            "UPDATE subscriptions SET next_at = coalesce(next_at, $2) WHERE id = $1",
            row.subscription_id,
            first(&subscription)
        )
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// A recipient with its subscription.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The recipient's id.
    pub recipient: Uuid,
    /// Which of its links hold.
    pub generation: u64,
    /// Whether it has confirmed.
    pub confirmed: bool,
    /// Whether nothing is sent to its address any more.
    pub suspended: bool,
    /// The way.
    pub channel: Channel,
    /// Its address.
    pub address: String,
    /// The subscription's id.
    pub subscription: Uuid,
    /// The filter as an address has it.
    pub query: String,
    /// The filter.
    pub wish: Wish,
    /// When and how.
    pub preferences: Preferences,
    /// When the next issue is due.
    pub next_at: Option<DateTime<Utc>>,
}

/// A recipient.
pub async fn membership(db: &mut PgConnection, recipient: Uuid) -> sqlx::Result<Option<Membership>> {
    let row = sqlx::query!(
        r#"SELECT r.id, r.generation, r.confirmed_at IS NOT NULL AS "confirmed!", a.suspended_at IS NOT NULL AS "suspended!",
                  a.channel, a.address, s.id AS subscription, s.query, s.wish AS "wish: Json<Wish>", s.cadence, s.weekday, s.hour,
                  s.zone, s.format, s.when_quiet, s.next_at
           FROM recipients r JOIN addresses a ON a.id = r.address_id JOIN subscriptions s ON s.id = r.subscription_id
           WHERE r.id = $1"#,
        recipient
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        Ok(Membership {
            recipient: row.id,
            generation: parsed(u64::try_from(row.generation))?,
            confirmed: row.confirmed,
            suspended: row.suspended,
            channel: parsed(row.channel.parse())?,
            address: row.address,
            subscription: row.subscription,
            query: row.query,
            wish: row.wish.0,
            preferences: subscriptions::preferences(
                &row.cadence,
                row.weekday,
                row.hour,
                &row.zone,
                &row.format,
                row.when_quiet,
            )?,
            next_at: row.next_at,
        })
    })
    .transpose()
}

/// One of those who receive a subscription.
#[derive(Debug, Clone)]
pub struct Mate {
    /// Its id.
    pub recipient: Uuid,
    /// The way.
    pub channel: Channel,
    /// Its address.
    pub address: String,
    /// Whether it has confirmed.
    pub confirmed: bool,
}

impl Mate {
    /// What is shown of its address: a mail address as it is, of a webhook, which is a secret, the host.
    pub fn shown(&self) -> String {
        match self.channel {
            Channel::Mail => self.address.clone(),
            _ => url::Url::parse(&self.address)
                .ok()
                .and_then(|url| url.host_str().map(ToOwned::to_owned))
                .unwrap_or_default(),
        }
    }
}

/// All who receive a subscription, the first who came first.
pub async fn mates(db: &mut PgConnection, subscription: Uuid) -> sqlx::Result<Vec<Mate>> {
    let rows = sqlx::query!(
        r#"SELECT r.id, a.channel, a.address, r.confirmed_at IS NOT NULL AS "confirmed!"
           FROM recipients r JOIN addresses a ON a.id = r.address_id WHERE r.subscription_id = $1 ORDER BY r.id"#,
        subscription
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Mate {
                recipient: row.id,
                channel: parsed(row.channel.parse())?,
                address: row.address,
                confirmed: row.confirmed,
            })
        })
        .collect()
}

/// Takes a recipient out, and what nobody needs any more: a subscription without recipients, an address without
/// subscriptions. Of an address that is suspended the row stays, so that it is not written to again by mistake.
pub async fn leave(db: &mut PgConnection, recipient: Uuid) -> sqlx::Result<bool> {
    let left = sqlx::query!("DELETE FROM recipients WHERE id = $1 RETURNING subscription_id, address_id", recipient)
        .fetch_optional(&mut *db)
        .await?;
    let Some(left) = left else { return Ok(false) };
    sqlx::query!(
        "DELETE FROM subscriptions WHERE id = $1 AND NOT EXISTS (
             SELECT FROM recipients WHERE subscription_id = $1 AND (confirmed_at IS NOT NULL OR replaces IS NULL))",
        left.subscription_id
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "DELETE FROM addresses a WHERE suspended_at IS NULL AND NOT EXISTS (SELECT FROM recipients WHERE address_id = a.id)
         AND id = $1",
        left.address_id
    )
    .execute(db)
    .await?;
    Ok(true)
}

/// Deletes all that is known of a recipient's address: every subscription that it receives, and the address itself.
pub async fn forget(db: &mut PgConnection, recipient: Uuid) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    let address = sqlx::query_scalar!("SELECT address_id FROM recipients WHERE id = $1", recipient)
        .fetch_optional(&mut *tx)
        .await?;
    if let Some(address) = address {
        let all =
            sqlx::query_scalar!("SELECT id FROM recipients WHERE address_id = $1", address).fetch_all(&mut *tx).await?;
        for recipient in all {
            leave(&mut tx, recipient).await?;
        }
        sqlx::query!("DELETE FROM addresses WHERE id = $1", address).execute(&mut *tx).await?;
    }
    tx.commit().await
}

/// All that is known of a recipient's address, for whoever it belongs to.
pub async fn data(db: &mut PgConnection, recipient: Uuid) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        r#"SELECT jsonb_build_object(
               'address', a.address, 'channel', a.channel, 'known_since', a.created_at, 'bounces', a.bounces,
               'suspended_at', a.suspended_at, 'suspended_for', a.suspended_for,
               'subscriptions', (
                   SELECT jsonb_agg(jsonb_build_object(
                       'filter', s.query, 'cadence', s.cadence, 'weekday', s.weekday, 'hour', s.hour, 'time_zone', s.zone,
                       'format', s.format, 'when_quiet', s.when_quiet, 'next_at', s.next_at, 'asked_at', r.created_at,
                       'confirmed_at', r.confirmed_at,
                       'sent', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                                    'what', coalesce(i.name, d.kind), 'state', d.state, 'at', d.done_at) ORDER BY d.created_at), '[]')
                                FROM deliveries d LEFT JOIN issues i ON i.id = d.issue_id WHERE d.recipient_id = r.id))
                       ORDER BY r.id)
                   FROM recipients r JOIN subscriptions s ON s.id = r.subscription_id WHERE r.address_id = a.id)) AS "data!"
           FROM recipients mine JOIN addresses a ON a.id = mine.address_id WHERE mine.id = $1"#,
        recipient
    )
    .fetch_optional(db)
    .await
}

/// Deletes what nobody confirmed within three days.
pub async fn purge(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    let stale = sqlx::query_scalar!(
        "SELECT id FROM recipients WHERE confirmed_at IS NULL AND created_at < $1 LIMIT 1000",
        now - TimeDelta::days(3)
    )
    .fetch_all(&mut *db)
    .await?;
    for recipient in stale {
        leave(db, recipient).await?;
    }
    Ok(())
}

/// Whether two recipients receive the same subscription.
pub async fn are_mates(db: &mut PgConnection, one: Uuid, other: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM recipients a JOIN recipients b USING (subscription_id) WHERE a.id = $1 AND b.id = $2) AS "are!""#,
        one,
        other
    )
    .fetch_one(db)
    .await
}
