//! A terminal in a full shelter: from what a card tells to the person who can be shown.
//!
//! The card's own time is not in it. What is measured is all that the desk does before it asks "register?": who it is among the residents of the pack and the people of
//! the roster, whether somebody alike is here, and whether the household has a head already.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use tachiai::card::{Attributes, Sex};
use tachiai::client::Client;
use tachiai::shelter::clock::Clocks;
use tachiai::shelter::desk::{Draft, Follow};
use tachiai::shelter::key::Lock;
use tachiai::shelter::record::About;
use tachiai::shelter::state::Reception;
use tachiai_schemas::roster::person::{self, Identified};
use tachiai_schemas::roster::{Act, EventId};
use tachiai_schemas::shelter::import::ImportAnswer;
use tachiai_schemas::shelter::{Resident, TerminalRequest, TerminalView};

use super::report::{Report, Unit, percentile};
use crate::city;
use crate::trouble::{Doing, Trouble};

/// The residents of the pack: a small town.
const RESIDENTS: usize = 22_000;

/// Those whose import is timed.
const IMPORTED: usize = 20_000;

/// People who are present.
const PRESENT: usize = 1_200;

/// Cards that are laid down: of people who are not here yet, here already, and of no resident.
const CARDS: usize = 300;

/// Imports a register in the place of whatever was there; gives how long the appliance took.
///
/// # Errors
/// [`Trouble`].
pub fn import(client: &Client, residents: &[city::Resident]) -> Result<Duration, Trouble> {
    let csv = city::residents_csv(residents);
    let send = |how: &str| -> Result<ImportAnswer, Trouble> {
        let answer: Result<ImportAnswer, _> = client.post_bytes(&format!("/api/v1/shelter/residents{how}"), "text/csv", csv.as_bytes());
        answer.map_err(|_| Trouble::new("importing the register", "it was not taken"))
    };
    let shown = send("")?;
    let replaces = shown.replaces.map(|hash| format!("&replaces={hash}")).unwrap_or_default();
    let start = Instant::now();
    send(&format!("?mode=apply{replaces}&removes={}", shown.difference.removed))?;
    Ok(start.elapsed())
}

/// Measures a terminal of its own at the appliance of `client`, which must be headquarters'.
///
/// # Errors
/// [`Trouble`].
pub fn measure_terminal(folder: &Path, client: &Client, event: EventId, town: &[city::Resident], report: &mut Report) -> Result<(), Trouble> {
    let town = town.get(..RESIDENTS).unwrap_or(town);
    let some = town.get(..IMPORTED).unwrap_or(town);
    let took = import(client, some)?;
    report.value("residents_import_rows_per_s", some.len() as f64 / took.as_secs_f64(), Unit::PerSecond);
    import(client, town)?;
    let about = About { format: 0, event, terminal: "desk-1".parse().doing("a terminal's name")?, shelter: "gym".parse().doing("a shelter")? };
    let failed = |failure: tachiai::failure::Failure| Trouble::new("a terminal at work", failure.en);
    let mut desk = Reception::create(folder, about.clone(), &Lock::Unprotected, Clocks::system()).map_err(failed)?;
    let request = TerminalRequest { terminal: about.terminal, key: desk.key.public(), recipient: desk.key.recipient(), shelter: about.shelter, event };
    let _: TerminalView = client.post(&format!("/api/v1/shelter/events/{event}/terminals"), None, &request).map_err(failed)?;
    desk.sync(client).map_err(failed)?;
    desk.fetch_pack(client).map_err(failed)?;
    let residents: Vec<Resident> = desk.residents().map(|residents| residents.all().to_vec()).unwrap_or_default();
    // Families are not all here: every sixteenth resident.
    let arriving: Vec<&Resident> = residents.iter().step_by(16).take(PRESENT).collect();
    for part in arriving.chunks(100) {
        let drafts = part.iter().map(|resident| {
            let subject = desk.resident(resident, Identified::List);
            Draft { chain: subject.chain, shelter: desk.shelter().clone(), act: Act::In, person: subject.person, at: None, follow: Follow::Latest }
        });
        let drafts: Vec<Draft> = drafts.collect();
        desk.enter(&drafts).map_err(failed)?;
    }
    let cards: Vec<Attributes> =
        residents.iter().step_by((residents.len() / CARDS).max(1)).enumerate().map(|(number, resident)| card(number, resident)).collect();
    let mut times: Vec<Duration> = Vec::with_capacity(cards.len());
    for attributes in &cards {
        let start = Instant::now();
        let (subject, holder) = desk.of_card(attributes, Identified::Card);
        let alike = desk.lookalikes(subject.chain, &subject.person);
        let head = desk.other_head(subject.chain, subject.person.household);
        black_box((subject, holder, alike, head));
        times.push(start.elapsed());
    }
    times.sort_unstable();
    report.time("terminal_shown_p50_ms", percentile(&times, 50), Unit::Milliseconds);
    report.time("terminal_shown_p99_ms", percentile(&times, 99), Unit::Milliseconds);
    Ok(())
}

/// The card of a resident; every tenth is of somebody from elsewhere.
fn card(number: usize, resident: &Resident) -> Attributes {
    let birth = resident.birth.map(|day| day.to_string().replace('-', "")).unwrap_or_default();
    let sex = match resident.sex {
        person::Sex::Male => Sex::Male,
        person::Sex::Female => Sex::Female,
        person::Sex::Unknown => Sex::Unknown,
    };
    let name = if number.is_multiple_of(10) { format!("{}乃", resident.name) } else { resident.name.clone() };
    Attributes { name, address: resident.address.clone(), birth, sex }
}
