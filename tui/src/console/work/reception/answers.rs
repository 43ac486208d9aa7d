//! What somebody answers to a questionnaire at the desk.

use tachiai_schemas::roster::ChainId;
use tachiai_schemas::shelter::questionnaire::Answers;
use tachiai_schemas::{HashBytes, Lang};

use super::undo::Corrected;
use super::{Counter, News, bytes, seen};
use crate::commands::questionnaire::kept_text;
use crate::console::work::Tell;
use crate::failure::Failure;
use crate::shelter::state::Reception;

fn latest(reception: &Reception, chain: ChainId) -> Option<HashBytes> {
    reception.roster().person(chain).map(|group| bytes(group.latest.moment.hash))
}

/// The questions are others by now.
fn other_questions() -> Failure {
    Failure::refused(
        "問診票が新しくなったため、回答は登録していません。Esc で閉じて、新しい問診票で聞き直してください。",
        "the questionnaire is another one by now, and nothing was kept. Close this with Esc, and ask by the new one.",
    )
}

impl Counter {
    /// Keeps them, and says what follows.
    pub(super) fn fill(&mut self, chain: ChainId, answers: Answers) -> Result<Vec<News>, Failure> {
        let reception = self.reception()?;
        let mut known = reception.questionnaires().iter();
        let definition = known.find(|known| (&known.id, known.version) == (&answers.questionnaire, answers.version)).cloned().ok_or_else(other_questions)?;
        let before = latest(reception, chain);
        let kept = reception.fill(chain, &definition, answers)?;
        let after = latest(reception, chain);
        let said = [Lang::Ja, Lang::En].map(|lang| format!("{}\n{}", seen::name(reception, chain, lang), kept_text(lang, &kept)));
        // The entry of the person that names the answers stands in the place of the one before: what was done before can still be taken back.
        if let Some(corrected) = after.map(|entry| [Corrected { was: before, entry }]) {
            self.undo.iter_mut().for_each(|undo| undo.follow(&corrected));
        }
        Ok(vec![News::Done(said, Tell::Window)])
    }
}
