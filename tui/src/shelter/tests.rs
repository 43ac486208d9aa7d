mod cards;
mod clocks;
mod reports;
pub(crate) mod town;
mod undo;

use std::fs;
use std::path::Path;

use rand_core::OsRng;
use tachiai_schemas::identity::case::refused;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::hand_in::{Aside, Copied, HandInAnswer, Openings, SetAside, SignedHandIn};
use tachiai_schemas::roster::pen::{Pen, Stroke};
use tachiai_schemas::roster::person::{Birth, Household, Identified, Relation};
use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{self, Act, Body, ChainId, Need, OpenState, Person, ShelterId, Stay, TerminalStatus};
use tachiai_schemas::shelter::{Alike, ConflictKind};
use tachiai_schemas::{Blob, Bytes, CitizenId, HashBytes, Lang};

use super::card::Holder;
use super::desk::{Draft, Follow, Here, Joined, Subject};
use super::input::{self, Fields};
use super::key::seal_to;
use super::record::{Record, Wrote};
use super::said;
use super::state::{Fate, Reception};
use super::stick::{Reply, Which};
use super::store::Store;
use super::sync::{Heard, Synced};
use crate::card::Attributes;
use crate::failure::Exit;
use town::{Town, Wall, began};

fn person(name: &str, birth: &str) -> Person {
    Person { name: name.to_owned(), birth: Birth::Day(Day::read(birth).unwrap()), ..Person::unknown(Identified::Typed, Stay::Shelter) }
}

fn fields(lines: &str) -> Fields {
    input::read(lines).unwrap().remove(0)
}

fn typed(reception: &Reception, lines: &str) -> Subject {
    reception.typed(&fields(lines), Identified::Typed).unwrap().0
}

fn draft(reception: &Reception, subject: Subject, act: Act) -> Draft {
    Draft { chain: subject.chain, shelter: reception.shelter().clone(), act, person: subject.person, at: None, follow: Follow::Latest }
}

fn enter(reception: &mut Reception, subject: Subject, act: Act) -> ChainId {
    let draft = draft(reception, subject, act);
    reception.enter(&[draft]).unwrap().remove(0).chain
}

fn arrive(reception: &mut Reception, number: &str) -> ChainId {
    let resident = reception.residents().unwrap().by_number(number).unwrap().clone();
    let subject = reception.resident(&resident, Identified::List);
    enter(reception, subject, Act::In)
}

fn reopen(reception: Reception, wall: &Wall) -> Reception {
    let folder = reception.folder().to_owned();
    drop(reception);
    Reception::open(&folder, || panic!("unprotected"), wall.clocks()).unwrap()
}

fn hand_over(town: &mut Town, reception: &mut Reception) -> HandInAnswer {
    let waiting: Vec<_> = reception.waiting().cloned().collect();
    let file: SignedHandIn = reception.hand_in_of(&waiting.iter().collect::<Vec<_>>()).unwrap();
    town.hand_in(&file, false)
}

#[test]
fn everything_that_was_entered_is_there_after_the_power_failed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let hanako = arrive(&mut gym, "1");
    let subject = typed(&gym, "name=Maria Cruz\nbirth=1999-01-01");
    let maria = enter(&mut gym, subject, Act::In);
    gym.headcount(40, HowCounted::About).unwrap();
    gym.set_state(OpenState::Crowded).unwrap();
    gym.hand_over("hanako needs her medicine at six").unwrap();
    let subject = Subject { chain: maria, person: Person { destination: "Osaka".into(), ..person("Maria Cruz", "1999-01-01") }, here: Here::Present };
    enter(&mut gym, subject, Act::Out);
    wall.reboot();
    let gym = reopen(gym, &wall);
    assert_eq!(gym.present().iter().map(|view| view.handles[0]).collect::<Vec<_>>(), [hanako]);
    assert_eq!((gym.waiting().count(), gym.notes()[0].note.text.as_str()), (6, "hanako needs her medicine at six"));
    assert_eq!(gym.roster().shelter(&"gym".parse().unwrap()).unwrap().state, OpenState::Crowded);
    assert_eq!(gym.people().totals(gym.roster())[&"gym".parse::<ShelterId>().unwrap()].heads, Some(40));
    let view = gym.view(maria).unwrap();
    assert_eq!((view.history.len(), view.counts.person.unwrap().destination.as_str()), (2, "Osaka"));
    // Nothing of it can be read in the folder.
    for file in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(5).any(|five| five == b"Maria") && !bytes.windows(6).any(|six| six == "花子".as_bytes()));
    }
}

