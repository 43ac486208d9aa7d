//! Records of elections in which some vote on paper.

use std::collections::BTreeMap;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::{Body, Choice, ContestKind};
use tachiai_schemas::paper::{AddedSlot, CandidateOut, Identified, Manner, OutReason, PaperCount, PaperIssue, RollChangeKind, RollChangeReason, RollChanged};
use tachiai_schemas::{HashBytes, LeafIndex, Say};
use tachiai_verify::outcome::Out;
use tachiai_verify::testing::{Places, Play, START, contest};
use tempfile::TempDir;

use super::*;
use crate::papers::Paper;
use crate::papers::poll::{self, EventKind};
use crate::papers::tests::{packed, printed, text_of};

/// The folder of the record, which is read again for an earlier hour, and what was counted.
fn counted(play: &Play) -> (TempDir, Counted) {
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let counted = Counted::verify(folder.path(), None, Added::default(), &|_, _| {}).unwrap();
    (folder, counted)
}

/// Every paper of a record.
fn all(counted: &Counted) -> Vec<Paper> {
    let mut papers = vec![
        Paper::CountRecord(Box::new(counted.count_record().unwrap())),
        Paper::QuickReport(counted.quick_report().unwrap()),
        Paper::Turnout(counted.turnout(None).unwrap()),
    ];
    papers.extend(counted.early_voting().unwrap().into_iter().map(|(_, paper)| Paper::EarlyVoting(paper)));
    papers.extend(counted.poll_records().unwrap().into_iter().map(|(_, paper)| Paper::PollRecord(Box::new(paper))));
    papers
}

fn amount(text: &str) -> Exact {
    text.parse().unwrap()
}

/// An election with nearly everything that can happen: papers in every manner, one of them taken home, names that are shared, a candidate who withdraws, equal votes and a
/// lot, electors who are added and struck, and a contest without a poll.
///
/// Slots 0 to 3 vote online, each for the option of its number; 4 and 5 before the day, 6 and the added 8 on the day. 3 is struck after voting, 7 without having voted.
/// Gives the time between the votes online and those on paper, too.
fn eventful() -> (Play, Timestamp) {
    let places = Places::default();
    let mayor = Contest { kind: ContestKind::Mayor, ..contest("mayor", 3, Choice::Exactly(1)) };
    let council = Contest { seats: 2, ..contest("council", 4, Choice::Exactly(1)) };
    let mut play = Play::with(5, (3, 2), vec![mayor, council], 2, 8, |manifest| {
        places.add(manifest);
        let (title, options) = (Text { ja: "区長".to_owned(), en: "Ward".to_owned() }, contest("ward", 1, Choice::Exactly(1)).options);
        manifest.uncontested = vec![Uncontested { id: "ward".to_owned(), title, kind: ContestKind::Mayor, seats: 1, options }];
    });
    play.ceremony();
    play.open();
    (0..4).for_each(|slot| {
        play.vote(Slot(slot));
    });
    let before_papers = play.now;
    play.push(Body::CandidateOut(CandidateOut { contest: 0, option: 2, reason: OutReason::Withdrawn }));
    let changed = |change, slot, added, reason| Body::RollChanged(RollChanged { change, slot: Slot(slot), added, reason });
    let commitment = HashBytes::from(Hash32::sha256(b"added"));
    play.push(changed(RollChangeKind::Added, 8, Some(AddedSlot { district: 1, commitment }), RollChangeReason::Correction));
    play.push(changed(RollChangeKind::Struck, 7, None, RollChangeReason::Death));
    play.push(changed(RollChangeKind::Struck, 3, None, RollChangeReason::Moved));
    let hand_out = |play: &mut Play, place, slot, manner, identified| {
        let issue = places.sign(PaperIssue { manner, identified, ..places.issue(play, place, 0, Slot(slot)) });
        play.push(Body::PaperIssued(Box::new(issue)))
    };
    hand_out(&mut play, 0, 4, Manner::Proxy, Identified::Name);
    hand_out(&mut play, 0, 5, Manner::Braille, Identified::Card);
    hand_out(&mut play, 1, 6, Manner::Provisional, Identified::Name);
    hand_out(&mut play, 1, 8, Manner::Own, Identified::Card);
    let opened = play.board.opened().unwrap().leaf_hash();
    // Somebody takes the mayor's paper home.
    let close = play.board.day(0, 0).unwrap().close(opened, 0, 0, &BTreeMap::from([(0, 1)]));
    let close = places.attest_by(close, &[0, 1, 2]);
    play.push(Body::DayClosed(close));
    places.close_all(&mut play);
    let count = |contest, thousandths: &[u64], valid, blank, invalid| PaperCount {
        opened: opened.into(),
        contest,
        thousandths: thousandths.to_vec(),
        valid,
        blank,
        invalid,
    };
    for count in [count(0, &[1_333, 666, 0], 2, 1, 0), count(1, &[2_000, 500, 500, 0], 3, 0, 1)] {
        let body = Body::PaperCount(places.attest(count));
        play.check(body.clone()).unwrap();
        play.push(body);
    }
    places.tally(&mut play);
    places.draw(&mut play);
    places.publish(&mut play);
    (play, before_papers)
}

