# Everything the console says in Japanese.

app = 立会

# Screens
screen-connection = 接続
    .read = せつぞく
screen-home = ホーム
    .read = ほーむ
screen-approvals = 承認待ち
    .read = しょうにんまち
screen-elections = 選挙
    .read = せんきょ

# The bar at the top
head-nobody = 職員証明書なし
head-connecting = 接続しています
head-live = 最新
head-age = { $age }前の内容
head-lost = 切断中・{ $age }前の内容
too-small = 画面が小さすぎます
head-pending = 問い合わせ中
head-doing = 処理中 { $percent } %
looked = { $age }前に問い合わせた内容（r で問い合わせ直す）
outdated = { $age }前の内容です。新しい内容は届きません: { $why }

role-commission = 選挙管理委員会
role-poll = 投票所
role-reception = 避難所受付
role-headquarters = 災害対策本部
role-trustee = 開票立会人
role-auditor = 監査
role-agency = 連携機関

# Ages
age-seconds = { $n }秒
age-minutes = { $n }分
age-hours = { $h }時間{ $m }分
age-days = { $n }日

# Keys
key-move = 選ぶ
key-open = 開く
key-back = 戻る
key-help = ヘルプ
    .read = へるぷ
key-palette = コマンド
key-quit = 終了
    .read = しゅうりょう
key-language = English
    .read = えいご
key-theme = 配色を替える
    .read = はいしょく
key-redraw = 画面を描き直す
    .read = かきなおす
key-retry = 今すぐ接続し直す
    .read = せつぞくしなおす
key-profile = プロファイルを選ぶ
    .read = ぷろふぁいる
key-refresh = 問い合わせ直す
    .read = といあわせなおす
key-approve = 承認する
    .read = しょうにんする
key-undo = 取り消す
    .read = とりけす
key-next-line = 次の欄
    .read = つぎのらん
key-submit = 入力を終える
    .read = にゅうりょくをおえる
key-next-step = 次の段階を申請
    .read = つぎのだんかいをしんせい
key-read-on = 続きを読む
key-close = 閉じる
key-yes = 実行
key-no = やめる

# Why a key does nothing
off-role = { $role }の証明書では使えません
off-nobody = 接続していません
off-own = 自分の申請は自分では承認できません
off-nothing = 対象がありません
off-approving = 承認を送っています。結果を待っています
off-busy = 前の問い合わせが終わっていません
off-undo = 取り消せる操作はありません
off-no-step = 次の段階はありません
off-missing = 先に: { $what }

# Popups
help-title = ヘルプ — { $screen }
help-screen = この画面のキー
help-off = 使えません: { $why }
palette-title = コマンド
palette-none = 当てはまるコマンドがありません
palette-hint = かな・ローマ字・漢字で探せます
profile-title = プロファイルを選ぶ
profile-ask = profile.toml の場所（tachiaid staff add が作るフォルダーにあります）
confirm-type = 取り消せません。承認するには { $word } と入力して Enter を押してください。
confirm-type-own = 元に戻せません。実行するには { $word } と入力して Enter を押してください。
next-title = 次の段階を申請しますか
confirm-more = ↓ あと { $n }行。PgDn で終わりまで表示すると承認できます。
confirm-unread = 終わりまで表示してから承認できます（PgUp・PgDn）。
confirm-title = 承認の確認
failed-title = できませんでした
done-title = 完了しました

# Connection
connection-none = まだ接続していません。
connection-trying = { $server } に接続しています…
connection-wrong = 接続できません
connection-next = 次の接続まで { $n }秒
connection-profile = プロファイル: { $path }
connection-what = することの例
connection-step-profile = p … 別のプロファイル（profile.toml）を選ぶ
connection-step-retry = r … 今すぐ接続し直す
connection-step-admin = 証明書がないときは、装置の管理者に tachiaid staff add で発行してもらってください。

