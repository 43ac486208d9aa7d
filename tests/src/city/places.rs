//! The places of the city, grouped into polling districts.

use tachiai_schemas::election::{District, Text};

const PLACES: &str = include_str!("../../data/yabu/places.csv");

/// Why the list of places cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("tests/data/yabu/places.csv: {0}")]
pub struct CityError(String);

/// One place (大字) and how many people live there, by a scale of its own.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) weight: u64,
    pub(super) district: usize,
}

/// One polling district (投票区).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollingDistrict {
    /// As the roll names it.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The city.
#[derive(Debug, Clone)]
pub struct City {
    pub(super) places: Vec<Place>,
    districts: Vec<PollingDistrict>,
}

impl City {
    /// Yabu (養父市).
    ///
    /// # Errors
    /// [`CityError`] if the list of places was spoilt.
    pub fn yabu() -> Result<City, CityError> {
        let mut city = City { places: Vec::new(), districts: Vec::new() };
        let mut rows = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(PLACES.as_bytes());
        for row in rows.deserialize() {
            let (id, name, place, weight): (String, String, String, u64) = row.map_err(|error| CityError(error.to_string()))?;
            let district = PollingDistrict { id, name };
            if city.districts.last() != Some(&district) {
                city.districts.push(district);
            }
            city.places.push(Place { name: place, weight, district: city.districts.len() - 1 });
        }
        if city.places.is_empty() { Err(CityError("no place in it".to_owned())) } else { Ok(city) }
    }

    /// The polling districts, in order.
    pub fn districts(&self) -> &[PollingDistrict] {
        &self.districts
    }

    /// The polling districts as an election's specification lists them.
    pub fn spec_districts(&self) -> Vec<District> {
        let name = |(index, district): (usize, &PollingDistrict)| Text { ja: district.name.clone(), en: format!("Polling district {}", index + 1) };
        self.districts.iter().enumerate().map(|pair| District { id: pair.1.id.clone(), name: name(pair) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yabu_has_80_places_in_26_districts_of_uneven_size() {
        let city = City::yabu().unwrap();
        assert_eq!((city.places.len(), city.districts.len()), (80, 26));
        let size = |index| city.places.iter().filter(|place| place.district == index).map(|place| place.weight).sum::<u64>();
        let sizes: Vec<u64> = (0..26).map(size).collect();
        assert!(sizes.iter().max() > sizes.iter().min().map(|least| least * 20).as_ref());
    }
}
