//! The extractor on what nobody would print: articles that were cut up, and inputs that want to be too much.

use std::{sync::LazyLock, thread};

use proptest::{prelude::*, sample::Index};
use wattline::{
    extract::{self, Reading},
    ingest::{
        articles::{Articles, Handed},
        date::stated_date,
    },
    model::{Article, ArticleLine, Registry},
};

/// The labelled articles that may be looked at.
static LABELLED: LazyLock<Vec<Article>> = LazyLock::new(|| {
    let files = [include_str!("../gold/dev.jsonl"), include_str!("../gold/own.jsonl")];
    let lines = files.into_iter().flat_map(str::lines).map(|line| serde_json::from_str(line).unwrap());
    let article = |line: ArticleLine| Article {
        published: stated_date(line.published.as_deref()).unwrap().map(|time| time.date_naive()),
        title: line.title.unwrap_or_default(),
        text: line.text.unwrap_or_default(),
        publisher: line.publisher,
    };
    lines.map(article).collect()
});

fn read(article: &Article) -> Reading {
    extract::read(article, Registry::shipped())
}

fn text(text: impl Into<String>) -> Article {
    Article { text: text.into(), ..Article::default() }
}

/// Reads an article twice, and holds the answer against the promises of docs/extraction.md.
fn check(article: &Article) -> Reading {
    let reading = read(article);
    let characters: Vec<char> = article.as_read().chars().collect();
    let slice = |start: usize, end: usize| characters[start..end].iter().collect::<String>();
    for claim in &reading.claims {
        assert!(!claim.parties.is_empty() && !claim.evidence.is_empty(), "{claim:#?}");
        assert!((0.0..=1.0).contains(&claim.confidence), "{claim:#?}");
        for evidence in &claim.evidence {
            assert!(evidence.start < evidence.end, "{evidence:?}");
            assert_eq!(slice(evidence.start, evidence.end), evidence.text);
        }
    }
    for quantity in &reading.quantities {
        assert!(quantity.start < quantity.end, "{quantity:?}");
        assert_eq!(slice(quantity.start, quantity.end), quantity.text);
    }
    assert_eq!(reading, read(article));
    reading
}