# Home
home-alerts = 緊急閲覧（過去24時間）
home-alert = { $time }  { $agency }  { $reason }
home-alert-read = 機関の閲覧 { $n }回
home-waiting = 承認待ち
home-waiting-none = 承認待ちはありません。
home-waiting-line = { $id }  { $by }さんの申請  { $age }前
home-waiting-yours = 自分の申請・別の職員の承認待ち
home-elections = 選挙
home-elections-none = 選挙はまだありません。
home-turnout = 有効なオンライン投票 { $counted } / 有権者 { $electors }
home-next = 次: { $next }
home-events = 災害・避難所
home-events-none = 開いている災害・訓練はありません。
home-event = 在所 { $present }人  開設 { $shelters }か所
home-conflicts = 食い違い { $n }件
home-shelter = { $staying }/{ $capacity }人
home-shelter-unknown = { $staying }人（収容可能人数不明）
home-shelter-heads = 概数 { $heads }人
home-more = ほか { $n }か所
home-appliance = 装置
home-appliance-ok = 異常なし
home-broken = 装置の異常
home-appliance-warning = 注意
home-disk = ディスク使用 { $used }%（{ $limit }% で書き込み停止）  空き { $free } GB
home-journals = 台帳 { $n }件  計 { $size }
home-checkpoint = 署名済みの記録 { $size }件
home-witnesses = 証人の連署 { $n }/{ $quorum }（全{ $all }）
home-clock = 装置の時計 { $time }
home-clock-off = この端末の時計と { $n }秒ずれています
home-version = 版 { $version }

phase-draft = 準備中
phase-ceremony = 鍵の作成
phase-open = 投票受付中
phase-online-closed = オンライン締切
phase-poll-closed = 投票終了
phase-tallying = 開票中
phase-tallied = 開票済み
phase-published = 公表済み

authority-statutory = 公職選挙
authority-ordinance = 住民投票
authority-mock = 模擬選挙
authority-special-zone = 特区

kind-disaster = 災害
kind-drill = 訓練
kind-open-school = 学校開放
kind-lecture = 講演会
kind-roll-call = 点呼

state-open = 開設
state-crowded = 混雑
state-full = 満員
state-closed = 閉鎖

# Approvals
approvals-none = 承認待ちはありません。
approvals-none-hint = 別の職員が取り消せない操作を申請すると、ここに内容が出ます。
approvals-loading = 内容を問い合わせています…
approvals-id = 申請
approvals-by = 申請者
approvals-age = 経過
approvals-what = 内容
approvals-hash = 署名する値
approvals-same = 申請した職員の画面にも、同じ内容と同じ値が出ます。
approvals-rows = { $first }–{ $last } 行 / 全{ $all }行（PgUp・PgDn で送る）
approvals-done = { $id } を承認しました。

# Elections
elections-title = 選挙名
elections-phase = 段階
elections-closes = 投票終了

