//! The questions about the drafts of an article, put one after the other.

use std::collections::BTreeSet;

use strum::VariantArray;

use super::{
    super::{
        assemble::{Draft, Scene, hearsay, is_of_the_union},
        lexicon::{FrameKind, FrameRole},
    },
    About, Asked, Features, Judge, Proposal, Question, Seen, around, deal, figure, kind, proposal, review, role, same,
    sides, status, sums,
};
use crate::model::{Kind, Role, Status};

/// How many drafts back one is looked for that tells the same deal.
const LOOK_BACK: usize = 40;

/// What a draft by itself looks like to the weights: its kind, and whom its own sentences name in which role.
#[derive(Debug)]
pub(super) struct View {
    pub kind: Kind,
    pub parties: Vec<(usize, FrameRole)>,
}

/// Who might take part in a draft, and what was thought of each before anything was known of the others.
#[derive(Debug)]
pub(super) struct Cast {
    pub kind: Kind,
    /// The sentences in which names were looked for.
    near: BTreeSet<usize>,
    names: Vec<(usize, review::First)>,
    /// Those who were given a role.
    pub parties: Vec<(usize, FrameRole)>,
}

/// Who takes part in a draft, when it is known what all others do.
pub(super) struct Reviewed {
    pub parties: Vec<(usize, FrameRole)>,
    /// How sure the weights are that each name takes part.
    pub sure: Vec<(usize, i32)>,
}

/// A figure, the place among the drafts of one that wants it, and how much.
pub(super) type Wanted = (usize, usize, i32);

/// The judge at work on one article.
pub(super) struct Court<'a, 'b> {
    pub scene: &'a Scene<'a>,
    pub judge: &'b mut dyn Judge,
}

impl Court<'_, '_> {
    pub(super) fn ask(
        &mut self,
        question: Question,
        draft: usize,
        allowed: &[usize],
        about: About<'_>,
        features: &Features,
    ) -> Vec<i32> {
        self.judge.answer(&Asked { question, draft, allowed, about }, features)
    }

    /// Puts drafts of one deal together: each joins those that came before it and, on average, most look like it.
    pub(super) fn join(
        &mut self,
        drafts: Vec<(usize, Draft)>,
        views: &[View],
        verdicts: &[&'static str],
    ) -> Vec<(usize, Draft)> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (at, (number, draft)) in drafts.iter().enumerate() {
            let mut sums = vec![(0, 0); groups.len()];
            for (group, members) in groups.iter().enumerate() {
                for member in members.iter().filter(|member| **member + LOOK_BACK >= at) {
                    let (other, known) = &drafts[*member];
                    let features = same::features(
                        self.scene,
                        (known, verdicts[*other], &views[*member]),
                        (draft, verdicts[*number], &views[at]),
                        self.judge.spells(),
                    );
                    let about = About::Other(*other);
                    let scores = self.ask(Question::Same, *number, &[0, 1], about, &features);
                    sums[group].0 += scores[1] - scores[0];
                    sums[group].1 += 1;
                }
            }
            let best = sums
                .iter()
                .enumerate()
                .filter(|(_, (_, members))| *members > 0)
                .map(|(group, (sum, members))| (sum / members, group))
                .max_by_key(|(mean, group)| (*mean, std::cmp::Reverse(*group)));
            match best {
                Some((mean, group)) if mean > 0 => groups[group].push(at),
                _ => groups.push(vec![at]),
            }
        }
        let mut drafts: Vec<Option<(usize, Draft)>> = drafts.into_iter().map(Some).collect();
        let mut joined = Vec::with_capacity(groups.len());
        for group in groups {
            let mut members = group.into_iter().filter_map(|member| drafts[member].take());
            let Some((number, mut draft)) = members.next() else { continue };
            members.for_each(|(_, other)| draft.absorb(other));
            joined.push((number, draft));
        }
        joined
    }

    /// What each draft looks like before it is known which others tell the same deal.
    pub(super) fn views(&mut self, drafts: &[(usize, Draft)]) -> Vec<View> {
        let mut drafts = drafts.to_vec();
        let kinds = self.kinds(&mut drafts);
        let view = |(at, kind)| View { kind, parties: self.cast(&drafts, at, kind, 0).parties };
        kinds.into_iter().enumerate().map(view).collect()
    }

