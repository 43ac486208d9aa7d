//! The questionnaire (問診票) that a resident fills in at home: after a card login, sealed at the appliance.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};

use clap::{Args, Subcommand};
use tachiai_jpki::StatementPurpose;
use tachiai_schemas::Lang;
use tachiai_schemas::shelter::questionnaire::{Answer, Answers, Definition, Demand, Filled, Kept, Name, Question, QuestionKind, YesNo};

use crate::card::{PinName, printable};
use crate::cli::Global;
use crate::commands::ask::ask;
use crate::commands::card::holder::{announce, certificate_before_pin, check_pin, leave, now, say_signing, verified};
use crate::commands::say;
use crate::commands::vote::Line;
use crate::failure::{Exit, Failure};
use crate::voter::Respondent;

/// Questionnaires.
#[derive(Subcommand, Debug)]
pub enum Questionnaire {
    /// Fill in a questionnaire with a card; it takes the place of the one before
    Fill(Fill),
    /// Show what was filled in last
    Show(Show),
}

/// Fill in a questionnaire. The answers are asked for; a script gives them as JSON in a file.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai questionnaire fill --server https://vote.example.jp:8443 --ca ca.pem shelter-medical
  tachiai questionnaire fill --server https://vote.example.jp:8443 --ca ca.pem shelter-medical --answers answers.json
The file: {\"questionnaire\":\"shelter-medical\",\"version\":1,\"answers\":{\"care\":{\"chosen\":[\"none\"]},\"temperature\":{\"number\":\"36.5\"}}}")]
pub struct Fill {
    #[command(flatten)]
    how: How,
    /// Read the answers from this file instead of asking
    #[arg(long, value_name = "FILE")]
    answers: Option<std::path::PathBuf>,
}

/// Show what was filled in last.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai questionnaire show --server https://vote.example.jp:8443 --ca ca.pem shelter-medical")]
pub struct Show {
    #[command(flatten)]
    how: How,
}

/// Which questionnaire, and with which card.
#[derive(Args, Debug)]
struct How {
    /// The questionnaire
    questionnaire: Name,
    #[command(flatten)]
    by_card: ByCard,
}

/// Where, and with which card.
#[derive(Args, Debug)]
pub(super) struct ByCard {
    #[command(flatten)]
    line: Line,
    /// Read the 4-digit PIN from this file descriptor instead of the terminal
    #[arg(long, value_name = "N")]
    pin_fd: Option<i32>,
}

impl ByCard {
    /// A client of the server, not logged in yet.
    pub(super) fn client(&self, lang: Lang) -> Result<crate::client::Client, Failure> {
        self.line.client(lang)
    }

    /// Logs in with the card, and does something then.
    pub(super) fn enter<T>(
        &self,
        global: &Global,
        client: &crate::client::Client,
        then: impl FnOnce(&Respondent<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut card = self.line.open_card(global)?;
        let last = self.line.last();
        certificate_before_pin(&mut card)?;
        announce(global, client.host(), &[StatementPurpose::Login]);
        let pin = verified(global, self.pin_fd, PinName::Authentication, last, &mut card, check_pin)?;
        say_signing(global);
        let respondent = Respondent::enter(client, &mut card, &pin, last, now())?;
        leave(global, card);
        then(&respondent)
    }
}

impl Questionnaire {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let l = global.lang();
        match self {
            Self::Fill(Fill { how, answers }) => {
                let client = how.by_card.client(l)?;
                let definition: Definition = client.get(&format!("/api/v1/questionnaires/{}", how.questionnaire), None)?;
                // Everything is answered before the card is asked for anything.
                let given = match answers {
                    Some(path) => {
                        let bytes = std::fs::read(path).map_err(|e| Failure::file(path, &e))?;
                        serde_json::from_slice(&bytes).map_err(|e| Failure::file(path, &e))?
                    }
                    None => asked(global, &definition)?,
                };
                held(&definition, &given)?;
                let kept: Kept = how.by_card.enter(global, &client, |respondent| respondent.fill(&given))?;
                say(global, &serde_json::json!(kept), || kept_text(l, &kept));
            }
            Self::Show(Show { how }) => {
                let client = how.by_card.client(l)?;
                let definition: Definition = client.get(&format!("/api/v1/questionnaires/{}", how.questionnaire), None)?;
                let filled: Filled = how.by_card.enter(global, &client, |respondent| respondent.on_file(&how.questionnaire))?;
                say(global, &serde_json::json!(filled), || filled_text(l, Some(&definition), &filled));
            }
        }
        Ok(Exit::Done)
    }
}

