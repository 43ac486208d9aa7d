//! 投票用紙の計数・くじ・候補者でなくなった者: contests with their candidates, what two officials count apart, and what the officers of the count sign.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::counting::{OutcomeView, PaperCountView, PaperFigures, PaperLine};
use tachiai_schemas::election::{Contest, ContestOption};
use tachiai_schemas::paper::{CandidateOut, OutReason};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{ElectionId, Lang, Say};

use super::home::title;
use super::{Screen, Then};
use crate::card::printable;
use crate::commands::approve::{Names, matter};
use crate::commands::count::{count_text, lot_text, reason_text, signed_text, thousandths};
use crate::console::action::{Action, Place, Wish};
use crate::console::desk::Desk;
use crate::console::event::Key as Pressed;
use crate::console::i18n::{Words, both, grouped};
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::{self, Block};
use crate::console::work::deed::elections::{self, Key};
use crate::console::work::question::elections as asked;
use crate::console::work::{self, Deed};

mod lot;

/// A line that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Contest(u16),
    Option(u16, u16),
}

/// The screen.
pub struct Counting {
    id: ElectionId,
    held: Held<Row>,
}

impl Counting {
    /// Of an election.
    #[must_use]
    pub const fn of(id: ElectionId) -> Self {
        Self { id, held: Held::first() }
    }

    fn question(&self) -> work::Question {
        work::Question::Elections(asked::Question::Counting(self.id))
    }

