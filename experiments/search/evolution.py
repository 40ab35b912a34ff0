"""The search itself: NSGA-II over packages, each of which gets as many runs as it takes to tell that it is no good.

All packages are run on common luck: the first runs are the same for all, and what is known of a package is the difference
to the baseline in the same runs, added to the baseline's statistic over the most runs. In every generation the packages that
are not clearly dominated compete for more runs, the doubled number each time; of those that have some number of runs, at
most one in ETA goes on. The front at the end gets the most runs.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count, islice

import numpy as np

from clusterpact.experiments.search.genes import Coder, Content
from clusterpact.experiments.search.settings import Search
from clusterpact.policies.package import Package
from clusterpact.results.statistics.front import (
    best,
    clearly_dominated,
    crowding,
    hypervolume,
    ranks,
    statistic,
    thinned,
    weights,
)
from clusterpact.results.statistics.kinds import IDLE, REGRET, SEEN, USED_UP, Aim

ETA = 3
CLEARLY = 0.95  #: share of resamples in which one package dominates another, to call it clear
RESAMPLES = 40
FRONT = 50  #: packages of the front that are kept, and the best of every objective
PRUNED = 0.15  #: share of children that are a parent without one of its instruments: what does nothing is to go
PRUNINGS = 5  #: generations at the end, of packages of the front without one of their instruments
TRIES = 20  #: of a child that was seen before
#: Values of runs by (place of the block, packages, first run, runs); shape (packages, runs, columns of the search).
Evaluate = Callable[[str, list[Package], int, int], np.ndarray]


@dataclass(eq=False)
class Member:
    """A package with what is known of it: values, (runs, columns), and statistics per resample, all runs alike first.

    objectives: (1 + RESAMPLES, objectives), each to be made small; bounded: (1 + RESAMPLES, constraints), what is bounded;
    broken: (1 + RESAMPLES,), by how much of their bounds constraints are broken. genes: empty for a package made by hand.
    """

    package: Package
    values: np.ndarray
    genes: np.ndarray = field(default_factory=lambda: np.zeros(0))
    objectives: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    bounded: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    broken: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def runs(self) -> int:
        """Runs that are known."""
        return len(self.values)


class Judge:
    """What objectives and constraints make of the values of runs, against the packages made by hand."""

    def __init__(self, search: Search, hand: list[Member], baseline: int, resamples: int = RESAMPLES) -> None:
        self.search, self.baseline = search, hand[baseline]
        self.weights = weights(resamples, search.runs_most, search.seed)
        column = search.columns.index(search.regret_of.column)
        signed = np.array([search.regret_of.sign * one.values[:, column] for one in hand])
        self.least = signed.min(axis=0)  #: of the outcome that regret is of, by hand, in every future; to be made small
        for one in hand:
            self.judge(one)

    def runs_of(self, aim: Aim, values: np.ndarray) -> np.ndarray:
        """What an aim looks at, by run; shape (runs,). Regret is below zero where a package beats all that are by hand."""
        if aim.column != REGRET:
            chosen: np.ndarray = values[:, self.search.columns.index(aim.column)]
            return chosen
        of = self.search.regret_of
        regret: np.ndarray = of.sign * values[:, self.search.columns.index(of.column)] - self.least[: len(values)]
        return regret

    def estimate(self, aim: Aim, values: np.ndarray) -> np.ndarray:
        """The statistic of an aim by resample, shape (1 + RESAMPLES,), corrected by the luck of the baseline's runs."""
        runs, all_runs = len(values), self.runs_of(aim, self.baseline.values)
        found = statistic(self.runs_of(aim, values), self.weights[:, :runs], aim.kind)
        if runs == len(all_runs):
            return found
        luck = statistic(all_runs[:runs], self.weights[:, :runs], aim.kind)
        corrected: np.ndarray = found - luck + statistic(all_runs, self.weights, aim.kind)
        return corrected

    def judge(self, member: Member) -> None:
        """Work out the objectives of a package anew, and by how much it breaks constraints."""
        aims = self.search.objectives
        member.objectives = np.column_stack([aim.sign * self.estimate(aim, member.values) for aim in aims])
        bounded = [self.estimate(aim, member.values) for aim in self.search.constraints]
        member.bounded = np.array(bounded).reshape(len(bounded), len(self.weights)).T
        member.broken = np.zeros(len(self.weights))
        for aim, held in zip(self.search.constraints, bounded, strict=True):
            member.broken = member.broken + np.maximum(aim.sign * (held - aim.bound) / (abs(aim.bound) or 1.0), 0.0)


