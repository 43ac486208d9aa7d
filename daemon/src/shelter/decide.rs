//! What may be asked for. Pure: the time comes in, and nothing is read or written.

use tachiai_crypto::journal::BoardKey;
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::hand_in::Copied;
use tachiai_schemas::roster::hand_in::MAX_ENTRIES;
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::roster::shelter::Room;
use tachiai_schemas::roster::{APPLIANCE, Act, EventKind, GROUPS, Hlc, Person, ShelterState};
use tachiai_schemas::shelter::case::{AsideRequest, Outstanding, TerminalOut};
use tachiai_schemas::shelter::{EventSpec, Inquiry, LinkRequest, TerminalRequest};
use tachiai_schemas::{Refusal, Timestamp};

use crate::refused::Refused;

/// How far a clock may be from the appliance's, in milliseconds.
pub const CLOCK_TOLERANCE: i64 = 5 * 60 * 1000;

/// The longest text of one line, in characters.
const MAX_LINE: usize = 200;

/// The longest text of several lines, in characters.
const MAX_TEXT: usize = 2_000;

/// The longest JSON of an opening that is taken: sealed and written in base64url it fits into an entry of a journal.
pub const MAX_OPENING: usize = 40_000;

/// The most rooms, allergies or special needs of one record.
const MAX_LIST: usize = 100;

/// The most days between now and the beginning of an event that is declared.
const MAX_DAYS: i64 = 366;

const DAY: i64 = 86_400;

fn wrong(what: &str) -> Refused {
    Refused::about(Refusal::ShelterInvalid, what)
}

fn line(field: &str, text: &str) -> Result<(), Refused> {
    lines(field, text, MAX_LINE)
}

fn lines(field: &str, text: &str, most: usize) -> Result<(), Refused> {
    let bad = text.chars().any(|c| c.is_control() && (c != '\n' || most == MAX_LINE));
    if text.chars().count() > most || bad { Err(wrong(&format!("{field}: at most {most} characters without control characters"))) } else { Ok(()) }
}

fn title(field: &str, Text { ja, en }: &Text) -> Result<(), Refused> {
    line(field, ja)?;
    line(field, en)?;
    if ja.trim().is_empty() || en.trim().is_empty() { Err(wrong(&format!("{field}: empty"))) } else { Ok(()) }
}

/// Whether a clock shows something else than the appliance's.
#[must_use]
pub fn is_off(now: Hlc, other: Hlc) -> bool {
    now.millis().abs_diff(other.millis()) > CLOCK_TOLERANCE.unsigned_abs()
}

/// Whether a moment lies in the appliance's future.
#[must_use]
pub fn is_future(now: Hlc, moment: Hlc) -> bool {
    moment.millis() > now.plus_millis(CLOCK_TOLERANCE).millis()
}

/// Whether one official is enough to declare it: a disaster needs two.
#[must_use]
pub const fn needs_two(kind: EventKind) -> bool {
    match kind {
        EventKind::Disaster => true,
        EventKind::Drill | EventKind::OpenSchool | EventKind::Lecture | EventKind::RollCall => false,
    }
}

/// What an event may be.
///
/// # Errors
/// [`Refusal::ShelterInvalid`].
pub fn check_spec(spec: &EventSpec, now: Timestamp) -> Result<(), Refused> {
    let EventSpec { kind: _, title: name, municipality, began, card: _, min_group } = spec;
    title("title", name)?;
    if !tachiai_schemas::roster::municipality::is_municipality(municipality) {
        return Err(wrong("municipality: six digits with the check digit"));
    }
    if (began.unix() - now.unix()).abs() > MAX_DAYS * DAY {
        return Err(wrong("began: within a year of today"));
    }
    if GROUPS.contains(min_group) { Ok(()) } else { Err(wrong("min_group: 2 to 1,000")) }
}

