//! Citizen IDs (養父市民ID) at a counter: issue, what is known, loss and replacement, and a pseudonym for each service.
//!
//! An ID is issued to whoever has no card by what the resident register says. The person is found by the same keyed hash as by a card ([`super::Indexer::person`]):
//! a card that is bound later goes to the same ID, and whoever has a card already gets the ID that they have.
//!
//! **Codes.** What is printed is a code; the first is the ID itself. A code that was lost is refused from the moment in which that is recorded, and the new one
//! leads to the same person.
//!
//! **Two IDs of one person.** Where two officials find that ([`super::links`]), the codes of both lead to the one that goes on, and a service is told its pseudonym with that
//! of the other as an alias.
//!
//! **Pseudonyms.** A service knows a citizen by `PRF(key of the service, secret of the ID)`, here HMAC-SHA-256 (RFC 2104, FIPS 198-1), cut to 128 bits; the secret is
//! H(`pseudonym-person`; key of the ID). It is a PRF as long as SHA-256's compression function is one (Bellare, "New Proofs for NMAC and HMAC", CRYPTO 2006): without the
//! key of the service nobody tells a pseudonym from chance, so two services cannot find out that they serve the same person; and once the key of the ID is destroyed
//! nobody does who has the service's either, so an erased person's pseudonyms lead to nobody. The services' keys lie in the vault as `pseudonym-SERVICE`, and are made on
//! first use. Among 30,000 citizens two have the same pseudonym with a probability below 2^-99.

use std::collections::BTreeSet;

use rand_core::OsRng;
use ring::hmac;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use tachiai_crypto::election::roll::{self, Sex};
use tachiai_crypto::labels;
use tachiai_schemas::identity::citizen::{Alias, Before, BoundCard, CitizenIssued, CitizenPerson, CitizenView, LostCode, ServicePseudonym};
use tachiai_schemas::roll::Day;
use tachiai_schemas::sharing::access::How;
use tachiai_schemas::{CitizenId, Refusal, Timestamp};
use zeroize::Zeroizing;

use super::decide::{Issue, NoCode, Replace};
use super::state::{Event, State};
use super::{Identity, Registered, random_citizen};
use crate::looks::Told;
use crate::refused::Refused;
use crate::vault::{Aad, Key};

/// The most characters of a name or an address.
const MAX: usize = 200;

/// What is sealed of somebody who has no card.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Issued {
    person: CitizenPerson,
}

impl From<NoCode> for Refused {
    fn from(no: NoCode) -> Self {
        match no {
            NoCode::Unknown => Refusal::NotFound.into(),
            NoCode::Lost(at) => Self::about(Refusal::CitizenCodeLost, format!("since {at}")),
            NoCode::Taken => Refusal::Busy.into(),
        }
    }
}

impl Identity {
    /// Issues an ID to somebody; whoever has one keeps it.
    ///
    /// # Errors
    /// [`Refusal::CitizenInvalid`] with the field; [`Refusal::Busy`].
    pub async fn issue(&self, by: &str, person: CitizenPerson) -> Result<CitizenIssued, Refused> {
        let hash = check(&person)?;
        let index = self.indexer.person(&hash);
        if let Some(citizen) = self.read(|state| state.person(&index)) {
            return Ok(CitizenIssued { citizen, code: self.read(|state| state.code(citizen)), before: Before::Known });
        }
        let citizen = random_citizen();
        self.vault.create_citizen(citizen, &mut OsRng).map_err(|error| Refused::fault("making a citizen's key", error))?;
        let sealed = self.seal(citizen, &issued_aad(citizen), &Issued { person })?;
        let issue = Issue { at: self.clock.now(), citizen, person: index, by: by.to_owned(), sealed };
        let known = self.register.issue(issue).await?;
        let before = if known == citizen { Before::New } else { Before::Known };
        Ok(CitizenIssued { citizen: known, code: self.read(|state| state.code(known)), before })
    }

    /// What is known of the person to whom a code leads. That it was looked at is recorded first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::CitizenCodeLost`].
    pub async fn show(&self, by: &str, code: CitizenId) -> Result<CitizenView, Refused> {
        let citizen = self.read(|state| state.resolve(code))?;
        let view = self.view(citizen)?;
        self.looked(by, How::Citizen, citizen).await?;
        Ok(view)
    }

