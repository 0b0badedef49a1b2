# Every command of the project; each first installs what is missing. Options: docs in `make help`.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON_ENV := .venv/bin/python
PREPARE := @tools/stack/prepare
export SIM ISSUES SEED STACK PORT_BASE ISSUES_FROM FIXTURE LATENCY_MS JIRA_EXPORT_RUN_DIR

.PHONY: help demo up down status logs restart test schema-fuzz chaos soak check bench lock bootstrap-env

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Options of up and demo: SIM=cloud|datacenter|both|none ISSUES=n SEED=n STACK=native|compose|external PORT_BASE=n"
	@echo "                        ISSUES_FROM=file FIXTURE=file LATENCY_MS=n JIRA_EXPORT_RUN_DIR=folder"

demo: ## Start everything and run the main job on the simulator's data, with a PDF at the end.
	$(PREPARE)
	@$(PYTHON_ENV) -m stack.demo

up: ## Start everything (twice is harmless); .run/env tells where it is.
	$(PREPARE)
	@$(PYTHON_ENV) -m stack up

down: ## Stop everything; the data stays in .run/data.
	@if [ -x $(PYTHON_ENV) ]; then $(PYTHON_ENV) -m stack down; else echo "Nothing runs."; fi

status: ## Show each process with its memory and health.
	$(PREPARE)
	@$(PYTHON_ENV) -m stack status

logs: ## Follow the log of one service or part: make logs S=jira-sync.
	$(PREPARE)
	@$(PYTHON_ENV) -m stack logs $(S)

restart: ## Restart one service or part: make restart S=notifier.
	$(PREPARE)
	@$(PYTHON_ENV) -m stack restart $(S)

test: ## Unit, integration and e2e tests on real parts; reports in .run/reports.
	@tools/stack/prepare test
	@$(PYTHON_ENV) -m stack.testing test

schema-fuzz: export SCHEMA_EXAMPLES ?= 100
schema-fuzz: ## Generated requests to every operation, more than make test sends (SCHEMA_EXAMPLES=100 each).
	@tools/stack/prepare test
	@$(PYTHON_ENV) -m stack.testing schema-fuzz

chaos: ## The long seeded runs with kill -9 and faults.
	@tools/stack/prepare test
	@$(PYTHON_ENV) -m stack.testing chaos

soak: ## The long run under load.
	@tools/stack/prepare test
	@$(PYTHON_ENV) -m stack.testing soak

check: ## Lint, format, types, import rules, own lints, generated docs, lock file.
	$(PREPARE)
	@$(PYTHON_ENV) -m stack.checking

bench: ## Benchmarks with their baselines, or one: make bench B=gateway_read.
	$(PREPARE)
	@$(PYTHON_ENV) -m stack.benching $(B)

lock: ## Write requirements.lock anew from the pyproject files.
	$(PREPARE)
	@$(PYTHON_ENV) -m stack.locking

bootstrap-env: ## Install what is missing and nothing else.
	@tools/stack/prepare test
