//! Claims for the tests of this module, written short.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::resolve::stands_for;
use crate::model::{
    Amount, Basis, Capacity, Certainty, Claim, Currency, Kind, Megawatts, Party, Qualifier, Rank, Registry, Role,
    SourcedClaim, Status,
};

/// A few companies: Amazon with its subsidiary AWS. All others are unknown to it.
pub(super) fn registry() -> Registry {
    Registry::parse(
        r#"
        [[company]]
        name = "Amazon"
        category = "hyperscaler"
        aliases = ["Amazon.com"]
        [[company]]
        name = "AWS"
        category = "hyperscaler"
        aliases = ["Amazon Web Services"]
        parent = { name = "Amazon" }
        "#,
    )
    .unwrap()
}

/// A claim of article `number` on a day, announced, by the press.
pub(super) fn claim(number: u128, day: &str, kind: Kind, parties: &[(&str, Role)]) -> SourcedClaim {
    let day: NaiveDate = day.parse().unwrap();
    let published: DateTime<Utc> = day.and_hms_opt(9, 0, 0).unwrap().and_utc();
    let parties: Vec<Party> = parties.iter().map(|(name, role)| Party::named(*name, *role)).collect();
    SourcedClaim {
        id: Uuid::from_u128(number),
        article: Uuid::from_u128(number),
        content: (number.to_be_bytes().to_vec(), 0),
        publishers: vec![format!("Outlet {number}")],
        rank: Rank::Press,
        published,
        companies: parties.iter().map(|party| stands_for(party, &registry()).slug).collect(),
        claim: Claim {
            kind,
            status: Status::Announced,
            parties,
            amounts: Vec::new(),
            capacity: Vec::new(),
            chips: Vec::new(),
            duration_months: None,
            announced_on: None,
            places: Vec::new(),
            evidence: Vec::new(),
            confidence: 0.9,
            programme: None,
            part_of: None,
        },
    }
}

/// The same with so many dollars in billions.
pub(super) fn billions(mut claim: SourcedClaim, dollars: i64) -> SourcedClaim {
    claim.claim.amounts.push(Amount {
        value: Decimal::from(dollars) * Decimal::from(1_000_000_000),
        value_max: None,
        currency: Currency::USD,
        qualifier: Qualifier::Exact,
        basis: Basis::Total,
        certainty: Certainty::Firm,
        part: false,
    });
    claim
}

/// The same with so many megawatts.
pub(super) fn megawatts(mut claim: SourcedClaim, mw: i64) -> SourcedClaim {
    claim.claim.capacity.push(Capacity {
        mw: Megawatts::new(Decimal::from(mw)).unwrap(),
        mw_max: None,
        qualifier: Qualifier::Exact,
        part: false,
    });
    claim
}

/// The same at another stage.
pub(super) fn at(mut claim: SourcedClaim, status: Status) -> SourcedClaim {
    claim.claim.status = status;
    claim
}

/// The same from a source of another rank.
pub(super) fn ranked(mut claim: SourcedClaim, rank: Rank) -> SourcedClaim {
    claim.rank = rank;
    claim
}

/// The same in a place.
pub(super) fn in_place(mut claim: SourcedClaim, place: &str) -> SourcedClaim {
    claim.claim.places.push(place.to_owned());
    claim
}
