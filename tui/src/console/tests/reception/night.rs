//! What a tired person must not be able to misread: keys that mean one thing, questions that name whom they are about, and names that stand there in whole.

use std::collections::BTreeMap;

use tachiai_schemas::election::Text;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::{Lang, Refusal};

use super::super::{opened, picture, seen, width};
use super::Bench;
use crate::console::action::Action;
use crate::console::event::Key;
use crate::console::work::reception::Counter;
use crate::failure::Failure;
use crate::shelter::key::Lock;
use crate::shelter::place::Place;
use crate::shelter::record::About;
use crate::shelter::state::Reception;
use crate::shelter::tests::town::{EVENT, Town, Wall, began};

/// A name as long as names are, with its reading.
const LONG: (&str, &str) = ("勅使河原　左衛門之助", "テシガワラ　サエモンノスケ");

impl Bench {
    /// Somebody on no list is typed, as far as the question whether to enter them.
    fn typed(&mut self, name: &str, kana: &str) {
        self.keys(&[Key::F(2)]);
        self.type_in(name);
        self.keys(&[Key::Down]);
        self.type_in(kana);
        self.keys(&[Key::Ctrl('s')]);
    }

    /// Who is here already is shown.
    fn shown(&mut self, name: &str) {
        self.type_in(name);
        self.keys(&[Key::Enter, Key::Enter]);
    }
}

#[test]
fn a_function_key_means_the_same_wherever_it_works_and_elsewhere_it_is_off_with_a_reason() {
    let mut known: BTreeMap<Key, (Action, &str)> = BTreeMap::new();
    let stages: [&[Key]; 7] = [
        &[],
        &[Key::Tab],
        &[Key::Esc, Key::Char('y'), Key::Enter],
        &[Key::Esc, Key::F(3), Key::Enter],
        &[Key::Esc, Key::F(6)],
        &[Key::Esc, Key::F(2)],
        &[Key::Char('x'), Key::Ctrl('s')],
    ];
    let mut bench = Bench::open(Lang::Ja);
    bench.enter("yabu ha");
    for keys in stages {
        bench.keys(keys);
        let bindings = bench.state.keys();
        let numbers: Vec<u8> = bindings.iter().filter_map(|binding| if let Key::F(number) = binding.key { Some(number) } else { None }).collect();
        for number in 1..=12 {
            assert_eq!(numbers.iter().filter(|here| **here == number).count(), 1, "F{number} after {keys:?}: {}", bench.text());
        }
        for binding in bindings.iter().filter(|binding| matches!(binding.key, Key::F(_))) {
            let (action, label) = *known.entry(binding.key).or_insert((binding.action, binding.label));
            assert_eq!((binding.action, binding.label), (action, label), "{keys:?}");
            assert!(binding.off.as_ref().is_none_or(|why| !why.is_empty()));
        }
    }
}

#[test]
fn a_key_that_is_off_says_why_and_loses_nothing() {
    let mut bench = Bench::open(Lang::Ja);
    bench.typed("Maria", "");
    for number in 2..=11 {
        bench.keys(&[Key::F(number)]);
        assert!(bench.text().contains("取りやめて（Esc）から使えます") && bench.text().contains("この方を登録しますか"), "F{number}: {}", bench.text());
    }
}

