//! WebSocket frames, as much of them as the load and the bare loop need.
//!
//! Never copies what it reads, and never masks with anything but zeros: nobody between the two processes looks.

pub const TEXT: u8 = 1;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// Says that the frame is whole; nobody here splits messages.
const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
const SIXTEEN_BITS: u8 = 126;
const SIXTY_FOUR_BITS: u8 = 127;

/// A frame from the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Frame<'a> {
    pub opcode: u8,
    pub payload: &'a [u8],
}

/// The first frame, and how many bytes it takes; nothing while it isn't all there.
pub fn read(bytes: &[u8]) -> Option<(Frame<'_>, usize)> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (length, head) = match second & 0x7f {
        SIXTEEN_BITS => (usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
        SIXTY_FOUR_BITS => {
            (usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?, 10)
        }
        short => (usize::from(short), 2),
    };
    let payload = bytes.get(head..head + length)?;
    Some((Frame { opcode: first & 0x0f, payload }, head + length))
}

/// What a client sends.
pub fn from_client(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = head(opcode, payload.len(), MASKED);
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// What a server sends.
pub fn from_server(payload: &[u8]) -> Vec<u8> {
    let mut bytes = head(TEXT, payload.len(), 0);
    bytes.extend(payload);
    bytes
}

fn head(opcode: u8, length: usize, mask: u8) -> Vec<u8> {
    let mut bytes = vec![FINAL | opcode];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < SIXTEEN_BITS => bytes.push(mask | short),
        (_, Ok(length)) => {
            bytes.push(mask | SIXTEEN_BITS);
            bytes.extend(length.to_be_bytes());
        }
        _ => {
            bytes.push(mask | SIXTY_FOUR_BITS);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes
}
