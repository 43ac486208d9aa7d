//! The store in memory: what a test needs, and the plainest reading of the promises.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock};

use super::{Batch, Key, Order, Scan, Store, StoreError, keys};
use crate::journal::JournalId;

/// A store that lasts as long as the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    records: RwLock<BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

fn mark(records: &BTreeMap<Vec<u8>, Vec<u8>>, journal: &JournalId) -> u64 {
    let bytes = records.get(&keys::high_water(journal)).and_then(|bytes| bytes.first_chunk());
    bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

impl Store for MemoryStore {
    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
        batch.check(mark(&records, &batch.journal))?;
        for (key, value) in batch.changes() {
            let key = key.encode(&batch.journal);
            match value {
                Some(value) => records.insert(key, value.to_vec()),
                None => records.remove(&key),
            };
        }
        records.insert(keys::high_water(&batch.journal), batch.entries.end.to_be_bytes().to_vec());
        Ok(())
    }

    fn get(&self, journal: &JournalId, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        Ok(records.get(&key.encode(journal)).cloned())
    }

    fn range(&self, journal: &JournalId, scan: &Scan) -> Result<Vec<(Key, Vec<u8>)>, StoreError> {
        let Scan { prefix, beyond, order, limit } = scan;
        let prefix = prefix.encode(journal);
        let beyond = beyond.as_ref().map(|key| key.encode(journal));
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        let found = records
            .range::<Vec<u8>, _>((Bound::Included(&prefix), Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(&prefix))
            .filter_map(|(key, value)| Some((key, Key::decode(journal, key)?, value.clone())));
        Ok(match order {
            Order::Ascending => {
                found.filter(|(key, ..)| beyond.as_ref().is_none_or(|beyond| *key > beyond)).map(|(_, key, value)| (key, value)).take(*limit).collect()
            }
            Order::Descending => found
                .filter(|(key, ..)| beyond.as_ref().is_none_or(|beyond| *key < beyond))
                .map(|(_, key, value)| (key, value))
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .take(*limit)
                .collect(),
        })
    }

    fn high_water(&self, journal: &JournalId) -> Result<u64, StoreError> {
        Ok(mark(&self.records.read().unwrap_or_else(PoisonError::into_inner), journal))
    }

    fn forget(&self, journal: &JournalId) -> Result<(), StoreError> {
        let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
        let prefix = keys::records(journal);
        records.retain(|key, _| !key.starts_with(&prefix));
        records.remove(&keys::high_water(journal));
        Ok(())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
