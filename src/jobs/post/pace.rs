//! How fast mail goes out.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

/// How fast mail goes out, of one worker.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// At most so many mails a second.
    pub a_second: f64,
    /// At most so many mails a minute to one domain.
    pub domain_a_minute: f64,
    /// Over so many lines at once.
    pub lines: usize,
}

/// When the next mail may go to each domain, and to any.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<String, Instant>>);

impl Turns {
    /// Waits until a mail may go out, and takes its place in the row; `Some`: to its domain none may for so long.
    pub(super) async fn take(&self, pace: Pace, domain: &str) -> Option<Duration> {
        let now = Instant::now();
        let wait = {
            let mut next = self.0.lock().await;
            if next.len() > 10_000 {
                next.retain(|_, at| *at > now);
            }
            let to_domain = next.get(domain).map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
            if to_domain > Duration::from_secs(1) {
                return Some(to_domain);
            }
            let mut turn = |key: &str, every: f64| {
                let at = next.entry(key.to_owned()).or_insert(now);
                let turn = (*at).max(now);
                *at = turn + Duration::from_secs_f64(every);
                turn
            };
            let turn = turn("", 1.0 / pace.a_second).max(turn(domain, 60.0 / pace.domain_a_minute));
            turn.saturating_duration_since(now)
        };
        tokio::time::sleep(wait).await;
        None
    }
}
