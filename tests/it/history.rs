//! What editors say, what was known when, and that the whole can be derived anew.

use std::process::Command;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;
use wattline::{
    db::{
        claims::{self, ReadingOf},
        dump, history,
        overrides::Editor,
    },
    jobs::{
        edit::{About, say, undo},
        merge::{merge_pending, rebuild},
    },
    ledger::{convert::Rates, totals::Wanted},
    model::{Bond, Claim, Deal, Registry, Slug, Status, Word},
};

use crate::support::{
    archive::facts,
    database::{TestDatabase, WATTLINE},
    ledger::{Story, claim, file, prepare},
};

const ADA: Editor<'static> = Editor { name: "Ada", reason: "The contract says so." };

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn rent(status: &str, billions: i64) -> Claim {
    let value = (Decimal::from(billions) * Decimal::from(1_000_000_000)).to_string();
    claim(
        &json!({"status": status, "amounts": [{"value": value, "currency": "USD"}],
                "parties": [{"name": "Corvid AI", "role": "buyer"}, {"name": "Quarry Lake Compute", "role": "provider"}]}),
        "",
    )
}

async fn merge(db: &mut PgConnection, now: DateTime<Utc>) {
    merge_pending(db, Registry::shipped(), Rates::shipped(), now).await.unwrap();
}

async fn records(db: &mut PgConnection) -> Vec<(Uuid, Deal)> {
    let rows: Vec<(Uuid, sqlx::types::Json<Deal>)> =
        sqlx::query_as("SELECT id, record FROM deals ORDER BY day, id").fetch_all(db).await.unwrap();
    rows.into_iter().map(|(id, record)| (id, record.0)).collect()
}

async fn causes(db: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar("SELECT cause FROM revisions ORDER BY written").fetch_all(db).await.unwrap()
}

#[tokio::test]
async fn an_editors_word_goes_before_the_claims_survives_a_rebuild_and_can_be_undone() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let now = time("2026-03-02T12:00:00Z");
    file(&mut db, &Story::of("first", "2026-03-01"), &[rent("announced", 5)], now).await;
    merge(&mut db, now).await;
    let (id, before) = records(&mut db).await.remove(0);

    let later = time("2026-03-03T12:00:00Z");
    let (registry, rates) = (Registry::shipped(), Rates::shipped());
    let amounts = serde_json::from_value(json!([{"value": "6000000000", "currency": "USD"}])).unwrap();
    let word = Word::Amounts(amounts);
    let sum = say(&mut db, About::Deal(id), &word, ADA, registry, rates, later).await.unwrap();
    let parties = serde_json::from_value(
        json!([{"name": "Corvid AI", "role": "buyer"}, {"name": "Harrow Data Centers", "role": "provider"}]),
    );
    let word = Word::Parties(parties.unwrap());
    say(&mut db, About::Deal(id), &word, ADA, registry, rates, later).await.unwrap();
    let (_, edited) = records(&mut db).await.remove(0);
    assert_eq!(edited.committed_usd, Some(Decimal::from(6_000_000_000_i64)));
    assert_eq!(edited.headline, "Corvid AI rents compute from Harrow Data Centers");
    assert_eq!(edited.edited, ["amounts", "parties"]);
    assert_eq!(causes(&mut db).await, ["claim", "editor", "editor"]);

    // Later news does not undo it, nor does a rebuild.
    let newer = time("2026-03-09T12:00:00Z");
    file(&mut db, &Story::of("second", "2026-03-09"), &[rent("signed", 5)], newer).await;
    merge(&mut db, newer).await;
    let (same, with_news) = records(&mut db).await.remove(0);
    assert_eq!((same, with_news.committed_usd, with_news.status), (id, edited.committed_usd, Status::Signed));
    let dumped = dump::lines(&mut db).await.unwrap();
    let merged = rebuild(&mut db, registry, rates, newer).await.unwrap();
    assert_eq!((merged.new, merged.updated), (0, 0));
    assert_eq!(dump::lines(&mut db).await.unwrap(), dumped);

    undo(&mut db, sum, ADA, registry, rates, newer).await.unwrap();
    let (_, undone) = records(&mut db).await.remove(0);
    assert_eq!(undone.committed_usd, before.committed_usd);
    assert_eq!(undone.edited, ["parties"]);

    // The past is as it was.
    let at = async |db: &mut PgConnection, text: &str| history::deal(db, id, time(text)).await.unwrap();
    assert_eq!(at(&mut db, "2026-03-02T11:59:59Z").await, None);
    assert_eq!(at(&mut db, "2026-03-03T00:00:00Z").await, Some(before));
    assert_eq!(at(&mut db, "2026-03-08T00:00:00Z").await, Some(edited));
    assert_eq!(at(&mut db, "2026-03-09T12:00:00Z").await, Some(undone));
}