# One election
screen-election = 選挙の状況
key-part = 次の項目
part-steps = 手順
part-trustees = 立会人・証人
part-roll = 名簿
part-turnout = 投票率
part-result = 結果
election-loading = 選挙の状況を問い合わせています…
election-closes = オンライン { $online } まで ／ 投票 { $poll } まで
election-fingerprint = 公告の指紋
election-out = 候補者でなくなった者: { $name }（{ $contest }）
step-done = 済み
step-now = いま
step-later = これから
step-prepare = 準備（名簿と立会人）
step-ceremony = 鍵の作成
step-open = 投票の開始
step-close-online = オンライン投票の締切
step-close-poll = 投票の締切
step-statement = 集計宣言への署名
step-count = 開票
step-publish = 結果の確定と公表
missing-roll = 選挙人名簿が取り込まれていません（tachiai election import-roll）
missing-trustees = 開票立会人が登録されていません（tachiai election add-trustee）
missing-start = 立会人がそろったら鍵の作成を始めます（tachiai election ceremony）
missing-files = { $file }が未提出: { $names }
missing-early = { $time } まで待ちます
missing-second = 申請 { $id } に別の職員の承認が要ります
missing-officials = 職員2人で行います（{ $command } の後、別の職員が承認）
missing-papers = 投票用紙の計数が済んでいません: { $contests }
missing-lots = くじの記録が要ります: { $contests }
missing-witnesses = 証人の連署を待っています: { $names }
file-commit = 第1回
file-deal = 第2回
file-confirm = 第3回
file-signature = 集計署名
file-shares = 復号
file-here = 提出済み
file-missing = 未提出
trustees-none = 開票立会人はまだ登録されていません。
trustees-run = 鍵の作成 第{ $n }回目
witnesses-quorum = 証人（{ $n }名以上の連署が要ります）
witnesses-never = 連署なし
witnesses-size = { $n }/{ $of }件まで連署
roll-electors = 選挙人名簿登録者 { $n }人
roll-unqualified = 投票日に投票できない人 { $n }人
roll-declarations = 期日前投票宣誓書 { $n }件
roll-objections = 異議の申出 { $n }件
roll-undecided = うち未決定 { $n }件
roll-changes = 取り込み後の変更 { $n }件
turnout-none = 投票率は投票が始まると出ます（選挙管理委員会と監査の証明書で見られます）。
turnout-now = 現在
turnout-channels = オンライン { $online }  期日前 { $early }  当日 { $day }  不在者 { $absentee }  有権者 { $entitled }
turnout-hours = 時刻別
turnout-districts = 投票区別（{ $time } 現在）
turnout-few = 人数が少ないため表示しません
result-none = 結果は開票の後に出ます。
result-papers = 投票用紙の計数が済んでいません
result-lot = 得票同数のため、くじの記録が要ります
result-sums = 有効 { $valid }  白票 { $blank }／その他の無効 { $invalid }

# Disasters and shelters
screen-events = 災害・避難所
    .read = さいがいひなんじょ
screen-event = 避難所
screen-people = 避難者を探す
    .read = ひなんしゃをさがす
screen-person = 避難者
screen-conflicts = 食い違い
    .read = くいちがい
key-search = 探す
key-list = 一覧へ
off-no-record = この方の記録はまだありません
events-kind = 種別
events-title = 名称
events-present = 在所
events-shelters = 開設
events-conflicts = 食い違い
event-loading = 避難所の状況を問い合わせています…
event-none = 開設された避難所はありません。
event-totals = 在所 { $present }人（避難所 { $inside }  在宅 { $home }  車中泊 { $vehicle }）  65歳以上 { $old }  5歳以下 { $small }
event-aside = 保留 { $n }件
event-doubles = 二重に数えているかもしれない方 最大{ $n }人
event-late = 届いていない記録のある端末 { $n }台
event-district = 地区
event-shelter = 避難所
event-state = 状態
event-fill = 収容率
event-staying = 在所
event-capacity = 収容可能人数
event-heads = 概数
people-name = 氏名（漢字・かな・ローマ字）
people-hint = 氏名の初めを入力して Enter を押してください。だれを表示したかは記録されます。
people-asking = 問い合わせています…
people-none = 見つかりません。支援措置の対象の方は検索では出ません。
people-more = ほかにもいます。氏名をもう少し入力してください。
people-where = 場所
people-who = 氏名
people-nowhere = 受付記録のない住民
people-unopened = （内容を開けません）
person-conflict = 食い違い
person-history = すべての記録 { $n }件（最新 { $latest }件）
person-handles = 識別子
conflicts-none = 食い違いはありません。
conflicts-entry = 記録{ $n }
conflicts-where = 場所
conflicts-when = 時刻
conflicts-terminal = 端末

# The appliance's journal
screen-journal = 監査
    .read = かんさ
key-older = 前の500件
key-newer = 次の500件
journal-search = 絞り込み
journal-count = 番号 { $first }–{ $last } の中で { $found }件
journal-older = 前の500件は o
journal-seq = 番号
journal-at = 時刻
journal-kind = 種別
journal-by = 職員・機関
journal-said = 内容

# Fields of a record
field-name = 氏名
field-kana = カナ
field-birth = 生年月日
field-sex = 性別
field-address = 住所
field-phone = 電話
field-district = 行政区
field-household = 世帯
field-stay = 滞在
field-needs = 配慮
field-allergies = アレルギー
field-medication = 服薬
field-room = 部屋
field-destination = 行き先
field-note = 備考
