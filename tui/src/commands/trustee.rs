//! The trustee's commands: each does one step and says what comes next.

use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use clap::{Args, Subcommand};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::trustee::{ComplaintReason, TrusteeFile};
use tachiai_schemas::{ElectionId, Lang, Say, canonical};

use crate::cli::{Global, WhichElection};
use crate::failure::{Exit, Failure};
use crate::secret_input;
use crate::trustee::ceremony::{self, View};
use crate::trustee::decrypt;
use crate::trustee::exchange::Exchange;
use crate::trustee::medium::{Medium, Secrets};

/// Commands of a trustee. Files travel on a stick (`--stick`, filled by `tachiai election carry`) or to the appliance (`--server`).
#[derive(Subcommand, Debug)]
pub enum Trustee {
    /// Make the keys on your own medium, and the file for the commission
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
    /// Round 0: commit to your part of the key
    Commit(Step),
    /// Rounds 1 and 2: reveal and hand out the encrypted shares
    Deal(Step),
    /// Round 3: check everything and confirm the joint key, or complain
    Confirm(Step),
    /// Show where you stand and what comes next
    State(Step),
    /// After the poll: verify the record, sign the tally statement; once enough trustees have signed, release your decryption shares
    Decrypt(Step),
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

impl MediumArgs {
    fn passphrase(&self, global: &Global, repeat: bool) -> Result<SecretString, Failure> {
        let prompt = global.pick("立会人媒体のパスフレーズ", "passphrase of the trustee's medium");
        let first = secret_input::read(self.passphrase_fd, prompt)?;
        if repeat && self.passphrase_fd.is_none() {
            use age::secrecy::ExposeSecret;
            let second = secret_input::read(None, global.pick("もう一度", "again"))?;
            if first.expose_secret() != second.expose_secret() {
                return Err(Failure::new(Exit::Usage, "パスフレーズが一致しません。", "the two passphrases differ."));
            }
        }
        Ok(first)
    }

    fn open(&self, global: &Global) -> Result<Medium, Failure> {
        Medium::open(&self.dir, self.passphrase(global, false)?)
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
            Self::Commit(step) => ceremony_step(global, step, |view, _, secrets| ceremony::commit(view, secrets)),
            Self::Deal(step) => ceremony_step(global, step, |view, _, secrets| ceremony::deal(view, secrets)),
            Self::Confirm(step) => ceremony_step(global, step, ceremony::confirm),
            Self::State(step) => state(global, step),
            Self::Decrypt(step) => decrypt_step(global, step),
        }
    }
}

fn new(global: &Global, args: &MediumArgs, name: &str, out: Option<&Path>) -> Result<Exit, Failure> {
    let medium = Medium::create(&args.dir, args.passphrase(global, true)?, Secrets::generate(name.to_owned()))?;
    let file = ceremony::card(&medium.secrets)?;
    let path = out.map_or_else(|| args.dir.join("card.json"), Path::to_owned);
    let bytes = canonical::to_bytes(&file).map_err(|e| Failure::file(&path, &e))?;
    std::fs::write(&path, bytes).map_err(|e| Failure::file(&path, &e))?;
    let fingerprint = key_fingerprint(&medium.secrets.signing_key().public().to_bytes());
    if global.json {
        println!("{}", serde_json::json!({ "file": path, "fingerprint": fingerprint }));
    } else {
        println!("{}: {}", global.pick("選挙管理委員会に渡すファイル", "file for the commission"), path.display());
        println!(
            "{}: {fingerprint}",
            global.pick("鍵の指紋（委員会の画面と声に出して照合）", "fingerprint of your key (compare it aloud with the commission's screen)")
        );
    }
    Ok(Exit::Done)
}

