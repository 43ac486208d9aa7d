//! Why no outcome can be told: the seats do not fit, or a lot decides something else than the tie that there is.

use std::collections::BTreeSet;

use tachiai_schemas::validate::MAX_OPTIONS;
use tachiai_schemas::{Lang, Say};

use super::OptionIndex;

/// What is wrong with what was to be decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The seats do not fit the contest.
    #[error("{to_fill} seats to fill of {all}: a mayor has one, a council at least one and no more to fill than it has, a referendum none")]
    Seats {
        /// Seats to fill.
        to_fill: u16,
        /// All seats.
        all: u16,
    },
    /// More options than a contest can have.
    #[error("{0} options, where a contest has at most {MAX_OPTIONS}")]
    Options(usize),
    /// An option of a referendum does not withdraw or die.
    #[error("option {} of a referendum cannot be out of it", number(*.0))]
    OutOfReferendum(OptionIndex),
    /// Nobody is tied where it would matter.
    #[error("a lot was drawn, but nobody is tied for the last seat; take the lot back, or correct the votes")]
    NoTie,
    /// The Act's lot is not for referenda.
    #[error("a lot was drawn in a referendum, where the ordinance says what follows from equal votes; take the lot back")]
    LotInReferendum,
    /// One tie is decided by one lot.
    #[error("{0} lots were drawn, but there is one tie at most; keep the one that decided it")]
    ManyLots(usize),
    /// The lot was drawn between others.
    #[error("a lot was drawn between {}, but those tied for the last seat are {}; draw one between exactly them", numbers(lot), numbers(tied))]
    OtherTie {
        /// Between whom the lot was drawn.
        lot: BTreeSet<OptionIndex>,
        /// Who is tied.
        tied: BTreeSet<OptionIndex>,
    },
    /// The lot gave a seat to somebody between whom it was not drawn.
    #[error("the lot chose option {}, which is not among those tied; record whom it gave the seat", number(*.0))]
    NotTied(OptionIndex),
    /// The lot gave more or fewer seats than are left.
    #[error("the lot chose {chosen}, but {seats} of the tied get a seat; record exactly as many")]
    LotNumber {
        /// How many it chose.
        chosen: usize,
        /// How many seats are left.
        seats: u16,
    },
}

impl Say for Wrong {
    fn say(&self, lang: Lang) -> String {
        match (self, lang) {
            (other, Lang::En) => other.to_string(),
            (Self::Seats { to_fill, all }, Lang::Ja) => {
                format!("議席 {all} のうち {to_fill} を選ぶことはできません。長は1、議員は1以上で定数以下、住民投票は0です")
            }
            (Self::Options(options), Lang::Ja) => format!("選択肢が {options} あります。一つの選挙では {MAX_OPTIONS} までです"),
            (Self::OutOfReferendum(option), Lang::Ja) => format!("住民投票の選択肢（{}番）に辞退や死亡はありません", number(*option)),
            (Self::NoTie, Lang::Ja) => {
                "くじの記録がありますが、最後の議席を争う得票同数の候補者がいません。くじの記録を取り消すか、得票数を正してください".to_owned()
            }
            (Self::LotInReferendum, Lang::Ja) => "住民投票で得票が同じときの扱いは条例によります。くじの記録を取り消してください".to_owned(),
            (Self::ManyLots(lots), Lang::Ja) => format!("くじの記録が {lots} 件あります。得票同数は多くて一組です。それを決めたくじだけを残してください"),
            (Self::OtherTie { lot, tied }, Lang::Ja) => {
                format!("くじは {} の間で引かれましたが、最後の議席を争う得票同数は {} です。ちょうどその間で引いてください", numbers(lot), numbers(tied))
            }
            (Self::NotTied(option), Lang::Ja) => {
                format!("くじで選ばれた{}番は得票同数の候補者ではありません。選ばれた候補者を記録し直してください", number(*option))
            }
            (Self::LotNumber { chosen, seats }, Lang::Ja) => {
                format!("くじで {chosen} 人が選ばれていますが、残る議席は {seats} です。ちょうどその数を記録してください")
            }
        }
    }
}

/// The number that people see: the first option is 1.
fn number(OptionIndex(place): OptionIndex) -> u32 {
    u32::from(place) + 1
}

fn numbers(options: &BTreeSet<OptionIndex>) -> String {
    options.iter().map(|option| number(*option).to_string()).collect::<Vec<_>>().join(", ")
}
