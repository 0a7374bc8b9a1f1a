# Shortcuts for developers; `make help` lists them. Needs GNU make 3.81 or newer.
PYTHON ?= python3
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
FUZZ_SECONDS ?= 20
FUZZ_SEED ?= 1
DAMAGED ?= 10000
CLANG_CXX ?= clang++
ASAN_TESTS ?= tests/encodings tests/chunking tests/inputs/readers tests/inputs/test_rows.py
LEAK_CALLS ?= 100000
BENCH_ARGS ?=
PYTHONS ?= $(PYTHON)
WHEEL_ARGS ?=

# Adapters whose examples need the extra `engines`.
ENGINES := $(wildcard $(addprefix tokenkit/integrations/, duckdb.py spark*.py ray*.py datasets.py dask.py daft.py))
CPP_FILES := $(wildcard csrc/*/*.cpp csrc/*/*.hpp)

.PHONY: help build test test-slow test-browser test-firefox test-clients test-frameworks test-frameworks-apart test-engines test-open test-frozen lint lint-style lint-format lint-cython lint-cpp lint-page lint-js lint-site lint-english format types types-js stubs docs sanitize run-sanitized analyze levels tsan asan leaks neon neon-tools big-endian fuzz fuzz-long libfuzzer verify damaged-files mutants bench bench-functions wheels windows windows-tools wasm wasm-tools wasm-tests wasm-check test-js refused clean

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

test-firefox: ## Run the tests of the live page in Firefox; needs npm and the extra `web`
	PYTHONPATH=$(CURDIR) $(PYTHON) -m pytest -n 0 -m firefox tests/views

test-clients: ## Run the tests with clients of APIs; needs the extra `clients`
	$(PYTHON) -m pytest -n 0 -m clients tests/integrations

test-frameworks: ## Run the tests with agents of frameworks; needs the extra `frameworks`
	$(PYTHON) -m pytest -n 0 -m frameworks tests
	$(PYTHON) -m pytest -o addopts='--import-mode=importlib --doctest-modules' $(ENGINES:%=--ignore=%) tokenkit/integrations

test-frameworks-apart: ## Run the tests with google-adk and instructor; needs the extra `frameworks-apart`
	PYTHONPATH=. $(PYTHON) -m pytest -n 0 -m frameworks_apart tests/integrations/test_google_adk.py tests/integrations/test_instructor.py

test-engines: ## Run the tests with Spark, Ray, DuckDB and other engines; needs the extra `engines`, and Java
	PYTHONPATH=$(CURDIR) $(PYTHON) -m pytest -n 0 -m engines tests
	PYTHONPATH=$(CURDIR) $(PYTHON) -m pytest -o addopts='--import-mode=importlib --doctest-modules' $(ENGINES)

test-open: ## Run the tests with tokenizers of other models; needs the extra `open`
	PYTHONPATH=$(CURDIR) $(PYTHON) -m pytest -n 0 -m open tests

test-frozen: ## Build and run a program of one file; needs the extra `frozen`
	$(PYTHON) -m pytest -n 0 -m frozen tests/integrations

lint: ## Check style and formatting, changing nothing
	$(MAKE) --keep-going lint-style lint-format lint-cython lint-cpp lint-page lint-js lint-site lint-english

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
PAGE_TYPES := tokenkit/views/page_types.d.ts

