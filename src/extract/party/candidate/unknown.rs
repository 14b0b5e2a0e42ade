//! Capitalised runs that nothing knows: where such a name begins and ends, and what it looks like.

use super::{Candidate, Context, Sort, case::opens};
use crate::extract::{lexicon::Gazette, text::TokenKind};

impl Context<'_, '_> {
    /// A capitalised run that neither the registry nor the gazetteer has.
    pub(super) fn unknown(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        let lexicon = self.lexicon;
        // "3rd Coast GPU"
        let ordinal = text.tokens[at].kind == TokenKind::Number
            && at + 2 < self.sentence.end
            && text.joined(at + 1)
            && matches!(text.lower(at + 1), "st" | "nd" | "rd" | "th")
            && text.tokens[at + 2].capital;
        if ordinal {
            let (mut candidate, next) = self.unknown(at + 2)?;
            if !matches!(candidate.sort, Sort::Unknown { .. }) || candidate.tokens.start != at + 2 {
                return Some((candidate, next));
            }
            let number = text.slice(at..at + 2);
            candidate.tokens.start = at;
            candidate.words.insert(0, number.to_owned());
            candidate.name = format!("{number} {}", candidate.name);
            return Some((candidate, next));
        }
        if let Some(found) = self.small_name(at).or_else(|| self.numbered(at)) {
            return Some(found);
        }
        if self.shouting {
            return self.retold(at).or_else(|| self.shouted(at)).or_else(|| self.headed(at));
        }
        if let Some(found) = self.domain(at).or_else(|| self.lower_case(at)).or_else(|| self.body(at)) {
            return Some(found);
        }
        if !self.is_name_word(at) {
            return None;
        }
        let mut end = at + 1;
        let mut initial = opens(text, self.sentence, at);
        let mut start = at;
        while end < self.sentence.end && !self.occupied[end] {
            let step = self.run_step(at, end);
            if step == 0 {
                break;
            }
            end += step;
        }
        // "… sold by Alder Realty Alder Realty has …": a headline runs into its text.
        let half = (end - at) / 2;
        if half > 0 && end - at == 2 * half && (at..at + half).all(|t| text.word(t) == text.word(t + half)) {
            end = at + half;
        }
        let run_end = end;
        // "A/S Stelling": the legal form stands before the name.
        if text.word(at) == "S" && at > self.sentence.start && text.is(at - 1, "/") && text.joined(at) && end > at + 1 {
            start += 1;
        }
        // "Unusually, X has sold" tells how.
        let adverb = initial
            && end == at + 1
            && text.is(end, ",")
            && (text.lower(at).len() > 5 && text.lower(at).ends_with("ly")
                || matches!(
                    text.lower(at),
                    "alongside" | "likewise" | "otherwise" | "nonetheless" | "notwithstanding"
                ))
            && self.counts.get(text.word(at)).is_none_or(|times| *times < 2);
        if adverb {
            return Some((self.nothing(at..end), run_end));
        }
        // What opens a sentence is capitalised anyway.
        let mut titled = false;
        while start < end {
            let (lower, known) = (text.lower(start), text.known(start));
            let title = lexicon.titles.has(known) && end - start > 1;
            // "A. P. Moller Holding", "First Peninsular Capital"
            let letter =
                lower.len() == 1 && text.is(start + 1, ".") && text.is(start + 3, ".") && text.joined(start + 3);
            let counted = matches!(lower, "first" | "three" | "allied")
                && end - start > 2
                && self.is_company_word(end - 1)
                && !self.known_sure(start + 1);
            let function = !letter
                && !counted
                && (initial && end - start > 1 && lexicon.auxiliaries.has(known)
                    || lexicon.function.has(known)
                        && (initial
                            || matches!(
                                lower,
                                "the" | "a" | "an" | "its" | "it" | "i" | "we" | "our" | "in" | "and" | "if" | "for"
                            )));
            // "Sun Prairie Power" lies on no Sunday.
            let short = lower.len() < 4 && text.tokens.get(start + 1).is_some_and(|t| t.capital && t.spaced);
            let time = (lexicon.months.has(known) && lower != "may" || lexicon.weekdays.has(known))
                && !(short && end - start > 1);
            let alone = end - start == 1 && lexicon.plain.has(known);
            let regional = matches!(lower, "nordic" | "baltic" | "iberian")
                && !initial
                && !text.is(start.saturating_sub(1), "the");
            let named = || self.is_company_word(end - 1) || self.names_body(start + 1) || self.legal_end(end).is_some();
            let nation =
                lexicon.gazetted(text, start..start + 1) == Some(Gazette::Nationality) && !(regional || named());
            // "Contractor X of Duluth", "Shareholders X and Y": what opens the sentence tells what X is.
            let tells = end - start > 1
                && ["ers", "ors", "ants", "ant", "ees", "ee"].iter().any(|e| lower.ends_with(e))
                && lexicon.english.has(known)
                && self.is_strange(start + 1);
            let called = initial
                && end - start > 1
                && (tells
                    || (lexicon.describers.has_word(known) && lower != "bank"
                        || lexicon.roles.has_word(known)
                        || lexicon.grammar.has_word(known) && lower.ends_with("ed"))
                        && !counted
                        && (self.in_lower_case(lower)
                            || end - start > 2
                            || lower == "applicant"
                            || lower.ends_with("ers")))
                && !self.is_company_word(start + 1);
            // "UAB Merko Statyba", "PT Wijaya Karya", "Messrs Annai Granites": what stands before the name is its legal form.
            let form = end - start > 1
                && matches!(text.word(start), "UAB" | "PT" | "Messrs" | "OOO")
                && !self.is_company_word(start + 1);
            if title || function || time || alone || nation || called || form {
                titled |= title;
                start += 1;
                if start < end && text.is_hyphen(start) {
                    start += 1;
                }
                initial = false;
            } else {
                break;
            }
        }
        // "Franco-British" is where somebody is from.
        let paired = end == start + 3 && text.is_hyphen(start + 1);
        if paired && lexicon.gazetted(text, start + 2..end) == Some(Gazette::Nationality) {
            return Some((self.nothing(start..end), run_end));
        }
        // "Nvidia-backed", "AI-driven": the hyphen makes an adjective of it.
        if text.is_hyphen(end) && text.joined(end) && text.joined(end + 1) && end < self.sentence.end {
            return Some((self.nothing(start..end), run_end + 2));
        }
        while end > start
            && lexicon.gazetted(text, end - 1..end) == Some(Gazette::Product)
            && end - start > 1
            && !matches!(text.word(end - 1), "AI" | "REIT")
        {
            end -= 1;
        }
        if start >= end {
            return Some((self.nothing(at..at + 1), run_end));
        }
        let legal = self.legal_end(end);
        // A legal form inside the run: "Hollis Farms Inc".
        let mut name_end = end;
        let mut formal = legal.is_some();
        while name_end > start + 1
            && lexicon.legal.has(text.known(name_end - 1))
            && !matches!(text.lower(name_end - 1), "company" | "co" | "corporation") | formal
        {
            name_end -= 1;
            formal = true;
        }
        if name_end > start + 2 && text.is(name_end - 2, "&") {
            // "Fenn & Co" is the whole name.
        } else if name_end > start + 1 && matches!(text.lower(name_end - 1), "co" | "corp" | "corporation" | "inc") {
            name_end -= 1;
            formal = true;
        }
        let words: Vec<String> = (start..name_end)
            .filter(|t| !text.is_hyphen(*t) && !text.is(*t, "."))
            .map(|t| text.word(t).to_owned())
            .collect();
        let mut tokens_end = legal.unwrap_or(end);
        if tokens_end < self.sentence.end
            && text.is(tokens_end, ".")
            && text.joined(tokens_end)
            && formal
            && tokens_end + 1 < self.sentence.end
            && self.lexicon.is_abbreviation(text.known(tokens_end - 1))
        {
            tokens_end += 1;
        }
        let mut words = words;
        if let Some(longer) = self.common_end(start, tokens_end).filter(|_| !formal) {
            words.extend(
                (name_end..longer).filter(|t| !matches!(text.word(*t), "'" | "’")).map(|t| text.word(t).to_owned()),
            );
            let (mut candidate, next) = self.made(start..longer, words, Sort::Unknown { formal: true });
            text.slice(start..longer).clone_into(&mut candidate.name);
            return Some((candidate, next));
        }
        let sort = self.sort(start, name_end, formal, titled, initial, &words);
        let (mut candidate, next) = self.made(start..tokens_end, words, sort);
        text.slice(start..name_end).clone_into(&mut candidate.name);
        Some((candidate, next.max(run_end.min(next.max(tokens_end)))))
    }
}
