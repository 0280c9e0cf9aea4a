//! Staging directories: one per item, on the file system of the folder that the file will end in.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use shared_types::ids::DownloadItemId;

/// Inside a library folder; Plex does not look into folders that start with a dot.
const HIDDEN: &str = ".medianest-staging";

/// The directory that holds the staging directories for a folder.
pub(super) fn root(configured: Option<&Path>, folder: &Path) -> PathBuf {
    configured.map_or_else(|| folder.join(HIDDEN), Path::to_owned)
}

/// The directory of one item, with what yt-dlp needs inside.
pub(super) fn prepare(root: &Path, item: DownloadItemId) -> io::Result<PathBuf> {
    let dir = root.join(item.to_string());
    fs::create_dir_all(dir.join("out"))?;
    fs::create_dir_all(dir.join("tmp"))?;
    Ok(dir)
}

/// Removes the directory of one item; what is gone already is fine.
pub(super) fn remove(root: &Path, item: DownloadItemId) -> io::Result<()> {
    match fs::remove_dir_all(root.join(item.to_string())) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
        _ => Ok(()),
    }
}

/// The items that have a directory.
pub(super) fn items(root: &Path) -> Vec<DownloadItemId> {
    let Ok(entries) = fs::read_dir(root) else {
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    names
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect()
}
