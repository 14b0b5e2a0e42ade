//! Lines that tell a deal without a sentence: rows of a table, and items headed by a pair of names.

use std::ops::Range;

use super::{
    frame::{Frame, Standing},
    lexicon::{FrameKind, FrameRole, Lexicon},
    party::Names,
    quantity::Figure,
    text::{Part, Text, TokenKind},
};
use crate::model::{Kind, Role, Use};

/// A line of the text with its cells.
struct Line {
    sentence: usize,
    tokens: Range<usize>,
    cells: Vec<Range<usize>>,
    sign: &'static str,
}

/// The frames of all rows and pairs, and the sentences of which nothing else is to be read.
pub fn find(text: &Text, lexicon: &Lexicon, names: &Names, figures: &[Figure]) -> (Vec<Frame>, Vec<bool>) {
    let reader = Reader { text, lexicon, names, figures };
    let lines = reader.lines();
    let mut frames = Vec::new();
    let mut rows = vec![false; text.sentences.len()];
    let mut at = 0;
    while at < lines.len() {
        let mut end = at + 1;
        while end < lines.len() && lines[at].cells.len() > 2 && lines[end].sign == lines[at].sign {
            end += 1;
        }
        if end - at > 1 {
            reader.table(&lines[at..end], at.checked_sub(1).map(|before| &lines[before]), &mut frames, &mut rows);
        } else {
            reader.pair(&lines[at], &mut frames);
            reader.round(&lines[at], &mut frames);
            reader.sum(&lines[at], &mut frames);
        }
        at = end;
    }
    (frames, rows)
}

struct Reader<'a> {
    text: &'a Text,
    lexicon: &'a Lexicon,
    names: &'a Names,
    figures: &'a [Figure],
}

