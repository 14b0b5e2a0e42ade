//! Which language a text is in. Pure.

/// What is looked at of a text, in characters; more does not make it surer.
const LOOK: usize = 1200;
/// A text shorter than this is what it is said to be: names of companies alone are in every language.
const SHORT: usize = 160;

/// The language of an article as a tag of two or three letters, `en` for English: by its words where they tell, else as
/// its feed or page states it. `None` where neither is known.
pub fn language(title: &str, text: &str, stated: Option<&str>) -> Option<String> {
    let head: String = title.chars().chain(std::iter::once('\n')).chain(text.chars()).take(LOOK).collect();
    let told = whatlang::detect(&head).filter(|found| {
        let enough = head.chars().count() >= SHORT || found.script() != whatlang::Script::Latin;
        enough && found.is_reliable()
    });
    if let Some(found) = told {
        return Some(short(found.lang().code()).to_owned());
    }
    let stated = stated?.split(['-', '_']).next()?.trim().to_ascii_lowercase();
    let is_tag = (2..=3).contains(&stated.len()) && stated.bytes().all(|byte| byte.is_ascii_lowercase());
    // A short English text in a feed that forgot to say so is as likely as one that is stated wrongly: a site's template
    // says what its maker spoke.
    is_tag.then_some(stated)
}

/// Whether articles in a language are read for deals; what is not known is taken for English.
pub fn is_read(language: Option<&str>) -> bool {
    language.is_none_or(|language| language == "en")
}

/// The tag that is usual for a language of three letters.
fn short(code: &str) -> &str {
    const SHORT: [(&str, &str); 30] = [
        ("eng", "en"),
        ("deu", "de"),
        ("fra", "fr"),
        ("spa", "es"),
        ("ita", "it"),
        ("por", "pt"),
        ("nld", "nl"),
        ("dan", "da"),
        ("swe", "sv"),
        ("nob", "no"),
        ("fin", "fi"),
        ("pol", "pl"),
        ("ces", "cs"),
        ("slk", "sk"),
        ("hun", "hu"),
        ("ron", "ro"),
        ("bul", "bg"),
        ("ell", "el"),
        ("tur", "tr"),
        ("rus", "ru"),
        ("ukr", "uk"),
        ("ara", "ar"),
        ("heb", "he"),
        ("hin", "hi"),
        ("ind", "id"),
        ("vie", "vi"),
        ("tha", "th"),
        ("jpn", "ja"),
        ("kor", "ko"),
        ("cmn", "zh"),
    ];
    SHORT.iter().find(|(long, _)| *long == code).map_or(code, |(_, short)| short)
}

#[cfg(test)]
mod tests {
    use super::{is_read, language};

    #[test]
    fn words_tell_more_than_statements() {
        let german = "Der Betreiber baut neben dem Kraftwerk ein Rechenzentrum mit neunzig Megawatt. Die Genehmigung liegt \
                      nach Angaben der Gemeinde vor, und die Arbeiten sollen noch in diesem Sommer beginnen.";
        assert_eq!(language("Neues Rechenzentrum", german, Some("en")).as_deref(), Some("de"));
        let english = "The operator builds a data center of ninety megawatts beside the power plant. The town has given \
                       its permission, and the works are said to begin in the summer of this year.";
        assert_eq!(language("A new data center", english, Some("de-DE")).as_deref(), Some("en"));
        assert_eq!(
            language("データセンター", "電力会社は新しいデータセンターを建設する。", None).as_deref(),
            Some("ja")
        );
        assert_eq!(language("Ferrow Orrery", "", Some("fr-FR")).as_deref(), Some("fr"));
        assert_eq!(language("Ferrow Orrery", "", Some("all sorts")), None);
        assert!(is_read(None) && is_read(Some("en")) && !is_read(Some("de")));
    }
}
