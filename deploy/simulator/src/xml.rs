//! The XML face of the same answers: scalars are attributes, objects and lists are children.

use std::fmt::Write;

use quick_xml::escape::escape;
use serde_json::Value;

/// A whole document with `value` as its root element.
pub(crate) fn document(root: &str, value: &Value) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(&mut xml, root, value);
    xml
}

fn element(xml: &mut String, name: &str, value: &Value) {
    let Some(fields) = value.as_object() else {
        return text_element(xml, name, value);
    };
    let _ = write!(xml, "<{name}");
    for (key, field) in fields {
        if let Some(text) = scalar(field) {
            let _ = write!(xml, " {key}=\"{}\"", escape(&text));
        }
    }
    xml.push('>');
    for (key, field) in fields {
        children(xml, key, field);
    }
    let _ = writeln!(xml, "</{name}>");
}

fn children(xml: &mut String, key: &str, field: &Value) {
    match field {
        Value::Object(_) => element(xml, key, field),
        Value::Array(items) => {
            for item in items {
                element(xml, element_name(key, item), item);
            }
        }
        _ => {}
    }
}

fn text_element(xml: &mut String, name: &str, value: &Value) {
    if let Some(text) = scalar(value) {
        let _ = writeln!(xml, "<{name}>{}</{name}>", escape(&text));
    }
}

/// JSON calls every item `Metadata`, XML distinguishes.
fn element_name<'a>(key: &'a str, item: &Value) -> &'a str {
    match (key, item["type"].as_str()) {
        ("Metadata", Some("show" | "season" | "collection")) => "Directory",
        ("Metadata", _) => "Video",
        _ => key,
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(u8::from(*flag).to_string()),
        _ => None,
    }
}
