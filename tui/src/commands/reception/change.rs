//! `reception out`, `move`, `edit`, `paper`: somebody leaves, moves, changes; and what was first written on paper.

use clap::Args;
use tachiai_schemas::Timestamp;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::person::{Household, Identified, Relation};
use tachiai_schemas::roster::{Act, ChainId, Person, ShelterId, Stay};

use super::args::{Input, Whom, by_handle, note};
use super::decide::{alike, enter, not_entered};
use crate::cli::Global;
use crate::commands::ask::{ask, is_conversation};
use crate::failure::{Exit, Failure};
use crate::shelter::desk::{Draft, Follow, Here, Subject, unknown};
use crate::shelter::input::{self, Beside, Fields};
use crate::shelter::said;
use crate::shelter::state::Reception;

/// Somebody leaves.
#[derive(Args, Debug)]
pub struct Out {
    #[command(flatten)]
    whom: Whom,
    #[command(flatten)]
    input: Input,
}

/// Somebody came from another shelter.
#[derive(Args, Debug)]
pub struct Move {
    #[command(flatten)]
    whom: Whom,
    /// The shelter to which the person was taken [default: this one]
    #[arg(long, value_name = "SHELTER")]
    to: Option<ShelterId>,
}

/// What is known of somebody changes.
#[derive(Args, Debug)]
pub struct Edit {
    #[command(flatten)]
    whom: Whom,
    #[command(flatten)]
    input: Input,
}

/// Paper forms.
#[derive(Args, Debug)]
pub struct Paper {
    #[command(flatten)]
    input: Input,
    /// The persons of this input are one household
    #[arg(long)]
    household: bool,
    /// Enter in spite of a warning: somebody alike is here, a second head of the household, or a time long before the event
    #[arg(long)]
    anyway: bool,
}

/// How much before an event began a form is asked about, in milliseconds: three days.
const LONG_BEFORE: u64 = 3 * 24 * 60 * 60 * 1000;

/// A person who is known here, with the content of the entry that counts.
///
/// # Errors
/// [`Failure`] (1): nobody, or what was entered is not known here.
pub fn known(reception: &Reception, chain: ChainId) -> Result<(Person, Here), Failure> {
    let group = reception.roster().person(chain).ok_or_else(unknown)?;
    let person = reception.people().person(&group.latest.moment.hash).map(|person| Person::clone(person)).ok_or_else(|| {
        Failure::refused(
            "この方の登録の内容はこの端末にありません。別の避難所で登録された方です。カードか氏名で改めて受け付けてください。",
            "what is registered of this person is not known here: it was entered at another shelter. Register by card or by name.",
        )
    })?;
    let here = match (group.is_present(), group.latest.shelter == *reception.shelter()) {
        (true, true) => Here::Present,
        (true, false) => Here::Elsewhere,
        (false, _) => Here::Left,
    };
    Ok((person, here))
}

impl Out {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let chain = self.whom.find(reception)?;
        let to = self.input.person()?.map(destination).transpose()?;
        leave(global, reception, chain, to)
    }
}

/// Where somebody goes, of fields that say nothing else.
fn destination(mut fields: Fields) -> Result<String, Failure> {
    let to = fields.take("destination").or_else(|| fields.take("行き先")).unwrap_or_default();
    if fields.is_empty() {
        return Ok(to);
    }
    Err(Failure::new(
        Exit::Usage,
        "退所では 行き先=… だけを書いてください。ほかの変更は tachiai reception edit で行います。",
        "write destination=PLACE only for somebody who leaves. Change anything else with `tachiai reception edit`.",
    ))
}

/// Registers that somebody leaves.
///
/// # Errors
/// [`Failure`] (1): unknown, or gone already.
pub fn leave(global: &Global, reception: &mut Reception, chain: ChainId, to: Option<String>) -> Result<Exit, Failure> {
    staying(reception, chain)?;
    let to = match to {
        Some(to) => to,
        None if is_conversation(global) => ask(global.pick("行き先（自宅・親族宅・病院 …）: ", "Where to (home, relatives, hospital, …): "))?,
        None => String::new(),
    };
    let draft = leaving(reception, chain, &to)?;
    enter(global, reception, &[draft])
}

/// Somebody who is registered and has not left.
fn staying(reception: &Reception, chain: ChainId) -> Result<Person, Failure> {
    match known(reception, chain)? {
        (_, Here::Left) => Err(Failure::refused("この方はすでに退所しています。", "this person has left already.")),
        (person, _) => Ok(person),
    }
}

