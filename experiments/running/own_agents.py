"""Many runs of an experiment in Mesa, with a user's classes of agents, here or in processes of their own."""

import multiprocessing
import pickle
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.replay import reopen_run
from clusterpact.experiments.running.compilation import warm_up
from clusterpact.experiments.running.progress import Progress
from clusterpact.experiments.running.shards import draws_of, world_of
from clusterpact.inputs import InputError
from clusterpact.results.recorded import RECORDING
from clusterpact.results.store import tables_of
from clusterpact.sim.faces import faces
from clusterpact.sim.overrides import check_kinds

TABLES = ("outcomes", "series", "gates", "projects", "pipeline")
Job = tuple[int, int]  #: place of a policy, and number of a run
Tables = dict[str, pa.Table]
_given: dict[str, Any] = {}  #: in a process that computes: the experiment and the classes


def run_own_agents(
    experiment: Experiment, processes: int, progress: Progress, classes: Mapping[str, type]
) -> dict[str, pd.DataFrame]:
    """All runs of an experiment with classes of agents, as the tables of a result (`TABLES`), policy by policy.

    processes: 1 for this one alone. An error in a class ends the whole, with the policy and the run in its notes. Raises
    InputError for a class that is none of an agent, or that other processes cannot have.
    """
    check_kinds(classes, {usual.__name__.lower(): usual for usual in faces().values()})
    jobs = [(place, run) for place in range(len(experiment.policies)) for run in range(experiment.runs)]
    packed = b"" if processes == 1 else _packed(experiment, classes)
    warm_up(world_of(experiment, 0), progress)
    progress.report(0, len(jobs), 0)
    done: dict[Job, Tables] = {}
    if processes == 1:
        for job in jobs:
            done[job] = _run(experiment, classes, job)
            progress.report(len(done), len(jobs), 0)
    else:
        _run_in_processes(experiment, jobs, min(processes, len(jobs)), packed, progress, done)
    return {name: pa.concat_tables([done[job][name] for job in jobs]).to_pandas() for name in TABLES}


def _run(experiment: Experiment, classes: Mapping[str, type], job: Job) -> Tables:
    """The tables of one run."""
    place, run = job
    policy = experiment.policies[place].name
    try:
        model = reopen_run(experiment, policy, run, **classes)
        try:
            arrays, world = model.run().arrays(), model.world
        finally:
            model.release()
    except Exception as error:
        error.add_note(f"(policy {policy}, run {run})")
        raise
    recorded = replace(experiment.recorded, recording=RECORDING)
    return tables_of(policy, run, arrays, world, draws_of(experiment, run, 1), recorded)


def _run_in_processes(
    experiment: Experiment, jobs: list[Job], processes: int, packed: bytes, progress: Progress, done: dict[Job, Tables]
) -> None:
    """Run all jobs in processes, into `done`; the first error drops what has not started.

    The processes read what they need from a file: a start that hands over more than a pipe holds waits for ever for one that
    ends too early, as that of a script without a guard does.
    """
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "given"
        file.write_bytes(packed)
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_take_in, initargs=(file,))
        try:
            waiting: dict[Future[Tables], Job] = {pool.submit(_run_here, job): job for job in jobs}
            for future in as_completed(waiting):
                done[waiting[future]] = future.result()
                progress.report(len(done), len(jobs), 0)
        except BrokenProcessPool:
            expected = (
                'a process ended before its runs did; expected the call below `if __name__ == "__main__":` of a script'
            )
            raise InputError("", "processes", processes, f"{expected}, and memory for all") from None
        finally:
            pool.shutdown(cancel_futures=True)


def _take_in(file: Path) -> None:
    """Read what a process computes with."""
    _given["experiment"], _given["classes"] = pickle.loads(file.read_bytes())


def _run_here(job: Job) -> Tables:
    return _run(_given["experiment"], _given["classes"], job)


def _packed(experiment: Experiment, classes: Mapping[str, type]) -> bytes:
    """The experiment and the classes as bytes for other processes; raises InputError for a class that they cannot have."""
    loose = {kind: made for kind, made in classes.items() if not _is_importable(made)}
    if not loose:
        return pickle.dumps((experiment, dict(classes)))
    if find_spec("cloudpickle") is None:
        kind, made = next(iter(loose.items()))
        expected = "other processes cannot import it; expected a class at the top of a module, processes=1, or cloudpickle"
        raise InputError("", kind, made.__name__, f"{expected} (pip install cloudpickle)")
    import cloudpickle

    return bytes(cloudpickle.dumps((experiment, dict(classes))))


def _is_importable(made: type) -> bool:
    """Whether another process finds a class by its module and name."""
    module = sys.modules.get(made.__module__)
    if made.__module__ == "__main__" and not getattr(module, "__file__", None):  # a notebook, or a prompt
        return False
    return getattr(module, made.__qualname__, None) is made
