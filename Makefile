# A thin face on do.py, which works without make too. Extra words: make test ARGS="-k release"
PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench docs

help setup run test check bench docs:
	@$(PYTHON) "$(dir $(abspath $(lastword $(MAKEFILE_LIST))))do.py" $@ $(ARGS)
