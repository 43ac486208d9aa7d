//! Cards at the desk: what they say is worth what the keys are worth that the terminal trusts.

use std::fs;

use tachiai_jpki::testing::{CaKey, TextAuthority};
use tachiai_jpki::{BirthDate, FourAttributes, Sex, Substitutes};
use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::roster::{Act, Person};

use super::town::{Town, Wall, began};
use super::{draft, enter};
use crate::card::{Attributes, PinName, SignedText};
use crate::failure::Exit;
use crate::shelter::card::{Holder, Text, Unchecked};
use crate::shelter::desk::{Draft, Here, Joined, Subject};
use crate::shelter::state::{Anchors, Reception};

/// The card of 養父花子, signed by this authority.
fn card(authority: &TextAuthority) -> SignedText {
    let attributes = FourAttributes {
        name: "養父　花子".into(),
        name_substitutes: Substitutes::none_in("養父　花子"),
        address: "養父市八鹿町1".into(),
        address_substitutes: Substitutes::none_in("養父市八鹿町1"),
        birth_date: BirthDate::from_eight_digits("19800217").unwrap(),
        sex: Sex::Female,
    };
    let signed = authority.sign(&attributes, b"a file with a number").unwrap();
    let attributes = Attributes { name: attributes.name, address: attributes.address, birth: "19800217".into(), sex: crate::card::Sex::Female };
    SignedText { attributes, attributes_file: signed.attributes, digests: signed.digests, certificate: signed.certificate }
}

fn city() -> TextAuthority {
    TextAuthority::with_published_keys().unwrap()
}

/// An authority with the name of the city's and keys of its own.
fn home_made() -> TextAuthority {
    let key = |pkcs8: &[u8]| CaKey::from_pkcs8(pkcs8).unwrap();
    let root = key(include_bytes!("../../../../tests/data/jpki/keys/text-signer.pkcs8.der"));
    TextAuthority::new(root, key(include_bytes!("../../../../tests/data/jpki/keys/text-root.pkcs8.der")))
}

#[test]
fn a_card_that_the_city_signed_identifies_its_holder_and_a_home_made_or_altered_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    for (by, identified) in [(PinName::Text, Identified::CardPin), (PinName::Face, Identified::Card)] {
        assert_eq!(gym.identified_by(by, &Text::Signed(card(&city()))).unwrap(), identified);
        // A generation of cards that has nothing signed proves nothing.
        assert_eq!(gym.identified_by(by, &Text::Unsigned(card(&city()).attributes)).unwrap(), Identified::CardUnchecked);
        assert_eq!(gym.unchecked(), Unchecked::Unsigned);
        let altered = {
            let mut file = card(&city()).attributes_file;
            *file.last_mut().unwrap() = b'1';
            SignedText { attributes_file: file, ..card(&city()) }
        };
        for forged in [card(&home_made()), altered, SignedText { certificate: card(&home_made()).certificate, ..card(&city()) }] {
            let failure = gym.identified_by(by, &Text::Signed(forged)).unwrap_err();
            assert!(failure.exit == Exit::Refused && failure.en.contains("signature") && failure.en.contains("nothing was entered"), "{failure}");
        }
    }
}

#[test]
fn without_a_key_no_card_identifies_anybody_and_its_word_tells_nothing_of_whom_is_under_protection() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    town.text_anchors.clear();
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    assert_eq!(gym.unchecked(), Unchecked::NoKey);
    for authority in [city(), home_made()] {
        assert_eq!(gym.identified_by(PinName::Text, &Text::Signed(card(&authority))).unwrap(), Identified::CardUnchecked);
    }
    let attributes = card(&home_made()).attributes;
    let (subject, holder) = gym.of_card(&attributes, Identified::CardUnchecked);
    assert!(holder == Holder::Resident && subject.here == Here::New && subject.person.identified == Identified::CardUnchecked);
    let hanako = enter(&mut gym, Subject { person: Person { protection: Protection::Protected, ..subject.person.clone() }, ..subject }, Act::In);
    let (subject, _) = gym.of_card(&attributes, Identified::CardUnchecked);
    assert!(subject.here == Here::Hidden && subject.person.kana.is_empty(), "as whoever only knows the name");
    let entered = gym.enter(&[Draft { follow: subject.here.follow(), ..draft(&gym, subject, Act::In) }]).unwrap().remove(0);
    assert_eq!((entered.joined, entered.chain, gym.roster().live().count()), (Joined::Apart, hanako, 1));
}

