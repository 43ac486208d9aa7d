//! The acts of a reception: each is written, proved and signed here, and durable before it is said to be done.

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::roster::ChainId;
use tachiai_schemas::HashBytes;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::roster::pen::{Pen, PenError, Stroke, Written};
use tachiai_schemas::roster::person::{Birth, Household, Identified, Relation};
use tachiai_schemas::roster::shelter::Room;
use tachiai_schemas::roster::{Act, Body, Hlc, Need, OpenState, Person, ShelterId, Stay};
use tachiai_schemas::shelter::likeness::Traits;
use tachiai_schemas::shelter::reading::key;
use tachiai_schemas::shelter::{Alike, PersonView, Resident, StepView, handle};
use tachiai_schemas::{Blob, CitizenId, Lang, Timestamp};
use tachiai_verify::roster::groups::Group;
use tachiai_verify::roster::{MAX_AFTER, Step};

use super::clock::Stamp;
use super::input::{self, Beside, Fields};
use super::record::{Record, Wrote};
use super::said;
use super::state::Reception;
use crate::failure::Failure;

/// The kind of handles of households.
const HOUSEHOLD: &str = "household";

/// How many residents of one name are compared.
const NAMED: usize = 50;

/// Which entries an act follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// The latest head: a conflict, if there is one, stays for somebody to settle.
    Latest,
    /// All heads: this settles a conflict.
    All,
    /// None: what was entered before is not told to whoever writes this. Both stand side by side, for headquarters to settle.
    Apart,
}

/// What is to be entered of one person.
pub struct Draft {
    /// The handle.
    pub chain: ChainId,
    /// The shelter.
    pub shelter: ShelterId,
    /// What happens.
    pub act: Act,
    /// All that is known.
    pub person: Person,
    /// When it happened, if not now: milliseconds since 1970.
    pub at: Option<u64>,
    /// What it follows.
    pub follow: Follow,
}

/// What was entered.
pub struct Entered {
    /// The handle.
    pub chain: ChainId,
    /// The leaf hash.
    pub hash: Hash32,
    /// What happened, as it stands there: whoever follows nobody's entry arrives, also by a move.
    pub act: Act,
    /// When it happened.
    pub time: Hlc,
    /// Whether it goes on from what was known.
    pub joined: Joined,
}

/// Whether an entry follows those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// It does, or is the first.
    Follows,
    /// What was entered last cannot be read here, or is told to nobody here, so that nothing of it could be kept: both stand side by side, as a conflict.
    Apart,
}

/// Who stands at the desk.
pub struct Subject {
    /// The handle.
    pub chain: ChainId,
    /// All that is known: what the roster says, else what the register says, else what was typed.
    pub person: Person,
    /// What stands in the way of just entering the person.
    pub here: Here,
}

/// Whether the roster has a person already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// Not at all.
    New,
    /// Present in this shelter.
    Present,
    /// Present in another shelter.
    Elsewhere,
    /// Was registered once and left.
    Left,
    /// Under protection, and whoever stands there showed nothing but words: nobody is told whether the person is here, or where.
    Hidden,
}

impl Here {
    /// Whether somebody is present, in this shelter or in another.
    #[must_use]
    pub const fn is_somewhere(self) -> bool {
        matches!(self, Self::Present | Self::Elsewhere)
    }
}

impl Here {
    /// What an entry about such a person follows.
    #[must_use]
    pub const fn follow(self) -> Follow {
        match self {
            Self::Hidden => Follow::Apart,
            Self::New | Self::Present | Self::Elsewhere | Self::Left => Follow::Latest,
        }
    }
}

fn written(error: &PenError) -> Failure {
    Failure::incomplete(format!("項目を作れません: {error}"), format!("the entry cannot be written: {error}"))
}

fn record(written: &Written, stamp: &Stamp) -> Record {
    Record::Wrote(Wrote { entry: Blob(written.bytes.clone()), opening: written.opening.clone(), stamp: stamp.clone() })
}

impl Reception {
    /// The day of the event in Japan.
    ///
    /// # Errors
    /// [`Failure`] (1): the event is not known yet.
    pub fn began(&self) -> Result<Day, Failure> {
        self.declared().map(|declared| Day::of(declared.began))
    }

