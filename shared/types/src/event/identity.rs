//! What auth-service tells.

use serde::{Deserialize, Serialize};

use super::Fact;
use crate::{
    access::Role,
    ids::{SessionId, UserId},
};

/// A person got an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserCreated {
    /// The person.
    pub user_id: UserId,
    /// Sign-in name.
    pub username: String,
    /// Name on screens.
    pub display_name: String,
    /// The role at creation.
    pub role: Role,
}

/// A person's account changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserUpdated {
    /// The person.
    pub user_id: UserId,
    /// Name on screens.
    pub display_name: String,
    /// The role now.
    pub role: Role,
}

/// A person's account is gone: erase what belongs to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDeleted {
    /// The person.
    pub user_id: UserId,
}

/// Tokens of this session must not be accepted any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRevoked {
    /// The session.
    pub session_id: SessionId,
    /// Whose it was.
    pub user_id: UserId,
}

macro_rules! about_user {
    ($($fact:ty => $kind:literal),+ $(,)?) => {$(
        impl Fact for $fact {
            const TYPE: &'static str = $kind;

            fn subject(&self) -> String {
                format!("user/{}", self.user_id)
            }
        }
    )+};
}

about_user! {
    UserCreated => "medianest.user.created.v1",
    UserUpdated => "medianest.user.updated.v1",
    UserDeleted => "medianest.user.deleted.v1",
    SessionRevoked => "medianest.session.revoked.v1",
}
