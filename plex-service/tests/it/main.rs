//! The real service against a simulated Plex.
