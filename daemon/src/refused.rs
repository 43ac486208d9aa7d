//! A refusal on its way to the client: which one, about what, and whether the board signed it.

use std::pin::Pin;

use tachiai_schemas::refusal::SignedRefusal;
use tachiai_schemas::{Lang, Refusal};

use crate::journal::CommitError;

/// An answer that is on its way, from a room that another one asks.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refused>> + Send + 'a>>;

/// What a command or request gets instead of what it asked for.
///
/// `detail` reaches the client, so it names fields and lines and never the inside of the appliance; the cause of a
/// [`Refusal::Fault`] goes to the log where it happens (see [`Refused::fault`]).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}{}", detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default())]
pub struct Refused {
    /// Which one.
    pub refusal: Refusal,
    /// More about this case, such as the field or the line.
    pub detail: Option<String>,
    /// The same in Japanese, where it has words of its own.
    pub ja: Option<String>,
    /// The refusal signed by the board, where there is one.
    pub signed: Option<Box<SignedRefusal>>,
}

impl Refused {
    /// This refusal, about this.
    #[must_use]
    pub fn about(refusal: Refusal, detail: impl std::fmt::Display) -> Self {
        Self { detail: Some(detail.to_string()), ..Self::from(refusal) }
    }

    /// This refusal, about this in both languages.
    #[must_use]
    pub fn said(refusal: Refusal, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { detail: Some(en.into()), ja: Some(ja.into()), ..Self::from(refusal) }
    }

    /// More about this case, in a language.
    #[must_use]
    pub fn detail_in(&self, lang: Lang) -> Option<&str> {
        let detail = self.detail.as_deref();
        match lang {
            Lang::Ja => self.ja.as_deref().or(detail),
            Lang::En => detail,
        }
    }

    /// A fault of the appliance: the cause goes to the log, the client learns only that there is one.
    #[must_use]
    pub fn fault(doing: &str, cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "fault while {doing}");
        Refusal::Fault.into()
    }

    /// The same, signed by the board.
    #[must_use]
    pub fn signed(self, signed: SignedRefusal) -> Self {
        Self { signed: Some(Box::new(signed)), ..self }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, detail: None, ja: None, signed: None }
    }
}

impl From<CommitError> for Refused {
    /// None of these is the client's fault; the cause goes to the log.
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Busy => Refusal::Busy.into(),
            CommitError::ReadOnly(cause) => {
                tracing::error!(%cause, "a command was refused because the journal is read-only");
                Refusal::ReadOnly.into()
            }
            CommitError::Fault(cause) => Self::fault("writing a journal", cause),
            CommitError::Stopped => Refusal::Busy.into(),
        }
    }
}
