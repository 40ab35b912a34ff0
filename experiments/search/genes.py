"""Packages as genes: per instrument whether it is used, how strong, from when (and until when); and the governance mode.

Genes are numbers in [0, 1), shape (1 + instruments * PARTS,): the mode first, then the parts of each instrument in turn.
Strengths stand on a grid of STEPS, years are whole, so that different genes may be one package.
"""

from dataclasses import dataclass, replace

import numpy as np

from clusterpact.experiments.search.settings import Search, Setting
from clusterpact.policies.package import Package, Points

STEPS = 20  #: of an instrument's range: a strength is told no finer than that
ON, LEVEL, START, END = range(4)
PARTS = 4
SPREAD = 0.15  #: of a change of a strength or a year by chance, as a share of its range
MODE_CHANGES = 0.1  #: chance that a child gets another governance mode
Content = tuple[str | None, tuple[tuple[str, Points], ...]]


@dataclass(frozen=True)
class Coder:
    """Between genes and packages, which are laid over a base: what is not used is as the base has it."""

    search: Search
    base: Package

    @property
    def size(self) -> int:
        """Number of genes."""
        return 1 + PARTS * len(self.search.settings)

    def content(self, genes: np.ndarray) -> Content:
        """What genes say: the governance mode, and the schedule of every instrument that is used."""
        modes = self.search.governance
        chosen = [(one.instrument, self._points(one, genes[1 + PARTS * k : 1 + PARTS * (k + 1)]))
                  for k, one in enumerate(self.search.settings)]  # fmt: skip
        return modes[int(genes[0] * len(modes))], tuple((name, points) for name, points in chosen if points)

    def _points(self, setting: Setting, part: np.ndarray) -> Points:
        """The schedule of an instrument, empty if it is not used."""
        first, last = self.search.starts
        level = setting.low + int(part[LEVEL] * (STEPS + 1)) / STEPS * (setting.high - setting.low)
        start = first + int(part[START] * (last - first + 1))
        if part[ON] < 0.5 or level == 0.0:
            return ()
        points = ((start, float(f"{level:.6g}")),)
        end = start + 1 + int(part[END] * (self.search.last_year - start + 1))
        return (*points, (end, 0.0)) if self.search.ends and end <= self.search.last_year else points

    def package(self, genes: np.ndarray, name: str) -> Package:
        """The package of genes."""
        mode, chosen = self.content(genes)
        schedules = dict(chosen)
        return replace(
            self.base, name=name, title=name, description="Found by search.",
            governance_mode=self.base.governance_mode if mode is None else mode,
            schedules=self.base.schedules | schedules,
            targets={key: one for key, one in self.base.targets.items() if key not in schedules},
            signals={key: one for key, one in self.base.signals.items() if key not in schedules},
        )  # fmt: skip

    def genes(self, package: Package) -> np.ndarray:
        """Genes as near to a package as they can be: each instrument at its greatest strength from the year it has it."""
        found = np.zeros(self.size)
        modes = self.search.governance
        if package.governance_mode in modes:
            found[0] = (modes.index(package.governance_mode) + 0.5) / len(modes)
        first, last = self.search.starts
        for k, one in enumerate(self.search.settings):
            points = package.schedules.get(one.instrument, ())
            if not points or points == self.base.schedules.get(one.instrument):
                continue
            level = max(value for _, value in points)
            start = next(year for year, value in points if value == level)
            ends = [year for year, value in points if year > start and value == 0.0]
            step = round((min(max(level, one.low), one.high) - one.low) / (one.high - one.low) * STEPS)
            start = min(max(start, first), last)
            end = (ends[0] - start - 0.5) / (self.search.last_year - start + 1) if ends else 1 - 1e-9
            part = (1.0 - 1e-9, (step + 0.5) / (STEPS + 1), (start - first + 0.5) / (last - first + 1), end)
            found[1 + PARTS * k : 1 + PARTS * (k + 1)] = np.clip(part, 0.0, 1 - 1e-9)
        return found

    def drawn(self, random: np.random.Generator) -> np.ndarray:
        """Genes by chance: from packages of hardly anything to packages of nearly all."""
        found = random.random(self.size)
        used = random.random()
        found[1 + ON :: PARTS] = np.where(random.random(len(self.search.settings)) < used, 0.75, 0.25)
        return found

    def simpler(self, genes: np.ndarray) -> list[np.ndarray]:
        """Genes with each of the instruments that are used left out in turn."""
        found = []
        for k in np.flatnonzero(genes[1 + ON :: PARTS] >= 0.5):
            found.append(genes.copy())
            found[-1][1 + PARTS * k + ON] = 0.0
        return found

    def child(self, mother: np.ndarray, father: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Genes of a child: each instrument as one of the parents has it, and about one part of it changed by chance."""
        count = len(self.search.settings)
        from_mother = np.concatenate([random.random(1) < 0.5, np.repeat(random.random(count) < 0.5, PARTS)])
        found = np.where(from_mother, mother, father)
        if random.random() < MODE_CHANGES:
            found[0] = random.random()
        changed = random.random(count) < 1.5 / count
        changed[random.integers(count)] = True
        for k in np.flatnonzero(changed):
            part = found[1 + PARTS * k : 1 + PARTS * (k + 1)]  # a view
            what = int(random.integers(PARTS if self.search.ends else PARTS - 1))
            if what == ON or part[ON] < 0.5:
                part[ON] = 1 - 1e-9 - part[ON]
            else:
                part[what] = np.clip(self._moved(part[what], what, random), 0.0, 1 - 1e-9)
        return found

    def _moved(self, gene: float, what: int, random: np.random.Generator) -> float:
        """A strength or a year, changed by chance: by one step, by any way, or to an end of its range."""
        first, last = self.search.starts
        step = 1 / (STEPS + 1) if what == LEVEL else 1 / (last - first + 1)
        way = random.integers(3)
        if way == 0:
            return gene + (step if random.random() < 0.5 else -step)
        return gene + SPREAD * random.standard_normal() if way == 1 else float(random.random() < 0.5)