@dataclass
class Found:
    """What a search found: the front (most runs each), and per generation packages and runs so far, and the front.

    Fronts are by what is known at the end, each of at most FRONT packages of the one before and of those that were best in
    their generation. ideal, worst: corners of the box of their hypervolumes; stopped: why the search ended.
    """

    front: list[Member]
    hand: list[Member]
    history: list[tuple[int, int, list[Member]]]
    ideal: np.ndarray
    worst: np.ndarray
    stopped: str

    def volumes(self) -> list[np.ndarray]:
        """Hypervolume of the front of every generation; each (1 + RESAMPLES,)."""
        fronts = (front for _, _, front in self.history)
        return [np.array([volume(one, self.ideal, self.worst, k) for k in range(RESAMPLES + 1)]) for one in fronts]


def told(members: Iterable[Member]) -> tuple[np.ndarray, np.ndarray]:
    """Objectives and broken constraints of some packages, all runs alike: (packages, objectives) and (packages,)."""
    some = list(members)
    return np.array([one.objectives[0] for one in some]), np.array([one.broken[0] for one in some])


def ideal_of(fronts: Iterable[Iterable[Member]]) -> np.ndarray:
    """The best of every objective on some fronts, (objectives,): a corner of the box of their hypervolumes."""
    ideal: np.ndarray = np.min([one.objectives[0] for front in fronts for one in front], axis=0)
    return ideal


def volume(front: Iterable[Member], ideal: np.ndarray, worst: np.ndarray, resample: int = 0) -> float:
    """Hypervolume of a front in a box, in one resample of runs; packages that break a constraint have none."""
    kept = [one.objectives[resample] for one in front if one.broken[0] == 0.0]
    return hypervolume(np.array(kept), ideal, worst) if kept else 0.0


