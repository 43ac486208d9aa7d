//! What is done for a screen, each as the command of the same meaning does it.

use tachiai_schemas::staff::{Act, Approval, Done as ActDone, Pending, Role, Settled, Shown};
use tachiai_schemas::{ElectionId, Lang, Say};

use super::seat::Order;
use super::{Desk, reception};
use crate::client::{Answer, Client};
use crate::commands::approve;
use crate::commands::approve::Names;
use crate::commands::decline::{decline_of, done_text};
use crate::commands::election::{act_done, where_it_stands};
use crate::console::action::Place;
use crate::console::i18n::{Words, both};
use crate::failure::Failure;

pub mod elections;
pub mod sharing;
pub mod shelters;

/// Something that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// An act in the life of an election is asked for; a second official approves it.
    Act(ElectionId, Act),
    /// About agencies and citizen IDs.
    Sharing(sharing::Deed),
    /// Something that headquarters do about an event.
    Shelters(shelters::Deed),
    /// Something at the reception of this machine, which needs no appliance.
    Reception(reception::Order),
    /// Something at a seat, which does it on its own thread.
    Seat(Order),
    /// Something of the commission's work on an election.
    Elections(elections::Deed),
    /// Something that waits is withdrawn by whoever asked for it, or declined with a reason.
    Decline(String, Option<String>),
    /// Something that waits is approved: exactly what was shown is signed.
    Approve(Box<Shown>),
}

impl Deed {
    /// Whether it does the same as another one. What waits under one ID is approved once, however often it was shown.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Approve(one), Self::Approve(other)) => one.pending.id == other.pending.id,
            (one, other) => one == other,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What is said of it, in Japanese and English.
    pub said: [String; 2],
    /// How it is said.
    pub tell: Tell,
    /// Where one goes after it.
    pub then: Option<Place>,
    /// What takes it back, where it can be.
    pub undo: Option<Deed>,
}

/// How it is said that something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// In a window that stays until it is closed: there is something to be read.
    Window,
    /// In such a window, under a title that says that it is asked for and not done.
    Asked,
    /// In such a window too: it was taken, and yet something is to be done before it is as it should be.
    Attention,
    /// In such a window too: it was taken, and headquarters have to act.
    Headquarters,
    /// At the bottom, in passing.
    Notice,
    /// By what the screen shows from now on.
    Seen,
}

impl Tell {
    /// Under which title a window says it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Attention => "attention-title",
            Self::Headquarters => "headquarters-title",
            Self::Asked => "asked-title",
            Self::Window | Self::Notice | Self::Seen => "done-title",
        }
    }
}

/// A refusal in the words of a message.
fn refused(key: &str, values: &[(&str, String)]) -> Failure {
    let [ja, en] = both(|words| words.with(key, values));
    Failure::refused(ja, en)
}

impl Done {
    /// Said in a window, in the console's words.
    fn told(say: impl Fn(&Words) -> String) -> Self {
        let [ja, en] = both(say);
        Self::window(ja, en)
    }

    /// A message said in passing.
    fn noticed(key: &str, values: &[(&str, String)]) -> Self {
        let [ja, en] = both(|words| words.with(key, values));
        Self::notice(ja, en)
    }

    /// Said in a window.
    #[must_use]
    pub const fn window(ja: String, en: String) -> Self {
        Self { said: [ja, en], tell: Tell::Window, then: None, undo: None }
    }

    /// Seen on the screen.
    #[must_use]
    pub const fn seen() -> Self {
        Self { said: [String::new(), String::new()], tell: Tell::Seen, then: None, undo: None }
    }

    /// Said in passing.
    #[must_use]
    pub const fn notice(ja: String, en: String) -> Self {
        Self { said: [ja, en], tell: Tell::Notice, then: None, undo: None }
    }
}

