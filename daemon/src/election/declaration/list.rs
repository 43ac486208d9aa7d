//! The declarations of an election as a list: for the commission with who filed them, for an auditor only how many by day and reason.

use std::collections::BTreeMap;
use std::sync::Arc;

use tachiai_schemas::declaration::{Declaration, DeclarationList, DeclarationListed, DeclarationState, DeclarationUse, DeclarationsOnDay, DeclaredBy};
use tachiai_schemas::election::Text;
use tachiai_schemas::roll::difference::WITHHELD;
use tachiai_schemas::roll::{Day, Protection};
use tachiai_schemas::{LeafIndex, Slot};

use super::OnFile;
use crate::election::acts::offload;
use crate::election::live::Live;
use crate::election::private::{LookedBy, PrivateBody};
use crate::election::slots::SlotRecord;
use crate::refused::Refused;

/// The most declarations in one answer.
const MOST: usize = 500;

/// Whether a list tells of each declaration, and who filed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// It does.
    Named,
    /// It does not: a hand-out on the board leads to a slot, and so in the evidence to a person and the reason.
    Unnamed,
}

/// What stands instead of what is said of who is under protection.
fn withheld() -> String {
    WITHHELD.to_owned()
}

impl Live {
    /// Declarations in the order in which they were filed, at most 500 of them, after the one that an earlier answer named. Who read of whom is durable before
    /// it is told. Who is under protection (支援措置) is told by the number alone, and not where and when a paper was handed out. Without names there is none of all that, but
    /// how many were filed on which day for which reason.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`](tachiai_schemas::Refusal::NotOpenYet), `Fault`; `Busy` and `ReadOnly` if the look cannot be recorded.
    pub async fn list_declarations(self: &Arc<Self>, by: &str, naming: Naming, after: Option<u64>) -> Result<DeclarationList, Refused> {
        let live = Arc::clone(self);
        let (list, slots) = offload(move || live.declarations_after(naming, after, MOST)).await?;
        if naming == Naming::Named {
            self.note(PrivateBody::LookedUp { by: by.to_owned(), how: LookedBy::DeclarationList, slots }).await?;
        }
        Ok(list)
    }

    /// The same, at most so many of them, with whom it is about.
    pub(in crate::election) fn declarations_after(&self, naming: Naming, after: Option<u64>, most: usize) -> Result<(DeclarationList, Vec<Slot>), Refused> {
        self.slots()?;
        let filed: Vec<Slot> = self.private().declarations.0.keys().copied().collect();
        let (mut standing, mut withdrawn, mut used) = (Vec::new(), 0, 0);
        for (slot, on_file) in filed.into_iter().filter_map(|slot| Some((slot, self.on_file(slot)?))) {
            match on_file.state {
                DeclarationState::Withdrawn => withdrawn += 1,
                DeclarationState::Used { .. } => used += 1,
                DeclarationState::Filed => {}
            }
            if on_file.state != DeclarationState::Withdrawn {
                standing.push((on_file, slot));
            }
        }
        standing.sort_by_key(|(on_file, _)| on_file.seq);
        let all = standing.len() as u64;
        if naming == Naming::Unnamed {
            let counted = self.declarations_by_day(&standing)?;
            return Ok((DeclarationList { all, used, withdrawn, listed: Vec::new(), counted, next: None }, Vec::new()));
        }
        let rest: Vec<(OnFile, Slot)> = standing.into_iter().filter(|(on_file, _)| after.is_none_or(|after| on_file.seq > after)).collect();
        let page = rest.get(..most).unwrap_or(&rest);
        let next = page.last().filter(|_| page.len() < rest.len()).map(|(on_file, _)| on_file.seq);
        let listed = page.iter().map(|(on_file, slot)| self.declaration_listed(*slot, *on_file)).collect::<Result<_, _>>()?;
        let slots = page.iter().map(|(_, slot)| *slot).collect();
        Ok((DeclarationList { all, used, withdrawn, listed, counted: Vec::new(), next }, slots))
    }

    fn declarations_by_day(&self, standing: &[(OnFile, Slot)]) -> Result<Vec<DeclarationsOnDay>, Refused> {
        let mut counted = BTreeMap::<_, u64>::new();
        for (on_file, slot) in standing {
            let declaration = self.open_declaration(*slot, on_file.seq)?;
            *counted.entry((Day::of(declaration.filed), declaration.reason)).or_default() += 1;
        }
        Ok(counted.into_iter().map(|((day, reason), filed)| DeclarationsOnDay { day: day.to_string(), reason, filed }).collect())
    }

    fn declaration_listed(&self, slot: Slot, on_file: OnFile) -> Result<DeclarationListed, Refused> {
        let Declaration { reason, polling, name, birth, address: _, oath: _, card: _, filed } = self.open_declaration(slot, on_file.seq)?;
        let SlotRecord { salt: _, elector, protection } = self.elector_of(slot)?;
        let number = elector.number.clone();
        let by = match protection {
            Protection::Open => DeclaredBy { number, name, birth },
            Protection::Protected => DeclaredBy { number, name: withheld(), birth: withheld() },
        };
        let (handed_out, used) = match (on_file.state, protection) {
            (DeclarationState::Used { handout }, Protection::Open) => (true, Some(self.declaration_use(handout)?)),
            (DeclarationState::Used { .. }, Protection::Protected) => (true, None),
            (DeclarationState::Filed | DeclarationState::Withdrawn, _) => (false, None),
        };
        Ok(DeclarationListed { by, reason, polling, filed, handed_out, used })
    }

    fn declaration_use(&self, leaf: LeafIndex) -> Result<DeclarationUse, Refused> {
        let (at, place) = (self.entry(leaf)?.at, self.hand_out_at(leaf)?.place);
        let published = self.board();
        let listed = published.state.board.manifest().and_then(|manifest| manifest.places.get(usize::from(place)));
        let place = listed.map_or_else(|| Text { ja: String::new(), en: String::new() }, |place| place.name.clone());
        Ok(DeclarationUse { leaf, at, place })
    }
}
