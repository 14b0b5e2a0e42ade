//! One address for one page. Pure.

use url::Url;

/// Parameters that say how a reader came, not what is read.
const TRACKING: [&str; 34] = [
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "_hsenc",
    "_hsmi",
    "hsctatracking",
    "vero_id",
    "vero_conv",
    "wickedid",
    "oly_anon_id",
    "oly_enc_id",
    "rb_clickid",
    "s_cid",
    "cmpid",
    "ncid",
    "sr_share",
    "ref_src",
    "ref_url",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "srsltid",
];

/// The address without what does not tell pages apart: fragment, tracking parameters (`utm_…`, `fbclid` and their
/// like), the marks of a quick copy (AMP), an empty query, user and password, a dot behind the host. Host in lower case and default port left out come
/// with [`Url`]. Order and writing of the other parameters, the trailing slash, `www.` and `http` against `https` are
/// kept: all of them can lead to different pages, and a page that has several addresses says so itself
/// ([`Page::canonical`](super::Page::canonical)).
pub fn canonical_url(url: &Url) -> Url {
    let mut url = unwrapped(url).unwrap_or_else(|| url.clone());
    // The quick copy of a page: an ending of its path.
    while let Some(path) = ["/amp/", "/amp", "/amp.html"].iter().find_map(|end| url.path().strip_suffix(end)) {
        if path.is_empty() {
            break;
        }
        let path = path.to_owned();
        url.set_path(&path);
    }
    url.set_fragment(None);
    // Refused for addresses that have none of them (`mailto:`), which stay as they are.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if let Some(host) =
        url.host_str().filter(|host| host.ends_with('.')).map(|host| host.trim_end_matches('.').to_owned())
    {
        let _ = url.set_host(Some(&host));
    }
    let kept: Option<String> = url.query().map(|query| {
        let pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect();
        pairs.join("&")
    });
    url.set_query(kept.as_deref().filter(|query| !query.is_empty()));
    url
}

/// The page behind an address of a cache of quick copies: `…/amp/s/news.example/a`, `…cdn.ampproject.org/c/s/news.example/a`.
fn unwrapped(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let path = if host.ends_with(".ampproject.org") {
        ["/c/", "/v/", "/a/"].iter().find_map(|start| url.path().strip_prefix(start))?
    } else if host == "google.com" || host == "www.google.com" {
        url.path().strip_prefix("/amp/")?
    } else {
        return None;
    };
    let (scheme, rest) = path.strip_prefix("s/").map_or(("http", path), |rest| ("https", rest));
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let inner = Url::parse(&format!("{scheme}://{rest}{query}")).ok()?;
    // Cached twice is not cached; what is no host with a dot is no page.
    (inner.host_str()?.contains('.') && unwrapped(&inner).is_none()).then_some(inner)
}

fn is_tracking(pair: &str) -> bool {
    let pair_lower = pair.to_ascii_lowercase();
    if matches!(pair_lower.as_str(), "amp" | "amp=1" | "amp=true" | "outputtype=amp") {
        return true;
    }
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

/// Whether two addresses are of one site: the same host but for `www.`, `m.` and `amp.`, or one a subdomain of the
/// other.
pub(super) fn same_site(a: &Url, b: &Url) -> bool {
    fn bare(url: &Url) -> Option<&str> {
        let host = url.host_str()?;
        Some(["www.", "m.", "amp.", "mobile."].iter().find_map(|prefix| host.strip_prefix(prefix)).unwrap_or(host))
    }
    match (bare(a), bare(b)) {
        (Some(a), Some(b)) => {
            let below = |sub: &str, host: &str| {
                host.contains('.') && sub.strip_suffix(host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            };
            a == b || below(a, b) || below(b, a)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::{canonical_url, same_site};

    fn canonical(url: &str) -> String {
        canonical_url(&Url::parse(url).unwrap()).into()
    }

    #[test]
    fn what_does_not_tell_pages_apart_goes() {
        assert_eq!(
            canonical("HTTPS://User:pw@News.Example.:443/A/b?utm_source=x&id=7&FBCLID=1&b=%20#top"),
            "https://news.example/A/b?id=7&b=%20"
        );
        assert_eq!(canonical("http://news.example/?utm_medium=rss"), "http://news.example/");
        assert_eq!(canonical("http://news.example/a?"), "http://news.example/a");
    }

    #[test]
    fn a_quick_copy_is_its_page() {
        for copy in [
            "https://news.example/a/amp/",
            "https://news.example/a?amp=1&utm_source=x",
            "https://news.example/a/amp.html",
            "https://www.google.com/amp/s/news.example/a/amp/",
            "https://news-example.cdn.ampproject.org/c/s/news.example/a",
        ] {
            assert_eq!(canonical(copy), "https://news.example/a", "{copy}");
        }
        assert_eq!(canonical("https://news.example/amp/"), "https://news.example/amp/");
    }

    #[test]
    fn what_may_tell_pages_apart_stays() {
        for url in ["http://news.example/a/?b=2&a=1", "http://www.news.example/a?p", "https://news.example:8443/a"] {
            assert_eq!(canonical(url), url);
        }
    }

    #[test]
    fn a_site_includes_its_subdomains_and_nobody_elses() {
        let same = |a, b| same_site(&Url::parse(a).unwrap(), &Url::parse(b).unwrap());
        assert!(same("https://www.news.example/a", "http://m.news.example/b"));
        assert!(same("https://amp.news.example/a", "https://eu.news.example/"));
        assert!(!same("https://news.example/a", "https://fakenews.example/a"));
        assert!(!same("https://news.example/a", "https://other.example/a"));
    }

    proptest! {
        #[test]
        fn canonical_is_canonical(text in "https?://([A-Za-z0-9]{1,8}\\.){1,3}[a-z]{2,5}\\.?(:[0-9]{1,4})?/\\PC{0,40}") {
            if let Ok(url) = Url::parse(&text) {
                let once = canonical_url(&url);
                prop_assert_eq!(&canonical_url(&once), &once);
                prop_assert_eq!(&Url::parse(once.as_str()).unwrap(), &once);
            }
        }
    }
}
