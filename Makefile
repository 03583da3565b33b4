# `make` alone lists what there is. Everything runs from a clean clone with Python >= 3.11, git and make.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
BIN := .venv/bin
UV := VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv

.PHONY: help run test check test-compose bench strings lock vendor pictures clean

help: ## this list
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*?## "} {printf "  make %-14s %s\n", $$1, $$2}'

run: .venv/.run ## everything on one machine with a demo LMS; prints two URLs; Ctrl-C stops all of it
	@exec $(BIN)/lqf run

test: .venv/.dev ## all that CI runs: check, then every test
	@$(MAKE) --no-print-directory -j 2 check .venv/.openedx
	@exec $(BIN)/pytest -q -n 2 --dist loadgroup

check: .venv/.dev ## format, lint, types, import contracts, Dockerfile and compose schema
	@$(BIN)/ruff format --check -q . || { echo "ruff format: run $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/lqf content check
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

test-compose: .venv/.dev ## build the image, bring docker-compose.yml up with the demo LMS, play the loop, take it down
	@exec $(BIN)/python -m tests.compose

bench: .venv/.dev ## launches and grades a second beside other tools on this machine; writes docs/benchmarks.md (5 minutes)
	@exec $(BIN)/python -m benchmarks

strings: .venv/.dev ## collect the interface's words for translators into lti_tool/locale/messages.pot
	@$(BIN)/python -m lti_tool.strings

lock: .venv/.venv ## write the hash-pinned lock files anew from pyproject.toml
	@$(UV) lock -q --upgrade
	@$(UV) export -q --format requirements-txt --no-header --no-annotate --no-emit-project --no-emit-index-url -o requirements.lock
	@$(UV) export -q --format requirements-txt --no-header --no-annotate --no-emit-project --no-emit-index-url --extra dev -o requirements-dev.lock
	@printf 'uv==0.13.9\nsetuptools==80.9.0\n' | $(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url - -o requirements-uv.lock
	@printf 'lti-consumer-xblock==11.4.4\ncryptography>=50\nsetuptools==80.9.0\n' | $(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url - -o requirements-openedx.lock
	@rm -f uv.lock

vendor: .venv/.dev ## fetch the style sheet and script of nhsuk-frontend anew
	@$(BIN)/python -m lti_tool.vendor_assets

pictures: .venv/.dev ## take the README's pictures anew from the running system
	@$(BIN)/python -m tests.journeys.pictures
	@$(BIN)/python -m tests.lti_tool.sheets

clean: ## remove the virtual environment and the data of make run
	rm -rf .venv .data

.venv/.venv: requirements-uv.lock
	@echo "- virtual environment"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version). Set PYTHON=python3.12, for example."; exit 1; }
	@$(PYTHON) -m venv --clear .venv 2>/dev/null || { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment: install its venv package (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@$(BIN)/pip install -q --no-input --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

.venv/.run: .venv/.venv requirements.lock pyproject.toml
	@echo "- packages (hash-checked)"
	@$(UV) pip install -q --compile-bytecode --require-hashes -r requirements.lock
	@$(UV) pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	@echo "- packages for development (hash-checked)"
	@$(UV) pip install -q --compile-bytecode --require-hashes -r requirements-dev.lock
	@touch $@

# Open edX's half of LTI, to test against: AGPL, so in an environment of its own and used as another program.
.venv/.openedx: .venv/.venv requirements-openedx.lock
	@echo "- Open edX's LTI platform, for tests (hash-checked)"
	@$(BIN)/uv venv -q --clear --python $(BIN)/python .venv/openedx
	@VIRTUAL_ENV=$(CURDIR)/.venv/openedx $(BIN)/uv pip install -q --require-hashes -r requirements-openedx.lock
	@touch $@
