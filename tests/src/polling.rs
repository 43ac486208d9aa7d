//! Polling places of a story: desks with keys, officers with passphrases, and the commands of `tachiai poll`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that cannot go on fails")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use tachiai::poll::desk::Desk;
use tachiai::poll::key::DeskKey;
use tachiai::poll::known::Known;
use tachiai::poll::officer::OfficerKey;
use tachiai::profile::Profile;
use tachiai_schemas::Lang;
use tachiai_schemas::election::Text;
use tachiai_schemas::paper::{LinkPolicy, Officer, OfficerRole, Place, PlaceKind, Session};

use crate::appliance::{Official, Outcome, tell, with_secret};
use crate::city::Plan;
use crate::link::Link;
use crate::story::Story;

/// The passphrase of every officer.
pub const PASSPHRASE: &str = "kanri to tachiai";

/// The officers of every place, a manager and two witnesses.
const OFFICERS: [(&str, OfficerRole); 3] = [("manager", OfficerRole::Manager), ("witness-1", OfficerRole::Witness), ("witness-2", OfficerRole::Witness)];

/// Polling places that an election is to have.
pub struct Polling {
    folder: PathBuf,
    /// The places, without their sessions.
    pub places: Vec<Place>,
    /// The officers, the same at all places and at the count.
    pub officers: Vec<Officer>,
}

impl Polling {
    /// Makes keys of officers, and of a desk for each place: ID, kind, and what it does while the link is cut.
    pub fn prepare(folder: &Path, places: &[(&str, PlaceKind, LinkPolicy)]) -> Polling {
        std::fs::create_dir_all(folder).unwrap();
        let officers = OFFICERS.map(|(name, role)| {
            let key = OfficerKey::create(&folder.join(format!("{name}.age")), name, &PASSPHRASE.into()).unwrap();
            Officer { name: name.to_owned(), role, key: key.public() }
        });
        let place = |(id, kind, offline): &(&str, PlaceKind, LinkPolicy)| Place {
            id: (*id).to_owned(),
            name: Text { ja: format!("投票所 {id}"), en: format!("Place {id}") },
            kind: *kind,
            key: DeskKey::create(&folder.join(format!("{id}.key"))).unwrap().public(),
            officers: officers.to_vec(),
            sessions: Vec::new(),
            offline: *offline,
        };
        Polling { folder: folder.to_owned(), places: places.iter().map(place).collect(), officers: officers.to_vec() }
    }

    /// Puts the places into an election, each with one session, as long as the online voting.
    pub fn plan(&self) -> Box<dyn FnOnce(&mut Plan)> {
        let (mut places, officers) = (self.places.clone(), self.officers.clone());
        Box::new(move |plan| {
            let session = Session { opens: plan.opens, closes: plan.opens.plus(7 * 86_400) };
            places.iter_mut().for_each(|place| place.sessions = vec![session]);
            (plan.places, plan.count_officers) = (places, officers);
        })
    }

    /// The file of a desk's key.
    pub fn desk_key(&self, place: &str) -> PathBuf {
        self.folder.join(format!("{place}.key"))
    }

    /// The file of an officer's key.
    pub fn officer(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.age"))
    }

    /// The officers' keys, opened.
    pub fn keys(&self) -> Vec<OfficerKey> {
        OFFICERS.iter().map(|(name, _)| OfficerKey::open(&self.officer(name), &PASSPHRASE.into()).unwrap()).collect()
    }

    /// Where the desk of a place keeps what it knows.
    pub fn state(&self, place: &str) -> PathBuf {
        self.folder.join(format!("{place}.state"))
    }

    /// A desk of a place in this process, with an official's certificate.
    pub fn desk(&self, story: &Story, official: &Official, place: &str) -> Desk {
        let client = Profile::read(Some(official.profile())).unwrap().client(Lang::En).unwrap();
        let fingerprint = story.holding.fingerprint().parse().unwrap();
        let known = Known::fetch(&client, &self.state(place), story.election(), &fingerprint).unwrap_or_else(|failure| panic!("{failure}"));
        let key = DeskKey::open(&self.desk_key(place)).unwrap();
        let place = known.place_of(&key.public()).unwrap().0;
        Desk { client, known, key, place }
    }
}

/// A desk at which the console is used.
pub struct Counter<'a> {
    /// The places.
    pub polling: &'a Polling,
    /// The ID of the place.
    pub place: &'a str,
    /// Who sits there.
    pub official: &'a Official,
    /// The fingerprint of the public notice.
    pub fingerprint: &'a str,
}

