//! A media site on the loopback interface: small real videos, pages that show them, playlists, slow transfers and faults.

mod files;
mod server;

pub use files::Video;
pub use server::MediaServer;
