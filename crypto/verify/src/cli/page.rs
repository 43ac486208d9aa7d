//! The report as a page for people who have to rely on it, such as a court: what was checked with what figures, what it rests on, and what it does not show. One
//! file without anything from outside, in both languages.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use tachiai_schemas::election::Text;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::{Lang, Say, Timestamp};
use tachiai_verify::outcome::Manner;
use tachiai_verify::record::is_stray_file;
use tachiai_verify::verify::{ContestOutcome, Trust, Verdict};
use tachiai_verify::{Failure, Rule};

use super::outcome::{out_reason, place_kind};
use super::report::{Report, authority, milestone, phase};

/// What a report is of.
pub(super) struct Page<'a> {
    /// The language that comes first.
    pub(super) lang: Lang,
    /// The outcome.
    pub(super) outcome: Result<&'a Verdict, &'a Failure>,
    /// The record, as it was named.
    pub(super) record: String,
    /// This computer's time.
    pub(super) at: Option<Timestamp>,
    /// The fingerprint that was expected.
    pub(super) expected: Option<String>,
    /// The options that change what is asked for, as they were given.
    pub(super) options: String,
}

/// The look: readable on paper, too.
const STYLE: &str = "body{font-family:'Noto Sans JP','Hiragino Sans','Yu Gothic',sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;line-height:1.7;color:#111}\
h1{font-size:1.5rem}h3{font-size:1rem;margin-bottom:0}h2{font-size:1.15rem;border-bottom:1px solid #999;margin-top:2rem}table{border-collapse:collapse;width:100%;margin:.5rem 0}\
th,td{border:1px solid #999;padding:.3rem .6rem;text-align:left;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}\
.verdict{border:3px solid;padding:.6rem 1rem;font-size:1.2rem;font-weight:bold}.holds{border-color:#06632b}.refuted{border-color:#a00000}.incomplete{border-color:#7a5a00}\
code{font-size:.9em;overflow-wrap:anywhere}article{break-after:page}@media print{body{margin:0;max-width:none}nav{display:none}}";

