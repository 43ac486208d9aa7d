//! The voter's commands.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::Args;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::election::roll::{BirthDate, Person, Sex};
use tachiai_schemas::election::{Authority, Choice, Contest, CrlRequirement};
use tachiai_schemas::receipt::{Receipt, ReceiptFile};
use tachiai_schemas::{ElectionId, Lang, canonical};

use crate::card::{Attributes, Card, LastTry, Password, Pin, SocketTransport};
use crate::cli::Global;
use crate::client::Client;
use crate::failure::{Exit, Failure};
use crate::secret_input;
use crate::voter::{self, Booth, Holder, Pinned};

/// How long a card may take for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server and the card.
#[derive(Args, Debug)]
pub struct Line {
    /// The server, https://host:port
    #[arg(long, value_name = "URL")]
    server: String,
    /// The appliance's certificate authority, PEM
    #[arg(long, value_name = "PEM")]
    ca: PathBuf,
    /// The Unix socket of a card process
    #[arg(long, value_name = "SOCKET")]
    card: PathBuf,
    /// This device's memory of enrolled cards and checkpoints [default: ~/.local/state/tachiai]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Spend the last try of a PIN or password if need be
    #[arg(long)]
    last_try: bool,
}

impl Line {
    fn client(&self, lang: Lang) -> Result<Client, Failure> {
        Client::new(&self.server, &self.ca, None, lang)
    }

    fn open_card(&self) -> Result<Card<SocketTransport>, Failure> {
        Ok(Card::open(SocketTransport::connect(&self.card, PATIENCE)?)?)
    }

    const fn last(&self) -> LastTry {
        if self.last_try { LastTry::Spend } else { LastTry::Keep }
    }

