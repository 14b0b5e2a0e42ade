//! A deal for machines, in the words of schema.org.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::json;

use super::error::WebError;
use crate::{
    db::deal_page::Told,
    model::{Deal, Megawatts},
};

/// The record for machines, in a form that no `</script>` inside it can break out of.
pub(super) fn json_ld(deal: &Deal, url: &str, told: &[Told], updated: DateTime<Utc>) -> Result<String, WebError> {
    let about: Vec<_> = deal.parties.iter().map(|party| json!({"@type": "Organization", "name": party.name})).collect();
    let citations: Vec<_> = told
        .iter()
        .filter_map(|told| {
            let article = &told.article;
            Some(json!({"@type": "NewsArticle", "url": article.url.as_ref()?, "publisher": {"@type": "Organization", "name": article.publisher}}))
        })
        .collect();
    let mut data = json!({
        "@context": "https://schema.org", "@type": "Report", "headline": deal.headline, "url": url,
        "datePublished": deal.day(), "dateModified": updated.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "about": about, "citation": citations,
        "publisher": {"@type": "Organization", "name": "Wattline"},
    });
    let figures: Vec<_> = [
        ("committed", "USD", deal.committed_usd),
        ("potential", "USD", deal.potential_usd),
        ("power", "MW", deal.mw.map(Megawatts::get)),
    ]
    .into_iter()
    .filter_map(|(name, unit, value): (_, _, Option<Decimal>)| {
        Some(json!({"@type": "PropertyValue", "name": name, "unitText": unit, "value": value?.normalize().to_string()}))
    })
    .collect();
    if !figures.is_empty() {
        data["additionalProperty"] = figures.into();
    }
    Ok(serde_json::to_string(&data)?.replace('<', "\\u003c"))
}
