"""Shards on workers that Slurm starts (dask-jobqueue), as jobs of their own."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clusterpact.experiments.running.budget import clock_of, seconds_of
from clusterpact.experiments.running.on_dask import CLOSED, Dask, nothing
from clusterpact.experiments.running.progress import Progress
from clusterpact.inputs import InputError

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._,:@+=/-]*")  #: what stands unquoted in a line for Slurm without doubt
CREDENTIALS = "credentials-"  #: starts the name of the folder of a run's certificate and key
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
        check_plain(partition=self.jobs.partition, account=self.jobs.account, memory=self.jobs.memory)
        names = [name for _, name in socket.if_nameindex()]
        if self.jobs.interface is not None and self.jobs.interface not in names:
            raise InputError("", "--interface", self.jobs.interface, "no such network interface here", names)
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
        import dask
        from dask.distributed import Client
        from distributed.security import Security

        jobs = self.jobs
        life = self.life()
        logs = (folder / "locks" / "slurm").resolve()
        logs.mkdir(parents=True, exist_ok=True)
        log = quoted_file(logs, "--executor slurm", "%J.log")
        for left in logs.glob(f"{CREDENTIALS}*"):  # of a client that was killed
            shutil.rmtree(left, ignore_errors=True)
        with (
            tempfile.TemporaryDirectory(prefix=CREDENTIALS, dir=logs) as credentials,
            dask.config.set(CLOSED | {"jobqueue.slurm.log-directory": None}),
            _cluster_class(Path(credentials))(
                queue=jobs.partition, account=jobs.account, cores=jobs.cores, memory=jobs.memory, processes=1,
                walltime=clock_of(jobs.walltime), interface=jobs.interface, security=Security.temporary(),
                job_extra_directives=[f"--output={log}", f"--error={log}", *jobs.extra],
                python=shlex.quote(sys.executable), local_directory=shlex.quote(str(logs)),
                worker_extra_args=["--lifetime", f"{life}s", "--lifetime-stagger", f"{life // 20}s", "--no-dashboard"],
                job_script_prologue=[
                    f"export PYTHONPATH={shlex.quote(os.environ.get('PYTHONPATH', ''))}",
                    "export DASK_DISTRIBUTED__WORKER__HTTP__ROUTES='[]'",
                ],
                scheduler_options={"dashboard": False, "dashboard_address": "127.0.0.1:0"}, silence_logs=50,
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


def check_plain(**asked: str | None) -> None:
    """Raise InputError if an option for Slurm is more than a plain word, which could be read as something else."""
    for name, value in asked.items():
        if value is not None and not PLAIN.fullmatch(value):
            raise InputError("", f"--{name}", value, "expected a word of letters, digits and any of ._,:@+=/-")


def quoted_file(folder: Path, key: str, pattern: str) -> str:
    """A file of a folder as it stands in a line that begins with #SBATCH; of the names, Slurm fills in only the last."""
    text = str(folder)
    if "\\" in text or not text.isprintable():
        raise InputError(
            "", key, text, "Slurm cannot write there; expected a folder without control characters or backslashes"
        )
    return shlex.quote(f"{text.replace('%', '%%')}/{pattern}")


def _cluster_class(credentials: Path) -> Any:
    """dask-jobqueue's cluster, whose workers read the certificate and its key in a folder that is this user's alone."""
    keyboard = signal.getsignal(signal.SIGINT)
    from dask_jobqueue.slurm import SLURMCluster
    from distributed.security import Security

    signal.signal(signal.SIGINT, keyboard)  # that import makes an interrupt look like success

    class Cluster(SLURMCluster):
        def _get_worker_security(self, security: Security) -> Security:
            options = {}
            for name in ("tls_ca_file", "tls_worker_cert", "tls_worker_key"):
                file = credentials / f"{name}.pem"
                file.touch(mode=0o600)
                file.write_text(getattr(security, name))
                options[name] = shlex.quote(str(file))
            return Security(require_encryption=True, **options)

    return Cluster


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
