//! A trustee's medium while its owner sits at the screen: opened once with its passphrase, beside the stick that the commission filled. What is done is as
//! `tachiai trustee` does it, and needs no network.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::{Lang, TrusteeIndex};

use super::{Bring, News};
use crate::commands::trustee::{held_line, listed, own_fingerprint, signed_line};
use crate::console::widgets::secret::Typed;
use crate::console::work::Done;
use crate::failure::Failure;
use crate::secret_input::long_enough;
use crate::trustee::ceremony::{self, Next};
use crate::trustee::decrypt::{self, Tally};
use crate::trustee::exchange::Exchange;
use crate::trustee::held::About;
use crate::trustee::medium::Medium;
use crate::trustee::secrets::Secrets;
use crate::trustee::step::{self, Released, Stepped, card_of};
use crate::trustee::stick::{self, Found, What};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Open a medium.
    Open {
        /// Its folder.
        dir: PathBuf,
        /// The stick, if there is one.
        stick: Option<PathBuf>,
        /// Its passphrase.
        passphrase: Typed,
    },
    /// Make a medium with new keys, and the file for the commission on it.
    New {
        /// Its folder.
        dir: PathBuf,
        /// The stick, if there is one.
        stick: Option<PathBuf>,
        /// The trustee's name.
        name: String,
        /// The new passphrase.
        passphrase: Typed,
    },
    /// Make the file for the commission of another election.
    Card(PathBuf),
    /// Look at another stick, or at the same one again.
    Look(PathBuf),
    /// Do the step that is at hand in the ceremony.
    Step(Next),
    /// Sign the tally statement, or release the shares, in the election with this fingerprint.
    Decrypt(Fingerprint),
}

/// How it stands.
#[derive(Clone, Default)]
pub struct Seen {
    /// The trustee, once the medium is open.
    pub own: Option<Own>,
    /// What is on the stick, or why it cannot be used.
    pub stick: Option<(PathBuf, Result<Box<Stick>, Failure>)>,
    /// What was written last, and where.
    pub written: Option<(What, String)>,
}

/// The trustee.
#[derive(Clone)]
pub struct Own {
    /// The medium's folder.
    pub dir: PathBuf,
    /// The name.
    pub name: String,
    /// The fingerprint of the key, to be read aloud.
    pub fingerprint: String,
    /// What the medium holds, a line for each election, in Japanese and English.
    pub held: Vec<[String; 2]>,
}

/// What is on a stick.
#[derive(Clone)]
pub struct Stick {
    /// The election.
    pub about: About,
    /// How many entries the record has.
    pub size: u64,
    /// The fingerprint of the election, once it is open.
    pub fingerprint: Option<String>,
    /// Who the trustees are: number, name, fingerprint of the key.
    pub trustees: Vec<(TrusteeIndex, String, String)>,
    /// Which one this is.
    pub own: TrusteeIndex,
    /// The run of the ceremony.
    pub run: u32,
    /// The step at hand.
    pub step: Step,
    /// Whose files are missing for what comes after it.
    pub missing: Vec<TrusteeIndex>,
    /// The files.
    pub files: Vec<Found>,
    /// Whether the secrets of the ceremony were destroyed when this was looked at.
    pub forgotten: bool,
}

/// The step at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// In the ceremony.
    Ceremony(Next),
    /// The poll has not closed.
    WaitForClose,
    /// The tally statement is to be signed.
    Sign,
    /// It was signed here; others are awaited.
    WaitForSigners,
    /// The shares are to be released.
    Release,
    /// They were released here.
    Released,
}

/// Sits at a medium until its owner rises.
pub(super) fn sit(bring: &Bring, orders: &Receiver<(u64, Order)>) {
    let mut table = Table { medium: None, seen: Seen::default() };
    for (number, order) in orders {
        let result = table.order(order);
        bring.news(News::Trustee(Box::new(table.seen.clone())));
        bring.done(number, result);
    }
}

struct Table {
    medium: Option<Medium>,
    seen: Seen,
}

