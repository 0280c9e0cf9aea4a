//! medianest
fn main() {}