impl Page<'_> {
    /// The page.
    pub(super) fn html(&self) -> String {
        let other = match self.lang {
            Lang::Ja => Lang::En,
            Lang::En => Lang::Ja,
        };
        let page = html! {
            (DOCTYPE)
            html lang=(code(self.lang)) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width";
                    meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                    title { (self.lang.pick("選挙記録の検証報告書", "Report on the verification of an election record")) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    nav { a href="#ja" { "日本語" } " · " a href="#en" { "English" } }
                    (self.article(self.lang))
                    (self.article(other))
                }
            }
        };
        page.into_string()
    }

    fn article(&self, l: Lang) -> Markup {
        html! {
            article #(code(l)) lang=(code(l)) {
                h1 { (l.pick("選挙記録の検証報告書", "Report on the verification of an election record")) }
                (self.verdict(l))
                (self.subject(l))
                @if let Ok(verdict) = self.outcome {
                    (results(l, verdict))
                    (checks(l, verdict))
                }
                (self.trusted(l))
                (not_covered(l, self.outcome.is_ok()))
                (self.again(l))
                (rules(l, self.outcome.is_ok()))
            }
        }
    }

    fn verdict(&self, l: Lang) -> Markup {
        match self.outcome {
            Ok(verdict) => html! {
                p.verdict.holds {
                    (l.pick("判定：この記録は正しい", "Verdict: this record holds"))
                    @if verdict.phase != Phase::Published { br; (l.pick("（公表前の記録。あるところまで）", "(a record from before the publication, as far as it goes)")) }
                    @if verdict.trust == Trust::Assumed { br; (l.pick("（公告の指紋とは照合していません）", "(not compared with the fingerprint of the public notice)")) }
                }
                p { (l.pick(
                    "記録に含まれるすべての項目・署名・証明を、この記録のファイルだけから計算し直した結果、付録に掲げる規則はすべて成り立ちました。記録の中の要約や合計の値は、検証の前提として用いていません。",
                    "Every entry, signature and proof of the record was computed anew from its files alone, and every rule of the appendix holds. No summary or total that the record states was taken as given.",
                )) }
            },
            Err(Failure::Refuted(violation)) => html! {
                p.verdict.refuted { (l.pick("判定：この記録は正しくない", "Verdict: this record is refuted")) }
                p { (l.pick("次の規則が成り立ちません。", "This rule does not hold.")) }
                table {
                    @if let Some(leaf) = violation.leaf { tr { th { (l.pick("項目（葉）", "Entry (leaf)")) } td { (leaf) } } }
                    tr { th { (l.pick("規則", "Rule")) } td { (violation.rule) " " (violation.rule.say(l)) } }
                    tr { th { (l.pick("内容（プログラムの出力）", "Detail, as the program gave it")) } td { code { (violation.detail) } } }
                }
                @if is_stray_file(violation) { p { (l.pick(
                    "パソコンが置いたファイル（Thumbs.db など）なら、記録に属さないそのファイルを削除し、もう一度検証してください。",
                    "If a computer left the file there (Thumbs.db and the like): remove this file, which does not belong to the record, and verify again.",
                )) } }
                p { (l.pick(
                    "この記録を保存し、別の場所から取り直したものと比べてください。一つでも規則が破れていれば、記録全体を結果の根拠にすることはできません。",
                    "Keep this record and compare it with one obtained from elsewhere. If one rule is broken, nothing of the record supports the result.",
                )) }
            },
            Err(Failure::Incomplete(incomplete)) => html! {
                p.verdict.incomplete { (l.pick("判定：不完全（正しいとも誤りとも言えない）", "Verdict: incomplete; it neither holds nor is refuted")) }
                p { (l.pick("足りないもの・読めないもの（プログラムの出力）：", "What is missing or unreadable, as the program gave it:")) " " code { (incomplete) } }
            },
        }
    }

    fn subject(&self, l: Lang) -> Markup {
        let made = self.at.map_or_else(|| "-".to_owned(), |at| at.in_japan(l));
        html! {
            h2 { (l.pick("1. 対象", "1. What was examined")) }
            table {
                tr { th { (l.pick("記録", "Record")) } td { code { (self.record) } } }
                @if let Ok(v) = self.outcome {
                    tr { th { (l.pick("記録の識別（record.json の SHA-256）", "Identity of the record (SHA-256 of record.json)")) } td { code { (v.record.hash()) } } }
                    tr { th { (l.pick("選挙", "Election")) } td { (text(l, &v.title)) br; code { (v.origin) } } }
                    tr { th { (l.pick("根拠", "Legal basis, as the record states it")) } td { (authority(v.authority, l)) } }
                    tr { th { (l.pick("段階", "Stage")) } td { (phase(v.phase, l)) } }
                    tr { th { (l.pick("投票時間", "Voting hours")) } td { (v.opens.in_japan(l)) " – " (v.online_closes.in_japan(l)) } }
                    tr { th { (l.pick("項目の数と木の根", "Number of entries, and root of their tree")) } td { (v.board.size) br; code { (v.board.root.hash()) } } }
                    tr { th { (l.pick("指紋", "Fingerprint")) } td { code { (v.fingerprint.as_deref().unwrap_or("-")) } } }
                }
                tr { th { (l.pick("検証プログラム", "Program")) } td { "tachiai-verify " (env!("CARGO_PKG_VERSION")) } }
                tr { th { (l.pick("検証した時刻（この計算機の時計）", "Time of the examination (this computer's clock)")) } td { (made) } }
            }
        }
    }

    fn trusted(&self, l: Lang) -> Markup {
        let pinned = self.outcome.is_ok_and(|verdict| verdict.trust == Trust::Fingerprint);
        let fingerprint = match (pinned, &self.expected) {
            (true, Some(expected)) => match l {
                Lang::Ja => format!("選挙の定義・鍵・名簿の約束は、与えられた指紋 {expected} と一致しました。その指紋が印刷された公告のものであることは、検証した者が確かめます。"),
                Lang::En => format!("Manifest, keys and the commitment to the roll have the fingerprint that was given, {expected}. That it is the one of the printed public notice is for the examiner to confirm."),
            },
            (false, Some(expected)) => match l {
                Lang::Ja => format!("公告の指紋として {expected} が与えられました。検証は終わりまで進みませんでした。"),
                Lang::En => format!("The fingerprint {expected} was given as that of the notice; the examination did not come to its end."),
            },
            (_, None) if self.outcome.is_err() => l
                .pick("公告の指紋は与えられませんでした。", "No fingerprint of the public notice was given.")
                .to_owned(),
            _ => l
                .pick(
                    "公告の指紋は与えられませんでした。選挙の定義と記録の鍵は、この記録の言うとおりのものとして扱っています。公告の指紋と見比べてください。",
                    "No fingerprint of the public notice was given: manifest and board key were taken as this record has them. Compare the fingerprint above with the notice.",
                )
                .to_owned(),
        };
        html! {
            h2 { (if self.outcome.is_ok() { "4. " } else { "2. " }) (l.pick("前提として信頼しているもの", "What the verdict rests on")) }
            ul {
                li { (fingerprint) }
                li { (l.pick(
                    "用いた暗号の前提：離散対数問題（ristretto255）、SHA-256 の衝突困難性、Ed25519 署名の偽造困難性。",
                    "Cryptographic assumptions: discrete logarithms in ristretto255 are hard, SHA-256 has no known collisions, Ed25519 signatures cannot be forged.",
                )) }
                li { (l.pick(
                    "この検証プログラムと、それを動かした計算機。公開されたプロトコル文書から、誰でも別の検証プログラムを書いて同じ記録を検証できます。",
                    "This program and the computer that ran it. Anyone can write another verifier from the published protocol and examine the same record.",
                )) }
                @if let Ok(verdict) = self.outcome {
                    @if let Some(said) = collusion(l, verdict) { li { (said) } }
                    @for bound in &verdict.witnesses.bounds {
                        li { (match l {
                            Lang::Ja => format!("{}（項目 {}）までのすべての項目が {} までに存在したこと：証人 {} の時計による。", milestone(l, bound.milestone), bound.leaf, exactly(l, bound.by), bound.witnesses.join("、")),
                            Lang::En => format!("That every entry up to {} (leaf {}) existed by {}: by the clocks of the witnesses {}.", milestone(l, bound.milestone), bound.leaf, exactly(l, bound.by), bound.witnesses.join(", ")),
                        }) }
                    }
                }
                @if let Ok(Verdict { resumed: Some(leaf), .. }) = self.outcome {
                    li { (match l {
                        Lang::Ja => format!("葉 {leaf} より前の証明は、中断された以前の実行で検証されたもので、その状態ファイルを信頼しています。"),
                        Lang::En => format!("Proofs below leaf {leaf} were verified by an earlier run that was interrupted; the file in which it kept its state is trusted."),
                    }) }
                }
                li { (l.pick(
                    "投票の秘密：定足数未満の立会人しか結託していないこと（結果の正しさには、この前提は要りません）。",
                    "Secrecy of votes: fewer trustees collude than the quorum. The correctness of the result does not need this.",
                )) }
            }
        }
    }

    fn again(&self, l: Lang) -> Markup {
        let expect = self.expected.as_ref().map_or_else(String::new, |fingerprint| format!(" --expect {fingerprint}"));
        html! {
            h2 { (if self.outcome.is_ok() { "6. " } else { "4. " }) (l.pick("同じ検証をもう一度行うには", "To examine it again")) }
            p { (l.pick(
                "ネットワークは要りません。同じ記録に対して次を実行すると、誰が行っても同じ判定になります。",
                "No network is needed. Run this on the same record: whoever does it comes to the same verdict.",
            )) }
            p { code { "tachiai-verify " (self.record) (expect) (self.options) } }
        }
    }
}

