//! Statements of an event: totals with a proof, made on behalf of an official and registered in the roster (PROTOCOL §18).
//!
//! The signed statement lies in a file before the entry that registers it stands in the roster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::roster::entry::Opening as Commitment;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::own::OwnEntry;
use tachiai_schemas::roster::statement::{Statement, StatementHead};
use tachiai_schemas::roster::{self, Body, ChainId, Person, Stated};
use tachiai_schemas::sharing::access::How;
use tachiai_schemas::shelter::StatementMade;
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Blob, Bytes, CitizenId, HashBytes, Lang, Refusal};
use tachiai_verify::roster::live::Live;
use tachiai_verify::roster::statement::{self, Earlier, NotNow, Place};
use tachiai_verify::roster::{Roster, file};

use super::kept::{Kept, LookedBy};
use super::{Event, offload};
use crate::looks::Told;
use crate::refused::Refused;

/// Who counted at the sizes of statements, so that the roster is folded anew only after a restart.
#[derive(Default)]
pub struct Lives(std::sync::Mutex<BTreeMap<u64, Live>>);

/// What opens the commitments of entries, by their leaf hashes.
pub(super) type Commitments = BTreeMap<Hash32, Commitment>;

impl Event {
    /// States the totals of now.
    ///
    /// # Errors
    /// [`Refusal::StatementNotNow`] with the reason; [`Refusal::EventClosed`].
    pub async fn state(self: &Arc<Self>, by: &str) -> Result<StatementMade, Refused> {
        self.is_open()?;
        let _one_after_the_other = self.stating.lock().await;
        let this = Arc::clone(self);
        let (signed, stated, live) = offload(move || this.draw_statement()).await?;
        let doing = "keeping a statement";
        let bytes = serde_json::to_vec(&signed).map_err(|error| Refused::fault(doing, error))?;
        let this = Arc::clone(self);
        let file = offload(move || this.statements.put(&bytes).map_err(|error| Refused::fault(doing, error))).await?;
        self.private.note(vec![Kept::Stated { by: by.to_owned(), statement: stated.statement, file: file.into() }]).await?;
        self.write_plain(vec![by.to_owned()], Body::Stated(stated.clone())).await?;
        self.lives.keep(stated.size, live);
        tracing::info!(event = %self.id, number = stated.number, "totals stated");
        let made = self.stated()?.into_iter().find(|made| made.statement == stated.statement);
        made.ok_or_else(|| Refused::fault(doing, "it is not registered"))
    }

