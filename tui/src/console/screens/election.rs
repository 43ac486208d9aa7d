//! One election: its life as steps, its trustees, its roll, its turnout, its result.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use tachiai_schemas::counting::{ContestOutcome, OptionOutcome, OutcomeView};
use tachiai_schemas::election::Text;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roll::case::RollOverview;
use tachiai_schemas::staff::{Act, ElectionStatus, Matter, Role};
use tachiai_schemas::{ElectionId, Lang, Say, Timestamp};

use super::home::{authority, phase, title};
use super::{Screen, Then};
use crate::card::printable;
use crate::commands::approve::matter;
use crate::commands::count::outcome_text;
use crate::commands::election::{act_name, announced, not_yet};
use crate::console::action::{Action, Place, Wish};
use crate::console::desk::{Desk, Folders};
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::lifecycle::{File, Missing, Standing, Step, afterwards, steps};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{cut, flow, lines, padded, right};
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::paper::Reading;
use crate::console::work::deed::elections::{self, Printing};
use crate::console::work::{Answer, Deed, Question};

mod turnout;

/// A part of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Steps,
    Trustees,
    Roll,
    Turnout,
    Result,
}

impl Part {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Steps, "part-steps"),
        (Self::Trustees, "part-trustees"),
        (Self::Roll, "part-roll"),
        (Self::Turnout, "part-turnout"),
        (Self::Result, "part-result"),
    ];
}

/// The screen.
pub struct Election {
    id: ElectionId,
    part: usize,
    reading: Reading,
    turnout: turnout::Seen,
}

impl Election {
    /// Of an election.
    #[must_use]
    pub fn of(id: ElectionId) -> Self {
        Self { id, part: 0, reading: Reading::default(), turnout: turnout::Seen::default() }
    }

    fn part(&self) -> Part {
        Part::ALL.get(self.part).map_or(Part::Steps, |(part, _)| *part)
    }

    fn status<'a>(&self, desk: &'a Desk) -> Option<&'a ElectionStatus> {
        match desk.answer(&Question::Election(self.id))? {
            Answer::Election(status) => Some(status),
            _ => None,
        }
    }
}

impl Screen for Election {
    fn place(&self) -> Place {
        Place::Election(self.id)
    }

    fn title(&self, desk: &Desk) -> String {
        self.status(desk).map_or_else(|| desk.say("screen-election"), |status| title(desk, &status.summary.title))
    }

