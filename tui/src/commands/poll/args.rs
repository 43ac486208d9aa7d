//! The options that say which desk, which elector and which officers are meant.

use std::path::PathBuf;

use clap::Args;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::Say;
use tachiai_schemas::desk::{DeskElector, LookFor, Looked, Search};
use tachiai_schemas::staff::Pending;

use crate::card::printable;
use crate::cli::{Global, WhichElection};
use crate::commands::told::{BIRTH, KANA, NAME, NUMBER, WhoFd};
use crate::failure::{Exit, Failure};
use crate::poll::check_in::{At, one};
use crate::poll::desk::{Attended, Desk, default_state};
use crate::poll::officer::OfficerKey;
use crate::poll::queue::Queue;
use crate::secret_input;

/// The most officers whose passphrases are read from one file descriptor.
const OFFICERS: usize = 8;

/// Which desk.
#[derive(Args, Debug)]
pub struct DeskArgs {
    /// The desk's key; it says of which polling place the desk is
    #[arg(long, value_name = "FILE")]
    desk: PathBuf,
    /// What the desk keeps: the election, and what was handed out while the link was cut [default: ~/.local/state/tachiai/desk]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// The fingerprint in the public notice: the first time a desk is used in an election
    #[arg(long, value_name = "FINGERPRINT")]
    manifest: Option<Fingerprint>,
    #[command(flatten)]
    which: WhichElection,
}

impl DeskArgs {
    fn state(&self) -> Result<PathBuf, Failure> {
        let missing = || Failure::new(Exit::Usage, "--state を指定してください。", "name --state.");
        self.state.clone().or_else(default_state).ok_or_else(missing)
    }

    /// The desk. It needs the appliance only if it does not know the election yet.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(&self, global: &Global) -> Result<Desk, Failure> {
        Desk::open(global.staff()?, &self.desk, &self.state()?, self.manifest.as_ref(), &self.which)
    }

    /// What the desk keeps while the link is cut.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn queue(&self, desk: &Desk) -> Result<Queue, Failure> {
        Queue::of(&self.state()?, desk.known.election)
    }
}

/// Whom is looked for on the roll: by the number, by the whole name, or by the beginning of the name in kana; the birth date tells people of one name apart.
#[derive(Args, Debug)]
pub struct Who {
    #[command(flatten)]
    from: WhoFd,
    /// Look with a second official, who approves it, then run it again: so is found also who is under protection (支援措置), by number or whole name and birth date
    #[arg(long)]
    attended: bool,
}

/// What came of looking for one person.
pub enum Found {
    /// It is this one.
    One(Box<DeskElector>, Box<Looked>),
    /// A second official is awaited, as was said.
    Waiting,
}

impl Who {
    /// Whether a descriptor says it, so that nobody is asked.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.from.is_given()
    }

    /// Reads or asks whom to look for; a number is enough.
    ///
    /// # Errors
    /// [`Failure`] (64) when nobody is named.
    pub fn tell(&self, global: &Global) -> Result<Search, Failure> {
        let told = self.from.tell(global, &[NUMBER, NAME, KANA, BIRTH], |told, word| match word.key() {
            "number" => true,
            "kana" => told.lacks(NUMBER) && told.lacks(NAME),
            _ => told.lacks(NUMBER),
        })?;
        if [NUMBER, NAME, KANA].into_iter().all(|word| told.lacks(word)) {
            return Err(Failure::new(
                Exit::Usage,
                "宛名番号（number）、氏名（name）、氏名カナ（kana）のどれかで選挙人を指定してください。",
                "name the elector: number, name or kana.",
            ));
        }
        Ok(Search { number: told.text(NUMBER), name: told.text(NAME), kana: told.text(KANA), birth: told.birth()? })
    }

    /// Reads or asks for name and birth date, which is what an envelope is entered by later.
    ///
    /// # Errors
    /// [`Failure`] (64) where nobody can be asked.
    pub fn tell_envelope(&self, global: &Global) -> Result<Search, Failure> {
        let told = self.from.tell(global, &[NUMBER, NAME, KANA, BIRTH], |_, word| matches!(word.key(), "name" | "birth"))?;
        Ok(Search { number: told.text(NUMBER), name: told.text(NAME), kana: told.text(KANA), birth: told.birth()? })
    }

    /// Looks for exactly one person.
    ///
    /// # Errors
    /// [`Failure`]: 64 when nobody is named, 1 when nobody or several fit.
    pub fn find(&self, global: &Global, desk: &Desk) -> Result<Found, Failure> {
        self.find_told(global, desk, &self.tell(global)?)
    }

    /// Looks for exactly one person who was named.
    ///
    /// # Errors
    /// [`Failure`] (1) when nobody or several fit.
    pub fn find_told(&self, global: &Global, desk: &Desk, search: &Search) -> Result<Found, Failure> {
        let looked = if self.attended {
            match desk.look_attended(search)? {
                Attended::Found(looked) => *looked,
                Attended::Waiting(pending) => {
                    print_waiting(global, &pending);
                    return Ok(Found::Waiting);
                }
            }
        } else {
            desk.look(&LookFor::Search(search.clone()))?
        };
        Ok(Found::One(Box::new(one(&looked, At::Command)?.clone()), Box::new(looked)))
    }
}

