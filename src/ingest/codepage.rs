//! Encodings that browsers do not know and feeds are still written in: code pages of DOS, of the Mac and of mainframes
//! (EBCDIC), and UTF-32. Pure.

use std::sync::LazyLock;

/// A code page: a character a byte.
#[derive(Debug)]
pub struct CodePage {
    names: Vec<&'static str>,
    /// The characters of all bytes.
    characters: Vec<char>,
    /// Whether its letters lie elsewhere than in ASCII.
    is_ebcdic: bool,
}

impl CodePage {
    /// The code page of a name, in any of its spellings.
    pub fn of_label(label: &str) -> Option<&'static CodePage> {
        let bare = |name: &str| name.to_ascii_lowercase().replace(['-', '_', ' '], "");
        let label = bare(label.trim());
        let label = label.strip_prefix('x').unwrap_or(&label);
        PAGES.iter().find(|page| page.names.iter().any(|name| bare(name) == label))
    }

    /// The text that the bytes stand for.
    pub fn decode(&self, bytes: &[u8]) -> String {
        bytes.iter().map(|byte| self.characters[usize::from(*byte)]).collect()
    }
}

static PAGES: LazyLock<Vec<CodePage>> = LazyLock::new(|| {
    include_str!("codepages.txt").lines().filter(|line| !line.starts_with('#')).filter_map(page).collect()
});

fn page(line: &'static str) -> Option<CodePage> {
    let (names, written) = line.split_once('\t')?;
    let mut rest = written;
    let mut written = Vec::with_capacity(256);
    while let Some(first) = rest.chars().next() {
        let code = rest.strip_prefix("\\u").and_then(|code| u32::from_str_radix(code.get(..4)?, 16).ok());
        written.push(code.and_then(char::from_u32).unwrap_or(first));
        rest = &rest[if code.is_some() { 6 } else { first.len_utf8() }..];
    }
    let is_ebcdic = written.len() == 256;
    let characters = if is_ebcdic { written } else { (0..128_u8).map(char::from).chain(written).collect() };
    Some(CodePage { names: names.split(' ').collect(), characters, is_ebcdic })
}

/// How markup begins in EBCDIC, all of whose pages agree on it: `<?xm`, `<!`, `<rss`, `<fee`, `<rdf`, `<htm`.
const MARKUP: [&[u8]; 6] = [
    b"\x4c\x6f\xa7\x94",
    b"\x4c\x5a",
    b"\x4c\x99\xa2\xa2",
    b"\x4c\x86\x85\x85",
    b"\x4c\x99\x84\x86",
    b"\x4c\x88\xa3\x94",
];

/// The code page of a document that is EBCDIC, by its first characters: the one that it names, else the one of the
/// United States.
pub fn ebcdic(body: &[u8]) -> Option<&'static CodePage> {
    if !MARKUP.iter().any(|start| body.starts_with(start)) {
        return None;
    }
    let usual = CodePage::of_label("cp037")?;
    let head = usual.decode(&body[..body.len().min(256)]);
    let named = head.split_once("encoding=").and_then(|(_, rest)| rest.get(1..)?.split(['"', '\'']).next());
    Some(named.and_then(CodePage::of_label).filter(|page| page.is_ebcdic).unwrap_or(usual))
}

/// The text of a document in UTF-32, told by its mark or by the zeros around its first character.
pub fn utf_32(bytes: &[u8]) -> Option<String> {
    let (body, is_big) = match bytes {
        [0, 0, 0xFE, 0xFF, body @ ..] => (body, true),
        [0xFF, 0xFE, 0, 0, body @ ..] => (body, false),
        [0, 0, 0, first, ..] if *first != 0 => (bytes, true),
        [first, 0, 0, 0, ..] if *first != 0 => (bytes, false),
        _ => return None,
    };
    let number = |four: &[u8; 4]| if is_big { u32::from_be_bytes(*four) } else { u32::from_le_bytes(*four) };
    let (characters, _) = body.as_chunks::<4>();
    Some(characters.iter().map(|four| char::from_u32(number(four)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

#[cfg(test)]
mod tests {
    use super::{CodePage, PAGES, ebcdic, utf_32};

    #[test]
    fn every_page_has_a_character_for_every_byte() {
        assert!(PAGES.len() > 30);
        for page in PAGES.iter() {
            assert_eq!(page.characters.len(), 256, "{:?}", page.names);
        }
        assert_eq!(CodePage::of_label("IBM437").unwrap().decode(b"caf\x82"), "café");
        assert_eq!(CodePage::of_label("CP_850").unwrap().decode(b"\x9c5"), "£5");
    }

    #[test]
    fn a_mainframes_markup_is_told_by_its_first_characters() {
        let page = CodePage::of_label("cp500").unwrap();
        let byte = |c: char| u8::try_from(page.characters.iter().position(|d| *d == c).unwrap()).unwrap();
        let bytes: Vec<u8> = "<?xml version='1.0' encoding='cp500'?><a>[naïve]</a>".chars().map(byte).collect();
        assert!(ebcdic(&bytes).unwrap().decode(&bytes).ends_with("<a>[naïve]</a>"));
        assert!(ebcdic(b"Lo! <rss/>").is_none());
    }

    #[test]
    fn four_bytes_a_character_are_read_in_either_order() {
        let text = "<a>€</a>";
        let little: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let big: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        for (mark, bytes) in
            [(&[][..], &little), (&[], &big), (&[0xFF, 0xFE, 0, 0], &little), (&[0, 0, 0xFE, 0xFF], &big)]
        {
            assert_eq!(utf_32(&[mark, bytes].concat()).as_deref(), Some(text));
        }
        assert_eq!(utf_32("<a/>".as_bytes()), None);
    }
}
