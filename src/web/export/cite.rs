//! `/deals/{id}/cite/{format}`: a deal's citation as a file.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::Utc;
use uuid::Uuid;

use super::attachment;
use crate::{
    db::deal_page::{self, Lookup},
    web::{App, citation::CiteThis, error::WebError, figure::Figure, format, json_ld::json_ld, row::deal_path},
};

/// `GET /deals/{id}/cite/{format}`: `bibtex`, `ris`, `wikipedia`, `json-ld` or `plain`.
pub async fn get(State(app): State<App>, Path((id, wanted)): Path<(String, String)>) -> Result<Response, WebError> {
    let missing = || WebError::not_found("No deal has this address.");
    let id = Uuid::parse_str(&id).map_err(|_| missing())?;
    let mut db = app.db().await?;
    let record = match deal_page::find(&mut db, id).await? {
        Lookup::Missing => return Err(missing()),
        Lookup::Moved(id, _) => return Ok(Redirect::permanent(&format!("/deals/{id}/cite/{wanted}")).into_response()),
        Lookup::Deal(record) => record,
    };
    let deal = &record.listed.deal;
    let url = app.link(&deal_path(id, &record.listed.slug));
    let figures = [Figure::of_deal(deal).map(|figure| figure.text()), deal.mw.map(|mw| format::megawatts(mw.get()))];
    let title = std::iter::once(deal.headline.clone())
        .chain(figures.into_iter().flatten())
        .chain([deal.status.to_string()])
        .collect::<Vec<_>>()
        .join(", ");
    let cite = CiteThis::of(&title, &url, record.updated_at.date_naive(), Utc::now().date_naive());
    let name = |ending: &str| {
        format!("wattline-{}.{ending}", record.listed.slug.chars().take(60).filter(char::is_ascii).collect::<String>())
    };
    Ok(match wanted.as_str() {
        "bibtex" => attachment("application/x-bibtex; charset=utf-8", &name("bib"), cite.bibtex + "\n"),
        "ris" => attachment("application/x-research-info-systems; charset=utf-8", &name("ris"), cite.ris),
        "wikipedia" => attachment("text/plain; charset=utf-8", &name("txt"), cite.wikipedia + "\n"),
        "plain" => attachment("text/plain; charset=utf-8", &name("txt"), cite.plain + "\n"),
        "json-ld" => {
            let told = deal_page::claims(&mut db, id).await?;
            attachment("application/ld+json", &name("jsonld"), json_ld(deal, &url, &told, record.updated_at)?)
        }
        _ => {
            return Err(WebError::not_found("A citation is there as bibtex, ris, wikipedia, json-ld or plain."));
        }
    })
}
