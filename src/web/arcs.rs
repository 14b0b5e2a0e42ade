//! Flows of money as an arc diagram: companies in one column, what flows down drawn on its right, what flows up on its
//! left. Pure.
//!
//! The order of the column lets as few dollars as possible flow up. So payers stand above those whom they pay, and what
//! is left on the left side is what closes circles.

/// A flow between two companies, named by their places in a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// Who pays.
    pub from: usize,
    /// Who is paid.
    pub to: usize,
    /// How much.
    pub weight: f64,
}

/// The height of a company's row, in pixels.
pub const ROW: usize = 28;

/// A flow in place: on a canvas a hundred units wide and as high as the rows, which grows away from the column.
#[derive(Debug, Clone, PartialEq)]
pub struct Arc {
    /// Its place in the list of flows.
    pub flow: usize,
    /// Whether it flows up.
    pub up: bool,
    /// Where it leaves and where it arrives, in pixels from the top.
    pub leaves: f64,
    /// The same of its end.
    pub arrives: f64,
    /// How far it reaches out, of a hundred.
    pub reach: f64,
    /// How thick it is, in pixels.
    pub width: f64,
}

/// Draws the flows among so many companies. Returns who stands where, as the places of the companies from the top, and
/// the arcs, the thickest first, so that thin ones lie on top of them.
pub fn draw(companies: usize, flows: &[Flow]) -> (Vec<usize>, Vec<Arc>) {
    let order = shortened(flows, untangled(companies, flows));
    let rows = places(&order);
    let largest = flows.iter().map(|flow| flow.weight).fold(0.0, f64::max);
    let longest = flows.iter().map(|flow| rows[flow.from].abs_diff(rows[flow.to])).max().unwrap_or(1).max(1);
    let mut arcs: Vec<Arc> = flows
        .iter()
        .enumerate()
        .map(|(at, flow)| {
            let (leaves, arrives) = (rows[flow.from], rows[flow.to]);
            let middle = |row: usize| (row * ROW) as f64 + ROW as f64 / 2.0;
            // Money leaves in the lower half of a row and arrives in its upper half, or the other way round where it
            // flows up, so that what comes and what goes do not touch.
            let aside = if arrives > leaves { 4.0 } else { -4.0 };
            let reach = 14.0 + 84.0 * (leaves.abs_diff(arrives) as f64 / longest as f64).sqrt();
            let width = 1.0 + 7.0 * (flow.weight / largest.max(f64::MIN_POSITIVE)).sqrt();
            let (leaves, arrives) = (middle(leaves) + aside, middle(arrives) - aside);
            Arc { flow: at, up: arrives < leaves, leaves, arrives, reach, width }
        })
        .collect();
    arcs.sort_by(|a, b| b.width.total_cmp(&a.width).then(a.flow.cmp(&b.flow)));
    (order, arcs)
}

/// Where each company stands in an order.
fn places(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    for (row, company) in order.iter().enumerate() {
        places[*company] = row;
    }
    places
}

/// An order in which little flows up: those that only receive are taken off to the bottom, those that only pay to the
/// top, and where neither is left, whoever pays the most beyond what it receives goes to the top (Eades, Lin and Smyth,
/// "A fast and effective heuristic for the feedback arc set problem", 1993). Flows without a circle all run down.
fn untangled(companies: usize, flows: &[Flow]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..companies).collect();
    let (mut top, mut bottom) = (Vec::new(), Vec::new());
    while !left.is_empty() {
        let is_left = |company: &usize| left.contains(company);
        let sums: Vec<(f64, f64)> = left
            .iter()
            .map(|company| {
                let among = || flows.iter().filter(|flow| is_left(&flow.from) && is_left(&flow.to));
                let pays = among().filter(|flow| flow.from == *company).map(|flow| flow.weight).sum();
                let paid = among().filter(|flow| flow.to == *company).map(|flow| flow.weight).sum();
                (pays, paid)
            })
            .collect();
        let largest = |candidates: Vec<usize>, size: fn((f64, f64)) -> f64| {
            candidates.into_iter().max_by(|a, b| size(sums[*a]).total_cmp(&size(sums[*b])).then(b.cmp(a)))
        };
        let where_ = |test: fn((f64, f64)) -> bool| (0..left.len()).filter(|at| test(sums[*at])).collect::<Vec<_>>();
        if let Some(at) = largest(where_(|(pays, _)| pays <= 0.0), |(_, paid)| paid) {
            bottom.push(left.remove(at));
        } else if let Some(at) = largest(where_(|(_, paid)| paid <= 0.0), |(pays, _)| pays) {
            top.push(left.remove(at));
        } else if let Some(at) = largest((0..left.len()).collect(), |(pays, paid)| pays - paid) {
            top.push(left.remove(at));
        }
    }
    top.extend(bottom.into_iter().rev());
    top
}

