use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::roster::{AgeBand, Need, Standing, Stay};

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([6; 32])
}

fn commit(opening: &Opening) -> Element {
    let generators = RosterGenerators::get();
    let flags = opening.flags().iter().map(|flag| Scalar::from(*flag)).chain([*opening.blinding()]);
    Element::new(RistrettoPoint::vartime_multiscalar_mul(flags, generators.g().iter().chain([generators.p()])))
}

fn people(standings: &[Standing]) -> (Sum, Element) {
    let (mut total, mut elements, mut rng) = (Sum::default(), Vec::new(), rng());
    for standing in standings {
        let opening = Opening::new(standing, &mut rng);
        elements.push(commit(&opening));
        total.add(&commit(&opening), &opening);
    }
    (total, sum(&elements))
}

fn standings() -> impl Strategy<Value = Vec<Standing>> {
    let needs = proptest::sample::subsequence(Need::ALL.to_vec(), 0..=Need::ALL.len());
    let one = (proptest::sample::select(AgeBand::ALL.to_vec()), proptest::sample::select(Stay::ALL.to_vec()), needs);
    proptest::collection::vec(one.prop_map(|(age, stay, needs)| Standing { age, stay, needs }), 0..12)
}

fn some() -> impl Strategy<Value = FlagSet> {
    (0..1u32 << FLAGS).prop_map(|bits| FlagSet::try_from(bits).unwrap())
}

fn three() -> (Sum, Element) {
    let one = |age, stay, needs: &[Need]| Standing { age, stay, needs: needs.to_vec() };
    people(&[
        one(AgeBand::Adult, Stay::Shelter, &[Need::Care]),
        one(AgeBand::Adult, Stay::Vehicle, &[]),
        one(AgeBand::Infant, Stay::Shelter, &[Need::Food, Need::Care]),
    ])
}

const CARE: Flag = Flag::Need(Need::Care);
const IN_SHELTER: Flag = Flag::Stay(Stay::Shelter);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sum_opens_at_any_flags_and_its_bytes_come_back(standings in standings(), shown in some()) {
        let (total, element) = people(&standings);
        prop_assert_eq!(total.element(), element);
        let claim = Claim::of(Hash32::sha256(b"x"), &total, shown, None);
        let proof = claim.prove(&total, &mut rng()).unwrap();
        prop_assert_eq!(claim.verify(&element, &proof), Ok(()));
        let bytes = proof.to_bytes();
        prop_assert_eq!(bytes.len(), Shown::len_of(shown, false));
        prop_assert_eq!(Shown::decode(&claim, &bytes), Ok(proof));
    }

    #[test]
    fn no_total_that_is_shown_can_be_another(standings in standings(), shown in some(), flag in 0..FLAGS, other in 0u64..20) {
        let (total, element) = people(&standings);
        let mut claim = Claim::of(Hash32::sha256(b"x"), &total, FlagSet(shown.0 | 1 << flag), None);
        prop_assume!(claim.totals[flag] != other);
        claim.totals[flag] = other;
        // The prover goes through with it as far as it can: the responses are those of the false claim.
        let proof = claim.prove(&total, &mut rng()).unwrap();
        prop_assert_eq!(claim.verify(&element, &proof), Err(ShownError::Sum));
    }

    #[test]
    fn a_limit_holds_exactly_from_the_total_on(standings in standings(), room in 0u16..3) {
        let (total, element) = people(&standings);
        let present = u16::try_from(total.totals()[IN_SHELTER.index()]).unwrap();
        let claim = |at_most| Claim::of(Hash32::sha256(b"x"), &total, FlagSet::NONE, Some(Cap { flag: IN_SHELTER, at_most }));
        let proof = claim(present + room).prove(&total, &mut rng()).unwrap();
        prop_assert_eq!(claim(present + room).verify(&element, &proof), Ok(()));
        let decoded = Shown::decode(&claim(present + room), &proof.to_bytes());
        prop_assert_eq!(decoded, Ok(proof));
        if let Some(less) = present.checked_sub(1) {
            prop_assert_eq!(claim(less).prove(&total, &mut rng()), Err(ShownError::Limit));
        }
    }
}

#[test]
fn a_proof_is_of_its_context_sum_and_flags_alone() {
    let (total, element) = three();
    let shown = FlagSet::NONE.with(Flag::Present).with(CARE);
    let claim = Claim::of(Hash32::sha256(b"x"), &total, shown, None);
    assert_eq!((claim.totals[0], claim.totals[CARE.index()]), (3, 2));
    let proof = claim.prove(&total, &mut rng()).unwrap();
    let other = Claim { context: Hash32::sha256(b"y"), ..claim.clone() };
    assert_eq!(other.verify(&element, &proof), Err(ShownError::Sum));
    let shifted = Element::new(element.point() + RosterGenerators::get().g()[3]);
    assert_eq!(claim.verify(&shifted, &proof), Err(ShownError::Sum));
    let fewer = Claim { shown: shown.without(CARE), ..claim };
    assert_eq!(fewer.verify(&element, &proof), Err(ShownError::Sum));
    assert!(Shown::decode(&fewer, &proof.to_bytes()).is_err(), "its length is that of other flags");
}

