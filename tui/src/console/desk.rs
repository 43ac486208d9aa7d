//! What every screen sees.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tachiai_schemas::staff::{Role, Shown};
use tachiai_schemas::status::Status;
use tachiai_schemas::{Lang, Timestamp};

use super::action::Place;
use super::i18n::Words;
use super::theme::Look;
use super::widgets::hits::Hits;
use super::work::deed::elections;
use super::work::reception::Now;
use super::work::seat::{self, Order, trustee};
use super::work::{Answer, Deed, Question};
use crate::commands::approve::Names;
use crate::failure::Failure;

/// How the link to the appliance is.
pub enum Link {
    /// A server is tried, or none yet.
    Trying(Option<String>),
    /// It tells what is going on.
    Live,
    /// It is lost, and tried again at this time, if it is.
    Lost(Failure, Option<Timestamp>),
}

/// What became of a question's matter since it was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Since {
    /// Nothing that is known.
    #[default]
    Same,
    /// It changed, so that the answer under way may be older than that.
    Changed,
}

/// An answer as far as it is here.
#[derive(Default)]
pub struct Kept {
    /// What was answered last, and when.
    pub answer: Option<(Answer, Timestamp)>,
    /// Since when it is asked again.
    pub asked: Option<Timestamp>,
    /// Whether it has to be asked once more when that is answered.
    pub since: Since,
    /// Why there is no newer answer.
    pub failure: Option<Failure>,
}

/// How the reception of this machine stands, as far as it was opened.
#[derive(Default)]
pub enum Counter {
    /// Nobody opened it.
    #[default]
    Untouched,
    /// It is being opened.
    Opening,
    /// The passphrase of the shift is needed, and this was wrong with the one before.
    Locked(Option<Failure>),
    /// This machine is no terminal yet.
    Unset,
    /// It cannot be opened.
    Shut(Failure),
    /// It is open.
    Open(Box<Now>),
}

/// What every screen sees.
pub struct Desk {
    /// What is said, and in which language.
    pub words: Words,
    /// How it looks.
    pub look: Look,
    /// What the terminal's clock shows.
    pub now: Timestamp,
    /// The profile that was named; none is the usual one.
    pub profile: Option<PathBuf>,
    /// The server of the profile.
    pub server: Option<String>,
    /// How the link is.
    pub link: Link,
    /// When the appliance was heard last, by the terminal's clock.
    pub heard: Option<Timestamp>,
    /// By how many seconds the appliance's clock is ahead of the terminal's.
    pub ahead: i64,
    /// What is going on.
    pub status: Option<Status>,
    /// What was asked, and answered.
    pub answers: BTreeMap<Question, Kept>,
    /// What is being done, under its number.
    pub doing: BTreeMap<u64, Doing>,
    /// What takes back what was done last that can be taken back, what that is in words, in Japanese and English, and when it was done.
    pub undo: Option<(Deed, [String; 2], Timestamp)>,
    /// How the reception of this machine stands.
    pub counter: Counter,
    /// How the desk of a polling place stands, while somebody sits at it.
    pub poll: Option<Box<seat::poll::Seen>>,
    /// How a trustee's medium stands, while somebody sits at it.
    pub trustee: Option<Box<trustee::Seen>>,
    /// Folders that were typed.
    pub folders: Folders,
    /// What of the screen can be clicked at.
    pub hits: Hits,
}

/// Folders that were typed, as long as the console runs: forms that ask for them again begin with them.
#[derive(Debug, Default)]
pub struct Folders {
    /// Of a trustee's medium.
    pub medium: Option<PathBuf>,
    /// Of the commission's stick, at a trustee's.
    pub stick: Option<PathBuf>,
    /// Of the stick to which the commission carries.
    pub carried: Option<PathBuf>,
}

