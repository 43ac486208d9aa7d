//! What people are told of files that are imported: their columns beforehand, and what was found in them afterwards, rows with the same reason in one line.

use tachiai_schemas::columns::{Column, Needed};
use tachiai_schemas::staff::RowProblem;
use tachiai_schemas::{Lang, columns};

use crate::card::printable;

/// So many lines with the same reason are numbered.
const NUMBERED: usize = 10;

/// The columns of a file, which of them it needs, and an example.
#[must_use]
pub fn columns_text(l: Lang, columns: &[Column]) -> String {
    let list = |need: Needed| {
        let told = columns.iter().filter(|column| column.need == need).map(|column| column.told(l));
        told.collect::<Vec<_>>().join(l.pick("、", ", "))
    };
    let mut lines = Vec::new();
    for (need, ja, en) in [
        (Needed::Yes, "必要な列", "needed columns"),
        (Needed::OneWay, "宛名番号の列か、氏名と生年月日の列が必要", "宛名番号, or 氏名 and 生年月日, are needed of"),
        (Needed::No, "あってもよい列", "columns that may be there"),
    ] {
        let list = list(need);
        if !list.is_empty() {
            lines.push(format!("{}: {list}", l.pick(ja, en)));
        }
    }
    lines.push(format!("{}:", l.pick("例（1行目は見出し）", "an example, with its header")));
    lines.extend(columns::example(columns).lines().map(|line| format!("  {line}")));
    lines.join("\n")
}

/// What is wrong with rows of a file, or is to be looked at.
#[must_use]
pub fn problems_text(l: Lang, errors: &[RowProblem], warnings: &[RowProblem]) -> Vec<String> {
    let mut lines = Vec::new();
    for (mark, problems) in [(l.pick("誤り", "error"), errors), (l.pick("注意", "note"), warnings)] {
        let mut groups: Vec<(String, Vec<u64>)> = Vec::new();
        for problem in problems {
            let column = problem.column.as_deref().map(|column| format!("{} ", printable(column))).unwrap_or_default();
            let said = format!("{column}{}", printable(l.pick(&problem.ja, &problem.en)));
            match groups.iter_mut().find(|(known, _)| *known == said) {
                Some((_, lines)) => lines.push(problem.line),
                None => groups.push((said, vec![problem.line])),
            }
        }
        lines.extend(groups.into_iter().map(|(said, rows)| format!("{mark} {}: {said}", numbered(l, &rows))));
    }
    lines
}

/// Lines of a file: one by its number, more of them with how many they are.
fn numbered(l: Lang, rows: &[u64]) -> String {
    let numbers = rows.iter().take(NUMBERED).map(u64::to_string).collect::<Vec<_>>().join(", ");
    let more = if rows.len() > NUMBERED { ", …" } else { "" };
    match (rows.len(), l) {
        (1, Lang::Ja) => format!("行 {numbers}"),
        (1, Lang::En) => format!("line {numbers}"),
        (n, Lang::Ja) => format!("同じ内容 {n} 行（行 {numbers}{more}）"),
        (n, Lang::En) => format!("{n} lines alike ({numbers}{more})"),
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::shelter::{residents, support};

    use super::*;

    fn problem(line: u64, ja: &str) -> RowProblem {
        RowProblem { line, column: Some("生年月日\u{1b}[2J".to_owned()), ja: ja.to_owned(), en: ja.to_owned() }
    }

    #[test]
    fn rows_with_the_same_reason_stand_in_one_line_and_nothing_moves_the_cursor() {
        let errors: Vec<RowProblem> = (2..38).map(|line| problem(line, "空です。")).chain([problem(90, "読めません。")]).collect();
        let text = problems_text(Lang::Ja, &errors, &[]);
        assert_eq!(text.len(), 2);
        assert!(text[0].starts_with("誤り 同じ内容 36 行（行 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …）: 生年月日"), "{text:?}");
        assert!(text[1].starts_with("誤り 行 90: ") && !text.concat().contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn the_columns_that_a_file_needs_are_told_before_those_it_may_have() {
        let text = columns_text(Lang::Ja, &residents::COLUMNS);
        assert!(text.starts_with("必要な列: 宛名番号、氏名、生年月日、住所\nあってもよい列: 氏名カナ（カナ氏名）、"), "{text}");
        assert!(columns_text(Lang::Ja, &support::COLUMNS).starts_with("宛名番号の列か、氏名と生年月日の列が必要: "));
    }
}
