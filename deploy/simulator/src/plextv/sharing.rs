//! The old XML endpoints: with whom the owner shares what.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde_json::{Value, json};

use super::{
    call::{Call, Refusal},
    resources::global_id,
};
use crate::{
    clock,
    world::{Account, Server, World},
    xml,
};

type Answer = Result<HttpResponse, Refusal>;

/// Friends of the caller; he himself is not listed.
pub(super) async fn users(call: Call) -> Answer {
    let caller = call.account()?;
    let users: Vec<Value> = friends(&call, caller)
        .map(|user| user_row(call.world(), user))
        .collect();
    let machine = call
        .world()
        .servers
        .first()
        .map(|server| server.machine_identifier.as_str());
    let mut body = json!({
        "friendlyName": "myPlex", "identifier": "com.plexapp.plugins.myplex",
        "machineIdentifier": machine, "totalSize": users.len(), "size": users.len(),
    });
    body["User"] = Value::Array(users);
    Ok(document(&body))
}

/// Who sees which libraries of a server, with their tokens.
pub(super) async fn shared_servers(call: Call, machine: Path<String>) -> Answer {
    let caller = call.account()?;
    let mut servers = call.world().servers.iter();
    let server = servers.find(|server| server.machine_identifier == *machine);
    let server = server
        .filter(|_| caller.is_owner)
        .ok_or(Refusal::NotFound)?;
    let shares: Vec<Value> = friends(&call, caller)
        .filter(|friend| friend.reaches(server))
        .map(|friend| share_row(call.world(), server, friend))
        .collect();
    let mut body = json!({
        "friendlyName": "myPlex", "identifier": "com.plexapp.plugins.myplex",
        "machineIdentifier": machine.as_str(), "size": shares.len(),
    });
    body["SharedServer"] = Value::Array(shares);
    Ok(document(&body))
}

/// Withdrawn by plex.tv.
pub(super) async fn gone() -> HttpResponse {
    let body = json!({"code": 410, "status": "This endpoint is no longer available"});
    HttpResponse::build(StatusCode::GONE)
        .content_type("application/xml; charset=utf-8")
        .body(xml::document("Response", &body))
}

fn document(body: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/xml; charset=utf-8")
        .body(xml::document("MediaContainer", body))
}

/// Everybody who reaches one of the owner's servers; friends see only the owner.
fn friends<'a>(call: &'a Call, caller: &'a Account) -> impl Iterator<Item = &'a Account> {
    let world = call.world();
    let is_friend = move |account: &&Account| {
        let has_share = world.servers.iter().any(|server| account.reaches(server));
        account.index != caller.index && (caller.is_owner && has_share || account.is_owner)
    };
    world.accounts.iter().filter(is_friend)
}

fn user_row(world: &World, user: &Account) -> Value {
    let servers: Vec<Value> = world
        .servers
        .iter()
        .filter(|server| !user.is_owner && user.reaches(server))
        .map(|server| {
            let seen = server
                .sections
                .iter()
                .filter(|section| user.sees(section))
                .count();
            json!({
                "id": share_id(server, user), "serverId": server.index + 1,
                "machineIdentifier": server.machine_identifier, "name": server.name,
                "lastSeenAt": clock::now(), "numLibraries": seen,
                "allLibraries": seen == server.sections.len(), "owned": true, "pending": false,
            })
        })
        .collect();
    json!({
        "id": user.id, "title": user.username, "username": user.username, "email": user.email,
        "recommendationsPlaylistId": "", "thumb": user.thumb(), "protected": false, "home": false,
        "allowTuners": false, "allowSync": false, "allowCameraUpload": false,
        "allowChannels": false, "allowSubtitleAdmin": false, "filterAll": "", "filterMovies": "",
        "filterMusic": "", "filterPhotos": "", "filterTelevision": "", "restricted": false,
        "Server": servers,
    })
}

fn share_row(world: &World, server: &Server, friend: &Account) -> Value {
    let sections: Vec<Value> = server
        .sections
        .iter()
        .map(|section| {
            json!({
                "id": global_id(server, section.key), "key": section.key,
                "title": section.title(), "type": section.kind().name(),
                "shared": friend.sees(section),
            })
        })
        .collect();
    json!({
        "id": share_id(server, friend), "username": friend.username, "email": friend.email,
        "userID": friend.id, "accessToken": world.server_token(server, friend),
        "name": server.name, "acceptedAt": 1_600_000_000, "invitedAt": 1_599_990_000,
        "allowSync": false, "allowCameraUpload": false, "allowChannels": false,
        "allowTuners": false, "allowSubtitleAdmin": false, "owned": false,
        "allLibraries": server.sections.iter().all(|section| friend.sees(section)),
        "filterAll": "", "filterMovies": "", "filterMusic": "", "filterPhotos": "",
        "filterTelevision": "", "Section": sections,
    })
}

fn share_id(server: &Server, account: &Account) -> u64 {
    11_000_000 + account.id % 1_000_000 + server.index as u64
}
