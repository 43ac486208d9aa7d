//! `reception in`: somebody arrives.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use serde_json::json;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::ChainId;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::shelter::{Extent, PersonView, Resident};

use super::args::{Input, note};
use super::decide::{Asked, Decided, Settled, ask_person, decide, enter, not_entered};
use super::family::{ByFamily, ByHousehold};
use crate::card::{Card, LastTry, Pin, PinName, Transport};
use crate::cli::Global;
use crate::commands::ask::{ask, is_conversation};
use crate::commands::card::choice::CardChoice;
use crate::commands::card::holder::{leave, verified};
use crate::failure::{Exit, Failure};
use crate::shelter::card::{Holder, Text, Unchecked, allowed, usual};
use crate::shelter::desk::{Here, Subject};
use crate::shelter::input::{self, Fields};
use crate::shelter::record::How;
use crate::shelter::said;
use crate::shelter::state::Reception;

/// How many residents a search shows.
const SHOWN: usize = 20;

/// How somebody arrives.
#[derive(Subcommand, Debug)]
pub enum In {
    /// By the My Number Card
    Card(ByCard),
    /// By the citizen ID, typed or typed by a scanner (standard input)
    Citizen(ByCitizen),
    /// By the list of residents: by number, or by the beginning of the name (standard input)
    Resident(ByResident),
    /// By word alone: people from elsewhere, visitors from abroad, unknown birth (standard input, or questions)
    Typed(Typed),
    /// A household of the list of residents in one go
    Household(ByHousehold),
    /// A family of whom only their word is known, in one go: the head first, with an empty line between two persons (standard input, or questions)
    Family(ByFamily),
}

/// By card.
#[derive(Args, Debug)]
pub struct ByCard {
    #[command(flatten)]
    choice: CardChoice,
    #[command(flatten)]
    opening: CardOpening,
    #[command(flatten)]
    settled: Settled,
    #[command(flatten)]
    input: Input,
}

/// What opens a card.
#[derive(Args, Debug, Default)]
pub struct CardOpening {
    /// Open the card by the number on its face (照合番号B) instead of a PIN, where the event allows it [default: as the event's rule says]
    #[arg(long, conflicts_with = "pin")]
    face: bool,
    /// Open the card by the PIN of its text (券面事項入力補助用, 4 digits)
    #[arg(long)]
    pin: bool,
    /// Read the PIN or number from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    pin_fd: Option<i32>,
    /// Spend the last try of the PIN if need be
    #[arg(long)]
    last_try: bool,
}

impl CardOpening {
    /// Reads a card's holder.
    ///
    /// # Errors
    /// [`Failure`] of the card, or the event's rule.
    pub fn read<T: Transport>(&self, global: &Global, reception: &Reception, mut card: Card<T>) -> Result<(Subject, Holder), Failure> {
        let rule = reception.declared()?.card;
        let by = match (self.face, self.pin) {
            (true, _) => PinName::Face,
            (_, true) => PinName::Text,
            (false, false) => usual(rule),
        };
        allowed(rule, by)?;
        let last = if self.last_try { LastTry::Spend } else { LastTry::Keep };
        if by == PinName::Face && self.pin_fd.is_none() {
            eprintln!(
                "{}",
                global.pick(
                    "照合番号Bは、券面の生年月日（和暦の年月日6桁）、有効期限の西暦4桁、セキュリティコード4桁です。",
                    "The number is the birth date on the face (6 digits: era year, month, day), the year of expiry (4) and the security code (4)."
                )
            );
        }
        let text = verified(global, self.pin_fd, by, last, &mut card, |card, typed, last| {
            let pin = Pin::named(by, card.generation().rule(by), typed)?;
            reception.read_card(card, by, &pin, last)
        })?;
        leave(global, card);
        let (subject, holder, notes) = holder_of(reception, by, &text)?;
        for (ja, en) in notes {
            note(global, ja, en);
        }
        Ok((subject, holder))
    }
}

/// What has to be said, in Japanese and English.
type Note = (&'static str, &'static str);

/// The holder of a card that was opened by this, with what has to be said of it.
///
/// # Errors
/// [`Failure`] (1): the card is signed otherwise than under a key that the appliance trusts.
pub fn holder_of(reception: &Reception, by: PinName, text: &Text) -> Result<(Subject, Holder, Vec<Note>), Failure> {
    let identified = reception.identified_by(by, text)?;
    let (subject, holder) = reception.of_card(text.attributes(), identified);
    let mut notes = Vec::new();
    if identified == Identified::CardUnchecked {
        notes.push(unchecked(reception.unchecked()));
    }
    if holder == Holder::PerhapsProtected && subject.here == Here::New {
        notes.push((
            "支援措置の対象の方かもしれないため、検索に出ないように登録します。対象でないと確かめたら、災害対策本部に伝えてください。",
            "this may be a person under protection, and is kept from searches. If it is made sure that it is none, tell headquarters.",
        ));
    }
    Ok((subject, holder, notes))
}

