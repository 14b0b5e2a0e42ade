use proptest::prelude::*;

use super::{Lexicon, Reading, quantity, read, read_with, text::Text};
use crate::model::{Article, Claim, Kind, Qualifier, Registry, Role, Status, Use};

fn article(title: &str, text: &str) -> Article {
    Article {
        title: title.to_owned(),
        text: text.to_owned(),
        published: chrono::NaiveDate::from_ymd_opt(2026, 5, 20),
        publisher: None,
    }
}

fn reading(text: &str) -> Reading {
    read(&article("", text), Registry::shipped())
}

/// What the rules make of a text by themselves, where what was learned decides otherwise.
fn by_rules(text: &str) -> Reading {
    read_with(&article("", text), Registry::shipped(), None)
}

fn only(text: &str) -> Claim {
    the_one(text, reading(text))
}

fn the_one(text: &str, reading: Reading) -> Claim {
    let claims = reading.claims;
    assert_eq!(claims.len(), 1, "{text}: {claims:#?}");
    claims.into_iter().next().expect("there is one")
}

fn party(claim: &Claim, role: Role) -> Vec<&str> {
    claim.parties.iter().filter(|p| p.role == role).map(|p| p.name.as_str()).collect()
}

#[track_caller]
fn figure(text: &str, value: &str, value_max: Option<&str>, unit: &str, qualifier: Qualifier) {
    let lexicon = Lexicon::shipped();
    let text = Text::new(text.to_owned(), false, lexicon);
    let figures = quantity::find(&text, lexicon);
    assert_eq!(figures.len(), 1, "{}: {figures:#?}", text.source());
    let found = &figures[0];
    let measure = match &found.measure {
        quantity::Measure::Money(currency) => currency.code(),
        quantity::Measure::Power => "MW",
        quantity::Measure::Chips(_) => "chips",
        quantity::Measure::Duration => "months",
    };
    assert_eq!(found.value.to_string(), value, "{}", text.source());
    assert_eq!(found.value_max.map(|v| v.to_string()).as_deref(), value_max, "{}", text.source());
    assert_eq!((measure, found.qualifier), (unit, qualifier), "{}", text.source());
}

#[test]
fn money_is_read_in_the_ways_that_news_writes_it() {
    use Qualifier::{About, AtLeast, Exact, Range, UpTo};
    figure("a sum of $38 billion was paid", "38000000000", None, "USD", Exact);
    figure("some US$1.38bn", "1380000000", None, "USD", About);
    figure("A$20 billion", "20000000000", None, "AUD", Exact);
    figure("C$ 15m", "15000000", None, "CAD", Exact);
    figure("HK$3.5 billion", "3500000000", None, "HKD", Exact);
    figure("NT$100bn", "100000000000", None, "TWD", Exact);
    figure("over €1.3bn", "1300000000", None, "EUR", AtLeast);
    figure("£850.5m", "850500000", None, "GBP", Exact);
    figure("Rs 520 crore", "5200000000", None, "INR", Exact);
    figure("Rs. 10 lakh crore", "10000000000000", None, "INR", Exact);
    figure("₹4,200 crore", "42000000000", None, "INR", Exact);
    figure("SEK 95bn", "95000000000", None, "SEK", Exact);
    figure("SEK95bn", "95000000000", None, "SEK", Exact);
    figure("RM2.5 billion", "2500000000", None, "MYR", Exact);
    figure("R$3 billion", "3000000000", None, "BRL", Exact);
    figure("120 billion yen", "120000000000", None, "JPY", Exact);
    figure("1.2 trillion won", "1200000000000", None, "KRW", Exact);
    figure("40 billion Saudi riyals", "40000000000", None, "SAR", Exact);
    figure("5bn USD", "5000000000", None, "USD", Exact);
    figure("half a billion dollars", "500000000", None, "USD", Exact);
    figure("two and a half billion euros", "2500000000", None, "EUR", Exact);
    figure("a $2-billion-plus deal", "2000000000", None, "USD", AtLeast);
    figure("$900B+", "900000000000", None, "USD", AtLeast);
    figure("up to approximately $14.2 billion", "14200000000", None, "USD", UpTo);
    figure("as much as $600 million", "600000000", None, "USD", UpTo);
    figure("between $2 billion and $3 billion", "2000000000", Some("3000000000"), "USD", Range);
    figure("$5-$7bn", "5000000000", Some("7000000000"), "USD", Range);
    figure("$66 billion to $72 billion", "66000000000", Some("72000000000"), "USD", Range);
    figure("$5-7bn", "5000000000", Some("7000000000"), "USD", Range);
}

