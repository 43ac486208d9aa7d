//! The whole election.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use tachiai_schemas::election::TallyResult;
use tachiai_schemas::{Lang, canonical};

use super::flood::{self, Evacuee};
use super::hands::{self, BY_HAND};
use super::paper::{self, TownHall};
use super::votes::{self, Act};
use super::{Extent, Folder, Readers, Screen, Stage};
use crate::appliance::{Outcome, Programs};
use crate::trouble::{Doing, Trouble};
use crate::voters::{Voter, in_parallel, usual_threads};

/// How many trustees sign the tally statement.
const SIGNING: usize = 4;

/// How many trustees release their shares: no more than are needed.
const SHARING: usize = 3;

/// Refuses a city that is too small for a demonstration: three voters use the real programs, and three more vote on paper.
///
/// # Errors
/// [`Trouble`].
pub fn enough(count: usize) -> Result<(), Trouble> {
    let least = BY_HAND + paper::VOTERS;
    if count < least {
        return Err(Trouble::new("the demonstration", format!("{count} electors are too few")).hint(format!("at least {least}, better 30")));
    }
    Ok(())
}

/// Runs one election of `count` electors in a fresh folder; the first ones put their cards into `readers`.
///
/// # Errors
/// [`Trouble`]; whatever was started is stopped.
pub fn run(folder: &Folder, count: usize, readers: &Readers, screen: &mut Screen) -> Result<(), Trouble> {
    enough(count)?;
    let mut stage = Stage::set(folder, count, Extent::WithPaper, screen)?;
    readers.say(screen);
    let (ja, en) = match readers {
        Readers::Service(_) => ("端末での投票（カードリーダー）", "votes by the real programs (pcscd)"),
        Readers::Sockets { .. } => ("端末での投票（ソケットのカード）", "votes by the real programs"),
    };
    let by_hand = screen.phase(ja, en, BY_HAND, |progress| hands::vote(&stage, folder, readers, || progress.step()))?;
    let ballots = everyone_votes(&stage, screen)?;
    screen.phase("受領証の確認", "receipts checked", by_hand.receipts(), |_| by_hand.check(&stage))?;
    let hall = TownHall::open(&stage, folder, readers)?;
    screen.phase("投票所（宣誓書・交付・締め）", "papers handed out, the day closed", paper::VOTERS, |progress| {
        paper::day(&hall, || progress.step())
    })?;
    let holding = &stage.holding;
    screen.phase("オンライン締切・投票締切", "closes, each by two officials", 2, |_| {
        holding.act("close-online")?;
        holding.act("close-poll").map(drop)
    })?;
    screen.phase("証人の連署（締切）", "the witness cosigns what was closed", 1, |_| stage.witness.look()?.ok().map(drop))?;
    screen.phase("集計宣言・復号（立会人）", "trustees: tally statement, shares", SIGNING + SHARING, |_| holding.decrypt(SHARING))?;
    screen.phase("用紙の開票（職員2人が別々に）", "papers counted by two officials", 2, |_| hall.count())?;
    screen.phase("開票・くじ・公表", "counted, lot drawn, published", 3, |_| {
        holding.act("count")?;
        hall.draw()?;
        holding.act("publish").map(drop)
    })?;
    let said = ["result", "turnout"].map(|what| holding.said(what, screen.lang()));
    let [result_text, turnout_text] = said;
    let (result_text, turnout_text) = (result_text?, turnout_text?);
    screen.phase("証人の連署（公表）", "the witness cosigns what was published", 1, |_| stage.witness.look()?.ok().map(drop))?;
    let record = folder.join("record");
    screen.phase("記録の書き出し", "record exported", 0, |_| holding.export(&record))?;
    let evidence = folder.join("evidence");
    screen.phase("封印された証拠の書き出し", "sealed evidence exported", 0, |_| holding.export_evidence(&evidence))?;
    let fingerprint = holding.fingerprint().to_owned();
    // From here on there is no appliance: what follows needs none.
    screen.phase("装置の停止", "appliance stopped", 0, |_| stage.appliance.stop())?;
    let programs = &stage.appliance.programs().clone();
    let lang = screen.lang();
    let verdict = screen
        .phase("記録の検証（別プログラム）", "record verified by its own program", ballots, |_| verify(programs, folder, &fingerprint, lang))?;
    screen.phase("受領証の検証（記録に対して）", "receipts verified against the record", by_hand.counted().len(), |_| {
        by_hand.counted().iter().try_for_each(|receipt| in_record(programs, receipt, &record))
    })?;
    let eligibility = screen
        .phase("資格の監査（名簿と証拠）", "eligibility audited: roll and evidence", ballots, |_| audit(programs, folder, &fingerprint, lang))?;
    let no_papers = screen.phase("帳票の印刷（記録から）", "papers printed from the record", 0, |_| papers(programs, folder, &fingerprint, lang))?;
    stage.appliance.start()?;
    let evacuee = Evacuee { desk: by_hand.first().doing("no voter")?, card: stage.cards.first().doing("no card")?.clone() };
    let night = flood::night(&mut stage.appliance, &evacuee, count, folder, screen)?;
    stage.appliance.stop()?;
    let result = published(&record)?;
    stage.votes.ledger().compare(&result.contests)?;
    println!("\n{}\n{result_text}\n{turnout_text}", screen.pick("開票結果と投票率", "Result and turnout"));
    report(&stage, folder, &result, [&verdict, &eligibility], no_papers.as_deref(), screen)?;
    println!("\n{night}");
    Ok(())
}

