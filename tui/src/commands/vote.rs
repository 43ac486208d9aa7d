//! The voter's commands. What is chosen on a ballot is in `choices.rs`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use age::secrecy::SecretString;
use clap::Args;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::election::roll::{BirthDate, Person};
use tachiai_jpki::StatementPurpose;
use tachiai_schemas::election::{Authority, CrlRequirement};
use tachiai_schemas::receipt::{OpeningFile, Receipt};
use tachiai_schemas::{ElectionId, HashBytes, Lang, LeafIndex, Refusal};

use crate::card::{Attributes, Card, LastTry, Pin, PinName, Watched};
use crate::cli::Global;
use crate::client::Client;
use crate::commands::ask::ask_yes;
use crate::commands::card::choice::CardChoice;
use crate::commands::card::holder::{announce, certificate_before_pin, check_pin, leave, now, say_signing, verified};
use crate::draft::{Draft, replace_json};
use crate::failure::{Exit, Failure};
use crate::secret_input;
use crate::voter::{self, Booth, Holder, Kept, Outs, Pinned, Sealed};

mod choices;

use choices::{Purpose, ask_choices, confirm_choices, confirm_opening, given_choices, listed, parse_choices, refuse_outs, say_outs};

/// The server and the card.
#[derive(Args, Debug)]
pub struct Line {
    /// The server, https://host:port
    #[arg(long, value_name = "URL")]
    server: String,
    /// The appliance's certificate authority, PEM
    #[arg(long, value_name = "PEM")]
    ca: PathBuf,
    #[command(flatten)]
    choice: CardChoice,
    /// This device's memory of enrolled cards and checkpoints [default: ~/.local/state/tachiai]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Spend the last try of a PIN or password if need be
    #[arg(long)]
    last_try: bool,
}

impl Line {
    pub(super) fn client(&self, lang: Lang) -> Result<Client, Failure> {
        Client::new(&self.server, &self.ca, None, lang)
    }

    /// The card that was chosen.
    pub(super) fn open_card(&self, global: &Global) -> Result<Card<Watched>, Failure> {
        self.choice.open(global)
    }

    pub(super) const fn last(&self) -> LastTry {
        if self.last_try { LastTry::Spend } else { LastTry::Keep }
    }

    fn state(&self) -> Option<PathBuf> {
        let default = || {
            let base = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
            Some(base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")))?.join("tachiai"))
        };
        self.state.clone().or_else(default)
    }

    pub(super) fn remember(&self, name: &str, text: &str) -> Result<(), Failure> {
        let Some(dir) = self.state() else { return Ok(()) };
        std::fs::create_dir_all(&dir).map_err(|e| Failure::file(&dir, &e))?;
        let path = dir.join(name);
        let fresh = path.with_extension("new");
        std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, &path)).map_err(|e| Failure::file(&path, &e))
    }

    fn recall(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.state()?.join(name)).ok()
    }
}

fn missing(argument: &str) -> Failure {
    Failure::new(Exit::Usage, format!("{argument} を指定してください。"), format!("{argument} is missing."))
}

