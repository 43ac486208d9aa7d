# The commands of the project. Each builds what it needs; see README.md.
#
#   make demo [N=300]   one election from beginning to end, in $(TARGET)/demo
#   make serve [N=300]  an appliance with an open mock election, to try the commands by hand
#   make test           everything that is tested
#   make bench          the measurements, one JSON object a line
#   make pictures       the pictures of the console in the README, of the screens that the tests keep
#   make lint           format, clippy, documentation, licences
#   make fuzz           SECONDS=60 of spoilt bytes for every reader of foreign bytes
#   make fhir           the kept FHIR bundle, and the one that a grant gave in the tests, against a strict R4 library
#   make clean-demo     removes what demo, serve and bench left behind

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
N ?= 300
FUZZ_SECONDS := $(if $(filter command,$(word 1,$(origin SECONDS))),$(SECONDS),60)
NEXTEST_VERSION := 0.9.143
DENY_VERSION := 0.20.2
# Papers as PDF/A are a feature of the console; everything made here has it.
PAPERS := --features tachiai/pdf
FONTS := /usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc
LETTERS := /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf

.PHONY: help demo serve test bench pictures lint fuzz fhir clean-demo packages packages-cards packages-papers packages-test release nextest deny

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

# What is missing is said with its reason and installed, or, where that is not allowed, said with the command.
# Arguments: "COMMAND-OR-FILE PACKAGES REASON" for each; what happens where nothing may be installed (exit 2: it is needed; true: it goes on without).
define install-missing
	@missing=""; \
	want() { command -v "$$1" >/dev/null || [ -e "$$1" ] || { echo "missing: $$1 (Debian: $$2), which $$3"; missing="$$missing $$2"; }; }; \
	without() { $(2); }; \
	$(1) \
	if [ -n "$$missing" ]; then \
	  as_root="no"; \
	  if [ "$$(id -u)" = 0 ]; then as_root=""; \
	  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root="sudo -n"; fi; \
	  if ! command -v apt-get >/dev/null; then echo "make: this is no Debian: install the above yourself and run make again" >&2; without; \
	  elif [ "$$as_root" = no ]; then echo "make: not root, so nothing was installed. Run as root:  apt-get install -y --no-install-recommends$$missing" >&2; without; \
	  else \
	    echo "installing:$$missing"; \
	    { $$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq && \
	      $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; } || without; \
	  fi; \
	fi; \
	command -v cargo >/dev/null || { echo "make: cargo is not there: install Rust 1.90 or newer (https://rustup.rs)" >&2; exit 2; }
endef

packages:
	$(call install-missing,\
	  want cc 'gcc libc6-dev' 'links the programs and compiles what ring has in C'; \
	  want pkg-config pkg-config 'finds the library for card readers'; \
	  want /usr/include/PCSC/winscard.h libpcsclite-dev 'is that library: the console reads cards by it';,exit 2)

# Without them cards go by a socket of their own instead of through a reader.
packages-cards: packages
	$(call install-missing,\
	  want /usr/sbin/pcscd pcscd 'is the service for card readers'; \
	  want /usr/lib/pcsc/drivers/serial/libifdvpcd.so vsmartcard-vpcd 'is a driver for virtual readers';,true)

# Without it no papers are printed, and the command says so.
packages-papers: packages
	$(call install-missing,\
	  want $(FONTS) fonts-noto-cjk 'has the shapes of Japanese names for the papers'; \
	  want $(LETTERS) fonts-dejavu-core 'has letters of names from elsewhere';,true)

