//! What is due goes out: claimed, committed, sent, recorded.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use chrono::{TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use super::{corrections, digest::plan};
use crate::{
    db::{
        deliveries::{self, Claimed, Letter, State, To},
        issues::{self, Frozen},
        subscriptions,
    },
    digest::{
        choice::view,
        hook::{self, Note},
        inbound, letter,
        links::{Page, link, signing_key},
        mail::{Headers, Sender, message},
        render::{self, Body},
        smtp::{Line, Outbox, Outcome},
        token::{self, Key, Purpose},
    },
    ingest::fetch::{FetchError, Fetcher},
    ledger::{issue::Correction, quiet::Patience},
    model::{Cadence, Channel, EmailAddress},
};

/// For how many hours a link that confirms holds.
const CONFIRM_HOURS: i64 = 48;
/// How long to wait after each failed try, in minutes; after the last one it has failed.
const BACKOFF: [i64; 9] = [1, 5, 15, 30, 60, 180, 360, 720, 1440];
/// How many rendered mails are kept for those with the same filter.
const KEPT: usize = 64;
/// How long a sender rests when nothing is due.
const REST: Duration = Duration::from_secs(2);

/// How fast mail goes out, of one worker.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// At most so many mails a second.
    pub a_second: f64,
    /// At most so many mails a minute to one domain.
    pub domain_a_minute: f64,
    /// Over so many lines at once.
    pub lines: usize,
}

/// What the post works with.
pub struct Post {
    /// The record.
    pub pool: PgPool,
    /// Where mail is handed in; `None`: nowhere, it waits.
    pub outbox: Option<Outbox>,
    /// What asks webhooks.
    pub fetcher: Fetcher,
    /// Where the mail server drops what comes back.
    pub inbound: Option<PathBuf>,
    /// Who sends.
    pub sender: Sender,
    /// What links begin with.
    pub site: Url,
    /// What links are signed with.
    pub key: Key,
    /// How fast.
    pub pace: Pace,
    /// After how long without news a promise has gone quiet.
    pub patience: Patience,
    worker: i32,
    /// The connection whose lock says that this worker lives.
    _life: PgConnection,
    kept: Mutex<Kept>,
    next: Mutex<HashMap<String, Instant>>,
    complained: AtomicBool,
}

/// What is kept from one delivery to the next.
#[derive(Default)]
struct Kept {
    issues: HashMap<Uuid, Arc<Frozen>>,
    /// By issue and filter; `None`: the filter leaves nothing.
    bodies: HashMap<(Uuid, String), Arc<(Body, bool)>>,
}

/// How the post is run.
pub struct Setting {
    /// Where mail is handed in.
    pub outbox: Option<Outbox>,
    /// What asks webhooks.
    pub fetcher: Fetcher,
    /// Where the mail server drops what comes back; `None`: nowhere.
    pub inbound: Option<PathBuf>,
    /// Who sends.
    pub sender: Sender,
    /// What links begin with.
    pub site: Url,
    /// How fast.
    pub pace: Pace,
    /// After how long without news a promise has gone quiet.
    pub patience: Patience,
}

impl Post {
    /// Opens the post: from now on this process says that it lives, until it ends, however it ends.
    ///
    /// # Errors
    /// Where the database or the system's randomness fails.
    pub async fn open(pool: PgPool, setting: Setting) -> anyhow::Result<Self> {
        let mut life = pool.acquire().await?.detach();
        let key = signing_key(&mut life).await?;
        let worker = loop {
            let mut bytes = [0; 4];
            getrandom::fill(&mut bytes).context("the system has no randomness")?;
            let number = i32::from_be_bytes(bytes) & i32::MAX;
            if deliveries::live(&mut life, number).await? {
                break number;
            }
        };
        if let Some(outbox) = &setting.outbox {
            crate::digest::smtp::prepare(outbox).await?;
        }
        let Setting { outbox, fetcher, inbound, sender, site, pace, patience } = setting;
        Ok(Self {
            pool,
            outbox,
            fetcher,
            inbound,
            sender,
            site,
            key,
            pace,
            patience,
            worker,
            _life: life,
            kept: Mutex::default(),
            next: Mutex::default(),
            complained: AtomicBool::new(false),
        })
    }

