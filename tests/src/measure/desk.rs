//! A polling desk at an appliance with the roll of a city: how long an elector waits for the appliance between card and paper.
//!
//! A check-in is three requests over one connection: who it is, the evidence, the hand-out; each is answered when what it wrote is on the disk. What the card
//! takes to sign is the card's, and is not counted.

use std::time::{Duration, Instant};

use tachiai::card::{Card, LastTry, Pin};
use tachiai::client::Client;
use tachiai::poll::desk::Desk;
use tachiai::poll::key::DeskKey;
use tachiai::poll::known::Known;
use tachiai::poll::officer::OfficerKey;
use tachiai::profile::Profile;
use tachiai_schemas::desk::{LookFor, Search};
use tachiai_schemas::election::Text;
use tachiai_schemas::paper::{Identified, LinkPolicy, Manner, Officer, OfficerRole, Place, PlaceKind, Session};
use tachiai_schemas::staff::Role;
use tachiai_schemas::{Blob, Lang};

use super::report::{Report, Unit, percentile};
use crate::appliance::{Appliance, Programs, Residents};
use crate::card::{Content, POOL, Slot, SoftwareCard};
use crate::city::{City, Day, Encoding, Plan};
use crate::demo::{Folder, Screen};
use crate::holding::{Holding, Staff, Travel};
use crate::trouble::{Doing, Trouble};
use crate::voters::{Voter, in_parallel, now, usual_threads};

/// The seed of the city.
const SEED: u64 = 28_222;

/// Measures so many check-ins at an appliance with a roll of so many electors.
///
/// # Errors
/// [`Trouble`]; a check-in that is refused is one.
pub fn measure_desk(folder: &Folder, electors: usize, check_ins: usize, screen: &mut Screen, report: &mut Report) -> Result<(), Trouble> {
    let opens = now().plus(-3600);
    let (city, residents) = (City::yabu().doing("the city")?, Residents::in_folder(&folder.join("cards"))?);
    let people = city.electors(SEED, electors, Day::of(opens));
    screen.phase("カードの鍵", "keys for the cards", POOL, |progress| residents.pool().prepare(|_| progress.step()).doing("making RSA keys"))?;
    let coming = people.get(..check_ins).unwrap_or(&people);
    let cards: Vec<Content> = screen.phase("カードの発行", "cards issued", coming.len(), |progress| {
        in_parallel(coming, usual_threads(), || Ok(()), |(), _, elector| residents.card_of(elector), || progress.step())
    })?;
    let key_file = folder.join("desk.key");
    let key = DeskKey::create(&key_file).doing("the desk's key")?;
    let officer = |name: &str, role| -> Result<Officer, Trouble> {
        let key = OfficerKey::create(&folder.join(&format!("{name}.age")), name, &"bench".into()).doing("an officer's key")?;
        Ok(Officer { name: name.to_owned(), role, key: key.public() })
    };
    let officers = vec![officer("manager", OfficerRole::Manager)?, officer("witness", OfficerRole::Witness)?];
    let place = Place {
        id: "hall".to_owned(),
        name: Text { ja: "市役所".to_owned(), en: "City hall".to_owned() },
        kind: PlaceKind::Early,
        key: key.public(),
        officers: officers.clone(),
        sessions: vec![Session { opens, closes: opens.plus(7 * 86_400) }],
        offline: LinkPolicy::Stop,
    };
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let plan = Plan { trustees: 2, quorum: 2, places: vec![place], count_officers: officers, ..Plan::usual(opens, recipient) };
    let mut appliance = Appliance::create(Programs::beside_this()?, &folder.join("appliance"), &residents, |_| ())?;
    let staff = Staff::appoint_travelling(&appliance, &folder.join("people"), 2, Travel::Network)?;
    let official = appliance.staff("poll", Role::Poll)?;
    appliance.start()?;
    let holding = screen.phase("選挙の作成・名簿・開始", "election created, roll imported, opened", electors, |_| {
        let mut holding = Holding::create(staff, &plan, &city, &people, Encoding::Utf8, &folder.join("files"))?;
        holding.ceremony()?;
        holding.open()?;
        Ok::<_, Trouble>(holding)
    })?;
    screen.phase("本人登録", "enrolled", cards.len(), |progress| {
        let enrol = |client: &mut Client, _: usize, card: &Content| Voter::new(card.clone())?.enrol(client);
        in_parallel(&cards, usual_threads(), || appliance.client(), enrol, || progress.step())
    })?;
    let client = Profile::read(Some(official.profile())).doing("the profile")?.client(Lang::En).doing("the desk's client")?;
    let fingerprint = holding.fingerprint().parse().doing("the fingerprint")?;
    let known = Known::fetch(&client, &folder.join("state"), holding.election, &fingerprint).doing("what the desk knows")?;
    let desk = Desk { client, known, key, place: 0 };
    let mut times = Vec::with_capacity(cards.len());
    screen.phase("受付", "checked in", cards.len(), |progress| {
        for content in cards {
            times.push(check_in(&desk, content)?);
            progress.step();
        }
        Ok::<_, Trouble>(())
    })?;
    times.sort_unstable();
    report.time("check_in_p50_ms", percentile(&times, 50), Unit::Milliseconds);
    report.time("check_in_p99_ms", percentile(&times, 99), Unit::Milliseconds);
    let mut searches = Vec::new();
    for elector in people.iter().rev().take(100) {
        let search = Search { name: Some(elector.name.clone()), birth: Some(elector.birth.to_string()), ..Search::default() };
        let start = Instant::now();
        desk.look(&LookFor::Search(search)).doing("searching the roll")?;
        searches.push(start.elapsed());
    }
    searches.sort_unstable();
    report.time("desk_search_p99_ms", percentile(&searches, 99), Unit::Milliseconds);
    appliance.stop()
}

/// Checks one elector in; returns how long the appliance took.
fn check_in(desk: &Desk, content: Content) -> Result<Duration, Trouble> {
    let mut card = Card::open(Slot::new("desk", SoftwareCard::new(content))).doing("opening a card")?;
    let certificate = card.authentication_certificate().doing("reading a card")?.to_vec();
    let look = LookFor::Card(Blob(certificate.clone()));
    let start = Instant::now();
    let looked = desk.look(&look).doing("looking up")?;
    let mut took = start.elapsed();
    let elector = looked.found.first().doing("nobody was found")?;
    let papers = desk.papers(elector, 0, elector.contests.iter().map(|contest| contest.index).collect(), Manner::Own);
    let statement = desk.statement(&papers, &elector.slot_commitment, &looked.nonce).doing("the card's text")?;
    card.verify_pin(&Pin::new(&"1234".into()).doing("the usual PIN")?, LastTry::Keep).doing("the PIN")?;
    let signed = desk.sign_by_card(&mut card, &statement, &certificate).doing("signing")?;
    let start = Instant::now();
    let prepared = desk.prepare_by_card(&papers, signed).doing("preparing")?;
    let issue = desk.sign(&prepared, &papers, Identified::Card, looked.now).doing("signing")?;
    desk.hand_out(&issue).doing("handing out")?;
    took += start.elapsed();
    Ok(took)
}
