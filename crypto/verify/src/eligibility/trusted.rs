//! Which cards were trusted, and when: the anchors of the manifest, the keys for cards' texts, and the revocation lists that were in force (R705).

use std::sync::OnceLock;

use tachiai_jpki::{
    Anchor, Crl, CrlPolicy, CrlSet, HolderCertificate, JpkiError, PolicySet, Purpose, TextAnchor, TextAnchors, TrustStore, UnixTime, verify_certificate,
};
use tachiai_schemas::election::{CrlRequirement, Manifest};
use tachiai_schemas::evidence::{CARDS_PATH, CardsTrusted, ListsInForce};
use tachiai_schemas::{HashBytes, Timestamp, canonical};

use super::folder::{EvidenceDir, not};
use crate::failure::Failure;
use crate::rule::{Rule, Violation};

/// The longest `cards.json` in bytes.
const MAX_CARDS: u64 = 64 << 20;

/// By how many seconds an entry may be written after its certificate was checked: lists that were replaced in between count too.
const BETWEEN: i64 = 60;

/// Whose cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cards {
    /// Individual Number Cards of residents.
    #[default]
    Residents,
    /// Test cards only.
    Test,
}

/// What certificates are held against.
pub struct Trusted<'a> {
    folder: &'a EvidenceDir,
    store: TrustStore,
    policies: PolicySet,
    crl: CrlPolicy,
    periods: Vec<Period>,
    /// The keys for cards' texts.
    pub(super) text: TextAnchors,
    /// Their files.
    pub(super) text_anchors: Vec<HashBytes>,
}

/// From one change of the lists to the next.
struct Period {
    since: Timestamp,
    crls: Vec<HashBytes>,
    set: OnceLock<CrlSet>,
}

fn unix(at: Timestamp) -> UnixTime {
    UnixTime::from_secs(u64::try_from(at.unix()).unwrap_or(0))
}

impl<'a> Trusted<'a> {
    /// Reads what the evidence says was trusted. Of the anchors only the manifest's are: they are under the fingerprint.
    pub(super) fn read(folder: &'a EvidenceDir, manifest: &Manifest, cards: Cards, expected: &[HashBytes]) -> Result<Self, Failure> {
        let what = "a list of trusted cards";
        let listed: CardsTrusted = canonical::from_bytes(&folder.read(CARDS_PATH, MAX_CARDS)?).map_err(|error| not(CARDS_PATH, what, error))?;
        let CardsTrusted { anchors: _, mut text_anchors, lists } = listed;
        text_anchors.retain(|anchor| expected.is_empty() || expected.contains(anchor));
        if !lists.is_sorted_by_key(|lists| lists.since) {
            return Err(not(CARDS_PATH, what, "the lists are not in the order of time"));
        }
        let mut anchors = Vec::with_capacity(manifest.card_anchors.len());
        for hash in &manifest.card_anchors {
            let path = tachiai_schemas::evidence::card_path(hash);
            anchors.push(Anchor::from_der(&folder.card_file(hash)?).map_err(|error| not(&path, "a certificate authority", error))?);
        }
        let mut text = Vec::with_capacity(text_anchors.len());
        for hash in &text_anchors {
            let path = tachiai_schemas::evidence::card_path(hash);
            text.push(TextAnchor::from_bytes(&folder.card_file(hash)?).map_err(|error| not(&path, "a key for cards' texts", error))?);
        }
        Ok(Self {
            folder,
            store: TrustStore::new(anchors),
            policies: match cards {
                Cards::Residents => PolicySet::production(),
                Cards::Test => PolicySet::test(),
            },
            crl: match manifest.crl {
                CrlRequirement::Required => CrlPolicy::Required,
                CrlRequirement::NotRequired => CrlPolicy::NotRequired,
            },
            periods: lists.into_iter().map(|ListsInForce { since, crls }| Period { since, crls, set: OnceLock::new() }).collect(),
            text: TextAnchors::new(text),
            text_anchors,
        })
    }

    /// The lists of a period; those that no anchor of the manifest signed are as good as none.
    fn set<'p>(&self, period: &'p Period) -> Result<&'p CrlSet, Failure> {
        if let Some(set) = period.set.get() {
            return Ok(set);
        }
        let mut set = CrlSet::default();
        for hash in &period.crls {
            if let Ok(crl) = Crl::from_der(&self.folder.card_file(hash)?, &self.store) {
                set.insert(crl);
            }
        }
        Ok(period.set.get_or_init(|| set))
    }

    /// The certificate, if it was good at a time under the lists then in force.
    pub(super) fn certificate(&self, der: &[u8], purpose: Purpose, at: Timestamp) -> Result<HolderCertificate, Failure> {
        let judge = |set: &CrlSet, policy, at| verify_certificate(der, purpose, &self.store, &self.policies, set, policy, unix(at));
        let violation = |what: &str| Failure::from(Violation::of_record(Rule::R705, format!("the {} certificate at {at}: {what}", name(purpose))));
        let after = self.periods.partition_point(|period| period.since <= at);
        let Some(period) = self.periods.get(after.wrapping_sub(1)) else {
            if self.crl == CrlPolicy::Required {
                return Err(violation("no revocation list was in force"));
            }
            return judge(&CrlSet::default(), self.crl, at).map_err(|error| violation(&error.to_string()));
        };
        let error = match judge(self.set(period)?, self.crl, at) {
            Ok(holder) => return Ok(holder),
            Err(error) => error,
        };
        // It was checked a moment before the entry was written.
        if about_lists(&error)
            && period.since.plus(BETWEEN) >= at
            && let Some(before) = self.periods.get(after.wrapping_sub(2))
            && let Ok(holder) = judge(self.set(before)?, self.crl, period.since.plus(-1))
        {
            return Ok(holder);
        }
        Err(violation(&error.to_string()))
    }

    /// Whether the newest list dates a revocation before a time at which the certificate was good as far as was known then.
    pub(super) fn revoked_since(&self, der: &[u8], purpose: Purpose, at: Timestamp) -> Result<bool, Failure> {
        let Some(newest) = self.periods.last().filter(|newest| newest.since.plus(BETWEEN) >= at) else { return Ok(false) };
        let verdict = verify_certificate(der, purpose, &self.store, &self.policies, self.set(newest)?, CrlPolicy::NotRequired, unix(at));
        Ok(matches!(verdict, Err(JpkiError::Revoked { .. })))
    }

    /// How many revocation lists were used.
    pub(super) fn lists_used(&self) -> usize {
        self.periods.iter().filter_map(|period| period.set.get()).map(|set| set.crls().len()).sum()
    }
}

/// Whether another list could have given another verdict.
fn about_lists(error: &JpkiError) -> bool {
    matches!(error, JpkiError::Revoked { .. } | JpkiError::StaleCrl { .. } | JpkiError::CrlNotYetValid { .. } | JpkiError::NoCrl { .. })
}

const fn name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::UserAuthentication => "authentication",
        Purpose::DigitalSignature => "signing",
    }
}
