//! A rule is a numbered sentence of `PROTOCOL.md`; a violation names the rule and the leaf that broke it.

use tachiai_schemas::{Lang, LeafIndex, Say};

macro_rules! rules {
    ($($name:ident $ja:literal $en:literal;)*) => {
        /// Every rule of `PROTOCOL.md`. A test holds that text and list are the same.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $en] $name,)*
        }

        impl Rule {
            /// Every rule, ascending.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The number as `PROTOCOL.md` writes it, such as `R504`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }

        impl Say for Rule {
            /// What the rule asks for, in a line.
            fn say(&self, lang: Lang) -> String {
                match self { $(Self::$name => lang.pick($ja, $en).to_owned(),)* }
            }
        }
    };
}

rules! {
    R101 "記録の各項目は定められた唯一の形式です" "every entry is in the one accepted form";
    R102 "全項目の木は署名された最終チェックポイントと一致します" "the tree over all entries is that of the signed checkpoint";
    R103 "葉0は選挙の定義で、ほかに定義はありません" "leaf 0 is the manifest and there is no other";
    R104 "時刻は逆戻りしません" "times never decrease";
    R105 "項目は選挙の進行順に並びます" "kinds come in the order of the election's life";
    R106 "名指しされた添付はすべてあり、ハッシュが一致し、ほかにはありません" "every named attachment is there, hashes to its name, and there is no other";
    R107 "タイルは項目のとおりで、目録にないファイルはありません" "the tiles are what the entries give, and no file is unlisted";
    R108 "選挙の定義は妥当です" "the manifest is valid";
    R109 "締切は定刻後か、模擬選挙に限り早期です" "a close is on time, or early in a mock election only";
    R110 "受領証の各項目は署名された一つのチェックポイントに含まれ、互いに一致します" "the entries of a receipt are under one signed checkpoint and belong together";
    R111 "証人の連署は定められた形式で、記録の鍵と証人の署名が正しく、この記録のものです" "cosignatures are in the one form, signed by board key and witnesses, of this board";
    R112 "証人の連署の時刻は、対象の項目の時刻より前ではありません" "no cosignature is older than the entries that it covers";
    R113 "分岐の証拠は、同じ鍵が矛盾する二つの記録に署名したことを示します" "evidence of a fork shows two boards signed by one key";
    R201 "立会人の項目は本人の署名で、順序どおり一度だけです" "trustee entries are signed by the trustee, once each and in order";
    R202 "係数のコミットメントはt個で、先に示したハッシュと一致します" "exactly t commitments, hashing to the trustee's commit";
    R203 "立会人は自分の鍵の所持を証明しています" "the possession proof of the trustee holds";
    R204 "ほかの各立会人への分散片のハッシュがあります" "a share hash for every other trustee, in order";
    R205 "全員の確認は導かれた鍵と一致します" "all confirmations give the derived keys";
    R206 "開始は全員の確認の後で、その鍵を繰り返します" "the election opens after all confirmations and repeats their keys";
    R301 "名簿の添付は開始の項目と一致します" "the roll is what `opened` commits to";
    R302 "指紋は公告のものと一致します" "the fingerprint is the expected one";
    R401 "登録は存在する枠とこの選挙のものです" "a registration is for an existing slot of this election";
    R402 "登録の番号と直前の登録は連続しています" "registrations of a slot follow one another";
    R403 "投票鍵は一度しか登録されません" "a voting key is registered once";
    R404 "投票鍵の所持が証明されています" "the possession of the voting key is proved";
    R405 "端末が見たチェックポイントはこの記録の一部です" "the checkpoint that the device saw is a prefix of this board";
    R406 "登録は投票時間内です" "a registration is within the voting hours";
    R501 "投票データの形式は枠の様式どおりです" "a ballot has the form of its slot's style";
    R502 "投票は枠の現在の登録と鍵によります" "a ballot is under the slot's current registration and key";
    R503 "投票の番号は前より大きいです" "the counter of a ballot is greater than all before";
    R504 "投票の証明は成り立ちます" "the proofs of a ballot hold";
    R505 "投票の署名は成り立ちます" "the signature of a ballot holds";
    R506 "投票も暗号文も使い回されていません" "no ballot and no ciphertext is repeated";
    R507 "投票は投票時間内です" "a ballot is within the voting hours";
    R508 "確認のための取消は現在の投票に対する本人のものです" "a challenge names the slot's current ballot and is signed by its key";
    R509 "開示は記録上の投票と一致します" "an opening is of the ballot on the board";
    R601 "集計宣言は記録から導かれ、十分な立会人が署名しています" "the tally statement is what the record gives and enough trustees signed it";
    R602 "復号の分散片は立会人のもので、形式と証明が正しいです" "decryption shares are the trustee's, complete and proved";
    R603 "定足数の分散片があり、得票数はその復号です" "a quorum of valid shares gives the totals";
    R604 "得票数の和は投票数に見合います" "the totals add up";
    R605 "結果は集計宣言を指し、公表で記録は終わります" "the result names the statement and `published` ends the board";
    R701 "すべての枠が選挙人に開きます" "every slot opens to an elector";
    R702 "枠の選挙人は公式の名簿と過不足なく一致します" "the electors of the slots are those of the official roll, each once";
    R703 "すべての登録に、項目のハッシュと一致する証拠があります" "every registration has the evidence that its entry commits to";
    R704 "カードは登録の文面そのものに署名しています" "the card signed the text of the registration";
    R705 "電子証明書はこの選挙の認証局のもので、その時点で有効で、失効していません" "certificates are of the manifest's anchors, valid and not revoked at that time";
    R706 "署名したカードは枠の選挙人本人に結び付けられたものです" "the card that signed was bound to the elector of the slot";
    R707 "1枚のカードは1つの枠だけに使われています" "one card signs for one slot only";
    R708 "窓口での結び付けは券面情報の署名と職員2名によります" "a binding at a counter has a signed card text and two officials";
    R709 "すべての交付に、選挙人本人のカードの署名か職員2名の確認による証拠があります" "every hand-out has evidence: the elector's card signed its text, or two officials say why not";
    R710 "開始後に追加された枠は、名簿にない選挙人に開きます" "a slot that was added opens to an elector who has no other";
    R801 "投票用紙の交付は、投票所の鍵の署名により、開設時間内に記録されています" "a hand-out is signed by the key of its place, within a session of it";
    R802 "投票用紙は、名簿に載り、投票用紙を持っていない選挙人に、その方の選挙について交付されます" "papers are handed to an elector of the roll who holds none, for that elector's contests";
    R803 "投票所の1日の締めは一度だけで、その後にその日の項目はありません" "a day of a place is closed once, and nothing of that day follows";
    R804 "交付の取消は、交付中の用紙を指し、投票管理者と立会人が署名しています" "an undo names an outstanding hand-out and is signed by manager and witness";
    R805 "1日の締めの数は記録のとおりで、交付＝投函＋持帰り＋返還です" "a day-close has the figures of the record, and handed out = in the box + taken home + returned";
    R806 "投票用紙の項目は選挙の開始から投票の締切までで、締切の前にすべての日が締められています" "paper entries come before the poll closes, which comes after every day-close";
    R807 "投票用紙を受け取った枠と抹消された枠は、オンラインでは投票しません" "a slot with a paper, or one that was struck, does not vote online";
    R808 "用紙の開票の数は箱の中の数と一致し、開票管理者と立会人が署名しています" "the papers counted are those in the boxes, signed by count manager and witness";
    R809 "くじは、くじが必要な同数の候補者の間で引かれ、署名されています" "a lot is drawn between those who are tied for a seat, and is signed";
    R810 "公表の前に、用紙の開票と必要なくじが揃っています" "before `published` stand every paper count and every lot that is needed";
    R811 "開始後の名簿の異動は存在する枠か次の枠についてのものです" "a change of the roll is of a slot that is there, or of the next one";
    R812 "候補者でなくなるのは投票の締切まで、一度だけです" "a candidate is out once, before the poll closes";
    R901 "名簿の各項目は定められた唯一の形式で、この災害・行事のものです" "every entry of a roster is in the one accepted form and of this event";
    R902 "名簿は装置の宣言で始まり、端末の承認・名寄せ・終了は装置だけが記録し、終了の後には装置が書く人・報告・避難所・名寄せの項目しかありません" "a roster begins with the declaration; the appliance alone admits, links and closes; after the close it alone writes, of people, reports, shelters and links";
    R903 "各項目は、承認され失効していない端末の鍵で署名されています" "an entry is signed by a terminal that was admitted and not revoked";
    R904 "端末の項目は続き番号で、最初の項目だけが前の項目を持ちません" "a terminal's entries are numbered, and only the first has none before it";
    R905 "人の項目は、それが続く項目を昇順に挙げます" "an entry of a person names those that it follows, ascending";
    R906 "避難者の区分の証明が成り立ちます" "the proof of a person's flags holds";
    R911 "集計の公表の登録は番号順で、以前の項目までを対象とします" "registrations of statements follow one another and are about entries before them";
    R912 "集計・提供は署名されたチェックポイントの名簿の項目のとおりで、登録されています" "what is claimed is signed, and about the entries under the signed checkpoint; a statement is registered";
    R913 "集計の対象者は名簿の最新の在所者です" "a statement is about exactly those who count";
    R914 "少人数の集計は公表されず、引き算でも分かりません" "no total of few people is told, nor follows";
    R915 "集計は各項目のコミットメントの和です" "the totals are those of the sum of the commitments";
    R916 "公表されない人数が上限以下である証明が成り立ちます" "a total that is not told is proved to be within its limit";
    R917 "前の集計と同じか、十分な人数が変わっています" "a statement is about the same people as each earlier one, or enough changed";
    R918 "前の集計は同じ名簿の、登録された集計です" "the earlier statement is of the same roster, and registered";
    R921 "提供の条件は妥当です" "the terms of a disclosure are well formed";
    R922 "提供された人は、対象の避難所の最新の在所者です" "those disclosed count there, each once, and have what was asked for";
    R923 "提供された人の区分の証明が成り立ちます" "the flags of each disclosed person open";
    R924 "提供された事項は許されたもので、本人の項目のものです" "disclosed fields are permitted, and the entry's";
    R925 "ほかに該当する人がいないことの証明が成り立ちます" "no one else has the need, but those lawfully withheld";
    R926 "本人の控えは署名された名簿の項目と一致します" "the own entry stands in the signed roster and is opened by its opening";
    R931 "開示記録のチェックポイントは記録の鍵で署名され、その件数と木は各葉のとおりです" "the checkpoint of an access list is signed by its key, and its size and root are those of the leaves";
    R932 "開示記録の葉は定められた唯一の形式です" "every leaf of the access log is in the one accepted form";
    R933 "一覧には本人についての葉だけが、漏れなくあります" "an access list tells of exactly the leaves that are about its holder";
    R934 "一覧の内容は葉が示すとおりです" "what an access list tells of a leaf is what the leaf commits to";
    R935 "開示記録は前の一覧の続きです" "the access log goes on from that of the earlier list";
}

