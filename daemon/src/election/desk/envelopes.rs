//! Envelopes of provisional papers (仮投票) that officers of a place set aside, because the board keeps refusing their hand-out: sealed in the private journal.
//!
//! Without this, one such envelope would keep a day open for ever. It changes nothing on the board: what it refused is no hand-out.

use tachiai_schemas::desk::envelope::{AsideListed, AsideWords, EnvelopeAside, MAX_ENVELOPE, SetAside};
use tachiai_schemas::paper::{Attested, Officer, OfficerSignature};
use tachiai_schemas::trustee::SignedKind;
use tachiai_schemas::{Blob, Refusal, Timestamp};

use crate::election::live::{Live, private_name};
use crate::election::officers;
use crate::election::private::{LookedBy, PrivateBody, PrivateEntry};
use crate::refused::Refused;
use crate::vault::Aad;

/// How many witnesses sign with the manager, as for an undo (R804).
const WITNESSES: usize = 1;

/// The longest word of an envelope, in characters.
const MAX_WORD: usize = 2_000;

/// An envelope as the private journal has it.
struct OnFile {
    at: Timestamp,
    by: String,
    aside: Attested<EnvelopeAside>,
    sealed: Blob,
}

fn aad(live: &Live) -> Aad {
    Aad::new(&[&private_name(live.id), "envelope-aside"])
}

/// Whether the words can be kept.
fn readable(words: &AsideWords) -> Result<(), Refused> {
    let AsideWords { salt: _, name, birth, reason, refused } = words;
    for (what, word) in [("name", name), ("birth", birth), ("reason", reason)] {
        if word.trim().is_empty() {
            return Err(Refused::said(Refusal::BadRequest, "空の項目があります", format!("{what}: it is empty")));
        }
    }
    if [name, birth, reason, refused].iter().any(|word| word.chars().count() > MAX_WORD) {
        return Err(Refused::said(
            Refusal::BadRequest,
            format!("封筒の記載は{MAX_WORD}文字までです"),
            format!("a word of an envelope has at most {MAX_WORD} characters"),
        ));
    }
    Ok(())
}

impl Live {
    /// Keeps that an envelope was set aside. The same again changes nothing.
    ///
    /// # Errors
    /// [`Refusal::NotOpenYet`], [`Refusal::PaperPlace`], [`Refusal::BadRequest`], [`Refusal::OfficerSignatures`]; [`Refusal::ChangedSince`] if this envelope was set
    /// aside with another body.
    pub async fn set_aside(&self, by: &str, set_aside: SetAside) -> Result<(), Refused> {
        let _turn = self.acts.lock().await;
        let SetAside { aside, words } = set_aside;
        let EnvelopeAside { opened, place, session, envelope, handed_out: _, words: commitment } = &aside.body;
        let listed = {
            let published = self.board();
            let board = &published.state.board;
            if board.opened().ok_or(Refusal::NotOpenYet)?.leaf_hash() != opened.hash() {
                return Err(Refused::about(Refusal::PaperPlace, "it is of another election"));
            }
            let listed = board.manifest().and_then(|manifest| manifest.places.get(usize::from(*place)));
            let listed = listed.ok_or_else(|| Refused::about(Refusal::PaperPlace, format!("there is no place {place}")))?;
            if listed.sessions.get(usize::from(*session)).is_none() {
                return Err(Refused::about(Refusal::PaperPlace, format!("{} has no session {session}", listed.id)));
            }
            listed.officers.clone()
        };
        let is_number = |text: &str| text.chars().count() <= MAX_ENVELOPE && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if envelope.is_empty() || !is_number(envelope) {
            return Err(Refused::said(Refusal::BadRequest, "封筒の番号は半角の英数字とハイフンです", "envelope: letters, digits and hyphens"));
        }
        readable(&words)?;
        if words.commitment() != commitment.hash() {
            return Err(Refused::about(Refusal::BadRequest, "words: they are not those that were signed"));
        }
        attested(&listed, &aside)?;
        let before = self.private().aside.get(&(*place, envelope.clone())).copied();
        if let Some(seq) = before {
            let same = matches!(self.private_entry(seq)?.body, PrivateBody::EnvelopeAside { aside: known, .. } if known.body == aside.body);
            return if same {
                Ok(())
            } else {
                Err(Refused::said(
                    Refusal::ChangedSince,
                    format!("封筒 {envelope} は、すでに取り置かれています"),
                    format!("envelope {envelope} was set aside already"),
                ))
            };
        }
        let sealed = self.seal_inline(&aad(self), &words)?;
        self.note(PrivateBody::EnvelopeAside { by: by.to_owned(), aside: Box::new(aside), sealed }).await
    }

