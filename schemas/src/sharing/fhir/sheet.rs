//! Answers: those to a questionnaire, and, as if they were answers to one, the fields of the roster that have no element of their own.

use super::super::shared::{SharedPeople, SharedPerson};
use super::form::{Answer, Coding, Item, QuestionnaireResponse, Reference, decimal, id_of};
use super::patient::patient_id;
use super::stay::encounter_id;
use super::{FhirError, Systems, key};
use crate::roster::Person;
use crate::roster::person::Birth;
use crate::sharing::table::words;
use crate::shelter::questionnaire::{Answer as Given, Choice, Definition, Filled, Question, QuestionKind, YesNo};

/// The answers to a questionnaire, with the words of the questions where the questionnaire is here.
pub(super) fn answers(person: &SharedPerson, filled: &Filled, people: &SharedPeople, systems: &Systems) -> Result<QuestionnaireResponse, FhirError> {
    let answers = &filled.answers;
    let is_asked = |definition: &&Definition| definition.id == answers.questionnaire && definition.version == answers.version;
    let definition = people.questionnaires.iter().find(is_asked);
    let mut item = Vec::with_capacity(answers.answers.len());
    for (id, answer) in &answers.answers {
        let question = definition.and_then(|definition| definition.questions.iter().find(|question| question.id.as_str() == id));
        let text = question.map(|question| question.text.ja.clone()).unwrap_or_default();
        let system = systems.host(&format!("questionnaire/{}/{}/{id}", answers.questionnaire, answers.version));
        item.push(Item { link_id: id.clone(), text, answer: given(answer, question, &system)? });
    }
    let questionnaire = format!("{}|{}", systems.host(&format!("questionnaire/{}", answers.questionnaire)), answers.version);
    Ok(QuestionnaireResponse {
        id: id_of("QuestionnaireResponse", &[&person.chain.0, answers.questionnaire.as_str().as_bytes()]),
        questionnaire,
        status: "completed",
        subject: Reference::to(&patient_id(person)),
        encounter: Reference::to(&encounter_id(person)),
        authored: filled.at,
        item,
    })
}

fn given(answer: &Given, question: Option<&Question>, system: &str) -> Result<Vec<Answer>, FhirError> {
    Ok(match answer {
        Given::YesNo(yes_no) => vec![Answer::Boolean(*yes_no == YesNo::Yes)],
        Given::Number(number) => vec![Answer::Decimal(decimal(number.clone())?)],
        Given::Text(text) => vec![Answer::Text(text.clone())],
        Given::Chosen(chosen) => {
            let text = |id| options(question).iter().find(|option| option.id == id).map(|option| option.text.ja.clone()).unwrap_or_default();
            chosen.iter().map(|id| Answer::Coding(Coding::new(system, id.as_str(), text(id.clone())))).collect()
        }
    })
}

fn options(question: Option<&Question>) -> &[Choice] {
    match question.map(|question| &question.kind) {
        Some(QuestionKind::One { options } | QuestionKind::Many { options }) => options,
        Some(QuestionKind::YesNo | QuestionKind::Number { .. } | QuestionKind::Text) | None => &[],
    }
}

/// The sheet of the reception: those fields of the roster that have no element of their own, if there are any.
pub(super) fn reception(person: &SharedPerson, people: &SharedPeople, systems: &Systems) -> Option<QuestionnaireResponse> {
    let item = items(person.person(), people, systems);
    if item.is_empty() {
        return None;
    }
    Some(QuestionnaireResponse {
        id: id_of("QuestionnaireResponse", &[&person.chain.0, b"reception"]),
        questionnaire: systems.host("questionnaire/reception"),
        status: "completed",
        subject: Reference::to(&patient_id(person)),
        encounter: Reference::to(&encounter_id(person)),
        authored: person.since.timestamp(),
        item,
    })
}

fn items(person: &Person, people: &SharedPeople, systems: &Systems) -> Vec<Item> {
    let Person {
        // These have elements of their own in Patient and Encounter.
        name: _,
        name_jis: _,
        kana: _,
        sex: _,
        address: _,
        phone: _,
        resident: _,
        citizen: _,
        stay: _,
        triage: _,
        // The answers themselves go along.
        questionnaire: _,
        birth,
        district,
        association,
        household,
        identified,
        needs,
        needs_note,
        allergies,
        medication,
        pets,
        language,
        qualifications,
        damage,
        wish,
        room,
        disclosure,
        protection,
        destination,
        note,
    } = person;
    let permitted = |field: &str| people.permitted().has(field);
    let said = |text: &String| if text.is_empty() { Vec::new() } else { vec![Answer::Text(text.clone())] };
    let coded = |field: &str, key: String, word: &str| vec![Answer::Coding(Coding::new(systems.host(field), key, word))];
    let age = match birth {
        Birth::Years(years) => decimal(years.to_string()).map(Answer::Decimal).into_iter().collect(),
        Birth::Day(_) | Birth::Unknown => Vec::new(),
    };
    let household = household.iter().flat_map(|household| {
        [
            Answer::Text(household.id.to_string()),
            Answer::Coding(Coding::new(systems.host("household"), key(household.relation), words::relation(household.relation))),
        ]
    });
    let fields = [
        ("birth", "年齢(申告)", age),
        ("district", "地区", said(district)),
        ("association", "自治会", said(association)),
        ("household", "世帯", household.collect()),
        ("identified", "本人確認の方法", coded("identified", key(identified), words::identified(*identified))),
        ("needs", "要配慮事項", needs.iter().map(|need| Answer::Coding(Coding::new(systems.host("needs"), key(need), words::need(*need)))).collect()),
        ("needs_note", "要配慮の内容", said(needs_note)),
        ("allergies", "アレルギー", allergies.iter().map(|food| Answer::Text(food.clone())).collect()),
        ("medication", "服薬", said(medication)),
        ("pets", "ペット", said(pets)),
        ("language", "使用言語", said(language)),
        ("qualifications", "資格・技能", said(qualifications)),
        ("damage", "住家の被害", damage.iter().flat_map(|damage| coded("damage", key(damage), words::damage(*damage))).collect()),
        ("wish", "希望する避難先", said(wish)),
        ("room", "部屋", said(room)),
        ("disclosure", "安否情報の公開", coded("disclosure", key(disclosure), words::disclosure(*disclosure))),
        ("protection", "支援措置", coded("protection", key(protection), words::protection(*protection))),
        ("destination", "退所先", said(destination)),
        ("note", "備考", said(note)),
    ];
    let told = fields.into_iter().filter(|(field, _, answer)| permitted(field) && !answer.is_empty());
    told.map(|(field, text, answer)| Item { link_id: field.to_owned(), text: text.to_owned(), answer }).collect()
}
