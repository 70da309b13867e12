# The main targets are `make repro` and `make test`. All targets create the environment if needed.
# Python 3.11 or 3.12, from which it is created: `make repro PYTHON=python3.12`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
READY := $(VENV)/.ready
CHECK := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))
SYSTEM_PATH := $(PATH)
# DVC runs `python`, which must be the one of the environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)

# All benchmarks except `kill`, which takes hours.
BENCHMARKS := train_fashion_vae train_faces_vae preprocess embed attribute_vectors figures \
	noop_repro overhead growth size determinism

.PHONY: repro test verify bench setup lint ui lock clean

repro: $(READY)  ## run the stages of the pipeline that are out of date
	python -m stages.repair_lock
	dvc repro

test: $(READY)  ## run the tests, in two processes
	python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

verify: $(READY)  ## run the pipeline in two clones and compare the results
	python -m benchmarks.verify

bench: $(READY)  ## run the benchmarks, see benchmarks/README.md; the machine should be idle
	$(PIP) --requirement benchmarks/requirements.txt
	for name in $(BENCHMARKS) tables; do python -m benchmarks.$$name || exit; done

setup: $(READY)  ## create the virtual environment

# An environment without pip or of another version is replaced: a failed installation left it.
$(READY): export PATH := $(SYSTEM_PATH)
$(READY): requirements.txt pyproject.toml
	@$(BIN)/python -c 'import pip; $(CHECK)' 2>/dev/null || { \
		$(PYTHON) -c '$(CHECK)' 2>/dev/null || { \
			echo "ERROR: $(PYTHON): not found, or not Python 3.11 or 3.12:" \
			"choose one with \`make repro PYTHON=python3.12\`" >&2; exit 1; }; \
		$(PYTHON) -m venv --clear $(VENV); }
	$(PIP) --requirement requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

lint: $(READY)  ## check style and types
	ruff check .
	ruff format --check .
	mypy

ui: $(READY)  ## browse the runs at http://127.0.0.1:5000
	python -m stages.ui

lock: $(READY)  ## pin all dependencies in requirements.txt, from pyproject.toml
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--quiet --output-file requirements.txt

clean:  ## remove the environment, DVC's cache and all outs; MLflow's store and your images stay
	rm -rf $(VENV) .cache .dvc/cache .dvc/tmp .mypy_cache .ruff_cache .pytest_cache
	rm -rf data/raw/* data/processed/* data/embeddings/* data/attribute_vectors/*
	rm -rf models/ae_* models/vae_* models/classifier_*
	rm -rf reports/evaluation/* reports/figures/* reports/index.html
