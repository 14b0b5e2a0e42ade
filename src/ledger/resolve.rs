//! Whom a name stands for.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use crate::model::{Company, Party, Registry, Slug, places::country_name};

/// A name's company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The company's key.
    pub slug: Slug,
    /// Its canonical name; for a name that the registry does not know, the name itself.
    pub name: String,
    /// Whether the registry knows it.
    pub known: bool,
}

/// The company that a claim's party name stands for: by its spelling, with or without a legal form, or by its ticker in
/// capitals, alone or behind its exchange. A name that the registry does not know stands for a company of its own, the
/// same for every spelling that differs in case, punctuation and legal form only.
pub fn resolve(name: &str, registry: &Registry) -> Resolved {
    let bare = without_legal_form(name);
    let known = registry.find(name).or_else(|| registry.find(bare)).or_else(|| {
        let ticker = name.rsplit(':').next().unwrap_or(name).trim();
        registry.by_ticker(ticker)
    });
    match known {
        Some(company) => Resolved { slug: company.slug(), name: company.name.clone(), known: true },
        None => Resolved { slug: Slug::of(bare), name: bare.to_owned(), known: false },
    }
}

/// The company that a claim's party stands for: that of its name, unless the text tells of another country and another trade
/// than the registry has for that company. Then it is somebody else of the name, kept apart by the country: "Orbit
/// (Norway)".
pub fn stands_for(party: &Party, registry: &Registry) -> Resolved {
    let resolved = resolve(&party.name, registry);
    let company = registry.find(resolved.slug.as_str()).filter(|_| resolved.known);
    match (company, &party.country) {
        (Some(company), Some(country)) if contradicts(party, company) => from_country(&party.name, country),
        _ => resolved,
    }
}

/// The company of a name that others share, told from them by its country: "Orbit (Norway)". Of two that the registry does
/// not know, both are told apart like this as soon as articles tell of another country and another trade; whoever is
/// named without a country keeps the bare name.
pub fn from_country(name: &str, country: &str) -> Resolved {
    let name = format!("{} ({})", without_legal_form(name), country_name(country));
    Resolved { slug: Slug::of(&name), name, known: false }
}

fn contradicts(party: &Party, company: &Company) -> bool {
    let elsewhere = party.country.is_some() && company.country.is_some() && party.country != company.country;
    elsewhere && party.category.is_some_and(|category| category != company.category)
}

/// A name without "Inc.", "plc", `GmbH` and their like at its end; whole where nothing else would be left.
fn without_legal_form(name: &str) -> &str {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)(?:,\s*|\s+)(?:inc|incorporated|corp|corporation|co|company|llc|llp|lp|ltd|limited|plc|gmbh|ag|se|sa|s\.a|nv|n\.v|bv|b\.v|ab|as|a/s|asa|aps|oy|oyj|kg|kgaa|sas|s\.a\.s|srl|s\.r\.l|pjsc|jsc|tbk|sdn|bhd|pvt|private|ltda|s\.p\.a|spa|kk|k\.k|pte|pty)\.?$",
        )
        .expect("a fixed pattern")
    });
    let mut bare = name.trim();
    while let Some(form) = FORM.find(bare).filter(|form| form.start() > 0) {
        bare = &bare[..form.start()];
    }
    bare
}

/// The topmost owner of a company: outlets name parent and subsidiary for each other, so that claims are compared by
/// it. A company without a parent is its own.
pub fn group(company: &Slug, registry: &Registry) -> Slug {
    registry.root(company).map_or_else(|| company.clone(), crate::model::Company::slug)
}

/// The topmost owner of a company on a day, itself where nobody owned it then; `None` for one that the registry does not
/// know.
pub fn owner(company: &Slug, registry: &Registry, day: NaiveDate) -> Option<Slug> {
    registry.owner(company, day).map(crate::model::Company::slug)
}

