"""The world of adoption in Mesa: a model, agents, an agent set that is told what to do every step."""

import mesa
import numpy as np

from benchmarks.adoption import QUARTERS, hazard


class Firm(mesa.Agent):
    """A firm that may adopt."""

    def __init__(self, model: "World", row: int) -> None:
        super().__init__(model)
        self.row = row
        self.adopted = False

    def draw(self) -> float:
        """Its luck of this quarter."""
        return self.random.random()

    def decide(self) -> None:
        """Adopt, with the hazard of this quarter."""
        if not self.adopted and self.draw() < self.model.hazard:
            self.adopted = True


class ToldFirm(Firm):
    """A firm whose draws are told."""

    def draw(self) -> float:
        return self.model.told[self.model.quarter, self.row]


class World(mesa.Model):
    """Firms over all quarters."""

    def __init__(self, firms: int, seed: int, told: np.ndarray | None = None) -> None:
        super().__init__(seed=seed)
        self.told = told
        self.quarter = 0
        self.share = self.hazard = 0.0
        (Firm if told is None else ToldFirm).create_agents(self, firms, list(range(firms)))

    def step(self) -> None:
        """One quarter."""
        self.hazard = hazard(self.share)
        self.agents.do("decide")
        self.share = self.agents.agg("adopted", sum) / len(self.agents)
        self.quarter += 1


def curve(world: World) -> list[float]:
    """Run a world; its share at the end of every year."""
    shares = []
    for quarter in range(QUARTERS):
        world.step()
        if quarter % 4 == 3:
            shares.append(world.share)
    getattr(mesa.Agent, "_ids", {}).pop(world, None)  # Mesa 3.3 keeps every model alive in a class attribute
    return shares


def curves(worlds: int, firms: int, told: np.ndarray | None = None) -> np.ndarray:
    """See `benchmarks.adoption`; world k has seed k."""
    return np.array([curve(World(firms, seed, None if told is None else told[seed])) for seed in range(worlds)])
