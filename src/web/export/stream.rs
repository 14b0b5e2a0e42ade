//! Lists that are too long for one piece: they are read page by page while they are sent.

use axum::body::{Body, Bytes};
use futures::{Stream, StreamExt, stream};

use crate::{
    db::{
        article_list::{self, ArticleWish, ListedArticle},
        company_list::{self, Listed, Wish},
        timeline::{self, DealFilter, ListedDeal, Sort},
    },
    web::{App, api::deals::shaped, api::shapes::Deal},
};

/// How many entries are read at once.
const PIECE: usize = 500;

/// Deals in the order of a list, in pieces.
pub fn deals(
    app: App,
    filter: DealFilter,
    sort: Sort,
) -> impl Stream<Item = sqlx::Result<Vec<(ListedDeal, Deal)>>> + Send + 'static {
    stream::try_unfold(Some(None), move |place| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let Some(cursor) = place else { return Ok(None) };
            let mut db = app.connection().await?;
            let page = timeline::page(&mut db, &filter, sort, cursor, PIECE).await?;
            let shapes = shaped(&app, &mut db, &page.deals, filter.as_of).await?;
            let next = page.next.map(Some);
            Ok(Some((page.deals.into_iter().zip(shapes).collect(), next)))
        }
    })
}

/// Companies in the order of a list, in pieces.
pub fn companies(app: App, wish: Wish) -> impl Stream<Item = sqlx::Result<Vec<Listed>>> + Send + 'static {
    stream::try_unfold(Some(None), move |place| {
        let (app, wish) = (app.clone(), wish.clone());
        async move {
            let Some(after) = place else { return Ok(None) };
            let mut db = app.connection().await?;
            let found = company_list::list(&mut db, &wish, after, PIECE).await?;
            let next = found.last().filter(|_| found.len() == PIECE).map(|last| Some((last.key, last.slug.clone())));
            Ok(Some((found, next)))
        }
    })
}

/// Articles, the latest first, in pieces.
pub fn articles(app: App, wish: ArticleWish) -> impl Stream<Item = sqlx::Result<Vec<ListedArticle>>> + Send + 'static {
    stream::try_unfold(Some(None), move |place| {
        let (app, wish) = (app.clone(), wish.clone());
        async move {
            let Some(after) = place else { return Ok(None) };
            let mut db = app.connection().await?;
            let found = article_list::articles(&mut db, &wish, after, PIECE).await?;
            let last = found.last().filter(|_| found.len() == PIECE).map(|last| &last.article);
            let next = last.map(|last| Some((last.published, last.id)));
            Ok(Some((found, next)))
        }
    })
}

/// A table: its head, then the rows of each piece.
pub fn table<T>(
    head: Vec<u8>,
    pieces: impl Stream<Item = sqlx::Result<Vec<T>>> + Send + 'static,
    rows: impl Fn(Vec<T>) -> Vec<u8> + Send + 'static,
) -> Body
where
    T: Send + 'static,
{
    let rows = pieces.map(move |piece| piece.map(|piece| Bytes::from(rows(piece))));
    Body::from_stream(stream::once(async { Ok(Bytes::from(head)) }).chain(rows))
}

/// A list in JSON under a key, with no further page: `{"deals":[…],"next_cursor":null}`.
pub fn json<T, S: serde::Serialize>(
    key: &str,
    pieces: impl Stream<Item = sqlx::Result<Vec<T>>> + Send + 'static,
    shape: impl Fn(T) -> S + Send + 'static,
) -> Body
where
    T: Send + 'static,
{
    let head = format!("{{\"{key}\":[");
    let mut first = true;
    let entries = pieces.map(move |piece| {
        let mut text = Vec::new();
        for entry in piece? {
            if !std::mem::take(&mut first) {
                text.push(b',');
            }
            text.push(b'\n');
            serde_json::to_writer(&mut text, &shape(entry)).map_err(|error| sqlx::Error::Encode(error.into()))?;
        }
        Ok::<_, sqlx::Error>(Bytes::from(text))
    });
    let tail = stream::once(async { Ok(Bytes::from_static(b"\n],\"next_cursor\":null}\n")) });
    Body::from_stream(stream::once(async { Ok(Bytes::from(head)) }).chain(entries).chain(tail))
}
