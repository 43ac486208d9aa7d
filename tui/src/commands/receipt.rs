//! What became of a ballot: asked of the appliance with a receipt.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::election::Manifest;
use tachiai_schemas::paper::CandidateOut;
use tachiai_schemas::receipt::{BallotStatus, ReceiptFile};
use tachiai_schemas::system::in_words;
use tachiai_schemas::{Lang, LeafIndex};

use crate::cli::Global;
use crate::client::Client;
use crate::commands::count::out_text;
use crate::failure::{Exit, Failure};
use crate::voter::{Outs, Pinned};

/// Commands about receipts.
#[derive(Subcommand, Debug)]
pub enum ReceiptCommand {
    /// Ask whether the ballot counts, and check that the board still extends what the receipt shows
    Check(Check),
}

/// Check a receipt.
///
/// Example: `tachiai receipt check receipt.json --server https://vote.example.jp:8443 --ca ca.pem --manifest abcd-efgh-…`
#[derive(Args, Debug)]
pub struct Check {
    /// The receipt's file
    receipt: PathBuf,
    /// The server, https://host:port
    #[arg(long, value_name = "URL")]
    server: String,
    /// The appliance's certificate authority, PEM
    #[arg(long, value_name = "PEM")]
    ca: PathBuf,
    /// The fingerprint in the public notice; without it the manifest is taken on trust
    #[arg(long, value_name = "FINGERPRINT")]
    manifest: Option<Fingerprint>,
    /// Where to write the evidence, should receipt and board be of two boards of one key
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

impl ReceiptCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// [`Failure`]; exit 1 for evidence of a fork.
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let Self::Check(Check { receipt, server, ca, manifest, evidence }) = self;
        let bytes = std::fs::read(receipt).map_err(|e| Failure::file(receipt, &e))?;
        // People keep these files, so white space in them is no fault (PROTOCOL §10.4).
        let file: ReceiptFile = serde_json::from_slice(&bytes).map_err(|e| Failure::content(receipt, &e))?;
        let client = Client::new(server, ca, None, global.lang())?;
        let pinned = Pinned::fetch(&client, file.receipt.election, manifest.as_ref(), None)?;
        let status = match (pinned.status(&client, &file.receipt), evidence) {
            (Err(failure), Some(path)) if failure.exit == Exit::Refused => return Err(accuse(&pinned, &client, &file, path, failure)),
            (status, _) => status?,
        };
        let outs = pinned.outs(&client)?;
        let successor = pinned.successor(&client, status)?;
        if global.json {
            let mut answer = serde_json::json!(status);
            answer["successor"] = serde_json::json!(successor);
            answer["trust"] = if manifest.is_some() { "fingerprint" } else { "assumed" }.into();
            outln!("{answer}");
            return Ok(Exit::Done);
        }
        let text = match status {
            BallotStatus::Counted { leaf } => format!(
                "{} {leaf}",
                global.pick(
                    "サーバーによれば数えられる投票です（公開された記録の検証までは、サーバーの言葉です）。受付番号",
                    "The server says that this ballot counts; that is its word until the published record is verified. Leaf"
                )
            ),
            BallotStatus::Superseded { leaf: _, by } => {
                format!(
                    "{} {by}",
                    global
                        .pick("あとの投票に置き換えられました（掲示板で確認済み）。新しい受付番号", "Replaced by a later ballot, as the board shows, at leaf")
                )
            }
            BallotStatus::Challenged { leaf: _, by } => {
                format!(
                    "{} {by}",
                    global.pick(
                        "確認のために開かれ、数えられません（掲示板で確認済み）。受付番号",
                        "Opened for a check, as the board shows; it does not count. Leaf"
                    )
                )
            }
            BallotStatus::Overridden { leaf: _, by } => {
                format!(
                    "{} {by}",
                    global.pick(
                        "投票用紙が交付されたため、数えられません（掲示板で確認済み）。用紙の投票が数えられます。身に覚えがなければ選挙管理委員会へ。受付番号",
                        "A ballot paper was handed to the elector, as the board shows: the paper counts, this ballot does not. If you got none, tell the election commission. Leaf"
                    )
                )
            }
        };
        outln!("{text}");
        if let Some(BallotStatus::Challenged { leaf: _, by }) = successor {
            outln!(
                "{} {by}",
                global.pick(
                    "置き換えた投票は確認のために開かれました。そのあとに投票し直していなければ、あなたの投票で数えられるものはありません。もう一度投票してください（tachiai vote）。受付番号",
                    "The ballot that replaced it was opened for a check. Unless you have voted since then, nothing that you voted counts: vote again (tachiai vote). Leaf"
                )
            );
        }
        if let Some(BallotStatus::Overridden { leaf: _, by }) = successor {
            outln!(
                "{} {by}",
                global.pick(
                    "置き換えた投票も、投票用紙が交付されたため数えられません。用紙の投票が数えられます。受付番号",
                    "The ballot that replaced it does not count either, since a paper was handed out, and the paper counts. Leaf"
                )
            );
        }
        if manifest.is_none() {
            outln!(
                "{}",
                global.pick(
                    "注意: --manifest がないため、選挙の定義と掲示板の鍵はサーバーの言葉を信用しました。公告の指紋を付けてもう一度実行してください。",
                    "careful: without --manifest the manifest and the board's key were taken on trust. Run this again with the fingerprint of the notice."
                )
            );
        }
        if let BallotStatus::Counted { leaf } = status
            && let Some(notice) = out_since(global.lang(), &pinned.manifest, &outs, leaf)
        {
            outln!("{notice}");
        }
        Ok(Exit::Done)
    }
}