fn ceremony_step(global: &Global, step: &Step, act: impl FnOnce(&View, &[TrusteeFile], &mut Secrets) -> Result<TrusteeFile, Failure>) -> Result<Exit, Failure> {
    let exchange = step.exchange(global)?;
    let mut medium = step.medium.open(global)?;
    let view = view(&exchange, &medium)?;
    let files = exchange.files_for(view.own)?;
    let file = act(&view, &files, &mut medium.secrets)?;
    // What was promised to the others must survive a pulled plug, so the medium is written first.
    medium.save()?;
    let to = exchange.deliver(&file)?;
    if let TrusteeFile::TrusteeComplaint(complaint) = &file {
        let (against, reason) = (complaint.body.against, complaint.body.reason);
        return Err(Failure::refused(
            format!("立会人 {against} の鍵が正しくありません（{}）。異議を書き出しました: {to}。鍵生成を最初からやり直します。", reason_text(Lang::Ja, reason)),
            format!("the deal of trustee {against} is wrong ({}). The complaint is in {to}. The ceremony starts again.", reason_text(Lang::En, reason)),
        ));
    }
    if global.json {
        println!("{}", serde_json::json!({ "trustee": view.own, "run": view.run, "to": to }));
    } else {
        println!("{}: {to}", global.pick("提出しました", "handed in"));
    }
    Ok(Exit::Done)
}

fn view(exchange: &Exchange, medium: &Medium) -> Result<View, Failure> {
    let scratch = decrypt::scratch()?;
    let record = exchange.record(scratch.path())?;
    View::read(&decrypt::checked_entries(&record)?, &medium.secrets)
}

fn state(global: &Global, step: &Step) -> Result<Exit, Failure> {
    let exchange = step.exchange(global)?;
    let mut medium = step.medium.open(global)?;
    let view = view(&exchange, &medium)?;
    let forgotten = ceremony::forget(&view, &mut medium.secrets);
    if forgotten {
        medium.save()?;
    }
    let next = view.next();
    if global.json {
        println!(
            "{}",
            serde_json::json!({ "trustee": view.own, "name": medium.secrets.name, "run": view.run, "next": format!("{next:?}"), "forgotten": forgotten })
        );
        return Ok(Exit::Done);
    }
    println!("{} {} {}", global.pick("立会人", "trustee"), view.own, medium.secrets.name);
    println!("{}: {}", global.pick("鍵生成の回", "run of the ceremony"), view.run);
    println!("{}: {}", global.pick("次にすること", "next"), next.say(global.lang()));
    if forgotten {
        println!("{}", global.pick("鍵生成に使った秘密を媒体から消しました。", "What the ceremony needed was destroyed on the medium."));
    }
    Ok(Exit::Done)
}

fn reason_text(lang: Lang, reason: ComplaintReason) -> &'static str {
    match reason {
        ComplaintReason::ShareUnreadable => lang.pick("分散鍵を開けません", "the share cannot be opened"),
        ComplaintReason::ShareWrong => lang.pick("分散鍵が公開された値と合いません", "the share does not fit the commitments"),
        ComplaintReason::DealInvalid => lang.pick("公開された値が確約と合いません", "the deal does not fit the commit"),
    }
}

fn decrypt_step(global: &Global, step: &Step) -> Result<Exit, Failure> {
    let exchange = step.exchange(global)?;
    let mut medium = step.medium.open(global)?;
    let scratch = decrypt::scratch()?;
    let record = exchange.record(scratch.path())?;
    let outcome = decrypt::next(&record, &mut medium)?;
    let to = exchange.deliver(&outcome.file)?;
    let (ja, en) = match &outcome.file {
        TrusteeFile::TallySignature { .. } => (
            "開票声明に署名しました。必要な数の署名が揃ったら、もう一度 decrypt を実行してください",
            "tally statement signed. Run decrypt again when enough trustees have signed",
        ),
        _ => ("復号分を提出しました", "decryption shares handed in"),
    };
    if global.json {
        println!("{}", serde_json::json!({ "statement": outcome.statement.to_string(), "counted": outcome.counted, "to": to }));
    } else {
        println!(
            "{}: {}  {}: {}",
            global.pick("有効な投票", "ballots counted"),
            outcome.counted,
            global.pick("開票声明", "tally statement"),
            outcome.statement
        );
        println!("{}: {to}", global.pick(ja, en));
    }
    Ok(Exit::Done)
}

/// What two people compare aloud: the first 80 bits of the key's SHA-256, in groups of four base32 characters.
#[must_use]
pub fn key_fingerprint(key: &[u8; 32]) -> String {
    let text = data_encoding::BASE32_NOPAD.encode(&Hash32::sha256(key).as_bytes()[..10]).to_ascii_lowercase();
    text.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join(" ")
}
