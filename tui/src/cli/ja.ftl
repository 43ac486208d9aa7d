# What `tachiai --help` says in Japanese. A message is a command, named by its path, and an attribute is one of its arguments; an argument that has no
# text at its command has that of a command above it. `-more` is what stands only in the long help, `after-help` what stands below the options.
# { $e1 }, { $e2 }, … are the examples of the English help in their order; where there is nothing but examples, they need no text here.

tachiai = 立会 — 職員・開票立会人・投票者のための画面とコマンド
    .after-help = 終了コード: 0 完了、1 拒否、2 不完全・読取不能、3 別の職員の承認待ち、4 接続できない、5 カードか暗証番号、64 使い方の誤り
    .profile = 職員のプロファイル［省略時: ~/.config/tachiai/profile.toml］
    .lang = 表示の言語: ja または en［省略時: ロケールの言語］
    .json = 結果を一つの JSON で出力します
    .theme = 画面の配色［省略時: normal。NO_COLOR があれば mono］
    .theme-normal = 端末の色のまま
    .theme-contrast = 黒地に白。薄い色を使いません
    .theme-mono = 色なし（NO_COLOR でも同じ）
    .ascii = 罫線や棒を ASCII 文字で描きます
    .mouse = 画面をマウスで操作できるようにします（その間、端末では文字列を選択できません）
    .election = 選挙［省略時: 公表前の選挙が一つだけのとき、その選挙］
    .event = イベント（災害・行事）［省略時: 開いているものが一つだけのとき、それ］
    .who_fd = 対象の方とその内容を、端末で尋ねずに、このファイル記述子から読みます（1行に KEY=VALUE を一つ）
    .server = サーバー。https://ホスト:ポート
    .ca = 装置の認証局の証明書（PEM）
    .reader = カードリーダーの名前、またはその名前だけに含まれる一部（一覧は tachiai card readers）
    .card = ソフトウェアのカード（そのプロセスの Unix ソケット）
    .card_generation = 今のものに加えて扱う、別の世代のカード（TOML で書いたもの）。何度でも指定できます
    .reader_timeout = カードやリーダーの応答を待つ秒数。過ぎたらあきらめます
    .card_wait = 端末で、カードがリーダーに置かれるのを待つ秒数。スクリプトでは待ちません
    .state = この端末の控え（登録したカードと、確かめた掲示板の状態）［省略時: ~/.local/state/tachiai］
    .last_try = 必要なら、暗証番号・パスワードの最後の1回も使います
    .pin_fd = 4桁の暗証番号を、端末で尋ねずに、このファイル記述子から読みます
    .dir = 端末のフォルダー［省略時: ~/.local/share/tachiai/reception］

# The commission

election = 選挙: 作成、名簿、鍵の作成、投票の開始と締切、開票、公表（選挙管理委員会）

election-create = 選挙の内容のファイルから、選挙を作ります
    .spec = SPEC.toml
    .preview = ファイルの内容を示すだけで、選挙を作りません

election-import-roll = 選挙人名簿を取り込みます。誤りがあれば、何も取り込みません
    .roll = CSV ファイル（UTF-8 または Shift_JIS）
    .example = 列の見出しと2行の例を表示します。取り込みません
    .after-help =
        例:
          { $e1 }
          { $e2 }
        CSV に必要な列: 宛名番号、氏名、氏名カナ、生年月日、性別、住所、投票区。あってもよい列: 住民となった年月日（登録年月日）、国籍（日本国民）、停止、転出年月日、支援措置。--example で例を表示します。
    .preview = 何が変わるかを示すだけで、取り込みません
    .yes = 変わる内容が正しいかを尋ねません

election-roll = 名簿: 投票できる方とできない方、訂正、異議の申出、変更
election-roll-list = 選挙人の人数、投票できない方とその理由、異議の申出、変更を示します
election-roll-find = 名簿から探します。支援措置の対象の方は、宛名番号だけで見つかります
    .after-help =
        例:
          { $e1 }
          { $e2 }    # 1行に一つ: number=、name=、kana=、birth=
election-roll-show = 名簿の一人の記載と、投票できるかを示します
    .after-help =
        宛名番号を尋ねるか、--who-fd から number= を読みます。
        例: { $e1 }
election-roll-correct = 一人の記載を訂正、追加、抹消、回復します
    .field = 訂正する項目
    .field-name = 氏名
    .field-kana = カナ
    .field-birth = 生年月日
    .field-sex = 性別
    .field-address = 住所
    .field-district = 投票区
    .field-since = 住民となった日
    .field-nationality = 国籍
    .field-suspended = 選挙権の停止
    .field-left = 転出
    .field-protection = 支援措置
    .add = この CSV（見出しと1行）の方を追加します
    .strike = 抹消します
    .restore = 投票の開始後に抹消した方を、元に戻します
    .reason = 理由
    .reason-objection = 異議の申出
    .reason-correction = 訂正
    .reason-death = 死亡
    .reason-disqualified = 選挙権がない
    .reason-moved = 転出
    .objection = 認める異議の番号。正当と決定されている必要があります
    .after-help =
        例:
          { $e1 }
          { $e2 }    # 1行に一つ: number=、value=、note=
          { $e3 }
election-roll-object = 名簿への異議の申出を受理します
    .says = 申出の内容
    .says-left-out = 脱漏（載っていない）
    .says-wrongly-listed = 誤載（載るべきでない）
    .says-wrong-data = 誤記（記載の誤り）
    .after-help =
        例:
          { $e1 }
          { $e2 }    # 1行に一つ: by=、about=、grounds=
election-roll-decide = 異議の申出への、選挙管理委員会の決定を記録します
    .objection = 異議の番号
    .uphold = 正当とします
    .dismiss = 正当でないとします
    .after-help =
        理由を尋ねるか、--who-fd から because= を読みます。
        例: { $e1 }
election-roll-export = すべての訂正を含む名簿を CSV に書き出します（委員会の監査のため）
    .file = 新しいファイル

election-add-trustee = tachiai trustee new が作ったファイルで、開票立会人を登録します
    .file = 開票立会人のファイル
    .preview = だれの鍵かと、照合する指紋を示すだけで、登録しません
election-ceremony = 開票立会人による鍵の作成を始めます。選挙の内容は、ここから変えられません
election-status = 選挙の段階と、次にすることを示します
election-list = 選挙の一覧を示します
election-open = オンライン投票を始めます（別の職員の承認が必要）。公告に載せる指紋を表示します
election-close-online = オンライン投票を締め切ります（別の職員の承認が必要）
election-close-poll = 投票を締め切ります（別の職員の承認が必要）
election-count = 開票立会人の復号をまとめ、結果を記録します（別の職員の承認が必要）

election-paper-count = 投票所の用紙の計数。職員二人が別々に数え、開票管理者と開票立会人が署名します
election-paper-count-enter = 一つの選挙の用紙を数えた結果を入力します。別の職員も、同じものを別々に入力します
    .file = 数を書いた TOML ファイル
    .contest = 選挙（ID）
    .votes = 候補者とその票数（OPTION=VOTES）。候補者でなくなった者を除き、一人に一度ずつ
    .valid = 候補者の名がある用紙（有効）
    .blank = 白票
    .invalid = その他の無効
    .after-help =
        例:
          { $e1 }
          { $e2 }
        ファイルも同じ内容です:
          contest = "mayor"
          valid = 120
          blank = 3
          invalid = 2
          votes = {"{"} asakura = "57.333", fujinashi = "62.667" {"}"}
        同じ名の候補者が複数いる票は按分し、小数3桁まで書けます。終了コード 3: もう一人の職員の計数を待っています。終了コード 1: 二人の数が、示した行で違います。二人とも数え直し、入力し直してください。
election-paper-count-show = 各選挙の用紙の計数がどこまで済んだかを示します
election-paper-count-sign = 二人の職員の数が一致した計数に、開票管理者または開票立会人として署名します
    .contest = 選挙（ID）
    .keys = 署名する人の鍵のファイル。ここで署名する人ごとに一度ずつ（ほかの人は、後で別の場所でも署名できます）
    .passphrase_fd = 鍵のパスフレーズを、このファイル記述子から読みます（鍵の順に1行ずつ）
    .manifest = 公告の指紋。指定しなければ、選挙の内容はサーバーを信じることになります
    .yes = 署名する内容が正しいかを尋ねません
