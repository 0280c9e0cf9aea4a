//! Where files go: the Plex libraries and their folders, names in them, sidecars, and the last step into the folder.

mod catalog;
mod import;
mod naming;
mod nfo;
mod path_map;

pub(crate) use catalog::{Catalog, CatalogError, Target};
pub(crate) use import::{free_bytes, import, place, remove_file_and_sidecars};
pub(crate) use nfo::Details;
pub(crate) use path_map::PathMap;
