//! What the commission does with an election, each as the command of the same meaning does it.

use std::path::{Path, PathBuf};

use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::counting::{LotDrop, LotSigned, PaperFigures};
use tachiai_schemas::paper::{CandidateOut, Lot, PaperCount, RollChangeReason};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roll::case::{Decision, Objection, RollOrder, RollRequest};
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::staff::ElectionStatus;
use tachiai_schemas::{ElectionId, HashBytes, Lang, LeafIndex};

use super::{Desk, Done, Tell, pending_of, refused, waits, waits_as};
use crate::client::Answer;
use crate::commands::board;
use crate::commands::count;
use crate::commands::election::{self, where_it_stands};
use crate::commands::papers::Papers;
use crate::commands::roll::{self, Changed};
use crate::console::action::Place;
use crate::console::i18n::{Words, both as in_both};
use crate::console::widgets::secret::Typed;
use crate::console::work::question::elections::bytes_of;
use crate::failure::Failure;
use crate::poll::officer::OfficerKey;
use crate::voter::{self, Pinned, included};

/// What the commission does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// An election is created.
    Create(Box<ElectionSpec>),
    /// The roll is imported from a file that was looked at before.
    ImportRoll(ElectionId, PathBuf, Hash32, Option<HashBytes>),
    /// A trustee is listed by a file that was looked at before.
    AddTrustee(ElectionId, PathBuf, Hash32),
    /// The key ceremony begins.
    Ceremony(ElectionId),
    /// Files are carried between the appliance and a stick.
    Carry(ElectionId, PathBuf),
    /// A witness's cosignature is handed in.
    Cosign(ElectionId, PathBuf),
    /// The record is exported.
    Export(ElectionId, PathBuf),
    /// The papers of a record are printed.
    Print(Printing),
    /// What one official counted is entered.
    EnterPapers(ElectionId, PaperFigures),
    /// An officer signs the count that was shown.
    SignPapers(ElectionId, PaperCount, Key),
    /// An officer signs a lot.
    Lot(ElectionId, Drawn, Key),
    /// A lot that was entered wrongly is dropped.
    DropLot(ElectionId, LotDrop),
    /// A candidate is out.
    Out(ElectionId, CandidateOut),
    /// An objection is received.
    Object(ElectionId, Objection),
    /// An objection is decided.
    Decide(ElectionId, u32, Decision),
    /// The roll is changed.
    Change(ElectionId, RollRequest),
    /// Somebody is added to the roll by a file with one row.
    Add(ElectionId, Added),
    /// An entry of the board is verified.
    CheckEntry(ElectionId, LeafIndex, Hash32),
    /// The whole board is verified.
    CheckBoard(ElectionId, Option<Fingerprint>),
}

/// The papers of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printing {
    /// The record.
    pub record: PathBuf,
    /// The folder for the papers.
    pub out: PathBuf,
    /// The fingerprint of the notice.
    pub expect: Option<String>,
    /// Who issues them.
    pub issuer: Option<String>,
    /// Where the count was held.
    pub place: Option<String>,
}

/// Somebody who is added to the roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The file: the header and one row.
    pub path: PathBuf,
    /// What it said when it was shown: that is sent.
    pub row: String,
    /// Why.
    pub reason: RollChangeReason,
    /// Why, in words.
    pub note: String,
    /// The objection that it grants.
    pub objection: Option<u32>,
}

/// A lot that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// The contest.
    pub contest: u16,
    /// Who was tied, as it was shown.
    pub tied: Vec<u16>,
    /// Who got a seat.
    pub chosen: Vec<u16>,
    /// The number of the contest's lots, as it was shown.
    pub seen: u64,
}

/// The key of an officer of the count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its file.
    pub path: PathBuf,
    /// What opens it.
    pub passphrase: Typed,
}

/// Something said in both languages.
fn both(said: impl Fn(Lang) -> String) -> Done {
    Done::window(said(Lang::Ja), said(Lang::En))
}

/// As many lines as a window shows.
fn first_lines(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().take(10).collect();
    if text.lines().count() > lines.len() {
        lines.push("…");
    }
    lines.join("\n")
}

