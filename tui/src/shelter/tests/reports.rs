//! What a shelter reports of itself from a terminal without a link.

use std::collections::BTreeMap;
use std::fs;

use rand_core::OsRng;
use tachiai_schemas::Bytes;
use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::person::Triage;
use tachiai_schemas::roster::report::{Aspect, CodeCount, Grade, Graded, HowCounted, ReportContent, SealedAnswers};
use tachiai_schemas::roster::{Act, Body, ChainId, Report, ReportEntry};
use tachiai_schemas::shelter::overview::MealsWithout;
use tachiai_schemas::shelter::questionnaire::{Answer, Answers, Filled, FilledBy};

use super::town::{Town, Wall, began};
use super::{arrive, enter, hand_over, reopen, typed};
use crate::failure::Exit;
use crate::shelter::report::{Counted, Moved, Supply, counted};
use crate::shelter::state::Reception;

fn stands(supply: &Supply) -> (&str, &str, u32, u32) {
    (&supply.item, &supply.unit, supply.stock, supply.needed)
}

fn answers(temperature: &str) -> Answers {
    let answers = [("care", Answer::Chosen(vec!["none".parse().unwrap()])), ("temperature", Answer::Number(temperature.to_owned()))];
    let answers: BTreeMap<String, Answer> = answers.into_iter().map(|(id, answer)| (id.to_owned(), answer)).collect();
    Answers { questionnaire: "shelter-medical".parse().unwrap(), version: 1, answers }
}

#[test]
fn supplies_are_reckoned_from_what_arrived_and_was_handed_out_and_are_there_after_the_power_failed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let moved = |arrived, handed_out| Moved::By { arrived, handed_out };
    assert_eq!(gym.supply("毛布", None, moved(80, 0), None).unwrap_err().exit, Exit::Usage, "a new thing needs a unit");
    assert_eq!(stands(&gym.supply("毛布", Some("枚"), moved(0, 0), Some(100)).unwrap()), ("毛布", "枚", 0, 100));
    assert_eq!(stands(&gym.supply("毛布", None, moved(80, 15), None).unwrap()), ("毛布", "枚", 65, 20));
    gym.supply("飲料水", Some("本"), moved(240, 0), None).unwrap();
    let many = gym.supply("毛布", None, moved(0, 66), None).unwrap_err();
    assert_eq!((many.exit, many.ja.contains("65枚")), (Exit::Refused, true), "{many}");
    assert_eq!(stands(&gym.supply("毛布", None, Moved::Counted(60), None).unwrap()), ("毛布", "枚", 60, 20));
    assert_eq!(gym.supply("", Some("枚"), moved(1, 0), None).unwrap_err().exit, Exit::Usage);
    let relabelled = gym.supply("毛布", Some("箱"), moved(5, 0), None).unwrap_err();
    assert!(relabelled.exit == Exit::Usage && relabelled.en.contains("counted in 枚"), "{relabelled}");
    let mut gym = reopen(gym, &wall);
    let all: Vec<Supply> = gym.supplies();
    assert_eq!(all.iter().map(stands).collect::<Vec<_>>(), [("毛布", "枚", 60, 20), ("飲料水", "本", 240, 0)]);
    // The appliance takes them like anything else, and another terminal of the shelter goes on from them.
    assert_eq!(hand_over(&mut town, &mut gym).taken, 4);
    let other = tempfile::tempdir().unwrap();
    let mut second = town.admit(other.path(), "gym-2", "gym", &wall);
    assert_eq!(stands(&second.supply("毛布", None, moved(0, 10), None).unwrap()), ("毛布", "枚", 50, 20));
    assert_eq!(stands(&second.supply("毛布", Some("箱"), Moved::Counted(5), Some(2)).unwrap()), ("毛布", "箱", 5, 2), "all of it anew");
}

#[test]
fn what_is_not_looked_at_anew_stands_as_it_was_assessed_before() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let graded = |aspect, grade| Graded { aspect, grade };
    gym.assess(&[graded(Aspect::Power, Grade::D), graded(Aspect::Toilets, Grade::C)]).unwrap();
    let now = gym.assess(&[graded(Aspect::DrinkingWater, Grade::A), graded(Aspect::Power, Grade::B)]).unwrap();
    assert_eq!(now, [graded(Aspect::DrinkingWater, Grade::A), graded(Aspect::Power, Grade::B), graded(Aspect::Toilets, Grade::C)]);
    let gym = reopen(gym, &wall);
    assert_eq!(gym.grades().unwrap().1, now);
}

#[test]
fn treatments_are_added_up_over_a_day_and_travel_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let day = gym.today();
    let report = |gym: &mut Reception, day: Day, said: &[(u8, Counted)]| {
        let counts = counted(gym.treatments(day), said);
        gym.report(ReportContent::Health { day, counts }).map(drop)
    };
    report(&mut gym, day, &[(16, Counted::Are(3)), (58, Counted::More(1))]).unwrap();
    report(&mut gym, day, &[(58, Counted::More(2)), (16, Counted::Are(0))]).unwrap();
    report(&mut gym, "2026-08-31".parse().unwrap(), &[(2, Counted::Are(9))]).unwrap();
    let gym = reopen(gym, &wall);
    assert_eq!((gym.treatments(day), gym.treatments("2026-08-30".parse().unwrap())), (&[CodeCount { code: 58, count: 3 }][..], &[][..]));
    // Neither numbers nor codes stand in the entry.
    let clear = gym.own().iter().any(|own| String::from_utf8_lossy(&own.bytes).contains("count"));
    assert!(!clear, "the counts stand in clear");
}

