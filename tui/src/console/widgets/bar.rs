//! A bar: so much of a whole. The figure always stands beside it, since a bar alone says little and nothing to who cannot see it.

use crate::console::theme::Look;

/// A bar of so many cells.
#[must_use]
pub fn bar(look: Look, part: u64, whole: u64, cells: usize) -> String {
    let cells = cells as u64;
    let part = part.min(whole);
    // What is there is seen, however little it is; and only what is whole fills all.
    let full = match (part, whole) {
        (0, _) | (_, 0) => 0,
        (part, whole) if part == whole => cells,
        (part, whole) => (part.saturating_mul(cells) / whole).clamp(1, cells.saturating_sub(1).max(1)),
    };
    let [solid, empty] = look.bar();
    let times = |sign: &str, count: u64| sign.repeat(usize::try_from(count).unwrap_or_default());
    times(solid, full) + &times(empty, cells.saturating_sub(full))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::{Signs, Theme};

    #[test]
    fn a_bar_is_full_only_when_all_is_there_and_empty_only_when_nothing_is() {
        let look = Look { theme: Theme::Mono, signs: Signs::Ascii };
        let bars = [(0, 10), (1, 1_000), (5, 10), (999, 1_000), (10, 10), (12, 10), (3, 0)].map(|(part, whole)| bar(look, part, whole, 4));
        assert_eq!(bars, ["....", "#...", "##..", "###.", "####", "####", "...."]);
    }
}
