//! The trustee's commands: each does one step and says what comes next.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use clap::{Args, Subcommand};
use serde::Serialize;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::Text;
use tachiai_schemas::trustee::TrusteeFile;
use tachiai_schemas::{ElectionId, Lang, Say, TrusteeIndex};

use crate::cli::{Global, WhichElection};
use crate::failure::{Exit, Failure};
use crate::secret_input;
use crate::trustee::ceremony::{self, Next, View};
use crate::trustee::exchange::{Exchange, Signed};
use crate::trustee::held::Held;
use crate::trustee::medium::Medium;
use crate::trustee::secrets::Secrets;
use crate::trustee::step::{self, Released, Stepped, card_of, view};

/// Commands of a trustee. Files travel on a stick (`--stick`, filled by `tachiai election carry`) or to the appliance (`--server`).
///
/// One medium serves any number of elections, with one passphrase: give each commission a file of its own (`new` makes the first one, `card` another),
/// and name the stick or the election of the step.
#[derive(Subcommand, Debug)]
pub enum Trustee {
    /// Make the keys on your own medium, under a passphrase (12 characters or five words), and the file for the commission
    ///
    /// Example: `tachiai trustee new --dir /media/mine --name 立会一郎`
    New {
        /// The own medium
        #[command(flatten)]
        medium: MediumArgs,
        /// Your name, as it shall stand in the manifest
        #[arg(long)]
        name: String,
        /// Where to write the file for the commission [default: card.json in the medium's folder]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Make the file for the commission of another election, with the same signing key and fresh age keys
    ///
    /// The age keys of a ceremony are destroyed once its election is open, so each election needs a file of its own.
    ///
    /// Example: `tachiai trustee card --dir /media/mine --out card-2027.json`
    Card {
        /// The own medium
        #[command(flatten)]
        medium: MediumArgs,
        /// Where to write it; nothing may be there yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Round 0: commit to your part of the key
    ///
    /// Example: `tachiai trustee commit --dir /media/mine --stick /media/stick`
    Commit(Step),
    /// Rounds 1 and 2: reveal and hand out the encrypted shares
    ///
    /// Example: `tachiai trustee deal --dir /media/mine --stick /media/stick`
    Deal(Step),
    /// Round 3: check everything and confirm the joint key, or complain
    ///
    /// Shows the fingerprint of every trustee's key. Compare each with its trustee in person before you agree: whoever could name other trustees
    /// could decrypt without you. Where nobody can be asked, `--compared` says that you have.
    ///
    /// Example: `tachiai trustee confirm --dir /media/mine --stick /media/stick --compared`
    Confirm(Confirm),
    /// Show where you stand, who the trustees are, and which elections this medium holds keys of
    ///
    /// Without `--stick` and `--server` it shows what is on the medium. Once the election is open, it destroys what only the ceremony needed.
    ///
    /// Example: `tachiai trustee state --dir /media/mine --stick /media/stick`
    State(Step),
    /// After the poll: verify the record, sign the tally statement; once enough trustees have signed, release your decryption shares
    ///
    /// More trustees sign the statement than decrypt (4 of the 5 where 3 decrypt): so no two statements can both be signed without an honest trustee
    /// having signed twice. Run it once to sign, and again when enough have.
    ///
    /// Take the fingerprint from the public notice, not from whoever brings the stick.
    ///
    /// Example: `tachiai trustee decrypt --dir /media/mine --stick /media/stick --expect abcd-efgh-ijkl-mnop-qrst`
    Decrypt(Decrypt),
    /// Destroy for ever what the medium holds of one election
    ///
    /// Without its shares an election that was not counted may never be. `tachiai trustee state --dir DIR` lists what there is.
    ///
    /// Example: `tachiai trustee destroy --dir /media/mine --manifest 5f0c…`
    Destroy {
        /// The own medium
        #[command(flatten)]
        medium: MediumArgs,
        /// Which election: the hash of its manifest as `state` shows it
        #[arg(long, value_name = "HASH")]
        manifest: Hash32,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// The trustee's own medium.
#[derive(Args, Debug)]
pub struct MediumArgs {
    /// The folder on your own medium
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Read the passphrase from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
}

/// One step, and where files come from and go to.
#[derive(Args, Debug)]
pub struct Step {
    #[command(flatten)]
    medium: MediumArgs,
    /// The stick that the commission filled with `tachiai election carry`
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    stick: Option<PathBuf>,
    /// Move the files over the network, with the profile of the trustee's certificate
    #[arg(long)]
    server: bool,
    #[command(flatten)]
    which: WhichElection,
}

/// The confirmation.
#[derive(Args, Debug)]
pub struct Confirm {
    #[command(flatten)]
    step: Step,
    /// You have compared the fingerprint of every other trustee's key with that trustee, in person; do not ask
    #[arg(long)]
    compared: bool,
}

/// The acts after the poll.
#[derive(Args, Debug)]
pub struct Decrypt {
    #[command(flatten)]
    step: Step,
    /// The fingerprint in the public notice of the election
    #[arg(long, value_name = "FINGERPRINT")]
    expect: Fingerprint,
}

impl MediumArgs {
    fn prompt(global: &Global) -> &str {
        global.pick("立会人媒体のパスフレーズ", "passphrase of the trustee's medium")
    }

    fn create(&self, global: &Global, secrets: Secrets) -> Result<Medium, Failure> {
        let passphrase = secret_input::read_new_passphrase(self.passphrase_fd, global, Self::prompt(global))?;
        Medium::create(&self.dir, passphrase, secrets)
    }

    fn open(&self, global: &Global) -> Result<Medium, Failure> {
        let passphrase: SecretString = secret_input::read(self.passphrase_fd, Self::prompt(global))?;
        Medium::open(&self.dir, passphrase)
    }
}

impl Step {
    fn exchange(&self, global: &Global) -> Result<Exchange, Failure> {
        match (&self.stick, self.server) {
            (Some(dir), _) => Ok(Exchange::Stick(dir.clone())),
            (None, true) => {
                let client = global.staff()?;
                let election: ElectionId = self.which.find(&client)?;
                Ok(Exchange::Server(client, election))
            }
            (None, false) => Err(Failure::new(Exit::Usage, "--stick DIR か --server を指定してください。", "name --stick DIR or --server.")),
        }
    }
}

impl Trustee {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        match self {
            Self::New { medium, name, out } => new(global, medium, name, out.as_deref()),
            Self::Card { medium, out } => card(global, medium, out),
            Self::Commit(step) => ceremony_step(global, step, |view, _, secrets| ceremony::commit(view, secrets)),
            Self::Deal(step) => ceremony_step(global, step, |view, _, secrets| ceremony::deal(view, secrets)),
            Self::Confirm(confirm) => ceremony_step(global, &confirm.step, |view, files, secrets| {
                view.expect(Next::Confirm)?;
                confirm.agree(global, view)?;
                ceremony::confirm(view, files, secrets)
            }),
            Self::State(step) => state(global, step),
            Self::Decrypt(Decrypt { step, expect }) => decrypt_step(global, step, *expect),
            Self::Destroy { medium, manifest, yes } => destroy(global, medium, *manifest, *yes),
        }
    }
}

fn new(global: &Global, args: &MediumArgs, name: &str, out: Option<&Path>) -> Result<Exit, Failure> {
    let medium = args.create(global, Secrets::generate(name.to_owned()))?;
    let path = out.map_or_else(|| args.dir.join("card.json"), Path::to_owned);
    let bytes = card_of(&medium, &path)?;
    std::fs::write(&path, bytes).map_err(|e| Failure::file(&path, &e))?;
    say_card(global, &medium, &path);
    Ok(Exit::Done)
}

fn card(global: &Global, args: &MediumArgs, path: &Path) -> Result<Exit, Failure> {
    let mut medium = args.open(global)?;
    medium.secrets.receive_anew();
    // The medium first: a file without its keys would be found out in the ceremony only.
    medium.save()?;
    let bytes = card_of(&medium, path)?;
    std::fs::File::create_new(path).and_then(|mut file| file.write_all(&bytes)).map_err(|e| Failure::file(path, &e))?;
    say_card(global, &medium, path);
    Ok(Exit::Done)
}

fn say_card(global: &Global, medium: &Medium, path: &Path) {
    let fingerprint = own_fingerprint(&medium.secrets);
    if global.json {
        outln!("{}", serde_json::json!({ "file": path, "fingerprint": fingerprint }));
        return;
    }
    outln!("{}: {}", global.pick("選挙管理委員会に渡すファイル", "file for the commission"), path.display());
    outln!(
        "{}: {fingerprint}",
        global.pick(
            "鍵の指紋（委員会の画面と声に出して照合し、ほかの立会人にも伝える）",
            "fingerprint of your key (compare it aloud with the commission's screen, and tell it to the other trustees)"
        )
    );
}

pub(crate) fn own_fingerprint(secrets: &Secrets) -> String {
    key_fingerprint(&secrets.signing_key().public().to_bytes())
}

/// A trustee of the manifest, as people compare them.
#[derive(Serialize)]
pub(crate) struct Listed<'a> {
    pub(crate) trustee: TrusteeIndex,
    pub(crate) name: &'a str,
    pub(crate) fingerprint: String,
    pub(crate) you: bool,
}

/// The trustees of a manifest.
pub(crate) fn listed(view: &View) -> Vec<Listed<'_>> {
    let indices = (1..).map_while(|index| TrusteeIndex::new(index).ok());
    let entries = indices.zip(&view.manifest.trustees);
    entries
        .map(|(trustee, entry)| Listed { trustee, name: &entry.name, fingerprint: key_fingerprint(&entry.signing_key.0), you: trustee == view.own })
        .collect()
}

/// One line for each trustee.
pub(crate) fn table(lang: Lang, view: &View) -> String {
    let line = |t: &Listed<'_>| format!("  {} {}  {}{}", t.trustee, t.fingerprint, t.name, if t.you { lang.pick("（あなた）", " (you)") } else { "" });
    listed(view).iter().map(line).collect::<Vec<_>>().join("\n")
}

impl Confirm {
    /// Has the trustee agree that the others' keys were compared; nothing has been written by then.
    fn agree(&self, global: &Global, view: &View) -> Result<(), Failure> {
        let question = global.pick(
            "ほかの立会人全員の鍵の指紋を、それぞれご本人と直接照合し、一致しましたか？ [y/N] ",
            "Have you compared the fingerprint of every other trustee's key with that trustee, in person, and are they the same? [y/N] ",
        );
        let agreed = self.compared || {
            if std::io::stdin().is_terminal() {
                eprintln!("{}\n{}", title(global, &view.manifest.title), table(global.lang(), view));
            }
            asked(question)?
        };
        if agreed {
            return Ok(());
        }
        let [ja, en] = [Lang::Ja, Lang::En].map(|lang| table(lang, view));
        Err(Failure::refused(
            format!(
                "ほかの立会人の鍵の指紋が照合されていないため、確認しません。別人の鍵が並んでいれば、あなた抜きで復号できてしまいます。\
                 次の指紋を各立会人ご本人と直接照合し、--compared を付けてもう一度実行してください。何も書き込んでいません。\n{ja}"
            ),
            format!(
                "not confirmed: the fingerprints of the other trustees' keys were not compared. If others' keys stood here, votes could be decrypted without you. \
                 Compare these with each trustee in person, and run this again with --compared. Nothing was written.\n{en}"
            ),
        ))
    }
}

/// Asks a question on the terminal; where nobody can be asked, the answer is no.
fn asked(question: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("{question}");
    let mut line = String::new();
    std::io::stderr().flush().and_then(|()| std::io::stdin().read_line(&mut line)).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes" | "はい"))
}

fn title<'a>(global: &Global, title: &'a Text) -> &'a str {
    global.lang().pick(&title.ja, &title.en)
}