impl Counter<'_> {
    /// Runs `tachiai poll …` in JSON with a secret on its standard input.
    pub fn run(&self, command: &[&str], secret: &str, arguments: &[&str]) -> Outcome {
        self.run_by(self.official.profile(), Link::Up, command, secret, arguments)
    }

    /// Runs `tachiai poll …` as somebody reads it who sits there.
    pub fn run_said(&self, command: &[&str], arguments: &[&str]) -> Outcome {
        self.run_as(self.official.profile(), Link::Up, &[], command, "", arguments)
    }

    /// The same as [`Self::run`] with another profile, and with or without a network.
    pub fn run_by(&self, profile: &Path, link: Link, command: &[&str], secret: &str, arguments: &[&str]) -> Outcome {
        self.run_as(profile, link, &["--json"], command, secret, arguments)
    }

    fn run_as(&self, profile: &Path, link: Link, form: &[&str], command: &[&str], secret: &str, arguments: &[&str]) -> Outcome {
        let (key, state) = (self.polling.desk_key(self.place), self.polling.state(self.place));
        let mut console = link.console(&crate::appliance::Programs::beside_this().unwrap()).unwrap();
        console.arg("--profile").arg(profile).args(["--lang", "en"]).args(form).arg("poll").args(command).arg("--desk").arg(key).arg("--state").arg(state);
        console.args(["--manifest", self.fingerprint]);
        let _told = tell(&mut console, arguments).unwrap();
        with_secret(console, secret).unwrap()
    }

    /// The options with which so many officers sign, the manager first, and what they type.
    pub fn signed_by(&self, officers: &[&str]) -> (Vec<String>, String) {
        let file = |name: &&str| ["--officer".to_owned(), self.polling.officer(name).to_str().unwrap().to_owned()];
        let mut arguments: Vec<String> = officers.iter().flat_map(file).collect();
        arguments.extend(["--passphrase-fd".to_owned(), "0".to_owned(), "--yes".to_owned()]);
        (arguments, format!("{PASSPHRASE}\n").repeat(officers.len()))
    }
}

/// A line between a desk and the appliance that can be cut, also in the middle of an answer.
pub struct Line {
    /// Where the desk connects.
    pub address: SocketAddr,
    cut: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    until: Arc<Mutex<Option<Happened>>>,
}

/// Whether something has happened at the appliance.
type Happened = Box<dyn Fn() -> bool + Send>;

impl Line {
    /// A line to this address.
    pub fn to(target: SocketAddr) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line =
            Line { address: listener.local_addr().unwrap(), cut: Arc::default(), answers: Arc::new(AtomicUsize::new(usize::MAX)), until: Arc::default() };
        let (cut, answers, until) = (Arc::clone(&line.cut), Arc::clone(&line.answers), Arc::clone(&line.until));
        thread::spawn(move || {
            for desk in listener.incoming().flatten() {
                if cut.load(Ordering::SeqCst) {
                    continue;
                }
                let appliance = TcpStream::connect(target).unwrap();
                let up = (desk.try_clone().unwrap(), appliance.try_clone().unwrap());
                thread::spawn(move || pump(up.0, up.1, |_| true));
                let (cut, answers, until) = (Arc::clone(&cut), Arc::clone(&answers), Arc::clone(&until));
                // What comes back stops when the bytes that were allowed are spent: the appliance has done its part, and the desk does not hear of it.
                let go_on = move |bytes: usize| {
                    if until.lock().unwrap().as_ref().is_some_and(|happened| happened()) {
                        cut.store(true, Ordering::SeqCst);
                    }
                    let left = answers.load(Ordering::SeqCst);
                    answers.store(left.saturating_sub(bytes), Ordering::SeqCst);
                    !cut.load(Ordering::SeqCst) && left > 0
                };
                thread::spawn(move || pump(appliance, desk, go_on));
            }
        });
        line
    }

    /// Cuts the line, or mends it.
    pub fn cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::SeqCst);
    }

    /// Cuts the line before the first answer that comes after this has happened: the desk is not told of it.
    pub fn until(&self, happened: impl Fn() -> bool + Send + 'static) {
        *self.until.lock().unwrap() = Some(Box::new(happened));
    }

    /// Lets so many bytes of answers through and then no more.
    pub fn only(&self, bytes: usize) {
        self.answers.store(bytes, Ordering::SeqCst);
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, go_on: impl Fn(usize) -> bool) {
    let mut buffer = [0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if !go_on(read) || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(std::net::Shutdown::Both), to.shutdown(std::net::Shutdown::Both));
}
