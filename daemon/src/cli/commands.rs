//! What each command does.

use std::path::Path;
use std::sync::Arc;

use rand_core::OsRng;
use serde_json::json;
use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::system::in_words;
use tachiai_schemas::{Lang, Say};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::{Exit, Failure, Init, Output, StaffCommand, log};
use crate::app::control::{self, Answer, Credentials, Listed, Request};
use crate::app::setup::{self, Setup, SetupError};
use crate::app::{App, Base, Listeners, StartError, audit, backup};
use crate::cards::CardPolicy;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Problem};
use crate::journal::LockError;
use crate::vault;

impl Output {
    /// Prints a line for people, or the value for scripts.
    fn print(self, value: &serde_json::Value, ja: impl Into<String>, en: impl Into<String>) {
        use std::io::Write;
        let (ja, en) = (ja.into(), en.into());
        let line = if self.json { value.to_string() } else { self.lang.pick(&ja, &en).to_owned() };
        // Whoever closed standard output wants no more of it.
        let mut out = std::io::stdout();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

/// Reads `--crl`.
pub(super) fn crl(text: &str) -> Result<CrlRequirement, String> {
    match text {
        "required" => Ok(CrlRequirement::Required),
        "not-required" => Ok(CrlRequirement::NotRequired),
        _ => Err("use required or not-required".to_owned()),
    }
}

/// Reads `--card-policy`.
pub(super) fn policy(text: &str) -> Result<CardPolicy, String> {
    match text {
        "production" => Ok(CardPolicy::Production),
        "test" => Ok(CardPolicy::Test),
        _ => Err("use production or test".to_owned()),
    }
}

pub(super) fn init(output: Output, init: Init) -> Result<Exit, Failure> {
    let Init { data, host, card_anchor, card_text_anchor, card_crl, crl, card_policy, master_key, mirror, listen_public, listen_staff } = init;
    let absolute = |path: std::path::PathBuf| std::path::absolute(&path).map_err(|error| Failure::file(&path, &error));
    let setup = Setup {
        data: absolute(data)?,
        hosts: host,
        master_key: master_key.map(absolute).transpose()?,
        mirror: mirror.map(absolute).transpose()?,
        public: listen_public,
        staff: listen_staff,
        anchors: card_anchor,
        text_anchors: card_text_anchor,
        crls: card_crl,
        crl,
        policy: card_policy,
    };
    let config = setup::create(&setup, SystemClock.now(), &mut OsRng).map_err(|error| {
        let en = error.to_string();
        match error {
            SetupError::NotEmpty(dir) => Failure::new(
                Exit::Refused,
                format!("{} は空ではありません。別のフォルダーを指定するか、不要であることを確かめて空にしてください。", dir.display()),
                en,
            ),
            SetupError::Host(host) => Failure::new(
                Exit::Usage,
                format!("{host} はホスト名ではありません。小文字の英数字・ハイフン・ドット、または IP アドレスを、ポート番号なしで指定してください。"),
                en,
            ),
            _ => Failure::new(Exit::Incomplete, format!("作成できません: {en}"), en),
        }
    })?;
    let key = setup.master_key.clone().unwrap_or_else(|| setup.data.join("master.key"));
    let (config_path, key, ca) = (config.display(), key.display(), setup.data.join("tls/ca.pem"));
    let (ca, public, staff) = (ca.display(), setup.public, setup.staff);
    let missing = if setup.anchors.is_empty() {
        (
            "\n   まず、カードの認証局の証明書を anchors/ に置いてください（なければどのカードも使えません）。",
            "\n   First put the certificates of the cards' authorities into anchors/ (without them no card is accepted).",
        )
    } else {
        ("", "")
    };
    output.print(
        &json!({ "config": config, "master_key": setup.master_key.clone().unwrap_or_else(|| setup.data.join("master.key")), "ca": setup.data.join("tls/ca.pem") }),
        format!(
            "作成しました。設定: {config_path}\n次にすること:\n\
             1. マスターキー {key} の写しを、データとは別の安全な場所に保管してください。失うと何も復元できません。\n\
             2. 認証局の証明書 {ca} を公報などで配ってください。利用者の端末がこれを確かめます。\n\
             3. tachiaid check-config --config {config_path}{}\n\
             4. tachiaid staff add 名前 --role commission --out フォルダー --config {config_path}（取り消せない操作には二人必要です）\n\
             5. tachiaid run --config {config_path}（{public} で投票者を、{staff} で職員を待ち受けます。0.0.0.0 はこの機械のすべてのアドレスです。変えるには設定の [listen]）",
            missing.0
        ),
        format!(
            "Made. Configuration: {config_path}\nWhat to do next:\n\
             1. Keep a copy of the master key {key} in a safe place away from the data. If it is lost, nothing can be restored.\n\
             2. Publish the authority's certificate {ca}, as in the public notice. People's clients check it.\n\
             3. tachiaid check-config --config {config_path}{}\n\
             4. tachiaid staff add NAME --role commission --out DIR --config {config_path} (acts that cannot be undone need two people)\n\
             5. tachiaid run --config {config_path} (it listens at {public} for voters and at {staff} for staff; 0.0.0.0 is every address of this machine; \
             [listen] in the configuration changes that)",
            missing.1
        ),
    );
    Ok(Exit::Done)
}

pub(super) fn run(output: Output, config: Config) -> Result<Exit, Failure> {
    log(&config);
    no_core_dumps();
    let hosts = config.hosts.clone();
    runtime()?.block_on(async {
        let base = Base::open(config, Arc::new(SystemClock))?;
        let listeners = Listeners::bind(&base).await?;
        let address = |listener: &tokio::net::TcpListener| listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
        let (public, staff) = (address(&listeners.public), address(&listeners.staff));
        let app = Arc::new(App::new(base)?);
        let (stop, stopped) = watch::channel(false);
        let signals = tokio::spawn(obey(app.clone(), stop));
        let ready = || {
            output.print(
                &json!({ "public": public, "staff": staff, "hosts": hosts }),
                format!("稼働しています。公開 {public}、職員 {staff}（{}）", hosts.join(", ")),
                format!("serving: public {public}, staff {staff} ({})", hosts.join(", ")),
            );
            tracing::info!(%public, %staff, "serving");
        };
        app.run(listeners, stopped, ready).await?;
        signals.abort();
        tracing::info!("stopped");
        Ok(Exit::Done)
    })
}

/// A core dump would hold the keys.
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::warn!(%error, "core dumps cannot be switched off");
    }
}

