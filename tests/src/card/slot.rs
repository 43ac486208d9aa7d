//! A slot is a reader with one software card in it, and it may misbehave on request.

use std::{fmt, str::FromStr, thread, time::Duration};

use tachiai::card::{Power, Transport, TransportError};

use super::SoftwareCard;

/// A way to misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The card is gone after this many commands.
    RemoveAfter(u32),
    /// The card never answers again after this many commands.
    HangAfter(u32),
    /// The reader hands over one byte instead of an answer after this many commands.
    BreakAfter(u32),
    /// Answers lose their second half, and with it their status word, after this many commands.
    Truncate(u32),
    /// Every command takes this many milliseconds longer.
    Slow(u32),
    /// The card signs with other keys than those that its certificates name.
    WrongKey,
    /// Every PIN is blocked; the card itself is not changed.
    Locked,
    /// The first command after each power-up is answered 6F00.
    FirstCommandFails,
    /// The card has none of the applications, as a transit card.
    Foreign,
}

/// What a fault may be called: none of them is this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown fault `{0}`: one of remove-after:N, hang-after:N, break-after:N, truncate, truncate:N, slow:MS, wrong-key, locked, first-6f00, foreign")]
pub struct UnknownFault(String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Fault, UnknownFault> {
        let unknown = || UnknownFault(text.to_owned());
        match text.split_once(':') {
            Some((name, count)) => {
                let count = count.parse().map_err(|_| unknown())?;
                match name {
                    "remove-after" => Ok(Fault::RemoveAfter(count)),
                    "hang-after" => Ok(Fault::HangAfter(count)),
                    "break-after" => Ok(Fault::BreakAfter(count)),
                    "truncate" => Ok(Fault::Truncate(count)),
                    "slow" => Ok(Fault::Slow(count)),
                    _ => Err(unknown()),
                }
            }
            None => match text {
                "truncate" => Ok(Fault::Truncate(0)),
                "wrong-key" => Ok(Fault::WrongKey),
                "locked" => Ok(Fault::Locked),
                "first-6f00" => Ok(Fault::FirstCommandFails),
                "foreign" => Ok(Fault::Foreign),
                _ => Err(unknown()),
            },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::RemoveAfter(count) => write!(f, "remove-after:{count}"),
            Fault::HangAfter(count) => write!(f, "hang-after:{count}"),
            Fault::BreakAfter(count) => write!(f, "break-after:{count}"),
            Fault::Truncate(0) => f.write_str("truncate"),
            Fault::Truncate(count) => write!(f, "truncate:{count}"),
            Fault::Slow(milliseconds) => write!(f, "slow:{milliseconds}"),
            Fault::WrongKey => f.write_str("wrong-key"),
            Fault::Locked => f.write_str("locked"),
            Fault::FirstCommandFails => f.write_str("first-6f00"),
            Fault::Foreign => f.write_str("foreign"),
        }
    }
}

/// What came of one command.
#[derive(Debug, PartialEq, Eq)]
pub enum Exchange {
    /// This answer.
    Answer(Vec<u8>),
    /// The card is gone.
    Removed,
    /// There will be no answer.
    Hung,
}

/// A reader with one card.
///
/// As a [`Transport`] it is the card in process. A hung one blocks its thread for good, as a real reader does: put
/// it behind [`tachiai::card::Watched`].
pub struct Slot {
    name: String,
    card: SoftwareCard,
    faults: Vec<Fault>,
    signing: Duration,
    commands: u32,
    powered: bool,
    fresh: bool,
}

impl Slot {
    /// Puts a card into a slot of this name.
    pub fn new(name: impl Into<String>, card: SoftwareCard) -> Slot {
        Slot { name: name.into(), card, faults: Vec::new(), signing: Duration::ZERO, commands: 0, powered: false, fresh: false }
    }

    /// Makes the slot misbehave, too, in this way; commands are counted from now.
    pub fn with_fault(mut self, fault: Fault) -> Slot {
        if fault == Fault::WrongKey {
            self.card.take_other_keys();
        }
        self.faults.push(fault);
        self.commands = 0;
        self
    }

    /// Lets each signature take this much longer: real cards need about half a second, and this one needs none.
    pub fn with_signing_time(mut self, longer: Duration) -> Slot {
        self.signing = longer;
        self
    }

    /// The card.
    pub fn card(&self) -> &SoftwareCard {
        &self.card
    }

    /// Takes the card out, powered off.
    pub fn into_card(mut self) -> SoftwareCard {
        self.card.power_off();
        self.card
    }

    /// The answer to reset.
    pub fn atr(&self) -> &'static [u8] {
        self.card.atr()
    }

    /// Switches or resets the card's power.
    pub fn switch(&mut self, power: Power) {
        match power {
            Power::On if self.powered => {}
            Power::On => (self.powered, self.fresh) = (true, true),
            Power::Off => {
                self.card.power_off();
                self.powered = false;
            }
            Power::Reset => {
                self.card.reset();
                (self.powered, self.fresh) = (true, true);
            }
        }
    }

    /// Hands one command to the card, unless a fault comes between. A card without power is powered up first.
    pub fn exchange(&mut self, apdu: &[u8]) -> Exchange {
        self.switch(Power::On);
        let fresh = std::mem::take(&mut self.fresh);
        let before = self.commands;
        self.commands = before.saturating_add(1);
        let mut cut = false;
        for fault in &self.faults {
            return match *fault {
                Fault::RemoveAfter(count) if before >= count => {
                    self.card.power_off();
                    Exchange::Removed
                }
                Fault::HangAfter(count) if before >= count => Exchange::Hung,
                Fault::BreakAfter(count) if before >= count => Exchange::Answer(vec![0x90]),
                Fault::FirstCommandFails if fresh => Exchange::Answer(vec![0x6F, 0x00]),
                Fault::Locked if matches!(apdu, [0x00, 0x20, ..]) => Exchange::Answer(vec![0x69, 0x84]),
                Fault::Foreign if matches!(apdu, [0x00, 0xA4, 0x04, ..]) => Exchange::Answer(vec![0x6A, 0x82]),
                Fault::Truncate(count) if before >= count => {
                    cut = true;
                    continue;
                }
                Fault::Slow(milliseconds) => {
                    thread::sleep(Duration::from_millis(milliseconds.into()));
                    continue;
                }
                _ => continue,
            };
        }
        if matches!(apdu, [0x80, 0x2A, ..]) {
            thread::sleep(self.signing);
        }
        let mut answer = self.card.handle(apdu);
        if cut && answer.len() > 2 {
            answer.truncate(answer.len() / 2);
        }
        Exchange::Answer(answer)
    }
}

impl Transport for Slot {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        match self.exchange(apdu) {
            Exchange::Answer(answer) if answer.len() < 2 => Err(TransportError::Broken(answer.len())),
            Exchange::Answer(answer) => Ok(answer),
            Exchange::Removed => Err(TransportError::Removed),
            Exchange::Hung => loop {
                thread::park();
            },
        }
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        self.switch(power);
        Ok(())
    }

    fn name(&self) -> &str {
        &self.name
    }
}
