//! The list of deals: every filter and every order against a plain scan of the records, now and in the past, and paging
//! in both directions.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::{PgConnection, types::Json};
use strum::VariantArray;
use uuid::Uuid;
use wattline::{
    db::{
        history,
        timeline::{self, Cursor, DealFilter, Part, Sort},
    },
    jobs::merge::merge_pending,
    ledger::convert::Rates,
    model::{Deal, Direction, Kind, Megawatts, Registry, Role, Status, places::countries},
};

use crate::support::{
    database::TestDatabase,
    ledger::{Story, claim, file, prepare},
};

const FIRST: &str = "2026-03-02T12:00:00Z";
const LATER: &str = "2026-03-20T12:00:00Z";

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Sixty deals between invented companies, of which a third are told of again later, each a stage further.
async fn fill(db: &mut PgConnection) {
    prepare(db).await;
    let kinds = [Kind::Compute, Kind::Chips, Kind::Power, Kind::Lease, Kind::Debt];
    let statuses = ["rumored", "announced", "signed", "completed", "cancelled"];
    let places = [
        json!(["Norway"]),
        json!(["Texas", "Ohio"]),
        json!(["Little Wibbleton"]),
        json!([]),
        json!(["Iceland", "Texas"]),
    ];
    let told = |number: usize, status: usize, more: u32| {
        let kind = kinds[number % kinds.len()];
        let (payer, payee) = (format!("Payer{} Works", number % 7), format!("Payee{number} Halls"));
        let day = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + Days::new((number * 37 % 400) as u64);
        let sum = |number: usize| ((number * 7 % 5 + 1) * 250_000_000).to_string();
        let amounts = match number % 4 {
            0 => json!([]),
            1 => json!([{"value": sum(number), "currency": "USD", "qualifier": "up_to"}]),
            _ => json!([{"value": sum(number), "currency": "USD"}]),
        };
        let capacity = if number.is_multiple_of(3) { json!([{"mw": number * 11 % 6 * 50 + 10}]) } else { json!([]) };
        claim(
            &json!({"kind": kind, "status": statuses[status % statuses.len()], "announced_on": day,
                    "parties": [{"name": payer, "role": kind.roles()[0]}, {"name": payee, "role": kind.roles()[1]}],
                    "amounts": amounts, "capacity": capacity, "places": places[number % places.len()],
                    "duration_months": more}),
            "",
        )
    };
    for number in 0..60 {
        let key = format!("story {number}");
        file(db, &Story::of(&key, "2026-03-01"), &[told(number, number / 5, 12)], time(FIRST)).await;
    }
    merge_pending(db, Registry::shipped(), Rates::shipped(), time(FIRST)).await.unwrap();
    for number in (0..60).step_by(3) {
        let key = format!("story {number} goes on");
        let story = Story { publisher: "Second Outlet", ..Story::of(&key, "2026-03-19") };
        file(db, &story, &[told(number, number / 5 + 1, 12)], time(LATER)).await;
    }
    merge_pending(db, Registry::shipped(), Rates::shipped(), time(LATER)).await.unwrap();
}

/// The records of now, or of a time.
async fn records(db: &mut PgConnection, at: Option<DateTime<Utc>>) -> Vec<(Uuid, Deal)> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar("SELECT DISTINCT deal_id FROM revisions").fetch_all(&mut *db).await.unwrap();
    let mut records = Vec::new();
    for id in ids {
        let record = match at {
            Some(at) => history::deal(db, id, at).await.unwrap(),
            None => sqlx::query_scalar("SELECT record FROM deals WHERE id = $1")
                .bind(id)
                .fetch_optional(&mut *db)
                .await
                .unwrap()
                .map(|record: Json<Deal>| record.0),
        };
        records.extend(record.map(|record| (id, record)));
    }
    records
}