    /// Today, in Japan.
    #[must_use]
    pub fn today(&self) -> Day {
        let seconds = i64::try_from(self.now() / 1000).unwrap_or(0);
        Day::of(Timestamp::from_unix(seconds).unwrap_or(Timestamp::LAST))
    }

    /// A terminal writes while the event goes on, revoked or not: what a revoked one writes is kept aside by the appliance, and not lost. After the close it writes what
    /// happened before, as paper forms tell: that is kept aside as well.
    fn may_write(&self, happened: Option<u64>) -> Result<Day, Failure> {
        match self.roster().closed() {
            Some(closed) if happened.is_none_or(|at| Hlc::at_millis(at) > closed) => Err(Failure::refused(
                "この災害・行事は終了しています。登録していません。終了前に紙で受け付けたものは、tachiai reception paper で日時（at=）を付けて入力してください。災害対策本部で2人の承認により引き継がれます。",
                "the event is closed, and nothing was entered. What was written on paper before the close goes in with `tachiai reception paper`, each with its time (at=): two officials of the headquarters take it over.",
            )),
            _ => self.began(),
        }
    }

    pub(super) fn with_pen<T>(
        &mut self,
        happened: Option<u64>,
        write: impl FnOnce(&mut Pen<'_>, &Self, u64) -> Result<Vec<(Written, T)>, PenError>,
    ) -> Result<Vec<(Written, T)>, Failure> {
        let began = self.may_write(happened)?;
        let stamp = self.stamp();
        let millis = self.heard().time(&stamp);
        let mut pen = Pen::new(self.about.event, self.about.terminal.clone(), self.key.signing(), began, self.position(), self.latest());
        let done = write(&mut pen, self, millis).map_err(|error| written(&error))?;
        self.record(done.iter().map(|(written, _)| record(written, &stamp)).collect())?;
        Ok(done)
    }

    /// Enters persons, all or none. Whoever is known to be under protection stays so, whatever a draft says.
    ///
    /// # Errors
    /// [`Failure`]: the event is closed or not known, or the folder cannot be written.
    pub fn enter(&mut self, drafts: &[Draft]) -> Result<Vec<Entered>, Failure> {
        // The latest of them, if each tells when it happened.
        let happened = drafts.iter().map(|draft| draft.at).collect::<Option<Vec<u64>>>().and_then(|moments| moments.into_iter().max());
        let done = self.with_pen(happened, |pen, reception, millis| {
            let write = |Draft { chain, shelter, act, person, at, follow }: &Draft| {
                let group = reception.roster().person(*chain);
                let (after, joined) = group.as_ref().map_or((Vec::new(), Joined::Follows), |group| reception.after(group, *follow));
                let chain = group.map_or(*chain, |group| group.chain);
                let person = reception.kept_protected(chain, person.clone());
                // Whoever follows nobody's entry arrives, whatever was heard of another.
                let act = if after.is_empty() && act.is_present() { Act::In } else { *act };
                let stroke = Stroke { chain, after: &after, shelter: shelter.clone(), act, person: &person, time: at.map(Hlc::at_millis) };
                pen.person(&stroke, millis, &mut OsRng).map(|written| (written, (chain, joined, act)))
            };
            drafts.iter().map(write).collect()
        })?;
        let entered = |(written, (chain, joined, act)): (Written, (ChainId, Joined, Act))| {
            let (hash, time) = (written.hash, written.entry.body.time);
            Entered { chain, hash, act, time, joined }
        };
        Ok(done.into_iter().map(entered).collect())
    }

    /// The latest head of somebody, if it can be read here: whoever follows an entry must be able to keep what it says.
    #[must_use]
    pub fn followed<'a>(&self, group: &Group<'a>) -> Option<&'a Step> {
        group.heads.last().map(|(_, step)| *step).filter(|step| self.people().person(&step.moment.hash).is_some())
    }

    /// Whether what happened at this moment, in milliseconds since 1970, can follow what was entered of somebody last.
    ///
    /// # Errors
    /// [`Failure`] (1): it happened before; names both moments.
    pub fn comes_after(&self, chain: ChainId, at: u64) -> Result<(), Failure> {
        let before = self.roster().person(chain).as_ref().and_then(|group| self.followed(group)).map(|step| step.moment.time);
        let Some(before) = before.filter(|before| Hlc::at_millis(at) < *before) else { return Ok(()) };
        let (at, before) = (|lang| said::moment(lang, at), |lang| said::moment(lang, before.millis()));
        Err(Failure::refused(
            format!("受付票の日時（{}）が、この方の前の登録（{}）より前です。日時を確かめてください。", at(Lang::Ja), before(Lang::Ja)),
            format!("the time on the form ({}) is before this person's entry of {}, which it would follow. Check the time.", at(Lang::En), before(Lang::En)),
        ))
    }

    /// What an entry about a person follows, with the numbers in the chain.
    fn after(&self, group: &Group<'_>, follow: Follow) -> (Vec<(Hash32, u64)>, Joined) {
        let named = |step: &Step| (step.moment.hash, step.seq);
        match follow {
            Follow::Latest => self.followed(group).map_or((Vec::new(), Joined::Apart), |step| (vec![named(step)], Joined::Follows)),
            // More than an entry can follow are settled in several steps.
            Follow::Apart => (Vec::new(), Joined::Apart),
            Follow::All => (group.heads.iter().rev().take(MAX_AFTER).map(|(_, step)| named(step)).collect(), Joined::Follows),
        }
    }

    fn write_body(&mut self, body: Body) -> Result<Hlc, Failure> {
        let done = self.with_pen(None, |pen, _, millis| Ok(vec![(pen.write(body, millis)?, ())]))?;
        done.first().map(|(written, ())| written.entry.body.time).ok_or_else(nothing)
    }

    /// Says that this shelter is open, crowded, full or closed.
    ///
    /// # Errors
    /// As [`Reception::enter`]; 1 if the shelter is not in the event.
    pub fn set_state(&mut self, state: OpenState) -> Result<Hlc, Failure> {
        let shelter = self.shelter().clone();
        let Some(known) = self.roster().shelter(&shelter).cloned() else {
            return Err(Failure::refused(
                format!("避難所 {shelter} はまだ開設されていません。災害対策本部に開設してもらい、tachiai reception sync を実行してください。"),
                format!("shelter {shelter} is not open in this event yet. Have headquarters open it, and run `tachiai reception sync`."),
            ));
        };
        self.write_body(Body::Shelter(Box::new(tachiai_schemas::roster::ShelterState { state, ..known })))
    }

    /// The handle of somebody known by `name` within `kind`; a fresh one while this terminal has no pack.
    fn handle(&self, kind: &str, name: &[u8]) -> ChainId {
        self.handle_of(kind, name).unwrap_or_else(|| ChainId::generate(&mut OsRng))
    }

    /// The handle of somebody known by `name` within `kind`, if this terminal has the key of handles.
    #[must_use]
    pub fn handle_of(&self, kind: &str, name: &[u8]) -> Option<ChainId> {
        self.handle_key().map(|key| ChainId::derive(key, &self.about.event, kind, name))
    }

    /// The handle of a household, the same at every terminal.
    #[must_use]
    pub fn household(&self, number: &str) -> ChainId {
        self.handle(HOUSEHOLD, number.as_bytes())
    }

    /// Whether somebody is kept from those who look: by any version that is known here, or because the register protects the resident; also where an entry that holds
    /// cannot be read here, as it may say so, unless this shelter received the person since: whoever stands here has to be found, changed and let go.
    #[must_use]
    pub fn is_hidden(&self, group: &Group<'_>) -> bool {
        self.people().is_hidden(group) || (self.has_unread(group) && group.latest.shelter != *self.shelter()) || self.is_protected(group)
    }

    /// Whether one of the entries that nothing follows yet cannot be read here: it is another shelter's.
    pub(super) fn has_unread(&self, group: &Group<'_>) -> bool {
        group.heads.iter().any(|(_, step)| self.people().person(&step.moment.hash).is_none())
    }

    /// Whether somebody is known to be under protection.
    #[must_use]
    pub fn is_protected(&self, group: &Group<'_>) -> bool {
        self.people().was_protected(self.roster(), group) || self.is_resident_under_protection(group)
    }

    /// Whether the register protects the resident whom an entry names, or whose handle it is.
    fn is_resident_under_protection(&self, group: &Group<'_>) -> bool {
        let Some(residents) = self.residents() else { return false };
        let steps = group.handles.iter().flat_map(|handle| self.roster().steps(handle));
        let mut named = steps.filter_map(|step| self.people().person(&step.moment.hash)?.resident.as_deref());
        named.any(|number| residents.by_number(number).is_some_and(|resident| resident.protection == Protection::Protected))
            || group.handles.iter().any(|handle| self.protected_handles().contains(handle))
    }

    /// A person as an entry may say, once it is known who it is: a protection that is known here goes on.
    #[must_use]
    pub fn kept_protected(&self, chain: ChainId, person: Person) -> Person {
        let of_register = person.resident.as_deref().and_then(|number| self.residents()?.by_number(number)).map(|resident| resident.protection);
        let is_known = self.roster().person(chain).is_some_and(|group| self.is_protected(&group)) || self.protected_handles().contains(&chain);
        if is_known || of_register == Some(Protection::Protected) { Person { protection: Protection::Protected, ..person } } else { person }
    }

    fn subject(&self, chain: ChainId, fresh: Person) -> Subject {
        let Some(group) = self.roster().person(chain) else { return Subject { chain, person: fresh, here: Here::New } };
        let here = match (group.is_present(), group.latest.shelter == *self.shelter()) {
            (true, true) => Here::Present,
            (true, false) => Here::Elsewhere,
            (false, _) => Here::Left,
        };
        let known = self.people().person(&group.latest.moment.hash).map(|person| Person::clone(person));
        let (identified, resident, citizen) = (fresh.identified, fresh.resident.clone(), fresh.citizen);
        let protection = if self.is_protected(&group) { Protection::Protected } else { fresh.protection };
        let person = known.map_or(fresh, |known| {
            let (resident, citizen) = (known.resident.clone().or(resident), known.citizen.or(citizen));
            let room = match here {
                Here::Elsewhere | Here::Left => self.same_room(self.shelter(), &known.room),
                Here::New | Here::Present | Here::Hidden => known.room.clone(),
            };
            Person { identified, resident, citizen, protection, room, ..known }
        });
        Subject { chain: group.chain, person, here }
    }

    /// Who is expected at a roll call, by district and reading, and whether they are here: the list of residents without those of whom nobody is told.
    #[must_use]
    pub fn expected(&self) -> Vec<(&Resident, Here)> {
        let all = self.residents().map(|residents| residents.all()).unwrap_or_default();
        let open = all.iter().filter(|resident| resident.protection == Protection::Open && !self.is_resident_hidden(resident));
        let mut expected: Vec<(&Resident, Here)> = open.map(|resident| (resident, self.resident(resident, Identified::List).here)).collect();
        expected.sort_by(|(one, _), (other, _)| (&one.district, &one.kana).cmp(&(&other.district, &other.kana)));
        expected
    }

    /// A resident at the desk.
    #[must_use]
    pub fn resident(&self, resident: &Resident, identified: Identified) -> Subject {
        self.subject(self.handle(handle::RESIDENT, resident.number.as_bytes()), self.of_resident(resident, identified))
    }

    /// What the register says of a resident, as a person of the roster.
    #[must_use]
    pub fn of_resident(&self, resident: &Resident, identified: Identified) -> Person {
        let Resident { number, name, name_jis, kana, birth, sex, address, district, household, relation, citizen, protection, support } = resident;
        let mut person = Person {
            name: name.clone(),
            name_jis: name_jis.clone(),
            kana: kana.clone(),
            birth: birth.map_or(Birth::Unknown, Birth::Day),
            sex: *sex,
            address: address.clone(),
            district: district.clone(),
            resident: Some(number.clone()),
            citizen: *citizen,
            protection: *protection,
            household: (!household.is_empty()).then(|| Household { id: self.household(household), relation: *relation }),
            ..Person::unknown(identified, Stay::Shelter)
        };
        if let Some(support) = support {
            person.needs = support.needs.clone();
            person.needs.push(Need::Support);
            person.needs.sort_unstable();
            person.needs.dedup();
            (person.needs_note, person.phone) = (support.reason.clone(), support.phone.clone());
        }
        person
    }

    /// Somebody who was registered before and stands here again.
    #[must_use]
    pub fn again(&self, chain: ChainId, person: Person) -> Subject {
        self.subject(chain, person)
    }

    /// Whoever has this citizen ID: a resident of the register, or somebody of whom no more is known.
    ///
    /// # Errors
    /// [`Failure`] for a code that leads to nobody any more.
    pub fn citizen(&self, id: CitizenId) -> Result<Subject, Failure> {
        self.is_good(id)?;
        let resident = self.residents().and_then(|residents| residents.all().iter().find(|resident| resident.citizen == Some(id)));
        Ok(match resident {
            Some(resident) => self.resident(resident, Identified::CitizenId),
            None => {
                let person = Person { citizen: Some(id), ..Person::unknown(Identified::CitizenId, Stay::Shelter) };
                self.subject(self.handle(handle::CITIZEN, &id.0), person)
            }
        })
    }

    /// The holder of a card, who is no resident of the register: by the hash of the person.
    #[must_use]
    pub fn holder(&self, hash: &Hash32, person: Person) -> Subject {
        self.subject(self.handle(handle::PERSON, hash.as_bytes()), person)
    }

    /// The rooms of a shelter, as headquarters named them.
    #[must_use]
    pub fn rooms(&self, shelter: &ShelterId) -> &[Room] {
        self.roster().shelter(shelter).map_or(&[], |state| &state.rooms)
    }

    /// The room of somebody who comes from another shelter, or left: as it is written in this one, if this one names it. Else it is a room of then.
    #[must_use]
    pub fn same_room(&self, shelter: &ShelterId, room: &str) -> String {
        let wanted = key(room);
        self.rooms(shelter).iter().find(|known| key(&known.name) == wanted).map(|known| known.name.clone()).unwrap_or_default()
    }

    /// A room of a shelter as it is written there; any, where the shelter names none, and none is one as well.
    ///
    /// # Errors
    /// [`Failure`] (1) with the rooms that there are.
    pub fn known_room(&self, shelter: &ShelterId, room: &str) -> Result<String, Failure> {
        let (rooms, wanted) = (self.rooms(shelter), key(room));
        if rooms.is_empty() || wanted.is_empty() {
            return Ok(room.trim().to_owned());
        }
        let known = rooms.iter().find(|known| key(&known.name) == wanted).map(|known| known.name.clone());
        known.ok_or_else(|| {
            let names = |between: &str| rooms.iter().map(|room| crate::card::printable(&room.name)).collect::<Vec<_>>().join(between);
            Failure::refused(
                format!("その部屋はこの避難所にありません。部屋: {}", names("、")),
                format!("this shelter has no such room. Its rooms: {}", names(", ")),
            )
        })
    }

    /// Where somebody is registered now, if whoever asks here may know it: never of whom is hidden.
    #[must_use]
    pub fn place(&self, chain: ChainId) -> Option<&ShelterId> {
        self.roster().person(chain).filter(|group| !self.is_hidden(group)).map(|group| &group.latest.shelter)
    }

    /// Whether a resident is known here to be under protection by what was entered: nothing of it is told to whoever only knows a name or a number.
    #[must_use]
    pub fn is_resident_hidden(&self, resident: &Resident) -> bool {
        self.hidden_resident(resident).is_some()
    }

    pub(super) fn hidden_resident(&self, resident: &Resident) -> Option<Group<'_>> {
        let handle = self.handle_of(handle::RESIDENT, resident.number.as_bytes())?;
        self.roster().person(handle).filter(|group| self.is_protected(group))
    }

    /// Somebody of whom only a word is known: a resident whose number, or whole name and birth date, was given; else a fresh handle. What the roster or else the
    /// register knows of the resident stays, as far as the fields do not say otherwise; no field takes a protection or the need of support away. Of whom was entered as under protection nothing is told: the
    /// words alone are entered, apart.
    ///
    /// # Errors
    /// As [`Fields::apply`].
    pub fn typed(&self, fields: &Fields, identified: Identified) -> Result<(Subject, Beside), Failure> {
        let (person, beside) = input::person(fields, identified, self.today())?;
        let by_number = || person.resident.as_deref().and_then(|number| self.residents()?.by_number(number));
        let Some(resident) = by_number().or_else(|| self.resident_like(&person)) else {
            return Ok((Subject { chain: ChainId::generate(&mut OsRng), person, here: Here::New }, beside));
        };
        if let Some(group) = self.hidden_resident(resident) {
            return Ok((Subject { chain: group.chain, person, here: Here::Hidden }, beside));
        }
        let register = self.of_resident(resident, identified);
        let Subject { chain, person: known, here } = self.subject(self.handle(handle::RESIDENT, resident.number.as_bytes()), register.clone());
        let mut person = known.clone();
        if here == Here::Left {
            person.destination = String::new();
        }
        fields.apply(&mut person, self.today())?;
        if known.protection == Protection::Protected {
            person.protection = Protection::Protected;
        }
        if register.needs.contains(&Need::Support) || known.needs.contains(&Need::Support) {
            person.needs.push(Need::Support);
            person.needs.sort_unstable();
            person.needs.dedup();
        }
        if let (Some(relation), Some(household)) = (beside.relation, &mut person.household) {
            household.relation = relation;
        }
        person.resident = register.resident;
        Ok((Subject { chain, person, here }, beside))
    }

    /// The only resident with this whole name and birth date. Whoever is under protection is found by no typing.
    #[must_use]
    pub fn resident_like(&self, person: &Person) -> Option<&Resident> {
        let Birth::Day(birth) = person.birth else { return None };
        let wanted = key(&person.name);
        if wanted.is_empty() || !birth.is_known() {
            return None;
        }
        let is_named = |resident: &&Resident| {
            resident.birth == Some(birth)
                && resident.protection == Protection::Open
                && (key(&resident.name) == wanted
                    || resident.name_jis.as_deref().map(key).as_ref() == Some(&wanted)
                    || person.name_jis.as_deref().map(key) == Some(key(&resident.name)))
        };
        let (found, _) = self.residents()?.search(&person.name, 50);
        let mut found = found.into_iter().filter(is_named);
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }

    /// People who are present under another handle and may be the same person, the most alike first. Nobody under protection.
    #[must_use]
    pub fn lookalikes(&self, chain: ChainId, person: &Person) -> Vec<(Alike, PersonView)> {
        let (traits, on) = (Traits::of(person), self.today());
        let alike = |group: &Group<'_>| {
            if group.handles.contains(&chain) || !group.is_present() {
                return None;
            }
            let other = self.people().person(&group.latest.moment.hash)?;
            traits.alike(&Traits::of(other), on).filter(|_| !self.is_hidden(group)).map(|alike| (alike, self.people().view(group)))
        };
        let mut found: Vec<(Alike, PersonView)> = self.roster().groups().iter().filter_map(alike).collect();
        found.sort_by_key(|(alike, _)| *alike);
        found
    }

    /// Residents who are in no shelter that is known here and may be a person of whom only a word is known, the most alike first. Nobody under protection.
    #[must_use]
    pub fn residents_alike(&self, person: &Person) -> Vec<(Alike, Resident)> {
        let Some(residents) = self.residents().filter(|_| person.resident.is_none() && person.identified.is_word()) else { return Vec::new() };
        let (traits, on) = (Traits::of(person), self.today());
        let named = [&person.name, &person.kana].into_iter().flat_map(|name| residents.search(name, NAMED).0);
        let alike = |resident: &Resident| {
            let alike = traits.alike(&Traits::of_resident(resident), on)?;
            // Whether somebody under protection is here is told to nobody, so nobody who might be is shown either.
            let is_open = resident.protection == Protection::Open && self.resident(resident, Identified::List).here == Here::New;
            is_open.then(|| (alike, resident.clone()))
        };
        let mut found: Vec<(Alike, Resident)> = named.filter_map(alike).collect();
        found.sort_by(|(one, a), (two, b)| (one, &a.number).cmp(&(two, &b.number)));
        found.dedup_by(|(_, one), (_, two)| one.number == two.number);
        found
    }

    /// Whether somebody else is the head of this household already.
    #[must_use]
    pub fn other_head(&self, chain: ChainId, household: Option<Household>) -> Option<ChainId> {
        let Household { id, relation: Relation::Head } = household? else { return None };
        let groups = self.roster().groups();
        let is_head = |group: &&Group<'_>| {
            !group.handles.contains(&chain)
                && group.is_present()
                && self
                    .people()
                    .person(&group.latest.moment.hash)
                    .is_some_and(|person| person.household.is_some_and(|other| other.id == id && other.relation == Relation::Head))
        };
        groups.iter().find(is_head).map(|group| group.chain)
    }

    /// A person of the roster with all entries.
    #[must_use]
    pub fn view(&self, chain: ChainId) -> Option<PersonView> {
        self.roster().person(chain).map(|group| self.people().history(self.roster(), &group))
    }

    /// Everybody present in this shelter who is not kept from those who look, by their readings.
    #[must_use]
    pub fn present(&self) -> Vec<PersonView> {
        let groups = self.roster().groups();
        let here = groups.iter().filter(|group| group.is_present() && group.latest.shelter == *self.shelter() && !self.is_hidden(group));
        let mut views: Vec<PersonView> = here.map(|group| self.people().view(group)).collect();
        views.sort_by_cached_key(|view| view.counts.person.as_ref().map(|person| (key(&person.kana), key(&person.name))));
        views
    }

    /// People whose entries contradict each other, as far as this terminal may know them: without the name where one of the entries cannot be read here.
    #[must_use]
    pub fn conflicts(&self) -> Vec<PersonView> {
        // Whoever is under protection is headquarters' to settle. What is not opened here, a version of another shelter, may say that as well.
        let opened = |group: &&Group<'_>| group.heads.iter().any(|(_, step)| self.people().person(&step.moment.hash).is_some());
        let in_conflict = |group: &&Group<'_>| group.conflict().is_some() && !self.is_protected(group);
        let view = |group: &Group<'_>| {
            let view = self.people().view(group);
            if self.is_hidden(group) || self.has_unread(group) { view.without_names() } else { view }
        };
        self.roster().groups().iter().filter(in_conflict).filter(opened).map(view).collect()
    }

    /// Settles a conflict: one of the heads holds from here on, and all are followed. A protection that any version says goes on.
    ///
    /// # Errors
    /// [`Failure`]: 1 when there is no conflict, or no such head, or one of them cannot be read here: what it says would be closed over unseen.
    pub fn settle(&mut self, chain: ChainId, head: HashBytes) -> Result<Entered, Failure> {
        let view = self.roster().person(chain).map(|group| self.people().view(&group)).ok_or_else(unknown)?;
        let PersonView { heads, conflict, .. } = &view;
        if conflict.is_none() {
            return Err(Failure::refused("この方の登録に食い違いはありません。", "there is no conflict about this person."));
        }
        let chosen = heads.iter().find(|step| step.entry == head).ok_or_else(|| {
            Failure::refused(
                "その登録は食い違いの一方ではありません。tachiai reception conflicts で確かめてください。",
                "that entry is none of those in conflict. See `tachiai reception conflicts`.",
            )
        })?;
        let StepView { chain, shelter, act, person, .. } = chosen.clone();
        let person = person.filter(|_| heads.iter().all(|head| head.person.is_some())).ok_or_else(|| {
            Failure::refused(
                "食い違う登録のうち、この端末では内容を見られないものがあります（別の避難所の登録です）。その避難所か災害対策本部で解消してください。",
                "one of the entries in conflict cannot be read here: it is another shelter's. Have that shelter or headquarters settle it.",
            )
        })?;
        // Whoever arrived by the chosen entry has arrived already.
        let act = if act == Act::Out { Act::Out } else { Act::Edit };
        let draft = Draft { chain, shelter, act, person, at: None, follow: Follow::All };
        self.enter(&[draft])?.into_iter().next().ok_or_else(nothing)
    }
}

/// Nobody of this handle is known.
#[must_use]
pub fn unknown() -> Failure {
    Failure::refused(
        "その方の登録はこの端末にありません。tachiai reception list で確かめてください。",
        "nobody of this handle is known here. See `tachiai reception list`.",
    )
}

pub(super) fn nothing() -> Failure {
    Failure::incomplete("登録していません。", "nothing was entered.")
}
