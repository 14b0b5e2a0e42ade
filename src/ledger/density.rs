//! Dollars for a megawatt, and whose are out of line with deals of their kind.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::model::{Deal, Megawatts};

/// With fewer deals of a kind than this, nobody can say what is usual.
pub const FEWEST: usize = 8;

/// How many standard deviations from the median are out of line. A robust estimate of them is 1.4826 times the median
/// absolute deviation, for figures that scatter as a bell curve; 3.5 of them is the limit that Iglewicz and Hoaglin give
/// in "How to Detect and Handle Outliers" (1993).
const LIMIT: f64 = 3.5 * 1.4826;

/// What is usual is never told more finely than this: half as much again or a third less is no outlier, however much
/// alike the others are. In natural logarithms.
const FINEST: f64 = 0.405;

/// What is usual among deals of a kind, in natural logarithms of dollars for a megawatt, so that twice and half as much
/// lie equally far away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// How many deals tell it.
    pub deals: usize,
    /// The median.
    pub median: f64,
    /// The median of the distances from it.
    pub deviation: f64,
}

/// Where a deal stands among those of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Among them.
    Usual,
    /// Far below them.
    Low,
    /// Far above them.
    High,
}

/// Firm dollars for each megawatt; `None` where either is not disclosed or nothing.
pub fn per_megawatt(deal: &Deal) -> Option<Decimal> {
    let power = deal.mw.map(Megawatts::get).filter(|mw| !mw.is_zero())?;
    deal.committed_usd.filter(|usd| !usd.is_zero())?.checked_div(power)
}

/// What is usual among these, in dollars for a megawatt; `None` where they are too few to say.
pub fn usual(each: &[Decimal]) -> Option<Usual> {
    let logs: Vec<f64> = each.iter().filter_map(|value| logarithm(*value)).collect();
    if logs.len() < FEWEST {
        return None;
    }
    let middle = median(logs.clone())?;
    let deviation = median(logs.iter().map(|log| (log - middle).abs()).collect())?;
    Some(Usual { deals: logs.len(), median: middle, deviation })
}

impl Usual {
    /// Where so many dollars for a megawatt stand.
    pub fn place(self, each: Decimal) -> Place {
        let Some(log) = logarithm(each).filter(|_| self.deals >= FEWEST) else { return Place::Usual };
        let limit = (LIMIT * self.deviation).max(FINEST);
        match log - self.median {
            above if above > limit => Place::High,
            below if below < -limit => Place::Low,
            _ => Place::Usual,
        }
    }

    /// The median in dollars for a megawatt, to the dollar.
    pub fn dollars(self) -> Option<Decimal> {
        Decimal::try_from(self.median.exp()).ok().map(|dollars| dollars.round())
    }
}

fn logarithm(value: Decimal) -> Option<f64> {
    value.to_f64().filter(|value| *value > 0.0).map(f64::ln)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { f64::midpoint(values[middle - 1], upper) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millions(figures: &[i64]) -> Vec<Decimal> {
        figures.iter().map(|figure| Decimal::from(figure * 1_000_000)).collect()
    }

    #[test]
    fn what_is_far_from_the_median_of_its_kind_is_out_of_line() {
        let usual = usual(&millions(&[8, 9, 10, 10, 11, 12, 13, 40])).unwrap();
        assert_eq!(usual.dollars().map(|dollars| dollars / Decimal::from(1000)).map(|k| k.round()), Some(10488.into()));
        for (each, place) in [(1, Place::Low), (9, Place::Usual), (15, Place::Usual), (40, Place::High)] {
            assert_eq!(usual.place(Decimal::from(each * 1_000_000)), place, "{each} million");
        }
    }

    #[test]
    fn a_few_deals_say_nothing_and_like_ones_no_more_than_they_can() {
        assert_eq!(usual(&millions(&[10, 10, 10, 10, 10, 10, 900])), None);
        let alike = usual(&millions(&[10; 9])).unwrap();
        assert_eq!(alike.place(Decimal::from(14_000_000)), Place::Usual);
        assert_eq!(alike.place(Decimal::from(16_000_000)), Place::High);
        assert_eq!(alike.place(Decimal::from(6_000_000)), Place::Low);
    }
}
