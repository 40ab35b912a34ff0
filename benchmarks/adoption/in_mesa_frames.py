"""The world of adoption in mesa-frames: the firms are rows of a Polars frame, decided by one expression a quarter."""

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF

from benchmarks.adoption import QUARTERS, hazard


class Firms(AgentSetPolars):
    """All firms."""

    def __init__(self, model: "World", firms: int) -> None:
        super().__init__(model)
        self += pl.DataFrame({"unique_id": np.arange(firms), "adopted": np.zeros(firms, bool)})

    def draws(self) -> np.ndarray:
        """Their luck of this quarter, float64 (firms,)."""
        if self.model.told is not None:
            return self.model.told[self.model.quarter]
        return self.random.random(len(self))

    def step(self) -> None:
        """Adopt, with the hazard of this quarter."""
        chance = hazard(self.model.share)
        self["adopted"] = self.agents["adopted"] | (pl.Series(self.draws()) < chance)
        self.model.share = self.agents["adopted"].sum() / len(self)


class World(ModelDF):
    """Firms over all quarters."""

    def __init__(self, firms: int, seed: int, told: np.ndarray | None = None) -> None:
        super().__init__(seed)
        self.told = told
        self.quarter = 0
        self.share = 0.0
        self.agents += Firms(self, firms)

    def step(self) -> None:
        """One quarter."""
        self.agents.step()
        self.quarter += 1


def curve(world: World) -> list[float]:
    """Run a world; its share at the end of every year."""
    shares = []
    for quarter in range(QUARTERS):
        world.step()
        if quarter % 4 == 3:
            shares.append(world.share)
    return shares


def curves(worlds: int, firms: int, told: np.ndarray | None = None) -> np.ndarray:
    """See `benchmarks.adoption`; world k has seed k."""
    return np.array([curve(World(firms, seed, None if told is None else told[seed])) for seed in range(worlds)])
