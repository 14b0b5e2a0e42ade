//! `/companies.csv`, `/companies.json` and `/companies.atom`: the ranking.

use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    atom, attachment,
    columns::{self, COMPANIES},
    stream,
};
use crate::{
    db::company_list::{self, Order, Wish},
    ledger::totals::Wanted,
    model::{Category, places},
    web::{
        App,
        api::companies::Company,
        error::WebError,
        format,
        params::{Params, address},
        row::company_path,
    },
};

/// What the ranking's address asks for.
fn wish(params: &Params) -> Result<Wish, WebError> {
    let order = params.get("sort").map(str::parse::<Order>).transpose();
    let category = params.get("category").map(str::parse::<Category>).transpose();
    let (Ok(order), Ok(category)) = (order, category) else {
        return Err(WebError::Invalid(
            "The companies cannot be listed like this; sort is pays, paid, mw, deals or name.".to_owned(),
        ));
    };
    let country = params
        .get("country")
        .map(|typed| places::country(typed).map_or_else(|| typed.to_ascii_uppercase(), ToOwned::to_owned));
    Ok(Wish {
        words: params.get("q").map(ToOwned::to_owned),
        category: category.map(Category::as_str),
        country,
        deals: Wanted { rolled: params.is_on("rollup"), ..Wanted::default() },
        order: order.unwrap_or_default(),
        ..Wish::default()
    })
}

/// `GET /companies.csv`
pub async fn csv(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let wish = wish(&Params::parse(query.as_deref()))?;
    let links = app.clone();
    let rows = stream::table(columns::header(&COMPANIES), stream::companies(app, wish), move |piece| {
        columns::rows(piece.iter().map(|listed| columns::company(&links, listed)))
    });
    Ok(attachment("text/csv; charset=utf-8; header=present", "wattline-companies.csv", rows))
}

/// `GET /companies.json`
pub async fn json(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let wish = wish(&Params::parse(query.as_deref()))?;
    let list = stream::json("companies", stream::companies(app, wish), Company::of);
    Ok(([(header::CONTENT_TYPE, "application/json")], list).into_response())
}

/// `GET /companies.atom`: the first of the ranking, each renewed by the latest change of a deal of its own.
pub async fn atom(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let params = Params::parse(query.as_deref());
    let wish = wish(&params)?;
    let mut db = app.db().await?;
    let limit = usize::try_from(atom::ENTRIES).unwrap_or(usize::MAX);
    let found = company_list::list(&mut db, &wish, None, limit).await?;
    let slugs: Vec<String> = found.iter().map(|listed| listed.slug.clone()).collect();
    let changed = company_list::changed(&mut db, &slugs).await?;
    let entries = found
        .iter()
        .map(|listed| {
            let (pays, paid) = (listed.as_payer(), listed.as_payee());
            let text = format!(
                "Pays {} in {}, is paid {} in {}.",
                format::usd(pays.committed),
                format::plural(pays.deals, "deal", "deals"),
                format::usd(paid.committed),
                format::plural(paid.deals, "deal", "deals")
            );
            let updated = changed.get(&listed.slug).copied().unwrap_or_default();
            atom::entry(app.link(&company_path(&listed.slug)), &listed.name, updated, updated, &text).build()
        })
        .collect();
    let kept = |name: &'static str| (name, params.get(name).unwrap_or_default());
    let pairs = ["sort", "category", "country", "rollup", "q"].map(kept);
    let (path, page) = (address("/companies.atom", &pairs), address("/companies", &pairs));
    Ok(atom::feed(&app, "Wattline: companies", &path, &page, entries))
}
