//! A citizen ID is issued at a counter without a card, printed, lost and replaced; the card that comes later goes to the same person. Who left a shelter is erased by two.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use serde_json::Value;
use tachiai_schemas::identity::citizen::{Before, CitizenIssued, CitizenView, ServicePseudonym};
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{Act, CardRule, Person, Stay};
use tachiai_schemas::sharing::access::AccessList;
use tachiai_schemas::shelter::{EventView, PersonAct, PersonDone, PersonView};
use tachiai_schemas::staff::{Pending, Role};
use tachiai_schemas::{CitizenId, HashBytes, Lang};
use tachiai_tests::appliance::Official;
use tachiai_tests::link::Link;
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

/// Asks for something that needs a second official, with words on a descriptor, and has it approved; nobody decides alone.
#[track_caller]
fn by_two(first: &Official, second: &Official, words: &str, arguments: &[&str]) -> String {
    let asked = first.tachiai_with_secret(words, &[&["--json", "citizen"], arguments, &["--who-fd", "0"]].concat()).unwrap();
    let pending: Pending = asked.expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(first.tachiai(&["approve", &pending.id, "--yes"]).unwrap().code, Some(1), "nobody decides alone");
    let approved = second.tachiai_in(Lang::Ja, &["approve", &pending.id, "--yes"]).unwrap();
    approved.ok().unwrap_or_else(|trouble| panic!("{trouble}")).stdout
}

#[test]
fn two_ids_of_one_person_are_joined_and_parted_by_two_officials_and_who_is_erased_is_found_by_nothing() {
    let mut scene = Scene::set(Setting::of(2));
    let official = scene.appliance.staff("nishimura", Role::Headquarters).unwrap_or_else(|trouble| panic!("{trouble}"));
    let second = scene.appliance.staff("uegaki", Role::Commission).unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let seat = Seat::of(&scene, 0);
    seat.enrol().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let with_card = issue(&official, &told(&scene, 0));
    // An ID that was issued under the name of before the marriage.
    let former = issue(&official, &told(&scene, 0).replacen("name=", "name=旧姓", 1));
    assert_ne!(with_card.citizen, former.citizen);
    let (new, old) = (with_card.code.to_string(), former.code.to_string());
    let pseudonym = |code: &str| official.ask::<ServicePseudonym>(&["citizen", "pseudonym", code, "--service", "library"]).unwrap();
    let (new_before, old_before) = (pseudonym(&new).pseudonym, pseudonym(&old).pseudonym);
    let show = |code: &str| official.ask::<CitizenView>(&["citizen", "show", code]).unwrap_or_else(|trouble| panic!("{trouble}"));

    // The older ID goes on, as officials decide: cards, codes and pseudonyms follow, and both histories stay.
    let words = "evidence=戸籍の附票\nreason=改姓の前に発行されていた\n";
    let said = by_two(&official, &second, words, &["link", &old, &new, "--same"]);
    assert!(said.contains("戸籍の附票") && said.contains("旧姓") && said.contains("同じ方"), "{said}");
    for code in [&new, &old] {
        let view = show(code);
        assert_eq!((view.citizen, view.code, view.cards.len()), (former.citizen, former.code, 1));
        assert_eq!((view.aliases.len(), view.aliases[0].citizen), (1, with_card.citizen));
        let found = pseudonym(code);
        assert_eq!((&found.pseudonym, &found.aliases), (&old_before, &vec![new_before.clone()]));
    }
    let list = |file: &str| {
        let keep = seat.file(file);
        let outcome = seat.run(&["--json"], "access list", "1234", &["--pin-fd", "0", "--keep", keep.to_str().unwrap()]);
        outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}")).json::<Value>().unwrap()
    };
    // Who logs in with the card of the alias sees who looked at either: two pseudonyms before, both officials at the case, and record and pseudonym by each code.
    assert_eq!(list("joined.json")["own"].as_array().unwrap().len(), 8);
    let again = official.tachiai_with_secret(words, &["--json", "citizen", "link", &old, &new, "--same", "--who-fd", "0"]).unwrap();
    assert_eq!(again.code, Some(1), "it is so already: {again:?}");

    // Undone by the same way: each has its own again.
    by_two(&official, &second, "evidence=別の方と確認\nreason=取り違え\n", &["link", &old, &new, "--apart"]);
    assert_eq!((show(&new).citizen, show(&new).cards.len(), show(&old).cards.len()), (with_card.citizen, 1, 0));
    assert_eq!((pseudonym(&new).pseudonym, pseudonym(&old).aliases.len()), (new_before, 0));

    // Erased: the card logs in nobody, the code leads to nobody, also after a restart; the log that was kept holds, and the log goes on from it.
    let kept = list("kept.json");
    let before = kept["log"].as_u64().unwrap();
    // A pseudonym before, both officials at the case of joining and at that of parting, two records and a pseudonym after.
    assert_eq!(kept["own"].as_array().unwrap().len(), 8, "what was looked up while they were joined is the surviving ID's: {kept}");
    let said = by_two(&official, &second, "reason=本人から書面で申出\n", &["erase", &new, "--ground", "request"]);
    assert!(said.contains("本人から書面で申出") && said.contains("消去しました"), "{said}");
    for after in ["at once", "after a restart"] {
        refused(&official, &["citizen", "show", &new], "not-found");
        refused(&official, &["citizen", "pseudonym", &new, "--service", "library"], "not-found");
        let login = seat.run(&["--json"], "access list", "1234", &["--pin-fd", "0"]);
        assert!(login.code != Some(0) && login.stdout.contains("not-enrolled"), "{after}: {login:?}");
        scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
        scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    // Whoever comes again has another ID, and a log that goes on from the kept one and has nothing of before that could be found by the appliance.
    seat.enrol().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    let (keep, later) = (seat.file("kept.json"), seat.file("later.json"));
    let files = ["--since", keep.to_str().unwrap(), "--keep", later.to_str().unwrap()];
    let outcome = seat.run(&["--json"], "access list", "1234", &[&["--pin-fd", "0"][..], &files].concat());
    let fresh: Value = outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!((fresh["own"].as_array().unwrap().len(), fresh["log"].as_u64().unwrap() >= before), (0, true), "{fresh}");
    let kept = |file: &Path| -> AccessList { serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap() };
    let verdict = tachiai_verify::access::verify(&kept(&later), Some(&kept(&keep))).unwrap();
    assert_eq!((verdict.own.len(), verdict.since), (0, Some(before)), "as anybody checks what the resident kept");
    assert_ne!(issue(&official, &told(&scene, 0)).citizen, with_card.citizen);
    assert_eq!(show(&old).citizen, former.citizen, "the other person's stays");
    scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.tachiaid(&["check"]).and_then(|outcome| outcome.ok()).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(!on_disk(scene.appliance.folder(), "本人から書面で申出".as_bytes()));
}

