# `make claims` and `make test` do everything on a fresh machine with Python 3.11 or newer, pip and make.
PYTHON ?= python3.11
BIN := .venv/bin
INSTALLED := .venv/.installed
THIRD_PARTY := .venv/.third-party

.PHONY: claims nightly calibrate test lint types check browser mutants bench figures report index clean

claims: $(INSTALLED)
	$(BIN)/pytest claims/ -n auto --dist worksteal

test: $(THIRD_PARTY)
	$(BIN)/pytest tests/ -n auto --dist worksteal

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/mypy

check: lint types test claims

# Debian's chromium, for the tests of the report in a browser; without it they are NOT RUN.
browser:
	command -v chromium || { apt-get update -q && apt-get install -q -y --no-install-recommends chromium; }

mutants: $(THIRD_PARTY)
	$(BIN)/python -m tests.mutants

nightly: $(INSTALLED)
	$(BIN)/python -m dlverify nightly --resume

# Fifty nights with fresh seeds; those that are there already are not run again.
calibrate: $(INSTALLED)
	$(BIN)/python -m dlverify calibrate 50 --table docs/calibration.md

bench: $(INSTALLED)
	$(BIN)/pip install -q --no-deps -c constraints.txt curvlinops-for-pytorch einops einconv tqdm linear_operator jaxtyping
	$(BIN)/pytest tests/benchmarks --benchmark-only --benchmark-columns=median,rounds -p no:xdist

figures: $(INSTALLED)
	$(BIN)/python -m dlverify figures
	$(BIN)/python -m dlverify gallery

report: $(INSTALLED)
	$(BIN)/python -m dlverify report

index: $(INSTALLED)
	$(BIN)/python -m dlverify index

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv || python3 -m venv .venv
	$(BIN)/pip install -q -c constraints.txt -e '.[test]'
	touch $@

$(THIRD_PARTY): $(INSTALLED)
	$(BIN)/pip install -q -c constraints.txt -e '.[test,third-party]'
	touch $@

clean:
	rm -rf .venv build *.egg-info
