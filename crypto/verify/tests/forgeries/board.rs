//! R101 to R105, R108, R109.

use tachiai_schemas::election::Choice;
use tachiai_schemas::election::{Authority, Body, CloseReason, Closed, ContestKind, Manifest, Published};
use tachiai_schemas::paper::{CandidateOut, OfficerRole, OutReason, RollChangeKind, RollChangeReason, RollChanged};
use tachiai_schemas::{Bytes, LeafIndex, Slot};
use tachiai_verify::Rule;
use tachiai_verify::testing::{Places, Play, contest};

use super::{broken, end, next, open};

/// The whole election with the last entry's text changed.
fn last_as(change: impl FnOnce(String) -> String) -> (Play, LeafIndex) {
    let mut play = Play::whole(10);
    let last = String::from_utf8(play.entries.pop().unwrap()).unwrap();
    let leaf = LeafIndex(play.entries.len() as u64);
    play.entries.push(change(last).into_bytes());
    (play, leaf)
}

#[test]
fn forged_13_an_entry_in_loose_json() {
    let forgeries: [fn(String) -> String; 8] = [
        |text| text.replace("\"v\":1", "\"v\": 1"),
        |text| text.replace("{\"v\":1,\"kind\":\"published\"", "{\"kind\":\"published\",\"v\":1"),
        |text| text.replace("{\"v\":1", "{\"v\":1,\"v\":1"),
        |text| text.replace("{\"v\":1", "{\"v\":1,\"x\":1"),
        |text| text.replace("\"v\":1", "\"v\":2"),
        |text| text.replace("published", "publ\\u0069shed"),
        |text| text.replace("published", "announced"),
        |text| text + "\n",
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        let (play, leaf) = last_as(forge);
        println!("forgery {index}");
        broken(&play, Rule::R101, leaf);
    }
}

/// Text that says the same as an entry, or nearly, in another form; where the entry has what it takes.
fn loose(text: &str) -> Vec<(&'static str, String)> {
    let mut forms = vec![
        ("a space after a colon", text.replacen("\":", "\": ", 1)),
        ("a line's end", format!("{text}\n")),
        ("a mark of byte order", format!("\u{feff}{text}")),
        ("keys in another order", text.replacen("{\"v\":1,\"kind\":", "{\"kind\":", 1).replacen(",\"at\":", ",\"v\":1,\"at\":", 1)),
        ("`at` twice", text.replacen("\"at\":", "\"at\":\"2026-11-01T00:00:00Z\",\"at\":", 1)),
        ("an unknown key", text.replacen("\"body\":{", "\"body\":{\"x\":1,", 1)),
        ("an unknown key beside the body", text.replacen("\"body\":", "\"x\":null,\"body\":", 1)),
        ("an escaped letter", text.replacen("\"kind\":\"", "\"kind\":\"\\u0061", 1)),
        ("an escaped slash", text.replacen("\"at\":\"2026-", "\"at\":\"2026\\u002d", 1)),
        ("a fraction", text.replacen("\"v\":1", "\"v\":1.0", 1)),
        ("an exponent", text.replacen("\"v\":1", "\"v\":1e0", 1)),
        ("a sign", text.replacen("\"v\":1", "\"v\":+1", 1)),
        ("a leading zero", text.replacen("\"v\":1", "\"v\":01", 1)),
        ("an offset from UTC", text.replacen("Z\"", "+00:00\"", 1)),
        ("a lower case Z", text.replacen("Z\"", "z\"", 1)),
        ("an optional key left out", text.replacen("\"previous\":null,", "", 1)),
        ("an optional key left out", text.replacen(",\"districts\":null", "", 1)),
        ("an optional key left out", text.replacen(",\"added\":null", "", 1)),
    ];
    // The first binary value, padded and in the other alphabet, and with bits after its end.
    let value = text.match_indices('"').map(|(at, _)| at + 1).find_map(|at| {
        let value = text[at..].split('"').next()?;
        (value.len() == 43 && data_encoding::BASE64URL_NOPAD.decode(value.as_bytes()).is_ok()).then_some(value)
    });
    if let Some(value) = value {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(value.as_bytes()).unwrap();
        forms.push(("padding", text.replacen(value, &format!("{value}="), 1)));
        forms.push(("hexadecimal", text.replacen(value, &data_encoding::HEXLOWER.encode(&bytes), 1)));
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let last = alphabet.iter().position(|letter| Some(letter) == value.as_bytes().last()).unwrap();
        forms.push(("trailing bits", text.replacen(value, &format!("{}{}", &value[..42], char::from(alphabet[last + 1])), 1)));
        let standard = value.replace('-', "+").replace('_', "/");
        forms.push(("the other alphabet", text.replacen(value, &standard, 1)));
        forms.push(("white space in a value", text.replacen(value, &format!("{value} "), 1)));
    }
    forms.retain(|(_, form)| form != text);
    forms
}