    fn state(&self) -> Option<PathBuf> {
        let default = || {
            let base = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
            Some(base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")))?.join("tachiai"))
        };
        self.state.clone().or_else(default)
    }

    fn remember(&self, name: &str, text: &str) -> Result<(), Failure> {
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

/// Bind a card to its holder with the signing password, once.
///
/// Example: tachiai enrol --server https://vote.example.jp:8443 --ca ca.pem --card /run/card
#[derive(Args, Debug)]
pub struct Enrol {
    #[command(flatten)]
    line: Line,
    /// Read the signing password from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    password_fd: Option<i32>,
}

impl Enrol {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = self.line.client(global.lang())?;
        let mut card = self.line.open_card()?;
        let certificate = card.authentication_certificate()?;
        let password = Password::new(&secret_input::read(self.password_fd, global.pick("署名用パスワード", "signing password"))?)?;
        let (enrolled, person) = voter::enrol(&client, &mut card, &password, self.line.last())?;
        self.line.remember(&format!("{}.person", voter::card_name(&certificate)), &person.hash().to_string())?;
        card.close()?;
        if global.json {
            println!("{}", serde_json::json!(enrolled));
        } else {
            println!("{}: {}", global.pick("登録しました。市民ID", "enrolled. Citizen ID"), enrolled.citizen);
        }
        Ok(Exit::Done)
    }
}

/// Vote with a card.
///
/// Example: tachiai vote --server https://vote.example.jp:8443 --ca ca.pem --card /run/card --election ID --manifest abcd-efgh-… --choice mayor=sato
#[derive(Args, Debug)]
pub struct Vote {
    #[command(flatten)]
    line: Line,
    /// The election
    #[arg(long, value_name = "ID")]
    election: ElectionId,
    /// The fingerprint in the public notice
    #[arg(long, value_name = "FINGERPRINT")]
    manifest: Fingerprint,
    /// CONTEST=OPTION[,OPTION…], once for each contest; nothing after = is a blank vote; asked for when absent
    #[arg(long = "choice", value_name = "CONTEST=OPTION")]
    choices: Vec<String>,
    /// Read the 4-digit PIN from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    pin_fd: Option<i32>,
    /// Check the roll's entry against the card's own text with the 4-digit PIN for it, read from this file descriptor
    #[arg(long, value_name = "N")]
    text_pin_fd: Option<i32>,
    /// Do not ask whether the choices are right
    #[arg(long)]
    yes: bool,
    /// Where to write the receipt [default: receipt-ELECTION-LEAF.json]
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

impl Vote {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let (mut booth, pinned) = self.enter(global)?;
        let cast = self.cast(global, &mut booth, &pinned)?;
        let path = self.write_receipt(&booth.receipt_file(&cast.receipt, None)?)?;
        self.keep_checkpoint(&pinned)?;
        if global.json {
            println!("{}", serde_json::json!({ "receipt": path, "leaf": cast.receipt.leaf, "ballot": cast.receipt.ballot, "at": cast.receipt.at }));
            return Ok(Exit::Done);
        }
        println!("{}", global.pick("投票が完了しました", "Your vote is recorded."));
        print_receipt(global, &cast.receipt, &path);
        Ok(Exit::Done)
    }

    fn enter(&self, global: &Global) -> Result<(Booth, Arc<Pinned>), Failure> {
        let client = self.line.client(global.lang())?;
        let stored = self.line.recall(&format!("{}.checkpoint", self.election));
        let pinned = Pinned::fetch(&client, self.election, Some(&self.manifest), stored.as_deref())?;
        if !global.json {
            println!("{}", global.pick(&pinned.manifest.title.ja, &pinned.manifest.title.en));
            println!("{}", authority_notice(global.lang(), pinned.manifest.authority));
            if let Some(notice) = crl_notice(global.lang(), pinned.manifest.crl) {
                println!("{notice}");
            }
        }
        let mut card = self.line.open_card()?;
        let known = self.known_person(global, &mut card)?;
        let pin = Pin::new(&secret_input::read(self.pin_fd, global.pick("利用者証明用の暗証番号（4桁）", "PIN of the card (4 digits)"))?)?;
        let certificate = card.authentication_certificate()?;
        let remembered = self.line.recall(&format!("{}.person", voter::card_name(&certificate)));
        let mut ask = |person: &Person| match &remembered {
            Some(hash) => Ok(*hash == person.hash().to_string()),
            None => confirm_person(global, person),
        };
        let holder = match &known {
            Some(person) => Holder::Known(person),
            None => Holder::Asked(&mut ask),
        };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let booth = Booth::enter(&client, &pinned, &mut card, &pin, self.line.last(), holder, now)?;
        card.close()?;
        Ok((booth, pinned))
    }

    fn known_person(&self, global: &Global, card: &mut Card<SocketTransport>) -> Result<Option<Person>, Failure> {
        let Some(fd) = self.text_pin_fd else { return Ok(None) };
        let pin = Pin::new(&secret_input::read(Some(fd), global.pick("券面事項入力補助用の暗証番号", "PIN of the card's text"))?)?;
        person_of_text(&card.attributes(&pin, self.line.last())?).map(Some)
    }

    fn cast(&self, global: &Global, booth: &mut Booth, pinned: &Pinned) -> Result<voter::Cast, Failure> {
        let contests: Vec<&Contest> = booth.contests().filter_map(|i| pinned.manifest.contests.get(usize::from(i))).collect();
        let choices = if self.choices.is_empty() { ask_choices(global, &contests)? } else { parse_choices(&contests, &self.choices)? };
        if !self.yes && self.choices.is_empty() && !confirm_choices(global, &contests, &choices)? {
            return Err(Failure::refused("投票していません。もう一度実行してください。", "nothing was sent. Run the command again."));
        }
        booth.cast(&choices)
    }

    fn write_receipt(&self, file: &ReceiptFile) -> Result<PathBuf, Failure> {
        let path = self.receipt.clone().unwrap_or_else(|| PathBuf::from(format!("receipt-{}-{}.json", self.election, file.receipt.leaf)));
        write_json(&path, file)?;
        Ok(path)
    }

    fn keep_checkpoint(&self, pinned: &Pinned) -> Result<(), Failure> {
        self.line.remember(&format!("{}.checkpoint", self.election), pinned.checkpoint())
    }
}

/// Vote, then have the ballot opened instead of counted, and check it on a second device.
///
/// The ballot does not count; vote again afterwards. Check with: tachiai-verify ballot RECEIPT OPENING
#[derive(Args, Debug)]
pub struct Challenge {
    #[command(flatten)]
    vote: Vote,
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
        let (mut booth, pinned) = self.vote.enter(global)?;
        let cast = self.vote.cast(global, &mut booth, &pinned)?;
        let receipt = cast.receipt.clone();
        let (challenged, opening) = booth.challenge(cast)?;
        let path = self.vote.write_receipt(&booth.receipt_file(&receipt, Some(&challenged))?)?;
        self.vote.keep_checkpoint(&pinned)?;
        let opening_path = self.opening.clone().unwrap_or_else(|| path.with_extension("opening.json"));
        write_json(&opening_path, &opening)?;
        if global.json {
            println!("{}", serde_json::json!({ "receipt": path, "opening": opening_path, "leaf": receipt.leaf, "challenged": challenged.leaf }));
            return Ok(Exit::Done);
        }
        print_receipt(global, &receipt, &path);
        print_qr(&serde_json::json!(opening).to_string());
        println!(
            "{}\n  tachiai-verify ballot {} {}",
            global.pick(
                "この投票は数えられません。別の端末で中身を確かめ、もう一度投票してください:",
                "This ballot does not count. Check it on another device, then vote again:"
            ),
            path.display(),
            opening_path.display()
        );
        Ok(Exit::Done)
    }
}

fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<(), Failure> {
    let bytes = canonical::to_bytes(value).map_err(|e| Failure::file(path, &e))?;
    std::fs::write(path, bytes).map_err(|e| Failure::file(path, &e))
}

fn print_receipt(global: &Global, receipt: &Receipt, path: &Path) {
    println!("{}: {}", global.pick("受付番号", "leaf"), receipt.leaf);
    println!("{}: {}", global.pick("受付時刻", "time"), receipt.at);
    if let Some(ballot) = receipt.ballot {
        println!("{}: {}", global.pick("投票の控え", "ballot hash"), ballot.hash());
    }
    println!("{}: {}", global.pick("受領証", "receipt"), path.display());
}

/// Prints a QR code where it fits; a file holds the same.
fn print_qr(text: &str) {
    if !std::io::stdout().is_terminal() {
        return;
    }
    if let Ok(code) = qrcode::QrCode::new(text.as_bytes()) {
        println!("{}", code.render::<qrcode::render::unicode::Dense1x2>().build());
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
    let sex = match attributes.sex {
        crate::card::Sex::Male => Sex::Male,
        crate::card::Sex::Female => Sex::Female,
        crate::card::Sex::Unknown | crate::card::Sex::NotApplicable => Sex::Unknown,
    };
    Ok(Person { name: attributes.name.clone(), birth, sex, address: attributes.address.clone() })
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
    println!(
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
        "投票していません。ご本人の情報であれば、もう一度実行してください。別の方の情報であれば、選挙管理委員会に知らせてください。",
        "nothing was sent. If this is you, run the command again. If it is somebody else, tell the election commission.",
    ))
}

fn ask_yes(question: &str) -> Result<bool, Failure> {
    ask(question).map(|answer| matches!(answer.as_str(), "y" | "Y" | "yes" | "はい"))
}

fn ask(question: &str) -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            Exit::Usage,
            "端末ではないため質問できません。--choice などの引数で指定してください。",
            "this is no terminal, so nothing can be asked. Use arguments such as --choice.",
        ));
    }
    print!("{question}");
    let mut line = String::new();
    std::io::stdout().flush().and_then(|()| std::io::stdin().read_line(&mut line)).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
    Ok(line.trim().to_owned())
}