#[test]
fn what_is_handed_in_twice_and_in_another_order_is_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    for number in ["1", "2", "3"] {
        arrive(&mut gym, number);
    }
    let own: Vec<_> = gym.waiting().cloned().collect();
    let parts: Vec<SignedHandIn> = own.iter().rev().map(|own| gym.hand_in_of(&[own]).unwrap()).collect();
    let whole = gym.hand_in_of(&own.iter().collect::<Vec<_>>()).unwrap();
    for part in &parts {
        assert_eq!(town.hand_in(part, true).taken, 1);
    }
    let answer = town.hand_in(&whole, true);
    assert_eq!((answer.taken, answer.known, answer.copied, answer.aside.len()), (0, 3, Copied::No, 0));
    town.inform(&mut gym);
    assert_eq!((gym.waiting().count(), town.roster.live().count(), gym.cursor()), (0, 3, answer.size));
}

#[test]
fn a_terminal_whose_clock_is_a_day_off_dates_anew_what_it_wrote_and_hands_it_in() {
    const DAY: u64 = 86_400_000;
    for ahead in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let (mut town, right) = (Town::new(), began() + 60_000);
        let wall = Wall::at(right);
        let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
        // The battery of the clock is empty, and the machine starts anew.
        wall.reboot();
        wall.set(if ahead { right + DAY } else { right - DAY });
        let mut gym = {
            gym = reopen(gym, &wall);
            gym
        };
        let first = arrive(&mut gym, "1");
        wall.pass(600_000);
        let subject = gym.resident(&gym.residents().unwrap().by_number("1").unwrap().clone(), Identified::List);
        enter(&mut gym, subject, Act::Out);
        let form = Draft {
            at: Some(right),
            ..{
                let subject = typed(&gym, "name=紙　一枚\nbirth=1950-01-01");
                draft(&gym, subject, Act::In)
            }
        };
        let on_paper = gym.enter(&[form]).unwrap().remove(0).chain;
        gym.hand_over("note").unwrap();
        wall.pass(60_000);
        town.now = right + 660_000;
        let answer = hand_over(&mut town, &mut gym);
        assert_eq!((answer.taken, answer.aside.len()), (0, 4), "nothing stands in the roster under a wrong time");
        gym.hear_clock(answer.now.millis()).unwrap();
        // A clock that is behind gives no moment before what the terminal had seen, so that its first entry has the right one.
        assert_eq!(gym.redate().unwrap(), if ahead { 4 } else { 3 });
        let mut gym = reopen(gym, &wall);
        let answer = hand_over(&mut town, &mut gym);
        assert_eq!((answer.taken, answer.aside.len(), answer.copied), (4, 0, Copied::No));
        town.inform(&mut gym);
        assert_eq!((gym.waiting().count(), gym.redate().unwrap(), gym.own().len()), (0, 0, 4));
        let steps: Vec<u64> = town.roster.steps(&first).map(|step| step.moment.time.millis()).collect();
        assert_eq!(steps, [right, right + 600_000], "ahead: {ahead}");
        // A clock that is behind made the form's time one of its future; the form is believed as far as no entry can be of the future.
        let form = town.roster.steps(&on_paper).next().unwrap().moment.time.millis();
        assert!(form == right || (!ahead && form == right + 600_000), "{form}");
        assert_eq!(gym.notes().len(), 1);
    }
}

#[test]
fn a_person_whom_two_terminals_registered_is_a_conflict_on_both_and_settled_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(&folder.path().join("gym"), "gym-1", "gym", &wall);
    let mut hall = town.admit(&folder.path().join("hall"), "hall-1", "hall", &wall);
    town.inform(&mut gym);
    let (one, two) = (arrive(&mut gym, "1"), arrive(&mut hall, "1"));
    assert_eq!(one, two, "they do not hear each other, and use one handle");
    hand_over(&mut town, &mut gym);
    hand_over(&mut town, &mut hall);
    town.inform(&mut gym);
    town.inform(&mut hall);
    for terminal in [&gym, &hall] {
        let conflicts = terminal.conflicts();
        assert_eq!((conflicts.len(), conflicts[0].heads.len(), conflicts[0].conflict), (1, 2, Some(ConflictKind::TwoPlaces)));
    }
    assert_eq!(town.roster.live().count(), 1);
    let head = gym.conflicts()[0].heads.iter().find(|head| head.shelter.as_str() == "gym").unwrap().entry;
    assert_eq!(gym.settle(one, HashBytes::from(town.hash(0))).err().unwrap().exit, Exit::Refused);
    gym.settle(one, head).unwrap();
    assert!(gym.conflicts().is_empty());
    hand_over(&mut town, &mut gym);
    town.inform(&mut hall);
    assert!(hall.conflicts().is_empty() && hall.present().is_empty());
    assert_eq!(town.roster.live().map(|(_, step)| step.shelter.as_str()).collect::<Vec<_>>(), ["gym"]);
}

