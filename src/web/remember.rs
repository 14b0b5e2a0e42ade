//! HTTP caching: each answer has an `ETag`, an unchanged one is not sent again, and one that was made for the present
//! state of the database is not made again.
//!
//! Which state that is, Postgres tells in a word: two snapshots that are written alike see the same rows, and any change
//! writes another. So nothing has to be told to forget. What is remembered is forgotten within a minute all the same, for
//! pages say how long ago something was.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::Utc;
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use crate::db::health;

/// Larger answers are made anew each time.
const LARGEST: u64 = 1 << 20;
/// As much is remembered in all.
const MOST: usize = 64 << 20;

/// What asks whether a page in hand is still the present one.
const POLICY: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");

/// The answers to the present state.
#[derive(Clone)]
pub struct Shelf {
    pool: PgPool,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    /// The snapshot and the minute that they are of.
    state: (String, i64),
    answers: HashMap<String, Answer>,
    bytes: usize,
}

#[derive(Clone)]
struct Answer {
    headers: HeaderMap,
    body: Bytes,
}

impl Shelf {
    /// An empty one.
    pub fn new(pool: PgPool) -> Self {
        Self { pool, kept: Arc::default() }
    }

    fn find(&self, state: &(String, i64), key: &str) -> Option<Answer> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.state == *state { kept.answers.get(key).cloned() } else { None }
    }

    fn keep(&self, state: (String, i64), key: String, answer: Answer) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.state != state || kept.bytes + answer.body.len() > MOST {
            *kept = Kept { state, ..Kept::default() };
        }
        kept.bytes += answer.body.len();
        kept.answers.insert(key, answer);
    }
}

/// Answers from what is remembered where that is of the present state, and remembers what it is answered.
pub async fn remember(State(shelf): State<Shelf>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let path = request.uri().path();
    let is_plain = matches!(*request.method(), Method::GET | Method::HEAD)
        && !headers.contains_key(header::COOKIE)
        && !headers.contains_key(header::AUTHORIZATION)
        && !["/static/", "/digest", "/admin"].iter().any(|apart| path.starts_with(apart));
    if !is_plain {
        return next.run(request).await;
    }
    let validators = headers.get(header::IF_NONE_MATCH).cloned();
    let is_head = request.method() == Method::HEAD;
    // A part of a page that a script asks for is not the page.
    let asked_as = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap_or_default()).to_owned();
    let key = format!("{} {} {}", request.uri(), asked_as("hx-request"), asked_as("hx-target"));
    // Where the database does not answer, the page says so.
    let Ok(snapshot) = health::snapshot(&shelf.pool).await else { return next.run(request).await };
    let state = (snapshot, Utc::now().timestamp() / 60);
    if let Some(answer) = shelf.find(&state, &key) {
        return answer.to(validators.as_ref(), is_head);
    }
    let (mut parts, body) = {
        // What is asked for by its head alone is made whole, so that it has the same tag.
        let mut request = request;
        *request.method_mut() = Method::GET;
        next.run(request).await.into_parts()
    };
    let is_whole = body.size_hint().exact().is_some_and(|size| size <= LARGEST);
    let is_ours = parts.headers.contains_key(header::CACHE_CONTROL) || parts.headers.contains_key(header::SET_COOKIE);
    if parts.status != StatusCode::OK || !is_whole || is_ours {
        return Response::from_parts(parts, if is_head { Body::empty() } else { body });
    }
    let Ok(body) = to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let hash = hex::encode(&Sha256::digest(&body)[..12]);
    // Weak: what is compressed on its way says the same in other bytes.
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{hash}\"")) {
        parts.headers.insert(header::ETAG, tag);
    }
    parts.headers.insert(header::CACHE_CONTROL, POLICY);
    parts.headers.append(header::VARY, HeaderValue::from_static("hx-request, hx-target"));
    let answer = Answer { headers: parts.headers, body };
    shelf.keep(state, key, answer.clone());
    answer.to(validators.as_ref(), is_head)
}

impl Answer {
    fn to(self, validators: Option<&HeaderValue>, is_head: bool) -> Response {
        let tag = self.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        if validators.and_then(|tags| tags.to_str().ok()).is_some_and(|tags| matches(tags, tag)) {
            let mut headers = self.headers;
            headers.remove(header::CONTENT_TYPE);
            headers.remove(header::CONTENT_LENGTH);
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let body = if is_head { Body::empty() } else { Body::from(self.body) };
        (self.headers, body).into_response()
    }
}

/// Whether one of these tags is this one, compared weakly (RFC 9110, 13.1.2).
fn matches(tags: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.split(',').any(|one| one.trim() == "*" || bare(one) == bare(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        assert!(matches("\"a\", W/\"b\"", "W/\"b\"") && matches("\"b\"", "W/\"b\"") && matches("*", "W/\"b\""));
        assert!(!matches("\"a\"", "W/\"b\"") && !matches("", "W/\"b\""));
    }
}