LIVE_SCRIPT := $(wildcard tokenkit/views/live/*.js tokenkit/views/live/*.ts)

lint-page:
	biome format $(PAGE_SCRIPT) $(PAGE_TYPES) $(LIVE_SCRIPT)
	biome lint --error-on-warnings $(LIVE_SCRIPT) tokenkit/views/live/live.css
	mkdir -p build/page
	cat $(PAGE_SCRIPT) >build/page/script.js
	biome lint --error-on-warnings build/page/script.js tokenkit/views/page.css

# Not what a tool writes.
JS_FILES := $(filter-out js/data.js js/name_rules.js,$(wildcard js/*.js js/*.ts js/*.json tests/*/*.mjs benchmarks/*.mjs))

lint-js:
	biome format $(JS_FILES)
	biome lint --error-on-warnings js tests/javascript tests/views

lint-site:
	biome format docs/assets/*.js
	biome lint --error-on-warnings docs/assets

lint-english:
	$(PYTHON) tools/check_english.py

format: ## Rewrite files in the project's style
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format
	clang-format -i $(CPP_FILES)
	biome format --write $(PAGE_SCRIPT) $(PAGE_TYPES) $(LIVE_SCRIPT) $(JS_FILES) docs/assets/*.js

types: ## Check types with mypy in strict mode
	$(PYTHON) -m mypy

# Pinned, because a new release may find something new in old code. The options are in tsconfig.json.
TYPESCRIPT := typescript@7.0.2

types-js: ## Check the types of the pages' scripts with tsc; needs npm
	npm exec --yes --package=$(TYPESCRIPT) -- tsc --project tsconfig.json

stubs: ## Compare tokenkit/_core.pyi with the compiled module
	$(PYTHON) -m mypy.stubtest --mypy-config-file pyproject.toml tokenkit._core

docs: ## Write the help and speeds in README and docs/, build the site; needs the extra `docs`
	$(PYTHON) tools/update_docs.py
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict --quiet
	@echo 'the site: build/site/index.html'

sanitize: ## Run the C++ tests and fuzz drivers under ASan and UBSan
	$(MAKE) -j$(JOBS) run-sanitized

levels: ## Run the tests of encoder and counter at each SIMD level but the best, which `sanitize` runs
	$(MAKE) -j$(JOBS) run-levels

neon: neon-tools ## Run the C++ tests on NEON: under qemu-user, or as they are on arm64
	$(MAKE) -j$(JOBS) run-neon

big-endian: ## Check that a big-endian machine refuses vocabularies, under qemu-user
	$(MAKE) -j$(JOBS) build/big-endian/test_vocab
	qemu-s390x build/big-endian/test_vocab

tsan: ## Run the C++ tests that use threads, and Python threads over every road, under TSan
	$(MAKE) -j$(JOBS) run-tsan
	$(MAKE) run-threads

asan: ## Run the tests in ASAN_TESTS with the core under ASan and UBSan
	$(MAKE) -j$(JOBS) run-asan

leaks: ## Call every road LEAK_CALLS times and watch the memory; `make sanitize` watches the C++ tests
	$(PYTHON) -m tools.leaks --calls $(LEAK_CALLS)

analyze: ## Run clang-tidy and cppcheck over the core; needs the extra `analyze`
	$(MAKE) -j$(JOBS) run-tidy
	@cppcheck $(CPPCHECK_FLAGS) -j$(JOBS) csrc
	@echo "clang-tidy found nothing in $(words $(TIDIED)) files, cppcheck nothing in csrc"

fuzz: ## Run only the fuzz drivers, for FUZZ_SECONDS each, from FUZZ_SEED
	$(MAKE) -j$(JOBS) run-fuzz
	$(PYTHON) -m tools.fuzz --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED)

libfuzzer: ## Run the C++ fuzz drivers by coverage, for FUZZ_SECONDS each; needs clang
	$(MAKE) -j$(JOBS) run-libfuzzer

# Optimized and without sanitizers: many times as many inputs.
fuzz-long: ## Run all fuzz drivers at full speed, and add their totals to docs/trust.md
	$(MAKE) -j$(JOBS) run-fuzz-long
	$(PYTHON) -m tools.fuzz --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED) >$(FAST)/python.totals
	$(PYTHON) tools/keep_totals.py $(FAST)/*.totals

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

wasm: wasm-tools ## Compile the core to js/tokenkit.wasm, and write what else is made for JavaScript
	$(MAKE) -j$(JOBS) $(WASM)/tokenkit.wasm
	cp $(WASM)/tokenkit.wasm js/tokenkit.wasm
	chmod 644 js/tokenkit.wasm
	$(PYTHON) tools/gen_js_data.py
	$(PYTHON) tools/gen_js_names.py

wasm-check: wasm-tools ## Compile the core to WebAssembly and compare it with the one checked in
	$(MAKE) -j$(JOBS) $(WASM)/tokenkit.wasm
	@case "$$($(WASM_CXX) --version | head -n 1)" in \
	  *" $(WASM_BUILT_WITH) "*) \
	    cmp $(WASM)/tokenkit.wasm js/tokenkit.wasm || { \
	      echo "js/tokenkit.wasm is not what csrc gives: run make wasm, commit the result" >&2; \
	      exit 1; \
	    }; \
	    echo "js/tokenkit.wasm is what csrc gives" ;; \
	  *) echo "not $(WASM_CXX) $(WASM_BUILT_WITH): to be compared by its tests" ;; \
	esac

test-js: ## Pack the npm package, and test it in Node beside the Python package; needs npm
	TOKENKIT_WASM=$(abspath $(WASM)/tokenkit.wasm) PYTHONPATH=$(CURDIR) \
	  $(PYTHON) -m pytest -n 0 -m javascript tests/javascript

wasm-tests: wasm-tools ## Run the C++ tests as WebAssembly in Node
	$(MAKE) -j$(JOBS) wasm-programs
	$(MAKE) -j1 run-wasm-tests  # one by one: the time they measure is that on the wall

refused: ## Check that the core does not compile for a machine that cannot run it, and says so
	@$(CXX) -std=c++20 -U__SIZEOF_INT128__ -Icsrc -fsyntax-only csrc/bpe/vocab.cpp 2>&1 | \
	  grep 'expected a 64-bit machine'

clean: ## Remove what was built
	rm -rf build dist *.egg-info tokenkit/_core*.so tokenkit/_core*.pyd

# The sanitizer builds. Every csrc/tests/test_*.cpp and csrc/fuzz/*.cpp is a program of its own,
# linked with all of csrc and the helpers of the tests; a fuzz driver takes seconds and a seed.
# All are compiled as code of a shared library, so that the same files make a core for Python.
SANITIZED := build/sanitize
THREADED := build/tsan
FAST := build/fast
COVERED := build/libfuzzer
SANITIZE_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all
WARNINGS := -Wall -Wextra -Wconversion -Wshadow $(WERROR)
CHECK_FLAGS := -std=c++20 -O1 -g1 -fno-omit-frame-pointer $(WARNINGS) -D_GLIBCXX_ASSERTIONS \
	-pthread -fPIC -Icsrc
FAST_FLAGS := -std=c++20 -O3 $(WARNINGS) -D_GLIBCXX_ASSERTIONS -pthread -Icsrc
HEADERS := $(wildcard csrc/*/*.hpp csrc/*/*.inc)
TEST_FILES := $(wildcard csrc/tests/test_*.cpp)
FUZZ_FILES := $(wildcard csrc/fuzz/*.cpp)
SHARED_FILES := $(filter-out $(TEST_FILES) $(FUZZ_FILES),$(wildcard csrc/*/*.cpp))
TESTS := $(patsubst csrc/%.cpp,$(SANITIZED)/%,$(TEST_FILES))
FUZZERS := $(patsubst csrc/%.cpp,$(SANITIZED)/%,$(FUZZ_FILES))
FAST_FUZZERS := $(patsubst csrc/%.cpp,$(FAST)/%,$(FUZZ_FILES))
COVERED_FUZZERS := $(patsubst csrc/%.cpp,$(COVERED)/%,$(FUZZ_FILES))
# Those that start threads.
NEED_THREADS := test_arrow test_arrow_chunks test_batch test_memory
THREAD_TESTS := $(NEED_THREADS:%=$(THREADED)/tests/%)
THREAD_FUZZERS := $(addprefix $(THREADED)/,fuzz/fuzz_arrow fuzz/fuzz_roads)