/// What a filter means, by reading one record.
fn keeps(filter: &DealFilter, deal: &Deal) -> bool {
    let words = || {
        let names = deal.parties.iter().map(|party| party.name.as_str()).chain(deal.places.iter().map(String::as_str));
        let all = [deal.headline.as_str()].into_iter().chain(names).collect::<Vec<_>>().join(" ").to_lowercase();
        all.split(|letter: char| !letter.is_alphanumeric()).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let parties = || {
        deal.parties.iter().any(|party| {
            filter.companies.as_ref().is_none_or(|slugs| slugs.iter().any(|slug| slug == party.company.as_str()))
                && match filter.part {
                    None => true,
                    Some(Part::Role(role)) => party.role == role,
                    Some(Part::Side(side)) => party.flow.as_ref().is_some_and(|flow| flow.direction == side),
                }
        })
    };
    filter.text.as_ref().is_none_or(|word| words().contains(word))
        && ((filter.companies.is_none() && filter.part.is_none()) || parties())
        && (filter.kinds.is_empty() || filter.kinds.contains(&deal.kind))
        && (filter.statuses.is_empty() || filter.statuses.contains(&deal.status))
        && filter.min_usd.is_none_or(|least| deal.committed_usd.is_some_and(|sum| sum >= least))
        && filter.min_mw.is_none_or(|least| deal.mw.is_some_and(|mw| mw.get() >= least))
        && filter.from.is_none_or(|from| deal.day() >= from)
        && filter.to.is_none_or(|to| deal.day() <= to)
        && filter.country.as_ref().is_none_or(|code| countries(&deal.places).contains(code))
}

/// What an order means.
fn sorted(mut records: Vec<&(Uuid, Deal)>, sort: Sort) -> Vec<Uuid> {
    records.sort_by_key(|(id, deal)| {
        let key = match sort {
            Sort::Date => None,
            Sort::Usd => deal.committed_usd,
            Sort::Mw => deal.mw.map(Megawatts::get),
            Sort::Publishers => Some(Decimal::from(deal.publishers)),
        };
        std::cmp::Reverse((key, deal.day(), *id))
    });
    records.into_iter().map(|(id, _)| *id).collect()
}

/// One filter for every field and value that matters.
fn filters() -> Vec<DealFilter> {
    let none = DealFilter::default;
    let mut filters = vec![
        none(),
        DealFilter { text: Some("norway".to_owned()), ..none() },
        DealFilter { text: Some("payer3".to_owned()), ..none() },
        DealFilter { companies: Some(vec!["payer1-works".to_owned(), "payee4-halls".to_owned()]), ..none() },
        DealFilter { companies: Some(Vec::new()), ..none() },
        DealFilter { part: Some(Part::Role(Role::Tenant)), ..none() },
        DealFilter { part: Some(Part::Side(Direction::Payee)), ..none() },
        DealFilter {
            companies: Some(vec!["payer2-works".to_owned()]),
            part: Some(Part::Side(Direction::Payer)),
            ..none()
        },
        DealFilter { kinds: vec![Kind::Power, Kind::Debt], ..none() },
        DealFilter { statuses: vec![Status::Rumored, Status::Signed], ..none() },
        DealFilter { min_usd: Some(Decimal::ZERO), ..none() },
        DealFilter { min_usd: Some(Decimal::from(750_000_000)), ..none() },
        DealFilter { min_mw: Some(Decimal::from(110)), ..none() },
        DealFilter { from: NaiveDate::from_ymd_opt(2025, 6, 1), ..none() },
        DealFilter { to: NaiveDate::from_ymd_opt(2025, 9, 30), ..none() },
    ];
    filters.extend(["US", "NO", "ZA"].map(|code| DealFilter { country: Some(code.to_owned()), ..none() }));
    filters.extend(Kind::VARIANTS.iter().map(|kind| DealFilter { kinds: vec![*kind], ..none() }));
    filters.extend(Status::VARIANTS.iter().map(|status| DealFilter { statuses: vec![*status], ..none() }));
    filters
}

/// Both at once.
fn both(a: &DealFilter, b: &DealFilter) -> DealFilter {
    DealFilter {
        text: a.text.clone().or(b.text.clone()),
        companies: a.companies.clone().or(b.companies.clone()),
        part: a.part.or(b.part),
        kinds: if a.kinds.is_empty() { b.kinds.clone() } else { a.kinds.clone() },
        statuses: if a.statuses.is_empty() { b.statuses.clone() } else { a.statuses.clone() },
        min_usd: a.min_usd.or(b.min_usd),
        min_mw: a.min_mw.or(b.min_mw),
        from: a.from.or(b.from),
        to: a.to.or(b.to),
        country: a.country.clone().or(b.country.clone()),
        as_of: a.as_of.or(b.as_of),
    }
}

async fn listed(
    db: &mut PgConnection,
    filter: &DealFilter,
    sort: Sort,
    cursor: Option<Cursor>,
    size: usize,
) -> timeline::Page {
    timeline::page(db, filter, sort, cursor, size).await.unwrap()
}

#[tokio::test]
async fn every_filter_and_every_order_lists_what_a_plain_scan_finds() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    fill(&mut db).await;
    let times = [None, Some(time("2026-03-10T00:00:00Z")), Some(time("2026-02-01T00:00:00Z")), Some(time(LATER))];
    let mut lengths = Vec::new();
    for at in times {
        let records = records(&mut db, at).await;
        lengths.push(records.len());
        for (number, one) in filters().iter().enumerate() {
            for (nth, other) in filters().iter().enumerate().skip(number) {
                let filter = DealFilter { as_of: at, ..both(one, other) };
                let sort = Sort::VARIANTS[(number + nth) % Sort::VARIANTS.len()];
                let wanted = sorted(records.iter().filter(|(_, deal)| keeps(&filter, deal)).collect(), sort);
                let page = listed(&mut db, &filter, sort, None, 100).await;
                let found: Vec<Uuid> = page.deals.iter().map(|deal| deal.id).collect();
                assert_eq!(found, wanted, "{filter:?} by {sort:?}");
            }
        }
    }
    assert!(lengths[0] >= 55 && lengths[1] == lengths[3] && lengths[2] == 0, "{lengths:?}");
    let (then, now) = (records(&mut db, times[1]).await, records(&mut db, None).await);
    assert_ne!(then, now, "the ledger has changed in between");
}

