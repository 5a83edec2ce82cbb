# Small steps for developers; ./run and ./test do everything.
.DEFAULT_GOAL := help
PY := .venv/bin/python
.PHONY: help fmt lint types test stories rules run check

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

fmt: ## format and mend what can be mended
	.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

lint: ## ruff and the floors
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/lint-imports

types: ## mypy, strict
	.venv/bin/mypy src/mingzhi config

test: ## every check and test, as CI runs them
	./test

stories: ## the journeys only
	.venv/bin/pytest tests/stories -q

rules: ## norms and packs are complete and cited
	.venv/bin/mingzhi rules check

check: ## this installation's health
	.venv/bin/mingzhi check

run: ## set up and serve
	./run