    /// What is known of somebody, by the ID that goes on.
    pub(super) fn view(&self, citizen: CitizenId) -> Result<CitizenView, Refused> {
        let person = self.person_of(citizen)?;
        let others = self.read(|state| state.ids(citizen)).into_iter().skip(1);
        let alias = |other| {
            let person = self.person_under(other)?;
            let (alias, code) = self.read(|state| (state.aliases.get(&other).cloned(), state.code(other)));
            let super::state::Alias { of: _, at, by } = alias.ok_or(Refusal::ChangedSince)?;
            Ok(Alias { citizen: other, code, person, at, by })
        };
        let aliases = others.map(alias).collect::<Result<Vec<_>, Refused>>()?;
        Ok(self.read(|state| CitizenView {
            citizen,
            code: state.code(citizen),
            person,
            cards: {
                let mut cards: Vec<BoundCard> = state.cards_of(citizen).iter().filter_map(|(card, _)| Some(BoundCard { at: state.binding(card)?.1 })).collect();
                cards.sort_by_key(|card| card.at);
                cards
            },
            lost: state.lost_codes(citizen).map(|(code, at, by)| LostCode { code, at, by: by.to_owned() }).collect(),
            aliases,
        }))
    }

    /// Records that a code was lost, and gives the one that takes its place. The person stays the same.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::CitizenCodeLost`] if it was lost before.
    pub async fn lose(&self, by: &str, lost: CitizenId) -> Result<CitizenIssued, Refused> {
        let code = random_citizen();
        let citizen = self.register.replace(Replace { at: self.clock.now(), lost, code, by: by.to_owned() }).await??;
        tracing::info!("a citizen's code was lost and replaced");
        Ok(CitizenIssued { citizen, code, before: Before::Known })
    }

    /// By what a service knows the person to whom a code leads. That it was looked up is recorded first.
    ///
    /// # Errors
    /// [`Refusal::CitizenInvalid`] for what is no name of a service; as [`Self::show`].
    pub async fn pseudonym(&self, by: &str, code: CitizenId, service: &str) -> Result<ServicePseudonym, Refused> {
        let citizen = self.read(|state| state.resolve(code))?;
        let pseudonym = self.make_pseudonym(citizen, service)?;
        self.looked(by, How::Pseudonym, citizen).await?;
        Ok(pseudonym)
    }

    /// By what a service knows somebody, and by what it did before IDs were found to be of one person, for the appliance's own asking.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for whom there is no key.
    pub fn pseudonyms_of(&self, citizen: CitizenId, service: &str) -> Result<Vec<String>, Refused> {
        let survivor = self.read(|state| state.survivor(citizen));
        let ServicePseudonym { service: _, pseudonym, aliases } = self.make_pseudonym(survivor, service)?;
        Ok(std::iter::once(pseudonym).chain(aliases).collect())
    }

    /// Records that an official looked at somebody, in the journal and for the person.
    async fn looked(&self, by: &str, how: How, citizen: CitizenId) -> Result<(), Refused> {
        let told = vec![Told { handle: None, citizen: Some(citizen) }];
        tokio::try_join!(self.register.looked(self.clock.now(), citizen, by.to_owned()), self.looks.looked(by, how, None, told)).map(drop)
    }