    fn counting<'a>(&self, desk: &'a Desk) -> Option<&'a asked::Counting> {
        match desk.answer(&self.question())? {
            work::Answer::Elections(asked::Answer::Counting(counting)) => Some(counting),
            _ => None,
        }
    }

    fn outcome<'a>(&self, desk: &'a Desk) -> Option<&'a OutcomeView> {
        match desk.answer(&work::Question::Outcome(self.id))? {
            work::Answer::Outcome(outcome) => Some(outcome),
            _ => None,
        }
    }

    fn rows(counting: &asked::Counting) -> Vec<Row> {
        let contests = (0..=u16::MAX).zip(&counting.manifest.contests);
        contests
            .flat_map(|(index, contest)| {
                let options = (0..=u16::MAX).zip(&contest.options).map(move |(option, _)| Row::Option(index, option));
                std::iter::once(Row::Contest(index)).chain(options)
            })
            .collect()
    }

    fn row(&self, desk: &Desk) -> Option<Row> {
        let rows = Self::rows(self.counting(desk)?);
        rows.get(self.held.place(&rows)).copied()
    }

    /// The contest at hand.
    fn contest<'a>(&self, desk: &'a Desk) -> Option<(u16, &'a Contest)> {
        let (Row::Contest(index) | Row::Option(index, _)) = self.row(desk)?;
        Some((index, self.counting(desk)?.manifest.contests.get(usize::from(index))?))
    }

    fn view<'a>(&self, desk: &'a Desk, contest: u16) -> Option<&'a PaperCountView> {
        self.counting(desk)?.views.iter().find(|view| view.contest == contest)
    }

    fn phase(&self, desk: &Desk) -> Option<Phase> {
        match desk.answer(&work::Question::Election(self.id))? {
            work::Answer::Election(status) => Some(status.summary.phase),
            _ => None,
        }
    }

    fn is_out(counting: &asked::Counting, contest: u16, option: u16) -> bool {
        counting.outs.iter().any(|out| (out.contest, out.option) == (contest, option))
    }

    /// What is entered of the contest at hand.
    fn enter(&self, desk: &Desk) -> Option<Popup> {
        let counting = self.counting(desk)?;
        let (index, contest) = self.contest(desk)?;
        let (id, contest) = (self.id, contest.clone());
        let named = (0..=u16::MAX).zip(&contest.options).filter(|(option, _)| !Self::is_out(counting, index, *option));
        let options: Vec<u16> = named.clone().map(|(option, _)| option).collect();
        let mut entries: Vec<Entry> =
            named.map(|(place, option)| Entry::text("counting-votes").named(numbered(desk, place, option)).hint("counting-votes-hint")).collect();
        entries.extend(["counting-valid", "counting-blank", "counting-invalid"].map(Entry::text));
        let anew =
            if self.view(desk, index).is_some_and(|view| view.agreed.is_some()) { format!("\n{}", desk.say("counting-enter-anew")) } else { String::new() };
        let said = format!("{}\n{}{anew}", title(desk, &contest.title), desk.say("counting-enter-text"));
        Some(Popup::ask(Ask::by_place("counting-enter", said, Form::new(entries), move |desk, form| {
            let figures = read_figures(desk, form, index, contest.options.len(), &options)?;
            let text = both(|words| figures_text(words, &contest, &figures));
            let deed = Deed::Elections(elections::Deed::EnterPapers(id, figures));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "counting-sure-enter", text, word: None, deed }))))
        })))
    }

    /// An officer signs the count of the contest at hand.
    fn sign(&self, desk: &Desk) -> Option<Popup> {
        let (index, contest) = self.contest(desk)?;
        let count = self.view(desk, index)?.agreed.clone()?;
        let id = self.id;
        let text = [Lang::Ja, Lang::En].map(|lang| format!("{}\n{}", lang.pick(&contest.title.ja, &contest.title.en), count_text(lang, contest, &count)));
        let counting = self.counting(desk)?;
        let signed = signed_text(desk.lang(), &counting.manifest.count_officers, &self.view(desk, index)?.signed);
        let said = format!("{}\n{signed}\n{}", desk.lang().pick(&text[0], &text[1]).trim_end(), desk.say("counting-sign-text"));
        Some(Popup::ask(Ask::new("counting-sign", said, Form::new(key_entries()), move |desk, form| {
            let key = read_key(desk, form)?;
            let text = text.clone().map(|text| format!("{text}\n{}", key.path.display()));
            let deed = Deed::Elections(elections::Deed::SignPapers(id, count.clone(), key));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "counting-sure-sign", text, word: None, deed }))))
        })))
    }

    /// The candidate at hand is out.
    fn out(&self, desk: &Desk) -> Option<Popup> {
        let Row::Option(contest, option) = self.row(desk)? else { return None };
        let manifest = self.counting(desk)?.manifest.clone();
        let chosen = manifest.contests.get(usize::from(contest))?.options.get(usize::from(option))?.clone();
        let id = self.id;
        let names = Names::of_manifest(manifest);
        let reasons = OutReason::ALL.iter().map(|(reason, _)| reason_text(desk.lang(), *reason).to_owned()).collect();
        let form = Form::new(vec![Entry::choice("counting-out-reason", reasons, 0)]);
        Some(Popup::ask(Ask::new("counting-out", title(desk, &chosen.name), form, move |_, form| {
            let reason = OutReason::ALL.get(form.chosen("counting-out-reason")).map_or(OutReason::Withdrawn, |(reason, _)| *reason);
            let out = CandidateOut { contest, option, reason };
            let text = both(|words| {
                let what = matter::text(words.lang(), &Matter::CandidateOut { election: id, out }, &names);
                format!("{what}\n\n{}", words.say("counting-out-note"))
            });
            let deed = Deed::Elections(elections::Deed::Out(id, out));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "counting-sure-out", text, word: Some(chosen.id.clone()), deed }))))
        })))
    }

    fn state(&self, desk: &Desk, index: u16, contest: &Contest) -> Vec<(String, Tone)> {
        let Some(view) = self.view(desk, index) else { return vec![(desk.say("counting-no-papers"), Tone::Dim)] };
        let boxes = desk.with("counting-boxes", &[("n", grouped(view.in_boxes))]);
        let mut said = vec![(boxes, Tone::Plain)];
        match (&view.recorded, &view.agreed, &view.entered_by) {
            (Some(leaf), _, _) => said.push((desk.with("counting-recorded", &[("leaf", leaf.to_string())]), Tone::Good)),
            (None, Some(count), _) => {
                said.push((desk.say("counting-agreed"), Tone::Warn));
                said.push((count_text(desk.lang(), contest, count).trim_end().to_owned(), Tone::Plain));
                let officers = self.counting(desk).map(|counting| counting.manifest.count_officers.as_slice()).unwrap_or_default();
                said.push((signed_text(desk.lang(), officers, &view.signed), Tone::Plain));
            }
            (None, None, Some(by)) => said.push((desk.with("counting-entered", &[("by", printable(by))]), Tone::Warn)),
            (None, None, None) if view.rounds > 0 => {
                let differing = view.differing.iter().map(|line| line_name(desk, contest, *line)).collect::<Vec<_>>();
                said.push((desk.with("counting-differ", &[("lines", differing.join(desk.lang().pick("、", ", ")))]), Tone::Bad));
            }
            (None, None, None) => said.push((desk.say("counting-nothing"), Tone::Warn)),
        }
        said
    }

    fn block(&self, desk: &Desk, counting: &asked::Counting, row: Row, cells: usize) -> Block {
        let look = desk.look;
        let (Row::Contest(index) | Row::Option(index, _)) = row;
        let Some(contest) = counting.manifest.contests.get(usize::from(index)) else { return Block::default() };
        let lines_of = |indent: usize, said: &str, tone: Tone| {
            let pad = " ".repeat(indent);
            let text = lines(said, cells.saturating_sub(indent)).into_iter().map(|line| Line::styled(format!("{pad}{line}"), look.style(tone)));
            text.collect::<Vec<_>>()
        };
        match row {
            Row::Contest(_) => {
                let mut text = lines_of(2, &title(desk, &contest.title), Tone::Strong);
                for (said, tone) in self.state(desk, index, contest) {
                    text.extend(lines_of(4, &said, tone));
                }
                if let Some(view) = self.lot_of(desk, index) {
                    let (said, tone) = match view.recorded {
                        Some(leaf) => (desk.with("counting-lot-recorded", &[("leaf", leaf.to_string())]), Tone::Good),
                        None => (desk.say("counting-lot-signing"), Tone::Warn),
                    };
                    text.extend(lines_of(4, &said, tone));
                    text.extend(lines_of(6, &lot_text(desk.lang(), &counting.manifest, view), Tone::Plain));
                    if view.drop_asked.is_some() {
                        text.extend(lines_of(4, &desk.say("counting-drop-asked"), Tone::Bad));
                    }
                } else if let Some(tie) = self.tie(desk, index) {
                    let names = named(desk.lang(), &contest.options, &tie.options);
                    text.extend(lines_of(4, &desk.with("counting-tie", &[("names", names), ("n", tie.seats.to_string())]), Tone::Warn));
                    text.extend(self.dropped(desk, index).iter().flat_map(|dropped| lines_of(4, dropped, Tone::Plain)));
                }
                Block { lines: text }
            }
            Row::Option(_, option) => {
                let Some(ContestOption { id, name }) = contest.options.get(usize::from(option)) else { return Block::default() };
                let out = counting.outs.iter().find(|out| (out.contest, out.option) == (index, option));
                let mut text = lines_of(6, &format!("{}  ({id})", title(desk, name)), Tone::Plain);
                text.extend(out.iter().flat_map(|out| lines_of(8, &format!("× {}", reason_text(desk.lang(), out.reason)), Tone::Warn)));
                Block { lines: text }
            }
        }
    }
}