#[test]
fn a_code_that_was_lost_is_refused_from_the_news_on_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let (lost, other) = (CitizenId([5; 16]), CitizenId([6; 16]));
    assert!(gym.citizen(lost).is_ok(), "before it hears of it");
    town.refused = vec![refused(lost)];
    town.inform(&mut gym);
    assert_eq!(gym.citizen(lost).err().unwrap().exit, Exit::Refused);
    let gym = reopen(gym, &wall);
    assert_eq!(gym.citizen(lost).err().unwrap().exit, Exit::Refused);
    assert!(gym.citizen(other).is_ok());
}

#[test]
fn who_was_entered_elsewhere_unreadably_is_entered_apart_and_shown_as_a_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(&folder.path().join("gym"), "gym-1", "gym", &wall);
    let mut hall = town.admit(&folder.path().join("hall"), "hall-1", "hall", &wall);
    arrive(&mut gym, "1");
    hand_over(&mut town, &mut gym);
    // The other shelter hears that there is an entry, and not what it says.
    let news = town.unread_news(&hall);
    hall.learn(&[news], None).unwrap();
    wall.pass(60_000);
    let resident = hall.residents().unwrap().by_number("1").unwrap().clone();
    for (act, joined, heads) in [(Act::Moved, Joined::Apart, 2), (Act::Edit, Joined::Follows, 2)] {
        let draft = draft(&hall, hall.resident(&resident, Identified::List), act);
        let entered = hall.enter(&[draft]).unwrap().remove(0);
        assert_eq!(entered.joined, joined);
        let group = hall.roster().person(entered.chain).unwrap();
        assert_eq!((group.heads.len(), group.conflict().is_some()), (heads, true));
    }
    // Nobody closes over what nobody has read.
    let view = hall.conflicts().remove(0);
    for head in &view.heads {
        let failure = hall.settle(view.counts.chain, head.entry).err().unwrap();
        assert!(failure.exit == Exit::Refused && failure.en.contains("cannot be read"), "{failure}");
    }
}

#[test]
fn what_follows_an_entry_that_was_taken_over_follows_the_appliances_and_is_no_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(&folder.path().join("gym"), "gym-1", "gym", &wall);
    let mut hall = town.admit(&folder.path().join("hall"), "hall-1", "hall", &wall);
    let hanako = arrive(&mut gym, "1");
    wall.pass(60_000);
    let subject = gym.resident(&gym.residents().unwrap().by_number("1").unwrap().clone(), Identified::List);
    enter(&mut gym, subject, Act::Edit);
    // The arrival was set aside, and the appliance wrote it again; the change that follows it was taken.
    let (arrival, edit) = (gym.own()[0].clone(), gym.own()[1].clone());
    assert_eq!(town.hand_in(&gym.hand_in_of(&[&edit]).unwrap(), false).taken, 1);
    let person = Person::clone(gym.people().person(&arrival.hash).unwrap());
    town.now += 120_000;
    let stroke = Stroke { chain: hanako, after: &[], shelter: "gym".parse().unwrap(), act: Act::In, person: &person, time: Some(arrival.entry.body.time) };
    town.write(|pen, now| pen.person(&stroke, now, &mut OsRng).unwrap());
    // Whoever is not told that one stands in for the other sees two that contradict each other.
    town.inform(&mut hall);
    assert_eq!(hall.conflicts().len(), 1);
    let written = town.news(&gym).entries.iter().map(|Blob(bytes)| roster::leaf_hash(bytes)).next_back().unwrap();
    town.stand_ins.push((arrival.hash, written));
    town.inform(&mut gym);
    let group = gym.roster().person(hanako).unwrap();
    assert!(gym.conflicts().is_empty() && group.heads.len() == 1 && group.latest.moment.hash == edit.hash);
    assert!(gym.own().iter().all(|own| own.fate == Fate::Taken), "nothing waits, and nothing is aside");
    let gym = reopen(gym, &wall);
    assert!(gym.conflicts().is_empty() && gym.position().number == 2);
    // Nobody puts an entry that stands in the journal out of sight so.
    let mut other = town.admit(&folder.path().join("other"), "gym-2", "gym", &wall);
    town.stand_ins = vec![(edit.hash, written)];
    town.inform(&mut other);
    assert_eq!(other.roster().person(hanako).unwrap().latest.moment.hash, edit.hash);
}

