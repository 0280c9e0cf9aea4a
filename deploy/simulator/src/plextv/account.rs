//! The account behind a token.

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::{Value, json};

use super::call::{Call, Refusal};
use crate::world::Account;

type Answer = Result<HttpResponse, Refusal>;

/// Keeps a token alive.
pub(super) async fn ping(call: Call) -> Answer {
    call.signed_in()?;
    Ok(call.answer(StatusCode::OK, "ping", &json!({"pong": true})))
}

/// The caller's account.
pub(super) async fn user(call: Call) -> Answer {
    let account = call.signed_in()?;
    Ok(call.answer(StatusCode::OK, "user", &user_body(account)))
}

/// The caller's Plex Home: nobody but himself.
pub(super) async fn home_users(call: Call) -> Answer {
    let account = call.signed_in()?;
    let body = json!({
        "id": account.id + 1,
        "name": format!("{}'s home", account.username),
        "guestUserID": account.id + 2,
        "guestUserUUID": "",
        "guestEnabled": false,
        "subscription": account.is_owner,
        "users": [{
            "id": account.id, "uuid": account.uuid, "title": account.username,
            "username": account.username, "email": account.email, "thumb": account.thumb(),
            "hasPassword": true, "restricted": false, "restrictionProfile": null,
            "admin": true, "guest": false, "protected": false,
        }],
    });
    Ok(call.answer(StatusCode::OK, "home", &body))
}

fn user_body(account: &Account) -> Value {
    json!({
        "id": account.id,
        "uuid": account.uuid,
        "username": account.username,
        "title": account.username,
        "email": account.email,
        "friendlyName": "",
        "locale": null,
        "confirmed": true,
        "emailOnlyAuth": false,
        "hasPassword": true,
        "protected": false,
        "thumb": account.thumb(),
        "authToken": account.token,
        "mailingListStatus": "unsubscribed",
        "mailingListActive": false,
        "scrobbleTypes": "",
        "country": "NO",
        "subscription": subscription(account),
        "restricted": false,
        "anonymous": null,
        "home": false,
        "guest": false,
        "homeSize": 1,
        "homeAdmin": false,
        "maxHomeSize": 15,
        "entitlements": [],
        "services": [],
        "experimentalFeatures": false,
        "twoFactorEnabled": false,
        "backupCodesCreated": false,
        "joinedAt": 1_339_000_000 + account.id % 100_000_000,
    })
}

/// Web hooks need Plex Pass, so the owner has one.
fn subscription(account: &Account) -> Value {
    let features: &[&str] = if account.is_owner {
        &["pass", "webhooks"]
    } else {
        &[]
    };
    json!({
        "active": account.is_owner,
        "status": if account.is_owner { "Active" } else { "Inactive" },
        "plan": account.is_owner.then_some("lifetime"),
        "subscribedAt": null,
        "paymentService": null,
        "features": features,
    })
}
