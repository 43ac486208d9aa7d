//! A shelter opens with what was said of it, in the place of what whoever opens it saw: what a colleague said of it meanwhile is not undone unsaid.

use tachiai_schemas::roster::shelter::Room;
use tachiai_schemas::roster::{EventId, OpenState, ShelterState};
use tachiai_schemas::{InPlaceOf, Say};

use super::{Any, Deed, Set, shelter_now, shelter_set, stands};
use crate::card::printable;
use crate::client::Client;
use crate::console::i18n::{Words, both};
use crate::console::work::deed::Done;
use crate::failure::Failure;

/// Opens it.
///
/// # Errors
/// [`Failure`] that says how it stands now, if that is not what was seen.
pub(super) fn open(client: &Client, event: EventId, asked: &InPlaceOf<ShelterState>) -> Result<Done, Failure> {
    unchanged(asked, shelter_now(client, event, &asked.now.shelter)?.as_ref())?;
    let done = stands(event, &shelter_set(client, event, asked)?);
    // Back to how it stood; what was open already was not opened by this.
    let (to, from) = (asked.before.as_ref().map_or(OpenState::Closed, |before| before.state), asked.now.state);
    let undo = (to != from).then(|| Any::Shelters(Deed::Set(event, Set { shelter: asked.now.shelter.clone(), from, to })));
    Ok(Done { undo, ..done })
}

/// Whether a shelter stands as it was seen. Pure.
fn unchanged(asked: &InPlaceOf<ShelterState>, now: Option<&ShelterState>) -> Result<(), Failure> {
    let InPlaceOf { before, now: _ } = asked;
    if before.as_ref() == now {
        return Ok(());
    }
    let [ja, en] = both(|words| words.with("open-overtaken", &[("what", changes(words, before.as_ref(), now))]));
    Err(Failure::refused(ja, en))
}

/// What is otherwise than before, a line each.
fn changes(words: &Words, before: Option<&ShelterState>, now: Option<&ShelterState>) -> String {
    let (before, now) = (before.map(|state| rows(words, state)), now.map(|state| rows(words, state)));
    let lines: Vec<String> = match (before, now) {
        (Some(before), Some(now)) => {
            let differing = before.into_iter().zip(now).filter(|((_, before), (_, now))| before != now);
            differing.map(|((label, before), (_, now))| format!("{label}: {before} → {now}")).collect()
        }
        (None, Some(now)) => now.into_iter().map(|(label, value)| format!("{label}: {value}")).collect(),
        (_, None) => vec![words.say("open-not-there")],
    };
    lines.join("\n")
}

/// Everything that is said of a shelter, but where exactly it lies.
fn rows(words: &Words, state: &ShelterState) -> Vec<(String, String)> {
    let ShelterState { shelter: _, name, address, district, position: _, capacity, rooms, features, pets, state } = state;
    let lang = words.lang();
    let list = |values: Vec<String>| values.join(lang.pick("、", ", "));
    let figure = |figure: Option<u32>| figure.map_or_else(String::new, |figure| figure.to_string());
    let room = |Room { name, capacity: takes, whom }: &Room| {
        let more = [figure(*takes), printable(whom)].into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join(" ");
        if more.is_empty() { printable(name) } else { format!("{} ({more})", printable(name)) }
    };
    let values = [
        ("unlisted-name", printable(lang.pick(&name.ja, &name.en))),
        ("event-state", state.say(lang)),
        ("facilities-capacity", figure(*capacity)),
        ("field-address", printable(address)),
        ("event-district", printable(district)),
        ("open-rooms", list(rooms.iter().map(room).collect())),
        ("open-features", list(features.iter().map(|feature| feature.say(lang)).collect())),
        ("open-pets", pets.say(lang)),
    ];
    values.map(|(label, value)| (words.say(label), if value.is_empty() { "-".to_owned() } else { value })).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tests::samples;

    fn seen() -> ShelterState {
        ShelterState { state: OpenState::Closed, capacity: Some(80), ..samples::event_view().shelters.remove(0).state }
    }

    fn asked(before: Option<ShelterState>) -> InPlaceOf<ShelterState> {
        InPlaceOf { before, now: ShelterState { state: OpenState::Open, ..seen() } }
    }

    #[test]
    fn a_shelter_opens_in_the_place_of_what_was_seen() {
        assert!(unchanged(&asked(Some(seen())), Some(&seen())).is_ok() && unchanged(&asked(None), None).is_ok());
    }

    #[test]
    fn what_a_colleague_said_since_the_form_was_opened_is_shown_and_stays() {
        let room = Room { name: "図書室".to_owned(), capacity: Some(15), whom: String::new() };
        let now = ShelterState { capacity: Some(120), rooms: vec![room], ..seen() };
        let failure = unchanged(&asked(Some(seen())), Some(&now)).unwrap_err();
        assert!(failure.ja.contains("収容可能人数: 80 → 120\n部屋: - → 図書室 (15)"), "{}", failure.ja);
        assert!(failure.en.contains("80 → 120") && !failure.en.contains("address"), "{}", failure.en);
    }

    #[test]
    fn a_shelter_that_a_colleague_opened_first_is_shown_whole() {
        let failure = unchanged(&asked(None), Some(&ShelterState { state: OpenState::Crowded, ..seen() })).unwrap_err();
        assert!(failure.ja.contains("状態: 混雑") && failure.ja.contains("収容可能人数: 80"), "{}", failure.ja);
    }
}
