# One command each; `make help` lists them. Details: python3 -m tools.setup --help, python -m tools.up --help.
PYTHON ?= python3
ENV ?= local
RUN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help up down preview test lint unit doctor bench status format

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

up: ## bring up the platform of Pulumi.$(ENV).yaml and its main job (ENV=existing KUBECONFIG=… for a cluster you have)
	@$(PYTHON) -m tools.setup $(if $(filter local,$(ENV)),up,existing)
	@$(RUN) -m tools.up --env $(ENV) $(if $(KUBECONFIG),--kubeconfig $(KUBECONFIG)) $(foreach s,$(SET),--set '$(s)')

down: ## remove the platform and everything `make up` started
	@$(PYTHON) -m tools.setup unit
	@$(RUN) -m tools.up --env $(ENV) --down $(if $(KUBECONFIG),--kubeconfig $(KUBECONFIG))

preview: ## show plan and cost of Pulumi.$(ENV).yaml without an account: the clouds are simulated (ENV=aks-prod)
	@$(PYTHON) -m tools.setup existing
	@$(RUN) -m tools.bundles > /dev/null
	@$(RUN) -m simulator.preview --env $(ENV) $(foreach s,$(SET),--set '$(s)')

status: ## show the state of the local cluster
	@$(RUN) -m tools.cluster status

test: ## set up what the tests need and run them all
	@$(PYTHON) -m tools.setup test
	@$(RUN) -m tools.test

unit: ## run the tests that need no cluster and no engine, in seconds
	@$(PYTHON) -m tools.setup unit
	@$(RUN) -m pytest tests -m "not engine and not cluster and not workloads" -q

lint: ## check format, rules, types and layers
	@$(PYTHON) -m tools.setup lint
	@$(RUN) -m ruff format --check . && $(RUN) -m ruff check . && $(RUN) -m pyright && $(RUN) -m pyright -p policies && $(RUN) -m pyright -p workloads && .venv/bin/lint-imports

format: ## rewrite files in the project's format
	@$(RUN) -m ruff format . && $(RUN) -m ruff check --fix .

doctor: ## check this machine, and print the exact fix for each missing part
	@$(PYTHON) -m tools.setup doctor

bench: ## measure the figures of README again (JSON and plots in benchmarks/results)
	@$(PYTHON) -m tools.setup up
	@$(RUN) benchmarks/up.py
