//! Shelters at an appliance with the register of a city: hand-ins of terminals, an arrival with thousands present, proofs, and searches.
//!
//! What a terminal takes to write, prove and seal is the terminal's, and is made beforehand; a request is timed until its answer, when everything is on the disk.

use std::io::Write;
use std::iter;
use std::time::{Duration, Instant};

use rand_core::OsRng;
use tachiai::client::Client;
use tachiai::profile::Profile;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::election::Text;
use tachiai_schemas::receipt::ProvenEntry;
use tachiai_schemas::roster::hand_in::{HandIn, HandInAnswer, MAX_ENTRIES, Openings, SignedHandIn};
use tachiai_schemas::roster::pen::{Pen, Position, Stroke};
use tachiai_schemas::roster::person::{Birth, Identified};
use tachiai_schemas::roster::shelter::Pets;
use tachiai_schemas::roster::{Act, CardRule, ChainId, EventId, EventKind, Hlc, Need, OpenState, Person, ShelterState, Stay, TerminalId};
use tachiai_schemas::shelter::{EventAsked, EventSpec, EventView, PeopleFound, PeopleSearch, ShelterView, TerminalRequest, TerminalView};
use tachiai_schemas::staff::Role;
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Blob, Bytes, InPlaceOf, Lang, roll};

use super::report::{Report, Unit, percentile};
use super::sharing::{measure_questionnaire, measure_sharing};
use super::terminal::{import, measure_terminal};
use crate::appliance::{Appliance, Programs, Residents};
use crate::city::{City, Day, Resident};
use crate::demo::{Folder, Screen};
use crate::trouble::{Doing, Trouble};
use crate::voters::{in_parallel, now, usual_threads};

/// The seed of the city.
const SEED: u64 = 28_222;

/// Of those who arrive together one in so many needs care.
const ONE_IN: usize = 10;

/// A terminal with what it writes.
struct Terminal {
    event: EventId,
    name: TerminalId,
    key: BoardSecretKey,
    identity: age::x25519::Identity,
}

impl Terminal {
    fn new(event: EventId, number: usize) -> Result<Self, Trouble> {
        let name = format!("gym-{number}").parse().doing("a terminal's name")?;
        Ok(Self { event, name, key: BoardSecretKey::generate(&mut OsRng), identity: age::x25519::Identity::generate() })
    }

    /// A hand-in of these people's arrivals, signed and sealed.
    fn arrivals(&self, recipient: &str, began: roll::Day, people: &[Resident], first: u64) -> Result<SignedHandIn, Trouble> {
        let millis = u64::try_from(now().unix()).doing("the time")? * 1000;
        let position = Position { number: first, before: (first > 0).then(|| tachiai_schemas::roster::leaf_hash(b"before")) };
        let mut pen = Pen::new(self.event, self.name.clone(), &self.key, began, position, Hlc::at_millis(0));
        let (mut entries, mut openings): (Vec<Blob>, Openings) = (Vec::new(), Vec::new());
        for (number, resident) in people.iter().enumerate() {
            let person = Person {
                needs: if number.is_multiple_of(ONE_IN) { vec![Need::Care] } else { Vec::new() },
                name: resident.name.clone(),
                kana: resident.kana.clone(),
                birth: resident.birth.to_string().parse().map(Birth::Day).unwrap_or_default(),
                address: resident.address.clone(),
                district: resident.district.clone(),
                resident: Some(resident.number.clone()),
                ..Person::unknown(Identified::List, Stay::Shelter)
            };
            let chain = ChainId::generate(&mut OsRng);
            let stroke = Stroke { chain, after: &[], shelter: "gym".parse().doing("a shelter")?, act: Act::In, person: &person, time: None };
            let written = pen.person(&stroke, millis, &mut OsRng).doing("writing an entry")?;
            entries.push(Blob(written.bytes));
            openings.push(written.opening);
        }
        let openings = Blob(sealed(recipient, &serde_json::to_vec(&openings).doing("openings")?)?);
        let body = HandIn { event: self.event, terminal: self.name.clone(), now: Hlc::at_millis(millis), entries, openings };
        let signature = Bytes(self.key.sign_hash(&body.signed_hash().doing("signing")?));
        Ok(Signed { body, signature })
    }
}

fn sealed(recipient: &str, plain: &[u8]) -> Result<Vec<u8>, Trouble> {
    let recipient: age::x25519::Recipient = recipient.parse().doing("the recipient")?;
    let encryptor = age::Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient)).doing("sealing")?;
    let mut sealed = Vec::with_capacity(plain.len() + 1024);
    let mut writer = encryptor.wrap_output(&mut sealed).doing("sealing")?;
    writer.write_all(plain).and_then(|()| writer.finish()).doing("sealing")?;
    Ok(sealed)
}