#[test]
fn after_the_close_only_what_paper_tells_of_before_it_is_entered_and_it_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    town.now += 600_000;
    wall.pass(600_000);
    town.write(|pen, now| pen.write(Body::Closed {}, now).unwrap());
    town.inform(&mut gym);
    wall.pass(60_000);
    let form = |gym: &Reception, at| Draft { at, ..draft(gym, typed(gym, "name=Maria Cruz\nage=31"), Act::In) };
    for at in [None, Some(town.now + 1)] {
        let draft = form(&gym, at);
        let failure = gym.enter(&[draft]).err().unwrap();
        assert!(failure.exit == Exit::Refused && failure.en.contains("reception paper"), "{failure}");
    }
    let draft = form(&gym, Some(town.now - 60_000));
    gym.enter(&[draft]).unwrap();
    assert_eq!(gym.waiting().count(), 1);
}

#[test]
fn a_revoked_terminal_goes_on_and_says_what_happened() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    assert!(!gym.is_revoked());
    town.state(&gym, TerminalStatus::Revoked);
    town.inform(&mut gym);
    assert!(gym.is_revoked());
    arrive(&mut gym, "1");
    let answer = hand_over(&mut town, &mut gym);
    assert_eq!((answer.taken, answer.aside.len()), (0, 1));
    assert_eq!((gym.present().len(), town.roster.live().count()), (1, 0));
}

#[test]
fn two_terminals_of_one_identity_are_seen_and_no_number_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let gym = town.admit(&folder.path().join("gym"), "gym-1", "gym", &wall);
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    for file in fs::read_dir(gym.folder()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), other.join(file.file_name())).unwrap();
    }
    let open = |folder: &Path| Reception::open(folder, || panic!("unprotected"), wall.clocks()).unwrap();
    let (mut one, mut two) = (gym, open(&other));
    arrive(&mut one, "1");
    hand_over(&mut town, &mut one);
    arrive(&mut two, "2");
    assert_eq!(hand_over(&mut town, &mut two).copied, Copied::Twice);
    town.inform(&mut two);
    assert_eq!(two.copied(), Copied::Twice);
    assert_eq!(two.present().len(), 2, "nobody is lost for it");
    assert_eq!(two.position().number, 1);
    // A folder that was restored from before goes on behind what the appliance has.
    town.inform(&mut one);
    arrive(&mut one, "3");
    assert_eq!(one.own().last().unwrap().entry.body.number, 1);
}

#[test]
fn an_answer_on_a_stick_is_believed_as_far_as_it_is_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(&folder.path().join("gym"), "gym-1", "gym", &wall);
    arrive(&mut gym, "1");
    arrive(&mut gym, "2");
    let path = folder.path().join("out.json");
    for _ in 0..2 {
        assert_eq!(gym.export(&path, Which::Waiting).unwrap().entries, 2);
    }
    let file: SignedHandIn = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let before = town.checkpoint();
    let answer = town.hand_in(&file, true);
    let back = folder.path().join("back.json");
    let reply = |answer: &HandInAnswer| Reply { answer: answer.clone(), news: vec![town.news(&gym)] };
    let write = |reply: &Reply| fs::write(&back, serde_json::to_vec(reply).unwrap()).unwrap();
    let honest = reply(&answer);
    let mut forged = answer.clone();
    forged.checkpoint = forged.checkpoint.replacen("\n6\n", "\n5\n", 1);
    let older = HandInAnswer { checkpoint: before, ..answer.clone() };
    let mut left_out = reply(&answer);
    left_out.news[0].entries.pop();
    let mut changed = reply(&answer);
    let last = changed.news[0].entries.last_mut().unwrap();
    last.0 = String::from_utf8(last.0.clone()).unwrap().replace("\"gym\"", "\"hal\"").into_bytes();
    // What stands beside the entries is signed as well: another code that leads to nobody, content that is kept back, and news for another terminal.
    let mut refusing = reply(&answer);
    refusing.news[0].refused.push(Bytes([1; 32]));
    let mut closed = reply(&answer);
    let none: Openings = closed.news[0].entries.iter().map(|_| None).collect();
    closed.news[0].openings = seal_to(&gym.key.recipient(), &serde_json::to_vec(&none).unwrap()).unwrap();
    let elsewhere = Reply { answer: answer.clone(), news: vec![town.signed(town.news(&gym), &"hall-1".parse().unwrap())] };
    let altered = [reply(&forged), reply(&older), left_out, changed, refusing, closed, elsewhere];
    for (number, altered) in altered.iter().enumerate() {
        write(altered);
        let failure = gym.confirm(&back).unwrap_err();
        assert!(matches!(failure.exit, Exit::Refused | Exit::Incomplete), "{number}: {failure}");
        assert_eq!(gym.waiting().count(), 2, "{number}");
    }
    // The words alone are shown, and nothing is ticked off by them.
    fs::write(&back, serde_json::to_vec(&answer).unwrap()).unwrap();
    assert_eq!((gym.confirm(&back).unwrap().taken, gym.waiting().count()), (0, 2));
    write(&honest);
    for taken in [2, 0] {
        assert_eq!((gym.confirm(&back).unwrap().taken, gym.waiting().count()), (taken, 0));
    }
}