    /// Waits until a mail may go out, and takes its place in the row; `Some`: to its domain none may for so long.
    async fn take_turn(&self, domain: &str) -> Option<Duration> {
        let now = Instant::now();
        let wait = {
            let mut next = self.next.lock().await;
            if next.len() > 10_000 {
                next.retain(|_, at| *at > now);
            }
            let to_domain = next.get(domain).map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
            if to_domain > Duration::from_secs(1) {
                return Some(to_domain);
            }
            let mut turn = |key: &str, every: f64| {
                let at = next.entry(key.to_owned()).or_insert(now);
                let turn = (*at).max(now);
                *at = turn + Duration::from_secs_f64(every);
                turn
            };
            let turn = turn("", 1.0 / self.pace.a_second).max(turn(domain, 60.0 / self.pace.domain_a_minute));
            turn.saturating_duration_since(now)
        };
        tokio::time::sleep(wait).await;
        None
    }
}

/// Sends what is due, as it becomes due, until `stop` is cancelled.
///
/// # Errors
/// Where the database fails at the start.
pub async fn run(post: Arc<Post>, stop: CancellationToken) -> anyhow::Result<()> {
    let planning = async {
        while !stop.is_cancelled() {
            if let Err(error) = tend(&post).await {
                tracing::error!(error = format!("{error:#}"), "the digest could not be planned");
            }
            rest(&stop, Duration::from_secs(15)).await;
        }
    };
    let sending = (0..post.pace.lines.max(1)).map(|_| {
        let (post, stop) = (Arc::clone(&post), stop.clone());
        async move {
            let mut line = post.outbox.clone().map(Line::new);
            while !stop.is_cancelled() {
                match next(&post, line.as_mut()).await {
                    Ok(true) => {}
                    Ok(false) => {
                        if let Some(line) = &mut line {
                            line.close().await;
                        }
                        rest(&stop, REST).await;
                    }
                    Err(error) => {
                        tracing::error!(error = format!("{error:#}"), "a delivery could not be made");
                        rest(&stop, REST).await;
                    }
                }
            }
            if let Some(line) = &mut line {
                line.close().await;
            }
        }
    });
    tokio::join!(planning, futures::future::join_all(sending));
    Ok(())
}

async fn rest(stop: &CancellationToken, time: Duration) {
    let _ = tokio::time::timeout(time, stop.cancelled()).await;
}

/// What is seen to now and then: what dead workers left, and what is due.
///
/// # Errors
/// Where the database fails.
pub async fn tend(post: &Post) -> anyhow::Result<()> {
    let mut db = post.pool.acquire().await?;
    let now = Utc::now();
    let uncertain = deliveries::sweep(&mut db, now).await?;
    if uncertain > 0 {
        tracing::warn!(uncertain, "a worker died while it sent: whether these deliveries arrived is uncertain");
    }
    subscriptions::purge(&mut db, now).await?;
    take_in(&mut db, post).await?;
    corrections::note(&mut db, now).await?;
    plan(&mut db, post.patience, now).await?;
    if post.outbox.is_none() && deliveries::mail_waits(&mut db).await? && !post.complained.swap(true, Ordering::Relaxed)
    {
        tracing::warn!("mail waits, and there is no mail server: name one with --smtp or WATTLINE_SMTP");
    }
    Ok(())
}

/// Sends all that is due now, and returns how many deliveries were made.
///
/// # Errors
/// Where the database fails.
pub async fn drain(post: &Arc<Post>) -> anyhow::Result<u64> {
    let sending = (0..post.pace.lines.max(1)).map(|_| {
        let post = Arc::clone(post);
        async move {
            let mut line = post.outbox.clone().map(Line::new);
            let mut sent = 0;
            while next(&post, line.as_mut()).await? {
                sent += 1;
            }
            if let Some(line) = &mut line {
                line.close().await;
            }
            anyhow::Ok(sent)
        }
    });
    Ok(futures::future::try_join_all(sending).await?.into_iter().sum())
}

