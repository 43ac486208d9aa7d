//! After the link was cut: what became of hand-outs that were under way, and the provisional papers are entered, each by name with a second official.

use clap::Args;
use serde_json::json;
use tachiai_schemas::desk::{Bar, DeskElector, LookFor, Papers, Search, VoteState};
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::{Identified, Manner, PaperIssue};
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::trustee::Signed;
use tachiai_schemas::{Lang, LeafIndex, Refusal, Say, Slot, Timestamp};

use super::args::DeskArgs;
use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::poll::desk::{Attended, ByName, Desk, is_cut};
use crate::poll::queue::{Fate, Provisional, ProvisionalPerson, Queue, open};

/// Hands in what was kept.
#[derive(Args, Debug)]
pub struct HandIn {
    #[command(flatten)]
    desk: DeskArgs,
}

/// What is done with a provisional paper. Pure.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Enter,
    Reject { ja: String, en: String },
}

/// Whether an elector's provisional paper of this time can be entered.
fn verdict(elector: &DeskElector, at: Timestamp) -> Verdict {
    let bar = elector.bars.iter().find(|bar| !matches!(bar, Bar::NotYetEighteen));
    if let Some(bar) = bar {
        return Verdict::Reject { ja: bar.say(Lang::Ja), en: bar.say(Lang::En) };
    }
    let voted = elector.contests.iter().find_map(|contest| match contest.state {
        VoteState::Online { leaf, at: voted } if voted >= at => Some((leaf, voted)),
        _ => None,
    });
    match voted {
        // To enter the paper now would take a ballot out of the count that was cast after it.
        Some((leaf, voted)) => Verdict::Reject {
            ja: format!("仮投票の後にオンラインで投票しています（受付番号 {leaf}、{}）", voted.in_japan(Lang::Ja)),
            en: format!("voted online after the provisional paper (leaf {leaf}, {})", voted.in_japan(Lang::En)),
        },
        None => Verdict::Enter,
    }
}

/// Whether a refusal says that this elector's envelope can never be entered. Every other one, of the moment, the desk or the official, leaves it as it is. Pure.
const fn is_final(refusal: Option<Refusal>) -> bool {
    matches!(refusal, Some(Refusal::Struck | Refusal::PaperHeld | Refusal::DayClosed | Refusal::WrongPhase | Refusal::NotEntitled))
}

/// How far one came.
pub(super) enum Reached {
    /// What became of it is settled.
    Settled(Fate),
    /// A second official is awaited, for this request.
    Waiting(String),
}

/// How one ended.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Line {
    /// What is written on the envelope.
    pub(crate) number: String,
    #[serde(flatten)]
    pub(crate) fate: Fate,
    /// The request that a second official approves first.
    pub(crate) waiting: Option<String>,
    /// Why it is still kept, in Japanese and English.
    trouble: Option<[String; 2]>,
}

/// What became of a hand-out that was under way.
pub(crate) struct Settled {
    slot: Slot,
    leaf: Option<LeafIndex>,
}

/// What came of handing in all that was kept.
pub(crate) struct HandedIn {
    /// Provisional papers.
    pub(crate) provisional: Vec<Line>,
    /// How the command ends.
    pub(crate) exit: Exit,
}

impl Say for Settled {
    fn say(&self, lang: Lang) -> String {
        let Self { slot, leaf } = self;
        match (lang, leaf) {
            (Lang::Ja, Some(leaf)) => {
                format!("枠 {slot} への交付は記録されています（受付番号 {leaf}）。用紙を渡していなければ、渡すか、poll undo で取り消してください。")
            }
            (Lang::En, Some(leaf)) => {
                format!("the hand-out to slot {slot} was recorded (leaf {leaf}). If the papers were not handed over, hand them over or run `poll undo`.")
            }
            (Lang::Ja, None) => format!("枠 {slot} への交付は記録されていません。受付からやり直してください。"),
            (Lang::En, None) => format!("the hand-out to slot {slot} was not recorded. Check the elector in again."),
        }
    }
}

impl Say for Line {
    fn say(&self, lang: Lang) -> String {
        let Self { number, fate, waiting, trouble } = self;
        let said = match (fate, waiting) {
            (Fate::Entered { leaf }, _) => format!("{}（{leaf}）", lang.pick("記録しました", "entered")),
            (Fate::Rejected { ja, en }, _) => {
                format!(
                    "{}: {}",
                    lang.pick("記録できません。封筒は開票で受理されません", "not entered; the envelope is rejected at the count"),
                    lang.pick(ja, en)
                )
            }
            (Fate::Aside, _) => lang.pick("除外しました。封筒は開票で受理されません", "set aside; the envelope is rejected at the count").to_owned(),
            (Fate::Kept, Some(id)) => match lang {
                Lang::Ja => format!("別の職員が {id} を承認する必要があります（画面では「承認待ち」、コマンドでは tachiai approve {id}）"),
                Lang::En => format!("another official must approve {id} (under Approvals on the screen, or by `tachiai approve {id}`)"),
            },
            (Fate::Kept, None) => {
                let why = trouble.as_ref().map(|[ja, en]| lang.pick(ja.as_str(), en.as_str())).unwrap_or_default();
                format!("{}: {why}", lang.pick("まだ記録していません。後でもう一度実行してください", "not entered yet; run this again later"))
            }
        };
        format!("{} {number}: {said}", lang.pick("封筒", "envelope"))
    }
}

