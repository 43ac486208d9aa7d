//! くじ: a lot is entered as it was drawn, signed by one officer after the other, and dropped by two officials where it was entered wrongly.

use tachiai_schemas::Lang;
use tachiai_schemas::counting::{LotDrop, LotView, TieView};

use super::{Counting, key_entries, named, numbered, read_key};
use crate::commands::count::{dropped_text, lot_text};
use crate::console::desk::Desk;
use crate::console::i18n::both;
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::screens::home::title;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::work::Deed;
use crate::console::work::deed::elections::{self, Drawn};

impl Counting {
    pub(super) fn tie<'a>(&self, desk: &'a Desk, contest: u16) -> Option<&'a TieView> {
        let mut contests = self.outcome(desk)?.contests.iter();
        contests.find(|outcome| outcome.contest == Some(contest))?.tie.as_ref().filter(|tie| !tie.decided)
    }

    pub(super) fn lot_of<'a>(&self, desk: &'a Desk, contest: u16) -> Option<&'a LotView> {
        self.counting(desk)?.lots.of(contest)
    }

    /// The lot of a contest that was dropped last, where none has been entered since.
    pub(super) fn dropped(&self, desk: &Desk, contest: u16) -> Option<String> {
        let counting = self.counting(desk)?;
        let dropped = counting.lots.dropped_of(contest).filter(|_| counting.lots.of(contest).is_none())?;
        Some(dropped_text(desk.lang(), &counting.manifest, dropped))
    }

    /// A lot of the contest at hand is signed by an officer: the one that is there, or the one that was drawn.
    pub(super) fn lot(&self, desk: &Desk) -> Option<Popup> {
        let (index, _) = self.contest(desk)?;
        if self.lot_of(desk, index).is_some() { self.sign_lot(desk) } else { self.enter_lot(desk) }
    }

    /// An officer signs the lot that is there.
    fn sign_lot(&self, desk: &Desk) -> Option<Popup> {
        let (index, contest) = self.contest(desk)?;
        let (counting, view) = (self.counting(desk)?, self.lot_of(desk, index)?);
        let drawn = Drawn { contest: index, tied: view.lot.tied.clone(), chosen: view.lot.chosen.clone(), seen: view.number };
        let text =
            [Lang::Ja, Lang::En].map(|lang| format!("{}\n{}", lang.pick(&contest.title.ja, &contest.title.en), lot_text(lang, &counting.manifest, view)));
        let said = format!("{}\n{}", desk.lang().pick(&text[0], &text[1]), desk.say("counting-lot-sign-text"));
        let id = self.id;
        Some(Popup::ask(Ask::new("counting-lot-sign", said, Form::new(key_entries()), move |desk, form| {
            let key = read_key(desk, form)?;
            let text = text.clone().map(|text| format!("{text}\n{}", key.path.display()));
            let deed = Deed::Elections(elections::Deed::Lot(id, drawn.clone(), key));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "counting-sure-lot", text, word: None, deed }))))
        })))
    }

    /// The lot that is there was entered wrongly.
    pub(super) fn drop_lot(&self, desk: &Desk) -> Option<Popup> {
        let (index, contest) = self.contest(desk)?;
        let (counting, view) = (self.counting(desk)?, self.lot_of(desk, index)?);
        let text =
            [Lang::Ja, Lang::En].map(|lang| format!("{}\n{}", lang.pick(&contest.title.ja, &contest.title.en), lot_text(lang, &counting.manifest, view)));
        let said = format!("{}\n{}", desk.lang().pick(&text[0], &text[1]), desk.say("counting-drop-text"));
        let (id, number) = (self.id, view.number);
        Some(Popup::ask(Ask::new("counting-drop", said, Form::new(vec![Entry::text("counting-drop-reason")]), move |desk, form| {
            let reason = form.text("counting-drop-reason");
            if reason.trim().is_empty() {
                return Err(vec![Problem { label: "counting-drop-reason", said: desk.say("counting-empty-rule") }]);
            }
            let text = text.clone().map(|text| format!("{text}\n\n{reason}"));
            let deed = Deed::Elections(elections::Deed::DropLot(id, LotDrop { contest: index, number, reason }));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "counting-sure-drop", text, word: None, deed }))))
        })))
    }

    /// A lot of the contest at hand is entered as it was drawn, signed by the first officer.
    fn enter_lot(&self, desk: &Desk) -> Option<Popup> {
        let (index, contest) = self.contest(desk)?;
        let tie = self.tie(desk, index)?.clone();
        let (id, options, contest_title) = (self.id, contest.options.clone(), contest.title.clone());
        let name = |place: &u16| options.get(usize::from(*place)).map(|option| numbered(desk, *place, option)).unwrap_or_default();
        // Nobody is chosen before somebody chooses.
        let seats = || vec![desk.say("counting-lot-unset"), desk.say("counting-lot-no"), desk.say("counting-lot-yes")];
        let mut entries: Vec<Entry> = tie.options.iter().map(|option| Entry::choice("counting-lot-seat", seats(), 0).named(name(option))).collect();
        entries.extend(key_entries());
        let values = [("n", tie.seats.to_string())];
        let counting = self.counting(desk)?;
        let seen = counting.lots.number(index);
        let dropped = self.dropped(desk, index).map(|dropped| format!("\n{dropped}")).unwrap_or_default();
        let said = format!("{}\n{}{dropped}", title(desk, &contest.title), desk.with("counting-lot-text", &values));
        Some(Popup::ask(Ask::by_place("counting-lot", said, Form::new(entries), move |desk, form| {
            let unset: Vec<_> =
                (0..tie.options.len()).filter(|place| form.chosen_at(*place) == 0).map(|place| (place, desk.say("counting-lot-choose"))).collect();
            if !unset.is_empty() {
                return Err(unset);
            }
            let chosen: Vec<u16> = tie.options.iter().enumerate().filter(|(place, _)| form.chosen_at(*place) == 2).map(|(_, option)| *option).collect();
            if chosen.len() != usize::from(tie.seats) {
                return Err(vec![(0, desk.with("counting-lot-rule", &[("n", tie.seats.to_string())]))]);
            }
            let key = read_key(desk, form).map_err(|problems| {
                let at = |label: &str| form.entries().iter().position(|entry| entry.label == label).unwrap_or_default();
                problems.into_iter().map(|problem| (at(problem.label), problem.said)).collect::<Vec<_>>()
            })?;
            let text = both(|words| {
                let names = |list: &[u16]| named(words.lang(), &options, list);
                let head = words.lang().pick(&contest_title.ja, &contest_title.en).to_owned();
                let values = [("head", head), ("tied", names(&tie.options)), ("chosen", names(&chosen)), ("key", key.path.display().to_string())];
                words.with("counting-lot-sure-text", &values)
            });
            let drawn = Drawn { contest: index, tied: tie.options.clone(), chosen, seen };
            let deed = Deed::Elections(elections::Deed::Lot(id, drawn, key));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "counting-sure-lot", text, word: None, deed }))))
        })))
    }
}
