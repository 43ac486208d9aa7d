//! What the reception asks in small windows.

use std::path::{Path, PathBuf};

use tachiai_schemas::roll::Day;
use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{CardRule, ChainId, OpenState, Person};
use tachiai_schemas::shelter::figures::narrow;
use tachiai_schemas::{Lang, Say};

use super::check::{STAYS, list, needs, room, room_of, words};
use super::sure;
use crate::console::desk::Desk;
use crate::console::popups::ask::Ask;
use crate::console::popups::{Popup, Turn};
use crate::console::screens::home::state as state_name;
use crate::console::widgets::form::{Entry, Form, Mark, Problem};
use crate::console::work::Deed;
use crate::console::work::reception::{Candidate, Now, Order, Whom};
use crate::shelter::input::Fields;
use crate::shelter::said;

/// How a shelter may stand, in the order of the form.
pub const STATES: [OpenState; 4] = [OpenState::Open, OpenState::Crowded, OpenState::Full, OpenState::Closed];

/// The order as what a window asks for.
pub fn orders(order: Order) -> Turn {
    Turn::Do(Box::new(Deed::Reception(order)))
}

fn chain(candidate: &Candidate) -> Option<ChainId> {
    match &candidate.whom {
        Whom::Person(chain) => Some(*chain),
        Whom::Resident(_) => None,
    }
}

fn name(desk: &Desk, candidate: &Candidate) -> String {
    candidate.person.as_ref().map(|person| said::name(desk.lang(), person)).unwrap_or_default()
}

/// The number that opens the card.
pub fn pin(desk: &Desk, now: &Now) -> Popup {
    let said = desk.say(if now.card == Some(CardRule::WithoutPin) { "desk-pin-face" } else { "desk-pin" });
    Popup::ask(Ask::new("desk-pin-title", said, Form::new(vec![Entry::secret("desk-pin-number")]), |desk, form| {
        let typed = form.secret("desk-pin-number");
        if typed.is_empty() {
            return Err(vec![Problem { label: "desk-pin-number", said: desk.say("desk-pin-missing") }]);
        }
        Ok(orders(Order::Card(typed)))
    }))
}

/// How many heads are here.
pub fn heads(desk: &Desk, now: &Now) -> Popup {
    let registered = now.totals.stays.first().copied().unwrap_or_default();
    let said = desk.with("desk-heads-said", &[("n", registered.to_string())]);
    let how = vec![desk.say("desk-heads-about"), desk.say("desk-heads-counted")];
    let form = Form::new(vec![Entry::text("desk-heads-number"), Entry::choice("desk-heads-how", how, 0)]);
    Popup::ask(Ask::new("desk-key-heads", said, form, |desk, form| {
        let how = if form.chosen("desk-heads-how") == 0 { HowCounted::About } else { HowCounted::Counted };
        match narrow(&form.text("desk-heads-number")).parse() {
            Ok(persons) => Ok(orders(Order::Heads(persons, how))),
            Err(_) => Err(vec![Problem { label: "desk-heads-number", said: desk.say("desk-number-wrong") }]),
        }
    }))
}

/// How the shelter stands.
pub fn state(desk: &Desk, now: &Now) -> Popup {
    let chosen = STATES.iter().position(|state| Some(*state) == now.state).unwrap_or(0);
    let form = Form::new(vec![Entry::choice("desk-state", STATES.map(|state| state_name(desk, state)).into(), chosen)]);
    Popup::ask(Ask::new("desk-key-state", desk.say("desk-state-said"), form, |_, form| {
        Ok(orders(Order::State(STATES.get(form.chosen("desk-state")).copied().unwrap_or(OpenState::Open))))
    }))
}

