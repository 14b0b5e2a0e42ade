//! What a delivery says, by its kind and its way.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use anyhow::Context;
use chrono::{TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Post;
use crate::{
    db::{
        deliveries::{Claimed, Letter, To},
        issues::{self, Frozen},
        recipients,
    },
    digest::{
        choice::view,
        hook::{self, Note},
        letter,
        links::{Page, link},
        render::{self, Body},
        token::{self, Purpose},
    },
    ledger::issue::Correction,
    model::{Cadence, Channel},
};

/// For how many hours a link that confirms holds.
const CONFIRM_HOURS: i64 = 48;
/// How many rendered mails are kept for those with the same filter.
const KEPT: usize = 64;

/// What is kept from one delivery to the next.
#[derive(Default)]
pub(super) struct Kept {
    issues: HashMap<Uuid, Arc<Frozen>>,
    /// By issue and filter; `None`: the filter leaves nothing.
    bodies: HashMap<(Uuid, String), Arc<(Body, bool)>>,
}

/// What a delivery says, in the form of its way.
pub(super) enum Told {
    Mail(Body),
    Note(Note),
}

/// What a delivery says; `None`: nothing.
pub(super) async fn told(
    db: &mut PgConnection,
    post: &Post,
    claimed: &Claimed,
    to: &To,
) -> anyhow::Result<Option<Told>> {
    let by_mail = to.channel == Channel::Mail;
    let body = match claimed.letter {
        Letter::Confirm | Letter::Address => {
            let until = token::millis(Utc::now() + TimeDelta::hours(CONFIRM_HOURS));
            let token = post.key.sign(Purpose::Confirm, to.recipient, until);
            recipients::note_link(db, to.recipient, &token::hash(&token)).await?;
            let href = link(&post.site, Page::Confirm, &token);
            if !by_mail {
                return Ok(Some(Told::Note(hook::confirm(&letter::in_words(&to.query, &to.preferences), href))));
            }
            if claimed.letter == Letter::Address {
                letter::address(href, CONFIRM_HOURS, &post.site)?
            } else {
                letter::confirm(&to.query, &to.preferences, href, CONFIRM_HOURS, &post.site)?
            }
        }
        Letter::Known => letter::known(&to.query, &to.preferences, &post.site)?,
        Letter::Correction => {
            let frozen = frozen(db, post, claimed.issue.context("a correction of no issue")?).await?;
            let all = issues::corrections_of(db, frozen.id, claimed.filed_at).await?;
            let corrections = concerning(db, &frozen, all, to).await?;
            if corrections.is_empty() {
                return Ok(None);
            }
            let title = frozen.issue.period.title();
            if !by_mail {
                return Ok(Some(Told::Note(hook::correction(&title, &frozen.name, &corrections, &post.site))));
            }
            let page = format!("{}/digest/{}", post.site.as_str().trim_end_matches('/'), frozen.name);
            letter::correction(&title, &page, &corrections, &post.site)?
        }
        Letter::Issue => {
            let frozen = frozen(db, post, claimed.issue.context("an issue without an id")?).await?;
            if !by_mail {
                let view = view(db, &frozen.issue, &to.wish).await?;
                if view.entries.is_empty() && !to.preferences.when_quiet {
                    return Ok(None);
                }
                let subject = format!("Wattline's digest, {}", frozen.issue.period.title());
                return Ok(Some(Told::Note(hook::issue(&view, &subject, &post.site))));
            }
            let kept = issue_body(db, post, &frozen, to).await?;
            // What comes at once comes because something changed, or not at all.
            let when_quiet = to.preferences.when_quiet && to.preferences.cadence != Cadence::Instant;
            if kept.1 && !when_quiet {
                return Ok(None);
            }
            kept.0.clone()
        }
    };
    let manage = link(&post.site, Page::Preferences, &post.key.sign(Purpose::Manage, to.recipient, to.generation));
    let leave = link(&post.site, Page::Unsubscribe, &post.key.sign(Purpose::Leave, to.recipient, to.generation));
    Ok(Some(Told::Mail(body.addressed(&manage, &leave))))
}

/// The corrections of what a recipient was told.
async fn concerning(
    db: &mut PgConnection,
    frozen: &Frozen,
    corrections: Vec<Correction>,
    to: &To,
) -> anyhow::Result<Vec<Correction>> {
    let seen: HashSet<Uuid> = view(db, &frozen.issue, &to.wish).await?.entries.iter().map(|entry| entry.deal).collect();
    Ok(corrections.into_iter().filter(|correction| seen.contains(&correction.deal)).collect())
}

/// An issue, kept for the next delivery of it.
async fn frozen(db: &mut PgConnection, post: &Post, issue: Uuid) -> anyhow::Result<Arc<Frozen>> {
    if let Some(frozen) = post.kept.lock().await.issues.get(&issue) {
        return Ok(Arc::clone(frozen));
    }
    let frozen = Arc::new(issues::get(db, issue).await?.context("an issue is not there any more")?);
    let mut kept = post.kept.lock().await;
    if kept.issues.len() >= 4 {
        kept.issues.clear();
    }
    kept.issues.insert(issue, Arc::clone(&frozen));
    Ok(frozen)
}

/// An issue as a filter leaves it, and whether that is nothing. Rendered once for all who have the same filter.
async fn issue_body(db: &mut PgConnection, post: &Post, frozen: &Frozen, to: &To) -> anyhow::Result<Arc<(Body, bool)>> {
    let key = (frozen.id, to.query.clone());
    if let Some(body) = post.kept.lock().await.bodies.get(&key) {
        return Ok(Arc::clone(body));
    }
    let view = view(db, &frozen.issue, &to.wish).await?;
    let body = Arc::new((render::issue(&view, &to.query, &post.site)?, view.entries.is_empty()));
    let mut kept = post.kept.lock().await;
    if kept.bodies.len() >= KEPT {
        kept.bodies.clear();
    }
    kept.bodies.insert(key, Arc::clone(&body));
    Ok(body)
}
