//! `/deals/{id}/{slug}`: the record of a deal and the sentences that it rests on.

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{
    App,
    citation::{CiteThis, Quotes, anchor, main_source, rank_label},
    diagram::Diagram,
    error::WebError,
    figure::{Bar, Figure, StatusMark},
    filter::Filter,
    format,
    frame::{Frame, Section, page},
    json_ld::json_ld,
    row::{DealRow, Name, Parties, deal_path, what},
};
use crate::{
    db::{
        deal_page::{self, DealRecord, Lookup, Revision, Told},
        density, history,
    },
    ledger::{
        density::{Place, Usual, per_megawatt as density_of},
        diff::Change,
        quiet::quiet_since,
    },
    model::{Account, Amount, Bond, Certainty, Currency, Deal, Qualifier, Rate, Slug, Standing, Status, Value},
};

#[derive(Template)]
#[template(path = "deal.html")]
struct DealPage {
    frame: Frame,
    deal: Deal,
    day: NaiveDate,
    parties: Parties,
    what: String,
    amounts: Vec<Anchored>,
    bar: Option<Bar>,
    diagram: Option<Diagram>,
    /// The day whose record is shown, where that is a past one, and the address of the present.
    as_of: Option<(String, String)>,
    capacity: Vec<Anchored>,
    density: Option<Density>,
    /// What the sums come to by the least and the most that a source gives.
    range: Option<(Figure, Figure)>,
    mark: StatusMark,
    /// Whether nothing that binds has followed a letter of intent.
    letter: bool,
    quiet: Option<NaiveDate>,
    umbrella: Option<Above>,
    parts: Vec<DealRow>,
    rungs: Vec<Rung>,
    members: Vec<Member>,
    facts: Vec<(&'static str, String)>,
    views: Vec<View>,
    quotes: Vec<Quotes>,
    revisions: Vec<ShownRevision>,
    related: Vec<DealRow>,
    cite: CiteThis,
    /// The citation's other forms, with where they are.
    cite_files: Vec<(&'static str, String)>,
    json_ld: String,
}

/// Dollars for a megawatt, beside what is usual.
struct Density {
    each: Figure,
    /// Where it is out of line: in words, and the median.
    out_of_line: Option<(&'static str, Figure, i64)>,
}

/// The deal that this one belongs to.
struct Above {
    href: String,
    headline: String,
    bond: &'static str,
    reasons: String,
}

/// A figure that leads to the claim it was read from.
struct Anchored {
    figure: Figure,
    /// The claim; `None` where an editor says so.
    anchor: Option<String>,
    note: String,
    part: bool,
}

/// A stage on the rail.
struct Rung {
    name: &'static str,
    reached: Option<Reached>,
    now: bool,
    passed: bool,
}

/// When a stage was reached, and by which claim.
struct Reached {
    on: NaiveDate,
    /// The claim; `None` where an editor says so.
    anchor: Option<String>,
    /// Who says so.
    by: String,
    /// In which words.
    quote: String,
    /// Whether it was no more than a letter of intent.
    letter: bool,
}

/// A party with its share.
struct Member {
    name: Name,
    share: Option<Figure>,
}

/// What one source says, beside the others.
struct View {
    publisher: String,
    anchor: String,
    published: NaiveDate,
    rank: &'static str,
    dollars: Option<(Figure, &'static str)>,
    power: Option<(Figure, &'static str)>,
    chosen: bool,
}

/// A change as the page tells it.
struct ShownRevision {
    recorded_at: DateTime<Utc>,
    recorded_on: NaiveDate,
    happened_on: NaiveDate,
    /// Whether it was written down on another day than it happened.
    late: bool,
    /// Whether it is the one that brought the deal in.
    entered: bool,
    changes: Vec<Change>,
    claim: Option<String>,
    cause: &'static str,
}

impl ShownRevision {
    fn of(revision: Revision, told: &[Told]) -> Self {
        let entered = revision.changes.iter().any(|change| change.field == "kind" && change.from.is_empty());
        let cause = match revision.cause.as_str() {
            "editor" => "by an editor",
            "claim" => "by a source that has been read anew since",
            _ => "by a changed rule",
        };
        Self {
            late: revision.happened_on != revision.recorded_at.date_naive(),
            claim: revision.claim.filter(|claim| told.iter().any(|told| told.id == *claim)).map(anchor),
            recorded_at: revision.recorded_at,
            recorded_on: revision.recorded_at.date_naive(),
            happened_on: revision.happened_on,
            changes: revision.changes,
            entered,
            cause,
        }
    }
}

/// `GET /deals/{id}`
pub async fn get_short(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    show(&app, &id, None, query.as_deref()).await
}

/// `GET /deals/{id}/{slug}`
pub async fn get(
    State(app): State<App>,
    Path((id, slug)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    show(&app, &id, Some(&slug), query.as_deref()).await
}

async fn show(app: &App, id: &str, slug: Option<&str>, query: Option<&str>) -> Result<Response, WebError> {
    let missing = || {
        WebError::not_found(
            "No deal has this address. It may have been mistyped; a deal that was merged would lead on.",
        )
    };
    let id = Uuid::parse_str(id).map_err(|_| missing())?;
    let mut db = app.db().await?;
    let record = match deal_page::find(&mut db, id).await? {
        Lookup::Missing => return Err(missing()),
        Lookup::Moved(id, slug) => {
            return Ok(Redirect::permanent(&with_query(&deal_path(id, &slug), query)).into_response());
        }
        Lookup::Deal(record) if slug != Some(record.listed.slug.as_str()) => {
            let right = with_query(&deal_path(id, &record.listed.slug), query);
            return Ok(Redirect::permanent(&right).into_response());
        }
        Lookup::Deal(record) => record,
    };
    let mut record = record;
    let mut told = deal_page::claims(&mut db, id).await?;
    let mut revisions = deal_page::revisions(&mut db, id).await?;
    let filter = Filter::parse(query.unwrap_or_default());
    if let Some(problem) = filter.problem("as_of") {
        return Err(WebError::Invalid(problem.to_owned()));
    }
    if let Some(at) = filter.deals.as_of {
        let Some(past) = history::deal(&mut db, id, at).await? else {
            let sentence = format!(
                "The ledger did not know this deal on {}. It entered on {}.",
                format::day(at.date_naive()),
                format::day(record.listed.deal.first_seen.date_naive())
            );
            return Err(WebError::not_found(sentence));
        };
        record.listed.deal = past;
        told.retain(|told| told.article.published <= at);
        revisions.retain(|revision| revision.happened_on <= at.date_naive());
    }
    let usual = density::usual(&mut db, record.listed.deal.kind).await?;
    let under = deal_page::under(&mut db, id, 50).await?;
    let parts: Vec<DealRow> = under.iter().map(|listed| DealRow::new(listed).dated()).collect();
    let related = deal_page::related(&mut db, id, record.listed.deal.day(), 8).await?;
    let above = record.listed.deal.umbrella.as_ref().map(|over| over.deal);
    let shown: Vec<Uuid> = under.iter().map(|listed| listed.id).chain(above).collect();
    let related = related.iter().filter(|listed| !shown.contains(&listed.id));
    let around = Around { usual, parts, related: related.map(|listed| DealRow::new(listed).dated()).collect() };
    let as_of = filter.deals.as_of.map(|at| at.date_naive());
    let today = as_of.unwrap_or_else(|| Utc::now().date_naive());
    let mut shown = DealPage::new(app, *record, &told, revisions, around, today)?;
    shown.as_of = as_of.map(|day| (format::day(day), deal_path(id, slug.unwrap_or_default())));
    page(&shown)
}

/// A path with the query that it was asked for with.
fn with_query(path: &str, query: Option<&str>) -> String {
    query.filter(|query| !query.is_empty()).map_or(path.to_owned(), |query| format!("{path}?{query}"))
}

/// What is shown of other deals beside one.
struct Around {
    usual: Option<Usual>,
    parts: Vec<DealRow>,
    related: Vec<DealRow>,
}

impl DealPage {
    fn new(
        app: &App,
        record: DealRecord,
        told: &[Told],
        revisions: Vec<Revision>,
        around: Around,
        today: NaiveDate,
    ) -> Result<Self, WebError> {
        let deal = record.listed.deal;
        let path = deal_path(record.listed.id, &record.listed.slug);
        let is_told = |claim: Uuid| told.iter().any(|told| told.id == claim).then(|| anchor(claim));
        let amounts: Vec<Anchored> =
            deal.amounts.iter().map(|amount| anchored_amount(amount, is_told(amount.claim))).collect();
        let capacity: Vec<Anchored> = deal
            .capacity
            .iter()
            .map(|power| Anchored {
                figure: Figure::capacity(&power.figure),
                anchor: is_told(power.claim),
                note: String::new(),
                part: power.figure.part,
            })
            .collect();
        let figures = [Figure::of_deal(&deal).map(|f| f.text()), deal.mw.map(|mw| format::megawatts(mw.get()))];
        let summary = std::iter::once(deal.headline.clone())
            .chain(figures.into_iter().flatten())
            .chain([deal.status.to_string()])
            .collect::<Vec<_>>()
            .join(", ");
        let description = format!("{summary}. Reported by {}.", publishers(&deal));
        Ok(Self {
            frame: Frame::new(Section::Timeline, summary.clone())
                .describe(description)
                .at(app, &path)
                .pictured(app, &format!("/og/deals/{}.png", record.listed.id)),
            day: deal.day(),
            parties: Parties::of(&deal, 6),
            what: format::capitalised(&what(&deal)),
            bar: Bar::divided(&deal),
            diagram: Diagram::of(&deal),
            as_of: None,
            density: per_megawatt(&deal, around.usual),
            range: deal.disputed_usd().map(|(low, high)| (Figure::usd(low), Figure::usd(high))),
            mark: StatusMark::new(deal.status).quiet(quiet_since(&deal, today, app.patience).is_some()),
            letter: deal.is_letter_of_intent(),
            quiet: quiet_since(&deal, today, app.patience),
            umbrella: above(&deal),
            parts: around.parts,
            rungs: rungs(&deal, told),
            members: members(&deal),
            facts: facts(&deal),
            views: views(&deal, told),
            quotes: told.iter().map(Quotes::of).collect(),
            cite: CiteThis::of(&summary, &app.link(&path), record.updated_at.date_naive(), today),
            cite_files: [("BibTeX", "bibtex"), ("RIS", "ris"), ("Wikipedia", "wikipedia"), ("JSON-LD", "json-ld")]
                .map(|(name, format)| (name, format!("/deals/{}/cite/{format}", record.listed.id)))
                .into(),
            json_ld: json_ld(&deal, &app.link(&path), told, record.updated_at)?,
            amounts,
            capacity,
            revisions: revisions.into_iter().map(|revision| ShownRevision::of(revision, told)).collect(),
            related: around.related,
            deal,
        })
    }
}

fn anchored_amount(amount: &Value<Amount>, anchor: Option<String>) -> Anchored {
    let certainty = match (amount.figure.certainty, amount.figure.qualifier) {
        (Certainty::Contingent, _) => Some("if conditions are met".to_owned()),
        (Certainty::Firm, Qualifier::UpTo) => Some("a ceiling, not a firm sum".to_owned()),
        (Certainty::Firm, _) => None,
    };
    let by = anchor.is_none().then(|| "as an editor says".to_owned());
    let rate = amount.rate.map(|rate| match rate {
        Rate::Reference { day } => format!("in dollars at the European Central Bank’s rate of {}", format::day(day)),
        Rate::Peg { units } => format!("in dollars at the peg of {} {}", amount.figure.currency, units.normalize()),
    });
    let undated = amount.figure.currency != Currency::USD && amount.usd.is_none();
    let rate = rate.or_else(|| undated.then(|| format!("no dollar rate is known for {}", amount.figure.currency)));
    let note = [certainty, by, rate].into_iter().flatten().collect::<Vec<_>>().join("; ");
    Anchored { figure: Figure::amount(amount), anchor, note, part: amount.figure.part }
}

/// Firm dollars for each megawatt, marked where they are out of line with deals of this kind.
fn per_megawatt(deal: &Deal, usual: Option<Usual>) -> Option<Density> {
    let each = density_of(deal)?;
    let out_of_line = usual.and_then(|usual| {
        let words = match usual.place(each) {
            Place::Usual => return None,
            Place::Low => "far below",
            Place::High => "far above",
        };
        Some((words, Figure::usd(usual.dollars()?), i64::try_from(usual.deals).ok()?))
    });
    Some(Density { each: Figure::usd(each.round_dp(0)), out_of_line })
}

/// The deal that this one belongs to, as its page says so.
fn above(deal: &Deal) -> Option<Above> {
    let over = deal.umbrella.as_ref()?;
    let bond = match over.bond {
        Bond::Part => "Part of",
        Bond::Addition | Bond::Stage => "Comes on top of",
    };
    Some(Above {
        href: deal_path(over.deal, &Slug::of(&over.headline).to_string()),
        headline: over.headline.clone(),
        bond,
        reasons: over.reasons.join("; "),
    })
}

/// The rail: the four stages, or those that a cancelled deal had reached and its end.
fn rungs(deal: &Deal, told: &[Told]) -> Vec<Rung> {
    let step = |status: Status| deal.history.iter().find(|step| step.status == status);
    let highest = deal.history.iter().map(|step| step.status).filter(|status| *status != Status::Cancelled).max();
    let cancelled = deal.status == Status::Cancelled;
    let reached = |status: Status| {
        let step = step(status)?;
        let source = told.iter().find(|told| told.id == step.claim);
        let quote = source.and_then(|told| told.claim.evidence.first()).map(|evidence| shortened(&evidence.text));
        Some(Reached {
            on: step.on,
            anchor: source.map(|told| anchor(told.id)),
            by: source.map_or("an editor".to_owned(), |told| told.article.publisher.clone()),
            quote: quote.unwrap_or_default(),
            letter: step.letter,
        })
    };
    let mut rungs: Vec<Rung> = [Status::Rumored, Status::Announced, Status::Signed, Status::Completed]
        .into_iter()
        .filter(|status| !cancelled || highest.is_some_and(|highest| *status <= highest))
        .map(|status| Rung {
            name: status.as_str(),
            reached: reached(status),
            now: status == deal.status,
            passed: highest.is_some_and(|highest| status < highest),
        })
        .collect();
    if cancelled {
        let reached = reached(Status::Cancelled);
        rungs.push(Rung { name: Status::Cancelled.as_str(), reached, now: true, passed: false });
    }
    rungs
}

/// The beginning of a quote, whole words.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 120;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let begin: String = text.chars().take(LONGEST).collect();
    format!("{} …", begin.rsplit_once(' ').map_or(begin.as_str(), |(words, _)| words))
}

fn members(deal: &Deal) -> Vec<Member> {
    let shared = deal.parties.iter().filter(|party| party.flow.is_some()).count() > 2;
    deal.parties
        .iter()
        .map(|party| {
            let share = party.flow.as_ref().filter(|_| shared).and_then(|flow| flow.committed_usd);
            Member { name: Name::of(party), share: share.map(Figure::usd) }
        })
        .collect()
}

fn facts(deal: &Deal) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let chips: Vec<String> = deal
        .chips
        .iter()
        .map(|chips| {
            let count = chips.count.and_then(|count| i64::try_from(count).ok()).map(format::count);
            [count, chips.model.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ")
        })
        .filter(|text| !text.is_empty())
        .collect();
    if !chips.is_empty() {
        facts.push(("Chips", chips.join(", ")));
    }
    if let Some(months) = deal.duration_months.filter(|months| *months > 0) {
        facts.push(("Runs for", format::duration(months)));
    }
    if !deal.places.is_empty() {
        facts.push(("Where", deal.places.join(", ")));
    }
    if let Some(on) = deal.announced_on {
        facts.push(("Announced", format::day(on)));
    }
    facts.push(("First seen", format::day(deal.first_seen.date_naive())));
    facts.push(("Reported by", publishers(deal)));
    facts
}

fn publishers(deal: &Deal) -> String {
    format::plural(i64::try_from(deal.publishers).unwrap_or(i64::MAX), "publisher", "publishers")
}

/// What each source says, where they do not all say the same; empty where they agree.
fn views(deal: &Deal, told: &[Told]) -> Vec<View> {
    let said = |account: &Account| {
        let source = told.iter().find(|told| told.id == account.claim)?;
        let main = main_source(&source.article);
        let dollars = account.amount.as_ref().map(|said| {
            let value = Value { figure: said.figure.clone(), usd: said.usd, rate: None, claim: account.claim };
            (Figure::amount(&value), said.standing.label())
        });
        let power = account.capacity.as_ref().map(|said| (Figure::capacity(&said.figure), said.standing.label()));
        let is_chosen = |standing: Option<Standing>| standing == Some(Standing::Chosen);
        Some(View {
            publisher: if source.article.is_summary {
                format!("Wattline summary of {}", main.publisher)
            } else {
                main.publisher
            },
            anchor: anchor(account.claim),
            published: account.on,
            rank: rank_label(account.rank),
            chosen: is_chosen(account.amount.as_ref().map(|said| said.standing))
                || is_chosen(account.capacity.as_ref().map(|said| said.standing)),
            dollars,
            power,
        })
    };
    deal.accounts.iter().filter_map(said).collect()
}
