//! The issues of the digest: what they are chosen from, and as they were frozen.

use std::collections::HashSet;

use chrono::{DateTime, Days, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{new_id, parsed};
use crate::{
    ledger::{
        issue::{Correction, Issue, TRAIL, Touched},
        quiet::Patience,
    },
    model::{Cadence, Deal, Period, Status},
};

/// The deals that changed over a period, with their records before it and at its end. What a backfill brought in counts
/// from when it happened.
pub async fn touched(db: &mut PgConnection, period: &Period) -> sqlx::Result<Vec<Touched>> {
    let rows = sqlx::query!(
        r#"WITH touched AS (
               SELECT deal_id, bool_or(cause = 'editor') AS edited FROM revisions
               WHERE coalesce(effective_at, recorded_at) >= $1 AND coalesce(effective_at, recorded_at) < $2 GROUP BY deal_id)
           SELECT t.deal_id, t.edited AS "edited!",
                  (SELECT record FROM revisions r WHERE r.deal_id = t.deal_id AND coalesce(effective_at, recorded_at) < $1
                   ORDER BY coalesce(effective_at, recorded_at) DESC, written DESC LIMIT 1) AS "before: Json<Deal>",
                  (SELECT record FROM revisions r WHERE r.deal_id = t.deal_id AND coalesce(effective_at, recorded_at) < $2
                   ORDER BY coalesce(effective_at, recorded_at) DESC, written DESC LIMIT 1) AS "after: Json<Deal>",
                  EXISTS (SELECT FROM deal_redirects WHERE old_id = t.deal_id) AS "merged!"
           FROM touched t ORDER BY t.deal_id"#,
        period.from,
        period.until
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Touched {
            deal: row.deal_id,
            before: row.before.map(|record| record.0),
            after: row.after.map(|record| record.0),
            edited: row.edited,
            merged: row.merged,
        })
        .collect())
}

/// The deals that were first known in the [`TRAIL`] periods before one: id, since when, and the record at the period's end.
pub async fn earlier(db: &mut PgConnection, period: &Period) -> sqlx::Result<Vec<(Uuid, DateTime<Utc>, Deal)>> {
    if period.cadence == Cadence::Instant {
        return Ok(Vec::new());
    }
    let from = period.from - (period.until - period.from) * i32::try_from(TRAIL).unwrap_or_default();
    let rows = sqlx::query!(
        r#"SELECT f.deal_id AS "deal_id!", f.first AS "first!",
                  (SELECT record FROM revisions r WHERE r.deal_id = f.deal_id AND coalesce(effective_at, recorded_at) < $3
                   ORDER BY coalesce(effective_at, recorded_at) DESC, written DESC LIMIT 1) AS "record: Json<Deal>"
           FROM (SELECT deal_id, min(coalesce(effective_at, recorded_at)) AS first FROM revisions
                 WHERE deal_id IN (SELECT deal_id FROM revisions
                                   WHERE coalesce(effective_at, recorded_at) >= $1 AND coalesce(effective_at, recorded_at) < $2)
                 GROUP BY deal_id) f
           WHERE f.first >= $1 ORDER BY f.first, f.deal_id"#,
        from,
        period.from,
        period.until
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.deal_id, row.first, row.record?.0))).collect())
}

/// Open promises whose last news lies so far before a period that they may have gone quiet in it, with their records at its
/// end. They are found by the news that was their last.
pub async fn maybe_quiet(
    db: &mut PgConnection,
    period: &Period,
    patience: Patience,
) -> sqlx::Result<Vec<(Uuid, Deal)>> {
    let window = |status| {
        let from = patience.quiet_before(status, period.first_day())?.checked_sub_days(Days::new(1))?;
        Some((from, patience.quiet_before(status, period.last_day())?))
    };
    let (Some(rumours), Some(announcements)) = (window(Status::Rumored), window(Status::Announced)) else {
        return Ok(Vec::new());
    };
    let rows = sqlx::query!(
        r#"SELECT c.deal_id AS "deal_id!",
                  (SELECT record FROM revisions r WHERE r.deal_id = c.deal_id AND coalesce(effective_at, recorded_at) < $1
                   ORDER BY coalesce(effective_at, recorded_at) DESC, written DESC LIMIT 1) AS "record: Json<Deal>"
           FROM (SELECT DISTINCT deal_id FROM revisions
                 WHERE cause = 'claim' AND (happened_on BETWEEN $2 AND $3 OR happened_on BETWEEN $4 AND $5)) c
           ORDER BY c.deal_id"#,
        period.until,
        rumours.0,
        rumours.1,
        announcements.0,
        announcements.1
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.deal_id, row.record?.0))).collect())
}