/// What is said to whom voted before a candidate was out: which candidate a ballot names, nobody here knows.
fn out_since(lang: Lang, manifest: &Manifest, outs: &Outs, leaf: LeafIndex) -> Option<String> {
    let names: Vec<String> =
        outs.since(leaf).map(|out| out_text(lang, manifest, &CandidateOut { contest: out.contest, option: out.option, reason: out.reason })).collect();
    (!names.is_empty()).then(|| {
        let list = names.iter().map(|name| format!("\n  {name}")).collect::<String>();
        match lang {
            Lang::Ja => format!("注意: この投票の後に、次の候補者が候補者でなくなりました。その方への投票は無効です（公職選挙法第68条）。オンライン投票の締切まで、投票し直すことができます（tachiai vote）:{list}"),
            Lang::En => format!(
                "careful: since this ballot was cast these candidates are out, and votes for them are invalid (Public Offices Election Act, article 68). Whoever voted for one may vote again until online voting closes (tachiai vote):{list}"
            ),
        }
    })
}

/// Writes the evidence of a fork, if there is any, and says so with the failure.
fn accuse(pinned: &Pinned, client: &Client, file: &ReceiptFile, path: &Path, failure: Failure) -> Failure {
    let found = match pinned.evidence(client, &file.receipt) {
        Ok(Some(found)) => found,
        Ok(None) => return failure.and("証拠のファイルは書けませんでした。", "No file of evidence could be made of what the board shows."),
        Err(other) => return failure.and(&other.ja, &other.en),
    };
    let written = serde_json::to_vec(&found).map_err(std::io::Error::from).and_then(|bytes| std::fs::write(path, bytes));
    match written {
        Ok(()) => failure.and(
            format!("証拠を {} に書きました（tachiai-verify fork で確かめられます）。", path.display()),
            format!("The evidence was written to {} (check it with tachiai-verify fork).", path.display()),
        ),
        Err(error) => {
            let [ja, en] = in_words(&error);
            failure.and(format!("{} に書けません: {ja}", path.display()), format!("{} cannot be written: {en}", path.display()))
        }
    }
}
