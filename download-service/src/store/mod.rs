//! The database of downloads: rows and queries, and nothing else.

pub(crate) mod attempts;
pub(crate) mod downloads;
pub(crate) mod items;
pub(crate) mod queue;
mod schema;
pub(crate) mod usage;

pub(crate) use attempts::OpenAttempt;
pub(crate) use downloads::DownloadRow;
pub(crate) use items::ItemRow;
