//! Lists of the access log that must be refused, each signed anew by the appliance that lies (PROTOCOL §19).

use tachiai_schemas::Bytes;
use tachiai_schemas::sharing::access::{Access, AccessList, OwnAccess};
use tachiai_verify::Rule;
use tachiai_verify::access::verify;
use tachiai_verify::testing::access::{OTHER, SEED, change, disclosed, list, looked, sign, tags_of};

/// Of six leaves the first, third and last are about the holder, the last by the handle.
fn honest() -> AccessList {
    list(&[(disclosed(), &[1, 3]), (looked(), &[3]), (looked(), &[1]), (disclosed(), &[4, 5]), (looked(), &[]), (disclosed(), &[2, 3])])
}

fn refused(forge: impl FnOnce(&mut AccessList)) -> Option<(Rule, Option<u64>)> {
    let mut list = honest();
    forge(&mut list);
    verify(&list, None).err().map(|violation| (violation.rule, violation.leaf.map(|leaf| leaf.0)))
}

/// What is said of a list beside the honest one of before.
fn since(forge: impl FnOnce(&mut AccessList)) -> Option<Rule> {
    let mut list = honest();
    forge(&mut list);
    verify(&list, Some(&honest())).err().map(|violation| violation.rule)
}

#[test]
fn an_honest_list_holds_and_goes_on_from_an_earlier_one() {
    let verdict = verify(&honest(), None).unwrap();
    assert_eq!((verdict.leaves, verdict.own.iter().map(|own| own.leaf).collect::<Vec<_>>()), (6, vec![0, 2, 5]));
    let mut earlier = honest();
    earlier.leaves.truncate(3);
    earlier.own.truncate(2);
    sign(&mut earlier, &SEED);
    assert_eq!(verify(&honest(), Some(&earlier)).unwrap().since, Some(3));
    // Secrets may have come since.
    earlier.secrets.truncate(1);
    assert_eq!(verify(&honest(), Some(&earlier)).unwrap().since, Some(3));
    assert_eq!(since(|_| ()), None, "nothing new");
}

#[test]
fn a_list_whose_leaves_are_not_those_that_were_signed_is_refused() {
    let not_signed = Some((Rule::R931, None));
    assert_eq!(refused(|list| drop(list.leaves.pop())), not_signed, "cut");
    assert_eq!(refused(|list| list.leaves.swap(1, 3)), not_signed, "in another order");
    assert_eq!(refused(|list| list.origin.insert(0, 'x')), not_signed, "of another origin");
    assert_eq!(refused(|list| list.key = Bytes(tachiai_crypto::journal::BoardSecretKey::from_seed(&OTHER).public().to_bytes())), not_signed, "another key");
    assert_eq!(refused(|list| list.key = Bytes([1; 32])), not_signed, "no key");
}

#[test]
fn a_leaf_of_another_version_or_with_people_out_of_order_twice_or_too_many_is_refused() {
    let form = Some((Rule::R932, Some(0)));
    assert_eq!(refused(|list| change(list, 0, |leaf| leaf.v = 2)), form);
    assert_eq!(refused(|list| change(list, 0, |leaf| leaf.tags.reverse())), form);
    assert_eq!(refused(|list| change(list, 0, |leaf| leaf.tags.insert(0, leaf.tags[0]))), form);
    assert_eq!(refused(|list| change(list, 0, |leaf| leaf.tags = tags_of(1_001))), form);
    assert_eq!(refused(|list| list.leaves[0].0.insert(1, b' ')).map(|(rule, _)| rule), Some(Rule::R931), "not signed");
    let spaced = refused(|list| {
        list.leaves[0].0.insert(1, b' ');
        sign(list, &SEED);
    });
    assert_eq!(spaced, form);
    // Of somebody else's leaf, too: whoever reads the log reads all of it.
    assert_eq!(refused(|list| change(list, 3, |leaf| leaf.tags = tags_of(1_001))), Some((Rule::R932, Some(3))));
    assert_eq!(refused(|list| change(list, 3, |leaf| leaf.tags = tags_of(1_000))), None);
}

#[test]
fn a_list_that_leaves_out_what_is_about_its_holder_or_tells_of_others_is_refused() {
    let at = |leaf| Some((Rule::R933, Some(leaf)));
    assert_eq!(refused(|list| drop(list.own.remove(0))), at(0));
    assert_eq!(refused(|list| drop(list.own.pop())), at(5), "by the handle");
    assert_eq!(refused(|list| list.own.insert(1, OwnAccess { leaf: 1, ..list.own[0].clone() })), at(1), "of somebody else");
    assert_eq!(refused(|list| list.own.push(OwnAccess { leaf: 6, ..list.own[0].clone() })), at(6), "of no leaf");
    assert_eq!(refused(|list| list.own.insert(0, list.own[0].clone())), at(2), "twice");
    assert_eq!(refused(|list| list.own.swap(0, 1)), at(0), "in another order");
}

#[test]
fn a_list_that_tells_of_a_leaf_what_it_does_not_hold_is_refused() {
    let other = |change: &dyn Fn(&mut OwnAccess)| refused(|list| change(&mut list.own[1]));
    let expected = Some((Rule::R934, Some(2)));
    assert_eq!(other(&|own| own.access = Access { event: None, ..own.access.clone() }), expected);
    assert_eq!(other(&|own| own.access.fields.push("name".to_owned())), expected);
    assert_eq!(other(&|own| own.access = disclosed()), expected);
    assert_eq!(other(&|own| own.at = own.at.plus(1)), expected);
    assert_eq!(other(&|own| own.salt = Bytes([0; 32])), expected);
}

#[test]
fn a_log_that_does_not_go_on_from_what_was_kept_of_it_is_refused() {
    let fork = Some(Rule::R935);
    let taken_out = since(|list| {
        list.leaves.remove(1);
        list.own.iter_mut().skip(1).for_each(|own| own.leaf -= 1);
        sign(list, &SEED);
    });
    assert_eq!(taken_out, fork, "a leaf is taken out");
    assert_eq!(since(|list| change(list, 3, |leaf| leaf.tags.clear())), fork, "nobody is in a leaf any more");
    let set_back = since(|list| {
        list.leaves.truncate(5);
        list.own.truncate(2);
        sign(list, &SEED);
    });
    assert_eq!(set_back, fork, "it was set back");
    assert_eq!(since(|list| sign(list, &OTHER)), fork, "another key");
    let renamed = since(|list| {
        list.origin = "yabu.example/other".to_owned();
        sign(list, &SEED);
    });
    assert_eq!(renamed, fork, "another origin");
    let mut spoilt = honest();
    spoilt.own.pop();
    let violation = verify(&honest(), Some(&spoilt)).unwrap_err();
    assert_eq!((violation.rule, violation.detail.contains("the earlier list")), (Rule::R933, true));
}
