//! The election commission's commands.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::evidence::{
    CARDS_PATH, EvidenceExport, PAPERS_IN_FILE, REGISTRATIONS_IN_FILE, SLOTS_IN_FILE, card_path, papers_path, registrations_path, slots_path,
};
use tachiai_schemas::receipt::{ElectionSummary, Phase};
use tachiai_schemas::record::{RECORD_FORMAT, RecordFile, RecordIndex};
use tachiai_schemas::spec::{ContestSpec, ElectionSpec};
use tachiai_schemas::staff::{Act, Created, Done, ElectionStatus, Pending, TrusteeStatus};
use tachiai_schemas::trustee::TrusteeFile;
use tachiai_schemas::{ElectionId, Lang, Refusal, Timestamp, canonical};
use tachiai_verify::eligibility::EvidenceWriter;
use tachiai_verify::record::{Piece, archive};

use crate::card::printable;
use crate::cli::{Global, WhichElection};
use crate::client::{Answer, Client};
use crate::commands::approve::describe;
use crate::commands::board::BoardCommand;
use crate::commands::count::{self, DrawnLot, Out, PaperCountCommand, out_line};
use crate::commands::envelopes::Envelopes;
use crate::commands::private_use;
use crate::commands::rehearse::Rehearse;
use crate::commands::roll::{ImportRoll, RollCommand};
use crate::commands::say;
use crate::commands::turnout::TurnoutCommand;
use crate::commands::vote::authority_notice;
use crate::failure::{Exit, Failure};

