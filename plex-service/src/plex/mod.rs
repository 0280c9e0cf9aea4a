//! The adapter to Plex Media Servers: headers, tolerant decoding, explicit paging, at most four requests at once.

mod client;
mod clients;
#[cfg(test)]
mod conformance;
mod error;
mod headers;
mod link;
mod tolerant;
mod wire;

pub(crate) use client::{Identity, Page, PlexClient, Section, encode};
pub(crate) use clients::Clients;
pub(crate) use error::Error;
pub(crate) use headers::ClientIdentity;
pub(crate) use link::{is_picture_path, plex_url};
pub(crate) use wire::{Media, Metadata, Tag};

/// Items per request: larger pages save little and lock the server's database for longer.
pub(crate) const PAGE_SIZE: i64 = 200;
