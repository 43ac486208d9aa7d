//! Readers over PC/SC: which are there, which of them is meant, and the way to the card in one of them.
//!
//! The card is taken for this program alone ([`ShareMode::Exclusive`]) and switched off whenever it is left
//! ([`Disposition::UnpowerCard`]), because on real cards a checked PIN survives a disconnect and a warm reset. Every
//! call goes through a thread that can be given up: a hung card blocks in `SCardTransmit`, a hung service in all of them.

use std::{
    ffi::{CStr, CString},
    path::Path,
    time::{Duration, Instant},
};

use ::pcsc::{Context, Disposition, Error, Protocol, Protocols, ReaderState, Scope, ShareMode, State};

use zeroize::Zeroizing;

use super::{
    Power, Transport, TransportError, Watched,
    transport::{within, within_told},
};

/// A short answer: 256 bytes and the status word.
const LONGEST_ANSWER: usize = 258;
/// How long the service may take to notice that a card or a reader is gone: it looks every 400 ms.
const NOTICE: Duration = Duration::from_millis(1500);
/// How long one question for a change waits: a service that ends meanwhile is noticed as late as this.
const GLANCE: Duration = Duration::from_millis(1000);
/// The most that one command may be continued by GET RESPONSE; a card's short answer needs one.
const CONTINUATIONS: usize = 8;
/// Where Debian and others keep the service.
const SERVICES: [&str; 3] = ["/usr/sbin/pcscd", "/usr/local/sbin/pcscd", "/sbin/pcscd"];

/// A reader and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Its name in PC/SC.
    pub name: String,
    /// What is in it.
    pub holds: Holds,
}

/// What is in a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Nothing.
    Nothing,
    /// A card that nobody uses alone.
    Card,
    /// A card that another program has for itself.
    CardInUse,
    /// Something that does not answer to power.
    Mute,
}

impl Reader {
    /// Whether something lies in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.holds == Holds::Nothing
    }
}

/// Lists the readers, with what is in them; none is an empty list. `slow` is called once if the service takes long to answer.
///
/// # Errors
/// [`TransportError`] of the service.
pub fn readers(patience: Duration, slow: impl FnOnce()) -> Result<Vec<Reader>, TransportError> {
    within_told(patience, slow, || Ok(told(&survey(&establish()?)?)))
}

/// Chooses the reader that is meant: the one of this name, else the only one with this in its name (capitals or not);
/// when none is named, the only one that holds something.
///
/// # Errors
/// [`TransportError`] that lists the readers. An empty reader is chosen only by its name.
pub fn choose_reader<'a>(readers: &'a [Reader], wanted: Option<&str>) -> Result<&'a Reader, TransportError> {
    let names = |readers: &[&Reader]| readers.iter().map(|reader| reader.name.clone()).collect::<Vec<_>>();
    let all: Vec<&Reader> = readers.iter().collect();
    if all.is_empty() {
        return Err(TransportError::NoReaders);
    }
    let Some(wanted) = wanted else {
        let holding: Vec<&Reader> = all.iter().copied().filter(|reader| !reader.is_empty()).collect();
        return match holding[..] {
            [one] => Ok(one),
            [] => Err(TransportError::NoCard { readers: names(&all) }),
            _ => Err(TransportError::ReaderNotNamed { holding: names(&holding) }),
        };
    };
    if let Some(exact) = all.iter().find(|reader| reader.name == wanted) {
        return Ok(exact);
    }
    let part = wanted.to_lowercase();
    let matching: Vec<&Reader> = all.iter().copied().filter(|reader| reader.name.to_lowercase().contains(&part)).collect();
    match matching[..] {
        [one] => Ok(one),
        [] => Err(TransportError::ReaderNotFound { wanted: wanted.to_owned(), present: names(&all) }),
        _ => Err(TransportError::ReaderUnclear { wanted: wanted.to_owned(), matching: names(&matching) }),
    }
}

/// Waits until something lies in the reader that is meant, or in any of them when none is named.
///
/// # Errors
/// [`TransportError::NoCardCame`] after `limit`; otherwise as [`choose_reader`] and [`readers`].
pub fn wait_for_card(wanted: Option<&str>, limit: Duration, patience: Duration) -> Result<(), TransportError> {
    let wanted = wanted.map(str::to_owned);
    within(limit + patience, move || {
        let context = establish()?;
        let mut seen = Vec::new();
        await_card(wanted.as_deref(), limit, |pause| {
            if !pause.is_zero() {
                // From what was judged, so that nothing that happened since is missed.
                seen.iter_mut().for_each(ReaderState::sync_current_state);
                changes(&context, pause, &mut seen)?;
            }
            seen = survey(&context)?;
            Ok(told(&seen))
        })
    })
}

