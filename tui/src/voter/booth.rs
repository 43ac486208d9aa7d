//! One voter in one election: registers, votes, challenges. The voting key and the randomness of a ballot live in memory only.

use std::sync::Arc;

use tachiai_crypto::election::ballot::{Statement as BallotStatement, cast};
use tachiai_crypto::election::opening::Opening;
use tachiai_crypto::election::registration::{RegistrationFields, registration_text, sign_registration};
use tachiai_crypto::election::roll::{Person, RollEntry, roll_leaf, slot_commitment};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{InclusionProof, SignedCheckpoint, leaf_hash, verify_inclusion};
use tachiai_crypto::signature::SecretKey;
use tachiai_jpki::UnixTime;
use tachiai_schemas::election::{BallotEntry, Body};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::identity::{CardStatement, Nonce};
use tachiai_schemas::receipt::{CastRequest, CurrentRegistration, OpeningFile, Receipt, ReceiptFile, RegistrationRequest, SlotView};
use tachiai_schemas::{Blob, Bytes, Counter, HashBytes, Slot};

use super::chain::distrust;
use super::kept::Kept;
use super::login::login;
use super::pinned::Pinned;
use crate::card::{Card, Key, LastTry, Pin, Transport};
use crate::client::Client;
use crate::failure::{Exit, Failure};

/// How the voter's program knows that a slot is the holder's own.
pub enum Holder<'a> {
    /// The person is known from the card: read now, or at the enrolment on this device.
    Known(&'a Person),
    /// The holder looks at the roll's entry and says whether it is theirs.
    Asked(&'a mut dyn FnMut(&Person) -> Result<bool, Failure>),
}

/// One voter in one election, with a fresh voting key that is registered.
pub struct Booth {
    client: Client,
    pinned: Arc<Pinned>,
    slot: Slot,
    district: u16,
    key: SecretKey,
    statement: BallotStatement,
    registration: Receipt,
    before: Option<CurrentRegistration>,
    counter: u32,
}

/// A recorded ballot with its opening, in memory only.
pub struct Cast {
    /// The receipt.
    pub receipt: Receipt,
    ballot: Hash32,
    opening: Opening,
}

/// A ballot that was not sent yet, with its opening, in memory only.
pub struct Sealed {
    body: BallotEntry,
    ballot: Hash32,
    opening: Opening,
}

impl Sealed {
    /// The ballot's hash.
    #[must_use]
    pub const fn hash(&self) -> Hash32 {
        self.ballot
    }

    /// What is sent.
    #[must_use]
    pub fn request(&self) -> CastRequest {
        CastRequest { ballot: self.body.ballot.clone() }
    }
}

/// A registration that was not sent yet: all that takes the card is done.
pub struct Registration<'a> {
    client: &'a Client,
    pinned: &'a Arc<Pinned>,
    token: String,
    view: SlotView,
    key: SecretKey,
    fields: RegistrationFields,
    request: RegistrationRequest,
}

impl Registration<'_> {
    /// The public voting key, by which this device knows its own registration again even if it never hears of its answer.
    #[must_use]
    pub const fn voting_key(&self) -> Bytes<32> {
        Bytes(*self.fields.voting_key.as_bytes())
    }

    /// Registers the voting key.
    ///
    /// # Errors
    /// [`Failure`] from the server, or because something that it says does not hold.
    pub fn register(self) -> Result<Booth, Failure> {
        let Self { client, pinned, token, view, key, fields, request } = self;
        let receipt: Receipt = client.post(&format!("/api/v1/elections/{}/registrations", pinned.election), Some(&token), &request)?;
        pinned.check_proof(&receipt)?;
        let style = pinned.style(view.district).ok_or_else(|| distrust("投票区がありません", "the district does not exist"))?;
        let statement =
            BallotStatement { context: pinned.context, joint_key: pinned.joint_key, registration: receipt.leaf_hash.hash(), style: Arc::clone(style) };
        let booth = Booth {
            client: client.clone(),
            pinned: Arc::clone(pinned),
            slot: view.slot,
            district: view.district,
            key,
            statement,
            registration: receipt,
            before: view.registration,
            counter: 0,
        };
        booth.check_registration(&fields)?;
        Ok(booth)
    }
}

impl Booth {
    /// [`Booth::prepare`], and the registration at once.
    ///
    /// # Errors
    /// [`Failure`] from the card, the server, or because something that the server says does not hold.
    pub fn enter<T: Transport>(
        client: &Client,
        pinned: &Arc<Pinned>,
        card: &mut Card<T>,
        pin: &Pin,
        last: LastTry,
        holder: Holder<'_>,
        now: UnixTime,
    ) -> Result<Self, Failure> {
        Self::prepare(client, pinned, card, pin, last, holder, now)?.register()
    }