#[test]
fn votes_online_and_on_paper_are_counted_together_and_apart() {
    let (_folder, counted) = counted(&eventful().0);
    let record = counted.count_record().unwrap();
    let Ballots { electors, struck, recorded, challenged: _, counted: online, paper } = record.ballots;
    assert_eq!((electors, struck, recorded, online, paper), (7, 2, 4, 4, Some(4)));
    let mayor = &record.contests[0];
    // Online 2, 1 and 1 for who is out; on paper 1.333 and 0.666 of two valid ones, 0.001 are nobody's, and one is blank. Of the four papers one was taken home.
    let votes: Vec<(Exact, u64, Exact)> = mayor.candidates.iter().map(|candidate| (candidate.votes, candidate.online, candidate.paper)).collect();
    assert_eq!(votes, [(amount("3.333"), 2, amount("1.333")), (amount("1.666"), 1, amount("0.666")), (amount("1"), 1, Exact::ZERO)]);
    assert_eq!((mayor.votes, mayor.valid().unwrap(), mayor.nobodys, mayor.blank, mayor.taken_home), (7, amount("5"), amount("0.001"), 1, Some(1)));
    assert_eq!(mayor.papers.map(|papers| (papers.in_boxes, papers.valid, papers.blank, papers.invalid)), Some((3, 2, 1, 0)));
    assert_eq!(mayor.thresholds, Some(Thresholds { needed: amount("5/4"), deposit: amount("1/2") }));
    let standings: Vec<Standing> = mayor.candidates.iter().map(|candidate| candidate.standing).collect();
    assert_eq!(standings, [Standing::Elected, Standing::NotElected, Standing::Out(Out::Withdrawn)]);
    assert_eq!(mayor.candidates[2].deposit, Some(Deposit::Forfeited));
    let council = &record.contests[1];
    assert_eq!((council.votes, council.invalid, council.taken_home), (8, 1, Some(0)));

    let quick = counted.quick_report().unwrap();
    let mayor = &quick.contests[0];
    assert_eq!((mayor.votes, mayor.blank, mayor.invalid, mayor.candidates.len()), (7, 1, 1, 2));
    assert_eq!(mayor.out.iter().map(|name| name.en.as_str()).collect::<Vec<_>>(), ["mayor 3"]);
    assert_eq!(mayor.candidates[0].votes, amount("3.333"));
}

#[test]
fn a_lot_is_printed_with_who_signed_it_and_a_contest_without_a_poll_with_who_is_elected() {
    let (play, _) = eventful();
    let (_folder, counted) = counted(&play);
    let record = counted.count_record().unwrap();
    let council = &record.contests[1];
    let standings: Vec<Standing> = council.candidates.iter().map(|candidate| candidate.standing).collect();
    assert_eq!(standings, [Standing::Elected, Standing::ElectedByLot, Standing::LostLot, Standing::NotElected]);
    let lot = council.lot.as_ref().unwrap();
    let names = |names: &[Text]| names.iter().map(|name| name.en.clone()).collect::<Vec<_>>();
    assert_eq!((names(&lot.between), names(&lot.chosen)), (vec!["council 2".to_owned(), "council 3".to_owned()], vec!["council 2".to_owned()]));
    assert_eq!(lot.witnesses, ["Manager", "Witness 1", "Witness 2"]);
    assert_eq!(lot.leaf, play.board.lot(1).map(|(leaf, _)| leaf.0));
    assert_eq!((record.manager.as_deref(), record.officers.len()), (Some("Manager"), 3));
    for officer in &record.officers {
        assert_eq!(officer.signed.iter().map(|signed| signed.what).collect::<Vec<_>>(), [Signature::Papers, Signature::Papers, Signature::Lot]);
        assert!(!officer.key.is_empty());
    }
    let ward = &record.contests[2];
    assert_eq!((ward.held, ward.title.ja.as_str(), ward.candidates[0].standing, ward.votes), (Held::WithoutPoll, "区長", Standing::Elected, 0));
    assert!(record.began < lot.at && lot.at <= record.ended && record.ended < record.frame.made);
}

