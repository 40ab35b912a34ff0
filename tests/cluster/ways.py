"""Every way to run an experiment, undisturbed and with something killed in the middle. Each leaves a complete result.

A way is a function (experiment, folder of the result, cluster), where the cluster is Dask's, Slurm's or None.
"""

import subprocess
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.result import open_folder
from clusterpact.results.recorded import RECORDING
from tests.cluster import bench, slurm
from tests.commands import environment, wait_for_shards, wait_until

SOON = 60.0  #: seconds after which what lost its client must have gone


def _finish(*options: object, **environment: str) -> None:
    answer = bench.call(*options, **environment)
    assert (answer.returncode, answer.stderr) == (0, ""), answer


def local(threads: int, experiment: Path, out: Path, cluster: None) -> None:
    """Threads of one process."""
    _finish(*bench.run_options(experiment, out), "--threads", threads)


def dask(workers: int, experiment: Path, out: Path, cluster: None) -> None:
    """Worker processes of this machine."""
    _finish(*bench.run_options(experiment, out), "--executor", "dask", "--workers", workers)


def dask_worker_killed(workers: int, experiment: Path, out: Path, cluster: None) -> None:
    """A worker is killed; the others take over, and another one starts."""
    process = bench.start(*bench.run_options(experiment, out), "--executor", "dask", "--workers", workers)
    wait_for_shards(out, 5, process)
    processes = bench.worker_processes(process.pid)
    assert len(processes) == workers
    bench.kill(processes[0])
    error = bench.end(process)
    assert (process.returncode, error) == (0, ""), error
    assert bench.are_gone(processes)


def dask_client_killed(workers: int, experiment: Path, out: Path, cluster: None) -> None:
    """The client is killed; its workers go, and the same command goes on."""
    options = [*bench.run_options(experiment, out), "--executor", "dask", "--workers", workers]
    process = bench.start(*options)
    wait_for_shards(out, 5, process)
    processes = bench.worker_processes(process.pid)
    bench.kill(process)
    bench.end(process)
    wait_until(lambda: bench.are_gone(processes), "the workers of a killed client end", SOON)
    assert not (out / "complete.json").exists()
    _finish(*options)


def scheduler(by: str, experiment: Path, out: Path, cluster: Any) -> None:
    """A scheduler that runs already, by its address or its file."""
    _finish(*bench.run_options(experiment, out), "--executor", "dask", "--scheduler", getattr(cluster, by))


def scheduler_loses_all(by: str, experiment: Path, out: Path, cluster: Any) -> None:
    """A worker of a scheduler is killed, then the client."""
    options = [*bench.run_options(experiment, out), "--executor", "dask", "--scheduler", getattr(cluster, by)]
    process = bench.start(*options)
    wait_for_shards(out, 3, process)
    bench.kill(bench.worker_processes(cluster.workers[0].pid)[0])  # its nanny starts another
    wait_for_shards(out, 8, process)
    bench.kill(process)
    bench.end(process)
    assert not (out / "complete.json").exists()
    _finish(*options)


JOBS = ["--executor", "slurm", "--partition", "main", "--interface", "lo", "--memory", "900MB", "--walltime", "00:10:00"]


def slurm_jobs(jobs: int, experiment: Path, out: Path, cluster: Any) -> None:
    """Dask's workers as jobs of Slurm."""
    _finish(*bench.run_options(experiment, out), *JOBS, "--jobs", jobs, **cluster.environment)
    wait_until(cluster.is_empty, "no job is left", SOON)


def slurm_job_killed(jobs: int, experiment: Path, out: Path, cluster: Any) -> None:
    """A job is killed; another one takes its place."""
    process = bench.start(*bench.run_options(experiment, out, 2), *JOBS, "--jobs", jobs, **cluster.environment)
    wait_for_shards(out, 5, process)
    cluster.ask("scancel", "--signal=KILL", cluster.jobs()[0])
    error = bench.end(process)
    assert (process.returncode, error) == (0, ""), error
    wait_until(cluster.is_empty, "no job is left", SOON)


def slurm_client_killed(jobs: int, experiment: Path, out: Path, cluster: Any) -> None:
    """The client is killed; its jobs go, and the same command goes on."""
    options = [*bench.run_options(experiment, out), *JOBS, "--jobs", jobs]
    process = bench.start(*options, **cluster.environment)
    wait_for_shards(out, 5, process)
    bench.kill(process)
    bench.end(process)
    wait_until(cluster.is_empty, "the jobs of a killed client end", 2 * SOON)
    assert not (out / "complete.json").exists()
    _finish(*options, **cluster.environment)
    wait_until(cluster.is_empty, "no job is left", SOON)


def write_array(tasks: int, experiment: Path, out: Path, shard_runs: int = 8) -> Path:
    """An sbatch file of `slurm-script`, for a folder whose shards are planned already."""
    open_folder(load_experiment(str(experiment)), out, shard_runs)
    file = out.with_suffix(".sbatch")
    answer = bench.call("slurm-script", experiment, "--out", out, "--file", file, "--recording", RECORDING,
                        "--tasks", tasks, "--cores", 1, "--memory", "900M", "--walltime", "00:10:00",
                        "--partition", "main")  # fmt: skip
    assert answer.returncode == 0, answer
    return file


def submit(file: Path, cluster: Any, *options: str, pause: float = 0.0) -> subprocess.Popen[str]:
    """sbatch, to the end of all tasks, each of which pauses after each shard; its exit code is the highest of theirs."""
    return subprocess.Popen(["sbatch", "--wait", *options, str(file)], cwd=file.parent, text=True,
                            env=environment(**cluster.environment, PAUSE=str(pause)), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)  # fmt: skip


def slurm_array(tasks: int, experiment: Path, out: Path, cluster: Any) -> None:
    """A job array, and then `merge`."""
    job = submit(write_array(tasks, experiment, out), cluster)
    error = bench.end(job)
    assert (job.returncode, error) == (0, ""), error
    assert bench.call("merge", out).returncode == 0


def slurm_array_killed(tasks: int, experiment: Path, out: Path, cluster: Any) -> None:
    """A task of an array is killed, and a node is lost with its tasks; the same file, submitted again, goes on."""
    file = write_array(tasks, experiment, out, 4)
    job = submit(file, cluster, "--no-requeue", pause=0.3)
    wait_for_shards(out, 5, job)
    cluster.ask("scancel", "--signal=KILL", "--full", cluster.jobs()[0])
    slurm.kill_node(cluster.folder, 2)
    cluster.ask("scancel", "--name", "small-dunkirk")
    bench.end(job)
    assert job.returncode != 0
    slurm.start_node(cluster.folder, 2)
    wait_until(cluster.is_empty, "no job is left", 2 * SOON)
    merged = bench.call("merge", out)
    assert merged.returncode == 2
    assert "shards are missing or damaged" in merged.stderr
    again = submit(file, cluster)
    bench.end(again)
    assert again.returncode == 0
    assert bench.call("merge", out).returncode == 0
