# `make demo` on a fresh machine needs python3 (3.11 or newer, with venv) and make; the rest goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo.mp4
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt

# A .venv whose Python has gone is set up anew.
$(shell test -x $(BIN)/python || rm -f $(VENV)/.installed $(VENV)/.installed-dev)

.PHONY: help demo install install-dev test lint types package clean
.DELETE_ON_ERROR:

help:  ## show what can be made
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name words; do \
		printf '  make %-12s %s\n' "$$name" "$$words"; done

demo: $(VENV)/.installed  ## install what is needed and animate examples/source.png with examples/driving.mp4
	$(BIN)/animate animate examples/source.png examples/driving.mp4 -o $(DEMO)
	@echo "The moving picture is in $(DEMO)."

install: $(VENV)/.installed  ## set up .venv with animate in it

install-dev: $(VENV)/.installed-dev  ## the same with the tools for working on it

test: $(VENV)/.installed-dev  ## run the tests, a process a core
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(PYTEST_ARGS)

lint: $(VENV)/.installed-dev  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev  ## check types
	$(BIN)/mypy

package: $(VENV)/.installed-dev  ## build the source distribution and the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

clean:  ## remove .venv and everything that was built
	rm -rf $(VENV) dist build $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "error: Python 3.11 or newer is needed; name one with make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear $(VENV) \
		|| { echo "error: $(PYTHON) cannot make a virtual environment (on Debian: apt install python3-venv)" >&2; \
			exit 1; }
	@echo "Installing animate and what it needs into $(VENV) (a few minutes the first time) ..."
	@$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing the tools for working on it into $(VENV) ..."
	@$(PIP_INSTALL) -e '.[dev]'
	@touch $@