impl Folders {
    /// Keeps the folders of a deed.
    pub fn keep(&mut self, deed: &Deed) {
        match deed {
            Deed::Seat(Order::Trustee(trustee::Order::Open { dir, stick, .. } | trustee::Order::New { dir, stick, .. })) => {
                self.medium = Some(dir.clone());
                self.stick = stick.clone().or_else(|| self.stick.take());
            }
            Deed::Seat(Order::Trustee(trustee::Order::Look(stick))) => self.stick = Some(stick.clone()),
            Deed::Elections(elections::Deed::Carry(_, dir)) => self.carried = Some(dir.clone()),
            _ => {}
        }
    }

    /// A folder as it is typed.
    #[must_use]
    pub fn typed(folder: Option<&PathBuf>) -> String {
        folder.map(|folder| folder.display().to_string()).unwrap_or_default()
    }
}

/// Something that is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doing {
    /// It.
    pub deed: Deed,
    /// How much of how much is done, where that is known.
    pub progress: Option<(u64, u64)>,
    /// The screen from which it was begun.
    pub from: Option<Place>,
    /// Since when, by the terminal's clock.
    pub since: Timestamp,
    /// How often somebody had touched anything by then: whoever does so after that does something else meanwhile.
    pub touches: u64,
}

impl Desk {
    /// A message.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// A message with what belongs into it.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, String)]) -> String {
        self.words.with(key, values)
    }

    /// The language.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.words.lang()
    }

    /// What elections, events and shelters are called, as far as it is known here.
    #[must_use]
    pub fn names(&self) -> Names {
        let mut names = Names::default();
        let Some(status) = &self.status else { return names };
        for election in &status.elections {
            names.election(election.summary.election, &election.summary.title);
        }
        for event in status.events.iter().flatten() {
            let id = event.summary.event;
            let title = &event.summary.declared.title;
            match self.answer(&Question::Event(id)) {
                Some(Answer::Event(view)) => names.event(id, title, &view.shelters),
                _ => names.event(id, title, &event.shelters),
            }
        }
        names
    }

    /// How long ago something was, by the terminal's clock.
    #[must_use]
    pub fn age(&self, then: Timestamp) -> String {
        let seconds = self.now.unix().saturating_sub(then.unix()).max(0);
        let n = |n: i64| ("n", n.to_string());
        match seconds {
            0..60 => self.with("age-seconds", &[n(seconds)]),
            60..3_600 => self.with("age-minutes", &[n(seconds / 60)]),
            3_600..86_400 => self.with("age-hours", &[("h", (seconds / 3_600).to_string()), ("m", (seconds % 3_600 / 60).to_string())]),
            _ => self.with("age-days", &[n(seconds / 86_400)]),
        }
    }

    /// How long ago something was that the appliance gave its time to.
    #[must_use]
    pub fn age_there(&self, then: Timestamp) -> String {
        self.age(then.plus(-self.ahead))
    }

    /// The role of whoever sits here, as far as it is known.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.status.as_ref().map(|status| status.viewer.role)
    }

    /// The name of a role.
    #[must_use]
    pub fn role_name(&self, role: Role) -> String {
        self.say(match role {
            Role::Commission => "role-commission",
            Role::Poll => "role-poll",
            Role::Reception => "role-reception",
            Role::Headquarters => "role-headquarters",
            Role::Trustee => "role-trustee",
            Role::Auditor => "role-auditor",
            Role::Agency => "role-agency",
        })
    }

    /// Why a screen cannot be gone to now.
    #[must_use]
    pub fn why_not(&self, place: Place) -> Option<String> {
        let may: &[Role] = match place {
            Place::Connection | Place::Home | Place::Trustee => return None,
            // These work without a link, and then nobody knows who sits here.
            Place::Reception | Place::RollCall | Place::Poll if self.role().is_none() => return None,
            Place::Reception | Place::RollCall => &[Role::Reception, Role::Headquarters],
            Place::Poll => &[Role::Poll, Role::Commission],
            Place::Approvals => &[Role::Commission, Role::Auditor, Role::Poll, Role::Headquarters],
            Place::Elections => &[Role::Commission, Role::Auditor, Role::Poll, Role::Headquarters, Role::Reception, Role::Trustee, Role::Agency],
            Place::Election(_) => &[Role::Commission, Role::Auditor, Role::Trustee],
            Place::Events | Place::Warnings | Place::Event(_) | Place::People(_) | Place::Person(..) => &[Role::Headquarters, Role::Reception],
            Place::Import
            | Place::Close(_)
            | Place::Terminals(_)
            | Place::Conflicts(_)
            | Place::Facilities(_)
            | Place::Missing(_)
            | Place::Duplicates(_)
            | Place::Statements(_)
            | Place::Asides(_)
            | Place::Aside(..) => &[Role::Headquarters],
            Place::Journal => &[Role::Auditor],
            Place::Sharing | Place::Alerts => &[Role::Headquarters, Role::Auditor],
            Place::Disclose => &[Role::Headquarters],
            Place::Citizens | Place::Citizen(_) | Place::Access(_) => &[Role::Headquarters, Role::Commission],
            Place::Create | Place::RollFile(_) | Place::TrusteeFile(_) | Place::RollPractice(_) | Place::Counting(_) => &[Role::Commission],
            Place::Declarations(_) => &[Role::Commission, Role::Auditor],
            Place::Board(_) => &[Role::Commission, Role::Auditor, Role::Trustee, Role::Poll, Role::Headquarters, Role::Reception, Role::Agency],
        };
        match self.role() {
            None => Some(self.say("off-nobody")),
            Some(role) if may.contains(&role) => None,
            Some(role) => Some(self.with("off-role", &[("role", self.role_name(role))])),
        }
    }

    /// An answer, as far as it is here.
    #[must_use]
    pub fn answer(&self, question: &Question) -> Option<&Answer> {
        self.answers.get(question)?.answer.as_ref().map(|(answer, _)| answer)
    }

    /// Why a question has no answer.
    #[must_use]
    pub fn failure(&self, question: &Question) -> Option<&Failure> {
        self.answers.get(question).filter(|kept| kept.answer.is_none())?.failure.as_ref()
    }

    /// Why a question has no newer answer than the one that is shown, and since when that is here.
    #[must_use]
    pub fn outdated(&self, question: &Question) -> Option<(&Failure, Timestamp)> {
        let kept = self.answers.get(question)?;
        Some((kept.failure.as_ref()?, kept.answer.as_ref()?.1))
    }

    /// Since when the answer is here that is asked by people alone; none for what is followed.
    #[must_use]
    pub fn looked(&self, question: &Question) -> Option<Timestamp> {
        self.answers.get(question).filter(|_| question.is_recorded())?.answer.as_ref().map(|(_, at)| *at)
    }

    /// Why nothing more can be ordered at the reception of this machine: what was ordered before is not answered yet.
    #[must_use]
    pub fn orders_wait(&self) -> Option<String> {
        self.doing.values().any(|doing| matches!(doing.deed, Deed::Reception(_))).then(|| self.say("off-busy"))
    }

    /// Whether what waits under this ID is being approved.
    #[must_use]
    pub fn is_approving(&self, id: &str) -> bool {
        self.doing.values().any(|doing| matches!(&doing.deed, Deed::Approve(shown) if shown.pending.id == id))
    }

    /// Whether a question can be asked without anybody having asked for it.
    #[must_use]
    pub fn is_free(&self, question: &Question) -> bool {
        self.status.as_ref().map_or(!question.is_recorded(), |status| question.is_free(status))
    }

    /// Whether something is asked that is not answered yet.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        !self.doing.is_empty() || self.answers.values().any(|kept| kept.asked.is_some())
    }

    /// Whether whoever sits here asked for this.
    #[must_use]
    pub fn is_own(&self, shown: &Shown) -> bool {
        self.status.as_ref().is_some_and(|status| status.viewer.name == shown.pending.requested_by)
    }
}