election-candidate-out = 候補者でなくなったことを記録します: 辞退、死亡、被選挙権なし（別の職員の承認が必要）
    .contest = 選挙（ID）
    .option = 候補者（ID）
    .reason = 理由: withdrawn（辞退）、died（死亡）、disqualified（被選挙権なし・却下）
    .after-help =
        例: { $e1 }
        その候補者への票は、それまでの票も含めて無効になります（公職選挙法68条）。投票した方は、オンライン投票が続いている間は投票し直せます。
election-lot = 得票同数の候補者の間のくじの結果を、開票管理者と開票立会人の署名で記録します
    .contest = 選挙（ID）
    .chosen = くじで当選した候補者（ID）。複数はコンマで区切ります
    .keys = 署名する人の鍵のファイル。ここで署名する人ごとに一度ずつ（ほかの人は、後で別の場所でも署名できます）
    .passphrase_fd = 鍵のパスフレーズを、このファイル記述子から読みます（鍵の順に1行ずつ）
    .manifest = 公告の指紋。指定しなければ、選挙の内容はサーバーを信じることになります
    .yes = 署名する内容が正しいかを尋ねません
    .after-help =
        例: { $e1 }
        くじそのものは、立会人の前で実際に引きます（公職選挙法95条2項）。このコマンドは、その結果を記録します。終了コード 3: まだ署名が足りません。
election-lot-drop = 誤って入力したくじを取り消します（もう一人の職員も取り消します）。その後、初めから署名し直します
    .contest = 選挙（ID）
    .reason = 取り消す理由
    .yes = 取り消してよいかを尋ねません。くじの内容は表示します
    .after-help =
        例: { $e1 }
        くじの結果と署名した方を表示します。二人目の職員には、最初の職員が取り消す理由も表示します。
        終了コード 3: もう一人の職員も取り消す必要があります。掲示板に記録された後は取り消せません。
election-result = 各選挙の結果を示します: 得票、当選人、法定得票数、定数
election-turnout = 投票した人数を示します: 投票の方法別、投票区別、年齢別、男女別
    .at = この日本時間まで。投票日の HH:MM、または YYYY-MM-DD HH:MM。指定しなければ現在まで
    .csv = CSV で出力します
    .after-help =
        例:
          { $e1 }
          { $e2 }            # 投票日の午前11時（日本時間）
          { $e3 }
        ある時刻の数は、掲示板と名簿から後でも計算し直せます。投票区・年齢・男女別の数は直前の正時のもの、投票の締切後は最後のものです。5人未満の区分は示しません。合計から一つだけ分かってしまう区分も示しません。
election-envelopes = 投票所が除外した封筒を示します: だれの封筒か、理由、署名した人
election-declarations = 期日前投票宣誓書の一覧を示します: だれが、いつ、どの事由で提出したか、投票用紙を交付したか。監査人には、提出日と事由ごとの件数だけを示します
    .after-help = 例: { $e1 }
election-rehearse = 選挙の全体を、この端末で予行します。架空の人、試験用のカード、専用の装置を使います
    .spec = 実際の選挙の SPEC.toml
    .roll = 実際の名簿。投票区ごとの人数だけを使います
    .out = すべてを行う新しいフォルダー
    .electors = 架空の選挙人の人数の上限。投票区には名簿と同じ割合で割り振ります
    .clean = 前の予行のフォルダーで動いているものを終え、フォルダーを消します
    .after-help =
        例:
          { $e1 }
          { $e2 }        # 見終わった後、または中断した後
        架空の選挙人が、試験用のカードで、この端末の中の専用の装置に投票します。法的根拠は "mock"（模擬）、題名にも予行と入ります。職員・開票立会人・投票所の管理者と立会人の役も、プログラムが務めます。実際のカード・鍵・氏名・時刻は使いません。tachiaid、tachiai-verify、tachiai-vcard（試験用カード。プログラムをビルドした所にだけあります）が、このプログラムと同じ場所に必要です。終わると rehearsal/protocol.md に、何をしたか、当日はだれが行うか、ここで何分かかったか、うまくいかなかったことが残ります。終了コード 1: うまくいかなかったことがあります。
election-publish = 結果を公表します（別の職員の承認が必要）
election-export-record = 監査のための記録を、新しいフォルダー、または名前が .tar で終わる一つのファイルに受け取ります
    .dir = 新しいフォルダー、または新しい file.tar
election-cosign = ファイルで届いた証人の連署を、装置に渡します
    .file = tachiai-witness stick が書き出した、連署済みの記録
election-export-evidence = 監査のため、封印された証拠を受け取ります（選挙管理委員会または監査。だれが受け取ったかは記録されます）
    .dir = 新しいフォルダー
    .after-help =
        例:
          { $e1 }
          { $e2 }
        記録の後、または公表の後に書き出してください。記録にあるすべての登録の証拠が必要だからです。個人に関する内容はすべて、委員会の宛先に暗号化されています。
election-carry = 開票立会人のファイルと連署を、装置と媒体の間で両方向に運びます。それまでの記録も媒体に入れます
    .dir = 媒体のフォルダー（あらかじめ必要です）
election-board = 公開の掲示板: その項目と、署名された状態に確かに含まれるか
election-board-list = 装置が示すとおりに、項目を並べます
    .from = 最初の項目の番号
    .count = 項目の数（256まで）
election-board-check = 一つの項目が、署名された状態に含まれることを検証します
    .leaf = 項目の番号
election-board-verify = それまでの記録を受け取り、全体を検証します
    .expect = 公告の指紋。指定しなければ、選挙の内容と掲示板の鍵はサーバーを信じることになります
election-papers = 公表された記録から、開票録・開票速報・投票速報・期日前投票日報・投票録を PDF/A で作ります。先に記録を検証します
    .record = 記録: フォルダー、または一つのファイル（record.tar）
    .out = 帳票を入れるフォルダー。なければ作ります。同じ名前の帳票は上書きしません
    .expect = 公告の指紋。指定しなければ、公告と照合していないことが各ページに載ります
    .kind = 作る帳票［省略時: すべて］
    .kind-count-record = 開票録（署名するもの）
    .kind-quick-report = 開票速報（確定）
    .kind-turnout-report = 投票速報（最終、または --at の時刻のもの）
    .kind-early-daily = 期日前投票日報（用紙を交付した日ごと）
    .kind-poll-record = 投票録（用紙を交付した投票所・日ごと。署名するもの）
    .at = 投票速報の時刻（日本時間）。投票日の HH:MM、または YYYY-MM-DD HH:MM［省略時: 投票の締切］
    .text = 帳票の言語: ja または en［省略時: ja］
    .issuer = 発行者。例えば 養父市選挙管理委員会
    .place = 開票の場所［省略時: 書き込むための線］
    .manager = 開票管理者［省略時: 計数に署名した人、または書き込むための線］
    .after-help =
        例:
          { $e1 }
          { $e2 }
          { $e3 }
          { $e4 }
        ファイル: count-record.pdf 開票録、quick-report.pdf 開票速報、turnout-report.pdf 投票速報、early-voting-DAY.pdf 期日前投票日報、poll-record-PLACE-DAY.pdf 投票録。

approve = 別の職員が申請した操作を承認します
    .id = 申請した職員のコマンドが表示した ID
    .yes = 確認を求めません。カードの登録がだれについてのものかは、それでも表示します
    .preview = 署名することになる内容（文面、照合する値、そのハッシュ値）を示すだけで、承認しません
    .expect = 署名する値のハッシュ値がこれと同じときだけ署名します。--preview と approvals が示します
    .after-help =
        例:
          { $e1 }
          { $e2 }                  # 文面の全体と、値とそのハッシュ値
          { $e3 }        # それだけに署名します
