//! What is not in order about an appliance, and what somebody should look at while it serves: each as a code, in words in both languages.

use serde::{Deserialize, Serialize};

use crate::lang::named;
use crate::roster::EventId;
use crate::{ElectionId, Lang, Say};

/// A journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum JournalOf {
    /// The appliance's own.
    Appliance {},
    /// One of an election.
    Election {
        /// The election.
        election: ElectionId,
    },
    /// One of an event.
    Event {
        /// The event.
        event: EventId,
    },
    /// The standing one of the shelters: facilities, residents, the action-support list.
    Shelters {},
}

/// Why nothing can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NotWriting {
    /// The disk is too full.
    DiskFull,
    /// It is not known how full the disk is.
    DiskUnknown,
    /// A write failed.
    Failed,
    /// Too many commands wait.
    Busy,
    /// What writes has ended.
    Stopped,
}

/// What is not in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Ailment {
    /// Nothing is written into a journal.
    ReadOnly {
        /// The journal.
        journal: JournalOf,
        /// Why.
        why: NotWriting,
    },
    /// The openings of entries are lost.
    OpeningsLost {
        /// The event.
        event: EventId,
        /// Of how many entries.
        entries: u64,
        /// The journal that is to be restored.
        journal: String,
    },
    /// The evidence behind registrations is lost.
    EvidenceLost {
        /// The election.
        election: ElectionId,
        /// Behind how many registrations.
        registrations: u64,
        /// The journal that is to be restored.
        journal: String,
    },
    /// A mirror has published something else than the journal holds.
    MirrorForked {
        /// The election.
        election: ElectionId,
    },
    /// A mirror is not up to date.
    MirrorBehind {
        /// The election.
        election: ElectionId,
    },
    /// The city's data platform takes no messages.
    PlatformSilent {
        /// So many wait.
        waiting: u64,
        /// So many attempts failed.
        failures: u64,
    },
    /// The city's data platform refused messages.
    PlatformRefused {
        /// How many.
        messages: u64,
    },
    /// How the appliance is cannot be told.
    Unknown {},
}

named! {
    NotWriting {
        Self::DiskFull => "ディスクの空きが足りません。空きを作ってください", "the disk is too full";
        Self::DiskUnknown => "ディスクの使用率が分かりません", "it is not known how full the disk is";
        Self::Failed => "書き込みに失敗しました。サービスを再起動してください", "a write failed; restart the service";
        Self::Busy => "処理が混み合っています", "too many commands wait";
        Self::Stopped => "書き込みの処理が止まっています。サービスを再起動してください", "its thread has ended; restart the service";
    }
}

impl Say for JournalOf {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Appliance {}, _) => lang.pick("装置の記録", "the appliance's journal").to_owned(),
            (Self::Election { election }, Lang::Ja) => format!("選挙 {election} の記録"),
            (Self::Election { election }, Lang::En) => format!("a journal of election {election}"),
            (Self::Event { event }, Lang::Ja) => format!("災害・行事 {event} の記録"),
            (Self::Event { event }, Lang::En) => format!("a journal of event {event}"),
            (Self::Shelters {}, _) => lang.pick("施設・住民・要支援者の名簿の記録", "the standing journal of the shelters").to_owned(),
        }
    }
}

impl Say for Ailment {
    fn say(&self, lang: Lang) -> String {
        let [ja, en] = match self {
            Self::ReadOnly { journal, why } => [
                format!("{}に書き込めません（読み取りだけできます）: {}", journal.say(Lang::Ja), why.say(Lang::Ja)),
                format!("{} is read-only: {}", journal.say(Lang::En), why.say(Lang::En)),
            ],
            Self::OpeningsLost { event, entries, journal } => [
                format!("災害・行事 {event} の記録 {entries} 件の内容が失われています。バックアップから記録 {journal} を戻してください"),
                format!("the openings of {entries} entries of event {event} are lost: restore the journal {journal} from a backup"),
            ],
            Self::EvidenceLost { election, registrations, journal } => [
                format!("選挙 {election} の登録 {registrations} 件の証拠が失われています。バックアップから記録 {journal} を戻してください"),
                format!("the evidence behind {registrations} registrations of election {election} is lost: restore the journal {journal} from a backup"),
            ],
            Self::MirrorForked { election } => [
                format!("選挙 {election} の写しが、記録と違う内容を公開しています。装置の管理者に知らせ、ログを確かめてもらってください"),
                format!("the mirror of election {election} has published something else than the journal holds: see the log"),
            ],
            Self::MirrorBehind { election } => [
                format!("選挙 {election} の写しが最新ではありません。ログを確かめてください"),
                format!("the mirror of election {election} is not up to date: see the log"),
            ],
            Self::PlatformSilent { waiting, failures } => [
                format!("市のデータ連携基盤に送れません（送信待ち {waiting} 件、失敗 {failures} 回）"),
                format!("the data platform does not take messages: {waiting} wait, {failures} attempts failed"),
            ],
            Self::PlatformRefused { messages } => {
                [format!("市のデータ連携基盤が {messages} 件の受け取りを拒みました"), format!("the data platform refused {messages} messages")]
            }
            Self::Unknown {} => ["装置の状態を調べられません".to_owned(), "the condition cannot be told".to_owned()],
        };
        lang.pick(&ja, &en).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ailment_is_said_in_the_language_that_is_asked_for() {
        let full = Ailment::ReadOnly { journal: JournalOf::Appliance {}, why: NotWriting::DiskFull };
        assert_eq!(full.say(Lang::En), "the appliance's journal is read-only: the disk is too full");
        assert!(full.say(Lang::Ja).starts_with("装置の記録に書き込めません") && !full.say(Lang::Ja).contains("disk"));
    }
}
