//! The life of a download: what people do to it, what workers report, and how the states of its items make up its own.

mod orders;
mod settle;
mod submission;

pub(crate) use orders::{Order, delete, order};
pub(crate) use settle::{found_in_plex, settle};
pub(crate) use submission::{RequestKey, Submission, Submitted, submit};