#[test]
fn a_contest_that_loses_its_candidates_is_printed_as_one_without_a_poll() {
    let (mut play, places) = Play::with_places(4);
    play.ceremony();
    play.open();
    play.vote_all();
    for option in 1..3 {
        play.push(Body::CandidateOut(CandidateOut { contest: 1, option, reason: OutReason::Died }));
    }
    places.close_all(&mut play);
    places.count(&mut play);
    let (_folder, counted) = counted(&play);
    let record = counted.count_record().unwrap();
    let council = &record.contests[1];
    assert_eq!((council.held, council.votes, council.papers, council.blank), (Held::WithoutPoll, 0, None, 0));
    let standings: Vec<Standing> = council.candidates.iter().map(|candidate| candidate.standing).collect();
    assert_eq!(standings, [Standing::Elected, Standing::Out(Out::Died), Standing::Out(Out::Died)]);
    for paper in all(&counted) {
        paper.sheet(Lang::Ja).unwrap();
    }
    assert!(counted.poll_records().unwrap().is_empty() && counted.early_voting().unwrap().is_empty(), "no papers were handed out");
}

#[test]
fn turnout_is_told_by_channel_and_district_at_the_end_and_at_an_hour() {
    let (play, before_papers) = eventful();
    let (_folder, counted) = counted(&play);
    let of = |turnout: &Turnout| -> Vec<(People, u64, [u64; 4])> {
        let line = |district: &DistrictTurnout| {
            let Channels { online, early, day, absentee } = district.votes;
            (district.electors, district.struck_voters, [online, early, day, absentee])
        };
        turnout.districts.iter().map(line).collect()
    };
    let end = counted.turnout(None).unwrap();
    assert_eq!(of(&end), [(People::Total(4), 0, [2, 1, 1, 0]), (People::Total(3), 1, [2, 1, 1, 0])]);
    assert!(end.stage == Stage::Final && end.districts.iter().all(|district| district.voters.is_none()));
    let earlier = counted.turnout(Some(before_papers)).unwrap();
    assert_eq!(of(&earlier), [(People::Total(4), 0, [2, 0, 0, 0]), (People::Total(4), 0, [2, 0, 0, 0])]);
    assert_eq!((earlier.stage, earlier.as_of), (Stage::Interim, before_papers));
    let too_early = counted.turnout(Timestamp::from_unix(START).ok()).unwrap_err();
    assert_eq!(too_early.exit, Exit::Usage);
}

#[test]
fn a_poll_record_has_the_day_close_who_signed_it_and_what_happened() {
    let (play, _) = eventful();
    let (_folder, counted) = counted(&play);
    let records = counted.poll_records().unwrap();
    assert_eq!(records.iter().map(|(stem, _)| stem.as_str()).collect::<Vec<_>>(), ["city-hall-2026-11-01", "school-2026-11-01"]);
    let (_, early) = &records[0];
    assert_eq!((early.kind, early.manager.name.as_str()), (poll::PlaceKind::Early, "Manager"));
    assert_eq!(early.witnesses.iter().map(|witness| witness.name.as_str()).collect::<Vec<_>>(), ["Witness 1", "Witness 2"]);
    assert_eq!(
        (early.papers.handed_out, early.papers.returned, early.papers.with_card, early.papers.without_card, early.papers.replaced_online),
        (2, 0, 1, 1, 0)
    );
    let boxes: Vec<(u64, u64)> = early.papers.contests.iter().map(|papers| (papers.in_box, papers.taken_home)).collect();
    assert_eq!(boxes, [(1, 1), (2, 0)]);
    assert_eq!((early.kinds.proxy, early.kinds.braille, early.kinds.provisional), (1, 1, 0));
    let kinds: Vec<EventKind> = early.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Roll, EventKind::Roll, EventKind::Roll, EventKind::Proxy, EventKind::Braille]);
    let leaves = early.leaves.unwrap();
    assert_eq!((leaves.last, leaves.closed), (leaves.first + 1, play.board.day(0, 0).unwrap().closed().unwrap().0.0));
    let own_key = key_fingerprint(&play.manifest.places[0].officers[0].key.0);
    assert!(early.keys.len() == 4 && early.keys[1].fingerprint == own_key, "the desk, the manager and two witnesses");
}

