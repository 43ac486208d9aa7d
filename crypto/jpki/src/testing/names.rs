//! Names in certificates of the service.

use der::{
    Any, Decode, Encode, Tag,
    asn1::{ObjectIdentifier, SetOfVec},
};
use x509_cert::{attr::AttributeTypeAndValue, name::Name};

use super::{Holder, Municipality, TestingError};
use crate::{policy::Purpose, time::UnixTime};

const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const LOCALITY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.7");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// Last part of a common name: which generation of numbering.
const TAIL: &str = "003A";

fn name(parts: &[(ObjectIdentifier, &str)]) -> Result<Name, TestingError> {
    let parts = parts
        .iter()
        .map(|(oid, text)| {
            let tag = if *oid == COUNTRY { Tag::PrintableString } else { Tag::Utf8String };
            let value = Any::new(tag, text.as_bytes())?;
            SetOfVec::try_from(vec![AttributeTypeAndValue { oid: *oid, value }])
        })
        .collect::<Result<Vec<_>, der::Error>>()?;
    Ok(Name::from_der(&parts.to_der()?)?)
}

fn unit(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::UserAuthentication => "JPKI for user authentication",
        Purpose::DigitalSignature => "JPKI for digital signature",
    }
}

pub(super) fn authority(purpose: Purpose) -> Result<Name, TestingError> {
    name(&[(COUNTRY, "JP"), (ORGANISATION, "JPKI-TEST"), (UNIT, unit(purpose)), (UNIT, "Japan Agency for Local Authority Information Systems")])
}

pub(super) fn authority_in_japanese(purpose: Purpose) -> Result<Name, TestingError> {
    let unit = match purpose {
        Purpose::UserAuthentication => "公的個人認証サービス利用者証明用",
        Purpose::DigitalSignature => "公的個人認証サービス署名用",
    };
    name(&[(COUNTRY, "JP"), (ORGANISATION, "公的個人認証サービス"), (UNIT, unit), (UNIT, "地方公共団体情報システム機構")])
}

pub(super) fn distribution_point(purpose: Purpose, municipality: &Municipality) -> Result<Name, TestingError> {
    let Municipality { code: _, prefecture, name: city } = municipality;
    name(&[
        (COUNTRY, "JP"),
        (ORGANISATION, "JPKI-TEST"),
        (UNIT, unit(purpose)),
        (UNIT, "CRL Distribution Points"),
        (UNIT, prefecture),
        (COMMON_NAME, &format!("{city} CRLDP")),
    ])
}

/// 14 characters, the municipality, the tail: nothing that tells who the holder is.
pub(super) fn authentication_subject(holder: &Holder) -> Result<Name, TestingError> {
    let Holder { serial, municipality, .. } = holder;
    name(&[(COUNTRY, "JP"), (COMMON_NAME, &format!("{serial:014X}{}{TAIL}", municipality.code))])
}

/// The time of the application, five digits, the municipality, the tail.
pub(super) fn signing_subject(holder: &Holder) -> Result<Name, TestingError> {
    let Holder { serial, validity, municipality, .. } = holder;
    let Municipality { code, prefecture, name: city } = municipality;
    let common_name = format!("{}{:05}{code}{TAIL}", digits(validity.not_before), serial % 100_000);
    name(&[(COUNTRY, "JP"), (LOCALITY, prefecture), (LOCALITY, city), (COMMON_NAME, &common_name)])
}

fn digits(time: UnixTime) -> String {
    time.to_string().chars().filter(char::is_ascii_digit).collect()
}
