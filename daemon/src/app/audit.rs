//! `tachiaid check` and `tachiaid rebuild`: whether journals, views and vault belong together, and new views.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::appliance::{self, State};
use super::{Base, StartError};
use crate::bindings::NoBindings;
use crate::cards::{CardVerifier, Trust};
use crate::clock::Clock;
use crate::config::Config;
use crate::journal::{Journal, JournalError, JournalId, Options};
use crate::nonces::Nonces;
use crate::store::{Key, Kind, MemoryStore, Scan, Store};

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Every journal.
    pub journals: Vec<JournalReport>,
    /// Records in the views of all journals.
    pub records: u64,
    /// Records that are missing, superfluous or different.
    pub wrong_records: u64,
    /// Citizens with a key in the vault.
    pub citizen_keys: u64,
    /// Citizens whom the journal knows.
    pub citizens: u64,
    /// Files with private payloads or attachments that no entry names, and evidence without a registration: left over from interrupted commands, harmless.
    pub orphans: Vec<String>,
    /// Evidence behind registrations that is lost, said for each election, files that were trusted of cards, and what does not hold in a roster.
    pub lost_evidence: Vec<String>,
    /// What was repaired when the folder was opened.
    pub repairs: Vec<String>,
}

/// What a check found in one journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalReport {
    /// Its id.
    pub id: String,
    /// Entries, each with its CRC and its place in the chain checked.
    pub entries: u64,
    /// Segment files.
    pub segments: u64,
    /// The chain hash after the last entry, for comparison with a note of it.
    pub chain_head: String,
}

impl Report {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.wrong_records == 0 && self.citizens <= self.citizen_keys && self.lost_evidence.is_empty()
    }
}

/// Reads every journal from its first byte to its last and compares the views with it.
///
/// # Errors
/// [`StartError`] for the first journal that is damaged, and if a daemon has the folder.
pub async fn check(config: Config, clock: Arc<dyn Clock>) -> Result<Report, StartError> {
    let data = config.data.clone();
    let base = Base::open(config, clock)?;
    let mut state = State::default();
    state.replay(&base.reader())?;
    let comparison = appliance::compare(&state, &*base.store, &JournalId::new(appliance::ID)?)?;
    let mut report = Report {
        records: comparison.records,
        wrong_records: comparison.wrong,
        citizen_keys: base.vault.citizens() as u64,
        citizens: state.identity.len() as u64,
        repairs: base.repairs.clone(),
        ..Report::default()
    };
    let fresh: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let Visited { orphans, lost_evidence, repairs } = visit_elections(&base, base.store.clone()).await?;
    report.orphans = orphans;
    report.lost_evidence = lost_evidence;
    report.lost_evidence.extend(super::trusted::lost(&super::trusted::archive(&data), &state.trusted));
    report.repairs.extend(repairs);
    visit_elections(&base, fresh.clone()).await?;
    let shelters = base.shelters(base.store.clone(), Box::new(Vec::new))?;
    report.orphans.extend(shelters.orphans());
    report.lost_evidence.extend(shelters.problems());
    report.repairs.extend_from_slice(shelters.repairs());
    shelters.stop().await;
    let (orphans, lost) = crate::sharing::audit(&state.sharing, &data);
    report.orphans.extend(orphans);
    report.lost_evidence.extend(lost);
    let journals = journals(&data)?;
    for id in journals.iter().filter(|id| id.as_str() != appliance::ID) {
        let (records, wrong) = differences(id, &*base.store, &*fresh)?;
        report.records += records;
        report.wrong_records += wrong;
    }
    base.end().await;
    for id in journals {
        let (journal, recovery) = Journal::open(&data.join("journal"), &id, Options::default())?;
        report.journals.push(JournalReport {
            id: id.to_string(),
            entries: recovery.entries,
            segments: recovery.segments as u64,
            chain_head: journal.chain_head().to_string(),
        });
        if let Some(torn) = recovery.torn {
            report.repairs.push(torn.said(&id));
        }
    }
    Ok(report)
}

/// Moves the views aside and builds new ones from the journals; gives where the old ones are now, if there were any.
///
/// # Errors
/// [`StartError`].
pub async fn rebuild(config: Config, clock: Arc<dyn Clock>) -> Result<(Option<PathBuf>, u64), StartError> {
    let at = clock.now().unix();
    let lock = crate::journal::DataLock::acquire(&config.data)?;
    let sled = config.data.join("sled");
    let aside = config.data.join(format!("sled.before-rebuild-{at}"));
    let moved = match fs::rename(&sled, &aside) {
        Ok(()) => Some(aside),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(source) => return Err(JournalError::Io { action: "move aside", path: sled, source }.into()),
    };
    drop(lock);
    let base = Base::open(config, clock)?;
    visit_elections(&base, base.store.clone()).await?;
    base.shelters(base.store.clone(), Box::new(Vec::new))?.stop().await;
    let mut records = 0;
    for id in journals(&base.config.data)? {
        records += all_records(&id, &*base.store)?.len() as u64;
    }
    base.end().await;
    Ok((moved, records))
}

/// What was found while every election was opened.
struct Visited {
    orphans: Vec<String>,
    lost_evidence: Vec<String>,
    repairs: Vec<String>,
}

/// Opens every election, which brings these views up to its journals.
async fn visit_elections(base: &Base, views: Arc<dyn Store>) -> Result<Visited, StartError> {
    // No card is verified here, so nothing needs to be trusted.
    let trust = Trust { anchors: Vec::new(), text_anchors: Vec::new(), crls: Vec::new(), ..base.config.cards.clone() };
    let cards = Arc::new(CardVerifier::load(&trust)?);
    let nonces = Arc::new(Nonces::new(1, &mut rand_core::OsRng));
    let elections = base.elections_with_views(views, cards, nonces, Arc::new(NoBindings))?;
    let orphans = elections.orphans();
    elections.stop().await;
    let files = orphans?.into_iter().map(|(election, path)| format!("{election}: {}", path.display()));
    let evidence = elections.orphaned_evidence().into_iter().map(|(election, hash)| format!("{election}: evidence {hash}"));
    Ok(Visited { orphans: files.chain(evidence).collect(), lost_evidence: elections.lost_evidence(), repairs: elections.repairs().to_vec() })
}

/// How many records a journal should have, and how many of the kept ones are missing, superfluous or different.
fn differences(id: &JournalId, kept: &dyn Store, fresh: &dyn Store) -> Result<(u64, u64), StartError> {
    let (kept, fresh) = (all_records(id, kept)?, all_records(id, fresh)?);
    let wrong = kept.iter().filter(|(key, value)| fresh.get(key) != Some(value)).count() + fresh.keys().filter(|key| !kept.contains_key(key)).count();
    Ok((fresh.len() as u64, wrong as u64))
}

fn all_records(id: &JournalId, store: &dyn Store) -> Result<BTreeMap<Key, Vec<u8>>, StartError> {
    let mut records = BTreeMap::new();
    for kind in Kind::ALL {
        records.extend(store.range(id, &Scan::all(kind.all()))?);
    }
    Ok(records)
}

/// Every journal in a data folder, by name.
fn journals(data: &Path) -> Result<Vec<JournalId>, JournalError> {
    let folder = data.join("journal");
    let entries = fs::read_dir(&folder).map_err(|source| JournalError::Io { action: "read", path: folder.clone(), source })?;
    let mut ids = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| JournalId::new(&entry.file_name().to_string_lossy()))
        .collect::<Result<Vec<_>, _>>()?;
    ids.sort();
    Ok(ids)
}
