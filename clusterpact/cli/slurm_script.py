"""The command `slurm-script`."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clusterpact.cli.options import ExperimentName, Policies, Runs, Settings
from clusterpact.cli.run import parse_budget
from clusterpact.inputs import InputError, at_home

if TYPE_CHECKING:
    from clusterpact.experiments.experiment import Experiment


@dataclass(frozen=True)
class JobArray:
    """What Slurm is asked for: tasks of one node each."""

    tasks: int
    cores: int
    memory: str
    walltime: str
    partition: str | None
    account: str | None
    setup: tuple[str, ...] = ()


SCRIPT = """#!/bin/bash
# A job array for Slurm: each task does its share of the shards and stops cleanly before its time is up.
# Submit: sbatch {file}
#         again, as often as needed: finished shards are kept, only what is missing runs
# Then:   clusterpact status {out}
#         clusterpact merge {out}
# Each node needs clusterpact on its PATH: `slurm-script --setup LINE` writes a line that sees to it, such as
#         module load python, or source ~/venv/bin/activate
# The folder must lie on a file system that all nodes share. Of a new folder, the first task plans the shards for all.
#SBATCH --job-name={name}
#SBATCH --array=0-{last}
#SBATCH --cpus-per-task={cores}
#SBATCH --mem={memory}
#SBATCH --time={walltime}
#SBATCH --output={name}-%A_%a.log
{options}
{setup}clusterpact run {experiment}{changes} --out {out} --runs {runs} --seed {seed} --recording {recording} \\
    --threads {cores} --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --time-budget {budget} --no-figures
"""


def slurm_script(
    experiment: ExperimentName,
    out: Annotated[Path | None, typer.Option(help="Folder for the result, on a file system that all nodes share.")] = None,
    file: Annotated[Path | None, typer.Option(help="File to write; default: NAME.sbatch here.")] = None,
    policy: Policies = None,
    set_: Settings = None,
    runs: Runs = None,
    recording: Annotated[str, typer.Option(help="outcomes, yearly, quarterly or events.")] = "outcomes",
    tasks: Annotated[int, typer.Option(help="Tasks of the array.", min=1, max=10_000)] = 64,
    cores: Annotated[int, typer.Option(help="Cores per task.", min=1)] = 4,
    memory: Annotated[str, typer.Option(help="Memory per task.")] = "4G",
    walltime: Annotated[str, typer.Option(help="Walltime of a task.")] = "01:00:00",
    partition: Annotated[str | None, typer.Option(help="Partition.")] = None,
    account: Annotated[str | None, typer.Option(help="Account.")] = None,
    setup: Annotated[
        list[str] | None, typer.Option(help="Line of shell that a task runs first: 'module load python'; repeatable.")
    ] = None,
) -> None:
    """Write an sbatch file that runs an experiment as a job array, ready to submit.

    Example: clusterpact slurm-script dunkirk --runs 1000000 --tasks 200 --walltime 02:00:00
    """
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.experiments.folder.result import result_folder
    from clusterpact.experiments.running.on_slurm import check_plain
    from clusterpact.files import write_atomically

    check_plain(partition=partition, account=account, memory=memory)
    loaded = load_experiment(experiment, set_ or (), policies=policy or None, runs=runs, recording=recording)
    if (parse_budget(walltime) or 0) <= 120:
        raise InputError("", "--walltime", walltime, "expected more than two minutes")
    target = file or Path(f"{loaded.name}.sbatch")
    if str(target).startswith("-"):  # sbatch would take it for an option
        target = Path.cwd() / target
    if target.exists():
        raise InputError(target, "--file", None, "exists; expected the name of a new file")
    asked = JobArray(tasks, cores, memory, walltime, partition, account, tuple(setup or ()))
    changes = [word for one in policy or () for word in ("--policy", one)]
    changes += [word for one in set_ or () for word in ("--set", one)]
    folder = (out or result_folder(loaded)).absolute()
    file_of = at_home(experiment, "experiment")
    given = str(file_of.absolute()) if file_of.is_file() else experiment
    write_atomically(target, script_of(loaded, (given, *changes), folder, target, asked).encode())
    print(f"script:  {target}\nsubmit:  sbatch {shlex.quote(str(target))}")
    print(f"then:    clusterpact status {shlex.quote(str(folder))}\n         clusterpact merge {shlex.quote(str(folder))}")


def script_of(experiment: "Experiment", given: tuple[str, ...], out: Path, file: Path, asked: JobArray) -> str:
    """The text of an sbatch file that runs an experiment as a job array.

    given: the experiment as the user named it, then the options that change it.
    """
    from clusterpact.experiments.running.budget import clock_of, seconds_of

    words = [("--file", file), ("--out", out), ("experiment", given[0])]
    words += [("--policy or --set", word) for word in given[1:]] + [("--setup", line) for line in asked.setup]
    for key, word in words:
        if not str(word).isprintable():  # a line break ends a comment
            kind = "path" if key in ("--file", "--out", "experiment") else "text"
            raise InputError("", key, str(word), f"expected a {kind} without control characters")
    seconds = seconds_of(asked.walltime)
    budget = max(1, min(int(0.92 * seconds), seconds - 60))
    places = {"partition": asked.partition, "account": asked.account}
    return SCRIPT.format(
        file=shlex.quote(str(file)), out=shlex.quote(str(out)), experiment=shlex.quote(given[0]), name=experiment.name,
        last=asked.tasks - 1, cores=asked.cores, memory=asked.memory, walltime=clock_of(asked.walltime),
        options="".join(f"#SBATCH --{key}={value}\n" for key, value in places.items() if value),
        changes="".join(f" {shlex.quote(word)}" for word in given[1:]), setup="".join(f"{line}\n" for line in asked.setup),
        runs=experiment.runs, seed=experiment.seed, recording=experiment.recording, budget=f"{budget}s",
    )  # fmt: skip
