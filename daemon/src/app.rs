//! The composition: the only place that sees every room.
//!
//! | file | is |
//! |---|---|
//! | [`base`] | what every command on a data folder needs: lock, vault, store, the appliance's journal |
//! | [`appliance`] | the appliance's journal and its two rooms |
//! | [`both`] | the rooms that act when two officials agree |
//! | [`citizens`] | citizens, as other rooms ask of them, and who is told that an official looked |
//! | [`reading`] | the appliance's journal, for auditors |
//! | [`rosters`] | the rosters, as the room that shares asks them |
//! | [`control`] | the socket by which `tachiaid staff` reaches a daemon that runs |
//! | [`trusted`] | what is trusted of cards, kept for auditors |
//! | [`evidence`] | the evidence of an election, for the audit |
//! | [`now`] | what is going on in every room |
//! | [`occupancy`] | what the city's data platform is told |
//! | [`platform`] | what it is asked, and when |
//! | [`setup`] | a new data folder |
//! | [`audit`] | `tachiaid check` and `tachiaid rebuild` |

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::health::{Ailment, JournalOf};
use tokio::net::TcpListener;
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;

use crate::cards::{CardPolicy, CardVerifier, Prepared, Trusted};
use crate::config::Broker;
use crate::election::{self, Elections};
use crate::http::limits::Rates;
use crate::http::router::{self, Condition, Health, Routes, Surroundings};
use crate::http::server::{self, Port, Speaks};
use crate::http::tls::{self, ServerCertificate};
use crate::http::{Officials, Sessions, card};
use crate::identity::{self, Identity};
use crate::journal::{Ballast, JournalError};
use crate::looks::Looks;
use crate::nonces::Nonces;
use crate::outbox::backoff::Backoff;
use crate::outbox::{self, Outbox};
use crate::pki;
use crate::refused::Refused;
use crate::sharing::{self, Sharing};
use crate::shelter::{self, Shelters};
use crate::staff::{self, Staff, StaffList};
use crate::status::glances::Glances;
use crate::status::{self, Watchtower};

pub mod appliance;
pub mod audit;
pub mod backup;
pub mod base;
pub mod both;
pub mod citizens;
pub mod control;
pub mod evidence;
pub mod now;
pub mod occupancy;
pub mod platform;
pub mod reading;
pub mod rosters;
pub mod setup;
pub mod trusted;

use appliance::Own;
pub use base::{Base, StartError};
use both::Both;
use citizens::{Log, OfServices};

/// The sockets.
pub struct Listeners {
    /// For everybody.
    pub public: TcpListener,
    /// For staff.
    pub staff: TcpListener,
    /// For browsers that show a card, if configured.
    pub card: Option<TcpListener>,
}

impl Listeners {
    /// Binds the configured addresses.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub async fn bind(base: &Base) -> Result<Self, StartError> {
        let listen = base.config.listen;
        let bind = |address| async move { TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source }) };
        let card = match listen.card {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        Ok(Self { public: bind(listen.public).await?, staff: bind(listen.staff).await?, card })
    }
}

/// The daemon, ready to serve.
pub struct App {
    base: Base,
    identity: Arc<Identity>,
    staff: Arc<Staff>,
    elections: Arc<Elections>,
    shelters: Arc<Shelters>,
    sharing: Arc<Sharing>,
    outbox: Option<Arc<Outbox>>,
    /// The rooms that write into it hold it weakly.
    _log: Arc<dyn Looks>,
    cards: Arc<CardVerifier>,
    rates: Arc<Rates>,
    officials: Arc<dyn Officials>,
    public_certificate: Arc<ServerCertificate>,
    staff_certificate: Arc<ServerCertificate>,
    /// What is trusted of cards changes once at a time.
    trusting: tokio::sync::Mutex<()>,
}

