# `make run` and `make test` install what this machine lacks; a second time they change nothing.

.PHONY: help run test soak bench learn evaluate archive seeds sqlx

help:
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

run: ## builds Wattline and serves it; it prints the address to open
	@scripts/install cc postgres
	cargo run --locked --release -- serve

test: ## checks the format, the lints and all tests
	@scripts/install cc postgres python browser
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	@if cargo nextest --version >/dev/null 2>&1; then \
		echo "cargo test --doc, then cargo nextest run"; \
		cargo test --locked --doc && cargo nextest run --locked; \
	else \
		echo "cargo test"; \
		cargo test --locked; \
	fi

soak: ## reads 50,000 articles that appear over an hour at 200 sources by three workers, one of which is killed every few seconds
	@scripts/install cc postgres
	WATTLINE_SOAK_SOURCES=200 WATTLINE_SOAK_ARTICLES=50000 WATTLINE_SOAK_SPREAD=60 WATTLINE_SOAK_MINUTES=90 WATTLINE_SOAK_KILLS=1000000 \
		cargo test --locked --release --test it -- --exact --nocapture \
		soak::workers_that_are_killed_lose_nothing_double_nothing_and_stay_polite

bench: ## measures how fast articles are read, claims merged, totals told, pages served and mail sent, each beside something known
	@scripts/install cc python postgres
	@benches/recognizers.py --install
	cargo bench --locked --bench extract
	cargo bench --locked --bench ingest
	cargo bench --locked --bench merging
	cargo bench --locked --bench totals
	cargo bench --locked --bench mail
	cargo bench --locked --bench pages

learn: ## learns the extractor's weights from the labelled articles; run `make evaluate` after it
	cargo run --locked --release --quiet -- learn --packed --archive tests/gold/archive.jsonl --web tests/gold/web.jsonl \
		tests/gold/dev.jsonl tests/gold/develop.jsonl tests/gold/own.jsonl > target/weights.br
	mv target/weights.br data/weights.br

evaluate: ## scores the extractor against labelled articles and keeps the figures for /method
	cargo run --locked --quiet -- evaluate --json tests/gold/held_back.jsonl tests/gold/pages.jsonl tests/gold/dev.jsonl \
		> target/evaluation.json
	mv target/evaluation.json data/evaluation.json

archive: ## reads the archive into an empty ledger and tells how far its records are the facts it was written from
	@scripts/install cc postgres
	cargo run --locked --quiet -- evaluate --archive tests/gold/archive.jsonl

seeds: ## makes what the fuzzer starts from, out of the labelled articles; see CONTRIBUTING.md
	@scripts/install python
	@fuzz/seeds.py

sqlx: ## renews .sqlx after a change of a query or a migration
	@scripts/install cc postgres
	@scripts/sqlx