/// Commands of the election commission.
#[derive(Subcommand, Debug)]
pub enum Election {
    /// Create an election from its specification
    Create {
        /// SPEC.toml
        spec: PathBuf,
    },
    /// Import the roll (選挙人名簿): whole or not at all
    ImportRoll(ImportRoll),
    /// The roll: who may vote and who may not, corrections, objections, changes
    #[command(subcommand)]
    Roll(RollCommand),
    /// Add a trustee by the file that `tachiai trustee new` made
    AddTrustee {
        /// The trustee's file
        file: PathBuf,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// Begin the trustees' key ceremony: the manifest is fixed from here on
    Ceremony(Just),
    /// Show where an election stands and what comes next
    Status(Just),
    /// List the elections
    List,
    /// Open online voting (needs a second official); prints the fingerprint for the public notice
    Open(Just),
    /// Close online voting (needs a second official)
    CloseOnline(Just),
    /// Close the poll (needs a second official)
    ClosePoll(Just),
    /// Combine the trustees' shares and record the result (needs a second official)
    Count(Just),
    /// The papers of the polling places: counted by two officials apart, signed by the officers of the count
    #[command(subcommand)]
    PaperCount(PaperCountCommand),
    /// Say that a candidate is out: withdrew, died, or is not eligible (needs a second official)
    CandidateOut(Out),
    /// Record a lot (くじ) between candidates with equally many votes, signed by the officers of the count
    Lot(DrawnLot),
    /// Show what became of every contest: votes, who is elected, legal minimum, seats
    Result(Just),
    /// Show who voted, in numbers: by channel, district, age and sex
    Turnout(TurnoutCommand),
    /// List the envelopes that polling places set aside: whose they are, why, and who signed
    Envelopes(Envelopes),
    /// Rehearse a whole election on this machine: invented people, test cards, an appliance of its own
    Rehearse(Rehearse),
    /// Publish the result (needs a second official)
    Publish(Just),
    /// Download the record for auditors, into a new folder or, where the name ends in .tar, as one file
    ExportRecord {
        /// The new folder, or the new file.tar
        dir: PathBuf,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// Hand in a witness's cosignature that came as a file
    #[command(after_help = "Example: tachiai election cosign /media/stick/cosigned/1042-7c1fe2b0.txt")]
    Cosign {
        /// The cosigned checkpoint, as `tachiai-witness stick` writes it
        file: PathBuf,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// Take away the sealed evidence for the authority's audit (by the commission or an auditor; the appliance records who does)
    #[command(after_help = EVIDENCE_EXAMPLE)]
    ExportEvidence {
        /// The new folder
        dir: PathBuf,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// Carry trustee files and cosignatures between the appliance and a stick, both ways, with the record so far
    Carry {
        /// The folder on the stick, which has to be there
        dir: PathBuf,
        /// Which election
        #[command(flatten)]
        which: WhichElection,
    },
    /// The public board: its entries, and whether they are where the signed checkpoint says
    #[command(subcommand)]
    Board(BoardCommand),
    /// Print the papers of a published record as PDF/A: 開票録, 開票速報, 投票速報, 期日前投票日報, 投票録; the record is verified first
    Papers(crate::commands::papers::Papers),
}

const EVIDENCE_EXAMPLE: &str = "\
Example:
  tachiai election export-evidence evidence/ --election ID
  tachiai-verify eligibility record/ evidence/ roll.csv --identity authority.txt --expect FINGERPRINT
Export it after the record, or after the publication: it has to hold the evidence of every registration of the record.
Everything personal in it is encrypted to the authority's recipients.";

/// Only which election.
#[derive(Args, Debug)]
pub struct Just {
    #[command(flatten)]
    which: WhichElection,
}

impl Election {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match self {
            Self::Create { spec } => create(global, spec),
            Self::ImportRoll(import) => import.run(global),
            Self::Roll(command) => command.run(global),
            Self::AddTrustee { file, which } => add_trustee(global, file, which),
            Self::Ceremony(Just { which }) => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                print_status(global, &begin_ceremony(&client, id)?);
                Ok(Exit::Done)
            }
            Self::Status(Just { which }) => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                print_status(global, &client.get(&format!("/api/v1/elections/{id}/status"), None)?);
                Ok(Exit::Done)
            }
            Self::List => list(global),
            Self::Open(Just { which }) => act(global, which, Act::Open),
            Self::CloseOnline(Just { which }) => act(global, which, Act::CloseOnline),
            Self::ClosePoll(Just { which }) => act(global, which, Act::ClosePoll),
            Self::Count(Just { which }) => act(global, which, Act::Count),
            Self::PaperCount(command) => command.run(global),
            Self::CandidateOut(out) => out.run(global),
            Self::Lot(lot) => lot.run(global),
            Self::Result(Just { which }) => count::result(global, which),
            Self::Turnout(command) => command.run(global),
            Self::Envelopes(command) => command.run(global),
            Self::Rehearse(rehearse) => rehearse.run(global),
            Self::Publish(Just { which }) => act(global, which, Act::Publish),
            Self::ExportRecord { dir, which } => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                let files = export_record(&client, id, dir)?;
                let status: ElectionStatus = client.get(&format!("/api/v1/elections/{id}/status"), None)?;
                let missing = witnesses_missing(&status);
                say(global, &serde_json::json!({ "files": files, "dir": dir, "witnesses_missing": missing }), || {
                    exported_text(global.lang(), files, dir, &missing)
                });
                Ok(Exit::Done)
            }
            Self::Cosign { file, which } => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                hand_in(&client, id, file)?;
                say(global, &serde_json::json!({ "file": file }), || {
                    format!("{}: {}", global.pick("連署を渡しました", "cosignature handed in"), file.display())
                });
                Ok(Exit::Done)
            }
            Self::ExportEvidence { dir, which } => {
                let client = global.staff()?;
                let id = which.find(&client)?;
                let (files, registrations) = export_evidence(&client, id, dir)?;
                say(global, &serde_json::json!({ "files": files, "registrations": registrations, "dir": dir }), || {
                    let (ja, en) = ("証拠のファイル数", "files of the evidence");
                    format!("{}: {files}  {}: {registrations}  {}", global.pick(ja, en), global.pick("登録", "registrations"), dir.display())
                });
                Ok(Exit::Done)
            }
            Self::Carry { dir, which } => carry(global, dir, which),
            Self::Board(command) => command.run(global),
            Self::Papers(papers) => papers.run(global),
        }
    }
}

/// Reads a specification, and refuses one that is invalid, or in which nothing is voted on.
///
/// # Errors
/// [`Failure`] that names what is wrong.
pub fn read_spec(path: &Path) -> Result<ElectionSpec, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| Failure::file(path, &e))?;
    let spec = ElectionSpec::from_toml(&text).map_err(|e| Failure::content(path, &e))?;
    something_to_vote_on(&spec)?;
    if let Err(problems) = spec.validate() {
        let list = problems.iter().map(|p| format!("\n  {p}")).collect::<String>();
        return Err(Failure::incomplete(
            format!("{} の設定に誤りがあります。直してからもう一度実行してください:{list}", path.display()),
            format!("{} is invalid. Correct it and try again:{list}", path.display()),
        ));
    }
    Ok(spec)
}

