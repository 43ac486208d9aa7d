//! Votes are exact fractions, read and written without loss.

use proptest::prelude::*;
use tachiai_verify::outcome::{Votes, VotesError};

use crate::number;

#[test]
fn decimals_and_fractions_are_read_exactly() {
    assert_eq!(number("2775.0"), Votes::from(2775));
    assert_eq!(number("0.5"), number("1/2"));
    assert_eq!(number("00012.340"), number("617/50"));
    assert_eq!(number("1/3") + number("2/3"), Votes::from(1));
    assert!(number("0.000000000000000001") > Votes::none());
    assert_eq!(Votes::from(u64::MAX).to_string(), u64::MAX.to_string());
}

#[test]
fn tenths_do_not_drift_as_floats_do() {
    let mut sum = Votes::none();
    for _ in 0..10 {
        sum += &number("0.1");
    }
    assert_eq!(sum, Votes::from(1));
    assert_eq!((0..1000).map(|_| number("0.001")).collect::<Vec<_>>().iter().sum::<Votes>(), Votes::from(1));
}

#[test]
fn equal_votes_are_written_alike_in_lowest_terms() {
    for (text, written) in [("9617.756", "9617.756"), ("2775.0", "2775"), ("0", "0"), ("0/7", "0"), ("10/4", "2.5"), ("200/6", "100/3"), ("07.10", "7.1")] {
        assert_eq!(number(text).to_string(), written);
    }
    assert_eq!(format!("{:>6}", number("2.50")), "   2.5");
}

#[test]
fn what_is_no_number_of_votes_is_refused() {
    for text in [
        "",
        " ",
        "1 ",
        "-1",
        "+1",
        ".",
        "1.",
        ".5",
        "1.2.3",
        "1/0",
        "1/",
        "/1",
        "1/2/3",
        "1,000",
        "1e3",
        "1_0",
        "NaN",
        "inf",
        "１２",
        "0x1",
        "1234567890123456789",
        "0.1234567890123456789",
        "1/1234567890123456789",
    ] {
        assert_eq!(text.parse::<Votes>(), Err(VotesError), "{text}");
    }
}

#[test]
fn for_papers_the_rest_is_cut_off_and_never_rounded_up() {
    assert_eq!(number("2/3").cut(3), "0.666…");
    assert_eq!(number("1.9999").cut(3), "1.999…");
    assert_eq!(number("1.9999").cut(4), "1.9999");
    assert_eq!(number("7/2").cut(0), "3…");
    assert_eq!(number("7").cut(0), "7");
    assert_eq!(number("0.0004").cut(3), "0…");
    assert_eq!(number("0.050").cut(3), "0.05");
}

#[test]
fn json_has_one_form_for_each_number() {
    assert_eq!(serde_json::to_string(&number("2775.0")).unwrap(), "\"2775\"");
    assert_eq!(serde_json::from_str::<Votes>("\"4423.067\"").unwrap(), number("4423.067"));
    for other in ["\"2775.0\"", "\"02775\"", "\"2/6\"", "\"5550/2\"", "2775", "27.5", "\"x\"", "null"] {
        assert!(serde_json::from_str::<Votes>(other).is_err(), "{other}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(whole in 0_u64..1_000_000_000_000_000_000, after in "[0-9]{0,18}", below in 1_u64..1_000_000_000_000_000_000) {
        let decimal = if after.is_empty() { number(&whole.to_string()) } else { number(&format!("{whole}.{after}")) };
        let fraction = number(&format!("{whole}/{below}"));
        for votes in [decimal, fraction] {
            prop_assert_eq!(&number(&votes.to_string()), &votes);
            prop_assert_eq!(&serde_json::from_str::<Votes>(&serde_json::to_string(&votes).unwrap()).unwrap(), &votes);
        }
    }

    #[test]
    fn fractions_add_and_compare_as_cross_products_do(a in 0_u64..1_000_000_000, b in 1_u64..1_000_000_000, c in 0_u64..1_000_000_000, d in 1_u64..1_000_000_000) {
        let (left, right) = (number(&format!("{a}/{b}")), number(&format!("{c}/{d}")));
        let [a, b, c, d] = [a, b, c, d].map(u128::from);
        prop_assert_eq!(left.cmp(&right), (a * d).cmp(&(c * b)));
        let sum = left.clone() + right.clone();
        prop_assert_eq!(&sum, &(right + left));
        // The whole votes and the thousandths below them.
        let thousandths = (a * d + c * b) * 1000 / (b * d);
        let cut = sum.cut(3);
        let shown: Votes = number(cut.trim_end_matches('…'));
        prop_assert_eq!(&shown, &number(&format!("{}.{:03}", thousandths / 1000, thousandths % 1000)));
        prop_assert_eq!(cut.ends_with('…'), shown != sum);
    }
}
