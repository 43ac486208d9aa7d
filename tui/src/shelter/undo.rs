//! Taking back: the journal forgets nothing, so what was done last is corrected by one more entry.

use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{Act, Body, ChainId, OpenState, Person, PersonEntry, Report, ShelterId};
use tachiai_schemas::{HashBytes, Lang, Say};

use super::desk::{Draft, Entered, Follow};
use super::said;
use super::state::{Own, Reception};
use crate::failure::Failure;

/// What stands as the destination of somebody whose arrival was taken back.
pub const MISTAKE: &str = "（受付の取り消し）";

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
        reception.people().totals(reception.roster()).remove(reception.shelter())?.heads?;
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
    pub was: Option<HashBytes>,
    /// The one that says it now.
    pub entry: HashBytes,
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

/// What was entered: what happened, of whom, and of how many more, in Japanese and English.
#[must_use]
pub fn entered_said(act: Act, first: &Person, more: usize) -> [String; 2] {
    [Lang::Ja, Lang::En].map(|lang| {
        let name = said::name(lang, first);
        match (more, lang) {
            (0, _) => format!("{}: {name}", act.say(lang)),
            (more, Lang::Ja) => format!("{}: {name} ほか{more}人", act.say(lang)),
            (more, Lang::En) => format!("{}: {name} and {more} more", act.say(lang)),
        }
    })
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
    /// Of what this terminal entered last, as its folder has it: one person, or those who were entered at once.
    ///
    /// # Errors
    /// [`Failure`] (1): nothing was entered, or nothing that the folder says what was before.
    pub fn of_last(reception: &Reception) -> Result<Self, Failure> {
        let nothing = || Failure::refused("取り消せる登録はありません。", "there is nothing to take back.");
        let last = reception.own().last().ok_or_else(nothing)?;
        let is_of_it = |own: &&Own| own.stamp == last.stamp && matches!(own.entry.body.body, Body::Person(_));
        let mut people = reception.own().iter().rev().take_while(is_of_it).map(|own| Before::of(reception, own)).collect::<Result<Vec<_>, _>>()?;
        people.reverse();
        let Body::Person(PersonEntry { act, .. }) = &last.entry.body.body else {
            return Err(Failure::refused(
                "最後の登録は、人の登録ではありません。前に何と報告されていたかは、ここでは分かりません。正しい内容を改めて報告してください（tachiai reception headcount、state など）。",
                "what was entered last is about nobody, and what was reported before it is not known here. Report what is right (`tachiai reception headcount`, `state` …).",
            ));
        };
        let said = people.first().map(|first| entered_said(*act, &first.is, people.len() - 1)).ok_or_else(nothing)?;
        Ok(Self { said, how: How::People(people) })
    }

    /// What stands in the record afterwards, in Japanese and English: whoever was received for the first time stands there as somebody who left.
    #[must_use]
    pub fn leaves(&self) -> [&'static str; 2] {
        if matches!(&self.how, How::People(people) if people.iter().any(|before| before.was.is_none())) {
            [
                "記録は消えません。履歴には「退所（受付の取消し）」として残ります。",
                "Nothing is removed: the history says \"left (reception taken back)\" from then on.",
            ]
        } else {
            ["記録は消えず、訂正の登録が1件加わります。", "Nothing is removed: one more entry corrects it."]
        }
    }

    /// The entries of people that it takes back, with their handles.
    pub fn entries(&self) -> impl Iterator<Item = (ChainId, HashBytes)> {
        let people = if let How::People(people) = &self.how { people.as_slice() } else { &[] };
        people.iter().map(|before| (before.chain, before.entry))
    }

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
    /// An entry of this terminal, with what it followed.
    fn of(reception: &Reception, own: &Own) -> Result<Self, Failure> {
        let shut = || Failure::refused("その登録の前の内容は、この端末では開けません。", "what was entered before cannot be opened on this terminal.");
        let Body::Person(PersonEntry { chain, after, .. }) = &own.entry.body.body else { return Err(shut()) };
        let is = reception.people().person(&own.hash).map(|person| Person::clone(person)).ok_or_else(shut)?;
        let was = match after.as_slice() {
            [] => None,
            [before] => {
                let history = reception.view(*chain).ok_or_else(shut)?.history;
                let step = history.into_iter().find(|step| step.entry == *before).ok_or_else(shut)?;
                Some(Was { entry: *before, shelter: step.shelter, act: step.act, person: step.person.ok_or_else(shut)? })
            }
            _ => {
                return Err(Failure::refused(
                    "最後の登録は、食い違いを解消したものです。tachiai reception settle で解消し直すか、今の登録を直してください。",
                    "what was entered last settled a conflict. Correct what is entered now instead.",
                ));
            }
        };
        let chain = reception.roster().person(*chain).map_or(*chain, |group| group.chain);
        Ok(Self { chain, entry: bytes(own.hash), was, is })
    }

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

/// The leaf hash of an entry, as it is kept here.
fn bytes(hash: tachiai_crypto::hash::Hash32) -> HashBytes {
    HashBytes::from(hash)
}
