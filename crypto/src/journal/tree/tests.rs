use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;

use super::*;

/// MTH of RFC 6962 §2.1, written as the RFC writes it.
fn naive_root(leaves: &[Hash32]) -> Hash32 {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
        }
    }
}

/// PATH of RFC 6962 §2.1.1.
fn naive_path(m: usize, leaves: &[Hash32]) -> Vec<Hash32> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let mut k = 1;
    while k * 2 < leaves.len() {
        k *= 2;
    }
    let (mut path, sibling) =
        if m < k { (naive_path(m, &leaves[..k]), naive_root(&leaves[k..])) } else { (naive_path(m - k, &leaves[k..]), naive_root(&leaves[..k])) };
    path.push(sibling);
    path
}

fn entry(i: u64) -> Vec<u8> {
    i.to_be_bytes()[..(i % 9) as usize].to_vec()
}

fn leaves(n: u64) -> Vec<Hash32> {
    (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

/// The root of the empty tree, and of the eight entries that the tests of Certificate Transparency use.
#[test]
fn the_published_roots_come_out() {
    let entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = Tree::new();
    assert_eq!(tree.root().to_string(), roots[0]);
    for (hex, root) in entries.iter().zip(&roots[1..]) {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
        tree.push(leaf_hash(&bytes));
        assert_eq!(tree.root().to_string(), *root);
    }
}

#[test]
fn every_root_is_the_one_of_the_recursive_definition() {
    let leaves = leaves(130);
    let tree: Tree = leaves.iter().copied().collect();
    for size in 0..=leaves.len() {
        assert_eq!(tree.root_at(size as u64), Ok(naive_root(&leaves[..size])), "size {size}");
    }
}

#[test]
fn every_inclusion_proof_is_the_one_of_the_recursive_definition_and_verifies() {
    let leaves = leaves(70);
    let tree: Tree = leaves.iter().copied().collect();
    for size in 1..=leaves.len() {
        for index in 0..size {
            let proof = tree.inclusion(index as u64, size as u64).unwrap();
            assert_eq!(proof.hashes(), naive_path(index, &leaves[..size]), "{index} in {size}");
            let root = tree.root_at(size as u64).unwrap();
            let (index, size) = (index as u64, size as u64);
            assert_eq!(verify_inclusion(leaves[index as usize], index, size, &proof, root), Ok(()));
        }
    }
}

#[test]
fn every_consistency_proof_verifies() {
    let tree: Tree = leaves(70).into_iter().collect();
    for new in 0..=70 {
        for old in 0..=new {
            let proof = tree.consistency(old, new).unwrap();
            let (old_root, new_root) = (tree.root_at(old).unwrap(), tree.root_at(new).unwrap());
            assert_eq!(verify_consistency(old, old_root, new, new_root, &proof), Ok(()), "{old} in {new}");
        }
    }
}

#[test]
fn what_lies_beyond_the_tree_is_refused() {
    let tree: Tree = leaves(5).into_iter().collect();
    assert_eq!(tree.root_at(6), Err(TreeError::BeyondEnd { size: 6, len: 5 }));
    assert_eq!(tree.inclusion(5, 5), Err(TreeError::NoSuchLeaf { index: 5, size: 5 }));
    assert_eq!(tree.inclusion(0, u64::MAX), Err(TreeError::BeyondEnd { size: u64::MAX, len: 5 }));
    assert_eq!(tree.consistency(4, 3), Err(TreeError::Shrinks { old: 4, new: 3 }));
    assert_eq!(tree.consistency(4, 6), Err(TreeError::BeyondEnd { size: 6, len: 5 }));
    assert_eq!(tree.leaf(5), None);
}

#[test]
fn a_leaf_is_not_a_node() {
    let (left, right) = (leaf_hash(b"l"), leaf_hash(b"r"));
    let inner = [left.as_bytes().as_slice(), right.as_bytes()].concat();
    assert_ne!(leaf_hash(&inner), node_hash(&left, &right));
}

#[test]
fn the_empty_tree_is_the_beginning_of_every_tree_only_under_its_own_root() {
    let tree: Tree = leaves(3).into_iter().collect();
    let proof = ConsistencyProof::from_hashes(Vec::new());
    assert_eq!(verify_consistency(0, empty_root(), 3, tree.root(), &proof), Ok(()));
    assert_eq!(verify_consistency(0, Hash32::ZERO, 3, tree.root(), &proof), Err(ProofError::WrongOldRoot));
}

#[test]
fn a_proof_for_the_greatest_size_has_no_more_than_the_longest_length() {
    let hashes = vec![Hash32::ZERO; 200];
    let proof = InclusionProof::from_hashes(hashes);
    assert_eq!(verify_inclusion(Hash32::ZERO, u64::MAX - 1, u64::MAX, &proof, Hash32::ZERO), Err(ProofError::WrongLength(200)));
}

fn second_opinion(n: u64) -> (Tree, MemoryBackedTree<sha2_11::Sha256, Vec<u8>>) {
    let mut theirs = MemoryBackedTree::new();
    let mut ours = Tree::new();
    for i in 0..n {
        ours.push(leaf_hash(&entry(i)));
        theirs.push(entry(i));
    }
    (ours, theirs)
}

fn concatenated(hashes: &[Hash32]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.to_bytes()).collect()
}

proptest! {
    #[test]
    fn a_second_implementation_agrees_on_roots_and_proofs(size in 1_u64..400, at in any::<prop::sample::Index>()) {
        let (ours, theirs) = second_opinion(size);
        prop_assert_eq!(ours.root().as_bytes().to_vec(), theirs.root().as_bytes().to_vec());

        let index = at.index(size as usize);
        let path = ours.inclusion(index as u64, size).unwrap();
        let their_path = theirs.prove_inclusion(index);
        prop_assert_eq!(concatenated(path.hashes()), their_path.as_bytes());

        let old = index as u64 + 1;
        let growth = ours.consistency(old, size).unwrap();
        let their_growth = theirs.prove_consistency((size - old) as usize);
        prop_assert_eq!(concatenated(growth.hashes()), their_growth.as_bytes());
    }

    #[test]
    fn a_changed_bit_breaks_an_inclusion_proof(
        size in 2_u64..200,
        at in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        bit in 0_usize..256,
    ) {
        let tree: Tree = leaves(size).into_iter().collect();
        let index = at.index(size as usize) as u64;
        let mut hashes = tree.inclusion(index, size).unwrap().into_hashes();
        let place = place.index(hashes.len());
        let mut bytes = hashes[place].to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        hashes[place] = Hash32::from_bytes(bytes);
        prop_assert_eq!(
            verify_inclusion(tree.leaf(index).unwrap(), index, size, &InclusionProof(hashes), tree.root()),
            Err(ProofError::WrongRoot)
        );
    }

    #[test]
    fn a_proof_with_a_hash_more_or_less_is_refused(size in 2_u64..200, at in any::<prop::sample::Index>()) {
        let tree: Tree = leaves(size).into_iter().collect();
        let index = at.index(size as usize) as u64;
        let leaf = tree.leaf(index).unwrap();
        let mut hashes = tree.inclusion(index, size).unwrap().into_hashes();
        hashes.push(Hash32::ZERO);
        let long = InclusionProof(hashes.clone());
        prop_assert_eq!(
            verify_inclusion(leaf, index, size, &long, tree.root()),
            Err(ProofError::WrongLength(long.hashes().len()))
        );
        hashes.truncate(hashes.len() - 2);
        prop_assert!(verify_inclusion(leaf, index, size, &InclusionProof(hashes), tree.root()).is_err());

        let old = index + 1;
        let mut hashes = tree.consistency(old, size).unwrap().into_hashes();
        hashes.push(Hash32::ZERO);
        prop_assert!(
            verify_consistency(old, tree.root_at(old).unwrap(), size, tree.root(), &ConsistencyProof(hashes)).is_err()
        );
    }

    #[test]
    fn an_inclusion_proof_holds_for_its_own_index_only(
        size in 2_u64..100, at in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
    ) {
        let tree: Tree = leaves(size).into_iter().collect();
        let (index, other) = (at.index(size as usize) as u64, other.index(size as usize) as u64);
        prop_assume!(index != other);
        let proof = tree.inclusion(index, size).unwrap();
        prop_assert!(verify_inclusion(tree.leaf(index).unwrap(), other, size, &proof, tree.root()).is_err());
    }

    #[test]
    fn a_rewritten_history_has_no_consistency_proof(
        size in 2_u64..150, old in any::<prop::sample::Index>(), changed in any::<prop::sample::Index>(),
    ) {
        let honest: Tree = leaves(size).into_iter().collect();
        let old = old.index(size as usize - 1) as u64 + 1;
        let changed = changed.index(old as usize);
        let mut forged = leaves(size);
        forged[changed] = leaf_hash(b"forged");
        let forged: Tree = forged.into_iter().collect();
        let proof = forged.consistency(old, size).unwrap();
        prop_assert!(
            verify_consistency(old, honest.root_at(old).unwrap(), size, forged.root(), &proof).is_err()
        );
    }
}

#[test]
fn a_proof_shows_the_old_root_unless_the_old_tree_is_complete() {
    let tree: Tree = (0..40_u8).map(|n| leaf_hash(&[n])).collect();
    for new in 1..=40 {
        for old in 0..=new {
            let proof = tree.consistency(old, new).unwrap();
            let root = tree.root_at(new).unwrap();
            let told = old > 0 && old < new && !old.is_power_of_two();
            assert_eq!(old_root_shown(old, new, root, &proof), told.then(|| tree.root_at(old).unwrap()), "{old} to {new}");
            assert_eq!(old_root_shown(old, new, Hash32::ZERO, &proof), None);
        }
    }
}
