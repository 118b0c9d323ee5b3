//! WebSocket frames as they are written (RFC 6455, section 5.2): whole, unmasked, and shared by all who get the same.
//!
//! Never made for one who could share another's: a frame is copied for nobody.

use axum::body::Bytes;

const TEXT: u8 = 0x81;
const PING: &[u8] = &[0x89, 0];

/// The longest lengths that are written in one byte, and in two more.
const SHORT_MAX: usize = 125;
const LONG_MARK: u8 = 126;
const LONGEST_MARK: u8 = 127;

/// A text message of these parts.
pub(super) fn text(parts: &[&str]) -> Bytes {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut frame = Vec::with_capacity(length + 10);
    frame.push(TEXT);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if length <= SHORT_MAX => frame.push(short),
        (_, Ok(long)) => {
            frame.push(LONG_MARK);
            frame.extend(long.to_be_bytes());
        }
        _ => {
            frame.push(LONGEST_MARK);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    parts.iter().for_each(|part| frame.extend(part.as_bytes()));
    frame.into()
}

/// Asks for a sign of life.
pub(super) const fn ping() -> Bytes {
    Bytes::from_static(PING)
}

/// The text of a frame.
#[cfg(test)]
pub(super) fn read(frame: &[u8]) -> String {
    let header = match frame[1] {
        LONG_MARK => 4,
        LONGEST_MARK => 10,
        _ => 2,
    };
    String::from_utf8(frame[header..].to_vec()).expect("text")
}

#[cfg(test)]
mod tests {
    use tungstenite::Message;
    use tungstenite::protocol::{Role, WebSocket};

    use super::*;

    /// What a client reads of it.
    fn received(frame: &Bytes) -> Message {
        let stream = std::io::Cursor::new(frame.to_vec());
        WebSocket::from_raw_socket(stream, Role::Client, None).read().expect("a frame")
    }

    #[test]
    fn a_text_of_any_length_is_read_as_it_was_written() {
        for length in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
            let (one, other) = ("a".repeat(length / 2), "ü".repeat(length - length / 2));
            let frame = text(&[&one, &other]);
            let whole = [one, other].concat();
            assert_eq!(read(&frame), whole);
            assert_eq!(received(&frame), Message::text(whole));
        }
        assert_eq!(received(&ping()), Message::Ping(Bytes::new()));
    }
}
