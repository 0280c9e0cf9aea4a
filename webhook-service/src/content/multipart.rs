//! `multipart/form-data` (RFC 7578) over a body that is already in memory, with hard limits. File names are never used.

/// Most parts of a body.
const MAX_PARTS: usize = 8;
/// Most bytes of a part's header.
const MAX_PART_HEADER: usize = 8 * 1024;
/// RFC 2046 §5.1.1
const MAX_BOUNDARY: usize = 70;

/// The body does not keep to the format, so nobody can say where a part begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FramingError {
    #[error("the content type has no usable boundary")]
    NoBoundary,
    #[error("there is no part")]
    NoPart,
    #[error("the closing delimiter is missing")]
    NotClosed,
    #[error("there are more than 8 parts")]
    TooManyParts,
    #[error("a part's header is larger than 8 KiB")]
    HeaderTooLarge,
    #[error("a part's header is malformed")]
    MalformedHeader,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) name: String,
    /// It has a transfer encoding other than none, or is multipart itself.
    pub(crate) is_encoded: bool,
    pub(crate) content: &'a [u8],
}

pub(super) fn parse<'a>(content_type: &str, body: &'a [u8]) -> Result<Vec<Part<'a>>, FramingError> {
    let boundary = boundary(content_type).ok_or(FramingError::NoBoundary)?;
    let delimiter = format!("--{boundary}");
    let mut rest = first_delimiter(body, delimiter.as_bytes())?;
    let inner = format!("\r\n{delimiter}");
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            break;
        }
        if parts.len() == MAX_PARTS {
            return Err(FramingError::TooManyParts);
        }
        let part = after_line_end(rest)?;
        let (head, content) = split_header(part)?;
        let end = find(content, inner.as_bytes()).ok_or(FramingError::NotClosed)?;
        parts.push(describe(head, &content[..end])?);
        rest = &content[end + inner.len()..];
    }
    if parts.is_empty() {
        return Err(FramingError::NoPart);
    }
    Ok(parts)
}

fn boundary(content_type: &str) -> Option<String> {
    let value = parameter(content_type, "boundary")?;
    let is_usable = (1..=MAX_BOUNDARY).contains(&value.len())
        && value.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        && !value.ends_with(' ');
    is_usable.then_some(value)
}

/// A parameter of a header value such as `form-data; name="payload"`. Semicolons inside quotes belong to the value.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (text, remaining) = if let Some(quoted) = after.strip_prefix('"') {
            unquote(quoted)?
        } else {
            let (text, remaining) = after.split_once(';').unwrap_or((after, ""));
            (text.trim_end().to_owned(), remaining)
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = remaining.trim_start().trim_start_matches(';');
    }
}

/// The text up to the closing quote, and what follows it.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, &quoted[at + 1..])),
            '\\' => text.push(chars.next()?.1),
            _ => text.push(c),
        }
    }
    None
}

/// What follows the first delimiter, which starts the body or a line of it.
fn first_delimiter<'a>(body: &'a [u8], delimiter: &[u8]) -> Result<&'a [u8], FramingError> {
    if let Some(rest) = body.strip_prefix(delimiter) {
        return Ok(rest);
    }
    let line = [b"\r\n", delimiter].concat();
    let at = find(body, &line).ok_or(FramingError::NoPart)?;
    Ok(&body[at + line.len()..])
}

/// The delimiter's line may have trailing blanks (RFC 2046 §5.1.1).
fn after_line_end(rest: &[u8]) -> Result<&[u8], FramingError> {
    let blanks = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    rest[blanks..]
        .strip_prefix(b"\r\n")
        .ok_or(FramingError::MalformedHeader)
}

fn split_header(part: &[u8]) -> Result<(&str, &[u8]), FramingError> {
    if let Some(content) = part.strip_prefix(b"\r\n") {
        return Ok(("", content));
    }
    let window = &part[..part.len().min(MAX_PART_HEADER + 4)];
    let at = find(window, b"\r\n\r\n").ok_or(if part.len() > MAX_PART_HEADER {
        FramingError::HeaderTooLarge
    } else {
        FramingError::NotClosed
    })?;
    let head = std::str::from_utf8(&part[..at]).map_err(|_bytes| FramingError::MalformedHeader)?;
    Ok((head, &part[at + 4..]))
}