/// Everyone but those who voted by hand enrols, registers a key and votes; returns how many ballots there are in all.
fn everyone_votes(stage: &Stage, screen: &mut Screen) -> Result<usize, Trouble> {
    let cards = stage.cards.get(BY_HAND..).unwrap_or_default();
    let client = || stage.appliance.client();
    screen.phase("本人登録", "enrolled with the signing key", cards.len(), |progress| {
        in_parallel(cards, usual_threads(), client, |client, _, card| Voter::new(card.clone())?.enrol(client), || progress.step())
    })?;
    let pinned = stage.pinned()?;
    let ballots = AtomicUsize::new(BY_HAND + 2);
    screen.phase("鍵の登録と投票", "keys registered and votes cast", cards.len(), |progress| {
        let vote = |client: &mut tachiai::client::Client, index: usize, card: &crate::card::Content| -> Result<(), Trouble> {
            let number = index + BY_HAND;
            if !stage.votes.is_online(number) {
                return Ok(());
            }
            let mut voter = Voter::new(card.clone())?;
            let mut booth = voter.enter(client, &pinned)?;
            let [first, last] = [votes::first_choice(number), votes::choice(number)].map(|column| stage.votes.options(number, column));
            let act = Act::of(number);
            match act {
                Act::Vote => {}
                Act::VoteTwice => drop(booth.cast(&first).doing("voting")?),
                Act::VoteAnew => {
                    booth.cast(&first).doing("voting")?;
                    booth = voter.enter(client, &pinned)?;
                }
                Act::Challenge => {
                    let cast = booth.cast(&first).doing("voting")?;
                    booth.challenge(&cast).doing("challenging")?;
                }
            }
            booth.cast(&last).doing("voting")?;
            ballots.fetch_add(act.ballots(), Ordering::Relaxed);
            Ok(())
        };
        in_parallel(cards, usual_threads(), client, vote, || progress.step())
    })?;
    Ok(ballots.into_inner())
}

/// The verdict of the verifier, in its own words, with a report.
fn verify(programs: &Programs, folder: &Folder, fingerprint: &str, lang: Lang) -> Result<String, Trouble> {
    let mut command = programs.command("tachiai-verify")?;
    command.arg(folder.join("record")).args(["--expect", fingerprint, "--lang", lang.pick("ja", "en")]).arg("--report").arg(folder.join("report.html"));
    Ok(Outcome::of(command)?.ok()?.stdout)
}

/// The authority's audit, in the verifier's own words.
fn audit(programs: &Programs, folder: &Folder, fingerprint: &str, lang: Lang) -> Result<String, Trouble> {
    let mut command = programs.command("tachiai-verify")?;
    command.arg("eligibility").args([folder.join("record"), folder.join("evidence"), folder.join("files/roll.csv")]);
    command.arg("--identity").arg(folder.join("evidence-key.txt"));
    command.args(["--test-cards", "--expect", fingerprint, "--lang", lang.pick("ja", "en")]);
    Ok(Outcome::of(command)?.ok()?.stdout)
}