/// What makes a ballot.
#[derive(Args, Debug)]
struct Ballot {
    #[command(flatten)]
    line: Line,
    /// The election
    #[arg(long, value_name = "ID", required = true)]
    election: Option<ElectionId>,
    /// The fingerprint in the public notice
    #[arg(long, value_name = "FINGERPRINT")]
    manifest: Fingerprint,
    /// CONTEST=OPTION[,OPTION…], once for each contest; nothing after = is a blank vote; asked for when absent
    #[arg(long = "choice", value_name = "CONTEST=OPTION")]
    choices: Vec<String>,
    /// Read the 4-digit PIN from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    pin_fd: Option<i32>,
    /// Check the roll's entry against the card's own text with the 4-digit PIN for it, read from this file descriptor; if it is the same as
    /// --pin-fd it has both, a line each, this one first
    #[arg(long, value_name = "N")]
    text_pin_fd: Option<i32>,
    /// Do not ask whether the choices are right, nor whether a ballot may be opened
    #[arg(long)]
    yes: bool,
    /// Where to write the receipt [default: receipt-ELECTION-LEAF.json]
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

/// Vote with a card.
///
/// After the receipt you may have the ballot opened instead of counted, to check this device on another one; then vote again. Who wants to decide
/// later keeps the opening.
///
/// Example: `tachiai vote --server https://vote.example.jp:8443 --ca ca.pem --election ID --manifest abcd-efgh-… --choice mayor=sato`
#[derive(Args, Debug)]
pub struct Vote {
    #[command(flatten)]
    ballot: Ballot,
    /// Keep what opens the ballot in this file, encrypted, for `tachiai challenge --kept FILE`; whoever opens it sees the vote
    #[arg(long, value_name = "FILE")]
    keep_opening: Option<PathBuf>,
    /// Read the passphrase of the kept opening from this file descriptor instead of the terminal
    #[arg(long, value_name = "N", requires = "keep_opening")]
    opening_passphrase_fd: Option<i32>,
}

/// By which device a voting key was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// This one.
    This,
    /// Another one, as far as this one knows.
    Other,
}

/// A recorded ballot, and where its receipt is.
struct Recorded<'a> {
    ballot: &'a Ballot,
    booth: Booth,
    /// By which device a key was registered before, if there was one.
    before: Option<By>,
    pinned: Arc<Pinned>,
    cast: voter::Cast,
    path: PathBuf,
}

