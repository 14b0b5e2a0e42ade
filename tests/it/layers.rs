//! Who may know whom: the rules of ARCHITECTURE.md, held against the sources' own words.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// All Rust sources below a folder but its tests, or the one file.
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

/// The code of a file: comments left out, tests at its end too.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Every file of these modules that holds one of these words, except those in `but`.
fn offences(modules: &[&str], words: &[&str], but: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for module in modules {
        for file in sources(&root.join(module)) {
            let name = file.strip_prefix(&root).unwrap().display().to_string();
            if but.iter().any(|allowed| name.starts_with(allowed)) {
                continue;
            }
            let code = code(&file);
            found
                .extend(words.iter().filter(|word| code.contains(**word)).map(|word| format!("{name} holds `{word}`")));
        }
    }
    found
}

const OURS: [&str; 11] = [
    "crate::commands",
    "crate::config",
    "crate::db",
    "crate::evaluate",
    "crate::extract",
    "crate::ingest",
    "crate::jobs",
    "crate::ledger",
    "crate::llm",
    "crate::model",
    "crate::web",
];

fn ours_but(allowed: &[&str]) -> Vec<&'static str> {
    OURS.into_iter().filter(|module| !allowed.iter().any(|name| module.ends_with(&format!("::{name}")))).collect()
}

const IMPURE: [&str; 9] =
    ["Utc::now", "SystemTime::now", "Instant::now", "std::env", "env::var", "sqlx", "reqwest", "std::fs", "TcpStream"];

#[test]
fn the_model_knows_nothing_of_ours() {
    assert_eq!(offences(&["model"], &ours_but(&["model"]), &[]), [""; 0]);
}

#[test]
fn what_decides_knows_the_model_only_and_touches_nothing_outside() {
    for module in ["extract", "ledger", "ingest"] {
        assert_eq!(offences(&[module], &ours_but(&["model", module]), &[]), [""; 0]);
        assert_eq!(offences(&[module], &IMPURE, &["ingest/fetch"]), [""; 0]);
    }
}

#[test]
fn what_scores_the_extractor_knows_it_and_touches_nothing_outside() {
    assert_eq!(offences(&["evaluate"], &ours_but(&["model", "extract", "evaluate"]), &[]), [""; 0]);
    assert_eq!(offences(&["evaluate"], &IMPURE, &[]), [""; 0]);
}

#[test]
fn the_second_reader_touches_the_network_in_one_place() {
    assert_eq!(offences(&["llm"], &ours_but(&["model", "extract", "ingest", "llm"]), &[]), [""; 0]);
    assert_eq!(offences(&["llm"], &IMPURE, &["llm/client.rs"]), [""; 0]);
}

#[test]
fn the_database_knows_no_http_and_nobody_else_knows_sql() {
    assert_eq!(offences(&["db"], &ours_but(&["db", "model", "ledger"]), &[]), [""; 0]);
    assert_eq!(offences(&["db"], &["reqwest", "axum"], &[]), [""; 0]);
    let others =
        ["commands", "evaluate", "extract", "ingest", "jobs", "ledger", "llm", "model", "web", "config.rs", "main.rs"];
    assert_eq!(
        offences(&others, &["query!(", "query_as!(", "query_scalar!(", "sqlx::query", "QueryBuilder"], &[]),
        [""; 0]
    );
}

#[test]
fn the_pages_fetch_nothing() {
    assert_eq!(offences(&["web"], &ours_but(&["web", "db", "ledger", "model"]), &[]), [""; 0]);
    assert_eq!(offences(&["web"], &["reqwest"], &[]), [""; 0]);
}

#[test]
fn only_the_configuration_reads_the_environment() {
    let all = ["commands", "db", "evaluate", "extract", "ingest", "jobs", "ledger", "llm", "model", "web", "main.rs"];
    assert_eq!(offences(&all, &["env::var", "env::vars"], &[]), [""; 0]);
}
