"""What only Slurm shows: jobs that end and are followed by others, refused jobs, and arrays whose time is up."""

import json
import os
import re
import signal

import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.running.shards import examine, plan
from tests.cluster import bench, ways
from tests.commands import shards_done, wait_for_shards, wait_until

pytestmark = pytest.mark.cluster


@pytest.mark.slow
def test_jobs_leave_before_their_walltime_and_others_take_over(slurm_host, tmp_path):
    experiment = bench.write_experiment(tmp_path, runs=12_000)  # in 600 shards, each at least 50 ms apart: half a minute
    options = [*ways.JOBS[:-1], "00:01:15", "--jobs", 1]  # 15 s of life
    answer = bench.call(*bench.run_options(experiment, tmp_path / "r", 40), *options, **slurm_host.environment)
    assert (answer.returncode, answer.stderr) == (0, "")
    entries = [json.loads(path.read_text()) for path in (tmp_path / "r" / "ledger").glob("*.json")]
    assert len({entry["worker"] for entry in entries}) > 1
    wait_until(slurm_host.is_empty, "no job is left", ways.SOON)


def test_jobs_that_slurm_refuses_are_one_line(experiment, slurm_host, tmp_path):
    options = ["--executor", "slurm", "--partition", "nowhere", "--interface", "lo"]
    answer = bench.call(*bench.run_options(experiment, tmp_path / "r"), *options, **slurm_host.environment)
    assert answer.returncode == 2
    assert answer.stderr.startswith("clusterpact: --executor = 'slurm': sbatch refuses the jobs: ")
    assert "invalid partition specified: nowhere" in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.slow
def test_an_interrupt_cancels_the_jobs(slurm_host, tmp_path):
    experiment = bench.write_experiment(tmp_path, runs=4000)
    process = bench.start(*bench.run_options(experiment, tmp_path / "r", 40), *ways.JOBS, "--adaptive",
                          **slurm_host.environment)  # fmt: skip
    wait_for_shards(tmp_path / "r", 5, process)
    os.killpg(process.pid, signal.SIGINT)
    error = bench.end(process)
    assert (process.returncode, error) == (130, "clusterpact: interrupted; the same command resumes where it stopped\n")
    wait_until(slurm_host.is_empty, "no job is left", ways.SOON)


def test_where_there_is_no_sbatch_one_line_says_so(experiment, tmp_path):
    answer = bench.call(*bench.run_options(experiment, tmp_path / "r"), "--executor", "slurm", PATH="/nowhere")
    assert answer.returncode == 2
    assert answer.stderr == "clusterpact: --executor = 'slurm': sbatch: no such command here\n"


@pytest.mark.slow
def test_an_array_whose_time_is_up_loses_nothing(slurm_host, tmp_path):
    experiment, out = bench.write_experiment(tmp_path, runs=512), tmp_path / "r"
    file = ways.write_array(7, experiment, out, 16)
    file.write_text(re.sub("--time-budget [0-9]+s", "--time-budget 10s", file.read_text()))
    job = ways.submit(file, slurm_host, pause=3.0)
    bench.end(job)
    assert job.returncode == 75
    found = shards_done(out)
    assert 0 < found < 64
    planned = load_experiment(str(experiment))
    shards = plan(planned, 16)
    assert len(shards) == 64
    assert all(examine(planned, out, shard)[1] is None for shard in shards)
    status = bench.call("status", out).stdout
    assert f"shards:  {found} of 64 done, {64 - found} missing, 16 runs each" in status
    assert "next:    clusterpact run " in status
    merged = bench.call("merge", out)
    assert merged.returncode == 2
    assert f"{64 - found} of 64 shards are missing or damaged" in merged.stderr
    again = bench.call("run", experiment, "--out", out, "--threads", 1, "--no-figures")
    assert again.returncode == 0
    assert f"{found} of 64 shards found done" in again.stderr
