use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;

fn statement() -> Statement {
    Statement {
        event: EventId([1; 16]),
        chain: ChainId([2; 16]),
        seq: 4,
        after: vec![Hash32::sha256(b"before")],
        shelter: "gym".to_owned(),
        act: "in",
        time: "2026-09-01T20:00:00.000Z/0".to_owned(),
        terminal: "desk-1".to_owned(),
        fields: Hash32::sha256(b"fields"),
    }
}

fn standing() -> impl Strategy<Value = Standing> {
    let needs = proptest::sample::subsequence(Need::ALL.to_vec(), 0..=Need::ALL.len());
    (proptest::sample::select(AgeBand::ALL.to_vec()), proptest::sample::select(Stay::ALL.to_vec()), needs).prop_map(|(age, stay, needs)| Standing {
        age,
        stay,
        needs,
    })
}

/// A prover that takes any values for the flags that are sent and the one that is always 1; the others follow, as the verifier has it.
fn prove_anyway(statement: &Statement, sent: &[Scalar; SENT], rng: &mut ChaCha20Rng) -> Committed {
    prove_with(statement, sent, Scalar::ONE, rng)
}

fn prove_with(statement: &Statement, sent: &[Scalar; SENT], one: Scalar, rng: &mut ChaCha20Rng) -> Committed {
    let generators = RosterGenerators::get();
    let b = complete(sent, &one);
    let a = complete(&std::array::from_fn(|_| Scalar::random(rng)), &Scalar::ZERO);
    let [beta, alpha_c, alpha_d, delta] = std::array::from_fn(|_| Scalar::random(rng));
    let commit = |values: &[Scalar; FLAGS], set: &[RistrettoPoint; FLAGS], blinding: Scalar| {
        Element::new(RistrettoPoint::vartime_multiscalar_mul(values.iter().chain([&blinding]), set.iter().chain([generators.p()])))
    };
    let commitment = commit(&b, generators.g(), beta);
    let mask = commit(&a, generators.g(), alpha_c);
    let cross = commit(&std::array::from_fn(|i| a[i] * (Scalar::ONE - b[i] - b[i])), generators.q(), delta);
    let square = commit(&std::array::from_fn(|i| -(a[i] * a[i])), generators.q(), alpha_d);
    let x = finish(&mut start(statement, &commitment), &mask, &cross, &square);
    let indices: Vec<usize> = sent_indices().collect();
    let f = std::array::from_fn(|i| b[indices[i]] * x + a[indices[i]]);
    Committed { commitment, mask, cross, square, f, z_c: beta * x + alpha_c, z_d: delta * x + alpha_d }
}

fn sent(standing: &Standing) -> [Scalar; SENT] {
    let flags = standing.flags();
    let indices: Vec<usize> = sent_indices().collect();
    std::array::from_fn(|i| Scalar::from(flags[indices[i]]))
}

fn adult() -> Standing {
    Standing { age: AgeBand::Adult, stay: Stay::Shelter, needs: vec![Need::Care] }
}

proptest! {
    #[test]
    fn an_honest_entry_holds_survives_its_bytes_and_opens(standing in standing(), seed: [u8; 32]) {
        let rng = &mut ChaCha20Rng::from_seed(seed);
        let opening = Opening::new(&standing, rng);
        let proof = Committed::prove(&statement(), &opening, rng);
        prop_assert_eq!(proof.verify(&statement()), Ok(()));
        let bytes = proof.to_bytes();
        prop_assert_eq!(bytes.len(), Committed::LEN);
        prop_assert_eq!(Committed::decode(&bytes), Ok(proof.clone()));
        prop_assert!(opening.opens(&proof.commitment));
        prop_assert!(!Opening::new(&standing, rng).opens(&proof.commitment));
    }

    #[test]
    fn a_spoilt_byte_is_refused(seed: [u8; 32], at in 0..Committed::LEN, bit in 0..8_u8) {
        let rng = &mut ChaCha20Rng::from_seed(seed);
        let mut bytes = Committed::prove(&statement(), &Opening::new(&adult(), rng), rng).to_bytes();
        bytes[at] ^= 1 << bit;
        prop_assert!(Committed::decode(&bytes).is_err() || Committed::decode(&bytes).unwrap().verify(&statement()).is_err());
    }

    #[test]
    fn a_batch_names_exactly_those_that_do_not_hold(bad in proptest::collection::vec(any::<bool>(), 0..12), seed: [u8; 32]) {
        let rng = &mut ChaCha20Rng::from_seed(seed);
        let statement = statement();
        let mut values = sent(&adult());
        values[3] = Scalar::from(2_u8);
        let entries: Vec<Committed> = bad
            .iter()
            .map(|bad| if *bad { prove_anyway(&statement, &values, rng) } else { Committed::prove(&statement, &Opening::new(&adult(), rng), rng) })
            .collect();
        let verdicts = verify_batch(&entries.iter().map(|entry| (&statement, entry)).collect::<Vec<_>>(), rng);
        prop_assert_eq!(verdicts.iter().map(Result::is_err).collect::<Vec<_>>(), bad);
    }
}

