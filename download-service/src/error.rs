//! What can go wrong for a caller, and the one place that turns it into a problem.

use shared_http::Problem;
use shared_types::{ids::LibraryId, problem::Code};

use crate::{library::CatalogError, link::Refused, state::DownloadState};

/// An error of the domain.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// 404; also when the caller may not know that it exists.
    #[error("the download does not exist")]
    NotFound,
    /// 409
    #[error("a {state} download cannot be {action}")]
    WrongState {
        /// Where it is.
        state: DownloadState,
        /// What was asked for, as a participle.
        action: &'static str,
    },
    /// 422: the link itself.
    #[error("the link was refused: {0}")]
    LinkRefused(String),
    /// 422: another field.
    #[error("`{field}` is not valid: {reason}")]
    Invalid {
        /// Its name.
        field: &'static str,
        /// What to do.
        reason: String,
    },
    /// 429
    #[error("a quota is used up: {detail}")]
    QuotaExceeded {
        /// Which one, in words.
        detail: String,
        /// Seconds until there is room again.
        retry_after: u64,
    },
    /// 503: a program is missing.
    #[error("a program is missing: {0}")]
    ToolMissing(String),
    /// 503: plex-service has never answered.
    #[error("the libraries are not known")]
    LibrariesUnavailable(#[source] CatalogError),
    /// 409: the key was used for another request.
    #[error("the idempotency key belongs to another request")]
    IdempotencyConflict,
    /// 400: not a cursor of this list.
    #[error("the cursor is not valid")]
    InvalidCursor,
    /// Somebody else works on the item, or nobody shall: what this worker writes does not count any more.
    #[error("the item is no longer this worker's")]
    Fenced,
    /// 500: a file could not be removed, or a process not be started.
    #[error("a file or a process could not be handled")]
    Io(#[from] std::io::Error),
    /// The database.
    #[error("could not read or write downloads")]
    Db(#[source] shared_db::Error),
}

impl From<shared_db::Error> for Error {
    fn from(error: shared_db::Error) -> Self {
        Self::Db(error)
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::LinkRefused(refused.0)
    }
}

impl From<CatalogError> for Error {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::Unknown(id) => Self::unknown_library(id),
            CatalogError::Unavailable(_) => Self::LibrariesUnavailable(error),
        }
    }
}

impl Error {
    /// 422: no such library, or none that the caller may see.
    pub(crate) fn unknown_library(id: LibraryId) -> Self {
        Self::Invalid {
            field: "library_id",
            reason: format!("There is no library `{id}` that takes videos; choose another one."),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::new(Code::NotFound),
            Error::WrongState { .. } => Self::new(Code::WrongState).detail(sentence(&error)),
            Error::LinkRefused(reason) => Self::new(Code::LinkRefused)
                .detail(reason.clone())
                .field("#/url", "link-refused", reason),
            Error::Invalid { field, reason } => Self::new(Code::Invalid)
                .detail(reason.clone())
                .field(&format!("#/{field}"), "invalid", reason),
            Error::QuotaExceeded {
                detail,
                retry_after,
            } => Self::new(Code::QuotaExceeded)
                .detail(detail)
                .retry_after(retry_after),
            Error::ToolMissing(detail) => {
                Self::new(Code::Unavailable).detail(detail).retry_after(60)
            }
            Error::LibrariesUnavailable(cause) => Self::new(Code::Unavailable)
                .detail("The libraries are not known right now; try again in a moment.")
                .retry_after(5)
                .source(cause),
            Error::IdempotencyConflict => Self::new(Code::IdempotencyConflict),
            Error::InvalidCursor => Self::new(Code::InvalidCursor),
            Error::Db(cause) if cause.is_disk_full() => {
                Self::new(Code::InsufficientStorage).source(cause)
            }
            Error::Db(cause) if cause.is_unavailable() => {
                Self::new(Code::Unavailable).retry_after(2).source(cause)
            }
            Error::Fenced | Error::Io(_) | Error::Db(_) => Self::internal(error),
        }
    }
}

fn sentence(error: &Error) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}
