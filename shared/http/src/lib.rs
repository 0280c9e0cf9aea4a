//! shared-http
