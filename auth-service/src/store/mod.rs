//! The only SQL of this service: the schema, the rows, and query functions that compose inside one transaction.

pub(crate) mod api_keys;
pub(crate) mod audit;
pub(crate) mod installation;
pub(crate) mod plex;
pub(crate) mod schema;
pub(crate) mod sessions;
pub(crate) mod signing_keys;
pub(crate) mod users;
