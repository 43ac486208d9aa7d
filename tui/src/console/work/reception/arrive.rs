//! Who stands at the desk: found, read from a card, chosen, typed, and entered.

use std::collections::BTreeSet;

use age::secrecy::{ExposeSecret, SecretString};
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{Act, Body, ChainId, OpenState, Person};
use tachiai_schemas::shelter::figures::narrow;
use tachiai_schemas::shelter::{PersonView, Resident};
use tachiai_schemas::{HashBytes, Lang, Say};

use super::told::{Among, Answered, Called, Came, Candidate, Check, Found, RollCall, Stand, Whom};
use super::{Counter, News, Veil, bytes, shut};
use crate::card::{CardError, LastTry, Pin, Tries};
use crate::commands::card::choice::CardChoice;
use crate::commands::reception::arrive::{self, find, holder_of, no_register, nobody};
use crate::commands::reception::{change, decide, family};
use crate::console::widgets::secret::Typed;
use crate::console::work::Tell;
use crate::failure::Failure;
use crate::shelter::card::usual;
use crate::shelter::desk::{Draft, Here, Subject, unknown};
use crate::shelter::input::{self, Fields};
use crate::shelter::record::How;
use crate::shelter::said;
use crate::shelter::state::{Own, Reception};
use crate::shelter::undo::{Held, Undo, entered_said};

const LANGS: [Lang; 2] = [Lang::Ja, Lang::En];

/// Somebody of the roster.
fn of_view(reception: &Reception, view: &PersonView) -> Candidate {
    let counts = &view.counts;
    let here = match (counts.act == Act::Out, counts.shelter == *reception.shelter()) {
        (true, _) => Here::Left,
        (false, true) => Here::Present,
        (false, false) => Here::Elsewhere,
    };
    let person = counts.person.clone();
    let act = |lang: Lang| said::act(lang, counts.act, counts.person.as_ref());
    let hidden = |lang: Lang| lang.pick("（内容はこの端末にはありません）", "(what it says is not known here)").to_owned();
    let today = reception.today();
    let conflict = |lang: Lang| conflict(reception, lang, view);
    let mark = if view.conflict.is_some() { "⚠ " } else { "" };
    Candidate {
        whom: Whom::Person(counts.chain),
        place: LANGS.map(|lang| format!("{mark}{} {}", act(lang), reception.shelter_name(lang, &counts.shelter))),
        line: LANGS.map(|lang| {
            let who = person.as_ref().map_or_else(|| hidden(lang), |person| said::line(lang, person, today));
            conflict(lang).map_or_else(|| who.clone(), |conflict| format!("{who}  {conflict}"))
        }),
        all: LANGS.map(|lang| {
            let known = person.as_ref().map_or_else(|| hidden(lang), |person| said::lines(lang, person, today));
            let since = said::moment(lang, counts.time.millis());
            format!(
                "{known}\n{}  {}  {since}{}",
                act(lang),
                reception.shelter_name(lang, &counts.shelter),
                conflict(lang).map_or_else(String::new, |conflict| format!("\n{conflict}"))
            )
        }),
        here,
        person,
        household: Vec::new(),
    }
}

/// That what was entered of somebody contradicts itself, where, and who settles it. Of whom there is a name, another shelter that cannot be read here is not told.
fn conflict(reception: &Reception, lang: Lang, view: &PersonView) -> Option<String> {
    let kind = view.conflict?.say(lang);
    let mut places: Vec<String> = Vec::new();
    for head in &view.heads {
        let is_told = head.person.is_some() || view.counts.person.is_none();
        let place = if is_told { reception.shelter_name(lang, &head.shelter) } else { lang.pick("ほかの避難所", "another shelter").to_owned() };
        if !places.contains(&place) {
            places.push(place);
        }
    }
    Some(match lang {
        Lang::Ja => format!("⚠ 食い違い（{kind}: {}）。災害対策本部が解消します。", places.join("・")),
        Lang::En => format!("⚠ conflict ({kind}: {}); headquarters settle it.", places.join(", ")),
    })
}

fn of_resident(reception: &Reception, resident: &Resident) -> Candidate {
    let today = reception.today();
    let Subject { chain, here, .. } = reception.resident(resident, Identified::List);
    let beside = reception.elsewhere(chain, here).map_or_else(Default::default, |(ja, en)| [ja, en].map(|said| format!("  ⚠ {said}")));
    let [ja, en] = LANGS.map(|lang| said::resident(lang, resident, today));
    let [beside_ja, beside_en] = beside;
    let line = [format!("{ja}{beside_ja}"), format!("{en}{beside_en}")];
    Candidate {
        whom: Whom::Resident(resident.number.clone()),
        place: LANGS.map(|lang| reception.standing(lang, resident)),
        all: line.clone(),
        line,
        here,
        person: None,
        household: Vec::new(),
    }
}