fn ceremony_step(global: &Global, args: &Step, act: impl FnOnce(&View, &[TrusteeFile], &mut Secrets) -> Result<TrusteeFile, Failure>) -> Result<Exit, Failure> {
    let exchange = args.exchange(global)?;
    let mut medium = args.medium.open(global)?;
    let Stepped { view, file, to } = step::ceremony(&exchange, &mut medium, act)?;
    if global.json {
        let about = view.about();
        outln!("{}", serde_json::json!({ "trustee": view.own, "run": view.run, "election": about, "trustees": listed(&view), "to": to }));
        return Ok(Exit::Done);
    }
    say_election(global, &view);
    if let TrusteeFile::TrusteeConfirm(_) = &file {
        say_trustees(global, &view);
    }
    let [ja, en] = exchange.delivered();
    outln!("{}: {to}", global.pick(ja, en));
    Ok(Exit::Done)
}

fn say_election(global: &Global, view: &View) {
    outln!("{}: {} ({})", global.pick("選挙", "election"), title(global, &view.manifest.title), view.manifest.origin);
}

fn say_trustees(global: &Global, view: &View) {
    outln!(
        "{}:\n{}",
        global.pick("立会人と鍵の指紋（ご本人と直接照合）", "trustees and their keys' fingerprints (to be compared in person)"),
        table(global.lang(), view)
    );
}

