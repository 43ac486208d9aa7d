//! Declarations for early voting (期日前投票宣誓書) on which papers are handed out.

use tachiai_schemas::declaration::{
    DeclarationList, DeclarationListed, DeclarationRequest, DeclarationState, DeclarationsOnDay, DeclaredBy, EarlyReason, oath,
};

use tachiai_schemas::roll::Day;

use super::*;
use crate::election::declaration::Naming;
use crate::election::private::{LookedBy, PrivateBody, PrivateEntry};

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_stays_once_the_paper_is_handed_out_even_where_the_note_of_it_is_lost() {
    let mut town = Town::open(3).await;
    let live = town.city.live();
    let request = |reason| DeclarationRequest { reason, birth: "1980-04-01".to_owned(), oath: oath(Lang::Ja).to_owned() };
    let (holder, papers) = (town.city.voters[0].holder, town.papers(0));
    live.file_declaration(&holder, &request(1)).await.unwrap();
    assert!(live.desk_elector(papers.slot, time(OPENS)).unwrap().declaration.is_some());
    // The process ended between the board's entry and the note.
    let issue = town.by_card(&papers, town.card(0, &papers, |_, _| {})).await.unwrap().issue;
    let leaf = live.submit(Command::Record(Box::new(Body::PaperIssued(Box::new(town.sign(issue.clone())))))).await.unwrap().leaf;
    let used = DeclarationState::Used { handout: leaf };
    for noted in [DeclarationState::Filed, used] {
        // A restart does not forget it, and the desk that asks again makes up for the note.
        town.city.restart(Arc::new(MemoryStore::new())).await;
        let live = town.city.live();
        if noted == used {
            assert_eq!(live.hand_out(town.sign(issue.clone())).await.unwrap().leaf, leaf);
        }
        assert_eq!(live.private().declarations.get(papers.slot).map(|on_file| on_file.state), Some(noted));
        assert_eq!(live.withdraw_declaration(&holder).await.unwrap_err().refusal, Refusal::DeclarationUsed);
        assert_eq!(live.file_declaration(&holder, &request(2)).await.unwrap_err().refusal, Refusal::DeclarationUsed);
        assert_eq!(live.own_declaration(&holder).unwrap().state, used);
        assert!(live.desk_elector(papers.slot, time(OPENS)).unwrap().declaration.is_none());
    }
}

/// Everybody whom somebody was shown by the list of declarations.
fn shown(town: &Town) -> Vec<(String, Vec<Slot>)> {
    let entries = town.city.live().private_reader.iter_from(0).map(|bytes| PrivateEntry::from_bytes(&bytes.unwrap()).unwrap().body);
    let looks = entries.filter_map(|body| match body {
        PrivateBody::LookedUp { by, how: LookedBy::DeclarationList, slots } => Some((by, slots)),
        _ => None,
    });
    looks.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_declarations_says_who_filed_them_and_which_paper_was_handed_out_and_keeps_who_read_it() {
    let town = protected_town().await;
    let live = town.city.live();
    for (voter, reason, birth) in [(1, 6, "1980-04-02"), (0, 2, "1980-04-01")] {
        let request = DeclarationRequest { reason, birth: birth.to_owned(), oath: oath(Lang::Ja).to_owned() };
        live.file_declaration(&town.city.voters[voter].holder, &request).await.unwrap();
    }
    let leaf = town.check_in(1).await;
    let said = |listed: &DeclarationListed| {
        let DeclaredBy { number, name, birth } = listed.by.clone();
        ([number, name, birth], listed.reason.item(), listed.handed_out, listed.used.clone().map(|used| (used.leaf, used.place.ja)))
    };
    let used = Some((leaf, "投票所 hall".to_owned()));
    let list = live.list_declarations("西村", Naming::Named, None).await.unwrap();
    assert_eq!((list.all, list.used, list.withdrawn, list.next), (2, 1, 0, None));
    let [open, protected] = [["1", "氏名　1", "1980-04-02"], ["0", WITHHELD, WITHHELD]].map(|fields| fields.map(str::to_owned));
    assert_eq!(list.listed.iter().map(said).collect::<Vec<_>>(), [(open, 6, true, used), (protected, 2, false, None)]);
    let slots = [1, 0].map(|voter| town.city.slot(voter)).to_vec();
    assert_eq!(shown(&town), [("西村".to_owned(), slots)]);
    // An auditor is told of no person, so nobody was looked at: neither of a hand-out, which leads to a slot, nor of a second.
    let unnamed = live.list_declarations("監査", Naming::Unnamed, None).await.unwrap();
    let day = Day::of(list.listed[0].filed).to_string();
    let counted = [EarlyReason::Away, EarlyReason::Weather].map(|reason| DeclarationsOnDay { day: day.clone(), reason, filed: 1 });
    assert_eq!(unnamed, DeclarationList { all: 2, used: 1, withdrawn: 0, listed: Vec::new(), counted: counted.to_vec(), next: None });
    assert_eq!(shown(&town).len(), 1);
    // One after the other, in as many answers.
    let (first, slots) = live.declarations_after(Naming::Named, None, 1).unwrap();
    assert_eq!((first.listed.as_slice(), slots), (&list.listed[..1], vec![town.city.slot(1)]));
    let (second, _) = live.declarations_after(Naming::Named, first.next, 1).unwrap();
    assert_eq!((second.listed.as_slice(), second.all, second.next), (&list.listed[1..], 2, None));
    // What was taken back is counted only.
    live.withdraw_declaration(&town.city.voters[0].holder).await.unwrap();
    let list = live.list_declarations("西村", Naming::Named, None).await.unwrap();
    assert_eq!((list.all, list.withdrawn, list.listed.len()), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_declarations_says_of_nobody_under_protection_where_and_when_a_paper_was_handed_out() {
    let town = protected_town().await;
    let live = town.city.live();
    let request = DeclarationRequest { reason: 3, birth: "1980-04-01".to_owned(), oath: oath(Lang::Ja).to_owned() };
    live.file_declaration(&town.city.voters[0].holder, &request).await.unwrap();
    town.check_in(0).await;
    let list = live.list_declarations("西村", Naming::Named, None).await.unwrap();
    let [one] = &list.listed[..] else { panic!("{list:?}") };
    assert_eq!((list.used, one.by.name.as_str(), one.handed_out, &one.used), (1, WITHHELD, true, &None));
}
