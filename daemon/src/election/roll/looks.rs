//! Looks at the roll. Who looked, and at whom, is durable before anything is told.

use std::collections::HashMap;
use std::sync::Arc;

use tachiai_schemas::roll::case::{ChangeView, Judged, MAX_FOUND, RollFound, RollOverview, RollSearch, Struck};
use tachiai_schemas::roll::difference::WITHHELD;
use tachiai_schemas::roll::{self, Day, Elector, Listed, Protection};
use tachiai_schemas::{Refusal, Slot};

use super::log::Changed;
use super::{CASE, MAX_LISTED, aad, change_view, is_added};
use crate::election::acts::offload;
use crate::election::live::Live;
use crate::election::private::{LookedBy, PrivateBody, PrivateEntry};
use crate::refused::Refused;

impl Live {
    /// The roll at a glance as [`Self::roll_overview`] gives it; who looked and who was shown is durable before it is told.
    ///
    /// # Errors
    /// As [`Self::roll_overview`].
    pub async fn read_overview(self: &Arc<Self>, by: &str) -> Result<RollOverview, Refused> {
        let live = Arc::clone(self);
        let overview = offload(move || live.roll_overview()).await?;
        let slots: Vec<Slot> = overview.changes.iter().filter_map(|change| change.slot).collect();
        let without_slot = (overview.barred.len() + overview.changes.len() - slots.len()) as u64;
        let how = LookedBy::RollOverview { without_slot, objections: overview.objections.len() as u64 };
        self.note(PrivateBody::LookedUp { by: by.to_owned(), how, slots }).await?;
        Ok(overview)
    }

