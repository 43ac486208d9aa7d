//! A facility is a place that can be a shelter (指定避難所) or an emergency site (指定緊急避難場所): the municipality's list of them, as the Geospatial Information
//! Authority publishes it (GeoJSON, CSV) or as municipal open data have it.
//!
//! | what | columns, of which the first that is there is taken |
//! |---|---|
//! | ID | `共通ID`, `ID`, `施設ID`; if it is missing, one is made of the name |
//! | name | `施設・場所名`, `名称`, `施設名` |
//! | kana, Latin letters | `名称_カナ`, `名称_カナ表記`; `名称_英字`, `名称_英語` |
//! | address | `所在地_連結表記`, `住所`, `所在地`; `建物名等(方書)` is added |
//! | telephone | `電話番号` |
//! | position | the point of the feature, or `緯度` and `経度` |
//! | capacity | `想定収容人数`, `収容人数`, also in words |
//! | hazards | `洪水`, `崖崩れ、土石流及び地滑り`, `高潮`, `地震`, `津波`, `大規模な火事`, `内水氾濫`, `火山現象`, also after `災害種別_` |
//! | district, associations | `地区`, `行政区`; `対象となる町会・自治会` |
//! | note | `備考`, `受入対象者` and `その他市町村長が必要と認める事項` |
//! | people who are there | `人数` or `人数_…時点`; `時点` |

use std::collections::HashMap;

use csv::StringRecord;
use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use tachiai_crypto::labels;

use super::figures::{Capacity, capacity, count, moment, narrow, position};
use super::table::{Column, ImportReport, Problems, Table, cell};
use crate::Timestamp;
use crate::columns::{self, Column as Told};
use crate::election::Text;
use crate::roster::shelter::{OpenState, Pets, Position};
use crate::roster::{ShelterId, ShelterState};

/// A kind of disaster for which a place is meant, in the order of the law (災害対策基本法施行令 20 の 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Hazard {
    /// Flood (洪水).
    Flood,
    /// Landslide and debris flow (崖崩れ、土石流及び地滑り).
    Landslide,
    /// Storm surge (高潮).
    StormSurge,
    /// Earthquake (地震).
    Earthquake,
    /// Tsunami (津波).
    Tsunami,
    /// Large fire (大規模な火事).
    Fire,
    /// Flooding of drains (内水氾濫).
    InlandFlood,
    /// Volcano (火山現象).
    Volcano,
}

/// Every hazard with its column.
const HAZARDS: [(Hazard, &str); 8] = [
    (Hazard::Flood, "洪水"),
    (Hazard::Landslide, "崖崩れ、土石流及び地滑り"),
    (Hazard::StormSurge, "高潮"),
    (Hazard::Earthquake, "地震"),
    (Hazard::Tsunami, "津波"),
    (Hazard::Fire, "大規模な火事"),
    (Hazard::InlandFlood, "内水氾濫"),
    (Hazard::Volcano, "火山現象"),
];

const ID: Told = Told::may(&["共通ID", "ID", "施設ID"], ["E2822200000001", "E2822200000002"]);
const NAME: Told = Told::needed(&["施設・場所名", "名称", "施設名"], ["八鹿小学校", "大屋市民センター"]);
const KANA: Told = Told::may(&["名称_カナ", "名称_カナ表記"], ["ヨウカショウガッコウ", "オオヤシミンセンター"]);
const LATIN: Told = Told::may(&["名称_英字", "名称_英語"], ["", ""]);
const ADDRESS: Told = Told::may(&["所在地_連結表記", "住所", "所在地"], ["養父市八鹿町八鹿1", "養父市大屋町大屋市場2"]);
const BUILDING: Told = Told::may(&["建物名等(方書)", "建物名等（方書）"], ["", ""]);
const PHONE: Told = Told::may(&["電話番号"], ["079-000-0001", "079-000-0002"]);
const LATITUDE: Told = Told::may(&["緯度"], ["35.4045", "35.3320"]);
const LONGITUDE: Told = Told::may(&["経度"], ["134.7675", "134.6630"]);
const CAPACITY: Told = Told::may(&["想定収容人数", "収容人数"], ["250", "120"]);
const DISTRICT: Told = Told::may(&["地区", "行政区"], ["八鹿", "大屋"]);
const ASSOCIATIONS: Told = Told::may(&["対象となる町会・自治会"], ["", ""]);
const NOTE: Told = Told::may(&["備考"], ["", ""]);