/// A whole election with every kind of entry but the complaint.
fn everything(seed: u8) -> Play {
    let (mut play, places) = Play::with_places(seed);
    play.ceremony();
    play.open();
    play.vote_all();
    places.push_issue(&mut play, 0, 0, Slot(0));
    places.push_issue(&mut play, 0, 0, Slot(4));
    let undo = places.attest(places.undo(&play, Slot(4)));
    play.push(Body::PaperUndone(undo));
    play.push(Body::RollChanged(RollChanged { change: RollChangeKind::Struck, slot: Slot(6), added: None, reason: RollChangeReason::Death }));
    play.push(Body::CandidateOut(CandidateOut { contest: 0, option: 4, reason: OutReason::Withdrawn }));
    places.close_all(&mut play);
    // Three have two votes each, so a lot is drawn.
    places.count(&mut play);
    play
}

#[test]
fn forged_13_every_kind_of_entry_in_every_loose_form() {
    let whole = everything(10);
    let mut kinds = std::collections::BTreeSet::new();
    for (leaf, bytes) in (0..).zip(&whole.entries) {
        let kind = tachiai_schemas::entry::Entry::from_bytes(bytes).unwrap().kind();
        if !kinds.insert(kind) {
            continue;
        }
        let forms = loose(std::str::from_utf8(bytes).unwrap());
        assert!(forms.len() >= 14, "{kind}");
        for (place, (name, form)) in forms.into_iter().enumerate() {
            assert!(tachiai_schemas::entry::Entry::from_bytes(form.as_bytes()).is_err(), "{kind} with {name}: {form}");
            // Whole records of the first and the last form.
            if place == 0 || name == "white space in a value" {
                let mut play = everything(10);
                play.entries[leaf as usize] = form.into_bytes();
                broken(&play, Rule::R101, LeafIndex(leaf));
            }
        }
    }
    // All but the complaint, which an election without a quarrel has not.
    assert_eq!(kinds.len(), tachiai_schemas::entry::KINDS.len() - 1);
}

#[test]
fn forged_13_base64_with_trailing_bits() {
    let mut play = Play::whole(10);
    let place = play.entries.len() - 2;
    let text = String::from_utf8(play.entries[place].clone()).unwrap();
    // The last character of 32 bytes holds four bits of them; the two bits after those are zero.
    let at = text.find("\",\"file\"").unwrap() - 1;
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = alphabet.as_bytes()[alphabet.find(char::from(text.as_bytes()[at])).unwrap() + 1];
    play.entries[place][at] = next;
    broken(&play, Rule::R101, LeafIndex(place as u64));
}

#[test]
fn forged_13_a_ballot_in_padded_base64() {
    let mut play = open(10);
    let leaf = play.vote(Slot(0));
    let place = leaf.0 as usize;
    let text = String::from_utf8(play.entries[place].clone()).unwrap();
    play.entries[place] = text.replace("\"}}", "=\"}}").into_bytes();
    broken(&play, Rule::R101, leaf);
}

#[test]
fn a_board_begins_with_its_manifest() {
    let mut play = Play::whole(11);
    play.entries.remove(0);
    broken(&play, Rule::R103, LeafIndex(0));
}

#[test]
fn a_board_has_one_manifest() {
    let mut play = Play::new(11);
    let leaf = next(&play);
    play.entries.push(play.entries[0].clone());
    broken(&play, Rule::R103, leaf);
}

#[test]
fn time_does_not_go_back() {
    let mut play = open(12);
    play.vote(Slot(0));
    let leaf = next(&play);
    let (registration, _) = play.registration(Slot(1));
    play.push_at(play.now.plus(-1), Body::Registration(Box::new(registration)));
    broken(&end(play), Rule::R104, leaf);
}

fn close(reason: CloseReason) -> Closed {
    Closed { reason }
}

#[test]
fn a_trustee_entry_after_the_opening_is_out_of_order() {
    let mut play = open(13);
    let trustee = play.indices()[0];
    let commit = play.sign(trustee, play.commit(trustee));
    let leaf = play.push(Body::Commit(commit));
    broken(&play, Rule::R105, leaf);
}

#[test]
fn a_second_opening_is_out_of_order() {
    let mut play = open(13);
    let opened = play.opened();
    let leaf = play.push(Body::Opened(Box::new(opened)));
    broken(&play, Rule::R105, leaf);
}

#[test]
fn the_poll_does_not_close_before_online_voting() {
    let mut play = open(13);
    let leaf = play.push_at(play.manifest.poll_closes, Body::PollClosed(close(CloseReason::Scheduled)));
    broken(&play, Rule::R105, leaf);
}

#[test]
fn online_voting_closes_once() {
    let mut play = open(13);
    play.push_at(play.manifest.online_closes, Body::OnlineClosed(close(CloseReason::Scheduled)));
    let leaf = play.push(Body::OnlineClosed(close(CloseReason::Scheduled)));
    broken(&play, Rule::R105, leaf);
}

