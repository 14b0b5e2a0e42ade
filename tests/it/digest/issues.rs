//! What an issue tells, frozen, and corrected later.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Connection;
use wattline::{
    db::{issues, overrides::Editor, timeline},
    digest::choice::chosen,
    jobs::{
        corrections,
        digest::make,
        edit::{About, say},
    },
    ledger::{convert::Rates, filter::Facts, issue::News, quiet::Patience},
    model::{Deal, Period, Registry, Word},
    web::filter::Filter,
};

use super::{Desk, last_week, told_week};
use crate::support::database::TestDatabase;

impl Desk {
    async fn issue_of(&self, week: &str) -> Vec<(News, String)> {
        let mut db = self.database.pool().acquire().await.unwrap();
        let issue = chosen(&mut db, week.parse().unwrap(), Patience::default()).await.unwrap();
        issue.entries.into_iter().map(|entry| (entry.news, entry.record.headline)).collect()
    }

    /// The deal of these words.
    async fn deal(&self, words: &str) -> uuid::Uuid {
        sqlx::query_scalar("SELECT id FROM deals WHERE headline LIKE '%' || $1 || '%'")
            .bind(words)
            .fetch_one(self.database.pool())
            .await
            .unwrap()
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_tells_what_is_new_came_further_changed_was_called_off_and_went_quiet() {
    let desk = Desk::new().await;
    let told = async |key, day: &str, provider, billions, status| {
        desk.tell_as(key, day, ("Corvid AI", provider), (billions, status), at(day) + TimeDelta::hours(2)).await;
    };
    told("a1", "2026-05-04T08:00:00Z", "Tundra Cloud", 7, "announced").await;
    told("a2", "2026-05-12T08:00:00Z", "Tundra Cloud", 7, "signed").await;
    told("b1", "2026-05-04T09:00:00Z", "Basalt Compute", 9, "announced").await;
    told("b2", "2026-05-13T08:00:00Z", "Basalt Compute", 9, "cancelled").await;
    told("c1", "2026-05-14T08:00:00Z", "Gale Systems", 3, "signed").await;
    told("d1", "2026-05-15T08:00:00Z", "Drift Hosting", 2, "rumored").await;
    told("e1", "2026-02-13T08:00:00Z", "Ember Racks", 1, "rumored").await;
    let news = desk.issue_of("2026-W20").await;
    let of = |name: &str| news.iter().filter(|(_, headline)| headline.contains(name)).map(|(news, _)| *news).collect();
    let all: Vec<Vec<News>> = ["Gale", "Tundra", "Basalt", "Drift", "Ember"].into_iter().map(of).collect();
    assert_eq!(
        all,
        [[News::New], [News::Advanced], [News::Cancelled], [News::Rumoured], [News::Quiet]].map(Vec::from),
        "{news:?}"
    );
    // The week before knows only what was new in it.
    let before: Vec<News> = desk.issue_of("2026-W19").await.into_iter().map(|(news, _)| news).collect();
    assert_eq!(before, [News::New, News::New]);
    assert_eq!(desk.issue_of("2026-W18").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_never_changes_once_it_is_frozen_and_can_be_read_and_followed() {
    let desk = Desk::new().await;
    let week = last_week();
    desk.tell("one", &week, "Corvid AI", "Tundra Cloud", 7).await;
    let mut db = desk.database.pool().acquire().await.unwrap();
    let period = told_week();
    let frozen = make(&mut db, period, Patience::default(), Utc::now()).await.unwrap();
    desk.tell("late", &week, "Lumen Robotics", "Basalt Compute", 9).await;
    let again = make(&mut db, period, Patience::default(), Utc::now()).await.unwrap();
    assert_eq!((again.id, &again.issue), (frozen.id, &frozen.issue));
    for change in ["UPDATE issues SET entries = 0", "DELETE FROM issues"] {
        assert!(sqlx::query(change).execute(&mut *db).await.is_err(), "{change}");
    }
    let page = desk.get(&format!("/digest/{}", frozen.name)).await;
    assert!(page.html.contains("Tundra Cloud") && !page.html.contains("Basalt"), "{}", page.html);
    assert!(page.html.contains("it does not change"));
    assert!(desk.get("/digest").await.html.contains(&format!("/digest/{}", frozen.name)));
    let feed = desk.get("/digest.atom").await;
    assert_eq!(feed.headers["content-type"], "application/atom+xml; charset=utf-8");
    let read = wattline::ingest::feed::parse(feed.html.as_bytes(), Some("application/atom+xml"), None).unwrap();
    assert_eq!(read.entries.len(), 1);
    let running = Period::week_of(Utc::now().date_naive());
    assert!(make(&mut db, running, Patience::default(), Utc::now()).await.is_err(), "its week is not over");
    for missing in [running.name().as_str(), "2026-W99", "nothing", "2026-W1"] {
        assert_eq!(desk.get(&format!("/digest/{missing}")).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_noted_on_the_issue_and_mailed_to_those_who_were_sent_the_wrong_figure() {
    let desk = Desk::new().await;
    let week = last_week();
    desk.tell("one", &week, "Corvid AI", "Tundra Cloud", 7).await;
    desk.tell("two", &week, "Lumen Robotics", "Basalt Compute", 9).await;
    desk.subscriber("email=ada%40reader.example&company=Corvid+AI").await;
    desk.subscriber("email=bob%40reader.example&company=Lumen+Robotics").await;
    desk.let_the_hour_come().await;
    desk.send();
    let before = desk.mail.taken().len();

    let mut db = desk.database.pool().acquire().await.unwrap();
    let now = Utc::now();
    corrections::note(&mut db, now).await.unwrap();
    let record: Deal = wattline::db::deals::get(&mut db, desk.deal("Tundra").await).await.unwrap().unwrap();
    let mut amounts: Vec<wattline::model::Amount> = record.amounts.iter().map(|value| value.figure.clone()).collect();
    amounts[0].value = 5_000_000_000_i64.into();
    let about = About::Deal(desk.deal("Tundra").await);
    let editor = Editor { name: "Editor", reason: "The filing says five." };
    say(&mut db, about, &Word::Amounts(amounts), editor, Registry::shipped(), &Rates::default(), now).await.unwrap();
    // The ledger's lock is let go of with the connection.
    drop(db);
    // News of the next week corrects nothing.
    desk.tell("news", &now.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "Lumen Robotics", "Basalt Compute", 11).await;

    let mut db = desk.database.pool().acquire().await.unwrap();
    assert_eq!(corrections::note(&mut db, now + TimeDelta::minutes(5)).await.unwrap(), 0, "the editor may not be done");
    // The row is due when it is filed: here, in the future.
    assert_eq!(corrections::note(&mut db, now + TimeDelta::hours(1)).await.unwrap(), 2);
    assert_eq!(corrections::note(&mut db, now + TimeDelta::hours(2)).await.unwrap(), 0);
    sqlx::query("UPDATE deliveries SET due_at = now() WHERE state = 'waiting'").execute(&mut *db).await.unwrap();
    desk.send();
    let letters = desk.mail.taken().split_off(before);
    assert_eq!(letters.len(), 1, "bob was told nothing wrong");
    assert_eq!(letters[0].to, "ada@reader.example");
    assert!(letters[0].subject().starts_with("Correction to week "), "{}", letters[0].subject());
    assert!(letters[0].text().contains("amount: $7B → $5B"), "{}", letters[0].text());
    assert_eq!((desk.deliveries("correction", "sent").await, desk.deliveries("correction", "skipped").await), (1, 1));

    let period = told_week();
    let page = desk.get(&format!("/digest/{}", period.name())).await.html;
    assert!(page.contains("Corrected since") && page.contains("<del>$7B</del>"), "{page}");
    let frozen = issues::named(&mut db, &period.name()).await.unwrap().unwrap();
    let kept: Vec<_> = frozen.issue.entries.iter().filter_map(|entry| entry.record.committed_usd).collect();
    assert_eq!(kept, [9_000_000_000_i64.into(), 7_000_000_000_i64.into()], "the issue itself stays as it was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_to_hear_at_once_hears_of_what_changes_now_and_not_of_a_backfill() {
    let desk = Desk::new().await;
    desk.subscriber("email=ada%40reader.example&cadence=instant").await;
    let before = desk.mail.taken().len();
    let mut db = desk.database.pool().acquire().await.unwrap();
    let (start, patience) = (Utc::now(), Patience::default());
    wattline::jobs::digest::plan(&mut db, patience, start).await.unwrap();
    desk.tell("old", "2024-05-01T08:00:00Z", "Lumen Robotics", "Basalt Compute", 9).await;
    let now = start + TimeDelta::minutes(3);
    let day = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    desk.tell_as("new", &day, ("Corvid AI", "Tundra Cloud"), (7, "signed"), now).await;
    assert_eq!(wattline::jobs::digest::plan(&mut db, patience, now + TimeDelta::minutes(10)).await.unwrap(), 1);
    assert_eq!(wattline::jobs::digest::plan(&mut db, patience, now + TimeDelta::minutes(30)).await.unwrap(), 0);
    sqlx::query("UPDATE deliveries SET due_at = now() WHERE state = 'waiting'").execute(&mut *db).await.unwrap();
    desk.send();
    let letters = desk.mail.taken().split_off(before);
    assert_eq!(letters.len(), 1);
    assert!(letters[0].text().contains("Tundra Cloud") && !letters[0].text().contains("Basalt"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_takes_the_same_deals_from_an_issue_as_from_the_timeline() {
    let database = TestDatabase::with_archive().await;
    let mut db = database.pool().acquire().await.unwrap();
    let all: Vec<(uuid::Uuid, sqlx::types::Json<Deal>)> =
        sqlx::query_as("SELECT id, record FROM deals").fetch_all(&mut *db).await.unwrap();
    let texts: Vec<(uuid::Uuid, String)> = all
        .iter()
        .map(|(id, deal)| (*id, wattline::ledger::filter::searched_text(deal, &Facts::of(deal).countries)))
        .collect();
    let mut tx = db.begin().await.unwrap();
    let mut taken = 0;
    for query in [
        "",
        "kind=power&kind=build",
        "status=signed",
        "min_usd=10bn",
        "min_mw=500",
        "country=NO",
        "role=payer",
        "role=investor",
        "company=microsoft",
        "company=microsoft&role=buyer",
        "company=openai&role=payee&min_usd=1bn",
        "q=nuclear -solar",
        "q=\"data center\"",
        "q=texas&kind=build",
        "kind=ipo&country=NO",
    ] {
        let mut filter = Filter::parse(query).deals;
        if let Some(company) = query.split("company=").nth(1) {
            let slug = company.split('&').next().unwrap().to_owned();
            filter.companies = Some(wattline::db::subscriptions::families(&mut tx, &[slug]).await.unwrap());
        }
        let listed = timeline::page(&mut tx, &filter, timeline::Sort::default(), None, 10_000).await.unwrap();
        let mut listed: Vec<_> = listed.deals.into_iter().map(|listed| listed.id).collect();
        let words = match &filter.text {
            Some(words) => Some(issues::matching(&mut tx, words, &texts).await.unwrap()),
            None => None,
        };
        let fits = |(id, deal): &&(uuid::Uuid, sqlx::types::Json<Deal>)| {
            Facts::of(deal).fit(&filter) && words.as_ref().is_none_or(|words| words.contains(id))
        };
        let mut fitting: Vec<_> = all.iter().filter(fits).map(|(id, _)| *id).collect();
        listed.sort_unstable();
        fitting.sort_unstable();
        assert_eq!(listed, fitting, "{query}");
        taken += listed.len();
    }
    assert!(taken > 400, "{taken}");
}
