//! The articles: one row a story, and every key that leads to it.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgExecutor, types::Json};
use strum::{Display, EnumString, IntoStaticStr};
use uuid::Uuid;

use super::{new_id, parsed};
use crate::model::{Article, Rank};

/// How an article came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Origin {
    /// An entry of a watched feed.
    Feed,
    /// A page that was handed in.
    Page,
    /// A file of articles that was handed in.
    File,
    /// The archive that ships with the program: Wattline's own summary of named sources.
    Archive,
}

/// A source that a summary rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryOf {
    /// Its address.
    pub url: String,
    /// Its publisher.
    pub publisher: String,
    /// How far it is trusted.
    pub rank: Rank,
    /// Whether the facts were seen there.
    #[serde(default)]
    pub confirmed: bool,
}

/// An article to be stored.
#[derive(Debug, Clone)]
pub struct NewArticle {
    /// The feed it came from.
    pub source_id: Option<Uuid>,
    /// How it came in.
    pub origin: Origin,
    /// Every key that leads to it: canonical URLs, `archive:` and an id. Empty: it is keyed by its content.
    pub keys: Vec<String>,
    /// Where a reader finds it.
    pub url: Option<String>,
    /// Who published it.
    pub publisher: String,
    /// How far it is trusted.
    pub rank: Rank,
    /// For an archive item, what it sums up.
    pub summary_of: Vec<SummaryOf>,
    /// Its headline as plain text.
    pub title: String,
    /// Its text, paragraphs separated by newlines.
    pub text: String,
    /// Its language, where it says.
    pub language: Option<String>,
    /// Who wrote it, where it says.
    pub author: Option<String>,
    /// When it appeared, where it says.
    pub published: Option<DateTime<Utc>>,
    /// Whether the text is a summary of the page at `url`, which is to be fetched.
    pub page_wanted: bool,
}

/// Whether an article was stored or known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// A new row.
    New(Uuid),
    /// One of its keys led to this row.
    Known(Uuid),
}

/// What an article's offsets count in, as a hash: SHA-256 of title, newline, text.
fn content_hash(title: &str, text: &str) -> Vec<u8> {
    Sha256::new().chain_update(title).chain_update("\n").chain_update(text).finalize().to_vec()
}

/// Postgres stores every character but NUL.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "")
}

/// A key as its column takes it: an index holds short rows only, so that a long one is kept by its hash.
fn indexable(key: &str) -> String {
    const LONGEST: usize = 1000;
    if key.len() <= LONGEST { storable(key) } else { format!("sha256:{}", hex::encode(Sha256::digest(key))) }
}

/// Stores articles, unless one of their keys leads to one already; what its own source says anew of such a one replaces
/// what it said. Returns what became of each, in their order. Runs in a transaction of the caller.
pub async fn store(db: &mut PgConnection, articles: &[NewArticle], now: DateTime<Utc>) -> sqlx::Result<Vec<Stored>> {
    let hashes: Vec<Vec<u8>> =
        articles.iter().map(|article| content_hash(&storable(&article.title), &storable(&article.text))).collect();
    let keys: Vec<Vec<String>> = articles
        .iter()
        .zip(&hashes)
        .map(|(article, hash)| {
            let mut keys: Vec<String> = article.keys.iter().map(|key| indexable(key)).collect();
            if keys.is_empty() {
                keys.push(format!("sha256:{}", hex::encode(hash)));
            }
            keys.sort();
            keys.dedup();
            keys
        })
        .collect();
    // In the order of the keys, so that two who store at once wait for each other in one direction only.
    let mut order: Vec<usize> = (0..articles.len()).collect();
    order.sort_by_key(|at| &keys[*at]);
    let mut stored = vec![None; articles.len()];
    for at in order {
        stored[at] = Some(store_one(db, &articles[at], &keys[at], &hashes[at], now).await?);
    }
    Ok(stored.into_iter().flatten().collect())
}

async fn store_one(
    db: &mut PgConnection,
    article: &NewArticle,
    keys: &[String],
    hash: &[u8],
    now: DateTime<Utc>,
) -> sqlx::Result<Stored> {
    let id = new_id(now);
    // The keys first: whoever writes one of them owns the article, however many workers read it at once.
    let claimed = sqlx::query_scalar!(
        "INSERT INTO article_keys (key, article_id) SELECT key, $2::uuid FROM unnest($1::text[]) AS key
         ON CONFLICT (key) DO NOTHING RETURNING key",
        keys,
        id
    )
    .fetch_all(&mut *db)
    .await?;
    if claimed.len() < keys.len() {
        let known = sqlx::query_scalar!(
            "SELECT article_id FROM article_keys WHERE key = ANY($1) AND article_id <> $2 ORDER BY article_id LIMIT 1",
            keys,
            id
        )
        .fetch_optional(&mut *db)
        .await?;
        if let Some(known) = known {
            sqlx::query!("UPDATE article_keys SET article_id = $2 WHERE article_id = $1", id, known)
                .execute(&mut *db)
                .await?;
            correct(db, known, article, hash, now).await?;
            return Ok(Stored::Known(known));
        }
    }

    let origin: &str = article.origin.into();
    sqlx::query!(
        "INSERT INTO articles (id, source_id, origin, url, publisher, rank, summary_of, title, text, language, published,
                               dated, read_at, content_hash, given_hash, page_wanted, author)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $16)",
        id,
        article.source_id,
        origin,
        article.url,
        storable(&article.publisher),
        article.rank.as_str(),
        Json(&article.summary_of) as _,
        storable(&article.title),
        storable(&article.text),
        article.language,
        article.published.unwrap_or(now),
        article.published.is_some(),
        now,
        hash,
        article.page_wanted,
        article.author.as_deref().map(storable)
    )
    .execute(db)
    .await?;
    Ok(Stored::New(id))
}