/// Looks again and again; `look` waits before that, at most for as long as it is given, until something changes.
fn await_card(wanted: Option<&str>, limit: Duration, mut look: impl FnMut(Duration) -> Result<Vec<Reader>, TransportError>) -> Result<(), TransportError> {
    let deadline = Instant::now() + limit;
    let mut pause = Duration::ZERO;
    loop {
        match choose_reader(&look(pause)?, wanted) {
            Ok(reader) if !reader.is_empty() => return Ok(()),
            // Which one is asked afterwards.
            Err(TransportError::ReaderNotNamed { .. }) => return Ok(()),
            Ok(_) | Err(TransportError::NoCard { .. }) => {}
            Err(error) => return Err(error),
        }
        pause = deadline.saturating_duration_since(Instant::now()).min(GLANCE);
        if pause.is_zero() {
            return Err(TransportError::NoCardCame { waited: limit });
        }
    }
}

/// The way to the card in the reader of this name, behind the thread that can be given up.
///
/// # Errors
/// [`TransportError`] of the service; the card itself is first touched by [`Power::On`].
pub fn connect_reader(name: &str, patience: Duration) -> Result<Watched, TransportError> {
    let name = name.to_owned();
    let transport = within(patience, move || {
        let id = CString::new(name.as_str()).map_err(|_| TransportError::NoReaders)?;
        Ok(PcscTransport { name, id, context: establish()?, card: None })
    })?;
    Watched::new(transport, patience)
}

fn establish() -> Result<Context, TransportError> {
    Context::establish(Scope::User).map_err(|error| match error {
        Error::SecurityViolation | Error::NoAccess => TransportError::Forbidden,
        Error::NoService | Error::ServiceStopped | Error::CommError if !installed() => TransportError::ServiceMissing,
        Error::NoService | Error::ServiceStopped | Error::CommError => TransportError::ServiceDown,
        error => TransportError::Failed(error.to_string()),
    })
}

fn installed() -> bool {
    SERVICES.iter().any(|path| Path::new(path).is_file())
}

fn states(context: &Context) -> Result<Vec<ReaderState>, TransportError> {
    match context.list_readers_owned() {
        Ok(names) => Ok(names.into_iter().map(|name| ReaderState::new(name, State::UNAWARE)).collect()),
        Err(Error::NoReadersAvailable) => Ok(Vec::new()),
        Err(error) => Err(of_service(error)),
    }
}

fn changes(context: &Context, limit: Duration, states: &mut [ReaderState]) -> Result<(), TransportError> {
    match context.get_status_change(limit, states) {
        Ok(()) | Err(Error::Timeout | Error::UnknownReader | Error::NoReadersAvailable) => Ok(()),
        Err(error) => Err(of_service(error)),
    }
}

fn survey(context: &Context) -> Result<Vec<ReaderState>, TransportError> {
    let mut states = states(context)?;
    if !states.is_empty() {
        changes(context, Duration::ZERO, &mut states)?;
    }
    Ok(states)
}

/// The readers that can be used.
fn told(states: &[ReaderState]) -> Vec<Reader> {
    let usable = |state: &&ReaderState| !state.event_state().intersects(State::UNKNOWN | State::UNAVAILABLE);
    states.iter().filter(usable).map(|state| Reader { name: readable(state.name()), holds: holds(state.event_state()) }).collect()
}

fn holds(state: State) -> Holds {
    if !state.contains(State::PRESENT) {
        Holds::Nothing
    } else if state.contains(State::MUTE) {
        Holds::Mute
    } else if state.contains(State::EXCLUSIVE) {
        Holds::CardInUse
    } else {
        Holds::Card
    }
}

fn readable(name: &CStr) -> String {
    name.to_string_lossy().into_owned()
}

/// What an error means that came from the service and not from a card.
fn of_service(error: Error) -> TransportError {
    match error {
        Error::SecurityViolation | Error::NoAccess => TransportError::Forbidden,
        Error::NoService | Error::ServiceStopped | Error::Shutdown | Error::InvalidHandle | Error::CommError => match Context::establish(Scope::User) {
            Ok(_) => TransportError::ServiceRestarted,
            Err(_) => TransportError::ServiceStopped,
        },
        error => TransportError::Failed(error.to_string()),
    }
}

