//! Twenty terminals in five shelters: people arrive, change and leave while lines are cut and come back, sticks travel in any order and twice, machines start anew with
//! other clocks and torn files. In the end the appliance, every terminal and the model say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use tachiai::failure::Exit;
use tachiai::shelter::desk::{Draft, Follow, Here, Subject};
use tachiai::shelter::state::{Fate, Reception};
use tachiai::shelter::stick::{Which, deliver};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roster::hand_in::{Copied, SignedHandIn};
use tachiai_schemas::roster::person::{Birth, Identified};
use tachiai_schemas::roster::report::HowCounted;
use tachiai_schemas::roster::{self, Act, ChainId, Person, ShelterId, Stay, TerminalId};
use tachiai_tests::hall::{Hall, Lost, Watch, residents};
use tachiai_verify::roster::Roster;

use super::{files, reopen};

const TERMINALS: usize = 20;
const SHELTERS: [&str; 5] = ["s-0", "s-1", "s-2", "s-3", "s-4"];
const RESIDENTS: usize = 60;
const HOUR: i64 = 3_600_000;

/// What was done about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Done {
    terminal: TerminalId,
    number: u64,
    shelter: ShelterId,
    act: Act,
}

struct Terminal {
    reception: Option<Reception>,
    watch: Watch,
    linked: bool,
    exports: u32,
    answers: Vec<PathBuf>,
}

struct Night<'a> {
    rng: ChaCha20Rng,
    folder: &'a Path,
    hall: Hall,
    terminals: Vec<Terminal>,
    /// What lies on sticks, with the number of its terminal.
    sticks: Vec<(usize, Vec<SignedHandIn>)>,
    model: BTreeMap<ChainId, Vec<Done>>,
}

