use proptest::prelude::*;

use super::*;
use crate::{
    ledger::convert::Rates,
    model::{Category, Currency, Kind, SourcedClaim, Status},
};
use crate::{
    ledger::sample::{at, billions, claim, in_place, megawatts, registry},
    model::Role,
};

const BUYER: Role = Role::Buyer;
const PROVIDER: Role = Role::Provider;

fn rent(number: u128, day: &str, buyer: &str, provider: &str) -> SourcedClaim {
    claim(number, day, Kind::Compute, &[(buyer, BUYER), (provider, PROVIDER)])
}

fn verdict(a: &SourcedClaim, b: &SourcedClaim) -> Verdict {
    let (registry, rates) = (registry(), Rates::default());
    let (a, b) = (Profile::of(a, &registry, &rates), Profile::of(b, &registry, &rates));
    let there = compare(&a, &b);
    assert_eq!(there, compare(&b, &a), "a comparison has no direction");
    there
}

fn is_same(a: &SourcedClaim, b: &SourcedClaim) -> bool {
    matches!(verdict(a, b), Verdict::Same(..))
}

#[test]
fn the_same_parties_and_figure_are_one_deal_through_all_its_stages() {
    let rumour = at(billions(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 38), Status::Rumored);
    let signed = at(billions(rent(2, "2026-06-01", "Corvid AI", "AWS"), 38), Status::Signed);
    assert!(is_same(&rumour, &signed));
}

#[test]
fn two_companies_of_one_name_from_two_countries_and_two_trades_are_two() {
    let from = |number, country: &str, category| {
        let mut told = billions(rent(number, "2026-01-10", "Corvid AI", "Meridian"), 38);
        told.claim.parties[1].country = Some(country.to_owned());
        told.claim.parties[1].category = Some(category);
        told
    };
    let first = from(1, "NO", Category::DataCenter);
    assert_eq!(verdict(&first, &from(2, "US", Category::Utility)), Verdict::Different);
    assert!(is_same(&first, &from(2, "US", Category::DataCenter)));
    assert!(is_same(&first, &from(2, "NO", Category::Utility)));
}

#[test]
fn another_counterparty_another_place_or_another_time_is_another_deal() {
    let first = billions(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 38);
    assert_eq!(verdict(&first, &billions(rent(2, "2026-01-10", "Corvid AI", "Northlake"), 38)), Verdict::Different);
    assert_eq!(verdict(&first, &billions(rent(2, "2028-01-10", "Corvid AI", "Amazon"), 38)), Verdict::Different);
    let build = |number, place| {
        in_place(billions(claim(number, "2026-01-10", Kind::Build, &[("AWS", Role::Owner)]), 10), place)
    };
    assert_eq!(verdict(&build(1, "Ohio"), &build(2, "Mississippi")), Verdict::Different);
    assert!(is_same(&build(1, "Ohio"), &build(2, "United States")));
}

#[test]
fn the_same_two_with_other_figures_at_the_same_time_are_for_an_editor() {
    let first = billions(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 38);
    let second = billions(rent(2, "2026-01-12", "Corvid AI", "Amazon"), 12);
    assert!(matches!(verdict(&first, &second), Verdict::Doubtful(..)));
}

#[test]
fn sums_without_a_rate_compare_in_their_own_currency_and_misprints_with_nothing() {
    let taiwan = |number, value: &str| {
        let mut claim = billions(rent(number, "2026-01-10", "Corvid AI", "Amazon"), 1);
        claim.claim.amounts[0].currency = Currency::from_code("TWD").unwrap();
        claim.claim.amounts[0].value = value.parse().unwrap();
        claim
    };
    assert!(is_same(&taiwan(1, "10000000000"), &taiwan(2, "10000000000")));
    assert!(!is_same(&taiwan(1, "10000000000"), &taiwan(2, "90000000000")));
    assert!(!is_same(&taiwan(1, "10000000000"), &taiwan(2, "79000000000000000000000000000")));
}

#[test]
fn what_is_done_is_not_announced_again() {
    let done =
        at(billions(claim(1, "2026-01-10", Kind::Equity, &[("Corvid AI", Role::Investee)]), 30), Status::Completed);
    let talks =
        at(billions(claim(2, "2026-04-10", Kind::Equity, &[("Corvid AI", Role::Investee)]), 30), Status::Rumored);
    assert_eq!(verdict(&done, &talks), Verdict::Apart("what is done is not announced again"));
}