fn state(global: &Global, step: &Step) -> Result<Exit, Failure> {
    if step.stick.is_none() && !step.server {
        return on_medium(global, &step.medium);
    }
    let exchange = step.exchange(global)?;
    let mut medium = step.medium.open(global)?;
    let view = view(&exchange, &medium)?;
    let forgotten = ceremony::forget(&view, &mut medium.secrets);
    if forgotten {
        medium.save()?;
    }
    let next = view.next();
    let fingerprint = view.opened.map(|opening| opening.fingerprint.to_string());
    let secrets = &medium.secrets;
    if global.json {
        outln!(
            "{}",
            serde_json::json!({
                "trustee": view.own, "name": secrets.name, "run": view.run, "next": format!("{next:?}"), "forgotten": forgotten,
                "election": view.about(), "manifest": view.manifest_hash.to_string(), "fingerprint": fingerprint, "trustees": listed(&view), "medium": held(secrets),
            })
        );
        return Ok(Exit::Done);
    }
    outln!("{} {} {}", global.pick("立会人", "trustee"), view.own, secrets.name);
    say_election(global, &view);
    if let Some(fingerprint) = fingerprint {
        outln!("{}: {fingerprint}", global.pick("選挙の指紋（公告と照合）", "fingerprint of the election (compare it with the public notice)"));
    }
    say_trustees(global, &view);
    outln!("{}: {}", global.pick("鍵生成の回", "run of the ceremony"), view.run);
    outln!("{}: {}", global.pick("次にすること", "next"), next.say(global.lang()));
    if forgotten {
        outln!("{}", global.pick("鍵生成に使った秘密を媒体から消しました。", "What the ceremony needed was destroyed on the medium."));
    }
    say_held(global, secrets);
    Ok(Exit::Done)
}