#[tokio::test]
async fn a_rejected_deal_leaves_the_ledger_and_comes_back_to_its_address() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let now = time("2026-03-02T12:00:00Z");
    file(&mut db, &Story::of("first", "2026-03-01"), &[rent("announced", 5)], now).await;
    merge(&mut db, now).await;
    let (id, before) = records(&mut db).await.remove(0);
    let (registry, rates) = (Registry::shipped(), Rates::shipped());
    let reject = say(&mut db, About::Deal(id), &Word::Reject, ADA, registry, rates, now).await.unwrap();
    assert_eq!(records(&mut db).await, []);
    assert_eq!(causes(&mut db).await, ["claim", "editor"]);
    // Neither a rebuild nor another report brings it back.
    rebuild(&mut db, registry, rates, now).await.unwrap();
    file(&mut db, &Story::of("again", "2026-03-02"), &[rent("announced", 5)], now).await;
    merge(&mut db, now).await;
    assert_eq!(records(&mut db).await, []);
    undo(&mut db, reject, ADA, registry, rates, now).await.unwrap();
    let (same, back) = records(&mut db).await.remove(0);
    assert_eq!((same, back.committed_usd, back.articles), (id, before.committed_usd, 2));
    let gone = say(&mut db, About::Deal(Uuid::nil()), &Word::Reject, ADA, registry, rates, now).await.unwrap_err();
    assert!(gone.to_string().starts_with("there is no deal"), "{gone}");
}

#[tokio::test]
async fn what_is_read_unsurely_is_no_deal_until_an_editor_or_another_article_says_so() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let now = time("2026-03-02T12:00:00Z");
    let unsure = Claim { confidence: 0.45, ..rent("announced", 5) };
    file(&mut db, &Story::of("first", "2026-03-01"), std::slice::from_ref(&unsure), now).await;
    merge(&mut db, now).await;
    assert_eq!(records(&mut db).await, []);
    let doubtful = claims::doubtful(&mut *db, 10).await.unwrap();
    assert_eq!((doubtful.len(), doubtful[0].title.as_str(), &doubtful[0].claim), (1, "first", &unsure));
    let printed = Command::new(WATTLINE).args(["articles", "doubtful", "--database-url", &database.url()]).output();
    let printed = String::from_utf8(printed.unwrap().stdout).unwrap();
    assert!(printed.contains("\t0.45\tcompute\tCorvid AI, Quarry Lake Compute\tfirst\t"), "{printed}");

    let (registry, rates) = (Registry::shipped(), Rates::shipped());
    let about = About::Claim(doubtful[0].id);
    let confirmed = say(&mut db, about, &Word::Confirm, ADA, registry, rates, now).await.unwrap();
    assert_eq!(records(&mut db).await.len(), 1);
    assert!(claims::doubtful(&mut *db, 10).await.unwrap().is_empty());
    undo(&mut db, confirmed, ADA, registry, rates, now).await.unwrap();
    assert_eq!(records(&mut db).await, []);
    assert_eq!(claims::doubtful(&mut *db, 10).await.unwrap().len(), 1);

    file(&mut db, &Story::of("second", "2026-03-02"), &[rent("announced", 5)], now).await;
    merge(&mut db, now).await;
    let (_, deal) = records(&mut db).await.remove(0);
    assert_eq!(deal.articles, 2, "the unsure report is one of the deal's");
    assert!(claims::doubtful(&mut *db, 10).await.unwrap().is_empty());
    let merged = rebuild(&mut db, registry, rates, now).await.unwrap();
    assert_eq!((merged.new, merged.updated), (0, 0));
}

