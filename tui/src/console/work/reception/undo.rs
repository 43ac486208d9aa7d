//! Taking back: the journal forgets nothing, so what was done last is corrected by one more entry.

use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{Act, ChainId, OpenState, Person, Report, ShelterId};
use tachiai_schemas::{HashBytes, Lang, Say};

use super::bytes;
use super::seen::heads;
use crate::failure::Failure;
use crate::shelter::desk::{Draft, Entered, Follow};
use crate::shelter::state::Reception;

/// What stands as the destination of somebody whose arrival was taken back.
const MISTAKE: &str = "（受付の取り消し）";

/// What takes something back.
pub struct Undo {
    /// What would be taken back, in Japanese and English.
    pub said: [String; 2],
    how: How,
}

enum How {
    /// Entries of people.
    People(Vec<Before>),
    /// Heads that were counted before, and the report that is taken back.
    Heads(Counted, Option<HashBytes>),
    /// How the shelter stood, and how it was said to stand.
    State(OpenState, OpenState),
    /// Nothing was before: it cannot be taken back, and nothing that was done earlier is in its place.
    Not,
}

/// Heads that were reported.
#[derive(Clone, Copy)]
pub struct Counted {
    persons: u32,
    how: HowCounted,
    /// The report.
    entry: HashBytes,
}

impl Counted {
    /// Those that were reported last of this shelter, as far as they hold.
    pub fn last(reception: &Reception) -> Option<Self> {
        heads(reception)?;
        reception.roster().reports().find_map(|(shelter, moment, report)| match report {
            Report::Headcount { persons, how } if shelter == reception.shelter() => Some(Self { persons: *persons, how: *how, entry: bytes(moment.hash) }),
            _ => None,
        })
    }
}

/// Somebody before an entry.
pub struct Before {
    chain: ChainId,
    /// The entry that is taken back.
    entry: HashBytes,
    /// What held before; nothing of whom nothing was entered.
    was: Option<Was>,
    /// What the entry says.
    is: Person,
}

/// An entry that says again what an earlier one said.
pub struct Corrected {
    /// The earlier one; none of whom nothing was entered.
    pub(super) was: Option<HashBytes>,
    /// The one that says it now.
    pub(super) entry: HashBytes,
}

/// What held of somebody.
struct Was {
    /// The entry that said so.
    entry: HashBytes,
    shelter: ShelterId,
    act: Act,
    person: Person,
}

/// What is known of somebody before something is entered.
pub struct Held(Option<Was>);

impl Held {
    /// Of a handle.
    pub fn of(reception: &Reception, chain: ChainId) -> Self {
        let group = reception.roster().person(chain);
        Self(group.and_then(|group| {
            let person = reception.people().person(&group.latest.moment.hash).map(|person| Person::clone(person))?;
            Some(Was { entry: bytes(group.latest.moment.hash), shelter: group.latest.shelter.clone(), act: group.latest.act, person })
        }))
    }
}

/// That a shelter stands so.
pub fn state_said(state: OpenState) -> [String; 2] {
    [format!("避難所の状態を「{}」にしました。", state.say(Lang::Ja)), format!("The shelter is said to be {}.", state.say(Lang::En))]
}

/// Others said something else since.
fn overtaken() -> Failure {
    Failure::refused(
        "その後に別の報告があったため、取り消していません。今の状態を確かめて、正しい内容を改めて報告してください。",
        "something else was reported since, and nothing was taken back. See how it stands now, and report what is right.",
    )
}

impl Undo {
    /// Of heads that were reported now, if any were before.
    pub fn heads(before: Option<Counted>, now: Option<Counted>) -> Self {
        let persons = now.map_or(0, |now| now.persons);
        let said = [format!("人数の報告: {persons}人"), format!("the report of {persons} heads")];
        Self { said, how: before.map_or(How::Not, |before| How::Heads(before, now.map(|now| now.entry))) }
    }

    /// Of how the shelter is said to stand now, if that was said before.
    pub fn state(before: Option<OpenState>, now: OpenState) -> Self {
        let said = [format!("避難所の状態: {}", now.say(Lang::Ja)), format!("the state of the shelter: {}", now.say(Lang::En))];
        Self { said, how: before.map_or(How::Not, |before| How::State(before, now)) }
    }

    /// Of entries of people, with what held before each.
    pub fn people(said: [String; 2], held: Vec<Held>, entered: &[Entered], drafts: Vec<Draft>) -> Self {
        let before = held.into_iter().zip(entered).zip(drafts);
        let people =
            before.map(|((Held(was), Entered { chain, hash, .. }), draft)| Before { chain: *chain, entry: bytes(*hash), was, is: draft.person }).collect();
        Self { said, how: How::People(people) }
    }

