//! The witness as a server: every status of C2SP tlog-witness, and that a state moves forward only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use data_encoding::BASE64;
use ed25519_dalek::{Signer, SigningKey};
use http_body_util::BodyExt;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardKey, BoardSecretKey, Checkpoint, ConsistencyProof, Cosignature, LogCheckpoint, Origin, Tree, leaf_hash};
use tachiai_schemas::fork::ForkEvidence;
use tachiai_schemas::{ElectionId, Lang};
use tachiai_verify::check_fork;
use tachiai_witness::board::{Board, Pinned};
use tachiai_witness::failure::{Exit, Failure};
use tachiai_witness::follow::{self, Seen};
use tachiai_witness::request::AddCheckpoint;
use tachiai_witness::say::Voice;
use tachiai_witness::serve::router;
use tachiai_witness::state::{Log, PinnedBoard, State};
use tower::ServiceExt;

/// A log that holds the numbers from 0, with another byte in the leaves from `turn` on.
struct Twin {
    key: BoardSecretKey,
    tree: Tree,
}

fn origin() -> Origin {
    Origin::new("board.example/aaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap()
}

impl Twin {
    fn new(turn: u64) -> Self {
        let leaf = |n: u64| leaf_hash(&[if n < turn { 0 } else { 1 }, u8::try_from(n).unwrap()]);
        Self { key: BoardSecretKey::from_seed(&[5; 32]), tree: (0..100).map(leaf).collect() }
    }

    fn note(&self, size: u64) -> String {
        self.key.sign(&Checkpoint { origin: origin(), size, root: self.tree.root_at(size).unwrap() }).to_string()
    }

    fn request(&self, old: u64, size: u64) -> AddCheckpoint {
        let proof = if old == 0 { ConsistencyProof::from_hashes(Vec::new()) } else { self.tree.consistency(old.min(size), size).unwrap() };
        AddCheckpoint { old, proof, note: self.note(size) }
    }
}

struct Site {
    folder: tempfile::TempDir,
    state: Arc<State>,
    router: Router,
}

fn site() -> Site {
    Site::of(Some(PinnedBoard {
        election: ElectionId::generate(&mut rand_core::OsRng),
        manifest: Hash32::sha256(b"manifest").into(),
        opened: None,
        compared: false,
        url: None,
        ca: None,
        listed: true,
    }))
}

struct Answer {
    status: StatusCode,
    kind: String,
    body: String,
}

impl Site {
    fn of(board: Option<PinnedBoard>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = Arc::new(State::init(folder.path(), "witness.example/1").unwrap());
        state.watch(&Log::new(&origin(), &Twin::new(100).key.public(), board)).unwrap();
        let router = router(Arc::clone(&state), Voice { lang: Lang::En, json: true });
        Self { folder, state, router }
    }

    async fn post(&self, body: impl ToString) -> Answer {
        let request = Request::post("/add-checkpoint").body(Body::from(body.to_string())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let kind = response.headers().get(header::CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap()).to_owned();
        let status = response.status();
        let body = String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status, kind, body }
    }

    /// The cosignature that was given, verified over the note.
    async fn cosigned(&self, request: &AddCheckpoint) -> Cosignature {
        let Answer { status, body, .. } = self.post(request).await;
        assert_eq!(status, 200, "{body}");
        let line: Cosignature = body.strip_suffix('\n').unwrap().parse().unwrap();
        let text = &request.note[..request.note.find("\n\n").unwrap() + 1];
        self.state.key().verify(text, &line).unwrap();
        line
    }

    async fn status(&self, body: impl ToString) -> u16 {
        self.post(body).await.status.as_u16()
    }

    fn evidence(&self) -> Vec<ForkEvidence> {
        files(self.folder.path(), "fork-").iter().map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
    }

    /// The checkpoint that is on disk.
    fn written(&self) -> String {
        files(self.folder.path(), "checkpoint").first().map(|path| fs::read_to_string(path).unwrap()).unwrap_or_default()
    }
}

fn files(folder: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(files(&entry, name));
        } else if entry.file_name().unwrap().to_str().unwrap().starts_with(name) {
            found.push(entry);
        }
    }
    found
}

#[tokio::test]
async fn a_log_that_grows_is_cosigned_at_every_step_and_at_the_same_size_again() {
    let (site, log) = (site(), Twin::new(100));
    for (old, size) in [(0, 3), (3, 4), (4, 4), (4, 64), (64, 99)] {
        site.cosigned(&log.request(old, size)).await;
        assert_eq!(site.written(), log.note(size));
    }
}

