# Shortcuts for developers; `make help` lists them. Needs GNU make 3.81 or newer.
PYTHON ?= python3
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
FUZZ_SECONDS ?= 20
FUZZ_SEED ?= 1
DAMAGED ?= 10000
BENCH_ARGS ?=
PYTHONS ?= $(PYTHON)
WHEEL_ARGS ?=

CPP_FILES := $(wildcard csrc/*/*.cpp csrc/*/*.hpp)

.PHONY: help build test test-slow test-browser test-clients test-frozen lint lint-style lint-format lint-cython lint-cpp lint-page lint-site lint-english format types stubs docs sanitize run-sanitized levels tsan neon neon-tools big-endian fuzz run-fuzz verify damaged-files mutants bench bench-functions wheels windows windows-tools refused clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile

build: ## Compile the extension module in place
	$(PYTHON) setup.py build_ext --inplace

test: ## Run the fast tests and the examples in docstrings
	$(PYTHON) -m pytest

test-slow: ## Run the slow tests: they build things or take minutes
	$(PYTHON) -m pytest --dist=loadfile -m slow --durations=10

test-browser: ## Run the tests of HTML pages in Chromium; needs the extras `browser` and `docs`
	$(PYTHON) -m pytest -n 0 -m browser

test-clients: ## Run the tests with clients of APIs; needs the extra `clients`
	$(PYTHON) -m pytest -n 0 -m clients tests/integrations

test-frozen: ## Build and run a program of one file; needs the extra `frozen`
	$(PYTHON) -m pytest -n 0 -m frozen tests/integrations

lint: ## Check style and formatting, changing nothing
	$(MAKE) --keep-going lint-style lint-format lint-cython lint-cpp lint-page lint-site lint-english

lint-style:
	$(PYTHON) -m ruff check

lint-format:
	$(PYTHON) -m ruff format --check

lint-cython:
	cython-lint tokenkit

lint-cpp:
	clang-format --dry-run --Werror $(CPP_FILES)

# The script is linted as the page has it: both files, one after the other, in which no name is
# undeclared. Biome's settings are in biome.json.
PAGE_SCRIPT := tokenkit/views/rows.js tokenkit/views/page.js

lint-page:
	biome format $(PAGE_SCRIPT)
	mkdir -p build/page
	cat $(PAGE_SCRIPT) >build/page/script.js
	biome lint --error-on-warnings build/page/script.js tokenkit/views/page.css

lint-site:
	biome format docs/assets/*.js
	biome lint --error-on-warnings docs/assets

lint-english:
	$(PYTHON) tools/check_english.py

format: ## Rewrite files in the project's style
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format
	clang-format -i $(CPP_FILES)
	biome format --write $(PAGE_SCRIPT) docs/assets/*.js

types: ## Check types with mypy in strict mode
	$(PYTHON) -m mypy

stubs: ## Compare tokenkit/_core.pyi with the compiled module
	$(PYTHON) -m mypy.stubtest --mypy-config-file pyproject.toml tokenkit._core

docs: ## Write the help and speeds in README and docs/, build the site; needs the extra `docs`
	$(PYTHON) tools/update_docs.py
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict --quiet
	@echo 'the site: build/site/index.html'

sanitize: ## Run the C++ tests and fuzz drivers under ASan and UBSan
	$(MAKE) -j$(JOBS) run-sanitized

levels: ## Run the tests of encoder and counter at every SIMD level, under ASan and UBSan
	$(MAKE) -j$(JOBS) run-levels

neon: neon-tools ## Run the C++ tests on NEON: under qemu-user, or as they are on arm64
	$(MAKE) -j$(JOBS) run-neon

big-endian: ## Check that a big-endian machine refuses vocabularies, under qemu-user
	$(MAKE) -j$(JOBS) build/big-endian/test_vocab
	qemu-s390x build/big-endian/test_vocab

tsan: ## Run the C++ tests that use threads under TSan
	$(MAKE) -j$(JOBS) run-tsan

fuzz: ## Run only the fuzz drivers, for FUZZ_SECONDS each, from FUZZ_SEED
	$(MAKE) -j$(JOBS) run-fuzz

verify: ## Compare the bundled vocabularies with their checksums and tiktoken's hashes
	$(PYTHON) -c 'import tokenkit.encodings as e; print("verified:", *e.verify())'

damaged-files: ## Count DAMAGED data files, mutated from FUZZ_SEED: right counts or errors in words
	$(PYTHON) tools/mutated_files.py --count $(DAMAGED) --seed $(FUZZ_SEED)

mutants: ## Check that the tests notice wrong code (tools/mutants); takes minutes
	$(PYTHON) -m tools.mutants

bench: ## Run the benchmarks; options in BENCH_ARGS
	$(PYTHON) -m benchmarks $(BENCH_ARGS)

bench-functions: ## Time single functions with pytest-benchmark
	$(PYTHON) -m pytest -n 0 benchmarks/test_functions.py

wheels: ## Build, check and try the sdist and a wheel for each of PYTHONS; needs the extra `release`
	$(PYTHON) -m tools.release wheels $(WHEEL_ARGS) $(PYTHONS)

windows: windows-tools ## Run the C++ tests as Windows programs: built by mingw-w64, under wine
	$(MAKE) -j$(JOBS) windows-programs
	$(MAKE) -j1 run-windows  # one by one: the time they measure is that on the wall

refused: ## Check that the core does not compile for a machine that cannot run it, and says so
	@$(CXX) -std=c++20 -U__SIZEOF_INT128__ -Icsrc -fsyntax-only csrc/bpe/vocab.cpp 2>&1 | \
	  grep 'expected a 64-bit machine'

clean: ## Remove what was built
	rm -rf build dist *.egg-info tokenkit/_core*.so tokenkit/_core*.pyd

# The sanitizer builds. Every csrc/tests/test_*.cpp and csrc/fuzz/*.cpp is a program of its own,
# linked with all of csrc and the helpers of the tests; a fuzz driver takes seconds and a seed.
SANITIZED := build/sanitize
THREADED := build/tsan
SANITIZE_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all
CHECK_FLAGS := -std=c++20 -O1 -g -fno-omit-frame-pointer -Wall -Wextra -D_GLIBCXX_ASSERTIONS \
	-pthread -Icsrc
HEADERS := $(wildcard csrc/*/*.hpp csrc/*/*.inc)
TEST_FILES := $(wildcard csrc/tests/test_*.cpp)
FUZZ_FILES := $(wildcard csrc/fuzz/*.cpp)
SHARED_FILES := $(filter-out $(TEST_FILES) $(FUZZ_FILES),$(wildcard csrc/*/*.cpp))
TESTS := $(patsubst csrc/%.cpp,$(SANITIZED)/%,$(TEST_FILES))
FUZZERS := $(patsubst csrc/%.cpp,$(SANITIZED)/%,$(FUZZ_FILES))
THREAD_TESTS := $(THREADED)/tests/test_batch