decline = 自分の申請を取り下げるか、別の職員の申請を却下します
    .id = 申請のID（最初の職員のコマンドや画面に出たもの）
    .reason = 却下の理由（自分の申請を取り下げるときは要りません）
approvals = 別の職員の承認を待っている操作の一覧を示します
status = 今の状況を示します。操作画面のホームと同じ内容です
    .follow = 変化があるたびに、終了するまで表示を続けます
    .after-help =
        例:
          { $e1 }
          { $e2 }     # 変化のたびに1行
journal = 装置の記録を読みます。検索も、追いながらの表示もできます（監査）
    .election = 装置の記録の代わりに、この選挙で職員が行ったことを読みます
    .from = 最初の記録の番号 [既定値: 末尾から数えた件数]
    .count = 読む記録の件数の上限
    .search = この語をすべて含む記録だけを表示します。かなはローマ字でも探せます
    .follow = 新しい記録を、終了するまで表示し続けます
    .after-help =
        例:
          { $e1 }
          { $e2 }          # その選挙で職員が行ったこと
          { $e3 }     # 記録ごとに1行

# Trustees

trustee = 開票立会人: 鍵、鍵の作成、集計宣言、復号
    .dir = 自分の媒体のフォルダー
    .passphrase_fd = パスフレーズを、端末で尋ねずに、このファイル記述子から読みます
    .stick = 選挙管理委員会が tachiai election carry で用意した媒体のフォルダー
    .server = 開票立会人の証明書のプロファイルを使い、ネットワークでファイルを送受信します
trustee-new = 自分の媒体に鍵を作り、パスフレーズ（12文字以上か、五つの語）で守ります。委員会に渡すファイルも作ります
    .name = 氏名（選挙の内容に載るとおり）
    .out = 委員会に渡すファイル［省略時: 媒体のフォルダーの card.json］
trustee-card = 別の選挙のために、委員会に渡すファイルを作ります。署名の鍵は同じで、age の鍵は新しくなります
    .out = 書き出すファイル（まだないもの）
    .more =
        鍵の作成に使った age の鍵は、その選挙の投票が始まると破棄されます。そのため、選挙ごとに新しいファイルが必要です。

        例: { $e1 }
trustee-commit = 鍵の作成 第1回: 自分の鍵の分担を決め、後から変えられないようにする値を出します
trustee-deal = 鍵の作成 第2回: 値を明かし、暗号化した鍵の分担を配ります
trustee-confirm = 鍵の作成 第3回: すべてを確かめて共同の鍵を承認するか、不服を申し立てます
    .compared = ほかの開票立会人全員の鍵の指紋を、本人と対面で照合しました（尋ねません）
    .more =
        開票立会人全員の鍵の指紋を表示します。承認する前に、一人ずつ本人と照合してください。立会人を好きに決められる人がいれば、あなたなしで復号できてしまうからです。端末で答えられないときは、--compared が照合済みの意味になります。

        例: { $e1 }
trustee-state = 今の段階、開票立会人の一覧、この媒体にある鍵の選挙を示します
    .more =
        --stick も --server も指定しなければ、媒体にあるものを示します。投票が始まった後に行うと、鍵の作成だけに要ったものを破棄します。

        例: { $e1 }
trustee-decrypt = 投票の後: 記録を検証し、集計宣言に署名します。必要な人数の署名がそろったら、自分の復号を出します
    .expect = この選挙の公告の指紋
    .more =
        集計宣言に署名する人数は、復号する人数より多くなります（3人で復号する5人なら4人）。二つの宣言がどちらも成立するには、正直な開票立会人が二度署名しなければならないようにするためです。一度目で署名し、必要な人数がそろってから、もう一度行います。

        指紋は、媒体を持ってきた人からではなく、公告から写してください。

        例: { $e1 }
trustee-destroy = 媒体にある一つの選挙の鍵を、永久に破棄します
    .manifest = 選挙: state が表示する、選挙の内容のハッシュ値
    .yes = 尋ねません
    .more =
        まだ開票していない選挙は、鍵の分担が失われると開票できなくなるおそれがあります。何があるかは tachiai trustee state --dir DIR で分かります。

        例: { $e1 }

# Cards

card = カード: 中身とリーダーの確認、本人への登録
card-info = カードの種類、証明書、暗証番号の残り回数を示します。個人に関するものは示しません
    .four_attributes = 券面事項入力補助用の暗証番号（4桁）の後で、氏名・住所・生年月日・性別も示します
    .pin_fd = その暗証番号を、端末で尋ねずに、このファイル記述子から読みます
    .signing_certificate = 署名用電子証明書の有効期間も、そのパスワードの後で示します。ほかの内容は示しません
    .password_fd = そのパスワードを、端末で尋ねずに、このファイル記述子から読みます
card-readers = カードリーダーと、その中にあるものを示します
card-enrol = 署名用パスワードと4桁の暗証番号で、カードを本人に登録します
    .password_fd = 署名用パスワードを、端末で尋ねずに、このファイル記述子から読みます
    .pin_fd = 4桁の暗証番号を、端末で尋ねずに、このファイル記述子から読みます。パスワードと同じ記述子なら、両方を1行ずつ読みます
card-enrol-counter = 使える署名用電子証明書のない方を、窓口で登録します。別の職員が承認します（選挙管理委員会）
    .reason = 窓口で登録する理由: under-15（15歳未満）、not-issued（未発行）、expired（期限切れ）、password-blocked（パスワードのロック）
    .text_pin_fd = 券面事項入力補助用の暗証番号（4桁）を、端末で尋ねずに、このファイル記述子から読みます
    .pin_fd = 利用者証明用の暗証番号（4桁）を、端末で尋ねずに、このファイル記述子から読みます。券面事項入力補助用と同じ記述子なら、両方を1行ずつ読みます
    .last_try = 必要なら、暗証番号の最後の1回も使います
    .yes = カードの本人であるかを尋ねません
card-fallbacks = 窓口で登録したカードの一覧を示します（選挙管理委員会・監査）

# Polling places

poll = 投票所: 受付、用紙の交付、一日の締め、不在者投票
    .desk = 端末の鍵。どの投票所の端末かは、鍵で決まります
    .state = 端末の控え: 選挙の内容と、回線が切れている間に交付したもの［省略時: ~/.local/state/tachiai/desk］
    .manifest = 公告の指紋。この端末を初めてその選挙で使うときに指定します
    .attended = 別の職員と探します（承認の後、もう一度実行）。支援措置の対象の方も、宛名番号、または氏名全部と生年月日で見つかります
    .files = 署名する管理者・立会人の鍵のファイル。一人に一度ずつ
    .passphrase_fd = パスフレーズを、このファイル記述子から読みます（--officer の順に1行ずつ）
    .yes = 尋ねません
poll-key = 投票所の端末の鍵を作り、SPEC に書く公開の部分を表示します
    .out = 鍵を書き出すファイル（まだないもの。所有者だけが読めます）
poll-officer = 投票所と開票所の管理者・立会人の鍵
poll-officer-new = 管理者・立会人の鍵を作り、パスフレーズ（12文字以上か、五つの語）で守ります。SPEC に書く公開の部分を表示します
    .name = 氏名（選挙の内容に載るとおり）
    .role = 役目: manager（管理者）または witness（立会人）。指定しなければ両方の行を表示します
    .out = 鍵を書き出すファイル（まだないもの）
    .passphrase_fd = パスフレーズを、端末で尋ねずに、このファイル記述子から読みます
poll-check-in = 選挙人を受け付け、用紙を交付します: カード、暗証番号、掲示板への記録。または別の職員と氏名で
    .by_name = カードによらない理由: no-card（カードなし）、card-failed（カード不良）、pin-blocked（暗証番号のロック）。別の職員が承認した後、もう一度実行します
    .manner = 投票の方法: own（本人）、proxy（代理）、braille（点字）、provisional（仮投票）
    .contests = この選挙の用紙だけを交付します。一つに一度ずつ。ほかの選挙には、もう投票できません
    .last_try = 必要なら、暗証番号の最後の1回も使います
    .yes = 用紙を交付してよいかを尋ねません
    .more =
        端末を初めて使うときは、公告の指紋（--manifest）を指定します。その後は、回線がなくても選挙の内容が分かります。カードのない方については端末で尋ねるか、--who-fd から読みます（1行に一つ: number=、name=、kana=、birth=）。コマンドの引数には書きません。

        例:
          { $e1 }
          { $e2 }
          { $e3 }    # 行: name=養父 花子、birth=1980-02-17
          { $e4 }
