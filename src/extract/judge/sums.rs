//! Which figures of an article add up to another: phases of a campus, tranches of a loan.

use rust_decimal::Decimal;

use super::super::quantity::{Figure, Measure};

/// The most figures of one measure that are looked at; an article with more is a table.
const MANY: usize = 24;

/// The most figures that one sum is of.
const LONGEST: usize = 6;

/// How a figure stands to the sums of an article.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// The figure that it is a part of, with others.
    pub part_of: Option<usize>,
    /// Whether others add up to it.
    pub whole: bool,
}

/// For each figure, whether it is a part of another, or the whole of others: two of them, or some that follow each other.
pub(super) fn find(figures: &[Figure]) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); figures.len()];
    let mut measures: Vec<Measure> = Vec::new();
    for figure in figures {
        if matches!(figure.measure, Measure::Money(_) | Measure::Power) && !measures.contains(&figure.measure) {
            measures.push(figure.measure.clone());
        }
    }
    for measure in measures.into_iter().take(4) {
        let own: Vec<usize> = (0..figures.len())
            .filter(|at| {
                let figure = &figures[*at];
                figure.measure == measure
                    && !figure.per_unit
                    && !figure.conversion
                    && figure.value_max.is_none()
                    && figure.value > Decimal::ZERO
            })
            .take(MANY)
            .collect();
        let mut note = |parts: &[usize], value: Decimal| {
            let whole = own.iter().find(|at| {
                let total = figures[**at].value;
                !parts.contains(at)
                    && (total - value).abs() <= total / Decimal::from(200)
                    && parts.iter().all(|part| figures[*part].value < total)
            });
            if let Some(whole) = whole {
                for at in &own {
                    if figures[*at].value == figures[*whole].value {
                        sums[*at].whole = true;
                    }
                }
                for part in parts {
                    sums[*part].part_of.get_or_insert(*whole);
                }
            }
        };
        for (nth, first) in own.iter().enumerate() {
            let mut value = figures[*first].value;
            for (more, next) in own[nth + 1..].iter().enumerate() {
                note(&[*first, *next], figures[*first].value.saturating_add(figures[*next].value));
                if more + 2 <= LONGEST {
                    value = value.saturating_add(figures[*next].value);
                    note(&own[nth..nth + more + 2], value);
                }
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Sum, find};
    use crate::extract::{lexicon::Lexicon, quantity, text::Text};

    fn sums(text: &str) -> Vec<Sum> {
        let lexicon = Lexicon::shipped();
        find(&quantity::find(&Text::new(text.to_owned(), false, lexicon), lexicon))
    }

    const PART: fn(usize) -> Sum = |whole| Sum { part_of: Some(whole), whole: false };
    const WHOLE: Sum = Sum { part_of: None, whole: true };
    const NEITHER: Sum = Sum { part_of: None, whole: false };

    #[test]
    fn phases_are_parts_of_the_total_that_they_add_up_to() {
        let text = "Hirtshals Data leases 96 MW: 24 MW in May, 36 MW in June and 36 MW in July. It paid $7 million.";
        assert_eq!(sums(text), [WHOLE, PART(0), PART(0), PART(0), NEITHER]);
    }

    #[test]
    fn only_figures_of_one_measure_add_up() {
        assert_eq!(sums("It raised $80 million and EUR 230 million, or 310 MW."), [NEITHER; 3]);
        assert_eq!(sums("It raised $80 million and $230 million, $310 million in all."), [PART(2), PART(2), WHOLE]);
    }

    proptest! {
        #[test]
        fn what_is_a_whole_has_parts_and_the_other_way_round(values in prop::collection::vec(1_u32..60, 0..30)) {
            let text: Vec<String> = values.iter().map(|value| format!("It takes {value} MW.")).collect();
            let sums = sums(&text.join(" "));
            prop_assert_eq!(sums.len(), values.len());
            prop_assert_eq!(sums.iter().any(|sum| sum.whole), sums.iter().any(|sum| sum.part_of.is_some()));
            for (at, sum) in sums.iter().enumerate() {
                if let Some(whole) = sum.part_of {
                    prop_assert!(sums[whole].whole && values[whole] > values[at]);
                }
            }
        }
    }
}
