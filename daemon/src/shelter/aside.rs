//! What was set aside of hand-ins: opened by the headquarters, and taken over or dropped by two officials, so that nobody is lost.
//!
//! The appliance writes the entries that are taken over again with its own pen: the same handle, the same content and time, a commitment and a proof of its own.
//! The private journal names the entry that was set aside as the source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardKey;
use tachiai_schemas::roster::hand_in::SignedHandIn;
use tachiai_schemas::roster::opening::{self, Opening};
use tachiai_schemas::roster::pen::{Pen, Stroke};
use tachiai_schemas::roster::report::ReportContent;
use tachiai_schemas::roster::report::{HealthCounts, Note};
use tachiai_schemas::roster::{self, Body, ChainId, Entry, Hlc, HlcClock, Person, PersonEntry, Report, ReportEntry, ShelterId, SignedEntry, TerminalId};
use tachiai_schemas::shelter::AsideView;
use tachiai_schemas::shelter::case::{
    AsideContent, AsideDone, AsideEntry, AsideOpened, AsidePlace, AsideRequest, AsideSaid, AsideStanding, AsideVerdict, CaseOf,
};
use tachiai_schemas::staff::Matter;
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{Blob, HashBytes, Refusal, Timestamp, canonical};

use super::kept::{AsideOutcome, Kept, LookedBy};
use super::{Event, decide, offload};
use crate::refused::Refused;

/// An entry of a hand-in, as far as it depends on it how it stands.
pub(super) struct Source {
    hash: Hash32,
    /// It, if it is about a person, without the proof.
    entry: Option<Entry>,
}

impl Source {
    fn of(bytes: &[u8]) -> Self {
        let entry = roster::from_bytes(bytes).ok().map(|signed| signed.body).and_then(|entry| match entry.body {
            Body::Person(person) => Some(Entry { body: Body::Person(PersonEntry { proof: None, ..person }), ..entry }),
            _ => None,
        });
        Self { hash: roster::leaf_hash(bytes), entry }
    }
}

/// A hand-in of which something was set aside, as it lies in its file.
struct Opened {
    view: AsideView,
    entries: BTreeMap<u32, One>,
}

/// One entry that was set aside.
struct One {
    content: AsideContent,
    entry: Option<Entry>,
    /// The terminal that wrote it, with its number there.
    numbered: Option<(TerminalId, u64)>,
    happened: Happened,
    standing: AsideStanding,
}

/// When an entry happened that is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Happened {
    /// Then; where its terminal states a time after the hand-in arrived, put right by how far the terminal's clock was ahead.
    At(Hlc),
    /// When it was written, for all that is known of it.
    Then,
    /// Nobody knows: after the hand-in arrived, also when that is put right.
    Never,
}

impl Happened {
    /// `now` is what the terminal's clock showed at the hand-in.
    fn of(time: Option<Hlc>, now: Hlc, arrived: Timestamp) -> Self {
        let Some(time) = time else { return Self::Then };
        // Arrivals are kept to the second.
        let (arrived, latest) = (Hlc::at(arrived), Hlc::at(arrived).plus_millis(999));
        if time <= latest {
            return Self::At(time);
        }
        let ahead = i64::try_from(now.millis()).ok().zip(i64::try_from(arrived.millis()).ok()).map_or(0, |(now, arrived)| now.saturating_sub(arrived));
        let right = time.plus_millis(ahead.saturating_neg());
        if right <= latest { Self::At(right) } else { Self::Never }
    }

    /// The time to write; after what it follows, which was written before it by the same clock.
    fn after(self, followed: Option<Hlc>) -> Option<Hlc> {
        match (self, followed) {
            (Self::At(time), Some(followed)) if time <= followed => Some(HlcClock::new(followed).tick(time.millis())),
            (Self::At(time), _) => Some(time),
            (Self::Then | Self::Never, _) => None,
        }
    }
}

/// Two officials who decided, and the case that they decided on.
struct Decision {
    by: Vec<String>,
    case: HashBytes,
    file: HashBytes,
    view: AsideView,
}

