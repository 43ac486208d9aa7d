//! What the values about shelters are called, wherever people read them.

use super::case::EraseGround;
use super::facility::{Hazard, Use};
use super::import::ImportKind;
use super::{Alike, ConflictKind, Way};
use crate::lang::named;

named! {
    ConflictKind {
        Self::TwoPlaces => "2か所で在所", "present in two places";
        Self::PresentAndGone => "在所と退所の両方", "present and gone";
        Self::Edited => "両方で変更", "changed on both sides";
    }
    Way {
        Self::Network => "ネットワーク", "network";
        Self::Stick => "媒体", "stick";
    }
    Alike {
        Self::Protected => "支援措置の対象の方の可能性（端末には出ません）", "perhaps one person under protection (no terminal shows it)";
        Self::NameAndBirth => "氏名と生年月日が同じ", "same name and birth";
        Self::ReadingBirthAndAddress => "カナ・生年月日・住所が同じ", "same reading, birth and address";
        Self::NameAndAge => "氏名が同じで年齢の差が1歳以内", "same name, ages within a year";
        Self::ReadingAndAge => "読みが同じで年齢の差が1歳以内", "same reading, ages within a year";
        Self::Name => "氏名が同じ（生年月日は不明）", "same name, birth unknown";
    }
    ImportKind {
        Self::Facilities => "施設", "facilities";
        Self::Residents => "住民", "residents";
        Self::SupportList => "避難行動要支援者名簿", "action-support list";
    }
    Use {
        Self::Site => "指定緊急避難場所", "emergency site";
        Self::Shelter => "避難所", "shelter";
    }
    Hazard {
        Self::Flood => "洪水", "flood";
        Self::Landslide => "土砂", "landslide";
        Self::StormSurge => "高潮", "storm surge";
        Self::Earthquake => "地震", "earthquake";
        Self::Tsunami => "津波", "tsunami";
        Self::Fire => "大規模火事", "fire";
        Self::InlandFlood => "内水", "inland flood";
        Self::Volcano => "火山", "volcano";
    }
    EraseGround {
        Self::Request => "本人の申出", "the person asks for it";
        Self::Retention => "保存期間の満了", "the period of keeping has ended";
        Self::Mistake => "誤って作られた記録", "made by mistake";
    }
}
