# `make demo` and `make test` are all a newcomer needs: each sets up its own environment first.
SHELL := /bin/bash
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= $(shell nproc)
STAMP := $(VENV)/.installed
# The programs in an environment name its folder: one that was moved or copied is made anew (tools/moved.sh).
MOVED := $(shell bash tools/moved.sh $(VENV))
export PYTHONDONTWRITEBYTECODE =

.PHONY: bench security tiers fuzz pythons demo test test-all verify build check lint lock install clean help

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(STAMP)  ## the environment in .venv, bytecode compiled

ifneq ($(MOVED),)
.PHONY: $(STAMP)
endif
$(STAMP): requirements.lock pyproject.toml course.toml tools/install.sh
	@PYTHON='$(PYTHON)' VENV=$(VENV) bash tools/install.sh
	@touch $(STAMP)

demo: $(STAMP)  ## build week 3, make a class of submissions, grade it, say where to look
	@$(BIN)/autograder build
	@$(BIN)/autograder demo --to build/demo

test: $(STAMP)  ## the project's tests without the slow ones
	@$(BIN)/python -m pytest -m "not slow" -q -n $(JOBS) --dist worksteal

test-all: $(STAMP)  ## all tests: a browser, whole classes, long runs
	@bash tools/browser.sh
	@$(BIN)/python -m pytest -q

verify: $(STAMP)  ## every hidden suite against answers, mutants and seeds
	@$(BIN)/autograder verify --fail-under 95

security: $(STAMP)  ## attacks on the grader, each in three tiers and on a naive grader; needs root
	@$(BIN)/python tests/hostile/security.py

tiers: $(STAMP)  ## marks of every answer of every notebook in tiers A, B and C side by side; needs root
	@$(BIN)/python tests/hostile/tier_marks.py

fuzz: $(STAMP)  ## a million mutated frames, notebooks and archives; every reply of every hidden test swapped
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/fuzz/fuzzing.py
	@$(BIN)/python tests/fuzz/replies.py

bench: $(STAMP)  ## this grader, nbgrader and otter side by side: docs/benchmark.md; QUICK=1 only tries it; AGAINST=CHECKOUT compares engines
	@$(BIN)/python -m benchmarks$(if $(AGAINST),.against $(AGAINST),$(if $(QUICK), --quick))

pythons: $(STAMP)  ## the course on every supported Python that is here, same marks on all; ANSWERS=1 every right answer, too
	@$(BIN)/python tools/pythons.py $(if $(ANSWERS),--answers)

build: $(STAMP)  ## student notebooks in assignments/ from solutions/
	@$(BIN)/autograder build

check: $(STAMP) lint  ## are the generated notebooks fresh?
	@$(BIN)/autograder build --check

lint: $(STAMP)
	@$(BIN)/ruff check -q autograder benchmarks course_lib solutions tests tools

lock: $(STAMP)  ## pin the newest versions that pyproject.toml allows, for each Python the newest that it can have
	@.tools/bin/uv pip compile pyproject.toml --extra dev --extra dask --extra postgres --extra similarity --universal --fork-strategy requires-python --python-version 3.11 \
	  --generate-hashes --no-emit-index-url -q --upgrade -o requirements.lock

clean:  ## forget everything that commands can make again
	rm -rf build .venv .tools
