//! Which cards were trusted, and when: the anchors of the manifest, the keys for cards' texts, and the revocation lists that were in force (R705).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tachiai_jpki::{
    Anchor, Crl, CrlPolicy, CrlSet, HolderCertificate, JpkiError, PolicySet, Purpose, TextAnchor, TextAnchors, TrustStore, UnixTime, verify_certificate,
};
use tachiai_schemas::election::{CrlRequirement, Manifest};
use tachiai_schemas::evidence::{CARDS_PATH, CardsTrusted, ListsInForce, card_path};
use tachiai_schemas::{HashBytes, Timestamp, canonical};

use super::Options;
use super::folder::{EvidenceDir, not};
use crate::failure::{Failure, Incomplete};
use crate::rule::{Rule, Violation};

/// The longest `cards.json` in bytes.
const MAX_CARDS: u64 = 64 << 20;

/// By how many seconds an entry may be written after its certificate was checked.
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

impl Cards {
    fn policies(self) -> PolicySet {
        match self {
            Self::Residents => PolicySet::production(),
            Self::Test => PolicySet::test(),
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Residents => Self::Test,
            Self::Test => Self::Residents,
        }
    }
}

/// What certificates are held against.
pub struct Trusted {
    store: TrustStore,
    /// The manifest's authorities that are not expected.
    unexpected: TrustStore,
    cards: Cards,
    crl: CrlPolicy,
    periods: Vec<Period>,
    /// Every list that an anchor signed, whenever it was in force.
    all: CrlSet,
    /// Whether a certificate was good.
    any_good: AtomicBool,
    /// Whether a certificate was refused that is good but for being of the other kind of cards.
    any_other: AtomicBool,
    /// SHA-256 of the certificates of the authorities that are trusted.
    pub(super) card_anchors: Vec<HashBytes>,
    /// The keys for cards' texts.
    pub(super) text: TextAnchors,
    /// Their files.
    pub(super) text_anchors: Vec<HashBytes>,
}

/// From one change of the lists to the next.
struct Period {
    since: Timestamp,
    set: CrlSet,
}

fn unix(at: Timestamp) -> UnixTime {
    UnixTime::from_secs(u64::try_from(at.unix()).unwrap_or(0))
}

/// Of what is there only what the auditor expects, if anything is said; what is expected and not there is most likely a mistake in typing.
fn expected(option: &str, there: &[HashBytes], expected: &[HashBytes], what: &'static str) -> Result<Vec<HashBytes>, Failure> {
    let absent = |hash: &HashBytes| not(&format!("--{option} {}", hash.hash()), what, "compare it with what J-LIS publishes, and look for a typing error");
    match expected.iter().find(|hash| !there.contains(hash)) {
        Some(hash) => Err(absent(hash)),
        None => Ok(there.iter().filter(|hash| expected.is_empty() || expected.contains(hash)).copied().collect()),
    }
}