    /// Logs in with the card's PIN, finds the holder's slot, checks it, and has the card sign the registration of a fresh voting key for it.
    ///
    /// # Errors
    /// [`Failure`] from the card, the server, or because something that the server says does not hold.
    pub fn prepare<'a, T: Transport>(
        client: &'a Client,
        pinned: &'a Arc<Pinned>,
        card: &mut Card<T>,
        pin: &Pin,
        last: LastTry,
        holder: Holder<'_>,
        now: UnixTime,
    ) -> Result<Registration<'a>, Failure> {
        let certificate = card.authentication_certificate()?;
        card.verify_pin(pin, last)?;
        let login = login(client, card, &certificate, now)?;
        let view: SlotView = client.get(&format!("/api/v1/elections/{}/slot", pinned.election), Some(&login.token))?;
        check_slot(pinned, &view, holder)?;
        let key = SecretKey::generate(&mut rand_core::OsRng);
        let nonce: Nonce = client.post("/api/v1/nonces", None, &serde_json::json!({}))?;
        let head = pinned.checkpoint.checkpoint();
        let (seq, previous) = match &view.registration {
            Some(current) => (current.seq + 1, Some(current.leaf_hash.hash())),
            None => (0, None),
        };
        let fields = RegistrationFields {
            origin: pinned.manifest.origin.clone(),
            nonce: nonce.nonce.0,
            election: pinned.election,
            manifest: pinned.manifest_hash,
            opened: pinned.opened_hash,
            slot: view.slot,
            slot_commitment: view.commitment.hash(),
            voting_key: key.public(),
            seq,
            previous,
            checkpoint_size: head.size,
            checkpoint_root: head.root,
        };
        let text = registration_text(&fields);
        let signature = card.sign(Key::Authentication, &text)?;
        let possession = Bytes(sign_registration(&text, &key, &mut rand_core::OsRng).to_bytes());
        let request = RegistrationRequest {
            card: CardStatement { statement: Blob(text), signature: Blob(signature), certificate: Blob(certificate.to_vec()) },
            possession,
        };
        Ok(Registration { client, pinned, token: login.token, view, key, fields, request })
    }

    /// The registration that stood for this slot before: the holder's own of an earlier visit, or one that the holder has to ask about. Nobody but the holder
    /// can tell which.
    #[must_use]
    pub const fn before(&self) -> Option<&CurrentRegistration> {
        self.before.as_ref()
    }

    /// The entry under the receipt's leaf is this voter's registration: the ballots will bind exactly this leaf.
    fn check_registration(&self, fields: &RegistrationFields) -> Result<(), Failure> {
        let proven = self.pinned.proven(&self.client, &[self.registration.leaf])?;
        let [proven] = &proven[..] else { return Err(distrust("登録が掲示板にありません", "the registration is not on the board")) };
        let entry = Entry::from_bytes(&proven.entry.0).map_err(|e| distrust(&e, &e))?;
        let ours = match &entry.body {
            Body::Registration(r) => r.slot == self.slot && r.voting_key.0 == *fields.voting_key.as_bytes() && r.nonce.0 == fields.nonce,
            _ => false,
        };
        if ours && leaf_hash(&proven.entry.0) == self.statement.registration {
            return Ok(());
        }
        Err(distrust("登録が掲示板の記録と一致しません", "the registration is not what the board recorded"))
    }

    /// The district whose contests this voter votes on.
    #[must_use]
    pub const fn district(&self) -> u16 {
        self.district
    }

    /// The contests of this voter's ballot, as indices of the manifest.
    pub fn contests(&self) -> impl Iterator<Item = u16> {
        self.statement.style.contests().iter().map(|(index, _)| *index)
    }

    /// Encrypts, proves, signs and records a ballot. `choices` holds, for each contest of the ballot, the chosen options from 0. A later ballot
    /// replaces an earlier one.
    ///
    /// # Errors
    /// [`Failure`]: wrong choices, refused by the server, or a receipt that does not hold.
    pub fn cast(&mut self, choices: &[Vec<usize>]) -> Result<Cast, Failure> {
        let sealed = self.seal(choices)?;
        let receipt = self.send(&sealed)?;
        self.accept(sealed, receipt)
    }

    /// Sends a ballot and gives the receipt, which is not checked yet.
    ///
    /// # Errors
    /// [`Failure`]: refused by the server, or no answer.
    pub fn send(&self, sealed: &Sealed) -> Result<Receipt, Failure> {
        self.client.post(&format!("/api/v1/elections/{}/ballots", self.pinned.election), None, &sealed.request())
    }

    /// Encrypts, proves and signs a ballot, which is nowhere but here until it is sent.
    ///
    /// # Errors
    /// [`Failure`]: wrong choices.
    pub fn seal(&mut self, choices: &[Vec<usize>]) -> Result<Sealed, Failure> {
        self.counter += 1;
        let (ballot, opening) = cast(choices, &self.statement, self.slot, self.registration.leaf, Counter(self.counter), &self.key, &mut rand_core::OsRng)
            .map_err(|e| Failure::new(Exit::Usage, format!("選択に誤りがあります: {e}。"), format!("the choices are not possible: {e}.")))?;
        Ok(Sealed { body: BallotEntry { ballot: Blob(ballot.bytes().to_vec()) }, ballot: ballot.hash(), opening })
    }

    /// Checks the receipt that the server gave for a ballot that was sent.
    ///
    /// # Errors
    /// [`Failure`]: the receipt does not hold.
    pub fn accept(&self, sealed: Sealed, receipt: Receipt) -> Result<Cast, Failure> {
        let Sealed { body, ballot, opening } = sealed;
        if receipt.ballot.map(HashBytes::hash) != Some(ballot) {
            return Err(distrust("受領証が別の投票のものです", "the receipt is for another ballot"));
        }
        self.pinned.check_receipt(&receipt, Body::Ballot(body))?;
        Ok(Cast { receipt, ballot, opening })
    }

    /// Has the current ballot opened instead of counted. The opening is given out only after `challenged` is on the board.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn challenge(&self, cast: &Cast) -> Result<(Receipt, OpeningFile), Failure> {
        let Cast { receipt, ballot, opening } = cast;
        self.pinned.send_challenge(&self.client, &self.key, self.slot, *ballot, receipt.leaf, Blob(opening.to_bytes().to_vec()))
    }

    /// What a challenge of this ballot needs later.
    #[must_use]
    pub fn keep(&self, cast: &Cast) -> Kept {
        let voting_key = Bytes(self.key.expose().to_bytes());
        Kept::new(&cast.receipt, self.slot, self.registration.leaf, voting_key, Blob(cast.opening.to_bytes().to_vec()))
    }

    /// [`Pinned::audit`] of the registration and these receipts.
    ///
    /// # Errors
    /// [`Failure`] with exit 1: evidence of a fork.
    pub fn audit(&self, receipts: &[&Receipt]) -> Result<SignedCheckpoint, Failure> {
        let all: Vec<_> = std::iter::once(&self.registration).chain(receipts.iter().copied()).collect();
        self.pinned.audit(&self.client, &all)
    }

    /// [`Pinned::receipt_file`] for this voter's registration.
    ///
    /// # Errors
    /// [`Failure`] when the board cannot be read.
    pub fn receipt_file(&self, receipt: &Receipt, challenged: Option<&Receipt>) -> Result<ReceiptFile, Failure> {
        self.pinned.receipt_file(&self.client, self.registration.leaf, receipt, challenged)
    }
}

