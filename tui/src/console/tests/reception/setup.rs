//! A machine becomes a terminal at its own screen; and a terminal that nobody touches shows nothing more.

use age::secrecy::SecretString;
use tachiai_schemas::Lang;
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::shelter::{SetupFile, SetupShelter};

use super::super::{brought, connected, now, opened, picture, samples, seen};
use super::Bench;
use crate::console::app::State;
use crate::console::desk::Counter as Desk;
use crate::console::event::{Event, Key};
use crate::console::work::reception::{Counter, News, Order};
use crate::console::work::{Brought, Effect};
use crate::failure::Failure;
use crate::shelter::key::Lock;
use crate::shelter::tests::town::{Town, Wall, began};

const SHIFT: &str = "yakan no kinmu";

/// A machine that is no terminal yet, with or without a link.
fn unset(mut state: State) -> State {
    let effects = press(&mut state, &[Key::Char('6')]);
    brought(&mut state, Brought::Reception(number(&effects), vec![News::Unset]));
    state
}

fn press(state: &mut State, keys: &[Key]) -> Vec<Effect> {
    keys.iter().flat_map(|key| state.update(Event::Key(*key))).collect()
}

fn type_in(state: &mut State, text: &str) {
    text.chars().for_each(|c| drop(state.update(Event::Key(Key::Char(c)))));
}

fn written() -> SetupFile {
    let text = |ja: &str, en: &str| Text { ja: ja.to_owned(), en: en.to_owned() };
    let shelter = |id: &str, ja: &str, en: &str| SetupShelter { shelter: id.parse().unwrap(), name: text(ja, en) };
    SetupFile {
        event: EventId([7; 16]),
        title: text("令和8年台風第15号", "Typhoon 15 of 2026"),
        shelters: vec![shelter("gym", "八鹿体育館", "Yoka Gymnasium"), shelter("temple", "満福寺", "Mampukuji")],
    }
}

/// The number of what is ordered.
fn number(effects: &[Effect]) -> Option<u64> {
    effects.iter().find_map(|effect| if let Effect::Reception(number, _) = effect { *number } else { None })
}

fn ordered(effects: &[Effect]) -> Option<&Order> {
    effects.iter().find_map(|effect| if let Effect::Reception(Some(_), order) = effect { Some(order) } else { None })
}

#[test]
fn with_a_link_the_shelter_is_chosen_of_a_list_and_the_passphrase_typed_twice() {
    let mut state = unset(connected(Lang::En, samples::headquarters()));
    assert!(seen(&state, (80, 24)).contains("Yoka Gymnasium"), "{}", seen(&state, (80, 24)));
    press(&mut state, &[Key::Down, Key::Enter]);
    type_in(&mut state, "School 1");
    press(&mut state, &[Key::Ctrl('s')]);
    let text = seen(&state, (80, 24));
    assert!(text.contains("hyphens alone") && text.contains("too short"), "{text}");
    press(&mut state, &[Key::Ctrl('u')]);
    type_in(&mut state, "school-3");
    press(&mut state, &[Key::Down, Key::Down]);
    type_in(&mut state, SHIFT);
    press(&mut state, &[Key::Down]);
    type_in(&mut state, "yakan no kinmv");
    press(&mut state, &[Key::Enter]);
    assert!(seen(&state, (80, 24)).contains("passphrases differ"));
    press(&mut state, &[Key::Backspace]);
    type_in(&mut state, "u");
    let effects = press(&mut state, &[Key::Enter]);
    let Some(Order::SetUp(new)) = ordered(&effects) else { panic!("{effects:?}") };
    assert_eq!((new.event, new.shelter.as_str(), new.terminal.as_str()), (EventId([7; 16]), "school", "school-3"));
    assert!(new.passphrase.is_some());
}

