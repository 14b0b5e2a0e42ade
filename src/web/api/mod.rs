//! `/api/v1`: the ledger as JSON, described in `OpenAPI` at `/api/openapi.json` and to be tried at `/api`.

pub mod articles;
mod asked;
pub mod companies;
pub mod deals;
mod flows;
mod params;
pub mod problem;
mod search;
pub mod shapes;
pub mod sources;
mod totals;
mod try_it;
mod words;

use std::sync::LazyLock;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};
use utoipa::{
    OpenApi,
    openapi::{OpenApi as Description, Server},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{App, error};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Wattline",
        description = "The ledger of AI-infrastructure deals. It only reads. Lists page by key: ask again with \
                       `cursor` set to the `next_cursor` of the page before. Sums of money are strings, power is a \
                       number of megawatts. Answers carry an `ETag`; ask with `If-None-Match` and an unchanged answer \
                       costs nothing.",
        version = "1",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "deals", description = "The records"),
        (name = "companies", description = "Who takes part"),
        (name = "money", description = "Who pays whom"),
        (name = "articles", description = "What it rests on"),
        (name = "search", description = "Words"),
    )
)]
struct Api;

fn resources() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(deals::list))
        .routes(routes!(deals::one))
        .routes(routes!(companies::list))
        .routes(routes!(companies::one))
        .routes(routes!(totals::get))
        .routes(routes!(flows::pairs))
        .routes(routes!(flows::circles_of))
        .routes(routes!(articles::articles))
        .routes(routes!(articles::claims))
        .routes(routes!(search::get))
        .routes(routes!(sources::get))
}

static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| resources().into_openapi());

/// The description of the API.
pub fn description() -> &'static Description {
    &DESCRIPTION
}

/// The API and its pages.
pub fn router() -> Router<App> {
    let (resources, _) = resources().split_for_parts();
    let resources = resources.route("/api/openapi.json", get(openapi));
    let resources = resources
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(middleware::from_fn(error::in_time))
        .layer(CatchPanicLayer::custom(error::caught))
        .layer(middleware::map_response(problem::translate))
        // Whoever may read it here may read it from a page of theirs.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        ));
    Router::new().route("/api", get(try_it::get)).route("/api/ask", get(try_it::ask)).merge(resources)
}

/// `GET /api/openapi.json`
async fn openapi(State(app): State<App>) -> Response {
    let mut description = DESCRIPTION.clone();
    description.servers = Some(vec![Server::new(app.link(""))]);
    Json(description).into_response()
}
