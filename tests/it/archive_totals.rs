//! The totals of ten well-known companies over the facts of the archive, each written out as the sum that a reader gets
//! who goes through the facts with a pencil.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use uuid::Uuid;
use wattline::{
    ledger::{
        convert::Rates,
        derive::derive,
        net::{Figures, Member, net},
        shares::Owners,
        totals::{Counted, Total, Wanted, by_role},
    },
    model::{Deal, Direction, Megawatts, Registry, Slug, SourcedClaim},
};

use crate::support::archive::{Fact, facts};

/// Facts that continue an earlier one and yet are deals of their own: what comes on top of it, ...
const ADDITIONS: [&str; 4] = [
    "2025-05-coreweave-openai-expansion",
    "2025-09-coreweave-openai-expansion",
    "2026-04-coreweave-meta-expansion",
    "2025-08-applied-digital-coreweave-3",
];
/// ... and what is contained in it.
const PARTS: [&str; 2] = ["2025-09-stargate-five-sites", "2024-03-amazon-anthropic"];

/// The first fact of the deal that a fact tells of.
fn first<'a>(by_id: &HashMap<&str, &'a Fact>, fact: &'a Fact) -> &'a Fact {
    let mut fact = fact;
    while let Some(earlier) = fact.updates.as_deref().and_then(|id| by_id.get(id)) {
        if ADDITIONS.contains(&fact.id.as_str()) || PARTS.contains(&fact.id.as_str()) {
            break;
        }
        fact = earlier;
    }
    fact
}

/// The deals that the facts tell of, with what each adds besides the others.
fn ledger() -> Vec<(Deal, Figures)> {
    let facts = facts();
    let by_id: HashMap<&str, &Fact> = facts.iter().map(|fact| (fact.id.as_str(), fact)).collect();
    let mut groups: BTreeMap<&str, Vec<(usize, &Fact)>> = BTreeMap::new();
    for (number, fact) in facts.iter().enumerate() {
        groups.entry(&first(&by_id, fact).id).or_default().push((number, fact));
    }
    let ids: HashMap<&str, Uuid> =
        groups.keys().enumerate().map(|(n, key)| (*key, Uuid::from_u128(n as u128))).collect();
    let deals: Vec<(Uuid, Option<Uuid>, Deal)> = groups
        .iter()
        .map(|(key, group)| {
            let claims: Vec<SourcedClaim> = group.iter().map(|(number, fact)| fact.sourced(*number)).collect();
            let umbrella = group
                .iter()
                .filter(|(_, fact)| !ADDITIONS.contains(&fact.id.as_str()))
                .filter_map(|(_, fact)| by_id.get(fact.part_of.as_deref()?))
                .map(|umbrella| first(&by_id, umbrella).id.as_str())
                .find(|umbrella| umbrella != key);
            let deal = derive(&claims, Registry::shipped(), Rates::shipped()).unwrap();
            (ids[key], umbrella.map(|umbrella| ids[umbrella]), deal)
        })
        .collect();
    let members: Vec<Member> = deals
        .iter()
        .map(|(id, part_of, deal)| Member {
            id: *id,
            part_of: *part_of,
            status: deal.status,
            gross: Figures {
                committed: deal.committed_usd,
                potential: deal.potential_usd,
                mw: deal.mw.map(Megawatts::get),
            },
        })
        .collect();
    let nets = net(&members);
    deals.into_iter().map(|(_, _, deal)| deal).zip(nets).collect()
}

/// A company's total on one side.
fn total(ledger: &[(Deal, Figures)], company: &str, side: Direction) -> Total {
    let counted: Vec<Counted<'_>> = ledger
        .iter()
        .map(|(deal, net)| Counted { deal, net: *net, owners: Owners::new(), countries: Vec::new() })
        .collect();
    by_role(&counted, Some(&Slug::of(company)), &Wanted::default())
        .into_iter()
        .filter(|role| role.direction == Some(side))
        .fold(Total::default(), |sum, role| Total {
            committed: sum.committed + role.total.committed,
            net_committed: sum.net_committed + role.total.net_committed,
            potential: sum.potential + role.total.potential,
            ..sum
        })
}

/// The sum of terms in millions of dollars, in dollars.
fn millions(terms: &[&str]) -> Decimal {
    terms.iter().map(|term| term.parse::<Decimal>().unwrap() * Decimal::from(1_000_000)).sum()
}

/// What a company pays or is paid: the terms of its firm dollars as they stand in the facts, what of them is counted
/// elsewhere (in the parts of an umbrella), and the terms of what hangs on conditions or is a ceiling.
struct Sum {
    company: &'static str,
    side: Direction,
    firm: &'static [&'static str],
    inside: &'static [&'static str],
    may: &'static [&'static str],
}

const PAYS: Direction = Direction::Payer;
const PAID: Direction = Direction::Payee;

