//! An exact amount is a fraction of whole numbers: votes where names were shared (按分), thresholds, percentages. Nothing here is ever a float.
//!
//! Votes for a name that two candidates share are divided in the proportion of their other votes (公職選挙法第68条の2), so that a candidate can have 9,617.756 votes.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A fraction of whole numbers that is not negative, in lowest terms. In JSON a text: `12`, `9617.756` or `1/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Exact {
    numerator: u128,
    denominator: u128,
}

/// The text is no amount, or a number in it is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an amount such as 12, 9617.756 or 1/3")]
pub struct ExactError;

/// What becomes of the digits after the last one that is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// They are dropped (切り捨て): a count is never said to be finished before it is.
    Down,
    /// A half or more counts as one (四捨五入), as turnout is published.
    HalfUp,
}

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// So many whole ones.
    #[must_use]
    pub fn whole(number: u64) -> Self {
        Self { numerator: u128::from(number), denominator: 1 }
    }

    /// A fraction in lowest terms; `None` if the denominator is 0.
    #[must_use]
    pub fn ratio(numerator: u128, denominator: u128) -> Option<Self> {
        let common = greatest_common_divisor(numerator, denominator);
        (denominator != 0).then(|| Self { numerator: numerator / common, denominator: denominator / common })
    }

    /// Numerator and denominator in lowest terms.
    #[must_use]
    pub const fn parts(self) -> (u128, u128) {
        (self.numerator, self.denominator)
    }

    /// The sum; `None` if it is too large to be held.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let common = greatest_common_divisor(self.denominator, other.denominator);
        let (left, right) = (other.denominator / common, self.denominator / common);
        let numerator = self.numerator.checked_mul(left)?.checked_add(other.numerator.checked_mul(right)?)?;
        Self::ratio(numerator, self.denominator.checked_mul(left)?)
    }

    /// The sum of several; `None` if it is too large to be held.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// This amount divided by whole numbers; `None` if one is 0 or the denominator grows too large.
    #[must_use]
    pub fn over(self, divisors: &[u64]) -> Option<Self> {
        let denominator = divisors.iter().try_fold(self.denominator, |all, divisor| all.checked_mul(u128::from(*divisor)))?;
        Self::ratio(self.numerator, denominator)
    }

    /// With so many digits after the point, and commas between thousands: `12,345.50`.
    #[must_use]
    pub fn decimal(self, digits: u32, rounding: Rounding) -> String {
        let (mut whole, mut rest) = (self.numerator / self.denominator, self.numerator % self.denominator);
        let mut after = Vec::new();
        for _ in 0..digits {
            let (digit, next) = times_ten(rest, self.denominator);
            after.push(digit);
            rest = next;
        }
        // rest / denominator is what is left: at least a half if doubling it reaches the denominator.
        if rounding == Rounding::HalfUp && rest >= self.denominator - rest {
            let carried = after.iter_mut().rev().try_fold((), |(), digit| {
                *digit = (*digit + 1) % 10;
                if *digit == 0 { Some(()) } else { None }
            });
            whole += u128::from(carried.is_some());
        }
        let mut text = separated(whole);
        if digits > 0 {
            text.push('.');
            text.extend(after.iter().map(|digit| char::from(b'0' + digit)));
        }
        text
    }

    /// As votes are printed: whole ones without a point, others with the three digits after it to which shared names are reckoned; digits beyond are dropped.
    #[must_use]
    pub fn votes(self) -> String {
        if self.denominator == 1 { separated(self.numerator) } else { self.decimal(3, Rounding::Down) }
    }

    /// As an exact fraction with its whole part: `3,086 と 1/4` is `3,086 1/4`.
    #[must_use]
    pub fn fraction(self) -> String {
        let (whole, rest) = (self.numerator / self.denominator, self.numerator % self.denominator);
        match (whole, rest) {
            (whole, 0) => separated(whole),
            (0, rest) => format!("{}/{}", separated(rest), separated(self.denominator)),
            (whole, rest) => format!("{} {}/{}", separated(whole), separated(rest), separated(self.denominator)),
        }
    }
}

