//! The life of an election from the specification to the verdict, each step by the programs that people use.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use age::secrecy::ExposeSecret;
use tachiai_schemas::counting::OutcomeView;
use tachiai_schemas::election::Text;
use tachiai_schemas::paper::{LinkPolicy, Officer, OfficerRole, PlaceKind};
use tachiai_schemas::receipt::{BallotStatus, Phase};
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::staff::{Created, Done, ElectionStatus, Pending, RollReport};
use tachiai_schemas::{Lang, Timestamp};

use super::household::{Household, Programs, answered, done};
use super::plan::{self, Person, Throwaway};
use super::protocol::{Protocol, text};
use crate::failure::{Exit, Failure};
use crate::poll::key::DeskKey;
use crate::poll::officer::OfficerKey;

/// What opens every medium and key of a rehearsal; everybody may know it.
pub const PASSPHRASE: &str = "rehearsal-rehearsal-rehearsal";

/// The PIN and the password of every card.
const PIN: &str = "1234";
const PASSWORD: &str = "YABU2026";

/// How long the daemon may take until it listens.
const START: Duration = Duration::from_secs(120);

/// How long a card may take until it listens.
const CARD: Duration = Duration::from_secs(60);

/// How many voters vote at once.
const AT_ONCE: usize = 2;

/// The officials of the commission.
const OFFICIALS: [&str; 2] = ["rehearsal-1", "rehearsal-2"];

/// The official at the polling places.
const POLL: &str = "rehearsal-poll";

/// The files of the officers' keys.
const OFFICERS: [&str; 3] = ["manager", "witness-1", "witness-2"];

/// Everything that is rehearsed.
pub struct Rehearsal {
    lang: Lang,
    quiet: Quiet,
    house: Household,
    programs: Programs,
    spec: ElectionSpec,
    people: Vec<Person>,
    ports: [SocketAddr; 2],
    daemon: u32,
    election: String,
    fingerprint: String,
    /// What was done.
    pub protocol: Protocol,
}

/// Whether steps are told as they are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// They are.
    No,
    /// Only the end is told.
    Yes,
}

/// The people of the real day.
fn commission() -> Text {
    text("選挙管理委員会の職員", "an official of the commission")
}

fn two_officials() -> Text {
    text("選挙管理委員会の職員2人", "two officials of the commission")
}

fn trustees() -> Text {
    text("開票立会人（各自の端末で）", "the trustees, each on their own machine")
}

fn administrator() -> Text {
    text("装置の管理者", "the appliance's administrator")
}

fn voters() -> Text {
    text("有権者（自分のカードと端末で）", "the voters, with their own cards and devices")
}

fn anybody() -> Text {
    text("だれでも", "anybody")
}

/// What a rehearsal leaves out.
fn not_rehearsed(real: &ElectionSpec) -> Vec<Text> {
    let mut left = vec![
        text("本物のマイナンバーカードと J-LIS の失効リスト（試験用カードで代用）", "real cards and J-LIS's revocation lists (test cards stand in)"),
        text("ネットワーク・停電・複数の建物（すべて1台の機械で実行）", "networks, power cuts and several buildings (everything runs on one machine)"),
        text("立会人が鍵の指紋を対面で照合すること", "the trustees' comparing of key fingerprints in person"),
    ];
    if !real.witnesses.keys.is_empty() {
        left.push(text("他団体の証人による連署", "cosignatures by witnesses of other organisations"));
    }
    if !real.places.is_empty() {
        left.push(text(
            "投票所の開設日時（すべての投票所が終日開いているものとして実行）と回線断",
            "the hours of the polling places (all are open all the time), and cut links",
        ));
    }
    if real.places.iter().any(|place| place.kind == PlaceKind::Absentee) {
        left.push(text("不在者投票", "absentee voting"));
    }
    left
}

fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Timestamp::from_unix(seconds.cast_signed()).unwrap_or_else(|_| Timestamp::from_unix(0).unwrap_or_else(|_| unreachable!("the epoch is a time")))
}

