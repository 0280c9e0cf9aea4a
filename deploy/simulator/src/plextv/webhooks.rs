//! Web hooks of an account; only the owner has Plex Pass.

use actix_web::{HttpResponse, http::StatusCode, web::Bytes};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::call::{Call, Refusal};

/// The registered addresses.
pub(super) async fn list(call: Call) -> Result<HttpResponse, Refusal> {
    call.signed_in()?;
    Ok(answer(&call, StatusCode::OK))
}

/// Replaces the whole list by `urls[]=…`; `urls=` empties it.
pub(super) async fn replace(call: Call, body: Bytes) -> Result<HttpResponse, Refusal> {
    let account = call.signed_in()?;
    if !account.is_owner {
        return Err(Refusal::NotAuthenticated);
    }
    let urls = form_urlencoded::parse(&body)
        .filter(|(key, url)| matches!(key.as_ref(), "urls[]" | "urls") && !url.is_empty())
        .map(|(_, url)| url.into_owned());
    let urls: Vec<String> = urls.collect();
    *call.world().webhooks.lock().expect("no panic while locked") = urls;
    Ok(answer(&call, StatusCode::CREATED))
}

fn answer(call: &Call, status: StatusCode) -> HttpResponse {
    let is_owner = call.account().is_ok_and(|account| account.is_owner);
    let urls = call
        .world()
        .webhooks
        .lock()
        .expect("no panic while locked")
        .clone();
    let rows = urls
        .into_iter()
        .filter(|_| is_owner)
        .map(|url| json!({"url": url}));
    call.answer(status, "webhooks", &Value::Array(rows.collect()))
}
