//! A session is what a citizen has after logging in with the card: an opaque token that only the client knows,
//! kept here as a hash, for fifteen minutes after its last use and eight hours at most.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use rand_core::{CryptoRng, RngCore};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::identity::Session;
use tachiai_schemas::{Bytes, CitizenId, Refusal, Timestamp};

use crate::clock::Clock;
use crate::refused::Refused;

/// A session ends so many seconds after its last use.
pub const IDLE: i64 = 15 * 60;

/// A session ends so many seconds after it began, used or not.
pub const LIFETIME: i64 = 8 * 60 * 60;

/// So many sessions a citizen may have at once; one more ends the one that was idle longest.
pub const PER_CITIZEN: usize = 5;

/// Who a citizen's request comes from. As an extractor it needs a living session and otherwise answers
/// [`Refusal::LoginRequired`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The citizen.
    pub citizen: CitizenId,
    /// The person hash, by which a roll is searched (PROTOCOL §5.1).
    pub person: Hash32,
    /// SHA-256 of the SubjectPublicKeyInfo of the card's authentication key.
    pub card_key: Hash32,
}

struct Living {
    holder: Holder,
    began: Timestamp,
    used: Timestamp,
}

impl Living {
    fn over(&self, now: Timestamp) -> bool {
        now.unix() > self.used.unix() + IDLE || now.unix() > self.began.unix() + LIFETIME
    }
}

/// All sessions, in memory: a restart ends them.
pub struct Sessions {
    clock: Arc<dyn Clock>,
    capacity: usize,
    living: Mutex<HashMap<Hash32, Living>>,
}

impl Sessions {
    /// At most `capacity` sessions at once.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, capacity: usize) -> Self {
        Self { clock, capacity, living: Mutex::new(HashMap::new()) }
    }

    /// Begins a session.
    ///
    /// # Errors
    /// [`Refusal::Busy`] if there are as many as there may be.
    pub fn begin(&self, holder: Holder, rng: &mut (impl RngCore + CryptoRng)) -> Result<Session, Refused> {
        let now = self.clock.now();
        let mut token = [0; 32];
        rng.fill_bytes(&mut token);
        let mut living = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        if living.len() >= self.capacity {
            living.retain(|_, session| !session.over(now));
        }
        let mut own: Vec<_> =
            living.iter().filter(|(_, session)| session.holder.citizen == holder.citizen).map(|(hash, session)| (session.used, *hash)).collect();
        if own.len() >= PER_CITIZEN {
            own.sort();
            for (_, hash) in own.iter().take(own.len() + 1 - PER_CITIZEN) {
                living.remove(hash);
            }
        }
        if living.len() >= self.capacity {
            return Err(Refusal::Busy.into());
        }
        living.insert(Hash32::sha256(&token), Living { holder, began: now, used: now });
        Ok(Session { token: Bytes(token), citizen: holder.citizen, expires: now.plus(LIFETIME) })
    }

    /// Whose session this is, and counts the use.
    ///
    /// # Errors
    /// [`Refusal::LoginRequired`].
    pub fn holder(&self, token: &Bytes<32>) -> Result<Holder, Refused> {
        let now = self.clock.now();
        let hash = Hash32::sha256(&token.0);
        let mut living = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        match living.get_mut(&hash) {
            Some(session) if !session.over(now) => {
                session.used = now;
                Ok(session.holder)
            }
            Some(_) => {
                living.remove(&hash);
                Err(Refusal::LoginRequired.into())
            }
            None => Err(Refusal::LoginRequired.into()),
        }
    }

    /// Ends a session; nothing happens if there is none.
    pub fn end(&self, token: &Bytes<32>) {
        self.living.lock().unwrap_or_else(PoisonError::into_inner).remove(&Hash32::sha256(&token.0));
    }

    /// Ends every session of these citizens: they are known by another ID from now on, or were erased.
    pub fn end_of_citizens(&self, citizens: &[CitizenId]) {
        self.living.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, session| !citizens.contains(&session.holder.citizen));
    }

    /// Ends every session of a card, when it is bound anew: the person behind it may have moved.
    pub fn end_of_card(&self, card_key: &Hash32) {
        self.living.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, session| session.holder.card_key != *card_key);
    }
}

/// The bearer token of a request (RFC 6750 §2.1).
#[derive(Clone, Copy)]
pub struct Token(pub Bytes<32>);

impl Token {
    /// Reads the `Authorization` header.
    #[must_use]
    pub fn of(headers: &axum::http::HeaderMap) -> Option<Self> {
        let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().parse().ok().map(Self)).flatten()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Token {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        Self::of(&parts.headers).ok_or_else(|| Refusal::LoginRequired.into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Holder {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Token(token) = Token::from_request_parts(parts, state).await?;
        let sessions = parts.extensions.get::<Arc<Sessions>>().ok_or_else(|| Refused::fault("looking for a session", "no sessions in the router"))?;
        sessions.holder(&token)
    }
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;

    use super::*;
    use crate::clock::SetClock;

    fn holder(citizen: u8) -> Holder {
        Holder { citizen: CitizenId([citizen; 16]), person: Hash32::ZERO, card_key: Hash32::from_bytes([citizen; 32]) }
    }

    fn sessions(capacity: usize) -> (Arc<SetClock>, Sessions) {
        let clock = Arc::new(SetClock::new(Timestamp::from_unix(1_800_000_000).unwrap()));
        (clock.clone(), Sessions::new(clock, capacity))
    }

    #[test]
    fn a_session_ends_when_it_is_idle() {
        let (clock, sessions) = sessions(10);
        let session = sessions.begin(holder(1), &mut OsRng).unwrap();
        clock.advance(IDLE);
        assert_eq!(sessions.holder(&session.token), Ok(holder(1)));
        clock.advance(IDLE);
        assert_eq!(sessions.holder(&session.token), Ok(holder(1)));
        clock.advance(IDLE + 1);
        assert_eq!(sessions.holder(&session.token), Err(Refusal::LoginRequired.into()));
    }

    #[test]
    fn a_session_ends_after_eight_hours_however_busy() {
        let (clock, sessions) = sessions(10);
        let session = sessions.begin(holder(1), &mut OsRng).unwrap();
        for _ in 0..LIFETIME / IDLE {
            clock.advance(IDLE);
            assert_eq!(sessions.holder(&session.token), Ok(holder(1)));
        }
        clock.advance(1);
        assert_eq!(sessions.holder(&session.token), Err(Refusal::LoginRequired.into()));
    }

    #[test]
    fn a_session_can_be_ended() {
        let (_, sessions) = sessions(10);
        let session = sessions.begin(holder(1), &mut OsRng).unwrap();
        sessions.end(&session.token);
        assert_eq!(sessions.holder(&session.token), Err(Refusal::LoginRequired.into()));
    }

    #[test]
    fn sessions_are_bounded_and_one_citizen_cannot_take_them_all() {
        let (clock, sessions) = sessions(PER_CITIZEN + 1);
        let first = sessions.begin(holder(1), &mut OsRng).unwrap();
        clock.advance(1);
        for _ in 0..PER_CITIZEN * 2 {
            sessions.begin(holder(1), &mut OsRng).unwrap();
        }
        assert_eq!(sessions.holder(&first.token), Err(Refusal::LoginRequired.into()));
        sessions.begin(holder(2), &mut OsRng).unwrap();
        assert_eq!(sessions.begin(holder(3), &mut OsRng).err(), Some(Refusal::Busy.into()));
        clock.advance(IDLE + 1);
        assert!(sessions.begin(holder(3), &mut OsRng).is_ok());
    }
}