#[test]
fn an_answer_over_the_line_marks_nothing_unless_it_is_signed_and_speaks_of_what_was_handed_in() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    arrive(&mut gym, "1");
    arrive(&mut gym, "2");
    let hashes: Vec<_> = gym.waiting().map(|own| own.hash).collect();
    let honest = hand_over(&mut town, &mut gym);
    let altered = [
        HandInAnswer { checkpoint: String::new(), ..honest.clone() },
        HandInAnswer { checkpoint: honest.checkpoint.replacen("\n6\n", "\n7\n", 1), ..honest.clone() },
        HandInAnswer { checkpoint: honest.checkpoint.replacen("localhost", "elsewhere", 1), ..honest.clone() },
        HandInAnswer { aside: vec![SetAside { index: 2, reason: Aside::Rule, detail: String::new() }], ..honest.clone() },
        HandInAnswer { aside: vec![SetAside { index: 2, reason: Aside::Clock, detail: String::new() }], ..honest.clone() },
    ];
    for (number, answer) in altered.into_iter().enumerate() {
        assert!(number > 2 || answer.checkpoint != honest.checkpoint, "{number}");
        let failure = gym.heed(&gym.asking(), &hashes, answer, 0, &mut Synced::default()).unwrap_err();
        assert_eq!((failure.exit, gym.waiting().count()), (Exit::Refused, 2), "{number}: {failure}");
    }
    assert!(matches!(gym.heed(&gym.asking(), &hashes, honest, 0, &mut Synced::default()).unwrap(), Heard::Settled(_)));
    assert_eq!(gym.waiting().count(), 0);
}

#[test]
fn somebody_who_is_here_already_is_found_under_every_name_that_fits() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let hanako = arrive(&mut gym, "1");
    let again = typed(&gym, "name=養父 花子\nbirth=1980-02-17");
    assert!(again.chain == hanako && again.here == Here::Present && again.person.kana == "ヤブ　ハナコ");
    let attributes =
        Attributes { name: "養父　花子".into(), address: "養父市八鹿町1".into(), birth: "19800217".into(), sex: crate::card::Sex::Female };
    let (subject, holder) = gym.of_card(&attributes, Identified::Card);
    assert!(subject.chain == hanako && holder == Holder::Resident && subject.person.identified == Identified::Card);
    // Somebody from elsewhere has a handle of the card, the same each time.
    let stranger = Attributes { name: "番号　太郎".into(), ..attributes.clone() };
    let (one, holder) = gym.of_card(&stranger, Identified::Card);
    assert!(holder == Holder::Other && one.here == Here::New);
    let number = enter(&mut gym, one, Act::In);
    assert_eq!(gym.of_card(&stranger, Identified::CardPin).0.here, Here::Present);
    // Typed again, they look alike, and a person decides.
    let again = typed(&gym, "name=番号 太郎\nbirth=1980-02-17");
    assert_eq!(gym.lookalikes(again.chain, &again.person).iter().map(|(_, view)| view.handles[0]).collect::<Vec<_>>(), [number]);
    assert!(gym.lookalikes(number, &again.person).is_empty());
}

#[test]
fn what_is_typed_adds_to_what_is_known_and_takes_neither_protection_nor_the_need_of_support_away() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let resident = gym.residents().unwrap().by_number("3").unwrap().clone();
    let mut subject = gym.resident(&resident, Identified::List);
    (subject.person.needs, subject.person.medication) = (vec![Need::Food, Need::Support], "insulin".into());
    subject.person.room = "A".into();
    let chain = enter(&mut gym, subject, Act::In);
    let Subject { chain: again, person, here } = typed(&gym, "resident=3\nroom=B\nneeds=care");
    assert!(again == chain && here == Here::Present && person.name == "八鹿　髙子" && person.address == "養父市八鹿町1");
    assert_eq!((person.room.as_str(), person.medication.as_str(), person.protection), ("B", "insulin", Protection::Open));
    assert!(person.needs.contains(&Need::Care) && person.needs.contains(&Need::Support) && person.needs.len() == 2);
    // Nothing was entered of this one yet: the register's word holds.
    let Subject { person, here, .. } = typed(&gym, "resident=4\nname=秘密 子\nprotection=open");
    assert!(here == Here::New && person.protection == Protection::Protected && person.birth == Birth::Day(Day::read("1990-09-09").unwrap()));
}

