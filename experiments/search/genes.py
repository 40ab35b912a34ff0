"""Packages as genes: per instrument whether it is used, how strong, from when or by which signal; and the governance mode.

Genes are numbers in [0, 1), shape (1 + instruments * PARTS,): the mode first, then the parts of each instrument in turn.
Strengths stand on a grid of STEPS, years are whole, so that different genes may be one package.
"""

from dataclasses import dataclass, replace

import numpy as np

from clusterpact.experiments.search.settings import Search, Setting
from clusterpact.policies.package import Package, Points
from clusterpact.policies.signals import Signal

STEPS = 20  #: of an instrument's range: a strength is told no finer than that
ON, LEVEL, START, END, WAITS = range(5)
PARTS = 5
SPREAD = 0.15  #: of a change of a strength or a year by chance, as a share of its range
MODE_CHANGES = 0.1  #: chance that a child gets another governance mode
Content = tuple[str | None, tuple[tuple[str, Points, Signal | None], ...]]


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
        """What genes say: the governance mode, and schedule and signal of every instrument that is used."""
        modes = self.search.governance
        chosen = [(one.instrument, *self._schedule(one, genes[1 + PARTS * k : 1 + PARTS * (k + 1)]))
                  for k, one in enumerate(self.search.settings)]  # fmt: skip
        return modes[int(genes[0] * len(modes))], tuple(one for one in chosen if one[1])

    def _schedule(self, setting: Setting, part: np.ndarray) -> tuple[Points, Signal | None]:
        """The schedule of an instrument, empty if it is not used, and what it waits for."""
        first, last = self.search.starts
        level = setting.low + int(part[LEVEL] * (STEPS + 1)) / STEPS * (setting.high - setting.low)
        start = first + int(part[START] * (last - first + 1))
        if part[ON] < 0.5 or level == 0.0:
            return (), None
        awaited = self.search.triggers[int(part[WAITS] * len(self.search.triggers))] if self.search.triggers else None
        if awaited:
            return ((0, float(f"{level:.6g}")),), awaited
        points = ((start, float(f"{level:.6g}")),)
        end = start + 1 + int(part[END] * (self.search.last_year - start + 1))
        return ((*points, (end, 0.0)) if self.search.ends and end <= self.search.last_year else points), None

    def package(self, genes: np.ndarray, name: str) -> Package:
        """The package of genes."""
        mode, chosen = self.content(genes)
        schedules = {instrument: points for instrument, points, _ in chosen}
        signals = {instrument: signal for instrument, _, signal in chosen if signal}
        return replace(
            self.base, name=name, title=name, description="Found by search.",
            governance_mode=self.base.governance_mode if mode is None else mode,
            schedules=self.base.schedules | schedules,
            targets={key: one for key, one in self.base.targets.items() if key not in schedules},
            signals={key: one for key, one in self.base.signals.items() if key not in schedules} | signals,
        )  # fmt: skip

    def genes(self, package: Package) -> np.ndarray:
        """Genes as near to a package as they can be: each instrument at its greatest strength from when it has it."""
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
            signal, triggers = package.signals.get(one.instrument), self.search.triggers
            waits = (triggers.index(signal) + 0.5) / len(triggers) if signal in triggers else 0.0
            part = (1.0 - 1e-9, (step + 0.5) / (STEPS + 1), (start - first + 0.5) / (last - first + 1), end, waits)
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
            what = int(random.choice(self._parts))
            if what == ON or part[ON] < 0.5:
                part[ON] = 1 - 1e-9 - part[ON]
            else:
                part[what] = np.clip(self._moved(part[what], what, random), 0.0, 1 - 1e-9)
        return found

    @property
    def _parts(self) -> list[int]:
        """Parts of an instrument that may change in this search."""
        return [ON, LEVEL, START, *([END] if self.search.ends else []), *([WAITS] if self.search.triggers else [])]

    def _moved(self, gene: float, what: int, random: np.random.Generator) -> float:
        """A strength or a year, changed by chance: by one step, by any way, or to an end of its range."""
        first, last = self.search.starts
        if what == WAITS:
            return float(random.random())
        step = 1 / (STEPS + 1) if what == LEVEL else 1 / (last - first + 1)
        way = random.integers(3)
        if way == 0:
            return gene + (step if random.random() < 0.5 else -step)
        return gene + SPREAD * random.standard_normal() if way == 1 else float(random.random() < 0.5)
