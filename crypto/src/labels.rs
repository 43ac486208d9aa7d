//! Labels keep one use of a hash, signature, transcript or generator apart from every other; all of them stand here.
//!
//! A test holds that no two are equal within their kind, and one of the whole project that no code names another label.

/// The application label of every transcript and the root of every tagged hash (PROTOCOL §1.2, §1.4).
pub const ROOT: &str = "tachiai/v1";

/// Constants of one kind, and the list of them all: none can be left out of it.
macro_rules! labels {
    ($($(#[$doc:meta])+ $name:ident = $label:literal;)+) => {
        $($(#[$doc])+ pub const $name: &str = $label;)+

        /// Every one of them.
        pub const ALL: &[&str] = &[$($name),+];
    };
}

/// Names of transcripts (PROTOCOL §1.4).
pub mod transcript {
    labels! {
        /// A Schnorr signature (§2.1).
        SIGNATURE = "signature/v1";
        /// The proof of a ballot (§7.3).
        BALLOT = "ballot/v1";
        /// The proof of a decryption share (§8.4).
        DECRYPTION = "decryption/v1";
        /// The proof of a roster entry (§17.4).
        ROSTER_ENTRY = "roster-entry/v1";
        /// The proof that a sum of commitments opens so at some flags (§18.1).
        ROSTER_SHOWN = "roster-shown/v1";
    }
}

/// Labels of tagged hashes (PROTOCOL §1.2). None begins as those of signed files do.
pub mod hash {
    labels! {
        /// The commitment of a trustee to its commitments (§4.1).
        TRUSTEE_COMMIT = "trustee-commit";
        /// What a trustee's possession proof signs (§4.2).
        POSSESSION = "possession";
        /// The list of trustees (§4).
        TRUSTEES = "trustees";
        /// The whole ceremony (§4.3).
        CEREMONY = "ceremony";
        /// A person's four attributes (§5.1).
        PERSON = "person";
        /// A person with a card whose date of birth no roll can write (§10.8).
        PERSON_UNKNOWN_BIRTH = "person/unknown-birth";
        /// The commitment of a slot to its elector (§5.1).
        SLOT = "slot";
        /// The context of every proof of an election (§5.3).
        CONTEXT = "context";
        /// The fingerprint of an election (§5.4).
        FINGERPRINT = "fingerprint";
        /// The evidence behind a registration (§6).
        EVIDENCE = "evidence";
        /// A ballot (§7.2).
        BALLOT = "ballot";
        /// What a challenge signs (§7.7).
        CHALLENGE = "challenge";
        /// The digest of the counted ballots (§8.3).
        COUNTED = "counted";
        /// The tally statement (§8.3).
        TALLY_STATEMENT = "tally-statement";
        /// The digest of a polling place's day (§16.4).
        PAPER_DAY = "paper-day";
        /// What a roster entry's proof is about (§17.4).
        ROSTER_STATEMENT = "roster-statement-of-entry";
        /// One salted field of a person (§17.5).
        ROSTER_FIELD = "roster-field";
        /// The digest of those who count (§18.2).
        ROSTER_LIVE = "roster-live";
        /// What the proof of a statement's scope belongs to (§18.2).
        ROSTER_STATEMENT_OF_TOTALS = "roster-statement";
        /// What the proofs of a disclosure belong to (§18.4).
        ROSTER_DISCLOSURE = "roster-disclosure";
        /// The handle of a person's chain (§17.2).
        ROSTER_CHAIN = "roster-chain";
        /// News for a terminal (§17.8).
        ROSTER_NEWS = "roster-news";
        /// A citizen ID that leads to nobody any more (§17.8).
        CITIZEN_CODE_REFUSED = "citizen-code-refused";
        /// The keys for cards' texts that an appliance trusts (§17.8).
        TEXT_ANCHORS = "text-anchors";
        /// A form that went out beside a disclosure (§18.7).
        DISCLOSED_FORM = "disclosed-form";
        /// What an official was shown before a disclosure (§18.7).
        DISCLOSURE_PREVIEW = "disclosure-preview";
        /// The request for a disclosure (§18.7).
        DISCLOSURE_REQUEST = "disclosure-request";
        /// What a leaf of the access log says (§19.1).
        ACCESS_ABOUT = "access-about";
        /// How a person stands in a leaf of the access log (§19.1).
        ACCESS_TAG = "access-tag";
        /// The secret by which somebody stands in the access log (§19.2).
        ACCESS_PERSON = "access-person";
        /// The secret of a citizen's pseudonyms.
        PSEUDONYM = "pseudonym-person";
        /// The secret by which a person's consents are kept.
        CONSENT_PERSON = "consent-person";
        /// The secret by which a person's step counts are kept.
        STEPS_PERSON = "steps-person";
        /// Whose a questionnaire is that is kept of a citizen.
        QUESTIONNAIRE_CITIZEN = "questionnaire-citizen";
        /// What two officials approve.
        APPROVAL = "approval";
        /// A refusal that an appliance signs.
        REFUSAL = "refusal";
        /// An enrolment at a counter.
        COUNTER_ENROLMENT = "counter-enrolment";
        /// What an official looked for at a desk.
        ATTENDED_SEARCH = "attended-search";
        /// An envelope of an absentee that was set aside.
        ENVELOPE_ASIDE = "envelope-aside";
        /// A change of the roll that officials decide.
        ROLL_CASE = "roll-case";
        /// A case about a citizen's ID.
        CITIZEN_CASE = "citizen-case";
        /// A case of the headquarters.
        HEADQUARTERS_CASE = "headquarters-case";
        /// A case about two handles.
        LINK_CASE = "link-case";
        /// What asks that a terminal be admitted.
        TERMINAL_REQUEST = "terminal-request";
        /// What was set aside of a hand-in.
        ASIDE_CONTENT = "aside-content";
        /// The ID of a facility that has none.
        FACILITY = "facility";
        /// The ID of a FHIR resource.
        FHIR_ID = "fhir-id";
        /// A journal, by its name.
        JOURNAL_ID = "journal/id";
        /// The beginning of a journal's chain.
        JOURNAL_CHAIN_START = "journal/chain-start";
        /// A link of a journal's chain.
        JOURNAL_CHAIN = "journal/chain";
    }
}

/// Kinds of signed files: their label is `file/` and the kind (PROTOCOL §2.3).
pub mod file {
    labels! {
        /// A paper that was handed out (§16.2).
        PAPER_ISSUED = "paper-issued";
        /// A hand-out that is undone (§16.3).
        PAPER_UNDONE = "paper-undone";
        /// The close of a polling place's day (§16.4).
        DAY_CLOSED = "day-closed";
        /// The count of the papers (§9).
        PAPER_COUNT = "paper-count";
        /// A lot (§9).
        LOT = "lot";
        /// An absentee's envelope that is set aside.
        ENVELOPE_ASIDE = "envelope-aside";
        /// The keys of a trustee (§4).
        TRUSTEE_CARD = "trustee-card";
        /// A trustee's commitment to its commitments (§4.1).
        TRUSTEE_COMMIT = "trustee-commit";
        /// A trustee's shares for the others (§4.2).
        TRUSTEE_DEAL = "trustee-deal";
        /// A trustee's confirmation of the ceremony (§4.3).
        TRUSTEE_CONFIRM = "trustee-confirm";
        /// A trustee's complaint (§4).
        TRUSTEE_COMPLAINT = "trustee-complaint";
        /// The statement of what is decrypted (§8.3).
        TALLY_STATEMENT = "tally-statement";
        /// A trustee's shares of the decryption (§8.4).
        DECRYPTION_SHARES = "decryption-shares";
        /// An entry of a roster (§17.1).
        ROSTER_ENTRY = "roster-entry";
        /// What a terminal hands in (§17.6).
        ROSTER_HAND_IN = "roster-hand-in";
        /// Totals of a roster (§18.2).
        ROSTER_STATEMENT = "roster-statement";
        /// A disclosure (§18.4).
        ROSTER_DISCLOSURE = "roster-disclosure";
    }
}

/// Sets of generators (PROTOCOL §1.5).
pub mod generators {
    labels! {
        /// Of ballots.
        BALLOT = "ballot";
        /// Of rosters.
        ROSTER = "roster";
    }
}

/// Purposes of Schnorr signatures (PROTOCOL §2.1).
pub mod purpose {
    labels! {
        /// A ballot (§7.4).
        BALLOT = "ballot";
        /// The registration of a voting key (§6).
        REGISTRATION = "registration";
        /// The challenge of a ballot (§7.7).
        CHALLENGE = "challenge";
        /// A trustee's possession of its constant term (§4.2).
        TRUSTEE_POSSESSION = "trustee-possession";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_labels_of_a_kind_are_equal() {
        for all in [super::transcript::ALL, super::hash::ALL, super::file::ALL, super::generators::ALL, super::purpose::ALL] {
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        }
    }

    #[test]
    fn no_label_of_a_hash_is_that_of_a_signed_file() {
        assert!(super::hash::ALL.iter().all(|label| !label.starts_with("file/")));
    }
}
