//! A check-in without its conversation: whether an elector may be handed papers, and the hand-out, which is kept until its outcome is known.

use tachiai_schemas::desk::{Bar, DeskElector, Looked};
use tachiai_schemas::paper::{PaperIssue, PlaceKind, Session};
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::trustee::Signed;
use tachiai_schemas::{Lang, Refusal, Say, Timestamp};

use super::desk::{Desk, local_time};
use super::known::session_at;
use super::queue::Queue;
use crate::card::printable;
use crate::failure::{Exit, Failure};

/// The session of a desk at a time.
///
/// # Errors
/// [`Failure`] (1) outside of all sessions, with the hours.
pub fn session(desk: &Desk, now: Timestamp) -> Result<u16, Failure> {
    let place = desk.listed()?;
    if let Some((session, _)) = session_at(place, now) {
        return Ok(session);
    }
    let hours = |lang: Lang| {
        let hours = place.sessions.iter().map(|Session { opens, closes }| format!("{} – {}", opens.in_japan(lang), closes.in_japan(lang)));
        hours.collect::<Vec<_>>().join(lang.pick("、", ", "))
    };
    Err(Failure::refused(
        format!("今は投票時間外です（{}: {}）。何も交付していません。", place.name.ja, hours(Lang::Ja)),
        format!("the place is not open now ({}: {}). Nothing was handed out.", place.name.en, hours(Lang::En)),
    ))
}

/// The session that is meant: the one named, or today's, or the last one that is over.
///
/// # Errors
/// [`Failure`] (64) before the first one.
pub fn session_or_last(desk: &Desk, named: Option<u16>) -> Result<u16, Failure> {
    if let Some(session) = named {
        return Ok(session);
    }
    let now = local_time()?;
    let place = desk.listed()?;
    let last = || (0..).zip(&place.sessions).filter(|(_, hours)| hours.closes <= now).last().map(|(session, _)| session);
    let none = || {
        Failure::new(
            Exit::Usage,
            "この投票所はまだ開いていません。開く時刻を待ってください（コマンドでは --session で日を指定できます）。",
            "this place has not opened yet. Wait until it has (a command may name a session with --session).",
        )
    };
    session_at(place, now).map(|(session, _)| session).or_else(last).ok_or_else(none)
}

/// To whom something is said: what to do next is done otherwise at a command and at a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At a command, with its options.
    Command,
    /// At a screen, with its keys.
    Screen,
}

/// Exactly one person.
///
/// # Errors
/// [`Failure`] (1) when nobody or several fit.
pub fn one(looked: &Looked, at: At) -> Result<&DeskElector, Failure> {
    match looked.found.as_slice() {
        [one] => Ok(one),
        [] if at == At::Screen => Err(Failure::refused(
            "名簿に該当する方がいません。氏名・生年月日を確かめ、支援措置の可能性があれば「別の職員と（支援措置）」で探してください。いなければ選挙管理委員会に照会してください。",
            "nobody on the roll fits. Check name and birth date; look with a colleague, as the elector may be under protection; else ask the election commission.",
        )),
        [] => Err(Failure::refused(
            "名簿に該当する方がいません。氏名・生年月日を確かめ、支援措置の可能性があれば --attended を付けて別の職員と確かめてください。いなければ選挙管理委員会に照会してください。",
            "nobody on the roll fits. Check name and birth date; look with a colleague (--attended), as the elector may be under protection; else ask the election commission.",
        )),
        several => {
            let lines = several.iter().map(|elector| {
                let DeskElector { number, name, birth, address, .. } = elector;
                format!("  {number}  {}  {birth}  {}", printable(name), printable(address))
            });
            let lines = lines.collect::<Vec<_>>().join("\n");
            let count = several.len() as u64 + looked.more;
            let by = match at {
                At::Command => ["宛名番号（number）か生年月日（birth）", "number or birth"],
                At::Screen => ["宛名番号か生年月日", "number or birth date"],
            };
            Err(Failure::refused(
                format!("{count}人が該当します。{}で1人に絞ってください。\n{lines}", by[0]),
                format!("{count} electors fit. Name one by {}.\n{lines}", by[1]),
            ))
        }
    }
}