/// Reads `CONTEST=OPTION[,OPTION…]` for every contest of the ballot.
///
/// # Errors
/// [`Failure`] (64) that names an unknown, missing or repeated contest or option, or the wrong number.
pub fn parse_choices(contests: &[&Contest], given: &[String]) -> Result<Vec<Vec<usize>>, Failure> {
    let usage = |ja: String, en: String| Failure::new(Exit::Usage, ja, en);
    let mut found: Vec<Option<Vec<usize>>> = vec![None; contests.len()];
    for choice in given {
        let Some((contest, options)) = choice.split_once('=') else {
            return Err(usage(format!("--choice は CONTEST=OPTION の形です: {choice}"), format!("--choice has the form CONTEST=OPTION: {choice}")));
        };
        let Some(at) = contests.iter().position(|c| c.id == contest) else {
            let all = contests.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(usage(
                format!("「{contest}」という投票はありません。次のいずれかです: {all}"),
                format!("there is no contest \"{contest}\" on this ballot; there are: {all}"),
            ));
        };
        let mut chosen = Vec::new();
        for option in options.split(',').filter(|o| !o.is_empty()) {
            let Some(index) = contests[at].options.iter().position(|o| o.id == option) else {
                let all = contests[at].options.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ");
                return Err(usage(
                    format!("「{option}」という選択肢はありません。次のいずれかです: {all}"),
                    format!("there is no option \"{option}\"; there are: {all}"),
                ));
            };
            chosen.push(index);
        }
        check_number(contests[at], &chosen)?;
        if found[at].replace(chosen).is_some() {
            return Err(usage(format!("「{contest}」が2回指定されています。"), format!("\"{contest}\" is given twice.")));
        }
    }
    contests
        .iter()
        .zip(found)
        .map(|(contest, chosen)| {
            chosen.ok_or_else(|| {
                usage(
                    format!("「{}」の選択がありません（--choice {}=…）。", contest.id, contest.id),
                    format!("no choice for \"{}\" (--choice {}=…).", contest.id, contest.id),
                )
            })
        })
        .collect()
}