fn plan(name: &str, billions: i64) -> Claim {
    let value = (Decimal::from(billions) * Decimal::from(1_000_000_000)).to_string();
    claim(
        &json!({"kind": "partnership", "amounts": [{"value": value, "currency": "USD"}], "programme": name,
                "parties": [{"name": "Corvid AI", "role": "partner"}, {"name": "Harrow Data Centers", "role": "partner"}]}),
        "",
    )
}

/// What a deal belongs to by its headline, and what all deals come to with each dollar once.
async fn place(db: &mut PgConnection, id: Uuid) -> (Option<String>, Decimal) {
    let umbrella = record_of(db, id).await.umbrella.map(|umbrella| umbrella.headline);
    let net: Decimal =
        sqlx::query_scalar("SELECT sum(net_committed_usd) FROM deals").fetch_one(&mut *db).await.unwrap();
    (umbrella, net / Decimal::from(1_000_000_000))
}

/// Reads the article of a deal that one article tells again.
async fn reread(db: &mut PgConnection, deal: Uuid, claim: &Claim, now: DateTime<Utc>) {
    let (article, content_hash, published): (Uuid, Vec<u8>, DateTime<Utc>) = sqlx::query_as(
        "SELECT c.article_id, c.content_hash, c.published FROM deal_claims JOIN claims c ON c.id = claim_id WHERE deal_id = $1",
    )
    .bind(deal)
    .fetch_one(&mut *db)
    .await
    .unwrap();
    let mut tx = db.begin().await.unwrap();
    let reading = ReadingOf { article, content_hash: &content_hash, published, extractor: 1_000 };
    claims::file(&mut tx, &reading, std::slice::from_ref(claim), Registry::shipped(), now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn record_of(db: &mut PgConnection, id: Uuid) -> Deal {
    records(db).await.into_iter().find(|(known, _)| *known == id).unwrap().1
}

#[tokio::test]
async fn an_editor_puts_a_deal_under_another_or_takes_it_from_there_whatever_the_rules_think() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let now = time("2026-03-02T12:00:00Z");
    let (registry, rates) = (Registry::shipped(), Rates::shipped());
    let part: Claim = Claim {
        part_of: serde_json::from_value(json!({"bond": "part", "text": "part of Larkspur", "name": "Larkspur"}))
            .unwrap(),
        ..rent("announced", 5)
    };
    file(&mut db, &Story::of("part", "2026-03-01"), &[part], now).await;
    file(&mut db, &Story::of("larkspur", "2026-02-20"), &[plan("Larkspur", 20)], now).await;
    file(&mut db, &Story::of("goshawk", "2025-10-01"), &[plan("Goshawk", 40)], now).await;
    merge(&mut db, now).await;
    let all = records(&mut db).await;
    let of = |billions: i64| {
        all.iter()
            .find(|(_, d)| d.potential_usd.or(d.committed_usd) == Some((billions * 1_000_000_000).into()))
            .unwrap()
    };
    let ((rent, _), (larkspur, plan), (goshawk, other)) = (of(5), of(20), of(40));
    let by_rule = place(&mut db, *rent).await;
    assert_eq!(by_rule.0.as_ref(), Some(&plan.headline));

    let mut hour = now;
    let mut editor = async |db: &mut PgConnection, about: About, word: Word| {
        hour += chrono::TimeDelta::hours(1);
        say(db, about, &word, ADA, registry, rates, hour).await
    };
    let alone = editor(&mut db, About::Deal(*rent), Word::Alone).await.unwrap();
    assert_eq!(place(&mut db, *rent).await, (None, by_rule.1 + Decimal::from(5)));
    assert_eq!(record_of(&mut db, *rent).await.edited, ["umbrella"]);
    let under = editor(&mut db, About::Deals(*rent, *goshawk), Word::Under(Bond::Part)).await.unwrap();
    assert_eq!(place(&mut db, *rent).await, (Some(other.headline.clone()), by_rule.1));
    // The order of who may hold whom would have it the other way round.
    editor(&mut db, About::Deals(*goshawk, *larkspur), Word::Under(Bond::Addition)).await.unwrap();
    assert_eq!(place(&mut db, *goshawk).await.0.as_ref(), Some(&plan.headline));
    let round = editor(&mut db, About::Deals(*larkspur, *rent), Word::Under(Bond::Part)).await.unwrap_err();
    assert!(round.to_string().contains("undo that first"), "{round}");
    let own = editor(&mut db, About::Deals(*rent, *rent), Word::Under(Bond::Part)).await.unwrap_err();
    assert!(own.to_string().contains("belong to itself"), "{own}");

    // It survives a rebuild, and a newer reading of the whole's article.
    let dumped = dump::lines(&mut db).await.unwrap();
    rebuild(&mut db, registry, rates, now).await.unwrap();
    assert_eq!(dump::lines(&mut db).await.unwrap(), dumped);
    let later = time("2026-03-05T12:00:00Z");
    reread(&mut db, *goshawk, &self::plan("Goshawk", 41), later).await;
    merge(&mut db, later).await;
    assert_eq!(place(&mut db, *rent).await, (Some(other.headline.clone()), by_rule.1 + Decimal::ONE));

    undo(&mut db, under, ADA, registry, rates, later).await.unwrap();
    assert_eq!(place(&mut db, *rent).await.0, None, "the word before it holds again");
    undo(&mut db, alone, ADA, registry, rates, later).await.unwrap();
    assert_eq!(place(&mut db, *rent).await.0, by_rule.0);
}

#[tokio::test]
async fn an_editor_joins_and_parts_claims_whatever_the_rules_think() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let now = time("2026-06-02T12:00:00Z");
    for (key, day, billions) in [("first", "2026-03-01", 5), ("second", "2026-06-01", 8), ("third", "2026-06-02", 8)] {
        file(&mut db, &Story::of(key, day), &[rent("signed", billions)], now).await;
    }
    merge(&mut db, now).await;
    let ids = async |db: &mut PgConnection| -> Vec<Uuid> {
        sqlx::query_scalar("SELECT id FROM claims ORDER BY published").fetch_all(db).await.unwrap()
    };
    let articles = async |db: &mut PgConnection| -> Vec<usize> {
        records(db).await.iter().map(|(_, deal)| deal.articles).collect()
    };
    assert_eq!(articles(&mut db).await, [1, 2]);
    let claims = ids(&mut db).await;
    let (registry, rates) = (Registry::shipped(), Rates::shipped());
    let join = About::Claims(claims[0], claims[1]);
    let joined = say(&mut db, join, &Word::Same, ADA, registry, rates, now).await.unwrap();
    assert_eq!(articles(&mut db).await, [3]);
    let part = About::Claims(claims[1], claims[2]);
    say(&mut db, part, &Word::Apart, ADA, registry, rates, now).await.unwrap();
    assert_eq!(articles(&mut db).await, [2, 1]);
    let dumped = dump::lines(&mut db).await.unwrap();
    rebuild(&mut db, registry, rates, now).await.unwrap();
    assert_eq!(dump::lines(&mut db).await.unwrap(), dumped);
    undo(&mut db, joined, ADA, registry, rates, now).await.unwrap();
    assert_eq!(articles(&mut db).await, [1, 1, 1]);
}

