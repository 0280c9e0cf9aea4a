//! One OpenAPI document of all services, generated from the code.
//!
//! The services describe their own answers; what the edge does to every request is added here once.

use anyhow::Context;
use utoipa::openapi::{
    Content, InfoBuilder, OpenApi, PathItem, Ref, RefOr, Response, SecurityRequirement,
    path::{Operation, ParameterIn},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// What works without being signed in. The sender of a webhook proves itself with the secret of its source.
const PUBLIC: [&str; 8] = [
    "complete_plex_pin",
    "complete_setup",
    "create_plex_pin",
    "get_system_status",
    "list_keys",
    "login",
    "receive_delivery",
    "refresh_tokens",
];
const PROBLEM: &str = "application/problem+json";

/// The document as pretty JSON.
pub(crate) fn document() -> anyhow::Result<String> {
    let mut all = gateway::openapi();
    for part in [
        auth_service::openapi(),
        plex_service::openapi(),
        download_service::openapi(),
        webhook_service::openapi(),
    ] {
        all.merge(part);
    }
    all.info = InfoBuilder::new()
        .title("MediaNest")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The portal of a Plex household. Errors are RFC 9457 problems.",
        ))
        .build();
    name_credentials(&mut all);
    for operation in all.paths.paths.values_mut().flat_map(operations) {
        complete(operation);
    }
    let mut text =
        serde_json::to_string_pretty(&all).context("the OpenAPI document does not serialize")?;
    text.push('\n');
    Ok(text)
}

fn name_credentials(all: &mut OpenApi) {
    let components = all.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An access token of a sign-in, or an API key."))
        .build();
    let cookie = ApiKeyValue::with_description(
        "__Host-mn_session",
        "The cookie of a sign-in with mode `cookie`; `mn_session` where MediaNest is reached without TLS. \
         Requests that change something also need the header `X-MediaNest: 1`.",
    );
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

/// The operations of a path, each with whether it changes something.
fn operations(path: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let reading = path.get.iter_mut().map(|operation| (operation, false));
    let changing = [
        &mut path.put,
        &mut path.post,
        &mut path.patch,
        &mut path.delete,
    ];
    let changing = changing.into_iter().flatten();
    reading.chain(changing.map(|operation| (operation, true)))
}

/// Says who may call an operation and how it is refused.
fn complete((operation, is_change): (&mut Operation, bool)) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let is_public = PUBLIC.contains(&id);
    // What a webhook says is stored before it is read, and never refused for that.
    let is_hook = id == "receive_delivery";
    let security = if is_public {
        Vec::new()
    } else {
        let none: [&str; 0] = [];
        ["bearer", "session"]
            .map(|name| SecurityRequirement::new(name, none))
            .to_vec()
    };
    operation.security = Some(security);
    refuse(operation, &["429"]);
    if is_change && !is_public {
        refuse(operation, &["403"]);
    }
    if operation.request_body.is_some() {
        refuse(operation, &["400", "413", "415"]);
    }
    if has_query(operation) || (operation.request_body.is_some() && !is_hook) {
        refuse(operation, &["400", "422"]);
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            describe(status, response);
        }
    }
}

fn has_query(operation: &Operation) -> bool {
    let parameters = operation.parameters.iter().flatten();
    let mut parameters = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    parameters.any(|parameter| parameter.parameter_in == ParameterIn::Query)
}

/// Adds refusals that the service itself did not list.
fn refuse(operation: &mut Operation, statuses: &[&str]) {
    for status in statuses {
        let listed = operation.responses.responses.entry((*status).to_owned());
        listed.or_insert_with(|| RefOr::T(Response::new("")));
    }
}

/// Names a response, and gives refusals their body.
fn describe(status: &str, response: &mut Response) {
    if response.description.is_empty() {
        meaning(status).clone_into(&mut response.description);
    }
    if status.starts_with(['4', '5']) {
        let problem = Content::new(Some(Ref::from_schema_name("ProblemBody")));
        response.content.clear();
        response
            .content
            .insert(PROBLEM.to_owned(), RefOr::T(problem));
    }
}

fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "Done.",
        "201" => "Made.",
        "202" => "Accepted; it is not done yet.",
        "204" => "Done; there is nothing to say.",
        "304" => "The copy at hand is still the right one.",
        "400" => "The request cannot be read.",
        "401" => "Not signed in, or the secret is wrong.",
        "403" => "Not allowed.",
        "404" => "There is nothing of that name, or it is not shown to the caller.",
        "405" => "The address does not take this method.",
        "408" => "The request took too long.",
        "409" => "It does not fit what is there.",
        "410" => "It is over.",
        "413" => "The body is too large.",
        "415" => "The body is of another type than the operation takes.",
        "422" => "A value is not acceptable; `errors` names it.",
        "429" => "Too many requests; `Retry-After` says when to come back.",
        "502" | "503" | "504" => "Something that is needed does not answer; come back later.",
        _ => "See its body.",
    }
}