/// `part` of `whole` in percent with two digits after the point, computed exactly; `None` of nothing.
#[must_use]
pub fn percent(part: Exact, whole: Exact, rounding: Rounding) -> Option<String> {
    let share = Exact::ratio(part.numerator.checked_mul(whole.denominator)?.checked_mul(100)?, part.denominator.checked_mul(whole.numerator)?)?;
    Some(share.decimal(2, rounding))
}

/// A whole number with commas between thousands: `18,700`.
#[must_use]
pub fn separated(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The whole part of 10·`rest`/`denominator` and what is left, for `rest` below `denominator`, without a product that could be too large.
fn times_ten(rest: u128, denominator: u128) -> (u8, u128) {
    let (mut digit, mut left) = (0, 0);
    for _ in 0..10 {
        // left + rest − denominator where left + rest reaches it, written so that no sum is too large.
        if left >= denominator - rest {
            left -= denominator - rest;
            digit += 1;
        } else {
            left += rest;
        }
    }
    (digit, left)
}

const fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { 1 } else { a }
}

impl From<u64> for Exact {
    fn from(number: u64) -> Self {
        Self::whole(number)
    }
}

impl Ord for Exact {
    /// By whole parts and then by the reciprocals of the rests, as Euclid did, so that no product can be too large.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (*self, *other);
        let mut turned = false;
        loop {
            let whole = (a.numerator / a.denominator).cmp(&(b.numerator / b.denominator));
            let (rest_a, rest_b) = (a.numerator % a.denominator, b.numerator % b.denominator);
            let order = match (whole, rest_a, rest_b) {
                (Ordering::Equal, 0, 0) => return Ordering::Equal,
                (Ordering::Equal, 0, _) => Ordering::Less,
                (Ordering::Equal, _, 0) => Ordering::Greater,
                (Ordering::Equal, _, _) => {
                    (a, b) = (Self { numerator: a.denominator, denominator: rest_a }, Self { numerator: b.denominator, denominator: rest_b });
                    turned = !turned;
                    continue;
                }
                (unequal, _, _) => unequal,
            };
            return if turned { order.reverse() } else { order };
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut text, mut rest) = ((self.numerator / self.denominator).to_string(), self.numerator % self.denominator);
        for place in 0..9 {
            if rest == 0 {
                break;
            }
            if place == 0 {
                text.push('.');
            }
            let (digit, next) = times_ten(rest, self.denominator);
            write!(text, "{digit}")?;
            rest = next;
        }
        if rest == 0 { f.write_str(&text) } else { write!(f, "{}/{}", self.numerator, self.denominator) }
    }
}

impl FromStr for Exact {
    type Err = ExactError;

