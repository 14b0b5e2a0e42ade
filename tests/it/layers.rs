//! Who may know whom: the rules of ARCHITECTURE.md, held against the paths that the sources name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, Item, ItemMod, Macro, UseTree,
    visit::{self, Visit},
};

/// The paths that a source names, each written out from `crate` or from the name of another crate: those of `use` with
/// their braces resolved, those in the code, and those in the arguments of macros. Tests are left out.
fn paths(module: &str, source: &str) -> Vec<String> {
    let file = syn::parse_file(source).unwrap_or_else(|error| panic!("{module}: {error}"));
    let mut named = Named { module: module.split("::").map(ToOwned::to_owned).collect(), found: Vec::new() };
    named.visit_file(&file);
    named.found
}

struct Named {
    module: Vec<String>,
    found: Vec<String>,
}

impl Named {
    fn note(&mut self, path: &[String]) {
        let mut whole = match path.first().map(String::as_str) {
            Some("self" | "super") => self.module.clone(),
            _ => Vec::new(),
        };
        for segment in path {
            match segment.as_str() {
                "self" => {}
                "super" => {
                    whole.pop();
                }
                other => whole.push(other.to_owned()),
            }
        }
        self.found.push(whole.join("::"));
    }

    fn flatten(&mut self, tree: &UseTree, before: &[String]) {
        let with = |segment: &str| [before, &[segment.to_owned()]].concat();
        match tree {
            UseTree::Path(path) => self.flatten(&path.tree, &with(&path.ident.to_string())),
            UseTree::Name(name) => self.note(&with(&name.ident.to_string())),
            UseTree::Rename(rename) => self.note(&with(&rename.ident.to_string())),
            UseTree::Glob(_) => self.note(&with("*")),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.flatten(tree, before)),
        }
    }
}

impl<'ast> Visit<'ast> for Named {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes: &[Attribute] = match item {
            Item::Fn(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        let is_test = |attribute: &Attribute| {
            attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
        };
        if !attributes.iter().any(is_test) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.flatten(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.note(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, of: &'ast Macro) {
        let arguments = of.tokens.to_string().replace(" :: ", "::");
        for path in arguments.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':') {
            if path.contains("::") {
                self.note(&path.split("::").map(ToOwned::to_owned).collect::<Vec<_>>());
            }
        }
        visit::visit_macro(self, of);
    }
}

/// What a path may not be.
#[derive(Clone, Copy)]
enum Never<'a> {
    /// In any module of ours but these.
    OursBut(&'a [&'a str]),
    /// In one of these, or be it.
    In(&'a [&'a str]),
    /// Spelt like this from its beginning.
    Begins(&'a [&'a str]),
    /// Called so, wherever it begins.
    Ends(&'a [&'a str]),
}

