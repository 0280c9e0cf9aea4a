//! Steering from outside the process, for tests that run the simulator as a program.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    fault::{Fault, FaultTarget},
    simulator::existing,
    webhook,
    world::World,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    username: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetFault {
    /// Index of a server; plex.tv when absent.
    server: Option<usize>,
    fault: Option<FaultName>,
    #[serde(default)]
    delay_ms: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FaultName {
    Unauthorized,
    InternalError,
    Slow,
    Hang,
    Reset,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddWebhook {
    url: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SendWebhook {
    #[serde(default)]
    server: usize,
    event: String,
    rating_key: Option<String>,
}

/// Addresses, identities and tokens.
pub(super) async fn state(world: Data<World>) -> HttpResponse {
    let servers = world.servers.iter().map(|server| {
        json!({
            "name": server.name, "url": server.url(),
            "machine_identifier": server.machine_identifier,
        })
    });
    let accounts = world.accounts.iter().map(|account| {
        let tokens = world
            .servers
            .iter()
            .filter(|server| account.reaches(server));
        let tokens: Vec<_> = tokens
            .map(|server| world.server_token(server, account))
            .collect();
        json!({
            "username": account.username, "owner": account.is_owner, "token": account.token,
            "server_tokens": tokens,
        })
    });
    HttpResponse::Ok().json(json!({
        "plex_tv_url": world.plex_tv_url(),
        "servers": servers.collect::<Value>(),
        "accounts": accounts.collect::<Value>(),
    }))
}

/// The request log.
pub(super) async fn requests(world: Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(world.requests())
}

/// The person approved the PIN.
pub(super) async fn claim(
    world: Data<World>,
    code: Path<String>,
    body: Json<Claim>,
) -> HttpResponse {
    let account = world.account(&body.username);
    outcome(account.is_some_and(|account| world.pins.claim(&code, account.index)))
}

/// The PIN's time is over.
pub(super) async fn expire(world: Data<World>, code: Path<String>) -> HttpResponse {
    outcome(world.pins.expire(&code))
}

/// Sets or, without `fault`, ends misbehavior.
pub(super) async fn fault(world: Data<World>, body: Json<SetFault>) -> HttpResponse {
    let target = body.server.map_or(FaultTarget::PlexTv, FaultTarget::Server);
    let fault = body.fault.as_ref().map(|name| match name {
        FaultName::Unauthorized => Fault::Unauthorized,
        FaultName::InternalError => Fault::InternalError,
        FaultName::Slow => Fault::Slow(Duration::from_millis(body.delay_ms)),
        FaultName::Hang => Fault::Hang,
        FaultName::Reset => Fault::Reset,
    });
    world.set_fault(target, fault);
    outcome(true)
}

/// Registers a web hook of the owner.
pub(super) async fn add_webhook(world: Data<World>, body: Json<AddWebhook>) -> HttpResponse {
    world
        .webhooks
        .lock()
        .expect("no panic while locked")
        .push(body.into_inner().url);
    outcome(true)
}

/// Sends an event and tells what was answered.
pub(super) async fn send_webhook(world: Data<World>, body: Json<SendWebhook>) -> HttpResponse {
    let Some(server) = world.servers.get(body.server) else {
        return outcome(false);
    };
    let item = body.rating_key.as_deref().map(|key| existing(server, key));
    if item == Some(None) {
        return outcome(false);
    }
    match webhook::send(&world, server, &body.event, item.flatten()).await {
        Ok(statuses) => HttpResponse::Ok().json(json!({"statuses": statuses})),
        Err(error) => HttpResponse::BadGateway().json(json!({"error": error.to_string()})),
    }
}

/// What is shared with a friend is withdrawn.
pub(super) async fn revoke(world: Data<World>, username: Path<String>) -> HttpResponse {
    set_revoked(&world, &username, true)
}

/// It is shared again.
pub(super) async fn restore(world: Data<World>, username: Path<String>) -> HttpResponse {
    set_revoked(&world, &username, false)
}

fn set_revoked(world: &World, username: &str, revoked: bool) -> HttpResponse {
    let account = world.account(username);
    outcome(
        account
            .map(|account| account.set_revoked(revoked))
            .is_some(),
    )
}

fn outcome(done: bool) -> HttpResponse {
    let status = if done {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    };
    HttpResponse::new(status)
}