poll-undo = 全部の用紙が使われずに戻った交付を取り消します。管理者と立会人1人が署名します
    .reason = 用紙が戻った理由: mistake（誤って交付）、declined（投票しない）、spoiled（用紙の汚れ・破れ）
poll-day-close = 一日を締めます。投票箱の用紙と、持ち帰られた用紙を数え、管理者と立会人2人が署名します
    .session = どの回か［省略時: 今日のもの、または最後のもの］
    .in_box = 投票箱の用紙の数（CONTEST=N）。選挙ごとに一度ずつ。指定しなければ尋ねます
    .taken_home = 持ち帰られた、または戻らなかった用紙の数（CONTEST=N）
poll-status = 今日の状況を示します
    .session = どの回か［省略時: 今日のもの、または最後のもの］
poll-absentee = 不在者投票: 請求、交付、受理、一覧
poll-absentee-request = 用紙の請求を記録します
    .kind = 投票の方法: away（滞在地）、institution（指定施設）、mail（郵便等）、not-yet-eighteen（18歳未満）
poll-absentee-send = 用紙を交付します。氏名で受け付け、別の職員が承認した後、もう一度実行します
poll-absentee-receive = 戻った用紙の受理、または不受理を記録します
    .rejected = 不備がある、または遅れて届いたため、受理しません（投票箱に入れません）
poll-absentee-list = 請求した方の一覧（不在者投票処理簿）を示します
poll-hand-in = 回線が戻った後: 途中だった交付がどうなったかを確かめ、仮投票の用紙を記録します
    .more =
        記録できないものは、理由とともに示します。その封筒は、開票で受理されません。記録できるものは一つずつ、別の職員が承認します。その後、もう一度実行してください。

        例: { $e1 }
poll-set-aside = 掲示板が交付を受け付けない封筒を除外し、一日を締められるようにします。管理者と立会人1人が署名します
    .envelope = 封筒に書かれた番号
    .more =
        用紙は投票箱に入れず、開票で受理されません。理由を尋ねるか、--who-fd から reason= を読みます。理由は、だれの封筒かとともに、装置に封印して残ります（election envelopes）。

        例: { $e1 }

# The reception of a shelter

reception = 避難所の受付: 来た方と去る方を登録します。回線がなくても、何日でも使えます
    .passphrase_fd = 勤務のパスフレーズを、端末で尋ねずに、このファイル記述子から読みます
    .handle = その方の識別子、またはその初めの数文字（tachiai reception list で分かります）
    .number = 住民の宛名番号
    .fd = その方の内容を、このファイル記述子から読みます［省略時: 標準入力、端末では質問］
    .stay = 滞在: shelter（避難所）、home（在宅）、vehicle（車中泊）［省略時: 避難所、またはそれまでのとおり］
    .room = 部屋（避難所に部屋があるとき）
    .yes = 表示した方を登録してよいかを尋ねません
    .anyway = 注意があっても登録します: 似た方がいる、二人目の世帯主、避難所にない部屋
    .after-help =
        勤務の始めに tachiai reception だけを実行します。勤務のパスフレーズを入力すると、使える操作が画面に出ます。
        端末の設定は init で済ませておきます。すべて回線なしで使え、後から sync（または媒体への export）で渡します。何度渡しても構いません。
reception-init = この端末を受付に使えるようにします: パスフレーズ（12文字以上か、五つの語）で守った鍵を作り、災害対策本部に登録を求めます
    .event = イベント（災害・行事）
    .shelter = 端末を置く避難所［省略時: ファイルにただ一つの避難所］
    .from = 災害対策本部が tachiai shelter terminal setup-file で書き出したファイル。回線のない所で、イベントと避難所を読みます
    .preview = ファイルにあるイベントと避難所を示すだけで、設定しません
    .terminal = 端末の名前（イベントの中で一つだけ）。例えば gym-1［省略時: 避難所に4文字を付けた名前］
    .unprotected = 訓練用: 鍵をパスフレーズで守りません
    .more =
        例:
          { $e1 }
          { $e2 }       # 本部のファイルにある避難所を見ます
          { $e3 }
reception-sync = この端末だけにある登録を渡し、新しいものを受け取ります。装置がバックアップから戻された後は、すべてを渡し直します
    .pack = 住民の一覧を受け取り直します
reception-status = 未送信の登録の件数と古さ、この端末について分かっていることを示します
reception-clock = 時計のずれを示します。--set は、回線のない所で時計を合わせ、誤った日時の登録を直します
    .set = 正しい日本時間。'2026-09-01 21:30' の形（回線のない所で）
reception-in = 来た方を登録します: カード、市民ID、住民の一覧、聞き取り、世帯まとめて
    .more =
        その方の内容は端末で入力するか、標準入力から key=value の行または JSON で読みます。コマンドの引数には書きません。項目: name kana birth age sex address phone district association stay needs needs_note allergies medication pets language qualifications damage wish room disclosure protection destination triage note relation citizen resident。日本語でも書けます: 氏名 カナ 生年月日 年齢 性別 住所 電話 …
        birth: 1980-04-01、昭和55年4月1日、S55.4.1、M45.7.1。日が分からなければ 1980-04-00、月も分からなければ 1980-00-00。それも分からなければ年齢を書きます。
        needs（コンマ区切り）: care disability medical pregnant foreign food support（要介護 障害 医療的ケア 妊産婦 外国人 食物アレルギー 要支援者）。
        stay: shelter home vehicle。disclosure: nobody safe place。髙や﨑のある氏名は入力のまま残り、高や崎でも見つかります。
        例:
          { $e1 }
          { $e2 }
          { $e3 }
          { $e4 }
          { $e5 }      # 世帯主から順に、一人ごとに空行を入れます
reception-in-card = マイナンバーカードで
    .face = 暗証番号の代わりに、券面の番号（照合番号B）でカードを開きます（イベントで認められている場合）［省略時: イベントの決まりのとおり］
    .pin = 券面事項入力補助用の暗証番号（4桁）でカードを開きます
    .pin_fd = 暗証番号または券面の番号を、端末で尋ねずに、このファイル記述子から読みます
    .last_try = 必要なら、暗証番号の最後の1回も使います
reception-in-citizen = 市民IDで。入力するか、読取機で読み取ります（標準入力）
reception-in-resident = 住民の一覧で。宛名番号か、氏名の初め（標準入力）で探します
    .number = 住民の宛名番号。なければ、氏名の初めを標準入力から読みます
reception-in-typed = 聞き取りだけで: 市外の方、外国からの方、生年月日が不明な方（標準入力または質問）
reception-in-household = 住民の一覧にある世帯を、まとめて
    .number = 世帯の一人の宛名番号
    .without = 来ていない方の宛名番号。一人に一度ずつ
reception-in-family = 聞き取りだけの家族を、まとめて。世帯主から順に、一人ごとに空行を入れます（標準入力または質問）
reception-out = 去る方を登録します。行き先は標準入力の destination=PLACE、端末では尋ねます
reception-move = ほかの避難所から来た方、またはほかの避難所へ移った方を登録します
    .to = 移動先の避難所［省略時: この避難所］
reception-edit = 内容を変えます。標準入力の key=value の行または JSON。値のない項目は空になります
reception-paper = 紙の受付票を後から入力します。標準入力に一人ずつ、at=2026-09-01 21:30 と、必要なら act=out。一覧になく、すでにここにいる方は handle= で
    .household = この入力の方は、一つの世帯です
    .anyway = 注意があっても登録します: 似た方がいる、二人目の世帯主、イベントよりずっと前の時刻