/// By a stick: out, or back.
pub fn stick(desk: &Desk, now: &Now) -> Popup {
    let ways = vec![desk.say("desk-stick-out"), desk.say("desk-stick-back")];
    let said = desk.with("desk-stick-said", &[("n", now.waiting.to_string())]);
    let form = Form::new(vec![Entry::choice("desk-stick-way", ways, 0), Entry::path("desk-stick-path").hint("desk-stick-path-hint")]);
    let terminal = now.terminal.clone();
    Popup::ask(Ask::new("desk-key-stick", said, form, move |desk, form| {
        let text = form.raw("desk-stick-path");
        if text.is_empty() {
            return Err(vec![Problem { label: "desk-stick-path", said: desk.say("desk-path-missing") }]);
        }
        let path = PathBuf::from(text);
        if form.chosen("desk-stick-way") == 0 {
            let file = if path.is_dir() { path.join(format!("{terminal}.json")) } else { path };
            let is_there = file.parent().is_none_or(|folder| folder == Path::new("") || folder.is_dir());
            return if is_there {
                Ok(orders(Order::Export(file)))
            } else {
                Err(vec![Problem { label: "desk-stick-path", said: desk.say("desk-path-folder") }])
            };
        }
        if path.is_file() { Ok(orders(Order::Confirm(path))) } else { Err(vec![Problem { label: "desk-stick-path", said: desk.say("desk-path-file") }]) }
    }))
}

/// Who it is, so that nobody else is meant.
fn who(desk: &Desk, candidate: &Candidate) -> [String; 2] {
    [Lang::Ja, Lang::En].map(|lang| {
        let of = |person: &Person| format!("{}\n{}  {}", said::name(lang, person), said::birth(lang, person.birth, Day::of(desk.now)), person.sex.say(lang));
        candidate.person.as_ref().map(of).unwrap_or_default()
    })
}

/// Who of the household is here as well and may go along: nobody does unless that is said.
fn along(desk: &Desk, candidate: &Candidate) -> Option<Entry> {
    let names: Vec<_> = candidate.household.iter().map(|(_, [ja, en])| (desk.lang().pick(ja, en).to_owned(), Mark::Off)).collect();
    (!names.is_empty()).then(|| Entry::marks("desk-along", names).hint("desk-along-hint"))
}

/// Who goes with somebody, and what is said of that and of those who stay, in Japanese and English.
fn together(chain: ChainId, household: &[(ChainId, [String; 2])], form: &Form) -> (Vec<ChainId>, [String; 2]) {
    let marks = form.marked("desk-along");
    let (go, stay): (Vec<_>, Vec<_>) = household.iter().zip(marks).partition(|(_, mark)| *mark == Mark::On);
    let names = |of: &[(&(ChainId, [String; 2]), Mark)], lang: Lang| -> Option<String> {
        let names: Vec<&str> = of.iter().map(|((_, [ja, en]), _)| lang.pick(ja.as_str(), en.as_str())).collect();
        (!names.is_empty()).then(|| names.join(lang.pick("、", ", ")))
    };
    let said = [Lang::Ja, Lang::En].map(|lang| {
        let go = names(&go, lang).map(|names| match lang {
            Lang::Ja => format!("\n一緒に行く方: {names}"),
            Lang::En => format!("\nAlong: {names}"),
        });
        let stay = names(&stay, lang).map(|names| match lang {
            Lang::Ja => format!("\n同じ世帯: {names} は残ります"),
            Lang::En => format!("\nOf the household stays: {names}"),
        });
        go.into_iter().chain(stay).collect::<String>()
    });
    (std::iter::once(chain).chain(go.iter().map(|((chain, _), _)| *chain)).collect(), said)
}

/// Where somebody goes who leaves; that is asked once more, with who it is and from where.
pub fn leave(desk: &Desk, now: &Now, candidate: &Candidate) -> Option<Popup> {
    let chain = chain(candidate)?;
    let form = Form::new(std::iter::once(Entry::text("desk-destination").hint("desk-destination-hint")).chain(along(desk, candidate)).collect());
    let household = candidate.household.clone();
    let ([who_ja, who_en], [from_ja, from_en]) = (who(desk, candidate), now.shelter.clone());
    Some(Popup::ask(Ask::new("desk-key-leave", name(desk, candidate), form, move |desk, form| {
        let to = form.text("desk-destination");
        if to.is_empty() {
            return Err(vec![Problem { label: "desk-destination", said: desk.say("desk-destination-missing") }]);
        }
        let (who, [with_ja, with_en]) = together(chain, &household, form);
        let text = [
            format!("{who_ja}{with_ja}\n\n今の避難所: {from_ja}\n行き先: {to}\n\n退所として登録しますか？ よければ y を押してください。"),
            format!("{who_en}{with_en}\n\nNow at: {from_en}\nGoes to: {to}\n\nIs that so? If so, press y."),
        ];
        Ok(Turn::Open(Box::new(sure("desk-leave-sure", text, Order::Leave(who, to)))))
    })))
}

