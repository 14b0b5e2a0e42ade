//! Totals by SQL against their definition, on ledgers drawn at random.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, Utc};
use proptest::{prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner};
use rust_decimal::Decimal;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;
use wattline::{
    db::{
        companies,
        deals::{self, Cause},
        shares, totals as stored,
    },
    ledger::{
        convert::Rates,
        derive::derive,
        net::{Figures, Member, net},
        resolve::resolve,
        shares::Owners,
        totals::{self, Counted, Total, Wanted},
    },
    model::{Claim, Deal, Direction, Kind, Party, Rank, Registry, Role, Slug, SourcedClaim, Status, places::countries},
};

use crate::support::database::TestDatabase;

/// Companies of which some own others, some of them for a time only.
const COMPANIES: [&str; 10] = [
    "Amazon",
    "AWS",
    "Google",
    "DeepMind",
    "Microsoft",
    "GitHub",
    "Corvid AI",
    "Quarry Lake Compute",
    "Fennimore Bank",
    "Harrow Data Centers",
];
const PLACES: [&str; 4] = ["Texas", "Ohio", "United Kingdom", "Abu Dhabi"];

/// A deal of a ledger.
#[derive(Debug, Clone)]
struct Drawn {
    claim: Claim,
    on: NaiveDate,
    /// The place of its umbrella in the ledger.
    part_of: Option<usize>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let kind =
        select(vec![Kind::Compute, Kind::Equity, Kind::Debt, Kind::Acquisition, Kind::JointVenture, Kind::Build]);
    let status = select(vec!["rumored", "announced", "signed", "completed", "cancelled"]);
    let amount = (1_i64..1_000_000_000_000, select(vec!["firm", "firm", "contingent"]), select(vec!["exact", "up_to"]));
    let place = prop::collection::vec(select(&PLACES[..]), 0..3);
    let facts = (status, prop::collection::vec(amount, 0..3), prop::option::of(1_i64..5000), place);
    let when = (0_u64..900, prop::option::weighted(0.4, any::<prop::sample::Index>()));
    (kind, prop::collection::vec((select(&COMPANIES[..]), any::<prop::sample::Index>()), 0..5), facts, when).prop_map(
        |(kind, parties, (status, amounts, mw, places), (day, umbrella))| {
            let roles: Vec<Role> = kind.roles().iter().copied().chain([Role::Backer]).collect();
            let parties: BTreeMap<&str, Role> =
                parties.into_iter().map(|(name, role)| (name, roles[role.index(roles.len())])).collect();
            let parties: Vec<_> =
                parties.into_iter().map(|(name, role)| serde_json::json!({"name": name, "role": role})).collect();
            let amounts: Vec<_> = amounts
                .into_iter()
                .map(|(cents, certainty, qualifier)| {
                    serde_json::json!({"value": Decimal::new(cents, 2).to_string(), "currency": "USD",
                                       "certainty": certainty, "qualifier": qualifier})
                })
                .collect();
            let capacity: Vec<_> = mw.into_iter().map(|mw| serde_json::json!({"mw": mw})).collect();
            let claim = serde_json::from_value(serde_json::json!({
                "kind": kind, "status": status, "parties": parties, "amounts": amounts, "capacity": capacity, "chips": [],
                "duration_months": null, "announced_on": null, "places": places, "evidence": [], "confidence": 1.0
            }))
            .unwrap();
            let on = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(day);
            // An index into what is not there yet; the ledger makes it one of the deals before.
            let part_of = umbrella.map(|index| index.index(1000));
            Drawn { claim, on, part_of }
        },
    )
}

fn ledger() -> impl Strategy<Value = Vec<Drawn>> {
    prop::collection::vec(drawn(), 30..60).prop_map(|mut drawn| {
        for (at, deal) in drawn.iter_mut().enumerate() {
            deal.part_of = deal.part_of.filter(|_| at > 0).map(|index| index % at);
        }
        drawn
    })
}

fn record(number: usize, drawn: &Drawn) -> Deal {
    let id = Uuid::from_u128(number as u128 + 1);
    let claim = SourcedClaim {
        id,
        article: id,
        content: (vec![], 0),
        publishers: vec!["Outlet".to_owned()],
        rank: Rank::Press,
        published: drawn.on.and_hms_opt(0, 0, 0).unwrap().and_utc(),
        companies: drawn.claim.parties.iter().map(|party| resolve(&party.name, Registry::shipped()).slug).collect(),
        claim: drawn.claim.clone(),
    };
    derive(&[claim], Registry::shipped(), Rates::shipped()).unwrap()
}

