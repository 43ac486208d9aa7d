//! One mock election of a simulated city from beginning to end, or an open one to try by hand.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;

use clap::Parser;
use tachiai_schemas::{Lang, cli};
use tachiai_tests::appliance::terminate_all;
use tachiai_tests::demo::{Folder, Readers, Screen, enough, open_bundle, run, serve};
use tachiai_tests::program;
use tachiai_tests::signals::on_end;
use tachiai_tests::trouble::Trouble;

/// One mock election of a simulated city from beginning to end.
#[derive(Parser)]
#[command(name = "tachiai-demo", version)]
struct Arguments {
    /// How many electors the city has
    #[arg(long, value_name = "N", default_value_t = 300)]
    electors: usize,
    /// Stop when the election is open, and keep it so until Ctrl-C
    #[arg(long)]
    serve: bool,
    /// Language: ja or en [default: the locale's]
    #[arg(long, value_name = "ja|en")]
    lang: Option<Lang>,
    /// Open what an agency fetched, as `age --decrypt` does
    #[arg(long, value_name = "FILE", hide = true, requires_all = ["key", "out"])]
    open_bundle: Option<PathBuf>,
    /// The agency's age key
    #[arg(long, value_name = "FILE", hide = true)]
    key: Option<PathBuf>,
    /// Where to write it
    #[arg(long, value_name = "FILE", hide = true)]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    program::main("tachiai-demo", perform)
}

fn perform(Arguments { electors, serve: serving, lang, open_bundle: bundle, key, out }: &Arguments) -> Result<(), Trouble> {
    if let (Some(bundle), Some(key), Some(out)) = (bundle, key, out) {
        return open_bundle(bundle, key, out);
    }
    // Before an older demonstration is removed for nothing.
    enough(*electors)?;
    let mut screen = Screen::new(lang.unwrap_or_else(cli::locale));
    if *serving {
        let (sender, ended) = mpsc::channel();
        on_end(move || sender.send(()).unwrap_or_default())?;
        return serve(&Folder::fresh("serve")?, *electors, &Readers::set_up()?, &mut screen, || ended.recv().unwrap_or_default());
    }
    on_end(|| {
        terminate_all();
        std::process::exit(130)
    })?;
    let folder = Folder::fresh("demo")?;
    run(&folder, *electors, &Readers::set_up()?, &mut screen).map_err(|trouble| {
        trouble.hint(format!("the appliance's log is {}; `make clean-demo` removes everything", folder.join("appliance/tachiaid.log").display()))
    })
}
