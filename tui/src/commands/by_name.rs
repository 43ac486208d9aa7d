//! Papers by name, as the second official sees them.

use tachiai_crypto::election::roll::{Person, RollEntry, slot_commitment};
use tachiai_schemas::desk::{AttendedSearch, PaperPerson, Papers, Search};
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roll::difference::WITHHELD;
use tachiai_schemas::{ElectionId, HashBytes, Lang};

use crate::card::printable;
use crate::commands::counter::sex_of_digit;
use crate::failure::Failure;

/// Why no card signed, in words.
#[must_use]
pub fn reason_text(lang: Lang, reason: NameReason) -> &'static str {
    match reason {
        NameReason::NoCard => lang.pick("カードがない", "no card"),
        NameReason::CardFailed => lang.pick("カードが使えない", "the card does not work"),
        NameReason::PinBlocked => lang.pick("暗証番号がロックされている・分からない", "PIN blocked or forgotten"),
        NameReason::ByPost => lang.pick("用紙を送る（不在者投票）", "the papers are sent (absentee voting)"),
        NameReason::LinkCut => lang.pick("回線が切れていた（仮投票）", "the link was cut (provisional)"),
    }
}

/// Whom it is about, a line each.
#[must_use]
pub fn person_text(lang: Lang, person: &PaperPerson) -> String {
    let PaperPerson { salt: _, number, name, birth, sex, address, district, place, protection } = person;
    let lines = [
        (lang.pick("投票所", "place"), lang.pick(&place.ja, &place.en)),
        (lang.pick("宛名番号", "number"), number.as_str()),
        (lang.pick("氏名", "name"), name),
        (lang.pick("生年月日", "birth date"), birth),
        (lang.pick("性別", "sex"), sex_of_digit(lang, sex)),
        (lang.pick("住所", "address"), address),
        (lang.pick("投票区", "district"), district),
    ];
    let lines = lines.iter().map(|(name, value)| format!("  {name}: {}\n", printable(value))).collect::<String>();
    let duty = lang.pick("この方が本人であることを、自分で確かめてから承認してください。", "Make sure yourself that this is the person before you approve.");
    let hidden = match protection {
        Protection::Open => "",
        Protection::Protected => lang.pick(
            "住所を表示しない方です。この端末では枠との照合ができないので、氏名と生年月日を確かめてください。照合は監査で行います。\n",
            "The address of this person is shown to nobody, so this console cannot compare the person with the slot: check name and birth date. The audit does.\n",
        ),
    };
    format!("{lines}{hidden}{duty}")
}

/// What a look-up with a second official is for, a line each word.
#[must_use]
pub fn search_text(lang: Lang, attended: &AttendedSearch) -> String {
    let AttendedSearch { salt: _, search: Search { number, name, kana, birth } } = attended;
    let words = [
        (lang.pick("宛名番号", "number"), number),
        (lang.pick("氏名", "name"), name),
        (lang.pick("氏名カナ", "kana"), kana),
        (lang.pick("生年月日", "birth date"), birth),
    ];
    let lines = words.iter().filter_map(|(title, word)| Some(format!("  {title}: {}\n", printable(word.as_deref()?)))).collect::<String>();
    let duty = lang.pick(
        "この方が窓口にいること（または封筒があること）と本人であることを、自分で確かめてから承認してください。支援措置の方かもしれません。",
        "Make sure yourself that this person is here, or the envelope, and who it is, before you approve. It may be somebody under protection.",
    );
    format!("{lines}{duty}")
}

/// Checks that the person shown is the one whose slot the matter commits to; of one whose address is kept from view that cannot be computed here.
///
/// # Errors
/// [`Failure`] (1): nobody is shown, or somebody else.
pub fn is_shown(election: ElectionId, papers: &Papers, commitment: &HashBytes, person: Option<&PaperPerson>) -> Result<(), Failure> {
    let Some(PaperPerson { salt, number: _, name, birth, sex, address, district, place: _, protection }) = person else {
        return Err(Failure::refused(
            "誰への交付かが表示されません。投票所または選挙管理委員会の職員が承認してください。",
            "whom the papers are for is not shown. An official of a polling place or of the commission must approve.",
        ));
    };
    if *protection == Protection::Protected && address == WITHHELD {
        return Ok(());
    }
    let entry = || {
        let person = Person { name: name.clone(), birth: birth.parse().ok()?, sex: sex.parse().ok()?, address: address.clone() };
        Some(RollEntry { person, district: district.clone() })
    };
    if entry().is_some_and(|entry| slot_commitment(&election, papers.slot, &salt.0, &entry) == commitment.hash()) {
        return Ok(());
    }
    Err(Failure::refused(
        "表示された方は、交付の対象の枠の方ではありません。署名していません。選挙管理委員会に知らせてください。",
        "the person shown is not the one whose slot the papers are for. Nothing was signed. Tell the election commission.",
    ))
}

/// That two officials may look now.
#[must_use]
pub const fn look_approved_text(lang: Lang) -> &'static str {
    lang.pick(
        "承認しました。端末の職員は、同じコマンドをもう一度実行すると名簿を確かめられます（1時間以内）。",
        "approved. The desk runs the same command again to look (within the hour).",
    )
}

/// That a hand-out is prepared now.
#[must_use]
pub const fn prepared_text(lang: Lang) -> &'static str {
    lang.pick(
        "承認しました。端末の職員は、同じコマンドをもう一度実行すると交付できます（1時間以内）。",
        "approved. The desk runs the same command again to hand the papers out (within the hour).",
    )
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::election::Text;
    use tachiai_schemas::paper::Manner;
    use tachiai_schemas::{Bytes, Slot};

    use super::*;

    #[test]
    fn papers_are_approved_only_for_the_person_whose_slot_they_name() {
        let election: ElectionId = "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
        let papers = Papers { place: 0, session: 0, slot: Slot(3), contests: vec![0], manner: Manner::Own };
        let text = |word: &str| Text { ja: word.to_owned(), en: word.to_owned() };
        let [number, name, birth, sex, address, district] = ["7", "養父　花子", "1980-02-17", "2", "養父市", "1"].map(str::to_owned);
        let person = PaperPerson { salt: Bytes([5; 32]), number, name, birth, sex, address, district, place: text("市役所"), protection: Protection::Open };
        let entry = RollEntry {
            person: Person { name: "養父　花子".into(), birth: "1980-02-17".parse().unwrap(), sex: "2".parse().unwrap(), address: "養父市".into() },
            district: "1".into(),
        };
        let commitment = slot_commitment(&election, Slot(3), &[5; 32], &entry).into();
        is_shown(election, &papers, &commitment, Some(&person)).unwrap();
        let other = PaperPerson { name: "朝来　太郎".into(), ..person.clone() };
        for (papers, person) in [(papers.clone(), Some(&other)), (papers.clone(), None), (Papers { slot: Slot(4), ..papers.clone() }, Some(&person))] {
            is_shown(election, &papers, &commitment, person).unwrap_err();
        }
        // Whoever says that an address is kept from view must not show one.
        let protected = PaperPerson { protection: Protection::Protected, name: "朝来　太郎".into(), ..person.clone() };
        is_shown(election, &papers, &commitment, Some(&protected)).unwrap_err();
        let hidden = PaperPerson { address: WITHHELD.into(), district: WITHHELD.into(), ..protected };
        is_shown(election, &papers, &commitment, Some(&hidden)).unwrap();
        assert!(person_text(Lang::En, &hidden).contains("cannot compare") && !person_text(Lang::En, &person).contains("cannot compare"));
    }
}
