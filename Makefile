# Everything that is done with Atelier. Needs Python 3.11 – 3.14 and make; sets up the rest in .venv by itself.
#
#   make run                the studio, with all its servers, until Ctrl-C            PORT=8000
#   make test               everything a change must pass                             T=tests/credits
#   make lint               style, layers, types and templates only
#   make format             put the code into house style
#   make faults             the failure catalogue at full figures
#   make bench              speed against floors measured in the same run             ROW=ledger
#   make requirements       pin again after a change of pyproject.toml                UPGRADE=1 renews all pins

.DEFAULT_GOAL := run
.PHONY: run test lint format faults bench requirements
MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where it is set, every process would compile every module anew: four seconds of each start.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
T ?=
ROW ?=

define stage
	@printf '\n── %s\n' '$(1)'
endef

# The wrapper ends the studio with make itself, however make ends.
run: $(VENV)/base.stamp
	@exec $(BIN)/python -ISs config/devserver/child.py same $$PPID 15 $(BIN)/python -m config.devserver

test: lint
	$(call stage,tests (with migrations and the API schema))
	@$(BIN)/python -m pytest $(if $(T),,-n 2 --dist loadgroup) $(T)

lint: $(VENV)/dev.stamp
	$(call stage,style)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	$(call stage,layers)
	@$(BIN)/lint-imports --no-logo
	$(call stage,types)
	@$(BIN)/python -m mypy .
	$(call stage,templates)
	@$(BIN)/python -m djlint --lint --quiet templates billing/sandbox/templates

format: $(VENV)/dev.stamp
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .

faults: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -m slow -rA $(T)

bench: $(VENV)/dev.stamp
	@$(BIN)/python -m bench $(ROW)

requirements: $(VENV)/uv.stamp
	@$(BIN)/uv pip compile -q pyproject.toml $(PINS) -o requirements/base.txt
	@$(BIN)/uv pip compile -q pyproject.toml --extra dev -c requirements/base.txt $(PINS) -o requirements/dev.txt
	@echo uv | $(BIN)/uv pip compile -q - $(PINS) -o requirements/uv.txt

PINS = --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	$(if $(UPGRADE),--upgrade)

$(VENV)/python.stamp:
	@for python in python3 python3.13 python3.12 python3.11 python3.14; do \
		if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then \
			echo "Setting up $(VENV) with $$($$python --version) …"; \
			$$python -m venv --clear $(VENV) && touch $@; exit; \
		fi; \
	done; \
	echo 'Atelier needs Python 3.11, 3.12, 3.13 or 3.14, and none is on the PATH.' >&2; exit 1

$(VENV)/uv.stamp: $(VENV)/python.stamp requirements/uv.txt
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/uv.txt
	@touch $@

# One environment: once it serves the tests, it stays complete when only `run` is asked for.
$(VENV)/base.stamp: $(VENV)/uv.stamp requirements/base.txt
	@$(BIN)/uv pip sync -q --require-hashes $(if $(wildcard $(VENV)/dev.stamp),requirements/dev.txt,requirements/base.txt)
	@touch $@

$(VENV)/dev.stamp: $(VENV)/uv.stamp requirements/base.txt requirements/dev.txt
	@$(BIN)/uv pip sync -q --require-hashes requirements/dev.txt
	@touch $@ $(VENV)/base.stamp
