//! 立会人の作業: the ceremony and the decryption at the trustee's own medium, without a network. It says which step is at hand, what is on the stick, and what
//! comes next.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::{Lang, Say, TrusteeIndex};

use super::home::title;
use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Place};
use crate::console::desk::{Desk, Folders};
use crate::console::event::Key;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Leaving, Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, lines, padded};
use crate::console::widgets::form::{Entry, Form, Problem, Taken};
use crate::console::widgets::paper::Reading;
use crate::console::work::Deed;
use crate::console::work::seat::trustee::{Order, Own, Seen, Step, Stick};
use crate::console::work::seat::{self, Seat};
use crate::trustee::ceremony::Next;
use crate::trustee::stick::Found;

/// Which form opens the medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// A medium that is there.
    Open,
    /// A new one.
    New,
}

/// The screen.
pub struct Trustee {
    form: Form,
    opening: Opening,
    /// Whether the form is in sight.
    is_opening: bool,
    /// Whether the form is to be read.
    is_filled: bool,
    /// Whether the form has the folders that were typed before.
    is_begun: bool,
    /// Whether something was written that is not carried to the commission yet.
    is_uncarried: bool,
    /// The first line that is seen.
    reading: Reading,
}

impl Default for Trustee {
    fn default() -> Self {
        Self {
            form: form(Opening::Open, "", ""),
            opening: Opening::Open,
            is_opening: true,
            is_filled: false,
            is_begun: false,
            is_uncarried: false,
            reading: Reading::default(),
        }
    }
}

fn form(opening: Opening, dir: &str, stick: &str) -> Form {
    let dir = Entry::path_of("trustee-dir", dir).hint("trustee-dir-hint");
    let stick = Entry::path_of("trustee-stick", stick).hint("trustee-stick-hint");
    Form::new(match opening {
        Opening::Open => vec![dir, stick, Entry::secret("trustee-passphrase")],
        Opening::New => vec![
            dir,
            stick,
            Entry::text("trustee-name").hint("trustee-name-hint"),
            Entry::secret("trustee-passphrase").hint("trustee-passphrase-hint"),
            Entry::secret("trustee-passphrase-again"),
        ],
    })
}

