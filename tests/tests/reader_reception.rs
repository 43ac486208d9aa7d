//! The conversation at a reception's desk with a real pcscd: a card that is laid down is shown at once, Enter registers, and a wrong one stops nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Instant;

use serde_json::json;
use tachiai_schemas::roster::CardRule;
use tachiai_tests::desk::Desk;
use tachiai_tests::link::Link;
use tachiai_tests::reception::{Drill, SHIFT};

#[test]
fn at_the_desk_a_card_is_shown_when_it_is_laid_down_and_enter_registers_its_holder() {
    let drill = Drill::begin(4, CardRule::WithoutPin);
    let gym = drill.terminal("gym-1", "gym");
    let desk = Desk::with(1);
    let (name, number) = (drill.scene.electors[0].name.clone(), drill.scene.card(0).text.code_b.value);
    let (profile, folder) = (drill.desk.profile().to_str().unwrap(), gym.folder.to_str().unwrap());
    let talk = desk.terminal(&["--profile", profile, "--lang", "en", "reception", "--dir", folder]);
    let talk = talk.expect("passphrase of this terminal").secret(SHIFT).expect("Flood drill").expect("reception>");

    // Laid down: nobody types anything before the number that stands on it.
    let card = desk.insert(0, &drill.scene.card(0), &[]);
    let talk = talk.expect("number on the card's face");
    let start = Instant::now();
    let talk = talk.secret(&number).expect(&name);
    eprintln!("shown {} ms after the number", start.elapsed().as_millis());
    let talk = talk.expect("Enter to register").say("").expect("✓ arrived");
    drop(card);

    // The other of the household comes with the first, by one word.
    let talk = talk.expect("1 more of this household").expect("(1 waiting)>").say("f").expect("did not come").say("9").expect("numbers of the list above");
    let talk = talk.expect(">").say("f").expect("did not come").say("").expect("1 persons. Enter").say("").expect("✓ arrived").expect("(2 waiting)>");
    let talk = talk.say("f").expect("registered here already").expect(">");

    // Found by a name in romaji, chosen by its place in the list; listed, changed, gone; heads; what cannot be is said, and the conversation goes on.
    let kana = drill.scene.electors[2].kana.chars().next().unwrap();
    let talk = talk.say(&format!("s {kana}")).expect("[on the list]").expect(">");
    // Typed as a Japanese keyboard leaves it, and a name without the word before it.
    let talk = talk.say("ｉｎ　９９").expect("✗ nobody of this handle").expect(">").say("Maria").expect("write `s` and the beginning of the name").expect(">");
    let talk = talk.say("in 99").expect("✗ nobody of this handle").expect(">");
    let talk =
        talk.say("t").expect("Name: ").say("Maria Cruz").expect("Kana").say("").expect("Birth").say("").expect("Age").say("-5").expect("age: write an age");
    let mut talk = talk.expect("Age").say("31");
    for question in ["Sex", "Address", "Phone", "Needs", "Allergies", "Pets", "May be told"] {
        talk = talk.expect(question).say("");
    }
    let talk = talk.expect("Enter to register").say("").expect("✓ arrived  Maria Cruz");
    // A family from elsewhere, the head first; the address is asked for once.
    let mut talk = talk.expect("(3 waiting)>").say("tf").expect("the head of the family").expect("Name: ").say("Ana Reyes");
    for (question, answer) in [
        ("Kana", ""),
        ("Birth", ""),
        ("Age", "40"),
        ("Sex", ""),
        ("Address", "Osaka"),
        ("Phone", ""),
        ("Needs", ""),
        ("Allergies", ""),
        ("Pets", ""),
        ("May be told", ""),
    ] {
        talk = talk.expect(question).say(answer);
    }
    talk = talk.expect("The next").expect("Name: ").say("Ben Reyes");
    for (question, answer) in [("Kana", ""), ("Birth", "2015-04-00"), ("Sex", ""), ("Needs", ""), ("Allergies", "egg"), ("May be told", "")] {
        talk = talk.expect(question).say(answer);
    }
    let talk = talk.expect("The next").expect("Name: ").say("").expect("Ben Reyes").expect("2 persons. Enter").say("").expect("✓ arrived");
    let talk = talk.expect("(5 waiting)>").say("l").expect("present: 5").expect(">");
    let talk = talk.say("n ~40").expect("✓").expect(">").say("state full").expect("✓").expect(">");
    let ended = talk.say("q").end();
    assert_eq!(ended.code, Some(0), "{}", ended.shown);
    assert!(!ended.shown.contains(SHIFT) && !ended.shown.contains(&number), "secrets are not shown");
    let said: serde_json::Value = gym.run(Link::Cut, "", &["status"]).ok().unwrap().json().unwrap();
    assert_eq!((&said["waiting"], &said["state"]), (&json!(7), &json!("full")), "{said}");
}