# A process has one level, the widest unless TOKENKIT_SIMD names another. Tests of scanners and
# merges go through the levels themselves; these do not.
LEVEL_LIST := $(SANITIZED)/tests/test_simd
LEVEL_TESTS := $(LEVEL_LIST) $(SANITIZED)/tests/test_counter $(SANITIZED)/tests/test_encoder

# NEON: all tests, optimized as in wheels but without sanitizers, which emulation would make slow.
NEON := build/neon
NEON_TESTS := $(patsubst csrc/%.cpp,$(NEON)/%,$(TEST_FILES))
NEON_FLAGS := -std=c++20 -O2 -Wall -Wextra -pthread -Icsrc
$(NEON)/%.o: SIMD_FLAGS :=
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
%_avx2.o %_avx2.ok: SIMD_FLAGS := $(AVX2)
%_avx512.o %_avx512.ok: SIMD_FLAGS := $(AVX2) -mavx512f -mavx512bw -mavx512dq -mavx512vl \
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

# WebAssembly: the core behind csrc/wasm/face.hpp, which needs no more than a little of WASI. What takes
# most of the time is compiled for speed, the rest to be small. Its tests are programs for Node, of
# the same objects; there are no threads.
WASM := build/wasm
WASM_CXX := em++
# What made js/tokenkit.wasm: the same version gives the same bytes.
WASM_BUILT_WITH := 3.1.6
WASM_FLAGS := -std=c++20 -msimd128 -fwasm-exceptions -Wall -Wextra -Icsrc
WASM_LINK := -Os -sSTANDALONE_WASM --no-entry -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB \
	-sABORTING_MALLOC=0
