//! Money that comes back: flows among companies that close to a circle.
//!
//! A circle carries no more than its smallest flow, which is what it is measured by: a chain of hundred-billion contracts
//! that one small purchase closes is a small circle. Flows are added to the graph from the largest to the smallest, and
//! each closes the circles in which it is the smallest; so the largest circles are found first, and the search can stop
//! at any time without having missed a larger one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rust_decimal::Decimal;

use crate::model::Slug;

/// Firm dollars that one company commits to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Who pays.
    pub payer: Slug,
    /// Who is paid.
    pub payee: Slug,
    /// How much.
    pub committed: Decimal,
    /// In how many deals.
    pub deals: i64,
}

/// A circle of flows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle {
    /// The companies, each paying the next and the last paying the first; it begins with the first in the alphabet.
    pub companies: Vec<Slug>,
    /// Its smallest flow.
    pub smallest: Decimal,
    /// All its flows.
    pub total: Decimal,
}

/// How far circles are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most companies in one.
    pub longest: usize,
    /// The most circles.
    pub most: usize,
    /// The most steps of the search, so that no graph takes for ever.
    pub steps: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { longest: 6, most: 100, steps: 200_000 }
    }
}

/// The circles that were found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Circles {
    /// The largest first; of those alike the one with the larger sum, then the shorter.
    pub found: Vec<Circle>,
    /// Whether the search ended before all were found.
    pub cut_off: bool,
}

/// The circles in these flows. Several flows from one company to another count as one; what a company pays itself is no
/// flow.
pub fn circles(edges: &[Edge], bounds: Bounds) -> Circles {
    let mut flows: BTreeMap<(&Slug, &Slug), Decimal> = BTreeMap::new();
    for edge in edges.iter().filter(|edge| edge.payer != edge.payee && edge.committed > Decimal::ZERO) {
        *flows.entry((&edge.payer, &edge.payee)).or_default() += edge.committed;
    }
    let names: Vec<&Slug> =
        flows.keys().flat_map(|(payer, payee)| [*payer, *payee]).collect::<BTreeSet<_>>().into_iter().collect();
    let place = |name: &Slug| names.binary_search(&name).unwrap_or_default();
    let mut order: Vec<(Decimal, usize, usize)> =
        flows.into_iter().map(|((payer, payee), sum)| (sum, place(payer), place(payee))).collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));

    let mut search = Search { graph: Graph::new(names.len()), steps: bounds.steps, longest: bounds.longest };
    let mut circles = Circles::default();
    let mut last = None;
    for (sum, payer, payee) in order {
        // Those alike are found together, so that the larger of them come first.
        if circles.found.len() >= bounds.most && last != Some(sum) {
            circles.cut_off = true;
            break;
        }
        last = Some(sum);
        for path in search.ways_back(payer, payee) {
            let flow = |from: usize, to: usize| search.graph.out[from].get(&to).copied().unwrap_or(sum);
            let steps = path.iter().zip(path.iter().skip(1).chain([&path[0]]));
            let total = steps.map(|(from, to)| flow(*from, *to)).sum();
            let first = path.iter().enumerate().min_by_key(|(_, company)| **company).map_or(0, |(at, _)| at);
            let companies = (0..path.len()).map(|at| names[path[(first + at) % path.len()]].clone()).collect();
            circles.found.push(Circle { companies, smallest: sum, total });
        }
        search.graph.add(payer, payee, sum);
        if search.steps == 0 {
            circles.cut_off = true;
            break;
        }
    }
    circles.found.sort_by(|a, b| {
        let size = |circle: &Circle| (circle.smallest, circle.total, std::cmp::Reverse(circle.companies.len()));
        size(b).cmp(&size(a)).then_with(|| a.companies.cmp(&b.companies))
    });
    circles.cut_off |= circles.found.len() > bounds.most;
    circles.found.truncate(bounds.most);
    circles
}

struct Graph {
    out: Vec<BTreeMap<usize, Decimal>>,
    into: Vec<Vec<usize>>,
}

impl Graph {
    fn new(companies: usize) -> Self {
        Self { out: vec![BTreeMap::new(); companies], into: vec![Vec::new(); companies] }
    }

    fn add(&mut self, payer: usize, payee: usize, sum: Decimal) {
        self.out[payer].insert(payee, sum);
        self.into[payee].push(payer);
    }

    /// From how many steps away each company reaches `goal`, up to `most`.
    fn distances(&self, goal: usize, most: usize) -> Vec<Option<usize>> {
        let mut distances = vec![None; self.out.len()];
        distances[goal] = Some(0);
        let mut next = VecDeque::from([(goal, 0)]);
        while let Some((company, distance)) = next.pop_front() {
            for &before in self.into[company].iter().filter(|_| distance < most) {
                if distances[before].is_none() {
                    distances[before] = Some(distance + 1);
                    next.push_back((before, distance + 1));
                }
            }
        }
        distances
    }
}

struct Search {
    graph: Graph,
    /// How many steps are left.
    steps: usize,
    longest: usize,
}

impl Search {
    /// The circles that a flow from `payer` to `payee` would close, each as its companies from `payer` on.
    fn ways_back(&mut self, payer: usize, payee: usize) -> Vec<Vec<usize>> {
        let distances = self.graph.distances(payer, self.longest.saturating_sub(1));
        let mut found = Vec::new();
        let mut path = vec![payer, payee];
        self.go_on(&distances, &mut path, &mut found);
        found
    }

