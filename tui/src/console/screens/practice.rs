//! 名簿の運用: who may not vote, objections, changes, and looking for people of the roll.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::paper::RollChangeReason;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roll::Elector;
use tachiai_schemas::roll::case::{Complaint, Decision, Judged, Objection, ObjectionView, RollFound, RollOrder, RollOverview, RollRequest, Ruling};
use tachiai_schemas::roll::difference::Field as RollField;
use tachiai_schemas::{ElectionId, Lang, Say, Timestamp};

use super::{Screen, Then};
use crate::card::printable;
use crate::commands::roll::{change_text, found_text, judged_text, objection_text, reason_name};
use crate::console::action::{Action, Place, Wish};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::held::Held;
use crate::console::widgets::paper::{self, Block, Reading};
use crate::console::widgets::typing::Typing;
use crate::console::work::deed::elections::{self, Added};
use crate::console::work::question::elections as asked;
use crate::console::work::{self, Deed};

/// The screen.
pub struct Practice {
    id: ElectionId,
    held: Held<Which>,
    typing: Typing,
    /// Whom somebody looks for.
    asked: Option<String>,
    reading: Reading,
}

/// What some lines are about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Objection(u32),
    Change(Timestamp, String),
    Barred(String),
}

impl Practice {
    /// Of an election.
    #[must_use]
    pub fn of(id: ElectionId) -> Self {
        Self { id, held: Held::first(), typing: Typing::default(), asked: None, reading: Reading::default() }
    }

