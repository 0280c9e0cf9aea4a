//! A Plex Media Server's HTTP API.

mod call;
mod collections;
mod container;
mod error;
mod files;
mod images;
mod metadata;
mod row;
mod scan;
mod search;
mod sections;
mod status;
mod tags;

pub(crate) use error::error_page;
pub(crate) use row::webhook_metadata;

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{ServiceConfig, delete, get, put, resource},
};

/// All routes of a server.
pub(crate) fn routes(config: &mut ServiceConfig) {
    server_routes(config);
    section_routes(config);
    collection_routes(config);
    item_routes(config);
    config.default_service(actix_web::web::to(not_found));
}

fn server_routes(config: &mut ServiceConfig) {
    config
        .route("/identity", get().to(status::identity))
        .route("/", get().to(status::root))
        .route("/activities", get().to(status::activities))
        .route("/accounts", get().to(status::accounts))
        .route("/status/sessions", get().to(status::sessions))
        .route("/status/sessions/history/all", get().to(status::history))
        .route("/photo/:/transcode", get().to(images::transcode));
}

fn section_routes(config: &mut ServiceConfig) {
    config
        .route("/library/sections", get().to(sections::list))
        .route("/library/sections/all", get().to(sections::list))
        .route("/library/sections/{section}", get().to(sections::menu))
        .service(
            resource("/library/sections/{section}/all")
                .route(get().to(sections::all))
                .route(put().to(collections::edit)),
        )
        .route(
            "/library/sections/{section}/genre",
            get().to(sections::genres),
        )
        .route(
            "/library/sections/{section}/search",
            get().to(sections::search),
        )
        .route(
            "/library/sections/{section}/recentlyAdded",
            get().to(sections::recently_added),
        )
        .route(
            "/library/sections/{section}/collections",
            get().to(collections::list),
        )
        .route(
            "/library/sections/{section}/refresh",
            get().to(scan::refresh),
        )
        .route(
            "/library/sections/{section}/refresh",
            actix_web::web::post().to(scan::refresh),
        )
        .route(
            "/library/sections/{section}/composite/{version}",
            get().to(images::composite),
        );
}

fn collection_routes(config: &mut ServiceConfig) {
    config
        .route(
            "/library/collections",
            actix_web::web::post().to(collections::create),
        )
        .service(
            resource("/library/collections/{key}")
                .route(get().to(collections::detail))
                .route(delete().to(collections::delete)),
        )
        .service(
            resource("/library/collections/{key}/items")
                .route(get().to(collections::children))
                .route(put().to(collections::add)),
        )
        .route(
            "/library/collections/{key}/children",
            get().to(collections::children),
        )
        .route(
            "/library/collections/{key}/items/{item}",
            delete().to(collections::remove),
        )
        .route(
            "/library/sections/{section}/collection/{key}",
            delete().to(collections::delete_in_section),
        )
        .route(
            "/library/collections/{key}/composite/{version}",
            get().to(images::collection),
        );
}

fn item_routes(config: &mut ServiceConfig) {
    config
        .route("/library/recentlyAdded", get().to(metadata::recently_added))
        .route("/library/search", get().to(search::library))
        .route("/hubs/search", get().to(search::hubs))
        .route("/library/metadata/{keys}", get().to(metadata::detail))
        .route(
            "/library/metadata/{key}/children",
            get().to(metadata::children),
        )
        .route(
            "/library/metadata/{key}/allLeaves",
            get().to(metadata::all_leaves),
        )
        .route(
            "/library/metadata/{key}/grandchildren",
            get().to(metadata::all_leaves),
        )
        .route(
            "/library/metadata/{key}/prefs",
            put().to(collections::preferences),
        )
        .route(
            "/library/metadata/{key}/{picture:thumb|art}/{version}",
            get().to(images::original),
        );
}

async fn not_found() -> HttpResponse {
    error_page(StatusCode::NOT_FOUND)
}
