//! A number of votes is an exact fraction: where candidates share a name, what was written for that name alone is split between them (按分).
//!
//! Public Offices Election Act (公職選挙法) art. 68-2 splits such votes in proportion to the other valid votes of those candidates. Election commissions cut
//! what comes out after the third decimal, or leave it a fraction where the margin is thin; both can be written here.

use std::fmt::{self, Display, Formatter};
use std::iter::Sum;
use std::num::NonZeroU32;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use num_bigint::BigUint;
use num_rational::Ratio;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The most digits before and after the point, above and below the stroke.
const MAX_DIGITS: usize = 18;

/// A number of votes: zero or more, exact.
///
/// Written as decimal number (`9617.756`) where at most 18 places after the point suffice, and as fraction in lowest terms (`100/3`) otherwise. Equal numbers
/// are written alike, so that a text with one way to be written can be signed.
///
/// ```
/// use tachiai_verify::outcome::Votes;
///
/// let votes: Votes = "2775.0".parse()?;
/// assert_eq!(votes, Votes::from(2775));
/// assert_eq!((Votes::from(8411) + "0.756".parse()?).to_string(), "8411.756");
/// # Ok::<(), tachiai_verify::outcome::VotesError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Votes(Ratio<BigUint>);

/// The text is not a number of votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number of votes: write 9617.756 or 28853/3, with at most {MAX_DIGITS} digits on each side")]
pub struct VotesError;

impl Votes {
    /// No votes.
    #[must_use]
    pub fn none() -> Self {
        Self(Ratio::from_integer(BigUint::ZERO))
    }

    /// Whether these are no votes.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self.0.numer() == BigUint::ZERO
    }

    /// Whether no part of a vote is left over. What was counted as a whole always is whole: a sum that is not lacks what was cut off.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.is_integer()
    }

    /// One of `parts` equal parts.
    #[must_use]
    pub fn part(&self, parts: NonZeroU32) -> Self {
        Self(&self.0 / BigUint::from(parts.get()))
    }

    /// For papers and screens: at most so many places after the point, the rest cut off, with an ellipsis where something was. Never to be compared.
    ///
    /// ```
    /// use tachiai_verify::outcome::Votes;
    ///
    /// assert_eq!("285.3125".parse::<Votes>()?.cut(3), "285.312…");
    /// assert_eq!("387.85".parse::<Votes>()?.cut(3), "387.85");
    /// # Ok::<(), tachiai_verify::outcome::VotesError>(())
    /// ```
    #[must_use]
    pub fn cut(&self, places: u8) -> String {
        let (digits, rest) = self.decimal(u32::from(places));
        if rest { digits + "…" } else { digits }
    }

    /// The number with at most so many places and no needless zeros, and whether anything was cut off.
    fn decimal(&self, places: u32) -> (String, bool) {
        let scaled = self.0.numer() * BigUint::from(10_u32).pow(places);
        let rest = &scaled % self.0.denom() != BigUint::ZERO;
        let width = places as usize + 1;
        let digits = format!("{:0>width$}", (scaled / self.0.denom()).to_string());
        let (whole, after) = digits.split_at(digits.len() - places as usize);
        let after = after.trim_end_matches('0');
        (if after.is_empty() { whole.to_owned() } else { format!("{whole}.{after}") }, rest)
    }
}

impl Default for Votes {
    fn default() -> Self {
        Self::none()
    }
}

impl From<u64> for Votes {
    fn from(whole: u64) -> Self {
        Self(Ratio::from_integer(BigUint::from(whole)))
    }
}

impl Display for Votes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.decimal(MAX_DIGITS as u32) {
            (digits, false) => f.pad(&digits),
            (_, true) => f.pad(&format!("{}/{}", self.0.numer(), self.0.denom())),
        }
    }
}

impl FromStr for Votes {
    type Err = VotesError;

    /// Reads `9617`, `9617.756`, `2775.0` or `28853/3`: ASCII digits without sign, space or separator.
    fn from_str(text: &str) -> Result<Self, VotesError> {
        if let Some((above, below)) = text.split_once('/') {
            let below = digits(below)?;
            return if below == BigUint::ZERO { Err(VotesError) } else { Ok(Self(Ratio::new(digits(above)?, below))) };
        }
        let Some((whole, after)) = text.split_once('.') else { return Ok(Self(Ratio::from_integer(digits(text)?))) };
        let scale = BigUint::from(10_u32).pow(u32::try_from(after.len().min(MAX_DIGITS)).map_err(|_| VotesError)?);
        Ok(Self(Ratio::new(digits(whole)? * &scale + digits(after)?, scale)))
    }
}

fn digits(text: &str) -> Result<BigUint, VotesError> {
    if text.len() > MAX_DIGITS || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(VotesError);
    }
    text.parse().map_err(|_| VotesError)
}

impl Add for Votes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign<&Self> for Votes {
    fn add_assign(&mut self, other: &Self) {
        self.0 = &self.0 + &other.0;
    }
}

impl<'a> Sum<&'a Self> for Votes {
    fn sum<I: Iterator<Item = &'a Self>>(votes: I) -> Self {
        votes.fold(Self::none(), |mut sum, votes| {
            sum += votes;
            sum
        })
    }
}

impl Serialize for Votes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Votes {
    /// Takes a text only as [`Display`] writes it, so that what is signed has one form.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let votes: Self = text.parse().map_err(de::Error::custom)?;
        let written = votes.to_string();
        if written == text { Ok(votes) } else { Err(de::Error::custom(format!("votes are written {written} here, not {text}"))) }
    }
}
