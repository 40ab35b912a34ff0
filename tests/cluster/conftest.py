"""Real parts, started once for all tests here: a small experiment, its tables, a Dask cluster, and Slurm."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.session import RunOptions, run_experiment
from tests.cluster import bench, slurm
from tests.commands import environment, table_bytes


@pytest.fixture(scope="session")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two policies x 256 runs: 64 shards of 8 runs."""
    return bench.write_experiment(tmp_path_factory.mktemp("experiment"))


@pytest.fixture(scope="session")
def reference(experiment: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables from one thread of this process."""
    folder = tmp_path_factory.mktemp("reference") / "result"
    run_experiment(load_experiment(str(experiment)), folder, RunOptions(threads=1, shard_runs=100))
    return table_bytes(folder)


@pytest.fixture(scope="session")
def dask_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bench.DaskCluster]:
    with bench.dask_processes(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster


@dataclass(frozen=True)
class SlurmHost:
    """Slurm on this machine: its folder, and the environment in which its commands and jobs run."""

    folder: Path
    environment: dict[str, str]

    def ask(self, *command: str) -> str:
        """The answer of one of Slurm's commands."""
        return subprocess.run(command, env=environment(**self.environment), capture_output=True, text=True,
                              timeout=60, check=False).stdout  # fmt: skip

    def jobs(self) -> list[str]:
        """Jobs and tasks of arrays that run now."""
        return self.ask("squeue", "-h", "-t", "R", "-o", "%i").split()

    def is_empty(self) -> bool:
        """Whether no job waits, runs or ends."""
        return not self.ask("squeue", "-h").strip()


@pytest.fixture(scope="session")
def slurm_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlurmHost]:
    if (reason := slurm.why_not()) is not None:
        pytest.skip(f"no Slurm here: {reason}")
    folder = tmp_path_factory.mktemp("slurm")
    bin_folder = tmp_path_factory.mktemp("bin")
    program = bin_folder / "clusterpact"  # what sbatch files call: this checkout, whatever is installed
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.cluster.slowly "$@"\n')
    program.chmod(0o755)
    with slurm.slurm(folder / "slurm", nodes=2, cpus=2) as environment:
        yield SlurmHost(folder / "slurm", environment | {"PATH": f"{bin_folder}:{environment['PATH']}"})
