//! A desk at work: it asks who stands before it, has the card sign, and signs the hand-out that the appliance prepared, after comparing every field with what was
//! shown.

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tachiai_crypto::election::context::Fingerprint;
use tachiai_jpki::{Statement, Word};
use tachiai_schemas::desk::envelope::SetAside;
use tachiai_schemas::desk::{DayView, DeskElector, LookFor, Looked, Papers, Prepare, Prepared, PreparedBy, Search};
use tachiai_schemas::election::Body;
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::identity::{CardStatement, Nonce};
use tachiai_schemas::paper::{Attested, DayClose, Identified, Manner, PaperIssue, PaperUndo, Place};
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::staff::Pending;
use tachiai_schemas::trustee::Signed;
use tachiai_schemas::{Blob, HashBytes, Refusal, Timestamp};

use super::key::DeskKey;
use super::known::Known;
use crate::card::{Card, Key, Transport};
use crate::cli::WhichElection;
use crate::client::{Answer, Client};
use crate::failure::{Exit, Failure};

/// A desk.
pub struct Desk {
    /// The appliance, with the official's certificate.
    pub client: Client,
    /// The election.
    pub known: Known,
    /// The desk's key.
    pub key: DeskKey,
    /// The index of its place.
    pub place: u16,
}

/// What came of a request by name.
pub enum ByName {
    /// Two officials agreed.
    Ready(Box<Prepared>),
    /// A second official is awaited.
    Waiting(Box<Pending>),
}

/// What came of a look-up with a second official.
pub enum Attended {
    /// Two officials agreed.
    Found(Box<Looked>),
    /// A second official is awaited.
    Waiting(Box<Pending>),
}

/// The appliance's time as a desk carries it on while somebody types a PIN.
#[derive(Debug, Clone, Copy)]
pub struct Carried {
    then: Timestamp,
    since: Instant,
}

impl Carried {
    /// From an answer that has just come.
    #[must_use]
    pub fn from(then: Timestamp) -> Self {
        Self { then, since: Instant::now() }
    }

    /// The time now, to the second, and never ahead of the appliance's.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.then.plus(i64::try_from(self.since.elapsed().as_secs()).unwrap_or(0))
    }
}

/// The time of this machine.
///
/// # Errors
/// [`Failure`] (2) when its clock stands outside of all years.
pub fn local_time() -> Result<Timestamp, Failure> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_unix(seconds).ok());
    time.ok_or_else(|| Failure::incomplete("この端末の時計が正しくありません。", "the clock of this machine is wrong."))
}

/// Where a desk keeps what it knows when no folder is named.
#[must_use]
pub fn default_state() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    Some(base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")))?.join("tachiai/desk"))
}

