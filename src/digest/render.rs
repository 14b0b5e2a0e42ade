//! What a subscriber reads of an issue, as a mail: subject, text and HTML from templates of their own, the chart beside them.
//!
//! A rendered mail is the same for all who have the same filter; only the links to preferences and to leaving differ, and
//! stand as [`MANAGE`] and [`LEAVE`] until somebody's are put in their place.

use askama::Template;
use css_inline::{CSSInliner, InlineOptions};
use url::Url;

use super::chart;
use crate::{
    ledger::{
        diff::{Change, changes},
        issue::{Correction, Entry, News, Sum, View},
    },
    model::{Cadence, Deal, Status},
    web::{
        figure::Figure,
        filter::Filter,
        format,
        row::{self, deal_path},
    },
};

/// Stands for the link to somebody's preferences.
pub const MANAGE: &str = "@@MANAGE@@";
/// Stands for the link with which somebody leaves.
pub const LEAVE: &str = "@@LEAVE@@";
/// By which name the HTML calls the chart.
pub const CHART: &str = "chart";

/// How many deals of one kind of news a mail lists, and how many in all; the page has them all. Some programs cut a mail off
/// at a hundred kilobytes.
const MOST_OF_A_SECTION: usize = 24;
const MOST: usize = 48;

/// A mail without its address.
#[derive(Debug, Clone)]
pub struct Body {
    /// The subject, in one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML, its styles inlined.
    pub html: String,
    /// The chart.
    pub image: Option<Vec<u8>>,
}

impl Body {
    /// The same with somebody's links.
    #[must_use]
    pub fn addressed(&self, manage: &str, leave: &str) -> Self {
        let put = |text: &str| text.replace(MANAGE, manage).replace(LEAVE, leave);
        Self { text: put(&self.text), html: put(&self.html), ..self.clone() }
    }
}

/// A deal as a mail lists it.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it is.
    pub href: String,
    /// What it is.
    pub headline: String,
    /// Its sum.
    pub amount: Option<String>,
    /// Its power.
    pub power: Option<String>,
    /// How far it has come, drawn and in words.
    pub mark: String,
    /// Whether it is struck through.
    pub is_off: bool,
    /// What for, where, since when.
    pub about: String,
    /// What changed: the field, what stood there, what stands there now.
    pub changes: Vec<Change>,
}

/// The deals of one kind of news.
#[derive(Debug, Clone)]
pub struct Section {
    /// What they have in common.
    pub title: &'static str,
    /// Those that are listed.
    pub lines: Vec<Line>,
    /// How many more there are.
    pub more: usize,
}

#[derive(Template)]
#[template(path = "mail/issue.html")]
struct Html<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "mail/issue.txt")]
struct Text<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "mail/issue_subject.txt")]
struct Subject<'a> {
    words: &'a Words,
}

/// What both parts say.
struct Words {
    site: String,
    page: String,
    title: String,
    days: String,
    span: &'static str,
    /// What of the ledger it is about; `None`: all of it.
    about: Option<String>,
    lead: Option<String>,
    new: usize,
    changed: usize,
    sum: Sum,
    before: Option<Sum>,
    sections: Vec<Section>,
    pairs: Vec<(String, String)>,
    chart: Option<String>,
}

impl Words {
    fn is_quiet(&self) -> bool {
        self.sections.is_empty()
    }

    fn committed(&self) -> Option<String> {
        (!self.sum.committed.is_zero()).then(|| format::usd(self.sum.committed))
    }

    fn new_deals(&self) -> String {
        plural(self.new, "new deal", "new deals")
    }

    fn changes(&self) -> String {
        plural(self.changed, "change", "changes")
    }
}

fn plural(n: usize, one: &str, many: &str) -> String {
    format::plural(i64::try_from(n).unwrap_or(i64::MAX), one, many)
}

/// A sum in words: `9 deals, $92B committed, 6.1 GW`.
pub fn sum_in_words(sum: &Sum) -> String {
    let mut words = vec![plural(sum.deals, "deal", "deals")];
    if sum.disclosed > 0 {
        words.push(format!("{} committed", format::usd(sum.committed)));
    }
    if !sum.potential.is_zero() {
        words.push(format!("{} more if conditions are met", format::usd(sum.potential)));
    }
    if !sum.mw.is_zero() {
        words.push(format::megawatts(sum.mw));
    }
    words.join(", ")
}

/// What a kind of news is called.
pub fn section_title(news: News) -> &'static str {
    match news {
        News::New => "New deals",
        News::Advanced => "Came further",
        News::Changed => "Changed figures",
        News::Cancelled => "Called off",
        News::Rumoured => "New rumors, not in the totals",
        News::Quiet => "Gone quiet",
        News::Corrected => "Corrected by an editor",
        News::Removed => "No longer in the ledger",
    }
}

/// What a filter asks for, in words; `None`: everything. `query` is as an address has it.
pub fn filter_in_words(query: &str) -> Option<String> {
    let chips: Vec<String> = Filter::parse(query).chips().into_iter().map(|chip| chip.label).collect();
    (!chips.is_empty()).then(|| chips.join(", "))
}

