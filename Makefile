# Two commands do everything: `make demo` and `make test`. The rest is for people who change govscan.

PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin

.PHONY: help demo test lint format samples docs bench sarif clean

help:  ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST)

demo: $(VENV)/.base  ## Scan the fixtures; write SARIF and HTML
	@mkdir -p out
	@$(BIN)/govscan scan fixtures/terraform fixtures/kubernetes fixtures/gcp \
	  --report out/report.sarif --report out/report.html --report out/report.json; \
	  code=$$?; test $$code -le 1 || exit $$code
	@echo; echo "SARIF  $(CURDIR)/out/report.sarif"; echo "HTML   $(CURDIR)/out/report.html"; echo "JSON   $(CURDIR)/out/report.json"

test: $(VENV)/.dev  ## Run every test
	$(BIN)/python -m pytest -q

lint: $(VENV)/.dev  ## Check format, rules, types and the import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

samples: $(VENV)/.dev  ## Write the committed sample of every report format, reports/
	$(BIN)/python -m tests.tools.samples

docs: $(VENV)/.dev  ## Write the pages about policies and names, docs/policies and docs/vocabulary.md
	$(BIN)/govscan policy docs policies --out docs/policies
	$(BIN)/govscan inspect --vocabulary > docs/vocabulary.md

bench: $(VENV)/.dev  ## Measure, as ratios in one run
	$(BIN)/python benchmarks/run.py

$(VENV)/.base: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.base

clean:  ## Remove what was made
	rm -rf $(VENV) out build dist
