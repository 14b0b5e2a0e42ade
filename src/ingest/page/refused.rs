//! What hosts show in the place of an article. Pure.

use super::PageError;

/// A text longer than this, in characters, is an article whatever else it says.
const SHORT: usize = 1500;

/// Words of pages that ask for consent; one alone may stand in an article about it.
const CONSENT: [&str; 10] = [
    "we use cookies",
    "our partners",
    "cookie policy",
    "manage preferences",
    "manage your preferences",
    "accept all",
    "reject all",
    "consent",
    "before you continue",
    "your privacy choices",
];

/// Words of pages that hold programs off.
const CHALLENGE: [&str; 9] = [
    "verify you are human",
    "verifying you are human",
    "checking your browser",
    "checking if the site connection is secure",
    "unusual traffic",
    "are you a robot",
    "enable javascript and cookies to continue",
    "please enable js and disable any ad blocker",
    "complete the security check",
];

/// Words of pages that show an article to those who pay.
const PAYWALL: [&str; 10] = [
    "subscribe to continue",
    "subscribe to read",
    "to continue reading",
    "already a subscriber",
    "for subscribers only",
    "subscribers only",
    "become a subscriber",
    "this article is for",
    "register to continue",
    "log in to continue",
];

/// Whether a page shows something else in the place of its article: a question for consent, a check for robots, or an
/// offer to subscribe behind a line or two. `is_free`: what the page states of its article, where it does.
pub fn refusal(title: &str, text: &str, is_free: Option<bool>) -> Option<PageError> {
    if text.chars().take(SHORT).count() >= SHORT {
        return None;
    }
    let all = format!("{title}\n{text}").to_lowercase();
    let count = |signs: &[&str]| signs.iter().filter(|sign| all.contains(*sign)).count();
    if count(&CHALLENGE) > 0 {
        return Some(PageError::Challenge);
    }
    if count(&CONSENT) >= 3 {
        return Some(PageError::Consent);
    }
    let asked = count(&PAYWALL);
    (asked >= 2 || (asked >= 1 && is_free == Some(false))).then_some(PageError::Paywall)
}

#[cfg(test)]
mod tests {
    use super::{PageError, refusal};

    #[test]
    fn what_stands_in_the_place_of_an_article_is_told() {
        let consent =
            "We use cookies. We and our partners store data on your device. Accept all or manage preferences.";
        assert_eq!(refusal("News", consent, None), Some(PageError::Consent));
        assert_eq!(refusal("Just a moment...", "Verify you are human.", None), Some(PageError::Challenge));
        let teaser = "Ferrow is in talks for a hall. Subscribe to continue. Already a subscriber? Log in.";
        assert_eq!(refusal("Ferrow in talks", teaser, None), Some(PageError::Paywall));
        assert_eq!(
            refusal("Ferrow", "Ferrow rents a hall. To continue reading, join.", Some(false)),
            Some(PageError::Paywall)
        );
    }

    #[test]
    fn an_article_about_consent_is_one() {
        let short = "The regulator asked the cloud for its users' consent. It will pay $5 million.";
        assert_eq!(refusal("Cloud fined", short, Some(true)), None);
        let long = format!("Accept all, reject all, consent: {}", "the words that the banner shows. ".repeat(60));
        assert_eq!(refusal("Banners", &long, None), None);
    }
}
