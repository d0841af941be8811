# make test   what CI runs: installs what the tests need, and passes all of them
# make proof  what takes longer: crashes by the hundred, full sizes, Lighthouse; prints its figures

.PHONY: build test proof tools web

build:
	cargo build --release

# The browser, the validator, the S3 server: Debian's, npm's and Python's packages, nothing else.
tools:
	sh tests/tools.sh

test: tools
	cargo fmt --check
	cargo clippy --locked --all-targets --features faults -- -D warnings
	cargo test --locked --features faults
	sh tests/web/run.sh target/debug/banyan

proof:
	sh tests/tools.sh servers
	sh benches/proof.sh
