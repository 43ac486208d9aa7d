//! What the program says, in Japanese, in English, or as JSON.

use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::json;
use tachiai_schemas::election::{Authority, Text};
use tachiai_schemas::fork::ForkEvidence;
use tachiai_schemas::receipt::{BallotStatus, Phase};
use tachiai_schemas::{Lang, Say};
use tachiai_verify::fork::Fork;
use tachiai_verify::receipt::{CheckedReceipt, Finding, OpenedContest};
use tachiai_verify::record::is_stray_file;
use tachiai_verify::verify::Trust;
use tachiai_verify::{Failure, Incomplete, Rule, Verdict};

/// How to say it.
#[derive(Clone, Copy)]
pub(super) struct Report {
    pub(super) lang: Lang,
    pub(super) json: bool,
}

impl Report {
    pub(super) fn text(self, text: &Text) -> &str {
        self.lang.pick(&text.ja, &text.en)
    }

    /// The failure with its exit code.
    pub(super) fn failure(self, failure: &Failure) -> (String, u8) {
        let code = match failure {
            Failure::Refuted(_) => 1,
            Failure::Incomplete(_) => 2,
        };
        let text = match failure {
            Failure::Refuted(violation) if self.json => {
                json!({ "verdict": "refuted", "rule": violation.rule.code(), "leaf": violation.leaf, "detail": violation.detail }).to_string()
            }
            Failure::Incomplete(incomplete) if self.json => json!({ "verdict": "incomplete", "detail": incomplete.to_string() }).to_string(),
            Failure::Refuted(violation) => {
                let leaf = violation.leaf.map(|leaf| match self.lang {
                    Lang::Ja => format!("葉 {leaf}、"),
                    Lang::En => format!("leaf {leaf}, "),
                });
                let (leaf, rule, asks, detail) = (leaf.unwrap_or_default(), violation.rule, violation.rule.say(self.lang), &violation.detail);
                let again = match rule {
                    _ if is_stray_file(violation) => self.lang.pick(
                        "\nパソコンが置いたファイル（Thumbs.db、.DS_Store、desktop.ini など）なら、記録に属さないそのファイルを削除し、もう一度検証してください。",
                        "\nIf a computer left it there (Thumbs.db, .DS_Store, desktop.ini and the like): remove this file, which does not belong to the record, and verify again.",
                    ),
                    Rule::R102 | Rule::R106 | Rule::R107 => self.lang.pick(
                        "\n写しが壊れたときも、この規則に反します。この写しを保存し、別の場所から取り直したものと比べてください。",
                        "\nA damaged copy breaks this rule, too: keep this one, get the record again from another place, and compare.",
                    ),
                    _ => "",
                };
                // The rules of the authority's audit are broken by a record that holds.
                let verdict = if rule.is_of_eligibility() {
                    self.lang
                        .pick("記録は正しいですが、名簿・枠・登録と交付の証拠が一致しません。", "the record holds, but roll, slots and evidence do not agree.")
                } else {
                    self.lang.pick("この記録は正しくありません。", "this does not hold.")
                };
                match self.lang {
                    Lang::Ja => format!("誤り: {leaf}規則 {rule}「{asks}」が成り立ちません。\n  {detail}\n判定: {verdict}{again}"),
                    Lang::En => format!("REFUTED: {leaf}rule {rule} does not hold: \"{asks}\".\n  {detail}\nVerdict: {verdict}{again}"),
                }
            }
            Failure::Incomplete(incomplete) => {
                let hint = match incomplete {
                    Incomplete::NotPublished(_) => {
                        self.lang.pick("公表前の記録には --partial を使います。", "Use --partial for a record before its publication.")
                    }
                    Incomplete::Tied(_) => self.lang.pick(
                        "得票が同数です。くじが記録された後の記録を取得し直すか、--partial を使ってください。",
                        "The votes are equal: get the record again after the lot was drawn, or use --partial.",
                    ),
                    Incomplete::Missing { .. } | Incomplete::Unreadable { .. } => {
                        self.lang.pick("パスを確かめ、記録を取得し直してください。", "Check the path, or get the record again.")
                    }
                    Incomplete::Truncated { .. } => self.lang.pick("もう一度ダウンロードしてください。", "Download it again."),
                    Incomplete::Unwritable { .. } | Incomplete::Scratch { .. } => {
                        self.lang.pick("空きのある、書き込めるフォルダーを指定してください。", "Give a folder that can be written to and has room.")
                    }
                    Incomplete::OtherCards { test: true } => {
                        self.lang.pick("模擬選挙の監査には --test-cards を付けます。", "Give --test-cards for a mock election; real elections have none.")
                    }
                    Incomplete::OtherCards { test: false } => {
                        self.lang.pick("本番の選挙の監査には --test-cards を付けません。", "Leave --test-cards out: these are residents' cards.")
                    }
                    Incomplete::NotA { .. } => self.lang.pick("ファイルの種類を確かめてください。", "Check that this is the right file."),
                    Incomplete::Unwitnessed { .. } | Incomplete::Policy { .. } => {
                        self.lang.pick("証人の連署を待って、記録を取得し直してください。", "Wait for the witnesses, and get the record again.")
                    }
                    Incomplete::Fault(_) => self.lang.pick("取得し直してもう一度お試しください。", "Get the files again and retry."),
                };
                match self.lang {
                    Lang::Ja => format!("不完全: {incomplete}\n判定: 正しいとも誤りとも言えません。{hint}"),
                    Lang::En => format!("INCOMPLETE: {incomplete}\nVerdict: neither holds nor is refuted. {hint}"),
                }
            }
        };
        (text, code)
    }