/// To which shelter somebody is taken; that is asked once more, with who it is and from where.
pub fn transfer(desk: &Desk, now: &Now, candidate: &Candidate) -> Option<Popup> {
    let chain = chain(candidate)?;
    let others = now.others.clone();
    let mut names = vec![desk.say("desk-to-open")];
    names.extend(others.iter().map(|(_, [ja, en])| desk.lang().pick(ja, en).to_owned()));
    let form = Form::new(std::iter::once(Entry::choice("desk-to", names, 0).hint("desk-to-hint")).chain(along(desk, candidate)).collect());
    let household = candidate.household.clone();
    let ([who_ja, who_en], [from_ja, from_en]) = (who(desk, candidate), now.shelter.clone());
    Some(Popup::ask(Ask::new("desk-key-move", name(desk, candidate), form, move |desk, form| {
        let Some((shelter, [to_ja, to_en])) = form.chosen("desk-to").checked_sub(1).and_then(|place| others.get(place)) else {
            return Err(vec![Problem { label: "desk-to", said: desk.say("desk-to-missing") }]);
        };
        let (who, [with_ja, with_en]) = together(chain, &household, form);
        let text = [
            format!("{who_ja}{with_ja}\n\n今の避難所: {from_ja}\n移動先: {to_ja}\n\n移動として登録しますか？ よければ y を押してください。"),
            format!("{who_en}{with_en}\n\nNow at: {from_en}\nTaken to: {to_en}\n\nIs that so? If so, press y."),
        ];
        Ok(Turn::Open(Box::new(sure("desk-move-sure", text, Order::Move(who, shelter.clone())))))
    })))
}

/// What changes of somebody who is here: what stands as it was is left out.
pub fn change(desk: &Desk, now: &Now, candidate: &Candidate) -> Option<Popup> {
    let chain = chain(candidate)?;
    let person = candidate.person.clone()?;
    let stay = STAYS.iter().position(|stay| *stay == person.stay).unwrap_or(0);
    let form = Form::new(vec![
        room(desk, now, &person.room),
        Entry::choice("desk-stay", STAYS.map(|stay| stay.say(desk.lang())).into(), stay),
        Entry::marks("desk-needs", needs(desk, &person.needs)).hint("desk-needs-hint"),
        Entry::filled("desk-allergies", &list(&person.allergies)),
        Entry::filled("desk-medication", &person.medication),
        Entry::filled("event-district", &person.district),
        Entry::filled("desk-phone", &person.phone),
        Entry::filled("desk-note", &person.note),
    ]);
    let (before, rooms) = (form.clone(), now.rooms.clone());
    Some(Popup::ask(Ask::new("desk-key-change", name(desk, candidate), form, move |_, form| {
        let mut fields = Fields::default();
        for (label, key) in
            [("desk-allergies", "allergies"), ("desk-medication", "medication"), ("event-district", "district"), ("desk-phone", "phone"), ("desk-note", "note")]
        {
            if form.text(label) != before.text(label) {
                fields.push(key, &form.text(label));
            }
        }
        if room_of(&rooms, form) != room_of(&rooms, &before) {
            fields.push("room", &room_of(&rooms, form));
        }
        if form.chosen("desk-stay") != before.chosen("desk-stay") {
            fields.push("stay", ["shelter", "home", "vehicle"].get(form.chosen("desk-stay")).copied().unwrap_or_default());
        }
        if form.marked("desk-needs") != before.marked("desk-needs") {
            let mut needs = words(&form.marked("desk-needs"));
            if person.needs.contains(&tachiai_schemas::roster::Need::Support) {
                needs.push("support");
            }
            fields.push("needs", &needs.join(","));
        }
        Ok(orders(Order::Change(chain, fields)))
    })))
}