fn create(global: &Global, path: &Path) -> Result<Exit, Failure> {
    let spec = read_spec(path)?;
    if let Some(warning) = private_use::warning(global.lang(), &serde_json::json!(spec)) {
        eprintln!("{warning}");
    }
    let created = create_of(&global.staff()?, &spec)?;
    say(global, &serde_json::json!(created), || created_text(global.lang(), &created, &spec));
    Ok(Exit::Done)
}

/// Has an election created.
///
/// # Errors
/// [`Failure`].
pub fn create_of(client: &Client, spec: &ElectionSpec) -> Result<Created, Failure> {
    client.post("/api/v1/elections", None, spec)
}

/// What is said of an election that was created.
#[must_use]
pub fn created_text(lang: Lang, created: &Created, spec: &ElectionSpec) -> String {
    let mut text = format!("{}: {}", lang.pick("選挙を作成しました", "election created"), created.election);
    for contest in spec.contests.iter().filter(|contest| !contest.is_contested()) {
        text += &format!("\n{}", without_poll(lang, contest));
    }
    text
}

/// What is said of a contest with no more candidates than seats.
#[must_use]
pub fn without_poll(lang: Lang, contest: &ContestSpec) -> String {
    let names = contest.options.iter().map(|option| lang.pick(&option.name.ja, &option.name.en)).collect::<Vec<_>>().join("、");
    let title = lang.pick(&contest.title.ja, &contest.title.en);
    match lang {
        Lang::Ja => format!("{title}: 無投票。候補者が定数を超えないため投票は行われず、全員が当選人となります（公職選挙法第100条）: {names}"),
        Lang::En => {
            format!("{title}: no poll. There are no more candidates than seats, so all of them are elected (Public Offices Election Act, article 100): {names}")
        }
    }
}

/// Refuses an election in which nothing is voted on: it is announced on paper and held without this appliance.
///
/// # Errors
/// [`Failure`] that says who is elected.
pub fn something_to_vote_on(spec: &ElectionSpec) -> Result<(), Failure> {
    if spec.contests.is_empty() || spec.contests.iter().any(ContestSpec::is_contested) {
        return Ok(());
    }
    let list = |lang| spec.contests.iter().map(|contest| format!("\n  {}", without_poll(lang, contest))).collect::<String>();
    Err(Failure::refused(
        format!("すべて無投票のため、投票は行われません。選挙は作成していません。選挙会を開き、次の方を当選人と定めてください:{}", list(Lang::Ja)),
        format!("every contest is without a poll, so no vote is held and no election was created. The election meeting declares elected:{}", list(Lang::En)),
    ))
}

fn add_trustee(global: &Global, path: &Path, which: &WhichElection) -> Result<Exit, Failure> {
    let client = global.staff()?;
    let id = which.find(&client)?;
    let added = list_trustee(&client, id, &read_trustee_file(path)?)?;
    say(global, &serde_json::json!(added), || listed_text(global.lang(), &added));
    Ok(Exit::Done)
}

/// Lists a trustee by the file of the key.
///
/// # Errors
/// [`Failure`].
pub fn list_trustee(client: &Client, id: ElectionId, file: &TrusteeFile) -> Result<TrusteeStatus, Failure> {
    client.post(&format!("/api/v1/elections/{id}/trustees"), None, file)
}

/// What is said of a trustee who was listed.
#[must_use]
pub fn listed_text(lang: Lang, added: &TrusteeStatus) -> String {
    format!(
        "{} {}: {}\n{}: {}",
        lang.pick("立会人", "trustee"),
        added.trustee,
        printable(&added.name),
        lang.pick("鍵の指紋（本人と声に出して照合してください）", "fingerprint of the key (compare it with the trustee in person)"),
        crate::commands::trustee::key_fingerprint(&added.signing_key.0)
    )
}

/// Reads one trustee file in its one accepted form.
///
/// # Errors
/// [`Failure`] that names the file.
pub fn read_trustee_file(path: &Path) -> Result<TrusteeFile, Failure> {
    let bytes = std::fs::read(path).map_err(|e| Failure::file(path, &e))?;
    canonical::from_bytes(&bytes).map_err(|e| {
        Failure::incomplete(
            format!("{} は立会人のファイルとして読み取れません（{e}）。もう一度書き出してもらってください。", path.display()),
            format!("{} cannot be read as a trustee's file ({e}). Ask for it again.", path.display()),
        )
    })
}