impl Decision {
    fn note(&self, one: &One, outcome: AsideOutcome) -> Kept {
        let (terminal, number) = one.numbered.clone().map_or_else(|| (self.view.terminal.clone(), None), |(terminal, number)| (terminal, Some(number)));
        Kept::AsideSettled {
            by: self.by.clone(),
            case: self.case,
            file: self.file,
            index: one.content.aside.index,
            terminal,
            number,
            source: one.content.source,
            outcome,
        }
    }
}

/// What an entry says, with its opening.
fn said(entry: Option<&Entry>, opening: Option<&Opening>) -> AsideSaid {
    let Some(entry) = entry else { return AsideSaid::Nothing {} };
    let handle = opening::place(entry).map(|(place, _)| place.chain);
    let said = match &entry.body {
        Body::Person(PersonEntry { chain, shelter, act, .. }) => opening.and_then(|opening| opening.read::<Person>().ok()).map(|person| AsideSaid::Person {
            chain: *chain,
            shelter: shelter.clone(),
            act: *act,
            person: Box::new(person),
        }),
        Body::Report(ReportEntry { shelter: _, report: Report::Questionnaire { handle, fields: _ } }) => Some(AsideSaid::Answers { chain: *handle }),
        Body::Report(ReportEntry { shelter, report }) => report_said(report, opening).map(|content| AsideSaid::Report { shelter: shelter.clone(), content }),
        Body::Shelter(state) => Some(AsideSaid::Shelter { state: state.clone() }),
        Body::Declared(_) | Body::Terminal(_) | Body::Link(_) | Body::Stated(_) | Body::Closed {} => None,
    };
    match (said, &entry.body, handle) {
        (Some(said), ..) => said,
        (None, Body::Person(_) | Body::Report(_), Some(chain)) => AsideSaid::Unopened { chain },
        (None, ..) => AsideSaid::Nothing {},
    }
}

fn report_said(report: &Report, opening: Option<&Opening>) -> Option<ReportContent> {
    Some(match report {
        Report::Headcount { persons, how } => ReportContent::Headcount { persons: *persons, how: *how },
        Report::Supply { item, unit, stock, needed } => ReportContent::Supply { item: item.clone(), unit: unit.clone(), stock: *stock, needed: *needed },
        Report::Assessment { grades } => ReportContent::Assessment { grades: grades.clone() },
        Report::Handover { handle: _, fields: _ } => ReportContent::Handover { text: opening?.read::<Note>().ok()?.text },
        Report::Health { day, handle: _, fields: _ } => ReportContent::Health { day: *day, counts: opening?.read::<HealthCounts>().ok()?.counts },
        // The appliance cannot write answers again as its own.
        Report::Questionnaire { handle: _, fields: _ } => return None,
    })
}

/// A person as the appliance may write one: lists in the order that entries have.
fn in_order(person: &Person) -> Person {
    let mut person = person.clone();
    person.needs.sort_unstable();
    person.needs.dedup();
    person.allergies.sort_unstable();
    person.allergies.dedup();
    person
}

impl Event {
    /// Whether the appliance wrote an entry again that had been set aside.
    pub(super) fn is_taken_over(&self, source: &Hash32) -> bool {
        let taken = self.private.state().taken_over.get(source).copied();
        taken.is_some_and(|entry| self.published().roster.leaf(&entry).is_some())
    }

    /// How an entry stands, in whatever hand-in it lies.
    fn standing(&self, Source { hash: source, entry }: &Source) -> AsideStanding {
        let (taken, dropped) = {
            let kept = self.private.state();
            (kept.taken_over.get(source).copied(), kept.dropped.contains(source))
        };
        let published = self.published();
        match taken.filter(|entry| published.roster.leaf(entry).is_some()) {
            Some(entry) => AsideStanding::TakenOver { entry: entry.into() },
            None if published.roster.leaf(source).is_some() => AsideStanding::Known {},
            // The terminal dated it anew, and that came.
            None if entry.as_ref().is_some_and(|entry| published.roster.has_dated_otherwise(source, entry)) => AsideStanding::Known {},
            None if dropped => AsideStanding::Dropped {},
            None => AsideStanding::Open {},
        }
    }

