//! A step without its conversation: what is read, done, kept on the medium and handed in.

use std::path::Path;

use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::trustee::{ComplaintReason, TrusteeFile};
use tachiai_schemas::{Lang, canonical};

use super::ceremony::{self, View};
use super::decrypt::{self, Outcome};
use super::exchange::{Exchange, Signed};
use super::medium::Medium;
use super::secrets::Secrets;
use crate::failure::Failure;

/// A step of the ceremony that was done.
pub struct Stepped {
    /// The board on which it was done.
    pub view: View,
    /// What was handed in.
    pub file: TrusteeFile,
    /// Where it is.
    pub to: String,
}

/// A step after the poll that was done.
pub struct Released {
    /// What was handed in.
    pub outcome: Outcome,
    /// How many have signed the statement, where that is what was done.
    pub signed: Option<Signed>,
    /// Where it is.
    pub to: String,
}

/// The board so far, as this trustee reads it.
///
/// # Errors
/// [`Failure`].
pub fn view(exchange: &Exchange, medium: &Medium) -> Result<View, Failure> {
    let scratch = decrypt::scratch()?;
    let record = exchange.record(scratch.path())?;
    View::read(&decrypt::checked_entries(&record)?, &medium.secrets)
}

/// Does a step of the ceremony.
///
/// # Errors
/// [`Failure`]; 1 also where the step became a complaint, which is handed in.
pub fn ceremony(
    exchange: &Exchange,
    medium: &mut Medium,
    act: impl FnOnce(&View, &[TrusteeFile], &mut Secrets) -> Result<TrusteeFile, Failure>,
) -> Result<Stepped, Failure> {
    let view = view(exchange, medium)?;
    let files = exchange.files_for(view.own)?;
    let file = act(&view, &files, &mut medium.secrets)?;
    // What was promised to the others must survive a pulled plug, so the medium is written first.
    medium.save()?;
    let to = exchange.deliver(&file)?;
    if let TrusteeFile::TrusteeComplaint(complaint) = &file {
        let (against, reason) = (complaint.body.against, complaint.body.reason);
        return Err(Failure::refused(
            format!("立会人 {against} の鍵が正しくありません（{}）。異議を書き出しました: {to}。鍵生成を最初からやり直します。", reason_text(Lang::Ja, reason)),
            format!("the deal of trustee {against} is wrong ({}). The complaint is in {to}. The ceremony starts again.", reason_text(Lang::En, reason)),
        ));
    }
    Ok(Stepped { view, file, to })
}

fn reason_text(lang: Lang, reason: ComplaintReason) -> &'static str {
    match reason {
        ComplaintReason::ShareUnreadable => lang.pick("分散鍵を開けません", "the share cannot be opened"),
        ComplaintReason::ShareWrong => lang.pick("分散鍵が公開された値と合いません", "the share does not fit the commitments"),
        ComplaintReason::DealInvalid => lang.pick("公開された値が確約と合いません", "the deal does not fit the commit"),
    }
}

/// Signs the tally statement, or releases the shares.
///
/// # Errors
/// [`Failure`].
pub fn decrypt(exchange: &Exchange, medium: &mut Medium, expect: Fingerprint) -> Result<Released, Failure> {
    let scratch = decrypt::scratch()?;
    let record = exchange.record(scratch.path())?;
    let outcome = decrypt::next(&record, expect, medium)?;
    let to = exchange.deliver(&outcome.file)?;
    let signed = match &outcome.file {
        TrusteeFile::TallySignature { statement, signature: _ } => Some(exchange.signed(statement)),
        _ => None,
    };
    Ok(Released { outcome, signed, to })
}

/// The bytes of the file for a commission, which is to lie at `path`.
///
/// # Errors
/// [`Failure`].
pub fn card_of(medium: &Medium, path: &Path) -> Result<Vec<u8>, Failure> {
    canonical::to_bytes(&ceremony::card(&medium.secrets)?).map_err(|e| Failure::file(path, &e))
}
