//! The people of a roster, for whoever holds openings of its entries: an appliance or a terminal. What is not opened counts, and shows nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::HashBytes;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::{ChainId, OpenState, Person, Report, ShelterId};
use tachiai_schemas::shelter::merged::differences;
use tachiai_schemas::shelter::reading::{key, queries};
use tachiai_schemas::shelter::{ConflictKind, Extent, PersonView, StepView, Totals};

use super::groups::{Conflict, Group};
use super::{Roster, Step};

/// Persons by the leaf hashes of their entries.
///
/// There is no `Debug`: a roster must not reach a log.
#[derive(Clone)]
pub struct People {
    began: Day,
    opened: BTreeMap<Hash32, Opened>,
}

/// A person of an entry, with the keys under which a search finds them.
#[derive(Clone)]
struct Opened {
    person: Arc<Person>,
    keys: Arc<[String]>,
}

impl From<Conflict> for ConflictKind {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::TwoPlaces => Self::TwoPlaces,
            Conflict::PresentAndGone => Self::PresentAndGone,
            Conflict::Edited => Self::Edited,
        }
    }
}

impl People {
    /// Nobody yet; `began` is the day of the event in Japan, by which ages are reckoned.
    #[must_use]
    pub const fn new(began: Day) -> Self {
        Self { began, opened: BTreeMap::new() }
    }

    /// The day of the event.
    #[must_use]
    pub const fn began(&self) -> Day {
        self.began
    }

    /// Takes the person of an entry, from its checked opening.
    pub fn open(&mut self, hash: Hash32, person: Arc<Person>) {
        let names = [Some(person.kana.as_str()), Some(person.name.as_str()), person.name_jis.as_deref()];
        let keys = names.into_iter().flatten().filter(|name| !name.is_empty()).map(key).collect();
        self.opened.insert(hash, Opened { person, keys });
    }

    /// Forgets the person of an entry, who was erased.
    pub fn forget(&mut self, hash: &Hash32) {
        self.opened.remove(hash);
    }

    /// The person as an entry says.
    #[must_use]
    pub fn person(&self, hash: &Hash32) -> Option<&Arc<Person>> {
        self.opened.get(hash).map(|opened| &opened.person)
    }

    /// An entry with what is known of its person.
    #[must_use]
    pub fn step(&self, chain: ChainId, step: &Step) -> StepView {
        let Step { leaf: _, moment, entered, seq: _, after: _, shelter, act, commitment: _ } = step;
        StepView {
            chain,
            entry: HashBytes::from(moment.hash),
            time: moment.time,
            entered: *entered,
            terminal: moment.terminal.clone(),
            shelter: shelter.clone(),
            act: *act,
            person: self.person(&moment.hash).map(|person| Person::clone(person)),
        }
    }

    /// A person, without the history.
    #[must_use]
    pub fn view(&self, group: &Group<'_>) -> PersonView {
        let heads: Vec<StepView> = group.heads.iter().map(|(chain, step)| self.step(*chain, step)).collect();
        PersonView {
            handles: group.handles.clone(),
            differs: differences(&heads),
            heads,
            counts: self.step(group.chain, group.latest),
            conflict: group.conflict().map(ConflictKind::from),
            history: Vec::new(),
            questionnaire: None,
        }
    }

    /// A person with all entries, by their moments.
    #[must_use]
    pub fn history(&self, roster: &Roster, group: &Group<'_>) -> PersonView {
        let mut steps: Vec<(ChainId, &Step)> = group.handles.iter().flat_map(|handle| roster.steps(handle).map(move |step| (*handle, step))).collect();
        steps.sort_by(|(_, one), (_, two)| one.moment.cmp(&two.moment));
        PersonView { history: steps.into_iter().map(|(chain, step)| self.step(chain, step)).collect(), ..self.view(group) }
    }

    /// Whether somebody is kept from those who search: under protection by any head that is opened, or not opened at all.
    #[must_use]
    pub fn is_hidden(&self, group: &Group<'_>) -> bool {
        self.is_hidden_by(group, |_| false)
    }

    /// As [`People::is_hidden`], and whoever is protected by what else is known, such as a register.
    #[must_use]
    pub fn is_hidden_by(&self, group: &Group<'_>, protected: impl Fn(&Person) -> bool) -> bool {
        let of = |step: &Step| self.person(&step.moment.hash).is_none_or(|person| person.protection == Protection::Protected || protected(person));
        of(group.latest) || group.heads.iter().any(|(_, step)| self.person(&step.moment.hash).is_some() && of(step))
    }

