"""Which process measures what, and when: rounds go A B C, A B C, ... through the libraries."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.corpus import PROBES, ROOT, corpora, hostile_runs
from benchmarks.fresh import ask
from benchmarks.peers import LIBRARIES, start_code
from benchmarks.vocabularies import prepare

# Measure -> its tasks, each a name from measures.TASKS with a number of threads.
MEASURES = {
    "encode": [("encode", 1)],
    "list": [("list", 1)],
    "count": [("count", 1)],
    "short": [("short", 1)],
    "batch": [
        (task, threads)
        for task in ("count_batch", "encode_batch", "count_one")
        for threads in (1, 2)
    ],
    "hostile": [("hostile", 1)],
    "start": [("start", 1)],
}

# Reads the process's own peak of resident memory. Where /proc exists it is the better source:
# after a fork, ru_maxrss may still hold the parent's.
PEAK_MEMORY = """
try:
    with open("/proc/self/status") as lines:
        peak = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
except OSError:
    try:
        import resource
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    except ImportError:
        import psutil
        peak = psutil.Process().memory_info().peak_wset
print("\\n%d" % peak)
"""


@dataclass(frozen=True)
class Plan:
    """One run of the benchmarks. ``corpus`` None stands for the built-in texts."""

    corpus: Path | None
    encodings: list[str]
    libraries: list[str]
    measures: list[str]
    rounds: int
    size: int
    hostile_scale: float
    work: Path
    command: str

    @property
    def vocabularies(self) -> Path:
        return self.work / "vocabularies"


@dataclass(frozen=True)
class Job:
    """One figure to take: the texts are names of files in the plan's work folder."""

    measure: str
    task: str
    threads: int
    case: str
    texts: tuple[str, str]


def run(plan: Plan) -> dict[str, Any]:
    """Everything the plan asks for, as data for the report."""
    for encoding in plan.encodings:
        say(f"{encoding}: vocabularies for other libraries")
        prepare(encoding, plan.libraries, plan.vocabularies)
    cases = corpora(plan.corpus, plan.size)
    runs = hostile_runs(plan.hostile_scale) if "hostile" in plan.measures else {}
    files = write_texts(plan, cases, runs)
    exact = {encoding: check_ids(plan, encoding, files) for encoding in plan.encodings}
    jobs = all_jobs(plan, list(cases), list(runs))
    results = []
    for number in range(1, plan.rounds + 1):
        for encoding in plan.encodings:
            for job in jobs:
                what = job.task if job.threads == 1 else f"{job.task} on {job.threads} threads"
                say(f"round {number}/{plan.rounds}, {encoding}: {what}, {job.case}")
                results += one_after_another(plan, job, encoding, number)
    return {"about": about(plan, cases), "exact": exact, "runs": results}


def one_after_another(plan: Plan, job: Job, encoding: str, number: int) -> list[dict[str, Any]]:
    """One job by every library, and for ``start`` by Python itself."""
    values = {library: measure(plan, job, library, encoding) for library in plan.libraries}
    if job.measure == "start":
        values["python"] = start_figures(plan, "pass")
    common = {"round": number, "encoding": encoding, "measure": job.measure, "task": job.task}
    common |= {"threads": job.threads, "case": job.case}
    return [{**common, "library": name, "values": found} for name, found in values.items()]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def write_texts(
    plan: Plan, cases: dict[str, tuple[str, str]], runs: dict[str, str]
) -> dict[str, str]:
    """Write every text to a file of its own; returns name -> what the text is called in reports."""
    names = {}
    for case, (first, second) in cases.items():
        for name, text in ((f"{case}.1", first), (f"{case}.2", second)):
            (plan.work / name).write_bytes(text.encode())
            names[name] = case
    for case, text in runs.items():
        (plan.work / case).write_bytes(text.encode())
        names[case] = case
    return names


def all_jobs(plan: Plan, cases: list[str], runs: list[str]) -> list[Job]:
    jobs = []
    # Batches and short calls are about overhead, so one kind of text is enough.
    plain = "english" if "english" in cases else cases[0]
    for measure_name in plan.measures:
        for task, threads in MEASURES[measure_name]:
            if measure_name == "hostile":
                jobs += [Job(measure_name, task, threads, name, (name, name)) for name in runs]
                continue
            chosen = cases if measure_name in ("encode", "list", "count") else [plain]
            jobs += [
                Job(measure_name, task, threads, case, (f"{case}.1", f"{case}.2"))
                for case in chosen
            ]
    return jobs


