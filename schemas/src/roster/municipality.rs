//! The codes of municipalities.

/// Whether a municipality's code (全国地方公共団体コード) is well formed: six digits, the last of them the check digit (weights 6 to 2, modulo 11).
#[must_use]
pub fn is_municipality(code: &str) -> bool {
    let digits: Vec<u32> = code.chars().filter_map(|c| c.to_digit(10)).collect();
    let [first @ .., check] = digits.as_slice() else { return false };
    let sum: u32 = first.iter().zip([6, 5, 4, 3, 2]).map(|(digit, weight)| digit * weight).sum();
    code.len() == 6 && first.len() == 5 && *check == (11 - sum % 11) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_municipalities_have_a_check_digit() {
        for good in ["282227", "281000", "282057", "282197", "283011", "283657"] {
            assert!(is_municipality(good), "{good}");
        }
        for bad in ["282226", "28222", "2822270", "", "28222x", "２８２２２７"] {
            assert!(!is_municipality(bad), "{bad}");
        }
    }
}
