# Galley. `make run` and `make test` need Python 3.11 or newer with pip, and make; they fetch the rest.
#
# All output of tools goes to standard error: `make run ARGS="--once FILE --json"` promises that
# standard output carries one JSON value and nothing else.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
UV_VERSION := 0.13.9

# A person's own settings for other projects must not move our environment elsewhere.
unexport UV_PROJECT_ENVIRONMENT UV_PROJECT UV_WORKING_DIRECTORY UV_PYTHON UV_NO_EDITABLE UV_NO_DEV UV_NO_DEFAULT_GROUPS
unexport UV_NO_SYNC UV_LOCKED UV_FROZEN UV_NO_INSTALL_PROJECT UV_NO_BUILD UV_NO_BINARY UV_NO_CACHE UV_ISOLATED
unexport VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONHOME
export UV_NO_CONFIG := 1
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
# Certificate authorities that this machine trusts, a company's own for example, are trusted.
export UV_SYSTEM_CERTS := 1
export NODE_USE_SYSTEM_CA := 1
# Three processes that each compile what they import would double the time of a first start.
export UV_COMPILE_BYTECODE := 1

UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
UV_NEEDED := $(filter .tools/%,$(UV))

PAGE_SOURCES := $(shell find web -type f ! -path 'web/node_modules/*' ! -path 'web/dist/*' ! -path 'web/test/*' \
                  ! -path '*/__pycache__/*' 2>/dev/null | sed 's/ /\\ /g')

.PHONY: help run test check lint bench faults quality fmt setup page

help:
	@echo 'make run      run the whole product; ARGS="--once FILE [--json]" reviews one file'
	@echo 'make test     run all tests, a browser included'
	@echo 'make check    format, lint, types, import rules, generated files, tests: what CI runs'
	@echo 'make bench    benchmarks, peers included'
	@echo 'make quality  how good findings, documents and exports are; takes minutes'
	@echo 'make faults   the tests that kill and cut things, alone'
	@echo 'make fmt      format the code'

# --- setting up: each rule runs only when what it depends on has changed

setup: .venv/.installed-to-run
page: web/dist/index.html

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Galley needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Install one, or name it: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
	  echo "Galley needs pip for '$(PYTHON)'. On Debian: apt-get install python3-pip; elsewhere: $(PYTHON) -m ensurepip" >&2; exit 1; }
	@echo 'Fetching uv ...' >&2
	@PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
	  $(PYTHON) -m pip install --quiet --upgrade --target .tools 'uv==$(UV_VERSION)' >&2 \
	  || PIP_ROOT_USER_ACTION=ignore $(PYTHON) -m pip --isolated install --quiet --upgrade --target .tools 'uv==$(UV_VERSION)' >&2
	@touch $@

.venv/bin/python: | $(UV_NEEDED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Galley needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Install one, or name it: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(UV) venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv >&2

.venv/.installed-to-run: pyproject.toml uv.lock | .venv/bin/python $(UV_NEEDED)
	@echo 'Installing what Galley needs ...' >&2
	@$(UV) sync --quiet --frozen --inexact --no-default-groups --group web >&2
	@touch $@

.venv/.installed-to-test: pyproject.toml uv.lock | .venv/bin/python $(UV_NEEDED)
	@echo 'Installing what Galley and its tests need ...' >&2
	@$(UV) sync --quiet --frozen --inexact --group web >&2
	@touch $@ .venv/.installed-to-run

web/dist/index.html: $(PAGE_SOURCES) | .venv/.installed-to-run
	@echo 'Building the page ...' >&2
	@$(BIN)/python web/build.py >&2
	@touch $@

# --- running

run: .venv/.installed-to-run web/dist/index.html
	@exec $(BIN)/galley run --with-parent $(ARGS)

# --- checking

test: .venv/.installed-to-test web/dist/index.html
	@CHROMIUM="$$(sh .ci/browser $(BIN))" || exit 1; export CHROMIUM; exec $(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

lint: .venv/.installed-to-test web/dist/index.html
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python web/generate_events.py --check
	@$(BIN)/python web/build.py check

check:
	@$(MAKE) lint
	@$(MAKE) test

bench: .venv/.installed-to-test web/dist/index.html
	@$(BIN)/python -m tests.load $(ARGS)

faults: .venv/.installed-to-test web/dist/index.html
	@GALLEY_FAULTS=long GALLEY_TEST_PATIENCE=2 $(BIN)/pytest tests/faults $(ARGS)

quality: .venv/.installed-to-test
	@$(BIN)/python -m tests.quality $(ARGS)

fmt: .venv/.installed-to-test
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