impl Desk {
    /// Opens a desk by its key and the folder in which it keeps what it knows. It needs the appliance only if it does not know the election yet; then the
    /// fingerprint of the notice is needed too.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(client: Client, key: &Path, state: &Path, manifest: Option<&Fingerprint>, which: &WhichElection) -> Result<Self, Failure> {
        let key = DeskKey::open(key)?;
        let known = match (Known::recall(state, which.election), manifest) {
            (Ok(known), None) => known,
            (Ok(known), Some(expected)) if known.fingerprint.matches(expected) => known,
            (_, Some(expected)) => Known::fetch(&client, state, which.find(&client)?, expected)?,
            (Err(failure), None) => return Err(failure),
        };
        let place = known.place_of(&key.public())?.0;
        Ok(Self { client, known, key, place })
    }

    /// The place.
    ///
    /// # Errors
    /// [`Failure`], never after [`Known::place_of`].
    pub fn listed(&self) -> Result<&Place, Failure> {
        self.known.place(self.place).ok_or_else(|| Failure::refused("投票所がありません。", "there is no such place."))
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/elections/{}{rest}", self.known.election)
    }

    /// Asks who it is.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn look(&self, look: &LookFor) -> Result<Looked, Failure> {
        self.client.post(&self.path("/desk/look"), None, look)
    }

    /// Asks who it is with a second official, also for somebody under protection.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn look_attended(&self, search: &Search) -> Result<Attended, Failure> {
        match self.client.act::<_, Looked>(&self.path("/desk/attended"), search)? {
            Answer::Done(looked) => Ok(Attended::Found(Box::new(looked))),
            Answer::Accepted(body) => {
                let pending = serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
                Ok(Attended::Waiting(Box::new(pending)))
            }
        }
    }

    /// The papers of an elector.
    #[must_use]
    pub fn papers(&self, elector: &DeskElector, session: u16, contests: Vec<u16>, manner: Manner) -> Papers {
        Papers { place: self.place, session, slot: elector.slot, contests, manner }
    }

    /// What the card is to sign for papers.
    ///
    /// # Errors
    /// [`Failure`] (2) when the place has an ID that no card signs.
    pub fn statement(&self, papers: &Papers, commitment: &HashBytes, nonce: &Nonce) -> Result<Statement, Failure> {
        let word = |text: String| Word::new(text).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()));
        let hash = |bytes: [u8; 32]| tachiai_jpki::Hash32::from_bytes(bytes);
        Ok(Statement::PaperIssue {
            origin: word(self.known.manifest.origin.clone())?,
            nonce: word(nonce.nonce.to_string())?,
            election: word(self.known.election.to_string())?,
            opened: hash(self.known.opened.to_bytes()),
            place: word(self.listed()?.id.clone())?,
            session: papers.session.into(),
            slot: papers.slot.0.into(),
            slot_commitment: hash(commitment.0),
            contests: papers.contests.clone(),
        })
    }

    /// Has the card sign, after its PIN was checked.
    ///
    /// # Errors
    /// [`Failure`] (5).
    pub fn sign_by_card<T: Transport>(&self, card: &mut Card<T>, statement: &Statement, certificate: &[u8]) -> Result<CardStatement, Failure> {
        let text = statement.to_bytes();
        let signature = card.sign(Key::Authentication, &text)?;
        Ok(CardStatement { statement: Blob(text), signature: Blob(signature), certificate: Blob(certificate.to_vec()) })
    }

    /// Has a hand-out prepared by what the card signed.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn prepare_by_card(&self, papers: &Papers, card: CardStatement) -> Result<Prepared, Failure> {
        let request = Prepare { papers: papers.clone(), by: PreparedBy::Card(Box::new(card)) };
        self.client.post(&self.path("/papers/prepare"), None, &request)
    }

    /// Has a hand-out prepared by name.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn prepare_by_name(&self, papers: &Papers, reason: NameReason) -> Result<ByName, Failure> {
        let request = Prepare { papers: papers.clone(), by: PreparedBy::Name(reason) };
        match self.client.act::<_, Prepared>(&self.path("/papers/prepare"), &request)? {
            Answer::Done(prepared) => Ok(ByName::Ready(Box::new(prepared))),
            Answer::Accepted(body) => {
                let pending = serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
                Ok(ByName::Waiting(Box::new(pending)))
            }
        }
    }

    /// Signs a prepared hand-out, if it is for exactly these papers.
    ///
    /// # Errors
    /// [`Failure`] (1) when the appliance prepared another.
    pub fn sign(&self, prepared: &Prepared, papers: &Papers, identified: Identified, issued_at: Timestamp) -> Result<Signed<PaperIssue>, Failure> {
        let issue = PaperIssue { issued_at, ..prepared.issue.clone() };
        if Papers::of(&issue) != *papers || issue.identified != identified || issue.opened.hash() != self.known.opened {
            return Err(Failure::refused(
                "サーバーが用意した交付は、画面に示したものと違います。署名していません。選挙管理委員会に知らせてください。",
                "the server prepared another hand-out than was shown. Nothing was signed. Tell the election commission.",
            ));
        }
        self.key.sign(issue)
    }

    /// Has the card of the elector who was found sign for all papers in a session, and signs the hand-out: a check-in without a conversation, after the PIN.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn check_in<T: Transport>(&self, card: &mut Card<T>, session: u16, looked: &Looked, certificate: &[u8]) -> Result<Signed<PaperIssue>, Failure> {
        let elector = looked.found.first().ok_or_else(|| Failure::refused("名簿に該当する方がいません。", "nobody on the roll fits."))?;
        let contests = elector.contests.iter().map(|contest| contest.index).collect();
        let papers = self.papers(elector, session, contests, Manner::Own);
        let statement = self.statement(&papers, &elector.slot_commitment, &looked.nonce)?;
        let signed = self.sign_by_card(card, &statement, certificate)?;
        let prepared = self.prepare_by_card(&papers, signed)?;
        self.sign(&prepared, &papers, Identified::Card, looked.now)
    }

    /// Hands in a hand-out; the receipt is checked.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn hand_out(&self, issue: &Signed<PaperIssue>) -> Result<Receipt, Failure> {
        let receipt: Receipt = self.client.post(&self.path("/papers"), None, issue)?;
        self.known.check(&receipt, Body::PaperIssued(Box::new(issue.clone())))?;
        Ok(receipt)
    }

    /// Whether a hand-out was recorded; its receipt.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn recorded(&self, issue: &Signed<PaperIssue>) -> Result<Option<Receipt>, Failure> {
        match self.client.get::<Receipt>(&self.path(&format!("/papers/{}", issue.body.evidence)), None) {
            Ok(receipt) => self.known.check(&receipt, Body::PaperIssued(Box::new(issue.clone()))).map(|()| Some(receipt)),
            Err(failure) if failure.code == Some(Refusal::NotFound) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Hands in an undo. That of the same hand-out again gets the receipt of the one that is there.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn undo(&self, undo: &Attested<PaperUndo>) -> Result<Receipt, Failure> {
        self.client.post(&self.path("/papers/undo"), None, undo)
    }

    /// Hands in that an envelope was set aside. The same again changes nothing.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn set_aside(&self, aside: &SetAside) -> Result<(), Failure> {
        self.client.post_nothing(&self.path("/envelopes"), aside)
    }

    /// What a day of this place stands at.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn day(&self, session: u16) -> Result<DayView, Failure> {
        self.client.get(&self.path(&format!("/places/{}/sessions/{session}", self.place)), None)
    }

    /// Hands in a day-close.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn close_day(&self, close: &Attested<DayClose>) -> Result<Receipt, Failure> {
        self.client.post(&self.path("/day-close"), None, close)
    }
}

/// Whether a failure means that the appliance was not reached, rather than that it said no.
#[must_use]
pub fn is_cut(failure: &Failure) -> bool {
    failure.exit == Exit::NoConnection && failure.code.is_none()
}
