# make test   what CI runs: installs what the tests need, and passes all of them
# make proof  what takes longer: crashes by the hundred, full sizes, Lighthouse; prints its figures

.PHONY: build test proof tools web

build:
	cargo build --release

# The browser, the validator, the S3 server: Debian's, npm's and Python's packages, nothing else.
tools:
	sh tests/tools.sh

# Programs of tests that ask real servers belong to `proof`.
tests := $(filter-out deploy_s3 domains publishing, $(basename $(notdir $(wildcard tests/*.rs))) $(notdir $(patsubst %/main.rs,%,$(wildcard tests/*/main.rs))))

# Built once and thrown away: neither incremental state nor debug information is worth its time. Clippy compiles the tests
# itself: a check of its own would compile every dependency a second time. The tests inside the library compile it once more:
# they run within seconds without optimisation, which takes minutes.
test: export CARGO_INCREMENTAL = 0
test: export CARGO_PROFILE_DEV_DEBUG = 0
test: export RUSTC_WORKSPACE_WRAPPER = clippy-driver
test: export RUSTFLAGS = -D warnings
test: tools
	cargo fmt --check
	cargo test --locked --features faults --lib --config profile.dev.package.banyan-ssg.opt-level=0
	cargo build --locked --features faults --examples
	cargo test --locked --features faults $(addprefix --test ,$(tests))
	sh tests/web/run.sh target/debug/banyan

proof:
	sh tests/tools.sh servers
	sh benches/proof.sh
