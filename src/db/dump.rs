//! The ledger as text that two databases can be compared by: what it says, without ids and without when it was read.

use serde_json::{Value, json};
use sqlx::PgConnection;

/// The fields that name a row of this database or the time at which it was read.
const OWN: [&str; 2] = ["claim", "deal"];

/// A line of JSON for each deal, in the order of the lines: its record, with what it adds to totals besides other deals.
/// The same claims and the same words of editors give the same lines in every database.
pub async fn lines(db: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query!(
        "SELECT record, net_committed_usd, net_potential_usd, net_mw, programmes,
                (SELECT count(*) FROM deals part WHERE part.part_of = deals.id) AS \"parts!\" FROM deals"
    )
    .fetch_all(db)
    .await?;
    let mut lines: Vec<String> = rows
        .into_iter()
        .map(|row| {
            let text = |sum: Option<rust_decimal::Decimal>| sum.map(|sum| sum.normalize().to_string());
            let mut deal = json!({
                "record": row.record, "programmes": row.programmes, "parts": row.parts,
                "net": {"committed_usd": text(row.net_committed_usd), "potential_usd": text(row.net_potential_usd), "mw": text(row.net_mw)},
            });
            without_own(&mut deal);
            deal.to_string()
        })
        .collect();
    lines.sort();
    Ok(lines)
}

fn without_own(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for own in OWN {
                fields.remove(own);
            }
            fields.values_mut().for_each(without_own);
        }
        Value::Array(items) => items.iter_mut().for_each(without_own),
        _ => {}
    }
}
