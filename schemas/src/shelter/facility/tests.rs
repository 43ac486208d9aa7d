use super::*;

const SHELTERS: &[u8] = include_bytes!("../../../../tests/data/shelter/yabu-evacuation.geojson");
const SITES: &[u8] = include_bytes!("../../../../tests/data/shelter/yabu-emergency.geojson");

macro_rules! snapshots {
    ($($name:literal $rows:literal $persons:literal;)*) => {
        /// Name, rows, sum of persons.
        const SNAPSHOTS: &[(&str, usize, u32)] = &[$(($name, $rows, $persons)),*];

        fn snapshot(name: &str) -> Vec<u8> {
            let bytes: &[u8] = match name {
                $($name => include_bytes!(concat!("../../../../tests/data/shelter/nanao/open_shelter_Nanao-shi_", $name, ".csv")),)*
                _ => panic!("{name}"),
            };
            bytes.to_vec()
        }
    };
}

snapshots! {
    "2024-01-09-1800" 29 1_886;
    "2024-01-11-1800" 28 1_888;
    "2024-01-13-0600" 28 1_933;
    "2024-01-13-1800" 28 1_864;
    "2024-01-14-1800" 28 1_736;
    "2024-01-15-0600" 28 1_718;
    "2024-01-15-1800" 28 1_767;
    "2024-01-16-1800" 26 1_570;
    "2024-01-17-0600" 26 1_537;
    "2024-01-18-0600" 26 1_565;
    "2024-01-20-0600" 26 1_377;
    "2024-01-21-0600" 26 1_417;
    "2024-01-23-0600" 26 1_318;
    "2024-01-25-0600" 26 1_249;
    "2024-01-26-0600" 26 1_256;
    "2024-01-29-0600" 24 1_070;
    "2024-01-30-0600" 24 1_060;
    "2024-01-31-0600" 24 1_065;
    "2024-02-01-0600" 24 1_031;
    "2024-02-02-0600" 23 977;
    "2024-02-03-0600" 23 965;
    "2024-02-05-0600" 23 925;
    "2024-02-06-0600" 23 916;
    "2024-02-07-0600" 23 902;
}

/// What was said, as line, column and the English text.
fn said(problems: &[crate::staff::RowProblem]) -> Vec<(u64, &str, &str)> {
    problems.iter().map(|problem| (problem.line, problem.column.as_deref().unwrap_or_default(), problem.en.as_str())).collect()
}

#[test]
fn the_shelters_of_yabu_are_read_and_nothing_in_them_is_left_unsaid() {
    let Facilities { report, facilities, occupancy } = read(SHELTERS);
    assert_eq!((report.rows, report.taken, report.more), (53, 53, 0));
    assert!(report.errors.is_empty() && occupancy.is_empty());
    assert_eq!(
        said(&report.warnings),
        [(1, "NO", "this column is ignored (53 rows hold something)"), (1, "都道府県名及び市町村名", "this column is ignored (53 rows hold something)")]
    );
    assert!(facilities.iter().all(|place| place.uses == [Use::Shelter] && place.position.is_some() && !place.address.is_empty()));
    let meiji = &facilities[0];
    assert_eq!((meiji.id.as_str(), meiji.name.as_str()), ("e2822200005111", "養父市自然体験学習館「めいじ」"));
    assert_eq!(meiji.position, Some(Position { latitude: 3_539_314, longitude: 13_484_238 }));
}

#[test]
fn the_emergency_sites_of_yabu_are_read_with_their_hazards() {
    let Facilities { report, facilities, .. } = read(SITES);
    assert_eq!((report.rows, report.taken, report.more), (162, 162, 0));
    assert_eq!(report.errors, []);
    assert_eq!(said(&report.warnings).iter().map(|(line, column, _)| (*line, *column)).collect::<Vec<_>>(), [(1, "NO"), (1, "都道府県名及び市町村名")]);
    let of = |hazard| facilities.iter().filter(|place| place.hazards.contains(&hazard)).count();
    assert_eq!(HAZARDS.map(|(hazard, _)| of(hazard)), [98, 98, 0, 160, 0, 0, 98, 0]);
    assert!(facilities.iter().all(|place| place.uses == [Use::Site]));
}

#[test]
fn a_site_with_name_and_address_of_a_shelter_is_one_place_with_it_in_either_order() {
    let (shelters, sites) = (read(SHELTERS).facilities, read(SITES).facilities);
    for all in [merge(&merge(&[], &shelters), &sites), merge(&merge(&[], &sites), &shelters)] {
        assert_eq!(all.len(), 53 + 162 - 32);
        let both: Vec<&Facility> = all.iter().filter(|place| place.uses == [Use::Site, Use::Shelter]).collect();
        assert_eq!(both.len(), 32);
        assert!(both.iter().all(|place| shelters.iter().any(|shelter| shelter.id == place.id)));
        // The same files again change nothing but what they say.
        let again = merge(&all, &shelters);
        assert_eq!(again.len(), all.len());
        assert!(again.iter().zip(&all).all(|(one, two)| one.hazards == two.hazards && one.uses == two.uses));
    }
}

