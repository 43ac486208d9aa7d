//! How a name is looked for: by the beginning of its reading in either kana, of full or half width, or in romaji, or of the name as written.

use unicode_normalization::UnicodeNormalization;
use wana_kana::ConvertJapanese;

/// The key under which a text is found: compatibility forms and half-width kana made whole (NFKC), hiragana made katakana, small kana and marks of length kept,
/// spaces and middle dots left out, Latin letters small.
#[must_use]
pub fn key(text: &str) -> String {
    let katakana = |c: char| match c {
        // The two rows lie 0x60 apart.
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        _ => c,
    };
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '・' | '･' | '.' | ',' | '-' | '’' | '\'');
    text.nfkc().filter(kept).flat_map(char::to_lowercase).map(katakana).collect()
}

/// The keys by which a query may find a name: as it is, and, where it is romaji, as katakana.
#[must_use]
pub fn queries(query: &str) -> Vec<String> {
    let plain = key(query);
    let mut keys = vec![plain.clone()];
    if plain.is_ascii() && !plain.is_empty() {
        let kana = plain.as_str().to_katakana();
        // A last consonant waits for its vowel: what is whole before it is looked for.
        let whole: String = kana.chars().take_while(|c| !c.is_ascii()).collect();
        if !whole.is_empty() && whole != plain {
            keys.push(whole);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_key_however_it_is_written() {
        for text in ["タナカ　タロウ", "たなか たろう", "ﾀﾅｶ ﾀﾛｳ", "タナカ・タロウ"] {
            assert_eq!(key(text), "タナカタロウ", "{text}");
        }
        assert_eq!(key("ﾀﾞｲｺﾞ"), "ダイゴ");
        assert_eq!(key("Maria dela Cruz"), "mariadelacruz");
    }

    #[test]
    fn romaji_finds_kana() {
        assert!(queries("tanaka ta").contains(&"タナカタ".to_owned()));
        assert!(queries("Yabu").contains(&"ヤブ".to_owned()));
        assert!(queries("tanak").contains(&"タナ".to_owned()));
        assert_eq!(queries("田中"), ["田中"]);
    }
}
