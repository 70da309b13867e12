# The main targets are `make repro` and `make test`. All targets create the environment if needed.
# The first of these that is a supported Python creates it: `make repro PYTHON=/path/to/python`.
PYTHON ?= python3.13 python3.12 python3.11 python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python stages/install.py
# Exist after the installation of the packages of requirements.txt and requirements-dev.txt.
READY := $(VENV)/.ready
DEV := $(VENV)/.ready-dev
# Debian and Ubuntu have a Python that lacks ensurepip, and so cannot create environments.
CHECK := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
SYSTEM_PATH := $(PATH)
# DVC runs `python`, which must be the one of the environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)

# One version of each package for all versions of Python.
PIN := uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
# Each package has a wheel for these, or is pure Python (antlr4-python3-runtime).
PLATFORMS := x86_64-manylinux_2_28 aarch64-manylinux_2_28 aarch64-apple-darwin

# With bytecode, which some users switch off, the tests are collected in three quarters of the time.
PYTEST := PYTHONDONTWRITEBYTECODE= python -m pytest --dist loadfile \
	--no-loadscope-reorder

# All benchmarks except `kill`, which takes hours.
BENCHMARKS := train_fashion_vae train_faces_vae preprocess embed attribute_vectors explore figures \
	noop_repro overhead growth size determinism setup tests

.PHONY: repro quick test check verify bench setup lint ui explore lock clean FORCE

repro: $(READY)  ## run the stages of the pipeline that are out of date
	python -m stages.repro

quick: $(READY)  ## run every stage on a small sample, in .cache/quick
	python -m stages.quick

# For two cores: long tests often wait, for example for a server that does not answer.
test: $(DEV)  ## run all tests, in three processes
	$(PYTEST) --numprocesses 3

check: lint  ## check style and types, and run the tests that are not long
	$(PYTEST) --numprocesses 2 -m "not long"

verify: $(READY)  ## run the pipeline in two clones and compare the results
	python -m benchmarks.verify

bench: $(DEV)  ## run the benchmarks, see benchmarks/README.md; the machine should be idle
	$(INSTALL) --requirement benchmarks/requirements.txt
	for name in $(BENCHMARKS) tables; do python -m benchmarks.$$name || exit; done

setup: $(READY)  ## create the virtual environment

# A system upgrade may have removed the Python of the environment.
ifneq ($(shell $(BIN)/python -c '$(CHECK)' 2>/dev/null && echo works),works)
$(READY): FORCE
endif
FORCE:

# Without $(READY), an installation was interrupted: a package may be there in part.
$(READY): export PATH := $(SYSTEM_PATH)
$(READY): requirements.txt pyproject.toml
	@test -e $@ && $(BIN)/python -c '$(CHECK)' 2>/dev/null || { \
		for python in $(PYTHON); do \
			$$python -c '$(CHECK)' 2>/dev/null && exec $$python -m venv --clear $(VENV); \
		done; \
		echo "ERROR: found no Python 3.11, 3.12 or 3.13 with the modules venv and ensurepip" \
			"(tried: $(PYTHON)); install one, for example with \`sudo apt install" \
			"python3-venv\`, \`sudo dnf install python3.13\` or \`brew install python@3.13\`," \
			"or give its path: make repro PYTHON=/path/to/python" >&2; exit 1; }
	@rm -f $@
	@echo "Installing the packages into $(VENV)"
	@$(INSTALL) --requirement requirements.txt --editable .
	@touch $@

# Tools of development. While they are installed, $(READY) is missing.
$(DEV): requirements-dev.txt $(READY)
	@rm -f $(READY)
	@$(INSTALL) --requirement requirements-dev.txt
	@touch $(READY) $@

lint: $(DEV)  ## check style and types
	ruff check .
	ruff format --check .
	mypy

ui: $(READY)  ## browse the runs at http://127.0.0.1:5000
	python -m stages.ui

explore: $(READY)  ## use the trained models in the browser
	latent explore

lock: $(DEV)  ## pin all packages in requirements.txt and requirements-dev.txt, from pyproject.toml
	$(PIN) pyproject.toml --output-file requirements.txt
	$(PIN) --group dev --constraint requirements.txt --output-file requirements-dev.txt
	for version in 3.11 3.12 3.13; do for platform in $(PLATFORMS); do \
		echo "wheels for Python $$version on $$platform"; \
		uv pip install --dry-run --quiet --no-deps --target $(VENV)/none --only-binary :all: \
			--no-binary antlr4-python3-runtime --python-version $$version \
			--python-platform $$platform --requirement requirements.txt \
			--requirement requirements-dev.txt || exit; \
	done; done

clean:  ## remove the environment, DVC's cache and all outs; MLflow's store and your images stay
	rm -rf $(VENV) .cache .dvc/cache .dvc/tmp .mypy_cache .ruff_cache .pytest_cache
	rm -rf data/raw/* data/processed/* data/embeddings/* data/attribute_vectors/*
	rm -rf models/ae_* models/vae_* models/classifier_*
	rm -rf reports/evaluation/* reports/figures/* reports/index.html
