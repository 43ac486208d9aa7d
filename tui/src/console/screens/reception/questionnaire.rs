//! 問診票: what somebody answers at the desk, by a definition that came with the list of residents. It is filled in in a window, so that whatever hides windows hides it,
//! and it needs no link.

use std::collections::BTreeMap;

use tachiai_schemas::election::Text;
use tachiai_schemas::roster::ChainId;
use tachiai_schemas::shelter::figures::narrow;
use tachiai_schemas::shelter::questionnaire::{Answer, Answers, Choice, Definition, Demand, Name, Question, QuestionKind, YesNo};

use super::ask::orders;
use crate::card::printable;
use crate::commands::questionnaire::{needed, taken};
use crate::console::desk::Desk;
use crate::console::popups::ask::Ask;
use crate::console::popups::{Popup, Turn};
use crate::console::widgets::form::{Entry, Form, Mark, Problem};
use crate::console::work::reception::{Now, Order};

/// Somebody who can answer, with the name in Japanese and English.
pub type Who = (ChainId, [String; 2]);

/// Why nobody can answer one at this terminal.
pub fn off(desk: &Desk, now: &Now) -> Option<String> {
    now.questionnaires.is_empty().then(|| desk.say("questionnaire-none"))
}

/// The window in which one is answered. Where it could be of several people, or by several definitions, that is asked first.
pub fn ask(desk: &Desk, now: &Now, who: &[Who]) -> Option<Popup> {
    match (who, &now.questionnaires[..]) {
        ([], _) | (_, []) => None,
        ([one], [definition]) => Some(asked(desk, one, definition)),
        (who, definitions) => Some(choose(desk, who.to_vec(), definitions.to_vec())),
    }
}

fn said(desk: &Desk, Text { ja, en }: &Text) -> String {
    printable(desk.lang().pick(ja, en))
}

fn choose(desk: &Desk, who: Vec<Who>, definitions: Vec<Definition>) -> Popup {
    let lang = desk.lang();
    let mut entries = Vec::new();
    if who.len() > 1 {
        // Nobody answers for another because that one stands first.
        let names = std::iter::once(desk.say("desk-to-open")).chain(who.iter().map(|(_, [ja, en])| lang.pick(ja, en).to_owned()));
        entries.push(Entry::choice("questionnaire-who", names.collect(), 0).hint("questionnaire-turn"));
    }
    if definitions.len() > 1 {
        let titles = definitions.iter().map(|definition| said(desk, &definition.title));
        entries.push(Entry::choice("questionnaire-which", titles.collect(), 0).hint("questionnaire-turn"));
    }
    Popup::ask(Ask::new("desk-key-form", desk.say("questionnaire-choose"), Form::new(entries), move |desk, form| {
        let place = if who.len() > 1 { form.chosen("questionnaire-who").checked_sub(1) } else { Some(0) };
        let missing = || vec![Problem { label: "questionnaire-who", said: desk.say("questionnaire-who-missing") }];
        let one = place.and_then(|place| who.get(place)).ok_or_else(missing)?;
        let definition = definitions.get(form.chosen("questionnaire-which")).ok_or_else(missing)?;
        Ok(Turn::Open(Box::new(asked(desk, one, definition))))
    }))
}

fn asked(desk: &Desk, (chain, [ja, en]): &Who, definition: &Definition) -> Popup {
    let (chain, of) = (*chain, definition.clone());
    let head = format!("{}  {}", desk.lang().pick(ja, en), said(desk, &definition.title));
    let text = [head, desk.say("questionnaire-how"), said(desk, &definition.notice)].join("\n");
    let form = Form::new(definition.questions.iter().map(|question| entry(desk, question)).collect());
    Popup::ask(Ask::by_place("desk-key-form", text, form, move |desk, form| read(desk, &of, form).map(|answers| orders(Order::Fill(chain, Box::new(answers))))))
}

