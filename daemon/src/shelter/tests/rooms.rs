use tachiai_schemas::roster::shelter::Room;
use tachiai_schemas::roster::{Act, Person, ShelterState, Stay};
use tachiai_schemas::shelter::{PersonAct, RoomFill};
use tachiai_schemas::{InPlaceOf, Refusal};

use super::super::people::Sight;
use super::super::testing::{Hall, person, shelter};

fn room(name: &str, capacity: Option<u32>, whom: &str) -> Room {
    Room { name: name.to_owned(), capacity, whom: whom.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_which_room_is_counted_and_a_full_room_is_said() {
    let hall = Hall::new().await;
    let rooms = vec![room("体育館", Some(120), ""), room("図書室", Some(2), "要配慮者"), room("音楽室", None, "")];
    let opened = hall.event.stands(ShelterState { rooms: rooms.clone(), ..shelter("gym") }).await.unwrap();
    assert_eq!(opened.rooms.unwrap().rooms.iter().map(|view| view.present).collect::<Vec<_>>(), [0, 0, 0]);
    let mut last = None;
    for (room, stay) in
        [("図書室", Stay::Shelter), ("体育館", Stay::Shelter), ("図書室 ", Stay::Shelter), ("廊下", Stay::Shelter), ("", Stay::Home), ("", Stay::Shelter)]
    {
        let person = Person { room: room.to_owned(), stay, ..person("西村　花子") };
        let act = PersonAct { chain: None, after: vec![], shelter: "gym".parse().unwrap(), act: Act::In, time: None, person };
        last = Some(hall.event.write_person("西村", Sight::All, act).await.unwrap());
    }
    let of = |hall: &Hall| hall.event.view().unwrap().shelters.into_iter().find(|view| view.state.shelter.as_str() == "gym").unwrap();
    let seen = of(&hall).rooms.unwrap();
    let counted: Vec<_> = seen.rooms.iter().map(|view| (view.present, view.fill)).collect();
    assert_eq!((counted, seen.without), (vec![(1, RoomFill::Free), (2, RoomFill::Full), (0, RoomFill::Free)], 2));
    // Who moves into a room is counted there at once, and who leaves is not.
    let last = last.unwrap();
    let moved = Person { room: "音楽室".to_owned(), ..person("西村　花子") };
    let act =
        PersonAct { chain: Some(last.chain), after: vec![last.entry], shelter: "gym".parse().unwrap(), act: Act::Edit, time: None, person: moved.clone() };
    let last = hall.event.write_person("西村", Sight::All, act).await.unwrap();
    assert_eq!((of(&hall).rooms.unwrap().rooms[2].present, of(&hall).rooms.unwrap().without), (1, 1));
    let act = PersonAct { chain: Some(last.chain), after: vec![last.entry], shelter: "gym".parse().unwrap(), act: Act::Out, time: None, person: moved };
    hall.event.write_person("西村", Sight::All, act).await.unwrap();
    assert_eq!(of(&hall).rooms.unwrap().rooms[2].present, 0);
    // A shelter without rooms says nothing of rooms, and two of one name are refused.
    assert_eq!(hall.event.view().unwrap().shelters.iter().filter(|view| view.rooms.is_none()).count(), 1);
    for wrong in [vec![room("図書室", None, ""), room("図書室", None, "")], vec![room("", None, "")], vec![room(" 図書室", None, "")]] {
        let refused = hall.event.stands(ShelterState { rooms: wrong, ..shelter("gym") }).await.unwrap_err();
        assert_eq!(refused.refusal, Refusal::ShelterInvalid);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shelter_that_a_colleague_changed_meanwhile_stays_as_it_is() {
    let hall = Hall::new().await;
    let seen = hall.event.published().roster.shelter(&shelter("gym").shelter).cloned();
    let full = ShelterState { capacity: Some(7), ..shelter("gym") };
    hall.event.set_shelter("足立", InPlaceOf { before: seen.clone(), now: full.clone() }).await.unwrap();
    let other = ShelterState { capacity: Some(9), ..shelter("gym") };
    let refused = hall.event.set_shelter("西村", InPlaceOf { before: seen.clone(), now: other }).await.unwrap_err();
    assert_eq!(refused.refusal, Refusal::Overtaken);
    assert_eq!(hall.event.published().roster.shelter(&full.shelter), Some(&full));
    // The same once more, as after a lost answer, is no other change.
    assert!(hall.event.set_shelter("足立", InPlaceOf { before: seen, now: full }).await.is_ok());
}
