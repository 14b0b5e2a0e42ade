//! The site: one page one file.
//!
//! Every page is whole without JavaScript, and its address holds the whole state of its view.

pub mod api;
pub mod arcs;
mod article;
mod assets;
mod card;
pub mod chart;
mod citation;
mod companies;
mod company;
mod compare;
mod deal;
mod diagram;
mod digest;
mod error;
pub mod export;
pub mod figure;
pub mod filter;
pub mod format;
mod frame;
mod health;
mod json_ld;
pub mod live;
mod method;
mod network;
mod news;
mod params;
pub mod picture;
mod places;
mod quarters;
mod query;
pub mod quote;
mod remember;
pub mod row;
mod search;
mod sources;
mod states;
mod themes;
mod timeline;
mod websub;

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, header},
    middleware,
    routing::get,
};
use ipnet::IpNet;
use sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection};
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, limit::RequestBodyLimitLayer,
    set_header::SetResponseHeaderLayer, trace::TraceLayer,
};
use url::Url;

use crate::{
    digest::{links::signing_key, token::Key},
    ledger::quiet::Patience,
};
use error::WebError;
use remember::{Shelf, remember};

/// Tells whether a word is a secret.
pub type SecretCheck = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What the pages work with.
#[derive(Clone)]
pub struct App {
    /// The record.
    pub pool: PgPool,
    /// What links begin with.
    pub public_url: Url,
    /// After how long without news an open promise has gone quiet.
    pub patience: Patience,
    /// Where open pages hear of changes; `None`: nowhere.
    pub live: Option<live::Live>,
    /// Proxies whose word on who asks is believed.
    pub trust_proxy: Arc<[IpNet]>,
    /// Whether a word is the secret with which what comes back by mail is posted; `None`: nobody may post it.
    pub bounce_secret: Option<SecretCheck>,
    /// What links in letters are signed with, once it has been read.
    key: Arc<OnceLock<Key>>,
    /// What the operator allows to be done with the data.
    pub licence: Option<String>,
}

impl App {
    /// A site over `pool`.
    pub fn new(pool: PgPool, public_url: Url) -> Self {
        Self {
            pool,
            public_url,
            patience: Patience::default(),
            live: None,
            licence: None,
            trust_proxy: Arc::default(),
            bounce_secret: None,
            key: Arc::default(),
        }
    }

    /// The same site with another patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The same site, whose open pages hear of changes.
    #[must_use]
    pub fn with_live(self, live: live::Live) -> Self {
        Self { live: Some(live), ..self }
    }

    /// The same site with the operator's line on what may be done with the data.
    #[must_use]
    pub fn with_licence(self, licence: Option<String>) -> Self {
        Self { licence, ..self }
    }

    /// The same site behind these proxies.
    #[must_use]
    pub fn behind(self, proxies: &[IpNet]) -> Self {
        Self { trust_proxy: proxies.into(), ..self }
    }

    /// The same site, at which what comes back by mail may be posted by whoever knows a secret.
    #[must_use]
    pub fn with_bounce_secret(self, check: Option<SecretCheck>) -> Self {
        Self { bounce_secret: check, ..self }
    }

    /// What links in letters are signed with.
    async fn key(&self, db: &mut PgConnection) -> Result<Key, WebError> {
        if let Some(key) = self.key.get() {
            return Ok(key.clone());
        }
        let key = signing_key(db).await.map_err(|error| WebError::Key(error.to_string()))?;
        // Whoever comes second reads the same.
        Ok(self.key.get_or_init(|| key).clone())
    }

    /// A connection for one page.
    async fn db(&self) -> Result<PoolConnection<Postgres>, WebError> {
        Ok(self.pool.acquire().await?)
    }

    /// A connection for one answer of the API.
    async fn connection(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        self.pool.acquire().await
    }

    /// The lasting address of a path that begins with a slash.
    fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}

/// Nothing is loaded from elsewhere, nothing inline is run, no other site may frame a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// No page takes more than a form's worth of data, and no mail that comes back is longer.
const LARGEST_BODY: usize = 64 * 1024;
const LARGEST_MAIL: usize = crate::digest::inbound::LONGEST;

/// The site.
pub fn router(app: App) -> Router {
    let pages = Router::new()
        .route("/", get(timeline::get))
        .route("/companies", get(companies::get))
        .route("/companies/{slug}", get(company::get))
        .route("/compare", get(compare::get))
        .route("/deals/{id}", get(deal::get_short))
        .route("/deals/{id}/{slug}", get(deal::get))
        .route("/network", get(network::get))
        .route("/places", get(places::get))
        .route("/map", get(places::redirect))
        .route("/themes", get(themes::all))
        .route("/themes/{slug}", get(themes::get))
        .route("/search/suggest", get(search::suggest))
        .route("/search", get(search::get))
        .route("/news", get(news::get))
        .route("/articles/{id}", get(article::get))
        .route("/sources", get(sources::get))
        .route("/method", get(method::get))
        .merge(digest::router())
        .route("/static/{version}/{*name}", get(assets::get))
        .route("/favicon.ico", get(assets::favicon))
        .route("/og/deals/{file}", get(card::deal))
        .route("/og/companies/{file}", get(card::company))
        .merge(export::router())
        .fallback(error::no_such_page)
        .layer(middleware::from_fn(error::in_time))
        .layer(CatchPanicLayer::custom(error::caught));
    let shelf = Shelf::new(app.pool.clone());
    Router::new()
        .merge(pages)
        .merge(api::router())
        .layer(middleware::from_fn_with_state(shelf, remember))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/live", get(live::get))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .merge(
            Router::new()
                .route("/websub/{source}", get(websub::verify).post(websub::push))
                .layer(DefaultBodyLimit::disable())
                .layer(RequestBodyLimitLayer::new(websub::LARGEST_PUSH)),
        )
        .merge(digest::inbound().layer(RequestBodyLimitLayer::new(LARGEST_MAIL)))
        .layer(CompressionLayer::new())
        .layer(always(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .layer(always(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(TraceLayer::new_for_http())
        .with_state(app)
}

fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
