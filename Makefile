# Two commands on a fresh machine: `make demo` and `make test`. Both install what they need.
PYTHON ?= python3
DEMO ?= demo
VENV := .venv
LABEL_STUDIO := .venv-label-studio
PIP := -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
export OMP_NUM_THREADS ?= 1

.PHONY: demo test lint types install label-studio browser licences sbom audit leaks clean

## the main job end to end; IMAGES=folder runs it on your own images, CONFIG=file.toml names the models
demo: install label-studio
	$(VENV)/bin/safeeditbench demo --out $(DEMO) \
		$(if $(IMAGES),--images "$(IMAGES)") $(if $(CONFIG),--config "$(CONFIG)")

## everything CI runs: style, types, all tests but those that need an accelerator
test: $(VENV)/.dev label-studio browser lint types
	$(VENV)/bin/python -m pytest -m "not gpu" --durations=10

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.dev
	$(VENV)/bin/mypy

install: $(VENV)/.all

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.all: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing torch (1 of 2, the largest download)"
	@$(VENV)/bin/python $(PIP) torch torchvision
	@echo "installing safeeditbench and what it uses (2 of 2)"
	@$(VENV)/bin/python $(PIP) --editable '.[all]'
	@touch $@

$(VENV)/.dev: $(VENV)/.all
	@echo "installing the test tools"
	@$(VENV)/bin/python $(PIP) --editable '.[dev]'
	@touch $@

# Label Studio pins versions that the other packages cannot live with, so it has its own environment.
label-studio: $(LABEL_STUDIO)/.installed

$(LABEL_STUDIO)/.installed:
	@echo "installing Label Studio into its own environment"
	@$(PYTHON) -m venv $(LABEL_STUDIO)
	@$(LABEL_STUDIO)/bin/python -m pip install --disable-pip-version-check --quiet 'label-studio>=1.23.2,<1.24'
	@touch $@

# The tests drive the labelling page and the report in a real browser.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
		echo "installing chromium"; \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -qq && $$sudo apt-get install -y -qq chromium >/dev/null; }

## licences of all dependencies; fails on one without a reason
licences: $(VENV)/.dev
	$(VENV)/bin/python -m tests.supply.licences

SUPPLY := .venv-supply

$(SUPPLY)/.installed:
	@$(PYTHON) -m venv $(SUPPLY)
	@$(SUPPLY)/bin/python -m pip install --disable-pip-version-check --quiet 'cyclonedx-bom>=7.5,<8' 'pip-audit>=2.10,<3'
	@touch $@

## a bill of materials of the environment
sbom: $(SUPPLY)/.installed $(VENV)/.dev
	@mkdir -p build
	$(SUPPLY)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON \
		-o build/sbom.cdx.json $(VENV)/bin/python

## information: known weaknesses, where an index can be reached
audit: $(SUPPLY)/.installed $(VENV)/.dev
	-$(SUPPLY)/bin/pip-audit --progress-spinner off \
		--path $$($(VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

## the main jobs where no packet can leave the machine
leaks: $(VENV)/.dev label-studio
	$(VENV)/bin/python -m tests.leaks.no_route

clean:
	rm -rf $(DEMO) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