    fn make_pseudonym(&self, citizen: CitizenId, service: &str) -> Result<ServicePseudonym, Refused> {
        let doing = "making a pseudonym";
        let good = (1..=32).contains(&service.len()) && service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !good {
            return Err(Refused::about(Refusal::CitizenInvalid, "service: 1 to 32 small letters, digits and hyphens"));
        }
        // Two at once must not make two keys.
        let _one = self.pseudonyms.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let name = format!("pseudonym-{service}");
        let key = match self.vault.get_secret(&name).map_err(|error| Refused::fault(doing, error))? {
            Some(key) => key,
            None => {
                let new = Key::random(&mut OsRng);
                self.vault.put_secret(&name, new.expose(), &mut OsRng).map_err(|error| Refused::fault(doing, error))?;
                Zeroizing::new(new.expose().to_vec())
            }
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let pseudonym = |citizen: CitizenId| {
            let secret = self.vault.secret_for(citizen, labels::hash::PSEUDONYM).map_err(|error| Refused::fault(doing, error))?.ok_or(Refusal::NotFound)?;
            let tag = hmac::sign(&key, secret.as_bytes());
            Ok(data_encoding::BASE32_NOPAD.encode(tag.as_ref().get(..16).unwrap_or_default()).to_ascii_lowercase())
        };
        let aliases = self.read(|state| state.ids(citizen)).into_iter().skip(1).map(pseudonym).collect::<Result<_, Refused>>()?;
        Ok(ServicePseudonym { service: service.to_owned(), pseudonym: pseudonym(citizen)?, aliases })
    }

    /// Who somebody is, by the card that was bound last, else as the ID was issued.
    fn person_of(&self, citizen: CitizenId) -> Result<CitizenPerson, Refused> {
        match self.read(|state| state.citizen(citizen)) {
            Some(known) => self.named_by(known),
            None => self.person_under(citizen),
        }
    }

    fn named_by(&self, known: super::state::Citizen) -> Result<CitizenPerson, Refused> {
        let Registered { name, birth_date, sex, address } = self.bound::<IgnoredAny>(known.latest)?.attributes;
        Ok(CitizenPerson { name, birth_date: iso(&birth_date), sex, address })
    }

    /// The same by what stands under one ID alone.
    fn person_under(&self, citizen: CitizenId) -> Result<CitizenPerson, Refused> {
        if let Some(known) = self.read(|state| state.own(citizen)) {
            return self.named_by(known);
        }
        let seq = self.read(|state| state.issued(citizen)).ok_or(Refusal::NotFound)?;
        let Event::CitizenIssued { citizen: _, person: _, by: _, sealed } = self.register.event(seq)? else {
            return Err(Refused::fault("reading to whom an ID was issued", format!("entry {seq} is another")));
        };
        Ok(self.open::<Issued>(citizen, &issued_aad(citizen), &sealed)?.person)
    }
}

/// The person hash of somebody, if the fields are as a register writes them.
fn check(person: &CitizenPerson) -> Result<tachiai_crypto::hash::Hash32, Refused> {
    let CitizenPerson { name, birth_date, sex, address } = person;
    let wrong = |what: String| Refused::about(Refusal::CitizenInvalid, what);
    for (field, text) in [("name", name), ("address", address)] {
        if text.trim().is_empty() || text.chars().count() > MAX || text.chars().any(char::is_control) {
            return Err(wrong(format!("{field}: 1 to {MAX} characters without control characters")));
        }
    }
    let day: Day = birth_date.parse().map_err(|_| wrong("birth_date: YYYY-MM-DD".to_owned()))?;
    let sex = match sex.as_str() {
        "1" => Sex::Male,
        "2" => Sex::Female,
        "3" => Sex::Unknown,
        _ => return Err(wrong("sex: 1, 2 or 3".to_owned())),
    };
    Ok(roll::hash_of_card(name, &day.to_string().replace('-', ""), sex, address))
}

/// The date in the digits of a certificate, which begin with a code of the era.
fn iso(digits: &str) -> String {
    match (digits.len(), digits.get(1..5), digits.get(5..7), digits.get(7..9)) {
        (9, Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => digits.to_owned(),
    }
}

fn issued_aad(citizen: CitizenId) -> Aad {
    Aad::new(&["appliance", "citizen-issued", &citizen.to_string()])
}

impl State {
    /// The person to whom a code leads.
    ///
    /// # Errors
    /// [`NoCode`].
    pub fn resolve(&self, code: CitizenId) -> Result<CitizenId, NoCode> {
        if let Some((_, at, _)) = self.lost.get(&code) {
            return Err(NoCode::Lost(*at));
        }
        match self.codes.get(&code) {
            Some(citizen) => Ok(self.survivor(*citizen)),
            None if self.citizens.contains_key(&code) => Ok(self.survivor(code)),
            None => Err(NoCode::Unknown),
        }
    }

    /// Under which ID a code was given out, also one that was lost; nothing for what is no code, and for whom was erased.
    #[must_use]
    pub fn whose(&self, code: CitizenId) -> Option<CitizenId> {
        let lost = self.lost.get(&code).map(|(citizen, _, _)| citizen);
        let citizen = self.codes.get(&code).or(lost).copied().unwrap_or(code);
        self.citizens.contains_key(&citizen).then_some(citizen)
    }

    /// Every ID and every code of the person who has this ID, those that were lost included.
    #[must_use]
    pub fn codes_of(&self, citizen: CitizenId) -> BTreeSet<CitizenId> {
        let ids = self.ids(citizen);
        let codes = self.codes.iter().filter(|(_, whose)| ids.contains(whose)).map(|(code, _)| *code);
        let lost = self.lost.iter().filter(|(_, (whose, _, _))| ids.contains(whose)).map(|(code, _)| *code);
        ids.iter().copied().chain(codes).chain(lost).collect()
    }

    /// The codes that lead to nobody any more, in the order in which they came to.
    #[must_use]
    pub fn refused(&self) -> &[CitizenId] {
        &self.refused
    }

    /// The code that leads to somebody now.
    #[must_use]
    pub fn code(&self, citizen: CitizenId) -> CitizenId {
        self.current.get(&citizen).copied().unwrap_or(citizen)
    }

    /// The codes of somebody that were lost, in order, each with the time and who recorded it.
    pub fn lost_codes(&self, citizen: CitizenId) -> impl Iterator<Item = (CitizenId, Timestamp, &str)> {
        let mut lost: Vec<_> = self.lost.iter().filter(|(_, (whose, _, _))| *whose == citizen).collect();
        lost.sort_by_key(|(_, (_, at, _))| *at);
        lost.into_iter().map(|(code, (_, at, by))| (*code, *at, by.as_str()))
    }

    /// The entry by which an ID was issued to somebody without a card.
    #[must_use]
    pub fn issued(&self, citizen: CitizenId) -> Option<u64> {
        self.issued.get(&citizen).copied()
    }
}
