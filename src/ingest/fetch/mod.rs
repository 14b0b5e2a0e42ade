//! HTTP, guarded. The one module here that touches the network.
//!
//! One request, one answer: what can pass is tried again by the queue, not here.

mod error;
mod guard;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use ipnet::IpNet;
use reqwest::{Client, Response, StatusCode, header, redirect::Policy};
use url::Url;

pub use self::error::FetchError;
use self::guard::{Guard, Lookup};
use super::{date::parse_date, poll::RetryAfter};

/// How to fetch.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// Where someone who is bothered can turn: an address of the web or of mail, told with every request.
    pub contact: String,
    /// Ranges that may be asked although they are not public; for tests and intranets.
    pub allow_private: Vec<IpNet>,
    /// The longest wait for a connection.
    pub connect_timeout: Duration,
    /// The longest wait for the answer to begin, and between two pieces of it.
    pub read_timeout: Duration,
    /// The longest that one fetch may take, redirects included.
    pub timeout: Duration,
    /// The most bytes of an answer, packed as well as unpacked.
    pub most_bytes: usize,
    /// The most redirects that are followed.
    pub most_redirects: usize,
}

impl Default for FetchOptions {
    fn default() -> Self {
        FetchOptions {
            contact: "https://github.com/wattline/wattline".to_owned(),
            allow_private: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(20),
            timeout: Duration::from_mins(1),
            most_bytes: 16 * 1024 * 1024,
            most_redirects: 8,
        }
    }
}

impl FetchOptions {
    /// Whether the contact leads to somebody: an address of mail, or one of the web that is not of this very machine.
    fn has_contact(&self) -> bool {
        match Url::parse(&self.contact) {
            Ok(url) => match url.host() {
                Some(url::Host::Domain(name)) => name != "localhost" && name.contains('.'),
                Some(_) => false,
                None => url.scheme() == "mailto",
            },
            Err(_) => self.contact.contains('@'),
        }
    }
}

/// Whether a host answers those only who say where they can be reached: the Securities and Exchange Commission's.
fn wants_contact(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host == "sec.gov" || host.ends_with(".sec.gov"))
}

/// What a host said of the version that it sent, to be sent back with the next request so that what has not changed is
/// not sent again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validators {
    /// The `ETag`, as it came.
    pub etag: Option<String>,
    /// The `Last-Modified`, as it came.
    pub last_modified: Option<String>,
}

/// The answer to a single request, redirects not followed.
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
#[derive(Debug)]
pub enum Hop {
    /// It is elsewhere.
    Moved {
        /// Where.
        to: Url,
        /// Whether for good (301, 308).
        permanent: bool,
    },
    /// It is what it was when the validators were given.
    Unchanged {
        /// For how long it need not be asked for again.
        fresh_for: Option<Duration>,
    },
    /// It is this.
    Body(Body),
}

/// The answer to a request.
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It is what it was when the validators were given (304).
    Unchanged,
    /// It is this.
    Body(Body),
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Its bytes, unpacked.
    pub bytes: Bytes,
    /// Its `Content-Type`, as it came.
    pub content_type: Option<String>,
    /// Where it was in the end, after redirects.
    pub url: Url,
    /// Where it has moved for good: set where every redirect on the way was a permanent one (301, 308).
    pub moved_to: Option<Url>,
    /// For the next request.
    pub validators: Validators,
    /// For how long it need not be asked for again, by its `Cache-Control` or `Expires`.
    pub fresh_for: Option<Duration>,
}

/// Fetches documents. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: Client,
    guard: Arc<Guard>,
    options: FetchOptions,
}

impl Fetcher {
    /// A fetcher. Fails only where the system's certificates cannot be read.
    pub fn new(options: FetchOptions) -> Result<Fetcher, reqwest::Error> {
        Self::looking_up(options, guard::by_system())
    }

    /// The same, with names looked up otherwise than by the system.
    fn looking_up(options: FetchOptions, lookup: Lookup) -> Result<Fetcher, reqwest::Error> {
        // An error means that one is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Arc::new(Guard::new(options.allow_private.clone(), lookup));
        let agent = format!("Wattline/{} (+{})", env!("CARGO_PKG_VERSION"), options.contact);
        let client = Client::builder()
            // A proxy would resolve names itself, past the guard.
            .no_proxy()
            // Redirects are followed by hand, each one past the guard.
            .redirect(Policy::none())
            .dns_resolver(Arc::clone(&guard))
            .user_agent(agent)
            .referer(false)
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .pool_idle_timeout(Duration::from_secs(30))
            .build()?;
        Ok(Fetcher { client, guard, options })
    }

    /// Asks for a document, unless it is still what `validators` stand for.
    pub async fn get(&self, url: &Url, validators: &Validators) -> Result<Fetched, FetchError> {
        tokio::time::timeout(self.options.timeout, self.follow(url, validators))
            .await
            .unwrap_or(Err(FetchError::Timeout))
    }