    /// A record that holds.
    pub(super) fn verdict(self, verdict: &Verdict) -> String {
        if self.json {
            return json(verdict);
        }
        let mut out = String::new();
        let mut line = |ja: String, en: String| {
            out.push_str(if self.lang == Lang::Ja { &ja } else { &en });
            out.push('\n');
        };
        let v = verdict;
        line(format!("{}（{}）", v.title.ja, authority(v.authority, Lang::Ja)), format!("{} ({})", v.title.en, authority(v.authority, Lang::En)));
        line(format!("  宛先 {}", v.origin), format!("  origin {}", v.origin));
        line(format!("  段階 {}", phase(v.phase, Lang::Ja)), format!("  phase {}", phase(v.phase, Lang::En)));
        line(String::new(), String::new());
        line("検証したもの".to_owned(), "Verified".to_owned());
        line(format!("  記録の全項目 {} 件の形式・順序・木・署名", v.board.size), format!("  {} entries: form, order, tree and signature", v.board.size));
        let t = &v.trustees;
        line(
            format!("  立会人 {} 名（復号に {} 名）の鍵生成 第 {} 回", t.all, t.quorum, t.run),
            format!("  {} trustees ({} needed to decrypt), key ceremony run {}", t.all, t.quorum, t.run),
        );
        line(format!("  名簿 {} 枠", v.slots), format!("  {} slots on the roll", v.slots));
        line(format!("  投票鍵の登録 {} 件", v.registrations), format!("  {} registrations of voting keys", v.registrations));
        line(
            format!("  投票 {} 件、うち確認用に開かれたもの {} 件、数えるもの {} 件", v.ballots, v.challenged, v.counted),
            format!("  {} ballots, of which {} were challenged and {} count", v.ballots, v.challenged, v.counted),
        );
        if !t.shares.is_empty() || !t.discarded.is_empty() {
            let list = |indices: &[tachiai_schemas::TrusteeIndex]| indices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            line(format!("  有効な復号分散片 立会人 {}", list(&t.shares)), format!("  valid decryption shares of trustees {}", list(&t.shares)));
            if !t.discarded.is_empty() {
                line(
                    format!("  無効として除いた分散片 立会人 {}", list(&t.discarded)),
                    format!("  invalid shares, discarded, of trustees {}", list(&t.discarded)),
                );
            }
        }
        out.push_str(&self.witnesses(v));
        out.push_str(&self.taking_part(v));
        for contest in v.result.iter().flatten() {
            out.push('\n');
            out.push_str(&self.contest(contest));
        }
        for contest in &v.uncontested {
            out.push('\n');
            out.push_str(&self.uncontested(contest));
        }
        out.push('\n');
        out.push_str(&self.trust(v.trust, v.fingerprint.as_deref()));
        out.push_str(self.lang.pick("判定: この記録は正しいです。\n", "Verdict: this record holds.\n"));
        out
    }

