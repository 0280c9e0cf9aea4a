//! The HTTP surface: one file a resource.

#![expect(
    unused_qualifications,
    reason = "the lint takes the paths that utoipa's `params(..)` makes for ours"
)]

mod collections;
mod images;
mod internal;
mod items;
mod libraries;
mod search;
mod servers;

use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

pub(crate) fn configure(cfg: &mut ServiceConfig) {
    cfg.service(
        web::scope("/api/v1")
            .service(servers::list_servers)
            .service(servers::create_server)
            .service(servers::update_server)
            .service(servers::delete_server)
            .service(servers::test_server)
            .service(servers::start_sync)
            .service(servers::show_sync)
            .service(libraries::list_libraries)
            .service(libraries::list_library_items)
            .service(items::list_recently_added)
            .service(items::show_item)
            .service(items::list_item_children)
            .service(search::search_items)
            .service(collections::list_collections)
            .service(collections::create_collection)
            .service(collections::show_collection)
            .service(images::show_image),
    );
    cfg.service(
        web::scope("/internal")
            .service(internal::list_known_servers)
            .service(internal::list_library_locations),
    );
}

/// The OpenAPI document of this service.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(title = "plex-service"),
    paths(
        servers::list_servers,
        servers::create_server,
        servers::update_server,
        servers::delete_server,
        servers::test_server,
        servers::start_sync,
        servers::show_sync,
        libraries::list_libraries,
        libraries::list_library_items,
        items::list_recently_added,
        items::show_item,
        items::list_item_children,
        search::search_items,
        collections::list_collections,
        collections::create_collection,
        collections::show_collection,
        images::show_image,
    )
)]
struct Api;
