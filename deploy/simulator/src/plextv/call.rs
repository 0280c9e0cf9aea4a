//! One request to plex.tv, with its client identifier and token.

use std::{
    fmt,
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode,
    web::Data,
};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    world::{Account, World},
    xml,
};

/// Why plex.tv refuses.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal {
    NoClientIdentifier,
    NotAuthenticated,
    NoPin,
    NotFound,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.parts().2)
    }
}

impl Refusal {
    fn parts(self) -> (StatusCode, u16, &'static str) {
        match self {
            Self::NoClientIdentifier => (
                StatusCode::BAD_REQUEST,
                1000,
                "X-Plex-Client-Identifier is missing",
            ),
            Self::NotAuthenticated => (
                StatusCode::UNAUTHORIZED,
                1001,
                "User could not be authenticated",
            ),
            Self::NoPin => (StatusCode::NOT_FOUND, 1020, "Code not found or expired"),
            Self::NotFound => (StatusCode::NOT_FOUND, 404, "Not Found"),
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.parts().0
    }

    fn error_response(&self) -> HttpResponse {
        let (status, code, message) = self.parts();
        failure(status, code, message)
    }
}

/// An error body of version 2.
pub(super) fn failure(status: StatusCode, code: u16, message: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({
        "errors": [{"code": code, "message": message, "status": status.as_u16()}]
    }))
}

/// A request with everything read from headers or query.
pub(crate) struct Call {
    world: Arc<World>,
    account: Option<usize>,
    client: Option<String>,
    product: String,
    query: Vec<(String, String)>,
    wants_json: bool,
}

impl Call {
    pub(super) fn world(&self) -> &World {
        &self.world
    }

    /// Whoever the token belongs to.
    pub(super) fn account(&self) -> Result<&Account, Refusal> {
        let account = self.account.map(|index| &self.world.accounts[index]);
        account.ok_or(Refusal::NotAuthenticated)
    }

    /// Version 2 insists on a client identifier.
    pub(super) fn client(&self) -> Result<&str, Refusal> {
        self.client.as_deref().ok_or(Refusal::NoClientIdentifier)
    }

    /// The account of a request to version 2.
    pub(super) fn signed_in(&self) -> Result<&Account, Refusal> {
        self.client()?;
        self.account()
    }

    pub(super) fn product(&self) -> &str {
        &self.product
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// An answer of version 2: JSON when asked for, else XML.
    pub(super) fn answer(&self, status: StatusCode, root: &str, body: &Value) -> HttpResponse {
        let mut response = HttpResponse::build(status);
        if self.wants_json {
            return response.json(body);
        }
        let xml = match body {
            Value::Array(items) => xml::document(root, &json!({ "item": items })),
            _ => xml::document(root, body),
        };
        response
            .content_type("application/xml; charset=utf-8")
            .body(xml)
    }
}

impl FromRequest for Call {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(world) = request.app_data::<Data<World>>() else {
            return ready(Err(actix_web::error::ErrorInternalServerError("no state")));
        };
        ready(Ok(read(request, Arc::clone(world))))
    }
}

fn read(request: &HttpRequest, world: Arc<World>) -> Call {
    let query: Vec<(String, String)> = form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let setting = |name: &str| {
        let parameter = || query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        header(name)
            .map(str::to_owned)
            .or_else(|| parameter().map(|(_, value)| value.clone()))
    };
    let account = setting("X-Plex-Token")
        .and_then(|token| world.account_of(&token).map(|account| account.index));
    Call {
        account,
        client: setting("X-Plex-Client-Identifier").filter(|client| !client.is_empty()),
        product: setting("X-Plex-Product").unwrap_or_else(|| "0".to_owned()),
        wants_json: header("Accept").is_some_and(|accept| accept.contains("application/json")),
        query,
        world,
    }
}