# A process has one level, the widest unless TOKENKIT_SIMD names another. Tests of scanners and
# merges go through the levels themselves; these do not.
LEVEL_LIST := $(SANITIZED)/tests/test_simd
LEVEL_TESTS := $(LEVEL_LIST) $(SANITIZED)/tests/test_counter $(SANITIZED)/tests/test_encoder

# NEON: all tests, optimized as in wheels but without sanitizers, which emulation would make slow.
NEON := build/neon
NEON_TESTS := $(patsubst csrc/%.cpp,$(NEON)/%,$(TEST_FILES))
NEON_FLAGS := -std=c++20 -O2 -Wall -Wextra -pthread -Icsrc
ifneq (,$(filter aarch64 arm64,$(shell uname -m)))
NEON_CXX := $(CXX)
NEON_RUN :=
else
NEON_CXX := aarch64-linux-gnu-g++
NEON_RUN := qemu-aarch64
NEON_FLAGS += -static
endif
%_neon.o: NEON_FLAGS += -Werror  # only here is it compiled to something, so only here are warnings

# As in setup.py: only files that ask for a newer x86-64 processor by name are compiled for it.
ifneq (,$(filter x86_64 amd64,$(shell uname -m)))
AVX2 := -mavx2 -mbmi -mbmi2 -mlzcnt -mpopcnt
%_avx2.o: SIMD_FLAGS := $(AVX2)
%_avx512.o: SIMD_FLAGS := $(AVX2) -mavx512f -mavx512bw -mavx512dq -mavx512vl \
	-mavx512vbmi -mavx512vbmi2
endif

# Windows: all tests, with the code that only Microsoft's compiler takes otherwise. GCC does not
# align the stack for 32-byte vectors there (https://gcc.gnu.org/bugzilla/show_bug.cgi?id=54412), so
# the assembler writes moves that do not need it.
WINDOWS := build/windows
WINDOWS_TESTS := $(patsubst csrc/%.cpp,$(WINDOWS)/%.exe,$(TEST_FILES))
WINDOWS_CXX := x86_64-w64-mingw32-g++-posix
WINDOWS_FLAGS := -std=c++20 -O1 -Wall -Wextra -Werror -static -Icsrc -DTOKENKIT_MSVC \
	-Wa,-muse-unaligned-vector-move
$(WINDOWS)/base/simd.o: SIMD_FLAGS := -mxsave  # GCC's name for an intrinsic that Microsoft's just has
WINE := WINEPREFIX=$(CURDIR)/$(WINDOWS)/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=' wine