fn check_slot(pinned: &Pinned, view: &SlotView, holder: Holder<'_>) -> Result<(), Failure> {
    let not_yours = || distrust("名簿の投票者枠があなたのものではありません", "the slot that the server gave is not yours");
    let SlotView { slot, district, salt, name, birth, sex, address, commitment, hashes, registration: _ } = view;
    let person =
        Person { name: name.clone(), birth: birth.parse().map_err(|_| not_yours())?, sex: sex.parse().map_err(|_| not_yours())?, address: address.clone() };
    let own = match holder {
        Holder::Known(known) => known.hash() == person.hash(),
        Holder::Asked(ask) => ask(&person)?,
    };
    let district_id = pinned.manifest.districts.get(usize::from(*district)).map(|d| d.id.clone()).ok_or_else(not_yours)?;
    let entry = RollEntry { person, district: district_id };
    if !own || slot_commitment(&pinned.election, *slot, &salt.0, &entry) != commitment.hash() {
        return Err(not_yours());
    }
    let leaf = leaf_hash(&roll_leaf(*slot, *district, &commitment.hash()));
    let proof = InclusionProof::from_hashes(hashes.iter().map(|h| h.hash()).collect());
    let roll = &pinned.opened.roll;
    verify_inclusion(leaf, u64::from(slot.0), u64::from(roll.slots), &proof, roll.root.hash())
        .map_err(|_| distrust("投票者枠が公示された名簿にありません", "the slot is not in the roll that was committed to"))
}
