//! Whether somebody can just be entered: who is here already, who looks like somebody who is, a second head of a household. A person decides; a script must say so.

use clap::Args;
use serde_json::{Value, json};
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{Act, ChainId, Person, Stay};
use tachiai_schemas::shelter::Alike;
use tachiai_schemas::{Lang, Say};

use super::args::note;
use crate::cli::Global;
use crate::commands::ask::{ask, is_conversation};
use crate::failure::{Exit, Failure};
use crate::shelter::desk::{Draft, Entered, Follow, Here, Joined, Subject};
use crate::shelter::input::Fields;
use crate::shelter::said;
use crate::shelter::state::Reception;

/// What is decided beforehand.
#[derive(Args, Debug, Default, Clone)]
pub struct Settled {
    /// Where the person stays: shelter, home (在宅) or vehicle (車中泊) [default: shelter, or as was known]
    #[arg(long, value_name = "STAY", value_parser = stay)]
    pub stay: Option<Stay>,
    /// The room, if the shelter has rooms
    #[arg(long, value_name = "ROOM")]
    pub room: Option<String>,
    /// Do not ask whether the person shown is to be entered
    #[arg(long)]
    pub yes: bool,
    /// Enter in spite of a warning: somebody alike is here, a second head of the household, or a room that the shelter does not have
    #[arg(long)]
    pub anyway: bool,
}

fn stay(text: &str) -> Result<Stay, String> {
    match text {
        "shelter" => Ok(Stay::Shelter),
        "home" => Ok(Stay::Home),
        "vehicle" => Ok(Stay::Vehicle),
        _ => Err("use one of shelter, home, vehicle".to_owned()),
    }
}

/// What came of it.
pub enum Decided {
    /// To be entered.
    Enter(Box<Draft>),
    /// Not, as somebody decided.
    Not,
}

/// The act by which somebody arrives here.
#[must_use]
pub const fn arrival(here: Here) -> Act {
    match here {
        Here::Elsewhere => Act::Moved,
        Here::New | Here::Left | Here::Present | Here::Hidden => Act::In,
    }
}

/// Shows who stands there, and decides.
///
/// # Errors
/// [`Failure`] (1): the person is here already, or a warning was not answered.
pub fn decide(global: &Global, reception: &Reception, subject: Subject, settled: &Settled) -> Result<Decided, Failure> {
    let Settled { stay, room: _, yes, anyway } = settled;
    let (stay, yes, anyway) = (*stay, *yes, *anyway);
    let Subject { chain, mut person, here } = subject;
    let (lang, today) = (global.lang(), reception.today());
    if let Some(stay) = stay {
        person.stay = stay;
    }
    if here == Here::Left {
        person.destination = String::new();
    }
    if here == Here::Present {
        let since = reception.roster().person(chain).map(|group| said::moment(lang, group.latest.moment.time.millis())).unwrap_or_default();
        let shown = said::line(lang, &person, today);
        return Err(Failure::refused(
            format!("この方はすでにここで受付済みです（{since}）。変更は tachiai reception edit で行ってください。\n  {shown}\n  {chain}"),
            format!("this person is registered here already (since {since}). Change entries with `tachiai reception edit`.\n  {shown}\n  {chain}"),
        ));
    }
    person.room = room(global, reception, &person, here, settled)?;
    if !global.json {
        outln!("{}", said::lines(lang, &person, today));
    }
    let warnings = warnings(global, reception, chain, &person);
    for (ja, en) in &warnings {
        note(global, ja, en);
    }
    if here == Here::Elsewhere
        && let Some(place) = reception.place(chain)
    {
        let (ja, en) = (reception.shelter_name(Lang::Ja, place), reception.shelter_name(Lang::En, place));
        note(
            global,
            &format!("この方は {ja} で在所となっています。ここへの移動として登録します。"),
            &format!("this person is registered at shelter {en}. It is entered as a move from there."),
        );
    }
    if !warnings.is_empty() && !anyway && !is_conversation(global) {
        let (ja, en): (Vec<_>, Vec<_>) = warnings.into_iter().unzip();
        return Err(Failure::new(Exit::Refused, ja.join("\n"), en.join("\n"))
            .and("登録していません。別の方であれば --anyway を付けてください。", "Nothing was entered. If it is another person, add --anyway."));
    }
    let must_ask = (!warnings.is_empty() && !anyway) || !yes;
    if must_ask && is_conversation(global) {
        let question = if warnings.is_empty() {
            global.pick("Enter で登録、n で取り消し: ", "Enter to register, n to cancel: ")
        } else {
            global.pick("別の方として登録しますか？ y で登録、Enter で取り消し: ", "Register as another person? y to register, Enter to cancel: ")
        };
        let answer = ask(question)?;
        let agreed = if warnings.is_empty() { answer.is_empty() || is_yes(&answer) } else { is_yes(&answer) };
        if !agreed {
            return Ok(Decided::Not);
        }
    }
    let shelter = reception.shelter().clone();
    Ok(Decided::Enter(Box::new(Draft { chain, shelter, act: arrival(here), person, at: None, follow: here.follow() })))
}

