"""Experiments as Python sees them: of the library, of a file or written out; changed, run, opened run by run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from clusterpact.experiments import experiment as experiments
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.replay import reopen_run, replay_run
from clusterpact.experiments.questions.account import account_of
from clusterpact.experiments.running.compilation import is_compiled, warm_up
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.running.shards import world_of
from clusterpact.experiments.variant import load_variant
from clusterpact.face.progress import told
from clusterpact.face.results import Result
from clusterpact.face.searches import Search, search
from clusterpact.face.shown import Plots, page
from clusterpact.face.timings import Timing, timing
from clusterpact.inputs import InputError, at_home
from clusterpact.sim.model import ClusterModel

Source = str | Path | Mapping[str, Any] | experiments.Experiment  #: a name of the library, a file, its data, an experiment


@dataclass(frozen=True, repr=False)
class Experiment(experiments.Experiment):
    """An experiment, checked, with everything that its results depend on; `run` runs it, `model` opens one run of it."""

    def run(self, progress: bool = True, threads: int = 1, out: str | Path | None = None) -> Result:
        """Run what is missing of it and return its result; a finished result is only read again.

        progress: a bar on a terminal or in a notebook, lines in a log; threads: of this process; out: the folder of the
        result (default: runs/NAME-ID). Raises InputError if the folder holds something else.
        """
        if type(threads) is not int or threads < 1:
            raise InputError("", "threads", threads, "expected a whole number, 1 or more")
        folder = None if out is None else at_home(out, "out")
        with told(progress) as heard:
            return Result(run_experiment(self, folder, RunOptions(threads=threads, progress=heard)).folder)

    def timing(self, progress: bool = True, **options: Any) -> Timing:
        """When the instruments of a package must start, and may end, with runs of their years; see `timing`."""
        return timing(self, progress=progress, **options)

    def search(self, progress: bool = True, **options: Any) -> Search:
        """Packages that nothing beats on what its `[search]` wants; see `search`."""
        return search(self, progress=progress, **options)

    def model(self, policy: str | None = None, run: int = 0, progress: bool = True, **classes: type) -> ClusterModel:
        """One run of it as a Mesa model at its first quarter; see `model`."""
        _compile(self, progress)
        return reopen_run(self, self.baseline if policy is None else policy, run, **classes)

    def of(self, runs: int, policies: Iterable[str] | None = None) -> "Experiment":
        """The same experiment with so many runs and some of its policies (all by default); raises InputError."""
        if type(runs) is not int or not 1 <= runs <= experiments.MOST_RUNS:
            raise InputError("", "runs", runs, f"expected 1 to {experiments.MOST_RUNS}")
        known = {package.name: package for package in self.policies}
        names = list(known) if policies is None else _listed("policies", policies) or []
        if not names:
            raise InputError("", "policies", names, "expected at least one")
        for name in names:
            if name not in known:
                raise InputError("", "policies", name, f"not among the policies of {self.name}", known)
        baseline = self.baseline if self.baseline in names else names[0]
        return replace(self, runs=runs, policies=tuple(known[name] for name in names), baseline=baseline)

    @property
    def plot(self) -> Plots:
        """Figures of its cluster: `.plot.cluster_map()`, `.plot.tie_network()`."""
        from clusterpact.results.figures.cluster_map import cluster_map, tie_network

        drawn = {"cluster_map": cluster_map, "tie_network": tie_network}
        return Plots({name: (draw, lambda: (self.scenario,)) for name, draw in drawn.items()})

    def __repr__(self) -> str:
        return f"Experiment {self.name}: {self.heading}; {self._words()}; against {self.baseline}"

    def _words(self) -> str:
        drawn = f"{len(self.drawn)} parameters drawn" if self.drawn else "nothing is uncertain"
        return f"{self.extent}, {self.first_year} to {self.last_year}, seed {self.seed}, {drawn}"

    def _repr_html_(self) -> str:
        rows = [(package.name, package.title, package.description) for package in self.policies]
        return page(self.heading, f"{self._words()}; against {self.baseline}", ("policy", "title", "what it is"), rows)


def experiment(
    source: Source,
    runs: int | None = None,
    policies: Iterable[str] | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    uncertainty: Mapping[str, Any] | None = None,
    targets: Mapping[Any, float] | None = None,
    packages: Iterable[Any] | None = None,
) -> Experiment:
    """An experiment: a name of the library, a file, or a mapping with the keys of a file, with what is given in its place.

    runs: per policy. policies: names; without the baseline of the file among them, the first is the baseline. set: single
    keys of an experiment file, dotted where they lie in a table, or names of parameters; None takes a key out. uncertainty,
    targets: tables as in a file, in place of its own. packages: policies to add: mappings as in `[[policy]]`, files of one,
    or `Package`s. Raises InputError for bad input, with the nearest known name.
    """
    changes: dict[str, Any] = {
        "runs": runs, "policies": _listed("policies", policies), "seed": seed, "set": set, "uncertainty": uncertainty,
        "targets": targets, "packages": _listed("packages", packages),
    }  # fmt: skip
    if not isinstance(source, experiments.Experiment):
        return _faced(load_variant(source if isinstance(source, Mapping) else str(source), **changes))
    if changed := [name for name, value in changes.items() if value is not None]:
        expected = "cannot change an Experiment; expected it where the experiment is made, from a name, a file or a mapping"
        raise InputError("", changed[0], None, expected)
    return _faced(source)


def _listed(key: str, given: Iterable[Any] | None) -> list[Any] | None:
    """What is given as a list; one text or mapping alone is a mistake, since it would be taken to pieces."""
    if isinstance(given, str | Mapping) or (given is not None and not isinstance(given, Iterable)):
        raise InputError("", key, given, "expected a list")
    return None if given is None else list(given)


def _faced(found: experiments.Experiment) -> Experiment:
    """The experiment with what Python users call on it."""
    return Experiment(**{entry.name: getattr(found, entry.name) for entry in fields(experiments.Experiment)})


def run(
    source: Source,
    runs: int | None = None,
    seed: int | None = None,
    policies: Iterable[str] | None = None,
    out: str | Path | None = None,
    threads: int = 1,
    progress: bool = True,
    **changes: Any,
) -> Result:
    """Run an experiment (a library name, a file or a mapping) and return its result; a finished one is only read again.

    runs, seed, policies and changes (set, uncertainty, targets, packages) as in `experiment`; progress, threads, out as in
    `Experiment.run`. Raises InputError for bad input.
    """
    found = experiment(source, runs=runs, seed=seed, policies=policies, **changes)
    return found.run(progress, threads, out)


def model(source: Source, policy: str | None = None, run: int = 0, progress: bool = True, **classes: type) -> ClusterModel:
    """One run of an experiment as a Mesa model at its first quarter.

    policy defaults to the baseline; `firm=MyFirm` and the like replace agent classes by subclasses that override a
    decision; progress: whether it is said that the rules are compiled. Raises InputError for an unknown policy or run.
    """
    return experiment(source).model(policy, run, progress, **classes)


def _compile(found: experiments.Experiment, progress: bool) -> None:
    """Compile the rules where that is still to do, and say so."""
    if not is_compiled():
        with told(progress) as heard:
            heard.note("compiling the rules (about a minute after a change)")
            warm_up(world_of(found, 0))


def replay(folder: str | Path, policy: str | None = None, run: int = 0, progress: bool = True) -> ClusterModel:
    """A run of a result, replayed to its end as a Mesa model. Raises InputError for an unknown policy or run."""
    place = at_home(folder, "folder")
    _compile(reopen(place), progress)
    return replay_run(place, policy, run).model


def account(
    name: str | Path,
    policy: str | None = None,
    runs: int | None = None,
    horizon: tuple[int, int] | None = None,
    seed: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """The account of a cluster or an experiment in one long table, as `clusterpact account` writes it (docs/accounts.md).

    A policy adds the simulated paths; runs (20 by default), horizon and seed are theirs. Raises InputError for bad input.
    """
    with told(progress) as heard:
        return account_of(str(name), policy, runs, horizon, seed, heard).table
