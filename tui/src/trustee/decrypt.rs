//! The one use of a trustee's share: the tally statement, then the decryption shares (PROTOCOL §8).
//!
//! The trustee's program believes nobody's sums: it verifies the record and adds the ballots up itself. It stores the statement's hash before
//! anything leaves the medium, and serves that statement only.

use std::path::Path;

use tachiai_crypto::ceremony::{DecryptionKey, Quorum};
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::election::tally::statement_hash;
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::tiles::{TileKind, new_tiles, parse_entry_bundle};
use tachiai_crypto::journal::{Tree, leaf_hash};
use tachiai_schemas::election::{Body, TallyStatement};
use tachiai_schemas::entry::{Entry, MAX_ENTRY};
use tachiai_schemas::trustee::{SharesFile, SignedKind, TallySignature, TrusteeFile};
use tachiai_schemas::{Blob, Bytes, canonical};
use tachiai_verify::board::Lookup;
use tachiai_verify::record::Record;
use tachiai_verify::rule::Rule;
use tachiai_verify::tally::Count;
use tachiai_verify::verify::{Extent, Options, Verified, verify_record};
use tempfile::TempDir;

use super::ceremony::{Opening, View, forget, sign};
use super::held::KeyShare;
use super::medium::Medium;
use super::secrets::Secrets;
use crate::failure::Failure;

/// The longest bundle of entries in bytes.
const MAX_BUNDLE: u64 = 256 * (2 + MAX_ENTRY as u64);

/// What a trustee hands in after the poll.
pub struct Outcome {
    /// The file.
    pub file: TrusteeFile,
    /// The statement's hash.
    pub statement: Hash32,
    /// How many ballots count.
    pub counted: u64,
    /// How many trustees there are, how many sign the statement, and how many shares the count needs.
    pub quorum: Quorum,
    /// The election.
    pub view: View,
}

/// A folder for a record that is downloaded; gone with the value.
///
/// # Errors
/// [`Failure`] when there is no room.
pub fn scratch() -> Result<TempDir, Failure> {
    TempDir::with_prefix("tachiai-record-").map_err(|e| Failure::file(&std::env::temp_dir(), &e))
}

/// Verifies a record as far as it goes; with a fingerprint, that it is of the election that was announced.
///
/// # Errors
/// [`Failure`]: 1 refuted, 2 incomplete or unreadable.
pub fn verified(record: &Path, expect: Option<Fingerprint>) -> Result<Verified, Failure> {
    // Which fingerprint the record has is not said: it would be copied, and no longer be compared with the notice.
    let expected = expect.map(|expected| expected.to_string()).unwrap_or_default();
    let options = Options { expect, extent: Extent::Partial, lookup: Lookup::None, ..Options::default() };
    verify_record(record, &options).map_err(|e| match &e {
        tachiai_verify::Failure::Refuted(violation) if violation.rule == Rule::R302 && is_before_opening(record) => Failure::incomplete(
            "この記録は投票開始より前のものです。選挙管理委員会に、媒体へ新しい記録を入れてもらってください（画面では y、コマンドでは tachiai election carry）。何も署名・復号していません。",
            "this record is from before the opening. Have the commission put the newest one on the stick (y on its screen, `tachiai election carry` as a command). Nothing was signed or decrypted.",
        ),
        tachiai_verify::Failure::Refuted(violation) if violation.rule == Rule::R302 => Failure::refused(
            format!(
                "記録が、入力された公告の指紋（{expected}）の選挙のものではありません。打ち間違いでないか、公告をもう一度確かめてください。打ち間違いでなければ、公告と別の掲示板を見せられている証拠です。何も署名・復号していません。記録を保管し、ほかの立会人に知らせてください。"
            ),
            format!(
                "this record is not of the election whose fingerprint was typed ({expected}). See on the public notice whether it was mistyped. Unless it was, this is evidence that you are shown another board than the one that was announced. Nothing was signed or decrypted. Keep the record, and tell the other trustees."
            ),
        ),
        tachiai_verify::Failure::Refuted(_) => does_not_hold(&e),
        tachiai_verify::Failure::Incomplete(_) => Failure::incomplete(
            format!("記録が揃っていないか、読み取れません: {e}。何も署名・復号していません。選挙管理委員会に、媒体へ新しい記録を入れてもらってください（画面では y、コマンドでは tachiai election carry）。"),
            format!(
                "the record is not whole, or cannot be read: {e}. Nothing was signed or decrypted. Have the commission put the newest one on the stick (y on its screen, `tachiai election carry` as a command)."
            ),
        ),
    })
}