/// A view as a mail. `site` is what links begin with, `query` the subscriber's filter.
///
/// # Errors
/// Where a template cannot be filled.
pub fn issue(view: &View<'_>, query: &str, site: &Url) -> anyhow::Result<Body> {
    let site = site.as_str().trim_end_matches('/').to_owned();
    let drawn = chart::draw(view);
    let period = view.issue.period;
    let new = view.sum.deals;
    let words = Words {
        page: format!("{site}/digest/{}", period.name()),
        title: period.title(),
        days: period.days_in_words(),
        span: match period.cadence {
            Cadence::Weekly => "week",
            Cadence::Daily => "day",
            Cadence::Instant => "hour",
        },
        about: filter_in_words(query),
        lead: view.entries.first().map(|entry| entry.record.headline.clone()),
        new,
        changed: view.entries.len() - new,
        sum: view.sum,
        before: view.before.last().map(|(_, sum)| *sum),
        sections: sections(&view.entries, &site),
        pairs: view
            .pairs
            .iter()
            .map(|pair| (format!("{} → {}", pair.payer.1, pair.payee.1), format::usd(pair.committed)))
            .collect(),
        chart: drawn.as_ref().map(|(_, told)| told.clone()),
        site,
    };
    let html = Html { words: &words }.render()?;
    let subject = Subject { words: &words }.render()?;
    Ok(Body {
        subject: one_line(&subject),
        text: unwrapped(&Text { words: &words }.render()?),
        html: inlined(&html)?,
        image: drawn.map(|(image, _)| image),
    })
}

/// All deals of a view, in its order, as letters list them.
pub fn lines(view: &View<'_>, site: &Url) -> Vec<Line> {
    let site = site.as_str().trim_end_matches('/');
    view.entries.iter().map(|entry| line(entry, site)).collect()
}

/// The deals of an issue by kind of news, as many as a mail lists.
fn sections(entries: &[&Entry], site: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut left = MOST;
    for of_a_kind in entries.chunk_by(|a, b| a.news == b.news) {
        let listed = of_a_kind.len().min(MOST_OF_A_SECTION).min(left.max(1));
        left = left.saturating_sub(listed);
        sections.push(Section {
            title: section_title(of_a_kind[0].news),
            lines: of_a_kind[..listed].iter().map(|entry| line(entry, site)).collect(),
            more: of_a_kind.len() - listed,
        });
    }
    sections
}

fn line(entry: &Entry, site: &str) -> Line {
    let deal = &entry.record;
    let quiet = deal.last_news.filter(|_| entry.news == News::Quiet);
    let mut about = format::capitalised(&row::what(deal));
    if let Some(last) = quiet {
        about = format!("{about}. No news since {}.", format::day(last));
    }
    Line {
        href: format!("{site}{}", deal_path(entry.deal, &entry.slug)),
        headline: deal.headline.clone(),
        amount: Figure::of_deal(deal).map(|figure| figure.text()),
        power: deal.mw.map(|power| format::megawatts(power.get())),
        mark: mark(deal.status),
        is_off: matches!(entry.news, News::Cancelled | News::Removed),
        about,
        changes: entry.before.as_ref().map(|before| changed(before, deal)).unwrap_or_default(),
    }
}

/// What a reader is told of the way from one record to another.
pub fn changed(before: &Deal, after: &Deal) -> Vec<Change> {
    let figure = |deal: &Deal| Figure::of_deal(deal).map_or("undisclosed".to_owned(), |figure| figure.text());
    let power = |deal: &Deal| deal.mw.map_or("undisclosed".to_owned(), |power| format::megawatts(power.get()));
    let told = ["kind", "status", "parties", "places", "duration", "announced"];
    let mut all: Vec<Change> =
        changes(Some(before), after).into_iter().filter(|change| told.contains(&change.field.as_str())).collect();
    for (field, words) in [("amount", &figure as &dyn Fn(&Deal) -> String), ("power", &power)] {
        let (from, to) = (words(before), words(after));
        if from != to {
            all.push(Change { field: field.to_owned(), from, to });
        }
    }
    all
}

/// The rungs of the ladder that a deal has reached, drawn and in words.
fn mark(status: Status) -> String {
    let drawn = match status {
        Status::Rumored => "□□□□",
        Status::Announced => "■■□□",
        Status::Signed => "■■■□",
        Status::Completed => "■■■■",
        Status::Cancelled => "✕",
    };
    format!("{drawn}\u{a0}{status}")
}

/// A correction as a mail lists it.
pub fn correction_line(correction: &Correction, site: &str) -> Line {
    let deal = correction.now.as_ref().unwrap_or(&correction.was);
    let mut changes = correction.now.as_ref().map(|now| changed(&correction.was, now)).unwrap_or_default();
    if correction.now.is_none() {
        let from = Figure::of_deal(&correction.was).map_or("in the ledger".to_owned(), |figure| figure.text());
        changes.push(Change {
            field: "deal".to_owned(),
            from,
            to: "withdrawn: it should not have been listed".to_owned(),
        });
    }
    Line {
        href: format!("{site}{}", deal_path(correction.deal, &correction.slug)),
        headline: deal.headline.clone(),
        amount: Figure::of_deal(deal).map(|figure| figure.text()),
        power: deal.mw.map(|power| format::megawatts(power.get())),
        mark: mark(deal.status),
        is_off: correction.now.is_none(),
        about: format::capitalised(&row::what(deal)),
        changes,
    }
}

/// HTML with its styles on the elements, as mail programs want them; what depends on the screen stays in the head.
pub(super) fn inlined(html: &str) -> anyhow::Result<String> {
    let options = InlineOptions { keep_at_rules: true, load_remote_stylesheets: false, ..InlineOptions::default() };
    Ok(CSSInliner::new(options).inline(html)?)
}

/// A text in one line, without white space around it.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text without white space at the ends of lines and with at most one empty line in a row.
pub(super) fn unwrapped(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    while lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}