#[test]
fn a_report_without_figures_joins_the_one_of_the_same_week_and_what_it_looks_back_on() {
    let told = megawatts(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 300);
    assert!(is_same(&told, &rent(2, "2026-01-14", "Corvid AI", "Amazon")));
    // What dates itself is news of its own.
    let later = rent(2, "2026-03-14", "Corvid AI", "Amazon");
    assert!(is_same(&told, &later));
    assert_eq!(verdict(&told, &dated(later, "2026-03-13")), Verdict::Different);
}

fn dated(mut claim: SourcedClaim, day: &str) -> SourcedClaim {
    claim.claim.announced_on = Some(day.parse().unwrap());
    claim
}

fn round(number: u128, day: &str, millions: i64, letter: &str) -> SourcedClaim {
    let parties = [("Caravel Ventures", Role::Investor), ("Corvid AI", Role::Investee)];
    let mut claim = claim(number, day, Kind::Equity, &parties);
    claim.claim.amounts = billions(claim.clone(), 1).claim.amounts;
    claim.claim.amounts[0].value = rust_decimal::Decimal::from(millions * 1_000_000);
    claim.claim.programme = (!letter.is_empty()).then(|| format!("Series {letter}"));
    claim
}

#[test]
fn a_rounded_figure_is_the_same_at_the_time_and_another_one_later() {
    let exact = megawatts(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 450);
    let mut about = megawatts(rent(2, "2026-01-11", "Corvid AI", "Amazon"), 500);
    about.claim.capacity[0].qualifier = crate::model::Qualifier::About;
    assert!(is_same(&exact, &about));
    about.published = "2026-04-11T09:00:00Z".parse().unwrap();
    assert!(!is_same(&exact, &about));
    assert!(!is_same(&exact, &megawatts(rent(3, "2026-01-11", "Corvid AI", "Amazon"), 480)));
}

#[test]
fn a_rumour_may_grow_until_it_is_signed_and_a_second_contract_is_none() {
    let rumour = at(round(1, "2026-01-10", 5_000, ""), Status::Rumored);
    let closed = at(round(2, "2026-03-01", 13_000, ""), Status::Completed);
    assert!(is_same(&rumour, &closed));
    assert!(!is_same(&at(rumour, Status::Completed), &closed));
}

#[test]
fn rounds_of_two_letters_are_two_though_all_else_agrees() {
    let (c, d) = (round(1, "2026-01-10", 320, "C"), round(2, "2026-06-10", 320, "D"));
    assert!(matches!(verdict(&c, &d), Verdict::Never(_)));
    // One without a letter joins one of them, and does not join the two.
    let plain = round(3, "2026-06-11", 320, "");
    let (registry, rates) = (registry(), Rates::default());
    let profiles: Vec<_> = [&c, &d, &plain].map(|claim| Profile::of(claim, &registry, &rates)).into();
    let groups = cluster(&profiles);
    assert_eq!(groups, [vec![0], vec![1, 2]]);
}

#[test]
fn an_option_that_is_exercised_is_the_deal_that_granted_it() {
    let mut granted = billions(billions(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 27), 13);
    granted.claim.amounts[1].certainty = crate::model::Certainty::Contingent;
    let exercised = billions(rent(2, "2026-06-10", "Corvid AI", "Amazon"), 13);
    assert!(is_same(&granted, &exercised));
    assert!(!is_same(&granted, &billions(rent(3, "2026-06-10", "Corvid AI", "Amazon"), 9)));
}

#[test]
fn the_short_form_of_a_name_is_the_long_one_and_another_name_is_not() {
    let long = billions(rent(1, "2026-01-10", "Corvid Artificial Minds", "Halyard Compute"), 38);
    assert!(is_same(&long, &billions(rent(2, "2026-01-11", "Corvid", "Halyard"), 38)));
    assert!(!is_same(&long, &billions(rent(2, "2026-01-11", "Corvid Mining", "Halyard"), 38)));
}

#[test]
fn a_company_is_bought_once_and_its_price_may_change() {
    let buy = |number, day, dollars| {
        billions(
            claim(number, day, Kind::Acquisition, &[("Harrow", Role::Acquirer), ("Corvid AI", Role::Target)]),
            dollars,
        )
    };
    let signed = at(buy(1, "2026-01-10", 10), Status::Signed);
    assert!(is_same(&signed, &at(buy(2, "2026-05-10", 9), Status::Completed)));
    let other =
        claim(3, "2026-01-11", Kind::Acquisition, &[("Quarry Lake", Role::Acquirer), ("Corvid AI", Role::Target)]);
    assert!(!is_same(&signed, &billions(other, 12)));
}

