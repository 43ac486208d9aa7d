//! A total comes out of decryption as v G; finding v is a search among small numbers by baby steps and giant steps (Shanks).

use std::collections::HashMap;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

use super::TallyError;
use crate::group::{Element, G};

/// The baby steps 0…m−1 for logarithms up to a maximum, to be used for many columns.
pub struct LogTable {
    max: u64,
    width: u64,
    giant: RistrettoPoint,
    baby: HashMap<[u8; 32], u64>,
}

impl LogTable {
    /// The most baby steps that are kept, some five megabytes of them.
    const MAX_WIDTH: u64 = 1 << 16;

    /// A table for logarithms from 0 to `max`: about √max steps to make, and as many for each logarithm. Totals are votes, a few millions at most; above
    /// 2^32 the table stays as it is and the search becomes longer.
    #[must_use]
    pub fn new(max: u64) -> Self {
        // The root of the greatest u64 is below 2^32, so one more does not overflow.
        let width = (max.isqrt() + 1).min(Self::MAX_WIDTH);
        let mut point = RistrettoPoint::identity();
        let mut baby = HashMap::new();
        for step in 0..width {
            baby.insert(point.compress().to_bytes(), step);
            point += G;
        }
        Self { max, width, giant: point, baby }
    }

    /// The v ≤ max with v G = `element`, if there is one.
    #[must_use]
    pub fn log(&self, element: &Element) -> Option<u64> {
        let mut point = *element.point();
        for giant in 0..=self.max / self.width {
            if let Some(step) = self.baby.get(&point.compress().to_bytes()) {
                let value = giant * self.width + step;
                return (value <= self.max).then_some(value);
            }
            point -= self.giant;
        }
        None
    }
}

/// The v ≤ max with v G = `element`, if there is one. For many elements, keep a [`LogTable`].
#[must_use]
pub fn discrete_log(element: &Element, max: u64) -> Option<u64> {
    LogTable::new(max).log(element)
}

/// Checks that v G = `element`, for a total that is public.
///
/// # Errors
/// [`TallyError::WrongTotal`].
pub fn check_total(element: &Element, v: u64) -> Result<(), TallyError> {
    if RistrettoPoint::mul_base(&Scalar::from(v)) == *element.point() { Ok(()) } else { Err(TallyError::WrongTotal(v)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times_g(v: u64) -> Element {
        Element::new(RistrettoPoint::mul_base(&Scalar::from(v)))
    }

    #[test]
    fn every_small_logarithm_is_found_up_to_the_maximum_and_none_beyond() {
        for max in [0, 1, 2, 3, 8, 9, 10, 99, 100] {
            let table = LogTable::new(max);
            for v in 0..=max {
                assert_eq!(table.log(&times_g(v)), Some(v), "{v} of {max}");
            }
            for v in max + 1..max + 30 {
                assert_eq!(table.log(&times_g(v)), None, "{v} of {max}");
            }
        }
    }

    #[test]
    fn a_negative_total_has_no_logarithm() {
        assert_eq!(discrete_log(&Element::new(-G), 10_000), None);
    }

    #[test]
    fn a_total_off_by_one_is_refused() {
        assert_eq!(check_total(&times_g(7), 7), Ok(()));
        assert_eq!(check_total(&times_g(7), 8), Err(TallyError::WrongTotal(8)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn logarithms_up_to_millions_are_found(v in 0u64..=3_000_000) {
            prop_assert_eq!(discrete_log(&times_g(v), 3_000_000), Some(v));
        }
    }
}
