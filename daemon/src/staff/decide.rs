//! Decisions about staff and acts. Pure: keys, IDs and time come in with the command.

use tachiai_schemas::staff::{Matter, Pending, Role};
use tachiai_schemas::{Blob, Bytes, HashBytes, Lang, Refusal, Say, Timestamp};

use super::state::{Event, State};
use crate::refused::Refused;

/// The longest name of a member of staff, in characters.
pub const MAX_NAME: usize = 64;

/// The longest reason for which something is declined, in characters.
pub const MAX_REASON: usize = 200;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// When.
    pub at: Timestamp,
    /// What.
    pub change: Change,
}

/// A change of the staff list or of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Put someone on the list.
    Add {
        /// The name.
        name: String,
        /// The role.
        role: Role,
        /// The hash of the certificate's key.
        key: HashBytes,
        /// The certificate's key.
        point: Bytes<65>,
    },
    /// Take someone off the list.
    Revoke {
        /// The name.
        name: String,
    },
    /// Ask for an act.
    Request {
        /// A new ID.
        id: String,
        /// What for.
        matter: Matter,
        /// Who asks.
        by: String,
    },
    /// Approve an act.
    Approve {
        /// The ID of the request.
        id: String,
        /// Who approves.
        by: String,
        /// The message that was signed.
        message: HashBytes,
        /// The signature.
        signature: Blob,
    },
    /// Withdraw what one asked for, or decline what another official asked for.
    Decline {
        /// The ID of the request.
        id: String,
        /// Who.
        by: String,
        /// Why, which whoever declines has to say.
        reason: Option<String>,
    },
    /// Say how an approved act went.
    Finish {
        /// The ID of the request.
        id: String,
        /// Why it was not done.
        refusal: Option<Refusal>,
    },
}

/// What a decision leads to, besides its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is so.
    Done,
    /// The request waits for a second official.
    Pending(Pending),
    /// Two officials agreed: who asked, and who approved.
    Approved {
        /// Both.
        by: [String; 2],
    },
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDone {
    /// The name is on the list already.
    #[error("{0} is on the staff list already: revoke them first, or use another name")]
    NameTaken(String),
    /// The name is not on the list.
    #[error("{0} is not on the staff list")]
    NoSuchName(String),
    /// Not a name.
    #[error("a name has 1 to {MAX_NAME} characters, no control characters, and no space at either end")]
    BadName,
    /// For a client.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl Say for NotDone {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NameTaken(name), Lang::Ja) => format!("{name} はすでに職員名簿にあります。先に失効させるか、別の名前を使ってください"),
            (Self::NoSuchName(name), Lang::Ja) => format!("{name} は職員名簿にありません"),
            (Self::BadName, Lang::Ja) => format!("名前は 1〜{MAX_NAME} 文字で、制御文字と前後の空白は使えません"),
            (Self::Refused(refused), lang) => refused.refusal.say(lang),
            (other, Lang::En) => other.to_string(),
        }
    }
}

impl From<NotDone> for Refused {
    fn from(not: NotDone) -> Self {
        match not {
            NotDone::Refused(refused) => refused,
            other => Self::about(Refusal::BadRequest, other),
        }
    }
}

/// That another official asked for the same already.
fn asked_already(pending: &Pending) -> Refused {
    let Pending { id, matter: _, requested_by, requested_at: _, message: _ } = pending;
    Refused::said(Refusal::AskedAlready, format!("{requested_by}さんの申請 {id}"), format!("request {id} of {requested_by}"))
}

/// The entries to append and what comes of it.
///
/// # Errors
/// [`NotDone`].
pub fn decide(state: &State, command: Command) -> Result<(Vec<Event>, Outcome), NotDone> {
    let Command { at, change } = command;
    match change {
        Change::Add { name, role, key, point } => {
            let length = name.chars().count();
            if !(1..=MAX_NAME).contains(&length) || name.trim() != name || name.chars().any(char::is_control) {
                return Err(NotDone::BadName);
            }
            if state.member(&name).is_some() {
                return Err(NotDone::NameTaken(name));
            }
            Ok((vec![Event::StaffAdded { name, role, key, point }], Outcome::Done))
        }
        Change::Revoke { name } => {
            let key = state.member(&name).ok_or_else(|| NotDone::NoSuchName(name.clone()))?.key;
            Ok((vec![Event::StaffRevoked { name, key }], Outcome::Done))
        }
        Change::Request { id, matter, by } => {
            let asked = state.acts.values().find(|open| open.pending.matter == matter && state.waits(open, at));
            if let Some(open) = asked {
                return match matter {
                    // Who could approve it waits for nobody.
                    Matter::Election { .. } | Matter::CandidateOut { .. } if open.pending.requested_by != by => Err(asked_already(&open.pending).into()),
                    _ => Ok((Vec::new(), Outcome::Pending(open.pending.clone()))),
                };
            }
            let event = Event::ActRequested { id: id.clone(), matter, by };
            let mut after = State::default();
            after.apply(at, &event);
            let pending = after.acts.remove(&id).map(|open| open.pending).ok_or_else(|| Refused::from(Refusal::Fault))?;
            Ok((vec![event], Outcome::Pending(pending)))
        }
        Change::Approve { id, by, message, signature } => {
            let open = state.acts.get(&id).filter(|open| state.waits(open, at)).ok_or_else(|| Refused::from(Refusal::NotFound))?;
            // A person with two certificates is caught by name only if both bear it; two certificates of one name cannot be.
            if open.pending.requested_by == by {
                return Err(Refused::from(Refusal::SameOfficial).into());
            }
            let member = state.member(&by).ok_or_else(|| Refused::from(Refusal::Forbidden))?;
            if message != open.pending.message || !super::signed(&member.point.0, &message.0, &signature) {
                return Err(Refused::from(Refusal::ApprovalSignature).into());
            }
            let both = [open.pending.requested_by.clone(), by.clone()];
            Ok((vec![Event::ActApproved { id, by, key: member.key, signature }], Outcome::Approved { by: both }))
        }
        Change::Decline { id, by, reason } => {
            let open = state.acts.get(&id).filter(|open| state.waits(open, at)).ok_or_else(|| Refused::from(Refusal::NotFound))?;
            if open.pending.requested_by == by {
                return Ok((vec![Event::ActWithdrawn { id, by }], Outcome::Done));
            }
            let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| (1..=MAX_REASON).contains(&reason.chars().count()));
            let reason = reason.ok_or_else(|| {
                let (ja, en) = (format!("却下の理由を1〜{MAX_REASON}文字で入力してください"), format!("reason: 1 to {MAX_REASON} characters"));
                Refused::said(Refusal::BadRequest, ja, en)
            })?;
            Ok((vec![Event::ActDeclined { id, by, reason }], Outcome::Done))
        }
        Change::Finish { id, refusal } => {
            let known = state.acts.contains_key(&id);
            Ok((if known { vec![Event::ActFinished { id, refusal }] } else { Vec::new() }, Outcome::Done))
        }
    }
}

#[cfg(test)]
mod tests;