/// When something may have happened that an official reports: not later than a clock may be off.
///
/// # Errors
/// [`Refusal::ShelterInvalid`].
pub fn check_time(time: Option<Hlc>, now: Hlc) -> Result<(), Refused> {
    if time.is_some_and(|time| time > now.plus_millis(CLOCK_TOLERANCE)) { Err(wrong("time: it lies in the future")) } else { Ok(()) }
}

/// What a terminal may be.
///
/// # Errors
/// [`Refusal::ShelterInvalid`].
pub fn check_terminal(request: &TerminalRequest) -> Result<(), Refused> {
    let TerminalRequest { terminal, key, recipient, shelter: _, event: _ } = request;
    if terminal.as_str() == APPLIANCE {
        return Err(wrong("terminal: this is the appliance's own name"));
    }
    BoardKey::from_bytes(&key.0).map_err(|_| wrong("key: not an Ed25519 key"))?;
    recipient.parse::<age::x25519::Recipient>().map(drop).map_err(|_| wrong("recipient: not an age recipient"))
}

/// What a shelter may be, as the headquarters say.
///
/// # Errors
/// [`Refusal::ShelterInvalid`].
pub fn check_shelter(state: &ShelterState) -> Result<(), Refused> {
    let ShelterState { shelter: _, name, address, district, position, capacity: _, rooms, features, pets: _, state: _ } = state;
    title("name", name)?;
    line("address", address)?;
    line("district", district)?;
    if position.is_some_and(|place| place.latitude.abs() > 9_000_000 || place.longitude.abs() > 18_000_000) {
        return Err(wrong("position: no place on Earth"));
    }
    if rooms.len() > MAX_LIST {
        return Err(wrong("rooms: too many"));
    }
    for (place, Room { name, capacity: _, whom }) in rooms.iter().enumerate() {
        line("rooms", name)?;
        line("rooms", whom)?;
        if name.trim() != name || name.is_empty() || rooms.iter().take(place).any(|other| other.name == *name) {
            return Err(wrong("rooms: each with a name of its own, without spaces around it"));
        }
    }
    if features.is_sorted_by(|one, two| one < two) { Ok(()) } else { Err(wrong("features: ascending, each at most once")) }
}

/// What may be written of a person.
///
/// # Errors
/// [`Refusal::ShelterInvalid`].
pub fn check_person(act: Act, is_new: bool, person: &Person) -> Result<(), Refused> {
    if is_new && act != Act::In {
        return Err(wrong("act: somebody new arrives"));
    }
    let Person {
        name,
        name_jis,
        kana,
        birth,
        sex: _,
        address,
        phone,
        district,
        association,
        household: _,
        resident,
        citizen: _,
        identified: _,
        stay: _,
        needs,
        needs_note,
        allergies,
        medication,
        pets,
        language,
        qualifications,
        damage: _,
        wish,
        room,
        disclosure: _,
        protection: _,
        destination,
        questionnaire: _,
        triage: _,
        note,
    } = person;
    let short = [
        ("name", name),
        ("kana", kana),
        ("address", address),
        ("phone", phone),
        ("district", district),
        ("association", association),
        ("pets", pets),
        ("language", language),
        ("qualifications", qualifications),
        ("wish", wish),
        ("room", room),
        ("destination", destination),
    ];
    short.into_iter().try_for_each(|(field, text)| line(field, text))?;
    [("name_jis", name_jis), ("resident", resident)].into_iter().try_for_each(|(field, text)| text.as_ref().map_or(Ok(()), |text| line(field, text)))?;
    [("needs_note", needs_note), ("medication", medication), ("note", note)].into_iter().try_for_each(|(field, text)| lines(field, text, MAX_TEXT))?;
    if matches!(birth, Birth::Years(years) if *years > Birth::OLDEST) {
        return Err(wrong("birth: 0 to 130 years"));
    }
    if !needs.is_sorted_by(|one, two| one < two) {
        return Err(wrong("needs: ascending, each at most once"));
    }
    if allergies.len() > MAX_LIST || !allergies.is_sorted_by(|one, two| one < two) {
        return Err(wrong("allergies: sorted, each at most once"));
    }
    allergies.iter().try_for_each(|allergy| line("allergies", allergy))
}