#[test]
fn power_is_read_in_megawatts_and_energy_is_not_read() {
    use Qualifier::{About, AtLeast, Exact, Range, UpTo};
    figure("300MW", "300", None, "MW", Exact);
    figure("a 615-megawatt plant", "615", None, "MW", Exact);
    figure("1.21 gigawatts", "1210", None, "MW", Exact);
    figure("more than a gigawatt", "1000", None, "MW", AtLeast);
    figure("two gigawatts", "2000", None, "MW", Exact);
    figure("up to 500 megawatts", "500", None, "MW", UpTo);
    figure("approximately 835 MW", "835", None, "MW", About);
    figure("between 100 and 200 MW", "100", Some("200"), "MW", Range);
    figure("800 kW", "0.8", None, "MW", Exact);
    for energy in ["1.4 million MWh", "300 megawatt-hours", "$3 per megawatt-hour", "5 GWh"] {
        let found = reading(energy).quantities;
        assert!(found.iter().all(|q| q.measures != crate::model::QuantityType::Power), "{energy}: {found:?}");
    }
}

#[test]
fn words_without_a_figure_give_none() {
    for text in
        ["billions of dollars", "a multi-billion-dollar deal", "low single-digit billions", "hundreds of millions"]
    {
        assert_eq!(reading(text).quantities, [], "{text}");
    }
}

#[test]
fn a_conversion_in_brackets_is_no_second_amount() {
    let claim = only("Brookfield will invest SEK 95bn (about $9.9bn) in data centres in Sweden.");
    assert_eq!(claim.amounts.len(), 1);
    assert_eq!(claim.amounts[0].currency.code(), "SEK");
}

#[test]
fn every_kind_is_read_from_an_active_clause() {
    let cases: [(&str, Kind, Role, &str, Role, &str); 9] = [
        (
            "Veldmark AI will rent computing power worth $90 million from Tarn Cloud.",
            Kind::Compute,
            Role::Buyer,
            "Veldmark AI",
            Role::Provider,
            "Tarn Cloud",
        ),
        (
            "Tarn Cloud has ordered 9,000 GPUs from Brontide Systems for $310 million.",
            Kind::Chips,
            Role::Buyer,
            "Tarn Cloud",
            Role::Supplier,
            "Brontide Systems",
        ),
        (
            "Oxley Capital will invest $40 million in Veldmark AI.",
            Kind::Equity,
            Role::Investor,
            "Oxley Capital",
            Role::Investee,
            "Veldmark AI",
        ),
        (
            "Rheinbank has lent Tarn Cloud $500 million.",
            Kind::Debt,
            Role::Lender,
            "Rheinbank",
            Role::Borrower,
            "Tarn Cloud",
        ),
        (
            "Tarn Cloud has agreed to buy Veldmark AI for $2 billion.",
            Kind::Acquisition,
            Role::Acquirer,
            "Tarn Cloud",
            Role::Target,
            "Veldmark AI",
        ),
        (
            "Tarn Cloud bought 400 acres from Hollow Farms for $12 million.",
            Kind::Land,
            Role::Buyer,
            "Tarn Cloud",
            Role::Seller,
            "Hollow Farms",
        ),
        (
            "Tarn Cloud will buy 200 MW of nuclear power from Skerry Energy.",
            Kind::Power,
            Role::Buyer,
            "Tarn Cloud",
            Role::Supplier,
            "Skerry Energy",
        ),
        (
            "Veldmark AI has leased two halls with 24 MW from Fathom Data Centers.",
            Kind::Lease,
            Role::Tenant,
            "Veldmark AI",
            Role::Landlord,
            "Fathom Data Centers",
        ),
        (
            "Tarn Cloud has signed a partnership with Skerry Energy.",
            Kind::Partnership,
            Role::Partner,
            "Tarn Cloud",
            Role::Partner,
            "Tarn Cloud",
        ),
    ];
    for (text, kind, role, name, other, counterpart) in cases {
        let claim = only(text);
        assert_eq!(claim.kind, kind, "{text}");
        assert!(party(&claim, role).contains(&name), "{text}: {claim:#?}");
        assert!(party(&claim, other).contains(&counterpart), "{text}: {claim:#?}");
    }
}

