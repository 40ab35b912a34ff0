"""The world of adoption in AgentPy: a model with setup and step, an agent list, a recorded variable."""

import agentpy
import numpy as np

from benchmarks.adoption import QUARTERS, hazard


class Firm(agentpy.Agent):
    """A firm that may adopt."""

    def setup(self) -> None:
        self.adopted = False

    def draw(self) -> float:
        """Its luck of this quarter."""
        return self.model.random.random()

    def decide(self) -> None:
        """Adopt, with the hazard of this quarter."""
        if not self.adopted and self.draw() < self.model.hazard:
            self.adopted = True


class ToldFirm(Firm):
    """A firm whose draws are told; agents are numbered from 1, as steps are."""

    def draw(self) -> float:
        return self.p.told[self.model.t - 1, self.id - 1]


class World(agentpy.Model):
    """Firms over all quarters."""

    def setup(self) -> None:
        self.share = 0.0
        self.firms = agentpy.AgentList(self, self.p.firms, ToldFirm if "told" in self.p else Firm)

    def step(self) -> None:
        """One quarter; `t` is 1 in the first."""
        self.hazard = hazard(self.share)
        self.firms.decide()
        self.share = sum(self.firms.adopted) / len(self.firms)
        if self.t % 4 == 0:
            self.record("share")


def curve(firms: int, seed: int, told: np.ndarray | None = None) -> list[float]:
    """Run a world; its share at the end of every year."""
    parameters = {"firms": firms, "steps": QUARTERS, "seed": seed} | ({} if told is None else {"told": told})
    world = World(parameters)
    world.sim_setup()
    while world.running:
        world.sim_step()
    return world.log["share"]


def curves(worlds: int, firms: int, told: np.ndarray | None = None) -> np.ndarray:
    """See `benchmarks.adoption`; world k has seed k."""
    return np.array([curve(firms, seed, None if told is None else told[seed]) for seed in range(worlds)])
