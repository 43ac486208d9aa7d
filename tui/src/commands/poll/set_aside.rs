//! Setting an envelope aside: a provisional paper whose hand-out the board keeps refusing, so that the day can be closed.

use clap::Args;
use rand_core::{OsRng, RngCore};
use serde_json::json;
use tachiai_schemas::desk::envelope::{AsideWords, EnvelopeAside, SetAside as Handed};
use tachiai_schemas::{Bytes, HashBytes, Lang};

use super::args::{DeskArgs, Officers};
use super::hand_in::{Reached, enter};
use crate::cli::Global;
use crate::commands::approve::confirmed;
use crate::commands::told::{WhoFd, Word};
use crate::failure::{Exit, Failure};
use crate::poll::desk::{Desk, is_cut};
use crate::poll::officer::{OfficerKey, attest};
use crate::poll::queue::{Fate, Provisional, ProvisionalPerson, Queue, open};

/// Why it is set aside.
const REASON: Word = Word::new("reason", "除外する理由", "Why it is set aside");

/// Sets an envelope aside.
#[derive(Args, Debug)]
pub struct SetAside {
    #[command(flatten)]
    desk: DeskArgs,
    /// What is written on the envelope
    #[arg(long, value_name = "NUMBER")]
    envelope: String,
    #[command(flatten)]
    told: WhoFd,
    #[command(flatten)]
    officers: Officers,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// How an envelope stands after it was tried once more.
pub(crate) enum Stands {
    /// The board goes on refusing it: it, and why in both languages.
    Refused(Box<Provisional>, String),
    /// It is settled by itself.
    Settled(Fate),
}

/// Tries once more to enter an envelope: what can be entered is entered, and what is settled by itself needs no officers.
///
/// # Errors
/// [`Failure`]: 1 when there is none of this number, 4 while the link is cut.
pub(crate) fn still_refused(desk: &Desk, queue: &Queue, wanted: &str) -> Result<Stands, Failure> {
    let kept = queue.provisional()?.into_iter().find(|kept| kept.envelope() == wanted);
    let kept = kept.filter(|kept| kept.fate == Fate::Kept).ok_or_else(|| {
        Failure::refused(
            format!("この端末に、まだ記録していない封筒 {wanted} はありません。"),
            format!("this desk keeps no envelope {wanted} that is still to be entered."),
        )
    })?;
    let refused = match enter(desk, queue, kept.clone()) {
        Ok(Reached::Settled(fate)) => return Ok(Stands::Settled(fate)),
        Ok(Reached::Waiting(id)) => {
            let waits = [format!("別の職員の承認を待っています（{id}）"), format!("another official must approve ({id})")];
            waits.join(" / ")
        }
        Err(failure) if is_cut(&failure) => {
            return Err(failure.and(
                "記録できたかどうかが分からない間は、除外できません。回線が戻ってから、もう一度実行してください。",
                "While it is not known whether it was recorded, it cannot be set aside. Run this again when the link is back.",
            ));
        }
        Err(failure) => format!("{} / {}", failure.ja, failure.en),
    };
    Ok(Stands::Refused(Box::new(kept), refused))
}

/// Sets an envelope aside for a reason; these officers sign.
///
/// # Errors
/// [`Failure`].
pub(crate) fn set_aside(desk: &Desk, queue: &Queue, kept: &Provisional, reason: String, refused: String, keys: &[OfficerKey]) -> Result<(), Failure> {
    let ProvisionalPerson { name, birth } = open(&desk.key, kept)?;
    let mut salt = [0; 32];
    OsRng.fill_bytes(&mut salt);
    let words = AsideWords { salt: Bytes(salt), name, birth, reason, refused };
    let body = EnvelopeAside {
        opened: HashBytes::from(desk.known.opened),
        place: desk.place,
        session: kept.session,
        envelope: kept.envelope(),
        handed_out: kept.at,
        words: words.commitment().into(),
    };
    let aside = attest(&desk.listed()?.officers, keys, body)?;
    desk.set_aside(&Handed { aside, words })?;
    queue.settle(kept, Fate::Aside)
}

impl SetAside {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = self.desk.open(global)?;
        let queue = self.desk.queue(&desk)?;
        let _alone = queue.alone()?;
        let wanted = self.envelope.trim();
        let (kept, refused) = match still_refused(&desk, &queue, wanted)? {
            Stands::Refused(kept, refused) => (kept, refused),
            Stands::Settled(fate) => {
                if global.json {
                    outln!("{}", json!({ "envelope": wanted, "fate": fate }));
                } else {
                    outln!(
                        "{}",
                        global.pick("除外する必要はありません。tachiai poll hand-in が結果を示します。", "there is no need to: see `tachiai poll hand-in`.")
                    );
                }
                return Ok(Exit::Done);
            }
        };
        if !global.json {
            outln!("{} {wanted}: {refused}", global.pick("封筒", "envelope"));
        }
        let reason = self.told.tell(global, &[REASON], |_, _| true)?.need(REASON)?;
        let question = match global.lang() {
            Lang::Ja => format!("封筒 {wanted} を除外しますか？用紙は投票箱に入れず、開票で受理されません。 [y/N] "),
            Lang::En => format!("Set envelope {wanted} aside? The paper does not go into the box and is rejected at the count. [y/N] "),
        };
        if !self.yes && !confirmed(&question)? {
            return Err(Failure::refused("除外していません。", "nothing was set aside."));
        }
        let keys = self.officers.open(global)?;
        set_aside(&desk, &queue, &kept, reason, refused, &keys)?;
        if global.json {
            outln!("{}", json!({ "envelope": wanted, "fate": Fate::Aside }));
        } else {
            outln!(
                "{}",
                global.pick(
                    "除外しました。封筒は開けずに、ほかの受理しない封筒と一緒に開票所へ送ってください。",
                    "it is set aside. Leave the envelope closed and send it to the count with the others that are rejected."
                )
            );
        }
        Ok(Exit::Done)
    }
}