#[test]
fn every_snapshot_of_nanao_gives_its_rows_and_people_at_its_time() {
    for &(name, rows, persons) in SNAPSHOTS {
        let Facilities { report, facilities, occupancy } = read(&snapshot(name));
        assert_eq!((report.rows as usize, report.taken as usize, facilities.len(), occupancy.len()), (rows, rows, rows, rows), "{name}");
        assert_eq!(occupancy.iter().map(|row| row.persons.unwrap()).sum::<u32>(), persons, "{name}");
        let (day, clock) = name.rsplit_once('-').unwrap();
        let time = moment(&format!("{day} {}:{}", &clock[..2], &clock[2..])).unwrap();
        assert!(occupancy.iter().all(|row| row.time == Some(time)), "{name}");
        assert!(facilities.iter().all(|place| place.position.is_some()), "{name}");
        let without: Vec<&str> = facilities.iter().filter(|place| place.capacity.is_none()).map(|place| place.id.as_str()).collect();
        assert!(without.is_empty() || without == ["new001"], "{name}: {without:?}");
        assert!(
            facilities.iter().filter_map(|place| place.capacity.as_ref()).all(|capacity| capacity.inside.is_some() && capacity.outside.is_some()),
            "{name}"
        );
    }
}

#[test]
fn all_that_is_not_used_of_a_snapshot_is_named() {
    let ignored = ["所在地_都道府県", "所在地_市区町村", "所在地_町字", "所在地_番地以下", "標高"];
    for (name, ..) in SNAPSHOTS {
        let report = read(&snapshot(name)).report;
        assert_eq!((report.errors.as_slice(), report.more), (&[][..], 0), "{name}");
        let columns: Vec<&str> = report.warnings.iter().map(|problem| problem.column.as_deref().unwrap()).collect();
        assert_eq!(columns, ignored, "{name}: {:?}", report.warnings);
        assert!(report.warnings.iter().all(|problem| problem.line == 1 && problem.en.starts_with("this column is ignored")), "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_said_by_line_and_the_rest_is_taken() {
    let text = "ID,名称,緯度,経度,想定収容人数,洪水,人数,時点\n\
                ,体育館,35.4,134.8,200,1,10,令和6年1月9日午後6時\n\
                あ,公民館,134.8,35.4,多数,?,約10,昨日\n\
                X1,,35.4,134.8,,,,\n\
                ,体育館,35.4,134.8,200,1,10,令和6年1月9日午後6時\n\
                X2,寺,35.4\n";
    let (bytes, _, lossy) = encoding_rs::SHIFT_JIS.encode(text);
    assert!(!lossy);
    let Facilities { report, facilities, occupancy } = read(&bytes);
    assert_eq!((report.encoding.as_str(), report.rows, report.taken), ("shift_jis", 5, 2));
    let places: Vec<(u64, &str)> = report.errors.iter().map(|problem| (problem.line, problem.column.as_deref().unwrap_or_default())).collect();
    assert_eq!(places, [(4, "名称"), (5, ""), (6, "")]);
    let places: Vec<(u64, &str)> = report.warnings.iter().map(|problem| (problem.line, problem.column.as_deref().unwrap_or_default())).collect();
    assert_eq!(places, [(2, "ID"), (3, "ID"), (3, "洪水"), (3, "緯度"), (3, "想定収容人数"), (3, "時点"), (3, "人数"), (5, "ID")]);
    assert_eq!(facilities[0].id, id_of_name("体育館").unwrap());
    assert_eq!(facilities[1].capacity, Some(Capacity { note: "多数".to_owned(), ..Capacity::default() }));
    assert_eq!(occupancy.iter().map(|row| row.persons).collect::<Vec<_>>(), [Some(10), None]);
}

#[test]
fn a_mark_at_the_start_and_other_files_are_no_trouble() {
    let text = "\u{feff}ID,名称\r\nA,体育館\r\n";
    let facilities = read(text.as_bytes()).facilities;
    assert_eq!(facilities.iter().map(|place| (place.id.as_str(), place.uses.len())).collect::<Vec<_>>(), [("a", 0)]);
    for nonsense in ["", "{", "{}", "x", "{\"features\":[{}]}", "{\"features\":[{\"properties\":{}}]}"] {
        let Facilities { report, facilities, .. } = read(nonsense.as_bytes());
        assert!(facilities.is_empty() && !report.errors.is_empty(), "{nonsense}");
    }
}

#[test]
fn a_facility_opens_with_what_is_known_of_it() {
    let state = read(&snapshot("2024-01-09-1800")).facilities[0].open();
    assert_eq!((state.shelter.as_str(), state.name.ja.as_str(), state.name.en.as_str()), ("cc0000000518", "山王小学校", "sannoshogakko"));
    assert_eq!((state.capacity, state.district.as_str(), state.state), (Some(480), "袖ケ江", OpenState::Open));
}

#[test]
fn the_example_has_every_column_that_is_read_and_no_mistake() {
    let Facilities { report, facilities, .. } = read(columns::example(&COLUMNS).as_bytes());
    assert_eq!((report.errors.as_slice(), report.warnings.as_slice(), facilities.len()), (&[][..], &[][..], 2));
    assert!(facilities.iter().all(|facility| facility.position.is_some() && facility.capacity.is_some()));
}
