//! webhook-service
fn main() {}
