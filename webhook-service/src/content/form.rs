//! `application/x-www-form-urlencoded`: GitHub and Gitea put JSON into `payload`, Apprise sends plain fields.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{ContentError, json};

pub(super) fn document(body: &[u8]) -> Result<Value, ContentError> {
    let fields: Vec<_> = form_urlencoded::parse(body).collect();
    let mut payloads = fields.iter().filter(|(name, _)| name == "payload");
    if let Some((_, payload)) = payloads.next() {
        return match payloads.next() {
            Some(_) => Err(ContentError::DuplicatePart("payload")),
            None => json::parse(payload.as_bytes()),
        };
    }
    let mut object = Map::new();
    for (name, value) in fields {
        let value = Value::String(json::clean(&value));
        if object.insert(json::clean(&name), value).is_some() {
            return Err(ContentError::DuplicateKey(name.into_owned()));
        }
    }
    if object.is_empty() {
        return Err(ContentError::Empty);
    }
    Ok(Value::Object(object))
}