/// Makes the next delivery that is due; `false`: none is.
async fn next(post: &Post, line: Option<&mut Line>) -> anyhow::Result<bool> {
    let ways: &[bool] = if line.is_some() { &[true, false] } else { &[false] };
    let mut db = post.pool.acquire().await?;
    let Some(claimed) = deliveries::claim(&mut db, post.worker, ways, Utc::now()).await? else { return Ok(false) };
    let Some(to) = &claimed.to else {
        settle(&mut db, post, &claimed, State::Skipped, "nobody wants it any more").await?;
        return Ok(true);
    };
    let told = match told(&mut db, post, &claimed, to).await {
        Ok(Some(told)) => told,
        Ok(None) => {
            settle(&mut db, post, &claimed, State::Skipped, "nothing to tell").await?;
            return Ok(true);
        }
        Err(error) => {
            settle(&mut db, post, &claimed, State::Failed, "it could not be put into words").await?;
            return Err(error);
        }
    };
    // A slow server holds no connection of the database.
    drop(db);
    let outcome = match (told, line) {
        (Told::Mail(body), Some(line)) => match mail(post, line, &claimed, to, &body).await? {
            Some(outcome) => outcome,
            None => return Ok(true),
        },
        (Told::Mail(_), None) => return Ok(false),
        (Told::Note(note), _) => call(post, &claimed, to, &note).await?,
    };
    let mut db = post.pool.acquire().await?;
    outcome_of(&mut db, post, &claimed, &to.address, outcome).await?;
    Ok(true)
}

/// Sends a mail; `None`: not now, for its domain has had enough for the moment.
async fn mail(
    post: &Post,
    line: &mut Line,
    claimed: &Claimed,
    to: &To,
    body: &Body,
) -> anyhow::Result<Option<Outcome>> {
    let address = EmailAddress::parse(&to.address).context("a stored address is none")?;
    if let Some(wait) = post.take_turn(address.domain()).await {
        let until = Utc::now() + TimeDelta::from_std(wait)?;
        deliveries::put_back(&mut *post.pool.acquire().await?, claimed.id, post.worker, until).await?;
        return Ok(None);
    }
    let leave = matches!(claimed.letter, Letter::Issue | Letter::Correction | Letter::Known).then(|| {
        let token = post.key.sign(Purpose::Leave, to.recipient, to.generation);
        (link(&post.site, Page::Unsubscribe, &token), token)
    });
    let headers = Headers { delivery: claimed.id, date: Utc::now(), leave, format: to.preferences.format };
    let bytes = message(&post.sender, &address, body, &headers)?;
    let name = claimed.id.simple().to_string();
    Ok(Some(line.send(&post.sender.bounces, &address, &bytes, &name).await))
}

/// Hands a message to a webhook. Who takes signed messages knows by their id what it has seen, so that a doubtful one is sent
/// again; a chat does not.
async fn call(post: &Post, claimed: &Claimed, to: &To, note: &Note) -> anyhow::Result<Outcome> {
    let url = Url::parse(&to.address).context("a stored webhook is no URL")?;
    if let Some(wait) = post.take_turn(url.host_str().unwrap_or_default()).await {
        tokio::time::sleep(wait).await;
    }
    let body = hook::body(to.channel, note);
    let signed = to.channel == Channel::Webhook;
    let headers = if signed {
        let secret = post.key.hook_secret(to.recipient);
        hook::signature(&secret, claimed.id, Utc::now(), &body).to_vec()
    } else {
        Vec::new()
    };
    Ok(match post.fetcher.post(&url, &headers, body).await {
        Ok(()) => Outcome::Taken,
        Err(error @ (FetchError::Timeout | FetchError::Broken)) if !signed => Outcome::Uncertain(error.to_string()),
        Err(error) if error.may_pass() => Outcome::Later(error.to_string()),
        Err(error) => Outcome::Refused(error.to_string()),
    })
}

