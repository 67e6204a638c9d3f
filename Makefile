# make test: everything a change must pass.  make demo: the main job on real figures, in about two minutes.
CONFIG ?= release
SWIFT ?= swift
PACKAGES = libglpk-dev libcurl4-openssl-dev libpq-dev libsqlite3-dev openssl

.PHONY: test chaos sanitize demo build lint setup compare clean

# In two parts: those that wait for sockets would else wait for those that compute, up to their limits of time.
test: setup
	$(SWIFT) test --filter DrayageExecutionTests
	$(SWIFT) test --skip DrayageExecutionTests

# Small batches killed at random moments, on SQLite and by several workers on PostgreSQL; needs Python, and for the latter initdb.
chaos: setup
	$(SWIFT) build --product drayage
	python3 benchmarks/chaos/chaos.py "$$($(SWIFT) build --show-bin-path)/drayage" --runs 24 --job-runs 0 --postgres-runs 4

# The tests with the sanitizers of threads and of addresses, one after the other; each builds all of it anew and takes
# several times as long. `--no-parallel` keeps limits of time.
sanitize: setup
	TSAN_OPTIONS=halt_on_error=0 $(SWIFT) test --sanitize=thread --scratch-path .build-thread --no-parallel
	ASAN_OPTIONS=detect_leaks=0:suppressions=$(CURDIR)/Tests/address.supp $(SWIFT) test --sanitize=address --scratch-path .build-address --no-parallel

demo: build
	benchmarks/demo/run.sh "$$($(SWIFT) build -c $(CONFIG) --show-bin-path)/drayage"

build: setup
	$(SWIFT) build -c $(CONFIG) --product drayage

# Side by side with HiGHS on real tables; TABLES names a folder with more of them.
compare: build
	python3 benchmarks/compare_plans.py --drayage "$$($(SWIFT) build -c $(CONFIG) --show-bin-path)/drayage" $(TABLES)

lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

# Installs what is missing on Debian and its relatives.
setup:
	@command -v $(SWIFT) >/dev/null || { echo "Swift 6.2 or later is needed: https://www.swift.org/install" >&2; exit 1; }
	@missing=""; for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  command -v apt-get >/dev/null || { echo "please install:$$missing" >&2; exit 1; }; \
	  as_root=""; [ "$$(id -u)" = 0 ] || as_root=sudo; \
	  $$as_root apt-get update -q && $$as_root apt-get install -y -q --no-install-recommends $$missing; \
	fi

clean:
	rm -rf .build