/// Puts the file for the commission on a stick, on which those of other trustees may lie.
fn card_on(stick: &Path, bytes: &[u8]) -> Result<PathBuf, Failure> {
    let names = std::iter::once("card.json".to_owned()).chain((2..100).map(|number| format!("card-{number}.json")));
    for path in names.map(|name| stick.join(name)) {
        match File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| Failure::file(&path, &e))?;
                return Ok(path);
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(Failure::file(&path, &e)),
        }
    }
    Err(Failure::incomplete("媒体に card.json が多すぎます。空の媒体を使ってください。", "there are too many card.json on the stick. Take an empty one."))
}

impl Table {
    fn order(&mut self, order: Order) -> Result<Done, Failure> {
        match order {
            Order::Open { dir, stick, passphrase } => {
                (self.medium, self.seen) = (None, Seen::default());
                let medium = Medium::open(&dir, passphrase.secret().clone())?;
                self.opened(&dir, medium, stick);
                Ok(Done::seen())
            }
            Order::New { dir, stick, name, passphrase } => {
                (self.medium, self.seen) = (None, Seen::default());
                long_enough(passphrase.secret())?;
                let medium = Medium::create(&dir, passphrase.secret().clone(), Secrets::generate(name))?;
                let path = dir.join("card.json");
                let bytes = card_of(&medium, &path)?;
                std::fs::write(&path, &bytes).map_err(|e| Failure::file(&path, &e))?;
                // The medium holds the keys and is handed to nobody: the commission gets the file on the stick.
                let path = match &stick {
                    Some(stick) => card_on(stick, &bytes)?,
                    None => path,
                };
                self.seen.written = Some((What::Card, path.display().to_string()));
                self.opened(&dir, medium, stick);
                Ok(Done::seen())
            }
            Order::Card(path) => {
                let medium = self.medium.as_mut().ok_or_else(closed)?;
                medium.secrets.receive_anew();
                // The medium first: a file without its keys would be found out in the ceremony only.
                medium.save()?;
                let bytes = card_of(medium, &path)?;
                File::create_new(&path).and_then(|mut file| file.write_all(&bytes)).map_err(|e| Failure::file(&path, &e))?;
                self.seen.written = Some((What::Card, path.display().to_string()));
                Ok(Done::seen())
            }
            Order::Look(stick) => {
                let before = self.record();
                self.look(stick);
                // A longer record came from the appliance, and what was written went there.
                if before != self.record() {
                    self.seen.written = None;
                }
                Ok(Done::seen())
            }
            Order::Step(next) => self.step(next),
            Order::Decrypt(expect) => self.decrypt(expect),
        }
    }

    fn opened(&mut self, dir: &Path, medium: Medium, stick: Option<PathBuf>) {
        let own = Own { dir: dir.to_owned(), name: medium.secrets.name.clone(), fingerprint: own_fingerprint(&medium.secrets), held: Vec::new() };
        (self.medium, self.seen.own) = (Some(medium), Some(own));
        self.hold();
        if let Some(stick) = stick {
            self.look(stick);
        }
    }

    /// Notes what the medium holds now.
    fn hold(&mut self) {
        if let (Some(medium), Some(own)) = (&self.medium, &mut self.seen.own) {
            own.held = medium.secrets.elections().iter().map(|held| [Lang::Ja, Lang::En].map(|lang| held_line(lang, held))).collect();
        }
    }

    /// Looks at a stick.
    fn look(&mut self, stick: PathBuf) {
        let seen = self.medium.as_mut().ok_or_else(closed).and_then(|medium| look(&stick, medium));
        self.seen.stick = Some((stick, seen.map(Box::new)));
        self.hold();
    }

    /// The election and how long its record is, on the stick that can be read.
    fn record(&self) -> Option<(String, u64)> {
        let stick = self.seen.stick.as_ref()?.1.as_ref().ok()?;
        Some((stick.about.origin.clone(), stick.size))
    }

    fn stick(&self) -> Result<PathBuf, Failure> {
        let none = || Failure::refused("媒体が選ばれていません。", "no stick is chosen.");
        self.seen.stick.as_ref().map(|(stick, _)| stick.clone()).ok_or_else(none)
    }