impl Trusted {
    /// Reads what the evidence says was trusted. Of the anchors only the manifest's are: they are under the fingerprint.
    pub(super) fn read(folder: &EvidenceDir, manifest: &Manifest, options: &Options<'_>) -> Result<Self, Failure> {
        let what = "a list of trusted cards";
        let listed: CardsTrusted = canonical::from_bytes(&folder.read(CARDS_PATH, MAX_CARDS)?).map_err(|error| not(CARDS_PATH, what, error))?;
        let CardsTrusted { anchors: _, text_anchors, lists } = listed;
        if !lists.is_sorted_by_key(|lists| lists.since) {
            return Err(not(CARDS_PATH, what, "the lists are not in the order of time"));
        }
        let card_anchors = expected("card-anchor", &manifest.card_anchors, options.card_anchors, "an authority of this election's manifest")?;
        let text_anchors = expected("text-anchor", &text_anchors, options.text_anchors, "a key for cards' texts that the appliance trusted")?;
        let (mut anchors, mut unexpected) = (Vec::new(), Vec::new());
        for hash in &manifest.card_anchors {
            let anchor = Anchor::from_der(&folder.card_file(hash)?).map_err(|error| not(&card_path(hash), "a certificate authority", error))?;
            if card_anchors.contains(hash) { &mut anchors } else { &mut unexpected }.push(anchor);
        }
        let mut text = Vec::with_capacity(text_anchors.len());
        for hash in &text_anchors {
            text.push(TextAnchor::from_bytes(&folder.card_file(hash)?).map_err(|error| not(&card_path(hash), "a key for cards' texts", error))?);
        }
        let store = TrustStore::new(anchors);
        // Each is read once, however long it was in force; those that no anchor signed are as good as none.
        let mut files: BTreeMap<HashBytes, Option<Arc<Crl>>> = BTreeMap::new();
        let mut periods = Vec::with_capacity(lists.len());
        for ListsInForce { since, crls } in lists {
            let mut set = CrlSet::default();
            for hash in crls {
                let crl = match files.entry(hash) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => place.insert(Crl::from_der(&folder.card_file(&hash)?, &store).ok().map(Arc::new)),
                };
                crl.iter().for_each(|crl| set.insert(Arc::clone(crl)));
            }
            periods.push(Period { since, set });
        }
        let mut all = CrlSet::default();
        files.into_values().flatten().for_each(|crl| all.insert(crl));
        Ok(Self {
            store,
            unexpected: TrustStore::new(unexpected),
            cards: options.cards,
            crl: match manifest.crl {
                CrlRequirement::Required => CrlPolicy::Required,
                CrlRequirement::NotRequired => CrlPolicy::NotRequired,
            },
            periods,
            all,
            any_good: AtomicBool::new(false),
            any_other: AtomicBool::new(false),
            card_anchors,
            text: TextAnchors::new(text),
            text_anchors,
        })
    }

    /// The certificate, if it was good at a time under the lists then in force, or in the minute before: it was checked a moment before the entry was written.
    pub(super) fn certificate(&self, der: &[u8], purpose: Purpose, at: Timestamp) -> Result<HolderCertificate, Failure> {
        let error = match self.good(der, purpose, at) {
            Ok(holder) => {
                self.any_good.store(true, Ordering::Relaxed);
                return Ok(holder);
            }
            Err(error) => error,
        };
        let begin = at.plus(-BETWEEN);
        let changes = self.periods.iter().rev().map(|period| period.since).skip_while(|since| *since > at).take_while(|since| *since > begin);
        if let Some(holder) = changes.map(|since| since.plus(-1)).chain([begin]).find_map(|moment| self.good(der, purpose, moment).ok()) {
            return Ok(holder);
        }
        let without_lists =
            |store, cards: Cards| verify_certificate(der, purpose, store, &cards.policies(), &CrlSet::default(), CrlPolicy::NotRequired, unix(at));
        let mut detail = format!("the {} certificate at {at}: {error}", name(purpose));
        match error {
            JpkiError::WrongPolicy { .. } if without_lists(&self.store, self.cards.other()).is_ok() => self.any_other.store(true, Ordering::Relaxed),
            JpkiError::UnknownIssuer { .. } | JpkiError::BadSignature => {
                if let Ok(holder) = without_lists(&self.unexpected, self.cards) {
                    detail = format!("{detail}; it is of {}, an authority of the manifest that --card-anchor does not give", holder.issuer());
                }
            }
            _ => {}
        }
        Err(Violation::of_record(Rule::R705, detail).into())
    }

    /// The certificate, if it was good at a time under the lists then in force.
    fn good(&self, der: &[u8], purpose: Purpose, at: Timestamp) -> Result<HolderCertificate, JpkiError> {
        let nothing = CrlSet::default();
        let after = self.periods.partition_point(|period| period.since <= at);
        let set = self.periods.get(after.wrapping_sub(1)).map_or(&nothing, |period| &period.set);
        verify_certificate(der, purpose, &self.store, &self.cards.policies(), set, self.crl, unix(at))
    }

    /// Whether no certificate was good so far, and some would be as those of the other kind of cards: then the audit was begun for the wrong kind.
    pub(super) fn all_of_other_kind(&self) -> Option<Failure> {
        let all = self.any_other.load(Ordering::Relaxed) && !self.any_good.load(Ordering::Relaxed);
        all.then(|| Incomplete::OtherCards { test: self.cards == Cards::Residents }.into())
    }

    /// Whether a list that was in force later dates a revocation before a time at which the certificate was good as far as was known then.
    pub(super) fn revoked_since(&self, der: &[u8], purpose: Purpose, at: Timestamp) -> bool {
        // Of the lists that had been issued by then only the newest counts, and that one was in force later if it was not then.
        let verdict = verify_certificate(der, purpose, &self.store, &self.cards.policies(), &self.all, CrlPolicy::NotRequired, unix(at));
        matches!(verdict, Err(JpkiError::Revoked { .. }))
    }

    /// How many revocation lists were used.
    pub(super) fn lists_used(&self) -> usize {
        self.all.crls().len()
    }
}

const fn name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::UserAuthentication => "authentication",
        Purpose::DigitalSignature => "signing",
    }
}
