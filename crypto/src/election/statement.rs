//! A text that a card signs for this system: netstrings of a head, the purpose, and the name and value of each field (PROTOCOL §1.7, §6, §16.8).

/// The first netstring of every such text.
const STATEMENT: &str = "tachiai/v1/statement";

/// The text of this purpose with these fields, in their order.
pub(super) fn statement<const N: usize>(purpose: &str, fields: [(&str, String); N]) -> Vec<u8> {
    let mut out = Vec::new();
    netstring(&mut out, STATEMENT);
    netstring(&mut out, purpose);
    for (name, value) in fields {
        netstring(&mut out, name);
        netstring(&mut out, &value);
    }
    out
}

/// Appends `decimal length ‖ : ‖ bytes ‖ ,` (PROTOCOL §1.7).
fn netstring(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.len().to_string().as_bytes());
    out.push(b':');
    out.extend_from_slice(text.as_bytes());
    out.push(b',');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_netstring_counts_bytes_and_not_characters() {
        assert_eq!(statement("p", [("市", String::new())]), "20:tachiai/v1/statement,1:p,3:市,0:,".as_bytes());
    }
}
