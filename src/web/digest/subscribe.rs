//! `/digest`: what it is, the form, and the latest issues.

use std::net::{IpAddr, SocketAddr};

use askama::{Template, filters::HtmlSafe};
use axum::{
    extract::{ConnectInfo, RawQuery, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::Utc;

use super::{
    super::{
        App,
        error::WebError,
        filter::Filter,
        frame::{Frame, Section, page},
        params::Params,
    },
    answer::Answer,
    wish::{lasting, preferences, wanted},
};
use crate::{
    db::{
        issues::{self, Listed},
        recipients::{self, Asked},
    },
    digest::render::filter_in_words,
    model::{Cadence, Channel, EmailAddress, Preferences},
};

/// How often one network may ask in an hour.
const MOST_REQUESTS: i64 = 10;
/// How many issues are listed.
const LISTED: i64 = 26;

#[derive(Template)]
#[template(path = "digest.html")]
struct DigestPage {
    frame: Frame,
    follow: Follow,
    about: Option<String>,
    problems: Vec<String>,
    issues: Vec<Listed>,
}

/// The form that asks for an address, with the filter that it is about.
#[derive(Template)]
#[template(path = "_follow.html")]
pub struct Follow {
    /// Tells it from others on the page.
    label: String,
    /// The filter's fields.
    fields: Vec<(String, String)>,
    email: String,
    cadence: Cadence,
    zone: String,
    /// Whether it asks when, too.
    whole: bool,
}
impl HtmlSafe for Follow {}

impl Follow {
    /// A form about what a filter shows, as its address has it.
    pub fn of(label: &str, query: &str) -> Self {
        let fields = url::form_urlencoded::parse(lasting(&Filter::parse(query)).as_bytes()).into_owned().collect();
        let (email, zone) = (String::new(), "UTC".to_owned());
        Self { label: label.to_owned(), fields, email, cadence: Cadence::Weekly, zone, whole: false }
    }
}

/// `GET /digest`
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    form(&app, &query.unwrap_or_default(), Vec::new(), StatusCode::OK).await
}

async fn form(app: &App, form: &str, problems: Vec<String>, status: StatusCode) -> Result<Response, WebError> {
    let params = Params::parse(Some(form));
    let query = &lasting(&Filter::parse(form));
    let mut follow = Follow::of("Your mail address", query);
    follow.whole = true;
    params.get("email").unwrap_or_default().clone_into(&mut follow.email);
    follow.cadence = params.get("cadence").and_then(|text| text.parse().ok()).unwrap_or(Cadence::Weekly);
    params.get("zone").unwrap_or("UTC").clone_into(&mut follow.zone);
    let mut db = app.db().await?;
    let digest = DigestPage {
        frame: Frame::new(Section::Digest, "Digest")
            .describe("A weekly mail on the deals that build AI: what is new, what came further, what was corrected.")
            .at(app, "/digest"),
        about: filter_in_words(query),
        follow,
        problems,
        issues: issues::latest(&mut db, Cadence::Weekly, LISTED).await?,
    };
    Ok((status, page(&digest)?).into_response())
}

/// `POST /digest`
pub async fn post(State(app): State<App>, request: Request) -> Result<Response, WebError> {
    let network = network(&app, &request);
    let body = axum::body::to_bytes(request.into_body(), super::super::LARGEST_BODY).await;
    let body =
        body.map_err(|_| WebError::Invalid("The form did not arrive whole. Please send it again.".to_owned()))?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let params = Params::parse(Some(&body));
    // A field that people do not see is filled in by programs only; they are told what people are told.
    if params.get("website").is_some() {
        return sent();
    }
    let address = EmailAddress::parse(params.get("email").unwrap_or_default());
    let mut db = app.db().await?;
    let understood = wanted(&mut db, &body).await?;
    let when = preferences(&params, Preferences::default());
    let (address, wanted, when) = match (address, understood, when) {
        (Ok(address), Ok(wanted), Ok(when)) => (address, wanted, when),
        (address, wanted, when) => {
            drop(db);
            let address = address.err().map(|wrong| wrong.to_string());
            let problems = address.into_iter().chain(wanted.err().into_iter().flatten()).chain(when.err()).collect();
            return form(&app, &body, problems, StatusCode::BAD_REQUEST).await;
        }
    };
    let now = Utc::now();
    let key = app.key(&mut db).await?;
    if recipients::count_request(&mut db, &key.blind(&network), now).await? > MOST_REQUESTS {
        return Answer::new(
            "Too many at once",
            &["From your network so many subscriptions were asked for that no more are taken for an hour. Please try again later."],
        )
        .with(StatusCode::TOO_MANY_REQUESTS);
    }
    let asked = Asked {
        channel: Channel::Mail,
        address: address.as_str(),
        query: &wanted.query,
        wish: &wanted.wish,
        preferences: &when,
    };
    recipients::ask(&mut db, &asked, now).await?;
    sent()
}

/// What everybody is told, whether or not the address was known.
fn sent() -> Result<Response, WebError> {
    Answer::new(
        "Look into your mailbox",
        &[
            "A letter is on its way to you. Its link confirms the subscription; without that, nothing more is sent.",
            "If it does not come within some minutes, look among what was taken for spam.",
        ],
    )
    .leading("To the timeline", "/")
    .with(StatusCode::OK)
}

/// The network that asks: a /24 of IPv4, a /48 of IPv6. A proxy's word on it is taken only where it is trusted.
fn network(app: &App, request: &Request) -> String {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let Some(mut address) = peer else { return "unknown".to_owned() };
    let trusted = |address: &IpAddr| app.trust_proxy.iter().any(|range| range.contains(address));
    let forwarded = request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let forwarded: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    for hop in forwarded.iter().rev() {
        if !trusted(&address) {
            break;
        }
        let Ok(next) = hop.parse::<IpAddr>() else { break };
        address = next.to_canonical();
    }
    let bits = if address.is_ipv4() { 24 } else { 48 };
    ipnet::IpNet::new(address, bits).map_or_else(|_| address.to_string(), |network| network.trunc().to_string())
}
