//! Check-in: the card tells who it is, its PIN signs for the papers, the desk signs the hand-out, and the board takes it. Nothing is handed over before that.
//!
//! While the link is cut a desk follows the policy that the manifest sets for its place: it stops, or it hands out provisional papers (仮投票).

use clap::Args;
use serde_json::json;
use tachiai_jpki::{StatementPurpose, UnverifiedCertificate};
use tachiai_schemas::desk::{DeskElector, LookFor, Looked, Papers, Search, VoteState, manner_name};
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::paper::{Identified, LinkPolicy, Manner, PaperIssue};
use tachiai_schemas::receipt::Receipt;
use tachiai_schemas::trustee::Signed;
use tachiai_schemas::{Blob, Lang};

use super::args::{DeskArgs, Found, Who, print_elector};
use crate::card::{Card, LastTry, PinName, Watched, printable};
use crate::cli::Global;
use crate::commands::approve::confirmed;
use crate::commands::ask::{ask, ask_yes, is_conversation};
use crate::commands::card::choice::CardChoice;
use crate::commands::card::holder::{announce, certificate_before_pin, check_pin, jpki, leave, say_signing, verified};
use crate::commands::told;
use crate::failure::{Exit, Failure};
use crate::poll::check_in::{At, barred, hints, send, session, stopped, wants_declaration};
use crate::poll::desk::{ByName, Carried, Desk, is_cut, local_time};
use crate::poll::queue::{ProvisionalPerson, Queue};

/// Checks an elector in.
#[derive(Args, Debug)]
pub struct CheckIn {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(flatten)]
    choice: CardChoice,
    /// Read the 4-digit PIN from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    pin_fd: Option<i32>,
    /// Spend the last try of the PIN if need be
    #[arg(long)]
    last_try: bool,
    /// Without a card, for this reason: no-card, card-failed or pin-blocked; a second official approves, then run it again
    #[arg(long, value_name = "REASON", value_parser = name_reason)]
    by_name: Option<NameReason>,
    #[command(flatten)]
    who: Who,
    /// How the papers are marked: own, proxy, braille or provisional
    #[arg(long, value_name = "MANNER", default_value = "own", value_parser = manner)]
    manner: Manner,
    /// Hand out only the papers of this contest; once for each. The elector votes in the others no more
    #[arg(long = "contest", value_name = "ID")]
    contests: Vec<String>,
    /// Do not ask whether the papers are to be handed out
    #[arg(long)]
    yes: bool,
}

