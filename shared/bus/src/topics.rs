//! AMQP topic patterns: words between dots, `*` for exactly one word, `#` for any number of them.

/// Whether `key` fits one of the patterns.
pub(crate) fn any_matches<P: AsRef<str>>(patterns: impl IntoIterator<Item = P>, key: &str) -> bool {
    patterns
        .into_iter()
        .any(|pattern| matches(pattern.as_ref(), key))
}

/// Runs over the pattern once per word of the key, so that no pattern is expensive.
fn matches(pattern: &str, key: &str) -> bool {
    let pattern: Vec<&str> = words(pattern).collect();
    let mut reachable = vec![false; pattern.len() + 1];
    reachable[0] = true;
    skip_hashes(&pattern, &mut reachable);
    for word in words(key) {
        reachable = step(&pattern, &reachable, word);
    }
    reachable[pattern.len()]
}

/// Which positions in the pattern are possible after one more word.
fn step(pattern: &[&str], from: &[bool], word: &str) -> Vec<bool> {
    let mut to = vec![false; from.len()];
    for (position, expected) in pattern.iter().enumerate().filter(|(p, _)| from[*p]) {
        match *expected {
            "#" => to[position] = true,
            expected if expected == "*" || expected == word => to[position + 1] = true,
            _ => {}
        }
    }
    skip_hashes(pattern, &mut to);
    to
}

/// A `#` may also stand for no word at all.
fn skip_hashes(pattern: &[&str], reachable: &mut [bool]) {
    for (position, expected) in pattern.iter().enumerate() {
        if reachable[position] && *expected == "#" {
            reachable[position + 1] = true;
        }
    }
}

/// The empty key has no words at all, as in RabbitMQ.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split('.').filter(move |_| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_match_as_in_rabbitmq() {
        let cases = [
            ("download.*.v1", "download.finished.v1", true),
            ("download.*.v1", "download.finished.v2", false),
            ("download.*", "download.finished.v1", false),
            ("webhook.#", "webhook.received.v1", true),
            ("webhook.#", "webhook", true),
            ("#.v1", "v1", true),
            ("#", "", true),
            ("*", "", false),
            ("", "", true),
            ("a.#.b", "a.b", true),
            ("a.#.b", "a.x.y.b", true),
            ("a.#.*", "a", false),
            ("a.*.#", "a.b.c", true),
            ("a..b", "a..b", true),
            ("a.*.b", "a..b", true),
        ];
        for (pattern, key, expected) in cases {
            assert_eq!(matches(pattern, key), expected, "`{pattern}` on `{key}`");
        }
    }

    /// The definition, word by word.
    fn naive(pattern: &[&str], key: &[&str]) -> bool {
        match (pattern.split_first(), key.split_first()) {
            (None, None) => true,
            (Some((&"#", rest)), _) => (0..=key.len()).any(|skip| naive(rest, &key[skip..])),
            (Some((&"*", rest)), Some((_, key))) => naive(rest, key),
            (Some((word, rest)), Some((first, key))) => word == first && naive(rest, key),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn every_pattern_agrees_with_the_definition(
            pattern in prop::collection::vec(prop::sample::select(vec!["a", "b", "*", "#"]), 1..7),
            key in prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..7),
        ) {
            prop_assert_eq!(
                matches(&pattern.join("."), &key.join(".")),
                naive(&pattern, &key)
            );
        }
    }

    #[test]
    fn a_nasty_pattern_is_still_cheap() {
        let pattern = vec!["#.a"; 200].join(".");
        let key = vec!["a"; 400].join(".") + ".b";

        assert!(!matches(&pattern, &key));
    }
}
