//! webhook-service
