//! The draft: imports, and the corrections since the last one.

use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::roll::case::RollPreview;
use tachiai_schemas::roll::{self, Listed, difference};
use tachiai_schemas::staff::RollReport;
use tachiai_schemas::{HashBytes, Refusal};

use super::log::RollRef;
use super::{CASE, aad, cases};
use crate::election::acts::offload;
use crate::election::live::Live;
use crate::election::private::PrivateBody;
use crate::refused::Refused;

impl Live {
    /// What an import would change; nothing is imported.
    ///
    /// # Errors
    /// [`Refusal::WrongPhase`] once the election is open.
    pub async fn preview_roll(self: &Arc<Self>, csv: Vec<u8>) -> Result<RollPreview, Refused> {
        let _turn = self.acts.lock().await;
        if !self.is_draft() {
            return Err(Refused::said(Refusal::WrongPhase, "名簿は確定し、掲示板に記録されています", "the roll is committed on the board"));
        }
        let about = self.about()?;
        let live = Arc::clone(self);
        offload(move || {
            let import = roll::import(&csv, &about.districts, about.held);
            let replaces = live.private().roll.map(|roll| HashBytes::from(roll.version));
            let found = match import.electors {
                Some(_) => Some(difference(&live.draft_roll()?, &import.listed)),
                None => None,
            };
            Ok(RollPreview { report: import.report, difference: found, replaces, districts: about.districts })
        })
        .await
    }

    /// Imports a roll; it replaces an earlier one with its corrections. Nothing is imported if the report has an error.
    ///
    /// # Errors
    /// [`Refusal::WrongPhase`] once the election is open.
    pub async fn import_roll(self: &Arc<Self>, by: &str, csv: Vec<u8>) -> Result<RollReport, Refused> {
        self.replace_roll(by, csv, None).await
    }

    /// Imports a roll in the place of the one that a preview named.
    ///
    /// # Errors
    /// As [`Self::import_roll`]; [`Refusal::ChangedSince`] if another roll is here than `replaces` names.
    pub async fn replace_roll(self: &Arc<Self>, by: &str, csv: Vec<u8>, replaces: Option<Hash32>) -> Result<RollReport, Refused> {
        let _turn = self.acts.lock().await;
        if !self.is_draft() {
            return Err(Refused::said(Refusal::WrongPhase, "名簿は確定し、掲示板に記録されています", "the roll is committed on the board"));
        }
        if replaces.is_some() && replaces != self.private().roll.map(|roll| roll.version) {
            return Err(Refused::said(
                Refusal::ChangedSince,
                "確認の後に、名簿が取り込み直されたか訂正されました",
                "the roll was imported again or corrected since the preview",
            ));
        }
        let about = self.about()?;
        let live = Arc::clone(self);
        let (report, payload) = offload(move || {
            let import = roll::import(&csv, &about.districts, about.held);
            let payload = import.electors.map(|_| live.seal_roll(&import.listed)).transpose()?;
            Ok((import.report, payload))
        })
        .await?;
        if let Some(payload) = payload {
            let (electors, unqualified) = (report.electors, report.unqualified);
            self.note(PrivateBody::RollImported { by: by.to_owned(), payload: payload.into(), electors, unqualified }).await?;
        }
        tracing::info!(election = %self.id, rows = report.rows, electors = report.electors, errors = report.errors.len(), "roll read");
        Ok(report)
    }

    /// The draft roll: the last import with the corrections since. It takes long.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn draft_roll(&self) -> Result<Vec<Listed>, Refused> {
        let (roll, corrections) = {
            let private = self.private();
            (private.roll, private.roll_log.corrections.clone())
        };
        let Some(RollRef { payload, .. }) = roll else { return Ok(Vec::new()) };
        let mut draft = self.open_roll(payload)?;
        for seq in corrections {
            match self.private_entry(seq)?.body {
                PrivateBody::RollCorrected { sealed, .. } => cases::apply(&mut draft, self.open_inline(&aad(self, CASE), &sealed)?),
                _ => return Err(Refused::fault("reading a correction", format!("entry {seq} is another"))),
            }
        }
        Ok(draft)
    }

    /// Those of the draft roll who may vote on the polling date: they get a slot.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub fn qualified(&self) -> Result<Vec<Listed>, Refused> {
        let polling = self.about()?.polling();
        let draft = self.draft_roll()?;
        Ok(draft.into_iter().filter(|person| person.qualify(polling).is_qualified()).collect())
    }

    /// How many electors there are: of the draft, or of the board with what was changed since.
    #[must_use]
    pub fn electors(&self) -> u64 {
        if self.is_draft() { self.private().roll.map_or(0, |roll| roll.electors) } else { self.board().state.board.entitled() }
    }
}
