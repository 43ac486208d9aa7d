//! Imports: a file is read, what it would change is shown, and it is applied when an official says so.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::shelter::changes;
use tachiai_schemas::shelter::facility::{self, Facilities, Facility};
use tachiai_schemas::shelter::import::{
    ImportAnswer, ImportChange, ImportDifference, ImportField, ImportFirst, ImportKind, ImportMode, ImportOthers, ImportRows, Standing,
};
use tachiai_schemas::shelter::support::{self, Listed};
use tachiai_schemas::shelter::table::ImportReport;
use tachiai_schemas::shelter::{Resident, residents};
use tachiai_schemas::{HashBytes, Refusal};

use super::Register;
use super::log::Log;
use crate::refused::Refused;
use crate::shelter::offload;

/// How an import is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Shown or applied.
    pub mode: ImportMode,
    /// What happens where rows cannot be taken over.
    pub rows: ImportRows,
    /// What happens to facilities that are not in the file.
    pub others: ImportOthers,
    /// The import that was shown as the last one.
    pub replaces: Option<HashBytes>,
    /// So many of those that are there go, as whoever applies it was shown.
    pub removes: Option<u64>,
}

/// What was read of a file.
enum Read {
    Facilities(Vec<Facility>),
    Residents(Vec<Resident>),
    SupportList(Vec<Listed>),
}

/// An import that was worked out and changes nothing yet.
struct Draft {
    answer: ImportAnswer,
    new: Read,
}

/// Compares what is there with what comes; `key` tells which are of one, `told` what the first of them are called, and `fields` what changes of one.
fn difference<T: PartialEq, K: Hash + Eq>(
    old: &[T],
    new: &[T],
    key: impl Fn(&T) -> K,
    told: impl Fn(&T) -> String,
    fields: impl Fn(&T, &T) -> Vec<ImportField>,
) -> ImportDifference {
    let before: HashMap<K, &T> = old.iter().map(|one| (key(one), one)).collect();
    let mut met: HashSet<K> = HashSet::with_capacity(before.len());
    let mut found = ImportDifference::default();
    let note = |first: &mut Vec<String>, one: &T| {
        let name = if first.len() < ImportFirst::MOST { told(one) } else { String::new() };
        if !name.is_empty() {
            first.push(name);
        }
    };
    for one in new {
        match before.get(&key(one)) {
            None => {
                found.added += 1;
                note(&mut found.first.added, one);
            }
            Some(other) if *other == one => found.same += 1,
            Some(other) => {
                found.changed += 1;
                if found.first.changed.len() < ImportFirst::MOST {
                    found.first.changed.push(ImportChange { of: told(one), fields: fields(other, one) });
                }
            }
        }
        met.insert(key(one));
    }
    for one in old.iter().filter(|one| !met.contains(&key(one))) {
        found.removed += 1;
        note(&mut found.first.removed, one);
    }
    found
}

/// A resident as it is compared: what the list of another import put there does not count.
fn without_support(resident: &Resident) -> Resident {
    Resident { support: None, ..resident.clone() }
}

