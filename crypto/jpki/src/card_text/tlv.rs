//! Objects of BER-TLV as the card's text application writes them: tags of one or two bytes, definite lengths in their
//! shortest form.

/// One object within another.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    /// Where its tag begins.
    pub(crate) start: usize,
    /// What it holds.
    pub(crate) content: &'a [u8],
}

/// The content of the one object with this tag that `bytes` are.
pub(crate) fn only(bytes: &[u8], tag: u16) -> Option<&[u8]> {
    let [part] = exactly(bytes, [tag])?;
    Some(part.content)
}

/// The objects with these tags that `bytes` consist of, in this order.
pub(crate) fn exactly<const N: usize>(bytes: &[u8], tags: [u16; N]) -> Option<[Part<'_>; N]> {
    let mut parts = [Part { start: 0, content: &[] }; N];
    let mut rest = bytes;
    for (part, tag) in parts.iter_mut().zip(tags) {
        let start = bytes.len() - rest.len();
        let (content, after) = take(rest, tag)?;
        (*part, rest) = (Part { start, content }, after);
    }
    rest.is_empty().then_some(parts)
}

/// The content of the object with this tag at the front, and what follows it.
fn take(bytes: &[u8], tag: u16) -> Option<(&[u8], &[u8])> {
    let tag = tag.to_be_bytes();
    let rest = bytes.strip_prefix(tag.strip_prefix(&[0]).unwrap_or(&tag))?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81 => rest.split_first().map(|(&length, rest)| (usize::from(length), rest)).filter(|(length, _)| *length > 0x7F)?,
        0x82 => rest.split_first_chunk().map(|(length, rest)| (usize::from(u16::from_be_bytes(*length)), rest)).filter(|(length, _)| *length > 0xFF)?,
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_has_one_spelling() {
        assert_eq!(only(&[0x90, 1, 7], 0x90), Some(&[7][..]));
        assert_eq!(only(&[0x90, 0x81, 1, 7], 0x90), None);
        assert_eq!(only(&[0x90, 0x82, 0, 1, 7], 0x90), None);
        assert_eq!(only(&[0x90, 0x80, 7, 0, 0], 0x90), None);
        let long = [&[0xDF, 0x22, 0x81, 0x80][..], &[7; 0x80]].concat();
        assert_eq!(only(&long, 0xDF22), Some(&[7; 0x80][..]));
    }

    #[test]
    fn nothing_is_left_over_cut_or_out_of_order() {
        assert!(exactly(&[0x90, 0, 0x91, 0], [0x90, 0x91]).is_some());
        for bytes in [&[0x91, 0, 0x90, 0][..], &[0x90, 0], &[0x90, 0, 0x91, 0, 0], &[0x90, 0, 0x91, 1], &[]] {
            assert!(exactly(bytes, [0x90, 0x91]).is_none(), "{bytes:02X?}");
        }
    }
}