    fn questions(&self, desk: &Desk) -> Vec<Question> {
        let mut questions = vec![Question::Election(self.id)];
        let is_inside = matches!(desk.role(), Some(Role::Commission | Role::Auditor));
        match self.part() {
            Part::Roll if is_inside => questions.push(Question::Roll(self.id)),
            Part::Turnout if is_inside => {
                questions.push(Question::Turnout(self.id, None));
                questions.extend(self.hours(desk).into_iter().map(|hour| Question::Turnout(self.id, Some(hour))));
            }
            Part::Steps | Part::Result if self.status(desk).is_some_and(|status| status.summary.phase >= Phase::Tallied) => {
                questions.push(Question::Outcome(self.id));
            }
            Part::Steps | Part::Trustees | Part::Roll | Part::Turnout | Part::Result => {}
        }
        questions
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let mut keys = moves();
        keys.push(Binding::new(Key::Tab, Action::Part, "key-part"));
        let next = Binding::new(Key::Char('n'), Action::Next, "key-next-step").off(self.next(desk).err());
        // A draft has other things to be done first, which need the room.
        let is_draft = self.status(desk).is_some_and(|status| status.summary.phase == Phase::Draft);
        keys.push(if is_draft { next.quiet() } else { next });
        keys.extend(self.work(desk));
        if self.part() == Part::Turnout {
            // Newer is the same key everywhere; what it does otherwise is no matter of these figures.
            keys.retain(|binding| binding.key != Key::Char('w'));
            keys.extend(self.turnout_keys(desk));
        }
        keys.push(Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet());
        keys
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        match action {
            Action::Part => {
                self.part = (self.part + 1) % Part::ALL.len();
                self.reading.begin();
                Then::Ask
            }
            Action::Next => match self.next(desk) {
                Ok(act) => Then::Window(Box::new(self.ask_for(desk, act))),
                Err(_) => Then::Stay,
            },
            Action::Election(wish) => self.wish(desk, wish).map_or(Then::Stay, |window| Then::Window(Box::new(window))),
            action if self.part() == Part::Turnout => self.turn_hours(desk, action),
            action => {
                self.reading.go(action);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let mut spans = vec![Span::raw(" ")];
        for (place, (_, key)) in Part::ALL.iter().enumerate() {
            let is_here = place == self.part;
            let text = if is_here { format!("[{}]", desk.say(key)) } else { format!(" {} ", desk.say(key)) };
            spans.push(Span::styled(text, look.style(if is_here { Tone::Strong } else { Tone::Dim })));
            spans.push(Span::raw(" "));
        }
        frame.buffer_mut().set_line(area.x, area.y, &Line::from(spans), area.width);
        let text = self.text(desk, usize::from(area.width).saturating_sub(4));
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        if self.part() == Part::Turnout && self.status(desk).is_some() {
            let head = self.text(desk, usize::from(area.width).saturating_sub(4));
            let rows = u16::try_from(head.len()).unwrap_or(u16::MAX).min(body.height);
            for (y, line) in (body.y..body.bottom()).zip(&head) {
                frame.buffer_mut().set_line(body.x, y, line, body.width);
            }
            return self.draw_turnout(desk, frame, Rect { y: body.y + rows, height: body.height - rows, ..body });
        }
        self.reading.draw(desk, frame, body, &text);
    }
}

/// Adds lines to a text.
fn said(desk: &Desk, text: &mut Vec<Line<'static>>, said: &str, tone: Tone, cells: usize) {
    text.extend(lines(said, cells).into_iter().map(|line| Line::styled(format!("  {line}"), desk.look.style(tone))));
}

impl Election {
    /// The keys of the commission's work; those of the phase at hand are told of at the bottom.
    fn work(&self, desk: &Desk) -> Vec<Binding> {
        let Some(status) = self.status(desk) else { return Vec::new() };
        let phase = status.summary.phase;
        let is_draft = phase == Phase::Draft;
        let not = |role: Role| match desk.role() {
            Some(now) if now == role => None,
            Some(now) => Some(desk.with("off-role", &[("role", desk.role_name(now))])),
            None => Some(desk.say("off-nobody")),
        };
        let commission = not(Role::Commission);
        let started = || (!is_draft).then(|| desk.say("off-started"));
        let key = |c: char, action: Action, label: &'static str, off: Option<String>, is_loud: bool| {
            let key = Binding::new(Key::Char(c), action, label).off(commission.clone().or(off));
            if is_loud { key } else { key.quiet() }
        };
        let wish = Action::Election;
        let ceremony = match (status.electors, status.trustees_missing()) {
            _ if !is_draft => Some(desk.say("off-started")),
            (0, _) => Some(desk.say("off-no-roll")),
            (_, 0) => None,
            (_, n) => {
                let values = [("n", n), ("have", status.trustees.len()), ("want", usize::from(status.trustees_wanted))].map(|(key, n)| (key, n.to_string()));
                Some(desk.with("off-no-trustees", &values))
            }
        };
        let before = is_draft.then(|| desk.say("off-no-board"));
        let unopened = (phase < Phase::Open).then(|| desk.say("off-not-open"));
        let unwatched = status.witnesses.is_empty().then(|| desk.say("off-no-witnesses"));
        let unpublished = (phase != Phase::Published).then(|| desk.say("off-not-published"));
        let papers = if cfg!(feature = "pdf") { unpublished } else { Some(desk.say("off-no-pdf")) };
        let is_counting = phase >= Phase::PollClosed;
        let id = self.id;
        vec![
            key('i', Action::Go(Place::RollFile(id)), "key-import-roll", started(), is_draft),
            key('t', Action::Go(Place::TrusteeFile(id)), "key-list-trustee", started(), is_draft),
            key('s', wish(Wish::Ceremony), "key-ceremony", ceremony, is_draft),
            key('y', wish(Wish::Carry), "key-carry", before.clone(), matches!(phase, Phase::Ceremony | Phase::PollClosed | Phase::Tallying)),
            key('p', Action::Go(Place::Counting(id)), "key-counting", unopened.clone(), is_counting && phase != Phase::Published),
            Binding::new(Key::Char('b'), Action::Go(Place::Board(id)), "key-board").off(before.clone()),
            key('e', wish(Wish::Export), "key-export", before, phase == Phase::Published),
            key('f', wish(Wish::Print), "key-print", papers, phase == Phase::Published),
            Binding::new(Key::Char('d'), Action::Go(Place::Declarations(id)), "key-declarations")
                .quiet()
                .off(desk.why_not(Place::Declarations(id)).or(unopened.clone())),
            key('m', Action::Go(Place::RollPractice(id)), "key-practice", None, false),
            key('w', wish(Wish::Cosign), "key-cosign", unwatched, false),
        ]
    }

    /// The window for what is wanted.
    fn wish(&self, desk: &Desk, wish: Wish) -> Option<Popup> {
        let id = self.id;
        Some(match wish {
            Wish::Ceremony => {
                let status = self.status(desk)?;
                let trustees: Vec<String> = status.trustees.iter().map(|trustee| format!("  {} {}", trustee.trustee, printable(&trustee.name))).collect();
                let text = [Lang::Ja, Lang::En].map(|lang| {
                    let (name, list) = (lang.pick(&status.summary.title.ja, &status.summary.title.en), trustees.join("\n"));
                    let (electors, all, quorum) = (grouped(status.electors), status.trustees_wanted, status.quorum);
                    match lang {
                        Lang::Ja => format!("{name}\n\n選挙人 {electors}人\n開票立会人 {all}人（うち{quorum}人で復号）:\n{list}\n\n鍵の作成を始めると、選挙の定義と立会人は変えられません。"),
                        Lang::En => format!("{name}\n\n{electors} electors\n{all} trustees, of whom {quorum} decrypt:\n{list}\n\nOnce the ceremony has begun, the election's manifest and its trustees cannot be changed."),
                    }
                });
                let word = Some(desk.lang().pick("開始", "start").to_owned());
                Popup::sure(Sure { title: "ceremony-sure", text, word, deed: Deed::Elections(elections::Deed::Ceremony(id)) })
            }
            Wish::Carry => {
                ask_path(desk, "carry-title", "carry-text", &Folders::typed(desk.folders.carried.as_ref()), move |path| elections::Deed::Carry(id, path))
            }
            Wish::Cosign => ask_path(desk, "cosign-title", "cosign-text", "", move |path| elections::Deed::Cosign(id, path)),
            Wish::Export => ask_path(desk, "export-title", "export-text", "", move |path| elections::Deed::Export(id, path)),
            Wish::Print => print(desk, self.status(desk)?),
            _ => return None,
        })
    }

    /// The act that two officials can bring about now, or why there is none.
    fn next(&self, desk: &Desk) -> Result<Act, String> {
        let status = self.status(desk).ok_or_else(|| desk.say("off-nothing"))?;
        if desk.role() != Some(Role::Commission) {
            return Err(desk.role().map_or_else(|| desk.say("off-nobody"), |role| desk.with("off-role", &[("role", desk.role_name(role))])));
        }
        let standing = steps(status, self.outcome(desk), desk.now.plus(desk.ahead));
        let missing = standing.into_iter().find_map(|(_, standing)| if let Standing::Now(missing) = standing { Some(missing) } else { None });
        match missing.as_deref() {
            Some([Missing::Officials(act)]) => Ok(*act),
            Some([first, ..]) => Err(desk.with("off-missing", &[("what", missing_text(desk, first))])),
            Some([]) | None => Err(desk.say("off-no-step")),
        }
    }

    fn ask_for(&self, desk: &Desk, act: Act) -> Popup {
        let (matter, names) = (Matter::Election { election: self.id, act, roll: None }, desk.names());
        let text = [Lang::Ja, Lang::En].map(|lang| {
            let what = matter::text(lang, &matter, &names);
            let early = self.early(desk, act).map(|at| format!("\n{}", not_yet(lang, at, desk.now.plus(desk.ahead)))).unwrap_or_default();
            // What is published is read once more by who asks for it.
            let outcome = self.outcome(desk).filter(|_| act == Act::Publish).map(|outcome| format!("\n\n{}", outcome_text(lang, outcome))).unwrap_or_default();
            match lang {
                Lang::Ja => format!("{what}{early}{outcome}\n\n申請すると、もう一人の職員が承認したときに実行されます。"),
                Lang::En => format!("{what}{early}{outcome}\n\nIt is done when a second official approves it."),
            }
        });
        Popup::sure(Sure { title: "next-title", text, word: None, deed: Deed::Act(self.id, act) })
    }

    /// Whether a step is at hand before its time.
    fn early_step(&self, desk: &Desk, step: Step) -> bool {
        let act = match step {
            Step::CloseOnline => Act::CloseOnline,
            Step::ClosePoll => Act::ClosePoll,
            _ => return false,
        };
        self.early(desk, act).is_some()
    }

    /// When an act was announced for, where that is not yet: of a mock election the times bind nobody.
    fn early(&self, desk: &Desk, act: Act) -> Option<Timestamp> {
        let summary = &self.status(desk)?.summary;
        announced(act, summary.online_closes, summary.poll_closes).filter(|at| desk.now.plus(desk.ahead) < *at)
    }

    fn outcome<'a>(&self, desk: &'a Desk) -> Option<&'a OutcomeView> {
        match desk.answer(&Question::Outcome(self.id))? {
            Answer::Outcome(outcome) => Some(outcome),
            _ => None,
        }
    }

    fn text(&self, desk: &Desk, cells: usize) -> Vec<Line<'static>> {
        let mut text = Vec::new();
        match (self.status(desk), desk.failure(&Question::Election(self.id))) {
            (_, Some(failure)) => said(desk, &mut text, &failure.say(desk.lang()), Tone::Bad, cells),
            (None, None) => said(desk, &mut text, &desk.say("election-loading"), Tone::Dim, cells),
            (Some(status), None) => self.body(desk, status, &mut text, cells),
        }
        text
    }

    fn body(&self, desk: &Desk, status: &ElectionStatus, text: &mut Vec<Line<'static>>, cells: usize) {
        let mark = format!("[{}/{}]", authority(desk, status.summary.authority), phase(desk, status.summary.phase));
        let [online, poll] = [status.summary.online_closes, status.summary.poll_closes].map(|at| at.in_japan(desk.lang()));
        // A time that is cut is a time that somebody reads wrong.
        let closes = match status.summary.phase {
            Phase::Draft | Phase::Ceremony | Phase::Open => {
                vec![desk.with("election-online-closes", &[("at", online)]), desk.with("election-poll-closes", &[("at", poll)])]
            }
            Phase::OnlineClosed => vec![desk.say("election-online-closed"), desk.with("election-poll-closes", &[("at", poll)])],
            Phase::PollClosed | Phase::Tallying | Phase::Tallied | Phase::Published => vec![desk.say("election-poll-closed")],
        };
        let rows = flow(&[vec![mark], closes].concat(), cells);
        text.extend(rows.into_iter().map(|row| Line::styled(format!("  {row}"), desk.look.style(Tone::Key))));
        text.push(Line::raw(""));
        match self.part() {
            Part::Steps => self.steps(desk, status, text, cells),
            Part::Trustees => trustees(desk, status, text, cells),
            Part::Roll => self.roll(desk, status, text, cells),
            Part::Turnout => self.turnout_head(desk, text, cells),
            Part::Result => self.result(desk, text, cells),
        }
    }

    fn steps(&self, desk: &Desk, status: &ElectionStatus, text: &mut Vec<Line<'static>>, cells: usize) {
        let look = desk.look;
        for (step, standing) in steps(status, self.outcome(desk), desk.now.plus(desk.ahead)) {
            let (mark, tone) = match &standing {
                Standing::Done => ("step-done", Tone::Good),
                // Of a mock election the times bind nobody, and yet nothing has to be done before.
                Standing::Now(_) if self.early_step(desk, step) => ("step-next", Tone::Dim),
                Standing::Now(_) => ("step-now", Tone::Warn),
                Standing::Later => ("step-later", Tone::Dim),
            };
            text.push(Line::from(vec![
                Span::raw("  "),
                Span::styled(padded(&desk.say(mark), 10, ""), look.style(tone)),
                Span::styled(step_name(desk, step), look.style(if matches!(standing, Standing::Now(_)) { Tone::Strong } else { Tone::Plain })),
            ]));
            if let Standing::Now(missing) = standing {
                for missing in missing {
                    let lacks = format!("- {}", missing_text(desk, &missing));
                    text.extend(lines(&lacks, cells.saturating_sub(12)).into_iter().map(|line| Line::raw(format!("            {line}"))));
                }
            }
        }
        if let Some(missing) = afterwards(status) {
            said(desk, text, &missing_text(desk, &missing), Tone::Warn, cells);
        }
        if let Some(fingerprint) = &status.fingerprint {
            text.push(Line::raw(""));
            let label = format!("  {}: ", desk.say("election-fingerprint"));
            text.push(Line::from(vec![Span::raw(label), Span::styled(fingerprint.clone(), look.style(Tone::Strong))]));
        }
        for out in &status.out {
            let values = [("name", title(desk, &out.name)), ("contest", title(desk, &out.contest))];
            said(desk, text, &desk.with("election-out", &values), Tone::Warn, cells);
        }
    }

    fn roll(&self, desk: &Desk, status: &ElectionStatus, text: &mut Vec<Line<'static>>, cells: usize) {
        let values = [("n", grouped(status.electors))];
        said(desk, text, &desk.with("roll-electors", &values), Tone::Strong, cells);
        let question = Question::Roll(self.id);
        match (desk.answer(&question), desk.failure(&question)) {
            (_, Some(failure)) => said(desk, text, &failure.say(desk.lang()), Tone::Bad, cells),
            (Some(Answer::Roll(roll)), None) => {
                let RollOverview { electors: _, unqualified, barred: _, declarations, objections, changes } = &**roll;
                let undecided = objections.iter().filter(|objection| objection.decided.is_none()).count();
                for (key, n) in [
                    ("roll-unqualified", *unqualified),
                    ("roll-declarations", *declarations),
                    ("roll-objections", objections.len() as u64),
                    ("roll-undecided", undecided as u64),
                    ("roll-changes", changes.len() as u64),
                ] {
                    said(desk, text, &desk.with(key, &[("n", grouped(n))]), Tone::Plain, cells);
                }
            }
            _ => {}
        }
    }

    fn result(&self, desk: &Desk, text: &mut Vec<Line<'static>>, cells: usize) {
        let question = Question::Outcome(self.id);
        match (desk.answer(&question), desk.failure(&question)) {
            (_, Some(failure)) => said(desk, text, &failure.say(desk.lang()), Tone::Bad, cells),
            (Some(Answer::Outcome(outcome)), None) => {
                for contest in &outcome.contests {
                    contest_lines(desk, contest, text, cells);
                }
            }
            _ => said(desk, text, &desk.say("result-none"), Tone::Dim, cells),
        }
    }
}

