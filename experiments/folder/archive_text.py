"""The README of an archive, for people who know nothing of the project."""

import csv
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from clusterpact.experiments.ensemble import ENSEMBLE_FILE
from clusterpact.experiments.experiment import Experiment
from clusterpact.experiments.folder.failures import read_failures
from clusterpact.experiments.folder.manifest import Execution, Manifest

MEANINGS = {
    "manifest.json": "the experiment in full, versions, seed, processor (fields: docs/manifest.md of clusterpact)",
    "complete.json": "SHA-256 of every table",
    "datapackage.json": "Frictionless data package: every file, and every column of the tables with type, unit and meaning",
    "ro-crate-metadata.json": "RO-Crate 1.1: what the files are and which run of which software made them",
    "failures.json": "runs that raised an error, with parameters and traceback; they are in no table",
    "README.md": "what all this is, in words",
    "summary.csv": "a row per policy and headline quantity: value, error, range over runs, unit",
    "sensitivity.csv": "effects of the screened parameters",
    "ledger.jsonl": "one line per shard of work: its runs, seconds, worker and checksums of its parts",
    "tables/outcomes.parquet": "a row per policy and run: headline outcomes, drawn parameters (`draw_...`)",
    "tables/bands.parquet": "a row per policy, measure and year: mean and quantiles over runs",
    "tables/series.parquet": "a row per policy, run and year: every measure",
    "tables/projects.parquet": "a row per policy, run and plant or network: technology, years of decision and start",
    "tables/pipeline.parquet": "a row per policy, run and project in hand at the start: years of FID, start and giving up",
    "tables/gates.parquet": "a row per spell in which one gate held a plant back, in quarters from the first",
    "tables/events.parquet": "a row per thing that happened, in words",
}

README = """# {title}

Simulated transition paths of the industrial cluster `{cluster}`, {first} to {last}: {extent}.
Result `{id}`, made with clusterpact {version}, an agent-based simulator of how industrial clusters reach net
zero. The numbers are simulated under stated assumptions; they are neither forecasts nor observations.

| | |
| --- | --- |
| experiment | `{name}` |
| cluster | `{cluster}` ({cluster_title}) |
| years | {first} to {last}, by quarters |
| runs | {runs} per policy; {failed} in all failed (see `failures.json`) |
| seed | {seed} |
| uncertain parameters | {drawn}, drawn once a run, the same for every policy |
| recording | {recording} |
| started | {started} |
| computed | {execution} |
| processor | {processor} |
| system | {system} |
| rules | SHA-256 `{source}` |
| source code | {commit} |

## Policies

{policy_lines}

## Files

{file_lines}
| `SHA256SUMS` | checksums of all other files |

Tables are Apache Parquet; `pandas.read_parquet` reads them. Units are at the end of the names of columns (`_kt`: thousand
tonnes of CO2, `_meur`: million euros); `clusterpact list measures` explains them.

## Check it

After unpacking, in this folder:

```sh
sha256sum -c SHA256SUMS
```

To compute a sample of runs again, get the source code of clusterpact {version} ({commit}) and, in its folder, with
Python {python}:

```sh
python -m venv .venv && . .venv/bin/activate
python -m pip install {extra} {versions}
```

Then, in the folder of this file:

```sh
clusterpact verify . --runs 50
```

The same rules, versions and kind of processor give the same numbers to the last bit. Another processor's maths library may
differ in the last bit of some.

## Run all of it again

The inputs and the manifest are enough. In this folder, with that installation:

```python
from pathlib import Path

from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.running.session import run_experiment

run_experiment(reopen(Path(".")), out=Path("../again"))
```

The tables in `../again/tables` then have the checksums of `complete.json`.

## How to cite

Authors, year, repository and DOI are in the record of the deposit:

```text
{citation}
```

## Licence

**None is given here. The depositor adds one**, in the record of the deposit or as a file `LICENSE` beside this one. The
licence of the software (Apache-2.0) does not extend to the data; before you choose, look at the terms of the sources below.

## Sources of the data

As the inputs name them. *Published*: the source says so; *derived*: worked out from published figures; *estimate*:
judgement.

{sources}"""


CITATION = (
    'AUTHORS (YEAR): "{title}", result {name}-{id}, seed {seed}, {runs} runs per policy [data set]. REPOSITORY, DOI.\n'
    "Computed with clusterpact {version} ({commit}), The clusterpact authors, Apache-2.0."
)


def citation(experiment: Experiment, manifest: Manifest) -> str:
    """How to cite a result; the depositor fills in what stands in capitals."""
    return CITATION.format(
        title=flat(experiment.title), name=experiment.name, id=manifest.id, seed=experiment.seed,
        runs=f"{experiment.runs:,}", version=manifest.versions["clusterpact"], commit=_commit(manifest),
    )  # fmt: skip


