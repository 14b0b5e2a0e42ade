//! Whom a claim names, as far as claims are compared.

use crate::{
    ledger::resolve::owner,
    model::{Category, Company, Party, Registry, Slug},
};

use chrono::NaiveDate;

/// A party as it compares: subsidiaries as their topmost owners.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The topmost owner on the day of the claim, itself where it had none.
    owner: Slug,
    slug: Slug,
    /// The topmost owner of any day; `None` where the registry does not know the name, which then may be the short form of
    /// another.
    root: Option<Slug>,
    /// Where the text says that it is from, and what it says that it does.
    told: Option<(String, Category)>,
}

impl Name {
    /// The party as it was owned on a day.
    pub fn of(party: &Party, company: &Slug, registry: &Registry, day: NaiveDate) -> Self {
        Self {
            told: party.country.clone().zip(party.category),
            owner: owner(company, registry, day).unwrap_or_else(|| company.clone()),
            slug: company.clone(),
            root: registry.root(company).map(Company::slug),
        }
    }

    /// Whether two names stand for one company by its owner, so that a list needs but one of them.
    pub fn is_one_with(&self, other: &Self) -> bool {
        self.owner == other.owner && !self.is_namesake_of(other)
    }

    /// Whether the two are only called the same: the texts tell of another country and another trade.
    fn is_namesake_of(&self, other: &Self) -> bool {
        let told = self.told.as_ref().zip(other.told.as_ref());
        told.is_some_and(|((country, category), (other_country, other_category))| {
            country != other_country && category != other_category
        })
    }

    /// Whether two names may stand for one company: they are the same, or one that nobody knows is how another such begins
    /// ("Halyard" and "Halyard Pension Partners").
    pub fn fits(&self, other: &Self) -> bool {
        if self.is_namesake_of(other) {
            return false;
        }
        if self.owner == other.owner || self.slug == other.slug {
            return true;
        }
        let (a, b) = (&self.slug, &other.slug);
        self.root.is_none() && other.root.is_none() && (a.begins(b) || b.begins(a))
    }

    /// What all names that fit have in common.
    pub fn stem(&self) -> String {
        let slug = self.slug.as_str();
        match &self.root {
            Some(root) => root.to_string(),
            None => format!("~{}", slug.split('-').next().unwrap_or(slug)),
        }
    }

    /// Whether it hides who is meant: "Project Buttercup".
    pub fn is_cover(&self) -> bool {
        self.root.is_none() && self.slug.as_str().starts_with("project-")
    }
}

/// How many of these names fit one of those, each taken once.
pub fn shared(a: &[Name], b: &[Name]) -> usize {
    let mut left: Vec<&Name> = b.iter().collect();
    let mut count = 0;
    // The same names first, so that a short form takes nothing from them.
    for exact in [true, false] {
        for name in a {
            let fits = |other: &&Name| if exact { other.is_one_with(name) } else { other.fits(name) };
            let taken = exact || !b.iter().any(|other| other.is_one_with(name));
            if let Some(at) = left.iter().position(fits).filter(|_| taken) {
                left.remove(at);
                count += 1;
            }
        }
    }
    count
}