/// A window that asks for a path, which may be the one that was typed before, and does something with it.
fn ask_path(desk: &Desk, title: &'static str, said: &'static str, before: &str, deed: impl Fn(PathBuf) -> elections::Deed + 'static) -> Popup {
    let form = Form::new(vec![Entry::path_of("bring-path", before)]);
    Popup::ask(Ask::new(title, desk.say(said), form, move |desk, form| match form.raw("bring-path") {
        path if path.is_empty() => Err(vec![Problem { label: "bring-path", said: desk.say("bring-path-rule") }]),
        path => Ok(Turn::Do(Box::new(Deed::Elections(deed(PathBuf::from(path)))))),
    }))
}

/// A window that asks for what the papers of a record need.
fn print(desk: &Desk, status: &ElectionStatus) -> Popup {
    let form = Form::new(vec![
        Entry::path("print-record").hint("print-record-hint"),
        Entry::path("print-out").hint("print-out-hint"),
        Entry::filled("print-expect", status.fingerprint.as_deref().unwrap_or_default()).hint("print-expect-hint"),
        Entry::exact("print-issuer", "").hint("print-issuer-hint"),
        Entry::exact("print-place", ""),
    ]);
    Popup::ask(Ask::new("print-title", desk.say("print-text"), form, |desk, form| {
        let needed = ["print-record", "print-out"].into_iter().filter(|label| form.raw(label).is_empty());
        let problems: Vec<Problem> = needed.map(|label| Problem { label, said: desk.say("bring-path-rule") }).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let given = |label: &str| Some(form.raw(label)).filter(|text| !text.is_empty());
        let [record, out] = ["print-record", "print-out"].map(|label| PathBuf::from(form.raw(label)));
        let printing = Printing { record, out, expect: given("print-expect"), issuer: given("print-issuer"), place: given("print-place") };
        Ok(Turn::Do(Box::new(Deed::Elections(elections::Deed::Print(printing)))))
    }))
}

