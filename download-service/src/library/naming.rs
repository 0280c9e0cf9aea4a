//! Names in the library folder: made by us from the metadata, so that no title can leave the folder or break a file system.

/// Most bytes of the title part; the longest name that follows from it stays below 255 bytes with every suffix.
const MAX_TITLE_BYTES: usize = 120;
const MAX_ID_BYTES: usize = 40;

/// Names that Windows shares cannot store.
const RESERVED: [&str; 8] = ["con", "prn", "aux", "nul", "com1", "com2", "lpt1", "lpt2"];

/// `Title (2024) [id]`: the name of the folder, and of the file without its extension.
pub(super) fn stem(title: &str, year: Option<&str>, id: &str) -> String {
    let mut stem = clean(title, MAX_TITLE_BYTES);
    if stem.is_empty() {
        stem.push_str("Video");
    }
    if let Some(year) =
        year.filter(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()))
    {
        stem.extend([" (", year, ")"]);
    }
    let id = clean(id, MAX_ID_BYTES);
    if !id.is_empty() {
        stem.extend([" [", &id, "]"]);
    }
    stem
}

/// A text as a part of a file name.
fn clean(text: &str, max_bytes: usize) -> String {
    let mapped: String = text
        .chars()
        .map(|c| match c {
            '/' | '\\' | '|' | ':' => '-',
            '"' => '\'',
            '<' | '>' | '?' | '*' | '[' | ']' => ' ',
            c if c.is_control() || is_invisible(c) => ' ',
            c => c,
        })
        .collect();
    let words: Vec<_> = mapped.split_whitespace().collect();
    let mut name = words.join(" ");
    truncate(&mut name, max_bytes);
    // A dot at the start hides a file from Plex, one at the end from Windows.
    let name = name.trim_matches(['.', ' ', '-']).to_owned();
    if RESERVED
        .iter()
        .any(|reserved| name.eq_ignore_ascii_case(reserved))
    {
        return format!("{name}_");
    }
    name
}

/// Characters that change the reading direction or are not seen at all.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn truncate(text: &mut String, max_bytes: usize) {
    let mut end = max_bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_tells_title_year_and_id() {
        assert_eq!(
            stem("Night/Day: \"Live\"?", Some("2024"), "abc-123"),
            "Night-Day- 'Live' (2024) [abc-123]"
        );
        assert_eq!(stem("../../etc/passwd", None, ".."), "etc-passwd");
        assert_eq!(stem("", None, ""), "Video");
        assert_eq!(stem("CON", None, ""), "CON_");
    }

    proptest! {
        #[test]
        fn no_title_makes_a_dangerous_name(title in "\\PC{0,300}|[./\\\\ ]{0,20}", id in "\\PC{0,100}") {
            let name = stem(&title, Some("2024"), &id);
            prop_assert!(!name.is_empty() && name.len() <= 200, "{}", name.len());
            prop_assert!(!name.contains(['/', '\\', '\0', '\n']));
            prop_assert!(!name.starts_with('.') && !name.ends_with(['.', ' ']));
        }
    }
}
