//! What can go wrong here, and the one place where it becomes an HTTP problem.

use shared_http::Problem;
use shared_runtime::SealError;
use shared_types::{page::InvalidCursor, problem::Code};

/// An error of webhook-service.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// 404
    #[error("it does not exist")]
    NotFound,
    /// 409
    #[error("a source with this name exists")]
    NameTaken,
    /// 410: the bytes of the delivery were given up after their time.
    #[error("the bytes of this delivery are no longer kept")]
    BodyForgotten,
    /// 409
    #[error("the source is turned off")]
    Disabled,
    /// 422
    #[error("{field}: {message}")]
    Invalid {
        /// The field of the request.
        field: &'static str,
        /// What to do about it.
        message: String,
    },
    /// 400
    #[error(transparent)]
    InvalidCursor(#[from] InvalidCursor),
    /// 503: neither the database nor the disk took it.
    #[error("the delivery could not be stored")]
    NotStored,
    /// Somebody else works on the delivery now.
    #[error("the lease of the delivery was lost")]
    LeaseLost,
    /// 500
    #[error("a stored secret could not be opened")]
    Sealed(#[from] SealError),
    /// A row holds something that this version does not know.
    #[error("a stored value is not known: {0}")]
    Stored(String),
    /// 500 or 503
    #[error("could not read or write the inbox")]
    Db(#[from] shared_db::Error),
}

impl Error {
    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            message: message.into(),
        }
    }
}

impl From<crate::kind::UnknownName> for Error {
    fn from(unknown: crate::kind::UnknownName) -> Self {
        Self::Stored(unknown.0)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::new(Code::NotFound),
            Error::NameTaken => Self::new(Code::Conflict)
                .detail("A source with this name exists. Choose another name.")
                .field("#/name", "taken", "Choose another name."),
            Error::BodyForgotten => Self::new(Code::Gone)
                .detail("The bytes of this delivery are no longer kept, so it cannot be replayed."),
            Error::Disabled => {
                Self::new(Code::WrongState).detail("The source is turned off. Turn it on first.")
            }
            Error::Invalid { field, message } => Self::new(Code::Invalid)
                .detail(message.clone())
                .field(&format!("#/{field}"), "invalid", message),
            Error::InvalidCursor(_) => Self::new(Code::InvalidCursor),
            Error::NotStored => Self::new(Code::Unavailable)
                .detail("The delivery could not be stored. Send it again in a moment.")
                .retry_after(5),
            Error::Db(err) if err.is_unavailable() => {
                Self::new(Code::Unavailable).retry_after(2).source(err)
            }
            Error::Db(err) if err.is_disk_full() => {
                Self::new(Code::InsufficientStorage).source(err)
            }
            other => Self::internal(other),
        }
    }
}
