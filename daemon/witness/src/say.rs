//! What the program says: lines for people, or one JSON object a line for programs.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use tachiai_crypto::journal::Origin;
use tachiai_schemas::{Lang, Say};

use crate::failure::Failure;

/// In which language, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    /// The language for people.
    pub lang: Lang,
    /// One JSON object a line instead.
    pub json: bool,
}

impl Voice {
    /// Says something that was done.
    pub fn say(&self, value: &Value, ja: impl AsRef<str>, en: impl AsRef<str>) {
        // Where nobody reads it any more, that is no reason to fail: the act was done.
        let mut out = std::io::stdout().lock();
        let _ = if self.json { writeln!(out, "{value}") } else { writeln!(out, "{}", self.lang.pick(ja.as_ref(), en.as_ref())) };
        let _ = out.flush();
    }

    /// Says what does not end the program but should be looked at.
    pub fn trouble(&self, failure: &Failure) {
        let said = failure.say(self.lang);
        if self.json {
            self.say(&json!({ "event": "trouble", "detail": said, "exit": failure.exit as u8 }), "", "");
        } else {
            let _ = writeln!(std::io::stderr().lock(), "{}: {said}", self.lang.pick("注意", "trouble"));
        }
    }

    pub(crate) fn cosigned(&self, origin: &Origin, size: u64) {
        let value = json!({ "event": "cosigned", "origin": origin.as_str(), "size": size });
        self.say(&value, format!("連署: {origin} {size} 件"), format!("cosigned {origin} at {size}"));
    }

    pub(crate) fn fork(&self, origin: &Origin, path: &Path) {
        let value = json!({ "event": "fork", "origin": origin.as_str(), "evidence": path });
        self.say(
            &value,
            format!("分岐の証拠: {origin} の鍵は矛盾する二つの記録に署名しました。連署しません。{} を選挙管理委員会・監査人・報道機関に渡してください。", path.display()),
            format!(
                "EVIDENCE OF A FORK: the key of {origin} signed two boards that contradict each other. Nothing is cosigned. Give {} to the commission, an auditor and the press.",
                path.display()
            ),
        );
    }

    pub(crate) fn unproved(&self, origin: &Origin) {
        let value = json!({ "event": "refused", "origin": origin.as_str() });
        self.say(
            &value,
            format!("拒否: {origin} は、連署済みの記録の続きであることを示しません。連署しません。"),
            format!("refused: {origin} does not show that it extends what was cosigned. Nothing is cosigned."),
        );
    }

    /// A request whose proof shows nothing is no fault of the log, as far as can be told from it.
    pub(crate) fn unshown(&self, origin: &Origin, path: &Path) {
        let value = json!({ "event": "request-refused", "origin": origin.as_str(), "kept": path });
        self.say(
            &value,
            format!(
                "要求を拒否: {origin} への要求の証明は、続きであることも分岐も示しません。要求の誤りかもしれません。署名された記録は {} に残しました。",
                path.display()
            ),
            format!(
                "request refused: its proof shows neither that {origin} extends what was cosigned nor a fork, and may itself be at fault. The signed checkpoint is kept in {}.",
                path.display()
            ),
        );
    }

    pub(crate) fn listening(&self, address: SocketAddr, tls: bool) {
        let url = format!("{}://{address}", if tls { "https" } else { "http" });
        self.say(&json!({ "event": "listening", "url": url }), format!("待ち受け: {url}"), format!("listening at {url}"));
    }
}