/// A connection to one reader; the card in it is connected by [`Power::On`].
struct PcscTransport {
    name: String,
    id: CString,
    context: Context,
    card: Option<(::pcsc::Card, Protocol)>,
}

impl PcscTransport {
    fn connect(&mut self) -> Result<(), TransportError> {
        let card = self.context.connect(&self.id, ShareMode::Exclusive, Protocols::ANY).map_err(|error| match error {
            Error::NoSmartcard | Error::RemovedCard => TransportError::NoCard { readers: vec![self.name.clone()] },
            error => match self.understand(error) {
                TransportError::Removed => TransportError::NoCard { readers: vec![self.name.clone()] },
                error => error,
            },
        })?;
        // T=1, which asks nothing of this side, if the service does not say.
        let protocol = card.status2_owned().ok().and_then(|status| status.protocol2()).unwrap_or(Protocol::T1);
        self.card = Some((card, protocol));
        Ok(())
    }

    fn disconnect(&mut self) -> Result<(), TransportError> {
        let Some((card, _)) = self.card.take() else { return Ok(()) };
        match card.disconnect(Disposition::UnpowerCard) {
            // A card that is gone has no power.
            Ok(()) | Err((_, Error::RemovedCard | Error::NoSmartcard)) => Ok(()),
            Err((_, error)) => Err(self.understand(error)),
        }
    }

    /// What an error of a call about the card means; some errors say only that something is wrong, so the reader is looked at.
    fn understand(&self, error: Error) -> TransportError {
        match meaning(error, &self.name) {
            Meaning::Is(error) => error,
            Meaning::Service => of_service(error),
            Meaning::Look(otherwise) => self.look().unwrap_or(otherwise),
        }
    }

    /// What a look at the reader tells: that the card, the reader or the service is gone; nothing if the card still lies there.
    fn look(&self) -> Option<TransportError> {
        let deadline = Instant::now() + NOTICE;
        let mut states = [ReaderState::new(self.id.clone(), State::UNAWARE)];
        let mut limit = Duration::ZERO;
        loop {
            match self.context.get_status_change(limit, &mut states) {
                Ok(()) => {}
                Err(Error::Timeout) => return None,
                Err(Error::UnknownReader | Error::ReaderUnavailable) => return Some(TransportError::ReaderGone { name: self.name.clone() }),
                Err(error) => return Some(of_service(error)),
            }
            let [state] = &mut states;
            let seen = state.event_state();
            if seen.intersects(State::UNKNOWN | State::UNAVAILABLE) {
                return Some(TransportError::ReaderGone { name: self.name.clone() });
            }
            if seen.contains(State::EMPTY) {
                return Some(TransportError::Removed);
            }
            state.sync_current_state();
            limit = deadline.saturating_duration_since(Instant::now());
            if limit.is_zero() {
                return None;
            }
        }
    }

    fn raw(&self, card: &::pcsc::Card, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        let mut buffer = [0; LONGEST_ANSWER];
        match card.transmit(apdu, &mut buffer) {
            // Some drivers hand over nothing, and say that all is well, when the card is taken away under a command.
            Ok([]) => Err(self.look().unwrap_or(TransportError::Broken(0))),
            Ok([_]) => Err(TransportError::Broken(1)),
            Ok(answer) => Ok(answer.to_vec()),
            Err(Error::InsufficientBuffer) => Err(TransportError::Failed(format!("the answer has more than {LONGEST_ANSWER} bytes"))),
            Err(error) => Err(self.understand(error)),
        }
    }
}

impl Transport for PcscTransport {
    fn transmit(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        if apdu.len() < 4 {
            return Err(TransportError::Failed("a command has at least four bytes".to_owned()));
        }
        match &self.card {
            None => Err(TransportError::Failed("the card is switched off".to_owned())),
            Some((card, Protocol::T0)) => by_bytes(apdu, |command| self.raw(card, command)),
            Some((card, Protocol::T1 | Protocol::RAW)) => self.raw(card, apdu),
        }
    }

    fn power(&mut self, power: Power) -> Result<(), TransportError> {
        match (power, &mut self.card) {
            (Power::On, Some(_)) => Ok(()),
            (Power::On | Power::Reset, None) => self.connect(),
            (Power::Off, _) => self.disconnect(),
            (Power::Reset, Some((card, _))) => {
                let reset = card.reconnect(ShareMode::Exclusive, Protocols::ANY, Disposition::ResetCard);
                reset.map_err(|error| self.understand(error))
            }
        }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for PcscTransport {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.disconnect();
    }
}

/// What an error of a call about a card tells.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    /// All that there is to know.
    Is(TransportError),
    /// That something is wrong with the service, or nothing at all.
    Service,
    /// Only a look at the reader tells; this, if the card still lies there.
    Look(TransportError),
}