impl Reader<'_> {
    fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        let mut paragraph = usize::MAX;
        for (index, sentence) in self.text.sentences.iter().enumerate() {
            if matches!(sentence.part, Part::Title | Part::Boilerplate) {
                continue;
            }
            if sentence.paragraph == paragraph {
                if let Some(last) = lines.last_mut() {
                    last.tokens.end = sentence.tokens.end;
                }
            } else {
                paragraph = sentence.paragraph;
                lines.push(Line { sentence: index, tokens: sentence.tokens.clone(), cells: Vec::new(), sign: "" });
            }
        }
        for line in &mut lines {
            let bars = self.cut(&line.tokens, &["|"]);
            let dashes = self.cut(&line.tokens, &["—", "–"]);
            (line.cells, line.sign) = match (bars.len(), dashes.len()) {
                (3.., _) => (bars, "|"),
                (_, 3..) => (dashes, "—"),
                _ => (Vec::new(), ""),
            };
        }
        lines
    }

    /// The cells between signs that stand free.
    fn cut(&self, tokens: &Range<usize>, signs: &[&str]) -> Vec<Range<usize>> {
        let mut cells = Vec::new();
        let mut start = tokens.start;
        for at in tokens.clone().filter(|at| self.text.tokens[*at].kind == TokenKind::Sign) {
            let spaced = self.text.tokens[at].spaced || self.text.is(at, "|");
            if signs.contains(&self.text.word(at)) && spaced {
                if at > start || !cells.is_empty() {
                    cells.push(start..at);
                }
                start = at + 1;
            }
        }
        if start < tokens.end {
            cells.push(start..tokens.end);
        }
        cells
    }

    /// Whom a range of tokens names.
    fn entities(&self, tokens: &Range<usize>) -> Vec<usize> {
        let from = self.names.mentions.partition_point(|m| m.tokens.start < tokens.start);
        let mut found = Vec::new();
        for mention in self.names.mentions[from..].iter().take_while(|m| m.tokens.start < tokens.end) {
            for entity in &mention.entities {
                if !found.contains(entity) {
                    found.push(*entity);
                }
            }
        }
        found
    }

    fn has_figure(&self, tokens: &Range<usize>) -> bool {
        let from = self.figures.partition_point(|f| f.tokens.start < tokens.start);
        self.figures.get(from).is_some_and(|f| f.tokens.start < tokens.end)
    }

    /// The role that the head of a column gives; `None` where the column names nobody.
    fn column(&self, cell: &Range<usize>) -> Option<FrameRole> {
        let first = cell.clone().find(|at| self.text.tokens[*at].kind == TokenKind::Word)?;
        if let Some((_, roles)) = self.lexicon.roles.longest(self.text, first, cell.end) {
            return Some(FrameRole::Is(roles[0]));
        }
        match self.text.lower(first) {
            "startup" | "start" | "investee" => Some(FrameRole::Is(Role::Investee)),
            "lead" => Some(FrameRole::Is(Role::Investor)),
            "who" | "company" | "companies" | "party" | "parties" | "firm" | "name" | "names" | "counterparty"
            | "counterparties" | "with" | "between" => Some(FrameRole::Auto),
            _ => None,
        }
    }

    fn table(&self, lines: &[Line], before: Option<&Line>, frames: &mut Vec<Frame>, rows: &mut [bool]) {
        let head = &lines[0];
        let columns: Vec<Option<FrameRole>> = head.cells.iter().map(|cell| self.column(cell)).collect();
        if self.has_figure(&head.tokens) || columns.iter().all(Option::is_none) {
            for line in lines {
                self.pair(line, frames);
            }
            return;
        }
        let has = |wanted: &[Role]| columns.iter().flatten().any(|c| wanted.iter().any(|r| *c == FrameRole::Is(*r)));
        let kind = if has(&[Role::Tenant, Role::Landlord]) {
            FrameKind::Deal(Kind::Lease)
        } else if has(&[Role::Lender, Role::Borrower]) {
            FrameKind::Deal(Kind::Debt)
        } else if has(&[Role::Acquirer, Role::Target]) {
            FrameKind::Deal(Kind::Acquisition)
        } else if has(&[Role::Investor, Role::Investee]) {
            FrameKind::Deal(Kind::Equity)
        } else {
            FrameKind::Generic
        };
        // A table of one side's partners belongs to whom the line before it speaks of.
        let sides = columns.iter().flatten().count();
        let other = before.map(|line| self.entities(&line.tokens)).filter(|found| sides == 1 && found.len() == 1);
        for line in &lines[1..] {
            let mut parties: Vec<(usize, FrameRole)> = Vec::new();
            for (cell, role) in line.cells.iter().zip(&columns) {
                let Some(role) = role else { continue };
                // An investor's column beside "company" leaves that company to be the one invested in.
                let role = match (role, kind) {
                    (FrameRole::Auto, FrameKind::Deal(Kind::Equity)) => FrameRole::Is(Role::Investee),
                    (FrameRole::Auto, FrameKind::Deal(Kind::Debt)) => FrameRole::Is(Role::Borrower),
                    _ => *role,
                };
                for entity in self.entities(cell) {
                    if !parties.iter().any(|(known, _)| *known == entity) {
                        parties.push((entity, role));
                    }
                }
            }
            rows[line.sentence] = true;
            if parties.is_empty() {
                continue;
            }
            if let Some(found) = &other
                && !parties.iter().any(|(entity, _)| *entity == found[0])
            {
                parties.push((found[0], FrameRole::Auto));
            }
            frames.push(frame(kind, parties, line.sentence, line.tokens.clone(), line.tokens.start));
        }
    }

    /// "Orrery (Eindhoven) — €72m Series B, led by A; B took part": a funding round told in a line.
    fn round(&self, line: &Line, frames: &mut Vec<Frame>) {
        let text = self.text;
        let end = text.sentences[line.sentence].tokens.end;
        let first = self.names.mentions.partition_point(|m| m.tokens.start < line.tokens.start);
        let Some(head) = self.names.mentions.get(first).filter(|m| m.tokens.end < end && !m.possessive) else { return };
        let [investee] = head.entities[..] else { return };
        let begins = (line.tokens.start..head.tokens.start).all(|at| text.tokens[at].kind != TokenKind::Word);
        let mut at = head.tokens.end;
        if text.is(at, "(") {
            at = (at..end.min(at + 8)).find(|t| text.is(*t, ")")).map_or(at, |close| close + 1);
        }
        while at < end && text.is(at, "*") {
            at += 1;
        }
        let opened =
            matches!(text.word(at), "—" | "–" | "-" | ":" | "|") && text.tokens.get(at + 1).is_some_and(|t| t.spaced);
        let told = (at..end).any(|t| {
            matches!(
                text.lower(t),
                "series" | "seed" | "pre" | "round" | "raise" | "raised" | "funding" | "equity" | "undisclosed"
            )
        });
        if !begins || !opened || !told {
            return;
        }
        let mut parties = vec![(investee, FrameRole::Is(Role::Investee))];
        let mut giving = false;
        let mut mention = first + 1;
        while at < end {
            if let Some(m) = self.names.mentions.get(mention).filter(|m| m.tokens.start <= at) {
                if m.tokens.start == at {
                    let joins =
                        matches!(text.lower(m.tokens.end), "took" | "joined" | "participated" | "led" | "invested");
                    for entity in m.entities.iter().filter(|_| giving || joins) {
                        if !parties.iter().any(|(known, _)| known == entity) {
                            parties.push((*entity, FrameRole::Is(Role::Investor)));
                        }
                    }
                }
                at = m.tokens.end.max(at + 1);
                mention += 1;
                continue;
            }
            giving = match text.lower(at) {
                "from" | "by" | "with" | "lead" | "leads" | "investor" | "investors" | "including" => true,
                "," | "and" | "&" | ":" | "the" => giving,
                _ => false,
            };
            at += 1;
        }
        let figure = self.has_figure(&text.sentences[line.sentence].tokens);
        if figure || parties.len() > 1 {
            frames.push(frame(
                FrameKind::Deal(Kind::Equity),
                parties,
                line.sentence,
                line.tokens.start..end,
                head.tokens.end,
            ));
        }
    }

    /// "**Yotta.** $2 billion for a supercluster": a name and a sum, with no verb between.
    fn sum(&self, line: &Line, frames: &mut Vec<Frame>) {
        let text = self.text;
        let first = self.names.mentions.partition_point(|m| m.tokens.start < line.tokens.start);
        let Some(head) = self.names.mentions.get(first).filter(|m| !m.possessive) else { return };
        let begins = (line.tokens.start..head.tokens.start).all(|at| text.tokens[at].kind != TokenKind::Word);
        let mut at = head.tokens.end;
        if !begins || head.entities.len() != 1 || !matches!(text.word(at), "." | ":" | "*") {
            return;
        }
        while at < line.tokens.end && matches!(text.word(at), "." | ":" | "*") {
            at += 1;
        }
        let from = self.figures.partition_point(|f| f.tokens.start < at);
        let Some(figure) = self.figures.get(from).filter(|f| f.tokens.start < at + 3 && f.usage == Use::Deal) else {
            return;
        };
        let sentence = &text.sentences[figure.sentence];
        if !figure.is_money() || sentence.tokens.start >= line.tokens.end {
            return;
        }
        let parties = vec![(head.entities[0], FrameRole::Is(Role::Owner))];
        let tokens = sentence.tokens.start.max(line.tokens.start)..sentence.tokens.end;
        frames.push(frame(FrameKind::Spend, parties, figure.sentence, tokens, at));
    }

    /// "**A → B.** …", "A × B: …", "1. A / B. …": two names at the head of a line.
    fn pair(&self, line: &Line, frames: &mut Vec<Frame>) {
        let text = self.text;
        let limit = line.tokens.end.min(line.tokens.start + 24);
        let first = self.names.mentions.partition_point(|m| m.tokens.start < line.tokens.start);
        let Some([a, b]) = self.names.mentions.get(first..first + 2) else { return };
        if b.tokens.start >= limit || a.pronoun || b.pronoun || a.possessive || b.possessive {
            return;
        }
        let head = (line.tokens.start..a.tokens.start).all(|at| text.tokens[at].kind != TokenKind::Word);
        let between: Vec<&str> = (a.tokens.end..b.tokens.start).map(|at| text.word(at)).collect();
        let joined = between.len() < 5
            && between.iter().any(|w| matches!(*w, "→" | "×" | "x" | "/" | "+" | "–" | "—" | "-" | "&" | "and" | "↔"))
            && between.iter().all(|w| w.chars().all(|c| !c.is_alphanumeric()) || matches!(*w, "x" | "and"));
        let closed = match text.word(b.tokens.end) {
            "." | ":" | "*" => true,
            "—" | "–" => text.tokens[b.tokens.end].spaced,
            _ => false,
        };
        if !head || !joined || !closed || b.tokens.end >= line.tokens.end {
            return;
        }
        let mut parties: Vec<(usize, FrameRole)> = Vec::new();
        for entity in a.entities.iter().chain(&b.entities) {
            if !parties.iter().any(|(known, _)| known == entity) {
                parties.push((*entity, FrameRole::Auto));
            }
        }
        if parties.len() < 2 {
            return;
        }
        // Each sentence of the item that has a figure speaks of the pair.
        for (index, sentence) in text.sentences.iter().enumerate().skip(line.sentence) {
            if sentence.tokens.start >= line.tokens.end {
                break;
            }
            let figure = self.figures.iter().any(|f| {
                f.usage == Use::Deal && f.tokens.start >= sentence.tokens.start && f.tokens.start < sentence.tokens.end
            });
            if figure || index == line.sentence {
                frames.push(frame(
                    FrameKind::Generic,
                    parties.clone(),
                    index,
                    sentence.tokens.clone(),
                    sentence.tokens.start,
                ));
            }
        }
    }
}

fn frame(
    kind: FrameKind,
    parties: Vec<(usize, FrameRole)>,
    sentence: usize,
    tokens: Range<usize>,
    trigger: usize,
) -> Frame {
    Frame {
        kind,
        parties,
        sentence,
        tokens,
        trigger,
        form: None,
        standing: Standing::Plain,
        relative: false,
        drops: false,
    }
}
