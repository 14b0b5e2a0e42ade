//! Letters about a subscription itself, and what was found wrong in an issue.

use askama::Template;
use url::Url;

use super::render::{Body, Line, correction_line, filter_in_words, inlined, one_line, unwrapped};
use crate::{
    ledger::issue::Correction,
    model::{Cadence, Preferences},
};

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    letter: &'a Letter,
}

/// What a letter says.
struct Letter {
    site: String,
    subject: String,
    heading: String,
    paragraphs: Vec<String>,
    /// What its button says, and where it leads.
    action: Option<(&'static str, String)>,
    lines: Vec<Line>,
    closing: String,
    /// Whether it may be unsubscribed from.
    by_subscription: bool,
}

impl Letter {
    fn body(self) -> anyhow::Result<Body> {
        Ok(Body {
            subject: one_line(&self.subject),
            text: unwrapped(&Text { letter: &self }.render()?),
            html: inlined(&Html { letter: &self }.render()?)?,
            image: None,
        })
    }
}

fn site_of(site: &Url) -> String {
    site.as_str().trim_end_matches('/').to_owned()
}

/// What a subscription brings, in words.
pub fn in_words(query: &str, wanted: &Preferences) -> String {
    let what = filter_in_words(query).unwrap_or_else(|| "all deals".to_owned());
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let day = days.get(usize::from(wanted.weekday).saturating_sub(1)).unwrap_or(&days[0]);
    let zone = wanted.zone.name().replace('_', " ");
    match wanted.cadence {
        Cadence::Weekly => format!("{what}, every {day} at {:02}:00 ({zone})", wanted.hour),
        Cadence::Daily => format!("{what}, every day at {:02}:00 ({zone})", wanted.hour),
        Cadence::Instant => format!("{what}, as soon as something changes"),
    }
}

/// The letter that asks to confirm a subscription by the link `confirm`.
///
/// # Errors
/// Where a template cannot be filled, as of every letter.
pub fn confirm(query: &str, wanted: &Preferences, confirm: String, hours: i64, site: &Url) -> anyhow::Result<Body> {
    let letter = Letter {
        site: site_of(site),
        subject: "Confirm your Wattline digest".to_owned(),
        heading: "Confirm your digest".to_owned(),
        paragraphs: vec![
            "Somebody, probably you, asked that this address be sent Wattline's digest of AI-infrastructure deals:"
                .to_owned(),
            format!("{}.", in_words(query, wanted)),
        ],
        action: Some(("Confirm the subscription", confirm)),
        lines: Vec::new(),
        closing: format!(
            "The link leads to a page with a button and holds for {hours} hours. If it was not you, do nothing: without a confirmation nothing more is sent."
        ),
        by_subscription: false,
    };
    letter.body()
}

/// The letter that asks to confirm a new address of a subscription.
///
/// # Errors
/// See [`confirm`].
pub fn address(confirm: String, hours: i64, site: &Url) -> anyhow::Result<Body> {
    let letter = Letter {
        site: site_of(site),
        subject: "Confirm your new address for the Wattline digest".to_owned(),
        heading: "Confirm your new address".to_owned(),
        paragraphs: vec![
            "A subscriber of Wattline's digest of AI-infrastructure deals asked that it be sent to this address from now on.".to_owned(),
        ],
        action: Some(("Use this address", confirm)),
        lines: Vec::new(),
        closing: format!(
            "The link leads to a page with a button and holds for {hours} hours. If it was not you, do nothing: without a confirmation nothing more is sent."
        ),
        by_subscription: false,
    };
    letter.body()
}

/// The letter to somebody who asked for what they get already.
///
/// # Errors
/// See [`confirm`].
pub fn known(query: &str, wanted: &Preferences, site: &Url) -> anyhow::Result<Body> {
    let letter = Letter {
        site: site_of(site),
        subject: "You get the Wattline digest already".to_owned(),
        heading: "You are subscribed already".to_owned(),
        paragraphs: vec![
            "Somebody, probably you, asked for a digest that this address gets already:".to_owned(),
            format!("{}.", in_words(query, wanted)),
        ],
        action: Some(("Change what you get", super::render::MANAGE.to_owned())),
        lines: Vec::new(),
        closing: "Nothing has changed.".to_owned(),
        by_subscription: true,
    };
    letter.body()
}

/// The letter to those who were sent something wrong.
///
/// # Errors
/// See [`confirm`].
pub fn correction(title: &str, page: &str, corrections: &[Correction], site: &Url) -> anyhow::Result<Body> {
    let site = site_of(site);
    let lead = corrections.first().map(|first| first.now.as_ref().unwrap_or(&first.was).headline.clone());
    let letter = Letter {
        subject: format!("Correction to {title}: {}", lead.unwrap_or_default()),
        heading: format!("Correction to {title}"),
        paragraphs: vec!["What we sent you was wrong in this:".to_owned()],
        action: None,
        lines: corrections.iter().map(|correction| correction_line(correction, &site)).collect(),
        closing: format!("The issue, with this correction noted on it: {page}"),
        by_subscription: true,
        site,
    };
    letter.body()
}