#[test]
fn without_a_link_it_is_set_up_by_the_file_of_headquarters() {
    let mut state = unset(opened(Lang::En));
    assert!(seen(&state, (80, 24)).contains("not known which shelters"), "{}", seen(&state, (80, 24)));
    press(&mut state, &[Key::F(9)]);
    type_in(&mut state, "/media/usb/tachiai-setup.json");
    let effects = press(&mut state, &[Key::Enter]);
    assert!(matches!(ordered(&effects), Some(Order::ReadSetup(path)) if path.ends_with("tachiai-setup.json")), "{effects:?}");
    brought(&mut state, Brought::Reception(number(&effects), vec![News::Places(Box::new(written()))]));
    press(&mut state, &[Key::Down, Key::Enter]);
    type_in(&mut state, "temple-1");
    press(&mut state, &[Key::Down, Key::Right]);
    let effects = press(&mut state, &[Key::Ctrl('s')]);
    assert!(matches!(ordered(&effects), Some(Order::SetUp(new)) if new.shelter.as_str() == "temple" && new.passphrase.is_none()), "{effects:?}");
}

#[test]
fn a_report_that_is_refused_comes_back_filled_in_and_a_number_that_opens_a_card_does_not() {
    let mut bench = Bench::open(Lang::En);
    let refuse = |bench: &mut Bench, keys: &[Key], said: &str| {
        let effects: Vec<Effect> = keys.iter().flat_map(|key| bench.waiting(*key)).collect();
        brought(&mut bench.state, Brought::Reception(number(&effects), vec![News::Failed(Failure::refused("不可", said))]));
    };
    bench.keys(&[Key::F(4)]);
    bench.type_in("480");
    refuse(&mut bench, &[Key::Ctrl('s')], "the disk is full");
    let text = bench.text();
    assert!(text.contains("480") && text.contains("the disk is full") && text.contains("send it again"), "{text}");
    bench.keys(&[Key::Esc, Key::Char('y'), Key::F(10)]);
    bench.type_in("5678");
    refuse(&mut bench, &[Key::Enter], "two tries are left");
    let text = bench.text();
    assert!(text.contains("two tries are left") && !text.contains("****") && !text.contains("send it again"), "{text}");
}

/// A terminal under the passphrase of the shift.
fn protected(lang: Lang) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let lock = Lock::Passphrase(SecretString::from(SHIFT));
    let gym = town.admit_under(&lock, &folder.path().join("gym-1"), "gym-1", "gym", &wall);
    let mut bench = Bench { state: opened(lang), counter: Counter::at(gym, lang), town, wall, folder };
    bench.keys(&[Key::Char('6')]);
    bench
}

/// So many seconds go by.
fn pass(bench: &mut Bench, seconds: i64) {
    let effects = bench.state.update(Event::Tick(now().plus(seconds)));
    bench.follow(effects);
}

#[test]
fn a_reception_that_nobody_touches_shows_nothing_until_the_passphrase_is_typed_and_then_goes_on_where_it_was() {
    let mut bench = protected(Lang::En);
    bench.enter("yabu ha");
    bench.keys(&[Key::F(2)]);
    bench.type_in("Maria");
    pass(&mut bench, 599);
    assert!(bench.text().contains("Maria"));
    pass(&mut bench, 600);
    let text = bench.text();
    assert!(text.contains("Passphrase:") && !text.contains("Maria") && !text.contains("花子"), "{text}");
    bench.type_in("wrong wrong wrong");
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Check the passphrase"), "{}", bench.text());
    bench.type_in(SHIFT);
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Maria"), "what was being typed is there: {}", bench.text());
    assert_eq!(bench.counter.inner().waiting().count(), 1, "and so is what waits");
}

#[test]
fn nothing_is_ordered_at_a_reception_that_is_locked() {
    let mut bench = protected(Lang::En);
    bench.enter("yabu ha");
    bench.keys(&[Key::F(12)]);
    assert!(matches!(bench.state.desk.counter, Desk::Locked(None)), "{}", bench.text());
    for order in [Order::Present, Order::Search("yabu".to_owned()), Order::TakeBack] {
        let news = bench.counter.ordered(order);
        assert!(matches!(&news[..], [News::Locked(None)]), "nothing but that is said");
    }
    // Nor does the roll call show anybody.
    let mut bench = protected(Lang::En);
    bench.enter("yabu ha");
    bench.keys(&[Key::F(6)]);
    assert!(bench.text().contains("花子"), "{}", bench.text());
    pass(&mut bench, 600);
    assert!(!bench.text().contains("花子"), "{}", bench.text());
}

