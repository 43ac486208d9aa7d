//! What is going on in every room, for the status: by role, as the rooms themselves would show it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tachiai_crypto::roster::{EventId, Stay};
use tachiai_schemas::Timestamp;
use tachiai_schemas::election::Text;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::roster::OpenState;
use tachiai_schemas::staff::{ElectionStatus, Matter, Pending, Role};
use tachiai_schemas::status::{
    ApplianceNow, CheckpointNow, DiskNow, ElectionInside, ElectionNow, EventNow, JournalNow, Log, Reading, ShelterNow, Status, Viewer, WaitingNow,
};

use crate::clock::Clock;
use crate::election::{Elections, Live};
use crate::http::Official;
use crate::http::router::{Condition, Health};
use crate::journal::DiskGuard;
use crate::journal::disk::Percent;
use crate::refused::Refused;
use crate::sharing::Sharing;
use crate::shelter::{Event, Shelters};
use crate::staff::Staff;
use crate::status::Looks;

use super::backup;

/// How long an emergency access is shown, in seconds.
const RECENT: i64 = 24 * 3600;

/// How old what is told of the disk may be: it is looked at for everybody who follows, together.
const DISK: Duration = Duration::from_secs(10);

/// Every room, to be looked into.
pub struct Now {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) elections: Arc<Elections>,
    pub(super) shelters: Arc<Shelters>,
    pub(super) staff: Arc<Staff>,
    pub(super) sharing: Arc<Sharing>,
    pub(super) health: Arc<dyn Health>,
    pub(super) data: PathBuf,
    pub(super) disk_limit: u8,
    /// Events with their sizes: while nothing is written into one, nobody counts in it anew.
    pub(super) counted: Mutex<HashMap<EventId, (u64, EventNow)>>,
    pub(super) looked: Mutex<Option<(Instant, ApplianceNow)>>,
}

impl Looks for Now {
    fn look(&self, official: &Official) -> Result<Status, Refused> {
        let role = official.role;
        let at = self.clock.now();
        let mut elections = self.elections.all().iter().map(|live| self.election(live, role)).collect::<Result<Vec<_>, _>>()?;
        elections.sort_by_key(|election| election.summary.poll_closes);
        let events = match role {
            Role::Headquarters | Role::Reception => Some(self.events()?),
            Role::Commission | Role::Poll | Role::Trustee | Role::Auditor | Role::Agency => None,
        };
        let waiting = match role {
            Role::Commission | Role::Auditor | Role::Poll | Role::Headquarters => Some(self.staff.waiting_for(official).iter().map(waiting).collect()),
            Role::Reception | Role::Trustee | Role::Agency => None,
        };
        let alerts = match role {
            Role::Headquarters | Role::Auditor => Some(self.sharing.alerts(Some(at.plus(-RECENT)))?),
            Role::Commission | Role::Poll | Role::Reception | Role::Trustee | Role::Agency => None,
        };
        let warnings = match role {
            Role::Headquarters | Role::Reception => self.sharing.first_warnings(),
            Role::Commission | Role::Poll | Role::Trustee | Role::Auditor | Role::Agency => None,
        };
        let appliance = match role {
            Role::Commission | Role::Headquarters | Role::Auditor => Some(ApplianceNow { checkpoints: self.checkpoints(), ..self.appliance() }),
            Role::Poll | Role::Reception | Role::Trustee | Role::Agency => None,
        };
        Ok(Status { at, viewer: Viewer { name: official.name.clone(), role }, elections, events, waiting, alerts, warnings, appliance })
    }
}

impl Now {
    fn election(&self, live: &Live, role: Role) -> Result<ElectionNow, Refused> {
        match role {
            Role::Commission | Role::Trustee | Role::Auditor => {
                let checkpoint = live.board().checkpoint.as_ref().map(|checkpoint| checkpoint.checkpoint().size);
                let status = live.status(self.elections.pending(live.id))?;
                let ElectionStatus { summary, electors, counted, next_ja, next_en, next_deed, witness_quorum, witnesses, .. } = status;
                let next = Text { ja: next_ja, en: next_en };
                let papers = live.paper_steps();
                let inside = ElectionInside { electors, counted, next, next_deed, papers, checkpoint, witness_quorum, witnesses };
                Ok(ElectionNow { summary, inside: Some(inside) })
            }
            Role::Poll | Role::Reception | Role::Headquarters | Role::Agency => Ok(ElectionNow { summary: live.summary()?, inside: None }),
        }
    }