/// Begins the key ceremony: the manifest is fixed from here on.
///
/// # Errors
/// [`Failure`].
pub fn begin_ceremony(client: &Client, id: ElectionId) -> Result<ElectionStatus, Failure> {
    client.post(&format!("/api/v1/elections/{id}/ceremony"), None, &serde_json::json!({}))
}

fn list(global: &Global) -> Result<Exit, Failure> {
    let list: Vec<ElectionSummary> = global.staff()?.get("/api/v1/elections", None)?;
    say(global, &serde_json::json!({ "elections": list }), || {
        list.iter()
            .map(|e| format!("{}  {}  {}", e.election, phase_name(global.lang(), e.phase), global.pick(&e.title.ja, &e.title.en)))
            .collect::<Vec<_>>()
            .join("\n")
    });
    Ok(Exit::Done)
}

fn act(global: &Global, which: &WhichElection, act: Act) -> Result<Exit, Failure> {
    let client = global.staff()?;
    let id = which.find(&client)?;
    let asked = client.act::<_, Done>(&format!("/api/v1/elections/{id}/acts"), &serde_json::json!({ "act": act }));
    match asked.map_err(|failure| where_it_stands(&client, id, failure))? {
        Answer::Done(done) => {
            print_done(global, &done);
            Ok(Exit::Done)
        }
        Answer::Accepted(body) => {
            let pending: Pending = serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
            say(global, &serde_json::json!(pending), || {
                format!(
                    "{}\n{}: tachiai approve {}",
                    act_waits(global.lang(), act),
                    global.pick("承認する職員のコマンド", "the other official runs"),
                    pending.id
                )
            });
            Ok(Exit::Waiting)
        }
    }
}

/// What is said of an act that waits for a second official.
#[must_use]
pub fn act_waits(lang: Lang, act: Act) -> String {
    format!("{}: {}", act_name(lang, act), lang.pick("別の職員の承認を待っています", "waiting for another official's approval"))
}

/// Adds to a refusal that comes from the order of things where the election stands, and what comes first.
pub fn where_it_stands(client: &Client, id: ElectionId, failure: Failure) -> Failure {
    if !matches!(failure.code, Some(Refusal::WrongPhase | Refusal::Incomplete | Refusal::TooEarly | Refusal::DaysOpen)) {
        return failure;
    }
    let Ok(status) = client.get::<ElectionStatus>(&format!("/api/v1/elections/{id}/status"), None) else { return failure };
    let phase = |lang| phase_name(lang, status.summary.phase);
    failure.and(
        format!("今の段階: {}。先にすること: {}", phase(Lang::Ja), status.next_ja),
        format!("The phase is: {}. What comes first: {}", phase(Lang::En), status.next_en),
    )
}

/// Prints what an approved act brought about.
pub fn print_done(global: &Global, done: &Done) {
    say(global, &serde_json::json!(done), || act_done(global.lang(), done));
}

/// What an approved act brought about, in words.
#[must_use]
pub fn act_done(lang: Lang, done: &Done) -> String {
    let mut text = format!("{}: {} ({})", lang.pick("完了", "done"), act_name(lang, done.act), phase_name(lang, done.phase));
    if let Some(fingerprint) = &done.fingerprint {
        text += &format!("\n{}: {fingerprint}", lang.pick("公告に載せる選挙の指紋", "fingerprint for the public notice"));
    }
    if done.act == Act::Publish {
        let id = done.election;
        text += &match lang {
            Lang::Ja => format!("\n証人のいる選挙では、連署が揃うまで待ってから記録を書き出してください（tachiai election status --election {id}）。"),
            Lang::En => {
                format!(
                    "\nWhere the election has witnesses, wait until they have cosigned before the record is exported (tachiai election status --election {id})."
                )
            }
        };
    }
    text
}

/// A warning where k of n witnesses keep nobody from showing two boards (PROTOCOL §12.8): two sets of k need not have one in common.
fn few_witnesses(l: Lang, quorum: usize, all: usize) -> Option<String> {
    (all > 0 && 2 * quorum <= all).then(|| match l {
        Lang::Ja => {
            format!("注意: 証人 {all} 名中 {quorum} 名の連署では、相手によって異なる掲示板を見せることを防げません。必要な数は半数を超える必要があります（[witnesses] quorum）。")
        }
        Lang::En => format!(
            "careful: {quorum} of {all} witnesses do not prevent two faces of the board: more than half of them must be needed ([witnesses] quorum)."
        ),
    })
}

