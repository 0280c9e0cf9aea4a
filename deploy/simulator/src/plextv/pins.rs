//! Sign in with Plex.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde_json::{Value, json};

use super::call::{Call, Refusal};
use crate::{clock, pins::Pin};

/// Makes a PIN for the calling client.
pub(super) async fn create(call: Call) -> Result<HttpResponse, Refusal> {
    let strong = matches!(call.parameter("strong"), Some("true" | "1"));
    let world = call.world();
    let pin = world
        .pins
        .create(world.seed, strong, call.client()?, call.product());
    Ok(call.answer(StatusCode::CREATED, "pin", &body(&call, &pin)))
}

/// The state of a PIN; only the client that made it may ask.
pub(super) async fn check(call: Call, id: Path<u64>) -> Result<HttpResponse, Refusal> {
    let pin = call
        .world()
        .pins
        .find(*id, call.client()?)
        .ok_or(Refusal::NoPin)?;
    Ok(call.answer(StatusCode::OK, "pin", &body(&call, &pin)))
}

fn body(call: &Call, pin: &Pin) -> Value {
    let account = pin.claimed_by.map(|index| &call.world().accounts[index]);
    json!({
        "id": pin.id,
        "code": pin.code,
        "product": pin.product,
        "trusted": false,
        "qr": format!("{}/api/v2/pins/qr/{}", call.world().plex_tv_url(), pin.code),
        "clientIdentifier": pin.client,
        "location": {
            "code": "NO",
            "continent_code": "EU",
            "country": "Norway",
            "city": "Bergen",
            "european_union_member": false,
            "time_zone": "Europe/Oslo",
            "postal_code": "5003",
            "in_privacy_restricted_country": true,
            "in_privacy_restricted_region": false,
            "subdivisions": "Vestland",
            "coordinates": "60.3900, 5.3200",
        },
        "expiresIn": (pin.expires_at() - clock::now()).max(0),
        "createdAt": clock::iso(pin.created_at),
        "expiresAt": clock::iso(pin.expires_at()),
        "authToken": account.map(|account| account.token.as_str()),
        "newRegistration": account.map(|_| false),
    })
}
