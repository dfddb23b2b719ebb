# A thin front for deploy/doorstep.py, which works without make as well: python3 deploy/doorstep.py run
PYTHON ?= $(shell command -v python3 || command -v python3.13 || command -v python3.12 || command -v python3.11 || echo python3)
.PHONY: help run test sure journey tour bench conformance

help run test sure journey tour bench conformance:
	@exec $(PYTHON) deploy/doorstep.py $@ $(ARGS)
.DEFAULT_GOAL := help
