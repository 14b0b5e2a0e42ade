//! Bytes to text: by the charset of the answer, the byte order mark, and what the document says of itself. Pure.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::codepage::{self, CodePage};

/// How far into a document its own word on its encoding is looked for; browsers look as far.
const PROLOGUE: usize = 1024;

/// What a label names.
#[derive(Clone, Copy)]
enum Charset {
    /// An encoding of the web.
    Web(&'static Encoding),
    /// One of before the web.
    Page(&'static CodePage),
}

impl Charset {
    /// By a label. A document whose prologue could be read as ASCII is in no UTF-16, whatever its server or it says,
    /// and what browsers refuse to decode is read as what it looks like.
    fn of_label(label: &str) -> Option<Charset> {
        let web = Encoding::for_label(label.as_bytes())
            .or_else(|| Encoding::for_label(label.to_ascii_lowercase().replace('_', "-").as_bytes()));
        match web {
            Some(encoding) if [UTF_16BE, UTF_16LE, REPLACEMENT].contains(&encoding) => None,
            Some(encoding) => Some(Charset::Web(encoding)),
            None => CodePage::of_label(label).map(Charset::Page),
        }
    }

    fn is_single_byte(self) -> bool {
        match self {
            Charset::Web(encoding) => encoding.is_single_byte(),
            Charset::Page(_) => true,
        }
    }

    /// The text, where every byte has a meaning.
    fn decode_whole(self, body: &[u8]) -> Option<String> {
        match self {
            Charset::Web(encoding) => {
                encoding.decode_without_bom_handling_and_without_replacement(body).map(Cow::into_owned)
            }
            Charset::Page(page) => Some(page.decode(body)),
        }
    }
}

/// Decodes a document: its HTTP charset first, then its byte order mark, then its XML declaration or `<meta charset>`,
/// as HTTP and the feed formats have it; a candidate that the bytes contradict gives way to the next.
///
/// Never fails. Where nothing tells, the bytes themselves do. Those that are no UTF-8 in what otherwise is UTF-8 are read as
/// windows-1252, one by one, which is what they nearly always are.
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    if let Some(text) = codepage::utf_32(bytes) {
        return text;
    }
    let (mark, body) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (Some(encoding), &bytes[length..]),
        None => (None, bytes),
    };
    if let Some(encoding) = zeros(body).or(mark.filter(|encoding| *encoding != UTF_8)) {
        return encoding.decode_without_bom_handling(body).0.into_owned();
    }
    if let Some(page) = codepage::ebcdic(body) {
        return page.decode(body);
    }
    let candidates: Vec<Charset> =
        [content_type.and_then(charset), mark.map(Charset::Web), declared(body)].into_iter().flatten().collect();

    // A server's blanket "charset=iso-8859-1" over a UTF-8 document is far more common than text in a Latin alphabet
    // that happens to be well-formed UTF-8.
    let is_utf_8 = |charset: &Charset| matches!(charset, Charset::Web(encoding) if *encoding == UTF_8);
    if candidates.first().is_none_or(|stated| is_utf_8(stated) || stated.is_single_byte())
        && let Ok(text) = std::str::from_utf8(body)
    {
        return text.to_owned();
    }
    if let Some(text) = candidates.iter().find_map(|charset| charset.decode_whole(body)) {
        return text;
    }
    match candidates.iter().find(|charset| !is_utf_8(charset)) {
        Some(Charset::Web(encoding)) => encoding.decode_without_bom_handling(body).0.into_owned(),
        _ => match guessed(body) {
            Some(encoding) => encoding.decode_without_bom_handling(body).0.into_owned(),
            None => decode_mixed(body),
        },
    }
}

/// How many bytes outside of ASCII there have to be for a guess.
const TELLING: usize = 12;

/// What a document that does not say what it is in looks like, where that is not windows-1252, and not UTF-8 with slips
/// either: then more of it would be UTF-8.
fn guessed(body: &[u8]) -> Option<&'static Encoding> {
    let (mut whole, mut broken) = (0, 0);
    for chunk in body.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += chunk.invalid().len();
    }
    if broken < TELLING || broken < whole {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    (guess != WINDOWS_1252).then_some(guess)
}

/// Decodes JSON, which is UTF-8 whatever the pages in it say of themselves. Never fails: see [`decode`].
pub(super) fn decode_json(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| decode_mixed(bytes), ToOwned::to_owned)
}

/// Whether the beginning of a document is UTF-16 or UTF-32. A byte order mark alone is not believed: two stray bytes are
/// no alphabet.
pub(super) fn is_wide(head: &[u8]) -> bool {
    let mark = Encoding::for_bom(head).is_some_and(|(encoding, _)| encoding != UTF_8);
    zeros(head).is_some() || codepage::utf_32(head).is_some() || (mark && head.contains(&0))
}

