//! The servers an account can reach, each with the token that is valid there.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde_json::{Value, json};
use url::Url;

use super::call::{Call, Refusal};
use crate::{
    clock,
    world::{Account, Server},
};

/// Servers and the caller's other devices.
pub(super) async fn list(call: Call) -> Result<HttpResponse, Refusal> {
    let account = call.signed_in()?;
    let servers = call
        .world()
        .servers
        .iter()
        .filter(|server| account.reaches(server));
    let mut devices: Vec<Value> = servers
        .map(|server| server_row(&call, account, server))
        .collect();
    devices.push(player_row(account));
    Ok(call.answer(StatusCode::OK, "resources", &Value::Array(devices)))
}

/// The libraries of a server of the caller.
pub(super) async fn server(call: Call, machine: Path<String>) -> Result<HttpResponse, Refusal> {
    let account = call.signed_in()?;
    let mut servers = call.world().servers.iter();
    let server = servers.find(|server| server.machine_identifier == *machine);
    let server = server
        .filter(|_| account.is_owner)
        .ok_or(Refusal::NotFound)?;
    let (address, port) = address(server);
    let sections: Vec<Value> = server
        .sections
        .iter()
        .map(|section| {
            json!({
                "id": global_id(server, section.key), "key": section.key,
                "title": section.title(), "type": section.kind().name(),
            })
        })
        .collect();
    let body = json!({
        "name": server.name, "address": address, "port": port, "version": "1.43.1.10611-1e34174b1",
        "scheme": "http", "synced": false, "owned": true, "localAddresses": address,
        "machineIdentifier": server.machine_identifier, "createdAt": 1_420_000_000,
        "updatedAt": clock::now(), "librarySections": sections,
    });
    Ok(call.answer(StatusCode::OK, "Server", &body))
}

/// plex.tv numbers libraries of all servers; the server's own number is the key.
pub(super) fn global_id(server: &Server, section: u32) -> u64 {
    1_000 + 100 * server.index as u64 + u64::from(section)
}

fn server_row(call: &Call, account: &Account, server: &Server) -> Value {
    let owner = call.world().owner().filter(|_| !account.is_owner);
    let (address, port) = address(server);
    json!({
        "name": server.name,
        "product": "Plex Media Server",
        "productVersion": "1.43.1.10611-1e34174b1",
        "platform": "Linux",
        "platformVersion": "6.12.0",
        "device": "PC",
        "clientIdentifier": server.machine_identifier,
        "createdAt": "2019-07-11T06:45:07Z",
        "lastSeenAt": clock::iso(clock::now()),
        "provides": "server",
        "ownerId": owner.map(|owner| owner.id),
        "sourceTitle": owner.map(|owner| owner.username.as_str()),
        "publicAddress": "203.0.113.20",
        "accessToken": call.world().server_token(server, account),
        "owned": account.is_owner,
        "home": false,
        "synced": false,
        "relay": false,
        "presence": true,
        "httpsRequired": false,
        "publicAddressMatches": true,
        "dnsRebindingProtection": false,
        "natLoopbackSupported": false,
        "connections": [{
            "protocol": "http", "address": address, "port": port, "uri": server.url(),
            "local": true, "relay": false, "IPv6": false,
        }],
    })
}

/// A device that is no server and has no token.
fn player_row(account: &Account) -> Value {
    json!({
        "name": "Living Room TV",
        "product": "Plex for Android (TV)",
        "productVersion": "10.20.0",
        "platform": "Android",
        "platformVersion": "12",
        "device": "TV",
        "clientIdentifier": format!("player-{}", account.uuid),
        "createdAt": "2022-01-05T10:00:00Z",
        "lastSeenAt": "2026-10-01T20:15:00Z",
        "provides": "client,player",
        "ownerId": null,
        "sourceTitle": null,
        "publicAddress": "203.0.113.20",
        "accessToken": null,
        "owned": true,
        "home": false,
        "synced": false,
        "relay": false,
        "presence": false,
        "httpsRequired": false,
        "publicAddressMatches": true,
        "dnsRebindingProtection": false,
        "natLoopbackSupported": false,
        "connections": [],
    })
}

fn address(server: &Server) -> (String, u16) {
    let url = Url::parse(&server.url()).ok();
    let host = url
        .as_ref()
        .and_then(|url| url.host_str().map(str::to_owned));
    (
        host.unwrap_or_default(),
        url.and_then(|url| url.port()).unwrap_or(80),
    )
}