#[test]
fn whoever_is_taken_to_another_shelter_is_named_with_from_where_and_where_to_before_it_is_entered() {
    let mut bench = Bench::open(Lang::Ja);
    bench.enter("yabu ha");
    bench.shown("yabu ha");
    bench.keys(&[Key::Up, Key::Down, Key::Down, Key::Down, Key::Enter, Key::Enter]);
    assert!(bench.text().contains("移動先を選んでください") && bench.present() == 1, "nobody is taken to the first of a list: {}", bench.text());
    bench.keys(&[Key::Right, Key::Enter]);
    let shown = bench.text();
    for said in ["養父　花子（ヤブ　ハナコ）", "46歳", "今の避難所: gym", "移動先: hall"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    bench.keys(&[Key::Enter]);
    assert_eq!(bench.present(), 1, "{}", bench.text());
    // No is the form again, as it was.
    bench.keys(&[Key::Esc]);
    assert!(bench.text().contains("< hall >") && bench.present() == 1, "{}", bench.text());
    bench.keys(&[Key::Enter]);
    // Only what was in sight is meant.
    bench.text();
    bench.keys(&[Key::Char('y')]);
    assert!(bench.text().contains("移動: 養父　花子") && bench.present() == 0, "{}", bench.text());
}

#[test]
fn what_was_typed_is_not_dropped_without_a_question_and_nothing_is_asked_where_nothing_was() {
    let mut bench = Bench::open(Lang::Ja);
    // Nothing is typed: back at once.
    bench.keys(&[Key::F(2), Key::Esc]);
    assert!(bench.text().contains("次の方:\n") && bench.state.popup.is_none(), "{}", bench.text());
    bench.keys(&[Key::F(2)]);
    bench.type_in("丙野");
    bench.keys(&[Key::Esc]);
    assert!(bench.text().contains("入力を取りやめますか"), "{}", bench.text());
    bench.keys(&[Key::Esc]);
    assert!(bench.text().contains("丙野") && bench.state.popup.is_none(), "whoever stays has it all: {}", bench.text());
    bench.keys(&[Key::Ctrl('s'), Key::Esc]);
    assert!(bench.text().contains("入力を取りやめますか"), "{}", bench.text());
    bench.keys(&[Key::Char('y'), Key::Enter]);
    assert!(bench.text().contains("次の方:\n") && bench.present() == 0, "{}", bench.text());
    // Whoever was found is asked about once something was marked.
    bench.shown("yabu ha");
    bench.keys(&[Key::Esc]);
    assert!(bench.text().contains("次の方:\n"), "{}", bench.text());
    bench.shown("yabu ha");
    bench.keys(&[Key::Char(' '), Key::Esc]);
    assert!(bench.text().contains("入力を取りやめますか"), "{}", bench.text());
}

#[test]
fn an_age_that_is_not_that_of_the_birth_date_is_refused_beside_its_line() {
    for (age, said) in [("-3", "年齢:0から"), ("40", "年齢は40歳と書かれていますが、生年月日では46歳です")] {
        let mut bench = Bench::open(Lang::Ja);
        bench.keys(&[Key::F(2)]);
        bench.type_in("丙野");
        bench.keys(&[Key::Down, Key::Down]);
        bench.type_in("S55.2.17");
        bench.keys(&[Key::Down]);
        bench.type_in(age);
        bench.keys(&[Key::Ctrl('s')]);
        let text: String = bench.text().split_whitespace().collect();
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn a_long_name_stands_in_whole_wherever_somebody_is_looked_at() {
    let (name, kana) = LONG;
    let whole = format!("{name}（{kana}）");
    let mut bench = Bench::open(Lang::Ja);
    bench.typed(name, kana);
    assert!(bench.text().contains(&whole), "{}", bench.text());
    bench.keys(&[Key::Enter, Key::F(6)]);
    assert!(bench.text().contains(&whole), "{}", bench.text());
    bench.keys(&[Key::Esc, Key::F(3)]);
    assert!(bench.text().contains(&whole), "{}", bench.text());
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains(&whole), "{}", bench.text());
    // One of a family: the mark has two lines rather than half a name.
    bench.keys(&[Key::Esc]);
    bench.typed("勅使河原", "テシガワラ");
    bench.keys(&[Key::Ctrl('n')]);
    bench.type_in(name);
    bench.keys(&[Key::Down]);
    bench.type_in("テシガワラ　サエモンノジョウ");
    bench.keys(&[Key::Ctrl('s')]);
    let text: String = bench.text().split_whitespace().collect();
    assert!(text.contains("勅使河原左衛門之助（テシガワラサエモンノジョウ）"), "{text}");
}

/// A terminal that waits for its admission, as it is set up on its own screen.
fn waiting(lang: Lang) -> Bench {
    waiting_under(lang, &Lock::Unprotected)
}

/// The same with its keys kept like this.
pub(super) fn waiting_under(lang: Lang, lock: &Lock) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let wall = Wall::at(began());
    let about = About { format: 0, event: EVENT, terminal: "gym-1-7k3q".parse().unwrap(), shelter: "e2822200005111".parse().unwrap() };
    let mut gym = Reception::create(&folder.path().join("gym-1"), about, lock, wall.clocks()).unwrap();
    let text = |ja: &str, en: &str| Text { ja: ja.to_owned(), en: en.to_owned() };
    gym.stand(Place { event: text("令和8年台風第15号", "Typhoon 15 of 2026"), shelter: text("八鹿体育館", "Yoka Gymnasium") }).unwrap();
    let mut bench = Bench { state: opened(lang), counter: Counter::at(gym, lang), town: Town::new(), wall, folder };
    bench.keys(&[Key::Char('6')]);
    bench
}

#[test]
fn a_terminal_that_waits_for_its_admission_says_where_it_stands_and_what_is_to_be_done() {
    let mut bench = waiting(Lang::Ja);
    let print = bench.counter.inner().request().fingerprint();
    let text = bench.text();
    for said in ["八鹿体育館", "[承認待ち]", "指紋を照合", &print] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("e2822200005111") && !text.contains("未開設"), "{text}");
}

#[test]
fn a_shelter_whose_name_is_not_known_yet_is_told_in_words_with_the_beginning_of_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let wall = Wall::at(began());
    let about = About { format: 0, event: EVENT, terminal: "gym-1-7k3q".parse().unwrap(), shelter: "e2822200005111".parse().unwrap() };
    let gym = Reception::create(&folder.path().join("gym-1"), about, &Lock::Unprotected, wall.clocks()).unwrap();
    let mut bench = Bench { state: opened(Lang::Ja), counter: Counter::at(gym, Lang::Ja), town: Town::new(), wall, folder };
    bench.keys(&[Key::Char('6')]);
    let text = bench.text();
    assert!(text.contains("避難所（名称は未受信、ID e2822200…）") && !text.contains("e2822200005111"), "{text}");
}