reception-list = 在所者の一覧を示します。--pdf で印刷できる一覧にします（停電に備えて）
    .pdf = 受付の壁に貼る避難者名簿を PDF で作ります。同じ名前のファイルは上書きしません
    .text = 名簿の言語: ja または en［省略時: ja］
reception-roll-call = 在所者と、そのうち返事をした方、住民の一覧の方と、そのうち受付済みの方を、地区ごとに示します（点呼）
    .answered = 返事をした在所者。識別子、またはその初めの数文字。一人に一度ずつ
reception-take-back = この端末で最後に登録したもの（一人、または同時に登録した方）を取り消します。訂正の登録として残ります
    .yes = 取り消してよいかを尋ねません
    .preview = 取り消すことになる登録を示すだけにします
reception-search = 住民と在所者を、氏名の初め（かな、ローマ字、書かれたとおり）で探します。標準入力から読みます
reception-show = 一人の内容と、すべての登録を示します
reception-conflicts = 登録が食い違っている方を、それぞれの内容とともに示します
reception-settle = 食い違いを解消します。指定した登録を正しいものとします
    .entry = 正しい登録。tachiai reception conflicts が示すハッシュ値、またはその初め
reception-headcount = 氏名が分かる前に、今いる人数を報告します（概数）
    .persons = 今いる人数（氏名の分からない方も含む）
    .about = およその数です
reception-supplies = 物資: 届いた数、配った数、ある数、必要な数。物資を指定しなければ、すべてを示します
    .item = 物資。例えば 毛布。指定しなければ、報告されたものをすべて示します
    .unit = 数える単位。例えば 枚。物資ごとに一度だけ
    .arrived = 届いた数
    .handed_out = 配った数
    .stock = 数え直した、今ある数
    .needed = さらに必要な数［省略時: 必要だった数から、届いた数を引いたもの］
reception-assess = 避難所アセスメント: 九つの項目を A（良い）から D（すぐに支援が要る）で報告します。端末では尋ねます
    .grades = 項目と評価。指定しなければ、端末で尋ねます
    .list = 最後に報告したものを示します
    .more =
        項目: drinking-water 飲料水、meals 食事、power 電気、water 生活用水、toilets 使用可能トイレ、hygiene 衛生環境、bedding 寝具、temperature 冷暖房、communication 通信。指定しない項目は、前の報告のままです。
        例:
          { $e1 }
          { $e2 }
          { $e3 }
reception-health = 一日の診療の件数を、医療チームの様式（J-SPEED）のコードで。標準入力から読み、封印して送ります
    .day = 日（日本時間）［省略時: 今日］
    .list = その日に報告したものを示します
    .more =
        例:
          { $e1 }
          { $e2 }        # 前より1件多い
          { $e3 }
reception-meals = この避難所の方の食数を、アレルギー別に示します
reception-questionnaire = 受付で、その方の問診票に記入します。質問に答えるか、標準入力の JSON から。答えは装置宛てに封印します
    .questionnaire = 問診票［省略時: 一つだけのとき、それ］
reception-state = この避難所が開設・混雑・満員・閉鎖のどれかを知らせます
    .state = open（開設）、crowded（混雑）、full（満員）、closed（閉鎖）
reception-handover = 次の勤務への申し送りを残します（標準入力から）。または一覧を示します
    .list = 残さずに、申し送りの一覧を示します
reception-export = この端末だけにある登録を、ほかの所で渡せるように、ファイルや媒体に書き出します
    .file = 書き出すファイル。500件を超える分は FILE.2、FILE.3、… に続きます
    .all = この端末のすべての登録（渡し終えたものも）
reception-confirm = 媒体で戻ってきた回答を読み込みます
    .file = 回答のファイル
reception-carry = 回線のある端末で、媒体のファイルを渡し、回答を書き出します
    .files = 一つの端末のファイル（順不同）
    .out = 媒体に入れる回答のファイル
    .from = その端末がまだ知らない最初の番号（tachiai reception status で分かります）。指定しなければ最初から

# Voters

vote = カードで投票します
    .election = 選挙
    .manifest = 公告の指紋
    .choices = 投票の内容（CONTEST=OPTION[,OPTION…]）。選挙ごとに一度ずつ。= の後が空なら白票。指定しなければ尋ねます
    .text_pin_fd = 名簿の記載を、カードの券面事項と照合します。券面事項入力補助用の暗証番号（4桁）を、このファイル記述子から読みます。--pin-fd と同じなら、この暗証番号を先に1行ずつ読みます
    .yes = 内容が正しいか、投票を開いてよいかを尋ねません
    .receipt = 受領証を書き出すファイル［省略時: receipt-ELECTION-LEAF.json］
    .keep_opening = 投票を開くためのものを、暗号化してこのファイルに残します（後で tachiai challenge --kept FILE）。開いた人には投票の内容が見えます
    .opening_passphrase_fd = 残したファイルのパスフレーズを、端末で尋ねずに、このファイル記述子から読みます
challenge = 端末を確かめるため、投票して、数えずにその中身を開きます
    .election = 選挙
    .manifest = 公告の指紋
    .choices = 投票の内容（CONTEST=OPTION[,OPTION…]）。選挙ごとに一度ずつ。= の後が空なら白票。指定しなければ尋ねます
    .text_pin_fd = 名簿の記載を、カードの券面事項と照合します。券面事項入力補助用の暗証番号（4桁）を、このファイル記述子から読みます。--pin-fd と同じなら、この暗証番号を先に1行ずつ読みます
    .yes = 内容が正しいか、投票を開いてよいかを尋ねません
    .receipt = 受領証を書き出すファイル［省略時: receipt-ELECTION-LEAF.json］
    .kept = tachiai vote --keep-opening FILE が残したファイルの投票を開きます
    .opening_passphrase_fd = 残したファイルのパスフレーズを、端末で尋ねずに、このファイル記述子から読みます
    .opening = 開示を書き出すファイル［省略時: 受領証の隣、.opening.json］
declare = カードで期日前投票宣誓書を出します
    .election = 選挙
    .reason = 事由の番号
    .oath = 下の宣誓を、尋ねられずに行います
    .withdraw = 出した宣誓書を取り下げます
    .show = 出ている宣誓書を示します
    .after-help =
        事由（公職選挙法48条の2第1項）:
          1  仕事・公務・冠婚葬祭など
          2  用務・事故のため投票区の外に旅行・滞在
          3  疾病・負傷・妊娠・老衰・身体の障害・出産・刑事施設等への収容
          4  交通至難の島などに居住・滞在
          5  市町村の区域外に居住
          6  天災・悪天候
        宣誓（公職選挙法施行令49条の8）:
          私は、選挙の当日、上記の事由に該当する見込みです。この申立てが真正であることを誓います。
        例:
          { $e1 }
          { $e2 }
questionnaire = 問診票。自宅でカードを使って記入します
    .questionnaire = 問診票
questionnaire-fill = カードで問診票に記入します。前に記入したものと置き換わります
    .answers = 尋ねずに、このファイルから答えを読みます
    .after-help =
        例:
          { $e1 }
          { $e2 }
        ファイル: {"{"}"questionnaire":"shelter-medical","version":1,"answers":{"{"}"care":{"{"}"chosen":["none"]{"}"},"temperature":{"{"}"number":"36.5"{"}"}{"}"}{"}"}
questionnaire-show = 最後に記入したものを示します

# Headquarters

shelter = 避難所: 取込み、イベント、避難者、報告（災害対策本部）
    .file = ファイル
    .shelter = 避難所
    .handle = その方の識別子、またはその初めの数文字
    .preview = 何が変わるかを示すだけで、取り込みません
    .good_rows = 取り込めない行があるとき、正しい行だけを取り込みます
    .yes = 確認を求めません
shelter-import = 施設、住民、避難行動要支援者名簿を取り込みます。先に、何が変わるかを示します
    .yes = 変わる内容が正しいかを尋ねません
    .example = 列の見出しと2行の例を表示します。取り込みません
    .removes = 示されたとおり、今の登録のうち、ちょうど N 件が削除されます。1割を超えるとき、または --good-rows で1件でも削除されるときは、--yes に加えて必要です
