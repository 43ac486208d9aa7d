//! The rules of the house hold: who may name what, checked by reading every source file and `cargo tree`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file below a folder, as path relative to the root, with the text outside comments.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
                found.push((path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned(), code));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// Whether code names a crate or module as the beginning of a path.
fn names(code: &str, name: &str) -> bool {
    let start = format!("{name}::");
    code.match_indices(&start).any(|(at, _)| {
        // `::name::` at the beginning of a path names the crate; `other::name::` does not.
        let before = code[..at].strip_suffix("::").map_or(&code[..at], |before| if before.ends_with(identifier) { "x" } else { before });
        !before.ends_with(identifier)
    }) || code.contains(&format!("use {name};"))
}

fn identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn nobody_names(folder: &str, crates: &[&str], except: &[&str]) {
    let mut broken = BTreeSet::new();
    for (path, code) in sources(folder) {
        for name in crates {
            if !except.iter().any(|allowed| path.starts_with(allowed)) && names(&code, name) {
                broken.insert(format!("{path} names {name}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn cryptography_does_no_io_and_reads_no_clock() {
    // The tests of the ballot write and read its vectors.
    nobody_names(
        "crypto/src",
        &["tokio", "sled", "axum", "pcsc", "tracing", "std::fs", "std::net", "std::time", "rustls"],
        &["crypto/src/election/ballot/tests/"],
    );
    nobody_names("crypto/jpki/src", &["tokio", "sled", "axum", "pcsc", "tracing", "std::fs", "std::net", "rustls"], &[]);
    nobody_names("schemas/src", &["tokio", "sled", "axum", "pcsc", "tracing", "std::fs", "std::net", "rustls"], &[]);
}

#[test]
fn only_the_store_names_sled() {
    nobody_names("daemon/src", &["sled"], &["daemon/src/store"]);
    nobody_names("tui/src", &["sled"], &[]);
    nobody_names("daemon/witness/src", &["sled"], &[]);
    nobody_names("tests/src", &["sled"], &[]);
}

#[test]
fn only_one_file_speaks_to_card_readers() {
    nobody_names("tui/src", &["pcsc"], &["tui/src/card/pcsc.rs", "tui/src/card.rs"]);
    for folder in ["daemon/src", "daemon/witness/src", "tests/src", "crypto/verify/src"] {
        nobody_names(folder, &["pcsc"], &[]);
    }
    assert!(!tree("tachiaid").contains("pcsc"));
}

#[test]
fn only_the_press_and_its_fonts_name_the_typesetter() {
    nobody_names("tui/src", &["typst", "typst_pdf"], &["tui/src/papers/press.rs", "tui/src/papers/fonts.rs"]);
    for package in ["tachiai", "tachiaid", "tachiai-verify", "tachiai-witness"] {
        assert!(!tree(package).contains("typst"), "{package} is built with a typesetter that nobody asked for");
    }
}

#[test]
fn no_screen_window_or_widget_of_the_console_speaks_to_anybody_or_reads_a_disk() {
    for folder in ["screens", "popups", "widgets", "app"] {
        nobody_names(&format!("tui/src/console/{folder}"), &["crate::client", "ureq", "std::fs", "std::net"], &[]);
    }
}

#[test]
fn only_http_and_routes_name_axum() {
    let routes: Vec<String> = sources("daemon/src").into_iter().map(|(path, _)| path).filter(|p| p.contains("/routes")).collect();
    let mut allowed: Vec<&str> = vec!["daemon/src/http", "daemon/src/app"];
    allowed.extend(routes.iter().map(String::as_str));
    nobody_names("daemon/src", &["axum"], &allowed);
}

#[test]
fn domains_do_not_import_each_other() {
    let domains: Vec<String> = ["election", "identity", "staff", "shelter", "sharing", "status"]
        .iter()
        .filter(|d| root().join("daemon/src").join(d).is_dir())
        .map(|d| (*d).to_owned())
        .collect();
    assert!(domains.len() >= 2);
    let mut broken = BTreeSet::new();
    for (path, code) in sources("daemon/src") {
        let Some(own) = domains.iter().find(|d| path.starts_with(&format!("daemon/src/{d}/")) || path == format!("daemon/src/{d}.rs")) else { continue };
        for other in domains.iter().filter(|d| *d != own) {
            if names(&code, &format!("crate::{other}")) {
                broken.insert(format!("{path} imports {other}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_label_that_separates_hashes_signatures_or_generators_stands_in_one_file() {
    // Where a label comes in as an argument, its callers are looked at.
    let passed_on = ["crypto/src/hash.rs", "crypto/src/group.rs", "crypto/src/journal/checkpoint.rs", "crypto/src/transcript.rs", "daemon/src/vault.rs"];
    let takes = [
        ("tagged(", &["labels::hash::", "&format!(\"file/{}\", Self::KIND)"][..]),
        ("Transcript::new(", &["labels::transcript::"]),
        ("generator(", &["labels::generators::", "BALLOT,"]),
        ("sign_bytes(", &["&format!(\"file/{"]),
        ("verify_bytes(", &["&format!(\"file/{"]),
        ("KIND: &'static str = ", &["labels::file::"]),
    ];
    let mut broken = BTreeSet::new();
    let folders = ["crypto/src", "crypto/jpki/src", "crypto/verify/src", "schemas/src", "daemon/src", "daemon/witness/src", "tui/src"];
    for (path, code) in folders.into_iter().flat_map(sources) {
        if passed_on.contains(&path.as_str()) || path.contains("/tests") || path.contains("/testing") {
            continue;
        }
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (take, allowed) in takes {
            for (at, _) in code.match_indices(take) {
                let label = code[at + take.len()..].trim_start();
                if !code[..at].ends_with(identifier)
                    && !allowed.iter().any(|allowed| label.starts_with(allowed) || label.starts_with(&format!("tachiai_crypto::{allowed}")))
                {
                    broken.insert(format!("{path}: {}", label.lines().next().unwrap()));
                }
            }
        }
        for take in ["secret_for(", "person_secret("] {
            for (at, _) in code.match_indices(take) {
                let arguments = code[at + take.len()..].split(')').next().unwrap();
                if !arguments.contains("label") || arguments.contains('"') {
                    broken.insert(format!("{path}: {arguments}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn no_file_is_called_mod_or_utils() {
    for folder in ["crypto", "schemas", "daemon", "tui", "tests/src"] {
        for (path, _) in sources(folder) {
            assert!(!path.ends_with("/mod.rs") && !path.ends_with("/utils.rs") || path.contains("/tests/"), "{path}");
        }
    }
}

/// The crates that a package is built with.
fn tree(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal,build", "--prefix", "none", "--format", "{p}", "--package", package])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn the_verifier_is_built_without_network_store_or_terminal() {
    let crates = tree("tachiai-verify");
    for forbidden in ["tokio", "rustls", "sled", "ratatui", "pcsc", "axum", "hyper", "utoipa", "ureq"] {
        assert!(!crates.contains(forbidden), "tachiai-verify is built with {forbidden}");
    }
}

#[test]
fn a_witness_is_built_without_the_appliance_or_the_console_that_it_watches() {
    let crates = tree("tachiai-witness");
    for forbidden in ["tachiaid", "tachiai", "sled", "pcsc"] {
        assert!(!crates.contains(forbidden), "tachiai-witness is built with {forbidden}");
    }
}

#[test]
fn the_appliance_opens_connections_to_the_data_platform_alone() {
    // Witnesses come to it.
    nobody_names("daemon/src", &["ureq", "hyper::client", "hyper_util::client"], &[]);
    nobody_names("daemon/src", &["tachiai_agent"], &["daemon/src/outbox"]);
    for (path, code) in sources("daemon/src").into_iter().filter(|(path, _)| !path.contains("tests")) {
        assert!(!code.contains("TcpStream::connect"), "{path}");
    }
}

#[test]
fn no_product_package_depends_on_the_tests() {
    for package in ["tachiai-crypto", "tachiai-jpki", "tachiai-schemas", "tachiai-verify", "tachiai-agent", "tachiaid", "tachiai", "tachiai-witness"] {
        assert!(!tree(package).contains("tachiai-tests"), "{package}");
    }
}

#[test]
fn the_top_level_holds_only_what_was_agreed() {
    let allowed = BTreeSet::from([
        "Cargo.toml",
        "Cargo.lock",
        "Makefile",
        "README.md",
        "README.ja.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "crypto",
        "daemon",
        "packaging",
        "schemas",
        "systemd",
        "tests",
        "tui",
        "rustfmt.toml",
        "deny.toml",
        "target",
    ]);
    for entry in fs::read_dir(root()).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        assert!(name.starts_with('.') || allowed.contains(name.as_str()), "{name} at the top level");
    }
}
