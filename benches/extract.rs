//! How fast the extractor reads, beside the least that any extractor has to do: one pass over the text for the names
//! that it knows. `make bench` runs it.

use std::{hint::black_box, num::NonZero, thread};

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

fn main() {
    divan::main();
}

/// How often the labelled articles are read in one go.
const REPEATED: usize = 20;

fn articles() -> Vec<Article> {
    let lines = serde_json::Deserializer::from_str(include_str!("../tests/gold/dev.jsonl")).into_iter();
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

/// Every spelling of every company that ships with the program.
fn names() -> AhoCorasick {
    let companies = Registry::shipped().companies().iter();
    let spellings = companies.flat_map(|company| {
        std::iter::once(&company.name).chain(&company.aliases).chain(&company.everyday).chain(&company.nicknames)
    });
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(spellings).expect("spellings make an automaton")
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

mod articles_on_one_core {
    use super::{Bencher, bench_articles, black_box, extract, names};

    #[divan::bench(sample_count = 10)]
    fn extractor(bencher: Bencher) {
        bench_articles(bencher, 1, extract);
    }

    #[divan::bench(sample_count = 10)]
    fn names_alone(bencher: Bencher) {
        let names = names();
        bench_articles(bencher, 1, |article| {
            black_box(names.find_iter(&article.text).count());
        });
    }
}

mod articles_on_all_cores {
    use super::{Bencher, bench_articles, black_box, cores, extract, names};

    #[divan::bench(sample_count = 10)]
    fn extractor(bencher: Bencher) {
        bench_articles(bencher, cores(), extract);
    }

    #[divan::bench(sample_count = 10)]
    fn names_alone(bencher: Bencher) {
        let names = names();
        bench_articles(bencher, cores(), |article| {
            black_box(names.find_iter(&article.text).count());
        });
    }
}

/// One article of so many kilobytes: its bytes a second stay what they are where the time is linear.
mod one_article_of_kilobytes {
    use super::{Article, Bencher, BytesCount, articles, extract, names};

    const SIZES: [usize; 5] = [1, 10, 100, 1_000, 10_000];

    fn article_of(kilobytes: usize) -> Article {
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
    fn names_alone(bencher: Bencher, kilobytes: usize) {
        let (article, names) = (article_of(kilobytes), names());
        bencher.counter(BytesCount::of_str(&article.text)).bench_local(|| names.find_iter(&article.text).count());
    }
}
