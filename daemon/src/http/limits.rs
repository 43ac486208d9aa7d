//! Limits: how long a body may be, and how often one network or session may ask.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::Refusal;

use super::session::Token;
use crate::refused::Refused;

/// The longest body in bytes where no route says otherwise.
pub const BODY: usize = 16 << 10;

/// The longest body in bytes where a ballot is cast: one of 128 options is about 17 KB in base64url.
pub const CAST_BODY: usize = 64 << 10;

/// The longest roll in bytes.
pub const ROLL_BODY: usize = 64 << 20;

/// Lets a route take bodies of so many bytes instead of [`BODY`].
pub fn body(bytes: usize) -> DefaultBodyLimit {
    DefaultBodyLimit::max(bytes)
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests a second in the long run.
    pub per_second: NonZeroU32,
    /// Requests at once.
    pub burst: NonZeroU32,
}

impl Rate {
    fn quota(self) -> Quota {
        Quota::per_second(self.per_second).allow_burst(self.burst)
    }
}

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

/// What counts as one client network: an IPv4 address, or the /56 that a household or office gets in IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network([u8; 16]);

impl Network {
    /// The network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_ipv6_mapped().octets()),
            IpAddr::V6(v6) => {
                let mut octets = v6.octets();
                octets[7..].fill(0);
                Self(octets)
            }
        }
    }
}

/// The rates on the public port.
pub struct Rates {
    networks: DefaultKeyedRateLimiter<Network>,
    local: DefaultKeyedRateLimiter<Network>,
    sessions: DefaultKeyedRateLimiter<Hash32>,
}

impl Rates {
    /// One rate for each network, one for the machine itself, one for each session.
    #[must_use]
    pub fn new(network: Rate, local: Rate, session: Rate) -> Self {
        Self { networks: RateLimiter::keyed(network.quota()), local: RateLimiter::keyed(local.quota()), sessions: RateLimiter::keyed(session.quota()) }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// [`Refusal::RateLimited`].
    pub fn count(&self, peer: Option<IpAddr>, token: Option<Token>) -> Result<(), Refused> {
        let within = match peer {
            Some(address) if address.to_canonical().is_loopback() => self.local.check_key(&Network::of(address)).is_ok(),
            Some(address) => self.networks.check_key(&Network::of(address)).is_ok(),
            None => true,
        };
        let within = within && token.is_none_or(|Token(token)| self.sessions.check_key(&Hash32::sha256(&token.0)).is_ok());
        if within { Ok(()) } else { Err(Refusal::RateLimited.into()) }
    }

    /// Forgets networks and sessions that were quiet long enough; called now and then, so that memory stays bounded.
    pub fn forget_quiet(&self) {
        self.networks.retain_recent();
        self.sessions.retain_recent();
    }
}

/// The layer that counts.
pub async fn count(State(rates): State<Arc<Rates>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<PeerAddress>().map(|PeerAddress(address)| *address);
    match rates.count(peer, Token::of(request.headers())) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_second: u32) -> Rate {
        Rate { per_second: NonZeroU32::new(per_second).unwrap(), burst: NonZeroU32::new(per_second).unwrap() }
    }

    #[test]
    fn one_busy_network_does_not_stop_another() {
        let rates = Rates::new(rate(1), rate(1000), rate(1000));
        let (busy, other) = ("203.0.113.7".parse().ok(), "203.0.113.8".parse().ok());
        assert_eq!(rates.count(busy, None), Ok(()));
        assert_eq!(rates.count(busy, None), Err(Refusal::RateLimited.into()));
        assert_eq!(rates.count(other, None), Ok(()));
    }

    #[test]
    fn addresses_of_one_household_count_as_one() {
        let of = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:ff:ffff::2"));
        assert_ne!(of("2001:db8:0:100::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
    }
}
