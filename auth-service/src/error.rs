//! What can go wrong here, and the one place where it becomes an HTTP problem.

use shared_http::{OutboundError, Problem};
use shared_types::{page::InvalidCursor, problem::Code};

/// A value that is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct InvalidField {
    /// The field of the request.
    pub field: &'static str,
    /// Stable name of the broken rule.
    pub rule: &'static str,
    /// What to do about it.
    pub message: String,
}

impl InvalidField {
    pub(crate) fn new(field: &'static str, rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            field,
            rule,
            message: message.into(),
        }
    }
}

/// An error of auth-service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 401: unknown user, wrong password, suspended account, all alike.
    #[error("the user name or the password is wrong")]
    InvalidCredentials,
    /// 401: no such session, key or token, or not any more.
    #[error("the credential is not valid")]
    Unauthenticated,
    /// 401
    #[error("the setup secret is wrong")]
    WrongSetupSecret,
    /// 409: somebody did it before.
    #[error("setup is already done")]
    SetupDone,
    /// 422
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// 400
    #[error(transparent)]
    InvalidCursor(#[from] InvalidCursor),
    /// 429
    #[error("too many failed attempts")]
    Throttled {
        /// Seconds until the next attempt is looked at.
        retry_after: u64,
    },
    /// 503: more passwords wait to be checked than is sensible.
    #[error("too many sign-ins at once")]
    Busy,
    /// 404, also when it belongs to somebody else.
    #[error("it does not exist")]
    NotFound,
    /// 409
    #[error("the user name is taken")]
    UsernameTaken,
    /// 409
    #[error("the last administrator cannot be removed")]
    LastAdmin,
    /// 409
    #[error("there are too many API keys")]
    TooManyKeys,
    /// 403
    #[error("the account is suspended")]
    Suspended,
    /// 403: the sign-in must be a recent one for this.
    #[error("the sign-in is too old for this")]
    SignInTooOld,
    /// 403: a Plex sign-in that another browser began.
    #[error("the sign-in was started in another browser")]
    OtherBrowser,
    /// 403
    #[error("the Plex account has no access to a configured server")]
    NoServerAccess,
    /// 410
    #[error("the Plex sign-in has expired")]
    PinExpired,
    /// 502, 503 or 504: neither granted nor refused.
    #[error("plex.tv gave no usable answer")]
    PlexTv(#[source] OutboundError),
    /// 503
    #[error("plex-service gave no usable answer")]
    PlexService(#[source] OutboundError),
    /// 500, or 503 when the database is away.
    #[error("could not read or write accounts")]
    Db(#[from] shared_db::Error),
    /// 500
    #[error("a stored secret could not be opened")]
    Seal(#[from] shared_runtime::SealError),
    /// 500: a key, a hash or a document of ours is not what it should be.
    #[error("{0}")]
    Broken(String),
}

impl Error {
    pub(crate) fn broken(what: &str, why: impl std::fmt::Display) -> Self {
        Self::Broken(format!("{what}: {why}"))
    }
}

impl From<Error> for Problem {
    fn from(err: Error) -> Self {
        match err {
            Error::InvalidCredentials => Self::new(Code::InvalidCredentials),
            Error::Unauthenticated => Self::new(Code::Unauthenticated),
            Error::WrongSetupSecret => Self::new(Code::InvalidSetupSecret)
                .detail("Use the secret of the last start: it is in the log and in the file `setup-secret` of the data directory."),
            Error::SetupDone => Self::new(Code::SetupDone).detail("Sign in instead."),
            Error::Invalid(fault) => invalid(&fault),
            Error::InvalidCursor(_) => Self::new(Code::InvalidCursor),
            Error::Throttled { retry_after } => Self::new(Code::RateLimited)
                .detail("Too many failed attempts. Wait, then try again.")
                .retry_after(retry_after),
            Error::Busy => Self::new(Code::Unavailable)
                .detail("Many people sign in right now. Try again in a moment.")
                .retry_after(2),
            Error::NotFound => Self::new(Code::NotFound),
            Error::UsernameTaken => Self::new(Code::Conflict)
                .detail("This user name is taken; choose another.")
                .field("#/username", "taken", "Choose another user name."),
            Error::LastAdmin => Self::new(Code::WrongState)
                .detail("This is the last administrator. Make somebody else one first."),
            Error::TooManyKeys => Self::new(Code::WrongState)
                .detail("You have as many API keys as is allowed. Delete one first."),
            Error::Suspended => Self::new(Code::Forbidden)
                .detail("This account is suspended. Ask an administrator."),
            Error::SignInTooOld => Self::new(Code::Forbidden)
                .detail("Sign out and sign in again, then repeat this within 15 minutes."),
            Error::OtherBrowser => Self::new(Code::Forbidden)
                .detail("This sign-in was started in another browser. Start again here."),
            Error::NoServerAccess => Self::new(Code::NoServerAccess)
                .detail("Ask the owner of the Plex server to share a library with this account."),
            Error::PinExpired => Self::new(Code::PinExpired),
            Error::PlexTv(cause) => plex_tv(cause),
            Error::PlexService(cause) => Self::new(Code::Unavailable)
                .detail("The list of Plex servers cannot be read right now. Try again in a moment.")
                .retry_after(5)
                .source(cause),
            Error::Db(cause) => database(cause),
            Error::Seal(_) | Error::Broken(_) => Self::internal(err),
        }
    }
}

fn invalid(fault: &InvalidField) -> Problem {
    Problem::new(Code::Invalid)
        .detail(fault.message.clone())
        .field(
            &format!("#/{}", fault.field),
            fault.rule,
            fault.message.clone(),
        )
}

fn plex_tv(cause: OutboundError) -> Problem {
    let code = match &cause {
        OutboundError::BreakerOpen(_) => Code::Unavailable,
        OutboundError::Unreachable { source, .. } if source.is_timeout() => Code::UpstreamTimeout,
        _ => Code::UpstreamFailed,
    };
    Problem::new(code)
        .detail("plex.tv does not answer right now, so the sign-in cannot be checked. Try again in a moment.")
        .retry_after(10)
        .source(cause)
}

fn database(cause: shared_db::Error) -> Problem {
    if cause.is_disk_full() {
        return Problem::new(Code::InsufficientStorage).source(cause);
    }
    if cause.is_unavailable() {
        return Problem::new(Code::Unavailable).retry_after(2).source(cause);
    }
    Problem::internal(cause)
}
