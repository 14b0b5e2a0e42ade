use std::fmt;

/// A mail address that can be sent to: ASCII before the `@`, a domain with a dot behind it, in ASCII as the domain
/// system has it. It cannot carry a second header, for it holds no control character and no white space.
///
/// It is never printed by accident: only [`EmailAddress::as_str`] gives it away.
///
/// ```
/// use wattline::model::EmailAddress;
/// assert_eq!(EmailAddress::parse(" Ada@Bücher.example ").unwrap().as_str(), "Ada@xn--bcher-kva.example");
/// assert!(EmailAddress::parse("ada@example.org\r\nBcc: all@example.org").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// Why something is no mail address: one sentence for whoever typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was typed.
    #[error("Please type a mail address.")]
    Empty,
    /// It cannot be one.
    #[error("That is not a whole mail address; it looks like name@example.org.")]
    Malformed,
    /// What stands before the `@` is not ASCII.
    #[error("Addresses with accents or other scripts before the @ cannot be reached from here yet.")]
    Foreign,
}

/// The longest address that SMTP carries (RFC 5321, with its erratum 1690).
const LONGEST: usize = 254;

impl EmailAddress {
    /// Reads an address as people type it.
    pub fn parse(typed: &str) -> Result<Self, AddressError> {
        let typed = typed.trim_matches(' ');
        if typed.is_empty() {
            return Err(AddressError::Empty);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(AddressError::Malformed)?;
        if !local.is_ascii() {
            return Err(AddressError::Foreign);
        }
        // As RFC 5321 has it without quotes, which hardly anybody uses and many systems get wrong.
        let atoms = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&letter))
        };
        if local.len() > 64 || !local.split('.').all(atoms) {
            return Err(AddressError::Malformed);
        }
        let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else { return Err(AddressError::Malformed) };
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-')
        };
        let top = domain.rsplit('.').next().unwrap_or_default();
        let address = format!("{local}@{domain}");
        let whole = domain.contains('.')
            && domain.split('.').all(label)
            && top.bytes().any(|letter| letter.is_ascii_alphabetic());
        if whole && address.len() <= LONGEST { Ok(Self(address)) } else { Err(AddressError::Malformed) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`, in lower case.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_mistype_is_told() {
        for typed in ["", " "] {
            assert_eq!(EmailAddress::parse(typed), Err(AddressError::Empty));
        }
        for typed in [
            "ada",
            "ada@",
            "@example.org",
            "ada@localhost",
            "ada@@example.org",
            "a da@example.org",
            "ada.@example.org",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada@example..org",
            "ada@-example.org",
            "ada@example.org\nBcc: b@c.org",
            "\"a b\"@example.org",
            "ada@example.org>",
            "ada@exa mple.org",
            "ada@example.org,bob@example.org",
        ] {
            assert_eq!(EmailAddress::parse(typed), Err(AddressError::Malformed), "{typed:?}");
        }
        assert_eq!(EmailAddress::parse("zoë@example.org"), Err(AddressError::Foreign));
    }

    #[test]
    fn an_address_does_not_show_itself() {
        let address = EmailAddress::parse("ada+news@Example.org").unwrap();
        assert_eq!((address.as_str(), address.domain()), ("ada+news@example.org", "example.org"));
        assert_eq!(format!("{address:?}"), "EmailAddress(…)");
    }

    proptest! {
        #[test]
        fn no_address_breaks_a_header_line(typed in "\\PC{0,20}@\\PC{0,20}|[ -~\r\n\t]{0,60}") {
            if let Ok(address) = EmailAddress::parse(&typed) {
                prop_assert!(address.as_str().bytes().all(|letter| letter.is_ascii_graphic()));
                prop_assert!(!address.as_str().contains(['<', '>', ',', ';', ':', '"', '(', ')', '\\']));
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address));
            }
        }
    }
}