/// The line of a question. Whatever can be chosen begins with no answer: none is given by going on.
fn entry(desk: &Desk, Question { id: _, text, demand, kind, triage: _ }: &Question) -> Entry {
    let star = if *demand == Demand::Required { "* " } else { "" };
    let name = format!("{star}{}", said(desk, text));
    let open = || desk.say("questionnaire-open");
    let of = |options: &[Choice]| options.iter().map(|option| said(desk, &option.text)).collect::<Vec<_>>();
    let choice = |of: Vec<String>| Entry::choice("questionnaire-question", std::iter::once(open()).chain(of).collect(), 0).hint("questionnaire-turn");
    match kind {
        QuestionKind::YesNo => choice(vec![desk.say("questionnaire-yes"), desk.say("questionnaire-no")]).named(name),
        QuestionKind::One { options } => choice(of(options)).named(name),
        QuestionKind::Many { options } => {
            let all = of(options).into_iter().chain([desk.say("questionnaire-nothing")]).map(|option| (option, Mark::Off)).collect();
            Entry::marks("questionnaire-question", all).hint("desk-needs-hint").named(name)
        }
        QuestionKind::Text => Entry::text("questionnaire-question").named(name),
        QuestionKind::Number { min, max, decimals: _, unit } => {
            let range = desk.with("questionnaire-range", &[("min", min.clone()), ("max", max.clone()), ("unit", said(desk, unit))]);
            Entry::text("questionnaire-question").named(format!("{name}{range}"))
        }
    }
}

/// Reads the answers; what is wrong, by the places of the questions.
fn read(desk: &Desk, definition: &Definition, form: &Form) -> Result<Answers, Vec<(usize, String)>> {
    let (mut answers, mut problems) = (BTreeMap::new(), Vec::new());
    for (place, question) in definition.questions.iter().enumerate() {
        match answer(desk, question, form, place) {
            Ok(Some(answer)) => drop(answers.insert(question.id.to_string(), answer)),
            Ok(None) if question.demand == Demand::Required => problems.push((place, needed(desk.lang()).to_owned())),
            Ok(None) => {}
            Err(said) => problems.push((place, said)),
        }
    }
    if problems.is_empty() && answers.is_empty() {
        problems.push((0, desk.say("questionnaire-empty")));
    }
    if problems.is_empty() { Ok(Answers { questionnaire: definition.id.clone(), version: definition.version, answers }) } else { Err(problems) }
}

/// The answer at a place; none where the question is left out.
fn answer(desk: &Desk, question: &Question, form: &Form, place: usize) -> Result<Option<Answer>, String> {
    let typed = |answer: fn(String) -> Answer, text: String| match text.is_empty() {
        true => Ok(None),
        false => Some(answer(text)).filter(|answer| question.takes(answer)).map(Some).ok_or_else(|| taken(desk.lang(), &question.kind)),
    };
    match &question.kind {
        QuestionKind::YesNo => Ok(match form.chosen_at(place) {
            0 => None,
            1 => Some(Answer::YesNo(YesNo::Yes)),
            _ => Some(Answer::YesNo(YesNo::No)),
        }),
        QuestionKind::One { options } => {
            let chosen = form.chosen_at(place).checked_sub(1).and_then(|chosen| options.get(chosen));
            Ok(chosen.map(|option| Answer::Chosen(vec![option.id.clone()])))
        }
        QuestionKind::Many { options } => {
            let marks = form.marked_at(place);
            let mut chosen: Vec<Name> = options.iter().zip(&marks).filter(|(_, mark)| **mark == Mark::On).map(|(option, _)| option.id.clone()).collect();
            chosen.sort();
            match (chosen.is_empty(), marks.get(options.len()) == Some(&Mark::On)) {
                (false, true) => Err(desk.say("questionnaire-both")),
                (true, false) => Ok(None),
                _ => Ok(Some(Answer::Chosen(chosen))),
            }
        }
        QuestionKind::Number { .. } => typed(Answer::Number, narrow(&form.text_at(place))),
        QuestionKind::Text => typed(Answer::Text, form.text_at(place)),
    }
}
