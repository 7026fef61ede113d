# Everything a person or CI does with Artel. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON := .venv/bin/python
BIN := .venv/bin
# Tests that share a costly thing (a running stack, a deployed template) stay on one worker.
PYTEST := $(PYTHON) -m pytest --dist loadgroup -n $(or $(TEST_WORKERS),2) -rs

.PHONY: help environment development up down seed admin reset migrate rotate-keys test test-page fuzz fuzz-workbooks check check-python check-generated \
	check-template check-frontend check-commits build page deploy-local undeploy-local page-deployed requirements \
	openapi format bench bench-cold bench-sign-in bench-money bench-posts bench-analytics chaos image

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment:
	@sh tools/environment.sh local

development:
	@sh tools/environment.sh dev

# --- run it ----------------------------------------------------------------------------------------------------------

up: environment ## start everything on this machine: page, API, database, storage, worker (PORT=8000)
	@exec $(PYTHON) -m server.local

down: environment ## stop it, from another terminal or after a crash
	@exec $(PYTHON) -m server.local down

seed: environment ## fill a running `make up` with example people, transfers, posts and a workbook
	@exec $(PYTHON) -m tools.seed

admin: environment ## appoint an administrator: EMAIL=ada@example.org (ROLE=moderator or auditor for less)
	@exec $(PYTHON) -m tools.appoint "$(EMAIL)" $(ROLE)

reset: environment ## stop it and delete its data (.local)
	@exec $(PYTHON) -m server.local reset

migrate: environment ## bring the database of DATABASE_URL to the newest revision
	@exec $(PYTHON) -m migrations.migrate

rotate-keys: environment ## begin to sign tokens with a new key (ARGS="--wait 0s --keep 10m" after a theft)
	@exec $(PYTHON) -m tools.rotate_keys $(ARGS)

image: ## build the container image `artel`
	docker build -t artel .

# --- test it ---------------------------------------------------------------------------------------------------------

test: development page build ## all tests (TEST_WORKERS=2)
	@exec $(PYTEST) $(ARGS)

chaos: development ## move money while servers, PostgreSQL and the network are killed (ARGS="--seconds 300 --seed 7")
	@exec $(PYTHON) -m tests.chaos.run $(ARGS)

fuzz: development ## operations without end against a model of the ledger (ARGS="--steps 50000 --seed 7")
	@exec $(PYTHON) -m tests.money.fuzz $(ARGS)

fuzz-workbooks: development ## ten thousand damaged workbooks (ARGS="--files 100000 --seed 7")
	@exec $(PYTHON) -m tests.analytics.fuzz $(ARGS)

check: check-python check-commits check-generated check-template check-frontend ## linters, types, contracts, generated files

check-python: development
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# One request is one transaction, and one place ends it.
check-commits:
	@! grep -rnE '\.commit\(\)' --include='*.py' layers functions server migrations | grep -v '^layers/common/common/db.py:'

check-generated: development
	$(PYTHON) -m tools.openapi --check
	$(PYTHON) -m tools.requirements --check

check-template: development
	$(BIN)/sam validate --lint
	$(BIN)/cfn-lint

check-frontend: development
	$(PYTHON) -m tools.frontend --check

format: development ## put code in its standard form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# --- make what is generated ------------------------------------------------------------------------------------------

page: environment ## build the page, if its sources changed
	@$(PYTHON) -m tools.frontend

build: development ## build the Lambda packages (sam build, then compile them)
	@$(PYTHON) -m tools.build

requirements: development ## requirements.txt of the layer and functions, from uv.lock
	$(PYTHON) -m tools.requirements

openapi: environment ## openapi.json, from the groups' code
	$(PYTHON) -m tools.openapi

deploy-local: development ## build, then `sam deploy` against the AWS endpoint of docker-compose.localstack.yml
	@$(PYTHON) -m tools.deploy_local

undeploy-local: development ## stop the emulator and the database that `make deploy-local` has started
	@exec $(PYTHON) -m tools.deploy_local --stop

page-deployed: development page ## the page on port 8000, with the API of `make deploy-local` behind it
	@exec $(PYTHON) -m tools.page_deployed

# --- measure it ------------------------------------------------------------------------------------------------------

bench: bench-cold bench-sign-in bench-money bench-posts bench-analytics ## every benchmark

bench-cold: development build ## cold starts of the built functions
	$(PYTHON) -m tests.bench.cold_start

bench-sign-in: development ## logins under load, what identity adds to a request, what memory holds
	$(PYTHON) -m tests.bench.sign_in

bench-money: development ## transfers per second against pgbench's TPC-B; histories of a busy account
	$(PYTHON) -m tests.bench.money
	$(PYTHON) -m tests.bench.busy_account

bench-posts: development ## reads of 100,000 posts against constant bytes; a million posts against ten thousand
	$(PYTHON) -m tests.bench.posts
	$(PYTHON) -m tests.bench.many_posts

bench-analytics: development ## from the event of an upload to its dataset, and queries of a million rows
	$(PYTHON) -m tests.bench.analytics $(ARGS)
	$(PYTHON) -m tests.bench.money_summary