#[test]
fn all_that_is_known_of_somebody_is_read_by_pages_and_what_can_be_done_stays_in_sight() {
    let mut bench = Bench::open(Lang::Ja);
    bench.enter("yabu ha");
    bench.shown("yabu ha");
    bench.keys(&[Key::Down, Key::Enter, Key::Down, Key::Down, Key::Down]);
    bench.type_in("卵、乳、そば");
    for line in ["インスリン 朝夕", "八鹿区", "079-662-0000"] {
        bench.keys(&[Key::Down]);
        bench.type_in(line);
    }
    bench.keys(&[Key::Down]);
    bench.type_in("杖が要る。夜は家族が迎えに来る");
    bench.keys(&[Key::Ctrl('s')]);
    bench.shown("yabu ha");
    let text = bench.text();
    assert!(text.contains("> 次の方へ") && text.contains("別の避難所へ移動") && !text.contains("夜は家族が迎えに来る"), "{text}");
    bench.keys(&[Key::PageDown, Key::PageDown]);
    let text = bench.text();
    assert!(text.contains("夜は家族が迎えに来る") && text.contains("> 次の方へ") && text.contains("別の避難所へ移動"), "{text}");
    bench.keys(&[Key::Down]);
    assert!(bench.text().contains("> 内容の変更"), "{}", bench.text());
}

#[test]
fn where_the_name_is_taken_after_all_the_machine_is_no_terminal_and_is_set_up_anew() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("reception");
    let about = || About { format: 0, event: EventId([7; 16]), terminal: "gym-1-7k3q".parse().unwrap(), shelter: "gym".parse().unwrap() };
    let wall = Wall::at(began());
    let made = || Reception::create(&place, about(), &Lock::Unprotected, wall.clocks()).unwrap();
    let mut counter = Bench::open(Lang::Ja).counter;
    let taken = Failure { code: Some(Refusal::TerminalTaken), ..Failure::refused("使われています。", "it is taken.") };
    let failure = counter.settle(made(), Some(Err(taken))).map(drop).unwrap_err();
    assert!(failure.ja.contains("使われています") && failure.ja.contains("別の名前にして"), "{failure}");
    assert!(!place.exists(), "nothing stands in the way of another name");
    made();
}

#[test]
fn what_a_tired_person_reads_is_seen_as_it_is() {
    let leave = |lang: Lang, keys: &[Key]| {
        let mut bench = Bench::open(lang);
        bench.enter("yabu ha");
        bench.shown("yabu ha");
        bench.keys(keys);
        bench
    };
    picture("reception-leave-sure", |lang| {
        let mut bench = leave(lang, &[Key::Down, Key::Down, Key::Enter]);
        bench.type_in("親族宅");
        bench.keys(&[Key::Enter]);
        bench.state
    });
    picture("reception-move", |lang| leave(lang, &[Key::Down, Key::Down, Key::Down, Key::Enter]).state);
    picture("reception-move-sure", |lang| leave(lang, &[Key::Down, Key::Down, Key::Down, Key::Enter, Key::Right, Key::Enter]).state);
    picture("reception-change", |lang| leave(lang, &[Key::Down, Key::Enter]).state);
    picture("reception-drop", |lang| {
        let mut bench = Bench::open(lang);
        bench.keys(&[Key::F(2), Key::Char('x'), Key::Esc]);
        bench.state
    });
    picture("reception-waiting", |lang| {
        let mut bench = waiting(lang);
        bench.state.notice = None;
        // A fingerprint is another one each time.
        let print = bench.counter.inner().request().fingerprint();
        assert!(bench.text().contains(&print));
        if let crate::console::desk::Counter::Open(now) = &mut bench.state.desk.counter
            && let Some(unadmitted) = &mut now.unadmitted
        {
            unadmitted.fingerprint = "abcd efgh ijkl mnop".to_owned();
            unadmitted.request = "/home/uketsuke/.local/share/tachiai/reception/request.json".into();
        }
        bench.state
    });
    let long = |lang: Lang| {
        let mut bench = Bench::open(lang);
        bench.typed(LONG.0, LONG.1);
        bench.keys(&[Key::Enter]);
        bench.enter("yabu ha");
        bench.state.notice = None;
        bench
    };
    picture("reception-long-found", |lang| {
        let mut bench = long(lang);
        bench.keys(&[Key::F(3), Key::Down]);
        bench.state
    });
    picture("roll-call-long", |lang| {
        let mut bench = long(lang);
        bench.keys(&[Key::F(6)]);
        bench.state
    });
    picture("reception-help", |lang| {
        let mut bench = Bench::open(lang);
        bench.keys(&[Key::F(1)]);
        bench.state
    });
}

#[test]
fn what_is_asked_breaks_in_no_size() {
    let mut bench = Bench::open(Lang::Ja);
    bench.enter("yabu ha");
    bench.shown("yabu ha");
    for keys in [&[][..], &[Key::Down, Key::Down, Key::Enter, Key::Char('x'), Key::Enter]] {
        bench.keys(keys);
        for (columns, rows) in [(20, 4), (33, 9), (200, 60), (40, 5)] {
            for line in seen(&bench.state, (columns, rows)).lines() {
                assert!(width(line) <= usize::from(columns));
            }
        }
    }
}
