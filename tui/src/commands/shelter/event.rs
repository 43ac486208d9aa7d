//! Events, and the shelters that are open in them.

use clap::{Args, Subcommand};
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::shelter::{Feature, Pets, Room};
use tachiai_schemas::roster::{CardRule, EventId, EventKind, OpenState, ShelterId, ShelterState};
use tachiai_schemas::shelter::case::{CloseRequest, Outstanding, Silence, TerminalOut};
use tachiai_schemas::shelter::figures;
use tachiai_schemas::shelter::import::Standing;
use tachiai_schemas::shelter::{EventAsked, EventSpec, EventSummary, EventView, RoomFill, RoomView, Rooms, ShelterView, Totals};
use tachiai_schemas::staff::Pending;
use tachiai_schemas::{InPlaceOf, Lang, Say, Timestamp};

use super::terminal::{asking_text, copied_text, terminal_text};
use super::words::word;
use super::{BASE, WhichEvent};
use crate::card::printable;
use crate::cli::Global;
use crate::client::{Answer, Client};
use crate::commands::ask::ask_yes;
use crate::commands::told::{WhoFd, Word};
use crate::commands::{approve, say};
use crate::failure::{Exit, Failure};

/// Events.
#[derive(Subcommand, Debug)]
pub enum EventCommand {
    /// Declare an event: a disaster needs a second official (exit code 3)
    Declare(Declare),
    /// List the events
    #[command(after_help = "Example: tachiai shelter event list --json")]
    List,
    /// Show an event with its shelters, terminals and totals
    #[command(after_help = "Example: tachiai shelter event show")]
    Show {
        /// Which event
        #[command(flatten)]
        which: WhichEvent,
    },
    /// Ask that an event be closed for good: a second official decides (exit code 3)
    Close(Close),
}

/// What is declared.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai shelter event declare --kind disaster --title 令和8年台風第15号 --title-en 'Typhoon 15 of 2026' --municipality 282227 --card without-pin
  tachiai shelter event declare --kind drill --title 総合防災訓練 --municipality 282227 --began 2026-09-01T00:00:00Z")]
pub struct Declare {
    /// The kind: disaster, drill, open-school, lecture or roll-call
    #[arg(long, value_parser = word::<EventKind>)]
    kind: EventKind,
    /// The title in Japanese
    #[arg(long)]
    title: String,
    /// The title in English [default: the Japanese one]
    #[arg(long)]
    title_en: Option<String>,
    /// The municipality's code, six digits
    #[arg(long, value_name = "CODE")]
    municipality: String,
    /// When it began, YYYY-MM-DDTHH:MM:SSZ [default: now]
    #[arg(long, value_name = "TIME")]
    began: Option<Timestamp>,
    /// How cards are used: pin or without-pin
    #[arg(long, default_value = "pin", value_parser = word::<CardRule>)]
    card: CardRule,
    /// Totals are stated over at least so many people
    #[arg(long, default_value_t = 10, value_name = "N")]
    min_group: u16,
}

impl EventCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let l = global.lang();
        match self {
            Self::Declare(declare) => declare.run(global, &client),
            Self::List => {
                let events: Vec<EventSummary> = client.get(&format!("{BASE}/events"), None)?;
                say(global, &serde_json::json!(events), || events.iter().map(|event| summary_text(l, event)).collect::<Vec<_>>().join("\n"));
                Ok(Exit::Done)
            }
            Self::Show { which } => {
                let view: EventView = client.get(&which.path(&client, "")?, None)?;
                say(global, &serde_json::json!(view), || view_text(l, &view));
                Ok(Exit::Done)
            }
            Self::Close(close) => close.run(global, &client),
        }
    }
}

/// Why an event is closed with something still out.
const REASON: Word = Word::new("reason", "理由", "Reason");

/// The close of an event.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai shelter event close
  tachiai shelter event close --anyway --yes --who-fd 3 3<<< 'reason=gym-2は流失'
What is still out is named: people who are present, shelters that are not closed, terminals with gaps in their numbers, that fell silent or were copied, what was set \
aside, unsettled conflicts. Then --anyway and a reason are needed; the second official is shown the same and the reason.
What comes after it (a terminal that was out, paper forms from before it) is set aside, and two officials take it over: tachiai shelter aside.")]
pub struct Close {
    #[command(flatten)]
    which: WhichEvent,
    /// Although something is still out; the reason is asked for
    #[arg(long)]
    anyway: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    who: WhoFd,
}