shelter-import-facilities = 指定避難所と指定緊急避難場所: 国土地理院の GeoJSON、または市町村の CSV
    .others_go = ファイルにない施設を除きます
    .after-help =
        例:
          { $e1 }            # 変わる内容を示し、尋ねます
          { $e2 }
        避難所と緊急避難場所は別々のファイルです。--others-go を指定しない限り、ファイルにない施設もそのまま残ります。
        CSV に必要な列: 施設・場所名（名称、施設名）。あってもよい列: 共通ID（ID、施設ID）、名称_カナ、名称_英字、所在地_連結表記（住所、所在地）、建物名等(方書)、電話番号、緯度、経度、想定収容人数、地区、対象となる町会・自治会、備考。--example で例を表示します。
shelter-import-residents = 住民の一覧: CSV（UTF-8 または Shift_JIS）
    .after-help =
        例: { $e1 }
        CSV に必要な列: 宛名番号、氏名、生年月日、住所。あってもよい列: 氏名カナ、代替文字氏名、性別、行政区、世帯番号、続柄、市民ID、支援措置。--example で例を表示します。
        ファイルは一覧の全体です。ファイルにない方は削除されます。1割を超える方が削除されるとき、または --good-rows で1人でも削除されるときは、--yes だけでは足りず、--removes N で人数を指定します。
shelter-import-support = 避難行動要支援者名簿: CSV（UTF-8 または Shift_JIS）
    .after-help =
        例: { $e1 }
        CSV に必要な列: 宛名番号。なければ氏名と生年月日。あってもよい列: 住所、行政区、区分、支援を要する理由、電話番号、支援者。--example で例を表示します。
        ファイルは名簿の全体です。ファイルにない方は名簿から外れます。
shelter-facilities = 開設できる施設の一覧を示します
    .of = この指定のものだけ: shelter（指定避難所）または site（指定緊急避難場所）
shelter-event = イベント（災害・訓練・学校開放など）: 開く、一覧、表示、終える
shelter-event-declare = イベントを開きます。災害には別の職員の承認が必要です（終了コード 3）
    .kind = 種別: disaster（災害）、drill（訓練）、open-school（学校開放）、lecture（講演会）、roll-call（点呼）
    .title = 名称
    .title_en = 名称（英語）［省略時: 日本語の名称］
    .municipality = 市区町村コード（6桁）
    .began = 始まった時刻。YYYY-MM-DDTHH:MM:SSZ［省略時: 今］
    .card = カードの受付: pin（暗証番号あり）または without-pin（暗証番号なし）
    .min_group = 公表の最少人数。これより少ない人数の内訳は公表しません
shelter-event-list = イベントの一覧を示します
shelter-event-show = イベントを、避難所・端末・人数とともに示します
shelter-event-close = イベントを終えることを申請します。元に戻せません。別の職員が決定します（終了コード 3）
    .preview = 残っているものを示すだけで、申請しません
    .anyway = まだ残っているものがあっても終えます。理由を尋ねます
    .after-help =
        例:
          { $e1 }
          { $e2 }
          { $e3 }
        残っているもの（在所の方、閉鎖していない避難所、番号が抜けた・途絶えた・複製された端末、保留、解消していない食い違い）を示します。その場合は --anyway と理由が必要で、別の職員にも同じものと理由が示されます。
        終えた後に届いたもの（持ち出していた端末、終える前の紙の受付票）は保留になり、職員二人で取り込みます: tachiai shelter aside
shelter-open = イベントで避難所を開設します
    .shelter = 施設（tachiai shelter facilities）、または新しい場所の名前
    .name = 名称（登録された施設でないとき）
    .name_en = 名称（英語）
    .address = 住所（登録された施設でないとき）
    .district = 地区
    .capacity = 収容可能人数
    .pets = ペット: inside（屋内）、apart（別の場所）、no（不可）、unknown（不明）
    .features = 設備。step-free、accessible-toilet、power、kitchen など。何度でも指定できます
    .rooms = 部屋。NAME、NAME:CAPACITY、または NAME:CAPACITY:FOR-WHOM（名前・人数・だれのため）。何度でも指定できます
    .after-help =
        例:
          { $e1 }
          { $e2 }   # 後で部屋を変えるときも同じ
          { $e3 }
shelter-state = 避難所が開設・混雑・満員・閉鎖のどれかを知らせます
    .state = open（開設）、crowded（混雑）、full（満員）、closed（閉鎖）
shelter-terminal = 受付の端末: 登録、失効、一覧
shelter-terminal-admit = 端末を登録します。鍵は、その端末で作られています。端末の前にいる方と指紋を照合してから行います
    .file = 端末が書き出した申請（JSON）
    .asking = 回線を通じて申請した端末の名前
    .fingerprint = 端末の指紋。端末の前にいる方が読み上げたもの［省略時: 入力を求めます］
    .preview = ファイルで登録を申請している端末と、照合する指紋を示すだけで、登録しません
    .after-help =
        例:
          { $e1 } # 回線を通じて申請した端末。指紋の入力を求めます
          { $e2 }
          { $e3 }     # 端末が書き出したファイル
          { $e4 }
shelter-terminal-setup-file = 回線のない端末を設定するファイルを書き出します。イベントと避難所が入っています
    .out = 書き出す先: ファイルまたはフォルダー
    .after-help = 例: { $e1 }
shelter-terminal-revoke = 紛失・盗難・複製された端末を失効させます
    .terminal = 端末の名前
shelter-terminal-list = 端末の一覧を示します
shelter-warnings = 市のデータ連携基盤が伝える防災情報（警報・注意報など）を示します
    .fetch = データ連携基盤に今すぐ問い合わせます（災害対策本部）
    .after-help =
        例:
          { $e1 }
          { $e2 }
        ほかの機関が公開する、参考のための情報です。避難指示は人が判断し、この情報だけで始まることは何もありません。装置は数分ごとに問い合わせます。--fetch で問い合わせができないときは終了コード 4 で、それまでの情報はそのまま残ります。
shelter-person = 避難者: 検索、表示、食い違いの解消
shelter-person-search = 氏名の初めで探します。支援措置の対象の方は見つかりません
    .shelter = この避難所の方だけ
    .limit = 示す人数の上限
    .after-help =
        例:
          { $e1 }
          { $e2 }
        氏名は、ひらがな・カタカナ・ローマ字・書かれたとおりのどれでも構いません。
shelter-person-show = 一人のすべての登録を示します
shelter-person-conflicts = 登録が食い違っている方の一覧を示します
shelter-person-settle = 食い違いを解消します。一つの登録を正しいものとし、ほかの登録のほうが正しい項目はそれを使います。どの登録も履歴に残り、どれかに支援措置があれば続きます
    .keep = 正しい登録。ハッシュ値、またはその初め
    .fields = 違っている項目と、それが正しい登録（FIELD=ENTRY）。何度でも指定できます。支援措置は protection=open だけ
    .after-help =
        理由を尋ねるか、--who-fd から reason= を読みます。理由は登録に残ります。取り消し方は、実行した後に示します。
        例:
          { $e1 }                  # どちらも person show が示すもの
          { $e2 }
          { $e3 }
          { $e4 }         # 支援措置がないことを確かめたうえで、外します
shelter-person-unsettle = 解消した食い違いを元に戻します。解消の前に数えていた登録がまた数えられ、どちらも履歴に残ります。その方にその後の登録があれば、戻しません
    .settled = 食い違いを解消した登録。ハッシュ値、またはその初め
    .back = 解消の前に数えていた登録。ハッシュ値、またはその初め
    .after-help = 例: { $e1 }          # settle が示すもの
shelter-person-erase = 退所した方の消去を申請します。その方の登録の内容は二度と開けなくなり、人数と証明はそのまま残ります（終了コード 3）
    .ground = 事由: request（本人の申出）、retention（保存期間の終了）、mistake（誤った登録）
    .after-help =
        例: { $e1 }
        在所の方は、先に退所している必要があります。その方についての保留も、先に決めてください。端末には、フォルダーを片付けるまで登録が残ります。