fn contest_lines(desk: &Desk, contest: &ContestOutcome, text: &mut Vec<Line<'static>>, cells: usize) {
    let look = desk.look;
    said(desk, text, &title(desk, &contest.title), Tone::Strong, cells);
    if contest.papers_missing {
        said(desk, text, &desk.say("result-papers"), Tone::Warn, cells);
    }
    if contest.tie.as_ref().is_some_and(|tie| !tie.decided) {
        said(desk, text, &desk.say("result-lot"), Tone::Warn, cells);
    }
    let names = cells.saturating_sub(45).clamp(12, 40);
    let heads = ["result-option", "result-votes", "result-online", "result-on-paper", "result-standing"].map(|key| desk.say(key));
    let [option, votes, online, on_paper, standing] = &heads;
    let row = |[name, votes, online, on_paper, standing]: [&str; 5]| {
        let figures = [(votes, 10), (online, 10), (on_paper, 9)].map(|(text, wide)| right(text, wide, look.cut()));
        cut(&format!("  {} {}  {standing}", padded(name, names, look.cut()), figures.join(" ")), cells + 2, look.cut())
    };
    text.push(Line::styled(row([option, votes, online, on_paper, standing]), look.style(Tone::Dim)));
    for OptionOutcome { name, online, paper, votes, standing_text, .. } in &contest.options {
        text.push(Line::raw(row([&title(desk, name), votes, &grouped(*online), paper, &title(desk, standing_text)])));
    }
    let values = [("valid", contest.valid.clone()), ("blank", grouped(contest.blank)), ("invalid", grouped(contest.invalid))];
    said(desk, text, &desk.with("result-sums", &values), Tone::Plain, cells);
    text.push(Line::raw(""));
}

