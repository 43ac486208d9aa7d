//! What staff and trustees do: the draft, the ceremony, and the acts that need two officials.

use std::sync::Arc;

use rand_core::OsRng;
use tachiai_schemas::election::{Body, Opened};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::staff::{Act, Done, RollToOpen, TrusteeStatus};
use tachiai_schemas::trustee::TrusteeFile;
use tachiai_schemas::{Bytes, ElectionId, Refusal, Timestamp, TrusteeIndex};

use super::Elections;
use super::decide::Command;
use super::draft::{self, Appliance, NewTrustee};
use super::files::{self, FileStep};
use super::live::Live;
use super::private::PrivateBody;
use super::roll::log::RollRef;
use super::slots::{SlotBook, shuffle};
use crate::refused::Refused;

/// Does what takes long, or waits for the disk, away from the threads that serve the network.
pub(super) async fn offload<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refused> + Send + 'static) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Refused::fault("working in the background", error))?
}

impl Live {
    fn phase(&self) -> Phase {
        self.board().state.board.phase()
    }

    /// Lists a trustee by the card that the trustee signed.
    ///
    /// # Errors
    /// [`Refusal::TrusteeFile`], [`Refusal::TrusteeTwice`], [`Refusal::WrongPhase`].
    pub async fn add_trustee(&self, by: &str, file: TrusteeFile) -> Result<TrusteeStatus, Refused> {
        let _turn = self.acts.lock().await;
        let TrusteeFile::TrusteeCard(card) = file else {
            return Err(Refused::said(Refusal::TrusteeFile, "開票立会人の登録用ファイル（card.json）を指定してください", "a trustee-card belongs here"));
        };
        let step = draft::check_trustee(&self.private(), &card)?;
        if step == NewTrustee::Add {
            if self.phase() != Phase::Draft {
                return Err(Refused::said(Refusal::WrongPhase, "鍵の作成が始まっているため、立会人は登録できません", "the manifest lists the trustees"));
            }
            self.note(PrivateBody::TrusteeAdded { by: by.to_owned(), trustee: card.body.clone() }).await?;
        }
        let place = self.private().trustees.iter().position(|trustee| *trustee == card.body);
        let index = place.and_then(|place| u8::try_from(place + 1).ok()).and_then(|index| TrusteeIndex::new(index).ok());
        let trustee = index.ok_or_else(|| Refused::fault("listing a trustee", "it has no index"))?;
        Ok(TrusteeStatus { trustee, name: card.body.name, signing_key: card.body.signing_key, received: Vec::new() })
    }

    /// Writes the manifest, with which board and ceremony begin.
    ///
    /// # Errors
    /// [`Refusal::Incomplete`], [`Refusal::SpecInvalid`], [`Refusal::WrongPhase`].
    pub async fn start_ceremony(&self, by: &str) -> Result<(), Refused> {
        let _turn = self.acts.lock().await;
        if self.phase() != Phase::Draft {
            return Err(Refused::said(Refusal::WrongPhase, "鍵の作成はすでに始まっています", "the manifest stands already"));
        }
        let appliance = Appliance { host: &self.services.host, anchors: self.services.cards.anchors(), crl: self.services.cards.crl_requirement() };
        // What is incomplete is said before a key is made.
        draft::manifest(self.id, &self.private(), &appliance, example_key())?;
        let key = self.make_board_key()?;
        let manifest = draft::manifest(self.id, &self.private(), &appliance, key)?;
        if self.private().board_key != Some(key) {
            self.note(PrivateBody::BoardKey { by: by.to_owned(), key: Bytes(key) }).await?;
        }
        self.submit(Command::Record(Box::new(Body::Manifest(Box::new(manifest))))).await?;
        self.start_mirror().map_err(|error| Refused::fault("starting a mirror", error))?;
        tracing::info!(election = %self.id, "the ceremony has begun");
        Ok(())
    }

