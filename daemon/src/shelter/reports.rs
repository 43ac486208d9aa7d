//! What the headquarters see over all shelters: who of the action-support list has not arrived, meals by allergy, and what shelters report of themselves.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rand_core::OsRng;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::pen::Pen;
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::roster::report::{HealthCounts, Note};
use tachiai_schemas::roster::{AgeBand, Body, ChainId, Entry, Hlc, Need, Person, Report, ReportEntry, ShelterId, SignedEntry};
use tachiai_schemas::shelter::Resident;
use tachiai_schemas::shelter::overview::{
    Meals, MealsWithout, Missing, MissingOfDistrict, MissingPerson, ReportContent, ReportOpened, ReportRequest, ReportView,
};
use tachiai_schemas::shelter::reading::key;
use tachiai_schemas::shelter::support::Listed;
use tachiai_schemas::{CitizenId, HashBytes, Refusal};

use super::kept::{Kept, LookedBy};
use super::ledger::Published;
use super::{Event, offload};
use crate::refused::Refused;

pub mod routes;

/// Whether what is sealed is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// Notes and treatments: the headquarters.
    All,
    /// Notes alone: a reception.
    Notes,
}

/// Everybody who came to any shelter, by all that tells who it is.
#[derive(Default)]
struct Arrived {
    handles: HashSet<ChainId>,
    numbers: HashSet<String>,
    citizens: HashSet<CitizenId>,
    names: HashSet<(String, Day)>,
    unopened: u64,
}

impl Arrived {
    fn of(published: &Published) -> Self {
        let mut arrived = Self::default();
        for group in published.roster.groups() {
            arrived.handles.extend(&group.handles);
            let Some(person) = published.people.person(&group.latest.moment.hash) else {
                arrived.unopened += 1;
                continue;
            };
            let Person { name, name_jis, birth, resident, citizen, .. } = &**person;
            arrived.numbers.extend(resident.clone());
            arrived.citizens.extend(*citizen);
            if let Birth::Day(day) = birth {
                arrived.names.extend([Some(name), name_jis.as_ref()].into_iter().flatten().map(|name| (key(name), *day)));
            }
        }
        arrived
    }

    fn has_named(&self, names: &[Option<&String>], birth: Option<Day>) -> bool {
        let names = names.iter().flatten().filter(|name| !name.is_empty());
        birth.is_some_and(|birth| names.into_iter().any(|name| self.names.contains(&(key(name), birth))))
    }

    fn has(&self, event: &Event, resident: &Resident) -> bool {
        self.handles.contains(&event.handle_of_resident(&resident.number))
            || self.numbers.contains(&resident.number)
            || resident.citizen.is_some_and(|citizen| self.citizens.contains(&citizen) || self.handles.contains(&event.handle_of_citizen(&citizen)))
            || self.has_named(&[Some(&resident.name), resident.name_jis.as_ref()], resident.birth)
    }
}

/// Somebody who is missing, as far as may be said. Who is under protection is told by number alone: the resident system has the rest.
fn missing_person(resident: &Resident) -> Option<MissingPerson> {
    let support = resident.support.clone()?;
    let number = resident.number.clone();
    Some(match resident.protection {
        Protection::Open => MissingPerson {
            number,
            name: resident.name.clone(),
            kana: resident.kana.clone(),
            birth: resident.birth,
            address: resident.address.clone(),
            support,
            protection: Protection::Open,
        },
        Protection::Protected => {
            let support = tachiai_schemas::shelter::Support { phone: String::new(), helper: String::new(), ..support };
            MissingPerson { number, name: String::new(), kana: String::new(), birth: None, address: String::new(), support, protection: Protection::Protected }
        }
    })
}

impl Event {
    /// Who of the action-support list has not arrived, by district. Whoever reads it is recorded with everybody who was shown.
    ///
    /// # Errors
    /// As for every note.
    pub async fn missing(self: &Arc<Self>, by: &str) -> Result<Missing, Refused> {
        let this = Arc::clone(self);
        let (missing, handles) = offload(move || Ok(this.find_missing())).await?;
        self.looked(by, LookedBy::Missing, handles).await?;
        Ok(missing)
    }