fn free_port() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    listener.map_err(|e| Failure::incomplete(format!("空いているポートがありません: {e}。"), format!("there is no free port: {e}.")))
}

impl Rehearsal {
    /// Prepares a rehearsal of this specification for these people in a new folder.
    ///
    /// # Errors
    /// [`Failure`]: a folder that is there, a program that is not, a specification that does not hold.
    pub fn prepare(lang: Lang, quiet: Quiet, real: &ElectionSpec, people: Vec<Person>, dir: &Path) -> Result<Self, Failure> {
        let programs = Programs::beside_this()?;
        let house = Household::create(dir)?;
        let identity = age::x25519::Identity::generate();
        house.write("evidence-key.txt", &format!("{}\n", identity.to_string().expose_secret()))?;
        let officers = house.folder("officers")?;
        let passphrase = PASSPHRASE.into();
        let roles = [
            ("manager", "リハーサル開票管理者", OfficerRole::Manager),
            ("witness-1", "リハーサル開票立会人1", OfficerRole::Witness),
            ("witness-2", "リハーサル開票立会人2", OfficerRole::Witness),
        ];
        let listed = roles.map(|(file, name, role)| {
            let key = OfficerKey::create(&officers.join(format!("{file}.key")), name, &passphrase)?;
            Ok(Officer { name: name.to_owned(), role, key: key.public() })
        });
        let officers = listed.into_iter().collect::<Result<Vec<_>, Failure>>()?;
        let folder = house.folder("desks")?;
        let desks = plan::places(real).map(|place| DeskKey::create(&folder.join(format!("{}.key", place.id))).map(|key| key.public()));
        let desks = desks.collect::<Result<Vec<_>, Failure>>()?;
        let began = now();
        let spec = plan::rehearsed(real, began, Throwaway { recipient: identity.to_public().to_string(), officers, desks });
        let protocol = Protocol::new(spec.title.clone(), began, people.len(), not_rehearsed(real));
        let ports = [free_port()?, free_port()?];
        Ok(Self { lang, quiet, house, programs, spec, people, ports, daemon: 0, election: String::new(), fingerprint: String::new(), protocol })
    }

    /// Holds the election; what did not work is in the protocol, which is written in any case.
    ///
    /// # Errors
    /// [`Failure`] when the protocol cannot be written.
    pub fn hold(mut self) -> Result<Protocol, Failure> {
        // Why a step failed is in the protocol.
        let _ = self.all();
        let json = serde_json::to_string_pretty(&self.protocol).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        self.house.write("protocol.json", &json)?;
        self.house.write("protocol.md", &self.protocol.markdown(self.lang))?;
        Ok(self.protocol)
    }

