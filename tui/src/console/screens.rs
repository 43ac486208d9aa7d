//! The screens; each knows what it shows and asks, and nothing of how it is asked.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::action::{Action, Place};
use super::desk::Desk;
use super::event::Key;
use super::keymap::Binding;
use super::popups::{Leaving, Popup};
use super::work::reception::{News, Order};
use super::work::seat::Seat;
use super::work::{Deed, Question};

pub mod access;
pub mod alerts;
pub mod approvals;
pub mod aside;
pub mod board;
pub mod bring;
pub mod citizen;
pub mod citizens;
pub mod close;
pub mod conflicts;
pub mod connection;
pub mod counting;
pub mod create;
pub mod declarations;
pub mod disclose;
pub mod duplicates;
pub mod election;
pub mod elections;
pub mod event;
pub mod events;
pub mod facilities;
pub mod home;
pub mod import;
pub mod journal;
pub mod missing;
pub mod people;
pub mod person;
pub mod poll;
pub mod practice;
pub mod reception;
pub mod roll_call;
pub mod sharing;
pub mod statements;
pub mod terminals;
pub mod trustee;
pub mod warnings;

/// A screen.
pub trait Screen {
    /// Where it is.
    fn place(&self) -> Place;

    /// Its name.
    fn title(&self, desk: &Desk) -> String;

    /// What it has to ask to show what it shows.
    fn questions(&self, _desk: &Desk) -> Vec<Question> {
        Vec::new()
    }

    /// Its keys, besides those of every screen.
    fn keys(&self, desk: &Desk) -> Vec<Binding>;

    /// Whether keys are text now.
    fn is_typing(&self) -> bool {
        false
    }

    /// Takes a key as text; says whether it did.
    fn typed(&mut self, _key: Key) -> bool {
        false
    }

    /// Takes a pasted text.
    fn paste(&mut self, _text: &str) {}

    /// The seat at which one sits here.
    fn seat(&self) -> Option<Seat> {
        None
    }

    /// Sees that its seat stands otherwise than before.
    fn stands(&mut self, _desk: &Desk) {}

    /// Takes what a window asked for.
    fn given(&mut self, _text: String) -> Then {
        Then::Stay
    }

    /// Something was answered, or it came into sight.
    fn refreshed(&mut self, _desk: &Desk) {}

    /// Whether something is filled in that would be lost.
    fn is_unsaved(&self) -> bool {
        false
    }

    /// Why it cannot be left just now.
    fn held(&self, _desk: &Desk) -> Option<String> {
        None
    }

    /// What is asked before it is left with something that would be lost.
    fn leaving(&self) -> Leaving {
        Leaving { title: "leave-title", text: "leave-text", leave: "key-drop", stay: "key-stay" }
    }

    /// Whether others than who sits here type at it: then no letter or digit leads away from it.
    fn is_public(&self) -> bool {
        false
    }

    /// Whether this is what it was filled in for: once it is done, the screen is left.
    fn is_for(&self, _deed: &Deed) -> bool {
        false
    }

    /// Sees what came of something that was done; says whether it shows that, so that no window has to.
    fn done(&mut self, _deed: &Deed, _said: &[String; 2]) -> bool {
        false
    }

    /// Whether it names people now: it is hidden once nobody has touched anything for a while.
    fn names_people(&self, _desk: &Desk) -> bool {
        false
    }

    /// Does what a key of it stands for.
    fn act(&mut self, desk: &Desk, action: Action) -> Then;

    /// What it orders of this machine's reception when it comes into sight.
    fn order(&self, _desk: &Desk) -> Option<Order> {
        None
    }

    /// Hears what came of an order there.
    fn heard(&mut self, _desk: &Desk, _news: &News) -> Then {
        Then::Stay
    }

