//! plex-service
