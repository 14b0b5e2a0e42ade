//! Whether what a language model tells of an article stands in it. Pure.
//!
//! A deal is taken whole or not at all. Each figure has to be one that our own quantity grammar finds in the text, each
//! name has to stand there, or a spelling of the same known company, and each piece of evidence has to be a literal
//! slice, whose offsets are counted here. How exactly a figure is stated is taken from the grammar. Only what carries no
//! weight, a place or a day that the text does not name, is left out without the deal.

use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate};
use regex::Regex;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use crate::model::{
    Amount, Article, Basis, Capacity, Certainty, Chips, Claim, Currency, Evidence, Kind, Megawatts, Party, Qualifier,
    Quantity, QuantityType, Registry, Role, Status,
};

/// How sure we are of a deal that was told by a model and checked.
const CONFIDENCE: f64 = 0.8;

/// What is left of a model's answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checked {
    /// The deals that stand in the text.
    pub claims: Vec<Claim>,
    /// Why others do not, one reason each.
    pub refused: Vec<Refusal>,
}

/// Why a told deal is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not of the shape that was asked for: a field is missing, or a kind, status or role is none.
    #[error("it has not the shape of a deal: {0}")]
    Shape(String),
    /// A party has a role that its kind of deal does not know.
    #[error("a deal of kind {kind} has no {role}")]
    Role {
        /// The kind.
        kind: Kind,
        /// The role.
        role: Role,
    },
    /// Nobody takes part.
    #[error("it has no party")]
    NoParty,
    /// A name does not stand in the text.
    #[error("the text names no {0}")]
    Name(String),
    /// A figure does not stand in the text.
    #[error("the text holds no figure of {0}")]
    Figure(String),
    /// A chip does not stand in the text.
    #[error("the text names no chip {0}")]
    Chip(String),
    /// There is no evidence.
    #[error("it has no evidence")]
    NoEvidence,
    /// A piece of evidence is no literal slice of the text.
    #[error("the text holds no such words: {0}")]
    Quote(String),
}

/// A deal as a model tells it.
#[derive(Deserialize)]
struct Told {
    kind: Kind,
    status: Status,
    parties: Vec<Party>,
    amounts: Vec<ToldAmount>,
    capacity: Vec<ToldCapacity>,
    chips: Vec<ToldChips>,
    duration_months: Option<u32>,
    announced_on: Option<String>,
    places: Vec<String>,
    evidence: Vec<String>,
}

#[derive(Deserialize)]
struct ToldAmount {
    #[serde(with = "rust_decimal::serde::str")]
    value: Decimal,
    #[serde(with = "rust_decimal::serde::str_option")]
    value_max: Option<Decimal>,
    currency: Currency,
    basis: Basis,
    certainty: Certainty,
    part: bool,
}

#[derive(Deserialize)]
struct ToldCapacity {
    mw: Megawatts,
    mw_max: Option<Megawatts>,
    part: bool,
}

#[derive(Deserialize)]
struct ToldChips {
    count: Option<u64>,
    model: Option<String>,
}

/// Takes those of the told deals that stand in the article. `quantities` are the figures that the extractor finds in it.
pub fn check(told: &[Value], article: &Article, quantities: &[Quantity], registry: &Registry) -> Checked {
    let text = article.as_read();
    let scene = Scene { text: &text, article, quantities, registry };
    let mut checked = Checked::default();
    for deal in told {
        match scene.claim(deal) {
            Ok(claim) if checked.claims.contains(&claim) => {}
            Ok(claim) => checked.claims.push(claim),
            Err(refusal) => checked.refused.push(refusal),
        }
    }
    checked
}

struct Scene<'a> {
    text: &'a str,
    article: &'a Article,
    quantities: &'a [Quantity],
    registry: &'a Registry,
}

