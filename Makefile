# The project's tasks. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

NODE_BIN := $(CURDIR)/node_modules/node-linux-$(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)/bin
export PATH := $(NODE_BIN):$(CURDIR)/node_modules/.bin:$(PATH)
SOURCES := $(shell find src -name '*.ts' 2>/dev/null)

include $(wildcard make/*.mk)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

node_modules/.package-lock.json: package.json package-lock.json
	@command -v npm >/dev/null || make/install-debian-packages npm
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: format
format: node_modules/.package-lock.json ## Format the sources
	oxfmt src test

.PHONY: check
check: node_modules/.package-lock.json ## Format, types, lint, dead code, layers and unit tests, in seconds
	oxfmt --check src test
	tsc
	oxlint --type-aware src test
	knip
	vitest run --project unit

VITEST := vitest run --reporter=default --reporter=./test/support/closing-line-reporter.ts

# Peers and oracles of the integration tests.
TEST_PACKAGES := busybox-static uidmap openssh-client openssh-server sudo procps skopeo buildah umoci docker-registry bzip2 xz-utils zstd shellcheck

.PHONY: test
test: node_modules/.package-lock.json build ## Unit, contract and integration tests; installs what they need
	make/install-debian-packages $(TEST_PACKAGES)
	$(VITEST) --project unit --project integration

.PHONY: e2e
e2e: images ## Cluster tests on throw-away hosts with a real Kubernetes
	$(VITEST) --project e2e

.PHONY: bench-cluster
bench-cluster: images ## Time a cluster on throw-away hosts, phase by phase
	node test/bench/cluster.ts

.PHONY: demo demo-down
demo: images ## Build the images, start three hosts, run a cluster on them
	node test/demo/main.ts

demo-down: node_modules/.package-lock.json ## Remove the demo's hosts and its cluster
	node test/demo/main.ts down
	rm -rf $${SEALOS_RUNTIME_ROOT:-$$HOME/.sealos}/demo dist/demo.tar

.PHONY: build
build: dist/main.js ## Bundle src/ into dist/

# In a folder of its own first, so that a build that fails leaves the old program.
dist/main.js: node_modules/.package-lock.json $(SOURCES)
	@rm -rf dist.new
	@esbuild src/main.ts hash-worker=src/archive/hash-worker.ts --bundle --splitting --format=esm --platform=node \
	  --target=node22 --outdir=dist.new --entry-names='[name]' --log-level=warning \
	  --banner:js='import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);'
	@rm -rf dist && mv dist.new dist

.PHONY: clean
clean: ## Remove what `make build` made
	rm -rf dist coverage
