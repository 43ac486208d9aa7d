//! The words that offices use for what the roster has as keys.

use tachiai_crypto::roster::{Need, Stay};

use crate::roll::Protection;
use crate::roster::person::{Damage, Disclosure, Identified, Relation, Sex, Triage};

/// A sex.
#[must_use]
pub const fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "男",
        Sex::Female => "女",
        Sex::Unknown => "不明",
    }
}

/// A need.
#[must_use]
pub const fn need(need: Need) -> &'static str {
    match need {
        Need::Care => "要介護・要支援",
        Need::Disability => "障害",
        Need::Medical => "医療的ケア・難病",
        Need::Pregnant => "妊産婦",
        Need::Foreign => "外国人・要通訳",
        Need::Food => "食物アレルギー・食事制限",
        Need::Support => "避難行動要支援者",
    }
}

/// How somebody stays.
#[must_use]
pub const fn stay(stay: Stay) -> &'static str {
    match stay {
        Stay::Shelter => "避難所",
        Stay::Home => "在宅避難",
        Stay::Vehicle => "車中泊",
    }
}

/// A damage.
#[must_use]
pub const fn damage(damage: Damage) -> &'static str {
    match damage {
        Damage::None => "被害なし",
        Damage::Part => "一部損壊",
        Damage::Half => "半壊",
        Damage::Whole => "全壊",
        Damage::AboveFloor => "床上浸水",
        Damage::BelowFloor => "床下浸水",
    }
}

/// A place in a household.
#[must_use]
pub const fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Head => "世帯主",
        Relation::Member => "世帯員",
    }
}

/// How somebody was identified.
#[must_use]
pub const fn identified(identified: Identified) -> &'static str {
    match identified {
        Identified::CardPin => "カード(暗証番号)",
        Identified::Card => "カード",
        Identified::CardUnchecked => "カード(署名は未確認)",
        Identified::CitizenId => "市民ID",
        Identified::List => "名簿",
        Identified::Typed => "申告",
        Identified::Paper => "紙の受付票",
    }
}

/// Who may learn that somebody is here.
#[must_use]
pub const fn disclosure(disclosure: Disclosure) -> &'static str {
    match disclosure {
        Disclosure::Nobody => "非公開",
        Disclosure::Safe => "安否のみ公開",
        Disclosure::Place => "安否と避難所を公開",
    }
}

/// Whether the address is kept from others.
#[must_use]
pub const fn protection(protection: Protection) -> &'static str {
    match protection {
        Protection::Open => "なし",
        Protection::Protected => "支援措置対象",
    }
}

/// An urgency.
#[must_use]
pub const fn triage(triage: Triage) -> &'static str {
    match triage {
        Triage::Green => "緑(対応不要)",
        Triage::Yellow => "黄(看護師の確認が必要)",
        Triage::Red => "赤(至急)",
    }
}
