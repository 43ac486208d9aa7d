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
use crate::shelter::record::How;
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
pub fn decide(global: &Global, reception: &mut Reception, subject: Subject, settled: &Settled) -> Result<Decided, Failure> {
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
    person.room = room(global, reception, &person, settled)?;
    if !global.json {
        outln!("{}", said::lines(lang, &person, today));
    }
    let warnings = warnings(lang, reception, chain, &person)?;
    for (ja, en) in &warnings {
        note(global, ja, en);
    }
    if let Some((ja, en)) = reception.elsewhere(chain, here) {
        note(global, &ja, &en);
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
    Ok(Decided::Enter(Box::new(arriving(reception, chain, here, person))))
}

/// The entry by which somebody arrives at this shelter.
#[must_use]
pub fn arriving(reception: &Reception, chain: ChainId, here: Here, person: Person) -> Draft {
    Draft { chain, shelter: reception.shelter().clone(), act: arrival(here), person, at: None, follow: here.follow() }
}

/// Why each of some people is like another, in lines.
fn alike_lines(lang: Lang, people: impl Iterator<Item = (Alike, String)>) -> String {
    people.map(|(alike, line)| format!("  [{}] {line}", alike.say(lang))).collect::<Vec<_>>().join("\n")
}

/// The room of somebody who arrives here: as was said; else it is asked for where somebody sits there and the shelter has rooms.
///
/// # Errors
/// [`Failure`] (1): the shelter has no such room, and nobody said that it is meant nevertheless.
pub fn room(global: &Global, reception: &Reception, person: &Person, settled: &Settled) -> Result<String, Failure> {
    let shelter = reception.shelter();
    let known = |room: &str| reception.known_room(shelter, room);
    let room = match &settled.room {
        Some(room) if room.is_empty() => return Ok(String::new()),
        Some(room) => room.clone(),
        None => person.room.clone(),
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

/// People who may be the same person as one who is to be entered: here, or on the list of residents. They are shown, so it is recorded that somebody looked at them before
/// the lines are given, whatever is entered then.
///
/// # Errors
/// [`Failure`]: it cannot be recorded, and nobody may be shown.
pub fn alike(lang: Lang, reception: &mut Reception, chain: ChainId, person: &Person) -> Result<Vec<(String, String)>, Failure> {
    let today = reception.today();
    let mut warnings = Vec::new();
    let (here, listed) = (reception.lookalikes(chain, person), reception.residents_alike(person));
    if !here.is_empty() || !listed.is_empty() {
        reception.looked(How::Search, here.iter().flat_map(|(_, view)| view.handles.clone()).collect(), listed.len())?;
    }
    if !here.is_empty() {
        let shown = alike_lines(lang, here.iter().map(|(alike, view)| (*alike, said::view_line(reception, lang, view))));
        warnings.push((
            format!("同じ方かもしれない方が、すでに受付済みです。\n{shown}"),
            format!("somebody who may be the same person is registered already.\n{shown}"),
        ));
    }
    if !listed.is_empty() {
        let shown = alike_lines(lang, listed.iter().map(|(alike, resident)| (*alike, said::resident(lang, resident, today))));
        warnings.push((
            format!("住民の一覧に、同じ方かもしれない方がいます。その方であれば、取り消して住民の検索（s）か tachiai reception in resident --number で受け付けてください。\n{shown}"),
            format!("a resident may be the same person. If so, cancel, and register by the list (s, or `tachiai reception in resident --number`).\n{shown}"),
        ));
    }
    Ok(warnings)
}

/// What makes somebody look twice before a person is entered: somebody alike is here, or the household has a head already.
///
/// # Errors
/// As [`alike`].
pub fn warnings(lang: Lang, reception: &mut Reception, chain: ChainId, person: &Person) -> Result<Vec<(String, String)>, Failure> {
    let mut warnings = alike(lang, reception, chain, person)?;
    if let Some(head) = reception.other_head(chain, person.household) {
        warnings.push((
            format!("この世帯にはすでに世帯主の方がいます（{head}）。世帯主が2人になります。"),
            format!("this household has a head already ({head}). It would have two."),
        ));
    }
    Ok(warnings)
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
    for (ja, en) in entered.iter().zip(drafts).filter_map(|(entered, draft)| apart(entered, draft)) {
        note(global, &ja, &en);
    }
    if global.json {
        let list: Vec<Value> = entered.iter().zip(drafts).map(|(entered, draft)| entered_json(entered, draft)).collect();
        outln!("{}", json!({ "entered": list, "waiting": reception.waiting().count() }));
        return Ok(Exit::Done);
    }
    for (Entered { chain, hash: _, act, time, joined: _ }, Draft { person, shelter, .. }) in entered.iter().zip(drafts) {
        let shelter = reception.shelter_name(lang, shelter);
        outln!("✓ {}  {}  {shelter}  {}  {chain}", act.say(lang), said::name(lang, person), said::moment(lang, time.millis()));
    }
    Ok(Exit::Done)
}

/// What is said of somebody whose entry stands beside an earlier one that cannot be read here. Of whom is hidden it is not even told that there is something before.
#[must_use]
pub fn apart(entered: &Entered, draft: &Draft) -> Option<(String, String)> {
    let chain = entered.chain;
    (entered.joined == Joined::Apart && draft.follow != Follow::Apart).then(|| {
        (
            format!(
                "要対応: 災害対策本部に連絡し、{}さんの2つの記録を1つにまとめてもらってください。ほかの避難所の記録をこの端末では読めないため、移動として続けて書けませんでした。ここでの登録は済んでいます（{chain}）。",
                said::name(Lang::Ja, &draft.person)
            ),
            format!(
                "Headquarters have to act: have them make one of the two records of {}. The one of another shelter cannot be read here, so that this one could not follow it as a move. It is entered here ({chain}).",
                said::name(Lang::En, &draft.person)
            ),
        )
    })
}

fn entered_json(Entered { chain, hash, act, time, joined: _ }: &Entered, Draft { person, shelter, .. }: &Draft) -> Value {
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::commands::reception::family::family;
    use crate::shelter::input;
    use crate::shelter::record::{Looked, Record};
    use crate::shelter::store::Store;
    use crate::shelter::tests::town::{Town, Wall, began};

    #[derive(Parser)]
    struct Options {
        #[command(flatten)]
        global: Global,
    }

    fn global() -> Global {
        Options::parse_from(["tachiai", "--json", "--lang", "en"]).global
    }

    fn typed(gym: &Reception, lines: &str) -> Subject {
        gym.typed(&input::read(lines).unwrap()[0], Identified::Typed).unwrap().0
    }

    #[test]
    fn whoever_is_shown_as_alike_was_looked_at_also_where_nobody_is_entered_then() {
        let folder = tempfile::tempdir().unwrap();
        let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
        let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
        let settled = Settled { anyway: true, ..Settled::default() };
        let refused = |gym: &mut Reception, lines: &str| {
            let subject = typed(gym, lines);
            let failure = decide(&global(), gym, subject, &Settled::default()).err().unwrap();
            assert!(failure.exit == Exit::Refused && failure.en.contains("Nothing was entered"), "{failure}");
        };
        // Of the list of residents one is alike; then she is here.
        refused(&mut gym, "name=養父 花子\nage=46");
        let subject = typed(&gym, "name=養父 花子\nbirth=1980-02-17");
        let Ok(Decided::Enter(draft)) = decide(&global(), &mut gym, subject, &settled) else { panic!("not entered") };
        let hanako = gym.enter(&[*draft]).unwrap()[0].chain;
        refused(&mut gym, "name=養父 花子\nage=46");
        assert_eq!(gym.roster().live().count(), 1);
        let key = { gym }.key;
        let records = Store::open(folder.path(), key.journal()).unwrap().records;
        let looked = records.iter().filter_map(|bytes| if let Record::Looked(looked) = Record::from_bytes(bytes).unwrap() { Some(looked) } else { None });
        let looked: Vec<_> = looked.map(|Looked { how, handles, residents, stamp: _ }| (how, handles, residents)).collect();
        assert_eq!(looked, [(How::Search, vec![], 1), (How::Search, vec![hanako], 0)]);
    }

    #[test]
    fn a_family_shares_a_room_except_for_whom_another_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
        let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
        let settled = Settled { room: Some("2年1組".into()), yes: true, ..Settled::default() };
        let members = input::read("name=甲\nage=40\n\nname=乙\nage=38\nroom=保健室\n\nname=丙\nage=9").unwrap();
        family(&global(), &mut gym, &members, &settled).unwrap();
        let mut rooms: Vec<_> = gym.present().into_iter().filter_map(|view| view.counts.person).map(|person| (person.name, person.room)).collect();
        rooms.sort();
        assert_eq!(rooms, [("丙", "2年1組"), ("乙", "保健室"), ("甲", "2年1組")].map(|(name, room)| (name.to_owned(), room.to_owned())));
    }
}
