use std::sync::Mutex;

use proptest::prelude::*;
use strum::VariantArray;

use super::{
    Example, examples, fit, part,
    spelling::Spelling,
    weights::{mean, text},
    words,
};
use crate::{
    evaluate::{GoldArticle, GoldDeal},
    extract::{
        self,
        judge::{Model, Question},
    },
    model::{Article, Kind, Registry, Role},
};

fn example(spelling: &mut Spelling, observations: &[&str], answer: usize) -> Example {
    let question = Question::Kind;
    let observations = observations.iter().map(|words| spelling.number(&format!("kind {words}"))).collect();
    Example { question, observations, allowed: (0..question.answers()).collect(), answer }
}

/// The questions that an article puts, answered by the teacher.
fn asked(gold: &GoldArticle) -> Vec<Example> {
    examples(gold, Registry::shipped(), None, &Mutex::default())
}

fn article(deals: &str) -> GoldArticle {
    GoldArticle {
        id: "heath".to_owned(),
        article: Article {
            title: "Heathcote Cloud leases 40 MW from Brindley Estates".to_owned(),
            text: "Heathcote Cloud has signed a ten-year lease with Brindley Estates for 40 megawatts of data centre \
                   space near Leeds. The lease is worth about £610 million, Brindley said on Monday. Heathcote had \
                   revenue of £88 million last year."
                .to_owned(),
            published: chrono::NaiveDate::from_ymd_opt(2026, 5, 19),
            publisher: None,
        },
        deals: serde_json::from_str::<Vec<GoldDeal>>(deals).expect("a label"),
    }
}

const LEASE: &str = r#"[{"kind": "lease", "status": "signed", "parties": [
    {"name": "Heathcote Cloud|Heathcote", "role": "tenant"}, {"name": "Brindley Estates|Brindley", "role": "landlord"}],
    "amounts": [{"value": "610000000", "currency": "GBP", "qualifier": "about"}],
    "capacity": [{"mw": 40.0, "qualifier": "exact"}]}]"#;

#[test]
fn an_observation_that_always_goes_with_an_answer_speaks_for_it() {
    let debt = Kind::VARIANTS.iter().position(|kind| *kind == Kind::Debt).unwrap();
    let lease = Kind::VARIANTS.iter().position(|kind| *kind == Kind::Lease).unwrap();
    let mut spelling = Spelling::default();
    let taught: Vec<Example> = (0..40)
        .map(|nth| {
            if nth % 2 == 0 {
                example(&mut spelling, &["word=notes", "word=the"], debt)
            } else {
                example(&mut spelling, &["word=halls", "word=the"], lease)
            }
        })
        .collect();
    let text = text(&fit(&taught.iter().collect::<Vec<_>>(), &spelling.words(), 0));
    let weight = |word: &str, answer: usize| {
        let line = text.lines().find(|line| line.starts_with(&format!("kind word={word}\t"))).unwrap();
        let pairs = line.split_once('\t').unwrap().1.split(' ').filter_map(|pair| pair.split_once(':'));
        let found = pairs.filter(|(own, _)| *own == answer.to_string()).map(|(_, weight)| weight);
        found.map(|weight| weight.parse::<i64>().unwrap()).next().unwrap_or(0)
    };
    assert!(weight("notes", debt) > 1 && weight("notes", lease) < -1, "{text}");
    assert!(weight("halls", lease) > 1 && weight("halls", debt) < -1, "{text}");
}

#[test]
fn a_teacher_answers_every_question_from_the_label() {
    let asked = asked(&article(LEASE));
    let of = |question: Question| asked.iter().filter(move |example| example.question == question);
    assert!(of(Question::Keep).any(|example| example.answer == 1), "{asked:#?}");
    let lease = Kind::VARIANTS.iter().position(|kind| *kind == Kind::Lease).unwrap();
    assert!(of(Question::Kind).all(|example| example.answer == lease), "{asked:#?}");
    let roles: Vec<Role> =
        of(Question::Role).filter_map(|example| example.answer.checked_sub(1)).map(|at| Role::VARIANTS[at]).collect();
    assert!(roles.contains(&Role::Tenant) && roles.contains(&Role::Landlord), "{roles:?}");
    // However many drafts there were, one of what was made of them is the lease.
    assert_eq!(of(Question::Deal).filter(|example| example.answer == 1).count(), 1, "{asked:#?}");
    // The rent and the power are the deal's, the revenue is not.
    assert!(of(Question::Figure).any(|example| example.answer == 1), "{asked:#?}");
    assert!(of(Question::Figure).any(|example| example.answer == 0), "{asked:#?}");
}

