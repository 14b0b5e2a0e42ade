//! `/deals/{id}/{slug}`: the record of a deal and the sentences that it rests on.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::{
    App,
    citation::{CiteThis, Quotes, anchor, main_source},
    error::WebError,
    figure::{Bar, Figure, StatusMark},
    format,
    frame::{Frame, Section, page},
    row::{DealRow, Name, Parties, deal_path, what},
};
use crate::{
    db::deal_page::{self, DealRecord, Lookup, Revision, Told},
    ledger::diff::Change,
    model::{Amount, Certainty, Deal, Megawatts, Qualifier, Status, Value},
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
    capacity: Vec<Anchored>,
    per_megawatt: Option<Figure>,
    mark: StatusMark,
    rungs: Vec<Rung>,
    members: Vec<Member>,
    facts: Vec<(&'static str, String)>,
    views: Vec<View>,
    quotes: Vec<Quotes>,
    revisions: Vec<ShownRevision>,
    related: Vec<DealRow>,
    cite: CiteThis,
    json_ld: String,
}

/// A figure that leads to the claim it was read from.
struct Anchored {
    figure: Figure,
    anchor: String,
    note: &'static str,
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
    anchor: String,
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
    dollars: Option<Figure>,
    power: Option<Figure>,
    status: Status,
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
pub async fn get_short(State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    show(&app, &id, None).await
}

/// `GET /deals/{id}/{slug}`
pub async fn get(State(app): State<App>, Path((id, slug)): Path<(String, String)>) -> Result<Response, WebError> {
    show(&app, &id, Some(&slug)).await
}

async fn show(app: &App, id: &str, slug: Option<&str>) -> Result<Response, WebError> {
    let missing = || {
        WebError::not_found(
            "No deal has this address. It may have been mistyped; a deal that was merged would lead on.",
        )
    };
    let id = Uuid::parse_str(id).map_err(|_| missing())?;
    let mut db = app.db().await?;
    let record = match deal_page::find(&mut db, id).await? {
        Lookup::Missing => return Err(missing()),
        Lookup::Moved(id, slug) => return Ok(Redirect::permanent(&deal_path(id, &slug)).into_response()),
        Lookup::Deal(record) if slug != Some(record.listed.slug.as_str()) => {
            return Ok(Redirect::permanent(&deal_path(id, &record.listed.slug)).into_response());
        }
        Lookup::Deal(record) => record,
    };
    let told = deal_page::claims(&mut db, id).await?;
    let revisions = deal_page::revisions(&mut db, id).await?;
    let related = deal_page::related(&mut db, id, record.listed.deal.day(), 8).await?;
    let related = related.iter().map(|listed| DealRow::new(listed).dated()).collect();
    page(&DealPage::new(app, *record, &told, revisions, related, Utc::now().date_naive())?)
}

impl DealPage {
    fn new(
        app: &App,
        record: DealRecord,
        told: &[Told],
        revisions: Vec<Revision>,
        related: Vec<DealRow>,
        today: NaiveDate,
    ) -> Result<Self, WebError> {
        let deal = record.listed.deal;
        let path = deal_path(record.listed.id, &record.listed.slug);
        let amounts: Vec<Anchored> = deal.amounts.iter().map(anchored_amount).collect();
        let capacity: Vec<Anchored> = deal
            .capacity
            .iter()
            .map(|power| Anchored {
                figure: Figure::capacity(&power.figure),
                anchor: anchor(power.claim),
                note: "",
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
            frame: Frame::new(Section::Timeline, summary.clone()).describe(description).at(app, &path),
            day: deal.day(),
            parties: Parties::of(&deal, 6),
            what: format::capitalised(&what(&deal)),
            bar: Bar::divided(&deal),
            per_megawatt: per_megawatt(&deal),
            mark: StatusMark::new(deal.status),
            rungs: rungs(&deal),
            members: members(&deal),
            facts: facts(&deal),
            views: views(&deal, told),
            quotes: told.iter().map(Quotes::of).collect(),
            cite: CiteThis::of(&summary, &app.link(&path), record.updated_at.date_naive(), today),
            json_ld: json_ld(&deal, &app.link(&path), told, record.updated_at)?,
            amounts,
            capacity,
            revisions: revisions.into_iter().map(|revision| ShownRevision::of(revision, told)).collect(),
            related,
            deal,
        })
    }
}

fn anchored_amount(amount: &Value<Amount>) -> Anchored {
    let note = match (amount.figure.certainty, amount.figure.qualifier) {
        (Certainty::Contingent, _) => "if conditions are met",
        (Certainty::Firm, Qualifier::UpTo) => "a ceiling, not a firm sum",
        (Certainty::Firm, _) => "",
    };
    Anchored { figure: Figure::amount(amount), anchor: anchor(amount.claim), note, part: amount.figure.part }
}

/// Firm dollars for each megawatt.
fn per_megawatt(deal: &Deal) -> Option<Figure> {
    let power = deal.mw.map(Megawatts::get).filter(|mw| !mw.is_zero())?;
    Some(Figure::usd(deal.committed_usd?.checked_div(power)?.round_dp(0)))
}

/// The rail: the four stages, or those that a cancelled deal had reached and its end.
fn rungs(deal: &Deal) -> Vec<Rung> {
    let step = |status: Status| deal.history.iter().find(|step| step.status == status);
    let highest = deal.history.iter().map(|step| step.status).filter(|status| *status != Status::Cancelled).max();
    let cancelled = deal.status == Status::Cancelled;
    let reached = |status: Status| step(status).map(|step| Reached { on: step.on, anchor: anchor(step.claim) });
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
    let chosen_sum = deal.amounts.first().map(|amount| amount.claim);
    let chosen_power = deal.capacity.first().map(|power| power.claim);
    let main_sum =
        |told: &Told| told.claim.amounts.first().map(|amount| (amount.currency, amount.value, amount.value_max));
    let main_power = |told: &Told| told.claim.capacity.first().map(|power| (power.mw, power.mw_max));
    let differ = disagree(told.iter().filter_map(main_sum)) || disagree(told.iter().filter_map(main_power));
    if !differ {
        return Vec::new();
    }
    told.iter()
        .map(|told| {
            let source = main_source(&told.article);
            let amount = told.claim.amounts.first();
            View {
                publisher: if told.article.is_summary {
                    format!("Wattline summary of {}", source.publisher)
                } else {
                    source.publisher
                },
                anchor: anchor(told.id),
                published: told.article.published.date_naive(),
                rank: source.rank,
                dollars: amount.map(|amount| {
                    Figure::amount(&Value { figure: amount.clone(), usd: None, rate: None, claim: told.id })
                }),
                power: told.claim.capacity.first().map(Figure::capacity),
                status: told.claim.status,
                chosen: chosen_sum == Some(told.id) || (chosen_sum.is_none() && chosen_power == Some(told.id)),
            }
        })
        .collect()
}

fn disagree<T: PartialEq>(mut said: impl Iterator<Item = T>) -> bool {
    said.next().is_some_and(|first| said.any(|other| other != first))
}

/// The record for machines, in a form that no `</script>` inside it can break out of.
fn json_ld(deal: &Deal, url: &str, told: &[Told], updated: DateTime<Utc>) -> Result<String, WebError> {
    let about: Vec<_> = deal.parties.iter().map(|party| json!({"@type": "Organization", "name": party.name})).collect();
    let citations: Vec<_> = told
        .iter()
        .filter_map(|told| {
            let article = &told.article;
            Some(json!({"@type": "NewsArticle", "url": article.url.as_ref()?, "publisher": {"@type": "Organization", "name": article.publisher}}))
        })
        .collect();
    let mut data = json!({
        "@context": "https://schema.org", "@type": "Report", "headline": deal.headline, "url": url,
        "datePublished": deal.day(), "dateModified": updated.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "about": about, "citation": citations,
        "publisher": {"@type": "Organization", "name": "Wattline"},
    });
    let figures: Vec<_> = [
        ("committed", "USD", deal.committed_usd),
        ("potential", "USD", deal.potential_usd),
        ("power", "MW", deal.mw.map(Megawatts::get)),
    ]
    .into_iter()
    .filter_map(|(name, unit, value): (_, _, Option<Decimal>)| {
        Some(json!({"@type": "PropertyValue", "name": name, "unitText": unit, "value": value?.normalize().to_string()}))
    })
    .collect();
    if !figures.is_empty() {
        data["additionalProperty"] = figures.into();
    }
    Ok(serde_json::to_string(&data)?.replace('<', "\\u003c"))
}
