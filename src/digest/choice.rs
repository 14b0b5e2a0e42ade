//! What an issue tells, read from the record.

use sqlx::PgConnection;

use crate::{
    db::{issues, subscriptions},
    ledger::{
        issue::{Issue, View, choose},
        quiet::Patience,
    },
    model::{Period, Wish},
};

/// What an issue of a period tells, by what is known now.
///
/// # Errors
/// Where the database fails.
pub async fn chosen(db: &mut PgConnection, period: Period, patience: Patience) -> sqlx::Result<Issue> {
    let touched = issues::touched(db, &period).await?;
    let open = issues::maybe_quiet(db, &period, patience).await?;
    let earlier = issues::earlier(db, &period).await?;
    Ok(choose(period, touched, open, earlier, patience))
}

/// What a wish leaves of an issue.
///
/// # Errors
/// Where the database fails.
pub async fn view<'a>(db: &mut PgConnection, issue: &'a Issue, wish: &Wish) -> sqlx::Result<View<'a>> {
    let mut filter = wish.deals.clone();
    if !wish.companies.is_empty() {
        filter.companies = Some(subscriptions::families(db, &wish.companies).await?);
    }
    let matching = match &filter.text {
        Some(words) => Some(issues::matching(db, words, &issue.texts()).await?),
        None => None,
    };
    Ok(issue.view(&filter, matching.as_ref()))
}
