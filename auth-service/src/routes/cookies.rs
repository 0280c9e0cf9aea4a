//! The cookies: the session, the browser that began a Plex sign-in, and the device that signed in before.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, CookieBuilder, SameSite, time::Duration},
};
use shared_runtime::config::CookieMode;

use crate::app::AppState;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// The session.
    Session,
    /// Binds a Plex sign-in to a browser.
    PreLogin,
    /// A device that signed in before.
    Device,
}

impl Name {
    const fn text(self, mode: CookieMode) -> &'static str {
        match (self, mode) {
            (Self::Session, CookieMode::Secure) => "__Host-mn_session",
            (Self::Session, CookieMode::Lan) => "mn_session",
            (Self::PreLogin, CookieMode::Secure) => "__Host-mn_prelogin",
            (Self::PreLogin, CookieMode::Lan) => "mn_prelogin",
            (Self::Device, CookieMode::Secure) => "__Host-mn_device",
            (Self::Device, CookieMode::Lan) => "mn_device",
        }
    }

    /// The pre-login cookie must survive the way back from Plex's page.
    const fn same_site(self) -> SameSite {
        match self {
            Self::PreLogin => SameSite::Lax,
            Self::Session | Self::Device => SameSite::Strict,
        }
    }
}

/// The value that the browser sent.
pub(super) fn read(state: &AppState, request: &HttpRequest, name: Name) -> Option<String> {
    let cookie = request.cookie(name.text(state.cookie_mode))?;
    Some(cookie.value().to_owned())
}

/// A cookie to set.
pub(super) fn set<'c>(
    state: &AppState,
    name: Name,
    value: &str,
    life: chrono::Duration,
) -> Cookie<'c> {
    builder(state, name, value.to_owned())
        .max_age(Duration::seconds(life.num_seconds()))
        .finish()
}

/// A cookie that removes itself.
pub(super) fn clear<'c>(state: &AppState, name: Name) -> Cookie<'c> {
    builder(state, name, String::new())
        .max_age(Duration::ZERO)
        .finish()
}

fn builder<'c>(state: &AppState, name: Name, value: String) -> CookieBuilder<'c> {
    Cookie::build(name.text(state.cookie_mode), value)
        .path("/")
        .http_only(true)
        .secure(state.cookie_mode == CookieMode::Secure)
        .same_site(name.same_site())
}
