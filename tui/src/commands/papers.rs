//! Papers of a record: 開票録, 開票速報, 投票速報 as PDF/A, from what the verifier computes anew.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tachiai_crypto::election::context::Fingerprint;
use tachiai_schemas::Lang;

/// Prints the papers of a published record.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Papers {
    /// The record: a folder or one file (record.tar)
    pub record: PathBuf,
    /// The folder for the papers; it is made, and no paper in it is overwritten
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The fingerprint of the public notice; without it every page says that the board was not compared with the notice
    #[arg(long, value_name = "FINGERPRINT")]
    pub expect: Option<Fingerprint>,
    /// Which papers [default: all]
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Vec<Kind>,
    /// Language of the papers: ja or en [default: ja]
    #[arg(long, value_name = "ja|en", default_value = "ja", hide_default_value = true)]
    pub text: Lang,
    /// Who issues them, such as 養父市選挙管理委員会
    #[arg(long, value_name = "NAME")]
    pub issuer: Option<String>,
    /// Where the count was held (開票の場所) [default: a line to write on]
    #[arg(long, value_name = "PLACE")]
    pub place: Option<String>,
    /// The manager of the count (開票管理者) [default: a line to write on]
    #[arg(long, value_name = "NAME")]
    pub manager: Option<String>,
}

/// A paper that a record gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// 開票録: the count record, to be signed
    CountRecord,
    /// 開票速報（確定）: the quick report
    QuickReport,
    /// 投票速報（確定）: the turnout
    TurnoutReport,
}

const EXAMPLES: &str = "\
Examples:
  tachiai election papers record/ --out papers/ --expect FINGERPRINT
  tachiai election papers record.tar --out papers/ --kind count-record --manager 朝倉花子 --place 養父市役所";

/// A program without a typesetter.
#[cfg(not(feature = "pdf"))]
mod without {
    use super::Papers;
    use crate::cli::Global;
    use crate::failure::{Exit, Failure};

    impl Papers {
        /// Says that this program cannot print.
        ///
        /// # Errors
        /// [`Failure`], always.
        pub fn run(&self, _global: &Global) -> Result<Exit, Failure> {
            Err(Failure::new(
                Exit::Usage,
                "この tachiai は帳票の印刷なしで作られています。cargo build --release -p tachiai --features pdf で作り直してください。",
                "this tachiai was built without papers. Build it again: cargo build --release -p tachiai --features pdf",
            ))
        }
    }
}

#[cfg(feature = "pdf")]
mod printing {
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::path::{Path, PathBuf};

    use tachiai_schemas::election::Text;
    use tachiai_schemas::{Lang, Say};

    use super::{Kind, Papers};
    use crate::cli::Global;
    use crate::commands::election::progress;
    use crate::failure::{Exit, Failure};
    use crate::papers::fonts::Fonts;
    use crate::papers::press::Press;
    use crate::papers::record::{Added, Counted};
    use crate::papers::{Paper, PaperError};

    impl From<PaperError> for Failure {
        fn from(error: PaperError) -> Self {
            Self::incomplete(error.say(Lang::Ja), error.say(Lang::En))
        }
    }

    impl Papers {
        /// Verifies the record and prints its papers.
        ///
        /// # Errors
        /// [`Failure`]: the record does not hold, the fonts are missing, a paper is there already.
        pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
            let Self { record, out, expect, kind, text, issuer, place, manager } = self;
            let kinds = if kind.is_empty() { vec![Kind::CountRecord, Kind::QuickReport, Kind::TurnoutReport] } else { kind.clone() };
            // What can be wrong with the machine is said before the record is read, which may take an hour.
            let press = Press::new(Fonts::of_the_system().map_err(PaperError::from)?);
            fs::create_dir_all(out).map_err(|e| Failure::file(out, &e))?;
            for kind in &kinds {
                free(&kind.path(out))?;
            }
            let both = |text: &Option<String>| text.as_ref().map(|text| Text { ja: text.clone(), en: text.clone() });
            let added = Added { issuer: both(issuer), place: both(place), manager: manager.clone() };
            let bar = progress(0);
            let counted = Counted::verify(record, *expect, added, &|done, all| {
                bar.set_length(all);
                bar.set_position(done);
            });
            bar.finish_and_clear();
            let counted = counted?;
            let mut files = Vec::new();
            for kind in kinds {
                let paper = kind.paper(&counted)?;
                files.push((kind.path(out), paper.name(*text), press.print(&paper, *text)?));
            }
            for (path, _, bytes) in &files {
                write(path, bytes)?;
            }
            let verdict = counted.verdict();
            if global.json {
                let files: Vec<&PathBuf> = files.iter().map(|(path, _, _)| path).collect();
                outln!("{}", serde_json::json!({ "files": files, "root": verdict.board.root.hash().to_string(), "trust": verdict.trust }));
            } else {
                for (path, name, _) in &files {
                    outln!("{name}: {}", path.display());
                }
                if expect.is_none() {
                    outln!(
                        "{}",
                        global.pick(
                            "注意: --expect がないため、公告の指紋とは照合していません。各ページにもそう印刷しました。",
                            "careful: without --expect the board was not compared with the public notice, and every page says so."
                        )
                    );
                }
            }
            Ok(Exit::Done)
        }
    }

    impl Kind {
        fn path(self, out: &Path) -> PathBuf {
            out.join(match self {
                Self::CountRecord => "count-record.pdf",
                Self::QuickReport => "quick-report.pdf",
                Self::TurnoutReport => "turnout-report.pdf",
            })
        }

        fn paper(self, counted: &Counted) -> Result<Paper, Failure> {
            Ok(match self {
                Self::CountRecord => Paper::CountRecord(counted.count_record()?),
                Self::QuickReport => Paper::QuickReport(counted.quick_report()?),
                Self::TurnoutReport => Paper::Turnout(counted.turnout()?),
            })
        }
    }

    /// A paper that was perhaps signed is never overwritten.
    fn free(path: &Path) -> Result<(), Failure> {
        if !path.exists() {
            return Ok(());
        }
        Err(Failure::incomplete(
            format!("{} はすでにあります。別のフォルダーを指定するか、移動してください。", path.display()),
            format!("{} is there already. Name another folder or move it away.", path.display()),
        ))
    }

    fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all())).map_err(|e| Failure::file(path, &e))
    }
}
