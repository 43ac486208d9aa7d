//! What is said of somebody by one of some words, each with the words by which people say it, and lists of such.

use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::person::{Damage, Disclosure, Relation, Sex, Triage};
use tachiai_schemas::roster::{Need, Stay};

use super::wrong;
use crate::failure::Failure;

/// Values, each with its words.
pub(super) type Words<T> = &'static [(T, &'static [&'static str])];

pub(super) const SEXES: Words<Sex> =
    &[(Sex::Male, &["male", "m", "男", "男性", "1"]), (Sex::Female, &["female", "f", "女", "女性", "2"]), (Sex::Unknown, &["unknown", "", "不明", "0", "9"])];
pub(super) const STAYS: Words<Stay> =
    &[(Stay::Shelter, &["shelter", "避難所", ""]), (Stay::Home, &["home", "在宅", "自宅"]), (Stay::Vehicle, &["vehicle", "car", "車中泊", "車"])];
pub(super) const NEEDS: Words<Need> = &[
    (Need::Care, &["care", "要介護", "介護"]),
    (Need::Disability, &["disability", "障害", "障がい"]),
    (Need::Medical, &["medical", "医療的ケア", "難病", "医療"]),
    (Need::Pregnant, &["pregnant", "妊産婦", "妊婦"]),
    (Need::Foreign, &["foreign", "外国人", "要通訳"]),
    (Need::Food, &["food", "食物アレルギー", "特別食"]),
    (Need::Support, &["support", "要支援者", "避難行動要支援者"]),
];
pub(super) const DAMAGES: Words<Damage> = &[
    (Damage::None, &["none", "なし"]),
    (Damage::Part, &["part", "一部損壊"]),
    (Damage::Half, &["half", "半壊"]),
    (Damage::Whole, &["whole", "全壊"]),
    (Damage::AboveFloor, &["above-floor", "床上浸水"]),
    (Damage::BelowFloor, &["below-floor", "床下浸水"]),
];
pub(super) const DISCLOSURES: Words<Disclosure> = &[
    (Disclosure::Nobody, &["nobody", "", "否", "公開しない"]),
    (Disclosure::Safe, &["safe", "安否", "安否のみ"]),
    (Disclosure::Place, &["place", "可", "場所も"]),
];
pub(super) const PROTECTIONS: Words<Protection> = &[(Protection::Open, &["open", "", "なし"]), (Protection::Protected, &["protected", "あり"])];
pub(super) const TRIAGES: Words<Triage> = &[(Triage::Green, &["green", "緑"]), (Triage::Yellow, &["yellow", "黄"]), (Triage::Red, &["red", "赤"])];
pub(super) const RELATIONS: Words<Relation> = &[
    (Relation::Head, &["head", "世帯主", "代表"]),
    (
        Relation::Member,
        &[
            "member",
            "世帯員",
            "",
            "妻",
            "夫",
            "配偶者",
            "内縁",
            "子",
            "長男",
            "二男",
            "次男",
            "三男",
            "四男",
            "長女",
            "二女",
            "次女",
            "三女",
            "四女",
            "養子",
            "養女",
            "父",
            "母",
            "義父",
            "義母",
            "祖父",
            "祖母",
            "曾祖父",
            "曾祖母",
            "孫",
            "曾孫",
            "ひ孫",
            "兄",
            "姉",
            "弟",
            "妹",
            "義兄",
            "義姉",
            "義弟",
            "義妹",
            "おじ",
            "おば",
            "伯父",
            "叔父",
            "伯母",
            "叔母",
            "おい",
            "めい",
            "甥",
            "姪",
            "いとこ",
            "婿",
            "嫁",
            "子の妻",
            "子の夫",
            "妻の父",
            "妻の母",
            "夫の父",
            "夫の母",
            "縁故者",
            "同居人",
            "wife",
            "husband",
            "spouse",
            "partner",
            "child",
            "son",
            "daughter",
            "father",
            "mother",
            "parent",
            "brother",
            "sister",
            "grandfather",
            "grandmother",
            "grandparent",
            "grandson",
            "granddaughter",
            "grandchild",
            "uncle",
            "aunt",
            "nephew",
            "niece",
            "cousin",
        ],
    ),
];

pub(super) fn word<T: Copy>(key: &str, value: &str, words: Words<T>) -> Result<T, Failure> {
    let lower = value.to_lowercase();
    let found = words.iter().find(|(_, names)| names.contains(&lower.as_str())).map(|(value, _)| *value);
    found.ok_or_else(|| {
        let all =
            |of: fn(&&&str) -> bool, between: &str| words.iter().filter_map(|(_, names)| names.iter().find(of)).copied().collect::<Vec<_>>().join(between);
        let (ja, en) = (all(|name| !name.is_ascii(), "、"), all(|name| !name.is_empty(), ", "));
        wrong(key, &format!("{ja} のどれかを書いてください。"), &format!("use one of {en}."))
    })
}

/// The parts of a list: parted by commas of either width.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    value.split([',', '，', '、']).map(str::trim).filter(|part| !part.is_empty())
}

pub(super) fn list(value: &str) -> Vec<String> {
    let mut list: Vec<String> = parts(value).map(str::to_owned).collect();
    list.sort();
    list.dedup();
    list
}

pub(super) fn needs(key: &str, value: &str) -> Result<Vec<Need>, Failure> {
    let mut needs = parts(value).map(|part| word(key, part, NEEDS)).collect::<Result<Vec<_>, _>>()?;
    needs.sort_unstable();
    needs.dedup();
    Ok(needs)
}
