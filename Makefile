# What a person types. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

GO ?= go
LINT := $(GO) tool -modfile=tools/go.mod golangci-lint
# bench/live is a module of its own, which ./... does not see.
LIVELINT := $(GO) tool -modfile=$(CURDIR)/tools/go.mod golangci-lint

# The race detector is not for the translated C of SQLite: there it makes the
# tests 15 to 100 times slower and finds nothing of ours.
RACE := -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false

.PHONY: help dev demo test test-long lint fmt generate verify bench bench-million bench-live

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev: ## serve the demo world, with the board and the explorer, on http://localhost:8080
	$(GO) run ./cmd/linkage demo --no-play

demo: ## watch a need travel from a resident to a closed request
	$(GO) run ./cmd/linkage demo

test: ## run all tests with the race detector, on SQLite and on a real MongoDB
	@scripts/mongod path >/dev/null || [ "$${CI:-}" != true ]
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	  echo "*** NO CHROMIUM ON THIS MACHINE: THE PAGES WILL NOT BE TRIED IN A BROWSER ***" >&2 # go test hides it in a package that passes
	@command -v npm >/dev/null || \
	  echo "*** NO NODE ON THIS MACHINE: THE SERVER WILL NOT BE TRIED WITH ITS PEERS ***" >&2
	@$(GO) test $(RACE) -timeout 15m ./...

test-long: ## the same with long random runs (the better part of an hour)
	@scripts/mongod path >/dev/null || [ "$${CI:-}" != true ]
	@LINKAGE_LONG=1 $(GO) test $(RACE) -count=1 -timeout 90m ./...

lint: ## vet, and the pinned linter with the rings
	$(GO) vet ./...
	$(LINT) run ./...
	cd bench/live && $(GO) vet ./... && $(LIVELINT) run ./...

fmt: ## format as the linter wants it
	$(LINT) fmt ./...

generate: ## write again what is generated
	$(GO) generate ./...

verify: lint ## lint; generated code is current; the schema breaks no client
	@state() { git status --porcelain; git diff; }; \
	if git rev-parse --git-dir >/dev/null 2>&1; then \
	  before=$$(state | sha256sum); $(GO) generate ./...; \
	  if [ "$$before" != "$$(state | sha256sum)" ]; then \
	    git status --short; echo "verify: go generate changed files; commit what it writes" >&2; exit 1; fi; \
	else echo "verify: not a git checkout; generated code is not compared"; fi
	@if grep -rn '!!! WARNING !!!' --include='*.go' resolvers graph; then \
	  echo "verify: a helper stands in a regenerated file; move it out" >&2; exit 1; fi
	$(GO) run ./scripts/schemadiff

# How long each benchmark runs; the long ones run whole rounds. 3s is some eight
# minutes on two cores.
BENCHTIME ?= 3s

bench: ## the benchmarks, as ratios in one run (BENCHTIME=3s)
	@{ $(GO) test -run '^$$' -bench . -benchtime 300ms -count 7 -timeout 60m ./internal/access; \
	  $(GO) test -run '^$$' -bench . -skip 'PageHTTP|Million' -benchtime $(BENCHTIME) -p 1 -timeout 60m \
	    ./internal/account ./internal/feed ./internal/store/sqlite ./internal/store/mongo ./bench; } \
	  | $(GO) run ./bench/summary

bench-million: ## a page among 1,000,000 requests beside one among 10,000 (some minutes, 4 GB in TMPDIR)
	@$(GO) test -run '^$$' -bench Million -benchtime 3x -timeout 30m ./bench | $(GO) run ./bench/summary

# What bench-live measures, such as LIVE="-boards events -n 1000 -rounds 3".
LIVE ?=

bench-live: ## the wire beside a bare broadcast, gqlgen and centrifuge (some ten minutes; LIVE="-boards …")
	@cd bench/live && $(GO) run . $(LIVE)
