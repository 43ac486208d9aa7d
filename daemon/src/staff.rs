//! Staff: who may do what, and the acts that need two officials.
//!
//! | file | is |
//! |---|---|
//! | [`state`] | the fold of the appliance journal's entries of this room |
//! | [`decide`] | adding and revoking staff, asking for an act, approving it |
//! | [`views`] | the records in the store |
//! | [`routes`] | `/elections/{id}/acts`, `/approvals` |

use std::sync::{Arc, PoisonError, RwLock};

use data_encoding::BASE32_NOPAD_NOCASE;
use rand_core::{OsRng, RngCore};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::staff::{Approval, Declined, Matter, Pending, Role, Settled, Shown};
use tachiai_schemas::{Blob, Refusal};

use crate::acts::{About, Acts, Requests, Waiting};
use crate::clock::Clock;
use crate::http::{Official, Officials};
use crate::pki::{Authority, Issued};
use crate::refused::{Answering, Refused};

pub mod decide;
pub mod routes;
pub mod state;
pub mod views;

pub use decide::{Change, Command, NotDone, Outcome};
pub use state::{Event, Member, State};

/// The journal, as this room needs it.
pub trait Register: Send + Sync {
    /// Decides on a command and records it. Durable once it is ready.
    fn submit(&self, command: Command) -> Answering<'_, Result<Outcome, NotDone>>;
}

/// The staff list as TLS and every request ask it.
pub struct StaffList(pub Arc<RwLock<State>>);

impl Officials for StaffList {
    fn official(&self, key: &Hash32) -> Option<Official> {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (name, member) = state.member_by_key(key)?;
        Some(Official { name: name.to_owned(), role: member.role, key: *key })
    }
}

/// The room.
pub struct Staff {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The appliance's certification authority.
    pub authority: Arc<Authority>,
    /// What is known, as far as it is durable.
    pub state: Arc<RwLock<State>>,
    /// The journal.
    pub register: Arc<dyn Register>,
    /// Who performs the acts.
    pub acts: Arc<dyn Acts>,
    /// Held by who looks what waits before asking for more.
    pub asking: Arc<tokio::sync::Mutex<()>>,
}

