//! Links within the site.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use regex::Regex;

use crate::pages::Site;

/// How many addresses of one sort are opened.
const OF_A_SORT: usize = 2;

#[tokio::test]
async fn no_link_leads_nowhere() {
    let site = Site::archive().await;
    let links = Regex::new(r#"(?:href|src|hx-get|data-[a-z-]+)="(/[^"]*)""#).unwrap();
    let mut waiting: VecDeque<(String, String)> = VecDeque::from([("/".to_owned(), "the beginning".to_owned())]);
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut sorts: BTreeMap<String, usize> = BTreeMap::new();
    let mut dead = Vec::new();
    while let Some((path, from)) = waiting.pop_front() {
        let answer = site.get(&path).await;
        if answer.status.is_client_error() || answer.status.is_server_error() {
            dead.push(format!("{path}, linked from {from}: {}", answer.status));
        }
        let onward = answer.location.iter().filter(|to| to.starts_with('/')).cloned();
        let found: Vec<String> =
            links.captures_iter(&answer.html).map(|link| link[1].to_owned()).chain(onward).collect();
        for link in found {
            let link = html_escape::decode_html_entities(&link).split('#').next().unwrap_or_default().to_owned();
            let count = sorts.entry(sort(&link)).or_default();
            if !link.is_empty() && *count < OF_A_SORT && seen.insert(link.clone()) {
                *count += 1;
                waiting.push_back((link, path.clone()));
            }
        }
    }
    assert_eq!(dead, [""; 0]);
    // The lists, a deal, a company, an article, a theme, the exports and the styles at least.
    assert!(sorts.len() > 60 && seen.len() > 100, "{} sorts, {} addresses", sorts.len(), seen.len());
}

/// What sort of address it is: its path with what differs from one deal, company or day to the next left out, and the
/// names of its query's fields.
fn sort(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let mut steps = path.trim_start_matches('/').split('/');
    let first = steps.next().unwrap_or_default();
    let form = |step: &str| step.rsplit_once('.').map_or_else(|| "*".to_owned(), |(_, end)| format!("*.{end}"));
    let rest: Vec<String> =
        steps
            .map(|step| {
                if step.len() > 12 || step.contains(|c: char| c.is_ascii_digit()) {
                    form(step)
                } else {
                    step.to_owned()
                }
            })
            .collect();
    let rest = if first == "companies" { rest.iter().map(|step| form(step)).collect() } else { rest };
    let mut fields: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).collect();
    fields.sort_unstable();
    format!("{first}/{}?{}", rest.join("/"), fields.join("&"))
}
