//! The conversation at the desk: a line for each step, for a keyboard, a card reader and a scanner that types. A card on the reader is shown at once, and Enter
//! registers.

use std::cell::RefCell;
use std::io::{BufRead, IsTerminal, Write};
use std::time::Duration;

use clap::Args;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tachiai_schemas::Lang;
use tachiai_schemas::roster::ChainId;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::shelter::figures::narrow;
use tachiai_schemas::shelter::{PersonView, Resident};

use super::args::by_handle;
use super::arrive::{CardOpening, enter_one, search, typed};
use super::decide::{Asked, Settled, ask_person};
use super::family::{ask_family, ask_household, family, members};
use super::{change, look, setup, site, supplies};
use crate::cli::Global;
use crate::commands::card::choice::CardChoice;
use crate::failure::{Exit, Failure};
use crate::shelter::desk::{Here, Subject};
use crate::shelter::input::{self, Fields};
use crate::shelter::state::Reception;

/// How often the reader is asked while nobody types.
const GLANCE: Duration = Duration::from_millis(150);

/// The conversation at the desk.
#[derive(Args, Debug)]
pub struct Talk {
    #[command(flatten)]
    pub choice: CardChoice,
}

/// What was last listed, so that a number names somebody.
#[derive(Default)]
struct Listed {
    people: Vec<PersonView>,
    residents: Vec<Resident>,
    /// The resident who was registered last: a word registers the rest of the household.
    last: Option<Resident>,
}

enum Chosen {
    Person(ChainId),
    Resident(Box<Resident>),
}

/// What happens next.
enum Event {
    /// A line was typed.
    Line(String),
    /// A card was laid on the reader.
    Card,
    /// Nobody types any more.
    End,
}

/// Whether the conversation goes on.
enum Next {
    On,
    End,
}