impl App {
    /// Connects the rooms.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn new(mut base: Base) -> Result<Self, StartError> {
        let limits = base.config.limits;
        let cards = Arc::new(CardVerifier::load(&base.config.cards)?);
        let Trusted { anchors, text_anchors, crls } = cards.trusted();
        tracing::info!(anchors, text_anchors, crls, "read what is trusted of cards");
        if base.config.cards.policy == CardPolicy::Test {
            tracing::warn!("test cards are accepted, and real ones are not");
        }
        if base.config.cards.crl == CrlRequirement::NotRequired {
            tracing::warn!("revocation of cards is not checked; the manifest of every new election says so");
        }
        if text_anchors == 0 {
            tracing::info!("no key for cards' texts is trusted, so nobody can be enrolled at a counter, and no card identifies anybody at a shelter");
        }
        let nonces = Arc::new(Nonces::new(limits.nonces, &mut rand_core::OsRng));
        let sessions = Arc::new(Sessions::new(base.clock.clone(), limits.sessions));
        let registrar = Arc::new(base.registrar());
        let identity = Arc::new(Identity {
            origin: base.config.origin().to_owned(),
            clock: base.clock.clone(),
            cards: cards.clone(),
            nonces,
            sessions,
            vault: base.vault.clone(),
            state: base.shared.identity.clone(),
            register: registrar,
            looks: base.looks.clone(),
            indexer: base.indexer()?,
            pseudonyms: Mutex::default(),
            cases_seen: Mutex::default(),
        });
        identity.finish_erasures()?;
        let citizens = base.citizens()?;
        let elections = Arc::new(base.elections(cards.clone(), identity.nonces.clone(), identity.clone())?);
        base.repairs.extend_from_slice(elections.repairs());
        let trusted = cards.clone();
        let shelters = Arc::new(base.shelters(base.store.clone(), Box::new(move || trusted.in_force().files().text_anchors.clone()))?);
        base.repairs.extend_from_slice(shelters.repairs());
        let sharing = sharing::Services {
            clock: base.clock.clone(),
            vault: base.vault.clone(),
            state: base.shared.sharing.clone(),
            book: Arc::new(base.registrar()),
            rosters: Arc::new(rosters::OfShelters { shelters: shelters.clone(), citizens: citizens.clone() }),
            citizens: Arc::new(citizens.clone()),
            pseudonyms: Arc::new(OfServices(identity.clone())),
            platform: platform::platform(&base)?,
            warnings_seconds: base.config.broker.as_ref().map_or(0, |broker| broker.warnings_seconds),
            host: base.config.origin().to_owned(),
        };
        let sharing = Arc::new(Sharing::open(sharing, &base.config.data)?);
        let log: Arc<dyn Looks> = Arc::new(Log { sharing: sharing.clone(), staff: base.shared.staff.clone(), citizens });
        base.looks.set(Arc::downgrade(&log));
        let both = Both { elections: elections.clone(), identity: identity.clone(), shelters: shelters.clone(), sharing: sharing.clone() };
        let staff = base.staff(Arc::new(both));
        // The closure holds the state alone: the staff's room holds the elections already.
        let (state, clock) = (base.shared.staff.clone(), base.clock.clone());
        elections.show_pending(move |election| {
            let pending = state.read().unwrap_or_else(PoisonError::into_inner).pending(clock.now());
            pending.into_iter().filter(|pending| pending.matter.election() == Some(election)).collect()
        });
        let outbox = outbox(&base)?.map(Arc::new);
        let (public_certificate, staff_certificate) = base.server_certificates()?;
        Ok(Self {
            identity,
            staff,
            elections,
            shelters,
            sharing,
            outbox,
            _log: log,
            cards,
            rates: Arc::new(Rates::new(limits.network, limits.local, limits.session)),
            officials: Arc::new(StaffList(base.shared.staff.clone())),
            public_certificate,
            staff_certificate,
            trusting: tokio::sync::Mutex::new(()),
            base,
        })
    }

    /// The staff room, for tests and the control socket.
    #[must_use]
    pub fn staff(&self) -> Arc<Staff> {
        self.staff.clone()
    }

    /// Every election, for tests.
    #[must_use]
    pub fn elections(&self) -> Arc<Elections> {
        self.elections.clone()
    }

    /// Every event, for tests.
    #[must_use]
    pub fn shelters(&self) -> Arc<Shelters> {
        self.shelters.clone()
    }

    /// Reads card anchors, revocation lists and server certificates again, and makes a new server certificate where one is
    /// due. What cannot be read stays as it was and is logged.
    pub async fn reload(&self) {
        match CardVerifier::prepare(&self.base.config.cards) {
            Ok(prepared) => {
                if let Err(error) = self.trust(prepared).await {
                    tracing::error!(%error, "card anchors and revocation lists stay as they were");
                }
            }
            Err(error) => tracing::error!(%error, "card anchors and revocation lists stay as they were"),
        }
        if let Err(error) = self.base.reload_certificates(&self.public_certificate, &self.staff_certificate) {
            tracing::error!(%error, "server certificates stay as they were");
        }
        tracing::info!("read card anchors, revocation lists and server certificates again");
    }

    /// Keeps for auditors what is to be trusted of cards, records it, and only then puts it in force.
    async fn trust(&self, prepared: Prepared) -> Result<(), Refused> {
        let _turn = self.trusting.lock().await;
        let archive = trusted::archive(&self.base.config.data);
        let (files, crl) = (prepared.files().clone(), self.base.config.cards.crl);
        let kept = tokio::task::spawn_blocking(move || trusted::keep(&archive, &files, crl)).await;
        let kept = kept.map_err(|error| Refused::fault("working in the background", error))?;
        let kept = kept.map_err(|error| Refused::fault("keeping what is trusted of cards", error))?;
        let known = self.base.shared.trusted.read().unwrap_or_else(PoisonError::into_inner).last().is_some_and(|(_, last)| *last == kept);
        if !known {
            self.base.registrar().record(self.base.clock.now(), Own::CardsTrusted(kept)).await?;
        }
        self.cards.put_in_force(prepared);
        Ok(())
    }

    /// As [`Self::trust`], of what was read at the start; where nothing can be recorded, no card is accepted.
    async fn trust_or_hold(&self) {
        if let Err(error) = self.trust(self.cards.in_force()).await {
            tracing::error!(%error, "what is trusted of cards cannot be recorded, so no card is accepted");
            self.cards.hold();
        }
    }

    /// Finishes the erasures that a fault left.
    async fn retry_erasures(&self) {
        if let Err(error) = self.identity.retry_erasures().await {
            tracing::error!(%error, "the erasure of a citizen is not finished; it is tried again");
        }
        for event in self.shelters.all() {
            if let Err(error) = event.retry_erasures().await {
                tracing::error!(%error, event = %event.id, "the erasure of a person is not finished; it is tried again");
            }
        }
    }

    /// Serves until `stop` becomes true; then finishes what is under way and brings journals and views to rest. `ready` is
    /// called when both ports and the control socket answer.
    ///
    /// # Errors
    /// [`StartError`] if it cannot begin; nothing was served then.
    pub async fn run(self: Arc<Self>, listeners: Listeners, stop: watch::Receiver<bool>, ready: impl FnOnce()) -> Result<(), StartError> {
        let around =
            Surroundings { sessions: self.identity.sessions.clone(), officials: self.officials.clone(), rates: self.rates.clone(), health: self.clone() };
        let routes = Routes {
            public: self.routes_public(),
            staff: self.routes_staff(stop.clone()),
            card: identity::routes::routes_card(self.identity.clone()),
            card_pages: identity::routes::pages_card(self.identity.clone()),
        };
        let ports = router::assemble(routes, &around);
        let authority = self.base.authority.certificate().clone();
        let connections = self.base.config.limits.connections;
        let public = Port {
            name: "public",
            listener: listeners.public,
            tls: Arc::new(tls::public(self.public_certificate.clone())?),
            router: ports.public,
            speaks: Speaks::Both,
            connections,
        };
        let staff = Port {
            name: "staff",
            listener: listeners.staff,
            tls: Arc::new(tls::staff(self.staff_certificate.clone(), authority, self.officials.clone())?),
            router: ports.staff,
            speaks: Speaks::Both,
            connections,
        };
        // All generations of an authority bear one name, so an anchor that is added later needs no new hint.
        let card = match listeners.card {
            Some(listener) => Some(Port {
                name: "card",
                listener,
                tls: Arc::new(card::tls(self.public_certificate.clone(), self.cards.login_hints())?),
                router: ports.card,
                speaks: Speaks::Http1,
                connections,
            }),
            None => None,
        };
        let control = control::Socket::bind(&self.base.config.data)?;
        self.base.begin().await?;
        self.trust_or_hold().await;
        self.staff.resume().await;
        self.retry_erasures().await;
        let maintenance = tokio::spawn(maintain(self.clone()));
        let telling = tokio::spawn(tell(self.clone()));
        let steps = tokio::spawn(platform::fetch_steps(self.clone()));
        let warnings = tokio::spawn(platform::fetch_warnings(self.clone()));
        let control = tokio::spawn(control.serve(self.staff.clone(), stop.clone()));
        ready();
        let card = async {
            if let Some(port) = card {
                server::serve(port, stop.clone()).await;
            }
        };
        let mut stopped = stop.clone();
        // At once: a request that began a round of step counts is waited for.
        let rounds = async {
            let _ = stopped.wait_for(|is_stopped| *is_stopped).await;
            self.sharing.stop();
        };
        tokio::join!(server::serve(public, stop.clone()), server::serve(staff, stop.clone()), card, rounds);
        maintenance.abort();
        telling.abort();
        steps.abort();
        warnings.abort();
        let _ = tokio::join!(maintenance, telling, steps, warnings, control);
        self.elections.stop().await;
        self.shelters.stop().await;
        self.base.end().await;
        Ok(())
    }

    fn routes_public(&self) -> OpenApiRouter {
        identity::routes::routes(self.identity.clone())
            .merge(election::routes::routes_public(self.elections.clone()))
            .merge(shelter::questionnaire::routes::routes_public(self.shelters.register().clone()))
            .merge(shelter::routes::routes_public(self.shelters.clone()))
            .merge(sharing::routes::routes_public(self.sharing.clone()))
    }

    fn routes_staff(self: &Arc<Self>, stop: watch::Receiver<bool>) -> OpenApiRouter {
        let now = Arc::new(now::Now {
            clock: self.base.clock.clone(),
            elections: self.elections.clone(),
            shelters: self.shelters.clone(),
            staff: self.staff.clone(),
            sharing: self.sharing.clone(),
            health: self.clone(),
            data: self.base.config.data.clone(),
            disk_limit: self.base.config.disk.limit_percent,
            counted: Mutex::default(),
            looked: Mutex::default(),
        });
        let glances = Arc::new(Glances::new(now));
        staff::routes::routes(self.staff.clone())
            .merge(reading::routes_staff(self.base.reader()))
            .merge(status::routes::routes_staff(Watchtower { glances, officials: self.officials.clone(), stop, streams: Arc::default() }))
            .merge(identity::routes::routes_staff(self.identity.clone(), self.staff.clone()))
            .merge(election::routes::routes_staff(self.elections.clone()))
            .merge(election::roll::routes::routes_staff(self.elections.clone(), self.staff.clone()))
            .merge(election::desk::routes::routes_staff(self.elections.clone(), self.staff.clone()))
            .merge(shelter::routes::routes_staff(self.shelters.clone(), self.staff.clone()))
            .merge(shelter::register::routes::routes_staff(self.shelters.register().clone()))
            .merge(shelter::questionnaire::routes::routes_staff(self.shelters.clone()))
            .merge(shelter::reports::routes::routes_staff(self.shelters.clone()))
            .merge(sharing::routes::routes_staff(self.sharing.clone(), self.staff.clone()))
            .merge(outbox::routes::routes_staff(self.outbox.clone()))
            .merge(evidence::routes_staff(Arc::new(evidence::Desk {
                clock: self.base.clock.clone(),
                elections: self.elections.clone(),
                registrar: self.base.registrar(),
                history: self.base.shared.trusted.clone(),
                archive: trusted::archive(&self.base.config.data),
                exports: Mutex::default(),
            })))
    }
}

