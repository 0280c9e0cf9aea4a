//! Apprise, as TubeArchivist and Pinchflat use it: a title and a sentence.

use super::{
    Fields, Input, Normalized, Reading,
    fields::{list, text},
    one,
};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let document = input.document;
    let title = text(document, &["title"]);
    let message = text(document, &["message"]);
    let level = text(document, &["type"]);
    let mut fields = Fields::default();
    let attachments = list(document, &["attachments"]).len();
    fields
        .put("title", title.clone())
        .put("message", message.clone())
        .put("attachments", (attachments > 0).then_some(attachments));
    let heading = title.as_deref().unwrap_or_default();
    let name = match level.as_deref() {
        _ if heading.starts_with("[TA] ") => {
            fields.put("app", Some("tubearchivist"));
            if heading.ends_with("FAILURE") {
                "task.failed"
            } else {
                "task.succeeded"
            }
        }
        _ if heading.starts_with("[Pinchflat] ") => {
            let found = message.as_deref().and_then(count_found);
            fields.put("app", Some("pinchflat")).put("count", found);
            if found.is_some() {
                "media.found"
            } else {
                "notice.info"
            }
        }
        Some("success") => "notice.success",
        Some("warning") => "notice.warning",
        Some("failure") => "notice.failure",
        _ => "notice.info",
    };
    let is_degraded = title.is_none() && message.is_none();
    one(
        level,
        Normalized::new(name, input, fields).degraded(is_degraded),
    )
}

/// `Found 4 new media item(s) for …`
fn count_found(message: &str) -> Option<i64> {
    let rest = message.strip_prefix("Found ")?;
    rest.split(' ').next()?.parse().ok()
}
