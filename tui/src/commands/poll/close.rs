//! Undoing a hand-out, closing the day, and what the day stands at.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;
use tachiai_schemas::desk::{DayView, DeskElector, HeldPaper, manner_name};
use tachiai_schemas::paper::{DayClose, DayPapers, PaperUndo, PlaceKind, UndoReason};
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::{HashBytes, Lang};

use super::args::{DeskArgs, Found, Officers, Who, print_elector};
use crate::cli::Global;
use crate::commands::approve::confirmed;
use crate::commands::ask::{ask, is_conversation};
use crate::failure::{Exit, Failure};
use crate::poll::check_in::session_or_last;
use crate::poll::desk::Desk;
use crate::poll::officer::{OfficerKey, attest};
use crate::poll::queue::{Open, Queue};

/// Undoes a hand-out.
#[derive(Args, Debug)]
pub struct Undo {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(flatten)]
    who: Who,
    /// Why the papers came back: mistake, declined or spoiled
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: UndoReason,
    #[command(flatten)]
    officers: Officers,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

fn reason(text: &str) -> Result<UndoReason, String> {
    let found = UndoReason::ALL.iter().find(|(_, name)| *name == text).map(|(reason, _)| *reason);
    found.ok_or_else(|| "use one of mistake, declined, spoiled".to_owned())
}

/// The papers of an elector that can be undone at this desk.
///
/// # Errors
/// [`Failure`] (1) where there are none.
pub(crate) fn undoable<'a>(desk: &Desk, elector: &'a DeskElector) -> Result<&'a HeldPaper, Failure> {
    let Some(paper) = &elector.paper else {
        return Err(Failure::refused("この方に交付した用紙はありません。", "this elector holds no papers."));
    };
    if paper.place != desk.place {
        return Err(Failure::refused(
            format!("用紙は別の投票所（{}）で交付されました。その投票所で取り消してください。", paper.place_name.ja),
            format!("the papers were handed out at {}. They are undone there.", paper.place_name.en),
        ));
    }
    Ok(paper)
}

/// Undoes the hand-out to an elector; these officers sign.
///
/// # Errors
/// [`Failure`].
pub(crate) fn undo(desk: &Desk, elector: &DeskElector, reason: UndoReason, keys: &[OfficerKey]) -> Result<Receipt, Failure> {
    let leaf = undoable(desk, elector)?.leaf;
    let body = PaperUndo { opened: HashBytes::from(desk.known.opened), slot: elector.slot, leaf, reason };
    desk.undo(&attest(&desk.listed()?.officers, keys, body)?)
}

impl Undo {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = self.desk.open(global)?;
        let Found::One(elector, _) = self.who.find(global, &desk)? else { return Ok(Exit::Waiting) };
        let paper = undoable(&desk, &elector)?;
        if !global.json {
            print_elector(global, &elector);
        }
        let question =
            global.pick("全部の用紙が使われずに戻りましたか？取り消しますか？ [y/N] ", "Did every paper come back unused? Undo the hand-out? [y/N] ");
        if !self.yes && !confirmed(question)? {
            return Err(Failure::refused("取り消していません。", "nothing was undone."));
        }
        let keys = self.officers.open(global)?;
        let receipt = undo(&desk, &elector, self.reason, &keys)?;
        if global.json {
            outln!("{}", json!({ "leaf": receipt.leaf, "undone": paper.leaf, "slot": elector.slot }));
        } else {
            outln!("{}: {}", global.pick("交付を取り消しました。受付番号", "the hand-out is undone. Leaf"), receipt.leaf);
        }
        Ok(Exit::Done)
    }
}

/// Closes a day.
#[derive(Args, Debug)]
pub struct Close {
    #[command(flatten)]
    desk: DeskArgs,
    /// Which session [default: today's, or the last one]
    #[arg(long, value_name = "N")]
    session: Option<u16>,
    /// CONTEST=N papers are in the box; once for each contest; asked for when absent
    #[arg(long = "in-box", value_name = "CONTEST=N", value_parser = figure)]
    in_box: Vec<(String, u32)>,
    /// CONTEST=N papers were taken home, or never came back
    #[arg(long = "taken-home", value_name = "CONTEST=N", value_parser = figure)]
    taken_home: Vec<(String, u32)>,
    #[command(flatten)]
    officers: Officers,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

fn figure(text: &str) -> Result<(String, u32), String> {
    let (contest, number) = text.split_once('=').ok_or("write CONTEST=N")?;
    Ok((contest.to_owned(), number.parse().map_err(|_| format!("{number} is no number"))?))
}

/// What was counted of one contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Papers in the box.
    pub(crate) in_box: u32,
    /// Papers that were taken home, or never came back.
    pub(crate) taken_home: u32,
}

