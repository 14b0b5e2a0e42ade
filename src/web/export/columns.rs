//! The columns of the tables that leave the ledger, each with what it holds.

use chrono::{DateTime, SecondsFormat, Utc};
use rust_decimal::Decimal;

use crate::{
    db::{article_list::ListedArticle, company_list::Listed, source_list::SourceHealth, timeline::ListedDeal},
    model::{Direction, Megawatts, places::countries},
    web::{
        App,
        api::shapes::{Deal, article_url, money, publisher},
        row::company_path,
    },
};

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// The type of its values, as Frictionless Table Schema names it.
    pub kind: &'static str,
    /// What it holds, and in which unit.
    pub description: &'static str,
}

const fn column(name: &'static str, kind: &'static str, description: &'static str) -> Column {
    Column { name, kind, description }
}

/// The table of deals.
pub const DEALS: [Column; 22] = [
    column("id", "string", "The deal's id, for good"),
    column("url", "string", "Its page, with the sentence behind every figure"),
    column("headline", "string", "What it is, in the ledger's words"),
    column(
        "kind",
        "string",
        "What is transacted: compute, chips, equity, debt, acquisition, joint_venture, build, land, power, lease, ipo or partnership",
    ),
    column("status", "string", "How far it has come: rumored, announced, signed, completed or cancelled"),
    column("day", "date", "The day of the announcement, else the day on which the earliest article appeared"),
    column("announced_on", "date", "The day of the announcement, where a source tells it"),
    column("payers", "string", "Who pays, separated by semicolons"),
    column("payees", "string", "Who is paid, separated by semicolons"),
    column("parties", "string", "All parties as slug:role, separated by semicolons"),
    column("committed_usd", "number", "The firm part in US dollars; empty where no source discloses it"),
    column("potential_usd", "number", "The contingent part in US dollars; ceilings count here"),
    column("amounts", "string", "The sums in the currency in which they were told, separated by semicolons"),
    column("capacity_mw", "number", "The electric power in megawatts"),
    column("duration_months", "integer", "How long it runs, in months"),
    column("places", "string", "Where, as the sources name it, separated by semicolons"),
    column("countries", "string", "The countries of these places, ISO 3166-1, separated by semicolons"),
    column("publishers", "integer", "How many publishers report it; copies of one count once"),
    column("articles", "integer", "How many articles report it"),
    column("part_of", "string", "The id of the deal in which it is contained: the two are never to be added"),
    column("first_seen", "datetime", "When the earliest article appeared, UTC"),
    column("updated", "datetime", "When the record last changed, UTC"),
];

/// A deal's row in that table.
pub fn deal(listed: &ListedDeal, shape: &Deal) -> [String; 22] {
    let record = &listed.deal;
    let names = |side| record.side(side).map(|party| party.name.as_str()).collect::<Vec<_>>().join("; ");
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        shape.id.to_string(),
        shape.url.clone(),
        shape.headline.clone(),
        shape.kind.to_string(),
        shape.status.to_string(),
        record.day().to_string(),
        record.announced_on.map(|day| day.to_string()).unwrap_or_default(),
        names(Direction::Payer),
        names(Direction::Payee),
        shape.parties.iter().map(|party| format!("{}:{}", party.slug, party.role)).collect::<Vec<_>>().join("; "),
        text(&shape.committed_usd),
        text(&shape.potential_usd),
        record.amounts.iter().map(|amount| amount.figure.to_string()).collect::<Vec<_>>().join("; "),
        record.mw.map(Megawatts::get).map(money).unwrap_or_default(),
        record.duration_months.map(|months| months.to_string()).unwrap_or_default(),
        record.places.join("; "),
        countries(&record.places).join("; "),
        shape.publishers.to_string(),
        shape.articles.to_string(),
        shape.part_of.map(|id| id.to_string()).unwrap_or_default(),
        time(shape.first_seen),
        time(shape.updated),
    ]
}

/// The table of parties, for those who join.
pub const PARTIES: [Column; 6] = [
    column("deal", "string", "The deal's id"),
    column("company", "string", "The company's slug"),
    column("name", "string", "Its name"),
    column("role", "string", "What it does in the deal"),
    column("direction", "string", "payer or payee; empty for a role without money"),
    column("committed_usd", "number", "Its share of the firm part in US dollars"),
];

/// The rows of a deal's parties in that table.
pub fn parties(listed: &ListedDeal) -> impl Iterator<Item = [String; 6]> {
    listed.deal.parties.iter().map(|party| {
        let flow = party.flow.as_ref();
        [
            listed.id.to_string(),
            party.company.to_string(),
            party.name.clone(),
            party.role.to_string(),
            flow.map(|flow| flow.direction.to_string()).unwrap_or_default(),
            flow.and_then(|flow| flow.committed_usd).map(money).unwrap_or_default(),
        ]
    })
}

