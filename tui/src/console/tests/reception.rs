//! The reception as somebody works it who sees it for the first time: every key against a real terminal's folder, with an appliance of a test behind it.

use std::fs;
use std::path::Path;

use secrecy::ExposeSecret;
use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{Need, OpenState, Report};
use tachiai_schemas::{CitizenId, Lang};
use tempfile::TempDir;

use super::{brought, opened, picture, seen, width};
use crate::console::app::State;
use crate::console::desk::Counter as Desk;
use crate::console::event::{Event, Key};
use crate::console::work::reception::{Counter, News, Order, RoomNow};
use crate::console::work::{Brought, Effect};
use crate::failure::{Exit, Failure};
use crate::shelter::state::Reception;
use crate::shelter::stick::{Reply, Which};
use crate::shelter::tests::town::{Town, Wall, began};

mod elsewhere;
mod list;
mod night;
mod questionnaire;
mod setup;

/// A desk with a terminal that has no link.
struct Bench {
    state: State,
    counter: Counter,
    town: Town,
    wall: Wall,
    folder: TempDir,
}

impl Bench {
    fn open(lang: Lang) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
        let gym = town.admit(&folder.path().join("gym-1"), "gym-1", "gym", &wall);
        let mut bench = Self { state: opened(lang), counter: Counter::at(gym, lang), town, wall, folder };
        bench.keys(&[Key::Char('6')]);
        bench
    }

    /// Presses keys and has done what they order.
    fn keys(&mut self, keys: &[Key]) {
        for key in keys {
            let effects = self.state.update(Event::Key(*key));
            self.follow(effects);
        }
    }

    fn type_in(&mut self, text: &str) {
        let keys: Vec<Key> = text.chars().map(Key::Char).collect();
        self.keys(&keys);
    }

    fn follow(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let Effect::Reception(number, order) = effect else { continue };
            self.wall.pass(1_000);
            let news = self.counter.ordered(order);
            let more = brought(&mut self.state, Brought::Reception(number, news));
            self.follow(more);
        }
    }

    /// Presses a key while the thread is busy with something else: what is ordered waits.
    fn waiting(&mut self, key: Key) -> Vec<Effect> {
        self.state.update(Event::Key(key))
    }

    /// Takes back what was done last; what was shown of it.
    fn back(&mut self) -> String {
        self.keys(&[Key::F(8)]);
        let shown = self.text();
        // What a scanner ends with takes nothing back.
        self.keys(&[Key::Enter]);
        assert_eq!(shown, self.text());
        self.keys(&[Key::Char('y')]);
        shown
    }

    fn text(&self) -> String {
        seen(&self.state, (80, 24))
    }

    /// Somebody of the list is found and entered.
    fn enter(&mut self, name: &str) {
        self.type_in(name);
        self.keys(&[Key::Enter, Key::Enter, Key::Enter]);
    }

    fn present(&mut self) -> u64 {
        let gym = self.counter.inner();
        gym.people().totals(gym.roster()).remove(gym.shelter()).map_or(0, |totals| totals.present)
    }
}

/// A desk with a terminal that is admitted, and has no list of residents yet.
fn unlisted(lang: Lang) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let gym = town.admit_unlisted(&folder.path().join("gym-1"), "gym-1", "gym", &wall);
    let mut bench = Bench { state: opened(lang), counter: Counter::at(gym, lang), town, wall, folder };
    bench.keys(&[Key::Char('6')]);
    bench
}

/// By a stick: what a terminal wrote goes to the appliance, and what is new there comes back.
fn exchange(town: &mut Town, reception: &mut Reception, folder: &Path) {
    let path = folder.join("stick.json");
    town.now = reception.now();
    let written = reception.export(&path, Which::All).unwrap();
    let Some(file) = written.files.first() else { return town.inform(reception) };
    let hand_in = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let answer = town.hand_in(&hand_in, true);
    let reply = Reply { answer, news: vec![town.news(reception)] };
    fs::write(&path, serde_json::to_vec(&reply).unwrap()).unwrap();
    reception.confirm(&path).unwrap();
}