impl Scene<'_> {
    fn claim(&self, deal: &Value) -> Result<Claim, Refusal> {
        let told = Told::deserialize(deal).map_err(|error| Refusal::Shape(error.to_string()))?;
        let evidence = self.evidence(&told.evidence)?;
        Ok(Claim {
            kind: told.kind,
            status: told.status,
            parties: self.parties(told.kind, &told.parties)?,
            amounts: self.amounts(&told.amounts, &evidence)?,
            capacity: self.capacity(&told.capacity, &evidence)?,
            chips: self.chips(told.chips, &evidence)?,
            duration_months: self.duration(told.duration_months, &evidence)?,
            announced_on: self.announced_on(told.status, told.announced_on.as_deref()),
            places: told.places.into_iter().filter(|place| stands_in(self.text, place)).collect(),
            evidence,
            confidence: CONFIDENCE,
            programme: None,
            part_of: None,
        })
    }

    fn evidence(&self, quotes: &[String]) -> Result<Vec<Evidence>, Refusal> {
        let mut evidence: Vec<Evidence> = Vec::new();
        for quote in quotes.iter().map(|quote| quote.trim()) {
            // A single word shows nothing.
            let at = self.text.find(quote).filter(|_| quote.contains(char::is_whitespace));
            let at = at.ok_or_else(|| Refusal::Quote(quote.chars().take(80).collect()))?;
            let start = self.text[..at].chars().count();
            let piece = Evidence { start, end: start + quote.chars().count(), text: quote.to_owned() };
            if !evidence.contains(&piece) {
                evidence.push(piece);
            }
        }
        if evidence.is_empty() { Err(Refusal::NoEvidence) } else { Ok(evidence) }
    }

    fn parties(&self, kind: Kind, told: &[Party]) -> Result<Vec<Party>, Refusal> {
        let mut parties: Vec<Party> = Vec::new();
        for Party { name, role, .. } in told {
            if *role != Role::Backer && !kind.roles().contains(role) {
                return Err(Refusal::Role { kind, role: *role });
            }
            let party = Party::named(self.name(name)?, *role);
            if !parties.contains(&party) {
                parties.push(party);
            }
        }
        if parties.is_empty() { Err(Refusal::NoParty) } else { Ok(parties) }
    }

    /// The name under which the ledger keeps a party, where the text names it.
    fn name(&self, told: &str) -> Result<String, Refusal> {
        let told = told.trim();
        let refusal = || Refusal::Name(told.chars().take(80).collect());
        let bare = without_legal_form(told);
        if let Some(company) = self.registry.find(told).or_else(|| self.registry.find(bare)) {
            // A spelling that is also an everyday word shows the company only where the model read that very word.
            let sure = std::iter::once(&company.name).chain(&company.aliases).chain(&company.nicknames);
            let mut sure = sure.filter(|spelling| !company.everyday.contains(spelling));
            let stands = stands_in(self.text, bare) || sure.any(|spelling| stands_in(self.text, spelling));
            return if stands { Ok(company.name.clone()) } else { Err(refusal()) };
        }
        // "the company" stands in many texts and names nobody.
        let names = bare.chars().any(|c| c.is_uppercase() || c.is_ascii_digit()) && !is_common_noun(bare);
        if names && stands_in(self.text, bare) { Ok(bare.to_owned()) } else { Err(refusal()) }
    }

    /// The figure that our grammar finds, before all in the evidence.
    fn figure(&self, evidence: &[Evidence], is: impl Fn(&Quantity) -> bool) -> Option<&Quantity> {
        let shown = |quantity: &Quantity| {
            evidence.iter().any(|piece| piece.start <= quantity.start && quantity.end <= piece.end)
        };
        let found = || self.quantities.iter().filter(|quantity| is(quantity));
        found().find(|quantity| shown(quantity)).or_else(|| found().next())
    }

    fn amounts(&self, told: &[ToldAmount], evidence: &[Evidence]) -> Result<Vec<Amount>, Refusal> {
        let mut amounts: Vec<Amount> = Vec::new();
        for ToldAmount { value, value_max, currency, basis, certainty, part } in told {
            let figure = self.figure(evidence, |quantity| {
                quantity.measures == QuantityType::Money
                    && (quantity.value, quantity.value_max, quantity.currency) == (*value, *value_max, Some(*currency))
            });
            let qualifier = figure.ok_or_else(|| Refusal::Figure(format!("{value} {currency}")))?.qualifier;
            if !amounts
                .iter()
                .any(|known| (known.value, known.value_max, known.currency) == (*value, *value_max, *currency))
            {
                amounts.push(Amount {
                    value: value.normalize(),
                    value_max: value_max.map(|high| high.normalize()),
                    currency: *currency,
                    qualifier,
                    basis: *basis,
                    certainty: *certainty,
                    part: *part,
                });
            }
        }
        Ok(amounts)
    }

    fn capacity(&self, told: &[ToldCapacity], evidence: &[Evidence]) -> Result<Vec<Capacity>, Refusal> {
        let mut capacity: Vec<Capacity> = Vec::new();
        for ToldCapacity { mw, mw_max, part } in told {
            let figure = self.figure(evidence, |quantity| {
                quantity.measures == QuantityType::Power
                    && (quantity.value, quantity.value_max) == (mw.get(), mw_max.map(Megawatts::get))
            });
            let qualifier = figure.ok_or_else(|| Refusal::Figure(format!("{mw} MW")))?.qualifier;
            if !capacity.iter().any(|known| (known.mw, known.mw_max) == (*mw, *mw_max)) {
                capacity.push(Capacity { mw: *mw, mw_max: *mw_max, qualifier, part: *part });
            }
        }
        Ok(capacity)
    }

    fn chips(&self, told: Vec<ToldChips>, evidence: &[Evidence]) -> Result<Vec<Chips>, Refusal> {
        let mut chips: Vec<Chips> = Vec::new();
        for ToldChips { count, model } in told {
            if let Some(model) = model.as_ref().filter(|model| !stands_in(self.text, model)) {
                return Err(Refusal::Chip(model.chars().take(80).collect()));
            }
            let mut piece = Chips { count, model, qualifier: Qualifier::Exact };
            if let Some(count) = count {
                let figure = self.figure(evidence, |quantity| {
                    quantity.measures == QuantityType::Chips && quantity.value == Decimal::from(count)
                });
                piece.qualifier = figure.ok_or_else(|| Refusal::Figure(format!("{count} chips")))?.qualifier;
            }
            if (piece.count.is_some() || piece.model.is_some()) && !chips.contains(&piece) {
                chips.push(piece);
            }
        }
        Ok(chips)
    }

    fn duration(&self, told: Option<u32>, evidence: &[Evidence]) -> Result<Option<u32>, Refusal> {
        let Some(months) = told else { return Ok(None) };
        let figure = self.figure(evidence, |quantity| {
            quantity.measures == QuantityType::Duration && quantity.value == Decimal::from(months)
        });
        figure.map(|_| told).ok_or_else(|| Refusal::Figure(format!("{months} months")))
    }

    /// The told day where the text names it, else the day on which the article appeared; none for a rumour.
    fn announced_on(&self, status: Status, told: Option<&str>) -> Option<NaiveDate> {
        if status == Status::Rumored {
            return None;
        }
        let published = self.article.published;
        let day: Option<NaiveDate> = told.and_then(|day| day.trim().parse().ok());
        day.filter(|day| names_day(self.text, *day, published)).or(published)
    }
}

