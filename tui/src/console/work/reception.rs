//! The reception of this machine: one thread owns the terminal's folder, takes orders one after another, and says what came of each. It needs no appliance: with a
//! link, threads beside it hand in and learn, and nobody at the desk waits for them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::{Duration, Instant};

use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{ChainId, OpenState};
use tachiai_schemas::{HashBytes, Lang};

use self::line::{Comes, PAUSES, Under};
pub(super) use self::order::Numbered;
pub use self::order::{Line, News, Order};
pub use self::seen::{Beside, Fate, List, Now, Recent, Revoked, RoomNow, Unadmitted};
pub use self::told::{Among, Answered, Called, Came, Candidate, Check, Found, NewTerminal, RollCall, Stand, Whom};
use super::{Brought, Desk, Tell};
use crate::commands::reception::{change, setup, setup_file, site, stick};
use crate::console::event::Event;
use crate::failure::{Exit, Failure};
use crate::shelter::state::Reception;
use crate::shelter::stick::{Brought as Exported, Which};
use crate::shelter::undo::{self, Counted, Undo};

mod answers;
mod arrive;
pub(super) mod line;
mod open;
mod order;
mod seen;
mod told;

/// How often it is looked whether something is to be handed in.
const PULSE: Duration = Duration::from_millis(500);

/// How often the reader is asked whether a card lies on it.
const GLANCE: Duration = Duration::from_millis(400);

/// So long after an order nothing is handed in: what belongs together goes at once.
const QUIET: Duration = Duration::from_secs(2);

/// Begins the thread; gives where it takes orders.
pub(super) fn begin(events: Sender<Event>, desk: Arc<Mutex<Option<Arc<Desk>>>>, lang: Lang) -> Arc<Sender<Comes>> {
    let (comes, takes) = mpsc::channel();
    let comes = Arc::new(comes);
    let back = Arc::downgrade(&comes);
    thread::spawn(move || Counter::new(events, back, desk, lang).run(&takes));
    comes
}

/// What the thread owns.
pub(in crate::console) struct Counter {
    events: Sender<Event>,
    /// Where the threads of the line come back to, while somebody gives orders.
    back: Weak<Sender<Comes>>,
    desk: Arc<Mutex<Option<Arc<Desk>>>>,
    lang: Lang,
    reception: Option<Reception>,
    line: Line,
    /// What takes back what was done since the console was opened, the last one last.
    undo: Vec<Undo>,
    /// Who answered the roll call.
    called: BTreeSet<ChainId>,
    /// Who was entered last.
    received: Vec<ChainId>,
    /// What was looked for last without the list of residents: that is done once more when it is here.
    sought: Option<String>,
    /// Why the last synchronisation failed.
    trouble: Option<Failure>,
    /// What had to be said of the last one.
    troubles: [String; 2],
    /// What goes over the line.
    under: Under,
    pause: Duration,
    /// When the line is used again.
    next: Instant,
    /// Whether a thread watches the reader.
    watched: Arc<AtomicBool>,
    /// Whether anything of it is shown.
    veil: Veil,
    /// Whether headquarters were asked to admit this terminal.
    admission: Option<setup::Admission>,
}

/// Whether anything of an open reception is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Veil {
    /// Everything.
    Up,
    /// Nothing until the passphrase is typed.
    Down,
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.watched.store(false, Ordering::SeqCst);
        if thread::panicking() {
            self.say(None, vec![News::Shut(ended())]);
        }
    }
}

/// The thread ended where it should not have.
pub(super) fn ended() -> Failure {
    Failure::incomplete(
        "受付の処理が予期せず止まりました。登録が済んだものはこの端末に残っています。Enter で受付を開き直し、最後の登録が一覧にあることを確かめてください。",
        "the reception ended unexpectedly. What was entered is on this terminal. Open it anew with Enter, and see whether the last entry is in the list.",
    )
}

/// Nothing can be entered before the folder is open.
fn shut() -> Failure {
    Failure::refused("受付がまだ開いていません。", "the reception is not open yet.")
}

impl Counter {
    fn new(events: Sender<Event>, back: Weak<Sender<Comes>>, desk: Arc<Mutex<Option<Arc<Desk>>>>, lang: Lang) -> Self {
        Self {
            events,
            back,
            desk,
            lang,
            reception: None,
            line: Line::Down,
            undo: Vec::new(),
            called: BTreeSet::new(),
            received: Vec::new(),
            sought: None,
            trouble: None,
            troubles: [String::new(), String::new()],
            under: Under::default(),
            pause: PAUSES[0],
            next: Instant::now(),
            watched: Arc::default(),
            veil: Veil::Up,
            admission: None,
        }
    }

