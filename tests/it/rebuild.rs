//! The ledger is derived from its claims alone: not from their order, not from how they came in batches.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use wattline::{
    db::{
        articles::{self, NewArticle, Origin, Stored},
        claims::{self, ReadingOf},
        companies,
    },
    jobs::merge::{Reason, merge_pending, rebuild, weigh},
    ledger::convert::Rates,
    model::{Bond, Rank, Registry, Whole},
};

use crate::support::{
    archive::{Fact, facts, facts_with_words},
    database::TestDatabase,
};

fn now() -> DateTime<Utc> {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

async fn file(db: &mut PgConnection, fact: &Fact) {
    let article = NewArticle {
        source_id: None,
        origin: Origin::File,
        keys: vec![format!("test:{}", fact.id)],
        url: None,
        publisher: "The Archive".to_owned(),
        rank: Rank::Press,
        summary_of: Vec::new(),
        title: fact.id.clone(),
        text: String::new(),
        language: None,
        author: None,
        published: Some(fact.published),
        page_wanted: false,
    };
    let Stored::New(id) = articles::store(db, std::slice::from_ref(&article), now()).await.unwrap()[0] else {
        panic!("{} twice", fact.id)
    };
    let unread = articles::unread_one(&mut *db, id).await.unwrap().unwrap();
    let reading =
        ReadingOf { article: id, content_hash: &unread.content_hash, published: fact.published, extractor: 1 };
    claims::file(db, &reading, std::slice::from_ref(&fact.claim), Registry::shipped(), now()).await.unwrap();
    assert!(articles::mark_read(&mut *db, id, &unread.content_hash, 1, "en").await.unwrap());
}

/// Every record, without ids, in the order of its text.
async fn dump(db: &mut PgConnection) -> Vec<String> {
    let records: Vec<Value> = sqlx::query_scalar("SELECT record FROM deals").fetch_all(db).await.unwrap();
    let mut records: Vec<String> = records
        .into_iter()
        .map(|mut record| {
            without_ids(&mut record);
            record.to_string()
        })
        .collect();
    records.sort();
    records
}

fn without_ids(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("claim");
            // Where a record leads is told by the other's headline.
            fields.remove("deal");
            fields.values_mut().for_each(without_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ids),
        _ => {}
    }
}

/// Files the facts in this order and merges after every `batch` of them.
async fn ledger(facts: &[&Fact], batch: usize) -> (TestDatabase, Vec<String>) {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    companies::sync(&mut tx, Registry::shipped()).await.unwrap();
    tx.commit().await.unwrap();
    for some in facts.chunks(batch) {
        for fact in some {
            file(&mut db, fact).await;
        }
        merge_pending(&mut db, Registry::shipped(), Rates::shipped(), now()).await.unwrap();
    }
    let dump = dump(&mut db).await;
    drop(db);
    (database, dump)
}

#[tokio::test]
async fn any_order_and_any_batches_of_the_same_claims_give_the_same_ledger() {
    // With what their texts say of programmes and contracts that they belong to.
    let facts = facts_with_words();
    let forwards: Vec<&Fact> = facts.iter().collect();
    let mut shuffled = forwards.clone();
    // A fixed shuffle: by a hash of the id that has nothing to do with dates.
    shuffled
        .sort_by_key(|fact| fact.id.bytes().rev().fold(7_u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte)));
    let (_first, at_once) = ledger(&forwards, facts.len()).await;
    let (_second, in_pieces) = ledger(&shuffled, 41).await;
    assert!(at_once.len() > 300, "{} deals", at_once.len());
    assert_eq!(differing(&at_once, &in_pieces), [""; 0]);
    let linked = at_once.iter().filter(|record| record.contains("\"umbrella\"")).count();
    assert!(linked > 20, "{linked} deals belong to another");
}

#[tokio::test]
async fn the_programme_of_a_place_is_found_whichever_of_both_is_told_first() {
    let mut facts = facts();
    facts.retain(|fact| ["2024-05-aws-aragon", "2026-03-amazon-spain-18b"].contains(&fact.id.as_str()));
    let [whole, part] = facts.as_mut_slice() else { panic!("{} facts", facts.len()) };
    whole.claim.places = vec!["Aragon".to_owned()];
    let (text, name) = ("on top of the Aragon programme".to_owned(), Some("Aragon programme".to_owned()));
    part.claim.part_of = Some(Whole { bond: Bond::Addition, text, name, month: None });
    let (whole, part) = (&facts[0], &facts[1]);
    let (_first, in_order) = ledger(&[whole, part], 1).await;
    let (_second, turned_round) = ledger(&[part, whole], 1).await;
    assert!(in_order.iter().any(|record| record.contains("\"umbrella\"")), "{in_order:#?}");
    assert_eq!(differing(&in_order, &turned_round), [""; 0]);
}