/// Whether a record holds as far as it goes, and ends before the opening: there is no fingerprint to compare yet.
fn is_before_opening(record: &Path) -> bool {
    let options = Options { extent: Extent::Partial, lookup: Lookup::None, ..Options::default() };
    verify_record(record, &options).is_ok_and(|verified| verified.board.opened().is_none())
}

fn does_not_hold(e: &tachiai_verify::Failure) -> Failure {
    let stray = matches!(e, tachiai_verify::Failure::Refuted(violation) if tachiai_verify::record::is_stray_file(violation));
    let failure = Failure::refused(
        format!("記録の検証に失敗しました: {e}。手続きを止めて、選挙管理委員会とほかの立会人に知らせてください。"),
        format!("the record does not hold: {e}. Stop, and tell the commission and the other trustees."),
    );
    if stray {
        return failure.and(
            "ただし、パソコンが置いたファイル（Thumbs.db、.DS_Store など）であれば、そのファイルを削除してもう一度実行してください。記録に属さないファイルです。",
            "But if a computer left that file there (Thumbs.db, .DS_Store and the like), remove this file, which does not belong to the record, and try again.",
        );
    }
    failure
}

/// The entries of a record that was verified, up to the opening.
///
/// # Errors
/// As [`verified`].
pub fn checked_entries(record: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let Verified { tree, .. } = verified(record, None)?;
    entries(record, &tree)
}

/// How far an election is for a trustee after its opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// The poll has not closed.
    Open,
    /// The tally statement is to be signed, or its signatures are awaited.
    Statement,
    /// The statement is on the board, and these shares of it are to be made; of so many trustees there are some.
    Shares {
        /// How many are there.
        have: usize,
        /// Whether this trustee's are among them.
        own: bool,
    },
}

/// Where a trustee stands by a record: the board up to the opening, how far the count is, and how many entries the record has.
///
/// # Errors
/// As [`verified`] and [`View::read`].
pub fn standing(record: &Path, secrets: &Secrets) -> Result<(View, Tally, u64), Failure> {
    let Verified { board, tree, .. } = verified(record, None)?;
    let view = View::read(&entries(record, &tree)?, secrets)?;
    let tally = match (board.tally_statement(&tree), board.declared_statement()) {
        (_, Some(_)) => Tally::Shares { have: board.shares().count(), own: board.shares().any(|(trustee, _)| trustee == view.own) },
        (Some(_), None) => Tally::Statement,
        (None, None) => Tally::Open,
    };
    Ok((view, tally, tree.len()))
}

/// Reads them again and checks that they are the verified ones.
fn entries(record: &Path, verified: &Tree) -> Result<Vec<Vec<u8>>, Failure> {
    let entries = read_entries(record)?;
    let mut tree = Tree::new();
    for entry in &entries {
        tree.push(leaf_hash(entry));
    }
    if verified.root_at(tree.len()).ok() == Some(tree.root()) {
        return Ok(entries);
    }
    Err(Failure::incomplete("記録が検証中に変わりました。もう一度実行してください。", "the record changed while it was verified. Try again."))
}

fn read_entries(record: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::file(record, e);
    let dir = Record::open(record).map_err(|e| failed(&e))?;
    let mut entries = Vec::new();
    for tile in new_tiles(0, dir.index().size).filter(|tile| tile.kind() == TileKind::Entries) {
        let bundle = dir.read(&tile.to_string(), MAX_BUNDLE).map_err(|e| failed(&e))?;
        for entry in parse_entry_bundle(&bundle, tile).map_err(|e| failed(&e))? {
            let opened = matches!(Entry::from_bytes(entry).map_err(|e| failed(&e))?.body, Body::Opened(_));
            entries.push(entry.to_vec());
            if opened {
                return Ok(entries);
            }
        }
    }
    Ok(entries)
}

