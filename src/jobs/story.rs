//! Which story an article tells: its own, or one that another outlet told in the same words.

use sqlx::PgConnection;

use crate::{
    db::{articles::Unread, stories},
    ingest::{credit::credit, signature::Signature},
};

/// Finds of which article one is a copy, and notes whom it counts as. Has to come before its claims are merged, which
/// count publishers.
///
/// A copy counts as the publisher of the first article of its story. An article that credits an agency counts as that
/// agency, copy or not.
pub async fn find(db: &mut PgConnection, article: &Unread) -> sqlx::Result<()> {
    if article.is_archive {
        return Ok(());
    }
    let text = &article.article.text;
    let credited = credit(text, article.author.as_deref());
    let Some(signature) = Signature::of(text) else {
        stories::note(&mut *db, article.id, None, credited.as_deref()).await?;
        return Ok(());
    };
    let bands = signature.bands();
    stories::lock(&mut *db, &bands).await?;
    let candidates = stories::candidates(&mut *db, article.id, &bands, article.published).await?;
    // Whoever was read first is the story, and stays it when it is read again.
    let is_first = candidates.iter().any(|other| other.story == Some(article.id));
    let near = candidates
        .into_iter()
        .filter(|_| !is_first)
        .find(|other| Signature::from_bytes(&other.signature).is_some_and(|other| other.is_near(&signature)));
    let (story, counts_as) = match near {
        Some(other) => (Some(other.story.unwrap_or(other.id)), credited.or(Some(other.counts_as))),
        None => (None, credited),
    };
    let own = article.article.publisher.as_deref();
    stories::note(&mut *db, article.id, story, counts_as.as_deref().filter(|name| Some(*name) != own)).await?;
    stories::keep(db, article.id, &signature.to_bytes(), &bands, article.published).await
}
