//! `/digest/preferences/{token}`: what a subscriber gets, when and where; their data; and leaving for good.

use askama::Template;
use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use chrono::Utc;
use sqlx::PgConnection;
use strum::VariantArray;
use uuid::Uuid;

use super::{
    super::{
        App,
        error::WebError,
        filter::Filter,
        format,
        frame::{Frame, Section, page},
        params::Params,
    },
    answer::{Answer, private, void_link},
    wish::{preferences, wanted},
};
use crate::{
    db::{
        recipients::{self, Mate, Membership},
        subscriptions,
    },
    digest::{
        hook,
        letter::in_words,
        links::{Page, link},
        token::Purpose,
    },
    ledger::schedule::next_due,
    model::{Cadence, Channel, EmailAddress, Format, Kind, Status},
};

/// How many may receive one subscription.
const MOST_RECIPIENTS: i64 = 20;
/// What is said where they do.
const FULL: &str = "This subscription goes to as many places as one can; remove one first.";

#[derive(Template)]
#[template(path = "digest_preferences.html")]
struct PreferencesPage {
    frame: Frame,
    known: Membership,
    filter: Filter,
    in_words: String,
    next: Option<String>,
    mates: Vec<Mate>,
    path: String,
    leave: String,
    secrets: Vec<(Uuid, String)>,
    problems: Vec<String>,
    saved: bool,
}

impl PreferencesPage {
    fn chosen(&self, field: &str, value: &str) -> bool {
        url::form_urlencoded::parse(self.known.query.as_bytes()).any(|(name, typed)| name == field && typed == value)
    }
}

/// The zones that the form offers; any other of the database of zones can be typed.
fn zones() -> impl Iterator<Item = &'static str> {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| name.contains('/') || *name == "UTC")
}

/// Whom a token is about.
async fn known(app: &App, db: &mut PgConnection, token: &str) -> Result<Option<Membership>, WebError> {
    let Some((recipient, generation)) = app.key(db).await?.verify(Purpose::Manage, token) else { return Ok(None) };
    let known = recipients::membership(db, recipient).await?;
    Ok(known.filter(|known| known.confirmed && known.generation == generation))
}

/// `GET /digest/preferences/{token}`
pub async fn get(
    State(app): State<App>,
    Path(token): Path<String>,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let Some(known) = known(&app, &mut db, &token).await? else { return void_link() };
    let saved = Params::parse(query.as_deref()).get("saved").is_some();
    show(&app, &mut db, known, &token, Vec::new(), saved).await
}

async fn show(
    app: &App,
    db: &mut PgConnection,
    known: Membership,
    token: &str,
    problems: Vec<String>,
    saved: bool,
) -> Result<Response, WebError> {
    let key = app.key(db).await?;
    let leave = key.sign(Purpose::Leave, known.recipient, known.generation);
    let mates = recipients::mates(db, known.subscription).await?;
    let signed = mates.iter().filter(|mate| mate.channel == Channel::Webhook);
    let secrets = signed.map(|mate| (mate.recipient, hook::shown_secret(&key.hook_secret(mate.recipient)))).collect();
    let zone = known.preferences.zone;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let html = page(&PreferencesPage {
        frame: Frame::new(Section::Digest, "Your digest"),
        filter: Filter::parse(&known.query),
        in_words: in_words(&known.query, &known.preferences),
        next: known.next_at.map(|at| at.with_timezone(&zone).format("%A, %-d %b %Y, %H:%M").to_string()),
        mates,
        secrets,
        path: format!("/digest/preferences/{token}"),
        leave: link(&app.public_url, Page::Unsubscribe, &leave),
        problems,
        saved,
        known,
    })?;
    Ok(private((status, html).into_response()))
}

/// `POST /digest/preferences/{token}`
pub async fn save(State(app): State<App>, Path(token): Path<String>, body: String) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let Some(known) = known(&app, &mut db, &token).await? else { return void_link() };
    let params = Params::parse(Some(&body));
    let understood = wanted(&mut db, &body).await?;
    let mut when = preferences(&params, known.preferences);
    if let Ok(when) = &mut when {
        when.when_quiet = params.get("when_quiet").is_some();
    }
    let (wanted, when) = match (understood, when) {
        (Ok(wanted), Ok(when)) => (wanted, when),
        (wanted, when) => {
            let problems = wanted.err().into_iter().flatten().chain(when.err()).collect();
            return show(&app, &mut db, known, &token, problems, false).await;
        }
    };
    let next = next_due(&when, Utc::now());
    subscriptions::change(&mut db, known.subscription, &wanted.query, &wanted.wish, &when, next).await?;
    Ok(private(Redirect::to(&format!("/digest/preferences/{token}?saved=1")).into_response()))
}

