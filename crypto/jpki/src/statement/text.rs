//! What a statement means, in words for the holder who is about to enter a PIN.

use crate::{
    lang::Lang,
    statement::{Statement, StatementPurpose, joined},
};

impl StatementPurpose {
    /// What a holder who is asked for a PIN is told that it is for.
    pub fn say(self, lang: Lang) -> &'static str {
        match (lang, self) {
            (Lang::Ja, Self::Login) => "ログイン",
            (Lang::En, Self::Login) => "log in",
            (Lang::Ja, Self::Enrol) => "本人とマイナンバーカードの結び付け（利用登録）",
            (Lang::En, Self::Enrol) => "bind this card to its holder (enrolment)",
            (Lang::Ja, Self::EnrolCounter) => "窓口での利用登録（職員二名の確認による）",
            (Lang::En, Self::EnrolCounter) => "enrolment at a counter, confirmed by two officials",
            (Lang::Ja, Self::RegisterKey) => "投票用の鍵の登録",
            (Lang::En, Self::RegisterKey) => "register a voting key",
            (Lang::Ja, Self::PaperIssue) => "投票所での投票用紙の交付（電子投票は無効になります）",
            (Lang::En, Self::PaperIssue) => "take ballot papers at a polling place (a vote cast online counts no more)",
        }
    }
}

impl Statement {
    /// What the holder is about to sign, one fact a line.
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::Ja => self.text_ja(),
            Lang::En => self.text_en(),
        }
    }

    fn text_ja(&self) -> String {
        let purpose = self.purpose().say(Lang::Ja);
        match self {
            Self::Login { origin, nonce, issued } => {
                format!("用途：{purpose}\n相手先：{origin}\n確認番号：{nonce}\n作成日時：{issued}")
            }
            Self::Enrol { origin, nonce, person, auth_key } => format!(
                "用途：{purpose}\n相手先：{origin}\n確認番号：{nonce}\n\
                 本人情報のハッシュ：{person}\n利用者証明用の鍵のハッシュ：{auth_key}"
            ),
            Self::EnrolCounter { origin, nonce, person, auth_key, reason } => format!(
                "用途：{purpose}\n相手先：{origin}\n確認番号：{nonce}\n\
                 本人情報のハッシュ：{person}\n利用者証明用の鍵のハッシュ：{auth_key}\n\
                 窓口で行う理由：{}（{}）",
                reason.say(Lang::Ja),
                reason.as_str()
            ),
            Self::RegisterKey {
                origin,
                nonce,
                election,
                manifest,
                opened,
                slot,
                slot_commitment,
                voting_key,
                seq,
                previous,
                checkpoint_size,
                checkpoint_root,
            } => {
                let previous = previous.map_or("なし".to_owned(), |leaf| leaf.to_hex());
                format!(
                    "用途：{purpose}\n相手先：{origin}\n確認番号：{nonce}\n選挙：{election}\n\
                     選挙の定義：{manifest}\n開始の記録：{opened}\n枠番号：{slot}\n枠の確約：{slot_commitment}\n\
                     投票用の鍵：{voting_key}\n登録の順番：{seq}\n前の登録：{previous}\n\
                     掲示板の件数：{checkpoint_size}\n掲示板のハッシュ：{checkpoint_root}"
                )
            }
            Self::PaperIssue { origin, nonce, election, opened, place, session, slot, slot_commitment, contests } => format!(
                "用途：{purpose}\n相手先：{origin}\n確認番号：{nonce}\n選挙：{election}\n開始の記録：{opened}\n\
                 投票所：{place}\n投票日の番号：{session}\n枠番号：{slot}\n枠の確約：{slot_commitment}\n用紙：{}",
                joined(contests)
            ),
        }
    }

    fn text_en(&self) -> String {
        let purpose = self.purpose().say(Lang::En);
        match self {
            Self::Login { origin, nonce, issued } => {
                format!("Purpose: {purpose}\nSite: {origin}\nNonce: {nonce}\nMade at: {issued}")
            }
            Self::Enrol { origin, nonce, person, auth_key } => format!(
                "Purpose: {purpose}\nSite: {origin}\nNonce: {nonce}\n\
                 Hash of the person: {person}\nHash of the authentication key: {auth_key}"
            ),
            Self::EnrolCounter { origin, nonce, person, auth_key, reason } => format!(
                "Purpose: {purpose}\nSite: {origin}\nNonce: {nonce}\n\
                 Hash of the person: {person}\nHash of the authentication key: {auth_key}\n\
                 Why at a counter: {} ({})",
                reason.say(Lang::En),
                reason.as_str()
            ),
            Self::RegisterKey {
                origin,
                nonce,
                election,
                manifest,
                opened,
                slot,
                slot_commitment,
                voting_key,
                seq,
                previous,
                checkpoint_size,
                checkpoint_root,
            } => {
                let previous = previous.map_or("none".to_owned(), |leaf| leaf.to_hex());
                format!(
                    "Purpose: {purpose}\nSite: {origin}\nNonce: {nonce}\nElection: {election}\n\
                     Manifest: {manifest}\nOpening: {opened}\nSlot: {slot}\nSlot commitment: {slot_commitment}\n\
                     Voting key: {voting_key}\nRegistration number: {seq}\nPrevious registration: {previous}\n\
                     Board size: {checkpoint_size}\nBoard root: {checkpoint_root}"
                )
            }
            Self::PaperIssue { origin, nonce, election, opened, place, session, slot, slot_commitment, contests } => format!(
                "Purpose: {purpose}\nSite: {origin}\nNonce: {nonce}\nElection: {election}\nOpening: {opened}\n\
                 Polling place: {place}\nSession: {session}\nSlot: {slot}\nSlot commitment: {slot_commitment}\nPapers: {}",
                joined(contests)
            ),
        }
    }
}
