//! The own entry that an evacuee takes along (PROTOCOL §18.6).

use serde::Serialize;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::journal::{BoardKey, InclusionProof, Origin, SignedCheckpoint, verify_inclusion};
use tachiai_schemas::HashBytes;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::own::OwnEntry;
use tachiai_schemas::roster::{self, Act, Body, Declared, Hlc, ShelterId, TerminalId};

use super::{Broken, Roster, alone};
use crate::rule::{Breaks, Rule, Violation, require};

/// What an own entry that holds says. The person's fields are in the opening.
#[derive(Debug, Clone, Serialize)]
pub struct OwnVerdict {
    /// Always `holds`.
    pub verdict: &'static str,
    /// The fingerprint of the event.
    pub fingerprint: String,
    /// Whether that is the fingerprint of the notice.
    pub compared: bool,
    /// What the event is.
    pub declared: Declared,
    /// The leaf.
    pub leaf: u64,
    /// How many entries the checkpoint is over.
    pub size: u64,
    /// When it happened.
    pub time: Hlc,
    /// Where.
    pub shelter: ShelterId,
    /// What.
    pub act: Act,
    /// Who wrote it.
    pub terminal: TerminalId,
    /// What it says of the person: names of fields with their values as JSON text.
    pub fields: Vec<(String, String)>,
}

/// Checks that an entry stands in the roster that the appliance signed, and that its opening is its own.
///
/// # Errors
/// [`Violation`] of R901, R902, R905, R906, R302, R926.
pub fn verify(own: &OwnEntry, expect: Option<&Fingerprint>) -> Result<OwnVerdict, Violation> {
    let OwnEntry { declared, declared_proof, leaf, entry, entry_proof, opening, checkpoint } = own;
    let first = roster::from_bytes(&declared.0).breaks(Rule::R901)?;
    let by_itself = |broken: Broken| Violation::of_record(broken.rule, broken.detail);
    Roster::new().check(&first).map_err(by_itself)?;
    let Body::Declared(what) = &first.body.body else { return Err(Violation::of_record(Rule::R902, "the first entry does not declare an event")) };
    let key = BoardKey::from_bytes(&what.key.0).breaks(Rule::R902)?;
    let origin = Origin::new(&what.origin).breaks(Rule::R902)?;
    let hash = roster::leaf_hash(&declared.0);
    let fingerprint = Fingerprint::of(&hash);
    if let Some(expected) = expect {
        require!(fingerprint.matches(expected), R302, "the event's fingerprint is {fingerprint}");
    }
    let signed = SignedCheckpoint::parse_and_verify(checkpoint, &origin, &key).breaks(Rule::R926)?;
    let checkpoint = signed.checkpoint();
    let stands = |hash, leaf: u64, proof: &[HashBytes]| {
        let proof = InclusionProof::from_hashes(proof.iter().map(|hash| hash.hash()).collect());
        verify_inclusion(hash, leaf, checkpoint.size, &proof, checkpoint.root).breaks(Rule::R926)
    };
    stands(hash, 0, declared_proof)?;
    stands(roster::leaf_hash(&entry.0), *leaf, entry_proof)?;
    let entry = roster::from_bytes(&entry.0).breaks(Rule::R901)?;
    require!(entry.body.event == first.body.event, R926, "the entry is of another event");
    alone::numbers(&entry.body).map_err(by_itself)?;
    let Body::Person(person) = &entry.body.body else { return Err(Violation::of_record(Rule::R926, "the entry is not about a person")) };
    opening.person(&entry.body, Day::of(what.began)).breaks(Rule::R926)?;
    if let Some(owed) = alone::person(person, entry.body.statement()).map_err(by_itself)? {
        let (statement, committed) = *owed;
        committed.verify(&statement).breaks(Rule::R906)?;
    }
    Ok(OwnVerdict {
        verdict: "holds",
        fingerprint: fingerprint.to_string(),
        compared: expect.is_some(),
        declared: Declared::clone(what),
        leaf: *leaf,
        size: checkpoint.size,
        time: entry.body.time,
        shelter: person.shelter.clone(),
        act: person.act,
        terminal: entry.body.terminal.clone(),
        fields: opening.fields.iter().map(|field| (field.name.clone(), field.value.clone())).collect(),
    })
}