/// One thing that goes wrong with a text on its way.
#[derive(Debug, Clone)]
enum Mishap {
    /// So many characters from here on are lost.
    Delete(Index, usize),
    /// So many characters from here on stand there twice.
    Duplicate(Index, usize),
    /// Two sentences change places.
    Swap(Index, Index),
    /// Something is put in.
    Insert(Index, &'static str),
    /// The characters from here on, so many of them, stand in these marks.
    Wrap(Index, usize, (&'static str, &'static str)),
    /// All of it is in capitals.
    Shout,
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let sign = prop::sample::select(vec![
        "$",
        "€",
        "₹",
        "%",
        "-",
        "–",
        "—",
        "+",
        "/",
        ".",
        ",",
        ";",
        ":",
        "…",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "“",
        "”",
        "‘",
        "’",
        "«",
        "»",
        "•",
        "\n",
        "\n\n",
        "\t",
        "\r\n",
        "\u{0}",
        "\u{a0}",
        "\u{200b}",
        "\u{200d}",
        "\u{ad}",
        "\u{feff}",
        "\u{fffd}",
        "\u{10ffff}",
        "\u{2028}", // marks that lie on the character before
        "\u{301}",
        "\u{20e3}",
        "\u{fe0f}",
        "e\u{301}\u{301}\u{301}", // from right to left
        "\u{202e}",
        "\u{2066}",
        "\u{2069}",
        "\u{200f}",
        "שלום",
        "مليار",
        "٣٫٥",
        // digits, letters and pairs that are more or fewer bytes in another case
        "９",
        "½",
        "Ⅳ",
        "ß",
        "İ",
        "ŉ",
        "ﬁ",
        "Å",
        "🚀",
        "👩\u{200d}💻",
        "日本",
        "0",
        "000",
        "1e400",
        "bn",
        " billion",
        "US",
    ]);
    let marks = prop::sample::select(vec![
        ("“", "”"),
        ("(", ")"),
        ("[", "]"),
        ("\"", "\""),
        ("‘", "’"),
        ("«", "»"),
        ("(", "]"),
    ]);
    prop_oneof![
        1 => (any::<Index>(), 1..60_usize).prop_map(|(at, length)| Mishap::Delete(at, length)),
        1 => (any::<Index>(), 1..200_usize).prop_map(|(at, length)| Mishap::Duplicate(at, length)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Mishap::Swap(one, other)),
        4 => (any::<Index>(), sign).prop_map(|(at, sign)| Mishap::Insert(at, sign)),
        2 => (any::<Index>(), 1..300_usize, marks).prop_map(|(at, length, marks)| Mishap::Wrap(at, length, marks)),
        1 => Just(Mishap::Shout),
    ]
}

impl Mishap {
    fn befall(&self, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        // Behind the last character is a place too.
        let at = |index: &Index| index.index(characters.len() + 1);
        let part = |start: usize, length: usize| {
            let end = (start + length).min(characters.len());
            let string = |range: &[char]| range.iter().collect::<String>();
            (string(&characters[..start]), string(&characters[start..end]), string(&characters[end..]))
        };
        match self {
            Self::Delete(index, length) => {
                let (before, _, after) = part(at(index), *length);
                before + &after
            }
            Self::Duplicate(index, length) => {
                let (before, twice, after) = part(at(index), *length);
                before + &twice + &twice + &after
            }
            Self::Insert(index, sign) => {
                let (before, _, after) = part(at(index), 0);
                before + sign + &after
            }
            Self::Wrap(index, length, (open, close)) => {
                let (before, inside, after) = part(at(index), *length);
                before + open + &inside + close + &after
            }
            Self::Swap(one, other) => {
                let mut sentences: Vec<&str> = text.split_inclusive(". ").collect();
                if !sentences.is_empty() {
                    let (one, other) = (one.index(sentences.len()), other.index(sentences.len()));
                    sentences.swap(one, other);
                }
                sentences.concat()
            }
            Self::Shout => text.to_uppercase(),
        }
    }
}

/// A labelled article to which several things have happened.
fn mutilated() -> impl Strategy<Value = Article> {
    (any::<Index>(), prop::collection::vec(mishap(), 1..12), prop::option::of(mishap())).prop_map(
        |(index, of_text, of_title)| {
            let article = &LABELLED[index.index(LABELLED.len())];
            Article {
                title: of_title.map_or_else(|| article.title.clone(), |mishap| mishap.befall(&article.title)),
                text: of_text.iter().fold(article.text.clone(), |text, mishap| mishap.befall(&text)),
                ..article.clone()
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_unicode_is_read_with_true_offsets(
        title in prop::collection::vec(any::<char>(), 0..40),
        text in prop::collection::vec(any::<char>(), 0..400),
        publisher in prop::option::of(prop::collection::vec(any::<char>(), 0..20)),
    ) {
        let string = |characters: Vec<char>| characters.into_iter().collect::<String>();
        check(&Article { title: string(title), text: string(text), published: None, publisher: publisher.map(string) });
    }

    #[test]
    fn mutilated_articles_are_read_with_true_offsets(article in mutilated()) {
        check(&article);
    }

    #[test]
    fn an_article_in_an_article_is_read_with_true_offsets(
        outer in any::<Index>(), inner in any::<Index>(), at in any::<Index>(), depth in 1..12_usize,
    ) {
        let outer = &LABELLED[outer.index(LABELLED.len())];
        let inner = &LABELLED[inner.index(LABELLED.len())].text;
        let quoted = format!("{}{inner}{}", "“‘(".repeat(depth), ")’”".repeat(depth));
        let (before, after) = outer.text.split_at(outer.text.floor_char_boundary(at.index(outer.text.len() + 1)));
        check(&Article { text: format!("{before}{quoted}{after}"), ..outer.clone() });
    }

    #[test]
    fn lines_that_are_cut_up_are_articles_or_faults(
        line in any::<Index>(), at in any::<Index>(), other in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let lines: Vec<&str> = include_str!("../gold/own.jsonl").lines().collect();
        let mut bytes = lines[line.index(lines.len())].as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes.splice(at..(at + other.len()).min(bytes.len()), other);
        let good = br#"{"id": "last", "text": "Harrow Data Centers closed a loan."}"#;
        let input = [good.as_slice(), b"\n", &bytes, b"\n", good, b"\n"].concat();
        let handed: Vec<Handed> = Articles::new(input.as_slice(), None).map(Result::unwrap).collect();
        let last = |handed: &Handed| match handed {
            Handed::Article { article, .. } => article.id.as_ref().is_some_and(|id| id == "last"),
            _ => false,
        };
        // One bad line is one bad line: those around it are read.
        prop_assert!(last(&handed[0]) && handed.last().is_some_and(last), "{handed:?}");
    }
}

#[test]
fn the_number_of_threads_does_not_change_an_answer() {
    let articles = &LABELLED[..];
    let alone: Vec<Reading> = articles.iter().map(read).collect();
    for threads in [2, 5, articles.len()] {
        let shares = articles.chunks(articles.len().div_ceil(threads));
        let together: Vec<Reading> = thread::scope(|scope| {
            let running: Vec<_> =
                shares.map(|share| scope.spawn(|| share.iter().map(read).collect::<Vec<_>>())).collect();
            running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(alone, together, "{threads} threads");
    }
}

// What follows just has to come back. The sizes are what a build for tests reads in seconds.

#[test]
fn a_million_digits_come_back() {
    check_once(&text(format!("The fund paid ${} to Tarn Cloud.", "7".repeat(1_000_000))));
}

#[test]
fn a_million_digits_in_threes_come_back() {
    check_once(&text(format!("$1{}", ",000".repeat(250_000))));
}

#[test]
fn one_word_over_and_over_comes_back() {
    for word in ["a ", "Nvidia ", "buys ", "“ "] {
        check_once(&text(word.repeat(50_000)));
    }
}

#[test]
fn one_letter_and_half_a_million_marks_come_back() {
    check_once(&text(format!("e{}", "\u{301}".repeat(500_000))));
}

#[test]
fn brackets_in_brackets_come_back() {
    let depth = 30_000;
    for (open, close) in [("(", ")"), ("“", "”"), ("[(", ")]"), ("Tarn Cloud (", ")")] {
        check_once(&text(format!("{}it paid $5 billion{}", open.repeat(depth), close.repeat(depth))));
    }
}

#[test]
fn a_thousand_deals_in_one_sentence_come_back_be_it_the_headline() {
    let deals = "Tarn Cloud buys Veldmark AI for $5 billion, ".repeat(1_000);
    check_once(&text(deals.clone()));
    check_once(&Article { title: deals, ..text("It did.") });
}

#[test]
fn a_stream_of_fifty_megabytes_is_handed_on_line_by_line() {
    let line = format!("{{\"id\": \"x\", \"text\": \"{}\"}}\n", "It paid $5 billion. ".repeat(5_000));
    let times = 50_000_000 / line.len() + 1;
    let input = line.repeat(times);
    let articles = Articles::new(input.as_bytes(), None).filter(|handed| matches!(handed, Ok(Handed::Article { .. })));
    assert_eq!(articles.count(), times);
}

#[test]
fn one_line_of_ten_megabytes_is_one_article() {
    let input = format!("{{\"text\": \"{}\"}}\n", "It paid. ".repeat(10_000_000 / 9));
    assert_eq!(Articles::new(input.as_bytes(), None).count(), 1);
    // Never closed, it is no article, but it is answered.
    let brackets = "[".repeat(2_000_000);
    assert!(Articles::new(brackets.as_bytes(), None).count() >= 1);
}

/// As [`check`], without the second reading.
fn check_once(article: &Article) {
    let reading = read(article);
    let characters: Vec<char> = article.as_read().chars().collect();
    let evidence = reading.claims.iter().flat_map(|claim| &claim.evidence).map(|e| (e.start, e.end, &e.text));
    let figures = reading.quantities.iter().map(|q| (q.start, q.end, &q.text));
    for (start, end, text) in evidence.chain(figures) {
        assert!(characters[start..end].iter().copied().eq(text.chars()), "{start}..{end}");
    }
}
