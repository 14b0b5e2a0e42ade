//! What comes back by mail: reports that something did not arrive (RFC 3464), complaints (RFC 5965), and requests to be
//! unsubscribed (the `mailto:` of `List-Unsubscribe`). Anything else means nothing.
//!
//! Anybody can write to a bounce address, so that a report counts only where it names a message of ours, whose name cannot be
//! guessed, and a request only with a signed token.

use chrono::{DateTime, Utc};
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    mail::delivery_of,
    token::{Key, Purpose},
};
use crate::db::{addresses, recipients};

/// The longest message that is read, in bytes; a report with a whole copy of an issue is shorter.
pub const LONGEST: usize = 1024 * 1024;

/// After how many bounces within half a year an address is suspended.
pub const MOST_BOUNCES: i32 = 3;

/// What a message means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// A delivery came back for good.
    Bounced(Uuid),
    /// The reader of a delivery complained of it.
    Complained(Uuid),
    /// Somebody wants to be unsubscribed, with this token.
    Leave(String),
    /// Nothing.
    Nothing,
}

/// Reads a message.
pub fn read(bytes: &[u8]) -> Inbound {
    let Some(message) = MessageParser::default().parse(bytes) else { return Inbound::Nothing };
    if let Some(token) = message.subject().and_then(leaving) {
        return Inbound::Leave(token);
    }
    let delivery = || ours(&message);
    for part in &message.parts {
        let told = || Fields::of(part);
        if is(part, "message", "delivery-status") {
            // One group of fields for the report, then one for each recipient; ours have one.
            let failed = told().any(|fields| {
                fields.get("action").is_some_and(|action| action.eq_ignore_ascii_case("failed"))
                    && fields.get("status").is_none_or(|status| status.starts_with('5'))
            });
            return if failed { delivery().map_or(Inbound::Nothing, Inbound::Bounced) } else { Inbound::Nothing };
        }
        if is(part, "message", "feedback-report") {
            let spam = told().any(|fields| {
                // Of the types that the standard knows, "not-spam" takes a complaint back.
                fields.get("feedback-type").is_some_and(|kind| !kind.eq_ignore_ascii_case("not-spam"))
            });
            return if spam { delivery().map_or(Inbound::Nothing, Inbound::Complained) } else { Inbound::Nothing };
        }
    }
    Inbound::Nothing
}

fn is(part: &MessagePart<'_>, kind: &str, subtype: &str) -> bool {
    part.content_type().is_some_and(|found| {
        found.ctype().eq_ignore_ascii_case(kind) && found.subtype().is_some_and(|s| s.eq_ignore_ascii_case(subtype))
    })
}

fn leaving(subject: &str) -> Option<String> {
    let (word, token) = subject.trim().split_once(' ')?;
    word.eq_ignore_ascii_case("unsubscribe").then(|| token.trim().to_owned())
}

/// The delivery of ours that a report encloses, whole or in its headers.
fn ours(message: &Message<'_>) -> Option<Uuid> {
    message.parts.iter().find_map(|part| {
        if let Some(inner) = part.message() {
            return inner.message_id().and_then(delivery_of);
        }
        if is(part, "text", "rfc822-headers") {
            return Fields::of(part).find_map(|fields| delivery_of(fields.get("message-id")?));
        }
        None
    })
}

/// Fields as a report has them: like those of a message, in groups with an empty line between.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(part: &MessagePart<'_>) -> impl Iterator<Item = Self> {
        let text = String::from_utf8_lossy(part.contents()).replace("\r\n", "\n");
        let groups: Vec<Self> = text
            .split("\n\n")
            .map(|group| {
                let unfolded = group.replace("\n ", " ").replace("\n\t", " ");
                let pairs = unfolded.lines().filter_map(|line| line.split_once(':'));
                Self(pairs.map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned())).collect())
            })
            .collect();
        groups.into_iter()
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Does what a message asks for.
///
/// # Errors
/// Where the database fails.
pub async fn apply(db: &mut PgConnection, inbound: &Inbound, key: &Key, now: DateTime<Utc>) -> sqlx::Result<()> {
    match inbound {
        Inbound::Bounced(delivery) => {
            if let Some(address) = addresses::of_delivery(db, *delivery).await? {
                addresses::bounced(db, address, MOST_BOUNCES, now).await?;
            }
        }
        Inbound::Complained(delivery) => {
            if let Some(address) = addresses::of_delivery(db, *delivery).await? {
                addresses::complained(db, address, now).await?;
            }
        }
        Inbound::Leave(token) => {
            if let Some((recipient, generation)) = key.verify(Purpose::Leave, token) {
                let known = recipients::membership(db, recipient).await?;
                if known.is_some_and(|known| known.generation == generation) {
                    recipients::leave(db, recipient).await?;
                }
            }
        }
        Inbound::Nothing => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REPORT: &str = include_str!("../../tests/fixtures/mail/bounce.eml");

    #[test]
    fn a_report_of_failure_names_the_delivery_that_it_is_about() {
        let delivery = Uuid::from_u128(0x0192_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0000);
        assert_eq!(read(REPORT.as_bytes()), Inbound::Bounced(delivery));
        // With the whole message enclosed instead of its headers.
        assert_eq!(
            read(REPORT.replace("text/rfc822-headers", "message/rfc822").as_bytes()),
            Inbound::Bounced(delivery)
        );
        // What is only late may still arrive.
        let late = REPORT.replace("Action: failed", "Action: delayed").replace("Status: 5.1.1", "Status: 4.4.1");
        assert_eq!(read(late.as_bytes()), Inbound::Nothing);
        // A report that names no message of ours may be anybody's.
        let other = REPORT.replace("@digest.wattline.example>", "@mail.example.org>");
        assert_eq!(read(other.as_bytes()), Inbound::Nothing);
    }

    #[test]
    fn a_complaint_and_a_request_are_told_apart_from_a_letter() {
        let delivery = Uuid::from_u128(0x0192_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0000);
        let complaint = include_str!("../../tests/fixtures/mail/complaint.eml");
        assert_eq!(read(complaint.as_bytes()), Inbound::Complained(delivery));
        let taken_back = complaint.replace("Feedback-Type: abuse", "Feedback-Type: not-spam");
        assert_eq!(read(taken_back.as_bytes()), Inbound::Nothing);
        let leave = "From: ada@reader.example\r\nSubject: Unsubscribe AwABC\r\n\r\n";
        assert_eq!(read(leave.as_bytes()), Inbound::Leave("AwABC".to_owned()));
        assert_eq!(read(b"Subject: Out of office\r\n\r\nUntil Monday"), Inbound::Nothing);
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0..REPORT.len()) {
            read(&bytes);
            read(&[&REPORT.as_bytes()[..cut], &bytes].concat());
        }
    }
}
