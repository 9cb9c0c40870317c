# One command per chore; each sets up .venv by itself when it is missing or stale.
# Needs nothing but make and a Python of 3.11 or later:
#
#     make test
#     make test PYTEST_ARGS="-k tables -n 0"
#     make demo PYTHON=python3.12

PYTHON ?= python3
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# Written last, holding the folder it was made in: an interrupted set-up, and one that
# was copied here from elsewhere (scripts carry their folder), are both seen.
STAMP := $(VENV)/.cfscore-stamp

# Twice: errors are shown, notes about the machine's own pip settings are not.
QUIETLY := --quiet --quiet
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test unit check bench fix clean rebuild

help: ## what this file can do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

demo: $(STAMP) ## raw tables -> models -> plans -> scored file, into demo-output/
	@$(BIN)/cfscore demo --output demo-output

test: $(STAMP) ## the whole test suite, doctests and notebooks included
	@$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

unit: $(STAMP) ## the quick part of it, to run often
	@$(BIN)/python -m pytest -n 2 --dist worksteal tests/unit -m "not slow and not data" $(PYTEST_ARGS)

check: $(STAMP) ## lint, format, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(STAMP) ## side by side with the peers; takes minutes, wants a quiet machine
	@$(BIN)/python -m benchmarks.run

fix: $(STAMP) ## let ruff mend what it can, and format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## remove results and caches; .venv stays
	@rm -rf demo-output build dist htmlcov .coverage .coverage.* \
	    .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

rebuild:

ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): rebuild
endif

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "cfscore needs Python 3.11 or later, and '$(PYTHON)' is not one" \
	        "($$($(PYTHON) --version 2>&1))." \
	        "Name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; \
	    exit 1; }
	@echo "Setting up $(VENV) (the first time takes a few minutes) ..." >&2
	@if [ "$$(cat $@ 2>/dev/null)" != "$(CURDIR)" ] || ! $(BIN)/python -c ''; then \
	    $(PYTHON) -m venv --clear $(VENV); fi
	@rm -f $@
	@$(BIN)/python -m pip install $(QUIETLY) 'pip>=25.1'
	@$(BIN)/python -m pip install $(QUIETLY) --constraint constraints.txt \
	    --editable '.[train,report]' --group dev
	@printf '%s\n' "$(CURDIR)" > $@