#[tokio::test]
async fn reading_and_merging_everything_a_second_time_changes_nothing() {
    let facts = facts_with_words();
    let some: Vec<&Fact> = facts.iter().rev().take(90).collect();
    let (database, before) = ledger(&some, 30).await;
    let mut db = database.pool().acquire().await.unwrap();
    let changes = async |db: &mut PgConnection| -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM revisions").fetch_one(db).await.unwrap()
    };
    let known = changes(&mut db).await;
    for fact in some.iter().rev() {
        let (id, hash): (uuid::Uuid, Vec<u8>) =
            sqlx::query_as("SELECT id, content_hash FROM articles WHERE title = $1")
                .bind(&fact.id)
                .fetch_one(&mut *db)
                .await
                .unwrap();
        let reading = ReadingOf { article: id, content_hash: &hash, published: fact.published, extractor: 1 };
        let mut tx = db.begin().await.unwrap();
        claims::file(&mut tx, &reading, std::slice::from_ref(&fact.claim), Registry::shipped(), now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    let merged = merge_pending(&mut db, Registry::shipped(), Rates::shipped(), now()).await.unwrap();
    assert_eq!((merged.new, merged.updated), (0, 0));
    assert_eq!((dump(&mut db).await, changes(&mut db).await), (before, known));
    // Why a claim rests beside another is kept with it.
    let reasons: Vec<String> = sqlx::query_scalar("SELECT DISTINCT reasons FROM deal_claims WHERE reasons IS NOT NULL")
        .fetch_all(&mut *db)
        .await
        .unwrap();
    assert!(reasons.iter().any(|reasons| reasons.contains("the parties and a figure agree")), "{reasons:?}");
}

/// The records that only one of two ledgers has.
fn differing(one: &[String], other: &[String]) -> Vec<String> {
    let only = |these: &[String], those: &[String], mark: &str| -> Vec<String> {
        these.iter().filter(|record| !those.contains(record)).map(|record| format!("{mark} {record}")).collect()
    };
    [only(one, other, "-"), only(other, one, "+")].concat()
}

#[tokio::test]
async fn rebuilding_the_ledger_gives_the_same_deals_under_the_same_ids() {
    let facts = facts();
    let some: Vec<&Fact> = facts.iter().take(120).collect();
    let (database, before) = ledger(&some, 25).await;
    let mut db = database.pool().acquire().await.unwrap();
    let ids = async |db: &mut PgConnection| -> Vec<(uuid::Uuid, Value)> {
        sqlx::query_as("SELECT id, record FROM deals ORDER BY id").fetch_all(db).await.unwrap()
    };
    let revisions = async |db: &mut PgConnection| -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM revisions").fetch_one(db).await.unwrap()
    };
    let (old_ids, old_revisions) = (ids(&mut db).await, revisions(&mut db).await);
    let later = now() + TimeDelta::days(1);
    let merged = rebuild(&mut db, Registry::shipped(), Rates::shipped(), later).await.unwrap();
    assert_eq!((merged.new, merged.updated), (0, 0));
    assert_eq!(dump(&mut db).await, before);
    assert_eq!(ids(&mut db).await, old_ids);
    assert_eq!(revisions(&mut db).await, old_revisions);
}

#[tokio::test]
async fn a_newer_reading_of_an_article_supersedes_its_claims_and_keeps_the_deals_id() {
    let facts = facts();
    let fact = facts.iter().find(|fact| !fact.claim.amounts.is_empty()).unwrap();
    let (database, _) = ledger(&[fact], 1).await;
    let mut db = database.pool().acquire().await.unwrap();
    let (deal, article): (uuid::Uuid, uuid::Uuid) =
        sqlx::query_as("SELECT deals.id, articles.id FROM deals, articles").fetch_one(&mut *db).await.unwrap();

    let mut better = fact.claim.clone();
    better.amounts.clear();
    let reading = ReadingOf { article, content_hash: &[0; 32], published: fact.published, extractor: 2 };
    claims::file(&mut db, &reading, &[better], Registry::shipped(), now()).await.unwrap();
    let merged = merge_pending(&mut db, Registry::shipped(), Rates::shipped(), now()).await.unwrap();
    assert_eq!((merged.new, merged.updated), (0, 1));
    let (same, committed): (uuid::Uuid, Option<rust_decimal::Decimal>) =
        sqlx::query_as("SELECT id, committed_usd FROM deals").fetch_one(&mut *db).await.unwrap();
    assert_eq!((same, committed), (deal, None));
    let all: i64 = sqlx::query_scalar("SELECT count(*) FROM claims").fetch_one(&mut *db).await.unwrap();
    assert_eq!(all, 2, "the older claim is kept");

    // A reading that finds nothing takes the deal away; what it said stays in its revisions.
    let reading = ReadingOf { article, content_hash: &[0; 32], published: fact.published, extractor: 3 };
    claims::file(&mut db, &reading, &[], Registry::shipped(), now()).await.unwrap();
    merge_pending(&mut db, Registry::shipped(), Rates::shipped(), now()).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM deals").fetch_one(&mut *db).await.unwrap();
    let revisions: i64 = sqlx::query_scalar("SELECT count(*) FROM revisions").fetch_one(&mut *db).await.unwrap();
    assert_eq!((left, revisions), (0, 3));
}

