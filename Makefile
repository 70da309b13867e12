# The two commands are `make repro` and `make test`; each makes its own environment first.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
READY := $(VENV)/.ready
# DVC runs `python`; this lets it find the environment's.
export PATH := $(CURDIR)/$(BIN):$(PATH)

# All but `kill`, which takes hours, in the order of benchmarks/README.md.
BENCHMARKS := train_fashion_vae train_faces_vae preprocess embed attribute_vectors figures \
	noop_repro overhead growth size determinism

.PHONY: repro test verify bench setup lint ui lock clean

repro: $(READY)  ## run what is out of date of the pipeline
	python -m stages.repair_lock
	dvc repro

test: $(READY)  ## run the tests, in two processes
	python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

verify: $(READY)  ## run the pipeline in two clones, and compare all that it made
	python -m benchmarks.verify

bench: $(READY)  ## measure all that benchmarks/README.md tells of; nothing else should run
	$(PIP) --requirement benchmarks/requirements.txt
	for name in $(BENCHMARKS) tables; do python -m benchmarks.$$name || exit; done

setup: $(READY)  ## make the virtual environment

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

lock: $(READY)  ## pin the direct dependencies of pyproject.toml, and theirs, in requirements.txt
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--quiet --output-file requirements.txt

clean:  ## remove what can be made again, the environment and DVC's cache among it
	rm -rf $(VENV) .cache .dvc/cache .dvc/tmp .mypy_cache .ruff_cache .pytest_cache
	rm -rf data/raw data/processed data/embeddings data/attribute_vectors models
	rm -rf reports/evaluation reports/figures reports/index.html