#[test]
fn meals_are_those_of_the_people_whom_the_terminal_knows() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    arrive(&mut gym, "1");
    for lines in ["name=A\nbirth=1990-01-01\nneeds=food\nallergies=卵,乳", "name=B\nbirth=1991-01-01\nneeds=food", "name=C\nbirth=2026-05-01"] {
        let subject = typed(&gym, lines);
        enter(&mut gym, subject, Act::In);
    }
    gym.headcount(12, HowCounted::About).unwrap();
    let meals = gym.meals().unwrap();
    assert_eq!((meals.persons, meals.plain, meals.infants, meals.to_ask, meals.heads), (4, 1, 1, 1, Some(12)));
    assert_eq!(meals.without, [MealsWithout { without: vec!["乳".to_owned(), "卵".to_owned()], meals: 1 }]);
}

#[test]
fn what_somebody_answers_is_read_by_the_appliance_alone_and_named_by_the_entry() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let hanako = arrive(&mut gym, "1");
    let definition = gym.questionnaires()[0].clone();
    assert_eq!(gym.fill(hanako, &definition, answers("60")).unwrap_err().exit, Exit::Usage);
    assert_eq!(gym.own().len(), 1, "nothing was written for a slip");
    let kept = gym.fill(hanako, &definition, answers("39.4")).unwrap();
    // A second time, and less urgent: the urgency is not lowered.
    let again = gym.fill(hanako, &definition, answers("36.5")).unwrap();
    assert_eq!((kept.triage, again.triage), (Triage::Red, Triage::Green));
    wall.reboot();
    let mut gym = reopen(gym, &wall);
    let person = gym.view(hanako).unwrap().counts.person.unwrap();
    assert_eq!((person.questionnaire, person.triage), (Some(again.hash), Some(Triage::Red)));
    // Not even with the keys of this terminal can it be read again.
    let sealed = |own: &crate::shelter::state::Own| match &own.entry.body.body {
        Body::Report(ReportEntry { report: Report::Questionnaire { handle, .. }, .. }) if *handle == hanako => own.opening.clone(),
        _ => None,
    };
    let openings: Vec<_> = gym.own().iter().filter_map(sealed).collect();
    assert_eq!(openings.len(), 2);
    let answered: SealedAnswers = openings[0].read().unwrap();
    assert!(gym.key.unseal(&answered.sealed).is_err());
    let filled: Filled = serde_json::from_slice(&town.unseal(&answered.sealed.0)).unwrap();
    assert!(filled.answers == answers("39.4") && filled.by == FilledBy::Desk && filled.hash().unwrap() == kept.hash);
    for file in fs::read_dir(folder.path()).unwrap() {
        assert!(!fs::read(file.unwrap().path()).unwrap().windows(4).any(|four| four == b"39.4"));
    }
    assert_eq!(hand_over(&mut town, &mut gym).taken, 5);
    // Who left is asked nothing more.
    let subject = gym.again(hanako, gym.view(hanako).unwrap().counts.person.unwrap());
    enter(&mut gym, subject, Act::Out);
    assert_eq!(gym.fill(hanako, &definition, answers("36.5")).unwrap_err().exit, Exit::Refused);
}

#[test]
fn sealed_reports_that_a_wrong_clock_dated_are_dated_anew_with_what_they_say() {
    const DAY: u64 = 86_400_000;
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    wall.reboot();
    wall.set(began() + 60_000 + DAY);
    let mut gym = reopen(gym, &wall);
    let hanako = arrive(&mut gym, "1");
    let day: Day = "2026-09-01".parse().unwrap();
    gym.report(ReportContent::Health { day, counts: vec![CodeCount { code: 16, count: 3 }] }).unwrap();
    gym.hand_over("note").unwrap();
    gym.supply("毛布", Some("枚"), Moved::Counted(3), None).unwrap();
    let definition = gym.questionnaires()[0].clone();
    gym.fill(hanako, &definition, answers("36.5")).unwrap();
    gym.hear_clock(town.now).unwrap();
    assert_eq!(gym.redate().unwrap(), 6);
    assert_eq!((gym.treatments(day), gym.notes()[0].note.text.as_str(), gym.supplies().len()), (&[CodeCount { code: 16, count: 3 }][..], "note", 1));
    let answer = hand_over(&mut town, &mut gym);
    assert_eq!((answer.taken, answer.aside.len()), (6, 0));
}

#[test]
fn a_sealed_report_that_reads_as_something_else_stops_no_terminal() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    arrive(&mut gym, "1");
    let opening = gym.own()[0].opening.clone();
    let (handle, fields) = (ChainId([9; 16]), Bytes([0; 32]));
    for report in [Report::Handover { handle, fields }, Report::Health { day: gym.today(), handle, fields }] {
        let entry = ReportEntry { shelter: gym.shelter().clone(), report };
        gym.with_pen(None, |pen, _, millis| Ok(vec![(pen.report_again(&entry, opening.as_ref(), millis, &mut OsRng)?, ())])).unwrap();
    }
    gym.hand_over("朝の配食は8時").unwrap();
    // An appliance that did not look at it took it; every terminal of the shelter hears of it.
    assert_eq!(hand_over(&mut town, &mut gym).taken, 4);
    let second = reopen(town.admit(other.path(), "gym-2", "gym", &wall), &wall);
    assert_eq!((second.present().len(), second.notes().len(), second.treatments(second.today()).len()), (1, 1, 0));
    assert_eq!(reopen(gym, &wall).notes().len(), 1);
}
