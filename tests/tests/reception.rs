//! Receptions of shelters: days without a link, a machine that is killed, cards with and without a PIN, sticks in any order, two terminals that register one person,
//! a terminal that is revoked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tachiai::shelter::clock::{Clocks, Stamp};
use tachiai::shelter::desk::{Draft, Follow, Subject};
use tachiai::shelter::state::Reception;
use tachiai_schemas::roster::hand_in::Copied;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{Act, CardRule};
use tachiai_tests::appliance::{Outcome, Residents};
use tachiai_tests::link::Link;
use tachiai_tests::reception::{Drill, SHIFT, Terminal, client};
use tachiai_tests::seat::Seat;
use tachiai_tests::story::Setting;

#[track_caller]
fn ends(outcome: Outcome, code: i32) -> Value {
    outcome.expect(code).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap()
}

#[track_caller]
fn status(terminal: &Terminal) -> Value {
    ends(terminal.run(Link::Cut, "", &["status"]), 0)
}

#[track_caller]
fn arrives(terminal: &Terminal, link: Link, number: &str) -> String {
    let said = ends(terminal.run(link, "", &["in", "resident", "--number", number, "--yes"]), 0);
    said["entered"][0]["handle"].as_str().unwrap().to_owned()
}

fn by_card(terminal: &Terminal, seat: &Seat, secret: &str, arguments: &[&str]) -> Outcome {
    let socket = seat.socket();
    let line = ["in", "card", "--card", socket.to_str().unwrap(), "--pin-fd", "0", "--yes"];
    terminal.run(Link::Cut, secret, &[&line, arguments].concat())
}