/// Why staff was not added or revoked: the list says no, or the appliance failed.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// The list says no.
    #[error(transparent)]
    NotDone(#[from] NotDone),
    /// The certificate could not be made.
    #[error(transparent)]
    Pki(#[from] crate::pki::PkiError),
    /// The journal could not be written.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl Staff {
    /// Issues a certificate to a new member of staff and puts its key on the list.
    ///
    /// # Errors
    /// [`StaffError`].
    pub async fn add(&self, name: &str, role: Role) -> Result<Issued, StaffError> {
        let at = self.clock.now();
        let issued = self.authority.issue(name, role, at)?;
        let change = Change::Add { name: name.to_owned(), role, key: issued.spki.into(), point: issued.point };
        self.register.submit(Command { at, change }).await??;
        Ok(issued)
    }

    /// Takes someone off the list; the next request and handshake with that certificate is refused.
    ///
    /// # Errors
    /// [`StaffError`].
    pub async fn revoke(&self, name: &str) -> Result<(), StaffError> {
        self.register.submit(Command { at: self.clock.now(), change: Change::Revoke { name: name.to_owned() } }).await??;
        Ok(())
    }

    /// Everyone on the list, by name.
    #[must_use]
    pub fn list(&self) -> Vec<(String, Member)> {
        self.read(|state| state.members().map(|(name, member)| (name.to_owned(), member.clone())).collect())
    }

    /// Asks for something that needs a second official. If it was asked for already, that request is given back.
    ///
    /// # Errors
    /// What [`Acts::ready`] refuses.
    pub async fn request(&self, by: &str, matter: Matter) -> Result<Pending, Refused> {
        let matter = self.acts.filled_in(matter)?;
        self.acts.ready(&matter)?;
        let mut id = [0; 5];
        OsRng.fill_bytes(&mut id);
        let id = BASE32_NOPAD_NOCASE.encode(&id).to_ascii_lowercase();
        let change = Change::Request { id, matter, by: by.to_owned() };
        match self.submit(change).await? {
            Outcome::Pending(pending) => Ok(pending),
            _ => Err(Refused::fault("asking for a second official", "another outcome")),
        }
    }

    /// What waits for a second official, the oldest first.
    #[must_use]
    pub fn pending(&self) -> Vec<Pending> {
        let now = self.clock.now();
        self.read(|state| state.pending(now))
    }

    /// The same as this official sees it: whom an enrolment is about is shown to those who may approve it, and to nobody
    /// else. That somebody is shown a case about citizens is recorded first.
    ///
    /// # Errors
    /// What [`Acts::is_shown`] refuses.
    pub async fn shown_to(&self, official: &Official) -> Result<Vec<Shown>, Refused> {
        self.show(official, self.waiting_for(official)).await
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if it does not wait, or does not concern this official; what is refused to whoever reads.
    pub async fn shown_one(&self, official: &Official, id: &str) -> Result<Shown, Refused> {
        let waiting = self.waiting_for(official).into_iter().filter(|pending| pending.id == id).collect();
        self.show(official, waiting).await?.pop().ok_or_else(|| Refusal::NotFound.into())
    }

    async fn show(&self, official: &Official, waiting: Vec<Pending>) -> Result<Vec<Shown>, Refused> {
        let may = |pending: &Pending| pending.matter.is_for(official.role);
        for pending in waiting.iter().filter(|pending| may(pending)) {
            self.acts.is_shown(official.name.clone(), pending.matter.clone()).await?;
        }
        let shown = |pending: Pending| {
            let about = if may(&pending) { self.acts.about(&pending.matter) } else { None };
            About::shown(about, pending)
        };
        Ok(waiting.into_iter().map(shown).collect())
    }

    /// What waits, as far as it concerns this official: a desk and the headquarters see what they may approve, and nothing else.
    #[must_use]
    pub fn waiting_for(&self, official: &Official) -> Vec<Pending> {
        let all = !matches!(official.role, Role::Poll | Role::Headquarters);
        self.pending().into_iter().filter(|pending| all || pending.matter.is_for(official.role)).collect()
    }

    /// Approves what another official asked for, and has it done.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::SameOfficial`], [`Refusal::ApprovalSignature`], and what [`Acts`] refuses; then
    /// nothing was done and it may be asked for again.
    pub async fn approve(&self, official: &Official, id: &str, approval: Approval) -> Result<Settled, Refused> {
        let matter = self.read(|state| state.matter(id)).ok_or_else(|| Refused::from(Refusal::NotFound))?;
        if !matter.is_for(official.role) {
            return Err(Refusal::Forbidden.into());
        }
        self.acts.ready(&matter)?;
        let Approval { message, signature } = approval;
        let change = Change::Approve { id: id.to_owned(), by: official.name.clone(), message, signature };
        match self.submit(change).await? {
            Outcome::Approved { by } => self.perform(id, matter, by).await,
            _ => Err(Refused::fault("approving", "another outcome")),
        }
    }

    /// Withdraws what this official asked for, or declines what another one asked for.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Forbidden`], [`Refusal::BadRequest`] without a reason where one is needed.
    pub async fn decline(&self, official: &Official, id: &str, reason: Option<String>) -> Result<(), Refused> {
        let matter = self.read(|state| state.matter(id)).ok_or_else(|| Refused::from(Refusal::NotFound))?;
        if !matter.is_for(official.role) {
            return Err(Refusal::Forbidden.into());
        }
        self.submit(Change::Decline { id: id.to_owned(), by: official.name.clone(), reason }).await.map(|_| ())
    }

    /// What this official asked for and was declined or withdrawn within a day.
    #[must_use]
    pub fn declined(&self, official: &Official) -> Vec<Declined> {
        let now = self.clock.now();
        self.read(|state| state.declined_of(&official.name, now))
    }

    /// Does what two officials agreed on before the daemon stopped in between.
    pub async fn resume(&self) {
        for (id, matter, by) in self.read(State::approved) {
            if !self.read(|state| state.still_stands(&id, self.clock.now())) {
                tracing::warn!(matter = said(&matter), ?by, "an approved matter is dropped: it is too old, or one of the two officials was revoked since");
                if let Err(error) = self.submit(Change::Finish { id, refusal: Some(Refusal::Forbidden) }).await {
                    tracing::error!(%error, "a dropped matter could not be recorded");
                }
                continue;
            }
            match self.perform(&id, matter.clone(), by).await {
                Ok(_) => tracing::info!(matter = said(&matter), "an approved matter was settled after a restart"),
                Err(refused) => tracing::warn!(matter = said(&matter), %refused, "an approved matter could not be settled after a restart"),
            }
        }
    }

    async fn perform(&self, id: &str, matter: Matter, by: [String; 2]) -> Result<Settled, Refused> {
        let result = self.acts.perform(matter, by, self.clock.now()).await;
        let refusal = result.as_ref().err().map(|refused| refused.refusal);
        self.submit(Change::Finish { id: id.to_owned(), refusal }).await?;
        result
    }

    async fn submit(&self, change: Change) -> Result<Outcome, Refused> {
        self.register.submit(Command { at: self.clock.now(), change }).await?.map_err(Refused::from)
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Requests for Staff {
    fn ask(&self, by: String, matter: Matter) -> Answering<'_, Pending> {
        Box::pin(async move { self.request(&by, matter).await })
    }

    fn waiting(&self) -> Answering<'_, Waiting> {
        Box::pin(async move {
            let turn = Arc::clone(&self.asking).lock_owned().await;
            Ok(Waiting { matters: self.pending().into_iter().map(|pending| pending.matter).collect(), turn: Some(turn) })
        })
    }
}

/// A matter in the log, which names no citizen.
fn said(matter: &Matter) -> String {
    match matter {
        Matter::Election { election, act, roll: _ } => format!("{act:?} of election {election}"),
        Matter::CandidateOut { election, out } => format!("option {} of contest {} of election {election} is out", out.option, out.contest),
        Matter::EnrolCounter { citizen: _, reason, commitment: _ } => format!("enrolment at a counter ({reason})"),
        Matter::RollChange { election, change: Some(change), reason, commitment: _ } => {
            format!("change of the roll of election {election}: {change:?} ({reason:?})")
        }
        Matter::RollChange { election, change: None, reason, commitment: _ } => format!("correction of the roll of election {election} ({reason:?})"),
        Matter::AttendedLook { election, commitment: _ } => format!("a look-up with a second official in election {election}"),
        Matter::PapersByName { election, papers, slot_commitment: _, reason } => {
            format!("papers by name at place {} of election {election} ({reason:?})", papers.place)
        }
        Matter::DeclareEvent { spec } => format!("declaration of an event ({:?})", spec.kind),
        Matter::CloseEvent { event, commitment: _ } => format!("closing event {event}"),
        Matter::SettleAside { event, file, verdict, commitment: _ } => format!("what was set aside as {} in event {event} ({verdict:?})", file.hash()),
        Matter::ErasePerson { event, chain: _, ground, commitment: _ } => format!("erasing somebody of event {event} ({ground:?})"),
        Matter::Grant { grant } => format!("grant {} to {}", grant.name, grant.agency),
        Matter::LinkCitizens { citizen: _, other: _, verdict, commitment: _ } => format!("link of two citizen IDs ({verdict:?})"),
        Matter::EraseCitizen { citizen: _, ground, commitment: _ } => format!("erasing a citizen ({ground:?})"),
        Matter::LinkPeople { event, chain: _, other: _, verdict, commitment: _ } => format!("link of two handles of event {event} ({verdict:?})"),
    }
}

/// Checks a signature of ECDSA P-256 with SHA-256 in ASN.1 under an uncompressed point.
pub(crate) fn signed(point: &[u8], message: &[u8], signature: &Blob) -> bool {
    ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_ASN1, point).verify(message, &signature.0).is_ok()
}