/// Takes over what the source of a known article says anew: its text, to be read again, and its page, to be fetched
/// again. What another source says under the same address changes nothing.
async fn correct(
    db: &mut PgConnection,
    known: Uuid,
    article: &NewArticle,
    hash: &[u8],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let origin: &str = article.origin.into();
    // What it said until now is kept as a version, unless it comes back to it.
    sqlx::query!(
        "WITH changed AS (
             SELECT id, content_hash, title, text FROM articles
             WHERE id = $1 AND source_id IS NOT DISTINCT FROM $2 AND origin = $3 AND given_hash <> $6 FOR UPDATE),
         kept AS (
             INSERT INTO article_versions (article_id, content_hash, title, text, replaced_at)
             SELECT id, content_hash, title, text, $8 FROM changed
             ON CONFLICT (article_id, content_hash) DO UPDATE SET replaced_at = excluded.replaced_at)
         UPDATE articles a SET title = $4, text = $5, content_hash = $6, given_hash = $6, page_wanted = $7, extractor = NULL,
             tries = 0, fault = NULL, page_error = NULL
         FROM changed WHERE a.id = changed.id",
        known,
        article.source_id,
        origin,
        storable(&article.title),
        storable(&article.text),
        hash,
        article.page_wanted,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// An article as the extractor's step needs it.
#[derive(Debug)]
pub struct Unread {
    /// Its id.
    pub id: Uuid,
    /// What the extractor reads.
    pub article: Article,
    /// When it appeared.
    pub published: DateTime<Utc>,
    /// What its offsets count in.
    pub content_hash: Vec<u8>,
    /// Its language, as it was stated.
    pub language: Option<String>,
    /// Who wrote it, as it was stated.
    pub author: Option<String>,
    /// Whether it is one of Wattline's own summaries.
    pub is_archive: bool,
}

/// Up to `limit` articles that no extractor has read, the oldest first.
pub async fn unread(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Unread>> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, title, text, publisher, published, dated, content_hash, language, author, origin FROM articles
         WHERE extractor IS NULL AND NOT page_wanted AND fault IS NULL ORDER BY id LIMIT $1",
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Unread::from).collect())
}

/// An article, unless an extractor has read it.
pub async fn unread_one(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<Unread>> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, title, text, publisher, published, dated, content_hash, language, author, origin FROM articles
         WHERE id = $1 AND extractor IS NULL AND NOT page_wanted AND fault IS NULL",
        id
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Unread::from))
}

struct Row {
    id: Uuid,
    title: String,
    text: String,
    publisher: String,
    published: DateTime<Utc>,
    dated: bool,
    content_hash: Vec<u8>,
    language: Option<String>,
    author: Option<String>,
    origin: String,
}

impl From<Row> for Unread {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            article: Article {
                title: row.title,
                text: row.text,
                published: row.dated.then(|| row.published.date_naive()),
                publisher: Some(row.publisher),
            },
            published: row.published,
            content_hash: row.content_hash,
            language: row.language,
            author: row.author,
            is_archive: row.origin == <&str>::from(Origin::Archive),
        }
    }
}

/// The address of an article's page, where it is still to be fetched.
pub async fn wanted_page(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<String>> {
    Ok(sqlx::query_scalar!("SELECT url FROM articles WHERE id = $1 AND page_wanted AND fault IS NULL", id)
        .fetch_optional(db)
        .await?
        .flatten())
}

/// Every article whose page is still to be fetched, the oldest first.
pub async fn wanted_pages(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!("SELECT id FROM articles WHERE extractor IS NULL AND page_wanted AND fault IS NULL ORDER BY id")
        .fetch_all(db)
        .await
}

/// Articles that were stored before `since` and that no extractor has read, the oldest first.
pub async fn left_behind(db: impl PgExecutor<'_>, since: DateTime<Utc>) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT id FROM articles WHERE extractor IS NULL AND fault IS NULL AND read_at < $1 ORDER BY id LIMIT 500",
        since
    )
    .fetch_all(db)
    .await
}

