//! The configuration reference, made from the same structs that read the configuration.

pub(crate) fn page() -> String {
    String::new()
}