impl Close {
    fn run(&self, global: &Global, client: &Client) -> Result<Exit, Failure> {
        let Self { which, anyway, yes, who } = self;
        let event = which.find(client)?;
        let outstanding: Outstanding = client.get(&format!("{BASE}/events/{event}/outstanding"), None)?;
        let dealt_with = "tachiai shelter terminal revoke / aside list / person conflicts";
        let names = approve::Names::of_events(client, [event]);
        let named = outstanding_text(global.lang(), &outstanding, &|shelter| names.shelter_name(global.lang(), event, shelter));
        let out = format!("{named}\n  ({dealt_with})");
        if !outstanding.is_none() {
            if global.json { eprintln!("{out}") } else { outln!("{out}") }
        }
        let anyway = match (outstanding.is_none(), anyway) {
            (true, _) => None,
            (false, true) => Some(who.tell(global, &[REASON], |_, _| true)?.need(REASON)?),
            (false, false) => {
                return Err(Failure::refused(
                    "まだ届いていないもの、決まっていないものがあります。処理するか、--anyway で理由を添えてください。",
                    "something is still out or undecided. Deal with it, or give a reason with --anyway.",
                ));
            }
        };
        let question = global.pick(
            "終了すると、以後に届いたものは保留になり、2人の承認で引き継いだものだけが記録されます。同じ方の2つの記録をまとめることはできます。退所は、終了前の日時（at=）の受付票として端末で入力し、引き継ぎます。食い違いの解消と避難所の開設はできなくなります。申請しますか？ [y/N] ",
            "Once closed, what comes is set aside, and only what two officials take over is recorded. Two records can still be found to be of one person. Who left is entered at a terminal as a form of before the close (at=) and taken over. No conflict can be settled and no shelter opened any more. Ask for it? [y/N] ",
        );
        if !yes && !ask_yes(question)? {
            return Err(Failure::refused("申請しませんでした。", "nothing was asked for."));
        }
        print_pending(global, client, &close(client, event, &CloseRequest { anyway })?);
        Ok(Exit::Waiting)
    }
}

/// Asks that an event be closed.
///
/// # Errors
/// [`Failure`].
pub fn close(client: &Client, event: EventId, request: &CloseRequest) -> Result<Pending, Failure> {
    match client.act(&format!("{BASE}/events/{event}/close"), request)? {
        Answer::Done(pending) => Ok(pending),
        Answer::Accepted(body) => serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string())),
    }
}

/// What is still out, with the shelters as they are called.
pub fn outstanding_text(l: Lang, outstanding: &Outstanding, called: &dyn Fn(&ShelterId) -> String) -> String {
    let Outstanding { terminals, asides, conflicts, present, shelters } = outstanding;
    let terminal = |out: &TerminalOut| {
        let TerminalOut { terminal, shelter, missing, latest, silence, copied } = out;
        let latest = latest.map_or_else(
            || l.pick("何も届いていません", "nothing came from it").to_owned(),
            |at| format!("{}: {}", l.pick("最後の記録", "wrote last"), at.timestamp().in_japan(l)),
        );
        let gaps = if *missing > 0 { format!("  {}: {missing}", l.pick("未着の記録", "entries not here")) } else { String::new() };
        let silent = match silence {
            Silence::No => "",
            Silence::Silent => l.pick("  回収したら失効させてください", "  revoke it once it is brought back"),
        };
        format!("  {terminal}  {}{gaps}  {latest}{silent}{}", called(shelter), copied_text(l, *copied))
    };
    let mut lines: Vec<String> = terminals.iter().map(terminal).collect();
    if *present > 0 {
        lines.push(format!("  {}: {present}", l.pick("在所者", "people present")));
    }
    if !shelters.is_empty() {
        let shelters = shelters.iter().map(called).collect::<Vec<_>>().join(l.pick("、", ", "));
        lines.push(format!("  {}: {shelters}", l.pick("閉鎖していない避難所", "shelters not closed")));
    }
    if *asides > 0 {
        lines.push(format!("  {}: {asides}", l.pick("未処理の保留", "set aside, undecided")));
    }
    if *conflicts > 0 {
        lines.push(format!("  {}: {conflicts}", l.pick("食い違い", "conflicts")));
    }
    lines.join("\n")
}

/// Says that a second official is awaited.
pub(in crate::commands) fn waiting(global: &Global, client: &Client, answer: Answer<Pending>) -> Result<Exit, Failure> {
    let pending = match answer {
        Answer::Accepted(body) => serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?,
        Answer::Done(pending) => pending,
    };
    print_pending(global, client, &pending);
    Ok(Exit::Waiting)
}