/// In which of these texts the words are, in the language of web searches.
pub async fn matching(db: &mut PgConnection, words: &str, texts: &[(Uuid, String)]) -> sqlx::Result<HashSet<Uuid>> {
    let (ids, texts): (Vec<Uuid>, Vec<String>) = texts.iter().cloned().unzip();
    let found = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM unnest($1::uuid[], $2::text[]) AS searched (id, words)
           WHERE to_tsvector('wattline', words) @@ websearch_to_tsquery('wattline', $3)"#,
        &ids,
        &texts,
        words
    )
    .fetch_all(db)
    .await?;
    Ok(found.into_iter().collect())
}

/// An issue as it was frozen.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// Its id.
    pub id: Uuid,
    /// What its address calls it.
    pub name: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// What it says.
    pub issue: Issue,
}

/// Freezes an issue, unless one of its name is frozen already. Whether it was.
pub async fn freeze(db: &mut PgConnection, issue: &Issue, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let id = new_id(now);
    let made = sqlx::query!(
        "INSERT INTO issues (id, cadence, name, from_at, until_at, made_at, content, entries)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING",
        id,
        issue.period.cadence.to_string(),
        issue.period.name(),
        issue.period.from,
        issue.period.until,
        now,
        Json(issue) as _,
        i32::try_from(issue.entries.len()).unwrap_or(i32::MAX)
    )
    .execute(&mut *db)
    .await?;
    if made.rows_affected() == 0 {
        return Ok(false);
    }
    let deals: Vec<Uuid> = issue.entries.iter().map(|entry| entry.deal).collect();
    sqlx::query!(
        "INSERT INTO issue_deals (deal_id, issue_id) SELECT deal, $2 FROM unnest($1::uuid[]) AS deal",
        &deals,
        id
    )
    .execute(db)
    .await?;
    Ok(true)
}

/// The issue of a name.
pub async fn named(db: &mut PgConnection, name: &str) -> sqlx::Result<Option<Frozen>> {
    sqlx::query!(r#"SELECT id, name, made_at, content AS "content: Json<Issue>" FROM issues WHERE name = $1"#, name)
        .fetch_optional(db)
        .await
        .map(|row| row.map(|row| Frozen { id: row.id, name: row.name, made_at: row.made_at, issue: row.content.0 }))
}

/// The issue of an id.
pub async fn get(db: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<Frozen>> {
    sqlx::query!(r#"SELECT id, name, made_at, content AS "content: Json<Issue>" FROM issues WHERE id = $1"#, id)
        .fetch_optional(db)
        .await
        .map(|row| row.map(|row| Frozen { id: row.id, name: row.name, made_at: row.made_at, issue: row.content.0 }))
}

/// The id of the issue of a name.
pub async fn id_of(db: &mut PgConnection, name: &str) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!("SELECT id FROM issues WHERE name = $1", name).fetch_optional(db).await
}

/// An issue in a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What its address calls it.
    pub name: String,
    /// What it tells of.
    pub period: Period,
    /// How many changes.
    pub entries: i64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

/// The latest issues of a cadence, the newest first.
pub async fn latest(db: &mut PgConnection, cadence: Cadence, limit: i64) -> sqlx::Result<Vec<Listed>> {
    let rows = sqlx::query!(
        "SELECT name, cadence, from_at, until_at, entries, made_at FROM issues WHERE cadence = $1
         ORDER BY until_at DESC LIMIT $2",
        cadence.to_string(),
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let period = Period { cadence: parsed(row.cadence.parse())?, from: row.from_at, until: row.until_at };
            Ok(Listed { name: row.name, period, entries: row.entries.into(), made_at: row.made_at })
        })
        .collect()
}

/// What was found wrong in an issue, the latest first, with when.
pub async fn corrections(db: &mut PgConnection, issue: Uuid) -> sqlx::Result<Vec<(DateTime<Utc>, Correction)>> {
    let rows = sqlx::query!(
        r#"SELECT noted_at, content AS "content: Json<Correction>" FROM corrections WHERE issue_id = $1
           ORDER BY noted_at DESC, id DESC"#,
        issue
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.noted_at, row.content.0)).collect())
}

