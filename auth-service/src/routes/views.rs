//! What clients see of people, and the answer to every sign-in.

use actix_web::{HttpResponse, cookie::Cookie, http::StatusCode};
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_http::Problem;
use shared_types::{
    access::{Role, Scope},
    ids::UserId,
};
use utoipa::ToSchema;

use super::cookies::{self, Name};
use crate::{
    app::AppState,
    sessions::{Mode, Opened, holder_of},
    store::{plex::PlexAccountRow, users::UserRow},
};

/// A person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct User {
    /// Id.
    id: UserId,
    /// Sign-in name.
    username: String,
    /// Name on screens.
    display_name: String,
    /// Role.
    role: Role,
    /// What the role may do.
    scopes: Vec<Scope>,
    /// Address of a picture.
    avatar_url: Option<String>,
}

/// The signed-in person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: User,
    /// Mail address, when there is one.
    email: Option<String>,
    /// When the account was made.
    created_at: DateTime<Utc>,
    /// Whether the person can sign in with a password.
    has_password: bool,
    /// The linked Plex account; absent when there is none.
    plex: Option<PlexLink>,
}

/// A linked Plex account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PlexLink {
    /// Always true.
    linked: bool,
    /// The account's name.
    username: String,
}

/// Whether somebody may sign in.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Yes.
    Active,
    /// No.
    Suspended,
}

/// A person, as administrators see them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ManagedUser {
    #[serde(flatten)]
    user: User,
    /// Whether the person may sign in.
    status: Status,
    /// When the account was made.
    created_at: DateTime<Utc>,
}

/// A session. The tokens are there in mode `token` only; mode `cookie` sets the session cookie instead.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionAnswer {
    /// Who signed in.
    user: User,
    /// For the `Authorization` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// Good for one `/auth/refresh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// `Bearer`
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// Seconds until the access token expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
}

impl From<&UserRow> for User {
    fn from(row: &UserRow) -> Self {
        Self {
            id: row.user_id(),
            username: row.username.clone(),
            display_name: row.display_name.clone(),
            role: row.role(),
            scopes: row.role().scopes().to_vec(),
            avatar_url: row.avatar_url.clone(),
        }
    }
}

impl Me {
    pub(super) fn new(row: &UserRow, plex: Option<PlexAccountRow>) -> Self {
        Self {
            user: row.into(),
            email: row.email.clone(),
            created_at: row.created_at.0,
            has_password: row.password_hash.is_some(),
            plex: plex.map(|account| PlexLink {
                linked: true,
                username: account.plex_username,
            }),
        }
    }
}

impl From<&UserRow> for ManagedUser {
    fn from(row: &UserRow) -> Self {
        Self {
            user: row.into(),
            status: if row.is_active() {
                Status::Active
            } else {
                Status::Suspended
            },
            created_at: row.created_at.0,
        }
    }
}

/// The answer to a sign-in or a refresh: a cookie or tokens, and `more` cookies.
pub(super) fn session_answer(
    state: &AppState,
    status: StatusCode,
    (user, opened): (&UserRow, &Opened),
    more: Vec<Cookie<'_>>,
) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::build(status);
    if opened.mode == Mode::Cookie {
        let life = state.config.session_absolute();
        response.cookie(cookies::set(state, Name::Session, &opened.secret, life));
        for cookie in more {
            response.cookie(cookie);
        }
    }
    Ok(response.json(session_body(state, user, opened)?))
}

fn session_body(
    state: &AppState,
    user: &UserRow,
    opened: &Opened,
) -> Result<SessionAnswer, Problem> {
    let answer = SessionAnswer {
        user: user.into(),
        access_token: None,
        refresh_token: None,
        token_type: None,
        expires_in: None,
    };
    if opened.mode == Mode::Cookie {
        return Ok(answer);
    }
    let holder = holder_of(user, opened.session_id, "script");
    let issued = state.issuer.access_token(&holder)?;
    Ok(SessionAnswer {
        access_token: Some(issued.access_token),
        refresh_token: Some(opened.secret.to_string()),
        token_type: Some("Bearer"),
        expires_in: Some(issued.expires_in),
        ..answer
    })
}