    fn go_on(&mut self, distances: &[Option<usize>], path: &mut Vec<usize>, found: &mut Vec<Vec<usize>>) {
        let (Some(&goal), Some(&company)) = (path.first(), path.last()) else { return };
        let next: Vec<usize> = self.graph.out[company].keys().copied().collect();
        for to in next {
            if self.steps == 0 {
                return;
            }
            // Only where the goal can still be reached in time.
            let in_time = distances[to].is_some_and(|distance| path.len() + distance <= self.longest);
            if to == goal {
                found.push(path.clone());
            } else if in_time && !path.contains(&to) {
                self.steps -= 1;
                path.push(to);
                self.go_on(distances, path, found);
                path.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edge(payer: &str, payee: &str, committed: i64) -> Edge {
        Edge { payer: Slug::of(payer), payee: Slug::of(payee), committed: Decimal::from(committed), deals: 1 }
    }

    fn told(circles: &Circles) -> Vec<(String, Decimal, Decimal)> {
        let names = |circle: &Circle| circle.companies.iter().map(Slug::as_str).collect::<Vec<_>>().join(">");
        circles.found.iter().map(|circle| (names(circle), circle.smallest, circle.total)).collect()
    }

    #[test]
    fn the_largest_circle_is_the_one_whose_smallest_flow_is_largest() {
        let flows = [
            edge("Maker", "Lab", 100),
            edge("Lab", "Cloud", 300),
            edge("Cloud", "Maker", 40),
            edge("Lab", "Maker", 30),
            edge("Lab", "Lab", 900),
            edge("Bank", "Cloud", 50),
            edge("Lab", "Maker", 20),
        ];
        let expected = [("lab>maker", 50, 150), ("cloud>maker>lab", 40, 440)];
        let expected: Vec<_> = expected
            .iter()
            .map(|(names, smallest, total)| ((*names).to_owned(), (*smallest).into(), (*total).into()))
            .collect();
        let circles = circles(&flows, Bounds::default());
        assert_eq!((told(&circles), circles.cut_off), (expected, false));
    }

    #[test]
    fn a_dense_graph_is_left_when_enough_is_found() {
        let companies: Vec<String> = (0..80).map(|n| format!("c{n:02}")).collect();
        let mut flows = Vec::new();
        for (n, payer) in (0_i64..).zip(&companies) {
            for (m, payee) in (0_i64..).zip(&companies) {
                flows.push(edge(payer, payee, 1000 + (n * 7919 + m * 104_729) % 5000));
            }
        }
        let circles = circles(&flows, Bounds { most: 20, ..Bounds::default() });
        assert_eq!((circles.found.len(), circles.cut_off), (20, true));
        assert!(circles.found.is_sorted_by(|a, b| a.smallest >= b.smallest));
        // All flows alike: the bound on steps ends it.
        let alike: Vec<Edge> = flows.iter().map(|flow| Edge { committed: Decimal::ONE, ..flow.clone() }).collect();
        assert!(super::circles(&alike, Bounds { steps: 50_000, ..Bounds::default() }).cut_off);
    }

    /// Every circle, by trying all ways.
    fn all(edges: &[Edge]) -> BTreeSet<Vec<Slug>> {
        fn walk(edges: &[Edge], path: &mut Vec<Slug>, found: &mut BTreeSet<Vec<Slug>>) {
            let last = path.last().unwrap().clone();
            for edge in edges.iter().filter(|edge| edge.payer == last && edge.payer != edge.payee) {
                if edge.payee == path[0] {
                    found.insert(path.clone());
                } else if !path.contains(&edge.payee) && edge.payee > path[0] {
                    path.push(edge.payee.clone());
                    walk(edges, path, found);
                    path.pop();
                }
            }
        }
        let mut found = BTreeSet::new();
        for edge in edges {
            walk(edges, &mut vec![edge.payer.clone()], &mut found);
        }
        found
    }

    proptest! {
        #[test]
        fn every_circle_is_found_once(drawn in prop::collection::vec((0_u8..6, 0_u8..6, 1_i64..20), 0..20)) {
            let flows: Vec<Edge> =
                drawn.iter().map(|(a, b, sum)| edge(&format!("c{a}"), &format!("c{b}"), *sum)).collect();
            let circles = circles(&flows, Bounds { most: 10_000, ..Bounds::default() });
            let found: BTreeSet<Vec<Slug>> = circles.found.iter().map(|circle| circle.companies.clone()).collect();
            prop_assert_eq!(found.len(), circles.found.len());
            prop_assert_eq!(found, all(&flows));
            prop_assert!(!circles.cut_off);
            for circle in &circles.found {
                let ring = circle.companies.iter().zip(circle.companies.iter().cycle().skip(1));
                let sums = ring.map(|(from, to)| {
                    let of_pair = flows.iter().filter(|flow| flow.payer == *from && flow.payee == *to);
                    of_pair.map(|flow| flow.committed).sum::<Decimal>()
                });
                prop_assert_eq!(sums.clone().min(), Some(circle.smallest));
                prop_assert_eq!(sums.sum::<Decimal>(), circle.total);
            }
        }
    }
}
