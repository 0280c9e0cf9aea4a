//! download-service