/// Whether an elector may be handed papers here now.
///
/// # Errors
/// [`Failure`] (1) with every reason why not.
pub fn barred(elector: &DeskElector) -> Result<(), Failure> {
    let Some(first) = elector.bars.first() else { return Ok(()) };
    let why = |lang: Lang| elector.bars.iter().map(|bar| bar.say(lang)).collect::<Vec<_>>().join(lang.pick("。", "; "));
    let mut failure = Failure::refused(
        format!("投票できません: {}。交付していません。", why(Lang::Ja)),
        format!("may not vote here: {}. Nothing was handed out.", why(Lang::En)),
    );
    failure.code = Some(match first {
        Bar::Struck { .. } => Refusal::Struck,
        Bar::HoldsPaper { .. } => Refusal::PaperHeld,
        Bar::NotYetEighteen | Bar::NotQualified { .. } => Refusal::NotEntitled,
    });
    Err(failure)
}

/// What an elector without a declaration fills in at an early place.
#[must_use]
pub fn wants_declaration(desk: &Desk, elector: &DeskElector) -> bool {
    elector.declaration.is_none() && desk.listed().is_ok_and(|place| place.kind == PlaceKind::Early)
}

/// What else the desk can do for somebody whom the card does not find.
#[must_use]
pub fn hints(failure: Failure, at: At) -> Failure {
    match (failure.code, at) {
        (Some(Refusal::NotOnRoll), At::Screen) => failure.and(
            "ほかの市区町村の方、転入して3か月に満たない方、登録の後に氏名・住所が変わった方かもしれません。氏名で名簿を確かめてください。",
            "Perhaps of another municipality, here for less than three months, or with another name or address than when the card was enrolled. Look on the roll by name.",
        ),
        (Some(Refusal::NotEnrolled), At::Screen) => failure.and(
            "カードが登録されていなくても投票できます。「カードが使えない」として氏名で受け付けてください。",
            "An elector whose card is not enrolled may vote nevertheless: check the elector in by name, with the card that fails as the reason.",
        ),
        (Some(Refusal::NotOnRoll), At::Command) => failure.and(
            "ほかの市区町村の方、転入して3か月に満たない方、登録の後に氏名・住所が変わった方かもしれません。--by-name で氏名から名簿を確かめてください。",
            "Perhaps of another municipality, here for less than three months, or with another name or address than when the card was enrolled. Search the roll with --by-name.",
        ),
        (Some(Refusal::NotEnrolled), At::Command) => failure.and(
            "カードが登録されていなくても投票できます。--by-name card-failed で氏名から受け付けてください。",
            "An elector whose card is not enrolled may vote nevertheless: use --by-name card-failed.",
        ),
        _ => failure,
    }
}

/// The link is cut, at a place that stops then.
#[must_use]
pub fn stopped(failure: Failure) -> Failure {
    failure.and(
        "この投票所では、回線が切れている間は交付しないと定められています。何も交付していません。回線が戻るまで待ってもらい、選挙管理委員会に連絡してください。",
        "At this place nothing is handed out while the link is cut. Nothing was handed out. Ask the elector to wait, and tell the election commission.",
    )
}

/// Sends a hand-out, which is kept until its outcome is known.
///
/// # Errors
/// [`Failure`]; with [`Exit::NoConnection`] it is not known whether it was recorded.
pub fn send(desk: &Desk, queue: &Queue, issue: &Signed<PaperIssue>) -> Result<Receipt, Failure> {
    queue.sending(issue)?;
    match desk.hand_out(issue) {
        Ok(receipt) => queue.answered(issue).map(|()| receipt),
        Err(failure) if failure.exit == Exit::NoConnection => Err(failure.and(
            "交付が記録されたかどうかは分かりません。用紙を渡さないでください。回線が戻ったら「控えを記録」（画面では h、コマンドでは tachiai poll hand-in）で確かめてください。",
            "Whether the hand-out was recorded is not known. Do not hand the papers over. When the link is back, hand in what was kept: that tells (h on the screen, `tachiai poll hand-in` as a command).",
        )),
        Err(failure) if failure.code.is_some() => {
            queue.answered(issue)?;
            Err(failure.and("交付していません。", "Nothing was handed out."))
        }
        Err(failure) => Err(failure),
    }
}
