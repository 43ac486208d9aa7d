//! What the second official sees of two citizen IDs, and of erasing a citizen.

use tachiai_schemas::Lang;
use tachiai_schemas::identity::case::{CitizenCaseOf, CitizenCaseShown, CitizenEraseDone, CitizenLinkDone};
use tachiai_schemas::roster::LinkVerdict;
use tachiai_schemas::staff::Matter;

use super::matter;
use super::words::{self, Look};
use crate::commands::citizen::view_text;

/// Whether what is shown is what the matter commits to.
pub fn is_shown(matter: &Matter, shown: Option<&CitizenCaseShown>) -> bool {
    match (matter, shown.map(|CitizenCaseShown { case, people }| (case, &case.of, people))) {
        (Matter::LinkCitizens { citizen, other, verdict, commitment }, Some((case, CitizenCaseOf::Link(request), _))) => {
            (request.citizen, request.other, request.verdict) == (*citizen, *other, *verdict) && case.commitment() == commitment.hash()
        }
        (Matter::EraseCitizen { citizen, ground, commitment }, Some((case, CitizenCaseOf::Erase { citizen: of, request }, people))) => {
            let is_meant = (*of, request.ground) == (*citizen, *ground) && people.iter().any(|view| view.citizen == *citizen);
            is_meant && case.commitment() == commitment.hash()
        }
        (Matter::LinkCitizens { .. } | Matter::EraseCitizen { .. }, _) | (_, Some(_)) => false,
        (_, None) => true,
    }
}

/// The words of a case, and whom it is about.
pub fn case_text(lang: Lang, shown: &CitizenCaseShown) -> String {
    let CitizenCaseShown { case, people } = shown;
    let (words, duty) = match &case.of {
        CitizenCaseOf::Link(request) => {
            let words = words::evidence(lang, &request.evidence) + &words::reason(lang, &request.reason);
            let duty = match request.verdict {
                LinkVerdict::Same => {
                    let then = (
                        "上の市民IDが続き、もう一つはその別名になります。どちらの履歴も残り、同じ手続で元に戻せます。",
                        "The first ID goes on, and the other becomes an alias of it. Both histories stay, and it can be undone in the same way.",
                    );
                    words::duty(lang, Look::EvidenceAndRecords, then)
                }
                LinkVerdict::Apart => words::duty(lang, Look::Evidence, ("それぞれの市民IDに、元の記録が戻ります。", "Each ID has its own records again.")),
            };
            (words, duty)
        }
        CitizenCaseOf::Erase { citizen: _, request } => {
            let then = (
                "この方の内容は二度と開けず、カードと市民IDは使えなくなります。票・集計・証明・開示記録はそのまま残ります。",
                "What it says of the person is never opened again, and cards and codes stop working. Ballots, totals, proofs and the access log stay.",
            );
            (words::reason(lang, &request.reason), words::duty(lang, Look::Record, then))
        }
    };
    let people: String = people.iter().map(|view| format!("{}\n\n", view_text(lang, view))).collect();
    format!("{words}\n{people}{duty}")
}

/// What holds about two IDs.
pub fn linked_text(lang: Lang, done: &CitizenLinkDone) -> String {
    let CitizenLinkDone { citizen, other, verdict } = done;
    format!("{}: {citizen} {other}", matter::citizens_name(lang, *verdict))
}

/// That a citizen is erased.
pub fn erased_text(lang: Lang, CitizenEraseDone { citizens }: &CitizenEraseDone) -> String {
    let count = citizens.len();
    match lang {
        Lang::Ja => format!("消去しました（市民ID {count} 件）。"),
        Lang::En => format!("Erased ({count} citizen IDs)."),
    }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::identity::case::{CitizenCase, CitizenEraseRequest, CitizenLinkRequest};
    use tachiai_schemas::identity::citizen::{CitizenPerson, CitizenView};
    use tachiai_schemas::shelter::case::EraseGround;
    use tachiai_schemas::{Bytes, CitizenId};

    use super::*;

    #[test]
    fn other_ids_evidence_or_people_than_the_matter_commits_to_are_not_signed() {
        let (citizen, other) = (CitizenId([1; 16]), CitizenId([2; 16]));
        let (evidence, reason) = ("戸籍の写し".to_owned(), "二重の登録".to_owned());
        let request = CitizenLinkRequest { citizen, other, verdict: LinkVerdict::Same, evidence, reason };
        let link = |request: CitizenLinkRequest| CitizenCase { salt: Bytes([4; 32]), of: CitizenCaseOf::Link(request) };
        let matter = |verdict| Matter::LinkCitizens { citizen, other, verdict, commitment: link(request.clone()).commitment().into() };
        let shown = |case| CitizenCaseShown { case, people: vec![] };
        assert!(is_shown(&matter(LinkVerdict::Same), Some(&shown(link(request.clone())))));
        assert!(!is_shown(&matter(LinkVerdict::Same), Some(&shown(link(CitizenLinkRequest { evidence: "噂".to_owned(), ..request.clone() })))));
        assert!(!is_shown(&matter(LinkVerdict::Apart), Some(&shown(link(request.clone())))) && !is_shown(&matter(LinkVerdict::Same), None));

        let request = CitizenEraseRequest { ground: EraseGround::Request, reason: "本人の申出".to_owned() };
        let case = CitizenCase { salt: Bytes([4; 32]), of: CitizenCaseOf::Erase { citizen, request } };
        let matter = Matter::EraseCitizen { citizen, ground: EraseGround::Request, commitment: case.commitment().into() };
        let person = || CitizenPerson { name: "養父".to_owned(), birth_date: "1950-04-01".to_owned(), sex: "2".to_owned(), address: "養父市".to_owned() };
        let of = |citizen| {
            let view = CitizenView { citizen, code: citizen, person: person(), cards: vec![], lost: vec![], aliases: vec![] };
            CitizenCaseShown { case: case.clone(), people: vec![view] }
        };
        assert!(is_shown(&matter, Some(&of(citizen))) && !is_shown(&matter, Some(&of(other))));
        let text = case_text(Lang::Ja, &of(citizen));
        assert!(text.contains("本人の申出") && text.contains("養父市"), "{text}");
    }
}
