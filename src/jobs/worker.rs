//! The queue and its tasks. Any number of workers share one database: a job is taken by one of them, and taken again
//! by another should that one die.
//!
//! Payloads hold ids only.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use chrono::{TimeDelta, Utc};
use graphile_worker::{
    Cron, IntoTaskHandlerResult, JobKeyMode, JobSpec, JobSpecBuilder, LocalQueueConfig, TaskHandler, WorkerContext,
    WorkerContextExt, WorkerOptions, WorkerUtils,
};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use super::{
    host::Asker,
    hub,
    merge::merge_pending,
    page::{PageOutcome, fetch_page},
    poll::{self, Polled, jittered, poll_source},
    read::read_one,
    snapshot::{self, Publisher},
};
use crate::{
    db::{articles, aside, rates, snapshots, sources},
    ingest::fetch::{Fetched, Validators},
    ledger::convert::Rates,
    model::Registry,
};

/// How many jobs a worker has in hand at once. Most of them wait for a host; one that hangs takes one place.
const CONCURRENCY: usize = 8;

/// How often a job is tried before it is left to the next tick.
const TRIES: i16 = 4;

/// How often an article is begun before it is set aside. A program that is killed in the middle counts, too, so that this
/// has to be more than bad luck brings about.
const MOST_BEGUN: i32 = 8;

/// How often a page is asked for before the summary stands in for it.
const PAGE_TRIES: i32 = 4;

/// Backfill goes after all that is new.
const BACKFILL: i16 = 10;

/// What the tasks work with.
#[derive(Debug, Clone)]
struct Desk {
    pool: PgPool,
    asker: Asker,
    /// Where hubs push to: what links begin with, if others can reach it; `None`: nowhere.
    callback: Option<Url>,
    /// Where the exchange rates are asked for; `None`: nowhere.
    rates_url: Option<Url>,
    rates: Arc<Mutex<Known>>,
    /// What the daily archive names as its origin; `None`: none is made.
    publisher: Option<Publisher>,
}

/// The exchange rates as this worker has read them.
#[derive(Debug, Default)]
struct Known {
    /// Which state of the table they are of.
    state: i64,
    rates: Rates,
}

impl Desk {
    /// The exchange rates, read again where another worker or a command has added some.
    async fn rates(&self, db: &mut PgConnection) -> sqlx::Result<Rates> {
        let state = rates::state(db).await?;
        let mut known = self.rates.lock().await;
        if known.state != state {
            *known = Known { state, rates: rates::load(db).await? };
        }
        Ok(known.rates.clone())
    }
}

fn desk(context: &WorkerContext) -> anyhow::Result<&Desk> {
    context.get_ext::<Desk>().context("the worker was started without its desk")
}

/// One job a key at a time, however often it is asked for.
fn once(key: String) -> JobSpec {
    spec(key).job_key_mode(JobKeyMode::PreserveRunAt).build()
}

/// The same, not before a moment.
fn later(key: String, wait: TimeDelta, priority: i16) -> JobSpec {
    spec(key).job_key_mode(JobKeyMode::Replace).run_at(Utc::now() + wait).priority(priority).build()
}

fn spec(key: String) -> JobSpecBuilder {
    JobSpecBuilder::new().job_key(key).max_attempts(TRIES)
}

/// Every minute: has the sources that are due polled, and articles that were left behind read.
#[derive(Debug, Serialize, Deserialize)]
struct Tick;

impl TaskHandler for Tick {
    const IDENTIFIER: &'static str = "tick";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        tick(&context).await.map_err(|error| format!("{error:#}"))
    }
}

async fn tick(context: &WorkerContext) -> anyhow::Result<()> {
    let desk = desk(context)?;
    let now = Utc::now();
    for source in sources::due(&desk.pool, now, 500).await? {
        context.add_job(PollSource { source }, once(format!("source:{source}"))).await?;
    }
    // A worker that died between storing an article and asking for its reading left it behind.
    for article in articles::left_behind(&desk.pool, now - TimeDelta::minutes(10)).await? {
        context.add_job(ReadArticle { article }, once(format!("article:{article}"))).await?;
    }
    for source in sources::backfilling(&desk.pool).await? {
        let spec =
            spec(format!("backfill:{source}")).job_key_mode(JobKeyMode::PreserveRunAt).priority(BACKFILL).build();
        context.add_job(Backfill { source }, spec).await?;
    }
    if let Some(callback) = &desk.callback {
        hub::subscribe(&desk.pool, desk.asker.fetcher(), callback, now).await?;
    }
    let mut db = desk.pool.acquire().await?;
    articles::ensure_partitions(&mut db, now).await?;
    if desk.rates_url.is_some() && rates::due(&mut db, now).await? {
        context.add_job(UpdateRates, once("rates".to_owned())).await?;
    }
    if desk.publisher.is_some() && !snapshots::has(&mut db, now.date_naive()).await? {
        context.add_job(TakeSnapshot, once("snapshot".to_owned())).await?;
    }
    Ok(())
}

