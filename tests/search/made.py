"""Made worlds for a search: outcomes in closed form, so that the best packages are known, with luck that all share."""

from dataclasses import dataclass

import numpy as np

from clusterpact.experiments.search.evolution import Evolution
from clusterpact.experiments.search.settings import Aim, Search, Setting
from clusterpact.policies.package import Package

FIRST, LAST = 2026, 2050
BASE = Package("base", "Base", "", None, {})
SETTINGS = (Setting("grant_share", 0.0, 0.6), Setting("skills_per_year", 0.0, 0.1), Setting("lock_in", 0.0, 1.0))
CO2, MONEY = Aim("min cumulative_mt", "cumulative_mt", "mean", 1), Aim("min public_meur", "public_meur", "mean", 1)


@dataclass(frozen=True)
class Made:
    """A world where CO2 falls with the years that instruments are in force, at a cost; lists by instrument of SETTINGS.

    abates: Mt at full strength from the first year; costs: MEUR of the same; fixed: MEUR if it is used at all.
    """

    abates: tuple[float, float, float]
    costs: tuple[float, float, float]
    fixed: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def values(self, place: str, packages: list[Package], first_run: int, runs: int) -> np.ndarray:
        """Outcomes of runs, shape (packages, runs, 2): CO2 and money, of which both have luck and abatement has some too."""
        luck = np.array([np.random.default_rng([3, run]).normal(size=3) for run in range(first_run, first_run + runs)])
        return np.array([self._outcomes(package, luck) for package in packages])

    def _outcomes(self, package: Package, luck: np.ndarray) -> np.ndarray:
        used = np.array([self.used(package, one) for one in SETTINGS])
        works = 1 + 0.2 * luck[:, 0]
        co2 = 100 + 5 * luck[:, 1] - works * (used @ self.abates)
        money = 300 + 30 * luck[:, 2] + used @ self.costs + (used > 0) @ np.array(self.fixed)
        return np.column_stack([co2, money])

    @staticmethod
    def used(package: Package, setting: Setting) -> float:
        """How much an instrument is used, from 0 to 1: its strength times the share of years that it is in force."""
        points = package.schedules.get(setting.instrument, ())
        return (
            sum(level for _, level in points) / setting.high * (LAST - points[0][0] + 1) / (LAST - FIRST + 1)
            if points
            else 0.0
        )


def search(**changes) -> Search:
    """A small search of CO2 and money."""
    usual = {
        "objectives": (CO2, MONEY), "constraints": (), "settings": SETTINGS, "starts": (FIRST, 2040), "last_year": LAST,
        "ends": False, "triggers": (), "governance": (None,), "regret_of": CO2, "packages": 900, "population": 32, "seed": 1,
        "runs_first": 8, "runs_most": 32, "patience": 12,
    }  # fmt: skip
    return Search(**(usual | changes))


def searched(world: Made, **changes):
    """What a search finds in a made world."""
    return Evolution(search(**changes), [BASE], 0, world.values).search_on(lambda text: None)