fn same(path: &Path, sha256: Hash32) -> Result<Vec<u8>, Failure> {
    let (bytes, now) = bytes_of(path)?;
    if now == sha256 { Ok(bytes) } else { Err(refused("file-changed", &[("path", path.display().to_string())])) }
}

/// Does it; `tell` is told how much of how much is done.
///
/// # Errors
/// [`Failure`].
pub(super) fn perform(desk: &Desk, deed: &Deed, tell: &dyn Fn(u64, u64)) -> Result<Done, Failure> {
    let client = &desk.client;
    match deed {
        Deed::Create(spec) => {
            let created = election::create_of(client, spec)?;
            let done = both(|lang| election::created_text(lang, &created, spec));
            Ok(Done { then: Some(Place::Election(created.election)), ..done })
        }
        Deed::ImportRoll(id, path, sha256, replaces) => {
            let bytes = same(path, *sha256)?;
            let base = format!("/api/v1/elections/{id}/roll");
            let base = replaces.map_or(base.clone(), |replaces| format!("{base}?replaces={replaces}"));
            let report = roll::import_of(client, &base, &bytes).map_err(|refused| match refused {
                Ok(report) => {
                    let [ja, en] = [Lang::Ja, Lang::En].map(|lang| first_lines(&roll::report_text(lang, &report)));
                    roll::nothing_imported(&report).and(ja, en)
                }
                Err(failure) => where_it_stands(client, *id, failure),
            })?;
            // What the file has that should be looked at was shown before the import, line by line.
            Ok(Done { then: Some(Place::Election(*id)), ..both(|lang| first_lines(&roll::report_text(lang, &report))) })
        }
        Deed::AddTrustee(id, path, sha256) => {
            same(path, *sha256)?;
            let file = election::read_trustee_file(path)?;
            let added = election::list_trustee(client, *id, &file).map_err(|failure| where_it_stands(client, *id, failure))?;
            Ok(Done { then: Some(Place::Election(*id)), ..both(|lang| election::listed_text(lang, &added)) })
        }
        Deed::Ceremony(id) => {
            let status = election::begin_ceremony(client, *id).map_err(|failure| where_it_stands(client, *id, failure))?;
            Ok(Done::told(|words| format!("{}\n{}", words.say("ceremony-begun"), next(words, &status))))
        }
        Deed::Carry(id, dir) => {
            let carried = election::carry_telling(client, *id, dir, tell)?;
            Ok(both(|lang| election::carried_text(lang, dir, &carried)))
        }
        Deed::Cosign(id, file) => {
            election::hand_in(client, *id, file)?;
            Ok(Done::told(|words| words.with("cosign-done", &[("path", file.display().to_string())])))
        }
        Deed::Export(id, dir) => {
            let files = election::export_record_telling(client, *id, dir, tell)?;
            let status: ElectionStatus = client.get(&format!("/api/v1/elections/{id}/status"), None)?;
            let done = both(|lang| election::exported_text(lang, files, dir, &status));
            let is_whole = status.summary.phase != Phase::Published || status.witnesses_missing().is_empty();
            Ok(if is_whole { done } else { Done { tell: Tell::Attention, ..done } })
        }
        Deed::Print(printing) => print(printing, tell),
        Deed::EnterPapers(id, figures) => {
            let view = count::enter_of(client, *id, figures)?;
            let manifest = voter::manifest(client, *id)?;
            let done = both(|lang| count::view_text(lang, &view, &manifest));
            // Two counts that differ are nothing that is done.
            let differs = view.agreed.is_none() && view.entered_by.is_none();
            Ok(if differs { Done { tell: Tell::Attention, ..done } } else { done })
        }
        Deed::SignPapers(id, shown, key) => {
            let pinned = Pinned::fetch(client, *id, None, None)?;
            let count = count::agreed(client, &pinned, shown.contest)?;
            if count != *shown {
                return Err(refused("count-changed", &[]));
            }
            let signature = opened(key)?.sign(&pinned.manifest.count_officers, &count)?;
            count::only_once(&pinned.manifest.count_officers, &count::signed(client, *id, &count)?, std::slice::from_ref(&signature))?;
            let signing = count::hand_in(client, *id, count, vec![signature])?;
            Ok(both(|lang| count::signing_text(lang, &signing)))
        }
        Deed::Lot(id, drawn, key) => {
            let pinned = Pinned::fetch(client, *id, None, None)?;
            let tie = count::tie(client, *id, drawn.contest)?;
            if tie.options != drawn.tied {
                return Err(refused("tie-changed", &[]));
            }
            let lot = Lot { opened: pinned.opened_hash().into(), contest: drawn.contest, tied: tie.options, chosen: drawn.chosen.clone() };
            let signature = opened(key)?.sign(&pinned.manifest.count_officers, &lot)?;
            let standing = count::lots(client, *id)?;
            let signed = standing.of(lot.contest).filter(|view| view.lot == lot).map(|view| view.signed.as_slice()).unwrap_or_default();
            count::only_once(&pinned.manifest.count_officers, signed, std::slice::from_ref(&signature))?;
            let signing = count::hand_in_lot(client, *id, &LotSigned { body: lot, signatures: vec![signature], seen: drawn.seen })?;
            Ok(both(|lang| count::signing_text(lang, &signing)))
        }
        Deed::DropLot(id, dropped) => {
            let left = count::drop_of(client, *id, dropped)?;
            Ok(both(|lang| count::drop_text(lang, left.of(dropped.contest))))
        }
        Deed::Out(id, out) => match count::out_of(client, *id, out).map_err(|failure| where_it_stands(client, *id, failure))? {
            Answer::Done(recorded) => Ok(both(|lang| count::recorded_text(lang, &recorded))),
            Answer::Accepted(body) => Ok(waits(client, pending_of(Answer::Accepted(body))?)),
        },
        Deed::Object(id, objection) => {
            let view = roll::object_of(client, &format!("/api/v1/elections/{id}/roll"), objection)?;
            Ok(both(|lang| roll::objection_text(lang, &view)))
        }
        Deed::Decide(id, number, decision) => {
            let view = roll::decide_of(client, &format!("/api/v1/elections/{id}/roll"), *number, decision)?;
            Ok(both(|lang| roll::objection_text(lang, &view)))
        }
        Deed::Change(id, request) => change(desk, *id, request),
        Deed::Add(id, Added { path: _, row, reason, note, objection }) => {
            let order = RollOrder::Add { csv: row.clone() };
            change(desk, *id, &RollRequest { order, reason: *reason, note: note.clone(), objection: *objection })
        }
        Deed::CheckEntry(id, leaf, seen) => {
            let included = included(client, *id, *leaf, Some(*seen))?;
            Ok(both(|lang| board::included_text(lang, &included)))
        }
        Deed::CheckBoard(id, expect) => {
            let verdict = board::verify(client, *id, *expect, tell)?;
            Ok(both(|lang| board::verdict_text(lang, &verdict)))
        }
    }
}

