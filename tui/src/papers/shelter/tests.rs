use tachiai_schemas::roster::ShelterState;
use tachiai_schemas::roster::shelter::Pets;
use tachiai_schemas::shelter::Totals;

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
    Form::List { head: head(EventKind::Disaster), shelters: vec![ShelterView { state, totals }] }
}

#[test]
fn a_list_has_every_shelter_with_its_figures_in_the_language() {
    let sheet = list().sheet(Lang::Ja);
    assert_eq!(sheet["body"]["list"]["rows"][0]["state"], "混雑");
    assert_eq!(sheet["body"]["list"]["rows"][0]["present"], "1,180");
    assert_eq!(list().sheet(Lang::En)["body"]["list"]["rows"][0]["state"], "crowded");
}

#[test]
fn the_sheets_of_a_drill_say_so() {
    let form = |kind| Form::Reception { head: head(kind), shelter: None }.sheet(Lang::Ja);
    assert_eq!((&form(EventKind::Drill)["drill"], &form(EventKind::Disaster)["drill"]), (&json!(true), &json!(false)));
}

#[test]
fn both_sheets_are_set_the_same_way_each_time() {
    let Ok(fonts) = Fonts::of_the_system() else { return };
    let press = Press::new(fonts);
    for form in [list(), Form::Reception { head: head(EventKind::Drill), shelter: Some(text("八鹿体育館")) }] {
        for lang in [Lang::Ja, Lang::En] {
            let pdf = press.print_form(&form, lang).unwrap_or_else(|error| panic!("{error}"));
            assert!(pdf.starts_with(b"%PDF-") && pdf == press.print_form(&form, lang).unwrap());
        }
    }
}
