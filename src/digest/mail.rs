//! A message as it goes over the wire: RFC 5322, both parts, and the headers by which programs know a newsletter.

use anyhow::Context;
use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use super::render::{Body, CHART};
use crate::model::{EmailAddress, Format};

/// Who sends.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The name that readers see.
    pub name: String,
    /// The address that they see.
    pub from: EmailAddress,
    /// Where bounces, complaints and requests to be unsubscribed go.
    pub bounces: EmailAddress,
    /// The host after which the list and the messages are named.
    pub host: String,
}

/// What a message says of itself besides its parts.
#[derive(Debug, Clone)]
pub struct Headers {
    /// The delivery that it belongs to: the same however often it is tried.
    pub delivery: Uuid,
    /// When it is written.
    pub date: DateTime<Utc>,
    /// With what its reader leaves: the address of the site that a POST unsubscribes, and the token that a mail to the bounce
    /// address names. `None` for a letter that no subscription sends.
    pub leave: Option<(String, String)>,
    /// In which parts.
    pub format: Format,
}

/// A message to one reader.
///
/// # Errors
/// Where an address is none for the mail library either.
pub fn message(sender: &Sender, to: &EmailAddress, body: &Body, headers: &Headers) -> anyhow::Result<Vec<u8>> {
    let mailbox = |name: Option<&str>, address: &EmailAddress| {
        let address: Address = address.as_str().parse().context("a mail address is none for the mail library")?;
        anyhow::Ok(Mailbox::new(name.map(ToOwned::to_owned), address))
    };
    let mut builder = Message::builder()
        .from(mailbox(Some(&sender.name), &sender.from)?)
        .to(mailbox(None, to)?)
        .subject(&body.subject)
        .date(headers.date.into())
        .message_id(Some(message_id(headers.delivery, &sender.host)));
    let host = &sender.host;
    let mut all = vec![
        ("List-Id", format!("Wattline digest <digest.{host}>")),
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Auto-Response-Suppress", "All".to_owned()),
    ];
    if let Some((href, token)) = &headers.leave {
        let bounces = sender.bounces.as_str();
        // Folded by hand: both are longer than a line.
        let unsubscribe = format!("<{href}>,\r\n <mailto:{bounces}?subject=unsubscribe%20{token}>");
        all.push(("List-Unsubscribe", unsubscribe));
        // One click is a matter of https (RFC 8058).
        if href.starts_with("https:") {
            all.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        all.push(("Precedence", "bulk".to_owned()));
    }
    for (name, value) in all {
        let name = HeaderName::new_from_ascii(name.to_owned()).context("a header's name")?;
        builder = builder.raw_header(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value));
    }
    let text = SinglePart::plain(body.text.clone());
    let message = if headers.format == Format::Text {
        builder.singlepart(text)
    } else {
        let html = SinglePart::html(body.html.clone());
        let parts = MultiPart::alternative().singlepart(text);
        builder.multipart(match &body.image {
            Some(image) => {
                let png = ContentType::parse("image/png").context("a content type")?;
                let chart = Attachment::new_inline_with_name(CHART.to_owned(), "chart.png".to_owned());
                let related = MultiPart::related().singlepart(html).singlepart(chart.body(image.clone(), png));
                parts.multipart(related)
            }
            None => parts.singlepart(html),
        })
    };
    Ok(message.context("the mail library makes no message of it")?.formatted())
}

/// The name of a message: what comes back of it tells by it which delivery it was.
pub fn message_id(delivery: Uuid, host: &str) -> String {
    format!("<{}@digest.{host}>", delivery.simple())
}

/// The delivery that a message's name stands for.
pub fn delivery_of(message_id: &str) -> Option<Uuid> {
    let (id, rest) = message_id.trim().trim_start_matches('<').split_once('@')?;
    (id.len() == 32 && rest.starts_with("digest.")).then(|| Uuid::try_parse(id).ok()).flatten()
}