WASM_TEST_LINK := -O1 -sALLOW_MEMORY_GROWTH -sEXIT_RUNTIME -sNODERAWFS -sWASM_ASYNC_COMPILATION=0
WASM_FOLDERS := base text tokens scan bpe kernels encode chunk wasm
WASM_FILES := $(wildcard $(WASM_FOLDERS:%=csrc/%/*.cpp))
WASM_FAST := $(wildcard csrc/kernels/*.cpp) \
	$(addprefix csrc/,encode/encoder.cpp encode/whole_texts.cpp bpe/merge.cpp text/utf8.cpp)
WASM_TEST_NAMES ?= $(filter-out $(NEED_THREADS),$(TEST_FILES:csrc/tests/%.cpp=%))
WASM_TESTS := $(WASM_TEST_NAMES:%=$(WASM)/tests/%.js)

.PHONY: $(TESTS:=.run) $(FUZZERS:=.run) $(THREAD_TESTS:=.run) $(THREAD_FUZZERS:=.run)
.PHONY: $(LEVEL_TESTS:=.levels) $(NEON_TESTS:=.run) $(FAST_FUZZERS:=.run) $(COVERED_FUZZERS:=.run)
.PHONY: $(WINDOWS_TESTS:=.run) windows-programs run-windows
.PHONY: $(WASM_TESTS:=.run) wasm-programs run-wasm-tests
.PHONY: run-sanitized run-fuzz run-fuzz-long run-libfuzzer run-tsan run-levels run-neon
run-sanitized: $(TESTS:=.run) $(FUZZERS:=.run)
run-fuzz: $(FUZZERS:=.run)
run-fuzz-long: $(FAST_FUZZERS:=.run)
run-libfuzzer: $(COVERED_FUZZERS:=.run)
run-tsan: $(THREAD_TESTS:=.run) $(THREAD_FUZZERS:=.run)
run-levels: $(LEVEL_TESTS:=.levels)
run-neon: $(NEON_TESTS:=.run)
windows-programs: $(WINDOWS_TESTS)
run-windows: $(WINDOWS_TESTS:=.run)
wasm-programs: $(WASM_TESTS)
run-wasm-tests: $(WASM_TESTS:=.run)

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

# A forked child cannot join its parent's threads. No report is lost: std::thread itself ends a
# program that does not join one.
$(THREAD_TESTS:=.run): export TSAN_OPTIONS = report_thread_leaks=0
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
	set -- $$levels; \
	while [ $$# -gt 1 ]; do \
	  echo "TOKENKIT_SIMD=$$1 $<"; \
	  TOKENKIT_SIMD=$$1 $< || exit 1; \
	  shift; \
	done

$(FUZZERS:=.run) $(THREAD_FUZZERS:=.run): %.run: %
	$< $(FUZZ_SECONDS) $(FUZZ_SEED)

$(FAST_FUZZERS:=.run): %.run: %
	$< $(FUZZ_SECONDS) $(FUZZ_SEED) >$<.totals.part
	mv $<.totals.part $(FAST)/$(notdir $<).totals

# libFuzzer starts from inputs that the driver made, and keeps what it finds beside them.
CORPUS := build/corpus
$(COVERED_FUZZERS:=.run): $(COVERED)/%.run: $(COVERED)/% $(SANITIZED)/%
	@mkdir -p $(CORPUS)/$(notdir $<)
	$(SANITIZED)/$* --corpus $(CORPUS)/$(notdir $<) 300
	@$< -seed=$(FUZZ_SEED) -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=60 \
	  -artifact_prefix=$(COVERED)/ -print_final_stats=1 $(CORPUS)/$(notdir $<) >$<.log 2>&1 || \
	  { tail -n 60 $<.log; exit 1; }
	@awk '/number_of_executed_units/ { print "$(notdir $<) by coverage: " $$2 " inputs" }' $<.log

# A kind of object: $(1) is its folder, $(2) the compiler with its options. For a newer processor
# SIMD_FLAGS come from the file's name, so NEON sets them to nothing. The headers of the
# standard that most files include are parsed once, which is a third of the work; a file that does
# not name what it needs fails in the package's own build.
STD_HEADERS := algorithm array bit cstddef cstdint cstring functional memory optional string \
	string_view utility vector
define kind_of_object
$(1)/std.hpp: Makefile
	@mkdir -p $$(@D)
	@printf '#include <%s>\n' $(STD_HEADERS) >$$@
$(1)/std.hpp.gch: $(1)/std.hpp
	$(2) -x c++-header -o $$@ $$<
$(1)/%.o: csrc/%.cpp $(1)/std.hpp.gch
	@mkdir -p $$(@D)
	$(2) $$(SIMD_FLAGS) $$(if $$(SIMD_FLAGS),,-include $(1)/std.hpp) -MMD -MP -c -o $$@ $$<
endef

# A kind of build: $(1) and $(2) as above, $(3) the programs, and $(4) an option for linking them.
define kind_of_build
$(call kind_of_object,$(1),$(2))
$(3): %: %.o $(SHARED_FILES:csrc/%.cpp=$(1)/%.o)
	$(2) $(4) -o $$@ $$^
endef
SANITIZING := $(CXX) $(CHECK_FLAGS) $(SANITIZE_FLAGS)
THREADING := $(CXX) $(CHECK_FLAGS) -fsanitize=thread
# What gcc does not count among conversions: characters and bytes change their sign all the time.
COVERING := $(CLANG_CXX) $(CHECK_FLAGS) -Wno-sign-conversion $(SANITIZE_FLAGS) \
	-fsanitize=fuzzer-no-link -DTOKENKIT_LIBFUZZER
$(eval $(call kind_of_build,$(SANITIZED),$(SANITIZING),$(TESTS) $(FUZZERS)))
$(eval $(call kind_of_build,$(THREADED),$(THREADING),$(THREAD_TESTS) $(THREAD_FUZZERS)))
$(eval $(call kind_of_build,$(FAST),$(CXX) $(FAST_FLAGS),$(FAST_FUZZERS)))
# A precompiled header of clang names the folder it was made in, so none may come from a cache.
$(COVERED)/%.o $(COVERED)/std.hpp.gch: export CCACHE_DISABLE := 1
$(eval $(call kind_of_build,$(COVERED),$(COVERING),$(COVERED_FUZZERS),-fsanitize=fuzzer))

# The package with a core of such a build, as a copy of the checkout: $(1) and $(2) as above. What
# Cython writes is compiled without warnings, which are not ours to mend.
CORE_FILES := $(filter-out csrc/tests/% csrc/wasm/%,$(SHARED_FILES))
define package_of_build
$(1)/package.made: $(CORE_FILES:csrc/%.cpp=$(1)/%.o) $(shell find tokenkit tests tools -name '*.p*')
	rm -rf $(1)/package && mkdir -p $(1)/package
	tar --exclude=./build --exclude='./.venv*' --exclude=./.git --exclude='*.so' -cf - . | \
	  tar -C $(1)/package -xf -
	cd $(1)/package && $(PYTHON) -m cython --cplus -3 tokenkit/_core.pyx -o core.cpp
	$(2) -w -I$(1)/package/tokenkit $$$$($(PYTHON) -c "import sysconfig; \
	  print('-I' + sysconfig.get_path('include'))") -shared \
	  -o $(1)/package/tokenkit/_core$$$$($(PYTHON) -c "import sysconfig; \
	  print(sysconfig.get_config_var('EXT_SUFFIX'))") $(1)/package/core.cpp $$(filter %.o,$$^)
	touch $$@
endef
$(eval $(call package_of_build,$(SANITIZED),$(SANITIZING)))
$(eval $(call package_of_build,$(THREADED),$(THREADING)))

# The interpreter is not sanitized, so its program starts with the sanitizer's library; and with
# that of C++, in which the sanitizer looks for what throws.
PRELOADED = LD_PRELOAD="$$($(CXX) -print-file-name=lib$(1).so) \
	$$($(CXX) -print-file-name=libstdc++.so.6)"
.PHONY: run-asan run-threads
# One limits the addresses of a process, of which ASan reserves terabytes. The other ends threads as
# CPython does, by unwinding them: ASan takes its own frames for overflows then.
NOT_ASAN := tests/inputs/test_changing_files.py::test_a_text_that_does_not_fit_in_memory \
  tests/test_exits.py::test_daemon_threads_may_count_when_the_process_ends
run-asan: $(SANITIZED)/package.made
	cd $(SANITIZED)/package && $(call PRELOADED,asan) ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
	  UBSAN_OPTIONS=print_stacktrace=1 PYTHONMALLOC=malloc \
	  $(PYTHON) -m pytest -q $(NOT_ASAN:%=--deselect=%) $(ASAN_TESTS)

run-threads: $(THREADED)/package.made
	cd $(THREADED)/package && $(call PRELOADED,tsan) PYTHONMALLOC=malloc \
	  TSAN_OPTIONS="halt_on_error=1 suppressions=$(CURDIR)/csrc/tests/tsan.supp" \
	  $(PYTHON) -m pytest -q -n 0 tests/test_threads.py

# The objects of the module, and how much stack their functions take, for a test that looks at both.
OBJECTS := build/objects
OBJECT_FLAGS := -std=c++20 -O3 -fvisibility=hidden -w -fstack-usage -Icsrc
$(eval $(call kind_of_object,$(OBJECTS),$(CXX) $(OBJECT_FLAGS)))
.PHONY: objects
objects: $(CORE_FILES:csrc/%.cpp=$(OBJECTS)/%.o)

# Static analysis, of what is compiled into the module or to WebAssembly.
TIDIED := $(patsubst csrc/%.cpp,build/tidy/%.ok,$(filter-out csrc/tests/%,$(SHARED_FILES)))
TIDY_FLAGS := -std=c++20 -Icsrc -Wall -Wextra -Wconversion -Wshadow
CPPCHECK_FLAGS := --quiet --std=c++20 --language=c++ --error-exitcode=1 --inline-suppr \
	--enable=warning,performance,portability --suppressions-list=csrc/cppcheck.supp -Icsrc
.PHONY: run-tidy
run-tidy: $(TIDIED)
build/tidy/%.ok: csrc/%.cpp $(HEADERS) .clang-tidy Makefile
	@mkdir -p $(@D)
	clang-tidy --quiet --warnings-as-errors='*' $< -- $(TIDY_FLAGS) $(SIMD_FLAGS)
	@touch $@

$(NEON_TESTS): %: %.o $(SHARED_FILES:csrc/%.cpp=$(NEON)/%.o)
	$(NEON_CXX) $(NEON_FLAGS) -o $@ $^

$(WINDOWS_TESTS): %.exe: %.o $(SHARED_FILES:csrc/%.cpp=$(WINDOWS)/%.o)
	$(WINDOWS_CXX) $(WINDOWS_FLAGS) -o $@ $^

$(WASM)/%.o: WASM_SPEED := -Oz
$(WASM)/tests/%.o: WASM_SPEED := -O1
$(WASM_FAST:csrc/%.cpp=$(WASM)/%.o): WASM_SPEED := -O3
$(WASM)/%.o: csrc/%.cpp Makefile
	@mkdir -p $(@D)
	$(WASM_CXX) $(WASM_FLAGS) $(WASM_SPEED) -MMD -MP -c -o $@ $<

$(WASM)/tokenkit.wasm: $(WASM_FILES:csrc/%.cpp=$(WASM)/%.o)
	$(WASM_CXX) $(WASM_FLAGS) $(WASM_LINK) -o $@ $^

$(WASM_TESTS): %.js: %.o $(SHARED_FILES:csrc/%.cpp=$(WASM)/%.o)
	$(WASM_CXX) $(WASM_FLAGS) $(WASM_TEST_LINK) -o $@ $^

$(WASM_TESTS:=.run): %.run: %
	node $<

wasm-tools:
	@missing=; \
	command -v $(WASM_CXX) >/dev/null || missing="$$missing emscripten"; \
	command -v node >/dev/null || missing="$$missing nodejs"; \
	[ -z "$$missing" ] || { \
	  echo "make wasm: needs $(WASM_CXX) and node; on Debian: apt-get install$$missing" >&2; \
	  exit 1; \
	}

build/big-endian/test_vocab: $(patsubst csrc/%.cpp,build/big-endian/%.o,$(wildcard \
		csrc/base/*.cpp csrc/bpe/*.cpp csrc/scan/*.cpp csrc/text/*.cpp) \
		$(addprefix csrc/encode/,reading.cpp special.cpp) \
		$(addprefix csrc/tests/,generators.cpp reference.cpp reference_pieces.cpp test_vocab.cpp))
	s390x-linux-gnu-g++ -std=c++20 -static -pthread -o $@ $^

build/big-endian/%.o: csrc/%.cpp Makefile
	@mkdir -p $(@D)
	s390x-linux-gnu-g++ -std=c++20 -O1 -Wall -Wextra -pthread -Icsrc -MMD -MP -c -o $@ $<

$(eval $(call kind_of_object,$(NEON),$$(NEON_CXX) $$(NEON_FLAGS)))
$(eval $(call kind_of_object,$(WINDOWS),$$(WINDOWS_CXX) $$(WINDOWS_FLAGS)))

# The headers that each object was made from, as the compiler wrote them down.
-include $(wildcard build/*/*/*.d)
