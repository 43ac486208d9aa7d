//! What witnesses, feeders and policies are given.

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{
    BoardSecretKey, Checkpoint, CosignedCheckpoint, LogCheckpoint, Origin, SignedCheckpoint, Tree, WitnessKey, WitnessSecretKey, leaf_hash,
};
use tachiai_schemas::fork::ForkEvidence;
use tachiai_verify::Policy;
use tachiai_verify::fork::{Of, check_fork, evidence};
use tachiai_witness::request::AddCheckpoint;

use super::targets::{json, text};
use super::{Target, Verdict};
use crate::trouble::{Doing, Trouble};

/// Two boards of one key, and a witness.
struct Scene {
    origin: Origin,
    key: BoardSecretKey,
    boards: [Tree; 2],
    witness: WitnessSecretKey,
}

impl Scene {
    fn new() -> Result<Self, Trouble> {
        let board = |with: u8| (0..20_u8).map(|n| leaf_hash(&[n, if n < 5 { 0 } else { with }])).collect();
        Ok(Self {
            origin: Origin::new("vote.example.jp/bi4ersghi2kizrvn2nlkplwbbe").doing("an origin")?,
            key: BoardSecretKey::from_seed(&[1; 32]),
            boards: [board(1), board(2)],
            witness: WitnessSecretKey::from_seed(Origin::new("witness.example/1").doing("a name")?, &[2; 32]),
        })
    }

    fn signed(&self, board: usize, size: u64) -> Result<SignedCheckpoint, Trouble> {
        let root = self.boards.get(board).and_then(|tree| tree.root_at(size).ok()).doing("a root")?;
        Ok(self.key.sign(&Checkpoint { origin: self.origin.clone(), size, root }))
    }

    fn cosigned(&self) -> Result<String, Trouble> {
        let signed = self.signed(0, 20)?;
        let line = self.witness.cosign(&signed.checkpoint().to_note_text(), 1_795_000_000);
        Ok(CosignedCheckpoint::new(signed, vec![line.clone(), line]).to_string())
    }
}

/// Every reader of them.
pub(super) fn targets() -> Result<Vec<Target>, Trouble> {
    let scene = Scene::new()?;
    let (origin, key) = (scene.origin.clone(), scene.key.public());
    let witness = scene.witness.public().doing("the witness's key")?;
    let target = |name, corpus: Vec<String>, read| Target { name, corpus: corpus.into_iter().map(String::into_bytes).collect(), read };

    let (of, by) = (origin.clone(), key);
    let cosigned: super::targets::Read = Box::new(move |bytes| text(bytes, |text| CosignedCheckpoint::parse(text, &of, &by), ToString::to_string));
    let (of, by) = (origin.clone(), key);
    // Lines of others are dropped, so what is accepted is read again as the same and not always written the same.
    let note: super::targets::Read = Box::new(move |bytes| {
        let read = |text: &str| LogCheckpoint::parse_and_verify(text, &of, &by).ok();
        let Some(first) = std::str::from_utf8(bytes).ok().and_then(read) else { return Ok(Verdict::Refused) };
        if read(&first.to_string()) == Some(first) { Ok(Verdict::Accepted) } else { Err("accepted, but not when written again".to_owned()) }
    });
    let request: super::targets::Read = Box::new(|bytes| text(bytes, str::parse::<AddCheckpoint>, ToString::to_string));
    let key_text: super::targets::Read = Box::new(|bytes| text(bytes, str::parse::<WitnessKey>, ToString::to_string));
    let policy: super::targets::Read = Box::new(|bytes| Ok(super::targets::decided(Policy::parse(bytes))));
    let fork: super::targets::Read = Box::new(|bytes| {
        // What was spoilt proves nothing, or what it proved before.
        if let Ok(file) = serde_json::from_slice::<ForkEvidence>(bytes) {
            let _ = check_fork(&file, None);
        }
        json::<ForkEvidence>(bytes)
    });

    let proof = scene.boards[0].consistency(7, 20).doing("a proof")?;
    let requests = vec![
        AddCheckpoint { old: 7, proof, note: scene.cosigned()? }.to_string(),
        AddCheckpoint { old: 0, proof: tachiai_crypto::journal::ConsistencyProof::from_hashes(Vec::new()), note: scene.signed(0, 3)?.to_string() }.to_string(),
    ];
    let policies = vec![format!("# mine\nlog {}\nwitness A {witness} https://witness.example/\ngroup G any A\nquorum G\n", key.to_note_key(&origin))];
    let of = Of { manifest: Hash32::ZERO, opened: Some(Hash32::ZERO), board_key: key };
    let forks = [(20, 20), (7, 20)].map(|(a, b)| {
        let found = evidence(&of, &scene.signed(0, a)?, &scene.boards[1], &scene.signed(1, b)?).doing("evidence")?;
        serde_json::to_string(&found).doing("writing evidence")
    });
    Ok(vec![
        target("cosigned", vec![scene.cosigned()?], cosigned),
        target("log-checkpoint", vec![scene.cosigned()?, scene.signed(0, 3)?.to_string()], note),
        target("add-checkpoint", requests, request),
        target("witness-key", vec![witness.to_string()], key_text),
        target("policy", policies, policy),
        target("fork", forks.into_iter().collect::<Result<_, _>>()?, fork),
    ])
}