    /// The events that are not closed.
    fn events(&self) -> Result<Vec<EventNow>, Refused> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = Vec::new();
        for event in self.shelters.all() {
            let size = event.published().roster.len();
            let now = match counted.get(&event.id) {
                Some((of, now)) if *of == size => now.clone(),
                _ => {
                    let now = count(&event)?;
                    counted.insert(event.id, (size, now.clone()));
                    now
                }
            };
            if now.summary.closed.is_none() {
                // Who asks is in no journal.
                open.push(EventNow { asking: u32::try_from(event.asking().len()).unwrap_or(u32::MAX), ..now });
            }
        }
        Ok(open)
    }

    /// How far the logs are signed: of events until they are closed, of elections until enough witnesses have cosigned what was published.
    fn checkpoints(&self) -> Vec<CheckpointNow> {
        let elections = self.elections.all();
        let boards = elections.iter().filter_map(|live| board(live));
        let events = self.shelters.all();
        let rosters = events.iter().filter_map(|event| roster(event));
        boards.chain(rosters).chain(self.sharing.signed()).collect()
    }

    fn appliance(&self) -> ApplianceNow {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((when, now)) = &*looked
            && when.elapsed() < DISK
        {
            return now.clone();
        }
        let Condition { broken, warnings } = self.health.condition();
        let disk = disk(&self.data, self.disk_limit);
        let journals = journals(&self.data.join("journal"));
        let (version, backup) = (env!("CARGO_PKG_VERSION").to_owned(), backup::last(&self.data));
        let now = ApplianceNow { version, disk, journals, checkpoints: Vec::new(), broken, warnings, backup };
        *looked = Some((Instant::now(), now.clone()));
        now
    }
}

/// How far the board of an election is signed, if it has a key and anything is left to be done for it.
fn board(live: &Live) -> Option<CheckpointNow> {
    let witnesses = live.witness_status();
    let published = live.board();
    let board = &published.state.board;
    let size = published.checkpoint.as_ref()?.checkpoint().size;
    let quorum = board.manifest()?.witnesses.quorum;
    let cosigned = witnesses.iter().filter(|witness| witness.size == Some(size)).count();
    let cosigned = u8::try_from(cosigned).unwrap_or(u8::MAX);
    let mut times: Vec<Option<Timestamp>> = witnesses.iter().map(|witness| witness.at).collect();
    times.sort_unstable();
    let witnessed = usize::from(quorum).checked_sub(1).and_then(|others| times.into_iter().rev().nth(others)).flatten();
    let waiting = board.size().saturating_sub(size);
    let is_done = board.phase() == Phase::Published && waiting == 0 && cosigned >= quorum;
    let log = Log::Election { election: live.id };
    (!is_done).then_some(CheckpointNow { log, signed: published.signed, size, waiting, cosigned, quorum, witnessed })
}

/// How far the roster of an event is signed, unless it is closed.
fn roster(event: &Event) -> Option<CheckpointNow> {
    let published = event.published();
    let size = published.checkpoint.as_ref()?.checkpoint().size;
    let waiting = published.tree.len().saturating_sub(size);
    let log = Log::Event { event: event.id };
    let is_open = published.roster.closed().is_none();
    is_open.then_some(CheckpointNow { log, signed: published.signed, size, waiting, cosigned: 0, quorum: 0, witnessed: None })
}

fn count(event: &Event) -> Result<EventNow, Refused> {
    let summary = event.summary()?;
    let published = event.published();
    let totals = published.people.totals(&published.roster);
    let open = published.roster.shelters().filter(|shelter| shelter.state != OpenState::Closed);
    let shelters = open.map(|state| {
        let totals = totals.get(&state.shelter);
        ShelterNow {
            shelter: state.shelter.clone(),
            name: state.name.clone(),
            district: state.district.clone(),
            state: state.state,
            capacity: state.capacity,
            staying: totals.map_or(0, |totals| totals.stays[Stay::Shelter as usize] + totals.erased),
            heads: totals.and_then(|totals| totals.heads),
        }
    });
    Ok(EventNow { summary, shelters: shelters.collect(), asking: 0 })
}

/// Something that waits, without what it says: who may read that reads it among the approvals.
fn waiting(pending: &Pending) -> WaitingNow {
    let Pending { id, matter, requested_by, requested_at, message: _ } = pending;
    let reading = match matter {
        Matter::LinkCitizens { .. } | Matter::EraseCitizen { .. } => Reading::Recorded,
        _ => Reading::Free,
    };
    WaitingNow { id: id.clone(), requested_by: requested_by.clone(), requested_at: *requested_at, election: matter.election(), event: matter.event(), reading }
}

/// How full the disk is; nothing where the system does not tell, which the journals say themselves.
fn disk(data: &Path, limit_percent: u8) -> Option<DiskNow> {
    let guard = DiskGuard::new(data, Percent::new(limit_percent));
    Some(DiskNow { used_percent: guard.used().ok()?.get(), limit_percent, free_mb: guard.free().ok()? / 1_000_000 })
}

/// The journals with the bytes of their files; one that cannot be looked at is left out.
fn journals(folder: &Path) -> Vec<JournalNow> {
    let size = |folder: &Path| -> Option<u64> {
        let files = std::fs::read_dir(folder).ok()?.flatten().filter_map(|file| file.metadata().ok());
        Some(files.filter(|file| file.is_file()).map(|file| file.len()).sum())
    };
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut journals: Vec<JournalNow> =
        folders.filter_map(|entry| Some(JournalNow { name: entry.file_name().into_string().ok()?, bytes: size(&entry.path())? })).collect();
    journals.sort_by(|one, other| one.name.cmp(&other.name));
    journals
}
