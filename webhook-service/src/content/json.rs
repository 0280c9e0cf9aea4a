//! JSON without anything two parsers could read in two ways: no duplicate keys, no second document, bounded depth.

use std::{cell::Cell, fmt};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use super::ContentError;

const MAX_DEPTH: usize = 64;

/// Parses a document. A byte order mark is skipped; U+0000 in texts is dropped, because PostgreSQL cannot keep it.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, ContentError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ContentError::Empty);
    }
    let text = std::str::from_utf8(bytes).map_err(|_bytes| ContentError::NotText)?;
    let fault = Cell::new(None);
    let strict = Strict {
        depth: 0,
        fault: &fault,
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = strict
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|err| {
        fault
            .take()
            .unwrap_or_else(|| ContentError::NotJson(err.to_string()))
    })
}

/// A text without U+0000.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "")
}

/// Builds a value and notes a broken rule of ours in `fault`.
#[derive(Clone, Copy)]
struct Strict<'f> {
    depth: usize,
    fault: &'f Cell<Option<ContentError>>,
}

impl Strict<'_> {
    fn inner<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(ContentError::TooDeep(MAX_DEPTH)));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }

    fn refuse<E: de::Error>(self, fault: ContentError) -> E {
        let error = E::custom(&fault);
        self.fault.set(Some(fault));
        error
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(clean(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let key = clean(&key);
            if object.contains_key(&key) {
                return Err(self.refuse(ContentError::DuplicateKey(key)));
            }
            let value = map.next_value_seed(inner)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fault(text: &str) -> ContentError {
        parse(text.as_bytes()).expect_err("refused")
    }

    #[test]
    fn what_parsers_disagree_about_is_refused() {
        assert_eq!(
            fault(r#"{"a":{"b":1,"b":2}}"#),
            ContentError::DuplicateKey("b".into())
        );
        assert!(matches!(
            fault(r#"{"a":1}{"a":2}"#),
            ContentError::NotJson(_)
        ));
        assert!(matches!(
            fault(r#"{"a":"\ud800"}"#),
            ContentError::NotJson(_)
        ));
        assert_eq!(fault("  "), ContentError::Empty);
        assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(ContentError::NotText));
    }

    #[test]
    fn depth_is_bounded_without_touching_the_stack() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(
            fault(&nested(MAX_DEPTH + 1)),
            ContentError::TooDeep(MAX_DEPTH)
        );
        assert!(parse(&b"[".repeat(1_000_000)).is_err());
    }

    #[test]
    fn a_byte_order_mark_and_nul_characters_do_no_harm() {
        let value = parse(b"\xef\xbb\xbf{\"a\":\"x\\u0000y\"}").unwrap();
        assert_eq!(value, json!({"a": "xy"}));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes in any::<Vec<u8>>()) {
            let _outcome = parse(&bytes).is_ok();
        }

        #[test]
        fn ordinary_documents_are_read_as_serde_reads_them(
            map in proptest::collection::btree_map("[a-z]{1,8}", any::<i64>(), 0..8),
        ) {
            let text = serde_json::to_string(&map).unwrap();
            prop_assert_eq!(parse(text.as_bytes()).unwrap(), json!(map));
        }
    }
}
