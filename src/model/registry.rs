use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Company, Slug, Spellings};

/// Who is who: the companies and public bodies that ship with the program, found by any of their spellings.
#[derive(Debug)]
pub struct Registry {
    companies: Vec<Company>,
    by_slug: HashMap<Slug, usize>,
    /// Everyday spellings that several companies share, with all of them.
    shared: HashMap<Slug, Vec<usize>>,
    by_ticker: HashMap<String, usize>,
    /// The topmost owner of each company, by its place.
    roots: Vec<usize>,
    /// Each topmost owner with all that it owns.
    families: HashMap<usize, Vec<Slug>>,
    spellings: Spellings,
}

/// What is wrong with a registry file.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// It is no TOML of the expected shape.
    #[error("the company registry cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// Two companies share a spelling that is not an everyday one of both.
    #[error(
        "the company registry gives the spelling `{spelling}` to both {first} and {second}; only what is under `everyday` of each can be shared"
    )]
    Spelling {
        /// The spelling.
        spelling: String,
        /// The company that has it first.
        first: String,
        /// The company that has it again.
        second: String,
    },
    /// A parent is not in the registry, or a company is its own ancestor.
    #[error(
        "the company registry names {parent} as the parent of {company}, which is missing or goes round in a circle"
    )]
    Parent {
        /// The child.
        company: String,
        /// The parent.
        parent: String,
    },
}

impl Registry {
    /// The registry that ships with the program.
    ///
    /// # Panics
    /// Never in a build that passed its tests: the file is part of the program, and a test reads it.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Registry> = LazyLock::new(|| {
            Registry::parse(include_str!("../../data/companies.toml"))
                .expect("the registry that ships with the program is valid")
        });
        &SHIPPED
    }

    /// Reads a registry: TOML with one `[[company]]` table for each.
    pub fn parse(toml: &str) -> Result<Self, RegistryError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            company: Vec<Company>,
        }
        let File { company: companies } = toml::from_str(toml)?;

        let mut by_slug: HashMap<Slug, usize> = HashMap::new();
        let mut shared: HashMap<Slug, Vec<usize>> = HashMap::new();
        let is_everyday = |company: &Company, slug: &Slug| {
            let sure = std::iter::once(&company.name).chain(&company.aliases).any(|s| Slug::of(s) == *slug);
            !sure && company.everyday.iter().any(|s| Slug::of(s) == *slug)
        };
        for (index, company) in companies.iter().enumerate() {
            let mut own: Vec<Slug> = std::iter::once(&company.name)
                .chain(&company.aliases)
                .chain(&company.everyday)
                .map(|s| Slug::of(s))
                .collect();
            own.sort();
            own.dedup();
            for slug in own {
                if let Some(before) = by_slug.insert(slug.clone(), index) {
                    let first: &Company = &companies[before];
                    if is_everyday(first, &slug) && is_everyday(company, &slug) {
                        shared.entry(slug).or_insert_with(|| vec![before]).push(index);
                        continue;
                    }
                    return Err(RegistryError::Spelling {
                        spelling: slug.to_string(),
                        first: first.name.clone(),
                        second: company.name.clone(),
                    });
                }
            }
        }
        by_slug.retain(|slug, _| !shared.contains_key(slug));
        let mut by_ticker: HashMap<String, usize> = HashMap::new();
        let mut twice = HashSet::new();
        for (at, company) in companies.iter().enumerate() {
            let Some(ticker) = &company.ticker else { continue };
            if by_ticker.insert(ticker.clone(), at).is_some() {
                twice.insert(ticker.clone());
            }
        }
        by_ticker.retain(|ticker, _| !twice.contains(ticker));
        let spellings = Spellings::of(&companies);
        let mut registry =
            Self { companies, by_slug, shared, by_ticker, roots: Vec::new(), families: HashMap::new(), spellings };
        for at in 0..registry.companies.len() {
            let root = registry.topmost(at)?;
            registry.roots.push(root);
            registry.families.entry(root).or_default().push(registry.companies[at].slug());
        }
        Ok(registry)
    }

    /// Climbs from a company to its topmost owner.
    fn topmost(&self, company: usize) -> Result<usize, RegistryError> {
        let mut at = company;
        for _ in 0..self.companies.len() {
            let Some(parent) = &self.companies[at].parent else { return Ok(at) };
            match self.by_slug.get(&Slug::of(&parent.name)) {
                Some(&owner) if self.companies[owner].name == parent.name && owner != company => at = owner,
                _ => break,
            }
        }
        let faulty = &self.companies[at];
        let parent = faulty.parent.as_ref().map(|parent| parent.name.clone()).unwrap_or_default();
        Err(RegistryError::Parent { company: faulty.name.clone(), parent })
    }

    /// The topmost owner of a company, itself where nobody owns it; `None` for one that the registry does not know.
    pub fn root(&self, company: &Slug) -> Option<&Company> {
        self.by_slug.get(company).map(|at| &self.companies[self.roots[*at]])
    }

    /// The topmost owner of a company on a day, itself where nobody owned it then; `None` for one that the registry does
    /// not know. Where a stretch has no beginning or no end, it holds from ever or for ever.
    pub fn owner(&self, company: &Slug, day: NaiveDate) -> Option<&Company> {
        let mut at = *self.by_slug.get(company)?;
        // A registry without circles has no way up that is longer than it has companies.
        for _ in 0..self.companies.len() {
            let Some(parent) = self.companies[at].parent.as_ref().filter(|parent| parent.holds_on(day)) else { break };
            let Some(up) = self.by_slug.get(&Slug::of(&parent.name)) else { break };
            at = *up;
        }
        Some(&self.companies[at])
    }

    /// All companies with the same topmost owner, that owner among them; empty for one that the registry does not know.
    pub fn family(&self, company: &Slug) -> &[Slug] {
        self.by_slug.get(company).and_then(|at| self.families.get(&self.roots[*at])).map_or(&[], Vec::as_slice)
    }

    /// All companies, in the order of the file.
    pub fn companies(&self) -> &[Company] {
        &self.companies
    }

    /// All spellings, to find companies in a running text.
    pub fn spellings(&self) -> &Spellings {
        &self.spellings
    }

    /// The company of a ticker as its exchange writes it, unless two companies have it on two exchanges.
    pub fn by_ticker(&self, ticker: &str) -> Option<&Company> {
        self.by_ticker.get(ticker).map(|at| &self.companies[*at])
    }

    /// Those who share an everyday spelling, by their places in the file: who of them is meant, only the text around it can
    /// tell. Empty for a spelling of one or none.
    pub fn sharing(&self, spelling: &str) -> &[usize] {
        self.shared.get(&Slug::of(spelling)).map_or(&[], Vec::as_slice)
    }

    /// The company of a name, alias or everyday spelling; case, spacing and punctuation do not matter. None for a spelling
    /// that several share.
    pub fn find(&self, spelling: &str) -> Option<&Company> {
        self.by_slug.get(&Slug::of(spelling)).map(|index| &self.companies[*index])
    }
}
