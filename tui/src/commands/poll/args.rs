//! The options that say which desk, which elector and which officers are meant.

use std::path::PathBuf;

use clap::Args;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::desk::{DeskElector, LookFor, Looked, Search};
use tachiai_schemas::paper::{PlaceKind, Session};
use tachiai_schemas::staff::Pending;
use tachiai_schemas::{Lang, Say};

use crate::card::printable;
use crate::cli::{Global, WhichElection};
use crate::commands::told::{BIRTH, KANA, NAME, NUMBER, WhoFd};
use crate::failure::{Exit, Failure};
use crate::poll::desk::{Attended, Desk, local_time};
use crate::poll::key::DeskKey;
use crate::poll::known::{Known, session_at};
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
        let default = || {
            let base = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
            Some(base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")))?.join("tachiai/desk"))
        };
        let missing = || Failure::new(Exit::Usage, "--state を指定してください。", "name --state.");
        self.state.clone().or_else(default).ok_or_else(missing)
    }

    /// The desk. It needs the appliance only if it does not know the election yet.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open(&self, global: &Global) -> Result<Desk, Failure> {
        let key = DeskKey::open(&self.desk)?;
        let client = global.staff()?;
        let state = self.state()?;
        let known = match (Known::recall(&state, self.which.election), &self.manifest) {
            (Ok(known), None) => known,
            (Ok(known), Some(expected)) if known.fingerprint.matches(expected) => known,
            (_, Some(expected)) => Known::fetch(&client, &state, self.which.find(&client)?, expected)?,
            (Err(failure), None) => return Err(failure),
        };
        let place = known.place_of(&key.public())?.0;
        Ok(Desk { client, known, key, place })
    }

    /// What the desk keeps while the link is cut.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn queue(&self, desk: &Desk) -> Result<Queue, Failure> {
        Queue::of(&self.state()?, desk.known.election)
    }
}

/// The session of a desk at a time.
///
/// # Errors
/// [`Failure`] (1) outside of all sessions, with the hours.
pub fn session(desk: &Desk, now: tachiai_schemas::Timestamp) -> Result<u16, Failure> {
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
        Failure::new(Exit::Usage, "この投票所はまだ開いていません。--session で指定してください。", "this place has not opened yet. Name one with --session.")
    };
    session_at(place, now).map(|(session, _)| session).or_else(last).ok_or_else(none)
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
        one(looked)
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

/// Exactly one person.
fn one(looked: Looked) -> Result<Found, Failure> {
    match looked.found.as_slice() {
        [one] => Ok(Found::One(Box::new(one.clone()), Box::new(looked))),
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
            Err(Failure::refused(
                format!("{count}人が該当します。宛名番号（number）か生年月日（birth）で1人に絞ってください。\n{lines}"),
                format!("{count} electors fit. Name one by number or birth.\n{lines}"),
            ))
        }
    }
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

/// What an elector without a declaration fills in at an early place.
pub fn wants_declaration(desk: &Desk, elector: &DeskElector) -> bool {
    elector.declaration.is_none() && desk.listed().is_ok_and(|place| place.kind == PlaceKind::Early)
}
