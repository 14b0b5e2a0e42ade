//! The digest, from the form to the mail and back.

mod back;
mod crash;
mod hooks;
mod issues;
mod letters;
mod round_trip;
mod secured;
mod subscribing;

use std::process::{Child, Command, Stdio};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use chrono::{DateTime, Utc};
use serde_json::json;
use tower::ServiceExt;
use url::Url;
use wattline::{
    jobs::merge::merge_pending,
    ledger::{convert::Rates, schedule::last_due},
    model::{Period, Preferences, Registry},
    web::{App, router},
};

use crate::support::{
    database::{TestDatabase, WATTLINE},
    ledger::{Story, claim, file, prepare},
    smtp::MailServer,
};

/// Where the site says that it is.
const SITE: &str = "https://wattline.example/";

/// A site with a ledger and a mail server of its own.
pub struct Desk {
    pub database: TestDatabase,
    pub mail: MailServer,
}

/// An answer.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub html: String,
}

impl Desk {
    pub async fn new() -> Self {
        Self::with(MailServer::start().await).await
    }

    /// With a mail server of one's own.
    pub async fn with(mail: MailServer) -> Self {
        let database = TestDatabase::new().await;
        prepare(&mut database.pool().acquire().await.unwrap()).await;
        Self { database, mail }
    }

    async fn ask(&self, request: Request<Body>) -> Page {
        let app = App::new(self.database.pool().clone(), Url::parse(SITE).unwrap());
        let answer = router(app).oneshot(request).await.unwrap();
        let (head, body) = answer.into_parts();
        let html = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Page { status: head.status, headers: head.headers, html }
    }

    pub async fn get(&self, path: &str) -> Page {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Page {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// A deal between invented names, announced at a time and read then.
    pub async fn tell(&self, key: &str, at: &str, buyer: &str, provider: &str, billions: i64) {
        self.tell_as(key, at, (buyer, provider), (billions, "signed"), at.parse().unwrap()).await;
    }

    /// The same at a stage, read at a time.
    pub async fn tell_as(
        &self,
        key: &str,
        at: &str,
        (buyer, provider): (&str, &str),
        (billions, status): (i64, &str),
        now: DateTime<Utc>,
    ) {
        let mut db = self.database.pool().acquire().await.unwrap();
        let text = format!("{buyer} buys computing from {provider} for ${billions} billion.");
        let story = Story { published: at.parse().unwrap(), text: &text, ..Story::of(key, &at[..10]) };
        let amount = json!({"value": (billions * 1_000_000_000).to_string(), "value_max": null, "currency": "USD",
            "qualifier": "exact", "basis": "total", "certainty": "firm", "part": false});
        let fields = json!({"status": status, "amounts": [amount], "announced_on": &at[..10],
            "parties": [{"name": buyer, "role": "buyer"}, {"name": provider, "role": "provider"}]});
        file(&mut db, &story, &[claim(&fields, &text)], now).await;
        merge_pending(&mut db, Registry::shipped(), &Rates::default(), now).await.unwrap();
    }

    /// The program with this desk's database and mail server.
    pub fn wattline(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(WATTLINE);
        command.args(arguments).args(["--database-url", &self.database.url(), "--smtp", &self.mail.url()]);
        command.args(["--public-url", SITE, "--mail-rate", "100000", "--mail-domain-rate", "1000000"]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        if let Some(authority) = self.mail.authority() {
            command.env("SSL_CERT_FILE", authority);
        }
        command
    }

    /// A worker as a process of its own.
    pub fn worker(&self) -> Worker {
        let mut command = self.wattline(&["worker", "--no-archive", "--no-sources"]);
        Worker(command.spawn().unwrap())
    }

    /// Makes all subscriptions due now, as if their hour had come.
    pub async fn let_the_hour_come(&self) {
        sqlx::query("UPDATE subscriptions SET next_at = now() WHERE next_at IS NOT NULL")
            .execute(self.database.pool())
            .await
            .unwrap();
    }

    /// How many deliveries of a kind are in a state.
    pub async fn deliveries(&self, kind: &str, state: &str) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM deliveries WHERE kind = $1 AND state = $2")
            .bind(kind)
            .bind(state)
            .fetch_one(self.database.pool())
            .await
            .unwrap()
    }
}

/// Ends with the test.
pub struct Worker(Child);

impl Worker {
    /// Kills it with SIGKILL.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The last week of which those have been told who chose no hour of their own: on a Monday morning not yet the one that has
/// just ended.
pub fn told_week() -> Period {
    last_due(&Preferences::default(), Utc::now()).unwrap().1
}

/// A moment in that week.
pub fn last_week() -> String {
    (told_week().from + chrono::TimeDelta::hours(30)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
