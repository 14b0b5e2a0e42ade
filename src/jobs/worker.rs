//! The queue and its tasks. Any number of workers share one database: a job is taken by one of them, and taken again
//! by another should that one die.
//!
//! Payloads hold ids only.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use chrono::Utc;
use graphile_worker::{
    Cron, IntoTaskHandlerResult, JobKeyMode, JobSpec, JobSpecBuilder, TaskHandler, WorkerContext, WorkerContextExt,
    WorkerOptions,
};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use super::{
    merge::merge_pending,
    poll::{PageOutcome, fetch_page, poll_source},
    read::read_one,
};
use crate::{
    db::{articles, rates, sources},
    ingest::fetch::{Fetched, Fetcher, Validators},
    ledger::convert::Rates,
    model::Registry,
};

/// How many jobs a worker has in hand at once. Most of them wait for a host; one that hangs takes one place.
const CONCURRENCY: usize = 8;

/// How often a job is tried before it is set aside.
const TRIES: i16 = 4;

/// What the tasks work with.
#[derive(Debug, Clone)]
struct Desk {
    pool: PgPool,
    fetcher: Arc<Fetcher>,
    /// Where the exchange rates are asked for; `None`: nowhere.
    rates_url: Option<Url>,
    rates: Arc<Mutex<Known>>,
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
    JobSpecBuilder::new().job_key(key).job_key_mode(JobKeyMode::PreserveRunAt).max_attempts(TRIES).build()
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
    for article in articles::left_behind(&desk.pool, now - chrono::TimeDelta::minutes(10)).await? {
        context.add_job(ReadArticle { article }, once(format!("article:{article}"))).await?;
    }
    let mut db = desk.pool.acquire().await?;
    articles::ensure_partitions(&mut db, now).await?;
    if desk.rates_url.is_some() && rates::due(&mut db, now).await? {
        context.add_job(UpdateRates, once("rates".to_owned())).await?;
    }
    Ok(())
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
    if let Fetched::Body(body) = desk.fetcher.get(url, &Validators::default()).await? {
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
        for article in poll_source(&desk.pool, &desk.fetcher, self.source, Utc::now()).await? {
            context.add_job(ReadArticle { article }, once(format!("article:{article}"))).await?;
        }
        Ok(())
    }
}

/// Fetches an article's page where the feed gave a summary, finds its deals and merges them.
#[derive(Debug, Serialize, Deserialize)]
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
        let last = context.job().attempts() >= context.job().max_attempts();
        if let PageOutcome::Later(error) = fetch_page(&desk.pool, &desk.fetcher, self.article, last).await? {
            // The queue tries again, later each time.
            anyhow::bail!("{error}");
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
pub async fn run(
    pool: PgPool,
    fetcher: Fetcher,
    rates_url: Option<Url>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let desk = Desk { pool: pool.clone(), fetcher: Arc::new(fetcher), rates_url, rates: Arc::default() };
    let worker = WorkerOptions::default()
        .concurrency(CONCURRENCY)
        .pg_pool(pool)
        .poll_interval(Duration::from_secs(2))
        .heartbeat_interval(Duration::from_secs(15))
        .add_extension(desk)
        .define_job::<Tick>()
        .define_job::<PollSource>()
        .define_job::<ReadArticle>()
        .define_job::<UpdateRates>()
        .with_cron(Cron::every_minute::<Tick>().payload(Tick)?)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(stop.cancelled_owned())
        .shutdown_grace_period(Duration::from_secs(10))
        .init()
        .await
        .context("the queue cannot be prepared")?;
    worker.create_utils().add_job(Tick, once("tick".to_owned())).await.context("the first job cannot be filed")?;
    worker.run().await.context("the worker stopped")?;
    Ok(())
}
