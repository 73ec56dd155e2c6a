# make demo   the main job on the sample archive, from nothing, into demo-output/
# make test   everything the tests need, then the tests
# make test-long   what takes minutes: kills, faults, a hundred thousand captures; prints the figures
# make test-browser   the report in headless Chromium: filters, keyboard, accessibility, hostile policies
# make test-cluster   shards on Ray: two nodes of which one is killed, a page that kills, Ctrl-C
# make check  ruff, mypy, import-linter
# make model  train models/fast again (DATA=folder of OPP-115)
# make content train models/content again (the folder that DATA lies in), make verdict models/verdict
# make bench  what a page costs, beside what one would build instead, and by size and number (benchmarks/results/);
#             bench-soak twenty thousand pages through one process
# make bench-extraction  extraction beside other tools (the folder that DATA lies in), make bench-segments segmentation,
#             bench-history alignment, bench-drift what later wording costs, bench-reading what reading a corpus adds to annotating it
# make bench-report  how large the report of 200 long policies is, and how soon it is open
# make sample build corpus/sample/ again

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/pip --quiet
DATA   ?= ../shared/data/opp115

.PHONY: demo test test-browser test-cluster test-long check model content verdict sample clean
.PHONY: bench bench-soak
.PHONY: bench-extraction bench-segments bench-reading bench-report bench-history bench-drift

demo: $(VENV)/.demo
	$(BIN)/archived-policy run @corpus/sample/targets.txt --archive-base corpus/sample/sample.warc.gz -o demo-output

test: $(VENV)/.dev .venv-pywb/.done
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report --skip-covered --skip-empty

test-long: $(VENV)/.dev .venv-pywb/.done
	$(BIN)/pytest -m long -s

test-browser: $(VENV)/.browser
	tests/browser/chromium.sh
	$(BIN)/pytest -m browser tests/browser

test-cluster: $(VENV)/.ray
	$(BIN)/pytest -m cluster tests/run -s

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

model: $(VENV)/.dev
	$(BIN)/archived-policy train $(DATA) --teacher models/teacher -o models/fast

content: $(VENV)/.dev
	$(BIN)/python -m extractor.training.models.content $(dir $(DATA))extraction -o models/content

verdict: $(VENV)/.dev
	$(BIN)/python -m extractor.training.models.verdict $(dir $(DATA)) models/verdict

sample: $(VENV)/.dev
	$(BIN)/python corpus/build.py

bench: .venv-bench/.done
	.venv-bench/bin/python -m benchmarks.pipeline $(dir $(DATA)) -o benchmarks/results
	.venv-bench/bin/python -m benchmarks.stages $(dir $(DATA))

bench-soak: $(VENV)/.dev
	$(BIN)/python -m benchmarks.soak $(dir $(DATA)) -o benchmarks/results

bench-extraction: $(VENV)/.bench
	$(BIN)/python -m benchmarks.extraction $(dir $(DATA))extraction --worst 10

bench-segments: $(VENV)/.dev
	$(BIN)/python -m benchmarks.segments $(dir $(DATA))

bench-reading: $(VENV)/.dev
	$(BIN)/python -m benchmarks.reading $(dir $(DATA))

bench-report: $(VENV)/.browser
	tests/browser/chromium.sh
	$(BIN)/python -m benchmarks.report

bench-history: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m benchmarks.history $(dir $(DATA))corpora/open-terms-archive-versions.bundle

bench-drift: $(VENV)/.dev
	$(BIN)/python -m benchmarks.drift $(dir $(DATA))

clean:
	rm -rf $(VENV) .venv-pywb .venv-bench demo-output dist build

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e '.[pdf,zstd,parquet,accurate]'
	touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(PIP) install -c constraints.txt -e '.[pdf,zstd,parquet,accurate,dev]'
	touch $@

$(VENV)/.browser: $(VENV)/.dev
	$(PIP) install -c constraints.txt -e '.[pdf,zstd,parquet,accurate,dev,browser]'
	touch $@

$(VENV)/.ray: $(VENV)/.dev
	$(PIP) install -c constraints.txt -e '.[pdf,zstd,parquet,accurate,ray,dev]'
	touch $@

# pip 23.2 does not resolve two packages that both ask for lxml[html_clean]
$(VENV)/.bench: $(VENV)/.dev
	$(PIP) install --upgrade 'pip>=24'
	$(PIP) install -c constraints.txt -e '.[pdf,zstd,parquet,accurate,dev,bench]'
	touch $@

# torch is large, and nothing that is tested needs it
.venv-bench/.done: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-bench
	PIP_DISABLE_PIP_VERSION_CHECK=1 .venv-bench/bin/pip --quiet install --upgrade 'pip>=24'
	PIP_DISABLE_PIP_VERSION_CHECK=1 .venv-bench/bin/pip --quiet install -c constraints.txt -e '.[accurate,bench,train]' matplotlib
	touch $@

# pywb pins packages that are older than ours, so the archive the tests talk to has an environment of its own
.venv-pywb/.done: tests/replay/requirements.txt
	$(PYTHON) -m venv .venv-pywb
	PIP_DISABLE_PIP_VERSION_CHECK=1 .venv-pywb/bin/pip --quiet install -r tests/replay/requirements.txt
	touch $@
