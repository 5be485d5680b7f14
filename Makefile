PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
DATA ?=

# Each test that starts a process would otherwise compile the program anew.
unit slow crash: export PYTHONDONTWRITEBYTECODE =

.PHONY: help env extras dev run test lint typecheck unit slow crash bench evaluate lock

help:  ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

env:  ## set up .venv for running, nothing else
	@"$(PYTHON)" bootstrap.py run

extras:  ## add newsletters by IMAP and pages that need a browser to .venv
	@"$(PYTHON)" bootstrap.py extras

dev:
	@"$(PYTHON)" bootstrap.py dev

run: env  ## the main job; ONCE=1 for a single round
	@$(BIN)/monitor run $(if $(ONCE),--once || test $$? -eq 4)

test: lint typecheck unit  ## lint, types and tests; the slow ones: make slow

lint: dev  ## ruff and the import contracts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports --no-logo

typecheck: dev  ## mypy, strict
	@$(BIN)/mypy

unit: dev  ## pytest: unit and loopback tests, but for the slow ones
	@$(BIN)/pytest -n 2 -q -m "not slow"

slow: dev  ## pytest: the slow ones: kill -9, a real browser, months of polls, a hostile internet
	@$(BIN)/pytest -n 2 -q -m slow

crash: dev  ## kill -9 a real run ROUNDS times (default 20), at every point; make slow does it once or twice
	@CRASH_ROUNDS=$(or $(ROUNDS),20) $(BIN)/pytest -q -m slow tests/crash tests/unit/pipeline/test_pipeline_outbox_machine.py

bench: dev  ## a benchmark: make bench DATA=PATH [STAGE=main_job|entries|extraction|matching|backtest], or STAGE=polling|concurrency|search|storage; DATABASE_URL=…
	@$(BIN)/python -m bench.$(or $(STAGE),main_job) $(if $(DATA),--data "$(DATA)") $(if $(DATABASE_URL),--database-url "$(DATABASE_URL)")

evaluate: dev  ## how good matching is on labelled sets: make evaluate DATA=PATH [ONLY="NAME …"] [CACHE=FOLDER]
	@$(BIN)/python -m bench.evaluate --data "$(DATA)" $(if $(ONLY),--only $(ONLY)) $(if $(CACHE),--cache "$(CACHE)")

lock: dev  ## write the locks anew (developers; needs uv)
	uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --no-header --no-emit-index-url --no-annotate --group build -o requirements.lock
	uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --no-header --no-emit-index-url --no-annotate --group build --all-extras -c requirements.lock -o requirements-extras.lock
	uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --no-header --no-emit-index-url --no-annotate --group build --group dev --group fit --all-extras -c requirements.lock -o requirements-dev.lock
