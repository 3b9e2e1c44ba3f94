# The names people type. Each only delegates to scripts/, which may be run directly, too.
.DEFAULT_GOAL := help
.PHONY: help run test build web check format lint tsan fuzz crash sim overload bench up down image-replay clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up what is missing, build, start the shop at http://127.0.0.1:3000
	@scripts/run

test: ## set up what is missing, build, pass every test
	@scripts/test

build: ## build everything (release)
	@scripts/bootstrap test
	@scripts/build release

web: ## build the storefront and the console into web/
	@scripts/bootstrap run
	@scripts/web

check: ## format, layers, clang-tidy, then unit and conformance tests under ASan and UBSan
	@scripts/check

format: ## format all C++ files in place
	@scripts/format

lint: ## format, layers and clang-tidy only
	@scripts/check --lint

tsan: ## the concurrent modules' tests under ThreadSanitizer
	@scripts/tsan

fuzz: ## let libFuzzer attack what reads foreign bytes, FUZZ_SECONDS each (default 60)
	@scripts/fuzz

crash: ## kill the shop under load ROUNDS times (default 2000) and check its books
	@scripts/crash

overload: ## far more than a service can do, for OVERLOAD_SECONDS (default 300)
	@scripts/overload

sim: ## lose the power of a simulated disk SEEDS times (default 20000) from seed FROM
	@scripts/sim

bench: ## everything in docs/benchmarks.md, beside its peers; writes the page and its plots
	@scripts/bench

up: ## start the shop in containers: its services, its page and Redis
	@scripts/up

down: ## stop these, and keep their data
	@scripts/up --down

image-replay: ## as root: the image's build steps in a Debian root, where no container engine is
	@tests/deploy/image_replay.py

clean: ## remove what was built (./data and node_modules stay)
	@rm -rf build web/dist web/dist-console
