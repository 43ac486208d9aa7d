//! The days of the polling places: 投票録 of each, and 期日前投票日報.

use std::collections::BTreeMap;

use tachiai_schemas::Lang;
use tachiai_schemas::election::Text;
use tachiai_schemas::paper::{self, Identified, Manner, OfficerRole, Place, RollChangeKind, Session, UndoReason};

use super::{Counted, changed};
use crate::commands::roll::reason_name;
use crate::commands::trustee::key_fingerprint;
use crate::failure::Failure;
use crate::papers::early::{ContestPapers, EarlyDay, EarlyPlace, EarlyVoting, Papers};
use crate::papers::era::Day;
use crate::papers::history::{Change, HandOut, SignedEntry, Undo};
use crate::papers::poll::{EventKind, KeyMark, Kinds, Leaves, Officer, PlaceKind, PollEvent, PollRecord};

/// A day of a place on which papers were handed out.
struct PlaceDay<'a> {
    index: u16,
    session_index: u16,
    place: &'a Place,
    session: &'a Session,
    close: &'a paper::DayClose,
    signed: &'a SignedEntry,
    hand_outs: Vec<&'a HandOut>,
}

fn text(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text { ja: ja.into(), en: en.into() }
}

impl Counted {
    /// Every day of every place on which papers were handed out.
    fn place_days(&self) -> Result<Vec<PlaceDay<'_>>, Failure> {
        let mut days = Vec::new();
        for (index, place) in (0_u16..).zip(&self.manifest.places) {
            for (session_index, session) in (0_u16..).zip(&place.sessions) {
                let state = self.verified.board.day(index, session_index).ok_or_else(changed)?;
                if state.handouts() == 0 {
                    continue;
                }
                let ((_, close), signed) = state.closed().zip(self.history.closes.get(&(index, session_index))).ok_or_else(changed)?;
                let hand_outs = self.history.hand_outs.iter().filter(|hand_out| (hand_out.place, hand_out.session) == (index, session_index));
                days.push(PlaceDay { index, session_index, place, session, close, signed, hand_outs: hand_outs.collect() });
            }
        }
        Ok(days)
    }

    fn papers(&self, day: &PlaceDay<'_>) -> Result<Papers, Failure> {
        let (handed_out, with_card) = (day.hand_outs.len() as u64, day.hand_outs.iter().filter(|one| one.identified == Identified::Card).count() as u64);
        let of_contest = |papers: &paper::DayPapers| {
            let contest = self.manifest.contests.get(usize::from(papers.contest)).ok_or_else(changed)?;
            Ok::<_, Failure>(ContestPapers {
                title: contest.title.clone(),
                handed_out: papers.issued.into(),
                in_box: papers.in_box.into(),
                taken_home: papers.taken_home.into(),
                returned: papers.returned.into(),
            })
        };
        Ok(Papers {
            handed_out,
            returned: handed_out.checked_sub(day.close.electors.into()).ok_or_else(changed)?,
            with_card,
            without_card: handed_out - with_card,
            replaced_online: day.close.replaced.into(),
            contests: day.close.papers.iter().map(of_contest).collect::<Result<_, _>>()?,
        })
    }

    /// 投票録 of each day of each place on which papers were handed out, each with what tells its file from the others'.
    ///
    /// # Errors
    /// [`Failure`], of a record that changed while it was read.
    pub fn poll_records(&self) -> Result<Vec<(String, PollRecord)>, Failure> {
        let days = self.place_days()?;
        let of_day = |day: &PlaceDay<'_>| {
            let same_day = |other: &&PlaceDay<'_>| other.index == day.index && Day::of(other.session.opens) == Day::of(day.session.opens);
            let several = if days.iter().filter(same_day).count() > 1 { format!("-{}", day.session_index + 1) } else { String::new() };
            Ok((format!("{}-{}{several}", day.place.id, Day::of(day.session.opens)), self.poll_record(day)?))
        };
        days.iter().map(of_day).collect()
    }

    fn poll_record(&self, day: &PlaceDay<'_>) -> Result<PollRecord, Failure> {
        let officer = |name: String| Officer { name, from: None, until: None };
        let manager = day.signed.names(&day.place.officers, OfficerRole::Manager).into_iter().next().ok_or_else(changed)?;
        let witnesses = day.signed.names(&day.place.officers, OfficerRole::Witness);
        let (first, last) = day.hand_outs.first().zip(day.hand_outs.last()).ok_or_else(changed)?;
        let state = self.verified.board.day(day.index, day.session_index).ok_or_else(changed)?;
        let in_manner = |manner| u64::from(state.in_manner(manner));
        let desk = KeyMark { holder: text("受付端末（交付の記録）", "desks (hand-outs)"), fingerprint: key_fingerprint(&day.place.key.0) };
        let signer = |officer: &paper::Officer| KeyMark {
            holder: match officer.role {
                OfficerRole::Manager => text(format!("{}（管理者）", officer.name), format!("{} (manager)", officer.name)),
                OfficerRole::Witness => text(format!("{}（立会人）", officer.name), format!("{} (witness)", officer.name)),
            },
            fingerprint: key_fingerprint(&officer.key.0),
        };
        Ok(PollRecord {
            frame: self.frame()?,
            kind: match day.place.kind {
                paper::PlaceKind::Early => PlaceKind::Early,
                paper::PlaceKind::Day => PlaceKind::Polling,
                paper::PlaceKind::Absentee => PlaceKind::Absentee,
            },
            place: day.place.name.clone(),
            address: None,
            districts: Vec::new(),
            day: Day::of(day.session.opens),
            opened: day.session.opens,
            closed: day.session.closes,
            manager: officer(manager),
            deputy: None,
            witnesses: witnesses.into_iter().map(officer).collect(),
            papers: self.papers(day)?,
            kinds: Kinds { proxy: in_manner(Manner::Proxy), braille: in_manner(Manner::Braille), provisional: in_manner(Manner::Provisional) },
            events: self.events(day),
            leaves: Some(Leaves { first: first.leaf.0, last: last.leaf.0, closed: day.signed.leaf.0, closed_at: day.signed.at, digest: day.close.digest }),
            keys: [desk].into_iter().chain(day.signed.officers(&day.place.officers).map(signer)).collect(),
        })
    }

    /// What happened on a day, in the order of time: hand-outs in another manner than by own hand, those that were undone, and changes of the roll meanwhile.
    fn events(&self, day: &PlaceDay<'_>) -> Vec<PollEvent> {
        let manners = day.hand_outs.iter().filter_map(|hand_out| {
            let kind = match hand_out.manner {
                Manner::Own => return None,
                Manner::Proxy => EventKind::Proxy,
                Manner::Braille => EventKind::Braille,
                Manner::Provisional => EventKind::Provisional,
            };
            let leaf = hand_out.leaf;
            Some(PollEvent {
                at: hand_out.issued_at,
                kind,
                text: text(format!("投票用紙を交付した（受付番号 {leaf}）。"), format!("Papers were handed out (leaf {leaf}).")),
            })
        });
        let undos = self.history.undos.iter().filter(|undo| day.hand_outs.iter().any(|hand_out| hand_out.leaf == undo.of));
        let undos = undos.map(|undo| self.undone(day, undo));
        let meanwhile = self.history.changes.iter().filter(|change| (day.session.opens..=day.session.closes).contains(&change.at));
        let mut events: Vec<PollEvent> = meanwhile.map(roll_changed).chain(manners).chain(undos).collect();
        events.sort_by_key(|event| event.at);
        events
    }

    fn undone(&self, day: &PlaceDay<'_>, Undo { of, reason, signed }: &Undo) -> PollEvent {
        let (ja, en) = match reason {
            UndoReason::Mistake => ("誤交付", "handed out by mistake"),
            UndoReason::Declined => ("投票しない旨の申出", "the elector does not vote after all"),
            UndoReason::Spoiled => ("用紙の汚損・書損", "spoiled"),
        };
        let names: Vec<&str> = signed.officers(&day.place.officers).map(|officer| officer.name.as_str()).collect();
        let leaf = signed.leaf;
        PollEvent {
            at: signed.at,
            kind: EventKind::Undone,
            text: text(
                format!("受付番号 {of} の交付を取り消した。理由：{ja}。署名：{}（受付番号 {leaf}）。", names.join("、")),
                format!("The hand-out at leaf {of} was undone: {en}. Signed by {} (leaf {leaf}).", names.join(", ")),
            ),
        }
    }

    /// 期日前投票日報 of each day on which an early-voting place handed papers out.
    ///
    /// # Errors
    /// As [`Self::poll_records`].
    pub fn early_voting(&self) -> Result<Vec<(String, EarlyVoting)>, Failure> {
        let mut places: BTreeMap<u16, (Text, Vec<EarlyDay>)> = BTreeMap::new();
        for day in self.place_days()?.iter().filter(|day| day.place.kind == paper::PlaceKind::Early) {
            let (_, days) = places.entry(day.index).or_insert_with(|| (day.place.name.clone(), Vec::new()));
            let papers = self.papers(day)?;
            let names = |role| day.signed.names(&day.place.officers, role);
            let (managers, witnesses) = (names(OfficerRole::Manager), names(OfficerRole::Witness));
            let date = Day::of(day.session.opens);
            match days.last_mut().filter(|last| last.day == date) {
                // Two sessions on one day are one day with a break.
                Some(last) => {
                    last.papers = Papers::sum([&last.papers, &papers].into_iter())?;
                    last.closed = Some(day.session.closes);
                    last.managers.extend(managers.into_iter().filter(|name| !last.managers.contains(name)).collect::<Vec<_>>());
                    last.witnesses.extend(witnesses.into_iter().filter(|name| !last.witnesses.contains(name)).collect::<Vec<_>>());
                }
                None => days.push(EarlyDay { day: date, opened: day.session.opens, closed: Some(day.session.closes), papers, managers, witnesses }),
            }
        }
        let mut dates: Vec<Day> = places.values().flat_map(|(_, days)| days.iter().map(|day| day.day)).collect();
        dates.sort_unstable();
        dates.dedup();
        let report = |date: Day| {
            let until =
                |(name, days): &(Text, Vec<EarlyDay>)| EarlyPlace { name: name.clone(), days: days.iter().filter(|day| day.day <= date).cloned().collect() };
            Ok((date.to_string(), EarlyVoting { frame: self.frame()?, day: date, places: places.values().map(until).collect() }))
        };
        dates.into_iter().map(report).collect()
    }
}

fn roll_changed(Change { leaf, at, changed }: &Change) -> PollEvent {
    let (what_ja, what_en) = match changed.change {
        RollChangeKind::Added => ("補正登録した", "Somebody was added to the roll"),
        RollChangeKind::Struck => ("抹消した", "Somebody was struck from the roll"),
        RollChangeKind::Restored => ("抹消を取り消した", "Somebody who was struck was restored"),
    };
    let (ja, en) = (reason_name(Lang::Ja, changed.reason), reason_name(Lang::En, changed.reason));
    PollEvent {
        at: *at,
        kind: EventKind::Roll,
        text: text(format!("選挙人名簿の1名を{what_ja}。理由：{ja}（受付番号 {leaf}）。"), format!("{what_en}: {en} (leaf {leaf}).")),
    }
}