/// Who of the roster and of the list of residents, as far as that is here, has a name that begins like this. That it was looked is noted.
fn fitting(reception: &mut Reception, name: &str) -> Result<Vec<Candidate>, Failure> {
    let arrive::Found { people, residents, extent: _ } = find(reception, name)?;
    let people = people.iter().map(|view| of_view(reception, view));
    Ok(people.chain(residents.iter().map(|resident| of_resident(reception, resident))).collect())
}

impl Counter {
    pub(super) fn search(&mut self, name: &str) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        reception.declared()?;
        let people = fitting(reception, name)?;
        let among = if reception.residents().is_some() { Among::All } else { Among::Roster };
        self.sought = (among == Among::Roster).then(|| name.to_owned());
        Ok(vec![News::Found(Found { people, among, again: None })])
    }

    /// Looks once more for whoever was looked for without the list of residents, once that is here and something is shown.
    pub(super) fn again(&mut self) -> Option<News> {
        let reception = self.reception.as_mut().filter(|reception| self.veil == Veil::Up && reception.residents().is_some())?;
        let name = self.sought.take()?;
        let found = fitting(reception, &name).map(|people| Found { people, among: Among::All, again: Some(name) });
        Some(found.map_or_else(News::Failed, News::Found))
    }

    pub(super) fn present(&mut self) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        // Of whom this terminal knows no more than that the entries contradict each other, it is shown where.
        let mut views = reception.present();
        let shown: BTreeSet<ChainId> = views.iter().map(|view| view.counts.chain).collect();
        views.extend(reception.conflicts().into_iter().filter(|view| !shown.contains(&view.counts.chain)));
        reception.looked(How::List, views.iter().map(|view| view.counts.chain).collect(), 0)?;
        let people = views.iter().map(|view| of_view(reception, view)).collect();
        Ok(vec![News::Found(Found { people, among: Among::All, again: None })])
    }

    pub(super) fn citizen(&mut self, code: &str) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        reception.declared()?;
        let subject = reception.citizen(input::citizen(code)?)?;
        self.stands(subject, Vec::new())
    }

    pub(super) fn card(&mut self, typed: &Typed) -> Result<Vec<News>, Failure> {
        let typed = SecretString::from(narrow(typed.secret().expose_secret()));
        let reception = self.reception()?;
        let by = usual(reception.declared()?.card);
        let mut card = CardChoice::at_hand().take()?;
        let held = card.pin(by);
        match card.tries(by)? {
            Tries::Blocked => return Err(CardError::Blocked(held.name).into()),
            Tries::Left(..=1) => return Err(CardError::LastTryKept(held.name).into()),
            _ => {}
        }
        let pin = Pin::named(by, card.generation().rule(by), &typed)?;
        let text = reception.read_card(&mut card, by, &pin, LastTry::Keep)?;
        // It was taken away already, or it stays switched on: nobody waits for that.
        let _ = card.close();
        let (subject, _, notes) = holder_of(reception, by, &text)?;
        let notes = notes.into_iter().map(|(ja, en)| [ja.to_owned(), en.to_owned()]).collect();
        self.stands(subject, notes)
    }

    pub(super) fn choose(&mut self, whom: &Whom) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        match whom {
            Whom::Resident(number) => {
                let subject = listed(reception, number)?;
                self.stands(subject, Vec::new())
            }
            Whom::Person(chain) => {
                let (person, here) = change::known(reception, *chain)?;
                if here == Here::Present {
                    return self.known(*chain);
                }
                let subject = reception.again(*chain, person);
                self.stands(subject, Vec::new())
            }
        }
    }

    pub(super) fn typed(&mut self, persons: &[Fields]) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        reception.declared()?;
        let mut subjects = match persons {
            [one] => vec![reception.typed(one, Identified::Typed)?.0],
            several => family::relatives(reception, several)?,
        };
        let first = subjects.remove(0);
        let mut notes = Vec::new();
        if first.here == Here::New && first.person.resident.is_some() {
            notes.push([
                "住民の一覧に同じ氏名・生年月日の方がいるため、その方として登録します。".to_owned(),
                "A resident has this name and birth date; it is entered as that resident.".to_owned(),
            ]);
        }
        if subjects.is_empty() {
            return self.stands(first, notes);
        }
        let others = subjects.into_iter().filter(|subject| subject.here != Here::Present).collect();
        self.check(first, others, notes, Came::All)
    }

    /// Somebody stands at the desk: shown with the household, or as registered already.
    fn stands(&mut self, subject: Subject, notes: Vec<[String; 2]>) -> Result<Vec<News>, Failure> {
        if subject.here == Here::Present {
            return self.known(subject.chain);
        }
        let reception = self.reception()?;
        let number = subject.person.resident.clone();
        let resident = number.and_then(|number| reception.residents()?.by_number(&number).cloned()).filter(|resident| !resident.household.is_empty());
        let mut others = Vec::new();
        if let Some(resident) = resident.filter(|resident| resident.protection == Protection::Open) {
            let members = family::members(reception, &resident)?.into_iter().filter(|member| member.number != resident.number);
            others.extend(members.map(|member| reception.resident(&member, Identified::List)).filter(|subject| subject.here != Here::Present));
        }
        self.check(subject, others, notes, Came::Unknown)
    }

    fn check(&mut self, first: Subject, others: Vec<Subject>, notes: Vec<[String; 2]>, came: Came) -> Result<Vec<News>, Failure> {
        let lang = self.lang;
        let reception = self.reception.as_mut().ok_or_else(shut)?;
        let mut notes = notes;
        notes.extend(reception.elsewhere(first.chain, first.here).map(|(ja, en)| [ja, en]));
        match reception.roster().shelter(reception.shelter()).map(|shelter| shelter.state) {
            None => notes.push([
                "この避難所はまだ開設されていません。登録はできますが、災害対策本部に開設してもらってください。".to_owned(),
                "This shelter is not open in the event yet. It can be entered nevertheless; have headquarters open the shelter.".to_owned(),
            ]),
            Some(OpenState::Full) => notes.push([
                "この避難所は満員です。ほかの避難所を案内するか、事情があれば登録してください。".to_owned(),
                "This shelter is full. Direct people to another one, or register where there is a reason.".to_owned(),
            ]),
            Some(OpenState::Closed) => {
                notes.push([
                    "この避難所は閉鎖されています。災害対策本部に確かめてください。".to_owned(),
                    "This shelter is closed. Ask headquarters.".to_owned(),
                ]);
            }
            Some(OpenState::Open | OpenState::Crowded) => {}
        }
        let mut warnings = Vec::new();
        let mut people = Vec::new();
        for Subject { chain, mut person, here } in std::iter::once(first).chain(others) {
            if here == Here::Left {
                person.destination = String::new();
            }
            warnings.extend(decide::warnings(lang, reception, chain, &person)?.into_iter().map(|(ja, en)| [ja, en]));
            let last = last(reception, chain, here);
            people.push(Stand { chain, person, here, last });
        }
        let today = reception.today();
        let all = LANGS.map(|lang| people.first().map(|stand| said::lines(lang, &stand.person, today)).unwrap_or_default());
        Ok(vec![News::Check(Box::new(Check { people, all, warnings, notes, came }))])
    }

    /// Somebody who is registered here.
    fn known(&mut self, chain: ChainId) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        let view = reception.view(chain).ok_or_else(unknown)?;
        let with = reception.with_whom(chain);
        let handles = std::iter::once(&view).chain(&with).flat_map(|view| view.handles.iter().copied()).collect();
        reception.looked(How::Show, handles, 0)?;
        let named = |view: &PersonView| view.counts.person.as_ref().map(|person| (view.counts.chain, LANGS.map(|lang| said::name(lang, person))));
        let household = with.iter().filter_map(named).collect();
        Ok(vec![News::Known(Box::new(Candidate { household, ..of_view(reception, &view) }))])
    }

    /// Enters people who arrive.
    pub(super) fn arrive(&mut self, people: Vec<Stand>) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        if people.iter().any(|stand| last(reception, stand.chain, stand.here) != stand.last) {
            return Err(Failure::refused(
                "この方には、確かめている間に別の登録がありました。登録していません。Esc で戻り、もう一度探してください。",
                "something else was entered of this person meanwhile, and nothing was entered now. Go back with Esc, and find the person anew.",
            ));
        }
        let drafts: Vec<Draft> = people.into_iter().map(|Stand { chain, person, here, last: _ }| decide::arriving(reception, chain, here, person)).collect();
        let received = drafts.iter().map(|draft| draft.chain).collect();
        let news = self.enter(drafts)?;
        self.received = received;
        Ok(news)
    }

    /// A resident answers a roll call: entered, unless somebody has to look twice.
    pub(super) fn answer(&mut self, number: &str) -> Result<Vec<News>, Failure> {
        let lang = self.lang;
        let reception = self.reception()?;
        let subject = listed(reception, number)?;
        if subject.here != Here::New || !decide::warnings(lang, reception, subject.chain, &subject.person)?.is_empty() {
            return Err(Failure::refused(
                "この方はすでに登録があるか、似た方がいます。受付の画面で氏名を探して登録してください。",
                "this person is registered already, or somebody alike is. Find the name on the reception's screen and register there.",
            ));
        }
        let Subject { chain, person, here } = subject;
        let draft = decide::arriving(reception, chain, here, person);
        let mut news = self.enter(vec![draft])?;
        self.received = vec![chain];
        news.extend(self.roll_call()?);
        Ok(news)
    }

    /// Enters, and keeps what takes it back.
    pub(super) fn enter(&mut self, drafts: Vec<Draft>) -> Result<Vec<News>, Failure> {
        let reception = self.reception.as_mut().ok_or_else(shut)?;
        let held: Vec<Held> = drafts.iter().map(|draft| Held::of(reception, draft.chain)).collect();
        let entered = reception.enter(&drafts)?;
        let (Some(first), Some(act)) = (drafts.first(), entered.first().map(|entered| entered.act)) else { return Ok(Vec::new()) };
        let apart: Vec<(String, String)> = entered.iter().zip(&drafts).filter_map(|(entered, draft)| decide::apart(entered, draft)).collect();
        let said = entered_said(act, &first.person, drafts.len() - 1);
        self.undo.push(Undo::people(said.clone(), held, &entered, drafts));
        if apart.is_empty() {
            return Ok(vec![News::Done(said, Tell::Notice)]);
        }
        let (ja, en): (Vec<_>, Vec<_>) = apart.into_iter().unzip();
        let [said_ja, said_en] = said;
        Ok(vec![News::Done([format!("{}\n\n{said_ja}", ja.join("\n")), format!("{}\n\n{said_en}", en.join("\n"))], Tell::Headquarters)])
    }

    pub(super) fn roll_call(&mut self) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        let present: Vec<ChainId> = reception.present().iter().map(|view| view.counts.chain).collect();
        let residents = reception.residents().map_or(0, |residents| residents.all().len());
        reception.looked(How::List, present, residents)?;
        self.called_again()
    }

    /// The roll call as it stands, without another look.
    pub(super) fn called_again(&mut self) -> Result<Vec<News>, Failure> {
        let called = &self.called;
        let reception = self.reception.as_ref().ok_or_else(shut)?;
        let mut present: Vec<Called> = reception.present().iter().map(|view| of_present(view, called.contains(&view.counts.chain))).collect();
        present.sort_by(|one, other| one.district.cmp(&other.district));
        let expected = reception.expected().into_iter().map(|(resident, here)| of_expected(resident, here)).collect();
        Ok(vec![News::RollCall(Box::new(RollCall { present, expected }))])
    }
}

