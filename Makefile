# Python ≥ 3.11 and make are all that is needed; `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime-installed
DEVELOPMENT := .venv/.development-installed
BENCHING := .venv/.bench-installed
TRACING := .venv/.otel-installed
MAINTAINING := .venv/.maintenance-installed
# Exactly what was locked: another file under the same version is refused.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help run install migrate seed import key backup restore test test-hostile test-e2e bench lint format docs lock audit install-otel

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNTIME) ## Start everything: dashboard on 127.0.0.1:8501, REST API on 127.0.0.1:8000
	@$(BIN)/python run.py

install: $(RUNTIME) ## Create .venv and install what the product needs

migrate: $(RUNTIME) ## Bring the database to this version
	@$(BIN)/python -m services.startup

seed: $(RUNTIME) ## Load demo data into an empty database (ARGS="--customers 500 --reset")
	@$(BIN)/python seed.py $(ARGS)

import: $(RUNTIME) ## Load a CSV file: FILE=… [KIND=customers|events|invoices|tickets] [ARGS="--map field=column"]
	@$(BIN)/python import_csv.py $(if $(KIND),--kind $(KIND)) $(ARGS) -- "$(FILE)"

key: $(RUNTIME) ## API keys: ARGS="create --name … --scopes read,write [--expires 90d]", "list" or "revoke PREFIX"
	@$(BIN)/python keys.py $(or $(ARGS),--help)

backup: $(RUNTIME) ## Write the database into one file, while all goes on: [FILE=…], default under backups/
	@$(BIN)/python backup.py $(if $(FILE),-- "$(FILE)")

restore: $(RUNTIME) ## Put a backup into an empty database: FILE=… [REPLACE=name of the database to drop the contents of]
	@$(BIN)/python restore.py $(if $(REPLACE),--replace "$(REPLACE)") -- "$(FILE)"

test: $(DEVELOPMENT) ## Run all but the browser tests, with coverage
	@$(BIN)/python -m pytest -m "not e2e" -n 2 --cov --cov-report=term $(ARGS)

test-hostile: $(DEVELOPMENT) ## Send the API 10,000 generated requests and more (REQUESTS=50000 SEED=7)
	@HOSTILE_REQUESTS=$(or $(REQUESTS),10000) HOSTILE_SEED=$(or $(SEED),0) $(BIN)/python -m pytest -n 2 \
	  tests/contract/test_api_schema.py tests/contract/test_hostile_requests.py

test-e2e: $(DEVELOPMENT) ## Run the browser and reverse-proxy tests (needs chromium and nginx)
	@PATH="$$PATH:/usr/sbin"; for program in chromium nginx; do \
	  command -v $$program >/dev/null || { \
	    echo "make test-e2e needs chromium and nginx: '$$program' is not installed." >&2; exit 1; }; \
	done
	@$(BIN)/python -m pytest -m e2e $(ARGS)

bench: $(BENCHING) ## Measure against the plain way and DuckDB (ARGS="--customers 100000")
	@$(BIN)/python -m benchmarks $(ARGS)

lint: $(DEVELOPMENT) ## Check format, style, types and import directions
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports

format: $(DEVELOPMENT) ## Format the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

docs: $(RUNTIME) ## Write docs/factors.md anew
	@$(BIN)/python -m scoring.reference > docs/factors.md

install-otel: $(TRACING) ## Install what sending traces needs

# Versions stay as locked unless a list asks for others; ARGS=--upgrade takes the newest.
lock: $(MAINTAINING) ## Write the *.lock files anew, with hashes for every platform
	@$(LOCK) $(ARGS) --output-file requirements.lock requirements.txt
	@$(LOCK) $(ARGS) --constraint requirements.lock \
	  --output-file requirements-dev.lock requirements-dev.txt
	@for list in otel bench maintenance; do \
	  $(LOCK) $(ARGS) --constraint requirements-dev.lock \
	    --output-file requirements-$$list.lock requirements-$$list.txt || exit 1; \
	done

audit: $(MAINTAINING) ## Ask whether a locked package has a known vulnerability
	@$(BIN)/python deploy/audit.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Customer Health needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv .venv

# The stamps are newer than the lists: a list that changed is installed again.
$(RUNTIME): requirements.lock | $(BIN)/python
	@echo "Installing …"
	@$(PIP) -r requirements.lock
	@touch $@

$(DEVELOPMENT): requirements-dev.lock | $(BIN)/python
	@echo "Installing …"
	@$(PIP) -r requirements-dev.lock
	@touch $@ $(RUNTIME) $(TRACING)

$(BENCHING): requirements-bench.lock | $(BIN)/python
	@echo "Installing …"
	@$(PIP) -r requirements-bench.lock
	@touch $@ $(RUNTIME)

$(TRACING): requirements-otel.lock | $(BIN)/python
	@echo "Installing …"
	@$(PIP) -r requirements-otel.lock
	@touch $@ $(RUNTIME)

$(MAINTAINING): requirements-maintenance.lock | $(BIN)/python
	@echo "Installing …"
	@$(PIP) -r requirements-maintenance.lock
	@touch $@
