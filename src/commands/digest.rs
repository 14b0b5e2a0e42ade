//! `digest`: what the weekly mail will say, and issues made and sent by hand.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use chrono::Utc;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Usage, complain, open, rates_of, say, serve::mail_setting};
use crate::{
    config::{DigestCommand, Options},
    db::{company_pages, deliveries, issues, subscriptions},
    digest::{
        choice::{chosen, view},
        links::{Page, link, signing_key},
        mail::{Headers, message},
        render,
        token::Purpose,
    },
    jobs::{
        archive::read_archive,
        digest::{make, plan},
        post::{self, Post},
    },
    model::{Cadence, EmailAddress, Format, Period, Registry, Wish},
};

/// Runs a command.
///
/// # Errors
/// One sentence where something is asked for that there is not.
pub async fn run(options: &Options, command: DigestCommand) -> anyhow::Result<()> {
    let database = open(options).await?;
    let mut db = database.pool.acquire().await?;
    let now = Utc::now();
    let last = || Period::last_closed(Cadence::Weekly, now).context("there is no week before this one");
    match command {
        DigestCommand::Preview { week, companies, out } => {
            let period = week.map_or_else(last, Ok)?;
            preview(&mut db, options, period, &companies, &out).await?;
        }
        DigestCommand::Make { week } => {
            let frozen = make(&mut db, week.map_or_else(last, Ok)?, options.patience(), now)
                .await
                .map_err(|error| Usage(error.to_string()))?;
            let site = options.public_url(options.listen);
            say(format_args!(
                "The issue of {} tells of {} changes: {}",
                frozen.issue.period.title(),
                frozen.issue.entries.len(),
                site.join(&format!("digest/{}", frozen.name))?
            ))?;
        }
        DigestCommand::Send { dry_run: true } => dry_run(&mut db).await?,
        DigestCommand::Send { dry_run: false } => {
            plan(&mut db, options.patience(), now).await?;
            drop(db);
            let setting = mail_setting(options, &options.public_url(options.listen))?;
            if setting.outbox.is_none() {
                complain("There is no mail server, so that mail waits: name one with --smtp or WATTLINE_SMTP.");
            }
            let post = Arc::new(Post::open(database.pool.clone(), setting).await?);
            post::tend(&post).await?;
            let sent = post::drain(&post).await?;
            say(format_args!("{sent} deliveries were made; `wattline digest status` tells what became of them."))?;
            drop(post);
            database.close().await;
            return Ok(());
        }
        DigestCommand::Status => status(&mut db).await?,
    }
    drop(db);
    database.close().await;
    Ok(())
}

/// Writes the mail of a period into a file. An empty ledger is filled first, as at any first start.
async fn preview(
    db: &mut PgConnection,
    options: &Options,
    period: Period,
    companies: &[String],
    out: &Path,
) -> anyhow::Result<()> {
    if period.cadence == Cadence::Instant {
        return Err(Usage("give --week a week such as 2026-W20 or a day such as 2026-05-14".to_owned()).into());
    }
    let rates = rates_of(db).await?;
    if let Some(merged) = read_archive(db, Registry::shipped(), &rates, Utc::now()).await? {
        complain(format_args!("The archive that ships with Wattline is read: {} deals.", merged.new));
    }
    let mut wish = Wish::default();
    let mut pairs = Vec::new();
    for name in companies {
        let found = company_pages::find(db, name).await?;
        let found = found.ok_or_else(|| {
            Usage(format!("no company in the ledger goes by “{name}”: give a slug as in the address of its page"))
        })?;
        pairs.push(("company", found.name));
        wish.companies.push(found.slug);
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    // What was frozen is shown as it was.
    let issue = match issues::named(db, &period.name()).await? {
        Some(frozen) => frozen.issue,
        None => chosen(db, period, options.patience()).await?,
    };
    let site = options.public_url(options.listen);
    let view = view(db, &issue, &wish).await?;
    let key = signing_key(db).await?;
    let token = key.sign(Purpose::Leave, Uuid::nil(), 0);
    let leave = link(&site, Page::Unsubscribe, &token);
    let manage = link(&site, Page::Preferences, &key.sign(Purpose::Manage, Uuid::nil(), 0));
    let body = render::issue(&view, &query, &site)?.addressed(&manage, &leave);
    let headers =
        Headers { delivery: Uuid::nil(), date: Utc::now(), leave: Some((leave, token)), format: Format::Both };
    let to = EmailAddress::parse("reader@example.org")?;
    let bytes = message(&options.mail.sender(&site), &to, &body, &headers)?;
    if out == Path::new("-") {
        use std::io::Write;
        std::io::stdout().write_all(&bytes)?;
        return Ok(());
    }
    std::fs::write(out, bytes)
        .map_err(|error| Usage(format!("{} cannot be written ({error}): give --out another file", out.display())))?;
    complain(format_args!(
        "The mail of {} with {} changes is in {}.",
        period.title(),
        view.entries.len(),
        out.display()
    ));
    Ok(())
}

/// What would be sent, without making or sending anything.
async fn dry_run(db: &mut PgConnection) -> anyhow::Result<()> {
    let waiting = deliveries::counts(db).await?.into_iter().filter(|(_, state, _)| state == "waiting");
    let mut none = true;
    for (kind, _, count) in waiting {
        none = false;
        say(format_args!("{count} of kind {kind} wait to be sent."))?;
    }
    for (cadence, due) in subscriptions::due_counts(db, Utc::now()).await? {
        none = false;
        say(format_args!("{due} recipients of {cadence} subscriptions are due for their issue."))?;
    }
    if none {
        say("Nothing is due.")?;
    }
    Ok(())
}

async fn status(db: &mut PgConnection) -> anyhow::Result<()> {
    for (cadence, confirmed) in subscriptions::counts(db).await? {
        say(format_args!("{confirmed} recipients get the {cadence} digest."))?;
    }
    for listed in issues::latest(db, Cadence::Weekly, 4).await? {
        say(format_args!(
            "{}: made {}, {} changes.",
            listed.name,
            listed.made_at.format("%Y-%m-%d %H:%M UTC"),
            listed.entries
        ))?;
    }
    for (kind, state, count) in deliveries::counts(db).await? {
        say(format_args!("{count} of kind {kind} are {state}."))?;
    }
    Ok(())
}
