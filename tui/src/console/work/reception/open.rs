//! The folder of this machine's terminal is made, opened, hidden and shown again.

use std::fs;
use std::path::PathBuf;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use age::secrecy::{ExposeSecret, SecretString};
use tachiai_schemas::Refusal;

use super::super::Brought;
use super::{Counter, GLANCE, Line, NewTerminal, News, Veil, seen};
use crate::commands::card::choice::CardChoice;
use crate::commands::reception::args;
use crate::commands::reception::setup;
use crate::console::event::Event;
use crate::console::widgets::secret::Typed;
use crate::failure::{Exit, Failure};
use crate::shelter::clock::Clocks;
use crate::shelter::key::{Lock, Protection, TerminalKey, protection};
use crate::shelter::record::About;
use crate::shelter::state::Reception;

impl Counter {
    /// Opens the folder, unless it is open; what is to be said beside how it stands.
    pub(super) fn open(&mut self, passphrase: Option<Typed>) -> Option<News> {
        if self.reception.is_some() {
            return self.lift(passphrase);
        }
        let folder = match usual_folder() {
            Ok(folder) => folder,
            Err(failure) => return Some(News::Shut(failure)),
        };
        if !folder.join("terminal.json").exists() && !folder.join("key").exists() {
            return Some(News::Unset);
        }
        if passphrase.is_none() && matches!(protection(&folder.join("key")), Ok(Protection::Passphrase)) && folder.join("terminal.json").exists() {
            return Some(News::Locked(None));
        }
        let typed = passphrase.map(|typed| typed.secret().clone()).unwrap_or_default();
        match Reception::open(&folder, || Ok(typed.clone()), Clocks::system()) {
            Ok(mut reception) => {
                // What was entered last is shown at once.
                if let Err(failure) = seen::note_recent(&mut reception) {
                    return Some(News::Shut(failure));
                }
                self.opened(reception);
                None
            }
            Err(failure) if failure.exit == Exit::Refused && !typed_nothing(&typed) => Some(News::Locked(Some(failure))),
            Err(failure) => Some(News::Shut(failure)),
        }
    }

    fn opened(&mut self, reception: Reception) {
        (self.next, self.reception, self.veil) = (Instant::now(), Some(reception), Veil::Up);
        self.watch();
    }

    /// Makes this machine a terminal, under a name that no other was given apart from it, and has it admitted where headquarters sit here; else they are asked.
    pub(super) fn set_up(&mut self, new: NewTerminal) -> Result<Vec<News>, Failure> {
        let NewTerminal { event, shelter, place, terminal, passphrase } = new;
        let folder = usual_folder()?;
        let lock = passphrase.map_or(Lock::Unprotected, |typed| Lock::Passphrase(typed.secret().clone()));
        let about = About { format: 0, event, terminal: setup::with_ending(terminal.as_str())?, shelter };
        let mut reception = Reception::create(&folder, about, &lock, Clocks::system())?;
        reception.stand(place)?;
        let (request, _) = setup::write_request(&reception, reception.shelter())?;
        let desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let asked = desk.filter(|_| self.line == Line::Up).map(|desk| setup::admission(&desk.client.hasty(), &request));
        self.settle(reception, asked)
    }

    /// What came of asking for admission. Under a name that another has nothing can be entered: the folder that was made just now is put aside, and it is set up anew.
    pub(in crate::console) fn settle(&mut self, reception: Reception, asked: Option<Result<setup::Admission, Failure>>) -> Result<Vec<News>, Failure> {
        match asked {
            Some(Err(failure)) if failure.code == Some(Refusal::TerminalTaken) => {
                put_aside(reception)?;
                return Err(failure.and("別の名前にして、もう一度「設定」してください。", "Give another name, and set it up again."));
            }
            Some(Ok(admission)) => self.admission = Some(admission),
            // Without an answer it is asked again with the next synchronisation.
            Some(Err(failure)) => self.trouble = Some(failure),
            None => {}
        }
        self.opened(reception);
        Ok(Vec::new())
    }

