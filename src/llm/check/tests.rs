use serde_json::json;

use super::*;
use crate::extract;

fn article() -> Article {
    Article {
        title: "Zephyrlane rents from AWS".to_owned(),
        text: "Zephyrlane, Inc. said on Tuesday that it will rent 120 MW and 5,000 GB300 GPUs from Amazon Web \
               Services for up to $3 billion a year over five years. “Très bien,” it said. It had raised €70 \
               million on Feb. 3."
            .to_owned(),
        published: NaiveDate::from_ymd_opt(2026, 3, 4),
        publisher: None,
    }
}

fn deal() -> Value {
    json!({
        "kind": "compute",
        "status": "announced",
        "parties": [{"name": "Zephyrlane, Inc.", "role": "buyer"}, {"name": "Amazon Web Services", "role": "provider"}],
        "amounts": [{"value": "3000000000", "value_max": null, "currency": "USD", "basis": "annual", "certainty": "firm", "part": false}],
        "capacity": [{"mw": 120, "mw_max": null, "part": false}],
        "chips": [{"count": 5000, "model": "GB300"}],
        "duration_months": 60,
        "announced_on": "2026-03-03",
        "places": ["Ohio"],
        "evidence": ["“Très bien,” it said. It had"],
    })
}

fn read(deals: &[Value]) -> Checked {
    let quantities = extract::read(&article(), Registry::shipped()).quantities;
    check(deals, &article(), &quantities, Registry::shipped())
}

/// What becomes of the deal with one field changed.
fn with(field: &str, value: Value) -> Result<Claim, Refusal> {
    let mut deal = deal();
    deal[field] = value;
    let Checked { mut claims, mut refused } = read(&[deal]);
    assert_eq!(claims.len() + refused.len(), 1);
    claims.pop().ok_or_else(|| refused.remove(0))
}

#[test]
fn a_deal_that_stands_in_the_text_is_taken_with_our_offsets_names_and_qualifiers() {
    let Checked { claims, refused } = read(&[deal(), deal()]);
    assert_eq!((claims.len(), refused), (1, vec![]));
    let claim = &claims[0];
    let names: Vec<&str> = claim.parties.iter().map(|party| party.name.as_str()).collect();
    assert_eq!(names, ["Zephyrlane", "AWS"]);
    assert_eq!(claim.amounts[0].qualifier, Qualifier::UpTo);
    assert_eq!(claim.announced_on, NaiveDate::from_ymd_opt(2026, 3, 3));
    assert_eq!(claim.places, [""; 0]);
    let Evidence { start, end, text } = &claim.evidence[0];
    let slice: String = article().as_read().chars().skip(*start).take(end - start).collect();
    assert_eq!((slice.as_str(), text.as_str()), ("“Très bien,” it said. It had", "“Très bien,” it said. It had"));
}

#[test]
fn invented_quotations_are_refused() {
    for quotes in [
        json!(["Zephyrlane will rent 120 MW"]),
        json!(["“Très bien,” it said.", "\"Tres bien\""]),
        json!(["said"]),
        json!([""]),
    ] {
        assert!(matches!(with("evidence", quotes.clone()), Err(Refusal::Quote(_))), "{quotes}");
    }
    assert_eq!(with("evidence", json!([])), Err(Refusal::NoEvidence));
}

#[test]
fn figures_that_are_not_in_the_text_are_refused() {
    let amount = |value: &str, high: Option<&str>, currency: &str| json!([{"value": value, "value_max": high, "currency": currency, "basis": "total", "certainty": "firm", "part": false}]);
    for amounts in [
        amount("3000000001", None, "USD"),
        amount("3", None, "USD"),
        amount("3000000000", None, "EUR"),
        amount("3000000000", Some("5000000000"), "USD"),
        amount("120", None, "USD"),
        amount("-3000000000", None, "USD"),
    ] {
        assert!(matches!(with("amounts", amounts.clone()), Err(Refusal::Figure(_))), "{amounts}");
    }
    assert!(with("amounts", amount("70000000.00", None, "EUR")).is_ok());
    let power = |mw: f64| json!([{"mw": mw, "mw_max": null, "part": false}]);
    assert_eq!(with("capacity", power(121.0)), Err(Refusal::Figure("121 MW".to_owned())));
    assert!(with("capacity", json!([])).is_ok());
    assert_eq!(with("chips", json!([{"count": 5001, "model": null}])), Err(Refusal::Figure("5001 chips".to_owned())));
    assert_eq!(with("chips", json!([{"count": null, "model": "H100"}])), Err(Refusal::Chip("H100".to_owned())));
    assert_eq!(with("duration_months", json!(72)), Err(Refusal::Figure("72 months".to_owned())));
}

#[test]
fn names_that_are_not_in_the_text_are_refused() {
    let buyer = |name: &str| with("parties", json!([{"name": name, "role": "buyer"}]));
    for name in ["Google", "Zephyr", "Zephyrlane Energy", "the company", "it", "We", ""] {
        assert!(matches!(buyer(name), Err(Refusal::Name(_))), "{name}");
    }
    for (name, kept) in [("Zephyrlane", "Zephyrlane"), ("AWS", "AWS"), ("Amazon Web Services, Inc.", "AWS")] {
        assert_eq!(buyer(name).unwrap().parties[0].name, kept);
    }
    assert_eq!(with("parties", json!([])), Err(Refusal::NoParty));
}

#[test]
fn kinds_statuses_and_roles_are_the_contracts() {
    assert!(matches!(with("kind", json!("merger")), Err(Refusal::Shape(_))));
    assert!(matches!(with("status", json!("done")), Err(Refusal::Shape(_))));
    assert!(matches!(with("parties", json!([{"name": "AWS", "role": "owner of"}])), Err(Refusal::Shape(_))));
    let lender = json!([{"name": "AWS", "role": "lender"}]);
    assert_eq!(with("parties", lender), Err(Refusal::Role { kind: Kind::Compute, role: Role::Lender }));
    assert!(with("parties", json!([{"name": "AWS", "role": "backer"}])).is_ok());
}

#[test]
fn what_is_no_deal_is_refused_and_the_others_stay() {
    let Checked { claims, refused } =
        read(&[json!(null), json!("Zephyrlane"), json!({}), json!({"kind": "compute"}), json!([deal()]), deal()]);
    assert_eq!((claims.len(), refused.len()), (1, 5));
    assert!(refused.iter().all(|refusal| matches!(refusal, Refusal::Shape(_))));
}

#[test]
fn days_are_those_of_the_text() {
    let announced = |day: Value| with("announced_on", day).unwrap().announced_on.map(|day| day.to_string());
    let published = Some("2026-03-04".to_owned());
    assert_eq!(announced(json!("2026-02-03")), Some("2026-02-03".to_owned()));
    assert_eq!(announced(json!("2026-03-04")), published);
    // The Tuesday of another week, a day that is not named, no day.
    for day in [json!("2026-02-24"), json!("2026-02-04"), json!("soon"), json!(null)] {
        assert_eq!(announced(day), published);
    }
    assert_eq!(with("status", json!("rumored")).unwrap().announced_on, None);
}
