# Three targets: setup builds .venv with every extra, demo runs the main job, test runs all checks.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.complete

.PHONY: setup demo test test-page lint

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "sincera needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all,dev]'
	@touch $(STAMP)

demo: setup
	$(BIN)/sincera demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Two processes, one thread each: the numerical libraries would otherwise fight over the cores.
test: lint
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadgroup

# The service's page in a real browser (Debian's Chromium, or CHROMIUM=/path), with a camera that plays a simulated clip.
test-page: setup
	OMP_NUM_THREADS=1 $(BIN)/pytest -m browser tests/serve
