//! What a word may mean in a clause: every form of every verb, and every noun.

use std::collections::BTreeMap;

use super::{Form, Phrases, Sense, Senses, Vocabulary, files::Grammar, load::intern};

/// Every form of every verb, and every noun with its plural.
pub(super) fn senses(vocabulary: &mut Vocabulary, grammar: &Grammar) -> Phrases<Senses> {
    let mut phrases = Phrases::new(vocabulary);
    for (class, verbs) in &grammar.verbs {
        let class = intern(class);
        for verb in verbs {
            let (head, rest) = verb.split_once(' ').map_or((verb.as_str(), ""), |(h, r)| (h, r));
            let (prefix, head, rest) = match rest.strip_prefix("- ") {
                // "co - lead": the verb stands after the hyphen.
                Some(after) => {
                    let (h, r) = after.split_once(' ').unwrap_or((after, ""));
                    (format!("{head} - "), h, r)
                }
                None => (String::new(), head, rest),
            };
            for (form, spelled) in inflect(head, &grammar.irregular) {
                phrases.add(vocabulary, format!("{prefix}{spelled} {rest}").trim(), Sense::Verb(class, form));
            }
        }
    }
    for (class, nouns) in &grammar.nouns {
        let class = intern(class);
        for noun in nouns {
            phrases.add(vocabulary, noun, Sense::Noun(class));
        }
    }
    phrases.together(|senses| Senses {
        verbs: senses
            .iter()
            .filter_map(|s| if let Sense::Verb(class, form) = s { Some((*class, *form)) } else { None })
            .collect::<Vec<_>>()
            .leak(),
        nouns: senses
            .iter()
            .filter_map(|s| if let Sense::Noun(class) = s { Some(*class) } else { None })
            .collect::<Vec<_>>()
            .leak(),
    })
}

fn inflect(verb: &str, irregular: &BTreeMap<String, [String; 4]>) -> Vec<(Form, String)> {
    let mut forms = vec![(Form::Base, verb.to_owned())];
    if let Some([third, past, participle, ing]) = irregular.get(verb) {
        forms.push((Form::Present, third.clone()));
        forms.push((Form::Past, past.clone()));
        if participle != past {
            forms.push((Form::Participle, participle.clone()));
        }
        forms.push((Form::Ing, ing.clone()));
        return forms;
    }
    let stem = verb.strip_suffix('e');
    let consonant_y = verb.strip_suffix('y').filter(|s| !s.ends_with(['a', 'e', 'i', 'o', 'u']));
    let third = match consonant_y {
        Some(s) => format!("{s}ies"),
        None if verb.ends_with(['s', 'x', 'z']) || verb.ends_with("ch") || verb.ends_with("sh") => format!("{verb}es"),
        None => format!("{verb}s"),
    };
    let past = match (consonant_y, stem) {
        (Some(s), _) => format!("{s}ied"),
        (None, Some(_)) => format!("{verb}d"),
        (None, None) => format!("{verb}ed"),
    };
    let ing = stem.filter(|s| !s.ends_with('e')).map_or_else(|| format!("{verb}ing"), |s| format!("{s}ing"));
    forms.extend([(Form::Present, third), (Form::Past, past), (Form::Ing, ing)]);
    forms
}
