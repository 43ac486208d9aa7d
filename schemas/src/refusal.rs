//! A refusal says what happened and what to do, in both languages; on the wire it is an RFC 9457 problem with a stable code.

pub mod detail;

use serde::{Deserialize, Serialize};
use tachiai_crypto::labels;

use crate::{Bytes, ElectionId, HashBytes, Lang, Say, Timestamp};

/// Who is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Policy: the request is well formed, the answer is no.
    Refused,
    /// The peer sent something that is not what it should be.
    Malformed,
    /// The appliance failed.
    Fault,
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $blame:ident, $ja:literal, $en:literal;)*) => {
        /// Every reason for which the appliance says no. The code is stable; the texts may improve.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum Refusal {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl Refusal {
            /// Every refusal.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// Who is to blame.
            #[must_use]
            pub const fn blame(self) -> Blame {
                match self { $(Self::$name => Blame::$blame,)* }
            }
        }

        impl Say for Refusal {
            fn say(&self, lang: Lang) -> String {
                match self { $(Self::$name => lang.pick($ja, $en).to_owned(),)* }
            }
        }
    };
}

refusals! {
    /// The body, path or query cannot be read.
    BadRequest = "bad-request", 400, Malformed,
        "送られた内容を読み取れません。クライアントを更新して、もう一度お試しください。",
        "The request cannot be read. Update the client and try again.";
    /// The body is longer than allowed.
    TooLarge = "too-large", 413, Malformed, "送られた内容が大きすぎます。", "The request is larger than allowed.";
    /// No such thing.
    NotFound = "not-found", 404, Refused, "見つかりません。IDを確かめてください。", "Not found. Check the ID.";
    /// The city's data platform is not asked for this.
    NoPlatform = "no-platform", 404, Refused,
        "市のデータ連携基盤に問い合わせる設定がありません。管理者に、設定ファイルの [broker] を確かめてもらってください。",
        "The city's data platform is not asked for this. Have the administrator look at `[broker]` in the configuration.";
    /// The method is not allowed here.
    MethodNotAllowed = "method-not-allowed", 405, Malformed, "この操作はできません。", "This method is not allowed here.";
    /// What was asked for is not what would be done now.
    ChangedSince = "changed-since", 409, Refused,
        "申請の後に内容が変わりました（名簿の取り込み直し、別の登録など）。確かめて、もう一度申請してください。",
        "What this was asked for has changed since: the roll was imported again, or the person was enrolled. Look at it, and ask anew.";
    /// Somebody else changed it since it was looked at.
    Overtaken = "overtaken", 409, Refused,
        "画面を開いた後に、ほかの職員が変えています。何も変えていません。今の内容を確かめて、必要ならもう一度変えてください。",
        "A colleague changed it since it was looked at. Nothing was changed. See how it stands now, and change it again if it is still needed.";
    /// Too many requests.
    RateLimited = "rate-limited", 429, Refused, "要求が多すぎます。しばらく待ってからお試しください。", "Too many requests. Wait a little and try again.";
    /// The queue is full.
    Busy = "busy", 503, Fault, "混み合っています。数秒待ってからもう一度お試しください。", "The appliance is busy. Try again in a few seconds.";
    /// Read-only: the disk is full or failing.
    ReadOnly = "read-only", 503, Fault,
        "サーバーのディスクの空きがないか障害のため、記録できません。何も失われていません。公開中の記録と状況は読めます。避難所の端末は受付を続けられ、空きができてから送れます。管理者に連絡してください。使用率が設定の上限（[disk] limit_percent）を下回るまで空ければ、そのまま再開します。",
        "The appliance's disk is full or failing, so nothing can be recorded now. Nothing is lost. What is published can be read; terminals of shelters go on and hand in later. Tell the administrator: it goes on by itself once less of the disk is used than `[disk] limit_percent` says.";
    /// A fault of the appliance.
    Fault = "fault", 500, Fault, "装置内部の障害です。管理者に連絡してください。", "The appliance failed. Tell the administrator; the log has the cause.";
    /// No session.
    LoginRequired = "login-required", 401, Refused, "ログインが必要です。カードでログインしてください。", "Log in with the card first.";
    /// The staff role does not allow this.
    Forbidden = "forbidden", 403, Refused, "この証明書の役割では許可されていません。", "The role of this certificate does not allow this.";
    /// The nonce is unknown, used or expired.
    NonceSpent = "nonce-spent", 409, Refused,
        "署名の有効期限が切れたか、すでに使われています。もう一度操作してください。",
        "The signed request is too old or was used already. Start again.";
    /// The statement was made for another server or purpose.
    WrongOrigin = "wrong-origin", 403, Refused,
        "別のサーバーまたは目的のための署名です。公報の宛先を確かめてください。",
        "The signature was made for another server or purpose. Check the address in the public notice.";
    /// The card certificate is not acceptable.
    CardCertificate = "card-certificate", 403, Refused,
        "カードの証明書を確認できません（失効・期限切れ・対象外など）。市の窓口へお越しください。",
        "The card's certificate is not acceptable (revoked, expired or not of this kind). Please go to the city's counter.";
    /// The signature of the card is wrong.
    CardSignature = "card-signature", 403, Refused, "カードの署名が正しくありません。カードを置き直してお試しください。", "The card's signature is wrong. Put the card on the reader again.";
    /// No fresh revocation list.
    CrlStale = "crl-stale", 503, Fault,
        "証明書失効リストが最新でないため、確認できません。管理者に連絡してください。",
        "The revocation list is not fresh, so certificates cannot be checked. Tell the administrator.";
    /// The card is bound to nobody.
    NotEnrolled = "not-enrolled", 403, Refused, "このカードは登録されていません。先に本人登録をしてください（tachiai card enrol）。", "This card is not enrolled. Enrol it first (tachiai card enrol).";
    /// The card's text is not one that J-LIS signed.
    CardText = "card-text", 403, Refused,
        "カードの券面事項（氏名・住所など）の署名を確認できません。カードを読み取り直し、続く場合はこのカードで登録しないでください。",
        "The signature in the card's text (name, address) cannot be confirmed. Read the card again; if it happens again, do not enrol with this card.";
    /// The card is bound to this person already.
    AlreadyEnrolled = "already-enrolled", 409, Refused,
        "このカードはすでにこの方の登録に結び付いています。登録の必要はありません。",
        "This card is bound to this person already. There is nothing to enrol.";
    /// The reason for an enrolment at a counter contradicts the card.
    ReasonContradicted = "reason-contradicted", 422, Refused,
        "窓口で登録する理由が、カードの内容と合いません。理由を確かめて選び直してください。",
        "The reason for the enrolment at a counter contradicts what the card says. Check it and choose another.";
    /// The browser showed no card.
    CardNotShown = "card-not-shown", 401, Refused,
        "カードの証明書が示されていません。カードをリーダーに置き、ブラウザを閉じて開き直し、証明書を選んでください。",
        "No certificate of a card was shown. Put the card on the reader, close the browser and open it again, and choose the certificate.";
    /// Nobody on the roll is as on the card.
    NotOnRoll = "not-on-roll", 403, Refused,
        "名簿にカードの内容と一致する方がいません。市の窓口へお越しください。",
        "Nobody on the roll is as on the card. Please go to the city's counter.";
    /// The card is bound already, to another person.
    CardTaken = "card-taken", 409, Refused,
        "このカードは、別の方、または以前のお名前で登録されています。お名前が変わった方は、市の窓口で、職員2人が登録し直します。",
        "This card is bound to another person, or under a former name. Whoever changed the name is enrolled anew by two officials at the city's counter.";
    /// The phase does not allow this.
    WrongPhase = "wrong-phase", 409, Refused, "選挙は今、この操作の段階にありません。", "The election is not in a phase for this.";
    /// Voting has not begun.
    NotOpenYet = "not-open-yet", 409, Refused, "投票はまだ始まっていません。", "Voting has not begun.";
    /// Online voting is over.
    Late = "late", 409, Refused,
        "オンライン投票は締め切られました。これまでの投票の扱いは変わりません。投票所での投票については、公告をご覧ください。",
        "Online voting is over. What was voted before stands as it did. See the public notice for voting at a polling place.";
    /// Too early to close.
    TooEarly = "too-early", 409, Refused,
        "締切時刻の前です。模擬選挙のほかは早く締め切れません。",
        "The time has not come. Only a mock election may be closed early.";
    /// The ballot is not well formed.
    BallotMalformed = "ballot-malformed", 400, Malformed, "投票データの形式が正しくありません。", "The ballot is not well formed.";
    /// The proofs of the ballot do not hold.
    BallotProof = "ballot-proof", 422, Malformed, "投票データの証明が正しくありません。", "A proof in the ballot does not hold.";
    /// The signature of the ballot does not hold.
    BallotSignature = "ballot-signature", 422, Malformed, "投票データの署名が正しくありません。", "The ballot's signature does not hold.";
    /// Ciphertexts were copied.
    BallotCopied = "ballot-copied", 409, Refused, "別の投票データの写しです。", "This ballot repeats part of another.";
    /// The voting key is not the slot's current one.
    KeyNotCurrent = "key-not-current", 409, Refused,
        "投票鍵が最新ではありません。もう一度登録からやり直してください。",
        "The voting key is not the current one. Register again.";
    /// The counter does not exceed the earlier ones.
    CounterTooLow = "counter-too-low", 409, Refused, "より新しい投票がすでに記録されています。", "A newer ballot is recorded already.";
    /// The registration's sequence or predecessor is wrong.
    RegistrationSequence = "registration-sequence", 409, Refused,
        "ほかの端末で登録が行われました。最新の状態を取得してやり直してください。",
        "Another device registered meanwhile. Fetch the current state and start again.";
    /// The registration names another election, slot or checkpoint.
    RegistrationMismatch = "registration-mismatch", 409, Refused, "登録の内容がこの選挙または投票者枠と一致しません。", "The registration does not fit this election, slot or board.";
    /// The voting key was registered before.
    KeyReused = "key-reused", 409, Refused, "この投票鍵はすでに使われています。", "This voting key was registered before.";
    /// The possession proof is wrong.
    Possession = "possession", 422, Malformed, "投票鍵の所持証明が正しくありません。", "The proof that the voting key is held does not hold.";
    /// The challenge does not name the current ballot.
    NotCurrentBallot = "not-current-ballot", 409, Refused, "この投票は最新のものではないため、確認用に開けません。", "This is not the slot's current ballot, so it cannot be challenged.";
    /// The specification of the election is invalid.
    SpecInvalid = "spec-invalid", 422, Malformed, "選挙の設定に誤りがあります。", "The election's specification is invalid.";
    /// The roll has errors.
    RollInvalid = "roll-invalid", 422, Malformed, "名簿に誤りがあります。何も取り込まれていません。", "The roll has errors. Nothing was imported.";
    /// A trustee's file does not belong here.
    TrusteeFile = "trustee-file", 422, Malformed, "立会人のファイルがこの選挙・段階のものではないか、壊れています。", "The trustee's file is broken or not of this election and step.";
    /// A trustee sent another file of this kind before.
    TrusteeTwice = "trustee-twice", 409, Refused, "この立会人は別の内容のファイルをすでに提出しています。", "This trustee sent a different file of this kind before.";
    /// A cosignature is not acceptable.
    Cosignature = "cosignature", 422, Malformed,
        "証人の連署を受け付けられません（証人でない、署名が正しくない、時計が合っていないなど）。",
        "The cosignature is not acceptable: not by a witness of this election, not valid, or its clock is wrong.";
    /// A signed checkpoint is of another board.
    OtherBoard = "other-board", 409, Refused,
        "署名されたチェックポイントが、この装置の記録のものではありません。分岐の証拠として保管し、選挙管理委員会と監査人に知らせてください。",
        "The signed checkpoint is not of the board that this appliance holds. Keep it, as evidence of a fork, and tell the commission and an auditor.";
    /// The key or the hours of a hand-out are not those of its place.
    PaperPlace = "paper-place", 422, Malformed,
        "この投票所・日時の交付として記録できません。端末の鍵、投票所、開設時間、時計を確かめてください。",
        "This cannot be recorded as a hand-out of this place and time. Check the desk's key, the place, its hours and the clock.";
    /// There is no evidence for this hand-out.
    PaperUnprepared = "paper-unprepared", 409, Refused,
        "この交付の本人確認の記録がないか、内容が違うか、古くなっています。受付からやり直してください。",
        "There is no evidence of identification for this hand-out, or it is for another one or too old. Check the elector in again.";
    /// The elector may not vote at this place now.
    NotEntitled = "not-entitled", 403, Refused,
        "この方は、ここでは今は投票できません。理由を確かめてください。",
        "This elector may not vote here now. See why.";
    /// Absentee voting does not stand at this step.
    AbsenteeStep = "absentee-step", 409, Refused,
        "不在者投票の請求・交付・受理の順序が合いません。処理簿（poll absentee list）を確かめてください。",
        "Absentee voting does not stand at this step. See the list (poll absentee list).";
    /// The elector holds a paper.
    PaperHeld = "paper-held", 409, Refused,
        "この方にはすでに投票用紙が交付されています。二重には投票できません。用紙が戻ったときは、投票管理者が取り消してください。",
        "This elector was handed a paper already and cannot vote twice. If the paper came back, the poll manager undoes the hand-out.";
    /// The elector is under protection and found without a card only with a second official.
    Protected = "protected", 403, Refused,
        "カードなしでこの方を受け付けるには、先に別の職員と2人で名簿を確かめます（--attended）。",
        "Without a card this elector is found only by two officials who agree to look (--attended).";
    /// The slot was struck from the roll.
    Struck = "struck", 403, Refused,
        "名簿から抹消されているため投票できません。異議があるときは選挙管理委員会へお申し出ください。",
        "This elector was struck from the roll and cannot vote. Whoever objects turns to the election commission.";
    /// The day of the place is closed.
    DayClosed = "day-closed", 409, Refused, "この投票所のこの日は締められています。", "This day of the polling place is closed.";
    /// The hand-out to undo is not outstanding.
    NotHeld = "not-held", 409, Refused, "取り消す交付がありません（すでに取消済みか、別の方のものです）。", "There is no such hand-out to undo: it was undone already, or is somebody else's.";
    /// Signatures of officers are missing or wrong.
    OfficerSignatures = "officer-signatures", 422, Malformed,
        "投票管理者・立会人の署名が足りないか、正しくありません。",
        "Signatures of manager or witnesses are missing or do not hold.";
    /// Figures of a day-close or count are not those of the record.
    PaperFigures = "paper-figures", 409, Refused,
        "用紙の数が記録と合いません。数え直し、交付・投函・持帰り・返還を確かめてください。",
        "The numbers of papers are not those of the record. Count again: handed out, in the box, taken home, returned.";
    /// A place has a day that is not closed.
    DaysOpen = "days-open", 409, Refused, "締められていない投票所の日があります。", "A polling place has a day that is not closed.";
    /// A lot has to be drawn first.
    LotNeeded = "lot-needed", 409, Refused,
        "得票数が同じ候補者がいるため、選挙長によるくじが必要です。くじの結果を役職者の署名とともに記録してから公表してください（tachiai election lot）。",
        "Candidates have equally many votes for the last seats, so a lot has to be drawn. Record it with the officers' signatures, then publish (tachiai election lot).";
    /// Others signed another lot for the same contest.
    LotDiffers = "lot-differs", 409, Refused,
        "同じ投票について、別のくじの結果がすでに署名されています。この署名は受け付けていません。画面に出ているくじの結果を確かめて、その結果に署名してください。署名済みの結果のほうが誤りのときは、職員2人がそれぞれ取り消すと（画面では d、コマンドでは tachiai election lot-drop）、初めから署名し直せます。掲示板に記録された後は取り消せません。",
        "Another lot of the same contest was signed already. This signature was not taken. Look at the lot that is shown, and sign that one. If that one is wrong, two officials each drop it (d on the screen, `tachiai election lot-drop` as a command), and it is signed anew from the beginning. What is on the board is not dropped.";
    /// What was signed is not the count on which two officials agreed.
    CountDiffers = "count-differs", 409, Refused,
        "2人の職員の計数が一致した数とは違う数への署名です。受け付けていません。画面に出ている数を確かめて、その数に署名してください。出ている数のほうが誤りのときは、職員2人が数え直してもう一度入力すると、前の数への署名は無効になり、新しい数に署名し直せます。",
        "This is not the count on which two officials agreed, so the signature was not taken. Look at the figures that are shown, and sign those. If those are wrong, two officials count and enter them again; what was signed before counts no longer then, and the new figures are signed.";
    /// Figures of a count are not possible.
    CountFigures = "count-figures", 409, Refused,
        "計数の数が合いません。何も記録していません。数え直して、候補者ごとの票数と、有効・白票・その他の無効の枚数を確かめてください。",
        "The figures of the count do not fit. Nothing was recorded. Count again: the votes of each candidate, and the valid, blank and otherwise invalid papers.";
    /// No such lot is needed.
    LotNotNeeded = "lot-not-needed", 409, Refused, "そのくじは必要とされていません。同数の候補者と議席を確かめてください。", "No such lot is needed. Check who is tied, and for how many seats.";
    /// The change of the roll does not fit.
    RollChange = "roll-change", 409, Refused, "名簿の異動が記録と合いません。", "The change does not fit the roll as it stands.";
    /// The reason of a declaration is none of the Act's.
    DeclarationReason = "declaration-reason", 422, Malformed,
        "期日前投票の事由は1から6のどれか一つです（公職選挙法第48条の2第1項）。",
        "The reason for voting early is one of 1 to 6 (Public Offices Election Act, article 48-2 (1)).";
    /// The oath of a declaration is missing.
    OathMissing = "oath-missing", 422, Malformed,
        "宣誓がありません。宣誓の文を読み、誓うときだけ確認してください（公職選挙法施行令第49条の8）。",
        "The oath is missing. Read its text, and confirm it if you swear it (Enforcement Order, article 49-8).";
    /// What the declaration says of its elector is not what the roll says.
    DeclarationDiffers = "declaration-differs", 409, Refused,
        "生年月日が選挙人名簿と違います。確かめて、もう一度提出してください。名簿が誤っているときは市の窓口へお越しください。",
        "The birth date is not the one on the roll. Check it and file again. If the roll is wrong, please go to the city's counter.";
    /// A paper was handed out on the declaration.
    DeclarationUsed = "declaration-used", 409, Refused,
        "この宣誓書による投票用紙はすでに交付されています。宣誓書を替えたり取り下げたりすることはできません。",
        "A paper was handed out on this declaration. It can be neither replaced nor withdrawn.";
    /// There is no early voting any more.
    DeclarationLate = "declaration-late", 409, Refused,
        "期日前投票の期間が終わったか、この選挙に期日前投票所がありません。投票日の投票所での投票については、公告をご覧ください。",
        "Early voting is over, or this election has no place for it. See the public notice for voting on the day.";
    /// The elector was added to the roll after the opening and votes on paper.
    PaperOnly = "paper-only", 403, Refused,
        "投票の開始後に名簿に追加された方は、投票所で投票してください。オンラインでは投票できません。",
        "Whoever was added to the roll after the opening votes at a polling place, not online.";
    /// The candidate cannot be out.
    CandidateOut = "candidate-out", 409, Refused, "その候補者はすでに候補者でないか、投票が締め切られています。", "That candidate is out already, or the poll is closed.";
    /// Something is missing before this act.
    Incomplete = "incomplete", 409, Refused, "必要なものがまだ揃っていません。状況を確認してください。", "Something is still missing. See the status.";
    /// The same official cannot approve.
    SameOfficial = "same-official", 403, Refused, "申請した本人は承認できません。別の職員が承認してください。", "The official who asked cannot approve. Another official must.";
    /// Another official asked for the same, and it waits.
    AskedAlready = "asked-already", 409, Refused,
        "同じ申請を、別の職員がすでに出しています。新しい申請は要りません。承認待ち（画面では 2、コマンドでは tachiai approvals）でその内容を確かめ、承認してください。",
        "Another official has asked for the same already, so no other request is needed. Look at it under Approvals (2 on the screen, `tachiai approvals` as a command), and approve it.";
    /// Such an event is declared already.
    EventDeclared = "event-declared", 409, Refused,
        "同じ内容のイベントがすでに開かれています。一覧を確かめてください。",
        "Such an event is declared already and not closed. See the list.";
    /// The event is closed.
    EventClosed = "event-closed", 409, Refused,
        "このイベントは終了しています。これ以上は記録できません。",
        "This event is closed. Nothing more is recorded in it.";
    /// The name or key of a terminal was given before.
    TerminalTaken = "terminal-taken", 409, Refused,
        "この端末の名前または鍵は、このイベントですでに使われています。失効した端末は、新しい名前と鍵で登録し直してください。",
        "The name or the key of this terminal was used in this event before. Admit a revoked terminal anew, with another name and key.";
    /// Under one official's certificate ask as many terminals as may, or so many ask in all.
    AskingMany = "asking-many", 409, Refused,
        "登録を申請している端末が多すぎます。申請は何も失われていません。災害対策本部に連絡し、先の申請を登録してもらうか、15分待ってからもう一度申請してください。",
        "Too many terminals ask to be admitted. Of those that ask nothing is lost. Call the headquarters to admit them, or ask again in 15 minutes.";
    /// The terminal may not write.
    TerminalRefused = "terminal-refused", 403, Refused,
        "この端末は登録されていないか、失効しています。災害対策本部に連絡してください。",
        "This terminal was not admitted, or was revoked. Call the headquarters.";
    /// A hand-in is not as its terminal signed it.
    HandIn = "hand-in", 422, Malformed,
        "引き渡しファイルが端末の署名と合いません（改変、途中切れ、または別の端末のもの）。端末で作り直してください。端末の記録は失われていません。",
        "The hand-in is not as its terminal signed it: altered, cut off, or of another terminal. Write it again on the terminal; nothing is lost there.";
    /// Others wrote about the person meanwhile.
    PersonChanged = "person-changed", 409, Refused,
        "この方の記録は、画面を開いた後にほかの端末で変わりました。今の記録を確かめて、もう一度入力してください。何も失われていません。",
        "Others wrote about this person since the screen was opened. Look at the newest record and enter it again. Nothing is lost.";
    /// A file that is imported has rows that cannot be taken over.
    ImportInvalid = "import-invalid", 422, Malformed,
        "取り込めない行があります。何も取り込まれていません。内容を表示して直すか、取り込める行だけを取り込んでください。",
        "Rows cannot be taken over. Nothing was imported. See them and correct the file, or import the good rows alone.";
    /// Of what is there not as many go by an import as was said; or it was not said, and more than a tenth goes, or any at all while the good rows alone are imported.
    ImportLosesMany = "import-loses-many", 409, Refused,
        "このファイルを取り込むと登録済みのものが削除されますが、その件数が確認された件数ではありません（1割を超えるとき、または取り込める行だけを取り込むときは、件数の確認が必要です）。全件のファイルか、誤りのある行の方が削除されないかを確かめてください。何も取り込まれていません。削除してよければ、その件数を入力してください（画面では件数の入力、コマンドでは --removes 件数）。",
        "This file would remove what is there, and not as many as was said; where more than a tenth would go, or good rows alone are imported, it has to be said. See whether the file is whole, and whether those in bad rows may go. Nothing was imported. If they are to go, say how many (typed on the screen, or --removes N).";
    /// A questionnaire, or the answers to one, cannot be taken.
    QuestionnaireInvalid = "questionnaire-invalid", 422, Malformed,
        "問診票またはその回答に誤りがあります。示された項目を直してください。",
        "The questionnaire or the answers to it have a mistake. Correct what is named.";
    /// On what was set aside was decided already.
    AsideSettled = "aside-settled", 409, Refused,
        "保留になったその記録は、すでに処理されています（引継ぎ済み、破棄済み、または別の引き渡しで受取済み）。tachiai shelter aside show で確かめてください。",
        "On that entry was decided already: it was taken over or dropped, or came with another hand-in. See `tachiai shelter aside show`.";
    /// What was set aside cannot be taken over.
    AsideUntakable = "aside-untakable", 409, Refused,
        "保留になったその記録は、そのままでは引き継げません。示された理由を確かめ、必要なら本部で入力し直してから破棄してください。",
        "That entry cannot be taken over as it is. See the reason that is named; where nothing helps, enter it by hand and drop it.";
    /// Something is still out in an event that is to be closed.
    EventOutstanding = "event-outstanding", 409, Refused,
        "まだ届いていないもの、決まっていないものがあります。処理するか、理由を添えて（--anyway）申請してください。",
        "Something is still out or undecided. Deal with it, or ask with a reason (--anyway).";
    /// A citizen's code was lost.
    CitizenCodeLost = "citizen-code-lost", 409, Refused,
        "このコードは紛失の届出により使えません。新しいカードを持っていないか確かめ、なければ窓口で発行してください。",
        "This code was reported lost and says nothing any more. Ask for the new card, or issue one at the counter.";
    /// What an ID is to be issued from has a mistake.
    CitizenInvalid = "citizen-invalid", 422, Malformed,
        "市民IDの内容に誤りがあります。示された項目を直してください。",
        "What was said of the citizen has a mistake. Correct the field that is named.";
    /// Somebody cannot be erased at present.
    EraseNotNow = "erase-not-now", 409, Refused,
        "今はこの方の記録を消去できません。示された理由を解消してから申請してください（在所中の方は、先に退所を記録します）。",
        "This person cannot be erased now. Deal with the reason that is named first (who is present must have left).";
    /// A request about shelters has a mistake.
    ShelterInvalid = "shelter-invalid", 422, Malformed,
        "内容に誤りがあります。示された項目を直してください。",
        "There is a mistake in this. Correct the field that is named.";
    /// Totals cannot be stated at present.
    StatementNotNow = "statement-not-now", 409, Refused,
        "今は集計を公表できません。公表すると、個人のことが分かるおそれがあります。",
        "Totals cannot be stated now: they would tell of single people.";
    /// A request about agencies has a mistake.
    SharingInvalid = "sharing-invalid", 422, Malformed,
        "内容に誤りがあります。示された項目を直してください。",
        "There is a mistake in this. Correct the field that is named.";
    /// The name of a grant was given before.
    GrantTaken = "grant-taken", 409, Refused,
        "この名前の提供許可はすでにあります。許可は変更できません。取り下げて、別の名前で作り直してください。",
        "There is a grant of this name. Grants are not changed: withdraw it, and make another one with another name.";
    /// The grant is of another agency, or somebody else's bundle is asked for.
    OtherAgency = "other-agency", 403, Refused,
        "ほかの機関への提供です。この証明書の機関には渡せません。",
        "This is another agency's. It is not given to the agency of this certificate.";
    /// The grant does not hold now.
    GrantOver = "grant-over", 403, Refused,
        "この提供許可は、まだ始まっていないか、期限が切れたか、取り下げられています。",
        "This grant has not begun, has ended or was withdrawn.";
    /// The agency is not the one that two officials granted something to.
    AgencyChanged = "agency-changed", 409, Refused,
        "機関の種別または暗号化の宛先が、許可のときから変わっています。今の登録を確かめて、許可を作り直してください。",
        "The agency is of another kind, or has another recipient, than the grant says. Check how it is entered now, and grant anew.";
    /// The purpose is not that of the grant.
    PurposeNotGranted = "purpose-not-granted", 403, Refused,
        "この提供許可の目的ではありません。一度の請求の目的は一つだけです。",
        "This is not the purpose of the grant. A request has one purpose.";
    /// A field is not granted.
    FieldNotGranted = "field-not-granted", 403, Refused,
        "提供が許可されていない項目が含まれています。",
        "A field is asked for that this grant does not give.";
    /// A form is not granted, or is none for this kind of agency.
    FormatNotGranted = "format-not-granted", 403, Refused,
        "この提供許可では、この形式での提供は許可されていません。",
        "This grant does not give this form, or an agency of this kind cannot have it.";
    /// Whom is asked for is not granted.
    PersonNotGranted = "person-not-granted", 403, Refused,
        "この提供許可の対象でない方・避難所・イベントが含まれています。",
        "Somebody is asked for, a shelter or an event, whom this grant does not cover.";
    /// The ID of a request was used for another one.
    RequestReused = "request-reused", 409, Refused,
        "この請求番号は別の内容の請求ですでに使われています。新しい番号で請求してください。",
        "The ID of this request was used for another one. Ask with a new ID.";
    /// The time in which the content can be read is over, or it was asked for by another agency.
    AlertOver = "alert-over", 403, Refused,
        "この緊急閲覧の時間は終わりました。必要であれば、理由を添えてもう一度申し出てください。",
        "The time of this emergency access is over. If it is needed still, say why again.";
    /// Somebody whose questionnaire is to be read in an emergency has none.
    NoQuestionnaire = "no-questionnaire", 404, Refused,
        "この方の問診票はありません。読もうとしたことは記録されました。必要なことは、本人か付添いの方、または災害対策本部に確かめてください。",
        "There is no questionnaire of this person. That you tried to read one is recorded. Ask the person, those who are with them, or the headquarters.";
    /// The approval's signature is wrong.
    ApprovalSignature = "approval-signature", 403, Refused, "承認の署名が正しくありません。", "The approval's signature does not hold.";
}

/// An RFC 9457 problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:tachiai:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened and what to do, in the language that the client accepts.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// More about this case, such as the field or the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// For a ballot, registration or challenge: the refusal signed by the board, for a complaint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<SignedRefusal>,
}

/// A refusal that the board signed, so that the voter can show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedRefusal {
    /// The election.
    pub election: ElectionId,
    /// SHA-256 of the refused request body.
    pub request: HashBytes,
    /// The code.
    pub code: String,
    /// When.
    pub at: Timestamp,
    /// Board key over `H("refusal"; election id (16 bytes), request, code, at)`.
    pub signature: Bytes<64>,
}

impl SignedRefusal {
    /// What the board key signs: `H("refusal"; election id (16 bytes), request, code, at)`.
    #[must_use]
    pub fn hash(&self) -> tachiai_crypto::hash::Hash32 {
        let Self { election, request, code, at, signature: _ } = self;
        tachiai_crypto::hash::tagged(labels::hash::REFUSAL, &[election.as_bytes(), &request.0, code.as_bytes(), at.to_string().as_bytes()])
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}

impl std::error::Error for Refusal {}