/// How long some requests took, ascending.
pub(super) fn times<T>(items: &[T], mut request: impl FnMut(&T) -> Result<(), Trouble>) -> Result<Vec<Duration>, Trouble> {
    let mut times = Vec::with_capacity(items.len());
    for item in items {
        let start = Instant::now();
        request(item)?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}

/// Measures an appliance with so many residents in its register, so many of whom arrive in hand-ins of 500, and so many one by one.
///
/// # Errors
/// [`Trouble`]; an entry that is not taken is one.
pub fn measure_shelter(folder: &Folder, register: usize, present: usize, check_ins: usize, screen: &mut Screen, report: &mut Report) -> Result<(), Trouble> {
    let began = now().plus(-3600);
    let residents = City::yabu().doing("the city")?.residents(SEED, register, Day::of(began));
    let cards = Residents::in_folder(&folder.join("cards"))?;
    let mut appliance = Appliance::create(Programs::beside_this()?, &folder.join("appliance"), &cards, |_| ())?;
    let official = appliance.staff("headquarters", Role::Headquarters)?;
    let second = appliance.staff("headquarters-2", Role::Headquarters)?;
    appliance.start()?;
    let client = Profile::read(Some(official.profile())).doing("the profile")?.client(Lang::En).doing("the client")?;
    let spec = EventSpec {
        kind: EventKind::Drill,
        title: Text { ja: "訓練".to_owned(), en: "Drill".to_owned() },
        municipality: "282227".to_owned(),
        began,
        card: CardRule::WithoutPin,
        min_group: 10,
    };
    let asked: EventAsked = client.post("/api/v1/shelter/events", None, &spec).doing("declaring")?;
    let EventAsked::Declared { event } = asked else { return Err(Trouble::new("declaring a drill", "it waits for a second official")) };
    let base = format!("/api/v1/shelter/events/{event}");
    let _: ShelterView = client.post(&format!("{base}/shelters"), None, &InPlaceOf::nothing(gym()?)).doing("opening a shelter")?;
    let view: EventView = client.get(&base, None).doing("the event")?;
    let recipient = view.summary.declared.recipient;
    let (arriving, later) = residents.split_at_checked(present).doing("more present than residents")?;
    let parts: Vec<(Terminal, &[Resident])> =
        arriving.chunks(MAX_ENTRIES).enumerate().map(|(number, part)| Ok((Terminal::new(event, number)?, part))).collect::<Result<_, Trouble>>()?;
    for (terminal, _) in &parts {
        admit(&client, &base, terminal)?;
    }
    let day = roll::Day::of(began);
    let files = screen.phase("引き渡しの作成", "hand-ins written", parts.len(), |progress| {
        in_parallel(&parts, usual_threads(), || Ok(()), |(), _, (terminal, part)| terminal.arrivals(&recipient, day, part, 0), || progress.step())
    })?;
    let hand_in = |file: &SignedHandIn| -> Result<(), Trouble> {
        let answer: HandInAnswer = client.post(&format!("{base}/hand-ins"), None, file).doing("handing in")?;
        let all = usize::try_from(answer.taken).is_ok_and(|taken| taken == file.body.entries.len());
        if all { Ok(()) } else { Err(Trouble::new("handing in", format!("taken {} of {}", answer.taken, file.body.entries.len()))) }
    };
    let took = times(&files, hand_in)?;
    report.time(&format!("hand_in_{present}_s"), took.iter().sum(), Unit::Seconds);
    let desk = Terminal::new(event, parts.len())?;
    admit(&client, &base, &desk)?;
    let (mut arrivals, mut writing) = (Vec::with_capacity(check_ins), Vec::with_capacity(check_ins));
    for (number, one) in (0_u64..).zip(later.chunks(1).take(check_ins)) {
        let start = Instant::now();
        arrivals.push(desk.arrivals(&recipient, day, one, number)?);
        writing.push(start.elapsed());
    }
    writing.sort_unstable();
    // An entry is salted, committed to, proved and signed, and its opening sealed.
    report.time("entry_proof_ms", percentile(&writing, 50), Unit::Milliseconds);
    let took = times(&arrivals, hand_in)?;
    report.time("shelter_check_in_p50_ms", percentile(&took, 50), Unit::Milliseconds);
    report.time("shelter_check_in_p99_ms", percentile(&took, 99), Unit::Milliseconds);
    let leaves: Vec<usize> = (0..present).step_by(present.div_ceil(500).max(1)).collect();
    let took = times(&leaves, |leaf| client.get::<ProvenEntry>(&format!("{base}/entries/{leaf}"), None).map(drop).doing("a proof"))?;
    report.time("inclusion_proof_ms", percentile(&took, 50), Unit::Milliseconds);
    measure_sharing(&client, &second, event, report)?;
    measure_questionnaire(&appliance, &cards, &client, report)?;
    import(&client, &residents)?;
    let names: Vec<String> = residents.iter().rev().take(200).map(|resident| resident.kana.chars().take(3).collect()).collect();
    let took = times(&names, |name| {
        let search = PeopleSearch { name: name.clone(), shelter: None, limit: 20 };
        let found: PeopleFound = client.post(&format!("{base}/search"), None, &search).doing("searching")?;
        if found.people.is_empty() && found.residents.is_empty() { Err(Trouble::new("searching", "nobody was found")) } else { Ok(()) }
    })?;
    report.time("resident_search_ms", percentile(&took, 50), Unit::Milliseconds);
    report.time("resident_search_p99_ms", percentile(&took, 99), Unit::Milliseconds);
    measure_terminal(&folder.join("desk"), &client, event, &residents, report)?;
    appliance.stop()
}

fn admit(client: &Client, base: &str, terminal: &Terminal) -> Result<(), Trouble> {
    let request = TerminalRequest {
        terminal: terminal.name.clone(),
        key: Bytes(terminal.key.public().to_bytes()),
        recipient: terminal.identity.to_public().to_string(),
        shelter: "gym".parse().doing("a shelter")?,
        event: terminal.event,
    };
    client.post::<_, TerminalView>(&format!("{base}/terminals"), None, &request).map(drop).doing("admitting a terminal")
}

fn gym() -> Result<ShelterState, Trouble> {
    Ok(ShelterState {
        shelter: "gym".parse().doing("a shelter")?,
        name: Text { ja: "体育館".to_owned(), en: "Gymnasium".to_owned() },
        address: "養父市八鹿町".to_owned(),
        district: "八鹿".to_owned(),
        position: None,
        capacity: None,
        rooms: Vec::new(),
        features: Vec::new(),
        pets: Pets::Unknown,
        state: OpenState::Open,
    })
}
