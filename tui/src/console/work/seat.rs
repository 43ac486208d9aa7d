//! Seats: what stays open while somebody works at it, each on a thread of its own: the desk of a polling place with its card reader, and a trustee's medium.
//!
//! An order goes to the thread, and what comes of it, and what happens there by itself, comes back as news that replace those before.

use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
use std::thread;

use tachiai_schemas::Lang;

use super::{Brought, Done};
use crate::console::event::Event;
use crate::failure::Failure;

pub mod poll;
pub mod trustee;

/// A seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// The desk of a polling place.
    Poll,
    /// A trustee's medium.
    Trustee,
}

/// What is to be done at a seat. The first order opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// At the desk of a polling place.
    Poll(poll::Order),
    /// At a trustee's medium.
    Trustee(trustee::Order),
}

impl Order {
    /// Where.
    #[must_use]
    pub const fn seat(&self) -> Seat {
        match self {
            Self::Poll(_) => Seat::Poll,
            Self::Trustee(_) => Seat::Trustee,
        }
    }
}

/// How a seat stands now.
pub enum News {
    /// The desk of a polling place.
    Poll(Box<poll::Seen>),
    /// A trustee's medium.
    Trustee(Box<trustee::Seen>),
}

/// The way back of a seat.
pub struct Bring {
    events: Sender<Event>,
    /// The number of the order that opened it.
    since: u64,
}

impl Bring {
    /// Brings how the seat stands. If nobody listens any more, the console has ended.
    fn news(&self, news: News) {
        let _ = self.events.send(Event::Brought(Box::new(Brought::Seat(self.since, news))));
    }

    /// Brings what came of an order.
    fn done(&self, number: u64, result: Result<Done, Failure>) {
        let _ = self.events.send(Event::Brought(Box::new(Brought::Done(number, result.map(Box::new)))));
    }
}

/// The seats that are taken.
pub struct Seats {
    events: Sender<Event>,
    lang: Lang,
    poll: Option<Sender<poll::Input>>,
    trustee: Option<Sender<(u64, trustee::Order)>>,
}

impl Seats {
    /// None yet; what happens at them is brought to `events`.
    #[must_use]
    pub const fn new(events: Sender<Event>, lang: Lang) -> Self {
        Self { events, lang, poll: None, trustee: None }
    }

    /// Gives an order under its number; `profile` is that of whoever sits here. The first order opens the seat.
    pub fn order(&mut self, number: u64, order: Order, profile: Option<PathBuf>) {
        let bring = Bring { events: self.events.clone(), since: number };
        // A thread that ended took nothing with it that is not kept elsewhere, and says so itself.
        let _ = match order {
            Order::Poll(order) => {
                let lang = self.lang;
                let seat = self.poll.get_or_insert_with(|| {
                    let (inputs, arrives) = mpsc::channel();
                    let own = inputs.clone();
                    thread::spawn(move || poll::sit(&bring, profile, lang, &own, &arrives));
                    inputs
                });
                seat.send(poll::Input::Order(number, order)).is_ok()
            }
            Order::Trustee(order) => {
                let seat = self.trustee.get_or_insert_with(|| {
                    let (orders, arrives) = mpsc::channel();
                    thread::spawn(move || trustee::sit(&bring, &arrives));
                    orders
                });
                seat.send((number, order)).is_ok()
            }
        };
    }

    /// Tells the desk of a polling place that officers fill in a window, or do no more.
    pub fn window(&self, window: poll::Window) {
        // A desk that ended reads no cards.
        let _ = self.poll.as_ref().map(|seat| seat.send(poll::Input::Window(window)));
    }

    /// Leaves a seat: what is under way is ended, and nothing of it stays.
    pub fn rise(&mut self, seat: Seat) {
        match seat {
            Seat::Poll => {
                let _ = self.poll.take().map(|seat| seat.send(poll::Input::Rise));
            }
            Seat::Trustee => self.trustee = None,
        }
    }
}