impl Register {
    /// What stands ready.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let imports = self.journal.state().imports.values().map(|import| import.said.clone()).collect();
        Standing { facilities: self.facilities().to_vec(), imports }
    }

    /// Shows what a file would change, or applies it.
    ///
    /// # Errors
    /// [`Refusal::ImportInvalid`] if rows cannot be taken over and the others alone are not wanted, or if there is nothing to take over; the answer to the same
    /// file as [`ImportMode::Show`] says which. [`Refusal::ChangedSince`] if another import came in between.
    /// [`Refusal::ImportLosesMany`] if not as many go as is said; or if that is not said, and more than a tenth of what is there would go, or any at all while the
    /// good rows alone are imported.
    pub async fn import(self: &Arc<Self>, by: &str, kind: ImportKind, file: Vec<u8>, order: Order) -> Result<ImportAnswer, Refused> {
        let _turn = self.importing.lock().await;
        let this = Arc::clone(self);
        let Draft { answer, new } = offload(move || Ok(this.draft(kind, &file, order))).await?;
        if order.mode == ImportMode::Show {
            return Ok(answer);
        }
        let ImportReport { taken, ref errors, .. } = answer.report;
        if taken == 0 || (order.rows == ImportRows::All && !errors.is_empty()) {
            let first =
                errors.first().map(|problem| format!("line {}: {}", problem.line, problem.en)).unwrap_or_else(|| "nothing can be taken over".to_owned());
            return Err(Refused::about(Refusal::ImportInvalid, first));
        }
        if order.replaces != answer.replaces {
            return Err(Refusal::ChangedSince.into());
        }
        let ImportDifference { removed, changed, same, .. } = answer.difference;
        if !answer.difference.is_agreed(order.rows, order.removes) {
            let of = removed + changed + same;
            return Err(Refused::about(Refusal::ImportLosesMany, format!("{removed} / {of}")));
        }
        let left_out = answer.report.rows.saturating_sub(taken);
        let this = Arc::clone(self);
        let (payload, count, new) = offload(move || {
            let (payload, count) = match &new {
                Read::Facilities(all) => (this.seal(all)?, all.len()),
                Read::Residents(all) => (this.seal(all)?, all.len()),
                Read::SupportList(all) => (this.seal(all)?, all.len()),
            };
            Ok((payload, count as u64, new))
        })
        .await?;
        self.note(Log::Imported { what: kind, by: by.to_owned(), file: answer.file, payload, count, left_out }).await?;
        let this = Arc::clone(self);
        offload(move || {
            this.put(new);
            Ok(())
        })
        .await?;
        tracing::info!(?kind, count, left_out, "imported");
        Ok(answer)
    }

    /// Puts what is durable in the place of what was before.
    fn put(&self, new: Read) {
        match new {
            Read::Facilities(all) => self.hold(|held| held.facilities = Arc::new(all)),
            Read::Residents(all) => {
                let listed = self.held(|held| &held.listed);
                self.put_people(all, listed.to_vec());
            }
            Read::SupportList(listed) => {
                let residents = self.residents();
                self.put_people(residents.all().to_vec(), listed);
            }
        }
    }

    fn draft(&self, kind: ImportKind, file: &[u8], order: Order) -> Draft {
        let today = Day::of(self.services.clock.now());
        let replaces = self.journal.state().imports.get(&kind).map(|import| import.said.file);
        let answer = |report, difference| ImportAnswer {
            kind,
            mode: order.mode,
            report,
            file: HashBytes::from(Hash32::sha256(file)),
            replaces,
            difference,
            strangers: 0,
            occupancy: Vec::new(),
        };
        match kind {
            ImportKind::Facilities => {
                let old = self.facilities();
                let Facilities { report, facilities, occupancy } = facility::read(file);
                let known: &[Facility] = match order.others {
                    ImportOthers::Stay => &old,
                    ImportOthers::Go => &[],
                };
                let all = facility::merge(known, &facilities);
                let difference = difference(&old, &all, |one| one.id.clone(), |one| format!("{} {}", one.id, one.name), changes::of_facility);
                Draft { answer: ImportAnswer { occupancy, ..answer(report, difference) }, new: Read::Facilities(all) }
            }
            ImportKind::Residents => {
                let residents::Register { report, residents } = residents::read(file, today);
                let old: Vec<Resident> = self.residents().all().iter().map(without_support).collect();
                let difference = difference(&old, &residents, |one| one.number.clone(), |one| one.number.clone(), changes::of_resident);
                Draft { answer: answer(report, difference), new: Read::Residents(residents) }
            }
            ImportKind::SupportList => {
                let support::List { report, listed } = support::read(file, today);
                let old = self.held(|held| &held.listed);
                let unplaced = |one: &Listed| (one.number.clone(), one.name.clone(), one.birth);
                let register = self.residents();
                // Of who is not told apart by a number it is not known whether they are protected.
                let protection = |one: &Listed| register.by_number(&one.number).map_or(Protection::Protected, |resident| resident.protection);
                let fields = |before: &Listed, after: &Listed| changes::of_listed(before, after, protection(after));
                let difference = difference(&lines_apart(&old), &lines_apart(&listed), unplaced, |one| one.number.clone(), fields);
                let strangers = support::meet(self.residents().all(), &listed).strangers.len() as u64;
                Draft { answer: ImportAnswer { strangers, ..answer(report, difference) }, new: Read::SupportList(listed) }
            }
        }
    }
}

/// The list without the lines, which say nothing of a person.
fn lines_apart(listed: &[Listed]) -> Vec<Listed> {
    listed.iter().map(|one| Listed { line: 0, ..one.clone() }).collect()
}