    fn find_missing(&self) -> (Missing, Vec<ChainId>) {
        let arrived = Arrived::of(&self.published());
        let mut districts: BTreeMap<String, MissingOfDistrict> = BTreeMap::new();
        let mut handles = Vec::new();
        let mut tell = |district: &str, person: Option<MissingPerson>| {
            let of = districts.entry(district.to_owned()).or_insert_with(|| MissingOfDistrict {
                district: district.to_owned(),
                listed: 0,
                arrived: 0,
                missing: Vec::new(),
            });
            of.listed += 1;
            match person {
                Some(person) => of.missing.push(person),
                None => of.arrived += 1,
            }
        };
        for resident in self.register.residents().all().iter().filter(|resident| resident.support.is_some()) {
            let is_missing = !arrived.has(self, resident);
            if is_missing {
                handles.push(self.handle_of_resident(&resident.number));
            }
            tell(&resident.district, is_missing.then(|| missing_person(resident)).flatten());
        }
        for Listed { line: _, number, name, birth, address, district, support } in self.register.strangers().iter() {
            let came = arrived.numbers.contains(number) || arrived.has_named(&[Some(name)], *birth);
            let person = MissingPerson {
                number: number.clone(),
                name: name.clone(),
                kana: String::new(),
                birth: *birth,
                address: address.clone(),
                support: support.clone(),
                protection: Protection::Open,
            };
            tell(district, (!came).then_some(person));
        }
        (Missing { districts: districts.into_values().collect(), unopened: arrived.unopened }, handles)
    }

    /// The meals of each shelter that is open or has people.
    #[must_use]
    pub fn meals(&self) -> Vec<Meals> {
        let published = self.published();
        let totals = published.people.totals(&published.roster);
        let mut meals: BTreeMap<&ShelterId, (Meals, BTreeMap<Vec<String>, u64>)> = BTreeMap::new();
        for (shelter, totals) in &totals {
            let heads = totals.heads.filter(|heads| u64::from(*heads) > totals.present);
            let of = Meals { shelter: shelter.clone(), persons: totals.present, infants: 0, plain: 0, without: Vec::new(), to_ask: 0, heads };
            meals.insert(shelter, (of, BTreeMap::new()));
        }
        for (_, step) in published.roster.live() {
            let Some((meals, without)) = meals.get_mut(&step.shelter) else { continue };
            let Some(person) = published.people.person(&step.moment.hash) else {
                meals.to_ask += 1;
                continue;
            };
            let is_infant = person.birth.band(published.people.began()) == AgeBand::Infant;
            let is_said = !person.allergies.is_empty();
            match (is_infant, is_said) {
                (true, _) => meals.infants += 1,
                (false, true) => *without.entry(person.allergies.clone()).or_default() += 1,
                (false, false) if person.needs.contains(&Need::Food) => meals.to_ask += 1,
                (false, false) => meals.plain += 1,
            }
        }
        let listed = |without: BTreeMap<Vec<String>, u64>| without.into_iter().map(|(without, meals)| MealsWithout { without, meals }).collect();
        meals.into_values().map(|(of, without)| Meals { without: listed(without), ..of }).collect()
    }

