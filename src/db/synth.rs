//! A ledger of many drawn deals: copies of some that were written as usual, and articles that say nothing.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

/// Whether there is neither a deal nor an article.
pub async fn is_empty(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT NOT EXISTS (SELECT FROM deals) AND NOT EXISTS (SELECT FROM articles) AS "is_empty!""#)
        .fetch_one(db)
        .await
}

/// The one claim of an article, which counts as weighed from now on.
pub async fn claim_of(db: &mut PgConnection, article: Uuid) -> sqlx::Result<Uuid> {
    sqlx::query_scalar!("UPDATE claims SET merged_at = read_at WHERE article_id = $1 RETURNING id", article)
        .fetch_one(db)
        .await
}

/// Remembers, for this connection, which deals, claims and articles are to be copied, each with its number.
pub async fn remember_drawn(db: &mut PgConnection) -> sqlx::Result<()> {
    for statement in [
        "DROP TABLE IF EXISTS pg_temp.drawn",
        "CREATE TEMPORARY TABLE drawn AS SELECT id, row_number() OVER (ORDER BY id) AS number FROM deals",
    ] {
        sqlx::query(statement).execute(&mut *db).await?;
    }
    Ok(())
}

/// The id of a copy: its number stands where the time of the making stood.
const COPIED: &str =
    "CREATE OR REPLACE FUNCTION pg_temp.copied(id uuid, copy integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT (lpad(to_hex(copy), 8, '0') || substr(id::text, 9))::uuid $$";

/// Adds the first `limit` of the drawn deals once more, with their articles and claims, some days earlier. What they add to
/// totals is copied with them.
pub async fn copy(db: &mut PgConnection, number: i32, limit: i64) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(COPIED).execute(&mut *tx).await?;
    let days = number * 11 % 2500;
    for statement in [
        "INSERT INTO articles (id, source_id, origin, url, publisher, rank, summary_of, title, text, language, published, dated,
                               read_at, content_hash, given_hash, extractor)
         SELECT pg_temp.copied(a.id, $1), a.source_id, a.origin, a.url || '?copy=' || $1, a.publisher, a.rank, a.summary_of, a.title,
                a.text, a.language, a.published - make_interval(days => $2), a.dated, a.read_at, a.content_hash, a.given_hash,
                a.extractor
         FROM articles a WHERE a.id IN (SELECT c.article_id FROM drawn JOIN deal_claims dc ON dc.deal_id = drawn.id
                                        JOIN claims c ON c.id = dc.claim_id WHERE drawn.number <= $3)",
        "INSERT INTO claims (id, article_id, ordinal, extractor, content_hash, kind, status, body, published, read_at, merged_at)
         SELECT pg_temp.copied(c.id, $1), pg_temp.copied(c.article_id, $1), c.ordinal, c.extractor, c.content_hash, c.kind, c.status,
                c.body, c.published - make_interval(days => $2), c.read_at, c.merged_at
         FROM drawn JOIN deal_claims dc ON dc.deal_id = drawn.id JOIN claims c ON c.id = dc.claim_id WHERE drawn.number <= $3",
        "INSERT INTO claim_companies (claim_id, position, company, published)
         SELECT pg_temp.copied(cc.claim_id, $1), cc.position, cc.company, cc.published - make_interval(days => $2)
         FROM drawn JOIN deal_claims dc ON dc.deal_id = drawn.id JOIN claim_companies cc ON cc.claim_id = dc.claim_id
         WHERE drawn.number <= $3",
        "INSERT INTO deals (id, slug, headline, kind, status, day, announced_on, first_seen, committed_usd, potential_usd, mw, places,
                            countries, publishers, articles, record, search, updated_at, net_committed_usd, net_potential_usd, net_mw,
                            last_news)
         SELECT pg_temp.copied(d.id, $1), d.slug, d.headline, d.kind, d.status, d.day - $2, d.announced_on - $2,
                d.first_seen - make_interval(days => $2), d.committed_usd, d.potential_usd, d.mw, d.places, d.countries, d.publishers,
                d.articles,
                regexp_replace(d.record::text, '(\"claim\": \")[0-9a-f]{8}', '\\1' || lpad(to_hex($1), 8, '0'), 'g')::jsonb
                    || jsonb_build_object('announced_on', d.announced_on - $2, 'last_news', d.last_news - $2,
                                          'first_seen', d.first_seen - make_interval(days => $2)),
                d.search, d.updated_at - make_interval(days => $2), d.net_committed_usd, d.net_potential_usd, d.net_mw,
                d.last_news - $2
         FROM drawn JOIN deals d USING (id) WHERE drawn.number <= $3",
        "INSERT INTO deal_parties (deal_id, position, company, role, direction, committed_usd, potential_usd, day, status)
         SELECT pg_temp.copied(p.deal_id, $1), p.position, p.company, p.role, p.direction, p.committed_usd, p.potential_usd,
                p.day - $2, p.status
         FROM drawn JOIN deal_parties p ON p.deal_id = drawn.id WHERE drawn.number <= $3",
        "INSERT INTO deal_claims (claim_id, deal_id)
         SELECT pg_temp.copied(dc.claim_id, $1), pg_temp.copied(dc.deal_id, $1)
         FROM drawn JOIN deal_claims dc ON dc.deal_id = drawn.id WHERE drawn.number <= $3 AND $2 IS NOT NULL",
        "INSERT INTO shares (deal_id, position, company, scope, role, direction, part, whole, committed_usd, potential_usd,
                             net_committed_usd, net_potential_usd, mw, net_mw, leads_side, leads, is_top, disclosed, kind, status, day)
         SELECT pg_temp.copied(s.deal_id, $1), s.position, s.company, s.scope, s.role, s.direction, s.part, s.whole, s.committed_usd,
                s.potential_usd, s.net_committed_usd, s.net_potential_usd, s.mw, s.net_mw, s.leads_side, s.leads, s.is_top,
                s.disclosed, s.kind, s.status, s.day - $2
         FROM drawn JOIN shares s ON s.deal_id = drawn.id WHERE drawn.number <= $3",
        "INSERT INTO revisions (id, deal_id, recorded_at, happened_on, cause, changes, record)
         SELECT pg_temp.copied(r.id, $1), pg_temp.copied(r.deal_id, $1), r.recorded_at - make_interval(days => $2),
                r.happened_on - $2, r.cause, r.changes, d.record
         FROM drawn JOIN revisions r ON r.deal_id = drawn.id JOIN deals d ON d.id = pg_temp.copied(drawn.id, $1)
         WHERE drawn.number <= $3",
        // What was copied is settled already.
        "DELETE FROM stale_shares WHERE deal_id IN (SELECT pg_temp.copied(id, $1) FROM drawn WHERE number <= $3 AND $2 IS NOT NULL)",
    ] {
        sqlx::query(statement).bind(number).bind(days).bind(limit).execute(&mut *tx).await?;
    }
    tx.commit().await
}

