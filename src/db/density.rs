//! Dollars for a megawatt over all deals of a kind.

use sqlx::PgConnection;

use crate::{ledger::density::Usual, model::Kind};

/// What is usual for a kind among the deals that count; `None` where no deal tells.
pub async fn usual(db: &mut PgConnection, kind: Kind) -> sqlx::Result<Option<Usual>> {
    let row = sqlx::query!(
        r#"WITH each AS (
               SELECT ln(committed_usd / mw)::float8 AS log FROM deals
               WHERE kind = $1 AND committed_usd > 0 AND mw > 0 AND status NOT IN ('rumored', 'cancelled')),
           middle AS (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY log) AS median FROM each)
           SELECT count(*) AS "deals!", max(median) AS median,
                  percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(log - median)) AS deviation
           FROM each, middle"#,
        kind.as_str()
    )
    .fetch_one(db)
    .await?;
    Ok(row.median.zip(row.deviation).map(|(median, deviation)| Usual {
        deals: usize::try_from(row.deals).unwrap_or_default(),
        median,
        deviation,
    }))
}
