//! How folders of the Plex server are called on this machine: `/plex/path=/local/path`.

use std::path::{Path, PathBuf};

/// Pairs of folders; the longest match wins, and what matches none is the same on both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PathMap(Vec<(PathBuf, PathBuf)>);

impl PathMap {
    /// Reads the setting.
    pub(crate) fn parse(entries: &[String]) -> Result<Self, String> {
        let mut pairs = Vec::new();
        for entry in entries {
            let pair = entry
                .split_once('=')
                .map(|(plex, local)| (PathBuf::from(plex), PathBuf::from(local)));
            match pair {
                Some((plex, local)) if plex.is_absolute() && local.is_absolute() => {
                    pairs.push((plex, local));
                }
                _ => {
                    return Err(format!(
                        "`{entry}` must be two absolute folders, such as `/plex/videos=/srv/videos`"
                    ));
                }
            }
        }
        pairs.sort_by_key(|(plex, _)| std::cmp::Reverse(plex.components().count()));
        Ok(Self(pairs))
    }

    /// The folder on this machine for a folder of the Plex server.
    pub(crate) fn to_local(&self, plex: &Path) -> PathBuf {
        let mapped = self
            .0
            .iter()
            .find_map(|(from, to)| Some(to.join(plex.strip_prefix(from).ok()?)));
        // `join("")` leaves a slash at the end, which `components` takes away.
        mapped.map_or_else(|| plex.to_owned(), |path| path.components().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_folder_wins_and_whole_components_only() {
        let map =
            PathMap::parse(&["/data=/mnt/a".into(), "/data/video=/mnt/b".into()]).expect("valid");
        let local = |path: &str| map.to_local(Path::new(path)).display().to_string();
        assert_eq!(local("/data/video/x"), "/mnt/b/x");
        assert_eq!(local("/data/music"), "/mnt/a/music");
        assert_eq!(local("/data"), "/mnt/a");
        assert_eq!(local("/database"), "/database");
        assert!(PathMap::parse(&["/data".into()]).is_err());
        assert!(PathMap::parse(&["data=/x".into()]).is_err());
    }
}
