//! The audit log: what happened to accounts, who did it and from where. An entry is written in the transaction of the
//! change that it tells of. It never holds a secret, a password or a mail address.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared_db::{AnyConn, Id};
use shared_types::ids::{SessionId, UserId};

use crate::{
    app::AppState,
    error::Error,
    origin::Origin,
    store::audit::{AuditRow, NewAuditRow, insert_entry, list_entries},
};

macro_rules! names {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)+) => {
        /// What an entry is about, in the words of the OWASP logging vocabulary.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Name {
            $($(#[$doc])* $variant,)+
        }

        impl Name {
            /// The fixed name in the log.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

names! {
    /// The first administrator was made.
    SetupCompleted = "sys_setup_completed";
    /// A wrong or expired setup secret.
    SetupFailed = "sys_setup_failed";
    /// Somebody signed in.
    LoginSuccess = "authn_login_success";
    /// Somebody did not.
    LoginFail = "authn_login_fail";
    /// A refresh token was used again.
    TokenReuse = "authn_token_reuse";
    /// A password was changed.
    PasswordChange = "authn_password_change";
    /// An API key was made.
    KeyCreated = "authn_token_created";
    /// An API key was removed.
    KeyRevoked = "authn_token_revoked";
    /// plex.tv does not accept a person's token any more.
    PlexTokenRefused = "authn_plex_token_refused";
    /// A session was ended.
    SessionRevoked = "session_revoked";
    /// A person got an account.
    UserCreated = "user_created";
    /// An account changed.
    UserUpdated = "user_updated";
    /// A role was granted or taken, or an account was suspended.
    AccessChanged = "authz_change";
}

/// Entries before `before`, the newest first.
pub(crate) async fn list(
    state: &AppState,
    event: Option<String>,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<AuditRow>, Error> {
    state
        .db
        .run(move |conn| Ok(list_entries(conn, event.as_deref(), before, limit)?))
        .await
}

/// An entry that is being put together.
#[derive(Debug, Clone)]
#[must_use]
pub(crate) struct Entry {
    name: Name,
    succeeded: bool,
    actor: Option<UserId>,
    subject: Option<UserId>,
    session: Option<SessionId>,
    method: Option<&'static str>,
    details: Value,
}

impl Entry {
    /// Something that was done.
    pub(crate) fn success(name: Name) -> Self {
        Self {
            name,
            succeeded: true,
            actor: None,
            subject: None,
            session: None,
            method: None,
            details: json!({}),
        }
    }

    /// Something that was refused.
    pub(crate) fn failure(name: Name) -> Self {
        Self {
            succeeded: false,
            ..Self::success(name)
        }
    }

    /// Who did it.
    pub(crate) fn by(mut self, actor: UserId) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Whose account it is about.
    pub(crate) fn about(mut self, subject: Option<UserId>) -> Self {
        self.subject = subject;
        self
    }

    /// The session it is about.
    pub(crate) fn session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// The way in.
    pub(crate) fn method(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }

    /// More about it; nothing secret.
    pub(crate) fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// Writes the entry.
    pub(crate) fn write(
        self,
        conn: &mut AnyConn,
        now: DateTime<Utc>,
        origin: &Origin,
    ) -> Result<(), Error> {
        let outcome = if self.succeeded { "success" } else { "failure" };
        let row = NewAuditRow {
            at: now.into(),
            event: self.name.as_str().to_owned(),
            outcome: outcome.to_owned(),
            actor_id: self.actor.map(Id::from),
            subject_id: self.subject.map(Id::from),
            session_id: self.session.map(Id::from),
            method: self.method.map(str::to_owned),
            address: origin.address_text(),
            user_agent: origin.user_agent.clone(),
            request_id: origin.request_id.clone(),
            details: self.details.into(),
        };
        Ok(insert_entry(conn, &row)?)
    }
}