#[test]
fn a_reception_is_hidden_at_once_while_it_is_busy_and_nothing_that_comes_of_it_meanwhile_is_shown() {
    let mut bench = protected(Lang::En);
    bench.enter("yabu ha");
    bench.type_in("yabu i");
    let search = bench.waiting(Key::Enter);
    let lock = bench.waiting(Key::F(12));
    assert!(bench.text().contains("Passphrase:") && !bench.text().contains("花子"), "{}", bench.text());
    // What was ordered before is answered now, and something came with the line.
    bench.follow(search);
    brought(&mut bench.state, Brought::Reception(None, vec![News::Told(["花子".to_owned(), "Hanako came back".to_owned()])]));
    bench.keys(&[Key::F(1), Key::Esc]);
    let text = bench.text();
    assert!(text.contains("Passphrase:") && !text.contains("養父") && !text.contains("Hanako"), "{text}");
    bench.follow(lock);
    assert!(bench.text().contains("Passphrase:") && !bench.text().contains("花子"), "{}", bench.text());
    bench.type_in(SHIFT);
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Hanako came back"), "{}", bench.text());
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Next person: yabu i"), "{}", bench.text());
}

#[test]
fn the_passphrase_never_stands_in_the_line_also_where_it_was_locked_below_another_screen() {
    let mut bench = protected(Lang::En);
    bench.keys(&[Key::F(6)]);
    pass(&mut bench, 600);
    // Back at the reception it is typed before the thread has said anything.
    let opens = bench.waiting(Key::Esc);
    SHIFT.chars().for_each(|c| drop(bench.waiting(Key::Char(c))));
    bench.state.update(Event::Paste("x".to_owned()));
    bench.waiting(Key::Backspace);
    bench.follow(opens);
    let text = bench.text();
    assert!(text.contains(&format!("Passphrase: {}", "*".repeat(SHIFT.len()))) && !text.contains(SHIFT), "{text}");
    bench.keys(&[Key::Enter]);
    let text = bench.text();
    assert!(text.contains("Next person:") && !text.contains(SHIFT), "{text}");
}

#[test]
fn a_window_that_was_hidden_comes_back_when_it_is_unlocked_and_never_later() {
    let mut bench = protected(Lang::En);
    bench.keys(&[Key::F(4)]);
    bench.type_in("480");
    pass(&mut bench, 600);
    assert!(!bench.text().contains("480"), "{}", bench.text());
    // Another window is open when it is unlocked: it comes after that one.
    bench.type_in(SHIFT);
    let opens = bench.waiting(Key::Enter);
    bench.waiting(Key::F(1));
    bench.follow(opens);
    assert!(!bench.text().contains("480"), "{}", bench.text());
    bench.keys(&[Key::Esc]);
    pass(&mut bench, 603);
    assert!(bench.text().contains("480"), "{}", bench.text());
    // Whoever sits there under another profile is shown nothing of it.
    pass(&mut bench, 1_200);
    bench.state.desk.status = Some(samples::commission());
    let other = crate::console::work::Link::Status(Box::new(samples::headquarters()));
    brought(&mut bench.state, Brought::Link(1, other));
    bench.keys(&[Key::Char('6')]);
    bench.type_in(SHIFT);
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Next person:") && !bench.text().contains("480"), "{}", bench.text());
}

#[test]
fn answers_that_are_being_filled_in_are_hidden_with_the_rest_and_are_there_afterwards() {
    for by_key in [true, false] {
        let mut bench = protected(Lang::En);
        bench.enter("yabu ha");
        bench.keys(&[Key::F(11)]);
        bench.type_in("39.4");
        if by_key {
            bench.keys(&[Key::F(12)])
        } else {
            pass(&mut bench, 600)
        }
        let text = bench.text();
        assert!(text.contains("Passphrase:") && !text.contains("39.4") && !text.contains("temperature"), "{text}");
        bench.type_in(SHIFT);
        bench.keys(&[Key::Enter]);
        assert!(bench.text().contains("39.4"), "{}", bench.text());
    }
}

