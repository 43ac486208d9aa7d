use tachiai_schemas::roster::person::{Birth, Household, Identified, Relation};
use tachiai_schemas::roster::shelter::Pets;
use tachiai_schemas::roster::{Act, ChainId, Hlc, Person, ShelterState, Stay};
use tachiai_schemas::shelter::{PersonView, StepView, Totals};

use super::present::Source;
use super::*;
use crate::papers::fonts::Fonts;
use crate::papers::press::Press;

fn text(words: &str) -> Text {
    Text { ja: words.to_owned(), en: words.to_owned() }
}

fn head(kind: EventKind) -> Head {
    Head { event: text("令和8年台風第15号"), kind, made: "2026-09-01T12:00:00Z".parse().unwrap() }
}

fn list() -> Form {
    let state = ShelterState {
        shelter: "gym".parse().unwrap(),
        name: text("八鹿体育館"),
        address: "養父市八鹿町八鹿1".to_owned(),
        district: String::new(),
        position: None,
        capacity: Some(200),
        rooms: Vec::new(),
        features: Vec::new(),
        pets: Pets::Unknown,
        state: OpenState::Crowded,
    };
    let totals = Totals { present: 1_180, heads: Some(1_200), ..Totals::default() };
    Form::List { head: head(EventKind::Disaster), shelters: vec![ShelterView { state, totals, rooms: None }] }
}

#[test]
fn a_list_has_every_shelter_with_its_figures_in_the_language() {
    let sheet = list().sheet(Lang::Ja);
    assert_eq!(sheet["body"]["list"]["rows"][0]["state"], "混雑");
    assert_eq!(sheet["body"]["list"]["rows"][0]["present"], "1,180");
    assert_eq!(list().sheet(Lang::En)["body"]["list"]["rows"][0]["state"], "crowded");
}

fn view(number: u8, name: &str, kana: &str, household: u8, relation: Relation) -> PersonView {
    let person = Person {
        name: name.to_owned(),
        kana: kana.to_owned(),
        birth: Birth::Day("1980-02-00".parse().unwrap()),
        address: "養父市八鹿町八鹿1675".to_owned(),
        household: Some(Household { id: ChainId([household; 16]), relation }),
        needs: vec![Need::Care, Need::Food],
        allergies: vec!["卵".to_owned(), "小麦".to_owned()],
        room: "体育館A".to_owned(),
        ..Person::unknown(Identified::Typed, Stay::Shelter)
    };
    let counts = StepView {
        chain: ChainId([number; 16]),
        entry: tachiai_schemas::HashBytes::from(tachiai_crypto::hash::Hash32::sha256(&[number])),
        time: Hlc::at_millis(1_788_265_800_000),
        entered: Hlc::at_millis(1_788_265_800_000),
        terminal: "gym-1".parse().unwrap(),
        shelter: "gym".parse().unwrap(),
        act: Act::In,
        person: Some(person),
    };
    PersonView {
        handles: vec![counts.chain],
        heads: vec![counts.clone()],
        counts,
        conflict: None,
        history: Vec::new(),
        differs: Vec::new(),
        questionnaire: None,
    }
}

fn present(people: Vec<PersonView>) -> Form {
    let totals = Totals { present: people.len() as u64 + 1, heads: Some(120), ..Totals::default() };
    let other = Source::Other { terminal: "gym-2".parse().unwrap(), latest: Some(Hlc::at_millis(1_788_265_800_000)), missing: 2 };
    let sources = vec![Source::Own("gym-1".parse().unwrap()), other];
    let present = Present { shelter: text("八鹿体育館"), people, totals, today: "2026-09-01".parse().unwrap(), sources };
    Form::Present { head: head(EventKind::Drill), present: Box::new(present) }
}

fn family() -> Vec<PersonView> {
    vec![
        view(1, "養父　花子", "ヤブ　ハナコ", 7, Relation::Head),
        view(2, "養父　一郎", "ヤブ　イチロウ", 7, Relation::Member),
        // A character that only one city's machines have, and one that no font here draws.
        view(3, "\u{e001}野　\u{1f600}", "", 8, Relation::Head),
    ]
}

#[test]
fn the_list_of_people_says_who_is_withheld_and_how_complete_it_is() {
    let sheet = present(family()).sheet(Lang::Ja);
    let body = &sheet["body"]["present"];
    assert_eq!((&body["persons"], &body["withheld"], &body["is_withheld"]), (&json!("4"), &json!("1"), &json!(true)));
    let households: Vec<&Value> = body["rows"].as_array().unwrap().iter().map(|row| &row["household"]).collect();
    assert_eq!(households, [&json!("1主"), &json!("1"), &json!("2主")]);
    assert!(body["sources"][0].as_str().unwrap().contains("この端末"));
    let other = body["sources"][1].as_str().unwrap();
    assert!(other.starts_with("gym-2") && other.contains("途中の2件が未着"), "{other}");
}

/// A night shift prints what it has: a name with a character that cannot be set still comes out.
#[test]
fn a_list_with_hundreds_of_people_and_rare_characters_prints() {
    let Ok(fonts) = Fonts::of_the_system() else { return };
    let press = Press::new(fonts);
    let people: Vec<PersonView> = (0..40).flat_map(|_| family()).collect();
    let pdf = press.print_form(&present(people), Lang::Ja).unwrap_or_else(|error| panic!("{error}"));
    assert!(pdf.starts_with(b"%PDF-"));
    if let Some(path) = std::env::var_os("TACHIAI_TEST_PDF") {
        std::fs::write(path, pdf).unwrap();
    }
}

#[test]
fn the_sheets_of_a_drill_say_so() {
    let form = |kind| Form::Reception { head: head(kind), shelter: None }.sheet(Lang::Ja);
    assert_eq!((&form(EventKind::Drill)["drill"], &form(EventKind::Disaster)["drill"]), (&json!(true), &json!(false)));
}

#[test]
fn every_sheet_is_set_the_same_way_each_time() {
    let Ok(fonts) = Fonts::of_the_system() else { return };
    let press = Press::new(fonts);
    for form in [list(), present(family()), Form::Reception { head: head(EventKind::Drill), shelter: Some(text("八鹿体育館")) }] {
        for lang in [Lang::Ja, Lang::En] {
            let pdf = press.print_form(&form, lang).unwrap_or_else(|error| panic!("{error}"));
            assert!(pdf.starts_with(b"%PDF-") && pdf == press.print_form(&form, lang).unwrap());
        }
    }
}
