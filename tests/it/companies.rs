//! Companies of which the registry learns.

use chrono::Utc;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use wattline::{
    db::{companies, company_pages},
    jobs::merge::merge_pending,
    ledger::convert::Rates,
    model::Registry,
};

use crate::support::{
    archive::facts,
    database::TestDatabase,
    ledger::{Story, claim, file},
};

async fn sync(db: &mut PgConnection, registry: &'static Registry) {
    let mut tx = db.begin().await.unwrap();
    companies::sync(&mut tx, registry).await.unwrap();
    tx.commit().await.unwrap();
    merge_pending(db, registry, Rates::shipped(), Utc::now()).await.unwrap();
}

fn registry(toml: &str) -> &'static Registry {
    Box::leak(Box::new(Registry::parse(toml).unwrap()))
}

#[tokio::test]
async fn a_provisional_company_that_turns_out_to_be_another_gives_its_deals_to_it_and_its_address_leads_there() {
    let database = TestDatabase::new().await;
    let mut db = database.pool().acquire().await.unwrap();
    let text = "Quarry Lake Compute rents 90 MW to Harrow Labs Inc.";
    let parties = [
        json!({"name": "Quarry Lake Compute", "role": "provider"}),
        json!({"name": "Harrow Labs Inc.", "role": "buyer"}),
    ];
    let told = claim(&json!({"parties": parties, "capacity": [{"mw": 90}]}), text);
    file(&mut db, &Story { text, ..Story::of("one", "2026-03-02") }, &[told], Utc::now()).await;
    sync(&mut db, registry("")).await;
    let profile = company_pages::profile(&mut db, "quarry-lake-compute").await.unwrap().unwrap();
    assert!(profile.provisional);

    // The registry learns that the one is an old name of another company, and confirms the other by its name.
    let toml = "[[company]]\nname = \"Meridian Quarry\"\ncategory = \"gpu_cloud\"\naliases = [\"Quarry Lake Compute\"]\n\
                [[company]]\nname = \"Harrow Labs\"\ncategory = \"ai_lab\"";
    sync(&mut db, registry(toml)).await;
    assert!(company_pages::profile(&mut db, "quarry-lake-compute").await.unwrap().is_none());
    let found = company_pages::find(&mut db, "quarry-lake-compute").await.unwrap().unwrap();
    assert_eq!(found.slug, "meridian-quarry");
    assert!(!company_pages::profile(&mut db, "harrow-labs").await.unwrap().unwrap().provisional);
    let parties: Vec<String> =
        sqlx::query_scalar("SELECT company FROM deal_parties ORDER BY company").fetch_all(&mut *db).await.unwrap();
    assert_eq!(parties, ["harrow-labs", "meridian-quarry"]);
    let deals: i64 = sqlx::query_scalar("SELECT count(*) FROM deals").fetch_one(&mut *db).await.unwrap();
    assert_eq!(deals, 1);
}

#[test]
fn the_registry_knows_every_party_of_the_archive_by_a_name_of_its_own_and_four_hundred_companies_at_least() {
    let registry = Registry::shipped();
    let unknown: Vec<String> = facts()
        .into_iter()
        .flat_map(|fact| fact.claim.parties)
        .filter(|party| registry.find(&party.name).is_none())
        .map(|party| party.name)
        .collect();
    assert_eq!(unknown, [""; 0]);
    assert!(registry.companies().len() >= 400);
}

#[test]
fn a_registry_with_a_spelling_twice_a_parent_that_is_missing_or_a_circle_of_parents_is_refused() {
    let company = |name: &str, more: &str| format!("[[company]]\nname = \"{name}\"\ncategory = \"ai_lab\"\n{more}\n");
    for (toml, says) in [
        (company("Harrow", "") + &company("Corvid", "aliases = [\"HARROW\"]"), "to both Harrow and Corvid"),
        (company("Harrow", "parent = { name = \"Corvid\" }"), "Corvid as the parent of Harrow"),
        (
            company("Harrow", "parent = { name = \"Corvid\" }") + &company("Corvid", "parent = { name = \"Harrow\" }"),
            "goes round in a circle",
        ),
    ] {
        let error = Registry::parse(&toml).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
