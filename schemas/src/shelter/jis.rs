//! JIS substitutes (代替文字) for characters of names that many systems and cards cannot show: 髙 becomes 高. The name as written is kept beside it.

use encoding_rs::SHIFT_JIS;

/// Characters that stand in Japanese Windows' sets or beyond JIS level 1 and 2, each with the character that offices write for it.
const SUBSTITUTES: [(char, char); 67] = [
    ('髙', '高'),
    ('\u{fa11}', '崎'),
    ('\u{fa10}', '塚'),
    ('\u{fa12}', '晴'),
    ('\u{fa16}', '猪'),
    ('\u{fa17}', '益'),
    ('\u{fa18}', '礼'),
    ('\u{fa19}', '神'),
    ('\u{fa1a}', '祥'),
    ('\u{fa1b}', '福'),
    ('\u{fa1c}', '靖'),
    ('\u{fa1d}', '精'),
    ('\u{fa1e}', '羽'),
    ('\u{fa22}', '諸'),
    ('\u{fa25}', '逸'),
    ('\u{fa26}', '都'),
    ('\u{f9dc}', '隆'),
    ('\u{fa2a}', '飯'),
    ('\u{fa2b}', '飼'),
    ('\u{fa2c}', '館'),
    ('\u{f929}', '朗'),
    ('濵', '浜'),
    ('𠮷', '吉'),
    ('德', '徳'),
    ('瀨', '瀬'),
    ('桒', '桑'),
    ('栁', '柳'),
    ('槗', '橋'),
    ('𣘺', '橋'),
    ('閒', '間'),
    ('靑', '青'),
    ('昻', '昂'),
    ('曻', '昇'),
    ('淸', '清'),
    ('增', '増'),
    ('寬', '寛'),
    ('\u{fa4f}', '祐'),
    ('賴', '頼'),
    ('吞', '呑'),
    ('𡈽', '土'),
    ('黑', '黒'),
    ('緖', '緒'),
    ('薰', '薫'),
    ('敎', '教'),
    ('綠', '緑'),
    ('郞', '郎'),
    ('鄕', '郷'),
    ('橫', '横'),
    ('步', '歩'),
    ('每', '毎'),
    ('內', '内'),
    ('吳', '呉'),
    ('彥', '彦'),
    ('絕', '絶'),
    ('說', '説'),
    ('稅', '税'),
    ('悅', '悦'),
    ('銳', '鋭'),
    ('卽', '即'),
    ('巢', '巣'),
    ('槪', '概'),
    ('淚', '涙'),
    ('鷗', '鴎'),
    ('鄧', '登'),
    ('\u{fa46}', '渚'),
    ('\u{fa5b}', '者'),
    ('\u{fa47}', '漢'),
];

/// What stands for a character for which there is no substitute (ゲタ).
pub const GETA: char = '〓';

/// The name with every character of JIS level 1 and 2, if that differs; variation selectors fall away.
#[must_use]
pub fn substituted(name: &str) -> Option<String> {
    let out: String = name.chars().filter(|c| !is_selector(*c)).map(|c| if is_common(c) { c } else { substitute(c) }).collect();
    (out != name).then_some(out)
}

const fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn substitute(c: char) -> char {
    SUBSTITUTES.iter().find(|(from, _)| *from == c).map_or(GETA, |(_, to)| *to)
}

/// Whether a character stands in JIS X 0208: in Shift_JIS below the rows that NEC and IBM added, or in row 13 not.
fn is_common(c: char) -> bool {
    if c.is_ascii() {
        return true;
    }
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = SHIFT_JIS.encode(c.encode_utf8(&mut buffer));
    match (unmappable, bytes.first()) {
        (true, _) | (false, None) => false,
        // Row 13 (NEC), rows 89 to 92 (NEC's choice of IBM's) and 115 to 119 (IBM).
        (false, Some(lead)) => !matches!(lead, 0x87 | 0xed | 0xee | 0xfa..=0xfc),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_the_characters_that_offices_write_for_them() {
        for (name, expected) in [
            ("髙橋　﨑子", Some("高橋　崎子")),
            ("𠮷田　德", Some("吉田　徳")),
            ("葛\u{e0100}城", Some("葛城")),
            ("\u{e001}田", Some("〓田")),
            ("田中　太郎", None),
            ("渡邊　一", None),
            ("Smith　John", None),
            ("ﾀﾅｶ", None),
        ] {
            assert_eq!(substituted(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn every_substitute_is_a_character_of_jis() {
        for (_, to) in SUBSTITUTES {
            assert!(is_common(to), "{to}");
        }
    }
}
