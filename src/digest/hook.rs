//! The digest in a chat: messages to webhooks of Slack, Microsoft Teams and Discord, and signed JSON to any other program.
//!
//! The signed form is that of Standard Webhooks: `webhook-id`, the same however often it is tried, by which a receiver knows
//! what it has seen; `webhook-timestamp`, so that old messages are refused; and `webhook-signature`, an HMAC over both and the
//! body.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::{Host, Url};
use uuid::Uuid;

use super::render::{Line, sum_in_words};
use crate::{
    ledger::issue::{Correction, View},
    model::Channel,
};

/// How many deals a message lists; the page has them all.
const MOST: usize = 12;

/// What a message says.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// In one line.
    pub title: String,
    /// In a sentence or two.
    pub summary: String,
    /// The deals.
    pub lines: Vec<NoteLine>,
    /// How many more there are.
    pub more: usize,
    /// Where it leads: the words and the address.
    pub action: (String, String),
    /// What a program gets: the kind of message, and its data.
    pub data: (&'static str, Value),
}

/// A deal in a message.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteLine {
    /// What it is.
    pub headline: String,
    /// Where it is.
    pub href: String,
    /// The figures, the stage, what changed.
    pub detail: String,
}

impl From<&Line> for NoteLine {
    fn from(line: &Line) -> Self {
        let figures = line.amount.iter().chain(&line.power).cloned();
        let changes = line.changes.iter().map(|change| format!("{}: {} → {}", change.field, change.from, change.to));
        let detail: Vec<String> = figures.chain([line.mark.clone()]).chain(changes).collect();
        Self { headline: line.headline.clone(), href: line.href.clone(), detail: detail.join(" · ") }
    }
}

/// An issue as a message; `subject` is that of its mail.
pub fn issue(view: &View<'_>, subject: &str, site: &Url) -> Note {
    let lines = super::render::lines(view, site);
    let page = page(site, &view.issue.period.name());
    let summary = if view.entries.is_empty() {
        "Nothing new.".to_owned()
    } else {
        format!("New deals that count: {}.", sum_in_words(&view.sum))
    };
    let entries: Vec<Value> = view
        .entries
        .iter()
        .zip(&lines)
        .map(|(entry, line)| {
            json!({"deal": entry.deal, "url": line.href, "news": entry.news, "headline": entry.record.headline,
                "kind": entry.record.kind, "status": entry.record.status, "committed_usd": entry.record.committed_usd,
                "potential_usd": entry.record.potential_usd, "mw": entry.record.mw,
                "changes": line.changes})
        })
        .collect();
    let data = json!({"issue": view.issue.period.name(), "from": view.issue.period.from, "until": view.issue.period.until,
        "url": page, "deals": view.sum.deals, "committed_usd": view.sum.committed, "potential_usd": view.sum.potential,
        "mw": view.sum.mw, "entries": entries});
    Note {
        title: subject.to_owned(),
        summary,
        more: lines.len().saturating_sub(MOST),
        lines: lines.iter().take(MOST).map(NoteLine::from).collect(),
        action: ("The whole issue".to_owned(), page),
        data: ("digest.issue", data),
    }
}

fn page(site: &Url, name: &str) -> String {
    format!("{}/digest/{name}", site.as_str().trim_end_matches('/'))
}

/// The message that asks whoever reads it to confirm that the digest is wanted there.
pub fn confirm(what: &str, href: String) -> Note {
    Note {
        title: "Wattline's digest wants to come here".to_owned(),
        summary: format!("A test, and a question: {what}. Without a confirmation nothing more is sent."),
        lines: Vec::new(),
        more: 0,
        data: ("digest.confirm", json!({"what": what, "url": href})),
        action: ("Confirm".to_owned(), href),
    }
}

/// What was wrong in an issue, as a message.
pub fn correction(title: &str, name: &str, corrections: &[Correction], site: &Url) -> Note {
    let base = site.as_str().trim_end_matches('/');
    let lines: Vec<Line> =
        corrections.iter().map(|correction| super::render::correction_line(correction, base)).collect();
    let told: Vec<Value> = corrections
        .iter()
        .zip(&lines)
        .map(|(correction, line)| {
            json!({"deal": correction.deal, "url": line.href, "headline": line.headline, "changes": line.changes})
        })
        .collect();
    Note {
        title: format!("Correction to {title}"),
        summary: "What was sent was wrong in this:".to_owned(),
        more: lines.len().saturating_sub(MOST),
        lines: lines.iter().take(MOST).map(NoteLine::from).collect(),
        action: ("The issue, with this correction noted on it".to_owned(), page(site, name)),
        data: ("digest.correction", json!({"issue": name, "corrections": told})),
    }
}

