# Everything a newcomer needs. `make` alone prints this help.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENGLISH := rental/web/translations/en/LC_MESSAGES/messages.po
PATHS := rental tests bench migrations docs/manual wsgi.py gunicorn.conf.py
export XDG_RUNTIME_DIR ?= /tmp

.PHONY: help run test check fix bench assets pins migration translations clean

help: ## Print this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/runtime translations-compiled ## Set up what is missing and serve on http://127.0.0.1:8000
	@exec $(BIN)/flask --app wsgi serve

test: $(VENV)/dev translations-compiled tools ## Every tier: pure, SQLite, PostgreSQL, browser, architecture, faults
	$(BIN)/pytest -n 2 --dist worksteal -q $(ARGS)

check: $(VENV)/dev translations-compiled ## Format, lint, types, imports, dependencies, templates, migrations, translations
	$(BIN)/ruff format --check $(PATHS)
	$(BIN)/ruff check $(PATHS)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/djlint --lint rental --quiet
	$(BIN)/pip check
	$(BIN)/python -m tests.architecture.migrations_are_complete
	$(BIN)/python -m tests.architecture.translations_are_complete

fix: $(VENV)/dev ## Format, and mend what the linters can mend
	$(BIN)/ruff check --fix $(PATHS)
	$(BIN)/ruff format $(PATHS)

bench: $(VENV)/dev translations-compiled ## The measurements of the README's table, one JSON object a line
	@$(BIN)/python -m bench $(ARGS)

assets: ## Rebuild rental/web/static from assets/ (needs Node.js)
	cd assets && npm ci --no-audit --no-fund && node build.mjs

pins: $(VENV)/dev ## Compile requirements*.in to exact pins with hashes
	$(BIN)/uv pip compile -q --generate-hashes --no-header --universal --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --generate-hashes --no-header --universal --python-version 3.11 requirements-dev.in -o requirements-dev.txt

migration: $(VENV)/dev ## Draft a migration from the models: make migration NAME=slug
	@test -n "$(NAME)" || { echo "make migration NAME=slug"; exit 2; }
	$(BIN)/python -m migrations.draft "$(NAME)"

translations: $(VENV)/dev ## Collect the sentences of code and templates into the English catalogue
	@mkdir -p var
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -k N_ --no-location --sort-output --omit-header -o var/messages.pot .
	@sed '/^$$/q' $(ENGLISH) > var/header.po
	$(BIN)/pybabel -q update -N --no-wrap -i var/messages.pot -l en -d rental/web/translations --omit-header
	@cat var/header.po $(ENGLISH) > var/messages.po && mv var/messages.po $(ENGLISH)

clean: ## Remove the virtual environment and caches; the data in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# --- what the commands above need -----------------------------------------------------------------

.PHONY: translations-compiled tools

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: requirements.txt | $(VENV)/bin/python
	@echo "installing packages …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@bash scripts/system-packages.sh pdf
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/runtime
	@echo "installing tools and test libraries …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

translations-compiled: $(VENV)/runtime
	@$(BIN)/pybabel -q compile -d rental/web/translations 2>/dev/null || $(BIN)/pybabel compile -d rental/web/translations

tools: $(VENV)/dev
	@bash scripts/system-packages.sh browser
