//! `/data`: the whole ledger to be taken along.

use askama::Template;
use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    response::Response,
};
use futures::stream;

use super::{
    attachment,
    columns::{ARTICLES, COMPANIES, Column, DEALS, PARTIES},
    snapshot::file_name,
};
use crate::{
    db::snapshots::{self, Snapshot},
    web::{
        App,
        error::WebError,
        format,
        frame::{Frame, Section, page},
    },
};

/// So many bytes of an archive are read at once.
const PIECE: i32 = 1 << 20;

#[derive(Template)]
#[template(path = "data.html")]
struct DataPage {
    frame: Frame,
    licence: Option<String>,
    rows: Vec<Row>,
    tables: [(&'static str, &'static [Column]); 4],
}

struct Row {
    name: String,
    day: chrono::NaiveDate,
    deals: i64,
    size: String,
    sha256: String,
}

impl Row {
    fn of(snapshot: Snapshot) -> Self {
        Self {
            name: file_name(snapshot.day),
            day: snapshot.day,
            deals: snapshot.deals,
            size: format!("{:.1} MB", snapshot.bytes as f64 / 1e6),
            sha256: hex::encode(snapshot.sha256),
        }
    }
}

/// `GET /data`
pub async fn get(State(app): State<App>) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let rows = snapshots::list(&mut db).await?.into_iter().map(Row::of).collect();
    page(&DataPage {
        frame: Frame::new(Section::Elsewhere, "Open data")
            .describe("The whole ledger as a dated archive of tables, with every column documented.")
            .at(&app, "/data"),
        licence: app.licence.clone(),
        rows,
        tables: [
            ("deals.csv", &DEALS),
            ("parties.csv", &PARTIES),
            ("companies.csv", &COMPANIES),
            ("articles.csv", &ARTICLES),
        ],
    })
}

/// `GET /data/{file}`: `wattline-2026-03-01.zip`, or `latest.zip`.
pub async fn file(State(app): State<App>, Path(name): Path<String>) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let wanted = |snapshot: &Snapshot| name == "latest.zip" || name == file_name(snapshot.day);
    let Some(found) = snapshots::list(&mut db).await?.into_iter().find(wanted) else {
        return Err(WebError::not_found("There is no such archive; /data lists those that there are."));
    };
    let day = found.day;
    let pieces = stream::try_unfold(0, move |from| {
        let app = app.clone();
        async move {
            let piece = snapshots::piece(&mut *app.connection().await?, day, from, PIECE).await?;
            Ok::<_, sqlx::Error>((!piece.is_empty()).then(|| (Bytes::from(piece), from + PIECE)))
        }
    });
    Ok(attachment("application/zip", &file_name(day), Body::from_stream(pieces)))
}