/// Whether a text holds these words, as whole words: as they are, or in capitals as a headline may have them.
fn stands_in(text: &str, words: &str) -> bool {
    let words = words.trim();
    let is_whole = |(at, found): (usize, &str)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    };
    !words.is_empty()
        && (text.match_indices(words).any(is_whole) || text.match_indices(&words.to_uppercase()).any(is_whole))
}

/// A name without the legal forms at its end.
fn without_legal_form(name: &str) -> &str {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?:,?\s+(?:Inc|Incorporated|Corp|Corporation|Co|L\.?L\.?C|Ltd|Limited|plc|PLC|SE|S\.?A|AG|N\.?V|B\.?V|",
            r"L\.?P|LLP|GmbH|AB|ASA|AS|Oyj|SpA|KK)\.?)+$",
        ))
        .expect("a fixed pattern")
    });
    FORM.find(name).map_or(name, |form| &name[..form.start()])
}

/// Whether a name is only what a filing calls a party: the Company, the Customer.
fn is_common_noun(name: &str) -> bool {
    let name = name.to_lowercase();
    let noun = name.strip_prefix("the ").unwrap_or(&name);
    matches!(
        noun,
        "company"
            | "companies"
            | "customer"
            | "supplier"
            | "buyer"
            | "seller"
            | "borrower"
            | "lender"
            | "lenders"
            | "tenant"
            | "landlord"
            | "purchaser"
            | "parties"
            | "startup"
            | "start-up"
            | "firm"
            | "group"
            | "it"
            | "they"
            | "we"
            | "two"
    )
}