/// A change of a deal that was told of in an issue, and that is no news: an editor's word, a change of rules, or a backfill.
#[derive(Debug, Clone)]
pub struct Afterthought {
    /// In the order of writing.
    pub written: i64,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// The deal.
    pub deal: Uuid,
    /// The record before; of one that was merged away, its own last.
    pub before: Option<Deal>,
    /// The record after; of one that was merged away, that of the other deal. `None`: the ledger takes it back.
    pub after: Option<Deal>,
    /// The issues, not older than asked for, and made before it.
    pub issues: Vec<Uuid>,
}

/// The number of the last revision that was written; 0: none.
pub async fn last_written(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"SELECT coalesce(max(written), 0) AS "last!" FROM revisions"#).fetch_one(db).await
}

/// The changes after one in the order of writing that may correct an issue made since a time.
pub async fn afterthoughts(db: &mut PgConnection, after: i64, since: DateTime<Utc>) -> sqlx::Result<Vec<Afterthought>> {
    let rows = sqlx::query!(
        r#"SELECT r.written, r.recorded_at, r.deal_id,
                  coalesce(r.record, (SELECT d.record FROM deal_redirects m JOIN deals d ON d.id = m.new_id WHERE m.old_id = r.deal_id))
                      AS "after: Json<Deal>",
                  (SELECT record FROM revisions o
                   WHERE o.deal_id = r.deal_id AND o.record IS NOT NULL AND o.written < r.written
                   AND coalesce(o.effective_at, o.recorded_at) <= coalesce(r.effective_at, r.recorded_at)
                   ORDER BY coalesce(o.effective_at, o.recorded_at) DESC, o.written DESC LIMIT 1) AS "before: Json<Deal>",
                  ARRAY(SELECT i.id FROM issue_deals d JOIN issues i ON i.id = d.issue_id
                        WHERE d.deal_id = r.deal_id AND i.made_at > $2 AND i.made_at < r.recorded_at
                        AND (r.cause <> 'claim' OR r.effective_at < i.until_at) ORDER BY i.id) AS "issues!"
           FROM revisions r
           WHERE r.written > $1 AND (r.cause <> 'claim' OR r.effective_at IS NOT NULL)
           AND EXISTS (SELECT FROM issue_deals d WHERE d.deal_id = r.deal_id)
           ORDER BY r.written"#,
        after,
        since
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Afterthought {
            written: row.written,
            recorded_at: row.recorded_at,
            deal: row.deal_id,
            before: row.before.map(|record| record.0),
            after: row.after.map(|record| record.0),
            issues: row.issues,
        })
        .collect())
}

/// Notes what was wrong in an issue.
pub async fn correct(
    db: &mut PgConnection,
    issue: Uuid,
    correction: &Correction,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO corrections (id, issue_id, deal_id, content, noted_at) VALUES ($1, $2, $3, $4, $5)",
        new_id(now),
        issue,
        correction.deal,
        Json(correction) as _,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What was noted of an issue at a time.
pub async fn corrections_of(
    db: &mut PgConnection,
    issue: Uuid,
    noted_at: DateTime<Utc>,
) -> sqlx::Result<Vec<Correction>> {
    let rows = sqlx::query_scalar!(
        r#"SELECT content AS "content: Json<Correction>" FROM corrections WHERE issue_id = $1 AND noted_at = $2 ORDER BY id"#,
        issue,
        noted_at
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