/// Makes of the filled form what opens the medium.
fn open(desk: &Desk, opening: Opening, form: &Form) -> Result<Order, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut refuse = |label: &'static str, key: &str| problems.push(Problem { label, said: desk.say(key) });
    let (dir, stick, passphrase) = (form.raw("trustee-dir"), form.raw("trustee-stick"), form.secret("trustee-passphrase"));
    if dir.is_empty() {
        refuse("trustee-dir", "poll-needed");
    }
    if passphrase.is_empty() {
        refuse("trustee-passphrase", "poll-needed");
    }
    let name = form.text("trustee-name");
    if opening == Opening::New {
        if name.is_empty() {
            refuse("trustee-name", "poll-needed");
        }
        if passphrase != form.secret("trustee-passphrase-again") {
            refuse("trustee-passphrase-again", "trustee-passphrases-differ");
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let (dir, stick) = (PathBuf::from(dir), Some(stick).filter(|stick| !stick.is_empty()).map(PathBuf::from));
    Ok(match opening {
        Opening::Open => Order::Open { dir, stick, passphrase },
        Opening::New => Order::New { dir, stick, name, passphrase },
    })
}

fn deed(order: Order) -> Box<Deed> {
    Box::new(Deed::Seat(seat::Order::Trustee(order)))
}

/// Asks for a path.
fn ask_path(title: &'static str, said: String, entry: Entry, order: fn(PathBuf) -> Order) -> Popup {
    let label = entry.label;
    Popup::ask(Ask::new(title, said, Form::new(vec![entry]), move |desk, form| {
        let path = form.raw(label);
        if path.is_empty() {
            return Err(vec![Problem { label, said: desk.say("poll-needed") }]);
        }
        Ok(Turn::Do(deed(order(PathBuf::from(path)))))
    }))
}

/// Asks for the fingerprint that stands in the public notice.
fn ask_fingerprint(desk: &Desk, step: Step) -> Popup {
    let said = desk.say(if step == Step::Sign { "trustee-ask-sign" } else { "trustee-ask-release" });
    let form = Form::new(vec![Entry::text("trustee-expect").hint("trustee-expect-hint")]);
    Popup::ask(Ask::new("trustee-expect-title", said, form, |desk, form| match form.text("trustee-expect").parse::<Fingerprint>() {
        Ok(expect) => Ok(Turn::Do(deed(Order::Decrypt(expect)))),
        Err(_) => Err(vec![Problem { label: "trustee-expect", said: desk.say("poll-manifest-wrong") }]),
    }))
}

/// The trustees and their keys' fingerprints, a line each.
fn table(lang: Lang, stick: &Stick) -> String {
    let line = |(trustee, name, fingerprint): &(TrusteeIndex, String, String)| {
        let you = if *trustee == stick.own { lang.pick("（あなた）", " (you)") } else { "" };
        format!("{trustee} {fingerprint}  {}{you}", printable(name))
    };
    stick.trustees.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Has the trustee say that the others' keys were compared.
fn compare(desk: &Desk, stick: &Stick) -> Popup {
    let text = [Lang::Ja, Lang::En].map(|lang| {
        let ask = lang.pick(
            "ほかの立会人全員の鍵の指紋を、それぞれご本人と直接照合してください。別人の鍵が並んでいれば、あなた抜きで復号できてしまいます。一致しないものがあれば、Esc で戻り、選挙管理委員会に知らせてください。",
            "Compare the fingerprint of every other trustee's key with that trustee, in person. If others' keys stood here, votes could be decrypted without you. If one differs, go back with Esc and tell the election commission.",
        );
        format!("{ask}\n\n{}", table(lang, stick))
    });
    Popup::sure(Sure { title: "trustee-compare-title", text, word: Some(desk.say("trustee-compare-word")), deed: *deed(Order::Step(Next::Confirm)) })
}

impl Trustee {
    fn seen(desk: &Desk) -> Option<(&Seen, &Own)> {
        let seen = desk.trustee.as_ref()?;
        Some((seen, seen.own.as_ref()?))
    }

    fn stick(desk: &Desk) -> Option<&Stick> {
        Some(desk.trustee.as_ref()?.stick.as_ref()?.1.as_ref().ok()?)
    }

    fn is_form(&self, desk: &Desk) -> bool {
        self.is_opening || Self::seen(desk).is_none()
    }

    fn is_busy(desk: &Desk) -> bool {
        desk.doing.values().any(|doing| matches!(&doing.deed, Deed::Seat(order) if order.seat() == Seat::Trustee))
    }

    /// Why there is no step to be done now.
    fn why_not(desk: &Desk) -> Option<String> {
        if Self::is_busy(desk) {
            return Some(desk.say("off-busy"));
        }
        let Some(stick) = Self::stick(desk) else { return Some(desk.say("trustee-no-stick")) };
        match stick.step {
            Step::Ceremony(Next::Commit | Next::Deal | Next::Confirm) | Step::Sign | Step::Release => None,
            step => Some(desk.say(next_said(step))),
        }
    }
}

/// What is to be done next, in words.
const fn next_said(step: Step) -> &'static str {
    match step {
        Step::Ceremony(Next::Commit) => "trustee-next-commit",
        Step::Ceremony(Next::WaitForCommits) => "trustee-next-wait-commits",
        Step::Ceremony(Next::Deal) => "trustee-next-deal",
        Step::Ceremony(Next::WaitForDeals) => "trustee-next-wait-deals",
        Step::Ceremony(Next::Confirm) => "trustee-next-confirm",
        Step::Ceremony(Next::WaitForOpening | Next::Tally) => "trustee-next-wait-opening",
        Step::WaitForClose => "trustee-next-wait-close",
        Step::Sign => "trustee-next-sign",
        Step::WaitForSigners => "trustee-next-wait-signers",
        Step::Release => "trustee-next-release",
        Step::Released => "trustee-next-released",
    }
}

/// What the key of the step is called.
const fn step_label(step: Option<Step>) -> &'static str {
    match step {
        Some(Step::Ceremony(Next::Commit)) => "key-commit",
        Some(Step::Ceremony(Next::Deal)) => "key-deal",
        Some(Step::Ceremony(Next::Confirm)) => "key-confirm",
        Some(Step::Sign) => "key-sign",
        Some(Step::Release) => "key-release",
        _ => "key-step",
    }
}

