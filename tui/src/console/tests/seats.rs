//! The seats that work on the terminal itself, and the mouse.

use super::*;

/// The column and row at which something is written first.
fn place_of(text: &str, what: &str) -> (u16, u16) {
    let (row, line) = text.lines().enumerate().find(|(_, line)| line.contains(what)).unwrap_or_else(|| panic!("{what}:\n{text}"));
    let before = line.split(what).next().unwrap_or_default();
    (u16::try_from(width(before)).unwrap(), u16::try_from(row).unwrap())
}

fn click(state: &mut State, (column, row): (u16, u16)) -> Vec<Effect> {
    // What lies where is known once it is drawn.
    seen(state, (80, 24));
    state.update(Event::Click(column, row))
}

#[test]
fn a_click_chooses_a_line_and_a_second_one_opens_it() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "3");
    let text = seen(&state, (80, 24));
    let lines: Vec<usize> = text.lines().enumerate().filter(|(_, line)| line.contains("2026") || line.contains("Mayor")).map(|(row, _)| row).collect();
    let second = (5, u16::try_from(*lines.last().unwrap()).unwrap());
    assert!(click(&mut state, second).is_empty(), "a click opens nothing");
    let titles = state.screens.len();
    click(&mut state, second);
    assert_eq!(state.screens.len(), titles + 1, "{}", seen(&state, (80, 24)));
}

#[test]
fn a_click_in_the_footer_is_its_key_and_one_beside_everything_is_nothing() {
    let mut state = connected(Lang::En, samples::commission());
    let help = place_of(&seen(&state, (80, 24)), "? Help");
    click(&mut state, help);
    assert!(matches!(state.popup, Some(Popup::Help(_))));
    let close = place_of(&seen(&state, (80, 24)), "Esc Close");
    click(&mut state, close);
    assert!(state.popup.is_none());
    assert!(click(&mut state, (40, 1)).is_empty() && state.popup.is_none() && state.screens.len() == 1);
}

#[test]
fn under_a_window_nothing_is_clicked_at() {
    let mut state = connected(Lang::En, samples::commission());
    press(&mut state, "3?");
    for row in 1..22 {
        click(&mut state, (2, row));
    }
    assert!(matches!(state.popup, Some(Popup::Help(_))) && state.screens.len() == 2);
}