#[test]
fn a_passive_clause_keeps_the_roles() {
    let claim = only("Calder Hosting has been acquired by Tarn Cloud for £300 million.");
    assert_eq!(party(&claim, Role::Acquirer), ["Tarn Cloud"]);
    assert_eq!(party(&claim, Role::Target), ["Calder Hosting"]);
}

#[test]
fn a_single_owner_builds_and_a_listing_has_its_issuer() {
    let claim = only("Fathom Data Centers plans to build a $1.2 billion, 180-megawatt campus near Lubbock.");
    assert_eq!((claim.kind, party(&claim, Role::Owner)), (Kind::Build, vec!["Fathom Data Centers"]));
    assert_eq!((claim.amounts.len(), claim.capacity.len()), (1, 1));
    let claim = only("Fathom Data Centers raised $620 million in its initial public offering.");
    assert_eq!(
        (claim.kind, claim.status, party(&claim, Role::Issuer)),
        (Kind::Ipo, Status::Completed, vec!["Fathom Data Centers"])
    );
}

#[test]
fn two_deals_in_one_sentence_stay_apart() {
    let claims = by_rules(
        "Mirador Labs will rent 40 MW of computing capacity from Tarn Cloud and has ordered 5,000 GPUs from Brontide Systems for $90 million.",
    )
    .claims;
    let kinds: Vec<Kind> = claims.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [Kind::Compute, Kind::Chips], "{claims:#?}");
}

#[test]
fn deals_that_differ_in_one_party_and_the_figure_are_as_many_deals() {
    let told = |text: &str, side: Role| -> Vec<(String, String)> {
        let claims = reading(text).claims;
        assert!(claims.iter().all(|claim| claim.parties.len() == 2), "{claims:#?}");
        let figure = |claim: &Claim| {
            let sums = claim.amounts.iter().map(ToString::to_string);
            sums.chain(claim.capacity.iter().map(ToString::to_string)).collect::<Vec<_>>().join(" ")
        };
        claims.iter().map(|claim| (party(claim, side).join("+"), figure(claim))).collect()
    };
    let pairs = |of: [(&str, &str); 2]| of.map(|(name, figure)| (name.to_owned(), figure.to_owned())).to_vec();
    assert_eq!(
        told("Veldmark AI will invest $2 billion in Tarn Cloud and $1 billion in Pinnock Compute.", Role::Investee),
        pairs([("Tarn Cloud", "USD 2B"), ("Pinnock Compute", "USD 1B")]),
    );
    assert_eq!(
        told(
            "Tarn Cloud has signed with Brandvik Power for 200 megawatts and with Oxley Energy for 90 megawatts.",
            Role::Supplier,
        ),
        pairs([("Brandvik Power", "200 MW"), ("Oxley Energy", "90 MW")]),
    );
}

#[test]
fn the_status_follows_the_words() {
    for (text, status) in [
        (
            "Tarn Cloud is in talks to buy Veldmark AI for $2 billion, people familiar with the matter said.",
            Status::Rumored,
        ),
        ("Tarn Cloud will buy Veldmark AI for $2 billion.", Status::Announced),
        ("Tarn Cloud has agreed to buy Veldmark AI for $2 billion.", Status::Signed),
        ("Tarn Cloud has closed its acquisition of Veldmark AI for $2 billion.", Status::Completed),
        ("Tarn Cloud has dropped its bid of $2 billion for Veldmark AI.", Status::Cancelled),
    ] {
        assert_eq!(the_one(text, by_rules(text)).status, status, "{text}");
    }
}

#[test]
fn hearsay_stays_a_rumour_whatever_else_a_text_says() {
    for text in [
        "Tarn Cloud explored the acquisition of Veldmark AI for $2 billion, which would complete its network.\nTarn Cloud has \
         closed every purchase of the past year.",
        "Tarn Cloud is reportedly buying Veldmark AI for $2 billion.\nTarn Cloud has closed the acquisition, its third of the \
         year.",
        "Tarn Cloud reportedly raised $90 million from Fell Capital in a Series B round that closed on Friday.",
    ] {
        assert_eq!(only(text).status, Status::Rumored, "{text}");
    }
}

