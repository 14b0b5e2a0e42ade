//! What deals add to the totals of companies, kept beside them so that totals are sums over an index.
//!
//! A change of a record marks its deal, whoever makes it (a trigger sees to that); [`settle`] works out what the marked
//! deals and their umbrellas add by now. Sums by month are kept by triggers too.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::parsed;
use crate::{
    ledger::{
        net::{Figures, Member, net},
        shares::{Owners, Share, shares},
    },
    model::{Deal, Slug, Status},
};

/// How many marked deals are worked out at once.
const BATCH: i64 = 500;

/// Works out what every marked deal adds to totals. Runs in the transaction that changed them, under the ledger's lock.
/// Returns how many deals were marked.
pub async fn settle(db: &mut PgConnection) -> sqlx::Result<usize> {
    let mut settled = 0;
    loop {
        let marked = sqlx::query_scalar!(
            "DELETE FROM stale_shares WHERE deal_id IN (SELECT deal_id FROM stale_shares ORDER BY deal_id LIMIT $1) RETURNING deal_id",
            BATCH
        )
        .fetch_all(&mut *db)
        .await?;
        if marked.is_empty() {
            return Ok(settled);
        }
        settled += marked.len();
        settle_these(db, &marked).await?;
    }
}

/// A deal with all that is in umbrellas with it.
struct Relative {
    member: Member,
    net: Figures,
}

async fn settle_these(db: &mut PgConnection, marked: &[Uuid]) -> sqlx::Result<()> {
    // A planner that does not know how few relatives a deal has would rather read every deal: `OFFSET 0` and the array
    // keep it to the indexes.
    let rows = sqlx::query!(
        r#"WITH RECURSIVE up AS (
               SELECT id, part_of FROM deals WHERE id = ANY($1)
               UNION
               SELECT d.id, d.part_of FROM up JOIN deals d ON d.id = up.part_of),
           down AS (
               SELECT id FROM up
               UNION
               SELECT d.id FROM down, LATERAL (SELECT id FROM deals WHERE part_of = down.id OFFSET 0) d)
           SELECT d.id, d.part_of, d.status, d.committed_usd, d.potential_usd, d.mw, d.net_committed_usd, d.net_potential_usd, d.net_mw
           FROM deals d WHERE d.id = ANY(ARRAY(SELECT id FROM down)) ORDER BY d.id"#,
        marked
    )
    .fetch_all(&mut *db)
    .await?;
    let relatives = rows
        .into_iter()
        .map(|row| {
            let gross = Figures { committed: row.committed_usd, potential: row.potential_usd, mw: row.mw };
            Ok(Relative {
                member: Member {
                    id: row.id,
                    part_of: row.part_of,
                    status: parsed(row.status.parse::<Status>())?,
                    gross,
                },
                net: Figures { committed: row.net_committed_usd, potential: row.net_potential_usd, mw: row.net_mw },
            })
        })
        .collect::<sqlx::Result<Vec<Relative>>>()?;
    let members: Vec<Member> = relatives.iter().map(|relative| relative.member.clone()).collect();
    let nets: HashMap<Uuid, Figures> = members.iter().map(|member| member.id).zip(net(&members)).collect();

    // Of the relatives of a deal that changed, those whose remainder did.
    let marked: BTreeSet<Uuid> = marked.iter().copied().collect();
    let changed: Vec<Uuid> = relatives
        .iter()
        .filter(|relative| marked.contains(&relative.member.id) || nets[&relative.member.id] != relative.net)
        .map(|relative| relative.member.id)
        .collect();
    let deals = sqlx::query!(r#"SELECT id, record AS "record: Json<Deal>" FROM deals WHERE id = ANY($1)"#, &changed)
        .fetch_all(&mut *db)
        .await?;
    let deals: Vec<(Uuid, Deal)> = deals.into_iter().map(|row| (row.id, row.record.0)).collect();
    write_nets(db, &deals, &nets).await?;
    let parents = parents_of(db, deals.iter().map(|(_, deal)| deal).collect::<Vec<_>>()).await?;
    let worked_out: Vec<(Uuid, &Deal, Vec<Share>)> =
        deals.iter().map(|(id, deal)| (*id, deal, shares(deal, nets[id], &owners(&parents, deal)))).collect();
    write_shares(db, &changed, &worked_out).await
}