#[test]
fn somebody_of_the_list_is_entered_by_the_beginning_of_the_name_and_three_times_enter() {
    let mut bench = Bench::open(Lang::Ja);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("養父　花子（ヤブ　ハナコ）"), "{}", bench.text());
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("この方を登録しますか"), "{}", bench.text());
    assert_eq!(bench.present(), 0, "nothing is entered before that is said");
    bench.keys(&[Key::Enter]);
    let text = bench.text();
    assert!(text.contains("入所: 養父　花子") && text.contains("在所 1人") && text.contains("未送信 1件") && text.contains("次の方:\n"), "{text}");
    assert_eq!(bench.present(), 1);
}

#[test]
fn a_household_comes_in_one_go_with_needs_and_allergies() {
    let mut bench = Bench::open(Lang::Ja);
    bench.type_in("やぶ は");
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.text().contains("[ ] 養父　一郎"), "{}", bench.text());
    // The child came along; she is pregnant; no eggs.
    bench.keys(&[Key::Char(' '), Key::Down, Key::Right, Key::Right, Key::Right, Key::Char(' '), Key::Down]);
    bench.type_in("卵、乳");
    assert!(bench.text().contains("[x] 養父　一郎") && bench.text().contains("[x] 妊産婦"), "{}", bench.text());
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("ほか1人"), "{}", bench.text());
    assert_eq!(bench.present(), 2);
    let people: Vec<_> = bench.counter.inner().present().into_iter().filter_map(|view| view.counts.person).collect();
    let head = people.iter().find(|person| person.name.contains("花子")).unwrap();
    assert!(head.needs == [Need::Pregnant] && head.allergies.len() == 2 && people.iter().any(|person| person.name.contains("一郎") && person.needs.is_empty()));
    // Both are taken back at once, by entries that correct.
    let shown = bench.back();
    assert!(shown.contains("入所: 養父　花子（ヤブ　ハナコ） ほか1人"), "{shown}");
    assert!(bench.text().contains("取り消しました") && bench.present() == 0, "{}", bench.text());
    assert_eq!(bench.counter.inner().own().len(), 4);
}

#[test]
fn who_is_on_no_list_is_typed_and_what_is_wrong_stands_beside_its_line() {
    let mut bench = Bench::open(Lang::En);
    bench.type_in("Maria");
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Nobody fits"), "{}", bench.text());
    bench.keys(&[Key::F(2)]);
    assert!(bench.text().contains("Maria"), "the name is not typed twice: {}", bench.text());
    bench.keys(&[Key::Down, Key::Down]);
    bench.type_in("1990-13-01");
    bench.keys(&[Key::Ctrl('s')]);
    assert!(bench.text().contains("not a date that exists"), "{}", bench.text());
    bench.keys(&[Key::Ctrl('u'), Key::Ctrl('s')]);
    assert!(bench.text().contains("Enter this person?"), "{}", bench.text());
    // Her daughter stands there too.
    bench.keys(&[Key::Ctrl('n')]);
    bench.type_in("Ana");
    bench.keys(&[Key::Ctrl('s')]);
    assert!(bench.text().contains("[x] Ana"), "{}", bench.text());
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Maria and 1 more") && bench.present() == 2, "{}", bench.text());
}

#[test]
fn what_was_done_is_taken_back_one_by_one_and_what_was_before_holds() {
    let mut bench = Bench::open(Lang::Ja);
    bench.enter("yabu ha");
    // She leaves for her relatives.
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.text().contains("ここで受付済みです"), "{}", bench.text());
    // Nobody leaves by one key and Enter.
    bench.keys(&[Key::Down, Key::Down, Key::Enter, Key::Enter]);
    assert!(bench.text().contains("分からない場合は「不明」") && bench.present() == 1, "{}", bench.text());
    bench.type_in("親族宅");
    bench.keys(&[Key::Enter]);
    let shown = bench.text();
    for said in ["養父　花子（ヤブ　ハナコ）", "46歳", "今の避難所: gym", "行き先: 親族宅"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    bench.keys(&[Key::Enter]);
    assert_eq!((bench.present(), bench.text()), (1, shown), "the Enter of a form may come twice");
    bench.keys(&[Key::Char('y')]);
    assert!(bench.text().contains("退所: 養父　花子") && bench.present() == 0, "{}", bench.text());
    // The last one is taken back, and then the one before; each is named first.
    assert!(bench.back().contains("退所: 養父　花子"));
    assert_eq!(bench.present(), 1, "{}", bench.text());
    assert!(bench.back().contains("入所: 養父　花子"));
    assert_eq!(bench.present(), 0, "{}", bench.text());
    bench.keys(&[Key::F(8)]);
    assert!(bench.state.notice.as_ref().is_some_and(|(said, _)| said.contains("取り消せる")), "{}", bench.text());
    assert_eq!(bench.counter.inner().own().len(), 4, "nothing is removed");
}

