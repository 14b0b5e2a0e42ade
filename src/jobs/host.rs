//! Asking hosts politely: one request a host at a time, with a pause behind each, whichever worker asks.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use sqlx::PgPool;
use texting_robots::Robot;
use tokio::task::JoinHandle;
use url::Url;
use uuid::Uuid;

use crate::{
    db::{hosts, new_id},
    ingest::fetch::{Body, FetchError, Fetched, Fetcher, Hop, Validators},
};

/// The name by which `robots.txt` knows us.
const ROBOT: &str = "Wattline";

/// A host whose turn comes within this is waited for; for others the job makes room and comes back.
const PATIENCE: TimeDelta = TimeDelta::seconds(1);

/// How often a host that is held is held anew.
const RENEWAL: Duration = Duration::from_secs(5);

/// The longest pause that a `robots.txt` can ask for.
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(60);

/// Asks hosts, sharing them with all others who work on the same database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Asker {
    pool: PgPool,
    fetcher: Fetcher,
    pause: TimeDelta,
}

/// What asking came to.
#[derive(Debug)]
pub enum Asked {
    /// The host has answered, or could not.
    Answer(Result<Box<Answer>, FetchError>),
    /// The host is busy with others: to be asked after so long.
    Busy(TimeDelta),
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The document; `None`: it is what it was.
    pub body: Option<Body>,
    /// Where it has moved for good.
    pub moved_to: Option<Url>,
    /// For how long it need not be asked for again.
    pub fresh_for: Option<TimeDelta>,
}

impl Asker {
    /// An asker that leaves `pause` between two requests to a host.
    pub fn new(pool: PgPool, fetcher: Fetcher, pause: Duration) -> Self {
        Self { pool, fetcher, pause: TimeDelta::from_std(pause).unwrap_or(LONGEST_PAUSE) }
    }

    /// The fetcher behind.
    pub fn fetcher(&self) -> &Fetcher {
        &self.fetcher
    }

    /// Asks for a feed, which `robots.txt` does not speak of: it is there for programs.
    pub async fn feed(&self, url: &Url, validators: &Validators) -> sqlx::Result<Asked> {
        self.ask(url, validators, false).await
    }

    /// Asks for a page, where the host's `robots.txt` allows it.
    pub async fn page(&self, url: &Url) -> sqlx::Result<Asked> {
        self.ask(url, &Validators::default(), true).await
    }

    async fn ask(&self, url: &Url, validators: &Validators, heed_robots: bool) -> sqlx::Result<Asked> {
        let mut url = url.clone();
        let mut permanent = true;
        let most = self.fetcher.most_redirects();
        for hop in 0..=most {
            let Some(host) = key(&url) else {
                // Nobody to be polite to: what is wrong with it is told by who would ask.
                let answer = self.fetcher.hop(&url, validators).await;
                return Ok(Asked::Answer(Err(answer.err().unwrap_or(FetchError::UnknownHost))));
            };
            let pause = self.pause_of(&host);
            let mut turn = match Turn::wait(&self.pool, &host, pause).await? {
                Ok(turn) => turn,
                Err(wait) => return Ok(Asked::Busy(wait)),
            };
            if heed_robots {
                match self.robots(&url, &mut turn).await? {
                    Ok(true) => {}
                    Ok(false) => {
                        turn.end(None).await?;
                        return Ok(Asked::Answer(Err(FetchError::Robots)));
                    }
                    Err(error) => {
                        turn.end(error.retry_after().map(|after| after.moment(Utc::now()))).await?;
                        return Ok(Asked::Answer(Err(error)));
                    }
                }
            }
            let answer = self.fetcher.hop(&url, validators).await;
            let later = answer.as_ref().err().and_then(FetchError::retry_after);
            // A host is not left alone for longer than a day on its own word.
            let later = later.map(|after| after.moment(Utc::now()).min(Utc::now() + TimeDelta::days(1)));
            turn.end(later).await?;
            let moved_to = || (hop > 0 && permanent).then(|| url.clone());
            let span = |fresh: Option<Duration>| fresh.and_then(|fresh| TimeDelta::from_std(fresh).ok());
            match answer {
                Ok(Hop::Moved { to, permanent: for_good }) => {
                    permanent &= for_good;
                    url = to;
                }
                Ok(Hop::Unchanged { fresh_for }) => {
                    let moved_to = moved_to();
                    return Ok(Asked::Answer(Ok(Box::new(Answer {
                        body: None,
                        moved_to,
                        fresh_for: span(fresh_for),
                    }))));
                }
                Ok(Hop::Body(body)) => {
                    let moved_to = moved_to();
                    let fresh_for = span(body.fresh_for);
                    return Ok(Asked::Answer(Ok(Box::new(Answer { body: Some(body), moved_to, fresh_for }))));
                }
                Err(error) => return Ok(Asked::Answer(Err(error))),
            }
        }
        Ok(Asked::Answer(Err(FetchError::TooManyRedirects { most })))
    }

