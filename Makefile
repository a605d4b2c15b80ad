# make demo | test | test-all | lint | bench | agreement. Everything is installed into .venv first.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
STAMP := $(VENV)/.installed
SOURCES := $(shell find spec grammar refmodel checker -name '*.py' -o -name '*.toml' -o -name '*.lark' -o -name '*.json' -o -name '*.S')
XEN := examples/systems/xen

.PHONY: setup demo test test-all lint bench agreement clean

setup: $(STAMP)

# A strict editable install links files one by one, so a new module needs a new install.
$(STAMP): pyproject.toml setup.cfg $(SOURCES)
	@test -n "$(PYTHON)" || { echo "smcproof needs Python 3.11 or newer; set PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(STAMP)

demo: setup
	@BIN=$(BIN) sh examples/demo.sh

test: setup
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow" -q

test-all: setup
	$(BIN)/python -m pytest -n $(JOBS) -q

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright

bench: setup
	$(BIN)/python -m benchmarks

agreement: setup
	$(BIN)/python -m tests.agreement.table --write

clean:
	rm -rf $(VENV) build dist *.egg-info