impl Vote {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`]; once the ballot is recorded, it says so.
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let receipt = Draft::begin(self.ballot.receipt.as_deref())?;
        let keep = match &self.keep_opening {
            Some(path) => Some((
                Draft::begin(Some(path))?,
                secret_input::read_new(self.opening_passphrase_fd, passphrase_name(global), global.pick("もう一度", "again"))?,
            )),
            None => None,
        };
        let recorded = self.ballot.record(global, receipt, Purpose::Count)?;
        let (hash, leaf) = (recorded.cast.receipt.ballot, recorded.cast.receipt.leaf);
        self.after(global, recorded, keep).map_err(|failure| is_recorded(failure, hash, leaf))
    }

    fn after(&self, global: &Global, recorded: Recorded<'_>, keep: Option<(Draft, SecretString)>) -> Result<Exit, Failure> {
        let kept = match keep {
            Some((draft, passphrase)) => Some(draft.finish("", &recorded.booth.keep(&recorded.cast).seal(&passphrase)?)?),
            None => None,
        };
        recorded.audit(&[&recorded.cast.receipt])?;
        let receipt = &recorded.cast.receipt;
        if global.json {
            let before = recorded.booth.before().map(|before| {
                let mut before = serde_json::json!(before);
                before["this_device"] = (recorded.before == Some(By::This)).into();
                before
            });
            outln!(
                "{}",
                serde_json::json!({ "receipt": recorded.path, "leaf": receipt.leaf, "ballot": receipt.ballot, "at": receipt.at, "kept": kept, "registered_before": before })
            );
            return Ok(Exit::Done);
        }
        outln!("{}", global.pick("投票が完了しました", "Your vote is recorded."));
        print_receipt(global, receipt, &recorded.path);
        if let Some(kept) = kept {
            outln!("{}: tachiai challenge --kept {} …", global.pick("あとで中身を確かめるには", "To check this ballot later"), kept.display());
            return Ok(Exit::Done);
        }
        let question = global.pick(
            "この投票を数えずに、別の端末で中身を確かめますか？（そのあと投票し直せます） [y/N] ",
            "Challenge this ballot instead of counting it? It is opened for a check on another device, and you vote again. [y/N] ",
        );
        if std::io::stdin().is_terminal() && ask_yes(question)? {
            return recorded.challenge(global, None);
        }
        Ok(Exit::Done)
    }
}

impl Recorded<'_> {
    /// Checks that the receipts are of the history that was pinned, and keeps the newest checkpoint for the next visit.
    fn audit(&self, receipts: &[&Receipt]) -> Result<(), Failure> {
        let newest = self.booth.audit(receipts)?;
        self.ballot.line.remember(&format!("{}.checkpoint", self.pinned.election), newest.as_str())
    }

    /// Has the ballot opened instead of counted; the opening goes into `draft` or beside the receipt.
    fn challenge(self, global: &Global, draft: Option<Draft>) -> Result<Exit, Failure> {
        let draft = draft.map_or_else(|| Draft::begin(Some(&opening_path(&self.path))), Ok)?;
        let receipt = self.cast.receipt.clone();
        let (challenged, opening) = self.booth.challenge(&self.cast).map_err(|f| self.ballot.keep_refusal(&self.pinned, f))?;
        let opening_path = draft.finish_json(opening_path(&self.path), &opening)?;
        replace_json(&self.path, &self.booth.receipt_file(&receipt, Some(&challenged))?)?;
        self.audit(&[&receipt, &challenged])?;
        print_challenged(global, &receipt, &challenged, &self.path, &opening_path, &opening);
        Ok(Exit::Done)
    }
}

fn opening_path(receipt: &Path) -> PathBuf {
    receipt.with_extension("opening.json")
}

fn is_recorded(failure: Failure, ballot: Option<HashBytes>, leaf: LeafIndex) -> Failure {
    let hash = ballot.map(|ballot| ballot.hash().to_string()).unwrap_or_default();
    failure.and(
        format!("投票そのものは記録されています（受付番号 {leaf}、投票の控え {hash}）。"),
        format!("The ballot itself is recorded (leaf {leaf}, ballot hash {hash})."),
    )
}

/// What the passphrase of a kept opening is called.
fn passphrase_name(global: &Global) -> &'static str {
    global.lang().pick("保管する投票のパスフレーズ", "passphrase of the kept opening")
}

/// Says that a voting key was registered for this slot before. Only its holder can tell whether that was the holder: nobody else looks at the own slot.
/// `own` are the keys that this device ever asked to have registered, a line each.
/// Gives by which device it was.
fn tell_before(global: &Global, booth: &Booth, own: &str) -> Option<By> {
    let before = booth.before()?;
    let (leaf, number, key) = (before.leaf, u64::from(before.seq) + 1, before.voting_key.to_string());
    if own.lines().any(|own| own == key) {
        return Some(By::This);
    }
    eprintln!(
        "{}",
        match global.lang() {
            Lang::Ja => format!(
                "注意: あなたの投票者枠には、この端末のものではない投票の鍵がすでに登録されています（受付番号 {leaf}、{number} 回目の登録）。ほかの端末で投票した覚えがなければ、選挙管理委員会に知らせてください。この投票の後は、新しい投票だけが数えられます。"
            ),
            Lang::En => format!(
                "careful: a voting key that is not this device's was registered for your slot before (leaf {leaf}, registration number {number}). If you did not vote on another device, tell the election commission. After this vote only the new ballot counts."
            ),
        }
    );
    Some(By::Other)
}

/// The card's PINs, as far as they were read before the card was asked for anything.
struct Typed {
    text: Pin,
    authentication: Pin,
}

impl Ballot {
    /// Votes and writes the receipt.
    fn record(&self, global: &Global, draft: Draft, purpose: Purpose) -> Result<Recorded<'_>, Failure> {
        let election = self.election.ok_or_else(|| missing("--election"))?;
        let client = self.line.client(global.lang())?;
        let stored = self.line.recall(&format!("{election}.checkpoint"));
        let pinned = Pinned::fetch(&client, election, Some(&self.manifest), stored.as_deref())?;
        print_election(global, &pinned);
        // Before the PIN: afterwards a voting key stands on the board for good.
        self.agree(global, &client, &pinned, purpose)?;
        let (mut booth, before) = self.enter(global, &client, &pinned)?;
        let sealed = self.seal(global, &client, &mut booth, &pinned).map_err(key_registered)?;
        let hash = sealed.hash();
        let receipt = booth.send(&sealed).map_err(|failure| match failure.code {
            Some(code) if code != Refusal::Fault => self.keep_refusal(&pinned, failure),
            _ => failure.and(
                format!("投票が記録されたかどうかは分かりません（投票の控え {hash}）。もう一度投票すると、新しい投票だけが数えられます。"),
                format!("Whether the ballot was recorded is not known (ballot hash {hash}). If you vote again, only the newer ballot counts."),
            ),
        })?;
        let leaf = receipt.leaf;
        let recorded = |failure| is_recorded(failure, Some(hash.into()), leaf);
        let cast = booth.accept(sealed, receipt).map_err(recorded)?;
        let file = booth.receipt_file(&cast.receipt, None).map_err(recorded)?;
        let path = draft.finish_json(format!("receipt-{election}-{leaf}.json"), &file).map_err(recorded)?;
        Ok(Recorded { ballot: self, booth, before, pinned, cast, path })
    }

    /// Writes a refusal that the board signed beside the receipt's place, so that the voter can complain with it.
    fn keep_refusal(&self, pinned: &Pinned, mut failure: Failure) -> Failure {
        let Some(signed) = failure.signed.take() else { return failure };
        if !pinned.signed(&signed) || failure.code.is_none_or(|code| code.code() != signed.code) {
            return failure.and("この拒否には、選挙の鍵による正しい署名がありません。", "The refusal does not carry a valid signature of the election's key.");
        }
        let folder = self.receipt.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let path = folder.join(format!("refusal-{}.json", signed.request.hash()));
        match Draft::begin(Some(&path)).and_then(|draft| draft.finish_json("", &signed)) {
            Ok(path) => failure.and(
                format!("選挙の鍵で署名された拒否を保存しました: {}", path.display()),
                format!("The refusal, signed by the election's key, is in {}", path.display()),
            ),
            Err(unwritten) => failure.and(unwritten.ja, unwritten.en),
        }
    }

    /// Checks choices that were given, and has the voter agree to what can be agreed to before the card says which district's ballot it is.
    fn agree(&self, global: &Global, client: &Client, pinned: &Pinned, purpose: Purpose) -> Result<(), Failure> {
        let agreed = if self.choices.is_empty() {
            self.yes || purpose == Purpose::Count || confirm_opening(global)?
        } else {
            let (contests, choices) = given_choices(pinned, &self.choices, &pinned.outs(client)?)?;
            self.yes || confirm_choices(global, &contests, &choices, purpose)?
        };
        if agreed { Ok(()) } else { Err(not_agreed()) }
    }

    fn enter(&self, global: &Global, client: &Client, pinned: &Arc<Pinned>) -> Result<(Booth, Option<By>), Failure> {
        self.register(global, client, pinned).map_err(|failure| match failure.exit {
            // Without a registered key no ballot can have gone out.
            Exit::Card => failure
                .and("投票は記録されていません。これより前の投票の扱いは変わりません。", "No ballot was recorded. What you voted before stands as it did."),
            _ => failure,
        })
    }

    /// Asks for the PIN and registers a voting key: all that takes the card.
    /// Gives besides by which device the key before it was registered.
    fn register(&self, global: &Global, client: &Client, pinned: &Arc<Pinned>) -> Result<(Booth, Option<By>), Failure> {
        let mut card = self.line.open_card(global)?;
        let last = self.line.last();
        let certificate = certificate_before_pin(&mut card)?;
        announce(global, client.host(), &[StatementPurpose::Login, StatementPurpose::RegisterKey]);
        let typed = self.both_pins(&card)?;
        let known = match (&typed, self.text_pin_fd) {
            (Some(typed), _) => Some(person_of_text(&card.attributes(&typed.text, last)?)?),
            (None, Some(fd)) => Some(known_person(global, fd, last, &mut card)?),
            (None, None) => None,
        };
        let pin = match typed {
            Some(Typed { authentication, .. }) => card.verify_pin(&authentication, last).map(|()| authentication)?,
            None => verified(global, self.pin_fd, PinName::Authentication, last, &mut card, check_pin)?,
        };
        let certificate = certificate.map_or_else(|| card.authentication_certificate(), Ok)?;
        let remembered = self.line.recall(&format!("{}.person", voter::card_name(&certificate)));
        let mut ask = |person: &Person| match &remembered {
            Some(hash) => Ok(*hash == person.hash().to_string()),
            None => confirm_person(global, person),
        };
        let holder = match &known {
            Some(person) => Holder::Known(person),
            None => Holder::Asked(&mut ask),
        };
        say_signing(global);
        let refused = |failure| self.keep_refusal(pinned, failure);
        let registration = Booth::prepare(client, pinned, &mut card, &pin, last, holder, now()).map_err(refused)?;
        leave(global, card);
        // Before anything is sent: whether it was recorded may never be heard of.
        let name = format!("{}.{}.voting-keys", pinned.election, voter::card_name(&certificate));
        let own = self.line.recall(&name).unwrap_or_default();
        self.line.remember(&name, &format!("{own}{}\n", registration.voting_key()))?;
        let booth = registration.register().map_err(refused)?;
        let before = tell_before(global, &booth, &own);
        Ok((booth, before))
    }

    /// Both PINs from one descriptor, a line each; both have the right shape before either is shown to the card.
    fn both_pins(&self, card: &Card<Watched>) -> Result<Option<Typed>, Failure> {
        match (self.text_pin_fd, self.pin_fd) {
            (Some(fd), Some(same)) if fd == same => {
                let [text, authentication] = secret_input::read_lines(fd)?;
                let pin = |name, typed| Pin::by(card.generation().rule(name), typed);
                Ok(Some(Typed { text: pin(PinName::Text, &text)?, authentication: pin(PinName::Authentication, &authentication)? }))
            }
            _ => Ok(None),
        }
    }

    fn seal(&self, global: &Global, client: &Client, booth: &mut Booth, pinned: &Pinned) -> Result<Sealed, Failure> {
        let outs: Outs = pinned.outs(client)?;
        let ballot = listed(&pinned.manifest, booth.contests());
        say_outs(global, pinned, &ballot, &outs);
        let choices = if self.choices.is_empty() {
            ask_choices(global, &ballot, &outs)?
        } else {
            parse_choices(&ballot.iter().map(|(_, contest)| *contest).collect::<Vec<_>>(), &self.choices)?
        };
        refuse_outs(&ballot, &choices, &outs)?;
        if !self.yes && self.choices.is_empty() && !confirm_choices(global, &ballot, &choices, Purpose::Count)? {
            return Err(not_agreed());
        }
        booth.seal(&choices)
    }
}

fn not_agreed() -> Failure {
    Failure::refused("投票していません。もう一度実行してください。", "you did not vote. Run the command again.")
}

/// A failure after the registration of the voting key, before a ballot was sent.
fn key_registered(failure: Failure) -> Failure {
    failure.and(
        "投票の鍵は登録されましたが、投票は記録されていません。これより前の投票の扱いは変わりません。",
        "No ballot was recorded; a voting key was registered. What you voted before stands as it did.",
    )
}

fn known_person(global: &Global, fd: i32, last: LastTry, card: &mut Card<Watched>) -> Result<Person, Failure> {
    let attributes = verified(global, Some(fd), PinName::Text, last, card, |card, typed, last| {
        card.attributes(&Pin::by(card.generation().rule(PinName::Text), typed)?, last)
    })?;
    person_of_text(&attributes)
}

/// Have a ballot opened instead of counted, and check it on a second device.
///
/// The honest check is to decide after the receipt, so that the device cannot know: answer yes when `tachiai vote` asks, or give a ballot that
/// `tachiai vote --keep-opening FILE` kept, with --kept. Without --kept this command votes and challenges at once, which shows how it is done but
/// lets a device cheat that knows what is coming. Nothing that you voted counts then, until you vote again: so it asks first, unless --yes is given.
/// Check with: tachiai-verify ballot RECEIPT OPENING
#[derive(Args, Debug)]
#[command(mut_arg("election", |election| election.required(false).required_unless_present("kept")))]
pub struct Challenge {
    #[command(flatten)]
    ballot: Ballot,
    /// Challenge the ballot in this file, which `tachiai vote --keep-opening FILE` made
    #[arg(long, value_name = "FILE", conflicts_with_all = ["card", "reader", "election", "choices", "pin_fd", "text_pin_fd"])]
    kept: Option<PathBuf>,
    /// Read the passphrase of the kept opening from this file descriptor instead of the terminal
    #[arg(long, value_name = "N", requires = "kept")]
    opening_passphrase_fd: Option<i32>,
    /// Where to write the opening [default: beside the receipt, .opening.json]
    #[arg(long, value_name = "FILE")]
    opening: Option<PathBuf>,
}

impl Challenge {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let receipt = Draft::begin(self.ballot.receipt.as_deref())?;
        let wanted = self.opening.clone().or_else(|| self.ballot.receipt.as_deref().map(opening_path));
        let opening = wanted.map(|path| Draft::begin(Some(&path))).transpose()?;
        if let Some(path) = &self.kept {
            return self.challenge_kept(global, path, receipt, opening);
        }
        let recorded = self.ballot.record(global, receipt, Purpose::Open)?;
        let (hash, leaf) = (recorded.cast.receipt.ballot, recorded.cast.receipt.leaf);
        recorded.challenge(global, opening).map_err(|failure| is_recorded(failure, hash, leaf))
    }

    fn challenge_kept(&self, global: &Global, path: &Path, receipt: Draft, opening: Option<Draft>) -> Result<Exit, Failure> {
        let ballot = &self.ballot;
        let sealed = std::fs::read(path).map_err(|e| Failure::file(path, &e))?;
        let kept = Kept::open(&sealed, &secret_input::read(self.opening_passphrase_fd, passphrase_name(global))?)?;
        let client = ballot.line.client(global.lang())?;
        let memory = format!("{}.checkpoint", kept.election);
        let pinned = Pinned::fetch(&client, kept.election, Some(&ballot.manifest), ballot.line.recall(&memory).as_deref())?;
        print_election(global, &pinned);
        if !ballot.yes && !confirm_opening(global)? {
            return Err(Failure::refused("開いていません。この投票は数えられます。", "nothing was opened. The ballot counts as it did."));
        }
        let opening = opening.map_or_else(|| Draft::begin(None), Ok)?;
        let (challenged, opened) = pinned.challenge(&client, &kept).map_err(|f| ballot.keep_refusal(&pinned, f))?;
        // The opening is in memory only, so it is written before anything else can fail.
        let name = format!("receipt-{}-{}.challenged.json", kept.election, kept.receipt.leaf);
        let opening_path = opening.finish_json(opening_path(Path::new(&name)), &opened)?;
        let receipt_path = receipt.finish_json(name, &pinned.receipt_file(&client, kept.registration(), &kept.receipt, Some(&challenged))?)?;
        let newest = pinned.audit(&client, &[&kept.receipt, &challenged])?;
        ballot.line.remember(&memory, newest.as_str())?;
        print_challenged(global, &kept.receipt, &challenged, &receipt_path, &opening_path, &opened);
        Ok(Exit::Done)
    }
}

fn print_challenged(global: &Global, receipt: &Receipt, challenged: &Receipt, path: &Path, opening_path: &Path, opening: &OpeningFile) {
    if global.json {
        outln!("{}", serde_json::json!({ "receipt": path, "opening": opening_path, "leaf": receipt.leaf, "challenged": challenged.leaf }));
        return;
    }
    print_receipt(global, receipt, path);
    print_qr(&serde_json::json!(opening).to_string());
    outln!(
        "{}\n  tachiai-verify ballot {} {}",
        global.pick(
            "この投票は数えられません。それより前の投票も、置き換えられたまま数えられません。別の端末で中身を確かめ、もう一度投票してください:",
            "This ballot does not count, and neither does any that it replaced. Check it on another device, then vote again:"
        ),
        path.display(),
        opening_path.display()
    );
}

/// The title, the legal authority, and whether revocation is checked.
fn print_election(global: &Global, pinned: &Pinned) {
    if global.json {
        return;
    }
    outln!("{}", global.pick(&pinned.manifest.title.ja, &pinned.manifest.title.en));
    outln!("{}", authority_notice(global.lang(), pinned.manifest.authority));
    if let Some(notice) = crl_notice(global.lang(), pinned.manifest.crl) {
        outln!("{notice}");
    }
}

fn print_receipt(global: &Global, receipt: &Receipt, path: &Path) {
    outln!("{}: {}", global.pick("受付番号", "leaf"), receipt.leaf);
    outln!("{}: {}", global.pick("受付時刻", "time"), receipt.at.in_japan(global.lang()));
    if let Some(ballot) = receipt.ballot {
        outln!("{}: {}", global.pick("投票の控え", "ballot hash"), ballot.hash());
    }
    outln!("{}: {}", global.pick("受領証", "receipt"), path.display());
}

/// Prints a QR code where it fits; a file holds the same.
fn print_qr(text: &str) {
    if !std::io::stdout().is_terminal() {
        return;
    }
    if let Ok(code) = qrcode::QrCode::new(text.as_bytes()) {
        outln!("{}", code.render::<qrcode::render::unicode::Dense1x2>().build());
    }
}

/// The sentence about the legal authority that every screen shows.
#[must_use]
pub fn authority_notice(lang: Lang, authority: Authority) -> &'static str {
    match authority {
        Authority::Statutory => lang.pick("公職選挙法による選挙", "an election under the Public Offices Election Act"),
        Authority::Ordinance => lang.pick("条例による投票", "a vote under a municipal ordinance"),
        Authority::Mock => lang.pick("模擬選挙：法的な効力はありません", "a mock election without legal effect"),
        Authority::SpecialZone => lang.pick("国家戦略特区による選挙", "an election in a national strategic special zone"),
    }
}

/// The sentence that every screen shows where cards are not held against a revocation list.
#[must_use]
pub fn crl_notice(lang: Lang, crl: CrlRequirement) -> Option<&'static str> {
    match crl {
        CrlRequirement::Required => None,
        CrlRequirement::NotRequired => Some(lang.pick("カードの失効は確認されません", "revocation of cards is not checked")),
    }
}

fn person_of_text(attributes: &Attributes) -> Result<Person, Failure> {
    let unknown = || {
        Failure::new(
            Exit::Card,
            "カードの生年月日を読み取れません。市の窓口へお越しください。",
            "the card's date of birth cannot be used. Please go to the city's counter.",
        )
    };
    let digits = &attributes.birth;
    let (Some(year), Some(month), Some(day)) = (digits.get(..4), digits.get(4..6), digits.get(6..8)) else { return Err(unknown()) };
    let birth: BirthDate = format!("{year}-{month}-{day}").parse().map_err(|_| unknown())?;
    Ok(Person { name: attributes.name.clone(), birth, sex: attributes.sex.into(), address: attributes.address.clone() })
}

fn confirm_person(global: &Global, person: &Person) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            Exit::Usage,
            "この端末で登録したカードではなく、質問もできないため、ご本人の名簿かどうか確かめられません。--text-pin-fd N で券面事項入力補助用の暗証番号を渡してください。",
            "this card was not enrolled on this device and nobody can be asked, so it is not known whose entry of the roll this is. \
             Give the PIN for the card's text with --text-pin-fd N.",
        ));
    }
    eprintln!(
        "{}: {}\n{}: {}\n{}: {}",
        global.pick("氏名", "name"),
        person.name,
        global.pick("生年月日", "birth date"),
        person.birth,
        global.pick("住所", "address"),
        person.address
    );
    if ask_yes(global.pick("ご本人ですか？ [y/N] ", "Is this you? [y/N] "))? {
        return Ok(true);
    }
    Err(Failure::refused(
        "投票していません。何も記録されていません。ご本人の情報であれば、もう一度実行してください。別の方の情報であれば、選挙管理委員会に知らせてください。",
        "you did not vote, and nothing was recorded. If this is you, run the command again. If it is somebody else, tell the election commission.",
    ))
}