    fn witnesses(self, verdict: &Verdict) -> String {
        let mut out = String::new();
        let witnesses = &verdict.witnesses;
        let names = |names: &[String]| names.join(", ");
        let all = witnesses.keys.len();
        // Only what was cosigned at the board's own size counts towards the number that is needed.
        let here = witnesses.keys.iter().filter(|witness| witness.size == Some(verdict.board.size));
        let cosigned: Vec<String> = here.map(|witness| witness.name.clone()).collect();
        let _ = match self.lang {
            _ if all == 0 => Ok(()),
            Lang::Ja => writeln!(
                out,
                "  証人 {all} 名（必要 {} 名）、この大きさの記録に連署したもの: {}",
                witnesses.quorum,
                if cosigned.is_empty() { "なし".to_owned() } else { names(&cosigned) }
            ),
            Lang::En => {
                let who = if cosigned.is_empty() { "none".to_owned() } else { names(&cosigned) };
                writeln!(out, "  witnesses: {all} ({} needed), cosigned at this size by: {who}", witnesses.quorum)
            }
        };
        for bound in &witnesses.bounds {
            // To the second: a bound is not rounded.
            let by = format!("{} ({})", bound.by.in_japan(self.lang), bound.by);
            let (milestone, k) = (milestone(self.lang, bound.milestone), witnesses.quorum);
            let _ = match self.lang {
                Lang::Ja => {
                    writeln!(out, "  {milestone}までの全項目は {by} に存在したと、証人 {all} 名中 {k} 名以上が述べています（{}）", names(&bound.witnesses))
                }
                Lang::En => writeln!(out, "  everything up to {milestone} existed by {by}, say {k} of {all} witnesses ({})", names(&bound.witnesses)),
            };
        }
        if let Some(policy) = &verdict.policy {
            let _ = match self.lang {
                Lang::Ja if policy.cosigned.is_empty() => writeln!(out, "  指定された方針は、だれの連署も求めていません"),
                Lang::En if policy.cosigned.is_empty() => writeln!(out, "  the given policy asks for nobody's cosignature"),
                Lang::Ja => writeln!(out, "  指定された方針が求める証人が連署しています（{}）", names(&policy.cosigned)),
                Lang::En => writeln!(out, "  cosigned as the given policy demands ({})", names(&policy.cosigned)),
            };
        }
        out
    }

    /// Evidence of a fork that holds, with the exit code. Anyone can make a key, give it any origin and sign two boards, so that without the fingerprint of the
    /// notice nobody is accused.
    pub(super) fn fork(self, fork: &Fork, file: &ForkEvidence) -> (String, u8) {
        let Fork { origin, sizes: (first, second), differ_at, fingerprint, trust } = fork;
        let fingerprint = fingerprint.map(|fingerprint| fingerprint.to_string());
        let announced = *trust == Trust::Fingerprint;
        let code = if announced { 0 } else { 2 };
        let unknown = match self.lang {
            Lang::Ja => {
                format!("不完全です。{origin} を名乗る鍵の分岐ですが、公告された選挙の鍵とは示されていません。公告の指紋を --expect で渡してください。")
            }
            Lang::En => format!(
                "incomplete. A key that calls itself {origin} forked, and is NOT shown to be the announced election's: give the fingerprint of the public notice with --expect."
            ),
        };
        if self.json {
            let mut value = json!({
                "verdict": "fork", "origin": origin.as_str(), "fingerprint": fingerprint, "trust": trust,
                "first": first, "second": second, "differ_at": differ_at
            });
            if !announced {
                value["verdict"] = "incomplete".into();
                value["detail"] = unknown.into();
            }
            return (value.to_string(), code);
        }
        let key = match (announced, self.lang) {
            (true, Lang::Ja) => format!("{origin} の鍵"),
            (true, Lang::En) => format!("The key of {origin}"),
            (false, Lang::Ja) => format!("{origin} を名乗る鍵"),
            (false, Lang::En) => format!("A key that calls itself {origin}"),
        };
        let said = match self.lang {
            Lang::Ja => format!("{key}は、矛盾する二つの記録に署名しました。最初の {differ_at} 項目の時点で、すでに異なります。"),
            Lang::En => format!("{key} signed two boards that contradict each other: they differ already within the first {differ_at} entries."),
        };
        let holds = self.lang.pick("分岐の証拠として成り立ちます。", "the evidence of a fork holds.");
        let verdict = if announced { holds } else { &unknown };
        let trust = self.trust(*trust, fingerprint.as_deref());
        (format!("{said}\n\n{}\n{}\n{trust}{}: {verdict}\n", file.first, file.second, self.lang.pick("判定", "Verdict")), code)
    }

    /// Says that no file was written.
    pub(super) fn no_evidence(self) {
        let said = self.lang.pick(
            "証拠のファイルは書けません: 受領証の記録は公表の後も続いています。受領証と記録の両方が証拠です。",
            "No file of evidence was written: the receipt's board goes on after the publication. Receipt and record together are the evidence.",
        );
        // Nothing can be done about a closed terminal.
        let _ = writeln!(std::io::stderr().lock(), "{said}");
    }

