//! A citizen ID is issued at a counter without a card, printed, lost and replaced; the card that comes later goes to the same person. Who left a shelter is erased by two.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use serde_json::Value;
use tachiai_schemas::identity::citizen::{Before, CitizenIssued, CitizenView, ServicePseudonym};
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{Act, CardRule, Person, Stay};
use tachiai_schemas::shelter::{EventView, PersonAct, PersonDone, PersonView};
use tachiai_schemas::staff::{Pending, Role};
use tachiai_schemas::{CitizenId, HashBytes, Lang};
use tachiai_tests::appliance::Official;
use tachiai_tests::reception::Drill;
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Scene, Setting};

/// What the resident register says of an elector, as the command is told it.
fn told(scene: &Scene, elector: usize) -> String {
    let text = scene.card(elector).text;
    format!("name={}\nbirth={}-{}-{}\nsex={}\naddress={}\n", text.name, &text.birth[..4], &text.birth[4..6], &text.birth[6..], text.sex, text.address)
}

fn issue(official: &Official, told: &str) -> CitizenIssued {
    let outcome = official.tachiai_with_secret(told, &["--json", "citizen", "issue", "--who-fd", "0"]).unwrap();
    outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap()
}

#[track_caller]
fn refused(official: &Official, arguments: &[&str], code: &str) {
    let outcome = official.tachiai(&[&["--json"], arguments].concat()).unwrap();
    let said: Value = outcome.expect(1).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(said["code"], code, "{said}");
}

#[test]
fn an_id_is_issued_without_a_card_and_a_lost_code_stops_at_once_while_the_person_stays_the_same() {
    let mut scene = Scene::set(Setting::of(2));
    let official = scene.appliance.staff("nishimura", Role::Headquarters).unwrap_or_else(|trouble| panic!("{trouble}"));
    let reception = scene.appliance.staff("uketsuke", Role::Reception).unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));

    let first = issue(&official, &told(&scene, 0));
    assert_eq!((first.before, first.code), (Before::New, first.citizen));
    let again = issue(&official, &told(&scene, 0));
    assert_eq!((again.before, again.citizen), (Before::Known, first.citizen));
    let code = first.code.to_string();
    refused(&reception, &["citizen", "show", &code], "forbidden");
    refused(&official, &["citizen", "show", &CitizenId([9; 16]).to_string()], "not-found");
    let mut slip: Vec<char> = code.chars().collect();
    slip[0] = if slip[0] == 'a' { 'b' } else { 'a' };
    assert_eq!(official.tachiai(&["citizen", "show", &slip.iter().collect::<String>()]).unwrap().code, Some(64), "the check character finds a slip");

    // Lost: the new code leads to the same person and the same pseudonyms, and the old one to nobody, also after a restart.
    let pseudonym = |code: &str, service: &str| official.ask::<ServicePseudonym>(&["citizen", "pseudonym", code, "--service", service]).unwrap().pseudonym;
    let (library, health) = (pseudonym(&code, "library"), pseudonym(&code, "health"));
    assert!(library != health && library != code[..26]);
    let lost: CitizenIssued = official.ask(&["citizen", "lost", &code]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!((lost.citizen, lost.code == first.code), (first.citizen, false));
    let new = lost.code.to_string();
    for after in ["at once", "after a restart"] {
        for arguments in [&["citizen", "show", &code][..], &["citizen", "lost", &code], &["citizen", "pseudonym", &code, "--service", "library"]] {
            refused(&official, arguments, "citizen-code-lost");
        }
        assert_eq!((pseudonym(&new, "library"), pseudonym(&new, "health")), (library.clone(), health.clone()), "{after}");
        scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
        scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    }

    // The card comes later, and goes to the person that the register names.
    let seat = Seat::of(&scene, 0);
    let enrolled = seat.enrol().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(enrolled.stdout.contains(&first.citizen.to_string()), "{}", enrolled.stdout);
    let view: CitizenView = official.ask(&["citizen", "show", &new]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!((view.citizen, view.code, view.cards.len(), view.lost.len()), (first.citizen, lost.code, 1, 1));
    assert_eq!(view.person.name, scene.card(0).text.name);
    assert_eq!(issue(&official, &told(&scene, 0)).code, lost.code, "whoever asks at the counter again gets the code that counts");
    let other = issue(&official, &told(&scene, 1));
    assert!(other.before == Before::New && pseudonym(&other.code.to_string(), "library") != library);

    let pdf = scene.folder.join("card.pdf");
    let printed = official.tachiai(&["citizen", "card", &new, "--pdf", pdf.to_str().unwrap(), "--named"]).unwrap();
    if printed.code == Some(0) {
        assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF-"));
    } else {
        // Built without papers, or on a machine without the fonts.
        assert!(!pdf.exists(), "{printed:?}");
    }
    scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    // The views in the store are those that the journal says.
    scene.appliance.tachiaid(&["check"]).and_then(|outcome| outcome.ok()).unwrap_or_else(|trouble| panic!("{trouble}"));
}

/// Whether a file below a folder has these bytes.
fn on_disk(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| match (path.is_dir(), std::fs::read(&path)) {
        (true, _) => on_disk(&path, bytes),
        (false, read) => read.is_ok_and(|read| read.windows(bytes.len()).any(|window| window == bytes)),
    })
}