#[tokio::test]
async fn each_fault_has_the_status_of_the_protocol_and_changes_nothing() {
    let (site, log) = (site(), Twin::new(100));
    site.cosigned(&log.request(0, 10)).await;
    let before = site.written();
    // 400: not a request; old larger than the checkpoint.
    assert_eq!(site.status("").await, 400);
    assert_eq!(site.status("old 10\n\n\n").await, 400);
    assert_eq!(site.status(AddCheckpoint { old: 21, ..log.request(10, 20) }).await, 400);
    assert_eq!(site.status(log.request(10, 20).to_string().trim_end()).await, 400);
    // 404: another log, even if the key is known.
    let elsewhere = log.key.sign(&Checkpoint { origin: Origin::new("board.example/b").unwrap(), size: 20, root: log.tree.root_at(20).unwrap() });
    assert_eq!(site.status(AddCheckpoint { note: elsewhere.to_string(), ..log.request(10, 20) }).await, 404);
    // 403: signed by another key.
    let stranger = BoardSecretKey::from_seed(&[6; 32]).sign(&Checkpoint { origin: origin(), size: 20, root: log.tree.root_at(20).unwrap() });
    assert_eq!(site.status(AddCheckpoint { note: stranger.to_string(), ..log.request(10, 20) }).await, 403);
    // 409: the proof begins elsewhere, and the answer says where it should.
    for old in [0, 9, 11] {
        let Answer { status, kind, body } = site.post(log.request(old, 20)).await;
        assert_eq!((status.as_u16(), kind.as_str(), body.as_str()), (409, "text/x.tlog.size", "10\n"), "old {old}");
    }
    // 409: smaller than what was cosigned.
    let Answer { status, body, .. } = site.post(log.request(5, 8)).await;
    assert_eq!((status.as_u16(), body.as_str()), (409, "10\n"));
    // 422: a wrong proof, a proof too much.
    let mut wrong = log.request(10, 20);
    wrong.proof = log.tree.consistency(9, 20).unwrap();
    assert_eq!(site.status(&wrong).await, 422);
    let mut more = log.request(10, 10);
    more.proof = log.tree.consistency(10, 20).unwrap();
    assert_eq!(site.status(&more).await, 422);
    // 413 and 405: not this protocol.
    assert_eq!(site.status("x".repeat(65 << 10)).await, 413);
    let get = site.router.clone().oneshot(Request::get("/add-checkpoint").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(get.status(), 405);
    assert_eq!((site.written(), site.evidence()), (before, vec![]));
}

#[tokio::test]
async fn a_log_that_signs_two_boards_is_refused_and_the_evidence_convinces_others() {
    let (site, one, other) = (site(), Twin::new(100), Twin::new(7));
    site.cosigned(&one.request(0, 10)).await;
    // The same size with another root.
    let Answer { status, kind, body } = site.post(other.request(10, 10)).await;
    assert_eq!((status.as_u16(), kind.as_str(), body.as_str()), (409, "text/x.tlog.size", "10\n"));
    // A larger one with the proof that fits the other board.
    assert_eq!(site.status(other.request(10, 30)).await, 422);
    let evidence = site.evidence();
    let sizes: BTreeSet<_> = evidence.iter().map(|file| check_fork(file, None).unwrap().sizes).collect();
    assert_eq!(sizes, BTreeSet::from([(10, 10), (10, 30)]));
    // It goes on with the board that it knows.
    site.cosigned(&one.request(10, 30)).await;
    assert_eq!(site.written(), one.note(30));
}

#[tokio::test]
async fn a_log_that_goes_on_forking_fills_no_disk_and_a_proof_that_shows_no_root_is_no_evidence() {
    let (site, one, other) = (site(), Twin::new(100), Twin::new(7));
    // The consistency proof of a complete tree does not hold its root, so it cannot show that it was another.
    site.cosigned(&one.request(0, 16)).await;
    assert_eq!(site.status(other.request(16, 30)).await, 422);
    assert_eq!(site.evidence().len(), 0);
    // Both signed checkpoints are kept all the same, for whoever can get the tree.
    let kept = files(site.folder.path(), "refused-");
    assert_eq!(fs::read_to_string(&kept[0]).unwrap(), format!("{}\n{}", one.note(16), other.note(30)));
    for size in 30..=80 {
        assert_eq!(site.status(other.request(16, size)).await, 422);
    }
    assert_eq!(files(site.folder.path(), "refused-").len(), 32);
    site.cosigned(&one.request(16, 17)).await;
    for size in 18..=80 {
        assert_eq!(site.status(other.request(17, size)).await, 422);
    }
    assert_eq!(site.evidence().len(), 32);
}

#[tokio::test]
async fn a_restart_forgets_nothing_and_a_damaged_state_signs_nothing() {
    let (site, one, other) = (site(), Twin::new(100), Twin::new(7));
    site.cosigned(&one.request(0, 40)).await;
    let again = Arc::new(State::open(site.folder.path()).unwrap());
    assert_eq!(again.key(), site.state.key());
    let site = Site { router: router(Arc::clone(&again), Voice { lang: Lang::En, json: true }), state: again, ..site };
    for old in [0, 10] {
        assert_eq!(site.status(other.request(old, 20)).await, 409);
    }
    site.cosigned(&one.request(40, 41)).await;
    let path = &files(site.folder.path(), "checkpoint")[0];
    let text = fs::read_to_string(path).unwrap();
    for damaged in [String::new(), text[..text.len() - 2].to_owned(), other.note(20).replacen("\n20\n", "\n21\n", 1)] {
        fs::write(path, damaged).unwrap();
        assert_eq!(site.status(one.request(41, 42)).await, 500);
        assert_eq!(site.status(one.request(0, 42)).await, 500);
    }
    fs::write(path, text).unwrap();
    site.cosigned(&one.request(41, 42)).await;
}

#[tokio::test]
async fn where_nothing_can_be_written_nothing_is_signed() {
    let (site, log) = (site(), Twin::new(100));
    site.cosigned(&log.request(0, 10)).await;
    let path = files(site.folder.path(), "checkpoint").remove(0);
    // A folder in the way of the new file: writing fails for root as well.
    let way = path.with_file_name("checkpoint.new");
    fs::create_dir(&way).unwrap();
    assert_eq!(site.status(log.request(10, 20)).await, 500);
    assert_eq!(site.written(), log.note(10));
    fs::remove_dir(&way).unwrap();
    site.cosigned(&log.request(10, 20)).await;
}

#[tokio::test]
async fn of_a_log_that_is_no_board_both_signed_roots_of_one_size_are_kept() {
    let (site, one, other) = (Site::of(None), Twin::new(100), Twin::new(7));
    site.cosigned(&one.request(0, 10)).await;
    for _ in 0..2 {
        assert_eq!(site.status(other.request(10, 10)).await, 409);
        let kept = files(site.folder.path(), "refused-");
        assert_eq!(kept.iter().map(|path| fs::read_to_string(path).unwrap()).collect::<Vec<_>>(), [format!("{}\n{}", one.note(10), other.note(10))]);
    }
}

#[tokio::test]
async fn of_a_board_only_the_one_form_of_a_checkpoint_is_cosigned_and_of_another_log_any() {
    let (site, log) = (site(), Twin::new(100));
    let note = log.note(10);
    let (text, line) = note.split_once("\n\n").unwrap();
    let text = format!("{text}\nan extension\n");
    let (name, line) = line.trim_end().rsplit_once(' ').unwrap();
    let id = &BASE64.decode(line.as_bytes()).unwrap()[..4];
    let signature = SigningKey::from_bytes(&[5; 32]).sign(text.as_bytes()).to_bytes();
    let line = BASE64.encode(&[id, &signature].concat());
    let extended = AddCheckpoint { note: format!("{text}\n{name} {line}\n"), ..log.request(0, 10) };
    let Answer { status, body, .. } = site.post(&extended).await;
    assert!(status == 400 && body.contains("the form of a board's checkpoint"), "{status} {body}");
    assert_eq!(site.written(), "");
    let other = Site::of(None);
    assert_eq!(other.status(&extended).await, 200);
}

/// Two twins race for the same state: whatever the order, all that was ever cosigned is of one board.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_requests_at_once_only_those_of_one_history_are_cosigned() {
    let site = Arc::new(site());
    let twins = [Arc::new(Twin::new(100)), Arc::new(Twin::new(0))];
    let mut tasks = Vec::new();
    for round in 0..12_u64 {
        for (which, twin) in twins.iter().enumerate() {
            let (site, twin) = (Arc::clone(&site), Arc::clone(twin));
            tasks.push(tokio::spawn(async move {
                let mut old = 0;
                let mut signed = Vec::new();
                for step in 1..=8 {
                    let size = round + step * 10;
                    let Answer { status, body, .. } = site.post(twin.request(old.min(size), size)).await;
                    match status.as_u16() {
                        200 => {
                            signed.push((which, size));
                            old = size;
                        }
                        409 => old = body.trim_end().parse().unwrap(),
                        422 => {}
                        other => panic!("{other} {body}"),
                    }
                }
                signed
            }));
        }
    }
    let mut signed = Vec::new();
    for task in tasks {
        signed.extend(task.await.unwrap());
    }
    assert!(!signed.is_empty());
    let boards: BTreeSet<usize> = signed.iter().map(|(which, _)| *which).collect();
    assert_eq!(boards.len(), 1, "{signed:?}");
    let largest = signed.iter().map(|(_, size)| *size).max().unwrap();
    assert_eq!(site.written(), twins[*boards.first().unwrap()].note(largest));
}

