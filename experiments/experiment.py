"""The experiment file: what is uncertain, what can be decided, what is measured, kept apart (XLRM)."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from clusterpact.agents.compiled import SOURCE_HASH
from clusterpact.agents.parameters import PARAMETERS
from clusterpact.experiments.checks import HANGING, targets_of, theories_of, uncertainty_of, windows_of
from clusterpact.experiments.design import Distribution
from clusterpact.experiments.ensemble import ENSEMBLE_FILE, Ensemble, find_ensemble
from clusterpact.experiments.layers import as_given, base_of, find_experiment, varied, with_bases, with_packages
from clusterpact.experiments.layers import settings as set_by
from clusterpact.experiments.plausibility import doubts_of_experiment, doubts_of_silence
from clusterpact.experiments.screening import Screening
from clusterpact.experiments.search.settings import Search, search_of
from clusterpact.inputs import Doubt, InputError, Mistakes, Record, accepted, check, read_toml
from clusterpact.policies.package import Package, library_names, library_package, parse_package
from clusterpact.results.recorded import FOR_PEOPLE, RECORDING
from clusterpact.results.store import Recorded
from clusterpact.sim.amounts import Name
from clusterpact.sim.coverage import check_targets
from clusterpact.sim.scenario import BESIDE, GROUP_FILE, Scenario, find_cluster, read_scenario

SHARED_TABLES = (
    "technologies.csv", "prices.csv", "volatility.csv", "correlations.csv", "economy.csv", "allocation.csv",
    "allocation_path.csv", "output.csv", "owners.csv",
)  # fmt: skip
MOST_RUNS = 100_000_000  #: per policy, of any experiment
ENSEMBLE = "ensemble"  #: key in [uncertainty] of an ensemble of parameters
DEFAULT_POLICIES = ("current-policies", "pact", "finance-first")


class ExperimentFile(Record):
    """An experiment as written; see `clusterpact new` for a commented one. accept: warnings that are meant, by name.

    base: an experiment, by name or file, over which this one is laid; gone by the time that the data are checked.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
    title: Name = ""
    base: str | None = None
    cluster: Annotated[str, Field(min_length=1)]
    horizon: tuple[int, int] = (2026, 2050)
    runs: Annotated[int, Field(ge=1, le=MOST_RUNS)] = 1000
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 42
    baseline: str | None = None
    policies: Annotated[tuple[str, ...], Field(min_length=1)] = DEFAULT_POLICIES
    recording: Literal[FOR_PEOPLE] = RECORDING  # type: ignore[valid-type]
    uncertainty: dict[str, Any] = Field(default_factory=dict)
    parameters: dict[str, float] = Field(default_factory=dict)
    rules: dict[str, str] = Field(default_factory=dict)
    policy: tuple[dict[str, Any], ...] = ()
    targets: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    windows: dict[str, tuple[int, int]] = Field(default_factory=dict)
    search: dict[str, Any] = Field(default_factory=dict)
    accept: tuple[str, ...] = ()

    @field_validator("horizon")
    @classmethod
    def _rising(cls, value: tuple[int, int]) -> tuple[int, int]:
        first, last = value
        if not 1990 <= first < last <= 2150:
            raise ValueError("expected [first year, last year], rising, between 1990 and 2150")
        if last - first > 80:
            raise ValueError("expected a horizon of at most 80 years")
        return value


#: What may be set: the keys of an experiment file but for its base, and the parameters in their table.
KNOWN_KEYS = (
    *(name for name in ExperimentFile.model_fields if name != "base"), *(f"parameters.{name}" for name in PARAMETERS),
)  # fmt: skip


