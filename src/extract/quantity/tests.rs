use proptest::prelude::*;

use super::{Figure, Lexicon, Measure, Text, find};
use crate::model::{
    Qualifier::{self, About, AtLeast, Exact, Range, UpTo},
    Use,
};

fn figures(text: &str) -> Vec<Figure> {
    let lexicon = Lexicon::shipped();
    find(&Text::new(text.to_owned(), false, lexicon), lexicon)
}

fn unit(figure: &Figure) -> &'static str {
    match &figure.measure {
        Measure::Money(currency) => currency.code(),
        Measure::Power => "MW",
        Measure::Chips(_) => "chips",
        Measure::Duration => "months",
    }
}

/// Every text of a table has one figure, with this value, unit and qualifier; of a range the value is `low-high`.
#[track_caller]
fn table(forms: &[(&str, &str, &str, Qualifier)]) {
    for (text, value, measure, qualifier) in forms {
        let found = figures(text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        let figure = &found[0];
        let read = figure.value_max.map_or(figure.value.to_string(), |high| format!("{}-{high}", figure.value));
        assert_eq!((read.as_str(), unit(figure), figure.qualifier), (*value, *measure, *qualifier), "{text}");
    }
}

#[track_caller]
fn none(texts: &[&str]) {
    for text in texts {
        let found = figures(text);
        assert!(found.is_empty(), "{text}: {found:#?}");
    }
}

#[test]
fn a_letter_before_millions_is_a_currency_and_before_anything_else_none() {
    table(&[
        ("it paid R4.6 billion", "4600000000", "ZAR", Exact),
        ("a R1.3-billion order", "1300000000", "ZAR", Exact),
        ("it paid R640m", "640000000", "ZAR", Exact),
        ("it paid N28.6 billion", "28600000000", "NGN", Exact),
        ("it paid W627bn", "627000000000", "KRW", Exact),
        ("it paid Won140bn", "140000000000", "KRW", Exact),
        ("it paid QR212m", "212000000", "QAR", Exact),
        ("it paid SR1.9bn", "1900000000", "SAR", Exact),
        ("it paid TSh7.2 billion", "7200000000", "TZS", Exact),
        ("it paid TL21bn", "21000000000", "TRY", Exact),
        ("it paid T$6.3 bln", "6300000000", "TWD", Exact),
        ("it paid RM2.8bil", "2800000000", "MYR", Exact),
        ("it paid P12 billion in Manila", "12000000000", "PHP", Exact),
        ("Gaborone paid P240 million", "240000000", "BWP", Exact),
        ("it paid K86 million in Port Moresby", "86000000", "PGK", Exact),
        ("it paid CFA 45 billion", "45000000000", "XOF", Exact),
        ("it paid CFA45 billion in Douala", "45000000000", "XAF", Exact),
        ("it paid FJ$3.9m", "3900000", "FJD", Exact),
        ("it paid GH¢312 million", "312000000", "GHS", Exact),
        ("Firm Pays R4.6 Billion", "4600000000", "ZAR", Exact),
        ("Lusaka paid $500K", "500000", "USD", Exact),
        ("Nscale Won $2 Billion From Microsoft", "2000000000", "USD", Exact),
        ("Alba Won 300 Million Euros", "300000000", "EUR", Exact),
    ]);
    none(&[
        "it runs on R100 cards",
        "the P40 has 24 million users",
        "along the R1 in Cape Town",
        "K2 was built in 2024",
    ]);
}

#[test]
fn a_sum_without_its_currency_has_that_of_the_one_before() {
    let read = |text: &str| figures(text).iter().map(|f| format!("{} {}", f.value, unit(f))).collect::<Vec<_>>();
    let euros = ["25000000 EUR", "12000000 EUR", "8000000 EUR"];
    assert_eq!(read("It got 25 million euros, of which the fund lends 12 million and the bank 8 million."), euros);
    assert_eq!(read("The loan is 25 million euros. The fund put up 12 million and the bank 8 million."), euros);
    assert_eq!(read("They raised 28 million euros, the founder adding 3 million himself.").len(), 2);
    assert_eq!(
        read("The bank holds 25 million euros; it pays in 12 million and a further 8 million when it runs."),
        euros
    );
    assert_eq!(read("The price is 25 million euros: in all. A budget of 12 million was cut for 8 million."), euros);
    assert_eq!(read("It raised €25 million from Alba (12 million) and Berg (8 million)."), euros);
    assert_eq!(read("Of 25 million euros it drew 12 million of the sum. Berg's part is 8 million."), euros);
    // What is counted is no money, and a sign is written again.
    assert_eq!(
        read("It has 40 million euros and 12 million users. The cost of that is for a further 9 million."),
        ["40000000 EUR"]
    );
    assert_eq!(read("It has 40 million euros and 12 million customers."), ["40000000 EUR"]);
    assert_eq!(read("The loan is 40 million euros. It has a population of 3 million and grows."), ["40000000 EUR"]);
    assert_eq!(read("It made 40 million euros. 12 million are customers."), ["40000000 EUR"]);
    assert_eq!(
        read("It got 25 million euros in a Series B, of which the fund lends 12 million and the bank 8 million."),
        euros
    );
    assert_eq!(read("It has 40 million euros. Of the customers 12 million in Spain pay."), ["40000000 EUR"]);
    assert_eq!(read("It raised €40 million and has 12 million, mostly in Spain."), ["40000000 EUR"]);
    assert_eq!(read("It has 40 million euros and serves 12 million in Spain."), ["40000000 EUR"]);
}

#[test]
fn some_of_a_figure_has_the_unit_of_the_whole() {
    let read = |text: &str| figures(text).iter().map(|f| format!("{} {}", f.value, unit(f))).collect::<Vec<_>>();
    assert_eq!(read("It takes 60 of the 80 megawatts."), ["60 MW", "80 MW"]);
    assert_eq!(read("It takes 0.5 of its 2 gigawatts, for now."), ["500 MW", "2000 MW"]);
    assert_eq!(read("Sixteen of those forty megawatts are Norsk's."), ["16 MW", "40 MW"]);
    assert_eq!(read("It lends 17 of the 28 million euros."), ["17000000 EUR", "28000000 EUR"]);
    assert_eq!(read("It lends 7 million of the €28 million."), ["7000000 EUR", "28000000 EUR"]);
    // Buildings are counted here, and more than all is none of it.
    assert_eq!(read("It takes two of the 40-megawatt halls."), ["40 MW"]);
    assert_eq!(read("It takes three of its 50 MW buildings."), ["50 MW"]);
    assert_eq!(read("It shows 90 of the 80 megawatts."), ["80 MW"]);
    // So are phases, thirds and years.
    assert_eq!(read("Phase 2 of the 500 MW came online."), ["500 MW"]);
    assert_eq!(read("It has let 2/3 of the 90 megawatts."), ["90 MW"]);
    assert_eq!(read("It runs by 2026 of the 3,000 megawatts."), ["3000 MW"]);
}

#[test]
fn sums_are_read_in_digits_and_in_words() {
    table(&[
        ("it paid two and a half million dollars", "2500000", "USD", Exact),
        ("it paid one and three quarters billion dollars", "1750000000", "USD", Exact),
        ("it paid one point five billion dollars", "1500000000", "USD", Exact),
        ("it paid a hundred and forty million euros", "140000000", "EUR", Exact),
        ("it paid three hundred twenty-five million pounds", "325000000", "GBP", Exact),
        ("it paid half a billion dollars", "500000000", "USD", Exact),
        ("it paid half-a-billion dollars", "500000000", "USD", Exact),
        ("it paid a half million dollars", "500000", "USD", Exact),
        ("it paid three-quarters of a billion dollars", "750000000", "USD", Exact),
        ("it paid a quarter million US dollars", "250000", "USD", Exact),
        ("it paid a quarter of a million pounds", "250000", "GBP", Exact),
        ("it paid $2½ billion", "2500000000", "USD", Exact),
        ("it paid $1 1/2 billion", "1500000000", "USD", Exact),
        ("it paid $2.5 mln", "2500000", "USD", Exact),
        ("it paid 12,34,567 rupees", "1234567", "INR", Exact),
        ("it paid a hundred bucks", "100", "USD", Exact),
    ]);
}

#[test]
fn a_currency_is_known_by_its_sign_its_letters_and_its_word() {
    table(&[
        ("it paid 500 million €", "500000000", "EUR", Exact),
        ("it paid HK $10 billion", "10000000000", "HKD", Exact),
        ("it paid 7 billion New Taiwan dollars", "7000000000", "TWD", Exact),
        ("it paid 5 billion Egyptian pounds", "5000000000", "EGP", Exact),
        ("it paid 80 billion Chilean pesos", "80000000000", "CLP", Exact),
        ("it paid SKr14bn", "14000000000", "SEK", Exact),
        ("it paid DKr1.8bn", "1800000000", "DKK", Exact),
        ("it paid SFr190m", "190000000", "CHF", Exact),
        ("it paid zl 640mn", "640000000", "PLN", Exact),
        ("it paid Sh31 billion", "31000000000", "KES", Exact),
        ("it paid 48m pula", "48000000", "BWP", Exact),
        ("it paid 40 million usd", "40000000", "USD", Exact),
        ("it paid 100 Chinese yuan", "100", "CNY", Exact),
        ("it paid 3 million 元", "3000000", "CNY", Exact),
    ]);
}

#[test]
fn a_word_that_countries_share_means_the_one_that_the_text_names() {
    table(&[
        ("Denmark's council lent 3 billion crowns", "3000000000", "DKK", Exact),
        ("The Czech utility lent 3 billion crowns", "3000000000", "CZK", Exact),
        ("Norway lent 3 billion kroner", "3000000000", "NOK", Exact),
        ("In Oman they lent 18 million rials", "18000000", "OMR", Exact),
        ("In Manila they lent 2 billion pesos", "2000000000", "PHP", Exact),
        ("Lahore lent Rs 9 billion", "9000000000", "PKR", Exact),
        ("In Denmark they lent 3 billion Swedish crowns", "3000000000", "SEK", Exact),
    ]);
}

#[test]
fn what_bounds_a_figure_is_its_qualifier() {
    table(&[
        ("close to $3 billion", "3000000000", "USD", About),
        ("$3 billion or so", "3000000000", "USD", About),
        ("just under $3 billion", "3000000000", "USD", About),
        ("at an estimated cost of $3 billion", "3000000000", "USD", About),
        ("sites that are adding up to about $3 billion", "3000000000", "USD", About),
        ("north of $3 billion", "3000000000", "USD", AtLeast),
        ("a contract with a minimum value of $3 billion", "3000000000", "USD", AtLeast),
        ("$3 billion at a minimum", "3000000000", "USD", AtLeast),
        ("$3 billion+", "3000000000", "USD", AtLeast),
        ("sites that add up to more than 5.5 gigawatts", "5500", "MW", AtLeast),
        ("for a maximum consideration of $3 billion", "3000000000", "USD", UpTo),
        ("another $3 billion at most", "3000000000", "USD", UpTo),
        ("a cost that could reach $3 billion", "3000000000", "USD", UpTo),
        ("an earn-out that may add up to $3 billion", "3000000000", "USD", UpTo),
        ("as large as one gigawatt", "1000", "MW", UpTo),
        ("lenders are sounded out about $3 billion", "3000000000", "USD", Exact),
        ("the landlord will hand over 300MW", "300", "MW", Exact),
        ("$3 to $4 billion", "3000000000-4000000000", "USD", Range),
        ("1,000 to 2,000 dollars", "1000-2000", "USD", Range),
        ("at least 245 MW and as much as 2,295 MW", "245-2295", "MW", Range),
    ]);
    let risen = figures("lifted its backlog by $3 billion to $9 billion");
    assert_eq!(risen.iter().map(|f| f.qualifier).collect::<Vec<_>>(), [Exact, Exact]);
    let both = figures("could rise to €75 billion and 5 GW");
    assert_eq!(both.iter().map(|f| f.qualifier).collect::<Vec<_>>(), [UpTo, UpTo]);
    let open = figures("worth $7 billion and up to $9 billion");
    assert_eq!(open.iter().map(|f| f.qualifier).collect::<Vec<_>>(), [Exact, UpTo]);
}

#[test]
fn power_is_read_and_energy_is_not() {
    table(&[
        ("a hundred and forty megawatts", "140", "MW", Exact),
        ("the first gigawatt comes in 2027", "1000", "MW", Exact),
        ("half a gigawatt", "500", "MW", Exact),
        ("three-quarters of a gigawatt", "750", "MW", Exact),
        ("one and a half gigawatts", "1500", "MW", Exact),
        ("a 1.2-gigawatt campus", "1200", "MW", Exact),
        ("800 kW", "0.8", "MW", Exact),
    ]);
    none(&["300 MWh", "a 300-megawatt-hour battery", "40 gigawatt hours", "the first year", "half the year"]);
}

#[test]
fn a_part_of_a_sum_has_its_currency() {
    let found = figures("The fund is 40 billion euros. Of that, 15 billion will go into halls.");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!((found[1].value.to_string().as_str(), unit(&found[1])), ("15000000000", "EUR"));
    let found = figures("The budget has $2.4 billion for it. Two billion of that is for machines.");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!((found[1].value.to_string().as_str(), unit(&found[1])), ("2000000000", "USD"));
    assert_eq!(figures("It cost $40 billion. Of that coal, 15 million tonnes are left.").len(), 1);
    assert_eq!(figures("It cost $40 billion and has 6 million users.").len(), 1);
}

#[test]
fn a_price_of_one_piece_is_no_sum() {
    for text in ["$9 a share", "$60 per MWh", "$98 per hour", "$30,000 each", "$2 million per megawatt"] {
        let found = figures(text);
        assert_eq!(found.len(), 1, "{text}: {found:#?}");
        assert!(found[0].per_unit && found[0].usage == Use::Other, "{text}: {found:#?}");
    }
    for text in ["will invest $2 billion each in Tarn and Orrin", "two halls of 24 MW each", "$11 million each year"] {
        assert!(figures(text).iter().all(|figure| !figure.per_unit), "{text}");
    }
}

#[test]
fn spans_of_time_are_read_in_months() {
    table(&[
        ("under a 15-year lease", "180", "months", Exact),
        ("leased for fifteen years", "180", "months", Exact),
        ("over a decade", "120", "months", AtLeast),
        ("over the next two decades", "240", "months", Exact),
        ("for seven and a half years", "90", "months", Exact),
        ("a three-and-a-half-year contract", "42", "months", Exact),
        ("for 18 months", "18", "months", Exact),
        ("a 10- to 15-year term", "120-180", "months", Range),
    ]);
    none(&["runs through 2030", "ten years ago", "a 20-year-old plant", "two years later"]);
}

/// A whole number below a thousand as news spells it.
fn words(number: u32, and: bool) -> String {
    const SMALL: [&str; 20] = [
        "",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let small = |number: u32| match (number / 10, number % 10) {
        (0 | 1, _) => SMALL[number as usize].to_owned(),
        (tens, 0) => TENS[tens as usize].to_owned(),
        (tens, ones) => format!("{}-{}", TENS[tens as usize], SMALL[ones as usize]),
    };
    match (number / 100, number % 100) {
        (0, rest) => small(rest),
        (hundreds, 0) => format!("{} hundred", SMALL[hundreds as usize]),
        (hundreds, rest) => {
            format!("{} hundred {}{}", SMALL[hundreds as usize], if and { "and " } else { "" }, small(rest))
        }
    }
}

proptest! {
    #[test]
    fn a_sum_is_read_back_in_whichever_form_it_is_written(
        number in 1u32..1000,
        tenth in 0u32..10,
        (scale, shorts) in prop::sample::select(vec![
            (1_000_000u64, ["million", "mn", "mln", "m"]),
            (1_000_000_000, ["billion", "bn", "bln", "b"]),
        ]),
        short in 0usize..4,
        (sign, word, code) in prop::sample::select(vec![
            ("$", "dollars", "USD"), ("€", "euros", "EUR"), ("£", "pounds", "GBP"), ("HK$", "Hong Kong dollars", "HKD"),
            ("₹", "Indian rupees", "INR"), ("SEK", "Swedish kronor", "SEK"), ("A$", "Australian dollars", "AUD"),
        ]),
        form in 0usize..6,
        and in any::<bool>(),
    ) {
        let digits = if tenth == 0 { number.to_string() } else { format!("{number}.{tenth}") };
        let whole = u64::from(number) * scale;
        let exact = whole + u64::from(tenth) * scale / 10;
        let (text, value) = match form {
            0 => (format!("{sign}{digits}{}", shorts[short]), exact),
            1 => (format!("{sign}{digits} {}", shorts[0]), exact),
            2 => (format!("{sign}{digits}-{}", shorts[0]), exact),
            3 => (format!("{digits} {} {word}", shorts[0]), exact),
            4 => (format!("{code} {digits} {}", shorts[short % 3]), exact),
            _ => (format!("{} {} {word}", words(number, and), shorts[0]), whole),
        };
        let found = figures(&format!("The council paid {text} for it."));
        prop_assert_eq!(found.len(), 1, "{}: {:#?}", text, found);
        prop_assert_eq!(found[0].value.to_string(), value.to_string(), "{}", &text);
        prop_assert_eq!(unit(&found[0]), code, "{}", &text);
        prop_assert_eq!(found[0].qualifier, Exact, "{}", &text);
    }
}
