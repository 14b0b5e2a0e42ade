//! `/live`: tells pages that are open when the ledger changes, as server-sent events. A page without JavaScript never asks.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt, stream};
use tokio::sync::broadcast::{Receiver, Sender, error::RecvError};
use tokio_util::sync::CancellationToken;

use super::App;

/// Where open pages hear of changes.
#[derive(Debug, Clone)]
pub struct Live {
    /// Who tells of them.
    pub changes: Sender<()>,
    /// When the program ends, which must not wait for pages that stay open.
    pub stop: CancellationToken,
}

/// The most pages that can listen at once.
const MOST: usize = 2000;

/// `GET /live`: an event `deals` whenever deals are new or have changed.
pub async fn get(State(app): State<App>) -> Response {
    match app.live {
        Some(live) if live.changes.receiver_count() < MOST => {
            let events = events(live.changes.subscribe()).take_until(live.stop.cancelled_owned());
            Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(25))).into_response()
        }
        // A page that is turned away asks again later, and says nothing.
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn events(changes: Receiver<()>) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(changes, async |mut changes| match changes.recv().await {
        // One who has missed some is told once.
        Ok(()) | Err(RecvError::Lagged(_)) => Some((Ok(Event::default().event("deals").data("changed")), changes)),
        Err(RecvError::Closed) => None,
    })
}
