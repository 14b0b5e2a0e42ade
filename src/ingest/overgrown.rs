//! Markup that nobody wrote, told before it is parsed. Pure.
//!
//! An HTML parser takes time by the square of the depth of a document and of the number of attributes of a tag. No page
//! that is meant to be read comes near the limits here; one that is meant to keep a reader busy is passed over.

/// The most elements that may be open at once, as far as a glance can tell.
const DEEPEST: usize = 2_000;
/// The most attributes of one tag.
const MOST_ATTRIBUTES: usize = 1_000;

/// Whether parsing this would take unreasonably long. A glance at the tags, not a parse: what may be left open without
/// nesting is not counted, scripts, styles and comments are skipped.
pub fn is_overgrown(markup: &str) -> bool {
    let mut depth = 0_usize;
    let mut rest = markup;
    while let Some(position) = rest.find('<') {
        rest = &rest[position + 1..];
        if rest.starts_with("!--") {
            rest = after(rest, "-->");
            continue;
        }
        let (is_end, named) = match rest.strip_prefix('/') {
            Some(named) => (true, named),
            None => (false, rest),
        };
        let length = named.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = named[..length].to_ascii_lowercase();
        if name.is_empty() {
            continue;
        }
        let (attributes, tail) = attributes(&named[length..]);
        if attributes > MOST_ATTRIBUTES {
            return true;
        }
        rest = tail;
        match name.as_str() {
            "script" | "style" if !is_end => rest = rest.find("</").map_or("", |_| after_end(rest, &name)),
            name if OPEN_ENDED.contains(&name) => {}
            _ if is_end => depth = depth.saturating_sub(1),
            _ => depth += 1,
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// Elements that have no end, or whose next one ends them.
const OPEN_ENDED: [&str; 27] = [
    "p", "li", "td", "th", "tr", "dt", "dd", "option", "optgroup", "thead", "tbody", "tfoot", "br", "hr", "img",
    "input", "meta", "link", "wbr", "source", "col", "area", "embed", "track", "param", "base", "colgroup",
];

fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    text.find(mark).map_or("", |at| &text[at + mark.len()..])
}

/// What follows `</name`, in any case of letters.
fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    loop {
        rest = after(rest, "</");
        if rest.is_empty() || rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return rest;
        }
    }
}

/// The number of attributes of a tag, and what follows it.
fn attributes(tag: &str) -> (usize, &str) {
    let mut count = 0;
    let mut quote = None;
    let mut before = 0_u8;
    for (position, byte) in tag.bytes().enumerate() {
        match quote {
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None => match byte {
                b'>' => return (count, &tag[position + 1..]),
                b'"' | b'\'' if before == b'=' => quote = Some(byte),
                _ if before.is_ascii_whitespace() && !byte.is_ascii_whitespace() => count += 1,
                _ => {}
            },
        }
        before = byte;
    }
    (count, "")
}

#[cfg(test)]
mod tests {
    use super::is_overgrown;

    #[test]
    fn towers_and_crowds_are_noticed() {
        assert!(is_overgrown(&"<div>".repeat(300_000)));
        assert!(is_overgrown(&"<x-y a=\"<\">".repeat(300_000)));
        assert!(is_overgrown(&format!("<p {}>", "a=b ".repeat(5_000))));
    }

    #[test]
    fn long_pages_are_not() {
        assert!(!is_overgrown(&"<div><p>x<p>y<br></div>".repeat(10_000)));
        assert!(!is_overgrown(&format!("<SCRIPT>{}</Script><p>x", "for (i = 0; i<n; i++) ".repeat(10_000))));
        assert!(!is_overgrown(&format!("<!-- {} --><p title='{}'>", "<b>".repeat(10_000), "a ".repeat(10_000))));
        assert!(!is_overgrown(&"a < b ".repeat(10_000)));
    }
}