    /// Takes what comes until nobody listens or orders.
    fn run(mut self, comes: &Receiver<Comes>) {
        loop {
            let is_heard = match comes.recv_timeout(PULSE) {
                Ok(Comes::Order((number, order))) => {
                    let news = self.answer_to(order);
                    // What was entered goes in soon, unless the line failed just now.
                    let soon = Instant::now() + QUIET;
                    self.next = if self.trouble.is_none() { soon } else { self.next.max(soon) };
                    self.say(number, news)
                }
                Ok(Comes::Does(does)) => {
                    does(self.reception.as_mut().ok_or_else(shut));
                    true
                }
                Ok(Comes::Synced(done)) => {
                    let news = self.synced(done);
                    self.say(None, news)
                }
                Ok(Comes::Packing(done, of)) => {
                    let news = self.packing(done, of);
                    self.say(None, news)
                }
                Ok(Comes::Packed(done)) => {
                    let news = self.packed(done);
                    self.say(None, news)
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.pulse();
                    true
                }
                Err(RecvTimeoutError::Disconnected) => false,
            };
            if !is_heard {
                return;
            }
        }
    }

    /// Says what came of an order, or what happened by itself; gives whether anybody listens.
    fn say(&self, number: Option<u64>, news: Vec<News>) -> bool {
        self.events.send(Event::Brought(Box::new(Brought::Reception(number, news)))).is_ok()
    }

    /// How everything stands.
    fn now(&self) -> Option<News> {
        let reception = self.reception.as_ref().filter(|_| self.veil == Veil::Up)?;
        let undo = self.undo.last().map(|undo| {
            let ([ja, en], [leaves_ja, leaves_en]) = (&undo.said, undo.leaves());
            [format!("{ja}\n{leaves_ja}"), format!("{en}\n{leaves_en}")]
        });
        let (line, trouble, asked, fetched) = (self.line, self.trouble.clone(), self.admission, self.under.fetched());
        Some(News::Now(Box::new(Now::of(reception, Beside { line, trouble, undo, asked, fetched, received: &self.received }))))
    }

    /// What comes of an order, and how everything stands then.
    fn answer_to(&mut self, order: Order) -> Vec<News> {
        let mut news = self.take(order).unwrap_or_else(|failure| vec![News::Failed(failure)]);
        news.extend(self.now());
        news.extend(self.again());
        news
    }

    fn reception(&mut self) -> Result<&mut Reception, Failure> {
        self.reception.as_mut().ok_or_else(shut)
    }

    fn take(&mut self, order: Order) -> Result<Vec<News>, Failure> {
        if self.veil == Veil::Down && !matches!(order, Order::Open(_) | Order::Line(_) | Order::Lock) {
            return Ok(vec![News::Locked(None)]);
        }
        if matches!(order, Order::Citizen(_) | Order::Card(_) | Order::Choose(_) | Order::Typed(_) | Order::Present | Order::RollCall) {
            // Whoever was looked for before is at hand no more.
            self.sought = None;
        }
        match order {
            Order::Open(passphrase) => Ok(self.open(passphrase).into_iter().collect()),
            Order::ReadSetup(path) => setup_file::read_setup(&path).map(|file| vec![News::Places(Box::new(file))]),
            Order::SetUp(new) => self.set_up(*new),
            Order::Lock => Ok(self.lock().into_iter().collect()),
            Order::Line(line) => {
                if line != self.line {
                    (self.line, self.pause, self.trouble) = (line, PAUSES[0], None);
                    self.next = Instant::now();
                }
                Ok(Vec::new())
            }
            Order::Search(name) => self.search(&name),
            Order::Citizen(code) => self.citizen(&code),
            Order::Card(typed) => self.card(&typed),
            Order::Choose(whom) => self.choose(&whom),
            Order::Typed(fields) => self.typed(&fields),
            Order::Enter(people) => self.arrive(people),
            Order::Arrive(number) => self.answer(&number),
            Order::Present => self.present(),
            Order::Leave(who, to) => {
                let reception = self.reception()?;
                let drafts = who.into_iter().map(|chain| change::leaving(reception, chain, &to)).collect::<Result<_, _>>()?;
                self.enter(drafts)
            }
            Order::Move(who, shelter) => {
                let reception = self.reception()?;
                let drafts = who.into_iter().map(|chain| change::moving(reception, chain, shelter.clone())).collect::<Result<_, _>>()?;
                self.enter(drafts)
            }
            Order::Change(chain, fields) => {
                let draft = change::changed(self.reception()?, chain, &fields)?;
                self.enter(vec![draft])
            }
            Order::Fill(chain, answers) => self.fill(chain, *answers),
            Order::Heads(persons, how) => self.heads(persons, how),
            Order::State(state) => self.state(state),
            Order::TakeBack => self.take_back(),
            Order::Sync => self.sync(),
            Order::Export(path) => self.export(&path),
            Order::Confirm(path) => self.confirm(&path),
            Order::RollCall => self.roll_call(),
            Order::Call(chain) => {
                if !self.called.remove(&chain) {
                    self.called.insert(chain);
                }
                self.called_again()
            }
        }
    }