/// What a board at this size shows.
struct Shown<'a>(&'a Twin, u64);

impl Board for Shown<'_> {
    fn since(&self, old: u64, origin: &Origin, key: &BoardKey) -> Result<(LogCheckpoint, ConsistencyProof), Failure> {
        Ok((self.newest(origin, key)?, self.0.tree.consistency(old, self.1).unwrap()))
    }

    fn newest(&self, origin: &Origin, key: &BoardKey) -> Result<LogCheckpoint, Failure> {
        Ok(LogCheckpoint::parse_and_verify(&self.0.note(self.1), origin, key).unwrap())
    }

    fn tree(&self, size: u64) -> Result<Tree, Failure> {
        Ok((0..size).map(|leaf| self.0.tree.leaf(leaf).unwrap()).collect())
    }

    fn pinned(&self) -> Result<Pinned, Failure> {
        unreachable!("a board that is watched already is not pinned again")
    }
}

/// Where a consistency proof cannot show the other root, the board's own tree does.
#[test]
fn who_looks_at_a_board_finds_evidence_at_every_size_and_takes_an_older_one_for_no_fork() {
    let (one, other) = (Twin::new(100), Twin::new(7));
    for (known, shown) in [(16, 16), (16, 17), (16, 40), (17, 40), (32, 64), (33, 99)] {
        let site = site();
        let log = site.state.log(&origin()).unwrap().unwrap();
        let look = |board: &Shown<'_>| follow::look(&site.state, &origin(), &log, board);
        assert!(matches!(look(&Shown(&one, known)), Ok(Seen::Cosigned { size, .. }) if size == known));
        assert!(matches!(look(&Shown(&one, known)), Ok(Seen::Same(size)) if size == known));
        let Ok(Seen::Forked(Some(path))) = look(&Shown(&other, shown)) else { panic!("{known} and {shown}") };
        let evidence: ForkEvidence = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        assert_eq!(check_fork(&evidence, None).unwrap().sizes, (known, shown));
        let older = look(&Shown(&one, known - 1)).unwrap_err();
        assert!(older.exit == Exit::Refused && older.to_string().contains("Unless this is an old copy"), "{older}");
        assert_eq!(site.written(), one.note(known));
        assert!(matches!(look(&Shown(&one, known + 1)), Ok(Seen::Cosigned { .. })));
    }
}