@dataclass(frozen=True)
class Experiment:
    """An experiment, checked and resolved: everything that its results depend on."""

    name: str
    title: str
    scenario: Scenario
    first_year: int
    last_year: int
    runs: int
    seed: int
    baseline: str
    policies: tuple[Package, ...]
    uncertainty: dict[str, Distribution]
    parameters: dict[str, float]
    targets: dict[int, float]
    check_books: bool = False
    recording: str = RECORDING
    screening: Screening | None = None
    theories: dict[str, str] = field(default_factory=dict)  #: by decision, where it is not the usual one
    ensemble: Ensemble | None = None  #: parameters that are drawn together, but for those in `uncertainty`
    windows: dict[str, tuple[int, int]] = field(default_factory=dict)  #: years that are scored against the record, by name
    first_run: int = 0  #: number of the first run: its luck and draws are those of that run of a longer experiment
    searching: Search | None = None  #: what `clusterpact search` looks for, if the file says so; no result hangs on it
    warnings: tuple[Doubt, ...] = ()  #: what is allowed and looks wrong, but for what `accept` names

    @property
    def heading(self) -> str:
        """The title, and the theories that hold in place of the usual ones."""
        chosen = ", ".join(f"{decision} by {name}" for decision, name in sorted(self.theories.items()))
        return f"{self.title} · {chosen}" if chosen else self.title

    @property
    def extent(self) -> str:
        """How much there is to run, in words: `4 policies x 1,000 runs`."""
        return extent(len(self.policies), self.runs)

    def resolved(self) -> dict[str, Any]:
        """The experiment as plain data: policies written out, inputs by content."""
        resolved: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "cluster": self.scenario.file.name,
            "horizon": [self.first_year, self.last_year],
            "runs": self.runs,
            "seed": self.seed,
            "baseline": self.baseline,
            "policies": [
                {"name": p.name, "title": p.title, "governance_mode": p.governance_mode, "schedules": p.schedules}
                | ({"practices": {k: v.written for k, v in p.practices.items()}} if p.practices else {})
                | ({"budgets": p.budgets} if p.budgets else {})
                | ({"targets": {k: v.written for k, v in p.targets.items()}} if p.targets else {})
                | ({"signals": {k: str(v) for k, v in p.signals.items()}} if p.signals else {})
                for p in self.policies
            ],
            "uncertainty": {name: d.as_data() for name, d in sorted(self.uncertainty.items())},
            "parameters": dict(sorted(self.parameters.items())),
            "targets": {str(year): share for year, share in sorted(self.targets.items())},
            "inputs": {name: _hash_file(path) for name, path in self.inputs.items()},
            "source": SOURCE_HASH,
        }
        if self.recording != RECORDING:
            resolved["recording"] = self.recording
        if self.first_run:
            resolved["first_run"] = self.first_run
        if self.screening is not None:
            resolved["screening"] = self.screening.as_data()
        if self.theories:
            resolved["rules"] = dict(sorted(self.theories.items()))
        if self.ensemble is not None:
            resolved["ensemble"] = self.ensemble.as_data()
        if self.windows:
            resolved["windows"] = {name: list(years) for name, years in sorted(self.windows.items())}
        return resolved

    @property
    def inputs(self) -> dict[str, Path]:
        """Files that results depend on, by their place in a result's `inputs` folder."""
        own = {} if self.ensemble is None else {ENSEMBLE_FILE: self.ensemble.path}
        return input_files(self.scenario) | own

    @property
    def recorded(self) -> Recorded:
        """What is recorded of its runs."""
        waiting = sorted({name for policy in self.policies for name in policy.signals})
        return Recorded(self.targets, self.recording, tuple(waiting), self.scored_until)

    @property
    def scored_until(self) -> int | None:
        """Last year that is scored against a record; None without windows."""
        return max((last for _, last in self.windows.values()), default=None)

    @property
    def drawn(self) -> list[str]:
        """Names of the parameters that differ from run to run."""
        together = [] if self.ensemble is None else [name for name in self.ensemble.rows if name not in self.parameters]
        return sorted({*self.uncertainty, *together})

    @cached_property
    def id(self) -> str:
        """Twelve digits that name everything the results depend on; its files are read when it is first asked for."""
        return id_of(self.resolved())


def extent(policies: int, runs: int) -> str:
    """How much there is to run, in words: `4 policies x 1,000 runs`."""
    return f"{policies} {'policy' if policies == 1 else 'policies'} x {runs:,} {'run' if runs == 1 else 'runs'}"


def id_of(resolved: dict[str, Any]) -> str:
    """The id of a resolved experiment."""
    return hashlib.sha256(json.dumps(resolved, sort_keys=True).encode()).hexdigest()[:12]


def input_files(scenario: Scenario) -> dict[str, Path]:
    """Files that results depend on, by their place in a result's `inputs` folder: clusters' own, and shared tables."""
    files = {name: scenario.tables_folder / name for name in SHARED_TABLES}
    if scenario.members:
        files[GROUP_FILE] = scenario.folder / GROUP_FILE
    for cluster in scenario.clusters:
        place = f"{cluster.folder.name}/" if scenario.members else ""
        names = ("cluster.toml", "firms.csv", *BESIDE)
        own = {f"{place}{name}": cluster.folder / name for name in names}
        files |= {name: path for name, path in own.items() if path.is_file()}
    return files


def _hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_experiment(name: str, settings: Sequence[str] = (), **changes: Any) -> Experiment:
    """Read and check an experiment, laid over its base if it names one.

    settings: texts such as `parameters.capex_level=1.1`; changes: values by key (runs, policies). Both are laid over what
    the file says, as `layers.varied` does. Raises InputError.
    """
    path = find_experiment(name)
    data = read_experiment(path)
    check_books = bool(changes.pop("check_books", False))
    given = {key: value for key, value in changes.items() if value is not None}
    changed = with_packages(set_by(settings, data, KNOWN_KEYS) | given)
    if not changed:
        return _checked(data, path, check_books)
    check(ExperimentFile, data, path, strict=True)
    try:
        return _checked(varied(data, changed), path, check_books)
    except InputError as mistake:
        raise as_given(mistake, path, changed, given) from None