/// Signs the tally statement, or, once it stands on the board, makes the decryption shares. Both may be repeated for the same statement.
///
/// `expect` is the fingerprint in the public notice: only a key of the election that was announced is used, and only on its ballots.
///
/// # Errors
/// [`Failure`]: the record does not hold or is of another election, the poll is not closed, the board was forked or this trustee has signed another
/// statement.
pub fn next(record: &Path, expect: Fingerprint, medium: &mut Medium) -> Result<Outcome, Failure> {
    let Verified { board, tree, sums, .. } = verified(record, Some(expect))?;
    let view = View::read(&entries(record, &tree)?, &medium.secrets)?;
    let (Some(opened), Some(Opening { run, ceremony, fingerprint: _ })) = (board.opened(), view.opened) else { return Err(not_closed()) };
    let held = medium.secrets.held(view.manifest_hash);
    let (held, key) = held
        .and_then(|held| Some((held, held.key(run)?)))
        .filter(|(_, key)| key.ceremony.hash() == ceremony && key.trustee == view.own)
        .ok_or_else(|| Failure::refused("この媒体にはこの選挙の鍵がありません。", "this medium does not hold the key of this election."))?;
    let statement = board.tally_statement(&tree).ok_or_else(not_closed)?;
    let quorum = board.quorum().ok_or_else(not_closed)?;
    let json = canonical::to_bytes(&statement).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
    let hash = statement_hash(&json);
    if held.statement.is_some_and(|served| served.hash() != hash) {
        return Err(Failure::refused(
            "すでに別の集計宣言に署名しています。二つ目には署名しません（分岐の証拠です）。",
            "another tally statement was signed before. A second one is never served: this is evidence of a fork.",
        ));
    }
    let declared = board.declared_statement().map(|(_, hash)| hash);
    let file = match declared {
        Some(declared) if declared == hash => {
            let count = Count::new(&board, &sums).map_err(|e| Failure::refused(e.to_string(), e.to_string()))?;
            let share_key = opened.share_keys().get(usize::from(key.trustee.get()) - 1).ok_or_else(not_closed)?;
            let bytes = count.prove(&decryption_key(key, share_key)?, &mut rand_core::OsRng).map_err(|e| Failure::refused(e.to_string(), e.to_string()))?;
            let body = SharesFile { statement: hash.into(), trustee: view.own, file: Hash32::sha256(&bytes).into() };
            TrusteeFile::DecryptionShares { shares: sign(body, &medium.secrets.signing_key())?, file: Blob(bytes) }
        }
        Some(_) => return Err(Failure::refused("掲示板の集計宣言が自分の計算と違います。", "the statement on the board is not what this record gives.")),
        None => {
            let signature = medium.secrets.signing_key().sign_bytes(&format!("file/{}", TallyStatement::KIND), &json);
            TrusteeFile::TallySignature { signature: TallySignature { trustee: view.own, signature: Bytes(signature) }, statement: statement.clone() }
        }
    };
    forget(&view, &mut medium.secrets);
    if let Some(held) = medium.secrets.held_mut(view.manifest_hash) {
        held.statement = Some(hash.into());
        held.about = Some(view.about());
        held.settle(run);
    }
    medium.save()?;
    Ok(Outcome { file, statement: hash, counted: statement.counted, quorum, view })
}

fn not_closed() -> Failure {
    Failure::refused("投票がまだ締め切られていません。締切の後の記録を受け取ってください。", "the poll has not closed. Get the record from after the close.")
}

fn decryption_key(key: &KeyShare, share_key: &Element) -> Result<DecryptionKey, Failure> {
    DecryptionKey::from_bytes(key.trustee, &key.secret.0, share_key).map_err(|_| {
        Failure::refused("媒体の鍵がこの選挙の公開鍵に対応していません。", "the key on this medium does not belong to the public key of this election.")
    })
}
