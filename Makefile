# make test   what CI runs: installs what the tests need, and passes all of them
# make proof  what takes longer: crashes by the hundred, full sizes, Lighthouse; prints its figures

.PHONY: build test proof tools web

build:
	cargo build --release

# The browser, the validator, the S3 server: Debian's, npm's and Python's packages, nothing else.
tools:
	sh tests/tools.sh

# Built once and thrown away: neither incremental state nor debug information is worth its time. Clippy compiles the tests
# itself: a check of its own would compile every dependency a second time.
test: export CARGO_INCREMENTAL = 0
test: export CARGO_PROFILE_DEV_DEBUG = 0
test: export RUSTC_WORKSPACE_WRAPPER = clippy-driver
test: export RUSTFLAGS = -D warnings
test: tools
	cargo fmt --check
	cargo test --locked --features faults
	sh tests/web/run.sh target/debug/banyan

proof:
	sh tests/tools.sh servers
	sh benches/proof.sh