/// Says what is wrong with answers before they are sent.
fn held(definition: &Definition, answers: &Answers) -> Result<(), Failure> {
    let wrong = |error: tachiai_schemas::shelter::questionnaire::AnswerError| {
        Failure::new(Exit::Usage, format!("回答を受け付けられません: {error}"), format!("the answers cannot be taken: {error}"))
    };
    definition.judge(answers).map(drop).map_err(wrong)
}

/// How answers are written.
const SHAPE: &str = r#"{"questionnaire":"shelter-medical","version":1,"answers":{"care":{"chosen":["none"]},"temperature":{"number":"36.5"}}}"#;

/// Answers from a person at a terminal, or from a script as JSON on standard input.
pub(super) fn answer_form(global: &Global, definition: &Definition) -> Result<Answers, Failure> {
    let answers = if std::io::stdin().is_terminal() {
        asked(global, definition)?
    } else {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        serde_json::from_str(&text).map_err(|e| {
            let line = e.line();
            Failure::new(
                Exit::Usage,
                format!("回答のJSONを読めません（{line}行目）。次の形で書いてください: {SHAPE}"),
                format!("the JSON of the answers cannot be read (line {line}). Write it like {SHAPE}"),
            )
        })?
    };
    held(definition, &answers)?;
    Ok(answers)
}

fn asked(global: &Global, definition: &Definition) -> Result<Answers, Failure> {
    let l = global.lang();
    eprintln!("{}\n{}\n", l.pick(&definition.title.ja, &definition.title.en), l.pick(&definition.notice.ja, &definition.notice.en));
    let mut answers = BTreeMap::new();
    for question in &definition.questions {
        if let Some(answer) = ask_one(l, question)? {
            answers.insert(question.id.to_string(), answer);
        }
    }
    Ok(Answers { questionnaire: definition.id.clone(), version: definition.version, answers })
}

/// Asks until the answer may be given; an empty one leaves a question out that need not be answered.
fn ask_one(l: Lang, question: &Question) -> Result<Option<Answer>, Failure> {
    let Question { id: _, text, demand, kind, triage: _ } = question;
    eprintln!("{}", l.pick(&text.ja, &text.en));
    if let QuestionKind::One { options } | QuestionKind::Many { options } = kind {
        for (number, option) in (1..).zip(options) {
            eprintln!("  {number}  {}", l.pick(&option.text.ja, &option.text.en));
        }
    }
    let hint = match kind {
        QuestionKind::YesNo => l.pick("はい・いいえ", "yes or no").to_owned(),
        QuestionKind::Number { unit, .. } => l.pick(&unit.ja, &unit.en).to_owned(),
        QuestionKind::Text => l.pick("文", "words").to_owned(),
        QuestionKind::One { .. } => l.pick("番号", "a number").to_owned(),
        QuestionKind::Many { .. } => l.pick("番号をコンマで区切って", "numbers, with commas").to_owned(),
    };
    loop {
        let typed = ask(&format!("[{hint}] "))?;
        if typed.is_empty() && *demand == Demand::Optional {
            return Ok(None);
        }
        match read(kind, &typed).filter(|answer| question.takes(answer)) {
            Some(answer) => return Ok(Some(answer)),
            None => eprintln!("{}", wanted(l, question)),
        }
    }
}

/// What answers to a question are like.
pub(crate) fn taken(l: Lang, kind: &QuestionKind) -> String {
    match kind {
        QuestionKind::YesNo => l.pick("「はい」か「いいえ」で答えてください。", "Answer yes or no.").to_owned(),
        QuestionKind::Number { min, max, decimals, unit } => match l {
            Lang::Ja => format!("{min}から{max}までの数（小数点以下{decimals}桁まで）で答えてください（{}）。", unit.ja),
            Lang::En => format!("Answer with a number from {min} to {max}, with {decimals} decimal places at most ({}).", unit.en),
        },
        QuestionKind::Text => l.pick("短い文で答えてください。", "Answer in a few words.").to_owned(),
        QuestionKind::One { .. } => l.pick("一つ選んでください。", "Choose one.").to_owned(),
        QuestionKind::Many { .. } => l.pick("当てはまるものをすべて選んでください。", "Choose all that apply.").to_owned(),
    }
}

