//! A night in three shelters, with statements and disclosures about it, honest or not.

use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, Frontier, Origin};
use tachiai_crypto::roster::entry::Opening as Commitment;
use tachiai_crypto::roster::{Flag, Need, Stay};
use tachiai_schemas::Bytes;
use tachiai_schemas::roster::disclosure::{Basis, Disclosure, DisclosureHead, Ground, Selection, Terms, Withheld};
use tachiai_schemas::roster::pen::Written;
use tachiai_schemas::roster::person::{Birth, Identified};
use tachiai_schemas::roster::statement::{Statement, StatementHead, VERSION};
use tachiai_schemas::roster::{Act, Body, ChainId, Hlc, Person, ShelterId, Stated};
use tachiai_schemas::trustee::{Signed, SignedKind};

use super::roster::{BEGIN, Hand, began, chain, event, start, take};
use crate::roster::Roster;
use crate::roster::disclosure::{self, CannotDisclose, Given};
use crate::roster::file;
use crate::roster::live::Live;
use crate::roster::statement::{self, Earlier, NotNow, Place};

/// The least group of these events, as [`start`] declares them.
pub const LEAST: u16 = 10;

/// The shelters.
pub const SHELTERS: [&str; 3] = ["gym", "hall", "school"];

/// A roster with all that was sealed of it.
pub struct Night {
    /// The fold.
    pub roster: Roster,
    /// The appliance.
    pub appliance: Hand,
    /// One terminal for each shelter.
    pub hands: Vec<Hand>,
    /// All entries.
    pub written: Vec<Written>,
    /// For proofs.
    pub rng: ChaCha20Rng,
    shelters: Vec<String>,
    commitments: BTreeMap<Hash32, Commitment>,
    statements: Vec<(Stated, Live)>,
}

/// Somebody of some years with some needs.
#[must_use]
pub fn person(years: u8, needs: &[Need]) -> Person {
    Person { name: format!("{years}歳の人"), birth: Birth::Years(years), needs: needs.to_vec(), ..Person::unknown(Identified::Typed, Stay::Shelter) }
}

impl Default for Night {
    fn default() -> Self {
        Self::new()
    }
}

impl Night {
    /// Three shelters with nobody in them.
    #[must_use]
    pub fn new() -> Self {
        Self::in_shelters(SHELTERS.map(str::to_owned).to_vec())
    }

    /// Other shelters with nobody in them, each with a terminal of its name.
    #[must_use]
    pub fn in_shelters(shelters: Vec<String>) -> Self {
        let hands: Vec<Hand> = (1..).zip(&shelters).map(|(seed, name)| Hand::new(name, seed)).collect();
        let (roster, appliance, written) = start(&hands.iter().collect::<Vec<_>>());
        let rng = ChaCha20Rng::from_seed([3; 32]);
        Self { roster, appliance, hands, written, rng, shelters, commitments: BTreeMap::new(), statements: Vec::new() }
    }

    /// The usual night: 40, 30 and 14 people of all ages, some of whom need care.
    #[must_use]
    pub fn usual() -> Self {
        let mut night = Self::new();
        for (shelter, people) in [(0, 40u8), (1, 30), (2, 14)] {
            for number in 0..people {
                let needs: &[Need] = if number % 3 == 0 { &[Need::Care] } else { &[] };
                night.tell(shelter, chain(60 * u8::try_from(shelter).unwrap() + number), Act::In, &person(number * 3, needs));
            }
        }
        night
    }

    /// Has a terminal write about somebody.
    pub fn tell(&mut self, shelter: usize, chain: ChainId, act: Act, person: &Person) -> Hash32 {
        let millis = BEGIN + 1000 * self.written.len() as u64;
        let written = self.hands[shelter].tell(chain, &self.shelters[shelter], act, person, millis, &mut self.rng);
        if let Some(commitment) = written.opening.as_ref().unwrap().commitment(began()).unwrap() {
            self.commitments.insert(written.hash, commitment);
        }
        let hash = written.hash;
        self.add(written);
        hash
    }

    /// Takes an entry.
    pub fn add(&mut self, written: Written) {
        take(&mut self.roster, &written).unwrap();
        self.written.push(written);
    }

    /// Those who count now.
    #[must_use]
    pub fn live(&self) -> Live {
        Live::of(&self.roster)
    }

    /// The root over the first entries.
    #[must_use]
    pub fn root(&self, size: usize) -> Hash32 {
        let mut frontier = Frontier::new();
        self.written[..size].iter().for_each(|written| frontier.push(written.hash));
        frontier.root()
    }

    /// Where the next statement stands.
    #[must_use]
    pub fn place(&self) -> Place {
        let size = self.written.len();
        Place {
            event: event(),
            number: self.roster.stated().len() as u64,
            size: size as u64,
            root: self.root(size),
            made: Hlc::at_millis(BEGIN + 1000 * size as u64),
            least: LEAST,
        }
    }