    /// Every statement, by number.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn stated(&self) -> Result<Vec<StatementMade>, Refused> {
        let published = self.published();
        let stated = published.roster.stated().to_vec();
        drop(published);
        let made = |(leaf, Stated { number, size, statement, scopes }): (u64, Stated)| {
            let entry = roster::from_bytes(&self.entry_bytes(leaf)?).map_err(|error| Refused::fault("reading a roster", error))?;
            Ok(StatementMade { event: self.id, number, size, leaf, at: entry.body.entered, statement, scopes })
        };
        stated.into_iter().map(made).collect()
    }

    /// The file of a statement, self-contained: with all entries up to the one that registers it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn statement_file(&self, number: u64) -> Result<Vec<u8>, Refused> {
        let doing = "reading a statement";
        let (leaf, stated) = {
            let published = self.published();
            published.roster.stated().iter().find(|(_, stated)| stated.number == number).cloned().ok_or(Refusal::NotFound)?
        };
        let kept = self.private.state().statements.get(&stated.statement.hash()).copied().ok_or_else(|| Refused::fault(doing, "its file is not named"))?;
        let bytes = self.statements.get(kept).map_err(|error| Refused::fault(doing, error))?;
        let statement: Signed<Statement> = serde_json::from_slice(&bytes).map_err(|error| Refused::fault(doing, error))?;
        let size = leaf + 1;
        let head = StatementHead { statement, checkpoint: self.checkpoint_of(size)? };
        self.file_with(&head, size)
    }

    /// The own entry of a person: what an evacuee takes along. Who asked for it is recorded.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn own_entry(self: &Arc<Self>, by: &str, chain: ChainId) -> Result<OwnEntry, Refused> {
        let told = {
            let published = self.published();
            let group = published.roster.person(chain).ok_or(Refusal::NotFound)?;
            let person = published.people.person(&group.latest.moment.hash);
            Told { handle: Some((self.id, group.chain)), citizen: person.and_then(|person| self.register.citizen_known(person)) }
        };
        self.looked_at(by, LookedBy::Handle, vec![chain], How::OwnEntry, vec![told]).await?;
        let this = Arc::clone(self);
        offload(move || this.draw_own_entry(chain)).await
    }

    /// The own entries of a person who has one of these citizen IDs and codes, as far as more than words said at the reception that it was this person. That they were
    /// taken is recorded, and nobody looked.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub async fn own_entries(self: &Arc<Self>, codes: &BTreeSet<CitizenId>) -> Result<Vec<OwnEntry>, Refused> {
        let chains: Vec<ChainId> = {
            let published = self.published();
            let is_own = |person: &Arc<Person>| self.register.citizen_known(person).is_some_and(|citizen| codes.contains(&citizen));
            let groups = published.roster.groups().into_iter();
            groups.filter(|group| published.people.person(&group.latest.moment.hash).is_some_and(is_own)).map(|group| group.chain).collect()
        };
        if chains.is_empty() {
            return Ok(Vec::new());
        }
        self.private.note(vec![Kept::OwnTaken { handles: chains.clone() }]).await?;
        let this = Arc::clone(self);
        offload(move || chains.into_iter().map(|chain| this.draw_own_entry(chain)).collect()).await
    }

    fn draw_own_entry(&self, chain: ChainId) -> Result<OwnEntry, Refused> {
        let (leaf, hash, size) = {
            let published = self.published();
            let group = published.roster.person(chain).ok_or(Refusal::NotFound)?;
            (group.latest.leaf, group.latest.moment.hash, published.roster.len())
        };
        let opening = self.opening(&hash)?.ok_or(Refusal::NotFound)?;
        let proof = |leaf| -> Result<Vec<HashBytes>, Refused> {
            let published = self.published();
            let proof = published.tree.inclusion(leaf, size).map_err(|error| Refused::fault("proving an entry", error))?;
            Ok(proof.hashes().iter().map(|hash| HashBytes::from(*hash)).collect())
        };
        Ok(OwnEntry {
            declared: Blob(self.entry_bytes(0)?),
            declared_proof: proof(0)?,
            leaf,
            entry: Blob(self.entry_bytes(leaf)?),
            entry_proof: proof(leaf)?,
            opening,
            checkpoint: self.checkpoint_of(size)?,
        })
    }

    fn draw_statement(&self) -> Result<(Signed<Statement>, Stated, Live), Refused> {
        let doing = "stating totals";
        let declared = self.declared()?;
        let (live, place, earlier) = {
            let published = self.published();
            let size = published.roster.len();
            let root = published.tree.root_at(size).map_err(|error| Refused::fault(doing, error))?;
            let number = published.roster.stated().len() as u64;
            let earlier: Vec<Stated> = published.roster.stated().iter().map(|(_, stated)| stated.clone()).collect();
            (Live::of(&published.roster), Place { event: self.id, number, size, root, made: self.now(), least: declared.min_group }, earlier)
        };
        let lives = self.lives_at(earlier.iter().map(|stated| stated.size))?;
        let earlier: Vec<Earlier<'_>> = earlier.iter().filter_map(|stated| Some(Earlier { stated, live: lives.get(&stated.size)?.clone() })).collect();
        let commitments = self.commitments(&live, Day::of(declared.began))?;
        let capacity = |shelter: Option<&roster::ShelterId>| self.published().roster.shelter(shelter?)?.capacity.and_then(|most| u16::try_from(most).ok());
        let made = statement::make(&place, &live, &earlier, |hash| commitments.get(hash), capacity, &mut OsRng);
        let statement = made.map_err(|why| not_now(why, earlier.last().map(|earlier| earlier.stated.number)))?;
        let stated = statement.stated().map_err(|error| Refused::fault(doing, error))?;
        Ok((self.signed(statement)?, stated, live))
    }

    /// A body with the appliance's signature in this event.
    pub(super) fn signed<T: SignedKind>(&self, body: T) -> Result<Signed<T>, Refused> {
        let hash = body.signed_hash().map_err(|error| Refused::fault("signing about a roster", error))?;
        Ok(Signed { body, signature: Bytes(self.keys.sign.sign_hash(&hash)) })
    }

    /// What opens the commitments of those who count.
    pub(super) fn commitments(&self, live: &Live, began: Day) -> Result<Commitments, Refused> {
        let mut commitments = BTreeMap::new();
        for (_, present) in live.iter() {
            let Some(opening) = self.opening(&present.hash)? else { continue };
            let commitment = opening.commitment(began).map_err(|_| Refused::fault("opening a roster", "an opening is none"))?;
            commitments.extend(commitment.map(|commitment| (present.hash, commitment)));
        }
        Ok(commitments)
    }

    /// The signed checkpoint over the first entries.
    pub(super) fn checkpoint_of(&self, size: u64) -> Result<String, Refused> {
        use tachiai_crypto::journal::{Checkpoint, Origin};
        let doing = "signing a checkpoint";
        let origin = Origin::new(&self.declared()?.origin).map_err(|error| Refused::fault(doing, error))?;
        let root = self.published().tree.root_at(size).map_err(|error| Refused::fault(doing, error))?;
        Ok(self.keys.sign.sign(&Checkpoint { origin, size, root }).as_str().to_owned())
    }

    /// A file with the first entries.
    pub(super) fn file_with(&self, head: &impl serde::Serialize, size: u64) -> Result<Vec<u8>, Refused> {
        let doing = "writing a file of a roster";
        let entries = (0..size).map(|leaf| self.entry_bytes(leaf)).collect::<Result<Vec<_>, _>>()?;
        let mut bytes = Vec::new();
        file::write(&mut bytes, head, entries).map_err(|error| Refused::fault(doing, error))?;
        Ok(bytes)
    }

    /// Who counted when the journal had these sizes.
    fn lives_at(&self, sizes: impl Iterator<Item = u64> + Clone) -> Result<BTreeMap<u64, Live>, Refused> {
        if let Some(known) = self.lives.all(sizes.clone()) {
            return Ok(known);
        }
        let mut wanted: Vec<u64> = sizes.clone().collect();
        wanted.sort_unstable();
        let (mut roster, mut next) = (Roster::new(), 0);
        for size in wanted {
            for leaf in next..size {
                let bytes = self.entry_bytes(leaf)?;
                let entry = roster::from_bytes(&bytes).map_err(|error| Refused::fault("reading a roster", error))?;
                roster.apply(roster::leaf_hash(&bytes), &entry);
            }
            next = next.max(size);
            self.lives.keep(size, Live::of(&roster));
        }
        self.lives.all(sizes).ok_or_else(|| Refused::fault("reading a roster", "who counted is not known"))
    }
}

