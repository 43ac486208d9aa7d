//! Which card is meant: in which reader, of which generation, and how long it is waited for.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tachiai_schemas::Lang;

use crate::card::{
    Card, Generation, Reader, SocketTransport, TransportError, Watched, choose_reader, connect_reader, interrupt, printable, readers, wait_for_card,
};
use crate::cli::Global;
use crate::commands::ask::{ask, is_conversation};
use crate::failure::{Exit, Failure};

/// Which card is meant. Without any of these: the one in the only reader that holds a card.
#[derive(Args, Debug)]
pub struct CardChoice {
    /// The card reader, by its name or a part that only its name has; `tachiai card readers` lists them
    #[arg(long, value_name = "NAME", conflicts_with = "card")]
    reader: Option<String>,
    /// A software card: the Unix socket of its process
    #[arg(long, value_name = "SOCKET")]
    card: Option<PathBuf>,
    /// A generation of cards beside today's, described in TOML; may be given more than once
    #[arg(long, value_name = "FILE")]
    card_generation: Vec<PathBuf>,
    #[command(flatten)]
    timeout: ReaderTimeout,
    /// How many seconds to wait at a terminal for a card to be put on the reader; scripts never wait
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    card_wait: u64,
}

/// When a reader is given up.
#[derive(Args, Debug)]
pub struct ReaderTimeout {
    /// After how many seconds without an answer a card or reader is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    reader_timeout: u64,
}

impl ReaderTimeout {
    pub(super) const fn patience(&self) -> Duration {
        Duration::from_secs(self.reader_timeout)
    }
}

impl CardChoice {
    /// Whatever lies on the only reader that holds a card; it is not waited for.
    #[must_use]
    pub const fn at_hand() -> Self {
        Self { reader: None, card: None, card_generation: Vec::new(), timeout: ReaderTimeout { reader_timeout: 20 }, card_wait: 0 }
    }

    /// Opens the card that lies there, and asks nobody anything.
    ///
    /// # Errors
    /// [`Failure`] of the card or its reader, or where no card lies, or several do.
    pub fn take(&self) -> Result<Card<Watched>, Failure> {
        let generations = self.generations()?;
        let patience = self.timeout.patience();
        let transport = match &self.card {
            Some(socket) => Watched::new(SocketTransport::connect(socket, patience)?, patience)?,
            None => connect_reader(&choose_reader(&readers(patience, || {})?, self.reader.as_deref())?.name, patience)?,
        };
        Ok(Card::open_among(transport, &generations)?)
    }

    /// Whether anything was said of the card.
    #[must_use]
    pub const fn is_made(&self) -> bool {
        let Self { reader, card, card_generation, timeout: _, card_wait: _ } = self;
        reader.is_some() || card.is_some() || !card_generation.is_empty()
    }

    /// Opens the card that is meant; at a terminal it is waited for, and asked which of several.
    ///
    /// # Errors
    /// [`Failure`] of the card or its reader.
    pub fn open(&self, global: &Global) -> Result<Card<Watched>, Failure> {
        interrupt::guard();
        let generations = self.generations()?;
        let patience = self.timeout.patience();
        let transport = match &self.card {
            Some(socket) => Watched::new(SocketTransport::connect(socket, patience)?, patience)?,
            None => connect_reader(&self.find(global)?, patience)?,
        };
        Ok(Card::open_among(transport, &generations)?)
    }

    /// Whether a card lies on the reader that is meant. What goes wrong counts as no: whoever opens the card hears of it. A software card never lies down.
    #[must_use]
    pub fn lies_there(&self) -> bool {
        if self.card.is_some() {
            return false;
        }
        let found = readers(self.timeout.patience(), || {});
        found.is_ok_and(|found| choose_reader(&found, self.reader.as_deref()).is_ok_and(|reader| !reader.is_empty()))
    }

    /// The generations of cards that are known: today's, and those of the files.
    fn generations(&self) -> Result<Vec<Generation>, Failure> {
        let read = |path: &PathBuf| {
            let told =
                fs::read_to_string(path).map_err(|error| error.to_string()).and_then(|text| Generation::from_toml(&text).map_err(|error| error.to_string()));
            told.map_err(|cause| {
                let path = path.display();
                Failure::new(
                    Exit::Incomplete,
                    format!("カードの世代のファイル {path} を読めません: {cause}"),
                    format!("cannot read the card generation {path}: {cause}"),
                )
            })
        };
        [Ok(Generation::today())].into_iter().chain(self.card_generation.iter().map(read)).collect()
    }

    fn find(&self, global: &Global) -> Result<String, Failure> {
        let patience = self.timeout.patience();
        let wanted = self.reader.as_deref();
        let mut found = asked_readers(global, patience)?;
        let empty = match choose_reader(&found, wanted) {
            Ok(reader) if reader.is_empty() => Some(vec![reader.name.clone()]),
            Err(TransportError::NoCard { readers }) => Some(readers),
            _ => None,
        };
        if let Some(empty) = empty {
            if !is_conversation(global) || self.card_wait == 0 {
                return Err(TransportError::NoCard { readers: empty }.into());
            }
            eprintln!("{}", global.pick("カードをリーダーに置いてください…", "Put the card on the reader …"));
            wait_for_card(wanted, Duration::from_secs(self.card_wait), patience)?;
            found = asked_readers(global, patience)?;
        }
        match choose_reader(&found, wanted) {
            Ok(reader) => Ok(reader.name.clone()),
            Err(TransportError::ReaderNotNamed { holding }) if is_conversation(global) => ask_reader(global, &holding),
            Err(error) => Err(error.into()),
        }
    }
}

/// The readers; whoever waits long for the service is told what is waited for.
pub(super) fn asked_readers(global: &Global, patience: Duration) -> Result<Vec<Reader>, TransportError> {
    let slow = || {
        eprintln!(
            "{}",
            match global.lang() {
                Lang::Ja => format!("カードリーダーのサービス（pcscd）の応答を待っています（最長{}秒）…", patience.as_secs()),
                Lang::En => format!("Waiting for the card reader service (pcscd) to answer, up to {} seconds …", patience.as_secs()),
            }
        );
    };
    readers(patience, slow)
}

fn ask_reader(global: &Global, holding: &[String]) -> Result<String, Failure> {
    eprintln!("{}", global.pick("カードのあるリーダーが複数あります:", "Several readers hold a card:"));
    for (number, name) in (1..).zip(holding) {
        eprintln!("  {number}. {}", printable(name));
    }
    loop {
        let answer = ask(global.pick("どれを使いますか？ 番号: ", "Which one? Number: "))?;
        if answer.is_empty() {
            return Err(TransportError::ReaderNotNamed { holding: holding.to_vec() }.into());
        }
        if let Some(name) = answer.parse::<usize>().ok().and_then(|number| holding.get(number.checked_sub(1)?)) {
            return Ok(name.clone());
        }
    }
}