/// What is said of a card of which only the word is known.
const fn unchecked(why: Unchecked) -> (&'static str, &'static str) {
    match why {
        Unchecked::NoKey => (
            "カードの署名は確かめていません（この端末に検証用の鍵がありません）。本人確認をしていない方として登録します。",
            "the card's signature was not checked: this terminal has no key for it. The person is entered as not identified.",
        ),
        Unchecked::Unsigned => (
            "この世代のカードの券面事項には署名がないため、確かめられません。本人確認をしていない方として登録します。",
            "what is on cards of this generation is not signed, so that it cannot be checked. The person is entered as not identified.",
        ),
    }
}

/// By citizen ID.
#[derive(Args, Debug)]
pub struct ByCitizen {
    #[command(flatten)]
    settled: Settled,
    #[command(flatten)]
    input: Input,
}

/// By the list of residents.
#[derive(Args, Debug)]
pub struct ByResident {
    /// The resident's number (宛名番号); else the beginning of the name is read from standard input
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    #[command(flatten)]
    settled: Settled,
    #[command(flatten)]
    input: Input,
}

/// By word.
#[derive(Args, Debug)]
pub struct Typed {
    #[command(flatten)]
    settled: Settled,
    #[command(flatten)]
    input: Input,
}

/// The terminal has no list of residents.
pub fn no_register() -> Failure {
    Failure::refused(
        "この端末には住民の一覧がありません。回線のあるときに tachiai reception sync --pack を実行するか、氏名の入力で受け付けてください。",
        "this terminal has no list of residents. Run `tachiai reception sync --pack` while there is a link, or register by typing.",
    )
}

/// Nobody on the list fits.
pub fn nobody() -> Failure {
    Failure::refused(
        "該当する方が住民の一覧にいません。ほかの市区町村の方は「入力」で受け付けてください（tachiai reception in typed）。",
        "nobody on the list of residents fits. Register people from elsewhere by typing (`tachiai reception in typed`).",
    )
}

impl In {
    /// Runs the command. `before` is what was said of the card before the verb: it holds where nothing is said after it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception, before: &CardChoice) -> Result<Exit, Failure> {
        reception.declared()?;
        match self {
            Self::Card(ByCard { choice, opening, settled, input }) => {
                let choice = if choice.is_made() { choice } else { before };
                let card = choice.open(global)?;
                let (subject, _) = opening.read(global, reception, card)?;
                // The card's PIN may come over standard input, so fields come only where that is said.
                let fields = if input.is_named() { input.person()? } else { None };
                enter_one(global, reception, subject, fields, settled)
            }
            Self::Citizen(ByCitizen { settled, input }) => {
                let typed = match input.text()? {
                    Some(text) => text.to_string(),
                    None => ask(global.pick("市民ID: ", "Citizen ID: "))?,
                };
                let subject = reception.citizen(input::citizen(typed.trim())?)?;
                enter_one(global, reception, subject, None, settled)
            }
            Self::Resident(ByResident { number, settled, input }) => {
                let resident = match number {
                    Some(number) => reception
                        .residents()
                        .ok_or_else(no_register)?
                        .by_number(number)
                        .filter(|one| !reception.is_resident_hidden(one))
                        .cloned()
                        .ok_or_else(nobody)?,
                    None => choose(global, reception, input)?,
                };
                let subject = reception.resident(&resident, Identified::List);
                enter_one(global, reception, subject, None, settled)
            }
            Self::Typed(Typed { settled, input }) => {
                let fields = match input.person()? {
                    Some(fields) => fields,
                    None => {
                        let mut fields = Fields::default();
                        ask_person(global, reception.today(), Asked::Whole, &mut fields)?;
                        fields
                    }
                };
                typed(global, reception, &fields, settled)
            }
            Self::Household(household) => household.run(global, reception),
            Self::Family(family) => family.run(global, reception),
        }
    }
}

/// Registers somebody by word.
///
/// # Errors
/// [`Failure`].
pub fn typed(global: &Global, reception: &mut Reception, fields: &Fields, settled: &Settled) -> Result<Exit, Failure> {
    if fields.is_empty() {
        return Err(Failure::new(Exit::Usage, "入力がありません。登録していません。", "nothing was typed, and nothing entered."));
    }
    let (subject, _) = reception.typed(fields, Identified::Typed)?;
    if subject.here == Here::New && subject.person.resident.is_some() {
        note(
            global,
            "住民の一覧に同じ氏名・生年月日の方がいるため、その方として登録します。",
            "a resident has this name and birth date; it is entered as that resident.",
        );
    }
    enter_one(global, reception, subject, None, settled)
}