fn describe<'a>(head: &str, content: &'a [u8]) -> Result<Part<'a>, FramingError> {
    let mut name = String::new();
    let mut is_encoded = false;
    for line in head.split("\r\n").filter(|line| !line.is_empty()) {
        let (header, value) = line.split_once(':').ok_or(FramingError::MalformedHeader)?;
        let value = value.trim();
        match header.to_ascii_lowercase().as_str() {
            "content-disposition" => name = parameter(value, "name").unwrap_or_default(),
            "content-transfer-encoding" => {
                is_encoded |= !matches!(
                    value.to_ascii_lowercase().as_str(),
                    "7bit" | "8bit" | "binary"
                );
            }
            "content-type" => is_encoded |= value.to_ascii_lowercase().starts_with("multipart/"),
            _ => {}
        }
    }
    Ok(Part {
        name,
        is_encoded,
        content,
    })
}

/// Where `needle` begins. Jumps from candidate to candidate of its first byte.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    loop {
        let at = from
            + haystack
                .get(from..)?
                .iter()
                .position(|byte| *byte == first)?;
        if haystack[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=\"sep;arator\"";

    fn body(parts: &[&str]) -> String {
        let mut text = String::new();
        for part in parts {
            text.push_str("--sep;arator\r\n");
            text.push_str(part);
            text.push_str("\r\n");
        }
        text + "--sep;arator--\r\n"
    }

    #[test]
    fn parts_are_found_in_any_order_and_keep_their_bytes() {
        let text = body(&[
            "Content-Disposition: form-data; filename=\"a;name=evil\"; name=\"thumb\"\r\n\r\n\r\n--sep\r\n",
            "content-disposition: form-data; name=payload\r\n\r\n{}",
        ]);
        let parts = parse(TYPE, text.as_bytes()).unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (parts[0].name.as_str(), parts[0].content),
            ("thumb", &b"\r\n--sep\r\n"[..])
        );
        assert_eq!(
            (parts[1].name.as_str(), parts[1].content),
            ("payload", &b"{}"[..])
        );
    }

    #[test]
    fn limits_hold() {
        let part = "Content-Disposition: form-data; name=a\r\n\r\nx";
        assert!(parse(TYPE, body(&[part; 8]).as_bytes()).is_ok());
        assert_eq!(
            parse(TYPE, body(&[part; 9]).as_bytes()),
            Err(FramingError::TooManyParts)
        );
        let large = format!("X: {}\r\n\r\nx", "y".repeat(9000));
        assert_eq!(
            parse(TYPE, body(&[&large]).as_bytes()),
            Err(FramingError::HeaderTooLarge)
        );
        let whole = body(&[part]);
        let cut = whole.len() - "--sep;arator--\r\n".len();
        assert_eq!(
            parse(TYPE, &whole.as_bytes()[..cut]),
            Err(FramingError::NotClosed)
        );
        assert_eq!(
            parse("multipart/form-data", b""),
            Err(FramingError::NoBoundary)
        );
    }

    #[test]
    fn encodings_and_nested_multiparts_are_marked() {
        let text = body(&[
            "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\nx",
            "Content-Disposition: form-data; name=b\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\nx",
            "Content-Disposition: form-data; name=c\r\nContent-Type: application/json\r\n\r\nx",
        ]);
        let parts = parse(TYPE, text.as_bytes()).unwrap();
        let encoded: Vec<_> = parts.iter().map(|part| part.is_encoded).collect();
        assert_eq!(encoded, [true, true, false]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(
            head in "[ -~]{0,60}", bytes in any::<Vec<u8>>(), cut in any::<prop::sample::Index>(),
        ) {
            let _outcome = parse(&head, &bytes).is_ok();
            let whole = body(&["Content-Disposition: form-data; name=\"a\"\r\n\r\nx"]);
            let _outcome = parse(TYPE, &whole.as_bytes()[..cut.index(whole.len())]).is_ok();
        }
    }
}
