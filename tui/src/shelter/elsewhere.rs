//! Who of the list of residents has a record already, and who of a household is here with somebody.

use tachiai_crypto::roster::ChainId;
use tachiai_schemas::Lang;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::shelter::{PersonView, Resident};

use super::desk::{Here, Subject};
use super::state::Reception;

impl Reception {
    /// Whether what was entered of somebody last cannot be read here, so that nothing can follow it: it is another shelter's.
    #[must_use]
    pub fn is_unread(&self, chain: ChainId) -> bool {
        self.roster().person(chain).is_some_and(|group| self.followed(&group).is_none())
    }

    /// How somebody of the list of residents stands, shortly. Of a record that cannot be read here it is only said that there is one: it may say that nobody is told where
    /// the person is.
    #[must_use]
    pub fn standing(&self, lang: Lang, resident: &Resident) -> String {
        let Subject { chain, here, .. } = self.resident(resident, Identified::List);
        let place = self.place(chain).map(|shelter| self.shelter_name(lang, shelter));
        match (here, place) {
            (Here::New | Here::Hidden, _) => lang.pick("未受付", "not registered").to_owned(),
            (Here::Present, _) => lang.pick("ここに記録あり", "registered here").to_owned(),
            (Here::Elsewhere, Some(place)) => format!("{} {place}", lang.pick("在所", "present")),
            (Here::Left, Some(place)) => format!("{} {place}", lang.pick("退所", "left")),
            (Here::Elsewhere | Here::Left, None) => lang.pick("他の避難所に記録", "at another shelter").to_owned(),
        }
    }

    /// What is to be known, and to be done, of somebody who has a record at another shelter, in Japanese and English.
    #[must_use]
    pub fn elsewhere(&self, chain: ChainId, here: Here) -> Option<(String, String)> {
        if here == Here::Elsewhere
            && let Some(place) = self.place(chain)
        {
            let (ja, en) = (self.shelter_name(Lang::Ja, place), self.shelter_name(Lang::En, place));
            return Some((
                format!("この方は {ja} で在所となっています。ここへの移動として登録します。"),
                format!("This person is registered at {en}. It is entered as a move from there."),
            ));
        }
        let is_moved = match here {
            Here::Elsewhere => true,
            Here::Left => false,
            Here::New | Here::Present | Here::Hidden => return None,
        };
        let (ja, en) = if is_moved { ("ここへの移動として", "as a move to here") } else { ("ここで", "here") };
        self.is_unread(chain).then(|| {
            (
                format!("ほかの避難所に記録があります（内容はここでは見られません）。{ja}受け付け、登録後に災害対策本部で記録をまとめてもらってください。"),
                format!(
                    "There is a record at another shelter, which cannot be read here. Receive the person {en}, and have headquarters join the two records."
                ),
            )
        })
    }

    /// Those of somebody's household who are here as well, without whom is kept from those who look.
    #[must_use]
    pub fn with_whom(&self, chain: ChainId) -> Vec<PersonView> {
        let household = |view: &PersonView| view.counts.person.as_ref().and_then(|person| person.household).map(|household| household.id);
        let Some((own, id)) = self.view(chain).and_then(|view| household(&view).map(|id| (view.counts.chain, id))) else { return Vec::new() };
        self.present().into_iter().filter(|view| view.counts.chain != own && household(view) == Some(id)).collect()
    }
}
