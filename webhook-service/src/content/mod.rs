//! From raw bytes to one JSON document, by strict rules: whatever parsers could disagree about is refused.

mod form;
mod json;
mod multipart;

use serde_json::Value;

pub(crate) use multipart::{FramingError, Part};

use crate::kind::Kind;

/// Why the bytes are no document. It can never be processed, so the delivery is dead with this reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ContentError {
    #[error("not json: the body is empty")]
    Empty,
    #[error("not json: {0}")]
    NotJson(String),
    #[error("duplicate_key: `{0}` is there twice in one object")]
    DuplicateKey(String),
    #[error("too deep: more than {0} levels")]
    TooDeep(usize),
    #[error("not an object: the document is no JSON object")]
    NotObject,
    #[error("not utf-8: the body is no text")]
    NotText,
    #[error("missing part: there is no `{0}`")]
    MissingPart(&'static str),
    #[error("duplicate part: `{0}` is there twice")]
    DuplicatePart(&'static str),
    #[error("encoded part: `{0}` has a transfer encoding or is itself multipart")]
    EncodedPart(&'static str),
    #[error("framing: {0}")]
    Framing(#[from] FramingError),
}

/// How the body is written, by its content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON, whatever it calls itself (Jellyfin says `text/plain`).
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`
    Multipart,
}

/// `None`: a type that is refused (XML and everything that is neither text nor JSON nor a form).
pub(crate) fn format_of(content_type: Option<&str>) -> Option<Format> {
    let essence = content_type.unwrap_or_default().split(';').next();
    let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "" | "application/json" | "text/plain" | "text/json" | "application/octet-stream" => {
            Some(Format::Json)
        }
        "application/x-www-form-urlencoded" => Some(Format::Form),
        "multipart/form-data" => Some(Format::Multipart),
        other if other.ends_with("+json") => Some(Format::Json),
        _ => None,
    }
}

/// The parts of a multipart body.
pub(crate) fn parts<'a>(
    content_type: Option<&str>,
    body: &'a [u8],
) -> Result<Vec<Part<'a>>, FramingError> {
    multipart::parse(content_type.unwrap_or_default(), body)
}

/// The document of a delivery.
pub(crate) fn document(
    kind: Kind,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Value, ContentError> {
    let value = match format_of(content_type).unwrap_or(Format::Json) {
        Format::Json => json::parse(body)?,
        Format::Form => form::document(body)?,
        Format::Multipart => {
            let parts = parts(content_type, body)?;
            json::parse(payload(&parts, part_name(kind))?)?
        }
    };
    if value.is_object() {
        Ok(value)
    } else {
        Err(ContentError::NotObject)
    }
}

/// The bytes that identify a delivery: the JSON part of a multipart body, otherwise everything.
pub(crate) fn identifying<'a>(kind: Kind, content_type: Option<&str>, body: &'a [u8]) -> &'a [u8] {
    if format_of(content_type) != Some(Format::Multipart) {
        return body;
    }
    let parts = parts(content_type, body).unwrap_or_default();
    payload(&parts, part_name(kind)).unwrap_or(body)
}

const fn part_name(kind: Kind) -> &'static str {
    match kind {
        Kind::UptimeKuma => "data",
        _ => "payload",
    }
}

/// The one part of this name. Encodings are not undone, and a multipart inside is not unpacked.
fn payload<'a>(parts: &[Part<'a>], name: &'static str) -> Result<&'a [u8], ContentError> {
    let mut named = parts.iter().filter(|part| part.name == name);
    let part = named.next().ok_or(ContentError::MissingPart(name))?;
    if named.next().is_some() {
        return Err(ContentError::DuplicatePart(name));
    }
    if part.is_encoded {
        return Err(ContentError::EncodedPart(name));
    }
    Ok(part.content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_of_the_senders_are_known_and_xml_is_not() {
        assert_eq!(
            format_of(Some("text/plain; charset=utf-8")),
            Some(Format::Json)
        );
        assert_eq!(format_of(None), Some(Format::Json));
        assert_eq!(
            format_of(Some("application/cloudevents+json")),
            Some(Format::Json)
        );
        assert_eq!(
            format_of(Some("Multipart/Form-Data; boundary=x")),
            Some(Format::Multipart)
        );
        assert_eq!(format_of(Some("application/xml")), None);
    }

    #[test]
    fn a_form_may_carry_one_payload_or_plain_fields() {
        let form = Some("application/x-www-form-urlencoded");
        let read = |body: &str| document(Kind::Generic, form, body.as_bytes());
        assert_eq!(
            read("payload=%7B%22a%22%3A1%7D").unwrap(),
            serde_json::json!({"a": 1})
        );
        assert_eq!(
            read("title=Hi+there&type=info").unwrap(),
            serde_json::json!({"title": "Hi there", "type": "info"})
        );
        assert!(read("payload=%7B%7D&payload=%7B%7D").is_err());
    }
}