    /// Shows nothing more, where a passphrase brings it back.
    pub(super) fn lock(&mut self) -> Option<News> {
        let reception = self.reception.as_ref()?;
        // Where it cannot be told, as where it is shown how they are kept, it is taken for one.
        if matches!(protection(&reception.folder().join("key")), Ok(Protection::Unprotected)) {
            return None;
        }
        self.veil = Veil::Down;
        Some(News::Locked(None))
    }

    /// Shows an open reception again, to whoever has the passphrase.
    fn lift(&mut self, passphrase: Option<Typed>) -> Option<News> {
        let reception = self.reception.as_mut().filter(|_| self.veil == Veil::Down)?;
        let Some(typed) = passphrase else { return Some(News::Locked(None)) };
        let path = reception.folder().join("key");
        match TerminalKey::open(&path, 1, |_| Ok(typed.secret().clone())) {
            Ok(key) if key.public() == reception.request().key => {}
            Ok(_) => {
                return Some(News::Locked(Some(Failure::refused(
                    format!("{} は、この受付を開いた鍵ではありません。元の鍵ファイルに戻してください。", path.display()),
                    format!("{} is not the key with which this reception was opened. Put the key that was there back.", path.display()),
                ))));
            }
            Err(failure) => return Some(if failure.exit == Exit::Refused { News::Locked(Some(failure)) } else { News::Shut(failure) }),
        }
        if let Err(failure) = seen::note_recent(reception) {
            return Some(News::Shut(failure));
        }
        self.veil = Veil::Up;
        None
    }

    /// Watches the reader for a card that is laid down.
    fn watch(&self) {
        if self.watched.swap(true, Ordering::SeqCst) {
            return;
        }
        let (events, watched) = (self.events.clone(), self.watched.clone());
        thread::spawn(move || {
            let choice = CardChoice::at_hand();
            // A card that lies there from before is not a card that was just laid down.
            let mut lay_there = choice.lies_there();
            while watched.load(Ordering::SeqCst) {
                thread::sleep(GLANCE);
                let lies = choice.lies_there();
                if lies && !lay_there && events.send(Event::Brought(Box::new(Brought::Reception(None, vec![News::Card])))).is_err() {
                    return;
                }
                lay_there = lies;
            }
        });
    }
}

/// Puts the folder of a terminal aside under its name, so that the machine can become another one. Gives where it lies.
fn put_aside(reception: Reception) -> Result<PathBuf, Failure> {
    let folder = reception.folder().to_owned();
    let aside = folder.with_extension(reception.about.terminal.as_str());
    drop(reception);
    fs::rename(&folder, &aside).map_err(|e| Failure::file(&folder, &e))?;
    Ok(aside)
}

/// What is said and done once it is heard that the name of a terminal, which was set up without a link, is not free: headquarters can never admit it, and nobody is entered
/// yet, so that the machine is set up anew.
pub(super) fn begin_anew(reception: Reception) -> Vec<News> {
    let name = reception.about.terminal.clone();
    let aside = match put_aside(reception) {
        Ok(aside) => aside,
        Err(failure) => return vec![News::Shut(failure)],
    };
    let aside = aside.display();
    let said = [
        format!(
            "この端末の名前「{name}」は、この災害・行事ですでに使われています（ほかの端末の名前か、失効した端末の名前です）。このままでは災害対策本部に登録してもらえません。\n\n次にすること: この画面で避難所を選び、別の名前で、もう一度「設定」してください。\n\nこの端末ではまだ誰も登録していないため、失われたものはありません。前の設定は {aside} に残してあります。"
        ),
        format!(
            "The name of this terminal, {name}, was used in this event before: by another terminal, or by one that was revoked. Headquarters cannot admit it so.\n\nWhat to do next: choose the shelter on this screen, and set the terminal up once more under another name.\n\nNobody was entered here yet, so that nothing is lost. What was set up before lies in {aside}."
        ),
    ];
    vec![News::Unset, News::Told(said)]
}

/// The folder of this machine's terminal.
fn usual_folder() -> Result<PathBuf, Failure> {
    args::usual_folder().ok_or_else(|| Failure::new(Exit::Usage, "ホームフォルダがありません。", "there is no home folder."))
}

fn typed_nothing(typed: &SecretString) -> bool {
    typed.expose_secret().is_empty()
}