    /// What takes back an entry takes back the one that says the same again once that one was corrected.
    pub fn follow(&mut self, corrected: &[Corrected]) {
        let of = |before: HashBytes| corrected.iter().find(|corrected| corrected.was == Some(before)).map_or(before, |corrected| corrected.entry);
        match &mut self.how {
            How::People(people) => people.iter_mut().for_each(|before| before.entry = of(before.entry)),
            How::Heads(_, now) => *now = now.map(of),
            How::State(..) | How::Not => {}
        }
    }

    /// Takes it back; what is said of it, and by which entries.
    ///
    /// # Errors
    /// [`Failure`]: 1 if something else was entered since.
    pub fn take_back(&self, reception: &mut Reception) -> Result<([String; 2], Vec<Corrected>), Failure> {
        match &self.how {
            How::Heads(Counted { persons, how, entry }, now) => {
                if Counted::last(reception).map(|last| last.entry) != *now {
                    return Err(overtaken());
                }
                reception.headcount(*persons, *how)?;
                let corrected = Counted::last(reception).map(|last| Corrected { was: Some(*entry), entry: last.entry });
                Ok(([format!("人数を元の{persons}人に戻しました。"), format!("The heads are {persons} again.")], corrected.into_iter().collect()))
            }
            How::State(before, now) => {
                if reception.roster().shelter(reception.shelter()).is_none_or(|shelter| shelter.state != *now) {
                    return Err(overtaken());
                }
                reception.set_state(*before)?;
                Ok((state_said(*before), Vec::new()))
            }
            How::Not => {
                let [ja, en] = &self.said;
                Err(Failure::refused(
                    format!("「{ja}」の前には何も報告されていないため、取り消せません。違っている場合は、正しい内容を改めて報告してください。"),
                    format!("nothing was reported before this ({en}): it cannot be taken back. If it is wrong, report what is right."),
                ))
            }
            How::People(people) => {
                let drafts = people.iter().map(|before| before.draft(reception)).collect::<Result<Vec<_>, _>>()?;
                let entered = reception.enter(&drafts)?;
                let corrected = people
                    .iter()
                    .zip(&entered)
                    .map(|(before, entered)| Corrected { was: before.was.as_ref().map(|was| was.entry), entry: bytes(entered.hash) });
                let corrected = corrected.collect();
                let [what_ja, what_en] = &self.said;
                let said = [
                    format!("取り消しました（{what_ja}）。訂正の登録として残ります。"),
                    format!("Taken back ({what_en}). It stays in the record as a correction."),
                ];
                Ok((said, corrected))
            }
        }
    }
}

impl Before {
    fn draft(&self, reception: &Reception) -> Result<Draft, Failure> {
        let Self { chain, entry, was, is } = self;
        let latest = reception.roster().person(*chain).map(|group| (bytes(group.latest.moment.hash), group.latest.shelter.clone()));
        let Some((_, here)) = latest.filter(|(hash, _)| hash == entry) else {
            return Err(Failure::refused(
                "この方には、その後に別の登録があります。取り消さずに、今の登録を直してください。",
                "something else was entered of this person since. Correct what is entered now instead.",
            ));
        };
        let (chain, follow) = (*chain, Follow::Latest);
        // What the person answered since, and how urgent that is, is not taken back with it.
        let now = reception.people().person(&entry.hash()).map(|now| (now.questionnaire, now.triage));
        let answered = |person: &Person| {
            let (questionnaire, triage) = now.unwrap_or((person.questionnaire, person.triage));
            Person { questionnaire, triage, ..person.clone() }
        };
        Ok(match was {
            None => Draft { chain, shelter: here, act: Act::Out, person: Person { destination: MISTAKE.to_owned(), ..answered(is) }, at: None, follow },
            Some(Was { shelter, act: Act::Out, person, entry: _ }) => {
                Draft { chain, shelter: shelter.clone(), act: Act::Out, person: answered(person), at: None, follow }
            }
            Some(Was { shelter, act: _, person, entry: _ }) => {
                let is_gone = reception.roster().person(chain).is_some_and(|group| !group.is_present());
                let act = match (is_gone, *shelter == here) {
                    (true, _) => Act::In,
                    (false, true) => Act::Edit,
                    (false, false) => Act::Moved,
                };
                Draft { chain, shelter: shelter.clone(), act, person: answered(person), at: None, follow }
            }
        })
    }
}
