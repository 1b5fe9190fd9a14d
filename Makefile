# Everything works in a fresh clone with Python >= 3.11 and make; the first target that needs it makes .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint types unit bench docs lock libraries rebuild clean

demo: $(VENV)/ready ## serve the example policies and show messages before and after (ONCE=1: then exit)
	$(BIN)/python -m gateway.demo $(if $(ONCE),--once)

test: lint types unit ## all that CI runs but the modules' rebuild

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy

unit: $(VENV)/ready
	$(BIN)/pytest

bench: $(VENV)/ready ## the speed table, printed and written to bench.json
	$(BIN)/python -m gateway.bench

docs: $(VENV)/ready ## write the generated pages of docs/
	$(BIN)/python -m gateway.cli.reference --write docs

lock: $(VENV)/ready ## requirements.lock from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --output-file requirements.lock --quiet

# Rust's libraries that run natively, too: NIST's and the RFCs' vectors among their tests.
LIBRARIES := detect decimal generalise pattern reversible
RUSTC     ?= /usr/bin/rustc
CARGO     ?= /usr/bin/cargo

libraries: ## the tests of the modules' Rust libraries
	RUSTC=$(RUSTC) $(CARGO) test --quiet --locked --manifest-path modules/Cargo.toml --target-dir .cache/rust \
	  $(LIBRARIES:%=--package maskgate-%)

rebuild: ## rebuild every module and compare it with the committed one, byte for byte
	modules/toolchain/install
	modules/rebuild

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .cache bench.json

$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "maskgate needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