#[test]
fn nothing_is_published_before_the_result() {
    let mut play = open(13);
    play.close();
    let leaf = play.push(Body::Published(Published { result: LeafIndex(0) }));
    broken(&play, Rule::R105, leaf);
}

#[test]
fn a_manifest_that_is_not_valid_is_refused() {
    let forgeries: [fn(&mut Manifest); 16] = [
        |manifest| manifest.min_unit = 0,
        |manifest| manifest.authority = Authority::Statutory,
        |manifest| manifest.online_closes = manifest.opens,
        |manifest| manifest.poll_closes = manifest.opens,
        |manifest| manifest.origin = "vote.example.jp/another".to_owned(),
        |manifest| manifest.quorum = 1,
        |manifest| manifest.quorum = 4,
        |manifest| manifest.trustees.truncate(1),
        |manifest| manifest.trustees[1].signing_key = manifest.trustees[0].signing_key,
        |manifest| manifest.board_key = Bytes([0; 32]),
        |manifest| manifest.trustees[0].signing_key = Bytes([255; 32]),
        |manifest| manifest.contests[0].options.truncate(1),
        |manifest| manifest.contests[0].choose = Choice::Exactly(6),
        |manifest| manifest.contests[1].id = manifest.contests[0].id.clone(),
        |manifest| manifest.contests.iter_mut().for_each(|contest| contest.districts = Some(vec![0])),
        |manifest| manifest.contests[0].kind = ContestKind::Referendum,
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        println!("forgery {index}");
        let contests = vec![contest("mayor", 5, Choice::Exactly(1)), contest("council", 3, Choice::UpTo(2))];
        broken(&Play::with(14, (3, 2), contests, 2, 8, forge), Rule::R108, LeafIndex(0));
    }
}

#[test]
fn a_manifest_whose_places_or_officers_are_not_valid_is_refused() {
    let forgeries: [fn(&mut Manifest); 20] = [
        |manifest| manifest.places[1].id = manifest.places[0].id.clone(),
        |manifest| manifest.places[0].id = "A!".to_owned(),
        |manifest| manifest.places[0].name.ja = " ".to_owned(),
        |manifest| manifest.places[1].key = manifest.places[0].key,
        |manifest| manifest.places[0].key = manifest.board_key,
        |manifest| manifest.places[0].key = manifest.trustees[0].signing_key,
        |manifest| manifest.places[0].key = manifest.places[0].officers[0].key,
        |manifest| manifest.places[0].officers[0].key = manifest.board_key,
        |manifest| manifest.count_officers[1].key = manifest.places[1].key,
        |manifest| manifest.places[0].officers.truncate(1),
        |manifest| manifest.places[0].officers[0].role = OfficerRole::Witness,
        |manifest| manifest.places[0].officers[1].role = OfficerRole::Manager,
        |manifest| manifest.places[0].officers[2].key = manifest.places[0].officers[1].key,
        |manifest| manifest.places[0].officers = vec![manifest.places[0].officers[1].clone(); 12],
        |manifest| manifest.count_officers.clear(),
        |manifest| manifest.places[0].sessions.clear(),
        |manifest| manifest.places[0].sessions.reverse(),
        |manifest| manifest.places[0].sessions[0].opens = manifest.opens.plus(-1),
        |manifest| manifest.places[0].sessions[1].closes = manifest.poll_closes.plus(1),
        |manifest| manifest.places[0].sessions[0].closes = manifest.places[0].sessions[0].opens,
    ];
    for (index, forge) in forgeries.into_iter().enumerate() {
        println!("forgery {index}");
        let changed = |manifest: &mut Manifest| {
            Places::default().add(manifest);
            forge(manifest);
        };
        broken(&Play::with(14, (3, 2), vec![contest("mayor", 5, Choice::Exactly(1))], 2, 8, changed), Rule::R108, LeafIndex(0));
    }
}

#[test]
fn only_a_mock_election_closes_early() {
    let contests = || vec![contest("mayor", 2, Choice::Exactly(1))];
    let mut play = Play::with(15, (3, 2), contests(), 1, 8, |manifest| (manifest.authority, manifest.min_unit) = (Authority::Ordinance, 10));
    play.ceremony();
    play.open();
    let leaf = play.push(Body::OnlineClosed(close(CloseReason::Early)));
    broken(&play, Rule::R109, leaf);
}

#[test]
fn a_scheduled_close_is_not_before_its_time() {
    let mut play = open(15);
    let leaf = play.push(Body::OnlineClosed(close(CloseReason::Scheduled)));
    broken(&play, Rule::R109, leaf);
}

#[test]
fn a_close_in_time_is_not_called_early() {
    let mut play = open(15);
    let leaf = play.push_at(play.manifest.online_closes, Body::OnlineClosed(close(CloseReason::Early)));
    broken(&play, Rule::R109, leaf);
}
