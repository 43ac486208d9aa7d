//! The page that a browser shows on the card port: whose card it sees, a session for its holder, or why there is none.
//!
//! It holds no script and no style, and every text in it is ours or escaped.

use tachiai_schemas::identity::Session;
use tachiai_schemas::{Lang, Say};

use crate::http::Refused;

/// The card is good, and its holder may begin a session.
#[must_use]
pub fn welcome(lang: Lang) -> String {
    let body = match lang {
        Lang::Ja => {
            "<p>マイナンバーカードを確認しました。</p>\
             <form method=\"post\" action=\"/\"><button type=\"submit\">ログインする</button></form>\
             <p>ログインしただけでは投票できません。投票には、投票用の鍵の登録にカードで署名する必要があります。</p>"
        }
        Lang::En => {
            "<p>Your My Number Card was recognised.</p>\
             <form method=\"post\" action=\"/\"><button type=\"submit\">Log in</button></form>\
             <p>Logging in does not let anybody vote: for that, the card signs the registration of a voting key.</p>"
        }
    };
    page(lang, lang.pick("カードでログイン", "Log in with the card"), body)
}

/// A session has begun.
#[must_use]
pub fn session(lang: Lang, session: &Session) -> String {
    let Session { token, citizen, expires } = session;
    let body = match lang {
        Lang::Ja => format!(
            "<p>ログインしました。</p>\
             <dl><dt>市民ID</dt><dd>{citizen}</dd><dt>有効期限</dt><dd><time>{expires}</time>（15分間使わないと早く終わります）</dd></dl>\
             <p>ログインしただけでは投票できません。投票には、投票用の鍵の登録にカードで署名する必要があります。</p>\
             <p>終わったらブラウザを閉じ、カードをリーダーから離してください。ブラウザを閉じるまで、カードの証明書は選ばれたままです。</p>\
             <details><summary>プログラム用のトークン</summary><p>ほかの人に見せないでください。</p><p><code>{token}</code></p></details>"
        ),
        Lang::En => format!(
            "<p>You are logged in.</p>\
             <dl><dt>Citizen ID</dt><dd>{citizen}</dd><dt>Until</dt><dd><time>{expires}</time> (earlier after 15 minutes without use)</dd></dl>\
             <p>Logging in does not let anybody vote: for that, the card signs the registration of a voting key.</p>\
             <p>When you are done, close the browser and take the card off the reader. Until it is closed, the browser keeps using the certificate.</p>\
             <details><summary>Token for programs</summary><p>Show it to nobody.</p><p><code>{token}</code></p></details>"
        ),
    };
    page(lang, lang.pick("ログインしました", "Logged in"), &body)
}

/// Why there is no session.
#[must_use]
pub fn refused(lang: Lang, refused: &Refused) -> String {
    let detail = refused.detail.as_ref().map(|detail| format!("<p><small>{}</small></p>", escaped(detail))).unwrap_or_default();
    let body = format!("<p>{}</p>{detail}<p><small>{}</small></p>", escaped(&refused.refusal.say(lang)), refused.refusal.code());
    page(lang, lang.pick("ログインできません", "You cannot log in"), &body)
}

fn page(lang: Lang, title: &str, body: &str) -> String {
    let (code, name) = (lang.pick("ja", "en"), lang.pick("立会", "Tachiai"));
    format!(
        "<!doctype html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} – {name}</title></head>\n<body><main><h1>{title}</h1>\n{body}\n</main></body></html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Refusal;

    use super::*;

    #[test]
    fn what_a_certificate_says_does_not_become_part_of_the_page() {
        let page = refused(Lang::En, &Refused::about(Refusal::CardCertificate, "no trusted authority issued this: <script>alert('&')</script>"));
        assert!(page.contains("&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;") && !page.contains("<script"), "{page}");
    }
}