async fn write_nets(db: &mut PgConnection, deals: &[(Uuid, Deal)], nets: &HashMap<Uuid, Figures>) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = deals.iter().map(|(id, _)| *id).collect();
    let of = |figure: fn(&Figures) -> Option<Decimal>| -> Vec<Option<Decimal>> {
        ids.iter().map(|id| figure(&nets[id])).collect()
    };
    let (committed, potential, mw) = (of(|net| net.committed), of(|net| net.potential), of(|net| net.mw));
    let news: Vec<Option<NaiveDate>> = deals.iter().map(|(_, deal)| deal.last_news).collect();
    sqlx::query!(
        "UPDATE deals d SET net_committed_usd = new.committed, net_potential_usd = new.potential, net_mw = new.mw, last_news = new.news
         FROM unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::numeric[], $5::date[]) AS new (id, committed, potential, mw, news)
         WHERE d.id = new.id AND (d.net_committed_usd, d.net_potential_usd, d.net_mw, d.last_news)
             IS DISTINCT FROM (new.committed, new.potential, new.mw, new.news)",
        &ids,
        &committed as &[Option<Decimal>],
        &potential as &[Option<Decimal>],
        &mw as &[Option<Decimal>],
        &news as &[Option<NaiveDate>]
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Who owns whom, and when: from a company to its parents.
pub(super) type Parents = HashMap<Slug, Vec<(Slug, Option<NaiveDate>, Option<NaiveDate>)>>;

/// The parents of the parties of these deals, and theirs.
pub(super) async fn parents_of<'a>(
    db: &mut PgConnection,
    deals: impl IntoIterator<Item = &'a Deal>,
) -> sqlx::Result<Parents> {
    let companies: BTreeSet<String> =
        deals.into_iter().flat_map(|deal| &deal.parties).map(|party| party.company.to_string()).collect();
    let companies: Vec<String> = companies.into_iter().collect();
    let rows = sqlx::query!(
        r#"WITH RECURSIVE owned AS (
               SELECT company, parent, valid_from, valid_to FROM company_parents WHERE company = ANY($1)
               UNION
               SELECT p.company, p.parent, p.valid_from, p.valid_to FROM owned o JOIN company_parents p ON p.company = o.parent)
           SELECT company AS "company!", parent AS "parent!", valid_from, valid_to FROM owned"#,
        &companies
    )
    .fetch_all(db)
    .await?;
    let mut parents: Parents = HashMap::new();
    for row in rows {
        let parent = (Slug::of(&row.parent), row.valid_from, row.valid_to);
        parents.entry(Slug::of(&row.company)).or_default().push(parent);
    }
    Ok(parents)
}

/// All that owned the parties of a deal on its day, directly or by way of others, and all that owned these.
pub(super) fn owners(parents: &Parents, deal: &Deal) -> Owners {
    let day = deal.day();
    let on_day = |company: &Slug| {
        parents
            .get(company)
            .into_iter()
            .flatten()
            .filter(move |(_, from, to)| from.is_none_or(|from| from <= day) && to.is_none_or(|to| day < to))
    };
    let mut owners = Owners::new();
    let mut asked: Vec<Slug> = deal.parties.iter().map(|party| party.company.clone()).collect();
    while let Some(company) = asked.pop() {
        if owners.contains_key(&company) || !parents.contains_key(&company) {
            continue;
        }
        let mut found: Vec<Slug> = Vec::new();
        let mut next = vec![company.clone()];
        while let Some(owned) = next.pop() {
            for (parent, ..) in on_day(&owned) {
                if !found.contains(parent) && *parent != company {
                    found.push(parent.clone());
                    next.push(parent.clone());
                }
            }
        }
        asked.extend(found.iter().cloned());
        owners.insert(company, found);
    }
    owners
}

