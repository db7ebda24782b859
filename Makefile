# `make` alone lists what there is.
.DEFAULT_GOAL := help
.PHONY: help run demo test lint check sanitize bench torture clean
MAKEFLAGS += --no-print-directory

help: ## List the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: ## Build and run the service with a MongoDB beside it, on 127.0.0.1:8080 (PORT, DATA_DIR, MONGODB_URI)
	@scripts/run

demo: ## See in a minute what it does: shuffled, doubled, forged and interrupted deliveries, and what became of them
	@scripts/setup
	@scripts/demo

# Five tests at once: more starve each other on two cores. A run that stalls is ended and says where (scripts/run-tests).
test: ## Run every test, with a MongoDB of their own (FILTER=name for some)
	@scripts/setup chromium
	@scripts/setup-peers >/dev/null
	@SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=5 scripts/with-mongod --scratch scripts/run-tests $(if $(FILTER),--filter '$(FILTER)')

# Everywhere without colours: a build for a terminal and one for a log would be two.
lint: ## Check the format, and that a debug build gives no warning
	@scripts/setup
	@swift format lint --strict -r Sources Tests Package.swift
	@swift build --no-color-diagnostics --build-tests $(SWIFT_BUILD_OPTIONS)

sanitize: ## Run the concurrent parts' tests under the thread sanitizer
	@scripts/setup
	@scripts/with-mongod --scratch swift test --sanitize=thread --scratch-path .build/thread-sanitizer \
		--filter 'WebhookIngestTests|HTTPServerTests|SQLiteTests|BlockingTests|OutboxTests|RulesTests|DecisionsTests'

check: lint test sanitize ## Everything that has to be green: lint, build, tests, thread sanitizer

bench: ## Measure speed and memory, in release
	@scripts/setup
	@scripts/bench

torture: ## Kill and freeze it under load, again and again, and look for what was lost or doubled
	@scripts/setup
	@scripts/torture

clean: ## Remove what was built; data in DATA_DIR stay
	@rm -rf .build
