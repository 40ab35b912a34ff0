"""The public face of clusterpact: `import clusterpact as cp` (docs/python.md).

experiment = cp.experiment("dunkirk", runs=100, policies=["current-policies", "pact"], set={"targets.2030": 0.5})
result = experiment.run()                             # a bar on a terminal or in a notebook, lines in a log
result.outcomes.groupby("policy")["abated_share_2050"].describe()
result.plot.emissions()
result.compare(lever_runs=0).differences

model = cp.model("dunkirk", policy="pact", run=7)     # one run, in Mesa
model.step()
model.firms.select(lambda firm: firm.rung == "pledged")

class Patient(cp.Firm): ...                           # a decision of your own, in many runs
cp.run_agents("dunkirk", runs=20, firm=Patient).outcomes
"""

from clusterpact.face.agents import AgentRuns, run_agents
from clusterpact.face.experiments import Experiment, account, experiment, model, replay, run
from clusterpact.face.results import Comparison, Result, compare
from clusterpact.face.searches import Search, search
from clusterpact.face.timings import Timing, timing
from clusterpact.inputs import InputError
from clusterpact.policies.package import Package
from clusterpact.sim.faces import Buyer, Financier, Firm, Government, Operator, Owner, Pact
from clusterpact.sim.model import ClusterModel

__all__ = [
    "AgentRuns", "Buyer", "ClusterModel", "Comparison", "Experiment", "Financier", "Firm", "Government", "InputError",
    "Operator", "Owner", "Package", "Pact", "Result", "Search", "Timing", "account", "compare", "experiment", "model",
    "replay", "run", "run_agents", "search", "timing",
]  # fmt: skip