#[tokio::test]
async fn a_deal_that_falls_apart_under_new_rules_leaves_none_of_its_claims_behind() {
    let loan = |id: &str, day: &str, borrower: &str| Fact {
        id: id.to_owned(),
        updates: None,
        part_of: None,
        published: format!("{day}T00:00:00Z").parse().unwrap(),
        claim: serde_json::from_value(serde_json::json!({
            "kind": "debt", "status": "signed",
            "parties": [{"name": borrower, "role": "borrower"}, {"name": "Fennimore Bank", "role": "lender"}],
            "amounts": [{"value": "900000000", "currency": "USD"}], "capacity": [], "chips": [],
            "duration_months": null, "announced_on": null, "places": [], "evidence": [], "confidence": 0.9
        }))
        .unwrap(),
    };
    let facts = [
        loan("first", "2026-03-01", "Harrow Data Centers"),
        loan("between", "2026-03-01", "Quarry Lake Compute"),
        loan("second", "2026-03-02", "Harrow Data Centers"),
    ];
    let (database, before) = ledger(&facts.iter().collect::<Vec<_>>(), 1).await;
    assert_eq!(before.len(), 2);
    let mut db = database.pool().acquire().await.unwrap();
    // As if an extractor or a rule had changed its mind about one of the two.
    sqlx::query(
        "UPDATE claims SET body = jsonb_set(body, '{kind}', '\"land\"') WHERE published = '2026-03-02T00:00:00Z'",
    )
    .execute(&mut *db)
    .await
    .unwrap();
    claims::unmerge_all(&mut db, Registry::shipped()).await.unwrap();
    weigh(&mut db, Registry::shipped(), Rates::shipped(), now(), 1, Reason::Rules).await.unwrap();
    let deals: Vec<(String, i64)> = sqlx::query_as(
        "SELECT d.kind, count(*) FROM deals d JOIN deal_claims dc ON dc.deal_id = d.id GROUP BY d.id, d.kind ORDER BY d.kind, d.id",
    )
    .fetch_all(&mut *db)
    .await
    .unwrap();
    assert_eq!(deals, [("debt".to_owned(), 1), ("debt".to_owned(), 1), ("land".to_owned(), 1)]);
    let causes: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT cause FROM revisions WHERE recorded_at = (SELECT max(recorded_at) FROM revisions) ORDER BY cause")
            .fetch_all(&mut *db)
            .await
            .unwrap();
    assert!(causes.contains(&"rule".to_owned()), "{causes:?}");
}

#[tokio::test]
async fn claims_that_tie_are_settled_by_what_they_say_in_every_database_alike() {
    let raise = |id: &str, value: &str| Fact {
        id: id.to_owned(),
        updates: None,
        part_of: None,
        published: "2026-03-01T00:00:00Z".parse().unwrap(),
        claim: serde_json::from_value(serde_json::json!({
            "kind": "equity", "status": "completed",
            "parties": [{"name": "Quarry Lake Compute", "role": "investee"}],
            "amounts": [{"value": value, "currency": "USD"}], "capacity": [], "chips": [],
            "duration_months": null, "announced_on": null, "places": [], "evidence": [], "confidence": 0.9
        }))
        .unwrap(),
    };
    let facts = [raise("one", "900000000"), raise("two", "905000000")];
    let (_database, first) = ledger(&[&facts[0], &facts[1]], 2).await;
    for order in [[0, 1], [1, 0], [1, 0]] {
        let (_database, again) = ledger(&order.map(|at| &facts[at]), 1).await;
        assert_eq!(again, first);
    }
}
