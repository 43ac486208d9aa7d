//! Papers of a record: 開票録, 開票速報, 投票速報, 期日前投票日報 and 投票録 as PDF/A, from what the verifier computes anew.

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
    /// The hour of 投票速報 in Japan: HH:MM of the polling day, or YYYY-MM-DD HH:MM [default: the close of the poll]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Language of the papers: ja or en [default: ja]
    #[arg(long, value_name = "ja|en", default_value = "ja", hide_default_value = true)]
    pub text: Lang,
    /// Who issues them, such as 養父市選挙管理委員会
    #[arg(long, value_name = "NAME")]
    pub issuer: Option<String>,
    /// Where the count was held (開票の場所) [default: a line to write on]
    #[arg(long, value_name = "PLACE")]
    pub place: Option<String>,
    /// The manager of the count (開票管理者) [default: who signed the count of the papers, or a line to write on]
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
    /// 投票速報: the turnout, at the end or at the hour of --at
    TurnoutReport,
    /// 期日前投票日報: each day on which an early-voting place handed papers out
    EarlyDaily,
    /// 投票録: each day of each place on which papers were handed out, to be signed
    PollRecord,
}

const EXAMPLES: &str = "\
Examples:
  tachiai election papers record/ --out papers/ --expect FINGERPRINT
  tachiai election papers record.tar --out papers/ --kind count-record --manager 朝倉花子 --place 養父市役所
  tachiai election papers record/ --out papers/ --kind turnout-report --at 17:00
  tachiai election papers record/ --out papers/ --kind early-daily --kind poll-record
Files: count-record.pdf 開票録, quick-report.pdf 開票速報, turnout-report.pdf 投票速報, early-voting-DAY.pdf 期日前投票日報, poll-record-PLACE-DAY.pdf 投票録.";

/// A program without a typesetter.
#[cfg(not(feature = "pdf"))]
mod without {
    use tachiai_schemas::Lang;

    use super::Papers;
    use crate::cli::Global;
    use crate::failure::{Exit, Failure};

    impl Papers {
        /// Says that this program cannot print.
        ///
        /// # Errors
        /// [`Failure`], always.
        pub fn run(&self, _global: &Global) -> Result<Exit, Failure> {
            Err(crate::commands::print::no_papers())
        }

        /// Says the same.
        ///
        /// # Errors
        /// [`Failure`], always.
        pub fn print(&self, _tell: &dyn Fn(u64, u64)) -> Result<Printed, Failure> {
            Err(crate::commands::print::no_papers())
        }

        /// Nothing was printed.
        #[must_use]
        pub fn printed_text(&self, _lang: Lang, printed: &Printed) -> String {
            match *printed {}
        }
    }

    /// What this program never prints.
    pub enum Printed {}
}

#[cfg(feature = "pdf")]
mod printing {
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::path::{Path, PathBuf};

    use tachiai_schemas::election::Text;
    use tachiai_schemas::{Lang, Say, Timestamp};
    use tachiai_verify::verify::Trust;

