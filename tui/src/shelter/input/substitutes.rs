//! Characters of names that other machines may not have, and what they have for them.

/// Characters of names that JIS X 0208 does not have, with those that it has for them.
const SUBSTITUTES: &[(char, char)] = &[
    ('髙', '高'),
    ('﨑', '崎'),
    ('嵜', '崎'),
    ('德', '徳'),
    ('栁', '柳'),
    ('濵', '浜'),
    ('𠮷', '吉'),
    ('瀨', '瀬'),
    ('黑', '黒'),
    ('增', '増'),
    ('曻', '昇'),
    ('緖', '緒'),
    ('彅', '薙'),
    // Compatibility ideographs of old Japanese machines, written by number because they look like their substitutes.
    ('\u{FA10}', '塚'),
    ('\u{FA12}', '晴'),
    ('\u{FA16}', '猪'),
    ('\u{FA17}', '益'),
    ('\u{FA18}', '礼'),
    ('\u{FA19}', '神'),
    ('\u{FA1A}', '祥'),
    ('\u{FA1B}', '福'),
    ('\u{FA1C}', '靖'),
    ('\u{FA1D}', '精'),
    ('\u{FA1E}', '羽'),
    ('\u{FA22}', '諸'),
    ('\u{FA25}', '逸'),
    ('\u{FA26}', '都'),
    ('\u{FA2A}', '飯'),
    ('\u{FA2B}', '飼'),
    ('\u{FA2C}', '館'),
    ('\u{FA2D}', '鶴'),
];

/// The name with what JIS does not have replaced, where anything is; a character of a private area (外字) becomes 〓.
pub(super) fn jis_of(name: &str) -> Option<String> {
    let of = |c: char| match c {
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFD}' => '〓',
        // A selector only chooses among the forms of the character before it.
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => '\0',
        c => SUBSTITUTES.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to),
    };
    let jis: String = name.chars().map(of).filter(|c| *c != '\0').collect();
    (jis != name).then_some(jis)
}