#[test]
fn a_reception_goes_on_without_a_link_and_hands_everything_in_once() {
    let drill = Drill::begin(6, CardRule::WithoutPin);
    let gym = drill.terminal("gym-1", "gym");
    let said = status(&gym);
    assert_eq!((&said["residents"], &said["waiting"], &said["admitted"]), (&json!(6), &json!(0), &json!(true)), "{said}");

    // The line is cut. By card: without a PIN, by the number on its face, and with the PIN.
    let seats: Vec<Seat> = (0..2).map(|elector| Seat::of(&drill.scene, elector)).collect();
    let face = drill.scene.card(0).text.code_b.value;
    let said = ends(by_card(&gym, &seats[0], &face, &[]), 0);
    assert_eq!((&said["entered"][0]["person"]["identified"], &said["entered"][0]["person"]["resident"]), (&json!("card"), &json!("1")), "{said}");
    let first = said["entered"][0]["handle"].as_str().unwrap().to_owned();
    ends(by_card(&gym, &seats[1], "99999999999999", &[]), 5);
    let said = ends(by_card(&gym, &seats[1], &drill.scene.card(1).text.pin.value, &["--pin", "--stay", "vehicle"]), 0);
    assert_eq!((&said["entered"][0]["person"]["identified"], &said["entered"][0]["person"]["stay"]), (&json!("card-pin"), &json!("vehicle")), "{said}");
    // Who is here is not entered twice, whichever way.
    let said = ends(gym.run(Link::Cut, "", &["in", "resident", "--number", "1", "--yes"]), 1);
    assert!(said["error"].as_str().unwrap().contains("registered here already"), "{said}");
    // A household in one go, without one who did not come; somebody from abroad; heads; paper; a note; the state.
    let said = ends(gym.run(Link::Cut, "", &["in", "household", "--number", "3", "--without", "4", "--yes"]), 0);
    assert_eq!(said["entered"].as_array().unwrap().len(), 1, "{said}");
    let said = ends(gym.run(Link::Cut, "name=Maria Cruz\nage=31\nneeds=foreign\nlanguage=Tagalog\n", &["in", "typed"]), 0);
    let maria = said["entered"][0]["handle"].as_str().unwrap().to_owned();
    ends(gym.run(Link::Cut, "name=髙橋 﨑子\nage=-3\n", &["in", "typed"]), 64);
    ends(gym.run(Link::Cut, "", &["headcount", "40", "--about"]), 0);
    ends(gym.run(Link::Cut, "巡回は2時間ごと", &["handover"]), 0);
    ends(gym.run(Link::Cut, "", &["state", "crowded"]), 0);
    let forms = "name=髙橋 﨑子\nbirth=M45.7.1\nat=2026-01-01 21:30\n\nname=山田 一\nbirth=1950-00-00\nat=2026-01-01 21:40\n";
    // They are of months before the event: that is asked about first.
    ends(gym.run(Link::Cut, forms, &["paper"]), 1);
    let said = ends(gym.run(Link::Cut, forms, &["paper", "--anyway"]), 0);
    assert_eq!(said["entered"][0]["person"]["name_jis"], json!("高橋\u{3000}崎子"), "{said}");
    assert_eq!(said["entered"][0]["time"], json!("2026-01-01T12:30:00.000Z/0"), "{said}");
    ends(gym.run(Link::Cut, "needs=food,foreign\nallergies=卵", &["edit", "--handle", &maria[..6]]), 0);
    // Whoever is known by word alone leaves by a form that names the handle: a name and an age do not tell who it is.
    let visitor = ends(gym.run(Link::Cut, "name=Ana Reyes\nage=40\n", &["in", "typed"]), 0)["entered"][0]["handle"].as_str().unwrap().to_owned();
    ends(gym.run(Link::Cut, "name=Ana Reyes\nage=40\nact=out\n", &["paper"]), 1);
    let said = ends(gym.run(Link::Cut, &format!("handle={}\nact=out\ndestination=ホテル\n", &visitor[..6]), &["paper"]), 0);
    assert_eq!((&said["entered"][0]["handle"], &said["entered"][0]["person"]["name"]), (&json!(visitor), &json!("Ana Reyes")), "{said}");
    ends(gym.run(Link::Cut, "destination=親族宅\n", &["out", "--handle", &first]), 0);
    // Names stand in no list of processes and in no file.
    for file in fs::read_dir(&gym.folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(5).any(|five| five == b"Maria"));
    }
    ends(gym.run(Link::Cut, "", &["sync"]), 4);

    // The machine is killed in the middle of its work, again and again; what it said is there.
    let before = status(&gym);
    let mut said = Vec::new();
    for pause in [300, 600, 900, 1200, 1500, 1800, 2400] {
        let mut command = gym.shell(Link::Cut, &["in", "typed"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("name=Guest {pause}\nage=20\n").as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        if let Ok(entered) = serde_json::from_slice::<Value>(&output.stdout) {
            said.push(entered["entered"][0]["handle"].as_str().unwrap().to_owned());
        }
    }
    let after = status(&gym);
    let more = after["own"].as_u64().unwrap() - before["own"].as_u64().unwrap();
    assert!((said.len() as u64..=7).contains(&more), "{more} of {}", said.len());
    for handle in &said {
        ends(gym.run(Link::Cut, "", &["show", "--handle", handle]), 0);
    }
    let present = 5 + more;
    let here = ends(gym.run(Link::Cut, "", &["list"]), 0);
    assert_eq!(
        (&here["totals"]["present"], &here["totals"]["heads"], here["people"].as_array().unwrap().len() as u64),
        (&json!(present), &json!(40), present),
        "{here}"
    );

    // The line is back: everything goes in once, and the appliance sees the same.
    let said = ends(gym.run(Link::Up, "", &["sync"]), 0);
    assert_eq!((&said["handed_in"], &said["waiting"], &said["aside"]), (&after["waiting"], &json!(0), &json!([])), "{said}");
    let said = ends(gym.run(Link::Up, "", &["sync"]), 0);
    assert_eq!((&said["handed_in"], &said["learned"]), (&json!(0), &json!(0)), "{said}");
    let view = drill.view();
    let shelter = view.shelters.iter().find(|shelter| shelter.state.shelter.as_str() == "gym").unwrap();
    assert_eq!((shelter.totals.present, shelter.totals.heads, shelter.totals.stays[2]), (present, Some(40), 1));
    assert_eq!(shelter.state.state, tachiai_schemas::roster::OpenState::Crowded);
    let log = fs::read_to_string(drill.scene.appliance.log()).unwrap();
    assert!(!log.contains("Maria") && !log.contains("髙橋"));
}

#[test]
fn two_terminals_that_register_one_person_both_show_the_conflict_and_one_settles_it() {
    let drill = Drill::begin(2, CardRule::Pin);
    let (gym, hall) = (drill.terminal("gym-1", "gym"), drill.terminal("hall-1", "hall"));
    let one = arrives(&gym, Link::Cut, "1");
    let two = arrives(&hall, Link::Cut, "1");
    assert_eq!(one, two);
    ends(gym.run(Link::Up, "", &["sync"]), 0);
    ends(hall.run(Link::Up, "", &["sync"]), 0);
    ends(gym.run(Link::Up, "", &["sync"]), 0);
    let conflict_at = |terminal: &Terminal| {
        let said = ends(terminal.run(Link::Cut, "", &["conflicts"]), 0);
        let conflict = said["conflicts"][0].clone();
        assert_eq!((&conflict["conflict"], conflict["heads"].as_array().unwrap().len()), (&json!("two-places"), 2), "{said}");
        conflict
    };
    let conflict = conflict_at(&gym);
    assert_eq!(conflict_at(&hall)["counts"]["entry"], conflict["counts"]["entry"]);
    assert_eq!(drill.view().summary.conflicts, 1);
    assert_eq!(drill.view().totals.present, 1, "whoever is in two places counts once");
    // Which of two entries of one second is the later is up to the clocks; the terminals show it.
    let (later, earlier, earlier_shelter) = if conflict["counts"]["shelter"] == "hall" { (&hall, &gym, "gym") } else { (&gym, &hall, "hall") };
    let heads = conflict["heads"].as_array().unwrap();
    let head = heads.iter().find(|head| head["shelter"] == earlier_shelter).unwrap()["entry"].as_str().unwrap();
    // The other shelter's entry, which is later and counts, cannot be read here, so nobody closes over it.
    let head = &head[..8];
    let said = ends(earlier.run(Link::Cut, "", &["settle", "--handle", &one, "--entry", head]), 1);
    assert!(said["error"].as_str().unwrap().contains("cannot be read"), "{said}");
    ends(later.run(Link::Cut, "", &["settle", "--handle", &one, "--entry", head]), 0);
    ends(later.run(Link::Up, "", &["sync"]), 0);
    ends(earlier.run(Link::Up, "", &["sync"]), 0);
    for terminal in [&gym, &hall] {
        assert_eq!(ends(terminal.run(Link::Cut, "", &["conflicts"]), 0)["conflicts"], json!([]));
    }
    assert_eq!(drill.view().summary.conflicts, 0);
    let here = ends(later.run(Link::Cut, "", &["list"]), 0);
    assert_eq!(here["totals"]["present"], json!(0), "{here}");
}

#[test]
fn a_room_that_the_shelter_does_not_have_is_refused_with_those_that_it_has() {
    let drill = Drill::begin(2, CardRule::Pin);
    let gym = drill.terminal("gym-1", "gym");
    ends(drill.headquarters.tachiai(&["--json", "shelter", "open", "gym", "--room", "体育館:120", "--room", "図書室"]).unwrap(), 0);
    ends(gym.run(Link::Up, "", &["sync"]), 0);
    let said = ends(gym.run(Link::Cut, "name=Ana\nage=20\nroom=屋上\n", &["in", "typed"]), 1);
    assert!(said["error"].as_str().unwrap().contains("Its rooms: 体育館, 図書室"), "{said}");
    let said = ends(gym.run(Link::Cut, "name=Ana\nage=20\n", &["in", "typed", "--room", "図書室"]), 0);
    assert_eq!(said["entered"][0]["person"]["room"], json!("図書室"), "{said}");
    let ana = said["entered"][0]["handle"].as_str().unwrap().to_owned();
    ends(gym.run(Link::Cut, "room=屋上\n", &["edit", "--handle", &ana[..6]]), 1);
    ends(gym.run(Link::Cut, "room=体育館\n", &["edit", "--handle", &ana[..6]]), 0);
    ends(gym.run(Link::Cut, "name=Ben\nage=30\n", &["in", "typed", "--room", "屋上", "--anyway"]), 0);
    ends(gym.run(Link::Cut, "", &["in", "resident", "--number", "1", "--room", "屋上", "--yes"]), 1);
    // Heads below what is registered are entered, and said.
    let said = gym.run(Link::Cut, "", &["headcount", "1"]);
    assert!(said.stderr.contains("2 people are registered as being in the shelter"), "{said:?}");
    ends(said, 0);
}

#[test]
fn a_home_made_card_identifies_nobody_with_or_without_keys_to_check_it_by() {
    let unchecked = |table: &mut toml::Table| {
        table["cards"].as_table_mut().unwrap().remove("text_anchors");
    };
    for has_keys in [true, false] {
        let setting = if has_keys { Setting::of(2) } else { Setting { configure: Box::new(unchecked), ..Setting::of(2) } };
        let drill = Drill::set(setting, CardRule::WithoutPin);
        let gym = drill.terminal("gym-1", "gym");
        // Somebody made a CA at home, and a card with the name of a resident.
        let forger = Residents::in_folder(&drill.scene.folder.join("home")).unwrap();
        let card = forger.card_of(&drill.scene.electors[0]).unwrap();
        let seat = Seat::with(&drill.scene, &card, &[]);
        for (secret, arguments) in [(&card.text.pin.value, &["--pin"][..]), (&card.text.code_b.value, &[])] {
            if has_keys {
                let said = ends(by_card(&gym, &seat, secret, arguments), 1);
                assert!(
                    said["error"].as_str().unwrap().contains("signature in the card's text is not valid")
                        || said["error"].as_str().unwrap().contains("not signed under a trusted key"),
                    "{said}"
                );
            } else if status(&gym)["own"] == json!(0) {
                let outcome = by_card(&gym, &seat, secret, arguments);
                assert!(outcome.stderr.contains("signature was not checked"), "{outcome:?}");
                let said = ends(outcome, 0);
                assert_eq!(said["entered"][0]["person"]["identified"], json!("card-unchecked"), "{said}");
            }
        }
        assert_eq!(status(&gym)["own"], json!(u64::from(!has_keys)));
        // The city's own card is worth as much as can be checked.
        let seat = Seat::of(&drill.scene, 1);
        let (socket, pin) = (seat.socket(), drill.scene.card(1).text.pin.value);
        // What is said of the card may stand before the verb, where the verb has to do with one.
        let said = ends(gym.run(Link::Cut, &pin, &["--card", path(&socket), "in", "card", "--pin", "--pin-fd", "0", "--yes"]), 0);
        ends(gym.run(Link::Cut, "", &["--card", path(&socket), "list"]), 64);
        assert_eq!(said["entered"][0]["person"]["identified"], json!(if has_keys { "card-pin" } else { "card-unchecked" }), "{said}");
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn by_a_stick_everything_arrives_once_in_any_order_and_an_altered_answer_is_not_believed() {
    let drill = Drill::begin(4, CardRule::Pin);
    let gym = drill.terminal("gym-1", "gym");
    let stick = drill.scene.folder.join("stick");
    fs::create_dir_all(&stick).unwrap();
    let (early, late, answer) = (stick.join("early.json"), stick.join("late.json"), stick.join("answer.json"));
    arrives(&gym, Link::Cut, "1");
    ends(gym.run(Link::Cut, "", &["export", path(&early)]), 0);
    arrives(&gym, Link::Cut, "2");
    let said = ends(gym.run(Link::Cut, "", &["export", path(&late)]), 0);
    assert_eq!(said["entries"], json!(2), "{said}");
    // A stick that was pulled out too early, or altered, is not taken, and nothing is lost.
    let whole = fs::read(&late).unwrap();
    fs::write(stick.join("cut.json"), &whole[..whole.len() / 2]).unwrap();
    let carry = |files: &[&Path]| {
        let files: Vec<&str> = files.iter().map(|file| path(file)).collect();
        gym.run(Link::Up, "", &[&["carry"], &files[..], &["--out", path(&answer)]].concat())
    };
    ends(carry(&[&stick.join("cut.json")]), 2);
    let altered = String::from_utf8(whole).unwrap().replacen("\"now\":\"20", "\"now\":\"21", 1);
    fs::write(stick.join("altered.json"), altered).unwrap();
    ends(carry(&[&stick.join("altered.json")]), 1);
    assert_eq!(drill.view().totals.present, 0);
    // The later file first, the earlier one after it.
    let said = ends(carry(&[&late, &early]), 0);
    assert_eq!((&said["taken"], &said["known"]), (&json!(2), &json!(1)), "{said}");
    assert_eq!(drill.view().totals.present, 2);
    let honest = fs::read_to_string(&answer).unwrap();
    let mut forged: Value = serde_json::from_str(&honest).unwrap();
    forged["news"][0]["entries"].as_array_mut().unwrap().pop();
    fs::write(&answer, forged.to_string()).unwrap();
    ends(gym.run(Link::Cut, "", &["confirm", path(&answer)]), 1);
    assert_eq!(status(&gym)["waiting"], json!(2));
    fs::write(&answer, honest).unwrap();
    let said = ends(gym.run(Link::Cut, "", &["confirm", path(&answer)]), 0);
    assert_eq!((&said["taken"], &said["waiting"]), (&json!(2), &json!(0)), "{said}");
    let said = ends(gym.run(Link::Up, "", &["sync"]), 0);
    assert_eq!((&said["handed_in"], &said["learned"]), (&json!(0), &json!(0)), "{said}");
}

#[test]
fn a_shelter_without_a_link_reports_what_it_has_lacks_and_treats_and_asks_its_people_at_the_desk() {
    let drill = Drill::begin(2, CardRule::Pin);
    let form = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/shelter/questionnaire.toml");
    ends(drill.headquarters.tachiai(&["--json", "shelter", "questionnaire", "define", path(&form)]).unwrap(), 0);
    let (gym, hall) = (drill.terminal("gym-1", "gym"), drill.terminal("hall-1", "hall"));

    // The line is cut at both.
    let who = arrives(&gym, Link::Cut, "1");
    ends(gym.run(Link::Cut, "name=Maria Cruz\nage=31\nneeds=food\nallergies=卵\n", &["in", "typed"]), 0);
    ends(gym.run(Link::Cut, "", &["supplies", "毛布", "--arrived", "80"]), 64);
    ends(gym.run(Link::Cut, "", &["supplies", "毛布", "--unit", "枚", "--arrived", "80", "--needed", "40"]), 0);
    let said = ends(gym.run(Link::Cut, "", &["supplies", "毛布", "--handed-out", "15"]), 0);
    assert_eq!((&said["stock"], &said["needed"], &said["unit"]), (&json!(65), &json!(40), &json!("枚")), "{said}");
    ends(gym.run(Link::Cut, "", &["supplies", "毛布", "--handed-out", "66"]), 1);
    ends(gym.run(Link::Cut, "", &["supplies", "毛布"]), 64);
    ends(gym.run(Link::Cut, "", &["assess"]), 64);
    ends(gym.run(Link::Cut, "", &["assess", "power=D", "飲料水=B"]), 0);
    let said = ends(gym.run(Link::Cut, "", &["assess", "power=C"]), 0);
    assert_eq!((&said["kept"], &said["grades"][1]), (&json!(1), &json!({ "aspect": "power", "grade": "C" })), "{said}");
    ends(gym.run(Link::Cut, "16:3,58:1", &["health", "--day", "2026-01-01"]), 0);
    let said = ends(gym.run(Link::Cut, "58:+2", &["health", "--day", "2026-01-01"]), 0);
    assert_eq!(said["counts"], json!([{ "code": 16, "count": 3 }, { "code": 58, "count": 3 }]), "{said}");
    ends(gym.run(Link::Cut, "0:1", &["health"]), 64);
    let said = ends(gym.run(Link::Cut, "", &["meals"]), 0);
    assert_eq!((&said["persons"], &said["plain"], &said["without"]), (&json!(2), &json!(1), &json!([{ "without": ["卵"], "meals": 1 }])), "{said}");
    let answers = r#"{"questionnaire":"shelter-medical","version":1,"answers":{"care":{"chosen":["none"]},"temperature":{"number":"39.5"}}}"#;
    ends(gym.run(Link::Cut, &answers.replace("39.5", "99.5"), &["questionnaire", "--handle", &who]), 64);
    let kept = ends(gym.run(Link::Cut, answers, &["questionnaire", "--handle", &who]), 0);
    assert_eq!(kept["triage"], json!("red"), "{kept}");
    let said = ends(gym.run(Link::Cut, "", &["show", "--handle", &who]), 0);
    assert_eq!((&said["counts"]["person"]["questionnaire"], &said["counts"]["person"]["triage"]), (&kept["hash"], &json!("red")), "{said}");
    ends(hall.run(Link::Cut, "", &["supplies", "飲料水", "--unit", "本", "--stock", "12"]), 0);
    // The list on paper, where the console was built with a press; over no file that is there.
    let list = drill.scene.folder.join("list.pdf");
    let printed = gym.run(Link::Cut, "", &["list", "--pdf", path(&list)]);
    if printed.code == Some(0) {
        assert_eq!(ends(printed, 0)["people"], json!(2));
        assert!(fs::read(&list).unwrap().starts_with(b"%PDF-"));
        ends(gym.run(Link::Cut, "", &["list", "--pdf", path(&list)]), 64);
    } else {
        assert!(printed.stdout.contains("built without papers"), "{printed:?}");
    }

    // One hands in over the network, the other by a stick; headquarters sees both.
    ends(gym.run(Link::Up, "", &["sync"]), 0);
    let (out, answer) = (drill.scene.folder.join("hall.json"), drill.scene.folder.join("hall.answer.json"));
    ends(hall.run(Link::Cut, "", &["export", path(&out)]), 0);
    ends(gym.run(Link::Up, "", &["carry", path(&out), "--out", path(&answer)]), 0);
    ends(hall.run(Link::Cut, "", &["confirm", path(&answer)]), 0);
    assert_eq!(status(&hall)["waiting"], json!(0));
    let event = drill.event.to_string();
    let hq = |arguments: &[&str]| ends(drill.headquarters.tachiai(&[&["--json", "shelter"], arguments, &["--event", &event]].concat()).unwrap(), 0);
    let reports = hq(&["reports"]);
    let of = |kind: &str, shelter: &str| -> Vec<Value> {
        let all = reports.as_array().unwrap().iter();
        all.filter(|view| view["report"]["kind"] == kind && view["shelter"] == shelter).cloned().collect()
    };
    assert_eq!((of("supply", "gym")[0]["report"]["stock"].clone(), of("supply", "hall")[0]["report"]["stock"].clone()), (json!(65), json!(12)));
    assert_eq!(of("assessment", "gym")[0]["report"]["grades"].as_array().unwrap().len(), 2, "{reports}");
    assert_eq!(of("health", "gym")[0]["opened"]["health"]["counts"][1], json!({ "code": 58, "count": 3 }), "{reports}");
    assert_eq!(of("questionnaire", "gym"), Vec::<Value>::new());
    let found = hq(&["questionnaire", "show", &who]);
    assert_eq!((&found["kept"]["hash"], &found["filled"]["answers"]["answers"]["temperature"]["number"]), (&kept["hash"], &json!("39.5")), "{found}");
}

#[test]
fn a_family_from_elsewhere_is_registered_in_one_go_with_its_head_first() {
    let drill = Drill::begin(2, CardRule::Pin);
    let gym = drill.terminal("gym-1", "gym");
    let family = "name=Ana Reyes\nbirth=1986-02-00\naddress=大阪市北区1\nphone=06-1\n\nname=Ben Reyes\nbirth=2015-00-00\nallergies=卵\n\nname=髙﨑 ミツ\nbirth=明治45年7月1日\naddress=神戸市中央区2\n";
    let said = ends(gym.run(Link::Cut, family, &["in", "family", "--stay", "vehicle"]), 0);
    let persons: Vec<&Value> = said["entered"].as_array().unwrap().iter().map(|entered| &entered["person"]).collect();
    let of = |key: &str| persons.iter().map(|person| person[key].as_str().unwrap_or_default()).collect::<Vec<_>>();
    assert_eq!((of("address"), of("phone")), (vec!["大阪市北区1", "大阪市北区1", "神戸市中央区2"], vec!["06-1"; 3]), "{said}");
    assert_eq!((of("stay"), of("name_jis")[2]), (vec!["vehicle"; 3], "高崎\u{3000}ミツ"));
    let households: Vec<(&Value, &str)> =
        persons.iter().map(|person| (&person["household"]["id"], person["household"]["relation"].as_str().unwrap())).collect();
    assert!(households.iter().all(|(id, _)| *id == households[0].0 && !id.is_null()), "{said}");
    assert_eq!(households.iter().map(|(_, relation)| *relation).collect::<Vec<_>>(), ["head", "member", "member"]);
    // Nobody is entered of an input in which something is wrong: one person twice, two heads, an age that cannot be.
    for (wrong, code, words) in [
        ("name=A B\nage=30\n\nname=A  B\nage=30\n", 64, "stand twice"),
        ("name=A B\nage=30\n\nname=C B\nage=-3\n", 64, "write an age"),
        ("name=A B\nrelation=head\n\nname=C B\nrelation=head\n", 1, "more than one head"),
        ("name=Ana Reyes\nbirth=1986-02-00\n\nname=D Reyes\n", 1, "registered already"),
        ("", 64, "nothing was typed"),
    ] {
        let outcome = gym.run(Link::Cut, wrong, &["in", "family"]);
        assert!(outcome.stdout.contains(words) || outcome.stderr.contains(words), "{outcome:?}");
        ends(outcome, code);
    }
    assert_eq!(status(&gym)["own"], json!(3));
    ends(gym.run(Link::Cut, "name=Ana Reyes\nbirth=1986-02-00\n\nname=D Reyes\n", &["in", "family", "--anyway"]), 0);
    assert_eq!(status(&gym)["own"], json!(5));
}

#[test]
fn a_revoked_terminal_goes_on_and_a_copied_one_is_seen() {
    let drill = Drill::begin(4, CardRule::Pin);
    let (gym, hall) = (drill.terminal("gym-1", "gym"), drill.terminal("hall-1", "hall"));
    let stolen = gym.copy(&drill.scene.folder.join("stolen"));
    arrives(&gym, Link::Up, "1");
    ends(gym.run(Link::Up, "", &["sync"]), 0);
    arrives(&stolen, Link::Up, "2");
    let said = ends(stolen.run(Link::Up, "", &["sync"]), 0);
    assert_eq!(said["copied"], json!("twice"), "{said}");
    let view = drill.view();
    let terminal = view.terminals.iter().find(|terminal| terminal.terminal.as_str() == "gym-1").unwrap();
    assert_eq!((terminal.copied, view.totals.present), (Copied::Twice, 2), "nobody is lost for it");
    // Both write under one key, so headquarters revokes it.
    let revoke = format!("/api/v1/shelter/events/{}/terminals/gym-1/revoke", drill.event);
    let _: Value = client(&drill.headquarters).post(&revoke, None, &json!({})).unwrap();
    arrives(&stolen, Link::Cut, "3");
    let said = ends(stolen.run(Link::Up, "", &["sync"]), 1);
    assert_eq!((&said["aside"][0]["reason"], &said["waiting"]), (&json!("revoked"), &json!(0)), "{said}");
    assert_eq!(drill.view().totals.present, 2);
    assert_eq!(drill.view().aside, 1);
    let said = status(&stolen);
    assert_eq!((&said["revoked"], &said["own"]), (&json!(true), &json!(2)), "{said}");
    // The same name and key are not given again; the other terminal goes on.
    arrives(&hall, Link::Up, "4");
    ends(hall.run(Link::Up, "", &["sync"]), 0);
    assert_eq!(drill.view().totals.present, 3);
}

#[test]
fn a_terminal_says_what_is_wrong_with_its_folder_and_runs_once_at_a_time() {
    let drill = Drill::begin(2, CardRule::Pin);
    let gym = drill.terminal("gym-1", "gym");
    arrives(&gym, Link::Cut, "1");
    let (journal, mark) = (gym.folder.join("journal"), gym.folder.join("mark"));
    let told = fs::read(&mark).unwrap();
    arrives(&gym, Link::Cut, "2");
    // A tail that was torn: as if the power had failed while the last record was written, before anything was said of it.
    let whole = fs::read(&journal).unwrap();
    fs::write(&mark, &told).unwrap();
    fs::write(&journal, &whole[..whole.len() - 10]).unwrap();
    let outcome = gym.run(Link::Cut, "", &["status"]);
    assert!(outcome.stderr.contains("put aside"), "{}", outcome.stderr);
    assert_eq!(ends(outcome, 0)["own"], json!(1));
    arrives(&gym, Link::Cut, "2");
    // One that was altered stops the terminal, and nothing is removed.
    let mut altered = fs::read(&journal).unwrap();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    fs::write(&journal, &altered).unwrap();
    let said = ends(gym.run(Link::Cut, "", &["status"]), 2);
    assert!(said["error"].as_str().unwrap().contains("altered"), "{said}");
    assert_eq!(fs::read(&journal).unwrap(), altered);
    altered[middle] ^= 1;
    fs::write(&journal, &altered).unwrap();
    // Neither does it open without its mark: the end might have been cut off.
    let told = fs::read(&mark).unwrap();
    fs::remove_file(&mark).unwrap();
    let said = ends(gym.run(Link::Cut, "", &["status"]), 2);
    assert!(said["error"].as_str().unwrap().contains("put it back"), "{said}");
    fs::write(&mark, told).unwrap();
    // A wrong passphrase opens nothing.
    let mut wrong = gym.command(drill.desk.profile(), Link::Cut, &["status", "--passphrase-fd", "0"]);
    wrong.stdin(Stdio::from(fs::File::open(gym.folder.join("terminal.json")).unwrap()));
    ends(Outcome::of(wrong).unwrap(), 1);
    // While one command waits for what a person types, another does not write.
    let begin = || gym.shell(Link::Cut, &["in", "typed"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut first = begin();
    tachiai_tests::story::until("the second command is refused", || {
        // If the second came before it, the first was the one that was refused.
        if first.try_wait().unwrap().is_some() {
            first = begin();
        }
        gym.run(Link::Cut, "", &["status"]).stdout.contains("at work")
    });
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(status(&gym)["own"], json!(2));
}

#[test]
fn a_terminal_whose_clock_is_a_day_off_is_set_right_by_the_appliance() {
    let drill = Drill::begin(4, CardRule::Pin);
    let client = client(&drill.desk);
    for (name, off) in [("ahead", 86_400_000), ("behind", -86_400_000)] {
        let gym = drill.terminal(name, "gym");
        let right = Clocks::system();
        // Another boot, and a battery that was empty: what the terminal measured before holds no longer.
        let wrong = {
            let right = right.clone();
            Clocks::by(move || {
                let Stamp { wall, boot: _, since } = right.now();
                Stamp { wall: wall.saturating_add_signed(off), boot: "after".to_owned(), since }
            })
        };
        let mut reception = Reception::open(&gym.folder, || Ok(SHIFT.into()), wrong).unwrap();
        let before = right.now().wall;
        let (one, other) = if off > 0 { ("1", "2") } else { ("3", "4") };
        for number in [one, other] {
            let resident = reception.residents().unwrap().by_number(number).unwrap().clone();
            let Subject { chain, person, here: _ } = reception.resident(&resident, Identified::List);
            let shelter = reception.shelter().clone();
            reception.enter(&[Draft { chain, shelter, act: Act::In, person, at: None, follow: Follow::Latest }]).unwrap();
        }
        let synced = reception.sync(&client).unwrap_or_else(|failure| panic!("{failure}"));
        // A clock that is behind never gave a moment before what the terminal had seen a minute ago, so that nothing it dated is off by much.
        let redated = if off > 0 { 2 } else { 0 };
        assert_eq!((synced.handed_in, synced.redated, &synced.aside[..]), (2, redated, &[][..]), "{name}");
        let moments: Vec<u64> = reception.own().iter().map(|own| own.entry.body.time.millis()).collect();
        for moment in moments {
            assert!(moment.abs_diff(before) < 60_000, "{name}: {moment} and {before}");
        }
        assert_eq!(reception.sync(&client).unwrap().redated, 0);
    }
    let view = drill.view();
    assert_eq!((view.totals.present, view.aside), (4, 0), "on what came dated anew nobody has to decide");
    assert!(view.terminals.iter().all(|terminal| terminal.copied == Copied::No && terminal.missing == 0));
}

#[test]
fn a_terminal_that_reception_staff_set_up_is_admitted_by_headquarters_and_learns_of_it() {
    let drill = Drill::begin(2, CardRule::Pin);
    let gym = drill.unadmitted("gym-2");
    let event = drill.event.to_string();
    let said = ends(gym.run(Link::Up, "", &["init", "--event", &event, "--shelter", "gym", "--terminal", "gym-2"]), 3);
    assert_eq!((&said["admitted"], &said["request"]), (&json!(false), &json!(path(&gym.folder.join("request.json")))), "{said}");
    ends(gym.run(Link::Up, "name=Maria\n", &["in", "typed"]), 1);
    let request = gym.folder.join("request.json");
    let admitted = drill.headquarters.tachiai(&["--json", "shelter", "terminal", "admit", path(&request), "--event", &event]).unwrap();
    ends(admitted, 0);
    ends(gym.run(Link::Up, "", &["sync"]), 0);
    assert_eq!(status(&gym)["residents"], json!(2));
    arrives(&gym, Link::Cut, "2");
    ends(gym.run(Link::Up, "", &["sync"]), 0);
    assert_eq!(drill.view().totals.present, 1);
}
