//! The only SQL of the service: one file a table.

pub(crate) mod dedupe;
pub(crate) mod deliveries;
pub(crate) mod events;
pub(crate) mod notifications;
pub(crate) mod people;
pub(crate) mod rejects;
pub(crate) mod schema;
pub(crate) mod sources;
pub(crate) mod work;