/// The same order with neighbours exchanged wherever that makes the arcs shorter and lets no more flow up.
fn shortened(flows: &[Flow], mut order: Vec<usize>) -> Vec<usize> {
    let cost = |order: &[usize]| -> (f64, f64) {
        let rows = places(order);
        let up = flows.iter().filter(|flow| rows[flow.to] < rows[flow.from]).map(|flow| flow.weight).sum();
        let length = flows.iter().map(|flow| flow.weight.sqrt() * rows[flow.from].abs_diff(rows[flow.to]) as f64).sum();
        (up, length)
    };
    let mut best = cost(&order);
    // Each round makes it better or ends it.
    for _ in 0..order.len() {
        let before = best;
        for at in 1..order.len() {
            order.swap(at - 1, at);
            let now = cost(&order);
            if now.0 <= best.0 && now.1 < best.1 - 1e-9 {
                best = now;
            } else {
                order.swap(at - 1, at);
            }
        }
        if before == best {
            break;
        }
    }
    order
}

impl Arc {
    /// The arc as the path of an SVG.
    pub fn path(&self) -> String {
        let Self { leaves, arrives, reach, .. } = self;
        format!("M0 {leaves:.1}C{reach:.1} {leaves:.1} {reach:.1} {arrives:.1} 0 {arrives:.1}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn flow(from: usize, to: usize, weight: f64) -> Flow {
        Flow { from, to, weight }
    }

    #[test]
    fn only_the_smallest_flow_of_a_circle_runs_up() {
        let (order, arcs) = draw(3, &[flow(2, 0, 300.0), flow(0, 1, 100.0), flow(1, 2, 30.0)]);
        assert_eq!(order, [2, 0, 1]);
        let up: Vec<usize> = arcs.iter().filter(|arc| arc.up).map(|arc| arc.flow).collect();
        assert_eq!(up, [2]);
    }

    fn flows() -> impl Strategy<Value = Vec<Flow>> {
        prop::collection::vec((0_usize..12, 0_usize..12, 1_u32..1000), 1..40).prop_map(|drawn| {
            let flows = drawn.into_iter().filter(|(from, to, _)| from != to);
            flows.map(|(from, to, weight)| flow(from, to, weight.into())).collect()
        })
    }

    proptest! {
        #[test]
        fn everyone_has_a_row_and_every_flow_an_arc_within_the_canvas(flows in flows()) {
            let (mut order, arcs) = draw(12, &flows);
            order.sort_unstable();
            prop_assert_eq!(order, (0..12).collect::<Vec<_>>());
            prop_assert_eq!(arcs.len(), flows.len());
            for arc in arcs {
                prop_assert!((0.0..=100.0).contains(&arc.reach) && arc.width >= 1.0 && arc.width <= 8.0);
                prop_assert!(arc.leaves > 0.0 && arc.arrives > 0.0 && arc.leaves < (12 * ROW) as f64);
            }
        }

        #[test]
        fn without_a_circle_all_runs_down(flows in flows()) {
            let falling: Vec<Flow> = flows.into_iter().filter(|flow| flow.from < flow.to).collect();
            let (_, arcs) = draw(12, &falling);
            prop_assert!(arcs.iter().all(|arc| !arc.up));
        }
    }
}