    /// Hands a JSON body in, past the same guard. A redirect is not followed: what is handed in is meant for one place.
    pub async fn post(&self, url: &Url, headers: &[(&'static str, String)], body: String) -> Result<(), FetchError> {
        self.guard.check(url)?;
        let mut request = self.client.post(url.clone()).header(header::CONTENT_TYPE, "application/json").body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let sent = tokio::time::timeout(self.options.timeout, request.send()).await;
        let response = sent.map_err(|_| FetchError::Timeout)?.map_err(|error| FetchError::of_transport(&error))?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(FetchError::of_status(status, retry_after(&response))) }
    }

    /// Asks, and follows redirects.
    async fn follow(&self, url: &Url, validators: &Validators) -> Result<Fetched, FetchError> {
        let mut url = url.clone();
        let mut permanent = true;
        for hop in 0..=self.options.most_redirects {
            match self.one(&url, validators).await? {
                Hop::Moved { to, permanent: for_good } => {
                    permanent &= for_good;
                    url = to;
                }
                Hop::Unchanged { .. } => return Ok(Fetched::Unchanged),
                Hop::Body(body) => {
                    let moved_to = (hop > 0 && permanent).then(|| url.clone());
                    return Ok(Fetched::Body(Body { moved_to, ..body }));
                }
            }
        }
        Err(FetchError::TooManyRedirects { most: self.options.most_redirects })
    }

    /// Asks once, for those who look at each redirect themselves.
    pub async fn hop(&self, url: &Url, validators: &Validators) -> Result<Hop, FetchError> {
        tokio::time::timeout(self.options.timeout, self.one(url, validators)).await.unwrap_or(Err(FetchError::Timeout))
    }

    /// How many redirects are followed.
    pub fn most_redirects(&self) -> usize {
        self.options.most_redirects
    }

    async fn one(&self, url: &Url, validators: &Validators) -> Result<Hop, FetchError> {
        let response = self.ask(url, validators).await?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Hop::Unchanged { fresh_for: fresh_for(&response) });
        }
        if let Some(target) = redirect(&response) {
            let to = url.join(&target).map_err(|_| FetchError::BadRedirect)?;
            return Ok(Hop::Moved { to, permanent: matches!(status.as_u16(), 301 | 308) });
        }
        if !status.is_success() {
            return Err(FetchError::of_status(status, retry_after(&response)));
        }
        let text = |name| header_text(&response, &name);
        let validators = Validators { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) };
        let content_type = text(header::CONTENT_TYPE);
        let fresh_for = fresh_for(&response);
        let bytes = self.read(response).await?;
        Ok(Hop::Body(Body { bytes, content_type, url: url.clone(), moved_to: None, validators, fresh_for }))
    }

    /// Sends a form. What the host answers is of no interest but for its status.
    pub async fn post_form(&self, url: &Url, form: &[(&str, &str)]) -> Result<(), FetchError> {
        self.guard.check(url)?;
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self
            .client
            .post(url.clone())
            .timeout(self.options.timeout)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let response = request.send().await.map_err(|error| FetchError::of_transport(&error))?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(FetchError::of_status(status, retry_after(&response))) }
    }

    /// Sends one request.
    async fn ask(&self, url: &Url, validators: &Validators) -> Result<Response, FetchError> {
        self.guard.check(url)?;
        if wants_contact(url) && !self.options.has_contact() {
            return Err(FetchError::NoContact);
        }
        let mut request = self.client.get(url.clone()).header(
            header::ACCEPT,
            "application/atom+xml, application/rss+xml, application/feed+json, text/html, application/xml;q=0.9, */*;q=0.8",
        );
        if let Some(etag) = &validators.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(time) = &validators.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, time);
        }
        request.send().await.map_err(|error| FetchError::of_transport(&error))
    }

    /// Reads a body as it comes, unpacked on the way, so that neither a large one nor a small one that unpacks to a
    /// large one is ever held whole.
    async fn read(&self, response: Response) -> Result<Bytes, FetchError> {
        let most = self.options.most_bytes;
        let too_large = || FetchError::TooLarge { most };
        // Not there for a packed body; what is packed too large unpacks no smaller.
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err(too_large());
        }
        // Room for as much as is read and no more, whatever comes.
        let mut bytes: Vec<u8> = Vec::new();
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|error| FetchError::of_transport(&error))?;
            let length = bytes.len() + piece.len();
            if length > most {
                return Err(too_large());
            }
            if length > bytes.capacity() {
                bytes.reserve_exact((bytes.capacity() * 2).clamp(length, most.max(length)) - bytes.len());
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Bytes::from(bytes))
    }
}

/// Where a redirect leads. An answer of such a status without a target is an answer like any other.
fn redirect(response: &Response) -> Option<String> {
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308).then(|| {
        let location = response.headers().get(header::LOCATION)?;
        // Some servers write UTF-8 here, which is not ASCII but is meant.
        Some(String::from_utf8_lossy(location.as_bytes()).trim().to_owned())
    })?
}

fn header_text(response: &Response, name: &header::HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// For how long an answer is fresh, a day at most: a host that says a year means that it does not care.
fn fresh_for(response: &Response) -> Option<Duration> {
    const LONGEST: Duration = Duration::from_hours(24);
    let control = header_text(response, &header::CACHE_CONTROL).unwrap_or_default().to_ascii_lowercase();
    let directives = || control.split(',').map(str::trim);
    if directives().any(|directive| matches!(directive, "no-cache" | "no-store" | "must-revalidate")) {
        return None;
    }
    let stated = directives().find_map(|directive| directive.strip_prefix("max-age=")?.trim_matches('"').parse().ok());
    if let Some(seconds) = stated {
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let until = parse_date(&header_text(response, &header::EXPIRES)?)?;
    let sent = parse_date(&header_text(response, &header::DATE)?)?;
    (until - sent).to_std().ok().map(|span| span.min(LONGEST))
}

fn retry_after(response: &Response) -> Option<RetryAfter> {
    RetryAfter::parse(&header_text(response, &header::RETRY_AFTER)?)
}

#[cfg(test)]
mod tests;
