//! What the headquarters see over all shelters: who of the action-support list has not arrived, meals by allergy, and what shelters report of themselves.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rand_core::OsRng;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::pen::Pen;
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::roster::report::{HealthCounts, Note, ReportContent, ReportOpened};
use tachiai_schemas::roster::{Body, ChainId, Entry, Hlc, Person, Report, ReportEntry, ShelterId, SignedEntry};
use tachiai_schemas::shelter::overview::{Meals, Missing, MissingOfDistrict, MissingPerson, PresentPeople, ReportRequest, ReportView};
use tachiai_schemas::shelter::reading::key;
use tachiai_schemas::shelter::support::Listed;
use tachiai_schemas::shelter::{PersonView, Resident};
use tachiai_schemas::{CitizenId, HashBytes, Refusal};

use super::kept::{Kept, LookedBy};
use super::ledger::Published;
use super::{Event, decide, offload, terminals};
use crate::refused::Refused;

pub mod routes;

/// Whether what is sealed is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// Notes and treatments: the headquarters.
    Opened,
    /// Neither: a reception, whose terminals hear of their own shelter's by the news.
    Closed,
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
            || event
                .register
                .citizen_of_resident(resident)
                .map(|code| event.codes_of(code))
                .unwrap_or_default()
                .iter()
                .any(|code| self.citizens.contains(code) || self.handles.contains(&event.handle_of_citizen(code)))
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

    /// Who is present in a shelter. Nobody under protection is named. Whoever reads it is recorded with everybody who was shown.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a shelter that is not opened; as for every note.
    pub async fn present(self: &Arc<Self>, by: &str, shelter: ShelterId) -> Result<PresentPeople, Refused> {
        let this = Arc::clone(self);
        let present = offload(move || this.find_present(&shelter)).await?;
        let handles = present.people.iter().flat_map(|person| person.handles.clone()).collect();
        self.looked(by, LookedBy::Present, handles).await?;
        Ok(present)
    }

    fn find_present(&self, id: &ShelterId) -> Result<PresentPeople, Refused> {
        let published = self.published();
        let shelter = published.roster.shelter(id).cloned().ok_or(Refusal::NotFound)?;
        let groups = published.roster.groups();
        let here = groups.iter().filter(|group| group.is_present() && group.latest.shelter == *id && !self.is_hidden(&published, group));
        let mut people: Vec<PersonView> = here.map(|group| published.people.view(group)).collect();
        people.sort_by_cached_key(|view| view.counts.person.as_ref().map(|person| (key(&person.kana), key(&person.name))));
        let terminals = published.roster.terminals().values().map(terminals::view).filter(|terminal| terminal.shelter == *id).collect();
        let totals = published.people.totals(&published.roster).remove(id).unwrap_or_default();
        Ok(PresentPeople { shelter, people, totals, terminals, now: self.now() })
    }

    /// The meals of each shelter that is open or has people.
    #[must_use]
    pub fn meals(&self) -> Vec<Meals> {
        let published = self.published();
        published.people.meals(&published.roster)
    }

    /// The reports of the shelters: of each kind and item the latest, and every note. What people answered to questionnaires is no report of a shelter.
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
            published.roster.reports().filter(|(_, _, report)| !matches!(report, Report::Questionnaire { .. })).map(view).collect()
        };
        for (hash, view) in &mut views {
            view.opened = match (&view.report, sealed) {
                (Report::Handover { .. }, Sealed::Opened) => self.opening(hash)?.and_then(|opening| opening.read::<Note>().ok()).map(ReportOpened::Handover),
                (Report::Health { .. }, Sealed::Opened) => {
                    self.opening(hash)?.and_then(|opening| opening.read::<HealthCounts>().ok()).map(ReportOpened::Health)
                }
                (Report::Handover { .. } | Report::Health { .. }, Sealed::Closed) => None,
                (Report::Headcount { .. } | Report::Supply { .. } | Report::Assessment { .. } | Report::Questionnaire { .. }, _) => None,
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
        self.is_open()?;
        decide::check_time(time, self.now())?;
        self.report(vec![by.to_owned()], shelter, content, time, |_| None).await
    }

    /// Has the appliance write a report on behalf of these officials; what else the private journal keeps of it is durable with it. After the close two officials take
    /// over what came late, so it is whoever asks that says whether it is open.
    pub(super) async fn report(
        self: &Arc<Self>,
        by: Vec<String>,
        shelter: ShelterId,
        content: ReportContent,
        time: Option<Hlc>,
        besides: impl FnOnce(HashBytes) -> Option<Kept> + Send,
    ) -> Result<ReportView, Refused> {
        if self.published().roster.shelter(&shelter).is_none() {
            return Err(Refused::about(Refusal::ShelterInvalid, "shelter: not opened in this event"));
        }
        content.check().map_err(|error| Refused::about(Refusal::ShelterInvalid, error))?;
        let (began, opened) = (self.began()?, content.sealed());
        let draw = move |pen: &mut Pen<'_>, millis| {
            if let Some(time) = time {
                pen.happened(time);
            }
            pen.report(shelter, content, millis, &mut OsRng)
        };
        let (entry, ..) = self.write_with(by, began, None, draw, besides).await?;
        written(entry, opened)
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
