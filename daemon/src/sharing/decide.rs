//! What may be asked for and recorded: pure decisions.

use std::collections::BTreeMap;

use tachiai_schemas::roster::Need;
use tachiai_schemas::roster::disclosure::{Asked, Basis, Ground, Selection};
use tachiai_schemas::sharing::Name;
use tachiai_schemas::sharing::agency::{Agency, AgencyKind, Grant, GrantMade};
use tachiai_schemas::sharing::alert;
use tachiai_schemas::sharing::disclosed::{DisclosureRequest, Form, Sent};
use tachiai_schemas::{HashBytes, Refusal, Timestamp};

use super::state::{Consented, Event, State};
use super::{Candidate, Listed};
use crate::refused::Refused;

/// The most persons of one request.
const MAX_PERSONS: usize = 500;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// An official of the headquarters.
    Headquarters {
        /// The name.
        name: String,
    },
    /// An agency, by its certificate.
    Agency {
        /// The name.
        name: String,
    },
}

impl Asker {
    /// The name in the staff list.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Headquarters { name } | Self::Agency { name } => name,
        }
    }

    /// Whether it may have what is an agency's.
    ///
    /// # Errors
    /// [`Refusal::OtherAgency`].
    pub fn may_have(&self, agency: &Name) -> Result<(), Refused> {
        match self {
            Self::Headquarters { name: _ } => Ok(()),
            Self::Agency { name } if name == agency.as_str() => Ok(()),
            Self::Agency { name: _ } => Err(Refusal::OtherAgency.into()),
        }
    }
}

/// Holds a request against its grant, and gives what is to be asked of the rosters.
///
/// # Errors
/// What the grant does not give, each in its own words.
pub fn granted(state: &State, who: &Asker, request: &DisclosureRequest, at: Timestamp) -> Result<(Agency, Asked), Refused> {
    let DisclosureRequest { request: _, grant, agency, purpose, event, shelters, of, persons, fields, format, seen: _ } = request;
    who.may_have(agency)?;
    let agency = state.agencies.get(agency).ok_or_else(|| Refused::about(Refusal::NotFound, "agency"))?;
    let GrantMade { grant, by: _, at: _, withdrawn } = state.grants.get(grant).ok_or_else(|| Refused::about(Refusal::NotFound, "grant"))?;
    if grant.agency != agency.name {
        return Err(Refusal::OtherAgency.into());
    }
    if withdrawn.is_some() || at < grant.from || at >= grant.until {
        return Err(Refusal::GrantOver.into());
    }
    is_as_granted(agency, grant)?;
    if *purpose != grant.purpose {
        return Err(Refused::about(Refusal::PurposeNotGranted, &grant.purpose));
    }
    if grant.event.is_some_and(|granted| granted != *event) {
        return Err(Refused::about(Refusal::PersonNotGranted, "event"));
    }
    if let Some(shelter) = shelters.iter().find(|shelter| !grant.shelters.is_empty() && !grant.shelters.contains(shelter)) {
        return Err(Refused::about(Refusal::PersonNotGranted, shelter));
    }
    if !grant.of.contains(of) {
        return Err(Refused::about(Refusal::PersonNotGranted, "of"));
    }
    if let Some(field) = fields.iter().find(|field| !grant.fields.contains(field)) {
        return Err(Refused::about(Refusal::FieldNotGranted, field));
    }
    if let Some(format) = format
        && (!grant.formats.contains(format) || !format.is_for(agency.kind))
    {
        return Err(Refusal::FormatNotGranted.into());
    }
    let is_good = match of {
        Selection::Persons {} => (1..=MAX_PERSONS).contains(&persons.len()),
        Selection::Need { .. } | Selection::Everybody {} => persons.is_empty(),
    };
    if !is_good {
        return Err(Refused::about(Refusal::SharingInvalid, format!("persons: 1 to {MAX_PERSONS} where persons are asked for, else none")));
    }
    let asked = Asked {
        agency: agency.name.to_string(),
        purpose: grant.purpose.clone(),
        basis: grant.basis,
        shelters: if shelters.is_empty() { grant.shelters.clone() } else { shelters.clone() },
        of: *of,
        persons: persons.clone(),
        fields: if fields.is_empty() { grant.fields.clone() } else { fields.clone() },
    };
    Ok((agency.clone(), asked))
}

