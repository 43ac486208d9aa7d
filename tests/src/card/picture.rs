//! The pictures on a card's face: PNG of one bit a pixel for what is printed, JPEG 2000 in grey for the photograph.
//!
//! They are real files that a viewer shows, of nobody and nothing: digits are drawn, a text is a pattern that stands for
//! it, and the photograph is the same for everybody.

use rsa::sha2::{Digest, Sha256};

/// The photograph: a drawn head, made with `opj_compress` of OpenJPEG from a picture of 60 by 76 grey pixels.
pub(super) const PHOTOGRAPH: &[u8] = include_bytes!("../../data/card/face.jp2");

/// Height of what is printed, in pixels, as on real cards.
const HEIGHT: usize = 12;
/// Width of a digit with the space beside it: twelve of them take 72 pixels, as on real cards.
const DIGIT_WIDTH: usize = 6;
/// Width of the picture of a name or an address, as on real cards.
const TEXT_WIDTH: usize = 216;

/// 0 to 9 in three columns and five rows, a row in three bits.
const DIGITS: [[u8; 5]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

/// A picture of digits.
pub(super) fn digits(digits: &str) -> Vec<u8> {
    let shapes: Vec<_> = digits.bytes().filter_map(|digit| DIGITS.get(usize::from(digit.checked_sub(b'0')?))).collect();
    png(shapes.len() * DIGIT_WIDTH, |x, y| {
        let (Some(column), Some(row)) = ((x % DIGIT_WIDTH).checked_sub(1), y.checked_sub(1)) else { return false };
        // Two rows of pixels for each row of the shape.
        let bits = shapes.get(x / DIGIT_WIDTH).and_then(|shape| shape.get(row / 2));
        column < 3 && bits.is_some_and(|bits| bits >> (2 - column) & 1 == 1)
    })
}

/// A picture that stands for a text: another pattern for another text.
pub(super) fn text(text: &str) -> Vec<u8> {
    let pattern = Sha256::digest(text.as_bytes());
    let pixels = text.chars().count() * HEIGHT;
    png(TEXT_WIDTH, |x, y| {
        let bit = (x / 2 + y / 2 * 31) % 256;
        x < pixels && x % HEIGHT < HEIGHT - 2 && (1..HEIGHT - 1).contains(&y) && pattern.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
    })
}

/// A PNG of [`HEIGHT`] rows in which some pixels are black (W3C PNG, third edition).
fn png(width: usize, black: impl Fn(usize, usize) -> bool) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..HEIGHT {
        // Each row begins with its filter: none.
        rows.push(0);
        for first in (0..width).step_by(8) {
            // A one is white, also beyond the edge.
            rows.push((0..8).fold(0, |byte, bit| byte << 1 | u8::from(first + bit >= width || !black(first + bit, y))));
        }
    }
    let mut header = Vec::new();
    for size in [width, HEIGHT] {
        header.extend_from_slice(&u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes());
    }
    // One bit of grey, and the only methods there are, not interlaced.
    header.extend_from_slice(&[1, 0, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in [(b"IHDR", header), (b"IDAT", stored(&rows)), (b"IEND", Vec::new())] {
        file.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
        let named = [name.as_slice(), &content].concat();
        file.extend_from_slice(&named);
        file.extend_from_slice(&crc32(&named).to_be_bytes());
    }
    file
}

/// A zlib stream (RFC 1950) of one block that is stored as it is (RFC 1951 §3.2.4); a picture here is below 64 KiB.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let mut stream = vec![0x78, 0x01, 0x01];
    stream.extend_from_slice(&length.to_le_bytes());
    stream.extend_from_slice(&(!length).to_le_bytes());
    stream.extend_from_slice(data);
    let (mut a, mut b) = (1u32, 0u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    stream.extend_from_slice(&(b << 16 | a).to_be_bytes());
    stream
}

/// CRC-32 of ISO 3309, as PNG computes it.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }))
}