/// `POST /digest/preferences/{token}/address`
pub async fn address(State(app): State<App>, Path(token): Path<String>, body: String) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let Some(known) = known(&app, &mut db, &token).await? else { return void_link() };
    let params = Params::parse(Some(&body));
    let address = match EmailAddress::parse(params.get("email").unwrap_or_default()) {
        Ok(address) => address,
        Err(wrong) => return show(&app, &mut db, known, &token, vec![wrong.to_string()], false).await,
    };
    if subscriptions::size(&mut db, known.subscription).await? >= MOST_RECIPIENTS {
        return show(&app, &mut db, known, &token, vec![FULL.to_owned()], false).await;
    }
    let replaces = params.get("also").is_none().then_some(known.recipient);
    let now = Utc::now();
    recipients::invite(&mut db, known.subscription, Channel::Mail, address.as_str(), replaces, now).await?;
    Answer::new(
        "Look into the other mailbox",
        &["A letter is on its way there. Until its link is confirmed, everything stays as it is."],
    )
    .leading("Back to your digest", format!("/digest/preferences/{token}"))
    .with(StatusCode::OK)
}

/// `POST /digest/preferences/{token}/webhook`
pub async fn webhook(State(app): State<App>, Path(token): Path<String>, body: String) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let Some(known) = known(&app, &mut db, &token).await? else { return void_link() };
    let params = Params::parse(Some(&body));
    let channel = params.get("channel").and_then(|text| text.parse().ok()).filter(|channel| *channel != Channel::Mail);
    let read = channel.ok_or("Choose what the webhook is of.".to_owned());
    let read = read.and_then(|channel| Ok((channel, hook::address(channel, params.get("url").unwrap_or_default())?)));
    let full = subscriptions::size(&mut db, known.subscription).await? >= MOST_RECIPIENTS;
    let (channel, url) = match read {
        Ok(read) if !full => read,
        Ok(_) => return show(&app, &mut db, known, &token, vec![FULL.to_owned()], false).await,
        Err(wrong) => return show(&app, &mut db, known, &token, vec![wrong], false).await,
    };
    recipients::invite(&mut db, known.subscription, channel, url.as_str(), None, Utc::now()).await?;
    Answer::new(
        "Look into the channel",
        &["A test message is on its way there. Its link confirms that the digest is wanted; until then, nothing more is sent."],
    )
    .leading("Back to your digest", format!("/digest/preferences/{token}"))
    .with(StatusCode::OK)
}

/// `POST /digest/preferences/{token}/remove`
pub async fn remove(State(app): State<App>, Path(token): Path<String>, body: String) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let Some(known) = known(&app, &mut db, &token).await? else { return void_link() };
    let mate = Params::parse(Some(&body)).get("recipient").and_then(|id| id.parse::<Uuid>().ok());
    if let Some(mate) = mate.filter(|mate| *mate != known.recipient)
        && recipients::are_mates(&mut db, known.recipient, mate).await?
    {
        recipients::leave(&mut db, mate).await?;
    }
    Ok(private(Redirect::to(&format!("/digest/preferences/{token}?saved=1")).into_response()))
}

/// `GET /digest/preferences/{token}/data.json`
pub async fn data(State(app): State<App>, Path(token): Path<String>) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let Some(known) = known(&app, &mut db, &token).await? else { return void_link() };
    let data = recipients::data(&mut db, known.recipient).await?;
    let disposition = [(header::CONTENT_DISPOSITION, "attachment; filename=\"wattline-digest.json\"")];
    Ok(private((disposition, Json(data)).into_response()))
}

/// `POST /digest/preferences/{token}/delete`
pub async fn delete(State(app): State<App>, Path(token): Path<String>) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let Some(known) = known(&app, &mut db, &token).await? else { return void_link() };
    recipients::forget(&mut db, known.recipient).await?;
    Answer::new(
        "You are forgotten",
        &["Your address and all its subscriptions are deleted. What was sent is kept as a count that names nobody."],
    )
    .leading("To the timeline", "/")
    .with(StatusCode::OK)
}
