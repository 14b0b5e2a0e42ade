//! How Postgres answers the pages over a ledger of many deals: from indexes, never by reading a large table through.
//!
//! The network is not among them: it adds up every flow of its period, for which it reads every one.
//!
//! The pages are asked as ever. Postgres' own `auto_explain` tells with each statement how it carried it out.

use std::sync::{Arc, Mutex};

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use serde_json::Value;
use sqlx::{Executor, postgres::PgPoolOptions};
use tower::ServiceExt;
use tracing::{Subscriber, field::Visit};
use tracing_subscriber::{Layer, layer::SubscriberExt};
use wattline::{
    commands::synth,
    web::{App, router},
};

use crate::support::database::TestDatabase;

/// What Postgres tells its client.
#[derive(Clone, Default)]
struct Notices(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Notices {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        struct Message(String);
        impl Visit for Message {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
            fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
                if field.name() == "message" {
                    value.clone_into(&mut self.0);
                }
            }
        }
        if event.metadata().target() == "sqlx::postgres::notice" {
            let mut message = Message(String::new());
            event.record(&mut message);
            self.0.lock().unwrap().push(message.0);
        }
    }
}

impl Notices {
    /// The plans that were told since the last time.
    fn plans(&self) -> Vec<Value> {
        let told = std::mem::take(&mut *self.0.lock().unwrap());
        let plan = |message: &String| message.find('{').map(|at| serde_json::from_str(&message[at..]).unwrap());
        told.iter().filter(|message| message.contains("plan:")).filter_map(plan).collect()
    }
}

/// Every step of a plan that reads a table, as its kind and the table's or index' name.
fn scans(plan: &Value, found: &mut Vec<(String, String)>) {
    if let Some(kind) = plan["Node Type"].as_str()
        && let Some(of) = plan["Relation Name"].as_str().or(plan["Index Name"].as_str())
    {
        found.push((kind.to_owned(), of.to_owned()));
    }
    for part in plan["Plans"].as_array().into_iter().flatten() {
        scans(part, found);
    }
}

/// What grows with every deal and article. The sums by month and the registry do not, and are read through.
const LARGE: [&str; 8] =
    ["deals", "articles", "articles_default", "claims", "deal_claims", "deal_parties", "claim_companies", "shares"];

#[tokio::test]
async fn the_pages_are_answered_from_indexes() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    synth::fill(&mut db, 20_000, 60_000).await.unwrap();
    drop(db);
    let (company, largest): (String, i64) =
        sqlx::query_as("SELECT company, count(*) FROM deal_parties GROUP BY 1 ORDER BY 2 LIMIT 1")
            .fetch_one(database.pool())
            .await
            .unwrap();
    assert!(largest > 10, "{company}: {largest}");

    let notices = Notices::default();
    let watching = tracing::subscriber::set_default(tracing_subscriber::registry().with(notices.clone()));
    let pool = PgPoolOptions::new().max_connections(1).after_connect(|connection, _| {
        Box::pin(async move {
            let watch =
                "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_level = notice;
                         SET auto_explain.log_format = json; SET auto_explain.log_nested_statements = on";
            connection.execute(watch).await.map(drop)
        })
    });
    let app = App::new(pool.connect_lazy_with(database.options().clone()), "https://ledger.example".parse().unwrap());
    let router = router(app);
    let mut asked = Vec::new();
    for path in [
        "/".to_owned(),
        "/?kind=compute&status=signed".to_owned(),
        "/?kind=power&country=NO".to_owned(),
        "/?min_usd=4.9bn".to_owned(),
        "/?from=2026-06&to=2026-06".to_owned(),
        "/?q=Quillmoor".to_owned(),
        format!("/?company={company}"),
        "/?sort=usd".to_owned(),
        "/?sort=mw&min_mw=1500".to_owned(),
        "/?sort=publishers&cursor=3_739700_00000000000000000000000000000000".to_owned(),
        "/?cursor=before_0_739000_00000000000000000000000000000000".to_owned(),
        format!("/companies/{company}"),
        "/search?q=Thimbleton".to_owned(),
        "/search?q=parish77".to_owned(),
        "/news".to_owned(),
        "/deals.atom?kind=lease".to_owned(),
        "/api/v1/deals?sort=usd&status=rumored&limit=200".to_owned(),
        "/api/v1/claims?kind=debt".to_owned(),
        "/api/v1/articles?from=2020-01-01&to=2020-01-02".to_owned(),
        format!("/api/v1/companies/{company}"),
    ] {
        let request = Request::get(&path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&body));
        let plans = notices.plans();
        let mut found = Vec::new();
        for plan in &plans {
            scans(&plan["Plan"], &mut found);
        }
        asked.push(found.len());
        for plan in &plans {
            let mut steps = Vec::new();
            scans(&plan["Plan"], &mut steps);
            let through = steps.iter().find(|(kind, of)| kind == "Seq Scan" && LARGE.contains(&of.as_str()));
            assert_eq!(through, None, "{path} reads a table through:\n{}\n{:#}", plan["Query Text"], plan["Plan"]);
        }
        let indexes = found.iter().filter(|(kind, _)| kind.contains("Index") || kind.contains("Bitmap")).count();
        assert!(indexes > 0, "{path} uses no index: {found:?}");
    }
    drop(watching);
    assert!(asked.iter().all(|steps| *steps > 0));
}