    fn step(&mut self, next: Next) -> Result<Done, Failure> {
        let stick = self.stick()?;
        let medium = self.medium.as_mut().ok_or_else(closed)?;
        let stepped = step::ceremony(&Exchange::Stick(stick.clone()), medium, |view, files, secrets| match next {
            Next::Commit => ceremony::commit(view, secrets),
            Next::Deal => ceremony::deal(view, secrets),
            Next::Confirm => ceremony::confirm(view, files, secrets),
            Next::WaitForCommits | Next::WaitForDeals | Next::WaitForOpening | Next::Tally => {
                view.expect(next)?;
                Err(Failure::refused("今することはありません。", "there is nothing to be done now."))
            }
        });
        self.look(stick);
        let Stepped { view: _, file, to } = stepped?;
        self.seen.written = Some((stick::what(&file), to));
        Ok(Done::seen())
    }

    fn decrypt(&mut self, expect: Fingerprint) -> Result<Done, Failure> {
        let stick = self.stick()?;
        let medium = self.medium.as_mut().ok_or_else(closed)?;
        let released = step::decrypt(&Exchange::Stick(stick.clone()), medium, expect);
        self.look(stick);
        let Released { outcome, signed, to } = released?;
        self.seen.written = Some((stick::what(&outcome.file), to));
        let (need, all) = (outcome.quorum.statement_quorum(), outcome.quorum.trustees());
        let said = |lang: Lang| {
            let counted = format!("{}: {}", lang.pick("有効な投票", "ballots counted"), outcome.counted);
            let statement = format!("{}: {}", lang.pick("集計宣言", "tally statement"), outcome.statement);
            let first = lang.pick("公告の指紋と一致しました。", "the fingerprint is the one of the public notice.");
            let last = signed.map_or_else(
                || lang.pick("復号分を媒体に書き出しました。", "decryption shares written to the stick.").to_owned(),
                |signed| signed_line(lang, signed, need, all),
            );
            format!("{first}\n{counted}\n{statement}\n{last}")
        };
        Ok(Done::window(said(Lang::Ja), said(Lang::En)))
    }
}

/// What is on a stick, as this medium's owner reads it. Once the election is open, what only its ceremony needed is destroyed.
fn look(stick: &Path, medium: &mut Medium) -> Result<Stick, Failure> {
    let record = Exchange::Stick(stick.to_owned()).record(stick)?;
    let (view, tally, size) = decrypt::standing(&record, &medium.secrets)?;
    let forgotten = ceremony::forget(&view, &mut medium.secrets);
    if forgotten {
        medium.save()?;
    }
    let files = stick::look(stick, &view)?;
    let has_own = |what: What| files.iter().any(|file| file.what == Some(what) && file.whose == Some(view.own) && file.order.is_ok());
    let has_signed = medium.secrets.held(view.manifest_hash).is_some_and(|held| held.statement.is_some());
    let step = match (view.next(), tally) {
        (Next::Tally, Tally::Open) => Step::WaitForClose,
        (Next::Tally, Tally::Statement) if has_signed && has_own(What::Signature) => Step::WaitForSigners,
        (Next::Tally, Tally::Statement) => Step::Sign,
        (Next::Tally, Tally::Shares { have: _, own }) if own || has_own(What::Shares) => Step::Released,
        (Next::Tally, Tally::Shares { .. }) => Step::Release,
        (next, _) => Step::Ceremony(written(next, &has_own)),
    };
    let trustees = listed(&view).into_iter().map(|trustee| (trustee.trustee, trustee.name.to_owned(), trustee.fingerprint)).collect();
    let (fingerprint, missing) = (view.opened.map(|opening| opening.fingerprint.to_string()), view.missing());
    Ok(Stick { about: view.about(), size, fingerprint, trustees, own: view.own, run: view.run, step, missing, files, forgotten })
}

/// The step at hand where the own file of it lies on the stick already, and waits to be carried.
fn written(next: Next, has_own: &impl Fn(What) -> bool) -> Next {
    match next {
        Next::Commit if has_own(What::Commit) => Next::WaitForCommits,
        Next::Deal if has_own(What::Deal) => Next::WaitForDeals,
        Next::Confirm if has_own(What::Confirm) => Next::WaitForOpening,
        next => next,
    }
}

fn closed() -> Failure {
    Failure::refused("立会人の媒体が開かれていません。", "the trustee's medium is not open.")
}