    /// Takes a trustee's file.
    ///
    /// # Errors
    /// [`Refusal::TrusteeFile`], [`Refusal::TrusteeTwice`], [`Refusal::Incomplete`], [`Refusal::WrongPhase`].
    pub async fn take_file(self: &Arc<Self>, file: TrusteeFile) -> Result<(), Refused> {
        let _turn = self.acts.lock().await;
        let step = files::decide_file(&self.board().state, &self.private(), file)?;
        match step {
            // What ended between the two journals, the signature noted and the statement not declared, is made up for.
            FileStep::Already => self.declare().await,
            FileStep::Record(body) => self.submit(Command::Record(Box::new(body))).await.map(|_| ()),
            FileStep::RecordDeal(shares, body) => {
                self.note(shares).await?;
                self.submit(Command::Record(Box::new(body))).await.map(|_| ())
            }
            FileStep::RecordShares(body, trustee, file) => {
                self.take_shares(trustee, file).await?;
                self.submit(Command::Record(Box::new(body))).await.map(|_| ())
            }
            FileStep::Sign(signature) => {
                self.note(signature).await?;
                self.declare().await
            }
        }
    }

    /// Puts the tally statement on the board as soon as enough trustees have signed it.
    async fn declare(&self) -> Result<(), Refused> {
        let complete = files::signed_statement(&self.board().state, &self.private())?;
        match complete {
            Some(statement) => self.submit(Command::Record(Box::new(statement))).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// What the act would open, if that is what it does.
    #[must_use]
    pub fn to_open(&self, act: Act) -> Option<RollToOpen> {
        if act != Act::Open {
            return None;
        }
        let RollRef { payload: _, electors, unqualified: _, version } = self.private().roll?;
        Some(RollToOpen { manifest: self.board().state.board.manifest_hash()?.into(), import: version.into(), electors })
    }

    /// Whether an act could be done now; `roll` is what was to be opened when it was asked for.
    ///
    /// # Errors
    /// Why not.
    pub fn ready(&self, act: Act, roll: Option<RollToOpen>, now: Timestamp) -> Result<(), Refused> {
        // Before the board's lock is held: who takes it twice waits forever once a writer waits between.
        let opens = self.to_open(act);
        let published = self.board();
        let board = &published.state.board;
        let (has_roll, signed) = {
            let private = self.private();
            (private.roll.is_some(), super::status::signed(board, &private))
        };
        match act {
            Act::Open => {
                let phase = board.phase();
                if phase != Phase::Ceremony {
                    return Err(Refused::said(
                        Refusal::WrongPhase,
                        "投票を開始する段階ではありません（すでに開始したか、鍵の作成がまだです）",
                        format!("open needs the ceremony, this is {phase:?}"),
                    ));
                }
                let (_, _, confirmed) = board.run().counts();
                let all = board.quorum().map_or(0, |quorum| usize::from(quorum.trustees()));
                if confirmed != all {
                    return Err(Refused::said(
                        Refusal::Incomplete,
                        format!("立会人{all}人のうち{confirmed}人しか鍵を確認していません"),
                        format!("{confirmed} of {all} trustees confirmed the key"),
                    ));
                }
                if !has_roll {
                    return Err(Refused::said(Refusal::Incomplete, "名簿が取り込まれていません", "no roll is imported"));
                }
                if board.manifest().is_some_and(|manifest| manifest.online_closes <= now) {
                    return Err(Refused::said(Refusal::Late, "オンライン投票の締切時刻を過ぎています", "the time of the vote is over"));
                }
                if opens == roll { Ok(()) } else { Err(Refusal::ChangedSince.into()) }
            }
            Act::CloseOnline => super::decide::decide(&published.state, now, &Command::CloseOnline).map(|_| ()),
            Act::ClosePoll => {
                super::desk::day::all_closed(board, now)?;
                super::decide::decide(&published.state, now, &Command::ClosePoll).map(|_| ())
            }
            Act::Count => super::count::ready(&published.state, signed),
            Act::Publish => {
                super::outcome::ready_to_publish(board, &self.tally_result(board)?)?;
                super::decide::decide(&published.state, now, &Command::Publish).map(|_| ())
            }
        }
    }

    /// Does an act that two officials agreed on.
    ///
    /// # Errors
    /// Why not; then nothing was done.
    pub async fn perform(self: &Arc<Self>, act: Act, roll: Option<RollToOpen>) -> Result<Done, Refused> {
        let _turn = self.acts.lock().await;
        self.ready(act, roll, self.services.clock.now())?;
        match act {
            Act::Open => self.open_voting().await?,
            Act::CloseOnline => self.submit(Command::CloseOnline).await.map(|_| ())?,
            Act::ClosePoll => self.submit(Command::ClosePoll).await.map(|_| ())?,
            Act::Count => self.tally().await?,
            Act::Publish => self.submit(Command::Publish).await.map(|_| ())?,
        }
        let published = self.board();
        let board = &published.state.board;
        tracing::info!(election = %self.id, ?act, phase = ?board.phase(), "done");
        let fingerprint = board.fingerprint().filter(|_| act == Act::Open).map(|fingerprint| fingerprint.to_string());
        Ok(Done { election: self.id, act, phase: board.phase(), fingerprint })
    }

    /// Shuffles the slots, keeps order and salts sealed, and commits to the roll on the board.
    async fn open_voting(self: &Arc<Self>) -> Result<(), Refused> {
        let live = Arc::clone(self);
        let (book, payload, attachment) = offload(move || {
            let electors = live.qualified()?;
            if electors.is_empty() {
                return Err(Refused::said(
                    Refusal::Incomplete,
                    "名簿に、投票日に投票できる方が一人もいません",
                    "nobody on the roll may vote on the polling date",
                ));
            }
            let records = shuffle(electors, &mut OsRng);
            let districts = live.board().state.board.manifest().map(|manifest| manifest.districts.clone()).ok_or(Refusal::WrongPhase)?;
            let payload = live.seal_slots(&records)?;
            let book = SlotBook::new(&live.id, &districts, records)?;
            let attachment = book.attachment();
            live.attachments.put(&attachment).map_err(|error| Refused::fault("writing the roll", error))?;
            Ok((Arc::new(book), payload, attachment))
        })
        .await?;
        let root = book.root();
        self.note(PrivateBody::Slots { payload: payload.into(), root: root.into() }).await?;
        let opened = {
            let published = self.board();
            let board = &published.state.board;
            let (manifest, derived) = (board.manifest().ok_or(Refusal::WrongPhase)?, board.run().derived().ok_or(Refusal::Incomplete)?);
            Opened {
                manifest: board.manifest_hash().ok_or(Refusal::WrongPhase)?.into(),
                run: board.run().number(),
                joint_key: Bytes(*derived.joint_key.as_bytes()),
                share_keys: derived.share_keys.iter().map(|key| Bytes(*key.as_bytes())).collect(),
                ceremony: derived.hash.into(),
                roll: book.commitment(manifest.districts.len()),
            }
        };
        self.submit(Command::Open(Box::new(Body::Opened(Box::new(opened))), attachment)).await?;
        self.set_slots(book);
        Ok(())
    }
}

impl Elections {
    /// Whether an act of an election could be done now.
    ///
    /// # Errors
    /// Why not.
    pub fn ready(&self, election: ElectionId, act: Act, roll: Option<RollToOpen>) -> Result<(), Refused> {
        self.get(election)?.ready(act, roll, self.services().clock.now())
    }

    /// Does an act that two officials agreed on; who they are stands in the appliance's journal.
    ///
    /// # Errors
    /// Why not; then nothing was done.
    pub async fn perform(&self, election: ElectionId, act: Act, roll: Option<RollToOpen>) -> Result<Done, Refused> {
        self.get(election)?.perform(act, roll).await
    }
}

/// A key in the place of the board's while the rest of a manifest is checked.
fn example_key() -> [u8; 32] {
    tachiai_crypto::journal::BoardSecretKey::from_seed(&[1; 32]).public().to_bytes()
}