#[test]
fn a_buyer_under_cover_is_whoever_bought_the_same_land_for_the_same_sum() {
    let land = |number, buyer, day| {
        let parties = [(buyer, Role::Buyer), ("Town of Ellery", Role::Seller)];
        in_place(billions(claim(number, day, Kind::Land, &parties), 1), "Ellery")
    };
    assert!(is_same(&land(1, "Project Buttercup", "2026-01-10"), &land(2, "Harrow", "2026-02-10")));
    assert!(!is_same(&land(1, "Quarry Lake", "2026-01-10"), &land(2, "Harrow", "2026-02-10")));
}

#[test]
fn sums_in_one_currency_are_compared_in_it_however_its_rate_has_moved() {
    let pounds = |number, day| {
        let mut claim = billions(rent(number, day, "Corvid AI", "Amazon"), 6);
        claim.claim.amounts[0].currency = Currency::from_code("GBP").unwrap();
        claim
    };
    // A pound fell from 1.37 to 1.21 dollars in between.
    let (registry, rates) = (registry(), Rates::shipped());
    let (first, second) = (pounds(1, "2022-01-14"), pounds(2, "2022-08-25"));
    let (a, b) = (Profile::of(&first, &registry, rates), Profile::of(&second, &registry, rates));
    assert!(matches!(compare(&a, &b), Verdict::Same(..)));
}

#[test]
fn two_deals_of_one_article_stay_apart_though_a_third_resembles_both() {
    let mut one = billions(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 38);
    let mut other = billions(rent(2, "2026-01-10", "Corvid AI", "Amazon"), 38);
    other.article = one.article;
    one.id = uuid::Uuid::from_u128(11);
    other.id = uuid::Uuid::from_u128(12);
    let third = billions(rent(3, "2026-01-11", "Corvid AI", "Amazon"), 38);
    let (registry, rates) = (registry(), Rates::default());
    let profiles: Vec<_> = [&one, &other, &third].map(|claim| Profile::of(claim, &registry, &rates)).into();
    assert_eq!(cluster(&profiles).len(), 2);
}

#[test]
fn a_round_sum_that_fits_two_deals_belongs_to_the_one_that_is_told_in_its_days() {
    let campus = |number, day, sum: i64| megawatts(billions(rent(number, day, "Corvid AI", "Amazon"), sum), 240);
    let (winter, summer) = (campus(1, "2026-01-28", 41), campus(2, "2026-06-10", 43));
    let mut recap = campus(3, "2026-06-15", 40);
    recap.claim.amounts[0].qualifier = crate::model::Qualifier::AtLeast;
    let (registry, rates) = (registry(), Rates::default());
    let profiles: Vec<_> = [&winter, &summer, &recap].map(|claim| Profile::of(claim, &registry, &rates)).into();
    assert_eq!(cluster(&profiles), [vec![0], vec![1, 2]]);
}

#[test]
fn one_party_that_stands_on_both_sides_and_a_place_make_no_deal_of_two_rounds() {
    let round = |number, day, investors: &[&str]| {
        let mut parties: Vec<(&str, Role)> = investors.iter().map(|name| (*name, Role::Investor)).collect();
        parties.push(("Corvid", Role::Investee));
        at(in_place(claim(number, day, Kind::Equity, &parties), "Ohio"), Status::Rumored)
    };
    let earlier = round(1, "2026-04-06", &["Amazon", "Corvid"]);
    assert_eq!(verdict(&earlier, &round(2, "2026-06-05", &["Corvid AI"])), Verdict::Different);
    assert!(is_same(&earlier, &round(2, "2026-06-05", &[])));
}

#[test]
fn a_plan_finds_what_came_of_it_though_the_sum_is_another() {
    let round = |number, day, sum, status| {
        let parties = [("Amazon", Role::Investor), ("Corvid AI", Role::Investee)];
        at(billions(claim(number, day, Kind::Equity, &parties), sum), status)
    };
    let (plan, signed) = (round(1, "2026-01-01", 2, Status::Announced), round(2, "2026-01-31", 4, Status::Signed));
    assert!(is_same(&plan, &signed));
    let (registry, rates) = (registry(), Rates::default());
    let (a, b) = (Profile::of(&plan, &registry, &rates), Profile::of(&signed, &registry, &rates));
    assert!(finds(&a, &b) && finds(&b, &a));
}

