//! The real service against a simulated Plex.

mod handover;
mod images;
mod items;
mod migrations;
mod openapi;
mod outages;
mod servers;
mod stage;
mod visibility;
