//! The HTTP surface: one file a resource.

mod deliveries;
mod events;
mod hooks;
mod kinds;
mod notifications;
mod rejects;
mod sources;

use actix_web::web::{self, ServiceConfig};
use shared_db::Id;
use shared_types::{
    page::{InvalidCursor, decode_cursor},
    problem::ProblemBody,
};
use utoipa::OpenApi;

/// Registers every route.
pub(crate) fn configure(cfg: &mut ServiceConfig) {
    hooks::configure(cfg);
    cfg.service(
        web::scope("/api/v1")
            .service(kinds::list_source_kinds)
            .service(sources::list_sources)
            .service(sources::create_source)
            .service(sources::rotate_source)
            .service(sources::test_source)
            .service(sources::find_source)
            .service(sources::update_source)
            .service(sources::delete_source)
            .service(deliveries::list_deliveries)
            .service(deliveries::replay_deliveries)
            .service(deliveries::replay_delivery)
            .service(deliveries::find_delivery)
            .service(events::list_webhook_events)
            .service(rejects::list_rejects)
            .service(notifications::list_notifications)
            .service(notifications::read_all_notifications)
            .service(notifications::read_notification),
    );
}

/// The routes of this service, as the reference shows them.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

#[derive(OpenApi)]
#[openapi(
    paths(
        hooks::receive_delivery,
        kinds::list_source_kinds,
        sources::list_sources,
        sources::create_source,
        sources::rotate_source,
        sources::test_source,
        sources::find_source,
        sources::update_source,
        sources::delete_source,
        deliveries::list_deliveries,
        deliveries::replay_deliveries,
        deliveries::replay_delivery,
        deliveries::find_delivery,
        events::list_webhook_events,
        rejects::list_rejects,
        notifications::list_notifications,
        notifications::read_all_notifications,
        notifications::read_notification,
    ),
    components(schemas(ProblemBody))
)]
struct Document;

/// The id that a list's cursor stands for.
fn cursor_id(cursor: Option<&str>) -> Result<Option<Id>, InvalidCursor> {
    cursor.map(decode_cursor::<Id>).transpose()
}

/// The number of rows to fetch for a page: one more tells whether there is a next one.
fn fetch(limit: usize) -> i64 {
    i64::try_from(limit + 1).unwrap_or(i64::MAX)
}