shelter-duplicates = 識別子は違うが同じ方かもしれない組を示します
shelter-link = 二つの識別子が同じ方のものか、別の方のものかの決定を申請します。別の職員が決定します
    .handle = 今後も使う識別子、またはその初めの数文字
    .other = もう一つの識別子
    .same = 同じ方です
    .apart = 同じ方と思われたが、別の方です
shelter-safety = 家族などからの安否照会に答えます
    .after-help =
        例: { $e1 }    # 行: name=西村花子、birth=1950-04-01、asker=西村一郎、子、豊岡市
        氏名と、生年月日または住所が合っている必要があります。そのような方がいないとき、本人が公開を望まないとき、支援措置の対象のときは、どれも同じ答えになります。
shelter-overview = 今の人数と、それまでの人数を時刻別に示します
    .shelter = この避難所だけ
    .every = 区切りの分数
    .after-help =
        例:
          { $e1 }
          { $e2 }
        変化のあった区切りごとに1行: 登録された人数、避難所が数えた人数（概数）、多いほうの棒。
shelter-missing = 避難行動要支援者名簿のうち、まだ来ていない方を地区別に示します
    .district = この地区だけ
shelter-triage = トリアージの区分のある方を、重い順に示します
    .after-help =
        例: { $e1 }
        名簿の区分と、同じ市民が自宅で記入した問診票の区分のうち、重いほうを示します。見たことは記録されます。
shelter-meals = 避難所ごとの食数を、アレルギー別に示します
shelter-reports = 避難所が自らについて報告したものを示します
    .shelter = この避難所だけ
shelter-report = 端末のない避難所の報告を書きます
shelter-report-headcount = 今いる人数（氏名の分からない方も含む）
    .persons = 人数
    .about = およその数（概数）です
    .at = その時刻（日本時間）［省略時: 今］
    .after-help =
        例:
          { $e1 }
          { $e2 }   # 紙に書かれているとおりに。2026-09-02T06:00 の形でも構いません
shelter-report-supply = 避難所にある、または足りない物資
    .item = 物資
    .unit = 数える単位
    .stock = 今ある数
    .needed = さらに必要な数
shelter-report-assessment = 避難所アセスメント: 九つの項目を A（良い）から D（すぐに支援が要る）で
    .grades = 項目と評価
    .after-help =
        例: { $e1 }
        項目: drinking-water 飲料水、meals 食事、power 電気、water 生活用水、toilets 使用可能トイレ、hygiene 衛生環境、bedding 寝具、temperature 冷暖房、communication 通信。
shelter-report-handover = 次の勤務への申し送り。尋ねるか、ファイル記述子から読み、封印して残します
shelter-report-health = 一日の診療の件数を、医療チームの様式（J-SPEED）のコードで。尋ねるか、ファイル記述子から読み、封印して残します
    .day = 日（日本時間）
shelter-hand-in = 端末が媒体に書き出した登録を渡します
    .files = ファイル
shelter-aside = 渡された登録のうち、保留になったもの: 一覧、表示、取込み、取りやめ
    .file = 渡された登録。ハッシュ値、またはその初め
    .entries = この登録だけ（一覧の番号で）。何度でも指定できます［省略時: まだ決めていないものすべて］
    .yes = 確認を求めません。何についてのものかは、それでも表示します
shelter-aside-list = 保留になったものと、その理由を示します
shelter-aside-show = 一つを開き、登録の内容と、その後どうなったかを示します。見たことは記録されます
    .after-help = 例: { $e1 }   # aside list が示すハッシュ値の初め
shelter-aside-take = その登録を、装置が自らの登録として書き直すことを申請します。別の職員が決定します（終了コード 3）
    .after-help =
        例:
          { $e1 }                                  # 取り込めるものすべて。理由を尋ねます
          { $e2 }
shelter-aside-drop = その登録を保留のまま取り込まないことを、理由を付けて申請します。別の職員が決定します（終了コード 3）
shelter-papers = 白紙の受付票と、避難所の一覧を作ります
    .out = 入れるフォルダー。なければ作ります
    .text = 言語: ja または en［省略時: ja］
    .after-help =
        例: { $e1 }
        ファイル: reception-form-SHELTER.pdf 避難者受付票、shelter-list.pdf 避難所一覧。同じ名前のファイルは上書きしません。
shelter-list = 避難所の在所者の一覧を示します
    .pdf = PDF で作ります。同じ名前のファイルは上書きしません
    .text = 言語: ja または en［省略時: ja］
shelter-questionnaire = 問診票: 定める、その方のものを見る、名簿に結び付ける
shelter-questionnaire-define = 問診票、またはその新しい版を定めます
    .file = 問診票の定義（TOML）
shelter-questionnaire-show = 名簿の方が受付や自宅で最後に記入したものを示します。示したことは記録されます
shelter-questionnaire-fill = 名簿の方の問診票に記入します。尋ねるか、標準入力の JSON から読みます
    .questionnaire = 問診票
shelter-questionnaire-link = 記入された問診票と、その緊急度を、名簿に結び付けます

# Sharing

agency = 連携機関（消防、医療機関、福祉、県）: 登録、提供許可、取下げ、受取り
    .grant = 提供許可
agency-set = 機関を登録します。同じ名前の機関があれば、置き換わります
    .agency = 職員名簿にある機関の名前
    .kind = 種類: fire（消防）、medical（医療機関）、welfare（福祉）、prefecture（県）
    .recipient = すべての暗号化の宛先とする age の公開鍵
    .contact = 連絡先
    .after-help =
        例: { $e1 }
        機関の証明書は、装置で作ります: tachiaid staff add fire --role agency
agency-list = 機関の一覧を示します
agency-grant = 機関への提供許可を申請します（終了コード 3: 別の職員が承認します）
    .grant = 提供許可の名前
    .agency = 機関
    .purpose = 目的（一つ）
    .basis = 法的根拠
    .event = イベント［省略時: すべて］
    .shelter = そのイベントの避難所。複数は繰り返します［省略時: すべて］
    .need = 求めてよい配慮の区分。複数は繰り返します
    .everybody = 全員を求めてよいことにします
    .persons = 個人を求めてよいことにします
    .field = 渡してよい項目。複数は繰り返します
    .format = 証明のほかに渡してよい様式: fhir（消防・医療機関へ）または csv。複数は繰り返します［省略時: 証明だけ］
    .from = いつから［省略時: 今］
    .until = いつまで
    .after-help =
        例:
          { $e1 }
        法的根拠: consent（個人情報保護法69条2項1号）、action-support（災害対策基本法49条の11第3項）、affected-ledger（90条の4）、vital-emergency（69条2項4号）
agency-grants = 提供許可の一覧を示します。機関には自らのものだけを示します
agency-withdraw = 提供許可を取り下げます。以後、それによっては何も提供されません
agency-disclosures = 提供の記録の一覧を示します。機関には自らのものだけを示します
agency-fetch = 機関宛てに暗号化された、提供のファイルを受け取ります
    .request = 提供（申請の ID）
    .out = 書き出すファイル
agency-pull = 提供許可にある今の方を、FHIR のファイルで受け取ります（機関が自らの証明書で）。提供として記録されます
    .need = この配慮のある方すべて［省略時: 全員］
    .person = この方（識別子）
    .event = イベント［省略時: 提供許可のもの、または開いているただ一つのもの］
    .out = 書き出すファイル
    .after-help =
        例: { $e1 }
        機関の証明書があれば、ほかのプログラムでも同じものを受け取れます:
          { $e2 }