impl Health for App {
    fn condition(&self) -> Condition {
        let mut condition = self.elections.condition();
        let Condition { broken, warnings } = self.shelters.condition();
        condition.broken.extend(broken);
        condition.warnings.extend(warnings);
        if let Some(outbox) = &self.outbox {
            condition.warnings.extend(outbox.condition().warnings);
        }
        if let Some(error) = self.base.registrar().condition() {
            condition.broken.push(Ailment::ReadOnly { journal: JournalOf::Appliance {}, why: (&error).into() });
        }
        condition
    }
}

/// What is to be done now and then.
async fn maintain(app: Arc<App>) {
    const MINUTE: Duration = Duration::from_secs(60);
    let mut minutes = 0_u32;
    loop {
        tokio::time::sleep(MINUTE).await;
        minutes += 1;
        app.rates.forget_quiet();
        app.retry_erasures().await;
        if app.cards.is_held() {
            app.trust_or_hold().await;
        }
        if minutes.is_multiple_of(6 * 60)
            && let Err(error) = app.base.reload_certificates(&app.public_certificate, &app.staff_certificate)
        {
            tracing::error!(%error, "server certificates stay as they were");
        }
    }
}

/// The outbox for the city's data platform, if one is configured.
fn outbox(base: &Base) -> Result<Option<Outbox>, StartError> {
    let Some(Broker { url, ca, token, tenant, context: _, warnings_seconds: _ }) = base.config.broker.clone() else { return Ok(None) };
    let target = outbox::Target {
        url: format!("{url}{}", occupancy::PATH),
        ca,
        token,
        tenant,
        media_type: tachiai_schemas::sharing::ngsi::MEDIA_TYPE,
        timeout: Duration::from_secs(30),
    };
    Ok(Some(Outbox::open(&base.config.data.join("outbox"), &target, Backoff::default(), base.clock.clone())?))
}