fn meaning(error: Error, reader: &str) -> Meaning {
    match error {
        // Only a removal resets a card that nobody else can reach.
        Error::RemovedCard | Error::NoSmartcard | Error::ResetCard => Meaning::Is(TransportError::Removed),
        Error::SharingViolation => Meaning::Is(TransportError::InUse),
        Error::ReaderUnavailable | Error::UnknownReader | Error::NoReadersAvailable => Meaning::Is(TransportError::ReaderGone { name: reader.to_owned() }),
        Error::UnresponsiveCard | Error::UnsupportedCard | Error::UnpoweredCard | Error::ProtoMismatch | Error::InvalidAtr | Error::CardUnsupported => {
            // A card that was just taken away does not answer either.
            Meaning::Look(TransportError::Mute(error.to_string()))
        }
        Error::NotTransacted | Error::CommDataLost | Error::UnknownError | Error::InternalError | Error::NotReady => {
            Meaning::Look(TransportError::Failed(error.to_string()))
        }
        _ => Meaning::Service,
    }
}

/// One command over T=0 (ISO/IEC 7816-3 §12.2.1): it has a length field always and an expected length never beside data;
/// what the card has to say (61xx) is fetched, and a wrong expected length (6Cxx) is put right.
fn by_bytes(apdu: &[u8], mut raw: impl FnMut(&[u8]) -> Result<Vec<u8>, TransportError>) -> Result<Vec<u8>, TransportError> {
    let command = Zeroizing::new(match apdu {
        [_, _, _, _] => [apdu, &[0]].concat(),
        [head @ .., _] if matches!(head, [_, _, _, _, length, data @ ..] if data.len() == usize::from(*length)) => head.to_vec(),
        _ => apdu.to_vec(),
    });
    let mut whole = Vec::new();
    let mut answer = raw(&command)?;
    for _ in 0..CONTINUATIONS {
        match answer[..] {
            [0x6C, length] => {
                let mut again = command.clone();
                if let Some(field) = again.get_mut(4) {
                    *field = length;
                }
                answer = raw(&again)?;
            }
            [ref data @ .., 0x61, length] => {
                whole.extend_from_slice(data);
                answer = raw(&[0x00, 0xC0, 0x00, 0x00, length])?;
            }
            ref rest => {
                whole.extend_from_slice(rest);
                return Ok(whole);
            }
        }
    }
    Err(TransportError::Failed("the card does not come to an end".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    fn readers_of(list: &[(&str, Holds)]) -> Vec<Reader> {
        list.iter().map(|(name, holds)| Reader { name: (*name).to_owned(), holds: *holds }).collect()
    }

    fn chosen<'a>(readers: &'a [Reader], wanted: Option<&str>) -> &'a str {
        &choose_reader(readers, wanted).unwrap().name
    }

    #[test]
    fn a_reader_is_meant_by_its_name_or_by_a_part_that_only_it_has() {
        let readers = readers_of(&[("Sony RC-S300 00 00", Holds::Nothing), ("ACS ACR39U 00 00", Holds::Card), ("Sony RC-S300 00 00 bis", Holds::Card)]);
        assert_eq!(chosen(&readers, Some("Sony RC-S300 00 00")), "Sony RC-S300 00 00");
        assert_eq!(chosen(&readers, Some("acr39")), "ACS ACR39U 00 00");
        let unclear = TransportError::ReaderUnclear { wanted: "Sony".to_owned(), matching: vec![readers[0].name.clone(), readers[2].name.clone()] };
        assert_eq!(choose_reader(&readers, Some("Sony")), Err(unclear));
        let present = readers.iter().map(|reader| reader.name.clone()).collect();
        assert_eq!(choose_reader(&readers, Some("Gemalto")), Err(TransportError::ReaderNotFound { wanted: "Gemalto".to_owned(), present }));
    }

    #[test]
    fn without_a_name_only_the_reader_that_holds_a_card_is_meant() {
        let mut readers = readers_of(&[("a", Holds::Nothing), ("b", Holds::Card)]);
        assert_eq!(chosen(&readers, None), "b");
        readers[1].holds = Holds::CardInUse;
        assert_eq!(chosen(&readers, None), "b");
        readers[0].holds = Holds::Mute;
        assert_eq!(choose_reader(&readers, None), Err(TransportError::ReaderNotNamed { holding: vec!["a".to_owned(), "b".to_owned()] }));
        let empty = readers_of(&[("a", Holds::Nothing), ("b", Holds::Nothing)]);
        assert_eq!(choose_reader(&empty, None), Err(TransportError::NoCard { readers: vec!["a".to_owned(), "b".to_owned()] }));
        assert_eq!(choose_reader(&[], None), Err(TransportError::NoReaders));
        assert_eq!(choose_reader(&[], Some("a")), Err(TransportError::NoReaders));
    }

    #[test]
    fn whoever_waits_for_a_card_looks_only_when_something_may_have_changed() {
        let mut pauses = Vec::new();
        let found = await_card(Some("a"), Duration::from_secs(600), |pause| {
            pauses.push(pause);
            // A card in another reader is none that is waited for.
            let holds = if pauses.len() < 4 { Holds::Nothing } else { Holds::Card };
            Ok(readers_of(&[("a", holds), ("b", Holds::Card)]))
        });
        assert_eq!((found, pauses), (Ok(()), vec![Duration::ZERO, GLANCE, GLANCE, GLANCE]));
        let never = await_card(None, Duration::ZERO, |_| Ok(readers_of(&[("a", Holds::Nothing)])));
        assert_eq!(never, Err(TransportError::NoCardCame { waited: Duration::ZERO }));
    }

    #[test]
    fn a_reader_that_is_unplugged_is_not_taken_for_a_card_that_is_removed() {
        let gone = || Meaning::Is(TransportError::ReaderGone { name: "a".to_owned() });
        for error in [Error::ReaderUnavailable, Error::UnknownReader, Error::NoReadersAvailable] {
            assert_eq!(meaning(error, "a"), gone());
        }
        for error in [Error::RemovedCard, Error::NoSmartcard, Error::ResetCard] {
            assert_eq!(meaning(error, "a"), Meaning::Is(TransportError::Removed));
        }
        assert!(matches!(meaning(Error::NotTransacted, "a"), Meaning::Look(TransportError::Failed(_))));
        assert!(matches!(meaning(Error::UnresponsiveCard, "a"), Meaning::Look(TransportError::Mute(_))));
        assert_eq!(meaning(Error::NoService, "a"), Meaning::Service);
    }

    fn t0(apdu: &[u8], script: &[(&[u8], &[u8])]) -> Result<Vec<u8>, TransportError> {
        let mut script: VecDeque<_> = script.iter().collect();
        let result = by_bytes(apdu, |command| {
            let (expected, answer) = script.pop_front().unwrap();
            assert_eq!(command, *expected);
            Ok(answer.to_vec())
        });
        assert!(script.is_empty(), "not all was asked");
        result
    }

    #[test]
    fn over_t0_an_answer_is_fetched_and_a_wrong_length_is_put_right() {
        assert_eq!(t0(&[0, 0x20, 0, 0x80], &[(&[0, 0x20, 0, 0x80, 0], &[0x63, 0xC3])]).unwrap(), [0x63, 0xC3]);
        assert_eq!(t0(&[0, 0xA4, 2, 0x0C, 2, 0, 6], &[(&[0, 0xA4, 2, 0x0C, 2, 0, 6], &[0x90, 0])]).unwrap(), [0x90, 0]);
        let sign = [0x80, 0x2A, 0, 0x80, 1, 7, 0];
        let fetched: &[(&[u8], &[u8])] = &[(&sign[..6], &[0x61, 2]), (&[0, 0xC0, 0, 0, 2], &[1, 2, 0x61, 1]), (&[0, 0xC0, 0, 0, 1], &[3, 0x90, 0])];
        assert_eq!(t0(&sign, fetched).unwrap(), [1, 2, 3, 0x90, 0]);
        let longer: &[(&[u8], &[u8])] = &[(&[0, 0xB0, 0, 0, 0], &[0x6C, 3]), (&[0, 0xB0, 0, 0, 3], &[1, 2, 3, 0x90, 0])];
        assert_eq!(t0(&[0, 0xB0, 0, 0, 0], longer).unwrap(), [1, 2, 3, 0x90, 0]);
    }

    #[test]
    fn a_card_that_never_ends_over_t0_is_given_up() {
        let endless = by_bytes(&[0, 0xB0, 0, 0, 0], |_| Ok(vec![1, 0x61, 0]));
        assert!(matches!(endless, Err(TransportError::Failed(_))));
    }
}
