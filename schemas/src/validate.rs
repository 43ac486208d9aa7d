//! Validation gives the path of the wrong field, and what is wrong with it, for every problem at once.

use std::collections::BTreeSet;

use tachiai_crypto::journal::{BoardKey, Origin};

use crate::election::{Authority, Choice, ContestKind, ContestOption, District, Manifest, Text, WitnessEntry, Witnesses};
use crate::paper::{Officer, OfficerRole, Place, Session, Uncontested};
use crate::spec::ElectionSpec;
use crate::{Bytes, Timestamp};

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct FieldError {
    /// The path, such as `contests[1].options[0].id`.
    pub path: String,
    /// What is wrong and what belongs there.
    pub problem: String,
}

/// The most districts of an election.
pub const MAX_DISTRICTS: usize = 4096;

/// The most contests of an election.
pub const MAX_CONTESTS: usize = 256;

/// The most options of a contest.
pub const MAX_OPTIONS: usize = 128;

/// The most positions of a contest, blanks included (PROTOCOL §7.1).
pub const MAX_POSITIONS: usize = 256;

/// The longest text that people read, in characters.
pub const MAX_TEXT: usize = 200;

/// The longest ballot in bytes: in base64url and with its frame it still fits an entry.
pub const MAX_BALLOT: usize = 45_000;

/// The most witnesses of an election.
pub const MAX_WITNESSES: usize = 16;

/// The most polling places of an election.
pub const MAX_PLACES: usize = 256;

/// The most officers of a place, the manager included.
pub const MAX_OFFICERS: usize = 11;

/// The most days of a place.
pub const MAX_SESSIONS: usize = 64;

/// The least `min_unit` of an election with legal effect.
pub const LEAST_MIN_UNIT: u32 = 10;

impl ElectionSpec {
    /// Checks everything that can be wrong in a specification.
    ///
    /// # Errors
    /// Every [`FieldError`], in the order of the fields.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let Self {
            title,
            authority,
            opens,
            online_closes,
            poll_closes,
            quorum,
            trustees,
            min_unit,
            crl: _,
            authority_recipients,
            witnesses,
            places,
            count_officers,
            districts,
            contests,
        } = self;
        let mut check = Check::default();
        check.text("title", title);
        check.times(*opens, *online_closes, *poll_closes);
        check.trustees(*quorum, usize::from(*trustees));
        check.min_unit(*authority, *min_unit);
        check.recipients("authority_recipients", authority_recipients);
        match witnesses.to_manifest() {
            Ok(witnesses) => check.witnesses(&witnesses),
            Err((place, error)) => check.wrong(format!("witnesses.keys[{place}]"), error),
        }
        check.places(places, count_officers, (*opens, *poll_closes), &mut BTreeSet::new());
        check.districts(districts);
        let held: Vec<Held<'_>> = contests
            .iter()
            .enumerate()
            .filter(|(_, contest)| contest.is_contested())
            .map(|(index, contest)| {
                let held = contest.districts.as_ref().map(|ids| {
                    let mut places = BTreeSet::new();
                    for (place, id) in ids.iter().enumerate() {
                        let path = format!("contests[{index}].districts[{place}]");
                        match districts.iter().position(|district| district.id == *id) {
                            None => check.wrong(path, format!("no district has the ID \"{id}\"")),
                            Some(position) if !places.insert(position) => check.wrong(path, format!("district \"{id}\" stands here twice")),
                            Some(_) => {}
                        }
                    }
                    places
                });
                Held {
                    index,
                    id: &contest.id,
                    title: &contest.title,
                    kind: contest.kind,
                    seats: contest.seats,
                    choose: contest.choose,
                    options: &contest.options,
                    held,
                }
            })
            .collect();
        let mut ids = BTreeSet::new();
        check.contests(&held, districts.len(), &mut ids);
        for (index, contest) in contests.iter().enumerate().filter(|(_, contest)| !contest.is_contested()) {
            let path = format!("contests[{index}]");
            check.uncontested(&path, (&contest.id, &contest.title, contest.kind, contest.seats, &contest.options), &mut ids);
        }
        check.done()
    }
}

