//! What the values of sharing are called, wherever people read them.

use super::access::How;
use super::agency::{AgencyKind, Format};
use super::warning::{Hazard, Severity, Warning};
use crate::lang::named;
use crate::roster::disclosure::{Basis, Ground, Selection};
use crate::staff::Role;
use crate::{Lang, Say};

named! {
    AgencyKind {
        Self::Fire => "消防", "fire and ambulance";
        Self::Medical => "医療機関", "medical";
        Self::Welfare => "福祉", "welfare";
        Self::Prefecture => "県", "prefecture";
    }
    Basis {
        Self::Consent => "本人の同意（個人情報保護法69条2項1号）", "consent (Personal Information Act 69-2-1)";
        Self::ActionSupport => "避難行動要支援者名簿（災害対策基本法49条の11第3項）", "action-support list (Disaster Act 49-11-3)";
        Self::AffectedLedger => "被災者台帳（災害対策基本法90条の4）", "ledger of the affected (Disaster Act 90-4)";
        Self::VitalEmergency => "生命・身体の緊急（個人情報保護法69条2項4号）", "danger to life or body (Personal Information Act 69-2-4)";
    }
    Ground {
        Self::Protected => "支援措置の対象", "under protection";
        Self::NoConsent => "同意なし", "no consent";
        Self::NotCovered => "根拠の対象外", "not covered by the basis";
        Self::Conflict => "記録の矛盾", "contradicting entries";
    }
    Format {
        Self::Fhir => "FHIR（people.fhir.json）", "FHIR (people.fhir.json)";
        Self::Csv => "CSV（people.csv）", "CSV (people.csv)";
    }
    Role {
        Self::Commission => "選挙管理委員会", "election commission";
        Self::Poll => "投票所", "polling place";
        Self::Reception => "避難所の受付", "shelter reception";
        Self::Headquarters => "災害対策本部", "headquarters";
        Self::Trustee => "開票立会人", "trustee";
        Self::Auditor => "監査人", "auditor";
        Self::Agency => "関係機関", "agency";
    }
    How {
        Self::Disclosure => "提供", "disclosure";
        Self::Preview => "提供前に内容を確認", "shown before a disclosure";
        Self::BreakGlass => "緊急閲覧（問診票）", "emergency access (questionnaire)";
        Self::BreakGlassAsked => "緊急閲覧の申出（内容は未提供）", "emergency access asked for (nothing given yet)";
        Self::BreakGlassNone => "緊急閲覧（問診票なし・提供なし）", "emergency access (no questionnaire, nothing given)";
        Self::Search => "氏名で検索", "found by name";
        Self::Record => "記録を閲覧", "record looked at";
        Self::OwnEntry => "本人用の控えを作成", "own entry written out";
        Self::Questionnaire => "問診票を閲覧", "questionnaire read";
        Self::Citizen => "市民IDを照会", "citizen ID looked up";
        Self::History => "この一覧を閲覧", "this list looked at";
        Self::Pseudonym => "サービス別の識別子を照会", "a service's pseudonym looked up";
        Self::StepCounts => "歩数を受け入れ（本人の同意）", "step counts taken in (own consent)";
    }
    Hazard {
        Self::NaturalDisaster => "自然災害", "natural disaster";
        Self::Weather => "気象", "weather";
        Self::Traffic => "道路", "road";
    }
    Severity {
        Self::Informational => "参考", "info";
        Self::Low => "低", "low";
        Self::Medium => "中", "medium";
        Self::High => "高", "high";
        Self::Critical => "重大", "critical";
    }
}

impl Warning {
    /// How severe it is, in words.
    #[must_use]
    pub fn degree(&self, lang: Lang) -> String {
        self.severity.map_or_else(|| lang.pick("段階なし", "no degree").to_owned(), |severity| severity.say(lang))
    }

    /// What is warned of, in words: a word of the data model that has none here stands as it is.
    #[must_use]
    pub fn of_what(&self, lang: Lang) -> String {
        let (ja, en) = match self.what.as_str() {
            "" => return self.hazard.say(lang),
            "rainfall" => ("大雨", "heavy rain"),
            "flood" => ("洪水", "flood"),
            "floodRisk" => ("洪水のおそれ", "risk of flood"),
            "landslide" => ("土砂災害", "landslide"),
            "earthquake" => ("地震", "earthquake"),
            "tsunami" => ("津波", "tsunami"),
            "coastalEvent" => ("高潮・高波", "storm surge or high waves"),
            "tropicalCyclone" | "hurricane" => ("台風", "typhoon"),
            "wind" => ("強風・暴風", "strong wind"),
            "tornado" => ("竜巻", "tornado"),
            "thunderstorms" => ("雷", "thunderstorm"),
            "snow" => ("大雪", "heavy snow"),
            "ice" | "snow/ice" => ("雪・凍結", "snow and ice"),
            "avalancheRisk" => ("なだれのおそれ", "risk of avalanche"),
            "fog" => ("濃霧", "dense fog"),
            "fireRisk" => ("火災のおそれ", "risk of fire"),
            "highTemperature" | "heatWave" => ("高温", "heat"),
            "lowTemperature" | "coldWave" => ("低温", "cold"),
            "roadClosed" => ("通行止め", "road closed"),
            "hazardOnRoad" => ("道路の危険", "danger on the road"),
            other => return other.to_owned(),
        };
        lang.pick(ja, en).to_owned()
    }
}

impl Say for Selection {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Need { need } => need.say(lang),
            Self::Everybody {} => lang.pick("全員", "everybody").to_owned(),
            Self::Persons {} => lang.pick("個人を指定", "single persons").to_owned(),
        }
    }
}