/// All companies that have the same topmost owner as this one on a day, itself among them: what rolls up together for a
/// deal of that day.
pub fn family_on(company: &Slug, registry: &Registry, day: NaiveDate) -> Vec<Slug> {
    let Some(top) = owner(company, registry, day) else { return vec![company.clone()] };
    let all = registry.family(company).iter();
    all.filter(|member| owner(member, registry, day).as_ref() == Some(&top)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::sample::registry,
        model::{Category, Role},
    };

    #[test]
    fn an_alias_stands_for_its_company_and_an_unknown_name_for_itself() {
        let registry = registry();
        assert_eq!(resolve("Amazon Web Services", &registry).slug, Slug::of("AWS"));
        let unknown = resolve("Quarry Lake Compute", &registry);
        assert_eq!((unknown.slug.as_str(), unknown.known), ("quarry-lake-compute", false));
    }

    #[test]
    fn a_legal_form_changes_nothing_and_a_ticker_in_capitals_is_its_company() {
        let registry = Registry::parse(
            "[[company]]\nname = \"Harrow\"\ncategory = \"chipmaker\"\nticker = \"HRW\"\naliases = [\"Harrow Holdings plc\"]",
        )
        .unwrap();
        for name in ["Harrow, Inc.", "Harrow Co. Ltd", "HARROW CORPORATION", "HRW", "NASDAQ: HRW"] {
            assert_eq!(resolve(name, &registry).slug.as_str(), "harrow", "{name}");
        }
        for (name, slug) in [("hrw", "hrw"), ("Quarry Lake GmbH", "quarry-lake"), ("Inc.", "inc"), ("Co", "co")] {
            assert_eq!(resolve(name, &registry).slug.as_str(), slug, "{name}");
        }
    }

    #[test]
    fn a_known_name_of_another_country_and_another_trade_is_somebody_else() {
        let registry =
            Registry::parse("[[company]]\nname = \"Orbit\"\ncategory = \"chipmaker\"\ncountry = \"US\"").unwrap();
        let told = |country: Option<&str>, category: Option<Category>| {
            let party =
                Party { country: country.map(str::to_owned), category, ..Party::named("Orbit AS", Role::Buyer) };
            stands_for(&party, &registry)
        };
        let other = told(Some("NO"), Some(Category::Utility));
        assert_eq!((other.slug.as_str(), other.name.as_str(), other.known), ("orbit-norway", "Orbit (Norway)", false));
        for (country, category) in [
            (None, None),
            (Some("NO"), None),
            (Some("NO"), Some(Category::Chipmaker)),
            (Some("US"), Some(Category::Utility)),
            (None, Some(Category::Utility)),
        ] {
            assert_eq!(told(country, category).slug.as_str(), "orbit", "{country:?} {category:?}");
        }
    }

    #[test]
    fn a_spelling_that_two_share_leads_to_neither() {
        let registry = Registry::parse(
            r#"
            [[company]]
            name = "Orbit Power"
            category = "utility"
            everyday = ["Orbit"]
            [[company]]
            name = "Orbit Labs"
            category = "ai_lab"
            everyday = ["Orbit"]
            "#,
        )
        .unwrap();
        assert_eq!(resolve("Orbit", &registry).slug.as_str(), "orbit");
        assert_eq!(resolve("Orbit Labs", &registry).slug.as_str(), "orbit-labs");
        assert_eq!(registry.sharing("ORBIT"), [0, 1]);
        let sure = "[[company]]\nname = \"Orbit\"\ncategory = \"utility\"\n[[company]]\nname = \"Orbit Labs\"\ncategory = \"ai_lab\"\neveryday = [\"Orbit\"]";
        assert!(Registry::parse(sure).unwrap_err().to_string().contains("to both Orbit and Orbit Labs"));
    }

    #[test]
    fn a_subsidiary_is_compared_as_its_topmost_owner() {
        assert_eq!(group(&Slug::of("AWS"), &registry()), Slug::of("Amazon"));
        assert_eq!(group(&Slug::of("Amazon"), &registry()), Slug::of("Amazon"));
    }

    #[test]
    fn a_company_belongs_to_its_owner_from_the_day_on_which_it_was_bought_until_it_was_sold() {
        let registry = Registry::parse(
            r#"
            [[company]]
            name = "Harrow"
            category = "chipmaker"
            [[company]]
            name = "Corvid"
            category = "hardware"
            parent = { name = "Harrow", from = "2025-03-31", to = "2025-10-27" }
            "#,
        )
        .unwrap();
        let corvid = Slug::of("Corvid");
        for (day, owned) in [("2025-03-30", false), ("2025-03-31", true), ("2025-10-27", true), ("2025-10-28", false)] {
            let day = day.parse().unwrap();
            let top = if owned { Slug::of("Harrow") } else { corvid.clone() };
            assert_eq!(owner(&corvid, &registry, day), Some(top), "{day}");
            assert_eq!(family_on(&corvid, &registry, day).len(), if owned { 2 } else { 1 }, "{day}");
        }
    }
}