#[test]
fn a_form_of_a_time_before_the_entry_that_it_would_follow_is_refused_with_both_times() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 7_200_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let chain = arrive(&mut gym, "1");
    let entered = gym.roster().person(chain).unwrap().latest.moment.time.millis();
    let failure = gym.comes_after(chain, entered - 3_600_000).unwrap_err();
    let shown = |millis| said::moment(Lang::En, millis);
    assert!(failure.exit == Exit::Refused && failure.en.contains(&shown(entered)) && failure.en.contains(&shown(entered - 3_600_000)), "{failure}");
    assert!(gym.comes_after(chain, entered + 60_000).is_ok() && gym.comes_after(ChainId([1; 16]), began()).is_ok());
}

#[test]
fn whoever_any_version_or_the_register_protects_is_hidden_and_no_entry_changes_that() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    // Of one the first entry says so, and the later ones, as another program may write them, do not.
    let subject = typed(&gym, "name=養父 花子\nbirth=1980-02-17\nprotection=protected");
    let hanako = enter(&mut gym, subject, Act::In);
    assert!(gym.present().is_empty());
    let known = || Person { name: "養父　花子".into(), kana: "ヤブ　ハナコ".into(), ..person("養父　花子", "1980-02-17") };
    let open = Subject { chain: hanako, person: known(), here: Here::Present };
    enter(&mut gym, open, Act::Edit);
    let group = gym.roster().person(hanako).unwrap();
    assert_eq!(gym.people().person(&group.latest.moment.hash).unwrap().protection, Protection::Protected, "a draft does not take it away");
    let (wrote, stamp) = {
        let after: Vec<_> = group.heads.iter().map(|(_, step)| (step.moment.hash, step.seq)).collect();
        let mut pen = Pen::new(town::EVENT, gym.about.terminal.clone(), gym.key.signing(), gym.began().unwrap(), gym.position(), gym.latest());
        let stroke = Stroke { chain: hanako, after: &after, shelter: gym.shelter().clone(), act: Act::Edit, person: &known(), time: None };
        (pen.person(&stroke, gym.now(), &mut OsRng).unwrap(), gym.stamp())
    };
    gym.record(vec![Record::Wrote(Wrote { entry: Blob(wrote.bytes), opening: wrote.opening, stamp })]).unwrap();
    let group = gym.roster().person(hanako).unwrap();
    assert_eq!(gym.people().person(&group.latest.moment.hash).unwrap().protection, Protection::Open);
    assert!(gym.is_hidden(&group) && gym.present().is_empty());
    let search = |gym: &Reception, name: &str| gym.people().search_but(gym.roster(), name, None, 10, |group| gym.is_hidden(group)).0.len();
    assert_eq!(search(&gym, "やぶ"), 0);
    assert!(gym.lookalikes(ChainId([1; 16]), &known()).is_empty());
    assert_eq!(gym.again(hanako, known()).person.protection, Protection::Protected);
    // Another is protected by the register alone: by the number that an entry names, or by the handle.
    let secret = Person { resident: Some("4".into()), ..person("秘密　子", "1990-09-09") };
    let by_number = Subject { chain: ChainId([2; 16]), person: secret, here: Here::New };
    let chain = enter(&mut gym, by_number, Act::In);
    let group = gym.roster().person(chain).unwrap();
    assert_eq!(gym.people().person(&group.latest.moment.hash).unwrap().protection, Protection::Protected);
    assert_eq!((search(&gym, "秘密"), gym.present().len()), (0, 0));
}

#[test]
fn words_alone_tell_nothing_of_whom_was_entered_as_under_protection_and_add_to_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let resident = gym.residents().unwrap().by_number("1").unwrap().clone();
    assert!(resident.protection == Protection::Open && !gym.is_resident_hidden(&resident));
    let mut subject = gym.resident(&resident, Identified::Card);
    (subject.person.protection, subject.person.medication) = (Protection::Protected, "insulin".into());
    let hanako = enter(&mut gym, subject, Act::In);
    assert!(gym.is_resident_hidden(&resident) && gym.place(hanako).is_none());
    for words in ["name=養父 花子\nbirth=1980-02-17\nprotection=open", "resident=1\nname=養父 花子\nbirth=1980-02-17"] {
        let Subject { chain, person, here } = typed(&gym, words);
        assert!(here == Here::Hidden && chain == hanako && said::here_code(here) == "new");
        // Nothing of the register or of the entry: no reading, no address, no medication.
        assert!(person.kana.is_empty() && person.address.is_empty() && person.medication.is_empty());
    }
    let subject = typed(&gym, "name=養父 花子\nbirth=1980-02-17");
    let draft = Draft { follow: subject.here.follow(), ..draft(&gym, subject, Act::In) };
    let entered = gym.enter(&[draft]).unwrap().remove(0);
    // Both stand, for headquarters to settle: nothing is lost, nobody counts twice, and the words are kept from searches as well.
    let group = gym.roster().person(hanako).unwrap();
    assert_eq!((entered.joined, entered.chain, group.heads.len(), gym.roster().live().count()), (Joined::Apart, hanako, 2, 1));
    let of = |hash| gym.people().person(hash).unwrap();
    assert_eq!(of(&group.heads[0].1.moment.hash).medication, "insulin");
    assert_eq!(of(&entered.hash).protection, Protection::Protected);
    assert!(gym.present().is_empty() && gym.conflicts().is_empty());
    // The own card shows all of it.
    assert_eq!(gym.resident(&resident, Identified::Card).here, Here::Present);
}