    /// Settles what is transacted in each draft.
    pub(super) fn kinds(&mut self, drafts: &mut [(usize, Draft)]) -> Vec<Kind> {
        drafts.iter_mut().map(|(number, draft)| self.kind(*number, draft)).collect()
    }

    fn kind(&mut self, number: usize, draft: &mut Draft) -> Kind {
        let features = kind::features(self.scene, draft, self.judge.spells());
        let allowed: Vec<usize> = (0..Kind::VARIANTS.len()).collect();
        let scores = self.ask(Question::Kind, number, &allowed, About::Draft, &features);
        let kind = Kind::VARIANTS[best(&scores, &allowed)];
        draft.kind = FrameKind::Deal(kind);
        kind
    }

    /// Asks about everybody who is named within a `reach` of a draft whose kind is settled, one after the other.
    pub(super) fn cast(&mut self, drafts: &[(usize, Draft)], at: usize, kind: Kind, reach: usize) -> Cast {
        let (number, draft) = &drafts[at];
        let near = around::surroundings(self.scene, draft, reach);
        let (allowed, spells) = (roles_of(kind), self.judge.spells());
        let mut parties: Vec<(usize, FrameRole)> = Vec::new();
        let mut names = Vec::new();
        for entity in around::entities(self.scene, draft, &near) {
            let case = role::Case { drafts, at, kind, entity, near: &near };
            let features = role::features(self.scene, &case, (Question::Role, &parties), spells);
            let name = &self.scene.names.entities[entity].name;
            let scores = self.ask(Question::Role, *number, &allowed, About::Name(name), &features);
            parties.extend(role_of(best(&scores, &allowed)).map(|role| (entity, role)));
            names.push((entity, review::First::of(&scores, &allowed)));
        }
        Cast { kind, near, names, parties }
    }

    /// Asks about everybody once more.
    pub(super) fn review(&mut self, drafts: &[(usize, Draft)], casts: &[Cast], at: usize) -> Reviewed {
        let (number, draft) = &drafts[at];
        let Cast { kind, near, names, parties: before } = &casts[at];
        let (kind, allowed, spells) = (*kind, roles_of(*kind), self.judge.spells());
        let mut parties: Vec<(usize, FrameRole)> = Vec::new();
        let mut sure = Vec::with_capacity(names.len());
        let mut refused: Vec<(usize, Vec<i32>)> = Vec::new();
        for (entity, first) in names {
            let others: Vec<(usize, FrameRole)> = before.iter().copied().filter(|(other, _)| other != entity).collect();
            let case = role::Case { drafts, at, kind, entity: *entity, near };
            let mut features = role::features(self.scene, &case, (Question::Review, &others), spells);
            review::features(self.scene, &case, *first, &others, casts, &mut features);
            let name = &self.scene.names.entities[*entity].name;
            let scores = self.ask(Question::Review, *number, &allowed, About::Name(name), &features);
            let answer = best(&scores, &allowed);
            sure.push((*entity, scores[answer] - scores[0]));
            match role_of(answer) {
                Some(role) => parties.push((*entity, role)),
                None => refused.push((*entity, scores)),
            }
        }
        sides::join(draft, &refused, &mut parties);
        if parties.is_empty() {
            parties.clone_from(before);
        }
        sides::fill(kind, &[before.as_slice(), &draft.parties].concat(), &refused, &mut parties);
        // In the order of the rules, then in that of the text.
        parties.sort_by_key(|(entity, _)| {
            draft.parties.iter().position(|(known, _)| known == entity).unwrap_or(usize::MAX)
        });
        Reviewed { parties, sure }
    }

    /// Which figures each draft wants.
    pub(super) fn wanted(&mut self, drafts: &[(usize, Draft)]) -> Vec<Wanted> {
        let mut wanted: Vec<(usize, usize, i32)> = Vec::new();
        let sums = sums::find(self.scene.figures);
        for (index, (number, draft)) in drafts.iter().enumerate() {
            let mut given: Vec<usize> = Vec::new();
            let near = around::surroundings(self.scene, draft, 2);
            for figure in around::figures(self.scene, draft, &near) {
                if draft.kind == FrameKind::Deal(Kind::Acquisition)
                    && is_of_the_union(self.scene, self.scene.figures[figure].sentence)
                {
                    continue;
                }
                let features = figure::features(self.scene, drafts, index, figure, &given, &sums, self.judge.spells());
                let seen = Seen::of(&self.scene.figures[figure]);
                let scores = self.ask(Question::Figure, *number, &[0, 1], About::Figure(&seen), &features);
                // Where the weights are of two minds, too: what is missed weighs more than what is too much.
                if scores[1] >= scores[0] {
                    given.push(figure);
                    wanted.push((figure, index, scores[1] - scores[0]));
                }
            }
        }
        wanted
    }