/// The table of companies.
pub const COMPANIES: [Column; 14] = [
    column("slug", "string", "The company's name in its address"),
    column("url", "string", "Its page"),
    column("name", "string", "Its name"),
    column("category", "string", "What it mainly does"),
    column("country", "string", "ISO 3166-1, where it is known"),
    column("parent", "string", "The slug of its present owner"),
    column("pays_committed_usd", "number", "Its share of the firm US dollars that it pays, each counted once"),
    column("pays_potential_usd", "number", "Its share of the contingent US dollars that it pays"),
    column("pays_mw", "number", "The megawatts of the deals in which it pays"),
    column("pays_deals", "integer", "In how many deals it pays"),
    column("paid_committed_usd", "number", "Its share of the firm US dollars that it is paid"),
    column("paid_potential_usd", "number", "Its share of the contingent US dollars that it is paid"),
    column("paid_mw", "number", "The megawatts of the deals in which it is paid"),
    column("paid_deals", "integer", "In how many deals it is paid"),
];

/// A company's row in that table.
pub fn company(app: &App, listed: &Listed) -> [String; 14] {
    let (pays, paid) = (listed.as_payer(), listed.as_payee());
    [
        listed.slug.clone(),
        app.link(&company_path(&listed.slug)),
        listed.name.clone(),
        listed.category.clone(),
        listed.country.clone().unwrap_or_default(),
        listed.parent.clone().unwrap_or_default(),
        money(pays.committed),
        money(pays.potential),
        money(pays.mw),
        pays.deals.to_string(),
        money(paid.committed),
        money(paid.potential),
        money(paid.mw),
        paid.deals.to_string(),
    ]
}

/// The table of articles; of what they say it holds the headline only.
pub const ARTICLES: [Column; 7] = [
    column("id", "string", "The article's id"),
    column("url", "string", "Where it stands"),
    column("title", "string", "Its headline"),
    column("publisher", "string", "Who published it"),
    column("rank", "string", "How far it is trusted: primary, trade, press or aggregator"),
    column("published", "datetime", "When it appeared, UTC"),
    column("deals", "string", "The ids of the deals that were found in it, separated by semicolons"),
];

/// An article's row in that table.
pub fn article(app: &App, listed: &ListedArticle) -> [String; 7] {
    let article = &listed.article;
    [
        article.id.to_string(),
        article_url(app, article.id, article.url.as_deref()),
        article.title.clone(),
        publisher(article),
        article.rank.to_string(),
        time(article.published),
        listed.deals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    ]
}

/// The table of sources.
pub const SOURCES: [Column; 14] = [
    column("url", "string", "The feed's address"),
    column("title", "string", "Its name"),
    column("rank", "string", "How far it is trusted: primary, trade, press or aggregator"),
    column("rights_note", "string", "What its rights allow"),
    column("active", "boolean", "Whether it is watched"),
    column("last_fetch", "datetime", "When it was last asked, UTC"),
    column("last_success", "datetime", "When it last answered, UTC"),
    column("last_error", "string", "What went wrong the last time"),
    column("failures", "integer", "How many times in a row it has failed"),
    column("articles", "integer", "How many articles came from it"),
    column("deals", "integer", "How many deals rest on them"),
    column("articles_a_week", "integer", "How many articles came in the last seven days"),
    column("deals_a_week", "integer", "How many deals rest on those"),
    column("delay_minutes", "number", "How many minutes its articles take to be here, on average"),
];

/// A source's row in that table.
pub fn source(source: &SourceHealth) -> [String; 14] {
    let at = |moment: Option<DateTime<Utc>>| moment.map(time).unwrap_or_default();
    [
        source.url.clone(),
        source.title.clone(),
        source.rank.clone(),
        source.rights_note.clone().unwrap_or_default(),
        source.active.to_string(),
        at(source.last_fetch_at),
        at(source.last_success_at),
        source.last_error.clone().unwrap_or_default(),
        source.failures.to_string(),
        source.articles.to_string(),
        source.deals.to_string(),
        source.articles_a_week.to_string(),
        source.deals_a_week.to_string(),
        source.delay_minutes.map(|minutes| format!("{minutes:.0}")).unwrap_or_default(),
    ]
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The names of some columns.
pub fn header(columns: &[Column]) -> Vec<u8> {
    rows([columns.iter().map(|column| column.name.to_owned())])
}

/// Rows as CSV (RFC 4180), each cell safe to be opened in a spreadsheet.
pub fn rows<R: IntoIterator<Item = String>>(rows: impl IntoIterator<Item = R>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        // Writing to memory does not fail, and every row of a table is as long as the others.
        let _ = writer.write_record(row.into_iter().map(safe));
    }
    writer.into_inner().unwrap_or_default()
}

/// A cell that no spreadsheet takes for a formula: what would begin one is preceded by an apostrophe. A number is none.
fn safe(cell: String) -> String {
    let begins = cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
        || cell.starts_with(['\t', '\r', '\n']);
    if begins && cell.parse::<Decimal>().is_err() { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_a_formula_is_text() {
        for cell in ["=1+1", "+SUM(A1)", "-2+3", "@x", "\t=1", " =1", "＝1"] {
            assert!(safe(cell.to_owned()).starts_with('\''), "{cell}");
        }
        for cell in ["-5.5", "8200000000", "Northwind", "", "a=b"] {
            assert_eq!(safe(cell.to_owned()), cell);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(cells in prop::collection::vec("[ -~\r\n\té€]{0,20}", 2..5)) {
            let written = rows([cells.clone()]);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&written[..]);
            let read: Vec<String> = reader.records().next().expect("a row").expect("it is read").iter().map(ToOwned::to_owned).collect();
            let safe: Vec<String> = cells.into_iter().map(safe).collect();
            prop_assert_eq!(read, safe);
        }
    }
}