/// Once a day: keeps an archive of the ledger for those who want the whole of it.
#[derive(Debug, Serialize, Deserialize)]
struct TakeSnapshot;

impl TaskHandler for TakeSnapshot {
    const IDENTIFIER: &'static str = "take_snapshot";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        take_snapshot(&context).await.map_err(|error| format!("{error:#}"))
    }
}

async fn take_snapshot(context: &WorkerContext) -> anyhow::Result<()> {
    let desk = desk(context)?;
    let Some(publisher) = &desk.publisher else { return Ok(()) };
    snapshot::take(&desk.pool, publisher, Utc::now()).await
}

/// Once a day: asks for the exchange rates, and converts anew what they change.
#[derive(Debug, Serialize, Deserialize)]
struct UpdateRates;

impl TaskHandler for UpdateRates {
    const IDENTIFIER: &'static str = "update_rates";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        update_rates(&context).await.map_err(|error| format!("{error:#}"))
    }
}

async fn update_rates(context: &WorkerContext) -> anyhow::Result<()> {
    let desk = desk(context)?;
    let Some(url) = &desk.rates_url else { return Ok(()) };
    // Noted before it is asked, so that a host that does not answer is not asked each minute.
    let mut db = desk.pool.acquire().await?;
    rates::note_asked(&mut db, Utc::now()).await?;
    if let Fetched::Body(body) = desk.asker.fetcher().get(url, &Validators::default()).await? {
        super::rates::update(&mut db, &body.bytes, Registry::shipped(), Utc::now()).await?;
    }
    Ok(())
}

/// Asks one source for its feed.
#[derive(Debug, Serialize, Deserialize)]
struct PollSource {
    source: Uuid,
}

impl TaskHandler for PollSource {
    const IDENTIFIER: &'static str = "poll_source";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        self.poll(&context).await.map_err(|error| format!("{error:#}"))
    }
}

impl PollSource {
    async fn poll(&self, context: &WorkerContext) -> anyhow::Result<()> {
        let desk = desk(context)?;
        match poll_source(&desk.pool, &desk.asker, self.source, Utc::now()).await? {
            Polled::Done(new) => read_them(context, &new, 0).await,
            Polled::Busy(wait) => {
                let source = self.source;
                context.add_job(PollSource { source }, later(format!("source:{source}"), wait, 0)).await?;
                Ok(())
            }
        }
    }
}

/// Has new articles read.
async fn read_them(context: &WorkerContext, articles: &[Uuid], priority: i16) -> anyhow::Result<()> {
    for part in articles.chunks(200) {
        let specs: Vec<JobSpec> = part
            .iter()
            .map(|article| {
                spec(format!("article:{article}")).job_key_mode(JobKeyMode::PreserveRunAt).priority(priority).build()
            })
            .collect();
        let jobs: Vec<(ReadArticle, &JobSpec)> =
            part.iter().map(|article| ReadArticle { article: *article }).zip(&specs).collect();
        context.add_jobs(&jobs).await?;
    }
    Ok(())
}

/// Reads one page of a source's past.
#[derive(Debug, Serialize, Deserialize)]
struct Backfill {
    source: Uuid,
}

impl TaskHandler for Backfill {
    const IDENTIFIER: &'static str = "backfill";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        self.read(&context).await.map_err(|error| format!("{error:#}"))
    }
}

impl Backfill {
    async fn read(&self, context: &WorkerContext) -> anyhow::Result<()> {
        let desk = desk(context)?;
        let source = self.source;
        let wait = match poll::backfill(&desk.pool, &desk.asker, source, Utc::now()).await? {
            Polled::Done(new) => {
                read_them(context, &new, BACKFILL).await?;
                TimeDelta::zero()
            }
            Polled::Busy(wait) => wait,
        };
        if sources::backfilling(&desk.pool).await?.contains(&source) {
            context.add_job(Backfill { source }, later(format!("backfill:{source}"), wait, BACKFILL)).await?;
        }
        Ok(())
    }
}

/// Fetches an article's page where the feed gave a summary, finds its deals and merges them.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ReadArticle {
    article: Uuid,
}

impl TaskHandler for ReadArticle {
    const IDENTIFIER: &'static str = "read_article";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        self.read(&context).await.map_err(|error| format!("{error:#}"))
    }
}