impl Manifest {
    /// Checks everything that can be wrong in a manifest (PROTOCOL R108).
    ///
    /// # Errors
    /// Every [`FieldError`], in the order of the fields.
    pub fn validate(&self) -> Result<(), Vec<FieldError>> {
        let Self {
            election,
            origin,
            title,
            authority,
            opens,
            online_closes,
            poll_closes,
            districts,
            contests,
            uncontested,
            min_unit,
            quorum,
            trustees,
            board_key,
            authority_recipients,
            witnesses,
            places,
            count_officers,
            crl: _,
            card_anchors,
        } = self;
        let mut check = Check::default();
        let host = origin.strip_suffix(&format!("/{election}")).unwrap_or_default();
        if host.is_empty() || host.contains('/') || Origin::new(origin).is_err() {
            check.wrong("origin", "must be <host>/<election id>");
        }
        check.text("title", title);
        check.times(*opens, *online_closes, *poll_closes);
        check.districts(districts);
        let held: Vec<Held<'_>> = contests
            .iter()
            .enumerate()
            .map(|(index, contest)| {
                let held = contest.districts.as_ref().map(|places| {
                    if !places.is_sorted_by(|a, b| a < b) {
                        check.wrong(format!("contests[{index}].districts"), "must ascend and name no district twice");
                    }
                    let beyond = places.iter().position(|place| usize::from(*place) >= districts.len());
                    if let Some(at) = beyond {
                        check.wrong(format!("contests[{index}].districts[{at}]"), "no such district");
                    }
                    places.iter().map(|place| usize::from(*place)).collect()
                });
                Held {
                    index,
                    id: &contest.id,
                    title: &contest.title,
                    kind: contest.kind,
                    seats: contest.seats,
                    choose: contest.choose,
                    options: &contest.options,
                    held,
                }
            })
            .collect();
        let mut ids = BTreeSet::new();
        check.contests(&held, districts.len(), &mut ids);
        for (index, Uncontested { id, title, kind, seats, options }) in uncontested.iter().enumerate() {
            check.uncontested(&format!("uncontested[{index}]"), (id, title, *kind, *seats, options), &mut ids);
        }
        check.min_unit(*authority, *min_unit);
        check.trustees(*quorum, trustees.len());
        let mut keys = BTreeSet::new();
        let mut recipients = BTreeSet::new();
        for (index, trustee) in trustees.iter().enumerate() {
            check.line(format!("trustees[{index}].name"), &trustee.name);
            if let Err(error) = BoardKey::from_bytes(&trustee.signing_key.0) {
                check.wrong(format!("trustees[{index}].signing_key"), error);
            }
            if !keys.insert(trustee.signing_key) {
                check.wrong(format!("trustees[{index}].signing_key"), "another trustee has the same key");
            }
            check.recipient(format!("trustees[{index}].recipient"), &trustee.recipient);
            if !recipients.insert(&trustee.recipient) {
                check.wrong(format!("trustees[{index}].recipient"), "another trustee has the same recipient");
            }
        }
        if let Err(error) = BoardKey::from_bytes(&board_key.0) {
            check.wrong("board_key", error);
        }
        if keys.contains(board_key) {
            check.wrong("board_key", "is also a trustee's key");
        }
        check.recipients("authority_recipients", authority_recipients);
        check.witnesses(witnesses);
        for (index, witness) in witnesses.keys.iter().enumerate() {
            if witness.name == *origin {
                check.wrong(format!("witnesses.keys[{index}].name"), "is the board's own name");
            }
            if witness.key == *board_key || keys.contains(&witness.key) {
                check.wrong(format!("witnesses.keys[{index}].key"), "is also the board's or a trustee's key");
            }
        }
        keys.insert(*board_key);
        keys.extend(witnesses.keys.iter().map(|witness| witness.key));
        check.places(places, count_officers, (*opens, *poll_closes), &mut keys);
        if !card_anchors.is_sorted_by(|a, b| a < b) {
            check.wrong("card_anchors", "must ascend and name no certificate twice");
        }
        check.done()
    }
}

/// A contest with the positions of the districts in which it is held; `None` is all.
struct Held<'a> {
    index: usize,
    id: &'a str,
    title: &'a Text,
    kind: ContestKind,
    seats: u16,
    choose: Choice,
    options: &'a [ContestOption],
    held: Option<BTreeSet<usize>>,
}

