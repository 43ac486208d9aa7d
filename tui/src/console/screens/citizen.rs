//! Somebody with a citizen ID: cards, codes that were lost, other IDs; and what two officials, or one, do about them. That it was looked at is recorded.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::identity::case::{CitizenEraseRequest, CitizenLinkRequest};
use tachiai_schemas::identity::citizen::CitizenView;
use tachiai_schemas::roster::LinkVerdict;
use tachiai_schemas::shelter::case::EraseGround;
use tachiai_schemas::staff::Matter;
use tachiai_schemas::{Bytes, CitizenId, Lang, Say};

use super::sharing::{answer, failure};
use super::{Screen, Then};
use crate::card::printable;
use crate::commands::approve::{Names, matter};
use crate::commands::citizen::{ToPrint, code, view_text};
use crate::console::action::{Action, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::screens::sharing::forms::problem;
use crate::console::theme::Tone;
use crate::console::widgets::cut::lines;
use crate::console::widgets::form::{Entry, Form};
use crate::console::widgets::paper::Reading;
use crate::console::work::sharing_deed::{Deed, Unsaid};
use crate::console::work::sharing_question::{Answer, Question};
use crate::console::work::{Deed as Done, Question as Any};

/// The grounds of an erasure, as they are chosen.
const GROUNDS: [EraseGround; 3] = [EraseGround::Request, EraseGround::Retention, EraseGround::Mistake];

/// The screen.
pub struct Citizen {
    code: CitizenId,
    reading: Reading,
}

impl Citizen {
    /// By a code.
    #[must_use]
    pub fn of(code: CitizenId) -> Self {
        Self { code, reading: Reading::default() }
    }

    fn view<'a>(&self, desk: &'a Desk) -> Option<&'a CitizenView> {
        match answer(desk, &Question::Citizen(self.code))? {
            Answer::Citizen(view) => Some(view),
            _ => None,
        }
    }

    fn text(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let (text, tone) = match (self.view(desk), failure(desk, &Question::Citizen(self.code))) {
            (_, Some(failure)) => (failure.say(desk.lang()), Tone::Bad),
            (Some(view), None) => (view_text(desk.lang(), view), Tone::Plain),
            (None, None) => (desk.say("people-asking"), Tone::Dim),
        };
        text.lines().flat_map(|line| lines(line, cells)).map(|line| Line::styled(format!("  {line}"), desk.look.style(tone))).collect()
    }
}

impl Screen for Citizen {
    fn place(&self) -> Place {
        Place::Citizen(self.code)
    }

