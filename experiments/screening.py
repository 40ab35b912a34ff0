"""The Morris screening: one-factor-at-a-time trajectories over every uncertain parameter, with the luck as one more factor.

Every point of the design is run with the same luck (`replicates` numbers), so that effects are those of the parameters. The
factor `luck` swaps these numbers for others: its effect is the noise that any other effect must exceed.
Sources: Morris (1991), Technometrics 33:161; Campolongo, Cariboni and Saltelli (2007), Environ. Model. Softw. 22:1509.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.extras import require
from clusterpact.inputs import InputError

LEVELS = 4
MOST_TRAJECTORIES = 10_000
LUCK = "luck"


@dataclass(frozen=True, eq=False)
class Screening:
    """A Morris design: `sample` holds the points in [0, 1], of shape (trajectories * (factors + 1), factors)."""

    factors: tuple[str, ...]
    trajectories: int
    replicates: int
    seed: int
    sample: np.ndarray

    @classmethod
    def lay_out(cls, factors: list[str] | tuple[str, ...], trajectories: int, replicates: int, seed: int,
                file: object = "") -> "Screening":  # fmt: skip
        """Draw the trajectories with SALib; raises InputError where it is not installed, or for factors that are none."""
        for name in factors:
            if name not in PARAMETERS and name != LUCK:
                raise InputError(file, "screening.factors", name, "no such parameter", PARAMETERS)
        if len(set(factors)) < len(factors) or LUCK not in factors or len(factors) < 2:
            raise InputError(file, "screening.factors", list(factors), f"expected parameters, each once, and {LUCK!r}")
        if trajectories > MOST_TRAJECTORIES:
            raise InputError(file, "screening.trajectories", trajectories, f"expected at most {MOST_TRAJECTORIES:,}")
        morris = salib().sample.morris
        problem = problem_of(tuple(factors))
        sample = morris.sample(problem, trajectories, num_levels=LEVELS, seed=(seed ^ seed >> 32) % 2**32)
        return cls(tuple(factors), trajectories, replicates, seed, sample)

    @property
    def runs(self) -> int:
        """Runs of the whole design."""
        return len(self.sample) * self.replicates

    def as_data(self) -> dict[str, Any]:
        """What the design can be laid out again from."""
        return {
            "factors": list(self.factors),
            "trajectories": self.trajectories,
            "replicates": self.replicates,
            "seed": self.seed,
        }

    def values(self, first_run: int, runs: int) -> dict[str, np.ndarray]:
        """Values of every screened parameter for a range of runs, each of shape (runs,)."""
        points = self.sample[np.arange(first_run, first_run + runs) // self.replicates]
        values = {}
        for column, name in enumerate(self.factors):
            if name != LUCK:
                parameter = PARAMETERS[name]
                drawn = parameter.low + points[:, column] * (parameter.high - parameter.low)
                values[name] = np.minimum(drawn, parameter.high)
        return values

    def numbers(self, first_run: int, runs: int) -> np.ndarray:
        """Numbers that the luck of a range of runs hangs on: the same at every point, but for the factor luck."""
        run = np.arange(first_run, first_run + runs)
        luck = self.sample[run // self.replicates, self.factors.index(LUCK)]
        block = np.rint(luck * (LEVELS - 1)).astype(np.int64)
        numbers: np.ndarray = (block * self.replicates + run % self.replicates).astype(np.uint64)
        return numbers


def problem_of(factors: tuple[str, ...]) -> dict[str, Any]:
    """The factors as SALib wants them, all in [0, 1], so that an effect is that of a parameter's whole range."""
    return {"num_vars": len(factors), "names": list(factors), "bounds": [[0.0, 1.0]] * len(factors)}


def salib() -> Any:
    """The library for sensitivity analysis, an extra of the installation."""
    require("sensitivity", "sensitivity", "SALib")
    import SALib.analyze.morris
    import SALib.sample.morris

    return SALib