#[test]
fn who_left_is_erased_by_two_officials_and_the_roster_stays_as_it_was() {
    const NAME: &str = "消去　花子";
    let mut drill = Drill::begin(1, CardRule::WithoutPin);
    let second = drill.scene.appliance.staff("headquarters-2", Role::Headquarters).unwrap_or_else(|trouble| panic!("{trouble}"));
    let first = drill.headquarters.clone();
    let client = || tachiai::profile::Profile::read(Some(first.profile())).unwrap().client(Lang::En).unwrap();
    let person = Person { name: NAME.to_owned(), ..Person::unknown(Identified::Typed, Stay::Shelter) };
    let act = |chain, after: Vec<HashBytes>, act| {
        let act = PersonAct { chain, after, shelter: "gym".parse().unwrap(), act, time: None, person: person.clone() };
        client().post::<_, PersonDone>(&format!("/api/v1/shelter/events/{}/people", drill.event), None, &act).unwrap()
    };
    let came = act(None, vec![], Act::In);
    let handle = came.chain.to_string();
    let erase = || {
        let arguments = ["--json", "shelter", "person", "erase", &handle, "--ground", "request", "--who-fd", "0"];
        first.tachiai_with_secret(&format!("reason={NAME}から書面で申出\n"), &arguments).unwrap()
    };
    let present: Value = erase().expect(1).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(present["code"], "erase-not-now", "{present}");
    act(Some(came.chain), vec![came.entry], Act::Out);
    let show = |official: &Official| official.ask::<EventView>(&["shelter", "event", "show"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    let before = serde_json::to_value(show(&first)).unwrap();

    let pending: Pending = erase().expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(first.tachiai(&["approve", &pending.id, "--yes"]).unwrap().code, Some(1), "nobody erases alone");
    let approved = second.tachiai_in(Lang::Ja, &["approve", &pending.id, "--yes"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(approved.stdout.contains(NAME) && approved.stdout.contains("本人の申出") && approved.stdout.contains("消去しました"), "{}", approved.stdout);
    for after in ["at once", "after a restart"] {
        assert_eq!(serde_json::to_value(show(&first)).unwrap(), before, "{after}");
        let view: PersonView = first.ask(&["shelter", "person", "show", &handle]).unwrap_or_else(|trouble| panic!("{trouble}"));
        assert!(view.history.len() == 2 && view.history.iter().all(|step| step.person.is_none()), "{after}");
        drill.scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
        if after == "at once" {
            drill.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
        }
    }
    drill.scene.appliance.tachiaid(&["check"]).and_then(|outcome| outcome.ok()).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(!on_disk(drill.scene.appliance.folder(), NAME.as_bytes()));
}
