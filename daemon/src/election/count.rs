//! The count: the trustees' shares are checked as they come, and combined when two officials say so.

use std::sync::Arc;

use tachiai_schemas::election::{Body, ResultEntry};
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::{LeafIndex, Refusal, TrusteeIndex, canonical};
use tachiai_verify::rule::Violation;
use tachiai_verify::tally::{Count, Shares, Sums};

use super::acts::offload;
use super::decide::{Command, refusal_of};
use super::live::Live;
use super::state::BoardState;
use crate::refused::Refused;

/// Whether enough trustees released shares; `signed` are how many have signed the tally statement, and how many have to.
///
/// # Errors
/// [`Refusal::WrongPhase`], [`Refusal::Incomplete`].
pub fn ready(state: &BoardState, signed: (usize, u8)) -> Result<(), Refused> {
    let board = &state.board;
    let phase = board.phase();
    if phase == Phase::PollClosed {
        let (have, need) = signed;
        return Err(Refused::said(
            Refusal::Incomplete,
            format!("開票の前に、集計宣言に立会人{need}人以上の署名が要ります。署名済みは{have}人です"),
            format!("count needs the tally statement: {have} of {need} trustees signed it"),
        ));
    }
    if phase != Phase::Tallying {
        return Err(Refused::said(Refusal::WrongPhase, "開票の前に、集計宣言が要ります", format!("count needs the tally statement, this is {phase:?}")));
    }
    let (have, need) = (board.shares().count(), board.quorum().map_or(0, |quorum| usize::from(quorum.threshold())));
    if have < need {
        return Err(Refused::said(
            Refusal::Incomplete,
            format!("立会人{need}人以上の復号分が要ります。提出済みは{have}人です"),
            format!("{have} of at least {need} trustees released their shares"),
        ));
    }
    Ok(())
}

/// A violation, or a refusal on the way to it.
enum Failure {
    Broken(Violation),
    Refused(Refused),
}

impl From<Violation> for Failure {
    fn from(violation: Violation) -> Self {
        Self::Broken(violation)
    }
}

impl Live {
    /// What is to be decrypted; computed once, from all ballots that count.
    async fn to_decrypt(self: &Arc<Self>) -> Result<Arc<Count>, Refused> {
        if let Some(count) = self.count.get() {
            return Ok(Arc::clone(count));
        }
        let live = Arc::clone(self);
        let count = offload(move || {
            let published = live.board();
            let board = &published.state.board;
            let sums = Sums::of_board(board, |leaf: LeafIndex| live.entry(leaf).map_err(Failure::Refused));
            let sums = sums.map_err(|failure| match failure {
                Failure::Broken(violation) => Refused::fault("adding the ballots", violation),
                Failure::Refused(refused) => refused,
            })?;
            Count::new(board, &sums).map(Arc::new).map_err(|violation| refusal_of(&violation))
        })
        .await?;
        Ok(Arc::clone(self.count.get_or_init(|| count)))
    }

    /// Checks a trustee's shares and stores the attachment.
    pub(super) async fn take_shares(self: &Arc<Self>, trustee: TrusteeIndex, file: Vec<u8>) -> Result<(), Refused> {
        let count = self.to_decrypt().await?;
        let live = Arc::clone(self);
        offload(move || {
            let name = live.trustee_name(trustee);
            match count.check_shares(trustee, &file) {
                Ok(Shares::Valid(_)) => {}
                Ok(Shares::Invalid(error)) => {
                    return Err(Refused::about(Refusal::TrusteeFile, format!("decryption-shares of trustee {trustee} ({name}): {error}")));
                }
                Err(violation) => {
                    return Err(Refused::about(Refusal::TrusteeFile, format!("decryption-shares of trustee {trustee} ({name}): {}", violation.detail)));
                }
            }
            live.attachments.put(&file).map(|_| ()).map_err(|error| Refused::fault("writing shares", error))
        })
        .await
    }

    /// Combines the shares and records the result.
    pub(super) async fn tally(self: &Arc<Self>) -> Result<(), Refused> {
        let count = self.to_decrypt().await?;
        let live = Arc::clone(self);
        let result = offload(move || {
            let named: Vec<_> = live.board().state.board.shares().map(|(trustee, shares)| (trustee, shares.file)).collect();
            let (mut valid, mut discarded) = (Vec::new(), Vec::new());
            for (trustee, file) in named {
                let bytes = live.attachments.get(file).map_err(|error| Refused::fault("reading shares", error))?;
                match count.check_shares(trustee, &bytes) {
                    Ok(Shares::Valid(shares)) => valid.push((trustee, shares)),
                    Ok(Shares::Invalid(_)) | Err(_) => discarded.push(format!("{trustee} ({})", live.trustee_name(trustee))),
                }
            }
            let need = live.board().state.board.quorum().map_or(0, |quorum| usize::from(quorum.threshold()));
            if valid.len() < need {
                let names = discarded.join(", ");
                return Err(Refused::about(Refusal::Incomplete, format!("{} of {need} valid shares; those of trustee {names} do not hold", valid.len())));
            }
            if !discarded.is_empty() {
                tracing::warn!(election = %live.id, trustees = discarded.join(", "), "shares that do not hold are discarded");
            }
            let result = count.result(&valid).map_err(|violation| refusal_of(&violation))?;
            let bytes = canonical::to_bytes(&result).map_err(|error| Refused::fault("writing the result", error))?;
            let file = live.attachments.put(&bytes).map_err(|error| Refused::fault("writing the result", error))?;
            Ok(ResultEntry { statement: count.statement().into(), file: file.into() })
        })
        .await?;
        self.submit(Command::Record(Box::new(Body::Result(result)))).await.map(|_| ())
    }

    pub(super) fn trustee_name(&self, trustee: TrusteeIndex) -> String {
        let published = self.board();
        let place = usize::from(trustee.get()).saturating_sub(1);
        published.state.board.manifest().and_then(|manifest| manifest.trustees.get(place)).map(|trustee| trustee.name.clone()).unwrap_or_default()
    }
}
