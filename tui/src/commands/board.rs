//! The public board of an election: its entries, and whether they are where the signed checkpoint says.

use std::path::Path;

use clap::{Args, Subcommand};
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::{ElectionId, Lang, LeafIndex};
use tachiai_verify::verify::{Audit, Audited, Extent, Options, Trust, Verdict, audit_record};
use tachiai_verify::witness::{WitnessOutcome, WitnessesOutcome};

use crate::cli::{Global, WhichElection};
use crate::client::Client;
use crate::commands::election::{export_record_telling, phase_name, progress};
use crate::commands::say;
use crate::failure::{Exit, Failure};
use crate::scratch::Scratch;
use crate::voter::{Included, Leaf, included, leaves};

/// The public board of an election.
#[derive(Subcommand, Debug)]
pub enum BoardCommand {
    /// List entries as the appliance tells them
    #[command(after_help = "Example: tachiai election board list --from 0 --count 50")]
    List {
        /// The first entry
        #[arg(long, value_name = "N", default_value_t = 0)]
        from: u64,
        /// How many entries, at most 256
        #[arg(long, value_name = "N", default_value_t = 100)]
        count: u64,
        /// Which election
        #[command(flatten)]
        which: Which,
    },
    /// Verify that one entry is included in the signed checkpoint
    #[command(after_help = "Example: tachiai election board check 1042")]
    Check {
        /// The entry
        leaf: u64,
        /// Which election
        #[command(flatten)]
        which: Which,
    },
    /// Download the record so far and verify all of it
    #[command(after_help = "Example: tachiai election board verify --expect FINGERPRINT")]
    Verify {
        /// The fingerprint of the public notice; without it manifest and board key are taken on trust
        #[arg(long, value_name = "FINGERPRINT")]
        expect: Option<Fingerprint>,
        /// Which election
        #[command(flatten)]
        which: Which,
    },
}

/// Only which election.
#[derive(Args, Debug)]
pub struct Which {
    #[command(flatten)]
    which: WhichElection,
}

impl BoardCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let (Self::List { which, .. } | Self::Check { which, .. } | Self::Verify { which, .. }) = self;
        let client = global.staff()?;
        let id = which.which.find(&client)?;
        let lang = global.lang();
        match self {
            Self::List { from, count, which: _ } => {
                let leaves = leaves(&client, id, *from, *count)?;
                let json: Vec<serde_json::Value> = leaves.iter().map(leaf_json).collect();
                say(global, &serde_json::json!({ "entries": json }), || leaves.iter().map(|leaf| leaf_text(lang, leaf)).collect::<Vec<_>>().join("\n"));
            }
            Self::Check { leaf, which: _ } => {
                let included = included(&client, id, LeafIndex(*leaf), None)?;
                let json = serde_json::json!({
                    "entry": leaf_json(&included.leaf),
                    "size": included.checkpoint.size,
                    "root": included.checkpoint.root.to_string(),
                    "fingerprint": included.fingerprint,
                });
                say(global, &json, || included_text(lang, &included));
            }
            Self::Verify { expect, which: _ } => {
                let bar = progress(0);
                let verdict = verify(&client, id, *expect, &|done, of| {
                    bar.set_length(of);
                    bar.set_position(done);
                });
                bar.finish_and_clear();
                let verdict = verdict?;
                say(global, &serde_json::json!(verdict), || verdict_text(lang, &verdict));
            }
        }
        Ok(Exit::Done)
    }
}

fn leaf_json(leaf: &Leaf) -> serde_json::Value {
    serde_json::json!({ "leaf": leaf.index, "at": leaf.entry.at, "kind": leaf.entry.kind(), "hash": leaf.hash.to_string() })
}

fn leaf_text(lang: Lang, leaf: &Leaf) -> String {
    format!("{:>8}  {}  {}  {}", leaf.index, leaf.entry.at.in_japan(lang), leaf.hash, kind_name(lang, leaf.entry.kind()))
}

