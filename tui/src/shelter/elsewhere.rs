//! How somebody of the list of residents stands, and who of a household is here with somebody.

use tachiai_crypto::roster::ChainId;
use tachiai_schemas::Lang;
use tachiai_schemas::roster::person::Identified;
use tachiai_schemas::shelter::{PersonView, Resident};

use super::desk::{Here, Subject};
use super::state::Reception;

impl Reception {
    /// How somebody of the list of residents stands, shortly. Whoever has a record elsewhere that cannot be read here stands as everybody else on the list: it may say
    /// that nobody is told where the person is.
    #[must_use]
    pub fn standing(&self, lang: Lang, resident: &Resident) -> String {
        let Subject { chain, here, .. } = self.resident(resident, Identified::List);
        let place = self.place(chain).map(|shelter| self.shelter_name(lang, shelter));
        match (here, place) {
            (Here::New | Here::Hidden, _) | (Here::Elsewhere | Here::Left, None) => lang.pick("一覧に記載", "on the list").to_owned(),
            (Here::Present, _) => lang.pick("ここに記録あり", "registered here").to_owned(),
            (Here::Elsewhere, Some(place)) => format!("{} {place}", lang.pick("在所", "present")),
            (Here::Left, Some(place)) => format!("{} {place}", lang.pick("退所", "left")),
        }
    }

    /// What is to be known of somebody who has a record at another shelter that can be read here, in Japanese and English. Of another one nothing is said before the person
    /// is received.
    #[must_use]
    pub fn elsewhere(&self, chain: ChainId, here: Here) -> Option<(String, String)> {
        let place = self.place(chain).filter(|_| here == Here::Elsewhere)?;
        let (ja, en) = (self.shelter_name(Lang::Ja, place), self.shelter_name(Lang::En, place));
        Some((
            format!("この方は {ja} で在所となっています。ここへの移動として登録します。"),
            format!("This person is registered at {en}. It is entered as a move from there."),
        ))
    }

    /// Those of somebody's household who are here as well, without whom is kept from those who look.
    #[must_use]
    pub fn with_whom(&self, chain: ChainId) -> Vec<PersonView> {
        let household = |view: &PersonView| view.counts.person.as_ref().and_then(|person| person.household).map(|household| household.id);
        let Some((own, id)) = self.view(chain).and_then(|view| household(&view).map(|id| (view.counts.chain, id))) else { return Vec::new() };
        self.present().into_iter().filter(|view| view.counts.chain != own && household(view) == Some(id)).collect()
    }
}
