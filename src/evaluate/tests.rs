use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Counts, Disagreement, GoldArticle, GoldDeal, Tally, pairing, weigh};
use crate::{
    extract::Reading,
    model::{Article, Claim},
};

fn label(value: Value) -> GoldDeal {
    serde_json::from_value(value).unwrap()
}

fn claim(value: Value) -> Claim {
    let mut whole = json!({
        "amounts": [], "capacity": [], "chips": [], "duration_months": null, "announced_on": null, "places": [],
        "evidence": [], "confidence": 0.5,
    });
    let Value::Object(told) = value else { panic!("a claim is an object") };
    whole.as_object_mut().unwrap().extend(told);
    serde_json::from_value(whole).unwrap()
}

fn usd(value: &str) -> Value {
    json!([{"value": value, "currency": "USD"}])
}

#[test]
fn the_figures_are_the_reference_scorers() {
    // `scores.json` is what the reference scorer writes with `--json` for `gold.jsonl` and `found.jsonl`.
    #[derive(Deserialize)]
    struct Gold {
        id: String,
        title: String,
        text: String,
        deals: Vec<GoldDeal>,
    }
    #[derive(Deserialize)]
    struct Found {
        id: String,
        deals: Vec<Claim>,
    }
    let gold = include_str!("../../tests/fixtures/evaluate/gold.jsonl").lines();
    let found = include_str!("../../tests/fixtures/evaluate/found.jsonl").lines();
    let mut found: HashMap<String, Vec<Claim>> =
        found.map(|line| serde_json::from_str::<Found>(line).unwrap()).map(|found| (found.id, found.deals)).collect();
    let mut counts = Counts::default();
    for line in gold {
        let Gold { id, title, text, deals } = serde_json::from_str(line).unwrap();
        let reading = Reading { claims: found.remove(&id).unwrap_or_default(), ..Reading::default() };
        let article = Article { title, text, ..Article::default() };
        counts += weigh(&GoldArticle { id, article, deals }, &reading).0;
    }
    let expected: Value = serde_json::from_str(include_str!("../../tests/fixtures/evaluate/scores.json")).unwrap();
    assert_eq!(serde_json::to_value(counts.scores()).unwrap(), expected);
}

#[test]
fn names_are_compared_without_case_article_possessive_legal_forms_and_punctuation() {
    for (gold, found) in [
        ("AWS|Amazon Web Services", "Amazon Web Services, Inc."),
        ("Dunlin", "The Dunlin Group plc"),
        ("The Ruff", "ruff’s"),
        ("Avocet & Sons", "Avocet and Sons"),
        ("STRASSE", "Straße AG"),
        ("Godwit-Energy", "Godwit  Energy Co., Ltd."),
    ] {
        assert!(pairing::same_name(gold, found), "{gold} / {found}");
    }
    for (gold, found) in [("Amazon", "AWS"), ("Theseus", "seus"), ("Costa", "Sta"), ("Électra", "Electra")] {
        assert!(!pairing::same_name(gold, found), "{gold} / {found}");
    }
    assert_eq!(pairing::normal(" Coal & Co "), "coal and");
}

#[test]
fn figures_within_one_per_cent_of_the_larger_are_one() {
    let close = |a: &str, b: &str| pairing::close(a.parse().unwrap(), b.parse().unwrap());
    assert!(close("100", "99"));
    assert!(close("99", "100"));
    assert!(!close("100", "98.999"));
    assert!(close("0", "0"));
    assert!(close("79000000000000000000000000000", "79000000000000000000000000000"));
}