    fn overview<'a>(&self, desk: &'a Desk) -> Option<&'a RollOverview> {
        match desk.answer(&work::Question::Roll(self.id))? {
            work::Answer::Roll(overview) => Some(overview),
            _ => None,
        }
    }

    fn people(&self) -> Option<work::Question> {
        self.asked.clone().map(|text| work::Question::Elections(asked::Question::RollPeople(self.id, text)))
    }

    fn found<'a>(&self, desk: &'a Desk) -> Option<&'a RollFound> {
        match desk.answer(&self.people()?)? {
            work::Answer::Elections(asked::Answer::RollPeople(found)) => Some(found),
            _ => None,
        }
    }

    fn objection<'a>(&self, desk: &'a Desk) -> Option<&'a ObjectionView> {
        self.overview(desk)?.objections.get(self.held.place(&self.among(desk)))
    }

    /// What stands in the list, in the order of its blocks.
    fn among(&self, desk: &Desk) -> Vec<Which> {
        let Some(overview) = self.overview(desk) else { return Vec::new() };
        let objections = overview.objections.iter().map(|view| Which::Objection(view.number));
        let changes = overview.changes.iter().map(|view| Which::Change(view.at, view.note.clone()));
        let barred = overview.barred.iter().map(|judged| Which::Barred(judged.person.elector.number.clone()));
        objections.chain(changes).chain(barred).collect()
    }

    fn object(&self, desk: &Desk) -> Popup {
        let says = vec![desk.say("practice-left-out"), desk.say("practice-wrongly-listed"), desk.say("practice-wrong-data")];
        let form = Form::new(vec![
            Entry::text("practice-by"),
            Entry::text("practice-about").hint("practice-about-hint"),
            Entry::choice("practice-says", says, 0),
            Entry::text("practice-grounds"),
        ]);
        let id = self.id;
        Popup::ask(Ask::new("practice-object", String::new(), form, move |desk, form| {
            needed(desk, form, &["practice-by", "practice-about", "practice-grounds"])?;
            let complaint = Complaint::ALL.get(form.chosen("practice-says")).map_or(Complaint::LeftOut, |(complaint, _)| *complaint);
            let objection =
                Objection { objector: form.text("practice-by"), about: form.text("practice-about"), complaint, grounds: form.text("practice-grounds") };
            let text = [Lang::Ja, Lang::En].map(|lang| {
                let Objection { objector, about, complaint: _, grounds } = &objection;
                match lang {
                    Lang::Ja => format!("異議の申出を受理します。3日以内に決定します（公職選挙法第24条）。\n\n申出人: {objector}\n対象: {about}\n理由: {grounds}"),
                    Lang::En => format!(
                        "The objection is received. It is to be decided within three days (Public Offices Election Act, article 24).\n\nby: {objector}\nabout: {about}\ngrounds: {grounds}"
                    ),
                }
            });
            let deed = Deed::Elections(elections::Deed::Object(id, objection));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "practice-sure-object", text, word: None, deed }))))
        }))
    }

    fn decide(&self, desk: &Desk) -> Option<Popup> {
        let view = self.objection(desk)?.clone();
        let rulings = vec![desk.say("practice-upheld"), desk.say("practice-dismissed")];
        let form = Form::new(vec![Entry::choice("practice-ruling", rulings, 0), Entry::text("practice-because")]);
        let id = self.id;
        Some(Popup::ask(Ask::new("practice-decide", objection_text(desk.lang(), &view), form, move |desk, form| {
            needed(desk, form, &["practice-because"])?;
            let ruling = if form.chosen("practice-ruling") == 0 { Ruling::Upheld } else { Ruling::Dismissed };
            let reason = form.text("practice-because");
            let text = [Lang::Ja, Lang::En].map(|lang| {
                let said = objection_text(lang, &view);
                match (lang, ruling) {
                    (Lang::Ja, Ruling::Upheld) => {
                        format!("{said}\n\n決定: 正当\n理由: {reason}\n\n決定は取り消せません。名簿の訂正・追加・抹消は、この後に c で行います。")
                    }
                    (Lang::Ja, Ruling::Dismissed) => format!("{said}\n\n決定: 正当でない\n理由: {reason}\n\n決定は取り消せません。"),
                    (Lang::En, Ruling::Upheld) => {
                        format!("{said}\n\nDecision: upheld\nwhy: {reason}\n\nA decision cannot be taken back. The roll itself is changed afterwards with c.")
                    }
                    (Lang::En, Ruling::Dismissed) => format!("{said}\n\nDecision: dismissed\nwhy: {reason}\n\nA decision cannot be taken back."),
                }
            });
            let deed = Deed::Elections(elections::Deed::Decide(id, view.number, Decision { ruling, reason }));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "practice-sure-decide", text, word: Some(view.number.to_string()), deed }))))
        })))
    }

    /// Whether the roll is fixed: then nobody's data are corrected, people are added, struck or restored.
    fn is_fixed(&self, desk: &Desk) -> bool {
        let elections = desk.status.iter().flat_map(|status| &status.elections).map(|election| &election.summary);
        elections.filter(|summary| summary.election == self.id).any(|summary| summary.phase >= Phase::Open)
    }

    fn correct(&self, desk: &Desk) -> Popup {
        let mut what = vec![desk.say("practice-add"), desk.say("practice-strike"), desk.say("practice-restore")];
        let is_fixed = self.is_fixed(desk);
        what.extend(
            RollField::ALL.iter().filter(|_| !is_fixed).map(|(field, _)| desk.with("practice-field", &[("field", field.title(desk.lang()).to_owned())])),
        );
        let reasons = RollChangeReason::ALL.iter().map(|(reason, _)| reason_name(desk.lang(), *reason).to_owned()).collect();
        let form = Form::new(vec![
            Entry::choice("practice-what", what, if is_fixed { 1 } else { 3 }).hint("practice-what-hint"),
            Entry::text("practice-number").hint("practice-number-hint"),
            Entry::path("practice-value").hint("practice-value-hint"),
            Entry::choice("practice-reason", reasons, 0),
            Entry::text("practice-note").hint("practice-note-hint"),
            Entry::text("practice-objection").hint("practice-objection-hint"),
        ]);
        let id = self.id;
        // Whoever was looked for is called by the name in the question, and not by a number alone.
        let people: Vec<(String, String)> = self.found(desk).map(|found| found.people.iter().map(named).collect()).unwrap_or_default();
        Popup::ask(Ask::new("practice-correct", desk.say("practice-correct-text"), form, move |desk, form| {
            let deed = match read_change(desk, form, id)? {
                Read::Deed(deed) => *deed,
                Read::File(question) => return Ok(Turn::Look(*question)),
            };
            let what = form.entries().first().map(Entry::chosen_name).unwrap_or_default();
            let number = form.text("practice-number");
            let who = people.iter().find(|(known, _)| *known == number).map(|(_, name)| format!("\n{name}"));
            let unseen = || if number.is_empty() { String::new() } else { format!("\n{}", desk.say("practice-unseen")) };
            let what = format!("{what}{}", who.unwrap_or_else(unseen));
            let text = [Lang::Ja, Lang::En].map(|lang| change_asked(lang, &what, &deed));
            Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "practice-sure-correct", text, word: None, deed: Deed::Elections(deed) }))))
        }))
    }

    fn found_lines(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let question = self.people();
        let failure = question.as_ref().and_then(|question| desk.failure(question));
        let (said, tone) = match (self.found(desk), failure) {
            (Some(found), _) if found.people.is_empty() => (desk.say("practice-nobody"), Tone::Warn),
            (Some(found), _) => (found_text(desk.lang(), found), Tone::Plain),
            (None, Some(failure)) => (failure.say(desk.lang()), Tone::Bad),
            (None, None) => (desk.say("practice-asking"), Tone::Dim),
        };
        lines(&said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), desk.look.style(tone))).collect()
    }

    fn blocks(&self, desk: &Desk, overview: &RollOverview, cells: usize) -> Vec<Block> {
        let lang = desk.lang();
        let block = |said: &str| Block { lines: lines(said.trim_end(), cells).into_iter().map(|line| Line::raw(format!("  {line}"))).collect() };
        let objections = overview.objections.iter().map(|view| block(&objection_text(lang, view)));
        let changes = overview.changes.iter().map(|view| block(&change_text(lang, view)));
        let barred = overview.barred.iter().map(|judged| block(&judged_text(lang, judged, None)));
        objections.chain(changes).chain(barred).collect()
    }
}

