use super::*;

const EXAMPLE: &str = include_str!("../../../tests/data/tachiaid.toml");

fn paths_of(text: &str) -> Vec<String> {
    Config::parse(text, Path::new("/srv")).map_or_else(|problems| problems.into_iter().map(|problem| problem.path).collect(), |_| Vec::new())
}

#[test]
fn the_commented_example_is_accepted() {
    let config = Config::parse(EXAMPLE, Path::new("/srv/tachiai")).unwrap();
    assert_eq!(config.origin(), "vote.city.example.jp");
    assert_eq!(config.master_key, Path::new("/etc/tachiai/master.key"));
    assert_eq!(config.data, Path::new("/srv/tachiai"));
    assert_eq!(config.cards.crl, CrlRequirement::Required);
}

#[test]
fn every_key_of_the_example_has_its_default_where_it_says_so() {
    let shortest = Config::parse("hosts = ['a.example']\nmaster_key = 'k'", Path::new("/srv")).unwrap();
    let uncommented: String = EXAMPLE.lines().map(|line| line.strip_prefix("# default: ").unwrap_or(line)).map(|line| format!("{line}\n")).collect();
    let written = Config::parse(&uncommented, Path::new("/srv")).unwrap();
    assert_eq!(written.limits, shortest.limits);
    assert_eq!(written.disk, shortest.disk);
    assert_eq!(written.log, shortest.log);
    assert_eq!(written.listen, shortest.listen);
}

#[test]
fn every_problem_is_named_at_once() {
    let text = "
        hosts = ['vote.example', 'Vote.Example:8443']
        master_kye = 'x'
        [listen]
        public = 'nowhere'
        [limits]
        network_burst = 0
        sessions = 'many'
        [cards]
        crl = 'sometimes'
        [disk]
        limit_percent = 100
        ballast = 1
        [log]
        filter = '==='
    ";
    let mut expected = vec![
        "hosts[1]",
        "master_key",
        "master_kye",
        "listen.public",
        "limits.network_burst",
        "limits.sessions",
        "cards.crl",
        "disk.limit_percent",
        "disk.ballast",
        "log.filter",
    ];
    let mut found = paths_of(text);
    expected.sort_unstable();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn what_is_not_toml_is_said_with_its_line() {
    let problems = Config::parse("hosts = [", Path::new("/srv")).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].en.contains("line 1"), "{}", problems[0].en);
}

#[test]
fn a_certificate_without_a_key_is_a_problem() {
    assert_eq!(paths_of("hosts=['a']\nmaster_key='k'\n[tls]\ncertificate='c'"), ["tls.key"]);
}

#[test]
fn the_two_ports_cannot_share_an_address() {
    assert_eq!(paths_of("hosts=['a']\nmaster_key='k'\n[listen]\npublic='127.0.0.1:1'\nstaff='127.0.0.1:1'"), ["listen.staff"]);
}

#[test]
fn the_card_port_is_closed_unless_it_is_named_and_has_an_address_of_its_own() {
    let card = |text: &str| Config::parse(&format!("hosts=['a']\nmaster_key='k'\n[listen]\n{text}"), Path::new("/srv")).map(|config| config.listen.card);
    assert_eq!(card("").unwrap(), None);
    assert_eq!(card("card='127.0.0.1:8444'").unwrap(), Some("127.0.0.1:8444".parse().unwrap()));
    assert_eq!(paths_of("hosts=['a']\nmaster_key='k'\n[listen]\npublic='127.0.0.1:1'\ncard='127.0.0.1:1'"), ["listen.card"]);
}

#[test]
fn a_broker_is_reached_by_tls_or_on_this_machine() {
    let broker = |text: &str| paths_of(&format!("hosts=['a']\nmaster_key='k'\n[broker]\n{text}"));
    for url in ["https://platform.example/ngsi-ld/v1", "http://127.0.0.1:1026/ngsi-ld/v1", "http://localhost/"] {
        assert!(broker(&format!("url='{url}'")).is_empty(), "{url}");
    }
    for url in ["http://platform.example", "http://127.0.0.1.example/", "platform.example", "ftp://localhost"] {
        assert_eq!(broker(&format!("url='{url}'")), ["broker.url"], "{url}");
    }
    assert_eq!(broker("token='t'"), ["broker.url"]);
    assert_eq!(broker("url='https://a'\ntenant='a b'"), ["broker.tenant"]);
    let none = Config::parse("hosts=['a']\nmaster_key='k'", Path::new("/srv")).unwrap();
    assert_eq!(none.broker, None);
}

#[test]
fn warnings_are_asked_for_every_five_minutes_unless_it_is_said_otherwise() {
    let broker = |text: &str| Config::parse(&format!("hosts=['a']\nmaster_key='k'\n[broker]\nurl='https://a'\n{text}"), Path::new("/srv"));
    let seconds = |text: &str| broker(text).unwrap().broker.unwrap().warnings_seconds;
    assert_eq!([seconds(""), seconds("warnings_seconds=60"), seconds("warnings_seconds=0")], [300, 60, 0]);
    for (text, path) in [("warnings_seconds=-1", "broker.warnings_seconds"), ("warnings_seconds=86401", "broker.warnings_seconds")] {
        assert_eq!(broker(text).unwrap_err().into_iter().map(|problem| problem.path).collect::<Vec<_>>(), [path], "{text}");
    }
    assert!(broker("context='https://smart-data-models.github.io/dataModel.Alert/context.jsonld'").is_ok());
    for context in ["http://a", "https://a>; rel=next", "https://a\nx"] {
        assert!(broker(&format!("context=\"{}\"", context.replace('\n', "\\n"))).is_err(), "{context}");
    }
}

#[test]
fn what_is_missing_for_a_counter_is_a_note_and_no_problem() {
    let noted = |text: &str| Config::parse(text, Path::new("/srv")).unwrap().notes().into_iter().map(|note| note.path).collect::<Vec<_>>();
    assert_eq!(noted("hosts=['a']\nmaster_key='k'"), ["cards.text_anchors", "listen.card"]);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/jpki/jlis-test-card/text-root-6000033.bin");
    let all = format!("hosts=['a']\nmaster_key='k'\n[listen]\ncard='127.0.0.1:0'\n[cards]\ntext_anchors=['{root}']");
    assert!(noted(&all).is_empty());
}

#[test]
fn a_host_is_a_name_or_an_address() {
    for host in ["localhost", "127.0.0.1", "::1", "vote.city.example.jp", "a-1.b"] {
        assert!(is_host(host), "{host}");
    }
    for host in ["", ".", "a..b", "-a", "a-", "A", "a:1", "a/b", "a b", "投票"] {
        assert!(!is_host(host), "{host}");
    }
}
