//! `reception assess`: how the site stands, in nine aspects from A to D (避難所アセスメント).

use clap::Args;
use serde_json::json;
use tachiai_schemas::roster::report::{Aspect, Graded};
use tachiai_schemas::{Lang, Say};

use crate::cli::Global;
use crate::commands::ask::{ask, is_conversation};
use crate::commands::reports::{grade_of, graded, grades_text};
use crate::commands::say;
use crate::commands::shelter::words::written;
use crate::failure::{Exit, Failure};
use crate::shelter::said;
use crate::shelter::state::Reception;

/// How the site stands.
#[derive(Args, Debug)]
pub struct Assess {
    /// Aspects with their grades; without any they are asked for at a terminal
    #[arg(value_name = "ASPECT=GRADE", value_parser = graded)]
    grades: Vec<Graded>,
    /// Show what was reported last
    #[arg(long, conflicts_with = "grades")]
    list: bool,
}

impl Assess {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global, reception: &mut Reception) -> Result<Exit, Failure> {
        if self.list {
            list(global, reception);
            return Ok(Exit::Done);
        }
        let mut looked = match self.grades.as_slice() {
            [] if is_conversation(global) => asked(global, reception)?,
            grades => grades.to_vec(),
        };
        looked.sort_by_key(|graded| graded.aspect);
        if looked.is_empty() {
            return Err(Failure::new(
                Exit::Usage,
                "評価がありません。tachiai reception assess drinking-water=B 使用可能トイレ=C のように書いてください。",
                "no grade was given. Write it like `tachiai reception assess drinking-water=B toilets=C`.",
            ));
        }
        let grades = reception.assess(&looked)?;
        let kept = grades.len() - looked.len();
        say(global, &json!({ "shelter": reception.shelter(), "grades": grades, "kept": kept }), || {
            let text = format!("✓ {}", grades_text(global.lang(), &grades));
            match (kept, global.lang()) {
                (0, _) => text,
                (kept, Lang::Ja) => format!("{text}\n（うち{kept}項目は前回の評価のまま）"),
                (kept, Lang::En) => format!("{text}\n({kept} of these stand as they were reported before)"),
            }
        });
        Ok(Exit::Done)
    }
}

/// What A and D mean, where the sheet says it; for the other aspects they are good and bad.
fn hint(lang: Lang, aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::DrinkingWater => lang.pick(
            "食事と別に1人1日 A: 3L以上、B: 2L、C: 1L、D: 食事込みで1L程度",
            "a day each, besides meals: A 3 L or more, B 2 L, C 1 L; D about 1 L with meals",
        ),
        Aspect::Meals => lang.pick(
            "主食が全員に A: 3回とおかず1回以上、B: 3回、C: 1〜2回、D: 持参のみ",
            "staple for all: A three times and a side dish, B three times, C once or twice, D what people brought",
        ),
        Aspect::Power | Aspect::Water | Aspect::Toilets | Aspect::Hygiene | Aspect::Bedding | Aspect::Temperature | Aspect::Communication => {
            lang.pick("A: 良い、B: 足りる、C: 足りない、D: すぐに支援が必要", "A good, B enough, C not enough, D help is needed at once")
        }
    }
}

/// Asks for each aspect; Enter leaves it as it was.
fn asked(global: &Global, reception: &Reception) -> Result<Vec<Graded>, Failure> {
    let lang = global.lang();
    let before = reception.grades().map_or_else(Vec::new, |(_, grades)| grades.to_vec());
    eprintln!("{}", lang.pick("A〜Dで評価してください。Enter はそのまま。", "Grade each from A to D; Enter leaves it as it was."));
    let mut grades = Vec::new();
    for aspect in Aspect::ALL {
        let last = before.iter().find(|graded| graded.aspect == aspect).map(|graded| format!(" [{}]", written(&graded.grade)));
        loop {
            let answer = ask(&format!("{}（{}）{}: ", aspect.say(lang), hint(lang, aspect), last.as_deref().unwrap_or_default()))?;
            if answer.is_empty() {
                break;
            }
            match grade_of(&answer) {
                Some(grade) => {
                    grades.push(Graded { aspect, grade });
                    break;
                }
                None => eprintln!("{}", lang.pick("A、B、C、D のどれかです。", "use one of A, B, C, D.")),
            }
        }
    }
    Ok(grades)
}

fn list(global: &Global, reception: &Reception) {
    let last = reception.grades();
    if global.json {
        outln!("{}", json!({ "shelter": reception.shelter(), "time": last.map(|(time, _)| time), "grades": last.map(|(_, grades)| grades) }));
        return;
    }
    match last {
        Some((time, grades)) => outln!("{}  {}", said::moment(global.lang(), time.millis()), grades_text(global.lang(), grades)),
        None => outln!("{}", global.pick("評価の報告はまだありません。", "the site was not assessed yet.")),
    }
}
