//! Decisions before there is a board: the specification, the trustees' cards, the manifest.

use std::str::FromStr;

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardKey;
use tachiai_schemas::election::{Contest, CrlRequirement, Manifest, TrusteeEntry};
use tachiai_schemas::paper::Uncontested;
use tachiai_schemas::spec::{ContestSpec, ElectionSpec};
use tachiai_schemas::trustee::{Signed, SignedKind, TrusteeCard};
use tachiai_schemas::validate::FieldError;
use tachiai_schemas::{Bytes, ElectionId, Refusal, Timestamp};

use super::private::PrivateState;
use crate::refused::Refused;

/// The longest name of a trustee, in characters.
const MAX_NAME: usize = 100;

/// Checks a specification.
///
/// # Errors
/// [`Refusal::SpecInvalid`] with every wrong field.
pub fn check_spec(spec: &ElectionSpec, now: Timestamp) -> Result<(), Refused> {
    let mut errors = spec.validate().err().unwrap_or_default();
    for (index, recipient) in spec.authority_recipients.iter().enumerate() {
        if let Err(problem) = age::x25519::Recipient::from_str(recipient) {
            errors.push(FieldError { path: format!("authority_recipients[{index}]"), problem: problem.to_owned() });
        }
    }
    if spec.online_closes <= now {
        errors.push(FieldError { path: "online_closes".to_owned(), problem: format!("{} is past", spec.online_closes) });
    }
    if errors.is_empty() { Ok(()) } else { Err(spec_invalid(&errors)) }
}

fn spec_invalid(errors: &[FieldError]) -> Refused {
    Refused::about(Refusal::SpecInvalid, errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

/// What becomes of a trustee's card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewTrustee {
    /// It is taken over.
    Add,
    /// It was taken over before.
    Already,
}

/// Checks a trustee's card.
///
/// # Errors
/// [`Refusal::TrusteeFile`], [`Refusal::TrusteeTwice`].
pub fn check_trustee(private: &PrivateState, card: &Signed<TrusteeCard>) -> Result<NewTrustee, Refused> {
    let Signed { body, signature } = card;
    let TrusteeCard { name, signing_key, recipient } = body;
    let wrong = |what: &str| Refused::about(Refusal::TrusteeFile, format!("trustee-card: {what}"));
    if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(wrong("the name is empty, too long or holds control characters"));
    }
    let key = BoardKey::from_bytes(&signing_key.0).map_err(|error| wrong(&format!("signing key: {error}")))?;
    age::x25519::Recipient::from_str(recipient).map_err(|error| wrong(&format!("recipient: {error}")))?;
    let hash = body.signed_hash().map_err(|error| Refused::fault("hashing a trustee's card", error))?;
    key.verify_hash(&hash, &signature.0).map_err(|_| wrong(&format!("{name} did not sign it")))?;
    if private.trustees.contains(body) {
        return Ok(NewTrustee::Already);
    }
    if let Some(other) = private.trustees.iter().find(|other| other.name == *name || other.signing_key == *signing_key || other.recipient == *recipient) {
        return Err(Refused::said(
            Refusal::TrusteeTwice,
            format!("名前か鍵が、別の登録用ファイルで登録済みの{}さんと同じです", other.name),
            format!("the name or a key is that of {}, who is listed with another card", other.name),
        ));
    }
    let wanted = private.spec.as_ref().map_or(0, |spec| usize::from(spec.trustees));
    if private.trustees.len() >= wanted {
        return Err(wrong(&format!("all {wanted} trustees of this election are listed")));
    }
    Ok(NewTrustee::Add)
}

/// What the appliance adds to a specification.
pub struct Appliance<'a> {
    /// The host of the origin.
    pub host: &'a str,
    /// SHA-256 of the trusted card authorities.
    pub anchors: Vec<Hash32>,
    /// Whether the appliance checks revocation.
    pub crl: CrlRequirement,
}

