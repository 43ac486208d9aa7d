//! How bytes are spoilt: a few changes at a time, each as a person, a cable or an attacker would make it.

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// Values that readers of lengths and numbers stumble over.
const ODD: [&[u8]; 16] = [
    b"\x00",
    b"\xFF",
    b"\xFF\xFF\xFF\xFF",
    b"\x80\x00\x00\x00",
    b"\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    b"-1",
    b"4294967296",
    b"18446744073709551615",
    b"1e9",
    b"null",
    b"\"\"",
    b"{}",
    b"\\u0000",
    b"\n",
    b"\xE3\x80\x80",
    b"\xF0\x9F",
];

/// The longest input that is made, longer than any entry.
const LONGEST: usize = 1 << 17;

/// A source of spoilt bytes, the same for the same seed.
pub struct Spoiler(ChaCha20Rng);

impl Spoiler {
    /// The source of a seed.
    pub fn new(seed: u64) -> Spoiler {
        Spoiler(ChaCha20Rng::seed_from_u64(seed))
    }

    /// One of the inputs, with one to six changes.
    pub fn spoil(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = self.one_of(corpus).cloned().unwrap_or_default();
        for _ in 0..=self.below(6) {
            self.change(&mut bytes, corpus);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    /// A number below `bound`, which is small.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound.max(1) as u64) as usize
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let index = self.below(list.len());
        list.get(index)
    }

    /// A range of at most `most` bytes.
    fn range(&mut self, length: usize, most: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        start..start + self.below((length - start).min(most) + 1)
    }

    fn change(&mut self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let length = bytes.len();
        match self.below(9) {
            // One bit.
            0 | 1 => {
                let (at, bit) = (self.below(length), self.below(8));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            // One byte, of the kind that is there already.
            2 => {
                let at = self.below(length);
                let other = self.one_of(bytes).copied().unwrap_or(0);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = other;
                }
            }
            3 => {
                let range = self.range(length, 64);
                bytes.drain(range);
            }
            4 => bytes.truncate(self.below(length + 1)),
            5 => {
                let (at, odd) = (self.below(length + 1), self.one_of(&ODD).copied().unwrap_or_default());
                bytes.splice(at..at, odd.iter().copied());
            }
            // A part twice.
            6 => {
                let range = self.range(length, 256);
                let part = bytes.get(range.clone()).unwrap_or_default().to_vec();
                bytes.splice(range.start..range.start, part);
            }
            // A part of another input.
            7 => {
                let other = self.one_of(corpus).cloned().unwrap_or_default();
                let (from, to) = (self.range(other.len(), 512), self.range(length, 512));
                bytes.splice(to, other.get(from).unwrap_or_default().iter().copied());
            }
            // A number changed.
            _ => {
                let digits: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).collect();
                let digit = b'0' + self.below(10) as u8;
                if let Some(byte) = self.one_of(&digits).copied().and_then(|at| bytes.get_mut(at)) {
                    *byte = digit;
                }
            }
        }
    }
}
