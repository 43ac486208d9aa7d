//! Looks that many share: however many follow, the rooms are looked into once a second for each role, and each is told it as the own viewer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tachiai_schemas::staff::Role;
use tachiai_schemas::status::{Status, Viewer};
use tokio::sync::Mutex as Turn;

use super::Looks;
use crate::http::Official;
use crate::refused::Refused;

/// For how long a look is good for those who follow.
pub const GOOD: Duration = Duration::from_secs(1);

/// What a role was told last, and when somebody looked for it. Held while somebody looks, so that the others of the role wait for the same look.
type Last = Arc<Turn<Option<(Instant, Status)>>>;

/// The looks.
pub struct Glances {
    looks: Arc<dyn Looks>,
    last: Mutex<HashMap<Role, Last>>,
}

impl Glances {
    /// Nobody has looked yet.
    #[must_use]
    pub fn new(looks: Arc<dyn Looks>) -> Self {
        Self { looks, last: Mutex::default() }
    }

    /// What is going on now; it is good for those who follow, too.
    ///
    /// # Errors
    /// What a room refuses.
    pub async fn look(&self, official: &Official) -> Result<Status, Refused> {
        let last = self.of(official.role);
        let mut last = last.lock().await;
        let when = Instant::now();
        let status = self.seen(official).await?;
        *last = Some((when, status.clone()));
        Ok(status)
    }

    /// What somebody of the same role saw less than [`GOOD`] before `now`, else what is going on now.
    ///
    /// # Errors
    /// What a room refuses.
    pub async fn glance(&self, official: &Official, now: Instant) -> Result<Status, Refused> {
        let last = self.of(official.role);
        let mut last = last.lock().await;
        if let Some((when, status)) = &*last
            && now.saturating_duration_since(*when) < GOOD
        {
            let viewer = Viewer { name: official.name.clone(), role: official.role };
            return Ok(Status { viewer, ..status.clone() });
        }
        let status = self.seen(official).await?;
        *last = Some((now, status.clone()));
        Ok(status)
    }

    fn of(&self, role: Role) -> Last {
        Arc::clone(self.last.lock().unwrap_or_else(PoisonError::into_inner).entry(role).or_default())
    }

    async fn seen(&self, official: &Official) -> Result<Status, Refused> {
        let (looks, official) = (Arc::clone(&self.looks), official.clone());
        tokio::task::spawn_blocking(move || looks.look(&official)).await.map_err(|error| Refused::fault("looking what is going on", error))?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tachiai_crypto::hash::Hash32;
    use tachiai_schemas::Timestamp;

    use super::*;

    /// Counts how often somebody looks into the rooms.
    #[derive(Default)]
    struct Counting(AtomicUsize);

    impl Looks for Counting {
        fn look(&self, official: &Official) -> Result<Status, Refused> {
            self.0.fetch_add(1, Ordering::SeqCst);
            let viewer = Viewer { name: official.name.clone(), role: official.role };
            Ok(Status { at: Timestamp::LAST, viewer, elections: Vec::new(), events: None, waiting: None, alerts: None, warnings: None, appliance: None })
        }
    }

    #[tokio::test]
    async fn all_who_follow_in_one_role_share_a_look_and_each_is_told_it_as_the_own() {
        let counting = Arc::new(Counting::default());
        let glances = Glances::new(counting.clone());
        let official = |name: &str, role| Official { name: name.to_owned(), role, key: Hash32::from([1; 32]) };
        let looked = || counting.0.load(Ordering::SeqCst);
        let now = Instant::now();
        for name in ["西村", "東", "南"] {
            assert_eq!(glances.glance(&official(name, Role::Headquarters), now).await.unwrap().viewer.name, name);
        }
        assert_eq!(looked(), 1);
        // Other roles see other things.
        assert_eq!(glances.glance(&official("北", Role::Auditor), now).await.unwrap().viewer.role, Role::Auditor);
        assert_eq!(looked(), 2);
        glances.glance(&official("東", Role::Headquarters), now + GOOD).await.unwrap();
        assert_eq!(looked(), 3);
        // Who asks once is told what is going on now.
        glances.look(&official("南", Role::Headquarters)).await.unwrap();
        assert_eq!(looked(), 4);
    }
}
