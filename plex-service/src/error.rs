//! The domain error and the one place that turns it into a problem.

use shared_http::{OutboundError, Problem};
use shared_runtime::SealError;
use shared_types::problem::Code;

use crate::plex;

/// What can go wrong in plex-service.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// 404; also when the caller may not know that it exists.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// 422: a field of the request cannot be accepted.
    #[error("`{pointer}` is not valid: {message}")]
    InvalidField {
        /// JSON pointer into the request.
        pointer: &'static str,
        /// Stable name of the rule.
        code: &'static str,
        /// What to do about it.
        message: String,
    },
    /// 400: a cursor that this list did not give out.
    #[error("the cursor is not one of this list")]
    InvalidCursor,
    /// 409: the server is configured already.
    #[error("the server is configured already")]
    ServerExists,
    /// 409: the library has a collection of that name.
    #[error("the library has a collection of that name already")]
    CollectionExists,
    /// 503: neither Plex nor a stored answer says what the caller may see.
    #[error("what this person may see in Plex is not known")]
    AccessUnknown(#[source] Option<OutboundError>),
    /// 502 or 503: the server gave no usable answer.
    #[error("the Plex server gave no usable answer")]
    Plex(#[from] plex::Error),
    /// 500: the stored token cannot be decrypted.
    #[error("a stored Plex token could not be decrypted")]
    Sealed(#[source] SealError),
    /// 503 or 500: the database.
    #[error("the library could not be read or written")]
    Db(#[from] shared_db::Error),
    /// 500: the picture cache on disk.
    #[error("the picture cache could not be read or written")]
    Cache(#[source] std::io::Error),
}

impl From<diesel::result::Error> for Error {
    fn from(err: diesel::result::Error) -> Self {
        Self::Db(err.into())
    }
}

impl From<Error> for Problem {
    fn from(err: Error) -> Self {
        match err {
            Error::NotFound(what) => Self::new(Code::NotFound)
                .detail(format!("There is no such {what}, or you may not see it.")),
            Error::InvalidField {
                pointer,
                code,
                message,
            } => Self::new(Code::Invalid)
                .detail(message.clone())
                .field(pointer, code, message),
            Error::InvalidCursor => Self::new(Code::InvalidCursor)
                .detail("Use a `next_cursor` of this list, or none to start from the top."),
            Error::ServerExists => Self::new(Code::Conflict)
                .detail("This Plex server is configured already; change that entry instead."),
            Error::CollectionExists => Self::new(Code::Conflict)
                .detail("The library has a collection of that name already; add to it instead."),
            Error::AccessUnknown(_) => Self::new(Code::Unavailable)
                .detail("Plex cannot be asked right now what you may see. Try again soon.")
                .retry_after(10)
                .source(err),
            Error::Plex(err) => plex_problem(err),
            Error::Db(err) => db_problem(err),
            Error::Sealed(_) | Error::Cache(_) => Self::internal(err),
        }
    }
}

fn plex_problem(err: plex::Error) -> Problem {
    match &err {
        plex::Error::NotFound | plex::Error::NotAPicture => Problem::new(Code::NotFound),
        plex::Error::Unreachable(_) | plex::Error::Failing(_) => Problem::new(Code::Unavailable)
            .detail("The Plex server does not answer right now. Try again soon.")
            .retry_after(10)
            .source(err),
        plex::Error::Unauthorized | plex::Error::Forbidden => Problem::new(Code::UpstreamFailed)
            .detail("The Plex server refuses its token; an administrator has to renew it.")
            .source(err),
        _ => Problem::new(Code::UpstreamFailed)
            .detail("The Plex server gave an answer that cannot be used.")
            .source(err),
    }
}

fn db_problem(err: shared_db::Error) -> Problem {
    if err.is_disk_full() {
        return Problem::new(Code::InsufficientStorage).source(err);
    }
    if err.is_unavailable() {
        return Problem::new(Code::Unavailable).retry_after(2).source(err);
    }
    Problem::internal(err)
}
