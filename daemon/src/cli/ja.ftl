# What `tachiaid --help` says in Japanese: a message is a command, an attribute one of its arguments, as in the file of `tachiai`.

tachiaid = 立会の装置: TLS、役割、業務、保存、鍵を受け持つ常駐プログラム
    .after-help =
        例:
          { $e1 }
          { $e2 }
          { $e3 }
          { $e4 }

        終了コード: 0 完了、1 拒否・誤り、2 不完全・読取不能、4 接続できない、64 使い方の誤り
    .lang = 表示の言語［省略時: ロケールの言語］
    .json = 結果を JSON で出力します
    .config = 設定ファイル

init = 空のフォルダーに、新しい装置を作ります
    .more = 保管庫、マスター鍵、認証局、サーバー証明書、設定ファイルを作ります。
    .data = データのフォルダー。まだないか、空のもの
    .host = 利用者が装置に接続するときの名前やアドレス。最初のものが、装置の正式な名前になります
    .card_anchor = カードの認証局の証明書（DER または PEM）
    .card_text_anchor = 券面事項に署名する鍵を証明する鍵（窓口での登録のため）
    .card_crl = カードの失効リスト（DER または PEM）
    .crl = カードを受け付けるのに、新しい失効リストが要るか: required（要る）、not-required（要らない）
    .card_policy = 受け付けるカード: production（実際のカード）、test（試験用のカード）
    .master_key = 新しいマスター鍵の場所［省略時: データのフォルダーの master.key］
    .mirror = 公開の台帳をファイルとして置く場所［省略時: データのフォルダーの mirror］
    .listen_public = 公開用ポートのアドレス
    .listen_staff = 職員用ポートのアドレス
run = SIGTERM か SIGINT で止められるまで動きます。SIGHUP で、カードの失効リストと証明書を読み直します
check = すべての台帳を最後まで読み、索引と照らし合わせます。装置は止めておきます
rebuild = 索引を別の場所に移し、台帳から作り直します。装置は止めておきます
backed-up = バックアップを取ったことを記録します。どれだけ前かが、職員の最初の画面に出ます
    .after-help =
        例（バックアップの最後に）:
          { $e1 }
check-config = 設定ファイルの問題をすべて示します
staff = 職員用ポートを使える人。装置が動いていても、止まっていても使えます
    .after-help =
        例:
          { $e1 }
          { $e2 }
          { $e3 }

        役割: commission（選挙管理委員会）、poll（投票所）、reception（避難所受付）、headquarters（災害対策本部）、trustee（開票立会人）、auditor（監査）、agency（連携機関）
    .name = 名前
staff-add = クライアント証明書を発行し、その鍵を職員名簿に載せます
    .name = 名前。承認の画面と台帳に出ます
    .role = 役割: commission（選挙管理委員会）、poll（投票所）、reception（避難所受付）、headquarters（災害対策本部）、trustee（開票立会人）、auditor（監査）、agency（連携機関）
    .out = 証明書、鍵、認証局、profile.toml を入れるフォルダー。なければ作ります
    .server = 画面とコマンドが職員用ポートに接続する URL［省略時: https:// に、最初の名前と設定のポート］
staff-list = 職員名簿を示します
staff-revoke = 職員名簿から外します。その証明書は、以後使えません