/// The card of somebody from elsewhere.
fn stranger(name: &str, birth: &str, sex: crate::card::Sex) -> Attributes {
    Attributes { name: name.into(), address: "朝来市1".into(), birth: birth.into(), sex }
}

#[test]
fn whose_birth_and_sex_fit_a_resident_under_protection_is_entered_as_protected_by_a_card_that_nobody_checked_too() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    town.text_anchors.clear();
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let secret = stranger("秘密　子", "19900909", crate::card::Sex::Female);
    let (subject, holder) = gym.of_card(&secret, Identified::CardUnchecked);
    assert!(holder == Holder::PerhapsProtected && subject.here == Here::New && subject.person.protection == Protection::Protected);
    enter(&mut gym, subject, Act::In);
    assert!(gym.present().is_empty() && gym.roster().live().count() == 1, "kept from searches, and counted");
    for other in [stranger("秘密　子", "19900909", crate::card::Sex::Male), stranger("秘密　子", "19900910", crate::card::Sex::Female)] {
        let (subject, holder) = gym.of_card(&other, Identified::CardUnchecked);
        assert!(holder == Holder::Other && subject.person.protection == Protection::Open);
    }
}

#[test]
fn a_home_made_card_of_somebody_who_is_no_resident_moves_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let attributes = stranger("番号　太郎", "19710304", crate::card::Sex::Male);
    let (subject, _) = gym.of_card(&attributes, Identified::CardPin);
    let checked = enter(&mut gym, subject, Act::In);
    assert_eq!(gym.of_card(&attributes, Identified::CardPin).0.here, Here::Present, "the own card finds them");
    let (subject, holder) = gym.of_card(&attributes, Identified::CardUnchecked);
    assert!(holder == Holder::Other && subject.here == Here::New && subject.chain != checked);
    assert_eq!(gym.lookalikes(subject.chain, &subject.person).iter().map(|(_, view)| view.handles[0]).collect::<Vec<_>>(), [checked]);
    // It is not told of whom is under protection either.
    let protected = Draft { act: Act::Edit, ..draft(&gym, gym.of_card(&attributes, Identified::CardPin).0, Act::Edit) };
    gym.enter(&[Draft { person: Person { protection: Protection::Protected, ..protected.person.clone() }, ..protected }]).unwrap();
    let (subject, _) = gym.of_card(&attributes, Identified::CardUnchecked);
    assert!(subject.here == Here::New && gym.lookalikes(subject.chain, &subject.person).is_empty());
}

#[test]
fn a_pack_that_did_not_come_from_the_appliance_is_not_used_whoever_sealed_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    let (path, first) = (folder.path().join("pack.age"), fs::read(folder.path().join("pack.age")).unwrap());
    town.now += 1000;
    town.text_anchors = vec![home_made().anchor_bytes().unwrap()];
    let forged = town.pack(&gym);
    fs::write(&path, &forged).unwrap();
    drop(gym);
    let open = || Reception::open(folder.path(), || panic!("unprotected"), wall.clocks());
    let failure = open().err().unwrap();
    assert!(failure.exit == Exit::Refused && failure.en.contains("pack.age") && failure.en.contains("sync --pack"), "{failure}");
    fs::remove_file(&path).unwrap();
    gym = open().unwrap();
    assert!(gym.residents().is_none(), "the terminal goes on, and fetches it anew");
    gym.keep_pack(forged).unwrap();
    // The power failed while it was written: what lay there before is the appliance's as well. A third time it is old.
    for is_taken in [true, false] {
        fs::write(&path, &first).unwrap();
        drop(gym);
        assert_eq!(open().is_ok(), is_taken);
        fs::remove_file(&path).unwrap();
        gym = open().unwrap();
        town.now += 1000;
        gym.keep_pack(town.pack(&gym)).unwrap();
    }
    assert!(gym.residents().is_some());
}

#[test]
fn a_terminal_hears_that_the_keys_for_cards_are_others_than_in_its_pack() {
    let folder = tempfile::tempdir().unwrap();
    let (mut town, wall) = (Town::new(), Wall::at(began() + 60_000));
    let mut gym = town.admit(folder.path(), "gym-1", "gym", &wall);
    assert_eq!((gym.heard_anchors(town.news(&gym).anchors), gym.heard_anchors(None)), (Anchors::Same, Anchors::Same));
    town.text_anchors.push(home_made().anchor_bytes().unwrap());
    assert_eq!(gym.heard_anchors(town.news(&gym).anchors), Anchors::Changed);
    town.now += 1000;
    gym.keep_pack(town.pack(&gym)).unwrap();
    assert_eq!(gym.heard_anchors(town.news(&gym).anchors), Anchors::Same);
}
