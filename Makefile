# Everything that people run in a checkout; needs Python >= 3.11 with venv, and make.
# The environment in .venv is made on first use and kept in step with requirements.lock.

PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
# Both stamps are written last: without them the environment is made anew, so that an interrupted
# installation heals itself. They carry the folder, because a copied environment points elsewhere.
MADE := $(VENV)/.made
INSTALLED := $(VENV)/.installed
# What the site needs besides: installed when it is first built.
DOCUMENTING := $(VENV)/.documenting
# What single benchmarks need besides: their peers and their data.
DEDUPING := $(VENV)/.deduping
IMPORTING := $(VENV)/.importing
ifneq ($(shell test -x $(BIN)/python && cat $(MADE) 2>/dev/null),$(CURDIR))
$(shell rm -f $(MADE) $(INSTALLED))
endif

MEMBERS := host $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))
# What pages load is built of these when the host is installed.
FRONTEND := host/hatch_build.py $(shell find host/frontend -type f -not -path '*/node_modules/*')
BENCHMARKS := $(wildcard tests/benchmarks/$(or $(ONLY),[!_]*).py)
PEERS := $(if $(filter %/dedupe.py,$(BENCHMARKS)),$(DEDUPING)) \
	$(if $(filter %/import.py,$(BENCHMARKS)),$(IMPORTING))

# uv brings certificates of its own; where the system has some, its administrator chose those.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/ssl/cert.pem /etc/pki/tls/cert.pem),)
export UV_SYSTEM_CERTS ?= 1
endif
# Where the home folder cannot be written, the cache goes into the environment.
UV_CACHE := "$$(cache="$${UV_CACHE_DIR:-$${XDG_CACHE_HOME:-$$HOME/.cache}/uv}"; \
	mkdir -p "$$cache" 2>/dev/null && test -w "$$cache" || cache="$(CURDIR)/$(VENV)/cache"; \
	echo "$$cache")"
UV := UV_CACHE_DIR=$(UV_CACHE) UV_PYTHON=$(BIN)/python $(BIN)/uv --quiet

define CHECK_PYTHON
import sys
name = "%s %d.%d" % ((sys.executable,) + tuple(sys.version_info[:2]))
if sys.version_info < (3, 11):
    sys.exit(name + " is too old: Meishi needs Python 3.11 or newer (make PYTHON=python3.12 ...)")
try:
    import ensurepip, venv
except ImportError:
    package = "python%d.%d-venv" % tuple(sys.version_info[:2])
    sys.exit(name + " has no venv: install it (on Debian and Ubuntu: apt install " + package + ")")
endef
export CHECK_PYTHON

.PHONY: help demo test check surface wheels texts docs reference changelog hooks bench fuzz browser lock

help:  ## Show this list
	@echo "Usage: make TARGET [ARGS=...]"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(INSTALLED)  ## Run the sample workspace (FILE=contacts.vcf for your own; ARGS="--once --json")
	@$(BIN)/meishi demo $${FILE:+--file "$$FILE"} $(ARGS)

# Each process runs a stretch of neighbouring tests, which share what is set up for their folder.
test: $(INSTALLED)  ## Run the tests in several processes (ARGS goes to pytest; -n0 for one process)
	@$(BIN)/pytest --numprocesses=auto --dist=worksteal $(ARGS)

check: $(INSTALLED) $(DOCUMENTING)  ## Check style, types, imports, surface, environment and site
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/python -m meishi.testing.imports
	@$(BIN)/python -m meishi.testing.surface
	@$(UV) pip check
	@$(BIN)/python docs/site/build.py

surface: $(INSTALLED)  ## Record what others rely on; breaking changes are declared in changes/
	@$(BIN)/python -m meishi.testing.surface --record

# With what is in the environment, so that nothing is fetched that the lock does not name.
wheels: $(INSTALLED)  ## Build the wheels of the host and all plugins into dist/ (DIST=folder)
	@set -e; for member in $(MEMBERS); do $(UV) build --wheel --no-build-isolation \
		--out-dir "$(or $(DIST),dist)" "$$member" >&2; done

texts: $(INSTALLED)  ## Collect all texts in the catalogues, and say what is to be translated
	@$(BIN)/python -m meishi.testing.texts $(ARGS)

