//! The service over HTTP, with the real yt-dlp and ffmpeg against a media site on loopback.

#![expect(
    clippy::panic,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "the rig reports by panicking, and our own files have lower-case extensions"
)]

mod interruptions;
mod people;
mod refusals;
mod rig;
mod transfers;

#[test]
fn the_migrations_of_both_databases_agree() {
    shared_db::assert_migrations_agree(&download_service::MIGRATIONS);
}