/// Turns signals into orders.
async fn obey(app: Arc<App>, stop: watch::Sender<bool>) {
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()))
    else {
        tracing::error!("signals cannot be received");
        return std::future::pending().await;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => app.reload().await,
        }
    }
    tracing::info!("stopping: requests that are under way are finished");
    // Nobody listens if the ports ended by themselves.
    let _ = stop.send(true);
    // A second signal ends the process at once; the journals stand that.
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    std::process::exit(130);
}

pub(super) fn check(output: Output, config: Config) -> Result<Exit, Failure> {
    let data = config.data.clone();
    let report = runtime()?.block_on(audit::check(config, Arc::new(SystemClock)))?;
    let audit::Report { journals, records, wrong_records, citizen_keys, citizens, orphans, lost_evidence, repairs } = &report;
    let entries: u64 = journals.iter().map(|journal| journal.entries).sum();
    let value = json!({
        "good": report.is_good(),
        "journals": journals.iter().map(|j| json!({ "id": j.id, "entries": j.entries, "segments": j.segments, "chain_head": j.chain_head })).collect::<Vec<_>>(),
        "records": records, "wrong_records": wrong_records, "citizen_keys": citizen_keys, "citizens": citizens, "orphans": orphans,
        "lost_evidence": lost_evidence, "repairs": repairs,
    });
    let lines = |lang: Lang| {
        let mut text = String::new();
        for j in journals {
            text += lang.pick("ジャーナル ", "journal ");
            text += &format!("{}: {} {}, {} {}, {}\n", j.id, j.entries, lang.pick("件", "entries"), j.segments, lang.pick("ファイル", "files"), j.chain_head);
        }
        for lost in lost_evidence {
            text += &format!("{}: {lost}\n", lang.pick("失われた登録の証拠", "lost"));
        }
        for orphan in orphans {
            text += &format!(
                "{}: {orphan}\n",
                lang.pick("どの記録も指さないもの（中断の跡、無害）", "what no entry names (left over from an interruption, harmless)")
            );
        }
        for repair in repairs {
            text += &format!("{}: {repair}\n", lang.pick("修復", "repaired"));
        }
        text
    };
    output.print(
        &value,
        format!(
            "{}{} を確認しました: ジャーナル {} 本・{entries} 件の鎖、ビュー {records} 件（相違 {wrong_records} 件）、市民 {citizens} 人に対し鍵 {citizen_keys} 個。{}",
            lines(Lang::Ja),
            data.display(),
            journals.len(),
            if report.is_good() { "問題ありません。" } else { "問題があります。ビューの相違は tachiaid rebuild で直せます。鍵の不足は vault を、証拠の不足は非公開ジャーナルをバックアップから戻してください。" }
        ),
        format!(
            "{}checked {}: the chains of {} journals with {entries} entries, {records} records of views ({wrong_records} wrong), {citizen_keys} keys for {citizens} citizens. {}",
            lines(Lang::En),
            data.display(),
            journals.len(),
            if report.is_good() { "All is well." } else { "Not all is well: wrong views are mended by tachiaid rebuild; missing keys need the vault from a backup, and lost evidence the private journal." }
        ),
    );
    Ok(if report.is_good() { Exit::Done } else { Exit::Refused })
}

