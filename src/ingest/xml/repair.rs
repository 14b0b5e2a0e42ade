//! Text to what a tokenizer takes. Pure.

/// Makes text fit for a tokenizer: what stands before the first tag goes, and so do the declaration, which has done its
/// work, and control characters; a `<` that begins no tag is escaped.
pub fn repair(text: &str) -> String {
    let start = text.find('<').unwrap_or(text.len());
    let mut rest = &text[start..];
    if rest.starts_with("<?xml ") {
        rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
    }
    let last_instruction = rest.rfind("?>").map_or(usize::MAX, |end| rest.len() - end);
    let mut out = String::with_capacity(rest.len() + 16);
    while let Some(position) = rest.find(|c: char| c == '<' || is_control(c)) {
        out.push_str(&rest[..position]);
        rest = &rest[position..];
        let verbatim = [("<![CDATA[", "]]>"), ("<!--", "-->")]
            .into_iter()
            .find(|(begin, _)| rest.starts_with(begin))
            .map(|(_, end)| rest.find(end).map_or(rest.len(), |at| at + end.len()));
        if let Some(length) = verbatim {
            out.extend(rest[..length].chars().filter(|c| !is_control(*c)));
            rest = &rest[length..];
            continue;
        }
        let mut chars = rest.chars();
        let first = chars.next();
        if first == Some('<') {
            let opens = match chars.clone().next() {
                Some('!') => rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")),
                Some('?') => rest.len() > last_instruction,
                next => next.is_some_and(|c| c.is_alphabetic() || "_:/".contains(c)),
            };
            if opens && let Some((tag, length)) = without_quotes(rest) {
                out.push_str(&tag);
                rest = &rest[length..];
                continue;
            }
            out.push_str(if opens { "<" } else { "&lt;" });
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

/// A tag with a quote that was never closed would take in all up to the next one. Where a quoted value holds the
/// beginning of another tag, which XML forbids, the tag ends at its first `>` or before the other, and its quotes count
/// for nothing. Returns the tag, and how long it was; `None` for one that is in order.
fn without_quotes(rest: &str) -> Option<(String, usize)> {
    let mut quote = None;
    let mut chars = rest.char_indices().skip(1).peekable();
    let broken_at = loop {
        let Some((at, c)) = chars.next() else { break if quote.is_some() { rest.len() } else { return None } };
        match quote {
            None if matches!(c, '>' | '<') => return None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(open) if c == open => quote = None,
            Some(_)
                if c == '<' && chars.peek().is_some_and(|(_, next)| next.is_alphabetic() || "/!?".contains(*next)) =>
            {
                break at;
            }
            _ => {}
        }
    };
    let (inner, length) = match rest.find('>') {
        Some(end) if end < broken_at => (&rest[1..end], end + 1),
        _ => (&rest[1..broken_at], broken_at),
    };
    let mut tag = String::with_capacity(length + 1);
    tag.push('<');
    tag.extend(inner.chars().filter(|c| !matches!(c, '"' | '\'') && !is_control(*c)));
    tag.push('>');
    Some((tag, length))
}

/// Characters that XML forbids.
fn is_control(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}