    /// Draws it.
    fn draw(&self, desk: &Desk, frame: &mut Frame<'_>, area: Rect);
}

/// What a screen wants done.
pub enum Then {
    /// Nothing.
    Stay,
    /// To ask what it shows now and did not show before.
    Ask,
    /// To ask what it shows now, whether or not it was shown before.
    Anew,
    /// To go to another screen.
    Go(Place),
    /// To go to a screen that was made of what is at hand.
    Screen(Box<dyn Screen>),
    /// A window over it.
    Window(Box<Popup>),
    /// Something to be done that can be undone, or is asked of nobody.
    Do(Box<Deed>),
}

/// The screen of a place, as it is when somebody comes to it.
#[must_use]
pub fn at(place: Place) -> Box<dyn Screen> {
    match place {
        Place::Connection => Box::new(connection::Connection),
        Place::Home => Box::new(home::Home::default()),
        Place::Approvals => Box::new(approvals::Approvals::default()),
        Place::Elections => Box::new(elections::Elections::default()),
        Place::Election(id) => Box::new(election::Election::of(id)),
        Place::Events => Box::new(events::Events::default()),
        Place::Event(id) => Box::new(event::Event::of(id)),
        Place::People(event) => Box::new(people::People::of(event)),
        Place::Person(event, chain) => Box::new(person::Person::of(event, chain)),
        Place::Journal => Box::new(journal::Journal::default()),
        // What is disclosed is begun at the grant on which it is.
        Place::Sharing | Place::Disclose => Box::new(sharing::Sharing::default()),
        Place::Alerts => Box::new(alerts::Alerts::default()),
        Place::Warnings => Box::new(warnings::Warnings::default()),
        Place::Citizens => Box::new(citizens::Citizens::default()),
        Place::Citizen(code) => Box::new(citizen::Citizen::of(code)),
        Place::Access(code) => Box::new(access::Access::of(code)),
        Place::Facilities(event) => Box::new(facilities::Facilities::of(event)),
        Place::Close(event) => Box::new(close::Close::of(event)),
        Place::Import => Box::new(import::Import::default()),
        Place::Terminals(event) => Box::new(terminals::Terminals::of(event)),
        Place::Missing(event) => Box::new(missing::Missing::of(event)),
        Place::Duplicates(event) => Box::new(duplicates::Duplicates::of(event)),
        Place::Statements(event) => Box::new(statements::Statements::of(event)),
        Place::Asides(event) => Box::new(aside::Asides::of(event)),
        Place::Aside(event, file) => Box::new(aside::opened::Aside::of(event, file)),
        Place::Reception => Box::new(reception::Reception::default()),
        Place::RollCall => Box::new(roll_call::RollCall::default()),
        Place::Poll => Box::new(poll::Poll::default()),
        Place::Trustee => Box::new(trustee::Trustee::default()),
        Place::Create => Box::new(create::Create::new()),
        Place::RollFile(id) => Box::new(bring::Bring::roll(id)),
        Place::TrusteeFile(id) => Box::new(bring::Bring::trustee(id)),
        Place::RollPractice(id) => Box::new(practice::Practice::of(id)),
        Place::Declarations(id) => Box::new(declarations::Declarations::of(id)),
        Place::Counting(id) => Box::new(counting::Counting::of(id)),
        Place::Board(id) => Box::new(board::Board::of(id)),
        Place::Conflicts(event) => Box::new(conflicts::Conflicts::of(event)),
    }
}

/// What a screen is for, and what one does there, in a sentence or two.
#[must_use]
pub const fn about(place: Place) -> &'static str {
    match place {
        Place::Connection => "about-connection",
        Place::Home => "about-home",
        Place::Approvals => "about-approvals",
        Place::Elections => "about-elections",
        Place::Election(_) => "about-election",
        Place::Events => "about-events",
        Place::Event(_) => "about-event",
        Place::People(_) => "about-people",
        Place::Person(..) => "about-person",
        Place::Conflicts(_) => "about-conflicts",
        Place::Journal => "about-journal",
        Place::Sharing => "about-sharing",
        Place::Disclose => "about-disclose",
        Place::Alerts => "about-alerts",
        Place::Warnings => "about-warnings",
        Place::Citizens => "about-citizens",
        Place::Citizen(_) => "about-citizen",
        Place::Access(_) => "about-access",
        Place::Facilities(_) => "about-facilities",
        Place::Import => "about-import",
        Place::Close(_) => "about-close",
        Place::Terminals(_) => "about-terminals",
        Place::Missing(_) => "about-missing",
        Place::Duplicates(_) => "about-duplicates",
        Place::Statements(_) => "about-statements",
        Place::Asides(_) => "about-asides",
        Place::Aside(..) => "about-aside",
        Place::Reception => "about-reception",
        Place::RollCall => "about-rollcall",
        Place::Poll => "about-poll",
        Place::Trustee => "about-trustee",
        Place::Create => "about-create",
        Place::RollFile(_) => "about-roll-file",
        Place::TrusteeFile(_) => "about-trustee-file",
        Place::RollPractice(_) => "about-roll-practice",
        Place::Declarations(_) => "about-declarations",
        Place::Counting(_) => "about-counting",
        Place::Board(_) => "about-board",
    }
}
