//! Logging in as a browser does: `curl` shows the card's certificate over TLS, and OpenSC has the card in the reader sign.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::TcpListener;
use std::process::Command;

use tachiai_jpki::{Purpose, Serial};
use tachiai_schemas::identity::Session;
use tachiai_schemas::refusal::Problem;
use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_tests::hand::Hand;
use tachiai_tests::pcscd::{Inserted, Pcscd};
use tachiai_tests::story::{Scene, Setting, until};
use tachiai_tests::trouble::Trouble;
use tachiai_tests::wire::Wire;

/// The PKCS #11 modules of Debian's `opensc-pkcs11`, by which browsers and other programs use a card, and which token of it is
/// meant: the first shows the authentication key alone, the second each key as a token of its own.
const MODULES: [(&str, &str); 2] =
    [("/usr/lib/x86_64-linux-gnu/onepin-opensc-pkcs11.so", ""), ("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so", "token=JPKI%20(User%20Authentication%20PIN);")];

/// A resident at home, with a card in a reader.
struct Home {
    scene: Scene,
    pcscd: Pcscd,
    inserted: Option<Inserted>,
    port: u16,
}

impl Home {
    fn new() -> Home {
        // A port is free when it is looked for, and may not be when the daemon takes it.
        let (scene, port) = (0..5).find_map(|_| Home::appliance().ok()).unwrap_or_else(|| Home::appliance().unwrap_or_else(|trouble| panic!("{trouble}")));
        let pcscd = Pcscd::start(2).unwrap_or_else(|trouble| panic!("{trouble}"));
        Home { scene, pcscd, inserted: None, port }
    }

    fn appliance() -> Result<(Scene, u16), Trouble> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let configure = move |table: &mut toml::Table| {
            table["listen"].as_table_mut().unwrap().insert("card".to_owned(), toml::Value::from(format!("127.0.0.1:{port}")));
        };
        let mut scene = Scene::set(Setting { configure: Box::new(configure), ..Setting::of(2) });
        scene.appliance.start()?;
        Ok((scene, port))
    }

    fn insert(&mut self, elector: usize) {
        if let Some(card) = self.inserted.take() {
            self.pcscd.remove(0, card).unwrap_or_else(|trouble| panic!("{trouble}"));
        }
        let path = self.scene.folder.join(format!("card-{elector}.json"));
        self.scene.card(elector).write(&path).unwrap();
        let inserted = self.pcscd.insert(&Programs::beside_this().unwrap(), 0, &path, &[]);
        self.inserted = Some(inserted.unwrap_or_else(|trouble| panic!("{trouble}")));
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// `curl` without a card.
    fn curl(&self, path: &str) -> Command {
        let mut command = Command::new("curl");
        self.pcscd.used_by(command.args(["--silent", "--show-error", "--noproxy", "*", "--cacert"]).arg(self.scene.appliance.ca()));
        command.args(["--header", "accept-language: en"]).arg(self.url(path));
        command
    }

    /// `curl` with the card in the reader: the engine `pkcs11` of OpenSSL, and a module of OpenSC.
    fn with_card(&self, path: &str, pin: &str) -> Command {
        self.with_module(MODULES[0], path, pin)
    }

    fn with_module(&self, (module, token): (&str, &str), path: &str, pin: &str) -> Command {
        let mut command = self.curl(path);
        command.env("PKCS11_MODULE_PATH", module).args(["--engine", "pkcs11", "--cert-type", "ENG", "--key-type", "ENG"]);
        command.arg("--cert").arg(format!("pkcs11:{token}type=cert;id=%01"));
        command.arg("--key").arg(format!("pkcs11:{token}type=private;id=%01;pin-value={pin}"));
        command
    }

    fn login(&self, pin: &str) -> Outcome {
        self.login_by(MODULES[0], pin)
    }

    fn login_by(&self, module: (&str, &str), pin: &str) -> Outcome {
        let mut command = self.with_module(module, "/api/v1/sessions/card", pin);
        command.args(["--request", "POST", "--header", "content-length: 0"]);
        Outcome::of(command).unwrap()
    }

    #[track_caller]
    fn problem(&self, outcome: Outcome) -> String {
        let problem: Problem = outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
        problem.code
    }
}

#[test]
fn curl_logs_in_with_the_card_in_the_reader_and_reads_why_not_where_it_cannot() {
    let mut home = Home::new();
    home.insert(0);
    let wire = Wire::public(&home.scene.appliance);

    // Without a card the page says what to do, in the language that is asked for.
    let page = Outcome::of(home.curl("/")).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(page.stdout.contains("Put the card on the reader"), "{}", page.stdout);
    // Not enrolled.
    assert_eq!(home.problem(home.login("1234")), "not-enrolled");

    Hand::with(home.scene.card(0)).enrol(&wire).json::<serde_json::Value>();
    for module in MODULES {
        home.login_by(module, "1234").ok().unwrap_or_else(|trouble| panic!("{trouble}")).json::<Session>().unwrap();
    }
    let session: Session = home.login("1234").ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    let reply = wire.get("/api/v1/elections/aaaaaaaaaaaaaaaaaaaaaaaaaa/slot", Some(&session.token.to_string()));
    reply.refused("not-found");
    let mut form = home.with_card("/", "1234");
    form.args(["--data", ""]);
    let page = Outcome::of(form).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(page.stdout.contains("You are logged in") && page.stdout.contains(&session.citizen.to_string()), "{}", page.stdout);

    // A wrong PIN: the card does not sign, and no connection comes about.
    let wrong = home.login("9999");
    assert_ne!(wrong.code, Some(0), "{wrong:?}");
    assert!(wrong.stdout.is_empty(), "{wrong:?}");
    home.login("1234").ok().unwrap_or_else(|trouble| panic!("{trouble}")).json::<Session>().unwrap();

    // TLS 1.3 is not spoken: a driver that pads as cards do could not sign there.
    let mut modern = home.curl("/");
    modern.args(["--tlsv1.3"]);
    assert_ne!(Outcome::of(modern).unwrap().code, Some(0));

    // Revoked.
    let serial = Serial::from_u64(home.scene.electors[0].number as u64 + 1).unwrap();
    home.scene.residents.publish_revocations(&[serial]).unwrap();
    assert!(home.scene.residents.revocation_list(Purpose::UserAuthentication).exists());
    home.scene.appliance.daemon().unwrap().signal(rustix::process::Signal::HUP).unwrap();
    until("the card is revoked", || home.login("1234").stdout.contains("card-certificate"));
    let page = Outcome::of(home.with_card("/", "1234")).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(page.stdout.contains("go to the city&#39;s counter"), "{}", page.stdout);
}
