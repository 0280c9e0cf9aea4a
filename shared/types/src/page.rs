//! Keyset-paged lists: `?limit=&cursor=` gives `{"items":[…],"next_cursor":…}`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

/// Rows of a page when the client names no limit.
pub const DEFAULT_LIMIT: usize = 50;
/// Most rows of a page.
pub const MAX_LIMIT: usize = 200;

/// One page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows, in the list's stable order.
    pub items: Vec<T>,
    /// Pass it as `cursor` to get the next page; absent on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page made of `limit + 1` fetched rows: the extra row only tells that there is more.
    pub fn from_rows<K: Serialize>(
        mut rows: Vec<T>,
        limit: usize,
        key: impl FnOnce(&T) -> K,
    ) -> Self {
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows
            .last()
            .filter(|_| has_more)
            .map(|last| encode_cursor(&key(last)));
        Self {
            items: rows,
            next_cursor,
        }
    }

    /// The same page with every row converted.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(convert).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

/// The number of rows to answer for a client's `limit`: 1 to [`MAX_LIMIT`], [`DEFAULT_LIMIT`] when absent.
pub fn clamp_limit(limit: Option<u32>) -> usize {
    limit
        .and_then(|limit| usize::try_from(limit).ok())
        .map_or(DEFAULT_LIMIT, |limit| limit.clamp(1, MAX_LIMIT))
}

/// The cursor is not one that this list gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that this list gave out")]
pub struct InvalidCursor;

/// An opaque cursor that carries the sort key of a page's last row.
pub fn encode_cursor(key: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).expect("sort keys serialize"))
}

/// The sort key that [`encode_cursor`] put in.
pub fn decode_cursor<K: DeserializeOwned>(cursor: &str) -> Result<K, InvalidCursor> {
    let bytes = URL_SAFE_NO_PAD
        .decode(cursor)
        .map_err(|_decode| InvalidCursor)?;
    serde_json::from_slice(&bytes).map_err(|_json| InvalidCursor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_gives_back_its_key(title in ".*", number in any::<i64>()) {
            let cursor = encode_cursor(&(title.clone(), number));
            prop_assert_eq!(decode_cursor::<(String, i64)>(&cursor), Ok((title, number)));
        }

        #[test]
        fn a_foreign_cursor_is_refused_without_panic(text in ".*") {
            prop_assert!(decode_cursor::<(String, i64, bool)>(&text).is_err());
        }
    }

    #[test]
    fn the_extra_row_becomes_the_cursor_only_when_there_is_more() {
        let page = Page::from_rows(vec![1, 2, 3], 2, |row| *row);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(
            decode_cursor::<i32>(&page.next_cursor.expect("more rows")),
            Ok(2)
        );
        assert!(
            Page::from_rows(vec![1, 2], 2, |row| *row)
                .next_cursor
                .is_none()
        );
    }

    #[test]
    fn limits_are_clamped() {
        let limits = [None, Some(0), Some(7), Some(9_999)].map(clamp_limit);
        assert_eq!(limits, [50, 1, 7, 200]);
    }
}
