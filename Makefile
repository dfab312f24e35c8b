# A bare `make` lists what there is. Every target works from a clean clone.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup parts demo test lint docs bench constraints lab-up lab-down lab-status test-cloud clean
export LC_ALL := C.UTF-8
BIN := .venv/bin

help:           ## list the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target meaning; do \
	  printf '%-20s %s\n' "$$target" "$$meaning"; done

setup:          ## make .venv with everything needed (brings python3-venv when it is missing)
	@bash tools/venv.sh

parts:          ## install the Debian packages that the tests start servers from (root)
	@bash tools/parts.sh

demo: setup     ## a cloud in a folder, broken on purpose: check, trace, explain
	@$(BIN)/stackfsck demo
	@echo '  . .venv/bin/activate                 put stackfsck on your PATH'

test:           ## set up, then lint and every test that needs no cloud; all are run, all are counted
	@bash tools/test.sh

lint: setup     ## ruff, mypy, import contracts, SQL style
	@bash tools/lint.sh

docs: setup     ## write docs/reference anew from the code
	@$(BIN)/python tools/reference.py

bench: setup    ## reading and judging a million VMs (see bench/README.md)
	@for program in drivers read judge; do $(BIN)/python -m bench.$$program || exit; done

constraints:    ## renew constraints.txt from a fresh environment
	@bash tools/constraints.sh

lab-up:         ## bring up a real OpenStack on this machine (docs/guide/lab.md)
	@bash lab/lab up

lab-down:       ## take it down again
	@bash lab/lab down --vms

lab-status:     ## what of it runs
	@bash lab/lab status

test-cloud:     ## tests against the real OpenStack: up, test, down
	@bash tools/test-cloud.sh

clean:          ## remove what the other targets made, the environment included
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
