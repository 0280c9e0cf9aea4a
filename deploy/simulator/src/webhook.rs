//! Web hooks as a Plex Media Server sends them: multipart, no signature, best effort.

use std::time::Duration;

use reqwest::{
    Client,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    art,
    catalog::{Item, ItemId},
    pms,
    world::{Server, World},
};

const TIMEOUT: Duration = Duration::from_secs(10);
/// These carry a picture.
const WITH_THUMB: [&str; 5] = [
    "library.new",
    "library.on.deck",
    "media.play",
    "media.rate",
    "playback.started",
];

/// Sends an event about an item to every registered address; gives the statuses answered.
pub(crate) async fn send(
    world: &World,
    server: &Server,
    event: &str,
    item: Option<ItemId>,
) -> anyhow::Result<Vec<u16>> {
    if let Some(id) = item {
        server.sessions.apply(event, id);
    }
    let item = item.and_then(|id| server.library.item(id));
    let payload = payload(world, server, event, item.as_ref()).to_string();
    let picture = item
        .filter(|_| WITH_THUMB.contains(&event))
        .map(|item| art::thumbnail(&item));
    let urls = world
        .webhooks
        .lock()
        .expect("no panic while locked")
        .clone();
    let client = client()?;
    let mut statuses = Vec::new();
    for url in urls {
        let form = form(&payload, picture.as_deref())?;
        let response = client.post(url).multipart(form).send().await?;
        statuses.push(response.status().as_u16());
    }
    Ok(statuses)
}

#[expect(
    clippy::disallowed_methods,
    reason = "stands for a foreign sender, not for our client"
)]
fn client() -> reqwest::Result<Client> {
    Client::builder()
        .timeout(TIMEOUT)
        .user_agent("PlexMediaServer/1.43.1.10611")
        .build()
}

fn form(payload: &str, picture: Option<&[u8]>) -> reqwest::Result<Form> {
    let form = Form::new().part(
        "payload",
        Part::text(payload.to_owned()).mime_str("application/json")?,
    );
    let Some(picture) = picture else {
        return Ok(form);
    };
    let thumb = Part::bytes(picture.to_vec())
        .file_name("thumb.jpg")
        .mime_str("image/jpeg")?;
    Ok(form.part("thumb", thumb))
}

fn payload(world: &World, server: &Server, event: &str, item: Option<&Item>) -> Value {
    let mut payload = json!({
        "event": event,
        "user": true,
        "owner": true,
        "Server": {"title": server.name, "uuid": server.machine_identifier},
    });
    if let Some(owner) = world.owner() {
        payload["Account"] = json!({"id": 1, "thumb": owner.thumb(), "title": owner.username});
    }
    if event.starts_with("media.") {
        payload["Player"] = json!({
            "local": true,
            "publicAddress": "203.0.113.20",
            "title": "Living Room TV",
            "uuid": "sim0player0living0room",
        });
    }
    if event == "media.rate" {
        payload["rating"] = json!(8.0);
    }
    if let Some(item) = item {
        payload["Metadata"] = pms::webhook_metadata(server, item);
    }
    payload
}