/// The day of a session that is still to be closed, which nothing that this desk keeps stands against.
///
/// # Errors
/// [`Failure`] (1) where something does.
pub(crate) fn closable(desk: &Desk, queue: &Queue, session: u16) -> Result<DayView, Failure> {
    nothing_kept(queue.still_open()?)?;
    let day = desk.day(session)?;
    match day.closed {
        Some(leaf) => {
            Err(Failure::refused(format!("この日はすでに締められています（受付番号 {leaf}）。"), format!("this day is closed already (leaf {leaf}).")))
        }
        None => Ok(day),
    }
}

/// The day-close with what was counted.
///
/// # Errors
/// [`Failure`] (1) where that does not fit the record.
pub(crate) fn counted_up(desk: &Desk, day: &DayView, counted: &BTreeMap<u16, Counted>) -> Result<DayClose, Failure> {
    let close = compare(&day.draft, counted, |contest, lang| title(desk, contest, lang))?;
    if day.kind == PlaceKind::Absentee && close.papers != day.draft.papers {
        return Err(Failure::refused(
            "投函・未着の数が、受理の記録と合いません。締めていません。受理の記録は、コマンド tachiai poll absentee list で一覧にできます。",
            "what is in the box is not what was received and accepted (the command `tachiai poll absentee list` lists it). The day was not closed.",
        ));
    }
    Ok(close)
}

/// Closes a day; these officers sign.
///
/// # Errors
/// [`Failure`].
pub(crate) fn close_day(desk: &Desk, queue: &Queue, close: DayClose, keys: &[OfficerKey]) -> Result<(Receipt, DayClose), Failure> {
    // Another window of this desk may have handed out meanwhile.
    nothing_kept(queue.still_open()?)?;
    let attested = attest(&desk.listed()?.officers, keys, close)?;
    let receipt = desk.close_day(&attested)?;
    Ok((receipt, attested.body))
}

/// The day-close with what was counted, or which number is off. Pure.
fn compare(draft: &DayClose, counted: &BTreeMap<u16, Counted>, name: impl Fn(u16, Lang) -> String) -> Result<DayClose, Failure> {
    let (mut ja, mut en, mut papers) = (Vec::new(), Vec::new(), Vec::new());
    for listed in &draft.papers {
        let DayPapers { contest, issued, returned, .. } = *listed;
        let Counted { in_box, taken_home } = counted.get(&contest).copied().unwrap_or(Counted { in_box: 0, taken_home: 0 });
        let (out, found) = (u64::from(issued) - u64::from(returned), u64::from(in_box) + u64::from(taken_home));
        if out != found {
            let diff = out.abs_diff(found);
            let (more, less) = (found > out, diff);
            ja.push(format!(
                "{}: 交付 {issued} − 返還 {returned} = {out} のところ、投函 {in_box} + 持帰り {taken_home} = {found}（{less} 枚{}）",
                name(contest, Lang::Ja),
                if more { "多い" } else { "足りない" }
            ));
            en.push(format!(
                "{}: {issued} handed out less {returned} returned make {out}, but {in_box} in the box and {taken_home} taken home make {found} ({less} too {})",
                name(contest, Lang::En),
                if more { "many" } else { "few" }
            ));
        }
        papers.push(DayPapers { in_box, taken_home, ..*listed });
    }
    if ja.is_empty() {
        return Ok(DayClose { papers, ..draft.clone() });
    }
    Err(Failure::refused(
        format!("用紙の数が記録と合いません。締めていません。数え直してください。\n{}", ja.join("\n")),
        format!("the numbers of papers are not those of the record. The day was not closed. Count again.\n{}", en.join("\n")),
    ))
}

/// Refuses to close a day while the desk keeps what is not on the board: entered after it, an envelope would be rejected. Pure.
fn nothing_kept(open: Open) -> Result<(), Failure> {
    let Open { kept, unanswered } = open;
    if kept == 0 && unanswered == 0 {
        return Ok(());
    }
    Err(Failure::refused(
        format!(
            "この端末には、まだ記録していない仮投票が {kept} 件、記録されたか分からない交付が {unanswered} 件あります。締めていません。先に「控えを記録」（画面では h、コマンドでは tachiai poll hand-in）を行ってください。どうしても記録できない封筒は、管理者と立会人が除外できます（画面では a、コマンドでは tachiai poll set-aside）。"
        ),
        format!(
            "this desk keeps provisional papers that are not entered yet ({kept}), or hand-outs of which it is not known whether they were recorded ({unanswered}). The day was not closed. Hand in first what was kept (h on the screen, `tachiai poll hand-in` as a command). An envelope that can never be entered is set aside by the manager and a witness (a on the screen, `tachiai poll set-aside`)."
        ),
    ))
}