    /// The reports of the shelters: of each kind and item the latest, and every note.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn reports(&self, sealed: Sealed) -> Result<Vec<ReportView>, Refused> {
        let mut views: Vec<(tachiai_crypto::hash::Hash32, ReportView)> = {
            let published = self.published();
            let view = |(shelter, moment, report): (&ShelterId, &tachiai_verify::roster::Moment, &Report)| {
                let view = ReportView { shelter: shelter.clone(), time: moment.time, terminal: moment.terminal.clone(), report: report.clone(), opened: None };
                (moment.hash, view)
            };
            published.roster.reports().map(view).collect()
        };
        for (hash, view) in &mut views {
            view.opened = match (&view.report, sealed) {
                (Report::Handover { .. }, _) => self.opening(hash)?.and_then(|opening| opening.read::<Note>().ok()).map(ReportOpened::Handover),
                (Report::Health { .. }, Sealed::All) => self.opening(hash)?.and_then(|opening| opening.read::<HealthCounts>().ok()).map(ReportOpened::Health),
                (Report::Health { .. }, Sealed::Notes) => None,
                (Report::Headcount { .. } | Report::Supply { .. } | Report::Assessment { .. }, _) => None,
            };
        }
        Ok(views.into_iter().map(|(_, view)| view).collect())
    }

    /// Has the appliance write a report.
    ///
    /// # Errors
    /// [`Refusal::ShelterInvalid`], [`Refusal::EventClosed`].
    pub async fn write_report(self: &Arc<Self>, by: &str, request: ReportRequest) -> Result<ReportView, Refused> {
        let ReportRequest { shelter, content, time } = request;
        self.report(vec![by.to_owned()], shelter, content, time, |_| None).await
    }

    /// Has the appliance write a report on behalf of these officials; what else the private journal keeps of it is durable with it.
    pub(super) async fn report(
        self: &Arc<Self>,
        by: Vec<String>,
        shelter: ShelterId,
        content: ReportContent,
        time: Option<Hlc>,
        besides: impl FnOnce(HashBytes) -> Option<Kept> + Send,
    ) -> Result<ReportView, Refused> {
        self.is_open()?;
        if self.published().roster.shelter(&shelter).is_none() {
            return Err(Refused::about(Refusal::ShelterInvalid, "shelter: not opened in this event"));
        }
        let invalid = |error: tachiai_schemas::roster::report::ReportError| Refused::about(Refusal::ShelterInvalid, error);
        let began = self.began()?;
        let then = move |pen: &mut Pen<'_>| time.map(|time| pen.happened(time)).unwrap_or_default();
        let plain = |report: Report| report.check().map(|()| report).map_err(invalid);
        let report = match content {
            ReportContent::Headcount { persons, how } => plain(Report::Headcount { persons, how })?,
            ReportContent::Supply { item, unit, stock, needed } => plain(Report::Supply { item, unit, stock, needed })?,
            ReportContent::Assessment { grades } => plain(Report::Assessment { grades })?,
            ReportContent::Handover { text } => {
                let note = Note { text };
                note.check().map_err(invalid)?;
                let (place, content) = (shelter.clone(), note.clone());
                let draw = move |pen: &mut Pen<'_>, millis| {
                    then(pen);
                    pen.sealed_report(place, &content, |handle, fields| Report::Handover { handle, fields }, millis, &mut OsRng)
                };
                let (entry, ..) = self.write_with(by, began, None, draw, besides).await?;
                return written(entry, Some(ReportOpened::Handover(note)));
            }
            ReportContent::Health { day, counts } => {
                let counts = HealthCounts { counts };
                counts.check().map_err(invalid)?;
                let (place, content) = (shelter.clone(), counts.clone());
                let draw = move |pen: &mut Pen<'_>, millis| {
                    then(pen);
                    pen.sealed_report(place, &content, |handle, fields| Report::Health { day, handle, fields }, millis, &mut OsRng)
                };
                let (entry, ..) = self.write_with(by, began, None, draw, besides).await?;
                return written(entry, Some(ReportOpened::Health(counts)));
            }
        };
        let body = Body::Report(ReportEntry { shelter, report });
        let draw = move |pen: &mut Pen<'_>, millis| {
            then(pen);
            pen.write(body, millis)
        };
        let (entry, ..) = self.write_with(by, began, None, draw, besides).await?;
        written(entry, None)
    }
}

/// What was written, as it is shown.
fn written(entry: SignedEntry, opened: Option<ReportOpened>) -> Result<ReportView, Refused> {
    let Entry { time, terminal, body, .. } = entry.body;
    let Body::Report(ReportEntry { shelter, report }) = body else { return Err(Refused::fault("writing a report", "another entry")) };
    Ok(ReportView { shelter, time, terminal, report, opened })
}

#[cfg(test)]
mod tests;
