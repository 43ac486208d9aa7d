//! 受付の端末: those that ask to be admitted, each with the fingerprint that two people compare, and those that are; one that was lost is revoked.

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use tachiai_schemas::roster::hand_in::Copied;
use tachiai_schemas::roster::{EventId, TerminalId, TerminalStatus};
use tachiai_schemas::shelter::{EventView, TerminalAsking, TerminalRequest, TerminalView};
use tachiai_schemas::{Lang, Say};

use super::home::shelter_name;
use super::{Screen, Then};
use crate::card::printable;
use crate::console::action::{Action, Headquarters as Does, Place};
use crate::console::desk::Desk;
use crate::console::event::Key;
use crate::console::i18n::grouped;
use crate::console::keymap::{Binding, moves};
use crate::console::popups::ask::Ask;
use crate::console::popups::confirm::Sure;
use crate::console::popups::{Popup, Turn};
use crate::console::theme::Tone;
use crate::console::widgets::cut::{lines, width};
use crate::console::widgets::form::{Entry, Form, Problem};
use crate::console::widgets::held::Held;
use crate::console::widgets::table::{self, Cell, Column, Width};
use crate::console::work::{Answer, Deed, Question, shelters};

/// The rows below the list that tell of the one at hand.
const BELOW: u16 = 6;

/// The cells of a terminal's name: at least, and of the longest that there may be.
const NAME: usize = 12;
const LONGEST: usize = 32;

/// The cells that a shelter's name has before it is told when a terminal was heard last, and those of that.
const SHELTER: usize = 20;
const LATEST: usize = 22;

/// The screen.
pub struct Terminals {
    event: EventId,
    held: Held<Which>,
    /// A request that was carried here.
    file: Option<PathBuf>,
}

/// Which line of the list it is, however many stand before it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Asking(Box<TerminalRequest>),
    File,
    Known(TerminalId),
}