/// A candidate with the number of its place on the paper: names may begin alike.
fn numbered(desk: &Desk, place: u16, option: &ContestOption) -> String {
    format!("{}. {}", place + 1, title(desk, &option.name))
}

fn named(lang: Lang, options: &[ContestOption], list: &[u16]) -> String {
    let names = list.iter().filter_map(|option| options.get(usize::from(*option))).map(|option| printable(lang.pick(&option.name.ja, &option.name.en)));
    names.collect::<Vec<_>>().join(lang.pick("、", ", "))
}

fn line_name(desk: &Desk, contest: &Contest, line: PaperLine) -> String {
    match line {
        PaperLine::Option(place) => contest.options.get(usize::from(place)).map_or_else(|| place.to_string(), |option| title(desk, &option.name)),
        PaperLine::Valid => desk.say("counting-valid"),
        PaperLine::Blank => desk.say("counting-blank"),
        PaperLine::Invalid => desk.say("counting-invalid"),
    }
}

fn key_entries() -> Vec<Entry> {
    vec![Entry::path("counting-key").hint("counting-key-hint"), Entry::secret("counting-passphrase")]
}

fn read_key(desk: &Desk, form: &Form) -> Result<Key, Vec<Problem>> {
    let (path, passphrase) = (form.raw("counting-key"), form.secret("counting-passphrase"));
    let empty = |label: &'static str, is_empty: bool| is_empty.then(|| Problem { label, said: desk.say("counting-empty-rule") });
    let problems: Vec<Problem> = [empty("counting-key", path.is_empty()), empty("counting-passphrase", passphrase.is_empty())].into_iter().flatten().collect();
    if problems.is_empty() { Ok(Key { path: PathBuf::from(path), passphrase }) } else { Err(problems) }
}

