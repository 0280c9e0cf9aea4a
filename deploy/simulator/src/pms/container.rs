//! The envelope of every answer: `MediaContainer` with counts, and the list only when not empty.

use actix_web::{HttpResponse, HttpResponseBuilder};
use serde_json::{Map, Value, json};

use super::call::{Call, Page};
use crate::{library::Section, xml};

/// Version of the flags images; any number does.
const MEDIA_TAG_VERSION: i64 = 1_764_000_000;

/// An answer being put together.
pub(super) struct Container {
    fields: Map<String, Value>,
    paged: Option<(Page, usize)>,
}

impl Container {
    pub(super) fn new() -> Self {
        Self {
            fields: Map::new(),
            paged: None,
        }
        .with("size", 0)
    }

    /// What answers of the library have in common.
    pub(super) fn library() -> Self {
        Self::new()
            .with("allowSync", true)
            .with("identifier", "com.plexapp.plugins.library")
            .with("mediaTagPrefix", "/system/bundle/media/flags/")
            .with("mediaTagVersion", MEDIA_TAG_VERSION)
    }

    /// Attributes common to all items are written here and not on the items.
    pub(super) fn of_section(section: &Section) -> Self {
        Self::library()
            .with("librarySectionID", section.key)
            .with("librarySectionTitle", section.title())
            .with("librarySectionUUID", section.uuid.as_str())
    }

    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a complete list; the key is missing when it is empty.
    pub(super) fn list(mut self, key: &str, items: Vec<Value>) -> Self {
        self.fields.insert("size".to_owned(), json!(items.len()));
        if !items.is_empty() {
            self.fields.insert(key.to_owned(), Value::Array(items));
        }
        self
    }

    /// Adds the part of a list that was asked for. Only then there are `totalSize` and `offset`.
    pub(super) fn page<T>(
        mut self,
        call: &Call,
        key: &str,
        all: &[T],
        render: impl FnMut(&T) -> Option<Value>,
    ) -> Self {
        let part = call.page.map_or(all, |page| page.cut(all));
        if let Some(page) = call.page {
            self.paged = Some((page, all.len()));
            self = self.with("totalSize", all.len()).with("offset", page.start);
        }
        self.list(key, part.iter().filter_map(render).collect())
    }

    pub(super) fn answer(self, call: &Call) -> HttpResponse {
        self.answer_as(call.wants_json)
    }

    pub(super) fn answer_as(self, json: bool) -> HttpResponse {
        let mut response = success();
        if let Some((page, total)) = self.paged {
            response
                .insert_header(("X-Plex-Container-Start", page.start.to_string()))
                .insert_header(("X-Plex-Container-Total-Size", total.to_string()));
        }
        let fields = Value::Object(self.fields);
        if json {
            let body = json!({"MediaContainer": fields}).to_string();
            response.content_type("application/json").body(body)
        } else {
            let body = xml::document("MediaContainer", &fields);
            response.content_type("text/xml;charset=utf-8").body(body)
        }
    }
}

/// A response with the headers every success has.
pub(super) fn success() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .insert_header(("X-Plex-Protocol", "1.0"))
        .insert_header(("Cache-Control", "no-cache"));
    response
}