    /// The leaf hashes of the entries that were set aside and on which nobody decided: each once, in however many hand-ins it lies.
    pub(super) fn undecided(&self) -> Result<BTreeSet<Hash32>, Refused> {
        let files: Vec<Hash32> = self.private.state().aside.keys().copied().collect();
        let mut undecided = BTreeSet::new();
        for file in files {
            let (view, sources) = (self.aside_view(&file)?, self.aside_sources(&file)?);
            undecided.extend(self.open_of(&view, &sources));
        }
        Ok(undecided)
    }

    fn open_of(&self, view: &AsideView, sources: &[Source]) -> Vec<Hash32> {
        let set_aside = view.aside.iter().filter_map(|aside| at(sources, aside.index));
        set_aside.filter(|source| self.standing(source) == AsideStanding::Open {}).map(|source| source.hash).collect()
    }

    /// The terminal whose number an entry has: that which signed the hand-in, or another that truly wrote it.
    fn numbered(&self, signed: &SignedEntry, by: &TerminalId) -> Option<(TerminalId, u64)> {
        let Entry { terminal, number, .. } = &signed.body;
        let is_theirs = || {
            let state = self.published().roster.terminals().get(terminal).map(|terminal| terminal.state.clone())?;
            BoardKey::from_bytes(&state.key.0).ok()?.verify_hash(&signed.body.signed_hash().ok()?, &signed.signature.0).ok()
        };
        (terminal == by || is_theirs().is_some()).then(|| (terminal.clone(), *number))
    }

    /// A hand-in of which something was set aside, as it is listed.
    pub(super) fn aside_view(&self, file: &Hash32) -> Result<AsideView, Refused> {
        let seqs = self.private.state().aside.get(file).cloned().ok_or(Refusal::NotFound)?;
        let mut view: Option<AsideView> = None;
        for seq in seqs {
            let (at, Kept::SetAside { by, way, terminal, file, aside }) = self.private.entry(seq)? else {
                return Err(Refused::fault("reading what was set aside", "the private journal has something else there"));
            };
            view.get_or_insert_with(|| AsideView { file, at, by, way, terminal, aside: Vec::new(), open: 0 }).aside.extend(aside);
        }
        let mut view = view.ok_or(Refusal::NotFound)?;
        let sources = self.aside_sources(file)?;
        view.open = u32::try_from(self.open_of(&view, &sources).len()).unwrap_or(u32::MAX);
        Ok(view)
    }

    /// All entries of a hand-in. They are kept in memory: an event is looked at often, and the files are large.
    fn aside_sources(&self, file: &Hash32) -> Result<Arc<[Source]>, Refused> {
        let known = self.aside_sources.lock().unwrap_or_else(PoisonError::into_inner).get(file).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let sources: Arc<[Source]> = self.read_aside(file)?.body.entries.iter().map(|Blob(bytes)| Source::of(bytes)).collect();
        self.aside_sources.lock().unwrap_or_else(PoisonError::into_inner).insert(*file, Arc::clone(&sources));
        Ok(sources)
    }

    pub(super) fn read_aside(&self, file: &Hash32) -> Result<SignedHandIn, Refused> {
        let doing = "reading what was set aside";
        let bytes = self.set_aside.get(*file).map_err(|error| Refused::fault(doing, error))?;
        canonical::from_bytes(&bytes).map_err(|error| Refused::fault(doing, error))
    }