packages-test: packages
	$(call install-missing,\
	  want strace strace 'shows a test that a ballot is on the disk before its receipt is given'; \
	  want unshare util-linux 'gives tests a disk and a card service of their own'; \
	  want /usr/sbin/pcscd pcscd 'is the service for card readers'; \
	  want /usr/lib/pcsc/drivers/serial/libifdvpcd.so vsmartcard-vpcd 'is a driver for virtual readers'; \
	  want pkcs15-tool opensc 'judges the virtual cards'; \
	  want openssl openssl 'checks what they sign'; \
	  want $(FONTS) fonts-noto-cjk 'has the shapes of Japanese names for the papers'; \
	  want $(LETTERS) fonts-dejavu-core 'has letters of names from elsewhere'; \
	  want pdftotext poppler-utils 'reads the papers that were printed'; \
	  want curl curl 'logs in with a card over TLS'; \
	  want python3 python3 'runs the program in the text of the protocol'; \
	  want /usr/lib/*/opensc-pkcs11.so opensc-pkcs11 'lets curl use a card'; \
	  want /usr/lib/*/engines-3/pkcs11.so libengine-pkcs11-openssl 'lets curl use a card';,exit 2)

release: packages
	cargo build --release --workspace --bins $(PAPERS)

demo: release packages-cards packages-papers
	"$(TARGET)/release/tachiai-demo" --electors $(N)

serve: release packages-cards packages-papers
	"$(TARGET)/release/tachiai-demo" --electors $(N) --serve

bench: release
	"$(TARGET)/release/tachiai-load"

SCREENS := tui/src/console/snapshots/tachiai__console__tests__
PICTURES := home-headquarters event election-steps sharing-preview approvals reception-check reception-known poll-may trustee-compare questionnaire palette help
pictures: release packages-papers
	"$(TARGET)/release/tachiai-pictures" --out packaging/pictures \
	  $(foreach lang,ja en,$(foreach name,$(PICTURES),$(SCREENS)$(name)-$(lang)-80x24.snap))

nextest:
	@command -v cargo-nextest >/dev/null || { echo "missing: cargo-nextest, which runs the tests; installing $(NEXTEST_VERSION) by cargo"; cargo install --locked cargo-nextest@$(NEXTEST_VERSION); }

# The stories start the real programs, which are built beside the tests: built by themselves they would have other features, and every dependency would be
# compiled twice.
test: packages-test nextest
	cargo nextest run --workspace $(PAPERS)
	cargo test --workspace --doc $(PAPERS)

lint: packages deny
	cargo fmt --all --check
	cargo clippy --workspace --all-targets $(PAPERS) -- -D warnings
	cargo clippy -p tachiai --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps $(PAPERS)
	cargo deny check bans licenses sources

deny:
	@command -v cargo-deny >/dev/null || { echo "missing: cargo-deny, which checks licences and sources; installing $(DENY_VERSION) by cargo"; cargo install --locked cargo-deny@$(DENY_VERSION); }

fuzz: release
	"$(TARGET)/release/tachiai-fuzz" --seconds $(FUZZ_SECONDS)

# A workspace of its own: see its manifest.
fhir: packages
	granted="$$(realpath -m "$(TARGET)")/tmp/granted.fhir.json"; more=""; [ ! -e "$$granted" ] || more="-- --include-ignored"; \
	TACHIAI_GRANTED="$$granted" cargo test --locked --manifest-path tests/fhir/Cargo.toml --target-dir "$(TARGET)/fhir" $$more

clean-demo:
	@for folder in demo serve bench bench-records bench-desk bench-shelter; do \
	  [ ! -e "$(TARGET)/$$folder" ] || { [ -e "$(TARGET)/$$folder/.tachiai-demo" ] || { echo "make: $(TARGET)/$$folder was not made by the demo; not removed" >&2; exit 1; }; \
	    for lock in .tachiai-demo appliance/data/lock; do [ ! -e "$(TARGET)/$$folder/$$lock" ] || flock -n "$(TARGET)/$$folder/$$lock" true || \
	      { echo "make: $(TARGET)/$$folder is in use by process $$(tail -n 1 "$(TARGET)/$$folder/$$lock"); stop it first" >&2; exit 1; }; done; \
	    rm -rf "$(TARGET)/$$folder"; }; \
	done
