//! What the API answers with. Sums of money are strings, so that none of their digits is lost; power is a number of
//! megawatts. Every key is always there, and null where nothing is known.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words;
use crate::{
    db::{
        deal_page::{Cited, Told},
        timeline::ListedDeal,
    },
    model::{self, Basis, Bond, Certainty, Kind, Megawatts, Qualifier, Role, Status},
    web::{App, citation::article_path, row::deal_path},
};

/// A sum as it is written: all its digits, and no idle zeros.
pub fn money(sum: Decimal) -> String {
    sum.normalize().to_string()
}

/// Power as a number.
pub fn megawatts(power: Decimal) -> f64 {
    power.to_f64().unwrap_or_default()
}

/// A deal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Deal {
    /// Its id, for good.
    pub id: Uuid,
    /// Its name in its address.
    pub slug: String,
    /// Its page.
    #[schema(format = "uri")]
    pub url: String,
    /// What it is, in the ledger's words.
    pub headline: String,
    /// What is transacted.
    #[schema(schema_with = words::kind)]
    pub kind: Kind,
    /// How far it has come.
    #[schema(schema_with = words::status)]
    pub status: Status,
    /// The day of the announcement, where a source tells it.
    pub announced_on: Option<NaiveDate>,
    /// Who takes part.
    pub parties: Vec<Party>,
    /// The firm part in dollars; null where no source discloses it.
    pub committed_usd: Option<String>,
    /// The contingent part in dollars.
    pub potential_usd: Option<String>,
    /// The sums in the currency in which they were told.
    pub amounts: Vec<Amount>,
    /// The power.
    pub capacity_mw: Option<f64>,
    /// How long it runs.
    pub duration_months: Option<u32>,
    /// Where, as the sources name it.
    pub places: Vec<String>,
    /// How many publishers report it; copies of one count once.
    pub publishers: usize,
    /// How many articles report it.
    pub articles: usize,
    /// The deal in which it is contained: the two are never added.
    pub part_of: Option<Uuid>,
    /// When the earliest article appeared.
    pub first_seen: DateTime<Utc>,
    /// When the record last changed.
    pub updated: DateTime<Utc>,
}

/// A company's part in a deal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Party {
    /// The company.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it does.
    #[schema(schema_with = words::role)]
    pub role: Role,
}

/// A sum of money as it was told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Amount {
    /// In units of the currency; the low end of a range.
    #[schema(schema_with = words::money)]
    pub value: String,
    /// The high end of a range.
    pub value_max: Option<String>,
    /// ISO 4217.
    #[schema(value_type = String, min_length = 3, max_length = 3)]
    pub currency: model::Currency,
    /// `exact`, `about`, `at_least`, `up_to` or `range`.
    #[schema(value_type = String)]
    pub qualifier: Qualifier,
    /// `total` or `annual`.
    #[schema(value_type = String)]
    pub basis: Basis,
    /// `firm` or `contingent`.
    #[schema(value_type = String)]
    pub certainty: Certainty,
    /// Whether it is contained in another amount of the list.
    pub part: bool,
}

/// Power as it was told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Capacity {
    /// Megawatts; the low end of a range.
    pub mw: f64,
    /// The high end of a range.
    pub mw_max: Option<f64>,
    /// `exact`, `about`, `at_least`, `up_to` or `range`.
    #[schema(value_type = String)]
    pub qualifier: Qualifier,
    /// Whether it is contained in another figure of the list.
    pub part: bool,
}

impl Amount {
    /// A sum.
    pub fn of(amount: &model::Amount) -> Self {
        Self {
            value: money(amount.value),
            value_max: amount.value_max.map(money),
            currency: amount.currency,
            qualifier: amount.qualifier,
            basis: amount.basis,
            certainty: amount.certainty,
            part: amount.part,
        }
    }
}

impl Capacity {
    /// A power figure.
    pub fn of(capacity: &model::Capacity) -> Self {
        Self {
            mw: megawatts(capacity.mw.get()),
            mw_max: capacity.mw_max.map(|high| megawatts(high.get())),
            qualifier: capacity.qualifier,
            part: capacity.part,
        }
    }
}