impl Talk {
    /// Runs the conversation.
    ///
    /// # Errors
    /// [`Failure`] (64) where no person sits; what goes wrong in a step is said, and the conversation goes on.
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        if global.json {
            return Err(Failure::new(Exit::Usage, "対話では --json は使えません。", "the conversation has no --json. Use its subcommands."));
        }
        reception.declared()?;
        setup::status(global, reception)?;
        help(global);
        let mut listed = Listed::default();
        // A card that lies there from before is not a card that was just laid down.
        let mut lay_there = self.choice.lies_there();
        loop {
            prompt(global, reception);
            let done = match self.wait(&mut lay_there)? {
                Event::End => return Ok(Exit::Done),
                Event::Card => self.by_card(global, reception, &mut listed),
                Event::Line(line) => match self.step(global, reception, &mut listed, line.trim()) {
                    Ok(Next::End) => return Ok(Exit::Done),
                    Ok(Next::On) => Ok(()),
                    Err(failure) => Err(failure),
                },
            };
            if let Err(failure) = done {
                eprintln!("✗ {}", global.pick(&failure.ja, &failure.en));
            }
        }
    }

    /// Waits for a line or a card.
    fn wait(&self, lay_there: &mut bool) -> Result<Event, Failure> {
        let stdin = std::io::stdin();
        let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(GLANCE.subsec_nanos()) };
        // Lines that a script or a test writes are buffered, and no reader is watched between them.
        while stdin.is_terminal() {
            let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
            match poll(&mut fds, Some(&timeout)) {
                Ok(0) => {}
                Ok(_) => break,
                Err(rustix::io::Errno::INTR) => continue,
                Err(e) => return Err(Failure::incomplete(e.to_string(), e.to_string())),
            }
            let lies = self.choice.lies_there();
            if lies && !std::mem::replace(lay_there, lies) {
                return Ok(Event::Card);
            }
            *lay_there = lies;
        }
        let mut line = String::new();
        match stdin.lock().read_line(&mut line) {
            Ok(0) => Ok(Event::End),
            Ok(_) => Ok(Event::Line(line)),
            Err(e) => Err(Failure::incomplete(e.to_string(), e.to_string())),
        }
    }

    fn by_card(&self, global: &Global, reception: &mut Reception, listed: &mut Listed) -> Result<(), Failure> {
        outln!();
        let card = self.choice.open(global)?;
        let (subject, _) = CardOpening::default().read(global, reception, card)?;
        enter_with_household(global, reception, listed, subject)
    }

    fn step(&self, global: &Global, reception: &mut Reception, listed: &mut Listed, line: &str) -> Result<Next, Failure> {
        let (word, rest) = line.split_once(char::is_whitespace).map_or((line, ""), |(word, rest)| (word, rest.trim()));
        // Whoever writes Japanese types letters and digits of full width, too.
        match narrow(word).as_str() {
            "" | "c" | "カード" => self.by_card(global, reception, listed)?,
            "q" | "終了" => return Ok(Next::End),
            "?" | "h" | "help" => help(global),
            "t" | "入力" => {
                let mut fields = Fields::default();
                ask_person(global, reception.today(), Asked::Whole, &mut fields)?;
                typed(global, reception, &fields, &Settled::default())?;
            }
            "tf" | "家族" => {
                let persons = ask_family(global, reception)?;
                family(global, reception, &persons, &Settled::default())?;
            }
            "f" | "世帯" => {
                let resident = match (rest, listed.last.clone()) {
                    ("", last) => last.ok_or_else(no_household)?,
                    (number, _) => match chosen(reception, listed, number)? {
                        Chosen::Resident(resident) => *resident,
                        Chosen::Person(chain) => resident_of(reception, chain)?,
                    },
                };
                ask_household(global, reception, &resident)?;
            }
            "s" | "検索" => {
                let (people, residents) = search(global, reception, rest)?;
                *listed = Listed { people, residents, last: listed.last.take() };
            }
            "l" | "一覧" => {
                let people = reception.present();
                look::list(global, reception)?;
                *listed = Listed { people, residents: Vec::new(), last: listed.last.take() };
            }
            "in" | "入所" => match chosen(reception, listed, rest)? {
                Chosen::Resident(resident) => {
                    let subject = reception.resident(&resident, Identified::List);
                    enter_with_household(global, reception, listed, subject)?;
                }
                Chosen::Person(chain) => {
                    let person = known(reception, listed, chain)?;
                    let subject = reception.again(chain, person);
                    enter_one(global, reception, subject, None, &Settled::default())?;
                }
            },
            "out" | "退所" => {
                let (who, place) = rest.split_once(char::is_whitespace).map_or((rest, None), |(who, place)| (who, Some(place.trim().to_owned())));
                change::leave(global, reception, person_of(reception, listed, who)?, place)?;
            }
            "show" | "詳細" => {
                let chain = person_of(reception, listed, rest)?;
                look::show(global, reception, chain)?;
            }
            "edit" | "変更" => {
                let (who, fields) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                let chain = person_of(reception, listed, who)?;
                let fields = fields.split(';').map(str::trim).collect::<Vec<_>>().join("\n");
                let fields = input::read(&fields)?.pop().unwrap_or_default();
                change::edit(global, reception, chain, &fields)?;
            }
            "n" | "人数" => {
                let (about, number) = match rest.strip_prefix(['約', '~', '～', '〜']) {
                    Some(number) => (HowCounted::About, number),
                    None => (HowCounted::Counted, rest),
                };
                let wrong = || Failure::new(Exit::Usage, "人数を数字で書いてください（約120 なら n 約120）。", "write the number of heads (n 120, or n ~120).");
                site::count(global, reception, narrow(number).parse().map_err(|_| wrong())?, about)?;
                outln!("✓");
            }
            "state" | "状態" => {
                let wrong = |_| Failure::new(Exit::Usage, "開設・混雑・満員・閉鎖のどれかです。", "use one of open, crowded, full, closed.");
                reception.set_state(site::open_state(rest).map_err(wrong)?)?;
                outln!("✓");
            }
            "meals" | "食数" => {
                supplies::meals(global, reception)?;
            }
            "supplies" | "物資" => supplies::list(global, reception),
            "note" | "引継ぎ" if rest.is_empty() => site::list(global, reception),
            "note" | "引継ぎ" => {
                site::leave_note(global, reception, rest)?;
            }
            "x" | "食い違い" => {
                look::conflicts(global, reception)?;
            }
            "settle" | "解消" => {
                let (who, entry) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                let entry = entry.trim();
                if entry.is_empty() {
                    return Err(Failure::new(Exit::Usage, "settle 番号 登録 と書いてください（x で一覧）。", "write settle HANDLE ENTRY (x lists them)."));
                }
                let chain = person_of(reception, listed, who)?;
                look::settle(global, reception, chain, entry)?;
            }
            "sync" | "送信" => {
                let synced = setup::sync(&RefCell::new(&mut *reception), &global.staff()?)?;
                setup::print(global, reception, &synced);
            }
            "st" | "状況" => {
                setup::status(global, reception)?;
            }
            // A scanner types a citizen ID and Enter.
            _ => match input::citizen(line) {
                Ok(id) => {
                    let subject = reception.citizen(id)?;
                    enter_with_household(global, reception, listed, subject)?;
                }
                Err(_) => {
                    return Err(Failure::new(
                        Exit::Usage,
                        "その言葉は分かりません。氏名で探すときは「s 氏名の先頭」です。? で使い方を表示します。",
                        "unknown. To find somebody write `s` and the beginning of the name; ? shows what can be typed.",
                    ));
                }
            },
        }
        Ok(Next::On)
    }
}