fn print_pending(global: &Global, client: &Client, pending: &Pending) {
    say(global, &serde_json::json!(pending), || {
        let (lang, next) = (global.lang(), global.pick("承認する職員のコマンド", "the other official runs"));
        let text = approve::describe(lang, pending, &approve::Names::of(client, [&pending.matter]));
        format!("{text}\n  {}\n{next}: tachiai approve {}", approve::value_text(lang, pending), pending.id)
    });
}

/// Declares an event, or asks for it where two officials do.
///
/// # Errors
/// [`Failure`].
pub fn declare(client: &Client, spec: &EventSpec) -> Result<EventAsked, Failure> {
    match client.act(&format!("{BASE}/events"), spec)? {
        Answer::Done(asked) => Ok(asked),
        Answer::Accepted(body) => serde_json::from_slice(&body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string())),
    }
}

/// Says how a shelter of an event is: it opens by this, or changes.
///
/// # Errors
/// [`Failure`], also if it stands otherwise than was seen.
pub fn set(client: &Client, event: EventId, set: &InPlaceOf<ShelterState>) -> Result<ShelterView, Failure> {
    client.post(&format!("{BASE}/events/{event}/shelters"), None, set)
}

impl Declare {
    fn run(&self, global: &Global, client: &Client) -> Result<Exit, Failure> {
        let Self { kind, title, title_en, municipality, began, card, min_group } = self;
        let now = || {
            Timestamp::from_unix(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs().try_into().unwrap_or(0)))
        };
        let began = began.map_or_else(now, Ok).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        let title = Text { ja: title.clone(), en: title_en.clone().unwrap_or_else(|| title.clone()) };
        let spec = EventSpec { kind: *kind, title, municipality: municipality.clone(), began, card: *card, min_group: *min_group };
        let asked = declare(client, &spec)?;
        match &asked {
            EventAsked::Declared { event } => {
                let publish = to_publish(global.lang(), client, *event);
                say(global, &serde_json::json!(asked), || format!("{}: {event}\n{publish}", global.pick("開きました", "declared")));
                Ok(Exit::Done)
            }
            EventAsked::Waiting { pending } => {
                print_pending(global, client, pending);
                Ok(Exit::Waiting)
            }
        }
    }
}

fn summary_text(l: Lang, event: &EventSummary) -> String {
    let EventSummary { event, declared, closed, open_shelters, present, conflicts } = event;
    let state = closed.map_or_else(|| l.pick("進行中", "under way").to_owned(), |at| format!("{} {}", l.pick("終了", "closed"), at.timestamp().in_japan(l)));
    format!(
        "{event}  {}  {}  {state}  {}: {open_shelters}  {}: {present}  {}: {conflicts}",
        declared.kind.say(l),
        printable(l.pick(&declared.title.ja, &declared.title.en)),
        l.pick("避難所", "shelters"),
        l.pick("避難者", "people"),
        l.pick("食い違い", "conflicts")
    )
}

fn totals_text(l: Lang, totals: &Totals) -> String {
    let Totals { present, ages, stays, needs, heads, erased } = totals;
    let list = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join("/");
    let heads = heads.map_or_else(String::new, |heads| format!("  {}: {heads}", l.pick("頭数", "heads")));
    let erased = if *erased > 0 { format!("  {}: {erased}", l.pick("内容を開けない方", "not to be opened")) } else { String::new() };
    format!(
        "{}: {present}{heads}  {}: {}  {}: {}  {}: {}{erased}",
        l.pick("避難者", "people"),
        l.pick("年齢(0/1-5/6-14/15-64/65-74/75-/不明)", "ages (0/1-5/6-14/15-64/65-74/75-/unknown)"),
        list(ages),
        l.pick("避難所/在宅/車中", "shelter/home/vehicle"),
        list(stays),
        l.pick("介護/障害/医療/妊産婦/外国人/食物/要支援", "care/disability/medical/pregnant/foreign/food/support"),
        list(needs)
    )
}

fn shelter_text(l: Lang, shelter: &ShelterView) -> String {
    let ShelterView { state, totals, rooms } = shelter;
    let capacity = state.capacity.map_or_else(String::new, |capacity| format!(" / {capacity}"));
    let name = printable(l.pick(&state.name.ja, &state.name.en));
    let rooms = rooms.as_ref().map_or_else(String::new, |rooms| rooms_text(l, rooms));
    format!("  {}  {name}  {}  {}{capacity}\n    {}{rooms}", state.shelter, state.state.say(l), totals.present, totals_text(l, totals))
}

