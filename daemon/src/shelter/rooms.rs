//! Who is in which room of a shelter, by the rooms that people's records name.

use std::collections::BTreeMap;

use tachiai_schemas::roster::shelter::Room;
use tachiai_schemas::roster::{ShelterId, Stay};
use tachiai_schemas::shelter::{RoomFill, RoomView, Rooms};

use super::ledger::Published;

fn view(room: &Room) -> RoomView {
    RoomView { room: room.clone(), present: 0, fill: RoomFill::Free }
}

/// The rooms of each shelter that names some.
pub(super) fn rooms(published: &Published) -> BTreeMap<ShelterId, Rooms> {
    let named = published.roster.shelters().filter(|state| !state.rooms.is_empty());
    let mut rooms: BTreeMap<ShelterId, Rooms> =
        named.map(|state| (state.shelter.clone(), Rooms { rooms: state.rooms.iter().map(view).collect(), without: 0 })).collect();
    if rooms.is_empty() {
        return rooms;
    }
    for (_, step) in published.roster.live() {
        let Some(of) = rooms.get_mut(&step.shelter) else { continue };
        let person = published.people.person(&step.moment.hash);
        match person.and_then(|person| of.rooms.iter_mut().find(|view| view.room.name == person.room.trim())) {
            Some(view) => view.present += 1,
            None => of.without += u64::from(person.is_none_or(|person| person.stay == Stay::Shelter)),
        }
    }
    for view in rooms.values_mut().flat_map(|of| &mut of.rooms) {
        if view.room.capacity.is_some_and(|capacity| view.present >= u64::from(capacity)) {
            view.fill = RoomFill::Full;
        }
    }
    rooms
}