#[tokio::test]
async fn a_backfill_counts_from_the_day_on_which_it_happened_and_news_from_when_it_was_read() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    prepare(&mut db).await;
    let now = time("2026-11-10T12:00:00Z");
    for (key, day, claim) in [
        ("rumour", "2026-03-01", rent("rumored", 5)),
        ("announcement", "2026-05-01", rent("announced", 5)),
        ("signing", "2026-11-09", rent("signed", 5)),
    ] {
        file(&mut db, &Story::of(key, day), &[claim], now).await;
    }
    merge(&mut db, now).await;
    let (id, present) = records(&mut db).await.remove(0);
    let mut known = Vec::new();
    for text in ["2026-02-28T00:00:00Z", "2026-03-05T00:00:00Z", "2026-06-01T00:00:00Z", "2026-11-09T23:00:00Z"] {
        known.push(history::deal(&mut db, id, time(text)).await.unwrap().map(|deal| deal.status));
    }
    assert_eq!(known, [None, Some(Status::Rumored), Some(Status::Announced), Some(Status::Announced)]);
    assert_eq!(history::deal(&mut db, id, now).await.unwrap(), Some(present));

    // The totals of those days: nothing while it is a rumour.
    let wanted = Wanted::default();
    let company = Slug::of("Corvid AI");
    let mut paid = Vec::new();
    for text in ["2026-03-05T00:00:00Z", "2026-06-01T00:00:00Z", "2026-11-10T12:00:00Z"] {
        let totals = history::by_role(&mut db, &company, &wanted, time(text)).await.unwrap();
        paid.push(totals.iter().map(|role| role.total.net_committed).sum::<Decimal>());
    }
    let billions = |n: i64| Decimal::from(n * 1_000_000_000);
    assert_eq!(paid, [billions(0), billions(5), billions(5)]);

    // An older report that turns up later still counts from its day.
    let later = time("2026-11-20T12:00:00Z");
    file(&mut db, &Story::of("whisper", "2026-02-01"), &[rent("rumored", 5)], later).await;
    merge(&mut db, later).await;
    let status = history::deal(&mut db, id, time("2026-02-02T00:00:00Z")).await.unwrap().map(|deal| deal.status);
    assert_eq!(status, Some(Status::Rumored));
    let (_, present) = records(&mut db).await.remove(0);
    assert_eq!(history::deal(&mut db, id, later).await.unwrap(), Some(present));
}

