//! What the deals of a country add up to in the states inside it.

use rust_decimal::Decimal;
use sqlx::PgConnection;

use crate::ledger::totals::Wanted;

/// What deals come to in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateTotal {
    /// The place, as the sources name it.
    pub place: String,
    /// How many deals name it.
    pub deals: i64,
    /// Firm dollars, each counted once. Of a deal in several countries and states each takes an equal part.
    pub committed: Decimal,
    /// Megawatts, likewise.
    pub mw: Decimal,
}

/// The totals of these places in a country. Places that no deal names are left out.
pub async fn states(
    db: &mut PgConnection,
    country: &str,
    places: &[String],
    wanted: &Wanted,
) -> sqlx::Result<Vec<StateTotal>> {
    sqlx::query_as!(
        StateTotal,
        r#"WITH named AS (
               SELECT p.place, d.net_committed_usd, d.net_mw,
                      count(*) OVER (PARTITION BY d.id) * cardinality(d.countries) AS parts
               FROM deals d, LATERAL (SELECT DISTINCT place FROM unnest(d.places) AS place WHERE place = ANY($2)) p
               WHERE d.countries @> ARRAY[$1]
               AND d.day BETWEEN coalesce($3, '-infinity'::date) AND coalesce($4, 'infinity'::date)
               AND ($5::text[] IS NULL OR d.kind = ANY($5)) AND d.status = ANY($6))
           SELECT place AS "place!", count(*) AS "deals!",
                  coalesce(sum(round(net_committed_usd / parts, 2)), 0) AS "committed!",
                  coalesce(sum(round(net_mw / parts, 3)), 0) AS "mw!"
           FROM named GROUP BY place ORDER BY place"#,
        country,
        places,
        wanted.from,
        wanted.to,
        super::totals::kinds(wanted) as _,
        &super::totals::statuses(wanted)
    )
    .fetch_all(db)
    .await
}
