//! Claims in a ledger, filed as if articles had been read.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;
use wattline::{
    db::{
        articles::{self, NewArticle, Origin, Stored},
        claims::{self, ReadingOf},
        companies,
    },
    model::{Claim, Rank, Registry},
};

/// An article of which the test knows what it says.
pub struct Story<'a> {
    /// What tells it from others.
    pub key: &'a str,
    /// Who published it.
    pub publisher: &'a str,
    /// How far it is trusted.
    pub rank: Rank,
    /// When it appeared.
    pub published: DateTime<Utc>,
    /// Its text; what it claims rests on the whole of it.
    pub text: &'a str,
}

impl Story<'_> {
    /// An article of the press of a day.
    pub fn of<'a>(key: &'a str, day: &str) -> Story<'a> {
        let published = format!("{day}T08:00:00Z").parse().unwrap();
        Story { key, publisher: "Rack & Grid", rank: Rank::Press, published, text: "" }
    }
}

/// Brings the companies into the ledger.
pub async fn prepare(db: &mut PgConnection) {
    let mut tx = db.begin().await.unwrap();
    companies::sync(&mut tx, Registry::shipped()).await.unwrap();
    tx.commit().await.unwrap();
}

/// A claim of these fields; the others are empty.
pub fn claim(fields: &Value, text: &str) -> Claim {
    let mut whole = json!({
        "kind": "compute", "status": "announced", "parties": [], "amounts": [], "capacity": [], "chips": [], "duration_months": null,
        "announced_on": null, "places": [], "confidence": 1.0,
        "evidence": [{"start": 0, "end": text.chars().count(), "text": text}],
    });
    for (name, value) in fields.as_object().unwrap() {
        whole[name] = value.clone();
    }
    serde_json::from_value(whole).unwrap()
}

/// Files an article with its claims, read at `now`; the article's id.
pub async fn file(db: &mut PgConnection, story: &Story<'_>, claims: &[Claim], now: DateTime<Utc>) -> Uuid {
    let article = NewArticle {
        source_id: None,
        origin: Origin::File,
        keys: vec![format!("test:{}", story.key)],
        url: None,
        publisher: story.publisher.to_owned(),
        rank: story.rank,
        summary_of: Vec::new(),
        title: story.key.to_owned(),
        text: story.text.to_owned(),
        language: None,
        author: None,
        published: Some(story.published),
        page_wanted: false,
    };
    let Stored::New(id) = articles::store(db, std::slice::from_ref(&article), now).await.unwrap()[0] else {
        panic!("{} twice", story.key)
    };
    let unread = articles::unread_one(&mut *db, id).await.unwrap().unwrap();
    let reading =
        ReadingOf { article: id, content_hash: &unread.content_hash, published: story.published, extractor: 1 };
    // As the reader does: whoever merges at the time sees a claim with its companies, or not at all.
    let mut tx = db.begin().await.unwrap();
    claims::file(&mut tx, &reading, claims, Registry::shipped(), now).await.unwrap();
    tx.commit().await.unwrap();
    assert!(articles::mark_read(&mut *db, id, &unread.content_hash, 1, "en").await.unwrap());
    id
}