#[test]
fn what_others_entered_since_is_not_taken_back() {
    let mut bench = Bench::open(Lang::En);
    bench.enter("yabu ha");
    exchange(&mut bench.town, bench.counter.inner(), bench.folder.path());
    let chain = bench.counter.inner().present()[0].counts.chain;
    let mut hall = bench.town.admit(&bench.folder.path().join("hall-1"), "hall-1", "hall", &bench.wall);
    let known = hall.residents().unwrap().by_number("1").cloned().unwrap();
    bench.wall.pass(60_000);
    let subject = hall.resident(&known, tachiai_schemas::roster::person::Identified::List);
    assert_eq!(subject.chain, chain);
    let draft = crate::commands::reception::decide::arriving(&hall, subject.chain, subject.here, subject.person);
    hall.enter(&[draft]).unwrap();
    exchange(&mut bench.town, &mut hall, bench.folder.path());
    exchange(&mut bench.town, bench.counter.inner(), bench.folder.path());
    bench.back();
    assert!(bench.text().contains("something else was entered of this person since"), "{}", bench.text());
}

#[test]
fn a_scanner_types_a_citizen_id_and_one_that_comes_too_early_enters_nobody() {
    let mut bench = Bench::open(Lang::En);
    let code = CitizenId([5; 16]).to_string();
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter]);
    // Whoever is shown was not entered when the next one is scanned.
    bench.type_in(&code);
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("This person is not entered yet") && bench.present() == 0, "{}", bench.text());
    bench.keys(&[Key::Enter, Key::Enter]);
    assert_eq!(bench.present(), 1);
    bench.type_in(&code);
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Enter this person?"), "{}", bench.text());
    bench.keys(&[Key::Esc]);
    assert_eq!(bench.present(), 1);
    // A code that was lost leads to nobody, and that is said.
    bench.town.refused.push(tachiai_schemas::identity::case::refused(CitizenId([5; 16])));
    exchange(&mut bench.town, bench.counter.inner(), bench.folder.path());
    bench.type_in(&code);
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("this code of a citizen ID was lost"), "{}", bench.text());
}

#[test]
fn somebody_alike_is_shown_before_another_one_is_entered() {
    let mut bench = Bench::open(Lang::En);
    bench.keys(&[Key::F(2)]);
    bench.type_in("八鹿　髙子");
    bench.keys(&[Key::Ctrl('s')]);
    assert!(bench.text().contains("a resident may be the same person"), "{}", bench.text());
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Look twice") && bench.present() == 0, "{}", bench.text());
    seen(&bench.state, (80, 40));
    bench.keys(&[Key::Char('y')]);
    assert_eq!(bench.present(), 1, "{}", bench.text());
}

#[test]
fn heads_and_the_state_are_reported_and_taken_back() {
    let mut bench = Bench::open(Lang::En);
    bench.keys(&[Key::F(4)]);
    bench.type_in("４０");
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.text().contains("40 heads"), "{}", bench.text());
    bench.keys(&[Key::F(4)]);
    bench.type_in("50");
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.back().contains("the report of 50 heads"));
    assert!(bench.text().contains("40 heads"), "{}", bench.text());
    bench.keys(&[Key::F(5), Key::Right, Key::Right, Key::Enter]);
    assert!(bench.text().contains("[full]"), "{}", bench.text());
    // Who comes to a full shelter is shown that it is full, and can be entered for a reason.
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.text().contains("This shelter is full"), "{}", bench.text());
    bench.keys(&[Key::Esc]);
    assert!(bench.back().contains("the state of the shelter: full"));
    assert!(bench.text().contains("[open]"), "{}", bench.text());
}