    pub(super) fn trust(self, trust: Trust, fingerprint: Option<&str>) -> String {
        let fingerprint = fingerprint.unwrap_or("-");
        match (trust, self.lang) {
            (Trust::Fingerprint, Lang::Ja) => format!("指紋 {fingerprint} は公告のものと一致しました。\n"),
            (Trust::Fingerprint, Lang::En) => format!("The fingerprint {fingerprint} is the expected one.\n"),
            (Trust::Assumed, Lang::Ja) => {
                format!("確かめていないもの: 選挙の定義と記録の鍵（指紋 {fingerprint}）。公告の指紋と見比べるか、--expect で渡してください。\n")
            }
            (Trust::Assumed, Lang::En) => format!(
                "Taken on trust: the manifest and the board key (fingerprint {fingerprint}). Compare it with the public notice, or give it with --expect.\n"
            ),
        }
    }

    /// What an opening shows.
    pub(super) fn opening(self, receipt: &CheckedReceipt, contests: &[OpenedContest]) -> String {
        let fingerprint = receipt.fingerprint.to_string();
        let challenged = receipt.ballot.as_ref().and_then(|ballot| ballot.challenged);
        if self.json {
            let contests: Vec<_> = contests.iter().map(|c| json!({ "title": c.title, "chosen": c.chosen, "blanks": c.blanks })).collect();
            let leaf = receipt.ballot.as_ref().map(|ballot| ballot.leaf);
            return json!({
                "verdict": "holds", "election": receipt.manifest.election, "fingerprint": fingerprint, "trust": receipt.trust,
                "leaf": leaf, "challenged": challenged, "contests": contests
            })
            .to_string();
        }
        let mut out = format!("{}\n", self.text(&receipt.manifest.title));
        for contest in contests {
            let _ = writeln!(out, "\n{}", self.text(&contest.title));
            for name in &contest.chosen {
                let _ = writeln!(out, "  ● {}", self.text(name));
            }
            if contest.blanks > 0 {
                let _ = writeln!(out, "  ○ {} × {}", self.lang.pick("白票", "blank"), contest.blanks);
            }
        }
        out.push('\n');
        out.push_str(&self.trust(receipt.trust, Some(&fingerprint)));
        match challenged {
            Some(leaf) => {
                let _ = match self.lang {
                    Lang::Ja => writeln!(out, "この投票は確認用に開かれ（葉 {leaf}）、数えられません。もう一度投票してください。"),
                    Lang::En => writeln!(out, "This ballot was challenged (leaf {leaf}) and does not count. Vote again."),
                };
            }
            None => out.push_str(self.lang.pick(
                "注意: 受領証に取消の項目がありません。この投票は数えられるかもしれません。開示を他人に見せないでください。\n",
                "Careful: the receipt does not show that this ballot was challenged, so it may count. Do not show the opening to anyone.\n",
            )),
        }
        out.push_str(self.lang.pick(
            "判定: 記録上の投票は上の内容です。違う場合は端末を疑ってください。\n",
            "Verdict: the ballot on the board holds the choices above. If they are not yours, distrust the device.\n",
        ));
        out
    }