/// The steps as they are listed, and how many of them are done.
fn done(step: Step) -> ([&'static str; 6], usize) {
    let done = match step {
        Step::Ceremony(Next::Commit) => 0,
        Step::Ceremony(Next::WaitForCommits | Next::Deal) => 1,
        Step::Ceremony(Next::WaitForDeals | Next::Confirm) => 2,
        Step::Ceremony(Next::WaitForOpening | Next::Tally) => 3,
        Step::WaitForClose | Step::Sign => 4,
        Step::WaitForSigners | Step::Release => 5,
        Step::Released => 6,
    };
    (["trustee-step-commit", "trustee-step-deal", "trustee-step-confirm", "trustee-step-open", "trustee-step-sign", "trustee-step-release"], done)
}

impl Screen for Trustee {
    fn place(&self) -> Place {
        Place::Trustee
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-trustee")
    }

    fn seat(&self) -> Option<Seat> {
        Some(Seat::Trustee)
    }

    fn refreshed(&mut self, desk: &Desk) {
        if !std::mem::replace(&mut self.is_begun, true) && self.is_opening {
            let [medium, stick] = [&desk.folders.medium, &desk.folders.stick].map(|folder| Folders::typed(folder.as_ref()));
            self.form = form(self.opening, &medium, &stick);
        }
    }

    fn held(&self, desk: &Desk) -> Option<String> {
        Self::is_busy(desk).then(|| desk.say("off-busy"))
    }

    fn leaving(&self) -> Leaving {
        if self.is_uncarried {
            return Leaving { title: "trustee-leave-title", text: "trustee-leave-text", leave: "key-leave-medium", stay: "key-stay-here" };
        }
        Leaving { title: "leave-title", text: "trustee-leave-form", leave: "key-drop", stay: "key-stay" }
    }

    fn is_unsaved(&self) -> bool {
        if self.is_uncarried {
            return true;
        }
        self.is_opening && self.opening == Opening::New && ["trustee-dir", "trustee-name"].iter().any(|label| !self.form.raw(label).is_empty())
    }

    fn stands(&mut self, desk: &Desk) {
        self.is_uncarried = desk.trustee.as_ref().is_some_and(|seen| seen.written.is_some());
        if self.is_opening && Self::seen(desk).is_some() {
            // The passphrase does not stay.
            (self.is_opening, self.form) = (false, Form::default());
            self.reading.begin();
        }
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        if self.is_form(desk) {
            let other = if self.opening == Opening::Open { "key-new-medium" } else { "key-own-medium" };
            return vec![
                Binding::new(Key::Enter, Action::Submit, "key-next-line"),
                Binding::new(Key::Ctrl('s'), Action::Submit, "key-submit"),
                Binding::new(Key::Ctrl('n'), Action::New, other),
            ];
        }
        let busy = Self::is_busy(desk).then(|| desk.say("off-busy"));
        let stick = Self::stick(desk);
        let mut keys = vec![
            Binding::new(Key::Enter, Action::Open, step_label(stick.map(|stick| stick.step))).off(Self::why_not(desk)),
            Binding::new(Key::Char('r'), Action::Newer, "key-look").off(busy.clone()),
            Binding::new(Key::Char('s'), Action::Part, "key-stick").off(busy.clone()),
            Binding::new(Key::Char('c'), Action::Approve, "key-compare").off(stick.is_none().then(|| desk.say("trustee-no-stick"))),
            Binding::new(Key::Char('n'), Action::New, "key-card").quiet().off(busy.clone()),
            Binding::new(Key::Char('o'), Action::Sit, "key-own-medium").quiet().off(busy),
        ];
        keys.extend(moves());
        keys
    }

    fn is_typing(&self) -> bool {
        self.is_opening
    }

    fn typed(&mut self, key: Key) -> bool {
        if !self.is_opening || matches!(key, Key::Ctrl('n')) {
            return false;
        }
        match self.form.key(key) {
            Taken::Submit => {
                self.is_filled = true;
                false
            }
            taken => taken == Taken::Yes,
        }
    }

    fn paste(&mut self, text: &str) {
        if self.is_opening {
            self.form.paste(text);
        }
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        if self.is_form(desk) {
            if action == Action::New {
                self.opening = if self.opening == Opening::Open { Opening::New } else { Opening::Open };
                self.form = form(self.opening, &self.form.raw("trustee-dir"), &self.form.raw("trustee-stick"));
                return Then::Stay;
            }
            if !std::mem::take(&mut self.is_filled) || Self::is_busy(desk) {
                return Then::Stay;
            }
            return match open(desk, self.opening, &self.form) {
                Ok(order) => Then::Do(deed(order)),
                Err(problems) => {
                    self.form.refuse(problems);
                    Then::Stay
                }
            };
        }
        let Some((seen, own)) = Self::seen(desk) else { return Then::Stay };
        let path = seen.stick.as_ref().map(|(path, _)| path.clone());
        match action {
            Action::Open => match Self::stick(desk) {
                Some(stick) => match stick.step {
                    Step::Ceremony(Next::Confirm) => Then::Window(Box::new(compare(desk, stick))),
                    Step::Ceremony(next) => Then::Do(deed(Order::Step(next))),
                    step => Then::Window(Box::new(ask_fingerprint(desk, step))),
                },
                None => Then::Stay,
            },
            Action::Newer => path.map_or(Then::Stay, |path| Then::Do(deed(Order::Look(path)))),
            Action::Part => {
                let entry = Entry::path_of("trustee-stick", &path.unwrap_or_default().display().to_string());
                Then::Window(Box::new(ask_path("trustee-stick-title", desk.say("trustee-stick-hint"), entry, Order::Look)))
            }
            Action::Approve => match Self::stick(desk) {
                Some(stick) => Then::Window(Box::new(Popup::message("trustee-keys-title", table(desk.lang(), stick)))),
                None => Then::Stay,
            },
            Action::New => {
                let entry = Entry::path_of("trustee-card", &own.dir.join("card-2.json").display().to_string());
                Then::Window(Box::new(ask_path("trustee-card-title", desk.say("trustee-card-ask"), entry, Order::Card)))
            }
            Action::Sit => {
                let stick = path.unwrap_or_default();
                self.form = form(Opening::Open, &own.dir.display().to_string(), &stick.display().to_string());
                (self.opening, self.is_opening) = (Opening::Open, true);
                self.reading.begin();
                Then::Stay
            }
            action => {
                self.reading.go(action);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        if self.is_form(desk) {
            let ask = lines(&desk.say(if self.opening == Opening::Open { "trustee-open-ask" } else { "trustee-new-ask" }), cells);
            for (y, line) in (area.y + 1..area.bottom()).zip(&ask) {
                frame.buffer_mut().set_line(area.x, y, &Line::raw(format!("  {line}")), area.width);
            }
            let above = u16::try_from(ask.len() + 2).unwrap_or(u16::MAX).min(area.height);
            self.form.draw(desk, frame, Rect { y: area.y + above, height: area.height - above, ..area });
            return;
        }
        let Some((seen, own)) = Self::seen(desk) else { return };
        let mut text: Vec<Line<'static>> = Vec::new();
        let say = |text: &mut Vec<Line<'static>>, said: &str, tone: Tone| {
            text.extend(lines(said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), look.style(tone))));
        };
        say(&mut text, &desk.with("trustee-own", &[("name", printable(&own.name)), ("dir", own.dir.display().to_string())]), Tone::Plain);
        say(&mut text, &desk.with("trustee-fingerprint", &[("fingerprint", own.fingerprint.clone())]), Tone::Strong);
        match &seen.stick {
            None => {
                say(&mut text, &desk.say("trustee-without-stick"), Tone::Plain);
                written(desk, seen, &mut |said, tone| say(&mut text, said, tone));
            }
            Some((path, Err(failure))) => {
                say(&mut text, &desk.with("trustee-on-stick", &[("path", path.display().to_string())]), Tone::Plain);
                say(&mut text, &failure.say(desk.lang()), Tone::Bad);
                written(desk, seen, &mut |said, tone| say(&mut text, said, tone));
            }
            Some((path, Ok(stick))) => {
                let values = [
                    ("title", title(desk, &stick.about.title)),
                    ("origin", printable(&stick.about.origin)),
                    ("run", stick.run.to_string()),
                    ("size", stick.size.to_string()),
                    ("n", stick.own.to_string()),
                ];
                say(&mut text, &desk.with("trustee-election", &values), Tone::Plain);
                text.push(steps(desk, stick.step));
                say(&mut text, &format!("{}: {}", desk.say("trustee-next"), desk.say(next_said(stick.step))), Tone::Strong);
                if !stick.missing.is_empty() {
                    let names = stick.missing.iter().map(|index| named(stick, *index)).collect::<Vec<_>>().join(desk.lang().pick("、", ", "));
                    say(&mut text, &desk.with("trustee-missing", &[("names", names)]), Tone::Plain);
                }
                written(desk, seen, &mut |said, tone| say(&mut text, said, tone));
                if stick.forgotten {
                    say(&mut text, &desk.say("trustee-forgotten"), Tone::Plain);
                }
                // Where the notice is asked for, nothing is shown that could be copied in its place.
                if let Some(fingerprint) = stick.fingerprint.as_ref().filter(|_| stick.step == Step::WaitForClose) {
                    say(&mut text, &desk.with("trustee-of-election", &[("fingerprint", fingerprint.clone())]), Tone::Plain);
                }
                text.push(Line::raw(""));
                say(&mut text, &desk.with("trustee-on-stick", &[("path", path.display().to_string())]), Tone::Strong);
                if stick.files.is_empty() {
                    say(&mut text, &desk.say("trustee-no-files"), Tone::Plain);
                }
                for file in &stick.files {
                    text.extend(file_lines(desk, stick, file, cells));
                }
            }
        }
        if !own.held.is_empty() {
            text.push(Line::raw(""));
            say(&mut text, &desk.say("trustee-holds"), Tone::Strong);
            for [ja, en] in &own.held {
                say(&mut text, &printable(desk.lang().pick(ja, en)), Tone::Plain);
            }
        }
        self.reading.draw(desk, frame, area, &text);
    }
}