fn trustees(desk: &Desk, status: &ElectionStatus, text: &mut Vec<Line<'static>>, cells: usize) {
    let look = desk.look;
    let values = [("have", status.trustees.len().to_string()), ("want", status.trustees_wanted.to_string()), ("quorum", status.quorum.to_string())];
    let tone = if status.trustees_missing() > 0 { Tone::Warn } else { Tone::Plain };
    said(desk, text, &desk.with("trustees-of", &values), tone, cells);
    if status.trustees.is_empty() {
        return said(desk, text, &desk.say("trustees-none"), Tone::Dim, cells);
    }
    said(desk, text, &desk.with("trustees-run", &[("n", status.run.to_string())]), Tone::Plain, cells);
    let names = cells.saturating_sub(5 * 13 + 2).clamp(8, 30);
    let mut head = vec![Span::raw(format!("  {}", " ".repeat(names + 2)))];
    head.extend(File::ALL.map(|file| Span::styled(padded(&file_name(desk, file), 13, ""), look.style(Tone::Strong))));
    text.push(Line::from(head));
    for trustee in &status.trustees {
        let mut row = vec![Span::raw(format!("  {}  ", padded(&printable(&trustee.name), names, look.cut())))];
        for file in File::ALL {
            let is_here = trustee.received.iter().any(|name| name == file.name());
            let (key, tone) = if is_here { ("file-here", Tone::Good) } else { ("file-missing", Tone::Dim) };
            row.push(Span::styled(padded(&desk.say(key), 13, ""), look.style(tone)));
        }
        text.push(Line::from(row));
    }
    if !status.witnesses.is_empty() {
        text.push(Line::raw(""));
        said(desk, text, &desk.with("witnesses-quorum", &[("n", status.witness_quorum.to_string())]), Tone::Strong, cells);
        for witness in &status.witnesses {
            let size = witness
                .size
                .map_or_else(|| desk.say("witnesses-never"), |size| desk.with("witnesses-size", &[("n", grouped(size)), ("of", grouped(status.summary.size))]));
            let tone = if witness.size == Some(status.summary.size) { Tone::Good } else { Tone::Plain };
            said(desk, text, &format!("{}  {size}", padded(&printable(&witness.name), 20, look.cut())), tone, cells);
        }
    }
}