.PHONY: $(TESTS:=.run) $(FUZZERS:=.run) $(THREAD_TESTS:=.run) run-tsan
.PHONY: $(LEVEL_TESTS:=.levels) run-levels $(NEON_TESTS:=.run) run-neon
.PHONY: $(WINDOWS_TESTS:=.run) windows-programs run-windows
run-sanitized: $(TESTS:=.run) $(FUZZERS:=.run)
run-fuzz: $(FUZZERS:=.run)
run-tsan: $(THREAD_TESTS:=.run)
run-levels: $(LEVEL_TESTS:=.levels)
run-neon: $(NEON_TESTS:=.run)
windows-programs: $(WINDOWS_TESTS)
run-windows: $(WINDOWS_TESTS:=.run)

neon-tools:
ifneq (,$(NEON_RUN))
	@missing=; \
	command -v $(NEON_CXX) >/dev/null || missing="$$missing g++-aarch64-linux-gnu"; \
	command -v $(NEON_RUN) >/dev/null || missing="$$missing qemu-user"; \
	[ -z "$$missing" ] || { \
	  echo "make neon: needs $(NEON_CXX) and $(NEON_RUN); on Debian: apt-get install$$missing" >&2; \
	  exit 1; \
	}
else
	@echo "make neon: this is arm64, so the tests run without emulation"
endif

$(TESTS:=.run) $(THREAD_TESTS:=.run): %.run: %
	$<

$(NEON_TESTS:=.run): %.run: %
	$(NEON_RUN) $<

windows-tools:
	@missing=; \
	command -v $(WINDOWS_CXX) >/dev/null || missing="$$missing g++-mingw-w64-x86-64-posix"; \
	command -v wine >/dev/null || missing="$$missing wine wine64"; \
	[ -z "$$missing" ] || { \
	  echo "make windows: needs $(WINDOWS_CXX) and wine; on Debian: apt-get install$$missing" >&2; \
	  exit 1; \
	}
	@mkdir -p $(WINDOWS)
	@$(WINE)boot --init

$(WINDOWS_TESTS:=.run): %.run: %
	$(WINE) $<

$(LEVEL_TESTS:=.levels): %.levels: % $(LEVEL_LIST)
	@levels=$$($(LEVEL_LIST) list) || exit 1; \
	for level in $$levels; do \
	  echo "TOKENKIT_SIMD=$$level $<"; \
	  TOKENKIT_SIMD=$$level $< || exit 1; \
	done

$(FUZZERS:=.run): %.run: %
	$< $(FUZZ_SECONDS) $(FUZZ_SEED)

$(TESTS) $(FUZZERS): %: %.o $(SHARED_FILES:csrc/%.cpp=$(SANITIZED)/%.o)
	$(CXX) $(CHECK_FLAGS) $(SANITIZE_FLAGS) -o $@ $^

$(THREAD_TESTS): %: %.o $(SHARED_FILES:csrc/%.cpp=$(THREADED)/%.o)
	$(CXX) $(CHECK_FLAGS) -fsanitize=thread -o $@ $^

$(NEON_TESTS): %: %.o $(SHARED_FILES:csrc/%.cpp=$(NEON)/%.o)
	$(NEON_CXX) $(NEON_FLAGS) -o $@ $^

$(WINDOWS_TESTS): %.exe: %.o $(SHARED_FILES:csrc/%.cpp=$(WINDOWS)/%.o)
	$(WINDOWS_CXX) $(WINDOWS_FLAGS) -o $@ $^

build/big-endian/test_vocab: $(patsubst csrc/%.cpp,build/big-endian/%.o,$(wildcard \
		csrc/base/*.cpp csrc/bpe/*.cpp csrc/scan/*.cpp csrc/text/*.cpp) \
		$(addprefix csrc/tests/,generators.cpp reference.cpp test_vocab.cpp))
	s390x-linux-gnu-g++ -std=c++20 -static -pthread -o $@ $^

build/big-endian/%.o: csrc/%.cpp $(HEADERS) Makefile
	@mkdir -p $(@D)
	s390x-linux-gnu-g++ -std=c++20 -O1 -Wall -Wextra -pthread -Icsrc -c -o $@ $<

$(SANITIZED)/%.o: csrc/%.cpp $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(CXX) $(CHECK_FLAGS) $(SANITIZE_FLAGS) $(SIMD_FLAGS) -c -o $@ $<

$(THREADED)/%.o: csrc/%.cpp $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(CXX) $(CHECK_FLAGS) -fsanitize=thread $(SIMD_FLAGS) -c -o $@ $<

$(NEON)/%.o: csrc/%.cpp $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(NEON_CXX) $(NEON_FLAGS) -c -o $@ $<

$(WINDOWS)/%.o: csrc/%.cpp $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(WINDOWS_CXX) $(WINDOWS_FLAGS) $(SIMD_FLAGS) -c -o $@ $<