/// The shelter in which somebody was entered last.
fn place_of(reception: &Reception, chain: ChainId) -> ShelterId {
    reception.roster().person(chain).map_or_else(|| reception.shelter().clone(), |group| group.latest.shelter.clone())
}

/// The entry by which somebody leaves for a destination.
///
/// # Errors
/// [`Failure`] (1): unknown, or gone already; 64 for what is no destination.
pub fn leaving(reception: &Reception, chain: ChainId, to: &str) -> Result<Draft, Failure> {
    let mut person = staying(reception, chain)?;
    let mut fields = Fields::default();
    fields.push("destination", to);
    fields.apply(&mut person, reception.today())?;
    Ok(Draft { chain, shelter: place_of(reception, chain), act: Act::Out, person, at: None, follow: Follow::Latest })
}

impl Move {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let chain = self.whom.find(reception)?;
        let shelter = self.to.clone().unwrap_or_else(|| reception.shelter().clone());
        let draft = moving(reception, chain, shelter)?;
        enter(global, reception, &[draft])
    }
}

/// The entry by which somebody comes from another shelter, or is taken to one.
///
/// # Errors
/// [`Failure`] (1): unknown, no shelter of the event, or there already.
pub fn moving(reception: &Reception, chain: ChainId, shelter: ShelterId) -> Result<Draft, Failure> {
    if reception.roster().shelter(&shelter).is_none() {
        return Err(Failure::refused(
            format!("避難所 {shelter} はこの災害・行事では開設されていません。"),
            format!("shelter {shelter} is not open in this event."),
        ));
    }
    if reception.roster().person(chain).is_some_and(|group| group.is_present() && group.latest.shelter == shelter) {
        return Err(Failure::refused(format!("この方はすでに避難所 {shelter} にいます。"), format!("this person is at shelter {shelter} already.")));
    }
    let (mut person, _) = known(reception, chain)?;
    person.room = reception.same_room(&shelter, &person.room);
    Ok(Draft { chain, shelter, act: Act::Moved, person, at: None, follow: Follow::Latest })
}

impl Edit {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let chain = self.whom.find(reception)?;
        let fields = match self.input.person()? {
            Some(fields) => fields,
            None => asked(global)?,
        };
        edit(global, reception, chain, &fields)
    }
}

/// Asks for fields until an empty line.
fn asked(global: &Global) -> Result<Fields, Failure> {
    eprintln!("{}\n  {}", global.pick("「項目=値」を1行ずつ。空行で終わり。", "key=value, one a line; an empty line ends."), input::keys(global.lang()));
    let mut lines = String::new();
    loop {
        let line = ask("> ")?;
        if line.is_empty() {
            return Ok(input::read(&lines)?.pop().unwrap_or_default());
        }
        lines.push_str(&line);
        lines.push('\n');
    }
}

/// Changes what is known of somebody.
///
/// # Errors
/// [`Failure`].
pub fn edit(global: &Global, reception: &mut Reception, chain: ChainId, fields: &Fields) -> Result<Exit, Failure> {
    if fields.is_empty() {
        return not_entered();
    }
    let draft = changed(reception, chain, fields)?;
    if let Some(head) = reception.other_head(chain, draft.person.household) {
        note(
            global,
            &format!("この世帯にはすでに世帯主の方がいます（{head}）。世帯主が2人になります。"),
            &format!("this household has a head already ({head}). It has two now."),
        );
    }
    let now = said::lines(global.lang(), &draft.person, reception.today());
    let exit = enter(global, reception, &[draft])?;
    if !global.json {
        // What was changed took the place of what stood there: it is to be seen what stands now.
        outln!("{now}");
    }
    Ok(exit)
}

/// The entry by which something about somebody changes.
///
/// # Errors
/// [`Failure`]: unknown or gone, a value that cannot be, a protection that would be taken away, or nothing changes.
pub fn changed(reception: &Reception, chain: ChainId, fields: &Fields) -> Result<Draft, Failure> {
    let (before, here) = known(reception, chain)?;
    if here == Here::Left {
        return Err(Failure::refused(
            "この方は退所しています。戻られた場合は改めて受け付けてください。",
            "this person has left. Register who comes back anew.",
        ));
    }
    let mut person = before.clone();
    let beside = fields.apply(&mut person, reception.today())?;
    if let (Some(relation), Some(household)) = (beside.relation, &mut person.household) {
        household.relation = relation;
    }
    person = not_lowered(&before, reception.kept_protected(chain, person))?;
    let shelter = place_of(reception, chain);
    if person.room != before.room {
        person.room = reception.known_room(&shelter, &person.room)?;
    }
    if person == before {
        return Err(Failure::refused("変わるところがありません。登録していません。", "nothing changes by this, and nothing was entered."));
    }
    Ok(Draft { chain, shelter, act: Act::Edit, person, at: None, follow: Follow::Latest })
}

