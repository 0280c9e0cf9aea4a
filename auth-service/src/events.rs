//! What this service tells the others. Each event goes into the outbox in the transaction of its change.

use shared_db::{AnyConn, outbox};
use shared_types::{
    Clock,
    access::service,
    event::{Event, Fact, SessionRevoked, UserCreated, UserUpdated},
    ids::{SessionId, UserId},
};

use crate::{error::Error, store::users::UserRow};

/// A person got an account.
pub(crate) fn user_created(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    user: &UserRow,
) -> Result<(), Error> {
    let fact = UserCreated {
        user_id: user.user_id(),
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        role: user.role(),
    };
    append(conn, clock, &fact)
}

/// A person's account changed.
pub(crate) fn user_updated(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    user: &UserRow,
) -> Result<(), Error> {
    let fact = UserUpdated {
        user_id: user.user_id(),
        display_name: user.display_name.clone(),
        role: user.role(),
    };
    append(conn, clock, &fact)
}

/// Tokens of a session, or of an API key, must not be accepted any more.
pub(crate) fn session_revoked(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    user_id: UserId,
    session_id: SessionId,
) -> Result<(), Error> {
    let fact = SessionRevoked {
        session_id,
        user_id,
    };
    append(conn, clock, &fact)
}

fn append(conn: &mut AnyConn, clock: &dyn Clock, fact: &impl Fact) -> Result<(), Error> {
    Ok(outbox::append(
        conn,
        &Event::new(clock, service::AUTH, fact),
    )?)
}
