//! The list of who received or saw what of a resident.

use std::fmt::Write as _;
use std::path::Path;

use tachiai_schemas::lang::printable;
use tachiai_schemas::sharing::access::{Access, AccessList, By, OwnAccess};
use tachiai_schemas::sharing::words::field_name;
use tachiai_schemas::{Lang, Say};
use tachiai_verify::Failure;
use tachiai_verify::access::{AccessVerdict, verify};

use super::report::{Report, json};
use super::{Outcome, read_to};

/// The longest list that is read, in bytes: some 2,000,000 leaves.
const MAX_LIST: u64 = 1 << 30;

/// Checks a list, and that it goes on from an earlier one.
pub(super) fn list(path: &Path, since: Option<&Path>, report: Report) -> Result<Outcome, Failure> {
    let kept = |path: &Path| read_to::<AccessList>(MAX_LIST, path, "a list of accesses");
    let verdict = verify(&kept(path)?, since.map(kept).transpose()?.as_ref())?;
    Ok(Outcome { text: if report.json { json(&verdict) } else { report.access(&verdict) }, code: 0 })
}

impl Report {
    fn access(self, AccessVerdict { verdict: _, origin, key, leaves, since, own }: &AccessVerdict) -> String {
        let mut out = match self.lang {
            Lang::Ja => format!("{origin} の開示記録、全 {leaves} 件、うち本人についてのもの {} 件\n  署名の鍵 {key}\n", own.len()),
            Lang::En => format!("the access log {origin}: {leaves} leaves, {} of them about the holder of the list\n  signed by the key {key}\n", own.len()),
        };
        for OwnAccess { leaf, at, access, salt: _ } in own {
            let _ = writeln!(out, "  {}  {} ({} {leaf})", at.in_japan(self.lang), self.one(access), self.lang.pick("葉", "leaf"));
        }
        if let Some(since) = since {
            out += &match self.lang {
                Lang::Ja => format!("  前の一覧の {since} 件は、そのまま残っています\n"),
                Lang::En => format!("  the {since} leaves of the earlier list stand in it as they were\n"),
            };
        }
        out += self.lang.pick(
            "判定: 正しい一覧です。本人についての葉に漏れはなく、内容は記録されたとおりです。\n\
             分からないこと: 記録されずに渡されたものがないか、一覧にある秘密のほかに本人のものがないか。",
            "Verdict: holds. Nothing about the holder is left out of the list, and all of it is as it was recorded.\n\
             Not shown: that everything was recorded, and that the holder has no other secret than those in the list.",
        );
        out
    }

    /// Who, how, and which fields.
    fn one(self, Access { how, by, event: _, fields }: &Access) -> String {
        let (l, how) = (self.lang, how.say(self.lang));
        let who = match by {
            By::Agency { agency, kind, purpose, basis } => {
                format!("{agency} ({}): {how}, {}, {}", kind.say(l), printable(purpose), basis.say(l))
            }
            By::Office { role } => format!("{}: {how}", role.say(l)),
            By::Platform {} => how,
        };
        let fields = fields.iter().map(|field| field_name(l, field)).collect::<Vec<_>>().join(l.pick("、", ", "));
        if fields.is_empty() { who } else { format!("{who} [{fields}]") }
    }
}