/// Hands in what a desk kept: learns what became of hand-outs under way, each of which is told at once, and enters the provisional papers, as far as it goes.
///
/// # Errors
/// [`Failure`]: 4 when the link is cut again.
pub(crate) fn hand_in(desk: &Desk, queue: &Queue, mut tell: impl FnMut(Settled)) -> Result<HandedIn, Failure> {
    let _alone = queue.alone()?;
    for issue in queue.unanswered()? {
        let receipt = recorded_as(desk, &issue)?;
        queue.answered(&issue)?;
        tell(Settled { slot: issue.body.slot, leaf: receipt.map(|receipt| receipt.leaf) });
    }
    let (mut provisional, mut exit) = (Vec::new(), Exit::Done);
    for kept in queue.provisional()? {
        let (number, mut waiting, mut trouble) = (kept.envelope(), None, None);
        let fate = match kept.fate {
            Fate::Kept => match enter(desk, queue, kept) {
                Ok(Reached::Settled(fate)) => fate,
                Ok(Reached::Waiting(id)) => {
                    waiting = Some(id);
                    Fate::Kept
                }
                Err(failure) if is_cut(&failure) => {
                    return Err(failure.and(
                        format!("封筒 {number} からは、まだ記録の有無が分かりません。回線が戻ったら、もう一度「控えを記録」（画面では h、コマンドでは tachiai poll hand-in）を行ってください。"),
                        format!("From envelope {number} on it is not known what was recorded. When the link is back, hand in again (h on the screen, `tachiai poll hand-in` as a command)."),
                    ));
                }
                Err(failure) => {
                    exit = if exit == Exit::Done { failure.exit } else { exit };
                    trouble = Some([failure.ja, failure.en]);
                    Fate::Kept
                }
            },
            settled => settled,
        };
        provisional.push(Line { number, fate, waiting, trouble });
    }
    if exit == Exit::Done && provisional.iter().any(|line| line.waiting.is_some()) {
        exit = Exit::Waiting;
    }
    Ok(HandedIn { provisional, exit })
}

impl HandIn {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = self.desk.open(global)?;
        let queue = self.desk.queue(&desk)?;
        let lang = global.lang();
        let mut under_way = Vec::new();
        let HandedIn { provisional, exit } = hand_in(&desk, &queue, |settled| {
            if !global.json {
                outln!("{}", settled.say(lang));
            }
            under_way.push(settled);
        })?;
        if global.json {
            let known: Vec<_> = under_way.iter().map(|Settled { slot, leaf }| json!({ "slot": slot, "recorded": leaf })).collect();
            outln!("{}", json!({ "under_way": known, "provisional": provisional }));
            return Ok(exit);
        }
        for line in &provisional {
            outln!("{}", line.say(lang));
        }
        if provisional.is_empty() && under_way.is_empty() {
            outln!("{}", lang.pick("控えはありません。", "Nothing was kept."));
        }
        Ok(exit)
    }
}

/// The receipt of exactly the hand-out that was sent for one, if the board has it.
fn recorded(desk: &Desk, kept: &Provisional) -> Result<Option<Receipt>, Failure> {
    kept.sent.as_ref().map_or(Ok(None), |issue| recorded_as(desk, issue))
}

/// The receipt of exactly this hand-out, if the board has it.
fn recorded_as(desk: &Desk, issue: &Signed<PaperIssue>) -> Result<Option<Receipt>, Failure> {
    match desk.recorded(issue) {
        // The evidence was used, and not for this: another desk entered the same elector. To send it again records nothing, and gets a clear answer.
        Err(failure) if failure.code.is_none() && failure.exit == Exit::Refused => match desk.hand_out(issue) {
            Err(failure) if failure.code == Some(Refusal::PaperUnprepared) => Ok(None),
            answer => answer.map(Some),
        },
        answer => answer,
    }
}