#[test]
fn entries_go_out_by_a_stick_and_a_wrong_place_is_said() {
    let mut bench = Bench::open(Lang::En);
    bench.enter("yabu ha");
    bench.keys(&[Key::F(9), Key::Down]);
    bench.type_in("/nowhere/at/all.json");
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("There is no such folder"), "{}", bench.text());
    bench.keys(&[Key::Ctrl('u')]);
    let path = bench.folder.path().display().to_string();
    bench.type_in(&path);
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("1 entries were written") && bench.folder.path().join("gym-1.json").exists(), "{}", bench.text());
}

#[test]
fn a_roll_call_marks_who_answers_and_enters_who_was_expected() {
    let mut bench = Bench::open(Lang::En);
    bench.enter("yabu ha");
    bench.keys(&[Key::F(6)]);
    assert!(bench.text().contains("0 of 1 answered; 1 did not"), "{}", bench.text());
    bench.keys(&[Key::Char(' ')]);
    assert!(bench.text().contains("1 of 1 answered") && bench.text().contains("[x]"), "{}", bench.text());
    bench.keys(&[Key::Tab]);
    assert!(bench.text().contains("1 of 3 are registered"), "{}", bench.text());
    let before = bench.present();
    bench.keys(&[Key::Char(' '), Key::Char(' '), Key::Char(' ')]);
    assert_eq!(bench.present(), before + 2, "{}", bench.text());
    bench.keys(&[Key::Tab]);
    assert!(bench.text().contains("2 did not"), "who was entered now has still to answer: {}", bench.text());
}

#[test]
fn a_lost_link_or_a_refused_profile_leaves_the_reception_as_it_is() {
    let mut bench = Bench::open(Lang::En);
    bench.type_in("yabu");
    let refused = Failure::new(Exit::Refused, "権限がありません", "forbidden");
    brought(&mut bench.state, Brought::Link(1, crate::console::work::Link::Lost(refused, Some(2))));
    let text = bench.text();
    assert!(text.contains("Next person: yabu") && text.contains("No link"), "{text}");
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("養父　花子"), "{}", bench.text());
}

#[test]
fn a_passphrase_is_asked_for_and_not_shown() {
    let mut state = opened(Lang::En);
    let effects = state.update(Event::Key(Key::Char('6')));
    let number = effects.iter().find_map(|effect| if let Effect::Reception(number, Order::Open(None)) = effect { *number } else { None });
    assert!(number.is_some(), "{effects:?}");
    brought(&mut state, Brought::Reception(number, vec![News::Locked(None)]));
    for c in "yakan".chars() {
        state.update(Event::Key(Key::Char(c)));
    }
    let text = seen(&state, (80, 24));
    assert!(text.contains("Passphrase: *****") && !text.contains("yakan"), "{text}");
    let effects = state.update(Event::Key(Key::Enter));
    assert!(matches!(&effects[..], [.., Effect::Reception(Some(_), Order::Open(Some(typed)))] if typed.secret().expose_secret() == "yakan"), "{effects:?}");
    brought(&mut state, Brought::Reception(None, vec![News::Locked(Some(Failure::refused("違います", "it is wrong")))]));
    let text = seen(&state, (80, 24));
    assert!(text.contains("it is wrong") && text.contains("Passphrase:\n"), "{text}");
}

#[test]
fn enter_twice_before_the_answer_enters_once() {
    let mut bench = Bench::open(Lang::En);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter]);
    let first = bench.waiting(Key::Enter);
    assert!(bench.text().contains("Working"), "{}", bench.text());
    let second = bench.waiting(Key::Enter);
    assert!(second.is_empty() && bench.text().contains("not answered yet"), "{second:?} {}", bench.text());
    bench.follow(first);
    assert_eq!((bench.counter.inner().own().len(), bench.present()), (1, 1));
    // What was ordered is answered, and the next one comes.
    bench.enter("yabu i");
    assert_eq!(bench.present(), 2, "{}", bench.text());
}

#[test]
fn a_reception_that_ended_says_so_and_is_opened_anew() {
    let mut bench = Bench::open(Lang::En);
    bench.type_in("yabu");
    bench.waiting(Key::Enter);
    brought(&mut bench.state, Brought::Reception(None, vec![News::Shut(Failure::incomplete("止まりました", "it ended unexpectedly"))]));
    assert!(bench.text().contains("it ended unexpectedly") && !bench.state.desk.is_asking(), "{}", bench.text());
    let effects = bench.waiting(Key::Enter);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Reception(Some(_), Order::Open(None)))), "{effects:?}");
}