    /// The Securities and Exchange Commission allows ten requests a second; every other host is asked more rarely.
    fn pause_of(&self, host: &str) -> TimeDelta {
        if host == SEC { self.pause.min(TimeDelta::milliseconds(100)) } else { self.pause }
    }

    /// Whether a host's `robots.txt` allows an address; it is read once a day. A host that cannot say has to be asked
    /// another time, one that has no such file allows all.
    async fn robots(&self, url: &Url, turn: &mut Turn) -> sqlx::Result<Result<bool, FetchError>> {
        let now = Utc::now();
        let known = hosts::robots(&self.pool, &turn.host, now - TimeDelta::days(1)).await?;
        let text = if let Some(text) = known {
            text
        } else {
            let Ok(address) = url.join("/robots.txt") else { return Ok(Ok(true)) };
            let text = match self.fetcher.get(&address, &Validators::default()).await {
                Ok(Fetched::Body(body)) => String::from_utf8_lossy(&body.bytes).into_owned(),
                Err(error) if error.may_pass() => return Ok(Err(error)),
                Ok(Fetched::Unchanged) | Err(_) => String::new(),
            };
            hosts::keep_robots(&self.pool, &turn.host, &text, now).await?;
            // It was a request like any other.
            tokio::time::sleep(turn.pause.to_std().unwrap_or_default()).await;
            text
        };
        // A file that cannot be read forbids nothing.
        let Ok(robot) = Robot::new(ROBOT, text.as_bytes()) else { return Ok(Ok(true)) };
        if let Some(asked) = robot.delay.filter(|asked| asked.is_finite() && *asked > 0.0) {
            let asked = TimeDelta::milliseconds((f64::from(asked) * 1000.0).min(60_000.0) as i64);
            turn.pause = turn.pause.max(asked).min(LONGEST_PAUSE);
        }
        Ok(Ok(robot.allowed(url.as_str())))
    }
}

/// A host that is held, and held anew while this is there.
struct Turn {
    pool: PgPool,
    host: String,
    holder: Uuid,
    pause: TimeDelta,
    renewal: JoinHandle<()>,
}

impl Turn {
    /// Takes a host, or tells for how long it is taken.
    async fn wait(pool: &PgPool, host: &str, pause: TimeDelta) -> sqlx::Result<Result<Turn, TimeDelta>> {
        let holder = new_id(Utc::now());
        loop {
            if hosts::take(pool, host, holder).await? {
                let renewal = tokio::spawn(renew(pool.clone(), host.to_owned(), holder));
                return Ok(Ok(Turn { pool: pool.clone(), host: host.to_owned(), holder, pause, renewal }));
            }
            // A host that is held for long, by one that answers slowly, must not be asked after every moment.
            let wait = hosts::promise(pool, host, pause.max(TimeDelta::milliseconds(20))).await?;
            if wait > PATIENCE {
                return Ok(Err(wait));
            }
            tokio::time::sleep(wait.to_std().unwrap_or_default()).await;
        }
    }

    async fn end(self, not_before: Option<chrono::DateTime<Utc>>) -> sqlx::Result<()> {
        self.renewal.abort();
        hosts::give_back(&self.pool, &self.host, self.holder, self.pause, not_before).await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

async fn renew(pool: PgPool, host: String, holder: Uuid) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        if let Ok(false) = hosts::hold(&pool, &host, holder).await {
            return;
        }
    }
}

/// The hosts of the Securities and Exchange Commission are one.
const SEC: &str = "sec.gov";

/// What stands for a host: its name, and its port where it is not the usual one.
fn key(url: &Url) -> Option<String> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let name = url.host_str()?.trim_end_matches('.');
    if name == SEC || name.ends_with(".sec.gov") {
        return Some(SEC.to_owned());
    }
    Some(url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}")))
}