pub(super) fn rebuild(output: Output, config: Config) -> Result<Exit, Failure> {
    let (moved, records) = runtime()?.block_on(audit::rebuild(config, Arc::new(SystemClock)))?;
    let aside = moved.as_ref().map(|path| path.display().to_string());
    let old = |lang: Lang| {
        aside.as_ref().map_or_else(String::new, |path| match lang {
            Lang::Ja => format!("古いビューは {path} にあります。確認後に削除できます。"),
            Lang::En => format!(" The old views are in {path}; delete them when you are content."),
        })
    };
    output.print(
        &json!({ "records": records, "moved_aside": aside }),
        format!("ジャーナルからビュー {records} 件を作り直しました。{}", old(Lang::Ja)),
        format!("Rebuilt {records} records of views from the journals.{}", old(Lang::En)),
    );
    Ok(Exit::Done)
}

pub(super) fn backed_up(output: Output, config: &Config) -> Result<Exit, Failure> {
    let at = SystemClock.now();
    backup::mark(&config.data, at).map_err(|error| Failure::file(&config.data, &error))?;
    output.print(
        &json!({ "backup": at }),
        format!("バックアップの時刻を記録しました: {}", at.in_japan(Lang::Ja)),
        format!("Recorded that a backup was made at {}.", at.in_japan(Lang::En)),
    );
    Ok(Exit::Done)
}

pub(super) fn check_config(output: Output, path: &Path) -> Result<Exit, Failure> {
    let (problems, notes) = match Config::read(path) {
        Ok(config) => (config.check_files(), config.notes()),
        Err(problems) => (problems, Vec::new()),
    };
    let listed = |problems: &[Problem]| problems.iter().map(|p| json!({ "path": p.path, "ja": p.ja, "en": p.en })).collect::<Vec<_>>();
    let value = json!({ "problems": listed(&problems), "notes": listed(&notes) });
    let lines = |lang: Lang, none: String| {
        let noted = notes.iter().map(|note| format!("{}: {}", lang.pick("お知らせ", "note"), note.say(lang)));
        let said = if problems.is_empty() { vec![none] } else { problems.iter().map(|problem| Problem::say(problem, lang)).collect() };
        said.into_iter().chain(noted).collect::<Vec<_>>().join("\n")
    };
    output.print(&value, lines(Lang::Ja, format!("{} に問題はありません。", path.display())), lines(Lang::En, format!("{}: no problem.", path.display())));
    if problems.is_empty() {
        return Ok(Exit::Done);
    }
    // A problem of the file as a whole has no path: there is nothing that could have been checked.
    Ok(if problems.iter().any(|problem| problem.path.is_empty()) { Exit::Incomplete } else { Exit::Refused })
}

