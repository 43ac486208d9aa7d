//! Serial numbers of certificates, unique within one certification authority.

use std::fmt;

use data_encoding::HEXUPPER;
use x509_cert::serial_number::SerialNumber;

/// The serial number of a certificate: a positive integer of at most 20 bytes (RFC 5280 §4.1.2.2).
///
/// A person gets a new one at each renewal, so it names a certificate and never a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(Vec<u8>);

impl Serial {
    /// The big-endian bytes without leading zeros.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The serial number with this value; `None` for zero, which no authority may give.
    pub fn from_u64(value: u64) -> Option<Self> {
        Self::from_unsigned(&value.to_be_bytes())
    }

    /// `None` for zero and for negative numbers.
    pub(crate) fn from_x509(serial: &SerialNumber) -> Option<Self> {
        let bytes = serial.as_bytes();
        if bytes.first().is_some_and(|first| *first >= 0x80) {
            return None;
        }
        Self::from_unsigned(bytes)
    }

    fn from_unsigned(bytes: &[u8]) -> Option<Self> {
        let first = bytes.iter().position(|byte| *byte != 0)?;
        bytes.get(first..).map(|bytes| Self(bytes.to_vec()))
    }
}

/// Upper-case hexadecimal, as certificate tools print it.
impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXUPPER.encode(&self.0))
    }
}
