# `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# pytest; in a fork the code's tests run beside the founding sites, see docs/fork.md
PYTEST := $(BIN)/python -m tests
# Where it is set, as in many images, each of the many processes here would compile all its modules.
unexport PYTHONDONTWRITEBYTECODE
# mypy goes by the content of files: what one clone has checked, another one need not check again
export MYPY_CACHE_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/sslab/mypy

.DEFAULT_GOAL := help
.PHONY: help up down check test test-fast test-long lint format bench lock

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 20

# One environment, with the versions and hashes of the lock. uv, which the lock pins as well,
# installs it.
.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: Python 3.11 or newer is needed; install it, or name it: make PYTHON=python3.12"; exit 1; }
	@echo "Python environment"
	@$(PYTHON) -m venv --clear .venv || \
	  { echo "error: Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@sed -n '/^uv==/,/^[^ ]/{/^uv==/p;/^    --hash/p}' requirements.lock > .venv/uv.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $@

up: .venv/installed  ## the laboratory on this machine, from nothing to passing smoke tests
	@$(BIN)/sslab up local

check: .venv/installed  ## the smoke tests again
	@$(BIN)/sslab check local

down: .venv/installed  ## the laboratory away, with its data; tools and images stay cached
	@$(BIN)/sslab destroy local --yes

# each process gets one half at first: tests of one module share their fixtures and imports there
test-fast: .venv/installed  ## core, mocks, policies: no cluster
	$(PYTEST) -q -n 2 --dist worksteal -m "not cluster and not e2e and not long and not volume"

# clusters keep the machine busy: what needs none runs before them, and not beside
test: .venv/installed lint test-fast  ## everything but soak-length: real pods, the main job (root)
	$(PYTEST) --durations=25 -n 2 --dist loadfile -m "volume and not (cluster or e2e or long)"
	$(PYTEST) --durations=25 -m "alone and not long"
	$(PYTEST) --durations=25 -n 2 --dist loadfile -m "(cluster or e2e) and not (alone or long)"

test-long: .venv/installed  ## soak-length runs
	$(PYTEST) -m long

lint: .venv/installed  ## ruff, mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

format: .venv/installed  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/installed  ## speed and memory, against kubectl, openstack and plain processes
	$(BIN)/python benchmarks/sites.py
	$(BIN)/python benchmarks/plan.py
	$(BIN)/python -m benchmarks.comment
	$(BIN)/python benchmarks/run.py
	$(BIN)/python -m benchmarks.laboratories
	$(BIN)/python -m benchmarks.patterns
	$(BIN)/python benchmarks/drift.py

lock:  ## pin the newest versions that pyproject.toml allows
	uv pip compile --universal --generate-hashes --quiet --group dev --python-version 3.11 pyproject.toml -o requirements.lock