/// What a page adds to an article of which the feed gave a summary.
#[derive(Debug)]
pub struct FullText {
    /// Its headline, for an article of which the feed gave none.
    pub title: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// Its text.
    pub text: String,
    /// Its canonical URL, where it names one.
    pub canonical: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// When it appeared, where the feed did not say.
    pub published: Option<DateTime<Utc>>,
}

/// Puts a page's text in the place of the summary. Where the page's canonical URL leads to another article already,
/// the two are one: this one is removed, and false is returned.
pub async fn set_full_text(db: &mut PgConnection, id: Uuid, page: &FullText) -> sqlx::Result<bool> {
    if let Some(canonical) = page.canonical.as_deref().map(indexable) {
        sqlx::query!(
            "INSERT INTO article_keys (key, article_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            canonical,
            id
        )
        .execute(&mut *db)
        .await?;
        let owner = sqlx::query_scalar!("SELECT article_id FROM article_keys WHERE key = $1", canonical)
            .fetch_one(&mut *db)
            .await?;
        if owner != id {
            sqlx::query!("UPDATE article_keys SET article_id = $2 WHERE article_id = $1", id, owner)
                .execute(&mut *db)
                .await?;
            sqlx::query!("DELETE FROM articles WHERE id = $1", id).execute(&mut *db).await?;
            return Ok(false);
        }
    }
    let title = sqlx::query_scalar!("SELECT title FROM articles WHERE id = $1", id).fetch_one(&mut *db).await?;
    let title = if title.is_empty() { storable(&page.title) } else { title };
    let text = storable(&page.text);
    sqlx::query!(
        "UPDATE articles SET title = $6, author = coalesce(author, $7), text = $2, content_hash = $3, language = coalesce(language, $4), page_wanted = false, page_error = NULL,
             published = CASE WHEN dated THEN published ELSE coalesce($5, published) END, dated = dated OR $5::timestamptz IS NOT NULL
         WHERE id = $1",
        id,
        text,
        content_hash(&title, &text),
        page.language,
        page.published,
        title,
        page.author.as_deref().map(storable)
    )
    .execute(db)
    .await?;
    Ok(true)
}

/// How many articles are in each language but English, the most frequent first.
pub async fn languages(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        "SELECT language AS \"language!\", count(*) AS \"articles!\" FROM articles
         WHERE extractor IS NOT NULL AND language IS NOT NULL AND language <> 'en' GROUP BY language ORDER BY count(*) DESC, language"
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.language, row.articles)).collect())
}

/// How often an article has changed since it was first read.
pub async fn versions(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!("SELECT count(*) AS \"versions!\" FROM article_versions WHERE article_id = $1", id)
        .fetch_one(db)
        .await
}

/// Leaves the summary standing, with the reason for which the page could not be read.
pub async fn give_up_page(db: impl PgExecutor<'_>, id: Uuid, error: &str) -> sqlx::Result<()> {
    sqlx::query!("UPDATE articles SET page_wanted = false, page_error = $2 WHERE id = $1", id, error)
        .execute(db)
        .await?;
    Ok(())
}

/// Notes that the extractor of `version` has read an article with this content, in which language. False where another
/// reader was faster, or the article says something else by now: then the reading is void.
pub async fn mark_read(
    db: impl PgExecutor<'_>,
    id: Uuid,
    content_hash: &[u8],
    version: i32,
    language: &str,
) -> sqlx::Result<bool> {
    let marked = sqlx::query!(
        "UPDATE articles SET extractor = $3, language = $4 WHERE id = $1 AND extractor IS NULL AND content_hash = $2",
        id,
        content_hash,
        version,
        language
    )
    .execute(db)
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// Has every article that an older extractor read read again. Returns how many.
pub async fn unread_older(db: impl PgExecutor<'_>, version: i32) -> sqlx::Result<u64> {
    Ok(sqlx::query!("UPDATE articles SET extractor = NULL WHERE extractor < $1", version)
        .execute(db)
        .await?
        .rows_affected())
}

/// Makes the partitions of this month and the next, so that no month begins in the default one.
pub async fn ensure_partitions(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
    for month in [now, now + chrono::Months::new(1)] {
        sqlx::query!("SELECT ensure_articles_partition($1)", month).execute(&mut *db).await?;
    }
    Ok(())
}

/// Who stands behind an article: its publisher, or whom a copy counts as, or those whom a summary sums up. Whoever counts
/// publishers counts these names, case aside: a text that ten outlets copy is one outlet's word.
pub(super) fn publishers(publisher: String, counts_as: Option<String>, summary_of: Vec<SummaryOf>) -> Vec<String> {
    if summary_of.is_empty() {
        vec![counts_as.unwrap_or(publisher)]
    } else {
        summary_of.into_iter().filter(|source| source.confirmed).map(|source| source.publisher).collect()
    }
}

/// A rank as a column holds it.
pub(super) fn rank(text: &str) -> sqlx::Result<Rank> {
    parsed(Rank::from_str(text))
}
