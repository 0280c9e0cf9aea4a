//! Resized pictures on disk. Reading one makes it young; when there are too many bytes, the oldest go.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use moka::future::Cache;
use tokio::task::spawn_blocking;
use tracing::{debug, warn};

use crate::Error;

/// What many people look at right now, and the same picture asked for by many at once.
const MEMORY_BYTES: u64 = 8 * 1024 * 1024;
const MEMORY_TTL: Duration = Duration::from_mins(1);

/// The cache of one process; replicas on one disk may share the folder.
#[derive(Debug)]
pub(crate) struct ImageCache {
    folder: PathBuf,
    max_bytes: u64,
    /// Grows with every write; the sweep corrects it.
    used: AtomicU64,
    recent: Cache<String, Bytes>,
}

impl ImageCache {
    pub(crate) fn open(folder: PathBuf, max_bytes: u64) -> Result<Self, Error> {
        fs::create_dir_all(&folder).map_err(Error::Cache)?;
        let recent = Cache::builder()
            .weigher(|_key: &String, bytes: &Bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX))
            .max_capacity(MEMORY_BYTES)
            .time_to_live(MEMORY_TTL)
            .build();
        Ok(Self {
            folder,
            max_bytes,
            // Unknown until the first sweep, which a full cache triggers.
            used: AtomicU64::new(max_bytes),
            recent,
        })
    }

    /// Loads a picture once, however many ask for it at the same time.
    pub(crate) async fn once<F>(&self, key: &str, load: F) -> Result<Bytes, Error>
    where
        F: Future<Output = Result<Bytes, Error>>,
    {
        self.recent
            .try_get_with(key.to_owned(), load)
            .await
            .map_err(shared_failure)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(&key[..2]).join(key)
    }

    /// The stored picture; a fault of the disk is a miss.
    pub(crate) async fn read(&self, key: &str) -> Option<Bytes> {
        let path = self.path(key);
        spawn_blocking(move || read_young(&path)).await.ok()?
    }

    /// Stores a picture; a fault of the disk is logged and forgotten.
    pub(crate) async fn write(&self, key: &str, bytes: &Bytes) {
        let (path, content) = (self.path(key), bytes.clone());
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match spawn_blocking(move || write_whole(&path, &content)).await {
            Ok(Ok(())) => {
                self.used.fetch_add(size, Ordering::Relaxed);
            }
            Ok(Err(err)) => warn!("A picture could not be stored on disk: {err}"),
            Err(stopped) => debug!("A picture was not stored: {stopped}"),
        }
    }

    /// Removes the oldest pictures when there are too many bytes.
    pub(crate) async fn sweep(&self) {
        if self.used.load(Ordering::Relaxed) < self.max_bytes {
            return;
        }
        let (folder, max_bytes) = (self.folder.clone(), self.max_bytes);
        match spawn_blocking(move || remove_oldest(&folder, max_bytes)).await {
            Ok(Ok(left)) => self.used.store(left, Ordering::Relaxed),
            Ok(Err(err)) => warn!("The picture cache could not be cleaned: {err}"),
            Err(stopped) => debug!("The picture cache was not cleaned: {stopped}"),
        }
    }
}

/// The failure that everybody who waited for the same picture gets.
fn shared_failure(err: Arc<Error>) -> Error {
    use crate::plex;
    match Arc::try_unwrap(err) {
        Ok(err) => err,
        Err(shared) => match &*shared {
            Error::NotFound(what) => Error::NotFound(what),
            Error::Plex(plex::Error::NotFound) => plex::Error::NotFound.into(),
            Error::Plex(plex::Error::NotAPicture) => plex::Error::NotAPicture.into(),
            Error::Plex(plex::Error::Unauthorized) => plex::Error::Unauthorized.into(),
            _ => plex::Error::Failing(503).into(),
        },
    }
}

fn read_young(path: &Path) -> Option<Bytes> {
    let content = fs::read(path).ok()?;
    let touched = fs::File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(SystemTime::now()));
    if let Err(err) = touched {
        debug!("A picture could not be made young: {err}");
    }
    Some(content.into())
}

/// Writes beside and renames, so that nobody reads half a picture.
fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let part = path.with_extension(format!("{:016x}.part", rand::random::<u64>()));
    fs::write(&part, content)?;
    fs::rename(&part, path).inspect_err(|_err| {
        drop(fs::remove_file(&part));
    })
}

/// Removes files, oldest first, until a tenth of the limit is free. Gives the bytes that are left.
fn remove_oldest(folder: &Path, max_bytes: u64) -> io::Result<u64> {
    let mut files = Vec::new();
    for shelf in fs::read_dir(folder)? {
        let shelf = shelf?;
        if !shelf.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(shelf.path())? {
            let file = file?;
            // Another replica may have removed it meanwhile.
            let Ok(metadata) = file.metadata() else {
                continue;
            };
            files.push((metadata.modified()?, metadata.len(), file.path()));
        }
    }
    let mut used: u64 = files.iter().map(|(_, size, _)| size).sum();
    if used < max_bytes {
        return Ok(used);
    }
    files.sort_unstable();
    for (_, size, path) in files {
        if used <= max_bytes / 10 * 9 {
            break;
        }
        if fs::remove_file(&path).is_ok() {
            used -= size;
        }
    }
    Ok(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> String {
        format!("{number:02x}").repeat(32)
    }

    #[tokio::test]
    async fn the_pictures_unused_for_longest_make_room() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let cache = ImageCache::open(dir.path().join("pictures"), 1000).expect("opens");
        for number in 0..3 {
            cache
                .write(&key(number), &Bytes::from(vec![number; 400]))
                .await;
            let path = cache.path(&key(number));
            let age = Duration::from_secs(100 - u64::from(number));
            let file = fs::File::options().append(true).open(path).expect("stored");
            file.set_modified(SystemTime::now() - age).expect("aged");
        }
        assert!(cache.read(&key(0)).await.is_some());

        cache.sweep().await;

        assert!(cache.read(&key(0)).await.is_some(), "it was just read");
        assert!(cache.read(&key(1)).await.is_none(), "it is the oldest now");
    }
}
