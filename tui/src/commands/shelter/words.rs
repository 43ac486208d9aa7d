//! The words of enumerations: on the command line as the interface writes them, on the screen in the reader's language.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tachiai_schemas::Lang;

/// Reads a word of an enumeration, as the interface writes it.
///
/// # Errors
/// What the words are.
pub fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|error| error.to_string())
}

/// The word of an enumeration, as the interface writes it.
pub fn written(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}

/// The word of an enumeration in a language; one that has none in Japanese stands as it is written.
pub fn said(lang: Lang, value: &impl Serialize) -> String {
    let word = written(value);
    match lang {
        Lang::En => word,
        Lang::Ja => japanese(&word).map_or(word, ToOwned::to_owned),
    }
}

fn japanese(word: &str) -> Option<&'static str> {
    Some(match word {
        "disaster" => "災害",
        "drill" => "訓練",
        "open-school" => "オープンスクール",
        "lecture" => "講演会",
        "roll-call" => "点呼",
        "pin" => "暗証番号あり",
        "without-pin" => "暗証番号なし",
        "open" => "開設",
        "crowded" => "混雑",
        "full" => "満員",
        "closed" => "閉鎖",
        "admitted" => "登録済み",
        "revoked" => "失効",
        "in" => "入所",
        "moved" => "移動",
        "edit" => "変更",
        "out" => "退所",
        "shelter" => "避難所",
        "home" => "在宅",
        "vehicle" => "車中泊",
        "care" => "要介護・要支援",
        "disability" => "障害",
        "medical" => "医療的ケア・難病",
        "pregnant" => "妊産婦",
        "foreign" => "外国人・要通訳",
        "food" => "食物アレルギー",
        "support" => "避難行動要支援者",
        "two-places" => "2か所にいる記録",
        "present-and-gone" => "在所と退所の両方の記録",
        "edited" => "両方で変更",
        "drinking-water" => "飲料水",
        "meals" => "食事",
        "power" => "電気",
        "water" => "生活用水",
        "toilets" => "使用可能トイレ",
        "hygiene" => "衛生環境",
        "bedding" => "寝具",
        "temperature" => "冷暖房",
        "communication" => "通信",
        "counted" => "実数",
        "about" => "概数",
        "rule" => "規則に合わない",
        "clock" => "時計が合わない",
        "opening" => "内容が合わない",
        "network" => "ネットワーク",
        "stick" => "媒体",
        "green" => "緑",
        "yellow" => "黄",
        "red" => "赤",
        "site" => "指定緊急避難場所",
        "facilities" => "施設",
        "residents" => "住民",
        "support-list" => "避難行動要支援者名簿",
        "name-and-birth" => "氏名と生年月日が同じ",
        "reading-birth-and-address" => "カナ・生年月日・住所が同じ",
        "flood" => "洪水",
        "landslide" => "土砂",
        "storm-surge" => "高潮",
        "earthquake" => "地震",
        "tsunami" => "津波",
        "fire" => "大規模火事",
        "inland-flood" => "内水",
        "volcano" => "火山",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::roster::report::Aspect;
    use tachiai_schemas::roster::{Need, OpenState};

    use super::*;

    #[test]
    fn words_are_read_as_they_are_written_and_said_in_both_languages() {
        assert_eq!(word::<OpenState>("crowded"), Ok(OpenState::Crowded));
        assert!(word::<OpenState>("busy").unwrap_err().contains("crowded"));
        assert_eq!((said(Lang::Ja, &OpenState::Full), said(Lang::En, &OpenState::Full)), ("満員".to_owned(), "full".to_owned()));
        for aspect in Aspect::ALL {
            assert!(japanese(&written(&aspect)).is_some(), "{aspect:?}");
        }
        for need in Need::ALL {
            assert!(japanese(&written(&need)).is_some(), "{need:?}");
        }
    }
}