/// That a question cannot be left out.
pub(crate) const fn needed(l: Lang) -> &'static str {
    l.pick("この質問には答えが要ります。", "This question needs an answer.")
}

/// What a question takes, to somebody whose answer it did not take.
fn wanted(l: Lang, Question { id: _, text: _, demand, kind, triage: _ }: &Question) -> String {
    let what = match kind {
        QuestionKind::One { options } => match l {
            Lang::Ja => format!("1から{}までの番号を一つ書いてください。", options.len()),
            Lang::En => format!("Write one number from 1 to {}.", options.len()),
        },
        QuestionKind::Many { options } => match l {
            Lang::Ja => format!("1から{}までの番号を、コンマで区切って書いてください。", options.len()),
            Lang::En => format!("Write numbers from 1 to {}, with commas.", options.len()),
        },
        kind => taken(l, kind),
    };
    let leave = match demand {
        Demand::Optional => l.pick("答えない場合は Enter だけを押してください。", "Press Enter alone to leave it out."),
        Demand::Required => needed(l),
    };
    format!("{what}{}{leave}", l.pick("", " "))
}

fn read(kind: &QuestionKind, typed: &str) -> Option<Answer> {
    let typed = typed.trim();
    match kind {
        QuestionKind::YesNo => match typed {
            "はい" | "y" | "Y" | "yes" => Some(Answer::YesNo(YesNo::Yes)),
            "いいえ" | "n" | "N" | "no" => Some(Answer::YesNo(YesNo::No)),
            _ => None,
        },
        QuestionKind::Number { .. } => Some(Answer::Number(tachiai_schemas::shelter::figures::narrow(typed))),
        QuestionKind::Text => Some(Answer::Text(typed.to_owned())),
        QuestionKind::One { options } | QuestionKind::Many { options } => {
            let mut names = Vec::new();
            for number in tachiai_schemas::shelter::figures::narrow(typed).split([',', '、']).filter(|number| !number.is_empty()) {
                names.push(options.get(number.parse::<usize>().ok()?.checked_sub(1)?)?.id.clone());
            }
            names.sort();
            names.dedup();
            Some(Answer::Chosen(names))
        }
    }
}

fn mark(l: Lang, triage: tachiai_schemas::roster::person::Triage) -> &'static str {
    use tachiai_schemas::roster::person::Triage;
    match triage {
        Triage::Green => l.pick("今すぐ診る必要はなさそうです。", "nothing to be seen at once."),
        Triage::Yellow => l.pick("避難所で看護師・保健師に見てもらってください。", "let a nurse at the shelter see you."),
        Triage::Red => l.pick("すぐに係の人に知らせてください。急なときは119番。", "tell somebody at once. In an emergency call 119."),
    }
}

/// What is said of answers that were kept.
pub(crate) fn kept_text(l: Lang, kept: &Kept) -> String {
    format!("{}  {}\n{}", l.pick("お預かりしました。", "Kept, sealed."), kept.at.in_japan(l), mark(l, kept.triage))
}

/// What was filled in, with the questions where they are at hand.
pub(crate) fn filled_text(l: Lang, definition: Option<&Definition>, filled: &Filled) -> String {
    let Filled { salt: _, at, by: _, answers, triage, because } = filled;
    let title =
        definition.map_or_else(|| format!("{} {}", answers.questionnaire, answers.version), |known| printable(l.pick(&known.title.ja, &known.title.en)));
    let mut lines = vec![format!("{title}  {}", at.in_japan(l))];
    let questions = definition.map_or(&[][..], |definition| &definition.questions);
    // In the order in which they were asked.
    let mut answered: Vec<_> =
        answers.answers.iter().map(|(id, answer)| (questions.iter().position(|question| question.id.as_str() == id), id, answer)).collect();
    answered.sort_by_key(|(place, ..)| place.unwrap_or(usize::MAX));
    for (place, id, answer) in answered {
        let question = place.and_then(|place| questions.get(place));
        let asked = question.map_or_else(|| id.clone(), |question| printable(l.pick(&question.text.ja, &question.text.en)));
        let mark = if because.iter().any(|name| name.as_str() == id) { " ⚠" } else { "" };
        lines.push(format!("  {asked}: {}{mark}", answer_text(l, question, answer)));
    }
    lines.push(mark(l, *triage).to_owned());
    lines.join("\n")
}

