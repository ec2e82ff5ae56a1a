# Everything a person runs, from a machine that has Python 3.11 and make and nothing else of ours.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
WORKERS ?= auto

.PHONY: run test test-long check bench fuzz demo interop clean

run: $(VENV)/.run
	ACADEMY_DEV=1 $(BIN)/academy serve --demo

demo: $(VENV)/.run
	$(BIN)/academy demo --out demo
	$(BIN)/academy verify demo/badge.json --documents demo/documents.json

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(TESTS) -n $(WORKERS) --dist worksteal -m "not long"

# Whole tables of hostile steps: they pass too, and take a while.
test-long: $(VENV)/.dev
	$(BIN)/python -m pytest $(TESTS) -n $(WORKERS) --dist worksteal -m long

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# Every reader of bytes from strangers for SECONDS under each engine; what breaks one is kept in tests/fuzz/findings.
fuzz: SECONDS ?= 600
fuzz: $(VENV)/.fuzz
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

# Others' programs that read our log, for tests/interop, in a venv of their own.
interop: tests/interop/.venv/.done

tests/interop/.venv/.done: requirements/interop.lock
	$(PYTHON) -m venv tests/interop/.venv
	tests/interop/.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --ignore-requires-python -r requirements/interop.lock
	touch $@

clean:
	rm -rf $(VENV) tests/interop/.venv build *.egg-info

# The locked versions, each file checked against its hash; our own package as a link to this folder.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python pyproject.toml requirements/run.lock requirements/build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.lock -r requirements/run.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	touch $@

$(VENV)/.fuzz: $(VENV)/.dev requirements/fuzz.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.lock || echo "atheris has no wheel for this machine"
	touch $@