def readme(experiment: Experiment, manifest: Manifest, folder: Path, files: list[str]) -> str:
    """The README of an archive that holds these files."""
    versions = manifest.versions
    screening = experiment.screening
    packages = [f"{name}=={version}" for name, version in versions.items() if name not in ("clusterpact", "python")]
    return README.format(
        title=flat(experiment.title), name=experiment.name, cluster=experiment.scenario.file.name,
        cluster_title=_cell(experiment.scenario.file.title), first=experiment.first_year, last=experiment.last_year,
        extent=experiment.extent, runs=f"{experiment.runs:,}", seed=experiment.seed, id=manifest.id,
        version=versions["clusterpact"], python=versions["python"], started=manifest.started,
        failed=len(read_failures(folder)),
        drawn=len(screening.factors if screening else experiment.drawn), recording=experiment.recording,
        citation=citation(experiment, manifest),
        execution=_execution(manifest.execution), processor=_cell(manifest.machine.processor),
        system=_cell(manifest.machine.system), source=manifest.experiment.source, commit=_commit(manifest),
        versions=" ".join(name for name in packages if not name.endswith("installed")),
        extra="'.[sensitivity]'" if screening else ".", policy_lines="\n".join(_policies(experiment)),
        file_lines=_files(files), sources=_sources(folder, manifest),
    )  # fmt: skip


def flat(text: str) -> str:
    """Text in one line."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())


def _cell(text: str) -> str:
    """Text as a cell of a table in Markdown."""
    return flat(text).replace("|", "\\|") or "unknown"


def _execution(execution: Execution | None) -> str:
    if execution is None:
        return "unknown"
    where = _cell(", ".join(execution.executors))
    return f"{execution.core_hours:.3g} core hours ({where}, {len(execution.workers)} computer(s))"


def _commit(manifest: Manifest) -> str:
    if not manifest.commit:
        return "released version"
    changed = " with changes that are in no commit; the depositor adds them" if manifest.dirty else ""
    return f"commit {manifest.commit.removesuffix('-dirty')}{changed}"


def _policies(experiment: Experiment) -> list[str]:
    """One line a policy."""
    lines = []
    for policy in experiment.policies:
        mark = " (baseline)" if policy.name == experiment.baseline else ""
        lines.append(f"- `{policy.name}`{mark}: {flat(policy.title)}. {flat(policy.description)}".rstrip())
    return lines


def _files(names: list[str]) -> str:
    """The table of files; those of one folder without a meaning of their own share a row."""
    rows = {name: meaning for name, meaning in MEANINGS.items() if name in names}
    rows |= {f"{place}/": meaning for place, meaning in (("inputs", "every file that the results depend on"),
                                                         ("figures", "figures, each with the id of the result"))
             if any(name.startswith(f"{place}/") for name in names)}  # fmt: skip
    return "\n".join(["| file | what it is |", "| --- | --- |", *(f"| `{name}` | {rows[name]} |" for name in rows)])


def _sources(folder: Path, manifest: Manifest) -> str:
    """The sources that the inputs name, file by file, with how many entries carry which mark."""
    parts = []
    for name in sorted(manifest.experiment.inputs):
        path = folder / "inputs" / name
        if name == ENSEMBLE_FILE:
            parts.append(f"**`inputs/{name}`** (parameter rows that a record of the past did not rule out)\n")
            continue
        entries = READERS[path.suffix](path)
        sources = dict.fromkeys(flat(text) for key, text in entries if key == "source" and text.strip())
        marks = Counter(text for key, text in entries if (key == "mark" or key.endswith("_mark")) and text)
        counts = ", ".join(f"{count} {mark}" for mark, count in sorted(marks.items()))
        if sources:
            parts.append(f"**`inputs/{name}`** ({counts or 'no marks'})\n\n" + "".join(f"- {text}\n" for text in sources))
    return "\n".join(parts) or "The inputs name none.\n"


def _rows(path: Path) -> list[tuple[str, str]]:
    """The cells of a table with the name of their column."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [(key, text) for row in csv.DictReader(file) for key, text in row.items() if isinstance(text, str)]


def _toml_entries(path: Path) -> list[tuple[str, str]]:
    """All text values of a TOML file with their keys, however deep."""
    found: list[tuple[str, str]] = []
    waiting: list[Any] = [tomllib.loads(path.read_text(encoding="utf-8-sig"))]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, dict):
            found += [(key, value) for key, value in item.items() if isinstance(value, str)]
            waiting += [value for value in item.values() if isinstance(value, dict | list)]
        elif isinstance(item, list):
            waiting += item
    return found


READERS = {".toml": _toml_entries, ".csv": _rows}