const fn answered(is_so: bool) -> Answered {
    if is_so { Answered::Yes } else { Answered::No }
}

fn of_present(view: &PersonView, is_called: bool) -> Called {
    let unknown = Person::unknown(Identified::Typed, tachiai_schemas::roster::Stay::Shelter);
    let person = view.counts.person.as_ref().unwrap_or(&unknown);
    Called {
        whom: Whom::Person(view.counts.chain),
        district: person.district.clone(),
        name: said::name(Lang::Ja, person),
        beside: LANGS.map(|lang| {
            let mut parts = vec![person.room.clone()];
            parts.extend(person.needs.iter().map(|need| need.say(lang)));
            parts.retain(|part| !part.is_empty());
            parts.join("  ")
        }),
        answer: answered(is_called),
    }
}

fn of_expected(resident: &Resident, here: Here) -> Called {
    let support = |lang: Lang| resident.support.as_ref().map(|_| lang.pick("◆要支援者 ", "◆ support ")).unwrap_or_default();
    Called {
        whom: Whom::Resident(resident.number.clone()),
        district: resident.district.clone(),
        name: format!("{}（{}）", resident.name, resident.kana),
        beside: LANGS.map(|lang| format!("{}{}", support(lang), resident.address)),
        answer: answered(here.is_somewhere()),
    }
}

/// The last entry of somebody. Of whom nobody is told where they are, one of this terminal alone.
fn last(reception: &Reception, chain: ChainId, here: Here) -> Option<HashBytes> {
    let is_of = |own: &&Own| matches!(&own.entry.body.body, Body::Person(entry) if entry.chain == chain);
    match here {
        Here::Hidden => reception.own().iter().rev().find(is_of).map(|own| bytes(own.hash)),
        Here::New | Here::Present | Here::Elsewhere | Here::Left => reception.roster().person(chain).map(|group| bytes(group.latest.moment.hash)),
    }
}

/// A resident of the list, by number.
fn listed(reception: &Reception, number: &str) -> Result<Subject, Failure> {
    let residents = reception.residents().ok_or_else(no_register)?;
    let resident = residents.by_number(number).filter(|resident| !reception.is_resident_hidden(resident)).ok_or_else(nobody)?;
    Ok(reception.resident(resident, Identified::List))
}