/// A line of the list.
enum Row<'a> {
    /// It asks over the network.
    Asking(&'a TerminalAsking),
    /// Its request is a file.
    File(&'a TerminalRequest),
    /// The file cannot be read, for this reason.
    Unread(String),
    /// It was admitted.
    Known(&'a TerminalView),
}

impl Row<'_> {
    fn which(&self) -> Which {
        match self {
            Row::Asking(asking) => Which::Asking(Box::new(asking.request.clone())),
            Row::File(_) | Row::Unread(_) => Which::File,
            Row::Known(known) => Which::Known(known.terminal.clone()),
        }
    }
}

impl Terminals {
    /// Of an event.
    #[must_use]
    pub const fn of(event: EventId) -> Self {
        Self { event, held: Held::first(), file: None }
    }

    fn view<'a>(&self, desk: &'a Desk) -> Option<&'a EventView> {
        match desk.answer(&Question::Event(self.event))? {
            Answer::Event(view) => Some(view),
            _ => None,
        }
    }

    fn question(&self) -> Option<Question> {
        self.file.clone().map(|path| Question::Shelters(shelters::Question::Request(path)))
    }

    fn rows<'a>(&self, desk: &'a Desk) -> Vec<Row<'a>> {
        let Some(view) = self.view(desk) else { return Vec::new() };
        // One that moved is to be admitted where it stands now.
        let known =
            |request: &TerminalRequest| view.terminals.iter().any(|terminal| (&terminal.terminal, &terminal.shelter) == (&request.terminal, &request.shelter));
        let file = self.question().and_then(|question| match (desk.answer(&question), desk.failure(&question)) {
            (Some(Answer::Shelters(shelters::Answer::Request(request))), _) if !known(request) => Some(Row::File(request)),
            (_, Some(failure)) => Some(Row::Unread(failure.say(desk.lang()))),
            _ => None,
        });
        file.into_iter().chain(view.asking.iter().map(Row::Asking)).chain(view.terminals.iter().map(Row::Known)).collect()
    }

    /// Where the line at hand stands among these.
    fn place_in(&self, rows: &[Row<'_>]) -> usize {
        self.held.place(&which(rows))
    }

    /// The request at hand, with who sits at the terminal.
    fn request<'a>(row: Option<&Row<'a>>) -> Option<(&'a TerminalRequest, Option<&'a str>)> {
        match row? {
            Row::Asking(TerminalAsking { request, by, .. }) => Some((request, Some(by))),
            Row::File(request) => Some((request, None)),
            Row::Unread(_) | Row::Known(_) => None,
        }
    }

    fn admit(&self, desk: &Desk, request: &TerminalRequest, by: Option<&str>) -> Popup {
        let text = [Lang::Ja, Lang::En].map(|lang| {
            let (name, shelter, print) = (&request.terminal, shelter_name(desk, self.event, &request.shelter), request.fingerprint());
            let by = by.map(printable);
            match lang {
                Lang::Ja => {
                    let by = by.map_or_else(|| "ファイル（持ち込み）".to_owned(), |by| format!("{by}さん"));
                    format!(
                        "端末: {name}\n避難所: {shelter}\n申請: {by}\n\n端末の指紋:\n{print}\n\n端末の前にいる方に電話などで指紋を読み上げてもらい、同じときだけ登録してください。登録した端末は、住民の一覧を受け取り、避難者を登録します。"
                    )
                }
                Lang::En => {
                    let by = by.unwrap_or_else(|| "a file that was carried here".to_owned());
                    format!(
                        "Terminal: {name}\nShelter: {shelter}\nAsked for by: {by}\n\nFingerprint of the terminal:\n{print}\n\nHave whoever sits at the terminal read it out, by telephone for one, and admit it only if it is the same. An admitted terminal gets the list of residents, and registers people."
                    )
                }
            }
        });
        let deed = Deed::Shelters(shelters::Deed::Admit(Box::new(request.clone())));
        Popup::sure(Sure { title: "terminals-admit-sure", text, word: None, deed })
    }

    fn revoke(&self, terminal: &TerminalView) -> Popup {
        let name = &terminal.terminal;
        let text = [
            format!(
                "端末 {name} を失効させます。紛失・盗難・複製のときに行います。取り消せません。\n\n失効の後に届いた登録は保留になり、2人の承認で引き継ぎます。同じ機械を続けて使うには、新しい名前と鍵で設定し直します。"
            ),
            format!(
                "Terminal {name} is revoked: where it was lost, stolen or copied. It cannot be taken back.\n\nWhat comes from it afterwards is set aside, and two officials take it over. To use the same machine again, it is set up with another name and key."
            ),
        ];
        let deed = Deed::Shelters(shelters::Deed::Revoke(self.event, name.clone()));
        Popup::sure(Sure { title: "terminals-revoke-sure", text, word: Some(name.to_string()), deed })
    }

    /// Where the request lies that was carried here.
    fn ask_file(desk: &Desk) -> Popup {
        let form = Form::new(vec![Entry::path("terminals-path").hint("terminals-path-hint")]);
        Popup::ask(Ask::new("terminals-file", desk.say("terminals-file-said"), form, |desk, form| match form.raw("terminals-path") {
            empty if empty.is_empty() => Err(vec![Problem { label: "terminals-path", said: desk.say("desk-path-missing") }]),
            path => Ok(Turn::Give(path)),
        }))
    }

    /// Where the file is written by which terminals are set up without a link.
    fn ask_out(&self, desk: &Desk) -> Popup {
        let form = Form::new(vec![Entry::path("terminals-path").hint("desk-stick-path-hint")]);
        let event = self.event;
        Popup::ask(Ask::new("terminals-setup", desk.say("terminals-setup-said"), form, move |desk, form| match form.raw("terminals-path") {
            empty if empty.is_empty() => Err(vec![Problem { label: "terminals-path", said: desk.say("desk-path-missing") }]),
            path => Ok(Turn::Do(Box::new(Deed::Shelters(shelters::Deed::SetupFile(event, PathBuf::from(path)))))),
        }))
    }

    /// What is to be known of the line at hand.
    fn below(&self, desk: &Desk, row: Option<&Row<'_>>) -> Vec<(String, Tone)> {
        if let Some((request, by)) = Self::request(row) {
            let by = by.map_or_else(|| desk.say("terminals-by-file"), |by| desk.with("terminals-by", &[("by", printable(by))]));
            let print = desk.with("terminals-fingerprint", &[("print", request.fingerprint())]);
            return vec![(by, Tone::Plain), (print, Tone::Strong), (desk.say("terminals-compare"), Tone::Warn)];
        }
        match row {
            Some(Row::Unread(why)) => vec![(why.clone(), Tone::Bad)],
            Some(Row::Known(terminal)) if terminal.copied == Copied::Twice => vec![(desk.say("terminals-copied"), Tone::Bad)],
            Some(Row::Known(terminal)) if terminal.missing > 0 => vec![(desk.with("terminals-missing", &[("n", grouped(terminal.missing))]), Tone::Warn)],
            Some(Row::Known(terminal)) => {
                let heard = terminal.latest.map(|at| format!("{}: {}", desk.say("terminals-latest"), at.timestamp().in_japan(desk.lang())));
                heard.into_iter().map(|said| (said, Tone::Plain)).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Screen for Terminals {
    fn place(&self) -> Place {
        Place::Terminals(self.event)
    }

    fn title(&self, desk: &Desk) -> String {
        desk.say("screen-terminals")
    }

    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        std::iter::once(Question::Event(self.event)).chain(self.question()).collect()
    }

    fn keys(&self, desk: &Desk) -> Vec<Binding> {
        let rows = self.rows(desk);
        let row = rows.get(self.place_in(&rows));
        let unasked = Self::request(row).is_none().then(|| desk.say("terminals-not-asking"));
        let gone = match row {
            Some(Row::Known(terminal)) if terminal.status == TerminalStatus::Admitted => None,
            _ => Some(desk.say("terminals-not-admitted")),
        };
        let does = |key, does, label| Binding::new(key, Action::Headquarters(does), label);
        let mut keys = moves();
        keys.extend([
            does(Key::Enter, Does::Admit, "terminals-admit").off(unasked.clone()),
            does(Key::Char('a'), Does::Admit, "terminals-admit").off(unasked).quiet(),
            does(Key::Char('f'), Does::AdmitFile, "terminals-file"),
            does(Key::Char('w'), Does::SetupFile, "terminals-setup"),
            does(Key::Char('x'), Does::Revoke, "terminals-revoke").off(gone),
            Binding::new(Key::Char('r'), Action::Refresh, "key-refresh").quiet(),
        ]);
        keys
    }

    fn given(&mut self, text: String) -> Then {
        (self.file, self.held) = (Some(PathBuf::from(text)), Held::first());
        Then::Ask
    }

    fn refreshed(&mut self, desk: &Desk) {
        self.held.settle(&which(&self.rows(desk)));
    }

    fn act(&mut self, desk: &Desk, action: Action) -> Then {
        let window = |popup| Then::Window(Box::new(popup));
        let rows = self.rows(desk);
        let row = rows.get(self.place_in(&rows));
        match (action, row) {
            (Action::Headquarters(Does::Admit), row) => match Self::request(row) {
                Some((request, by)) => window(self.admit(desk, request, by)),
                None => Then::Stay,
            },
            (Action::Headquarters(Does::Revoke), Some(Row::Known(terminal))) => window(self.revoke(terminal)),
            (Action::Headquarters(Does::AdmitFile), _) => window(Self::ask_file(desk)),
            (Action::Headquarters(Does::SetupFile), _) => window(self.ask_out(desk)),
            _ => {
                let among = which(&rows);
                self.held.go(&among, action);
                Then::Stay
            }
        }
    }

    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect) {
        let look = desk.look;
        let cells = usize::from(area.width).saturating_sub(4);
        let rows = self.rows(desk);
        let question = Question::Event(self.event);
        let said = match (self.view(desk), desk.failure(&question)) {
            (None, Some(failure)) => Some((failure.say(desk.lang()), Tone::Bad)),
            (None, None) => Some((desk.say("event-loading"), Tone::Dim)),
            (Some(_), _) if rows.is_empty() => Some((desk.say("terminals-none"), Tone::Plain)),
            (Some(_), _) => None,
        };
        if let Some((text, tone)) = said {
            for (y, line) in (area.y + 1..area.bottom()).zip(lines(&text, cells)) {
                frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
            }
            return;
        }
        let chosen = self.place_in(&rows);
        let list = Rect { height: area.height.saturating_sub(BELOW), ..area };
        let column = |key: &str, width| Column { head: desk.say(key), width };
        // A name is read out and compared: it stands there in whole, whatever else has no room.
        let name = rows.iter().map(|row| width(&name_of(row))).max().unwrap_or(0).clamp(NAME, LONGEST);
        let mut columns = vec![
            column("terminals-name", Width::Cells(name)),
            column("event-shelter", Width::Rest),
            column("terminals-status", Width::Cells(10)),
            column("terminals-entries", Width::Figures(7)),
        ];
        if usize::from(area.width) > name + SHELTER + 10 + 7 + LATEST {
            columns.push(column("terminals-latest", Width::Cells(LATEST)));
        }
        table::draw(frame, list, desk, &columns, rows.len(), Some(chosen), |place| {
            rows.get(place).map(|row| cells_of(desk, self.event, row)).unwrap_or_default()
        });
        let below = self.below(desk, rows.get(chosen));
        let text = below.iter().flat_map(|(said, tone)| lines(said, cells).into_iter().map(move |line| (line, *tone)));
        for (y, (line, tone)) in (list.bottom() + 1..area.bottom()).zip(text) {
            frame.buffer_mut().set_line(area.x, y, &Line::styled(format!("  {line}"), look.style(tone)), area.width);
        }
    }
}

/// What stands in these lines.
fn which(rows: &[Row<'_>]) -> Vec<Which> {
    rows.iter().map(Row::which).collect()
}

/// What a line is called; nothing where that cannot be read.
fn name_of(row: &Row<'_>) -> String {
    match row {
        Row::Asking(TerminalAsking { request, .. }) => request.terminal.to_string(),
        Row::File(request) => request.terminal.to_string(),
        Row::Unread(_) => String::new(),
        Row::Known(known) => known.terminal.to_string(),
    }
}

fn cells_of(desk: &Desk, event: EventId, row: &Row<'_>) -> Vec<Cell> {
    let asks = |request: &TerminalRequest, key: &str, since: String| {
        let status = Cell { text: desk.say(key), tone: Tone::Warn };
        vec![request.terminal.to_string().into(), shelter_name(desk, event, &request.shelter).into(), status, String::new().into(), since.into()]
    };
    match row {
        Row::Asking(TerminalAsking { request, by: _, since }) => asks(request, "terminals-asking", since.in_japan(desk.lang())),
        Row::File(request) => asks(request, "terminals-in-file", String::new()),
        Row::Unread(_) => vec![desk.say("terminals-in-file").into(), String::new().into(), Cell { text: desk.say("terminals-unread"), tone: Tone::Bad }],
        Row::Known(TerminalView { terminal, shelter, status, entries, missing: _, latest, copied }) => {
            let tone = match (status, copied) {
                (TerminalStatus::Admitted, Copied::No) => Tone::Good,
                (TerminalStatus::Admitted, Copied::Twice) => Tone::Bad,
                (TerminalStatus::Revoked, _) => Tone::Dim,
            };
            vec![
                terminal.to_string().into(),
                shelter_name(desk, event, shelter).into(),
                Cell { text: status.say(desk.lang()), tone },
                grouped(*entries).into(),
                latest.map_or_else(|| "-".to_owned(), |at| at.timestamp().in_japan(desk.lang())).into(),
            ]
        }
    }
}
