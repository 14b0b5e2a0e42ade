//! The chart of an issue, as an image that every mail program shows: firm dollars by period, the issue's own period last.

use chrono::{DateTime, Utc};
use rust_decimal::prelude::ToPrimitive;

use crate::{
    ledger::issue::{Sum, View},
    model::Cadence,
    web::{format, picture},
};

/// The size at which it is shown; it is drawn at twice that.
pub const WIDTH: u32 = 552;
/// Its height.
pub const HEIGHT: u32 = 160;

/// A bar.
struct Bar {
    label: String,
    firm: f64,
    words: String,
}

/// The chart as a PNG with what it shows in words; `None` where there is nothing to draw.
pub fn draw(view: &View<'_>) -> Option<(Vec<u8>, String)> {
    let own = (view.issue.period.from, view.sum);
    let bars: Vec<Bar> = view.before.iter().copied().chain([own]).map(|(from, sum)| bar(view, from, sum)).collect();
    if view.before.is_empty() || bars.iter().all(|bar| bar.firm <= 0.0) {
        return None;
    }
    let told: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.label, bar.words)).collect();
    Some((picture::png(&svg(&bars), 2)?, told.join(", ")))
}

fn bar(view: &View<'_>, from: DateTime<Utc>, sum: Sum) -> Bar {
    let label = match view.issue.period.cadence {
        Cadence::Weekly => format!("{}", from.format("W%V")),
        _ => format!("{}", from.format("%-d %b")),
    };
    Bar { label, firm: sum.committed.to_f64().unwrap_or_default(), words: format::usd(sum.committed) }
}

/// Columns in quiet ink, the issue's own in the accent, each with its figure.
fn svg(bars: &[Bar]) -> String {
    let (width, ground, plot) = (f64::from(WIDTH), f64::from(HEIGHT) - 26.0, f64::from(HEIGHT) - 56.0);
    let highest = bars.iter().map(|bar| bar.firm).fold(0.0, f64::max);
    let slot = (width - 24.0) / bars.len() as f64;
    let mut drawn = Vec::new();
    for (at, bar) in bars.iter().enumerate() {
        let x = 12.0 + slot * at as f64;
        let firm = bar.firm / highest * plot;
        let last = at + 1 == bars.len();
        let (ink, weight) = if last { ("#0a6a5c", 700) } else { ("#5c6166", 400) };
        let (left, wide, middle) = (x + slot * 0.14, slot * 0.72, x + slot / 2.0);
        if firm > 0.0 {
            drawn.push(format!(
                r#"<rect x="{left:.1}" y="{:.1}" width="{wide:.1}" height="{:.1}" fill="{ink}"/>"#,
                ground - firm.max(1.0),
                firm.max(1.0)
            ));
        }
        let words = if bar.firm > 0.0 { bar.words.as_str() } else { "" };
        drawn.push(format!(
            r#"<text x="{middle:.1}" y="{:.1}" text-anchor="middle" font-weight="{weight}" fill="{ink}">{words}</text>"#,
            ground - firm - 6.0
        ));
        drawn.push(format!(
            r#"<text x="{middle:.1}" y="{:.1}" text-anchor="middle" font-weight="{weight}" fill="{ink}">{}</text>"#,
            ground + 17.0,
            bar.label
        ));
    }
    let drawn = drawn.concat();
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="Inter" font-size="12">
<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbfaf6"/>{drawn}<path d="M12 {ground}H{}" stroke="#16181a" stroke-width="1"/></svg>"##,
        width - 12.0
    )
}