/// The same, but it does not show its tree.
struct Treeless<'a>(Shown<'a>);

impl Board for Treeless<'_> {
    fn since(&self, old: u64, origin: &Origin, key: &BoardKey) -> Result<(LogCheckpoint, ConsistencyProof), Failure> {
        self.0.since(old, origin, key)
    }

    fn newest(&self, origin: &Origin, key: &BoardKey) -> Result<LogCheckpoint, Failure> {
        self.0.newest(origin, key)
    }

    fn tree(&self, _: u64) -> Result<Tree, Failure> {
        Err(Failure::new(Exit::NoConnection, "", "no tree"))
    }

    fn pinned(&self) -> Result<Pinned, Failure> {
        self.0.pinned()
    }
}

#[test]
fn a_board_that_hides_its_tree_hides_no_checkpoint_and_no_tree_is_asked_for_once_there_is_evidence() {
    let (site, one, other) = (site(), Twin::new(100), Twin::new(7));
    let log = site.state.log(&origin()).unwrap().unwrap();
    let look = |board: &dyn Board| follow::look(&site.state, &origin(), &log, board);
    look(&Shown(&one, 16)).unwrap();
    assert_eq!(look(&Treeless(Shown(&other, 40))).unwrap_err().exit, Exit::NoConnection);
    let kept = files(site.folder.path(), "refused-");
    assert_eq!(fs::read_to_string(&kept[0]).unwrap(), format!("{}\n{}", one.note(16), other.note(40)));
    let Ok(Seen::Forked(Some(evidence))) = look(&Shown(&other, 41)) else { panic!("no evidence") };
    assert_eq!(look(&Treeless(Shown(&other, 50))), Ok(Seen::Forked(Some(evidence))));
}

