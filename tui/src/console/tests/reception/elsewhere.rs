//! A reception where somebody comes who was received at another shelter, of which nothing can be read here.

use tachiai_schemas::Lang;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{Act, Need, Person};

use super::Bench;
use crate::commands::reception::decide::arriving;
use crate::console::event::Key;
use crate::shelter::desk::{Here, Subject};

impl Bench {
    /// Somebody of the list is received at the hall, as whom is said; this terminal hears that there is an entry, and not what it says.
    fn received_at_the_hall(&mut self, number: &str, as_whom: impl FnOnce(Person) -> Person) {
        let mut hall = self.town.admit(&self.folder.path().join("hall-1"), "hall-1", "hall", &self.wall);
        let resident = hall.residents().unwrap().by_number(number).unwrap().clone();
        let Subject { chain, person, here } = hall.resident(&resident, Identified::List);
        let draft = arriving(&hall, chain, here, as_whom(Person { note: "only the hall knows".into(), ..person }));
        hall.enter(&[draft]).unwrap();
        let waiting: Vec<_> = hall.waiting().cloned().collect();
        let file = hall.hand_in_of(&waiting.iter().collect::<Vec<_>>()).unwrap();
        self.town.now = hall.now();
        assert_eq!(self.town.hand_in(&file, false).taken, 1);
        let news = self.town.unread_news(self.counter.inner());
        self.counter.inner().learn(&[news], None).unwrap();
        self.wall.pass(60_000);
    }

    /// All that is on the screen, without what breaks lines.
    fn words(&self) -> String {
        self.text().split_whitespace().collect()
    }
}

#[test]
fn whoever_is_at_another_shelter_is_found_by_the_list_as_everybody_is_and_received_for_headquarters_to_join() {
    let mut bench = Bench::open(Lang::Ja);
    bench.received_at_the_hall("1", |person| person);
    bench.type_in("yabu");
    bench.keys(&[Key::Enter, Key::Down]);
    let text = bench.words();
    assert!(text.matches("一覧に記載").count() >= 2 && text.contains("養父花子（ヤブハナコ）"), "{text}");
    // Who only looks learns nothing: the record of the hall may say that nobody is told where she is.
    assert!(!text.contains("onlythehallknows") && !text.contains("hall") && !text.contains("記録"), "{text}");
    bench.keys(&[Key::Enter]);
    let text = bench.words();
    assert!(text.contains("この方を登録しますか") && !text.contains("ほかの避難所"), "{text}");
    bench.keys(&[Key::Enter]);
    let text = bench.words();
    assert!(text.contains("要対応:災害対策本部に連絡") && !text.contains("完了しました") && !text.contains("移動:養父"), "{text}");
    bench.keys(&[Key::Enter]);
    let gym = bench.counter.inner();
    assert!(gym.present().len() == 1 && gym.present()[0].counts.act == Act::In && gym.conflicts().len() == 1);
}

#[test]
fn who_is_typed_while_another_shelter_has_a_record_is_listed_found_with_the_registers_reading_and_can_leave() {
    let mut bench = Bench::open(Lang::Ja);
    bench.received_at_the_hall("1", |person| person);
    bench.keys(&[Key::F(2)]);
    bench.type_in("養父花子");
    bench.keys(&[Key::Down, Key::Down]);
    bench.type_in("1980-02-17");
    bench.keys(&[Key::Ctrl('s'), Key::Enter, Key::Enter, Key::F(3)]);
    let text = bench.words();
    assert!(text.contains("養父花子（ヤブハナコ）") && text.contains("⚠入所gym"), "{text}");
    // The conflict is told of in the list, with who settles it; the other shelter is not named beside her name.
    assert!(text.contains("1件の食い違い（F3の⚠）") && text.contains("ほかの避難所・gym）。災害対策本部が解消します"), "{text}");
    assert!(!text.contains("hall") && bench.present() == 1, "{text}");
    bench.keys(&[Key::Esc]);
    bench.type_in("ヤブ ハ");
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.text().contains("ここで受付済みです"), "{}", bench.text());
    bench.keys(&[Key::Down, Key::Down, Key::Enter]);
    bench.type_in("自宅");
    bench.keys(&[Key::Enter]);
    assert!(bench.words().contains("行き先:自宅"), "{}", bench.text());
    bench.keys(&[Key::Char('y')]);
    assert!(bench.present() == 0 && bench.counter.inner().present().is_empty(), "{}", bench.text());
}

