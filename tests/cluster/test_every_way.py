"""The bytes of the tables are the same whatever computes them, and whatever is killed on the way."""

from functools import partial

import pytest

from tests.cluster import ways
from tests.commands import table_bytes

pytestmark = pytest.mark.cluster

LOCAL = {
    "local, 1 thread": partial(ways.local, 1),
    "local, 2 threads": partial(ways.local, 2),
    "dask, 2 workers": partial(ways.dask, 2),
    "dask, 4 workers": partial(ways.dask, 4),
    "dask, 4 workers, one killed": partial(ways.dask_worker_killed, 4),
    "dask, 2 workers, client killed": partial(ways.dask_client_killed, 2),
}
DASK = {
    "dask, address of a scheduler": partial(ways.scheduler, "address"),
    "dask, scheduler file": partial(ways.scheduler, "file"),
    "dask, scheduler loses worker and client": partial(ways.scheduler_loses_all, "address"),
}
SLURM = {
    "slurm, 2 jobs": partial(ways.slurm_jobs, 2),
    "slurm, 2 jobs, one killed": partial(ways.slurm_job_killed, 2),
    "slurm, 2 jobs, client killed": partial(ways.slurm_client_killed, 2),
    "slurm, array of 7 tasks": partial(ways.slurm_array, 7),
    "slurm, array of 7 tasks, a task and a node killed": partial(ways.slurm_array_killed, 7),
}

#: What CI tries; `make cluster` tries all
QUICK = {
    "local, 1 thread", "local, 2 threads", "dask, 2 workers", "dask, 4 workers, one killed",
    "dask, 2 workers, client killed", "dask, scheduler loses worker and client", "slurm, 2 jobs", "slurm, array of 7 tasks",
}  # fmt: skip


def cases(ways):
    """Ways as cases of a test."""
    return [pytest.param(way, id=name, marks=() if name in QUICK else pytest.mark.slow) for name, way in ways.items()]


@pytest.mark.parametrize("way", cases(LOCAL))
def test_on_this_machine(way, experiment, reference, tmp_path):
    way(experiment, tmp_path / "r", None)
    assert table_bytes(tmp_path / "r") == reference


@pytest.mark.parametrize("way", cases(DASK))
def test_on_a_dask_cluster(way, experiment, reference, dask_cluster, tmp_path):
    way(experiment, tmp_path / "r", dask_cluster)
    assert table_bytes(tmp_path / "r") == reference


@pytest.mark.parametrize("way", cases(SLURM))
def test_on_slurm(way, experiment, reference, slurm_host, tmp_path):
    way(experiment, tmp_path / "r", slurm_host)
    assert table_bytes(tmp_path / "r") == reference