#[test]
fn the_prover_of_anything_proves_honest_flags() {
    let rng = &mut ChaCha20Rng::from_seed([1; 32]);
    assert_eq!(prove_anyway(&statement(), &sent(&adult()), rng).verify(&statement()), Ok(()));
    // Age not known, in a vehicle, without needs.
    assert_eq!(prove_anyway(&statement(), &[Scalar::ZERO; SENT], rng).verify(&statement()), Ok(()));
}

#[test]
fn forged_32_flags_that_are_no_bits_or_break_a_relation_are_refused() {
    let rng = &mut ChaCha20Rng::from_seed([2; 32]);
    let honest = sent(&adult());
    let age = |age: AgeBand| age as usize;
    let changed = |changes: &[(usize, Scalar)]| {
        let mut values = honest;
        for (index, value) in changes {
            values[*index] = *value;
        }
        values
    };
    let minus_seven = -Scalar::from(7_u8);
    for (name, values) in [
        ("an age of −7, balanced by one of 8", changed(&[(age(AgeBand::Elder), minus_seven), (age(AgeBand::Adult), Scalar::from(8_u8))])),
        ("two age bands", changed(&[(age(AgeBand::Elder), Scalar::ONE)])),
        ("two stays", changed(&[(7, Scalar::ONE)])),
        ("a need of 2", changed(&[(8, Scalar::from(2_u8))])),
        ("a need of −1", changed(&[(8, -Scalar::ONE)])),
    ] {
        assert_eq!(prove_anyway(&statement(), &values, rng).verify(&statement()), Err(ProofError::Bits), "{name}");
    }
}

#[test]
fn forged_32_an_entry_of_nobody_or_of_two_is_refused() {
    let rng = &mut ChaCha20Rng::from_seed([6; 32]);
    for one in [Scalar::ZERO, Scalar::from(2_u8), -Scalar::ONE] {
        let entry = prove_with(&statement(), &[Scalar::ZERO; SENT], one, rng);
        assert_eq!(entry.verify(&statement()), Err(ProofError::Commitment), "{one:?}");
    }
    assert_eq!(Committed::decode(&[0; Committed::LEN]).map(|zeros| zeros.verify(&statement())), Ok(Err(ProofError::Commitment)));
}

#[test]
fn forged_32_a_commitment_or_cross_term_that_is_shifted_is_refused() {
    let rng = &mut ChaCha20Rng::from_seed([3; 32]);
    let honest = Committed::prove(&statement(), &Opening::new(&adult(), rng), rng);
    let generators = RosterGenerators::get();
    let shift = |element: &Element, by: &RistrettoPoint| Element::new(element.point() + by);
    for by in [&generators.g()[0], &generators.q()[0], generators.p(), &crate::group::G] {
        let shifted = Committed { commitment: shift(&honest.commitment, by), ..honest.clone() };
        assert_eq!(shifted.verify(&statement()), Err(ProofError::Commitment));
        let shifted = Committed { cross: shift(&honest.cross, by), ..honest.clone() };
        assert!(shifted.verify(&statement()).is_err());
    }
}

#[test]
fn a_proof_holds_for_its_own_statement_alone() {
    let rng = &mut ChaCha20Rng::from_seed([4; 32]);
    let proof = Committed::prove(&statement(), &Opening::new(&adult(), rng), rng);
    let others = [
        Statement { event: EventId([9; 16]), ..statement() },
        Statement { chain: ChainId([9; 16]), ..statement() },
        Statement { seq: 5, ..statement() },
        Statement { after: vec![], ..statement() },
        Statement { shelter: "hall".to_owned(), ..statement() },
        Statement { act: "edit", ..statement() },
        Statement { time: "2026-09-01T20:00:00.001Z/0".to_owned(), ..statement() },
        Statement { terminal: "desk-2".to_owned(), ..statement() },
        Statement { fields: Hash32::sha256(b"others"), ..statement() },
    ];
    for other in others {
        assert!(proof.verify(&other).is_err(), "{other:?}");
    }
}

#[test]
fn two_proofs_that_err_against_each_other_are_found_in_a_batch() {
    let rng = &mut ChaCha20Rng::from_seed([5; 32]);
    let statement = statement();
    let mut pair = [0, 1].map(|_| Committed::prove(&statement, &Opening::new(&adult(), rng), rng));
    pair[0].z_c += Scalar::ONE;
    pair[1].z_c -= Scalar::ONE;
    let items: Vec<_> = pair.iter().map(|entry| (&statement, entry)).collect();
    assert_eq!(verify_batch(&items, rng), [Err(ProofError::Commitment), Err(ProofError::Commitment)]);
}
