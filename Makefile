# make demo            the main job on the sample archive, from nothing, into demo-output/
# make docs            the documentation site, into build/docs/
# make check           ruff, mypy, import-linter
# make test            all the tests need, then the tests
# make test-browser    the report in headless Chromium: filters, keyboard, accessibility, hostile policies
# make test-long       what takes minutes: kills, faults, a hundred thousand captures; prints the figures
# make test-cluster    shards on Ray, on Slurm and in a folder as NFS shares it: three nodes, of which one is killed
# make test-pythons    the tests on each Python from 3.10 to 3.13 that is installed
# make wheels          what a release consists of, into dist/: the package, and the weights of `accurate` apart
# make sample          build corpus/sample/ again
#
# These need DATA=FOLDER, the folder that holds opp115/, extraction/ and corpora/ (CONTRIBUTING.md):
# make model           train models/fast again; make content and make verdict train models/content and models/verdict
# make bench           what a page costs, beside other tools, and by size and number (benchmarks/results/)
# make bench-soak      twenty thousand pages through one process
# make bench-extraction, bench-segments, bench-history, bench-drift, bench-reading   one stage each
# make bench-amos      a published study redone on the dated policies (docs/longitudinal.md)
# make bench-report    how large the report of 200 long policies is, and how soon it is open (no DATA)

PYTHON  ?= python3
PYTHONS ?= python3.10 python3.11 python3.12 python3.13
VENV    := .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/pip --quiet --disable-pip-version-check
PACKAGE := -c constraints.txt -e '.[pdf,zstd,brotli,parquet,accurate]'
DATA    ?= $(error make $@ needs the folder of the data sets: make $@ DATA=FOLDER (CONTRIBUTING.md))

.PHONY: demo check test test-browser test-long test-cluster test-pythons wheels sample clean
.PHONY: model content verdict bench bench-soak
.PHONY: docs
.PHONY: bench-extraction bench-segments bench-history bench-drift bench-reading bench-amos bench-report

demo: $(VENV)/.demo
	$(BIN)/archived-policy demo -o demo-output

docs: $(VENV)/.docs
	rm -rf build/docs
	$(BIN)/sphinx-build --fail-on-warning --keep-going --fresh-env --quiet -c docs . build/docs
	@echo "The documentation: build/docs/index.html"

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.dev .venv-pywb/.done
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report --skip-covered --skip-empty

test-browser: $(VENV)/.browser
	tests/browser/chromium.sh
	$(BIN)/pytest -m browser tests/browser

test-long: $(VENV)/.dev .venv-pywb/.done
	$(BIN)/pytest -m long -s

test-cluster: $(VENV)/.ray
	tests/run/packages.sh
	$(BIN)/pytest -m cluster tests/run -s

# Each Python has an environment of its own. One that is not installed, or that pyenv does not have switched on, is passed over.
test-pythons:
	@set -e; for python in $(PYTHONS); do \
	    version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) \
	        || { echo "$$python is not installed: passed over"; continue; }; \
	    echo "Python $$version"; \
	    $(MAKE) test PYTHON=$$python VENV=.venv-$$version; \
	done

wheels: $(VENV)/.dev
	WITHOUT_ACCURATE=1 $(BIN)/python -m build --wheel --no-isolation --outdir dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist models/accurate

sample: $(VENV)/.dev
	$(BIN)/python corpus/build.py

model: $(VENV)/.dev
	$(BIN)/archived-policy train $(DATA)/opp115 --teacher models/teacher -o models/fast

content: $(VENV)/.dev
	$(BIN)/archived-policy train $(DATA)/opp115 --model content -o models/content

verdict: $(VENV)/.dev
	$(BIN)/archived-policy train $(DATA)/opp115 --model verdict -o models/verdict

bench: .venv-bench/.done
	.venv-bench/bin/python -m benchmarks.pipeline $(DATA) -o benchmarks/results
	.venv-bench/bin/python -m benchmarks.stages $(DATA)

bench-soak: $(VENV)/.dev
	$(BIN)/python -m benchmarks.soak $(DATA) -o benchmarks/results

bench-extraction: $(VENV)/.bench
	$(BIN)/python -m benchmarks.extraction $(DATA)/extraction --worst 10

bench-segments: $(VENV)/.dev
	$(BIN)/python -m benchmarks.segments $(DATA)

bench-history: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m benchmarks.history $(DATA)/corpora/open-terms-archive-versions.bundle

bench-drift: $(VENV)/.dev
	$(BIN)/python -m benchmarks.drift $(DATA)

bench-reading: $(VENV)/.dev
	$(BIN)/python -m benchmarks.reading $(DATA)

bench-amos: $(VENV)/.dev
	$(BIN)/archived-policy annotate $(DATA)/eras/dated.jsonl.gz -o dated-policies/policies.jsonl.gz
	$(BIN)/archived-policy terms dated-policies --every year
	$(BIN)/python -m benchmarks.amos dated-policies

bench-report: $(VENV)/.browser
	tests/browser/chromium.sh
	$(BIN)/python -m benchmarks.report

clean:
	rm -rf .venv .venv-* demo-output dist build

# Said here, before anything is installed
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("archived-policy needs Python 3.10 or later; \
	this is %d.%d. Name another one: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

# pip installs dependency groups from 25.1 on, and the one that comes with Python may be older
$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing archived-policy and the libraries it needs into $(VENV)/: 260 MB of packages, 1 GB on disk."
	@echo "pip is silent while it works: for one to three minutes, this first time only."
	$(PIP) install 'pip>=25.1'
	$(PIP) install $(PACKAGE)
	$(BIN)/python -m compileall -q extractor  # as pip does with all that it copies: commands start 0.1 s sooner
	touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(PIP) install $(PACKAGE) --group dev
	touch $@

$(VENV)/.browser: $(VENV)/.dev
	$(PIP) install $(PACKAGE) --group dev --group browser
	touch $@

$(VENV)/.docs: $(VENV)/.demo
	$(PIP) install $(PACKAGE) --group docs
	touch $@

$(VENV)/.bench: $(VENV)/.dev
	$(PIP) install $(PACKAGE) --group dev --group bench
	touch $@

$(VENV)/.ray: $(VENV)/.dev
	$(PIP) install $(PACKAGE) -e '.[ray]' --group dev --group cluster
	touch $@

# torch is large, and nothing that is tested needs it
.venv-bench/.done: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip --quiet --disable-pip-version-check install 'pip>=25.1'
	.venv-bench/bin/pip --quiet --disable-pip-version-check install $(PACKAGE) -e '.[train]' --group bench
	touch $@

# pywb pins packages that are older than ours, so the archive the tests talk to has an environment of its own
.venv-pywb/.done: tests/replay/requirements.txt
	$(PYTHON) -m venv .venv-pywb
	.venv-pywb/bin/pip --quiet --disable-pip-version-check install -r tests/replay/requirements.txt
	touch $@