fn answer_text(l: Lang, question: Option<&Question>, answer: &Answer) -> String {
    match answer {
        Answer::YesNo(YesNo::Yes) => l.pick("はい", "yes").to_owned(),
        Answer::YesNo(YesNo::No) => l.pick("いいえ", "no").to_owned(),
        Answer::Number(number) => match question.map(|question| &question.kind) {
            Some(QuestionKind::Number { unit, .. }) => format!("{number} {}", printable(l.pick(&unit.ja, &unit.en))),
            _ => number.clone(),
        },
        Answer::Text(text) => printable(text),
        Answer::Chosen(names) if names.is_empty() => l.pick("どれも当てはまらない", "none of these").to_owned(),
        Answer::Chosen(names) => {
            let options = match question.map(|question| &question.kind) {
                Some(QuestionKind::One { options } | QuestionKind::Many { options }) => options.as_slice(),
                _ => &[],
            };
            let name = |name: &Name| {
                let option = options.iter().find(|option| option.id == *name);
                option.map_or_else(|| name.to_string(), |option| l.pick(&option.text.ja, &option.text.en).to_owned())
            };
            names.iter().map(name).collect::<Vec<_>>().join(l.pick("、", ", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Definition {
        Definition::from_toml(include_str!("../../../tests/data/shelter/questionnaire.toml")).unwrap()
    }

    #[test]
    fn whoever_gives_an_answer_that_is_not_taken_hears_what_is() {
        let definition = definition();
        let told = |l, id: &str| wanted(l, definition.questions.iter().find(|question| question.id.as_str() == id).unwrap());
        let temperature = told(Lang::En, "temperature");
        assert!(temperature.contains("from 33.0 to 43.0") && temperature.contains("Enter alone"), "{temperature}");
        assert!(told(Lang::Ja, "symptoms").contains("1から8まで"));
        assert!(told(Lang::Ja, "care").contains("答えが要ります"));
    }

    #[test]
    fn what_was_answered_is_read_in_the_order_of_the_questions_and_in_their_words() {
        let definition = definition();
        let answers = [
            ("care", Answer::Chosen(vec!["some".parse().unwrap()])),
            ("symptoms", Answer::Chosen(vec!["cough".parse().unwrap(), "rash".parse().unwrap()])),
            ("temperature", Answer::Number("37.8".to_owned())),
            ("treatment", Answer::Chosen(Vec::new())),
        ];
        let answers = answers.into_iter().map(|(id, answer)| (id.to_owned(), answer)).collect();
        let answers = Answers { questionnaire: definition.id.clone(), version: definition.version, answers };
        let (triage, because) = definition.judge(&answers).unwrap();
        let at = "2026-11-25T12:10:00Z".parse().unwrap();
        let by = tachiai_schemas::shelter::questionnaire::FilledBy::Desk;
        let filled = Filled { salt: tachiai_schemas::Bytes([5; 32]), at, by, answers, triage, because };
        let text = filled_text(Lang::En, Some(&definition), &filled);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        assert!(lines[0].starts_with("Medical questionnaire for shelters  2026-11-25"), "{text}");
        assert_eq!(lines[1], "What is your temperature now?: 37.8 °C ⚠");
        assert_eq!(lines[2], "Choose every symptom that you have now.: Cough or sore throat, Rash ⚠");
        assert_eq!(lines[3], "Is there a treatment that must go on?: none of these");
        assert_eq!(lines[4], "Do you need help in daily life?: Some");
        // Where the questions are not known, their names stand there.
        assert!(filled_text(Lang::En, None, &filled).contains("  temperature: 37.8 ⚠"));
    }

    #[test]
    fn answers_are_read_as_people_type_them() {
        let definition = definition();
        let kind = |id: &str| &definition.questions.iter().find(|question| question.id.as_str() == id).unwrap().kind;
        assert!(read(kind("temperature"), "３６．５") == Some(Answer::Number("36.5".to_owned())));
        assert!(read(kind("pregnancy"), "いいえ") == Some(Answer::YesNo(YesNo::No)));
        assert!(read(kind("pregnancy"), "たぶん").is_none());
        assert!(read(kind("symptoms"), "2, 1,1") == Some(Answer::Chosen(vec!["breath".parse().unwrap(), "cough".parse().unwrap()])));
        assert!(read(kind("symptoms"), "99").is_none() && read(kind("symptoms"), "0").is_none());
    }
}
