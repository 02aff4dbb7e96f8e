# `make demo` and `make test` are each enough on their own: they make $(VENV), install under constraints.txt, and run.
ifndef PYTHON
PYTHON := $(shell for python in python3.11 python3; do $$python -c '' 2>/dev/null && echo $$python && break; done)
endif
VENV ?= .venv
BIN := $(VENV)/bin
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# torch (the extra `networks`) comes by default on Python 3.11, for which a CPU build is at hand; elsewhere `NETWORKS=1 make test`
# asks for it. Where pip finds only the CUDA build (gigabytes), PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu helps.
NETWORKS ?= $(if $(filter 3.11,$(VERSION)),1)
EXTRA := $(if $(filter 1,$(NETWORKS)),networks)
COMMA := ,
STAMP := $(VENV)/installed-$(VERSION)$(if $(EXTRA),-$(EXTRA))

# A spinning OpenMP pool collapses when anything else runs on the same cores.
export OMP_NUM_THREADS := 1
export OMP_WAIT_POLICY := PASSIVE
export KMP_BLOCKTIME := 0
export NUMBA_NUM_THREADS := 1
export MPLBACKEND := Agg
# As variables, not options, so that the isolated build of the package itself is pinned too.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test smoke lint bench accessible lab clean
.NOTPARALLEL:

demo: $(STAMP)
	$(BIN)/infimum fit examples/bikes.csv --target rentals --out build/bikes-infimum --force
	$(BIN)/infimum verify build/bikes-infimum examples/bikes.csv
	$(BIN)/infimum predict build/bikes-infimum examples/bikes.csv --out build/bikes-predictions.csv
	$(BIN)/infimum show build/bikes-infimum
	$(BIN)/infimum fit examples/penguins.csv --target sex --out build/penguins-infimum --force
	$(BIN)/infimum verify build/penguins-infimum examples/penguins.csv
	$(BIN)/infimum show build/penguins-infimum

test: $(STAMP)-test
	$(BIN)/python -m pytest -q -n 2

smoke: $(STAMP)-test
	$(BIN)/python -m pytest -q tests/test_tiny.py

lint: $(STAMP)-test
	$(BIN)/ruff check
	$(BIN)/mypy

bench: $(STAMP)
	@test -n "$$INFIMUM_DATA" || { echo "bench reads its tables from the folder INFIMUM_DATA: set it" >&2; exit 2; }
	for script in $$(grep -l __main__ benchmarks/*.py); do echo "# $$script"; $(BIN)/python "$$script" || exit 1; done

# Reports in headless Chromium, looked at by axe-core: needs npm and chromium, which `make test` does without.
accessible: $(STAMP)-test
	npm install --prefix tests/report --no-save --no-package-lock --no-fund --no-audit
	$(BIN)/python -m pytest -q -rs tests/report/test_accessibility.py

# The pages of `infimum lab`, run without a browser: needs marimo (200 MB with its own needs), which `make test` does without.
lab: $(STAMP)-test
	$(BIN)/python -m pip install -qq --editable '.[lab]'
	$(BIN)/python -m pytest -q -rs tests/lab

clean:
	rm -rf build dist tests/report/node_modules .mypy_cache .pytest_cache .ruff_cache

$(STAMP): pyproject.toml constraints.txt
	@echo 'Installing into $(VENV), as pinned in constraints.txt: a minute or two'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --editable '.$(if $(EXTRA),[$(EXTRA)])'
	touch $@

$(STAMP)-test: pyproject.toml constraints.txt
	@echo 'Installing into $(VENV), as pinned in constraints.txt: a minute or two'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --editable '.[$(if $(EXTRA),$(EXTRA)$(COMMA))test]'
	touch $(STAMP) $@
