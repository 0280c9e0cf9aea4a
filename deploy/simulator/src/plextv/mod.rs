//! plex.tv's HTTP API, the page people sign in on, and the control routes of the simulator.

mod account;
mod call;
mod control;
mod page;
mod pins;
mod resources;
mod sharing;
mod webhooks;

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{ServiceConfig, get, post, resource},
};

/// All routes of plex.tv.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/api/v2/pins", post().to(pins::create))
        .route("/api/v2/pins/{id}", get().to(pins::check))
        .route("/api/v2/ping", get().to(account::ping))
        .route("/api/v2/user", get().to(account::user))
        .service(
            resource("/api/v2/user/webhooks")
                .route(get().to(webhooks::list))
                .route(post().to(webhooks::replace)),
        )
        .route("/api/v2/resources", get().to(resources::list))
        .route("/api/v2/servers/{machine}", get().to(resources::server))
        .route("/api/v2/home/users", get().to(account::home_users))
        .route("/api/v2/friends", get().to(sharing::gone))
        .route("/api/users", get().to(sharing::users))
        .route(
            "/api/servers/{machine}/shared_servers",
            get().to(sharing::shared_servers),
        )
        .route("/auth", get().to(page::auth));
    control_routes(config);
    config.default_service(actix_web::web::to(not_found));
}

fn control_routes(config: &mut ServiceConfig) {
    config
        .route("/simulator/state", get().to(control::state))
        .route("/simulator/requests", get().to(control::requests))
        .route("/simulator/pins/{code}/claim", post().to(control::claim))
        .route("/simulator/pins/{code}/expire", post().to(control::expire))
        .route("/simulator/faults", post().to(control::fault))
        .route("/simulator/webhooks", post().to(control::add_webhook))
        .route("/simulator/webhooks/send", post().to(control::send_webhook))
        .route(
            "/simulator/accounts/{username}/revoke",
            post().to(control::revoke),
        )
        .route(
            "/simulator/accounts/{username}/restore",
            post().to(control::restore),
        );
}

async fn not_found() -> HttpResponse {
    call::failure(StatusCode::NOT_FOUND, 404, "Not Found")
}
