//! What the values of a roster are called, wherever people read them: at a terminal, at the headquarters, by the verifier, on paper.

use tachiai_crypto::roster::{AgeBand, Flag, Need, Stay};

use super::hand_in::Aside;
use super::person::{Damage, Disclosure, Identified, Relation, Sex, Triage};
use super::report::{Aspect, HowCounted};
use super::shelter::{Feature, Pets};
use super::{Act, CardRule, EventKind, OpenState, TerminalStatus};
use crate::lang::named;
use crate::{Lang, Say};

named! {
    AgeBand {
        Self::Infant => "0歳", "under 1";
        Self::Preschool => "1〜5歳", "1 to 5";
        Self::School => "6〜14歳", "6 to 14";
        Self::Adult => "15〜64歳", "15 to 64";
        Self::Elder => "65〜74歳", "65 to 74";
        Self::OldElder => "75歳以上", "75 and over";
        Self::Unknown => "年齢不明", "age unknown";
    }
    Stay {
        Self::Shelter => "避難所内", "in the shelter";
        Self::Home => "在宅", "at home";
        Self::Vehicle => "車中泊", "in a vehicle";
    }
    Need {
        Self::Care => "要介護・要支援", "care";
        Self::Disability => "障害", "disability";
        Self::Medical => "医療的ケア・難病", "medical";
        Self::Pregnant => "妊産婦", "pregnant or newly delivered";
        Self::Foreign => "外国人・要通訳", "another language";
        Self::Food => "食物アレルギー", "special food";
        Self::Support => "避難行動要支援者", "action support";
    }
    Act {
        Self::In => "入所", "arrived";
        Self::Moved => "移動", "moved here";
        Self::Edit => "変更", "changed";
        Self::Out => "退所", "left";
    }
    OpenState {
        Self::Open => "開設", "open";
        Self::Crowded => "混雑", "crowded";
        Self::Full => "満員", "full";
        Self::Closed => "閉鎖", "closed";
    }
    EventKind {
        Self::Disaster => "災害", "disaster";
        Self::Drill => "訓練", "drill";
        Self::OpenSchool => "オープンスクール", "open school day";
        Self::Lecture => "講演会", "lecture";
        Self::RollCall => "点呼", "roll call";
    }
    CardRule {
        Self::Pin => "暗証番号あり", "card with PIN";
        Self::WithoutPin => "暗証番号なし", "card without PIN";
    }
    TerminalStatus {
        Self::Admitted => "登録済み", "admitted";
        Self::Revoked => "失効", "revoked";
    }
    Identified {
        Self::CardPin => "カード（暗証番号）", "card with PIN";
        Self::Card => "カード（暗証番号なし）", "card without PIN";
        Self::CardUnchecked => "カード（署名は確かめていません）", "card, signature not checked";
        Self::CitizenId => "市民ID", "citizen ID";
        Self::List => "住民の一覧", "list of residents";
        Self::Typed => "申し出", "by word";
        Self::Paper => "受付票（紙）", "paper form";
    }
    Relation {
        Self::Head => "世帯主", "head";
        Self::Member => "世帯員", "member";
    }
    Sex {
        Self::Male => "男", "male";
        Self::Female => "女", "female";
        Self::Unknown => "", "";
    }
    Damage {
        Self::None => "被害なし", "no damage";
        Self::Part => "一部損壊", "in part";
        Self::Half => "半壊", "half";
        Self::Whole => "全壊", "whole";
        Self::AboveFloor => "床上浸水", "flooded above the floor";
        Self::BelowFloor => "床下浸水", "flooded below the floor";
    }
    Disclosure {
        Self::Nobody => "公開しない", "to nobody";
        Self::Safe => "無事であることのみ", "that they are safe";
        Self::Place => "避難先も公開", "where they are";
    }
    Triage {
        Self::Green => "緑", "green";
        Self::Yellow => "黄（看護師へ）", "yellow (see a nurse)";
        Self::Red => "赤（すぐに対応）", "red (at once)";
    }
    Aside {
        Self::Rule => "記録の規則に合わない", "it breaks a rule";
        Self::Revoked => "端末が失効している", "its terminal was revoked";
        Self::Clock => "時計がずれている", "the clock is wrong";
        Self::Opening => "内容が合わない", "its content does not fit";
        Self::Closed => "終了している", "the event is closed";
    }
    Pets {
        Self::Inside => "同伴可", "inside with their people";
        Self::Apart => "別の場所で同行可", "in a place of their own";
        Self::No => "不可", "none";
        Self::Unknown => "不明", "not said";
    }
    Feature {
        Self::StepFree => "段差解消", "step-free";
        Self::AccessibleToilet => "多機能トイレ", "accessible toilet";
        Self::Lift => "エレベーター", "lift";
        Self::Nursing => "授乳室", "nursing room";
        Self::Cooling => "冷房", "cooling";
        Self::Heating => "暖房", "heating";
        Self::Power => "非常用電源", "emergency power";
        Self::Bath => "入浴設備", "bath";
        Self::Kitchen => "調理設備", "kitchen";
        Self::Network => "Wi-Fi", "Wi-Fi";
        Self::CareSpace => "福祉避難スペース", "room for special needs";
        Self::Parking => "車中泊の駐車場", "parking for stays in vehicles";
    }
    HowCounted {
        Self::Counted => "実数", "counted";
        Self::About => "概数", "about";
    }
    Aspect {
        Self::DrinkingWater => "飲料水", "drinking water";
        Self::Meals => "食事", "meals";
        Self::Power => "電気", "power";
        Self::Water => "生活用水", "water";
        Self::Toilets => "使用可能トイレ", "toilets";
        Self::Hygiene => "衛生環境", "hygiene";
        Self::Bedding => "寝具", "bedding";
        Self::Temperature => "冷暖房", "temperature";
        Self::Communication => "通信", "communication";
    }
}

impl Say for Flag {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Present => lang.pick("在所", "present").to_owned(),
            Self::Age(age) => age.say(lang),
            Self::Stay(stay) => stay.say(lang),
            Self::Need(need) => need.say(lang),
            Self::WithoutNeed(need) => match lang {
                Lang::Ja => format!("{}なし", need.say(lang)),
                Lang::En => format!("without {}", need.say(lang)),
            },
        }
    }
}
