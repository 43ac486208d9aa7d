//! What flags are called.

use tachiai_crypto::roster::{AgeBand, Flag, Need, Stay};

use crate::{Lang, Say};

impl Say for AgeBand {
    fn say(&self, lang: Lang) -> String {
        let (ja, en) = match self {
            Self::Infant => ("0歳", "under 1"),
            Self::Preschool => ("1〜5歳", "1 to 5"),
            Self::School => ("6〜14歳", "6 to 14"),
            Self::Adult => ("15〜64歳", "15 to 64"),
            Self::Elder => ("65〜74歳", "65 to 74"),
            Self::OldElder => ("75歳以上", "75 and over"),
            Self::Unknown => ("年齢不明", "age unknown"),
        };
        lang.pick(ja, en).to_owned()
    }
}

impl Say for Stay {
    fn say(&self, lang: Lang) -> String {
        let (ja, en) = match self {
            Self::Shelter => ("避難所内", "in the shelter"),
            Self::Home => ("在宅", "at home"),
            Self::Vehicle => ("車中泊", "in a vehicle"),
        };
        lang.pick(ja, en).to_owned()
    }
}

impl Say for Need {
    fn say(&self, lang: Lang) -> String {
        let (ja, en) = match self {
            Self::Care => ("要介護・要支援", "care"),
            Self::Disability => ("障害", "disability"),
            Self::Medical => ("医療的ケア・難病", "medical"),
            Self::Pregnant => ("妊産婦", "pregnant or newly delivered"),
            Self::Foreign => ("要通訳", "another language"),
            Self::Food => ("食物アレルギー", "special food"),
            Self::Support => ("避難行動要支援者", "action support"),
        };
        lang.pick(ja, en).to_owned()
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