/// Prints the papers of the record, or says why there are none: they need fonts that a machine may lack.
fn papers(programs: &Programs, folder: &Folder, fingerprint: &str, lang: Lang) -> Result<Option<String>, Trouble> {
    let mut command = programs.command("tachiai")?;
    command.args(["election", "papers"]).arg(folder.join("record")).arg("--out").arg(folder.join("papers"));
    command.args(["--expect", fingerprint, "--lang", lang.pick("ja", "en"), "--text", lang.pick("ja", "en")]);
    let outcome = Outcome::of(command)?;
    match outcome.code {
        Some(2 | 64) => Ok(Some(outcome.stderr.trim().to_owned())),
        _ => outcome.ok().map(|_| None),
    }
}

fn in_record(programs: &Programs, receipt: &Path, record: &Path) -> Result<(), Trouble> {
    let mut command = programs.command("tachiai-verify")?;
    command.arg("receipt").arg(receipt).arg(record);
    Outcome::of(command)?.ok().map(drop)
}

/// The result in a record: the one attachment that is a result.
pub(super) fn published(record: &Path) -> Result<TallyResult, Trouble> {
    let folder = record.join("attachments");
    let entries = fs::read_dir(&folder).map_err(|error| Trouble::file(&folder, error))?;
    let results: Vec<TallyResult> = entries.flatten().filter_map(|entry| canonical::from_bytes(&fs::read(entry.path()).ok()?).ok()).collect();
    match <[TallyResult; 1]>::try_from(results) {
        Ok([result]) => Ok(result),
        Err(results) => Err(Trouble::file(&folder, format!("{} results in it instead of one", results.len()))),
    }
}

fn report(stage: &Stage, folder: &Folder, result: &TallyResult, verdicts: [&str; 2], no_papers: Option<&str>, screen: &Screen) -> Result<(), Trouble> {
    let pinned_names = &stage.spec.contests;
    println!("\n{}", screen.pick("オンラインの票", "Online votes"));
    for (contest, spec) in result.contests.iter().zip(pinned_names) {
        println!("  {} ({}: {})", screen.pick(&spec.title.ja, &spec.title.en), screen.pick("有効な投票", "ballots counted"), contest.ballots);
        let blank = screen.pick("白票", "blank");
        let names = spec.options.iter().map(|option| screen.pick(&option.name.ja, &option.name.en)).chain([blank]);
        for (name, total) in names.zip(&contest.totals) {
            println!("    {total:>7}  {name}");
        }
    }
    println!("  {}", screen.pick("投じられた票から数えた合計と一致しました。", "This is what the votes that were cast add up to."));
    for (verdict, by) in verdicts.into_iter().zip(["tachiai-verify", "tachiai-verify eligibility"]) {
        println!("\n{} ({by})", screen.pick("判定", "Verdict"));
        for line in verdict.lines() {
            println!("  {line}");
        }
    }
    println!("\n{}", screen.table());
    let path = |name: &str| folder.join(name).display().to_string();
    println!("\n{}", screen.pick("保存先", "Where everything lies"));
    for (ja, en, at) in [
        ("記録（誰でも検証できます）", "the record, for anyone to verify", path("record")),
        ("検証の報告書（日本語・英語）", "the report on its verification, in both languages", path("report.html")),
        (
            no_papers.unwrap_or("帳票（開票録・開票速報・投票速報・期日前投票日報・投票録）"),
            no_papers.unwrap_or("papers: count record, quick report, turnout, early voting, poll records"),
            path("papers"),
        ),
        ("封印された証拠とその鍵（選挙管理委員会が監査します）", "the sealed evidence, for the commission to audit with evidence-key.txt", path("evidence")),
        ("選挙の設定と名簿", "specification and roll", path("files")),
        ("立会人・有権者・媒体", "trustees, voters and the stick", path("people")),
        ("証人の鍵と記憶", "the witness's key and memory", path("witness")),
        ("カードと認証局", "cards and their authority", path("cards")),
        ("避難所の端末・名簿の元データ・媒体", "terminals of the shelters, registers, the stick", path("night")),
        ("公表された集計（誰でも検証できます）", "the statements, for anyone to verify", path("statements")),
        ("提供先の鍵と、開いた提供ファイル", "the agencies' keys, and the disclosures that they opened", path("agencies")),
        ("運用者による偽造（検証で拒否されます）", "forgeries by the operator, which are refused", path("forged")),
        ("装置のデータとログ", "the appliance's data and log", path("appliance")),
    ] {
        println!("  {at}  {}", screen.pick(ja, en));
    }
    println!("\n{}", screen.pick("もう一度検証するには", "To verify it again"));
    println!("  {} {} --expect {}", stage.appliance.programs().path("tachiai-verify")?.display(), path("record"), stage.holding.fingerprint());
    Ok(())
}