impl Night<'_> {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.rng.next_u64() % end as u64).unwrap()
    }

    fn begin(folder: &Path, seed: u64) -> Night<'_> {
        let hall = Hall::begin(&folder.join("appliance"), &SHELTERS, &residents(RESIDENTS));
        let terminals = (0..TERMINALS).map(|number| {
            let watch = Watch::at(&hall);
            let name = format!("t-{number}");
            let reception = hall.terminal(&folder.join(&name), &name, SHELTERS[number % SHELTERS.len()], &watch);
            Terminal { reception: Some(reception), watch, linked: true, exports: 0, answers: Vec::new() }
        });
        let terminals = terminals.collect();
        Night { rng: ChaCha20Rng::seed_from_u64(seed), folder, hall, terminals, sticks: Vec::new(), model: BTreeMap::new() }
    }

    fn reception(&mut self, at: usize) -> &mut Reception {
        self.terminals[at].reception.as_mut().unwrap()
    }

    fn enter(&mut self, at: usize, draft: Draft) {
        let reception = self.reception(at);
        let chain = reception.enter(&[draft]).unwrap_or_else(|failure| panic!("{failure}")).remove(0).chain;
        self.note(at, chain);
    }

    fn note(&mut self, at: usize, chain: ChainId) {
        let reception = self.reception(at);
        let last = &reception.own().last().unwrap().entry.body;
        let roster::Body::Person(person) = &last.body else { panic!("another entry") };
        let done = Done { terminal: reception.about.terminal.clone(), number: last.number, shelter: person.shelter.clone(), act: person.act };
        self.model.entry(chain).or_default().push(done);
    }

    /// Somebody of whom this terminal can read the latest entry.
    fn somebody(&mut self, at: usize, wanted: impl Fn(&Reception, bool) -> bool) -> Option<(ChainId, ShelterId, Person)> {
        let reception = self.terminals[at].reception.as_ref().unwrap();
        let known = reception.roster().groups().into_iter().filter(|group| wanted(reception, group.is_present())).filter_map(|group| {
            let followed = reception.followed(&group)?;
            let person = reception.people().person(&followed.moment.hash)?;
            Some((group.chain, group.latest.shelter.clone(), Person::clone(person)))
        });
        let known: Vec<_> = known.collect();
        if known.is_empty() { None } else { Some(known[self.below(known.len())].clone()) }
    }

    fn step(&mut self) {
        let pause = 1 + self.below(240);
        self.hall.clock.advance(i64::try_from(pause).unwrap());
        let at = self.below(TERMINALS);
        match self.below(100) {
            0..30 => self.arrives(at),
            30..38 => self.stranger(at),
            38..50 => {
                if let Some((chain, shelter, person)) = self.somebody(at, |_, present| present) {
                    self.enter(at, Draft { chain, shelter, act: Act::Out, person, at: None, follow: Follow::Latest });
                }
            }
            50..60 => {
                if let Some((chain, shelter, person)) = self.somebody(at, |_, present| present) {
                    let person = Person { room: format!("{pause}"), ..person };
                    self.enter(at, Draft { chain, shelter, act: Act::Edit, person, at: None, follow: Follow::Latest });
                }
            }
            60..64 => drop(self.reception(at).headcount(u32::try_from(pause).unwrap(), HowCounted::About).unwrap()),
            64..70 => self.settles(at),
            70..74 => self.terminals[at].linked ^= true,
            74..86 => self.syncs(at),
            86..90 => self.exports(at),
            90..95 => self.delivers(),
            95..97 => self.confirms(at),
            _ => self.reboots(at),
        }
    }

    fn arrives(&mut self, at: usize) {
        let number = 1 + self.below(RESIDENTS);
        let reception = self.reception(at);
        let resident = reception.residents().unwrap().by_number(&number.to_string()).unwrap().clone();
        let Subject { chain, person, here } = reception.resident(&resident, Identified::List);
        let shelter = reception.shelter().clone();
        let act = match here {
            Here::Present => return,
            Here::Elsewhere => Act::Moved,
            Here::New | Here::Left | Here::Hidden => Act::In,
        };
        self.enter(at, Draft { chain, shelter, act, person, at: None, follow: Follow::Latest });
    }

    fn stranger(&mut self, at: usize) {
        let mut chain = [0; 16];
        self.rng.fill_bytes(&mut chain);
        let person = Person { name: "Maria Cruz".to_owned(), birth: Birth::Years(31), ..Person::unknown(Identified::Typed, Stay::Vehicle) };
        let shelter = self.reception(at).shelter().clone();
        self.enter(at, Draft { chain: ChainId(chain), shelter, act: Act::In, person, at: None, follow: Follow::Latest });
    }

    fn settles(&mut self, at: usize) {
        let reception = self.reception(at);
        let conflicts = reception.conflicts();
        let Some(view) = conflicts.iter().find(|view| view.heads.iter().all(|head| head.person.is_some())) else { return };
        let head = &view.heads[0];
        let entered = reception.settle(view.counts.chain, head.entry).unwrap_or_else(|failure| panic!("{failure}"));
        self.note(at, entered.chain);
    }

    fn syncs(&mut self, at: usize) {
        if !self.terminals[at].linked {
            return;
        }
        let (requests, lost) = (self.below(6), [Lost::Request, Lost::Answer][self.below(2)]);
        let reception = self.terminals[at].reception.as_mut().unwrap();
        let line = self.hall.cut_after(if requests < 4 { u32::MAX } else { u32::try_from(requests - 4).unwrap() }, lost);
        match reception.sync(&line) {
            Ok(_) => {}
            Err(failure) => assert_eq!(failure.exit, Exit::NoConnection, "{failure}"),
        }
    }

    fn exports(&mut self, at: usize) {
        let (terminal, folder) = (&mut self.terminals[at], self.folder.join("sticks"));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{at}-{}.json", terminal.exports));
        terminal.exports += 1;
        let written = terminal.reception.as_mut().unwrap().export(&path, Which::Waiting).unwrap_or_else(|failure| panic!("{failure}"));
        if !written.files.is_empty() {
            self.sticks.push((at, files(&written.files)));
        }
    }

    /// A stick may be carried any number of times.
    fn delivers(&mut self) {
        if self.sticks.is_empty() {
            return;
        }
        let which = self.below(self.sticks.len());
        let (at, stick) = &self.sticks[which];
        let delivered = deliver(&self.hall, stick, 0).unwrap_or_else(|failure| panic!("{failure}")).unwrap();
        let path = self.folder.join("sticks").join(format!("answer-{which}-{}.json", self.hall.millis()));
        std::fs::write(&path, serde_json::to_vec(&delivered.reply).unwrap()).unwrap();
        self.terminals[*at].answers.push(path);
    }

    fn confirms(&mut self, at: usize) {
        let answers = self.terminals[at].answers.len();
        if answers == 0 {
            return;
        }
        let which = self.below(answers);
        let path = self.terminals[at].answers[which].clone();
        self.reception(at).confirm(&path).unwrap_or_else(|failure| panic!("{failure}"));
    }

    fn reboots(&mut self, at: usize) {
        let ahead = [0, 24 * HOUR, -24 * HOUR, HOUR, -HOUR, 20_000][self.below(6)];
        let torn = self.below(40);
        let mut tail = vec![0; torn];
        self.rng.fill_bytes(&mut tail);
        let terminal = &mut self.terminals[at];
        let reception = terminal.reception.take().unwrap();
        let journal = reception.folder().join("journal");
        drop(std::io::Write::write_all(&mut std::fs::OpenOptions::new().append(true).open(&journal).unwrap(), &tail));
        terminal.watch.reboot(ahead);
        let reception = reopen(reception, &terminal.watch);
        assert_eq!(reception.torn.as_ref().map_or(0, |torn| torn.bytes), torn as u64);
        terminal.reception = Some(reception);
    }

    /// The lines are back, and everybody hears of everything.
    fn ends(&mut self) {
        for _ in 0..2 {
            for terminal in &mut self.terminals {
                self.hall.clock.advance(1);
                let synced = terminal.reception.as_mut().unwrap().sync(&self.hall);
                assert!(synced.is_ok(), "{}", synced.unwrap_err());
            }
        }
    }

    fn agrees(&self) {
        let event = self.hall.event();
        let published = event.published();
        let there = said(&published.roster);
        for Terminal { reception, .. } in &self.terminals {
            let reception = reception.as_ref().unwrap();
            let name = &reception.about.terminal;
            assert_eq!(reception.waiting().count(), 0, "{name}");
            let aside: Vec<_> = reception.own().iter().filter(|own| own.fate != Fate::Taken).map(|own| (&own.fate, &own.entry.body)).collect();
            assert!(aside.is_empty(), "{name}: {aside:?}");
            assert_eq!((reception.copied(), reception.cursor()), (Copied::No, published.roster.len()), "{name}");
            assert_eq!(said(reception.roster()), there, "{name}");
        }
        assert!(published.roster.terminals().values().all(|terminal| !terminal.is_copied() && terminal.missing() == 0));
        // Nobody is lost and nobody doubled: each act stands there once.
        let mut alone = 0;
        for (chain, done) in &self.model {
            let entries: Vec<roster::Entry> =
                published.roster.steps(chain).map(|step| roster::from_bytes(&event.entry_bytes(step.leaf).unwrap()).unwrap().body).collect();
            let names = |terminal: &TerminalId, number| (terminal.clone(), number);
            let there: BTreeSet<_> = entries.iter().map(|entry| names(&entry.terminal, entry.number)).collect();
            let here: BTreeSet<_> = done.iter().map(|done| names(&done.terminal, done.number)).collect();
            assert_eq!((&there, entries.len()), (&here, done.len()));
            let group = published.roster.person(*chain).unwrap();
            // Whose entries do not contradict each other is where the last act left them, whatever the clocks showed.
            if let [(_, head)] = group.heads[..] {
                let last = done.last().unwrap();
                assert_eq!(
                    (head.moment.hash, &head.moment.terminal, &head.shelter, head.act),
                    (group.latest.moment.hash, &last.terminal, &last.shelter, last.act)
                );
                alone += 1;
            }
        }
        assert_eq!(published.roster.handles().count(), self.model.len());
        assert!(alone * 2 > self.model.len(), "{alone} of {}", self.model.len());
        assert_eq!(event.problems(), Vec::<String>::new());
    }
}

/// Who is where by which entry, and which entries contradict each other.
fn said(roster: &Roster) -> Vec<(ChainId, ShelterId, Act, Hash32, Vec<Hash32>)> {
    let of = |group: tachiai_verify::roster::groups::Group<'_>| {
        let heads = group.heads.iter().map(|(_, step)| step.moment.hash).collect();
        (group.chain, group.latest.shelter.clone(), group.latest.act, group.latest.moment.hash, heads)
    };
    roster.groups().into_iter().map(of).collect()
}

fn night(seed: u64, steps: usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut night = Night::begin(folder.path(), seed);
    for _ in 0..steps {
        night.step();
    }
    night.ends();
    night.agrees();
}

#[test]
fn twenty_terminals_the_appliance_and_the_model_agree_after_a_night_of_cut_lines() {
    night(1, 300);
}

#[test]
fn they_agree_after_another_night() {
    night(2, 300);
}

#[test]
fn they_agree_after_a_third_night() {
    night(3, 300);
}
