//! download-service
fn main() {}