fn results(l: Lang, v: &Verdict) -> Markup {
    html! {
        h2 { (l.pick("2. 結果（記録から計算し直したもの）", "2. Result, as computed from the record")) }
        @match &v.result {
            None => p { (l.pick("この記録には、まだ結果がありません。", "This record has no result yet.")) },
            Some(contests) => @for contest in contests { (result(l, contest)) }
        }
        @for contest in &v.uncontested {
            table {
                tr { th colspan="2" { (text(l, &contest.title)) (l.pick("（無投票）", " (without a poll)")) } }
                @for elected in &contest.elected { tr { td { (text(l, &elected.name)) } td { (l.pick("無投票当選", "elected without a poll")) } } }
            }
        }
        p { (l.pick(
            "当選人の決定は選挙会が行います。この報告書の「当選」は、記録された票数とくじに公職選挙法第95条・第100条を当てはめた結果です。",
            "Who is elected is for the election meeting to decide: \"elected\" here is what articles 95 and 100 of the Public Offices Election Act give for the votes and lots of the record.",
        )) }
        (taking_part(l, v))
    }
}

/// The votes of a contest.
fn result(l: Lang, contest: &ContestOutcome) -> Markup {
    let report = Report { lang: l, json: false };
    let paper = contest.papers.is_some();
    let columns = if paper { "5" } else { "3" };
    html! {
        table {
            tr { th colspan=(columns) {
                (text(l, &contest.title))
                @match contest.manner {
                    Manner::Uncontested => (l.pick("（無投票）", " (without a poll)")),
                    Manner::Poll | Manner::Referendum => { " (" (contest.ballots) (l.pick(" 票", " ballots")) ")" },
                }
            } }
            @if paper {
                tr {
                    th {} th { (l.pick("オンライン", "online")) } th { (l.pick("投票用紙", "on paper")) } th { (l.pick("得票数", "votes")) } th {}
                }
            }
            @for option in &contest.options {
                tr {
                    td { (text(l, &option.name)) }
                    @if paper { td.n { (option.total) } td.n { (option.paper) } }
                    td.n { (option.votes) }
                    td { (option.standing.name(l)) }
                }
            }
            @if let Some(blanks) = contest.blanks { tr { td { (l.pick("白票（オンライン）", "blank, online")) } td.n { (blanks) } td colspan="3" {} } }
        }
        @if let Some(papers) = &contest.papers {
            p { (match l {
                Lang::Ja => format!("投票用紙：箱の中 {} 枚 ＝ 有効 {} ＋ 白票 {} ＋ その他の無効 {}（開票管理者・立会人の署名、葉 {}）。", papers.in_boxes, papers.valid, papers.blank, papers.invalid, papers.leaf),
                Lang::En => format!("Papers: {} in the boxes = {} valid + {} blank + {} otherwise invalid (signed by the officers of the count, leaf {}).", papers.in_boxes, papers.valid, papers.blank, papers.invalid, papers.leaf),
            }) }
        }
        @if let Some(needed) = &contest.thresholds {
            p { (match l {
                Lang::Ja => format!("有効投票 {}、法定得票数 {}、供託物没収点 {}。", contest.totals.valid, needed.election, needed.deposit),
                Lang::En => format!("{} valid votes; legal minimum {}, forfeiture point of the deposit {}.", contest.totals.valid, needed.election, needed.deposit),
            }) }
        }
        @if let Some(tie) = &contest.tie { p { (report.tie(contest, tie)) } }
    }
}