#[test]
fn a_pair_shares_a_party_and_a_figure_or_without_figures_two_parties_and_the_kind() {
    let parties = json!([{"name": "Ruff", "role": "buyer"}, {"name": "Knot", "role": "provider"}]);
    let pairs = |gold: Value, found: Value| pairing::pair_up(&[label(gold)], &[claim(found)]).pairs.len() == 1;
    let gold = json!({"kind": "compute", "status": "signed", "parties": parties, "amounts": usd("5")});
    let one_party = json!([{"name": "Knot", "role": "owner"}]);
    let other_kind = json!({"kind": "build", "status": "rumored", "parties": one_party, "amounts": usd("5")});
    assert!(pairs(gold.clone(), other_kind));
    let other_sum = json!({"kind": "compute", "status": "signed", "parties": parties, "amounts": usd("6")});
    assert!(!pairs(gold, other_sum));

    let without = json!({"kind": "lease", "status": "signed", "parties": parties});
    assert!(pairs(without.clone(), json!({"kind": "compute", "status": "rumored", "parties": parties})));
    assert!(!pairs(without.clone(), json!({"kind": "build", "status": "signed", "parties": parties})));
    assert!(!pairs(without, json!({"kind": "compute", "status": "signed", "parties": one_party})));
}

#[test]
fn the_most_similar_pair_up_first() {
    let deal = |name: &str| json!({"kind": "chips", "status": "signed", "parties": [{"name": name, "role": "buyer"}, {"name": "Ruff", "role": "supplier"}], "amounts": usd("5")});
    let gold = [label(deal("Knot")), label(deal("Plover"))];
    let found = [claim(deal("Plover")), claim(deal("Knot"))];
    let paired = pairing::pair_up(&gold, &found);
    assert_eq!(paired.pairs, [(&gold[0], &found[1]), (&gold[1], &found[0])]);
}

#[test]
fn an_optional_deal_earns_nothing_and_costs_nothing() {
    let deal = json!({"kind": "ipo", "status": "rumored", "parties": [{"name": "Ruff", "role": "issuer"}]});
    let mut gold = label(deal.clone());
    gold.optional = true;
    let article = GoldArticle { id: "a".to_owned(), article: Article::default(), deals: vec![gold] };
    let (missed, differences) = weigh(&article, &Reading::default());
    assert_eq!((missed.lenient, differences.len()), (Tally::default(), 0));
    let (found, _) = weigh(&article, &Reading { claims: vec![claim(deal)], ..Reading::default() });
    assert_eq!((found.lenient, found.parties), (Tally::default(), Tally::default()));
    // An article whose only deal is optional is none without deals.
    assert_eq!(found.scores().false_deals_an_article, None);
}

#[test]
fn differences_come_with_the_sentence_that_they_are_about() {
    let article = Article {
        title: "Ruff and Knot".to_owned(),
        text: "Plover slept. Ruff sells chips to Knot. Knot bought a hall.".to_owned(),
        ..Article::default()
    };
    let gold = label(
        json!({"kind": "chips", "status": "signed", "parties": [{"name": "Knot", "role": "buyer"}, {"name": "Ruff|Ruff Chips", "role": "supplier"}]}),
    );
    let gold = GoldArticle { id: "a".to_owned(), article, deals: vec![gold] };
    let (_, differences) = weigh(&gold, &Reading::default());
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].what, Disagreement::Missed);
    assert_eq!(differences[0].sentence.as_deref(), Some("Ruff and Knot"));
}

#[test]
fn scores_are_rounded_as_the_reference_scorer_rounds() {
    for (part, of, rounded) in [(1, 32, 0.0312), (3, 32, 0.0938), (2, 3, 0.6667), (1, 1, 1.0)] {
        assert_eq!(super::Share { part, of }.ratio(), Some(rounded));
    }
    assert_eq!(super::Share::default().ratio(), None);
    let nothing = Tally::default().figures();
    assert_eq!((nothing.precision, nothing.recall, nothing.f1), (1.0, 1.0, 1.0));
    let all_missed = Tally { gold: 2, ..Tally::default() }.figures();
    assert_eq!((all_missed.precision, all_missed.recall, all_missed.f1), (0.0, 0.0, 0.0));
}