#[test]
fn an_erasure_that_the_vault_fails_at_leads_to_nobody_at_once_and_is_finished_at_the_next_start() {
    let mut scene = Scene::set(Setting::of(1));
    let official = scene.appliance.staff("nishimura", Role::Headquarters).unwrap_or_else(|trouble| panic!("{trouble}"));
    let second = scene.appliance.staff("uegaki", Role::Commission).unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let code = issue(&official, &told(&scene, 0)).code.to_string();
    let erase = || {
        let line = ["--json", "citizen", "erase", &code, "--ground", "request", "--who-fd", "0"];
        official
            .tachiai_with_secret("reason=本人から書面で申出\n", &line)
            .unwrap()
            .expect(3)
            .unwrap_or_else(|trouble| panic!("{trouble}"))
            .json::<Pending>()
            .unwrap()
    };
    let pending = erase();
    assert_eq!(erase(), pending, "asked for again, as after a line that was cut, it is the same case");
    // The table of the next epoch cannot be written while a folder has its name.
    let vault = scene.appliance.data().join("vault");
    let table = |epoch: u32| vault.join(format!("citizens-{epoch:08}.keys"));
    let blocked = vault.join("citizens-00000002.keys.new");
    std::fs::create_dir(&blocked).unwrap();
    let approved = second.tachiai(&["--json", "approve", &pending.id, "--yes"]).unwrap();
    assert!(approved.code != Some(0) && table(1).exists(), "{approved:?}");
    refused(&official, &["citizen", "show", &code], "not-found");
    std::fs::remove_dir(&blocked).unwrap();
    scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(!table(1).exists() && table(2).exists(), "the key is destroyed");
    refused(&official, &["citizen", "show", &code], "not-found");
    scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.tachiaid(&["check"]).and_then(|outcome| outcome.ok()).unwrap_or_else(|trouble| panic!("{trouble}"));
}

#[test]
fn a_code_that_was_lost_registers_nobody_at_a_shelter_or_a_terminal_that_heard_of_it() {
    let drill = Drill::begin(1, CardRule::WithoutPin);
    let terminal = drill.terminal("gym-1", "gym");
    let lost = issue(&drill.headquarters, &told(&drill.scene, 0)).code.to_string();
    let code = drill.headquarters.ask::<CitizenIssued>(&["citizen", "lost", &lost]).unwrap_or_else(|trouble| panic!("{trouble}")).code.to_string();
    terminal.run(Link::Up, "", &["sync"]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    // Without a link from here on.
    let refused = terminal.run(Link::Cut, &format!("{lost}\n"), &["in", "citizen"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    terminal.run(Link::Cut, &format!("{code}\n"), &["in", "citizen"]).ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(!on_disk(terminal.folder.as_ref(), lost.as_bytes()), "a terminal knows lost codes by hashes alone");
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