fn print_status(global: &Global, s: &ElectionStatus) {
    say(global, &serde_json::json!(s), || {
        let l = global.lang();
        let mut lines = vec![
            format!("{}  {}", s.summary.election, l.pick(&s.summary.title.ja, &s.summary.title.en)),
            format!("{}: {}  {}", l.pick("段階", "phase"), phase_name(l, s.summary.phase), authority_notice(l, s.summary.authority)),
            format!(
                "{}: {} – {} – {}",
                l.pick("開始・オンライン締切・投票締切", "opens, online closes, poll closes"),
                s.summary.opens.in_japan(l),
                s.summary.online_closes.in_japan(l),
                s.summary.poll_closes.in_japan(l)
            ),
            format!(
                "{}: {}  {}: {}  {}: {}  {}: {}",
                l.pick("選挙人", "electors"),
                s.electors,
                l.pick("鍵の登録（延べ）", "keys registered"),
                s.registrations,
                l.pick("投票記録", "ballots"),
                s.ballots,
                l.pick("有効な投票", "counted now"),
                s.counted
            ),
        ];
        for t in &s.trustees {
            lines.push(format!(
                "{} {} {} [{}] {}",
                l.pick("立会人", "trustee"),
                t.trustee,
                t.name,
                t.received.join(", "),
                crate::commands::trustee::key_fingerprint(&t.signing_key.0)
            ));
        }
        for w in &s.witnesses {
            let size = w.size.map_or_else(|| "-".to_owned(), |size| size.to_string());
            let at = w.at.map_or_else(String::new, |at| at.in_japan(l));
            lines.push(format!("{} {}  {} {size} / {}  {at}", l.pick("証人", "witness"), w.name, l.pick("連署した項目数", "cosigned up to"), s.summary.size));
        }
        lines.extend(few_witnesses(l, usize::from(s.witness_quorum), s.witnesses.len()));
        if let Some(fingerprint) = &s.fingerprint {
            lines.push(format!("{}: {fingerprint}", l.pick("指紋", "fingerprint")));
        }
        lines.extend(s.out.iter().map(|out| out_line(l, out)));
        for title in &s.without_poll {
            lines.push(format!(
                "{}: {}",
                l.pick("無投票（投票は行われず、候補者全員が当選）", "without a poll; all candidates are elected"),
                l.pick(&title.ja, &title.en)
            ));
        }
        for p in &s.pending {
            lines.push(format!("{}: {}", l.pick("承認待ち", "waits for approval"), describe(l, p, None)));
        }
        lines.push(format!("{}: {}", l.pick("次にすること", "next"), l.pick(&s.next_ja, &s.next_en)));
        lines.join("\n")
    });
}

/// The witnesses whose cosignatures a published election still lacks.
#[must_use]
pub fn witnesses_missing(status: &ElectionStatus) -> Vec<&str> {
    if status.summary.phase == Phase::Published { status.witnesses_missing() } else { Vec::new() }
}

/// What is said of a record that was exported.
#[must_use]
pub fn exported_text(lang: Lang, files: usize, dir: &Path, missing: &[&str]) -> String {
    let mut text = format!("{}: {files}  {}", lang.pick("記録のファイル数", "files of the record"), dir.display());
    if !missing.is_empty() {
        let why = lang
            .pick("証人の連署が足りません。揃ってから書き出し直してください。未了", "cosignatures are missing; export it again when they are here. Not yet");
        text += &format!("\n{why}: {}", missing.join(", "));
    }
    text
}

