# Commonplace. `make` says what can be made; every target does the set-up that it needs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
VENV := .venv
RUN := $(VENV)/bin/python -m
# A Python that Commonplace runs on: one that is not only there but runs and is new enough.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
INSTALL = $(or $(PYTHON),$(error Commonplace needs Python 3.11 or newer: install it or name it in PYTHON)) \
	-m deploy.node.environment $(VENV)

PIP := deploy/node/pip.lock
NODE := $(VENV)/.node-installed
TESTS := $(VENV)/.tests-installed
LOGS := membership discussion notifications gateway stream mongo-exporter
LEVELS := $(wildcard tests/architecture tests/unit tests/services tests/contract tests/integration tests/e2e)

.PHONY: bench client client-lock help up down reset status logs test test-unit test-servers test-servers-down lint format types lock \
	dashboards dashboards-now dashboards-check alerts-check

help: ## Show these sentences
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## ---- A node on this machine

up: $(NODE) ## Run a whole node on this machine, with demo communities; a second time takes seconds
	@$(VENV)/bin/commonplace up

down: $(NODE) ## Stop the node; its data stay
	@$(VENV)/bin/commonplace down

reset: $(NODE) ## Stop the node and delete its data, logs and keys; asks before, unless YES=1
	@$(VENV)/bin/commonplace reset $(if $(filter 1,$(YES)),--yes)

status: $(NODE) ## Say how each process of the node is
	@$(VENV)/bin/commonplace status

logs: ## Follow the logs of the node's own processes (LOGS="mongod rabbitmq" for others)
	@shopt -s nullglob; folder="$${COMMONPLACE_NODE_FOLDER:-.node}/logs"; \
	files=($(foreach name,$(LOGS),"$$folder"/$(name){,-[0-9]}[.]log)); \
	if [ $${#files[@]} = 0 ]; then echo "There are no such logs in $$folder: \`make up\` starts the node." >&2; exit 1; fi; \
	tail -n 20 -F "$${files[@]}"

## ---- The checks

test: lint types ## Run every check and every test, over a real RabbitMQ and MongoDB (KEEP=1 leaves those running)
	@status=0; $(RUN) pytest $(LEVELS) $(PYTEST) || status=$$?; \
	if [ -z "$${KEEP:-}" ]; then $(RUN) tests.shared_servers down; fi; exit $$status

test-unit: $(TESTS) ## Run the tests that need no server
	@$(RUN) pytest $(wildcard tests/architecture tests/unit tests/services) $(PYTEST)

test-servers: $(TESTS) ## Start the RabbitMQ and MongoDB that test sessions share
	@$(RUN) tests.shared_servers up

test-servers-down: $(TESTS) ## Stop them, unless a test session is using them
	@$(RUN) tests.shared_servers down

bench: $(TESTS) ## Measure speed and memory beside the limits, and write docs/benchmarks.md (BENCH="events relay" for some)
	@$(RUN) benches $(BENCH)

lint: $(TESTS) ## Check style and import rules
	@$(RUN) ruff check --quiet . && $(RUN) ruff format --quiet --check .
	@$(VENV)/bin/lint-imports

format: $(TESTS) ## Put the code into its form
	@$(RUN) ruff check --quiet --fix-only . ; $(RUN) ruff format --quiet .

types: $(TESTS) ## Check types
	@$(RUN) mypy

## ---- What operators see

dashboards: $(TESTS) ## Write the Grafana dashboards and the compose file's Prometheus configuration
	@$(VENV)/bin/commonplace dashboards write

dashboards-now: $(TESTS) ## Say which queries of the dashboards are empty on the running node just now
	@$(VENV)/bin/commonplace dashboards check

dashboards-check: $(TESTS) ## Try every panel and rule on a real Prometheus that watches a node at work
	@$(RUN) pytest tests/e2e/test_dashboards.py $(PYTEST)

alerts-check: $(TESTS) ## Try that every alert fires when it should, and only then
	@$(RUN) pytest tests/integration/operators/test_alerts.py $(PYTEST)

## ---- The set-up

client: $(TESTS) ## Make the Python client from the OpenAPI document, and a wheel of it in dist/
	@$(RUN) clients.python.generate
	@$(RUN) pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist clients/python
	@echo "dist/: $$(ls dist)"

client-lock: $(TESTS) ## Lock the generator of the client
	@echo 'openapi-python-client==0.29.1' | $(RUN) uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command "make client-lock" - --output-file clients/python/generator.lock

lock: $(TESTS) ## Lock versions after a change in pyproject.toml (UPGRADE=--upgrade takes the newest)
	@set -- $(RUN) uv pip compile --quiet $(UPGRADE) --universal --generate-hashes --no-strip-extras --all-extras --group build \
		--custom-compile-command "make lock" pyproject.toml; \
	"$$@" --output-file requirements.lock; \
	"$$@" --group dev --group bench --output-file requirements-dev.lock; \
	echo pip | $(RUN) uv pip compile --quiet $(UPGRADE) --generate-hashes --no-header - --output-file $(PIP)

$(NODE): requirements.lock pyproject.toml $(PIP)
	@$(INSTALL) requirements.lock
	@touch $@

$(TESTS): requirements-dev.lock pyproject.toml $(PIP)
	@$(INSTALL) requirements-dev.lock
	@touch $@ $(NODE)