/// The columns of a list of facilities that people are told of. The lists that the state publishes have more of their own.
pub const COLUMNS: [columns::Column; 13] = [ID, NAME, KANA, LATIN, ADDRESS, BUILDING, PHONE, LATITUDE, LONGITUDE, CAPACITY, DISTRICT, ASSOCIATIONS, NOTE];

/// What a place is designated as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Use {
    /// People flee there (指定緊急避難場所).
    Site,
    /// People stay there (指定避難所).
    Shelter,
}

/// A place that can be opened as a shelter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Facility {
    /// Its ID.
    pub id: ShelterId,
    /// Its name.
    pub name: String,
    /// The name in kana; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kana: String,
    /// The name in Latin letters; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub latin: String,
    /// Its address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Its telephone number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Where it is, if that is known.
    pub position: Option<Position>,
    /// How many people it takes, if that is known.
    pub capacity: Option<Capacity>,
    /// The hazards for which it is meant, ascending.
    pub hazards: Vec<Hazard>,
    /// The district; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub district: String,
    /// The neighbourhood associations that are to go there; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub associations: String,
    /// What it is designated as, ascending, as far as the source says.
    pub uses: Vec<Use>,
    /// What else the source says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Facility {
    /// The shelter that is made of it when it opens.
    #[must_use]
    pub fn open(&self) -> ShelterState {
        let en = if self.latin.is_empty() { &self.name } else { &self.latin };
        ShelterState {
            shelter: self.id.clone(),
            name: Text { ja: self.name.clone(), en: en.clone() },
            address: self.address.clone(),
            district: self.district.clone(),
            position: self.position,
            capacity: self.capacity.as_ref().and_then(|capacity| capacity.inside),
            rooms: Vec::new(),
            features: Vec::new(),
            pets: Pets::Unknown,
            state: OpenState::Open,
        }
    }
}

/// How many people were in a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Occupancy {
    /// When; none if the source does not say.
    pub time: Option<Timestamp>,
    /// Where.
    pub facility: ShelterId,
    /// How many; none if that was not understood, which is said.
    pub persons: Option<u32>,
}

/// What a list of facilities holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facilities {
    /// What was found.
    pub report: ImportReport,
    /// The places, in the order of the file.
    pub facilities: Vec<Facility>,
    /// Who was where, if the file says so, in its order.
    pub occupancy: Vec<Occupancy>,
}

/// Reads a list of facilities. A row without a name, or with an ID that stands above, cannot be taken over; what else is not understood is said and left out.
#[must_use]
pub fn read(bytes: &[u8]) -> Facilities {
    let mut problems = Problems::new();
    let table = Table::read(bytes, &mut problems);
    let columns = Columns::of(&table, &mut problems);
    let (mut facilities, mut occupancy) = (Vec::new(), Vec::new());
    let mut ids: HashMap<ShelterId, u64> = HashMap::new();
    for (line, row) in table.rows.iter().filter(|(_, row)| table.is_whole(row)) {
        let Some(facility) = columns.facility(*line, row, &mut problems) else { continue };
        if let Some(first) = ids.insert(facility.id.clone(), *line) {
            ids.insert(facility.id.clone(), first);
            problems.error(
                *line,
                None,
                format!("{first}行目と同じ施設です({})。", facility.id),
                format!("the facility {} stands in line {first} already", facility.id),
            );
            continue;
        }
        if let Some(persons) = &columns.persons {
            occupancy.push(Occupancy {
                time: columns.time_of(*line, row, &mut problems),
                facility: facility.id.clone(),
                persons: columns.count(*line, row, persons, &mut problems),
            });
        }
        facilities.push(facility);
    }
    let report = problems.report(table.encoding, table.rows.len() as u64, facilities.len() as u64);
    Facilities { report, facilities, occupancy }
}

/// Adds places to those that are known: one with a known ID is replaced; an emergency site with the name and address of a shelter is the same place, and gives
/// it its hazards.
#[must_use]
pub fn merge(known: &[Facility], new: &[Facility]) -> Vec<Facility> {
    let mut all: Vec<Facility> = known.to_vec();
    for facility in new {
        if let Some(old) = all.iter_mut().find(|old| old.id == facility.id) {
            let (uses, hazards) = (union(&old.uses, &facility.uses), union(&old.hazards, &facility.hazards));
            // A list of shelters says nothing of hazards, so it takes none away.
            let keeps = facility.uses == [Use::Shelter];
            *old = Facility { uses, hazards: if keeps { hazards } else { facility.hazards.clone() }, ..facility.clone() };
            continue;
        }
        let same = |old: &&mut Facility| old.uses != facility.uses && !old.address.is_empty() && old.name == facility.name && old.address == facility.address;
        match all.iter_mut().find(same) {
            Some(old) => {
                let id = if facility.uses == [Use::Shelter] { facility.id.clone() } else { old.id.clone() };
                *old = Facility { id, uses: union(&old.uses, &facility.uses), hazards: union(&old.hazards, &facility.hazards), ..old.clone() };
            }
            None => all.push(facility.clone()),
        }
    }
    all
}

