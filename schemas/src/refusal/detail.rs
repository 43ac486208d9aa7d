//! What an appliance adds to a refusal, in Japanese: it is told in English, and here are the words for what somebody at a form can put right.

/// Each detail as it is told, and in Japanese.
const WORDS: [(&str, &str); 42] = [
    ("allergies: sorted, each at most once", "アレルギー: 同じものが2度あります"),
    ("a search names a number, a name or a name in kana", "番号・氏名・カナのどれかで探します"),
    ("a trustee-card belongs here", "立会人の登録用ファイル（card.json）を指定します"),
    ("another purpose", "別の用途のものです"),
    ("ask for the record's index again", "記録の目次から取り直します"),
    ("began: within a year of today", "始まった日時: 今日から1年以内にします"),
    ("birth, address: one of them must be given", "生年月日か住所のどちらかが必要です"),
    ("birth: 0 to 130 years", "生年月日: 0歳から130歳までにします"),
    ("birth_date: YYYY-MM-DD", "生年月日: 2026-01-31 の形にします"),
    ("by the date of birth the person is 15 or older", "生年月日では15歳以上です"),
    ("event: this terminal was set up for another one", "この端末は別の災害・行事のために設定されています"),
    ("handle: give more letters of it", "識別子: もう少し長く入力します"),
    ("handle: the person was erased, so nobody can tell who it was", "この方の内容は消去されており、どなたか分かりません"),
    ("it was challenged before", "すでに確認のために開かれた投票です"),
    ("min_group: 2 to 1,000", "公表の最少人数: 2 から 1,000 までにします"),
    ("municipality: six digits with the check digit", "市区町村コード: 検査数字を含む6桁にします"),
    ("name, asker: empty", "氏名と、尋ねた方を入力します"),
    ("needs: ascending, each at most once", "必要な支援: 同じものが2度あります"),
    ("no declaration is on file", "宣誓書がありません"),
    ("no roll is imported", "名簿がまだ取り込まれていません"),
    ("no such ballot is on the board", "その投票は掲示板にありません"),
    ("nobody on the roll may vote on the polling date", "名簿に、投票日に投票できる方がいません"),
    ("not yet 18", "まだ18歳ではありません"),
    ("one person at a time", "一度に1人ずつにします"),
    ("other: the same handle", "同じ方の識別子です"),
    ("papers are counted after the poll is closed and before the result is published", "投票用紙は、投票の締切から結果の公表までの間に数えます"),
    ("papers are handed out between the opening and the close of the poll", "投票用紙は、投票の開始から締切までの間に交付します"),
    ("position: no place on Earth", "緯度と経度が正しくありません"),
    ("reason: 5 to 500 printable characters", "理由: 5文字から500文字までにします"),
    ("recipient: not an age recipient", "受取用の公開鍵: age1 で始まる鍵を指定します"),
    ("recipient: not an age recipient (age1…)", "受取用の公開鍵: age1 で始まる鍵を指定します"),
    ("rooms: each with a name of its own, without spaces around it", "部屋: それぞれ別の名前にし、前後に空白を入れません"),
    ("rooms: too many", "部屋が多すぎます"),
    ("say whom to look for: a number, a name, kana or a birth date", "番号・氏名・カナ・生年月日のどれかで探します"),
    ("service: 1 to 32 small letters, digits and hyphens", "サービス: 英小文字・数字・ハイフンで32文字までにします"),
    ("sex: 1, 2 or 3", "性別: 1・2・3 のどれかにします"),
    ("shelter: not opened in this event", "この災害・行事で開設されていない避難所です"),
    ("the poll is closed", "投票は締め切られています"),
    ("the poll is not closed", "投票はまだ締め切られていません"),
    ("the roll was imported again or corrected since the preview", "確認した後に、名簿が取り込み直されたか訂正されました"),
    ("there is no result yet", "結果はまだありません"),
    ("time: it lies in the future", "日時が先の時刻です"),
];

/// A detail in Japanese; none where it has no words here.
#[must_use]
pub fn in_japanese(detail: &str) -> Option<&'static str> {
    WORDS.iter().find(|(en, _)| *en == detail).map(|(_, ja)| *ja)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_put_right_at_a_form_is_said_in_japanese() {
        assert!(in_japanese("municipality: six digits with the check digit").unwrap().contains("6桁"));
        assert_eq!(in_japanese("elsewhere"), None);
        assert!(WORDS.iter().all(|(_, ja)| ja.chars().any(|c| c > '\u{3000}')));
    }
}