fn rooms_text(l: Lang, rooms: &Rooms) -> String {
    let Rooms { rooms, without } = rooms;
    let room = |view: &RoomView| {
        let RoomView { room: Room { name, capacity, whom }, present, fill } = view;
        let capacity = capacity.map_or_else(String::new, |capacity| format!(" / {capacity}"));
        let whom = if whom.is_empty() { String::new() } else { format!("  ({})", printable(whom)) };
        let full = match fill {
            RoomFill::Free => "",
            RoomFill::Full => l.pick("  ⚠ 満室", "  ! full"),
        };
        format!("\n      {}  {present}{capacity}{whom}{full}", printable(name))
    };
    let lines: String = rooms.iter().map(room).collect();
    let without = if *without > 0 { format!("\n      {}  {without}", l.pick("（部屋の記録なし）", "(no room in the record)")) } else { String::new() };
    format!("{lines}{without}")
}

/// A room as it is named on the command line: NAME, NAME:CAPACITY or NAME:CAPACITY:FOR-WHOM.
fn room(text: &str) -> Result<Room, String> {
    let mut parts = text.splitn(3, ':');
    let name = parts.next().map(str::trim).filter(|name| !name.is_empty()).ok_or("a room has a name")?;
    let capacity = parts.next().map(str::trim).filter(|capacity| !capacity.is_empty());
    let capacity = capacity.map(|capacity| figures::count(capacity).ok_or_else(|| format!("{capacity} is no number of people"))).transpose()?;
    Ok(Room { name: name.to_owned(), capacity, whom: parts.next().unwrap_or_default().trim().to_owned() })
}

/// What the municipality publishes of an event that is declared now.
pub fn to_publish(l: Lang, client: &Client, event: EventId) -> String {
    match client.get::<EventView>(&format!("{BASE}/events/{event}"), None) {
        Ok(view) => fingerprint_text(l, &view.fingerprint),
        // It is declared all the same.
        Err(_) => l.pick("公告の指紋: tachiai shelter event show で表示します", "fingerprint for the public notice: see tachiai shelter event show").to_owned(),
    }
}

fn fingerprint_text(l: Lang, fingerprint: &str) -> String {
    format!("{}: {fingerprint}", l.pick("公告の指紋（集計などの検証に使います）", "fingerprint for the public notice (statements are checked by it)"))
}

fn view_text(l: Lang, view: &EventView) -> String {
    let EventView { summary, shelters, terminals, asking, totals, aside, doubles, fingerprint, checkpoint: _ } = view;
    let mut lines = vec![summary_text(l, summary), format!("  {}", fingerprint_text(l, fingerprint)), format!("  {}", totals_text(l, totals))];
    lines.extend(shelters.iter().map(|shelter| shelter_text(l, shelter)));
    lines.extend(terminals.iter().map(|terminal| terminal_text(l, terminal)));
    lines.extend(asking.iter().map(|one| asking_text(l, one)));
    if let Some(doubles @ 1..) = doubles {
        lines.push(match l {
            Lang::Ja => format!("  ⚠ うち最大{doubles}人は、ほかの記録と同じ方かもしれません（tachiai shelter duplicates）"),
            Lang::En => format!("  ! up to {doubles} of these may be counted more than once (tachiai shelter duplicates)"),
        });
    }
    if *aside > 0 {
        lines.push(format!("{}: {aside} (tachiai shelter aside list)", l.pick("保留のある引き渡し", "hand-ins with something set aside")));
    }
    lines.join("\n")
}

/// Opens a facility as a shelter, or a place that is none.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai shelter open e2822200152111 --pets apart --feature step-free --feature power
  tachiai shelter open e2822200152111 --room 体育館:120 --room 図書室:15:要配慮者   # again with other rooms later
  tachiai shelter open temporary-1 --name 寄合い処 --address 養父市八鹿町八鹿1 --capacity 40")]