fn step_name(desk: &Desk, step: Step) -> String {
    desk.say(match step {
        Step::Prepare => "step-prepare",
        Step::Ceremony => "step-ceremony",
        Step::Open => "step-open",
        Step::CloseOnline => "step-close-online",
        Step::ClosePoll => "step-close-poll",
        Step::Statement => "step-statement",
        Step::Count => "step-count",
        Step::Publish => "step-publish",
        Step::Keep => "step-keep",
    })
}

fn file_name(desk: &Desk, file: File) -> String {
    desk.say(match file {
        File::Commit => "file-commit",
        File::Deal => "file-deal",
        File::Confirm => "file-confirm",
        File::Signature => "file-signature",
        File::Shares => "file-shares",
    })
}

fn missing_text(desk: &Desk, missing: &Missing) -> String {
    let joined = |names: &[String]| names.iter().map(|name| printable(name)).collect::<Vec<_>>().join(desk.lang().pick("、", ", "));
    let titles = |texts: &[Text]| joined(&texts.iter().map(|text| title(desk, text)).collect::<Vec<_>>());
    match missing {
        Missing::Roll => desk.say("missing-roll"),
        Missing::Trustees(have, want) => desk.with("missing-trustees", &[("have", have.to_string()), ("want", want.to_string())]),
        Missing::Start => desk.say("missing-start"),
        Missing::Enough { file, have, need, names } => {
            let values = [("file", file_name(desk, *file)), ("have", have.to_string()), ("need", need.to_string())];
            let of = [("of", (have + names.len()).to_string()), ("names", joined(names))];
            desk.with("missing-enough", &values.into_iter().chain(of).collect::<Vec<_>>())
        }
        Missing::Record => desk.say("missing-record"),
        Missing::Files(file, names) => desk.with("missing-files", &[("file", file_name(desk, *file)), ("names", joined(names))]),
        Missing::Early(at) => desk.with("missing-early", &[("time", at.in_japan(desk.lang()))]),
        Missing::Second(id) => desk.with("missing-second", &[("id", id.clone())]),
        Missing::Officials(act) => desk.with("missing-officials", &[("act", act_name(desk.lang(), *act).to_owned())]),
        Missing::Papers(contests) => desk.with("missing-papers", &[("contests", titles(contests))]),
        Missing::Lots(contests) => desk.with("missing-lots", &[("contests", titles(contests))]),
        Missing::Witnesses(names) => desk.with("missing-witnesses", &[("names", joined(names))]),
    }
}
