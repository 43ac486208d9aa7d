//! `tachiai-verify eligibility`: the authority's audit.

use std::fmt::Write as _;
use std::io::{IsTerminal, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use clap::Args;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::evidence::NameReason;
use tachiai_schemas::identity::{Fallback, FallbackReason};
use tachiai_schemas::{HashBytes, Lang, Slot};
use tachiai_verify::eligibility::{Audited, Cards, Eligibility, FlaggedHandout, FlaggedRegistration, Identities, Options, People, verify_eligibility};
use tachiai_verify::{Failure, Incomplete};
use zeroize::Zeroizing;

use super::report::Report;
use super::{Bar, Common, Outcome, extent};

/// The longest roll that is read, in bytes.
const MAX_ROLL: u64 = 1 << 30;

/// The longest identity file that is read, in bytes.
const MAX_IDENTITY: u64 = 1 << 20;

#[derive(Args)]
pub(super) struct Arguments {
    /// Folder of the record
    record: PathBuf,
    /// Folder of the evidence (tachiai election export-evidence)
    evidence: PathBuf,
    /// The official roll: CSV, UTF-8 or Shift_JIS, as it was imported
    roll: PathBuf,
    /// The authority's age identity, in clear or under a passphrase; may be given several times
    #[arg(long = "identity", value_name = "AGE-KEY-FILE", required = true)]
    identities: Vec<PathBuf>,
    /// Read the passphrase of identities from this file descriptor
    #[arg(long, value_name = "N")]
    identity_passphrase_fd: Option<u32>,
    /// SHA-256 of a certificate of a certification authority for cards, from J-LIS: trust no other; may be given several times
    #[arg(long = "card-anchor", value_name = "SHA-256")]
    card_anchors: Vec<Hash32>,
    /// SHA-256 of a key of J-LIS for cards' texts: trust no other; may be given several times
    #[arg(long = "text-anchor", value_name = "SHA-256")]
    text_anchors: Vec<Hash32>,
    /// Name the electors that the report lists; never with --json
    #[arg(long, conflicts_with = "json")]
    names: bool,
    /// The cards are test cards (mock elections)
    #[arg(long)]
    test_cards: bool,
    /// Worker threads; all cores if not given
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Also take a record from before the publication
    #[arg(long)]
    partial: bool,
    #[command(flatten)]
    common: Common,
}

impl Arguments {
    pub(super) fn report(&self) -> Report {
        self.common.report()
    }

    pub(super) fn run(&self) -> Result<Outcome, Failure> {
        let Self { record, evidence, roll, identities: files, identity_passphrase_fd, card_anchors, text_anchors, names, .. } = self;
        let Self { test_cards, jobs, partial, common, .. } = self;
        let mut identities = Identities::default();
        for path in files {
            let file = Zeroizing::new(bytes(path, MAX_IDENTITY)?);
            let passphrase = if Identities::is_sealed(&file) { Some(passphrase(path, *identity_passphrase_fd, common.report().lang)?) } else { None };
            let not = |error: tachiai_verify::eligibility::KeyError| Incomplete::NotA { path: shown(path), what: "a usable key", reason: error.to_string() };
            identities.add(&file, passphrase.as_ref()).map_err(not)?;
        }
        let csv = Zeroizing::new(bytes(roll, MAX_ROLL)?);
        let bar = Bar::new(common.said.json);
        let progress = |done, all| bar.show(done, all);
        let cards = if *test_cards { Cards::Test } else { Cards::Residents };
        let [card_anchors, text_anchors] = [card_anchors, text_anchors].map(|given| given.iter().copied().map(HashBytes::from).collect::<Vec<_>>());
        let options = Options {
            expect: common.expect,
            jobs: *jobs,
            extent: extent(*partial),
            cards,
            card_anchors: &card_anchors,
            text_anchors: &text_anchors,
            progress: Some(&progress),
        };
        let audited = verify_eligibility(record, evidence, &csv, &identities, &options);
        bar.0.finish_and_clear();
        let Audited { verdict, people } = audited?;
        Ok(Outcome { text: common.report().eligibility(&verdict, names.then_some(&people)), code: 0 })
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let unreadable = |error| Incomplete::Unreadable { path: shown(path), error };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn passphrase(path: &Path, fd: Option<u32>, lang: Lang) -> Result<SecretString, Failure> {
    if let Some(fd) = fd {
        // The descriptor was opened by the parent process, so it is reached through the process's own folder of descriptors.
        let text = Zeroizing::new(bytes(Path::new(&format!("/proc/self/fd/{fd}")), 1024)?);
        let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let reason = "it is not UTF-8".to_owned();
        let line = std::str::from_utf8(line).map_err(|_| Incomplete::NotA { path: shown(path), what: "opened by this passphrase", reason })?;
        return Ok(SecretString::from(line));
    }
    if !std::io::stdin().is_terminal() {
        let reason = "no terminal to ask for its passphrase: give it with --identity-passphrase-fd".to_owned();
        return Err(Incomplete::NotA { path: shown(path), what: "an identity in clear", reason }.into());
    }
    let prompt = format!("{} {}: ", lang.pick("パスフレーズ", "passphrase of"), path.display());
    let typed = Zeroizing::new(rpassword::prompt_password(prompt).map_err(|error| Incomplete::Unreadable { path: shown(path), error })?);
    Ok(SecretString::from(typed.as_str()))
}

impl Report {
    /// Electors that are eligible; `people` names them.
    fn eligibility(self, verdict: &Eligibility, people: Option<&People>) -> String {
        if self.json {
            return serde_json::to_string(verdict).unwrap_or_default();
        }
        let mut out = String::new();
        let mut line = |ja: String, en: String| {
            out.push_str(if self.lang == Lang::Ja { &ja } else { &en });
            out.push('\n');
        };
        let v = verdict;
        line(v.title.ja.clone(), v.title.en.clone());
        line(String::new(), String::new());
        line("検証したもの".to_owned(), "Verified".to_owned());
        line("  記録の全体（tachiai-verify RECORD と同じ）".to_owned(), "  the whole record, as tachiai-verify RECORD does".to_owned());
        line(
            format!("  名簿 {} 名と枠 {} の一対一の対応", v.electors, v.slots),
            format!("  {} electors of the roll and {} slots, one to one", v.electors, v.slots),
        );
        line(
            format!("  登録 {} 件すべての証拠（カード {} 枚、枠 {}）", v.registrations, v.cards, v.registered_slots),
            format!("  the evidence of all {} registrations ({} cards, {} slots)", v.registrations, v.cards, v.registered_slots),
        );
        let papers = &v.papers;
        if papers.handouts > 0 {
            line(
                format!(
                    "  投票用紙の交付 {} 件すべての証拠（カードの署名 {} 件、職員2名の確認 {} 件）",
                    papers.handouts,
                    papers.with_card,
                    papers.by_name.len()
                ),
                format!(
                    "  the evidence of all {} hand-outs of papers ({} by card, {} by two officials)",
                    papers.handouts,
                    papers.with_card,
                    papers.by_name.len()
                ),
            );
        }
        if !v.added.is_empty() {
            line(
                format!("  開始後に追加された枠 {}（渡された名簿にない方に開きます）", v.added.len()),
                format!("  {} slots that were added after the opening, which open to people who are not on the given roll", v.added.len()),
            );
        }
        match v.crl {
            CrlRequirement::Required => {
                line(format!("  当時効力のあった失効リスト {} 件", v.lists), format!("  {} revocation lists that were in force", v.lists));
            }
            CrlRequirement::NotRequired => line(
                format!("  注意: この選挙は失効リストを必要としません（見つかった {} 件は照合しました）", v.lists),
                format!("  CAREFUL: this election does not require revocation lists ({} that were there were looked at)", v.lists),
            ),
        }
        if v.test_cards {
            line("  注意: テスト用カードの選挙です".to_owned(), "  CAREFUL: this is an election of test cards".to_owned());
        }
        line(String::new(), String::new());
        if !v.fallbacks.is_empty() {
            line(
                format!("窓口で結び付けたカードによる登録 {} 件（1件ずつ確認してください）", v.fallbacks.len()),
                format!("{} registrations by cards that were bound at a counter (look at each)", v.fallbacks.len()),
            );
            v.fallbacks.iter().for_each(|flagged| line(self.flagged(flagged, people), self.flagged(flagged, people)));
        }
        if !v.several_cards.is_empty() {
            let count = v.several_cards.len();
            line(format!("同じ方が複数のカードで登録した枠 {count}"), format!("{count} slots for which the same person registered with several cards"));
            for several in &v.several_cards {
                let who = self.who(several.slot, people);
                let (slot, cards) = (several.slot, several.cards);
                line(format!("  枠 {slot}{who}: カード {cards} 枚"), format!("  slot {slot}{who}: {cards} cards"));
            }
        }
        if !v.revoked_since.is_empty() {
            line(
                format!("後の失効リストで、利用時より前に失効していたとされた登録 {} 件", v.revoked_since.len()),
                format!("{} registrations with a certificate that a later list dates as revoked before its use", v.revoked_since.len()),
            );
            v.revoked_since.iter().for_each(|flagged| line(self.flagged(flagged, people), self.flagged(flagged, people)));
        }
        if !papers.by_name.is_empty() {
            line(
                format!("カードの署名がない交付 {} 件（1件ずつ確認してください）", papers.by_name.len()),
                format!("{} hand-outs without a card's signature (look at each)", papers.by_name.len()),
            );
            for FlaggedHandout { leaf, slot, reason } in &papers.by_name {
                let (who, reason) = (self.who(*slot, people), self.no_card(*reason));
                line(format!("  葉 {leaf}、枠 {slot}{who}: {reason}"), format!("  leaf {leaf}, slot {slot}{who}: {reason}"));
            }
        }
        if !papers.fallbacks.is_empty() {
            line(
                format!("窓口で結び付けたカードへの交付 {} 件（1件ずつ確認してください）", papers.fallbacks.len()),
                format!("{} hand-outs to cards that were bound at a counter (look at each)", papers.fallbacks.len()),
            );
            papers.fallbacks.iter().for_each(|flagged| line(self.flagged(flagged, people), self.flagged(flagged, people)));
        }
        if !papers.revoked_since.is_empty() {
            line(
                format!("後の失効リストで、利用時より前に失効していたとされた交付 {} 件", papers.revoked_since.len()),
                format!("{} hand-outs with a certificate that a later list dates as revoked before its use", papers.revoked_since.len()),
            );
            papers.revoked_since.iter().for_each(|flagged| line(self.flagged(flagged, people), self.flagged(flagged, people)));
        }
        if !v.added.is_empty() {
            line(
                format!("開始後に追加された枠 {}（1件ずつ確認してください）", v.added.len()),
                format!("{} slots that were added after the opening (look at each)", v.added.len()),
            );
            for slot in &v.added {
                let who = self.who(*slot, people);
                line(format!("  枠 {slot}{who}"), format!("  slot {slot}{who}"));
            }
        }
        let papers_flagged = !(papers.by_name.is_empty() && papers.fallbacks.is_empty() && papers.revoked_since.is_empty());
        if papers_flagged || !(v.fallbacks.is_empty() && v.several_cards.is_empty() && v.revoked_since.is_empty() && v.added.is_empty()) {
            line(String::new(), String::new());
        }
        line("確かめていないもの".to_owned(), "Taken on trust".to_owned());
        line("  渡された名簿が公式の選挙人名簿であること".to_owned(), "  that the given roll is the official one".to_owned());
        line(
            "  結び付けと登録の時刻、失効リストが効力をもった時期（装置の記録による）".to_owned(),
            "  the times of bindings and registrations, and when lists were in force: the appliance's word".to_owned(),
        );
        if v.has_fallbacks() {
            line("  窓口の職員2名の確認".to_owned(), "  what the two officials at the counter saw".to_owned());
        }
        if !papers.by_name.is_empty() {
            line(
                "  カードの署名がない交付での、投票所の職員2名の確認".to_owned(),
                "  what two officials at the polling place saw, where no card signed for papers".to_owned(),
            );
        }
        if papers.handouts > 0 {
            line("  投票用紙の交付の時刻（投票所の端末の記録による）".to_owned(), "  the times of hand-outs: the desks' word".to_owned());
        }
        if !v.added.is_empty() {
            line("  開始後に追加された方が選挙人であること".to_owned(), "  that those who were added after the opening are electors".to_owned());
        }
        if v.card_anchors_expected {
            line("  --card-anchor で渡された次の認証局".to_owned(), "  these certification authorities, which --card-anchor gave".to_owned());
        } else {
            line(
                "  選挙の定義にある次の認証局がJ-LISのものであること（公表値と照合し、--card-anchor で渡してください）".to_owned(),
                "  that these certification authorities of the manifest are J-LIS's (compare them with what it publishes, and give them with --card-anchor)"
                    .to_owned(),
            );
        }
        v.card_anchors.iter().for_each(|hash| line(format!("    {}", hash.hash()), format!("    {}", hash.hash())));
        if v.has_fallbacks() {
            if v.text_anchors_expected {
                line("  --text-anchor で渡された次の券面検証鍵".to_owned(), "  these keys for cards' texts, which --text-anchor gave".to_owned());
            } else {
                line(
                    "  次の券面検証鍵がJ-LISのものであること（受け取ったものと照合し、--text-anchor で渡してください）".to_owned(),
                    "  that these keys for cards' texts are J-LIS's (compare them with what it handed out, and give them with --text-anchor)".to_owned(),
                );
            }
            v.text_anchors.iter().for_each(|hash| line(format!("    {}", hash.hash()), format!("    {}", hash.hash())));
        }
        out.push_str(&self.trust(v.trust, v.fingerprint.as_deref()));
        out.push_str(if v.authorities_expected() {
            self.lang.pick("判定: 有権者の資格は正しいです。\n", "Verdict: the electors are eligible.\n")
        } else {
            self.lang.pick(
                "判定: 名簿・枠・カードの証拠は、上に挙げた認証局と鍵のもとで一致します。それらがJ-LISのものであれば、有権者の資格は正しいです。\n",
                "Verdict: roll, slots and the cards' evidence agree under the authorities and keys listed above. If these are J-LIS's, the electors are eligible.\n",
            )
        });
        out
    }

    /// A registration that somebody should look at.
    fn flagged(self, flagged: &FlaggedRegistration, people: Option<&People>) -> String {
        let FlaggedRegistration { leaf, slot, fallback } = flagged;
        let who = self.who(*slot, people);
        let mut out = match self.lang {
            Lang::Ja => format!("  葉 {leaf}、枠 {slot}{who}"),
            Lang::En => format!("  leaf {leaf}, slot {slot}{who}"),
        };
        if let Some(Fallback { reason, by: [first, second], at }) = fallback {
            let _ = write!(out, ": {}, {}", self.reason(*reason), at.in_japan(self.lang));
            if people.is_some() {
                let _ = write!(out, " ({first}, {second})");
            }
        }
        out
    }

    fn reason(self, reason: FallbackReason) -> &'static str {
        let (ja, en) = match reason {
            FallbackReason::UnderFifteen => ("15歳未満", "under 15"),
            FallbackReason::NotIssued => ("署名用電子証明書の発行なし", "no signing certificate was issued"),
            FallbackReason::Expired => ("署名用電子証明書の失効・期限切れ", "the signing certificate has expired"),
            FallbackReason::PasswordBlocked => ("署名用パスワードのロック・失念", "the password is blocked or forgotten"),
        };
        self.lang.pick(ja, en)
    }

    fn no_card(self, reason: NameReason) -> &'static str {
        let (ja, en) = match reason {
            NameReason::NoCard => ("カードなし・持参せず", "no card, or not brought along"),
            NameReason::CardFailed => ("カードの不良・失効・未登録", "the card is damaged, expired, revoked or was never bound"),
            NameReason::PinBlocked => ("暗証番号のロック・失念", "the PIN is blocked or forgotten"),
            NameReason::ByPost => ("郵送による交付", "the papers were sent"),
            NameReason::LinkCut => ("装置と通信できず", "the desk could not reach the appliance"),
        };
        self.lang.pick(ja, en)
    }

    fn who(self, slot: Slot, people: Option<&People>) -> String {
        if let Some(name) = people.and_then(|people| people.added_name(slot)) {
            return match self.lang {
                Lang::Ja => format!("（開始後に追加 {name}）"),
                Lang::En => format!(" (added after the opening, {name})"),
            };
        }
        let found = people.and_then(|people| people.elector(slot));
        found.map_or_else(String::new, |(line, elector)| match self.lang {
            Lang::Ja => format!("（名簿 {line} 行目 {}）", elector.name),
            Lang::En => format!(" (line {line} of the roll, {})", elector.name),
        })
    }
}