    fn names_people(&self, _desk: &Desk) -> bool {
        true
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-citizen")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Any> {
        vec![Any::Sharing(Question::Citizen(self.code))]
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let nothing = || self.view(desk).is_none().then(|| desk.say("off-nothing"));
        let mut keys = moves();
        keys.push(Binding::new(Key::Char('p'), Action::Print, "key-card-print").off(nothing()));
        keys.push(Binding::new(Key::Char('h'), Action::History, "key-history").off(nothing()));
        keys.push(Binding::new(Key::Char('x'), Action::Lose, "key-lost").off(nothing()));
        keys.push(Binding::new(Key::Char('m'), Action::Link, "key-link").off(nothing()));
        keys.push(Binding::new(Key::Char('d'), Action::Erase, "key-erase").off(nothing()));
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        let Some(view) = self.view(desk) else {
            return Then::Stay;
        };
        let window = |popup: Popup| Then::Window(Box::new(popup));
        match action {
            Action::Print => window(print(desk, view.code)),
            Action::History => Then::Go(Place::Access(view.code)),
            Action::Lose => window(lose(view)),
            Action::Link => window(link(desk, view)),
            Action::Erase => window(erase(desk, view)),
            action => {
                self.reading.go(action);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let text = self.text(desk, usize::from(area.width).saturating_sub(4));
        self.reading.draw(desk, frame, area, &text);
    }
}

/// Who it is, in a line, so that nobody is mistaken.
fn who(view: &CitizenView) -> String {
    let person = &view.person;
    format!("{}  {}  {}", printable(&person.name), printable(&person.birth_date), printable(&person.address))
}

/// What has to be typed: the first characters of the code.
fn word(code: CitizenId) -> String {
    code.to_string().chars().take(4).collect()
}

fn print(desk: &Desk, code: CitizenId) -> Popup {
    let form = Form::new(vec![
        Entry::path("citizen-pdf").hint("citizen-pdf-hint"),
        Entry::choice("citizen-named", vec![desk.say("citizen-nameless"), desk.say("citizen-with-name")], 0),
        Entry::choice("citizen-text", vec!["日本語".to_owned(), "English".to_owned()], 0),
    ]);
    Popup::ask(Ask::new("citizen-print-title", String::new(), form, move |desk, form| {
        let pdf = std::path::PathBuf::from(form.raw("citizen-pdf"));
        if pdf.as_os_str().is_empty() {
            return Err(vec![problem(desk, "citizen-pdf", "wrong-empty")]);
        }
        let text = if form.chosen("citizen-text") == 0 { Lang::Ja } else { Lang::En };
        Ok(Turn::Do(Box::new(Done::Sharing(Deed::Print(ToPrint { code, pdf, named: form.chosen("citizen-named") == 1, text })))))
    }))
}

fn lose(view: &CitizenView) -> Popup {
    let text = [Lang::Ja, Lang::En].map(|lang| {
        let note = lang.pick(
            "今のコードはすぐに使えなくなり、新しいコードに替わります。市民IDと本人は変わりません。古いコードは元に戻せません。",
            "The code of now stops working at once, and another takes its place. The person stays the same. The old code never comes back.",
        );
        format!("{}\n{}\n\n{note}", who(view), view.code)
    });
    Popup::sure(Sure { title: "citizen-lost-sure", text, word: Some(word(view.code)), deed: Done::Sharing(Deed::Lose(view.code)) })
}

fn link(desk: &Desk, view: &CitizenView) -> Popup {
    let form = Form::new(vec![
        Entry::text("citizen-other").hint("citizen-other-hint"),
        Entry::choice("citizen-verdict", vec![desk.say("citizen-same"), desk.say("citizen-apart")], 0),
        Entry::text("citizen-evidence"),
        Entry::text("citizen-reason"),
    ]);
    let (citizen, who) = (view.code, who(view));
    Popup::ask(Ask::new("citizen-link-title", who.clone(), form, move |desk, form| {
        let mut problems = Vec::new();
        let other = code(&form.text("citizen-other")).ok().filter(|other| *other != citizen);
        if other.is_none() {
            problems.push(problem(desk, "citizen-other", "wrong-code"));
        }
        let [evidence, reason] = ["citizen-evidence", "citizen-reason"].map(|label| {
            let text = form.text(label);
            if text.is_empty() {
                problems.push(problem(desk, label, "wrong-empty"));
            }
            text
        });
        let (Some(other), true) = (other, problems.is_empty()) else { return Err(problems) };
        let verdict = if form.chosen("citizen-verdict") == 0 { LinkVerdict::Same } else { LinkVerdict::Apart };
        let text = [Lang::Ja, Lang::En].map(|lang| {
            let what = matter::text(lang, &Matter::LinkCitizens { citizen, other, verdict, commitment: Bytes([0; 32]) }, &Names::default());
            let (based, why) = (lang.pick("根拠", "evidence"), lang.pick("理由", "reason"));
            let note = lang.pick("もう一人の職員が承認すると実行されます。", "It is done when a second official approves it.");
            format!("{who}\n\n{what}\n  {based}: {evidence}\n  {why}: {reason}\n\n{note}")
        });
        let deed = Done::Sharing(Deed::Link(Box::new(Unsaid(CitizenLinkRequest { citizen, other, verdict, evidence, reason }))));
        Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "citizen-link-sure", text, word: None, deed }))))
    }))
}

fn erase(desk: &Desk, view: &CitizenView) -> Popup {
    let grounds = GROUNDS.iter().map(|ground| ground.say(desk.lang())).collect();
    let form = Form::new(vec![Entry::choice("citizen-ground", grounds, 0), Entry::text("citizen-reason")]);
    let (citizen, code, who) = (view.citizen, view.code, who(view));
    Popup::ask(Ask::new("citizen-erase-title", who.clone(), form, move |desk, form| {
        let reason = form.text("citizen-reason");
        if reason.is_empty() {
            return Err(vec![problem(desk, "citizen-reason", "wrong-empty")]);
        }
        let ground = GROUNDS.get(form.chosen("citizen-ground")).copied().unwrap_or(EraseGround::Request);
        let text = [Lang::Ja, Lang::En].map(|lang| {
            let note = lang.pick(
                "もう一人の職員が承認すると、この方について分かっていることは二度と開けなくなり、カードとコードは使えなくなります。証明と件数は残ります。",
                "When a second official approves it, what is known of the person is never opened again, and cards and codes stop working. Proofs and counts stay.",
            );
            let what = matter::text(lang, &Matter::EraseCitizen { citizen, ground, commitment: Bytes([0; 32]) }, &Names::default());
            format!("{who}\n\n{what}\n  {}: {reason}\n\n{note}", lang.pick("理由", "reason"))
        });
        let deed = Done::Sharing(Deed::Erase(code, Box::new(Unsaid(CitizenEraseRequest { ground, reason }))));
        Ok(Turn::Open(Box::new(Popup::sure(Sure { title: "citizen-erase-sure", text, word: Some(word(code)), deed }))))
    }))
}