/// What an entry is, by its kind; a kind that is not known is named as it is.
#[must_use]
pub fn kind_name(lang: Lang, kind: &str) -> &str {
    match kind {
        "manifest" => lang.pick("告示（選挙の定義）", "manifest"),
        "trustee-commit" => lang.pick("立会人の確約", "trustee's commit"),
        "trustee-deal" => lang.pick("立会人の分散鍵", "trustee's deal"),
        "trustee-confirm" => lang.pick("立会人の確認", "trustee's confirmation"),
        "trustee-complaint" => lang.pick("立会人の異議", "trustee's complaint"),
        "opened" => lang.pick("投票の開始", "voting opened"),
        "registration" => lang.pick("投票用の鍵の登録", "voting key registered"),
        "ballot" => lang.pick("投票（暗号化済み）", "ballot (encrypted)"),
        "challenged" => lang.pick("投票の検査", "ballot challenged"),
        "paper-issued" => lang.pick("投票用紙の交付", "paper handed out"),
        "paper-undone" => lang.pick("交付の取消し", "hand-out undone"),
        "day-closed" => lang.pick("投票所の一日の締め", "polling place's day closed"),
        "roll-changed" => lang.pick("名簿の変更", "roll changed"),
        "candidate-out" => lang.pick("候補者でなくなった者", "candidate out"),
        "online-closed" => lang.pick("オンライン投票の締切", "online voting closed"),
        "poll-closed" => lang.pick("投票の締切", "poll closed"),
        "tally-statement" => lang.pick("集計宣言", "tally statement"),
        "decryption-shares" => lang.pick("復号の分担", "decryption shares"),
        "paper-count" => lang.pick("投票用紙の計数", "papers counted"),
        "result" => lang.pick("開票の結果", "result"),
        "lot" => lang.pick("くじ", "lot"),
        "published" => lang.pick("公表", "published"),
        other => other,
    }
}

/// What was verified of one entry, in words.
#[must_use]
pub fn included_text(lang: Lang, included: &Included) -> String {
    let Included { leaf: Leaf { index, entry, hash }, checkpoint, fingerprint } = included;
    let kind = kind_name(lang, entry.kind());
    let notice = match fingerprint {
        Some(fingerprint) => format!("{}: {fingerprint}", lang.pick("公告と照合する指紋", "Fingerprint to be compared with the public notice")),
        None => lang.pick("公告の指紋は投票の開始の後に出ます。", "The fingerprint for the notice comes with the opening.").to_owned(),
    };
    match lang {
        Lang::Ja => format!(
            "掲示板の {index} 番「{kind}」は、署名された掲示板に含まれています。\n\n確かめたこと:\n- 項目のハッシュから掲示板の根までの証明\n- 告示（0番）から同じ根までの証明\n- 告示にある掲示板の鍵による、チェックポイントの署名\n\n掲示板の項目数: {}\n根: {}\n項目のハッシュ: {hash}\n{notice}",
            checkpoint.size, checkpoint.root
        ),
        Lang::En => format!(
            "Entry {index} of the board ({kind}) is included in the signed board.\n\nWhat was checked:\n- the proof from the hash of the entry to the root of the board\n- the proof from the manifest (entry 0) to the same root\n- the signature of the checkpoint by the board's key in the manifest\n\nEntries of the board: {}\nRoot: {}\nHash of the entry: {hash}\n{notice}",
            checkpoint.size, checkpoint.root
        ),
    }
}

/// Downloads the record so far into a folder that is removed again, and verifies all of it; `tell` is told how far it is, in percent.
///
/// # Errors
/// [`Failure`] with exit 1 when the record does not hold.
pub fn verify(client: &Client, id: ElectionId, expect: Option<Fingerprint>, tell: &dyn Fn(u64, u64)) -> Result<Verdict, Failure> {
    let here = |e: std::io::Error| Failure::file(&std::env::temp_dir(), &e);
    let folder = Scratch::new().map_err(here)?;
    let record = folder.path().join("record");
    let half = |half: u64| move |done: u64, of: u64| tell(half * 50 + done.min(of) * 50 / of.max(1), 100);
    export_record_telling(client, id, &record, &half(0))?;
    verify_folder(&record, expect, &half(1))
}

fn verify_folder(record: &Path, expect: Option<Fingerprint>, tell: &dyn Fn(u64, u64)) -> Result<Verdict, Failure> {
    let options = Options { expect, extent: Extent::Partial, progress: Some(tell), ..Options::default() };
    let Audited { verdict, .. } = audit_record(record, &options, &Audit::default()).map_err(|e| match &e {
        tachiai_verify::Failure::Refuted(_) => Failure::refused(
            format!("掲示板の検証に失敗しました: {e}。手続きを止め、記録を書き出して保管し、監査人に知らせてください。"),
            format!("the board does not hold: {e}. Stop, export the record and keep it, and tell the auditors."),
        ),
        tachiai_verify::Failure::Incomplete(_) => Failure::incomplete(
            format!("掲示板を最後まで検証できませんでした: {e}。もう一度実行してください。"),
            format!("the board could not be verified to its end: {e}. Try again."),
        ),
    })?;
    Ok(verdict)
}