    /// By how much what was made of each draft is a deal. `sure` tells for each draft what [`Court::review`] said.
    pub(super) fn dealt(
        &mut self,
        kept: &[(usize, Draft)],
        verdicts: &[&'static str],
        sure: &[Vec<(usize, i32)>],
        wanted: &[Wanted],
    ) -> Vec<i32> {
        let wants = |at: usize| wanted.iter().filter(move |(_, owner, _)| *owner == at).map(|(figure, _, _)| *figure);
        let whole: Vec<Draft> = kept
            .iter()
            .enumerate()
            .map(|(at, (_, draft))| Draft { figures: wants(at).collect(), ..draft.clone() })
            .collect();
        let shown = kept.iter().zip(&whole).map(|((number, _), draft)| {
            (
                *number,
                Proposal { names: Vec::new(), near: Vec::new(), others: Vec::new(), ..proposal(self.scene, draft) },
            )
        });
        self.judge.settled(&shown.collect::<Vec<_>>());
        let spells = self.judge.spells();
        let mut margins = Vec::with_capacity(kept.len());
        for (at, (number, _)) in kept.iter().enumerate() {
            let case = deal::Case { kept: &whole, at, verdict: verdicts[*number], sure: &sure[at], wanted };
            let scores =
                self.ask(Question::Deal, *number, &[0, 1], About::Draft, &deal::features(self.scene, &case, spells));
            margins.push(scores[1] - scores[0]);
        }
        margins
    }

    /// Gives each figure to the deal that wants it most.
    pub(super) fn figures(&mut self, drafts: &mut [(usize, Draft)], wanted: &[Wanted]) {
        for (index, (_, draft)) in drafts.iter_mut().enumerate() {
            // Counts of chips stay where the rules put them.
            draft.figures.retain(|figure| {
                let figure = &self.scene.figures[*figure];
                !figure.is_money() && !figure.is_power()
            });
            for (figure, owner, margin) in wanted {
                let most = wanted.iter().filter(|(other, _, _)| other == figure).map(|(_, _, margin)| *margin).max();
                if *owner == index && Some(*margin) == most {
                    draft.figures.push(*figure);
                    draft.sentences.insert(self.scene.figures[*figure].sentence);
                }
            }
            draft.figures.sort_unstable();
        }
    }

    pub(super) fn status(&mut self, number: usize, draft: &mut Draft) {
        let features = status::features(self.scene, draft, self.judge.spells());
        let allowed: Vec<usize> = (0..Status::VARIANTS.len()).collect();
        let scores = self.ask(Question::Status, number, &allowed, About::Draft, &features);
        let status = Status::VARIANTS[best(&scores, &allowed)];
        let hearsay = status != Status::Cancelled && hearsay(self.scene, draft);
        draft.status = if hearsay { Status::Rumored } else { status };
    }
}

/// The role that an answer gives.
fn role_of(answer: usize) -> Option<FrameRole> {
    answer.checked_sub(1).map(|role| FrameRole::Is(Role::VARIANTS[role]))
}

/// The answers to a question about a role in a deal of a kind.
fn roles_of(kind: Kind) -> Vec<usize> {
    let mut allowed = vec![0];
    allowed.extend(
        (0..Role::VARIANTS.len())
            .filter(|at| kind.roles().contains(&Role::VARIANTS[*at]) || Role::VARIANTS[*at] == Role::Backer)
            .map(|at| at + 1),
    );
    allowed
}

/// The allowed answer with the highest score, the first of equals.
fn best(scores: &[i32], allowed: &[usize]) -> usize {
    allowed.iter().copied().max_by_key(|answer| (scores[*answer], std::cmp::Reverse(*answer))).unwrap_or(0)
}
