//! Forms and lists to print: for a reception without power, and for the wall.

use std::path::PathBuf;

use clap::Args;
use tachiai_schemas::Lang;
use tachiai_schemas::roster::ShelterId;
use tachiai_schemas::shelter::EventView;
use tachiai_schemas::shelter::overview::PresentPeople;

use super::WhichEvent;
use super::person::view_text;
use crate::card::printable;
use crate::cli::Global;
use crate::commands::say;
use crate::failure::{Exit, Failure};

/// Blank reception forms for every shelter that is open, and the list of shelters, as PDF/A.
#[derive(Args, Debug)]
#[command(after_help = "Example: tachiai shelter papers --out papers/
Files: reception-form-SHELTER.pdf 避難者受付票, shelter-list.pdf 避難所一覧. A file that is there already is not overwritten.")]
pub struct Papers {
    /// The folder; it is made
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Language of the papers: ja or en [default: ja]
    #[arg(long, value_name = "ja|en", default_value = "ja", hide_default_value = true)]
    text: Lang,
    #[command(flatten)]
    which: WhichEvent,
}

/// The people who are present in a shelter (避難者名簿), also as a list that prints. Whoever is under protection has no name on it; that it was read is recorded.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  tachiai shelter list e2822200147111
  tachiai shelter list e2822200147111 --pdf list.pdf")]
pub struct List {
    /// The shelter
    shelter: ShelterId,
    /// Set it as a PDF; a file that is there already is not overwritten
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// Language of the paper: ja or en [default: ja]
    #[arg(long, value_name = "ja|en", default_value = "ja", hide_default_value = true, requires = "pdf")]
    text: Lang,
    #[command(flatten)]
    which: WhichEvent,
}

impl List {
    /// Fetches who is present, and shows or prints it.
    ///
    /// # Errors
    /// [`Failure`]: no connection, no such shelter, the fonts are missing, the file is there already.
    pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
        let Self { shelter, pdf, text, which } = self;
        let client = global.staff()?;
        let people = which.path(&client, &format!("/shelters/{shelter}/people"))?;
        let Some(pdf) = pdf else {
            let present: PresentPeople = client.get(&people, None)?;
            say(global, &serde_json::json!(present), || present_text(global.lang(), &present));
            return Ok(Exit::Done);
        };
        let view: EventView = client.get(&which.path(&client, "")?, None)?;
        print_list(global, &view, client.get(&people, None)?, pdf, *text)
    }
}

fn present_text(l: Lang, present: &PresentPeople) -> String {
    let PresentPeople { shelter, people, totals, terminals: _, now } = present;
    let mut lines = vec![format!("{}  {}", printable(l.pick(&shelter.name.ja, &shelter.name.en)), now.timestamp().in_japan(l))];
    lines.extend(people.iter().map(|view| view_text(l, view)));
    let hidden = totals.present.saturating_sub(people.len() as u64);
    let more = if hidden > 0 { l.pick("（一覧に出ない方を含む）", " (with those who are in no list)") } else { "" };
    lines.push(format!("{}: {}{more}", l.pick("在所", "present"), totals.present));
    lines.join("\n")
}

#[cfg(not(feature = "pdf"))]
fn print_list(_global: &Global, _view: &EventView, _present: PresentPeople, _pdf: &std::path::Path, _text: Lang) -> Result<Exit, Failure> {
    Err(crate::commands::print::no_papers())
}

#[cfg(feature = "pdf")]
use printing::print_list;

#[cfg(not(feature = "pdf"))]
mod without {
    use super::Papers;
    use crate::cli::Global;
    use crate::commands::print::no_papers;
    use crate::failure::{Exit, Failure};

    impl Papers {
        /// Says that this program cannot print.
        ///
        /// # Errors
        /// [`Failure`], always.
        pub fn run(&self, _global: &Global) -> Result<Exit, Failure> {
            let Self { out: _, text: _, which: _ } = self;
            Err(no_papers())
        }
    }
}

#[cfg(feature = "pdf")]
mod printing {
    use std::fs;
    use std::path::{Path, PathBuf};

    use tachiai_schemas::Lang;
    use tachiai_schemas::roll::Day;
    use tachiai_schemas::roster::OpenState;
    use tachiai_schemas::shelter::EventView;
    use tachiai_schemas::shelter::overview::PresentPeople;

    use super::Papers;
    use crate::cli::Global;
    use crate::commands::print::{listed, now, print};
    use crate::commands::say;
    use crate::failure::{Exit, Failure};
    use crate::papers::shelter::present::{Present, Source};
    use crate::papers::shelter::{Form, Head};

    impl Papers {
        /// Fetches the event and prints its papers.
        ///
        /// # Errors
        /// [`Failure`]: no connection, the fonts are missing, a paper is there already.
        pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
            let Self { out, text, which } = self;
            let client = global.staff()?;
            let view: EventView = client.get(&which.path(&client, "")?, None)?;
            let head = Head::of(&view, now());
            let path = |stem: &str| out.join(format!("{stem}.pdf"));
            let open = view.shelters.iter().filter(|shelter| shelter.state.state != OpenState::Closed);
            let mut sheets: Vec<(PathBuf, Form)> = open
                .map(|shelter| {
                    let form = Form::Reception { head: head.clone(), shelter: Some(shelter.state.name.clone()) };
                    (path(&format!("{}-{}", form.file_stem(), shelter.state.shelter)), form)
                })
                .collect();
            let list = Form::List { head, shelters: view.shelters };
            sheets.push((path(list.file_stem()), list));
            fs::create_dir_all(out).map_err(|e| Failure::file(out, &e))?;
            print(&sheets, *text)?;
            let files: Vec<&PathBuf> = sheets.iter().map(|(path, _)| path).collect();
            say(global, &serde_json::json!({ "files": files }), || files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join("\n"));
            Ok(Exit::Done)
        }
    }

    /// Prints who is present.
    pub(super) fn print_list(global: &Global, view: &EventView, present: PresentPeople, pdf: &Path, text: Lang) -> Result<Exit, Failure> {
        let PresentPeople { shelter: state, people, totals, terminals, now } = present;
        let (made, rows) = (now.timestamp(), people.len());
        let present = Box::new(Present { shelter: state.name, people, totals, today: Day::of(made), sources: Source::of(&terminals) });
        print(&[(pdf.to_owned(), Form::Present { head: Head::of(view, made), present })], text)?;
        listed(global, pdf, rows);
        Ok(Exit::Done)
    }
}