    fn heads(&mut self, persons: u32, how: HowCounted) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        let before = Counted::last(reception);
        reception.headcount(persons, how)?;
        let undo = Undo::heads(before, Counted::last(reception));
        let less = site::fewer(reception, persons);
        let [mut ja, mut en] = [format!("人数 {persons}人を報告しました。"), format!("{persons} heads are reported.")];
        let tell = if less.is_some() { Tell::Window } else { Tell::Notice };
        if let Some((less_ja, less_en)) = less {
            (ja, en) = (format!("{ja}\n{less_ja}"), format!("{en}\n{less_en}"));
        }
        self.undo.push(undo);
        Ok(vec![News::Done([ja, en], tell)])
    }

    fn state(&mut self, state: OpenState) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        let before = reception.roster().shelter(reception.shelter()).map(|shelter| shelter.state);
        reception.set_state(state)?;
        let said = undo::state_said(state);
        self.undo.push(Undo::state(before, state));
        Ok(vec![News::Done(said, Tell::Notice)])
    }

    fn export(&mut self, path: &Path) -> Result<Vec<News>, Failure> {
        let Exported { files, entries } = self.reception()?.export(path, Which::Waiting)?;
        if files.is_empty() {
            return Ok(vec![News::Done(
                ["未送信の登録はありません。何も書いていません。".to_owned(), "Nothing waits to be handed in; nothing was written.".to_owned()],
                Tell::Window,
            )]);
        }
        let list = files.iter().map(|file| format!("\n  {}", file.display())).collect::<String>();
        Ok(vec![News::Done(
            [
                format!(
                    "{entries}件を書き出しました。媒体を取り外し、回線のある場所へ運んで tachiai reception carry で渡してください。戻ってきた回答は、この画面の同じキーで読み込みます。{list}"
                ),
                format!(
                    "{entries} entries were written. Take the stick to a machine with a link, and hand it in there with `tachiai reception carry`. The answer that comes back is read here by the same key.{list}"
                ),
            ],
            Tell::Window,
        )])
    }

    fn confirm(&mut self, path: &Path) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        let confirmed = reception.confirm(path)?;
        let waiting = reception.waiting().count();
        let said = [Lang::Ja, Lang::En].map(|lang| stick::confirmed_text(lang, &confirmed, waiting));
        Ok(vec![News::Done(said, Tell::Window)])
    }

    fn take_back(&mut self) -> Result<Vec<News>, Failure> {
        let nothing = || Failure::refused("取り消せる登録はありません。", "there is nothing to take back.");
        let undo = self.undo.pop().ok_or_else(nothing)?;
        let reception = self.reception.as_mut().ok_or_else(shut)?;
        match undo.take_back(reception) {
            Ok((said, corrected)) => {
                self.undo.iter_mut().for_each(|undo| undo.follow(&corrected));
                Ok(vec![News::Done(said, Tell::Notice)])
            }
            Err(failure) => {
                // What the folder did not take can be tried again; what was overtaken by others cannot.
                if failure.exit != Exit::Refused {
                    self.undo.push(undo);
                }
                Err(failure)
            }
        }
    }
}

#[cfg(test)]
impl Counter {
    /// At a reception that is open, without a thread.
    pub(in crate::console) fn at(reception: Reception, lang: Lang) -> Self {
        let (events, _) = mpsc::channel();
        let mut counter = Self::new(events, Weak::new(), Arc::default(), lang);
        counter.reception = Some(reception);
        counter
    }

    /// What the thread would say to an order.
    pub(in crate::console) fn ordered(&mut self, order: Order) -> Vec<News> {
        self.answer_to(order)
    }

    /// The list of residents begins to be fetched.
    pub(in crate::console) fn begin_packing(&mut self) {
        self.under.begin();
    }

    /// The reception itself.
    pub(in crate::console) fn inner(&mut self) -> &mut Reception {
        self.reception.as_mut().unwrap()
    }
}

/// The leaf hash of an entry, as it is kept here.
fn bytes(hash: tachiai_crypto::hash::Hash32) -> HashBytes {
    HashBytes::from(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_ends_where_it_should_not_says_so() {
        let (events, heard) = mpsc::channel();
        let ended = thread::spawn(move || {
            let _counter = Counter::new(events, Weak::new(), Arc::default(), Lang::En);
            panic!("something that nobody thought of");
        });
        assert!(ended.join().is_err());
        let Ok(Event::Brought(brought)) = heard.recv() else { panic!("nothing was said") };
        assert!(matches!(&*brought, Brought::Reception(None, news) if matches!(&news[..], [News::Shut(failure)] if failure.en.contains("unexpectedly"))));
    }
}