/// Does it; `tell` is told how much of how much is done.
///
/// # Errors
/// [`Failure`].
pub(super) fn perform(desk: &Desk, deed: &Deed, tell: &dyn Fn(u64, u64)) -> Result<Done, Failure> {
    match deed {
        Deed::Act(id, act) => ask_for(desk, *id, *act),
        Deed::Sharing(deed) => sharing::perform(desk, deed),
        Deed::Shelters(deed) => shelters::perform(desk, deed),
        // It is given to the reception or to its seat before it comes here.
        Deed::Reception(_) | Deed::Seat(_) => Ok(Done::seen()),
        Deed::Elections(deed) => elections::perform(desk, deed, tell),
        Deed::Decline(id, reason) => {
            decline_of(&desk.client, id, reason.as_deref())?;
            let [ja, en] = [Lang::Ja, Lang::En].map(|lang| done_text(lang, id, reason.is_some()));
            Ok(Done::window(ja, en))
        }
        Deed::Approve(shown) => approve(desk, shown),
    }
}

/// As `tachiai approve` does it: exactly what was shown is signed.
fn approve(desk: &Desk, shown: &Shown) -> Result<Done, Failure> {
    let id = &shown.pending.id;
    let approved = || {
        let message = approve::shown(shown)?;
        let signature = approve::sign(&desk.profile, message.0.as_slice())?;
        desk.client.post::<_, Settled>(&format!("/api/v1/approvals/{id}"), None, &Approval { message, signature })
    };
    let settled = approved().map_err(|failure: Failure| Failure { ja: format!("{id}: {}", failure.ja), en: format!("{id}: {}", failure.en), ..failure })?;
    let [ja, en] = [Lang::Ja, Lang::En].map(|lang| approve::settled::text(lang, &desk.client, &settled));
    Ok(Done::told(|words| format!("{}\n{}", words.with("done-approved", &[("id", id.clone())]), words.lang().pick(&ja, &en))))
}

/// That something waits for a second official, with all that both are shown of it.
fn waits(client: &Client, pending: Pending) -> Done {
    // What was asked for waits, also where the line was cut since.
    let shown = client.get(&format!("/api/v1/approvals/{}", pending.id), None).unwrap_or_else(|_| Shown::from(pending));
    waits_as(client, &shown)
}

/// The same for something that is shown with whom or what it is about.
fn waits_as(client: &Client, shown: &Shown) -> Done {
    let names = Names::of(client, [&shown.pending.matter]);
    let [ja, en] = [Lang::Ja, Lang::En].map(|lang| waits_text(lang, shown, &names));
    Done { tell: Tell::Asked, ..Done::window(ja, en) }
}

/// The text and the value that both officials see, and who approves it where.
#[must_use]
pub fn waits_text(lang: Lang, shown: &Shown, names: &Names) -> String {
    let pending = &shown.pending;
    let roles: Vec<String> = Role::ALL.iter().filter(|(role, _)| pending.matter.is_for(*role)).map(|(role, _)| role.say(lang)).collect();
    let [ja, en] = both(|words| words.with("asked-next", &[("roles", roles.join(&words.say("asked-or")))]));
    let next = lang.pick(&ja, &en);
    format!("{}\n{}\n\n{next}", approve::text(lang, shown, names), approve::value_text(lang, pending))
}

/// What an answer says that waits.
fn pending_of(answer: Answer<Pending>) -> Result<Pending, Failure> {
    match answer {
        Answer::Done(pending) => Ok(pending),
        Answer::Accepted(body) => serde_json::from_slice(&body).map_err(|error| Failure::incomplete(error.to_string(), error.to_string())),
    }
}

fn ask_for(desk: &Desk, id: ElectionId, act: Act) -> Result<Done, Failure> {
    let asked = desk.client.act::<_, ActDone>(&format!("/api/v1/elections/{id}/acts"), &serde_json::json!({ "act": act }));
    let [ja, en] = match asked.map_err(|failure| where_it_stands(&desk.client, id, failure))? {
        Answer::Done(done) => [Lang::Ja, Lang::En].map(|lang| act_done(lang, &done)),
        Answer::Accepted(body) => {
            return Ok(waits(&desk.client, pending_of(Answer::Accepted(body))?));
        }
    };
    Ok(Done::window(ja, en))
}