#[test]
fn an_entry_that_was_made_meanwhile_is_not_made_again() {
    let mut bench = Bench::open(Lang::En);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter]);
    let effects = bench.waiting(Key::Enter);
    let again = effects.clone();
    bench.follow(effects);
    bench.follow(again);
    bench.state.update(Event::Tick(bench.state.desk.now.plus(3)));
    assert!(bench.text().contains("something else was entered of this person meanwhile"), "{}", bench.text());
    assert_eq!((bench.counter.inner().own().len(), bench.present()), (1, 1));
}

#[test]
fn whoever_is_refused_and_typed_anew_is_one_person() {
    let mut bench = Bench::open(Lang::En);
    bench.keys(&[Key::F(2)]);
    bench.type_in("Maria");
    // Refused by the thread, and pressed once more while it is busy.
    let effects = bench.waiting(Key::Ctrl('s'));
    assert!(matches!(&effects[..], [Effect::Reception(Some(_), Order::Typed(all))] if all.len() == 1), "{effects:?}");
    let [Effect::Reception(number, _)] = effects[..] else { panic!("nothing was ordered") };
    assert!(bench.waiting(Key::Ctrl('s')).is_empty());
    brought(&mut bench.state, Brought::Reception(number, vec![News::Failed(Failure::refused("違います", "it is wrong"))]));
    bench.state.update(Event::Tick(bench.state.desk.now.plus(3)));
    bench.keys(&[Key::Esc]);
    bench.type_in(" Cruz");
    bench.keys(&[Key::Ctrl('s'), Key::Ctrl('n')]);
    assert!(bench.text().contains("The next of the family"), "{}", bench.text());
    // The same of a family: whoever has the name and birth of the first is refused, and one letter more is somebody else.
    bench.type_in("Maria Cruz");
    bench.keys(&[Key::Ctrl('s')]);
    bench.keys(&[Key::Esc]);
    bench.type_in("o");
    bench.keys(&[Key::Ctrl('s'), Key::Enter]);
    assert_eq!(bench.present(), 2, "{}", bench.text());
}

#[test]
fn what_is_learned_meanwhile_leaves_whoever_is_being_registered() {
    let mut bench = Bench::open(Lang::En);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter, Key::Down, Key::Down]);
    let told = ["1件が保留になりました。", "1 entry was set aside."].map(str::to_owned);
    brought(&mut bench.state, Brought::Reception(None, vec![News::Told(told)]));
    bench.state.update(Event::Tick(bench.state.desk.now.plus(3)));
    assert!(bench.text().contains("To be known") && bench.text().contains("1 entry was set aside"), "{}", bench.text());
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Enter this person?") && bench.present() == 0, "{}", bench.text());
    bench.keys(&[Key::Enter]);
    assert_eq!(bench.present(), 1);
}

#[test]
fn an_answer_that_comes_late_takes_nothing_away() {
    let mut bench = Bench::open(Lang::En);
    bench.type_in("yabu ha");
    let late = bench.waiting(Key::Enter);
    // Whoever stands there is another one now.
    bench.keys(&[Key::Esc]);
    bench.type_in("yabu i");
    bench.follow(late);
    assert!(bench.text().contains("Next person: yabu i") && !bench.text().contains("養父"), "{}", bench.text());
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.text().contains("養父　一郎"), "{}", bench.text());
}

#[test]
fn the_room_that_is_shown_is_the_one_that_is_entered() {
    let mut bench = Bench::open(Lang::En);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter]);
    // The rooms are others as soon as somebody is shown.
    let Desk::Open(now) = &mut bench.state.desk.counter else { panic!("it is not open") };
    now.rooms = ["北の間", "南の間"].map(|name| RoomNow { name: name.to_owned(), present: 0, capacity: None }).into();
    bench.keys(&[Key::Enter, Key::Down, Key::Down, Key::Down, Key::Down, Key::Right, Key::Right]);
    assert!(bench.text().contains("南の間"), "{}", bench.text());
    let effects = bench.waiting(Key::Enter);
    assert!(matches!(&effects[..], [Effect::Reception(Some(_), Order::Enter(people))] if people[0].person.room == "南の間"), "{effects:?}");
}