#[test]
fn no_other_key_in_the_place_of_the_one_it_was_opened_with_unlocks_it() {
    let mut bench = protected(Lang::En);
    bench.keys(&[Key::F(12)]);
    let path = bench.counter.inner().folder().join("key");
    let kept = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    crate::shelter::key::TerminalKey::create(&path, &Lock::Passphrase(SecretString::from("somebody else's"))).unwrap();
    bench.type_in("somebody else's");
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("is not the key with which"), "{}", bench.text());
    std::fs::write(&path, kept).unwrap();
    bench.type_in(SHIFT);
    bench.keys(&[Key::Enter]);
    assert!(bench.text().contains("Next person:"), "{}", bench.text());
    // Where it cannot be read how the keys are kept, it is locked all the same.
    std::fs::remove_file(&path).unwrap();
    bench.keys(&[Key::F(12)]);
    assert!(bench.text().contains("Passphrase:"), "{}", bench.text());
}

#[test]
fn wherever_one_is_at_the_reception_it_is_hidden_at_once_and_what_is_typed_then_goes_nowhere_else() {
    for way in [&[Key::F(2)][..], &[Key::F(3)], &[Key::F(6)], &[Key::Tab]] {
        let mut bench = protected(Lang::En);
        bench.keys(way);
        bench.keys(&[Key::F(12)]);
        assert!(matches!(bench.state.desk.counter, Desk::Locked(_)), "{way:?}: {}", bench.text());
        bench.type_in("half of a secret");
        assert!(!bench.text().contains("half of"), "{way:?}: {}", bench.text());
    }
}

#[test]
fn a_reception_without_a_passphrase_stays_open() {
    let mut bench = Bench::open(Lang::En);
    pass(&mut bench, 6_000);
    assert!(matches!(bench.state.desk.counter, Desk::Open(_)));
    bench.keys(&[Key::F(12)]);
    assert!(matches!(bench.state.desk.counter, Desk::Open(_)), "there is nothing that would open it again");
}

#[test]
fn a_terminal_that_is_not_admitted_shows_the_fingerprint_that_headquarters_compare() {
    let folder = tempfile::tempdir().unwrap();
    let about = crate::shelter::record::About { format: 0, event: EventId([7; 16]), terminal: "gym-1".parse().unwrap(), shelter: "gym".parse().unwrap() };
    let wall = Wall::at(began());
    let gym = crate::shelter::state::Reception::create(&folder.path().join("gym-1"), about, &Lock::Unprotected, wall.clocks()).unwrap();
    let print = gym.request().fingerprint();
    let mut bench = Bench { state: opened(Lang::En), counter: Counter::at(gym, Lang::En), town: Town::new(), wall, folder };
    bench.keys(&[Key::Char('6')]);
    assert!(bench.text().contains(&print), "{}", bench.text());
}

#[test]
fn the_setting_up_is_seen_as_it_is_worked() {
    picture("setup-where", |lang| unset(connected(lang, samples::headquarters())));
    picture("setup-unlinked", |lang| unset(opened(lang)));
    picture("setup-form", |lang| {
        let mut state = unset(connected(lang, samples::headquarters()));
        press(&mut state, &[Key::Enter]);
        type_in(&mut state, "体育館");
        press(&mut state, &[Key::Ctrl('s')]);
        state
    });
    picture("reception-locked", |lang| {
        let mut bench = protected(lang);
        bench.keys(&[Key::F(12)]);
        bench.state
    });
    picture("setup-refused", |lang| {
        let mut state = unset(connected(lang, samples::headquarters()));
        press(&mut state, &[Key::Enter]);
        let failure = Failure::refused("この端末の名前は、この災害・行事ですでに使われています。", "the name of this terminal was used in this event before.");
        brought(&mut state, Brought::Reception(None, vec![News::Failed(failure)]));
        state.update(Event::Tick(state.desk.now.plus(3)));
        state
    });
}
