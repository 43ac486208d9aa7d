//! Reports of shelters as people type and read them, the same at a terminal and at the headquarters.

use tachiai_schemas::roster::report::{Aspect, CodeCount, Grade, Graded};
use tachiai_schemas::shelter::overview::Meals;
use tachiai_schemas::{Lang, Say};

use super::shelter::words::{word, written};
use crate::card::printable;

/// Reads `ASPECT=GRADE`: the aspect as the interface writes it or in Japanese.
///
/// # Errors
/// What may stand there.
pub fn graded(text: &str) -> Result<Graded, String> {
    let (aspect, grade) = text.split_once(['=', '＝']).ok_or_else(|| "write ASPECT=GRADE, such as toilets=C".to_owned())?;
    let japanese = Aspect::ALL.into_iter().find(|known| known.say(Lang::Ja) == aspect.trim());
    let aspect = japanese.map_or_else(|| word::<Aspect>(aspect.trim()), Ok)?;
    Ok(Graded { aspect, grade: grade_of(grade).ok_or_else(|| "a grade is one of A, B, C, D".to_owned())? })
}

/// Reads a grade, in either case and width.
#[must_use]
pub fn grade_of(text: &str) -> Option<Grade> {
    word::<Grade>(&tachiai_schemas::shelter::reading::key(text).to_uppercase()).ok()
}

/// Grades in words.
#[must_use]
pub fn grades_text(l: Lang, grades: &[Graded]) -> String {
    let grades = grades.iter().map(|graded| format!("{} {}", graded.aspect.say(l), written(&graded.grade)));
    grades.collect::<Vec<_>>().join("  ")
}

/// Counts by code in words.
#[must_use]
pub fn counts_text(counts: &[CodeCount]) -> String {
    counts.iter().map(|count| format!("{}:{}", count.code, count.count)).collect::<Vec<_>>().join(" ")
}

/// The meals of one shelter in words.
#[must_use]
pub fn meals_text(l: Lang, meals: &Meals) -> String {
    let Meals { shelter, persons, infants, plain, without, to_ask, heads } = meals;
    let heads = heads.map_or_else(String::new, |heads| format!(" ({}: {heads})", l.pick("頭数", "heads")));
    let mut lines = vec![format!(
        "{shelter}  {}: {persons}{heads}  {}: {plain}  {}: {infants}  {}: {to_ask}",
        l.pick("人", "people"),
        l.pick("通常食", "plain"),
        l.pick("乳児", "infants"),
        l.pick("要確認", "to be asked")
    )];
    lines.extend(without.iter().map(|of| format!("  {}: {}  {}", l.pick("除去", "without"), printable(&of.without.join("・")), of.meals)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_are_read_as_the_form_has_them() {
        assert_eq!(graded("toilets=D"), Ok(Graded { aspect: Aspect::Toilets, grade: Grade::D }));
        assert_eq!(graded("飲料水=ｂ"), Ok(Graded { aspect: Aspect::DrinkingWater, grade: Grade::B }));
        assert!(graded("toilets").is_err() && graded("toilets=E").is_err() && graded("sauna=A").is_err());
    }
}
