//! The gateway's own routes.

mod events;
mod limits;
mod system;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION},
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use utoipa::OpenApi;
use utoipa_swagger_ui::{Config as UiConfig, SwaggerUi};

use crate::pipeline::{self, forward};

/// The whole system's OpenAPI document; `medianest openapi` prints it from the code and a test keeps this file fresh.
const OPENAPI: &str = include_str!("../../openapi.json");
const DOCS_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

#[derive(OpenApi)]
#[openapi(
    paths(
        system::get_system_status,
        system::list_services,
        limits::list_my_limits,
        events::stream_events,
    ),
    tags((name = "system", description = "The installation itself"), (name = "events", description = "Live events"))
)]
struct ApiDoc;

/// The OpenAPI document of the gateway's own routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    ApiDoc::openapi()
}

/// Everything behind the pipeline: own routes, then forwarding and the SPA.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let client = Data::new(forward::client());
    config.service(
        web::scope("")
            .app_data(client)
            .wrap(from_fn(pipeline::run))
            .route("/api/v1/openapi.json", web::get().to(openapi_json))
            .route("/api/docs", web::get().to(docs_redirect))
            .service(
                web::scope("/api/docs")
                    .wrap(
                        actix_web::middleware::DefaultHeaders::new()
                            .add((CONTENT_SECURITY_POLICY, DOCS_CSP)),
                    )
                    .service(
                        SwaggerUi::new("/{_:.*}").config(UiConfig::from("/api/v1/openapi.json")),
                    ),
            )
            .service(
                web::scope("/api/v1")
                    .service(system::get_system_status)
                    .service(system::list_services)
                    .service(limits::list_my_limits)
                    .service(events::stream_events)
                    .default_service(web::to(forward::forward)),
            )
            .default_service(web::to(forward::forward)),
    );
}

async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(OPENAPI)
}

async fn docs_redirect() -> HttpResponse {
    HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, "/api/docs/"))
        .finish()
}
