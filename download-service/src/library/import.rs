//! The last step: sidecars first, then the media file with one rename on the same file system. Plex sees the file whole or not at all.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{naming, nfo::Details};
use crate::ytdlp::{Failure, verify};

/// More files of one name than this mean that something else is wrong.
const MAX_SUFFIX: u32 = 1000;

/// Chooses and reserves the final place of a media file. Record it before [`import`], so that whoever takes over after a crash
/// between the two finds the file.
pub(crate) fn place(media: &Path, details: &Details, folder: &Path) -> Result<PathBuf, Failure> {
    same_file_system(media, folder)?;
    let stem = naming::stem(
        &details.title,
        details.year(),
        details.info.id.as_deref().unwrap_or_default(),
    );
    let extension = verify::extension_of(media);
    for number in 1..MAX_SUFFIX {
        let name = match number {
            1 => stem.clone(),
            number => format!("{stem} ({number})"),
        };
        let dir = folder.join(&name);
        // Making the directory is what reserves the name.
        match fs::create_dir(&dir) {
            Ok(()) => return Ok(dir.join(format!("{name}.{extension}"))),
            Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {}
            Err(err) => return Err(failure(&err)),
        }
    }
    Err(Failure::of("filesystem").with_detail("there are too many files of this name"))
}

/// Moves a media file, with a JPEG as its thumbnail, to the place that [`place`] chose.
pub(crate) fn import(
    media: &Path,
    thumbnail: Option<&Path>,
    details: &Details,
    place: &Path,
) -> Result<(), Failure> {
    move_all(media, thumbnail, details, place).map_err(|err| failure(&err))
}

fn move_all(
    media: &Path,
    thumbnail: Option<&Path>,
    details: &Details,
    place: &Path,
) -> io::Result<()> {
    let dir = place.parent().unwrap_or(place);
    fs::create_dir_all(dir)?;
    // Written beside the media file first, so that a sidecar is never half there either.
    let nfo = media.with_extension("nfo");
    fs::write(&nfo, details.nfo())?;
    fs::rename(&nfo, place.with_extension("nfo"))?;
    if let Some(thumbnail) = thumbnail {
        fs::rename(thumbnail, place.with_extension("jpg"))?;
    }
    fs::File::open(media)?.sync_all()?;
    fs::rename(media, place)?;
    fs::File::open(dir)?.sync_all()
}

fn failure(err: &io::Error) -> Failure {
    let class = match err.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "disk_full",
        _ => "filesystem",
    };
    Failure::of(class).with_detail(err.to_string())
}

/// A rename across file systems would be a copy, and Plex would see it grow.
fn same_file_system(media: &Path, folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| {
        fs::metadata(path)
            .map(|found| found.dev())
            .map_err(|err| failure(&err))
    };
    if device(media)? == device(folder)? {
        return Ok(());
    }
    Err(Failure::of("filesystem")
        .with_detail("`download.staging_dir` must be on the file system of the library's folder"))
}

/// Bytes that an unprivileged process may still write on the file system of a folder, or of its nearest existing parent.
pub(crate) fn free_bytes(folder: &Path) -> io::Result<u64> {
    let existing = folder
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(Path::new("/"));
    let stat = rustix::fs::statvfs(existing)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Removes a finished file, its sidecars, and their folder when nothing else is in it. What is gone already is fine.
pub(crate) fn remove_file_and_sidecars(path: &Path) -> io::Result<()> {
    for path in [
        path.to_owned(),
        path.with_extension("nfo"),
        path.with_extension("jpg"),
    ] {
        match fs::remove_file(&path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
            _ => {}
        }
    }
    if let Some(dir) = path.parent() {
        // Not empty: somebody put something there, which is theirs.
        let _kept = fs::remove_dir(dir);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ytdlp::message::VideoInfo;

    fn details() -> Details {
        Details {
            info: VideoInfo {
                id: Some("x1".into()),
                ..VideoInfo::default()
            },
            title: "A Film".into(),
            url: "https://example.org/".into(),
            collection: None,
        }
    }

    fn imported(root: &Path) -> PathBuf {
        let staging = root.join(".medianest-staging");
        fs::create_dir_all(&staging).expect("made");
        let media = staging.join("out.mp4");
        fs::write(&media, "media").expect("written");
        let place = place(&media, &details(), root).expect("a place");
        import(&media, None, &details(), &place).expect("imported");
        place
    }

    #[test]
    fn files_of_one_name_lie_beside_each_other_and_are_removed_one_by_one() {
        let root = tempfile::tempdir().expect("a directory");
        let first = imported(root.path());
        let second = imported(root.path());
        assert_eq!(first, root.path().join("A Film [x1]/A Film [x1].mp4"));
        assert_eq!(
            second,
            root.path().join("A Film [x1] (2)/A Film [x1] (2).mp4")
        );
        assert!(first.with_extension("nfo").is_file());
        remove_file_and_sidecars(&first).expect("removed");
        assert!(!root.path().join("A Film [x1]").exists() && second.is_file());
    }
}
