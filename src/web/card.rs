//! `/og/…`: the picture that stands for a deal or a company where its address is shared.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{App, error::WebError, figure::Figure, format, picture, row::Parties};
use crate::{
    db::{
        company_pages,
        deal_page::{self, Lookup},
        totals,
    },
    model::{Category, Direction, Megawatts},
};

/// How many letters of a headline go on a line, and how many lines there are.
const LETTERS: usize = 34;
const LINES: usize = 3;

#[derive(Template)]
#[template(path = "card.svg", escape = "html")]
struct Card {
    /// What stands above: the kind of a deal, what a company does.
    above: String,
    title: Vec<String>,
    figures: Vec<(String, String)>,
    /// What stands below: stage, day, sources.
    below: String,
}

/// `GET /og/deals/{id}.png`
pub async fn deal(State(app): State<App>, Path(file): Path<String>) -> Result<Response, WebError> {
    let missing = || WebError::not_found("There is no such picture.");
    let id = file.strip_suffix(".png").and_then(|id| Uuid::parse_str(id).ok()).ok_or_else(missing)?;
    let Lookup::Deal(record) = deal_page::find(&mut *app.db().await?, id).await? else { return Err(missing()) };
    let deal = &record.listed.deal;
    let sums = [
        Figure::of_deal(deal).map(|figure| (figure.text(), String::new())),
        deal.mw.map(Megawatts::get).map(|mw| (format::megawatts(mw), String::new())),
    ];
    let publishers = i64::try_from(deal.publishers).unwrap_or(i64::MAX);
    let parties = Parties::of(deal, 2);
    let named = parties.payers.named.len() + parties.payees.named.len();
    let card = Card {
        above: format::capitalised(deal.kind.label()),
        title: lines(&deal.headline),
        figures: sums.into_iter().flatten().collect(),
        below: format!(
            "{} · {} · {}{}",
            format::capitalised(deal.status.as_str()),
            format::day(deal.day()),
            format::plural(publishers, "publisher", "publishers"),
            if named == 0 { " · parties undisclosed" } else { "" }
        ),
    };
    drawn(card).await
}

/// `GET /og/companies/{slug}.png`
pub async fn company(State(app): State<App>, Path(file): Path<String>) -> Result<Response, WebError> {
    let missing = || WebError::not_found("There is no such picture.");
    let slug = file.strip_suffix(".png").ok_or_else(missing)?.replace('\0', "");
    let mut db = app.db().await?;
    let profile = company_pages::profile(&mut db, &slug).await?.ok_or_else(missing)?;
    let cells = totals::cells(&mut db, &slug, true).await?;
    let counted = || cells.iter().filter(|cell| cell.status.counts());
    let sum = |side: Direction| -> Decimal {
        counted().filter(|cell| cell.direction == side).map(|cell| cell.committed).sum()
    };
    let sums = [("commits", sum(Direction::Payer)), ("is committed", sum(Direction::Payee))];
    let deals: i64 = counted().map(|cell| cell.deals).sum();
    let card = Card {
        above: profile
            .category
            .parse()
            .map_or("Company".to_owned(), |category: Category| format::capitalised(category.label())),
        title: lines(&profile.name),
        figures: sums
            .into_iter()
            .filter(|(_, sum)| !sum.is_zero())
            .map(|(what, sum)| (format::usd(sum), what.to_owned()))
            .collect(),
        below: format!("{} in the ledger", format::plural(deals, "deal", "deals")),
    };
    drawn(card).await
}

/// The picture, drawn beside the threads that answer.
async fn drawn(card: Card) -> Result<Response, WebError> {
    let svg = card.render()?;
    let png = tokio::task::spawn_blocking(move || picture::png(&svg, 1)).await.ok().flatten();
    let png = png.ok_or_else(|| WebError::Picture)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

/// A headline on a few lines, whole words; what does not fit is left out.
fn lines(title: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        let fits = |line: &str| line.chars().count() + 1 + word.chars().count() <= LETTERS;
        let full = lines.len() == LINES;
        match lines.last_mut() {
            Some(line) if fits(line) => *line = format!("{line} {word}"),
            Some(line) if full => {
                line.push_str(" …");
                break;
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_stays_within_its_lines() {
        assert_eq!(lines("Northwind rents compute"), ["Northwind rents compute"]);
        let long = lines(&"many words of a headline ".repeat(20));
        assert!(long.len() == LINES && long.iter().all(|line| line.chars().count() <= LETTERS + 2), "{long:?}");
        assert!(long[2].ends_with('…'));
    }
}