#[test]
fn the_place_is_told_of_whom_the_latest_entry_is_known_here_and_of_nobody_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(&folder.path().join("gym"), "gym-1", "gym", &wall);
    let mut hall = town.admit(&folder.path().join("hall"), "hall-1", "hall", &wall);
    let mut other = town.admit(&folder.path().join("other"), "hall-2", "hall", &wall);
    let open = arrive(&mut gym, "1");
    let subject = gym.resident(&gym.residents().unwrap().by_number("3").unwrap().clone(), Identified::List);
    let hidden = enter(&mut gym, Subject { person: Person { protection: Protection::Protected, ..subject.person.clone() }, ..subject }, Act::In);
    hand_over(&mut town, &mut gym);
    // What one terminal may read, another may not.
    let news = town.news(&hall);
    hall.learn(&[news], None).unwrap();
    assert_eq!((hall.place(open).map(ShelterId::as_str), hall.place(hidden)), (Some("gym"), None));
    let news = town.unread_news(&other);
    other.learn(&[news], None).unwrap();
    assert!(other.roster().person(open).is_some() && other.place(open).is_none(), "it cannot be read here");
}

#[test]
fn whoever_was_received_here_is_found_here_and_another_shelters_entry_is_a_conflict_without_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(&folder.path().join("gym"), "gym-1", "gym", &wall);
    let mut hall = town.admit(&folder.path().join("hall"), "hall-1", "hall", &wall);
    // The hall knows that she is under protection, and the gym, where she is by the later entry, does not.
    let subject = hall.resident(&hall.residents().unwrap().by_number("1").unwrap().clone(), Identified::Card);
    let hanako = enter(&mut hall, Subject { person: Person { protection: Protection::Protected, ..subject.person.clone() }, ..subject }, Act::In);
    wall.pass(60_000);
    assert_eq!(arrive(&mut gym, "1"), hanako);
    assert_eq!(gym.present().len(), 1);
    hand_over(&mut town, &mut hall);
    let news = town.unread_news(&gym);
    gym.learn(&[news], None).unwrap();
    assert_eq!(gym.roster().person(hanako).unwrap().latest.shelter.as_str(), "gym");
    let found = gym.people().search_but(gym.roster(), "やぶ", None, 10, |group| gym.is_hidden(group)).0;
    // What this shelter entered of her is its own: she is changed and let go here. Nothing of the other's is in it.
    assert!(gym.present().len() == 1 && found.len() == 1 && found[0].heads.iter().filter(|head| head.person.is_some()).count() == 1);
    // The desk learns that there is something for headquarters to settle, and not about whom.
    let conflicts = gym.conflicts();
    assert!(conflicts.len() == 1 && conflicts[0].counts.person.is_none() && conflicts[0].heads.iter().all(|head| head.person.is_none()));
    assert!(!serde_json::to_string(&conflicts).unwrap().contains("花子"));
    assert_eq!(gym.people().totals(gym.roster())[&"gym".parse::<ShelterId>().unwrap()].present, 1, "she counts");
}

#[test]
fn nobody_under_protection_is_found_or_listed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let attributes = Attributes { name: "秘密　子".into(), address: "養父市".into(), birth: "19900909".into(), sex: crate::card::Sex::Female };
    let (subject, holder) = gym.of_card(&attributes, Identified::Card);
    assert!(holder == Holder::PerhapsProtected && subject.person.protection == Protection::Protected);
    let chain = enter(&mut gym, subject, Act::In);
    assert!(gym.present().is_empty() && gym.people().search(gym.roster(), "秘密", None, 10).0.is_empty());
    assert!(gym.lookalikes(ChainId([1; 16]), &person("秘密 子", "1990-09-09")).is_empty());
    assert_eq!(gym.of_card(&attributes, Identified::Card).0.here, Here::Present, "the own card finds them");
    assert_eq!(gym.people().totals(gym.roster())[&"gym".parse::<ShelterId>().unwrap()].present, 1, "they count");
    assert!(gym.roster().person(chain).is_some());
}