impl Deal {
    /// A deal, which last changed at `updated`.
    pub fn of(app: &App, listed: &ListedDeal, updated: DateTime<Utc>) -> Self {
        let deal = &listed.deal;
        Self {
            id: listed.id,
            slug: listed.slug.clone(),
            url: app.link(&deal_path(listed.id, &listed.slug)),
            headline: deal.headline.clone(),
            kind: deal.kind,
            status: deal.status,
            announced_on: deal.announced_on,
            parties: deal.parties.iter().map(Party::of).collect(),
            committed_usd: deal.committed_usd.map(money),
            potential_usd: deal.potential_usd.map(money),
            amounts: deal.amounts.iter().map(|amount| Amount::of(&amount.figure)).collect(),
            capacity_mw: deal.mw.map(Megawatts::get).map(megawatts),
            duration_months: deal.duration_months,
            places: deal.places.clone(),
            publishers: deal.publishers,
            articles: deal.articles,
            part_of: deal.umbrella.as_ref().filter(|over| over.bond == Bond::Part).map(|over| over.deal),
            first_seen: deal.first_seen,
            updated,
        }
    }
}

impl Party {
    fn of(party: &model::DealParty) -> Self {
        Self { slug: party.company.to_string(), name: party.name.clone(), role: party.role }
    }
}

/// A deal with what it rests on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WholeDeal {
    /// The deal.
    #[serde(flatten)]
    pub deal: Deal,
    /// What each source says, the most trusted first.
    pub claims: Vec<Claim>,
    /// The stages that it has reached, in the order of time.
    pub history: Vec<Step>,
}

/// What one article says of a deal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Claim {
    /// The article; its page here, where it came without an address.
    #[schema(format = "uri")]
    pub article_url: String,
    /// Who published it; of a summary of Wattline's own, what it sums up.
    pub publisher: String,
    /// When it appeared.
    pub published: DateTime<Utc>,
    /// The sums that it gives.
    pub amounts: Vec<Amount>,
    /// The power that it gives.
    pub capacity: Vec<Capacity>,
    /// How far the deal has come, as far as it confirms.
    #[schema(schema_with = words::status)]
    pub status: Status,
    /// The sentences that say so; of a summary, in Wattline's words.
    pub evidence: Vec<Quote>,
    /// Whether the record takes a figure from it.
    pub chosen: bool,
}

/// A sentence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Quote {
    /// Literally.
    pub text: String,
}

/// A stage of a deal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Step {
    /// The stage.
    #[schema(schema_with = words::status)]
    pub status: Status,
    /// The day on which it was first told.
    pub on: NaiveDate,
    /// The article that tells it; null where an editor says so.
    pub article_url: Option<String>,
    /// Whether that is no more than a letter of intent.
    pub letter_of_intent: bool,
}

/// Where an article stands: at its publisher's, or here.
pub fn article_url(app: &App, id: Uuid, url: Option<&str>) -> String {
    url.and_then(crate::web::citation::linked)
        .filter(|url| url::Url::parse(url).is_ok())
        .unwrap_or_else(|| app.link(&article_path(id)))
}

/// Who published an article; Wattline's own summaries say so.
pub fn publisher(article: &Cited) -> String {
    if article.is_summary { format!("Wattline summary of {}", article.publisher) } else { article.publisher.clone() }
}

impl Claim {
    /// What a source of this record says.
    pub fn of(app: &App, told: &Told, deal: Option<&model::Deal>) -> Self {
        let article = &told.article;
        let chosen = deal.is_some_and(|deal| {
            deal.amounts.iter().any(|amount| amount.claim == told.id)
                || deal.capacity.iter().any(|power| power.claim == told.id)
        });
        Self {
            article_url: article_url(app, article.id, article.url.as_deref()),
            publisher: publisher(article),
            published: article.published,
            amounts: told.claim.amounts.iter().map(Amount::of).collect(),
            capacity: told.claim.capacity.iter().map(Capacity::of).collect(),
            status: told.claim.status,
            evidence: told.claim.evidence.iter().map(|quote| Quote { text: quote.text.clone() }).collect(),
            chosen,
        }
    }
}

impl WholeDeal {
    /// A deal with its claims.
    pub fn of(app: &App, listed: &ListedDeal, updated: DateTime<Utc>, told: &[Told]) -> Self {
        let step = |step: &model::StatusStep| {
            let source = told.iter().find(|told| told.id == step.claim);
            Step {
                status: step.status,
                on: step.on,
                article_url: source.map(|told| article_url(app, told.article.id, told.article.url.as_deref())),
                letter_of_intent: step.letter,
            }
        };
        Self {
            claims: told.iter().map(|told| Claim::of(app, told, Some(&listed.deal))).collect(),
            history: listed.deal.history.iter().map(step).collect(),
            deal: Deal::of(app, listed, updated),
        }
    }
}

/// A company's name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Name {
    /// Its name in its address.
    pub slug: String,
    /// The name.
    pub name: String,
}
