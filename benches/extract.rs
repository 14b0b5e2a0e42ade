//! How fast the extractor reads, beside two others: the least that any extractor has to do, which is one pass over the
//! text for the phrases that it knows, and recognizers-text-suite, which finds sums of money alone. `make bench` runs it
//! and ends in one table.

use std::{
    hint::black_box,
    num::NonZero,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use aho_corasick::{AhoCorasick, MatchKind};
use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};
use wattline::{
    extract,
    ingest::date::stated_date,
    model::{Article, ArticleLine, Registry},
};

const LABELLED: &str = include_str!("../tests/gold/dev.jsonl");

fn main() {
    divan::main();
    // With a filter or another wish, somebody looks at a part alone.
    if std::env::args().skip(1).all(|argument| argument == "--bench") {
        side_by_side();
    }
}

/// How often the labelled articles are read in one go.
const REPEATED: usize = 20;

fn articles() -> Vec<Article> {
    let lines = serde_json::Deserializer::from_str(LABELLED).into_iter();
    let once: Vec<Article> = lines
        .map(|line: Result<ArticleLine, _>| {
            let line = line.expect("the labelled articles are JSON");
            Article {
                published: stated_date(line.published.as_deref()).ok().flatten().map(|time| time.date_naive()),
                title: line.title.unwrap_or_default(),
                text: line.text.unwrap_or_default(),
                publisher: line.publisher,
            }
        })
        .collect();
    once.iter().cycle().take(once.len() * REPEATED).cloned().collect()
}

fn bytes(articles: &[Article]) -> usize {
    articles.iter().map(|article| article.title.len() + article.text.len()).sum()
}

/// Every spelling of every company, and every phrase of the lexicon.
fn phrases() -> AhoCorasick {
    let companies = Registry::shipped().companies().iter();
    let spellings = companies.flat_map(|company| {
        std::iter::once(&company.name).chain(&company.aliases).chain(&company.everyday).chain(&company.nicknames)
    });
    let mut patterns: Vec<String> = spellings.cloned().collect();
    for file in [
        include_str!("../src/extract/lexicon/cues.toml"),
        include_str!("../src/extract/lexicon/grammar.toml"),
        include_str!("../src/extract/lexicon/numbers.toml"),
        include_str!("../src/extract/lexicon/uses.toml"),
        include_str!("../src/extract/lexicon/words.toml"),
    ] {
        collect(&toml::Value::Table(file.parse().expect("the lexicon is TOML")), &mut patterns);
    }
    patterns.retain(|pattern| !pattern.is_empty());
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).expect("phrases make an automaton")
}

