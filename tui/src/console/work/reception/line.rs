//! What goes over the line: threads of their own ask the appliance, and hold the terminal only for what is made or taken. Whoever stands at the desk never waits for
//! the line, however slow it is.

use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tachiai_schemas::{Lang, Refusal};

use super::open::begin_anew;
use super::{Counter, Line, News, Numbered, QUIET, Veil, ended, shut};
use crate::commands::reception::setup;
use crate::console::work::{Desk, Tell};
use crate::failure::{Exit, Failure};
use crate::shelter::state::{Anchors, Reception};
use crate::shelter::sync::{Held, Synced, fetch_pack};

/// So often it is asked for what others entered.
const NEWS: Duration = Duration::from_secs(30);

/// So often it is looked whether headquarters admitted this terminal.
const ADMISSION: Duration = Duration::from_secs(5);

/// The first pause after a failure of the line, and the longest.
pub(super) const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(60)];

/// What is done with the terminal, or with the reason why there is none.
type Does = Box<dyn FnOnce(Result<&mut Reception, Failure>) + Send>;

/// What comes to the thread of the reception.
pub(in crate::console::work) enum Comes {
    /// An order.
    Order(Numbered),
    /// Something that is made or taken for the line.
    Does(Does),
    /// A synchronisation ended.
    Synced(Result<Synced, Failure>),
    /// So many bytes of the list of residents are here, of so many, if that is known.
    Packing(u64, Option<u64>),
    /// The list of residents was fetched, or not.
    Packed(Result<(), Failure>),
}

/// The terminal, from a thread of the line.
struct Away(Arc<Sender<Comes>>);

impl Held for Away {
    fn with<T, E>(&self, does: impl FnOnce(&mut Reception) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        let (tell, told) = mpsc::channel();
        let does: Does = Box::new(move |reception| {
            // Nobody waits for it where the thread has ended.
            let _ = tell.send(reception.map_err(E::from).and_then(does));
        });
        self.0.send(Comes::Does(does)).map_err(|_| ended())?;
        told.recv().unwrap_or_else(|_| Err(ended().into()))
    }
}

/// Does something on a thread of its own, and says what came of it even where that thread ends before it should.
fn apart<T: Send + 'static>(
    back: Arc<Sender<Comes>>,
    comes: impl FnOnce(Result<T, Failure>) -> Comes + Send + 'static,
    does: impl FnOnce(&Away) -> Result<T, Failure> + Send + 'static,
) {
    thread::spawn(move || {
        let away = Away(back.clone());
        let done = thread::spawn(move || does(&away)).join().unwrap_or_else(|_| Err(ended()));
        // Without a reception there is nobody to tell.
        let _ = back.send(comes(done));
    });
}

/// What goes over the line now.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Under {
    /// What is handed in and learned.
    sync: Option<Wanted>,
    /// The list of residents: how many bytes of it are here, and of how many.
    pack: Option<(u64, Option<u64>)>,
}

impl Under {
    /// The list of residents begins to be fetched.
    pub(super) const fn begin(&mut self) {
        self.pack = Some((0, None));
    }

    /// How much of the list of residents is fetched, and of how much, while it is.
    pub(super) const fn fetched(self) -> Option<(u64, Option<u64>)> {
        self.pack
    }
}

/// Whether enough more of a list is here to be told: a twentieth of it, or so many bytes where its length is not known.
fn is_step(told: u64, done: u64, of: Option<u64>) -> bool {
    const STEP: u64 = 256 << 10;
    done.saturating_sub(told) >= of.map_or(STEP, |of| of / 20)
}

/// Who wants to know what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Somebody who ordered it.
    Told,
    /// Nobody.
    Quietly,
}

impl Counter {
    /// Hands in and learns, if it is time to.
    pub(super) fn pulse(&mut self) {
        if self.line == Line::Up && self.reception.is_some() && self.under.sync.is_none() && Instant::now() >= self.next {
            let _ = self.begin_sync(Wanted::Quietly);
        }
    }

    /// Hands in and learns because somebody wants it; what came of it is said once it is known.
    pub(super) fn sync(&mut self) -> Result<Vec<News>, Failure> {
        if self.line == Line::Down {
            return Err(Failure::new(
                Exit::NoConnection,
                "回線がありません。登録はこの端末に残っていて、回線が戻ると自動で送ります。受付はそのまま続けられます。",
                "there is no link. What was entered is on this terminal, and is sent by itself when the link is back. Go on with the reception.",
            ));
        }
        self.begin_sync(Wanted::Told)?;
        let said = ["送受信しています。受付はそのまま続けられます。", "Sending and receiving. Go on with the reception."].map(str::to_owned);
        Ok(vec![News::Done(said, Tell::Notice)])
    }