fn check_number(contest: &Contest, chosen: &[usize]) -> Result<(), Failure> {
    let mut unique = chosen.to_vec();
    unique.sort_unstable();
    unique.dedup();
    let (right, ja, en) = match contest.choose {
        Choice::Exactly(n) => (chosen.len() == usize::from(n), format!("ちょうど{n}個"), format!("exactly {n}")),
        Choice::UpTo(n) => (chosen.len() <= usize::from(n), format!("{n}個まで"), format!("at most {n}")),
    };
    if right && unique.len() == chosen.len() {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, format!("「{}」は{ja}選びます。", contest.title.ja), format!("choose {en} in \"{}\", each once.", contest.title.en)))
}

fn ask_choices(global: &Global, contests: &[&Contest]) -> Result<Vec<Vec<usize>>, Failure> {
    let mut all = Vec::new();
    for contest in contests {
        println!("\n{}", global.pick(&contest.title.ja, &contest.title.en));
        for (number, option) in (1..).zip(&contest.options) {
            println!("  {number}. {}", global.pick(&option.name.ja, &option.name.en));
        }
        loop {
            let hint = match contest.choose {
                Choice::Exactly(n) => format!("{} {n}", global.pick("選ぶ数:", "choose")),
                Choice::UpTo(n) => format!("{} {n}{}", global.pick("選ぶ数: 最大", "choose at most"), global.pick("（空欄は白票）", " (empty: blank vote)")),
            };
            let answer = ask(&format!("{hint}  {} ", global.pick("番号（,区切り）:", "numbers, separated by commas:")))?;
            let parsed: Option<Vec<usize>> = answer
                .split(',')
                .map(str::trim)
                .filter(|p| !p.is_empty())
                .map(|p| p.parse::<usize>().ok()?.checked_sub(1).filter(|i| *i < contest.options.len()))
                .collect();
            match parsed.map(|chosen| check_number(contest, &chosen).map(|()| chosen)) {
                Some(Ok(chosen)) => {
                    all.push(chosen);
                    break;
                }
                Some(Err(failure)) => println!("{}", tachiai_schemas::Say::say(&failure, global.lang())),
                None => println!("{}", global.pick("番号を入力してください。", "Type numbers from the list.")),
            }
        }
    }
    Ok(all)
}

fn confirm_choices(global: &Global, contests: &[&Contest], choices: &[Vec<usize>]) -> Result<bool, Failure> {
    println!();
    for (contest, chosen) in contests.iter().zip(choices) {
        let names = chosen.iter().map(|i| global.pick(&contest.options[*i].name.ja, &contest.options[*i].name.en)).collect::<Vec<_>>().join("、");
        let names = if names.is_empty() { global.pick("白票", "blank").to_owned() } else { names };
        println!("{}: {names}", global.pick(&contest.title.ja, &contest.title.en));
    }
    ask_yes(global.pick("この内容で投票しますか？ [y/N] ", "Cast this vote? [y/N] "))
}
