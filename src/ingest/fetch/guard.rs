//! Which addresses may be asked: public ones, over HTTP.
//!
//! A feed can name any address, and a name can resolve to any: without a guard, whoever writes a feed could have
//! Wattline ask the services behind its operator's firewall. Literal addresses are checked before a request (the
//! resolver never sees them), resolved ones in the resolver, so that what is connected to is what was checked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, LazyLock};

use futures::future::BoxFuture;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::FetchError;

/// Who says which addresses a name has.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The system, which asks the hosts file and its name servers.
pub fn by_system() -> Lookup {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) }))
}

/// The guard of one fetcher; also its resolver.
pub struct Guard {
    allowed: Arc<[IpNet]>,
    lookup: Lookup,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

/// Why a name was not resolved. Travels through the HTTP client, to be found again in its error.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// It has no address.
    #[error("the name is not known")]
    Unknown,
    /// None of its addresses may be asked.
    #[error("the name leads to the private address {0}")]
    Private(IpAddr),
}

impl Guard {
    pub fn new(allowed: Vec<IpNet>, lookup: Lookup) -> Guard {
        Guard { allowed: allowed.into(), lookup }
    }

    /// Checks what can be told from an address alone: its scheme, and a literal host. [`Url`] has read the latter in
    /// any of its notations.
    pub fn check(&self, url: &Url) -> Result<(), FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::NotHttp { scheme: url.scheme().to_owned() });
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(FetchError::UnknownHost),
        };
        if may_ask(literal, &self.allowed) { Ok(()) } else { Err(FetchError::Private { address: literal }) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.allowed);
        let found = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let found: Vec<SocketAddr> = found.await.map_err(|_| ResolveError::Unknown)?;
            let Some(first) = found.first().map(SocketAddr::ip) else { return Err(ResolveError::Unknown.into()) };
            let fit: Vec<SocketAddr> = found.into_iter().filter(|address| may_ask(address.ip(), &allowed)).collect();
            if fit.is_empty() {
                return Err(ResolveError::Private(first).into());
            }
            Ok(Box::new(fit.into_iter()) as Addrs)
        })
    }
}

fn may_ask(address: IpAddr, allowed: &[IpNet]) -> bool {
    let plain = address.to_canonical();
    allowed.iter().any(|range| range.contains(&address) || range.contains(&plain)) || is_public(address)
}

/// Whether an address is one of the public internet, by IANA's registries of special-purpose addresses.
fn is_public(address: IpAddr) -> bool {
    let within = |ranges: &[IpNet]| ranges.iter().any(|range| range.contains(&address));
    match address {
        IpAddr::V4(_) => !within(&SPECIAL_V4),
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => within(&GLOBAL_V6) && !within(&SPECIAL_V6),
        },
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped, NAT64, 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xFFFF, high, low] | [0x64, 0xFF9B, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(join(high, low))
        }
        _ => None,
    }
}

static SPECIAL_V4: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    ranges(&[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        // Answers to metadata requests at one cloud, though it looks public.
        "168.63.129.16/32",
    ])
});
static GLOBAL_V6: LazyLock<Vec<IpNet>> = LazyLock::new(|| ranges(&["2000::/3"]));
static SPECIAL_V6: LazyLock<Vec<IpNet>> = LazyLock::new(|| ranges(&["2001::/23", "2001:db8::/32", "3fff::/20"]));

fn ranges(written: &[&str]) -> Vec<IpNet> {
    written.iter().map(|range| range.parse().expect("a constant range")).collect()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{FetchError, Guard, is_public};

    #[test]
    fn only_public_addresses_are_public() {
        for address in
            ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::"]
        {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:a00:1::",
            "fe80::1",
            "fc00::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "64:ff9b:1::1",
            "::7f00:1",
            "2001:0:1::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_literal_is_seen_through_in_any_notation() {
        let guard = Guard::new(Vec::new(), super::by_system());
        for url in [
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://[::ffff:7f00:1]/",
            "http://１２７.0.0.1/",
            "http://127.0.0.1.:80/",
        ] {
            let checked = guard.check(&Url::parse(url).unwrap());
            assert!(matches!(checked, Err(FetchError::Private { .. })), "{url}: {checked:?}");
        }
        assert!(matches!(guard.check(&Url::parse("file:///etc/passwd").unwrap()), Err(FetchError::NotHttp { .. })));
        assert!(guard.check(&Url::parse("https://news.example/").unwrap()).is_ok());
    }

    #[test]
    fn an_allowed_range_opens_that_range_only() {
        let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()], super::by_system());
        assert!(guard.check(&Url::parse("http://127.0.1.9:8080/").unwrap()).is_ok());
        assert!(guard.check(&Url::parse("http://[::ffff:127.0.0.1]/").unwrap()).is_ok());
        assert!(guard.check(&Url::parse("http://10.0.0.1/").unwrap()).is_err());
    }
}