    /// The roll at a glance: how many, who may not vote and why, the objections, the changes. It takes long.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub(in crate::election) fn roll_overview(&self) -> Result<RollOverview, Refused> {
        let polling = self.about()?.polling();
        let (declarations, objections) = {
            let private = self.private();
            (private.declarations.on_file(), private.roll_log.objections.len())
        };
        let (mut barred, mut unqualified) = (Vec::new(), 0);
        let book = self.slots().ok();
        for person in self.draft_roll()? {
            let bars = person.qualify(polling).bars;
            if !bars.is_empty() && !is_added(book.as_deref(), &person.elector) {
                unqualified += 1;
                barred.push(Judged { person: shown(person), bars, slot: None, struck: Struck::No });
            }
        }
        barred.sort_by(|one, other| one.person.elector.number.cmp(&other.person.elector.number));
        barred.truncate(MAX_LISTED);
        let objections = (1..=u32::try_from(objections).unwrap_or(u32::MAX)).map(|number| self.objection(number)).collect::<Result<_, _>>()?;
        Ok(RollOverview { electors: self.electors(), unqualified, barred, declarations: declarations as u64, objections, changes: self.changes()? })
    }

    /// The last changes of the roll: corrections of the draft, then what came to the board.
    fn changes(&self) -> Result<Vec<ChangeView>, Refused> {
        let (corrections, changed) = {
            let private = self.private();
            (private.roll_log.corrections.clone(), private.roll_log.changed.clone())
        };
        let mut views = Vec::new();
        for seq in corrections {
            let PrivateEntry { at, body, .. } = self.private_entry(seq)?;
            if let PrivateBody::RollCorrected { by, sealed, .. } = body {
                views.push(change_view(at, by, &self.open_inline(&aad(self, CASE), &sealed)?, None));
            }
        }
        for Changed { case, slot, seq, .. } in changed {
            let PrivateEntry { at, body, .. } = self.private_entry(seq)?;
            if let (true, PrivateBody::RollChanged { by, .. }) = (self.change_done(&case), body) {
                views.push(change_view(at, by, &self.roll_case(&case.into())?, Some(slot)));
            }
        }
        Ok(views.split_off(views.len().saturating_sub(MAX_LISTED)))
    }

    /// Looks for people as [`Self::find_on_roll`] does; who looked and who was shown is durable before it is told.
    ///
    /// # Errors
    /// As [`Self::find_on_roll`].
    pub async fn search_roll(self: &Arc<Self>, by: &str, search: RollSearch) -> Result<RollFound, Refused> {
        let live = Arc::clone(self);
        let found = offload(move || live.find_on_roll(&search)).await?;
        let slots: Vec<Slot> = found.people.iter().filter_map(|judged| judged.slot).collect();
        let how = LookedBy::RollSearch { without_slot: (found.people.len() - slots.len()) as u64 };
        self.note(PrivateBody::LookedUp { by: by.to_owned(), how, slots }).await?;
        Ok(found)
    }

    /// The roll as CSV as [`Self::roll_csv`] gives it; who takes it away is durable before it is told.
    ///
    /// # Errors
    /// As [`Self::roll_csv`].
    pub async fn export_roll(self: &Arc<Self>, by: &str) -> Result<Vec<u8>, Refused> {
        let live = Arc::clone(self);
        let csv = offload(move || live.roll_csv()).await?;
        self.note(PrivateBody::RollExported { by: by.to_owned() }).await?;
        Ok(csv)
    }

    /// Looks for people: on the draft roll, or in the slot book with those who got no slot. Who is under protection is found by the number alone, and without
    /// the address. It takes long.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] if nothing is asked for.
    pub(in crate::election) fn find_on_roll(&self, search: &RollSearch) -> Result<RollFound, Refused> {
        let RollSearch { number, name, kana, birth } = search;
        let given = [number, name, kana, birth];
        if given.iter().all(|field| field.as_deref().is_none_or(|text| text.trim().is_empty())) {
            return Err(Refused::said(
                Refusal::BadRequest,
                "名簿番号、氏名、カナ、生年月日のどれかを入力してください",
                "say whom to look for: a number, a name, kana or a birth date",
            ));
        }
        let birth = birth.as_deref().map(Day::read).transpose().map_err(|error| Refused::about(Refusal::BadRequest, format!("birth: {error}")))?;
        let closed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let (name, kana) = (name.as_deref().map(closed), kana.as_deref().map(closed));
        let fits = |person: &Listed| {
            let Elector { number: of, name: called, kana: read, birth: born, .. } = &person.elector;
            let by_number = number.as_ref().map(|number| number.trim() == of);
            (by_number == Some(true) || person.standing.protection == Protection::Open)
                && by_number != Some(false)
                && name.as_ref().is_none_or(|name| closed(called).contains(name.as_str()))
                && kana.as_ref().is_none_or(|kana| closed(read).contains(kana.as_str()))
                && birth.is_none_or(|birth| birth.to_string() == *born)
        };
        let about = self.about()?;
        let polling = about.polling();
        let book = self.slots().ok();
        let mut everybody = self.draft_roll()?;
        if let Some(book) = &book {
            // Who was barred and added since is shown as added.
            everybody.retain(|person| !is_added(Some(book.as_ref()), &person.elector));
            let added = book.records().filter(|(slot, _)| book.is_added(*slot));
            everybody.extend(added.map(|(_, record)| record.listed()));
        }
        let slots: HashMap<&str, Slot> = book.iter().flat_map(|book| book.electors()).map(|(slot, elector)| (elector.number.as_str(), slot)).collect();
        let published = self.board();
        let (mut people, mut more) = (Vec::new(), 0);
        for person in everybody.into_iter().filter(fits) {
            if people.len() >= MAX_FOUND {
                more += 1;
                continue;
            }
            let slot = slots.get(person.elector.number.as_str()).copied();
            let struck = slot.is_some_and(|slot| published.state.board.desk(slot).struck.is_some());
            let bars = person.qualify(polling).bars;
            people.push(Judged { person: shown(person), bars, slot, struck: if struck { Struck::Yes } else { Struck::No } });
        }
        Ok(RollFound { people, more, districts: about.districts })
    }

    /// The draft roll as CSV, for the authority's audit: with every correction, as it was or will be opened. It takes long.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if no roll is here.
    pub(in crate::election) fn roll_csv(&self) -> Result<Vec<u8>, Refused> {
        if self.private().roll.is_none() {
            return Err(Refused::said(Refusal::NotFound, "名簿が取り込まれていません", "no roll is imported"));
        }
        Ok(roll::to_csv(&self.draft_roll()?, &self.about()?.districts).into_bytes())
    }
}

/// A person as officials are shown one: without an address that is kept from others.
fn shown(mut person: Listed) -> Listed {
    if person.standing.protection == Protection::Protected {
        WITHHELD.clone_into(&mut person.elector.address);
    }
    person
}
