//! The frame rules: what a verb and the thing it acts on mean together, and who plays which role.

use serde::Deserialize;
use std::collections::BTreeMap;

use super::load::intern;
use crate::model::{Kind, Role};

/// What a rule says is transacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// This.
    Deal(Kind),
    /// An agreement whose substance stands elsewhere in the article.
    Generic,
    /// Money committed to something that stands elsewhere.
    Spend,
}

impl FrameKind {
    /// What it says is transacted, in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deal(kind) => kind.as_str(),
            Self::Generic => "generic",
            Self::Spend => "spend",
        }
    }
}

/// A role, or the wish to find it out from the companies' trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameRole {
    /// This role.
    Is(Role),
    /// Whichever role the party's trade suggests.
    Auto,
}

impl FrameRole {
    /// The role in a word.
    pub fn name(self) -> &'static str {
        if let Self::Is(role) = self { role.as_str() } else { "auto" }
    }
}

/// Where in a clause a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// Before the verb.
    Subject,
    /// After it.
    Object,
    /// "X's" before a noun.
    Possessor,
    /// After this preposition.
    From,
    /// The same.
    To,
    /// The same.
    With,
    /// The same.
    For,
    /// The same.
    By,
    /// The same.
    Of,
    /// The same.
    In,
    /// The same.
    Into,
    /// The same.
    On,
    /// The same.
    At,
    /// The same.
    Between,
    /// The same.
    As,
    /// "X's" on the right of a verb: whose the thing is; like `Of` where a rule does not tell the two apart.
    Owner,
    /// "called X", "named X".
    Called,
    /// "including": what follows stands where the whole does.
    Including,
    /// Anything else: no argument.
    Other,
}

/// The prepositions, each with the slot that it opens.
pub(super) const PREPOSITIONS: [(&str, Slot); 56] = [
    ("from", Slot::From),
    ("to", Slot::To),
    ("with", Slot::With),
    ("alongside", Slot::With),
    ("for", Slot::For),
    ("by", Slot::By),
    ("of", Slot::Of),
    ("in", Slot::In),
    ("inside", Slot::In),
    ("into", Slot::Into),
    ("on", Slot::On),
    ("upon", Slot::On),
    ("onto", Slot::On),
    ("at", Slot::At),
    ("between", Slot::Between),
    ("among", Slot::Between),
    ("as", Slot::As),
    ("including", Slot::Including),
    ("namely", Slot::Including),
    ("called", Slot::Called),
    ("named", Slot::Called),
    ("dubbed", Slot::Called),
    ("christened", Slot::Called),
    ("branded", Slot::Called),
    ("under", Slot::Other),
    ("through", Slot::Other),
    ("via", Slot::Other),
    ("near", Slot::Other),
    ("over", Slot::Other),
    ("across", Slot::Other),
    ("outside", Slot::Other),
    ("within", Slot::Other),
    ("around", Slot::Other),
    ("about", Slot::Other),
    ("during", Slot::Other),
    ("until", Slot::Other),
    ("till", Slot::Other),
    ("against", Slot::Other),
    ("per", Slot::Other),
    ("than", Slot::Other),
    ("like", Slot::Other),
    ("toward", Slot::Other),
    ("towards", Slot::Other),
    ("despite", Slot::Other),
    ("amid", Slot::Other),
    ("along", Slot::Other),
    ("by means of", Slot::Other),
    ("worth", Slot::Other),
    ("without", Slot::Other),
    ("behind", Slot::Other),
    ("beside", Slot::Other),
    ("next", Slot::Other),
    ("following", Slot::Other),
    ("since", Slot::Other),
    ("versus", Slot::Other),
    ("using", Slot::Other),
];

impl Slot {
    /// The slot in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Object => "object",
            Self::Possessor => "possessor",
            Self::From => "from",
            Self::To => "to",
            Self::With => "with",
            Self::For => "for",
            Self::By => "by",
            Self::Of => "of",
            Self::In => "in",
            Self::Into => "into",
            Self::On => "on",
            Self::At => "at",
            Self::Between => "between",
            Self::As => "as",
            Self::Owner => "owner",
            Self::Called => "called",
            Self::Including => "including",
            Self::Other => "other",
        }
    }
}

/// A slot with the role that fills it.
pub type Argument = (Slot, FrameRole);

/// One rule.
#[derive(Debug, Clone)]
pub struct FrameRule {
    /// Its verb classes.
    pub verbs: Vec<&'static str>,
    /// Its noun classes.
    pub things: Vec<&'static str>,
    /// The slots that a name must fill.
    pub needs: Vec<Slot>,
    /// The slots of which a name must fill at least one; none asks for nothing.
    pub any: Vec<Slot>,
    /// What it says is transacted.
    pub kind: FrameKind,
    /// Who plays which role.
    pub arguments: Vec<Argument>,
    /// Whether it counts only with a figure or a second party.
    pub weak: bool,
    /// Whether it only adds to a deal that another frame tells.
    pub support: bool,
    /// The class of verb that must follow: "has chosen X to build".
    pub then: Option<&'static str>,
}

impl FrameRule {
    /// The role of a slot.
    pub fn role(&self, slot: Slot) -> Option<FrameRole> {
        let of = |slot: Slot| self.arguments.iter().find(|(s, _)| *s == slot).map(|(_, role)| *role);
        of(slot).or_else(|| if slot == Slot::Owner { of(Slot::Of) } else { None })
    }
}

#[derive(Deserialize)]
struct File {
    frame: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    verb: Vec<String>,
    thing: Vec<String>,
    #[serde(default)]
    needs: Vec<String>,
    kind: String,
    #[serde(default)]
    weak: bool,
    #[serde(default)]
    support: bool,
    then: Option<String>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(flatten)]
    arguments: BTreeMap<String, toml::Value>,
}

pub(super) fn load(toml: &str) -> Vec<FrameRule> {
    let file: File = super::load::parse(toml);
    file.frame
        .into_iter()
        .map(|entry| FrameRule {
            verbs: entry.verb.iter().map(|v| intern(v)).collect(),
            things: entry.thing.iter().map(|v| intern(v)).collect(),
            needs: entry.needs.iter().filter_map(|word| slot(word)).collect(),
            kind: match entry.kind.as_str() {
                "generic" => FrameKind::Generic,
                "spend" => FrameKind::Spend,
                kind => FrameKind::Deal(kind.parse().expect("a frame's kind is a kind of deal")),
            },
            arguments: entry
                .arguments
                .iter()
                .filter_map(|(name, role)| Some((slot(name)?, frame_role(role.as_str()?))))
                .collect(),
            weak: entry.weak,
            support: entry.support,
            any: entry.any.iter().filter_map(|word| slot(word)).collect(),
            then: entry.then.as_deref().map(intern),
        })
        .collect()
}

fn slot(name: &str) -> Option<Slot> {
    match name {
        "subject" => Some(Slot::Subject),
        "object" => Some(Slot::Object),
        "possessor" => Some(Slot::Possessor),
        "owner" => Some(Slot::Owner),
        other => PREPOSITIONS.iter().find(|(word, _)| *word == other).map(|(_, slot)| *slot),
    }
}

fn frame_role(name: &str) -> FrameRole {
    match name {
        "auto" => FrameRole::Auto,
        role => FrameRole::Is(role.parse().unwrap_or(Role::Partner)),
    }
}
