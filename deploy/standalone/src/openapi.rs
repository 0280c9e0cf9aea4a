//! One OpenAPI document of all services, generated from the code.

use anyhow::Context;
use utoipa::openapi::{
    InfoBuilder, OpenApi,
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};

/// The document as pretty JSON.
pub(crate) fn document() -> anyhow::Result<String> {
    let mut all = gateway::openapi();
    for part in [
        auth_service::openapi(),
        plex_service::openapi(),
        download_service::openapi(),
        webhook_service::openapi(),
    ] {
        all.merge(part);
    }
    all.info = InfoBuilder::new()
        .title("MediaNest")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The portal of a Plex household. Errors are RFC 9457 problems.",
        ))
        .build();
    secure(&mut all);
    let mut text =
        serde_json::to_string_pretty(&all).context("the OpenAPI document does not serialize")?;
    text.push('\n');
    Ok(text)
}

/// Names the three credentials.
fn secure(all: &mut OpenApi) {
    let components = all.components.get_or_insert_default();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-mn_session")));
    components.add_security_scheme("bearer", bearer);
    components.add_security_scheme("session", cookie);
}
