//! `reception in household`, `in family`: those who came together, in one go: a household of the list of residents, or people of whom only their word is known, the head
//! first.

use clap::Args;
use tachiai_schemas::Lang;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::person::{Household, Identified, Relation};
use tachiai_schemas::roster::{ChainId, Person, Stay};
use tachiai_schemas::shelter::Resident;
use tachiai_schemas::shelter::reading::key;

use super::args::{Input, note};
use super::arrive::{no_register, nobody};
use super::decide::{Asked, Settled, arriving, ask_person, enter, not_entered, room, warnings};
use crate::cli::Global;
use crate::commands::ask::{ask, is_conversation};
use crate::failure::{Exit, Failure};
use crate::shelter::desk::{Draft, Here, Subject};
use crate::shelter::input::Fields;
use crate::shelter::said;
use crate::shelter::state::Reception;

/// A household of the list of residents.
#[derive(Args, Debug)]
pub struct ByHousehold {
    /// The number of one of its members
    #[arg(long, value_name = "NUMBER")]
    number: String,
    /// The number of a member who did not come; once for each
    #[arg(long, value_name = "NUMBER")]
    without: Vec<String>,
    #[command(flatten)]
    settled: Settled,
}

/// A family of whom only their word is known.
#[derive(Args, Debug)]
pub struct ByFamily {
    #[command(flatten)]
    settled: Settled,
    #[command(flatten)]
    input: Input,
}

impl ByHousehold {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let residents = reception.residents().ok_or_else(no_register)?;
        let one = residents.by_number(&self.number).filter(|one| one.protection == Protection::Open).ok_or_else(nobody)?;
        let members = members(reception, one)?;
        if let Some(stranger) = self.without.iter().find(|number| !members.iter().any(|member| member.number == **number)) {
            return Err(Failure::new(
                Exit::Usage,
                format!("--without {stranger}: この世帯の方ではありません。"),
                format!("--without {stranger}: nobody of this household."),
            ));
        }
        let came = members.into_iter().filter(|member| !self.without.contains(&member.number)).collect();
        household(global, reception, came, &self.settled)
    }
}

/// The household of a resident, the head first. Whoever is under protection comes with the own card, and is not so much as named here.
///
/// # Errors
/// [`Failure`] (1): the list does not tell the household.
pub fn members(reception: &Reception, one: &Resident) -> Result<Vec<Resident>, Failure> {
    if one.household.is_empty() {
        return Err(Failure::refused("この方の世帯は一覧にありません。", "the list does not say of which household this resident is."));
    }
    let residents = reception.residents().ok_or_else(no_register)?;
    let is_told = |member: &&Resident| member.protection == Protection::Open && !reception.is_resident_hidden(member);
    let mut members: Vec<Resident> = residents.household(&one.household).filter(is_told).cloned().collect();
    members.sort_by_key(|member| member.relation != Relation::Head);
    Ok(members)
}

/// Registers members of a household of the list.
///
/// # Errors
/// [`Failure`].
pub fn household(global: &Global, reception: &mut Reception, came: Vec<Resident>, settled: &Settled) -> Result<Exit, Failure> {
    let subjects = came.iter().map(|member| reception.resident(member, Identified::List)).collect();
    together(global, reception, subjects, settled)
}

/// In the conversation: registers a resident's household, asking who of it did not come.
///
/// # Errors
/// [`Failure`].
pub fn ask_household(global: &Global, reception: &mut Reception, one: &Resident) -> Result<Exit, Failure> {
    let members: Vec<Resident> =
        members(reception, one)?.into_iter().filter(|member| reception.resident(member, Identified::List).here != Here::Present).collect();
    if members.is_empty() {
        return Err(Failure::refused("この世帯の方は全員受付済みです。", "everybody of this household is registered here already."));
    }
    let (lang, today) = (global.lang(), reception.today());
    for (number, member) in (1..).zip(&members) {
        eprintln!("  {number}. {}", said::resident(lang, member, today));
    }
    let answer = ask(global.pick("来ていない方の番号（全員来ていれば Enter、カンマ区切り）: ", "Numbers of those who did not come (Enter: all came): "))?;
    let narrow = tachiai_schemas::shelter::figures::narrow(&answer);
    let wrong = || Failure::new(Exit::Usage, "上の一覧の番号を書いてください。登録していません。", "write numbers of the list above. Nothing was entered.");
    let mut absent = Vec::new();
    for part in narrow.split([',', '、']).filter(|part| !part.is_empty()) {
        absent.push(part.parse::<usize>().ok().filter(|number| (1..=members.len()).contains(number)).ok_or_else(wrong)?);
    }
    let came = (1..).zip(members).filter(|(number, _)| !absent.contains(number)).map(|(_, member)| member).collect();
    household(global, reception, came, &Settled::default())
}

impl ByFamily {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let persons = match self.input.persons()? {
            Some(persons) => persons,
            None => ask_family(global, reception)?,
        };
        family(global, reception, &persons, &self.settled)
    }
}

/// Asks for a family: the head with all fields, then the others until an empty name.
///
/// # Errors
/// [`Failure`].
pub fn ask_family(global: &Global, reception: &Reception) -> Result<Vec<Fields>, Failure> {
    eprintln!("{}", global.pick("まず世帯主（代表の方）を入力してください。", "First the head of the family, or whoever speaks for it."));
    let mut persons = Vec::new();
    for asked in std::iter::once(Asked::Whole).chain(std::iter::repeat(Asked::Member)) {
        if asked == Asked::Member {
            eprintln!(
                "{}",
                global.pick(
                    "次の方（氏名を空のまま Enter で終わり。住所と電話は世帯主と同じなら入力しません）",
                    "The next (an empty name ends; address and telephone are the head's)"
                )
            );
        }
        let mut fields = Fields::default();
        ask_person(global, reception.today(), asked, &mut fields)?;
        if fields.is_empty() {
            break;
        }
        persons.push(fields);
    }
    Ok(persons)
}