/// The facts of the archive in an order of their own, filed and merged by so many workers at once.
async fn by_workers(workers: usize, backwards: bool) -> TestDatabase {
    let database = TestDatabase::new().await;
    prepare(&mut database.pool().acquire().await.unwrap()).await;
    let mut facts: Vec<_> = facts().into_iter().take(150).collect();
    if backwards {
        facts.reverse();
    }
    let mut hands: Vec<Vec<_>> = (0..workers).map(|_| Vec::new()).collect();
    for (number, fact) in facts.into_iter().enumerate() {
        hands[number % workers].push(fact);
    }
    let now = time("2026-11-10T12:00:00Z");
    let working: Vec<_> = hands
        .into_iter()
        .map(|facts| {
            let pool = database.pool().clone();
            tokio::spawn(async move {
                let mut db = pool.acquire().await.unwrap();
                for some in facts.chunks(7) {
                    for fact in some {
                        let story = Story { published: fact.published, ..Story::of(&fact.id, "2026-01-01") };
                        file(&mut db, &story, std::slice::from_ref(&fact.claim), now).await;
                    }
                    merge(&mut db, now).await;
                }
            })
        })
        .collect();
    for work in working {
        work.await.unwrap();
    }
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dump_has_the_same_bytes_however_claims_were_ordered_and_split_over_workers_and_after_a_rebuild() {
    let dump_of = async |database: &TestDatabase| {
        let arguments = ["dump", "--database-url", &database.url()].map(ToOwned::to_owned);
        let told =
            tokio::task::spawn_blocking(|| Command::new(WATTLINE).args(arguments).output().unwrap()).await.unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        String::from_utf8(told.stdout).unwrap()
    };
    let alone = by_workers(1, false).await;
    let first = dump_of(&alone).await;
    assert!(first.lines().count() > 100);
    assert!(first.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    let shared = by_workers(3, true).await;
    same(&first, &dump_of(&shared).await);
    for database in [&alone, &shared] {
        let arguments = ["rebuild", "--database-url", &database.url()].map(ToOwned::to_owned);
        let told =
            tokio::task::spawn_blocking(|| Command::new(WATTLINE).args(arguments).output().unwrap()).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&told.stdout), "The ledger is rebuilt: 0 deals new, 0 changed.\n");
        same(&first, &dump_of(database).await);
    }
}

/// Holds two dumps against each other; where they differ, the lines that only one of them has are told.
fn same(first: &str, second: &str) {
    let only = |one: &str, other: &str| -> Vec<String> {
        one.lines().filter(|line| !other.lines().any(|known| known == *line)).map(ToOwned::to_owned).collect()
    };
    assert!(
        first == second,
        "only in the first: {:#?}\nonly in the second: {:#?}",
        only(first, second),
        only(second, first)
    );
}