impl Never<'_> {
    fn offended_by(self, path: &str) -> bool {
        let is_in = |module: &str| path == module || path.starts_with(&format!("{module}::"));
        match self {
            // What `crate::*` brings in is nobody's to know.
            Never::OursBut(allowed) => {
                path.starts_with("crate::") && !allowed.iter().any(|name| is_in(&format!("crate::{name}")))
            }
            Never::In(modules) => modules.iter().any(|module| is_in(module)),
            Never::Begins(beginnings) => beginnings.iter().any(|beginning| path.starts_with(beginning)),
            Never::Ends(names) => names.iter().any(|name| path == *name || path.ends_with(&format!("::{name}"))),
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All Rust sources below a folder, or the one file; tests that stand in a file of their own are left out.
fn sources(at: &Path) -> Vec<PathBuf> {
    if at.is_file() {
        return vec![at.to_owned()];
    }
    let entries = fs::read_dir(at).unwrap_or_else(|error| panic!("{}: {error}", at.display()));
    entries
        .flat_map(|entry| sources(&entry.unwrap().path()))
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs") && !file.ends_with("tests.rs"))
        .collect()
}

/// The module that a file is: `src/ingest/feed/mod.rs` is `crate::ingest::feed`.
fn module(file: &Path) -> String {
    let file = file.strip_prefix(root()).unwrap().with_extension("");
    let names = file.iter().map(|name| name.to_str().unwrap()).filter(|name| !["mod", "lib", "main"].contains(name));
    ["crate"].into_iter().chain(names).collect::<Vec<_>>().join("::")
}

/// Every path in these modules, except those in `but`, that is one of those that it may never be.
fn offences(modules: &[&str], but: &[&str], never: &[Never<'_>]) -> Vec<String> {
    let within = |module: &str, names: &[&str]| {
        names
            .iter()
            .map(|name| format!("crate::{name}"))
            .any(|of| module == of || module.starts_with(&format!("{of}::")))
    };
    let mut found = Vec::new();
    let mut looked_at = 0;
    for file in sources(&root()) {
        let module = module(&file);
        if !(modules.is_empty() || within(&module, modules)) || within(&module, but) {
            continue;
        }
        looked_at += 1;
        let paths = paths(&module, &fs::read_to_string(&file).unwrap());
        let offends = |path: &String| never.iter().any(|never| never.offended_by(path));
        found.extend(paths.into_iter().filter(offends).map(|path| format!("{module} knows {path}")));
    }
    assert!(looked_at > 0, "there is no such module: {modules:?}");
    found
}

/// The world outside: the network, the clock, the environment, the files and the database.
const OUTSIDE: [Never<'static>; 2] = [
    Never::In(&["reqwest", "sqlx", "tokio", "std::env", "std::fs", "std::net", "std::process", "std::thread"]),
    Never::Ends(&["Utc::now", "Local::now", "SystemTime::now", "Instant::now", "env::var", "fs::read", "File::open"]),
];

#[test]
fn the_model_knows_nothing_of_ours() {
    assert_eq!(offences(&["model"], &[], &[Never::OursBut(&["model"])]), [""; 0]);
    assert_eq!(offences(&["model"], &[], &OUTSIDE), [""; 0]);
}

#[test]
fn what_decides_knows_the_model_only_and_touches_nothing_outside() {
    for module in ["extract", "ledger", "ingest"] {
        assert_eq!(offences(&[module], &[], &[Never::OursBut(&["model", module])]), [""; 0]);
        assert_eq!(offences(&[module], &["ingest::fetch"], &OUTSIDE), [""; 0]);
    }
}

#[test]
fn what_scores_the_extractor_and_the_ledger_knows_them_and_touches_nothing_outside() {
    assert_eq!(offences(&["evaluate"], &[], &[Never::OursBut(&["model", "extract", "ledger", "evaluate"])]), [""; 0]);
    assert_eq!(offences(&["evaluate"], &[], &OUTSIDE), [""; 0]);
}

#[test]
fn the_second_reader_touches_the_network_in_one_place() {
    assert_eq!(offences(&["llm"], &[], &[Never::OursBut(&["model", "extract", "ingest", "llm"])]), [""; 0]);
    assert_eq!(offences(&["llm"], &["llm::client"], &OUTSIDE), [""; 0]);
}

#[test]
fn the_database_knows_no_http_and_nobody_else_knows_sql() {
    assert_eq!(offences(&["db"], &[], &[Never::OursBut(&["db", "model", "ledger"])]), [""; 0]);
    assert_eq!(offences(&["db"], &[], &[Never::In(&["reqwest", "axum", "hyper", "tower", "tower_http"])]), [""; 0]);
    let sql = [Never::Begins(&["sqlx::query", "sqlx::Query", "sqlx::raw_sql", "sqlx::Executor", "sqlx::*"])];
    assert_eq!(offences(&[], &["db"], &sql), [""; 0]);
}

#[test]
fn the_pages_fetch_nothing() {
    assert_eq!(offences(&["web"], &[], &[Never::OursBut(&["web", "digest", "db", "ledger", "model"])]), [""; 0]);
}

#[test]
fn the_digest_shows_figures_as_the_pages_do_and_knows_no_page() {
    let shown = ["web::figure", "web::filter", "web::format", "web::picture", "web::row"];
    let known = [["digest", "db", "ledger", "model"].as_slice(), &shown].concat();
    assert_eq!(offences(&["digest"], &[], &[Never::OursBut(&known)]), [""; 0]);
    assert_eq!(offences(&[], &["digest::smtp"], &[Never::In(&["lettre::transport"])]), [""; 0]);
}

#[test]
fn only_the_fetcher_the_second_readers_client_and_the_mail_ask_other_hosts() {
    let network = [
        Never::In(&["reqwest", "hyper", "rustls"]),
        Never::Ends(&["TcpStream", "UdpSocket", "ToSocketAddrs", "lookup_host"]),
    ];
    assert_eq!(offences(&[], &["ingest::fetch", "llm::client", "digest::smtp"], &network), [""; 0]);
}

#[test]
fn only_the_configuration_reads_the_environment() {
    let environment = [Never::Ends(&["env::var", "env::var_os", "env::vars", "env::vars_os"])];
    assert_eq!(offences(&[], &["config"], &environment), [""; 0]);
}

#[test]
fn these_rules_see_what_hides_in_braces_above_and_in_macros() {
    let sample = r#"
        use crate::{
            db::{articles, sources::{self as feeds, due}},
            model::{Rank, Slug as _},
        };
        use super::{sibling, super::web::{self, chart::*}};
        fn f() {
            let now = chrono::Utc::now();
            println!("{}", std::env::var("HOME").unwrap());
            sqlx::query!("SELECT 1");
            crate::jobs::poll::take::<crate::llm::Model>(now);
        }
        #[cfg(test)]
        mod tests { use crate::commands; }
    "#;
    let paths = paths("crate::ledger::merge", sample);
    for named in [
        "crate::db::articles",
        "crate::db::sources",
        "crate::db::sources::due",
        "crate::model::Slug",
        "crate::ledger::sibling",
        "crate::web",
        "crate::web::chart::*",
        "chrono::Utc::now",
        "std::env::var",
        "sqlx::query",
        "crate::jobs::poll::take",
        "crate::llm::Model",
    ] {
        assert!(paths.iter().any(|path| path == named), "{named} is not in {paths:?}");
    }
    assert!(!paths.iter().any(|path| path.starts_with("crate::commands")), "{paths:?}");
    let offends = |never: Never<'_>| paths.iter().filter(|path| never.offended_by(path)).count();
    assert_eq!(offends(Never::OursBut(&["model", "ledger"])), 7);
    assert_eq!(offends(Never::Begins(&["sqlx::query"])), 1);
    assert_eq!(offends(Never::In(&["std::env"])) + offends(Never::Ends(&["Utc::now"])), 2);
    assert!(
        Never::OursBut(&["model"]).offended_by("crate::*") && Never::OursBut(&["model"]).offended_by("crate::models")
    );
    assert_eq!(module(&root().join("ingest/feed/mod.rs")), "crate::ingest::feed");
}
