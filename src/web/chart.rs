//! Charts as SVG that follows the page's theme. Pure: scales, ticks, stacking.
//!
//! Across, positions are shares of the width, so that a chart fits any screen with its letters undistorted; downwards
//! they are pixels, so that it keeps its height.

use askama::{Template, filters::HtmlSafe};

/// How a series is drawn: certainty is drawn, not coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Firm.
    Solid,
    /// Hanging on conditions.
    Hatched,
    /// A rumour.
    Dashed,
}

/// One layer of the stack.
#[derive(Debug, Clone)]
pub struct Series {
    /// What it is called.
    pub label: String,
    /// The name of its hue: a kind's, or `ink`.
    pub hue: &'static str,
    /// How it is drawn.
    pub style: Style,
    /// What it adds up to, as the legend says.
    pub total: String,
}

/// One bar: a period with its value for each series.
#[derive(Debug, Clone)]
pub struct Column {
    /// The period, `Q3 2025`.
    pub label: String,
    /// What stands under the axis, where something does.
    pub axis: Option<String>,
    /// Where the bar leads.
    pub href: String,
    /// The values, one for each series.
    pub values: Vec<f64>,
    /// The values as the table shows them.
    pub texts: Vec<String>,
    /// The whole bar in words.
    pub total: String,
    /// Whether the period is still running.
    pub incomplete: bool,
}

/// A drawn chart.
#[derive(Debug, Clone, Template)]
#[template(path = "_chart.html")]
pub struct Chart {
    /// What it shows, with its unit.
    pub title: String,
    /// What a bar is of: a quarter, a week.
    period: &'static str,
    series: Vec<Series>,
    columns: Vec<Column>,
    bars: Vec<Bar>,
    ticks: Vec<Tick>,
}
impl HtmlSafe for Chart {}

/// A gridline.
#[derive(Debug, Clone, PartialEq)]
struct Tick {
    y: f64,
    label: String,
}

/// A bar in place.
#[derive(Debug, Clone)]
struct Bar {
    x: f64,
    width: f64,
    slot: f64,
    slot_width: f64,
    middle: f64,
    top: f64,
    anchor: &'static str,
    segments: Vec<Segment>,
}

/// A series' part of a bar in place.
#[derive(Debug, Clone, PartialEq)]
struct Segment {
    series: usize,
    y: f64,
    height: f64,
}

/// Pixels: the plot, and what stands above and below it.
const PLOT: f64 = 168.0;
const ABOVE: f64 = 20.0;
const BELOW: f64 = 24.0;
/// Where the axis lies, and the whole height.
pub(super) const GROUND: f64 = ABOVE + PLOT;
pub(super) const HEIGHT: f64 = GROUND + BELOW;
/// A bar is never wider than one of so many.
const FEWEST_SLOTS: usize = 8;

impl Chart {
    /// Draws a chart; its scale reaches at least to `highest`, and `axis` puts a value into the words of the axis.
    pub fn draw(
        title: String,
        series: Vec<Series>,
        columns: Vec<Column>,
        highest: f64,
        axis: impl Fn(f64) -> String,
    ) -> Self {
        let highest = columns.iter().map(|column| column.values.iter().sum()).fold(highest, f64::max);
        let steps = ticks(highest);
        let top = steps.last().copied().unwrap_or(1.0).max(highest);
        let scale = |value: f64| value / top * PLOT;
        let slot = 100.0 / columns.len().max(FEWEST_SLOTS) as f64;
        let last = columns.len().saturating_sub(1);
        let bars = columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let (segments, top) = stack(&column.values, scale);
                let left = slot * at as f64;
                let (anchor, middle) = match at {
                    0 => ("start", left + slot * 0.14),
                    _ if at == last && columns.len() >= FEWEST_SLOTS => ("end", left + slot * 0.86),
                    _ => ("middle", left + slot / 2.0),
                };
                let (x, width) = (left + slot * 0.14, slot * 0.72);
                Bar { x, width, slot: left, slot_width: slot, middle, top, anchor, segments }
            })
            .collect();
        let ticks = steps.into_iter().map(|value| Tick { y: GROUND - scale(value), label: axis(value) }).collect();
        Self { title, period: "Quarter", series, columns, bars, ticks }
    }

    /// The same with bars of another period.
    #[must_use]
    pub fn over(self, period: &'static str) -> Self {
        Self { period, ..self }
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.columns.iter().all(|column| column.values.iter().all(|value| *value <= 0.0))
    }

    /// Few enough bars for each to carry its figure on a wide screen.
    fn roomy(&self) -> bool {
        self.columns.len() <= 16
    }
}

/// Round values from zero to the first at or above `highest`, at most six.
fn ticks(highest: f64) -> Vec<f64> {
    if !highest.is_finite() || highest <= 0.0 {
        return vec![0.0];
    }
    let rough = highest / 4.0;
    let magnitude = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|step| step * magnitude)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * magnitude);
    let count = (highest / step).ceil().clamp(1.0, 6.0) as usize;
    (0..=count).map(|n| step * n as f64).collect()
}

/// Puts values on top of each other, from the ground up. What would be thinner than a hairline keeps half a pixel.
/// Returns the parts and where the bar ends.
fn stack(values: &[f64], scale: impl Fn(f64) -> f64) -> (Vec<Segment>, f64) {
    let mut y = GROUND;
    let mut segments = Vec::new();
    for (series, value) in values.iter().enumerate() {
        if *value > 0.0 {
            let height = scale(*value).max(0.5);
            y -= height;
            segments.push(Segment { series, y, height });
        }
    }
    (segments, y)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_axis_has_round_steps() {
        assert_eq!(ticks(412.0), [0.0, 200.0, 400.0, 600.0]);
        assert_eq!(ticks(1.0), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(ticks(0.0), [0.0]);
    }

    #[test]
    fn parts_stand_on_each_other() {
        let (segments, top) = stack(&[10.0, 0.0, 20.0], |value| value);
        assert_eq!(segments.len(), 2);
        assert!((segments[0].y - (GROUND - 10.0)).abs() < 1e-9);
        assert!((segments[1].y + segments[1].height - segments[0].y).abs() < 1e-9);
        assert!((top - segments[1].y).abs() < 1e-9);
    }

    #[test]
    fn an_empty_chart_says_so_and_still_draws() {
        let chart = Chart::draw("Nothing".to_owned(), Vec::new(), Vec::new(), 0.0, |value| value.to_string());
        assert!(chart.is_empty());
        assert!(chart.render().is_ok());
    }

    proptest! {
        #[test]
        fn no_bar_leaves_the_plot(values in prop::collection::vec(prop::collection::vec(0.0_f64..1e13, 3), 1..40)) {
            let columns = values.into_iter().map(|values| Column {
                label: String::new(), axis: None, href: String::new(), values, texts: Vec::new(), total: String::new(), incomplete: false,
            }).collect();
            let chart = Chart::draw(String::new(), Vec::new(), columns, 0.0, |value| value.to_string());
            for bar in &chart.bars {
                // Hairlines may push a bar over its scale by half a pixel each.
                prop_assert!(bar.top >= ABOVE - 1.5 && bar.top <= GROUND);
                prop_assert!(bar.x >= 0.0 && bar.x + bar.width <= 100.001);
            }
        }
    }
}
