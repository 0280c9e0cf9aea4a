//! Background work.

pub(crate) mod cleanup;