/// Says that a look-up waits for a second official.
fn print_waiting(global: &Global, pending: &Pending) {
    if global.json {
        outln!("{}", serde_json::json!(pending));
        return;
    }
    outln!("{}", global.pick("名簿はまだ調べていません。別の職員の承認を待っています。", "Nobody was looked for yet. Another official must approve."));
    outln!("{}: tachiai approve {}", global.pick("承認する職員のコマンド", "the other official runs"), pending.id);
}

/// Who signs.
#[derive(Args, Debug)]
pub struct Officers {
    /// The key file of an officer who signs; once for each
    #[arg(long = "officer", value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Read the passphrases from this file descriptor, a line for each --officer in their order
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<i32>,
}

impl Officers {
    /// Opens every key.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(&self, global: &Global) -> Result<Vec<OfficerKey>, Failure> {
        if self.files.len() > OFFICERS {
            return Err(Failure::new(Exit::Usage, format!("署名者は{OFFICERS}人までです。"), format!("at most {OFFICERS} officers sign.")));
        }
        if let Some(fd) = self.passphrase_fd {
            let lines = secret_input::read_lines::<OFFICERS>(fd)?;
            return self.files.iter().zip(&lines).map(|(file, passphrase)| OfficerKey::open(file, passphrase)).collect();
        }
        let open = |file: &PathBuf| {
            let prompt = format!("{} ({})", global.pick("管理者・立会人の鍵のパスフレーズ", "passphrase of the officer's key"), file.display());
            OfficerKey::open(file, &secret_input::read(None, &prompt)?)
        };
        self.files.iter().map(open).collect()
    }
}

/// Prints an elector with all that stands for them.
pub fn print_elector(global: &Global, elector: &DeskElector) {
    let lang = global.lang();
    let DeskElector { number, name, kana, birth, address, district, bars, contests, paper, absentee: _, declaration, .. } = elector;
    outln!("{}（{}）  {birth}  {}", printable(name), printable(kana), printable(address));
    outln!("  {}: {number}  {}: {}", lang.pick("宛名番号", "number"), lang.pick("投票区", "district"), lang.pick(&district.ja, &district.en));
    for contest in contests {
        outln!("  {}: {}", lang.pick(&contest.title.ja, &contest.title.en), contest.state.say(lang));
    }
    if let Some(paper) = paper {
        outln!("  {}: {}  {}", lang.pick("交付した投票所", "handed out at"), lang.pick(&paper.place_name.ja, &paper.place_name.en), paper.at.in_japan(lang));
    }
    if let Some(declaration) = declaration {
        let (title, reason) = (lang.pick("期日前投票宣誓書", "declaration for early voting"), lang.pick(&declaration.reason.ja, &declaration.reason.en));
        outln!("  {title}: {reason}（{}）", declaration.filed.in_japan(lang));
    }
    for bar in bars {
        outln!("  ✗ {}", bar.say(lang));
    }
}
