//! The list of deals as it was known at a past time, read from the revisions.
//!
//! A revision holds the whole record and no columns beside it, so that what a list filters by is worked out from the
//! record. The past is asked for seldom, and answered more slowly than the present.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    parsed,
    timeline::{Cell, DealFilter, Facet, narrow},
};
use crate::{
    ledger::net::{Figures, Member, net},
    model::{
        Kind, Status,
        places::{country, country_name},
    },
};

/// The places that records name, with their countries' codes and names.
#[derive(Debug, Default)]
pub(super) struct Gazetteer {
    places: Vec<String>,
    codes: Vec<String>,
    names: Vec<String>,
}

/// The places that are needed to filter the past; none for the present, whose countries are kept.
pub(super) async fn gazetteer(db: &mut PgConnection, filter: &DealFilter) -> sqlx::Result<Gazetteer> {
    let mut gazetteer = Gazetteer::default();
    if filter.as_of.is_none() {
        return Ok(gazetteer);
    }
    let places = sqlx::query_scalar!(
        r#"SELECT DISTINCT named.place AS "place!" FROM revisions, jsonb_array_elements_text(record -> 'places') AS named (place)
           WHERE record IS NOT NULL"#
    )
    .fetch_all(db)
    .await?;
    for place in places {
        if let Some(code) = country(&place) {
            gazetteer.codes.push(code.to_owned());
            gazetteer.names.push(country_name(code).to_owned());
            gazetteer.places.push(place);
        }
    }
    Ok(gazetteer)
}

/// The deals of a time, as `d`, with the columns by which lists filter and sort. The search looks in the same words as
/// that of `db::deals`.
pub(super) fn source(query: &mut QueryBuilder<Postgres>, at: DateTime<Utc>, gazetteer: &Gazetteer) {
    query
        .push(
            "(WITH gazetteer AS MATERIALIZED (
                  SELECT * FROM unnest(",
        )
        .push_bind(gazetteer.places.clone())
        .push("::text[], ")
        .push_bind(gazetteer.codes.clone())
        .push("::text[], ")
        .push_bind(gazetteer.names.clone())
        .push(
            "::text[]) AS known (place, code, name)),
              state AS (
                  SELECT DISTINCT ON (deal_id) deal_id, record FROM revisions
                  WHERE coalesce(effective_at, recorded_at) <= ",
        )
        .push_bind(at)
        .push(
            " ORDER BY deal_id, coalesce(effective_at, recorded_at) DESC, written DESC)
              SELECT s.deal_id AS id, NULL::text AS slug, s.record, s.record ->> 'kind' AS kind, s.record ->> 'status' AS status,
                     coalesce((s.record ->> 'announced_on')::date,
                              ((s.record ->> 'first_seen')::timestamptz AT TIME ZONE 'UTC')::date) AS day,
                     (s.record ->> 'committed_usd')::numeric AS committed_usd,
                     (s.record ->> 'potential_usd')::numeric AS potential_usd,
                     (s.record ->> 'mw')::numeric AS mw, (s.record ->> 'publishers')::numeric AS publishers,
                     CASE WHEN s.record #>> '{umbrella,bond}' = 'part' THEN (s.record #>> '{umbrella,deal}')::uuid END AS part_of,
                     ARRAY(SELECT DISTINCT g.code FROM jsonb_array_elements_text(s.record -> 'places') AS named (place)
                           JOIN gazetteer g ON g.place = named.place) AS countries,
                     to_tsvector('wattline', concat_ws(' ', s.record ->> 'headline', replace(s.record ->> 'kind', '_', ' '),
                         s.record ->> 'status',
                         (SELECT string_agg(named.party ->> 'name', ' ') FROM jsonb_array_elements(s.record -> 'parties') AS named (party)),
                         (SELECT string_agg(named.place, ' ') FROM jsonb_array_elements_text(s.record -> 'places') AS named (place)),
                         (SELECT string_agg(DISTINCT g.name, ' ') FROM jsonb_array_elements_text(s.record -> 'places') AS named (place)
                          JOIN gazetteer g ON g.place = named.place),
                         (SELECT string_agg(named.chips ->> 'model', ' ') FROM jsonb_array_elements(s.record -> 'chips') AS named (chips)))) AS search
              FROM state s WHERE s.record IS NOT NULL) d",
        );
}

/// The parties of a record, as the table of parties has them.
pub(super) const PARTIES: &str = " AND EXISTS (
    SELECT FROM (SELECT party ->> 'company' AS company, party ->> 'role' AS role, party #>> '{flow,direction}' AS direction
                 FROM jsonb_array_elements(d.record -> 'parties') AS named (party)) p WHERE TRUE";

#[derive(FromRow)]
struct StateRow {
    id: Uuid,
    kind: String,
    status: String,
    day: NaiveDate,
    committed_usd: Option<Decimal>,
    potential_usd: Option<Decimal>,
    mw: Option<Decimal>,
    part_of: Option<Uuid>,
    wanted: bool,
}

/// The sums of a past time by month, kind and stage. What each deal adds besides others is worked out over all deals of
/// that time, for an umbrella may be left out by the filter.
pub(super) async fn cells(db: &mut PgConnection, filter: &DealFilter) -> sqlx::Result<Vec<Cell>> {
    let Some(at) = filter.as_of else { return Ok(Vec::new()) };
    let gazetteer = gazetteer(db, filter).await?;
    let mut query = QueryBuilder::new(
        "SELECT d.id, d.kind, d.status, d.day, d.committed_usd, d.potential_usd, d.mw, d.part_of, (TRUE",
    );
    narrow(&mut query, filter, Facet::KindAndStatus);
    query.push(") AS wanted FROM ");
    source(&mut query, at, &gazetteer);
    let rows: Vec<StateRow> = query.build_query_as().fetch_all(db).await?;
    let members = rows
        .iter()
        .map(|row| {
            let gross = Figures { committed: row.committed_usd, potential: row.potential_usd, mw: row.mw };
            Ok(Member { id: row.id, part_of: row.part_of, status: parsed(row.status.parse())?, gross })
        })
        .collect::<sqlx::Result<Vec<_>>>()?;
    let nets: HashMap<Uuid, Figures> = members.iter().map(|member| member.id).zip(net(&members)).collect();
    let mut cells: BTreeMap<(NaiveDate, &str, &str), Cell> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.wanted) {
        let month = row.day.with_day(1).unwrap_or(row.day);
        let (kind, status): (Kind, Status) = (parsed(row.kind.parse())?, parsed(row.status.parse())?);
        let net = nets.get(&row.id).copied().unwrap_or_default();
        let cell =
            cells.entry((month, kind.as_str(), status.as_str())).or_insert_with(|| Cell::empty(month, kind, status));
        cell.deals += 1;
        cell.disclosed += i64::from(row.committed_usd.is_some() || row.potential_usd.is_some());
        cell.committed += net.committed.unwrap_or_default();
        cell.potential += net.potential.unwrap_or_default();
        cell.mw += net.mw.unwrap_or_default();
        cell.gross += row.committed_usd.unwrap_or_default();
    }
    Ok(cells.into_values().collect())
}
