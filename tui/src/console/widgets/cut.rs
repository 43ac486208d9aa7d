//! Texts in cells: how wide one is, cut where it is too wide, and broken into lines. Wide characters take two cells, and none is cut in the middle.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text in at most so many cells; where it was cut stands `mark`.
#[must_use]
pub fn cut(text: &str, cells: usize, mark: &str) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let room = cells.saturating_sub(width(mark));
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += width(grapheme);
        if used > room {
            break;
        }
        kept.push_str(grapheme);
    }
    if cells >= width(mark) { kept + mark } else { kept }
}

/// A text in exactly so many cells: cut, or with spaces after it.
#[must_use]
pub fn padded(text: &str, cells: usize, mark: &str) -> String {
    let mut text = cut(text, cells, mark);
    text.push_str(&" ".repeat(cells.saturating_sub(width(&text))));
    text
}

/// A text in exactly so many cells, with spaces before it.
#[must_use]
pub fn right(text: &str, cells: usize, mark: &str) -> String {
    let text = cut(text, cells, mark);
    " ".repeat(cells.saturating_sub(width(&text))) + &text
}

/// Whether a line may not begin with this.
fn clings(grapheme: &str) -> bool {
    matches!(grapheme, "。" | "、" | "，" | "．" | "）" | "」" | "』" | "】" | "：" | "・" | "ー" | ")" | "," | "." | ":" | ";" | "%")
}

/// A text in lines of at most so many cells. Words of Latin letters stay whole where they can; no line begins with a mark that belongs to the line before.
#[must_use]
pub fn lines(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(2);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut used = 0;
        // The last place in the line where it may be broken.
        let mut space: Option<usize> = None;
        for grapheme in paragraph.graphemes(true) {
            let wide = width(grapheme);
            if used + wide > cells && !line.is_empty() && !(clings(grapheme) && used + wide <= cells + 2 && used <= cells) {
                let rest = match space.filter(|_| wide == 1 && grapheme != " ") {
                    Some(at) => line.split_off(at),
                    None => String::new(),
                };
                lines.push(line.trim_end().to_owned());
                line = rest.trim_start().to_owned();
                used = width(&line);
                space = None;
                if line.is_empty() && grapheme == " " {
                    continue;
                }
            }
            line.push_str(grapheme);
            used += wide;
            if grapheme == " " || wide == 2 {
                space = Some(line.len());
            }
        }
        lines.push(line);
    }
    // A mark that clings may have made a line two cells too long.
    lines.into_iter().map(|line| cut(&line, cells + 2, "")).collect()
}

/// Parts that belong together each, in as few lines of so many cells as they fit in; one that is wider is broken itself.
#[must_use]
pub fn flow(parts: &[String], cells: usize) -> Vec<String> {
    const BETWEEN: &str = "  ";
    let mut flowed: Vec<String> = Vec::new();
    for part in parts {
        match flowed.last_mut() {
            Some(line) if width(line) + width(BETWEEN) + width(part) <= cells => {
                line.push_str(BETWEEN);
                line.push_str(part);
            }
            _ => flowed.extend(lines(part, cells)),
        }
    }
    flowed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wide_character_is_never_cut_in_the_middle() {
        assert_eq!(cut("養父市長選挙", 12, "…"), "養父市長選挙");
        assert_eq!(cut("養父市長選挙", 11, "…"), "養父市長選…");
        assert_eq!(cut("養父市長選挙", 10, "…"), "養父市長…");
        assert_eq!(cut("養父", 1, "…"), "…");
        assert_eq!(cut("養父", 0, "…"), "");
        assert_eq!(padded("養父市", 4, "~"), "養~ ");
        assert_eq!(right("98", 4, "~"), "  98");
    }

    #[test]
    fn a_composed_character_stays_whole() {
        // ガ as カ with a mark, and a name with a variation selector.
        assert_eq!(cut("カ\u{3099}ガ", 2, ""), "カ\u{3099}");
        assert_eq!(cut("辻\u{e0100}村", 2, ""), "辻\u{e0100}");
    }

    #[test]
    fn lines_break_between_words_and_before_no_full_stop() {
        assert_eq!(lines("Wait for the witnesses", 10), ["Wait for", "the", "witnesses"]);
        assert_eq!(lines("開票です。", 8), ["開票です。"]);
        assert_eq!(lines("一二三四五", 4), ["一二", "三四", "五"]);
        assert_eq!(lines("a\n\nb", 4), ["a", "", "b"]);
    }

    #[test]
    fn parts_are_broken_between_each_other() {
        let parts = ["2件の食い違い", "4件 保留", "3台の端末に届いていない記録"].map(str::to_owned);
        assert_eq!(flow(&parts, 24), ["2件の食い違い  4件 保留", "3台の端末に届いていない", "記録"]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_it_may_be(text in "[a-z ぁ-ん一-龠ｱ-ﾝ。、]{0,60}", cells in 2_usize..40) {
            prop_assert!(width(&cut(&text, cells, "…")) <= cells);
            prop_assert_eq!(width(&padded(&text, cells, "…")), cells);
            for line in lines(&text, cells) {
                prop_assert!(width(&line) <= cells + 2, "{:?}", line);
            }
        }
    }
}