    fn open_file(&self, file: &Hash32) -> Result<Opened, Refused> {
        let view = self.aside_view(file)?;
        let body = self.read_aside(file)?.body;
        let mut openings: Vec<Option<Opening>> = self.open_openings(&body.openings, body.entries.len());
        let mut entries = BTreeMap::new();
        for aside in &view.aside {
            let place = usize::try_from(aside.index).unwrap_or(usize::MAX);
            let Some(Blob(bytes)) = body.entries.get(place) else { continue };
            let source = Source::of(bytes);
            let signed = roster::from_bytes(bytes).ok();
            let numbered = signed.as_ref().and_then(|signed| self.numbered(signed, &view.terminal));
            let entry = signed.map(|signed| signed.body);
            let opening = openings.get_mut(place).and_then(Option::take);
            let content = AsideContent {
                aside: aside.clone(),
                source: source.hash.into(),
                time: entry.as_ref().map(|entry| entry.time),
                entered: entry.as_ref().map(|entry| entry.entered),
                said: said(entry.as_ref(), opening.as_ref()),
            };
            let happened = Happened::of(content.time, body.now, view.at);
            entries.insert(aside.index, One { content, entry, numbered, happened, standing: self.standing(&source) });
        }
        Ok(Opened { view, entries })
    }

    /// A hand-in of which something was set aside, opened.
    pub(super) fn opened_aside(&self, file: &Hash32) -> Result<AsideOpened, Refused> {
        let Opened { view, entries } = self.open_file(file)?;
        let entries = entries.into_values().map(|One { content, entry: _, numbered: _, happened: _, standing }| AsideEntry { content, standing }).collect();
        Ok(AsideOpened { view, entries })
    }

