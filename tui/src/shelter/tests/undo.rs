//! What was entered last is taken back by what the folder says, whoever opened it meanwhile.

use super::*;
use crate::shelter::undo::Undo;

#[test]
fn an_arrival_and_a_departure_are_taken_back_after_the_folder_was_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let hanako = arrive(&mut gym, "1");
    wall.pass(60_000);
    let subject = gym.resident(&gym.residents().unwrap().by_number("1").unwrap().clone(), Identified::List);
    enter(&mut gym, subject, Act::Out);
    wall.pass(60_000);
    let mut gym = reopen(gym, &wall);
    assert!(gym.present().is_empty());
    let undo = Undo::of_last(&gym).unwrap();
    assert_eq!(undo.entries().map(|(chain, _)| chain).collect::<Vec<_>>(), [hanako]);
    undo.take_back(&mut gym).unwrap();
    assert_eq!(gym.present().len(), 1, "whoever was entered to have left is here");
    assert!(undo.take_back(&mut gym).is_err(), "something else was entered since");
    assert_eq!(gym.view(hanako).unwrap().history.len(), 3, "nothing is forgotten");
}

#[test]
fn those_who_were_entered_at_once_are_taken_back_at_once_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let hanako = arrive(&mut gym, "1");
    wall.pass(60_000);
    let drafts = ["name=Maria Cruz\nbirth=1999-01-01", "name=Jose Cruz\nbirth=1998-01-01"].map(|lines| draft(&gym, typed(&gym, lines), Act::In));
    gym.enter(&drafts).unwrap();
    let undo = Undo::of_last(&gym).unwrap();
    assert!(undo.said[1].contains("and 1 more"), "{:?}", undo.said);
    undo.take_back(&mut gym).unwrap();
    assert_eq!(gym.present().iter().map(|view| view.handles[0]).collect::<Vec<_>>(), [hanako]);
}

#[test]
fn what_the_folder_does_not_say_of_before_is_not_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    assert_eq!(Undo::of_last(&gym).err().unwrap().exit, Exit::Refused, "nothing was entered");
    arrive(&mut gym, "1");
    wall.pass(60_000);
    gym.headcount(40, HowCounted::About).unwrap();
    let failure = Undo::of_last(&gym).err().unwrap();
    assert!(failure.exit == Exit::Refused && failure.en.contains("headcount"), "{failure}");
    assert_eq!(gym.present().len(), 1);
}
