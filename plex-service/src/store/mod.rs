//! The only SQL of the service: one file a table.

pub(crate) mod access;
pub(crate) mod collections;
pub(crate) mod handovers;
pub(crate) mod items;
pub(crate) mod libraries;
pub(crate) mod schema;
pub(crate) mod servers;
pub(crate) mod settings;
pub(crate) mod sync;
