# One word for each thing a newcomer does. `make` alone prints this list.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help setup demo test check bench report-pictures campaign-pictures lock

PYTHON ?= python3
BIN := .venv/bin
# More for the command behind a target: make demo ARGS="--no-serve --out out"
ARGS ?=

help: ## Print the targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { sub("%", "NAME", $$1); printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## Install what the program and its tests need; quick when nothing is missing
	@$(PYTHON) tools/set_up.py --tests

demo: ## Run the whole road on a made-up district and serve it (ARGS="--no-serve --out DIR")
	@$(PYTHON) tools/set_up.py
	@$(BIN)/gbg demo $(ARGS)

test: setup check ## Run the checks and the whole test suite, browsers included
	@$(BIN)/pytest $(ARGS)

check: setup ## Lint, check the format, the types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: setup ## List the benchmarks
	@$(BIN)/python -m benchmarks

bench-%: setup ## Run one benchmark: a table, then one JSON line (ARGS="…")
	@$(BIN)/python -m benchmarks $* $(ARGS)

report-pictures: setup ## Draw the report in every language and form as pictures for the documentation
	@$(BIN)/python -m tools.report_pictures $(ARGS)

campaign-pictures: setup ## Take the pictures of docs/campaigns.md: a campaign built, approved, paused in a real browser
	@$(BIN)/python -m tools.campaign_pictures $(ARGS)

lock: setup ## Pin the newest allowed packages, with hashes, in requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--extra dev --no-annotate --no-header --output-file requirements.lock pyproject.toml
