//! Subscriptions to hubs (`WebSub`), which tell of a feed's news at once.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use url::Url;

use crate::{db::sources, ingest::fetch::Fetcher};

/// For how long a hub is asked to push, in seconds: ten days.
const LEASE: &str = "864000";

/// Asks the hubs of sources for subscriptions that are missing or about to end. A hub that does not answer is asked
/// again hours later; until then the source is polled like any other, and with a subscription, too.
pub async fn subscribe(pool: &PgPool, fetcher: &Fetcher, callback: &Url, now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
    for source in sources::to_subscribe(pool, now, &hex::encode(random)).await? {
        let (Ok(hub), Ok(callback)) = (Url::parse(&source.hub), callback.join(&format!("websub/{}", source.id))) else {
            continue;
        };
        let form = [
            ("hub.mode", "subscribe"),
            ("hub.topic", &source.topic),
            ("hub.callback", callback.as_str()),
            ("hub.secret", &source.secret),
            ("hub.lease_seconds", LEASE),
        ];
        if let Err(error) = fetcher.post_form(&hub, &form).await {
            tracing::info!(hub = source.hub, topic = source.topic, "no subscription: {error}");
        }
    }
    Ok(())
}
