# The main targets are `make repro` and `make test`. All targets create the environment if needed.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
READY := $(VENV)/.ready
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

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --requirement requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

lint: $(READY)  ## check style and types
	ruff check .
	ruff format --check .
	mypy

ui: $(READY)  ## browse the runs at http://127.0.0.1:5000
	mlflow server --backend-store-uri sqlite:///mlflow.db --host 127.0.0.1 --port 5000

lock: $(READY)  ## pin all dependencies in requirements.txt, from pyproject.toml
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--quiet --output-file requirements.txt

clean:  ## remove all generated files, including the environment and DVC's cache
	rm -rf $(VENV) .cache .dvc/cache .dvc/tmp .mypy_cache .ruff_cache .pytest_cache
	rm -rf data/raw data/processed data/embeddings data/attribute_vectors models
	rm -rf reports/evaluation reports/figures reports/index.html
