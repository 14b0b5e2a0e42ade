//! `/websub/{source}`: where hubs ask whether we mean a subscription, and tell of a feed's news.

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::{Sha256, Sha384, Sha512};
use uuid::Uuid;

use super::{App, error::WebError, params::Params};
use crate::db::sources;

/// The most that a push may hold. What it holds is not read: it says that the feed itself should be.
pub const LARGEST_PUSH: usize = 8 * 1024 * 1024;

/// `GET /websub/{source}`: a hub asks whether we have asked for what it is about to do.
pub async fn verify(
    State(app): State<App>,
    Path(source): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let unknown = || StatusCode::NOT_FOUND.into_response();
    let Ok(source) = source.parse::<Uuid>() else { return Ok(unknown()) };
    let params = Params::parse(query.as_deref());
    let asked = |name: &str| params.get(name).unwrap_or_default();
    let mut db = app.db().await?;
    let Some((topic, _)) = sources::subscription(&mut *db, source).await? else { return Ok(unknown()) };
    if asked("hub.mode") != "subscribe" || asked("hub.topic") != topic {
        return Ok(unknown());
    }
    let lease = asked("hub.lease_seconds").parse().unwrap_or(86_400_i64).clamp(0, 30 * 86_400);
    sources::subscribed(&mut *db, source, Utc::now() + TimeDelta::seconds(lease)).await?;
    Ok(asked("hub.challenge").to_owned().into_response())
}

/// `POST /websub/{source}`: a hub says that the feed has news. One that cannot sign it is thanked and not believed, as the
/// specification has it, lest it learn what a secret is not.
pub async fn push(
    State(app): State<App>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, WebError> {
    let Ok(source) = source.parse::<Uuid>() else { return Ok(StatusCode::NOT_FOUND) };
    let mut db = app.db().await?;
    let Some((_, secret)) = sources::subscription(&mut *db, source).await? else { return Ok(StatusCode::NOT_FOUND) };
    let signature = headers.get("x-hub-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if is_signed(signature, &secret, &body) {
        sources::due_now(&mut *db, source, Utc::now()).await?;
    }
    Ok(StatusCode::ACCEPTED)
}

/// Whether a push is signed with the secret, by a method that is still good.
fn is_signed(signature: &str, secret: &str, body: &[u8]) -> bool {
    let Some((method, signature)) = signature.split_once('=') else { return false };
    let Ok(signature) = hex::decode(signature) else { return false };
    macro_rules! fits {
        ($hash:ty) => {
            Hmac::<$hash>::new_from_slice(secret.as_bytes())
                .is_ok_and(|mac| mac.chain_update(body).verify_slice(&signature).is_ok())
        };
    }
    match method {
        "sha256" => fits!(Sha256),
        "sha384" => fits!(Sha384),
        "sha512" => fits!(Sha512),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_signed;

    #[test]
    fn a_push_is_believed_that_is_signed_with_the_secret() {
        // RFC 4231, test case 2.
        let signature = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(is_signed(signature, "Jefe", b"what do ya want for nothing?"));
        assert!(!is_signed(signature, "Jefe", b"what do ya want for something?"));
        assert!(!is_signed("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", "Jefe", b"what do ya want for nothing?"));
        assert!(!is_signed("", "Jefe", b""));
    }
}
