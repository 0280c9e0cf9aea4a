//! What a Plex server can answer instead of what was asked for, sorted by what a caller does about it.

use shared_http::OutboundError;

/// A call to a Plex server gave nothing usable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No connection, no whole answer in time, or left alone after repeated failures.
    #[error("the Plex server does not answer")]
    Unreachable(#[source] OutboundError),
    /// 401: the token is missing or not valid any more.
    #[error("the Plex server refuses the token")]
    Unauthorized,
    /// 403: the token may not do this.
    #[error("the Plex server does not allow this with the token")]
    Forbidden,
    /// 404
    #[error("the Plex server does not have this")]
    NotFound,
    /// 5xx: overloaded, or still starting.
    #[error("the Plex server answers with status {0}; it may be starting or overloaded")]
    Failing(u16),
    /// Any other 4xx: a request it will never take.
    #[error("the Plex server refused the request with status {0}")]
    Refused(u16),
    /// 2xx with a body of something else.
    #[error("the answer is not one of a Plex server")]
    NotPlex(#[source] serde_json::Error),
    /// 2xx with something that is not a picture.
    #[error("the answer is not a picture")]
    NotAPicture,
    /// A list ended before all that it promised was there.
    #[error("the list ended early: {received} of {total}")]
    Truncated {
        /// What came.
        received: i64,
        /// What was promised.
        total: i64,
    },
}

impl Error {
    pub(super) fn of_status(status: u16) -> Option<Self> {
        match status {
            200..=299 => None,
            401 => Some(Self::Unauthorized),
            403 => Some(Self::Forbidden),
            404 => Some(Self::NotFound),
            429 | 500.. => Some(Self::Failing(status)),
            _ => Some(Self::Refused(status)),
        }
    }

    /// Whether the same request can succeed later.
    pub(crate) fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::Failing(_)
                | Self::Truncated { .. }
                | Self::Unauthorized
                | Self::NotPlex(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_what_to_do() {
        assert!(Error::of_status(204).is_none());
        assert!(matches!(Error::of_status(503), Some(Error::Failing(503))));
        assert!(!Error::of_status(400).expect("an error").is_temporary());
        assert!(Error::of_status(500).expect("an error").is_temporary());
    }
}
