//! The conversation with whoever holds the card: what it will sign, the PINs, and that it may be taken away.

use std::time::SystemTime;

use age::secrecy::SecretString;
use rustls_pki_types::CertificateDer;
use tachiai_jpki::{StatementPurpose, UnixTime, UnverifiedCertificate};
use tachiai_schemas::Lang;

use crate::card::{Card, CardError, LastTry, Object, Password, Pin, PinName, Transport, TransportError, Tries, printable};
use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::secret_input;

/// Says what the card will sign, and for whom, before its holder types anything that lets it.
pub fn announce(global: &Global, origin: &str, purposes: &[StatementPurpose]) {
    let purposes = purposes.iter().map(|purpose| purpose.say(jpki(global.lang()))).collect::<Vec<_>>().join(global.pick("、", "; "));
    eprintln!(
        "{}\n  {}{purposes}\n  {}{}",
        global.pick(
            "暗証番号を入力すると、カードは次のことに署名します。心当たりがなければ、入力せずに中止してください。",
            "After your PIN the card signs this. If it is not what you want, stop without typing it."
        ),
        global.pick("用途：", "Purpose: "),
        global.pick("相手先：", "Site: "),
        printable(origin)
    );
}

/// Says that the card works now: nothing else is heard until it and the server are done.
pub fn say_signing(global: &Global) {
    eprintln!(
        "{}",
        global.pick("カードで署名しています。終わるまでカードをリーダーに置いたままにしてください…", "Signing with the card; leave it on the reader …")
    );
}

/// Leaves a card that has done its work. That it cannot be switched off stops nothing, but the holder hears of it.
pub fn leave<T: Transport>(global: &Global, card: Card<T>) {
    match card.close() {
        // It was taken away already.
        Ok(()) | Err(CardError::Transport(TransportError::Removed | TransportError::ReaderGone { .. })) => {}
        Err(error) => eprintln!(
            "{}: {}",
            global.pick("注意", "note"),
            match global.lang() {
                Lang::Ja => format!("カードの電源を切れませんでした。カードをリーダーから離してください。（{}）", error.say(Lang::Ja)),
                Lang::En => format!("the card could not be switched off. Take it off the reader. ({})", error.say(Lang::En)),
            }
        ),
    }
}

/// Reads a PIN and has the card check it. At a terminal it is asked for again as long as tries are left, but for the last one,
/// which is spent only if `last` says so; from a file descriptor it is read once.
///
/// # Errors
/// [`Failure`] of the card, which is not asked for a PIN that is blocked or kept.
pub fn verified<T: Transport, R>(
    global: &Global,
    fd: Option<i32>,
    name: PinName,
    last: LastTry,
    card: &mut Card<T>,
    mut check: impl FnMut(&mut Card<T>, &SecretString, LastTry) -> Result<R, CardError>,
) -> Result<R, Failure> {
    let held = card.pin(name);
    let said = held.say(global.lang());
    loop {
        let tries = card.tries(name)?;
        match (tries, last) {
            (Tries::Blocked, _) => return Err(CardError::Blocked(held.name).into()),
            (Tries::Left(..=1), LastTry::Keep) => return Err(CardError::LastTryKept(held.name).into()),
            _ => {}
        }
        let prompt = match tries {
            Tries::Left(left) if fd.is_none() => format!("{said}{}{left}{}", global.pick("［あと", " [tries left: "), global.pick("回］", "]")),
            _ => said.clone(),
        };
        let typed = secret_input::read(fd, &prompt)?;
        match check(card, &typed, last) {
            Ok(result) => return Ok(result),
            Err(error @ (CardError::WrongPin { .. } | CardError::PinShape | CardError::PasswordShape | CardError::PinRule { .. }))
                if fd.is_none() && !is_empty(&typed) =>
            {
                eprintln!("{}", error.say(global.lang()));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn is_empty(typed: &SecretString) -> bool {
    use age::secrecy::ExposeSecret;
    typed.expose_secret().is_empty()
}

/// The time of this machine.
pub fn now() -> UnixTime {
    UnixTime::from_secs(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// Says that a certificate's time is over before anybody types a PIN for it; the server judges by its own clock.
///
/// # Errors
/// [`CardError::Expired`].
pub(super) fn not_expired(certificate: &[u8], object: Object) -> Result<(), CardError> {
    // What cannot be read is judged where it is used.
    match UnverifiedCertificate::from_der(certificate) {
        Ok(read) if read.validity.not_after < now() => Err(CardError::Expired { object, end: read.validity.not_after }),
        _ => Ok(()),
    }
}

/// The authentication certificate, if it can be read without a PIN, and valid still; a phone shows it only after the PIN.
///
/// # Errors
/// [`CardError::Expired`], or what the card says.
pub fn certificate_before_pin<T: Transport>(card: &mut Card<T>) -> Result<Option<CertificateDer<'static>>, CardError> {
    match card.authentication_certificate() {
        Ok(certificate) => not_expired(&certificate, Object::AuthenticationCertificate).map(|()| Some(certificate)),
        Err(CardError::PinNeeded(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn verify_password<T: Transport>(global: &Global, fd: Option<i32>, last: LastTry, card: &mut Card<T>) -> Result<Password, Failure> {
    verified(global, fd, PinName::Signing, last, card, check_password)
}

fn check_password<T: Transport>(card: &mut Card<T>, typed: &SecretString, last: LastTry) -> Result<Password, CardError> {
    let password = Password::by(card.generation().rule(PinName::Signing), typed)?;
    card.verify_password(&password, last).map(|()| password)
}

/// Has the card check the PIN of its authentication key, in the shape that its generation asks for.
///
/// # Errors
/// [`CardError`]: another shape, wrong, kept or blocked.
pub fn check_pin<T: Transport>(card: &mut Card<T>, typed: &SecretString, last: LastTry) -> Result<Pin, CardError> {
    let pin = Pin::by(card.generation().rule(PinName::Authentication), typed)?;
    card.verify_pin(&pin, last).map(|()| pin)
}

/// The language as the texts of statements have it.
pub const fn jpki(lang: Lang) -> tachiai_jpki::Lang {
    match lang {
        Lang::Ja => tachiai_jpki::Lang::Ja,
        Lang::En => tachiai_jpki::Lang::En,
    }
}

/// A failure of an enrolment: where the card or its reader failed, nobody was enrolled.
pub fn nobody_enrolled(failure: Failure) -> Failure {
    match failure.exit {
        Exit::Card if failure.code.is_none() => failure.and("登録していません。", "Nothing was enrolled."),
        _ => failure,
    }
}
