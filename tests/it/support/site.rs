//! A site over a ledger of its own, asked as a browser or a program asks.

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header::AsHeaderName},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tower::ServiceExt;
use wattline::{
    jobs::merge::merge_pending,
    ledger::convert::Rates,
    model::{Rank, Registry},
    web::{App, router},
};

use super::{
    database::TestDatabase,
    ledger::{Story, claim, file, prepare},
};

/// A site.
pub struct Site {
    pub database: TestDatabase,
}

/// What it answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    #[track_caller]
    pub fn header(&self, name: impl AsHeaderName + std::fmt::Debug) -> &str {
        let told = format!("{name:?}");
        self.headers.get(name).unwrap_or_else(|| panic!("no {told}")).to_str().unwrap()
    }
}

impl Site {
    /// One without a deal.
    pub async fn empty() -> Self {
        let database = TestDatabase::new().await;
        prepare(&mut database.pool().acquire().await.unwrap()).await;
        Self { database }
    }

    /// One with four deals under invented names: a contract that two publishers tell of, a power deal in euros, a rumour,
    /// and a takeover whose text would be a formula in a spreadsheet.
    pub async fn filled() -> Self {
        let site = Self::empty().await;
        let text =
            "Northwind Compute rents 650 MW from Bluefin Data Halls for $8.5 billion, to be energized by June 2027.";
        let parties =
            json!([{"name": "Northwind Compute", "role": "buyer"}, {"name": "Bluefin Data Halls", "role": "provider"}]);
        let rent = json!({"kind": "compute", "status": "announced", "parties": parties, "announced_on": "2026-03-12",
            "places": ["Norway"], "amounts": [{"value": "8500000000", "currency": "USD"}], "capacity": [{"mw": 650}]});
        site.tell(Story { rank: Rank::Trade, text, ..Story::of("first", "2026-03-12") }, &rent).await;
        let mut signed = rent.clone();
        signed["status"] = json!("signed");
        signed["amounts"] = json!([{"value": "8200000000", "currency": "USD"}]);
        let newsroom =
            Story { publisher: "Northwind newsroom", rank: Rank::Primary, ..Story::of("second", "2026-03-20") };
        site.tell(newsroom, &signed).await;
        site.tell(
            Story { publisher: "Example & Sons", ..Story::of("third", "2025-11-02") },
            &json!({"kind": "power", "announced_on": "2025-11-02", "places": ["Finland"], "duration_months": 180,
                "parties": [{"name": "Quietwater AI", "role": "buyer"}, {"name": "Fablewood Power", "role": "supplier"}],
                "amounts": [{"value": "1700000000", "currency": "EUR"}], "capacity": [{"mw": 120}]}),
        )
        .await;
        site.tell(
            Story::of("fourth", "2026-01-05"),
            &json!({"kind": "equity", "status": "rumored",
                "parties": [{"name": "Emberline Capital", "role": "investor"}, {"name": "Quietwater AI", "role": "investee"}],
                "amounts": [{"value": "40000000000", "currency": "USD"}]}),
        )
        .await;
        site.tell(
            Story::of("fifth", "2024-05-01"),
            &json!({"kind": "acquisition", "status": "completed", "announced_on": "2024-05-01", "places": ["=HYPERLINK(\"x\")"],
                "parties": [{"name": "Tundra, Cloud", "role": "acquirer"}, {"name": "+Sums Grid", "role": "target"}]}),
        )
        .await;
        site
    }

    /// Files a story with what it claims, read on its day.
    pub async fn tell(&self, story: Story<'_>, facts: &Value) {
        let mut db = self.database.pool().acquire().await.unwrap();
        let now: DateTime<Utc> = story.published;
        file(&mut db, &story, &[claim(facts, story.text)], now).await;
        merge_pending(&mut db, Registry::shipped(), Rates::shipped(), now).await.unwrap();
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let app = App::new(self.database.pool().clone(), "https://ledger.example".parse().unwrap());
        let response = router(app).oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: to_bytes(response.into_body(), usize::MAX).await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn ask(&self, method: Method, path: &str) -> Answer {
        self.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await
    }

    /// An answer that is there.
    pub async fn found(&self, path: &str) -> Answer {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer
    }
}