#[test]
fn what_has_nothing_before_it_is_not_taken_back_and_nobody_else_is_in_its_place() {
    let mut bench = Bench::open(Lang::En);
    bench.enter("yabu ha");
    bench.keys(&[Key::F(4)]);
    bench.type_in("40");
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.back().contains("the report of 40 heads"));
    assert!(bench.text().contains("cannot be taken back"), "{}", bench.text());
    assert_eq!(bench.present(), 1, "whoever was entered before that is still here");
}

#[test]
fn heads_and_a_state_that_others_reported_since_stay() {
    let mut bench = Bench::open(Lang::En);
    let heads = |bench: &mut Bench, heads: &str, counted: bool| {
        bench.keys(&[Key::F(4)]);
        bench.type_in(heads);
        bench.keys(&[Key::Enter]);
        bench.keys(if counted { &[Key::Right, Key::Enter] } else { &[Key::Enter] });
    };
    // Three reports: each that is taken back stands as it was reported, counted or about.
    heads(&mut bench, "40", true);
    heads(&mut bench, "50", false);
    heads(&mut bench, "60", false);
    bench.back();
    bench.back();
    let how = |bench: &mut Bench| {
        let gym = bench.counter.inner();
        gym.roster().reports().find_map(|(_, _, report)| if let Report::Headcount { persons, how } = report { Some((*persons, *how)) } else { None })
    };
    assert_eq!(how(&mut bench), Some((40, HowCounted::Counted)));
    heads(&mut bench, "50", false);
    bench.wall.pass(1_000);
    bench.counter.inner().headcount(70, HowCounted::About).unwrap();
    bench.back();
    assert!(bench.text().contains("something else was reported since") && how(&mut bench) == Some((70, HowCounted::About)), "{}", bench.text());
    bench.keys(&[Key::Enter, Key::F(5), Key::Right, Key::Right, Key::Enter]);
    assert!(bench.text().contains("[full]"), "{}", bench.text());
    bench.counter.inner().set_state(OpenState::Closed).unwrap();
    bench.back();
    let gym = bench.counter.inner();
    assert_eq!(gym.roster().shelter(gym.shelter()).map(|shelter| shelter.state), Some(OpenState::Closed));
}

#[test]
fn letters_are_text_at_the_last_entries_and_lead_nowhere_at_the_roll_call() {
    let mut bench = Bench::open(Lang::En);
    bench.enter("yabu ha");
    bench.keys(&[Key::Tab]);
    bench.type_in("ueda");
    assert!(bench.text().contains("Next person: ueda") && bench.present() == 1, "{}", bench.text());
    bench.keys(&[Key::Esc, Key::Tab]);
    assert!(bench.back().contains("養父　花子") && bench.present() == 0, "{}", bench.text());
    bench.keys(&[Key::Esc, Key::F(6)]);
    let before = bench.state.screens.len();
    for c in ('0'..='9').chain('a'..='z').chain('A'..='Z').chain("-?:".chars()) {
        assert!(bench.waiting(Key::Char(c)).is_empty(), "{c}");
    }
    assert!(bench.state.screens.len() == before && bench.state.popup.is_none() && bench.present() == 0, "{}", bench.text());
}

#[test]
fn the_way_to_help_and_back_is_told_of_in_a_small_terminal() {
    for lang in [Lang::Ja, Lang::En] {
        let mut bench = Bench::open(lang);
        for keys in [&[][..], &[Key::Tab], &[Key::Esc, Key::F(2)], &[Key::Esc, Key::F(6)]] {
            bench.keys(keys);
            let text = bench.text();
            let foot = text.trim_end().lines().last().unwrap_or_default();
            assert!(foot.contains("Esc") && foot.contains("F1 "), "{text}");
        }
        bench.keys(&[Key::Esc]);
        for key in [Key::Char('y'), Key::Enter, Key::Enter] {
            bench.keys(&[key]);
            let text = bench.text();
            let foot = text.trim_end().lines().last().unwrap_or_default();
            assert!(foot.contains("Esc") && foot.contains("F1 "), "{text}");
        }
    }
}