/// Registers a family by word, all or none: the first is the head unless another says so, and who gives no address or telephone has the head's.
///
/// # Errors
/// [`Failure`].
pub fn family(global: &Global, reception: &mut Reception, persons: &[Fields], settled: &Settled) -> Result<Exit, Failure> {
    let subjects = relatives(reception, persons)?;
    together(global, reception, subjects, settled)
}

/// The people of a family by word, the head first: of one household, with the head's address where they gave none.
///
/// # Errors
/// [`Failure`]: nothing was typed, a value that cannot be, or one person twice.
pub fn relatives(reception: &Reception, persons: &[Fields]) -> Result<Vec<Subject>, Failure> {
    let typed = persons.iter().map(|fields| reception.typed(fields, Identified::Typed)).collect::<Result<Vec<_>, _>>()?;
    let Some((head, _)) = typed.first() else {
        return Err(Failure::new(Exit::Usage, "入力がありません。登録していません。", "nothing was typed, and nothing entered."));
    };
    let id = head.person.household.map_or_else(|| ChainId::generate(&mut rand_core::OsRng), |household| household.id);
    let is_said = typed.iter().any(|(_, beside)| beside.relation == Some(Relation::Head));
    let head = head.person.clone();
    let mut subjects: Vec<Subject> = Vec::new();
    for (at, (mut subject, beside)) in typed.into_iter().enumerate() {
        if subjects.iter().any(|other| other.chain == subject.chain || is_same(&other.person, &subject.person)) {
            return Err(Failure::new(
                Exit::Usage,
                format!("{}人目: 同じ氏名・生年月日の方がこの入力に2人います。登録していません。", at + 1),
                format!("person {}: the same name and birth stand twice in this input. Nothing was entered.", at + 1),
            ));
        }
        let usual = if at == 0 && !is_said { Relation::Head } else { Relation::Member };
        let person = &mut subject.person;
        person.household = person.household.or(Some(Household { id, relation: beside.relation.unwrap_or(usual) }));
        if person.resident.is_none() {
            for (own, heads) in [(&mut person.address, &head.address), (&mut person.phone, &head.phone), (&mut person.district, &head.district)] {
                if own.is_empty() {
                    own.clone_from(heads);
                }
            }
        }
        subjects.push(subject);
    }
    Ok(subjects)
}

/// Whether two are named and born alike.
fn is_same(one: &Person, two: &Person) -> bool {
    let name = key(&one.name);
    !name.is_empty() && name == key(&two.name) && one.birth == two.birth
}

/// Registers people who came together, all or none. Who is here already is left out.
fn together(global: &Global, reception: &mut Reception, subjects: Vec<Subject>, settled: &Settled) -> Result<Exit, Failure> {
    let (lang, today) = (global.lang(), reception.today());
    let mut drafts: Vec<Draft> = Vec::new();
    let mut warned = false;
    let mut heads = Vec::new();
    let mut shared = settled.room.clone();
    for Subject { chain, mut person, here } in subjects {
        if here == Here::Present {
            let shown = said::line(lang, &person, today);
            note(global, &format!("すでに受付済みです: {shown}"), &format!("registered already: {shown}"));
            continue;
        }
        if let Some(stay) = settled.stay {
            person.stay = stay;
        }
        if here == Here::Left {
            person.destination = String::new();
        }
        // Those who came together share a room, unless another was said of one.
        let own = if person.room.is_empty() { shared.clone() } else { None };
        person.room = room(global, reception, &person, &Settled { room: own, ..settled.clone() })?;
        if is_conversation(global) && person.stay == Stay::Shelter {
            shared.get_or_insert_with(|| person.room.clone());
        }
        for (ja, en) in warnings(lang, reception, chain, &person)? {
            note(global, &ja, &en);
            warned = true;
        }
        if let Some(Household { id, relation: Relation::Head }) = person.household {
            if heads.contains(&id) {
                note(global, "世帯主が2人以上います。", "this household has more than one head.");
                warned = true;
            }
            heads.push(id);
        }
        drafts.push(arriving(reception, chain, here, person));
    }
    if drafts.is_empty() {
        return not_entered();
    }
    if !global.json {
        for draft in &drafts {
            outln!("  {}", said::line(lang, &draft.person, today));
        }
    }
    if warned && !settled.anyway && !is_conversation(global) {
        return Err(Failure::refused(
            "登録していません。別の方であれば --anyway を付けてください。",
            "nothing was entered. If these are other people, add --anyway.",
        ));
    }
    let must_ask = (warned && !settled.anyway) || !settled.yes;
    if must_ask && is_conversation(global) {
        let question = match (warned, lang) {
            (false, Lang::Ja) => format!("{}人を登録します。Enter で登録、n で取り消し: ", drafts.len()),
            (false, Lang::En) => format!("{} persons. Enter to register, n to cancel: ", drafts.len()),
            (true, Lang::Ja) => format!("{}人を登録しますか？ y で登録、Enter で取り消し: ", drafts.len()),
            (true, Lang::En) => format!("Register these {} persons? y to register, Enter to cancel: ", drafts.len()),
        };
        let answer = ask(&question)?;
        if !(matches!(answer.as_str(), "y" | "Y" | "yes" | "はい" | "ｙ") || (answer.is_empty() && !warned)) {
            return not_entered();
        }
    }
    enter(global, reception, &drafts)
}
