//! The keys of the reception. Its function keys are one map: a key means the same wherever it works, and elsewhere it is off, with the reason.

use super::setup::Setting;
use super::{Reception, Stage, now, questionnaire};
use crate::console::action::{Action, Place, Reception as Does};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::Binding;
use crate::console::work::reception::Now;
use crate::shelter::key::Protection;

/// The map of function keys, besides F1, which is help everywhere.
const MAP: [(u8, Action, &str); 11] = [
    (2, Action::Reception(Does::Typed), "desk-key-typed"),
    (3, Action::Reception(Does::Present), "desk-key-present"),
    (4, Action::Reception(Does::Heads), "desk-key-heads"),
    (5, Action::Reception(Does::State), "desk-key-state"),
    (6, Action::Go(Place::RollCall), "screen-roll-call"),
    (7, Action::Reception(Does::Sync), "desk-key-sync"),
    (8, Action::Reception(Does::TakeBack), "desk-key-back"),
    (9, Action::Reception(Does::Stick), "desk-key-stick"),
    (10, Action::Reception(Does::Card), "desk-key-card"),
    (11, Action::Reception(Does::Questionnaire), "desk-key-form"),
    (12, Action::Reception(Does::Lock), "desk-key-lock"),
];

/// Those that are told of at the bottom, the most needed first.
const TOLD: [u8; 9] = [2, 3, 4, 8, 6, 5, 7, 9, 11];

/// The key of help.
pub const fn help() -> Binding {
    Binding::new(Key::F(1), Action::Help, "key-help")
}

/// All of the map. Where `off` has a reason, keys are off except those of `works`.
pub(in crate::console::screens) fn map(desk: &Desk, now: &Now, works: &[u8], off: Option<&'static str>) -> Vec<Binding> {
    let rank = |number: u8| TOLD.iter().position(|told| *told == number).unwrap_or(TOLD.len());
    let mut keys: Vec<(u8, Binding)> = MAP.map(|(number, action, label)| (number, Binding::new(Key::F(number), action, label))).into();
    keys.sort_by_key(|(number, _)| (off.is_some() && !works.contains(number), rank(*number)));
    let of = |(number, binding): (u8, Binding)| {
        let why = match number {
            12 => (now.protection == Protection::Unprotected).then(|| desk.say("desk-unprotected")),
            number if off.is_some() && !works.contains(&number) => off.map(|key| desk.say(key)),
            8 => now.undo.is_none().then(|| desk.say("off-undo")),
            11 => questionnaire::off(desk, now),
            _ => None,
        };
        let is_told = TOLD.contains(&number) && (off.is_none() || works.contains(&number));
        if is_told { binding.off(why) } else { binding.quiet().off(why) }
    };
    keys.into_iter().map(of).collect()
}

fn moves() -> [Binding; 4] {
    [(Key::Up, Action::Up), (Key::Down, Action::Down), (Key::PageUp, Action::PageUp), (Key::PageDown, Action::PageDown)]
        .map(|(key, action)| Binding::new(key, action, "key-move").quiet())
}

impl Reception {
    /// The keys of what is at hand; Esc is the second of them.
    pub(super) fn keys_at_hand(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = self.keys_of_the_stage(desk);
        let drops = if self.is_filled() { Action::Reception(Does::Drop) } else { Action::Back };
        // Where there is no room for all of them, the way back is told of all the same.
        keys.insert(keys.len().min(1), Binding::new(Key::Esc, drops, "key-back"));
        // One order after another: whoever does not see the answer yet would give it twice. What hides everything, and what is given up, never waits.
        let waits = |binding: &&mut Binding| {
            let is_order = matches!(binding.action, Action::Open | Action::Submit | Action::Reception(_)) && binding.off.is_none();
            is_order && !matches!(binding.action, Action::Reception(Does::Lock | Does::Drop))
        };
        keys.iter_mut().filter(waits).for_each(|binding| binding.off = desk.orders_wait());
        keys
    }

    fn keys_of_the_stage(&self, desk: &Desk) -> Vec<Binding> {
        if let Stage::Setup(setting) = &self.stage {
            return setup(setting, desk);
        }
        let Some(now) = now(desk) else {
            return vec![Binding::new(Key::Enter, Action::Open, "desk-key-open"), help()];
        };
        let mut keys = match &self.stage {
            Stage::Locked | Stage::Setup(_) | Stage::Line => vec![Binding::new(Key::Enter, Action::Open, "key-search")],
            Stage::Recent(_) => vec![Binding::new(Key::Tab, Action::Part, "desk-key-line")],
            Stage::Found(found, _) => {
                vec![Binding::new(Key::Enter, Action::Open, "desk-key-choose").off(found.people.is_empty().then(|| desk.say("off-nothing")))]
            }
            Stage::Known(..) => vec![Binding::new(Key::Enter, Action::Open, "desk-key-do")],
            Stage::Check(_) => {
                vec![Binding::new(Key::Enter, Action::Submit, "desk-key-enter"), Binding::new(Key::Ctrl('s'), Action::Submit, "desk-key-enter").quiet()]
            }
            Stage::Typed(_) => vec![Binding::new(Key::Enter, Action::Open, "key-next-line"), Binding::new(Key::Ctrl('s'), Action::Submit, "key-submit")],
        };
        let off = match &self.stage {
            Stage::Check(_) => Some("desk-off-check"),
            Stage::Typed(_) => Some("desk-off-typed"),
            _ => None,
        };
        if let Stage::Check(checking) = &self.stage
            && checking.is_typed()
        {
            keys.push(Binding::new(Key::Ctrl('n'), Action::Reception(Does::Relative), "desk-key-relative"));
        }
        if matches!(self.stage, Stage::Recent(_) | Stage::Found(..) | Stage::Known(..)) {
            keys.extend(moves());
        }
        let nobody = self.who(now).is_empty().then(|| desk.say("questionnaire-nobody"));
        keys.extend(map(desk, now, &[], off).into_iter().map(|binding| match binding.key {
            Key::F(11) if binding.off.is_none() => binding.off(nobody.clone()),
            _ => binding,
        }));
        if matches!(self.stage, Stage::Line) {
            keys.push(Binding::new(Key::Tab, Action::Part, "desk-key-recent"));
        }
        keys.push(help());
        keys
    }
}

/// Before this machine is a terminal there is nothing yet that the function keys could do, but what comes on a stick.
fn setup(setting: &Setting, desk: &Desk) -> Vec<Binding> {
    let mut keys = setting.keys(desk);
    keys.push(help());
    keys
}
