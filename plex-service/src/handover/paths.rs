//! Paths as a Plex server sees them, which may be those of another operating system.

use crate::store::libraries::LibraryRow;

/// The folder and the name of a file.
pub(super) fn split(path: &str) -> Option<(&str, &str)> {
    let separator = path.rfind(['/', '\\'])?;
    let (folder, name) = (&path[..separator], &path[separator + 1..]);
    (!folder.is_empty() && !name.is_empty()).then_some((folder, name))
}

/// How much of the path a folder accounts for; none if the path is not below it.
fn covers(folder: &str, path: &str) -> Option<usize> {
    let folder = folder.trim_end_matches(['/', '\\']);
    let rest = path.strip_prefix(folder)?;
    rest.starts_with(['/', '\\']).then_some(folder.len())
}

/// The library that a file belongs to: the given one unless only others contain it, or the one whose folder is closest.
pub(super) fn library_of<'l>(
    libraries: &'l [LibraryRow],
    given: Option<shared_db::Id>,
    path: &str,
) -> Option<&'l LibraryRow> {
    let depth = |library: &LibraryRow| {
        let locations = library.locations();
        locations
            .iter()
            .filter_map(|folder| covers(folder, path))
            .max()
    };
    let given = libraries.iter().find(|library| Some(library.id) == given);
    if let Some(given) = given.filter(|library| depth(library).is_some()) {
        return Some(given);
    }
    let closest = libraries
        .iter()
        .filter_map(|library| Some((depth(library)?, library)))
        .max_by_key(|(depth, _)| *depth)
        .map(|(_, library)| library);
    closest.or(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_both_systems_are_understood() {
        assert_eq!(split("/media/v/a.mp4"), Some(("/media/v", "a.mp4")));
        assert_eq!(split("D:\\v\\a.mp4"), Some(("D:\\v", "a.mp4")));
        assert_eq!(split("a.mp4"), None);
        assert_eq!(split("/a.mp4"), None);
    }

    #[test]
    fn a_folder_covers_only_what_is_below_it() {
        assert_eq!(covers("/media/v/", "/media/v/a.mp4"), Some(8));
        assert_eq!(covers("/media/v", "/media/videos/a.mp4"), None);
        assert_eq!(covers("/media/v", "/media/v"), None);
    }
}
