//! What an import changes of somebody or of a place, field by field. Where somebody is whom the register protects is not shown.

use super::facility::{Facility, Use};
use super::figures::Capacity;
use super::import::ImportField;
use super::support::Listed;
use super::{Resident, Support};
use crate::election::Text;
use crate::roll::Protection;
use crate::roll::difference::WITHHELD;
use crate::roster::Need;
use crate::roster::shelter::Position;
use crate::{Lang, Say};

/// A field: what it is called, its value in words, and whether it says where somebody is.
type Told = (&'static str, String, Where);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    No,
    Yes,
}

/// The fields in which two places differ.
#[must_use]
pub fn of_facility(before: &Facility, after: &Facility) -> Vec<ImportField> {
    different(place, before, after, Protection::Open)
}

/// The fields in which a resident differs, but for the entry of the action-support list.
#[must_use]
pub fn of_resident(before: &Resident, after: &Resident) -> Vec<ImportField> {
    let is_protected = [before, after].iter().any(|resident| resident.protection == Protection::Protected);
    different(resident, before, after, if is_protected { Protection::Protected } else { Protection::Open })
}

/// The fields in which an entry of the action-support list differs, of whom the register says this.
#[must_use]
pub fn of_listed(before: &Listed, after: &Listed, protection: Protection) -> Vec<ImportField> {
    different(listed, before, after, protection)
}

fn different<T>(told: fn(&T, Lang) -> Vec<Told>, before: &T, after: &T, protection: Protection) -> Vec<ImportField> {
    let in_both = |of: &T| told(of, Lang::Ja).into_iter().zip(told(of, Lang::En));
    let text = |ja: &str, en: &str| Text { ja: ja.to_owned(), en: en.to_owned() };
    let pairs = in_both(before).zip(in_both(after)).filter(|((before, _), (after, _))| before != after);
    pairs
        .map(|(((ja, before, says), (en, before_en, _)), ((_, after, _), (_, after_en, _)))| {
            let is_shown = says == Where::No || protection == Protection::Open;
            let shown = |ja: &str, en: &str| if is_shown { text(ja, en) } else { text(WITHHELD, WITHHELD) };
            ImportField { field: text(ja, en), before: shown(&before, &before_en), after: shown(&after, &after_en) }
        })
        .collect()
}

fn place(of: &Facility, l: Lang) -> Vec<Told> {
    let Facility { id, name, kana, latin, address, phone, position, capacity, hazards, district, associations, uses, note } = of;
    let at = position.map_or_else(String::new, |Position { latitude, longitude }| format!("{latitude} {longitude}"));
    let takes = capacity.as_ref().map_or_else(String::new, |Capacity { inside, outside, note }| {
        let figures = [inside, outside].into_iter().flatten().map(u32::to_string).chain((!note.is_empty()).then(|| note.clone()));
        figures.collect::<Vec<_>>().join(" ")
    });
    let uses = uses.iter().map(|of: &Use| of.say(l)).collect::<Vec<_>>().join(l.pick("・", ", "));
    let hazards = hazards.iter().map(|hazard| hazard.say(l)).collect::<Vec<_>>().join(l.pick("・", ", "));
    [
        (l.pick("ID", "ID"), id.to_string()),
        (l.pick("名称", "name"), name.clone()),
        (l.pick("名称カナ", "kana"), kana.clone()),
        (l.pick("英字", "Latin letters"), latin.clone()),
        (l.pick("住所", "address"), address.clone()),
        (l.pick("電話番号", "telephone"), phone.clone()),
        (l.pick("位置", "position"), at),
        (l.pick("収容人数", "takes"), takes),
        (l.pick("災害種別", "hazards"), hazards),
        (l.pick("地区", "district"), district.clone()),
        (l.pick("町会・自治会", "associations"), associations.clone()),
        (l.pick("指定", "designated as"), uses),
        (l.pick("備考", "note"), note.clone()),
    ]
    .map(|(name, value)| (name, value, Where::No))
    .into()
}

fn resident(of: &Resident, l: Lang) -> Vec<Told> {
    let Resident { number, name, name_jis, kana, birth, sex, address, district, household, relation, citizen, protection, support: _ } = of;
    let birth = birth.map_or_else(String::new, |day| day.to_string());
    let protection = match protection {
        Protection::Open => "",
        Protection::Protected => l.pick("あり", "yes"),
    };
    vec![
        (l.pick("宛名番号", "number"), number.clone(), Where::No),
        (l.pick("氏名", "name"), name.clone(), Where::No),
        (l.pick("代替文字氏名", "name in JIS"), name_jis.clone().unwrap_or_default(), Where::No),
        (l.pick("氏名カナ", "kana"), kana.clone(), Where::No),
        (l.pick("生年月日", "birth date"), birth, Where::No),
        (l.pick("性別", "sex"), sex.say(l), Where::No),
        (l.pick("住所", "address"), address.clone(), Where::Yes),
        (l.pick("行政区", "district"), district.clone(), Where::Yes),
        (l.pick("世帯番号", "household"), household.clone(), Where::Yes),
        (l.pick("続柄", "relation"), relation.say(l), Where::No),
        (l.pick("市民ID", "citizen ID"), citizen.map_or_else(String::new, |citizen| citizen.to_string()), Where::No),
        (l.pick("支援措置", "protected"), protection.to_owned(), Where::No),
    ]
}

fn listed(of: &Listed, l: Lang) -> Vec<Told> {
    let Listed { line: _, number, name, birth, address, district, support } = of;
    let Support { needs, reason, phone, helper } = support;
    let birth = birth.map_or_else(String::new, |day| day.to_string());
    let needs = needs.iter().map(|need: &Need| need.say(l)).collect::<Vec<_>>().join(l.pick("・", ", "));
    vec![
        (l.pick("宛名番号", "number"), number.clone(), Where::No),
        (l.pick("氏名", "name"), name.clone(), Where::No),
        (l.pick("生年月日", "birth date"), birth, Where::No),
        (l.pick("住所", "address"), address.clone(), Where::Yes),
        (l.pick("行政区", "district"), district.clone(), Where::Yes),
        (l.pick("必要な支援", "needs"), needs, Where::No),
        (l.pick("理由", "reason"), reason.clone(), Where::No),
        (l.pick("電話番号", "telephone"), phone.clone(), Where::Yes),
        (l.pick("支援者", "helper"), helper.clone(), Where::Yes),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelter::residents;

    fn register(address: &str, protection: &str) -> Resident {
        let csv = format!("宛名番号,氏名,生年月日,住所,支援措置\n1,髙橋　一,1940-01-01,{address},{protection}\n");
        residents::read(csv.as_bytes(), "2026-11-26".parse().unwrap()).residents.remove(0)
    }

    #[test]
    fn a_change_names_the_field_and_both_values() {
        let fields = of_resident(&register("養父市1", ""), &register("養父市2", ""));
        assert_eq!(
            fields.iter().map(|of| (of.field.ja.as_str(), of.before.ja.as_str(), of.after.ja.as_str())).collect::<Vec<_>>(),
            [("住所", "養父市1", "養父市2")]
        );
    }

    #[test]
    fn where_somebody_under_protection_is_stays_unsaid() {
        let fields = of_resident(&register("養父市1", ""), &register("養父市2", "あり"));
        let said = format!("{fields:?}");
        assert!(fields.len() == 2 && !said.contains("養父市") && said.contains("支援措置"), "{said}");
    }
}
