//! Background loops: one file each.

pub(crate) mod housekeeping;
pub(crate) mod processing;