/// Registers one person, with what else is said of them.
///
/// # Errors
/// [`Failure`].
pub fn enter_one(global: &Global, reception: &mut Reception, subject: Subject, fields: Option<Fields>, settled: &Settled) -> Result<Exit, Failure> {
    let mut subject = subject;
    if let Some(fields) = fields {
        let before = subject.person.protection;
        fields.apply(&mut subject.person, reception.today())?;
        if (before, subject.person.protection) == (Protection::Protected, Protection::Open) {
            subject.person.protection = before;
            note(
                global,
                "支援措置（非表示）の解除は受付ではできません。非表示のまま登録します。",
                "a reception does not take a protection away: the person is entered as under protection.",
            );
        }
    }
    match decide(global, reception, subject, settled)? {
        Decided::Enter(draft) => enter(global, reception, &[*draft]),
        Decided::Not => not_entered(),
    }
}

/// Searches residents and has one chosen; nobody who was entered as under protection.
fn choose(global: &Global, reception: &mut Reception, input: &Input) -> Result<Resident, Failure> {
    let query = match input.text()? {
        Some(text) => text.trim().to_owned(),
        None => ask(global.pick("氏名の先頭（かな・ローマ字・漢字）: ", "Beginning of the name (kana, romaji, kanji): "))?,
    };
    let (found, _) = reception.residents().ok_or_else(no_register)?.search(&query, SHOWN);
    let found: Vec<Resident> = found.into_iter().filter(|resident| !reception.is_resident_hidden(resident)).cloned().collect();
    reception.looked(How::Search, Vec::new(), found.len())?;
    match found.as_slice() {
        [] => Err(nobody()),
        [one] => Ok(one.clone()),
        several => {
            let (lang, today) = (global.lang(), reception.today());
            let lines = (1..).zip(several).map(|(number, one)| format!("  {number}. {}", said::resident(lang, one, today))).collect::<Vec<_>>().join("\n");
            if !is_conversation(global) {
                let count = several.len();
                return Err(Failure::refused(
                    format!("{count}人が該当します。--number で1人を指定してください。\n{lines}"),
                    format!("{count} residents fit. Name one with --number.\n{lines}"),
                ));
            }
            eprintln!("{lines}");
            let answer = ask(global.pick("番号: ", "Number: "))?;
            answer.parse::<usize>().ok().and_then(|number| several.get(number.checked_sub(1)?)).cloned().ok_or_else(nobody)
        }
    }
}

/// What a search finds.
pub struct Found {
    /// People of the roster.
    pub people: Vec<PersonView>,
    /// Residents of the list who are none of these people: not registered, or at another shelter by a record that cannot be read here.
    pub residents: Vec<Resident>,
    /// Whether there are more of each.
    pub extent: [Extent; 2],
}

/// Searches people and residents by the beginning of the name; that somebody looked is noted first.
///
/// # Errors
/// [`Failure`]: it cannot be noted, and nobody may be shown.
pub fn find(reception: &mut Reception, query: &str) -> Result<Found, Failure> {
    let (people, more_people) = reception.people().search_but(reception.roster(), query, None, SHOWN, |group| reception.is_hidden(group));
    let (residents, more) = match reception.residents() {
        Some(residents) => residents.search(query, SHOWN),
        None => (Vec::new(), Extent::All),
    };
    // Whoever has a record that is not shown above stands there as the list has them: else they would be typed as somebody who is in no list.
    let shown: BTreeSet<ChainId> = people.iter().flat_map(|view| view.handles.iter().copied()).collect();
    let is_told = |resident: &&Resident| !reception.is_resident_hidden(resident) && !shown.contains(&reception.resident(resident, Identified::List).chain);
    let residents: Vec<Resident> = residents.into_iter().filter(is_told).cloned().collect();
    let handles = people.iter().filter_map(|view| view.handles.first().copied()).collect();
    reception.looked(How::Search, handles, residents.len())?;
    Ok(Found { people, residents, extent: [more_people, more] })
}

/// Shows what a search finds.
///
/// # Errors
/// [`Failure`].
pub fn search(global: &Global, reception: &mut Reception, query: &str) -> Result<(Vec<PersonView>, Vec<Resident>), Failure> {
    let Found { people, residents, extent } = find(reception, query)?;
    if global.json {
        outln!("{}", json!({ "people": people, "residents": residents, "extent": extent }));
        return Ok((people, residents));
    }
    let (lang, today) = (global.lang(), reception.today());
    for (number, view) in (1..).zip(&people) {
        outln!("{number:>3}. {}", said::view_line(reception, lang, view));
    }
    for (number, resident) in (people.len() + 1..).zip(&residents) {
        let standing = reception.standing(lang, resident);
        outln!("{number:>3}. {}  {}", said::resident(lang, resident, today), global.pick(&format!("［{standing}］"), &format!("[{standing}]")));
    }
    if people.is_empty() && residents.is_empty() {
        outln!("{}", global.pick("該当する方はいません。", "nobody fits."));
    }
    if extent.contains(&Extent::More) {
        outln!("{}", global.pick("ほかにもいます。もっと長く入力してください。", "there are more. Type more of the name."));
    }
    Ok((people, residents))
}