disclose = 提供許可の範囲で、名簿の方を機関に提供します。ファイルは機関宛てに暗号化されます
    .grant = 提供許可
    .purpose = 目的［省略時: 提供許可の目的］
    .need = この配慮のある方すべて。ほかに該当する方がいないことを、ファイルが証明します
    .everybody = 数に入る方全員
    .person = この方（識別子）。複数は繰り返します
    .shelter = この避難所だけ。複数は繰り返します
    .field = この項目だけ。複数は繰り返します［省略時: 提供許可にあるすべて］
    .format = 証明のほかに、この様式でも: fhir または csv（提供許可にあるとき）
    .request = やり直す申請の ID
    .preview = 渡る内容を、全員の全項目で示すだけにします。見たことは記録されます
    .seen = 示された内容と違うものが渡るなら、何も提供しません
    .out = 書き出すファイル
    .after-help =
        例:
          { $e1 }
          { $e2 }
          { $e3 }
        機関は age で開き、検証します: age --decrypt -i key.txt -o fire.disclosure fire.age; tachiai-verify disclosure --people fire.disclosure
        --format を指定すると、二つのファイルの書庫になります: age --decrypt -i key.txt fire.age | tar x。people.disclosure が証明で、people.fhir.json または people.csv は同じ方の内容です。
        機関も、自らのプロファイルで同じコマンドを使えます。途中で切れたコマンドは --request でやり直すと、同じファイルを受け取ります。
access = だれが名簿の何を受け取ったか: 本人の開示記録、同意、緊急閲覧
    .kind = 機関の種類: fire（消防）、medical（医療機関）、welfare（福祉）、prefecture（県）。複数は繰り返します
    .handle = その方の識別子
access-list = あなたについてだれが何を受け取り、何を見たかを、カードでのログインの後に示し、漏れがないことを確かめます
    .since = 前に残した一覧。記録はその続きでなければなりません
    .keep = 一覧を、この新しいファイルに残します
    .after-help =
        例:
          { $e1 }
          { $e2 }
        装置は、人が仮名になった記録の全体を渡します。その中からあなたのものを、このプログラムが見つけます。--since を指定すると、抜き取られたものがないことも確かめます。
access-own = あなたについて名簿にあることを、カードでのログインの後にファイルに書き出します。開示記録も付きます。tachiai-verify own で検証できます
    .out = 書き出すフォルダー。すでにあるものには書き込みません
    .after-help =
        例: { $e1 }
        一つのファイルが一つの登録です: tachiai-verify own my-entries/EVENT-1.json --expect FINGERPRINT。access.json は、access list --keep が残すものと同じ一覧です。
access-consent = どの種類の機関への提供に同意するかを、カードでのログインの後に伝えます。すぐに有効になります
    .withdraw = どれにも同意しません
access-desk-consent = 窓口で本人が同意したことを記録します
    .withdraw = どれにも同意しません
access-alert = 緊急時に問診票を見ることを求めます。災害対策本部にすぐ知らされます（連携機関）
    .citizen = その方の市民IDのコード
    .after-help =
        例: { $e1 }
        理由を尋ねるか、--who-fd から because=… を読みます。
access-read = 緊急閲覧を求めてから15分以内に読みます（求めた機関）
    .alert = 緊急閲覧
access-alerts = 緊急閲覧の一覧を示します。どなたかは識別子で示し、shelter person show で見られます（災害対策本部）
access-steps = 保管されているあなたの歩数を、カードでのログインの後に示します。市のデータ連携基盤から受け取ることへの同意と、その取りやめも
    .consent = 今日から、データ連携基盤から受け取ることに同意します
    .withdraw = 取りやめます。保管されているものは消されます
    .after-help =
        例:
          { $e1 }
          { $e2 }
          { $e3 }
        --withdraw で、保管されているものは消されます。データ連携基盤は、健康アプリに伝えられる仮名であなたを区別します。
access-fetch-steps = 同意した全員の歩数を、今すぐ市のデータ連携基盤に問い合わせます。何もしなくても1時間ごとに問い合わせます（災害対策本部）
access-of = ある市民について、だれが何を受け取り、何を見たかを新しい順に示します。見たことは記録されます（災害対策本部・選挙管理委員会）
    .code = 市民IDのコード
    .before = この番号より前のもの（前のページに出た番号）
    .after-help =
        例: { $e1 }
        災害対策本部にはすべてを示します。選挙管理委員会には、イベントの外で職場が照会したものだけを示し、機関のものは示しません。

citizen = 市民ID（養父市民ID）: 発行、表示、カードの印刷、紛失したコードの再発行
    .code = 市民IDのコード
citizen-issue = 市民IDを発行します。カードの有無は問いません。すでにある方はそのまま使い、後で登録するカードも同じIDに結び付きます
    .after-help =
        例:
          { $e1 }                       # 氏名・生年月日・性別・住所を、住民票のとおりに尋ねます
          { $e2 }    # 行: name=西村　花子、birth=1950-04-01、sex=2、address=兵庫県養父市…
citizen-show = だれのコードかを、登録されたカードと紛失したコードとともに示します。見たことは記録されます
citizen-card = コードを、QRコード付きのカードとして印刷します（PDF/A）。--named を指定しなければ、氏名は載りません
    .pdf = ファイル。すでにあるものは上書きしません
    .named = 氏名を載せます
    .text = カードの言語: ja または en［省略時: ja］
citizen-lost = コードの紛失を記録します。すぐに使えなくなり、新しいコードに替わります。市民IDは同じままです
    .code = 紛失したコード
citizen-link = 二つの市民IDが同じ方のものか、別の方のものかの決定を申請します。一つ目が続き、もう一つはその別名になります（終了コード 3: 別の職員が承認します）
    .citizen = 続ける市民IDのコード
    .other = もう一つの市民IDのコード
    .same = 同じ方のものです
    .apart = やはり別の方のものです
    .after-help =
        例: { $e1 }
        元に戻すときも同じで、--apart を指定します。カード・コード・登録は、作られたときの市民IDのままです。
citizen-erase = その方の消去を申請します。分かっていることは二度と開けなくなり、証明と人数はそのまま残ります（終了コード 3: 別の職員が承認します）
    .code = その方のコード
    .ground = 事由: request（本人の申出）、retention（保存期間の終了）、mistake（誤り）
    .after-help =
        例: { $e1 }
        カードとコードは使えなくなります。イベントに残る内容は、そちらで消去します: tachiai shelter person erase
citizen-pseudonym = あるサービスがその方を区別する仮名を示します。サービスごとに違い、一つから別のものは分かりません
    .service = サービス（英小文字・数字・ハイフン）

roster = 名簿: 証明付きの集計と、本人が持ち帰る控え
    .out = ファイル。すでにあるものは上書きしません
roster-statement = 今の人数を、氏名を出さずに証明付きで集計します。または、前に作った集計を受け取ります
    .number = 作らずに、この号の集計を受け取ります
    .after-help =
        例:
          { $e1 }
          { $e2 }
          { $e3 }
        少ない人数と、ほかから分かってしまう人数は出しません。前の集計から変わった人数が少なすぎるときは作らず、前のものがそのまま有効です。
        このファイルだけで検証できます。名簿のすべての登録が氏名なしで入っているので、見た人には、いつどこに何人が出入りしたかが分かります。
roster-statements = 作られた集計の一覧を示します
roster-check = 作られた集計を、監査と同じように検証します
    .number = 集計の号（tachiai roster statements で分かります）
    .after-help =
        例: { $e1 }
        tachiai-verify roster と同じ検証をします。市の機械を信用せずに確かめるには、roster statement --number 2 --out FILE で受け取り、ほかの機械で検証します。
roster-own = 一人の最新の登録を、本人が持ち帰って確かめられるファイルに書き出します
    .handle = その方の識別子（tachiai shelter person search で分かります）
    .after-help =
        例: { $e1 }
        本人は tachiai-verify own my-entry.json で検証できます。持ち帰ったことは記録されます。

receipt = 受領証
receipt-check = 投票が数えられるかを尋ね、掲示板が今も受領証の続きであることを確かめます
    .receipt = 受領証のファイル
    .manifest = 公告の指紋。指定しなければ、選挙の内容はサーバーを信じることになります
    .evidence = 受領証と掲示板が、一つの鍵による二つの掲示板だったときに、証拠を書き出すファイル

completions = シェルの補完
    .shell = シェル
man = マニュアル
    .folder = 書き出すフォルダー（あらかじめ必要です）
