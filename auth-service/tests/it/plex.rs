//! Sign in with Plex.