impl Rule {
    /// Whether only the authority's audit can ask for it (PROTOCOL §14).
    #[must_use]
    pub fn is_of_eligibility(self) -> bool {
        self.code().starts_with("R7")
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A rule is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{rule}: {detail}", leaf.map(|leaf| format!("leaf {leaf}, ")).unwrap_or_default())]
pub struct Violation {
    /// Which rule.
    pub rule: Rule,
    /// Which leaf, where it is about one.
    pub leaf: Option<LeafIndex>,
    /// What is wrong.
    pub detail: String,
}

impl Violation {
    /// A violation that is not about one leaf.
    pub fn of_record(rule: Rule, detail: impl std::fmt::Display) -> Self {
        Self { rule, leaf: None, detail: detail.to_string() }
    }

    /// The same violation, at a leaf.
    #[must_use]
    pub fn at(self, leaf: LeafIndex) -> Self {
        Self { leaf: Some(leaf), ..self }
    }
}

/// Attaches the rule that an error breaks.
pub(crate) trait Breaks<T> {
    /// The error, as a violation of `rule`.
    fn breaks(self, rule: Rule) -> Result<T, Violation>;
}

impl<T, E: std::fmt::Display> Breaks<T> for Result<T, E> {
    fn breaks(self, rule: Rule) -> Result<T, Violation> {
        self.map_err(|error| Violation::of_record(rule, error))
    }
}

/// Returns a violation unless a condition holds.
macro_rules! require {
    ($condition:expr, $rule:ident, $($detail:tt)+) => {
        if !$condition {
            return Err($crate::rule::Violation::of_record($crate::rule::Rule::$rule, format!($($detail)+)));
        }
    };
}
pub(crate) use require;