    fn from_str(text: &str) -> Result<Self, ExactError> {
        let number = |text: &str| if text.bytes().all(|b| b.is_ascii_digit()) { text.parse::<u128>().map_err(|_| ExactError) } else { Err(ExactError) };
        if let Some((numerator, denominator)) = text.split_once('/') {
            return Self::ratio(number(numerator)?, number(denominator)?).ok_or(ExactError);
        }
        let (whole, after) = text.split_once('.').map_or((text, None), |(whole, after)| (whole, Some(after)));
        let scale = after.map_or(Some(1), |after| 10_u128.checked_pow(u32::try_from(after.len()).ok()?)).ok_or(ExactError)?;
        let after = after.map_or(Ok(0), number)?;
        let numerator = number(whole)?.checked_mul(scale).and_then(|scaled| scaled.checked_add(after)).ok_or(ExactError)?;
        Self::ratio(numerator, scale).ok_or(ExactError)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(part: u64, whole: u64, rounding: Rounding) -> Option<String> {
        percent(part.into(), whole.into(), rounding)
    }

    #[test]
    fn turnout_is_rounded_from_a_half_up_and_the_part_counted_never() {
        assert_eq!(of(21_985, 35_790, Rounding::HalfUp).unwrap(), "61.43");
        assert_eq!(of(1, 3, Rounding::HalfUp).unwrap(), "33.33");
        assert_eq!(of(2, 3, Rounding::HalfUp).unwrap(), "66.67");
        assert_eq!(of(1, 800, Rounding::HalfUp).unwrap(), "0.13");
        assert_eq!(of(1, 800, Rounding::Down).unwrap(), "0.12");
        assert_eq!(of(99_999, 100_000, Rounding::HalfUp).unwrap(), "100.00");
        assert_eq!(of(99_999, 100_000, Rounding::Down).unwrap(), "99.99");
        assert_eq!(of(7, 7, Rounding::Down).unwrap(), "100.00");
        assert_eq!(of(0, 7, Rounding::HalfUp).unwrap(), "0.00");
        assert_eq!(of(0, 0, Rounding::HalfUp), None);
    }

    #[test]
    fn an_amount_is_printed_exactly_or_said_to_be_cut() {
        let third = Exact::ratio(12_345, 12).unwrap();
        assert_eq!((third.fraction().as_str(), third.decimal(3, Rounding::Down).as_str()), ("1,028 3/4", "1,028.750"));
        assert_eq!("9617.756".parse::<Exact>().unwrap().votes(), "9,617.756");
        assert_eq!("1/3".parse::<Exact>().unwrap().votes(), "0.333");
        assert_eq!(Exact::whole(1_234_567).votes(), "1,234,567");
        assert_eq!(Exact::ratio(1, 8).unwrap().fraction(), "1/8");
        assert_eq!(Exact::whole(999).fraction(), "999");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "-1", "1.2.3", "1/0", "1/", "/2", "1e3", "１２", "+1", " 1", "340282366920938463463374607431768211456"] {
            assert_eq!(text.parse::<Exact>(), Err(ExactError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_amount_survives_its_text(numerator: u64, denominator in 1_u64..) {
            let amount = Exact::ratio(numerator.into(), denominator.into()).unwrap();
            prop_assert_eq!(amount.to_string().parse::<Exact>().unwrap(), amount);
        }

        #[test]
        fn order_and_sums_are_those_of_the_fractions(a: u64, b in 1_u64.., c: u64, d in 1_u64..) {
            let (left, right) = (Exact::ratio(a.into(), b.into()).unwrap(), Exact::ratio(c.into(), d.into()).unwrap());
            prop_assert_eq!(left.cmp(&right), (u128::from(a) * u128::from(d)).cmp(&(u128::from(c) * u128::from(b))));
            let (a, b, c, d) = (a >> 34, (b >> 34) + 1, c >> 34, (d >> 34) + 1);
            let (left, right) = (Exact::ratio(a.into(), b.into()).unwrap(), Exact::ratio(c.into(), d.into()).unwrap());
            let sum = Exact::ratio((a * d + c * b).into(), (b * d).into()).unwrap();
            prop_assert_eq!(left.plus(right), Some(sum));
            prop_assert_eq!(right.plus(left), Some(sum));
        }

        #[test]
        fn the_digits_are_those_of_a_long_division(numerator: u64, denominator in 1_u64..1 << 40) {
            let amount = Exact::ratio(numerator.into(), denominator.into()).unwrap();
            let (n, d) = (u128::from(numerator), u128::from(denominator));
            let down = amount.decimal(2, Rounding::Down).replace(['.', ','], "");
            prop_assert_eq!(down.parse::<u128>().unwrap(), n * 100 / d);
            let half_up = amount.decimal(2, Rounding::HalfUp).replace(['.', ','], "");
            prop_assert_eq!(half_up.parse::<u128>().unwrap(), (n * 200 + d) / (2 * d));
        }
    }
}
