# Shortcuts for developers; `make help` lists them. Needs GNU make 3.81 or newer.
PYTHON ?= python3
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
FUZZ_SECONDS ?= 20
FUZZ_SEED ?= 1
BENCH_ARGS ?=

CPP_FILES := $(wildcard csrc/*.cpp csrc/*.hpp csrc/tests/*.cpp csrc/tests/*.hpp csrc/fuzz/*.cpp csrc/fuzz/*.hpp)

.PHONY: help build test test-slow lint lint-style lint-format lint-cython lint-cpp format types stubs docs sanitize run-sanitized tsan fuzz run-fuzz bench bench-functions wheel clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile

build: ## Compile the extension module in place
	$(PYTHON) setup.py build_ext --inplace

test: ## Run the fast tests and the examples in docstrings
	$(PYTHON) -m pytest

test-slow: ## Run the slow tests: they build things or take minutes
	$(PYTHON) -m pytest -m slow

lint: ## Check style and formatting, changing nothing
	$(MAKE) --keep-going lint-style lint-format lint-cython lint-cpp

lint-style:
	$(PYTHON) -m ruff check

lint-format:
	$(PYTHON) -m ruff format --check

lint-cython:
	cython-lint tokenkit

lint-cpp:
	clang-format --dry-run --Werror $(CPP_FILES)

format: ## Rewrite files in the project's style
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format
	clang-format -i $(CPP_FILES)

types: ## Check types with mypy in strict mode
	$(PYTHON) -m mypy

stubs: ## Compare tokenkit/_core.pyi with the compiled module
	$(PYTHON) -m mypy.stubtest tokenkit._core

docs: ## Write the commands' help into README.md
	$(PYTHON) tools/update_readme.py

sanitize: ## Run the C++ tests and fuzz drivers under ASan and UBSan
	$(MAKE) -j$(JOBS) run-sanitized

tsan: ## Run the C++ tests that use threads under TSan
	$(MAKE) -j$(JOBS) run-tsan

fuzz: ## Run only the fuzz drivers, for FUZZ_SECONDS each, from FUZZ_SEED
	$(MAKE) -j$(JOBS) run-fuzz

bench: ## Run the benchmarks; options in BENCH_ARGS
	$(PYTHON) -m benchmarks $(BENCH_ARGS)

bench-functions: ## Time single functions with pytest-benchmark
	$(PYTHON) -m pytest benchmarks/test_functions.py

wheel: ## Build the sdist, and the wheel from the sdist, into dist/
	$(PYTHON) -m build

clean: ## Remove what was built
	rm -rf build dist *.egg-info tokenkit/_core*.so tokenkit/_core*.pyd

# The sanitizer builds. Every csrc/tests/test_*.cpp and csrc/fuzz/*.cpp is a program of its own,
# linked with all of csrc and the helpers of the tests; a fuzz driver takes seconds and a seed.
SANITIZED := build/sanitize
THREADED := build/tsan
SANITIZE_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all
CHECK_FLAGS := -std=c++20 -O1 -g -fno-omit-frame-pointer -Wall -Wextra -D_GLIBCXX_ASSERTIONS \
	-pthread -Icsrc
HEADERS := $(wildcard csrc/*.hpp csrc/*.inc csrc/tests/*.hpp csrc/fuzz/*.hpp)
TEST_FILES := $(wildcard csrc/tests/test_*.cpp)
SHARED_FILES := $(wildcard csrc/*.cpp) $(filter-out $(TEST_FILES),$(wildcard csrc/tests/*.cpp))
TESTS := $(patsubst csrc/%.cpp,$(SANITIZED)/%,$(TEST_FILES))
FUZZERS := $(patsubst csrc/%.cpp,$(SANITIZED)/%,$(wildcard csrc/fuzz/*.cpp))
THREAD_TESTS := $(THREADED)/tests/test_batch

# As in setup.py: only files that ask for a newer x86-64 processor by name are compiled for it.
ifneq (,$(filter x86_64 amd64,$(shell uname -m)))
AVX2 := -mavx2 -mbmi -mbmi2 -mlzcnt -mpopcnt
%_avx2.o: SIMD_FLAGS := $(AVX2)
%_avx512.o: SIMD_FLAGS := $(AVX2) -mavx512f -mavx512bw -mavx512dq -mavx512vl \
	-mavx512vbmi -mavx512vbmi2
endif

.PHONY: $(TESTS:=.run) $(FUZZERS:=.run) $(THREAD_TESTS:=.run) run-tsan
run-sanitized: $(TESTS:=.run) $(FUZZERS:=.run)
run-fuzz: $(FUZZERS:=.run)
run-tsan: $(THREAD_TESTS:=.run)

$(TESTS:=.run) $(THREAD_TESTS:=.run): %.run: %
	$<

$(FUZZERS:=.run): %.run: %
	$< $(FUZZ_SECONDS) $(FUZZ_SEED)

$(TESTS) $(FUZZERS): %: %.o $(SHARED_FILES:csrc/%.cpp=$(SANITIZED)/%.o)
	$(CXX) $(CHECK_FLAGS) $(SANITIZE_FLAGS) -o $@ $^

$(THREAD_TESTS): %: %.o $(SHARED_FILES:csrc/%.cpp=$(THREADED)/%.o)
	$(CXX) $(CHECK_FLAGS) -fsanitize=thread -o $@ $^

$(SANITIZED)/%.o: csrc/%.cpp $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(CXX) $(CHECK_FLAGS) $(SANITIZE_FLAGS) $(SIMD_FLAGS) -c -o $@ $<

$(THREADED)/%.o: csrc/%.cpp $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(CXX) $(CHECK_FLAGS) -fsanitize=thread $(SIMD_FLAGS) -c -o $@ $<