/// What was written last.
fn written(desk: &Desk, seen: &Seen, say: &mut dyn FnMut(&str, Tone)) {
    if let Some((what, path)) = &seen.written {
        say(&desk.with("trustee-written", &[("what", what.say(desk.lang())), ("path", path.clone())]), Tone::Good);
    }
}

/// A trustee by number and name.
fn named(stick: &Stick, index: TrusteeIndex) -> String {
    let name = stick.trustees.iter().find(|(trustee, ..)| *trustee == index).map(|(_, name, _)| printable(name)).unwrap_or_default();
    format!("{index} {name}")
}

/// The steps in one line: which are done, and which one is at hand.
fn steps(desk: &Desk, step: Step) -> Line<'static> {
    let look = desk.look;
    let (steps, done) = done(step);
    let mut spans = vec![Span::raw("  ")];
    for (place, key) in steps.into_iter().enumerate() {
        let (mark, tone) = match place.cmp(&done) {
            std::cmp::Ordering::Less => ("+", Tone::Dim),
            std::cmp::Ordering::Equal => (">", Tone::Key),
            std::cmp::Ordering::Greater => (" ", Tone::Plain),
        };
        spans.push(Span::styled(format!("[{mark}] {}  ", desk.say(key)), look.style(tone)));
    }
    Line::from(spans)
}