/// Tells the city's data platform what changed, if there is one. Changes that come together are told together.
async fn tell(app: Arc<App>) {
    const PAUSE: Duration = Duration::from_secs(2);
    let Some(outbox) = app.outbox.clone() else { return };
    let mut told = occupancy::Told::default();
    loop {
        let (shelters, outbox) = (app.shelters.clone(), outbox.clone());
        let telling = tokio::task::spawn_blocking(move || {
            told.tell(&shelters, &outbox);
            told
        });
        told = telling.await.unwrap_or_default();
        tokio::time::sleep(PAUSE).await;
    }
}

/// Keeps room for an emergency; without room for it the daemon starts all the same and says so.
fn ballast(config: &crate::config::Config) {
    let result: Result<(), JournalError> = match config.disk.ballast_mb {
        0 => Ballast::of(&config.data).release(),
        megabytes => Ballast::of(&config.data).fill(megabytes * 1_000_000),
    };
    if let Err(error) = result {
        tracing::warn!(%error, "there is no ballast for an emergency");
    }
}

/// The certificate that the public port shows if another authority issued it.
fn foreign(
    config: &crate::config::Config,
) -> Result<Option<(Vec<rustls::pki_types::CertificateDer<'static>>, rustls::pki_types::PrivateKeyDer<'static>)>, pki::PkiError> {
    config.tls.as_ref().map(|files| Ok((pki::chain(&files.certificate)?, pki::key(&files.key)?))).transpose()
}
