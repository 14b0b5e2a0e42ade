//! Which articles tell one story: those that tell of one deal within some days of each other.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// What decides of an article.
#[derive(Debug, Clone)]
pub struct Told {
    /// When it appeared.
    pub published: DateTime<Utc>,
    /// The deals that it tells of.
    pub deals: Vec<Uuid>,
}

/// Articles further apart than this tell of a deal anew.
const DAYS: i64 = 7;

/// Groups articles that are listed the latest first, by their places in the list. A group stands where its latest article
/// does, its articles in the order of the list.
pub fn stories(articles: &[Told]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    // The group in which a deal was told of last, and when.
    let mut told: BTreeMap<Uuid, (usize, DateTime<Utc>)> = BTreeMap::new();
    for (at, article) in articles.iter().enumerate() {
        let near = article.deals.iter().filter_map(|deal| told.get(deal));
        let near = near.filter(|(_, later)| *later - article.published <= TimeDelta::days(DAYS));
        let group = near.map(|(group, _)| *group).min().unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(at);
        for deal in &article.deals {
            told.insert(*deal, (group, article.published));
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(day: i64, deals: &[u128]) -> Told {
        let published = DateTime::from_timestamp(day * 86_400, 0).unwrap();
        Told { published, deals: deals.iter().map(|deal| Uuid::from_u128(*deal)).collect() }
    }

    #[test]
    fn articles_of_one_deal_within_a_week_are_one_story() {
        let articles = [told(40, &[1]), told(39, &[2]), told(36, &[1, 3]), told(30, &[]), told(10, &[1])];
        assert_eq!(stories(&articles), [vec![0, 2], vec![1], vec![3], vec![4]]);
    }

    proptest! {
        #[test]
        fn every_article_is_in_one_story(drawn in prop::collection::vec((0_i64..30, prop::collection::vec(0_u128..6, 0..3)), 0..40)) {
            let mut articles: Vec<Told> = drawn.iter().map(|(day, deals)| told(*day, deals)).collect();
            articles.sort_by_key(|article| std::cmp::Reverse(article.published));
            let mut all: Vec<usize> = stories(&articles).into_iter().flatten().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..articles.len()).collect::<Vec<_>>());
        }
    }
}