/// A person as changed, unless that would take a protection away.
fn not_lowered(before: &Person, after: Person) -> Result<Person, Failure> {
    match (before.protection, after.protection) {
        (Protection::Protected, Protection::Open) => Err(protection_stays()),
        (Protection::Open | Protection::Protected, _) => Ok(after),
    }
}

/// A terminal does not know everything by which somebody is protected.
fn protection_stays() -> Failure {
    Failure::refused(
        "支援措置（非表示）の解除は受付ではできません。登録していません。対象でないと確かめた場合は災害対策本部に伝えてください。",
        "a reception does not take a protection away, and nothing was entered. If it is made sure that this person is under none, tell headquarters.",
    )
}

impl Paper {
    /// Runs the command: all forms are entered, or none.
    ///
    /// # Errors
    /// [`Failure`], which tells the number of the form.
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        let began = reception.declared()?.began;
        let forms =
            self.input.persons()?.ok_or_else(|| Failure::new(Exit::Usage, "受付票の内容を標準入力で渡してください。", "give the forms on standard input."))?;
        let household = self.household.then(|| ChainId::generate(&mut rand_core::OsRng));
        let (mut drafts, mut warned): (Vec<Draft>, usize) = (Vec::new(), 0);
        for (number, form) in (1..).zip(&forms) {
            let failed =
                |failure: Failure| Failure { ja: format!("受付票 {number}: {}", failure.ja), en: format!("form {number}: {}", failure.en), ..failure };
            let (draft, alike) = form_draft(global, reception, form, household).map_err(failed)?;
            if drafts.iter().any(|other| other.chain == draft.chain) {
                return Err(failed(Failure::refused("同じ方の受付票が2枚あります。", "there are two forms of one person.")));
            }
            if is_long_before(draft.at, began) {
                note(
                    global,
                    &format!("受付票 {number}: 日時が、災害・行事の開始より3日以上前です。年月日を確かめてください。"),
                    &format!("form {number}: the time lies three days or more before the event began. Check the date."),
                );
                warned += 1;
            }
            for (ja, en) in alike {
                note(global, &format!("受付票 {number}: {ja}"), &format!("form {number}: {en}"));
                warned += 1;
            }
            drafts.push(draft);
        }
        let untimed: Vec<String> = (1..).zip(&drafts).filter(|(_, draft)| draft.at.is_none()).map(|(number, _): (usize, _)| number.to_string()).collect();
        if !untimed.is_empty() {
            let numbers = untimed.join(", ");
            note(
                global,
                &format!("受付票 {numbers}: 日時（at=）がないため、今の時刻で登録します。受付票に時刻があれば付けてください。"),
                &format!("form {numbers}: without a time (at=) it is dated now. Give the time that stands on the form."),
            );
        }
        let heads = drafts.iter().filter(|draft| draft.person.household.is_some_and(|household| household.relation == Relation::Head)).count();
        if self.household && heads > 1 {
            note(global, "世帯主が2人以上います。", "this household has more than one head.");
            warned += 1;
        }
        if drafts.is_empty() {
            return not_entered();
        }
        if warned > 0 && !self.anyway {
            return Err(Failure::refused(
                "登録していません。注意のとおりでよければ --anyway を付けてください。",
                "nothing was entered. If it is right in spite of the notes, add --anyway.",
            ));
        }
        enter(global, reception, &drafts)
    }
}

type FormDraft = (Draft, Vec<(String, String)>);