/// What was verified of a whole board, in words.
#[must_use]
pub fn verdict_text(lang: Lang, verdict: &Verdict) -> String {
    let Verdict { phase, board, fingerprint, trust, slots, registrations, ballots, counted, result, witnesses, .. } = verdict;
    let phase_now = phase_name(lang, *phase);
    let checked = match lang {
        Lang::Ja => {
            "確かめたこと:\n- すべての項目の形式・順序・署名\n- すべての投票の証明と、投票した鍵の署名\n- 立会人の鍵作成・集計宣言・復号の証明\n- 掲示板の木とチェックポイントの署名、届いている証人の連署"
        }
        Lang::En => {
            "What was checked:\n- the form, order and signatures of all entries\n- the proofs of all ballots, and the signatures of the keys that cast them\n- the proofs of the trustees' ceremony, statement and decryption\n- the tree of the board, the signature of its checkpoint, the witnesses' cosignatures that are there"
        }
    };
    let mut text = match lang {
        Lang::Ja => format!("掲示板の {} 件をすべて検証しました。正しい記録です（段階: {phase_now}）。\n\n{checked}", board.size),
        Lang::En => format!("All {} entries of the board were verified, and it holds (phase: {phase_now}).\n\n{checked}", board.size),
    };
    text += &format!(
        "\n\n{}: {slots}  {}: {registrations}  {}: {ballots}  {}: {counted}",
        lang.pick("選挙人", "electors"),
        lang.pick("鍵の登録", "keys registered"),
        lang.pick("投票記録", "ballots"),
        lang.pick("有効な投票", "counted")
    );
    if result.is_some() && *phase >= Phase::Tallied {
        text += &format!("\n{}", lang.pick("開票の結果は、投票の合計と一致します。", "The result is the sum of the ballots."));
    }
    text += &cosigned_text(lang, witnesses, board.size);
    text += &format!("\n{}: {}", lang.pick("根", "Root"), board.root.hash());
    match (trust, fingerprint) {
        (Trust::Fingerprint, Some(fingerprint)) => {
            text += &format!("\n{}: {fingerprint}", lang.pick("公告の指紋と一致しました", "It is the election of the notice with the fingerprint"));
        }
        (_, Some(fingerprint)) => {
            let not = lang.pick(
                "公告の指紋とは照合していません。別の掲示板でないことは、次の指紋を公告と見比べて確かめてください",
                "It was not compared with the public notice. That it is no other board is seen by comparing this fingerprint with the notice",
            );
            text += &format!("\n{not}: {fingerprint}");
        }
        (_, None) => text += &format!("\n{}", lang.pick("公告の指紋とは照合していません。", "It was not compared with the public notice.")),
    }
    text
}

/// How far the witnesses cosigned a board of so many entries.
fn cosigned_text(lang: Lang, witnesses: &WitnessesOutcome, size: u64) -> String {
    let WitnessesOutcome { quorum, keys, bounds: _ } = witnesses;
    if keys.is_empty() {
        return String::new();
    }
    let one = |witness: &WitnessOutcome| match (witness.size, lang) {
        (None, Lang::Ja) => format!("{} なし", witness.name),
        (None, Lang::En) => format!("{} nothing", witness.name),
        (Some(until), Lang::Ja) => format!("{} {until} 件まで", witness.name),
        (Some(until), Lang::En) => format!("{} {until} entries", witness.name),
    };
    let each = keys.iter().map(one).collect::<Vec<_>>().join(lang.pick("、", ", "));
    let whole = keys.iter().filter(|witness| witness.size.is_some_and(|until| until >= size)).count();
    let mut text = format!("\n{}: {each}", lang.pick("証人の連署", "Cosigned by witnesses"));
    if whole < *quorum {
        text += &match lang {
            Lang::Ja => format!("\n全 {size} 件への連署は {quorum} 名中 {whole} 名です。揃うまで、この記録は公表の証拠としては不完全です。"),
            Lang::En => format!(
                "\n{whole} of the {quorum} that are needed cosigned all {size} entries. Until then the record is incomplete as evidence of what was published."
            ),
        };
    }
    text
}
