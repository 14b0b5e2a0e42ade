//! Where a claim stands, as a page cites it; and how a page is cited itself.

use super::{
    format,
    quote::{Piece, pieces},
};
use crate::{
    db::deal_page::{Cited, Told},
    model::{Claim, Rank},
};

/// A source with its link.
#[derive(Debug, Clone)]
pub struct Source {
    /// Who published it.
    pub publisher: String,
    /// Where it is; `None` where it has no address that can be linked.
    pub href: Option<String>,
    /// How far it is trusted, in words.
    pub rank: &'static str,
}

/// A claim's quotes with their source.
#[derive(Debug, Clone)]
pub struct Quotes {
    /// The claim, as an anchor names it.
    pub anchor: String,
    /// Its page here.
    pub article: String,
    /// The source; of a summary, the one that it mainly rests on.
    pub source: Source,
    /// Whether it is Wattline's own summary, and no quote of anybody.
    pub is_summary: bool,
    /// The other sources of a summary.
    pub others: Vec<Source>,
    /// The day on which it appeared.
    pub published: chrono::NaiveDate,
    /// The sentences, the figures in them marked.
    pub sentences: Vec<Vec<Piece>>,
}

impl Quotes {
    /// The quotes of a claim.
    pub fn of(told: &Told) -> Self {
        let article = &told.article;
        let main = main_source(article);
        let others = article
            .summary_of
            .iter()
            .filter(|source| source.url != main.href.as_deref().unwrap_or_default())
            .map(|source| Source {
                publisher: source.publisher.clone(),
                href: linked(&source.url),
                rank: rank_label(source.rank),
            })
            .collect();
        Self {
            anchor: anchor(told.id),
            article: article_path(article.id),
            source: main,
            is_summary: article.is_summary,
            others,
            published: article.published.date_naive(),
            sentences: sentences(&told.claim),
        }
    }
}

/// The article that stands behind a claim, with its link; one without an address is cited here.
pub fn main_source(article: &Cited) -> Source {
    let href = article.url.as_deref().and_then(linked).unwrap_or_else(|| article_path(article.id));
    Source { publisher: article.publisher.clone(), href: Some(href), rank: rank_label(article.rank) }
}

/// The claim's sentences with its figures marked.
pub fn sentences(claim: &Claim) -> Vec<Vec<Piece>> {
    claim.evidence.iter().map(|evidence| pieces(&evidence.text, claim)).collect()
}

/// A claim's anchor in the page of its deal.
pub fn anchor(claim: uuid::Uuid) -> String {
    format!("c-{}", claim.simple())
}

/// Where an article is cited.
pub fn article_path(article: uuid::Uuid) -> String {
    format!("/articles/{article}")
}

/// An address that may be linked: one of the web, and no script in disguise.
pub fn linked(url: &str) -> Option<String> {
    (url.starts_with("https://") || url.starts_with("http://")).then(|| url.to_owned())
}

/// A rank in words.
pub fn rank_label(rank: Rank) -> &'static str {
    match rank {
        Rank::Primary => "primary source",
        Rank::Trade => "trade press",
        Rank::Press => "press",
        Rank::Aggregator => "aggregator",
    }
}

/// How a deal's page is cited.
#[derive(Debug, Clone)]
pub struct CiteThis {
    /// In one line.
    pub plain: String,
    /// As a BibTeX entry.
    pub bibtex: String,
    /// As a RIS record.
    pub ris: String,
    /// As the template of Wikipedia's footnotes.
    pub wikipedia: String,
}

impl CiteThis {
    /// The citation of a page with its title, lasting address, last change and the day on which it is read.
    pub fn of(title: &str, url: &str, updated: chrono::NaiveDate, today: chrono::NaiveDate) -> Self {
        let plain = format!(
            "“{title}.” Wattline, a ledger of AI-infrastructure deals. Last changed {}. {url} (read {}).",
            format::day(updated),
            format::day(today)
        );
        let id: String =
            url.rsplit('/').nth(1).unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).take(13).collect();
        let ris = format!(
            "TY  - DATA\r\nTI  - {}\r\nAU  - Wattline\r\nPY  - {}\r\nDA  - {}\r\nUR  - {url}\r\nN1  - Last changed {updated}, read {today}\r\nER  - \r\n",
            title.replace(['\r', '\n'], " "),
            updated.format("%Y"),
            updated.format("%Y/%m/%d"),
        );
        // What a template reads as its own is written as a letter.
        let wiki = title.replace('|', "&#124;").replace("{{", "&#123;&#123;").replace("}}", "&#125;&#125;");
        let wiki = wiki.replace('[', "&#91;").replace(']', "&#93;").replace('<', "&lt;");
        let wikipedia = format!(
            "{{{{cite web |title={wiki} |url={url} |website=Wattline |date={} |access-date={}}}}}",
            format::day(updated),
            format::day(today)
        );
        // What BibTeX reads as a command is taken out of the title.
        let title: String =
            title.chars().map(|letter| if "{}\\%&#$_^~".contains(letter) { ' ' } else { letter }).collect();
        let bibtex = format!(
            "@misc{{wattline-{id},\n  title = {{{title}}},\n  author = {{{{Wattline}}}},\n  year = {{{}}},\n  url = {{{url}}},\n  note = {{Last changed {updated}, read {today}}}\n}}",
            updated.format("%Y")
        );
        Self { plain, bibtex, ris, wikipedia }
    }
}