impl Close {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = self.desk.open(global)?;
        let queue = self.desk.queue(&desk)?;
        let session = session_or_last(&desk, self.session)?;
        let day = closable(&desk, &queue, session)?;
        let counted = self.counted(global, &desk, &day.draft)?;
        let close = counted_up(&desk, &day, &counted)?;
        if !global.json {
            print_day(global, &desk, session, &DayView { draft: close.clone(), ..day });
        }
        if !self.yes && !confirmed(global.pick("この数で締めますか？ [y/N] ", "Close the day with these numbers? [y/N] "))? {
            return Err(Failure::refused("締めていません。", "the day was not closed."));
        }
        let keys = self.officers.open(global)?;
        let (receipt, close) = close_day(&desk, &queue, close, &keys)?;
        if global.json {
            outln!("{}", json!({ "leaf": receipt.leaf, "close": close }));
        } else {
            outln!("{}: {}", global.pick("この日を締めました。受付番号", "the day is closed. Leaf"), receipt.leaf);
        }
        Ok(Exit::Done)
    }

    fn counted(&self, global: &Global, desk: &Desk, draft: &DayClose) -> Result<BTreeMap<u16, Counted>, Failure> {
        let ids: BTreeMap<&str, u16> = (0..).zip(&desk.known.manifest.contests).map(|(index, contest)| (contest.id.as_str(), index)).collect();
        let handed = |contest: &u16| draft.papers.iter().any(|papers| papers.contest == *contest);
        for (id, _) in self.in_box.iter().chain(&self.taken_home) {
            if !ids.get(id.as_str()).is_some_and(handed) {
                return Err(Failure::new(
                    Exit::Usage,
                    format!("{id} の用紙はこの日に交付していません。"),
                    format!("no paper of {id} was handed out on this day."),
                ));
            }
        }
        let given = |list: &[(String, u32)], contest: u16| list.iter().find(|(id, _)| ids.get(id.as_str()) == Some(&contest)).map(|(_, number)| *number);
        let mut counted = BTreeMap::new();
        for papers in &draft.papers {
            let contest = papers.contest;
            let ask_for = |question: String| -> Result<u32, Failure> {
                ask(&question)?.parse().map_err(|_| Failure::new(Exit::Usage, "数を入力してください。", "a number is needed."))
            };
            let name = title(desk, contest, global.lang());
            let in_box = match given(&self.in_box, contest) {
                Some(number) => number,
                None if is_conversation(global) => ask_for(format!("{name}  {}: ", global.pick("投函された用紙", "papers in the box")))?,
                None => {
                    return Err(Failure::new(
                        Exit::Usage,
                        format!("{name} の投函数を --in-box で指定してください。"),
                        format!("name the papers in the box of {name} with --in-box."),
                    ));
                }
            };
            let taken_home = match given(&self.taken_home, contest) {
                Some(number) => number,
                None if is_conversation(global) => ask_for(format!("{name}  {}: ", global.pick("持ち帰られた用紙", "papers taken home")))?,
                None => 0,
            };
            counted.insert(contest, Counted { in_box, taken_home });
        }
        Ok(counted)
    }
}

/// Shows a day.
#[derive(Args, Debug)]
pub struct Status {
    #[command(flatten)]
    desk: DeskArgs,
    /// Which session [default: today's, or the last one]
    #[arg(long, value_name = "N")]
    session: Option<u16>,
}

impl Status {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = self.desk.open(global)?;
        let session = session_or_last(&desk, self.session)?;
        let day = desk.day(session)?;
        let queue = self.desk.queue(&desk)?;
        let Open { kept, unanswered } = queue.still_open()?;
        if global.json {
            outln!("{}", json!({ "place": desk.place, "session": session, "day": day, "provisional_kept": kept, "unanswered": unanswered }));
            return Ok(Exit::Done);
        }
        print_day(global, &desk, session, &day);
        if kept > 0 {
            outln!("{}: {kept}", global.pick("まだ記録していない仮投票（poll hand-in）", "provisional papers not entered yet (poll hand-in)"));
        }
        Ok(Exit::Done)
    }
}

