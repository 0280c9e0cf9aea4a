//! How texts become comparable: lower case, without accents and punctuation, cut into words.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case without accents; everything that is no letter or digit becomes one space.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text
        .nfkd()
        .filter(|&c| !is_combining_mark(c) && !matches!(c, '\'' | '’' | '‘' | '`'))
        .flat_map(char::to_lowercase)
    {
        match c {
            // Letters that have no decomposition.
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            c if c.is_alphanumeric() => folded.push(c),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The words of a folded text. Scripts without spaces give one word a character.
pub(crate) fn words(folded: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in folded.split(' ').filter(|part| !part.is_empty()) {
        let mut word = String::new();
        for c in part.chars() {
            if is_ideographic(c) {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                words.push(c.to_string());
            } else {
                word.push(c);
            }
        }
        words.extend((!word.is_empty()).then_some(word));
    }
    words
}

/// Han, kana and their extensions, which are written without spaces.
fn is_ideographic(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_do_not_matter() {
        assert_eq!(
            fold("  Le Fabuleux Destin d'Amélie Poulain! "),
            "le fabuleux destin damelie poulain"
        );
        assert_eq!(fold("WALL·E"), "wall e");
        assert_eq!(fold("Straße № 7"), "strasse no 7");
        assert_eq!(fold("Мастер и Маргарита"), "мастер и маргарита");
        assert_eq!(fold("!!!"), "");
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_characters() {
        assert_eq!(words(&fold("千と千尋 2")), ["千", "と", "千", "尋", "2"]);
        assert_eq!(words("the matrix"), ["the", "matrix"]);
    }
}
