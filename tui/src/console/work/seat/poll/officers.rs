//! What the officers of a place sign: a day that is closed, a hand-out that is undone, an envelope that is set aside.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use tachiai_schemas::Lang;
use tachiai_schemas::desk::DeskElector;
use tachiai_schemas::paper::{DayClose, UndoReason};

use crate::commands::poll::close::{Counted, closable, close_day, counted_up, undo};
use crate::commands::poll::set_aside::{Stands, set_aside, still_refused};
use crate::console::widgets::secret::Typed;
use crate::console::work::Done;
use crate::failure::Failure;
use crate::poll::desk::Desk;
use crate::poll::officer::OfficerKey;
use crate::poll::queue::Queue;

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The day of a session is closed.
    Close {
        /// The session.
        session: u16,
        /// What the day stood at when it was shown: only that is signed.
        shown: Box<DayClose>,
        /// The papers of each contest: in the box, and taken home.
        counted: BTreeMap<u16, [u32; 2]>,
    },
    /// The hand-out to who stands here is undone.
    Undo {
        /// Who that is, by the desk's number.
        turn: u64,
        /// Why.
        reason: UndoReason,
    },
    /// An envelope is set aside.
    Aside {
        /// What is written on it.
        envelope: String,
        /// Why.
        reason: Words,
    },
}

/// A reason in words, which may name somebody; it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Words(pub String);

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<WORDS>")
    }
}

/// Who signs: the file of the key, and its passphrase.
pub type Officer = (PathBuf, Typed);

/// Refuses to sign another day than the one that was shown, even if its totals still add up. Pure.
fn as_shown(shown: &DayClose, now: &DayClose) -> Result<(), Failure> {
    if shown == now {
        return Ok(());
    }
    Err(Failure::refused(
        "画面に示した後に、この日の記録が変わりました。締めていません。もう一度「一日の締め」を開き、数を確かめてください。",
        "the record of this day changed after it was shown. The day was not closed. Open the day again and compare the numbers.",
    ))
}

/// Has officers sign something.
///
/// # Errors
/// [`Failure`].
pub(super) fn sign(desk: &Desk, queue: &Queue, act: Act, officers: &[Officer], elector: Option<&DeskElector>) -> Result<Done, Failure> {
    let keys = || officers.iter().map(|(file, passphrase)| OfficerKey::open(file, passphrase.secret())).collect::<Result<Vec<_>, _>>();
    match act {
        Act::Close { session, shown, counted } => {
            let day = closable(desk, queue, session)?;
            as_shown(&shown, &day.draft)?;
            let counted = counted.into_iter().map(|(contest, [in_box, taken_home])| (contest, Counted { in_box, taken_home })).collect();
            let close = counted_up(desk, &day, &counted)?;
            let (receipt, _) = close_day(desk, queue, close, &keys()?)?;
            let leaf = receipt.leaf;
            Ok(Done::window(format!("この日を締めました。受付番号 {leaf}"), format!("The day is closed. Leaf {leaf}")))
        }
        Act::Undo { turn: _, reason } => {
            let nobody = || Failure::refused("この方に交付した用紙はありません。", "this elector holds no papers.");
            let receipt = undo(desk, elector.ok_or_else(nobody)?, reason, &keys()?)?;
            let leaf = receipt.leaf;
            Ok(Done::window(format!("交付を取り消しました。受付番号 {leaf}"), format!("The hand-out is undone. Leaf {leaf}")))
        }
        Act::Aside { envelope, reason: Words(reason) } => {
            let keys = keys()?;
            match still_refused(desk, queue, &envelope)? {
                Stands::Settled(_) => Ok(Done::window(
                    format!("封筒 {envelope} を除外する必要はありません。記録の結果は「控えを記録」で示されます。"),
                    format!("There is no need to set envelope {envelope} aside: handing in what is kept shows what became of it."),
                )),
                Stands::Refused(kept, refused) => {
                    let why = refused.clone();
                    set_aside(desk, queue, &kept, reason, refused, &keys)?;
                    let said = |lang: Lang| {
                        lang.pick(
                            "除外しました。封筒は開けずに、ほかの受理しない封筒と一緒に開票所へ送ってください。",
                            "It is set aside. Leave the envelope closed and send it to the count with the others that are rejected.",
                        )
                    };
                    Ok(Done::window(format!("{envelope}: {why}\n{}", said(Lang::Ja)), format!("{envelope}: {why}\n{}", said(Lang::En))))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;
    use tachiai_schemas::paper::DayPapers;

    use super::*;

    #[test]
    fn a_day_is_not_closed_over_figures_that_moved_together_since_they_were_shown() {
        let day = |issued, returned| {
            let (hash, papers) = (Bytes([0; 32]), vec![DayPapers { contest: 0, issued, returned, taken_home: 0, in_box: issued - returned }]);
            DayClose { opened: hash, place: 0, session: 0, papers, electors: 11, with_card: 9, replaced: 2, digest: hash }
        };
        assert!(as_shown(&day(12, 1), &day(12, 1)).is_ok());
        assert!(as_shown(&day(12, 1), &day(13, 2)).is_err_and(|failure| failure.en.contains("changed after it was shown")));
    }
}