/// Adds articles without a deal until there are so many.
pub async fn add_articles(db: &mut PgConnection, wanted: i64) -> sqlx::Result<()> {
    const PIECE: i64 = 20_000;
    let there: i64 = sqlx::query_scalar("SELECT count(*) FROM articles").fetch_one(&mut *db).await?;
    for from in (there..wanted).step_by(usize::try_from(PIECE).unwrap_or(usize::MAX)) {
        sqlx::query(
            "INSERT INTO articles (id, origin, url, publisher, rank, title, text, language, published, dated, read_at, content_hash,
                                   given_hash, extractor)
             SELECT ('0000fade-' || lpad(to_hex(n >> 16), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'feed',
                    'https://invented.example/note/' || n, (ARRAY['The Imaginary Ledger', 'Invented Weekly', 'Made-up Post'])[(1 + n % 3)::int],
                    'press', initcap(first.word) || ' ' || second.word || ' in the invented news, no. ' || n,
                    'An invented note on ' || first.word || ' and ' || second.word || ', of which no deal is told. It speaks of '
                        || third.word || ' too.',
                    'en', timestamptz '2019-01-01' + n * interval '4 minutes', true, timestamptz '2019-01-01' + n * interval '4 minutes',
                    sha256(convert_to(n::text, 'UTF8')), sha256(convert_to(n::text, 'UTF8')), 1
             FROM generate_series($1, $2) AS n
             CROSS JOIN LATERAL (SELECT (ARRAY['lantern', 'kettle', 'marble', 'thimble', 'puddle', 'riddle', 'bramble', 'gossamer'])
                                        [(1 + n % 8)::int] || n % 997 AS word) first
             CROSS JOIN LATERAL (SELECT (ARRAY['turbines', 'cooling', 'substations', 'switches', 'permits', 'cables', 'land'])
                                        [(1 + n % 7)::int] AS word) second
             CROSS JOIN LATERAL (SELECT 'parish' || n % 4999 AS word) third",
        )
        .bind(from)
        .bind((from + PIECE - 1).min(wanted - 1))
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Has Postgres clean up and count, so that it plans by what is there.
pub async fn take_stock(db: &mut PgConnection) -> sqlx::Result<()> {
    for table in [
        "articles",
        "claims",
        "claim_companies",
        "deals",
        "deal_parties",
        "deal_claims",
        "shares",
        "company_months",
        "place_months",
        "revisions",
        "companies",
        "company_aliases",
    ] {
        sqlx::query(AssertSqlSafe(format!("VACUUM ANALYZE {table}"))).execute(&mut *db).await?;
    }
    Ok(())
}