/// Why each of some people is like another, in lines.
fn alike_lines(lang: Lang, people: impl Iterator<Item = (Alike, String)>) -> String {
    people.map(|(alike, line)| format!("  [{}] {line}", alike.say(lang))).collect::<Vec<_>>().join("\n")
}

/// The room of somebody who arrives here: as was said; else it is asked for where somebody sits there and the shelter has rooms.
///
/// # Errors
/// [`Failure`] (1): the shelter has no such room, and nobody said that it is meant nevertheless.
pub fn room(global: &Global, reception: &Reception, person: &Person, here: Here, settled: &Settled) -> Result<String, Failure> {
    let shelter = reception.shelter();
    let known = |room: &str| reception.known_room(shelter, room);
    let room = match (&settled.room, here) {
        (Some(room), _) if room.is_empty() => return Ok(String::new()),
        (Some(room), _) => room.clone(),
        // The room of whoever was elsewhere, or had left, is one of then.
        (None, Here::Elsewhere | Here::Left) => known(&person.room).unwrap_or_default(),
        (None, Here::New | Here::Present | Here::Hidden) => person.room.clone(),
    };
    if reception.rooms(shelter).is_empty() || person.stay != Stay::Shelter {
        return Ok(room);
    }
    if !is_conversation(global) {
        return match known(&room) {
            Err(_) if settled.anyway => Ok(room),
            known => known.map_err(|failure| {
                failure
                    .and("登録していません。その部屋でよければ --anyway を付けてください。", "Nothing was entered. If it is meant nevertheless, add --anyway.")
            }),
        };
    }
    let names = reception.rooms(shelter).iter().map(|room| room.name.as_str()).collect::<Vec<_>>().join(global.pick("・", ", "));
    let question = match global.lang() {
        Lang::Ja => format!("部屋（{names}。後で決めるなら Enter）: "),
        Lang::En => format!("Room ({names}; Enter to leave it open): "),
    };
    let mut room = room;
    loop {
        if room.is_empty() {
            room = ask(&question)?;
        }
        match known(&room) {
            Ok(known) => return Ok(known),
            Err(failure) => {
                eprintln!("✗ {}", global.pick(&failure.ja, &failure.en));
                if is_yes(&ask(
                    global.pick("この名前のまま登録しますか？ y で登録、Enter で入力し直し: ", "Take it nevertheless? y to take it, Enter to type another: ")
                )?) {
                    return Ok(room);
                }
                room = String::new();
            }
        }
    }
}

/// People who may be the same person as one who is to be entered: here, or on the list of residents.
#[must_use]
pub fn alike(global: &Global, reception: &Reception, chain: ChainId, person: &Person) -> Vec<(String, String)> {
    let (lang, today) = (global.lang(), reception.today());
    let mut warnings = Vec::new();
    let here = reception.lookalikes(chain, person);
    if !here.is_empty() {
        let shown = alike_lines(lang, here.iter().map(|(alike, view)| (*alike, said::view_line(reception, lang, view))));
        warnings.push((
            format!("同じ方かもしれない方が、すでに受付済みです。\n{shown}"),
            format!("somebody who may be the same person is registered already.\n{shown}"),
        ));
    }
    let listed = reception.residents_alike(person);
    if !listed.is_empty() {
        let shown = alike_lines(lang, listed.iter().map(|(alike, resident)| (*alike, said::resident(lang, resident, today))));
        warnings.push((
            format!("住民の一覧に、同じ方かもしれない方がいます。その方であれば、取り消して住民の検索（s）か tachiai reception in resident --number で受け付けてください。\n{shown}"),
            format!("a resident may be the same person. If so, cancel, and register by the list (s, or `tachiai reception in resident --number`).\n{shown}"),
        ));
    }
    warnings
}

/// What makes somebody look twice before a person is entered: somebody alike is here, or the household has a head already.
#[must_use]
pub fn warnings(global: &Global, reception: &Reception, chain: ChainId, person: &Person) -> Vec<(String, String)> {
    let mut warnings = alike(global, reception, chain, person);
    if let Some(head) = reception.other_head(chain, person.household) {
        warnings.push((
            format!("この世帯にはすでに世帯主の方がいます（{head}）。世帯主が2人になります。"),
            format!("this household has a head already ({head}). It would have two."),
        ));
    }
    warnings
}

