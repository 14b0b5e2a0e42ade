//! `/api`: what the API offers, each resource with a form that asks it. It works without JavaScript: a form leads by way
//! of `/api/ask`, which leaves out what was not filled in, to the JSON itself.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use utoipa::openapi::{
    RefOr,
    path::{Operation, Parameter, ParameterIn},
    schema::{Schema, SchemaType, Type},
};

use super::description;
use crate::web::{
    App,
    error::WebError,
    frame::{Frame, Section, page},
    params::address,
};

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    frame: Frame,
    resources: Vec<Resource>,
}

/// A resource with the form that asks it.
struct Resource {
    anchor: String,
    path: String,
    summary: String,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    description: String,
    /// The words to choose from; none where anything may be typed.
    words: Vec<String>,
    kind: &'static str,
    required: bool,
}

/// `GET /api`
pub async fn get(State(app): State<App>) -> Result<Response, WebError> {
    let paths = &description().paths.paths;
    let resources = paths.iter().filter_map(|(path, item)| Some(Resource::of(path, item.get.as_ref()?))).collect();
    page(&ApiPage {
        frame: Frame::new(Section::Elsewhere, "API")
            .describe("The ledger as JSON: deals, companies, totals, who pays whom, articles and claims.")
            .at(&app, "/api"),
        resources,
    })
}

/// `GET /api/ask`: leads to the address that a form means.
pub async fn ask(RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let asked = pairs.iter().find(|(name, _)| name == "_path").map_or("", |(_, path)| path);
    let Some(item) = description().paths.paths.get(asked) else {
        return Err(WebError::not_found("The API has nothing at this address."));
    };
    let mut path = asked.to_owned();
    let parameters = item.get.iter().flat_map(|operation| operation.parameters.iter().flatten());
    for parameter in parameters {
        if let RefOr::T(Parameter { name, parameter_in: ParameterIn::Path, .. }) = parameter {
            let value = pairs.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value);
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            path = path.replace(&format!("{{{name}}}"), &value.replace('+', "%20"));
        }
    }
    let in_path = |name: &str| asked.contains(&format!("{{{name}}}"));
    let kept: Vec<(&str, &str)> = pairs
        .iter()
        .filter(|(name, _)| name != "_path" && !in_path(name))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Ok(Redirect::to(&address(&path, &kept)).into_response())
}

impl Resource {
    fn of(path: &str, operation: &Operation) -> Self {
        let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        });
        Self {
            anchor: path.trim_start_matches("/api/v1/").replace(['/', '{', '}'], "-"),
            summary: unmarked(operation.summary.as_deref()),
            fields: parameters.map(Field::of).collect(),
            path: path.to_owned(),
        }
    }
}

impl Field {
    fn of(parameter: &Parameter) -> Self {
        let (mut words, mut kind, mut told) = (Vec::new(), "text", None);
        if let Some(RefOr::T(schema)) = &parameter.schema {
            let object = match schema {
                Schema::Object(object) => Some(object),
                _ => None,
            };
            if let Some(object) = object {
                told.clone_from(&object.description);
                let listed = object.enum_values.iter().flatten().filter_map(|word| word.as_str());
                words = listed.map(ToOwned::to_owned).collect();
                match &object.schema_type {
                    SchemaType::Type(Type::Integer) => kind = "number",
                    SchemaType::Type(Type::Boolean) => words = vec!["true".to_owned(), "false".to_owned()],
                    _ => {}
                }
            }
        }
        Self {
            name: parameter.name.clone(),
            description: unmarked(told.as_deref().or(parameter.description.as_deref())),
            words,
            kind,
            required: matches!(parameter.required, utoipa::openapi::Required::True),
        }
    }
}

/// What the description says, for a page: without the marks of code, which is all that it marks.
fn unmarked(text: Option<&str>) -> String {
    text.unwrap_or_default().replace('`', "")
}
