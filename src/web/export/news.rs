//! `/news.csv`, `/news.json` and `/news.atom`: the articles.

use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    asked, atom, attachment,
    columns::{self, ARTICLES},
    resolved, stream,
};
use crate::{
    db::article_list::{self, ArticleWish},
    web::{
        App,
        api::{articles::Article, shapes::publisher},
        citation::article_path,
        error::WebError,
        format,
    },
};

async fn wish(app: &App, query: Option<&str>) -> Result<ArticleWish, WebError> {
    let filter = asked(query)?;
    Ok(ArticleWish::of(&resolved(&mut *app.db().await?, &filter).await?))
}

/// `GET /news.csv`
pub async fn csv(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let wish = wish(&app, query.as_deref()).await?;
    let links = app.clone();
    let rows = stream::table(columns::header(&ARTICLES), stream::articles(app, wish), move |piece| {
        columns::rows(piece.iter().map(|listed| columns::article(&links, listed)))
    });
    Ok(attachment("text/csv; charset=utf-8; header=present", "wattline-news.csv", rows))
}

/// `GET /news.json`
pub async fn json(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let wish = wish(&app, query.as_deref()).await?;
    let links = app.clone();
    let list = stream::json("articles", stream::articles(app, wish), move |listed| Article::of(&links, listed));
    Ok(([(header::CONTENT_TYPE, "application/json")], list).into_response())
}

/// `GET /news.atom`: headline, publisher and the page here that leads on.
pub async fn atom(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let wish = wish(&app, query.as_deref()).await?;
    let mut db = app.db().await?;
    let limit = usize::try_from(atom::ENTRIES).unwrap_or(usize::MAX);
    let found = article_list::articles(&mut db, &wish, None, limit).await?;
    let entries = found
        .iter()
        .map(|listed| {
            let article = &listed.article;
            let deals = i64::try_from(listed.deals.len()).unwrap_or(i64::MAX);
            let text = format!("{}; {} found in it.", publisher(article), format::plural(deals, "deal", "deals"));
            let title = if article.title.is_empty() { "Untitled" } else { article.title.as_str() };
            atom::entry(app.link(&article_path(article.id)), title, article.published, article.published, &text).build()
        })
        .collect();
    let filter = asked(query.as_deref())?;
    Ok(atom::feed(&app, "Wattline: news", &filter.at("/news.atom", &[]), "/news", entries))
}
