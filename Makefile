# Two commands do all set-up: `make run` (the Dunkirk experiment, table and figures) and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNS ?= 1000
CLUSTER ?= cluster
MUTANTS ?= all
CASES ?= 500
SEED ?= 1
ROOMS := agents policies sim experiments results

.PHONY: run quick test test-slow cluster check patterns validation scores calibration monotone mutants fuzz faults texts wasm docs outputs picture site bench bench-peers bench-scaling clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "clusterpact needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

run: $(VENV)/.installed
	$(BIN)/clusterpact run dunkirk --runs $(RUNS)

# For who writes a rule: small worlds, with the rules as plain Python, so that nothing is compiled.
quick: $(VENV)/.installed
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -m 'not horizon and not slow' tests/agents tests/sim

test: $(VENV)/.installed
	$(BIN)/python -m pytest -m 'not slow and not cluster' -n logical --maxprocesses 4 --dist loadfile

test-slow: $(VENV)/.installed
	$(BIN)/python -m pytest -m 'slow and not cluster'

cluster: $(VENV)/.installed
	$(BIN)/python -m pytest -m '$(CLUSTER)' -rs tests/cluster

check: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	rm -rf build/typing && mkdir -p build/typing/clusterpact
	cd build/typing/clusterpact && ln -s ../../../clusterpact/* $(addprefix ../../../,$(ROOMS)) .
	$(BIN)/mypy
	cd build/typing && $(abspath $(BIN))/lint-imports ../../pyproject.toml
	$(BIN)/python -m tests.audit

patterns: $(VENV)/.installed
	$(BIN)/python -m tests.patterns

validation: $(VENV)/.installed
	$(BIN)/python -m tests.patterns --write

# What came against what this model expects, set back in time; what calibration changed; the outlook. Some three minutes.
scores: $(VENV)/.installed
	$(BIN)/python -m docs.scores
	$(BIN)/python -m docs.build

# Which parameter sets does the record of 2013-19 not rule out? Some ten minutes; writes the library's ensemble.
calibration: $(VENV)/.installed
	rm -rf runs/history-2013
	$(BIN)/clusterpact calibrate history/dunkirk-2013 history/nrw-2013 --points 768 --out runs/history-2013
	cp runs/history-2013/ensemble.parquet experiments/library/ensembles/history-2013.parquet
	cp runs/history-2013/identifiability.csv docs/data/identifiability.csv
	cp runs/history-2013/statistics.csv docs/data/calibration-statistics.csv

# Does more help ever lower abatement, or more cost raise it? Half an hour; MONOTONE=--cliffs looks for jumps, --write records.
monotone: $(VENV)/.installed
	$(BIN)/python -m tests.monotone $(MONOTONE)

# Which small mistakes in the rules would no small test notice? Some ten minutes; MUTANTS=300 takes a sample.
mutants: $(VENV)/.installed
	$(BIN)/python -m tests.mutants --sample $(MUTANTS)

# Damaged inputs: success, or one clear line? A minute; CASES=10000 takes half an hour, FUZZ=--write records.
fuzz: $(VENV)/.installed
	$(BIN)/python -m tests.fuzz --cases $(CASES) --seed $(SEED) $(FUZZ)

# Killed at random moments, full disks, few handles, little memory: is anything lost? Half an hour; FAULTS=--write records.
faults: $(VENV)/.installed
	$(BIN)/python -m tests.kills $(FAULTS)

# What the page says in other languages: adds texts that are new to the catalogues, takes out those that are gone.
texts: $(VENV)/.installed
	$(BIN)/python -m tests.catalogues

# The rules as machine code in the making, which spares everybody Numba's minute, and for a browser; some four minutes.
$(VENV)/.wasm: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[wasm]'
	touch $@

wasm: $(VENV)/.wasm
	$(BIN)/python -m clusterpact.lab.kernel
	$(BIN)/python -m clusterpact.lab.webassembly
	$(BIN)/python -m tests.golden --write

docs: $(VENV)/.installed
	$(BIN)/python -m docs.build

# What the commands and the code of the pages print, written below them; some three minutes.
outputs: $(VENV)/.installed
	$(BIN)/python -m docs.outputs --slow

# The picture of the README with its text, and the headline numbers of this version beside those of others; a minute.
picture: $(VENV)/.installed
	$(BIN)/python -m docs.first_picture
	$(BIN)/python -m docs.numbers
	$(BIN)/python -m docs.build

# The pages, the reference of Python and commands, notebooks and a gallery as a site, in build/site; some two minutes.
SITE := README.md LICENSE CITATION.cff CHANGELOG.md SECURITY.md docs benchmarks tests/data/README.md $(wildcard sim/library/*.md sim/library/clusters/*/*.md)
$(VENV)/.site: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[site]'
	touch $@

site: $(VENV)/.site
	rm -rf build/site build/site-source && mkdir -p build/site-source
	tar -cf - $(SITE) | tar -xf - -C build/site-source
	$(BIN)/sphinx-build -W --keep-going -q -c build/site-source/docs build/site-source build/site

bench-scaling: $(VENV)/.installed
	$(BIN)/python -m benchmarks.scaling

# The same trivial world in other frameworks, this model's rules in Mesa, growth and memory; some six minutes. FRAMES= leaves
# mesa-frames out: it needs NumPy 1.26, which there is not for Python 3.13 and newer.
FRAMES ?= $(VENV)/frames/bin/python
$(VENV)/.bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	touch $@

$(VENV)/frames/.installed: benchmarks/mesa-frames.txt $(VENV)/.installed
	$(PYTHON) -m venv $(VENV)/frames
	$(VENV)/frames/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/mesa-frames.txt
	touch $@

bench-peers: $(VENV)/.bench $(if $(FRAMES),$(VENV)/frames/.installed)
	$(BIN)/python -m benchmarks.peers --frames '$(FRAMES)'

bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks.measure

clean:
	rm -rf $(VENV) runs build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
