//! `serve`, `web` and `worker`: what runs until it is told to stop.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use chrono::Utc;
use sqlx::PgPool;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Usage, complain, open, rates_of, say};
use crate::{
    config::{Options, Starting},
    db::{articles, sources},
    extract,
    ingest::{
        fetch::{FetchOptions, Fetcher},
        opml,
    },
    jobs::{
        archive::read_archive,
        host::Asker,
        live,
        post::{self, Post, Setting},
        snapshot::Publisher,
        worker,
    },
    model::Registry,
    web,
};

/// Which halves of the program run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halves {
    /// The site and the worker.
    Both,
    /// The site.
    Web,
    /// The worker.
    Worker,
}

/// Runs the site, the worker or both until the process is told to stop.
pub async fn run(options: &Options, halves: Halves, starting: &Starting) -> anyhow::Result<()> {
    // Before the database: a port in use is told at once.
    let listener = if halves == Halves::Worker { None } else { Some(listen(options).await?) };
    let address = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let stop = CancellationToken::new();
    stop_on_signal(&stop)?;
    let database = open(options).await?;
    let pool = database.pool.clone();

    let works = halves != Halves::Web;
    let public_url = options.public_url(address.unwrap_or(options.listen));
    let setting = mail_setting(options, &public_url)?;
    if works {
        prepare(&pool, starting).await?;
    }
    let site = async {
        let Some(listener) = listener else { return Ok(()) };
        say(format_args!("Wattline is at {public_url}"))?;
        let (changes, _) = tokio::sync::broadcast::channel(16);
        let passing_on = tokio::spawn(live::pass_on(pool.clone(), changes.clone()));
        let live = web::live::Live { changes, stop: stop.clone() };
        let app = web::App::new(pool.clone(), public_url.clone())
            .with_patience(options.patience())
            .with_licence(options.data_licence.clone())
            .with_live(live)
            .behind(&options.mail.trust_proxy)
            .with_bounce_secret(options.mail.bounce_secret.clone().map(|secret| {
                let check: web::SecretCheck = Arc::new(move |word: &str| secret.is(word));
                check
            }));
        let router = web::router(app);
        // Who asks is told to those who count how often.
        let served = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(stop.clone().cancelled_owned())
            .await
            .context("the site stopped");
        passing_on.abort();
        served
    };
    let work = async {
        if !works {
            return Ok(());
        }
        let asker = asker(options, pool.clone(), &[])?;
        if halves == Halves::Worker {
            say("The worker is reading the sources.")?;
        }
        let rates_url = (!starting.no_sources).then(|| starting.rates_url.clone());
        let post = Arc::new(Box::pin(Post::open(pool.clone(), setting)).await?);
        let publisher = Publisher { public_url: public_url.clone(), licence: options.data_licence.clone() };
        let callback = options.callback();
        let worker = worker::run(pool.clone(), asker, rates_url, callback, Some(publisher), stop.clone());
        tokio::try_join!(worker, Box::pin(post::run(post, stop.clone()))).map(|_| ())
    };
    // Whichever ends takes the other with it.
    let site = async {
        let ended = site.await;
        if halves != Halves::Worker {
            stop.cancel();
        }
        ended
    };
    let work = async {
        let ended = work.await;
        if works {
            stop.cancel();
        }
        ended
    };
    let (site, work) = tokio::join!(site, work);
    database.close().await;
    site.and(work)
}

async fn listen(options: &Options) -> anyhow::Result<TcpListener> {
    TcpListener::bind(options.listen).await.map_err(|error| {
        let address = options.listen;
        let why = match error.kind() {
            std::io::ErrorKind::AddrInUse => format!("{address} is in use by another program"),
            std::io::ErrorKind::PermissionDenied => format!("this account may not listen on {address}"),
            _ => format!("{address} cannot be listened on ({error})"),
        };
        Usage(format!("{why}: choose another address with --listen or WATTLINE_LISTEN, such as 127.0.0.1:8081")).into()
    })
}

fn stop_on_signal(stop: &CancellationToken) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.cancel();
    });
    Ok(())
}

/// What a worker sees to before it begins: the sources that ship with the program are watched, the archive is read.
async fn prepare(pool: &PgPool, starting: &Starting) -> anyhow::Result<()> {
    let now = Utc::now();
    let mut db = pool.acquire().await?;
    if !starting.no_sources {
        let outlines =
            opml::parse(include_bytes!("../../data/sources.opml")).context("the sources that ship with the program")?;
        for outline in outlines {
            sources::add(&mut *db, outline.url.as_str(), &outline.title, outline.rank, now).await?;
        }
    }
    // An extractor that reads better than the one before reads everything again.
    articles::unread_older(&mut *db, extract::VERSION).await?;
    if !starting.no_archive {
        let rates = rates_of(&mut db).await?;
        let read = read_archive(&mut db, Registry::shipped(), &rates, now).await?;
        if let Some(merged) = read {
            complain(format_args!("The archive that ships with Wattline is read: {} deals.", merged.new));
        }
    }
    Ok(())
}

/// How mail is sent, as configured.
pub(super) fn mail_setting(options: &Options, public_url: &Url) -> anyhow::Result<Setting> {
    Ok(Setting {
        outbox: options.mail.outbox(public_url).map_err(Usage)?,
        fetcher: fetcher(options, &[])?,
        inbound: options.mail.bounce_folder.clone(),
        sender: options.mail.sender(public_url),
        site: public_url.clone(),
        pace: options.mail.pace(),
        patience: options.patience(),
    })
}

/// A fetcher as configured; `also` are further ranges that it may ask.
pub(super) fn fetcher(options: &Options, also: &[ipnet::IpNet]) -> anyhow::Result<Fetcher> {
    let allow_private = options.allow_private.iter().chain(also).copied().collect();
    Fetcher::new(FetchOptions { contact: options.contact(), allow_private, ..FetchOptions::default() })
        .context("the network cannot be used")
}

/// The same, sharing hosts with all others who work on the database.
pub(super) fn asker(options: &Options, pool: PgPool, also: &[ipnet::IpNet]) -> anyhow::Result<Asker> {
    Ok(Asker::new(pool, fetcher(options, also)?, std::time::Duration::from_millis(options.host_delay)))
}