#[test]
fn a_limit_is_about_the_total_of_the_sum_and_no_other_number() {
    let (total, element) = three();
    let capped = |at_most| Claim::of(Hash32::sha256(b"x"), &total, FlagSet::NONE, Some(Cap { flag: IN_SHELTER, at_most }));
    // A sum with fewer people in the shelter gives a sound range proof; beside the true sum it is not linked.
    let (fewer, _) = people(&[Standing { age: AgeBand::Adult, stay: Stay::Shelter, needs: vec![] }]);
    let (honest, small) = (capped(5).prove(&total, &mut rng()).unwrap(), capped(5).prove(&fewer, &mut rng()).unwrap());
    let mut forged = honest.clone();
    forged.bound.clone_from(&small.bound);
    assert!(matches!(capped(5).verify(&element, &forged), Err(ShownError::Sum | ShownError::Link)));
    // Only the range proof of another number, whatever is linked.
    let mut forged = honest.clone();
    forged.bound.as_mut().unwrap().range = small.bound.unwrap().range;
    assert_eq!(capped(5).verify(&element, &forged), Err(ShownError::Range));
    // A lower limit than that which was proved.
    assert!(capped(1).verify(&element, &honest).is_err());
    // No range proof at all.
    assert_eq!(capped(5).verify(&element, &Shown { bound: None, ..honest.clone() }), Err(ShownError::Sum), "it is in the challenge");
    let plain = Claim { cap: None, ..capped(5) };
    let proof = plain.prove(&total, &mut rng()).unwrap();
    assert_eq!(capped(5).verify(&element, &proof), Err(ShownError::Sum));
    assert_eq!(plain.verify(&element, &honest), Err(ShownError::Sum));
    // A total that is shown needs no limit.
    let both = Claim::of(Hash32::sha256(b"x"), &total, FlagSet::NONE.with(IN_SHELTER), Some(Cap { flag: IN_SHELTER, at_most: 5 }));
    assert_eq!(both.prove(&total, &mut rng()).map(drop), Err(ShownError::Limit));
}

#[test]
fn bytes_have_one_form_and_one_length() {
    let (total, _) = three();
    let claim = Claim::of(Hash32::sha256(b"x"), &total, FlagSet::NONE.with(CARE), Some(Cap { flag: IN_SHELTER, at_most: 5 }));
    let bytes = claim.prove(&total, &mut rng()).unwrap().to_bytes();
    assert!(Shown::decode(&claim, &bytes[..bytes.len() - 1]).is_err());
    assert!(Shown::decode(&claim, &[bytes.as_slice(), &[0]].concat()).is_err());
    for part in 0..bytes.len() / 32 {
        let mut wrong = bytes.clone();
        wrong[32 * part..][..32].fill(255);
        assert!(Shown::decode(&claim, &wrong).is_err(), "part {part}");
    }
    assert_eq!(FlagSet::try_from(1 << FLAGS), Err(UnknownFlag));
}

#[test]
fn two_proofs_of_neighbouring_sums_differ_in_everything_that_depends_on_the_blinding() {
    // The difference of two responses to one challenge would be that of the blindings: with one source of randomness masks still differ.
    let (total, _) = three();
    let (fewer, _) = people(&[Standing { age: AgeBand::Adult, stay: Stay::Shelter, needs: vec![Need::Care] }]);
    let claim = |sum: &Sum| Claim::of(Hash32::sha256(b"x"), sum, FlagSet::ALL, None);
    let (one, two) = (claim(&total).prove(&total, &mut rng()).unwrap(), claim(&fewer).prove(&fewer, &mut rng()).unwrap());
    assert_ne!(one.mask, two.mask);
    assert_ne!(one.mask, claim(&total).prove(&total, &mut ChaCha20Rng::from_seed([7; 32])).unwrap().mask);
}

#[test]
fn many_proofs_have_together_the_verdicts_that_they_have_alone() {
    let (total, element) = three();
    let shown = [Flag::Present, CARE].into_iter().collect();
    let claim = |number: u8, cap| Claim::of(Hash32::sha256(&[number]), &total, shown, cap);
    let claims: Vec<Claim> = (0..8).map(|number| claim(number, (number == 5).then_some(Cap { flag: IN_SHELTER, at_most: 2 }))).collect();
    let mut proofs: Vec<Shown> = claims.iter().map(|claim| claim.prove(&total, &mut rng()).unwrap()).collect();
    let verdicts = |proofs: &[Shown], element: &Element| {
        let items: Vec<(&Claim, &Element, &Shown)> = claims.iter().zip(proofs).map(|(claim, proof)| (claim, element, proof)).collect();
        let together = verify_batch(&items, &mut rng());
        assert_eq!(together, items.iter().map(|(claim, sum, proof)| claim.verify(sum, proof)).collect::<Vec<_>>());
        together.iter().map(Result::is_ok).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&proofs, &element), [true; 8]);
    assert_eq!(verdicts(&proofs, &Element::new(*RosterGenerators::get().p())), [false; 8]);
    // Errors that would cancel each other under equal weights, a response too few, and a limit that is not linked.
    proofs[1].blinding += Scalar::ONE;
    proofs[2].blinding -= Scalar::ONE;
    assert_eq!(verdicts(&proofs, &element), [true, false, false, true, true, true, true, true]);
    proofs[3].hidden.pop();
    proofs[5].bound.as_mut().unwrap().blinding += Scalar::ONE;
    assert_eq!(verdicts(&proofs, &element), [true, false, false, false, true, false, true, true]);
    assert!(verify_batch(&[], &mut rng()).is_empty());
}