#[test]
fn what_is_no_deal_gives_none() {
    for text in [
        "Tarn Cloud reported revenue of $3 billion and a profit of $400 million.",
        "Shares in Tarn Cloud rose 8%, lifting its market value past $40 billion.",
        "Tarn Cloud raised its capital expenditure guidance to between $900 million and $1.1 billion.",
        "Tarn Cloud agreed to pay Veldmark AI $75 million to settle a patent dispute.",
        "Data centres will need 60 GW by 2035, analysts reckon, at a cost of $3 trillion.",
        "Tarn Cloud did not sign a contract with Veldmark AI worth $2 billion.",
    ] {
        assert_eq!(reading(text).claims, [], "{text}");
    }
}

#[test]
fn figures_that_are_no_deals_keep_their_use() {
    let found = reading("The start-up is valued at $4 billion and had revenue of $300 million.").quantities;
    let uses: Vec<Use> = found.iter().map(|q| q.usage).collect();
    assert_eq!(uses, [Use::Valuation, Use::Revenue]);
}

#[test]
fn the_company_and_it_stand_for_the_name() {
    let claim = only("Tarn Cloud rents out GPUs. The company has raised $80 million from Oxley Capital.");
    assert_eq!(party(&claim, Role::Investee), ["Tarn Cloud"]);
    assert_eq!(party(&claim, Role::Investor), ["Oxley Capital"]);
}

fn check(article: &Article) {
    let reading = read(article, Registry::shipped());
    let text: Vec<char> = article.as_read().chars().collect();
    let slice = |start: usize, end: usize| text[start..end].iter().collect::<String>();
    for claim in &reading.claims {
        assert!(!claim.parties.is_empty() && !claim.evidence.is_empty());
        assert!((0.0..=1.0).contains(&claim.confidence));
        for evidence in &claim.evidence {
            assert_eq!(slice(evidence.start, evidence.end), evidence.text);
        }
    }
    for quantity in &reading.quantities {
        assert_eq!(slice(quantity.start, quantity.end), quantity.text);
    }
    assert_eq!(reading, read(article, Registry::shipped()));
}

#[test]
fn offsets_count_code_points() {
    check(&article(
        "Müller & Söhne 🚀 kauft",
        "Ångström Energy has bought Çelik Data for €5bn — “done”, it said. 日本 $3bn.",
    ));
}

#[test]
fn a_long_text_is_read_piece_by_piece_with_exact_offsets() {
    let text = "Tarn Cloud has agreed to buy Çelik Data for €5bn.\nÜber die Brücke.\n".repeat(3_000);
    check(&article("Ein Titel", &text));
    check(&article("", &"é".repeat(150_000)));
}

#[test]
fn long_repeats_are_read_in_linear_time() {
    for piece in [
        "buy ",
        "$1 ",
        "Tarn Cloud ",
        "((((",
        "\"“‘",
        "9",
        "1,",
        "the company ",
        "Digital Realty New York ",
        "Nvidia Aa Bb ",
        "and X, ",
        "a billion ",
        "5 MW 3 million x ",
        "7 million of the 9 million euros, ",
        "-",
        "e\u{301}",
    ] {
        soon(&piece.repeat(20_000));
    }
    soon(&("Tarn Cloud paid ".to_owned() + &"$5m, ".repeat(18_000)));
    soon(&("Tarn Cloud paid ".to_owned() + &"$5m, ".repeat(9_000) + &"5 MW, ".repeat(9_000)));
}

#[test]
fn a_digest_may_head_its_own_stories_as_a_page_heads_those_of_others() {
    let story = "- **Larkspur borrows.** Larkspur Cloud has closed a loan of $400 million from Brandvik Bank to pay for its \
                 halls near Hamar, the company said on Tuesday. The loan runs for six years and is secured by the \
                 servers. Larkspur had revenue of $88 million last year, and employs 210 people in four countries.";
    let teaser = "Pinnock Estates buys Tarn Cloud for $90 million";
    let claims =
        reading(&format!("A quiet week.\n\n## Top stories\n\n{story}\n\n## Related articles\n\n{teaser}")).claims;
    let [claim] = &claims[..] else { panic!("{claims:#?}") };
    assert_eq!(claim.kind, Kind::Debt, "{claim:#?}");
}