pub(super) fn staff(output: Output, command: StaffCommand) -> Result<Exit, Failure> {
    match command {
        StaffCommand::Add { name, role, out, server, with } => {
            let config = with.read()?;
            if std::fs::read_dir(&out).is_ok_and(|mut entries| entries.next().is_some()) {
                return Err(Failure::new(
                    Exit::Refused,
                    format!("{} は空ではありません。別のフォルダーを指定してください。", out.display()),
                    format!("{} is not empty: name another folder", out.display()),
                ));
            }
            // The folder is made first, so that no certificate is issued that cannot be handed over.
            vault::private_dir(&out).map_err(|error| Failure::new(Exit::Incomplete, format!("{} を作れません: {error}", out.display()), error.to_string()))?;
            let server = server.unwrap_or_else(|| server_of(&config));
            let Answer::Issued(credentials) = ask(config, Request::Add { name: name.clone(), role })? else {
                return Err(unexpected());
            };
            hand_over(&out, &credentials, &server).map_err(|error| Failure::new(Exit::Incomplete, error.to_string(), error.to_string()))?;
            let profile = out.join("profile.toml");
            output.print(
                &json!({ "name": name, "role": role, "profile": profile, "server": server }),
                format!("{name}（{role}）の証明書を発行しました。{} を本人に渡してください。key.pem は本人だけが持ちます。", out.display()),
                format!("Issued a certificate for {name} ({role}). Hand {} to them; nobody else may have key.pem.", out.display()),
            );
        }
        StaffCommand::List { with } => {
            let Answer::Staff(listed) = ask(with.read()?, Request::List)? else {
                return Err(unexpected());
            };
            let line = |Listed { name, role, key, since }: &Listed| format!("{name}  {role}  {since}  {}", key.hash());
            let lines = listed.iter().map(line).collect::<Vec<_>>().join("\n");
            let (ja, en) = if listed.is_empty() { ("職員はいません。".to_owned(), "There is no staff.".to_owned()) } else { (lines.clone(), lines) };
            output.print(&json!({ "staff": listed }), ja, en);
        }
        StaffCommand::Revoke { name, with } => {
            let Answer::Done = ask(with.read()?, Request::Revoke { name: name.clone() })? else {
                return Err(unexpected());
            };
            output.print(&json!({ "revoked": name }), format!("{name} の証明書を失効させました。"), format!("Revoked the certificate of {name}."));
        }
    }
    Ok(Exit::Done)
}

fn unexpected() -> Failure {
    Failure::new(Exit::Incomplete, "稼働中の tachiaid の版が違います。再起動してください。", "the running tachiaid is of another version; restart it")
}

/// The staff port under the first name.
fn server_of(config: &Config) -> String {
    let host = config.origin();
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    format!("https://{host}:{}", config.listen.staff.port())
}

/// Asks the daemon if one runs, else does it under the folder's lock.
fn ask(config: Config, request: Request) -> Result<Answer, Failure> {
    let data = config.data.clone();
    let answer = match runtime()?.block_on(alone(config, request.clone())) {
        Err(StartError::Lock(LockError::Held { .. })) => control::ask(&data, &request).map_err(|error| {
            let [ja, en] = in_words(&error);
            Failure::new(
                Exit::NoConnection,
                format!("稼働中の tachiaid に接続できません: {ja}。同じ利用者で実行しているか確かめてください。"),
                format!("cannot reach the tachiaid that runs: {en}. Run this as the same user"),
            )
        })?,
        other => other?,
    };
    match answer {
        Answer::Refused { ja, en } => Err(Failure::new(Exit::Refused, ja, en)),
        Answer::Fault(what) => Err(Failure::new(Exit::Incomplete, format!("装置の障害です: {what}"), what)),
        answer => Ok(answer),
    }
}

async fn alone(config: Config, request: Request) -> Result<Answer, StartError> {
    let base = Base::open(config, Arc::new(SystemClock))?;
    let answer = control::answer(&base.staff(Arc::new(crate::acts::NoActs)), request).await;
    base.end().await;
    Ok(answer)
}

fn hand_over(out: &Path, credentials: &Credentials, server: &str) -> Result<(), vault::VaultError> {
    let Credentials { certificate, key, ca } = credentials;
    let profile = format!(
        "# For the console: tachiai --profile {}\nserver = \"{server}\"\nca = \"ca.pem\"\ncert = \"cert.pem\"\nkey = \"key.pem\"\n",
        out.join("profile.toml").display()
    );
    for (name, bytes) in [("cert.pem", certificate.as_str()), ("key.pem", key), ("ca.pem", ca), ("profile.toml", &profile)] {
        vault::write(&out.join(name), bytes.as_bytes())?;
    }
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Incomplete, format!("実行環境を用意できません: {error}"), format!("cannot set up the runtime: {error}")))
}