async fn settle(db: &mut PgConnection, post: &Post, claimed: &Claimed, state: State, words: &str) -> sqlx::Result<()> {
    deliveries::record(db, claimed.id, post.worker, state, words, None, Utc::now()).await
}

async fn outcome_of(
    db: &mut PgConnection,
    post: &Post,
    claimed: &Claimed,
    address: &str,
    outcome: Outcome,
) -> anyhow::Result<()> {
    let redacted = |words: &str| redacted(words, address);
    match outcome {
        Outcome::Taken => settle(db, post, claimed, State::Sent, "").await?,
        Outcome::Uncertain(words) => settle(db, post, claimed, State::Uncertain, &redacted(&words)).await?,
        Outcome::Refused(words) => {
            settle(db, post, claimed, State::Failed, &redacted(&words)).await?;
            if let Some(at) = subscriptions::address_of_delivery(db, claimed.id).await? {
                subscriptions::bounced(db, at, inbound::MOST_BOUNCES, Utc::now()).await?;
            }
        }
        Outcome::Later(words) => {
            let wait = usize::try_from(claimed.attempts - 1).ok().and_then(|tried| BACKOFF.get(tried));
            let (state, due) = match wait {
                Some(minutes) => (State::Waiting, Some(Utc::now() + TimeDelta::minutes(*minutes))),
                None => (State::Failed, None),
            };
            deliveries::record(db, claimed.id, post.worker, state, &redacted(&words), due, Utc::now()).await?;
        }
        Outcome::NoLine(words) => {
            tracing::warn!(reason = redacted(&words), "there is no line to the mail server; what is due waits");
            deliveries::put_back(db, claimed.id, post.worker, Utc::now() + TimeDelta::minutes(1)).await?;
            tokio::time::sleep(REST).await;
        }
    }
    Ok(())
}

/// What a server said, without the address that it may have named.
fn redacted(words: &str, address: &str) -> String {
    let words = words.replace(address, "…");
    let words: Vec<&str> = words.split_whitespace().map(|word| if word.contains('@') { "…" } else { word }).collect();
    words.join(" ").chars().take(500).collect()
}

/// What a delivery says, in the form of its way.
enum Told {
    Mail(Body),
    Note(Note),
}

/// What a delivery says; `None`: nothing.
async fn told(db: &mut PgConnection, post: &Post, claimed: &Claimed, to: &To) -> anyhow::Result<Option<Told>> {
    let by_mail = to.channel == Channel::Mail;
    let body = match claimed.letter {
        Letter::Confirm | Letter::Address => {
            let until = token::millis(Utc::now() + TimeDelta::hours(CONFIRM_HOURS));
            let token = post.key.sign(Purpose::Confirm, to.recipient, until);
            subscriptions::note_link(db, to.recipient, &token::hash(&token)).await?;
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

/// Reads what the mail server has dropped, and deletes what was read.
async fn take_in(db: &mut PgConnection, post: &Post) -> anyhow::Result<()> {
    let Some(folder) = &post.inbound else { return Ok(()) };
    let mut files = tokio::fs::read_dir(folder)
        .await
        .with_context(|| format!("the folder for what comes back, {}, cannot be read", folder.display()))?;
    while let Some(file) = files.next_entry().await? {
        // What a server is still writing has a dot before its name, as in a Maildir's tmp.
        let hidden = file.file_name().to_string_lossy().starts_with('.');
        if hidden || !file.file_type().await?.is_file() {
            continue;
        }
        if file.metadata().await?.len() <= inbound::LONGEST as u64 {
            let read = inbound::read(&tokio::fs::read(file.path()).await?);
            inbound::apply(db, &read, &post.key, Utc::now()).await?;
        }
        tokio::fs::remove_file(file.path()).await?;
    }
    Ok(())
}