/// Why somebody is withheld; `None` if the basis covers the person. `consented` is what the person said of agencies of this kind.
#[must_use]
pub fn ground(basis: Basis, candidate: &Candidate<'_>, kind: AgencyKind, consented: &[AgencyKind]) -> Option<Ground> {
    match basis {
        Basis::Consent => (!consented.contains(&kind)).then_some(Ground::NoConsent),
        Basis::ActionSupport => {
            let is_covered = candidate.listed == Listed::Yes || candidate.person.needs.contains(&Need::Support);
            (!is_covered).then_some(Ground::NotCovered)
        }
        Basis::AffectedLedger | Basis::VitalEmergency => None,
    }
}

/// Whether people of a grant were pulled after this moment.
#[must_use]
pub fn pulled_since(state: &State, grant: &Name, moment: Timestamp) -> bool {
    let is_pull = |form: &Form| form.sent == Sent::Pulled;
    state.disclosed.values().any(|made| made.at > moment && made.disclosed.grant == *grant && made.disclosed.form.as_ref().is_some_and(is_pull))
}

/// What somebody said last who stands in consents under these names.
#[must_use]
pub fn said_last<'a>(consents: &'a BTreeMap<HashBytes, Consented>, names: &[HashBytes]) -> Option<&'a Consented> {
    names.iter().filter_map(|name| consents.get(name)).max_by_key(|consented| consented.seq)
}

/// The entries of a consent: what was said further under other names of the person is cut to it, and what is said stands last, so that it holds.
#[must_use]
pub fn consented(consents: &BTreeMap<HashBytes, Consented>, person: HashBytes, names: &[HashBytes], kinds: &[AgencyKind], by: Option<&str>) -> Vec<Event> {
    let by = by.map(str::to_owned);
    let cut = names.iter().filter(|name| **name != person).filter_map(|name| {
        let further = &consents.get(name)?.kinds;
        let left: Vec<AgencyKind> = further.iter().copied().filter(|kind| kinds.contains(kind)).collect();
        (left != *further).then(|| Event::Consented { person: *name, kinds: left, by: by.clone() })
    });
    cut.chain([Event::Consented { person, kinds: kinds.to_vec(), by: by.clone() }]).collect()
}

/// Whether entries may follow everything before them.
///
/// # Errors
/// Why not.
pub fn may_record(state: &State, at: Timestamp, events: &[Event]) -> Result<(), Refusal> {
    events.iter().try_for_each(|event| match event {
        Event::AgencySet { .. }
        | Event::Accessed { .. }
        | Event::Consented { .. }
        | Event::StepsConsented { .. }
        | Event::Previewed { .. }
        | Event::HistoryRead { .. }
        | Event::WarningTold { .. }
        | Event::WarningGone { .. }
        | Event::WarningsSilent(_)
        | Event::WarningsHeard {} => Ok(()),
        // It may have been withdrawn while the platform was asked.
        Event::StepsTaken { person, file: _ } => state.steps.get(person).map(drop).ok_or(Refusal::NotFound),
        Event::Granted { by: _, grant } => may_grant(state, grant),
        Event::GrantWithdrawn { by: _, grant } => state.grants.get(grant).map(drop).ok_or(Refusal::NotFound),
        Event::Disclosed(disclosed) if state.disclosed.contains_key(&disclosed.request) => Err(Refusal::RequestReused),
        // It may have been withdrawn while the bundle was made.
        Event::Disclosed(disclosed) => match state.grants.get(&disclosed.grant) {
            Some(made) if made.withdrawn.is_none() => Ok(()),
            _ => Err(Refusal::GrantOver),
        },
        Event::Alerted { agency, .. } => known(state, agency),
        Event::AlertRead { alert } | Event::AlertFoundNothing { alert } => match state.alerts.get(alert) {
            Some(standing) if at <= standing.at.plus(alert::OPEN) => Ok(()),
            Some(_) => Err(Refusal::AlertOver),
            None => Err(Refusal::NotFound),
        },
    })
}