/// A message in the form of a channel's webhook.
pub fn body(channel: Channel, note: &Note) -> String {
    match channel {
        Channel::Slack => slack(note),
        Channel::Teams => teams(note),
        Channel::Discord => discord(note),
        Channel::Webhook | Channel::Mail => json!({"type": note.data.0, "data": note.data.1}),
    }
    .to_string()
}

/// Slack's own markup, in which three signs have a meaning.
fn slack(note: &Note) -> Value {
    let plain = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // What closes a link's address or parts it from its words.
    let address = |text: &str| plain(text).replace('|', "%7C");
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": cut(&note.title, 150)}}),
        json!({"type": "section", "text": {"type": "mrkdwn", "text": cut(&plain(&note.summary), 3000)}}),
    ];
    blocks.extend(note.lines.iter().map(|line| {
        let headline = plain(&cut(&line.headline, 300));
        let text = format!("*<{}|{headline}>*\n{}", address(&line.href), plain(&cut(&line.detail, 600)));
        json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
    }));
    let (words, href) = &note.action;
    let more = if note.more > 0 { format!("{} more. ", note.more) } else { String::new() };
    let last = format!("{more}<{}|{}>", address(href), plain(words));
    blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": last}]}));
    json!({"text": plain(&note.title), "blocks": blocks, "unfurl_links": false})
}