#[test]
fn the_key_of_somebody_new_is_the_same_beside_who_is_registered_and_ctrl_s_enters_as_in_every_form() {
    let mut bench = Bench::open(Lang::En);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter, Key::Ctrl('s')]);
    assert_eq!(bench.present(), 1, "{}", bench.text());
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.text().contains("is registered here"), "{}", bench.text());
    // Whoever presses Enter once too often comes to the next person.
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Next person:\n") && bench.present() == 1, "{}", bench.text());
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter]);
    bench.keys(&[Key::F(2)]);
    assert!(bench.text().contains("Somebody new"), "{}", bench.text());
}

#[test]
fn a_card_that_is_laid_down_takes_no_ones_typing() {
    let card = |bench: &mut Bench| drop(brought(&mut bench.state, Brought::Reception(None, vec![News::Card])));
    let mut bench = Bench::open(Lang::En);
    bench.keys(&[Key::F(4)]);
    bench.type_in("01");
    card(&mut bench);
    assert!(bench.state.notice.as_ref().is_some_and(|(said, _)| said.contains("F10")), "{}", bench.text());
    bench.type_in("20");
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.text().contains("120 heads"), "{}", bench.text());
    // Nor what is typed into the line, nor who is shown.
    bench.type_in("yabu ha");
    card(&mut bench);
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.text().contains("Enter this person?"), "{}", bench.text());
    card(&mut bench);
    bench.keys(&[Key::Enter]);
    assert_eq!(bench.present(), 1, "{}", bench.text());
    // Where nothing is at hand, the number is asked for.
    card(&mut bench);
    assert!(bench.text().contains("By card"), "{}", bench.text());
}

#[test]
fn the_reception_is_seen_as_it_is_worked() {
    picture("reception-empty", |lang| Bench::open(lang).state);
    picture("reception-found", |lang| {
        let mut bench = Bench::open(lang);
        bench.enter("yabu ha");
        bench.type_in("ya");
        bench.keys(&[Key::Enter]);
        bench.state
    });
    picture("reception-check", |lang| {
        let mut bench = Bench::open(lang);
        bench.type_in("yabu ha");
        bench.keys(&[Key::Enter, Key::Enter]);
        bench.state
    });
    picture("reception-recent", |lang| {
        let mut bench = Bench::open(lang);
        bench.enter("yabu ha");
        bench.enter("yabu i");
        bench.state.notice = None;
        bench.state
    });
    picture("reception-known", |lang| {
        let mut bench = Bench::open(lang);
        bench.enter("yabu ha");
        bench.type_in("yabu ha");
        bench.keys(&[Key::Enter, Key::Enter]);
        bench.state.notice = None;
        bench.state
    });
    picture("reception-typed", |lang| {
        let mut bench = Bench::open(lang);
        bench.keys(&[Key::F(2)]);
        bench.type_in("﨑山　とても長い名前の方の氏名をそのまま入力したときの表示を確かめるための名前");
        bench.state
    });
    picture("reception-heads", |lang| {
        let mut bench = Bench::open(lang);
        bench.keys(&[Key::F(4)]);
        bench.state
    });
    picture("reception-shut", |lang| {
        let mut state = opened(lang);
        state.update(Event::Key(Key::Char('6')));
        let failure = Failure::new(Exit::Usage, "terminal.json を読めません。", "cannot read terminal.json.");
        brought(&mut state, Brought::Reception(None, vec![News::Shut(failure)]));
        state
    });
}

#[test]
fn a_roll_call_is_seen_as_it_is_worked() {
    let at = |lang: Lang, tabs: usize| {
        let mut bench = Bench::open(lang);
        bench.enter("yabu ha");
        bench.enter("yabu i");
        bench.keys(&[Key::F(6), Key::Char(' ')]);
        bench.keys(&vec![Key::Tab; tabs]);
        bench.state.notice = None;
        bench.state
    };
    picture("roll-call-present", |lang| at(lang, 0));
    picture("roll-call-expected", |lang| at(lang, 1));
    picture("roll-call-missing", |lang| at(lang, 2));
}

#[test]
fn the_reception_breaks_in_no_size() {
    let mut bench = Bench::open(Lang::Ja);
    for keys in [&[][..], &[Key::F(2)], &[Key::Esc, Key::F(4)], &[Key::Esc, Key::F(6)]] {
        bench.keys(keys);
        for (columns, rows) in [(20, 4), (33, 9), (200, 60), (40, 5)] {
            for line in seen(&bench.state, (columns, rows)).lines() {
                assert!(width(line) <= usize::from(columns));
            }
        }
    }
}