/// The figures of a form whose first lines are the votes of these options.
fn read_figures(desk: &Desk, form: &Form, contest: u16, all: usize, options: &[u16]) -> Result<PaperFigures, Vec<(usize, String)>> {
    let mut wrong = Vec::new();
    let mut votes = vec![0; all];
    for (place, option) in options.iter().enumerate() {
        match (thousandths(&form.text_at(place)), votes.get_mut(usize::from(*option))) {
            (Ok(given), Some(votes)) => *votes = given,
            _ => wrong.push((place, desk.say("counting-votes-hint"))),
        }
    }
    let mut papers = |behind: usize| {
        let place = options.len() + behind;
        form.text_at(place).parse::<u64>().unwrap_or_else(|_| {
            wrong.push((place, desk.say("counting-papers-rule")));
            0
        })
    };
    let (valid, blank, invalid) = (papers(0), papers(1), papers(2));
    if wrong.is_empty() { Ok(PaperFigures { contest, thousandths: votes, valid, blank, invalid }) } else { Err(wrong) }
}

fn figures_text(words: &Words, contest: &Contest, figures: &PaperFigures) -> String {
    let lang = words.lang();
    let PaperFigures { contest: _, thousandths, valid, blank, invalid } = figures;
    let votes = contest.options.iter().zip(thousandths).map(|(option, votes)| {
        let name = printable(lang.pick(&option.name.ja, &option.name.en));
        format!("{:>8}.{:03}  {name}\n", votes / 1_000, votes % 1_000)
    });
    let values = [
        ("title", lang.pick(&contest.title.ja, &contest.title.en).to_owned()),
        ("votes", votes.collect::<String>().trim_end().to_owned()),
        ("valid", valid.to_string()),
        ("blank", blank.to_string()),
        ("invalid", invalid.to_string()),
    ];
    words.with("counting-figures", &values)
}

impl Screen for Counting {
    fn place(&self) -> Place {
        Place::Counting(self.id)
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-counting")
    }

