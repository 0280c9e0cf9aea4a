//! Heads of HTTP/1.1 messages: read with a bound, rewritten without what belongs to one hop only.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Headers that end at each hop, and those that only make sense to a proxy.
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "proxy-authenticate",
    "te",
    "upgrade",
    "expect",
];

/// A message head, and what was read after it.
#[derive(Debug)]
pub(super) struct Head {
    /// The request line or the status line.
    pub(super) first_line: String,
    headers: Vec<(String, String)>,
    /// Bytes that followed the head.
    pub(super) rest: Vec<u8>,
}

impl Head {
    /// Reads a head. `None`: the peer closed before it sent anything.
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut buffer = Vec::with_capacity(2048);
        let end = loop {
            if let Some(end) = end_of_head(&buffer) {
                break end;
            }
            if buffer.len() > MAX_HEAD_BYTES {
                return Err(invalid("the message head is too large"));
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return if buffer.is_empty() {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
        };
        let rest = buffer.split_off(end);
        Self::parse(&buffer, rest).map(Some)
    }

    fn parse(bytes: &[u8], rest: Vec<u8>) -> io::Result<Self> {
        // Header values may be Latin-1: every byte is one character, both ways.
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let mut lines = text.split("\r\n").filter(|line| !line.is_empty());
        let first_line = lines
            .next()
            .ok_or_else(|| invalid("no first line"))?
            .to_owned();
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| invalid("a header has no colon"))?;
            if name.is_empty() || name.contains([' ', '\t']) || line.contains('\n') {
                return Err(invalid("a header is malformed"));
            }
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Self {
            first_line,
            headers,
            rest,
        })
    }

    /// The first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The head with another first line, for one exchange on one connection.
    pub(super) fn forward(&self, first_line: &str) -> Vec<u8> {
        let mut text = format!("{first_line}\r\n");
        for (name, value) in &self.headers {
            if !HOP_BY_HOP.iter().any(|hop| name.eq_ignore_ascii_case(hop)) {
                text.extend([name, ": ", value, "\r\n"]);
            }
        }
        text.push_str("Connection: close\r\n\r\n");
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
            .collect()
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|at| at + 4)
}

pub(super) fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hop_by_hop_headers_stay_behind_and_bytes_after_the_head_are_kept() {
        let mut input: &[u8] =
            b"GET http://a/b HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic x\r\n\
                                 Connection: keep-alive\r\nRange: bytes=1-\r\n\r\nBODY";
        let head = Head::read(&mut input).await.expect("read").expect("a head");
        assert_eq!(head.header("range"), Some("bytes=1-"));
        assert_eq!(head.rest, b"BODY");
        let sent = String::from_utf8(head.forward("GET /b HTTP/1.1")).expect("text");
        assert_eq!(
            sent,
            "GET /b HTTP/1.1\r\nHost: a\r\nRange: bytes=1-\r\nConnection: close\r\n\r\n"
        );
    }

    #[tokio::test]
    async fn an_endless_head_is_refused() {
        let mut input = tokio::io::repeat(b'a');
        assert!(Head::read(&mut input).await.is_err());
    }
}