    /// The connection, and the way back from it.
    fn away(&self) -> Result<(Arc<Desk>, Arc<Sender<Comes>>), Failure> {
        let desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner).clone();
        desk.zip(self.back.upgrade()).ok_or_else(|| Failure::new(Exit::NoConnection, "接続していません。", "there is no connection."))
    }

    fn begin_sync(&mut self, wanted: Wanted) -> Result<(), Failure> {
        let (desk, back) = self.away()?;
        let is_new = self.under.sync.is_none();
        if is_new || wanted == Wanted::Told {
            self.under.sync = Some(wanted);
        }
        if is_new {
            apart(back, Comes::Synced, move |away| setup::sync(away, &desk.client.hasty()));
        }
        Ok(())
    }

    /// A synchronisation ended; what is said of it.
    pub(in crate::console) fn synced(&mut self, done: Result<Synced, Failure>) -> Vec<News> {
        let wanted = self.under.sync.take();
        let told = match done.and_then(|synced| self.settled(&synced, wanted)) {
            Ok((said, news)) => {
                let mut told: Vec<News> = news.into_iter().collect();
                if wanted == Some(Wanted::Told) {
                    told.push(News::Done(said, Tell::Notice));
                }
                told
            }
            Err(failure) => self.failed(failure, wanted),
        };
        told.into_iter().chain(self.now()).collect()
    }

    /// What a synchronisation brought, in words, and what has to be said of it besides.
    fn settled(&mut self, synced: &Synced, wanted: Option<Wanted>) -> Result<([String; 2], Option<News>), Failure> {
        let reception = self.reception.as_ref().ok_or_else(shut)?;
        (self.trouble, self.pause) = (None, PAUSES[0]);
        let waiting = reception.waiting().count();
        // What was entered since the last part goes soon.
        self.next = Instant::now() + if waiting > 0 { QUIET } else { NEWS };
        // A questionnaire may have been defined since the list was fetched: whoever wants one orders it.
        let is_wanted = wanted == Some(Wanted::Told) && reception.questionnaires().is_empty();
        let is_needed = reception.pack_made().is_none() || synced.anchors == Anchors::Changed || is_wanted;
        let fetches = is_needed && !reception.is_revoked();
        // The keys for cards' texts come with the list, which is fetched now.
        let synced = &Synced { anchors: if fetches { Anchors::Same } else { synced.anchors }, ..synced.clone() };
        let said = [Lang::Ja, Lang::En].map(|lang| {
            let restored = synced.restored.iter().map(|restored| setup::restored_text(lang, restored));
            restored.chain(setup::troubles(lang, reception, synced)).collect::<Vec<_>>().join("\n")
        });
        if fetches {
            self.begin_pack();
        }
        // What was said and stays so is not said again every time.
        let is_new = said != self.troubles && !said.iter().all(String::is_empty);
        self.troubles.clone_from(&said);
        let Synced { handed_in, learned, .. } = synced;
        let figures =
            [format!("送信 {handed_in}件、受信 {learned}件、未送信 {waiting}件"), format!("{handed_in} handed in, {learned} learned, {waiting} waiting")];
        Ok((figures, is_new.then_some(News::Told(said))))
    }

    fn failed(&mut self, failure: Failure, wanted: Option<Wanted>) -> Vec<News> {
        if failure.code == Some(Refusal::TerminalTaken)
            && let Some(reception) = self.reception.take_if(|reception| reception.admitted().is_none() && reception.own().is_empty())
        {
            // Nothing is left that a passphrase would keep from anybody.
            (self.veil, self.trouble, self.admission) = (Veil::Up, None, None);
            return begin_anew(reception);
        }
        // Until it is admitted nothing is handed in, and that is no trouble of the line.
        if self.reception.as_ref().is_some_and(|reception| setup::is_unadmitted(reception, &failure)) {
            (self.admission, self.trouble, self.next) = (Some(setup::Admission::Asked), None, Instant::now() + ADMISSION);
            let said = ["災害対策本部の登録を待っています。", "Headquarters have not admitted this terminal yet."].map(str::to_owned);
            return if wanted == Some(Wanted::Told) { vec![News::Done(said, Tell::Notice)] } else { Vec::new() };
        }
        self.next = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(PAUSES[1]);
        self.trouble = Some(failure.clone());
        if wanted == Some(Wanted::Told) { vec![News::Failed(failure)] } else { Vec::new() }
    }

    /// Fetches the list of residents, beside what is handed in and learned meanwhile.
    fn begin_pack(&mut self) {
        if let (Ok((desk, back)), None) = (self.away(), self.under.pack) {
            self.under.begin();
            let tells = back.clone();
            apart(back, Comes::Packed, move |away| {
                let mut told = 0;
                fetch_pack(away, &desk.client, &mut |done, of| {
                    if is_step(told, done, of) {
                        told = done;
                        // Without a reception there is nobody to tell.
                        let _ = tells.send(Comes::Packing(done, of));
                    }
                })
            });
        }
    }

    /// More of the list is here.
    pub(in crate::console) fn packing(&mut self, done: u64, of: Option<u64>) -> Vec<News> {
        self.under.pack = self.under.pack.map(|_| (done, of));
        self.now().into_iter().collect()
    }

    /// The list was fetched, or not.
    pub(in crate::console) fn packed(&mut self, done: Result<(), Failure>) -> Vec<News> {
        self.under.pack = None;
        self.trouble = done.err().or(self.trouble.take());
        let mut news: Vec<News> = self.now().into_iter().collect();
        news.extend(self.again());
        news
    }
}