fn on_medium(global: &Global, args: &MediumArgs) -> Result<Exit, Failure> {
    let medium = args.open(global)?;
    let secrets = &medium.secrets;
    if global.json {
        outln!("{}", serde_json::json!({ "name": secrets.name, "key_fingerprint": own_fingerprint(secrets), "medium": held(secrets) }));
        return Ok(Exit::Done);
    }
    outln!("{} {}", global.pick("立会人", "trustee"), secrets.name);
    outln!("{}: {}", global.pick("鍵の指紋", "fingerprint of your key"), own_fingerprint(secrets));
    say_held(global, secrets);
    Ok(Exit::Done)
}

fn held(secrets: &Secrets) -> Vec<serde_json::Value> {
    let of = |held: &Held| {
        serde_json::json!({
            "manifest": held.manifest.hash().to_string(), "election": held.about, "confirmed_runs": held.confirmed(), "in_ceremony": held.in_ceremony(),
            "statement": held.statement.map(|statement| statement.hash().to_string()),
        })
    };
    secrets.elections().iter().map(of).collect()
}

fn say_held(global: &Global, secrets: &Secrets) {
    let elections = secrets.elections();
    outln!("{}: {}", global.pick("この媒体が鍵を持つ選挙", "elections that this medium holds keys of"), elections.len());
    for held in elections {
        outln!("  {}", held_line(global.lang(), held));
        outln!("    {} {}", global.pick("選挙の定義", "manifest"), held.manifest.hash());
    }
}

/// What a medium holds of an election, in one line.
pub(crate) fn held_line(lang: Lang, held: &Held) -> String {
    let mut parts = Vec::new();
    let runs = held.confirmed().iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    if !runs.is_empty() {
        parts.push(format!("{}{runs}", lang.pick("鍵の分担あり・鍵生成の回 ", "share of the key, run ")));
    }
    if held.in_ceremony() {
        parts.push(lang.pick("鍵生成の秘密あり", "secrets of the ceremony").to_owned());
    }
    if held.statement.is_some() {
        parts.push(lang.pick("集計宣言に署名済み", "tally statement signed").to_owned());
    }
    let about = held.about.as_ref().map(|about| format!("{} ({}): ", lang.pick(&about.title.ja, &about.title.en), about.origin)).unwrap_or_default();
    format!("{about}{}", parts.join(lang.pick("、", "; ")))
}

fn destroy(global: &Global, args: &MediumArgs, manifest: Hash32, yes: bool) -> Result<Exit, Failure> {
    let mut medium = args.open(global)?;
    let held = medium.secrets.held(manifest).ok_or_else(|| {
        Failure::refused(
            format!("この媒体は、定義が {manifest} の選挙の鍵を持っていません。`tachiai trustee state --dir` で一覧をご覧ください。"),
            format!("this medium holds nothing of an election with the manifest {manifest}: see `tachiai trustee state --dir`."),
        )
    })?;
    let line = held_line(global.lang(), held);
    let question =
        format!("{line}\n{}", global.pick("この選挙の鍵を永久に破棄しますか？ [y/N] ", "Destroy what the medium holds of this election, for ever? [y/N] "));
    if !(yes || asked(&question)?) {
        return Err(Failure::refused(
            "破棄しませんでした。質問に答えるか、--yes を付けてください。",
            "nothing was destroyed: answer the question, or give --yes.",
        ));
    }
    medium.secrets.destroy(manifest);
    medium.save()?;
    if global.json {
        outln!("{}", serde_json::json!({ "destroyed": manifest.to_string(), "medium": self::held(&medium.secrets) }));
    } else {
        outln!("{}: {line}", global.pick("破棄しました", "destroyed"));
    }
    Ok(Exit::Done)
}