    /// The envelopes of a place's session that were set aside.
    pub(super) fn aside_of(&self, place: u16, session: u16) -> Result<Vec<String>, Refused> {
        let all: Vec<(String, u64)> = self
            .private()
            .aside
            .range((place, String::new())..)
            .take_while(|((of, _), _)| *of == place)
            .map(|((_, number), seq)| (number.clone(), *seq))
            .collect();
        let mut numbers = Vec::new();
        for (number, seq) in all {
            if self.aside_at(seq)?.aside.body.session == session {
                numbers.push(number);
            }
        }
        Ok(numbers)
    }

    fn aside_at(&self, seq: u64) -> Result<OnFile, Refused> {
        let PrivateEntry { at, body, .. } = self.private_entry(seq)?;
        match body {
            PrivateBody::EnvelopeAside { by, aside, sealed } => Ok(OnFile { at, by, aside: *aside, sealed }),
            _ => Err(Refused::fault("reading an envelope", format!("entry {seq} is another"))),
        }
    }

    /// Every envelope that was set aside, with its words; that it was read is noted.
    ///
    /// # Errors
    /// [`Refusal::Fault`].
    pub async fn list_aside(&self, by: &str) -> Result<Vec<AsideListed>, Refused> {
        let all: Vec<u64> = self.private().aside.values().copied().collect();
        let how = LookedBy::EnvelopeList { envelopes: all.len() as u64 };
        self.note(PrivateBody::LookedUp { by: by.to_owned(), how, slots: Vec::new() }).await?;
        let listed = |seq: u64| {
            let OnFile { at, by, aside: Attested { body, signatures }, sealed } = self.aside_at(seq)?;
            let officers = self.officers_of(body.place, &signatures);
            Ok(AsideListed { at, by, words: self.open_inline(&aad(self), &sealed)?, body, signatures, officers })
        };
        all.into_iter().map(listed).collect()
    }

    fn officers_of(&self, place: u16, signatures: &[OfficerSignature]) -> Vec<String> {
        let published = self.board();
        let listed = published.state.board.manifest().and_then(|manifest| manifest.places.get(usize::from(place)));
        let name =
            |signature: &OfficerSignature| listed.and_then(|place| place.officers.get(usize::from(signature.officer))).map(|officer| officer.name.clone());
        signatures.iter().filter_map(name).collect()
    }
}

/// Whether the manager and a witness signed.
fn attested(listed: &[Officer], Attested { body, signatures }: &Attested<EnvelopeAside>) -> Result<(), Refused> {
    let hash = body.signed_hash().map_err(|error| Refused::fault("hashing what officers sign", error))?;
    officers::check(listed, &hash, signatures)?;
    let missing = tachiai_verify::board::missing(listed, &signatures.iter().map(|signature| signature.officer).collect::<Vec<_>>(), WITNESSES);
    if missing.is_nothing() {
        Ok(())
    } else {
        Err(Refused::said(
            Refusal::OfficerSignatures,
            format!("投票管理者と立会人{WITNESSES}名の署名が要ります"),
            format!("the manager and {WITNESSES} witness have to sign it"),
        ))
    }
}
