//! The HTTP surface, one file a resource.

mod api_keys;
mod audit;
mod cookies;
mod internal;
mod jwks;
mod login;
mod me;
mod plex;
mod request;
mod sessions;
mod users;
mod views;

use actix_web::web::{ServiceConfig, scope};
use utoipa::OpenApi;

/// All routes.
pub(crate) fn configure(cfg: &mut ServiceConfig) {
    cfg.service(jwks::list_keys)
        .service(
            scope("/internal")
                .service(internal::create_service_token)
                .service(internal::exchange_session)
                .service(internal::exchange_api_key)
                .service(internal::show_setup)
                .service(internal::show_plex_access),
        )
        .service(
            scope("/api/v1")
                .service(login::complete_setup)
                .service(login::login)
                .service(login::refresh_tokens)
                .service(login::logout)
                .service(login::logout_all)
                .service(plex::create_plex_pin)
                .service(plex::complete_plex_pin)
                .service(me::show_me)
                .service(me::update_me)
                .service(me::change_password)
                .service(sessions::list_sessions)
                .service(sessions::delete_session)
                .service(api_keys::list_api_keys)
                .service(api_keys::create_api_key)
                .service(api_keys::delete_api_key)
                .service(users::list_users)
                .service(users::create_user)
                .service(users::show_user)
                .service(users::update_user)
                .service(users::revoke_user_sessions)
                .service(audit::list_audit_entries),
        );
}

#[derive(OpenApi)]
#[openapi(paths(
    jwks::list_keys,
    login::complete_setup,
    login::login,
    login::refresh_tokens,
    login::logout,
    login::logout_all,
    plex::create_plex_pin,
    plex::complete_plex_pin,
    me::show_me,
    me::update_me,
    me::change_password,
    sessions::list_sessions,
    sessions::delete_session,
    api_keys::list_api_keys,
    api_keys::create_api_key,
    api_keys::delete_api_key,
    users::list_users,
    users::create_user,
    users::show_user,
    users::update_user,
    users::revoke_user_sessions,
    audit::list_audit_entries,
))]
struct Document;

/// The OpenAPI document of the public routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
