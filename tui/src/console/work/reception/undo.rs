//! Taking back: the journal forgets nothing, so what was done last is corrected by one more entry.

use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{Act, ChainId, OpenState, Person, ShelterId};
use tachiai_schemas::{HashBytes, Lang, Say};

use super::bytes;
use crate::failure::Failure;
use crate::shelter::desk::{Draft, Entered, Follow};
use crate::shelter::said;
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
    /// Heads that were counted.
    Heads(u32),
    /// How the shelter stood.
    State(OpenState),
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
    was: Option<HashBytes>,
    /// The one that says it now.
    entry: HashBytes,
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

impl Undo {
    /// Of heads that were counted before.
    pub fn heads(before: u32) -> Self {
        Self { said: ["人数の報告".to_owned(), "the report of heads".to_owned()], how: How::Heads(before) }
    }

    /// Of the state before.
    pub fn state(before: OpenState) -> Self {
        Self { said: ["避難所の状態".to_owned(), "the state of the shelter".to_owned()], how: How::State(before) }
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
        let How::People(people) = &mut self.how else { return };
        for before in people {
            if let Some(Corrected { entry, .. }) = corrected.iter().find(|corrected| corrected.was == Some(before.entry)) {
                before.entry = *entry;
            }
        }
    }

    /// Takes it back; what is said of it, and by which entries.
    ///
    /// # Errors
    /// [`Failure`]: 1 if something else was entered since.
    pub fn take_back(&self, reception: &mut Reception) -> Result<([String; 2], Vec<Corrected>), Failure> {
        match &self.how {
            How::Heads(before) => {
                reception.headcount(*before, HowCounted::About)?;
                Ok(([format!("人数を元の{before}人に戻しました。"), format!("The heads are {before} again.")], Vec::new()))
            }
            How::State(before) => {
                reception.set_state(*before)?;
                Ok((state_said(*before), Vec::new()))
            }
            How::People(people) => {
                let drafts = people.iter().map(|before| before.draft(reception)).collect::<Result<Vec<_>, _>>()?;
                let entered = reception.enter(&drafts)?;
                let corrected = people
                    .iter()
                    .zip(&entered)
                    .map(|(before, entered)| Corrected { was: before.was.as_ref().map(|was| was.entry), entry: bytes(entered.hash) });
                let corrected = corrected.collect();
                let names = |lang: Lang| {
                    let first = people.first().map(|before| said::name(lang, &before.is)).unwrap_or_default();
                    match (people.len().saturating_sub(1), lang) {
                        (0, _) => first,
                        (more, Lang::Ja) => format!("{first} ほか{more}人"),
                        (more, Lang::En) => format!("{first} and {more} more"),
                    }
                };
                let [what_ja, what_en] = &self.said;
                let said = [
                    format!("取り消しました: {}（{what_ja}）。訂正の登録として残ります。", names(Lang::Ja)),
                    format!("Taken back: {} ({what_en}). It stays in the record as a correction.", names(Lang::En)),
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
        Ok(match was {
            None => Draft { chain, shelter: here, act: Act::Out, person: Person { destination: MISTAKE.to_owned(), ..is.clone() }, at: None, follow },
            Some(Was { shelter, act: Act::Out, person, entry: _ }) => {
                Draft { chain, shelter: shelter.clone(), act: Act::Out, person: person.clone(), at: None, follow }
            }
            Some(Was { shelter, act: _, person, entry: _ }) => {
                let is_gone = reception.roster().person(chain).is_some_and(|group| !group.is_present());
                let act = match (is_gone, *shelter == here) {
                    (true, _) => Act::In,
                    (false, true) => Act::Edit,
                    (false, false) => Act::Moved,
                };
                Draft { chain, shelter: shelter.clone(), act, person: person.clone(), at: None, follow }
            }
        })
    }
}
