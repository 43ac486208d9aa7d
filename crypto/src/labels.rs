//! Labels keep one use of a hash or transcript apart from every other; all of them stand here.
//!
//! A test holds that no two are equal within their kind.

/// The application label of every transcript and the root of every tagged hash (PROTOCOL §1.2, §1.4).
pub const ROOT: &str = "tachiai/v1";

/// Names of transcripts (PROTOCOL §1.4).
pub mod transcript {
    /// A Schnorr signature (§2.1).
    pub const SIGNATURE: &str = "signature/v1";
    /// The proof of a ballot (§7.3).
    pub const BALLOT: &str = "ballot/v1";
    /// The proof of a decryption share (§8.4).
    pub const DECRYPTION: &str = "decryption/v1";
    /// The proof of a roster entry (§17.4).
    pub const ROSTER_ENTRY: &str = "roster-entry/v1";
    /// The proof that a sum of commitments opens so at some flags (§18.1).
    pub const ROSTER_SHOWN: &str = "roster-shown/v1";

    /// Every transcript name.
    pub const ALL: &[&str] = &[SIGNATURE, BALLOT, DECRYPTION, ROSTER_ENTRY, ROSTER_SHOWN];
}

/// Labels of tagged hashes (PROTOCOL §1.2).
pub mod hash {
    /// The commitment of a trustee to its commitments (§4.1).
    pub const TRUSTEE_COMMIT: &str = "trustee-commit";
    /// What a trustee's possession proof signs (§4.2).
    pub const POSSESSION: &str = "possession";
    /// The list of trustees (§4).
    pub const TRUSTEES: &str = "trustees";
    /// The whole ceremony (§4.3).
    pub const CEREMONY: &str = "ceremony";
    /// A person's four attributes (§5.1).
    pub const PERSON: &str = "person";
    /// A person with a card whose date of birth no roll can write (§10.8).
    pub const PERSON_UNKNOWN_BIRTH: &str = "person/unknown-birth";
    /// The commitment of a slot to its elector (§5.1).
    pub const SLOT: &str = "slot";
    /// The context of every proof of an election (§5.3).
    pub const CONTEXT: &str = "context";
    /// The fingerprint of an election (§5.4).
    pub const FINGERPRINT: &str = "fingerprint";
    /// The evidence behind a registration (§6).
    pub const EVIDENCE: &str = "evidence";
    /// A ballot (§7.2).
    pub const BALLOT: &str = "ballot";
    /// What a challenge signs (§7.7).
    pub const CHALLENGE: &str = "challenge";
    /// The digest of the counted ballots (§8.3).
    pub const COUNTED: &str = "counted";
    /// The tally statement (§8.3).
    pub const TALLY_STATEMENT: &str = "tally-statement";
    /// The digest of a polling place's day (§16.4).
    pub const PAPER_DAY: &str = "paper-day";
    /// What a roster entry's proof is about (§17.4).
    pub const ROSTER_STATEMENT: &str = "roster-statement-of-entry";
    /// One salted field of a person (§17.5).
    pub const ROSTER_FIELD: &str = "roster-field";
    /// The digest of those who count (§18.2).
    pub const ROSTER_LIVE: &str = "roster-live";
    /// What the proof of a statement's scope belongs to (§18.2).
    pub const ROSTER_STATEMENT_OF_TOTALS: &str = "roster-statement";
    /// What the proofs of a disclosure belong to (§18.4).
    pub const ROSTER_DISCLOSURE: &str = "roster-disclosure";
    /// The handle of a person's chain (§17.2).
    pub const ROSTER_CHAIN: &str = "roster-chain";

    /// Every label of a tagged hash.
    pub const ALL: &[&str] = &[
        TRUSTEE_COMMIT,
        POSSESSION,
        TRUSTEES,
        CEREMONY,
        PERSON,
        PERSON_UNKNOWN_BIRTH,
        SLOT,
        CONTEXT,
        FINGERPRINT,
        EVIDENCE,
        BALLOT,
        CHALLENGE,
        COUNTED,
        TALLY_STATEMENT,
        PAPER_DAY,
        ROSTER_STATEMENT,
        ROSTER_FIELD,
        ROSTER_LIVE,
        ROSTER_STATEMENT_OF_TOTALS,
        ROSTER_DISCLOSURE,
        ROSTER_CHAIN,
    ];
}

/// Purposes of Schnorr signatures (PROTOCOL §2.1).
pub mod purpose {
    /// A ballot (§7.4).
    pub const BALLOT: &str = "ballot";
    /// The registration of a voting key (§6).
    pub const REGISTRATION: &str = "registration";
    /// The challenge of a ballot (§7.7).
    pub const CHALLENGE: &str = "challenge";
    /// A trustee's possession of its constant term (§4.2).
    pub const TRUSTEE_POSSESSION: &str = "trustee-possession";
    /// Every purpose.
    pub const ALL: &[&str] = &[BALLOT, REGISTRATION, CHALLENGE, TRUSTEE_POSSESSION];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_labels_of_a_kind_are_equal() {
        for all in [super::transcript::ALL, super::hash::ALL, super::purpose::ALL] {
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        }
    }
}