/// An adaptive card, as a workflow of Teams takes it.
fn teams(note: &Note) -> Value {
    let block = |text: String| json!({"type": "TextBlock", "text": text, "wrap": true});
    let mut blocks = vec![
        json!({"type": "TextBlock", "text": marked(&note.title), "wrap": true, "size": "Large", "weight": "Bolder"}),
        block(marked(&note.summary)),
    ];
    blocks.extend(note.lines.iter().map(|line| {
        block(format!("[{}]({})  \n{}", marked(&cut(&line.headline, 300)), line.href, marked(&cut(&line.detail, 600))))
    }));
    if note.more > 0 {
        blocks.push(block(format!("{} more on the page.", note.more)));
    }
    let (words, href) = &note.action;
    let card = json!({"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard",
        "version": "1.4", "body": blocks, "actions": [{"type": "Action.OpenUrl", "title": words, "url": href}]});
    json!({"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}]})
}

/// Discord's markup; nobody is called by it.
fn discord(note: &Note) -> Value {
    let mut text = String::new();
    let mut listed = 0;
    for line in &note.lines {
        let next = format!(
            "**[{}]({})**\n{}\n",
            marked(&cut(&line.headline, 200)),
            line.href,
            marked(&cut(&line.detail, 300))
        );
        // An embed holds 4,096 letters.
        if text.chars().count() + next.chars().count() > 3600 {
            break;
        }
        text += &next;
        listed += 1;
    }
    let more = note.more + note.lines.len() - listed;
    if more > 0 {
        text.push_str(&plural_more(more));
    }
    text.push_str(&link(&marked(&note.action.0), &note.action.1));
    json!({"content": cut(&marked(&note.summary), 1800), "allowed_mentions": {"parse": []},
        "embeds": [{"title": cut(&marked(&note.title), 250), "description": text}]})
}

fn plural_more(more: usize) -> String {
    format!("{more} more. ")
}

/// A link of Markdown; its words hold no sign that means anything.
fn link(words: &str, href: &str) -> String {
    format!("[{words}]({href})")
}

/// Text in which no sign of Markdown has a meaning.
fn marked(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if "\\`*_{}[]()#|~<>@".contains(letter) {
            plain.push('\\');
        }
        plain.push(letter);
    }
    plain
}

/// At most so many letters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// What a receiver checks: the headers of a signed message. `secret` is the receiver's, in hexadecimal.
///
/// # Panics
/// Never: a key of any length will do.
pub fn signature(secret: &str, id: Uuid, at: DateTime<Utc>, body: &str) -> [(&'static str, String); 3] {
    let stamp = at.timestamp().to_string();
    let key = hex::decode(secret).unwrap_or_else(|_| secret.as_bytes().to_vec());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key of any length will do");
    mac.update(format!("{id}.{stamp}.{body}").as_bytes());
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    [("webhook-id", id.to_string()), ("webhook-timestamp", stamp), ("webhook-signature", signature)]
}

/// The secret as a receiver's library wants it.
pub fn shown_secret(secret: &str) -> String {
    format!("whsec_{}", STANDARD.encode(hex::decode(secret).unwrap_or_default()))
}

/// Reads the address of a webhook of a channel.
///
/// # Errors
/// One sentence on what is wrong with it.
pub fn address(channel: Channel, typed: &str) -> Result<Url, String> {
    let url =
        Url::parse(typed.trim()).map_err(|_| "That is not a whole URL; copy it from where it was made.".to_owned())?;
    let near = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(_)) => false,
        None => return Err("That URL names no host.".to_owned()),
    };
    // Inside a network of one's own, where only an operator lets it be asked at all, anything goes.
    if near && matches!(url.scheme(), "http" | "https") {
        return Ok(url);
    }
    if url.scheme() != "https" {
        return Err("The address of a webhook begins with https://.".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    let of = |hosts: &[&str]| hosts.iter().any(|known| host == *known || host.ends_with(&format!(".{known}")));
    let (fits, wanted) = match channel {
        Channel::Slack => (of(&["hooks.slack.com"]), "of Slack begins with https://hooks.slack.com/"),
        Channel::Discord => {
            (of(&["discord.com", "discordapp.com"]), "of Discord begins with https://discord.com/api/webhooks/")
        }
        Channel::Teams => (
            of(&["logic.azure.com", "api.powerplatform.com", "webhook.office.com"]),
            "of Teams is that of a workflow, at logic.azure.com or api.powerplatform.com",
        ),
        Channel::Webhook | Channel::Mail => (true, ""),
    };
    if fits { Ok(url) } else { Err(format!("The address of a webhook {wanted}.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(headline: &str, lines: usize) -> Note {
        let line = NoteLine {
            headline: headline.to_owned(),
            href: "https://w.example/deals/1".to_owned(),
            detail: "$7B".to_owned(),
        };
        Note {
            title: "A <title> & *more*".to_owned(),
            summary: "Two deals".to_owned(),
            lines: vec![line; lines],
            more: 3,
            action: ("The whole issue".to_owned(), "https://w.example/digest/2026-W20".to_owned()),
            data: ("digest.issue", json!({"issue": "2026-W20"})),
        }
    }

    #[test]
    fn no_name_can_call_the_channel_or_lead_elsewhere() {
        let evil = note("<!channel> @everyone ](https://evil.example) <https://evil.example|x>", 1);
        let slack = body(Channel::Slack, &evil);
        assert!(slack.contains("&lt;!channel&gt;") && !slack.contains("<!channel>"), "{slack}");
        let discord: Value = serde_json::from_str(&body(Channel::Discord, &evil)).unwrap();
        assert_eq!(discord["allowed_mentions"]["parse"], json!([]));
        let text = discord["embeds"][0]["description"].as_str().unwrap();
        assert!(text.contains("\\](https") || text.contains("\\]\\(https"), "{text}");
        let teams = body(Channel::Teams, &evil);
        assert!(teams.contains("\\\\]\\\\(https"), "{teams}");
    }

    #[test]
    fn a_message_keeps_to_what_a_chat_takes() {
        let long = note(&"Ä".repeat(5000), MOST);
        let discord: Value = serde_json::from_str(&body(Channel::Discord, &long)).unwrap();
        assert!(discord["embeds"][0]["description"].as_str().unwrap().chars().count() <= 4096);
        let slack: Value = serde_json::from_str(&body(Channel::Slack, &long)).unwrap();
        for block in slack["blocks"].as_array().unwrap() {
            assert!(block["text"]["text"].as_str().unwrap_or_default().chars().count() <= 3000);
        }
        assert!(body(Channel::Teams, &long).len() < 28 * 1024);
    }

    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        // The example of that specification, its secret in hexadecimal.
        let secret = hex::encode(STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let mac = |id: &str, body: &str| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&hex::decode(&secret).unwrap()).unwrap();
            mac.update(format!("{id}.1614265330.{body}").as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        };
        let (spec_id, spec_body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", r#"{"test": 2432232314}"#);
        assert_eq!(mac(spec_id, spec_body), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let id = Uuid::from_u128(9);
        let [sent_id, stamp, signature] = signature(&secret, id, at, spec_body);
        assert_eq!((sent_id.1, stamp.1), (id.to_string(), "1614265330".to_owned()));
        assert_eq!(signature.1, format!("v1,{}", mac(&id.to_string(), spec_body)));
        assert_eq!(shown_secret(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn a_webhook_is_at_its_host() {
        assert!(address(Channel::Slack, "https://hooks.slack.com/services/T/B/x").is_ok());
        assert!(address(Channel::Slack, "https://hooks.slack.com.evil.example/x").is_err());
        assert!(address(Channel::Teams, "https://prod-1.westeurope.logic.azure.com:443/workflows/x").is_ok());
        assert!(address(Channel::Discord, "https://example.org/").is_err());
        assert!(address(Channel::Webhook, "http://example.org/").is_err());
        assert!(address(Channel::Webhook, "https://example.org/hook").is_ok());
    }
}