fn is_yes(answer: &str) -> bool {
    matches!(answer, "y" | "Y" | "yes" | "はい" | "ｙ")
}

/// Enters and says so.
///
/// # Errors
/// [`Failure`].
pub fn enter(global: &Global, reception: &mut Reception, drafts: &[Draft]) -> Result<Exit, Failure> {
    let entered = reception.enter(drafts)?;
    let lang = global.lang();
    // Of whom is hidden it is not even told that there is something before.
    let apart = entered.iter().zip(drafts).filter(|(entered, draft)| entered.joined == Joined::Apart && draft.follow != Follow::Apart);
    for (Entered { chain, .. }, _) in apart {
        note(
            global,
            &format!("その方の前の避難所での記録をこの端末では読めません。災害対策本部で一つにまとめてください（{chain}）。"),
            &format!("what was entered of this person before, at another shelter, cannot be read here. Have headquarters make one of the two ({chain})."),
        );
    }
    if global.json {
        let list: Vec<Value> = entered.iter().zip(drafts).map(|(entered, draft)| entered_json(entered, draft)).collect();
        outln!("{}", json!({ "entered": list, "waiting": reception.waiting().count() }));
        return Ok(Exit::Done);
    }
    for (Entered { chain, hash: _, time, joined: _ }, Draft { act, person, shelter, .. }) in entered.iter().zip(drafts) {
        let shelter = reception.shelter_name(lang, shelter);
        outln!("✓ {}  {}  {shelter}  {}  {chain}", act.say(lang), said::name(lang, person), said::moment(lang, time.millis()));
    }
    Ok(Exit::Done)
}

fn entered_json(Entered { chain, hash, time, joined: _ }: &Entered, Draft { act, person, shelter, .. }: &Draft) -> Value {
    json!({ "handle": chain, "entry": tachiai_schemas::HashBytes::from(*hash), "time": time, "act": act, "shelter": shelter, "person": person })
}

/// Nothing was entered, as somebody decided.
///
/// # Errors
/// Always [`Failure`] (1).
pub fn not_entered() -> Result<Exit, Failure> {
    Err(Failure::refused("登録していません。", "nothing was entered."))
}

/// How much of a person is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// All that a reception asks.
    Whole,
    /// Of a family, what is not the head's: without a name nothing more is asked.
    Member,
}

/// What is asked of the head of a family alone.
const OF_THE_HEAD: [&str; 3] = ["address", "phone", "pets"];

/// Asks for a new person, field by field; Enter leaves a field empty.
///
/// # Errors
/// [`Failure`].
pub fn ask_person(global: &Global, today: Day, asked: Asked, fields: &mut Fields) -> Result<(), Failure> {
    let questions = [
        ("name", global.pick("氏名: ", "Name: ")),
        ("kana", global.pick("カナ: ", "Kana: ")),
        ("birth", global.pick("生年月日（不明なら Enter）: ", "Birth date (Enter if unknown): ")),
        ("age", global.pick("年齢（生年月日が不明のとき）: ", "Age (without a birth date): ")),
        ("sex", global.pick("性別（男・女）: ", "Sex (m or f): ")),
        ("address", global.pick("住所: ", "Address: ")),
        ("phone", global.pick("電話: ", "Phone: ")),
        ("needs", global.pick("配慮（介護・障害・医療・妊産婦・外国人・食物アレルギー）: ", "Needs (care, disability, medical, pregnant, foreign, food): ")),
        ("allergies", global.pick("アレルギー: ", "Allergies: ")),
        ("pets", global.pick("ペット: ", "Pets: ")),
        ("disclosure", global.pick("安否の公開（否・安否・可）: ", "May be told (nobody, safe, place): ")),
    ];
    let mut has_birth = false;
    for (key, question) in questions {
        if (key == "age" && has_birth) || (asked == Asked::Member && OF_THE_HEAD.contains(&key)) {
            continue;
        }
        if asked == Asked::Member && key == "kana" && fields.is_empty() {
            return Ok(());
        }
        loop {
            let answer = ask(question)?;
            if answer.is_empty() {
                break;
            }
            let mut one = Fields::default();
            one.push(key, &answer);
            // A slip is said at once, and only this field is asked for again.
            match one.apply(&mut Person::unknown(Identified::Typed, Stay::Shelter), today) {
                Ok(_) => {
                    has_birth |= key == "birth";
                    fields.push(key, &answer);
                    break;
                }
                Err(failure) => eprintln!("{}", if global.lang() == Lang::Ja { &failure.ja } else { &failure.en }),
            }
        }
    }
    Ok(())
}
