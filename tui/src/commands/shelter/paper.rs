//! Forms and lists to print: for a reception without power, and for the wall.

use std::path::PathBuf;

use clap::Args;
use tachiai_schemas::Lang;

use super::WhichEvent;

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
            let Self { out: _, text: _, which: _ } = self;
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

    use tachiai_schemas::Timestamp;
    use tachiai_schemas::roster::OpenState;
    use tachiai_schemas::shelter::EventView;

    use super::Papers;
    use crate::cli::Global;
    use crate::commands::say;
    use crate::failure::{Exit, Failure};
    use crate::papers::PaperError;
    use crate::papers::fonts::Fonts;
    use crate::papers::press::Press;
    use crate::papers::shelter::{Form, Head};

    impl Papers {
        /// Fetches the event and prints its papers.
        ///
        /// # Errors
        /// [`Failure`]: no connection, the fonts are missing, a paper is there already.
        pub fn run(&self, global: &Global) -> Result<Exit, Failure> {
            let Self { out, text, which } = self;
            let client = global.staff()?;
            let press = Press::new(Fonts::of_the_system().map_err(PaperError::from)?);
            let view: EventView = client.get(&which.path(&client, "")?, None)?;
            let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let made = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_unix(seconds).ok()).unwrap_or(Timestamp::LAST);
            let head = Head::of(&view, made);
            let open = view.shelters.iter().filter(|shelter| shelter.state.state != OpenState::Closed);
            let mut sheets: Vec<(String, Form)> = open
                .map(|shelter| {
                    let form = Form::Reception { head: head.clone(), shelter: Some(shelter.state.name.clone()) };
                    (format!("{}-{}", form.file_stem(), shelter.state.shelter), form)
                })
                .collect();
            let list = Form::List { head, shelters: view.shelters };
            sheets.push((list.file_stem().to_owned(), list));
            fs::create_dir_all(out).map_err(|e| Failure::file(out, &e))?;
            let mut files = Vec::new();
            for (stem, form) in sheets {
                let path = out.join(format!("{stem}.pdf"));
                let bytes = press.print_form(&form, *text)?;
                let file = OpenOptions::new().write(true).create_new(true).open(&path);
                file.and_then(|mut file| file.write_all(&bytes)).map_err(|e| Failure::file(&path, &e))?;
                files.push(path);
            }
            say(global, &serde_json::json!({ "files": files }), || files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join("\n"));
            Ok(Exit::Done)
        }
    }
}