/// Downloads a record into a new folder, or into one file if the name ends in `.tar`; every file is checked against the index as it comes.
///
/// # Errors
/// [`Failure`]; an unfinished folder or file stays and is refused by the verifier.
pub fn export_record(client: &Client, id: ElectionId, dir: &Path) -> Result<usize, Failure> {
    let bar = progress(0);
    let files = export_record_telling(client, id, dir, &|done, of| {
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    files
}

/// The same; `tell` is told how many bytes of how many are here.
///
/// # Errors
/// As [`export_record`].
pub fn export_record_telling(client: &Client, id: ElectionId, dir: &Path, tell: &dyn Fn(u64, u64)) -> Result<usize, Failure> {
    if dir.exists() {
        return Err(Failure::refused(
            format!("{} はすでにあります。別の名前を指定するか、移動してください。", dir.display()),
            format!("{} exists already. Name another one or move it away.", dir.display()),
        ));
    }
    let index: RecordIndex = client.get(&format!("/api/v1/elections/{id}/record"), None)?;
    if index.format != RECORD_FORMAT {
        return Err(Failure::incomplete(format!("未知の記録形式です: {}", index.format), format!("unknown record format: {}", index.format)));
    }
    let json = canonical::to_bytes(&index).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
    let of: u64 = index.files.iter().map(|f| f.bytes).sum();
    let here = Cell::new(0);
    let fetch = |file: &RecordFile| {
        // The server's word is not taken for a path: only plain names below the folder are written.
        if file.path.split('/').any(|part| part.is_empty() || part == "." || part == ".." || part.contains('\\')) {
            return Err(Failure::refused(format!("記録に不正なパスがあります: {}", file.path), format!("the record names an unsafe path: {}", file.path)));
        }
        let bytes = client.get_bytes(&format!("/api/v1/elections/{id}/record/{}?size={}", file.path, index.size))?;
        if Hash32::sha256(&bytes) != file.sha256.hash() {
            return Err(Failure::refused(format!("{} が目録と一致しません。", file.path), format!("{} does not match the index.", file.path)));
        }
        here.set(here.get() + file.bytes);
        tell(here.get(), of);
        Ok(bytes)
    };
    if dir.extension().is_some_and(|extension| extension == "tar") {
        let failed = |e: std::io::Error| Failure::file(dir, &e);
        let (pieces, _) = archive(&index, json).map_err(failed)?;
        let mut out = std::io::BufWriter::new(std::fs::File::create_new(dir).map_err(failed)?);
        for piece in pieces {
            let bytes = match piece {
                Piece::Bytes(bytes) => bytes,
                Piece::File(file) => fetch(&file)?,
            };
            out.write_all(&bytes).map_err(failed)?;
        }
        out.into_inner().map_err(|e| failed(e.into_error()))?.sync_all().map_err(failed)?;
    } else {
        index.files.iter().try_for_each(|file| write(&dir.join(&file.path), &fetch(file)?))?;
        write(&dir.join("record.json"), &json)?;
    }
    Ok(index.files.len() + 1)
}

/// Takes the sealed evidence of an election away into a new folder, whose index comes last; gives the numbers of files and of registrations.
///
/// # Errors
/// [`Failure`]; an unfinished folder stays and is incomplete to the verifier.
pub fn export_evidence(client: &Client, id: ElectionId, dir: &Path) -> Result<(usize, u64), Failure> {
    if dir.exists() {
        return Err(Failure::refused(
            format!("{} はすでにあります。別の名前を指定するか、移動してください。", dir.display()),
            format!("{} exists already. Name another folder or move it away.", dir.display()),
        ));
    }
    let base = format!("/api/v1/elections/{id}/evidence");
    let EvidenceExport { election, at, slots, registrations, papers, cards } = client.post(&base, None, &serde_json::json!({}))?;
    let failed = |e: std::io::Error| Failure::file(dir, &e);
    let mut writer = EvidenceWriter::create(dir).map_err(failed)?;
    let hashes = cards.anchors.iter().chain(&cards.text_anchors).chain(cards.lists.iter().flat_map(|lists| &lists.crls));
    let files: BTreeSet<String> = hashes.map(card_path).collect();
    let slots = (0..slots.div_ceil(SLOTS_IN_FILE)).map(slots_path);
    let bundles = (0..registrations.div_ceil(REGISTRATIONS_IN_FILE as u64)).map(registrations_path);
    let papers = (0..papers.div_ceil(PAPERS_IN_FILE as u64)).map(papers_path);
    let paths: Vec<String> = slots.chain(bundles).chain(papers).chain(files).collect();
    let bar = progress_of(paths.len() as u64);
    for path in paths {
        let bytes = client.get_bytes(&format!("{base}/{path}"))?;
        writer.put(&path, &bytes).map_err(failed)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let cards = canonical::to_bytes(&cards).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
    writer.put(CARDS_PATH, &cards).map_err(failed)?;
    Ok((writer.finish(election, at).map_err(failed)?, registrations))
}

/// A bar over files, on a terminal only.
fn progress_of(files: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(files).with_style(style)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|e| Failure::file(parent, &e))?;
    }
    std::fs::write(path, bytes).map_err(|e| Failure::file(path, &e))
}

/// A bar over bytes, on a terminal only.
#[must_use]
pub fn progress(total: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}

/// What was carried between the appliance and a stick.
pub struct Carried {
    /// How many files of trustees were handed in.
    pub sent: usize,
    /// How many cosignatures were handed in.
    pub cosigned: usize,
    /// Why other cosignatures were not taken.
    pub refused: Vec<Failure>,
    /// What to do next, in Japanese and English.
    pub next: [String; 2],
}

fn carry(global: &Global, dir: &Path, which: &WhichElection) -> Result<Exit, Failure> {
    let client = global.staff()?;
    let id = which.find(&client)?;
    let bar = progress(0);
    let carried = carry_telling(&client, id, dir, &|done, of| {
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let carried = carried?;
    let Carried { sent, cosigned, refused, next: [ja, en] } = &carried;
    let (refused, next): (Vec<&str>, _) = (refused.iter().map(|failure| global.pick(&failure.ja, &failure.en)).collect(), global.pick(ja, en));
    say(global, &serde_json::json!({ "sent": sent, "cosigned": cosigned, "refused": refused, "dir": dir, "next": next }), || {
        carried_text(global.lang(), dir, &carried)
    });
    Ok(Exit::Done)
}

/// What is said of what was carried.
#[must_use]
pub fn carried_text(lang: Lang, dir: &Path, carried: &Carried) -> String {
    let Carried { sent, cosigned, refused, next: [ja, en] } = carried;
    let (files, lines) = (lang.pick("装置へ渡した立会人ファイル", "trustee files handed in"), lang.pick("連署", "cosignatures"));
    let mut text = format!("{files}: {sent}  {lines}: {cosigned}  {}", dir.display());
    for why in refused {
        text += &format!("\n{}: {}", lang.pick("渡せなかった連署", "a cosignature that was not taken"), lang.pick(&why.ja, &why.en));
    }
    text += &format!("\n{}: {}", lang.pick("次にすること", "next"), lang.pick(ja, en));
    text
}

/// Uploads what the stick holds, then writes what each trustee needs, and the record so far; `tell` is told how many bytes of the record are written.
///
/// # Errors
/// [`Failure`].
pub fn carry_telling(client: &Client, id: ElectionId, dir: &Path, tell: &dyn Fn(u64, u64)) -> Result<Carried, Failure> {
    // A name that was mistyped would else become a folder on this machine, and nothing would ever reach the stick.
    if !dir.is_dir() {
        return Err(Failure::incomplete(
            format!(
                "媒体のフォルダー {} がありません。媒体が接続されているか、場所の打ち間違いがないか確かめてください。何も書き込んでいません。",
                dir.display()
            ),
            format!("there is no folder {}. See whether the stick is there and the name is right. Nothing was written.", dir.display()),
        ));
    }
    let files = dir.join("files");
    std::fs::create_dir_all(&files).map_err(|e| Failure::file(&files, &e))?;
    let mut status: ElectionStatus = client.get(&format!("/api/v1/elections/{id}/status"), None)?;
    let mut sent = 0;
    for path in crate::trustee::exchange::trustee_files(&files)? {
        let file = read_trustee_file(&path)?;
        // Of no use to anybody: cards are added one by one, and a run that a complaint ended is over.
        if matches!(file, TrusteeFile::TrusteeCard(_)) || run_of(&file).is_some_and(|run| run < status.run) {
            continue;
        }
        status = client.post(&format!("/api/v1/elections/{id}/trustee-files"), None, &file)?;
        sent += 1;
    }
    let paths = cosigned_files(&dir.join("cosigned"))?;
    let mut refused = Vec::new();
    for path in &paths {
        // What a witness left there must not keep the trustees' files from travelling.
        match hand_in(client, id, path) {
            Ok(()) => {}
            Err(failure) if failure.exit == Exit::NoConnection => return Err(failure),
            Err(failure) => refused.push(failure),
        }
    }
    for trustee in &status.trustees {
        let theirs: Vec<TrusteeFile> = client.get(&format!("/api/v1/elections/{id}/trustee-files?for={}", trustee.trustee), None)?;
        for file in &theirs {
            crate::trustee::exchange::write_for(&dir.join(format!("for-{}", trustee.trustee)), file)?;
        }
    }
    let record = dir.join("record");
    if record.exists() {
        std::fs::remove_dir_all(&record).map_err(|e| Failure::file(&record, &e))?;
    }
    export_record_telling(client, id, &record, tell)?;
    let ElectionStatus { next_ja, next_en, .. } = status;
    Ok(Carried { sent, cosigned: paths.len() - refused.len(), refused, next: [next_ja, next_en] })
}

/// The files that witnesses left on a stick.
fn cosigned_files(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(dir).map_err(|e| Failure::file(dir, &e))?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(|e| Failure::file(dir, &e))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    paths.sort();
    Ok(paths)
}

/// Hands in a cosigned checkpoint. The same again changes nothing.
///
/// # Errors
/// [`Failure`] that names the file.
pub fn hand_in(client: &Client, id: ElectionId, file: &Path) -> Result<(), Failure> {
    let note = std::fs::read(file).map_err(|e| Failure::file(file, &e))?;
    client.post_text(&format!("/api/v1/elections/{id}/cosignatures"), &note).map_err(|failure| {
        let name = file.display();
        failure.and(format!("ファイル: {name}"), format!("the file is {name}"))
    })
}

/// The run of the ceremony that a file is of.
const fn run_of(file: &TrusteeFile) -> Option<u32> {
    match file {
        TrusteeFile::TrusteeCommit(file) => Some(file.body.run),
        TrusteeFile::TrusteeDeal { deal, shares: _ } => Some(deal.body.run),
        TrusteeFile::TrusteeConfirm(file) => Some(file.body.run),
        TrusteeFile::TrusteeComplaint(file) => Some(file.body.run),
        TrusteeFile::TrusteeCard(_) | TrusteeFile::TallySignature { .. } | TrusteeFile::DecryptionShares { .. } => None,
    }
}

/// When an act was announced for, of those that have such a time.
#[must_use]
pub const fn announced(act: Act, online_closes: Timestamp, poll_closes: Timestamp) -> Option<Timestamp> {
    match act {
        Act::CloseOnline => Some(online_closes),
        Act::ClosePoll => Some(poll_closes),
        Act::Open | Act::Count | Act::Publish => None,
    }
}

/// That something would be done before the time that was announced for it.
#[must_use]
pub fn not_yet(lang: Lang, announced: Timestamp, now: Timestamp) -> String {
    let (announced, now) = (announced.in_japan(lang), now.in_japan(lang));
    match lang {
        Lang::Ja => format!("予告した時刻より前です。予告: {announced}、今: {now}"),
        Lang::En => format!("This is before the time that was announced: {announced}. It is {now}."),
    }
}

/// The name of an act.
#[must_use]
pub fn act_name(lang: Lang, act: Act) -> &'static str {
    match act {
        Act::Open => lang.pick("投票の開始", "open"),
        Act::CloseOnline => lang.pick("オンライン投票の締切", "close online voting"),
        Act::ClosePoll => lang.pick("投票の締切", "close the poll"),
        Act::Count => lang.pick("開票", "count"),
        Act::Publish => lang.pick("結果の公表", "publish"),
    }
}

/// The name of a phase.
#[must_use]
pub fn phase_name(lang: Lang, phase: Phase) -> &'static str {
    match phase {
        Phase::Draft => lang.pick("準備", "draft"),
        Phase::Ceremony => lang.pick("鍵生成", "ceremony"),
        Phase::Open => lang.pick("投票中", "open"),
        Phase::OnlineClosed => lang.pick("オンライン締切", "online closed"),
        Phase::PollClosed => lang.pick("投票締切", "poll closed"),
        Phase::Tallying => lang.pick("開票中", "tallying"),
        Phase::Tallied => lang.pick("開票済み", "tallied"),
        Phase::Published => lang.pick("公表済み", "published"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quorum_of_witnesses_that_prevents_nothing_is_warned_of() {
        for (quorum, all) in [(1, 2), (1, 3), (2, 4), (8, 16)] {
            let said = few_witnesses(Lang::En, quorum, all).unwrap();
            assert!(said.contains("do not prevent two faces") && few_witnesses(Lang::Ja, quorum, all).unwrap().contains("防げません"), "{said}");
        }
        for (quorum, all) in [(0, 0), (1, 1), (2, 3), (3, 4), (9, 16)] {
            assert_eq!(few_witnesses(Lang::Ja, quorum, all), None, "{quorum} of {all}");
        }
    }
}
