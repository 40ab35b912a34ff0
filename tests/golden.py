"""Hashes of a thousand runs, in the repository: the same on every processor, in plain Python and in a browser.

    python -m tests.golden --write    (after a rule has changed; seconds)

A hash is of everything that one run of the kernel writes. CI compares them natively, and the tests in tests/lab with plain
Python and with WebAssembly.
"""

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from clusterpact.experiments.experiment import Experiment, load_experiment
from clusterpact.experiments.running.shards import numbers_of, parameters_of, with_practices, world_of
from clusterpact.sim.runs import simulate

FILE = Path(__file__).with_name("data") / "golden.json"
EXPERIMENT = "dunkirk"
PACKAGES = ("finance-first", "four-pillars")
RUNS = 500  #: of each package
DIGITS = 12


def experiment_of(package: str, runs: int) -> Experiment:
    """The experiment with one package."""
    loaded = load_experiment(EXPERIMENT)
    chosen = tuple(one for one in loaded.policies if one.name == package)
    return replace(loaded, policies=chosen, baseline=package, runs=runs)


def hashes(package: str, runs: int = RUNS) -> list[str]:
    """The hash of each of the first runs of a package."""
    experiment = experiment_of(package, runs)
    parameters = with_practices(parameters_of(experiment, 0, runs), experiment.policies[0])
    done = simulate(world_of(experiment, 0), parameters, numbers_of(experiment, 0, runs))
    tables = (done.series, done.gates, done.decisions, done.networks)
    return [
        hashlib.sha256(b"".join(np.ascontiguousarray(table[run]).tobytes() for table in tables)).hexdigest()[:DIGITS]
        for run in range(runs)
    ]


def golden() -> dict[str, list[str]]:
    """The hashes that the repository holds, by package."""
    found: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Compare the hashes of this machine with the golden ones, or write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="make the hashes of this machine the golden ones")
    found = {package: hashes(package) for package in PACKAGES}
    if parser.parse_args().write:
        FILE.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
    for package, mine in found.items():
        print(f"{package}: {sum(a != b for a, b in zip(mine, golden()[package], strict=True))} of {len(mine)} runs differ")


if __name__ == "__main__":
    main()