/// Without a byte order mark, UTF-16 shows in the zeros around the first character.
fn zeros(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [0, first, ..] if *first != 0 => Some(UTF_16BE),
        [first, 0, ..] if *first != 0 => Some(UTF_16LE),
        _ => None,
    }
}

/// The `charset` parameter of a content type.
fn charset(content_type: &str) -> Option<Charset> {
    let label = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })?;
    Charset::of_label(label)
}

/// What the document says of itself: `encoding="…"` of an XML declaration or the `charset=…` of a `<meta>`.
fn declared(bytes: &[u8]) -> Option<Charset> {
    let prologue = bytes[..bytes.len().min(PROLOGUE)].to_ascii_lowercase();
    let prologue = String::from_utf8_lossy(&prologue);
    let after = |text: &str, key: &str| -> Option<Charset> {
        let rest = text.split_once(key)?.1.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c)).unwrap_or(rest.len());
        Charset::of_label(&rest[..end])
    };
    let declaration = prologue.find("<?xml").map(|start| &prologue[start..]).and_then(|text| text.split("?>").next());
    declaration.and_then(|text| after(text, "encoding")).or_else(|| {
        prologue.split("<meta").skip(1).find_map(|meta| after(meta.split('>').next().unwrap_or_default(), "charset"))
    })
}

/// UTF-8 where it is valid, windows-1252 where it is not.
fn decode_mixed(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut chunks = bytes.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        text.push_str(chunk.valid());
        // What a cut left of the last character is no character.
        let cut = chunks.peek().is_none() && chunk.invalid().first().is_some_and(|byte| *byte >= 0xC2) && {
            let length = chunk.invalid().len();
            length < expected_length(chunk.invalid()[0]) && (length > 1 || !text.is_ascii())
        };
        if !cut {
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    text
}

/// How many bytes the UTF-8 character with this first byte has.
fn expected_length(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, decode};

    #[test]
    fn the_http_charset_comes_first() {
        assert_eq!(decode(b"na\xefve", Some("text/xml; charset=\"ISO-8859-1\"")), "naïve");
        assert_eq!(decode(b"\xa4", Some("text/html;charset=iso-8859-15")), "€");
    }

    #[test]
    fn a_declaration_counts_where_the_server_is_silent_or_wrong() {
        let xml = b"<?xml version='1.0' encoding='iso-8859-2'?><a>\xb1</a>";
        assert!(decode(xml, Some("text/xml")).contains('ą'));
        assert!(decode(xml, Some("text/xml; charset=utf-8")).contains('ą'));
        assert!(decode(b"<html><meta charset=shift_jis><p>\x83\x8f", None).contains('ワ'));
    }

    #[test]
    fn utf_8_behind_a_blanket_latin_charset_stays_utf_8() {
        assert_eq!(decode("60 € — naïve".as_bytes(), Some("text/html; charset=iso-8859-1")), "60 € — naïve");
    }

    #[test]
    fn windows_1252_that_claims_to_be_utf_8_is_read_all_the_same() {
        assert!(
            decode(b"<?xml encoding='utf-8'?>\x93Harbour\x94 caf\xe9 and \xc3\xa9t\xc3\xa9", None)
                .contains("“Harbour” café and été")
        );
    }

    #[test]
    fn what_says_nothing_of_itself_is_read_as_what_it_looks_like() {
        let told = |encoding: &'static Encoding, text: &str| {
            let page = format!("<rss><channel><item><title>{text}</title></item></channel></rss>");
            let (bytes, _, failed) = encoding.encode(&page);
            assert!(!failed && decode(&bytes, Some("text/xml")).contains(text), "{}", encoding.name());
        };
        told(encoding_rs::EUC_JP, "データセンターの建設が始まる");
        told(encoding_rs::SHIFT_JIS, "データセンターの建設が始まる");
        told(encoding_rs::EUC_KR, "데이터 센터 건설이 시작된다");
        told(encoding_rs::GBK, "数据中心的建设已经开始了");
        told(encoding_rs::WINDOWS_1251, "Началось строительство центра обработки данных");
        told(
            encoding_rs::WINDOWS_1252,
            "Die Gebäude für die Rechner kosten über fünf Millionen Euro, Ärger läßt grüßen, Übergänge",
        );
    }

    #[test]
    fn utf_16_is_read_with_and_without_a_mark() {
        let mut bytes: Vec<u8> = "<rss/>é".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&bytes, None), "<rss/>é");
        bytes.splice(0..0, [0xFF, 0xFE]);
        assert_eq!(decode(&bytes, Some("text/xml; charset=utf-16")), "<rss/>é");
        assert_eq!(decode(b"<?xml version='1.0' encoding='utf-16'?><a/>", None).len(), 43);
    }

    #[test]
    fn half_a_character_at_a_cut_is_left_out() {
        assert_eq!(decode(&"ein Maß €".as_bytes()[..11], None), "ein Maß ");
    }
}