const SUMS: [Sum; 19] = [
    // Malaysia; a quarter of Stargate's first 100 billion, which its parts (300 with Oracle, the five sites' 400, Abilene,
    // Michigan) fill; half of Michigan's 16, which its financing fills. Stargate's ceiling of 500 is filled too, but stands
    // in the gross. The GB200 order is a rumour.
    Sum {
        company: "Oracle",
        side: PAYS,
        firm: &["6500", "25000", "8000"],
        inside: &["25000", "8000"],
        may: &["125000"],
    },
    // Half of Ampere's price; the bond; OpenAI; Meta; half of the five sites, with SoftBank. The 30 billion a year of July
    // 2025 have no stated duration.
    Sum { company: "Oracle", side: PAID, firm: &["3250", "18000", "300000", "20000", "200000"], inside: &[], may: &[] },
    // Jeffersonville; Scale; Oracle; CoreWeave twice; half of Hyperion; Nebius; Manus; AMD; Tulsa. Ceilings: Corning, and the
    // second contract with Nebius. Hyperion's 27 billion are those of the bonds that pay for it.
    Sum {
        company: "Meta",
        side: PAYS,
        firm: &["800", "14300", "20000", "14200", "21000", "13500", "2900", "2000", "100000", "1000"],
        inside: &["13500"],
        may: &["6000", "27000"],
    },
    Sum { company: "Meta", side: PAID, firm: &[], inside: &[], may: &[] },
    // Southaven; the lease from Valor Compute Infrastructure.
    Sum { company: "xAI", side: PAYS, firm: &["20000", "5400"], inside: &[], may: &[] },
    // The debt of 5 billion is half of the round of 10; SpaceX; series E.
    Sum { company: "xAI", side: PAID, firm: &["5000", "10000", "2000", "20000"], inside: &["5000"], may: &[] },
    // A seventh of Thinking Machines' round of 2 billion, to the cent; a fifth of Cerebras' series H.
    Sum { company: "AMD", side: PAYS, firm: &["285.71428571", "200"], inside: &[], may: &[] },
    // The Department of Energy; Meta. Humain's is a ceiling; OpenAI and Oracle give no sum.
    Sum { company: "AMD", side: PAID, firm: &["1000", "100000"], inside: &[], may: &["10000"] },
    // 600 million euros at 1.073 of 11 June 2024; 1,700 at 1.1744 of 9 September 2025; the loan. A talk of 2025 is a rumour.
    Sum { company: "Mistral AI", side: PAID, firm: &["643.8", "1996.48", "830"], inside: &[], may: &[] },
    // Tavily.
    Sum { company: "Nebius", side: PAYS, firm: &["275"], inside: &[], may: &[] },
    // Microsoft, with 2 more if it asks; Meta, and Meta's second with its ceiling of 27; Nvidia.
    Sum { company: "Nebius", side: PAID, firm: &["17400", "2900", "2000"], inside: &[], may: &["2000", "27000"] },
    // Applied Digital twice; Galaxy's billion a year for fifteen years; 1,500 million pounds in Britain at 0.8656 pounds and
    // 1.1807 dollars for a euro, 16 September 2025. Half of a ceiling of 11,000 million pounds with Nscale. Core Scientific
    // was cancelled, both times. Galaxy borrows 1.4 billion for its site against the lease, a part of it.
    Sum {
        company: "CoreWeave",
        side: PAYS,
        firm: &["7000", "4000", "15000", "2046.03743068"],
        inside: &["1400"],
        may: &["7502.13724584"],
    },
    // Two loans of Blackstone's and Magnetar's; OpenAI's stake; the listing; Nvidia's backstop; Meta twice; two convertible
    // bonds, Nvidia's stake, notes, a loan. Ceilings: OpenAI's contract with its two additions, and Cohere's 240 million
    // Canadian dollars at 1.4882 and 1.0581 of 6 December 2024.
    Sum {
        company: "CoreWeave",
        side: PAID,
        firm: &["2300", "7500", "350", "1500", "6300", "14200", "21000", "2250", "2000", "3000", "1250", "3100"],
        inside: &[],
        may: &["11900", "4000", "6500", "170.63835506"],
    },
    // Fluidstack; Azure; AWS; SpaceX' 15 billion a year for three; a ninth of the venture, with the odd cents. Google's 200
    // billion are a rumour.
    Sum {
        company: "Anthropic",
        side: PAYS,
        firm: &["50000", "30000", "100000", "45000", "166.66666672"],
        inside: &[],
        may: &[],
    },
    // Google's first; Amazon's second tranche; Google's second; series F; series G; Amazon of 2026; Google of 2026; series H;
    // the loan that Broadcom backs. Ceilings and conditions: Amazon's 4 billion of 2023, Google's further 1.5, Microsoft,
    // Nvidia, Amazon's 20 and Google's 30 of 2026.
    Sum {
        company: "Anthropic",
        side: PAID,
        firm: &["300", "2750", "500", "13000", "30000", "5000", "10000", "65000", "35000"],
        inside: &[],
        may: &["4000", "1500", "5000", "10000", "20000", "30000"],
    },
    // The lease from Digi Power X.
    Sum { company: "Cerebras", side: PAYS, firm: &["1100"], inside: &[], may: &["2500"] },
    // Series G and H; OpenAI, raised to 20 billion, of which its loan of 1 is a part; the listing at its final price.
    Sum {
        company: "Cerebras",
        side: PAID,
        firm: &["1100", "1000", "20000", "1000", "5550"],
        inside: &["1000"],
        may: &[],
    },
    Sum { company: "Groq", side: PAYS, firm: &[], inside: &[], may: &[] },
    // Saudi Arabia; two rounds; what Nvidia pays, nobody else being named as the seller.
    Sum { company: "Groq", side: PAID, firm: &["1500", "750", "650", "20000"], inside: &[], may: &[] },
];

#[test]
fn the_totals_of_ten_companies_are_those_that_a_reader_of_the_facts_adds_up() {
    let ledger = ledger();
    let mut wrong = Vec::new();
    for Sum { company, side, firm, inside, may } in SUMS {
        let total = total(&ledger, company, side);
        let found = (total.committed, total.net_committed, total.potential);
        let expected = (millions(firm), millions(firm) - millions(inside), millions(may));
        if found != expected {
            wrong.push(format!("{company}, {side}: {found:?} where the facts add up to {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
