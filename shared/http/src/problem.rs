//! The one error type of HTTP handlers.

use std::{error::Error as StdError, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use shared_types::problem::{Code, FieldError, ProblemBody};
use tracing::{error, warn};

use crate::context::current_request_id;

/// An RFC 9457 problem: what the client sees, and the cause that only the log sees.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: Option<String>,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Problem {
    /// A problem that says no more than its title.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            source: None,
        }
    }

    /// What happened this time and what to do about it. It is sent to the client.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// One invalid field: its JSON pointer (`#/url`), a stable code, and what to do.
    #[must_use]
    pub fn field(mut self, pointer: &str, code: &str, message: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            field: pointer.trim_start_matches("#/").replace('/', "."),
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            message: message.into(),
        });
        self
    }

    /// The cause, for the log only.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Seconds after which trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// A fault of ours: the client learns nothing but the request id.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Code::Internal).source(source)
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The body that is sent.
    pub fn body(&self) -> ProblemBody {
        let hides = self.code == Code::Internal;
        ProblemBody {
            kind: format!("/problems/{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone().filter(|_| !hides),
            code: self.code.as_str().to_owned(),
            request_id: current_request_id().unwrap_or_default(),
            errors: self.errors.clone(),
        }
    }

    fn log(&self) {
        let Some(source) = &self.source else { return };
        let chain = chain(source.as_ref());
        if self.code.status() >= 500 {
            error!(code = self.code.as_str(), "Request failed: {chain}");
        } else {
            warn!(code = self.code.as_str(), "Request refused: {chain}");
        }
    }
}

/// An error and all its causes in one line.
fn chain(source: &(dyn StdError + 'static)) -> String {
    let mut text = source.to_string();
    let mut next = source.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}",
            self.code.as_str(),
            self.detail.as_deref().unwrap_or(self.code.title())
        )
    }
}

impl StdError for Problem {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| {
            let source: &(dyn StdError + 'static) = source.as_ref();
            source
        })
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if self.status_code() == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        response.body(serde_json::to_vec(&self.body()).unwrap_or_default())
    }
}
