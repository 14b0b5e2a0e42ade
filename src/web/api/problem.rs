//! What goes wrong with a request to the API, as RFC 9457 has it: a sentence for each field that is to blame, and no
//! internals.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::filter;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The kind of problem in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong and what would be right.
    detail: String,
    /// What is wrong with each field of the query.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Its name in the query.
    pub field: String,
    /// What is wrong and what would be right.
    pub detail: String,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { kind: "about:blank", title, status: status.as_u16(), detail: detail.into(), errors: Vec::new() }
    }

    /// The query cannot be read.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>().join(" ");
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// There is nothing of this name.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "an answer of the API could not be given");
        match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "The ledger is busy. Please try again in a moment.")
            }
            _ => Self::new(StatusCode::INTERNAL_SERVER_ERROR, FAULT),
        }
    }
}

impl From<filter::Problem> for FieldError {
    fn from(problem: filter::Problem) -> Self {
        Self { field: problem.field, detail: problem.sentence }
    }
}

const FAULT: &str = "Something broke on our side. The fault has been written down.";

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let problem = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, problem);
        response
    }
}

/// What an address outside the API gets.
pub async fn no_such_resource() -> Problem {
    Problem::not_found("There is nothing at this address; /api/openapi.json lists what there is.")
}

/// What a method gets that a resource does not have.
pub async fn no_such_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "The API only reads: ask with GET.")
}

/// Makes a problem of what the layers around the handlers answer as a page or as plain text.
pub async fn translate(response: Response) -> Response {
    let status = response.status();
    let is_ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if !(status.is_client_error() || status.is_server_error()) || is_ours {
        return response;
    }
    let detail = match status {
        StatusCode::SERVICE_UNAVAILABLE => "The ledger is busy. Please try again in a moment.",
        status if status.is_server_error() => FAULT,
        _ => "The address cannot be read.",
    };
    Problem::new(status, detail).into_response()
}
