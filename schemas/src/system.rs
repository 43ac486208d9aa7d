//! What the system, or a library, says of files, connections and encryption, in words for people: the one place where it is put into Japanese.

use std::fmt::Display;

/// By the number that stands behind what the system says.
const NUMBERS: [(&str, &str); 24] = [
    ("1", "権限がありません"),
    ("2", "ありません"),
    ("5", "読み書きに失敗しました。媒体が壊れているか、外れています"),
    ("6", "機器がありません"),
    ("13", "権限がありません"),
    ("17", "同じ名前のものがすでにあります"),
    ("19", "機器がありません"),
    ("20", "途中にフォルダーでないものがあります"),
    ("21", "ファイルではなくフォルダーです"),
    ("24", "開いているファイルが多すぎます"),
    ("28", "空き容量がありません"),
    ("30", "書き込めない媒体です"),
    ("32", "接続が切れました"),
    ("36", "名前が長すぎます"),
    ("39", "フォルダーが空ではありません"),
    ("40", "リンクが輪になっています"),
    ("98", "そのポートはほかのプログラムが使っています"),
    ("99", "その番地はこの機器のものではありません"),
    ("101", "ネットワークにつながっていません"),
    ("104", "接続が切れました"),
    ("110", "応答がなく、時間切れです"),
    ("111", "サーバーが動いていないか、ポートが違います"),
    ("113", "サーバーまでの経路がありません"),
    ("122", "容量の割り当てを使い切りました"),
];

/// By a part of what was said, where no number stands behind it.
const PARTS: [(&str, &str); 17] = [
    ("failed to lookup address", "サーバーの名前が見つかりません"),
    ("host not found", "サーバーの名前が見つかりません"),
    ("Connection refused", "サーバーが動いていないか、ポートが違います"),
    ("UnknownIssuer", "サーバーの証明書が、指定した認証局のものではありません"),
    ("NotValidForName", "サーバーの証明書の名前が、URLと違います"),
    ("not valid for name", "サーバーの証明書の名前が、URLと違います"),
    ("Expired", "サーバーの証明書の有効期限が切れています"),
    ("timeout", "応答がなく、時間切れです"),
    ("timed out", "応答がなく、時間切れです"),
    ("valid UTF-8", "文字のファイルではありません"),
    ("invalid utf-8", "文字のファイルではありません"),
    ("ecryption failed", "復号できません"),
    ("o matching keys", "別の鍵にあてて暗号化されています"),
    ("eader is invalid", "暗号化されたファイルの形ではありません"),
    ("xcessive work parameter", "暗号化の強さの指定が大きすぎて、開けません"),
    ("fill whole buffer", "途中で切れています"),
    ("nexpected end of file", "途中で切れています"),
];

/// What was said, in Japanese and English. What has no words here stays as it was said.
#[must_use]
pub fn in_words(error: &dyn Display) -> [String; 2] {
    let error = error.to_string();
    let error = error.trim_end().trim_end_matches('.');
    // Its number stands behind what the system says, which is English always; where a path follows, whoever says this names the one that was meant.
    let numbered = error.rsplit_once(" (os error ").and_then(|(said, rest)| Some((said, rest.split_once(')')?.0)));
    let said = numbered.map_or(error, |(said, _)| said);
    let of_number = numbered.and_then(|(_, number)| NUMBERS.iter().find(|(known, _)| *known == number));
    let words = of_number.or_else(|| PARTS.iter().find(|(part, _)| said.contains(part)));
    [words.map_or(said, |(_, ja)| ja).to_owned(), said.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_said_in_words_and_without_its_number() {
        let missing = std::io::Error::from_raw_os_error(2);
        assert_eq!(in_words(&missing), ["ありません", "No such file or directory"]);
        assert_eq!(in_words(&r#"Permission denied (os error 13) at path "/root/.tmpX1""#), ["権限がありません", "Permission denied"]);
        assert_eq!(in_words(&"io: Connection refused (os error 111)")[0], "サーバーが動いていないか、ポートが違います");
        assert_eq!(in_words(&"io: failed to lookup address information: Name or service not known")[0], "サーバーの名前が見つかりません");
        assert_eq!(in_words(&"Decryption failed")[0], "復号できません");
        assert_eq!(in_words(&"something else"), ["something else", "something else"]);
    }
}