    fn all(&mut self) -> Result<(), Failure> {
        self.step(text("設定と架空の名簿", "specification, and a roll of invented people"), commission(), Self::write_files)?;
        self.step(
            text("試験用カードの発行", "test cards issued"),
            text("（本番では住民が持っているマイナンバーカード）", "(on the real day: the residents' own cards)"),
            Self::issue_cards,
        )?;
        self.step(text("装置の準備と起動", "appliance made and started"), administrator(), Self::start)?;
        self.step(text("職員証の発行", "staff certificates issued"), administrator(), Self::appoint)?;
        self.step(text("選挙の作成・名簿の取り込み", "election created, roll imported"), commission(), Self::create)?;
        self.step(text("立会人の鍵", "trustees' media"), trustees(), Self::make_media)?;
        self.step(text("鍵の儀式", "key ceremony"), trustees(), Self::ceremony)?;
        self.step(text("投票の開始", "opened"), two_officials(), Self::open)?;
        self.step(text("本人登録と投票（投票所では用紙の交付）", "enrolled and voted, or got papers at a polling place"), voters(), Self::vote)?;
        self.step(text("投票率", "turnout"), commission(), Self::turnout)?;
        self.step(text("オンライン投票の締切", "online voting closed"), two_officials(), |own| own.act("close-online", Phase::OnlineClosed))?;
        self.step(
            text("投票所の締め（投函・持帰りの照合と署名）", "polling places closed: papers compared and signed for"),
            text("投票管理者・投票立会人", "the manager and the witnesses of each place"),
            Self::close_days,
        )?;
        self.step(text("投票の締切", "poll closed"), two_officials(), |own| own.act("close-poll", Phase::PollClosed))?;
        self.step(text("検証・集計宣言・復号", "verified, tally statement, decryption"), trustees(), Self::decrypt)?;
        self.step(text("開票", "counted"), two_officials(), |own| own.act("count", Phase::Tallied))?;
        self.step(
            text("用紙の集計（2人が別々に）と署名", "papers counted by two officials apart, and signed for"),
            text("職員2人、開票管理者・開票立会人", "two officials, and the officers of the count"),
            Self::count_papers,
        )?;
        self.step(
            text("結果の照合（投じた票と）", "result compared with the votes that were cast"),
            text("（リハーサルだけ）", "(in rehearsals only)"),
            Self::compare,
        )?;
        self.step(
            text("くじ（得票同数のとき）", "a lot, where votes are equal"),
            text("開票管理者・開票立会人", "the manager and the witnesses of the count"),
            Self::draw_lots,
        )?;
        self.step(text("公表", "published"), two_officials(), |own| own.act("publish", Phase::Published))?;
        self.step(text("記録と封印された証拠の書き出し", "record and sealed evidence exported"), commission(), Self::export)?;
        self.step(text("装置の停止", "appliance stopped"), administrator(), |own| own.house.stop(own.daemon))?;
        self.step(text("記録の検証", "record verified"), anybody(), Self::verify)?;
        self.step(text("資格の監査", "eligibility audited"), text("選挙管理委員会（封印の鍵で）", "the commission, with the authority's key"), Self::audit)
    }

    fn step(&mut self, what: Text, who: Text, work: impl FnOnce(&mut Self) -> Result<(), Failure>) -> Result<(), Failure> {
        let begun = Instant::now();
        let result = work(self);
        let took = begun.elapsed();
        if self.quiet == Quiet::No {
            let mark = if result.is_ok() { "○" } else { "×" };
            let (what, who) = (self.lang.pick(&what.ja, &what.en), self.lang.pick(&who.ja, &who.en));
            eprintln!("{mark} {:>7.1} s  {what}  [{who}]", took.as_secs_f32());
            if let Err(failure) = &result {
                eprintln!("{}", self.lang.pick(&failure.ja, &failure.en));
            }
        }
        let failed = result.as_ref().err().map(|failure| text(failure.ja.clone(), failure.en.clone()));
        self.protocol.add(what, who, took, failed);
        result
    }

    fn write_files(&mut self) -> Result<(), Failure> {
        let toml = toml::to_string(&self.spec).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        self.house.write("SPEC.toml", &toml)?;
        self.house.write("roll.csv", &plan::roll_csv(&self.spec, &self.people)).map(drop)
    }

    fn vcard(&self) -> Command {
        let mut command = self.programs.command("tachiai-vcard");
        // Its keys take long to make; where a build folder has some, those are taken.
        if std::env::var_os("CARGO_TARGET_DIR").is_none_or(|folder| folder.is_empty()) {
            command.env("CARGO_TARGET_DIR", self.house.path("keys"));
        }
        command
    }

    fn issue_cards(&mut self) -> Result<(), Failure> {
        let cards = self.house.path("cards");
        let mut ca = self.vcard();
        ca.args(["ca", "--days", "30", "--out"]).arg(&cards);
        done(ca, "", Exit::Done)?;
        let mut lists = self.vcard();
        lists.arg("crl").arg("--ca").arg(&cards);
        done(lists, "", Exit::Done)?;
        self.each(|own, person| {
            let Person { number, name, birth, sex, address, district: _ } = person;
            let sex = match sex {
                plan::Sex::Male => "male",
                plan::Sex::Female => "female",
            };
            let mut card = own.vcard();
            card.arg("new").arg("--ca").arg(&cards).arg("--out").arg(own.card(person)).args(["--number", &number.to_string(), "--name", name]);
            card.args(["--address", address, "--birth", birth, "--sex", sex, "--pin", PIN, "--password", PASSWORD]);
            done(card, "", Exit::Done).map(drop)
        })
    }