class Evolution:
    """A search on its way: what was seen, the population, and the packages made by hand."""

    def __init__(self, search: Search, policies: list[Package], baseline: int, evaluate: Evaluate) -> None:
        self.search, self.evaluate = search, evaluate
        self.coder = Coder(search, policies[baseline])
        self.random = np.random.default_rng(search.seed)
        self.seen: set[Content] = set()
        values = evaluate("hand", policies, 0, search.runs_most)
        self.hand = [Member(one, held) for one, held in zip(policies, values, strict=True)]
        self.judge = Judge(search, self.hand, baseline)
        self.population: list[Member] = []
        self.undominated: list[Member] = []  #: of all that were seen: a population has no room for a large front
        self.front: list[Member] = []  #: at most FRONT of these, and those before them that are no worse
        self.generation, self.runs = 0, values.shape[0] * values.shape[1]
        self.history: list[tuple[int, int, list[Member]]] = []
        self.worst = np.zeros(0)

    def search_on(self, tell: Callable[[str], None]) -> Found:
        """Evolve until nothing is gained, the packages are used up, or none is left to try."""
        stopped = ""
        while not stopped:
            born = self._children()
            if not born:
                stopped = SEEN
                break
            self._enter(born, tell)
            if len(self.seen) >= self.search.packages:
                stopped = USED_UP
            elif self._is_idle():
                stopped = IDLE
        for _ in range(PRUNINGS):
            simpler = (genes for one in self._with_best(self.front) for genes in self.coder.simpler(one.genes))
            if born := list(islice(filter(self._is_new, simpler), self.search.population)):
                self._enter(born, tell)
        fronts, ideal = self._finished()
        history = [(packages, runs, front) for (packages, runs, _), front in zip(self.history, fronts, strict=True)]
        return Found(fronts[-1], self.hand, history, ideal, self.worst, stopped)

    def _children(self) -> list[np.ndarray]:
        """Genes of the next generation, none of which was seen."""
        room = min(self.search.population, self.search.packages - len(self.seen))
        given = [] if self.population else [self.coder.genes(one.package) for one in self.hand]
        parents = self._ranked() if self.population else None
        found: list[np.ndarray] = []
        for k in range(room + len(given)):
            genes = given[k] if k < len(given) else self._unseen(parents)
            if len(found) < room and genes is not None and self._is_new(genes):
                found.append(genes)
        return found

    def _is_new(self, genes: np.ndarray) -> bool:
        content = self.coder.content(genes)
        if content in self.seen:
            return False
        self.seen.add(content)
        return True

    def _unseen(self, parents: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray | None:
        """Genes of a package that was not seen: a child of two parents, or any; None if that cannot be had."""
        for tried in range(2 * TRIES):
            if parents is None or tried >= TRIES:
                genes = self.coder.drawn(self.random)
            else:
                mother, father = self._chosen(*parents).genes, self._chosen(*parents).genes
                prunes = self.random.random() < PRUNED
                simpler = self.coder.simpler(mother) if prunes else []
                genes = (
                    simpler[self.random.integers(len(simpler))] if simpler else self.coder.child(mother, father, self.random)
                )
            if self.coder.content(genes) not in self.seen:
                return genes
        return None

    def _ranked(self) -> tuple[np.ndarray, np.ndarray]:
        """Front and crowding distance of every package of the population."""
        objectives, broken = told(self.population)
        rank, distance = ranks(objectives, broken), np.zeros(len(self.population))
        for front in range(int(rank.max()) + 1):
            distance[rank == front] = crowding(objectives[rank == front])
        return rank, distance

    def _chosen(self, rank: np.ndarray, distance: np.ndarray) -> Member:
        """The better of two packages drawn by chance."""
        a, b = (int(k) for k in self.random.integers(len(self.population), size=2))
        return self.population[a if (rank[a], -distance[a]) <= (rank[b], -distance[b]) else b]

    def _enter(self, born: list[np.ndarray], tell: Callable[[str], None]) -> None:
        """Run a generation, race it, and keep the best as parents of the next."""
        place = f"{self.generation:04d}"
        packages = [self.coder.package(genes, f"g{place}-{k:03d}") for k, genes in enumerate(born)]
        values = self._run(place, packages, 0, self.search.runs_first)
        pool = list(self.population)
        for package, genes, held in zip(packages, born, values, strict=True):
            pool.append(Member(package, held, genes))
            self.judge.judge(pool[-1])
        if not self.generation:
            told_of, broken = told([*pool, *self.hand])
            self.worst = (told_of[broken == 0.0] if (broken == 0.0).any() else told_of).max(axis=0)
        pool = _simplest(self._race(place, pool), self.search.runs_first)
        self.population = [pool[k] for k in best(*told(pool), self.search.population)]
        everyone = _simplest([*self.undominated, *pool], self.search.runs_first)
        self.undominated = [one for one, place in zip(everyone, ranks(*told(everyone)), strict=True) if place == 0]
        simplest = set(everyone)
        earlier = [one for one in self.front if one in simplest]
        ideal = ideal_of([earlier, self.undominated])
        self.front = self._thinned([*earlier, *self.undominated], ideal)
        self.history.append((len(self.seen), self.runs, self.front))
        now, before = (volume(front, ideal, self.worst) for front in (self.front, earlier))
        tell(f"generation {self.generation}: {len(self.seen):,} packages, {self.runs:,} runs, "
             f"front of {len(self.front)}, hypervolume {now:.3f} (before {before:.3f})")  # fmt: skip
        self.generation += 1

    def _run(self, place: str, packages: list[Package], first: int, runs: int) -> np.ndarray:
        self.runs += len(packages) * runs
        return self.evaluate(f"{place}/runs-{first}", packages, first, runs)

    def _race(self, place: str, pool: list[Member]) -> list[Member]:
        """Give more runs to packages that may be in the front, fewer of them each time."""
        known, most = self.search.runs_first, max(1, self.search.population // ETA)
        while known < self.search.runs_most:
            further = min(2 * known, self.search.runs_most)
            objectives, broken = (np.array([getattr(one, name) for one in pool]).swapaxes(0, 1)
                                  for name in ("objectives", "broken"))  # fmt: skip
            by = best(objectives[0], broken[0], FRONT)
            lost = clearly_dominated(objectives, broken, by, CLEARLY)
            racing = [one for one, is_lost in zip(pool, lost, strict=True) if one.runs == known and not is_lost]
            if racing:
                self._more(place, [racing[k] for k in best(*told(racing), most)], further)
            known, most = further, max(1, most // ETA)
        return pool

    def _more(self, place: str, members: list[Member], runs: int) -> None:
        """Run packages that have the same number of runs up to another one."""
        known = members[0].runs
        values = self._run(place, [one.package for one in members], known, runs - known)
        for member, held in zip(members, values, strict=True):
            member.values = np.concatenate([member.values, held])
            self.judge.judge(member)

    def _is_idle(self) -> bool:
        """Whether the hypervolume that the last generations gained is no more than its interval."""
        patience = self.search.patience
        if not patience or len(self.history) <= patience:
            return False
        before, now = self.history[-1 - patience][2], self.history[-1][2]
        ideal = ideal_of([before, now])
        gain = [volume(now, ideal, self.worst, k) - volume(before, ideal, self.worst, k) for k in range(RESAMPLES + 1)]
        return bool(gain[0] <= 0.0 or np.quantile(gain[1:], 0.025) <= 0.0)

    def _thinned(self, members: list[Member], ideal: np.ndarray) -> list[Member]:
        """The packages that none dominates, at most FRONT of them; none takes from the hypervolume of those before it."""
        return [members[k] for k in thinned(*told(members), FRONT, (ideal, self.worst))]

    def _with_best(self, front: list[Member]) -> list[Member]:
        """A front, and the undominated package that is best in each objective, which may add nothing to the hypervolume."""
        everyone = [*front, *self.undominated]
        objectives, broken = told(everyone)
        some = np.flatnonzero(ranks(objectives, broken) == 0)
        return list(dict.fromkeys([*front, *(everyone[some[k]] for k in objectives[some].argmin(axis=0))]))

    def _fronts(self) -> tuple[list[list[Member]], np.ndarray]:
        """The fronts of generations by what is known now, the last one with the best of each objective; and their ideal."""
        entered = [front for _, _, front in self.history]
        entered[-1] = [*entered[-1], *self.undominated]
        everyone = list(dict.fromkeys(one for some in entered for one in some))
        runs = self.search.runs_first
        alike = {one.values[:runs].tobytes(): one for one in _simplest(everyone, runs)}
        ideal, fronts = ideal_of([alike.values()]), list[list[Member]]([[]])
        for some in entered:
            simplest = [alike[one.values[:runs].tobytes()] for one in some]
            fronts.append(self._thinned([*fronts[-1], *simplest], ideal))
        return [*fronts[1:-1], self._with_best(fronts[-1])], ideal

    def _finished(self) -> tuple[list[list[Member]], np.ndarray]:
        """The fronts and their ideal, when all of the last one has the most runs, of which few tell what was luck."""
        fronts, ideal = self._fronts()
        rounds = count()
        while short := [one for one in fronts[-1] if one.runs < self.search.runs_most]:
            place = f"front-{next(rounds):03d}"
            for known in sorted({one.runs for one in short}):
                self._more(place, [one for one in short if one.runs == known], min(2 * known, self.search.runs_most))
            fronts, ideal = self._fronts()
        return fronts, ideal


def _simplest(members: list[Member], runs: int) -> list[Member]:
    """Packages of which no other has exactly the same first runs with fewer instruments; of alike ones, the best known."""
    kept: dict[bytes, Member] = {}
    for one in members:
        key = one.values[:runs].tobytes()
        other = kept.get(key)
        if other is None or (len(one.package.schedules), -one.runs) < (len(other.package.schedules), -other.runs):
            kept[key] = one
    return list(kept.values())


def runs_expected(search: Search, policies: int) -> int:
    """About as many runs as a search takes if it does not stop before its packages are used up."""
    generations = math.ceil(search.packages / search.population) + PRUNINGS
    total = (search.packages + PRUNINGS * search.population) * search.runs_first + 2 * policies * search.runs_most
    known, most = search.runs_first, max(1, search.population // ETA)
    while known < search.runs_most:
        further = min(2 * known, search.runs_most)
        total += generations * most * (further - known)
        known, most = further, max(1, most // ETA)
    return total + 2 * FRONT * search.runs_most