#[test]
fn where_the_label_knows_no_deal_every_draft_is_left_out() {
    let asked = asked(&article("[]"));
    assert!(!asked.is_empty() && asked.iter().all(|example| example.question == Question::Keep && example.answer == 0));
}

#[test]
fn nothing_is_learned_from_a_deal_on_which_readers_may_differ() {
    let optional = LEASE.replace("\"kind\": \"lease\"", "\"optional\": true, \"kind\": \"lease\"");
    let asked = asked(&article(&optional));
    assert!(asked.iter().all(|example| example.answer == 0), "{asked:#?}");
}

#[test]
fn what_was_learned_decides() {
    let gold = article(LEASE);
    let empty = Model::parse("").unwrap();
    let spelling = Mutex::default();
    let taught = examples(&gold, Registry::shipped(), None, &spelling);
    // One article is too few to learn from; told often enough, it is known by heart.
    let many: Vec<&Example> = (0..10).flat_map(|_| &taught).collect();
    let model = Model::parse(&text(&fit(&many, &words(&spelling), 0))).unwrap();
    let read = |model: &Model| extract::read_with(&gold.article, Registry::shipped(), Some(&mut &*model)).claims;
    assert!(read(&empty).iter().all(|claim| claim.kind == Kind::VARIANTS[0]), "an empty model prefers first answers");
    let claims = read(&model);
    let [claim] = &claims[..] else { panic!("one deal: {claims:#?}") };
    assert_eq!((claim.kind, claim.parties.len(), claim.amounts.len()), (Kind::Lease, 2, 1), "{claim:#?}");
}

#[test]
fn turns_count_alike_and_what_only_one_has_learned_counts_for_less() {
    let turn = |weights: &[(&str, f64)]| -> super::Weights {
        weights.iter().map(|(observation, weight)| ((*observation).to_owned(), vec![(3, *weight)])).collect()
    };
    let turns = vec![turn(&[("kind word=hall", 40.0), ("kind word=note", 30.0)]), turn(&[("kind word=hall", -10.0)])];
    assert_eq!(text(&mean(turns)), "kind word=hall\t3:15\nkind word=note\t3:15\n");
}

#[test]
fn weights_that_cannot_be_read_are_told_with_their_line() {
    for (text, says) in [
        ("# learned\nkind word=notes 3:12", "line 2 has no tab"),
        ("kind word=notes\t3:12 x", "line 1 has a weight that is none"),
        ("kind word=notes\t3:1200000", "line 1 has a weight that is none"),
        ("kind word=notes\t3:512", "line 1 has a weight that is none"),
        ("kind word=notes\t32:12", "line 1 has a weight that is none"),
    ] {
        assert_eq!(Model::parse(text).unwrap_err(), says);
    }
}

#[test]
fn the_weights_that_ship_with_the_program_are_small_and_can_be_read() {
    let packed = include_bytes!("../../data/weights.br");
    assert!(packed.len() < 5_000_000, "{} bytes", packed.len());
    Model::shipped();
}

proptest! {
    #[test]
    fn the_same_examples_give_the_same_weights_and_these_can_be_read(
        seen in prop::collection::vec((prop::collection::vec("[a-z]{1,3}=[a-z|]{1,4}", 1..6), 0..Kind::VARIANTS.len()), 1..40),
    ) {
        let mut spelling = Spelling::default();
        let taught: Vec<Example> = seen
            .iter()
            .map(|(words, answer)| {
                example(&mut spelling, &words.iter().map(String::as_str).collect::<Vec<_>>(), *answer)
            })
            .collect();
        let taught: Vec<&Example> = taught.iter().collect();
        let learned = text(&fit(&taught, &spelling.words(), 1));
        prop_assert_eq!(&learned, &text(&fit(&taught, &spelling.words(), 1)));
        prop_assert!(Model::parse(&learned).is_ok());
    }

    #[test]
    fn an_article_stays_in_its_part(id in "\\PC{0,12}", parts in 2_u64..50) {
        prop_assert!(part(&id, parts) < parts);
        prop_assert_eq!(part(&id, parts), part(&id, parts));
    }
}
