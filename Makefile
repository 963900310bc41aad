# Two commands matter: `make up` and `make test`. Everything is installed into this folder.
PYTHON ?= python3
VENV := .venv/bin
ARGS ?=

.PHONY: up test canaries install lint types synth adversarial schemathesis bench bench-peer fuzz kill damage offline isolation guards deploy conformance test-deploy test-aws test-ddb-local clean

up: install
	@exec $(VENV)/python -m cli.main up $(ARGS)

test: install
	@$(VENV)/python -m tools.check $(ARGS)

install:
	@$(PYTHON) tools/install.py

lint: install
	$(VENV)/ruff check . && $(VENV)/ruff format --check . && $(VENV)/lint-imports

types: install
	$(VENV)/mypy

synth: install
	$(VENV)/python app.py

adversarial: install
	PYTHONPATH=.:graphql $(VENV)/python -m tests.adversarial $(ARGS)

schemathesis: install
	PYTHONPATH=.:graphql $(VENV)/python -m tests.contract $(ARGS)

bench: install
	$(VENV)/python -m benchmarks $(ARGS)

fuzz: install
	$(VENV)/python -m tests.fuzz $(NAME) --minutes $(or $(MINUTES),20) $(ARGS)

# thingsboard-gateway (Apache-2.0) in an environment of its own, to be measured against; never part of the product.
bench-peer: install
	@$(PYTHON) tools/peer.py
	$(VENV)/python -m benchmarks edge_peer $(ARGS)

kill: install
	$(VENV)/python -m pytest tests/kills tests/gate tests/product -m slow -s $(ARGS)

damage: install
	$(VENV)/python -m pytest tests/journal -m slow --ignore=tests/journal/test_offline.py -s $(ARGS)

canaries: install
	$(VENV)/python -m pytest tests/privacy/product -m slow -s $(ARGS)

offline: install
	$(VENV)/python -m pytest tests/journal/test_offline.py -m slow -s $(ARGS)

# Cross-tenant attempts over every operation, about half an hour; ARGS="-k open" for one of its parts.
isolation: install
	$(VENV)/python -m pytest tests/isolation -m slow -s $(ARGS)

# Every guard of the product weakened one by one in a copy of the tree; ARGS="--only tenancy" for some of them.
guards: install
	$(VENV)/python -m tests.guards $(ARGS)

deploy: install
	@$(VENV)/python -m tools.deploy $(if $(STAGE),$(STAGE),$(error name the stage: make deploy STAGE=staging))

test-deploy: install
	@$(VENV)/python -m tools.test_deploy $(ARGS)

conformance: install
	@$(VENV)/python -m tools.conformance $(ARGS)

test-aws: install
	@$(VENV)/python -m tools.test_aws $(if $(STAGE),'$(STAGE)',$(error name stage and account: make test-aws STAGE=staging CONFIRM=<account id>)) --confirm '$(CONFIRM)'

test-ddb-local: install
	@$(VENV)/python -m tools.test_ddb_local

clean:
	rm -rf .venv .tools .cache cdk.out portal/dist portal/node_modules local_cloud/engines/node_modules