/// Participation and polling places, where there was paper or a change.
fn taking_part(l: Lang, v: &Verdict) -> Markup {
    let changes = v.roll_changes;
    html! {
        @if let Some(who) = v.participation.filter(|_| !v.places.is_empty()) {
            h3 { (l.pick("投票者数", "Who took part")) }
            table {
                tr { th { (l.pick("選挙人（名簿の枠と追加、抹消を除く）", "Electors: the roll and those added, without those struck")) } td.n { (who.entitled) } }
                tr { th { (l.pick("オンラインの投票が数えられた方", "whose online ballot counts")) } td.n { (who.online) } }
                tr { th { (l.pick("投票用紙を受け取り、返さなかった方", "with papers that did not come back")) } td.n { (who.paper) } }
                tr { th { (l.pick("計（どなたも一度だけ）", "together, nobody twice")) } td.n { (who.total) } }
            }
        }
        @if changes.added + changes.struck + changes.restored > 0 {
            p { (match l {
                Lang::Ja => format!("開始後の名簿の異動：追加 {}、抹消 {}、回復 {}。", changes.added, changes.struck, changes.restored),
                Lang::En => format!("Changes of the roll after the opening: {} added, {} struck, {} restored.", changes.added, changes.struck, changes.restored),
            }) }
        }
        @if !v.candidates_out.is_empty() {
            p { (l.pick("候補者でなくなった方：", "Candidates who are out: ")) }
            ul { @for out in &v.candidates_out { li { (text(l, &out.name)) " (" (out_reason(out.reason, l)) ")" } } }
        }
        @if changes.added + changes.struck + changes.restored > 0 || !v.candidates_out.is_empty() {
            p { (l.pick("名簿の異動と候補者の変更は、選挙管理委員会の言葉です。告示と見比べてください。",
                "Changes of the roll and of candidates are the commission's word: compare them with its public notices.")) }
        }
        @if !v.places.is_empty() {
            h3 { (l.pick("投票所", "Polling places")) }
            table {
                tr {
                    th { (l.pick("投票所・開いた時刻", "Place, opened at")) } th { (l.pick("交付", "Hand-outs")) } th { (l.pick("投票者", "Electors")) }
                    th { (l.pick("うちカード", "by card")) } th { (l.pick("差し替え", "overridden")) } th { (l.pick("投函", "in the box")) } th { (l.pick("締め（葉）", "closed (leaf)")) }
                }
                @for place in &v.places { @for session in &place.sessions {
                    tr {
                        td { (place_kind(place.kind, l)) " " (text(l, &place.name)) br; (session.opens.in_japan(l)) }
                        td.n { (session.handouts) } td.n { (session.electors) } td.n { (session.with_card) } td.n { (session.replaced) }
                        td.n { (session.papers.iter().map(|papers| u64::from(papers.in_box)).sum::<u64>()) }
                        td.n { (session.closed.map_or_else(|| "-".to_owned(), |leaf| leaf.to_string())) }
                    }
                } }
            }
        }
    }
}

