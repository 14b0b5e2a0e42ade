//! `rates`: exchange rates from a file or from the bank.

use chrono::Utc;
use url::Url;

use super::{Usage, ingest::typed_by_hand, open, say, serve::fetcher};
use crate::{
    config::Options,
    ingest::fetch::{Fetched, Validators},
    jobs,
    model::Registry,
};

/// `rates update`: adds the rates of a file or URL, and converts the deals of their days anew.
pub async fn update(options: &Options, input: &str) -> anyhow::Result<()> {
    let bytes = match Url::parse(input) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            match fetcher(options, &typed_by_hand(&url))?.get(&url, &Validators::default()).await {
                Ok(Fetched::Body(body)) => body.bytes.to_vec(),
                Ok(Fetched::Unchanged) => return Err(Usage(format!("{input}: The host sent nothing.")).into()),
                Err(error) => return Err(Usage(format!("{input}: {error}")).into()),
            }
        }
        _ => std::fs::read(input).map_err(|error| Usage(format!("{input}: the file cannot be read: {error}")))?,
    };
    let database = open(options).await?;
    let mut db = database.pool.acquire().await?;
    let updated = jobs::rates::update(&mut db, &bytes, Registry::shipped(), Utc::now()).await;
    drop(db);
    database.close().await;
    let updated = updated.map_err(|error| match error.downcast::<crate::ledger::rates::RatesError>() {
        Ok(fault) => Usage(format!("{input}: {fault}")).into(),
        Err(error) => error,
    })?;
    say(match updated.added.from {
        None => "Every rate was known.".to_owned(),
        Some(from) => {
            let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
            let rates = count(updated.added.rates, "rate is new", "rates are new");
            let deals = count(updated.deals, "deal is", "deals are");
            format!("{rates}, from {from} on; {deals} converted anew.")
        }
    })?;
    Ok(())
}