/// Everything that is listed, and where something is said of a phrase, the phrase.
fn collect(value: &toml::Value, patterns: &mut Vec<String>) {
    match value {
        toml::Value::String(phrase) => patterns.push(phrase.clone()),
        toml::Value::Array(values) => values.iter().for_each(|value| collect(value, patterns)),
        toml::Value::Table(table) => {
            for (key, value) in table {
                if !value.is_array() && !value.is_table() {
                    patterns.push(key.clone());
                }
                collect(value, patterns);
            }
        }
        _ => {}
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does something with every article, on so many cores.
fn on_cores(cores: usize, articles: &[Article], each: impl Fn(&Article) + Sync) {
    thread::scope(|scope| {
        for share in articles.chunks(articles.len().div_ceil(cores)) {
            scope.spawn(|| share.iter().for_each(&each));
        }
    });
}

fn bench_articles(bencher: Bencher, cores: usize, each: impl Fn(&Article) + Sync) {
    let articles = articles();
    each(&articles[0]);
    bencher
        .counter(BytesCount::of_many::<u8>(bytes(&articles)))
        .counter(ItemsCount::new(articles.len()))
        .bench_local(|| on_cores(cores, &articles, &each));
}

fn extract(article: &Article) {
    black_box(extract::read(article, Registry::shipped()));
}

fn rules_alone(article: &Article) {
    black_box(extract::read_with(article, Registry::shipped(), None));
}

mod articles_on_one_core {
    use super::{Bencher, bench_articles, black_box, extract, phrases, rules_alone};

    #[divan::bench(sample_count = 10)]
    fn extractor(bencher: Bencher) {
        bench_articles(bencher, 1, extract);
    }

    #[divan::bench(sample_count = 10)]
    fn rules(bencher: Bencher) {
        bench_articles(bencher, 1, rules_alone);
    }

    #[divan::bench(sample_count = 10)]
    fn phrases_alone(bencher: Bencher) {
        let phrases = phrases();
        bench_articles(bencher, 1, |article| {
            black_box(phrases.find_iter(&article.text).count());
        });
    }
}

mod articles_on_all_cores {
    use super::{Bencher, bench_articles, black_box, cores, extract, phrases, rules_alone};

    #[divan::bench(sample_count = 10)]
    fn extractor(bencher: Bencher) {
        bench_articles(bencher, cores(), extract);
    }

    #[divan::bench(sample_count = 10)]
    fn rules(bencher: Bencher) {
        bench_articles(bencher, cores(), rules_alone);
    }

    #[divan::bench(sample_count = 10)]
    fn phrases_alone(bencher: Bencher) {
        let phrases = phrases();
        bench_articles(bencher, cores(), |article| {
            black_box(phrases.find_iter(&article.text).count());
        });
    }
}

/// One article of so many kilobytes: its bytes a second stay what they are where the time is linear.
mod one_article_of_kilobytes {
    use super::{Article, Bencher, BytesCount, articles, extract, phrases};

    pub const SIZES: [usize; 5] = [1, 10, 100, 1_000, 10_000];

    pub fn article_of(kilobytes: usize) -> Article {
        let articles = articles();
        // What follows "About us" is no part of an article, and would not be read.
        let lines: Vec<&str> = articles
            .iter()
            .flat_map(|article| article.text.lines())
            .filter(|line| line.len() > 80 && !line.starts_with("About"))
            .collect();
        let mut text = String::new();
        for line in lines.iter().cycle() {
            text.push_str(line);
            text.push('\n');
            if text.len() >= kilobytes * 1024 {
                break;
            }
        }
        Article { text, ..articles[0].clone() }
    }

    #[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
    fn extractor(bencher: Bencher, kilobytes: usize) {
        let article = article_of(kilobytes);
        bencher.counter(BytesCount::of_str(&article.text)).bench_local(|| extract(&article));
    }

    #[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
    fn phrases_alone(bencher: Bencher, kilobytes: usize) {
        let (article, phrases) = (article_of(kilobytes), phrases());
        bencher.counter(BytesCount::of_str(&article.text)).bench_local(|| phrases.find_iter(&article.text).count());
    }
}

/// What was read in how long.
struct Speed {
    articles: f64,
    megabytes: f64,
}

impl Speed {
    fn of(articles: usize, bytes: usize, time: Duration) -> Self {
        let seconds = time.as_secs_f64();
        Self { articles: articles as f64 / seconds, megabytes: bytes as f64 / 1e6 / seconds }
    }
}

/// The fastest of the rounds that two seconds hold, and of two at least: what disturbs a round makes it slower, never
/// faster.
fn fastest(round: impl Fn()) -> Duration {
    const SECONDS: u64 = 2;
    let all = Instant::now();
    let mut fastest = Duration::MAX;
    let mut rounds = 0;
    while rounds < 2 || all.elapsed().as_secs() < SECONDS {
        let started = Instant::now();
        round();
        fastest = fastest.min(started.elapsed());
        rounds += 1;
    }
    fastest
}

/// One table of everybody, where the extractor on one core is 1, and one of how speed goes with length.
fn side_by_side() {
    let articles = articles();
    let automaton = phrases();
    let speed = |cores: usize, each: &(dyn Fn(&Article) + Sync)| {
        Speed::of(articles.len(), bytes(&articles), fastest(|| on_cores(cores, &articles, each)))
    };
    let scan = |article: &Article| {
        black_box(automaton.find_iter(&article.title).count() + automaton.find_iter(&article.text).count());
    };
    let mut rows = Vec::new();
    for (name, each) in [
        ("the extractor", &extract as &(dyn Fn(&Article) + Sync)),
        ("its rules alone", &rules_alone),
        ("one pass of aho-corasick", &scan),
    ] {
        for cores in [1, cores()] {
            rows.push((name, cores, speed(cores, each)));
        }
    }
    rows.extend(recognizers().into_iter().map(|(cores, speed)| ("recognizers-text-suite, money", cores, speed)));

    let one = rows[0].2.megabytes;
    println!("\nThe {} articles of tests/gold/dev.jsonl, again and again", articles.len() / REPEATED);
    println!("{:<30} {:>5} {:>12} {:>9} {:>9}", "", "cores", "articles/s", "MB/s", "ratio");
    for (name, cores, speed) in &rows {
        let ratio = speed.megabytes / one;
        println!("{name:<30} {cores:>5} {:>12.1} {:>9.3} {ratio:>9.4}", speed.articles, speed.megabytes);
    }

    println!("\nOne article of so many kilobytes on one core, in MB/s");
    println!("{:>9} {:>15} {:>15} {:>15}", "KB", "the extractor", "its rules alone", "aho-corasick");
    for kilobytes in one_article_of_kilobytes::SIZES {
        let article = one_article_of_kilobytes::article_of(kilobytes);
        let speed =
            |each: &dyn Fn(&Article)| Speed::of(1, bytes(std::slice::from_ref(&article)), fastest(|| each(&article)));
        let [all, rules, scan] = [speed(&extract), speed(&rules_alone), speed(&scan)].map(|speed| speed.megabytes);
        println!("{kilobytes:>9} {all:>15.3} {rules:>15.3} {scan:>15.3}");
    }
}

/// What the script beside this file measures: cores and speed. It fails where there is nothing to compare with.
fn recognizers() -> Vec<(usize, Speed)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = Command::new("python3")
        .arg(root.join("benches/recognizers.py"))
        .arg(root.join("tests/gold/dev.jsonl"))
        .stderr(std::process::Stdio::inherit())
        .output();
    let output = match run {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => fail(&format!("benches/recognizers.py did not get through ({})", output.status)),
        Err(error) => fail(&format!("python3 cannot be run, which benches/recognizers.py needs: {error}")),
    };
    let mut speeds = Vec::new();
    for line in output.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [cores, articles, bytes, seconds, _] = fields[..] else { fail(&format!("no measurement: {line}")) };
        match (cores.parse(), articles.parse(), bytes.parse(), seconds.parse()) {
            (Ok(cores), Ok(articles), Ok(bytes), Ok(seconds)) => {
                speeds.push((cores, Speed::of(articles, bytes, Duration::from_secs_f64(seconds))));
            }
            _ => fail(&format!("no measurement: {line}")),
        }
    }
    speeds
}

fn fail(sentence: &str) -> ! {
    eprintln!("{sentence}");
    std::process::exit(1)
}
