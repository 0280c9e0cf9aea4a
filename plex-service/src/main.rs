//! plex-service
fn main() {}