docs: $(DOCUMENTING)  ## Build the site from docs/ into site/
	@$(BIN)/python docs/site/build.py
	@echo "Built site/: open site/index.html, or serve it: $(BIN)/python -m http.server -d site"

reference: $(INSTALLED)  ## Write docs/commands.md anew, and the table of docs/extraction.md, from the code
	@cd docs/site && $(CURDIR)/$(BIN)/python commands.py > ../commands.md
	@cd docs/site && $(CURDIR)/$(BIN)/python extraction.py ../extraction.md

changelog: $(INSTALLED)  ## Show the notes of the next release, from changes/
	@$(BIN)/towncrier build --draft

hooks: $(INSTALLED)  ## Run the quick checks at every commit from now on
	@$(BIN)/pre-commit install

bench: $(INSTALLED) $(PEERS)  ## Measure (ONLY=name for one benchmark)
	@test -n "$(BENCHMARKS)" || \
		{ echo "no benchmark matches tests/benchmarks/$(or $(ONLY),*).py" >&2; exit 1; }
	@set -e; for file in $(BENCHMARKS); do PYTHONPATH=. $(BIN)/python -P "$$file" $(ARGS); done

fuzz: $(INSTALLED)  ## Fuzz the web API for long (ARGS="--examples 200 --seed 1")
	@PYTHONPATH=. $(BIN)/python -P tests/fuzzing.py $(ARGS)

browser: $(INSTALLED)  ## Add what tests/browser needs besides Chromium
	@$(UV) pip install --require-hashes -r requirements-browser.lock >&2

# An existing lock's versions are kept as far as they still fit; ARGS=--upgrade takes the newest.
lock: | $(MADE)  ## Lock what the members need (ARGS=--upgrade takes newer releases)
	@$(call compile,requirements.lock,$(MEMBERS:%=%/pyproject.toml) --all-extras \
		--group dev --group bench)
	@$(call compile,requirements-browser.lock,--constraints requirements.lock --group browser)
	@$(call compile,requirements-docs.lock,--constraints requirements.lock --group docs)
	@$(call compile,requirements-dedupe.lock,--constraints requirements.lock --group dedupe)
	@$(call compile,requirements-import.lock,--constraints requirements.lock --group import)

compile = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	$(patsubst %,--no-emit-package %,meishi $(patsubst plugins/%,meishi-%,$(MEMBERS))) \
	$(ARGS) --output-file $(1) $(2) >&2

# Compiled here once, so that no start waits for it, wherever Python must not write by itself.
$(INSTALLED): requirements.lock $(MEMBERS:%=%/pyproject.toml) $(FRONTEND) | $(MADE)
	@echo "Installing into $(VENV) ..." >&2
	@rm -f $(MADE)
	@$(UV) pip sync --compile-bytecode --require-hashes requirements.lock >&2
	@$(UV) pip install --no-deps --no-build-isolation $(MEMBERS:%=-e %) >&2
	@echo "$(CURDIR)" | tee $(MADE) > $@

$(DOCUMENTING): requirements-docs.lock $(INSTALLED)
	@$(UV) pip install --require-hashes -r requirements-docs.lock >&2
	@touch $@

$(DEDUPING): requirements-dedupe.lock $(INSTALLED)
	@$(UV) pip install --require-hashes -r requirements-dedupe.lock >&2
	@touch $@

$(IMPORTING): requirements-import.lock $(INSTALLED)
	@$(UV) pip install --require-hashes -r requirements-import.lock >&2
	@touch $@

# uv itself is installed by its hashes in the lock.
$(MADE):
	@command -v $(PYTHON) >/dev/null || \
		{ echo "$(PYTHON) not found: Meishi needs Python 3.11 or newer (make PYTHON=...)" >&2; exit 1; }
	@$(PYTHON) -c "$$CHECK_PYTHON" >&2
	@echo "Making $(VENV) ..." >&2
	@$(PYTHON) -m venv --clear $(VENV) >&2
	@sed -n '/^uv==/,/^[^ ]/{/^uv==/p;/^ /p;}' requirements.lock | \
		$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r /dev/stdin >&2
	@echo "$(CURDIR)" > $@