    /// Makes a statement of now; `cap` as the limit of every scope.
    ///
    /// # Errors
    /// [`NotNow`].
    pub fn state(&mut self, cap: Option<u16>) -> Result<Statement, NotNow> {
        let (place, live) = (self.place(), self.live());
        let earlier: Vec<Earlier<'_>> = self.statements.iter().map(|(stated, live)| Earlier { stated, live: live.clone() }).collect();
        statement::make(&place, &live, &earlier, |hash| self.commitments.get(hash), |_| cap, &mut self.rng)
    }

    /// Signs what the appliance may never have meant.
    #[must_use]
    pub fn sign<T: SignedKind>(key: &BoardSecretKey, body: T) -> Signed<T> {
        let signature = Bytes(key.sign_hash(&body.signed_hash().unwrap()));
        Signed { body, signature }
    }

    /// Registers a statement.
    pub fn register(&mut self, stated: Stated) {
        let live = self.live();
        let millis = BEGIN + 1000 * self.written.len() as u64;
        let written = self.appliance.write(|pen| pen.write(Body::Stated(stated.clone()), millis).unwrap());
        self.add(written);
        self.statements.push((stated, live));
    }

    /// The signed checkpoint over all entries.
    #[must_use]
    pub fn checkpoint(&self) -> String {
        let size = self.written.len();
        let checkpoint = Checkpoint { origin: Origin::new("yabu.example/x").unwrap(), size: size as u64, root: self.root(size) };
        self.appliance.key.sign(&checkpoint).as_str().to_owned()
    }

    /// A file with all entries.
    #[must_use]
    pub fn file(&self, head: &impl serde::Serialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        file::write(&mut bytes, head, self.written.iter().map(|written| &written.bytes)).unwrap();
        bytes
    }

    /// Registers and signs a statement, and gives its file.
    pub fn publish(&mut self, statement: Statement) -> Vec<u8> {
        self.register(statement.stated().unwrap());
        let statement = Self::sign(&self.appliance.key, statement);
        self.file(&StatementHead { statement, checkpoint: self.checkpoint() })
    }

    /// Terms of a disclosure of now: people who need care, to the fire service.
    #[must_use]
    pub fn terms(&self) -> Terms {
        let (size, live) = (self.written.len(), self.live());
        let fields: Vec<String> = ["birth", "name", "needs"].map(str::to_owned).to_vec();
        Terms {
            v: VERSION,
            event: event(),
            size: size as u64,
            root: self.root(size).into(),
            made: Hlc::at_millis(BEGIN + 1000 * size as u64),
            agency: "yabu-fire".to_owned(),
            purpose: "救助".to_owned(),
            basis: Basis::VitalEmergency,
            shelters: Vec::new(),
            of: Selection::Need { need: Need::Care },
            flags: disclosure::flags_of(&fields),
            fields,
            persons: live.len(),
            live: live.digest().into(),
            withheld: Vec::new(),
        }
    }

    /// The leaves of those who count and have a flag.
    #[must_use]
    pub fn with(&self, need: Need) -> Vec<u64> {
        let flag = Flag::Need(need).index();
        let live = self.live();
        live.iter().filter(|(_, present)| self.commitments[&present.hash].flags()[flag] == 1).map(|(leaf, _)| leaf).collect()
    }

    /// Makes a disclosure of these leaves.
    ///
    /// # Errors
    /// [`CannotDisclose`].
    pub fn disclose(&mut self, terms: Terms, leaves: &[u64]) -> Result<Disclosure, CannotDisclose> {
        let live = self.live();
        let given = leaves.iter().map(|leaf| {
            let written = &self.written[usize::try_from(*leaf).unwrap()];
            let opening = written.opening.as_ref().unwrap();
            Given { leaf: *leaf, entry: &written.entry.body, opening, commitment: &self.commitments[&written.hash] }
        });
        let given: Vec<Given<'_>> = given.collect();
        disclosure::make(terms, &live, &given, |hash| self.commitments.get(hash), &mut self.rng)
    }

    /// Signs a disclosure, and gives its file.
    #[must_use]
    pub fn hand_out(&self, disclosure: Disclosure) -> Vec<u8> {
        let disclosure = Self::sign(&self.appliance.key, disclosure);
        self.file(&DisclosureHead { disclosure, checkpoint: self.checkpoint() })
    }

    /// The commitment's opening of a leaf.
    #[must_use]
    pub fn commitment(&self, leaf: u64) -> &Commitment {
        &self.commitments[&self.written[usize::try_from(leaf).unwrap()].hash]
    }

    /// Withholds so many on a ground.
    #[must_use]
    pub fn withheld(ground: Ground, persons: u64) -> Vec<Withheld> {
        vec![Withheld { ground, persons }]
    }

    /// A shelter.
    #[must_use]
    pub fn shelter(number: usize) -> ShelterId {
        SHELTERS[number].parse().unwrap()
    }
}