#[test]
fn whom_this_terminal_knows_to_be_under_protection_is_still_found_by_no_name() {
    let mut bench = Bench::open(Lang::Ja);
    let gym = bench.counter.inner();
    let resident = gym.residents().unwrap().by_number("1").unwrap().clone();
    let Subject { chain, person, .. } = gym.resident(&resident, Identified::Card);
    let draft = arriving(gym, chain, Here::New, Person { protection: Protection::Protected, ..person });
    gym.enter(&[draft]).unwrap();
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter]);
    let text = bench.words();
    assert!(text.contains("該当する方はいません") && !text.contains("花子"), "{text}");
}

#[test]
fn who_leaves_or_is_moved_is_asked_for_the_household_and_those_who_stay_are_named() {
    let mut bench = Bench::open(Lang::Ja);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter, Key::Char(' '), Key::Enter]);
    assert_eq!(bench.present(), 2);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter, Key::Down, Key::Down, Key::Enter]);
    bench.type_in("親族宅");
    bench.keys(&[Key::Ctrl('s')]);
    assert!(bench.words().contains("同じ世帯:養父一郎（ヤブイチロウ）は残ります"), "{}", bench.text());
    bench.keys(&[Key::Esc, Key::Down, Key::Char(' '), Key::Ctrl('s')]);
    assert!(bench.words().contains("一緒に行く方:養父一郎（ヤブイチロウ）") && !bench.words().contains("は残ります"), "{}", bench.text());
    bench.keys(&[Key::Char('y')]);
    assert!(bench.text().contains("ほか1人") && bench.present() == 0, "{}", bench.text());
    assert_eq!(
        bench
            .counter
            .inner()
            .own()
            .iter()
            .filter(|own| matches!(&own.entry.body.body, tachiai_schemas::roster::Body::Person(person) if person.act == Act::Out))
            .count(),
        2
    );
}

#[test]
fn a_reception_that_is_taken_back_is_told_of_as_such_before_and_after() {
    let mut bench = Bench::open(Lang::Ja);
    bench.enter("yabu ha");
    assert!(bench.back().split_whitespace().collect::<String>().contains("履歴には「退所（受付の取消し）」として残ります"));
    assert!(bench.words().contains("退所（受付の取消し）養父花子"), "{}", bench.text());
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter]);
    assert!(bench.words().contains("退所（受付の取消し）gym"), "{}", bench.text());
    // Whoever left for another place is not told of like that.
    bench.keys(&[Key::Enter, Key::Enter]);
    assert!(bench.back().contains("記録は消えず、訂正の登録が1件加わります"), "{}", bench.text());
}

#[test]
fn needs_and_allergies_are_asked_of_each_who_came() {
    let mut bench = Bench::open(Lang::Ja);
    bench.type_in("yabu ha");
    bench.keys(&[Key::Enter, Key::Enter, Key::Char(' ')]);
    // Past her own needs, allergies, stay, room and note come his.
    bench.keys(&[Key::Down; 6]);
    bench.keys(&[Key::Right, Key::Right, Key::Char(' '), Key::Down]);
    bench.type_in("そば");
    assert!(bench.words().contains("アレルギー:養父一郎"), "{}", bench.text());
    bench.keys(&[Key::Enter]);
    let people: Vec<_> = bench.counter.inner().present().into_iter().filter_map(|view| view.counts.person).collect();
    let of = |name: &str| people.iter().find(|person| person.name.contains(name)).map(|person| (person.needs.clone(), person.allergies.clone()));
    assert_eq!(of("一郎"), Some((vec![Need::Medical], vec!["そば".to_owned()])));
    assert_eq!(of("花子"), Some((Vec::new(), Vec::new())));
}

#[test]
fn what_one_of_a_typed_family_needs_is_kept_while_the_next_one_is_typed() {
    let mut bench = Bench::open(Lang::En);
    bench.keys(&[Key::F(2)]);
    bench.type_in("Maria");
    bench.keys(&[Key::Ctrl('s'), Key::Char(' '), Key::Down]);
    bench.type_in("eggs");
    bench.keys(&[Key::Ctrl('n')]);
    bench.type_in("Ana");
    bench.keys(&[Key::Ctrl('s'), Key::Enter]);
    let people: Vec<_> = bench.counter.inner().present().into_iter().filter_map(|view| view.counts.person).collect();
    let of = |name: &str| people.iter().find(|person| person.name == name).map(|person| (person.needs.clone(), person.allergies.clone()));
    assert_eq!((of("Maria"), of("Ana")), (Some((vec![Need::Care], vec!["eggs".to_owned()])), Some((Vec::new(), Vec::new()))));
}