    /// A hand-in of which something was set aside, opened for an official. That it was looked at is recorded with everybody who was shown.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn open_aside(self: &Arc<Self>, by: &str, file: HashBytes) -> Result<AsideOpened, Refused> {
        let this = Arc::clone(self);
        let opened = offload(move || this.opened_aside(&file.hash())).await?;
        let handle = |entry: &AsideEntry| match &entry.content.said {
            AsideSaid::Person { chain, .. } => Some(*chain),
            AsideSaid::Report { .. } | AsideSaid::Shelter { .. } | AsideSaid::Unopened { .. } | AsideSaid::Answers { .. } | AsideSaid::Nothing {} => None,
        };
        self.looked(by, LookedBy::Aside, opened.entries.iter().filter_map(handle).collect()).await?;
        Ok(opened)
    }

    /// Keeps a case about what was set aside, sealed, and gives the matter that two officials decide on: the one that waits, if the same was asked for already.
    ///
    /// # Errors
    /// [`Refusal::AsideSettled`], [`Refusal::AsideUntakable`], [`Refusal::ChangedSince`] if something else was looked at, [`Refusal::ShelterInvalid`],
    /// [`Refusal::NotFound`], [`Refusal::EventClosed`].
    pub async fn prepare_aside(self: &Arc<Self>, by: &str, request: AsideRequest, waiting: &[Matter]) -> Result<Matter, Refused> {
        decide::check_aside(&request)?;
        let (file, verdict) = (request.file, request.verdict);
        let _sealing = self.sealing.read().await;
        let this = Arc::clone(self);
        let (of, about) = offload(move || this.may_settle(&request).map(|about| (CaseOf::Aside(request), about))).await?;
        let (id, same) = (self.id, of.clone());
        let is_it = move |this: &Self, matter: &Matter| matches!(matter, Matter::SettleAside { event, commitment, .. } if *event == id && this.case_of(commitment).is_ok_and(|of| of == same));
        if let Some(asked) = self.asked_already(waiting, is_it).await? {
            return Ok(asked);
        }
        // The reason may tell of everybody whom the entries are about.
        let commitment = self.keep_case(by, about, of).await?;
        Ok(Matter::SettleAside { event: self.id, file, verdict, commitment })
    }

    /// Whether a case about what was set aside could be decided now.
    ///
    /// # Errors
    /// As for [`Event::prepare_aside`].
    pub fn ready_to_settle(&self, commitment: &HashBytes) -> Result<(), Refused> {
        match self.case_of(commitment)? {
            CaseOf::Aside(request) => self.may_settle(&request).map(drop),
            CaseOf::Close { reason: _, outstanding: _ } | CaseOf::Erase { chain: _, request: _ } => Err(Refusal::NotFound.into()),
        }
    }

    /// Whom the entries are about, if the request may be decided now.
    fn may_settle(&self, request: &AsideRequest) -> Result<Vec<ChainId>, Refused> {
        let AsideRequest { file, entries, content, verdict, reason: _ } = request;
        let opened = self.open_file(&file.hash())?;
        let mut contents = Vec::new();
        for index in entries {
            let one = opened.entries.get(index).ok_or(Refusal::NotFound)?;
            match one.standing {
                AsideStanding::Open {} => {}
                AsideStanding::Known {} | AsideStanding::TakenOver { entry: _ } | AsideStanding::Dropped {} => {
                    return Err(Refused::about(Refusal::AsideSettled, format!("entry {index}")));
                }
            }
            if *verdict == AsideVerdict::Take {
                self.may_take(one).map_err(|why| Refused::about(Refusal::AsideUntakable, format!("entry {index}: {why}")))?;
            }
            contents.push(AsideEntry { content: one.content.clone(), standing: one.standing });
        }
        let about: BTreeSet<ChainId> = contents.iter().filter_map(|entry| about(&entry.content.said)).collect();
        let seen = AsideOpened { view: opened.view, entries: contents }.content(entries);
        if seen == Some(content.hash()) { Ok(about.into_iter().collect()) } else { Err(Refusal::ChangedSince.into()) }
    }

    /// Why an entry cannot be taken over, if it cannot.
    fn may_take(&self, one: &One) -> Result<(), String> {
        let closed = self.published().roster.closed();
        let by_hand = if closed.is_some() { "the event is closed, so it can only be dropped, with a reason" } else { "enter it by hand" };
        match one.happened {
            Happened::Never => return Err(format!("its time is later than its hand-in, and nobody knows by how much the clock was wrong; {by_hand}")),
            // A clock that is off by less is dated anew by nobody, so it is no reason to refuse anybody who came before.
            Happened::At(at) if closed.is_some_and(|closed| decide::is_future(closed, at)) => {
                return Err(format!("it happened at {at}, after the event was closed"));
            }
            Happened::At(_) | Happened::Then => {}
        }
        let is_opened = |shelter: &ShelterId| {
            let known = self.published().roster.shelter(shelter).is_some();
            let why = if closed.is_some() { "the event is closed, so it can only be dropped, with a reason" } else { "open it first" };
            if known { Ok(()) } else { Err(format!("shelter {shelter} is not opened in this event; {why}")) }
        };
        match &one.content.said {
            AsideSaid::Person { chain: _, shelter, act, person } => {
                is_opened(shelter)?;
                let refused = decide::check_person(*act, false, &in_order(person)).err();
                refused.map_or(Ok(()), |refused| Err(refused.detail.unwrap_or_else(|| refused.refusal.to_string())))
            }
            AsideSaid::Report { shelter, content: _ } => is_opened(shelter),
            AsideSaid::Shelter { state } => {
                is_opened(&state.shelter)?;
                decide::check_shelter(state).map_err(|refused| refused.detail.unwrap_or_else(|| refused.refusal.to_string()))
            }
            AsideSaid::Answers { chain: _ } => Err("answers cannot be taken over; ask again".to_owned()),
            AsideSaid::Unopened { chain: _ } => Err("its content is missing".to_owned()),
            AsideSaid::Nothing {} => Err("it is nothing that a terminal writes, or cannot be read".to_owned()),
        }
    }

    /// Does what two officials decided. What was done already, as before a restart, stays.
    ///
    /// # Errors
    /// As for every entry.
    pub async fn settle_aside(self: &Arc<Self>, commitment: &HashBytes, by: [String; 2]) -> Result<AsideDone, Refused> {
        let CaseOf::Aside(AsideRequest { file, entries, content: _, verdict, reason: _ }) = self.case_of(commitment)? else {
            return Err(Refusal::NotFound.into());
        };
        let sources = self.aside_sources(&file.hash())?;
        // Two cases may be about one entry: what the one does, the other finds done.
        let _turn = self.settling.lock().await;
        let this = Arc::clone(self);
        let Opened { view, entries: mut opened } = offload(move || this.open_file(&file.hash())).await?;
        let decision = Decision { by: by.into(), case: *commitment, file, view };
        let mut places = Vec::with_capacity(entries.len());
        for index in entries {
            let one = opened.remove(&index).ok_or(Refusal::NotFound)?;
            let source = at(&sources, index).ok_or(Refusal::NotFound)?;
            // The same entry may lie in this hand-in twice.
            if self.standing(source) == (AsideStanding::Open {}) {
                match verdict {
                    AsideVerdict::Take => self.take_over(&decision, one).await?,
                    AsideVerdict::Drop => self.private.note(vec![decision.note(&one, AsideOutcome::Dropped {})]).await?,
                }
            }
            places.push(AsidePlace { index, standing: self.standing(source) });
        }
        tracing::info!(event = %self.id, terminal = %decision.view.terminal, entries = places.len(), ?verdict, "entries that were set aside are decided on");
        Ok(AsideDone { event: self.id, file, verdict, entries: places })
    }

    /// Has the appliance write one entry again.
    async fn take_over(self: &Arc<Self>, decision: &Decision, one: One) -> Result<(), Refused> {
        let (by, began) = (decision.by.clone(), self.began()?);
        let happened = one.happened;
        let besides = |one: &One, entry: HashBytes| Some(decision.note(one, AsideOutcome::TakenOver { entry }));
        match one.content.said.clone() {
            AsideSaid::Person { chain, shelter, act, person } => {
                let followed = self.followed(chain, one.entry.as_ref());
                let time = happened.after(followed.iter().map(|(_, _, time)| *time).max());
                let after: Vec<(Hash32, u64)> = followed.into_iter().map(|(hash, seq, _)| (hash, seq)).collect();
                let person = in_order(&person);
                let draw =
                    move |pen: &mut Pen<'_>, millis| pen.person(&Stroke { chain, after: &after, shelter, act, person: &person, time }, millis, &mut OsRng);
                self.write_with(by, began, None, draw, |entry| besides(&one, entry)).await.map(drop)
            }
            AsideSaid::Report { shelter, content } => self.report(by, shelter, content, happened.after(None), |entry| besides(&one, entry)).await.map(drop),
            AsideSaid::Shelter { state } => {
                let draw = move |pen: &mut Pen<'_>, millis| {
                    if let Some(time) = happened.after(None) {
                        pen.happened(time);
                    }
                    pen.write(Body::Shelter(state), millis)
                };
                self.write_with(by, began, None, draw, |entry| besides(&one, entry)).await.map(drop)
            }
            AsideSaid::Unopened { chain: _ } | AsideSaid::Answers { chain: _ } | AsideSaid::Nothing {} => Err(Refusal::AsideUntakable.into()),
        }
    }

    /// The entries of a person which one that was set aside follows, with their numbers and times: those that are here, and for those that were taken over the appliance's.
    fn followed(&self, chain: ChainId, entry: Option<&Entry>) -> Vec<(Hash32, u64, Hlc)> {
        let Some(Body::Person(PersonEntry { after, .. })) = entry.map(|entry| &entry.body) else { return Vec::new() };
        let taken = self.private.state().taken_over.clone();
        let named = after.iter().map(|hash| hash.hash()).map(|hash| taken.get(&hash).copied().unwrap_or(hash));
        let published = self.published();
        let Some(group) = published.roster.person(chain) else { return Vec::new() };
        let here: BTreeMap<Hash32, (u64, Hlc)> =
            group.handles.iter().flat_map(|handle| published.roster.steps(handle).map(|step| (step.moment.hash, (step.seq, step.moment.time)))).collect();
        named.filter_map(|hash| here.get(&hash).map(|(seq, time)| (hash, *seq, *time))).collect()
    }
}

/// What stands at a place.
fn at(sources: &[Source], index: u32) -> Option<&Source> {
    usize::try_from(index).ok().and_then(|index| sources.get(index))
}

/// Whom an entry is about, as far as it says so.
const fn about(said: &AsideSaid) -> Option<ChainId> {
    match said {
        AsideSaid::Person { chain, .. } | AsideSaid::Unopened { chain } | AsideSaid::Answers { chain } => Some(*chain),
        AsideSaid::Report { .. } | AsideSaid::Shelter { .. } | AsideSaid::Nothing {} => None,
    }
}
