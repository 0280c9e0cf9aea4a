//! Request bodies and queries that are checked at the edge: size, content type, unknown fields, types.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header::CONTENT_TYPE,
    web::{Bytes, Query},
};
use futures_util::{FutureExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;
use shared_types::problem::Code;

use crate::Problem;

/// A JSON body. Give `T` `#[serde(deny_unknown_fields)]`.
#[derive(Debug)]
pub struct ValidJson<T>(pub T);

/// A query string. Give `T` `#[serde(deny_unknown_fields)]`.
#[derive(Debug)]
pub struct ValidQuery<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for ValidJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !is_json(request) {
            let problem = Problem::new(Code::UnsupportedMediaType)
                .detail("Send the body as `application/json`.");
            return ready(Err(problem)).boxed_local();
        }
        let bytes = Bytes::from_request(request, payload);
        async move {
            let bytes = bytes.await.map_err(|err| body_problem(&err))?;
            parse_json(&bytes).map(Self)
        }
        .boxed_local()
    }
}

impl<T: DeserializeOwned> FromRequest for ValidQuery<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let parsed = Query::<T>::from_query(request.query_string());
        ready(parsed.map(|query| Self(query.into_inner())).map_err(|err| {
            let text = err.to_string();
            match quoted(&text, "unknown field `") {
                Some(field) => unknown_field(field),
                None => {
                    Problem::new(Code::Invalid).detail(format!("The query is not valid: {text}."))
                }
            }
        }))
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The problem for a body that could not be read.
fn body_problem(err: &actix_web::Error) -> Problem {
    match err.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => Problem::new(Code::TooLarge),
        _ if err.to_string().contains("limit") => Problem::new(Code::TooLarge),
        _ => Problem::new(Code::Malformed).detail("The body ended too early or could not be read."),
    }
}

/// Parses a JSON body, naming the field that does not fit.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|err| {
        let pointer = format!("#/{}", err.path().to_string().replace('.', "/"));
        json_problem(&pointer, err.inner())
    })?;
    deserializer.end().map_err(|err| json_problem("#", &err))?;
    Ok(value)
}

fn json_problem(pointer: &str, err: &serde_json::Error) -> Problem {
    if !err.is_data() {
        return Problem::new(Code::Malformed).detail(format!("The body is not valid JSON: {err}."));
    }
    let text = err.to_string();
    if let Some(field) = quoted(&text, "unknown field `") {
        return unknown_field(field);
    }
    if let Some(field) = quoted(&text, "missing field `") {
        return Problem::new(Code::Invalid)
            .detail(format!("`{field}` is missing."))
            .field(&format!("#/{field}"), "required", "This field is required.");
    }
    Problem::new(Code::Invalid)
        .detail("A value has the wrong type.")
        .field(pointer, "type", text)
}

fn unknown_field(field: &str) -> Problem {
    Problem::new(Code::UnknownField)
        .detail(format!("There is no field `{field}`; remove it."))
        .field(
            &format!("#/{field}"),
            "unknown-field",
            "This field does not exist.",
        )
}

/// The name between `prefix` and the next backtick.
fn quoted<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let rest = &text[text.find(prefix)? + prefix.len()..];
    rest.split('`').next()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Login {
        #[expect(dead_code, reason = "only parsed")]
        username: String,
    }

    fn code_of(body: &str) -> (Code, Vec<String>) {
        let problem = parse_json::<Login>(body.as_bytes()).expect_err("refused");
        let fields = problem
            .body()
            .errors
            .into_iter()
            .map(|error| error.pointer)
            .collect();
        (problem.code(), fields)
    }

    #[test]
    fn bad_bodies_name_the_field() {
        assert_eq!(
            code_of(r#"{"username":"a","admin":true}"#),
            (Code::UnknownField, vec!["#/admin".to_owned()])
        );
        assert_eq!(
            code_of("{}"),
            (Code::Invalid, vec!["#/username".to_owned()])
        );
        assert_eq!(
            code_of(r#"{"username":1}"#),
            (Code::Invalid, vec!["#/username".to_owned()])
        );
        assert_eq!(code_of("{").0, Code::Malformed);
        assert_eq!(code_of(r#"{"username":"a"} x"#).0, Code::Malformed);
    }
}