/// Enters one, as far as it goes; what becomes of it is noted before the next.
///
/// # Errors
/// [`Failure`]; then it is kept.
pub(super) fn enter(desk: &Desk, queue: &Queue, mut kept: Provisional) -> Result<Reached, Failure> {
    let settle = |kept: &Provisional, fate: Fate| queue.settle(kept, fate.clone()).map(|()| Reached::Settled(fate));
    // An envelope is never rejected because of its own hand-out.
    let reject = |kept: &Provisional, ja: &str, en: &str| match recorded(desk, kept)? {
        Some(receipt) => settle(kept, Fate::Entered { leaf: receipt.leaf }),
        None => settle(kept, Fate::Rejected { ja: ja.to_owned(), en: en.to_owned() }),
    };
    if let Some(receipt) = recorded(desk, &kept)? {
        return settle(&kept, Fate::Entered { leaf: receipt.leaf });
    }
    let ProvisionalPerson { name, birth } = open(&desk.key, &kept)?;
    let search = Search { name: Some(name), birth: Some(birth), ..Search::default() };
    let mut looked = desk.look(&LookFor::Search(search.clone()))?;
    if looked.found.is_empty() {
        // Perhaps somebody under protection: two officials look before an envelope is rejected because nobody was found.
        looked = match desk.look_attended(&search)? {
            Attended::Found(looked) => *looked,
            Attended::Waiting(pending) => return Ok(Reached::Waiting(pending.id)),
        };
    }
    let elector = match looked.found.as_slice() {
        [one] => one,
        [] => return reject(&kept, "名簿に該当する方がいません", "nobody on the roll fits"),
        _ => return reject(&kept, "名簿に該当する方が複数います", "several on the roll fit"),
    };
    if let Verdict::Reject { ja, en } = verdict(elector, kept.at) {
        return reject(&kept, &ja, &en);
    }
    let contests = elector.contests.iter().map(|contest| contest.index).collect();
    let papers: Papers = desk.papers(elector, kept.session, contests, Manner::Provisional);
    let sent = match desk.prepare_by_name(&papers, NameReason::LinkCut) {
        Ok(ByName::Waiting(pending)) => return Ok(Reached::Waiting(pending.id)),
        Ok(ByName::Ready(prepared)) => {
            let issue = desk.sign(&prepared, &papers, Identified::Name, kept.at)?;
            queue.handing_in(&mut kept, &issue)?;
            desk.hand_out(&issue)
        }
        Err(failure) => Err(failure),
    };
    match sent {
        Ok(receipt) => settle(&kept, Fate::Entered { leaf: receipt.leaf }),
        Err(failure) if is_final(failure.code) => reject(&kept, &failure.ja, &failure.en),
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;
    use tachiai_schemas::desk::DeskContest;
    use tachiai_schemas::election::Text;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn elector(bars: Vec<Bar>, state: VoteState) -> DeskElector {
        let text = || Text { ja: "市長".into(), en: "Mayor".into() };
        let [number, name, kana, birth, sex, address] = ["7", "n", "k", "1980-01-01", "1", "a"].map(str::to_owned);
        DeskElector {
            slot: Slot(1),
            slot_commitment: Bytes([0; 32]),
            number,
            name,
            kana,
            birth,
            sex,
            address,
            district: text(),
            bars,
            contests: vec![DeskContest { index: 0, id: "mayor".into(), title: text(), state }],
            paper: None,
            absentee: None,
            declaration: None,
        }
    }

    #[test]
    fn a_ballot_before_the_provisional_paper_is_overridden_and_one_after_it_rejects_the_envelope() {
        let noon = at("2027-01-31T03:00:00Z");
        let online = |voted: &str| elector(vec![], VoteState::Online { leaf: LeafIndex(4), at: at(voted) });
        assert_eq!(verdict(&online("2027-01-31T02:59:59Z"), noon), Verdict::Enter);
        assert!(matches!(verdict(&online("2027-01-31T03:00:01Z"), noon), Verdict::Reject { .. }));
        assert_eq!(verdict(&elector(vec![], VoteState::NotYet), noon), Verdict::Enter);
    }

    #[test]
    fn only_what_holds_for_good_rejects_an_envelope() {
        let last: Vec<Refusal> = Refusal::ALL.iter().copied().filter(|refusal| is_final(Some(*refusal))).collect();
        assert_eq!(last, [Refusal::WrongPhase, Refusal::NotEntitled, Refusal::PaperHeld, Refusal::Struck, Refusal::DayClosed]);
        assert!(!is_final(None));
    }

    #[test]
    fn who_holds_a_paper_or_was_struck_has_the_envelope_rejected() {
        let noon = at("2027-01-31T03:00:00Z");
        for bar in [Bar::HoldsPaper { leaf: LeafIndex(3) }, Bar::Struck { leaf: LeafIndex(3) }] {
            assert!(matches!(verdict(&elector(vec![bar], VoteState::NotYet), noon), Verdict::Reject { .. }));
        }
    }
}