fn change(desk: &Desk, id: ElectionId, request: &RollRequest) -> Result<Done, Failure> {
    Ok(match roll::change_of(&desk.client, &format!("/api/v1/elections/{id}/roll"), request)? {
        Changed::Done(view) => both(|lang| roll::change_text(lang, &view)),
        Changed::Waits(shown) => waits_as(&desk.client, &shown),
    })
}

/// What to do next, as the appliance says it.
fn next(words: &Words, status: &ElectionStatus) -> String {
    words.with("done-next", &[("what", words.lang().pick(&status.next_ja, &status.next_en).to_owned())])
}

fn opened(key: &Key) -> Result<OfficerKey, Failure> {
    OfficerKey::open(&key.path, key.passphrase.secret())
}

fn print(printing: &Printing, tell: &dyn Fn(u64, u64)) -> Result<Done, Failure> {
    let Printing { record, out, expect, issuer, place } = printing.clone();
    let expect = expect.map(|text| text.parse()).transpose().map_err(|_| {
        let [ja, en] = in_both(|words| words.say("print-fingerprint-wrong"));
        Failure::incomplete(ja, en)
    })?;
    let papers = Papers { record, out, expect, kind: Vec::new(), at: None, text: Lang::Ja, issuer, place, manager: None };
    let printed = papers.print(tell)?;
    Ok(both(|lang| papers.printed_text(lang, &printed)))
}
