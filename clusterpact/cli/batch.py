"""Commands for work beyond one machine: `status`, `merge`, `slurm-script`, `verify`, `archive`."""

from pathlib import Path
from typing import Annotated

import typer

from clusterpact.cli import console
from clusterpact.inputs import InputError

ResultFolder = Annotated[Path, typer.Argument(help="The folder of a result, such as runs/dunkirk-0123456789ab.")]


def status(results: ResultFolder) -> None:
    """Say how far a result is: done, failed, missing, rate, time left, worker by worker.

    Example: clusterpact status runs/dunkirk-0123456789ab
    """
    from clusterpact.experiments.experiment import reopen
    from clusterpact.experiments.running.batch import describe_status

    for line in describe_status(reopen(results), results):
        print(line)


def merge(results: ResultFolder) -> None:
    """Check that all shards of a result are there and whole, and write its tables.

    Example: clusterpact merge runs/dunkirk-0123456789ab
    """
    from clusterpact.experiments.experiment import reopen
    from clusterpact.experiments.running.session import merge_result
    from clusterpact.results.store import RECORDINGS

    experiment = reopen(results)
    with console.progress(False) as bar:
        failed = merge_result(experiment, results, bar.note)
    print(f"tables:  {results}/tables ({', '.join(RECORDINGS[experiment.recording])}), {failed:,} failed runs")
    if failed:
        raise typer.Exit(1)


def slurm_script(
    experiment: Annotated[str, typer.Argument(help="An experiment of the library, or the path of an experiment file.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the result, on a file system that all nodes share.")] = None,
    file: Annotated[Path | None, typer.Option(help="File to write; default: NAME.sbatch here.")] = None,
    runs: Annotated[int | None, typer.Option(help="Runs per policy, instead of the file's.", min=1)] = None,
    recording: Annotated[str, typer.Option(help="outcomes, yearly, quarterly or events.")] = "outcomes",
    tasks: Annotated[int, typer.Option(help="Tasks of the array.", min=1, max=10_000)] = 64,
    cores: Annotated[int, typer.Option(help="Cores per task.", min=1)] = 4,
    memory: Annotated[str, typer.Option(help="Memory per task.")] = "4G",
    walltime: Annotated[str, typer.Option(help="Walltime of a task.")] = "01:00:00",
    partition: Annotated[str | None, typer.Option(help="Partition.")] = None,
    account: Annotated[str | None, typer.Option(help="Account.")] = None,
) -> None:
    """Write an sbatch file that runs an experiment as a job array, ready to submit.

    Example: clusterpact slurm-script dunkirk --runs 1000000 --tasks 200 --walltime 02:00:00
    """
    from clusterpact.experiments.experiment import load_experiment
    from clusterpact.experiments.folder.result import result_folder
    from clusterpact.experiments.running import batch
    from clusterpact.files import write_atomically

    loaded = load_experiment(experiment, runs=runs, recording=recording)
    if (batch.parse_budget(walltime) or 0) <= 120:
        raise InputError("", "--walltime", walltime, "expected more than two minutes")
    target = file or Path(f"{loaded.name}.sbatch")
    if target.exists():
        raise InputError(target, "--file", None, "exists; expected the name of a new file")
    asked = {
        "tasks": tasks,
        "cores": cores,
        "memory": memory,
        "walltime": walltime,
        "partition": partition,
        "account": account,
    }
    folder = (out or result_folder(loaded)).absolute()
    given = str(Path(experiment).absolute()) if Path(experiment).is_file() else experiment
    write_atomically(target, batch.slurm_script(loaded, given, folder, target, asked).encode())
    print(f"script:  {target}\nsubmit:  sbatch {target}")
    print(f"then:    clusterpact status {folder}\n         clusterpact merge {folder}")


def verify(
    results: ResultFolder,
    runs: Annotated[int, typer.Option(help="Runs to compute again, drawn over all policies.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="Seed of the draw.", min=0)] = 0,
) -> None:
    """Compute a random sample of runs again and confirm that the tables hold the same numbers, to the last bit.

    Example: clusterpact verify runs/dunkirk-0123456789ab --runs 50
    """
    from clusterpact.experiments.folder.verify import verify_result

    verdict = verify_result(results, runs, seed)
    for line in verdict.lines:
        print(line)
    if not verdict.holds:
        raise typer.Exit(1)


def archive(
    results: ResultFolder,
    file: Annotated[Path | None, typer.Option(help="File to write; default: the folder's name with .zip.")] = None,
) -> None:
    """Pack a finished result into one zip with a README and checksums, ready to deposit with a paper.

    Example: clusterpact archive runs/dunkirk-0123456789ab
    """
    from clusterpact.experiments.folder.archive import write_archive

    path, size = write_archive(results, file)
    print(f"archive: {path} ({size / 1e6:,.1f} MB); check it with sha256sum -c SHA256SUMS after unpacking")