def measure(plan: Plan, job: Job, library: str, encoding: str) -> dict[str, Any]:
    if job.task == "start":
        code = start_code(library, encoding, plan.vocabularies)
        return start_figures(plan, code, library)
    texts = [str(plan.work / name) for name in job.texts]
    request = {"task": job.task, "threads": job.threads, "texts": texts}
    return work(plan, library, encoding, request, job.threads)


def environment(plan: Plan, threads: int, library: str | None) -> dict[str, str]:
    """Variables that keep libraries offline and to their number of threads."""
    own = LIBRARIES[library].environment if library is not None else {}
    return {
        **os.environ,
        **own,
        "TIKTOKEN_CACHE_DIR": str(plan.vocabularies),
        "HF_HUB_OFFLINE": "1",
        "RAYON_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false",
    }


def work(
    plan: Plan, library: str, encoding: str, request: dict[str, Any], threads: int = 1
) -> dict[str, Any]:
    """The answer of a fresh worker process, or {"error": ...}."""
    job = {**request, "library": library, "encoding": encoding}
    job["vocabularies"] = str(plan.vocabularies)
    return ask("benchmarks.worker", job, environment(plan, threads, library))


def start_figures(plan: Plan, code: str, library: str | None = None) -> dict[str, Any]:
    """Wall time of a whole process, and, in a second one, its peak of resident memory."""
    options: dict[str, Any] = {"cwd": ROOT, "capture_output": True, "encoding": "utf-8"}
    options |= {"env": environment(plan, 1, library), "check": False}
    begin = time.perf_counter()
    result = subprocess.run([sys.executable, "-c", code], **options)
    seconds = time.perf_counter() - begin
    if result.returncode != 0:
        return {"error": f"exit {result.returncode}: {result.stderr.strip()[-200:]}"}
    result = subprocess.run([sys.executable, "-c", f"{code}\n{PEAK_MEMORY}"], **options)
    return {"seconds": seconds, "bytes": int(result.stdout.splitlines()[-1])}


def check_ids(plan: Plan, encoding: str, files: dict[str, str]) -> dict[str, Any]:
    """Library -> its faults: text -> what is wrong there. Nothing is timed before this."""
    # A crash on a hostile run must not take other texts with it.
    corpus = [name for name in files if files[name] != name]
    groups = [corpus, *([name] for name in files if files[name] == name)]
    answers: dict[str, dict[str, Any]] = {}
    for library in plan.libraries:
        say(f"{encoding}: ids of {library}")
        answers[library] = {}
        for group in groups:
            paths = {name: str(plan.work / name) for name in group}
            request = {"task": "digests", "texts": list(paths.values())}
            reply = work(plan, library, encoding, request)
            answers[library] |= {name: reply.get(path, reply) for name, path in paths.items()}
        reply = work(plan, library, encoding, {"task": "probes", "texts": PROBES})
        answers[library]["probes"] = reply
    return {library: faults(plan.libraries, answers, library, files) for library in plan.libraries}


def faults(
    libraries: list[str], answers: dict[str, dict[str, Any]], library: str, files: dict[str, str]
) -> dict[str, str]:
    """Where this library's ids are not tiktoken's, or, where tiktoken fails, not tokenkit's."""
    order = [name for name in ("tiktoken", "tokenkit") if name in libraries]
    found: dict[str, str] = {}
    for name in [*files, "probes"]:
        own = answers[library][name]
        references = [answers[ref][name] for ref in order if "error" not in answers[ref][name]]
        if "error" in own:
            found[files.get(name, name)] = own["error"]
        elif references and name == "probes":
            pairs = zip(PROBES, own["ids"], references[0]["ids"], strict=True)
            wrong = [text for text, ids, expected in pairs if ids != expected]
            if wrong:
                found[name] = f"{len(wrong)} of {len(PROBES)} differ, the first at {wrong[0]!r}"
        elif references:
            roads = [road for road, value in own.items() if value != references[0][road]]
            if roads:
                found[files[name]] = f"differs: {', '.join(roads)}"
    return found


def about(plan: Plan, cases: dict[str, tuple[str, str]]) -> dict[str, Any]:
    return {
        "command": plan.command,
        "date": datetime.date.today().isoformat(),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} on {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(LIBRARIES[name].distribution) for name in plan.libraries},
        "rounds": plan.rounds,
        "bytes": {case: [len(text.encode()) for text in texts] for case, texts in cases.items()},
        "corpus": "built in" if plan.corpus is None else "a folder of text files",
    }


def cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return platform.processor() or platform.machine()