fn word<T: Copy>(all: &[(T, &'static str)], text: &str) -> Result<T, String> {
    let found = all.iter().find(|(_, name)| *name == text).map(|(value, _)| *value);
    found.ok_or_else(|| format!("use one of {}", all.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(", ")))
}

pub(super) fn manner(text: &str) -> Result<Manner, String> {
    word(Manner::ALL, text)
}

fn name_reason(text: &str) -> Result<NameReason, String> {
    let typed = [(NameReason::NoCard, "no-card"), (NameReason::CardFailed, "card-failed"), (NameReason::PinBlocked, "pin-blocked")];
    word(&typed, text)
}

impl CheckIn {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let desk = self.desk.open(global)?;
        let queue = self.desk.queue(&desk)?;
        let under_way = queue.unanswered()?.len();
        if under_way > 0 {
            eprintln!(
                "{}",
                match global.lang() {
                    Lang::Ja => format!("注意: 記録されたか分からない交付が {under_way} 件あります。tachiai poll hand-in で確かめてください。"),
                    Lang::En => format!("note: hand-outs of which it is not known whether they were recorded: {under_way}. Run `tachiai poll hand-in`."),
                }
            );
        }
        match self.by_name {
            Some(reason) => {
                // It is read once: a pipe gives nothing a second time.
                let search = self.who.tell(global)?;
                let cut = |failure: Failure| if is_cut(&failure) { self.cut(global, &desk, &queue, Some(&search), failure) } else { Err(failure) };
                let (elector, looked) = match self.who.find_told(global, &desk, &search) {
                    Ok(Found::One(elector, looked)) => (elector, looked),
                    Ok(Found::Waiting) => return Ok(Exit::Waiting),
                    Err(failure) => return cut(failure),
                };
                let papers = match self.decide(global, &desk, &elector, &looked) {
                    Ok(papers) => papers,
                    Err(failure) => return cut(failure),
                };
                match desk.prepare_by_name(&papers, reason) {
                    Ok(ByName::Waiting(pending)) => {
                        if global.json {
                            outln!("{}", json!(pending));
                        } else {
                            outln!(
                                "{}",
                                global
                                    .pick("まだ交付していません。別の職員の承認を待っています。", "Nothing was handed out yet. Another official must approve.")
                            );
                            outln!("{}: tachiai approve {}", global.pick("承認する職員のコマンド", "the other official runs"), pending.id);
                        }
                        Ok(Exit::Waiting)
                    }
                    Ok(ByName::Ready(prepared)) => {
                        let issue = desk.sign(&prepared, &papers, Identified::Name, prepared.issue.issued_at)?;
                        self.issue(global, &desk, &queue, &elector, &issue)
                    }
                    Err(failure) => cut(failure),
                }
            }
            None => {
                let mut card = self.choice.open(global).map_err(nothing)?;
                match self.by_card(global, &desk, &mut card) {
                    Ok((elector, issue)) => {
                        leave(global, card);
                        self.issue(global, &desk, &queue, &elector, &issue)
                    }
                    Err(failure) if is_cut(&failure) => self.cut(global, &desk, &queue, None, failure).map_err(nothing),
                    Err(failure) => Err(nothing(failure)),
                }
            }
        }
    }

    const fn last(&self) -> LastTry {
        if self.last_try { LastTry::Spend } else { LastTry::Keep }
    }

    /// Everything up to the signed hand-out.
    fn by_card(&self, global: &Global, desk: &Desk, card: &mut Card<Watched>) -> Result<(DeskElector, Signed<PaperIssue>), Failure> {
        let mut pin_known = false;
        let certificate = match certificate_before_pin(card)? {
            Some(certificate) => certificate,
            // A phone shows its certificate after the PIN alone.
            None => {
                announce(global, desk.client.host(), &[StatementPurpose::PaperIssue]);
                verified(global, self.pin_fd, PinName::Authentication, self.last(), card, check_pin)?;
                pin_known = true;
                card.authentication_certificate()?
            }
        };
        UnverifiedCertificate::from_der(&certificate).map_err(|e| Failure::new(Exit::Card, e.remedy_ja(), e.remedy_en()))?;
        let looked = desk.look(&LookFor::Card(Blob(certificate.to_vec()))).map_err(|failure| hints(failure, At::Command))?;
        let carried = Carried::from(looked.now);
        let elector = looked.found.first().cloned().ok_or_else(|| Failure::refused("名簿に該当する方がいません。", "nobody on the roll fits."))?;
        let papers = self.decide(global, desk, &elector, &looked)?;
        let statement = desk.statement(&papers, &elector.slot_commitment, &looked.nonce)?;
        if !global.json {
            outln!("{}", global.pick("暗証番号を入力すると、カードは次の内容に署名します。", "After the PIN the card signs this:"));
            outln!("{}", statement.text(jpki(global.lang())));
        }
        if !pin_known {
            verified(global, self.pin_fd, PinName::Authentication, self.last(), card, check_pin)?;
        }
        say_signing(global);
        let signed = desk.sign_by_card(card, &statement, &certificate)?;
        let prepared = desk.prepare_by_card(&papers, signed)?;
        let issue = desk.sign(&prepared, &papers, Identified::Card, carried.now())?;
        Ok((elector, issue))
    }

    /// Shows who it is and decides; gives the papers.
    fn decide(&self, global: &Global, desk: &Desk, elector: &DeskElector, looked: &Looked) -> Result<Papers, Failure> {
        let session = session(desk, looked.now)?;
        if !global.json {
            print_elector(global, elector);
        }
        barred(elector)?;
        let contests = self.contests(global, elector)?;
        if elector.contests.iter().any(|contest| matches!(contest.state, VoteState::Online { .. })) {
            eprintln!(
                "{}",
                global.pick(
                    "この方はオンラインで投票済みです。用紙を交付すると、オンラインの投票はすべての選挙で数えられなくなります。",
                    "This elector voted online. Handing papers out takes that ballot out of the count, in every contest."
                )
            );
        }
        if !global.json {
            if wants_declaration(desk, elector) {
                outln!("{}", global.pick("  宣誓書: 未提出です。窓口で書いてもらってください。", "  declaration: none was filed. Have it filled in here."));
            }
            outln!("  ✓ {}（{}）", global.pick("投票できます", "may vote"), manner_name(self.manner, global.lang()));
        }
        if !self.yes && !confirmed(global.pick("用紙を交付しますか？ [y/N] ", "Hand the papers out? [y/N] "))? {
            return Err(Failure::refused("交付していません。", "nothing was handed out."));
        }
        Ok(desk.papers(elector, session, contests, self.manner))
    }

    fn contests(&self, global: &Global, elector: &DeskElector) -> Result<Vec<u16>, Failure> {
        if self.contests.is_empty() {
            return Ok(elector.contests.iter().map(|contest| contest.index).collect());
        }
        if let Some(unknown) = self.contests.iter().find(|id| !elector.contests.iter().any(|contest| contest.id == **id)) {
            return Err(Failure::new(Exit::Usage, format!("この方の選挙に {unknown} はありません。"), format!("{unknown} is no contest of this elector.")));
        }
        let (taken, left): (Vec<_>, Vec<_>) = elector.contests.iter().partition(|contest| self.contests.contains(&contest.id));
        if !left.is_empty() {
            let title = |lang: Lang| {
                left.iter().map(|contest| lang.pick(&contest.title.ja, &contest.title.en).to_owned()).collect::<Vec<_>>().join(lang.pick("、", ", "))
            };
            eprintln!(
                "{}",
                match global.lang() {
                    Lang::Ja => format!(
                        "注意: {} の用紙は交付しません。この方はその選挙にはもう投票できず、オンラインの投票があればそれも数えられません。",
                        title(Lang::Ja)
                    ),
                    Lang::En => format!(
                        "careful: no paper of {} is handed out. This elector votes there no more, and a ballot cast online does not count either.",
                        title(Lang::En)
                    ),
                }
            );
        }
        Ok(taken.iter().map(|contest| contest.index).collect())
    }

    /// Sends a signed hand-out and says what came of it.
    fn issue(&self, global: &Global, desk: &Desk, queue: &Queue, elector: &DeskElector, issue: &Signed<PaperIssue>) -> Result<Exit, Failure> {
        let receipt = send(desk, queue, issue)?;
        print_issued(global, elector, issue, &receipt);
        Ok(Exit::Done)
    }

    /// The link is cut: what the manifest says is done. `told` is who was named already.
    fn cut(&self, global: &Global, desk: &Desk, queue: &Queue, told: Option<&Search>, failure: Failure) -> Result<Exit, Failure> {
        let place = desk.listed()?;
        if place.offline == LinkPolicy::Stop {
            return Err(stopped(failure));
        }
        let session = session(desk, local_time()?)?;
        let conversation = is_conversation(global);
        let Search { number: _, name, kana: _, birth } = match told {
            Some(told) => told.clone(),
            None if conversation || self.who.is_given() => self.who.tell_envelope(global)?,
            None => Search::default(),
        };
        // Who was looked for by the number alone is asked for the rest.
        let asked = |given: Option<String>, question: &str| match given {
            None if conversation && told.is_some() => ask(question).map(Some),
            given => Ok(given),
        };
        let failed = || failure_again(&failure);
        let name = asked(name, global.pick("氏名: ", "Name: "))?.filter(|name| !name.is_empty()).ok_or_else(failed)?;
        let birth = asked(birth, global.pick("生年月日: ", "Birth date: "))?.filter(|birth| !birth.trim().is_empty()).ok_or_else(failed)?;
        let birth = told::birth(&birth)?;
        // The envelope is entered by these two, when nobody is there any more who could be asked.
        eprintln!("{}  {}: {birth}", printable(&name), global.pick("生年月日", "birth date"));
        if conversation && !self.yes && !ask_yes(global.pick("この氏名と生年月日で正しいですか？ [y/N] ", "Are name and birth date right? [y/N] "))?
        {
            return Err(Failure::refused("交付していません。もう一度実行してください。", "nothing was handed out. Run the command again."));
        }
        let kept = queue.add(&desk.key, session, local_time()?, &ProvisionalPerson { name, birth })?;
        if global.json {
            outln!("{}", json!({ "provisional": kept.envelope(), "at": kept.at }));
        } else {
            outln!(
                "{}",
                match global.lang() {
                    Lang::Ja => format!(
                        "回線が切れています。この投票所では仮投票とします。封筒に番号 {} と氏名を書いて、用紙と封筒を渡してください。回線が戻ったら tachiai poll hand-in で記録します。",
                        kept.envelope()
                    ),
                    Lang::En => format!(
                        "The link is cut, and this place hands out provisional papers. Write number {} and the name on the envelope and hand over both. When the link is back, `tachiai poll hand-in` enters it.",
                        kept.envelope()
                    ),
                }
            );
        }
        Ok(Exit::Done)
    }
}

fn failure_again(failure: &Failure) -> Failure {
    Failure::new(failure.exit, failure.ja.clone(), failure.en.clone()).and(
        "この投票所では、回線が切れている間は仮投票とします。--who-fd で name=… と birth=… を渡して、もう一度実行してください。まだ何も交付していません。",
        "At this place provisional papers are handed out while the link is cut: run this again and give name=… and birth=… through --who-fd. Nothing was handed out yet.",
    )
}

/// A failure before anything was sent to the board.
fn nothing(failure: Failure) -> Failure {
    match failure.exit {
        Exit::Card if failure.code.is_none() => failure.and("交付していません。", "Nothing was handed out."),
        _ => failure,
    }
}

fn print_issued(global: &Global, elector: &DeskElector, issue: &Signed<PaperIssue>, receipt: &Receipt) {
    let replaced = elector.contests.iter().any(|contest| matches!(contest.state, VoteState::Online { .. }));
    let PaperIssue { place, session, slot, contests, manner, identified, .. } = &issue.body;
    if global.json {
        outln!(
            "{}",
            json!({
                "leaf": receipt.leaf, "at": receipt.at, "slot": slot, "place": place, "session": session, "contests": contests, "manner": manner,
                "identified": identified, "replaced": replaced,
            })
        );
        return;
    }
    let titles = elector.contests.iter().filter(|contest| contests.contains(&contest.index));
    let titles = titles.map(|contest| global.pick(&contest.title.ja, &contest.title.en).to_owned()).collect::<Vec<_>>();
    outln!("{}: {}", global.pick("交付してください", "Hand over"), titles.join(global.pick("、", ", ")));
    outln!("{}: {}  {}", global.pick("受付番号", "leaf"), receipt.leaf, receipt.at.in_japan(global.lang()));
}