pub struct Open {
    /// The facility (tachiai shelter facilities), or the name of a new place
    shelter: ShelterId,
    /// The name in Japanese, where it is no facility of the register
    #[arg(long)]
    name: Option<String>,
    /// The name in English
    #[arg(long)]
    name_en: Option<String>,
    /// The address, where it is no facility of the register
    #[arg(long)]
    address: Option<String>,
    /// The district
    #[arg(long)]
    district: Option<String>,
    /// How many people it takes
    #[arg(long, value_name = "N")]
    capacity: Option<u32>,
    /// Pets: inside, apart, no or unknown
    #[arg(long, value_parser = word::<Pets>)]
    pets: Option<Pets>,
    /// What it has, such as step-free, accessible-toilet, power, kitchen; may be repeated
    #[arg(long = "feature", value_parser = word::<Feature>)]
    features: Vec<Feature>,
    /// A room, as NAME, NAME:CAPACITY or NAME:CAPACITY:FOR-WHOM; may be repeated
    #[arg(long = "room", value_name = "ROOM", value_parser = room)]
    rooms: Vec<Room>,
    #[command(flatten)]
    which: WhichEvent,
}

impl Open {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let standing: Standing = client.get(&format!("{BASE}/facilities"), None)?;
        let event: EventView = client.get(&self.which.path(&client, "")?, None)?;
        // What was said of it before stays, unless it is said anew.
        let before = event.shelters.into_iter().map(|view| view.state).find(|state| state.shelter == self.shelter);
        let facility = || standing.facilities.iter().find(|place| place.id == self.shelter).map(|place| place.open());
        let known = before.clone().map(|state| ShelterState { state: OpenState::Open, ..state }).or_else(facility);
        let state = match (known, &self.name) {
            (Some(known), _) => known,
            (None, Some(name)) => ShelterState {
                shelter: self.shelter.clone(),
                name: Text { ja: name.clone(), en: name.clone() },
                address: String::new(),
                district: String::new(),
                position: None,
                capacity: None,
                rooms: Vec::new(),
                features: Vec::new(),
                pets: Pets::Unknown,
                state: OpenState::Open,
            },
            (None, None) => {
                return Err(Failure::new(
                    Exit::Usage,
                    "その施設は登録されていません。tachiai shelter facilities で確かめるか、--name を付けてください。",
                    "there is no such facility. See `tachiai shelter facilities`, or give --name.",
                ));
            }
        };
        let mut features = self.features.clone();
        features.sort_unstable();
        features.dedup();
        let given = |text: &Option<String>, before: String| text.clone().unwrap_or(before);
        let state = ShelterState {
            name: Text { ja: given(&self.name, state.name.ja), en: given(&self.name_en, state.name.en) },
            address: given(&self.address, state.address),
            district: given(&self.district, state.district),
            capacity: self.capacity.or(state.capacity),
            pets: self.pets.unwrap_or(state.pets),
            rooms: if self.rooms.is_empty() { state.rooms } else { self.rooms.clone() },
            features: if features.is_empty() { state.features } else { features },
            ..state
        };
        let view = set(&client, event.summary.event, &InPlaceOf { before, now: state })?;
        say(global, &serde_json::json!(view), || shelter_text(global.lang(), &view));
        Ok(Exit::Done)
    }
}

/// Says how a shelter stands.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai shelter state e2822200152111 crowded")]
pub struct State {
    /// The shelter
    shelter: ShelterId,
    /// open, crowded, full or closed
    #[arg(value_parser = word::<OpenState>)]
    state: OpenState,
    #[command(flatten)]
    which: WhichEvent,
}

impl State {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let client = global.staff()?;
        let view: EventView = client.get(&self.which.path(&client, "")?, None)?;
        let Some(shelter) = view.shelters.into_iter().find(|shelter| shelter.state.shelter == self.shelter) else {
            return Err(Failure::refused("その避難所は、このイベントで開いていません。", "that shelter was not opened in this event."));
        };
        let state = ShelterState { state: self.state, ..shelter.state.clone() };
        let view = set(&client, view.summary.event, &InPlaceOf { before: Some(shelter.state), now: state })?;
        say(global, &serde_json::json!(view), || shelter_text(global.lang(), &view));
        Ok(Exit::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_named_with_how_many_it_takes_and_for_whom() {
        let of = |name: &str, capacity, whom: &str| Ok(Room { name: name.to_owned(), capacity, whom: whom.to_owned() });
        assert_eq!(room("体育館:120"), of("体育館", Some(120), ""));
        assert_eq!(room("図書室:１５:要配慮者"), of("図書室", Some(15), "要配慮者"));
        assert_eq!(room("音楽室"), of("音楽室", None, ""));
        assert_eq!(room("音楽室::授乳: 夜間"), of("音楽室", None, "授乳: 夜間"));
        assert!(room(":12").is_err() && room("体育館:many").is_err());
    }
}
