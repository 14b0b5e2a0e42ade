//! `/themes/{slug}`: what is told of one theme: its deals, its totals, its stories, and how many articles each week.

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    response::{Redirect, Response},
};
use chrono::{Datelike, Days, NaiveDate, Utc};

use super::{
    App,
    chart::{Chart, Column, Series, Style},
    error::WebError,
    figure::Figure,
    format,
    frame::{Frame, Section, page},
    news::{NewsDays, cursor, listed, theme_path},
    params::{Params, address},
    row::DealRow,
};
use crate::{
    db::themes::{self, ThemeTotal},
    model::Theme,
};

/// How many weeks the chart shows.
const WEEKS: u64 = 26;
/// How many deals are shown.
const DEALS: i64 = 15;

#[derive(Template)]
#[template(path = "theme.html")]
struct ThemePage {
    frame: Frame,
    theme: Theme,
    heading: String,
    total: ThemeTotal,
    committed: Figure,
    power: Option<Figure>,
    chart: Chart,
    since: String,
    deals: Vec<DealRow>,
    days: NewsDays,
    next: Option<String>,
    first: Option<String>,
}

/// `GET /themes`: they stand above the news.
pub async fn all() -> Redirect {
    Redirect::permanent("/news")
}

/// `GET /themes/{slug}`
pub async fn get(
    State(app): State<App>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let theme: Theme = slug.parse().map_err(|_| WebError::not_found(format!("There is no theme “{slug}”.")))?;
    let params = Params::parse(query.as_deref());
    let after = params.get("cursor").map(cursor).transpose()?;
    let mut db = app.db().await?;
    let today = Utc::now().date_naive();
    // The chart ends where the news does.
    let last = themes::latest(&mut db, theme).await?.unwrap_or(today);
    let weeks = weeks(last);
    let since = weeks.first().copied().unwrap_or(last);
    let counted = themes::weeks(&mut db, theme, since).await?;
    let year = last.checked_sub_days(Days::new(365)).unwrap_or(last);
    let total = themes::total(&mut db, theme, year).await?;
    let deals = themes::deals(&mut db, theme, year, DEALS).await?;
    let (days, next) = listed(&mut db, Some(theme), after).await?;
    let path = theme_path(theme);
    let heading = format::capitalised(theme.label());
    page(&ThemePage {
        frame: Frame::new(Section::News, heading.clone()).describe(theme.about()).at(&app, &path),
        committed: Figure::usd(total.committed),
        power: (!total.mw.is_zero()).then(|| Figure::megawatts(total.mw)),
        chart: chart(&weeks, &counted, &path, today),
        since: format::day(year),
        deals: deals.iter().map(|deal| DealRow::new(deal).dated()).collect(),
        days,
        next: next.map(|cursor| address(&path, &[("cursor", &cursor)])),
        first: after.map(|_| path.clone()),
        theme,
        heading,
        total,
    })
}

/// The Mondays of the weeks that are shown, the week of a day last.
fn weeks(today: NaiveDate) -> Vec<NaiveDate> {
    let back = u64::from(today.weekday().num_days_from_monday());
    let monday = today.checked_sub_days(Days::new(back)).unwrap_or(today);
    (0..WEEKS).rev().filter_map(|week| monday.checked_sub_days(Days::new(week * 7))).collect()
}

fn chart(weeks: &[NaiveDate], counted: &[(NaiveDate, i64)], path: &str, today: NaiveDate) -> Chart {
    let of_week = |week: &NaiveDate| counted.iter().find(|(monday, _)| monday == week).map_or(0, |(_, count)| *count);
    let columns = weeks
        .iter()
        .map(|week| {
            let articles = of_week(week);
            let words = format::plural(articles, "article", "articles");
            Column {
                label: format!("Week of {}", format::day(*week)),
                axis: (week.day() <= 7 && week.month0() % 2 == 0).then(|| week.format("%b %Y").to_string()),
                href: path.to_owned(),
                values: vec![articles as f64],
                texts: vec![format::count(articles)],
                total: words,
                incomplete: today.signed_duration_since(*week).num_days() < 7,
            }
        })
        .collect();
    let all: i64 = counted.iter().map(|(_, count)| *count).sum();
    let series =
        vec![Series { label: "articles".to_owned(), hue: "ink", style: Style::Solid, total: format::count(all) }];
    Chart::draw("Articles by week".to_owned(), series, columns, 0.0, |value| {
        // There is no half an article.
        if value.fract() == 0.0 { value.to_string() } else { String::new() }
    })
    .over("Week")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_year_of_weeks_ends_with_that_of_a_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let weeks = weeks(day("2026-05-20"));
        assert_eq!((weeks.len(), weeks.last().copied()), (26, Some(day("2026-05-18"))));
        assert!(weeks.iter().all(|monday| monday.weekday() == chrono::Weekday::Mon));
    }
}
