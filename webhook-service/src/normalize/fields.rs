//! Reading senders' documents tolerantly, and building the catalog's common keys.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value};

const MAX_TEXT_CHARS: usize = 2000;

/// The common keys of an event. What is absent is left out.
#[derive(Debug, Default)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn put<V: Into<Value>>(&mut self, key: &str, value: Option<V>) -> &mut Self {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value.into());
        }
        self
    }

    /// Below another key: `ids.tmdb`.
    pub(super) fn put_in<V: Into<Value>>(
        &mut self,
        group: &str,
        key: &str,
        value: Option<V>,
    ) -> &mut Self {
        if let Some(value) = value {
            let entry = self.0.entry(group).or_insert_with(|| Map::new().into());
            if let Value::Object(group) = entry {
                group.insert(key.to_owned(), value.into());
            }
        }
        self
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

/// What lies at a path of keys.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(*key))
}

/// A text that is not blank. Numbers are texts too: template senders and JSON senders differ.
pub(super) fn text(value: &Value, path: &[&str]) -> Option<String> {
    match at(value, path)? {
        Value::String(text) => {
            let text = text.trim();
            (!text.is_empty()).then(|| text.chars().take(MAX_TEXT_CHARS).collect())
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A whole number, also as text.
pub(super) fn int(value: &Value, path: &[&str]) -> Option<i64> {
    match at(value, path)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number, also as text.
pub(super) fn float(value: &Value, path: &[&str]) -> Option<f64> {
    let number: f64 = match at(value, path)? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// Yes or no, also as text or as 0 and 1.
pub(super) fn flag(value: &Value, path: &[&str]) -> Option<bool> {
    match at(value, path)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        },
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        _ => None,
    }
}

/// The entries of a list; none when it is not one.
pub(super) fn list<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    match at(value, path) {
        Some(Value::Array(values)) => values,
        _ => &[],
    }
}

/// RFC 3339, or seconds since 1970, or what has no zone and means UTC.
pub(super) fn time(value: &Value, path: &[&str]) -> Option<DateTime<Utc>> {
    if let Some(Value::Number(seconds)) = at(value, path) {
        return DateTime::from_timestamp(seconds.as_i64()?, 0);
    }
    let text = text(value, path)?;
    if let Ok(time) = DateTime::parse_from_rfc3339(&text) {
        return Some(time.to_utc());
    }
    let naive = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f");
    naive.ok().map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_flags_may_come_as_text() {
        let value = json!({"a": "12", "b": 12, "c": "true", "d": "", "e": {"f": "x"}, "g": 9.5});
        assert_eq!(
            (int(&value, &["a"]), int(&value, &["b"])),
            (Some(12), Some(12))
        );
        assert_eq!(text(&value, &["b"]).as_deref(), Some("12"));
        assert_eq!(flag(&value, &["c"]), Some(true));
        assert_eq!(text(&value, &["d"]), None);
        assert_eq!(text(&value, &["e", "f"]).as_deref(), Some("x"));
        assert_eq!(float(&value, &["g"]), Some(9.5));
    }

    #[test]
    fn times_are_understood_in_every_spelling() {
        let value = json!({
            "rfc": "2026-08-30T21:02:44.1234567+02:00",
            "bare": "2026-08-30 19:02:44.123",
            "unix": 1_788_116_564,
            "bad": "yesterday",
        });
        let times = ["rfc", "bare", "unix", "bad"].map(|key| time(&value, &[key]));
        let seconds = times.map(|time| time.map(|time| time.timestamp()));
        assert_eq!(
            seconds,
            [
                Some(1_788_116_564),
                Some(1_788_116_564),
                Some(1_788_116_564),
                None
            ]
        );
    }
}
