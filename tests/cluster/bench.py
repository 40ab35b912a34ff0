"""What the tests of executors share: an experiment on Dunkirk, the command line in a process of its own, and kills."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.commands import SECONDS, environment, hear_the_keyboard, python, wait_until

EXPERIMENT = """\
name = "small-dunkirk"
cluster = "dunkirk"
horizon = [2025, 2035]
accept = ["announced:*"]
runs = {runs}
policies = ["current-policies", "pact"]

[uncertainty]
carbon_price_level = {{ triangular = [0.0, 0.5, 1.0] }}
base_rate_trust = {{ triangular = [0.3, 0.5, 0.7] }}

[targets]
"""


def write_experiment(folder: Path, runs: int = 256) -> Path:
    """An experiment file on Dunkirk: two policies over ten years."""
    path = folder / "experiment.toml"
    path.write_text(EXPERIMENT.format(runs=runs))
    return path


def command(*arguments: object) -> list[str]:
    """The command line of clusterpact, for a process."""
    return [sys.executable, "-m", "clusterpact", *map(str, arguments)]


def call(*arguments: object, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return python("-m", "clusterpact", *arguments, **changes)


def start(*arguments: object, **changes: str) -> subprocess.Popen[str]:
    """Start the command line as the leader of a group of processes, as a shell does."""
    return subprocess.Popen(command(*arguments), env=environment(**changes), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, start_new_session=True,
                            preexec_fn=hear_the_keyboard)  # fmt: skip


def end(process: subprocess.Popen[str]) -> str:
    """Wait for a process; returns what it said on stderr."""
    return process.communicate(timeout=2 * SECONDS)[1]


def run_options(experiment: Path, out: Path, shard_runs: int = 8) -> list[object]:
    """The options that all runs of a test share."""
    return ["run", experiment, "--out", out, "--shard-runs", shard_runs, "--no-figures", "-q"]


@dataclass(frozen=True)
class DaskCluster:
    """A scheduler and two workers, each a process of its own."""

    address: str
    file: Path
    scheduler: psutil.Popen
    workers: list[psutil.Popen]


@contextmanager
def dask_processes(folder: Path) -> Iterator[DaskCluster]:
    """A scheduler and two workers that write to a folder, as long as the context lasts."""
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    with (folder / "log").open("w") as log:
        options = {"env": environment(), "cwd": folder, "stdout": log, "stderr": log}
        place = ["--scheduler-file", str(file), "--no-dashboard"]
        scheduler = psutil.Popen([*dask, "scheduler", *place, "--host", "127.0.0.1", "--port", "0"], **options)
        wait_until(file.exists, "the scheduler's file")
        workers = [psutil.Popen([*dask, "worker", *place, "--nthreads", "1"], **options) for _ in range(2)]
        try:
            yield DaskCluster(json.loads(file.read_text())["address"], file, scheduler, workers)
        finally:
            processes = [*workers, scheduler]
            for process in processes:
                kill(process, signal.SIGTERM)
            _, left = psutil.wait_procs(processes, timeout=20)
            for process in left:
                process.kill()


def worker_processes(parent: int) -> list[psutil.Process]:
    """The workers of a LocalCluster: children of its process that multiprocessing spawned."""
    return [child for child in psutil.Process(parent).children(recursive=True) if "spawn_main" in " ".join(_line(child))]


def _line(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def are_gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended (a zombie whose parent does not look has)."""
    with suppress(psutil.NoSuchProcess):
        return all(not each.is_running() or each.status() == psutil.STATUS_ZOMBIE for each in processes)
    return False


def kill(process: psutil.Process | subprocess.Popen[str], number: int = signal.SIGKILL) -> None:
    """Send a signal to a process that the test started; it may have ended."""
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        process.send_signal(number)
