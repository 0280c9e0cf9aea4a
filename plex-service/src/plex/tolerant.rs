//! Decoding of what real servers send: ids as text or number, flags as `true`, `1` or `"1"`, numbers as text, lists that
//! are missing, `null` or a single object. A value of the wrong kind is left out instead of spoiling the whole page.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// Any scalar; everything else becomes `Empty`.
#[derive(Debug, Clone, PartialEq)]
enum Scalar {
    Empty,
    Flag(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

impl Scalar {
    fn text(self) -> Option<String> {
        match self {
            Self::Empty => None,
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Int(number) => Some(number.to_string()),
            Self::Float(number) => Some(number.to_string()),
            Self::Text(text) => Some(text).filter(|text| !text.is_empty()),
        }
    }

    fn float(self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "ratings and sizes are small")]
            Self::Int(number) => Some(number as f64),
            Self::Float(number) => Some(number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Empty | Self::Flag(_) => None,
        }
        .filter(|number: &f64| number.is_finite())
    }

    fn int(self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(number),
            Self::Flag(flag) => Some(flag.into()),
            Self::Text(ref text) => match text.trim().parse() {
                Ok(number) => Some(number),
                Err(_) => truncated(self.float()?),
            },
            other => truncated(other.float()?),
        }
    }

    fn flag(self) -> bool {
        match self {
            Self::Flag(flag) => flag,
            Self::Int(number) => number != 0,
            Self::Text(text) => text == "1" || text.eq_ignore_ascii_case("true"),
            Self::Float(_) | Self::Empty => false,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn truncated(number: f64) -> Option<i64> {
    (number.abs() < 9e15).then_some(number as i64)
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Empty)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Int(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "only beyond the range of i64")]
    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(i64::try_from(value).map_or(Scalar::Float(value as f64), Scalar::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Scalar, E> {
        Ok(Scalar::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Empty)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Empty)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// Text, or a number or flag as text; empty text is `None`.
pub(super) fn text<'de, D: Deserializer<'de>>(de: D) -> Result<Option<String>, D::Error> {
    Ok(Scalar::deserialize(de)?.text())
}

/// A whole number, also as text or with a fraction.
pub(super) fn int<'de, D: Deserializer<'de>>(de: D) -> Result<Option<i64>, D::Error> {
    Ok(Scalar::deserialize(de)?.int())
}

/// A number, also as text.
pub(super) fn float<'de, D: Deserializer<'de>>(de: D) -> Result<Option<f64>, D::Error> {
    Ok(Scalar::deserialize(de)?.float())
}

/// `true`, `1` or `"1"`.
pub(super) fn flag<'de, D: Deserializer<'de>>(de: D) -> Result<bool, D::Error> {
    Ok(Scalar::deserialize(de)?.flag())
}

/// A list, a single object in its place, or nothing. Elements that are not objects are left out.
pub(super) fn list<'de, D, T>(de: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    de.deserialize_any(ListVisitor(PhantomData))
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut found = Vec::new();
        while let Some(element) = seq.next_element::<Element<T>>()? {
            found.extend(element.0);
        }
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        Ok(vec![T::deserialize(MapAccessDeserializer::new(map))?])
    }

    fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E: de::Error>(self, _value: bool) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E: de::Error>(self, _value: i64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E: de::Error>(self, _value: u64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E: de::Error>(self, _value: f64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: de::Error>(self, _value: &str) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
}

/// An object of a list, or whatever else stands there, which is left out.
struct Element<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        list(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Example {
        #[serde(deserialize_with = "text")]
        id: Option<String>,
        #[serde(deserialize_with = "int")]
        year: Option<i64>,
        #[serde(deserialize_with = "flag")]
        smart: bool,
        #[serde(deserialize_with = "list")]
        children: Vec<Self>,
    }

    #[test]
    fn every_dialect_of_a_value_is_understood() {
        for (id, year, smart) in [
            (json!(7), json!(1999), json!(true)),
            (json!("7"), json!("1999"), json!("1")),
            (json!(7), json!(1999.0), json!(1)),
        ] {
            let value = json!({"id": id, "year": year, "smart": smart});
            let example: Example = serde_json::from_value(value).expect("decodes");
            assert_eq!(example.id.as_deref(), Some("7"));
            assert_eq!((example.year, example.smart), (Some(1999), true));
        }
    }

    #[test]
    fn odd_lists_and_values_do_not_spoil_the_rest() {
        let value = json!({"id": {"x": [1]}, "year": "soon", "children": {"id": 1}});
        let example: Example = serde_json::from_value(value).expect("decodes");
        assert_eq!((example.id, example.year), (None, None));
        assert_eq!(example.children.len(), 1);
        let value = json!({"children": [{"id": 1}, "x", null, 3]});
        let example: Example = serde_json::from_value(value).expect("decodes");
        assert_eq!(example.children.len(), 1);
        let value = json!({"children": null});
        assert_eq!(
            serde_json::from_value::<Example>(value)
                .expect("decodes")
                .children,
            Vec::new()
        );
    }
}