#[tokio::test]
async fn pages_follow_on_one_another_forward_and_back() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    fill(&mut db).await;
    for at in [None, Some(time("2026-03-10T00:00:00Z"))] {
        for sort in Sort::VARIANTS {
            let filter = DealFilter { as_of: at, ..DealFilter::default() };
            let whole: Vec<Uuid> =
                listed(&mut db, &filter, *sort, None, 100).await.deals.iter().map(|deal| deal.id).collect();
            for size in [1, 7, 20, whole.len()] {
                let (mut cursor, mut forward) = (None, Vec::new());
                let last = loop {
                    let page = listed(&mut db, &filter, *sort, cursor, size).await;
                    forward.push(page.deals.iter().map(|deal| deal.id).collect::<Vec<_>>());
                    cursor = page.next;
                    if cursor.is_none() {
                        break page;
                    }
                };
                assert_eq!(forward.concat(), whole, "by {sort:?} in pages of {size}");
                let (mut cursor, mut back) =
                    (last.previous, vec![last.deals.iter().map(|deal| deal.id).collect::<Vec<_>>()]);
                while cursor.is_some() {
                    let page = listed(&mut db, &filter, *sort, cursor, size).await;
                    assert!(page.next.is_some());
                    back.insert(0, page.deals.iter().map(|deal| deal.id).collect());
                    cursor = page.previous;
                }
                assert_eq!(back, forward, "back by {sort:?} in pages of {size}");
            }
        }
    }
}

#[tokio::test]
async fn sums_and_countries_are_those_of_the_listed_deals() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    fill(&mut db).await;
    let now = time(LATER);
    for filter in filters() {
        let listed = listed(&mut db, &filter, Sort::Date, None, 100).await.deals;
        let open = DealFilter { kinds: Vec::new(), statuses: Vec::new(), ..filter.clone() };
        let cells = timeline::cells(&mut db, &filter).await.unwrap();
        let taken = cells.iter().filter(|cell| {
            (filter.kinds.is_empty() || filter.kinds.contains(&cell.kind))
                && (filter.statuses.is_empty() || filter.statuses.contains(&cell.status))
        });
        let (deals, gross) = taken.fold((0, Decimal::ZERO), |sum, cell| (sum.0 + cell.deals, sum.1 + cell.gross));
        assert_eq!(usize::try_from(deals).unwrap(), listed.len(), "{filter:?}");
        assert_eq!(gross, listed.iter().filter_map(|listed| listed.deal.committed_usd).sum(), "{filter:?}");
        assert_eq!(cells, timeline::cells(&mut db, &open).await.unwrap(), "kinds and stages are left to the reader");

        let anywhere = DealFilter { country: None, ..filter.clone() };
        let mut counted: BTreeMap<String, i64> = BTreeMap::new();
        let everywhere = timeline::page(&mut db, &anywhere, Sort::Date, None, 100).await.unwrap().deals;
        for code in everywhere.iter().flat_map(|listed| countries(&listed.deal.places)) {
            *counted.entry(code).or_default() += 1;
        }
        let told: BTreeMap<String, i64> = timeline::countries(&mut db, &filter).await.unwrap().into_iter().collect();
        assert_eq!(told, counted, "{filter:?}");

        // The past, as of now, is the present.
        let past = DealFilter { as_of: Some(now), ..filter };
        assert_eq!(timeline::cells(&mut db, &past).await.unwrap(), cells, "{past:?}");
        let told_then: BTreeMap<String, i64> = timeline::countries(&mut db, &past).await.unwrap().into_iter().collect();
        assert_eq!(told_then, counted, "{past:?}");
    }
}