#[test]
fn who_is_typed_with_a_name_and_an_age_is_compared_with_residents_and_with_whom_is_here() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    // Should a pack ever name whoever is under protection, nobody is shown for it.
    town.protected_name = "秘密　子".into();
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let numbers = |gym: &Reception, lines: &str| {
        let alike = gym.residents_alike(&typed(gym, lines).person);
        alike.into_iter().map(|(alike, resident)| (alike, resident.number)).collect::<Vec<_>>()
    };
    for (lines, alike) in [("name=養父 花子\nage=46", Alike::NameAndAge), ("name=やぶ はなこ\nage=45", Alike::ReadingAndAge), ("name=養父 花子", Alike::Name)]
    {
        assert_eq!(numbers(&gym, lines), [(alike, "1".to_owned())], "{lines}");
    }
    assert_eq!(gym.residents().unwrap().by_number("4").unwrap().name, "秘密　子");
    for lines in ["name=養父 花子\nage=30", "name=養父 次郎\nage=46", "name=秘密 子\nage=35"] {
        assert!(numbers(&gym, lines).is_empty(), "{lines}");
    }
    // Once she is here, she is found there; and what was typed is found by whoever brings her card.
    let hanako = arrive(&mut gym, "1");
    let again = typed(&gym, "name=養父 花子\nage=47");
    let seen = |gym: &Reception, subject: &Subject| {
        gym.lookalikes(subject.chain, &subject.person).iter().map(|(alike, view)| (*alike, view.handles[0])).collect::<Vec<_>>()
    };
    assert!(numbers(&gym, "name=養父 花子\nage=47").is_empty());
    assert_eq!(seen(&gym, &again), [(Alike::NameAndAge, hanako)]);
    let taka = {
        let subject = typed(&gym, "name=ようか たかこ\nage=114");
        enter(&mut gym, subject, Act::In)
    };
    let resident = gym.residents().unwrap().by_number("3").unwrap().clone();
    assert_eq!(seen(&gym, &gym.resident(&resident, Identified::List)), [(Alike::ReadingAndAge, taka)]);
}

#[test]
fn a_second_head_of_a_household_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let head = arrive(&mut gym, "1");
    let id = gym.household("a");
    let household = |relation| Some(Household { id, relation });
    assert_eq!(gym.other_head(ChainId([1; 16]), household(Relation::Head)), Some(head));
    assert_eq!(gym.other_head(head, household(Relation::Head)), None);
    assert_eq!(gym.other_head(ChainId([1; 16]), household(Relation::Member)), None);
}

#[test]
fn a_terminals_folder_is_one_programs_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    assert_eq!(Store::open(folder.path(), gym.key.journal()).err().unwrap().exit, Exit::Refused);
    gym.set_state(OpenState::Full).unwrap();
    let gym = reopen(gym, &wall);
    assert_eq!(gym.own().iter().map(|own| own.fate.clone()).collect::<Vec<_>>(), [Fate::Waiting]);
}

#[test]
fn who_comes_from_elsewhere_or_back_keeps_a_room_only_where_this_shelter_has_one_of_that_name() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(&folder.path().join("gym"), "gym-1", "gym", &wall);
    let mut hall = town.admit(&folder.path().join("hall"), "hall-1", "hall", &wall);
    let resident = |terminal: &Reception, number: &str| {
        let resident = terminal.residents().unwrap().by_number(number).unwrap().clone();
        terminal.resident(&resident, Identified::List)
    };
    // The gymnasium names no rooms: what was written there holds there alone.
    for (number, room) in [("1", "2年1組"), ("2", "和室")] {
        let subject = resident(&gym, number);
        enter(&mut gym, Subject { person: Person { room: room.into(), ..subject.person.clone() }, ..subject }, Act::In);
    }
    assert_eq!(resident(&gym, "1").person.room, "2年1組", "whoever is here stays there");
    let leaving = resident(&gym, "1");
    enter(&mut gym, leaving, Act::Out);
    assert_eq!(resident(&gym, "1").here, Here::Left);
    assert_eq!(resident(&gym, "1").person.room, "", "it was the room of then");
    let subject = resident(&hall, "3");
    enter(&mut hall, Subject { person: Person { room: "和室".into(), ..subject.person.clone() }, ..subject }, Act::In);
    hand_over(&mut town, &mut hall);
    town.inform(&mut gym);
    // A terminal knows its own people; elsewhere is where they were entered.
    assert_eq!((gym.same_room(&"hall".parse().unwrap(), "和 室"), gym.same_room(&"gym".parse().unwrap(), "和室")), ("和室".into(), String::new()));
    let Subject { person: taka, here, .. } = resident(&gym, "3");
    assert!(here == Here::Elsewhere && taka.room.is_empty(), "the gymnasium has no 和室");
}
