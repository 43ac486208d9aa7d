//! Netstrings: `<decimal length>:<bytes>,`. Concatenated, they can be told apart in one way only.

/// Appends one netstring to `out`.
pub(crate) fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes.len().to_string().as_bytes());
    out.push(b':');
    out.extend_from_slice(bytes);
    out.push(b',');
}

/// Takes one netstring off the front of `input`; `None` if there is none in its only spelling.
pub(crate) fn take<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let colon = input.iter().take(MAX_DIGITS + 1).position(|byte| *byte == b':')?;
    let (digits, rest) = (input.get(..colon)?, input.get(colon + 1..)?);
    let length = usize::try_from(decimal(digits)?).ok()?;
    let (bytes, rest) = rest.split_at_checked(length)?;
    let (comma, rest) = rest.split_first()?;
    if *comma != b',' {
        return None;
    }
    *input = rest;
    Some(bytes)
}

/// A decimal number without sign and leading zeros.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) || (digits.len() > 1 && digits.first() == Some(&b'0')) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Digits of the longest length that a statement can need, with room.
const MAX_DIGITS: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_netstring_is_taken_off_the_front() {
        let mut input: &[u8] = b"3:abc,0:,";
        assert_eq!(take(&mut input), Some(&b"abc"[..]));
        assert_eq!(take(&mut input), Some(&b""[..]));
        assert!(input.is_empty());
    }

    #[test]
    fn other_spellings_of_a_netstring_are_refused() {
        for hostile in [
            "03:abc,",
            "3:abc;",
            "3:abc",
            "4:abc,",
            "+3:abc,",
            " 3:abc,",
            ":abc,",
            "3abc,",
            "-1:,",
            "00:,",
            "4294967296:abc,",
            "18446744073709551616:abc,",
            "３:abc,",
        ] {
            assert_eq!(take(&mut hostile.as_bytes()), None, "{hostile}");
        }
    }

    #[test]
    fn a_decimal_number_has_one_spelling() {
        assert_eq!(decimal(b"0"), Some(0));
        assert_eq!(decimal(b"18446744073709551615"), Some(u64::MAX));
        for hostile in ["", "00", "01", "+1", "-1", "1 ", "18446744073709551616", "1e3"] {
            assert_eq!(decimal(hostile.as_bytes()), None, "{hostile}");
        }
    }
}