fn union<T: Copy + Ord>(one: &[T], two: &[T]) -> Vec<T> {
    let mut all = [one, two].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// The ID of a place that has none: `name-` and 16 characters of the hash of its name without spaces.
#[must_use]
pub fn id_of_name(name: &str) -> Option<ShelterId> {
    let hash = tachiai_crypto::hash::tagged(labels::hash::FACILITY, &[narrow(name).as_bytes()]).to_bytes();
    let text = BASE32_NOPAD.encode(hash.get(..10)?).to_ascii_lowercase();
    format!("name-{text}").parse().ok()
}

struct Columns {
    id: Option<Column>,
    name: Option<Column>,
    kana: Option<Column>,
    latin: Option<Column>,
    address: Option<Column>,
    building: Option<Column>,
    phone: Option<Column>,
    latitude: Option<Column>,
    longitude: Option<Column>,
    capacity: Option<Column>,
    hazards: Vec<(Hazard, Option<Column>)>,
    district: Option<Column>,
    associations: Option<Column>,
    notes: Vec<Option<Column>>,
    /// Whether a list of shelters says that it is an emergency site, too.
    also_site: Option<Column>,
    /// Whether a list of emergency sites says that it is a shelter, too.
    also_shelter: Option<Column>,
    persons: Option<Column>,
    time: Option<Column>,
    /// The time that the title of the column of people names.
    title_time: Option<Timestamp>,
}

impl Columns {
    fn of(table: &Table, problems: &mut Problems) -> Self {
        let persons = table.column_by(|title| title == "人数" || title.starts_with("人数_"), problems);
        let mut column = |names: &[&str]| table.column(names, problems);
        let (id, name) = (column(ID.names), column(NAME.names));
        let hazards = HAZARDS.map(|(hazard, name)| (hazard, column(&[name, &format!("災害種別_{name}"), &format!("災害種別-{name}")]))).into();
        let columns = Self {
            kana: column(KANA.names),
            latin: column(LATIN.names),
            address: column(ADDRESS.names),
            building: column(BUILDING.names),
            phone: column(PHONE.names),
            latitude: column(LATITUDE.names),
            longitude: column(LONGITUDE.names),
            capacity: column(CAPACITY.names),
            district: column(DISTRICT.names),
            associations: column(ASSOCIATIONS.names),
            notes: [NOTE.title(), "受入対象者", "その他市町村長が必要と認める事項"].map(|name| column(&[name])).into(),
            also_site: column(&["指定緊急避難場所との住所同一"]),
            also_shelter: column(&["指定避難所との住所同一", "指定避難所との重複"]),
            time: column(&["時点"]),
            title_time: persons.as_ref().and_then(|column| column.name.strip_prefix("人数_")).and_then(moment),
            persons,
            id,
            name,
            hazards,
        };
        if columns.name.is_none() && !table.header.is_empty() {
            problems.error(1, Some("名称"), "施設の名称の列がありません。", "there is no column with the names of facilities");
        }
        table.say_unused(problems);
        columns
    }

    fn facility(&self, line: u64, row: &StringRecord, problems: &mut Problems) -> Option<Facility> {
        let mut text = |column: &Option<Column>| cell(line, row, column.as_ref(), problems);
        let name = text(&self.name);
        let (kana, latin, phone) = (text(&self.kana), text(&self.latin), text(&self.phone));
        let (district, associations) = (text(&self.district), text(&self.associations));
        let address = [text(&self.address), text(&self.building)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\u{3000}");
        let note = self.notes.iter().map(text).filter(|note| !note.is_empty()).collect::<Vec<_>>().join("／");
        if name.is_empty() {
            let column = self.name.as_ref()?;
            problems.error(line, Some(&column.name), "施設の名称がありません。", "the facility has no name");
            return None;
        }
        if let Some(column) = &self.name {
            problems.unreadable(line, column, &name);
        }
        let id = self.id_of(line, row, &name, problems)?;
        let hazards = self.hazards.iter().filter(|(_, column)| flag(line, row, column.as_ref(), problems)).map(|(hazard, _)| *hazard).collect::<Vec<_>>();
        let position = self.position(line, row, problems);
        let capacity = self.capacity(line, row, problems);
        let uses = self.uses(line, row, problems);
        Some(Facility { id, name, kana, latin, address, phone, position, capacity, hazards, district, associations, uses, note })
    }

    fn id_of(&self, line: u64, row: &StringRecord, name: &str, problems: &mut Problems) -> Option<ShelterId> {
        let given = cell(line, row, self.id.as_ref(), problems);
        let column = self.id.as_ref().map(|column| column.name.as_str());
        if let Ok(id) = narrow(&given).to_ascii_lowercase().replace('_', "-").parse() {
            return Some(id);
        }
        let id = id_of_name(name)?;
        match given.is_empty() {
            true => problems.warn(line, column, format!("IDがないため、名称から作りました: {id}"), format!("there is no ID; one was made of the name: {id}")),
            false => problems.warn(
                line,
                column,
                format!("ID「{given}」は使えないため、名称から作りました: {id}"),
                format!("the ID \u{201c}{given}\u{201d} cannot be used; one was made of the name: {id}"),
            ),
        }
        Some(id)
    }

    fn position(&self, line: u64, row: &StringRecord, problems: &mut Problems) -> Option<Position> {
        let (latitude, longitude) = (cell(line, row, self.latitude.as_ref(), problems), cell(line, row, self.longitude.as_ref(), problems));
        let found = position(&latitude, &longitude);
        if let (None, Some(column)) = (found, &self.latitude)
            && !(latitude.is_empty() && longitude.is_empty())
        {
            problems.unread(line, column, &format!("{latitude}, {longitude}"));
        }
        found
    }

    fn capacity(&self, line: u64, row: &StringRecord, problems: &mut Problems) -> Option<Capacity> {
        let (column, text) = (self.capacity.as_ref()?, cell(line, row, self.capacity.as_ref(), problems));
        if text.is_empty() {
            return None;
        }
        let found = capacity(&text);
        if found.is_none() {
            problems.unread(line, column, &text);
        }
        // The words stay, for people.
        Some(found.unwrap_or(Capacity { note: text, ..Capacity::default() }))
    }

    /// A list with hazards is one of emergency sites, a list of people who are somewhere is one of shelters; each may say that a place is the other, too.
    fn uses(&self, line: u64, row: &StringRecord, problems: &mut Problems) -> Vec<Use> {
        let sites = self.hazards.iter().any(|(_, column)| column.is_some());
        let shelters = self.persons.is_some() || self.also_site.is_some();
        // 住所同一 says that some site has this address, not that this place is it: only 重複 is about the place.
        let also_shelter = self.also_shelter.as_ref().filter(|column| column.name.ends_with("重複"));
        let is_shelter = shelters || flag(line, row, also_shelter, problems);
        [(Use::Site, sites), (Use::Shelter, is_shelter)].into_iter().filter_map(|(is, holds)| holds.then_some(is)).collect()
    }

    fn count(&self, line: u64, row: &StringRecord, column: &Column, problems: &mut Problems) -> Option<u32> {
        let text = cell(line, row, Some(column), problems);
        let persons = count(&text);
        if persons.is_none() {
            problems.unread(line, column, &text);
        }
        persons
    }

    fn time_of(&self, line: u64, row: &StringRecord, problems: &mut Problems) -> Option<Timestamp> {
        let (Some(column), text) = (&self.time, cell(line, row, self.time.as_ref(), problems)) else { return self.title_time };
        let time = moment(&text);
        if time.is_none() {
            problems.unread(line, column, &text);
        }
        time.or(self.title_time)
    }
}

/// Whether a cell is marked: `1`, `1.0`, `○`; said, if it is neither marked nor empty, 0 or ×.
fn flag(line: u64, row: &StringRecord, column: Option<&Column>, problems: &mut Problems) -> bool {
    let Some(column) = column else { return false };
    let text = cell(line, row, Some(column), problems);
    match narrow(&text).as_str() {
        "1" | "1.0" | "○" | "◯" | "〇" | "◎" => true,
        "" | "0" | "0.0" | "×" | "-" | "―" => false,
        _ => {
            problems.unread(line, column, &text);
            false
        }
    }
}

#[cfg(test)]
mod tests;