/// What may be asked of two officials about two handles.
///
/// # Errors
/// [`Refusal::ShelterInvalid`].
pub fn check_link(request: &LinkRequest) -> Result<(), Refused> {
    let LinkRequest { chain, other, verdict: _, evidence } = request;
    if chain == other {
        return Err(wrong("other: the same handle"));
    }
    check_reason("evidence", evidence)
}

/// What may be asked of two officials about what was set aside.
///
/// # Errors
/// [`Refusal::ShelterInvalid`].
pub fn check_aside(request: &AsideRequest) -> Result<(), Refused> {
    let AsideRequest { file: _, entries, content: _, verdict: _, reason } = request;
    if entries.is_empty() || entries.len() > MAX_ENTRIES || !entries.is_sorted_by(|one, two| one < two) {
        return Err(wrong(&format!("entries: 1 to {MAX_ENTRIES} places, ascending, each once")));
    }
    check_reason("reason", reason)
}

/// What two officials give as a reason: 1 to 500 characters.
///
/// # Errors
/// [`Refusal::ShelterInvalid`].
pub fn check_reason(field: &str, reason: &str) -> Result<(), Refused> {
    lines(field, reason, 500)?;
    if reason.trim().is_empty() { Err(wrong(&format!("{field}: empty"))) } else { Ok(()) }
}

/// What is still out, in words; who it is about is not said.
#[must_use]
pub fn say_outstanding(outstanding: &Outstanding) -> String {
    let Outstanding { terminals, asides, conflicts, present, shelters } = outstanding;
    let mut said: Vec<String> = terminals
        .iter()
        .map(|TerminalOut { terminal, shelter: _, missing, latest, silence: _, copied }| {
            let latest = latest.map_or_else(|| "nothing came from it".to_owned(), |latest| format!("wrote last at {}", latest.timestamp()));
            let copied = if *copied == Copied::Twice { ", two write under its name" } else { "" };
            format!("terminal {terminal}: {missing} numbers missing, {latest}{copied}")
        })
        .collect();
    if *asides > 0 {
        said.push(format!("set aside: {asides}"));
    }
    if *conflicts > 0 {
        said.push(format!("conflicts: {conflicts}"));
    }
    if *present > 0 {
        said.push(format!("people present: {present}"));
    }
    if !shelters.is_empty() {
        said.push(format!("shelters not closed: {}", shelters.len()));
    }
    said.join("; ")
}

/// What a relative must say.
///
/// # Errors
/// [`Refusal::ShelterInvalid`].
pub fn check_inquiry(inquiry: &Inquiry) -> Result<(), Refused> {
    let Inquiry { name, birth, address, asker } = inquiry;
    line("name", name)?;
    line("address", address.as_deref().unwrap_or_default())?;
    lines("asker", asker, 500)?;
    let blank = |text: &str| text.trim().is_empty();
    if blank(name) || blank(asker) {
        return Err(wrong("name, asker: empty"));
    }
    let known = birth.is_some_and(|birth| birth.is_known());
    if known || address.as_deref().is_some_and(|address| !blank(address)) { Ok(()) } else { Err(wrong("birth, address: one of them must be given")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_off_by_more_than_five_minutes_either_way() {
        let now = Hlc::at_millis(1_000_000_000);
        for (shift, off, future) in [(0, false, false), (300_000, false, false), (300_001, true, true), (-300_000, false, false), (-300_001, true, false)] {
            assert_eq!((is_off(now, now.plus_millis(shift)), is_future(now, now.plus_millis(shift))), (off, future), "{shift}");
        }
    }
}
