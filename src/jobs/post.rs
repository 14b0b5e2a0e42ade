//! What is due goes out: claimed, committed, sent, recorded.

mod content;
mod pace;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use chrono::{TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{corrections, digest::plan};
use crate::{
    db::{
        addresses,
        deliveries::{self, Claimed, Letter, State, To},
        recipients,
    },
    digest::{
        hook::{self, Note},
        inbound,
        links::{Page, link, signing_key},
        mail::{Headers, Sender, message},
        render::Body,
        smtp::{Line, Outbox, Outcome},
        token::{Key, Purpose},
    },
    ingest::fetch::{FetchError, Fetcher},
    ledger::quiet::Patience,
    model::{Channel, EmailAddress},
};
use content::{Kept, Told, told};
pub use pace::Pace;
use pace::Turns;

/// How long to wait after each failed try, in minutes; after the last one it has failed.
const BACKOFF: [i64; 9] = [1, 5, 15, 30, 60, 180, 360, 720, 1440];
/// How long a sender rests when nothing is due.
const REST: Duration = Duration::from_secs(2);

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
    turns: Turns,
    /// Whether it was told that there is no mail server, and that the one there is does not answer.
    complained: AtomicBool,
    line_is_down: AtomicBool,
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
            turns: Turns::default(),
            complained: AtomicBool::new(false),
            line_is_down: AtomicBool::new(false),
        })
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
    recipients::purge(&mut db, now).await?;
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
    if let Some(wait) = post.turns.take(post.pace, address.domain()).await {
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
    if let Some(wait) = post.turns.take(post.pace, url.host_str().unwrap_or_default()).await {
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
        Outcome::Taken => {
            let by_mail = claimed.to.as_ref().is_some_and(|to| to.channel == Channel::Mail);
            if by_mail && post.line_is_down.swap(false, Ordering::Relaxed) {
                tracing::info!("the mail server answers again");
            }
            settle(db, post, claimed, State::Sent, "").await?;
        }
        Outcome::Uncertain(words) => settle(db, post, claimed, State::Uncertain, &redacted(&words)).await?,
        Outcome::Refused(words) => {
            settle(db, post, claimed, State::Failed, &redacted(&words)).await?;
            if let Some(at) = addresses::of_delivery(db, claimed.id).await? {
                addresses::bounced(db, at, inbound::MOST_BOUNCES, Utc::now()).await?;
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
            if !post.line_is_down.swap(true, Ordering::Relaxed) {
                tracing::warn!(reason = redacted(&words), "there is no line to the mail server; what is due waits");
            }
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
