//! The pack with which a terminal goes on without a link: the register of residents and the keys for it, sealed to the terminal.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use tachiai_crypto::hash::Hash32;
use tachiai_jpki::{TextAnchor, TextAnchors};
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::{ChainId, Hlc};
use tachiai_schemas::shelter::index::Residents;
use tachiai_schemas::shelter::questionnaire::Definition;
use tachiai_schemas::shelter::{self, Pack, handle};
use tachiai_schemas::{Blob, HashBytes};
use zeroize::Zeroizing;

use super::super::record::{Packed, Record};
use super::{Reception, unreadable};
use crate::failure::Failure;

/// The register with the key of handles.
pub struct Register {
    pub(super) made: Hlc,
    pub(super) handle_key: Zeroizing<[u8; 32]>,
    pub(super) residents: Residents,
    /// The handles of residents under protection.
    pub(super) protected: BTreeSet<ChainId>,
    pub(super) questionnaires: Vec<Definition>,
    pub(super) text_anchors: TextAnchors,
    /// The hash of these.
    pub(super) anchors: HashBytes,
}

impl Reception {
    fn pack_path(&self) -> PathBuf {
        self.folder.join("pack.age")
    }

    pub(super) fn read_pack(&self) -> Result<Option<Register>, Failure> {
        let path = self.pack_path();
        if !path.exists() {
            return Ok(None);
        }
        let sealed = fs::read(&path).map_err(|e| Failure::file(&path, &e))?;
        // Anybody can seal something to this terminal. The one before may lie here still, if the power failed while the last was written.
        if !self.known.packs.contains(&Some(Hash32::sha256(&sealed))) {
            return Err(Failure::refused(
                format!(
                    "{} は、この端末が災害対策本部から受け取った住民データではありません。すり替えられたおそれがあるため、使いません。災害対策本部に知らせ、このファイルを別の場所に移してから tachiai reception sync --pack で取り直してください。",
                    path.display()
                ),
                format!(
                    "{} is not what this terminal got from the appliance, and may have been put there by somebody, so it is not used. Tell headquarters, move the file elsewhere, and fetch it anew with `tachiai reception sync --pack`.",
                    path.display()
                ),
            ));
        }
        self.open_pack(&Blob(sealed)).map(Some)
    }

    fn open_pack(&self, sealed: &Blob) -> Result<Register, Failure> {
        let plain = self.key.unseal(sealed)?;
        let Pack { event, made, handle_key, residents, questionnaires, text_anchors } =
            serde_json::from_slice(&plain).map_err(|e| unreadable(&format!("{:?}", e.classify())))?;
        if event != self.about.event {
            return Err(Failure::refused("この住民データは別の災害・行事のものです。", "this pack is of another event."));
        }
        let handle_key = Zeroizing::new(handle_key.0);
        let under_protection = residents.iter().filter(|resident| resident.protection == Protection::Protected);
        let protected = under_protection.map(|resident| ChainId::derive(&handle_key, &event, handle::RESIDENT, resident.number.as_bytes())).collect();
        let anchors = shelter::anchors(&text_anchors);
        let text_anchors = text_anchors.iter().map(|Blob(bytes)| TextAnchor::from_bytes(bytes)).collect::<Result<_, _>>();
        let text_anchors = TextAnchors::new(text_anchors.map_err(|error| unreadable(&error))?);
        Ok(Register { made, handle_key, residents: Residents::new(residents), protected, questionnaires, text_anchors, anchors })
    }

    /// Keeps a pack in the place of the one before; it lies as the appliance sealed it, and the terminal's journal says which it is.
    ///
    /// # Errors
    /// [`Failure`]: it is not for this terminal or event; the one before stays.
    pub fn keep_pack(&mut self, sealed: Vec<u8>) -> Result<(), Failure> {
        let sealed = Blob(sealed);
        let register = self.open_pack(&sealed)?;
        if self.pack_made().is_some_and(|made| made > register.made) {
            return Ok(());
        }
        self.record(vec![Record::Packed(Packed { pack: Hash32::sha256(&sealed.0).into() })])?;
        crate::draft::replace(&self.pack_path(), &sealed.0)?;
        self.register = Some(register);
        Ok(())
    }
}