impl ReadArticle {
    async fn read(&self, context: &WorkerContext) -> anyhow::Result<()> {
        let desk = desk(context)?;
        let article = self.article;
        let key = format!("article:{article}");
        let begun = aside::begin(&desk.pool, article).await?;
        if begun > MOST_BEGUN {
            let fault = "Reading this article was begun many times and never finished: it may be what ends the worker.";
            aside::put(&desk.pool, article, fault).await?;
            return Ok(());
        }
        match fetch_page(&desk.pool, &desk.asker, article, begun >= PAGE_TRIES).await? {
            PageOutcome::Ready => {}
            PageOutcome::Later(error) => {
                // Thirty seconds, two minutes, eight minutes; later where the host says so.
                let wait = TimeDelta::seconds(30 * 4_i64.pow(u32::try_from(begun - 1).unwrap_or_default().min(4)));
                let asked = error.retry_after().map(|after| after.moment(Utc::now()) - Utc::now());
                let wait = asked.map_or(wait, |asked| asked.clamp(wait, TimeDelta::days(1)));
                let wait = jittered(wait, article, begun.unsigned_abs());
                let priority = *context.job().priority();
                context.add_job(self.clone(), later(key, wait, priority)).await?;
                return Ok(());
            }
            PageOutcome::Busy(wait) => {
                aside::not_begun(&desk.pool, article).await?;
                let priority = *context.job().priority();
                context.add_job(self.clone(), later(key, wait, priority)).await?;
                return Ok(());
            }
        }
        let mut db = desk.pool.acquire().await?;
        let (registry, now) = (Registry::shipped(), Utc::now());
        read_one(&mut db, self.article, registry, now).await?;
        let rates = desk.rates(&mut db).await?;
        merge_pending(&mut db, registry, &rates, now).await?;
        Ok(())
    }
}

/// Works until `stop` is cancelled; jobs in hand are finished first, for some seconds.
///
/// `rates_url` is where the exchange rates are asked for once a day; `None`: nowhere.
///
/// `callback` is what the addresses begin with that hubs push to; `None`: it is not subscribed to any.
///
/// `publisher` is what the archive that is made each day says it comes from; `None`: none is made.
pub async fn run(
    pool: PgPool,
    asker: Asker,
    rates_url: Option<Url>,
    callback: Option<Url>,
    publisher: Option<Publisher>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let desk = Desk { pool: pool.clone(), asker, callback, rates_url, rates: Arc::default(), publisher };
    let listening = pool.clone();
    let worker = WorkerOptions::default()
        .concurrency(CONCURRENCY)
        .pg_pool(pool)
        .poll_interval(Duration::from_secs(2))
        // Without a store of its own a worker takes up one job for each of its places when it looks or is called, and none
        // when it has finished one: what has piled up would be worked off at four jobs a second. A small one, so that
        // others have their share.
        .local_queue(LocalQueueConfig::default().with_size(2 * CONCURRENCY).with_ttl(Duration::from_secs(30)))
        // What a worker had in hand that died is taken up by another after half a minute.
        .heartbeat_interval(Duration::from_secs(5))
        .sweep_interval(Duration::from_secs(10))
        .sweep_threshold(Duration::from_secs(30))
        .recovery_delay(Duration::from_secs(1))
        .add_extension(desk)
        .define_job::<Tick>()
        .define_job::<PollSource>()
        .define_job::<Backfill>()
        .define_job::<ReadArticle>()
        .define_job::<UpdateRates>()
        .define_job::<TakeSnapshot>()
        .with_cron(Cron::every_minute::<Tick>().payload(Tick)?)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(stop.cancelled_owned())
        .shutdown_grace_period(Duration::from_secs(10))
        .init()
        .await
        .context("the queue cannot be prepared")?;
    worker.create_utils().add_job(Tick, once("tick".to_owned())).await.context("the first job cannot be filed")?;
    let utils = worker.create_utils();
    let hurrying = tokio::spawn(async move {
        // Should it end, the next tick is less than a minute away.
        if let Err(error) = hurry(&listening, &utils).await {
            tracing::warn!("sources that become due are waited for: {error:#}");
        }
    });
    let ran = worker.run().await.context("the worker stopped");
    hurrying.abort();
    ran
}

/// Looks for due sources as soon as somebody says that there are some.
async fn hurry(pool: &PgPool, utils: &WorkerUtils) -> anyhow::Result<()> {
    let mut due = sources::Due::listen(pool).await?;
    loop {
        due.next().await?;
        utils.add_job(Tick, once("tick".to_owned())).await?;
    }
}