#[test]
fn a_rumour_and_what_came_of_it_are_one_though_they_appear_at_once() {
    let round = |number, sum, status| {
        let told = claim(number, "2026-08-21", Kind::Equity, &[("Corvid AI", Role::Investee)]);
        at(billions(told, sum), status)
    };
    assert!(is_same(&round(1, 2, Status::Rumored), &round(2, 3, Status::Announced)));
}

/// Claims of few companies, figures, places and days, so that many of them meet.
fn any_claim() -> impl Strategy<Value = SourcedClaim> {
    let name = proptest::sample::select(vec![
        "Amazon",
        "AWS",
        "Corvid AI",
        "Corvid",
        "Corvid AI Labs",
        "Harrow",
        "Project Elm",
        "Quarry Lake",
        "Halyard Capital",
    ]);
    let kind = proptest::sample::select(<Kind as strum::VariantArray>::VARIANTS.to_vec());
    let status = proptest::sample::select(<Status as strum::VariantArray>::VARIANTS.to_vec());
    let roles = 0_usize..4;
    let figures = proptest::collection::vec((1_i64..8, any::<bool>(), any::<bool>()), 0..3);
    let places = proptest::sample::subsequence(vec!["Ohio", "Texas", "Norway", "Ellery"], 0..2);
    let day = 0_i64..700;
    let parties = proptest::collection::vec((name, roles), 1..4);
    (1_u128..1_000_000, kind, status, parties, figures, places, day, proptest::option::of(0_i64..60)).prop_map(
        |(number, kind, status, parties, figures, places, day, dated)| {
            let roles = kind.roles();
            let parties: Vec<(&str, Role)> =
                parties.into_iter().map(|(name, role)| (name, roles[role % roles.len()])).collect();
            let mut claim = at(claim(number, "2025-01-01", kind, &parties), status);
            claim.published += chrono::Duration::days(day);
            claim.claim.announced_on = dated.map(|back| claim.published.date_naive() - chrono::Duration::days(back));
            for (value, money, about) in figures {
                let qualifier = if about { crate::model::Qualifier::About } else { crate::model::Qualifier::Exact };
                if money {
                    claim = billions(claim, value);
                    claim.claim.amounts.last_mut().unwrap().qualifier = qualifier;
                } else {
                    claim = megawatts(claim, value * 50);
                    claim.claim.capacity.last_mut().unwrap().qualifier = qualifier;
                }
            }
            claim.claim.places = places.into_iter().map(ToOwned::to_owned).collect();
            claim
        },
    )
}

fn finds(a: &Profile<'_>, b: &Profile<'_>) -> bool {
    let (a_keys, b_keys) = (Keys::of(a), Keys::of(b));
    let (from, at) = (a.source.published, b.source.published);
    a_keys
        .probes
        .iter()
        .any(|probe| b_keys.own.contains(&probe.key) && from - probe.back <= at && at <= from + probe.ahead)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn claims_that_may_be_one_deal_find_each_other(first in any_claim(), second in any_claim()) {
        prop_assume!(first.article != second.article);
        let (registry, rates) = (registry(), Rates::shipped());
        let (a, b) = (Profile::of(&first, &registry, rates), Profile::of(&second, &registry, rates));
        let verdict = compare(&a, &b);
        prop_assert_eq!(&verdict, &compare(&b, &a));
        if matches!(verdict, Verdict::Same(..) | Verdict::Doubtful(..)) {
            prop_assert!(finds(&a, &b) && finds(&b, &a), "{verdict:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn claims_are_grouped_alike_in_any_order(
        claims in proptest::collection::vec(any_claim(), 1..24).prop_flat_map(|claims| {
            let shuffled = Just(claims.clone()).prop_shuffle();
            (Just(claims), shuffled)
        })
    ) {
        let (registry, rates) = (registry(), Rates::shipped());
        let groups = |claims: &[SourcedClaim]| {
            let profiles: Vec<_> = claims.iter().map(|claim| Profile::of(claim, &registry, rates)).collect();
            let ids = |group: &Vec<usize>| group.iter().map(|at| claims[*at].id).collect::<Vec<_>>();
            cluster(&profiles).iter().map(ids).collect::<Vec<_>>()
        };
        prop_assert_eq!(groups(&claims.0), groups(&claims.1));
    }
}