fn decrypt_step(global: &Global, args: &Step, expect: Fingerprint) -> Result<Exit, Failure> {
    let exchange = args.exchange(global)?;
    let mut medium = args.medium.open(global)?;
    let Released { outcome, signed, to } = step::decrypt(&exchange, &mut medium, expect)?;
    let (need, all) = (outcome.quorum.statement_quorum(), outcome.quorum.trustees());
    if global.json {
        let (statement, fingerprint, about) = (outcome.statement.to_string(), expect.to_string(), outcome.view.about());
        let known = match signed {
            Some(Signed::OnStick(have) | Signed::Handed(have)) => Some(have),
            Some(Signed::Unknown) | None => None,
        };
        outln!(
            "{}",
            serde_json::json!({
                "election": about, "fingerprint": fingerprint, "statement": statement, "counted": outcome.counted, "to": to, "signed": known, "signers_needed": need,
            })
        );
        return Ok(Exit::Done);
    }
    say_election(global, &outcome.view);
    outln!("{}: {expect}", global.pick("公告の指紋と一致しました", "the fingerprint is the one of the public notice"));
    outln!("{}: {}  {}: {}", global.pick("有効な投票", "ballots counted"), outcome.counted, global.pick("集計宣言", "tally statement"), outcome.statement);
    let [ja, en] = exchange.delivered();
    match signed {
        Some(signed) => {
            outln!("{}", signed_line(global.lang(), signed, need, all));
            outln!("{}: {to}", global.pick(&format!("署名を{ja}"), &format!("signature {en}")));
        }
        None => outln!("{}: {to}", global.pick(&format!("復号分を{ja}"), &format!("decryption shares {en}"))),
    }
    Ok(Exit::Done)
}

/// How far the signing of the tally statement is, and what comes next.
pub(crate) fn signed_line(lang: Lang, signed: Signed, need: u8, all: u8) -> String {
    let enough = match signed {
        Signed::OnStick(have) | Signed::Handed(have) => have >= usize::from(need),
        Signed::Unknown => false,
    };
    let how_far = match (lang, signed) {
        (Lang::Ja, Signed::OnStick(have)) => format!("この媒体には{have}人分あります。"),
        (Lang::Ja, Signed::Handed(have)) => format!("{have}人が署名済みです。"),
        (Lang::En, Signed::OnStick(have)) => format!(": {have} of {need} signed on this stick."),
        (Lang::En, Signed::Handed(have)) => format!(": {have} of {need} signed."),
        (Lang::Ja, Signed::Unknown) => String::new(),
        (Lang::En, Signed::Unknown) => ".".to_owned(),
    };
    let by_stick = matches!(signed, Signed::OnStick(_));
    let when = match (lang, enough, by_stick) {
        (Lang::Ja, true, true) => "必要な署名が揃いました。委員会が媒体を更新したら、",
        (Lang::Ja, true, false) => "必要な署名が揃いました。",
        (Lang::Ja, false, true) => "揃って委員会が媒体を更新したら、",
        (Lang::Ja, false, false) => "揃ったら、",
        (Lang::En, true, true) => "Enough have signed. Once the commission has filled the stick anew",
        (Lang::En, true, false) => "Enough have signed. Now",
        (Lang::En, false, true) => "When they all have, and the commission has filled the stick anew",
        (Lang::En, false, false) => "When they all have",
    };
    match lang {
        Lang::Ja => format!(
            "集計宣言に署名しました。立会人{all}人のうち{need}人の署名が必要です。{how_far}{when}もう一度同じ操作をして、復号分を出してください（コマンドでは decrypt）。"
        ),
        Lang::En => {
            format!(
                "tally statement signed. {need} of the {all} trustees must sign{how_far} {when}, do the same again to release your shares (decrypt as a command)."
            )
        }
    }
}

/// What two people compare aloud: the first 80 bits of the key's SHA-256, in groups of four base32 characters.
#[must_use]
pub fn key_fingerprint(key: &[u8; 32]) -> String {
    let text = data_encoding::BASE32_NOPAD.encode(&Hash32::sha256(key).as_bytes()[..10]).to_ascii_lowercase();
    text.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join(" ")
}