/// Whether a text names a day: in digits, by month and day, or by its weekday within the week before `published`.
fn names_day(text: &str, day: NaiveDate, published: Option<NaiveDate>) -> bool {
    if published == Some(day) {
        return true;
    }
    let text = text.to_lowercase();
    let (month, number) = (day.format("%B").to_string().to_lowercase(), day.day());
    let ordinal = match (number % 10, number / 10) {
        (1, ten) if ten != 1 => "st",
        (2, ten) if ten != 1 => "nd",
        (3, ten) if ten != 1 => "rd",
        _ => "th",
    };
    let short = &month[..3];
    let months = [month.clone(), short.to_owned(), format!("{short}."), format!("{}.", &month[..month.len().min(4)])];
    let by_month = months.iter().any(|month| {
        [format!("{month} {number}"), format!("{number} {month}")].iter().any(|words| stands_in(&text, words))
            || [format!("{month} {number}{ordinal}"), format!("{number}{ordinal} {month}")]
                .iter()
                .any(|words| stands_in(&text, words))
    });
    let by_weekday = published.is_some_and(|published| {
        (1..7).contains(&(published - day).num_days()) && stands_in(&text, &day.format("%A").to_string().to_lowercase())
    });
    by_month || by_weekday || stands_in(&text, &day.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::extract;

    fn article() -> Article {
        Article {
            title: "Zephyrlane rents from AWS".to_owned(),
            text: "Zephyrlane, Inc. said on Tuesday that it will rent 120 MW and 5,000 GB300 GPUs from Amazon Web \
                   Services for up to $3 billion a year over five years. “Très bien,” it said. It had raised €70 \
                   million on Feb. 3."
                .to_owned(),
            published: NaiveDate::from_ymd_opt(2026, 3, 4),
            publisher: None,
        }
    }

    fn deal() -> Value {
        json!({
            "kind": "compute",
            "status": "announced",
            "parties": [{"name": "Zephyrlane, Inc.", "role": "buyer"}, {"name": "Amazon Web Services", "role": "provider"}],
            "amounts": [{"value": "3000000000", "value_max": null, "currency": "USD", "basis": "annual", "certainty": "firm", "part": false}],
            "capacity": [{"mw": 120, "mw_max": null, "part": false}],
            "chips": [{"count": 5000, "model": "GB300"}],
            "duration_months": 60,
            "announced_on": "2026-03-03",
            "places": ["Ohio"],
            "evidence": ["“Très bien,” it said. It had"],
        })
    }

    fn read(deals: &[Value]) -> Checked {
        let quantities = extract::read(&article(), Registry::shipped()).quantities;
        check(deals, &article(), &quantities, Registry::shipped())
    }

    /// What becomes of the deal with one field changed.
    fn with(field: &str, value: Value) -> Result<Claim, Refusal> {
        let mut deal = deal();
        deal[field] = value;
        let Checked { mut claims, mut refused } = read(&[deal]);
        assert_eq!(claims.len() + refused.len(), 1);
        claims.pop().ok_or_else(|| refused.remove(0))
    }

    #[test]
    fn a_deal_that_stands_in_the_text_is_taken_with_our_offsets_names_and_qualifiers() {
        let Checked { claims, refused } = read(&[deal(), deal()]);
        assert_eq!((claims.len(), refused), (1, vec![]));
        let claim = &claims[0];
        let names: Vec<&str> = claim.parties.iter().map(|party| party.name.as_str()).collect();
        assert_eq!(names, ["Zephyrlane", "AWS"]);
        assert_eq!(claim.amounts[0].qualifier, Qualifier::UpTo);
        assert_eq!(claim.announced_on, NaiveDate::from_ymd_opt(2026, 3, 3));
        assert_eq!(claim.places, [""; 0]);
        let Evidence { start, end, text } = &claim.evidence[0];
        let slice: String = article().as_read().chars().skip(*start).take(end - start).collect();
        assert_eq!((slice.as_str(), text.as_str()), ("“Très bien,” it said. It had", "“Très bien,” it said. It had"));
    }

    #[test]
    fn invented_quotations_are_refused() {
        for quotes in [
            json!(["Zephyrlane will rent 120 MW"]),
            json!(["“Très bien,” it said.", "\"Tres bien\""]),
            json!(["said"]),
            json!([""]),
        ] {
            assert!(matches!(with("evidence", quotes.clone()), Err(Refusal::Quote(_))), "{quotes}");
        }
        assert_eq!(with("evidence", json!([])), Err(Refusal::NoEvidence));
    }

    #[test]
    fn figures_that_are_not_in_the_text_are_refused() {
        let amount = |value: &str, high: Option<&str>, currency: &str| json!([{"value": value, "value_max": high, "currency": currency, "basis": "total", "certainty": "firm", "part": false}]);
        for amounts in [
            amount("3000000001", None, "USD"),
            amount("3", None, "USD"),
            amount("3000000000", None, "EUR"),
            amount("3000000000", Some("5000000000"), "USD"),
            amount("120", None, "USD"),
            amount("-3000000000", None, "USD"),
        ] {
            assert!(matches!(with("amounts", amounts.clone()), Err(Refusal::Figure(_))), "{amounts}");
        }
        assert!(with("amounts", amount("70000000.00", None, "EUR")).is_ok());
        let power = |mw: f64| json!([{"mw": mw, "mw_max": null, "part": false}]);
        assert_eq!(with("capacity", power(121.0)), Err(Refusal::Figure("121 MW".to_owned())));
        assert!(with("capacity", json!([])).is_ok());
        assert_eq!(
            with("chips", json!([{"count": 5001, "model": null}])),
            Err(Refusal::Figure("5001 chips".to_owned()))
        );
        assert_eq!(with("chips", json!([{"count": null, "model": "H100"}])), Err(Refusal::Chip("H100".to_owned())));
        assert_eq!(with("duration_months", json!(72)), Err(Refusal::Figure("72 months".to_owned())));
    }

    #[test]
    fn names_that_are_not_in_the_text_are_refused() {
        let buyer = |name: &str| with("parties", json!([{"name": name, "role": "buyer"}]));
        for name in ["Google", "Zephyr", "Zephyrlane Energy", "the company", "it", "We", ""] {
            assert!(matches!(buyer(name), Err(Refusal::Name(_))), "{name}");
        }
        for (name, kept) in [("Zephyrlane", "Zephyrlane"), ("AWS", "AWS"), ("Amazon Web Services, Inc.", "AWS")] {
            assert_eq!(buyer(name).unwrap().parties[0].name, kept);
        }
        assert_eq!(with("parties", json!([])), Err(Refusal::NoParty));
    }

    #[test]
    fn kinds_statuses_and_roles_are_the_contracts() {
        assert!(matches!(with("kind", json!("merger")), Err(Refusal::Shape(_))));
        assert!(matches!(with("status", json!("done")), Err(Refusal::Shape(_))));
        assert!(matches!(with("parties", json!([{"name": "AWS", "role": "owner of"}])), Err(Refusal::Shape(_))));
        let lender = json!([{"name": "AWS", "role": "lender"}]);
        assert_eq!(with("parties", lender), Err(Refusal::Role { kind: Kind::Compute, role: Role::Lender }));
        assert!(with("parties", json!([{"name": "AWS", "role": "backer"}])).is_ok());
    }

    #[test]
    fn what_is_no_deal_is_refused_and_the_others_stay() {
        let Checked { claims, refused } =
            read(&[json!(null), json!("Zephyrlane"), json!({}), json!({"kind": "compute"}), json!([deal()]), deal()]);
        assert_eq!((claims.len(), refused.len()), (1, 5));
        assert!(refused.iter().all(|refusal| matches!(refusal, Refusal::Shape(_))));
    }

    #[test]
    fn days_are_those_of_the_text() {
        let announced = |day: Value| with("announced_on", day).unwrap().announced_on.map(|day| day.to_string());
        let published = Some("2026-03-04".to_owned());
        assert_eq!(announced(json!("2026-02-03")), Some("2026-02-03".to_owned()));
        assert_eq!(announced(json!("2026-03-04")), published);
        // The Tuesday of another week, a day that is not named, no day.
        for day in [json!("2026-02-24"), json!("2026-02-04"), json!("soon"), json!(null)] {
            assert_eq!(announced(day), published);
        }
        assert_eq!(with("status", json!("rumored")).unwrap().announced_on, None);
    }
}