/// Whether a grant may follow everything before it.
///
/// # Errors
/// [`Refusal::GrantTaken`], [`Refusal::AgencyChanged`], [`Refusal::FormatNotGranted`], [`Refusal::NotFound`] for an agency that there is not.
pub fn may_grant(state: &State, grant: &Grant) -> Result<(), Refusal> {
    if state.grants.contains_key(&grant.name) {
        return Err(Refusal::GrantTaken);
    }
    let agency = state.agencies.get(&grant.agency).ok_or(Refusal::NotFound)?;
    is_as_granted(agency, grant)?;
    if grant.formats.iter().all(|format| format.is_for(agency.kind)) { Ok(()) } else { Err(Refusal::FormatNotGranted) }
}

/// One official enters an agency anew; what two granted does not go there.
fn is_as_granted(agency: &Agency, grant: &Grant) -> Result<(), Refusal> {
    if (agency.kind, &agency.recipient) == (grant.kind, &grant.recipient) { Ok(()) } else { Err(Refusal::AgencyChanged) }
}

fn known(state: &State, agency: &Name) -> Result<(), Refusal> {
    state.agencies.get(agency).map(drop).ok_or(Refusal::NotFound)
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;
    use tachiai_schemas::roster::person::Identified;
    use tachiai_schemas::roster::{ChainId, EventId, Person, Stay};
    use tachiai_schemas::sharing::agency::Format;
    use tachiai_schemas::sharing::disclosed::Disclosed;
    use tachiai_schemas::{Bytes, Timestamp};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_800_000_000).unwrap().plus(seconds)
    }

    fn agency(name: &str) -> Agency {
        Agency { name: name.parse().unwrap(), kind: AgencyKind::Fire, recipient: "age1".to_owned(), contact: "119".to_owned() }
    }

    /// A grant of an hour to the fire service, for those in need of care in one shelter.
    fn standing() -> (State, DisclosureRequest) {
        let event = EventId::generate(&mut OsRng);
        let of = Selection::Need { need: Need::Care };
        let grant = Grant {
            name: "care".parse().unwrap(),
            agency: "fire".parse().unwrap(),
            kind: AgencyKind::Fire,
            recipient: "age1".to_owned(),
            purpose: "搬送".to_owned(),
            basis: Basis::AffectedLedger,
            event: Some(event),
            shelters: vec!["gym".parse().unwrap()],
            of: vec![of],
            fields: vec!["birth".to_owned(), "name".to_owned()],
            formats: vec![Format::Csv],
            from: at(0),
            until: at(3600),
        };
        let mut state = State::default();
        for name in ["fire", "hospital"] {
            state.apply(0, at(0), &Event::AgencySet { by: "甲".to_owned(), agency: agency(name) });
        }
        state.apply(1, at(0), &Event::Granted { by: ["甲".to_owned(), "乙".to_owned()], grant: grant.clone() });
        let request = DisclosureRequest {
            request: Bytes([1; 16]),
            grant: grant.name,
            agency: grant.agency,
            purpose: grant.purpose,
            event,
            shelters: vec![],
            of,
            persons: vec![],
            fields: vec![],
            format: None,
            seen: None,
        };
        (state, request)
    }

    #[test]
    fn what_is_left_open_is_what_the_grant_gives_and_nothing_beyond_it_is_given() {
        let (state, request) = standing();
        let headquarters = Asker::Headquarters { name: "甲".to_owned() };
        let refused = |request: &DisclosureRequest, at| granted(&state, &headquarters, request, at).err().map(|refused| refused.refusal);
        let (_, asked) = granted(&state, &headquarters, &request, at(0)).unwrap();
        assert_eq!((asked.shelters.len(), asked.fields), (1, vec!["birth".to_owned(), "name".to_owned()]));
        assert_eq!(refused(&request, at(-1)), Some(Refusal::GrantOver));
        assert_eq!(refused(&request, at(3599)), None);
        assert_eq!(refused(&request, at(3600)), Some(Refusal::GrantOver));
        let bad = [
            (Refusal::PersonNotGranted, DisclosureRequest { event: EventId::generate(&mut OsRng), ..request.clone() }),
            (Refusal::PersonNotGranted, DisclosureRequest { shelters: vec!["hall".parse().unwrap()], ..request.clone() }),
            (Refusal::PersonNotGranted, DisclosureRequest { of: Selection::Persons {}, persons: vec![ChainId([1; 16])], ..request.clone() }),
            (Refusal::FieldNotGranted, DisclosureRequest { fields: vec!["phone".to_owned()], ..request.clone() }),
            (Refusal::FormatNotGranted, DisclosureRequest { format: Some(Format::Fhir), ..request.clone() }),
            (Refusal::PurposeNotGranted, DisclosureRequest { purpose: "訓練".to_owned(), ..request.clone() }),
            (Refusal::OtherAgency, DisclosureRequest { agency: "hospital".parse().unwrap(), ..request.clone() }),
        ];
        for (refusal, request) in &bad {
            assert_eq!(refused(request, at(0)), Some(*refusal));
        }
        assert_eq!(refused(&DisclosureRequest { format: Some(Format::Csv), ..request.clone() }, at(0)), None);
        let hospital = Asker::Agency { name: "hospital".to_owned() };
        assert_eq!(granted(&state, &hospital, &request, at(0)).err().map(|refused| refused.refusal), Some(Refusal::OtherAgency));
    }

    #[test]
    fn what_two_granted_does_not_go_where_one_official_sends_the_agency_afterwards() {
        let (standing, request) = standing();
        let headquarters = Asker::Headquarters { name: "甲".to_owned() };
        let set = |agency: Agency| {
            let mut state = standing.clone();
            state.apply(2, at(1), &Event::AgencySet { by: "甲".to_owned(), agency });
            state
        };
        let grant = Grant { name: "more".parse().unwrap(), ..standing.grants.values().next().unwrap().grant.clone() };
        for changed in [Agency { recipient: "age2".to_owned(), ..agency("fire") }, Agency { kind: AgencyKind::Medical, ..agency("fire") }] {
            let state = set(changed);
            assert_eq!(granted(&state, &headquarters, &request, at(2)).err().map(|refused| refused.refusal), Some(Refusal::AgencyChanged));
            assert_eq!(may_grant(&state, &grant), Err(Refusal::AgencyChanged), "it changed while the second official decided");
        }
        // Whom to call there is no part of what was granted.
        let state = set(Agency { contact: "0119".to_owned(), ..agency("fire") });
        assert!(granted(&state, &headquarters, &request, at(2)).is_ok() && may_grant(&state, &grant).is_ok());
    }

    #[test]
    fn a_grant_is_pulled_once_in_a_while_and_bundles_do_not_count() {
        let (mut state, request) = standing();
        let disclosed = |sent, id| Disclosed {
            request: Bytes([id; 16]),
            asked: Bytes([0; 32]),
            by: "fire".to_owned(),
            agency: request.agency.clone(),
            grant: request.grant.clone(),
            purpose: request.purpose.clone(),
            basis: Basis::AffectedLedger,
            event: request.event,
            shelters: vec![],
            of: request.of,
            fields: vec![],
            people: 1,
            withheld: vec![],
            plain: Bytes([0; 32]),
            form: Some(Form { format: Format::Fhir, hash: Bytes([0; 32]), sent }),
            sealed: Bytes([0; 32]),
            bytes: 1,
        };
        state.apply(2, at(10), &Event::Disclosed(disclosed(Sent::Bundle, 2)));
        assert!(!pulled_since(&state, &request.grant, at(9)));
        state.apply(3, at(10), &Event::Disclosed(disclosed(Sent::Pulled, 3)));
        assert!(pulled_since(&state, &request.grant, at(9)) && !pulled_since(&state, &request.grant, at(10)));
        assert!(!pulled_since(&state, &"other".parse().unwrap(), at(9)));
    }

    #[test]
    fn a_basis_covers_whom_the_law_covers() {
        let mut person = Person::unknown(Identified::Typed, Stay::Shelter);
        let ground = |person: &Person, basis, listed, consented: &[AgencyKind]| {
            ground(basis, &Candidate { chain: ChainId([1; 16]), citizen: None, person, listed }, AgencyKind::Fire, consented)
        };
        assert_eq!(ground(&person, Basis::Consent, Listed::Yes, &[AgencyKind::Medical]), Some(Ground::NoConsent));
        assert_eq!(ground(&person, Basis::Consent, Listed::No, &[AgencyKind::Fire]), None);
        assert_eq!(ground(&person, Basis::ActionSupport, Listed::No, &[AgencyKind::Fire]), Some(Ground::NotCovered));
        assert_eq!(ground(&person, Basis::ActionSupport, Listed::Yes, &[]), None);
        person.needs = vec![Need::Support];
        assert_eq!(ground(&person, Basis::ActionSupport, Listed::No, &[]), None);
        assert_eq!(ground(&person, Basis::AffectedLedger, Listed::No, &[]), None);
    }

    #[test]
    fn what_was_withdrawn_holds_under_no_other_name_of_the_person_when_one_is_gone() {
        use AgencyKind::{Fire, Medical};
        let (at_desk, citizen, other) = (Bytes([1; 32]), Bytes([2; 32]), Bytes([3; 32]));
        let mut state = State::default();
        let mut seq = 0;
        let mut say = |state: &mut State, person, names: &[HashBytes], kinds: &[AgencyKind]| {
            for event in consented(&state.consents, person, names, kinds, None) {
                seq += 1;
                state.apply(seq, at(0), &event);
            }
        };
        let said = |state: &State, names: &[HashBytes]| said_last(&state.consents, names).map(|consented| consented.kinds.clone());
        let names = [citizen, other, at_desk];
        say(&mut state, at_desk, &names, &[Fire, Medical]);
        say(&mut state, other, &[other], &[Medical]);
        assert_eq!(said(&state, &names), Some(vec![Medical]));
        // It is withdrawn at home: neither the handle nor the other ID consents any more when the key of the citizen is destroyed.
        say(&mut state, citizen, &names, &[]);
        for left in [&names[..], &[other, at_desk], &[at_desk], &[other]] {
            assert_eq!(said(&state, left), Some(Vec::new()), "{left:?}");
        }
        // What is consented to under one name stands under that one alone.
        say(&mut state, citizen, &names, &[Fire]);
        assert_eq!((said(&state, &names), said(&state, &[other, at_desk])), (Some(vec![Fire]), Some(Vec::new())));
    }

    #[test]
    fn an_alert_can_be_read_for_a_quarter_of_an_hour_and_a_grant_is_made_once() {
        let (mut state, _) = standing();
        let alert = Bytes([7; 16]);
        let event = EventId::generate(&mut OsRng);
        let alerted = Event::Alerted { alert, agency: "fire".parse().unwrap(), event, sealed: tachiai_schemas::Blob(vec![]) };
        let tried = [Event::AlertRead { alert }, Event::AlertFoundNothing { alert }];
        let recorded = |state: &State, seconds| tried.each_ref().map(|event| may_record(state, at(seconds), std::slice::from_ref(event)));
        assert_eq!(recorded(&state, 0), [Err(Refusal::NotFound); 2]);
        state.apply(2, at(10), &alerted);
        assert_eq!(recorded(&state, 10 + alert::OPEN), [Ok(()); 2]);
        assert_eq!(recorded(&state, 11 + alert::OPEN), [Err(Refusal::AlertOver); 2]);
        let grant = state.grants.values().next().unwrap().grant.clone();
        let by = ["乙".to_owned(), "丙".to_owned()];
        assert_eq!(may_record(&state, at(0), &[Event::Granted { by: by.clone(), grant: grant.clone() }]), Err(Refusal::GrantTaken));
        // What treats people goes to nobody else, also where the agency became another kind after the grant.
        let welfare = Agency { kind: AgencyKind::Welfare, ..agency("office") };
        state.apply(3, at(11), &Event::AgencySet { by: "甲".to_owned(), agency: welfare });
        let kind = AgencyKind::Welfare;
        let fhir = Grant { name: "fhir".parse().unwrap(), agency: "office".parse().unwrap(), kind, formats: vec![Format::Fhir], ..grant };
        assert_eq!(may_record(&state, at(0), &[Event::Granted { by, grant: fhir }]), Err(Refusal::FormatNotGranted));
    }
}
