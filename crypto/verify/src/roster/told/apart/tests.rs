use proptest::prelude::*;

use super::*;

const NODES: usize = 6;

/// People between two nodes, the last of which stands for outside.
fn people() -> impl Strategy<Value = People> {
    (0..=NODES, 0..=NODES, 1u64..5, 0u64..3, any::<bool>()).prop_map(|(one, other, people, changed, moved)| {
        let end = |place: usize| [(place < NODES).then_some(place), None];
        People { ends: [end(one), end(other)], flow: Flow { people, changed }, moved }
    })
}

/// Whether these nodes are left by fewer than `least`, but by some; or by nobody, where an entry is another one and too few people moved.
fn is_few(people: &[People], set: u32, least: u64) -> bool {
    let is_in = |end: End| end.into_iter().flatten().any(|place| set >> place & 1 == 1);
    let [mut left, mut changed, mut moved] = [0; 3];
    for People { ends: [one, other], flow, moved: have_moved } in people {
        match (is_in(*one), is_in(*other)) {
            (true, true) => {
                changed += flow.changed;
                moved += if *have_moved { flow.people } else { 0 };
            }
            (false, false) => {}
            _ => left += flow.people,
        }
    }
    if left > 0 { left < least } else { changed > 0 && moved < least }
}

fn set_of(nodes: &[Node]) -> u32 {
    nodes.iter().flatten().map(|place| 1 << place).sum()
}

proptest! {
    #[test]
    fn few_are_found_exactly_if_there_is_such_a_set_of_nodes(people in proptest::collection::vec(people(), 0..12), least in 2u64..12) {
        let graph = Graph { scopes: Vec::new(), people, doubled: Vec::new() };
        let found = graph.few(&[true; NODES], least);
        // A set that nobody leaves may be several parts, of which one has too few.
        let expected = (1..1u32 << NODES).any(|set| is_few(&graph.people, set, least));
        prop_assert_eq!(found.is_some(), expected);
        if let Some(nodes) = found {
            prop_assert!(!nodes.contains(&None));
            prop_assert!(is_few(&graph.people, set_of(&nodes), least));
        }
    }
}