    use super::{Kind, Papers};
    use crate::cli::Global;
    use crate::commands::election::progress;
    use crate::commands::turnout::time;
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
            let bar = progress(0);
            let printed = self.print(&|done, all| {
                bar.set_length(all);
                bar.set_position(done);
            });
            bar.finish_and_clear();
            let printed = printed?;
            if printed.nothing {
                eprintln!(
                    "{}",
                    global.pick("投票用紙の交付がないため、作る帳票がありません。", "no papers were handed out, so there is nothing to print of that kind.")
                );
            }
            if global.json {
                let files: Vec<&PathBuf> = printed.files.iter().map(|(path, _)| path).collect();
                outln!("{}", serde_json::json!({ "files": files, "root": printed.root, "trust": printed.trust }));
            } else {
                outln!("{}", self.printed_text(global.lang(), &printed));
            }
            Ok(Exit::Done)
        }

        /// Verifies the record and writes its papers; `tell` is told how far the verification is.
        ///
        /// # Errors
        /// As [`Papers::run`].
        pub fn print(&self, tell: &dyn Fn(u64, u64)) -> Result<Printed, Failure> {
            let Self { record, out, expect, kind, at, text, issuer, place, manager } = self;
            let kinds = if kind.is_empty() { Kind::ALL.to_vec() } else { kind.clone() };
            // What can be wrong with the machine is said before the record is read, which may take an hour.
            let time_of_day = |poll_closes: Timestamp| at.as_deref().map(|text| time(text, poll_closes)).transpose();
            if let Ok(some_day) = Timestamp::from_unix(0) {
                time_of_day(some_day)?;
            }
            let press = Press::new(Fonts::of_the_system().map_err(PaperError::from)?);
            fs::create_dir_all(out).map_err(|e| Failure::file(out, &e))?;
            for stem in kinds.iter().filter_map(|kind| kind.only_stem()) {
                free(&path(out, stem))?;
            }
            let both = |text: &Option<String>| text.as_ref().map(|text| Text { ja: text.clone(), en: text.clone() });
            let added = Added { issuer: both(issuer), place: both(place), manager: manager.clone() };
            let counted = Counted::verify(record, *expect, added, tell)?;
            let at = time_of_day(counted.poll_closes())?;
            let (mut files, mut nothing) = (Vec::new(), false);
            for one in kinds {
                let papers = one.papers(&counted, at)?;
                nothing |= papers.is_empty() && kind.contains(&one);
                for (stem, paper) in papers {
                    let path = path(out, &stem);
                    free(&path)?;
                    files.push((path, paper.name(*text), press.print(&paper, *text)?));
                }
            }
            for (path, _, bytes) in &files {
                write(path, bytes)?;
            }
            let verdict = counted.verdict();
            let files = files.into_iter().map(|(path, name, _)| (path, name.to_owned())).collect();
            Ok(Printed { files, nothing, root: verdict.board.root.hash().to_string(), trust: verdict.trust })
        }

        /// What was printed, in words.
        #[must_use]
        pub fn printed_text(&self, lang: Lang, printed: &Printed) -> String {
            let mut lines: Vec<String> = printed.files.iter().map(|(path, name)| format!("{name}: {}", path.display())).collect();
            if self.expect.is_none() {
                lines.push(
                    lang.pick(
                        "注意: --expect がないため、公告の指紋とは照合していません。各ページにもそう印刷しました。",
                        "careful: without --expect the board was not compared with the public notice, and every page says so.",
                    )
                    .to_owned(),
                );
            }
            lines.join("\n")
        }
    }

    /// What was printed.
    pub struct Printed {
        /// The files, each with the name of its paper.
        pub files: Vec<(PathBuf, String)>,
        /// Whether there was nothing to print of a kind that was asked for.
        pub nothing: bool,
        /// The root of the board.
        pub root: String,
        /// On what the verdict rests.
        pub trust: Trust,
    }

    impl Kind {
        const ALL: [Self; 5] = [Self::CountRecord, Self::QuickReport, Self::TurnoutReport, Self::EarlyDaily, Self::PollRecord];

        /// The name of its file without an ending, where there is one paper of this kind and not one for each day.
        const fn only_stem(self) -> Option<&'static str> {
            match self {
                Self::CountRecord => Some("count-record"),
                Self::QuickReport => Some("quick-report"),
                Self::TurnoutReport => Some("turnout-report"),
                Self::EarlyDaily | Self::PollRecord => None,
            }
        }

        /// The papers of this kind, each with the name of its file without an ending.
        fn papers(self, counted: &Counted, at: Option<Timestamp>) -> Result<Vec<(String, Paper)>, Failure> {
            let one = |paper: Paper| vec![(paper.file_stem().to_owned(), paper)];
            let of_day = |(day, paper): (String, Paper)| (format!("{}-{day}", paper.file_stem()), paper);
            Ok(match self {
                Self::CountRecord => one(Paper::CountRecord(Box::new(counted.count_record()?))),
                Self::QuickReport => one(Paper::QuickReport(counted.quick_report()?)),
                Self::TurnoutReport => one(Paper::Turnout(counted.turnout(at)?)),
                Self::EarlyDaily => counted.early_voting()?.into_iter().map(|(day, paper)| of_day((day, Paper::EarlyVoting(paper)))).collect(),
                Self::PollRecord => counted.poll_records()?.into_iter().map(|(day, paper)| of_day((day, Paper::PollRecord(Box::new(paper))))).collect(),
            })
        }
    }

    fn path(out: &Path, stem: &str) -> PathBuf {
        out.join(format!("{stem}.pdf"))
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