/// Registers somebody, and tells who else of the household could be registered at once.
fn enter_with_household(global: &Global, reception: &mut Reception, listed: &mut Listed, subject: Subject) -> Result<(), Failure> {
    let number = subject.person.resident.clone();
    enter_one(global, reception, subject, None, &Settled::default())?;
    let resident = number.and_then(|number| reception.residents()?.by_number(&number).cloned()).filter(|resident| !resident.household.is_empty());
    let Some(resident) = resident else { return Ok(()) };
    let others = members(reception, &resident)?.into_iter().filter(|member| reception.resident(member, Identified::List).here != Here::Present).count();
    if others > 0 {
        let text = match global.lang() {
            Lang::Ja => format!("同じ世帯のほかの方が{others}人います。来ていれば f で受付できます。"),
            Lang::En => format!("{others} more of this household. If they came, f registers them."),
        };
        eprintln!("{text}");
    }
    listed.last = Some(resident);
    Ok(())
}

fn no_household() -> Failure {
    Failure::new(
        Exit::Usage,
        "だれの世帯か分かりません。s で検索し、f 番号 と書いてください。住民の一覧にない家族は tf です。",
        "whose household? Search with s and write f NUMBER. A family that is not on the list: tf.",
    )
}

fn resident_of(reception: &Reception, chain: ChainId) -> Result<Resident, Failure> {
    let person = reception.view(chain).and_then(|view| view.counts.person);
    let number = person.and_then(|person| person.resident);
    number.and_then(|number| reception.residents()?.by_number(&number).cloned()).ok_or_else(no_household)
}

fn known(reception: &Reception, listed: &Listed, chain: ChainId) -> Result<tachiai_schemas::roster::Person, Failure> {
    let shown = listed.people.iter().find(|view| view.handles.contains(&chain)).and_then(|view| view.counts.person.clone());
    let now = reception.view(chain).and_then(|view| view.counts.person);
    now.or(shown).ok_or_else(crate::shelter::desk::unknown)
}

/// Whoever a number of the last list, or a handle, names.
fn chosen(reception: &Reception, listed: &Listed, text: &str) -> Result<Chosen, Failure> {
    if let Ok(number) = narrow(text).parse::<usize>() {
        if listed.people.is_empty() && listed.residents.is_empty() {
            return Err(Failure::new(
                Exit::Usage,
                "番号は、検索（s）か一覧（l）で表示した番号です。先にどちらかで表示してください。",
                "a number is one of the last list: search (s) or list (l) first.",
            ));
        }
        let at = number.checked_sub(1).ok_or_else(crate::shelter::desk::unknown)?;
        if let Some(view) = listed.people.get(at) {
            return Ok(Chosen::Person(view.counts.chain));
        }
        let resident = at.checked_sub(listed.people.len()).and_then(|at| listed.residents.get(at)).cloned();
        return resident.map(|resident| Chosen::Resident(Box::new(resident))).ok_or_else(crate::shelter::desk::unknown);
    }
    by_handle(reception, text).map(Chosen::Person)
}

fn person_of(reception: &Reception, listed: &Listed, text: &str) -> Result<ChainId, Failure> {
    match chosen(reception, listed, text)? {
        Chosen::Person(chain) => Ok(chain),
        Chosen::Resident(_) => Err(crate::shelter::desk::unknown()),
    }
}

fn prompt(global: &Global, reception: &Reception) {
    let waiting = reception.waiting().count();
    let text = match (waiting, global.lang()) {
        (0, Lang::Ja) => "受付> ".to_owned(),
        (0, Lang::En) => "reception> ".to_owned(),
        (waiting, Lang::Ja) => format!("受付（未送信 {waiting}）> "),
        (waiting, Lang::En) => format!("reception ({waiting} waiting)> "),
    };
    eprint!("{text}");
    let _ = std::io::stderr().flush();
}

fn help(global: &Global) {
    eprintln!(
        "{}",
        global.pick(
            "受付   カードをリーダーに置くか Enter: カード ／ 市民IDのコードを読み取る ／ s やぶ: 名前の先頭で検索し、in 番号 で受付\n\
             家族   f: 同じ世帯のほかの方（f 番号: 検索した方の世帯）   t: 一覧にない方を入力   tf: 一覧にない家族を入力（世帯主から）\n\
             名簿   l: 一覧   show 番号   edit 番号 項目=値;項目=値   out 番号 行き先   x: 食い違い   settle 番号 登録\n\
             避難所 n 120 または n 約120: 人数   state 満員   物資   食数   note 引継ぎ   sync: 送受信   st: 状況   q: 終了",
            "arrive  a card on the reader, or Enter / scan a citizen ID / s yabu: search by the beginning of a name, then in NUMBER\n\
             family  f: the others of the household (f NUMBER: of whom was found)   t: type somebody who is on no list   tf: type a family, the head first\n\
             people  l: list   show NUMBER   edit NUMBER key=value;key=value   out NUMBER PLACE   x: conflicts   settle HANDLE ENTRY\n\
             shelter n 120 or n ~120: heads   state full   supplies   meals   note TEXT   sync: hand in and learn   st: status   q: end"
        )
    );
}