    fn questions(&self, desk: &Desk) -> Vec<work::Question> {
        let mut questions = vec![work::Question::Election(self.id), self.question()];
        if self.phase(desk).is_some_and(|phase| phase >= Phase::Tallied) {
            questions.push(work::Question::Outcome(self.id));
        }
        questions
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let none = || Some(desk.say("off-nothing"));
        let at_hand = self.contest(desk).map(|(index, _)| index);
        let view = at_hand.and_then(|index| self.view(desk, index));
        let enter = match view {
            None => Some(desk.say("off-no-papers")),
            Some(view) if view.recorded.is_some() => Some(desk.say("off-recorded")),
            // Before both agree somebody enters once; what both entered alike can be counted anew.
            Some(PaperCountView { entered_by: Some(by), agreed: None, .. }) if desk.status.as_ref().is_some_and(|status| status.viewer.name == *by) => {
                Some(desk.say("off-entered"))
            }
            Some(_) => None,
        };
        let sign = match view {
            Some(view) if view.recorded.is_some() => Some(desk.say("off-recorded")),
            Some(view) if view.agreed.is_some() => None,
            _ => Some(desk.say("off-not-agreed")),
        };
        let drawn = at_hand.and_then(|index| self.lot_of(desk, index));
        let lot = match drawn {
            Some(view) => view.recorded.is_some().then(|| desk.say("off-recorded")),
            None => at_hand.and_then(|index| self.tie(desk, index)).is_none().then(|| desk.say("off-no-tie")),
        };
        let dropped = match drawn {
            Some(view) => view.recorded.is_some().then(|| desk.say("off-recorded")),
            None => Some(desk.say("off-no-lot")),
        };
        let out = match (self.row(desk), self.counting(desk)) {
            _ if self.phase(desk).is_some_and(|phase| phase >= Phase::PollClosed) => Some(desk.say("off-out-late")),
            (Some(Row::Option(contest, option)), Some(counting)) if Self::is_out(counting, contest, option) => Some(desk.say("off-out")),
            (Some(Row::Option(..)), Some(_)) => None,
            (Some(_), _) => Some(desk.say("off-no-candidate")),
            (None, _) => none(),
        };
        let key = |c: char, wish: Wish, label: &'static str| Binding::new(Pressed::Char(c), Action::Election(wish), label);
        let mut keys = moves();
        keys.push(key('e', Wish::Enter, "key-enter-count").off(enter));
        keys.push(key('s', Wish::Sign, "key-sign-count").off(sign));
        keys.push(key('o', Wish::Lot, if drawn.is_some() { "key-sign-lot" } else { "key-lot" }).off(lot));
        keys.push(key('d', Wish::DropLot, "key-drop-lot").off(dropped));
        keys.push(key('x', Wish::Out, "key-out").off(out));
        keys.push(Binding::new(Pressed::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        let window = match action {
            Action::Election(Wish::Enter) => self.enter(desk),
            Action::Election(Wish::Sign) => self.sign(desk),
            Action::Election(Wish::Lot) => self.lot(desk),
            Action::Election(Wish::DropLot) => self.drop_lot(desk),
            Action::Election(Wish::Out) => self.out(desk),
            action => {
                self.held.go(&self.counting(desk).map(Self::rows).unwrap_or_default(), action);
                None
            }
        };
        window.map_or(Then::Stay, |window| Then::Window(Box::new(window)))
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&self.counting(desk).map(Self::rows).unwrap_or_default());
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let cells = usize::from(area.width).saturating_sub(2);
        let Some(counting) = self.counting(desk) else {
            let (said, tone) = match desk.failure(&self.question()) {
                Some(failure) => (failure.say(desk.lang()), Tone::Bad),
                None => (desk.say("counting-loading"), Tone::Dim),
            };
            for (y, line) in (area.y + 1..area.bottom()).zip(lines(&said, cells.saturating_sub(2))) {
                frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), desk.look.style(tone)), area.width);
            }
            return;
        };
        let rows = Self::rows(counting);
        if rows.is_empty() {
            let none = Line::styled(format!("  {}", desk.say("counting-none")), desk.look.style(Tone::Dim));
            frame.buffer_mut().set_line(area.x, area.y + 1, &none, area.width);
        }
        let blocks: Vec<Block> = rows.iter().map(|row| self.block(desk, counting, *row, cells)).collect();
        paper::draw(desk, frame, area, &blocks, Some(self.held.place(&rows)));
    }
}