#[test]
fn a_key_is_made_once_and_nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let state = State::init(folder.path(), "witness.example/1").unwrap();
    assert!(State::init(folder.path(), "witness.example/1").is_err());
    assert_eq!(State::open(folder.path()).unwrap().key(), state.key());
    assert_eq!(fs::metadata(folder.path().join("key")).unwrap().permissions().mode() & 0o777, 0o600);
    for name in ["", "a b", "a+b"] {
        assert!(State::init(&folder.path().join("other"), name).is_err());
    }
}

#[test]
fn another_key_or_manifest_under_a_watched_origin_is_refused() {
    let site = site();
    let board = |manifest: &[u8]| PinnedBoard { manifest: Hash32::sha256(manifest).into(), ..site.state.log(&origin()).unwrap().unwrap().board.unwrap() };
    let key = Twin::new(1).key.public();
    assert!(site.state.watch(&Log::new(&origin(), &key, Some(board(b"manifest")))).is_ok());
    assert!(site.state.watch(&Log::new(&origin(), &key, Some(board(b"another")))).is_err());
    assert!(site.state.watch(&Log::new(&origin(), &BoardSecretKey::from_seed(&[6; 32]).public(), Some(board(b"manifest")))).is_err());
}

#[test]
fn another_opening_of_a_watched_board_is_refused_and_a_board_does_not_become_a_mere_log() {
    let site = site();
    let key = Twin::new(1).key.public();
    let watch = |opened: Option<&[u8]>| {
        let board = PinnedBoard { opened: opened.map(|bytes| Hash32::sha256(bytes).into()), ..site.state.log(&origin()).unwrap().unwrap().board.unwrap() };
        site.state.watch(&Log::new(&origin(), &key, Some(board)))
    };
    watch(Some(b"opened")).unwrap();
    watch(Some(b"opened")).unwrap();
    let refused = watch(Some(b"another")).unwrap_err();
    assert!(refused.exit == Exit::Refused && refused.to_string().contains("another `opened`"), "{refused}");
    let before = site.state.log(&origin()).unwrap();
    let refused = site.state.watch(&Log::new(&origin(), &key, None)).unwrap_err();
    assert!(refused.exit == Exit::Refused && refused.to_string().contains("not --log"), "{refused}");
    assert_eq!(site.state.log(&origin()).unwrap(), before);
}

#[test]
fn a_state_that_lost_its_checkpoint_signs_nothing_and_says_that_the_key_is_to_be_retired() {
    let (site, one) = (site(), Twin::new(100));
    let log = site.state.log(&origin()).unwrap().unwrap();
    follow::look(&site.state, &origin(), &log, &Shown(&one, 10)).unwrap();
    fs::remove_file(files(site.folder.path(), "checkpoint").remove(0)).unwrap();
    let lost = follow::look(&site.state, &origin(), &log, &Shown(&Twin::new(7), 20)).unwrap_err();
    assert!(lost.exit == Exit::Incomplete && lost.to_string().contains("Retire this key"), "{lost}");
    assert_eq!(site.written(), "");
}

#[test]
fn of_many_who_make_a_key_at_once_one_succeeds_and_the_key_is_its() {
    let folder = tempfile::tempdir().unwrap();
    let made: Vec<_> = std::thread::scope(|scope| {
        let make = |n: usize| State::init(folder.path(), &format!("witness.example/{n}")).ok().map(|state| state.key().to_string());
        let threads: Vec<_> = (0..16).map(|n| scope.spawn(move || make(n))).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(made, [State::open(folder.path()).unwrap().key().to_string()]);
}