/// A file on the stick; what is wrong with it stands under it.
fn file_lines(desk: &Desk, stick: &Stick, file: &Found, cells: usize) -> Vec<Line<'static>> {
    let look = desk.look;
    let lang = desk.lang();
    let what = file.what.map(|what| what.say(lang)).unwrap_or_default();
    let whose = file.whose.map(|index| named(stick, index)).unwrap_or_default();
    let at = file.at.map(|at| at.in_japan(lang)).unwrap_or_default();
    let (state, tone) = match &file.order {
        Ok(()) => (desk.say("trustee-file-ok"), Tone::Good),
        Err(_) => (desk.say("trustee-file-wrong"), Tone::Bad),
    };
    let room = cells.saturating_sub(76).min(20);
    let mut said = vec![Line::from(vec![
        Span::styled(format!("  {} ", padded(&state, 8, look.cut())), look.style(tone)),
        Span::raw(format!("{} {} ", padded(&what, 18, look.cut()), padded(&whose, 22 + room, look.cut()))),
        Span::raw(cut(&at, 24, look.cut())),
    ])];
    if let Err(wrong) = &file.order {
        let name = format!("{}: {}", printable(&file.name), wrong.say(lang));
        said.extend(lines(&name, cells.saturating_sub(9)).into_iter().map(|line| Line::styled(format!("           {line}"), look.style(Tone::Bad))));
    }
    said
}
