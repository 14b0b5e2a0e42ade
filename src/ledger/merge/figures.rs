//! A claim's figures, as they compare.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{
    ledger::convert::Rates,
    model::{Amount, Basis, Capacity, Certainty, Currency, Megawatts, Qualifier},
};
use chrono::NaiveDate;

/// A deal's figures of one kind, as they compare.
#[derive(Debug, Default)]
pub struct Figures {
    /// What another article may give as the figure: the main one, which stands first, the other end of its range, and
    /// the sum of what is stated side by side.
    wholes: Vec<Figure>,
    /// What hangs on a condition: the figure of an option that may be exercised one day.
    options: Vec<Figure>,
    /// Whether all that is stated is a part of something.
    partial: bool,
}

/// A figure with what it counts.
#[derive(Debug, Clone, Copy)]
struct Figure {
    /// As it is stated.
    value: Decimal,
    unit: Unit,
    /// Money in dollars of the claim's day, where a rate is known.
    usd: Option<Decimal>,
    /// Whether it is given as a round one.
    about: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Money(Currency, Basis),
    Megawatts,
}

/// How the figures of two claims stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// They are one.
    Same,
    /// One is the other, rounded.
    Rounded,
    /// One is an option of the other.
    Option,
    /// Both are given, and they differ.
    Differ,
    /// One of the two claims gives none.
    Unknown,
}

impl Figures {
    /// The money of a claim of a day.
    pub fn money(amounts: &[Amount], rates: &Rates, day: NaiveDate) -> Self {
        Self::of(amounts.iter().map(|amount| {
            let about = amount.qualifier != Qualifier::Exact;
            let figure = |value| Figure {
                value,
                unit: Unit::Money(amount.currency, amount.basis),
                usd: rates.usd(value, amount.currency, day),
                about,
            };
            let option = amount.certainty == Certainty::Contingent;
            (figure(amount.value), amount.value_max.map(figure), amount.part, option)
        }))
    }

    /// The power of a claim.
    pub fn power(capacity: &[Capacity]) -> Self {
        Self::of(capacity.iter().map(|power| {
            let about = power.qualifier != Qualifier::Exact;
            let figure = |mw: Megawatts| Figure { value: mw.get(), unit: Unit::Megawatts, usd: None, about };
            // A further stage, which another report may tell alone.
            (figure(power.mw), power.mw_max.map(figure), power.part, true)
        }))
    }

    fn of(stated: impl Iterator<Item = (Figure, Option<Figure>, bool, bool)>) -> Self {
        let stated: Vec<_> = stated.collect();
        let mut wholes = Vec::new();
        if let Some((main, high, ..)) = stated.first() {
            wholes.push(*main);
            wholes.extend(*high);
            let beside: Vec<Figure> = stated
                .iter()
                .filter(|(figure, _, part, _)| !part && figure.unit == main.unit)
                .map(|(figure, ..)| *figure)
                .collect();
            if beside.len() > 1 {
                let sum = beside.iter().try_fold(Decimal::ZERO, |sum, figure| sum.checked_add(figure.value));
                wholes.extend(sum.map(|value| Figure { value, ..*main }));
            }
        }
        let options = stated.iter().skip(1).filter(|(.., option)| *option).map(|(figure, ..)| *figure).collect();
        let partial = !stated.is_empty() && stated.iter().all(|(_, _, part, _)| *part);
        Self { wholes, options, partial }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.wholes.is_empty() || self.partial
    }

    /// How they stand to those of another claim.
    pub fn relation(&self, other: &Self) -> Relation {
        let any = |a: &[Figure], b: &[Figure], fit: fn(Figure, Figure) -> bool| {
            a.iter().any(|x| b.iter().any(|y| fit(*x, *y)))
        };
        if any(&self.wholes, &other.wholes, near) {
            Relation::Same
        } else if any(&self.options, &other.wholes, near) || any(&self.wholes, &other.options, near) {
            Relation::Option
        } else if self.is_empty() || other.is_empty() {
            Relation::Unknown
        } else if any(&self.wholes, &other.wholes, rounded) {
            Relation::Rounded
        } else {
            Relation::Differ
        }
    }