/// The title of a contest.
pub(crate) fn title(desk: &Desk, contest: u16, lang: Lang) -> String {
    desk.known.manifest.contests.get(usize::from(contest)).map_or_else(String::new, |contest| lang.pick(&contest.title.ja, &contest.title.en).to_owned())
}

fn print_day(global: &Global, desk: &Desk, session: u16, day: &DayView) {
    let lang = global.lang();
    let DayView { name, kind: _, hours, handouts, manners, closed, aside, draft } = day;
    outln!("{}  {}  {} – {}", lang.pick(&name.ja, &name.en), session, hours.opens.in_japan(lang), hours.closes.in_japan(lang));
    outln!(
        "  {}: {handouts}  {}: {}  {}: {}  {}: {}",
        lang.pick("交付（回）", "hand-outs"),
        lang.pick("投票者（人）", "electors"),
        draft.electors,
        lang.pick("うちカード", "by card"),
        draft.with_card,
        lang.pick("オンライン投票を取り消したもの", "replaced a ballot"),
        draft.replaced
    );
    for (manner, number) in manners.iter().filter(|(_, number)| *number > 0) {
        outln!("  {}: {number}", manner_name(*manner, lang));
    }
    for DayPapers { contest, issued, returned, taken_home, in_box } in &draft.papers {
        let contest = title(desk, *contest, lang);
        match lang {
            Lang::Ja => outln!("  {contest}: 交付 {issued} = 投函 {in_box} + 持帰り {taken_home} + 返還 {returned}"),
            Lang::En => outln!("  {contest}: {issued} handed out = {in_box} in the box + {taken_home} taken home + {returned} returned"),
        }
    }
    if !aside.is_empty() {
        outln!(
            "  {}: {}",
            lang.pick("除外した封筒（上の数に含まれません）", "envelopes set aside (in none of these figures)"),
            aside.join(lang.pick("、", ", "))
        );
    }
    if let Some(leaf) = closed {
        outln!("  {}: {leaf}", lang.pick("締め済み。受付番号", "closed. Leaf"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> DayClose {
        let papers = |contest| DayPapers { contest, issued: 12, returned: 1, taken_home: 0, in_box: 11 };
        let hash = tachiai_schemas::Bytes([0; 32]);
        DayClose { opened: hash, place: 0, session: 0, papers: vec![papers(0), papers(1)], electors: 11, with_card: 9, replaced: 2, digest: hash }
    }

    fn close(mayor: (u32, u32), council: (u32, u32)) -> Result<DayClose, Failure> {
        let counted = |(in_box, taken_home)| Counted { in_box, taken_home };
        compare(&draft(), &BTreeMap::from([(0, counted(mayor)), (1, counted(council))]), |contest, _| format!("contest {contest}"))
    }

    #[test]
    fn a_day_is_closed_with_what_was_counted_where_it_adds_up() {
        let close = close((11, 0), (9, 2)).unwrap();
        assert_eq!(close.papers.iter().map(|papers| (papers.in_box, papers.taken_home)).collect::<Vec<_>>(), [(11, 0), (9, 2)]);
        assert_eq!((close.electors, close.digest), (11, draft().digest));
    }

    #[test]
    fn a_day_is_not_closed_over_what_the_desk_still_keeps() {
        assert!(nothing_kept(Open { kept: 0, unanswered: 0 }).is_ok());
        for open in [Open { kept: 1, unanswered: 0 }, Open { kept: 0, unanswered: 1 }] {
            let failure = nothing_kept(open).unwrap_err();
            assert!(failure.exit == Exit::Refused && failure.en.contains("poll hand-in") && failure.ja.contains("poll hand-in"), "{failure}");
        }
    }

    #[test]
    fn which_number_is_off_is_said_for_each_contest() {
        let failure = close((10, 0), (11, 2)).unwrap_err();
        assert_eq!(failure.exit, Exit::Refused);
        assert!(failure.en.contains("contest 0") && failure.en.contains("(1 too few)"), "{failure}");
        assert!(failure.en.contains("contest 1") && failure.en.contains("(2 too many)"), "{failure}");
        assert!(failure.ja.contains("1 枚足りない") && failure.ja.contains("2 枚多い"), "{}", failure.ja);
        assert!(!close((11, 0), (11, 1)).unwrap_err().en.contains("contest 0"));
    }
}