    fn card(&self, person: &Person) -> PathBuf {
        self.house.path("cards").join(format!("card-{}.json", person.number))
    }

    fn config(&self) -> PathBuf {
        self.house.path("appliance/tachiaid.toml")
    }

    fn ca(&self) -> PathBuf {
        self.house.path("appliance/tls/ca.pem")
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.ports[0].port())
    }

    fn start(&mut self) -> Result<(), Failure> {
        let mut init = self.programs.command("tachiaid");
        init.arg("init").arg("--data").arg(self.house.path("appliance")).args(["--host", "localhost", "--host", "127.0.0.1"]);
        done(init, "", Exit::Done)?;
        let config = self.config();
        let failed = |e: &dyn std::fmt::Display| Failure::file(&config, e);
        let mut table: toml::Table = std::fs::read_to_string(&config).map_err(|e| failed(&e))?.parse().map_err(|e: toml::de::Error| failed(&e))?;
        let file = |name: &str| toml::Value::from(self.house.path("cards").join(name).display().to_string());
        let list = |names: &[&str]| toml::Value::Array(names.iter().map(|name| file(name)).collect());
        let listen = [("public", self.ports[0]), ("staff", self.ports[1])].map(|(key, address)| (key.to_owned(), toml::Value::from(address.to_string())));
        table.insert("listen".to_owned(), toml::Value::Table(listen.into_iter().collect()));
        let cards = [
            ("anchors", list(&["authentication-ca.cer", "signature-ca.cer"])),
            ("text_anchors", list(&["text-root.bin"])),
            ("crls", list(&["authentication.crl", "signature.crl"])),
            ("crl", toml::Value::from("required")),
            ("policy", toml::Value::from("test")),
        ];
        table.insert("cards".to_owned(), toml::Value::Table(cards.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()));
        // A disk that is nearly full must not spoil a rehearsal of something else.
        let disk = [("limit_percent", toml::Value::from(99)), ("ballast_mb", toml::Value::from(0))];
        table.insert("disk".to_owned(), toml::Value::Table(disk.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()));
        std::fs::write(&config, toml::to_string(&table).map_err(|e| failed(&e))?).map_err(|e| failed(&e))?;
        let mut daemon = self.programs.command("tachiaid");
        daemon.arg("run").arg("--config").arg(&config);
        let (ports, control) = (self.ports, self.house.path("appliance/control.sock"));
        let ready = || control.exists() && ports.iter().all(|port| TcpStream::connect(port).is_ok());
        self.daemon = self.house.start(daemon, "tachiaid.log", START, ready)?;
        Ok(())
    }

    fn profile(&self, name: &str) -> PathBuf {
        self.house.path("staff").join(name).join("profile.toml")
    }

    fn appoint(&mut self) -> Result<(), Failure> {
        let trustees: Vec<String> = (1..=self.spec.trustees).map(|index| format!("trustee-{index}")).collect();
        let all = OFFICIALS.iter().map(|name| (*name, "commission")).chain([(POLL, "poll")]).chain(trustees.iter().map(|name| (name.as_str(), "trustee")));
        for (name, role) in all {
            let out = self.house.folder(&format!("staff/{name}"))?;
            let mut add = self.programs.command("tachiaid");
            add.args(["staff", "add", name, "--role", role, "--config"]).arg(self.config()).arg("--out").arg(out);
            done(add, "", Exit::Done)?;
        }
        Ok(())
    }

    /// A command of the console by an official.
    fn official(&self, who: usize, arguments: &[&str]) -> Command {
        let mut command = self.programs.command("tachiai");
        command.arg("--json").arg("--profile").arg(self.profile(OFFICIALS[who.min(1)])).args(["--lang", self.lang.pick("ja", "en")]).args(arguments);
        command
    }

    /// A command about the election.
    fn election(&self, arguments: &[&str]) -> Command {
        let mut command = self.official(0, &["election"]);
        command.args(arguments).args(["--election", &self.election]);
        command
    }

    fn create(&mut self) -> Result<(), Failure> {
        let mut create = self.official(0, &["election", "create"]);
        create.arg(self.house.path("SPEC.toml"));
        let created: Created = answered(create, "", Exit::Done)?;
        self.election = created.election.to_string();
        let mut import = self.election(&["import-roll"]);
        import.arg(self.house.path("roll.csv"));
        let report: RollReport = answered(import, "", Exit::Done)?;
        let (found, expected) = (report.electors, self.people.len());
        if found == expected as u64 {
            return Ok(());
        }
        Err(Failure::refused(
            format!("名簿の {expected} 人のうち {found} 人だけが取り込まれました。"),
            format!("{found} of {expected} electors were imported."),
        ))
    }

    fn medium(&self, index: u8) -> PathBuf {
        self.house.path(&format!("trustee-{index}"))
    }

    fn make_media(&mut self) -> Result<(), Failure> {
        for index in 1..=self.spec.trustees {
            let mut new = self.programs.command("tachiai");
            new.args(["trustee", "new", "--name", &format!("リハーサル立会人{index}"), "--passphrase-fd", "0", "--dir"]).arg(self.medium(index));
            done(new, PASSPHRASE, Exit::Done)?;
            let mut add = self.election(&["add-trustee"]);
            add.arg(self.medium(index).join("card.json"));
            done(add, "", Exit::Done)?;
        }
        Ok(())
    }

    /// A step of a trustee over the network.
    fn trustee(&self, index: u8, step: &[&str]) -> Result<(), Failure> {
        let mut command = self.programs.command("tachiai");
        command.arg("--profile").arg(self.profile(&format!("trustee-{index}"))).arg("trustee").args(step).arg("--dir").arg(self.medium(index));
        command.args(["--passphrase-fd", "0", "--server", "--election", &self.election]);
        done(command, PASSPHRASE, Exit::Done).map(drop)
    }

    fn ceremony(&mut self) -> Result<(), Failure> {
        done(self.election(&["ceremony"]), "", Exit::Done)?;
        for step in [&["commit"][..], &["deal"], &["confirm", "--compared"]] {
            (1..=self.spec.trustees).try_for_each(|index| self.trustee(index, step))?;
        }
        Ok(())
    }

    /// An act of two officials.
    fn two(&self, act: &str) -> Result<Done, Failure> {
        let pending: Pending = answered(self.election(&[act]), "", Exit::Waiting)?;
        answered(self.official(1, &["approve", &pending.id, "--yes"]), "", Exit::Done)
    }

    fn act(&mut self, act: &str, phase: Phase) -> Result<(), Failure> {
        let done = self.two(act)?;
        if done.phase == phase {
            return Ok(());
        }
        Err(Failure::refused(format!("{act} の後の段階が {:?} です。", done.phase), format!("the phase after {act} is {:?}.", done.phase)))
    }

    fn open(&mut self) -> Result<(), Failure> {
        let done = self.two("open")?;
        self.fingerprint = done.fingerprint.unwrap_or_default();
        self.protocol.fingerprint = Some(self.fingerprint.clone());
        if self.quiet == Quiet::No {
            eprintln!("             {}: {}", self.lang.pick("公告する選挙の指紋", "fingerprint for the public notice"), self.fingerprint);
        }
        Ok(())
    }

    /// Does something for each person, a few at once.
    fn each(&self, work: impl Fn(&Self, &Person) -> Result<(), Failure> + Sync) -> Result<(), Failure> {
        let waiting = Mutex::new(self.people.iter());
        let next = || waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
        std::thread::scope(|scope| {
            let hands: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| std::iter::from_fn(next).try_for_each(|person| work(self, person)))).collect();
            hands.into_iter().try_for_each(|hand| hand.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }

    fn vote(&mut self) -> Result<(), Failure> {
        // The path of a socket is short.
        let sockets = tempfile::Builder::new().prefix("tachiai-").tempdir().map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        self.each(|own, person| own.one_votes(person, sockets.path()))
    }

    fn one_votes(&self, person: &Person, sockets: &Path) -> Result<(), Failure> {
        let folder = self.house.folder(&format!("voters/{}", person.number))?;
        let socket = sockets.join(person.number.to_string());
        let mut card = self.vcard();
        card.arg("--card").arg(self.card(person)).arg("--socket").arg(&socket);
        let card = self.house.start(card, "cards/vcard.log", CARD, || std::os::unix::net::UnixStream::connect(&socket).is_ok())?;
        let voter = |words: &[&str]| {
            let mut command = self.programs.command("tachiai");
            command.current_dir(&folder).arg("--json").args(words).args(["--server", &self.url(), "--ca"]).arg(self.ca());
            command.arg("--card").arg(&socket).arg("--state").arg(folder.join("state"));
            command
        };
        let mut enrol = voter(&["card", "enrol"]);
        enrol.args(["--password-fd", "0", "--pin-fd", "0"]);
        done(enrol, &format!("{PASSWORD}\n{PIN}"), Exit::Done)?;
        let cast = |command: &str, receipt: &str| {
            let mut vote = voter(&[command]);
            vote.args(["--election", &self.election, "--manifest", &self.fingerprint, "--pin-fd", "0", "--yes", "--receipt", receipt]);
            for contest in plan::ballot(&self.spec, person) {
                let chosen = plan::choice(contest, person).into_iter().filter_map(|option| contest.options.get(option)).map(|option| option.id.as_str());
                vote.arg("--choice").arg(format!("{}={}", contest.id, chosen.collect::<Vec<_>>().join(",")));
            }
            done(vote, PIN, Exit::Done).map(|_| folder.join(receipt))
        };
        let place = plan::place_of(&self.spec, person);
        // The second voter has a ballot opened first, the third votes twice, the fourth votes online before getting papers.
        let before = match (person.number, place) {
            (1, None) => Some(cast("challenge", "challenged.json")?),
            (2, None) | (3, Some(_)) => Some(cast("vote", "first.json")?),
            _ => None,
        };
        let receipt = match place {
            None => Some(cast("vote", "receipt.json")?),
            Some(place) => {
                let mut check_in = self.desk(place, &format!("voter-{}", person.number), &["check-in", "--pin-fd", "0", "--yes"]);
                check_in.arg("--card").arg(&socket);
                done(check_in, PIN, Exit::Done)?;
                None
            }
        };
        for (receipt, counts) in before.iter().map(|receipt| (receipt, false)).chain(receipt.iter().map(|receipt| (receipt, true))) {
            let mut check = self.programs.command("tachiai");
            check.args(["--json", "receipt", "check"]).arg(receipt).args(["--server", &self.url(), "--manifest", &self.fingerprint, "--ca"]).arg(self.ca());
            let status: BallotStatus = answered(check, "", Exit::Done)?;
            if matches!(status, BallotStatus::Counted { .. }) != counts {
                return Err(Failure::refused(format!("受領証の状態が違います: {status:?}"), format!("an unexpected fate of a ballot: {status:?}")));
            }
        }
        self.house.stop(card)
    }

    fn turnout(&mut self) -> Result<(), Failure> {
        let turnout: tachiai_schemas::counting::Turnout = answered(self.election(&["turnout"]), "", Exit::Done)?;
        let (voted, all) = (turnout.all.voted(), self.people.len() as u64);
        if (voted, turnout.all.entitled) == (all, all) {
            return Ok(());
        }
        Err(Failure::refused(format!("投票者数が {voted} です（{all} 人が投票しました）。"), format!("the turnout says {voted} voted, where {all} did.")))
    }

    /// Those who vote online, or those who got papers at a place.
    fn of_channel(&self, place: Option<usize>) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| plan::place_of(&self.spec, person) == place)
    }

    /// Those who got papers at any place.
    fn on_paper(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|person| plan::place_of(&self.spec, person).is_some())
    }

    fn officer_keys(&self, command: &mut Command, option: &str) {
        for name in OFFICERS {
            command.arg(option).arg(self.house.path("officers").join(format!("{name}.key")));
        }
    }

    /// A command of a desk.
    fn desk(&self, place: usize, state: &str, words: &[&str]) -> Command {
        let id = self.spec.places.get(place).map_or("", |place| place.id.as_str());
        let mut command = self.programs.command("tachiai");
        command.arg("--json").arg("--profile").arg(self.profile(POLL)).arg("poll").args(words);
        command.arg("--desk").arg(self.house.path("desks").join(format!("{id}.key"))).arg("--state").arg(self.house.path("desks").join(state));
        command.args(["--manifest", &self.fingerprint, "--election", &self.election]);
        command
    }

    fn close_days(&mut self) -> Result<(), Failure> {
        for (place, listed) in self.spec.places.iter().enumerate() {
            let here: Vec<&Person> = self.of_channel(Some(place)).collect();
            // Where provisional papers may wait, a day is closed with no papers, too.
            if here.is_empty() && listed.offline == LinkPolicy::Stop {
                continue;
            }
            let mut close = self.desk(place, &format!("place-{place}"), &["day-close", "--session", "0", "--passphrase-fd", "0", "--yes"]);
            for contest in self.spec.contests.iter().filter(|contest| contest.is_contested()) {
                let papers = here.iter().filter(|person| plan::ballot(&self.spec, person).any(|held| held.id == contest.id)).count();
                if papers > 0 {
                    close.arg("--in-box").arg(format!("{}={papers}", contest.id)).arg("--taken-home").arg(format!("{}=0", contest.id));
                }
            }
            self.officer_keys(&mut close, "--officer");
            done(close, &format!("{PASSPHRASE}\n").repeat(OFFICERS.len()), Exit::Done)?;
        }
        Ok(())
    }

    fn count_papers(&mut self) -> Result<(), Failure> {
        for contest in self.spec.contests.iter().filter(|contest| contest.is_contested()) {
            let counted = plan::foretold(&self.spec, contest, self.on_paper());
            if counted.valid + counted.blank == 0 {
                continue;
            }
            for (official, code) in [(0, Exit::Waiting), (1, Exit::Done)] {
                let words = ["election", "paper-count", "enter", "--contest", &contest.id, "--invalid", "0", "--election", &self.election];
                let mut enter = self.official(official, &words);
                enter.args(["--valid", &counted.valid.to_string(), "--blank", &counted.blank.to_string()]);
                enter.args(contest.options.iter().zip(&counted.votes).flat_map(|(option, votes)| ["--vote".to_owned(), format!("{}={votes}", option.id)]));
                done(enter, "", code)?;
            }
            let mut sign = self.election(&["paper-count", "sign", "--contest", &contest.id, "--manifest", &self.fingerprint, "--passphrase-fd", "0", "--yes"]);
            self.officer_keys(&mut sign, "--key");
            done(sign, &format!("{PASSPHRASE}\n").repeat(OFFICERS.len()), Exit::Done)?;
        }
        Ok(())
    }

    fn decrypt(&mut self) -> Result<(), Failure> {
        let (all, quorum) = (self.spec.trustees, self.spec.quorum);
        let fingerprint = self.fingerprint.clone();
        let step = ["decrypt", "--expect", &fingerprint];
        // As many signatures as the statement needs (PROTOCOL §8.3), then as many shares as the count needs.
        let signing = (all + quorum - 1) / 2 + 1;
        (1..=signing.min(all)).try_for_each(|index| self.trustee(index, &step))?;
        let status: ElectionStatus = answered(self.election(&["status"]), "", Exit::Done)?;
        if status.summary.phase != Phase::Tallying {
            return Err(Failure::refused("集計宣言の署名が揃いませんでした。", "the tally statement is not signed by enough trustees."));
        }
        (1..=quorum).try_for_each(|index| self.trustee(index, &step))
    }

    fn outcome(&self) -> Result<OutcomeView, Failure> {
        answered(self.election(&["result"]), "", Exit::Done)
    }

    fn compare(&mut self) -> Result<(), Failure> {
        let outcome = self.outcome()?;
        for contest in self.spec.contests.iter().filter(|contest| contest.is_contested()) {
            let counted = outcome.contests.iter().find(|outcome| outcome.id == contest.id);
            let counted: Vec<(u64, String)> =
                counted.map(|outcome| outcome.options.iter().map(|option| (option.online, option.paper.clone())).collect()).unwrap_or_default();
            let [online, paper] = [plan::foretold(&self.spec, contest, self.of_channel(None)), plan::foretold(&self.spec, contest, self.on_paper())];
            let cast: Vec<(u64, String)> = online.votes.iter().zip(&paper.votes).map(|(online, paper)| (*online, paper.to_string())).collect();
            if counted != cast {
                return Err(Failure::refused(
                    format!("{}: 開票結果 {counted:?} が投じた票 {cast:?} と違います。", contest.id),
                    format!("{}: the count says {counted:?} where {cast:?} were cast.", contest.id),
                ));
            }
        }
        Ok(())
    }

    fn draw_lots(&mut self) -> Result<(), Failure> {
        for contest in self.outcome()?.contests {
            let Some(tie) = contest.tie.filter(|tie| !tie.decided) else { continue };
            // The first ones, in the order of the ballot: in a rehearsal nothing hangs on it.
            let chosen: Vec<&str> =
                tie.options.iter().take(tie.seats.into()).filter_map(|option| contest.options.get(usize::from(*option))).map(|o| o.id.as_str()).collect();
            let mut lot = self.election(&["lot", "--contest", &contest.id, "--chosen", &chosen.join(","), "--manifest", &self.fingerprint]);
            self.officer_keys(&mut lot, "--key");
            lot.args(["--passphrase-fd", "0", "--yes"]);
            done(lot, &format!("{PASSPHRASE}\n").repeat(OFFICERS.len()), Exit::Done)?;
        }
        Ok(())
    }

    fn export(&mut self) -> Result<(), Failure> {
        for (command, folder) in [("export-record", "record"), ("export-evidence", "evidence")] {
            let mut export = self.election(&[command]);
            export.arg(self.house.path(folder));
            done(export, "", Exit::Done)?;
        }
        Ok(())
    }

    fn verify(&mut self) -> Result<(), Failure> {
        let mut verify = self.programs.command("tachiai-verify");
        verify.arg(self.house.path("record")).args(["--expect", &self.fingerprint, "--lang", self.lang.pick("ja", "en")]);
        let verdict = done(verify, "", Exit::Done)?;
        let first = verdict.lines().next().unwrap_or_default();
        let mock = first.contains(self.lang.pick("模擬", "mock")) && first.contains(plan::PREFIX[usize::from(self.lang == Lang::En)].trim_end());
        self.protocol.verdict = Some(verdict.clone());
        if mock {
            return Ok(());
        }
        Err(Failure::refused("検証の結果が、模擬のリハーサルであると言っていません。", "the verdict does not say that this is a mock election, rehearsed."))
    }

    fn audit(&mut self) -> Result<(), Failure> {
        let mut audit = self.programs.command("tachiai-verify");
        audit.arg("eligibility").args([self.house.path("record"), self.house.path("evidence"), self.house.path("roll.csv")]);
        audit.arg("--identity").arg(self.house.path("evidence-key.txt")).args(["--test-cards", "--expect", &self.fingerprint]);
        done(audit, "", Exit::Done).map(drop)
    }
}
