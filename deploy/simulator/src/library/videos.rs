//! The library over a real folder: files that a scan finds become items and vanish with the file.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    sync::Mutex,
};

use quick_xml::escape::unescape;

use crate::{
    catalog::{Item, ItemId, Media, QUALITIES},
    clock,
};

const VIDEO_EXTENSIONS: [&str; 7] = ["mp4", "mkv", "webm", "m4v", "mov", "avi", "ts"];
const PICTURE_EXTENSIONS: [&str; 3] = ["jpg", "jpeg", "png"];

/// The items of a folder on disk.
#[derive(Debug)]
pub(crate) struct Videos {
    folder: Option<PathBuf>,
    /// Position = index of the id; a vanished file leaves a hole, ids are never used again.
    items: Mutex<Vec<Option<Item>>>,
}

/// What a scan changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) added: Vec<ItemId>,
    pub(crate) removed: usize,
}

impl Videos {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            items: Mutex::default(),
        }
    }

    pub(crate) fn ids(&self) -> Vec<ItemId> {
        let items = self.items.lock().expect("no panic while locked");
        items.iter().flatten().map(|item| item.id).collect()
    }

    pub(crate) fn item(&self, id: ItemId) -> Option<Item> {
        let ItemId::Video(index) = id else {
            return None;
        };
        self.items
            .lock()
            .expect("no panic while locked")
            .get(index as usize)?
            .clone()
    }

    /// Compares a part of the folder with the items. A path that is not below the folder changes
    /// nothing and is no error, as on a real server.
    pub(crate) fn scan(&self, path: Option<&Path>) -> Changes {
        let Some(folder) = &self.folder else {
            return Changes::default();
        };
        let below = path.unwrap_or(folder);
        if !below.starts_with(folder) {
            return Changes::default();
        }
        let mut files = Vec::new();
        if let Err(error) = find_videos(below, &mut files) {
            tracing::debug!(%error, "part of the folder could not be read");
        }
        files.sort();
        self.compare(below, &files)
    }

    fn compare(&self, below: &Path, files: &[PathBuf]) -> Changes {
        let mut changes = Changes::default();
        let mut items = self.items.lock().expect("no panic while locked");
        for slot in items.iter_mut() {
            let vanished = slot.as_ref().and_then(file).is_some_and(|file| {
                file.starts_with(below) && files.iter().all(|found| found != file)
            });
            if vanished {
                *slot = None;
                changes.removed += 1;
            }
        }
        for found in files {
            let known = items
                .iter()
                .flatten()
                .filter_map(file)
                .any(|file| file == found);
            if !known {
                let id = ItemId::Video(u32::try_from(items.len()).expect("few files"));
                items.push(Some(item_of(id, found)));
                changes.added.push(id);
            }
        }
        changes
    }
}

/// A picture named like the video: `x.jpg`, `x-thumb.jpg` or `x-poster.jpg` beside `x.mp4`.
pub(super) fn picture_beside(video: &Path) -> Option<PathBuf> {
    let stem = video.file_stem()?.to_str()?;
    let candidates = ["", "-thumb", "-poster"].into_iter().flat_map(|suffix| {
        PICTURE_EXTENSIONS.map(|extension| format!("{stem}{suffix}.{extension}"))
    });
    candidates
        .map(|name| video.with_file_name(name))
        .find(|path| path.is_file())
}

fn file(item: &Item) -> Option<&Path> {
    item.media.as_ref().map(|media| Path::new(&media.file))
}

fn find_videos(path: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        found.extend(is_video(path).then(|| path.to_owned()));
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        find_videos(&entry?.path(), found)?;
    }
    Ok(())
}

fn is_video(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let hidden = path
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !hidden
        && VIDEO_EXTENSIONS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(extension))
}

fn item_of(id: ItemId, path: &Path) -> Item {
    let nfo = fs::read_to_string(path.with_extension("nfo")).unwrap_or_default();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let title = nfo_value(&nfo, "title").unwrap_or_else(|| stem.replace('_', " "));
    let extension = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let size = fs::metadata(path).map_or(0, |metadata| metadata.len());
    let guid = format!("com.plexapp.agents.none://{}?lang=xn", id.rating_key());
    let now = clock::now();
    Item {
        summary: nfo_value(&nfo, "plot").unwrap_or_default(),
        year: nfo_value(&nfo, "year").and_then(|year| year.parse().ok()),
        released: nfo_value(&nfo, "premiered").or_else(|| nfo_value(&nfo, "aired")),
        duration_ms: 60_000,
        has_art: false,
        updated_at: Some(now),
        media: Some(Media {
            quality: QUALITIES[2],
            container: extension,
            file: path.to_string_lossy().into_owned(),
            size,
        }),
        ..Item::bare(id, title, guid, now)
    }
}

/// The text of the first `<name>` element of an NFO file.
fn nfo_value(nfo: &str, name: &str) -> Option<String> {
    let after = nfo.split_once(&format!("<{name}>"))?.1;
    let text = after.split_once(&format!("</{name}>"))?.0.trim();
    let text = unescape(text).ok()?.into_owned();
    (!text.is_empty()).then_some(text)
}
