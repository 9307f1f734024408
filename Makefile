# make quickstart   creates .venv, asks the model that comes with saps, trains a small SAPS beside it, compares the two
# make model        trains the model of data/model again; needs the real dev and test files, to leave out their programs
# make test         creates .venv, checks style, types and the floors, runs the tests
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SAPS   := $(VENV)/.installed
STAMP  := $(VENV)/.developing
export WANDB_MODE ?= offline
export OMP_NUM_THREADS ?= 1
unexport PYTHONDONTWRITEBYTECODE

.PHONY: quickstart test pytest test-hostile test-slurm test-slow check docs-check bench model clean

# What saps needs to run, and beside it what developers need: tests, style, types. Compiling all of torch would take most
# of the time until the first answer; what is imported is compiled then.
$(SAPS): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("saps needs Python 3.11 or newer, found " + sys.version.split()[0] + "; try: make PYTHON=python3.11 $(MAKECMDGOALS)") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --editable .
	@touch $@

$(STAMP): $(SAPS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

quickstart: $(SAPS)
	@$(BIN)/saps quickstart

# Style and types beside the tests: each of the two leaves a core idle for a while.
test: $(STAMP)
	@$(MAKE) --no-print-directory -j2 check pytest

pytest: $(STAMP)
	$(BIN)/python -m pytest -m 'not slow and not hostile and not slurm' -n auto

test-hostile: $(STAMP)
	$(BIN)/python -m pytest -m hostile

test-slurm: $(STAMP)
	$(BIN)/python -m pytest -m slurm -v

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Runs every command of the README and docs/ in a folder like an empty clone, with generated data and short trainings.
docs-check: $(STAMP)
	$(BIN)/python -m tests.docs_check

bench: $(STAMP)
	$(BIN)/python -m tests.bench

# The model that comes with saps, trained anew (115 CPU-minutes) and put in its place in data/model.
BEST := experiments/best/saps.yaml
model: $(STAMP)
	$(BIN)/saps data generate --count 2000 --seed 77 --no-tests --register mixed --output runs/model/mixed.jsonl.gz
	$(BIN)/saps train --config $(BEST) --data.validation runs/model/mixed.jsonl.gz $(TRAIN) --run runs/model/run
	$(BIN)/saps data generate --count 500 --seed 2026 --register mixed --output runs/model/generated500.jsonl.gz
	$(BIN)/saps evaluate --model runs/model/run --data runs/model/generated500.jsonl.gz --output runs/model/report.json
	$(BIN)/saps export runs/model/run --report runs/model/report.json --recipe $(BEST) --output data/model

clean:
	rm -rf $(VENV) runs .pytest_cache .mypy_cache .ruff_cache .hypothesis