async fn write_shares(
    db: &mut PgConnection,
    changed: &[Uuid],
    worked_out: &[(Uuid, &Deal, Vec<Share>)],
) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM shares WHERE deal_id = ANY($1)", changed).execute(&mut *db).await?;
    let all: Vec<(Uuid, i32, &Deal, &Share)> = worked_out
        .iter()
        .flat_map(|(id, deal, shares)| (0_i32..).zip(shares).map(move |(place, share)| (*id, place, *deal, share)))
        .collect();
    let texts = |of: fn(&Share) -> Option<String>| -> Vec<Option<String>> { all.iter().map(|row| of(row.3)).collect() };
    let sums =
        |of: fn(&Share) -> Option<Decimal>| -> Vec<Option<Decimal>> { all.iter().map(|row| of(row.3)).collect() };
    let ids: Vec<Uuid> = all.iter().map(|row| row.0).collect();
    let positions: Vec<i32> = all.iter().map(|row| row.1).collect();
    let companies = texts(|share| share.company.as_ref().map(ToString::to_string));
    let scopes: Vec<String> = all.iter().map(|row| row.3.scope.as_str().to_owned()).collect();
    let roles = texts(|share| share.role.map(|role| role.to_string()));
    let directions = texts(|share| share.direction.map(|direction| direction.to_string()));
    let parts: Vec<i32> = all.iter().map(|row| row.3.part).collect();
    let wholes: Vec<i32> = all.iter().map(|row| row.3.whole).collect();
    let (committed, potential) = (sums(|share| share.gross.committed), sums(|share| share.gross.potential));
    let (net_committed, net_potential) = (sums(|share| share.net.committed), sums(|share| share.net.potential));
    let (mw, net_mw) = (sums(|share| share.gross.mw), sums(|share| share.net.mw));
    let leads_side: Vec<bool> = all.iter().map(|row| row.3.leads_side).collect();
    let leads: Vec<bool> = all.iter().map(|row| row.3.leads).collect();
    let tops: Vec<bool> = all.iter().map(|row| row.3.is_top).collect();
    let disclosed: Vec<bool> =
        all.iter().map(|row| row.2.committed_usd.is_some() || row.2.potential_usd.is_some()).collect();
    let kinds: Vec<String> = all.iter().map(|row| row.2.kind.as_str().to_owned()).collect();
    let statuses: Vec<String> = all.iter().map(|row| row.2.status.as_str().to_owned()).collect();
    let days: Vec<NaiveDate> = all.iter().map(|row| row.2.day()).collect();
    sqlx::query!(
        "INSERT INTO shares (deal_id, position, company, scope, role, direction, part, whole, committed_usd, potential_usd,
                             net_committed_usd, net_potential_usd, mw, net_mw, leads_side, leads, is_top, disclosed, kind, status, day)
         SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[], $9::numeric[],
                              $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[], $14::numeric[], $15::bool[], $16::bool[],
                              $17::bool[], $18::bool[], $19::text[], $20::text[], $21::date[])",
        &ids,
        &positions,
        &companies as &[Option<String>],
        &scopes,
        &roles as &[Option<String>],
        &directions as &[Option<String>],
        &parts,
        &wholes,
        &committed as &[Option<Decimal>],
        &potential as &[Option<Decimal>],
        &net_committed as &[Option<Decimal>],
        &net_potential as &[Option<Decimal>],
        &mw as &[Option<Decimal>],
        &net_mw as &[Option<Decimal>],
        &leads_side,
        &leads,
        &tops,
        &disclosed,
        &kinds,
        &statuses,
        &days
    )
    .execute(db)
    .await?;
    Ok(())
}
