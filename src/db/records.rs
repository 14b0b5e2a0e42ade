//! The records with the items of the archive that they rest on.

use std::collections::BTreeSet;

use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::model::Deal;

/// Every record, in the order of the days, with the ids of the archive's items that its claims were read from.
pub async fn with_items(db: &mut PgConnection) -> sqlx::Result<Vec<(Uuid, Deal, BTreeSet<String>)>> {
    let rows = sqlx::query!(
        r#"SELECT d.id, d.record AS "record: Json<Deal>",
                  ARRAY(SELECT DISTINCT substr(k.key, length('archive:') + 1)
                        FROM deal_claims dc JOIN claims c ON c.id = dc.claim_id JOIN article_keys k ON k.article_id = c.article_id
                        WHERE dc.deal_id = d.id AND k.key LIKE 'archive:%') AS "items!"
           FROM deals d ORDER BY d.day, d.id"#
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.record.0, row.items.into_iter().collect())).collect())
}