/// A row: what was checked, with which figure, by which rules.
struct Row {
    what: (&'static str, &'static str),
    figure: String,
    rules: &'static str,
}

fn checks(l: Lang, v: &Verdict) -> Markup {
    let t = &v.trustees;
    let list = |indices: &[tachiai_schemas::TrusteeIndex]| indices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let discarded = match (t.discarded.is_empty(), l) {
        (true, _) => String::new(),
        (false, Lang::Ja) => format!("（無効として除いたもの：{}）", list(&t.discarded)),
        (false, Lang::En) => format!(" (invalid and discarded: {})", list(&t.discarded)),
    };
    let w = &v.witnesses;
    let names: Vec<&str> = w.keys.iter().filter(|key| key.size == Some(v.board.size)).map(|key| key.name.as_str()).collect();
    let witnessed = match (w.keys.len(), l) {
        (0, _) => l.pick("なし", "none").to_owned(),
        (all, Lang::Ja) => format!("{all}のうち{}（必要数{}） {}", names.len(), w.quorum, names.join("、")),
        (all, Lang::En) => format!("{} of {all}, {} needed: {}", names.len(), w.quorum, names.join(", ")),
    };
    let policy = match (&v.policy, l) {
        (None, _) => String::new(),
        (Some(_), Lang::Ja) => "。検証した者の方針（--policy）も満たす".to_owned(),
        (Some(_), Lang::En) => "; the examiner's own policy (--policy) holds, too".to_owned(),
    };
    let witnessed = format!("{witnessed}{policy}");
    let rows = [
        Row {
            what: (
                "すべての項目が定められた形式・順序で、署名された木に含まれ、抜けも余分なファイルもない",
                "every entry is in its one form and order and under the signed tree; nothing is missing, no file is left over",
            ),
            figure: v.board.size.to_string(),
            rules: "R101–R109",
        },
        Row {
            what: (
                "選挙の定義に載る「証人」（記録の署名を見張り、連署するプログラムの運営者）のうち、記録の最後の状態に連署したもの",
                "of the witnesses of the manifest (who run programs that watch the record's signatures and cosign them), those who cosigned its last state",
            ),
            figure: witnessed,
            rules: "R111, R112",
        },
        Row {
            what: (
                "立会人の鍵生成：全員が同じ鍵を確認し、誰も他人の鍵に合わせて自分の鍵を選んでいない（全員数・定足数・回）",
                "the trustees' key ceremony: all confirmed the same keys, nobody chose a key in answer to another's (trustees, quorum, run)",
            ),
            figure: format!("{}, {}, {}", t.all, t.quorum, t.run),
            rules: "R201–R206",
        },
        Row {
            what: ("名簿の約束：有権者一人につき一つの枠（匿名の番号）", "the commitment to the roll: one pseudonymous slot for each elector"),
            figure: v.slots.to_string(),
            rules: "R301, R302",
        },
        Row {
            what: (
                "投票鍵の登録：枠ごとに連続し、鍵の所持が証明され、同じ鍵は二度使われない",
                "registrations of voting keys: in sequence for each slot, possession proved, no key twice",
            ),
            figure: v.registrations.to_string(),
            rules: "R401–R406",
        },
        Row {
            what: (
                "投票：有効な選択だけを含むことの証明、本人の投票鍵の署名、重複や複製がないこと",
                "ballots: proofs that each holds a valid choice and nothing else, signatures by the slot's key, no copies",
            ),
            figure: v.ballots.to_string(),
            rules: "R501–R507",
        },
        Row {
            what: ("確認のために取り消された投票", "ballots challenged by their voters, and so not counted"),
            figure: v.challenged.to_string(),
            rules: "R508",
        },
        Row {
            what: (
                "数えた投票：枠ごとに最後の一票だけ（登録・置き換え・取消を反映）",
                "ballots that count: for each slot the last one, after re-votes and challenges",
            ),
            figure: v.counted.to_string(),
            rules: "R601",
        },
        Row {
            what: (
                "投票用紙の交付：投票所の鍵の署名があり、一人に一度だけで、オンラインの投票は差し替えられ、1日ごとの締めと数が一致する",
                "hand-outs of papers: signed by the place, to nobody twice, in place of an online ballot, and as many as each day-close says",
            ),
            figure: v.places.iter().flat_map(|place| &place.sessions).map(|session| u64::from(session.handouts)).sum::<u64>().to_string(),
            rules: "R801–R807, R811, R812",
        },
        Row {
            what: (
                "投票用紙の開票とくじ：箱の中の数と一致し、得票が求めるくじだけがあり、開票管理者・立会人が署名している（開票した選挙の数）",
                "counts of papers and lots: as many as in the boxes, no lot but those that the votes ask for, signed by the officers of the count (contests counted)",
            ),
            figure: v.result.iter().flatten().filter(|contest| contest.papers.is_some()).count().to_string(),
            rules: "R808–R810",
        },
        Row {
            what: ("復号：証明の成り立つ分散片を出した立会人", "decryption: trustees whose shares are proved correct"),
            figure: format!("{}{discarded}", list(&t.shares)),
            rules: "R602–R605",
        },
    ];
    html! {
        h2 { (l.pick("3. 検証した事項と件数", "3. What was checked, with figures")) }
        table {
            tr { th { (l.pick("事項", "What")) } th { (l.pick("件数", "Figure")) } th { (l.pick("規則", "Rules")) } }
            @for Row { what: (ja, en), figure, rules } in rows { tr { td { (l.pick(ja, en)) } td.n { (figure) } td { (rules) } } }
        }
    }
}