#[test]
fn a_link_between_paragraphs_does_not_end_the_article() {
    let claims = reading(
        "A quiet week.\n\nRelated: Pinnock Estates buys Tarn Cloud for $90 million\n\nLarkspur Cloud has closed a loan of \
         $400 million from Brandvik Bank.",
    )
    .claims;
    let [claim] = &claims[..] else { panic!("{claims:#?}") };
    assert_eq!(claim.kind, Kind::Debt, "{claim:#?}");
}

#[track_caller]
fn soon(text: &str) {
    let started = std::time::Instant::now();
    read(&article("", text), Registry::shipped());
    assert!(started.elapsed().as_secs() < 20, "{} took {:?}", text.get(..40).unwrap_or(text), started.elapsed());
}

#[test]
fn an_entry_without_a_verb_tells_a_deal() {
    let claim =
        only("This week's rounds, as disclosed.\n\nTarn Cloud Inc. — €72m Series B round, led by Halfmoon Capital.\n");
    assert_eq!((claim.kind, claim.status), (Kind::Equity, Status::Completed));
    assert_eq!(party(&claim, Role::Investee), ["Tarn Cloud"]);
    assert_eq!(party(&claim, Role::Investor), ["Halfmoon Capital"]);
}

#[test]
fn two_loans_of_one_borrower_are_two_deals() {
    let text = "CoreWeave launched $3 billion of convertible notes and $1.25 billion of senior secured notes.";
    let claims = by_rules(text).claims;
    let sums: Vec<String> = claims.iter().map(|c| c.amounts[0].value.to_string()).collect();
    assert_eq!(sums, ["3000000000", "1250000000"]);
    assert!(claims.iter().all(|c| c.kind == Kind::Debt && c.status == Status::Announced), "{claims:#?}");
}

#[test]
fn a_dollar_sign_is_the_dollar_of_the_papers_country() {
    let code = |text: &str| {
        let lexicon = Lexicon::shipped();
        let text = Text::new(text.to_owned(), false, lexicon);
        match &quantity::find(&text, lexicon)[0].measure {
            quantity::Measure::Money(currency) => currency.code(),
            _ => "",
        }
    };
    assert_eq!(code("NextDC, listed on the ASX, will spend $2.2 billion in Melbourne."), "AUD");
    assert_eq!(code("The Toronto firm gets $240-million from Ottawa."), "CAD");
    assert_eq!(code("OpenAI will spend $7 billion in Sydney and Melbourne, or A$10.6 billion."), "USD");
    assert_eq!(code("Meta will spend $10 billion in Louisiana."), "USD");
}

#[test]
fn parts_stand_behind_their_total() {
    let text = "Talen Energy sold the campus to Amazon for $650 million, of which $350 million was paid at closing and $300 million \
                hangs on milestones.";
    let claim = only(text);
    let flags: Vec<(String, bool)> = claim.amounts.iter().map(|a| (a.value.to_string(), a.part)).collect();
    assert_eq!(
        flags,
        [("650000000".to_owned(), false), ("350000000".to_owned(), true), ("300000000".to_owned(), true)]
    );
}

#[test]
fn the_day_is_resolved_from_the_weekday() {
    let claim = only("CoreWeave said on Monday that it has raised $2 billion in debt from Blackstone.");
    assert_eq!(claim.announced_on, chrono::NaiveDate::from_ymd_opt(2026, 5, 18));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_read_without_panic(title in ".{0,40}", text in "\\PC{0,400}") {
        check(&article(&title, &text));
    }

    #[test]
    fn any_mix_of_the_fields_words_is_read_without_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "Nvidia", "OpenAI", "Tarn Cloud", "will", "buy", "has", "sold", "$5 billion", "300 MW", "from", "to", "with",
                "the", "company", ",", ".", "and", "which", "data center", "(", ")", "'s", "its", "a", "20%", "between",
                "joint venture", "in", "of", "for", "lease", "power", "chips", "not", "In 2022", "\n", "•", "“", "”", ":", "up to",
            ]),
            0..80,
        ),
    ) {
        check(&article("", &words.join(" ")));
    }
}
