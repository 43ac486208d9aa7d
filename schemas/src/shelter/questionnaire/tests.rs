use super::*;

fn example() -> Definition {
    Definition::from_toml(include_str!("../../../../tests/data/shelter/questionnaire.toml")).unwrap()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn chosen(options: &[&str]) -> Answer {
    Answer::Chosen(options.iter().map(|option| name(option)).collect())
}

fn answers(given: &[(&str, Answer)]) -> Answers {
    let needed = ("care".to_owned(), chosen(&["none"]));
    let answers = [needed].into_iter().chain(given.iter().map(|(id, answer)| ((*id).to_owned(), answer.clone()))).collect();
    Answers { questionnaire: name("shelter-medical"), version: 1, answers }
}

fn judged(given: &[(&str, Answer)]) -> (Triage, Vec<String>) {
    let (triage, because) = example().judge(&answers(given)).unwrap();
    (triage, because.into_iter().map(String::from).collect())
}

#[test]
fn the_most_urgent_answer_gives_the_mark_and_is_named() {
    assert_eq!(judged(&[]), (Triage::Green, vec![]));
    assert_eq!(judged(&[("temperature", Answer::Number("37.4".to_owned()))]).0, Triage::Green);
    assert_eq!(judged(&[("temperature", Answer::Number("37.5".to_owned()))]), (Triage::Yellow, vec!["temperature".to_owned()]));
    assert_eq!(judged(&[("temperature", Answer::Number("39".to_owned()))]).0, Triage::Red);
    let both = [("pregnancy", Answer::YesNo(YesNo::Yes)), ("symptoms", chosen(&["breath", "cough"]))];
    assert_eq!(judged(&both), (Triage::Red, vec!["symptoms".to_owned()]));
    assert_eq!(judged(&[("pregnancy", Answer::YesNo(YesNo::No)), ("treatment", chosen(&[]))]).0, Triage::Green);
    assert_eq!(judged(&[("medicine", Answer::Number("0".to_owned()))]).0, Triage::Red);
}

#[test]
fn an_answer_that_may_not_be_given_is_named() {
    let definition = example();
    for (id, answer) in [
        ("temperature", Answer::Number("36.55".to_owned())),
        ("temperature", Answer::Number("50".to_owned())),
        ("temperature", Answer::Number("36.".to_owned())),
        ("temperature", Answer::Text("hot".to_owned())),
        ("medicine", Answer::Number("-1".to_owned())),
        ("symptoms", chosen(&["cough", "breath"])),
        ("symptoms", chosen(&["headache"])),
        ("care", chosen(&["none", "some"])),
        ("allergy", Answer::Text(" ".to_owned())),
        ("allergy", Answer::Text("\u{7}".to_owned())),
    ] {
        assert_eq!(definition.judge(&answers(&[(id, answer)])), Err(AnswerError::Kind(name(id))));
    }
    assert_eq!(definition.judge(&answers(&[("shoe-size", Answer::Number("26".to_owned()))])), Err(AnswerError::Unknown("shoe-size".to_owned())));
    let mut without = answers(&[]);
    without.answers.clear();
    assert_eq!(definition.judge(&without), Err(AnswerError::Missing(name("care"))));
    let older = Answers { version: 2, ..answers(&[]) };
    assert!(matches!(definition.judge(&older), Err(AnswerError::Version { expected: 1, found: 2, .. })));
}

#[test]
fn a_definition_that_cannot_be_answered_or_judged_is_refused() {
    let with = |change: &dyn Fn(&mut Definition)| {
        let mut definition = example();
        change(&mut definition);
        definition.check().unwrap_err()
    };
    assert!(matches!(with(&|d| d.questions.clear()), DefinitionError::Questions(0)));
    assert!(matches!(with(&|d| d.questions.push(d.questions[0].clone())), DefinitionError::Twice(_)));
    assert!(matches!(with(&|d| d.title.ja.clear()), DefinitionError::Text(_)));
    assert!(matches!(with(&|d| d.questions[0].triage[0].when = Condition::Is(YesNo::Yes)), DefinitionError::Rule(_)));
    assert!(matches!(with(&|d| d.questions[1].triage[0].when = Condition::Chosen(name("headache"))), DefinitionError::Rule(_)));
    let bounds = |d: &mut Definition| {
        d.questions[0].kind = QuestionKind::Number { min: "2".to_owned(), max: "1".to_owned(), decimals: 0, unit: d.title.clone() };
        d.questions[0].triage.clear();
    };
    assert!(matches!(with(&bounds), DefinitionError::Bounds(_)));
    assert!(matches!(with(&|d| d.questions[5].kind = QuestionKind::One { options: Vec::new() }), DefinitionError::Options(_)));
    assert!(matches!(Definition::from_toml("id = \"x\""), Err(DefinitionError::Form(_))));
}

#[test]
fn what_was_filled_in_has_one_hash_and_another_salt_gives_another() {
    let filled = |salt: u8| Filled {
        salt: Bytes([salt; 32]),
        at: Timestamp::from_unix(0).unwrap(),
        by: FilledBy::Person,
        answers: answers(&[]),
        triage: Triage::Green,
        because: Vec::new(),
    };
    assert_eq!(filled(1).hash().unwrap(), filled(1).hash().unwrap());
    assert_ne!(filled(1).hash().unwrap(), filled(2).hash().unwrap());
}