/// PROTOCOL §12.12, for people.
const NOT_COVERED: &[(&str, &str)] = &[
    (
        "投票鍵を登録したのが有権者本人のカードであること、名簿が正式な選挙人名簿であること。これは封印された証拠により、選挙管理委員会の監査（tachiai-verify eligibility）で確かめます。",
        "That the elector's own card registered each key, and that the roll is the official one. The authority's audit (tachiai-verify eligibility) shows that from sealed evidence.",
    ),
    ("有権者が自由な意思で投票したこと（強要・買収の有無）。", "That voters were free: neither coerced nor paid."),
    (
        "有権者の端末が、本人の選んだとおりに暗号化したこと。端末の不正は、投票者が確認のために投票を開いた場合にだけ見つかります。",
        "That a voter's device encrypted what the voter chose. A device that cheats is found out only where voters challenge ballots.",
    ),
    ("記録される前に投票が拒まれたり無視されたりしなかったこと。", "That no vote was refused or ignored before it was recorded."),
    (
        "投票の秘密が将来にわたって守られること。暗号化された投票は公開されており、将来の計算機や定足数の立会人の結託により読まれ得ます。",
        "That votes stay secret for ever: the ciphertexts are public, and a future computer or a quorum of colluding trustees could read them.",
    ),
    (
        "投票用紙が選挙人本人に渡されたこと。記録が示すのは、どの投票所が何件を交付したかです。本人であることは、選挙管理委員会の監査が封印された証拠（カードの署名、または職員2名の確認）で確かめます。",
        "That papers were handed to the electors themselves: the record shows which place handed out how many. The authority's audit shows who it was, from sealed evidence: a card's signature, or two officials' word.",
    ),
    (
        "投票用紙の記載が正しく読まれ、数えられたこと。記録が示すのは、箱にあるより多くは数えられていないことと、誰が数に署名したかです。",
        "That the papers were read and counted right: the record shows that no more were counted than were in the boxes, and who signed for the numbers.",
    ),
    (
        "投票用紙が、交付されてから箱に入り開票されるまで、すり替えられなかったこと。",
        "That no paper was exchanged between its hand-out, the box and the count.",
    ),
    ("各項目の時刻が正確であること。時刻は記録の鍵を持つ者の申告です。", "That the times of entries are right: they are the word of who holds the board key."),
];