/// The manifest, once specification and trustees are complete.
///
/// # Errors
/// [`Refusal::Incomplete`] naming what is missing, [`Refusal::SpecInvalid`].
pub fn manifest(election: ElectionId, private: &PrivateState, appliance: &Appliance<'_>, board_key: [u8; 32]) -> Result<Manifest, Refused> {
    let spec = private.spec.as_ref().ok_or(Refusal::Incomplete)?;
    let (have, want) = (private.trustees.len(), usize::from(spec.trustees));
    if have != want {
        return Err(Refused::said(
            Refusal::Incomplete,
            format!("立会人{want}人のうち{have}人しか登録されていません"),
            format!("{have} of {want} trustees are listed"),
        ));
    }
    if spec.crl == CrlRequirement::Required && appliance.crl == CrlRequirement::NotRequired {
        return Err(Refused::said(
            Refusal::Incomplete,
            "選挙の定義は失効リストを求めていますが、装置に設定されていません",
            "crl: the specification requires revocation lists, the appliance is configured without them",
        ));
    }
    if appliance.anchors.is_empty() {
        return Err(Refused::said(Refusal::Incomplete, "装置に、カードの認証局が一つも設定されていません", "the appliance trusts no card authority"));
    }
    let ElectionSpec {
        title,
        authority,
        opens,
        online_closes,
        poll_closes,
        quorum,
        trustees: _,
        min_unit,
        crl,
        authority_recipients,
        witnesses,
        places,
        count_officers,
        districts,
        contests,
    } = spec;
    let wrong_key = |(place, error)| spec_invalid(&[FieldError { path: format!("witnesses.keys[{place}]"), problem: format!("{error}") }]);
    let place = |id: &String| (0u16..).zip(districts).find(|(_, district)| district.id == *id).map(|(index, _)| index);
    let without_poll = contests.iter().filter(|contest| !contest.is_contested()).map(|contest| Uncontested {
        id: contest.id.clone(),
        title: contest.title.clone(),
        kind: contest.kind,
        seats: contest.seats,
        options: contest.options.clone(),
    });
    let uncontested = without_poll.collect();
    let contests = contests
        .iter()
        .filter(|contest| contest.is_contested())
        .map(|contest| {
            let ContestSpec { id, title, kind, seats, choose, options, districts } = contest;
            let mut districts: Option<Vec<u16>> = districts.as_ref().map(|ids| ids.iter().filter_map(place).collect());
            if let Some(places) = &mut districts {
                places.sort_unstable();
            }
            Contest { id: id.clone(), title: title.clone(), kind: *kind, seats: *seats, choose: *choose, options: options.clone(), districts }
        })
        .collect();
    let trustees = private.trustees.iter().map(|TrusteeCard { name, signing_key, recipient }| TrusteeEntry {
        name: name.clone(),
        signing_key: *signing_key,
        recipient: recipient.clone(),
    });
    let manifest = Manifest {
        election,
        origin: format!("{}/{election}", appliance.host),
        title: title.clone(),
        authority: *authority,
        opens: *opens,
        online_closes: *online_closes,
        poll_closes: *poll_closes,
        districts: districts.clone(),
        contests,
        uncontested,
        min_unit: *min_unit,
        quorum: *quorum,
        trustees: trustees.collect(),
        board_key: Bytes(board_key),
        authority_recipients: authority_recipients.clone(),
        witnesses: witnesses.to_manifest().map_err(wrong_key)?,
        places: places.clone(),
        count_officers: count_officers.clone(),
        crl: *crl,
        card_anchors: appliance.anchors.iter().copied().map(Into::into).collect(),
    };
    manifest.validate().map_err(|errors| spec_invalid(&errors))?;
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commented_example_is_a_valid_specification() {
        let spec = ElectionSpec::from_toml(include_str!("../../../tests/data/spec.toml")).unwrap();
        check_spec(&spec, Timestamp::from_unix(1_790_000_000).unwrap()).unwrap();
    }
}