#[test]
fn an_undone_hand_out_is_told_with_its_reason_and_an_early_report_adds_it_up() {
    let play = Play::whole_with_papers(1);
    let (_folder, counted) = counted(&play);
    let records = counted.poll_records().unwrap();
    let (_, hall) = &records[0];
    // Slots 0 and 4 had voted online. The one keeps the paper, the other gives it back and gets another at the school.
    assert_eq!((hall.papers.handed_out, hall.papers.returned, hall.papers.replaced_online), (2, 1, 2));
    assert_eq!(hall.events.len(), 1);
    let (event, first) = (&hall.events[0], hall.leaves.unwrap().first);
    assert!(
        event.kind == EventKind::Undone && event.text.ja.contains("投票しない旨の申出") && event.text.en.contains(&LeafIndex(first + 1).to_string()),
        "{event:?}"
    );
    let (_, school) = &records[1];
    assert_eq!((school.papers.handed_out, school.papers.replaced_online), (1, 0));
    let reports = counted.early_voting().unwrap();
    assert_eq!(reports.len(), 1);
    let (day, report) = &reports[0];
    assert_eq!((day.as_str(), report.places.len(), &report.places[0].days[0].papers), ("2026-11-01", 1, &hall.papers));
    // A ballot names up to two of three, so two papers with one name each leave two choices out.
    let record = counted.count_record().unwrap();
    let online = counted.verdict().result.as_ref().unwrap()[1].blanks.unwrap();
    assert_eq!((record.contests[1].votes, record.contests[1].blank), (16, online + 2));
}

#[test]
fn no_paper_of_a_record_contradicts_itself() {
    for play in [Play::whole(1), Play::whole_with_papers(2), eventful().0] {
        let (_folder, counted) = counted(&play);
        for paper in all(&counted) {
            for lang in [Lang::Ja, Lang::En] {
                paper.sheet(lang).unwrap_or_else(|error| panic!("{}: {}", paper.name(lang), error.say(lang)));
            }
        }
    }
}

#[test]
fn what_is_particular_of_an_election_stands_on_its_papers() {
    let (_folder, counted) = counted(&eventful().0);
    let papers = all(&counted);
    let texts: Vec<String> = papers.iter().enumerate().map(|(n, paper)| packed(&text_of(&printed(&format!("eventful-{n}"), paper, Lang::Ja)))).collect();
    let wanted: [&[&str]; 6] = [
        &[
            "3.333",
            "1.333",
            "候補者でない（辞退）",
            "法定得票数",
            "当選（くじ）",
            "落選（くじ）",
            "くじに署名した者",
            "Manager、Witness1、Witness2",
            "無投票",
            "抹消された2名",
            "council：くじ（受付番号",
        ],
        &["開票率100.00%", "無投票", "候補者でなくなった者（票は無効）:mayor3"],
        &["確定", "抹消された者1名", "棄権者数:0"],
        &["city-hall", "投票者累計", "Witness1、Witness2"],
        &["代理投票", "点字投票", "1名を補正登録した", "1名を抹消した。理由：死亡", "期日前投票所の投票立会人", "締めの受付番号"],
        &["school", "仮投票", "投票立会人"],
    ];
    assert_eq!(texts.len(), wanted.len());
    for (text, wanted) in texts.iter().zip(wanted) {
        for words in wanted {
            assert!(text.contains(words), "no {words} in {text}");
        }
    }
}