fn not_covered(l: Lang, holds: bool) -> Markup {
    html! {
        h2 { (if holds { "5. " } else { "3. " }) (l.pick("この検証が示さないもの", "What this examination does not show")) }
        ul { @for (ja, en) in NOT_COVERED { li { (l.pick(ja, en)) } } }
    }
}

fn rules(l: Lang, holds: bool) -> Markup {
    // Receipts, evidence of a fork, openings and eligibility are examined apart.
    let of_record = |rule: &&Rule| !matches!(rule, Rule::R110 | Rule::R113 | Rule::R509) && !rule.is_of_eligibility();
    html! {
        h2 { (l.pick("付録：記録の規則の一覧", "Appendix: the rules of records")) }
        @if !holds { p { (l.pick("検証は途中で終わったため、すべての規則を調べたわけではありません。", "The examination ended early, so not every rule was examined.")) } }
        p { (l.pick("番号は公開文書「Tachiai protocol」のものです。", "The numbers are those of the published text \"Tachiai protocol\".")) }
        table { @for rule in Rule::ALL.iter().filter(of_record) { tr { td { (rule) } td { (rule.say(l)) } } } }
    }
}

/// How many witnesses would have to collude with the operator to show two records: 2k − n (PROTOCOL §12.8).
fn collusion(l: Lang, verdict: &Verdict) -> Option<String> {
    let (quorum, all) = (verdict.witnesses.quorum, verdict.witnesses.keys.len());
    let needed = (2 * quorum).saturating_sub(all);
    Some(match (all, needed, l) {
        (0, ..) => return None,
        (_, 0, Lang::Ja) => format!("証人の必要数 {quorum}（{all} のうち）では、人によって違う記録が示されることは防げません。"),
        (_, 0, Lang::En) => format!("A quorum of {quorum} of {all} witnesses does not keep different records from being shown to different people."),
        (_, _, Lang::Ja) => format!("人によって違う記録が示されていないこと：運営者と結託する証人が {needed} に満たないこと。"),
        (_, _, Lang::En) => format!("That nobody is shown another record with a quorum: fewer than {needed} witnesses collude with the operator."),
    })
}

/// A bound is not rounded to the minute.
fn exactly(l: Lang, at: Timestamp) -> String {
    match l {
        Lang::Ja => format!("{}（{at}）", at.in_japan(l)),
        Lang::En => format!("{} ({at})", at.in_japan(l)),
    }
}

fn text(l: Lang, text: &Text) -> &str {
    l.pick(&text.ja, &text.en)
}

const fn code(l: Lang) -> &'static str {
    match l {
        Lang::Ja => "ja",
        Lang::En => "en",
    }
}
