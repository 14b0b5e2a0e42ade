//! Where mail and messages go, and what came back from there. Stored once, whoever subscribes.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::new_id;
use crate::model::Channel;

/// The id of an address, which is filed where it is not known yet.
pub(super) async fn id_of(
    db: &mut PgConnection,
    channel: Channel,
    address: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Uuid> {
    sqlx::query!(
        "INSERT INTO addresses (id, channel, address, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        new_id(now),
        channel.to_string(),
        address,
        now
    )
    .execute(&mut *db)
    .await?;
    // Locked, so that two who ask at once do not both find nothing.
    sqlx::query_scalar!(
        "SELECT id FROM addresses WHERE channel = $1 AND lower(address) = lower($2) FOR UPDATE",
        channel.to_string(),
        address
    )
    .fetch_one(db)
    .await
}

/// Counts something that came back from an address, at most once a day, and suspends it after `most` of them. What came back
/// longer than half a year ago is forgotten.
pub async fn bounced(db: &mut PgConnection, address: Uuid, most: i32, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE addresses SET
             bounces = CASE WHEN last_bounce_at < $4 THEN 1 ELSE bounces + 1 END, last_bounce_at = $3,
             suspended_at = CASE WHEN (CASE WHEN last_bounce_at < $4 THEN 1 ELSE bounces + 1 END) >= $2
                                 THEN coalesce(suspended_at, $3) ELSE suspended_at END,
             suspended_for = CASE WHEN (CASE WHEN last_bounce_at < $4 THEN 1 ELSE bounces + 1 END) >= $2
                                  THEN coalesce(suspended_for, 'bounces') ELSE suspended_for END
         WHERE id = $1",
        address,
        most,
        now,
        now - TimeDelta::days(180)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Suspends an address whose owner complained.
pub async fn complained(db: &mut PgConnection, address: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE addresses SET suspended_at = coalesce(suspended_at, $2), suspended_for = 'complaint' WHERE id = $1",
        address,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The address that a delivery went to, by the delivery's id; `None` where its recipient has left.
pub async fn of_delivery(db: &mut PgConnection, delivery: Uuid) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "SELECT r.address_id FROM deliveries d JOIN recipients r ON r.id = d.recipient_id WHERE d.id = $1",
        delivery
    )
    .fetch_optional(db)
    .await
}

/// The id of a mail address, where it is known.
pub async fn of_mail(db: &mut PgConnection, address: &str) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!("SELECT id FROM addresses WHERE channel = 'mail' AND lower(address) = lower($1)", address)
        .fetch_optional(db)
        .await
}