def _checked(data: dict[str, Any], path: Path, check_books: bool) -> Experiment:
    """The experiment of the data of a file. Raises InputError for all of its mistakes."""
    try:
        file = check(ExperimentFile, data, path, strict=True)
    except InputError as mistake:
        wrong = {re.split(r"[.\[]", one.key)[0] for one in (mistake, *mistake.others)}
        for key, others in HANGING.items():
            wrong |= set(others) if key in wrong else set()
        if "cluster" in data and "cluster" not in wrong:
            rest = {"name": "other"} | {key: value for key, value in data.items() if key not in wrong}
            try:
                resolve(check(ExperimentFile, rest, path, strict=True), path)
            except InputError as more:
                mistake.others += (more, *more.others)
        raise
    return resolve(file, path, check_books)


def read_experiment(path: Path) -> dict[str, Any]:
    """The data of an experiment file over that of its base, which is checked by itself, so that its mistakes are its own."""
    data = with_bases(path)
    base = base_of(read_toml(path), path)
    if base is not None:
        load_experiment(str(base.absolute()))
    return data


def resolve(file: ExperimentFile, path: Path, check_books: bool = False) -> Experiment:
    """Look up everything that an experiment names."""
    mistakes = Mistakes()
    written = dict(file.uncertainty)
    named = written.pop(ENSEMBLE, None)
    with mistakes.apart():
        scenario = read_scenario(find_cluster(file.cluster, path.parent, path))
    with mistakes.apart():
        policies = _policies(file, path)
        baseline = baseline_of(file, policies, path)
    with mistakes.apart():
        ensemble = _ensemble(named, path)
    with mistakes.apart():
        uncertainty = uncertainty_of(written, file.parameters, path)
    with mistakes.apart():
        targets = targets_of(file, path)
    with mistakes.apart():
        theories = theories_of(file, path)
    with mistakes.apart():
        windows = windows_of(file, path)
    mistakes.tell()
    for package in policies:
        with mistakes.apart():
            check_targets(package, scenario, path, f"policy.{package.name}.")
    mistakes.tell()
    found = Experiment(
        file.name, file.title or scenario.file.title, scenario, *file.horizon, file.runs, file.seed, baseline,
        tuple(policies), uncertainty, dict(file.parameters), targets, check_books, file.recording,
        theories=theories, ensemble=ensemble, windows=windows,
    )  # fmt: skip
    if "search" in file.model_fields_set:
        found = replace(found, searching=search_of(file.search, found, path))
    silent = {"uncertainty", "targets"} - file.model_fields_set
    doubts = (*scenario.doubts, *doubts_of_experiment(found, path), *doubts_of_silence(found, silent, path))
    return replace(found, warnings=accepted(doubts, file.accept, path))


def baseline_of(file: ExperimentFile, policies: Sequence[Package], path: Path) -> str:
    """The policy that others are compared with, which must be one of them; the first unless another is named."""
    names = [policy.name for policy in policies]
    if file.baseline is not None and file.baseline not in names:
        raise InputError(path, "baseline", file.baseline, "not among the policies", names)
    return names[0] if file.baseline is None else file.baseline


def _ensemble(written: Any, path: Path) -> Ensemble | None:
    """The ensemble that [uncertainty] names, if it names one."""
    if written is None:
        return None
    if not isinstance(written, str):
        raise InputError(path, f"uncertainty.{ENSEMBLE}", written, 'expected a name or a file, such as "history-2013"')
    return find_ensemble(written, path.parent, path)


def _policies(file: ExperimentFile, path: Path) -> list[Package]:
    """The packages in the order of `policies`, then variants that the file defines and does not list."""
    own: dict[str, Package] = {}
    mistakes = Mistakes()
    for place, written in zip(_places(file.policy), file.policy, strict=True):
        with mistakes.apart():
            package = parse_package(written, path, own, f"{place}.")
            if package.name in own:
                raise InputError(path, f"{place}.name", package.name, "defined twice")
            if package.name in library_names():
                expected = "is a policy of the library; expected another name"
                raise InputError(path, f"{place}.name", package.name, expected)
            own[package.name] = package
    listed = list(file.policies)
    for name in dict.fromkeys(listed):
        with mistakes.apart():
            if listed.count(name) > 1:
                raise InputError(path, "policies", name, "listed twice")
            if not any(name == written.get("name") for written in file.policy):
                library_package(name, path, "policies")
    mistakes.tell()
    names = listed + [name for name in own if name not in listed]
    return [own.get(name) or library_package(name, path, "policies") for name in names]


def _places(written: Sequence[dict[str, Any]]) -> list[str]:
    """What messages call the variants of a file: `policy` if there is one, else by name, or by number without one."""
    if len(written) == 1:
        return ["policy"]
    names = [variant.get("name") for variant in written]
    clear = [isinstance(name, str) and name.strip() and name.isprintable() and names.count(name) == 1 for name in names]
    return [f"policy[{name if is_clear else k}]" for k, (name, is_clear) in enumerate(zip(names, clear, strict=True), 1)]
