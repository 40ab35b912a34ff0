"""Clusterpact: what will it take for an industrial cluster to reach net zero together, and what stands in the way?

`import clusterpact as cp` is the public face (`clusterpact.face`); it is loaded when a name of it is first used, so that the
command line answers at once and workers of a batch never load what they do not need.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clusterpact.face import (
        AgentRuns,
        Buyer,
        ClusterModel,
        Comparison,
        Experiment,
        Financier,
        Firm,
        Government,
        InputError,
        Operator,
        Owner,
        Package,
        Pact,
        Result,
        Search,
        Timing,
        account,
        compare,
        experiment,
        model,
        replay,
        run,
        run_agents,
        search,
        timing,
    )

_HERE = Path(__file__).resolve().parent
if not (_HERE / "agents").is_dir():  # a checkout: the other rooms stand beside this one, and belong to it
    __path__.append(str(_HERE.parent))

__all__ = [
    "AgentRuns", "Buyer", "ClusterModel", "Comparison", "Experiment", "Financier", "Firm", "Government", "InputError",
    "Operator", "Owner", "Package", "Pact", "Result", "Search", "Timing", "account", "compare", "experiment", "model",
    "replay", "run", "run_agents", "search", "timing",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("clusterpact")
    if name in __all__:
        return getattr(import_module("clusterpact.face"), name)
    raise AttributeError(f"module 'clusterpact' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