/// Why there is no statement now, how many people it takes, and which one stands meanwhile.
fn not_now(why: NotNow, stands: Option<u64>) -> Refused {
    let stands = |lang: Lang| match (stands, lang) {
        (None, _) => String::new(),
        (Some(number), Lang::Ja) => format!("それまでは第{number}号の集計が有効です。"),
        (Some(number), Lang::En) => format!(" Until then statement {number} stands."),
    };
    let said = |ja: String, en: String| Refused::said(Refusal::StatementNotNow, ja + &stands(Lang::Ja), en + &stands(Lang::En));
    match why {
        NotNow::Few { persons, least } => said(
            format!("在所者は{persons}人です。{least}人以上になってから、もう一度作成してください。"),
            format!("{persons} people are there. Make it again once there are {least} or more."),
        ),
        NotNow::Still { number, people, least } => said(
            format!("第{number}号の集計の後に入所・退所した方は{people}人です。{least}人以上になってから、もう一度作成してください。"),
            format!("{people} people came or left since statement {number}. Make it again once there are {least} or more."),
        ),
        NotNow::Close { number, least, detail } => {
            tracing::info!(%detail, "totals are not stated");
            let (ja, en) = number.map_or_else(
                || (String::new(), String::new()),
                |number| (format!("第{number}号の集計と見比べると、"), format!(", held against statement {number},")),
            );
            said(
                format!("{ja}どの内訳を伏せても、{least}人未満の方のことが分かってしまいます。さらに入所・退所があってから、もう一度作成してください。"),
                format!("Whichever parts are left out, the totals{en} would tell of fewer than {least} people. Make it again after more people came or left."),
            )
        }
        NotNow::Closed { .. } | NotNow::Decode(_) | NotNow::Proof(_) => Refused::fault("stating totals", why),
    }
}

impl Lives {
    fn keep(&self, size: u64, live: Live) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(size, live);
    }

    /// All of these, if each is known.
    fn all(&self, sizes: impl Iterator<Item = u64>) -> Option<BTreeMap<u64, Live>> {
        let lives = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        sizes.map(|size| Some((size, lives.get(&size)?.clone()))).collect()
    }
}
