//! What a day of a polling place stands at, and which days are still open.

use std::collections::BTreeMap;

use tachiai_schemas::desk::{DayView, Reception};
use tachiai_schemas::paper::{LinkPolicy, Manner, PlaceKind};
use tachiai_schemas::{Lang, Refusal, Timestamp};
use tachiai_verify::board::Board;

use crate::election::live::Live;
use crate::refused::Refused;

impl Live {
    /// A day of a place, with a draft of its close.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotOpenYet`].
    pub fn day_view(&self, place: u16, session: u16) -> Result<DayView, Refused> {
        let aside = self.aside_of(place, session)?;
        let (published, private) = (self.board(), self.private());
        let board = &published.state.board;
        let opened = board.opened().map(|opened| opened.leaf_hash()).ok_or(Refusal::NotOpenYet)?;
        let listed = board.manifest().and_then(|manifest| manifest.places.get(usize::from(place))).ok_or(Refusal::NotFound)?;
        let hours = *listed.sessions.get(usize::from(session)).ok_or(Refusal::NotFound)?;
        let day = board.day(place, session).ok_or(Refusal::NotFound)?;
        let mut out: BTreeMap<u16, u32> = BTreeMap::new();
        if listed.kind == PlaceKind::Absentee {
            // Whoever was sent papers had asked for them, so nobody is missed.
            for (slot, stands) in &private.absentee {
                let Some(paper) = board.desk(*slot).paper.filter(|paper| (paper.place, paper.session) == (place, session)) else { continue };
                let in_the_box = stands.received.is_some_and(|(leaf, _, reception)| leaf == paper.leaf && reception == Reception::Accepted);
                if !in_the_box {
                    paper.contests.iter().for_each(|contest| *out.entry(contest).or_default() += 1);
                }
            }
        }
        Ok(DayView {
            name: listed.name.clone(),
            kind: listed.kind,
            hours,
            handouts: day.handouts(),
            manners: Manner::ALL.iter().map(|(manner, _)| (*manner, day.in_manner(*manner))).collect(),
            closed: day.closed().map(|(leaf, _)| *leaf),
            aside,
            draft: day.closed().map_or_else(|| day.close(opened, place, session, &out), |(_, close)| close.clone()),
        })
    }
}

/// Refuses while a day is open on which papers were handed out, and says every one of them. A place that hands out provisional papers while its link is cut may
/// have some of which the board knows nothing yet: each of its days that has begun must be closed, with papers or without.
///
/// # Errors
/// [`Refusal::DaysOpen`].
pub fn all_closed(board: &Board, now: Timestamp) -> Result<(), Refused> {
    let Some(manifest) = board.manifest() else { return Ok(()) };
    let days = manifest.places.iter().zip(board.days()).flat_map(|(place, days)| place.sessions.iter().zip(days).map(move |(hours, day)| (place, hours, day)));
    let open: Vec<[String; 2]> = days
        .filter(|(_, _, day)| day.closed().is_none())
        .filter_map(|(place, hours, day)| {
            let why = match place.offline {
                _ if day.handouts() > 0 => ["", ""],
                LinkPolicy::Provisional if hours.opens <= now => {
                    [": 仮投票が残っているかもしれません。なければ0のまま締めます", ": provisional papers may wait there, close it with none"]
                }
                LinkPolicy::Provisional | LinkPolicy::Stop => return None,
            };
            let [ja, en] = why;
            let of = |name: &str, lang, why: &str| format!("{name} {} ({}){why}", hours.opens.in_japan(lang), place.id);
            Some([of(&place.name.ja, Lang::Ja, ja), of(&place.name.en, Lang::En, en)])
        })
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let (ja, en): (Vec<String>, Vec<String>) = open.into_iter().map(|[ja, en]| (ja, en)).unzip();
    Err(Refused::said(Refusal::DaysOpen, ja.join("、"), en.join(", ")))
}