/// The bytes that a contest takes in a ballot (PROTOCOL §7.2): the ciphertexts but the last and ρ, Bc Ac U V', the responses.
const fn contest_bytes(positions: usize) -> usize {
    // (k − 1) ciphertexts, ρ, four points and k + 1 scalars, written so that no number of positions is too small.
    positions * (64 + 32) + 4 * 32
}

/// The bytes of a ballot besides its contests: head and signature.
const BALLOT_FRAME: usize = 1 + 4 + 8 + 4 + 32 + 64;

#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    fn wrong(&mut self, path: impl Into<String>, problem: impl std::fmt::Display) {
        self.errors.push(FieldError { path: path.into(), problem: problem.to_string() });
    }

    fn done(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }

    fn text(&mut self, path: &str, text: &Text) {
        let Text { ja, en } = text;
        self.line(format!("{path}.ja"), ja);
        self.line(format!("{path}.en"), en);
    }

    fn line(&mut self, path: String, line: &str) {
        let length = line.chars().count();
        if line.trim().is_empty() {
            self.wrong(path, "must not be empty");
        } else if length > MAX_TEXT {
            self.wrong(path, format!("has {length} characters, at most {MAX_TEXT} are allowed"));
        } else if line.chars().any(char::is_control) {
            self.wrong(path, "must not hold line breaks or other control characters");
        }
    }

    fn id<'a>(&mut self, path: String, id: &'a str, seen: &mut BTreeSet<&'a str>) {
        let good = (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !good {
            self.wrong(path, format!("\"{id}\" is not an ID: 1 to 32 of a-z, 0-9 and -"));
        } else if !seen.insert(id) {
            self.wrong(path, format!("the ID \"{id}\" is used twice"));
        }
    }

    fn times(&mut self, opens: Timestamp, online_closes: Timestamp, poll_closes: Timestamp) {
        if online_closes <= opens {
            self.wrong("online_closes", "must be after opens");
        }
        if poll_closes < online_closes {
            self.wrong("poll_closes", "must not be before online_closes");
        }
    }

    fn trustees(&mut self, quorum: u8, trustees: usize) {
        if !(2..=9).contains(&trustees) {
            self.wrong("trustees", format!("{trustees} trustees where 2 to 9 are allowed"));
        }
        if usize::from(quorum) > trustees || usize::from(quorum) * 2 <= trustees {
            self.wrong("quorum", format!("{quorum} of {trustees} trustees: more than half and at most all must be needed"));
        }
    }

    fn min_unit(&mut self, authority: Authority, min_unit: u32) {
        let least = if authority == Authority::Mock { 1 } else { LEAST_MIN_UNIT };
        if min_unit < least {
            self.wrong("min_unit", format!("{min_unit} is too small: at least {least}, so that no total shows how few people voted"));
        }
    }

    fn recipients(&mut self, path: &str, recipients: &[String]) {
        if recipients.is_empty() {
            self.wrong(path, "at least one recipient is needed, or nobody could ever open the evidence");
        }
        let mut seen = BTreeSet::new();
        for (index, recipient) in recipients.iter().enumerate() {
            self.recipient(format!("{path}[{index}]"), recipient);
            if !seen.insert(recipient) {
                self.wrong(format!("{path}[{index}]"), "stands here twice");
            }
        }
    }

    fn witnesses(&mut self, witnesses: &Witnesses) {
        let Witnesses { quorum, keys } = witnesses;
        if keys.len() > MAX_WITNESSES {
            self.wrong("witnesses.keys", format!("{} witnesses where at most {MAX_WITNESSES} are allowed", keys.len()));
        }
        if usize::from(*quorum) > keys.len() || (*quorum == 0 && !keys.is_empty()) {
            self.wrong("witnesses.quorum", format!("{quorum} of {} witnesses: at least one and at most all must be needed, 0 if there are none", keys.len()));
        }
        let (mut names, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for (index, WitnessEntry { name, key }) in keys.iter().enumerate() {
            if Origin::new(name).is_err() {
                self.wrong(format!("witnesses.keys[{index}].name"), "is not the name of a key: 1 to 255 bytes, no white space, control character or +");
            }
            if !names.insert(name) {
                self.wrong(format!("witnesses.keys[{index}].name"), "another witness has the same name");
            }
            if let Err(error) = BoardKey::from_bytes(&key.0) {
                self.wrong(format!("witnesses.keys[{index}].key"), error);
            }
            if !seen.insert(key) {
                self.wrong(format!("witnesses.keys[{index}].key"), "another witness has the same key");
            }
        }
    }

    fn recipient(&mut self, path: String, recipient: &str) {
        let rest = recipient.strip_prefix("age1").unwrap_or_default();
        if rest.is_empty() || recipient.len() > 4096 || !rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            self.wrong(path, "is not an age recipient (age1…)");
        }
    }

    fn districts(&mut self, districts: &[District]) {
        if districts.is_empty() || districts.len() > MAX_DISTRICTS {
            self.wrong("districts", format!("{} districts where 1 to {MAX_DISTRICTS} are allowed", districts.len()));
        }
        let mut seen = BTreeSet::new();
        for (index, District { id, name }) in districts.iter().enumerate() {
            self.id(format!("districts[{index}].id"), id, &mut seen);
            self.text(&format!("districts[{index}].name"), name);
        }
    }

    /// The polling places and the officers of the count; `keys` are those that nobody else may have.
    fn places(&mut self, places: &[Place], count_officers: &[Officer], hours: (Timestamp, Timestamp), keys: &mut BTreeSet<Bytes<32>>) {
        if places.len() > MAX_PLACES {
            self.wrong("places", format!("{} places where at most {MAX_PLACES} are allowed", places.len()));
        }
        let mut ids = BTreeSet::new();
        let mut people: BTreeSet<Bytes<32>> = count_officers.iter().map(|officer| officer.key).collect();
        for (index, Place { id, name, kind: _, key, officers, sessions, offline: _ }) in places.iter().enumerate() {
            let path = format!("places[{index}]");
            self.id(format!("{path}.id"), id, &mut ids);
            self.text(&format!("{path}.name"), name);
            self.key(format!("{path}.key"), key);
            if !keys.insert(*key) {
                self.wrong(format!("{path}.key"), "somebody else has the same key");
            }
            self.officers(&format!("{path}.officers"), officers);
            people.extend(officers.iter().map(|officer| officer.key));
            self.sessions(&format!("{path}.sessions"), sessions, hours);
        }
        if !places.is_empty() || !count_officers.is_empty() {
            self.officers("count_officers", count_officers);
        }
        if let Some(key) = people.intersection(keys).next() {
            let whose = places.iter().flat_map(|place| &place.officers).chain(count_officers).find(|officer| officer.key == *key);
            let name = whose.map_or("", |officer| officer.name.as_str());
            self.wrong("places", format!("the key of {name} is also a place's, a trustee's, a witness's or the board's"));
        }
    }

    fn officers(&mut self, path: &str, officers: &[Officer]) {
        if !(2..=MAX_OFFICERS).contains(&officers.len()) {
            self.wrong(path, format!("{} officers where 2 to {MAX_OFFICERS} are allowed", officers.len()));
        }
        if officers.iter().filter(|officer| officer.role == OfficerRole::Manager).count() != 1 {
            self.wrong(path, "exactly one is the manager");
        }
        let mut keys = BTreeSet::new();
        for (index, Officer { name, role: _, key }) in officers.iter().enumerate() {
            self.line(format!("{path}[{index}].name"), name);
            self.key(format!("{path}[{index}].key"), key);
            if !keys.insert(key) {
                self.wrong(format!("{path}[{index}].key"), "another officer of the same place has the same key");
            }
        }
    }

    fn key(&mut self, path: String, key: &Bytes<32>) {
        if let Err(error) = BoardKey::from_bytes(&key.0) {
            self.wrong(path, error);
        }
    }

    fn sessions(&mut self, path: &str, sessions: &[Session], (opens, closes): (Timestamp, Timestamp)) {
        if sessions.is_empty() || sessions.len() > MAX_SESSIONS {
            self.wrong(path, format!("{} sessions where 1 to {MAX_SESSIONS} are allowed", sessions.len()));
        }
        let mut before = None;
        for (index, session) in sessions.iter().enumerate() {
            let path = format!("{path}[{index}]");
            if session.closes <= session.opens {
                self.wrong(format!("{path}.closes"), "must be after opens");
            }
            if session.opens < opens || session.closes > closes {
                self.wrong(path.clone(), "must lie within opens and poll_closes of the election");
            }
            if before.is_some_and(|before| session.opens <= before) {
                self.wrong(path, "must begin after the one before has ended");
            }
            before = Some(session.closes);
        }
    }

    fn uncontested<'a>(
        &mut self,
        path: &str,
        (id, title, kind, seats, options): (&'a String, &'a Text, ContestKind, u16, &'a [ContestOption]),
        seen: &mut BTreeSet<&'a str>,
    ) {
        self.id(format!("{path}.id"), id, seen);
        self.text(&format!("{path}.title"), title);
        let fits = match kind {
            ContestKind::Mayor => seats == 1,
            ContestKind::Council => seats >= 1,
            ContestKind::Referendum => false,
        };
        if !fits {
            self.wrong(format!("{path}.seats"), format!("{seats} seats do not fit: 1 for a mayor, at least 1 for a council; a referendum has a poll"));
        }
        if options.len() > usize::from(seats) {
            self.wrong(format!("{path}.options"), "more candidates than seats: there is a poll");
        }
        self.options(path, options);
    }

    fn options(&mut self, path: &str, options: &[ContestOption]) {
        let mut seen = BTreeSet::new();
        for (index, ContestOption { id, name }) in options.iter().enumerate() {
            self.id(format!("{path}.options[{index}].id"), id, &mut seen);
            self.text(&format!("{path}.options[{index}].name"), name);
        }
    }

    fn contests<'a>(&mut self, contests: &[Held<'a>], districts: usize, seen: &mut BTreeSet<&'a str>) {
        if contests.is_empty() || contests.len() > MAX_CONTESTS {
            self.wrong("contests", format!("{} contests where 1 to {MAX_CONTESTS} are allowed", contests.len()));
        }
        for contest in contests {
            self.contest(&format!("contests[{}]", contest.index), contest, seen);
        }
        let mut lengths = vec![BALLOT_FRAME; districts];
        for contest in contests {
            let bytes = contest_bytes(contest.positions());
            for (district, length) in lengths.iter_mut().enumerate() {
                if contest.held.as_ref().is_none_or(|held| held.contains(&district)) {
                    *length += bytes;
                }
            }
        }
        for (district, length) in lengths.into_iter().enumerate() {
            if length == BALLOT_FRAME && !contests.is_empty() {
                self.wrong(format!("districts[{district}]"), "no contest is held in it");
            } else if length > MAX_BALLOT {
                self.wrong(format!("districts[{district}]"), format!("its ballots would have {length} bytes, at most {MAX_BALLOT} are allowed"));
            }
        }
    }

    fn contest<'a>(&mut self, path: &str, contest: &Held<'a>, seen: &mut BTreeSet<&'a str>) {
        let Held { index: _, id, title, kind, seats, choose, options, held } = contest;
        self.id(format!("{path}.id"), id, seen);
        self.text(&format!("{path}.title"), title);
        let fits = match kind {
            ContestKind::Mayor => *seats == 1,
            ContestKind::Council => *seats >= 1 && usize::from(*seats) < options.len(),
            ContestKind::Referendum => *seats == 0,
        };
        if !fits {
            self.wrong(
                format!("{path}.seats"),
                format!("{seats} seats do not fit: 1 for a mayor, at least 1 and fewer than the options for a council, 0 for a referendum"),
            );
        }
        let (Choice::Exactly(number) | Choice::UpTo(number)) = choose;
        if *number == 0 || usize::from(*number) > options.len() {
            self.wrong(format!("{path}.choose"), format!("{number} of {} options cannot be chosen", options.len()));
        } else if contest.positions() > MAX_POSITIONS {
            self.wrong(format!("{path}.choose"), format!("options and blanks together are more than {MAX_POSITIONS}"));
        }
        if !(2..=MAX_OPTIONS).contains(&options.len()) {
            self.wrong(format!("{path}.options"), format!("{} options where 2 to {MAX_OPTIONS} are allowed", options.len()));
        }
        self.options(path, options);
        if held.as_ref().is_some_and(BTreeSet::is_empty) {
            self.wrong(format!("{path}.districts"), "a contest is held in at least one district");
        }
    }
}

impl Held<'_> {
    fn positions(&self) -> usize {
        match self.choose {
            Choice::Exactly(_) => self.options.len(),
            Choice::UpTo(most) => self.options.len() + usize::from(most),
        }
    }
}

#[cfg(test)]
mod tests;
