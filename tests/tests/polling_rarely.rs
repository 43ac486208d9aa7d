//! What a polling place does rarely: an elector under protection comes without a card, and an envelope that can never be entered is set aside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;
use tachiai_schemas::paper::{LinkPolicy, PlaceKind};
use tachiai_tests::link::Link;
use tachiai_tests::town::{Town, ends, refused};

#[test]
fn an_envelope_that_can_never_be_entered_is_set_aside_by_two_officers_and_the_day_is_closed() {
    let town = Town::of(2, &[("hall", PlaceKind::Early, LinkPolicy::Provisional)]);
    let counter = town.counter("hall");
    ends(counter.run(&["status"], "", &[]), 0);
    // While the link is cut somebody comes whose birth date is misheard: nobody on the roll is like that, and no colleague can say who it was.
    let name = town.who(0)[0].clone();
    let who = ["--by-name", "no-card", "--yes", &name, "birth=1901-01-01"];
    let envelope = ends(counter.run_by(town.desks[0].profile(), Link::Cut, &["check-in"], "", &who), 0)["provisional"].as_str().unwrap().to_owned();
    let said = ends(counter.run(&["hand-in"], "", &[]), 3);
    assert_eq!((&said["provisional"][0]["fate"], &said["provisional"][0]["number"]), (&json!("kept"), &json!(envelope)), "{said}");
    let close = || town.signed("hall", &["day-close"], &["manager", "witness-1", "witness-2"], &[]);
    assert!(ends(close(), 1)["error"].as_str().unwrap().contains("poll set-aside"));

    // A manager alone is not enough, nor is a reason that nobody gives; another envelope is none of this desk's.
    let aside = |number: &str, officers: &[&str], why: &[&str]| town.signed("hall", &["set-aside"], officers, &[&["--envelope", number], why].concat());
    let why = ["reason=名簿に該当がなく、本人も確認できない"];
    ends(aside(&envelope, &["manager", "witness-1"], &[]), 64);
    ends(aside("ZZZZZ-1", &["manager", "witness-1"], &why), 1);
    refused(aside(&envelope, &["manager"], &why), 1, "officer-signatures");
    assert_eq!(ends(counter.run(&["status"], "", &[]), 0)["provisional_kept"], 1);
    assert_eq!(ends(aside(&envelope, &["manager", "witness-1"], &why), 0)["fate"]["fate"], "aside");
    ends(aside(&envelope, &["manager", "witness-1"], &why), 1);

    // It is in no figure of the day, and not forgotten: the desk says so, and the commission reads whose it is and why.
    assert_eq!(ends(counter.run(&["hand-in"], "", &[]), 0)["provisional"][0]["fate"], "aside");
    let status = ends(counter.run(&["status"], "", &[]), 0);
    assert_eq!((&status["provisional_kept"], &status["day"]["aside"], &status["day"]["handouts"]), (&json!(0), &json!([envelope]), &json!(0)), "{status}");
    let closed = ends(close(), 0);
    assert_eq!(closed["close"]["papers"], json!([]));
    refused(town.desks[1].tachiai(&["--json", "election", "envelopes"]).unwrap(), 1, "forbidden");
    let listed = ends(town.story.holding.staff().first.tachiai(&["--json", "election", "envelopes"]).unwrap(), 0);
    let [one] = listed["envelopes"].as_array().unwrap().as_slice() else { panic!("{listed}") };
    assert_eq!(
        (&one["body"]["envelope"], &one["words"]["birth"], &one["officers"]),
        (&json!(envelope), &json!("1901-01-01"), &json!(["manager", "witness-1"])),
        "{one}"
    );
    assert!(one["words"]["reason"].as_str().unwrap().contains("本人") && one["words"]["refused"].as_str().unwrap().contains("approve"), "{one}");
    let text = town.story.holding.staff().first.tachiai(&["election", "envelopes"]).unwrap().ok().unwrap().stdout;
    assert!(text.contains(&envelope) && text.contains("manager, witness-1"), "{text}");
}

#[test]
fn who_is_under_protection_gets_papers_without_a_card_by_two_officials_and_nobody_is_shown_the_address() {
    let town = Town::with_protected(2, &[0], &[("hall", PlaceKind::Early, LinkPolicy::Provisional)]);
    let elector = &town.story.scene.electors[0];
    let check_in = |arguments: &[&str]| town.with_who("hall", &["check-in"], 0, &[&["--by-name", "no-card", "--yes"], arguments].concat());
    let alone = ends(check_in(&[]), 1);
    assert!(alone["error"].as_str().unwrap().contains("--attended"), "{alone}");
    let waiting = ends(check_in(&["--attended"]), 3);
    assert_eq!(waiting["matter"]["kind"], "attended-look", "{waiting}");
    let approved = town.approve(&waiting).expect(0).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(approved.stderr.contains(&elector.name.replace('\u{3000}', " ")), "{}", approved.stderr);
    let waiting = ends(check_in(&["--attended"]), 3);
    assert_eq!(waiting["matter"]["kind"], "papers-by-name", "{waiting}");
    let list = town.desks[1].tachiai(&["approvals"]).unwrap().ok().unwrap().stdout;
    let approved = town.approve(&waiting).expect(0).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(approved.stderr.contains(&elector.name) && approved.stderr.contains("支援措置"), "{}", approved.stderr);
    let said = town
        .counter("hall")
        .run_said(&["check-in"], &[&town.who(0).each_ref().map(String::as_str)[..], &["--by-name", "no-card", "--yes", "--attended"]].concat());
    assert!(said.stdout.contains("支援措置") && said.stdout.contains(&elector.name), "{said:?}");
    for shown in [&said.stdout, &said.stderr, &approved.stdout, &approved.stderr, &list] {
        assert!(!shown.contains(&elector.address), "{shown}");
    }
    assert_eq!(town.copy().board.paper_electors(), 1);

    // By card one official is enough, and an undo without it takes two again.
    let seat = town.seat(0);
    refused(town.check_in("hall", &seat, "1234", &[]), 1, "paper-held");
    ends(town.undo("hall", 0, "mistake", &["manager", "witness-1"]), 1);
}
