//! RFC 9457 problems: the one table of codes, statuses and titles, and the body that clients see.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $status:literal, $code:literal, $title:literal;)+) => {
        /// What went wrong, as a stable name that clients can branch on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)+
        }

        impl Code {
            /// Every code, for the reference page.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// The name in bodies and in `type`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The short sentence that is the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

codes! {
    /// The request is not what its content type or framing says.
    Malformed = 400, "malformed", "The request could not be read";
    /// A field that the route does not know.
    UnknownField = 400, "unknown-field", "The request has a field that does not exist";
    /// A cursor that no list gave out.
    InvalidCursor = 400, "invalid-cursor", "The cursor is not valid";
    /// No credentials, or ones that are not valid.
    Unauthenticated = 401, "unauthenticated", "Sign in to do this";
    /// Wrong user name or password.
    InvalidCredentials = 401, "invalid-credentials", "The user name or the password is wrong";
    /// The setup secret does not match.
    InvalidSetupSecret = 401, "invalid-setup-secret", "The setup secret is wrong";
    /// A webhook that does not prove where it comes from.
    InvalidSignature = 401, "invalid-signature", "The sender could not be verified";
    /// Signed in, but not allowed.
    Forbidden = 403, "forbidden", "You are not allowed to do this";
    /// A cookie-borne write that does not come from our own page.
    CrossSite = 403, "cross-site", "This request does not come from MediaNest's own page";
    /// The Plex account has no access to the configured server.
    NoServerAccess = 403, "no_server_access", "This Plex account has no access to the server";
    /// Nothing here, or nothing that the caller may know of.
    NotFound = 404, "not-found", "There is nothing here";
    /// The route exists, but not with this method.
    MethodNotAllowed = 405, "method-not-allowed", "This address does not take that method";
    /// The body did not arrive in time.
    RequestTimeout = 408, "request-timeout", "The request took too long to arrive";
    /// The thing is in a state in which this cannot be done.
    WrongState = 409, "wrong-state", "This cannot be done in the current state";
    /// Something with the same unique value exists.
    Conflict = 409, "conflict", "This already exists";
    /// The same idempotency key came with another body.
    IdempotencyConflict = 409, "idempotency-conflict", "This idempotency key was used for another request";
    /// Setup was done before.
    SetupDone = 409, "setup-done", "MediaNest is already set up";
    /// The Plex sign-in took too long.
    PinExpired = 410, "pin_expired", "The sign-in took too long; start again";
    /// It was there, and is no more.
    Gone = 410, "gone", "This is no longer available";
    /// The body is larger than allowed.
    TooLarge = 413, "too-large", "The request is too large";
    /// A body of another type than the route takes.
    UnsupportedMediaType = 415, "unsupported-media-type", "This content type is not accepted";
    /// Well-formed, but a value is not acceptable; `errors` says which.
    Invalid = 422, "invalid", "Some values are not valid";
    /// The link cannot be downloaded from here.
    LinkRefused = 422, "link-refused", "This link cannot be downloaded";
    /// Too many requests or a quota is used up.
    RateLimited = 429, "rate-limited", "Too many requests; wait a little";
    /// A domain quota is used up.
    QuotaExceeded = 429, "quota-exceeded", "Your quota is used up";
    /// The request line or the headers are too large.
    HeadersTooLarge = 431, "headers-too-large", "The request headers are too large";
    /// A fault of ours.
    Internal = 500, "internal", "Something went wrong on our side";
    /// Another server gave no usable answer.
    UpstreamFailed = 502, "upstream-failed", "Another server gave no usable answer";
    /// Ours, and temporary.
    Unavailable = 503, "unavailable", "This part of MediaNest is not available right now";
    /// Another server took too long.
    UpstreamTimeout = 504, "upstream-timeout", "Another server took too long to answer";
    /// The disk is full.
    InsufficientStorage = 507, "insufficient-storage", "There is no space left on the disk";
}

/// The body of every 4xx and 5xx (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemBody {
    /// `/problems/<code>`
    #[serde(rename = "type")]
    pub kind: String,
    /// The same sentence for every occurrence of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time and what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Stable name to branch on.
    pub code: String,
    /// Quote it when you ask for help: it finds the logs and the trace.
    pub request_id: String,
    /// For invalid input: one entry a field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The field's name, dotted for nested ones.
    pub field: String,
    /// JSON pointer into the request body, such as `#/url`.
    pub pointer: String,
    /// Stable name of the rule that was broken.
    pub code: String,
    /// What to do about it.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_errors_only() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(
            Code::ALL
                .iter()
                .all(|code| (400..600).contains(&code.status()))
        );
    }
}