    /// What a record says about a receipt, with the exit code.
    pub(super) fn finding(self, receipt: &CheckedReceipt, finding: &Finding, verdict: &Verdict) -> (String, u8) {
        if self.json {
            let (status, code) = match finding {
                Finding::Ballot(status) => (serde_json::to_value(status).unwrap_or_default(), 0),
                Finding::Registered { leaf, replaced } => (json!({ "status": "registered", "leaf": leaf, "replaced": replaced }), 0),
                Finding::Fork { receipt, record } => (json!({ "status": "fork", "receipt": receipt, "record": record }), 1),
            };
            let holds = if code == 0 { "holds" } else { "refuted" };
            return (json!({ "verdict": holds, "phase": verdict.phase, "trust": receipt.trust, "receipt": status }).to_string(), code);
        }
        let (said, code) = match (finding, self.lang) {
            (Finding::Ballot(BallotStatus::Counted { leaf }), Lang::Ja) => (format!("葉 {leaf} の投票は数えられます。"), 0),
            (Finding::Ballot(BallotStatus::Counted { leaf }), Lang::En) => (format!("The ballot at leaf {leaf} counts."), 0),
            (Finding::Ballot(BallotStatus::Superseded { leaf, by }), Lang::Ja) => (format!("葉 {leaf} の投票は、後の投票（葉 {by}）に置き換えられました。"), 0),
            (Finding::Ballot(BallotStatus::Superseded { leaf, by }), Lang::En) => {
                (format!("The ballot at leaf {leaf} was replaced by a later one at leaf {by}."), 0)
            }
            (Finding::Ballot(BallotStatus::Challenged { leaf, by }), Lang::Ja) => (format!("葉 {leaf} の投票は確認用に開かれ（葉 {by}）、数えられません。"), 0),
            (Finding::Ballot(BallotStatus::Challenged { leaf, by }), Lang::En) => {
                (format!("The ballot at leaf {leaf} was challenged at leaf {by} and does not count."), 0)
            }
            (Finding::Ballot(BallotStatus::Overridden { leaf, by }), Lang::Ja) => {
                (format!("葉 {leaf} の投票の後に投票用紙が交付され（葉 {by}）、用紙が数えられます。"), 0)
            }
            (Finding::Ballot(BallotStatus::Overridden { leaf, by }), Lang::En) => {
                (format!("After the ballot at leaf {leaf} the elector was handed a paper at leaf {by}: the paper counts."), 0)
            }
            (Finding::Registered { leaf, replaced: false }, Lang::Ja) => (format!("葉 {leaf} の登録は現在のものです。"), 0),
            (Finding::Registered { leaf, replaced: false }, Lang::En) => (format!("The registration at leaf {leaf} is the current one."), 0),
            (Finding::Registered { leaf, replaced: true }, Lang::Ja) => (format!("葉 {leaf} の登録の後に、別の登録があります。"), 0),
            (Finding::Registered { leaf, replaced: true }, Lang::En) => (format!("A later registration replaced the one at leaf {leaf}."), 0),
            (Finding::Fork { receipt, record }, Lang::Ja) => (
                format!(
                    "分岐の証拠です。同じ鍵が矛盾する二つの記録に署名しています。次の二つを選挙管理委員会と監査人に渡してください。\n\n{receipt}\n{record}"
                ),
                1,
            ),
            (Finding::Fork { receipt, record }, Lang::En) => (
                format!(
                    "EVIDENCE OF A FORK: one key signed two boards that contradict each other. Give both to the commission and to an auditor.\n\n{receipt}\n{record}"
                ),
                1,
            ),
        };
        let fingerprint = verdict.fingerprint.as_deref();
        let so_far = match (verdict.phase, self.lang) {
            (Phase::Published, _) => String::new(),
            (now, Lang::Ja) => format!("（公表前の記録による途中の答えです。段階: {}）\n", phase(now, Lang::Ja)),
            (now, Lang::En) => format!("(So far: the record ends before the publication, in the phase \"{}\".)\n", phase(now, Lang::En)),
        };
        (format!("{}\n{said}\n{so_far}{}", self.text(&verdict.title), self.trust(receipt.trust, fingerprint)), code)
    }
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The name of an entry up to which witnesses say that everything existed.
pub(super) fn milestone(l: Lang, milestone: &str) -> &str {
    match milestone {
        "opened" => l.pick("投票の開始", "the opening"),
        "online-closed" => l.pick("オンライン投票の締切", "the close of online voting"),
        "poll-closed" => l.pick("投票の終了", "the close of the poll"),
        "published" => l.pick("結果の公表", "the publication"),
        other => other,
    }
}

pub(super) const fn authority(authority: Authority, lang: Lang) -> &'static str {
    let (ja, en) = match authority {
        Authority::Statutory => ("公職選挙法による選挙", "under the Public Offices Election Act"),
        Authority::Ordinance => ("条例による投票", "under a municipal ordinance"),
        Authority::Mock => ("模擬選挙・法的効力なし", "a mock election without legal effect"),
        Authority::SpecialZone => ("国家戦略特区", "in a national strategic special zone"),
    };
    lang.pick(ja, en)
}

pub(super) const fn phase(phase: Phase, lang: Lang) -> &'static str {
    let (ja, en) = match phase {
        Phase::Draft => ("準備中", "draft"),
        Phase::Ceremony => ("鍵生成", "ceremony"),
        Phase::Open => ("投票受付中", "open"),
        Phase::OnlineClosed => ("オンライン投票締切", "online voting closed"),
        Phase::PollClosed => ("投票終了", "poll closed"),
        Phase::Tallying => ("集計宣言済み", "tallying"),
        Phase::Tallied => ("集計済み", "tallied"),
        Phase::Published => ("結果公表", "published"),
    };
    lang.pick(ja, en)
}
