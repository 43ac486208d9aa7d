# What `tachiai-witness --help` says in Japanese: a message is a command, an attribute one of its arguments, as in the file of `tachiai`.

tachiai-witness = 証人 — 掲示板などの透明性ログが、前に見たものの続きであることを確かめて連署します。ほかには何もしません
    .after-help =
        例:
          { $e1 }
              鍵を作り、選挙管理委員会の SPEC.toml に載せるために表示します。
          { $e2 }
              監視する選挙の掲示板を登録します。
          { $e3 }
              登録したすべての掲示板の監視を続け、連署を渡します。
          { $e4 }
              tachiai election carry の媒体で、同じことを行います。
          { $e5 }
              求めに応じて連署します（C2SP tlog-witness）。
          { $e6 }
              掲示板の状態をそのような証人に届け、連署を装置へ渡します。

        状態のフォルダーを古い写しに戻してはいけません。失われたときは、その鍵の使用をやめます。

        終了コード: 0 完了、1 拒否・分岐、2 読取不能・ディスクの異常、4 接続できない、64 使い方の誤り
    .lang = 表示の言語: ja または en［省略時: ロケールの言語］
    .json = 1行に一つの JSON で出力します
    .state = 鍵と控えのフォルダー。古い写しに戻してはいけません
    .election = 選挙
init = 鍵を作ります（一度だけ）
    .name = 鍵の名前。https:// を除いたホスト名とパス。例えば kansa.example.jp/tachiai
key = SPEC.toml や検証の方針に書く公開鍵（name+id+base64）を表示します
watch = 掲示板やほかのログを登録し、以後連署します
    .board = 装置。https://ホスト:ポート
    .ca = 装置の認証局の証明書（PEM）［省略時: この機械の認証局］
    .stick = または、それまでの記録が入った媒体
    .log = または、任意の C2SP ログの鍵（origin+id+base64）。serve で使います
    .expect = 公告の指紋。指定しなければ、最初に見たものを信じることになります
follow = 登録した掲示板の監視を続け、連署を渡します
    .once = 一度だけ調べて終わります
    .interval = 調べる間隔の秒数
stick = 媒体に入った、それまでの記録に連署します
    .medium = 媒体のフォルダー。tachiai election carry が作ったもの
serve = 登録したログの状態を持ってきた人に答えます（C2SP tlog-witness）
    .listen = アドレスとポート
    .tls_cert = 証明書チェーン（PEM）。指定しなければ、前に置くプロキシのために HTTP を話します
    .tls_key = その証明書の鍵（PEM）
feed = 掲示板の状態を、求めを待つ証人に届け、その連署を持ち帰ります
    .board = 装置。https://ホスト:ポート
    .ca = 信じる認証局の証明書（PEM）［省略時: この機械の認証局］
    .witness = 証人の受付の URL。何度でも指定できます
    .interval = この秒数の間隔で続けます