    /// How many times the smaller main figure the larger one is; `None` where they do not compare.
    pub fn ratio(&self, other: &Self) -> Option<Decimal> {
        let (a, b) = comparable(*self.wholes.first()?, *other.wholes.first()?)?;
        a.max(b).checked_div(a.min(b))
    }

    /// Whether the main figure is less than the other's.
    pub fn is_less_than(&self, other: &Self) -> bool {
        let mains = self.wholes.first().zip(other.wholes.first());
        mains.and_then(|(a, b)| comparable(*a, *b)).is_some_and(|(a, b)| a < b)
    }

    /// Cells of a scale of figures, each with what it counts, of which those of one figure are the same or neighbours.
    pub fn cells(&self) -> impl Iterator<Item = (&'static str, i32)> + '_ {
        self.wholes.iter().chain(&self.options).flat_map(|figure| {
            let stated = match figure.unit {
                Unit::Money(currency, _) => currency.code(),
                Unit::Megawatts => "MW",
            };
            let dollars = figure.usd.filter(|_| stated != "USD").map(|usd| ("USD", usd));
            [Some((stated, figure.value)), dollars]
                .into_iter()
                .flatten()
                .filter_map(|(unit, value)| Some((unit, cell(value)?)))
        })
    }
}

/// The cell of a figure on a scale on which each begins half as high again as the last: figures that are near or round to
/// one another lie in one cell or in two that touch.
fn cell(value: Decimal) -> Option<i32> {
    if value <= Decimal::ZERO {
        return None;
    }
    let half = Decimal::new(15, 1);
    let mut cell = 0;
    let mut edge = Decimal::ONE;
    while edge.checked_mul(half).is_some_and(|next| next <= value) {
        edge *= half;
        edge = edge.round_dp(12);
        cell += 1;
    }
    Some(cell)
}

/// Two figures in one unit: as they are stated, or in dollars. `None` where they count different things.
fn comparable(a: Figure, b: Figure) -> Option<(Decimal, Decimal)> {
    match (a.unit, b.unit) {
        (x, y) if x == y => Some((a.value, b.value)),
        (Unit::Money(_, x), Unit::Money(_, y)) if x == y => a.usd.zip(b.usd),
        _ => None,
    }
}

/// Whether two figures are one. Outlets round, hence not to the last digit; they convert at different rates, hence
/// more widely where they speak of different currencies.
fn near(a: Figure, b: Figure) -> bool {
    let per_mille = if a.unit == b.unit { 15 } else { 60 };
    let Some((a, b)) = comparable(a, b) else { return false };
    let (low, high) = (a.min(b), a.max(b));
    // A figure that overflows here is a misprint, and near to nothing.
    let apart = (high - low).checked_mul(Decimal::ONE_THOUSAND);
    let allowed = high.checked_mul(Decimal::from(per_mille));
    matches!((apart, allowed), (Some(apart), Some(allowed)) if apart <= allowed)
}

/// Whether one figure is the other, rounded to the digits that it has: "about $10 billion" for 9.7, "450 MW" for "some
/// 500". A figure of one digit that claims to be exact rounds too, as headlines do.
fn rounded(a: Figure, b: Figure) -> bool {
    let rounds_to = |rough: Figure, fine: Figure| {
        let digits = digits(rough.value);
        let to = |digits| fine.value.round_sf_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
        (rough.about && digits <= 2 || digits == 1) && to(digits).is_some_and(|round| round == rough.value)
    };
    a.unit == b.unit && (rounds_to(a, b) || rounds_to(b, a))
}

/// How many digits a figure has that are not zeros behind the last.
fn digits(value: Decimal) -> u32 {
    let digits = value.normalize().mantissa().unsigned_abs().to_string();
    u32::try_from(digits.trim_end_matches('0').len()).unwrap_or(u32::MAX)
}
