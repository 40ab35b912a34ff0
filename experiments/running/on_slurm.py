"""Shards on workers that Slurm starts (dask-jobqueue), as jobs of their own."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clusterpact.experiments.running.budget import seconds_of
from clusterpact.experiments.running.on_dask import Dask, nothing
from clusterpact.experiments.running.progress import Progress
from clusterpact.inputs import InputError

MARGIN_SECONDS = 60  #: a worker leaves so long before its walltime, and starts no shard in that time


@dataclass(frozen=True)
class SlurmJobs:
    """What Slurm is asked for: each job is one worker process with one thread per core."""

    partition: str | None = None
    account: str | None = None
    cores: int = 1
    memory: str = "2GB"
    walltime: str = "01:00:00"
    jobs: int = 2
    adaptive: bool = False
    interface: str | None = None
    extra: tuple[str, ...] = ()


@dataclass
class Slurm(Dask):
    """Workers that Slurm starts as jobs of their own; they leave before their walltime, and others take over."""

    jobs: SlurmJobs = field(default_factory=SlurmJobs)
    name: str = "slurm"

    def __post_init__(self) -> None:
        self.workers = self.jobs.jobs * self.jobs.cores
        if self.life() <= 0:
            raise InputError("", "--walltime", self.jobs.walltime, f"expected more than {MARGIN_SECONDS} seconds")
        if shutil.which("sbatch") is None:
            raise InputError("", "--executor", "slurm", "sbatch: no such command here")

    def life(self) -> int:
        """Seconds after which a worker leaves, so that no walltime finds it at work."""
        return seconds_of(self.jobs.walltime) - MARGIN_SECONDS

    @contextmanager
    def client(self, folder: Path, progress: Progress) -> Iterator[tuple[Any, Callable[[], None]]]:
        """A client of a scheduler in this process, whose workers are jobs; jobs that ended are asked for again."""
        from dask.distributed import Client

        keyboard = signal.getsignal(signal.SIGINT)
        from dask_jobqueue.slurm import SLURMCluster

        signal.signal(signal.SIGINT, keyboard)  # that import makes an interrupt look like success
        jobs = self.jobs
        life = self.life()
        logs = folder / "locks" / "slurm"
        logs.mkdir(parents=True, exist_ok=True)
        with (
            SLURMCluster(
                queue=jobs.partition, account=jobs.account, cores=jobs.cores, memory=jobs.memory, processes=1,
                walltime=jobs.walltime, interface=jobs.interface, job_extra_directives=list(jobs.extra),
                python=shlex.quote(sys.executable), log_directory=str(logs.resolve()),
                local_directory=shlex.quote(str(logs.resolve())),
                worker_extra_args=["--lifetime", f"{life}s", "--lifetime-stagger", f"{life // 20}s", "--no-dashboard"],
                job_script_prologue=[f"export PYTHONPATH={shlex.quote(os.environ.get('PYTHONPATH', ''))}"],
                scheduler_options={"dashboard": False, "dashboard_address": ":0"}, silence_logs=50,
            ) as cluster,
            Client(cluster) as client,
        ):  # fmt: skip
            _submit_held(cluster.job_script())
            progress.note(f"asking Slurm for {jobs.jobs} jobs of {jobs.cores} cores for {jobs.walltime}; their logs: {logs}")
            if jobs.adaptive:
                cluster.adapt(minimum_jobs=0, maximum_jobs=jobs.jobs)
                yield client, nothing
                return
            cluster.scale(jobs=jobs.jobs)
            yield client, lambda: _replace(cluster, jobs.jobs)


def _submit_held(script: str) -> None:
    """Submit a job that never starts: what sbatch has against it is said at once, by nobody else."""
    held = subprocess.run(["sbatch", "--hold", "--parsable"], input=script, capture_output=True, text=True, check=False)
    if held.returncode:
        raise InputError("", "--executor", "slurm", f"sbatch refuses the jobs: {' '.join(held.stderr.split())}")
    subprocess.run(["scancel", held.stdout.strip().partition(";")[0]], capture_output=True, check=False)


def _replace(cluster: Any, jobs: int) -> None:
    """Ask again for jobs that have ended, or that could not be submitted when they were asked for."""
    for name, job in list(cluster.workers.items()):
        if job.job_id is None:
            del cluster.workers[name]
    cluster.scale(jobs=jobs)