    /// Whether any version that is opened says that the person is under protection, also one that others follow.
    #[must_use]
    pub fn was_protected(&self, roster: &Roster, group: &Group<'_>) -> bool {
        let mut steps = group.handles.iter().flat_map(|handle| roster.steps(handle));
        steps.any(|step| self.person(&step.moment.hash).is_some_and(|person| person.protection == Protection::Protected))
    }

    /// Up to `limit` people whose name or reading begins so, present ones first; `shelter` restricts it. Nobody under protection. No letters at all are the beginning of
    /// every name.
    #[must_use]
    pub fn search(&self, roster: &Roster, query: &str, shelter: Option<&ShelterId>, limit: usize) -> (Vec<PersonView>, Extent) {
        self.search_but(roster, query, shelter, limit, |group| self.is_hidden(group))
    }

    /// As [`People::search`], without whom the caller hides: [`People::is_hidden`], and whoever is protected by what else is known, such as a register.
    #[must_use]
    pub fn search_but(
        &self,
        roster: &Roster,
        query: &str,
        shelter: Option<&ShelterId>,
        limit: usize,
        is_hidden: impl Fn(&Group<'_>) -> bool,
    ) -> (Vec<PersonView>, Extent) {
        let queries: Vec<String> = queries(query).into_iter().filter(|query| !query.is_empty()).collect();
        let begins = |key: &String| queries.iter().any(|query| key.starts_with(query.as_str()));
        let matches = |group: &Group<'_>| {
            if queries.is_empty() {
                return true;
            }
            let mut steps = group.heads.iter().map(|(_, step)| step).chain([&group.latest]);
            steps.any(|step| self.opened.get(&step.moment.hash).is_some_and(|opened| opened.keys.iter().any(begins)))
        };
        let in_shelter = |group: &Group<'_>| shelter.is_none_or(|shelter| group.latest.shelter == *shelter);
        let mut found: Vec<Group<'_>> = roster.groups().into_iter().filter(|group| in_shelter(group) && matches(group) && !is_hidden(group)).collect();
        found.sort_by_key(|group| !group.is_present());
        let extent = if found.len() > limit { Extent::More } else { Extent::All };
        (found.iter().take(limit).map(|group| self.view(group)).collect(), extent)
    }

    /// Totals by shelter, of everybody who counts.
    #[must_use]
    pub fn totals(&self, roster: &Roster) -> BTreeMap<ShelterId, Totals> {
        let mut totals: BTreeMap<ShelterId, Totals> = roster.shelters().map(|state| (state.shelter.clone(), Totals::default())).collect();
        for (_, step) in roster.live() {
            let totals = totals.entry(step.shelter.clone()).or_default();
            totals.present += 1;
            match self.person(&step.moment.hash) {
                None => totals.erased += 1,
                Some(person) => {
                    let standing = person.standing(self.began);
                    totals.ages[standing.age as usize] += 1;
                    totals.stays[standing.stay as usize] += 1;
                    for need in standing.needs {
                        totals.needs[need as usize] += 1;
                    }
                }
            }
        }
        for (shelter, moment, report) in roster.reports() {
            // Of a shelter that is closed no count holds any more; and when it opens again, none from before.
            let is_closed = roster.shelter(shelter).is_some_and(|state| state.state == OpenState::Closed)
                || roster.closing(shelter).is_some_and(|closing| *moment < *closing);
            if let Report::Headcount { persons, how: _ } = report
                && !is_closed
            {
                totals.entry(shelter.clone()).or_default().heads = Some(*persons);
            }
        }
        totals
    }
}

/// The sum of totals; counted heads are added where a shelter has them.
#[must_use]
pub fn sum<'a>(totals: impl IntoIterator<Item = &'a Totals>) -> Totals {
    let mut sum = Totals::default();
    for Totals { present, ages, stays, needs, heads, erased } in totals {
        sum.present += present;
        sum.erased += erased;
        for (sum, part) in [(&mut sum.ages[..], &ages[..]), (&mut sum.stays, stays), (&mut sum.needs, needs)] {
            for (sum, part) in sum.iter_mut().zip(part) {
                *sum += part;
            }
        }
        if let Some(heads) = heads {
            sum.heads = Some(sum.heads.unwrap_or(0).saturating_add(*heads));
        }
    }
    sum
}
