//! Lines of Japanese, which has no spaces at which a line could end: broken between two characters where the rules of setting allow it (禁則).

use clap::Command;

/// How wide the screen is, which only clap knows: as wide as the first line of a text that it broke.
pub(super) fn width() -> usize {
    let long = "x ".repeat(500);
    let text = Command::new("width").help_template("{about}").about(long).render_help().to_string();
    text.lines().next().map_or(80, str::len).max(40)
}

/// The text with lines of at most so many cells. A line that is to be typed, as one of `typed` is, stays whole.
pub(super) fn broken(text: &str, width: usize, typed: &[String]) -> String {
    let is_whole = |line: &str| typed.iter().flat_map(|typed| typed.lines()).any(|typed| line.contains(typed));
    text.lines().map(|line| if is_whole(line) { line.to_owned() } else { line_broken(line, width) }).collect::<Vec<_>>().join("\n")
}

fn line_broken(line: &str, width: usize) -> String {
    let margin: String = line.chars().take_while(|c| *c == ' ').collect();
    let (mut done, mut open, mut cells) = (String::new(), margin.clone(), margin.len());
    // Where the open line may end, with the cells that stand after it.
    let mut end: Option<usize> = None;
    let mut before: Option<char> = None;
    for c in line.chars().skip(margin.len()) {
        if before.is_some_and(|before| may_part(before, c)) {
            end = Some(open.len());
        }
        if cells + cells_of(c) > width
            && let Some(at) = end.take()
        {
            let rest = open.split_off(at);
            done += open.trim_end();
            done.push('\n');
            open = format!("{margin}{}", rest.trim_start());
            cells = open.chars().map(cells_of).sum();
        }
        open.push(c);
        cells += cells_of(c);
        before = Some(c);
    }
    done + &open
}

const fn cells_of(c: char) -> usize {
    if is_wide(c) { 2 } else { 1 }
}

const fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}')
}

/// Whether a line may end between two characters.
fn may_part(before: char, after: char) -> bool {
    const NEVER_FIRST: &str = "、。，．・：；？！）］｝」』】〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…,.;:)]";
    const NEVER_LAST: &str = "（［｛「『【〈《([";
    let apart = before == ' ' || is_wide(before) || is_wide(after);
    apart && after != ' ' && !NEVER_FIRST.contains(after) && !NEVER_LAST.contains(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_japanese_ends_where_it_may_and_no_line_begins_with_a_full_stop() {
        assert_eq!(broken("これは長い文です。次の文です。", 18, &[]), "これは長い文です。\n次の文です。");
        assert_eq!(broken("これは長い文です。次", 17, &[]), "これは長い文で\nす。次");
        assert_eq!(broken("  字下げは保たれる", 12, &[]), "  字下げは保\n  たれる");
        assert_eq!(broken("指紋は --expect で", 12, &[]), "指紋は\n--expect で");
    }

    #[test]
    fn a_line_that_is_typed_and_a_word_of_letters_stay_whole() {
        let typed = ["tachiaid staff add 選管太郎 --role commission".to_owned()];
        assert_eq!(broken(&format!("  {}", typed[0]), 20, &typed), format!("  {}", typed[0]));
        assert_eq!(broken("abcdefghijklmnopqrstuvwxyz", 10, &[]), "abcdefghijklmnopqrstuvwxyz");
    }
}