fn form_draft(global: &Global, reception: &mut Reception, form: &Fields, household: Option<ChainId>) -> Result<FormDraft, Failure> {
    let mut form = form.clone();
    let handle = form.take("handle").filter(|handle| !handle.is_empty());
    let (Subject { chain, mut person, here }, beside) = match &handle {
        Some(handle) => of_handle(reception, by_handle(reception, handle)?, &form)?,
        None => reception.typed(&form, Identified::Paper)?,
    };
    if beside.at.is_some_and(|at| at > reception.now()) {
        return Err(Failure::new(Exit::Usage, "日時: 未来の日時です。", "at: this time lies in the future."));
    }
    if person.stay == Stay::Shelter {
        person.room = reception.known_room(reception.shelter(), &person.room)?;
    }
    let follow = here.follow();
    // Whoever follows nothing comes after nothing.
    beside.at.filter(|_| follow == Follow::Latest).map_or(Ok(()), |at| reception.comes_after(chain, at))?;
    if let Some(id) = household {
        person.household = Some(Household { id, relation: beside.relation.unwrap_or_default() });
    }
    let act = match (beside.act.as_deref(), here) {
        (None | Some("in" | "入所"), Here::Elsewhere) => Act::Moved,
        (None | Some("in" | "入所"), _) => Act::In,
        (Some("moved" | "移動"), _) => Act::Moved,
        (Some("edit" | "変更"), Here::Present | Here::Elsewhere) => Act::Edit,
        (Some("out" | "退所"), Here::Present | Here::Elsewhere) => Act::Out,
        (Some("edit" | "変更" | "out" | "退所"), _) => {
            return Err(Failure::refused(
                "どの方か分かりません。何も登録していません。handle= に tachiai reception list の英数字の先頭を書いてください。まだ受け付けていない方は、入所の受付票を先に入力してください。",
                "nothing was entered: this does not tell who it is. Write handle= as `tachiai reception list` shows it, or enter the form of the arrival first.",
            ));
        }
        (Some(_), _) => {
            return Err(Failure::new(Exit::Usage, "区分: 入所、移動、変更、退所 のどれかを書いてください。", "act: use one of in, moved, edit, out."));
        }
    };
    let alike = if matches!(here, Here::New | Here::Hidden) { alike(global.lang(), reception, chain, &person)? } else { Vec::new() };
    Ok((Draft { chain, shelter: reception.shelter().clone(), act, person, at: beside.at, follow }, alike))
}

/// Somebody who is named by the handle, as a form changes what is known.
fn of_handle(reception: &Reception, chain: ChainId, form: &Fields) -> Result<(Subject, Beside), Failure> {
    let (before, here) = known(reception, chain)?;
    let mut person = before.clone();
    if here == Here::Left {
        person.destination = String::new();
    }
    let beside = form.apply(&mut person, reception.today())?;
    let person = not_lowered(&before, reception.kept_protected(chain, person))?;
    Ok((Subject { chain, person, here }, beside))
}

/// Whether something is said to have happened long before the event began: people come before a disaster is declared, but not days before.
fn is_long_before(at: Option<u64>, began: Timestamp) -> bool {
    let begins = u64::try_from(began.unix()).unwrap_or(0).saturating_mul(1000);
    at.is_some_and(|at| at < begins.saturating_sub(LONG_BEFORE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_may_be_of_the_evening_before_an_event_and_not_of_the_year_before() {
        let began: Timestamp = "2026-09-01T06:00:00Z".parse().unwrap();
        let at = |text: &str| u64::try_from(text.parse::<Timestamp>().unwrap().unix()).ok().map(|seconds| seconds * 1000);
        assert!(is_long_before(at("2025-09-01T06:00:00Z"), began));
        for fine in [None, at("2026-08-31T12:00:00Z"), at("2026-09-01T07:00:00Z")] {
            assert!(!is_long_before(fine, began), "{fine:?}");
        }
    }

    #[test]
    fn no_edit_takes_a_protection_away() {
        let of = |protection| Person { protection, ..Person::unknown(Identified::Typed, Stay::Shelter) };
        let (open, protected) = (of(Protection::Open), of(Protection::Protected));
        assert_eq!(not_lowered(&protected, open.clone()).map(drop).unwrap_err().exit, Exit::Refused);
        for (before, after) in [(&open, &protected), (&open, &open), (&protected, &protected)] {
            assert!(not_lowered(before, after.clone()).unwrap() == *after);
        }
    }

    #[test]
    fn who_leaves_says_where_to_and_nothing_else() {
        let of = |lines: &str| destination(input::read(lines).unwrap().pop().unwrap_or_default());
        assert_eq!(of("destination=親族宅\n").unwrap(), "親族宅");
        assert_eq!(of("行き先=病院\n").unwrap(), "病院");
        assert_eq!(of("").unwrap(), "");
        assert_eq!(of("destination=病院\nprotection=open\n").unwrap_err().exit, Exit::Usage);
    }
}
