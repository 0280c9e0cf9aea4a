//! Typing errors: how many single changes lie between two words.

/// Whether `a` becomes `b` by at most `limit` insertions, deletions, replacements or swaps of neighbors.
pub(super) fn within(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &from) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &to) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(from != to);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && from == b[j - 1] && a[i - 1] == to {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        if row.iter().min().is_some_and(|&least| least > limit) {
            return None;
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|&distance| distance <= limit)
}

/// How many typing errors a word of this length may have.
pub(super) const fn tolerated(length: usize) -> usize {
    match length {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(a: &str, b: &str) -> Option<usize> {
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        within(&a, &b, 2)
    }

    #[test]
    fn each_kind_of_typing_error_counts_once() {
        for (typed, meant) in [
            ("matrx", "matrix"),
            ("matrrix", "matrix"),
            ("matrex", "matrix"),
            ("martix", "matrix"),
        ] {
            assert_eq!(distance(typed, meant), Some(1), "{typed}");
        }
        assert_eq!(distance("matrix", "matrix"), Some(0));
        assert_eq!(distance("mtrxi", "matrix"), Some(2));
        assert_eq!(distance("alien", "matrix"), None);
    }
}