/// Who owned whom on a day, by the registry.
fn owners(day: NaiveDate) -> Owners {
    let parent = |company: &Slug| {
        let known = Registry::shipped().find(company.as_str())?;
        let parent = known.parent.as_ref()?;
        let held = parent.from.is_none_or(|from| from <= day) && parent.to.is_none_or(|to| day < to);
        held.then(|| Slug::of(&parent.name))
    };
    COMPANIES
        .iter()
        .map(|name| resolve(name, Registry::shipped()).slug)
        .map(|slug| (slug.clone(), std::iter::successors(parent(&slug), parent).collect()))
        .collect()
}

/// Writes the deals, each under the id of its place.
async fn write(db: &mut PgConnection, numbered: &[(usize, &Drawn)]) {
    let mut tx = db.begin().await.unwrap();
    deals::lock(&mut tx).await.unwrap();
    for (number, drawn) in numbered {
        let (id, deal) = (Uuid::from_u128(*number as u128 + 1), record(*number, drawn));
        let cause = Cause::rule(Utc::now());
        deals::write(&mut tx, id, &deal, &[], cause).await.unwrap();
        sqlx::query("UPDATE deals SET part_of = $2 WHERE id = $1")
            .bind(id)
            .bind(drawn.part_of.map(|umbrella| Uuid::from_u128(umbrella as u128 + 1)))
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    shares::settle(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

fn wishes() -> Vec<Wanted> {
    let day = |text: &str| text.parse().ok();
    let mut wishes = Vec::new();
    for rolled in [false, true] {
        let all = Wanted { rolled, ..Wanted::default() };
        wishes.push(all.clone());
        wishes.push(Wanted { from: day("2024-06-15"), to: day("2025-08-20"), ..all.clone() });
        wishes.push(Wanted { statuses: vec![Status::Rumored, Status::Cancelled], ..all.clone() });
        wishes.push(Wanted { kinds: vec![Kind::Equity, Kind::Build], ..all });
    }
    wishes
}

/// Holds every total by SQL against its definition.
async fn compare(db: &mut PgConnection, ledger: &[Drawn]) {
    let records: Vec<Deal> = ledger.iter().enumerate().map(|(number, drawn)| record(number, drawn)).collect();
    let id = |number: usize| Uuid::from_u128(number as u128 + 1);
    let members: Vec<Member> = ledger
        .iter()
        .zip(&records)
        .enumerate()
        .map(|(number, (drawn, deal))| Member {
            id: id(number),
            part_of: drawn.part_of.map(id),
            status: deal.status,
            gross: Figures {
                committed: deal.committed_usd,
                potential: deal.potential_usd,
                mw: deal.mw.map(wattline::model::Megawatts::get),
            },
        })
        .collect();
    let counted: Vec<Counted<'_>> = records
        .iter()
        .zip(net(&members))
        .map(|(deal, net)| Counted { deal, net, owners: owners(deal.day()), countries: countries(&deal.places) })
        .collect();
    let companies: Vec<Slug> = COMPANIES.iter().map(|name| resolve(name, Registry::shipped()).slug).collect();

    for wanted in wishes() {
        for company in companies.iter().map(Some).chain([None]) {
            let by_sql = stored::by_role(db, company.map(Slug::as_str), &wanted).await.unwrap();
            let mut defined = totals::by_role(&counted, company, &wanted);
            let key = |total: &totals::RoleTotal| {
                (total.direction.map(|side| side.to_string()), total.role.map(|role| role.to_string()))
            };
            let mut by_sql_sorted = by_sql;
            by_sql_sorted.sort_by_key(key);
            defined.sort_by_key(key);
            assert_eq!(by_sql_sorted, defined, "{company:?} {wanted:?}");
        }
        for (payer, payee) in companies.iter().flat_map(|payer| companies.iter().map(move |payee| (payer, payee))) {
            let by_sql = stored::between(db, payer.as_str(), payee.as_str(), &wanted).await.unwrap();
            assert_eq!(by_sql, totals::between(&counted, payer, payee, &wanted), "{payer} {payee} {wanted:?}");
        }
        // Whole months only.
        if wanted.from.is_none() {
            let by_sql = stored::by_place(db, true, &wanted).await.unwrap();
            let by_sql: BTreeMap<_, _> =
                by_sql.into_iter().map(|place| ((place.country, place.kind), place.total)).collect();
            assert_eq!(by_sql, totals::by_place(&counted, &wanted), "{wanted:?}");
            let all = stored::by_place(db, false, &wanted).await.unwrap();
            let sum = all.iter().fold(Total::default(), |sum, kind| plus(sum, kind.total));
            assert_eq!(sum, totals::of_all(&counted, &wanted));
        }
    }

    // The months of a company are its shares added up.
    for company in &companies {
        for rolled in [false, true] {
            let cells = stored::cells(db, company.as_str(), rolled).await.unwrap();
            let wanted = Wanted { rolled, ..Wanted::default() };
            let defined = totals::by_role(&counted, Some(company), &wanted);
            for side in [Direction::Payer, Direction::Payee] {
                let cells = cells.iter().filter(|cell| cell.direction == side && cell.status.counts());
                let (deals, gross, net) = cells.fold((0, Decimal::ZERO, Decimal::ZERO), |(deals, gross, net), cell| {
                    (deals + cell.deals, gross + cell.gross, net + cell.committed)
                });
                let of_side = defined.iter().filter(|total| total.direction == Some(side)).map(|role| role.total);
                let sum = of_side.fold(Total::default(), plus);
                assert_eq!((deals, gross, net), (sum.deals, sum.committed, sum.net_committed), "{company} {side}");
            }
        }
    }

    // Every dollar has one payer and one payee, named or not, and every total of umbrellas is the larger of the two.
    for wanted in wishes().into_iter().filter(|wanted| !wanted.rolled) {
        let all = totals::of_all(&counted, &wanted);
        for side in [Direction::Payer, Direction::Payee] {
            let mut sum = Total::default();
            for company in companies.iter().map(|slug| Some(slug.as_str())).chain([None]) {
                let of_company = stored::by_role(db, company, &wanted).await.unwrap();
                let of_side = of_company.into_iter().filter(|total| total.direction == Some(side));
                sum = of_side.fold(sum, |sum, role| plus(sum, role.total));
            }
            let money = |total: Total| (total.committed, total.potential, total.net_committed, total.net_potential);
            assert_eq!(money(sum), money(all), "{side} {wanted:?}");
        }
    }
}

fn plus(a: Total, b: Total) -> Total {
    Total {
        deals: a.deals + b.deals,
        disclosed: a.disclosed + b.disclosed,
        committed: a.committed + b.committed,
        potential: a.potential + b.potential,
        mw: a.mw + b.mw,
        net_committed: a.net_committed + b.net_committed,
        net_potential: a.net_potential + b.net_potential,
        net_mw: a.net_mw + b.net_mw,
    }
}

#[tokio::test]
async fn the_sums_that_are_kept_are_those_of_the_deals_whatever_changes() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..3 {
        let (mut first, second) =
            (ledger().new_tree(&mut runner).unwrap().current(), ledger().new_tree(&mut runner).unwrap().current());
        let database = TestDatabase::new().await;
        let mut db = database.pool().acquire().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        companies::sync(&mut tx, Registry::shipped()).await.unwrap();
        for name in COMPANIES {
            companies::ensure(&mut *tx, &[Party::named(name, Role::Buyer)], Registry::shipped()).await.unwrap();
        }
        tx.commit().await.unwrap();
        let numbered: Vec<(usize, &Drawn)> = first.iter().enumerate().collect();
        write(&mut db, &numbered).await;
        compare(&mut db, &first).await;

        // Some deals change, and some cease to be.
        let changed: Vec<usize> = (0..first.len().min(second.len())).step_by(3).collect();
        for at in &changed {
            first[*at] = second[*at].clone();
        }
        let numbered: Vec<(usize, &Drawn)> = changed.iter().map(|at| (*at, &first[*at])).collect();
        write(&mut db, &numbered).await;
        let last = first.len() - 1;
        sqlx::query("DELETE FROM deals WHERE id = $1")
            .bind(Uuid::from_u128(last as u128 + 1))
            .execute(&mut *db)
            .await
            .unwrap();
        shares::settle(&mut db).await.unwrap();
        first.pop();
        compare(&mut db, &first).await;
    }
}