/// The number of somebody, and who that is.
fn named(judged: &Judged) -> (String, String) {
    let Elector { number, name, kana, birth, sex: _, address, district: _ } = &judged.person.elector;
    (number.clone(), printable(&format!("{name}（{kana}）{birth} {address}")))
}

/// Says which of these lines are empty.
fn needed(desk: &Desk, form: &Form, labels: &[&'static str]) -> Result<(), Vec<Problem>> {
    let empty = labels.iter().filter(|label| form.text(label).is_empty());
    let problems: Vec<Problem> = empty.map(|label| Problem { label, said: desk.say("counting-empty-rule") }).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// All of a change that is asked for, in words. Pure.
fn change_asked(lang: Lang, what: &str, deed: &elections::Deed) -> String {
    let said = |ja: &str, en: &str, value: &str| format!("\n{}: {}", lang.pick(ja, en), printable(value));
    let mut text = what.to_owned();
    let (reason, note, objection) = match deed {
        elections::Deed::Change(_, RollRequest { order, reason, note, objection }) => {
            match order {
                RollOrder::Strike { number } | RollOrder::Restore { number } => text += &said("宛名番号", "number", number),
                RollOrder::Correct { number, field: _, value } => {
                    text += &said("宛名番号", "number", number);
                    text += &said("新しい内容", "is to be", value);
                }
                RollOrder::Add { csv } => text += &said("追加する行", "the row", csv),
            }
            (reason, note, objection)
        }
        elections::Deed::Add(_, Added { path, row, reason, note, objection }) => {
            text += &said("ファイル", "file", &path.display().to_string());
            text += &said("追加する行", "the row", row.lines().last().unwrap_or_default());
            (reason, note, objection)
        }
        _ => return text,
    };
    text += &said("理由", "reason", reason_name(lang, *reason));
    text += &said("理由の説明", "why", note);
    if let Some(objection) = objection {
        text += &said("異議の番号", "objection", &objection.to_string());
    }
    text + lang.pick(
        "\n\n氏名・生年月日・性別・投票区・支援措置、追加・抹消・回復は、もう一人の職員の承認が要ります。",
        "\n\nFor name, birth date, sex, district and protection, and where somebody is added, struck or restored, a second official approves it.",
    )
}

/// What a form for a change says.
enum Read {
    /// A change.
    Deed(Box<elections::Deed>),
    /// A file whose row has to be seen first.
    File(Box<work::Question>),
}

/// The change that a form asks for.
fn read_change(desk: &Desk, form: &Form, id: ElectionId) -> Result<Read, Vec<Problem>> {
    let what = form.chosen("practice-what");
    let value = form.raw("practice-value");
    let mut labels = vec!["practice-note"];
    labels.push(if what == 0 { "practice-value" } else { "practice-number" });
    needed(desk, form, &labels)?;
    let objection = match form.text("practice-objection") {
        text if text.is_empty() => None,
        text => Some(text.parse().map_err(|_| vec![Problem { label: "practice-objection", said: desk.say("practice-objection-hint") }])?),
    };
    let reason = RollChangeReason::ALL.get(form.chosen("practice-reason")).map_or(RollChangeReason::Correction, |(reason, _)| *reason);
    let (note, number) = (form.text("practice-note"), form.text("practice-number"));
    let order = match what {
        0 => {
            let path = PathBuf::from(value);
            let wrong = |said: String| vec![Problem { label: "practice-value", said }];
            if path.as_os_str() == "-" {
                return Err(wrong(desk.say("practice-value-hint")));
            }
            let question = work::Question::Elections(asked::Question::RollRow(path.clone()));
            return match (desk.answer(&question), desk.failure(&question)) {
                (Some(work::Answer::Elections(asked::Answer::RollRow(row))), _) => {
                    let added = Added { path, row: row.clone(), reason, note, objection };
                    Ok(Read::Deed(Box::new(elections::Deed::Add(id, added))))
                }
                (_, Some(failure)) => Err(wrong(failure.say(desk.lang()))),
                _ => Ok(Read::File(Box::new(question))),
            };
        }
        1 => RollOrder::Strike { number },
        2 => RollOrder::Restore { number },
        field => {
            let field = RollField::ALL.get(field - 3).map_or(RollField::Address, |(field, _)| *field);
            RollOrder::Correct { number, field, value }
        }
    };
    Ok(Read::Deed(Box::new(elections::Deed::Change(id, RollRequest { order, reason, note, objection }))))
}

impl Screen for Practice {
    fn place(&self) -> Place {
        Place::RollPractice(self.id)
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-practice")
    }

    fn questions(&self, _desk: &Desk) -> Vec<work::Question> {
        std::iter::once(work::Question::Roll(self.id)).chain(self.people()).collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        if self.typing.is_on() {
            return vec![Binding::new(Key::Enter, Action::Open, "key-search"), Binding::new(Key::Tab, Action::Part, "key-list")];
        }
        let decide = match self.objection(desk) {
            None => Some(desk.say("off-no-objection")),
            Some(view) if view.decided.is_some() => Some(desk.say("off-decided")),
            Some(_) => None,
        };
        let key = |c: char, wish: Wish, label: &'static str| Binding::new(Key::Char(c), Action::Election(wish), label);
        let mut keys = moves();
        keys.push(key('/', Wish::Find, "key-search"));
        if self.asked.is_some() {
            keys.push(Binding::new(Key::Tab, Action::Part, "key-list"));
        }
        keys.push(key('o', Wish::Object, "key-object"));
        keys.push(key('d', Wish::Decide, "key-decide").off(decide));
        keys.push(key('c', Wish::Correct, "key-correct"));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn is_typing(&self) -> bool {
        self.typing.is_on()
    }

    fn typed(&mut self, key: Key) -> bool {
        self.typing.key(key)
    }

    fn paste(&mut self, text: &str) {
        self.typing.paste(text);
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Election(Wish::Find) => {
                self.typing.begin();
                Then::Stay
            }
            Action::Open if self.typing.is_on() => {
                let text = self.typing.read();
                if text.is_empty() {
                    return Then::Stay;
                }
                self.typing.end();
                self.asked = Some(text);
                self.reading.begin();
                Then::Anew
            }
            Action::Part => {
                self.typing.end();
                self.asked = None;
                self.reading.begin();
                Then::Ask
            }
            Action::Election(Wish::Object) => Then::Window(Box::new(self.object(desk))),
            Action::Election(Wish::Decide) => self.decide(desk).map_or(Then::Stay, |window| Then::Window(Box::new(window))),
            Action::Election(Wish::Correct) => Then::Window(Box::new(self.correct(desk))),
            action if self.asked.is_some() => {
                self.reading.go(action);
                Then::Stay
            }
            action => {
                self.held.go(&self.among(desk), action);
                Then::Stay
            }
        }
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&self.among(desk));
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        if self.typing.is_on() || self.asked.is_some() {
            self.typing.draw(desk, frame, area, &desk.say("practice-search"), "");
            if self.typing.is_on() {
                let hint = Line::styled(format!("  {}", desk.say("practice-search-hint")), look.style(Tone::Dim));
                frame.buffer_mut().set_line(area.x, area.y + 1, &hint, area.width);
            }
            let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
            if self.asked.is_some() {
                self.reading.draw(desk, frame, body, &self.found_lines(desk, cells));
            }
            return;
        }
        let question = work::Question::Roll(self.id);
        let (said, tone) = match (self.overview(desk), desk.failure(&question)) {
            (_, Some(failure)) => (failure.say(desk.lang()), Tone::Bad),
            (Some(overview), None) => {
                let values = [
                    ("n", grouped(overview.electors)),
                    ("barred", grouped(overview.unqualified)),
                    ("declarations", grouped(overview.declarations)),
                    ("objections", grouped(overview.objections.len() as u64)),
                    ("changes", grouped(overview.changes.len() as u64)),
                ];
                (desk.with("practice-overview", &values), Tone::Plain)
            }
            (None, None) => (desk.say("practice-asking"), Tone::Dim),
        };
        let mut y = area.y;
        for line in lines(&said, cells) {
            frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
            y += 1;
        }
        let Some(overview) = self.overview(desk) else { return };
        let blocks = self.blocks(desk, overview, cells);
        let body = Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area };
        if blocks.is_empty() {
            frame.buffer_mut().set_line(body.x, body.y, &Line::styled(format!("  {}", desk.say("practice-none")), look.style(Tone::Dim)), body.width);
        }
        paper::draw(desk, frame, body, &blocks, Some(self.held.place(&self.among(desk))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_with_all_that_is_sent_and_nothing_that_is_not() {
        let asked = |order| {
            let request = RollRequest { order, reason: RollChangeReason::Correction, note: "moved".to_owned(), objection: Some(7) };
            change_asked(Lang::En, "change", &elections::Deed::Change("aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(), request))
        };
        let text = asked(RollOrder::Strike { number: "0000001675".to_owned() });
        let reason = format!("reason: {}", reason_name(Lang::En, RollChangeReason::Correction));
        assert!(text.contains("number: 0000001675") && text.contains(&reason) && text.contains("objection: 7") && !text.contains("is to be"), "{text}");
        let field = RollField::ALL[0].0;
        let text = asked(RollOrder::Correct { number: "1".to_owned(), field, value: "Yoka 2".to_owned() });
        assert!(text.contains("is to be: Yoka 2"), "{text}");
    }
}
